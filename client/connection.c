// SPDX-License-Identifier: BSD-3-Clause
/* A connection: one open device, one session on it, its shared buffers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/ts_rpc.h>

#include "ask.h"
#include "connection.h"
#include "error.h"
#include "tee_sys.h"
#include "world.h"

/* Lengths are powers of two between these, so that growth is rare; whole pages beyond. */
#define BUFFER_POWER_MIN CONNECTION_SHORT
#define BUFFER_POWER_MAX 65536u

/* What became of the search for a service, for the message when it was in vain. */
struct search {
	char service[TSTEE_UUID_TEXT_LEN + 1]; /* name, or UUID if it has none */
	unsigned int devices;		       /* of any kind */
	int unreachable;		       /* why there is no way to the world, or 0 */
	int err; /* first failure that isn't "not hosted here", positive */
	char path[DEVICE_PATH_LEN];
	const char *what;
	unsigned int end;			       /* behind the last device */
	struct ask_candidate partitions[DEVICE_COUNT]; /* that match the options */
	size_t partition_count;
};

static void search_note(struct search *search, int err, const char *path, const char *what)
{
	if (search->err)
		return;
	search->err = err;
	strcpy(search->path, path);
	search->what = what;
}

static void search_name(struct search *search, const struct tstee_uuid *uuid)
{
	struct tstee_uuid known;
	const char *name;

	for (unsigned int i = 0; (name = tstee_service_name(i, &known)); i++) {
		if (!memcmp(&known, uuid, sizeof(known))) {
			snprintf(search->service, sizeof(search->service), "%s", name);
			return;
		}
	}
	tstee_uuid_format(uuid, search->service);
}

static int search_failed(const struct search *search, const struct tstee_options *options)
{
	if (search->unreachable)
		return world_failed(search->unreachable);
	if (search->err)
		return error_set_errno(search->err, search->path, search->what);
	if (search->partition_count)
		return error_set(ENOENT, "tstee list shows what is there",
				 "service %s: hosted by no partition", search->service);
	if (options->endpoint_id)
		return error_set(ENODEV, "tstee list shows the partitions",
				 "/dev/tee*: no partition with endpoint ID 0x%04x",
				 options->endpoint_id);
	if (world_path())
		return error_set(ENODEV, "tsworld status shows what is in it",
				 "TSTEE_WORLD=%s: the world has no devices", world_path());
	return error_set(ENODEV, world_device_hint(), "/dev/tee*: %s",
			 search->devices ? "no device of a secure partition" : "no TEE device");
}

static void search_device(struct search *search, unsigned int index,
			  const struct tstee_options *options)
{
	struct tee_ioctl_version_data version;
	char path[DEVICE_PATH_LEN];
	struct ask_candidate *here;
	int fd;

	fd = device_open(index, path, &version);
	if (fd == -ENOENT)
		return;
	if (world_unreachable(fd)) {
		search->unreachable = fd;
		return;
	}
	search->devices++;
	search->end = index + 1;
	if (fd < 0) {
		search_note(search, -fd, path, "open");
		return;
	}
	/* Another TEE must not be asked for a service: see tstee_device_hosts(). */
	if (device_kind(&version) != TSTEE_DEVICE_PARTITION ||
	    (options->endpoint_id && options->endpoint_id != (uint16_t)version.impl_caps)) {
		tee_sys_close(fd);
		return;
	}
	here = &search->partitions[search->partition_count++];
	here->index = index;
	here->endpoint_id = (uint16_t)version.impl_caps;
	here->fd = fd;
	/* The first is asked first, mostly. The others may not need to be. */
	if (search->partition_count > 1) {
		tee_sys_close(fd);
		here->fd = -1;
	}
}

/* Connects to the one that hosts the service. 0, or the search is in vain. */
static int search_ask(struct search *search, const struct tstee_uuid *uuid,
		      const struct tstee_options *options, struct connection *conn)
{
	struct ask_answer answer;
	int err;

	err = ask_partitions(search->partitions, search->partition_count, uuid, options, 0,
			     &answer);
	if (!err) {
		conn->fd = answer.fd;
		conn->session = answer.session;
		device_path(answer.index, conn->path);
		for (size_t i = 0; i < search->partition_count; i++) {
			if (search->partitions[i].index == answer.index)
				conn->endpoint_id = search->partitions[i].endpoint_id;
		}
		return 0;
	}
	if (err != -ENOENT) {
		char path[DEVICE_PATH_LEN];

		device_path(answer.index, path);
		search_note(search, -err, path, answer.what);
	}
	return err;
}

int connection_open(const struct tstee_uuid *uuid, const struct tstee_options *options,
		    struct connection **connection)
{
	struct search search = { 0 };
	struct connection *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return error_set(ENOMEM, NULL, "session: out of memory");
	search_name(&search, uuid);
	for (unsigned int index = 0; device_is_worth_it(index, search.end) && !search.unreachable;
	     index++)
		search_device(&search, index, options);
	if (search.unreachable) {
		if (search.partition_count)
			tee_sys_close(search.partitions[0].fd);
	} else if (!search_ask(&search, uuid, options, conn)) {
		*connection = conn;
		return 0;
	}
	free(conn);
	return search_failed(&search, options);
}

void connection_buffer_free(struct buffer *buffer)
{
	if (buffer->addr)
		tee_sys_unmap(buffer->addr, buffer->len);
	buffer->addr = NULL;
	buffer->len = 0;
}

void connection_close(struct connection *conn)
{
	for (size_t i = 0; i < CONNECTION_BUFFERS; i++)
		connection_buffer_free(&conn->buffers[i]);
	/* Closing the device closes the session too; ID 0 needs no special care so. */
	tee_sys_close(conn->fd);
	free(conn);
}

/* 0 if there is no such length. */
static size_t buffer_len(size_t len)
{
	size_t out = BUFFER_POWER_MIN;

	if (len > BUFFER_POWER_MAX) {
		if (len > SIZE_MAX - TS_RPC_PAGE_LEN)
			return 0;
		return (len + TS_RPC_PAGE_LEN - 1) / TS_RPC_PAGE_LEN * TS_RPC_PAGE_LEN;
	}
	while (out < len)
		out *= 2;
	return out;
}

int connection_buffer_grow(struct connection *conn, struct buffer *buffer, size_t len)
{
	struct tee_ioctl_shm_alloc_data data = { .size = buffer_len(len) };
	int fd;

	/* First, so that the partition never needs room for both. */
	connection_buffer_free(buffer);
	if (!data.size)
		return error_set_errno(ENOMEM, conn->path, "share a buffer");
	fd = tee_sys_ioctl(conn->fd, TEE_IOC_SHM_ALLOC, &data);
	if (fd < 0)
		return error_set_errno(-fd, conn->path, "share a buffer");
	if (data.size >= len)
		buffer->addr = tee_sys_map(fd, data.size);
	/* The mapping keeps the memory. */
	tee_sys_close(fd);
	if (!buffer->addr)
		return error_set_errno(ENOMEM, conn->path, "map a shared buffer");
	buffer->len = data.size;
	buffer->id = data.id;
	return 0;
}

static void buffer_fill(struct buffer *buffer, const struct call *call)
{
	uint8_t *to = buffer->addr;

	for (int i = 0; i < call->iov_count; i++) {
		if (!call->iov[i].iov_len)
			continue;
		memcpy(to, call->iov[i].iov_base, call->iov[i].iov_len);
		to += call->iov[i].iov_len;
	}
}

/* The response fits. */
static void buffer_drain(const struct buffer *buffer, const struct call *call, size_t len)
{
	const uint8_t *from = buffer->addr;

	for (int i = 0; i < call->resp_count && len; i++) {
		size_t piece = call->resp[i].iov_len < len ? call->resp[i].iov_len : len;

		if (!piece)
			continue;
		memcpy(call->resp[i].iov_base, from, piece);
		from += piece;
		len -= piece;
	}
}

/* Errnos that mean something else in a call than elsewhere: docs/ts-tee.md has the table. */
static int call_failed(struct connection *conn, const struct call *call, int err)
{
	const char *reason;
	char what[32];

	switch (err) {
	case EOPNOTSUPP:
		reason = "the partition knows no such operation or length";
		break;
	case ENOENT:
		reason = "the partition does not know the shared buffer";
		break;
	case EBADFD:
		reason = "the service is in the wrong state for it";
		break;
	default:
		snprintf(what, sizeof(what), "operation 0x%x", call->opcode);
		return error_set_errno(err, conn->path, what);
	}
	return error_set(err, NULL, "%s: operation 0x%x: %s", conn->path, call->opcode, reason);
}

int connection_call(struct connection *conn, struct buffer *buffer, struct call *call)
{
	union {
		struct tee_ioctl_invoke_arg arg;
		uint8_t room[sizeof(struct tee_ioctl_invoke_arg) + sizeof(struct tee_ioctl_param)];
	} invoke = { .arg = { .func = call->opcode, .session = conn->session, .num_params = 1 } };
	struct tee_ioctl_buf_data data = { .buf_ptr = (uintptr_t)&invoke,
					   .buf_len = sizeof(invoke) };
	struct tee_ioctl_param param = { .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT };
	uint64_t resp_len = 0;
	int err;

	if (buffer) {
		buffer_fill(buffer, call);
		param.a = (uint32_t)buffer->id;
		param.b = call->req_len;
	}
	memcpy(invoke.arg.params, &param, sizeof(param));
	err = tee_sys_ioctl(conn->fd, TEE_IOC_INVOKE, &data);
	if (err < 0) {
		err = call_failed(conn, call, -err);
	} else if (buffer) {
		memcpy(&param, invoke.arg.params, sizeof(param));
		resp_len = param.a;
		call->resp_len = resp_len;
		call->status = (int32_t)invoke.arg.ret;
		if (resp_len > buffer->len) {
			call->resp_len = 0;
			err = call_failed(conn, call, EPROTO);
		} else if (resp_len > call->resp_size) {
			err = call_failed(conn, call, EMSGSIZE);
		} else {
			buffer_drain(buffer, call, resp_len);
		}
	} else {
		call->resp_len = 0;
		call->status = (int32_t)invoke.arg.ret;
	}
	if (buffer) {
		size_t used = resp_len > call->req_len ? resp_len : call->req_len;

		/* After a failure nobody knows what the partition wrote. */
		explicit_bzero(buffer->addr, err ? buffer->len : used);
	}
	return err;
}
