// SPDX-License-Identifier: BSD-3-Clause
/*
 * A partition of the parts that its build names: PARTITION_HOSTS_... for each, and PARTITION_UUID,
 * the image's UUID as the arguments of PARTITION_IMAGE().
 */
#include <secure/part/part.h>
#include <secure/port/partition.h>

#define IMAGE(...) PARTITION_IMAGE(__VA_ARGS__)
IMAGE(PARTITION_UUID);

static const struct part *const parts[] = {
#ifdef PARTITION_HOSTS_STORAGE
	&part_storage,
#endif
#ifdef PARTITION_HOSTS_CRYPTO
	&part_crypto,
#endif
#ifdef PARTITION_HOSTS_ATTESTATION
	&part_attestation,
#endif
};

/* As long as the longest: they take turns. */
static _Alignas(16) union {
#ifdef PARTITION_HOSTS_STORAGE
	uint8_t storage[2 * PART_STORAGE_MESSAGE_MAX];
#endif
#ifdef PARTITION_HOSTS_CRYPTO
	uint8_t crypto[2 * PART_CRYPTO_MESSAGE_MAX];
#endif
#ifdef PARTITION_HOSTS_ATTESTATION
	uint8_t attestation[2 * PART_ATTESTATION_MESSAGE_MAX];
#endif
} messages;

noreturn void partition_main(void)
{
	parts_serve(parts, sizeof(parts) / sizeof(parts[0]), &messages, sizeof(messages));
}
