/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Vector registers and stack around an FF-A call, for secrets.c; memcpy and memset by vector registers, in
 * the place of those in mem.S.
 */
	.arch	armv8-a
	.text

/*
 * void bare_vector_call(struct ffa_regs *regs): ffa_call() for callers that use vector
 * registers. The procedure call standard says that d8-d15 survive a call; SPM cores hand back
 * others' values. So they are kept here, and all 32 registers are cleared before the partition
 * is left.
 */
	.global	bare_vector_call
	.type	bare_vector_call, %function
bare_vector_call:
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
	.size	bare_vector_call, . - bare_vector_call

/* void bare_stack_wipe(void *bottom): zeroes from @bottom, aligned to 16, up to sp. */
	.global	bare_stack_wipe
	.type	bare_stack_wipe, %function
bare_stack_wipe:
	mov	x9, sp
	movi	v0.2d, #0
	sub	x10, x9, x0
	tbz	x10, #4, 1f
	str	q0, [x0], #16
	/* Into the middle of 64 instructions, for what isn't a multiple of their 2 KiB. */
1:	ubfx	x11, x10, #5, #6
	lsr	x10, x10, #11
	adr	x12, 3f
	sub	x12, x12, x11, lsl #2
	br	x12
2:	sub	x10, x10, #1
	.rept	64
	stp	q0, q0, [x0], #32
	.endr
3:	cbnz	x10, 2b
	ret
	.size	bare_stack_wipe, . - bare_stack_wipe

/*
 * void *memcpy(void *x0, const void *x1, size_t x2). As that of mem.S it reads each piece whole before it
 * writes it, and goes upwards, for memmove.
 */
	.global	memcpy
	.type	memcpy, %function
	.balign	16
memcpy:
	cmp	x2, #32
	b.ls	4f
	mov	x3, x0
	subs	x2, x2, #128
	b.lo	2f
1:	ldp	q0, q1, [x1], #32
	ldp	q2, q3, [x1], #32
	ldp	q4, q5, [x1], #32
	ldp	q6, q7, [x1], #32
	stp	q0, q1, [x3], #32
	stp	q2, q3, [x3], #32
	stp	q4, q5, [x3], #32
	stp	q6, q7, [x3], #32
	subs	x2, x2, #128
	b.hs	1b
	/* The low seven bits of x2 are those of the bytes that are left. */
2:	tbz	x2, #6, 3f
	ldp	q0, q1, [x1], #32
	ldp	q2, q3, [x1], #32
	stp	q0, q1, [x3], #32
	stp	q2, q3, [x3], #32
3:	and	x2, x2, #63
	tbz	x2, #5, 5f
	ldp	q0, q1, [x1], #32
	stp	q0, q1, [x3], #32
	and	x2, x2, #31
	b	5f
	/* Short ones: both ends, which may overlap. */
4:	mov	x3, x0
5:	cmp	x2, #16
	b.lo	6f
	add	x4, x1, x2
	add	x5, x3, x2
	ldr	q0, [x1]
	ldur	q1, [x4, #-16]
	str	q0, [x3]
	stur	q1, [x5, #-16]
	ret
6:	tbz	x2, #3, 7f
	add	x4, x1, x2
	add	x5, x3, x2
	ldr	x6, [x1]
	ldur	x7, [x4, #-8]
	str	x6, [x3]
	stur	x7, [x5, #-8]
	ret
7:	tbz	x2, #2, 8f
	add	x4, x1, x2
	add	x5, x3, x2
	ldr	w6, [x1]
	ldur	w7, [x4, #-4]
	str	w6, [x3]
	stur	w7, [x5, #-4]
	ret
8:	tbz	x2, #1, 9f
	ldrh	w4, [x1], #2
	tbz	x2, #0, 10f
	ldrb	w5, [x1]
	strb	w5, [x3, #2]
10:	strh	w4, [x3]
	ret
9:	tbz	x2, #0, 11f
	ldrb	w4, [x1]
	strb	w4, [x3]
11:	ret
	.size	memcpy, . - memcpy

/* void *memset(void *x0, int w1, size_t x2) */
	.global	memset
	.type	memset, %function
	.balign	16
memset:
	dup	v0.16b, w1
	mov	x3, x0
	subs	x2, x2, #128
	b.lo	2f
1:	stp	q0, q0, [x3], #32
	stp	q0, q0, [x3], #32
	stp	q0, q0, [x3], #32
	stp	q0, q0, [x3], #32
	subs	x2, x2, #128
	b.hs	1b
2:	tbz	x2, #6, 3f
	stp	q0, q0, [x3], #32
	stp	q0, q0, [x3], #32
3:	tbz	x2, #5, 4f
	stp	q0, q0, [x3], #32
4:	tbz	x2, #4, 5f
	str	q0, [x3], #16
5:	tbz	x2, #3, 6f
	str	d0, [x3], #8
6:	tbz	x2, #2, 7f
	str	s0, [x3], #4
7:	tbz	x2, #1, 8f
	str	h0, [x3], #2
8:	tbz	x2, #0, 9f
	str	b0, [x3]
9:	ret
	.size	memset, . - memset

	.section .note.GNU-stack, "", %progbits
