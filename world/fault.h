/* SPDX-License-Identifier: BSD-3-Clause */
/* Faults: rules, how they are written (fault_spec.c), and how they strike (fault.c). */
#ifndef WORLD_FAULT_H
#define WORLD_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/ffa.h>

#define FAULT_RULES_MAX 32

/* The calls that faults can strike. */
enum fault_call {
	FAULT_CALL_VERSION,
	FAULT_CALL_RETRIEVE,
	FAULT_CALL_RELINQUISH,
	FAULT_CALL_QUERY,
	FAULT_CALL_SERVICE,
	FAULT_CALL_SHARE,
	FAULT_CALL_RECLAIM,
	FAULT_CALL_OTHER, /* never struck */
};

#define FAULT_BIT(call) (1u << (call))

enum fault_kind {
	/* Strike before the partition or the SPM core sees the call. */
	FAULT_BUSY,
	FAULT_CRASH,
	FAULT_SLOW,
	FAULT_LOST_RELINQUISH,
	FAULT_REFUSED_RELINQUISH,
	FAULT_DENIED_RECLAIM,
	FAULT_NO_MEMORY,
	/* Change the partition's answer. */
	FAULT_BAD_INTERFACE,
	FAULT_LONG_RESPONSE,
	FAULT_WRONG_ECHO,
	FAULT_KINDS,
};

#define FAULT_CERTAIN (1ull << 32) /* fault_rule.chance */

struct fault_rule {
	enum fault_kind kind;
	uint32_t calls; /* FAULT_BIT() of those that match */
	bool one_endpoint;
	bool one_opcode;
	uint16_t endpoint_id; /* if one_endpoint */
	uint16_t opcode;      /* if one_opcode */
	uint32_t value;	      /* us, len or id, as the kind has it */
	uint64_t after;	      /* so many matching calls pass first */
	uint64_t count;	      /* it strikes so often */
	uint64_t chance;      /* of FAULT_CERTAIN */
	uint64_t random;      /* state of the generator, at first the seed */
	uint64_t seen;
	uint64_t struck;
};

/* The name of a kind in specifications and traces. */
const char *fault_name(enum fault_kind kind);

/*
 * Reads a specification. The number of rules, at least 1, or -EINVAL with one line of text in
 * @error.
 */
int fault_parse(const char *spec, struct fault_rule rules[FAULT_RULES_MAX], char *error,
		size_t size);

/* What becomes of a call. */
struct fault_verdict {
	const char *name; /* of the fault that struck it, or NULL */
	uint64_t delay_us;
	bool crash;
	bool answered; /* not to be forwarded: the registers are the result */
};

/* Whether any fault is in force: all that a call costs otherwise. */
bool fault_any(void);

/*
 * Decides about a call of the normal world; does nothing but write @regs and @verdict.
 * @share_id: the partition, of a call that shares or reclaims memory, or 0.
 */
void fault_before(struct ffa_regs *regs, uint16_t share_id, struct fault_verdict *verdict);

/* Changes the answer @out to the call @in: the name of the fault that did, or NULL. */
const char *fault_after(const struct ffa_regs *in, struct ffa_regs *out);

#endif /* WORLD_FAULT_H */
