/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of wrapped programs that they registered with a device. */
#ifndef CMD_TSWORLD_SUPERVISOR_REGION_H
#define CMD_TSWORLD_SUPERVISOR_REGION_H

#include <stdint.h>
#include <sys/types.h>
#include <tstee/world.h>

struct region;

/*
 * Makes the file that stands for @len bytes at @addr of the thread and fills it from them.
 * Returns a descriptor, the caller's; -EFAULT if the thread can't read and write all of them;
 * -ENOMEM or another negative errno.
 */
int region_create(pid_t tid, uint64_t addr, uint64_t len);

/*
 * Remembers that @id of the context @token is this memory, by its file @fd, for as long as a
 * copy of @client_fd is open: the descriptor about to be given to the thread. 0 or a negative
 * errno; both descriptors stay the caller's.
 */
int region_add(const uint8_t token[WORLD_TOKEN_LEN], int32_t id, pid_t tid, uint64_t addr,
	       uint64_t len, int fd, int client_fd);

/*
 * Before a call that names @id: the partition is to see what the program wrote. *@region is
 * NULL if @id is no registered memory, else it is to be given to region_end(). 0 or -EFAULT.
 */
int region_begin(const uint8_t token[WORLD_TOKEN_LEN], int32_t id, struct region **region);

/* After the call: the program is to see what the partition wrote. Takes NULL. 0 or -EFAULT. */
int region_end(struct region *region);

/*
 * A descriptor that is readable when it is time for regions_sweep(), which forgets what is
 * released by now: at most every second, and only while there is something to forget. Returns
 * it or a negative errno.
 */
int regions_timer(void);
void regions_sweep(void);

#endif /* CMD_TSWORLD_SUPERVISOR_REGION_H */
