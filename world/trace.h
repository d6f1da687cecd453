/* SPDX-License-Identifier: BSD-3-Clause */
/* Traces of FF-A calls (trace.c); started and stopped through conduit_control.h. */
#ifndef WORLD_TRACE_H
#define WORLD_TRACE_H

#include <world/spm/spm.h>

/* Shows a call that has ended to all traces. @fault: the one that struck it, or NULL. */
void trace_event(const struct spm_event *event, const char *fault);

#endif /* WORLD_TRACE_H */
