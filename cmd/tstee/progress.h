/* SPDX-License-Identifier: BSD-3-Clause */
/* The line on a terminal that shows how far a long file has got. */
#ifndef CMD_TSTEE_PROGRESS_H
#define CMD_TSTEE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown; /* at all: the file is long, and standard error a terminal */
	const char *name;
	uint64_t size;
	uint64_t next_ms;
};

/* @size of 0 is an unknown one. @name must stay. */
void progress_begin(struct progress *progress, const char *name, uint64_t size);

/* @done bytes are: shows it, now and then. */
void progress_show(struct progress *progress, uint64_t done);

/* Takes the line away, before anything else is written to a terminal. */
void progress_clear(void);

#endif /* CMD_TSTEE_PROGRESS_H */
