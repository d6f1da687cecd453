// SPDX-License-Identifier: BSD-3-Clause
/* Logins: from text, and the default. No state. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "login.h"

#define LOGIN_HINT "use public, user or group:GID"

int tstee_login_parse(const char *text, struct tstee_options *options)
{
	uint64_t group = 0;

	if (!strcmp(text, "public")) {
		options->login = TSTEE_LOGIN_PUBLIC;
	} else if (!strcmp(text, "user")) {
		options->login = TSTEE_LOGIN_USER;
	} else if (!strncmp(text, "group:", 6) && text[6]) {
		for (const char *p = text + 6; *p; p++) {
			if (*p < '0' || *p > '9')
				return error_set(EINVAL, LOGIN_HINT, "%.64s: not a login", text);
			group = group * 10 + (uint64_t)(*p - '0');
			if (group > UINT32_MAX)
				return error_set(EINVAL, LOGIN_HINT, "%.64s: no such group ID",
						 text);
		}
		options->login = TSTEE_LOGIN_GROUP;
	} else {
		return error_set(EINVAL, LOGIN_HINT, "%.64s: not a login", text);
	}
	options->group = (uint32_t)group;
	return 0;
}

int login_resolve(struct tstee_options *options)
{
	const char *text;

	if (options->login > TSTEE_LOGIN_GROUP ||
	    (options->login != TSTEE_LOGIN_GROUP && options->group))
		return error_set(EINVAL, LOGIN_HINT, "bad login in options");
	if (options->login != TSTEE_LOGIN_DEFAULT)
		return 0;
	text = secure_getenv("TSTEE_LOGIN");
	return tstee_login_parse(text && *text ? text : "user", options);
}
