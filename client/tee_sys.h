/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The system calls under the library, and nothing else: the one seam at which a test can put
 * an imitation of the kernel.
 */
#ifndef CLIENT_TEE_SYS_H
#define CLIENT_TEE_SYS_H

#include <stddef.h>

/* A descriptor, close-on-exec, or a negative errno. */
int tee_sys_open(const char *path);
void tee_sys_close(int fd);

/* What the ioctl returned, or a negative errno. */
int tee_sys_ioctl(int fd, unsigned long request, void *arg);

/* Maps a shared buffer read-write. NULL on failure. */
void *tee_sys_map(int fd, size_t len);
void tee_sys_unmap(void *addr, size_t len);

/* The name of the Linux driver behind /dev/tee@index. 0, or -ENOENT if sysfs doesn't tell. */
int tee_sys_driver(unsigned int index, char *name, size_t size);

/*
 * What the driver says of the partition behind /dev/tee@index, driver/sysfs-driver-tstee: one line
 * without its end. 0, or -ENOENT if it says nothing.
 */
int tee_sys_state(unsigned int index, char *state, size_t size);

#endif /* CLIENT_TEE_SYS_H */
