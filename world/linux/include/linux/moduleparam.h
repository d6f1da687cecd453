/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of the driver, set by world_set_parameter() (world/linux/kernel.h). */
#ifndef WORLD_LINUX_MODULEPARAM_H
#define WORLD_LINUX_MODULEPARAM_H

#include <linux/types.h>

struct world_parameter {
	const char *name;
	unsigned int *value;
	struct world_parameter *next;
};

void world_parameter_add(struct world_parameter *parameter);

/* Only those of type uint. */
#define module_param(variable, type, permissions)                                           \
	static void __attribute__((constructor)) world_parameter_add_##variable(void)       \
	{                                                                                   \
		static struct world_parameter parameter = { #variable, &(variable), NULL }; \
                                                                                            \
		world_parameter_add(&parameter);                                            \
	}                                                                                   \
	struct world_parameter

#define MODULE_PARM_DESC(variable, text) struct world_parameter

#endif /* WORLD_LINUX_MODULEPARAM_H */
