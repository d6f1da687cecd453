// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: random bytes. No state. */
#include <string.h>

#include "call.h"

psa_status_t psa_generate_random(uint8_t *output, size_t output_size)
{
	struct crypto_request req;
	psa_status_t status;
	size_t done = 0;

	do {
		const size_t rest = crypto_chunk(output_size - done);
		size_t got;

		crypto_request_init(&req, CRYPTO_GENERATE_RANDOM);
		crypto_request_u32(&req, (uint32_t)rest);
		status = crypto_call_record(&req, output_size ? output + done : NULL, rest, rest,
					    &got);
		if (req.too_long)
			continue;
		if (status == PSA_SUCCESS && got != rest)
			status = crypto_malformed(&req);
		if (status != PSA_SUCCESS) {
			if (output_size && output)
				memset(output, 0, output_size);
			return status;
		}
		done += rest;
	} while (done < output_size);
	return PSA_SUCCESS;
}

/* The partition's generator is not its clients' to control. */

psa_status_t psa_random_reseed(const uint8_t *perso, size_t perso_size)
{
	(void)perso;
	(void)perso_size;
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t psa_random_deplete(void)
{
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t psa_random_set_prediction_resistance(unsigned enabled)
{
	(void)enabled;
	return PSA_ERROR_NOT_SUPPORTED;
}
