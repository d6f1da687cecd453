/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine under the PSA core, seen by whoever hosts it. It is AWS-LC, which nobody else calls;
 * Mbed TLS's core asks it through driver.h.
 */
#ifndef SECURE_ENGINE_ENGINE_H
#define SECURE_ENGINE_ENGINE_H

#include <psa/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is tested, and refused, as one. */
enum engine_family {
	ENGINE_NONE,
	ENGINE_P256,
	ENGINE_P384,
	ENGINE_P521,
	ENGINE_X25519,
	ENGINE_ED25519,
	ENGINE_MLDSA44,
	ENGINE_MLDSA65,
	ENGINE_MLDSA87,
	ENGINE_MLKEM512,
	ENGINE_MLKEM768,
	ENGINE_MLKEM1024,
	ENGINE_RSA,
	ENGINE_SHA1,
	ENGINE_SHA256,
	ENGINE_SHA512,
	ENGINE_GCM,
	ENGINE_CHACHA,
	ENGINE_CIPHER,
	ENGINE_CMAC,
	ENGINE_PARTS,
	ENGINE_GENERATOR,
	ENGINE_FAMILIES,
};

/* What the engine asks its host for. */
struct engine_host {
	/* Told one line of text when a family fails its known answers; or NULL. */
	void (*log)(const char *line);
	/*
	 * Whether the processor has a feature, by Linux's name for it; or NULL: then the engine looks
	 * for itself, or at S-EL0 takes what it is compiled for.
	 */
	bool (*has)(const char *feature);
	/* @len random bytes; or NULL, for a host that makes no keys and signs nothing. */
	psa_status_t (*random)(uint8_t *out, size_t len);
};

/*
 * Starts it. Nothing is tested yet: each family is when it is needed first. Another call replaces the host, but
 * what the processor has is asked the first only.
 */
void engine_init(const struct engine_host *host);

/* For tests: @family is tested again when it is needed next; if it @is_broken, that fails. */
void engine_retest(enum engine_family family, bool is_broken);
/* For tests: is @everything left to the PSA core's own code? */
void engine_leave(bool everything);

#endif /* SECURE_ENGINE_ENGINE_H */
