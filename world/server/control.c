// SPDX-License-Identifier: BSD-3-Clause
/* Control connections: owns the faults, traces and statistics that they ask for. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <tstee/world.h>
#include <unistd.h>
#include <world/conduit_control.h>
#include <world/linux/kernel.h>
#include <world/message.h>
#include <world/spm/spm.h>

#include "control.h"
#include "drop.h"
#include "restart.h"

/* How many faults and traces together one connection can have. */
#define HELD_MAX 16

struct held {
	void *fault;
	void *trace;
	int fd; /* the trace's; else -1 */
};

struct control {
	int socket_fd;
	const struct identity *peer;
	void *stats;
	struct held held[HELD_MAX];
	size_t held_count;
	bool keeps_socket; /* for a trace */
	size_t restarting; /* the partition whose restart it waits for, or SPM_PARTITION_MAX */
};

/* Text that is cut where its room ends. */
struct text {
	char *at;
	size_t size;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at + text->len, text->size - text->len, format, args);
	va_end(args);
	if (len > 0)
		text->len += (size_t)len < text->size - text->len ? (size_t)len :
								    text->size - text->len - 1;
}

/* Names of files may hold anything but zeros. */
static void put_string(struct text *text, const char *string)
{
	put(text, "\"");
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\')
			put(text, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			put(text, "\\u%04x", c);
		else
			put(text, "%c", c);
	}
	put(text, "\"");
}

static const char *partition_name(uint16_t endpoint_id)
{
	struct spm_partition_info info;

	for (size_t i = 0; spm_partition(i, &info); i++) {
		if (info.endpoint_id == endpoint_id)
			return info.name;
	}
	return "";
}

static void print_json(struct text *text, const struct world_facts *facts)
{
	struct spm_partition_info partition;
	struct world_device_info device;
	const char *comma = "";

	put(text, "{\"pid\": %d, \"state\": ", (int)getpid());
	put_string(text, facts->state);
	put(text, ", \"devices\": [");
	for (unsigned int i = 0; i < WORLD_DEVICES_MAX; i++) {
		if (!world_device(i, &device))
			continue;
		put(text,
		    "%s{\"device\": \"/dev/tee%u\", \"endpoint_id\": \"0x%04x\", \"name\": ", comma,
		    i, device.endpoint_id);
		put_string(text, partition_name(device.endpoint_id));
		put(text, ", \"state\": ");
		put_string(text, device.state);
		put(text, "}");
		comma = ", ";
	}
	comma = "";
	put(text, "], \"partitions\": [");
	for (size_t i = 0; spm_partition(i, &partition); i++) {
		put(text, "%s{\"name\": ", comma);
		put_string(text, partition.name);
		put(text, ", \"endpoint_id\": \"0x%04x\", \"pid\": ", partition.endpoint_id);
		if (partition.pid)
			put(text, "%d}", partition.pid);
		else
			put(text, "null}");
		comma = ", ";
	}
	put(text, "], \"clients\": %zu, \"open_files\": %zu, \"channels\": %zu}\n", facts->clients,
	    facts->contexts, facts->channels);
}

static void print_lines(struct text *text, const struct world_facts *facts)
{
	struct spm_partition_info partition;
	struct world_device_info device;

	put(text, "world:     process %d, state in %s\n", (int)getpid(), facts->state);
	for (size_t i = 0; spm_partition(i, &partition); i++) {
		put(text, "partition: %s, endpoint 0x%04x, ", partition.name,
		    partition.endpoint_id);
		if (partition.pid)
			put(text, "process %d\n", partition.pid);
		else
			put(text, "dead; see %s/%s/log\n", facts->state, partition.name);
	}
	for (unsigned int i = 0; i < WORLD_DEVICES_MAX; i++) {
		if (world_device(i, &device))
			put(text, "device:    /dev/tee%u, endpoint 0x%04x, %s\n", i,
			    device.endpoint_id, device.state);
	}
	put(text, "clients:   %zu, with %zu open files\n", facts->clients, facts->contexts);
}

/* A place for a fault or a trace, or NULL with the reason in @reply. */
static struct held *hold(struct control *control, struct world_reply *reply)
{
	if (control->held_count < HELD_MAX)
		return &control->held[control->held_count];
	reply->error = -ENOSPC;
	snprintf(reply->text, sizeof(reply->text), "more than %d faults and traces at a time",
		 HELD_MAX);
	return NULL;
}

static void set_fault(struct control *control, const char *spec, struct world_reply *reply)
{
	struct held *held = hold(control, reply);

	if (!held)
		return;
	*held = (struct held){ .fd = -1 };
	reply->error = world_fault_set(spec, reply->text, sizeof(reply->text), &held->fault);
	if (!reply->error)
		control->held_count++;
}

static void set_trace(struct control *control, const char *options, int *fd,
		      struct world_reply *reply)
{
	struct held *held = hold(control, reply);
	struct stat st;

	if (!held)
		return;
	if (*fd < 0) {
		reply->error = -EBADF;
		snprintf(reply->text, sizeof(reply->text), "a trace needs a descriptor");
		return;
	}
	*held = (struct held){ .fd = *fd };
	reply->error =
		world_trace_start(*fd, options, reply->text, sizeof(reply->text), &held->trace);
	if (reply->error)
		return;
	control->held_count++;
	control->keeps_socket |= !fstat(*fd, &st) && S_ISSOCK(st.st_mode);
	*fd = -1;
}

static bool list_partitions(struct text *text)
{
	struct spm_partition_info info;
	size_t i;

	for (i = 0; spm_partition(i, &info); i++)
		put(text, "%s%s", i ? ", " : "", info.name);
	return i;
}

/* The answer to one that is begun comes later. */
static void start_restart(struct control *control, const char *name, struct world_reply *reply)
{
	struct text text = { .at = reply->text, .size = sizeof(reply->text) };
	struct spm_partition_info info;
	size_t i = 0;

	while (spm_partition(i, &info) && strcmp(info.name, name))
		i++;
	if (!spm_partition(i, &info)) {
		reply->error = -ENOENT;
		put(&text, "there is no partition '%.64s'; there are: ", name);
		if (!list_partitions(&text))
			put(&text, "none");
		return;
	}
	reply->error = restart_begin(i);
	if (reply->error == -EALREADY)
		put(&text, "partition %s is being restarted already", name);
	else if (!reply->error)
		control->restarting = i;
}

bool control_keeps_socket(const struct control *control)
{
	return control->keeps_socket;
}

bool control_waits(const struct control *control)
{
	return control->restarting != SPM_PARTITION_MAX;
}

static int send_reply(struct control *control, const struct world_reply *reply, size_t text_len)
{
	return message_send(control->socket_fd, reply,
			    offsetof(struct world_reply, text) + text_len, -1, MSG_DONTWAIT);
}

bool control_answer(struct control *control)
{
	struct world_reply reply;
	struct spm_failure why;

	if (!restart_result(control->restarting, &reply.error, &why))
		return false;
	control->restarting = SPM_PARTITION_MAX;
	strcpy(reply.text, why.text);
	/* If this fails the client has hung up, which will be seen. */
	send_reply(control, &reply, strlen(reply.text));
	return true;
}

static bool allowed(const struct control *control, uint32_t op)
{
	switch (op) {
	case WORLD_STOP:
	case WORLD_RESTART:
	case WORLD_SET_FAULT:
	case WORLD_SET_TRACE:
		return !control->peer->euid || control->peer->euid == geteuid();
	default:
		return true;
	}
}

/* Text of the reply that isn't an error's is in @text. */
static void serve(struct control *control, const struct world_facts *facts,
		  const struct world_command *command, int *fd, struct world_reply *reply,
		  struct text *text, bool *stop)
{
	int len;

	if (!allowed(control, command->op)) {
		reply->error = -EPERM;
		snprintf(reply->text, sizeof(reply->text),
			 "only user %u, whose world it is, and root may do that",
			 (unsigned int)geteuid());
		return;
	}
	switch (command->op) {
	case WORLD_GET_STATUS:
		if (!strcmp(command->text, "json"))
			print_json(text, facts);
		else
			print_lines(text, facts);
		break;
	case WORLD_STOP:
		*stop = true;
		break;
	case WORLD_RESTART:
		start_restart(control, command->text, reply);
		break;
	case WORLD_SET_FAULT:
		set_fault(control, command->text, reply);
		break;
	case WORLD_SET_TRACE:
		set_trace(control, command->text, fd, reply);
		break;
	case WORLD_GET_STATS:
		reply->error = control->stats ? 0 : -ENOMEM;
		if (!reply->error)
			world_stats_print(control->stats, reply->text, sizeof(reply->text));
		text->len = strlen(reply->text);
		break;
	case WORLD_GET_PROGRAMS:
		len = partitions_print(facts->partitions, reply->text, sizeof(reply->text));
		reply->error = len < 0 ? len : 0;
		text->len = len < 0 ? 0 : (size_t)len;
		break;
	case WORLD_GET_REPORTS:
		put(text, "%s", spm_reports());
		break;
	default:
		reply->error = -EOPNOTSUPP;
		snprintf(reply->text, sizeof(reply->text),
			 "the world knows no command %u; it is of another version", command->op);
		break;
	}
}

struct control *control_create(int socket_fd, const struct identity *peer)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return NULL;
	control->socket_fd = socket_fd;
	control->peer = peer;
	control->stats = world_stats_begin();
	control->restarting = SPM_PARTITION_MAX;
	return control;
}

void control_free(struct control *control)
{
	for (size_t i = 0; i < control->held_count; i++) {
		world_fault_clear(control->held[i].fault);
		world_trace_stop(control->held[i].trace);
		if (control->held[i].fd >= 0)
			drop_add(control->held[i].fd, control->peer->euid);
	}
	world_stats_end(control->stats);
	if (control_waits(control))
		restart_forget(control->restarting);
	free(control);
}

int control_serve(struct control *control, const struct world_facts *facts, bool *stop)
{
	const size_t head = offsetof(struct world_command, text);
	/* Too large for a stack; there is one watcher. */
	static struct world_command command;
	static struct world_reply reply;
	struct text text = { .at = reply.text, .size = sizeof(reply.text) };
	/* Nobody else has reason to send one. */
	const bool takes_fd = allowed(control, WORLD_SET_TRACE);
	int fd = -1, err;
	ssize_t len;

	len = message_receive(control->socket_fd, &command, sizeof(command), takes_fd ? &fd : NULL,
			      MSG_DONTWAIT);
	if (len == -EAGAIN)
		return 0;
	if (len <= 0)
		return len ? (int)len : -ENODEV;
	/* With room for a final NUL. */
	if ((size_t)len < head || (size_t)len >= sizeof(command)) {
		err = -EMSGSIZE;
		goto close;
	}
	command.text[(size_t)len - head] = '\0';
	reply.error = 0;
	reply.text[0] = '\0';
	serve(control, facts, &command, &fd, &reply, &text, stop);
	if (reply.error)
		text.len = strlen(reply.text);
	err = control_waits(control) ? 0 : send_reply(control, &reply, text.len);
close:
	if (fd >= 0)
		drop_add(fd, control->peer->euid);
	return err;
}
