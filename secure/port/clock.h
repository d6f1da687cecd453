/* SPDX-License-Identifier: BSD-3-Clause */
/* Time, for waiting. */
#ifndef SECURE_PORT_CLOCK_H
#define SECURE_PORT_CLOCK_H

#include <stdint.h>

/* Microseconds since some moment. Not before the first message: some ports can't tell then. */
uint64_t port_clock_us(void);

#endif /* SECURE_PORT_CLOCK_H */
