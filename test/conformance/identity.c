// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who the client is: login fields to client ID (tstee/client_id.h), and that the kernel,
 * not the client, decides.
 */
#include "fixture.h"
#include "suites.h"

#include <grp.h>
#include <string.h>
#include <tstee/client_id.h>
#include <unistd.h>

static uint32_t client_id_of(const struct tee_login *login)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t id;

	CHECK_EQUAL(tee_session_close(client.fd, client.session), 0);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, login, &client.session), 0);
	id = whoami(&client).client_id;
	tee_disconnect(&client);
	return id;
}

/* The result of OPEN_SESSION as a user in two groups, on a device opened before. */
static void open_as(uid_t uid, const struct tee_login *login, int wanted_rc, uint32_t wanted_id)
{
	static const gid_t groups[] = { 3000, 3001 };
	struct tee_client client = connect_to_test(4096);
	int rc;

	needs_root();
	CHECK(setgroups(2, groups) == 0);
	CHECK(setresgid(2999, 2999, 2999) == 0);
	CHECK(setresuid(uid, uid, uid) == 0);
	rc = tee_session_open(client.fd, test_uuid, login, &client.session);
	CHECK_EQUAL(rc, wanted_rc);
	if (!rc)
		CHECK_EQUAL(whoami(&client).client_id, wanted_id);
}

static void public_login_is_client_0(void)
{
	CHECK_EQUAL(client_id_of(&tee_login_public), 0);
}

static void linux_is_source_0(void)
{
	struct tee_client client = connect_to_test(4096);

	CHECK_EQUAL(whoami(&client).source_id, 0);
}

static void user_login_is_the_effective_uid(void)
{
	CHECK_EQUAL(client_id_of(&tee_login_user), 0x80000000u | geteuid());
	open_as(1000, &tee_login_user, 0, 0x800003e8u);
}

static void user_login_ignores_what_the_client_says(void)
{
	struct tee_login login = tee_login_user;

	memset(login.data, 0xff, sizeof(login.data));
	open_as(1000, &login, 0, 0x800003e8u);
}

static void group_login_takes_supplementary_groups(void)
{
	struct tee_login login = tee_login_group(3001);

	open_as(1000, &login, 0, 0xfc000000u + 3001);
}

static void group_login_takes_the_effective_group(void)
{
	struct tee_login login = tee_login_group(2999);

	open_as(1000, &login, 0, 0xfc000000u + 2999);
}

static void group_login_of_a_stranger_is_eperm(void)
{
	struct tee_login login = tee_login_group(3002);

	open_as(1000, &login, -EPERM, 0);
}

static void group_login_with_more_than_a_gid_is_einval(void)
{
	struct tee_login login = tee_login_group(3001);

	login.data[sizeof(login.data) - 1] = 1;
	open_as(1000, &login, -EINVAL, 0);
}

/* Row 24: the ranges of systemd-nspawn, homed and SSSD go far beyond 2^29. */
static void row24_uids_of_nspawn_are_told_apart(void)
{
	open_as(0x20000000, &tee_login_user, 0, 0xa0000000u);
}

static void row24_uids_of_nspawn_end_inside(void)
{
	open_as(1879048191, &tee_login_user, 0, 0x80000000u + 1879048191);
}

static void row24_uids_of_sssd_are_told_apart(void)
{
	open_as(2000200000, &tee_login_user, 0, 0x80000000u + 2000200000);
}

static void uid_that_does_not_fit_is_eoverflow(void)
{
	open_as(0x7c000000, &tee_login_user, -EOVERFLOW, 0);
}

static void largest_uid_that_fits_is_taken(void)
{
	open_as(0x7bffffff, &tee_login_user, 0, 0xfbffffffu);
}

static void application_logins_are_eopnotsupp(void)
{
	static const uint32_t methods[] = { TEE_IOCTL_LOGIN_APPLICATION,
					    TEE_IOCTL_LOGIN_USER_APPLICATION,
					    TEE_IOCTL_LOGIN_GROUP_APPLICATION,
					    3,
					    7,
					    0x7fffffff };
	struct tee_client client = connect_to_test(0);
	uint32_t session;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct tee_login login = { .method = methods[i] };

		CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &login, &session), -EOPNOTSUPP);
	}
}

static void kernel_login_is_refused_to_user_space(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_login login = { .method = TEE_IOCTL_LOGIN_REE_KERNEL };
	uint32_t session;

	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &login, &session), -EPERM);
}

static void session_keeps_the_identity_of_its_opener(void)
{
	struct tee_client client = connect_to_test(4096);

	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_user, &client.session), 0);
	become(1000, 1000);
	CHECK_EQUAL(whoami(&client).client_id, 0x80000000u);
}

const struct test identity_tests[] = {
	TEST(public_login_is_client_0),
	TEST(linux_is_source_0),
	TEST(user_login_is_the_effective_uid),
	TEST(user_login_ignores_what_the_client_says),
	TEST(group_login_takes_supplementary_groups),
	TEST(group_login_takes_the_effective_group),
	TEST(group_login_of_a_stranger_is_eperm),
	TEST(group_login_with_more_than_a_gid_is_einval),
	TEST(row24_uids_of_nspawn_are_told_apart),
	TEST(row24_uids_of_nspawn_end_inside),
	TEST(row24_uids_of_sssd_are_told_apart),
	TEST(uid_that_does_not_fit_is_eoverflow),
	TEST(largest_uid_that_fits_is_taken),
	TEST(application_logins_are_eopnotsupp),
	TEST(kernel_login_is_refused_to_user_space),
	TEST(session_keeps_the_identity_of_its_opener),
	{},
};
