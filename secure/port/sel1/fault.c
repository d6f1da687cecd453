// SPDX-License-Identifier: BSD-3-Clause
/* Exceptions of a partition at S-EL1: what happened and where, on the SPM core's console, and its end. */
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/sel1/sel1.h>

#ifdef __ARM_FP
#error "compile with -mgeneral-regs-only: an exception keeps no vector registers"
#endif

/* As the vectors in start.S have it. */
struct sel1_fault {
	uint64_t x[19];
	uint64_t lr, pc, pstate, syndrome, address;
	uint64_t kind;
	uint64_t padding;
};

/* Kinds are numbered as the vectors are. */
#define KIND_SYNCHRONOUS 0u
#define KIND_SERROR	 3u

/* Exception classes (DDI 0487, ESR_EL1.EC). */
#define CLASS_SHIFT		26
#define CLASS_MASK		0x3fu
#define CLASS_UNKNOWN		0x00u
#define CLASS_INSTRUCTION_ABORT 0x21u
#define CLASS_DATA_ABORT	0x25u
#define CLASS_BREAKPOINT	0x3cu
#define SYNDROME_NO_ADDRESS	(1u << 10)

static_assert(sizeof(struct sel1_fault) == 208, "start.S");

void sel1_fault(const struct sel1_fault *fault);

static const char *what(const struct sel1_fault *fault)
{
	if (fault->kind == KIND_SERROR)
		return "a bus error that came late";
	if (fault->kind != KIND_SYNCHRONOUS)
		return "an interrupt";
	switch (fault->syndrome >> CLASS_SHIFT & CLASS_MASK) {
	case CLASS_UNKNOWN:
		return "an instruction that the processor lacks";
	case CLASS_INSTRUCTION_ABORT:
		return "code at an address without any";
	case CLASS_DATA_ABORT:
		return "an access to an address";
	case CLASS_BREAKPOINT:
		return "its own decision";
	default:
		return "an exception";
	}
}

/* An address of the image as one in its ELF file, which is less than 4 GiB long; others are cut. */
static uint32_t in_image(uint64_t address)
{
	return (uint32_t)(address - (uintptr_t)sel1_image);
}

void sel1_fault(const struct sel1_fault *fault)
{
	const uint32_t class = fault->syndrome >> CLASS_SHIFT & CLASS_MASK;
	const bool has_address =
		class == CLASS_DATA_ABORT && !(fault->syndrome & SYNDROME_NO_ADDRESS);

	if (fault->kind == KIND_SYNCHRONOUS && has_address && mapping_heal(fault->address))
		return;
	log_line("partition 0x%x: ended by %s", ffa_own_id(), what(fault));
	log_line("partition 0x%x: at 0x%x, called from 0x%x, syndrome 0x%x, address 0x%x%x",
		 ffa_own_id(), in_image(fault->pc), in_image(fault->lr), (uint32_t)fault->syndrome,
		 (uint32_t)(fault->address >> 32), (uint32_t)fault->address);
	sel1_dead();
}
