// SPDX-License-Identifier: BSD-3-Clause
/*
 * Devices of a software world: owns the list of those that are open. Each has a channel, in
 * which one thread at a time can be. The list's lock is held for the list only; a fork takes
 * it after the locks of session.c.
 */
#include <errno.h>
#include <linux/tee.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <world/client/channel.h>

#include "tee_world.h"

struct device {
	struct device *next;
	pid_t owner; /* a child of its has no hold on the channel */
	int fd;
	struct channel channel;
	pthread_mutex_t lock; /* of the channel */
	uint8_t token[WORLD_TOKEN_LEN];
};

static struct {
	pthread_mutex_t lock;
	struct device *first;
} devices = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Whether there was ever one. Who has none of its own makes each call on the kernel's, without a lock here. */
static atomic_bool any;

static void fork_prepare(void)
{
	pthread_mutex_lock(&devices.lock);
}

static void fork_done(void)
{
	pthread_mutex_unlock(&devices.lock);
}

/* Before the library does: what is registered first is locked last. */
__attribute__((constructor)) static void register_atfork(void)
{
	pthread_atfork(fork_prepare, fork_done, fork_done);
}

int tee_world_open(const char *world, const char *path)
{
	struct device *device;
	unsigned int index;
	int err;

	if (sscanf(path, "/dev/tee%u", &index) != 1)
		return -ENOENT;
	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->owner = getpid();
	device->fd = world_open_device(world, index);
	err = device->fd < 0 ? device->fd : world_token(device->fd, device->token);
	if (!err)
		err = channel_open(&device->channel, world);
	if (err) {
		if (device->fd >= 0)
			close(device->fd);
		free(device);
		return err;
	}
	pthread_mutex_init(&device->lock, NULL);
	atomic_store(&any, true);
	pthread_mutex_lock(&devices.lock);
	device->next = devices.first;
	devices.first = device;
	pthread_mutex_unlock(&devices.lock);
	return device->fd;
}

static struct device *find(int fd)
{
	struct device *device;

	if (!atomic_load_explicit(&any, memory_order_relaxed))
		return NULL;
	pthread_mutex_lock(&devices.lock);
	for (device = devices.first; device; device = device->next) {
		if (device->fd == fd)
			break;
	}
	pthread_mutex_unlock(&devices.lock);
	return device;
}

static struct device *take(int fd)
{
	struct device **link, *device;

	pthread_mutex_lock(&devices.lock);
	for (link = &devices.first; *link; link = &(*link)->next) {
		if ((*link)->fd == fd)
			break;
	}
	device = *link;
	if (device)
		*link = device->next;
	pthread_mutex_unlock(&devices.lock);
	return device;
}

bool tee_world_close(int fd)
{
	struct device *device = take(fd);

	if (!device)
		return false;
	/* A child has the descriptors, but not the memory, nor the threads that hold the lock. */
	if (device->owner == getpid()) {
		channel_close(&device->channel);
		pthread_mutex_destroy(&device->lock);
	} else {
		close(device->channel.fd);
	}
	close(fd);
	explicit_bzero(device->token, sizeof(device->token));
	free(device);
	return true;
}

/* The argument that a struct tee_ioctl_buf_data points to. */
static bool has_buffer(unsigned long request)
{
	return request == TEE_IOC_OPEN_SESSION || request == TEE_IOC_INVOKE;
}

static int device_ioctl(struct device *device, unsigned long request, void *arg)
{
	struct channel_call call = {
		.op = WORLD_IOCTL, .cmd = (uint32_t)request, .arg_len = _IOC_SIZE(request), .fd = -1
	};
	struct tee_ioctl_buf_data data = { 0 };
	void *buf = NULL;
	int64_t ret;

	if (device->owner != getpid())
		return -ENODEV;
	if (call.arg_len > sizeof(call.arg))
		return -EINVAL;
	memcpy(call.arg, arg, call.arg_len);
	if (has_buffer(request)) {
		memcpy(&data, arg, sizeof(data));
		if (data.buf_len > sizeof(call.buf))
			return -EINVAL;
		buf = (void *)(uintptr_t)data.buf_ptr;
		call.buf_len = (uint32_t)data.buf_len;
		memcpy(call.buf, buf, call.buf_len);
	}
	memcpy(call.token, device->token, sizeof(call.token));
	pthread_mutex_lock(&device->lock);
	ret = channel_call(&device->channel, &call, NULL, NULL);
	pthread_mutex_unlock(&device->lock);
	explicit_bzero(call.token, sizeof(call.token));
	if (call.flags & WORLD_ARG_WRITE && call.arg_len <= _IOC_SIZE(request))
		memcpy(arg, call.arg, call.arg_len);
	if (call.flags & WORLD_BUF_WRITE && buf && call.buf_len <= data.buf_len)
		memcpy(buf, call.buf, call.buf_len);
	if (ret >= 0 && call.fd >= 0)
		return call.fd;
	if (call.fd >= 0)
		close(call.fd);
	return (int)ret;
}

bool tee_world_ioctl(int fd, unsigned long request, void *arg, int *ret)
{
	struct device *device = find(fd);

	if (!device)
		return false;
	*ret = device_ioctl(device, request, arg);
	return true;
}

int tee_world_attribute(const char *world, unsigned int index, const char *attribute, char *text,
			size_t size)
{
	struct channel_call call = { .op = WORLD_ATTRIBUTE, .device = index, .fd = -1 };
	struct channel channel;
	int64_t ret;

	call.arg_len = (uint32_t)snprintf((char *)call.arg, sizeof(call.arg), "%s", attribute) + 1;
	if (channel_open(&channel, world))
		return -ENOENT;
	ret = channel_call(&channel, &call, NULL, NULL);
	if (call.fd >= 0)
		close(call.fd);
	channel_close(&channel);
	if (ret < 0 || call.buf_len >= size)
		return -ENOENT;
	memcpy(text, call.buf, call.buf_len);
	text[call.buf_len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}
