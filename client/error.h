/* SPDX-License-Identifier: BSD-3-Clause */
/* The words behind an error. Per thread; any file of the library may call. */
#ifndef CLIENT_ERROR_H
#define CLIENT_ERROR_H

/*
 * Remembers a message and an advice (a string constant, or NULL) for tstee_error() and
 * tstee_hint(). Returns -@err.
 */
int error_set(int err, const char *hint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same for an errno that came from the kernel: "@where: @what: reason", with the reason
 * and the advice that belong to @err (positive). Returns -@err.
 */
int error_set_errno(int err, const char *where, const char *what);

#endif /* CLIENT_ERROR_H */
