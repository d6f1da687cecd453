/* SPDX-License-Identifier: BSD-3-Clause */
/* PEM, RFC 7468: the textual form of keys. */
#ifndef CMD_TSTEE_PEM_H
#define CMD_TSTEE_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEM_LABEL_MAX 40

enum pem_result {
	PEM_OK,
	PEM_ABSENT,    /* no more blocks */
	PEM_MALFORMED, /* a block begins and can't be read */
	PEM_ENCRYPTED, /* a block in the old encrypted form: its headers say so */
	PEM_NO_MEMORY,
};

/*
 * Decodes the first block at or behind offset *@at of @text. The label ("PRIVATE KEY") goes to
 * @label, the contents to *@der, @der_len bytes, which the caller wipes and frees, and *@at
 * behind the block. Text around blocks passes.
 */
enum pem_result pem_decode(const char *text, size_t len, size_t *at, char label[PEM_LABEL_MAX],
			   uint8_t **der, size_t *der_len);

/*
 * Encodes @len bytes of @der in a block: *@text, *@text_len bytes and a NUL, which the caller
 * wipes and frees. False if memory is out.
 */
bool pem_encode(const char *label, const uint8_t *der, size_t len, char **text, size_t *text_len);

#endif /* CMD_TSTEE_PEM_H */
