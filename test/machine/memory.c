// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-memory: memcpy, memmove and memset of partitions, those without vector registers and those with
 * them, linked in here by other names; and what wipes the stack. Ends with "N passed, N failed".
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LEN_MAX	  600u
#define ROOM	  (LEN_MAX + 160u)
#define WIPED_MAX 6144u

void *sel0_memcpy(void *to, const void *from, size_t len);
void *sel0_memmove(void *to, const void *from, size_t len);
void *sel0_memset(void *to, int byte, size_t len);
void *vector_memcpy(void *to, const void *from, size_t len);
void *vector_memset(void *to, int byte, size_t len);
/* Calls vector_memcpy(). */
void *vector_memmove(void *to, const void *from, size_t len);

static uint8_t source[ROOM], ours[2 * ROOM], expected[2 * ROOM];

static void fill(uint8_t *bytes, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed = seed * 75 + 74);
}

static void begin(void)
{
	fill(source, sizeof(source), 1);
	fill(ours, sizeof(ours), 2);
	memcpy(expected, ours, sizeof(expected));
}

static bool copies(void *(*copy)(void *, const void *, size_t), size_t len)
{
	for (size_t at = 0; at < 17; at++) {
		begin();
		memcpy(expected + at, source + at % 5, len);
		if (copy(ours + at, source + at % 5, len) != ours + at ||
		    memcmp(ours, expected, sizeof(ours)))
			return false;
	}
	return true;
}

static bool moves(void *(*move)(void *, const void *, size_t), size_t len)
{
	static const size_t steps[] = { 0, 1, 3, 8, 15, 16, 17, 31, 33, 64, 127 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		begin();
		memmove(expected, expected + steps[i], len);
		memmove(expected + 3 + steps[i], expected + 3, len);
		if (move(ours, ours + steps[i], len) != ours)
			return false;
		move(ours + 3 + steps[i], ours + 3, len);
		if (memcmp(ours, expected, sizeof(ours)))
			return false;
	}
	return true;
}

static bool sets(void *(*set)(void *, int, size_t), size_t len)
{
	for (size_t at = 0; at < 17; at++) {
		begin();
		memset(expected + at, 0xa5, len);
		if (set(ours + at, 0x7a5, len) != ours + at || memcmp(ours, expected, sizeof(ours)))
			return false;
	}
	return true;
}

/* @len bytes from @bottom on, which are the stack then. */
static void wipe(uint8_t *bottom, size_t len)
{
	register uint8_t *x0 __asm__("x0") = bottom;

	__asm__ volatile("mov	x20, sp\n\t"
			 "mov	sp, %1\n\t"
			 "bl	bare_stack_wipe\n\t"
			 "mov	sp, x20"
			 : "+r"(x0)
			 : "r"(bottom + len)
			 : "x9", "x10", "x11", "x12", "x20", "x30", "v0", "cc", "memory");
}

static bool wipes(size_t len)
{
	static _Alignas(16) uint8_t stack[WIPED_MAX + 32];

	memset(stack, 0x5a, sizeof(stack));
	wipe(stack + 16, len);
	for (size_t i = 0; i < sizeof(stack); i++) {
		if (stack[i] != (i < 16 || i >= 16 + len ? 0x5a : 0))
			return false;
	}
	return true;
}

/* vector.S has another caller. */
void __real_ffa_call(void *regs);

void __real_ffa_call(void *regs)
{
	(void)regs;
}

int main(void)
{
	unsigned int passed = 0, failed = 0;

	for (size_t len = 0; len <= LEN_MAX; len++) {
		const bool good = copies(sel0_memcpy, len) && copies(vector_memcpy, len) &&
				  moves(sel0_memmove, len) && moves(vector_memmove, len) &&
				  sets(sel0_memset, len) && sets(vector_memset, len);

		passed += good;
		failed += !good;
		if (!good)
			printf("not ok: %zu bytes\n", len);
	}
	for (size_t len = 0; len <= WIPED_MAX; len += 16) {
		const bool good = wipes(len);

		passed += good;
		failed += !good;
		if (!good)
			printf("not ok: a stack of %zu bytes\n", len);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
