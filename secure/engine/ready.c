// SPDX-License-Identifier: BSD-3-Clause
/* The engine's beginning, and the test of each family before it is used. */
#include <openssl/crypto.h>
#include <secure/engine/internal.h>

static void (*log_line)(const char *line);

void engine_init(const struct engine_host *host)
{
	log_line = host->log;
	engine_platform_init(host);
	CRYPTO_library_init();
}

static void log_failure(const char *name)
{
	static const char text[] = "engine: known answers are wrong, it is refused: ";
	char line[sizeof(text) + 24];
	size_t len = sizeof(text) - 1;

	for (size_t i = 0; i < len; i++)
		line[i] = text[i];
	while (*name && len < sizeof(line) - 1)
		line[len++] = *name++;
	line[len] = '\0';
	if (log_line)
		log_line(line);
}

psa_status_t engine_try(struct engine_test *test, enum engine_family family)
{
	if (test->state == ENGINE_UNTESTED) {
		const bool good = test->run(family) && !test->broken;

		test->state = good ? ENGINE_GOOD : ENGINE_BAD;
		if (!good)
			log_failure(test->name);
	}
	engine_error_clear();
	return test->state == ENGINE_GOOD ? PSA_SUCCESS : PSA_ERROR_HARDWARE_FAILURE;
}

psa_status_t engine_failed(psa_status_t status)
{
	return engine_error_memory() ? PSA_ERROR_INSUFFICIENT_MEMORY : status;
}
