// SPDX-License-Identifier: BSD-3-Clause
/* Whole files. No state. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "stream.h"

enum exit_code file_read(const char *path, size_t max, struct secret *secret)
{
	struct input input;
	enum exit_code code;

	memset(secret, 0, sizeof(*secret));
	code = input_open(path, &input);
	if (code)
		return code;
	/* One byte more tells a file that is too long from one that just fits. */
	secret->len = max + 1;
	secret->data = malloc(secret->len);
	if (!secret->data)
		code = failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", input.name);
	if (!code)
		code = input_read(&input, secret->data, secret->len, &secret->len);
	if (!code && secret->len > max)
		code = failure(EXIT_CODE_TOO_LARGE, NULL, "%s: longer than %zu bytes", input.name,
			       max);
	input_close(&input);
	if (code)
		secret_free(secret);
	return code;
}

enum exit_code file_write(const char *path, const void *data, size_t len)
{
	struct output output;
	enum exit_code code;

	code = output_open(path, false, &output);
	if (!code)
		code = output_write(&output, data, len);
	return code ? code : output_commit(&output);
}

enum exit_code file_write_as(const char *path, enum data_format format, const void *data,
			     size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	struct secret text = { .len = 2 * len + 1 };
	enum exit_code code;

	if (format != FORMAT_HEX)
		return file_write(path, data, len);
	text.data = malloc(text.len);
	if (!text.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	for (size_t i = 0; i < len; i++) {
		text.data[2 * i] = (uint8_t)digits[bytes[i] >> 4];
		text.data[2 * i + 1] = (uint8_t)digits[bytes[i] & 15];
	}
	text.data[2 * len] = '\n';
	code = file_write(path, text.data, text.len);
	secret_free(&text);
	return code;
}
