/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition. The SPM core has relocated the image and set sp; x0 is the
 * address of the boot information, which sel0_start() takes.
 */
	.text
	.global	_start
	.type	_start, %function
_start:
	/* Ends the chain of frames. */
	mov	x29, xzr
	mov	x30, xzr
	b	sel0_start
	.size	_start, . - _start

	.section .note.GNU-stack, "", %progbits
