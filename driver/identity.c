// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who the client is: from the login fields of open-session, and what the kernel
 * knows about the caller, to the client ID of tstee/client_id.h. Called in the
 * context of the task that opens the session; the session keeps the answer for
 * its life, as a file keeps the credentials of its opener.
 */
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/tee.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "tstee.h"

static bool public_is_user;
module_param(public_is_user, bool, 0644);
MODULE_PARM_DESC(public_is_user,
		 "Whether a public login is one as the caller's user");

/* IDs are told apart machine-wide, whatever namespace the client lives in. */
static int tstee_identify_user(u32 *client_id)
{
	uid_t uid = from_kuid(&init_user_ns, current_euid());

	if (uid >= TSTEE_CLIENT_UID_END)
		return -EOVERFLOW;

	*client_id = tstee_client_id_user(uid);
	return 0;
}

/*
 * @data holds a gid as the caller sees it, in its first bytes and native byte
 * order.
 */
static int tstee_identify_group(const u8 data[TEE_IOCTL_UUID_LEN],
				u32 *client_id)
{
	kgid_t kgid;
	gid_t gid;

	if (memchr_inv(data + sizeof(gid), 0, TEE_IOCTL_UUID_LEN - sizeof(gid)))
		return -EINVAL;

	memcpy(&gid, data, sizeof(gid));
	kgid = make_kgid(current_user_ns(), gid);
	if (!gid_valid(kgid) || !in_egroup_p(kgid))
		return -EPERM;

	gid = from_kgid(&init_user_ns, kgid);
	if (gid >= TSTEE_CLIENT_GID_END)
		return -EOVERFLOW;

	*client_id = tstee_client_id_group(gid);
	return 0;
}

/**
 * tstee_identity() - derive the client ID of a new session
 * @login:	TEE_IOCTL_LOGIN_*; the TEE core keeps the kernel's own methods
 *		from user space
 * @data:	connection data of the method
 * @client_id:	result, as it goes over the wire
 *
 * Return: 0; -EPERM for a group that the caller is no member of; -EOVERFLOW for
 * a uid or gid that does not fit the client ID; -EINVAL for malformed
 * connection data; -EOPNOTSUPP for a method that the client ID has no room for.
 */
int tstee_identity(u32 login, const u8 data[TEE_IOCTL_UUID_LEN], u32 *client_id)
{
	switch (login) {
	case TEE_IOCTL_LOGIN_PUBLIC:
		if (READ_ONCE(public_is_user))
			return tstee_identify_user(client_id);
		*client_id = TSTEE_CLIENT_ID_PUBLIC;
		return 0;
	case TEE_IOCTL_LOGIN_USER:
		return tstee_identify_user(client_id);
	case TEE_IOCTL_LOGIN_GROUP:
		return tstee_identify_group(data, client_id);
	case TEE_IOCTL_LOGIN_REE_KERNEL:
		*client_id = TSTEE_CLIENT_ID_KERNEL;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * tstee_identity_account() - who pays for what the caller holds
 *
 * Whatever identity his sessions have: the groups of a person and the public
 * one are his too.
 *
 * Return: client ID.
 */
u32 tstee_identity_account(void)
{
	u32 client_id;

	return tstee_identify_user(&client_id) ? TSTEE_ACCOUNT_OTHERS :
						 client_id;
}
