/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults, traces and statistics of a running world, for the server: each request of a client
 * makes an object of its own, several may be in force at once, and ending one leaves the
 * others. All functions may be called by any thread, also while calls are in progress.
 * docs/world-faults.md describes the languages.
 *
 * Where @error is given it receives one line of text, without a newline, that says what was
 * wrong where and what would be right; it is cut to @size bytes, final NUL included.
 */
#ifndef WORLD_CONDUIT_CONTROL_H
#define WORLD_CONDUIT_CONTROL_H

#include <stddef.h>
#include <world/spm/spm.h>

/*
 * Puts the faults of @spec in force, after those that are already. 0 with something for
 * world_fault_clear() in *@handle, -EINVAL for a wrong specification, or -ENOMEM.
 */
int world_fault_set(const char *spec, char *error, size_t size, void **handle);

/* Ends those faults. A call that they are slowing down stays slow. NULL is allowed. */
void world_fault_clear(void *handle);

/*
 * Writes a trace to @fd, which stays the caller's: a regular file, a socket, or anything that
 * can be opened again through /proc or is non-blocking already. What the reader does not take
 * at once is left out and counted. @options must be "" or NULL. SIGPIPE must be ignored.
 *
 * 0 with something for world_trace_stop() in *@handle, -EINVAL or -ENOMEM.
 */
int world_trace_start(int fd, const char *options, char *error, size_t size, void **handle);

/* Ends the trace with a line that says how much it lost. NULL is allowed. */
void world_trace_stop(void *handle);

/* Begins to count; NULL if there is no memory. */
void *world_stats_begin(void);

/*
 * The table of what was counted since, as text with a final NUL. 0, or -ENOBUFS if @size bytes
 * are too few: then the table is cut.
 */
int world_stats_print(void *handle, char *text, size_t size);

/* NULL is allowed. */
void world_stats_end(void *handle);

/* For spm_config.observe. */
void world_observe(const struct spm_event *event);

#endif /* WORLD_CONDUIT_CONTROL_H */
