/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of a software world that can be shared with partitions. A physical address is
 * the address at which the world's process maps it. Each allocation is a file of its own, with
 * its size sealed: what one partition or client can see is never anybody else's, also later.
 * All functions may be called by any thread.
 */
#ifndef WORLD_RAM_H
#define WORLD_RAM_H

#include <stddef.h>
#include <stdint.h>

/* Allocates @len bytes, whole pages, zeroed, at *@addr. 0, -EINVAL or -ENOMEM. */
int ram_alloc(size_t len, void **addr);

/*
 * Makes the first @len bytes of the file @fd, whole pages, part of the memory. The file must be
 * sealed against shrinking and long enough, else -EINVAL. @fd stays the caller's. 0, -EINVAL
 * or -ENOMEM.
 */
int ram_adopt(int fd, size_t len, void **addr);

/* Ends an allocation; @addr is what made it, or NULL. */
void ram_free(void *addr);

/*
 * Finds what is at @address, @len bytes within one allocation: its file, which stays owned by
 * the allocation, and the place in it. 0 or -EFAULT.
 */
int ram_find(uint64_t address, size_t len, int *fd, uint64_t *offset);

/*
 * A new open file of the allocation at @addr, close-on-exec: its release, when the last copy
 * and the last mapping are gone, tells that a client has let go. A descriptor or a negative
 * errno.
 */
int ram_reopen(const void *addr);

#endif /* WORLD_RAM_H */
