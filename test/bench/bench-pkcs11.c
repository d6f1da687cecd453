// SPDX-License-Identifier: BSD-3-Clause
/*
 * Figures of a PKCS#11 module: tstee-bench-pkcs11 MODULE LABEL TOKEN [psa | fill PAIRS]
 *
 * With fill, makes so many pairs of keys, LABEL and others, or as many as there is room for.
 * Signs and verifies with the P-256 key LABEL of the token, among all keys that are there, and
 * prints "name value" in ns, or signatures a second; with psa also those of the PSA API.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <tstee_crypto.h>
#include <unistd.h>

#include <psa/crypto.h>

#include "measure.h"
#include "p11.h"

#define SAMPLES	  2001
#define FINDS	  51
#define PROCESSES 8
#define EACH	  2000

static CK_OBJECT_HANDLE private, public;
static const char *label;
static mbedtls_svc_key_id_t psa_key;
static uint8_t hash[32] = { 1 }, signature[64];

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE templ[] = { { CKA_CLASS, &class, sizeof(class) },
				 { CKA_LABEL, (void *)label, strlen(label) } };
	CK_OBJECT_HANDLE object = 0;
	CK_ULONG count = 0;

	must(p11->C_FindObjectsInit(session, templ, 2), "C_FindObjectsInit");
	must(p11->C_FindObjects(session, &object, 1, &count), "C_FindObjects");
	must(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	must(count ? CKR_OK : CKR_OBJECT_HANDLE_INVALID, label);
	return object;
}

static void sign(void)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_ECDSA };
	CK_ULONG len = sizeof(signature);

	must(p11->C_SignInit(session, &mechanism, private), "C_SignInit");
	must(p11->C_Sign(session, hash, sizeof(hash), signature, &len), "C_Sign");
}

static void verify(void)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_ECDSA };

	must(p11->C_VerifyInit(session, &mechanism, public), "C_VerifyInit");
	must(p11->C_Verify(session, hash, sizeof(hash), signature, sizeof(signature)), "C_Verify");
}

static void find_private(void)
{
	private = find(CKO_PRIVATE_KEY);
}

static void psa_sign(void)
{
	size_t len;

	if (psa_sign_hash(psa_key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof(hash), signature,
			  sizeof(signature), &len) != PSA_SUCCESS)
		die("psa_sign_hash", -EIO);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t took(void (*operation)(void))
{
	const uint64_t begin = now_ns();

	operation();
	return now_ns() - begin;
}

/*
 * By turns, and either first, so that what else the host does meets both. A quarter of all were
 * as fast: those that nothing else interrupted.
 */
static void side_by_side(void)
{
	static uint64_t module[SAMPLES], direct[SAMPLES];

	for (int i = 0; i < SAMPLES; i++) {
		if (i % 2)
			direct[i] = took(psa_sign);
		module[i] = took(sign);
		if (i % 2 == 0)
			direct[i] = took(psa_sign);
	}
	qsort(module, SAMPLES, sizeof(module[0]), compare);
	qsort(direct, SAMPLES, sizeof(direct[0]), compare);
	printf("sign_beside %llu\npsa_sign %llu\n", (unsigned long long)module[SAMPLES / 4],
	       (unsigned long long)direct[SAMPLES / 4]);
}

/* From when all of them have found the key until the last one is done. */
static double processes_rate(const char *token)
{
	int ready[2], go[2];
	uint64_t begin;
	int status, bad = 0;
	char byte = 0;

	must(p11->C_Finalize(NULL), "C_Finalize");
	if (pipe(ready) || pipe(go))
		die("pipe", -errno);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		close(go[1]);
		session_begin(token);
		find_private();
		if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1))
			_exit(1);
		for (int n = 0; n < EACH; n++)
			sign();
		_exit(0);
	}
	close(ready[1]);
	for (int i = 0; i < PROCESSES; i++)
		bad |= read(ready[0], &byte, 1) != 1;
	begin = now_ns();
	close(go[1]);
	while (wait(&status) > 0)
		bad |= status;
	if (bad)
		die("a process", -EIO);
	return PROCESSES * EACH / ((double)(now_ns() - begin) / 1e9);
}

static int fill(unsigned long pairs)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_EC_KEY_PAIR_GEN };
	char name[32];
	CK_OBJECT_HANDLE made[2];
	CK_BBOOL yes = CK_TRUE;
	CK_RV rv;

	for (unsigned long i = 0; i < pairs; i++) {
		CK_ATTRIBUTE of_public[] = { { CKA_EC_PARAMS, p11_p256, sizeof(p11_p256) },
					     { CKA_TOKEN, &yes, sizeof(yes) },
					     { CKA_VERIFY, &yes, sizeof(yes) },
					     { CKA_LABEL, name, 0 } },
			     of_private[] = { { CKA_TOKEN, &yes, sizeof(yes) },
					      { CKA_SIGN, &yes, sizeof(yes) },
					      { CKA_LABEL, name, 0 } };

		if (i)
			snprintf(name, sizeof(name), "other %lu", i);
		else
			snprintf(name, sizeof(name), "%s", label);
		of_public[3].ulValueLen = of_private[2].ulValueLen = strlen(name);
		rv = p11->C_GenerateKeyPair(session, &mechanism, of_public, 4, of_private, 3,
					    &made[0], &made[1]);
		if (rv == CKR_DEVICE_MEMORY) {
			printf("room for %lu pairs\n", i);
			break;
		}
		must(rv, "C_GenerateKeyPair");
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t begin = now_ns();

	if (argc < 4) {
		fprintf(stderr, "usage: %s MODULE LABEL TOKEN [psa | fill PAIRS]\n", argv[0]);
		return 2;
	}
	label = argv[2];
	p11_load(argv[1]);
	session_begin(argv[3]);
	if (argc > 5)
		return fill(strtoul(argv[5], NULL, 10));
	printf("first %llu\n", (unsigned long long)took(find_private));
	sign();
	printf("load %llu\n", (unsigned long long)(now_ns() - begin));
	public = find(CKO_PUBLIC_KEY);
	printf("sign %llu\n", (unsigned long long)median(sign, SAMPLES));
	if (argc > 4) {
		if (psa_crypto_init() != PSA_SUCCESS ||
		    tstee_key_find(label, &psa_key) != PSA_SUCCESS)
			die(label, -ENOENT);
		side_by_side();
	}
	printf("verify %llu\n", (unsigned long long)median(verify, SAMPLES));
	printf("find %llu\n", (unsigned long long)median(find_private, FINDS));
	printf("processes %.0f\n", processes_rate(argv[3]));
	return 0;
}
