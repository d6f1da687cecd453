/* SPDX-License-Identifier: BSD-3-Clause */
/* A PKCS#11 module and a session with one of its tokens, for benchmarks. */
#ifndef BENCH_P11_H
#define BENCH_P11_H

#include <stdbool.h>

#include <pkcs11/cryptoki.h>

extern CK_FUNCTION_LIST *p11;
extern CK_SESSION_HANDLE session;

/* DER of P-256's and P-384's names. */
extern CK_BYTE p11_p256[10], p11_p384[7];

/* Ends the program with a line on stderr unless @rv is CKR_OK. */
void must(CK_RV rv, const char *what);

/* Loads the module of that file. */
void p11_load(const char *file);

/* Opens a session with the token of that label, logged in with the PIN 123456. */
void session_begin(const char *token);

#endif /* BENCH_P11_H */
