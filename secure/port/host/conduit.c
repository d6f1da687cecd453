// SPDX-License-Identifier: BSD-3-Clause
/*
 * The conduit of a process: FF-A calls by a page shared with the SPM core and a futex. Calls
 * that change what memory the partition has change its mappings too.
 */
#include <limits.h>
#include <linux/futex.h>
#include <secure/port/ffa.h>
#include <secure/port/host/host.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct partition_channel *channel;

/* The own count of calls: the shared one is only told. */
static uint32_t calls;

int conduit_open(void)
{
	void *addr = mmap(NULL, PARTITION_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
			  PARTITION_CHANNEL_FD, 0);

	if (addr == MAP_FAILED)
		return -1;
	channel = addr;
	calls = channel->called;
	channel->address = (uintptr_t)addr;
	return 0;
}

void *ffa_tx(void)
{
	return (uint8_t *)channel + PARTITION_TX_OFFSET;
}

const void *ffa_rx(void)
{
	return conduit_rx();
}

uint8_t *conduit_rx(void)
{
	return (uint8_t *)channel + PARTITION_RX_OFFSET;
}

void conduit_exchange(struct ffa_regs *regs)
{
	uint32_t answered;

	channel->regs = *regs;
	__atomic_store_n(&channel->called, ++calls, __ATOMIC_RELEASE);
	syscall(SYS_futex, &channel->called, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);

	/* An SPM core that is gone takes its partitions with it: PR_SET_PDEATHSIG. */
	for (;;) {
		answered = __atomic_load_n(&channel->answered, __ATOMIC_ACQUIRE);
		if (answered == calls)
			break;
		syscall(SYS_futex, &channel->answered, FUTEX_WAIT, answered, NULL, NULL, 0);
	}
	*regs = channel->regs;
}

/* Maps what was retrieved; if that can't be, it was not retrieved. */
static void complete_retrieve(struct ffa_regs *regs)
{
	/* A response in fragments is not whole in RX, and too many ranges for a partition. */
	const uint64_t len = regs->x[1] == regs->x[2] ? regs->x[1] : 0;
	struct ffa_regs release = { { FFA_RX_RELEASE } };
	uint64_t handle;

	if (!mapping_add(len, &handle))
		return;

	conduit_exchange(&release);
	(void)ffa_relinquish(handle);
	*regs = (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)FFA_NO_MEMORY } };
}

void ffa_call(struct ffa_regs *regs)
{
	const bool relinquish = (uint32_t)regs->x[0] == FFA_MEM_RELINQUISH;
	struct ffa_memory_relinquish request;

	/* TX is whoever's comes next once the call is made. */
	if (relinquish)
		memcpy(&request, ffa_tx(), sizeof(request));
	conduit_exchange(regs);

	if (((uint32_t)regs->x[0] & ~FFA_FUNCTION_64) == FFA_MEM_RETRIEVE_RESP)
		complete_retrieve(regs);
	else if (relinquish && (uint32_t)regs->x[0] == FFA_SUCCESS)
		mapping_remove(request.handle);
}
