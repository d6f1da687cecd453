// SPDX-License-Identifier: BSD-3-Clause
/*
 * What partitions there are, under spm_lock, and what all other files need to speak of them:
 * answers, the clock, and what has to be said about those that didn't start.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPORT_LEN 8192

pthread_mutex_t spm_lock = PTHREAD_MUTEX_INITIALIZER;
struct partition spm_partitions[SPM_PARTITION_MAX];
size_t spm_partition_count;

static struct mailbox normal_world;
static uint32_t normal_world_version;

/* Written while there is one thread. */
static char reports[REPORT_LEN];

static __thread struct spm_failure *report_to;

void partition_reset(void)
{
	normal_world = (struct mailbox){ 0 };
	normal_world_version = FFA_VERSION_1_1;
	reports[0] = '\0';
}

struct partition *spm_find(uint16_t id)
{
	for (size_t i = 0; i < spm_partition_count; i++)
		if (spm_partitions[i].id == id)
			return &spm_partitions[i];
	return NULL;
}

struct mailbox *spm_mailbox(uint16_t id)
{
	struct partition *p = spm_find(id);

	return p ? &p->mailbox : &normal_world;
}

uint32_t *spm_version(uint16_t id)
{
	struct partition *p = spm_find(id);

	return p ? &p->version : &normal_world_version;
}

void spm_error(struct ffa_regs *regs, enum ffa_status status)
{
	*regs = (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)status } };
}

void spm_success(struct ffa_regs *regs, uint32_t w2, uint32_t w3)
{
	*regs = (struct ffa_regs){ { FFA_SUCCESS, 0, w2, w3 } };
}

uint64_t spm_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void partition_report_to(struct spm_failure *why)
{
	report_to = why;
	if (why)
		why->text[0] = '\0';
}

void partition_report(const char *format, ...)
{
	const size_t used = strlen(reports);
	va_list args;

	va_start(args, format);
	if (report_to) {
		/* The first says why, the others what came of it. */
		if (!report_to->text[0])
			vsnprintf(report_to->text, sizeof(report_to->text), format, args);
		va_end(args);
		fprintf(stderr, "spm: %s\n", report_to->text);
		return;
	}
	vsnprintf(reports + used, sizeof(reports) - used, format, args);
	va_end(args);
	fprintf(stderr, "spm: %s\n", reports + used);
	/* Whole lines: one that was cut has an end, too. */
	if (strlen(reports) < sizeof(reports) - 1)
		strcat(reports, "\n");
	else
		reports[sizeof(reports) - 2] = '\n';
}

const char *spm_reports(void)
{
	return reports;
}
