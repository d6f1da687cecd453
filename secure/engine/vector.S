/* SPDX-License-Identifier: BSD-3-Clause */
	.arch	armv8-a

/*
 * void engine_vector_wipe(void): zeroes of the vector registers what a function may change: all but the
 * lower halves of v8 to v15, which are the caller's again.
 */
	.section .text.engine_vector_wipe, "ax", %progbits
	.global	engine_vector_wipe
	.type	engine_vector_wipe, %function
engine_vector_wipe:
	.irp	n, 0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	v\n\().2d, #0
	.endr
	.irp	n, 8,9,10,11,12,13,14,15
	mov	v\n\().d[1], xzr
	.endr
	ret
	.size	engine_vector_wipe, . - engine_vector_wipe

	.section .note.GNU-stack, "", %progbits
