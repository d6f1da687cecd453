/* SPDX-License-Identifier: BSD-3-Clause */
/* What the subcommands share that use the crypto service: keys, failures, results. */
#ifndef CMD_TSTEE_CRYPTO_H
#define CMD_TSTEE_CRYPTO_H

#include <psa/crypto-pqc.h>
#include <tstee_crypto.h>

#include "algorithm.h"
#include "args.h"
#include "cmd.h"
#include "codec.h"
#include "curve.h"
#include "lattice.h"

/*
 * Opens the session with the service, if there is none yet; key_open() and key_create() do so
 * themselves. A failure has a message.
 */
enum exit_code crypto_begin(const struct args *args);

/* After a psa_* or tstee_key_* function returned @status. @what: e.g. "key web". */
enum exit_code failure_crypto(psa_status_t status, const char *what);

/* After a key refused to be used with @alg. */
struct key;
enum exit_code failure_key(psa_status_t status, const struct key *key, psa_algorithm_t alg);

/* A key that the user named. */
struct key {
	mbedtls_svc_key_id_t id;
	psa_key_attributes_t attributes;
	bool temporary;
	char what[96]; /* for messages */
};

/*
 * Finds key @ref: a name, an ID behind 0x, or file:PATH, a public key that is brought along and
 * used for @usage with @alg (0: what is usual for its type); if @usage isn't 0. To be closed.
 */
enum exit_code key_open(const struct args *args, const char *ref, psa_key_usage_t usage,
			psa_algorithm_t alg, struct key *key);
void key_close(struct key *key);

/* --alg, if given: an algorithm, or if @or_hash also a hash. All 0 if not given. */
enum exit_code args_algorithm(const struct args *args, enum arg arg, bool or_hash,
			      struct algorithm *algorithm);

/* What @key is to be used with, by its policy and --alg. */
enum exit_code key_algorithm(const struct key *key, const struct args *args,
			     const struct algorithm *wanted, psa_algorithm_t *alg);

/* A key that is to be made, as --type, --curve, --bits, @alg (--alg) and --usage say. */
struct key_spec {
	psa_key_type_t type; /* 0: not said */
	size_t bits;	     /* 0: not said */
	psa_algorithm_t alg;
	psa_key_usage_t usage;
	bool alg_given;
	bool usage_given;
};

enum exit_code key_spec_parse(const struct args *args, enum arg alg, struct key_spec *spec);

/* Fills in what wasn't said. */
void key_spec_complete(struct key_spec *spec);

/*
 * Makes a persistent key by @make with a free ID and name @name, or, if that is a number behind
 * 0x, with that ID and no name; then tells the user. If it can't have its name there is no key.
 */
enum exit_code key_create(const struct args *args, const struct key_spec *spec, const char *name,
			  psa_status_t (*make)(const psa_key_attributes_t *attributes,
					       void *context, mbedtls_svc_key_id_t *key),
			  void *context);

/* Whether @text may be the name of a key; a failure has a message. */
enum exit_code key_name_check(const char *text);

/*
 * Hexadecimal digits, with white space anywhere, to what they mean. @text is as file_read()
 * leaves it. @name is for the message.
 */
enum exit_code decode_hex(const char *name, struct secret *text);

/* The digest of a file, or of standard input. */
enum exit_code digest_file(const char *path, psa_algorithm_t hash,
			   uint8_t digest[PSA_HASH_MAX_SIZE], size_t *len);

/* That a signature or code is valid. */
void print_valid(const struct args *args);

/*
 * Gives the user bytes: to file @path or standard output as @format says (DER and raw: as they
 * are; PEM: they are text); with --json an object with their size and the file, or themselves.
 */
enum exit_code result_write(const struct args *args, const char *path, enum data_format format,
			    const void *data, size_t len);

#endif /* CMD_TSTEE_CRYPTO_H */
