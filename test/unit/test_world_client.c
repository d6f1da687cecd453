// SPDX-License-Identifier: BSD-3-Clause
/* The client's end of the world protocol, against worlds that are gone, wrong or hostile. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <world/client/channel.h>
#include <world/message.h>

#include "cmocka_all.h"

static char dir[] = "/tmp/tstee-world-XXXXXX";
static char deep[512]; /* a directory whose name is too long for a socket's address */

/* One connection of a world that a test makes up. */
struct peer {
	int listener;
	int fd;
	struct world_hello hello;
	struct world_channel *page;
	void (*serve)(struct peer *peer);
	int look; /* MSG_PEEK: the hello stays unread */
	pthread_t thread;
};

static int make_directories(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(deep, sizeof(deep), "%s", dir);
	for (int i = 0; i < 3; i++) {
		strcat(deep, "/a-name-of-some-length-that-adds-up-to-a-path-beyond-any-address");
		assert_false(mkdir(deep, 0700));
	}
	return 0;
}

static int remove_directories(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void *peer_thread(void *arg)
{
	struct peer *peer = arg;
	struct pollfd pollfd = { .events = POLLIN };

	peer->fd = accept(peer->listener, NULL, NULL);
	assert_true(peer->fd >= 0);
	pollfd.fd = peer->fd;
	poll(&pollfd, 1, -1);
	assert_int_equal(message_receive(peer->fd, &peer->hello, sizeof(peer->hello), NULL,
					 MSG_DONTWAIT | peer->look),
			 sizeof(peer->hello));
	peer->serve(peer);
	close(peer->fd);
	return NULL;
}

static void peer_start_looking(struct peer *peer, void (*serve)(struct peer *peer), int look)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int dir_fd = open(deep, O_PATH | O_DIRECTORY);

	*peer = (struct peer){ .serve = serve, .look = look };
	unlinkat(dir_fd, WORLD_SOCKET_NAME, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		 WORLD_SOCKET_NAME);
	peer->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_false(bind(peer->listener, (struct sockaddr *)&address, sizeof(address)));
	assert_false(listen(peer->listener, 4));
	close(dir_fd);
	assert_false(pthread_create(&peer->thread, NULL, peer_thread, peer));
}

static void peer_start(struct peer *peer, void (*serve)(struct peer *peer))
{
	peer_start_looking(peer, serve, 0);
}

static void peer_end(struct peer *peer)
{
	pthread_join(peer->thread, NULL);
	close(peer->listener);
}

/* --- opening --- */

static void test_nobody_there_is_connection_refused(void **state)
{
	struct peer peer;
	int fd;

	(void)state;
	assert_int_equal(control_open("/nonexistent/world"), -ECONNREFUSED);
	assert_int_equal(control_open(dir), -ECONNREFUSED);
	assert_int_equal(control_open("/dev/null"), -ECONNREFUSED);
	/* A socket that its world left behind. */
	peer_start(&peer, NULL);
	pthread_cancel(peer.thread);
	peer_end(&peer);
	fd = control_open(deep);
	assert_int_equal(fd, -ECONNREFUSED);
}

static void serve_nothing(struct peer *peer)
{
	(void)peer;
}

static void serve_garbage(struct peer *peer)
{
	assert_false(message_send(peer->fd, "garbage, long enough for any of them", 36, -1, 0));
}

static void serve_short(struct peer *peer)
{
	assert_false(message_send(peer->fd, "x", 1, -1, 0));
}

static void serve_other_protocol(struct peer *peer)
{
	const struct world_status status = { WORLD_MAGIC, WORLD_PROTOCOL + 1, -EPROTONOSUPPORT };

	assert_false(message_send(peer->fd, &status, sizeof(status), -1, 0));
}

static void serve_error(struct peer *peer)
{
	const struct world_status status = { WORLD_MAGIC, WORLD_PROTOCOL, -EMFILE };

	assert_false(message_send(peer->fd, &status, sizeof(status), -1, 0));
}

static void serve_strange_error(struct peer *peer)
{
	const struct world_status status = { WORLD_MAGIC, WORLD_PROTOCOL, 5 };

	assert_false(message_send(peer->fd, &status, sizeof(status), -1, 0));
}

static void test_wrong_answers_to_a_hello_are_errors(void **state)
{
	static const struct {
		void (*serve)(struct peer *peer);
		int err;
	} cases[] = {
		{ serve_nothing, -ECONNREFUSED },
		{ serve_garbage, -EPROTO },
		{ serve_short, -EPROTO },
		{ serve_error, -EMFILE },
		{ serve_other_protocol, -EPROTONOSUPPORT },
		{ serve_strange_error, -EPROTO },
	};
	struct channel channel;
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = cases[i].err;

		peer_start(&peer, cases[i].serve);
		assert_int_equal(world_open_device(deep, 3), err);
		peer_end(&peer);
		assert_int_equal(peer.hello.kind, WORLD_CONTEXT);
		assert_int_equal(peer.hello.device, 3);
		peer_start(&peer, cases[i].serve);
		assert_int_equal(channel_open(&channel, deep), err);
		peer_end(&peer);
	}
}

/* Whom a world takes no more of is told so before he has said what he wants. */
static void test_who_is_refused_unheard_is_told_why(void **state)
{
	struct channel channel;
	struct peer peer;

	(void)state;
	peer_start_looking(&peer, serve_error, MSG_PEEK);
	assert_int_equal(world_open_device(deep, 3), -EMFILE);
	peer_end(&peer);
	peer_start_looking(&peer, serve_error, MSG_PEEK);
	assert_int_equal(channel_open(&channel, deep), -EMFILE);
	peer_end(&peer);
	peer_start_looking(&peer, serve_nothing, MSG_PEEK);
	assert_int_equal(control_open(deep), -ECONNREFUSED);
	peer_end(&peer);
}

static void serve_context(struct peer *peer)
{
	const struct world_opened opened = { WORLD_MAGIC, WORLD_PROTOCOL, 0, 0, "0123456789abcde" };

	assert_false(message_send(peer->fd, &opened, sizeof(opened), -1, 0));
}

static void test_a_token_can_be_looked_up_again_and_again(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	struct peer peer;
	int fd;

	(void)state;
	peer_start(&peer, serve_context);
	fd = world_open_device(deep, 0);
	assert_true(fd >= 0);
	peer_end(&peer);
	for (int i = 0; i < 3; i++) {
		memset(token, 0, sizeof(token));
		assert_false(world_token(fd, token));
		assert_memory_equal(token, "0123456789abcde", WORLD_TOKEN_LEN);
	}
	close(fd);
}

static void test_what_is_no_context_has_no_token(void **state)
{
	uint8_t token[WORLD_TOKEN_LEN];
	int fds[2];

	(void)state;
	assert_int_equal(world_token(-1, token), -ENOTTY);
	assert_false(pipe(fds));
	assert_int_equal(world_token(fds[0], token), -ENOTTY);
	close(fds[0]);
	close(fds[1]);
	assert_false(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
	assert_int_equal(world_token(fds[0], token), -ENOTTY); /* and doesn't wait */
	assert_false(message_send(fds[1], "some other protocol, 32 bytes...", 32, -1, 0));
	assert_int_equal(world_token(fds[0], token), -ENOTTY);
	close(fds[0]);
	close(fds[1]);
}

/* --- channels --- */

static void give_page(struct peer *peer, off_t len, unsigned int seals)
{
	const struct world_status status = { WORLD_MAGIC, WORLD_PROTOCOL, 0 };
	int fd = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_false(ftruncate(fd, len));
	assert_false(fcntl(fd, F_ADD_SEALS, seals));
	peer->page = mmap(NULL, WORLD_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_false(message_send(peer->fd, &status, sizeof(status), fd, 0));
	close(fd);
}

static void serve_short_page(struct peer *peer)
{
	give_page(peer, 100, F_SEAL_SHRINK);
}

static void serve_unsealed_page(struct peer *peer)
{
	give_page(peer, WORLD_CHANNEL_LEN, 0);
}

static void serve_no_page(struct peer *peer)
{
	const struct world_status status = { WORLD_MAGIC, WORLD_PROTOCOL, 0 };

	assert_false(message_send(peer->fd, &status, sizeof(status), -1, 0));
}

static void test_a_page_that_could_vanish_is_refused(void **state)
{
	static void (*const serve[])(struct peer * peer) = { serve_short_page, serve_unsealed_page,
							     serve_no_page };
	struct channel channel;
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < sizeof(serve) / sizeof(serve[0]); i++) {
		peer_start(&peer, serve[i]);
		assert_int_equal(channel_open(&channel, deep), -EPROTO);
		peer_end(&peer);
	}
}

static void await_post(struct peer *peer)
{
	while (!__atomic_load_n(&peer->page->posted, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &peer->page->posted, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void finish(struct peer *peer)
{
	__atomic_store_n(&peer->page->done, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &peer->page->done, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void start_call(struct peer *peer)
{
	give_page(peer, WORLD_CHANNEL_LEN, F_SEAL_SHRINK | F_SEAL_GROW);
	await_post(peer);
}

static void serve_echo(struct peer *peer)
{
	start_call(peer);
	peer->page->flags = WORLD_ARG_WRITE | WORLD_FD;
	peer->page->result = 7;
	peer->page->arg[0]++;
	assert_false(message_send(peer->fd, "", 1, STDERR_FILENO, 0));
	finish(peer);
}

static void serve_long_arg(struct peer *peer)
{
	start_call(peer);
	peer->page->arg_len = WORLD_ARG_LEN + 1;
	finish(peer);
}

static void serve_long_buf(struct peer *peer)
{
	start_call(peer);
	peer->page->buf_len = UINT32_MAX;
	finish(peer);
}

static void serve_large_result(struct peer *peer)
{
	start_call(peer);
	peer->page->result = INT64_C(1) << 32;
	finish(peer);
}

static void serve_missing_descriptor(struct peer *peer)
{
	start_call(peer);
	peer->page->flags = WORLD_FD;
	finish(peer);
}

static void serve_hang_up(struct peer *peer)
{
	start_call(peer);
}

static void serve_closed(struct peer *peer)
{
	struct pollfd pollfd = { .fd = peer->fd };

	start_call(peer);
	__atomic_store_n(&peer->page->closed, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &peer->page->done, FUTEX_WAKE, 1, NULL, NULL, 0);
	poll(&pollfd, 1, -1);
}

static void test_a_call_brings_results_and_a_descriptor(void **state)
{
	struct channel_call call = {
		.op = WORLD_IOCTL, .arg_len = 4, .arg = { 1, 2, 3, 4 }, .fd = -1
	};
	struct channel channel;
	struct peer peer;

	(void)state;
	peer_start(&peer, serve_echo);
	assert_false(channel_open(&channel, deep));
	assert_int_equal(channel_call(&channel, &call, NULL, NULL), 7);
	assert_int_equal(call.arg_len, 4);
	assert_int_equal(call.arg[0], 2);
	assert_true(call.fd > STDERR_FILENO);
	assert_true(fcntl(call.fd, F_GETFD) & FD_CLOEXEC);
	close(call.fd);
	channel_close(&channel);
	peer_end(&peer);
	munmap(peer.page, WORLD_CHANNEL_LEN);
}

static void test_wrong_responses_end_a_call_with_an_error(void **state)
{
	static const struct {
		void (*serve)(struct peer *peer);
		int err;
	} cases[] = {
		{ serve_long_arg, -EPROTO },	 { serve_long_buf, -EPROTO },
		{ serve_large_result, -EPROTO }, { serve_missing_descriptor, -EPROTO },
		{ serve_hang_up, -ENODEV },	 { serve_closed, -ENODEV },
	};
	struct channel channel;
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct channel_call call = { .op = WORLD_IOCTL, .fd = -1 };

		peer_start(&peer, cases[i].serve);
		assert_false(channel_open(&channel, deep));
		assert_int_equal(channel_call(&channel, &call, NULL, NULL), cases[i].err);
		assert_int_equal(call.fd, -1);
		channel_close(&channel);
		peer_end(&peer);
		munmap(peer.page, WORLD_CHANNEL_LEN);
	}
}

static int killed_third_time(void *arg)
{
	return ++*(int *)arg == 3;
}

static void serve_until_hang_up(struct peer *peer)
{
	struct pollfd pollfd = { .fd = peer->fd };

	start_call(peer);
	poll(&pollfd, 1, -1);
	assert_true(pollfd.revents & POLLHUP);
}

static void test_a_killed_call_hangs_up(void **state)
{
	struct channel_call call = { .op = WORLD_IOCTL, .fd = -1 };
	struct channel channel;
	struct peer peer;
	int asked = 0;

	(void)state;
	peer_start(&peer, serve_until_hang_up);
	assert_false(channel_open(&channel, deep));
	assert_int_equal(channel_call(&channel, &call, killed_third_time, &asked), -EINTR);
	assert_int_equal(asked, 3);
	peer_end(&peer);
	channel_close(&channel);
	munmap(peer.page, WORLD_CHANNEL_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_there_is_connection_refused),
		cmocka_unit_test(test_wrong_answers_to_a_hello_are_errors),
		cmocka_unit_test(test_who_is_refused_unheard_is_told_why),
		cmocka_unit_test(test_a_token_can_be_looked_up_again_and_again),
		cmocka_unit_test(test_what_is_no_context_has_no_token),
		cmocka_unit_test(test_a_page_that_could_vanish_is_refused),
		cmocka_unit_test(test_a_call_brings_results_and_a_descriptor),
		cmocka_unit_test(test_wrong_responses_end_a_call_with_an_error),
		cmocka_unit_test(test_a_killed_call_hangs_up),
	};

	return cmocka_run_group_tests(tests, make_directories, remove_directories);
}
