// SPDX-License-Identifier: BSD-3-Clause
/*
 * PKCS#7 signatures (RFC 2315), as UEFI variables are authenticated by them. The service
 * status of these two operations isn't one of PSA's; it is said at each.
 */
#include "internal.h"
#include <mbedtls/oid.h>
#include <string.h>

/* What Mbed TLS calls the certificates of signed data. */
static const mbedtls_x509_crt *certificates(const mbedtls_pkcs7 *pkcs7)
{
	return &pkcs7->MBEDTLS_PRIVATE(signed_data).MBEDTLS_PRIVATE(certs);
}

/* 0 or a negative return code of Mbed TLS. Only after 0 there is something to free. */
static int pkcs7_read(mbedtls_pkcs7 *pkcs7, const uint8_t *der, size_t len)
{
	int type;

	mbedtls_pkcs7_init(pkcs7);
	if (!len)
		return MBEDTLS_ERR_PKCS7_INVALID_FORMAT + MBEDTLS_ERR_ASN1_OUT_OF_DATA;
	type = mbedtls_pkcs7_parse_der(pkcs7, der, len);
	if (type < 0)
		return type;
	if (type == MBEDTLS_PKCS7_SIGNED_DATA)
		return 0;
	mbedtls_pkcs7_free(pkcs7);
	return MBEDTLS_ERR_PKCS7_FEATURE_UNAVAILABLE;
}

/*
 * Is there a signature of @hash in *@pkcs7 that @certificate verifies or, if there is none,
 * the certificate that came along? Nobody is asked whether the certificate is to be trusted.
 */
static int pkcs7_verify(mbedtls_pkcs7 *pkcs7, const mbedtls_x509_crt *certificate,
			const uint8_t *hash, size_t len)
{
	if (!certificate)
		certificate = certificates(pkcs7);
	/* Signed data needn't have any. */
	if (!certificate->raw.p)
		return MBEDTLS_ERR_PKCS7_INVALID_CERT;
	if (!crypto_judge_certificate(certificate) || !crypto_judge_signers(pkcs7))
		return MBEDTLS_ERR_PKCS7_FEATURE_UNAVAILABLE;
	return mbedtls_pkcs7_signed_hash_verify(pkcs7, certificate, hash, len);
}

/* The service status is a return code of Mbed TLS: 0, or negative. */
CRYPTO_HANDLER(crypto_verify_pkcs7)
{
	size_t signed_len, hash_len, certificate_len;
	const uint8_t *signed_data, *hash, *der;
	mbedtls_x509_crt certificate;
	mbedtls_pkcs7 pkcs7;

	(void)ctx;
	(void)caller;
	(void)resp;
	if (!tlv_read(req, CRYPTO_TAG_FIRST, &signed_data, &signed_len) ||
	    !tlv_read(req, CRYPTO_TAG_SECOND, &hash, &hash_len) ||
	    !tlv_read(req, CRYPTO_TAG_THIRD, &der, &certificate_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	mbedtls_x509_crt_init(&certificate);
	*status = certificate_len ?
			  mbedtls_x509_crt_parse_der_nocopy(&certificate, der, certificate_len) :
			  0;
	if (*status == 0)
		*status = pkcs7_read(&pkcs7, signed_data, signed_len);
	if (*status == 0) {
		*status =
			pkcs7_verify(&pkcs7, certificate_len ? &certificate : NULL, hash, hash_len);
		mbedtls_pkcs7_free(&pkcs7);
	}
	mbedtls_x509_crt_free(&certificate);
	return TS_RPC_SUCCESS;
}

/* The subject's common name; NULL: it has none. */
static const mbedtls_asn1_buf *common_name(const mbedtls_x509_crt *certificate)
{
	for (const mbedtls_x509_name *name = &certificate->subject; name; name = name->next) {
		if (!MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid))
			return &name->val;
	}
	return NULL;
}

/*
 * What UEFI (2.10, section 8.2.2) knows the owner of a private authenticated variable by:
 * a hash of the first certificate's common name and of all that is signed in the last one.
 */
static psa_status_t fingerprint_make(const mbedtls_x509_crt *first, uint8_t *fingerprint)
{
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
	const mbedtls_asn1_buf *name = common_name(first);
	const mbedtls_x509_crt *last = first;
	psa_status_t status;
	size_t len;

	if (!first->raw.p || !name)
		return PSA_ERROR_INVALID_ARGUMENT;
	while (last->next)
		last = last->next;

	status = psa_hash_setup(&hash, PSA_ALG_SHA_256);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&hash, name->p, name->len);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&hash, last->tbs.p, last->tbs.len);
	/* No more room than it needs: Mbed TLS puts something else than zeros into the rest. */
	if (status == PSA_SUCCESS)
		status =
			psa_hash_finish(&hash, fingerprint, PSA_HASH_LENGTH(PSA_ALG_SHA_256), &len);
	(void)psa_hash_abort(&hash);
	return status;
}

/* The service status is an EFI_STATUS cut to 32 bits. */
CRYPTO_HANDLER(crypto_uefi_fingerprint)
{
	uint8_t fingerprint[CRYPTO_FINGERPRINT_LEN] = { 0 };
	const uint8_t *signed_data;
	mbedtls_pkcs7 pkcs7;
	size_t len;

	(void)ctx;
	(void)caller;
	if (!tlv_read(req, CRYPTO_TAG_FIRST, &signed_data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	*status = CRYPTO_EFI_COMPROMISED_DATA;
	if (!pkcs7_read(&pkcs7, signed_data, len)) {
		if (fingerprint_make(certificates(&pkcs7), fingerprint) == PSA_SUCCESS)
			*status = 0;
		mbedtls_pkcs7_free(&pkcs7);
	}
	if (*status)
		return TS_RPC_SUCCESS;
	return tlv_write(resp, CRYPTO_TAG_FIRST, fingerprint, sizeof(fingerprint)) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}
