// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fault specifications: text to rules. The grammar is in docs/world-faults.md; what is not in
 * it is refused, with the place and what would be right. No state.
 */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DIRECT_CALLS                                                      \
	(FAULT_BIT(FAULT_CALL_VERSION) | FAULT_BIT(FAULT_CALL_RETRIEVE) | \
	 FAULT_BIT(FAULT_CALL_RELINQUISH) | FAULT_BIT(FAULT_CALL_QUERY) | \
	 FAULT_BIT(FAULT_CALL_SERVICE))

enum key {
	KEY_ENDPOINT,
	KEY_CALL,
	KEY_OPCODE,
	KEY_AFTER,
	KEY_N,
	KEY_COUNT,
	KEY_P,
	KEY_SEED,
	KEY_US,
	KEY_LEN,
	KEY_ID,
	KEYS,
};

#define KEY_BIT(key) (1u << (key))

/* call and p have values of their own. */
static const struct {
	const char *name;
	uint64_t min;
	uint64_t max;
} keys[KEYS] = {
	[KEY_ENDPOINT] = { "endpoint", 1, UINT16_MAX },
	[KEY_CALL] = { "call", 0, 0 },
	[KEY_OPCODE] = { "opcode", 0, UINT16_MAX },
	[KEY_AFTER] = { "after", 0, UINT32_MAX },
	[KEY_N] = { "n", 1, UINT32_MAX },
	[KEY_COUNT] = { "count", 1, UINT32_MAX },
	[KEY_P] = { "p", 0, 0 },
	[KEY_SEED] = { "seed", 0, UINT32_MAX },
	[KEY_US] = { "us", 1, 10 * 1000 * 1000 },
	[KEY_LEN] = { "len", 0, UINT32_MAX },
	[KEY_ID] = { "id", 0, UINT32_MAX },
};

#define WHEN  (KEY_BIT(KEY_AFTER) | KEY_BIT(KEY_COUNT) | KEY_BIT(KEY_P) | KEY_BIT(KEY_SEED))
#define WHERE KEY_BIT(KEY_ENDPOINT)
#define WHICH (KEY_BIT(KEY_CALL) | KEY_BIT(KEY_OPCODE))

static const struct {
	const char *name;
	uint32_t calls; /* unless the specification says which */
	uint32_t value; /* the same */
	uint32_t keys;
} kinds[FAULT_KINDS] = {
	[FAULT_BUSY] = { "busy", DIRECT_CALLS, 0, WHERE | WHICH | WHEN },
	[FAULT_CRASH] = { "crash", DIRECT_CALLS, 0, WHERE | WHICH | WHEN | KEY_BIT(KEY_N) },
	[FAULT_SLOW] = { "slow", FAULT_BIT(FAULT_CALL_SERVICE), 0,
			 WHERE | WHICH | WHEN | KEY_BIT(KEY_US) },
	[FAULT_LOST_RELINQUISH] = { "lost-relinquish", FAULT_BIT(FAULT_CALL_RELINQUISH), 0,
				    WHERE | WHEN },
	[FAULT_REFUSED_RELINQUISH] = { "refused-relinquish", FAULT_BIT(FAULT_CALL_RELINQUISH), 0,
				       WHERE | WHEN },
	[FAULT_DENIED_RECLAIM] = { "denied-reclaim", FAULT_BIT(FAULT_CALL_RECLAIM), 0,
				   WHERE | WHEN },
	[FAULT_NO_MEMORY] = { "no-memory", FAULT_BIT(FAULT_CALL_SHARE), 0, WHERE | WHEN },
	[FAULT_BAD_INTERFACE] = { "bad-interface", FAULT_BIT(FAULT_CALL_QUERY), 0xff,
				  WHERE | WHEN | KEY_BIT(KEY_ID) },
	[FAULT_LONG_RESPONSE] = { "long-response", FAULT_BIT(FAULT_CALL_SERVICE), UINT32_MAX,
				  WHERE | WHEN | KEY_BIT(KEY_OPCODE) | KEY_BIT(KEY_LEN) },
	[FAULT_WRONG_ECHO] = { "wrong-echo", FAULT_BIT(FAULT_CALL_SERVICE), 0,
			       WHERE | WHICH | WHEN },
};

static const struct {
	const char *name;
	uint32_t calls;
} call_names[] = {
	{ "any", DIRECT_CALLS },
	{ "service", FAULT_BIT(FAULT_CALL_SERVICE) },
	{ "version", FAULT_BIT(FAULT_CALL_VERSION) },
	{ "query", FAULT_BIT(FAULT_CALL_QUERY) },
	{ "retrieve", FAULT_BIT(FAULT_CALL_RETRIEVE) },
	{ "relinquish", FAULT_BIT(FAULT_CALL_RELINQUISH) },
};

#define CALL_NAMES	(sizeof(call_names) / sizeof(call_names[0]))
#define DEFAULT_SEED	1
#define FRACTION_DIGITS 9

struct parser {
	const char *spec;
	const char *at;
	char *error;
	size_t error_size;
};

struct word {
	const char *text;
	size_t len;
};

/* What a %.*s wants: not more of a wrong word than fits a line. */
#define SHOWN(word) (int)((word).len < 40 ? (word).len : 40), (word).text

const char *fault_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

__attribute__((format(printf, 3, 4))) static int wrong(struct parser *p, const char *where,
						       const char *format, ...)
{
	va_list args;
	int len;

	len = snprintf(p->error, p->error_size,
		       "fault specification, character %zu: ", (size_t)(where - p->spec) + 1);
	if (len >= 0 && (size_t)len < p->error_size) {
		va_start(args, format);
		vsnprintf(p->error + len, p->error_size - (size_t)len, format, args);
		va_end(args);
	}
	/* Whatever was in the specification, this stays one line. */
	for (size_t i = 0; i < p->error_size && p->error[i]; i++)
		if (p->error[i] < ' ' || p->error[i] > '~')
			p->error[i] = '?';
	return -EINVAL;
}

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

/* Everything up to a delimiter or a blank; may be empty. */
static struct word take_word(struct parser *p)
{
	struct word word;

	skip_blanks(p);
	word.text = p->at;
	word.len = strcspn(p->at, ":=,; \t");
	p->at += word.len;
	skip_blanks(p);
	return word;
}

static bool take(struct parser *p, char delimiter)
{
	if (*p->at != delimiter)
		return false;
	p->at++;
	return true;
}

static bool word_is(struct word word, const char *name)
{
	return word.len == strlen(name) && !memcmp(word.text, name, word.len);
}

/* Appends to a list of names; cut at the end of @list. */
static void list_add(char *list, size_t size, const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len ? ", " : "", name);
}

static bool digit_value(char c, unsigned int base, unsigned int *value)
{
	if (c >= '0' && c <= '9')
		*value = (unsigned int)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*value = (unsigned int)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		*value = (unsigned int)(c - 'A') + 10;
	else
		return false;
	return *value < base;
}

/* Decimal, or hexadecimal behind 0x. */
static bool word_number(struct word word, uint64_t max, uint64_t *number)
{
	unsigned int base = 10, digit;
	size_t i = 0;

	if (word.len > 2 && word.text[0] == '0' && word.text[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == word.len)
		return false;
	for (*number = 0; i < word.len; i++) {
		if (!digit_value(word.text[i], base, &digit))
			return false;
		*number = *number * base + digit;
		if (*number > max)
			return false;
	}
	return true;
}

/* 0 to 1 with a decimal point, as a part of FAULT_CERTAIN. */
static bool word_chance(struct word word, uint64_t *chance)
{
	uint64_t scale = 1, value;
	size_t i = 2;

	if (!word.len || word.text[0] < '0' || word.text[0] > '1')
		return false;
	value = (uint64_t)(word.text[0] - '0');
	if (word.len > 1 && (word.text[1] != '.' || word.len == 2))
		return false;
	for (; i < word.len; i++) {
		if (i >= 2 + FRACTION_DIGITS || word.text[i] < '0' || word.text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(word.text[i] - '0');
		scale *= 10;
	}
	if (value > scale)
		return false;
	*chance = value * FAULT_CERTAIN / scale;
	return true;
}

static int set_call(struct parser *p, struct fault_rule *rule, struct word value)
{
	char list[96] = "";

	for (size_t i = 0; i < CALL_NAMES; i++) {
		if (word_is(value, call_names[i].name)) {
			rule->calls = call_names[i].calls;
			return 0;
		}
		list_add(list, sizeof(list), call_names[i].name);
	}
	return wrong(p, value.text, "unknown call \"%.*s\"; known: %s", SHOWN(value), list);
}

static void set_number(struct fault_rule *rule, enum key key, uint64_t number)
{
	switch (key) {
	case KEY_ENDPOINT:
		rule->one_endpoint = true;
		rule->endpoint_id = (uint16_t)number;
		break;
	case KEY_OPCODE:
		rule->one_opcode = true;
		rule->opcode = (uint16_t)number;
		rule->calls = FAULT_BIT(FAULT_CALL_SERVICE);
		break;
	case KEY_AFTER:
		rule->after = number;
		break;
	case KEY_N:
		rule->after = number - 1;
		break;
	case KEY_COUNT:
		rule->count = number;
		break;
	case KEY_SEED:
		rule->random = number;
		break;
	default: /* us, len, id */
		rule->value = (uint32_t)number;
		break;
	}
}

static int set_value(struct parser *p, struct fault_rule *rule, enum key key, struct word value)
{
	uint64_t number;

	if (key == KEY_CALL)
		return set_call(p, rule, value);
	if (key == KEY_P) {
		if (!word_chance(value, &rule->chance))
			return wrong(p, value.text,
				     "p is \"%.*s\", wanted: 0 to 1 with up to %d decimals",
				     SHOWN(value), FRACTION_DIGITS);
		return 0;
	}
	if (!word_number(value, keys[key].max, &number) || number < keys[key].min)
		return wrong(p, value.text, "%s is \"%.*s\", wanted: a number from %llu to %llu",
			     keys[key].name, SHOWN(value), (unsigned long long)keys[key].min,
			     (unsigned long long)keys[key].max);
	set_number(rule, key, number);
	return 0;
}

static int find_key(struct parser *p, const struct fault_rule *rule, struct word word,
		    enum key *key)
{
	char list[128] = "";

	for (*key = 0; *key < KEYS; (*key)++) {
		if (!(kinds[rule->kind].keys & KEY_BIT(*key)))
			continue;
		if (word_is(word, keys[*key].name))
			return 0;
		list_add(list, sizeof(list), keys[*key].name);
	}
	return wrong(p, word.text, "%s has no setting \"%.*s\"; it has: %s", fault_name(rule->kind),
		     SHOWN(word), list);
}

/* KEY=VALUE */
static int parse_setting(struct parser *p, struct fault_rule *rule, uint32_t *given)
{
	struct word word = take_word(p);
	enum key key;
	int rc;

	rc = find_key(p, rule, word, &key);
	if (rc)
		return rc;
	if (*given & KEY_BIT(key))
		return wrong(p, word.text, "%s is given twice", keys[key].name);
	*given |= KEY_BIT(key);
	if (!take(p, '='))
		return wrong(p, p->at, "wanted: %s=VALUE", keys[key].name);
	return set_value(p, rule, key, take_word(p));
}

static int check_settings(struct parser *p, const struct fault_rule *rule, uint32_t given,
			  const char *begin)
{
	const uint32_t pairs[][2] = {
		{ KEY_CALL, KEY_OPCODE },
		{ KEY_N, KEY_AFTER },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (given & KEY_BIT(pairs[i][0]) && given & KEY_BIT(pairs[i][1]))
			return wrong(p, begin, "%s and %s do not go together",
				     keys[pairs[i][0]].name, keys[pairs[i][1]].name);
	if (rule->kind == FAULT_SLOW && !(given & KEY_BIT(KEY_US)))
		return wrong(p, begin, "slow needs us=MICROSECONDS");
	return 0;
}

static int find_kind(struct parser *p, struct word word, enum fault_kind *kind)
{
	char list[192] = "";

	for (*kind = 0; *kind < FAULT_KINDS; (*kind)++) {
		if (word_is(word, kinds[*kind].name))
			return 0;
		list_add(list, sizeof(list), kinds[*kind].name);
	}
	/* Said here too, the compiler knows that kind is one of them unless this fails. */
	(void)wrong(p, word.text, "unknown fault \"%.*s\"; known: %s", SHOWN(word), list);
	return -EINVAL;
}

/* NAME[:KEY=VALUE[,KEY=VALUE]...] */
static int parse_fault(struct parser *p, struct fault_rule *rule)
{
	struct word word = take_word(p);
	uint32_t given = 0;
	enum fault_kind kind;
	int rc;

	rc = find_kind(p, word, &kind);
	if (rc)
		return rc;
	*rule = (struct fault_rule){
		.kind = kind,
		.calls = kinds[kind].calls,
		.value = kinds[kind].value,
		/* Nobody dies twice. */
		.count = kind == FAULT_CRASH ? 1 : UINT64_MAX,
		.chance = FAULT_CERTAIN,
		.random = DEFAULT_SEED,
	};
	if (take(p, ':')) {
		do {
			rc = parse_setting(p, rule, &given);
			if (rc)
				return rc;
		} while (take(p, ','));
	}
	return check_settings(p, rule, given, word.text);
}

int fault_parse(const char *spec, struct fault_rule rules[FAULT_RULES_MAX], char *error,
		size_t size)
{
	struct parser p = { spec, spec, error, size };
	int count = 0;
	int rc;

	do {
		if (count == FAULT_RULES_MAX)
			return wrong(&p, p.at, "more than %d faults", FAULT_RULES_MAX);
		rc = parse_fault(&p, &rules[count]);
		if (rc)
			return rc;
		count++;
	} while (take(&p, ';'));
	if (*p.at)
		return wrong(&p, p.at,
			     "wanted: \";\" and another fault, \",\" and another setting, or "
			     "the end");
	return count;
}
