// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of attestation tokens as a verifier reads them, and of the event log that their
 * components come from. The first byte says what the rest is: a token, changes to one that the
 * service writes, or a log.
 */
#include <secure/service/attestation_token.h>
#include <secure/service/event_log.h>
#include <stdlib.h>
#include <string.h>
#include <token.h>

#define COMPONENTS 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void inside(const struct token_string *string, const uint8_t *data, size_t len)
{
	if (string->data)
		require(string->data >= data && string->len <= len &&
			(size_t)(string->data - data) <= len - string->len);
}

/* What is taken for a token has all of its claims, within the bytes; and nobody has signed it. */
static void read_token(const uint8_t *data, size_t len)
{
	/* RFC 6979, A.2.5: a key of which no token here is. */
	static const uint8_t point[ES256_POINT_LEN] =
		"\x04\x60\xfe\xd4\xba\x25\x5a\x9d\x31\xc9\x61\xeb\x74\xc6\x35\x6d\x68"
		"\xc0\x49\xb8\x92\x3b\x61\xfa\x6c\xe6\x69\x62\x2e\x60\xf2\x9f\xb6"
		"\x79\x03\xfe\x10\x08\xb8\xbc\x99\xa4\x1a\xe9\xe9\x56\x28\xbc\x64"
		"\xf2\xf1\xb2\x0c\x2d\x7e\x9f\x51\x77\xa3\xc2\x94\xd4\x46\x22\x99";
	static struct token token;

	if (token_parse(data, len, &token))
		return;
	require(attestation_challenge_valid(token.challenge.len));
	require(token.instance_id.len == ATTESTATION_INSTANCE_LEN);
	require(token.signature.len == ATTESTATION_SIGNATURE_LEN);
	require(token.component_count <= TOKEN_COMPONENTS_MAX);
	inside(&token.challenge, data, len);
	inside(&token.boot_seed, data, len);
	inside(&token.implementation_id, data, len);
	inside(&token.instance_id, data, len);
	inside(&token.protected_header, data, len);
	inside(&token.payload, data, len);
	inside(&token.signature, data, len);
	for (size_t i = 0; i < token.component_count; i++) {
		inside(&token.components[i].type, data, len);
		inside(&token.components[i].value, data, len);
		inside(&token.components[i].version, data, len);
		inside(&token.components[i].signer_id, data, len);
	}
	require(!token_verify(&token, point));
}

/* A token of the service: its length. */
static size_t write_token(uint8_t *out, size_t size, enum attestation_profile profile)
{
	static const struct attestation_component components[2] = {
		{ .type = "BL_31", .version = "1.0", .value = { 1 } },
		{ .type = "BL_32", .value = { 2 } },
	};
	static const struct attestation_platform platform = {
		.components = components,
		.component_count = 2,
		.implementation_id = "it",
		.verification_service = "v",
	};
	static const uint8_t bytes[64] = { 1 };
	static uint8_t input_bytes[2048];
	const struct attestation_claims claims = {
		.profile = profile,
		.client_id = -5,
		.challenge = bytes,
		.challenge_len = ATTESTATION_CHALLENGE_32,
		.boot_seed = bytes,
		.instance_id = bytes,
		.platform = &platform,
	};
	struct attestation_input input;
	size_t len;

	require(attestation_token_input(&claims, input_bytes, sizeof(input_bytes), &input));
	require(attestation_token_write(&input, bytes, out, size, &len));
	return len;
}

/* Each three bytes of the input are an offset and a change; the last may cut it off. */
static void read_changed_token(const uint8_t *data, size_t size, enum attestation_profile profile)
{
	uint8_t bytes[2048], *token;
	size_t len = write_token(bytes, sizeof(bytes), profile);

	if (size % 3 == 1)
		len = len * data[size - 1] / 255;
	/* A few only: of many changes nothing is read. */
	for (size_t i = 0; i + 3 <= size && i < 12 && len; i += 3)
		bytes[(data[i] << 8 | data[i + 1]) % len] ^= data[i + 2];
	/* Of its own, to catch reads beyond it. */
	token = malloc(len + 1);
	if (!token)
		return;
	memcpy(token, bytes, len);
	read_token(token, len);
	free(token);
}

static void read_log(const uint8_t *data, size_t size)
{
	struct attestation_component components[COMPONENTS];
	size_t count = COMPONENTS + 1;
	int rc = event_log_read(data, size, components, COMPONENTS, &count);

	require(count <= COMPONENTS && (!rc || !count));
	for (size_t i = 0; i < count; i++)
		require(memchr(components[i].type, 0, sizeof(components[i].type)));
}

/* What is behind the event that says that digests are SHA-256. */
static void read_log_behind_head(const uint8_t *data, size_t size)
{
	static const uint8_t head[] = "\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				      "\x21\0\0\0Spec ID Event03\0\0\0\0\0\0\2\0\2"
				      "\1\0\0\0\x0b\0\x20\0";
	uint8_t *log = malloc(sizeof(head) + size);

	if (!log)
		return;
	/* The NUL at its end is the length of what the vendor says. */
	memcpy(log, head, sizeof(head));
	memcpy(log + sizeof(head), data, size);
	read_log(log, sizeof(head) + size);
	free(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 5) {
	case 0:
		read_token(data + 1, size - 1);
		break;
	case 1:
		read_changed_token(data + 1, size - 1, ATTESTATION_PROFILE_LEGACY);
		break;
	case 2:
		read_changed_token(data + 1, size - 1, ATTESTATION_PROFILE_RFC9783);
		break;
	case 3:
		read_log(data + 1, size - 1);
		break;
	case 4:
		read_log_behind_head(data + 1, size - 1);
		break;
	}
	return 0;
}
