/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the PKCS#11 module share: the module's state, slots, sessions, keys and
 * objects, and how a function of the API begins and ends.
 *
 * Locks, in this order: a session's lock, held for all of a call with the session; a slot's lock,
 * for what is known of the token's objects; module.looking, of who looks which tokens there are;
 * module.lock, for the tables of slots, sessions and handles, and never held across a call of the
 * partition.
 *
 * After fork() the child has to call C_Initialize() itself: until then, and for ever if it
 * doesn't, all else is CKR_CRYPTOKI_NOT_INITIALIZED there. Nothing of the parent is touched.
 */
#ifndef PKCS11_MODULE_H
#define PKCS11_MODULE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <tstee.h>
#include <tstee_crypto.h>
#include <tstee_storage.h>

#include <psa/crypto-pqc.h>

#include <tstee/key_policy.h>

#include "cryptoki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Attributes with values of their own. All zero: none. */
struct attributes {
	CK_ATTRIBUTE *list;
	size_t count;
};

/* One token: a crypto partition and an identity. Lives until C_Finalize(). */
struct slot {
	struct slot *next;
	CK_SLOT_ID id;
	struct tstee_options options;
	char label[33];
	char serial[17];
	bool present; /* with module.lock */
	bool found;   /* by who looks for tokens */

	pthread_mutex_t lock;
	struct tstee_crypto *crypto;	/* NULL until a session is opened */
	struct tstee_session *storage;	/* NULL until a certificate or data is looked for */
	struct object *objects;		/* the token's, as far as they are known */
	struct object *session_objects; /* of all sessions with it */
	struct object *profile;
	uint64_t changes; /* the partition's count of changes when they were read */
	bool fresh;	  /* changes counts */
	bool no_storage;  /* nobody hosts protected storage */

	/* with module.lock */
	CK_ULONG session_count;
	CK_ULONG rw_session_count;
	CK_ULONG ro_session_count;
	bool logged_in;
	CK_USER_TYPE user;
};

/* Which of the objects that one PSA key makes. */
enum half {
	HALF_PRIVATE, /* and a secret key's only one */
	HALF_PUBLIC,
	HALF_COUNT,
};

/*
 * A key of the partition. Type, length, policy and ID never change: another key that gets the
 * same ID is another struct key. The rest is guarded by the slot's lock.
 */
struct key {
	unsigned int refs; /* atomic */
	mbedtls_svc_key_id_t id;
	psa_key_type_t type;
	size_t bits;
	psa_key_usage_t usage;
	psa_algorithm_t alg;
	bool token;

	char name[TSTEE_KEY_NAME_MAX + 1];
	struct attributes notes[HALF_COUNT]; /* what PSA has no place for */
	bool hidden;			     /* the public half was destroyed */
	uint8_t *public; /* as psa_export_public_key() has it; NULL until asked for */
	size_t public_len;
};

/*
 * What a handle stands for. Handles are never used twice. Each is in one of its slot's lists, which
 * has a reference as the table of handles has.
 */
struct object {
	struct object *next;
	CK_OBJECT_HANDLE handle;
	unsigned int refs; /* atomic */
	struct slot *slot;
	CK_SESSION_HANDLE session; /* whose it is; 0: a token object */
	CK_OBJECT_CLASS class;
	enum half half;
	struct key *key;	      /* or NULL: certificate, data, profile */
	psa_storage_uid_t uid;	      /* of a certificate or data on the token */
	struct attributes attributes; /* of those; with the slot's lock */
	bool seen;		      /* by the list that is being read */
};

/* Bytes that grow. */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t size;
};

/* A mechanism with a key, between ...Init and the end. See mechanism.h. */
struct operation {
	bool active;
	bool multi; /* an update came */
	bool asked; /* by who wants it in one piece, and had no room for the result */
	const struct mechanism *mechanism;
	struct object *object;
	struct key *key;
	psa_algorithm_t alg; /* definite */
	size_t tag_len;
	size_t message_len; /* CCM says it before */
	uint64_t room;	    /* bytes that CTR's counter has numbers for */
	bool done;	    /* data is the result, which is to be fetched */
	struct bytes iv;
	struct bytes ad;
	struct bytes data; /* so far; sent when there is enough of it */
	bool started;	   /* one of these is going on in the partition */
	psa_hash_operation_t hash;
	psa_mac_operation_t mac;
	psa_cipher_operation_t cipher;
	psa_aead_operation_t aead;
	uint8_t held[2 * PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE]; /* see crypt.c */
	size_t held_len;
	bool message_active; /* message-based: between ...Begin and its end */
};

enum operation_kind {
	OPERATION_ENCRYPT,
	OPERATION_DECRYPT,
	OPERATION_DIGEST,
	OPERATION_SIGN,
	OPERATION_VERIFY,
	OPERATION_MESSAGE_ENCRYPT,
	OPERATION_MESSAGE_DECRYPT,
	OPERATION_MESSAGE_SIGN,
	OPERATION_MESSAGE_VERIFY,
	OPERATION_COUNT,
};

struct session {
	CK_SESSION_HANDLE handle;
	unsigned int holds; /* with module.lock: the table's, and each call's */
	bool closed;	    /* with module.lock */
	struct slot *slot;
	CK_FLAGS flags;

	pthread_mutex_t lock;
	struct operation operations[OPERATION_COUNT];
	bool finding;
	CK_OBJECT_HANDLE *found;
	size_t found_count;
	size_t found_next;
};

/* A call of the API. */
struct call {
	const char *name;
	struct timespec begin;
	struct session *session;
	struct tstee_crypto *before;
};

/* --- general.c --- */

/*
 * Begins a function: CKR_CRYPTOKI_NOT_INITIALIZED, or CKR_OK, after which C_Finalize() waits for
 * its end.
 */
CK_RV call_begin(struct call *call, const char *name);
/* The same with a session, whose lock is then held, and whose partition PSA functions call. */
CK_RV call_begin_session(struct call *call, const char *name, CK_SESSION_HANDLE handle);
/* Ends it in each case, and returns @rv. */
CK_RV call_end(struct call *call, CK_RV rv);

/* Copies text and pads it with blanks. */
void text_pad(CK_UTF8CHAR *to, size_t size, const char *text);

/* --- slot.c --- */

/* Looks for tokens anew. With no lock. */
void slots_refresh(void);
/* Without one, and for ever; a token that went stays. NULL: no such slot. */
struct slot *slot_find(CK_SLOT_ID id);
/* Opens what the token needs, if it isn't yet. */
CK_RV slot_connect(struct slot *slot);
/* The protected storage of the token's identity. With the slot's lock. */
CK_RV slot_storage(struct slot *slot, struct tstee_session **storage);
void slots_free(void);

/* --- session.c --- */

/* With module.lock: NULL, or a session that stays until it is let go; true: it is to be freed. */
struct session *session_hold(CK_SESSION_HANDLE handle);
bool session_unhold(struct session *session);
/* With no lock; nobody else knows it any more. */
void session_free(struct session *session);
void sessions_free(void);
/* CKR_SESSION_READ_ONLY if @token and the session must not write. */
CK_RV session_may_write(const struct session *session, bool token);

/* --- object.c --- */

/* A new object with a handle and two references: the table's and the caller's. NULL: memory. */
struct object *object_new(struct slot *slot, CK_OBJECT_CLASS class, struct key *key,
			  enum half half);
/* Takes a reference of what @handle stands for, if @session may see it; or NULL. */
struct object *object_hold(struct session *session, CK_OBJECT_HANDLE handle);
void object_let_go(struct object *object);
/* The handle stands for nothing any more. */
void object_forget(struct object *object);
/* Forgets a list of objects; with @destroy their keys go, too. */
void objects_drop(struct object *objects, bool destroy);
/* The token's objects as they are now. With the slot's lock. */
CK_RV objects_refresh(struct slot *slot);
/* Appends to the sessions' or the token's list; takes the caller's reference. With the slot's lock. */
void object_enlist(struct object *object);
/* Takes one from its list, and the list's reference. False: it was in none. With the slot's lock. */
bool object_delist(struct object *object);
/* Destroys what a session made, which ends. */
void objects_of_session_drop(struct session *session);
/* All objects of the key are gone with it. With the slot's lock. */
void objects_of_key_forget(struct slot *slot, const struct key *key);
/* Who has logged out has no private objects (CKA_PRIVATE) of before any more. With no slot's lock. */
void objects_private_drop(struct slot *slot);
bool object_matches(struct object *object, const CK_ATTRIBUTE *templ, CK_ULONG count);

/* --- key.c --- */

struct key *key_new(void);
void key_hold(struct key *key);
void key_let_go(struct key *key);
/* Reads what the partition knows of a key. PSA_ERROR_INVALID_HANDLE: none is there. */
psa_status_t key_read(struct key *key, mbedtls_svc_key_id_t id);
/* The half whose label is the key's name: the public one only of keys that have no other. */
enum half key_main_half(const struct key *key);
/* Fills key->public. With the slot's lock. */
CK_RV key_public(struct key *key);
/* May the key be used in this way? */
bool key_permits(const struct key *key, psa_algorithm_t alg);
CK_KEY_TYPE cryptoki_type_of_curve(psa_ecc_family_t family);
CK_KEY_TYPE key_cryptoki_type(const struct key *key);
CK_OBJECT_CLASS key_class(const struct key *key);

/* --- attribute.c --- */

CK_RV attributes_set(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *value,
		     size_t len);
const CK_ATTRIBUTE *attributes_get(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type);
void attributes_free(struct attributes *attributes);
CK_RV attributes_copy(struct attributes *to, const struct attributes *from);

/*
 * What a template says that is kept as it is, to @kept, after all of it was checked for an object of
 * @class: CKR_ATTRIBUTE_TYPE_INVALID, _VALUE_INVALID, _READ_ONLY.
 */
CK_RV template_keep(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_CLASS class,
		    struct attributes *kept);
/* May it be changed later? */
bool attribute_is_kept(CK_ATTRIBUTE_TYPE type, CK_OBJECT_CLASS class);

/* One in a caller's template; NULL: it isn't there. */
const CK_ATTRIBUTE *template_get(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type);
CK_RV template_check(const CK_ATTRIBUTE *templ, CK_ULONG count);
/* CKR_ATTRIBUTE_VALUE_INVALID if it is there with another length. @fallback if it isn't. */
CK_RV template_bool(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
		    bool fallback, bool *value);
CK_RV template_ulong(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
		     CK_ULONG fallback, CK_ULONG *value);

/*
 * The value of an attribute of @object, in *@value, to be freed. With the slot's lock.
 * CKR_ATTRIBUTE_TYPE_INVALID: it has none; CKR_ATTRIBUTE_SENSITIVE: it must not be told.
 */
CK_RV object_attribute(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value);
/* A truth of the object as it is told. With the slot's lock. */
bool object_is(struct object *object, CK_ATTRIBUTE_TYPE type);

/* --- check.c --- */

/* The check value of @object, added to @value; CKR_ATTRIBUTE_TYPE_INVALID: it has none. With the slot's lock. */
CK_RV check_value(struct object *object, struct bytes *value);
/* False: @said has another one than the object. With the slot's lock. */
bool check_fits(struct object *object, const struct attributes *said);

/* --- bytes --- */

/* Appends; false: no memory, and nothing is changed. */
bool bytes_add(struct bytes *bytes, const void *data, size_t len);
/* Wipes and frees. */
void bytes_free(struct bytes *bytes);

/* --- trace.c --- */

/* A line of the trace, if there is one: printf()'s. Never with secrets. */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trace_init(void);
bool trace_on(void);
void trace_call(const struct call *call, CK_RV rv);
/* Of a function that isn't a call yet, or no more. Returns @rv. */
CK_RV trace_result(const char *function, CK_RV rv);
/* CKR_MECHANISM_PARAM_INVALID, and why to the trace: of what could have been meant well. */
CK_RV parameter_refused(const char *why);
/* The trace has the status. */
CK_RV rv_from_status(psa_status_t status);
CK_RV rv_from_errno(int err);

/* --- state --- */

struct handle {
	CK_ULONG handle;
	void *thing;
};

/* Ascending by handle. */
struct handles {
	struct handle *list;
	size_t count;
	size_t size;
	CK_ULONG last; /* that was given out */
};

extern struct module {
	pthread_mutex_t lock;
	pthread_mutex_t looking; /* for tokens */
	pthread_cond_t idle;
	bool initialized;
	bool finalizing;
	unsigned int calls;
	struct slot *slots;
	struct handles sessions;
	struct handles objects;
} module;

/* With module.lock. 0: no memory. */
CK_ULONG handles_add(struct handles *handles, void *thing);
void *handles_find(const struct handles *handles, CK_ULONG handle);
void handles_remove(struct handles *handles, CK_ULONG handle);

#endif /* PKCS11_MODULE_H */
