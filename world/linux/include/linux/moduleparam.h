/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of the driver, set by world_set_parameter() (world/linux/kernel.h). */
#ifndef WORLD_LINUX_MODULEPARAM_H
#define WORLD_LINUX_MODULEPARAM_H

#include <linux/types.h>

struct world_parameter {
	const char *name;
	void *value; /* of type bool, 0 or 1, or unsigned int */
	bool is_bool;
	struct world_parameter *next;
};

void world_parameter_add(struct world_parameter *parameter);

/* Only those of types uint and bool. */
#define module_param(variable, type, permissions)                                            \
	static void __attribute__((constructor)) world_parameter_add_##variable(void)        \
	{                                                                                    \
		static struct world_parameter parameter = {                                  \
			.name = #variable,                                                   \
			.value = &(variable),                                                \
			.is_bool = __builtin_types_compatible_p(__typeof__(variable), bool), \
		};                                                                           \
                                                                                             \
		world_parameter_add(&parameter);                                             \
	}                                                                                    \
	struct world_parameter

#define MODULE_PARM_DESC(variable, text) struct world_parameter

#endif /* WORLD_LINUX_MODULEPARAM_H */
