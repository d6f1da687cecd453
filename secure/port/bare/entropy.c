// SPDX-License-Identifier: BSD-3-Clause
/*
 * Entropy from the board, or else from RNDRRS (FEAT_RNG): each word comes from the processor's
 * generator right after a reseed from its entropy source. Whether the processor has the register
 * is for the manifest to say: where it is missing the access stops the partition, and the ID
 * registers are out of reach.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/board.h>
#include <secure/port/entropy.h>
#include <secure/port/log.h>
#include <stdbool.h>
#include <string.h>

#ifdef BOARD_ENTROPY

static const char *fill(uint8_t *out, size_t len)
{
	return BOARD_ENTROPY(out, len) ? "the board's source fails" : NULL;
}

#else

/*
 * The register fails when the source can't keep up, for a while if other processors draw
 * from it too. Failures that go on for so many reads, each of some 0.1 us at least, are for good.
 */
#define ATTEMPTS_MAX 100000u

/* N, Z, C and V are 0 after a success; Z alone is 1, and the value 0, after a failure. */
static bool read_rndrrs(uint64_t *value)
{
	uint64_t success;

	__asm__ volatile("mrs %0, s3_3_c2_c4_1\n\t"
			 "cset %1, ne"
			 : "=r"(*value), "=r"(success)
			 :
			 : "cc");
	return success;
}

static bool read_word(uint64_t *value)
{
	for (uint32_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		if (read_rndrrs(value))
			return true;
		__asm__ volatile("yield");
	}
	return false;
}

static const char *fill(uint8_t *out, size_t len)
{
	const char *error = NULL;
	uint64_t value = 0;

	if (!boot_has_rndr())
		return "no source: tstee,entropy = \"rndr\"; isn't in the manifest (FEAT_RNG)";
	while (len && !error) {
		const size_t part = len < sizeof(value) ? len : sizeof(value);

		if (read_word(&value))
			memcpy(out, &value, part);
		else
			error = "RNDRRS fails all the time";
		out += part;
		len -= part;
	}
	/* The compiler must not see that nobody reads it again. */
	value = 0;
	__asm__ volatile("" : : "r"(&value) : "memory");
	return error;
}

#endif

int port_entropy(uint8_t *out, size_t len)
{
	static bool told;
	const char *error = fill(out, len);

	if (!error)
		return 0;
	memset(out, 0, len);
	if (!told)
		log_line("entropy: %s", error);
	told = true;
	return -1;
}
