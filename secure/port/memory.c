// SPDX-License-Identifier: BSD-3-Clause
/* Retrieves and relinquishes shared regions for the endpoint. See memory.h. */
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/memory.h>

/* Clients can bring that about, and may not fill the log. */
#define TOLD_MAX 16

static int memory_retrieve(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr,
			   size_t *len)
{
	static unsigned int told;
	int ret = ffa_retrieve(source_id, handle, tag, addr, len);

	if (ret && told < TOLD_MAX) {
		told++;
		log_line("partition 0x%x: can't retrieve a region of 0x%x: FF-A status %d",
			 ffa_own_id(), source_id, ret);
	}
	if (ret == FFA_NO_MEMORY)
		return ENDPOINT_NO_MEMORY;
	return ret ? -1 : 0;
}

static int memory_relinquish(uint64_t handle)
{
	int ret = ffa_relinquish(handle);

	if (ret) {
		log_line("partition 0x%x: can't relinquish a region: FF-A status %d", ffa_own_id(),
			 ret);
		return -1;
	}
	return 0;
}

const struct endpoint_memory_ops port_memory_ops = {
	.retrieve = memory_retrieve,
	.relinquish = memory_relinquish,
};
