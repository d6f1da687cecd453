/* SPDX-License-Identifier: BSD-3-Clause */
/* What attestation tokens ask of CBOR beyond its being well-formed. No state. */
#ifndef CMD_TSTEE_CBOR_CHECK_H
#define CMD_TSTEE_CBOR_CHECK_H

#include <stddef.h>
#include <stdint.h>

/*
 * NULL if the @len bytes of @data are one item of CBOR (RFC 8949), in which all lengths are definite
 * and no map has a key twice; else what is wrong.
 */
const char *cbor_check(const uint8_t *data, size_t len);

#endif /* CMD_TSTEE_CBOR_CHECK_H */
