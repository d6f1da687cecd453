// SPDX-License-Identifier: BSD-3-Clause
/*
 * The TEE ioctls, raw. Owns nothing but what its callers hold in their structures.
 */
#include "tee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>

/* How long finding a service waits for a partition that is busy, in steps of 10 ms. */
#define FIND_ATTEMPTS 300

const struct tee_login tee_login_public = { .method = TEE_IOCTL_LOGIN_PUBLIC };
const struct tee_login tee_login_user = { .method = TEE_IOCTL_LOGIN_USER };

struct tee_login tee_login_group(uint32_t gid)
{
	struct tee_login login = { .method = TEE_IOCTL_LOGIN_GROUP };

	memcpy(login.data, &gid, sizeof(gid));
	return login;
}

static int control(int fd, unsigned long request, void *arg)
{
	int rc = ioctl(fd, request, arg);

	return rc < 0 ? -errno : rc;
}

int tee_open(unsigned int number, struct tee_device *device)
{
	struct tee_ioctl_version_data version = {};
	int fd, rc;

	*device = (struct tee_device){ .number = number };
	snprintf(device->path, sizeof(device->path), "/dev/tee%u", number);
	fd = open(device->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	rc = control(fd, TEE_IOC_VERSION, &version);
	if (!rc && version.impl_id != TS_RPC_TEE_IMPL_ID)
		rc = -ENODEV;
	if (rc) {
		close(fd);
		return rc;
	}
	device->endpoint_id = (uint16_t)version.impl_caps;
	device->gen_caps = version.gen_caps;
	return fd;
}

static int hosts(unsigned int number, const uint8_t uuid[TEE_IOCTL_UUID_LEN],
		 struct tee_device *device)
{
	uint32_t session;
	int fd, rc;

	fd = tee_open(number, device);
	if (fd < 0)
		return fd;
	rc = tee_session_open(fd, uuid, &tee_login_public, &session);
	close(fd);
	return rc;
}

int tee_find(const uint8_t uuid[TEE_IOCTL_UUID_LEN], struct tee_device *device)
{
	for (unsigned int attempt = 0; attempt < FIND_ATTEMPTS; attempt++) {
		bool busy = false;

		for (unsigned int number = 0; number < TEE_DEVICE_MAX; number++) {
			int rc = hosts(number, uuid, device);

			if (!rc)
				return 0;
			busy |= rc == -EBUSY;
		}
		if (!busy)
			return -ENODEV;
		usleep(10000);
	}
	return -EBUSY;
}

int tee_session_open(int fd, const uint8_t uuid[TEE_IOCTL_UUID_LEN], const struct tee_login *login,
		     uint32_t *session)
{
	struct tee_ioctl_open_session_arg arg = { .clnt_login = login->method };
	struct tee_ioctl_buf_data buf = { (uintptr_t)&arg, sizeof(arg) };
	int rc;

	memcpy(arg.uuid, uuid, sizeof(arg.uuid));
	memcpy(arg.clnt_uuid, login->data, sizeof(arg.clnt_uuid));
	rc = control(fd, TEE_IOC_OPEN_SESSION, &buf);
	if (!rc)
		*session = arg.session;
	return rc;
}

int tee_session_close(int fd, uint32_t session)
{
	struct tee_ioctl_close_session_arg arg = { .session = session };

	return control(fd, TEE_IOC_CLOSE_SESSION, &arg);
}

size_t tee_page_len(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int tee_buffer_alloc(int fd, size_t len, struct tee_buffer *buffer)
{
	struct tee_ioctl_shm_alloc_data arg = { .size = len };
	void *data;
	int rc;

	*buffer = (struct tee_buffer){ .fd = -1 };
	rc = control(fd, TEE_IOC_SHM_ALLOC, &arg);
	if (rc < 0)
		return rc;

	data = mmap(NULL, arg.size, PROT_READ | PROT_WRITE, MAP_SHARED, rc, 0);
	if (data == MAP_FAILED) {
		int error = -errno;

		close(rc);
		return error;
	}
	*buffer = (struct tee_buffer){ .id = arg.id, .fd = rc, .len = arg.size, .data = data };
	return 0;
}

int tee_buffer_register(int fd, void *data, size_t len, struct tee_buffer *buffer)
{
	struct tee_ioctl_shm_register_data arg = { .addr = (uintptr_t)data, .length = len };
	int rc;

	*buffer = (struct tee_buffer){ .fd = -1 };
	rc = control(fd, TEE_IOC_SHM_REGISTER, &arg);
	if (rc < 0)
		return rc;
	/* data stays NULL: it is the caller's to unmap. */
	*buffer = (struct tee_buffer){ .id = arg.id, .fd = rc, .len = len };
	return 0;
}

void tee_buffer_free(struct tee_buffer *buffer)
{
	if (buffer->data)
		munmap(buffer->data, buffer->len);
	if (buffer->id)
		close(buffer->fd);
	*buffer = (struct tee_buffer){ .fd = -1 };
}

int tee_invoke_raw(int fd, struct tee_ioctl_invoke_arg *arg, struct tee_ioctl_param *params)
{
	size_t params_len = arg->num_params * sizeof(*params);
	_Alignas(8) uint8_t bytes[sizeof(*arg) + 8 * sizeof(*params)];
	struct tee_ioctl_buf_data buf = { (uintptr_t)bytes, sizeof(*arg) + params_len };
	int rc;

	if (buf.buf_len > sizeof(bytes))
		return -E2BIG;
	memcpy(bytes, arg, sizeof(*arg));
	if (params_len)
		memcpy(bytes + sizeof(*arg), params, params_len);
	rc = control(fd, TEE_IOC_INVOKE, &buf);
	memcpy(arg, bytes, sizeof(*arg));
	if (params_len)
		memcpy(params, bytes + sizeof(*arg), params_len);
	return rc;
}

int tee_invoke(int fd, uint32_t session, uint32_t opcode, uint64_t buffer_id, uint64_t request_len,
	       uint64_t *response_len, int32_t *status)
{
	struct {
		struct tee_ioctl_invoke_arg arg;
		struct tee_ioctl_param param;
	} call = {
		.arg = { .func = opcode, .session = session, .num_params = 1 },
		.param = { .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT,
			   .a = buffer_id,
			   .b = request_len },
	};
	struct tee_ioctl_buf_data buf = { (uintptr_t)&call, sizeof(call) };
	int rc;

	rc = control(fd, TEE_IOC_INVOKE, &buf);
	if (!rc) {
		*response_len = call.param.a;
		*status = (int32_t)call.arg.ret;
	}
	return rc;
}

int tee_connect(struct tee_client *client, const uint8_t uuid[TEE_IOCTL_UUID_LEN],
		const struct tee_login *login, size_t buffer_len)
{
	int rc;

	*client = (struct tee_client){ .fd = -1, .buffer = { .fd = -1 } };
	rc = tee_find(uuid, &client->device);
	if (rc)
		return rc;
	client->fd = tee_open(client->device.number, &client->device);
	if (client->fd < 0)
		return client->fd;

	rc = tee_session_open(client->fd, uuid, login, &client->session);
	if (!rc && buffer_len)
		rc = tee_buffer_alloc(client->fd, buffer_len, &client->buffer);
	if (rc) {
		close(client->fd);
		client->fd = -1;
	}
	return rc;
}

void tee_disconnect(struct tee_client *client)
{
	tee_buffer_free(&client->buffer);
	close(client->fd);
	client->fd = -1;
}

int tee_call(struct tee_client *client, uint32_t opcode, const void *request, size_t request_len,
	     uint64_t *response_len, int32_t *status)
{
	if (request_len > client->buffer.len)
		return -EINVAL;
	if (request_len)
		memcpy(client->buffer.data, request, request_len);
	return tee_invoke(client->fd, client->session, opcode, (uint64_t)client->buffer.id,
			  request_len, response_len, status);
}
