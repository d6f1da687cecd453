/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels that the driver is built for, 6.1 and later.
 * No other file looks at the kernel version.
 */
#ifndef TSTEE_COMPAT_H
#define TSTEE_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <linux/tee_core.h>
#else
#include <linux/tee_drv.h>
#endif

/* Without them modules would build, from stubs, and not load. */
#ifdef CONFIG_ARM64
#if !IS_ENABLED(CONFIG_ARM_FFA_TRANSPORT)
#error "no FF-A transport (CONFIG_ARM_FFA_TRANSPORT): see package tstee-dkms"
#endif
#if !IS_ENABLED(CONFIG_TEE)
#error "no TEE subsystem (CONFIG_TEE)"
#endif
#endif

/*
 * Before 6.2 the FF-A bus learns the UUID of a device only when a driver is
 * matched with it, so that its uevent carries the nil UUID. Without this alias
 * nothing would load the driver.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define TSTEE_COMPAT_ALIAS()
#else
#define TSTEE_COMPAT_ALIAS() \
	MODULE_ALIAS("arm_ffa:*:00000000-0000-0000-0000-000000000000")
#endif

/* Since 6.13; without it the function was a member to be set. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/*
 * Before "tee: fix register_shm_helper()" the TEE core oopses when asked to
 * register a range that is partly unmapped, before it asks the driver.
 * Registering is offered where that fix is for sure: no client may be able to
 * do that.
 */
#define TSTEE_COMPAT_REGISTER                                \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0) ||   \
	 (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 53) && \
	  LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)))

/*
 * Since 6.12 the FF-A bus lets a partition that yields go on. Tests set it.
 */
#ifndef TSTEE_COMPAT_YIELD
#define TSTEE_COMPAT_YIELD (LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0))
#endif

#endif /* TSTEE_COMPAT_H */
