// SPDX-License-Identifier: BSD-3-Clause
/* X25519 (RFC 7748). */
#include <openssl/curve25519.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <string.h>

psa_status_t engine_x25519_public(const uint8_t *key, size_t key_len, uint8_t *data,
				  size_t data_size, size_t *data_len)
{
	if (key_len != X25519_PRIVATE_KEY_LEN)
		return PSA_ERROR_NOT_SUPPORTED;
	if (data_size < X25519_PUBLIC_VALUE_LEN)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	X25519_public_from_private(data, key);
	*data_len = X25519_PUBLIC_VALUE_LEN;
	return PSA_SUCCESS;
}

psa_status_t engine_x25519_agree(const uint8_t *key, size_t key_len, const uint8_t *peer,
				 size_t peer_len, uint8_t *secret, size_t secret_size,
				 size_t *secret_len)
{
	if (key_len != X25519_PRIVATE_KEY_LEN)
		return PSA_ERROR_NOT_SUPPORTED;
	if (peer_len != X25519_PUBLIC_VALUE_LEN)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (secret_size < X25519_SHARED_KEY_LEN)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	/* It fails where the secret would be zero whatever the key is: a point of low order. */
	if (!X25519(secret, key, peer)) {
		OPENSSL_cleanse(secret, secret_size);
		return PSA_ERROR_INVALID_ARGUMENT;
	}
	*secret_len = X25519_SHARED_KEY_LEN;
	return PSA_SUCCESS;
}

/* Known answers: of OpenSSL, for the keys of the bytes 0 to 31, and 32 to 63. */
bool engine_x25519_test(enum engine_family family)
{
	/* clang-format off */
	static const uint8_t alice_public[] = {
		0x8f, 0x40, 0xc5, 0xad, 0xb6, 0x8f, 0x25, 0x62, 0x4a, 0xe5, 0xb2, 0x14,
		0xea, 0x76, 0x7a, 0x6e, 0xc9, 0x4d, 0x82, 0x9d, 0x3d, 0x7b, 0x5e, 0x1a,
		0xd1, 0xba, 0x6f, 0x3e, 0x21, 0x38, 0x28, 0x5f,
	};
	static const uint8_t bob_public[] = {
		0x35, 0x80, 0x72, 0xd6, 0x36, 0x58, 0x80, 0xd1, 0xae, 0xea, 0x32, 0x9a,
		0xdf, 0x91, 0x21, 0x38, 0x38, 0x51, 0xed, 0x21, 0xa2, 0x8e, 0x3b, 0x75,
		0xe9, 0x65, 0xd0, 0xd2, 0xcd, 0x16, 0x62, 0x54,
	};
	static const uint8_t shared[] = {
		0x96, 0x63, 0xaa, 0x1d, 0xa9, 0x7e, 0x84, 0x8a, 0x91, 0x4a, 0x43, 0x6d,
		0x04, 0x16, 0x3d, 0xfb, 0xb8, 0x91, 0x78, 0xf1, 0x07, 0xf1, 0xb5, 0xb7,
		0x7e, 0xd3, 0x85, 0x42, 0x03, 0x38, 0x28, 0x54,
	};
	/* clang-format on */
	uint8_t alice[X25519_PRIVATE_KEY_LEN], out[X25519_SHARED_KEY_LEN];

	(void)family;
	for (size_t i = 0; i < sizeof(alice); i++)
		alice[i] = (uint8_t)i;
	X25519_public_from_private(out, alice);
	if (memcmp(out, alice_public, sizeof(out)))
		return false;
	return X25519(out, alice, bob_public) && !memcmp(out, shared, sizeof(out));
}
