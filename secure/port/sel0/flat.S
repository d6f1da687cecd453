/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition at S-EL0 as a flat image, for SPM cores that don't know ELF: all of its memory is mapped,
 * anywhere on a page, and none of it is writable. It makes its data and its stack so by FFA_MEM_PERM_SET (FF-A
 * v1.1, section 18.3.2), which is granted before the first FFA_MSG_WAIT only, relocates itself, zeroes what begins
 * at zero, and goes on where the others begin. x0 is the address of the boot information.
 */
#include <secure/port/bare/start_macros.inc>

#define FFA_MEM_PERM_SET_64 0xc4000089
#define FFA_SUCCESS	    0x84000061
/* Data can be read and written, and not be executed. */
#define READ_WRITE	    5
#define PAGE_SHIFT	    12

	.section .text.flat, "ax"
	.global	sel0_flat_start
	.type	sel0_flat_start, %function
sel0_flat_start:
	mov	x29, xzr
	mov	x30, xzr
	mov	x19, x0
	address	x20, sel0_image

	address	x21, sel0_data
	address	x22, sel0_guard
	bl	make_writable
	address	x21, sel0_stack
	address	x22, sel0_stack_end
	bl	make_writable
	mov	sp, x22

	relocate x20, sel0_relocations, sel0_relocations_end
	zero	sel0_zeroed, sel0_guard

	/* Such cores keep the counter from S-EL0. */
	adrp	x1, bare_without_clock
	mov	w2, #1
	strb	w2, [x1, #:lo12:bare_without_clock]
	mov	x0, x19
	mov	x30, xzr
	b	_start
	.size	sel0_flat_start, . - sel0_flat_start

/* The pages from x21 to x22. */
	.type	make_writable, %function
make_writable:
	mov	w0, #(FFA_MEM_PERM_SET_64 & 0xffff)
	movk	w0, #(FFA_MEM_PERM_SET_64 >> 16), lsl #16
	mov	x1, x21
	sub	x2, x22, x21
	lsr	x2, x2, #PAGE_SHIFT
	mov	x3, #READ_WRITE
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	svc	#0
	mov	w1, #(FFA_SUCCESS & 0xffff)
	movk	w1, #(FFA_SUCCESS >> 16), lsl #16
	cmp	w0, w1
	b.ne	1f
	ret
	/* Nothing can be said without a stack. */
1:	brk	#0
	.size	make_writable, . - make_writable

	.section .note.GNU-stack, "", %progbits
