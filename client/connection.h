/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection: one open device, one session on it, and the buffers that it shares with the
 * partition. No locks here: session.c sees to it that a buffer has one user at a time.
 */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <tstee.h>

#include "device.h"

/*
 * A partition handles one call at a time, so two buffers are enough to have one call in the
 * partition while the next request is being copied in. Partitions hold few in all.
 *
 * What a call makes in the partition, such as a volatile key, is thought to be nobody's when the
 * buffer goes through which it was made. So short calls, which are those that make something,
 * have two of their own, which aren't given back in order to get longer ones.
 */
#define CONNECTION_CALLS   2
#define CONNECTION_SHORT   8192u /* length of the buffers for short calls, bytes */
#define CONNECTION_BUFFERS (2 * CONNECTION_CALLS)

struct buffer {
	void *addr; /* NULL = none */
	size_t len;
	int32_t id;
	bool busy; /* session.c: has a user */
};

struct connection {
	int fd;
	uint32_t session;
	char path[DEVICE_PATH_LEN];
	uint16_t endpoint_id;			   /* of the partition */
	unsigned int users;			   /* session.c: calls in progress */
	struct buffer buffers[CONNECTION_BUFFERS]; /* those for short calls first */
};

/* One call, as given to session_callv(). */
struct call {
	uint32_t opcode;
	const struct iovec *iov;
	int iov_count;
	size_t req_len; /* sum over iov */
	const struct iovec *resp;
	int resp_count;
	size_t resp_size; /* sum over resp */
	bool patient;	  /* waits for buffers that others have */
	size_t resp_len;  /* result */
	int32_t status;	  /* result */
};

/*
 * Connects to the partition of the lowest endpoint ID that hosts service @uuid, as @options say
 * (login definite). Errors as tstee_open(), with a message.
 */
int connection_open(const struct tstee_uuid *uuid, const struct tstee_options *options,
		    struct connection **connection);

/* Gives back buffers, session and device. Nothing may be in progress. */
void connection_close(struct connection *conn);

/*
 * Gives @buffer, which may have memory already, at least @len bytes. 0, or a negative errno
 * with a message; the buffer has no memory then.
 */
int connection_buffer_grow(struct connection *conn, struct buffer *buffer, size_t len);

/* Gives the memory of @buffer back, if it has any. */
void connection_buffer_free(struct buffer *buffer);

/*
 * Makes a call through @buffer, which is long enough, or NULL for a call without request and
 * response. Nothing of the messages remains in it. 0 or a negative errno with a message.
 */
int connection_call(struct connection *conn, struct buffer *buffer, struct call *call);

#endif /* CLIENT_CONNECTION_H */
