// SPDX-License-Identifier: BSD-3-Clause
/*
 * The world's end of the protocol, against clients that lie: channels, tokens, identities.
 * Behind it is an imitation of the TEE core.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/tee.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <world/linux/kernel.h>
#include <world/message.h>
#include <world/server/channel.h>
#include <world/server/context.h>
#include <world/server/drop.h>
#include <world/server/identity.h>

#include "cmocka_all.h"

/* --- what is behind --- */

struct tee_file {
	atomic_int calls;
};

static atomic_int released;
static _Thread_local struct world_task *current;

void world_set_task(struct world_task *task)
{
	current = task;
}

int tee_file_open(unsigned int index, struct tee_file **file)
{
	(void)index;
	*file = calloc(1, sizeof(**file));
	return *file ? 0 : -ENOMEM;
}

void tee_file_release(struct tee_file *file)
{
	free(file);
	released++;
}

long tee_file_ioctl(struct tee_file *file, struct tee_file_call *call)
{
	file->calls++;
	switch (call->cmd) {
	case TEE_IOC_OPEN_SESSION: /* tells who it is for */
		memcpy(call->arg, &current->euid, sizeof(current->euid));
		call->arg_len = sizeof(current->euid);
		call->arg_written = true;
		return 0;
	case TEE_IOC_INVOKE: /* until killed */
		while (!current->killed(current))
			usleep(1000);
		return -EINTR;
	case TEE_IOC_SHM_ALLOC:
		call->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return 0;
	case TEE_IOC_SHM_REGISTER:
		return call->fd >= 0 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

int world_attribute(unsigned int index, const char *name, char *text, size_t size)
{
	return !index && !strcmp(name, "driver") ? snprintf(text, size, "tstee") : -ENOENT;
}

/* --- a client without manners --- */

struct client {
	int fd;
	int served_fd;
	struct identity identity;
	struct served_channel *channel;
	struct world_channel *page;
};

static void client_open(struct client *client)
{
	struct world_status status;
	int fds[2], page_fd = -1;

	assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	client->fd = fds[0];
	client->served_fd = fds[1];
	assert_false(identity_of_peer(client->served_fd, &client->identity));
	assert_false(channel_serve(client->served_fd, &client->identity, &client->channel));
	assert_int_equal(
		message_receive(client->fd, &status, sizeof(status), &page_fd, MSG_DONTWAIT),
		sizeof(status));
	assert_false(status.error);
	assert_int_equal(ftruncate(page_fd, 0), -1); /* it can't be taken from the world */
	client->page =
		mmap(NULL, WORLD_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
	assert_true(client->page != MAP_FAILED);
	close(page_fd);
}

static void client_close(struct client *client)
{
	channel_hang_up(client->channel);
	while (!channel_reap(client->channel))
		usleep(1000);
	assert_true(client->page->closed);
	munmap(client->page, WORLD_CHANNEL_LEN);
	close(client->fd);
	close(client->served_fd);
	identity_free(&client->identity);
}

static void post(struct client *client)
{
	__atomic_add_fetch(&client->page->posted, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &client->page->posted, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int64_t call(struct client *client)
{
	uint32_t done;

	post(client);
	while ((done = __atomic_load_n(&client->page->done, __ATOMIC_ACQUIRE)) !=
	       client->page->posted)
		syscall(SYS_futex, &client->page->done, FUTEX_WAIT, done, NULL, NULL, 0);
	return client->page->result;
}

static struct context *make_context(uint8_t token[WORLD_TOKEN_LEN])
{
	struct context *context;
	struct tee_file *file;

	assert_false(tee_file_open(0, &file));
	assert_false(context_create(file, geteuid(), &context));
	context_token(context, token);
	return context;
}

static void await_release(int count)
{
	while (released < count || context_count())
		usleep(1000);
	assert_int_equal(released, count);
	released = 0;
}

/* --- tokens --- */

static void test_only_the_exact_token_finds_its_context(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN], other[WORLD_TOKEN_LEN], wrong[WORLD_TOKEN_LEN];
	struct context *first = make_context(token), *second = make_context(other);

	(void)state;
	assert_memory_not_equal(token, other, WORLD_TOKEN_LEN);
	for (size_t i = 0; i < WORLD_TOKEN_LEN * CHAR_BIT; i++) {
		memcpy(wrong, token, sizeof(wrong));
		wrong[i / CHAR_BIT] ^= (uint8_t)(1 << i % CHAR_BIT);
		assert_null(context_get(wrong));
	}
	assert_ptr_equal(context_get(token), first);
	context_put(first);
	context_close(first);
	assert_null(context_get(token));
	context_close(second);
	await_release(2);
}

static void test_a_context_is_released_after_the_calls_in_it(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *context = make_context(token);

	(void)state;
	assert_ptr_equal(context_get(token), context);
	context_close(context);
	usleep(20000);
	assert_int_equal(released, 0);
	assert_int_equal(context_count(), 1);
	context_put(context);
	await_release(1);
}

/* --- channels --- */

static void test_wrong_requests_are_refused(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *context = make_context(token);
	struct client client;

	(void)state;
	client_open(&client);
	assert_int_equal(call(&client), -EINVAL); /* no operation */
	client.page->op = WORLD_IOCTL;
	assert_int_equal(call(&client), -ENODEV); /* no token */
	memcpy(client.page->token, token, sizeof(token));
	client.page->arg_len = WORLD_ARG_LEN + 1;
	assert_int_equal(call(&client), -EINVAL);
	client.page->arg_len = 0;
	client.page->buf_len = UINT32_MAX;
	assert_int_equal(call(&client), -EINVAL);
	client.page->buf_len = 0;
	client.page->flags = ~0u; /* announces a descriptor that never comes */
	client.page->cmd = TEE_IOC_SHM_REGISTER;
	assert_int_equal(call(&client), -EBADF);
	assert_int_equal(client.page->flags, 0);
	assert_int_equal(client.page->arg_len, 0);
	client_close(&client);
	context_close(context);
	await_release(1);
}

static void test_attributes_have_names_that_end(void **state)
{
	struct client client;

	(void)state;
	client_open(&client);
	client.page->op = WORLD_ATTRIBUTE;
	memset(client.page->arg, 'x', WORLD_ARG_LEN);
	client.page->arg_len = WORLD_ARG_LEN;
	assert_int_equal(call(&client), -EINVAL);
	strcpy((char *)client.page->arg, "nothing");
	client.page->arg_len = WORLD_ARG_LEN;
	assert_int_equal(call(&client), -ENOENT);
	strcpy((char *)client.page->arg, "driver");
	client.page->arg_len = sizeof("driver");
	assert_int_equal(call(&client), 0);
	assert_int_equal(client.page->buf_len, 5);
	assert_memory_equal(client.page->buf, "tstee", 5);
	client_close(&client);
}

static void test_descriptors_pass_both_ways(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN], byte;
	struct context *context = make_context(token);
	struct client client;
	int fd;

	(void)state;
	client_open(&client);
	client.page->op = WORLD_IOCTL;
	client.page->cmd = TEE_IOC_SHM_ALLOC;
	memcpy(client.page->token, token, sizeof(token));
	assert_int_equal(call(&client), 0);
	assert_int_equal(client.page->flags, WORLD_FD);
	assert_int_equal(message_receive(client.fd, &byte, 1, &fd, MSG_DONTWAIT), 1);
	assert_true(fd >= 0);
	client.page->cmd = TEE_IOC_SHM_REGISTER;
	client.page->flags = WORLD_FD;
	assert_false(message_send(client.fd, "", 1, fd, 0));
	close(fd);
	assert_int_equal(call(&client), 0);
	assert_int_equal(client.page->flags, 0);
	client_close(&client);
	context_close(context);
	await_release(1);
}

static void test_a_hang_up_kills_the_call(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *context = make_context(token);
	struct client client;

	(void)state;
	client_open(&client);
	client.page->op = WORLD_IOCTL;
	client.page->cmd = TEE_IOC_INVOKE;
	memcpy(client.page->token, token, sizeof(token));
	post(&client);
	while (!context_file(context)->calls)
		usleep(1000);
	context_close(context);
	client_close(&client);
	await_release(1);
}

static void test_a_session_is_its_threads(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *context = make_context(token);
	struct client client;
	uid_t euid = 12345;

	(void)state;
	client_open(&client);
	client.page->op = WORLD_IOCTL;
	client.page->cmd = TEE_IOC_OPEN_SESSION;
	memcpy(client.page->token, token, sizeof(token));
	client.page->tid = (uint32_t)getpid();
	assert_int_equal(call(&client), 0);
	memcpy(&euid, client.page->arg, sizeof(euid));
	assert_int_equal(euid, geteuid());
	client.page->tid = UINT32_MAX;
	assert_int_equal(call(&client), -ESRCH);
	client.page->tid = INT_MAX;
	assert_int_equal(call(&client), -ESRCH);
	client.page->tid = 0;
	assert_int_equal(call(&client), 0);
	client_close(&client);
	context_close(context);
	await_release(1);
}

/* --- identities --- */

static void test_a_user_speaks_for_threads_that_are_all_theirs(void **state)
{
	/* The peer has user ID 1000, group ID 5 and groups 6, 24 and 27. */
	static const struct {
		const char *uids;
		const char *gids;
		const char *groups;
		int err; /* 0 also for root */
	} cases[] = {
		{ "1000\t1000\t1000\t1000", "5\t6\t5\t5", "6 24 27 ", 0 },
		{ "1000\t1000\t1000\t1000", "5\t5\t5\t5", "", 0 },
		{ "1000\t1000\t1000\t1000", "24\t6\t27\t5", "5 24 ", 0 },
		{ "1001\t1000\t1000\t1000", "5\t6\t5\t5", "", -EPERM },
		{ "1000\t0\t1000\t1000", "5\t6\t5\t5", "", -EPERM },
		{ "1000\t1000\t0\t1000", "5\t6\t5\t5", "", -EPERM },
		{ "1000\t1000\t1000\t0", "5\t6\t5\t5", "", -EPERM },
		/* A set-group-ID program, and what it may have made of that. */
		{ "1000\t1000\t1000\t1000", "7\t5\t5\t5", "", -EPERM },
		{ "1000\t1000\t1000\t1000", "5\t7\t7\t7", "", -EPERM },
		{ "1000\t1000\t1000\t1000", "5\t5\t7\t5", "", -EPERM },
		{ "1000\t1000\t1000\t1000", "5\t5\t5\t7", "", -EPERM },
		{ "1000\t1000\t1000\t1000", "5\t5\t5\t5", "5 7 ", -EPERM },
		{ "1000\t1000\t1000\t1000", "5\t5\t5\t5", "0", -EPERM },
		{ "1000\t1000\t1000", "5\t5\t5\t5", "", -EPROTO },
		{ "1000\t1000\t1000\t1000", "5\t5\t5", "", -EPROTO },
		{ "x", "5\t5\t5\t5", "", -EPROTO },
		{ "4294967296\t1\t1\t1", "5\t5\t5\t5", "", -EPROTO },
	};
	gid_t groups[] = { 6, 24, 27 };
	const struct identity peer = {
		.euid = 1000, .egid = 5, .groups = groups, .group_count = 3
	};
	const struct identity root = { 0 };
	struct identity identity;
	char status[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(status, sizeof(status),
			 "Name:\ta\\nUid:\t0\t0\t0\t0\nUmask:\t0022\nUid:\t%s\n"
			 "Gid:\t%s\nGroups:\t%s\nKthread:\t0\n",
			 cases[i].uids, cases[i].gids, cases[i].groups);
		assert_int_equal(identity_parse(status, &root, &identity),
				 cases[i].err == -EPROTO ? -EPROTO : 0);
		identity_free(&identity);
		assert_int_equal(identity_parse(status, &peer, &identity), cases[i].err);
		if (cases[i].err)
			assert_null(identity.groups);
		else
			assert_int_equal(identity.euid, 1000);
		identity_free(&identity);
	}
	assert_int_equal(identity_parse("\nUid:\t1\t1\t1\t1\nGid:\t5\t6\t7\t8\nGroups:\t4 24\n",
					&root, &identity),
			 0);
	assert_int_equal(identity.egid, 6);
	assert_int_equal(identity.group_count, 2);
	assert_int_equal(identity.groups[1], 24);
	identity_free(&identity);
	assert_int_equal(identity_parse("", &root, &identity), -EPROTO);
	assert_int_equal(identity_parse("\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\n", &root, &identity),
			 -EPROTO);
}

/* --- what comes along --- */

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Sends @len bytes with @count copies of @passed. */
static void send_descriptors(int fd, size_t len, int passed, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * 253)];
	} control = { 0 };
	uint8_t data[64] = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.space,
			      .msg_controllen = CMSG_SPACE(sizeof(int) * count) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &passed, sizeof(passed));
	assert_int_equal(sendmsg(fd, &msg, 0), len);
}

/* A socket that is not closed within minutes, unless somebody hurries. */
static int lingering_socket(int *other)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 300 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t address_len = sizeof(address);
	static const uint8_t block[65536];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_false(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	assert_false(listen(listener, 1));
	assert_false(getsockname(listener, (struct sockaddr *)&address, &address_len));
	assert_false(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	*other = accept(listener, NULL, NULL);
	assert_true(*other >= 0);
	close(listener);
	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	assert_false(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	return fd;
}

static void test_descriptors_that_nobody_asked_for_are_not_received(void **state)
{
	static const struct {
		size_t len;
		size_t count;
		bool wanted;
		ssize_t result;
	} cases[] = {
		{ 8, 1, true, 8 },	   { 8, 1, false, -EPROTO },   { 0, 1, true, -EPROTO },
		{ 0, 1, false, -EPROTO },  { 8, 2, true, -EPROTO },    { 8, 3, true, -EPROTO },
		{ 8, 253, true, -EPROTO }, { 8, 253, false, -EPROTO }, { 9, 1, true, -EMSGSIZE },
		{ 0, 2, true, -EPROTO },
	};
	const int before = open_descriptors();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fds[2], passed = -1;
		uint8_t data[8];

		assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
		send_descriptors(fds[1], cases[i].len, STDIN_FILENO, cases[i].count);
		assert_int_equal(message_receive(fds[0], data, sizeof(data),
						 cases[i].wanted ? &passed : NULL, MSG_DONTWAIT),
				 cases[i].result);
		assert_int_equal(passed >= 0, cases[i].result > 0);
		if (passed >= 0)
			close(passed);
		close(fds[0]);
		close(fds[1]);
		assert_int_equal(open_descriptors(), before);
	}
}

static void test_an_empty_message_is_seen_to_wait(void **state)
{
	int fds[2];

	(void)state;
	assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	assert_int_equal(send(fds[1], "", 0, 0), 0);
	assert_true(message_waits(fds[0]));
	close(fds[1]);
	assert_true(message_waits(fds[0]));
	assert_int_equal(recv(fds[0], NULL, 0, 0), 0);
	assert_false(message_waits(fds[0]));
	close(fds[0]);
	/* Also if the sender has left something unread, which is an error of its own. */
	assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	assert_int_equal(send(fds[0], "x", 1, 0), 1);
	assert_int_equal(send(fds[1], "x", 1, 0), 1);
	close(fds[1]);
	assert_true(message_waits(fds[0]));
	close(fds[0]);
}

static void test_what_lingers_is_dropped_without_waiting(void **state)
{
	int fds[2], other, fd;

	(void)state;
	/* In the queue of a connection: the last reference. */
	assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	fd = lingering_socket(&other);
	send_descriptors(fds[1], 8, fd, 1);
	close(fd);
	drop_add_socket(fds[0], 1234);
	assert_int_equal(drop_count(), 1);
	assert_int_equal(drop_count_of(1234), 1);
	assert_int_equal(drop_count_of(1235), 0);
	/* And received. */
	drop_add(lingering_socket(&fd), 1235);
	while (drop_count()) {
		usleep(1000);
		drop_look();
	}
	close(fd);
	close(other);
	close(fds[1]);
}

static void test_a_channel_ends_whatever_was_sent_along(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *context = make_context(token);
	struct client client;
	int other, fd;

	(void)state;
	client_open(&client);
	fd = lingering_socket(&other);
	send_descriptors(client.fd, 1, fd, 1);
	close(fd);
	client.page->op = WORLD_IOCTL;
	client.page->cmd = TEE_IOC_SHM_REGISTER;
	client.page->flags = WORLD_FD;
	memcpy(client.page->token, token, sizeof(token));
	post(&client);
	while (!context_file(context)->calls)
		usleep(1000);
	client_close(&client);
	close(other);
	context_close(context);
	await_release(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_exact_token_finds_its_context),
		cmocka_unit_test(test_a_context_is_released_after_the_calls_in_it),
		cmocka_unit_test(test_wrong_requests_are_refused),
		cmocka_unit_test(test_attributes_have_names_that_end),
		cmocka_unit_test(test_descriptors_pass_both_ways),
		cmocka_unit_test(test_a_hang_up_kills_the_call),
		cmocka_unit_test(test_a_session_is_its_threads),
		cmocka_unit_test(test_a_user_speaks_for_threads_that_are_all_theirs),
		cmocka_unit_test(test_descriptors_that_nobody_asked_for_are_not_received),
		cmocka_unit_test(test_an_empty_message_is_seen_to_wait),
		cmocka_unit_test(test_what_lingers_is_dropped_without_waiting),
		cmocka_unit_test(test_a_channel_ends_whatever_was_sent_along),
	};

	if (drop_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
