// SPDX-License-Identifier: BSD-3-Clause
/* What a manifest names at S-EL0: the SPM core has mapped it, and put the address there into the manifest. */
#include <secure/port/bare/boot.h>

void *boot_reach(uint64_t address, size_t len, enum boot_kind kind)
{
	(void)len;
	(void)kind;
	return (void *)(uintptr_t)address;
}
