// SPDX-License-Identifier: BSD-3-Clause
/* The event log of a software world's programs. See measure.h. */
#include "measure.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <mbedtls/sha256.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DIGEST_LEN   32u
#define SHA1_LEN     20u
#define ALG_SHA256   0x000bu
#define EV_POST_CODE 1u
#define EV_NO_ACTION 3u

/* What all partitions of a world and their manifests take, with long names. */
#define LOG_MAX 16384u

struct measure_log {
	size_t len;
	uint8_t bytes[LOG_MAX];
};

/* Table 20: what the log is, in the old format, for readers of that. */
struct spec_id_event {
	uint32_t pcr;
	uint32_t type;
	uint8_t digest[SHA1_LEN];
	uint32_t event_len;
	char signature[16];
	uint32_t platform_class;
	uint8_t version_minor;
	uint8_t version_major;
	uint8_t errata;
	uint8_t uintn_len; /* of 32 bits */
	uint32_t algorithm_count;
	uint16_t algorithm;
	uint16_t digest_len;
	uint8_t vendor_len;
} __attribute__((packed));

/* Section 9.2.2, TCG_PCR_EVENT2 with one digest; the name follows. */
struct event {
	uint32_t pcr;
	uint32_t type;
	uint32_t digest_count;
	uint16_t algorithm;
	uint8_t digest[DIGEST_LEN];
	uint32_t event_len;
} __attribute__((packed));

struct measure_log *measure_open(void)
{
	const struct spec_id_event head = {
		.type = htole32(EV_NO_ACTION),
		.event_len = htole32(sizeof(head) - offsetof(struct spec_id_event, signature)),
		.signature = "Spec ID Event03",
		.version_major = 2,
		.errata = 2,
		.uintn_len = 2,
		.algorithm_count = htole32(1),
		.algorithm = htole16(ALG_SHA256),
		.digest_len = htole16(DIGEST_LEN),
	};
	struct measure_log *log = malloc(sizeof(*log));

	if (log) {
		memcpy(log->bytes, &head, sizeof(head));
		log->len = sizeof(head);
	}
	return log;
}

void measure_close(struct measure_log *log)
{
	free(log);
}

static int hash_file(int fd, uint8_t digest[DIGEST_LEN])
{
	static const size_t block_len = 65536;
	mbedtls_sha256_context context;
	uint8_t *block = malloc(block_len);
	ssize_t len;
	int err;

	if (!block)
		return -ENOMEM;
	mbedtls_sha256_init(&context);
	err = mbedtls_sha256_starts(&context, 0);
	while (!err && (len = read(fd, block, block_len)) != 0)
		err = len < 0 ? -errno : mbedtls_sha256_update(&context, block, (size_t)len);
	if (!err)
		err = mbedtls_sha256_finish(&context, digest);
	mbedtls_sha256_free(&context);
	free(block);
	return err;
}

int measure_file(struct measure_log *log, const char *path, const char *name)
{
	const size_t name_len = strlen(name) + 1;
	struct event event = {
		.type = htole32(EV_POST_CODE),
		.digest_count = htole32(1),
		.algorithm = htole16(ALG_SHA256),
		.event_len = htole32((uint32_t)name_len),
	};
	int fd, err;

	if (name_len > LOG_MAX || sizeof(event) + name_len > LOG_MAX - log->len)
		return -ENOSPC;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = hash_file(fd, event.digest);
	close(fd);
	if (err)
		return err < 0 && err > -4096 ? err : -EIO;
	memcpy(log->bytes + log->len, &event, sizeof(event));
	memcpy(log->bytes + log->len + sizeof(event), name, name_len);
	log->len += sizeof(event) + name_len;
	return 0;
}

int measure_file_descriptor(const struct measure_log *log, size_t *len)
{
	char path[32];
	int fd, reader = -1, err = 0;

	fd = memfd_create("event-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (write(fd, log->bytes, log->len) != (ssize_t)log->len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)) {
		err = -EIO;
	} else {
		snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", fd);
		reader = open(path, O_RDONLY | O_CLOEXEC);
		if (reader < 0)
			err = -errno;
	}
	close(fd);
	*len = log->len;
	return err ? err : reader;
}
