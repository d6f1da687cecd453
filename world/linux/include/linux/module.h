/* SPDX-License-Identifier: GPL-2.0-only */
/* The one module, which is always there: world_kernel_start() begins with its init function. */
#ifndef WORLD_LINUX_MODULE_H
#define WORLD_LINUX_MODULE_H

#include <linux/kernel.h>
#include <linux/moduleparam.h>

struct module;

#define THIS_MODULE    ((struct module *)NULL)
#define KBUILD_MODNAME "tstee"

int world_module_init(void);
void world_module_exit(void);

#define module_driver(driver, register_driver, unregister_driver) \
	int world_module_init(void)                               \
	{                                                         \
		return register_driver(&(driver));                \
	}                                                         \
	void world_module_exit(void)                              \
	{                                                         \
		unregister_driver(&(driver));                     \
	}                                                         \
	struct module

#define MODULE_ALIAS(text)	 struct module
#define MODULE_DESCRIPTION(text) struct module
#define MODULE_LICENSE(text)	 struct module

#endif /* WORLD_LINUX_MODULE_H */
