/* SPDX-License-Identifier: BSD-3-Clause */
/* Logins: making the default one definite. */
#ifndef CLIENT_LOGIN_H
#define CLIENT_LOGIN_H

#include <tstee.h>

/*
 * Replaces TSTEE_LOGIN_DEFAULT by what the environment says, or the user. 0, or -EINVAL
 * with a message.
 */
int login_resolve(struct tstee_options *options);

#endif /* CLIENT_LOGIN_H */
