// SPDX-License-Identifier: BSD-3-Clause
/* Pages for sharing: any memory of the image will do at S-EL0. */
#include <secure/port/partition.h>
#include <tstee/ffa.h>

#define POOL_PAGES 16

static _Alignas(FFA_PAGE_LEN) uint8_t pool[POOL_PAGES][FFA_PAGE_LEN];
static size_t used;

void *partition_pages(size_t count)
{
	void *pages = pool[used];

	if (!count || count > POOL_PAGES - used)
		return NULL;
	used += count;
	return pages;
}
