// SPDX-License-Identifier: BSD-3-Clause
/*
 * How deep a partition's stack gets, linked in front of what wipes it before each answer (secure/port/bare/secrets.c):
 * what isn't zero then was used since. The console is told when it was more than ever before.
 */
#include <secure/port/bare/start.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>

void __real_bare_stack_wipe(void *bottom);
void __wrap_bare_stack_wipe(void *bottom);

void __wrap_bare_stack_wipe(void *bottom)
{
	static size_t most;
	const uint64_t *untouched = bottom;
	size_t used;

	while ((const uint8_t *)untouched < bare_stack_top && !*untouched)
		untouched++;
	used = (size_t)(bare_stack_top - (const uint8_t *)untouched);
	if (used > most) {
		most = used;
		log_line("partition 0x%x: %u bytes of stack used, of %u", ffa_own_id(),
			 (unsigned int)used, PARTITION_STACK_LEN);
	}
	__real_bare_stack_wipe(bottom);
}
