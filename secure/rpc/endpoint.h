/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RPC endpoint of a partition: turns the five words of a direct message into a call
 * of a service's handler. It owns the list of retrieved buffers and the private copies
 * of request and response; handlers see no shared memory but what a service says that it may see.
 */
#ifndef SECURE_RPC_ENDPOINT_H
#define SECURE_RPC_ENDPOINT_H

#include <secure/rpc/reader.h>
#include <secure/rpc/writer.h>
#include <secure/share/share.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/ts_rpc.h>

/*
 * Shared buffers that one endpoint holds at a time, over all callers, and those of them that
 * are for partitions: a power of two. With an operating system, the world's, memory is cheap.
 */
#if __STDC_HOSTED__
#define ENDPOINT_BUFFER_COUNT	1024
#define ENDPOINT_BUFFER_RESERVE 64
#else
#define ENDPOINT_BUFFER_COUNT	64
#define ENDPOINT_BUFFER_RESERVE 8
#endif

/*
 * Pages of all of them together, and for partitions: 256 MiB, a quarter of the address space
 * that a partition has at S-EL0.
 */
#define ENDPOINT_PAGE_COUNT   65536u
#define ENDPOINT_PAGE_RESERVE 4096u

/* Places for accounts (secure/share/share.h): as many as can have a buffer. */
#define ENDPOINT_HOLDER_COUNT (2 * ENDPOINT_BUFFER_COUNT)

/*
 * Longest request and longest response of a service that takes objects of 64 KiB, and of
 * one through which bulk data passes: that much and a page of header, bytes.
 */
#define ENDPOINT_MESSAGE_MAX	  (65536u + TS_RPC_PAGE_LEN)
#define ENDPOINT_BULK_MESSAGE_MAX (1048576u + TS_RPC_PAGE_LEN)

/*
 * Who makes a call. Services namespace everything by the pair of source and client: the SPM
 * core vouches for the source, and the source for the client. A partition may thus name any
 * client it likes; it only divides its own namespace and never reaches that of the normal
 * world. What is shared is charged to the pair of source and account: one account may stand
 * for several clients, such as a person's user, groups and public.
 */
struct rpc_caller {
	uint16_t source_id; /* FF-A ID of the sender, from the SPM core */
	uint32_t client_id; /* tstee/client_id.h, from the sender, as it came */
	uint32_t account;   /* the buffer's, or client_id where there is none */
	uint64_t buffer;    /* handle of the shared buffer used, or TS_RPC_NO_HANDLE */
};

/*
 * Handles one call: reads the request from @req, writes the response to @resp, stores
 * the service status (a psa_status_t for PSA services) in *@status. What is returned is
 * the RPC status; unless both are 0 the response is dropped.
 */
typedef enum ts_rpc_status (*service_handler)(void *ctx, const struct rpc_caller *caller,
					      struct reader *req, struct writer *resp,
					      int32_t *status);

struct service_op {
	uint16_t opcode;
	service_handler handler;
};

struct service {
	uint8_t uuid[TS_RPC_UUID_LEN]; /* text order */
	const struct service_op *ops;
	size_t op_count;
	void *ctx; /* passed to the handlers */
	/*
	 * May be NULL. Tells that @source_id has taken its buffer @buffer back, which is all
	 * that is heard of a client's end: what was made by calls through that buffer has
	 * lost its maker. The handle may come again, for another buffer.
	 */
	void (*released)(void *ctx, uint16_t source_id, uint64_t buffer);
	/*
	 * May be NULL. How many bytes of a request with @opcode are copied before its handler sees them: what is
	 * behind those is left in shared memory, for reader_left(). SIZE_MAX: all.
	 */
	size_t (*copied)(uint16_t opcode);
};

/* There is no memory, or no address space, to map a region. */
#define ENDPOINT_NO_MEMORY (-2)

/* How the endpoint reaches memory that was shared with it. Implemented by the port. */
struct endpoint_memory_ops {
	/*
	 * Maps the region behind @handle, shared by @source_id with @tag, read-write.
	 * Returns 0 with address and length, ENDPOINT_NO_MEMORY, or -1. A region of several
	 * ranges, or with other attributes than normal write-back memory, is refused.
	 */
	int (*retrieve)(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr,
			size_t *len);
	/* Unmaps and gives back. 0 or -1; on -1 it is still mapped. */
	int (*relinquish)(uint64_t handle);
};

struct endpoint_buffer {
	uint64_t handle;
	uint8_t *addr; /* NULL: free slot */
	size_t len;
	uint16_t source_id;
	uint32_t account; /* the tag with which it was shared; 0: that tells none */
};

struct endpoint {
	const struct endpoint_memory_ops *memory;
	const struct service *const *services; /* interface ID is the index */
	size_t service_count;		       /* at most TS_RPC_INTERFACE_MAX + 1 */
	struct endpoint_buffer buffers[ENDPOINT_BUFFER_COUNT];
	/* Who has how many of the buffers, and of their pages. */
	struct share_pool buffer_pool;
	struct share_pool page_pool;
	struct share_holder buffer_holders[ENDPOINT_HOLDER_COUNT];
	struct share_holder page_holders[ENDPOINT_HOLDER_COUNT];
	uint8_t *request;
	uint8_t *response;
	size_t message_max; /* bytes of each of the two */
};

/*
 * Prepares @ep. @services, and what they point to, must outlive it; so must @messages,
 * @messages_len bytes aligned to 16, of which half is for a request and half for a response.
 */
void endpoint_init(struct endpoint *ep, const struct endpoint_memory_ops *memory,
		   const struct service *const *services, size_t service_count, void *messages,
		   size_t messages_len);

/*
 * Handles one direct message from @source_id: @words are w3..w7 of the request and
 * become those of the response (TS RPC, protocol version 1). Never fails: every error
 * is an RPC status in the response. Beside those of the protocol: a handle that the same
 * source has had retrieved before gets INVALID_STATE, a request that fits its buffer but
 * is longer than the endpoint takes gets RESOURCE_FAILURE. A buffer beyond the share of its
 * account, (source, tag), gets NOT_FOUND as one that the table has no place for.
 */
void endpoint_handle(struct endpoint *ep, uint16_t source_id, uint32_t words[TS_RPC_REGS]);

/* The service @uuid (TS_RPC_UUID_LEN bytes, text order) that the endpoint hosts, or NULL. */
const struct service *endpoint_service(const struct endpoint *ep, const uint8_t *uuid);

/*
 * Calls @service as a message of @caller does, from inside the partition: the request is in the
 * memory of the caller, and the response goes there. Returns the RPC status; unless it and *@status
 * are 0 there is no response. Neither is wiped.
 */
enum ts_rpc_status service_call(const struct service *service, const struct rpc_caller *caller,
				uint16_t opcode, struct reader *req, struct writer *resp,
				int32_t *status);

#endif /* SECURE_RPC_ENDPOINT_H */
