/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The measured boot of a software world: an event log (TCG PC Client Platform Firmware Profile,
 * crypto agile) of the programs that it consists of, as firmware makes one of its images.
 */
#ifndef WORLD_SPM_MEASURE_H
#define WORLD_SPM_MEASURE_H

#include <stddef.h>

struct measure_log;

/* An empty log, or NULL. measure_close() frees it. */
struct measure_log *measure_open(void);
void measure_close(struct measure_log *log);

/* Adds the SHA-256 of the file @path as the event @name. 0 or -errno. */
int measure_file(struct measure_log *log, const char *path, const char *name);

/*
 * A descriptor that the log, *@len bytes, can be read from and nothing be written to; the
 * caller's to close. -errno.
 */
int measure_file_descriptor(const struct measure_log *log, size_t *len);

#endif /* WORLD_SPM_MEASURE_H */
