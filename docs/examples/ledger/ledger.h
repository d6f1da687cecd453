/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients of the ledger and its partition agree on. */
#ifndef LEDGER_H
#define LEDGER_H

/* The service, as text and in the order of the text. */
#define LEDGER_UUID "95d34ecd-e46d-4fa0-a63e-7f29f4c3c1ec"
#define LEDGER_UUID_BYTES                                                                     \
	{                                                                                     \
		0x95, 0xd3, 0x4e, 0xcd, 0xe4, 0x6d, 0x4f, 0xa0, 0xa6, 0x3e, 0x7f, 0x29, 0xf4, \
			0xc3, 0xc1, 0xec                                                      \
	}

/* Longest entry, bytes. */
#define LEDGER_ENTRY_MAX 256u

/*
 * Each client has a ledger of its own, entries numbered from 1. Append: an entry -> its number,
 * u32, and the signature of both (ECDSA with SHA-256 on P-256: r and s). Read: a number -> the entry. Key: nothing
 * -> the public key, a point. The status is a PSA status code.
 */
#define LEDGER_APPEND 1
#define LEDGER_READ   2
#define LEDGER_KEY    3

#endif /* LEDGER_H */
