// SPDX-License-Identifier: BSD-3-Clause
/*
 * Protected storage: ChaCha20-Poly1305 over a store that is not trusted. For each object the
 * store of internal storage keeps an entry with all but the data: length, capacity, flags,
 * nonce and tag. The tag is that of one ciphertext of one object at one time, so an older
 * copy of the data fails like a forged one.
 *
 * An entry says what the object is now, and what it will be next. At rest the two are equal.
 * To change an object
 *   1. the entry takes the new state as next;
 *   2. the data is written, or removed;
 *   3. the entry takes the new state as both.
 * Each step is atomic by itself. After a cut between them the data tells which of the states
 * the object is in, and settle() notes it before the client learns anything: from then on
 * nobody can choose any more.
 */
#include <assert.h>
#include <secure/engine/storage.h>
#include <secure/service/hkdf.h>
#include <secure/service/protected_storage.h>
#include <secure/wipe.h>
#include <string.h>

#define NONCE_LEN ENGINE_CHACHA_NONCE_LEN
#define TAG_LEN	  ENGINE_CHACHA_TAG_LEN

/* As size: there is no object. */
#define ABSENT UINT32_MAX

/* A state of an object, on flash. */
struct seal {
	uint32_t size;
	uint32_t capacity;
	uint32_t flags;
	uint8_t nonce[NONCE_LEN];
	uint8_t tag[TAG_LEN];
};

struct entry {
	struct seal now;
	struct seal next;
};

/* What the tag covers besides the data. */
struct bound {
	struct store_key key;
	uint32_t size;
	uint32_t capacity;
	uint32_t flags;
	uint32_t unused;
};

/* Objects that are looked at together in an erase. */
#define ERASE_PAGE 32u

static_assert(sizeof(struct seal) == 40, "on flash, and compared as bytes");
static_assert(sizeof(struct entry) == 80, "on flash");
static_assert(sizeof(struct bound) == 32, "no padding under the tag");
static_assert(HKDF_LEN == PROTECTED_STORAGE_KEY_LEN, "the key");

static const struct seal absent = { .size = ABSENT };

static bool seal_equal(const struct seal *a, const struct seal *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool is_attack(psa_status_t status)
{
	return status == PSA_ERROR_DATA_CORRUPT || status == PSA_ERROR_INVALID_SIGNATURE;
}

static struct bound bound_of(const struct store_key *key, const struct seal *seal)
{
	return (struct bound){
		.key = *key,
		.size = seal->size,
		.capacity = seal->capacity,
		.flags = seal->flags,
	};
}

/* Of @data into ps->data. */
static struct engine_chacha chacha_of(struct protected_storage *ps, const struct seal *seal,
				      const struct bound *bound, const uint8_t *data)
{
	return (struct engine_chacha){
		.key = ps->key,
		.nonce = seal->nonce,
		.ad = (const uint8_t *)bound,
		.ad_len = sizeof(*bound),
		.in = data,
		.out = ps->data,
		.len = seal->size,
	};
}

/* Encrypts seal->size bytes at @data, which may be ps->data, into ps->data. Completes *@seal. */
static psa_status_t encrypt(struct protected_storage *ps, const struct store_key *key,
			    struct seal *seal, const uint8_t *data)
{
	const struct bound bound = bound_of(key, seal);
	const struct engine_chacha chacha = chacha_of(ps, seal, &bound, data);

	/* At random: a counter would have to be kept where nobody can put it back. */
	if (ps->random(seal->nonce, sizeof(seal->nonce)))
		return PSA_ERROR_GENERIC_ERROR;
	return engine_chacha_seal(&chacha, seal->tag) ? PSA_ERROR_GENERIC_ERROR : PSA_SUCCESS;
}

/* Decrypts ps->data in place, or wipes it. */
static psa_status_t decrypt(struct protected_storage *ps, const struct store_key *key,
			    const struct seal *seal)
{
	const struct bound bound = bound_of(key, seal);
	const struct engine_chacha chacha = chacha_of(ps, seal, &bound, ps->data);

	if (!engine_chacha_open(&chacha, seal->tag))
		return PSA_SUCCESS;
	secure_wipe(ps->data, seal->size);
	return PSA_ERROR_INVALID_SIGNATURE;
}

/* Reads the object into ps->data, if it is in the state *@seal. */
static psa_status_t unseal(struct protected_storage *ps, const struct store_key *key,
			   const struct seal *seal)
{
	struct store_info info;
	psa_status_t status;
	size_t len;

	status = store_get_info(ps->area, key, &info);
	if (seal->size == ABSENT) {
		if (status == PSA_ERROR_DOES_NOT_EXIST)
			return PSA_SUCCESS;
		return status == PSA_SUCCESS ? PSA_ERROR_INVALID_SIGNATURE : status;
	}
	if (status == PSA_ERROR_DOES_NOT_EXIST)
		return PSA_ERROR_DATA_CORRUPT;
	if (status != PSA_SUCCESS)
		return status;
	/* Room that was promised must still be there. */
	if (info.size != seal->size || info.capacity != seal->capacity)
		return PSA_ERROR_INVALID_SIGNATURE;

	status = store_read(ps->area, key, 0, ps->data, seal->size, &len);
	if (status == PSA_SUCCESS && len != seal->size)
		status = PSA_ERROR_DATA_CORRUPT;
	return status == PSA_SUCCESS ? decrypt(ps, key, seal) : status;
}

static struct store_key entry_key(const struct store_key *key)
{
	struct store_key at = *key;

	at.space = SECURE_STORAGE_SPACE_PS_ENTRY;
	return at;
}

static bool seal_is_sane(const struct seal *seal)
{
	return seal->size == ABSENT ||
	       (seal->size <= seal->capacity && seal->capacity <= STORE_OBJECT_MAX);
}

/* Also after DOES_NOT_EXIST *@entry is what it should be: twice absent. */
static psa_status_t entry_load(struct protected_storage *ps, const struct store_key *key,
			       struct entry *entry)
{
	const struct store_key at = entry_key(key);
	psa_status_t status;
	size_t len;

	*entry = (struct entry){ absent, absent };
	if (!ps->ready)
		return PSA_ERROR_STORAGE_FAILURE;
	status = store_read(ps->internal, &at, 0, entry, sizeof(*entry), &len);
	if (status != PSA_SUCCESS) {
		*entry = (struct entry){ absent, absent };
		return status;
	}
	if (len != sizeof(*entry) || !seal_is_sane(&entry->now) || !seal_is_sane(&entry->next))
		return PSA_ERROR_DATA_CORRUPT;
	return PSA_SUCCESS;
}

/*
 * Always of one length, so that once there it can be changed, however full the flash is, as long
 * as the same account pays for it: that is so if @payer is NULL.
 */
static psa_status_t entry_save(struct protected_storage *ps, const struct store_key *key,
			       const struct share_account *payer, const struct seal *now,
			       const struct seal *next)
{
	const struct entry entry = { *now, *next };
	const struct store_key at = entry_key(key);
	psa_status_t status;

	if (now->size != ABSENT || next->size != ABSENT)
		return store_set(ps->internal, &at, payer, 0, &entry, sizeof(entry));
	status = store_remove(ps->internal, &at);
	return status == PSA_ERROR_DOES_NOT_EXIST ? PSA_SUCCESS : status;
}

/*
 * Ends a change that was cut short. INVALID_SIGNATURE when the data belongs to neither state:
 * then *@entry is not at rest. DATA_CORRUPT when it is the entry that is lost.
 */
static psa_status_t settle(struct protected_storage *ps, const struct store_key *key,
			   struct entry *entry)
{
	psa_status_t status = entry_load(ps, key, entry);

	if (status != PSA_SUCCESS)
		return status;
	if (!seal_equal(&entry->now, &entry->next)) {
		const struct seal *actual = &entry->next;

		status = unseal(ps, key, actual);
		if (is_attack(status)) {
			actual = &entry->now;
			status = unseal(ps, key, actual);
			if (is_attack(status))
				status = PSA_ERROR_INVALID_SIGNATURE;
		}
		secure_wipe(ps->data, sizeof(ps->data));
		if (status == PSA_SUCCESS)
			status = entry_save(ps, key, NULL, actual, actual);
		if (status != PSA_SUCCESS)
			return status;
		*entry = (struct entry){ *actual, *actual };
	}
	return entry->now.size == ABSENT ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS;
}

/*
 * settle() for who will replace the object. Where the data belongs to neither state, the next
 * one was never confirmed to anybody, so nothing is lost by going on.
 */
static psa_status_t settle_to_replace(struct protected_storage *ps, const struct store_key *key,
				      struct entry *entry)
{
	const psa_status_t status = settle(ps, key, entry);

	return status == PSA_ERROR_INVALID_SIGNATURE ? PSA_SUCCESS : status;
}

/* Step 3 of a change from entry->now to *@next, of which step 2 has come out as @status. */
static psa_status_t finish(struct protected_storage *ps, const struct store_key *key,
			   const struct entry *entry, const struct seal *next, psa_status_t status)
{
	psa_status_t undone;

	if (status == PSA_SUCCESS)
		return entry_save(ps, key, NULL, next, next);
	/* Who knows what a failing device has written. */
	if (status == PSA_ERROR_STORAGE_FAILURE)
		return status;
	undone = entry_save(ps, key, NULL, &entry->now, &entry->now);
	return undone == PSA_SUCCESS ? status : undone;
}

static psa_status_t ps_get_info(void *objects, const struct store_key *key, struct store_info *info)
{
	const struct store_key at = entry_key(key);
	struct protected_storage *ps = objects;
	struct entry entry;
	psa_status_t status;

	memset(info, 0, sizeof(*info));
	status = settle(objects, key, &entry);
	if (status != PSA_SUCCESS)
		return status;
	status = store_get_info(ps->internal, &at, info);
	if (status != PSA_SUCCESS)
		return status;
	info->capacity = entry.now.capacity;
	info->size = entry.now.size;
	info->flags = entry.now.flags;
	return PSA_SUCCESS;
}

static psa_status_t ps_read(void *objects, const struct store_key *key, uint64_t offset, void *buf,
			    size_t len, size_t *read_len)
{
	struct protected_storage *ps = objects;
	struct entry entry;
	psa_status_t status;

	*read_len = 0;
	status = settle(ps, key, &entry);
	if (status != PSA_SUCCESS)
		return status;
	if (offset > entry.now.size)
		return PSA_ERROR_INVALID_ARGUMENT;

	status = unseal(ps, key, &entry.now);
	if (status == PSA_SUCCESS) {
		const size_t left = entry.now.size - (size_t)offset;

		*read_len = len < left ? len : left;
		if (*read_len)
			memcpy(buf, ps->data + offset, *read_len);
	}
	secure_wipe(ps->data, entry.now.size);
	return status;
}

/*
 * Takes out of the area what is there of an object that isn't: somebody put it back, or an erase
 * has not come to it. So before there is an entry, with which it would pass for the object's, also
 * what the area has left out when it was mounted.
 */
static psa_status_t clear_area(struct protected_storage *ps, const struct store_key *key)
{
	psa_status_t status;

	/* Then the write that follows fails. */
	if (!ps->area->mounted)
		return PSA_SUCCESS;
	status = store_remove(ps->area, key);
	return status == PSA_ERROR_DOES_NOT_EXIST ? PSA_SUCCESS : status;
}

static psa_status_t ps_set(void *objects, const struct store_key *key,
			   const struct share_account *payer, uint32_t flags, const void *data,
			   size_t len)
{
	struct protected_storage *ps = objects;
	struct seal next = { .flags = flags };
	struct entry entry;
	psa_status_t status;

	status = settle_to_replace(ps, key, &entry);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	if (len > STORE_OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;

	next.size = (uint32_t)len;
	next.capacity = (uint32_t)len;
	status = status == PSA_ERROR_DOES_NOT_EXIST ? clear_area(ps, key) : PSA_SUCCESS;
	if (status == PSA_SUCCESS)
		status = encrypt(ps, key, &next, data);
	if (status == PSA_SUCCESS)
		status = entry_save(ps, key, payer, &entry.now, &next);
	if (status != PSA_SUCCESS)
		return status;
	status = store_set(ps->area, key, payer, 0, ps->data, len);
	return finish(ps, key, &entry, &next, status);
}

static psa_status_t ps_create(void *objects, const struct store_key *key,
			      const struct share_account *payer, uint32_t flags, uint64_t capacity)
{
	struct protected_storage *ps = objects;
	struct seal next = { .flags = flags };
	struct entry entry;
	psa_status_t status;

	if (capacity > STORE_OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	status = settle(ps, key, &entry);
	if (status == PSA_SUCCESS)
		return PSA_ERROR_ALREADY_EXISTS;
	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;

	next.capacity = (uint32_t)capacity;
	status = clear_area(ps, key);
	if (status == PSA_SUCCESS)
		status = encrypt(ps, key, &next, ps->data);
	if (status == PSA_SUCCESS)
		status = entry_save(ps, key, payer, &absent, &next);
	if (status != PSA_SUCCESS)
		return status;
	status = store_create(ps->area, key, payer, 0, capacity);
	return finish(ps, key, &entry, &next, status);
}

static psa_status_t ps_write(void *objects, const struct store_key *key, uint64_t offset,
			     const void *data, size_t len)
{
	struct protected_storage *ps = objects;
	struct entry entry;
	psa_status_t status;
	struct seal next;

	status = settle(ps, key, &entry);
	if (status != PSA_SUCCESS)
		return status;
	if (offset > entry.now.size || len > entry.now.capacity - offset)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (!len)
		return PSA_SUCCESS;

	next = entry.now;
	if (offset + len > next.size)
		next.size = (uint32_t)(offset + len);
	status = unseal(ps, key, &entry.now);
	if (status == PSA_SUCCESS) {
		memcpy(ps->data + offset, data, len);
		status = encrypt(ps, key, &next, ps->data);
	}
	if (status == PSA_SUCCESS)
		status = entry_save(ps, key, NULL, &entry.now, &next);
	if (status == PSA_SUCCESS) {
		status = store_write(ps->area, key, 0, ps->data, next.size);
		status = finish(ps, key, &entry, &next, status);
	}
	secure_wipe(ps->data, next.size);
	return status;
}

static psa_status_t ps_remove(void *objects, const struct store_key *key)
{
	struct protected_storage *ps = objects;
	struct entry entry;
	psa_status_t status;

	status = settle_to_replace(ps, key, &entry);
	if (status == PSA_SUCCESS)
		status = entry_save(ps, key, NULL, &entry.now, &absent);
	if (status != PSA_SUCCESS)
		return status;
	status = store_remove(ps->area, key);
	if (status == PSA_ERROR_DOES_NOT_EXIST)
		status = PSA_SUCCESS;
	return finish(ps, key, &entry, &absent, status);
}

/* Settles the objects found. True when one of them has turned out not to exist. */
static bool settle_list(struct protected_storage *ps, struct store_key key, const uint64_t *uids,
			size_t count, psa_status_t *status)
{
	bool lost = false;

	for (size_t i = 0; i < count && *status == PSA_SUCCESS; i++) {
		struct entry entry;

		key.uid = uids[i];
		*status = settle(ps, &key, &entry);
		if (*status == PSA_ERROR_DOES_NOT_EXIST)
			lost = true;
		if (*status == PSA_ERROR_DOES_NOT_EXIST || is_attack(*status))
			*status = PSA_SUCCESS;
	}
	return lost;
}

static psa_status_t ps_list(void *objects, const struct store_key *above, uint64_t *uids,
			    size_t max, size_t *count)
{
	const struct store_key at = entry_key(above);
	struct protected_storage *ps = objects;
	psa_status_t status;
	bool again;

	*count = 0;
	if (!ps->ready)
		return PSA_ERROR_STORAGE_FAILURE;
	/* Those that are lost have lost their entries, so this comes to an end. */
	do {
		status = store_list(ps->internal, &at, uids, max, count);
		again = settle_list(ps, *above, uids, *count, &status);
	} while (status == PSA_SUCCESS && again);
	if (status != PSA_SUCCESS)
		*count = 0;
	return status;
}

/* An object whose entry is torn is listed as what can be told of it: that it is there. */
static psa_status_t ps_list_all(void *objects, const struct store_key *above,
				struct store_object *found, size_t max, size_t *count)
{
	struct protected_storage *ps = objects;
	struct store_key at;
	psa_status_t status;

	*count = 0;
	if (!ps->ready)
		return PSA_ERROR_STORAGE_FAILURE;
	/* Others than entries are in the same store, and in the same order. */
	if (above)
		at = above->space == SECURE_STORAGE_SPACE_PS ? entry_key(above) : *above;
	status = store_list_all(ps->internal, above ? &at : NULL, found, max, count);
	for (size_t i = 0; i < *count && status == PSA_SUCCESS; i++) {
		struct store_object *object = &found[i];
		const struct share_account payer = object->info.payer;

		if (object->key.space != SECURE_STORAGE_SPACE_PS_ENTRY)
			continue;
		object->key.space = SECURE_STORAGE_SPACE_PS;
		status = ps_get_info(ps, &object->key, &object->info);
		if (status != PSA_SUCCESS)
			object->info = (struct store_info){ .payer = payer };
		if (status == PSA_ERROR_DOES_NOT_EXIST || is_attack(status))
			status = PSA_SUCCESS;
	}
	if (status != PSA_SUCCESS)
		*count = 0;
	return status;
}

/* Removes at most *@max objects of the area that have no entries any more. */
static psa_status_t erase_area(struct protected_storage *ps, const struct store_scope *scope,
			       uint32_t *max)
{
	struct store_object found[ERASE_PAGE];
	struct store_key above = { .client_id = scope->client_id, .source_id = scope->source_id };
	psa_status_t status;
	size_t count;

	if (scope->all_clients)
		above.client_id = 0;
	do {
		status = store_list_all(ps->area, &above, found, ERASE_PAGE, &count);
		for (size_t i = 0; i < count && status == PSA_SUCCESS; i++) {
			above = found[i].key;
			if (above.source_id != scope->source_id ||
			    (!scope->all_clients && above.client_id != scope->client_id))
				return PSA_SUCCESS;
			if (protected_storage_knows(ps->internal, &above))
				continue;
			if (!*max)
				return PSA_SUCCESS;
			status = store_remove(ps->area, &above);
			--*max;
		}
	} while (status == PSA_SUCCESS && count == ERASE_PAGE);
	return status;
}

/*
 * With their entries the objects are gone, and those of internal storage with them. What is left in
 * the area counts for nothing from then on, and is wiped before the order to erase is removed.
 */
static psa_status_t ps_erase(void *objects, const struct store_scope *scope, uint32_t max,
			     uint32_t *count, bool *more)
{
	struct protected_storage *ps = objects;
	psa_status_t status;

	if (!ps->ready)
		return PSA_ERROR_STORAGE_FAILURE;
	status = store_erase(ps->internal, scope, count);
	if (status == PSA_SUCCESS)
		status = erase_area(ps, scope, &max);
	*more = !max;
	return status == PSA_SUCCESS && max ? store_erase_more(ps->internal, max, more) : status;
}

bool protected_storage_knows(void *internal, const struct store_key *key)
{
	const struct store_key at = entry_key(key);
	struct store_info info;

	/* Where that can't be told it may be so. */
	return key->space == SECURE_STORAGE_SPACE_PS &&
	       store_get_info(internal, &at, &info) != PSA_ERROR_DOES_NOT_EXIST;
}

const struct secure_storage_ops protected_storage_ops = {
	.get_info = ps_get_info,
	.read = ps_read,
	.set = ps_set,
	.create = ps_create,
	.write = ps_write,
	.list = ps_list,
	.list_all = ps_list_all,
	.remove = ps_remove,
	.erase = ps_erase,
};

void protected_storage_init(struct protected_storage *ps, struct store *internal,
			    struct store *area, const uint8_t device_key[PROTECTED_STORAGE_KEY_LEN],
			    protected_storage_random random)
{
	static const char purpose[] = "TSTEE protected storage 1";

	ps->internal = internal;
	ps->area = area;
	ps->random = random;
	ps->ready =
		!hkdf(device_key, PROTECTED_STORAGE_KEY_LEN, purpose, sizeof(purpose) - 1, ps->key);
}
