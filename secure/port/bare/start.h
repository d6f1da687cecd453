/* SPDX-License-Identifier: BSD-3-Clause */
/* What the start of a partition finds out. */
#ifndef SECURE_PORT_BARE_START_H
#define SECURE_PORT_BARE_START_H

#include <stdbool.h>
#include <stdint.h>

/* The end of the stack that the SPM core made, PARTITION_STACK_LEN bytes. */
extern uint8_t *bare_stack_top;

/* Where the thread pointer points, to which malloc() that fails writes errno; partition.ld. */
extern uint8_t bare_thread[] __attribute__((visibility("hidden")));

/* An access to the counter would end the partition. */
extern bool bare_without_clock __attribute__((visibility("hidden")));

#endif /* SECURE_PORT_BARE_START_H */
