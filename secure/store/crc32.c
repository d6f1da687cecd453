// SPDX-License-Identifier: BSD-3-Clause
/* CRC-32 (IEEE 802.3): by the CPU's instructions where they exist, else four bytes a step. */
#include <secure/store/crc32.h>
#include <string.h>

#ifdef __ARM_FEATURE_CRC32

#include <arm_acle.h>

uint32_t crc32_update(uint32_t crc, const void *data, size_t len)
{
	const uint64_t __attribute__((may_alias)) * words;
	const uint8_t *p = data;

	crc = ~crc;
	/* A partition must not load a word from an odd address. */
	for (; len && (uintptr_t)p % sizeof(*words); len--)
		crc = __crc32b(crc, *p++);
	words = (const void *)p;
	for (; len >= 4 * sizeof(*words); len -= 4 * sizeof(*words)) {
		crc = __crc32d(crc, words[0]);
		crc = __crc32d(crc, words[1]);
		crc = __crc32d(crc, words[2]);
		crc = __crc32d(crc, words[3]);
		words += 4;
	}
	for (; len >= sizeof(*words); len -= sizeof(*words))
		crc = __crc32d(crc, *words++);
	for (p = (const void *)words; len; len--)
		crc = __crc32b(crc, *p++);
	return ~crc;
}

#else

/*
 * CRC is linear: the entry of a byte is the sum of the entries of its bits. TABLE spells
 * the 256 entries out from the eight of one row.
 */
#define T0(i)                                                                                  \
	((i)&1 ? 0x77073096u : 0u) ^ ((i)&2 ? 0xee0e612cu : 0u) ^ ((i)&4 ? 0x076dc419u : 0u) ^ \
		((i)&8 ? 0x0edb8832u : 0u) ^ ((i)&16 ? 0x1db71064u : 0u) ^                     \
		((i)&32 ? 0x3b6e20c8u : 0u) ^ ((i)&64 ? 0x76dc4190u : 0u) ^                    \
		((i)&128 ? 0xedb88320u : 0u)
#define T1(i)                                                                                  \
	((i)&1 ? 0x191b3141u : 0u) ^ ((i)&2 ? 0x32366282u : 0u) ^ ((i)&4 ? 0x646cc504u : 0u) ^ \
		((i)&8 ? 0xc8d98a08u : 0u) ^ ((i)&16 ? 0x4ac21251u : 0u) ^                     \
		((i)&32 ? 0x958424a2u : 0u) ^ ((i)&64 ? 0xf0794f05u : 0u) ^                    \
		((i)&128 ? 0x3b83984bu : 0u)
#define T2(i)                                                                                  \
	((i)&1 ? 0x01c26a37u : 0u) ^ ((i)&2 ? 0x0384d46eu : 0u) ^ ((i)&4 ? 0x0709a8dcu : 0u) ^ \
		((i)&8 ? 0x0e1351b8u : 0u) ^ ((i)&16 ? 0x1c26a370u : 0u) ^                     \
		((i)&32 ? 0x384d46e0u : 0u) ^ ((i)&64 ? 0x709a8dc0u : 0u) ^                    \
		((i)&128 ? 0xe1351b80u : 0u)
#define T3(i)                                                                                  \
	((i)&1 ? 0xb8bc6765u : 0u) ^ ((i)&2 ? 0xaa09c88bu : 0u) ^ ((i)&4 ? 0x8f629757u : 0u) ^ \
		((i)&8 ? 0xc5b428efu : 0u) ^ ((i)&16 ? 0x5019579fu : 0u) ^                     \
		((i)&32 ? 0xa032af3eu : 0u) ^ ((i)&64 ? 0x9b14583du : 0u) ^                    \
		((i)&128 ? 0xed59b63bu : 0u)

#define ROW4(T, i)  T(i), T((i) + 1), T((i) + 2), T((i) + 3)
#define ROW16(T, i) ROW4(T, i), ROW4(T, (i) + 4), ROW4(T, (i) + 8), ROW4(T, (i) + 12)
#define ROW64(T, i) ROW16(T, i), ROW16(T, (i) + 16), ROW16(T, (i) + 32), ROW16(T, (i) + 48)
#define TABLE(T)                                                        \
	{                                                               \
		ROW64(T, 0), ROW64(T, 64), ROW64(T, 128), ROW64(T, 192) \
	}

static const uint32_t table[4][256] = { TABLE(T0), TABLE(T1), TABLE(T2), TABLE(T3) };

uint32_t crc32_update(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (; len >= sizeof(uint32_t); len -= sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, p, sizeof(word));
		crc ^= word;
		crc = table[3][crc & 0xff] ^ table[2][crc >> 8 & 0xff] ^
		      table[1][crc >> 16 & 0xff] ^ table[0][crc >> 24];
		p += sizeof(word);
	}
	for (; len; len--)
		crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

#endif
