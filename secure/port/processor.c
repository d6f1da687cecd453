// SPDX-License-Identifier: BSD-3-Clause
/* Which features the manifest gives the processor. */
#include <secure/port/manifest.h>
#include <string.h>

bool port_processor_has(const char *name)
{
	const char *names;
	const size_t len = port_processor(&names);

	for (size_t i = 0; i < len; i += strlen(names + i) + 1) {
		if (!strcmp(names + i, name))
			return true;
	}
	return false;
}

bool (*port_processor_asked(void))(const char *name)
{
	const char *names;

	return port_processor(&names) ? port_processor_has : NULL;
}
