// SPDX-License-Identifier: BSD-3-Clause
/*
 * PBKDF2 (RFC 8018, section 5.2) in slices, in place of Mbed TLS's, which has no end before the
 * end. Inputs, states and capacity are those of Mbed TLS's operation; blocks are calculated
 * here, ahead of what is asked for, and put where it would have put its own.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "internal.h"
#include <mbedtls/aes.h>
#include <mbedtls/cmac.h>
#include <mbedtls/des.h>
#include <secure/wipe.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_AHEAD 16u
#define CMAC_LEN     16u
#define INNER_PAD    0x36
#define OUTER_PAD    0x5c

/* Iterations between two looks at the clock: a millisecond or less. */
#define ITERATIONS_AT_ONCE 256u

/* Iterations with SHA-256 that a call can do without looking at the clock. */
#define AT_ONCE_MAX (1u << 18)

/* Candidates for a private key on a curve: one in three is bad at worst. */
#define CANDIDATES_MAX 64

struct crypto_pbkdf2 {
	psa_hash_operation_t inner, outer; /* HMAC behind its pads */
	mbedtls_aes_context aes;
	uint8_t subkey[CMAC_LEN]; /* of CMAC, for a whole block */
	size_t block_len;
	uint32_t index; /* of the block that is being calculated, or 0 */
	uint64_t left;	/* iterations of it */
	uint8_t u[PSA_HASH_MAX_SIZE];
	uint8_t t[PSA_HASH_MAX_SIZE];
	/* Finished ones that nobody has had, the next one first. */
	uint32_t last; /* index of the last that was finished, or had been before the first call */
	size_t ahead;
	uint8_t blocks[BLOCKS_AHEAD][PSA_HASH_MAX_SIZE];
};

static_assert(sizeof(struct crypto_pbkdf2) <= CRYPTO_PBKDF2_LEN, "what is charged for it");

static psa_pbkdf2_key_derivation_t *inputs(struct crypto_derivation *d)
{
	return &d->psa.ctx.pbkdf2;
}

static bool is_hmac(const struct crypto_derivation *d)
{
	return PSA_ALG_IS_PBKDF2_HMAC(d->alg);
}

static psa_algorithm_t hash_of(const struct crypto_derivation *d)
{
	return PSA_ALG_PBKDF2_HMAC_GET_HASH(d->alg);
}

/* The hash in the state behind the password, padded by @pad (RFC 2104). */
static psa_status_t pad(struct crypto_derivation *d, psa_hash_operation_t *hash, uint8_t pad)
{
	uint8_t block[PSA_HMAC_MAX_HASH_BLOCK_SIZE];
	psa_status_t status;

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < inputs(d)->password_length; i++)
		block[i] ^= inputs(d)->password[i];
	status = psa_hash_setup(hash, hash_of(d));
	if (status == PSA_SUCCESS)
		status = psa_hash_update(hash, block, PSA_HASH_BLOCK_LENGTH(hash_of(d)));
	secure_wipe(block, sizeof(block));
	return status;
}

/* NIST SP 800-38B, 6.1: the first subkey. */
static psa_status_t cmac_start(struct crypto_derivation *d)
{
	struct crypto_pbkdf2 *p = d->pbkdf2;
	uint8_t zero[CMAC_LEN] = { 0 }, carry = 0;

	mbedtls_aes_init(&p->aes);
	if (mbedtls_aes_setkey_enc(&p->aes, inputs(d)->password, 8 * CMAC_LEN) ||
	    mbedtls_aes_crypt_ecb(&p->aes, MBEDTLS_AES_ENCRYPT, zero, p->subkey))
		return PSA_ERROR_CORRUPTION_DETECTED;
	for (size_t i = CMAC_LEN; i--;) {
		const uint8_t next = p->subkey[i] >> 7;

		p->subkey[i] = (uint8_t)(p->subkey[i] << 1 | carry);
		carry = next;
	}
	p->subkey[CMAC_LEN - 1] ^= carry ? 0x87 : 0;
	return PSA_SUCCESS;
}

static psa_status_t start(struct crypto_derivation *d)
{
	psa_status_t status;

	if (d->pbkdf2)
		return PSA_SUCCESS;
	d->pbkdf2 = calloc(1, sizeof(*d->pbkdf2));
	if (!d->pbkdf2)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	d->pbkdf2->block_len = is_hmac(d) ? PSA_HASH_LENGTH(hash_of(d)) : CMAC_LEN;
	if (!is_hmac(d)) {
		status = cmac_start(d);
	} else {
		status = pad(d, &d->pbkdf2->inner, INNER_PAD);
		if (status == PSA_SUCCESS)
			status = pad(d, &d->pbkdf2->outer, OUTER_PAD);
	}
	if (status != PSA_SUCCESS)
		crypto_pbkdf2_free(d);
	return status;
}

void crypto_pbkdf2_free(struct crypto_derivation *d)
{
	if (!d->pbkdf2)
		return;
	(void)psa_hash_abort(&d->pbkdf2->inner);
	(void)psa_hash_abort(&d->pbkdf2->outer);
	secure_wipe(d->pbkdf2, sizeof(*d->pbkdf2));
	free(d->pbkdf2);
	d->pbkdf2 = NULL;
}

/* HMAC of @data and @more into u. */
static psa_status_t hmac(struct crypto_pbkdf2 *p, const uint8_t *data, size_t len,
			 const uint8_t *more, size_t more_len)
{
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
	size_t hash_len;
	psa_status_t status = psa_hash_clone(&p->inner, &hash);

	if (status == PSA_SUCCESS)
		status = psa_hash_update(&hash, data, len);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&hash, more, more_len);
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&hash, p->u, sizeof(p->u), &hash_len);
	if (status == PSA_SUCCESS)
		status = psa_hash_clone(&p->outer, &hash);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&hash, p->u, p->block_len);
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&hash, p->u, sizeof(p->u), &hash_len);
	(void)psa_hash_abort(&hash);
	return status;
}

static psa_status_t cmac_first(struct crypto_derivation *d, const uint8_t index[4])
{
	const mbedtls_cipher_info_t *info =
		mbedtls_cipher_info_from_type(MBEDTLS_CIPHER_AES_128_ECB);
	mbedtls_cipher_context_t cipher;
	psa_status_t status = PSA_ERROR_INSUFFICIENT_MEMORY;

	mbedtls_cipher_init(&cipher);
	if (!mbedtls_cipher_setup(&cipher, info) &&
	    !mbedtls_cipher_cmac_starts(&cipher, inputs(d)->password, 8 * CMAC_LEN) &&
	    (!inputs(d)->salt_length ||
	     !mbedtls_cipher_cmac_update(&cipher, inputs(d)->salt, inputs(d)->salt_length)) &&
	    !mbedtls_cipher_cmac_update(&cipher, index, 4) &&
	    !mbedtls_cipher_cmac_finish(&cipher, d->pbkdf2->u))
		status = PSA_SUCCESS;
	mbedtls_cipher_free(&cipher);
	return status;
}

/* Begins the next block: its first iteration. */
static psa_status_t block_begin(struct crypto_derivation *d)
{
	struct crypto_pbkdf2 *p = d->pbkdf2;
	const uint32_t next = p->last + 1;
	const uint8_t index[] = { (uint8_t)(next >> 24), (uint8_t)(next >> 16),
				  (uint8_t)(next >> 8), (uint8_t)next };
	psa_status_t status;

	if (is_hmac(d))
		status = hmac(p, inputs(d)->salt, inputs(d)->salt_length, index, sizeof(index));
	else
		status = cmac_first(d, index);
	if (status != PSA_SUCCESS)
		return status;
	memcpy(p->t, p->u, p->block_len);
	p->index = next;
	p->left = inputs(d)->input_cost - 1;
	return PSA_SUCCESS;
}

static psa_status_t iterate(struct crypto_derivation *d, uint64_t count)
{
	struct crypto_pbkdf2 *p = d->pbkdf2;
	psa_status_t status = PSA_SUCCESS;

	for (; count && status == PSA_SUCCESS; count--, p->left--) {
		if (is_hmac(d)) {
			status = hmac(p, p->u, p->block_len, NULL, 0);
		} else {
			for (size_t i = 0; i < CMAC_LEN; i++)
				p->u[i] ^= p->subkey[i];
			if (mbedtls_aes_crypt_ecb(&p->aes, MBEDTLS_AES_ENCRYPT, p->u, p->u))
				status = PSA_ERROR_CORRUPTION_DETECTED;
		}
		for (size_t i = 0; i < p->block_len; i++)
			p->t[i] ^= p->u[i];
	}
	return status;
}

/* One more block, or OPERATION_INCOMPLETE; in any case some iterations, so that there is an end. */
static psa_status_t block_make(struct crypto_derivation *d, const struct crypto_slice *slice)
{
	struct crypto_pbkdf2 *p = d->pbkdf2;
	psa_status_t status = PSA_SUCCESS;

	if (!p->index)
		status = block_begin(d);
	do {
		if (status == PSA_SUCCESS)
			status = iterate(d, p->left < ITERATIONS_AT_ONCE ? p->left :
									   ITERATIONS_AT_ONCE);
	} while (status == PSA_SUCCESS && p->left && !crypto_slice_over(slice));
	if (status != PSA_SUCCESS)
		return status;
	if (p->left)
		return PSA_OPERATION_INCOMPLETE;
	memcpy(p->blocks[p->ahead++], p->t, p->block_len);
	p->last = p->index;
	p->index = 0;
	return PSA_SUCCESS;
}

/* Bytes of the block that Mbed TLS's operation is at. */
static size_t front(struct crypto_derivation *d)
{
	return inputs(d)->state == PSA_PBKDF2_STATE_OUTPUT ?
		       d->pbkdf2->block_len - inputs(d)->bytes_used :
		       0;
}

/* Makes blocks until @len bytes are there. */
static psa_status_t prepare(struct crypto_derivation *d, size_t len,
			    const struct crypto_slice *slice)
{
	psa_status_t status = PSA_SUCCESS;

	while (status == PSA_SUCCESS && front(d) + d->pbkdf2->ahead * d->pbkdf2->block_len < len) {
		if (crypto_slice_over(slice))
			return PSA_OPERATION_INCOMPLETE;
		status = block_make(d, slice);
	}
	return status;
}

/* Hands @len bytes out that are there. */
static psa_status_t take(struct crypto_derivation *d, uint8_t *out, size_t len)
{
	struct crypto_pbkdf2 *p = d->pbkdf2;
	psa_status_t status = PSA_SUCCESS;

	while (len && status == PSA_SUCCESS) {
		size_t part = front(d);

		if (!part) {
			memcpy(inputs(d)->output_block, p->blocks[0], p->block_len);
			p->ahead--;
			memmove(p->blocks[0], p->blocks[1], p->ahead * sizeof(p->blocks[0]));
			inputs(d)->state = PSA_PBKDF2_STATE_OUTPUT;
			inputs(d)->bytes_used = 0;
			inputs(d)->block_number++;
			part = p->block_len;
		}
		if (part > len)
			part = len;
		status = psa_key_derivation_output_bytes(&d->psa, out, part);
		out += part;
		len -= part;
	}
	return status;
}

/* Is it at the point where output is due, and is there so much? Mbed TLS knows what else to say. */
static bool is_due(struct crypto_derivation *d, size_t len)
{
	return d->psa.alg && len && len <= d->psa.capacity &&
	       (inputs(d)->state == PSA_PBKDF2_STATE_PASSWORD_SET ||
		inputs(d)->state == PSA_PBKDF2_STATE_OUTPUT);
}

/* What an iteration takes in units of SHA-256's: processors have instructions for few hashes. */
static uint64_t weight(const struct crypto_derivation *d)
{
	if (!is_hmac(d) || PSA_HASH_LENGTH(hash_of(d)) <= 32)
		return PSA_HASH_BLOCK_LENGTH(hash_of(d)) > 128 ? 16 : 1;
	return PSA_HASH_BLOCK_LENGTH(hash_of(d)) == 128 ? 4 : 16;
}

/* Can more than what is kept of finished blocks be calculated in one call? */
static bool is_cheap(struct crypto_derivation *d, size_t len)
{
	const uint64_t blocks = len / d->pbkdf2->block_len + 1;
	const uint64_t first = inputs(d)->salt_length / 64 + 4;

	return inputs(d)->input_cost <= AT_ONCE_MAX &&
	       blocks * (inputs(d)->input_cost + first) * weight(d) <= AT_ONCE_MAX;
}

static psa_status_t output_at_once(struct crypto_derivation *d, uint8_t *out, size_t len)
{
	psa_status_t status = PSA_SUCCESS;

	if (!is_cheap(d, len))
		return PSA_ERROR_NOT_SUPPORTED;
	while (len && status == PSA_SUCCESS) {
		const size_t part = len < d->pbkdf2->block_len ? len : d->pbkdf2->block_len;

		status = prepare(d, part, NULL);
		if (status == PSA_SUCCESS)
			status = take(d, out, part);
		out += part;
		len -= part;
	}
	return status;
}

psa_status_t crypto_pbkdf2_output(struct crypto_derivation *d, uint8_t *out, size_t len,
				  const struct crypto_slice *slice)
{
	psa_status_t status;

	if (!is_due(d, len))
		return psa_key_derivation_output_bytes(&d->psa, out, len);
	status = start(d);
	if (status != PSA_SUCCESS)
		return status;
	if (len > BLOCKS_AHEAD * d->pbkdf2->block_len)
		return output_at_once(d, out, len);
	status = prepare(d, len, slice);
	return status == PSA_SUCCESS ? take(d, out, len) : status;
}

/* Adds one to a number, big-endian. */
static void increment(uint8_t *number, size_t len)
{
	while (len-- && !++number[len])
		;
}

/* Would any good key of these attributes be taken? The smallest one on a curve is good. */
static psa_status_t check_curve(const psa_key_attributes_t *attributes, size_t len)
{
	psa_key_attributes_t probe = *attributes;
	mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
	uint8_t one[PSA_BITS_TO_BYTES(PSA_VENDOR_ECC_MAX_CURVE_BITS)] = { 0 };
	psa_status_t status;

	if (len > sizeof(one))
		return PSA_ERROR_NOT_SUPPORTED;
	one[len - 1] = 1;
	psa_set_key_lifetime(&probe, PSA_KEY_LIFETIME_VOLATILE);
	status = psa_import_key(&probe, one, len, &key);
	(void)psa_destroy_key(key);
	return status;
}

/* PSA Crypto API, psa_key_derivation_output_key(), keys on Weierstrass curves. */
static psa_status_t weierstrass_key(struct crypto_derivation *d,
				    const psa_key_attributes_t *attributes, uint8_t *data,
				    size_t len, const struct crypto_slice *slice,
				    mbedtls_svc_key_id_t *key)
{
	const size_t bits = psa_get_key_bits(attributes);
	psa_status_t status = check_curve(attributes, len);

	if (status != PSA_SUCCESS)
		return status;
	for (int i = 0; i < CANDIDATES_MAX; i++) {
		status = crypto_pbkdf2_output(d, data, len, slice);
		if (status != PSA_SUCCESS)
			return status;
		if (bits % 8)
			data[0] &= (uint8_t)((1u << bits % 8) - 1);
		increment(data, len);
		status = psa_import_key(attributes, data, len, key);
		if (status != PSA_ERROR_INVALID_ARGUMENT)
			return status;
	}
	return status;
}

/* What makes the bytes a key of their type. */
static void shape(psa_key_type_t type, uint8_t *data, size_t len)
{
	if (type == PSA_KEY_TYPE_DES) {
		for (size_t i = 0; i + MBEDTLS_DES_KEY_SIZE <= len; i += MBEDTLS_DES_KEY_SIZE)
			mbedtls_des_key_set_parity(data + i);
	} else if (PSA_KEY_TYPE_IS_ECC(type) && len == 32) {
		data[0] &= 248;
		data[31] = (data[31] & 127) | 64;
	} else if (PSA_KEY_TYPE_IS_ECC(type)) {
		data[0] &= 252;
		data[len - 1] |= 128;
	}
}

static psa_status_t check_key(const struct crypto_derivation *d,
			      const psa_key_attributes_t *attributes)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	const size_t bits = psa_get_key_bits(attributes);

	if (!bits)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (bits > PSA_MAX_KEY_BITS)
		return PSA_ERROR_NOT_SUPPORTED;
	if (!d->psa.alg)
		return PSA_ERROR_BAD_STATE;
	if (!d->psa.can_output_key)
		return PSA_ERROR_NOT_PERMITTED;
	if (PSA_KEY_TYPE_IS_PUBLIC_KEY(type))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (PSA_KEY_TYPE_IS_ECC(type)) {
		if (PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_MONTGOMERY && bits != 255 &&
		    bits != 448)
			return PSA_ERROR_INVALID_ARGUMENT;
		return PSA_SUCCESS;
	}
	if (!PSA_KEY_TYPE_IS_UNSTRUCTURED(type))
		return PSA_ERROR_NOT_SUPPORTED;
	return bits % 8 ? PSA_ERROR_INVALID_ARGUMENT : PSA_SUCCESS;
}

psa_status_t crypto_pbkdf2_output_key(struct crypto_derivation *d,
				      const psa_key_attributes_t *attributes,
				      const struct crypto_slice *slice, mbedtls_svc_key_id_t *key)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	const size_t len = PSA_BITS_TO_BYTES(psa_get_key_bits(attributes));
	psa_status_t status = check_key(d, attributes);
	uint8_t *data;

	if (status != PSA_SUCCESS)
		return status;
	data = calloc(1, len);
	if (!data)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	if (PSA_KEY_TYPE_IS_ECC(type) &&
	    PSA_KEY_TYPE_ECC_GET_FAMILY(type) != PSA_ECC_FAMILY_MONTGOMERY) {
		status = weierstrass_key(d, attributes, data, len, slice, key);
	} else {
		status = crypto_pbkdf2_output(d, data, len, slice);
		shape(type, data, len);
		if (status == PSA_SUCCESS)
			status = psa_import_key(attributes, data, len, key);
	}
	secure_wipe(data, len);
	free(data);
	return status;
}
