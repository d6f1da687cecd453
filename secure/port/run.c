// SPDX-License-Identifier: BSD-3-Clause
/*
 * A partition's life: the start, the message loop, the end. A partition has one thread,
 * on which everything here runs.
 */
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <secure/port/partition.h>
#include <stdbool.h>
#include <string.h>

/* The SPM core may answer so many times in a row with what is no message. */
#define UNEXPECTED_MAX 8

static uint16_t caller;

uint16_t partition_caller(void)
{
	return caller;
}

noreturn void partition_panic(const char *reason)
{
	log_line("partition 0x%x: stopped: %s", ffa_own_id(), reason);
	__builtin_trap();
}

noreturn void partition_start(int manifest_error)
{
	if (ffa_init())
		partition_panic("no ID or no RX/TX buffers from the SPM core");
	if (manifest_error)
		partition_panic("the boot information or the manifest can't be read");
	port_tell_processor();
	partition_main();
}

static bool is_request(uint32_t function)
{
	return (function & ~FFA_FUNCTION_64) == FFA_MSG_SEND_DIRECT_REQ ||
	       function == FFA_MSG_SEND_DIRECT_REQ2;
}

/* Makes the response to the request in @regs, in place. */
static inline void respond(struct ffa_regs *regs, partition_handler handle, void *ctx)
{
	const uint32_t function = (uint32_t)regs->x[0];
	const uint32_t endpoints = (uint32_t)regs->x[1];
	const uint16_t source = ffa_message_sender(endpoints);
	const bool second = function == FFA_MSG_SEND_DIRECT_REQ2;
	uint64_t *const message = &regs->x[second ? FFA_MESSAGE2_REG : FFA_MESSAGE_REG];
	uint32_t words[TS_RPC_REGS];

	for (size_t i = 0; i < TS_RPC_REGS; i++)
		words[i] = (uint32_t)message[i];

	/* TS RPC is 32-bit, and a framework message (w2 not 0) is none of it. */
	if (second || (function == FFA_MSG_SEND_DIRECT_REQ && !(uint32_t)regs->x[2])) {
		caller = source;
		handle(ctx, source, words);
		caller = 0;
	} else {
		memset(&words[TS_RPC_REG_STATUS], 0, sizeof(words) - sizeof(words[0]));
		words[TS_RPC_REG_STATUS] = (uint32_t)TS_RPC_ERROR_INVALID_VALUE;
	}

	regs->x[0] = second ? FFA_MSG_SEND_DIRECT_RESP2 :
			      FFA_MSG_SEND_DIRECT_RESP | (function & FFA_FUNCTION_64);
	regs->x[1] = ffa_message_endpoints(ffa_message_receiver(endpoints), source);
	regs->x[2] = 0;
	if (second) {
		regs->x[3] = 0;
		memset(message, 0, (FFA_REGS - FFA_MESSAGE2_REG) * sizeof(*message));
	}
	for (size_t i = 0; i < TS_RPC_REGS; i++)
		message[i] = words[i];
}

noreturn void partition_serve(partition_handler handle, void *ctx)
{
	unsigned int unexpected = 0;
	struct ffa_regs regs;

	ffa_wait(&regs);
	for (;;) {
		const uint32_t function = (uint32_t)regs.x[0];

		if (is_request(function)) {
			respond(&regs, handle, ctx);
			ffa_call(&regs);
			unexpected = 0;
			continue;
		}

		/* Being run without a message is no error: some SPM cores do that. */
		if (function != FFA_INTERRUPT && function != FFA_RUN) {
			log_line("partition 0x%x: FF-A function 0x%x with status %d is no message",
				 ffa_own_id(), function, (int)(int32_t)regs.x[2]);
			if (++unexpected > UNEXPECTED_MAX)
				partition_panic("the SPM core sends no messages");
		}
		ffa_wait(&regs);
	}
}
