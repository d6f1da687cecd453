/* SPDX-License-Identifier: BSD-3-Clause */
/* The port's half of struct endpoint_memory_ops: shared regions by FF-A. */
#ifndef SECURE_PORT_MEMORY_H
#define SECURE_PORT_MEMORY_H

#include <secure/rpc/endpoint.h>

extern const struct endpoint_memory_ops port_memory_ops;

#endif /* SECURE_PORT_MEMORY_H */
