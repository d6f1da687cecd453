// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the template board has in hardware: a generator of random bytes, and fuses for the life cycle and the
 * unique key, as words that can be read. Regions are those of the manifests.
 */
#include <board.h>
#include <secure/port/bare/boot.h>
#include <secure/port/bare/entropy_mmio.h>
#include <string.h>
#include <tstee/attestation.h>

/* Offsets of the fuses. */
#define FUSE_LIFECYCLE	0x00
#define FUSE_UNIQUE_KEY 0x20

static const volatile uint32_t *fuses(void)
{
	void *base;
	size_t len;

	return boot_device_region("fuses", &base, &len) ? NULL : base;
}

/* Each state burns one more bit. A board whose fuses can't be read is in no known state. */
uint16_t board_lifecycle(void)
{
	const volatile uint32_t *words = fuses();
	uint32_t burnt;

	if (!words)
		return ATTESTATION_LIFECYCLE_UNKNOWN;
	burnt = words[FUSE_LIFECYCLE / sizeof(*words)];
	if (burnt & 0x8)
		return ATTESTATION_LIFECYCLE_DECOMMISSIONED;
	if (burnt & 0x4)
		return ATTESTATION_LIFECYCLE_SECURED;
	if (burnt & 0x2)
		return ATTESTATION_LIFECYCLE_ROT_PROVISIONING;
	return ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST;
}

int board_entropy(uint8_t *out, size_t len)
{
	static const struct entropy_mmio regs = {
		.enable = 0x00,
		.enable_value = 0x1,
		.status = 0x04,
		.ready = 0x1,
		.failed = 0x6,
		.data = 0x08,
	};
	void *base;
	size_t size;

	if (boot_device_region("trng", &base, &size))
		return -1;
	return entropy_mmio(base, &regs, out, len);
}

int board_device_key(uint8_t key[32])
{
	const volatile uint32_t *words = fuses();

	if (!words)
		return -1;
	for (size_t i = 0; i < 32 / sizeof(*words); i++) {
		const uint32_t word = words[FUSE_UNIQUE_KEY / sizeof(*words) + i];

		memcpy(key + i * sizeof(word), &word, sizeof(word));
	}
	return 0;
}
