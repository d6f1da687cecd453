/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the header of the same name that the C library uses, and adds to it. */
#ifndef WORLD_LINUX_ERRNO_H
#define WORLD_LINUX_ERRNO_H

#include_next <linux/errno.h>

#define ERESTARTSYS 512 /* the kernel's own: to user space it is EINTR */
#define ENOTSUPP    524 /* likewise, but seen by callers of TEE_IOC_SHM_REGISTER */

#endif /* WORLD_LINUX_ERRNO_H */
