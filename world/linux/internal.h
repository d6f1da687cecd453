/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this kernel know of each other, beside what they show to the driver. */
#ifndef WORLD_LINUX_INTERNAL_H
#define WORLD_LINUX_INTERNAL_H

#include <linux/arm_ffa.h>
#include <linux/mutex.h>
#include <linux/tee_core.h>
#include <linux/xarray.h>
#include <stdarg.h>
#include <stdlib.h>
#include <world/linux/kernel.h>

/* printk.c: vsnprintf() with the kernel's %pUb. */
int world_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
void pr_line(const char *fmt, ...) __printf(1, 2);

/* device.c: the length of what attribute @name shows, or -ENOENT. */
int device_attribute_show(struct device *dev, const char *name, char *text, size_t size);

/* workqueue.c: ends the thread, which begins again with the next work. */
void workqueue_stop(void);

/* mm.c: @page_count pages of @fd, one reference each; -EINVAL or -ENOMEM. world/ram.h. */
int pages_adopt(int fd, size_t page_count, struct page **pages);

/* arm_ffa.c: finds the partitions. 0 or a negative errno, with a line on stderr. */
int ffa_bus_start(void);
void ffa_bus_stop(void);

/* Looks for partitions anew, and offers that of ID @id to the driver if it has none. */
void ffa_bus_rescan(u16 id);

/*
 * What drivers may pass to the TEE core's functions is what the oldest supported release takes:
 * later ones check more.
 */
#define oops_unless(condition)    \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* tee_core.c */
struct tee_device {
	struct device dev; /* its driver data is the driver's */
	const struct tee_desc *desc;
	struct tee_shm_pool *pool;
	struct xarray shms; /* those of user space, by ID */
	unsigned int id;
	bool registered;

	struct mutex mutex;	    /* protects the last reference to each of shms */
	pthread_mutex_t users_lock; /* protects num_users */
	size_t num_users;
	pthread_cond_t no_users;
};

struct tee_device *tee_device_find(unsigned int index); /* with a reference, or NULL */
bool tee_device_get(struct tee_device *teedev);
void tee_device_put(struct tee_device *teedev);
struct tee_context *teedev_open(struct tee_device *teedev);
void teedev_close_context(struct tee_context *ctx);
void teedev_ctx_get(struct tee_context *ctx);
void teedev_ctx_put(struct tee_context *ctx);

/* tee_shm.c: objects with one reference, or an ERR_PTR(). */
struct tee_shm *tee_shm_alloc_user_buf(struct tee_context *ctx, size_t size);
struct tee_shm *tee_shm_register_user_buf(struct tee_context *ctx, unsigned long addr,
					  size_t length, int fd);

/* A descriptor that holds a reference to @shm, or a negative errno. */
int tee_shm_get_fd(struct tee_shm *shm);

/* tee_ioctl.c */
long tee_ioctl(struct tee_context *ctx, struct tee_file_call *call);

#endif /* WORLD_LINUX_INTERNAL_H */
