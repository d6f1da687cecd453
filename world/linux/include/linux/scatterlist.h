/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_SCATTERLIST_H
#define WORLD_LINUX_SCATTERLIST_H

#include <linux/kernel.h>
#include <linux/mm.h>

struct scatterlist {
	phys_addr_t address;
	unsigned int length;
	bool last;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents;
};

void sg_init_one(struct scatterlist *sg, const void *addr, unsigned int len);
struct scatterlist *sg_next(struct scatterlist *sg);

/* One entry for each run of pages that follow each other. 0 or -ENOMEM. */
int sg_alloc_table_from_pages(struct sg_table *table, struct page **pages, unsigned int page_count,
			      unsigned int offset, unsigned long size, gfp_t gfp);
void sg_free_table(struct sg_table *table);

static inline phys_addr_t sg_phys(const struct scatterlist *sg)
{
	return sg->address;
}

#endif /* WORLD_LINUX_SCATTERLIST_H */
