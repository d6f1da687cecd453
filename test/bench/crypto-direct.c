// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Mbed TLS asks of its platform, for the benchmark that has it in its own process: the
 * partition's generator over the same source as in a world, and no storage.
 */
#include "measure.h"

#include <errno.h>
#include <psa/crypto.h>
#include <psa/internal_trusted_storage.h>
#include <secure/engine/engine.h>
#include <secure/service/crypto/random.h>
#include <sys/random.h>

static int entropy(uint8_t *out, size_t len)
{
	return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

/* Before the first key, which may be the engine's to make. */
__attribute__((constructor)) static void start(void)
{
#ifdef TSTEE_ENGINE
	engine_init(&(const struct engine_host){ .random = psa_generate_random });
#endif
	if (random_init(entropy))
		die(random_error(), -EIO);
}

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
					     uint8_t *output, size_t output_size,
					     size_t *output_length)
{
	(void)context;
	*output_length = output_size;
	return random_get(output, output_size) ? PSA_ERROR_INSUFFICIENT_ENTROPY : PSA_SUCCESS;
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			 psa_storage_create_flags_t create_flags)
{
	(void)uid;
	(void)data_length;
	(void)p_data;
	(void)create_flags;
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			 size_t *p_data_length)
{
	(void)uid;
	(void)data_offset;
	(void)data_size;
	(void)p_data;
	*p_data_length = 0;
	return PSA_ERROR_DOES_NOT_EXIST;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	(void)uid;
	*p_info = (struct psa_storage_info_t){ 0 };
	return PSA_ERROR_DOES_NOT_EXIST;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
	(void)uid;
	return PSA_ERROR_DOES_NOT_EXIST;
}
