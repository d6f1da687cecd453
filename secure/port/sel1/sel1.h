/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of this port know of each other, and of the image (sel1.ld). */
#ifndef SECURE_PORT_SEL1_SEL1_H
#define SECURE_PORT_SEL1_SEL1_H

#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>

#define SEL1_LINKER __attribute__((visibility("hidden")))

/* The first bytes of the image, its constants, data, the page below the stack, and what is behind each. */
extern uint8_t sel1_image[] SEL1_LINKER, sel1_constants[] SEL1_LINKER, sel1_data[] SEL1_LINKER;
extern uint8_t sel1_loaded[] SEL1_LINKER, sel1_guard[] SEL1_LINKER, sel1_end[] SEL1_LINKER;
extern uint8_t sel1_stack_end[] SEL1_LINKER;
extern uint8_t sel1_tables[] SEL1_LINKER, sel1_tables_end[] SEL1_LINKER;

/* Where a processor enters that the normal world has started. */
void sel1_secondary(void);

/* The thread can't go on; its caller gets an error, and all messages from now on. */
noreturn void sel1_dead(void);

/*
 * An access to @va was refused: true if that is shared memory which isn't there, and reads as zeros from now
 * on.
 */
bool mapping_heal(uint64_t va);

#endif /* SECURE_PORT_SEL1_SEL1_H */
