// SPDX-License-Identifier: BSD-3-Clause
/* Loads the module with libcrypto's part, or is linked with it. Owns the one handle. */
#include "codec.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "cmd.h"

#ifdef TSTEE_CODEC_LINKED

const struct codec *codec(void)
{
	codec_open();
	return &tstee_codec;
}

#else

#define MODULE "tstee-codec.so"

const struct codec *codec(void)
{
	static const struct codec *table;
	void (*open)(void) = NULL;
	void *module;

	if (table)
		return table;
	/* Found by the program's run path. */
	module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
	if (module) {
		table = dlsym(module, "tstee_codec");
		*(void **)&open = dlsym(module, "codec_open");
	}
	if (!table || !open)
		exit((int)failure(EXIT_CODE_OTHER, "it belongs to tstee, and needs libcrypto 3",
				  "%s: can't be loaded: %s", MODULE, dlerror()));
	open();
	return table;
}

#endif
