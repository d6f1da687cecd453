/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages, as far as they are somebody's memory lent to the kernel. Those of one file live and
 * die together: a reference to one keeps them all.
 */
#ifndef WORLD_LINUX_MM_H
#define WORLD_LINUX_MM_H

#include <linux/kernel.h>
#include <linux/sched/signal.h>

#define PAGE_SHIFT    12
#define PAGE_SIZE     (1ul << PAGE_SHIFT)
#define PAGE_ALIGN(x) ALIGN(x, PAGE_SIZE)

struct page_block;

struct page {
	struct page_block *block;
};

void get_page(struct page *page);
void put_page(struct page *page);
phys_addr_t page_to_phys(const struct page *page);

#endif /* WORLD_LINUX_MM_H */
