// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of a TEE device: what user space gave is copied once, checked in Linux's order and
 * refused with Linux's error codes, and results are written back field by field, as there.
 */
#include <errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/tee_core.h>
#include <string.h>

#include "internal.h"

/* 0 or -EFAULT. */
static int arg_get(const struct tee_file_call *call, void *to, size_t len)
{
	if (call->arg_fault || len > call->arg_len || len > sizeof(call->arg))
		return -EFAULT;
	memcpy(to, call->arg, len);
	return 0;
}

static int arg_put(struct tee_file_call *call, const void *from, size_t len)
{
	if (call->arg_fault || len > call->arg_len || len > sizeof(call->arg))
		return -EFAULT;
	memcpy(call->arg, from, len);
	call->arg_written = true;
	return 0;
}

static bool buf_has(const struct tee_file_call *call, size_t offset, size_t len)
{
	return !call->buf_fault && offset <= call->buf_len && len <= call->buf_len - offset &&
	       offset <= sizeof(call->buf) && len <= sizeof(call->buf) - offset;
}

static int buf_get(const struct tee_file_call *call, size_t offset, void *to, size_t len)
{
	if (!buf_has(call, offset, len))
		return -EFAULT;
	memcpy(to, call->buf + offset, len);
	return 0;
}

static int buf_put(struct tee_file_call *call, size_t offset, const void *from, size_t len)
{
	if (!buf_has(call, offset, len))
		return -EFAULT;
	memcpy(call->buf + offset, from, len);
	call->buf_written = true;
	return 0;
}

#define buf_put_field(call, type, value, field) \
	buf_put(call, offsetof(type, field), &(value)->field, sizeof((value)->field))

static int ioctl_version(struct tee_context *ctx, struct tee_file_call *call)
{
	struct tee_ioctl_version_data vers = {};

	ctx->teedev->desc->ops->get_version(ctx->teedev, &vers);
	return arg_put(call, &vers, sizeof(vers));
}

static int ioctl_shm_alloc(struct tee_context *ctx, struct tee_file_call *call)
{
	struct tee_ioctl_shm_alloc_data data;
	struct tee_shm *shm;
	int rc;

	if (arg_get(call, &data, sizeof(data)))
		return -EFAULT;
	if (data.flags)
		return -EINVAL;

	shm = tee_shm_alloc_user_buf(ctx, data.size);
	if (IS_ERR(shm))
		return (int)PTR_ERR(shm);

	data.id = shm->id;
	data.size = shm->size;
	rc = arg_put(call, &data, sizeof(data));
	if (!rc)
		rc = tee_shm_get_fd(shm);

	/* What is left is the descriptor's, or nobody's. */
	tee_shm_put(shm);
	return rc;
}

static int ioctl_shm_register(struct tee_context *ctx, struct tee_file_call *call, int memory)
{
	struct tee_ioctl_shm_register_data data;
	struct tee_shm *shm;
	int rc;

	if (arg_get(call, &data, sizeof(data)))
		return -EFAULT;
	if (data.flags)
		return -EINVAL;

	shm = tee_shm_register_user_buf(ctx, data.addr, data.length, memory);
	if (IS_ERR(shm))
		return (int)PTR_ERR(shm);

	data.id = shm->id;
	data.length = shm->size;
	rc = arg_put(call, &data, sizeof(data));
	if (!rc)
		rc = tee_shm_get_fd(shm);
	tee_shm_put(shm);
	return rc;
}

static bool is_memref(const struct tee_param *param)
{
	switch (param->attr & TEE_IOCTL_PARAM_ATTR_TYPE_MASK) {
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT:
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT:
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT:
		return true;
	default:
		return false;
	}
}

/* a is an offset and b a length in the memory of ID c, to which @param gets a reference. */
static int memref_from_user(struct tee_context *ctx, const struct tee_ioctl_param *ip,
			    struct tee_param *param)
{
	struct tee_shm *shm = NULL;

	if (ip->c != TEE_MEMREF_NULL) {
		shm = tee_shm_get_from_id(ctx, (int)ip->c);
		if (IS_ERR(shm))
			return (int)PTR_ERR(shm);
		if (ip->a + ip->b < ip->a || ip->a + ip->b > shm->size) {
			tee_shm_put(shm);
			return -EINVAL;
		}
	} else if (!ctx->cap_memref_null) {
		return -EINVAL;
	}

	param->u.memref = (struct tee_param_memref){ ip->a, ip->b, shm };
	return 0;
}

static int param_from_user(struct tee_context *ctx, const struct tee_ioctl_param *ip,
			   struct tee_param *param)
{
	if (ip->attr & ~(u64)TEE_IOCTL_PARAM_ATTR_MASK)
		return -EINVAL;

	param->attr = ip->attr;
	switch (ip->attr & TEE_IOCTL_PARAM_ATTR_TYPE_MASK) {
	case TEE_IOCTL_PARAM_ATTR_TYPE_NONE:
	case TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_OUTPUT:
		return 0;
	case TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INPUT:
	case TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT:
		param->u.value = (struct tee_param_value){ ip->a, ip->b, ip->c };
		return 0;
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT:
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT:
	case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT:
		return memref_from_user(ctx, ip, param);
	default:
		return -EINVAL;
	}
}

static void params_free(struct tee_param *params, size_t count)
{
	size_t i;

	for (i = 0; params && i < count; i++)
		if (is_memref(&params[i]) && params[i].u.memref.shm)
			tee_shm_put(params[i].u.memref.shm);
	kfree(params);
}

/* The parameters that follow @offset; NULL for none, or an ERR_PTR(). */
static struct tee_param *params_from_user(struct tee_context *ctx, const struct tee_file_call *call,
					  size_t offset, size_t count)
{
	struct tee_ioctl_param ip;
	struct tee_param *params;
	size_t i;
	int rc;

	if (!count)
		return NULL;
	params = kcalloc(count, sizeof(*params), GFP_KERNEL);
	if (!params)
		return ERR_PTR(-ENOMEM);

	for (i = 0; i < count; i++) {
		rc = buf_get(call, offset + i * sizeof(ip), &ip, sizeof(ip));
		if (!rc)
			rc = param_from_user(ctx, &ip, &params[i]);
		if (rc) {
			/* That one has no reference. */
			params_free(params, i);
			return ERR_PTR(rc);
		}
	}
	return params;
}

/* Whole attributes are compared, so that those with TEE_IOCTL_PARAM_ATTR_META never go back. */
static int params_to_user(struct tee_file_call *call, size_t offset, const struct tee_param *params,
			  size_t count)
{
	const size_t len = sizeof(struct tee_ioctl_param);
	int rc = 0;
	size_t i;

	for (i = 0; i < count && !rc; i++) {
		const struct tee_param *param = &params[i];
		size_t a = offset + i * len + offsetof(struct tee_ioctl_param, a);
		u64 size = param->u.memref.size;

		switch (param->attr) {
		case TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_OUTPUT:
		case TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT:
			rc = buf_put(call, a, &param->u.value, sizeof(param->u.value));
			break;
		case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT:
		case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT:
			rc = buf_put(call, a + sizeof(u64), &size, sizeof(size));
			break;
		default:
			break;
		}
	}
	return rc;
}

static_assert(sizeof(struct tee_param_value) == 3 * sizeof(u64), "a, b and c of tee_ioctl_param");
static_assert(offsetof(struct tee_ioctl_param, b) ==
		      offsetof(struct tee_ioctl_param, a) + sizeof(u64),
	      "a, b and c of tee_ioctl_param");

/* The fixed part of an argument of variable length. 0, -EFAULT or -EINVAL. */
static int header_get(const struct tee_file_call *call, void *header, size_t len, u64 *buf_len)
{
	struct tee_ioctl_buf_data buf;

	if (arg_get(call, &buf, sizeof(buf)))
		return -EFAULT;
	if (buf.buf_len > TEE_MAX_ARG_SIZE || buf.buf_len < len)
		return -EINVAL;
	*buf_len = buf.buf_len;
	return buf_get(call, 0, header, len);
}

static bool length_is(u64 buf_len, size_t header_len, u32 num_params)
{
	return buf_len == header_len + (u64)num_params * sizeof(struct tee_param);
}

/* Linux multiplies by the size of its own structure: the same, or clients would be refused. */
static_assert(sizeof(struct tee_param) == sizeof(struct tee_ioctl_param), "length_is()");

static int ioctl_open_session(struct tee_context *ctx, struct tee_file_call *call)
{
	const struct tee_driver_ops *ops = ctx->teedev->desc->ops;
	struct tee_ioctl_open_session_arg arg;
	struct tee_param *params;
	u64 buf_len;
	int rc;

	if (!ops->open_session)
		return -EINVAL;
	rc = header_get(call, &arg, sizeof(arg), &buf_len);
	if (rc)
		return rc;
	if (!length_is(buf_len, sizeof(arg), arg.num_params))
		return -EINVAL;

	params = params_from_user(ctx, call, sizeof(arg), arg.num_params);
	if (IS_ERR(params))
		return (int)PTR_ERR(params);

	if (arg.clnt_login >= TEE_IOCTL_LOGIN_REE_KERNEL_MIN &&
	    arg.clnt_login <= TEE_IOCTL_LOGIN_REE_KERNEL_MAX) {
		rc = -EPERM;
		goto out;
	}

	rc = ops->open_session(ctx, &arg, params);
	if (rc)
		goto out;

	if (buf_put_field(call, struct tee_ioctl_open_session_arg, &arg, session) ||
	    buf_put_field(call, struct tee_ioctl_open_session_arg, &arg, ret) ||
	    buf_put_field(call, struct tee_ioctl_open_session_arg, &arg, ret_origin) ||
	    params_to_user(call, sizeof(arg), params, arg.num_params)) {
		rc = -EFAULT;
		/* Nobody knows of it. */
		if (ops->close_session)
			ops->close_session(ctx, arg.session);
	}
out:
	params_free(params, arg.num_params);
	return rc;
}

static int ioctl_invoke(struct tee_context *ctx, struct tee_file_call *call)
{
	const struct tee_driver_ops *ops = ctx->teedev->desc->ops;
	struct tee_ioctl_invoke_arg arg;
	struct tee_param *params;
	u64 buf_len;
	int rc;

	if (!ops->invoke_func)
		return -EINVAL;
	rc = header_get(call, &arg, sizeof(arg), &buf_len);
	if (rc)
		return rc;
	if (!length_is(buf_len, sizeof(arg), arg.num_params))
		return -EINVAL;

	params = params_from_user(ctx, call, sizeof(arg), arg.num_params);
	if (IS_ERR(params))
		return (int)PTR_ERR(params);

	rc = ops->invoke_func(ctx, &arg, params);
	if (!rc && (buf_put_field(call, struct tee_ioctl_invoke_arg, &arg, ret) ||
		    buf_put_field(call, struct tee_ioctl_invoke_arg, &arg, ret_origin) ||
		    params_to_user(call, sizeof(arg), params, arg.num_params)))
		rc = -EFAULT;
	params_free(params, arg.num_params);
	return rc;
}

static int ioctl_cancel(struct tee_context *ctx, struct tee_file_call *call)
{
	struct tee_ioctl_cancel_arg arg;

	if (!ctx->teedev->desc->ops->cancel_req)
		return -EINVAL;
	if (arg_get(call, &arg, sizeof(arg)))
		return -EFAULT;
	return ctx->teedev->desc->ops->cancel_req(ctx, arg.cancel_id, arg.session);
}

static int ioctl_close_session(struct tee_context *ctx, struct tee_file_call *call)
{
	struct tee_ioctl_close_session_arg arg;

	if (!ctx->teedev->desc->ops->close_session)
		return -EINVAL;
	if (arg_get(call, &arg, sizeof(arg)))
		return -EFAULT;
	return ctx->teedev->desc->ops->close_session(ctx, arg.session);
}

/* The supplicant's ioctls are refused like unknown ones, as no device here has a supplicant. */
long tee_ioctl(struct tee_context *ctx, struct tee_file_call *call)
{
	int memory = call->fd;
	int rc;

	call->fd = -1;
	call->arg_written = false;
	call->buf_written = false;
	switch (call->cmd) {
	case TEE_IOC_VERSION:
		return ioctl_version(ctx, call);
	case TEE_IOC_SHM_ALLOC:
		rc = ioctl_shm_alloc(ctx, call);
		break;
	case TEE_IOC_SHM_REGISTER:
		rc = ioctl_shm_register(ctx, call, memory);
		break;
	case TEE_IOC_OPEN_SESSION:
		return ioctl_open_session(ctx, call);
	case TEE_IOC_INVOKE:
		return ioctl_invoke(ctx, call);
	case TEE_IOC_CANCEL:
		return ioctl_cancel(ctx, call);
	case TEE_IOC_CLOSE_SESSION:
		return ioctl_close_session(ctx, call);
	default:
		return -EINVAL;
	}

	if (rc < 0)
		return rc;
	call->fd = rc;
	return 0;
}
