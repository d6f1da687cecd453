// SPDX-License-Identifier: BSD-3-Clause
/*
 * Traces: one line of JSON for each FF-A call, from its registers alone; memory is never looked
 * at. docs/world-faults.md has the format.
 *
 * Nobody waits for who reads a trace: each line is written at once or left out. Lines are never
 * cut in the reader's view: what a write leaves of one goes first next time. A call is put
 * into text without the lock and written under it.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>
#include <world/conduit_control.h>

/* Twice the longest line; under PIPE_BUF, so that a pipe takes all of it or nothing. */
#define LINE_MAX_LEN  1024
#define NAME_LEN      64
#define NS_PER_SECOND 1000000000

struct line {
	char text[LINE_MAX_LEN];
	size_t len;
};

struct trace {
	struct trace *next;
	int fd;
	bool socket;
	bool broken; /* the reader is gone */
	uint64_t line_count;
	uint64_t dropped; /* lines, in all */
	uint64_t gap;	  /* lines, since the last that was written */
	struct line rest; /* of a line, that the last write left */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct trace *traces; /* under lock */
static atomic_uint trace_count;

/*
 * Names of partitions as JSON strings, and what must be added to CLOCK_MONOTONIC for the time
 * of day. Both are written under the lock before trace_count tells that they are there.
 */
static char names[SPM_PARTITION_MAX][NAME_LEN];
static int64_t epoch_ns;

static const struct {
	uint32_t id;
	const char *name;
} functions[] = {
	{ FFA_ERROR, "ERROR" },
	{ FFA_SUCCESS, "SUCCESS" },
	{ FFA_INTERRUPT, "INTERRUPT" },
	{ FFA_VERSION, "VERSION" },
	{ FFA_RX_RELEASE, "RX_RELEASE" },
	{ FFA_RXTX_MAP, "RXTX_MAP" },
	{ FFA_PARTITION_INFO_GET, "PARTITION_INFO_GET" },
	{ FFA_ID_GET, "ID_GET" },
	{ FFA_MSG_WAIT, "MSG_WAIT" },
	{ FFA_YIELD, "YIELD" },
	{ FFA_RUN, "RUN" },
	{ FFA_MSG_SEND_DIRECT_REQ, "MSG_SEND_DIRECT_REQ" },
	{ FFA_MSG_SEND_DIRECT_RESP, "MSG_SEND_DIRECT_RESP" },
	{ FFA_MSG_SEND_DIRECT_REQ2 & ~FFA_FUNCTION_64, "MSG_SEND_DIRECT_REQ2" },
	{ FFA_MSG_SEND_DIRECT_RESP2 & ~FFA_FUNCTION_64, "MSG_SEND_DIRECT_RESP2" },
	{ FFA_MEM_SHARE, "MEM_SHARE" },
	{ FFA_MEM_RETRIEVE_REQ, "MEM_RETRIEVE_REQ" },
	{ FFA_MEM_RETRIEVE_RESP, "MEM_RETRIEVE_RESP" },
	{ FFA_MEM_RELINQUISH, "MEM_RELINQUISH" },
	{ FFA_MEM_RECLAIM, "MEM_RECLAIM" },
	{ FFA_CONSOLE_LOG, "CONSOLE_LOG" },
	{ FFA_FEATURES, "FEATURES" },
};

static const char *const statuses[] = {
	[-FFA_NOT_SUPPORTED] = "NOT_SUPPORTED",
	[-FFA_INVALID_PARAMETERS] = "INVALID_PARAMETERS",
	[-FFA_NO_MEMORY] = "NO_MEMORY",
	[-FFA_BUSY] = "BUSY",
	[-FFA_INTERRUPTED] = "INTERRUPTED",
	[-FFA_DENIED] = "DENIED",
	[-FFA_RETRY] = "RETRY",
	[-FFA_ABORTED] = "ABORTED",
	[-FFA_NO_DATA] = "NO_DATA",
};

static const char *const management_calls[] = {
	[TS_RPC_VERSION_GET] = "VERSION",
	[TS_RPC_MEMORY_RETRIEVE] = "MEMORY_RETRIEVE",
	[TS_RPC_MEMORY_RELINQUISH] = "MEMORY_RELINQUISH",
	[TS_RPC_INTERFACE_ID_QUERY] = "INTERFACE_ID_QUERY",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line->text + line->len, sizeof(line->text) - line->len, format, args);
	va_end(args);
	if (len > 0)
		line->len += (size_t)len;
	if (line->len > sizeof(line->text) - 1)
		line->len = sizeof(line->text) - 1;
}

static uint32_t low(const struct ffa_regs *regs, unsigned int i)
{
	return (uint32_t)regs->x[i];
}

static uint32_t function_of(const struct ffa_regs *regs)
{
	return low(regs, 0) & ~FFA_FUNCTION_64;
}

static void put_function(struct line *line, const char *key, const struct ffa_regs *regs)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		if (functions[i].id == function_of(regs)) {
			put(line, ",\"%s\":\"%s\"", key, functions[i].name);
			return;
		}
	}
	put(line, ",\"%s\":\"0x%08" PRIx32 "\"", key, low(regs, 0));
}

static void put_result(struct line *line, const struct ffa_regs *out)
{
	uint32_t status = -low(out, 2);

	if (function_of(out) != FFA_ERROR)
		put_function(line, "result", out);
	else if (status < COUNT(statuses) && statuses[status])
		put(line, ",\"result\":\"%s\"", statuses[status]);
	else
		put(line, ",\"result\":\"%" PRId32 "\"", (int32_t)low(out, 2));
}

static void put_handle(struct line *line, uint32_t lower, uint32_t upper)
{
	uint64_t handle = (uint64_t)upper << 32 | lower;

	if (handle == TS_RPC_NO_HANDLE)
		put(line, ",\"handle\":null");
	else
		put(line, ",\"handle\":\"0x%" PRIx64 "\"", handle);
}

static void put_uuid(struct line *line, const struct ffa_regs *in)
{
	put(line, ",\"uuid\":\"");
	for (unsigned int i = 0; i < TS_RPC_UUID_LEN; i++)
		put(line, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
		    low(in, 3 + TS_RPC_REG_UUID + i / 4) >> i % 4 * 8 & 0xff);
	put(line, "\"");
}

static void put_management(struct line *line, const struct ffa_regs *in, const struct ffa_regs *out)
{
	uint16_t opcode = ts_rpc_control_opcode(low(in, 3 + TS_RPC_REG_CONTROL));

	if (opcode < COUNT(management_calls))
		put(line, "\"management\":\"%s\"", management_calls[opcode]);
	else
		put(line, "\"management\":\"0x%04x\"", opcode);
	if (opcode == TS_RPC_MEMORY_RETRIEVE || opcode == TS_RPC_MEMORY_RELINQUISH)
		put_handle(line, low(in, 3 + TS_RPC_REG_HANDLE_LO),
			   low(in, 3 + TS_RPC_REG_HANDLE_HI));
	if (opcode == TS_RPC_INTERFACE_ID_QUERY)
		put_uuid(line, in);

	if (!out)
		return;
	if (opcode == TS_RPC_VERSION_GET) {
		put(line, ",\"version\":%" PRIu32, low(out, 3 + TS_RPC_REG_VERSION));
		return;
	}
	put(line, ",\"rpc_status\":%" PRId32, (int32_t)low(out, 3 + TS_RPC_REG_STATUS));
	if (opcode == TS_RPC_INTERFACE_ID_QUERY && !low(out, 3 + TS_RPC_REG_STATUS))
		put(line, ",\"interface\":%" PRIu32, low(out, 3 + TS_RPC_REG_INTERFACE_ID));
}

static void put_service(struct line *line, const struct ffa_regs *in, const struct ffa_regs *out)
{
	uint32_t control = low(in, 3 + TS_RPC_REG_CONTROL);

	put(line, "\"interface\":%u,\"opcode\":\"0x%04x\"", ts_rpc_control_interface(control),
	    ts_rpc_control_opcode(control));
	put_handle(line, low(in, 3 + TS_RPC_REG_HANDLE_LO), low(in, 3 + TS_RPC_REG_HANDLE_HI));
	put(line, ",\"request_len\":%" PRIu32 ",\"client_id\":\"0x%08" PRIx32 "\"",
	    low(in, 3 + TS_RPC_REG_REQ_LEN), low(in, 3 + TS_RPC_REG_CLIENT_ID));

	if (!out)
		return;
	put(line, ",\"rpc_status\":%" PRId32, (int32_t)low(out, 3 + TS_RPC_REG_STATUS));
	if (!low(out, 3 + TS_RPC_REG_STATUS))
		put(line, ",\"service_status\":%" PRId32 ",\"response_len\":%" PRIu32,
		    (int32_t)low(out, 3 + TS_RPC_REG_SERVICE_STATUS),
		    low(out, 3 + TS_RPC_REG_RESP_LEN));
}

static void put_message(struct line *line, const struct ffa_regs *in, const struct ffa_regs *out)
{
	uint32_t control = low(in, 3 + TS_RPC_REG_CONTROL);
	uint16_t receiver = ffa_message_receiver(low(in, 1));
	size_t index = spm_partition_index(receiver);

	put(line, ",\"receiver\":\"0x%04x\"", receiver);
	if (index < SPM_PARTITION_MAX && names[index][0])
		put(line, ",\"partition\":\"%s\"", names[index]);

	/* Only an answer of the partition has the words of one. */
	if (function_of(out) != FFA_MSG_SEND_DIRECT_RESP)
		out = NULL;
	put(line, ",\"rpc\":{");
	if (ts_rpc_control_interface(control) == TS_RPC_INTERFACE_MANAGEMENT)
		put_management(line, in, out);
	else
		put_service(line, in, out);
	if (out && low(out, 3 + TS_RPC_REG_CONTROL) != control)
		put(line, ",\"echo\":\"0x%08" PRIx32 "\"", low(out, 3 + TS_RPC_REG_CONTROL));
	put(line, "}");
}

static void put_details(struct line *line, const struct ffa_regs *in, const struct ffa_regs *out)
{
	switch (function_of(in)) {
	case FFA_MSG_SEND_DIRECT_REQ:
		put_message(line, in, out);
		break;
	case FFA_MSG_SEND_DIRECT_RESP:
		put(line, ",\"receiver\":\"0x%04x\"", ffa_message_receiver(low(in, 1)));
		break;
	case FFA_MEM_SHARE:
		put(line, ",\"descriptor_len\":%" PRIu32, low(in, 1));
		if (function_of(out) == FFA_SUCCESS)
			put_handle(line, low(out, 2), low(out, 3));
		break;
	case FFA_MEM_RETRIEVE_REQ:
		put(line, ",\"descriptor_len\":%" PRIu32, low(in, 1));
		if (function_of(out) == FFA_MEM_RETRIEVE_RESP)
			put(line, ",\"response_len\":%" PRIu32, low(out, 1));
		break;
	case FFA_MEM_RECLAIM:
		put_handle(line, low(in, 1), low(in, 2));
		break;
	}
}

static void put_event(struct line *line, const struct spm_event *event, const char *fault)
{
	int64_t us = ((int64_t)event->begin_ns + epoch_ns) / 1000;

	put(line, "{\"time\":%" PRId64 ".%06" PRId64 ",\"duration_ns\":%" PRIu64, us / 1000000,
	    us % 1000000, event->end_ns - event->begin_ns);
	put(line, ",\"caller\":\"0x%04x\"", event->caller);
	put_function(line, "function", event->in);
	put_details(line, event->in, event->out);
	put_result(line, event->out);
	if (fault)
		put(line, ",\"fault\":\"%s\"", fault);
	put(line, "}\n");
}

/* As write(), without waiting, but for a disk. */
static ssize_t write_now(const struct trace *trace, const struct line *line)
{
	ssize_t len;

	do {
		if (trace->socket)
			len = send(trace->fd, line->text, line->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			len = write(trace->fd, line->text, line->len);
	} while (len < 0 && errno == EINTR);
	return len;
}

/* Writes, or keeps what is left of a line that was begun. False if nothing was written. */
static bool write_line(struct trace *trace, const struct line *line)
{
	ssize_t len;

	if (trace->broken)
		return false;
	len = write_now(trace, line);
	if (len < 0) {
		trace->broken = errno != EAGAIN && errno != ENOBUFS && errno != ENOSPC;
		return false;
	}
	trace->rest.len = line->len - (size_t)len;
	memmove(trace->rest.text, line->text + len, trace->rest.len);
	return len > 0;
}

/* Writes a line behind what is left of the one before and a note of what is missing between. */
static bool write_next(struct trace *trace, const struct line *line)
{
	struct line next = { .len = 0 };

	while (trace->rest.len)
		if (!write_line(trace, &trace->rest))
			return false;
	if (trace->gap)
		put(&next, "{\"dropped\":%" PRIu64 "}\n", trace->gap);
	put(&next, "%s", line->text);
	if (!write_line(trace, &next))
		return false;
	trace->gap = 0;
	return true;
}

static void trace_line(struct trace *trace, const struct line *line)
{
	if (write_next(trace, line)) {
		trace->line_count++;
	} else {
		trace->gap++;
		trace->dropped++;
	}
}

void trace_event(const struct spm_event *event, const char *fault)
{
	struct line line = { .len = 0 };

	if (!atomic_load_explicit(&trace_count, memory_order_acquire))
		return;
	put_event(&line, event, fault);
	pthread_mutex_lock(&lock);
	for (struct trace *trace = traces; trace; trace = trace->next)
		trace_line(trace, &line);
	pthread_mutex_unlock(&lock);
}

__attribute__((format(printf, 4, 5))) static int refuse(char *error, size_t size, int rc,
							const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return rc;
}

/*
 * A descriptor to which writing does not wait. The client's own must not be made non-blocking:
 * it may be the standard output that it shares with others.
 */
static int open_writer(int fd, bool *socket)
{
	char path[32];
	struct stat st;
	int flags;

	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fstat(fd, &st))
		return -errno;
	*socket = S_ISSOCK(st.st_mode);
	if (!*socket && (flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (*socket || S_ISREG(st.st_mode) || flags & O_NONBLOCK) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	} else {
		snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", fd);
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	}
	return fd < 0 ? -errno : fd;
}

/* As a JSON string; what is not printable ASCII becomes "?". */
static void escape(char out[NAME_LEN], const char *name)
{
	size_t len = 0;

	for (; *name && len + 3 <= NAME_LEN; name++) {
		if (*name == '"' || *name == '\\')
			out[len++] = '\\';
		out[len++] = *name >= ' ' && *name <= '~' ? *name : '?';
	}
	out[len] = '\0';
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Once: partitions never change, and a trace's time must not jump. The caller has the lock. */
static void learn(void)
{
	struct spm_partition_info info;

	if (epoch_ns)
		return;
	epoch_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < SPM_PARTITION_MAX && spm_partition(i, &info); i++)
		escape(names[i], info.name);
}

int world_trace_start(int fd, const char *options, char *error, size_t size, void **handle)
{
	struct trace *trace;

	if (options && *options)
		return refuse(error, size, -EINVAL, "trace options: there are none, wanted: \"\"");
	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return refuse(error, size, -ENOMEM, "trace: out of memory");
	trace->fd = open_writer(fd, &trace->socket);
	if (trace->fd < 0) {
		int rc = trace->fd;

		free(trace);
		return refuse(error, size, rc,
			      "trace: can't write to it without waiting: %s; wanted: a file, a "
			      "socket, or anything opened with O_NONBLOCK",
			      strerror(-rc));
	}

	pthread_mutex_lock(&lock);
	learn();
	trace->next = traces;
	traces = trace;
	atomic_fetch_add_explicit(&trace_count, 1, memory_order_release);
	pthread_mutex_unlock(&lock);
	*handle = trace;
	return 0;
}

void world_trace_stop(void *handle)
{
	struct line last = { .len = 0 };
	struct trace *trace = handle, **at;

	if (!trace)
		return;
	pthread_mutex_lock(&lock);
	for (at = &traces; *at != trace; at = &(*at)->next)
		;
	*at = trace->next;
	atomic_fetch_sub(&trace_count, 1);
	pthread_mutex_unlock(&lock);

	put(&last, "{\"end\":true,\"lines\":%" PRIu64 ",\"dropped\":%" PRIu64 "}\n",
	    trace->line_count, trace->dropped);
	(void)write_next(trace, &last);
	close(trace->fd);
	free(trace);
}
