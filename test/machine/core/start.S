/* SPDX-License-Identifier: BSD-3-Clause */
/* Start, exceptions and entry of the partition, for core.c. */
#include <secure/port/bare/start_macros.inc>

#define FRAME_LEN 288

	.section .text.start, "ax"
	.global	_start
	.type	_start, %function
_start:
	address	x0, core_stack_end
	mov	sp, x0
	/* It is where it was linked. */
	mov	x20, xzr
	relocate x20, core_relocations, core_relocations_end
	zero	core_zeroed, core_end
	address	x0, vectors
	msr	vbar_el1, x0
	sub	sp, sp, #FRAME_LEN
	mov	x0, sp
	bl	core_start
	b	resume
	.size	_start, . - _start

	/* struct frame: x0 to x30, the partition's sp, its pc, its state. */
	.type	exception, %function
exception:
	frame_keep
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x1, sp_el0
	stp	x30, x1, [sp, #240]
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #256]
	mov	x1, x0
	mov	x0, sp
	bl	core_exception
resume:
	ldp	x1, x2, [sp, #256]
	msr	elr_el1, x1
	msr	spsr_el1, x2
	ldp	x30, x1, [sp, #240]
	msr	sp_el0, x1
	ldp	x28, x29, [sp, #224]
	ldp	x26, x27, [sp, #208]
	ldp	x24, x25, [sp, #192]
	ldp	x22, x23, [sp, #176]
	ldp	x20, x21, [sp, #160]
	ldp	x18, x19, [sp, #144]
	frame_restore
	ldp	x0, x1, [sp], #FRAME_LEN
	eret
	.size	exception, . - exception

	.balign	2048
vectors:
	.irp	kind, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	.balign	128
	sub	sp, sp, #FRAME_LEN
	stp	x0, x1, [sp]
	mov	w0, #\kind
	b	exception
	.endr

	.section .note.GNU-stack, "", %progbits
