/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a public key is a private one's. No state. */
#ifndef CMD_TSTEE_EC_PUBLIC_H
#define CMD_TSTEE_EC_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * False if @point, as files of keys have it, compressed or not, is not the public key of @private,
 * as PSA has it, on the curve @curve (struct curve's name); or if that is no private key. True
 * where it can't be told.
 */
bool ec_public_matches(const char *curve, const uint8_t *private, size_t private_len,
		       const uint8_t *point, size_t point_len);

#endif /* CMD_TSTEE_EC_PUBLIC_H */
