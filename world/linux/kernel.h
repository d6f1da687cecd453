/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel of a software world, seen from outside: its only driver is driver/, and its only
 * system calls are those on TEE devices.
 */
#ifndef WORLD_LINUX_KERNEL_H
#define WORLD_LINUX_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <tstee/world.h>

/* On whose behalf a thread runs; what current is to the driver. */
struct world_task {
	uid_t euid;
	gid_t egid;
	const gid_t *groups; /* supplementary */
	size_t group_count;
	bool (*killed)(struct world_task *task); /* a fatal signal is pending */
};

/* Sets the calling thread's task; NULL: a thread of the kernel. Stays the caller's. */
void world_set_task(struct world_task *task);

/*
 * Starts: loads the driver, which probes what the FF-A bus finds through conduit_call(), which
 * must work. 0 or a negative errno.
 */
int world_kernel_start(void);

/* Unbinds the driver. All files must have been released. */
void world_kernel_stop(void);

/*
 * The partition @endpoint_id runs, and may not have done so at the start: gives it a device if it
 * has none. Calls it, and so waits for it.
 */
void world_kernel_rescan(uint16_t endpoint_id);

/*
 * Binds the driver to the device @device of the FF-A bus ("arm-ffa-1"), or unbinds it, as if by
 * /sys/bus/arm_ffa/drivers/tstee/. Unbinding waits for those who have the TEE device open. 0, or -ENODEV if
 * there is no such device, it is so already, or the driver doesn't want it.
 */
int world_bind(const char *device, bool bind);

/*
 * Sets a parameter of the driver, as if by /sys/module/tstee/parameters/@name. 0, -ENOENT or
 * -EINVAL. Any thread, also before the start.
 */
int world_set_parameter(const char *name, const char *text);

struct tee_file; /* an open file of a TEE device */

/*
 * Opens /dev/tee@index, without waiting for its partition. 0 or a negative errno: -ENOENT if
 * there is no such device.
 */
int tee_file_open(unsigned int index, struct tee_file **file);

/* Ends the open file; calls in it must have ended. */
void tee_file_release(struct tee_file *file);

/* The arguments of an ioctl in the memory of a client; tstee/world.h has the same fields. */
struct tee_file_call {
	uint32_t cmd;
	uint32_t arg_len;
	uint32_t buf_len;
	bool arg_fault; /* arg or buf can't be read */
	bool buf_fault;
	bool arg_written; /* results */
	bool buf_written;
	int fd; /* in: of memory to register, or -1; out: a new descriptor, or -1 */
	uint8_t arg[WORLD_ARG_LEN];
	uint8_t buf[WORLD_BUF_LEN];
};

/*
 * Makes an ioctl, with the checks, results and error codes of Linux's TEE core. Several threads
 * may be in calls of one file. @call->fd belongs to the caller before and after.
 *
 * Returns what the system call returns, but for a new descriptor: then 0, with it in @call->fd.
 */
long tee_file_ioctl(struct tee_file *file, struct tee_file_call *call);

/*
 * Reads the file @name of /sys/class/tee/tee@index/device, or the target's last component if it
 * is the link "driver". Returns the length in bytes or a negative errno.
 */
int world_attribute(unsigned int index, const char *name, char *text, size_t size);

/*
 * Devices for clients, as in Linux: half of its 32, the others being for supplicants. A world can have
 * more, as a changed TEE core does.
 */
#define WORLD_DEVICES_USUAL 16
#define WORLD_DEVICES_MAX   64

/* Before world_kernel_start(): @count of them, 1 to WORLD_DEVICES_MAX. */
void world_set_devices(unsigned int count);

/* Whether /dev/tee@index exists, and for whom it speaks. */
struct world_device_info {
	uint16_t endpoint_id;
	char state[96]; /* attribute of that name, without its line's end; "": no driver */
};
bool world_device(unsigned int index, struct world_device_info *info);

#endif /* WORLD_LINUX_KERNEL_H */
