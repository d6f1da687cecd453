// SPDX-License-Identifier: BSD-3-Clause
/* JSON output. No state. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* How many bytes the character at @text has; 0: it is none. Jansson judges the rest. */
static size_t character_len(const char *text)
{
	const unsigned char c = (unsigned char)*text;
	const size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	json_t *one;

	if (strnlen(text, len) < len)
		return 0;
	one = json_stringn(text, len);
	json_decref(one);
	return one ? len : 0;
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *clean, *to;

	if (value)
		return value;
	clean = to = malloc(3 * strlen(text) + 1);
	while (clean && *text) {
		const size_t len = character_len(text);

		to = mempcpy(to, len ? text : replacement, len ? len : 3);
		text += len ? len : 1;
	}
	if (clean)
		value = json_stringn(clean, (size_t)(to - clean));
	free(clean);
	return value;
}

void json_print(json_t *value)
{
	json_dumpf(value, stdout, 0);
	putchar('\n');
	json_decref(value);
}

void json_print_text(FILE *out, const char *text)
{
	json_t *value = json_text(text);

	json_dumpf(value, out, JSON_ENCODE_ANY);
	json_decref(value);
}

void print_hex(FILE *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", data[i]);
}
