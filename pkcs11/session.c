// SPDX-License-Identifier: BSD-3-Clause
/* Sessions, and logging in, which is accepted with any PIN: the identity is what counts. */
#include <stdlib.h>
#include <string.h>

#include "mechanism.h"
#include "module.h"

struct session *session_hold(CK_SESSION_HANDLE handle)
{
	struct session *session = handles_find(&module.sessions, handle);

	if (session)
		session->holds++;
	return session;
}

bool session_unhold(struct session *session)
{
	return !--session->holds;
}

void session_free(struct session *session)
{
	struct tstee_crypto *before = tstee_crypto_use(session->slot->crypto);

	for (size_t i = 0; i < OPERATION_COUNT; i++)
		operation_end(&session->operations[i]);
	objects_of_session_drop(session);
	(void)tstee_crypto_use(before);
	free(session->found);
	pthread_mutex_destroy(&session->lock);
	free(session);
}

/* The table's hold is let go, whose session was unlisted. */
static void session_put(struct session *session)
{
	bool last;

	pthread_mutex_lock(&module.lock);
	last = session_unhold(session);
	pthread_mutex_unlock(&module.lock);
	if (last)
		session_free(session);
}

/* Takes it from the table; its caller's hold remains. With module.lock. */
static void session_unlist(struct session *session)
{
	struct slot *slot = session->slot;

	handles_remove(&module.sessions, session->handle);
	session->closed = true;
	slot->session_count--;
	if (session->flags & CKF_RW_SESSION)
		slot->rw_session_count--;
	/* The last one logs out (5.6.2). */
	if (!slot->session_count)
		slot->logged_in = false;
}

void sessions_free(void)
{
	while (module.sessions.count) {
		struct session *session = module.sessions.list[0].thing;

		pthread_mutex_lock(&module.lock);
		session_unlist(session);
		pthread_mutex_unlock(&module.lock);
		session_free(session);
	}
}

CK_RV session_may_write(const struct session *session, bool token)
{
	return token && !(session->flags & CKF_RW_SESSION) ? CKR_SESSION_READ_ONLY : CKR_OK;
}

static CK_RV session_open(struct slot *slot, CK_FLAGS flags, CK_SESSION_HANDLE *handle)
{
	struct session *session;
	CK_RV rv = slot_connect(slot);

	if (rv != CKR_OK)
		return rv == CKR_DEVICE_REMOVED ? CKR_TOKEN_NOT_PRESENT : rv;
	session = calloc(1, sizeof(*session));
	if (!session)
		return CKR_HOST_MEMORY;
	pthread_mutex_init(&session->lock, NULL);
	session->slot = slot;
	session->flags = flags;
	session->holds = 1;
	pthread_mutex_lock(&module.lock);
	if (slot->logged_in && slot->user == CKU_SO && !(flags & CKF_RW_SESSION))
		rv = CKR_SESSION_READ_WRITE_SO_EXISTS;
	else if (!(session->handle = handles_add(&module.sessions, session)))
		rv = CKR_HOST_MEMORY;
	if (rv == CKR_OK) {
		*handle = session->handle;
		slot->session_count++;
		if (flags & CKF_RW_SESSION)
			slot->rw_session_count++;
	}
	pthread_mutex_unlock(&module.lock);
	if (rv != CKR_OK)
		session_free(session);
	return rv;
}

CK_RV C_OpenSession(CK_SLOT_ID id, CK_FLAGS flags, void *application, CK_NOTIFY notify,
		    CK_SESSION_HANDLE *handle)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_OpenSession");
	struct slot *slot = NULL;

	(void)application;
	(void)notify;
	if (rv == CKR_OK && !handle)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !(flags & CKF_SERIAL_SESSION))
		rv = CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if (rv == CKR_OK) {
		*handle = CK_INVALID_HANDLE;
		slot = slot_find(id);
		if (!slot)
			rv = CKR_SLOT_ID_INVALID;
	}
	if (rv == CKR_OK)
		rv = session_open(slot, flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION), handle);
	return call_end(&call, rv);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE handle)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_CloseSession");
	struct session *session = NULL;

	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		session = handles_find(&module.sessions, handle);
		if (session)
			session_unlist(session);
		pthread_mutex_unlock(&module.lock);
		if (session)
			session_put(session);
		else
			rv = CKR_SESSION_HANDLE_INVALID;
	}
	return call_end(&call, rv);
}

/* Any session of the slot, unlisted, or NULL. */
static struct session *session_take(const struct slot *slot)
{
	struct session *session = NULL;

	pthread_mutex_lock(&module.lock);
	for (size_t i = 0; i < module.sessions.count; i++) {
		session = module.sessions.list[i].thing;
		if (session->slot == slot)
			break;
		session = NULL;
	}
	if (session)
		session_unlist(session);
	pthread_mutex_unlock(&module.lock);
	return session;
}

CK_RV C_CloseAllSessions(CK_SLOT_ID id)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_CloseAllSessions");
	struct session *session;
	struct slot *slot;

	if (rv == CKR_OK) {
		slot = slot_find(id);
		if (!slot)
			rv = CKR_SLOT_ID_INVALID;
		while (slot && (session = session_take(slot)))
			session_put(session);
	}
	return call_end(&call, rv);
}

static CK_STATE state_of(const struct session *session)
{
	const bool rw = session->flags & CKF_RW_SESSION;
	const struct slot *slot = session->slot;

	if (!slot->logged_in)
		return rw ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
	if (slot->user == CKU_SO)
		return CKS_RW_SO_FUNCTIONS;
	return rw ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GetSessionInfo", handle);

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		*info = (CK_SESSION_INFO){
			.slotID = call.session->slot->id,
			.state = state_of(call.session),
			.flags = call.session->flags,
		};
		pthread_mutex_unlock(&module.lock);
	}
	return call_end(&call, rv);
}

static CK_RV login(struct session *session, CK_USER_TYPE user)
{
	struct slot *slot = session->slot;
	CK_RV rv = CKR_OK;

	if (user != CKU_SO && user != CKU_USER && user != CKU_CONTEXT_SPECIFIC)
		return CKR_USER_TYPE_INVALID;
	pthread_mutex_lock(&module.lock);
	if (user == CKU_CONTEXT_SPECIFIC) {
		/* Nothing asks for it, so nothing is wrong with it. */
	} else if (slot->logged_in) {
		rv = slot->user == user ? CKR_USER_ALREADY_LOGGED_IN :
					  CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	} else if (user == CKU_SO && slot->session_count != slot->rw_session_count) {
		rv = CKR_SESSION_READ_ONLY_EXISTS;
	} else {
		slot->logged_in = true;
		slot->user = user;
	}
	pthread_mutex_unlock(&module.lock);
	return rv;
}

CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_Login", handle);

	if (rv == CKR_OK && pin_len && !pin)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = login(call.session, user);
	return call_end(&call, rv);
}

CK_RV C_LoginUser(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len,
		  CK_UTF8CHAR *name, CK_ULONG name_len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_LoginUser", handle);

	if (rv == CKR_OK && ((pin_len && !pin) || (name_len && !name)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = login(call.session, user);
	return call_end(&call, rv);
}

/* Also ends private objects of sessions, and the handles of the token's (Base 3.0, 5.6.11). */
CK_RV C_Logout(CK_SESSION_HANDLE handle)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_Logout", handle);

	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		if (!call.session->slot->logged_in)
			rv = CKR_USER_NOT_LOGGED_IN;
		call.session->slot->logged_in = false;
		pthread_mutex_unlock(&module.lock);
	}
	if (rv == CKR_OK)
		objects_private_drop(call.session->slot);
	return call_end(&call, rv);
}

/* There is no PIN to set, so any will do: scripts for other tokens do so, as their security officer. */
CK_RV C_InitPIN(CK_SESSION_HANDLE handle, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_InitPIN", handle);

	if (rv == CKR_OK && pin_len && !pin)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		if (state_of(call.session) != CKS_RW_SO_FUNCTIONS)
			rv = CKR_USER_NOT_LOGGED_IN;
		pthread_mutex_unlock(&module.lock);
	}
	return call_end(&call, rv);
}

CK_RV C_SetPIN(CK_SESSION_HANDLE handle, CK_UTF8CHAR *old_pin, CK_ULONG old_len,
	       CK_UTF8CHAR *new_pin, CK_ULONG new_len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_SetPIN", handle);

	if (rv == CKR_OK && ((old_len && !old_pin) || (new_len && !new_pin)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = session_may_write(call.session, true);
	return call_end(&call, rv);
}

CK_RV C_GetOperationState(CK_SESSION_HANDLE handle, CK_BYTE *state, CK_ULONG *state_len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GetOperationState", handle);

	(void)state;
	if (rv == CKR_OK && !state_len)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		rv = CKR_OPERATION_NOT_INITIALIZED;
		for (size_t i = 0; i < OPERATION_COUNT; i++) {
			if (call.session->operations[i].active)
				rv = CKR_STATE_UNSAVEABLE;
		}
	}
	return call_end(&call, rv);
}

CK_RV C_SetOperationState(CK_SESSION_HANDLE handle, CK_BYTE *state, CK_ULONG state_len,
			  CK_OBJECT_HANDLE encryption_key, CK_OBJECT_HANDLE authentication_key)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_SetOperationState", handle);

	(void)encryption_key;
	(void)authentication_key;
	if (rv == CKR_OK)
		rv = state && state_len ? CKR_SAVED_STATE_INVALID : CKR_ARGUMENTS_BAD;
	return call_end(&call, rv);
}

/* Whatever the session is: these should simply say so (Base 3.0, 5.20). */
static CK_RV not_parallel(const char *name)
{
	struct call call;
	CK_RV rv = call_begin(&call, name);

	return call_end(&call, rv == CKR_OK ? CKR_FUNCTION_NOT_PARALLEL : rv);
}

CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE handle)
{
	(void)handle;
	return not_parallel("C_GetFunctionStatus");
}

CK_RV C_CancelFunction(CK_SESSION_HANDLE handle)
{
	(void)handle;
	return not_parallel("C_CancelFunction");
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags)
{
	static const CK_FLAGS of[OPERATION_COUNT] = {
		[OPERATION_ENCRYPT] = CKF_ENCRYPT,
		[OPERATION_DECRYPT] = CKF_DECRYPT,
		[OPERATION_DIGEST] = CKF_DIGEST,
		[OPERATION_SIGN] = CKF_SIGN,
		[OPERATION_VERIFY] = CKF_VERIFY,
		[OPERATION_MESSAGE_ENCRYPT] = CKF_MESSAGE_ENCRYPT,
		[OPERATION_MESSAGE_DECRYPT] = CKF_MESSAGE_DECRYPT,
		[OPERATION_MESSAGE_SIGN] = CKF_MESSAGE_SIGN,
		[OPERATION_MESSAGE_VERIFY] = CKF_MESSAGE_VERIFY,
	};
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_SessionCancel", handle);

	if (rv == CKR_OK) {
		for (size_t i = 0; i < OPERATION_COUNT; i++) {
			if (flags & of[i])
				operation_end(&call.session->operations[i]);
		}
		if (flags & CKF_FIND_OBJECTS)
			call.session->finding = false;
	}
	return call_end(&call, rv);
}
