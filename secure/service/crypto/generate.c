// SPDX-License-Identifier: BSD-3-Clause
/*
 * RSA keys, whose primes are searched for in slices: a call that finds none in time answers
 * OPERATION_INCOMPLETE and keeps what it has for the caller's next one of the same content.
 * How it is kept: an item of the caller's, CRYPTO_KIND_GENERATION.
 */
#include "internal.h"
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <secure/wipe.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_EXPONENT 65537u

/* More than RSAPrivateKey of the longest modulus takes (nine numbers, headers), bytes. */
#define DER_MAX (9 * PSA_VENDOR_RSA_MAX_KEY_BITS / 16 + 128)

/* FIPS 186-5, A.1.3, step 5.4: |p - q| > 2^(bits / 2 - 100) */
#define CLOSE_BITS 100u

static int random_bytes(void *ctx, unsigned char *out, size_t len)
{
	(void)ctx;
	return psa_generate_random(out, len) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_RSA_RNG_FAILED;
}

/* Rounds of Miller and Rabin's test for an error below 2^-100: HAC, fact 4.48. */
static unsigned int rounds_of(size_t bits)
{
	static const struct {
		size_t bits;
		unsigned int rounds;
	} table[] = { { 1450, 4 }, { 1150, 5 }, { 1000, 6 }, { 850, 7 }, { 750, 8 }, { 0, 13 } };
	size_t i = 0;

	while (bits < table[i].bits)
		i++;
	return table[i].rounds;
}

static bool have_common_factor(mbedtls_mpi_uint a, mbedtls_mpi_uint b)
{
	while (b) {
		const mbedtls_mpi_uint rest = a % b;

		a = b;
		b = rest;
	}
	return a != 1;
}

/* A number that may be prime: @bits long, odd, and so large that the product of two is full. */
static int candidate_draw(mbedtls_mpi *p, size_t bits, uint32_t exponent)
{
	mbedtls_mpi_uint rest;
	int err;

	do {
		err = mbedtls_mpi_fill_random(p, (bits + 7) / 8, random_bytes, NULL);
		if (!err && bits % 8)
			err = mbedtls_mpi_shift_r(p, 8 - bits % 8);
		if (!err)
			err = mbedtls_mpi_set_bit(p, bits - 1, 1);
		if (!err)
			err = mbedtls_mpi_set_bit(p, bits - 2, 1);
		if (!err)
			err = mbedtls_mpi_set_bit(p, 0, 1);
		if (!err)
			err = mbedtls_mpi_mod_int(&rest, p, (mbedtls_mpi_sint)exponent);
		/* FIPS 186-5, A.1.3, step 4.5: p - 1 and the exponent. */
	} while (!err && have_common_factor(exponent, rest ? rest - 1 : exponent - 1));
	return err;
}

/* One step of the search for p: 1 if it is found, 0 if not yet, or an error of Mbed TLS. */
static int prime_step(struct crypto_generation *g)
{
	const size_t bits = g->attributes.key_bits / 2;
	int err = 0;

	if (!g->rounds)
		err = candidate_draw(&g->p, bits, g->exponent);
	if (!err)
		err = mbedtls_mpi_is_prime_ext(&g->p, 1, random_bytes, NULL);
	if (err == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) {
		g->rounds = 0;
		return 0;
	}
	if (err)
		return err;
	if (++g->rounds < rounds_of(bits))
		return 0;
	g->rounds = 0;
	return 1;
}

static bool too_close(const struct crypto_generation *g)
{
	mbedtls_mpi difference;
	bool close = true;

	mbedtls_mpi_init(&difference);
	if (!mbedtls_mpi_sub_mpi(&difference, &g->p, &g->q))
		close = mbedtls_mpi_bitlen(&difference) + CLOSE_BITS <= g->attributes.key_bits / 2;
	mbedtls_mpi_free(&difference);
	return close;
}

/* Both primes, or OPERATION_INCOMPLETE when the slice is over. */
static psa_status_t search(struct crypto_generation *g, const struct crypto_slice *slice)
{
	int found;

	do {
		found = prime_step(g);
		if (found < 0)
			return found == MBEDTLS_ERR_RSA_RNG_FAILED ?
				       PSA_ERROR_INSUFFICIENT_ENTROPY :
				       PSA_ERROR_INSUFFICIENT_MEMORY;
		if (found && mbedtls_mpi_cmp_int(&g->q, 0) && !too_close(g))
			return PSA_SUCCESS;
		if (found)
			mbedtls_mpi_swap(&g->p, &g->q);
	} while (!crypto_slice_over(slice));
	return PSA_OPERATION_INCOMPLETE;
}

/* Makes the rest of the key of its primes: 0 or an error of Mbed TLS. */
static int complete(struct crypto_generation *g, mbedtls_rsa_context *rsa)
{
	mbedtls_mpi e;
	int err;

	if (mbedtls_mpi_cmp_mpi(&g->p, &g->q) < 0)
		mbedtls_mpi_swap(&g->p, &g->q);
	mbedtls_mpi_init(&e);
	err = mbedtls_mpi_lset(&e, (mbedtls_mpi_sint)g->exponent);
	if (!err)
		err = mbedtls_rsa_import(rsa, NULL, &g->p, &g->q, NULL, &e);
	if (!err)
		err = mbedtls_rsa_complete(rsa);
	if (!err)
		err = mbedtls_rsa_check_privkey(rsa);
	mbedtls_mpi_free(&e);
	return err;
}

/* The key in its export format, at the end of @buf; a length, or an error of Mbed TLS. */
static int write_der(struct crypto_generation *g, uint8_t *buf, size_t size)
{
	mbedtls_pk_context pk;
	int ret;

	mbedtls_pk_init(&pk);
	ret = mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA));
	if (!ret)
		ret = complete(g, mbedtls_pk_rsa(pk));
	if (!ret)
		ret = mbedtls_pk_write_key_der(&pk, buf, size);
	mbedtls_pk_free(&pk);
	return ret;
}

static enum ts_rpc_status finish(struct crypto *crypto, const struct rpc_caller *caller,
				 struct crypto_operation *op, struct writer *resp,
				 psa_status_t *status)
{
	const struct crypto_attributes attributes = op->generation.attributes;
	enum ts_rpc_status rpc = TS_RPC_SUCCESS;
	uint8_t *buf = calloc(1, DER_MAX);
	struct crypto_key_data der;
	int len;

	len = buf ? write_der(&op->generation, buf, DER_MAX) : MBEDTLS_ERR_MPI_ALLOC_FAILED;
	/* What it keeps is of no use from here on, and room is. */
	(void)crypto_operation_abort(op);
	if (len > 0) {
		der.bytes = buf + DER_MAX - len;
		der.len = (size_t)len;
		rpc = crypto_key_make(crypto, caller, &attributes, crypto_import, &der, resp,
				      status);
	} else {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	if (buf)
		secure_wipe(buf, DER_MAX);
	free(buf);
	return rpc;
}

void crypto_generation_free(struct crypto_generation *g)
{
	mbedtls_mpi_free(&g->p);
	mbedtls_mpi_free(&g->q);
}

/* What an earlier call of the same content left. */
static struct crypto_operation *unfinished(struct crypto *crypto, const struct rpc_caller *caller,
					   const struct crypto_attributes *a, uint32_t exponent)
{
	struct crypto_item *item = crypto_client_find(crypto, caller)->items;

	for (; item; item = item->next) {
		struct crypto_operation *op = (struct crypto_operation *)item;

		if (item->kind == CRYPTO_KIND_GENERATION && op->generation.exponent == exponent &&
		    !memcmp(&op->generation.attributes, a, sizeof(*a)))
			return (struct crypto_operation *)crypto_item_find(
				crypto, caller, CRYPTO_KIND_GENERATION, item->id);
	}
	return NULL;
}

static psa_status_t check(const struct crypto_attributes *a, const uint8_t *exponent, size_t len)
{
	if (!a->key_bits)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (a->key_bits > PSA_VENDOR_RSA_MAX_KEY_BITS ||
	    a->key_bits < PSA_VENDOR_RSA_GENERATE_MIN_KEY_BITS || a->key_bits % 8)
		return PSA_ERROR_NOT_SUPPORTED;
	return len ? crypto_judge_exponent(exponent, len) : PSA_SUCCESS;
}

enum ts_rpc_status crypto_generate_rsa(struct crypto *crypto, const struct rpc_caller *caller,
				       const struct crypto_attributes *a, const uint8_t *exponent,
				       size_t len, struct writer *resp, psa_status_t *status)
{
	const struct crypto_slice slice = crypto_slice_begin(crypto);
	uint32_t e = len ? 0 : DEFAULT_EXPONENT;
	struct crypto_operation *op;

	if (writer_room(resp) < sizeof(struct crypto_id))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = check(a, exponent, len);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	for (size_t i = 0; i < len; i++)
		e = e << 8 | exponent[i];

	op = unfinished(crypto, caller, a, e);
	if (!op) {
		op = crypto_operation_new(crypto, caller, CRYPTO_KIND_GENERATION);
		if (!op) {
			*status = PSA_ERROR_INSUFFICIENT_MEMORY;
			return TS_RPC_SUCCESS;
		}
		op->generation.attributes = *a;
		op->generation.exponent = e;
		mbedtls_mpi_init(&op->generation.p);
		mbedtls_mpi_init(&op->generation.q);
	}
	do {
		*status = search(&op->generation, &slice);
	} while (crypto_make_room(crypto, *status));
	if (*status == PSA_SUCCESS)
		return finish(crypto, caller, op, resp, status);
	if (*status != PSA_OPERATION_INCOMPLETE)
		(void)crypto_operation_abort(op);
	return TS_RPC_SUCCESS;
}
