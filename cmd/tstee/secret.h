/* SPDX-License-Identifier: BSD-3-Clause */
/* Buffers that hold secrets. */
#ifndef CMD_TSTEE_SECRET_H
#define CMD_TSTEE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A buffer that held, or may hold, a secret. */
struct secret {
	uint8_t *data;
	size_t len;
};

/* Wipes and frees; no effect on one that is empty. */
void secret_free(struct secret *secret);

/* A copy of @len bytes of @data, which the caller frees. False if memory is out. */
bool secret_copy(struct secret *secret, const void *data, size_t len);

#endif /* CMD_TSTEE_SECRET_H */
