/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the SPM core. Its files call each other downwards only: spm.c, message.c, process.c, memory.c,
 * console.c and manifest.c, partition.c. One lock, spm_lock, protects what partitions and shares are; it is never
 * held while a partition runs. What belongs to a running partition (its channel, its console)
 * belongs to the thread that runs it.
 */
#ifndef WORLD_SPM_INTERNAL_H
#define WORLD_SPM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <tstee/partition_process.h>
#include <world/spm/measure.h>
#include <world/spm/spm.h>

#define UUID_WORDS	 4
#define UUID_MAX	 4
#define REGION_MAX	 4
#define NAME_LEN	 32
#define CONSOLE_LEN	 256
#define ID_NOT_IN_DEMAND 0

/* A device region of a manifest that can be written: a state file. */
struct spm_region {
	char name[NAME_LEN];
	uint64_t len; /* bytes */
};

/* What becomes of a partition that died: abort-action of a manifest (FF-A v1.3, TF-A's binding). */
enum abort_action {
	ABORT_STOP,    /* it stays as it was, with all that it has */
	ABORT_DESTROY, /* what it had is given back; it is none of the partitions any more */
	ABORT_RESTART, /* it is to be started anew */
};

struct manifest {
	uint32_t uuids[UUID_MAX][UUID_WORDS]; /* as FFA_PARTITION_INFO_GET has them in registers */
	size_t uuid_count;
	uint32_t boot_order;
	uint32_t messaging; /* FFA_RECEIVES_DIRECT_REQ and so on */
	uint32_t version;   /* of FF-A */
	uint16_t id;	    /* that it asks for, or ID_NOT_IN_DEMAND */
	bool wants_log;	    /* of what was measured */
	enum abort_action abort_action;
	uint32_t importers[PARTITION_KEY_IMPORTER_MAX];
	int importer_count;
	uint32_t lifecycle;
	bool has_lifecycle;
	size_t region_count;
	struct spm_region regions[REGION_MAX];
};

enum partition_state {
	PARTITION_DEAD, /* or never started */
	PARTITION_WAITING,
	PARTITION_RUNNING,
	PARTITION_BLOCKED, /* by itself, in a request: its caller is to let it go on */
};

/* What an endpoint of either world hands over by FFA_RXTX_MAP. */
struct mailbox {
	const uint8_t *tx; /* NULL: not mapped */
	uint8_t *rx;
	bool rx_full; /* belongs to the endpoint until it releases it */
};

/* A page of a partition that it can share. */
struct own_page {
	uint64_t address; /* in the partition */
	int fd;
};

struct partition {
	char name[NAME_LEN];
	char program[4096];
	uint16_t id;
	struct manifest manifest;

	/* Under spm_lock. */
	enum partition_state state;
	struct mailbox mailbox;
	uint32_t version; /* that it has agreed on */
	int pid;	  /* 0: no process */
	bool crash_next;
	bool died_idle;	 /* and nobody has been told */
	bool restarting; /* the normal world is told that it died */
	bool destroyed;	 /* by its abort-action, after it died */
	bool restart_due;
	bool given_up; /* it died too often to be restarted */
	unsigned int restarts;
	uint64_t restarts_ns[SPM_RESTARTS_MAX]; /* when; the last ones */

	/* Set once, by whoever finds the process gone. */
	atomic_bool gone;

	/* Of the thread that runs it. */
	uint16_t caller; /* waits for its response, if in_request */
	bool in_request;
	bool request2; /* in the form of FF-A v1.2 */
	struct partition_channel *channel;
	uint32_t called; /* value of the channel's when last looked at */
	int socket_fd;
	int log_fd;
	struct own_page *pages;
	size_t page_count;
	char console[CONSOLE_LEN];
	size_t console_len;
};

extern pthread_mutex_t spm_lock;
extern struct partition spm_partitions[SPM_PARTITION_MAX]; /* in boot order */
extern size_t spm_partition_count;

/* --- partition.c --- */

struct partition *spm_find(uint16_t id); /* one that ever lived, or NULL */
struct mailbox *spm_mailbox(uint16_t id);
uint32_t *spm_version(uint16_t id); /* that was agreed on with it */
void partition_reset(void);	    /* before a new start */
void spm_error(struct ffa_regs *regs, enum ffa_status status);
void spm_success(struct ffa_regs *regs, uint32_t w2, uint32_t w3);
uint64_t spm_now_ns(void); /* CLOCK_MONOTONIC */

/* A line about a partition that didn't start: on stderr, and kept. */
void partition_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The calling thread's reports go to @why from now on; NULL: to spm_reports() again. */
void partition_report_to(struct spm_failure *why);

/* --- manifest.c: reads PROGRAM.dtb. 0 or a negative errno, which is reported. --- */

int manifest_read(const char *program, struct manifest *manifest);

/* --- console.c --- */

int console_open(int state_dir_fd);
void console_log(struct partition *p, struct ffa_regs *regs);
void console_line(struct partition *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The last line in the partition's log, "" if there is none; cut to @size bytes. */
void console_last_line(const struct partition *p, int state_fd, char *line, size_t size);

/* --- process.c --- */

/*
 * @log is for partitions that want it. The process ends with the calling thread. With the lock,
 * if there are other threads: they must not reap it before it is known.
 */
int process_start(struct partition *p, int state_fd, const struct measure_log *log, bool debug);
void process_kill(struct partition *p);
void process_release(struct partition *p);

/*
 * Until when partitions that run in the calling thread have time for a call, and how long from
 * now that is; 0: for ever.
 */
void process_set_deadline(unsigned int ms);

/*
 * Hands @regs to the partition as the result of its last call, and waits for its next, which
 * @regs receive. False: its process is gone, or the deadline is over.
 */
bool process_exchange(struct partition *p, struct ffa_regs *regs);

/* The same for the first call, which nothing came before. */
bool process_first_call(struct partition *p, struct ffa_regs *regs);

/*
 * With the lock: it died after it had waited for messages, and nobody is in a call of it any more. Takes
 * from it all that it had, if its manifest wants that.
 */
void process_died(struct partition *p);

/* --- memory.c; called without the lock --- */

void memory_share(uint16_t caller, struct ffa_regs *regs);
void memory_retrieve(uint16_t caller, struct ffa_regs *regs);
void memory_relinquish(uint16_t caller, struct ffa_regs *regs);
void memory_reclaim(uint16_t caller, struct ffa_regs *regs);

/*
 * With the lock: the partition's process is gone, and all that it mapped. What it has shared is
 * given back when its borrower lets go.
 */
void memory_forget(const struct partition *p);
void memory_stop(void);

/* --- message.c; @handle makes the calls of partitions that run meanwhile --- */

typedef void spm_handler(uint16_t caller, struct ffa_regs *regs);

void message_request(uint16_t caller, struct ffa_regs *regs, spm_handler *handle);

/* FFA_RUN: a partition that blocked itself goes on. */
void message_run(uint16_t caller, struct ffa_regs *regs, spm_handler *handle);

/* Lets the partition run until it waits for messages. False: it died or didn't get so far. */
bool message_boot(struct partition *p, unsigned int ms, spm_handler *handle);

/* --- spm.c: makes a call of a partition or of the normal world --- */

spm_handler spm_handle;

#endif /* WORLD_SPM_INTERNAL_H */
