// SPDX-License-Identifier: BSD-3-Clause
/*
 * The conduit at S-EL0: FF-A calls by SVC.
 *
 * The port is compiled without vector registers, and so are most partitions. Two things
 * follow: none of them can hold a secret when a response leaves, and it does not matter
 * that SPM cores hand back other values in d8-d15 than went in. It also spares each call
 * the trap with which an SPM core first enables them. For the others there is secrets.c.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/bare/start.h>
#include <secure/port/ffa.h>
#include <secure/port/partition.h>

#ifdef __ARM_FP
#error "compile with -mgeneral-regs-only: vector registers do not survive an FF-A call"
#endif

static _Alignas(FFA_PAGE_LEN) uint8_t rx_buffer[FFA_PAGE_LEN];
static _Alignas(FFA_PAGE_LEN) uint8_t tx_buffer[FFA_PAGE_LEN];

uint8_t *bare_stack_top;

noreturn void sel0_start(const void *boot_info);

noreturn void sel0_start(const void *boot_info)
{
	partition_start(boot_read(boot_info));
}

void *ffa_tx(void)
{
	return tx_buffer;
}

const void *ffa_rx(void)
{
	return rx_buffer;
}

void ffa_call(struct ffa_regs *regs)
{
	register uint64_t x0 __asm__("x0") = regs->x[0];
	register uint64_t x1 __asm__("x1") = regs->x[1];
	register uint64_t x2 __asm__("x2") = regs->x[2];
	register uint64_t x3 __asm__("x3") = regs->x[3];
	register uint64_t x4 __asm__("x4") = regs->x[4];
	register uint64_t x5 __asm__("x5") = regs->x[5];
	register uint64_t x6 __asm__("x6") = regs->x[6];
	register uint64_t x7 __asm__("x7") = regs->x[7];

	__asm__ volatile("svc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6),
			   "+r"(x7)
			 :
			 : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
			   "x18", "cc", "memory");
	/* SPM cores leave the thread pointer of whichever partition ran meanwhile. */
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(bare_thread) : "memory");
	*regs = (struct ffa_regs){ { x0, x1, x2, x3, x4, x5, x6, x7 } };
}
