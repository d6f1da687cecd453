/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector registers and stack around an FF-A call; for secrets.c. */
	.arch	armv8-a
	.text

/*
 * void sel0_vector_call(struct ffa_regs *regs): ffa_call() for callers that use vector
 * registers. The procedure call standard says that d8-d15 survive a call; SPM cores hand back
 * others' values. So they are kept here, and all 32 registers are cleared before the partition
 * is left.
 */
	.global	sel0_vector_call
	.type	sel0_vector_call, %function
sel0_vector_call:
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	mrs	x9, fpcr
	mrs	x10, fpsr
	stp	x9, x10, [sp, #16]
	stp	d8, d9, [sp, #32]
	stp	d10, d11, [sp, #48]
	stp	d12, d13, [sp, #64]
	stp	d14, d15, [sp, #80]

	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	v\n\().2d, #0
	.endr

	bl	__real_ffa_call

	ldp	x9, x10, [sp, #16]
	ldp	d8, d9, [sp, #32]
	ldp	d10, d11, [sp, #48]
	ldp	d12, d13, [sp, #64]
	ldp	d14, d15, [sp, #80]
	msr	fpcr, x9
	msr	fpsr, x10
	ldp	x29, x30, [sp], #96
	ret
	.size	sel0_vector_call, . - sel0_vector_call

/* void sel0_stack_wipe(void *bottom): zeroes from @bottom, aligned to 16, up to sp. */
	.global	sel0_stack_wipe
	.type	sel0_stack_wipe, %function
sel0_stack_wipe:
	mov	x9, sp
	movi	v0.2d, #0
	b	2f
1:	stp	q0, q0, [x0], #32
	stp	q0, q0, [x0], #32
	stp	q0, q0, [x0], #32
	stp	q0, q0, [x0], #32
2:	sub	x10, x9, x0
	cmp	x10, #128
	b.hs	1b
	b	4f
3:	str	q0, [x0], #16
4:	cmp	x0, x9
	b.lo	3b
	ret
	.size	sel0_stack_wipe, . - sel0_stack_wipe

	.section .note.GNU-stack, "", %progbits
