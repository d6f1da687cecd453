/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tstee does by libcrypto: the way there. On a host that is a module of its own, loaded when
 * it is first needed, because loading libcrypto takes longer than most commands do.
 */
#ifndef CMD_TSTEE_CODEC_H
#define CMD_TSTEE_CODEC_H

#include "certificate.h"
#include "key_format.h"
#include "signature.h"

/* See key_format.h and signature.h. */
struct codec {
	const char *(*key_parse)(const uint8_t *text, size_t len, struct passphrase *passphrase,
				 struct key_data *key);
	const char *(*key_write_public)(psa_key_type_t type, size_t bits, const uint8_t *data,
					size_t len, struct secret *der);
	const char *(*key_write_private)(psa_key_type_t type, size_t bits,
					 const struct secret *data, const uint8_t *public,
					 size_t public_len, struct secret *der);
	const char *(*key_write_ssh)(psa_key_type_t type, size_t bits, const uint8_t *data,
				     size_t len, struct secret *line);
	bool (*pem_write)(const char *label, const struct secret *der, struct secret *pem);
	bool (*ecdsa_to_der)(const uint8_t *raw, size_t raw_len, uint8_t der[ECDSA_DER_MAX],
			     size_t *der_len);
	bool (*ecdsa_from_der)(const uint8_t *der, size_t der_len, size_t bits,
			       uint8_t raw[ECDSA_RAW_MAX], size_t *raw_len);
	bool (*rsa_signature_in_range)(const uint8_t *data, size_t len, const uint8_t *signature,
				       size_t signature_len);
	const char *(*certificate_content)(const struct certificate *certificate,
					   struct secret *content);
	const char *(*certificate_finish)(psa_algorithm_t alg, const struct secret *content,
					  const uint8_t *signature, size_t len, struct secret *der);
	bool (*digest_local)(const char *name, const void *data, size_t data_len, uint8_t *digest,
			     size_t size, size_t *len);
	bool (*sha256_pieces)(const uint8_t *const *pieces, const size_t *lens, size_t count,
			      uint8_t hash[ES256_HASH_LEN]);
	bool (*es256_verify)(const uint8_t point[ES256_POINT_LEN],
			     const uint8_t hash[ES256_HASH_LEN],
			     const uint8_t signature[ES256_SIGNATURE_LEN]);
};

/* The one table, in codec_table.c; call codec_open() before it is used. */
extern const struct codec tstee_codec;

/* Never NULL: where the module is missing the program ends with a message. */
const struct codec *codec(void);

/* Readies libcrypto, once: its configuration file may lead back to tstee's own devices. */
void codec_open(void);

#endif /* CMD_TSTEE_CODEC_H */
