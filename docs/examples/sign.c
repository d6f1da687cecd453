// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signs a message with a key that never leaves the crypto partition, and verifies it.
 *
 *   cc sign.c $(pkg-config --cflags --libs tstee) -o sign
 *   tsworld run -- ./sign "a message"         (or on a machine with partitions: ./sign ...)
 *
 * Nothing here is TSTEE's but tstee_error(): the rest is the PSA Certified Crypto API.
 */
#include <psa/crypto.h>
#include <stdio.h>
#include <string.h>
#include <tstee.h>

#define ALG PSA_ALG_ECDSA(PSA_ALG_SHA_256)

static int fail(const char *what, psa_status_t status)
{
	fprintf(stderr, "sign: %s: PSA status %d %s\n", what, (int)status, tstee_error());
	return 1;
}

int main(int argc, char **argv)
{
	const uint8_t *message = (const uint8_t *)(argc > 1 ? argv[1] : "");
	const size_t len = strlen((const char *)message);
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t signature[PSA_ECDSA_SIGNATURE_SIZE(256)];
	psa_key_id_t key;
	psa_status_t status;
	size_t signature_len;

	status = psa_crypto_init();
	if (status != PSA_SUCCESS)
		return fail("the crypto service can't be reached", status);

	/* Volatile: the partition forgets the key when this process is gone. */
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	psa_set_key_algorithm(&attributes, ALG);
	psa_set_key_usage_flags(&attributes,
				PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE);
	status = psa_generate_key(&attributes, &key);
	if (status != PSA_SUCCESS)
		return fail("generate a key", status);

	status = psa_sign_message(key, ALG, message, len, signature, sizeof(signature),
				  &signature_len);
	if (status != PSA_SUCCESS)
		return fail("sign", status);
	for (size_t i = 0; i < signature_len; i++)
		printf("%02x", signature[i]);
	putchar('\n');

	status = psa_verify_message(key, ALG, message, len, signature, signature_len);
	if (status != PSA_SUCCESS)
		return fail("verify", status);
	signature[0] ^= 1;
	status = psa_verify_message(key, ALG, message, len, signature, signature_len);
	if (status != PSA_ERROR_INVALID_SIGNATURE)
		return fail("a forged signature was not found out", status);
	psa_destroy_key(key);
	puts("verified; and a forged signature is found out");
	return 0;
}
