// SPDX-License-Identifier: BSD-3-Clause
/* Time from the virtual counter, which the normal world makes readable at S-EL0. */
#include <secure/port/clock.h>

#define PAUSE_USEC   10u
#define USEC_PER_SEC 1000000u

uint64_t port_clock_us(void)
{
	uint64_t frequency, now;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now));
	/* In two parts, so that no product overflows. */
	return now / frequency * USEC_PER_SEC + now % frequency * USEC_PER_SEC / frequency;
}

/* The processor is the partition's until the normal world's interrupt takes it. */
void port_pause(void)
{
	const uint64_t start = port_clock_us();

	while (port_clock_us() - start < PAUSE_USEC)
		__asm__ volatile("yield");
}
