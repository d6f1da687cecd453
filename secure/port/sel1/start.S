/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition at S-EL1, on its first processor and on the others, the switch between the
 * partition's one thread and a processor that waits for messages, and the exception vectors.
 *
 * The thread runs on SP_EL0, so that exceptions, of its stack too, have a stack of their own.
 */
#include <secure/port/bare/start_macros.inc>

	.arch	armv8-a

#define FFA_FUNCTION_64		 0x40000000
#define FFA_MSG_WAIT		 0x8400006b
#define FFA_MSG_SEND_DIRECT_REQ	 0x8400006f
#define FFA_MSG_SEND_DIRECT_RESP 0x84000070
#define TS_RPC_ERROR_INTERNAL	 0xffffffff

#define CACHE_LINE_LEN		 64

/* Device-nGnRnE, normal write-back; tables.h numbers them. */
#define MAIR		0xff00
/* 39 bits by TTBR0 alone, 4 KiB, tables in write-back inner shareable memory; bits 34:32 are added. */
#define TCR		0x803519
#define TCR_IPS_SHIFT	32
#define TCR_IPS_MAX	5
/* RES1, and I, WXN, SA, C, M. */
#define SCTLR		0x30d8180d
/* Vector registers aren't trapped. */
#define CPACR		0x300000
#define DAIF_SERROR	4

/*
 * _start: the MMU is off, the image anywhere, on a page; x0 is the address of the boot information. What is
 * written before the MMU is on goes past the caches, so nothing of it may be in them.
 */
	.section .text.start, "ax"
	.global	_start
	.type	_start, %function
_start:
	mov	x29, xzr
	mov	x30, xzr
	mov	x19, x0
	address	x20, sel1_image

	address	x1, sel1_zeroed
	mov	x2, x20
1:	dc	civac, x2
	add	x2, x2, #CACHE_LINE_LEN
	cmp	x2, x1
	b.lo	1b
	dsb	sy

	relocate x20, sel1_relocations, sel1_relocations_end

	bl	sel1_exceptions
	address	x1, sel1_stack_end
	mov	sp, x1
	bl	sel1_tables_init
	bl	sel1_mmu

	zero	sel1_zeroed, sel1_end

	address	x9, bare_thread
	msr	tpidr_el0, x9
	mov	x0, x19
	b	sel1_start
	.size	_start, . - _start

/* Another processor is there for the first time: it waits for messages. The MMU is off. */
	.global	sel1_secondary
	.type	sel1_secondary, %function
sel1_secondary:
	bl	sel1_exceptions
	bl	sel1_mmu
	b	wait
	.size	sel1_secondary, . - sel1_secondary

/* This processor's vectors and vector registers; goes on to SP_EL0. */
	.type	sel1_exceptions, %function
sel1_exceptions:
	address	x1, vectors
	msr	vbar_el1, x1
	mov	x1, #CPACR
	msr	cpacr_el1, x1
	msr	spsel, #1
	address	x1, sel1_fault_stack_end
	mov	sp, x1
	msr	spsel, #0
	isb
	msr	daifclr, #DAIF_SERROR
	ret
	.size	sel1_exceptions, . - sel1_exceptions

/* Turns this processor's MMU on; the tables are there. */
	.type	sel1_mmu, %function
sel1_mmu:
	mov	x1, #MAIR
	msr	mair_el1, x1
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf
	cmp	x1, #TCR_IPS_MAX
	mov	x2, #TCR_IPS_MAX
	csel	x1, x1, x2, lo
	mov	x2, #(TCR & 0xffff)
	movk	x2, #(TCR >> 16), lsl #16
	orr	x1, x2, x1, lsl #TCR_IPS_SHIFT
	msr	tcr_el1, x1
	address	x1, sel1_tables
	msr	ttbr0_el1, x1
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mov	x1, #(SCTLR & 0xffff)
	movk	x1, #(SCTLR >> 16), lsl #16
	msr	sctlr_el1, x1
	isb
	ret
	.size	sel1_mmu, . - sel1_mmu

	.text

/*
 * void ffa_call(struct ffa_regs *x0)
 *
 * A call that ends in the next message is a switch: this processor waits without the thread, and it goes on
 * where that message comes, on whichever processor. There can be a message on each at the same time; the lock
 * is the thread.
 */
	.global	ffa_call
	.type	ffa_call, %function
ffa_call:
	ldr	w9, [x0]
	mov	w10, #(FFA_MSG_WAIT & 0xffff)
	movk	w10, #(FFA_MSG_WAIT >> 16), lsl #16
	cmp	w9, w10
	b.eq	1f
	bic	w9, w9, #FFA_FUNCTION_64
	add	w10, w10, #(FFA_MSG_SEND_DIRECT_RESP - FFA_MSG_WAIT)
	cmp	w9, w10
	b.eq	1f

	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x0, [sp, #16]
	mov	x8, x0
	ldp	x0, x1, [x8]
	ldp	x2, x3, [x8, #16]
	ldp	x4, x5, [x8, #32]
	ldp	x6, x7, [x8, #48]
	smc	#0
	ldr	x8, [sp, #16]
	stp	x0, x1, [x8]
	stp	x2, x3, [x8, #16]
	stp	x4, x5, [x8, #32]
	stp	x6, x7, [x8, #48]
	ldp	x29, x30, [sp], #32
	ret

1:	address	x8, sel1_thread
	mov	x9, sp
	stp	x0, x9, [x8]
	stp	x19, x20, [x8, #16]
	stp	x21, x22, [x8, #32]
	stp	x23, x24, [x8, #48]
	stp	x25, x26, [x8, #64]
	stp	x27, x28, [x8, #80]
	stp	x29, x30, [x8, #96]
	mov	x8, x0
	ldp	x0, x1, [x8]
	ldp	x2, x3, [x8, #16]
	ldp	x4, x5, [x8, #32]
	ldp	x6, x7, [x8, #48]
	address	x9, sel1_lock
	stlr	wzr, [x9]
	smc	#0

/* A message is in x0-x7. */
message:
	address	x9, sel1_lock
	mov	w10, #1
	sevl
2:	wfe
3:	ldaxr	w11, [x9]
	cbnz	w11, 2b
	stxr	w11, w10, [x9]
	cbnz	w11, 3b

	address	x8, sel1_thread
	ldr	w9, [x8, #136]
	cbnz	w9, refuse
	/* For whom the thread goes on, if it comes to an end there. */
	stp	x0, x1, [x8, #112]
	str	w3, [x8, #128]
	address	x9, bare_thread
	msr	tpidr_el0, x9
	ldp	x10, x9, [x8]
	mov	sp, x9
	ldp	x19, x20, [x8, #16]
	ldp	x21, x22, [x8, #32]
	ldp	x23, x24, [x8, #48]
	ldp	x25, x26, [x8, #64]
	ldp	x27, x28, [x8, #80]
	ldp	x29, x30, [x8, #96]
	stp	x0, x1, [x10]
	stp	x2, x3, [x10, #16]
	stp	x4, x5, [x10, #32]
	stp	x6, x7, [x10, #48]
	ret
	.size	ffa_call, . - ffa_call

/*
 * noreturn void sel1_dead(void): the thread has come to an end. Its caller is answered, and so is everybody
 * from now on, by an error: the processor is the normal world's.
 */
	.global	sel1_dead
	.type	sel1_dead, %function
sel1_dead:
	address	x8, sel1_thread
	mov	w9, #1
	str	w9, [x8, #136]
	ldp	x0, x1, [x8, #112]
	ldr	w3, [x8, #128]
refuse:
	address	x9, sel1_lock
	stlr	wzr, [x9]
	bic	w9, w0, #FFA_FUNCTION_64
	mov	w10, #(FFA_MSG_SEND_DIRECT_REQ & 0xffff)
	movk	w10, #(FFA_MSG_SEND_DIRECT_REQ >> 16), lsl #16
	cmp	w9, w10
	b.ne	wait
	add	w0, w0, #(FFA_MSG_SEND_DIRECT_RESP - FFA_MSG_SEND_DIRECT_REQ)
	/* From whom it was to whom it was. */
	ror	w1, w1, #16
	mov	x2, xzr
	mov	w4, #TS_RPC_ERROR_INTERNAL
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	smc	#0
	b	message
wait:
	mov	w0, #(FFA_MSG_WAIT & 0xffff)
	movk	w0, #(FFA_MSG_WAIT >> 16), lsl #16
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	smc	#0
	b	message
	.size	sel1_dead, . - sel1_dead

	/*
	 * struct sel1_thread: 0 where the message goes to, 8 sp, 16 x19-x30, 112 x0 and x1 of the message that
	 * it is at, or 0, 128 the message's control word, 136 whether it is dead.
	 */
	.section .data.sel1_thread, "aw"
	.balign	16
sel1_thread:
	.zero	144
	/* The boot has it. */
sel1_lock:
	.word	1
	.zero	12

	/* What happened goes to sel1_fault(), in a struct sel1_fault; if that returns the thread goes on. */
	.macro	vector kind
	.balign	128
	sub	sp, sp, #208
	stp	x0, x1, [sp]
	mov	w0, #\kind
	b	fault
	.endm

	.text
	.balign	2048
vectors:
	.irp	kind, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vector	\kind
	.endr

	.balign	128
	.type	fault, %function
fault:
	frame_keep
	stp	x18, x30, [sp, #144]
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #160]
	mrs	x1, esr_el1
	mrs	x2, far_el1
	stp	x1, x2, [sp, #176]
	/* Of an exception in here nothing can be told. */
	sub	w1, w0, #4
	cmp	w1, #4
	b.lo	sel1_dead
	str	x0, [sp, #192]
	mov	x0, sp
	bl	sel1_fault
	ldp	x1, x2, [sp, #160]
	msr	elr_el1, x1
	msr	spsr_el1, x2
	ldp	x18, x30, [sp, #144]
	frame_restore
	ldp	x0, x1, [sp], #208
	eret
	.size	fault, . - fault

	.section .note.GNU-stack, "", %progbits
