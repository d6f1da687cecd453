// SPDX-License-Identifier: BSD-3-Clause
/*
 * Statistics: how often each partition was called, by either world, with what success and how
 * fast. There is one set of counters, which only grow, and which threads add to without a
 * lock; who wants to know what happened in a time takes the difference of two copies. Nothing
 * is counted while nobody wants to know.
 *
 * Latencies are counted in a log-linear histogram: each power of two of nanoseconds is cut into
 * STEPS equal parts, and a part is told as its middle, which is off by at most 1/(2 * STEPS)
 * of the latency, under 1.6 per cent. Memory is some 9 KiB a partition, however long it runs.
 */
#include "stats.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <tstee/ts_rpc.h>
#include <world/conduit_control.h>

#define STEP_BITS 5
#define STEPS	  (1u << STEP_BITS)
/* Longer than 2^36 ns, over a minute, is counted as that. */
#define TOP_BITS 36
#define BUCKETS	 ((TOP_BITS - STEP_BITS + 1) * STEPS)

enum counter {
	CALLS,
	ERRORS,
	BUSYS,
	COUNTERS,
};

struct live {
	atomic_ullong counters[COUNTERS];
	atomic_ullong buckets[BUCKETS];
};

struct copy {
	unsigned long long counters[COUNTERS];
	unsigned long long buckets[BUCKETS];
};

struct stats {
	struct copy partitions[SPM_PARTITION_MAX];
};

static struct live partitions[SPM_PARTITION_MAX];
static atomic_uint users;

/* Below STEPS each nanosecond has a bucket of its own. */
static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift;

	if (ns >= 1ull << TOP_BITS)
		return BUCKETS - 1;
	if (ns < STEPS)
		return (unsigned int)ns;
	shift = 63 - STEP_BITS - (unsigned int)__builtin_clzll(ns);
	return (shift << STEP_BITS) + (unsigned int)(ns >> shift);
}

/* The middle of a bucket. */
static double bucket_ns(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < STEPS)
		return bucket;
	shift = (bucket >> STEP_BITS) - 1;
	return ((bucket & (STEPS - 1)) + STEPS + 0.5) * (double)(1ull << shift);
}

static void add(atomic_ullong *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static bool failed(const struct spm_event *event)
{
	const uint32_t control = (uint32_t)event->in->x[3 + TS_RPC_REG_CONTROL];

	/* The rest of it is not told. */
	if ((uint32_t)event->out->x[0] == FFA_YIELD)
		return false;
	if (((uint32_t)event->out->x[0] & ~FFA_FUNCTION_64) != FFA_MSG_SEND_DIRECT_RESP)
		return true;
	/* The one answer that has no status. */
	if (control == ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_VERSION_GET))
		return false;
	return (uint32_t)event->out->x[3 + TS_RPC_REG_STATUS] != TS_RPC_SUCCESS;
}

static bool busy(const struct ffa_regs *out)
{
	return (uint32_t)out->x[0] == FFA_ERROR && (int32_t)(uint32_t)out->x[2] == FFA_BUSY;
}

void stats_event(const struct spm_event *event)
{
	struct live *live;
	size_t index;

	if (!atomic_load_explicit(&users, memory_order_relaxed) ||
	    ((uint32_t)event->in->x[0] & ~FFA_FUNCTION_64) != FFA_MSG_SEND_DIRECT_REQ)
		return;
	index = spm_partition_index(ffa_message_receiver((uint32_t)event->in->x[1]));
	if (index == SPM_PARTITION_MAX)
		return;

	live = &partitions[index];
	if (busy(event->out)) {
		add(&live->counters[BUSYS]);
		return;
	}
	add(&live->counters[CALLS]);
	if (failed(event))
		add(&live->counters[ERRORS]);
	add(&live->buckets[bucket_of(event->end_ns - event->begin_ns)]);
}

static void copy_live(struct live *live, struct copy *copy)
{
	for (unsigned int i = 0; i < COUNTERS; i++)
		copy->counters[i] = atomic_load_explicit(&live->counters[i], memory_order_relaxed);
	for (unsigned int i = 0; i < BUCKETS; i++)
		copy->buckets[i] = atomic_load_explicit(&live->buckets[i], memory_order_relaxed);
}

void *world_stats_begin(void)
{
	struct stats *stats = malloc(sizeof(*stats));

	if (!stats)
		return NULL;
	for (size_t i = 0; i < SPM_PARTITION_MAX; i++)
		copy_live(&partitions[i], &stats->partitions[i]);
	atomic_fetch_add(&users, 1);
	return stats;
}

void world_stats_end(void *handle)
{
	if (!handle)
		return;
	atomic_fetch_sub(&users, 1);
	free(handle);
}

/* What was counted since, and how many latencies that is. */
static unsigned long long difference(size_t index, const struct copy *then, struct copy *since)
{
	unsigned long long total = 0;

	copy_live(&partitions[index], since);
	for (unsigned int i = 0; i < COUNTERS; i++)
		since->counters[i] -= then->counters[i];
	for (unsigned int i = 0; i < BUCKETS; i++) {
		since->buckets[i] -= then->buckets[i];
		total += since->buckets[i];
	}
	return total;
}

/* The latency that the rank-th fastest call had, in us. */
static double latency_us(const struct copy *copy, unsigned long long rank)
{
	unsigned long long seen = 0;

	for (unsigned int i = 0; i < BUCKETS; i++) {
		seen += copy->buckets[i];
		if (seen >= rank)
			return bucket_ns(i) / 1000;
	}
	return 0;
}

struct output {
	char *text;
	size_t size;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void print(struct output *out, const char *format, ...)
{
	size_t room = out->len < out->size ? out->size - out->len : 0;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(room ? out->text + out->len : NULL, room, format, args);
	va_end(args);
	if (len > 0)
		out->len += (size_t)len;
}

static void print_partition(struct output *out, const struct spm_partition_info *info,
			    const struct copy *since, unsigned long long total)
{
	print(out, "0x%04x  %-28s %10llu %8llu %8llu", info->endpoint_id, info->name,
	      since->counters[CALLS], since->counters[ERRORS], since->counters[BUSYS]);
	if (total)
		print(out, " %10.1f %10.1f %10.1f\n", latency_us(since, total - total / 2),
		      latency_us(since, total - total / 100), latency_us(since, total));
	else
		print(out, " %10s %10s %10s\n", "-", "-", "-");
}

int world_stats_print(void *handle, char *text, size_t size)
{
	const struct stats *stats = handle;
	struct output out = { text, size, 0 };
	struct spm_partition_info info;
	struct copy since;
	unsigned long long total;

	print(&out, "%-6s  %-28s %10s %8s %8s %10s %10s %10s\n", "id", "partition", "calls",
	      "errors", "busy", "p50 us", "p99 us", "max us");
	for (size_t i = 0; i < SPM_PARTITION_MAX && spm_partition(i, &info); i++) {
		total = difference(i, &stats->partitions[i], &since);
		print_partition(&out, &info, &since, total);
	}
	return out.len < size ? 0 : -ENOBUFS;
}
