// SPDX-License-Identifier: BSD-3-Clause
/*
 * Objects: their handles, what is on the token, finding them and their attributes. The token's
 * objects are looked at anew by each search, so that what other processes did is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "note.h"
#include "store.h"

struct object *object_new(struct slot *slot, CK_OBJECT_CLASS class, struct key *key, enum half half)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object)
		return NULL;
	object->refs = 2;
	object->slot = slot;
	object->class = class;
	object->half = half;
	object->key = key;
	pthread_mutex_lock(&module.lock);
	object->handle = handles_add(&module.objects, object);
	pthread_mutex_unlock(&module.lock);
	if (!object->handle) {
		free(object);
		return NULL;
	}
	if (key)
		key_hold(key);
	return object;
}

struct object *object_hold(struct session *session, CK_OBJECT_HANDLE handle)
{
	struct object *object;

	pthread_mutex_lock(&module.lock);
	object = handles_find(&module.objects, handle);
	if (object && object->slot == session->slot)
		__atomic_add_fetch(&object->refs, 1, __ATOMIC_RELAXED);
	else
		object = NULL;
	pthread_mutex_unlock(&module.lock);
	return object;
}

void object_let_go(struct object *object)
{
	if (!object || __atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL))
		return;
	attributes_free(&object->attributes);
	key_let_go(object->key);
	free(object);
}

void object_forget(struct object *object)
{
	bool there;

	pthread_mutex_lock(&module.lock);
	there = handles_find(&module.objects, object->handle) == object;
	if (there)
		handles_remove(&module.objects, object->handle);
	pthread_mutex_unlock(&module.lock);
	if (there)
		object_let_go(object);
}

void objects_drop(struct object *objects, bool destroy)
{
	struct object *object;

	while ((object = objects)) {
		objects = object->next;
		if (destroy && object->key && !object->key->token &&
		    (object->half == HALF_PRIVATE || key_class(object->key) == CKO_PUBLIC_KEY))
			(void)psa_destroy_key(object->key->id);
		object_forget(object);
		object_let_go(object);
	}
}

static struct object **list_of(const struct object *object)
{
	return object->session ? &object->slot->session_objects : &object->slot->objects;
}

void object_enlist(struct object *object)
{
	struct object **last = list_of(object);

	while (*last)
		last = &(*last)->next;
	object->next = NULL;
	*last = object;
}

bool object_delist(struct object *object)
{
	struct object **link = list_of(object);

	while (*link && *link != object)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = object->next;
	object->next = NULL;
	object_let_go(object);
	return true;
}

void objects_of_session_drop(struct session *session)
{
	struct slot *slot = session->slot;
	struct object **link = &slot->session_objects, *mine = NULL, *object;

	pthread_mutex_lock(&slot->lock);
	while ((object = *link)) {
		if (object->session != session->handle) {
			link = &object->next;
			continue;
		}
		*link = object->next;
		object->next = mine;
		mine = object;
	}
	pthread_mutex_unlock(&slot->lock);
	objects_drop(mine, true);
}

static void forget_unseen(struct object **list)
{
	struct object *object;

	while ((object = *list)) {
		if (object->seen) {
			list = &object->next;
			continue;
		}
		*list = object->next;
		object_forget(object);
		object_let_go(object);
	}
}

void objects_of_key_forget(struct slot *slot, const struct key *key)
{
	struct object **lists[] = { &slot->objects, &slot->session_objects };
	struct object *object;

	for (size_t i = 0; i < COUNT(lists); i++) {
		for (object = *lists[i]; object;) {
			struct object *next = object->next;

			if (object->key == key) {
				object_forget(object);
				(void)object_delist(object);
			}
			object = next;
		}
	}
}

/*
 * Session objects are destroyed, of a pair both halves; those of the token are found again by
 * other handles.
 */
void objects_private_drop(struct slot *slot)
{
	struct object **link, *object;

	pthread_mutex_lock(&slot->lock);
	for (link = &slot->session_objects; (object = *link);) {
		if (!object_is(object, CKA_PRIVATE)) {
			link = &object->next;
			continue;
		}
		if (object->key) {
			(void)psa_destroy_key(object->key->id);
			objects_of_key_forget(slot, object->key);
		} else {
			object_forget(object);
			(void)object_delist(object);
		}
		/* Others may be gone, too. */
		link = &slot->session_objects;
	}
	for (object = slot->objects; object; object = object->next)
		object->seen = !object_is(object, CKA_PRIVATE);
	forget_unseen(&slot->objects);
	slot->fresh = false;
	pthread_mutex_unlock(&slot->lock);
}

/* The object of the token's list that is this half of key @id, or NULL. */
static struct object *known(struct slot *slot, mbedtls_svc_key_id_t id, enum half half)
{
	for (struct object *object = slot->objects; object; object = object->next) {
		if (object->key && object->key->id == id && object->half == half)
			return object;
	}
	return NULL;
}

static CK_RV add_half(struct slot *slot, struct key *key, enum half half, struct object ***last)
{
	struct object *object;

	object = object_new(slot, half == HALF_PUBLIC ? CKO_PUBLIC_KEY : key_class(key), key, half);
	if (!object)
		return CKR_HOST_MEMORY;
	object->seen = true;
	**last = object;
	*last = &object->next;
	return CKR_OK;
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->type == b->type && a->bits == b->bits && a->usage == b->usage && a->alg == b->alg;
}

/* What may change of a key: from @now to @key. */
static void take_news(struct key *key, struct key *now)
{
	memcpy(key->name, now->name, sizeof(key->name));
	for (size_t i = 0; i < HALF_COUNT; i++) {
		struct attributes old = key->notes[i];

		key->notes[i] = now->notes[i];
		now->notes[i] = old;
	}
	key->hidden = now->hidden;
}

/* Another key of the same public part and policy may still be another key: one looks for that. */
static CK_RV see_key(struct slot *slot, mbedtls_svc_key_id_t id, struct object ***last)
{
	struct object *private = known(slot, id, HALF_PRIVATE);
	struct object *public = known(slot, id, HALF_PUBLIC);
	struct key *key = key_new(), *there;
	psa_status_t status;
	CK_RV rv = CKR_OK;
	bool pair;

	if (!key)
		return CKR_HOST_MEMORY;
	status = key_read(key, id);
	if (status != PSA_SUCCESS) {
		key_let_go(key);
		/* Gone since it was listed. */
		return status == PSA_ERROR_INVALID_HANDLE ? CKR_OK : rv_from_status(status);
	}
	there = private ? private->key : public ? public->key : NULL;
	if (there && same_key(there, key)) {
		take_news(there, key);
		key_let_go(key);
		key = there;
		key_hold(key);
	} else {
		private = NULL;
		public = NULL;
	}
	pair = PSA_KEY_TYPE_IS_KEY_PAIR(key->type);
	if (private)
	private->seen = true;
	if (public)
	public->seen = !key->hidden;
	if (!private && key_class(key) != CKO_PUBLIC_KEY)
		rv = add_half(slot, key, HALF_PRIVATE, last);
	if (rv == CKR_OK && !public && !key->hidden && (pair || key_class(key) == CKO_PUBLIC_KEY))
		rv = add_half(slot, key, HALF_PUBLIC, last);
	key_let_go(key);
	return rv;
}

static struct object **end_of(struct object **list)
{
	while (*list)
		list = &(*list)->next;
	return list;
}

#define LIST_STEP 64u

static CK_RV see_keys(struct slot *slot)
{
	struct object **last = end_of(&slot->objects);
	uint32_t ids[LIST_STEP], after = 0;
	psa_status_t status;
	size_t count = 0;
	CK_RV rv = CKR_OK;

	do {
		status = tstee_key_list(after, ids, LIST_STEP, &count);
		/* A partition that can't list its keys: there are none to be found. */
		if (status == PSA_ERROR_NOT_SUPPORTED)
			return CKR_OK;
		if (status != PSA_SUCCESS)
			return rv_from_status(status);
		for (size_t i = 0; i < count && rv == CKR_OK; i++)
			rv = see_key(slot, ids[i], &last);
		if (count)
			after = ids[count - 1];
	} while (rv == CKR_OK && count == LIST_STEP);
	return rv;
}

/*
 * Keys are read only if the partition says that something has changed since; certificates and
 * data, of which there are few, each time.
 */
CK_RV objects_refresh(struct slot *slot)
{
	uint64_t changes = 0;
	psa_status_t status = tstee_key_changes(&changes);
	const bool known = status == PSA_SUCCESS;
	const bool same = known && slot->fresh && slot->changes == changes;
	CK_RV rv = CKR_OK;

	if (!known && status != PSA_ERROR_NOT_SUPPORTED)
		return rv_from_status(status);
	for (struct object *object = slot->objects; object; object = object->next)
		object->seen = same && object->key;
	if (!same) {
		slot->fresh = false;
		rv = see_keys(slot);
	}
	if (rv == CKR_OK)
		rv = store_see(slot);
	/* After a failure what was known may be there still. */
	if (rv != CKR_OK)
		return rv;
	forget_unseen(&slot->objects);
	slot->fresh = known;
	slot->changes = changes;
	return CKR_OK;
}

/* Not of the partition: says what kind of token this is (Profiles 3.0). */
static CK_RV profiles_make(struct slot *slot)
{
	static const CK_ULONG ids[] = { CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER,
					CKP_PUBLIC_CERTIFICATES_TOKEN };

	if (slot->profile)
		return CKR_OK;
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct object *object = object_new(slot, CKO_PROFILE, NULL, HALF_PRIVATE);

		if (!object || attributes_set(&object->attributes, CKA_PROFILE_ID, &ids[i],
					      sizeof(ids[i])) != CKR_OK)
			return CKR_HOST_MEMORY;
		object->next = slot->profile;
		slot->profile = object;
	}
	return CKR_OK;
}

bool object_matches(struct object *object, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct bytes value;
	bool same = true;

	for (CK_ULONG i = 0; i < count && same; i++) {
		same = object_attribute(object, templ[i].type, &value) == CKR_OK &&
		       value.len == templ[i].ulValueLen &&
		       (!value.len || !memcmp(value.data, templ[i].pValue, value.len));
		bytes_free(&value);
	}
	return same;
}

static CK_RV found_add(struct session *session, const struct object *object)
{
	CK_OBJECT_HANDLE *grown;

	if (session->found_count % 64 == 0) {
		grown = realloc(session->found,
				(session->found_count + 64) * sizeof(*session->found));
		if (!grown)
			return CKR_HOST_MEMORY;
		session->found = grown;
	}
	session->found[session->found_count++] = object->handle;
	return CKR_OK;
}

static CK_RV find_in(struct session *session, struct object *list, const CK_ATTRIBUTE *templ,
		     CK_ULONG count)
{
	CK_RV rv = CKR_OK;

	for (struct object *object = list; object && rv == CKR_OK; object = object->next) {
		if (object_matches(object, templ, count))
			rv = found_add(session, object);
	}
	return rv;
}

static CK_RV find_init(struct session *session, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct slot *slot = session->slot;
	CK_ULONG class;
	CK_RV rv;
	bool token;

	rv = template_check(templ, count);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_TOKEN, true, &token);
	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_CLASS, CK_UNAVAILABLE_INFORMATION, &class);
	if (rv != CKR_OK)
		return rv;
	session->found_count = 0;
	session->found_next = 0;
	pthread_mutex_lock(&slot->lock);
	if (token && class != CKO_PROFILE)
		rv = objects_refresh(slot);
	if (rv == CKR_OK && token)
		rv = find_in(session, slot->objects, templ, count);
	/* As hardware features are: only for who asks for them (Base 3.0, 4.3.1 and 4.13). */
	if (rv == CKR_OK && class == CKO_PROFILE)
		rv = profiles_make(slot);
	if (rv == CKR_OK && class == CKO_PROFILE)
		rv = find_in(session, slot->profile, templ, count);
	if (rv == CKR_OK)
		rv = find_in(session, slot->session_objects, templ, count);
	pthread_mutex_unlock(&slot->lock);
	session->finding = rv == CKR_OK;
	return rv;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_FindObjectsInit", handle);

	if (rv == CKR_OK && call.session->finding)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = find_init(call.session, templ, count);
	return call_end(&call, rv);
}

CK_RV C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *objects, CK_ULONG max,
		    CK_ULONG *count)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_FindObjects", handle);

	if (rv == CKR_OK && (!count || (max && !objects)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !call.session->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK) {
		struct session *s = call.session;

		*count = 0;
		while (*count < max && s->found_next < s->found_count)
			objects[(*count)++] = s->found[s->found_next++];
	}
	return call_end(&call, rv);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_FindObjectsFinal", handle);

	if (rv == CKR_OK && !call.session->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK)
		call.session->finding = false;
	return call_end(&call, rv);
}

/* One attribute as 5.7.5 says; what goes wrong with one hides none of the others. */
static CK_RV get_one(struct object *object, CK_ATTRIBUTE *attribute)
{
	struct bytes value;
	CK_RV rv = object_attribute(object, attribute->type, &value);

	if (rv != CKR_OK) {
		attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	} else if (!attribute->pValue) {
		attribute->ulValueLen = value.len;
	} else if (attribute->ulValueLen < value.len) {
		attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		rv = CKR_BUFFER_TOO_SMALL;
	} else {
		if (value.len)
			memcpy(attribute->pValue, value.data, value.len);
		attribute->ulValueLen = value.len;
	}
	bytes_free(&value);
	return rv;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object_handle,
			  CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GetAttributeValue", handle);

	if (rv == CKR_OK && (!templ || !count))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, object_handle);
		if (!object)
			rv = CKR_OBJECT_HANDLE_INVALID;
	}
	if (object) {
		pthread_mutex_lock(&object->slot->lock);
		for (CK_ULONG i = 0; i < count; i++) {
			CK_RV one = get_one(object, &templ[i]);

			if (rv == CKR_OK)
				rv = one;
		}
		pthread_mutex_unlock(&object->slot->lock);
		object_let_go(object);
	}
	return call_end(&call, rv);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object_handle, CK_ULONG *size)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GetObjectSize", handle);

	if (rv == CKR_OK && !size)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, object_handle);
		if (!object)
			rv = CKR_OBJECT_HANDLE_INVALID;
		else
			*size = CK_UNAVAILABLE_INFORMATION;
		object_let_go(object);
	}
	return call_end(&call, rv);
}
