/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition under an SPM core, as its main.c sees it: it says who it is by PARTITION_IMAGE(),
 * sets up its services in partition_main() and ends in partition_serve(). The same source runs
 * at S-EL0 (port/sel0), at S-EL1 (port/sel1) and as a process of a software world (port/host).
 */
#ifndef SECURE_PORT_PARTITION_H
#define SECURE_PORT_PARTITION_H

#include <secure/rpc/endpoint.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <tstee/ts_rpc.h>

/* Bytes of a partition's stack, which at S-EL0 the SPM core makes: a board's BOARD_STACK. */
#ifndef PARTITION_STACK_LEN
#define PARTITION_STACK_LEN 16384u
#endif

/* What an SPM core at S-EL1 reads at the start of the image. The UUID names the image only. */
struct partition_image {
	uint32_t time_low;
	uint16_t time_mid;
	uint16_t time_high;
	uint8_t node[8];
	uint32_t stack_len;
	uint32_t flags;
	uint64_t load_address; /* all ones: the image is a partition, loaded anywhere */
};

/*
 * Once in each partition: the image UUID in five parts as it is written, the last two as
 * lists of bytes.
 */
#define PARTITION_IMAGE(low, mid, high, ...)                                          \
	__attribute__((section(".sp_head"),                                           \
		       used)) static const struct partition_image partition_image = { \
		.time_low = (low),                                                    \
		.time_mid = (mid),                                                    \
		.time_high = (high),                                                  \
		.node = { __VA_ARGS__ },                                              \
		.stack_len = PARTITION_STACK_LEN,                                     \
		.load_address = UINT64_MAX,                                           \
	}

/*
 * The partition's own part of the start, defined by it; must not return. Logging works,
 * and device regions are known. The normal world may not run yet: no flash is programmed
 * here, and the counter can't be read.
 */
noreturn void partition_main(void);

/* Handles one message: @words are those of endpoint_handle(). */
typedef void (*partition_handler)(void *ctx, uint16_t source_id, uint32_t words[TS_RPC_REGS]);

/* Waits for messages and answers them, for ever. */
noreturn void partition_serve(partition_handler handle, void *ctx);

/*
 * Hosts @services: the whole of a partition that has nothing to do at its first message. The
 * arguments are those of endpoint_init() (secure/rpc/endpoint.h).
 */
noreturn void partition_serve_services(const struct service *const *services, size_t service_count,
				       void *messages, size_t messages_len);

/*
 * Whose message is being handled: an endpoint that hears nothing before that is answered; 0 is
 * the normal world, or nobody.
 */
uint16_t partition_caller(void);

/* Prints a reason and stops the partition for good; callers get FF-A's ABORTED. */
noreturn void partition_panic(const char *reason);

/*
 * Memory that the partition can share by FFA_MEM_SHARE: @count pages of FFA_PAGE_LEN bytes,
 * zeroed, for its whole life. NULL if there are not so many.
 */
void *partition_pages(size_t count);

/* For the port, which calls it first of all: @manifest_error is 0 if the manifest was read. */
noreturn void partition_start(int manifest_error);

#endif /* SECURE_PORT_PARTITION_H */
