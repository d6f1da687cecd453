/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition. The SPM core has relocated the image and set sp; x0 is the
 * address of the boot information, which sel0_start() takes. The C library's thread
 * variables, errno, are 16 bytes behind where the thread pointer points.
 */
	.text
	.global	_start
	.type	_start, %function
_start:
	/* Ends the chain of frames. */
	mov	x29, xzr
	mov	x30, xzr
	adrp	x9, bare_stack_top
	mov	x10, sp
	str	x10, [x9, #:lo12:bare_stack_top]
	adrp	x9, bare_thread
	add	x9, x9, #:lo12:bare_thread
	msr	tpidr_el0, x9
	b	sel0_start
	.size	_start, . - _start

	.section .note.GNU-stack, "", %progbits
