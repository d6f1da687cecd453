/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way from the normal world to the SPM core: what an SMC is on a machine. Here faults are
 * injected, calls counted and traced.
 */
#ifndef WORLD_CONDUIT_H
#define WORLD_CONDUIT_H

#include <tstee/ffa.h>

/* Makes an FF-A call of the normal world; @regs are replaced by the result. Any thread. */
void conduit_call(struct ffa_regs *regs);

#endif /* WORLD_CONDUIT_H */
