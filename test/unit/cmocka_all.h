/* SPDX-License-Identifier: BSD-3-Clause */
/* cmocka with the headers that it needs but does not include. */
#ifndef TEST_UNIT_CMOCKA_ALL_H
#define TEST_UNIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif /* TEST_UNIT_CMOCKA_ALL_H */
