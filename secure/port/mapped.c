// SPDX-License-Identifier: BSD-3-Clause
/* Regions that the SPM core itself maps for the partition, in one piece at the address that it tells. */
#include <secure/port/ffa.h>

size_t ffa_buffer_pages(void)
{
	return 1;
}

int ffa_map(uint64_t handle, const struct ffa_memory_range *ranges, size_t count, void **addr,
	    size_t *len)
{
	(void)handle;
	if (count != 1 || !ranges->page_count || !ranges->address || ranges->address % FFA_PAGE_LEN)
		return FFA_DENIED;
	*addr = (void *)(uintptr_t)ranges->address;
	*len = (size_t)ranges->page_count * FFA_PAGE_LEN;
	return 0;
}

void ffa_unmap(uint64_t handle)
{
	(void)handle;
}
