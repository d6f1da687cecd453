/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of the test service, through which tests make a partition misbehave. It is
 * hosted by the test partitions only, which are embedded in the test firmware only.
 *
 * All state is the partition's, not the caller's: what one client arms, the call of
 * another may set off. TEST_RESET makes the partition well-behaved again. Numbers are
 * little-endian. The service status is 0 unless said otherwise; a request that is too
 * short gets RPC status -6, a response that does not fit the buffer -7.
 */
#ifndef TEST_SERVICE_H
#define TEST_SERVICE_H

#include <tstee/base.h>

/* Service of the first test partition: 1d8f4a52-6c0e-4b7b-9f5d-3a0c5be1d701 */
#define TEST_SERVICE_UUID_BYTES                                                               \
	{                                                                                     \
		0x1d, 0x8f, 0x4a, 0x52, 0x6c, 0x0e, 0x4b, 0x7b, 0x9f, 0x5d, 0x3a, 0x0c, 0x5b, \
			0xe1, 0xd7, 0x01                                                      \
	}

/*
 * Second service of the same partition: 1d8f4a52-6c0e-4b7b-9f5d-3a0c5be1d702. It has
 * TEST_NULL and TEST_ECHO only; its echo is the request with all bits inverted.
 */
#define TEST_INVERTING_SERVICE_UUID_BYTES                                                     \
	{                                                                                     \
		0x1d, 0x8f, 0x4a, 0x52, 0x6c, 0x0e, 0x4b, 0x7b, 0x9f, 0x5d, 0x3a, 0x0c, 0x5b, \
			0xe1, 0xd7, 0x02                                                      \
	}

/*
 * The test service of the second test partition, the one that crash tests kill:
 * 1d8f4a52-6c0e-4b7b-9f5d-3a0c5be1d703. It hosts no other service.
 */
#define TEST_VICTIM_SERVICE_UUID_BYTES                                                        \
	{                                                                                     \
		0x1d, 0x8f, 0x4a, 0x52, 0x6c, 0x0e, 0x4b, 0x7b, 0x9f, 0x5d, 0x3a, 0x0c, 0x5b, \
			0xe1, 0xd7, 0x03                                                      \
	}

enum test_opcode {
	/* Nothing to nothing: the empty call, with or without a buffer. */
	TEST_NULL = 0x100,

	/* Any bytes to the same bytes. */
	TEST_ECHO = 0x101,

	/* struct test_value, microseconds (at most 60 s): busy inside the partition so long. */
	TEST_SPIN = 0x102,

	/* Nothing to struct test_whoami. */
	TEST_WHOAMI = 0x103,

	/* struct test_value: this call answers so as its RPC status. */
	TEST_RPC_STATUS = 0x104,

	/* struct test_value: this call answers so as its service status. */
	TEST_SERVICE_STATUS = 0x105,

	/*
	 * struct test_value: the next service call, with or without a buffer, claims a
	 * response of that many bytes, and service status 0.
	 */
	TEST_RESPONSE_LEN = 0x106,

	/* Nothing: the next service call does not echo its control word. */
	TEST_WRONG_ECHO = 0x107,

	/* struct test_value: the next INTERFACE_ID_QUERY finds that interface ID word. */
	TEST_BAD_INTERFACE = 0x108,

	/* struct test_value: VERSION answers so until TEST_RESET. */
	TEST_BAD_VERSION = 0x109,

	/* Nothing to struct test_buffers. */
	TEST_BUFFERS = 0x10a,

	/*
	 * struct test_value: so many of the next MEMORY_RELINQUISH calls fail with RPC
	 * status -5, and the buffer stays. 0: none; 0xffffffff: all.
	 */
	TEST_REFUSE_RELINQUISH = 0x10b,

	/*
	 * struct test_value, 1 or 0: on, a MEMORY_RELINQUISH is answered with success
	 * and the region is kept mapped all the same, so that reclaiming is denied. Off,
	 * everything so kept is relinquished for real.
	 */
	TEST_KEEP_MAPPED = 0x10c,

	/*
	 * struct test_value, 1 or 0: on, MEMORY_RETRIEVE maps the region and answers
	 * RPC status -5. Off, everything so kept is relinquished for real.
	 */
	TEST_FAIL_RETRIEVE = 0x10d,

	/*
	 * struct test_scribble to struct test_scribbled: writes the pattern to the start
	 * of every page that is still mapped, the caller's own buffer included, unless
	 * stray_only: then only to pages that the other side believes to have back.
	 */
	TEST_SCRIBBLE = 0x10e,

	/* Nothing: dereferences NULL. The partition is dead until the machine restarts. */
	TEST_CRASH = 0x10f,

	/* Nothing: nothing is armed any more; everything kept is relinquished, RX released. */
	TEST_RESET = 0x110,

	/*
	 * struct test_ffa and tx_len bytes to struct test_ffa_result: the partition makes
	 * that FF-A call, with those bytes at the start of its TX buffer. Calls that would
	 * end its message loop or take its buffers away get RPC status -2.
	 */
	TEST_FFA = 0x111,

	/* Nothing to struct test_ffa_info. */
	TEST_FFA_INFO = 0x112,

	/* struct test_peek to len bytes: what the partition has there. */
	TEST_PEEK = 0x113,

	/* struct test_poke and bytes to nothing: written there by the partition. */
	TEST_POKE = 0x114,

	/*
	 * struct test_value to struct test_yielded: the partition yields so many times before it
	 * answers, or until the SPM core lets it not.
	 */
	TEST_YIELD = 0x115,

	/*
	 * At S-EL0, struct entropy_seed to struct test_seeded: what that becomes, as a board's entropy, in its place in
	 * memory. Service status HARDWARE_FAILURE if there is no seed.
	 */
	TEST_SEED = 0x116,

	/*
	 * Nothing, and needs no buffer: yields TEST_YIELDS times, or until the SPM core lets it not. The
	 * service status is how often it did.
	 */
	TEST_YIELD_SOMETIMES = 0x117,

	/* struct test_message to struct test_answer: makes that call of another partition, as services do. */
	TEST_MESSAGE = 0x118,
};

#define TEST_YIELDS 3

struct test_value {
	uint32_t value;
} __attribute__((packed));

struct test_yielded {
	uint32_t count;
	int32_t status; /* FFA_ERROR's, if it was refused; else 0 */
} __attribute__((packed));

#define TEST_SEEDED_LEN 64

struct test_seeded {
	uint8_t bytes[TEST_SEEDED_LEN];
	uint32_t left; /* words of the seed that are still there */
} __attribute__((packed));

struct test_whoami {
	uint32_t source_id;
	uint32_t client_id;
	uint32_t account;
} __attribute__((packed));

struct test_buffers {
	uint32_t mapped; /* regions that are mapped, stray ones included */
	uint32_t stray;	 /* those that the other side believes to have back */
} __attribute__((packed));

#define TEST_PATTERN_LEN 16

struct test_scribble {
	uint8_t pattern[TEST_PATTERN_LEN];
	uint32_t stray_only; /* 0 or 1 */
} __attribute__((packed));

struct test_scribbled {
	uint32_t pages; /* written to */
} __attribute__((packed));

#define TEST_FFA_REGS	8
#define TEST_FFA_RX_LEN 4096

struct test_ffa {
	uint64_t x[TEST_FFA_REGS];
	uint32_t tx_len; /* at most TEST_FFA_RX_LEN */
} __attribute__((packed));

struct test_ffa_result {
	uint64_t x[TEST_FFA_REGS];
	uint8_t rx[TEST_FFA_RX_LEN];
} __attribute__((packed));

/* Pages that the partition may share: the same for its whole life. */
#define TEST_FFA_PAGES 4

struct test_ffa_info {
	uint32_t own_id;
	uint32_t page_count; /* TEST_FFA_PAGES, or 0: there are none */
	uint64_t address;    /* of the pages */
} __attribute__((packed));

/* Addresses are the partition's, and believed: a wrong one kills it. */
struct test_peek {
	uint64_t address;
	uint32_t len; /* at most TEST_FFA_RX_LEN */
} __attribute__((packed));

struct test_poke {
	uint64_t address;
} __attribute__((packed));

#define TEST_MESSAGE_WORDS 5

struct test_message {
	uint32_t receiver; /* endpoint ID */
	uint32_t words[TEST_MESSAGE_WORDS];
} __attribute__((packed));

struct test_answer {
	int32_t status; /* of FF-A; 0: there is an answer */
	uint32_t words[TEST_MESSAGE_WORDS];
} __attribute__((packed));

static_assert(sizeof(struct test_value) == 4, "one number");
static_assert(sizeof(struct test_yielded) == 8, "YIELD response");
static_assert(sizeof(struct test_seeded) == 68, "SEED response");
static_assert(sizeof(struct test_whoami) == 12, "WHOAMI response");
static_assert(sizeof(struct test_buffers) == 8, "BUFFERS response");
static_assert(sizeof(struct test_scribble) == 20, "SCRIBBLE");
static_assert(sizeof(struct test_scribbled) == 4, "SCRIBBLE response");
static_assert(sizeof(struct test_ffa) == 68, "FFA");
static_assert(sizeof(struct test_ffa_result) == 4160, "FFA response");
static_assert(sizeof(struct test_ffa_info) == 16, "FFA_INFO response");
static_assert(sizeof(struct test_peek) == 12, "PEEK");
static_assert(sizeof(struct test_poke) == 8, "POKE");

/*
 * What a test partition prints on the secure console when a buffer is relinquished;
 * the number is of regions that are still mapped.
 */
#define TEST_RELINQUISH_LINE "test: relinquish, %u left"

#endif /* TEST_SERVICE_H */
