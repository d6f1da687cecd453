// SPDX-License-Identifier: BSD-3-Clause
/* Time from the kernel's monotonic clock. */
#include <secure/port/clock.h>
#include <time.h>

#define PAUSE_NSEC    20000
#define USEC_PER_SEC  1000000u
#define NSEC_PER_USEC 1000u

uint64_t port_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / NSEC_PER_USEC;
}

void port_pause(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NSEC };

	nanosleep(&pause, NULL);
}
