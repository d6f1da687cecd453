/* SPDX-License-Identifier: BSD-3-Clause */
/* The counter service's messages: what its clients and its partition agree on. */
#ifndef COUNTER_H
#define COUNTER_H

/* The service, as text and in the order of the text. */
#define COUNTER_UUID "e191c8df-e926-4a38-8dd5-d59b2ebe46d8"
#define COUNTER_UUID_BYTES                                                                    \
	{                                                                                     \
		0xe1, 0x91, 0xc8, 0xdf, 0xe9, 0x26, 0x4a, 0x38, 0x8d, 0xd5, 0xd5, 0x9b, 0x2e, \
			0xbe, 0x46, 0xd8                                                      \
	}

/*
 * Both requests are the counter's number, u32; both responses its value, u64. Next adds one,
 * and makes a counter that isn't there. Read answers DOES_NOT_EXIST then.
 */
#define COUNTER_NEXT 1
#define COUNTER_READ 2

#endif /* COUNTER_H */
