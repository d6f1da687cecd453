// SPDX-License-Identifier: BSD-3-Clause
/*
 * Restarts of partitions: owns the thread that does them, one after the other, and the table of
 * those that were asked for. Those that died and whose manifests want it come after these. The thread lives as long as the world, since partitions end with the
 * thread that has started them.
 */
#include <errno.h>
#include <linux/tee.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <world/linux/kernel.h>

#include "restart.h"

/* For the thread that a partition runs in to find its process gone. */
#define END_MS	  3000

#define STACK_LEN (512u * 1024)

enum progress { NONE, ASKED, AT_WORK, OVER };

struct restart {
	enum progress progress;
	bool wanted; /* somebody will ask for the result */
	int err;
	struct spm_failure why;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool started;
	bool refuse;
	bool look;    /* for those that died */
	bool at_dead; /* starts one of them */
	struct restart restarts[SPM_PARTITION_MAX];
} table = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

/*
 * Has the driver ask the partition for a service, as a client would. So it learns that the
 * partition is dead, or that it isn't any more.
 */
static void ask_partition(uint16_t endpoint_id)
{
	struct tee_ioctl_open_session_arg arg = { .clnt_login = TEE_IOCTL_LOGIN_PUBLIC };
	const struct tee_ioctl_buf_data data = { .buf_len = sizeof(arg) };
	struct tee_file_call call = { .cmd = TEE_IOC_OPEN_SESSION,
				      .arg_len = sizeof(data),
				      .buf_len = sizeof(arg),
				      .fd = -1 };
	struct world_device_info device;
	struct tee_file *file;

	memcpy(call.arg, &data, sizeof(data));
	memcpy(call.buf, &arg, sizeof(arg));
	for (unsigned int i = 0; i < WORLD_DEVICES_MAX; i++) {
		if (!world_device(i, &device) || device.endpoint_id != endpoint_id ||
		    tee_file_open(i, &file))
			continue;
		tee_file_ioctl(file, &call);
		tee_file_release(file);
	}
}

static int restart(size_t partition, struct spm_failure *why)
{
	struct spm_partition_info info;
	int err;

	if (!spm_partition(partition, &info))
		return -ENOENT;
	err = spm_end(partition, END_MS, why);
	if (err)
		return err;
	/* Who has shared memory with it, or a session, must not take the next one for it. */
	ask_partition(info.endpoint_id);
	err = spm_start_again(partition, why);
	if (err)
		return err;
	world_kernel_rescan(info.endpoint_id);
	ask_partition(info.endpoint_id);
	return 0;
}

/* With the lock. SPM_PARTITION_MAX: none. */
static size_t next_asked(void)
{
	size_t i = 0;

	while (i < SPM_PARTITION_MAX && table.restarts[i].progress != ASKED)
		i++;
	return i;
}

static void finish(struct restart *done, int err, const struct spm_failure *why)
{
	done->err = err;
	done->why = *why;
	done->progress = done->wanted ? OVER : NONE;
}

/*
 * With the lock, which it lets go meanwhile: starts anew what died. Why that fails is on stderr, by the
 * SPM core; the partition is dead then, until somebody asks for it.
 */
static void restart_dead(void)
{
	struct spm_failure why;
	size_t i;

	while (table.look && !table.refuse) {
		table.look = false;
		table.at_dead = true;
		pthread_mutex_unlock(&table.lock);
		i = spm_restart_due();
		if (i < SPM_PARTITION_MAX)
			restart(i, &why);
		pthread_mutex_lock(&table.lock);
		table.at_dead = false;
		table.look |= i < SPM_PARTITION_MAX;
	}
}

static void *restart_thread(void *arg)
{
	struct spm_failure why;
	size_t i;
	int err;

	pthread_mutex_lock(&table.lock);
	for (;;) {
		i = next_asked();
		if (i == SPM_PARTITION_MAX) {
			restart_dead();
			if (next_asked() < SPM_PARTITION_MAX)
				continue;
			if (table.refuse)
				break;
			pthread_cond_wait(&table.changed, &table.lock);
			continue;
		}
		why.text[0] = '\0';
		if (table.refuse) {
			finish(&table.restarts[i], -ESHUTDOWN, &why);
			continue;
		}
		table.restarts[i].progress = AT_WORK;
		pthread_mutex_unlock(&table.lock);
		spm_forget_deaths(i);
		err = restart(i, &why);
		pthread_mutex_lock(&table.lock);
		finish(&table.restarts[i], err, &why);
	}
	pthread_mutex_unlock(&table.lock);
	return arg;
}

/* With the lock. */
static int start_thread(void)
{
	pthread_attr_t attr;
	int err;

	if (table.started)
		return 0;
	if (pthread_attr_init(&attr))
		return -ENOMEM;
	err = pthread_attr_setstacksize(&attr, STACK_LEN);
	if (!err)
		err = pthread_create(&table.thread, &attr, restart_thread, NULL);
	pthread_attr_destroy(&attr);
	table.started = !err;
	return -err;
}

int restart_begin(size_t partition)
{
	struct restart *asked = &table.restarts[partition];
	int err = 0;

	pthread_mutex_lock(&table.lock);
	if (table.refuse)
		err = -ESHUTDOWN;
	else if (asked->progress != NONE)
		err = -EALREADY;
	else
		err = start_thread();
	if (!err) {
		*asked = (struct restart){ .progress = ASKED, .wanted = true };
		pthread_cond_signal(&table.changed);
	}
	pthread_mutex_unlock(&table.lock);
	return err;
}

void restart_look(void)
{
	pthread_mutex_lock(&table.lock);
	if (!table.refuse && !start_thread()) {
		table.look = true;
		pthread_cond_signal(&table.changed);
	}
	pthread_mutex_unlock(&table.lock);
}

bool restart_result(size_t partition, int *err, struct spm_failure *why)
{
	struct restart *asked = &table.restarts[partition];
	bool over;

	pthread_mutex_lock(&table.lock);
	over = asked->progress == OVER;
	if (over) {
		*err = asked->err;
		*why = asked->why;
		asked->progress = NONE;
	}
	pthread_mutex_unlock(&table.lock);
	return over;
}

void restart_forget(size_t partition)
{
	struct restart *asked = &table.restarts[partition];

	pthread_mutex_lock(&table.lock);
	asked->wanted = false;
	if (asked->progress == OVER)
		asked->progress = NONE;
	pthread_mutex_unlock(&table.lock);
}

bool restart_pending(void)
{
	bool pending;

	pthread_mutex_lock(&table.lock);
	pending = table.at_dead;
	for (size_t i = 0; i < SPM_PARTITION_MAX; i++)
		pending |= table.restarts[i].progress != NONE;
	pthread_mutex_unlock(&table.lock);
	return pending;
}

void restart_refuse(void)
{
	pthread_mutex_lock(&table.lock);
	table.refuse = true;
	pthread_cond_signal(&table.changed);
	pthread_mutex_unlock(&table.lock);
}

void restart_stop(void)
{
	restart_refuse();
	if (table.started)
		pthread_join(table.thread, NULL);
}
