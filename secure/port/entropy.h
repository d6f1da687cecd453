/* SPDX-License-Identifier: BSD-3-Clause */
/* Entropy, wherever the port has it. */
#ifndef SECURE_PORT_ENTROPY_H
#define SECURE_PORT_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills @out with @len bytes of full entropy, as the source gives them: no generator of ours
 * is in between. 0, or -1 when there is no source or it failed; @out is wiped then, and a
 * line in the log says why, once.
 */
int port_entropy(uint8_t *out, size_t len);

#endif /* SECURE_PORT_ENTROPY_H */
