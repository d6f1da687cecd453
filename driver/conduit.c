// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct messages on kernels before 6.12. Their FF-A bus takes a partition that
 * yields (FFA_YIELD) for one that has failed: the answer would be lost, and the
 * partition be busy until somebody lets it go on. So the driver makes these
 * calls itself there, as the bus of later kernels does. They need none of what
 * the bus protects.
 */
#include "tstee.h"

#if TSTEE_COMPAT_YIELD
#include <linux/arm-smccc.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>

/* How long a partition that yields is left alone. */
#define YIELD_US 1000

/*
 * Some of these kernels have the names without the prefix in linux/arm_ffa.h,
 * others nowhere.
 */
#define TSTEE_FFA_ERROR	    0x84000060
#define TSTEE_FFA_INTERRUPT 0x84000062
#define TSTEE_FFA_ID_GET    0x84000069
#define TSTEE_FFA_YIELD	    0x8400006c
#define TSTEE_FFA_RUN	    0x8400006d
#define TSTEE_FFA_REQ	    0x8400006f
#define TSTEE_FFA_RESP	    0x84000070

/* As of the bus; by FF-A's status codes (DEN0077A, section 13.1). */
static const int tstee_ffa_errno[] = {
	[1] = -EOPNOTSUPP, [2] = -EINVAL, [3] = -ENOMEM, [4] = -EBUSY,
	[5] = -EINTR,	   [6] = -EACCES, [7] = -EAGAIN, [8] = -ECANCELED,
};

static int tstee_conduit_errno(const struct arm_smccc_1_2_regs *regs)
{
	u32 index = -(u32)regs->a2;

	return index && index < ARRAY_SIZE(tstee_ffa_errno) ?
		       tstee_ffa_errno[index] :
		       -EINVAL;
}

static void tstee_conduit_call(struct arm_smccc_1_2_regs *regs)
{
	struct arm_smccc_1_2_regs args = *regs;

	if (arm_smccc_1_1_get_conduit() == SMCCC_CONDUIT_HVC)
		arm_smccc_1_2_hvc(&args, regs);
	else
		arm_smccc_1_2_smc(&args, regs);
}

/* This kernel's endpoint ID, or a negative errno. */
static int tstee_conduit_own_id(void)
{
	static int own_id = -1;
	struct arm_smccc_1_2_regs regs = { .a0 = TSTEE_FFA_ID_GET };
	int id = READ_ONCE(own_id);

	if (id >= 0)
		return id;
	tstee_conduit_call(&regs);
	if ((u32)regs.a0 == TSTEE_FFA_ERROR)
		return tstee_conduit_errno(&regs);
	id = (u16)regs.a2;
	WRITE_ONCE(own_id, id);
	return id;
}

/**
 * tstee_conduit_send() - send a direct message and wait for the response
 * @ep:		endpoint
 * @words:	words of the message, replaced by those of the response
 *
 * Return: 0 or the errno of an FF-A status; -EINVAL for what is no response.
 */
int tstee_conduit_send(struct tstee_endpoint *ep,
		       struct ffa_send_direct_data *words)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = TSTEE_FFA_REQ,
		.a3 = words->data0,
		.a4 = words->data1,
		.a5 = words->data2,
		.a6 = words->data3,
		.a7 = words->data4,
	};
	int own_id = tstee_conduit_own_id();

	if (own_id < 0)
		return own_id;
	regs.a1 = (u32)own_id << 16 | (u16)ep->ffa->vm_id;
	tstee_conduit_call(&regs);
	while ((u32)regs.a0 == TSTEE_FFA_INTERRUPT ||
	       (u32)regs.a0 == TSTEE_FFA_YIELD) {
		if ((u32)regs.a0 == TSTEE_FFA_YIELD)
			usleep_range(YIELD_US, 2 * YIELD_US);
		regs = (struct arm_smccc_1_2_regs){
			.a0 = TSTEE_FFA_RUN,
			.a1 = regs.a1,
		};
		tstee_conduit_call(&regs);
	}
	if ((u32)regs.a0 == TSTEE_FFA_ERROR)
		return tstee_conduit_errno(&regs);
	if ((u32)regs.a0 != TSTEE_FFA_RESP)
		return -EINVAL;

	words->data0 = regs.a3;
	words->data1 = regs.a4;
	words->data2 = regs.a5;
	words->data3 = regs.a6;
	words->data4 = regs.a7;
	return 0;
}
#endif
