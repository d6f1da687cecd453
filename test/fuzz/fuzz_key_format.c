// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of keys and signatures in DER and PEM. Each byte of the input is a piece of DER, a
 * step that makes a value of all there is so far, or, from STEPS on, itself; the first says what
 * the result is read as.
 */
#include <codec.h>
#include <key_format.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIECE(...)                                                                         \
	{                                                                                  \
		.len = sizeof((const uint8_t[]){ __VA_ARGS__ }), .bytes = { __VA_ARGS__ }, \
	}

static const struct {
	uint8_t len;
	uint8_t bytes[14];
} pieces[] = {
	PIECE(2, 1, 0),
	PIECE(2, 1, 1),
	PIECE(2, 4, 0, 0x90, 1, 2),
	PIECE(5, 0),
	PIECE(0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1),
	PIECE(0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5),
	PIECE(0x2b, 0x81, 4, 0, 0x21),
	PIECE(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7),
	PIECE(0x30, 5, 6, 3, 0x2b, 0x65, 0x6e),
	PIECE(0x30, 0x80),
	PIECE(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
	PIECE(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	PIECE(4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
	PIECE(3, 2, 0, 4),
};

#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

/* What all there is so far becomes the contents of. */
static const uint8_t tags[] = { 0x30, 0x04, 0x03, 0xa0, 0xa1, 0x02 };

#define STEPS (PIECES + sizeof(tags))

static size_t wrap(uint8_t *text, size_t len, uint8_t tag)
{
	size_t header = len < 0x80 ? 2 : 4;

	if (len + header > TEXT_MAX)
		return len;
	memmove(text + header, text, len);
	text[0] = tag;
	text[1] = len < 0x80 ? (uint8_t)len : 0x82;
	if (len >= 0x80) {
		text[2] = (uint8_t)(len >> 8);
		text[3] = (uint8_t)len;
	}
	return len + header;
}

static size_t compose(const uint8_t *data, size_t size, uint8_t *text)
{
	size_t len = 0;

	for (; size && len + sizeof(pieces[0].bytes) < TEXT_MAX; size--, data++) {
		if (*data < PIECES) {
			memcpy(text + len, pieces[*data].bytes, pieces[*data].len);
			len += pieces[*data].len;
		} else if (*data < STEPS) {
			len = wrap(text, len, tags[*data - PIECES]);
		} else {
			text[len++] = *data;
		}
	}
	return len;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* What was read can be written, and is the same when it is read again. */
static void check_key(const struct key_data *key)
{
	struct secret der;
	struct key_data again;

	require(key->data.data);
	if (PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key->type))
		require(key->data.len == PSA_BITS_TO_BYTES(key->bits));
	if (PSA_KEY_TYPE_IS_PUBLIC_KEY(key->type))
		require(!key_write_public(key->type, key->bits, key->data.data, key->data.len,
					  &der));
	else
		require(!key_write_private(key->type, key->bits, &key->data, NULL, 0, &der));
	if (!key_parse_der(der.data, der.len, NULL, &again)) {
		require(again.type == key->type && again.data.len == key->data.len &&
			!memcmp(again.data.data, key->data.data, key->data.len));
	} else {
		/* The one thing that a reader leaves as it is. */
		require(!key->data.len);
	}
	key_data_free(&again);
	secret_free(&der);
}

static const char *give(struct passphrase *self, struct secret *text)
{
	(void)self;
	return secret_copy(text, "swordfish", 9) ? NULL : "out of memory";
}

static void read_key(const uint8_t *text, size_t len)
{
	struct passphrase passphrase = { .get = give };
	struct key_data key;

	if (!key_parse(text, len, &passphrase, &key))
		check_key(&key);
	key_data_free(&key);
}

static void read_signature(const uint8_t *text, size_t len)
{
	uint8_t raw[ECDSA_RAW_MAX], der[ECDSA_DER_MAX], again[ECDSA_RAW_MAX];
	size_t raw_len, der_len, again_len;

	if (!ecdsa_from_der(text, len, 521, raw, &raw_len))
		return;
	require(raw_len == ECDSA_RAW_MAX);
	require(ecdsa_to_der(raw, raw_len, der, &der_len));
	require(ecdsa_from_der(der, der_len, 521, again, &again_len));
	require(again_len == raw_len && !memcmp(again, raw, raw_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buffer[TEXT_MAX], *text;
	struct secret pem;
	size_t len;

	if (!size)
		return 0;
	len = compose(data + 1, size - 1, buffer);
	/* Of its own, to catch reads beyond it. */
	text = malloc(len + 1);
	if (!text)
		return 0;
	memcpy(text, buffer, len);
	switch (data[0] % 4) {
	case 0:
		read_key(text, len);
		break;
	case 1:
		if (pem_write("PRIVATE KEY", &(struct secret){ text, len }, &pem)) {
			read_key(pem.data, pem.len);
			secret_free(&pem);
		}
		break;
	case 2:
		read_key(data + 1, size - 1);
		break;
	case 3:
		read_signature(text, len);
		break;
	}
	free(text);
	return 0;
}
