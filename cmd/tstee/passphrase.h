/* SPDX-License-Identifier: BSD-3-Clause */
/* Passphrases of encrypted key files: from --passphrase or, without it, from who sits there. */
#ifndef CMD_TSTEE_PASSPHRASE_H
#define CMD_TSTEE_PASSPHRASE_H

#include "args.h"
#include "key_format.h"

struct user_passphrase {
	struct passphrase base; /* for key_parse() */
	const char *source;	/* of --passphrase, or NULL */
	bool asked;		/* it was needed */
	char problem[160];
};

void user_passphrase_init(struct user_passphrase *passphrase, const struct args *args);

#endif /* CMD_TSTEE_PASSPHRASE_H */
