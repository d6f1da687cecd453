// SPDX-License-Identifier: BSD-3-Clause
/*
 * The conduit: where faults strike the calls of the normal world, and from where all calls are
 * shown to traces and statistics. Any thread; the only state is the thread's own.
 */
#include "conduit.h"

#include "conduit_control.h"
#include "fault.h"
#include "share.h"
#include "stats.h"
#include "trace.h"

#include <errno.h>
#include <time.h>

#define NS_PER_SECOND 1000000000u

/*
 * The thread is in a call that faults may change: the SPM core's report of it is not yet what
 * the normal world will see.
 */
static _Thread_local bool report_later;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void pause_us(uint64_t us)
{
	struct timespec left = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_nsec = (long)(us % 1000000) * 1000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static void report(const struct spm_event *event, const char *fault)
{
	stats_event(event);
	trace_event(event, fault);
}

void world_observe(const struct spm_event *event)
{
	if (report_later && event->caller == SPM_NORMAL_WORLD)
		return;
	report(event, NULL);
}

static void forward(struct ffa_regs *regs, struct fault_verdict *verdict)
{
	const struct ffa_regs in = *regs;
	const char *changed;

	if (verdict->delay_us)
		pause_us(verdict->delay_us);
	/* The dead can't die: then there was no fault. */
	if (verdict->crash && spm_inject_crash(ffa_message_receiver((uint32_t)regs->x[1])))
		verdict->name = NULL;

	report_later = true;
	spm_call(regs);
	report_later = false;

	changed = fault_after(&in, regs);
	if (changed)
		verdict->name = changed;
}

static void watched_call(struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	const uint16_t share_id = share_endpoint(&in);
	struct fault_verdict verdict;
	struct spm_event event = {
		.caller = SPM_NORMAL_WORLD,
		.in = &in,
		.out = regs,
		.begin_ns = now_ns(),
	};

	fault_before(regs, share_id, &verdict);
	if (!verdict.answered)
		forward(regs, &verdict);
	event.end_ns = now_ns();
	share_follow(&in, regs, share_id);
	report(&event, verdict.name);
}

void conduit_call(struct ffa_regs *regs)
{
	if (fault_any() || share_concerns(regs))
		watched_call(regs);
	else
		spm_call(regs);
}
