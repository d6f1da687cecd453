// SPDX-License-Identifier: BSD-3-Clause
/*
 * Internal trusted storage and protected storage over the wire: the messages of
 * tstee/secure_storage.h byte by byte, the rules of the PSA secure storage API, objects of
 * every size, and clients that do not see one another. Each test uses object IDs of its own
 * and removes what it can.
 */
#include "fixture.h"
#include "suites.h"

#include <errno.h>
#include <psa/error.h>
#include <string.h>
#include <tstee/secure_storage.h>
#include <unistd.h>

#define BUFFER_LEN (SECURE_STORAGE_OBJECT_MAX + 8192)

/* The service under test. */
static const uint8_t *storage_uuid = its_uuid;

static struct tee_client connect_as(const struct tee_login *login)
{
	struct tee_client client;

	CHECK_EQUAL(tee_connect(&client, storage_uuid, login, BUFFER_LEN), 0);
	return client;
}

/* A call that must come through; its service status. The response is in the buffer. */
static int32_t call(struct tee_client *client, uint32_t opcode, const void *fixed, size_t fixed_len,
		    const void *data, size_t len, uint64_t *response_len)
{
	uint64_t got;
	int32_t status;

	CHECK(fixed_len + len <= client->buffer.len);
	memcpy(client->buffer.data, fixed, fixed_len);
	if (len)
		memcpy(client->buffer.data + fixed_len, data, len);
	CHECK_EQUAL(tee_invoke(client->fd, client->session, opcode, (uint64_t)client->buffer.id,
			       fixed_len + len, &got, &status),
		    0);
	if (status)
		CHECK_EQUAL(got, 0);
	if (response_len)
		*response_len = got;
	else
		CHECK_EQUAL(got, 0);
	return status;
}

static int32_t set(struct tee_client *client, uint64_t uid, uint32_t flags, const void *data,
		   size_t len)
{
	struct secure_storage_set request = { uid, len, flags };

	return call(client, SECURE_STORAGE_SET, &request, sizeof(request), data, len, NULL);
}

static int32_t get(struct tee_client *client, uint64_t uid, uint64_t offset, uint64_t len,
		   uint64_t *got)
{
	struct secure_storage_get request = { uid, offset, len };

	return call(client, SECURE_STORAGE_GET, &request, sizeof(request), NULL, 0, got);
}

static int32_t get_info(struct tee_client *client, uint64_t uid, struct secure_storage_info *info)
{
	struct secure_storage_object request = { uid };
	uint64_t got;
	int32_t status;

	status = call(client, SECURE_STORAGE_GET_INFO, &request, sizeof(request), NULL, 0, &got);
	if (!status) {
		CHECK_EQUAL(got, sizeof(*info));
		memcpy(info, client->buffer.data, sizeof(*info));
	}
	return status;
}

static int32_t discard(struct tee_client *client, uint64_t uid)
{
	struct secure_storage_object request = { uid };

	return call(client, SECURE_STORAGE_REMOVE, &request, sizeof(request), NULL, 0, NULL);
}

static int32_t create(struct tee_client *client, uint64_t uid, uint64_t capacity, uint32_t flags)
{
	struct secure_storage_create request = { uid, capacity, flags };

	return call(client, SECURE_STORAGE_CREATE, &request, sizeof(request), NULL, 0, NULL);
}

static int32_t set_extended(struct tee_client *client, uint64_t uid, uint64_t offset,
			    const void *data, size_t len)
{
	struct secure_storage_set_extended request = { uid, offset, len };

	return call(client, SECURE_STORAGE_SET_EXTENDED, &request, sizeof(request), data, len,
		    NULL);
}

static void must_hold(struct tee_client *client, uint64_t uid, const void *data, size_t len)
{
	uint64_t got;

	CHECK_EQUAL(get(client, uid, 0, client->buffer.len, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, len);
	CHECK(!memcmp(client->buffer.data, data, len));
}

/* An earlier run, or the reboot of a test machine, may have left it. */
static void make_absent(struct tee_client *client, uint64_t uid)
{
	int32_t status = discard(client, uid);

	CHECK(status == PSA_SUCCESS || status == PSA_ERROR_DOES_NOT_EXIST);
}

static const uint8_t *pattern(unsigned int seed)
{
	static uint8_t bytes[SECURE_STORAGE_OBJECT_MAX + 1];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 131 + (i >> 8) + seed);
	return bytes;
}

static void observed_messages_are_answered_byte_for_byte(void)
{
	static const uint8_t set_6[] = "\6\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0"
				       "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf";
	static const uint8_t set_1[] = "\1\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0\0\0\0\0secret12";
	static const uint8_t info_1[] = "\x8\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0\0\0\0";
	static const uint8_t get_6[] = "\6\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0";
	struct tee_client client = connect_as(&tee_login_public);
	uint64_t got;

	CHECK_EQUAL(call(&client, 0x100, set_6, 36, NULL, 0, NULL), 0);
	CHECK_EQUAL(call(&client, 0x101, get_6, 24, NULL, 0, &got), 0);
	CHECK_EQUAL(got, 3);
	CHECK(!memcmp(client.buffer.data, "\2\3\4", 3));
	CHECK_EQUAL(call(&client, 0x100, set_1, 28, NULL, 0, NULL), 0);
	CHECK_EQUAL(call(&client, 0x102, set_1, 8, NULL, 0, &got), 0);
	CHECK_EQUAL(got, 20);
	CHECK(!memcmp(client.buffer.data, info_1, 20));
	CHECK_EQUAL(call(&client, 0x106, "", 0, NULL, 0, &got), 0);
	CHECK_EQUAL(got, 4);
	CHECK(!memcmp(client.buffer.data, "\1\0\0\0", 4));
	CHECK_EQUAL(call(&client, 0x103, set_6, 8, NULL, 0, NULL), 0);
	CHECK_EQUAL(call(&client, 0x103, set_6, 8, NULL, 0, NULL), -140);
	CHECK_EQUAL(call(&client, 0x103, set_1, 8, NULL, 0, NULL), 0);
}

static void objects_of_every_size_come_back(void)
{
	static const size_t lengths[] = { 0,	1,    19,   20,	  21,	 64,	4000,
					  4095, 4096, 4097, 8192, 40000, 65535, 65536 };
	struct tee_client client = connect_as(&tee_login_public);
	struct secure_storage_info info;

	make_absent(&client, 100);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const uint8_t *data = pattern((unsigned int)i);

		CHECK_EQUAL(set(&client, 100, 0, data, lengths[i]), PSA_SUCCESS);
		must_hold(&client, 100, data, lengths[i]);
		CHECK_EQUAL(get_info(&client, 100, &info), PSA_SUCCESS);
		CHECK_EQUAL(info.size, lengths[i]);
		CHECK_EQUAL(info.capacity, lengths[i]);
		CHECK_EQUAL(info.flags, 0);
	}
	CHECK_EQUAL(discard(&client, 100), PSA_SUCCESS);
}

static void more_than_64_kib_is_refused_and_loses_nothing(void)
{
	struct tee_client client = connect_as(&tee_login_public);

	CHECK_EQUAL(set(&client, 101, 0, "old", 3), PSA_SUCCESS);
	CHECK_EQUAL(set(&client, 101, 0, pattern(0), SECURE_STORAGE_OBJECT_MAX + 1),
		    PSA_ERROR_INSUFFICIENT_STORAGE);
	must_hold(&client, 101, "old", 3);
	make_absent(&client, 102);
	CHECK_EQUAL(create(&client, 102, SECURE_STORAGE_OBJECT_MAX + 1, 0),
		    PSA_ERROR_INSUFFICIENT_STORAGE);
	CHECK_EQUAL(create(&client, 102, UINT64_MAX, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	CHECK_EQUAL(discard(&client, 102), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(discard(&client, 101), PSA_SUCCESS);
}

/*
 * A partition that hosts crypto besides takes requests that are as long as crypto's, and then it is the
 * service that has no place for the object; in its own partition the request doesn't get so far.
 */
static void requests_of_a_mib_are_refused_and_lose_nothing(void)
{
	static const size_t lengths[] = { 69000, 69613, 70000, 500000, 1048576, 1052000, 1056000 };
	struct tee_client client = connect_to(storage_uuid, 1048576 + 8192);
	struct secure_storage_set request = { .uid = 101 };
	struct secure_storage_set_extended part = { .uid = 101 };
	uint64_t got;
	int32_t status;
	int rc;

	make_absent(&client, 101);
	CHECK_EQUAL(create(&client, 101, 10, 0), PSA_SUCCESS);
	CHECK_EQUAL(set_extended(&client, 101, 0, "old", 3), PSA_SUCCESS);
	for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		const size_t len = lengths[i / 2];
		const size_t head = i % 2 ? sizeof(part) : sizeof(request);

		request.data_length = part.data_length = len;
		memset(client.buffer.data, 0xa5, client.buffer.len);
		memcpy(client.buffer.data, i % 2 ? (void *)&part : (void *)&request, head);
		rc = tee_invoke(client.fd, client.session,
				i % 2 ? SECURE_STORAGE_SET_EXTENDED : SECURE_STORAGE_SET,
				(uint64_t)client.buffer.id, head + len, &got, &status);
		if (!rc && i % 2)
			CHECK_EQUAL(status, PSA_ERROR_INVALID_ARGUMENT);
		else if (!rc)
			CHECK_EQUAL(status, PSA_ERROR_INSUFFICIENT_STORAGE);
		else
			CHECK_EQUAL(rc, -ENOSPC);
	}
	must_hold(&client, 101, "old", 3);
	CHECK_EQUAL(discard(&client, 101), PSA_SUCCESS);
}

static void full_store_refuses_and_loses_nothing(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	const uint8_t *data = pattern(7);
	uint64_t first = 0x10000, uid = first;
	int32_t status;

	while ((status = set(&client, uid, 0, data, SECURE_STORAGE_OBJECT_MAX)) == PSA_SUCCESS) {
		uid++;
		CHECK(uid - first < 4096);
	}
	CHECK_EQUAL(status, PSA_ERROR_INSUFFICIENT_STORAGE);
	CHECK(uid - first >= 8);
	CHECK_EQUAL(get(&client, uid, 0, 1, &(uint64_t){ 0 }), PSA_ERROR_DOES_NOT_EXIST);
	while (uid > first) {
		must_hold(&client, --uid, data, SECURE_STORAGE_OBJECT_MAX);
		CHECK_EQUAL(discard(&client, uid), PSA_SUCCESS);
	}
	CHECK_EQUAL(set(&client, first, 0, data, SECURE_STORAGE_OBJECT_MAX), PSA_SUCCESS);
	CHECK_EQUAL(discard(&client, first), PSA_SUCCESS);
}

static void uid_0_is_an_invalid_argument(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct secure_storage_info info;
	uint64_t got;

	CHECK_EQUAL(set(&client, 0, 0, "x", 1), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(get(&client, 0, 0, 1, &got), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(get_info(&client, 0, &info), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(discard(&client, 0), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(create(&client, 0, 1, 0), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(set_extended(&client, 0, 0, "x", 1), PSA_ERROR_INVALID_ARGUMENT);
}

static void absent_object_does_not_exist(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct secure_storage_info info;
	uint64_t got;

	make_absent(&client, 110);
	CHECK_EQUAL(get(&client, 110, 0, 1, &got), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(get_info(&client, 110, &info), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(discard(&client, 110), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(set_extended(&client, 110, 0, "x", 1), PSA_ERROR_DOES_NOT_EXIST);
}

static void unknown_flags_are_not_supported(void)
{
	struct tee_client client = connect_as(&tee_login_public);

	make_absent(&client, 111);
	CHECK_EQUAL(set(&client, 111, 8, "x", 1), PSA_ERROR_NOT_SUPPORTED);
	CHECK_EQUAL(set(&client, 111, 0x80000000u, "x", 1), PSA_ERROR_NOT_SUPPORTED);
	CHECK_EQUAL(create(&client, 111, 1, 8), PSA_ERROR_NOT_SUPPORTED);
	CHECK_EQUAL(create(&client, 111, 1, SECURE_STORAGE_FLAG_WRITE_ONCE),
		    PSA_ERROR_NOT_SUPPORTED);
	CHECK_EQUAL(discard(&client, 111), PSA_ERROR_DOES_NOT_EXIST);
}

static void set_replaces_data_flags_and_capacity(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct secure_storage_info info;

	CHECK_EQUAL(set(&client, 112, SECURE_STORAGE_FLAG_NO_CONFIDENTIALITY, "longer", 6),
		    PSA_SUCCESS);
	CHECK_EQUAL(get_info(&client, 112, &info), PSA_SUCCESS);
	CHECK_EQUAL(info.flags, SECURE_STORAGE_FLAG_NO_CONFIDENTIALITY);
	CHECK_EQUAL(set(&client, 112, SECURE_STORAGE_FLAG_NO_REPLAY_PROTECTION, "new", 3),
		    PSA_SUCCESS);
	CHECK_EQUAL(get_info(&client, 112, &info), PSA_SUCCESS);
	CHECK_EQUAL(info.flags, SECURE_STORAGE_FLAG_NO_REPLAY_PROTECTION);
	CHECK_EQUAL(info.size, 3);
	CHECK_EQUAL(info.capacity, 3);
	must_hold(&client, 112, "new", 3);
	CHECK_EQUAL(discard(&client, 112), PSA_SUCCESS);
}

/* The object stays for good: a user of its own keeps it out of the way of other tests. */
static void write_once_objects_stay_as_they_are(void)
{
	struct tee_client client;
	int32_t status;

	become(4000, 800);
	client = connect_as(&tee_login_user);
	status = set(&client, 1, SECURE_STORAGE_FLAG_WRITE_ONCE, "for ever", 8);
	CHECK(status == PSA_SUCCESS || status == PSA_ERROR_NOT_PERMITTED);
	CHECK_EQUAL(set(&client, 1, 0, "x", 1), PSA_ERROR_NOT_PERMITTED);
	CHECK_EQUAL(set_extended(&client, 1, 0, "x", 1), PSA_ERROR_NOT_PERMITTED);
	CHECK_EQUAL(discard(&client, 1), PSA_ERROR_NOT_PERMITTED);
	must_hold(&client, 1, "for ever", 8);
}

static void get_clips_to_the_object(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	uint64_t got;

	CHECK_EQUAL(set(&client, 113, 0, "0123456789", 10), PSA_SUCCESS);
	CHECK_EQUAL(get(&client, 113, 4, 3, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, 3);
	CHECK(!memcmp(client.buffer.data, "456", 3));
	CHECK_EQUAL(get(&client, 113, 8, UINT32_MAX - 8, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, 2);
	CHECK(!memcmp(client.buffer.data, "89", 2));
	CHECK_EQUAL(get(&client, 113, 10, 1, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, 0);
	CHECK_EQUAL(get(&client, 113, 0, 0, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, 0);
	CHECK_EQUAL(get(&client, 113, 11, 1, &got), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(get(&client, 113, UINT64_MAX, 1, &got), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(discard(&client, 113), PSA_SUCCESS);
}

static void get_clips_to_the_buffer(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct tee_client small = connect_to(storage_uuid, 4096);
	struct secure_storage_get request = { 114, 1, 65536 };
	size_t len = small.buffer.len;
	uint64_t got;

	if (len > 40000)
		harness_skip("no buffer is shorter than an object can be");
	CHECK_EQUAL(set(&client, 114, 0, pattern(3), 40000), PSA_SUCCESS);
	CHECK_EQUAL(call(&small, SECURE_STORAGE_GET, &request, sizeof(request), NULL, 0, &got),
		    PSA_SUCCESS);
	CHECK_EQUAL(got, len);
	CHECK(!memcmp(small.buffer.data, pattern(3) + 1, len));
	CHECK_EQUAL(discard(&client, 114), PSA_SUCCESS);
}

static void create_reserves_and_set_extended_fills(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct secure_storage_info info;
	uint64_t got;

	make_absent(&client, 115);
	CHECK_EQUAL(create(&client, 115, 100, 0), PSA_SUCCESS);
	CHECK_EQUAL(create(&client, 115, 100, 0), PSA_ERROR_ALREADY_EXISTS);
	CHECK_EQUAL(get_info(&client, 115, &info), PSA_SUCCESS);
	CHECK_EQUAL(info.capacity, 100);
	CHECK_EQUAL(info.size, 0);
	CHECK_EQUAL(get(&client, 115, 0, 10, &got), PSA_SUCCESS);
	CHECK_EQUAL(got, 0);

	CHECK_EQUAL(set_extended(&client, 115, 0, "abcdef", 6), PSA_SUCCESS);
	CHECK_EQUAL(set_extended(&client, 115, 6, "ghi", 3), PSA_SUCCESS);
	CHECK_EQUAL(set_extended(&client, 115, 1, "XY", 2), PSA_SUCCESS);
	must_hold(&client, 115, "aXYdefghi", 9);
	CHECK_EQUAL(set_extended(&client, 115, 10, "gap", 3), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(set_extended(&client, 115, 9, pattern(1), 92), PSA_ERROR_INVALID_ARGUMENT);
	CHECK_EQUAL(set_extended(&client, 115, UINT64_MAX, "x", 1), PSA_ERROR_INVALID_ARGUMENT);
	must_hold(&client, 115, "aXYdefghi", 9);
	CHECK_EQUAL(set_extended(&client, 115, 9, pattern(1), 91), PSA_SUCCESS);
	CHECK_EQUAL(get_info(&client, 115, &info), PSA_SUCCESS);
	CHECK_EQUAL(info.size, 100);
	CHECK_EQUAL(info.capacity, 100);
	CHECK_EQUAL(discard(&client, 115), PSA_SUCCESS);
}

static void short_requests_are_ebadmsg(void)
{
	static const struct {
		uint32_t opcode;
		size_t fixed_len;
	} requests[] = { { SECURE_STORAGE_SET, 20 },	 { SECURE_STORAGE_GET, 24 },
			 { SECURE_STORAGE_GET_INFO, 8 }, { SECURE_STORAGE_REMOVE, 8 },
			 { SECURE_STORAGE_CREATE, 20 },	 { SECURE_STORAGE_SET_EXTENDED, 24 } };
	struct tee_client client = connect_as(&tee_login_public);
	uint64_t id = (uint64_t)client.buffer.id;
	uint64_t got;
	int32_t status;

	memset(client.buffer.data, 0, 64);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		CHECK_EQUAL(tee_invoke(client.fd, client.session, requests[i].opcode, id,
				       requests[i].fixed_len - 1, &got, &status),
			    -EBADMSG);
		CHECK_EQUAL(tee_invoke(client.fd, client.session, requests[i].opcode, id, 0, &got,
				       &status),
			    -EBADMSG);
	}
}

static void data_length_beyond_the_request_is_ebadmsg(void)
{
	static const uint64_t lengths[] = { 5, 65536, UINT32_MAX, UINT64_MAX, UINT64_MAX - 19 };
	struct tee_client client = connect_as(&tee_login_public);
	uint64_t got;
	int32_t status;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct secure_storage_set request = { 116, lengths[i], 0 };
		struct secure_storage_set_extended extended = { 116, 0, lengths[i] };

		memset(client.buffer.data, 0, 64);
		memcpy(client.buffer.data, &request, sizeof(request));
		CHECK_EQUAL(tee_invoke(client.fd, client.session, SECURE_STORAGE_SET,
				       (uint64_t)client.buffer.id, sizeof(request) + 4, &got,
				       &status),
			    -EBADMSG);
		memcpy(client.buffer.data, &extended, sizeof(extended));
		CHECK_EQUAL(tee_invoke(client.fd, client.session, SECURE_STORAGE_SET_EXTENDED,
				       (uint64_t)client.buffer.id, sizeof(extended) + 4, &got,
				       &status),
			    -EBADMSG);
	}
}

static void response_without_room_is_enobufs(void)
{
	struct tee_client client = connect_to(storage_uuid, 0);
	uint64_t got;
	int32_t status;

	CHECK_EQUAL(tee_invoke(client.fd, client.session, SECURE_STORAGE_GET_SUPPORT, 0, 0, &got,
			       &status),
		    -ENOBUFS);
}

static void users_groups_and_the_public_have_namespaces(void)
{
	struct tee_login group = tee_login_group(800);
	struct tee_client everybody = connect_as(&tee_login_public);
	struct tee_client root = connect_as(&tee_login_user);
	struct tee_client user, members;
	uint64_t got;

	CHECK_EQUAL(set(&everybody, 120, 0, "public", 6), PSA_SUCCESS);
	CHECK_EQUAL(set(&root, 120, 0, "root", 4), PSA_SUCCESS);
	become(800, 800);
	user = connect_as(&tee_login_user);
	members = connect_as(&group);
	make_absent(&members, 120);
	CHECK_EQUAL(set(&user, 120, 0, "user", 4), PSA_SUCCESS);
	/* uid and gid are equal: the kind of client must count. */
	CHECK_EQUAL(get(&members, 120, 0, 1, &got), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(set(&members, 120, 0, "group", 5), PSA_SUCCESS);

	must_hold(&everybody, 120, "public", 6);
	must_hold(&root, 120, "root", 4);
	must_hold(&user, 120, "user", 4);
	must_hold(&members, 120, "group", 5);

	CHECK_EQUAL(discard(&user, 120), PSA_SUCCESS);
	must_hold(&members, 120, "group", 5);
	CHECK_EQUAL(discard(&members, 120), PSA_SUCCESS);
	CHECK_EQUAL(discard(&root, 120), PSA_SUCCESS);
	must_hold(&everybody, 120, "public", 6);
	CHECK_EQUAL(discard(&everybody, 120), PSA_SUCCESS);
}

/* The two services share nothing, not even a client's object IDs. */
static void services_have_namespaces(void)
{
	struct tee_client its = connect_as(&tee_login_public);
	struct tee_client ps = connect_to(ps_uuid, BUFFER_LEN);
	uint64_t got;

	make_absent(&ps, 121);
	CHECK_EQUAL(set(&its, 121, 0, "internal", 8), PSA_SUCCESS);
	CHECK_EQUAL(get(&ps, 121, 0, 1, &got), PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(set(&ps, 121, 0, "protected", 9), PSA_SUCCESS);
	must_hold(&its, 121, "internal", 8);
	CHECK_EQUAL(discard(&its, 121), PSA_SUCCESS);
	must_hold(&ps, 121, "protected", 9);
	CHECK_EQUAL(discard(&ps, 121), PSA_SUCCESS);
}

/* What both services must do. */
#define OF_BOTH(X)                                        \
	X(observed_messages_are_answered_byte_for_byte)   \
	X(objects_of_every_size_come_back)                \
	X(more_than_64_kib_is_refused_and_loses_nothing)  \
	X(requests_of_a_mib_are_refused_and_lose_nothing) \
	X(full_store_refuses_and_loses_nothing)           \
	X(uid_0_is_an_invalid_argument)                   \
	X(absent_object_does_not_exist)                   \
	X(unknown_flags_are_not_supported)                \
	X(set_replaces_data_flags_and_capacity)           \
	X(write_once_objects_stay_as_they_are)            \
	X(get_clips_to_the_object)                        \
	X(get_clips_to_the_buffer)                        \
	X(create_reserves_and_set_extended_fills)         \
	X(short_requests_are_ebadmsg)                     \
	X(data_length_beyond_the_request_is_ebadmsg)      \
	X(response_without_room_is_enobufs)               \
	X(users_groups_and_the_public_have_namespaces)

#define OF_PROTECTED_STORAGE(function)         \
	static void protected_##function(void) \
	{                                      \
		storage_uuid = ps_uuid;        \
		function();                    \
	}
OF_BOTH(OF_PROTECTED_STORAGE)

/* Filling the flash takes its time. */
#define LIMIT_S			  60
#define ENTRY(function)		  TEST(function, .limit_s = LIMIT_S),
#define PROTECTED_ENTRY(function) TEST(protected_##function, .limit_s = LIMIT_S),

const struct test storage_tests[] = {
	OF_BOTH(ENTRY) OF_BOTH(PROTECTED_ENTRY) TEST(services_have_namespaces),
	{},
};
