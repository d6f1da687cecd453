/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TS-TEE: secure partitions that speak the Trusted Services RPC protocol (TS RPC) over FF-A, as
 * devices of the TEE subsystem. Private to the driver.
 *
 * Each partition has a TEE device of its own:
 *
 *   TEE subsystem           FF-A and TS RPC
 *   device, /dev/teeN       partition (FF-A endpoint)
 *   context, an open file   connection to that partition
 *   session                 one service of the partition, named by its UUID
 *   shared memory object    pages shared with that partition
 *
 * Why one device per partition and not one for all of them:
 *
 * - A service is to a partition what a trusted application is to a TEE: a session names a
 *   service by UUID, so the device is left to name the partition.
 * - Shared memory belongs to a context, and the allocate ioctl carries no session. FF-A shares
 *   memory with an endpoint that has to be known at that moment. The device tells it; a
 *   device for all partitions could not.
 * - With a device for all, user space would have to learn endpoint IDs first, from a static
 *   list or through an invoke that means something else than all the others, and a context,
 *   being bound to the endpoint of its first session, could hold no second one. An early
 *   out-of-tree driver worked like that, and it was the wrong shape in both respects.
 * - The login fields of open-session would be the place to smuggle an endpoint ID in. They
 *   say who the client is (identity.c) and stay free for that.
 * - A system has a handful of partitions, some tens at the very most: devices are cheap.
 *
 * Locks. Neither is taken under the other.
 *
 *   tstee_endpoint.call_lock    who may send to the endpoint: endpoint.c. Held across one direct
 *                               message; nothing is allocated and no other lock taken under it.
 *   tstee_endpoint.share_lock   the list of shared buffers and its counters: shm.c. A spin lock,
 *                               held for a few steps.
 */
#ifndef TSTEE_H
#define TSTEE_H

#include <linux/arm_ffa.h>
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <tstee/client_id.h>
#include <tstee/ts_rpc.h>

#include "compat.h"

/* Who reports an error, TEE Client API: tee_ioctl_invoke_arg.ret_origin. */
enum tstee_origin {
	TSTEE_ORIGIN_API = 1,	      /* this driver */
	TSTEE_ORIGIN_COMMS = 2,	      /* the way to the partition */
	TSTEE_ORIGIN_TEE = 3,	      /* the partition's RPC endpoint */
	TSTEE_ORIGIN_TRUSTED_APP = 4, /* the service */
};

/* Bits of tstee_endpoint.flags. None is ever cleared. */
enum tstee_endpoint_flag {
	TSTEE_ENDPOINT_DEAD,	 /* the partition was aborted */
	TSTEE_ENDPOINT_DOWN,	 /* unbind or shutdown: give memory back, call no service */
	TSTEE_ENDPOINT_SHUTDOWN, /* the system goes down, and memory was given back */
};

/**
 * struct tstee_endpoint - a partition and its TEE device
 * @ffa:		FF-A device; outlives this object
 * @teedev:		TEE device, a child of @ffa
 * @pool:		pool of @teedev; its private data is this object
 * @flags:		enum tstee_endpoint_flag
 * @rpc_version:	what the partition answered to the version call
 * @death:		control word of the call in which the partition died
 * @call_lock:		held by whoever sends a message, until the response is there
 * @calls:		direct messages answered; written under @call_lock
 * @busy_retries:	messages and memory operations refused as busy and tried again
 * @share_lock:		protects @shares, @quarantined_pages, @sweep, @retry_delay, and struct
 *			tstee_share as said there
 * @shares:		buffers that the partition can or could see
 * @quarantined_pages:	pages nobody uses that could not be got back
 * @sweep:		number of the latest sweep over @shares
 * @retry_delay:	time to the next run of @retry_work, jiffies
 * @retry_work:		tries again to get quarantined pages back
 */
struct tstee_endpoint {
	struct ffa_device *ffa;
	struct tee_device *teedev;
	struct tee_shm_pool pool;
	unsigned long flags;
	u32 rpc_version;
	u32 death;

	struct mutex call_lock; /* see above */
	u64 calls;
	atomic_long_t busy_retries;

	spinlock_t share_lock; /* see above */
	struct list_head shares;
	unsigned long quarantined_pages;
	u64 sweep;
	unsigned long retry_delay;
	struct delayed_work retry_work;
};

/**
 * enum tstee_call_kind - how a message behaves when it can't be sent at once
 * @TSTEE_CALL_SERVICE:		for a client: waiting ends when the client is killed; refused
 *				once the endpoint is down
 * @TSTEE_CALL_TEARDOWN:	gives something back: waits its turn whatever happens
 */
enum tstee_call_kind {
	TSTEE_CALL_SERVICE,
	TSTEE_CALL_TEARDOWN,
};

/**
 * struct tstee_backoff - a bounded series of attempts at something that may be busy
 * @attempts:	attempts that were refused
 * @deadline:	when to give up, jiffies; set by the first refusal
 */
struct tstee_backoff {
	unsigned int attempts;
	unsigned long deadline;
};

/**
 * struct tstee_service_call - an INVOKE on its way
 * @client_id:		tstee/client_id.h
 * @interface_id:	service in the partition
 * @opcode:		of the service
 * @handle:		of the shared buffer, or TS_RPC_NO_HANDLE
 * @request_len:	bytes
 * @response_len:	bytes, result
 * @status:		service status, result
 * @origin:		who reports the error, result
 */
struct tstee_service_call {
	u32 client_id;
	u8 interface_id;
	u16 opcode;
	u64 handle;
	u32 request_len;
	u32 response_len;
	u32 status;
	enum tstee_origin origin;
};

/* endpoint.c */
int tstee_endpoint_send(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
			enum tstee_call_kind kind);
bool tstee_backoff(struct tstee_endpoint *ep, struct tstee_backoff *backoff,
		   enum tstee_call_kind kind);

/* rpc.c */
int tstee_rpc_version(struct tstee_endpoint *ep, u32 *version);
int tstee_rpc_find_service(struct tstee_endpoint *ep, const u8 uuid[TS_RPC_UUID_LEN],
			   u8 *interface_id, enum tstee_origin *origin);
int tstee_rpc_retrieve(struct tstee_endpoint *ep, u64 handle);
int tstee_rpc_relinquish(struct tstee_endpoint *ep, u64 handle);
int tstee_rpc_invoke(struct tstee_endpoint *ep, struct tstee_service_call *call);

/* errno.c */
int tstee_errno_from_rpc(u32 status);

/* identity.c */
int tstee_identity(u32 login, const u8 data[TEE_IOCTL_UUID_LEN], u32 *client_id);

/* session.c */
int tstee_context_open(struct tee_context *ctx);
void tstee_context_release(struct tee_context *ctx);
int tstee_session_open(struct tee_context *ctx, struct tee_ioctl_open_session_arg *arg,
		       struct tee_param *param);
int tstee_session_close(struct tee_context *ctx, u32 session);
int tstee_session_invoke(struct tee_context *ctx, struct tee_ioctl_invoke_arg *arg,
			 struct tee_param *param);

/* shm.c */
void tstee_shm_init(struct tstee_endpoint *ep);
void tstee_shm_shutdown(struct tstee_endpoint *ep);
void tstee_shm_abandon(struct tstee_endpoint *ep);
void tstee_shm_destroy(struct tstee_endpoint *ep);
int tstee_shm_register(struct tee_context *ctx, struct tee_shm *shm, struct page **pages,
		       size_t num_pages, unsigned long start);
int tstee_shm_unregister(struct tee_context *ctx, struct tee_shm *shm);

/* sysfs.c */
extern const struct attribute_group *tstee_groups[];

#endif /* TSTEE_H */
