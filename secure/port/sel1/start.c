// SPDX-License-Identifier: BSD-3-Clause
/* Start of a partition at S-EL1, once its own MMU is on: the manifest, and who comes later. */
#include <secure/port/bare/boot.h>
#include <secure/port/bare/start.h>
#include <secure/port/ffa.h>
#include <secure/port/partition.h>
#include <secure/port/sel1/sel1.h>
#include <secure/port/sel1/tables.h>

/* As ffa_buffer_pages() says. */
#define BUFFER_LEN 16384u

static _Alignas(FFA_PAGE_LEN) uint8_t rx_buffer[BUFFER_LEN];
static _Alignas(FFA_PAGE_LEN) uint8_t tx_buffer[BUFFER_LEN];

uint8_t *bare_stack_top;

noreturn void sel1_start(uint64_t boot_info);

void *ffa_tx(void)
{
	return tx_buffer;
}

const void *ffa_rx(void)
{
	return rx_buffer;
}

/*
 * The boot information and what it points to are in one page, of the SPM core's. Its pointers are addresses, so
 * it is where it was.
 */
static int read_boot_info(uint64_t boot_info)
{
	const uint64_t page = boot_info - boot_info % FFA_PAGE_LEN;
	int ret;

	if (!boot_info ||
	    tables_map(page, page, 1,
		       TABLES_NORMAL | TABLES_INNER | TABLES_READ_ONLY | TABLES_NO_EXECUTE))
		return -1;
	ret = boot_read((const void *)(uintptr_t)boot_info);
	tables_unmap(page, 1);
	return ret;
}

noreturn void sel1_start(uint64_t boot_info)
{
	struct ffa_regs secondary = { {
		FFA_SECONDARY_EP | FFA_FUNCTION_64,
		(uintptr_t)sel1_secondary,
	} };

	bare_stack_top = sel1_stack_end;
	/* Where there is one processor, it isn't known. */
	ffa_call(&secondary);
	partition_start(read_boot_info(boot_info));
}
