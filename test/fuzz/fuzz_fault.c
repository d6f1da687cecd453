// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the fault specification's parser. Each byte of the input is a word of the
 * language or, from WORDS on, itself; the first is the size of the error's buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <world/fault.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = {
	"busy",
	"crash",
	"slow",
	"lost-relinquish",
	"refused-relinquish",
	"no-memory",
	"wrong-echo",
	"bad-interface",
	"long-response",
	"denied-reclaim",
	"endpoint=",
	"call=",
	"opcode=",
	"after=",
	"n=",
	"count=",
	"p=",
	"seed=",
	"us=",
	"len=",
	"id=",
	"any",
	"service",
	"query",
	"0",
	"1",
	"0x8002",
	"0.5",
	"1.0",
	"4294967295",
	"4294967296",
	"10000000",
	":",
	":",
	",",
	",",
	",",
	";",
	";",
	" ",
};

#define WORDS	 (sizeof(words) / sizeof(words[0]))
#define WORD_MAX 24u

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_rule(const struct fault_rule *rule)
{
	require(rule->kind < FAULT_KINDS && fault_name(rule->kind));
	require(rule->calls && !(rule->calls & FAULT_BIT(FAULT_CALL_OTHER)));
	require(rule->chance <= FAULT_CERTAIN && rule->count >= 1);
	require(!rule->one_endpoint || rule->endpoint_id);
	require(!rule->one_opcode || rule->calls == FAULT_BIT(FAULT_CALL_SERVICE));
	require(rule->kind != FAULT_SLOW || (rule->value >= 1 && rule->value <= 10000000));
}

static void check_error(const char *error, size_t size)
{
	size_t len = strnlen(error, size);

	require(len && len < size);
	for (size_t i = 0; i < len; i++)
		require(error[i] >= ' ' && error[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault_rule rules[FAULT_RULES_MAX];
	size_t error_size, len = 0;
	char *spec, *error;
	int count;

	if (!size)
		return 0;
	error_size = (size_t)data[0] + 2;
	error = malloc(error_size);
	spec = calloc(1, size * WORD_MAX);
	require(error && spec);
	for (size_t i = 1; i < size; i++) {
		if (data[i] >= WORDS) {
			spec[len++] = (char)data[i];
		} else {
			memcpy(spec + len, words[data[i]], strlen(words[data[i]]));
			len += strlen(words[data[i]]);
		}
	}

	count = fault_parse(spec, rules, error, error_size);
	require(count == -EINVAL || (count >= 1 && count <= FAULT_RULES_MAX));
	if (count < 0)
		check_error(error, error_size);
	for (int i = 0; i < count; i++)
		check_rule(&rules[i]);
	free(spec);
	free(error);
	return 0;
}
