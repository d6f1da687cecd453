// SPDX-License-Identifier: BSD-3-Clause
/* What protected storage seals with: the engine. */
#include <secure/engine/engine.h>
#include <secure/engine/storage.h>
#include <secure/service/sealing.h>

_Static_assert(SEALING_KEY_LEN == ENGINE_CHACHA_KEY_LEN &&
		       SEALING_TAG_LEN == ENGINE_CHACHA_TAG_LEN &&
		       SEALING_NONCE_LEN == ENGINE_CHACHA_NONCE_LEN,
	       "one cipher");

void sealing_init(void (*log)(const char *line), _Bool (*has)(const char *feature))
{
	engine_init(&(const struct engine_host){ .log = log, .has = has });
}

static struct engine_chacha chacha_of(const struct sealing *what)
{
	return (struct engine_chacha){ what->key, what->nonce, what->ad, what->ad_len,
				       what->in,  what->out,   what->len };
}

int sealing_seal(const struct sealing *what, uint8_t tag[SEALING_TAG_LEN])
{
	const struct engine_chacha chacha = chacha_of(what);

	return engine_chacha_seal(&chacha, tag) == PSA_SUCCESS ? 0 : -1;
}

int sealing_open(const struct sealing *what, const uint8_t tag[SEALING_TAG_LEN])
{
	const struct engine_chacha chacha = chacha_of(what);

	return engine_chacha_open(&chacha, tag) == PSA_SUCCESS ? 0 : -1;
}
