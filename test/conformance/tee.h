/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TEE ioctls of linux/tee.h, one function each, for tests and measurements: nothing is
 * checked, repaired or retried on the way. Functions return 0 or a positive value, or a
 * negative errno. Not thread-safe, safe across fork.
 */
#ifndef CONFORMANCE_TEE_H
#define CONFORMANCE_TEE_H

#include <linux/tee.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEE_DEVICE_MAX 32
#define TEE_PATH_LEN   32

/* A device of TS RPC partitions, found by its answers. */
struct tee_device {
	char path[TEE_PATH_LEN];
	unsigned int number; /* N of /dev/teeN */
	uint16_t endpoint_id;
	uint32_t gen_caps;
};

/* A shared buffer; memory of the caller if it was registered. */
struct tee_buffer {
	int id;
	int fd;
	size_t len; /* whole pages of the kernel's */
	uint8_t *data;
};

/* A device, a session in it and at most one buffer: what a simple client has. */
struct tee_client {
	struct tee_device device;
	int fd;
	uint32_t session;
	struct tee_buffer buffer;
};

struct tee_login {
	uint32_t method;
	uint8_t data[TEE_IOCTL_UUID_LEN];
};

extern const struct tee_login tee_login_public;
extern const struct tee_login tee_login_user;
struct tee_login tee_login_group(uint32_t gid);

/* Opens /dev/teeN: a file descriptor, or -ENODEV for devices of other drivers. */
int tee_open(unsigned int number, struct tee_device *device);

/* The device that hosts the service: 0, or -ENODEV. Tries again while one is busy. */
int tee_find(const uint8_t uuid[TEE_IOCTL_UUID_LEN], struct tee_device *device);

int tee_session_open(int fd, const uint8_t uuid[TEE_IOCTL_UUID_LEN], const struct tee_login *login,
		     uint32_t *session);
int tee_session_close(int fd, uint32_t session);

/* How long a page of the kernel's is: 4, 16 or 64 KiB. */
size_t tee_page_len(void);

int tee_buffer_alloc(int fd, size_t len, struct tee_buffer *buffer);
int tee_buffer_register(int fd, void *data, size_t len, struct tee_buffer *buffer);

/* Unmaps (what was allocated) and closes; nothing happens if there is no buffer. */
void tee_buffer_free(struct tee_buffer *buffer);

/* One INVOKE with its parameters as they are; they come back as the kernel left them. */
int tee_invoke_raw(int fd, struct tee_ioctl_invoke_arg *arg, struct tee_ioctl_param *params);

/*
 * The usual INVOKE: one value inout. response_len and status are results, written on
 * success only.
 */
int tee_invoke(int fd, uint32_t session, uint32_t opcode, uint64_t buffer_id, uint64_t request_len,
	       uint64_t *response_len, int32_t *status);

/* Device, session and a buffer of buffer_len bytes (0: none). Nothing stays on failure. */
int tee_connect(struct tee_client *client, const uint8_t uuid[TEE_IOCTL_UUID_LEN],
		const struct tee_login *login, size_t buffer_len);
void tee_disconnect(struct tee_client *client);

/*
 * Copies the request into the client's buffer and calls; the response is at buffer.data.
 * -EINVAL if the request does not fit.
 */
int tee_call(struct tee_client *client, uint32_t opcode, const void *request, size_t request_len,
	     uint64_t *response_len, int32_t *status);

#endif /* CONFORMANCE_TEE_H */
