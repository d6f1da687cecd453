/* SPDX-License-Identifier: BSD-3-Clause */
/* What both benchmark programs measure with. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>

/* Ends the program with a line on stderr; @rc is a negative errno. */
_Noreturn void die(const char *what, int rc);

uint64_t now_ns(void);

/* The median of @samples runs, in ns; some more before them are not counted. */
uint64_t median(void (*operation)(void), unsigned int samples);

#endif /* BENCH_MEASURE_H */
