// SPDX-License-Identifier: BSD-3-Clause
/* What a verifier expects of software: lists of hashes and names. No state. */
#include "attest.h"

#include <stdlib.h>
#include <string.h>

/* One line, without its end. False if it is malformed. */
static bool parse_line(char *line, struct attest_expected *entry)
{
	const size_t digits = strspn(line, "0123456789abcdefABCDEF");
	char *name = line + digits + strspn(line + digits, " \t");
	uint8_t *hash;
	size_t len;

	if (*name == '*')
		name++;
	if (!digits || name == line + digits || !*name)
		return false;
	line[digits] = '\0';
	if (!parse_hex(line, &hash, &len))
		return false;
	if (len == 32 || len == 48 || len == 64) {
		memcpy(entry->hash, hash, len);
		entry->hash_len = len;
		entry->name = strdup(name);
	}
	free(hash);
	return entry->name;
}

static enum exit_code parse_text(const char *path, char *text,
				 struct attest_expectation *expectation)
{
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct attest_expected *entries;

		number++;
		line[strcspn(line, "\r")] = '\0';
		if (!line[strspn(line, " \t")] || *line == '#')
			continue;
		entries = reallocarray(expectation->entries, expectation->count + 1,
				       sizeof(*entries));
		if (!entries)
			return failure(EXIT_CODE_OTHER, NULL, "out of memory");
		expectation->entries = entries;
		memset(&entries[expectation->count], 0, sizeof(*entries));
		if (!parse_line(line, &entries[expectation->count]))
			return failure(EXIT_CODE_FILE, "it takes lines as sha256sum writes them",
				       "%s, line %zu: not a hash and a name", path, number);
		expectation->count++;
	}
	return EXIT_CODE_OK;
}

enum exit_code attest_expect_read(const char *path, struct attest_expectation *expectation)
{
	struct secret file = { 0 };
	enum exit_code code;
	char *text;

	memset(expectation, 0, sizeof(*expectation));
	code = file_read(path, ATTEST_EXPECT_FILE_MAX, &file);
	if (code)
		return code;
	text = strndup((const char *)file.data, file.len);
	if (!text)
		code = failure(EXIT_CODE_OTHER, NULL, "out of memory");
	else if (strlen(text) != file.len)
		code = failure(EXIT_CODE_FILE, NULL, "%s: not a text", path);
	else
		code = parse_text(path, text, expectation);
	if (!code && !expectation->count)
		code = failure(EXIT_CODE_FILE, NULL, "%s: nothing is expected", path);
	free(text);
	secret_free(&file);
	if (code)
		attest_expect_free(expectation);
	return code;
}

void attest_expect_free(struct attest_expectation *expectation)
{
	for (size_t i = 0; i < expectation->count; i++)
		free(expectation->entries[i].name);
	free(expectation->entries);
	memset(expectation, 0, sizeof(*expectation));
}

static enum attest_match compare_one(struct attest_expectation *expectation,
				     const struct token_component *component)
{
	enum attest_match match = ATTEST_UNEXPECTED;

	for (size_t i = 0; i < expectation->count; i++) {
		struct attest_expected *entry = &expectation->entries[i];

		if (!token_string_equal(&component->type, entry->name, strlen(entry->name)))
			continue;
		match = ATTEST_DIFFERENT;
		/* One line for each: a component that is there twice takes two. */
		if (!entry->found &&
		    token_string_equal(&component->value, entry->hash, entry->hash_len)) {
			entry->found = true;
			return ATTEST_EXPECTED;
		}
	}
	return match;
}

bool attest_expect_compare(struct attest_expectation *expectation, const struct token *token,
			   enum attest_match *matches)
{
	bool all = true;

	for (size_t i = 0; i < expectation->count; i++)
		expectation->entries[i].found = false;
	for (size_t i = 0; i < token->component_count; i++) {
		matches[i] = compare_one(expectation, &token->components[i]);
		all = all && matches[i] == ATTEST_EXPECTED;
	}
	for (size_t i = 0; i < expectation->count; i++)
		all = all && expectation->entries[i].found;
	return all;
}
