// SPDX-License-Identifier: BSD-3-Clause
/*
 * The world's end of channels: owns their shared pages and threads. A page is written by a
 * client while it is read here, so a request is copied, then checked, then used.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/tee.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <world/linux/kernel.h>
#include <world/message.h>

#include "channel.h"
#include "context.h"
#include "drop.h"

/* What the driver and the TEE core need, twice. */
#define STACK_LEN (256u * 1024)

struct served_channel {
	struct world_task task; /* of the call that the thread is in */
	int socket_fd;
	const struct identity *peer;
	struct world_channel *page;
	struct world_channel copy; /* of the request; then the response */
	pthread_t thread;
	atomic_bool hung_up;
	atomic_bool ended;
};

static bool task_killed(struct world_task *task)
{
	/* The task is the first member. */
	return atomic_load(&((struct served_channel *)task)->hung_up);
}

static void set_task(struct served_channel *channel, const struct identity *identity)
{
	channel->task = (struct world_task){ .euid = identity->euid,
					     .egid = identity->egid,
					     .groups = identity->groups,
					     .group_count = identity->group_count,
					     .killed = task_killed };
	world_set_task(&channel->task);
}

/* The descriptor that a request brings. */
static int take_descriptor(struct served_channel *channel)
{
	uint8_t byte;
	int fd = -1;
	ssize_t len = message_receive(channel->socket_fd, &byte, sizeof(byte), &fd, MSG_DONTWAIT);

	if (len == sizeof(byte) && fd >= 0)
		return fd;
	if (fd >= 0)
		drop_close(fd);
	return -EBADF;
}

/*
 * Makes the ioctl of the request in the copy, with descriptor @fd or -1, and puts the response
 * there. The new descriptor goes to *@new_fd.
 */
static long context_ioctl(struct served_channel *channel, struct tee_file *file, int fd,
			  int *new_fd)
{
	struct world_channel *copy = &channel->copy;
	struct tee_file_call call = { .cmd = copy->cmd,
				      .arg_len = copy->arg_len,
				      .buf_len = copy->buf_len,
				      .arg_fault = copy->flags & WORLD_ARG_FAULT,
				      .buf_fault = copy->flags & WORLD_BUF_FAULT,
				      .fd = fd };
	long ret;

	memcpy(call.arg, copy->arg, copy->arg_len);
	memcpy(call.buf, copy->buf, copy->buf_len);
	ret = tee_file_ioctl(file, &call);
	copy->flags =
		(call.arg_written ? WORLD_ARG_WRITE : 0) | (call.buf_written ? WORLD_BUF_WRITE : 0);
	copy->arg_len = call.arg_written && call.arg_len <= WORLD_ARG_LEN ? call.arg_len : 0;
	copy->buf_len = call.buf_written && call.buf_len <= WORLD_BUF_LEN ? call.buf_len : 0;
	memcpy(copy->arg, call.arg, copy->arg_len);
	memcpy(copy->buf, call.buf, copy->buf_len);
	*new_fd = call.fd != fd ? call.fd : -1;
	return ret;
}

/* Sends the new descriptor of a call. As in a kernel, one that can't be given is closed. */
static long send_descriptor(struct served_channel *channel, int new_fd)
{
	int err = message_send(channel->socket_fd, "", 1, new_fd, MSG_DONTWAIT);

	if (!err)
		channel->copy.flags |= WORLD_FD;
	return err;
}

static long serve_ioctl(struct served_channel *channel)
{
	struct identity identity = { 0 };
	int fd = -1, new_fd = -1;
	struct context *context;
	long ret;

	if (channel->copy.flags & WORLD_FD) {
		fd = take_descriptor(channel);
		if (fd < 0)
			return fd;
	}
	context = context_get(channel->copy.token);
	if (!context) {
		ret = -ENODEV;
		goto close;
	}
	/* Nothing else asks who the caller is. */
	if (channel->copy.cmd == TEE_IOC_OPEN_SESSION && channel->copy.tid) {
		ret = identity_of_thread((pid_t)channel->copy.tid, channel->peer, &identity);
		if (ret)
			goto put;
		set_task(channel, &identity);
	} else {
		set_task(channel, channel->peer);
	}
	ret = context_ioctl(channel, context_file(context), fd, &new_fd);
	world_set_task(NULL);
	identity_free(&identity);
	if (new_fd >= 0) {
		long err = send_descriptor(channel, new_fd);

		if (err)
			ret = err;
		close(new_fd);
	}
put:
	context_put(context);
close:
	/* It may be anything, and take as long as it likes: the client's time, and nobody else's. */
	if (fd >= 0)
		drop_close(fd);
	return ret;
}

static long serve_attribute(struct served_channel *channel)
{
	struct world_channel *copy = &channel->copy;
	char name[WORLD_ARG_LEN];
	int len;

	if (!memchr(copy->arg, '\0', copy->arg_len))
		return -EINVAL;
	memcpy(name, copy->arg, copy->arg_len);
	len = world_attribute(copy->device, name, (char *)copy->buf, sizeof(copy->buf));
	if (len < 0)
		return len;
	copy->buf_len = (uint32_t)len < WORLD_BUF_LEN ? (uint32_t)len : WORLD_BUF_LEN;
	copy->arg_len = 0;
	copy->flags = WORLD_BUF_WRITE;
	return 0;
}

static long serve_request(struct served_channel *channel)
{
	if (channel->copy.arg_len > WORLD_ARG_LEN || channel->copy.buf_len > WORLD_BUF_LEN)
		return -EINVAL;
	switch (channel->copy.op) {
	case WORLD_IOCTL:
		return serve_ioctl(channel);
	case WORLD_ATTRIBUTE:
		return serve_attribute(channel);
	default:
		return -EINVAL;
	}
}

static void get_request(struct served_channel *channel)
{
	const struct world_channel *page = channel->page;
	struct world_channel *copy = &channel->copy;

	/* The words before are the channel's, not the request's. */
	memcpy(&copy->op, &page->op,
	       offsetof(struct world_channel, arg) - offsetof(struct world_channel, op));
	copy->flags &= WORLD_FD | WORLD_ARG_FAULT | WORLD_BUF_FAULT;
	if (copy->arg_len <= WORLD_ARG_LEN)
		memcpy(copy->arg, page->arg, copy->arg_len);
	if (copy->buf_len <= WORLD_BUF_LEN)
		memcpy(copy->buf, page->buf, copy->buf_len);
}

static void put_response(struct served_channel *channel, long result)
{
	const struct world_channel *copy = &channel->copy;
	struct world_channel *page = channel->page;

	page->flags = copy->flags;
	page->result = result;
	page->arg_len = copy->arg_len;
	page->buf_len = copy->buf_len;
	memcpy(page->arg, copy->arg, copy->arg_len);
	memcpy(page->buf, copy->buf, copy->buf_len);
}

static void serve_call(struct served_channel *channel, uint32_t posted)
{
	struct world_channel *copy = &channel->copy;
	long result;

	get_request(channel);
	result = serve_request(channel);
	/* A failure may leave results, but no descriptor; the request's flags are none. */
	if (result < 0)
		copy->flags &= WORLD_ARG_WRITE | WORLD_BUF_WRITE;
	if (!(copy->flags & (WORLD_ARG_WRITE | WORLD_BUF_WRITE))) {
		copy->arg_len = 0;
		copy->buf_len = 0;
	}
	put_response(channel, result);
	explicit_bzero(copy->token, sizeof(copy->token));
	__atomic_store_n(&channel->page->done, posted, __ATOMIC_RELEASE);
	syscall(SYS_futex, &channel->page->done, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *channel_thread(void *arg)
{
	struct served_channel *channel = arg;
	uint32_t last = 0;

	while (!atomic_load(&channel->hung_up)) {
		uint32_t posted = __atomic_load_n(&channel->page->posted, __ATOMIC_ACQUIRE);

		if (posted == last) {
			syscall(SYS_futex, &channel->page->posted, FUTEX_WAIT, last, NULL, NULL, 0);
			continue;
		}
		last = posted;
		serve_call(channel, posted);
	}
	atomic_store(&channel->ended, true);
	return NULL;
}

/* The page, of a size that nobody can change. Its descriptor, or a negative errno. */
static int make_page(struct world_channel **page)
{
	int fd = memfd_create("tstee-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *addr = MAP_FAILED;
	int err;

	if (fd < 0)
		return -errno;
	if (!ftruncate(fd, WORLD_CHANNEL_LEN) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		addr = mmap(NULL, WORLD_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (addr == MAP_FAILED) {
		err = -errno;
		close(fd);
		return err;
	}
	*page = addr;
	return fd;
}

static int start_thread(struct served_channel *channel)
{
	pthread_attr_t attr;
	int err;

	if (pthread_attr_init(&attr))
		return -ENOMEM;
	err = pthread_attr_setstacksize(&attr, STACK_LEN);
	if (!err)
		err = pthread_create(&channel->thread, &attr, channel_thread, channel);
	pthread_attr_destroy(&attr);
	return -err;
}

int channel_serve(int socket_fd, const struct identity *peer, struct served_channel **out)
{
	const struct world_status status = { .magic = WORLD_MAGIC, .protocol = WORLD_PROTOCOL };
	struct served_channel *channel = calloc(1, sizeof(*channel));
	int page_fd, err;

	if (!channel)
		return -ENOMEM;
	channel->socket_fd = socket_fd;
	channel->peer = peer;
	page_fd = make_page(&channel->page);
	if (page_fd < 0) {
		free(channel);
		return page_fd;
	}
	err = start_thread(channel);
	if (err) {
		munmap(channel->page, WORLD_CHANNEL_LEN);
		free(channel);
		close(page_fd);
		return err;
	}
	/* If this fails the client has hung up, which the watcher will see. */
	message_send(socket_fd, &status, sizeof(status), page_fd, MSG_DONTWAIT);
	close(page_fd);
	*out = channel;
	return 0;
}

void channel_hang_up(struct served_channel *channel)
{
	atomic_store(&channel->hung_up, true);
	__atomic_store_n(&channel->page->closed, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &channel->page->done, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool channel_reap(struct served_channel *channel)
{
	if (!atomic_load(&channel->ended)) {
		/* It may have looked before the hang-up and slept only after it. */
		drop_hurry(channel->thread);
		syscall(SYS_futex, &channel->page->posted, FUTEX_WAKE, 1, NULL, NULL, 0);
		return false;
	}
	pthread_join(channel->thread, NULL);
	munmap(channel->page, WORLD_CHANNEL_LEN);
	free(channel);
	return true;
}
