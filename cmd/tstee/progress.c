// SPDX-License-Identifier: BSD-3-Clause
/* Owns the line that shows progress. Calls nothing of the other files. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Shorter files are done before anybody wonders. */
#define MIN_SIZE    (8u * 1024 * 1024)
#define INTERVAL_MS 200u

static bool line_shown;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *name, uint64_t size)
{
	progress->shown = size >= MIN_SIZE && isatty(STDERR_FILENO);
	progress->name = name;
	progress->size = size;
	progress->next_ms = now_ms() + INTERVAL_MS;
}

void progress_show(struct progress *progress, uint64_t done)
{
	uint64_t now;

	if (!progress->shown)
		return;
	now = now_ms();
	if (now < progress->next_ms)
		return;
	progress->next_ms = now + INTERVAL_MS;
	line_shown = true;
	fprintf(stderr, "\r%s: %llu of %llu MiB (%llu %%)", progress->name,
		(unsigned long long)(done >> 20), (unsigned long long)(progress->size >> 20),
		(unsigned long long)(100 * (done >> 10) / ((progress->size >> 10) + 1)));
}

void progress_clear(void)
{
	if (line_shown)
		fputs("\r\033[K", stderr);
	line_shown = false;
}
