// SPDX-License-Identifier: BSD-3-Clause
/* The event log of a process: what its software world consists of. */
#include <secure/port/boot_log.h>
#include <secure/port/host/host.h>
#include <sys/mman.h>

int port_boot_log(const uint8_t **log, size_t *len)
{
	const struct device_region *region = device_region_find(PARTITION_EVENT_LOG);
	void *bytes;

	if (!region || !region->len)
		return -1;
	bytes = mmap(NULL, region->len, PROT_READ, MAP_PRIVATE, region->fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	*log = bytes;
	*len = region->len;
	return 0;
}
