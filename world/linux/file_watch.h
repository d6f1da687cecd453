/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells when a client has let go of shared memory: when the last copy of the descriptor it was
 * given, and the last mapping made through that, are gone. To a kernel this is the release
 * operation of a file.
 */
#ifndef WORLD_LINUX_FILE_WATCH_H
#define WORLD_LINUX_FILE_WATCH_H

#include <linux/list.h>
#include <stdbool.h>
#include <sys/types.h>

struct file_watch {
	void (*release)(struct file_watch *watch); /* to be set; called once, without locks */
	const void *device;			   /* to be set: what the release belongs to */

	/* Private. */
	struct list_head node;
	off_t byte;   /* whose lock says that the file is open */
	int wd;	      /* of its inode */
	int fd;	      /* the allocation's own open file */
	bool suspect; /* may be due */
	unsigned int checks;
};

/* Before anything else. 0 or a negative errno. */
int file_watch_start(void);

/* Calls all release functions that were not called yet, and ends. */
void file_watch_stop(void);

/*
 * Reopens the allocation at @addr (world/ram.h), which must last until after the release.
 * Returns the descriptor for the client or a negative errno; @watch->release may be called at
 * any time from then on, as soon as the caller closes it.
 */
int file_watch_open(struct file_watch *watch, const void *addr);

/*
 * What a client did before it makes a call must have happened: makes the releases of @device
 * that are due, and waits for those that others make, unless the task is killed.
 */
void file_watch_settle(const void *device);

/* For who must not wait for a partition: has others make them, and gives that a moment. */
void file_watch_settle_soon(const void *device);

#endif /* WORLD_LINUX_FILE_WATCH_H */
