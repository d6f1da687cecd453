// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: the kernel's own from the C library, and that which can be shared with partitions
 * from world/ram.h, so that no page that a partition may see is ever anybody else's.
 */
#include <linux/mm.h>

#include <errno.h>
#include <linux/atomic.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <stdlib.h>
#include <world/ram.h>

#include "internal.h"

/* The buddy allocator's largest block, with pages of 4 KiB: what a client sees it also sees here. */
#define EXACT_MAX (4ul << 20)

/* Limits of kmalloc() and kvmalloc(), which clients meet with sizes of their choice. */
#define KMALLOC_MAX  EXACT_MAX
#define KVMALLOC_MAX INT_MAX

/* Pages of one file. */
struct page_block {
	void *addr;
	refcount_t refs; /* of all pages together */
	struct page pages[];
};

void *kzalloc(size_t size, gfp_t gfp)
{
	return kcalloc(1, size, gfp);
}

static void *allocate(size_t n, size_t size, size_t max)
{
	size_t len;

	might_sleep();
	if (__builtin_mul_overflow(n, size, &len) || len > max)
		return NULL;
	return calloc(n, size);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	(void)gfp;
	return allocate(n, size, KMALLOC_MAX);
}

void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	(void)gfp;
	return allocate(n, size, KVMALLOC_MAX);
}

void kfree(const void *p)
{
	free((void *)p);
}

void kvfree(const void *p)
{
	free((void *)p);
}

/* Memory is zeroed, asked for or not. */
void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	void *addr;

	(void)gfp;
	might_sleep();
	if (!size || size > EXACT_MAX || ram_alloc(PAGE_ALIGN(size), &addr))
		return NULL;
	return addr;
}

void free_pages_exact(void *addr, size_t size)
{
	(void)size;
	ram_free(addr);
}

int pages_adopt(int fd, size_t page_count, struct page **pages)
{
	struct page_block *block;
	size_t i;
	int rc;

	if (!page_count || page_count > UINT_MAX)
		return -ENOMEM;
	block = malloc(sizeof(*block) + page_count * sizeof(block->pages[0]));
	if (!block)
		return -ENOMEM;

	rc = ram_adopt(fd, page_count * PAGE_SIZE, &block->addr);
	if (rc) {
		free(block);
		return rc;
	}

	refcount_set(&block->refs, (unsigned int)page_count);
	for (i = 0; i < page_count; i++) {
		block->pages[i].block = block;
		pages[i] = &block->pages[i];
	}
	return 0;
}

void get_page(struct page *page)
{
	refcount_inc(&page->block->refs);
}

void put_page(struct page *page)
{
	struct page_block *block = page->block;

	if (!refcount_dec_and_test(&block->refs))
		return;
	ram_free(block->addr);
	free(block);
}

phys_addr_t page_to_phys(const struct page *page)
{
	const struct page_block *block = page->block;

	return (uintptr_t)block->addr + (size_t)(page - block->pages) * PAGE_SIZE;
}

void *memchr_inv(const void *start, int c, size_t len)
{
	const u8 *p = start;

	for (; len; p++, len--)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}
