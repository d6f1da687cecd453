// SPDX-License-Identifier: BSD-3-Clause
/* JSON output. No state. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* How many bytes the character at @text has; 0: it is none. Jansson judges the rest. */
static size_t character_len(const char *text, size_t max)
{
	const unsigned char c = (unsigned char)*text;
	const size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	json_t *one;

	if (max < len)
		return 0;
	one = json_stringn(text, len);
	json_decref(one);
	return one ? len : 0;
}

json_t *json_text_of(const char *text, size_t len)
{
	json_t *value = json_stringn(text, len);
	const char *end = text + len;
	char *clean, *to;

	if (value)
		return value;
	clean = to = malloc(3 * len + 1);
	while (clean && text < end) {
		const size_t one = character_len(text, (size_t)(end - text));

		to = mempcpy(to, one ? text : replacement, one ? one : 3);
		text += one ? one : 1;
	}
	if (clean)
		value = json_stringn(clean, (size_t)(to - clean));
	free(clean);
	return value;
}

json_t *json_text(const char *text)
{
	return json_text_of(text, strlen(text));
}

void json_end(json_t *array, bool good)
{
	if (array && good)
		json_print(array);
	else
		json_decref(array);
}

void json_end_lines(json_t *array, bool good)
{
	json_t *value;
	size_t i;

	if (array && good) {
		putchar('[');
		json_array_foreach(array, i, value)
		{
			printf("%s\n  ", i ? "," : "");
			json_dumpf(value, stdout, 0);
		}
		printf("\n]\n");
	}
	json_decref(array);
}

void json_print(json_t *value)
{
	json_dumpf(value, stdout, 0);
	putchar('\n');
	json_decref(value);
}

json_t *json_hex(const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	struct secret text = { .data = malloc(2 * len + 1), .len = 2 * len };
	json_t *value;

	if (!text.data)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text.data[2 * i] = (uint8_t)digits[bytes[i] >> 4];
		text.data[2 * i + 1] = (uint8_t)digits[bytes[i] & 15];
	}
	value = json_stringn_nocheck((const char *)text.data, text.len);
	secret_free(&text);
	return value;
}

json_t *json_id(uint64_t id)
{
	return json_sprintf("0x%" PRIx64, id);
}

json_t *json_names(const char *(*name)(uint64_t of, size_t i), uint64_t of)
{
	json_t *array = json_array();
	const char *one;

	for (size_t i = 0; (one = name(of, i)); i++)
		json_array_append_new(array, json_text(one));
	return array;
}

void print_hex(FILE *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", data[i]);
}
