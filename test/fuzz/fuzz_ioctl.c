// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the driver, over the kernel API in user space: sequences of ioctls of several
 * users on several open files of two partitions, which at times are busy or keep what was shared
 * with them. What the driver must do is told by a model of the files, sessions and buffers, and
 * nothing may be left when all of them are gone.
 */
#include "../unit/kernel_spm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tee.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <tstee/client_id.h>
#include <unistd.h>
#include <world/linux/kernel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGE_LEN     4096u
#define FILES	     4
#define DEVICES	     2
#define SESSIONS     6 /* of a file, that the model follows */
#define BUFFERS	     8
#define BUFFER_PAGES 4
#define OPS_MAX	     200

enum op {
	OP_OPEN,
	OP_RELEASE,
	OP_SESSION,
	OP_SESSION_CLOSE,
	OP_ALLOC,
	OP_REGISTER,
	OP_FREE,
	OP_INVOKE,
	OP_INVOKE_ANYTHING,
	OP_RAW,
	OP_BUSY,
	OP_DENY,
	OP_COUNT
};

struct input {
	const uint8_t *data;
	size_t size;
};

struct session {
	uint32_t id; /* 0: none */
	uint32_t client_id;
};

struct file {
	struct tee_file *file; /* NULL: not open */
	struct session sessions[SESSIONS];
	bool uncounted; /* it may have sessions that the model doesn't know */
};

struct buffer {
	int fd; /* -1: none */
	int id;
	int owner;
	size_t len;
};

static struct file files[FILES];
static struct buffer buffers[BUFFERS];
static bool denied; /* the partition has kept pages */

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Zeros when there is no more. */
static uint64_t take(struct input *in, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len && in->size; i++, in->data++, in->size--)
		value |= (uint64_t)*in->data << (8 * i);
	return value;
}

static int pick_file(struct input *in)
{
	return (int)(take(in, 1) % FILES);
}

static long call_arg(int f, uint32_t cmd, void *arg, size_t len, int fd)
{
	struct tee_file_call call = { .cmd = cmd, .arg_len = (uint32_t)len, .fd = fd };
	long rc;

	memcpy(call.arg, arg, len);
	rc = tee_file_ioctl(files[f].file, &call);
	if (call.arg_written)
		memcpy(arg, call.arg, len);
	require(rc <= 0 || cmd == TEE_IOC_VERSION);
	return rc ? rc : call.fd;
}

static long call_buf(int f, uint32_t cmd, void *buf, size_t len, uint64_t said_len)
{
	struct tee_ioctl_buf_data data = { .buf_ptr = (uintptr_t)buf, .buf_len = said_len };
	struct tee_file_call call = {
		.cmd = cmd,
		.arg_len = sizeof(data),
		.buf_len = (uint32_t)len,
		.fd = -1,
	};
	long rc;

	memcpy(call.arg, &data, sizeof(data));
	memcpy(call.buf, buf, len);
	rc = tee_file_ioctl(files[f].file, &call);
	/* On an error nothing is written back. */
	require(!call.arg_written && (!call.buf_written || !rc));
	if (call.buf_written)
		memcpy(buf, call.buf, len);
	return rc;
}

static void do_open(struct input *in)
{
	const int f = pick_file(in);
	const unsigned int device = (unsigned int)take(in, 1) % (DEVICES + 1);
	int rc;

	if (files[f].file)
		return;
	rc = tee_file_open(device, &files[f].file);
	require(rc == (device < DEVICES ? 0 : -ENOENT));
	if (rc)
		files[f].file = NULL;
}

/* Buffers keep the context behind the file: they outlive it. */
static void do_release(struct input *in)
{
	const int f = pick_file(in);

	if (!files[f].file)
		return;
	tee_file_release(files[f].file);
	memset(&files[f], 0, sizeof(files[f]));
	for (size_t i = 0; i < BUFFERS; i++) {
		if (buffers[i].fd >= 0 && buffers[i].owner == f)
			buffers[i].owner = -1;
	}
}

static void session_note(struct file *file, uint32_t id, uint32_t client_id)
{
	require(id);
	for (size_t i = 0; i < SESSIONS; i++)
		require(file->sessions[i].id != id);
	for (size_t i = 0; i < SESSIONS; i++) {
		if (!file->sessions[i].id) {
			file->sessions[i] = (struct session){ id, client_id };
			return;
		}
	}
	file->uncounted = true;
}

/* The client ID that a login must yield, or an errno. */
static int login_result(uint32_t login, uint32_t gid, const struct world_task *task, uint32_t *id)
{
	switch (login) {
	case TEE_IOCTL_LOGIN_PUBLIC:
		*id = TSTEE_CLIENT_ID_PUBLIC;
		return 0;
	case TEE_IOCTL_LOGIN_USER:
		*id = tstee_client_id_user(task->euid);
		return task->euid < TSTEE_CLIENT_UID_END ? 0 : -EOVERFLOW;
	case TEE_IOCTL_LOGIN_GROUP:
		*id = tstee_client_id_group(gid);
		if (gid != task->egid && gid != task->groups[0])
			return -EPERM;
		return gid < TSTEE_CLIENT_GID_END ? 0 : -EOVERFLOW;
	default:
		return login >= TEE_IOCTL_LOGIN_REE_KERNEL_MIN &&
				       login <= TEE_IOCTL_LOGIN_REE_KERNEL_MAX ?
			       -EPERM :
			       -EOPNOTSUPP;
	}
}

static void do_session(struct input *in)
{
	static const uint32_t uids[] = { 0, 1000, 0x7bffffff, 0x7c000000, 0xfffffffe };
	static const gid_t gids[] = { 10, 20, 0x03efffff, 0x03f00000, 30 };
	const int f = pick_file(in);
	const uint64_t choice = take(in, 3);
	struct world_task task = {
		.euid = uids[choice % 5],
		.egid = gids[choice / 5 % 5],
		.groups = &gids[choice / 25 % 5],
		.group_count = 1,
	};
	struct tee_ioctl_open_session_arg arg = { .clnt_login = (uint32_t)(choice >> 8) % 8 };
	const uint32_t gid = gids[choice >> 16 & 3];
	uint32_t client_id = 0;
	int expected;
	long rc;

	if (!files[f].file)
		return;
	if (choice >> 23 & 1)
		arg.clnt_login |= TEE_IOCTL_LOGIN_REE_KERNEL_MIN;
	memcpy(arg.uuid, spm_service_uuid, sizeof(arg.uuid));
	arg.uuid[15] ^= (choice >> 22 & 1);
	memcpy(arg.clnt_uuid, &gid, sizeof(gid));

	expected = login_result(arg.clnt_login, gid, &task, &client_id);
	if (!expected && (choice >> 22 & 1))
		expected = -ENODEV;
	world_set_task(&task);
	rc = call_buf(f, TEE_IOC_OPEN_SESSION, &arg, sizeof(arg), sizeof(arg));
	world_set_task(NULL);
	require(rc == expected);
	if (!rc)
		session_note(&files[f], arg.session, client_id);
}

static void do_session_close(struct input *in)
{
	const int f = pick_file(in);
	struct session *session = &files[f].sessions[take(in, 1) % SESSIONS];
	struct tee_ioctl_close_session_arg arg = { .session = session->id };
	long rc;

	if (!files[f].file)
		return;
	rc = call_arg(f, TEE_IOC_CLOSE_SESSION, &arg, sizeof(arg), -1);
	require(rc == (session->id ? -1 : -EINVAL));
	session->id = 0;
}

static struct buffer *buffer_free_slot(void)
{
	for (size_t i = 0; i < BUFFERS; i++) {
		if (buffers[i].fd < 0)
			return &buffers[i];
	}
	return NULL;
}

static void buffer_note(struct buffer *slot, int f, int fd, int id, uint64_t len)
{
	require(id > 0);
	for (size_t i = 0; i < BUFFERS; i++)
		require(buffers[i].fd < 0 || buffers[i].owner != f || buffers[i].id != id);
	*slot = (struct buffer){ .fd = fd, .id = id, .owner = f, .len = len };
}

static void do_alloc(struct input *in)
{
	const int f = pick_file(in);
	const uint64_t len = take(in, 2) % (BUFFER_PAGES * PAGE_LEN + 1);
	struct tee_ioctl_shm_alloc_data data = { .size = len };
	struct buffer *slot = buffer_free_slot();
	long rc;

	if (!files[f].file || !slot)
		return;
	rc = call_arg(f, TEE_IOC_SHM_ALLOC, &data, sizeof(data), -1);
	if (!len) {
		require(rc == -EINVAL);
		return;
	}
	require(rc >= 0 && data.size >= len && data.size % PAGE_LEN == 0);
	buffer_note(slot, f, (int)rc, data.id, data.size);
}

/* Of a file of one page: what is longer, empty or beyond the end must be refused. */
static void do_register(struct input *in)
{
	const int f = pick_file(in);
	const uint64_t choice = take(in, 2);
	struct tee_ioctl_shm_register_data data = {
		.addr = 0x10000 + (choice & 0xfff),
		.length = (choice >> 12) * 1024,
	};
	struct buffer *slot = buffer_free_slot();
	int memory = memfd_create("client", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	long rc;

	require(memory >= 0 && !ftruncate(memory, PAGE_LEN));
	require(!fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	if (files[f].file && slot) {
		rc = call_arg(f, TEE_IOC_SHM_REGISTER, &data, sizeof(data), memory);
		if (rc >= 0)
			buffer_note(slot, f, (int)rc, data.id, data.length);
		else
			require(rc == -EINVAL || rc == -EFAULT || rc == -ENOMEM ||
				rc == -EOPNOTSUPP);
	}
	close(memory);
}

static void do_free(struct input *in)
{
	struct buffer *b = &buffers[take(in, 1) % BUFFERS];

	if (b->fd < 0)
		return;
	close(b->fd);
	b->fd = -1;
}

struct invoke {
	struct tee_ioctl_invoke_arg arg;
	struct tee_ioctl_param param;
};

static void do_invoke(struct input *in)
{
	static const uint32_t opcodes[] = { SPM_INVERT, SPM_WHO, SPM_LONG_ANSWER, SPM_SUM, 9 };
	const int f = pick_file(in);
	const uint64_t choice = take(in, 4);
	const struct session *session = &files[f].sessions[choice % SESSIONS];
	const struct buffer *b = &buffers[choice >> 8 & (BUFFERS - 1)];
	const bool with_buffer = choice >> 15 & 1;
	const bool mine = b->fd >= 0 && b->owner == f;
	const uint32_t len = (uint32_t)(choice >> 16);
	struct invoke message = {
		.arg = { .func = opcodes[choice >> 12 & 3],
			 .session = session->id,
			 .num_params = 1 },
		.param = { .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT, .b = len },
	};
	long rc;

	if (!files[f].file)
		return;
	if (with_buffer)
		message.param.a = b->fd >= 0 ? (uint64_t)b->id : 999;
	rc = call_buf(f, TEE_IOC_INVOKE, &message, sizeof(message), sizeof(message));

	if (!session->id || (!with_buffer && len) || (mine && with_buffer && len > b->len)) {
		require(rc == -EINVAL);
		return;
	}
	/* Another file of the same device has other IDs, which may be the same numbers. */
	if (with_buffer && !mine)
		return;
	if (message.arg.func == SPM_LONG_ANSWER) {
		require(rc == -EMSGSIZE);
		return;
	}
	require(!rc);
	if (message.arg.func == SPM_WHO)
		require(message.arg.ret == session->client_id && !message.param.a);
	if (message.arg.func == SPM_INVERT)
		require(message.param.a == len);
}

/* One argument anything, but for lengths that would be of another ioctl. */
static void do_invoke_anything(struct input *in)
{
	const int f = pick_file(in);
	struct invoke message = { .arg = {
					  .func = (uint32_t)take(in, 4),
					  .session = (uint32_t)take(in, 1),
					  .num_params = (uint32_t)take(in, 1) % 3,
				  } };
	const uint64_t said_len =
		sizeof(message.arg) + message.arg.num_params * (uint64_t)sizeof(message.param);
	long rc;

	message.param.attr = take(in, 2);
	message.param.a = take(in, 8);
	message.param.b = take(in, 8);
	message.param.c = take(in, 8);
	/* It would wait for who is not there. */
	if (!files[f].file || (message.arg.func & 0xffff) == SPM_WAIT)
		return;
	rc = call_buf(f, TEE_IOC_INVOKE, &message, sizeof(message), said_len);
	if (message.arg.num_params != 1 ||
	    message.param.attr != TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT ||
	    message.arg.func > UINT16_MAX)
		require(rc == -EINVAL || rc == -EFAULT);
}

static void do_raw(struct input *in)
{
	const int f = pick_file(in);
	struct tee_file_call call = { .fd = -1 };
	uint64_t choice = take(in, 2);
	long rc;

	call.cmd = _IOC(choice & 3, TEE_IOC_MAGIC, choice >> 2 & 15, choice >> 6 & 63);
	call.arg_len = (uint32_t)take(in, 1) % (WORLD_ARG_LEN + 1);
	call.buf_len = (uint32_t)take(in, 2) % (WORLD_BUF_LEN + 1);
	call.arg_fault = choice >> 14 & 1;
	call.buf_fault = choice >> 15 & 1;
	for (size_t i = 0; i < 64 && i < call.arg_len; i++)
		call.arg[i] = (uint8_t)take(in, 1);
	for (size_t i = 0; i < 64 && i < call.buf_len; i++)
		call.buf[i] = (uint8_t)take(in, 1);
	/* Neither sessions and buffers that the model would not know, nor a wait. */
	if (!files[f].file || call.cmd == TEE_IOC_OPEN_SESSION || call.cmd == TEE_IOC_INVOKE ||
	    call.cmd == TEE_IOC_SHM_ALLOC || call.cmd == TEE_IOC_CLOSE_SESSION)
		return;
	rc = tee_file_ioctl(files[f].file, &call);
	require(rc <= 0);
	if (call.fd >= 0)
		close(call.fd);
}

static void step(struct input *in)
{
	switch ((enum op)(take(in, 1) % OP_COUNT)) {
	case OP_OPEN:
		do_open(in);
		break;
	case OP_RELEASE:
		do_release(in);
		break;
	case OP_SESSION:
		do_session(in);
		break;
	case OP_SESSION_CLOSE:
		do_session_close(in);
		break;
	case OP_ALLOC:
		do_alloc(in);
		break;
	case OP_REGISTER:
		do_register(in);
		break;
	case OP_FREE:
		do_free(in);
		break;
	case OP_INVOKE:
		do_invoke(in);
		break;
	case OP_INVOKE_ANYTHING:
		do_invoke_anything(in);
		break;
	case OP_RAW:
		do_raw(in);
		break;
	case OP_BUSY:
		spm_be_busy((unsigned int)take(in, 1) % 4);
		break;
	case OP_DENY:
		denied = true;
		spm_deny_reclaim(take(in, 1) & 1);
		break;
	case OP_COUNT:
		break;
	}
}

static unsigned int open_buffers(void)
{
	unsigned int count = 0;

	for (size_t i = 0; i < BUFFERS; i++)
		count += buffers[i].fd >= 0;
	return count;
}

/* All that was let go is got back when the driver goes, if the partition lets it. */
static void end(void)
{
	spm_be_busy(0);
	spm_deny_reclaim(false);
	for (int f = 0; f < FILES; f++) {
		if (files[f].file)
			tee_file_release(files[f].file);
	}
	memset(files, 0, sizeof(files));
	for (size_t i = 0; i < BUFFERS; i++) {
		if (buffers[i].fd >= 0)
			close(buffers[i].fd);
		buffers[i].fd = -1;
	}
	world_kernel_stop();
	require(!spm_shared() && !spm_mapped());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	for (size_t i = 0; i < BUFFERS; i++)
		buffers[i].fd = -1;
	denied = false;
	require(!world_kernel_start());
	for (int i = 0; i < OPS_MAX && in.size; i++) {
		step(&in);
		/* Each one that is there is mapped, whatever else has gone wrong. */
		require(spm_mapped() >= open_buffers());
	}
	end();
	return 0;
}
