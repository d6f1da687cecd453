/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the crypto service offers beyond the PSA Crypto API (psa/crypto.h): whose session the
 * psa_* functions use, and keys with names.
 *
 * Functions that return a psa_status_t use the session of psa_crypto_init() and, like all of
 * PSA Crypto, fail with PSA_ERROR_BAD_STATE before it. When the service could not be reached,
 * tstee_error() says why.
 */
#ifndef TSTEE_CRYPTO_API_H
#define TSTEE_CRYPTO_API_H

#include <psa/error.h>
#include <tstee.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_CRYPTO_SERVICE "crypto"

/* The longest name of a key, bytes without the final NUL. */
#define TSTEE_KEY_NAME_MAX 64u

/*
 * psa_crypto_init() with options of the caller's choice, which may be NULL: login and
 * partition. To be called first: when the process has a session already, that stays and
 * -EALREADY is returned. Else 0 or an error of tstee_open().
 */
TSTEE_API int tstee_crypto_init(const struct tstee_options *options);

/*
 * Sessions besides that of psa_crypto_init(), for a process that acts as several clients, or a
 * library that leaves its program's session alone.
 *
 * tstee_crypto_open: opens one in *@crypto as tstee_open() does, whose errors it returns.
 * tstee_crypto_close: closes it; nobody uses it any more. NULL is allowed.
 * tstee_crypto_use: all psa_* and tstee_key_* functions that this thread calls use @crypto from
 * now on; NULL: the process's own again. Returns what they used before.
 */
struct tstee_crypto;
TSTEE_API int tstee_crypto_open(const struct tstee_options *options, struct tstee_crypto **crypto);
TSTEE_API void tstee_crypto_close(struct tstee_crypto *crypto);
TSTEE_API struct tstee_crypto *tstee_crypto_use(struct tstee_crypto *crypto);

/*
 * After a psa_* function of this thread returned PSA_ERROR_INSUFFICIENT_MEMORY: 0 if the partition
 * said so, which its admin service (tstee_admin.h) tells more of; or why there was no way to ask
 * it, a negative errno: -EDQUOT if this user has his share of the buffers that it shares with
 * clients, -ENOSPC if others have all of them, -ENOMEM. Then tstee_error() tells more.
 */
TSTEE_API int tstee_crypto_shortage(void);

/*
 * Gives persistent key @key (a psa_key_id_t) the name @name: UTF-8 without control characters,
 * at most TSTEE_KEY_NAME_MAX bytes. "" takes the name away.
 *
 * PSA_ERROR_INVALID_HANDLE    no such key
 * PSA_ERROR_INVALID_ARGUMENT  not a name, or the key is volatile
 * PSA_ERROR_ALREADY_EXISTS    another key of this client has the name
 * PSA_ERROR_NOT_SUPPORTED     the partition knows no names
 */
TSTEE_API psa_status_t tstee_key_set_name(uint32_t key, const char *name);

/*
 * Writes the name of @key and a NUL to @name, which has room for @size bytes;
 * TSTEE_KEY_NAME_MAX + 1 always suffice. A key without a name has the name "".
 *
 * PSA_ERROR_BUFFER_TOO_SMALL, and of those above _INVALID_HANDLE and _NOT_SUPPORTED.
 */
TSTEE_API psa_status_t tstee_key_get_name(uint32_t key, char *name, size_t size);

/*
 * Writes the IDs of the client's persistent keys to @keys, ascending, from the first above
 * @after on (0: from the first), at most @count; *@key_count is how many were written. Fewer
 * than @count: there are no more. PSA_ERROR_NOT_SUPPORTED as above.
 */
TSTEE_API psa_status_t tstee_key_list(uint32_t after, uint32_t *keys, size_t count,
				      size_t *key_count);

/*
 * Finds the persistent key that has the name @name. PSA_ERROR_DOES_NOT_EXIST if none has it,
 * else as above.
 */
TSTEE_API psa_status_t tstee_key_find(const char *name, uint32_t *key);

/* The longest note of a key, bytes. */
#define TSTEE_KEY_NOTE_MAX 4096u

/* What there is to know of a key besides its bytes. */
struct tstee_key_description {
	uint32_t type; /* and these are as psa_get_key_attributes() has them */
	uint32_t bits;
	uint32_t lifetime;
	uint32_t usage;
	uint32_t algorithm;
	char name[TSTEE_KEY_NAME_MAX + 1];
	size_t note_len;
	uint8_t note[TSTEE_KEY_NOTE_MAX];
};

/*
 * Keeps @len bytes of a program's own beside persistent key @key; they go with it. 0 bytes: none.
 * Errors as tstee_key_set_name(); TSTEE_KEY_NOTE_MAX at most.
 */
TSTEE_API psa_status_t tstee_key_set_note(uint32_t key, const void *note, size_t len);

/* All of it in one call. PSA_ERROR_INVALID_HANDLE, _NOT_SUPPORTED. */
TSTEE_API psa_status_t tstee_key_describe(uint32_t key, struct tstee_key_description *description);

/*
 * A number that is another one whenever the client's persistent keys, their names or notes have
 * changed: as long as it stays, what was read of them holds. PSA_ERROR_NOT_SUPPORTED.
 */
TSTEE_API psa_status_t tstee_key_changes(uint64_t *count);

/*
 * psa_raw_key_agreement() whose result becomes a key with @attributes (a psa_key_attributes_t) in
 * *@made and doesn't leave the partition. Of a longer secret the last bytes are the key.
 */
TSTEE_API psa_status_t tstee_key_agreement(uint32_t algorithm, uint32_t key, const uint8_t *peer,
					   size_t peer_len, const void *attributes, uint32_t *made);

/*
 * Encrypts secret key @wrapped by @key, whose policy has WRAP, where its own has WRAPPABLE
 * (tstee/key_policy.h) or its usage EXPORT; and back to a new key with @attributes, by a key whose
 * policy has UNWRAP. @iv of ciphers; of RSA-OAEP the label.
 */
TSTEE_API psa_status_t tstee_key_wrap(uint32_t algorithm, uint32_t key, const uint8_t *iv,
				      size_t iv_len, uint32_t wrapped, uint8_t *out, size_t size,
				      size_t *len);
TSTEE_API psa_status_t tstee_key_unwrap(uint32_t algorithm, uint32_t key, const uint8_t *iv,
					size_t iv_len, const uint8_t *data, size_t data_len,
					const void *attributes, uint32_t *made);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_CRYPTO_API_H */
