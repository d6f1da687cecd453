// SPDX-License-Identifier: BSD-3-Clause
/*
 * FF-A calls of a partition whose code uses vector registers, and leaves secrets in them and on
 * the stack; linked in front of ffa_call() by --wrap. Others need none of this, see svc.c.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/bare/start.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <secure/port/partition.h>

/* What the linker makes of ffa_call() in every other file. */
void __wrap_ffa_call(struct ffa_regs *regs);

void bare_vector_call(struct ffa_regs *regs);
void bare_stack_wipe(void *bottom);

/*
 * Data-independent timing (FEAT_DIT), for all that comes until the partition is left again. Whether an SPM
 * core keeps it over a call is for it to say.
 */
static void set_dit(void)
{
	static enum { UNKNOWN, HERE, TOLD, MISSING } dit;
	uint64_t is;

	if (!boot_told)
		return;
	if (dit == UNKNOWN)
		dit = port_processor_has("dit") ? HERE : MISSING;
	if (dit == MISSING)
		return;
	/* msr dit, #1; and what has become of it: mrs, dit, bit 24 */
	__asm__ volatile(".inst 0xd503415f\n\tmrs %0, s3_3_c4_c2_5" : "=r"(is) : : "memory");
	if (!(is >> 24 & 1))
		partition_panic("data-independent timing (FEAT_DIT) can't be set");
	if (dit == HERE) {
		dit = TOLD;
		log_line("partition 0x%x: data-independent timing is on", ffa_own_id());
	}
}

void __wrap_ffa_call(struct ffa_regs *regs)
{
	if (((uint32_t)regs->x[0] & ~FFA_FUNCTION_64) == FFA_MSG_SEND_DIRECT_RESP)
		bare_stack_wipe(bare_stack_top - PARTITION_STACK_LEN);
	bare_vector_call(regs);
	set_dit();
}
