/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FORK_H
#define TEST_FORK_H

#include <dirent.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

/*
 * Whether a process with several threads may fork and the child allocate memory: AddressSanitizer's
 * allocator isn't made for it, and the child may wait for ever.
 */
#ifdef __SANITIZE_ADDRESS__
#define FORKS_BESIDE_THREADS false
#else
#define FORKS_BESIDE_THREADS true
#endif

static inline unsigned int thread_count(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned int count = 0;

	if (!tasks)
		return 1;
	for (const struct dirent *task; (task = readdir(tasks));)
		count += task->d_name[0] != '.';
	closedir(tasks);
	return count;
}

/*
 * Forks. The library's own threads, which ask partitions what they host, may just be ending: where
 * that matters to the child it waits for their end. The test itself has no other thread.
 */
static inline pid_t fork_alone(void)
{
	const struct timespec a_while = { .tv_nsec = 1000000 };

	while (!FORKS_BESIDE_THREADS && thread_count() > 1)
		nanosleep(&a_while, NULL);
	return fork();
}

#endif /* TEST_FORK_H */
