/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of tstee attest share. */
#ifndef CMD_TSTEE_ATTEST_H
#define CMD_TSTEE_ATTEST_H

#include "args.h"
#include "token.h"

/* A key, or a list of hashes, as a file. */
#define ATTEST_KEY_FILE_MAX    65536u
#define ATTEST_EXPECT_FILE_MAX 1048576u

enum exit_code attest_show(const struct args *args);
enum exit_code attest_verify(const struct args *args);

/* The bytes of --challenge, 32, 48 or 64; the caller frees them. */
enum exit_code attest_challenge(const struct args *args, struct secret *challenge);

/* What becomes of a component that was compared with those expected. */
enum attest_match {
	ATTEST_UNCHECKED,
	ATTEST_EXPECTED,
	ATTEST_DIFFERENT,  /* another hash is expected under this name */
	ATTEST_UNEXPECTED, /* none is */
};

struct attest_expected {
	char *name;
	uint8_t hash[64];
	size_t hash_len;
	bool found;
};

struct attest_expectation {
	struct attest_expected *entries;
	size_t count;
};

/*
 * Reads lines as sha256sum writes them: a hash in hexadecimal, white space, perhaps an asterisk,
 * a name. Empty ones, and those behind a #, are passed over.
 */
enum exit_code attest_expect_read(const char *path, struct attest_expectation *expectation);
void attest_expect_free(struct attest_expectation *expectation);

/*
 * Compares; @matches has a place for each component of the token. True if all are expected and
 * all that are expected are there.
 */
bool attest_expect_compare(struct attest_expectation *expectation, const struct token *token,
			   enum attest_match *matches);

#endif /* CMD_TSTEE_ATTEST_H */
