// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts and sessions: what the TEE core calls for open, OPEN_SESSION,
 * CLOSE_SESSION and INVOKE. A context owns its sessions. The TEE core may call
 * from several threads at once and releases a context when no call in it is
 * left.
 *
 * On an error the TEE core copies nothing back to user space, which sees its
 * argument as it was. Results are written all the same, for clients in the
 * kernel.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/tee.h>
#include <linux/xarray.h>

#include "tstee.h"

/* Bounds what one open file can hold of the kernel's memory. */
#define TSTEE_SESSIONS_MAX 4096

/*
 * A session is two small numbers, so it is kept in the array itself: there is
 * no object whose life a call in one thread and a close in another would have
 * to agree on.
 */
#define TSTEE_SESSION_INTERFACE_BITS 8
static_assert(BITS_PER_LONG > 32 + TSTEE_SESSION_INTERFACE_BITS);

static void *tstee_session_pack(u32 client_id, u8 interface_id)
{
	return xa_mk_value((unsigned long)client_id
				   << TSTEE_SESSION_INTERFACE_BITS |
			   interface_id);
}

static u32 tstee_session_client_id(const void *entry)
{
	return xa_to_value(entry) >> TSTEE_SESSION_INTERFACE_BITS;
}

static u8 tstee_session_interface_id(const void *entry)
{
	return xa_to_value(entry);
}

/**
 * tstee_context_open() - a client opened the device
 * @ctx:	context, kept by the TEE core
 *
 * Return: 0 or -ENOMEM.
 */
int tstee_context_open(struct tee_context *ctx)
{
	struct tstee_endpoint *ep = tee_get_drvdata(ctx->teedev);
	struct tstee_context *self;

	self = kzalloc(sizeof(*self), GFP_KERNEL_ACCOUNT);
	if (!self)
		return -ENOMEM;
	self->account = tstee_account_get(tstee_identity_account());
	if (!self->account) {
		kfree(self);
		return -ENOMEM;
	}

	self->deaths = READ_ONCE(ep->deaths);
	/* IDs start at 1: clients take 0 for "no session". */
	xa_init_flags(&self->sessions, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	ctx->data = self;
	return 0;
}

/**
 * tstee_context_release() - the last reference to the context is gone
 * @ctx:	context
 *
 * A partition knows nothing of sessions: there is nobody to tell.
 */
void tstee_context_release(struct tee_context *ctx)
{
	struct tstee_context *self = ctx->data;

	tstee_queue_quit(tee_get_drvdata(ctx->teedev), &self->caller);
	xa_destroy(&self->sessions);
	tstee_account_put(self->account);
	kfree(self);
	ctx->data = NULL;
}

/**
 * tstee_session_open() - find a service in the partition and bind the client's
 * identity to it
 * @ctx:	context
 * @arg:	uuid names the service; clnt_login and clnt_uuid the client
 * @param:	none is used
 *
 * Return: 0; -ENODEV if the partition does not host the service; -EMFILE if the
 * context has too many sessions; -ENOMEM; or an error of tstee_identity() or
 * tstee_rpc_find_service().
 */
int tstee_session_open(struct tee_context *ctx,
		       struct tee_ioctl_open_session_arg *arg,
		       struct tee_param *param)
{
	struct tstee_endpoint *ep = tee_get_drvdata(ctx->teedev);
	struct tstee_context *self = ctx->data;
	enum tstee_origin origin;
	u8 interface_id;
	u32 client_id;
	u32 id;
	int rc;

	arg->ret_origin = TSTEE_ORIGIN_API;
	rc = tstee_identity(arg->clnt_login, arg->clnt_uuid, &client_id);
	if (rc)
		return rc;

	rc = tstee_rpc_find_service(ep, self, arg->uuid, &interface_id,
				    &origin);
	arg->ret_origin = origin;
	if (rc)
		return rc;

	rc = xa_alloc(&self->sessions, &id,
		      tstee_session_pack(client_id, interface_id),
		      XA_LIMIT(1, TSTEE_SESSIONS_MAX), GFP_KERNEL_ACCOUNT);
	if (rc) {
		arg->ret_origin = TSTEE_ORIGIN_API;
		return rc == -EBUSY ? -EMFILE : rc;
	}

	arg->session = id;
	arg->ret = 0;
	return 0;
}

/**
 * tstee_session_close() - forget a session
 * @ctx:	context
 * @session:	its ID
 *
 * Return: 0 or -EINVAL if there is no such session.
 */
int tstee_session_close(struct tee_context *ctx, u32 session)
{
	struct tstee_context *self = ctx->data;

	return xa_erase(&self->sessions, session) ? 0 : -EINVAL;
}

/* Everything that can be told wrong without the partition. */
static bool tstee_invoke_is_valid(const struct tee_ioctl_invoke_arg *arg,
				  const struct tee_param *param)
{
	if (arg->num_params != 1 ||
	    param->attr != TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT)
		return false;
	if (arg->func > TS_RPC_OPCODE_MASK)
		return false;
	/* A shared memory ID is an int. */
	if (param->u.value.a > INT_MAX || param->u.value.b > U32_MAX)
		return false;
	/* Without a buffer there is no request. */
	return param->u.value.a || !param->u.value.b;
}

/**
 * tstee_session_invoke() - call the service of a session
 * @ctx:	context
 * @arg:	func is the opcode; ret becomes the service's status
 * @param:	one, value inout: a is the ID of the shared buffer, or 0, and
 *		becomes the response's length in bytes; b is the request's
 *		length in bytes
 *
 * Return: 0, whatever the service's status; -EINVAL for malformed arguments,
 * before anything is sent; -EMSGSIZE if the response would be longer than the
 * buffer; or an error of tstee_rpc_invoke().
 */
int tstee_session_invoke(struct tee_context *ctx,
			 struct tee_ioctl_invoke_arg *arg,
			 struct tee_param *param)
{
	struct tstee_endpoint *ep = tee_get_drvdata(ctx->teedev);
	struct tstee_context *self = ctx->data;
	struct tstee_service_call call = {};
	struct tee_shm *shm = NULL;
	void *session;
	int rc;

	arg->ret_origin = TSTEE_ORIGIN_API;
	if (!tstee_invoke_is_valid(arg, param))
		return -EINVAL;

	session = xa_load(&self->sessions, arg->session);
	if (!session)
		return -EINVAL;

	call.caller = &self->caller;
	call.deaths = self->deaths;
	call.client_id = tstee_session_client_id(session);
	call.interface_id = tstee_session_interface_id(session);
	call.opcode = arg->func;
	call.handle = TS_RPC_NO_HANDLE;
	call.request_len = param->u.value.b;

	if (param->u.value.a) {
		shm = tee_shm_get_from_id(ctx, param->u.value.a);
		if (IS_ERR(shm))
			return PTR_ERR(shm);
		call.handle = shm->sec_world_id;
		if (call.request_len > shm->size) {
			rc = -EINVAL;
			goto out_put;
		}
	}

	/* From here on the ID is no longer in the place of the length. */
	param->u.value.a = 0;

	rc = tstee_rpc_invoke(ep, &call);
	arg->ret_origin = call.origin;
	if (rc)
		goto out_put;

	if (call.response_len > (shm ? shm->size : 0)) {
		dev_dbg(&ep->ffa->dev,
			"response of %u bytes to opcode 0x%04x refused\n",
			call.response_len, call.opcode);
		arg->ret_origin = TSTEE_ORIGIN_TEE;
		rc = -EMSGSIZE;
		goto out_put;
	}

	param->u.value.a = call.response_len;
	arg->ret = call.status;
out_put:
	/* May be the last reference. Older kernels take no NULL here. */
	if (shm)
		tee_shm_put(shm);
	return rc;
}
