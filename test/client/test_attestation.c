// SPDX-License-Identifier: BSD-3-Clause
/*
 * The attestation API over imitations of partitions: one that knows the vendor opcodes, one that
 * refuses them in either way that drivers have, and ones that answer nonsense.
 */
#include "test.h"

#include <errno.h>
#include <psa/initial_attestation.h>
#include <stdarg.h>
#include <string.h>
#include <tstee/attestation.h>
#include <tstee_attestation.h>

#include "error.h"

static int refusal; /* of vendor opcodes; 0: they are known */
static int open_error;
static int call_error;
static int32_t answer_status;
static uint8_t answer[ATTESTATION_TOKEN_MAX + 64];
static size_t answer_len;

static uint32_t opcodes[4];
static size_t call_count;
static uint8_t request[256];
static size_t request_len;

static const uint8_t challenge[64] = { 7 };

int tstee_open(const char *service, const struct tstee_options *options,
	       struct tstee_session **session)
{
	assert_string_equal(service, TSTEE_ATTESTATION_SERVICE);
	assert_null(options);
	*session = (struct tstee_session *)&answer;
	return open_error;
}

void tstee_close(struct tstee_session *session)
{
	(void)session;
}

int tstee_callv(struct tstee_session *session, uint32_t opcode, const struct iovec *iov,
		int iov_count, void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	(void)session;
	assert_true(call_count < 4);
	opcodes[call_count++] = opcode;
	request_len = 0;
	for (int i = 0; i < iov_count; i++) {
		assert_true(request_len + iov[i].iov_len <= sizeof(request));
		if (iov[i].iov_len)
			memcpy(request + request_len, iov[i].iov_base, iov[i].iov_len);
		request_len += iov[i].iov_len;
	}
	if (opcode >= 0x8000 && refusal)
		return refusal;
	if (call_error)
		return call_error;
	*status = answer_status;
	if (answer_len > resp_size)
		return -EMSGSIZE;
	if (answer_len)
		memcpy(resp, answer, answer_len);
	if (resp_len)
		*resp_len = answer_len;
	return 0;
}

int tstee_call(struct tstee_session *session, uint32_t opcode, const void *req, size_t req_len,
	       void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	const struct iovec iov = { .iov_base = (void *)req, .iov_len = req_len };

	return tstee_callv(session, opcode, &iov, 1, resp, resp_size, resp_len, status);
}

int error_set(int err, const char *hint, const char *format, ...)
{
	(void)hint;
	(void)format;
	return -err;
}

static void answer_record(size_t len)
{
	memset(answer, 0x5a, sizeof(answer));
	memcpy(answer, (uint8_t[]){ 0, 1, (uint8_t)(len >> 8), (uint8_t)len }, 4);
	answer_len = 4 + len;
}

static int reset(void **state)
{
	(void)state;
	refusal = open_error = call_error = 0;
	answer_status = PSA_SUCCESS;
	answer_record(100);
	call_count = 0;
	return 0;
}

static void tokens_are_asked_for_by_profile(void **state)
{
	uint8_t token[128];
	size_t len;

	(void)state;
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, sizeof(token), &len),
			 PSA_SUCCESS);
	assert_int_equal(call_count, 1);
	assert_int_equal(opcodes[0], 0x8001);
	assert_int_equal(request_len, 4 + 4 + 32);
	assert_memory_equal(request, "\2\0\0\0\0\1\0\x20\7", 9);
	assert_int_equal(len, 100);
	assert_int_equal(token[99], 0x5a);
}

static void older_partitions_are_asked_as_they_know(void **state)
{
	static const int refusals[] = { -EOPNOTSUPP, -EINVAL };
	uint8_t token[128];
	psa_status_t status;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		refusal = refusals[i];
		call_count = 0;
		answer_record(100);
		assert_int_equal(
			psa_initial_attest_get_token(challenge, 48, token, sizeof(token), &len),
			PSA_SUCCESS);
		assert_int_equal(call_count, 2);
		assert_int_equal(opcodes[1], 0x101);
		assert_int_equal(request_len, 4 + 48);
		assert_memory_equal(request, "\0\1\0\x30\7", 5);
		assert_int_equal(len, 100);

		memcpy(answer, "\x34\x12\0\0", 4);
		answer_len = 4;
		assert_int_equal(psa_initial_attest_get_token_size(64, &len), PSA_SUCCESS);
		assert_int_equal(opcodes[2], 0x8002);
		assert_int_equal(opcodes[3], 0x102);
		assert_memory_equal(request, "\x40\0\0\0", 4);
		assert_int_equal(len, 0x1234);

		/* Who insists on the profile is told. */
		call_count = 0;
		assert_int_equal(tstee_token_get(NULL, TSTEE_TOKEN_RFC9783, challenge, 32, token,
						 sizeof(token), &len, &status),
				 0);
		assert_int_equal(status, PSA_ERROR_NOT_SUPPORTED);
		assert_int_equal(call_count, 1);
	}
}

static void legacy_tokens_cost_no_question(void **state)
{
	uint8_t token[128];
	psa_status_t status;
	size_t len;

	(void)state;
	assert_int_equal(tstee_token_get(NULL, TSTEE_TOKEN_LEGACY, challenge, 32, token,
					 sizeof(token), &len, &status),
			 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(call_count, 1);
	assert_int_equal(opcodes[0], 0x101);
}

static void forbidden_arguments_are_refused_without_a_call(void **state)
{
	uint8_t token[128];
	size_t len;

	(void)state;
	for (size_t n = 0; n <= 65; n++) {
		if (n == 32 || n == 48 || n == 64)
			continue;
		assert_int_equal(psa_initial_attest_get_token(challenge, n, token, 128, &len),
				 PSA_ERROR_INVALID_ARGUMENT);
		assert_int_equal(psa_initial_attest_get_token_size(n, &len),
				 PSA_ERROR_INVALID_ARGUMENT);
	}
	assert_int_equal(psa_initial_attest_get_token(NULL, 32, token, 128, &len),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, NULL, 128, &len),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 0, &len),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 128, NULL),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_initial_attest_get_token_size(32, NULL), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(call_count, 0);
}

static void a_token_that_is_too_long_is_not_given_in_part(void **state)
{
	uint8_t token[99] = { 0xee };
	size_t len = 1;

	(void)state;
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 99, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(len, 0);
	assert_int_equal(token[0], 0xee);
	answer_record(ATTESTATION_TOKEN_MAX);
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 99, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
}

static void malformed_answers_are_communication_failures(void **state)
{
	uint8_t token[128], key[65];
	psa_status_t status;
	size_t len;

	(void)state;
	for (size_t cut = 0; cut < 104; cut++) {
		answer_len = cut;
		assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 128, &len),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		assert_int_equal(len, 0);
		call_count = 0;
	}
	answer_record(64);
	answer[1] = 2;
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 128, &len),
			 PSA_ERROR_COMMUNICATION_FAILURE);
	answer_record(64);
	assert_int_equal(tstee_attestation_key(NULL, key, &status), -EPROTO);
	answer_len = 3;
	assert_int_equal(psa_initial_attest_get_token_size(32, &len),
			 PSA_ERROR_COMMUNICATION_FAILURE);
}

static void failures_come_through(void **state)
{
	uint8_t token[128];
	psa_status_t status;
	size_t len = 1;

	(void)state;
	answer_status = PSA_ERROR_INSUFFICIENT_STORAGE;
	answer_len = 0;
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 128, &len),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(len, 0);
	answer_status = PSA_ERROR_NOT_PERMITTED;
	assert_int_equal(tstee_attestation_key_import(NULL, challenge, &status), 0);
	assert_int_equal(status, PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(request_len, 4 + 32);
	call_count = 0;
	call_error = -EIO;
	assert_int_equal(psa_initial_attest_get_token(challenge, 32, token, 128, &len),
			 PSA_ERROR_COMMUNICATION_FAILURE);
	assert_int_equal(call_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tokens_are_asked_for_by_profile, reset),
		cmocka_unit_test_setup(older_partitions_are_asked_as_they_know, reset),
		cmocka_unit_test_setup(legacy_tokens_cost_no_question, reset),
		cmocka_unit_test_setup(forbidden_arguments_are_refused_without_a_call, reset),
		cmocka_unit_test_setup(a_token_that_is_too_long_is_not_given_in_part, reset),
		cmocka_unit_test_setup(malformed_answers_are_communication_failures, reset),
		cmocka_unit_test_setup(failures_come_through, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
