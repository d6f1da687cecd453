/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory of wrapped threads, as they themselves could read and write it. */
#ifndef CMD_TSWORLD_SUPERVISOR_TASK_H
#define CMD_TSWORLD_SUPERVISOR_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All @len bytes, or -EFAULT; another negative errno if the thread can't be looked into. */
int task_read(pid_t tid, uint64_t addr, void *data, size_t len);
int task_write(pid_t tid, uint64_t addr, const void *data, size_t len);

/*
 * Reads @len bytes at @addr and @len2 at @addr2 at once. Whether both could be read; what is
 * in @data and @data2 else is undefined.
 */
bool task_read_both(pid_t tid, uint64_t addr, void *data, size_t len, uint64_t addr2, void *data2,
		    size_t len2);

/*
 * A string of the thread. Returns its length, without the NUL; -ENAMETOOLONG if it doesn't
 * fit into @size bytes; -EFAULT and others as above.
 */
ssize_t task_read_string(pid_t tid, uint64_t addr, char *text, size_t size);

/* Whether all of [@addr, @addr + @len) is mapped readable and writable. 0 or -EFAULT. */
int task_check_writable(pid_t tid, uint64_t addr, uint64_t len);

/* The process of a thread, or a negative errno. */
pid_t task_process(pid_t tid);

/* Who traces a thread: a thread's ID, 0 if nobody does, or a negative errno. */
pid_t task_tracer(pid_t tid);

#endif /* CMD_TSWORLD_SUPERVISOR_TASK_H */
