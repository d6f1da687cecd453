// SPDX-License-Identifier: BSD-3-Clause
/*
 * Public keys that were computed from private ones: a verification with a key pair, or another export,
 * needn't compute them again. They are found by the hash of the private key, so that what is
 * found is right whatever became of the key's slot.
 */
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <secure/engine/internal.h>
#include <string.h>

#define COUNT 16

_Static_assert(sizeof(struct engine_public_name) == SHA256_DIGEST_LENGTH, "a name is a hash");

struct known {
	struct engine_public_name name;
	uint8_t data[ENGINE_PUBLIC_LEN_MAX];
	uint8_t len; /* 0: nothing is here */
};

static struct known table[COUNT];
static size_t last;

static void name_of(enum engine_family family, const uint8_t *key, size_t key_len,
		    struct engine_public_name *name)
{
	const uint8_t curve = (uint8_t)family;
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	SHA256_Update(&ctx, &curve, sizeof(curve));
	SHA256_Update(&ctx, key, key_len);
	SHA256_Final(name->hash, &ctx);
	OPENSSL_cleanse(&ctx, sizeof(ctx));
}

/* In constant time: what is compared tells of private keys. */
static bool is_same(const struct engine_public_name *a, const struct engine_public_name *b)
{
	uint64_t x[SHA256_DIGEST_LENGTH / sizeof(uint64_t)],
		y[SHA256_DIGEST_LENGTH / sizeof(uint64_t)];

	memcpy(x, a->hash, sizeof(x));
	memcpy(y, b->hash, sizeof(y));
	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]));
}

bool engine_public_find(enum engine_family family, const uint8_t *key, size_t key_len,
			struct engine_public_name *name, uint8_t *data, size_t len)
{
	name_of(family, key, key_len, name);
	for (size_t i = 0; i < COUNT; i++) {
		/* From the one that was used last: it will be it again. */
		const size_t place = (last + COUNT - i) % COUNT;

		if (table[place].len == len && is_same(&table[place].name, name)) {
			memcpy(data, table[place].data, len);
			return true;
		}
	}
	return false;
}

void engine_public_keep(const struct engine_public_name *name, const uint8_t *data, size_t len)
{
	struct known *known;

	if (!len || len > ENGINE_PUBLIC_LEN_MAX)
		return;
	last = (last + 1) % COUNT;
	known = &table[last];
	known->name = *name;
	memcpy(known->data, data, len);
	known->len = (uint8_t)len;
}
