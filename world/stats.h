/* SPDX-License-Identifier: BSD-3-Clause */
/* Statistics of calls to partitions (stats.c); printed through conduit_control.h. */
#ifndef WORLD_STATS_H
#define WORLD_STATS_H

#include <world/spm/spm.h>

/* Counts a call that has ended, as its caller has seen it. Any thread, no lock. */
void stats_event(const struct spm_event *event);

#endif /* WORLD_STATS_H */
