/* SPDX-License-Identifier: BSD-3-Clause */
/* What the start and the linker script know of a partition. */
#ifndef SECURE_PORT_SEL0_START_H
#define SECURE_PORT_SEL0_START_H

#include <secure/port/partition.h>
#include <stdint.h>

/* The end of the stack that the SPM core made: as long as the image asks, below this. */
extern uint8_t *sel0_stack_top;

/* What PARTITION_IMAGE() says. */
extern const struct partition_image sel0_image;

#endif /* SECURE_PORT_SEL0_START_H */
