// SPDX-License-Identifier: BSD-3-Clause
/*
 * Time from the virtual counter, which the normal world makes readable at S-EL0. Where the SPM core doesn't let
 * it, time is what was waited, roughly.
 */
#include <secure/port/bare/start.h>
#include <secure/port/clock.h>

#define PAUSE_USEC   10u
#define USEC_PER_SEC 1000000u

/* Without a clock: so many instructions of a pause, and what it counts for with the call that it waits for. */
#define PAUSE_YIELDS	 4000u
#define PAUSE_COUNT_USEC 50u

bool bare_without_clock;
static uint64_t waited_us = 1;

uint64_t port_clock_us(void)
{
	uint64_t frequency, now;

	if (bare_without_clock)
		return waited_us;
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now));
	/* In two parts, so that no product overflows. */
	return now / frequency * USEC_PER_SEC + now % frequency * USEC_PER_SEC / frequency;
}

/* The processor is the partition's until the normal world's interrupt takes it. */
void port_pause(void)
{
	const uint64_t start = port_clock_us();

	if (bare_without_clock) {
		for (unsigned int i = 0; i < PAUSE_YIELDS; i++)
			__asm__ volatile("yield");
		waited_us += PAUSE_COUNT_USEC;
		return;
	}
	while (port_clock_us() - start < PAUSE_USEC)
		__asm__ volatile("yield");
}
