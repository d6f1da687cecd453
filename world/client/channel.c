// SPDX-License-Identifier: BSD-3-Clause
/*
 * The client's end of the world protocol. No state but what the caller holds. The world is
 * believed no more than a client is: what it sends and what is in the shared page is copied
 * once, then checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <world/message.h>

#include "channel.h"

/* How often a waiting call looks whether it is killed or the world is. */
#define LOOK_NS 25000000L

static int connect_address(int socket_fd, const struct sockaddr_un *address)
{
	int ret = TEMP_FAILURE_RETRY(
		connect(socket_fd, (const struct sockaddr *)address, sizeof(*address)));

	return ret ? -errno : 0;
}

/*
 * The length of a path is limited in a socket's address, but not that of what a descriptor
 * stands for. That takes /proc, which a chroot need not have; and the thread's own, since
 * that of a process whose first thread has ended is empty.
 */
static int connect_by_descriptor(int socket_fd, int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err;

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/thread-self/fd/%d", fd);
	err = connect_address(socket_fd, &address);
	/* The descriptor is there, so that it is /proc which isn't. */
	return err == -ENOENT || err == -ENOTDIR ? -ENAMETOOLONG : err;
}

static int connect_to(int socket_fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = "";
	struct stat st;
	int fd, dir, err = 0, len;

	fd = TEMP_FAILURE_RETRY(open(path, O_PATH | O_CLOEXEC));
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		dir = fd;
		name = "/" WORLD_SOCKET_NAME;
		fd = TEMP_FAILURE_RETRY(openat(dir, WORLD_SOCKET_NAME, O_PATH | O_CLOEXEC));
		err = fd < 0 ? -errno : 0;
		close(dir);
		if (err)
			return err;
	}
	len = snprintf(address.sun_path, sizeof(address.sun_path), "%s%s", path, name);
	if (len >= 0 && (size_t)len < sizeof(address.sun_path))
		err = connect_address(socket_fd, &address);
	else
		err = connect_by_descriptor(socket_fd, fd);
	close(fd);
	return err;
}

/* Never up, dead, or ending just now. */
static bool no_world(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ECONNREFUSED || err == -ECONNRESET ||
	       err == -EPIPE;
}

int world_connect(const char *path, enum world_connection kind, uint32_t device)
{
	const struct world_hello hello = {
		.magic = WORLD_MAGIC, .protocol = WORLD_PROTOCOL, .kind = kind, .device = device
	};
	ssize_t ret;
	int fd;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	ret = connect_to(fd, path);
	if (!ret)
		ret = message_send(fd, &hello, sizeof(hello), -1, 0);
	/* A world that takes no more of this user has said so and hung up. */
	if (ret == -EPIPE)
		ret = 0;
	if (ret < 0) {
		close(fd);
		return no_world((int)ret) ? -ECONNREFUSED : (int)ret;
	}
	return fd;
}

/* An error that came over the wire, which must be one. */
static int wire_error(int32_t error)
{
	return error < 0 && error >= -4095 ? error : -EPROTO;
}

static int check_answer(uint32_t magic, uint32_t protocol, int32_t error)
{
	if (magic != WORLD_MAGIC)
		return -EPROTO;
	if (protocol != WORLD_PROTOCOL)
		return -EPROTONOSUPPORT;
	return error ? wire_error(error) : 0;
}

/* What it means when receiving the answer to a hello gave @len, which isn't positive. */
static int no_answer(ssize_t len)
{
	if (!len || no_world((int)len))
		return -ECONNREFUSED;
	return len == -EMSGSIZE ? -EPROTO : (int)len;
}

/*
 * Receives what the world answers to a hello. A world that hung up without having read it is told
 * first, as ECONNRESET; what it said before comes after that.
 */
static ssize_t answer_receive(int fd, void *answer, size_t len, int *passed_fd, int flags)
{
	ssize_t got = message_receive(fd, answer, len, passed_fd, flags);

	return got == -ECONNRESET ? message_receive(fd, answer, len, passed_fd, flags) : got;
}

int world_open_device(const char *path, uint32_t device)
{
	struct world_opened opened = { 0 };
	ssize_t len;
	int fd, err;

	fd = world_connect(path, WORLD_CONTEXT, device);
	if (fd < 0)
		return fd;
	len = answer_receive(fd, &opened, sizeof(opened), NULL, MSG_PEEK);
	if (len <= 0)
		err = no_answer(len);
	else if ((size_t)len < sizeof(struct world_status))
		err = -EPROTO;
	else
		err = check_answer(opened.magic, opened.protocol, opened.error);
	if (!err && len != sizeof(opened))
		err = -EPROTO;
	explicit_bzero(opened.token, sizeof(opened.token));
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int world_token(int fd, uint8_t token[WORLD_TOKEN_LEN])
{
	struct world_opened opened = { 0 };
	ssize_t len = message_receive(fd, &opened, sizeof(opened), NULL, MSG_PEEK | MSG_DONTWAIT);

	if (len != sizeof(opened) || opened.magic != WORLD_MAGIC || opened.error)
		return -ENOTTY;
	memcpy(token, opened.token, WORLD_TOKEN_LEN);
	return 0;
}

/* Takes the answer to a hello, and the descriptor with it. */
static int receive_status(int fd, int *passed_fd)
{
	struct world_status status;
	ssize_t len = answer_receive(fd, &status, sizeof(status), passed_fd, 0);
	int err;

	if (len <= 0)
		return no_answer(len);
	err = len == sizeof(status) ? check_answer(status.magic, status.protocol, status.error) :
				      -EPROTO;
	if (err && passed_fd && *passed_fd >= 0) {
		close(*passed_fd);
		*passed_fd = -1;
	}
	return err;
}

/* Maps the shared page, which must not be able to vanish from under the mapping. */
static int map_page(int memory_fd, struct world_channel **page)
{
	struct stat st;
	int seals, err;
	void *addr;

	seals = fcntl(memory_fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(memory_fd, &st) ||
	    st.st_size < (off_t)WORLD_CHANNEL_LEN)
		return -EPROTO;
	addr = mmap(NULL, WORLD_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	if (addr == MAP_FAILED)
		return -errno;
	if (madvise(addr, WORLD_CHANNEL_LEN, MADV_DONTFORK)) {
		err = -errno;
		munmap(addr, WORLD_CHANNEL_LEN);
		return err;
	}
	*page = addr;
	return 0;
}

int channel_open(struct channel *channel, const char *path)
{
	int memory_fd = -1, fd, err;

	fd = world_connect(path, WORLD_CHANNEL, 0);
	if (fd < 0)
		return fd;
	err = receive_status(fd, &memory_fd);
	if (!err)
		err = memory_fd < 0 ? -EPROTO : map_page(memory_fd, &channel->page);
	if (memory_fd >= 0)
		close(memory_fd);
	if (err) {
		close(fd);
		return err;
	}
	channel->fd = fd;
	return 0;
}

void channel_close(struct channel *channel)
{
	munmap(channel->page, WORLD_CHANNEL_LEN);
	close(channel->fd);
	channel->page = NULL;
	channel->fd = -1;
}

static bool hung_up(int fd)
{
	struct pollfd pollfd = { .fd = fd };

	return poll(&pollfd, 1, 0) > 0 && pollfd.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* Waits until the world has set done to @value. 0, -EINTR or -ENODEV. */
static int wait_done(struct channel *channel, uint32_t value, int (*killed)(void *arg), void *arg)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	struct world_channel *page = channel->page;

	for (;;) {
		uint32_t done = __atomic_load_n(&page->done, __ATOMIC_ACQUIRE);
		bool woken, gone;

		if (done == value)
			return 0;
		woken = !syscall(SYS_futex, &page->done, FUTEX_WAIT, done, &look, NULL, 0) ||
			errno == EAGAIN;
		/* That the world hangs up may have been told before the wait began. */
		gone = __atomic_load_n(&page->closed, __ATOMIC_ACQUIRE) ||
		       (!woken && hung_up(channel->fd));
		/* An answer may have come just before the end. */
		if (__atomic_load_n(&page->done, __ATOMIC_ACQUIRE) == value)
			return 0;
		if (gone)
			return -ENODEV;
		if (killed && killed(arg)) {
			shutdown(channel->fd, SHUT_RDWR);
			return -EINTR;
		}
	}
}

static void put_request(struct world_channel *page, const struct channel_call *call, int fd)
{
	page->op = call->op;
	page->flags =
		(call->flags & (WORLD_ARG_FAULT | WORLD_BUF_FAULT)) | (fd >= 0 ? WORLD_FD : 0);
	page->tid = call->tid;
	page->device = call->device;
	page->cmd = call->cmd;
	page->arg_len = call->arg_len;
	page->buf_len = call->buf_len;
	memcpy(page->token, call->token, sizeof(page->token));
	memcpy(page->arg, call->arg, call->arg_len);
	memcpy(page->buf, call->buf, call->buf_len);
}

/* Copies the response; -EPROTO if it isn't one. Nothing of it is looked at in the page. */
static int64_t get_response(struct channel *channel, struct channel_call *call)
{
	const volatile struct world_channel *page = channel->page;
	uint32_t arg_len = page->arg_len;
	uint32_t buf_len = page->buf_len;
	int64_t result = page->result;
	uint8_t byte;
	ssize_t len;

	call->flags = page->flags;
	if (call->flags & WORLD_FD) {
		len = message_receive(channel->fd, &byte, sizeof(byte), &call->fd, MSG_DONTWAIT);
		if (len != sizeof(byte) || call->fd < 0)
			return -EPROTO;
	}
	if (arg_len > WORLD_ARG_LEN || buf_len > WORLD_BUF_LEN || result < -4095 ||
	    result > INT_MAX) {
		if (call->fd >= 0)
			close(call->fd);
		call->fd = -1;
		return -EPROTO;
	}
	call->arg_len = arg_len;
	call->buf_len = buf_len;
	memcpy(call->arg, channel->page->arg, arg_len);
	memcpy(call->buf, channel->page->buf, buf_len);
	return result;
}

int64_t channel_call(struct channel *channel, struct channel_call *call, int (*killed)(void *arg),
		     void *arg)
{
	struct world_channel *page = channel->page;
	int fd = call->fd;
	uint32_t posted;
	int err;

	if (call->arg_len > WORLD_ARG_LEN || call->buf_len > WORLD_BUF_LEN)
		return -EINVAL;
	call->fd = -1;
	if (__atomic_load_n(&page->closed, __ATOMIC_ACQUIRE))
		return -ENODEV;
	if (fd >= 0 && message_send(channel->fd, "", 1, fd, 0) < 0)
		return -ENODEV;
	put_request(page, call, fd);
	posted = page->posted + 1;
	__atomic_store_n(&page->posted, posted, __ATOMIC_RELEASE);
	syscall(SYS_futex, &page->posted, FUTEX_WAKE, 1, NULL, NULL, 0);
	err = wait_done(channel, posted, killed, arg);
	return err ? err : get_response(channel, call);
}

int control_open(const char *path)
{
	int fd = world_connect(path, WORLD_CONTROL, 0);
	int err;

	if (fd < 0)
		return fd;
	err = receive_status(fd, NULL);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int control_command(int control_fd, struct world_command *command, size_t text_len, int fd,
		    struct world_reply *reply, size_t *reply_len)
{
	const size_t head = offsetof(struct world_reply, text);
	ssize_t len;

	*reply_len = 0;
	if (text_len > sizeof(command->text))
		return -EINVAL;
	len = message_send(control_fd, command, offsetof(struct world_command, text) + text_len, fd,
			   0);
	if (len >= 0)
		len = message_receive(control_fd, reply, sizeof(*reply), NULL, 0);
	if (len == 0 || len == -EPIPE || len == -ECONNRESET)
		return -ENODEV;
	if (len < 0)
		return (int)len;
	if ((size_t)len < head)
		return -EPROTO;
	*reply_len = (size_t)len - head;
	return reply->error ? wire_error(reply->error) : 0;
}
