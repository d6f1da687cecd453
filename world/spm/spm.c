// SPDX-License-Identifier: BSD-3-Clause
/*
 * The SPM core's front: start and stop, and what FF-A calls do that are about endpoints
 * themselves (FF-A, chapter 13).
 */
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <world/ram.h>

#define BOOT_MS	    10000u
#define END_POLL_MS 5u
#define SPM_ID	    0x8000u
#define MAJOR(v)    ((v) >> 16)
#define VERSION_MBZ 0x80000000u

/* FFA_PARTITION_INFO_GET */
#define INFO_COUNT_ONLY	 (1u << 0)
#define INFO_LEN	 24u
#define INFO_MAX	 (FFA_PAGE_LEN / INFO_LEN)
#define PROPERTY_AARCH64 (1u << 8)
#define RXTX_PAGES_MASK	 0x3fu
/* What the properties of v1.1 tell of messaging-method. */
#define MESSAGING_1_1 (FFA_RECEIVES_DIRECT_REQ | FFA_SENDS_DIRECT_REQ)

static void (*observe)(const struct spm_event *event);

/* What partitions are started with. */
static struct {
	int state_fd;
	bool debug;
	struct measure_log *log; /* NULL: nobody wants it */
} launch;

/* Partitions get what their manifests say. It may be asked for again, as OP-TEE has it. */
static void version(uint16_t caller, struct ffa_regs *regs)
{
	const struct partition *p = spm_find(caller);
	const uint32_t wanted = (uint32_t)regs->x[1],
		       last = p ? p->manifest.version : FFA_VERSION_1_2;
	const bool compatible = !(wanted & VERSION_MBZ) && MAJOR(wanted) == MAJOR(FFA_VERSION_1_1);

	if (compatible)
		*spm_version(caller) = wanted < last ? wanted : last;
	*regs = (struct ffa_regs){ { compatible ? last : (uint32_t)FFA_NOT_SUPPORTED } };
}

static void features(uint16_t caller, struct ffa_regs *regs)
{
	switch ((uint32_t)regs->x[1]) {
	case FFA_ERROR:
	case FFA_SUCCESS:
	case FFA_INTERRUPT:
	case FFA_VERSION:
	case FFA_FEATURES:
	case FFA_RX_RELEASE:
	case FFA_RXTX_MAP:
	case FFA_RXTX_MAP | FFA_FUNCTION_64:
	case FFA_RXTX_UNMAP:
	case FFA_PARTITION_INFO_GET:
	case FFA_ID_GET:
	case FFA_SPM_ID_GET:
	case FFA_MSG_WAIT:
	case FFA_YIELD:
	case FFA_RUN:
	case FFA_MSG_SEND_DIRECT_REQ:
	case FFA_MSG_SEND_DIRECT_REQ | FFA_FUNCTION_64:
	case FFA_MSG_SEND_DIRECT_RESP:
	case FFA_MSG_SEND_DIRECT_RESP | FFA_FUNCTION_64:
	case FFA_MEM_SHARE:
	case FFA_MEM_SHARE | FFA_FUNCTION_64:
	case FFA_MEM_RETRIEVE_REQ:
	case FFA_MEM_RETRIEVE_REQ | FFA_FUNCTION_64:
	case FFA_MEM_RELINQUISH:
	case FFA_MEM_RECLAIM:
	case FFA_CONSOLE_LOG:
	case FFA_CONSOLE_LOG | FFA_FUNCTION_64:
		spm_success(regs, 0, 0);
		break;
	case FFA_MSG_SEND_DIRECT_REQ2:
	case FFA_MSG_SEND_DIRECT_RESP2:
		if (*spm_version(caller) >= FFA_VERSION_1_2) {
			spm_success(regs, 0, 0);
			break;
		}
		/* fall through */
	default:
		spm_error(regs, FFA_NOT_SUPPORTED);
		break;
	}
}

/* The normal world's buffers are anywhere in its memory, a partition's where its channel is. */
static bool find_buffers(uint16_t caller, uint64_t tx, uint64_t rx, struct mailbox *mailbox)
{
	struct partition *p = spm_find(caller);
	uint64_t address, offset;
	int fd;

	if (!p) {
		if (ram_find(tx, FFA_PAGE_LEN, &fd, &offset) ||
		    ram_find(rx, FFA_PAGE_LEN, &fd, &offset))
			return false;
		mailbox->tx = (const uint8_t *)(uintptr_t)tx;
		mailbox->rx = (uint8_t *)(uintptr_t)rx;
		return true;
	}
	address = p->channel->address;
	if (tx != address + PARTITION_TX_OFFSET || rx != address + PARTITION_RX_OFFSET)
		return false;
	mailbox->tx = (uint8_t *)p->channel + PARTITION_TX_OFFSET;
	mailbox->rx = (uint8_t *)p->channel + PARTITION_RX_OFFSET;
	return true;
}

static void rxtx_map(uint16_t caller, struct ffa_regs *regs)
{
	struct mailbox *mailbox = spm_mailbox(caller);
	const uint64_t tx = regs->x[1], rx = regs->x[2];

	if ((regs->x[3] & RXTX_PAGES_MASK) != 1)
		spm_error(regs, FFA_INVALID_PARAMETERS);
	else if (mailbox->tx)
		spm_error(regs, FFA_DENIED);
	else if (tx == rx || (tx | rx) % FFA_PAGE_LEN || !find_buffers(caller, tx, rx, mailbox))
		spm_error(regs, FFA_INVALID_PARAMETERS);
	else
		spm_success(regs, 0, 0);
}

static void rxtx_unmap(uint16_t caller, struct ffa_regs *regs)
{
	struct mailbox *mailbox = spm_mailbox(caller);

	if (!mailbox->tx || ((uint32_t)regs->x[1] >> 16 && (uint32_t)regs->x[1] >> 16 != caller)) {
		spm_error(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	*mailbox = (struct mailbox){ 0 };
	spm_success(regs, 0, 0);
}

static void rx_release(uint16_t caller, struct ffa_regs *regs)
{
	struct mailbox *mailbox = spm_mailbox(caller);

	if (!mailbox->rx_full) {
		spm_error(regs, FFA_DENIED);
		return;
	}
	mailbox->rx_full = false;
	spm_success(regs, 0, 0);
}

struct info {
	uint16_t id;
	uint16_t context_count;
	uint32_t properties;
	uint32_t uuid[UUID_WORDS]; /* also if the caller has asked for one, as OP-TEE does */
};

/* A partition is told of once for each of its UUIDs. */
static void partition_info_get(uint16_t caller, struct ffa_regs *regs)
{
	struct mailbox *mailbox = spm_mailbox(caller);
	const bool count_only = (uint32_t)regs->x[5] & INFO_COUNT_ONLY;
	const uint32_t uuid[UUID_WORDS] = {
		(uint32_t)regs->x[1],
		(uint32_t)regs->x[2],
		(uint32_t)regs->x[3],
		(uint32_t)regs->x[4],
	};
	const uint32_t messaging = *spm_version(caller) < FFA_VERSION_1_2 ? MESSAGING_1_1 : ~0u;
	const bool all = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
	uint32_t count = 0;

	if (!count_only && (!mailbox->rx || mailbox->rx_full)) {
		spm_error(regs, FFA_BUSY);
		return;
	}
	for (size_t i = 0; i < spm_partition_count * UUID_MAX; i++) {
		const struct partition *p = &spm_partitions[i / UUID_MAX];
		struct info info = {
			.id = p->id,
			.context_count = 1,
			.properties = (p->manifest.messaging & messaging) | PROPERTY_AARCH64,
		};

		if (p->state == PARTITION_DEAD || i % UUID_MAX >= p->manifest.uuid_count)
			continue;
		memcpy(info.uuid, p->manifest.uuids[i % UUID_MAX], sizeof(info.uuid));
		if (!all && memcmp(uuid, info.uuid, sizeof(uuid)))
			continue;
		if (!count_only && count == INFO_MAX) {
			spm_error(regs, FFA_NO_MEMORY);
			return;
		}
		if (!count_only)
			memcpy(mailbox->rx + count * INFO_LEN, &info, INFO_LEN);
		count++;
	}
	mailbox->rx_full |= !count_only;
	spm_success(regs, count, count_only ? 0 : INFO_LEN);
}

static_assert(sizeof(struct info) == INFO_LEN, "table 13.38");
static_assert(SPM_PARTITION_MAX <= INFO_MAX, "all that have one UUID fit the RX buffer");

/* Calls about endpoints. False: it is none of them. */
static bool handle_endpoint_call(uint16_t caller, struct ffa_regs *regs)
{
	bool known = true;

	pthread_mutex_lock(&spm_lock);
	switch ((uint32_t)regs->x[0]) {
	case FFA_VERSION:
		version(caller, regs);
		break;
	case FFA_FEATURES:
		features(caller, regs);
		break;
	case FFA_ID_GET:
		spm_success(regs, caller, 0);
		break;
	case FFA_SPM_ID_GET:
		spm_success(regs, SPM_ID, 0);
		break;
	case FFA_PARTITION_INFO_GET:
		partition_info_get(caller, regs);
		break;
	case FFA_RXTX_MAP | FFA_FUNCTION_64:
		rxtx_map(caller, regs);
		break;
	case FFA_RXTX_UNMAP:
		rxtx_unmap(caller, regs);
		break;
	case FFA_RX_RELEASE:
		rx_release(caller, regs);
		break;
	default:
		known = false;
		break;
	}
	pthread_mutex_unlock(&spm_lock);
	return known;
}

static void handle(uint16_t caller, struct ffa_regs *regs)
{
	struct partition *p;

	if (handle_endpoint_call(caller, regs))
		return;
	switch ((uint32_t)regs->x[0]) {
	case FFA_MSG_SEND_DIRECT_REQ:
	case FFA_MSG_SEND_DIRECT_REQ | FFA_FUNCTION_64:
		message_request(caller, regs, spm_handle);
		return;
	case FFA_MSG_SEND_DIRECT_REQ2:
		if (*spm_version(caller) < FFA_VERSION_1_2)
			break;
		message_request(caller, regs, spm_handle);
		return;
	case FFA_RUN:
		message_run(caller, regs, spm_handle);
		return;
	case FFA_MEM_SHARE:
	case FFA_MEM_SHARE | FFA_FUNCTION_64:
		memory_share(caller, regs);
		return;
	case FFA_MEM_RETRIEVE_REQ:
	case FFA_MEM_RETRIEVE_REQ | FFA_FUNCTION_64:
		memory_retrieve(caller, regs);
		return;
	case FFA_MEM_RELINQUISH:
		memory_relinquish(caller, regs);
		return;
	case FFA_MEM_RECLAIM:
		memory_reclaim(caller, regs);
		return;
	case FFA_CONSOLE_LOG:
	case FFA_CONSOLE_LOG | FFA_FUNCTION_64:
		p = spm_find(caller);
		if (p) {
			console_log(p, regs);
			return;
		}
		break;
	default:
		break;
	}
	/* So OP-TEE answers a partition. */
	spm_error(regs, caller == SPM_NORMAL_WORLD ? FFA_NOT_SUPPORTED : FFA_INVALID_PARAMETERS);
}

/* A call of either world, with somebody watching. */
void spm_handle(uint16_t caller, struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	struct spm_event event = { .caller = caller, .in = &in, .out = regs };

	if (!observe) {
		handle(caller, regs);
		return;
	}
	event.begin_ns = spm_now_ns();
	handle(caller, regs);
	event.end_ns = spm_now_ns();
	observe(&event);
}

void spm_call(struct ffa_regs *regs)
{
	spm_handle(SPM_NORMAL_WORLD, regs);
}

int spm_inject_crash(uint16_t endpoint_id)
{
	struct partition *p;

	pthread_mutex_lock(&spm_lock);
	p = spm_find(endpoint_id);
	if (p && p->state == PARTITION_DEAD)
		p = NULL;
	if (p)
		p->crash_next = true;
	pthread_mutex_unlock(&spm_lock);
	return p ? 0 : -ENOENT;
}

bool spm_partition(size_t index, struct spm_partition_info *info)
{
	bool found;

	pthread_mutex_lock(&spm_lock);
	found = index < spm_partition_count;
	if (found)
		*info = (struct spm_partition_info){
			.endpoint_id = spm_partitions[index].id,
			.name = spm_partitions[index].name,
			.pid = spm_partitions[index].pid,
		};
	pthread_mutex_unlock(&spm_lock);
	return found;
}

size_t spm_partition_index(uint16_t endpoint_id)
{
	const struct partition *p = spm_find(endpoint_id);

	return p ? (size_t)(p - spm_partitions) : SPM_PARTITION_MAX;
}

static bool id_taken(uint16_t id)
{
	for (size_t i = 0; i < spm_partition_count; i++)
		if (spm_partitions[i].manifest.id == id || spm_partitions[i].id == id)
			return true;
	return false;
}

/* Writes the text of @why. Returns @err. */
static int __attribute__((format(printf, 3, 4)))
fail(struct spm_failure *why, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return err;
}

/* Those that a manifest asks for come first, the others take what is left. */
static int give_ids(struct spm_failure *why)
{
	uint16_t next = SPM_FIRST_PARTITION;

	for (size_t i = 0; i < spm_partition_count; i++) {
		struct partition *p = &spm_partitions[i];

		for (size_t k = 0; p->manifest.id && k < i; k++) {
			if (spm_partitions[k].manifest.id != p->manifest.id)
				continue;
			return fail(why, -EEXIST,
				    "partitions %s and %s both ask for endpoint ID 0x%04x; change "
				    "the id in the manifest of one, or leave it out there",
				    spm_partitions[k].name, p->name, p->manifest.id);
		}
	}
	for (size_t i = 0; i < spm_partition_count; i++) {
		struct partition *p = &spm_partitions[i];

		while (!p->manifest.id && id_taken(next))
			next++;
		p->id = p->manifest.id ? p->manifest.id : next;
	}
	return 0;
}

static int by_boot_order(const void *a, const void *b)
{
	const struct partition *p = a, *q = b;

	if (p->manifest.boot_order != q->manifest.boot_order)
		return p->manifest.boot_order < q->manifest.boot_order ? -1 : 1;
	return strcmp(p->name, q->name);
}

static int read_config(const struct spm_config *config, struct spm_failure *why)
{
	if (config->partition_count > SPM_PARTITION_MAX)
		return fail(why, -E2BIG, "%zu partitions are asked for, at most %u can be",
			    config->partition_count, SPM_PARTITION_MAX);
	spm_partition_count = 0;
	for (size_t i = 0; i < config->partition_count; i++) {
		const struct spm_partition_config *from = &config->partitions[i];
		struct partition *p = &spm_partitions[spm_partition_count];

		memset(p, 0, sizeof(*p));
		p->log_fd = -1;
		p->socket_fd = -1;
		if (strlen(from->name) >= sizeof(p->name) ||
		    strlen(from->program) >= sizeof(p->program))
			return fail(why, -ENAMETOOLONG,
				    "partition %.64s: its name or path is too long", from->name);
		strcpy(p->name, from->name);
		strcpy(p->program, from->program);
		p->version = FFA_VERSION_1_1;
		if (!manifest_read(p->program, &p->manifest))
			spm_partition_count++;
	}
	qsort(spm_partitions, spm_partition_count, sizeof(spm_partitions[0]), by_boot_order);
	return give_ids(why);
}

/* Adds the partition's program and its manifest. */
static int measure_partition(struct measure_log *log, const struct partition *p)
{
	char path[sizeof(p->program) + 8], name[NAME_LEN + 8];
	int err = measure_file(log, p->program, p->name);

	snprintf(path, sizeof(path), "%s.dtb", p->program);
	snprintf(name, sizeof(name), "%s.dtb", p->name);
	return err ? err : measure_file(log, path, name);
}

/*
 * Measures all that the world consists of, if anybody wants to know. 0 with *@log, which is
 * NULL if nobody does.
 */
static int measure(struct measure_log **log, struct spm_failure *why)
{
	bool wanted = false;
	int err;

	*log = NULL;
	for (size_t i = 0; i < spm_partition_count; i++)
		wanted = wanted || spm_partitions[i].manifest.wants_log;
	if (!wanted)
		return 0;
	*log = measure_open();
	if (!*log)
		return fail(why, -ENOMEM, "out of memory");
	err = measure_file(*log, "/proc/self/exe", "world");
	for (size_t i = 0; i < spm_partition_count && !err; i++)
		err = measure_partition(*log, &spm_partitions[i]);
	if (err) {
		fail(why, err, "the programs of the world can't be measured: %s", strerror(-err));
		measure_close(*log);
	}
	return err;
}

static int boot(struct partition *p)
{
	char why[CONSOLE_LEN];
	int err = 0;

	pthread_mutex_lock(&spm_lock);
	if (access(p->program, X_OK))
		err = -errno;
	else
		err = process_start(p, launch.state_fd, launch.log, launch.debug);
	pthread_mutex_unlock(&spm_lock);
	if (err) {
		partition_report("partition %s (%s) can't be started: %s", p->name, p->program,
				 strerror(-err));
		return err;
	}
	if (message_boot(p, BOOT_MS, spm_handle))
		return 0;
	console_last_line(p, launch.state_fd, why, sizeof(why));
	partition_report("partition %s did not start: %s%s%s/log in the state directory", p->name,
			 why, *why ? "; see " : "see ", p->name);
	process_kill(p);
	return -EIO;
}

int spm_start(const struct spm_config *config, struct spm_failure *why)
{
	int err;

	partition_reset();
	err = read_config(config, why);

	launch.state_fd = config->state_fd;
	launch.debug = config->debug;
	if (!err)
		err = measure(&launch.log, why);
	if (err)
		return err;
	observe = config->observe;
	for (size_t i = 0; i < spm_partition_count; i++)
		boot(&spm_partitions[i]);
	return 0;
}

/* Whether its process, and the thread that ran it, have come to their ends. */
static bool has_ended(const struct partition *p)
{
	bool ended;

	pthread_mutex_lock(&spm_lock);
	ended = !p->pid && p->state == PARTITION_DEAD;
	pthread_mutex_unlock(&spm_lock);
	return ended;
}

int spm_end(size_t partition, unsigned int ms, struct spm_failure *why)
{
	const struct timespec pause = { .tv_nsec = END_POLL_MS * 1000000L };
	struct partition *p = &spm_partitions[partition];
	const uint64_t deadline = spm_now_ns() + ms * UINT64_C(1000000);

	pthread_mutex_lock(&spm_lock);
	p->restarting = true;
	p->restart_due = false;
	if (p->pid)
		kill(p->pid, SIGKILL);
	pthread_mutex_unlock(&spm_lock);

	while (!has_ended(p)) {
		if (spm_now_ns() < deadline) {
			nanosleep(&pause, NULL);
			continue;
		}
		pthread_mutex_lock(&spm_lock);
		p->restarting = false;
		p->restart_due = p->manifest.abort_action == ABORT_RESTART;
		pthread_mutex_unlock(&spm_lock);
		return fail(why, -EBUSY,
			    "partition %s was ended in a call of another partition that does not "
			    "answer; restart that one first",
			    p->name);
	}
	return 0;
}

/* What the next one must not find of the last. Nobody else is at the partition. */
static void clean(struct partition *p)
{
	memory_forget(p);
	process_release(p);
	p->mailbox = (struct mailbox){ 0 };
	p->crash_next = false;
	p->died_idle = false;
	p->destroyed = false;
	p->restart_due = false;
	p->given_up = false;
	p->in_request = false;
	p->version = FFA_VERSION_1_1;
	p->called = 0;
	p->channel = NULL;
	p->socket_fd = -1;
	p->log_fd = -1;
	p->pages = NULL;
	p->page_count = 0;
	p->console_len = 0;
	atomic_store(&p->gone, false);
}

int spm_start_again(size_t partition, struct spm_failure *why)
{
	struct partition *p = &spm_partitions[partition];
	int err;

	pthread_mutex_lock(&spm_lock);
	clean(p);
	pthread_mutex_unlock(&spm_lock);

	partition_report_to(why);
	err = boot(p);
	partition_report_to(NULL);

	pthread_mutex_lock(&spm_lock);
	p->restarting = false;
	pthread_mutex_unlock(&spm_lock);
	return err;
}

size_t spm_restart_due(void)
{
	size_t i = 0;

	pthread_mutex_lock(&spm_lock);
	while (i < spm_partition_count && !spm_partitions[i].restart_due)
		i++;
	if (i < spm_partition_count)
		spm_partitions[i].restart_due = false;
	else
		i = SPM_PARTITION_MAX;
	pthread_mutex_unlock(&spm_lock);
	return i;
}

void spm_forget_deaths(size_t partition)
{
	pthread_mutex_lock(&spm_lock);
	spm_partitions[partition].restarts = 0;
	pthread_mutex_unlock(&spm_lock);
}

void spm_stop(void)
{
	for (size_t i = 0; i < spm_partition_count; i++)
		process_kill(&spm_partitions[i]);
	memory_stop();
	for (size_t i = 0; i < spm_partition_count; i++)
		process_release(&spm_partitions[i]);
	spm_partition_count = 0;
	measure_close(launch.log);
	launch.log = NULL;
}
