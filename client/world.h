/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether devices are those of a software world, and the words when that isn't there. */
#ifndef CLIENT_WORLD_H
#define CLIENT_WORLD_H

#include <stdbool.h>

/* TSTEE_WORLD: socket or state directory of a world, or NULL; not for programs with privileges. */
const char *world_path(void);

/* What may help who finds no device, by who has none: a host, or a program under tsworld run. */
const char *world_device_hint(void);

/* True if opening a device failed with @err since the world could not be reached. */
bool world_unreachable(int err);

/* The message for that. Returns @err. */
int world_failed(int err);

#endif /* CLIENT_WORLD_H */
