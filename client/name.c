// SPDX-License-Identifier: BSD-3-Clause
/* Names and UUIDs of services: owns the table of those that are known. No state. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <tstee.h>
#include <tstee/services.h>

#include "error.h"

#define AUTHORITY "trustedfirmware.org"

static const struct {
	const char *name;
	const char *short_name; /* or NULL */
	struct tstee_uuid uuid;
} services[] = {
	{ "internal-trusted-storage", "its", { TSTEE_ITS_UUID_BYTES } },
	{ "protected-storage", "ps", { TSTEE_PS_UUID_BYTES } },
	{ "crypto", NULL, { TSTEE_CRYPTO_UUID_BYTES } },
	{ "crypto-protobuf", NULL, { TSTEE_CRYPTO_PROTOBUF_UUID_BYTES } },
	{ "attestation", NULL, { TSTEE_ATTESTATION_UUID_BYTES } },
	{ "block-storage", NULL, { TSTEE_BLOCK_STORAGE_UUID_BYTES } },
	{ "fwu", NULL, { TSTEE_FWU_UUID_BYTES } },
	{ "test-runner", NULL, { TSTEE_TEST_RUNNER_UUID_BYTES } },
	{ "rpmb", NULL, { TSTEE_RPMB_UUID_BYTES } },
	{ "admin", NULL, { TSTEE_ADMIN_UUID_BYTES } },
};

#define SERVICE_COUNT (sizeof(services) / sizeof(services[0]))

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Without a message: a name that isn't a UUID can still be something else. */
static bool uuid_from_text(const char *text, struct tstee_uuid *uuid)
{
	struct tstee_uuid out;

	for (size_t i = 0; i < sizeof(out.bytes); i++) {
		int high, low;

		if (i == 4 || i == 6 || i == 8 || i == 10) {
			if (*text++ != '-')
				return false;
		}
		high = hex_digit(text[0]);
		if (high < 0)
			return false;
		low = hex_digit(text[1]);
		if (low < 0)
			return false;
		out.bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return false;
	*uuid = out;
	return true;
}

int tstee_uuid_parse(const char *text, struct tstee_uuid *uuid)
{
	if (!text || !uuid || !uuid_from_text(text, uuid))
		return error_set(EINVAL, "write it as 8-4-4-4-12 hexadecimal digits",
				 "%.64s: not a UUID", text ? text : "(null)");
	return 0;
}

void tstee_uuid_format(const struct tstee_uuid *uuid, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digits[uuid->bytes[i] >> 4];
		*text++ = digits[uuid->bytes[i] & 0xf];
	}
	*text = '\0';
}

static bool service_from_name(const char *name, size_t len, bool short_too, struct tstee_uuid *uuid)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const char *shorter = services[i].short_name;

		if ((strlen(services[i].name) == len && !memcmp(services[i].name, name, len)) ||
		    (short_too && shorter && strlen(shorter) == len &&
		     !memcmp(shorter, name, len))) {
			*uuid = services[i].uuid;
			return true;
		}
	}
	return false;
}

/* sn:<authority>:<service>[.<version>]:<instance> */
static bool service_from_locator(const char *name, struct tstee_uuid *uuid)
{
	size_t len;

	if (strncmp(name, AUTHORITY ":", strlen(AUTHORITY ":")) != 0)
		return false;
	name += strlen(AUTHORITY ":");
	len = strcspn(name, ".:");
	if (!service_from_name(name, len, false, uuid))
		return false;
	name += len;
	if (*name == '.') {
		len = strspn(name, ".0123456789");
		if (len < 2)
			return false;
		name += len;
	}
	if (*name++ != ':')
		return false;
	len = strspn(name, "0123456789");
	return len > 0 && name[len] == '\0';
}

int tstee_service_parse(const char *name, struct tstee_uuid *uuid)
{
	const char *locator = name;
	struct tstee_uuid out;

	if (!name || !uuid)
		return error_set(EINVAL, NULL, "no service name");
	if (!strncmp(locator, "urn:", 4))
		locator += 4;
	if (!strncmp(locator, "sn:", 3) ? service_from_locator(locator + 3, &out) :
					  service_from_name(name, strlen(name), true, &out) ||
						  uuid_from_text(name, &out)) {
		*uuid = out;
		return 0;
	}
	return error_set(EINVAL, "use a name such as internal-trusted-storage, or a UUID",
			 "%.64s: unknown service", name);
}

const char *tstee_service_name(unsigned int index, struct tstee_uuid *uuid)
{
	if (index >= SERVICE_COUNT)
		return NULL;
	if (uuid)
		*uuid = services[index].uuid;
	return services[index].name;
}
