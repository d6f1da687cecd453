// SPDX-License-Identifier: BSD-3-Clause
/* PEM blocks to DER and back. No state. */
#include "pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_LEN 64

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whole groups of four; padding ends the text, and its unused bits are 0. */
static bool base64_decode(const char *text, size_t len, uint8_t *out, size_t *out_len)
{
	unsigned int digits = 0, padding = 0;
	uint32_t group = 0;

	*out_len = 0;
	for (size_t i = 0; i < len; i++) {
		int value = 0;

		if (is_space(text[i]))
			continue;
		if (text[i] == '=' && digits >= 2)
			padding++;
		else
			value = padding ? -1 : base64_value(text[i]);
		if (value < 0 || padding > 2)
			return false;
		group = group << 6 | (uint32_t)value;
		if (++digits < 4)
			continue;
		for (unsigned int byte = 0; byte < 3 - padding; byte++)
			out[(*out_len)++] = (uint8_t)(group >> (16 - 8 * byte));
		if (group & ((1u << 8 * padding) - 1))
			return false;
		group = 0;
		digits = padding ? 4 : 0;
		/* Nothing but white space behind padding. */
		for (; padding && i + 1 < len; i++) {
			if (!is_space(text[i + 1]))
				return false;
		}
		if (padding)
			return true;
	}
	return !digits;
}

/* The place of @word in @text from *@at on; *@at behind it then. */
static bool find(const char *text, size_t len, const char *word, size_t *at)
{
	size_t word_len = strlen(word);

	for (; *at + word_len <= len; (*at)++) {
		if (!memcmp(text + *at, word, word_len)) {
			*at += word_len;
			return true;
		}
	}
	return false;
}

/*
 * RFC 1421, section 4.4: headers are lines with a colon, which base64 has not, and lines after
 * them that begin with a blank. False if one says that the block is encrypted.
 */
static bool pass_headers(const char *text, size_t *body, size_t *len)
{
	static const char encrypted[] = "ENCRYPTED", *const names[] = { "Proc-Type:", "DEK-Info:" };
	bool in_header = false;

	while (*len) {
		const char *line = text + *body, *end = memchr(line, '\n', *len);
		size_t line_len = end ? (size_t)(end - line) + 1 : *len, at = 0;

		if (*line == ' ' || *line == '\t' ? !in_header : !memchr(line, ':', line_len)) {
			/* The rest of the line of the mark, or an empty one. */
			for (at = 0; at < line_len && is_space(line[at]); at++)
				;
			if (at < line_len || in_header)
				return true;
		} else {
			if (line_len > strlen(names[1]) &&
			    !strncasecmp(line, names[1], strlen(names[1])))
				return false;
			if (line_len > strlen(names[0]) &&
			    !strncasecmp(line, names[0], strlen(names[0])) &&
			    find(line, line_len, encrypted, &at))
				return false;
			in_header = true;
		}
		*body += line_len;
		*len -= line_len;
	}
	return true;
}

enum pem_result pem_decode(const char *text, size_t len, size_t *at, char label[PEM_LABEL_MAX],
			   uint8_t **der, size_t *der_len)
{
	static const char begin_mark[] = "-----BEGIN ", dashes[] = "-----";
	char end_mark[PEM_LABEL_MAX + sizeof("-----END -----")];
	size_t label_at, label_len, body, body_len;

	*der = NULL;
	*der_len = 0;
	label[0] = '\0';
	if (!find(text, len, begin_mark, at))
		return PEM_ABSENT;
	label_at = *at;
	if (!find(text, len, dashes, at))
		return PEM_MALFORMED;
	label_len = *at - strlen(dashes) - label_at;
	if (label_len >= PEM_LABEL_MAX || memchr(text + label_at, '\n', label_len))
		return PEM_MALFORMED;
	memcpy(label, text + label_at, label_len);
	label[label_len] = '\0';

	body = *at;
	strcpy(end_mark, "-----END ");
	strcat(end_mark, label);
	strcat(end_mark, dashes);
	if (!find(text, len, end_mark, at))
		return PEM_MALFORMED;
	body_len = *at - strlen(end_mark) - body;
	if (!pass_headers(text, &body, &body_len))
		return PEM_ENCRYPTED;
	*der = malloc(body_len / 4 * 3 + 3);
	if (!*der)
		return PEM_NO_MEMORY;
	if (base64_decode(text + body, body_len, *der, der_len) && *der_len)
		return PEM_OK;
	explicit_bzero(*der, body_len / 4 * 3 + 3);
	free(*der);
	*der = NULL;
	*der_len = 0;
	return PEM_MALFORMED;
}

static char *put_base64(char *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)from[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)from[i + 1] << 8;
		if (i + 2 < len)
			group |= from[i + 2];
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = i + 1 < len ? alphabet[group >> 6 & 63] : '=';
		*to++ = i + 2 < len ? alphabet[group & 63] : '=';
		if (i % (LINE_LEN / 4 * 3) == LINE_LEN / 4 * 3 - 3 || i + 3 >= len)
			*to++ = '\n';
	}
	return to;
}

bool pem_encode(const char *label, const uint8_t *der, size_t len, char **text, size_t *text_len)
{
	size_t digits = (len + 2) / 3 * 4;
	size_t size = digits + digits / LINE_LEN + 2 * strlen(label) + 64;
	char *to = malloc(size);

	*text = to;
	*text_len = 0;
	if (!to)
		return false;
	to += sprintf(to, "-----BEGIN %s-----\n", label);
	to = put_base64(to, der, len);
	to += sprintf(to, "-----END %s-----\n", label);
	*text_len = (size_t)(to - *text);
	return true;
}
