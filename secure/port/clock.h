/* SPDX-License-Identifier: BSD-3-Clause */
/* Time, for waiting. */
#ifndef SECURE_PORT_CLOCK_H
#define SECURE_PORT_CLOCK_H

#include <stdint.h>

/* Microseconds since some moment. Not before the first message: some ports can't tell then. */
uint64_t port_clock_us(void);

/* Lets others run for a moment that is short beside what a service call takes. */
void port_pause(void);

#endif /* SECURE_PORT_CLOCK_H */
