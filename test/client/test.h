/* SPDX-License-Identifier: BSD-3-Clause */
/* cmocka, which wants its includes in this order. */
#ifndef TEST_CLIENT_TEST_H
#define TEST_CLIENT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif /* TEST_CLIENT_TEST_H */
