// SPDX-License-Identifier: BSD-3-Clause
/* Names, UUIDs, logins. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tstee.h>
#include <tstee/services.h>

static const uint8_t its_uuid[] = TSTEE_ITS_UUID_BYTES;

static void uuid_text_survives_a_round_trip(void **state)
{
	const char *text = "dc1eef48-b17a-4ccf-ac8b-dfcff7711b14";
	char out[TSTEE_UUID_TEXT_LEN + 1];
	struct tstee_uuid uuid;

	(void)state;
	assert_int_equal(tstee_uuid_parse(text, &uuid), 0);
	assert_memory_equal(uuid.bytes, its_uuid, sizeof(its_uuid));
	tstee_uuid_format(&uuid, out);
	assert_string_equal(out, text);
	assert_int_equal(tstee_uuid_parse("DC1EEF48-B17A-4CCF-AC8B-DFCFF7711B14", &uuid), 0);
	assert_memory_equal(uuid.bytes, its_uuid, sizeof(its_uuid));
}

static void malformed_uuid_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"-",
		"d",
		"dc1eef48-b17a-4ccf-ac8b-dfcff7711b1",
		"dc1eef48-b17a-4ccf-ac8b-dfcff7711b145",
		"dc1eef48b-17a-4ccf-ac8b-dfcff7711b14",
		"dc1eef48-b17a-4ccf-ac8b-dfcff7711b1g",
		"dc1eef48-b17a-4ccf-ac8b_dfcff7711b14",
		" dc1eef48-b17a-4ccf-ac8b-dfcff7711b14",
		"dc1eef48b17a4ccfac8bdfcff7711b14",
	};
	struct tstee_uuid uuid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(tstee_uuid_parse(bad[i], &uuid), -EINVAL);
		assert_int_equal(tstee_service_parse(bad[i], &uuid), -EINVAL);
	}
	assert_non_null(strstr(tstee_error(), "unknown service"));
	assert_string_not_equal(tstee_hint(), "");
}

static void every_form_of_a_name_means_the_same_service(void **state)
{
	static const char *const good[] = {
		"internal-trusted-storage",
		"its",
		"sn:trustedfirmware.org:internal-trusted-storage:0",
		"urn:sn:trustedfirmware.org:internal-trusted-storage:0",
		"sn:trustedfirmware.org:internal-trusted-storage.1.0.2:0",
		"dc1eef48-b17a-4ccf-ac8b-dfcff7711b14",
	};
	struct tstee_uuid uuid;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(&uuid, 0, sizeof(uuid));
		assert_int_equal(tstee_service_parse(good[i], &uuid), 0);
		assert_memory_equal(uuid.bytes, its_uuid, sizeof(its_uuid));
	}
}

static void crypto_and_crypto_protobuf_are_told_apart(void **state)
{
	struct tstee_uuid packed, protobuf;

	(void)state;
	assert_int_equal(tstee_service_parse("sn:trustedfirmware.org:crypto:0", &packed), 0);
	assert_int_equal(tstee_service_parse("sn:trustedfirmware.org:crypto-protobuf:0", &protobuf),
			 0);
	assert_memory_not_equal(packed.bytes, protobuf.bytes, sizeof(packed.bytes));
}

static void unknown_name_is_refused(void **state)
{
	static const char *const bad[] = {
		"internal-trusted-storag",
		"internal-trusted-storages",
		"ITS",
		"sn:",
		"sn:its",
		"sn:trustedfirmware.org:its:0",
		"sn:trustedfirmware.org:internal-trusted-storage",
		"sn:trustedfirmware.org:internal-trusted-storage:",
		"sn:trustedfirmware.org:internal-trusted-storage:x",
		"sn:trustedfirmware.org:internal-trusted-storage.:0",
		"sn:trustedfirmware.org:internal-trusted-storage.x:0",
		"sn:example.org:internal-trusted-storage:0",
		"urn:its",
	};
	struct tstee_uuid uuid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tstee_service_parse(bad[i], &uuid), -EINVAL);
	assert_int_equal(tstee_service_parse(NULL, &uuid), -EINVAL);
}

static void each_listed_service_is_found_by_its_name(void **state)
{
	struct tstee_uuid listed, found;
	unsigned int count = 0;
	const char *name;

	(void)state;
	for (; (name = tstee_service_name(count, &listed)); count++) {
		assert_int_equal(tstee_service_parse(name, &found), 0);
		assert_memory_equal(listed.bytes, found.bytes, sizeof(found.bytes));
	}
	assert_int_equal(count, 10);
}

static void login_text_is_understood(void **state)
{
	struct tstee_options options = { 0 };

	(void)state;
	assert_int_equal(tstee_login_parse("public", &options), 0);
	assert_int_equal(options.login, TSTEE_LOGIN_PUBLIC);
	assert_int_equal(tstee_login_parse("group:4294967295", &options), 0);
	assert_int_equal(options.login, TSTEE_LOGIN_GROUP);
	assert_int_equal(options.group, 4294967295u);
	assert_int_equal(tstee_login_parse("user", &options), 0);
	assert_int_equal(options.login, TSTEE_LOGIN_USER);
	assert_int_equal(options.group, 0);
}

static void malformed_login_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "User",
					   "group",
					   "group:",
					   "group:-1",
					   "group:1 ",
					   "group:0x1",
					   "group:wheel",
					   "public ",
					   "group:4294967296",
					   "group:99999999999999999999999" };
	struct tstee_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tstee_login_parse(bad[i], &options), -EINVAL);
	assert_int_equal(options.login, TSTEE_LOGIN_DEFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuid_text_survives_a_round_trip),
		cmocka_unit_test(malformed_uuid_is_refused),
		cmocka_unit_test(every_form_of_a_name_means_the_same_service),
		cmocka_unit_test(crypto_and_crypto_protobuf_are_told_apart),
		cmocka_unit_test(unknown_name_is_refused),
		cmocka_unit_test(each_listed_service_is_found_by_its_name),
		cmocka_unit_test(login_text_is_understood),
		cmocka_unit_test(malformed_login_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
