// SPDX-License-Identifier: BSD-3-Clause
/*
 * FF-A calls of a partition whose code uses vector registers, and leaves secrets in them and on
 * the stack; linked in front of ffa_call() by --wrap. Others need none of this, see svc.c.
 */
#include <secure/port/ffa.h>
#include <secure/port/partition.h>
#include <secure/port/sel0/start.h>

/* What the linker makes of ffa_call() in every other file. */
void __wrap_ffa_call(struct ffa_regs *regs);

void sel0_vector_call(struct ffa_regs *regs);
void sel0_stack_wipe(void *bottom);

void __wrap_ffa_call(struct ffa_regs *regs)
{
	if (((uint32_t)regs->x[0] & ~FFA_FUNCTION_64) == FFA_MSG_SEND_DIRECT_RESP)
		sel0_stack_wipe(sel0_stack_top - PARTITION_STACK_LEN);
	sel0_vector_call(regs);
}
