// SPDX-License-Identifier: BSD-3-Clause
#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void die(const char *what, int rc)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(-rc));
	exit(1);
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t median(void (*operation)(void), unsigned int samples)
{
	uint64_t *times = calloc(samples, sizeof(*times));
	uint64_t middle;

	if (!times)
		die("memory", -ENOMEM);
	/* Caches, of a translator too, and the kernel's own lazy work. */
	for (unsigned int i = 0; i < 20 + samples / 50; i++)
		operation();
	for (unsigned int i = 0; i < samples; i++) {
		uint64_t begin = now_ns();

		operation();
		times[i] = now_ns() - begin;
	}
	qsort(times, samples, sizeof(times[0]), compare);
	middle = times[samples / 2];
	free(times);
	return middle;
}
