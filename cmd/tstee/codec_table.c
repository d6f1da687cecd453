// SPDX-License-Identifier: BSD-3-Clause
/* The functions that use libcrypto, as codec.h has them. No state but libcrypto's. */
#include <openssl/crypto.h>

#include "codec.h"

/* The module is built with all symbols hidden but these. */
#define EXPORTED __attribute__((visibility("default")))

EXPORTED const struct codec tstee_codec = {
	.key_parse = key_parse,
	.key_write_public = key_write_public,
	.key_write_private = key_write_private,
	.key_write_ssh = key_write_ssh,
	.pem_write = pem_write,
	.ecdsa_to_der = ecdsa_to_der,
	.ecdsa_from_der = ecdsa_from_der,
	.rsa_signature_in_range = rsa_signature_in_range,
	.certificate_content = certificate_content,
	.certificate_finish = certificate_finish,
	.digest_local = digest_local,
	.sha256_pieces = sha256_pieces,
	.es256_verify = es256_verify,
};

EXPORTED void codec_open(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}
