// SPDX-License-Identifier: BSD-3-Clause
/* Buffers that hold secrets. No state; calls nothing of the other files. */
#include "secret.h"

#include <stdlib.h>
#include <string.h>

void secret_free(struct secret *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	secret->data = NULL;
	secret->len = 0;
}

bool secret_copy(struct secret *secret, const void *data, size_t len)
{
	secret->data = malloc(len ? len : 1);
	secret->len = secret->data ? len : 0;
	if (secret->len)
		memcpy(secret->data, data, len);
	return secret->data;
}
