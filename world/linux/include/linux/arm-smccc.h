/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the firmware, which in a world is the SPM core alone. */
#ifndef WORLD_LINUX_ARM_SMCCC_H
#define WORLD_LINUX_ARM_SMCCC_H

#include <world/conduit.h>

struct arm_smccc_1_2_regs {
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7;
};

enum arm_smccc_conduit { SMCCC_CONDUIT_SMC, SMCCC_CONDUIT_HVC };

static inline enum arm_smccc_conduit arm_smccc_1_1_get_conduit(void)
{
	return SMCCC_CONDUIT_SMC;
}

static inline void arm_smccc_1_2_smc(const struct arm_smccc_1_2_regs *args,
				     struct arm_smccc_1_2_regs *res)
{
	struct ffa_regs regs = { { args->a0, args->a1, args->a2, args->a3, args->a4, args->a5,
				   args->a6, args->a7 } };

	conduit_call(&regs);
	*res = (struct arm_smccc_1_2_regs){ regs.x[0], regs.x[1], regs.x[2], regs.x[3],
					    regs.x[4], regs.x[5], regs.x[6], regs.x[7] };
}

#define arm_smccc_1_2_hvc arm_smccc_1_2_smc

#endif /* WORLD_LINUX_ARM_SMCCC_H */
