/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests for a certificate (RFC 2986) and self-signed certificates (RFC 5280), by libcrypto.
 * The signature is the caller's to make, between the two functions.
 */
#ifndef CMD_TSTEE_CERTIFICATE_H
#define CMD_TSTEE_CERTIFICATE_H

#include <psa/crypto.h>
#include <stdbool.h>

#include "secret.h"

struct certificate {
	bool request;		     /* else a certificate */
	const char *subject;	     /* "CN=host,O=Example" or "/O=Example/CN=host" */
	const char *alt_names;	     /* "DNS:host,IP:192.0.2.1"; or NULL */
	unsigned int days;	     /* how long it is valid, from now on */
	bool ca;		     /* may sign other certificates */
	psa_algorithm_t alg;	     /* of the signature */
	const struct secret *public; /* SubjectPublicKeyInfo */
};

/* What is to be signed, in DER, which the caller frees. NULL, or why not. */
const char *certificate_content(const struct certificate *certificate, struct secret *content);

/* The whole of it, from content and signature as X.509 has it. NULL, or why not. */
const char *certificate_finish(psa_algorithm_t alg, const struct secret *content,
			       const uint8_t *signature, size_t len, struct secret *der);

#endif /* CMD_TSTEE_CERTIFICATE_H */
