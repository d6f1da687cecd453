// SPDX-License-Identifier: GPL-2.0-only
/* Scatterlists: memory as a list of what is contiguous in it. */
#include <linux/scatterlist.h>

#include <errno.h>
#include <linux/slab.h>

#define SEGMENT_MAX (UINT_MAX & ~(PAGE_SIZE - 1))

void sg_init_one(struct scatterlist *sg, const void *addr, unsigned int len)
{
	*sg = (struct scatterlist){ .address = (uintptr_t)addr, .length = len, .last = true };
}

struct scatterlist *sg_next(struct scatterlist *sg)
{
	return sg->last ? NULL : sg + 1;
}

static bool follows(const struct scatterlist *sg, phys_addr_t address)
{
	return sg->address + sg->length == address && sg->length <= SEGMENT_MAX - PAGE_SIZE;
}

/* Runs of pages from the first on; entries are written if there is a list. */
static unsigned int coalesce(struct scatterlist *sgl, struct page **pages, unsigned int page_count)
{
	struct scatterlist run = {};
	unsigned int count = 0;
	unsigned int i;

	for (i = 0; i < page_count; i++) {
		phys_addr_t address = page_to_phys(pages[i]);

		if (count && follows(&run, address)) {
			run.length += PAGE_SIZE;
		} else {
			run = (struct scatterlist){ .address = address, .length = PAGE_SIZE };
			count++;
		}
		if (sgl)
			sgl[count - 1] = run;
	}
	return count;
}

int sg_alloc_table_from_pages(struct sg_table *table, struct page **pages, unsigned int page_count,
			      unsigned int offset, unsigned long size, gfp_t gfp)
{
	struct scatterlist *first, *last;
	unsigned long spare;

	if (!page_count || !size || offset >= PAGE_SIZE ||
	    PAGE_ALIGN(size + offset) != page_count * PAGE_SIZE)
		return -EINVAL;

	table->nents = coalesce(NULL, pages, page_count);
	table->sgl = kcalloc(table->nents, sizeof(*table->sgl), gfp);
	if (!table->sgl)
		return -ENOMEM;

	coalesce(table->sgl, pages, page_count);
	first = &table->sgl[0];
	last = &table->sgl[table->nents - 1];
	last->last = true;
	spare = page_count * PAGE_SIZE - offset - size;
	last->length -= (unsigned int)spare;
	first->address += offset;
	first->length -= offset;
	return 0;
}

void sg_free_table(struct sg_table *table)
{
	kfree(table->sgl);
	table->sgl = NULL;
}
