/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memcpy, memmove, memset and memcmp. Those of the C library move single bytes. Partitions
 * do without vector registers (ffa.h); those that have them (secrets.c) have a memcpy and a memset
 * of their own, in vector.S. Unaligned accesses are allowed at S-EL0 for normal
 * memory, which these are for; device memory has accessors of its own.
 */
	.macro	function name
	.type	\name, %function
	.balign	16
\name:
	.endm

	.macro	end name
	.size	\name, . - \name
	.endm

	.text

/*
 * void *memcpy(void *x0, const void *x1, size_t x2)
 *
 * Reads each piece whole before it writes it, and goes upwards: right for overlapping
 * memory too when the target is below the source, which memmove relies on.
 */
	.weak	memcpy
function memcpy
	mov	x3, x0
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	add	x1, x1, #64
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
	/* The low six bits of x2 are those of the bytes that are left. */
2:	tbz	x2, #5, 3f
	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	add	x1, x1, #32
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	add	x3, x3, #32
3:	tbz	x2, #4, 4f
	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x3], #16
4:	tbz	x2, #3, 5f
	ldr	x4, [x1], #8
	str	x4, [x3], #8
5:	tbz	x2, #2, 6f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
6:	tbz	x2, #1, 7f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
7:	tbz	x2, #0, 8f
	ldrb	w4, [x1]
	strb	w4, [x3]
8:	ret
end memcpy

/* void *memmove(void *x0, const void *x1, size_t x2) */
	.global	memmove
function memmove
	sub	x3, x0, x1
	cmp	x3, x2
	b.hs	memcpy
	/* The target begins inside the source: downwards. */
	add	x3, x0, x2
	add	x1, x1, x2
	subs	x2, x2, #8
	b.lo	2f
1:	ldr	x4, [x1, #-8]!
	str	x4, [x3, #-8]!
	subs	x2, x2, #8
	b.hs	1b
2:	ands	x2, x2, #7
	b.eq	4f
3:	ldrb	w4, [x1, #-1]!
	strb	w4, [x3, #-1]!
	subs	x2, x2, #1
	b.ne	3b
4:	ret
end memmove

/* void *memset(void *x0, int w1, size_t x2) */
	.weak	memset
function memset
	and	w1, w1, #0xff
	orr	w1, w1, w1, lsl #8
	orr	w1, w1, w1, lsl #16
	orr	x1, x1, x1, lsl #32
	mov	x3, x0
	subs	x2, x2, #64
	b.lo	2f
1:	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	add	x3, x3, #32
3:	tbz	x2, #4, 4f
	stp	x1, x1, [x3], #16
4:	tbz	x2, #3, 5f
	str	x1, [x3], #8
5:	tbz	x2, #2, 6f
	str	w1, [x3], #4
6:	tbz	x2, #1, 7f
	strh	w1, [x3], #2
7:	tbz	x2, #0, 8f
	strb	w1, [x3]
8:	ret
end memset

/* int memcmp(const void *x0, const void *x1, size_t x2) */
	.global	memcmp
function memcmp
	subs	x2, x2, #8
	b.lo	2f
1:	ldr	x3, [x0], #8
	ldr	x4, [x1], #8
	cmp	x3, x4
	b.ne	5f
	subs	x2, x2, #8
	b.hs	1b
2:	ands	x2, x2, #7
	b.eq	4f
3:	ldrb	w3, [x0], #1
	ldrb	w4, [x1], #1
	subs	w3, w3, w4
	b.ne	6f
	subs	x2, x2, #1
	b.ne	3b
4:	mov	w0, wzr
	ret
	/* The first byte that differs decides: it is the highest once reversed. */
5:	rev	x3, x3
	rev	x4, x4
	cmp	x3, x4
	cset	w0, hi
	csinv	w0, w0, wzr, hi
	ret
6:	mov	w0, w3
	ret
end memcmp

	.section .note.GNU-stack, "", %progbits
