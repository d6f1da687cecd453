// SPDX-License-Identifier: BSD-3-Clause
/*
 * TEE ioctls of wrapped programs: what they point to is read, sent to the world, and written
 * back as it comes out. All judgement is the world's, but for memory that can't be reached.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tee.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "region.h"
#include "supervisor.h"
#include "task.h"

/* One ioctl on its way. */
struct tee_call {
	const struct supervisor *supervisor;
	const struct seccomp_notif *req;
	uint64_t arg_addr;
	uint64_t buf_addr;
	struct channel_call call;
	struct tee_ioctl_shm_register_data memory; /* of a TEE_IOC_SHM_REGISTER */
};

static bool has_buffer(uint32_t cmd)
{
	switch (cmd) {
	case TEE_IOC_OPEN_SESSION:
	case TEE_IOC_INVOKE:
	case TEE_IOC_SUPPL_RECV:
	case TEE_IOC_SUPPL_SEND:
		return true;
	default:
		return false;
	}
}

/*
 * Where the thread's argument was and what it pointed to, the last time. Reading another
 * process's memory is dear, and mostly this is where it is again: then once is enough.
 */
struct place {
	pid_t tid;
	uint32_t buf_len;
	uint64_t arg_addr;
	uint64_t buf_addr;
};

static _Thread_local struct place last;

/* Reads buf along with arg if it is in its last place. Whether it was. */
static bool read_both(struct tee_call *tee, struct tee_ioctl_buf_data *data)
{
	struct channel_call *call = &tee->call;
	const pid_t tid = (pid_t)tee->req->pid;

	if (last.tid != tid || last.arg_addr != tee->arg_addr || !last.buf_len ||
	    !task_read_both(tid, tee->arg_addr, data, sizeof(*data), last.buf_addr, call->buf,
			    last.buf_len))
		return false;
	if (data->buf_ptr != last.buf_addr || data->buf_len != last.buf_len)
		return false;
	memcpy(call->arg, data, sizeof(*data));
	call->arg_len = sizeof(*data);
	call->buf_len = last.buf_len;
	tee->buf_addr = last.buf_addr;
	return true;
}

static void read_argument(struct tee_call *tee)
{
	struct channel_call *call = &tee->call;

	if (_IOC_SIZE(call->cmd) > sizeof(call->arg))
		return; /* no ioctl that there is */
	call->arg_len = _IOC_SIZE(call->cmd);
	if (task_read((pid_t)tee->req->pid, tee->arg_addr, call->arg, call->arg_len)) {
		memset(call->arg, 0, sizeof(call->arg));
		call->flags |= WORLD_ARG_FAULT;
	}
}

/* Reads the argument and what it points to. */
static void read_request(struct tee_call *tee)
{
	struct channel_call *call = &tee->call;
	const pid_t tid = (pid_t)tee->req->pid;
	struct tee_ioctl_buf_data data;

	if (has_buffer(call->cmd) && read_both(tee, &data))
		return;
	read_argument(tee);
	if (!has_buffer(call->cmd) || call->flags & WORLD_ARG_FAULT)
		return;
	memcpy(&data, call->arg, sizeof(data));
	tee->buf_addr = data.buf_ptr;
	call->buf_len = data.buf_len < sizeof(call->buf) ? (uint32_t)data.buf_len :
							   (uint32_t)sizeof(call->buf);
	if (task_read(tid, tee->buf_addr, call->buf, call->buf_len)) {
		memset(call->buf, 0, sizeof(call->buf));
		call->flags |= WORLD_BUF_FAULT;
		return;
	}
	last = (struct place){ tid, call->buf_len, tee->arg_addr, tee->buf_addr };
}

/* Memory to register goes as a file that stands for it. What is refused anyway goes without. */
static int attach_memory(struct tee_call *tee)
{
	struct channel_call *call = &tee->call;
	int fd;

	if (call->cmd != TEE_IOC_SHM_REGISTER || call->flags & WORLD_ARG_FAULT)
		return 0;
	memcpy(&tee->memory, call->arg, sizeof(tee->memory));
	if (!tee->memory.length || tee->memory.flags)
		return 0;
	fd = region_create((pid_t)tee->req->pid, tee->memory.addr, tee->memory.length);
	if (fd < 0)
		return fd;
	call->fd = fd;
	call->flags |= WORLD_FD;
	return 0;
}

/* The shared memory that an INVOKE names, as TS RPC does, in the value of its parameter. */
static int32_t named_memory(const struct channel_call *call)
{
	struct tee_ioctl_invoke_arg arg;
	struct tee_ioctl_param param;

	if (call->cmd != TEE_IOC_INVOKE || call->buf_len < sizeof(arg) + sizeof(param))
		return -1;
	memcpy(&arg, call->buf, sizeof(arg));
	memcpy(&param, call->buf + sizeof(arg), sizeof(param));
	if (!arg.num_params || param.attr != TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT ||
	    param.a > INT32_MAX)
		return -1;
	return (int32_t)param.a;
}

/* Asked now and then during a call. */
static int killed(void *arg)
{
	const struct tee_call *tee = arg;

	worker_waits(tee->supervisor);
	return !notification_valid(tee->supervisor->listener, tee->req->id);
}

/* Makes the call; registered memory that it names is brought in line before and after. */
static int64_t forward(struct tee_call *tee)
{
	const int32_t id = named_memory(&tee->call);
	struct region *region = NULL;
	struct channel channel;
	int64_t result;
	int err = 0;

	if (id >= 0)
		err = region_begin(tee->call.token, id, &region);
	if (err)
		return err;
	worker_calls(tee->supervisor);
	result = context_channel_get(tee->supervisor, &channel);
	if (result) {
		result = -ENODEV;
	} else {
		result = channel_call(&channel, &tee->call, killed, tee);
		context_channel_put(&channel,
				    result != -EINTR && result != -ENODEV && result != -EPROTO);
	}
	err = region_end(region);
	return result < 0 || !err ? result : err;
}

static int write_response(const struct tee_call *tee)
{
	const struct channel_call *call = &tee->call;
	const pid_t tid = (pid_t)tee->req->pid;
	int err = 0;

	if (call->flags & WORLD_ARG_WRITE)
		err = task_write(tid, tee->arg_addr, call->arg, call->arg_len);
	if (!err && call->flags & WORLD_BUF_WRITE)
		err = task_write(tid, tee->buf_addr, call->buf, call->buf_len);
	return err ? -EFAULT : 0;
}

/* The descriptor in the response goes to the thread. @memory_fd: the file that was registered. */
static void answer_fd(struct tee_call *tee, int memory_fd)
{
	struct channel_call *call = &tee->call;
	const int listener = tee->supervisor->listener;
	struct tee_ioctl_shm_register_data data;
	int err = 0;

	if (memory_fd >= 0) {
		memcpy(&data, call->arg, sizeof(data));
		err = region_add(call->token, data.id, (pid_t)tee->req->pid, tee->memory.addr,
				 tee->memory.length, memory_fd, call->fd);
	}
	if (err) {
		notification_answer(listener, tee->req->id, err);
		return;
	}
	notification_answer_fd(listener, tee->req->id, call->fd, O_CLOEXEC);
	call->fd = -1;
}

void supervise_ioctl(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	const int listener = supervisor->listener;
	struct tee_call tee = {
		.supervisor = supervisor,
		.req = req,
		.arg_addr = req->data.args[2],
		.call = { .op = WORLD_IOCTL,
			  .tid = req->pid,
			  .cmd = (uint32_t)req->data.args[1],
			  .fd = -1 },
	};
	int memory_fd;
	int64_t result;

	if (!req->pid || context_find((pid_t)req->pid, (int)req->data.args[0], tee.call.token)) {
		notification_continue(listener, req->id);
		return;
	}
	read_request(&tee);
	result = attach_memory(&tee);
	memory_fd = tee.call.fd;
	/* All that was read, and the descriptor, are the thread's only if it still waits. */
	if (!notification_valid(listener, req->id))
		goto out;
	if (!result)
		result = forward(&tee);
	if (!notification_valid(listener, req->id))
		goto out_response;
	if (result >= 0 || tee.call.flags & (WORLD_ARG_WRITE | WORLD_BUF_WRITE)) {
		int err = write_response(&tee);

		if (err && result >= 0)
			result = err;
	}
	if (result >= 0 && tee.call.fd >= 0 && tee.call.fd != memory_fd)
		answer_fd(&tee, memory_fd);
	else
		notification_answer(listener, req->id, result);

out_response:
	if (tee.call.fd >= 0 && tee.call.fd != memory_fd)
		close(tee.call.fd);
out:
	if (memory_fd >= 0)
		close(memory_fd);
}
