/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TS-TEE: secure partitions that speak the Trusted Services RPC protocol (TS
 * RPC) over FF-A, as devices of the TEE subsystem. Private to the driver.
 *
 * Each partition has a TEE device of its own:
 *
 *   TEE subsystem           FF-A and TS RPC
 *   device, /dev/teeN       partition (FF-A endpoint)
 *   context, an open file   connection to that partition
 *   session                 one service of the partition, named by its UUID
 *   shared memory object    pages shared with that partition
 *
 * docs/ts-tee.md says why each partition has a device of its own.
 *
 * Locks. None is taken under another; all are spin locks, held for a few steps.
 *
 *   tstee_endpoint.queue_lock   queue.c: who may send to the endpoint
 *   tstee_endpoint.share_lock   shm.c: the list of shared buffers, its counters
 *   tstee_account_lock          account.c: who holds how many buffers
 */
#ifndef TSTEE_H
#define TSTEE_H

#include <linux/arm_ffa.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/list.h>
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

/* Bits of tstee_endpoint.flags. Of these only the first is ever cleared. */
enum tstee_endpoint_flag {
	/* The partition was aborted, and has not answered since. */
	TSTEE_ENDPOINT_DEAD,
	/* Unbind or shutdown: give memory back, call no service. */
	TSTEE_ENDPOINT_DOWN,
	TSTEE_ENDPOINT_CLOSED, /* the system goes down: nothing is sent */
};

/**
 * struct tstee_endpoint - a partition and its TEE device
 * @ffa:		FF-A device; outlives this object
 * @teedev:		TEE device, a child of @ffa
 * @pool:		pool of @teedev; its private data is this object
 * @flags:		enum tstee_endpoint_flag
 * @rpc_version:	what the partition answered to the version call
 * @death:		control word of the call in which the partition died
 * @deaths:		how often it was aborted; written, as @death, by who is
 *			sending
 * @deadline:		when shutdown gives up, jiffies; valid once the endpoint
 *			is down
 * @queue_lock:		protects @queue and what follows up to @keep_timer
 * @queue:		messages that wait, in the order of their tickets
 * @last_ticket:	of the latest message
 * @sending:		somebody has the turn
 * @memory_ops:		memory operations under way
 * @send_begin:		when the message that is being sent was begun, jiffies
 * @send_control:	its control word
 * @stuck_told:		the log has said that the partition does not answer
 * @grant_begin:	when the turn was handed over, ns
 * @wake_ns:		how long that takes; for the eyes of who has the turn,
 *			as @grant_begin
 * @keeper:		who keeps the turn between its messages; or NULL
 * @keep_timer:		ends that
 * @calls:		direct messages answered; written by who is sending
 * @busy_retries:	messages and memory operations refused as busy and tried
 *			again
 * @share_lock:		protects @shares, @quarantined_pages, @sweep,
 *			@retry_delay, and struct tstee_share as said there
 * @shares:		buffers that the partition can or could see
 * @quarantined_pages:	pages nobody uses that could not be got back
 * @sweep:		number of the latest sweep over @shares
 * @retry_delay:	time to the next run of @retry_work, jiffies
 * @retry_work:		tries again to get quarantined pages back
 * @quarantine_told:	the log has said that pages were quarantined
 * @buffers:		buffers that clients hold; under tstee_account_lock, as
 *			what follows
 * @room:		how many the partition seems to have room for
 * @room_asked:		when it was asked for one more, jiffies
 */
struct tstee_endpoint {
	struct ffa_device *ffa;
	struct tee_device *teedev;
	struct tee_shm_pool pool;
	unsigned long flags;
	u32 rpc_version;
	u32 death;
	u32 deaths;
	unsigned long deadline;

	spinlock_t queue_lock; /* see above */
	struct list_head queue;
	u64 last_ticket;
	bool sending;
	unsigned int memory_ops;
	unsigned long send_begin;
	u32 send_control;
	bool stuck_told;
	u64 grant_begin;
	u64 wake_ns;
	const struct tstee_caller *keeper;
	struct hrtimer keep_timer;

	u64 calls;
	atomic_long_t busy_retries;

	spinlock_t share_lock; /* see above */
	struct list_head shares;
	unsigned long quarantined_pages;
	u64 sweep;
	unsigned long retry_delay;
	struct delayed_work retry_work;
	bool quarantine_told;

	unsigned int buffers;
	unsigned int room;
	unsigned long room_asked;
};

/**
 * struct tstee_place - a place in a queue, kept for who was interrupted and
 * comes again
 * @ticket:	the place, 0 if there is none
 * @until:	when it is lost, jiffies
 */
struct tstee_place {
	u64 ticket;
	unsigned long until;
};

/* How long a place is kept. */
#define TSTEE_PLACE_KEPT (1 * HZ)

static inline void tstee_place_keep(struct tstee_place *place, u64 ticket)
{
	place->ticket = ticket;
	place->until = jiffies + TSTEE_PLACE_KEPT;
}

/* The ticket that was kept, or 0. It is good for one return. */
static inline u64 tstee_place_claim(struct tstee_place *place)
{
	u64 ticket = time_after(jiffies, place->until) ? 0 : place->ticket;

	place->ticket = 0;
	return ticket;
}

/**
 * struct tstee_caller - what the queue remembers of an open file
 * @place:	in the queue
 * @left:	when its last message was answered while others waited, ns; or 0
 *
 * Protected by tstee_endpoint.queue_lock.
 */
struct tstee_caller {
	struct tstee_place place;
	u64 left;
};

/**
 * struct tstee_turn - several attempts at one buffer
 * @ticket:	place in the queue, 0 before the first
 * @begin:	of the first, jiffies
 * @deadline:	of the last, jiffies
 */
struct tstee_turn {
	u64 ticket;
	unsigned long begin;
	unsigned long deadline;
};

struct tstee_account;

/**
 * struct tstee_context - an open file
 * @sessions:		see session.c
 * @deaths:		tstee_endpoint.deaths when it was opened: of the
 *			partition before another death it has sessions and
 *			buffers that the next one knows nothing of
 * @account:		who pays for its buffers
 * @buffers:		how many it has; under tstee_account_lock, as
 *			@buffer_place
 * @buffer_place:	among those who wait for a buffer
 * @caller:		of the endpoint
 */
struct tstee_context {
	struct xarray sessions;
	u32 deaths;
	struct tstee_account *account;
	unsigned int buffers;
	struct tstee_place buffer_place;
	struct tstee_caller caller;
};

/**
 * enum tstee_call_kind - how a message behaves when it can't be sent at once
 * @TSTEE_CALL_SERVICE:		for a client: any signal ends the wait, and the
 *				system call can be restarted; refused once the
 *				endpoint is down
 * @TSTEE_CALL_SETUP:		the same, after something has been sent that a
 *				restart would repeat: only a fatal signal ends
 *				the wait
 * @TSTEE_CALL_TEARDOWN:	gives something back: goes before others, and no
 *				signal ends its wait, but a partition that is
 *				stuck does
 */
enum tstee_call_kind {
	TSTEE_CALL_SERVICE,
	TSTEE_CALL_SETUP,
	TSTEE_CALL_TEARDOWN,
};

/**
 * struct tstee_message - a direct message, on the stack of its sender
 * @words:	the five words, replaced by those of the response on success
 * @deaths:	tstee_context.deaths of the sender; of no meaning for
 *		TSTEE_CALL_TEARDOWN
 * @finds:	asks for a service: may find out that a dead partition was
 *		restarted
 * @kind:	how to wait
 * @caller:	open file that the message is for; or NULL
 * @node:	in tstee_endpoint.queue
 * @ticket:	its order there
 * @granted:	it is its turn, or @rc says why not
 * @rc:		error
 * @keeps:	its caller kept the turn for it
 * @away:	how long its caller was away before, ns; or 0 if that is not
 *		known
 */
struct tstee_message {
	struct ffa_send_direct_data words;
	u32 deaths;
	bool finds;
	enum tstee_call_kind kind;
	struct tstee_caller *caller;

	/* Of queue.c: */
	struct list_head node;
	u64 ticket;
	struct completion granted;
	int rc;
	bool keeps;
	u64 away;
};

/**
 * struct tstee_service_call - an INVOKE on its way
 * @caller:		struct tstee_message
 * @deaths:		struct tstee_message
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
	struct tstee_caller *caller;
	u32 deaths;
	u32 client_id;
	u8 interface_id;
	u16 opcode;
	u64 handle;
	u32 request_len;
	u32 response_len;
	u32 status;
	enum tstee_origin origin;
};

/* queue.c */
void tstee_queue_init(struct tstee_endpoint *ep);
void tstee_queue_destroy(struct tstee_endpoint *ep);
int tstee_queue_send(struct tstee_endpoint *ep, struct tstee_message *msg);
bool tstee_queue_given_up(const struct tstee_message *msg);
void tstee_queue_quit(struct tstee_endpoint *ep,
		      const struct tstee_caller *caller);
void tstee_queue_refuse(struct tstee_endpoint *ep);
unsigned int tstee_queue_stuck(struct tstee_endpoint *ep, u32 *control);
bool tstee_queue_enter(struct tstee_endpoint *ep);
void tstee_queue_leave(struct tstee_endpoint *ep);
bool tstee_queue_settle(struct tstee_endpoint *ep);

/* conduit.c */
#if TSTEE_COMPAT_YIELD
int tstee_conduit_send(struct tstee_endpoint *ep,
		       struct ffa_send_direct_data *words);
#else
static inline int tstee_conduit_send(struct tstee_endpoint *ep,
				     struct ffa_send_direct_data *words)
{
	return ep->ffa->ops->msg_ops->sync_send_receive(ep->ffa, words);
}
#endif

/* endpoint.c */
int tstee_endpoint_exchange(struct tstee_endpoint *ep,
			    struct tstee_message *msg);
int tstee_endpoint_share(struct tstee_endpoint *ep, struct scatterlist *sg,
			 u64 tag, u64 *handle);
int tstee_endpoint_reclaim(struct tstee_endpoint *ep, u64 handle);

/* rpc.c */
int tstee_rpc_version(struct tstee_endpoint *ep, u32 *version);
int tstee_rpc_find_service(struct tstee_endpoint *ep, struct tstee_context *ctx,
			   const u8 uuid[TS_RPC_UUID_LEN], u8 *interface_id,
			   enum tstee_origin *origin);
int tstee_rpc_retrieve(struct tstee_endpoint *ep, u32 deaths, u64 handle,
		       u64 tag);
int tstee_rpc_relinquish(struct tstee_endpoint *ep, u64 handle);
int tstee_rpc_invoke(struct tstee_endpoint *ep,
		     struct tstee_service_call *call);

/* errno.c */
int tstee_errno_from_rpc(u32 status);

/* account.c */
struct tstee_account *tstee_account_get(u32 id);
void tstee_account_put(struct tstee_account *account);
u32 tstee_account_id(const struct tstee_account *account);
int tstee_account_take(struct tstee_endpoint *ep, struct tstee_context *ctx,
		       struct tstee_turn *turn);
void tstee_account_forget(struct tstee_context *ctx);
void tstee_account_give(struct tstee_endpoint *ep,
			struct tstee_account *account);
void tstee_account_lose(struct tstee_account *account);
void tstee_account_full(struct tstee_endpoint *ep);

/* identity.c */
u32 tstee_identity_account(void);
int tstee_identity(u32 login, const u8 data[TEE_IOCTL_UUID_LEN],
		   u32 *client_id);

/* session.c */
int tstee_context_open(struct tee_context *ctx);
void tstee_context_release(struct tee_context *ctx);
int tstee_session_open(struct tee_context *ctx,
		       struct tee_ioctl_open_session_arg *arg,
		       struct tee_param *param);
int tstee_session_close(struct tee_context *ctx, u32 session);
int tstee_session_invoke(struct tee_context *ctx,
			 struct tee_ioctl_invoke_arg *arg,
			 struct tee_param *param);

/* shm.c */
void tstee_shm_init(struct tstee_endpoint *ep);
void tstee_shm_retry(struct tstee_endpoint *ep);
void tstee_shm_shutdown(struct tstee_endpoint *ep);
void tstee_shm_destroy(struct tstee_endpoint *ep);
int tstee_shm_register(struct tee_context *ctx, struct tee_shm *shm,
		       struct page **pages, size_t num_pages,
		       unsigned long start);
int tstee_shm_unregister(struct tee_context *ctx, struct tee_shm *shm);

/* sysfs.c */
extern const struct attribute_group *tstee_groups[];

#endif /* TSTEE_H */
