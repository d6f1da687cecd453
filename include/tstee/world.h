/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The protocol between a software world and its clients, on one machine: libtstee, and the
 * supervisor that lends virtual devices to a program (tsworld run).
 *
 * A world listens on a SOCK_SEQPACKET socket. A connection begins with a struct world_hello
 * and is then one of three things:
 *
 * - A context is an open device. The world answers with one struct world_opened and nothing
 *   else is ever sent in either direction: the descriptor itself is the open file, to be
 *   duplicated, inherited and passed on as such, and it is released when its last copy is
 *   closed. The answer stays in the socket's queue, where all who hold the descriptor can
 *   look at it with MSG_PEEK: its token is what proves to the world that they hold it.
 * - A channel carries calls, one at a time, for one thread. The world's answer, a struct
 *   world_status, brings a descriptor of shared memory of WORLD_CHANNEL_LEN bytes, one struct
 *   world_channel. Closing the channel while a call is in it is what a fatal signal is to a
 *   task: the call ends as soon as it can.
 * - A control connection keeps the world alive, and carries struct world_command and
 *   struct world_reply in turns.
 *
 * Numbers are in native byte order.
 */
#ifndef TSTEE_WORLD_H
#define TSTEE_WORLD_H

#include <tstee/base.h>

#define WORLD_MAGIC    0x4c525754u /* "TWRL" */
#define WORLD_PROTOCOL 1u

/* Name of the socket in a state directory. */
#define WORLD_SOCKET_NAME "socket"

enum world_connection {
	WORLD_CONTEXT = 1,
	WORLD_CHANNEL = 2,
	WORLD_CONTROL = 3,
};

struct world_hello {
	uint32_t magic;
	uint32_t protocol;
	uint32_t kind;	 /* enum world_connection */
	uint32_t device; /* N of /dev/teeN, for a context */
};

/* To a channel or control connection, and to a context that could not be opened. */
struct world_status {
	uint32_t magic;
	uint32_t protocol; /* of the world, whatever the client's is */
	int32_t error;	   /* 0 or a negative errno; -EPROTONOSUPPORT: other protocol */
};

#define WORLD_TOKEN_LEN 16

struct world_opened {
	uint32_t magic;
	uint32_t protocol;
	int32_t error; /* as above; that of the driver's open operation included */
	uint32_t device;
	uint8_t token[WORLD_TOKEN_LEN]; /* unguessable */
};

/* TEE_MAX_ARG_SIZE of linux/tee.h, and the longest argument that an ioctl points to. */
#define WORLD_BUF_LEN 1024u
#define WORLD_ARG_LEN 32u

enum world_op {
	/*
	 * An ioctl of the context that token names. arg is what the third argument points
	 * to, arg_len bytes; where that is a struct tee_ioctl_buf_data, buf holds the first
	 * buf_len bytes that its buf_ptr points to, at most WORLD_BUF_LEN. Both come back as
	 * the call left them.
	 */
	WORLD_IOCTL = 1,

	/*
	 * The file /sys/class/tee/teeN/device/NAME: device is N, arg is NAME with a final
	 * NUL. Its contents, or the target's last component for the link "driver", come
	 * back in buf, buf_len bytes. -ENOENT if there is none.
	 */
	WORLD_ATTRIBUTE = 2,
};

/* Bits of world_channel.flags. */
#define WORLD_FD	(1u << 0) /* a descriptor waits in the channel's socket, with 1 byte */
#define WORLD_ARG_FAULT (1u << 1) /* request: arg could not be read */
#define WORLD_BUF_FAULT (1u << 2) /* request: buf could not be read */
#define WORLD_ARG_WRITE (1u << 3) /* response: arg is to be written back */
#define WORLD_BUF_WRITE (1u << 4) /* response: buf is to be written back */

/*
 * The shared page. The client fills in the request, increments posted and wakes the world by
 * FUTEX_WAKE on it (not the private kind); the world fills in the response, sets done to the
 * value of posted and wakes the client. Each side copies what it believes before it checks it.
 */
struct world_channel {
	uint32_t posted;
	uint32_t done;
	uint32_t closed; /* the world hung up: no answer will come; it wakes done too */
	uint32_t op;	 /* enum world_op */
	uint32_t flags;
	/*
	 * The thread for which the client calls, as /proc names it, or 0 for the client itself.
	 * It says whose identity an OPEN_SESSION has. A client may speak for threads whose
	 * user and group IDs, supplementary ones included, are all its own; root for all.
	 */
	uint32_t tid;
	uint32_t device;
	uint32_t cmd;
	int64_t result; /* what the ioctl returns, or a negative errno */
	uint8_t token[WORLD_TOKEN_LEN];
	uint32_t arg_len;
	uint32_t buf_len;
	uint8_t arg[WORLD_ARG_LEN];
	uint8_t buf[WORLD_BUF_LEN];
};

#define WORLD_CHANNEL_LEN 4096u

/*
 * TEE_IOC_SHM_ALLOC and TEE_IOC_SHM_REGISTER answer with a descriptor (WORLD_FD): the shared
 * memory itself, sealed against changes of its size. The memory is given back when the last
 * copy of that descriptor and the last mapping made through it are gone.
 *
 * A TEE_IOC_SHM_REGISTER request brings one (WORLD_FD): memory with seals F_SEAL_SHRINK and
 * F_SEAL_GROW that stands for the client's, of the length that arg says or more.
 */

/* Control. Text is ASCII, without a final NUL; a reply says in it what was wrong. */
enum world_control_op {
	/* Text: "json" or nothing. Text of the reply: a JSON object, docs/world.md, or lines. */
	WORLD_GET_STATUS = 1,
	WORLD_STOP = 2,		/* the world ends, whoever uses it; answered before */
	WORLD_SET_FAULT = 3,	/* text: a fault specification, in force while connected */
	WORLD_SET_TRACE = 4,	/* text: options; brings a descriptor to write to */
	WORLD_GET_STATS = 5,	/* text of the reply: a table, of the time since connecting */
	WORLD_GET_PROGRAMS = 6, /* text of the reply: paths of the partitions, a line each */
	WORLD_GET_REPORTS = 7,	/* text of the reply: a line for each that didn't start, and why */
	WORLD_RESTART = 8,	/* text: name of a partition; answered when it runs again */
};

#define WORLD_TEXT_LEN 32768u

struct world_command {
	uint32_t op; /* enum world_control_op */
	char text[WORLD_TEXT_LEN];
};

struct world_reply {
	int32_t error;
	char text[WORLD_TEXT_LEN];
};

static_assert(sizeof(struct world_channel) <= WORLD_CHANNEL_LEN, "one page");
static_assert(offsetof(struct world_opened, device) == sizeof(struct world_status),
	      "begins as a struct world_status does");
static_assert(offsetof(struct world_channel, token) == 40, "no padding");

#endif /* TSTEE_WORLD_H */
