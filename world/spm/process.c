// SPDX-License-Identifier: BSD-3-Clause
/*
 * Partitions as processes (tstee/partition_process.h): starting them with what is theirs and
 * nothing else, handing registers back and forth, and noticing their end.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <world/nothing.h>

#define ERASED		0xff
#define POLL_MS		20
#define FIRST_REGION_FD (PARTITION_SOCKET_FD + 1)

static __thread uint64_t deadline_ns; /* 0: none */

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static int write_erased(int fd, uint64_t len)
{
	uint8_t block[65536];

	memset(block, ERASED, sizeof(block));
	while (len) {
		const size_t part = len < sizeof(block) ? (size_t)len : sizeof(block);
		const ssize_t done = write(fd, block, part);

		if (done <= 0)
			return done ? -errno : -EIO;
		len -= (uint64_t)done;
	}
	return 0;
}

/* A new state file appears when it is complete. */
static int create_region(int dir_fd, const char *file, uint64_t len)
{
	char temporary[NAME_LEN + 16];
	int fd, err;

	snprintf(temporary, sizeof(temporary), "%s.new", file);
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_erased(fd, len);
	if (!err && fsync(fd))
		err = -errno;
	close(fd);
	if (!err && renameat(dir_fd, temporary, dir_fd, file))
		err = -errno;
	if (err)
		unlinkat(dir_fd, temporary, 0);
	return err;
}

static int open_region(const struct partition *p, int dir_fd, const struct spm_region *region)
{
	char file[NAME_LEN + 8];
	struct stat st;
	int fd, err;

	snprintf(file, sizeof(file), "%s.img", region->name);
	if (faccessat(dir_fd, file, F_OK, 0)) {
		err = create_region(dir_fd, file, region->len);
		if (err) {
			partition_report("%s/%s can't be made: %s", p->name, file, strerror(-err));
			return err;
		}
	}
	fd = openat(dir_fd, file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st)) {
		err = -errno;
		partition_report("%s/%s: %s", p->name, file, strerror(-err));
	} else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != region->len) {
		err = -EINVAL;
		partition_report("%s/%s is not a file of %llu bytes, as the manifest wants",
				 p->name, file, (unsigned long long)region->len);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int make_channel(struct partition *p)
{
	int fd = memfd_create("partition", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *channel;
	int err;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, PARTITION_CHANNEL_LEN) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		goto err_close;
	channel = mmap(NULL, PARTITION_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (channel == MAP_FAILED)
		goto err_close;
	p->channel = channel;
	return fd;

err_close:
	err = -errno;
	close(fd);
	return err;
}

/* What the child is started with. */
struct launch {
	const struct partition *p;
	pid_t parent;
	int fds[PARTITION_SOCKET_FD + 1 + REGION_MAX + 1]; /* by number in the child */
	int fd_count;
	char arguments[REGION_MAX + 4][NAME_LEN + 48];
	int argument_count;
};

/*
 * The child's part. Only what a signal handler may call: the world may have other threads.
 * Descriptors go above their final places first, lest one is overwritten before it is moved.
 */
static _Noreturn void launch(struct launch *launch)
{
	char *argv[REGION_MAX + 6] = { (char *)launch->p->name };
	static char *const empty[] = { NULL };
	int moved[PARTITION_SOCKET_FD + 1 + REGION_MAX + 1];
	sigset_t none;

	/* Of the terminal's signals only the world takes notice. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != launch->parent)
		_exit(126);
	for (int i = 0; i < launch->fd_count; i++) {
		moved[i] = fcntl(launch->fds[i], F_DUPFD_CLOEXEC, 64);
		if (moved[i] < 0)
			_exit(126);
	}
	for (int i = 0; i < launch->fd_count; i++)
		if (dup2(moved[i], i) != i)
			_exit(126);
	syscall(SYS_close_range, (unsigned int)launch->fd_count, ~0u, 0);
	for (int i = 0; i < launch->argument_count; i++)
		argv[1 + i] = launch->arguments[i];
	execve(launch->p->program, argv, empty);
	_exit(127);
}

/* The child finds the file @fd, which is the launch's from now on, as @name. */
static void launch_add(struct launch *launch, const char *name, int fd, uint64_t len)
{
	snprintf(launch->arguments[launch->argument_count++], sizeof(launch->arguments[0]),
		 "%s=%d:%llu", name, launch->fd_count, (unsigned long long)len);
	launch->fds[launch->fd_count++] = fd;
}

/* Tells the child which clients may import keys, if the manifest names any. */
static void launch_add_importers(struct launch *launch, const struct manifest *manifest)
{
	char *argument = launch->arguments[launch->argument_count];
	const size_t size = sizeof(launch->arguments[0]);
	size_t len = (size_t)snprintf(argument, size, PARTITION_KEY_IMPORTERS);

	static_assert(sizeof(PARTITION_KEY_IMPORTERS) + PARTITION_KEY_IMPORTER_MAX * 11 <=
			      sizeof(launch->arguments[0]),
		      "the list fits");
	for (int i = 0; i < manifest->importer_count; i++)
		len += (size_t)snprintf(argument + len, size - len, "%c%u", i ? ',' : '=',
					manifest->importers[i]);
	launch->argument_count += manifest->importer_count != 0;
}

int process_start(struct partition *p, int state_fd, const struct measure_log *log, bool debug)
{
	struct launch how = { .p = p, .parent = getpid(), .fd_count = FIRST_REGION_FD };
	int pair[2] = { -1, -1 };
	int dir_fd, fd, err = 0;
	size_t log_len;

	for (size_t i = 0; i < sizeof(how.fds) / sizeof(how.fds[0]); i++)
		how.fds[i] = -1;
	p->log_fd = -1;
	p->socket_fd = -1;
	if (mkdirat(state_fd, p->name, 0700) && errno != EEXIST)
		return -errno;
	dir_fd = openat(state_fd, p->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir_fd < 0)
		return -errno;

	err = p->log_fd = console_open(dir_fd);
	if (err < 0)
		goto out;
	how.fds[0] = how.fds[1] = nothing_open();
	/* For sanitizers alone: all others are kept from writing. */
	how.fds[2] = fcntl(p->log_fd, F_DUPFD_CLOEXEC, 0);
	err = fd = make_channel(p);
	if (err < 0)
		goto out;
	how.fds[PARTITION_CHANNEL_FD] = fd;
	if (how.fds[1] < 0 || how.fds[2] < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		err = -errno;
		goto out;
	}
	p->socket_fd = pair[0];
	how.fds[PARTITION_SOCKET_FD] = pair[1];
	for (size_t i = 0; i < p->manifest.region_count; i++) {
		const struct spm_region *region = &p->manifest.regions[i];

		err = fd = open_region(p, dir_fd, region);
		if (err < 0)
			goto out;
		launch_add(&how, region->name, fd, region->len);
	}
	launch_add_importers(&how, &p->manifest);
	if (p->manifest.has_lifecycle)
		snprintf(how.arguments[how.argument_count++], sizeof(how.arguments[0]),
			 PARTITION_LIFECYCLE "=%u", p->manifest.lifecycle);
	if (p->manifest.wants_log) {
		err = fd = measure_file_descriptor(log, &log_len);
		if (err < 0)
			goto out;
		launch_add(&how, PARTITION_EVENT_LOG, fd, log_len);
	}

	if (debug)
		strcpy(how.arguments[how.argument_count++], PARTITION_DEBUG);

	err = fd = fork();
	if (!fd)
		launch(&how);
	if (fd < 0)
		err = -errno;
	else
		p->pid = fd;
out:
	for (int i = 1; i < how.fd_count; i++)
		if (how.fds[i] >= 0)
			close(how.fds[i]);
	close(dir_fd);
	return err < 0 ? err : 0;
}

/* 0: it has ended. */
static int process_id(const struct partition *p)
{
	int pid;

	pthread_mutex_lock(&spm_lock);
	pid = p->pid;
	pthread_mutex_unlock(&spm_lock);
	return pid;
}

void process_kill(struct partition *p)
{
	/* Others may see its end first. */
	const int pid = process_id(p);
	int status;

	if (!pid)
		return;
	kill(pid, SIGKILL);
	/* Unless somebody else waits for all children. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&spm_lock);
	p->pid = 0;
	pthread_mutex_unlock(&spm_lock);
}

void process_release(struct partition *p)
{
	for (size_t i = 0; i < p->page_count; i++)
		close(p->pages[i].fd);
	free(p->pages);
	if (p->channel)
		munmap(p->channel, PARTITION_CHANNEL_LEN);
	if (p->socket_fd >= 0)
		close(p->socket_fd);
	if (p->log_fd >= 0)
		close(p->log_fd);
}

/*
 * Whoever finds the process gone changes the futex too, so that a thread which was about to wait
 * looks again.
 */
static void mark_gone(struct partition *p)
{
	atomic_store(&p->gone, true);
	__atomic_fetch_add(&p->channel->called, 1, __ATOMIC_SEQ_CST);
	futex(&p->channel->called, FUTEX_WAKE, INT32_MAX, NULL);
}

static void log_end(struct partition *p, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		console_line(p, "partition 0x%04x: killed by signal %d (%s)", p->id,
			     WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
	else
		console_line(p, "partition 0x%04x: ended with status %d", p->id,
			     WEXITSTATUS(wait_status));
}

static void log_given_up(struct partition *p)
{
	char line[CONSOLE_LEN];

	snprintf(line, sizeof(line),
		 "partition 0x%04x (%s) was restarted %u times in %u s: it stays dead now", p->id,
		 p->name, SPM_RESTARTS_MAX, SPM_RESTARTS_S);
	console_line(p, "%s", line);
	fprintf(stderr, "spm: %s\n", line);
}

void process_died(struct partition *p)
{
	/* Whoever starts it anew sees to it. */
	if (p->restarting || (p->manifest.abort_action != ABORT_DESTROY && !p->given_up))
		return;
	p->destroyed = true;
	memory_forget(p);
}

/* With the lock. Whether the partition, which has died, is to be started anew, and isn't for having died too often. */
static void judge_death(struct partition *p)
{
	const uint64_t now = spm_now_ns();
	uint64_t *oldest = &p->restarts_ns[p->restarts % SPM_RESTARTS_MAX];

	/* One that dies at its start would do so again. */
	p->restart_due = p->manifest.abort_action == ABORT_RESTART && !p->restarting &&
			 p->state != PARTITION_DEAD;
	if (!p->restart_due)
		return;
	if (p->restarts >= SPM_RESTARTS_MAX &&
	    now - *oldest < SPM_RESTARTS_S * UINT64_C(1000000000)) {
		p->restart_due = false;
		p->given_up = true;
		return;
	}
	*oldest = now;
	p->restarts++;
}

bool spm_reap(int pid, int wait_status)
{
	struct partition *p = NULL;

	pthread_mutex_lock(&spm_lock);
	for (size_t i = 0; i < spm_partition_count; i++)
		if (spm_partitions[i].pid == pid)
			p = &spm_partitions[i];
	if (p) {
		p->pid = 0;
		judge_death(p);
		if (p->state == PARTITION_WAITING || p->state == PARTITION_BLOCKED) {
			p->state = PARTITION_DEAD;
			p->died_idle = true;
			process_died(p);
		}
		mark_gone(p);
		/* Under the lock: afterwards it may be started again, with another log. */
		log_end(p, wait_status);
		if (p->given_up)
			log_given_up(p);
	}
	pthread_mutex_unlock(&spm_lock);
	return p;
}

/* True: there is a call in @regs. @timeout is NULL, or how long to wait; then *@late says so. */
static bool next_call(struct partition *p, struct ffa_regs *regs, const struct timespec *timeout,
		      bool *late)
{
	uint32_t *word = &p->channel->called;
	uint32_t called;

	for (;;) {
		called = __atomic_load_n(word, __ATOMIC_SEQ_CST);
		if (atomic_load(&p->gone))
			return false;
		if (called != p->called)
			break;
		if (futex(word, FUTEX_WAIT, called, timeout) && errno == ETIMEDOUT) {
			*late = true;
			return false;
		}
	}
	p->called = called;
	*regs = p->channel->regs;
	return true;
}

/* While the world starts nobody else waits for children. */
static bool next_boot_call(struct partition *p, struct ffa_regs *regs)
{
	const struct timespec step = { .tv_nsec = POLL_MS * 1000000L };
	int status, pid;
	bool late;

	while (spm_now_ns() < deadline_ns) {
		late = false;
		if (next_call(p, regs, &step, &late))
			return true;
		if (!late)
			return false;
		pid = process_id(p);
		if (pid && waitpid(pid, &status, WNOHANG) == pid)
			spm_reap(pid, status);
	}
	console_line(p, "partition 0x%04x: does not wait for messages in time", p->id);
	return false;
}

void process_set_deadline(unsigned int ms)
{
	deadline_ns = ms ? spm_now_ns() + ms * UINT64_C(1000000) : 0;
}

bool process_first_call(struct partition *p, struct ffa_regs *regs)
{
	if (deadline_ns)
		return next_boot_call(p, regs);
	return next_call(p, regs, NULL, NULL);
}

bool process_exchange(struct partition *p, struct ffa_regs *regs)
{
	p->channel->regs = *regs;
	__atomic_store_n(&p->channel->answered, p->called, __ATOMIC_SEQ_CST);
	futex(&p->channel->answered, FUTEX_WAKE, 1, NULL);
	return process_first_call(p, regs);
}
