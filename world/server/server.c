// SPDX-License-Identifier: BSD-3-Clause
/*
 * The watcher of a world, its first thread: owns the connections, and sees to clients that come
 * and go, to partitions that die and to the end. It never calls a partition and never waits for
 * a client.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <tstee/share.h>
#include <unistd.h>
#include <world/conduit_control.h>
#include <world/linux/kernel.h>
#include <world/message.h>

#include "channel.h"
#include "context.h"
#include "control.h"
#include "drop.h"
#include "listener.h"
#include "partitions.h"
#include "restart.h"
#include "server.h"
#include "state.h"

/* Of all users. Each has a share (tstee/share.h); contexts have a limit of their own. */
#define CHANNELS_MAX 4096
#define OTHERS_MAX   1024

/* Of each kind so much is for the user whose world it is, and root: to end it, if for nothing else. */
#define RESERVE(total) ((total) / 64)

/* While something that gives no event is to be looked at again. */
#define LOOK_AGAIN_MS 10

/*
 * How long calls have to end by themselves when the world ends, and then to end without
 * partitions.
 */
#define PATIENCE_MS	 2000
#define LAST_PATIENCE_MS 5000

#define LOG_MAX		 (1024 * 1024)

enum kind {
	KIND_NEW, /* its hello hasn't come */
	KIND_CONTEXT,
	KIND_CHANNEL,
	KIND_CONTROL,
	KIND_ENDING, /* a channel whose thread is still at work */
};

struct connection {
	struct connection *next;
	struct connection **link; /* what points to this one */
	int fd;
	enum kind kind;
	bool unread; /* its end may be kept from being seen: unread_look() */
	struct identity peer;
	union {
		struct context *context;
		struct served_channel *channel;
		struct control *control;
	};
};

/* That of the state directory, one that was asked for, and those that were there already. */
#define LISTENERS (2 + WORLD_SOCKETS_MAX)

static struct server {
	struct world_state state;
	struct partition_list partitions;
	struct listener listeners[LISTENERS];
	int epoll_fd;
	int signal_fd;
	struct connection *connections;
	size_t ending; /* connections of KIND_ENDING */
	size_t unread; /* connections that may have something unread */
	bool full;     /* no descriptors left: no clients are taken for a while */
	bool died;     /* a partition, and nobody has looked at that */
	bool starter_served;
	bool stop;
} server;

static void reap_partitions(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		server.died |= spm_reap(pid, status);
}

static void take_signals(void)
{
	struct signalfd_siginfo info;

	while (read(server.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap_partitions();
		else
			server.stop = true;
	}
}

static int watch(int fd, uint32_t events, void *what)
{
	struct epoll_event event = { .events = events, .data.ptr = what };

	return epoll_ctl(server.epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void connection_free(struct connection *connection)
{
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	/* Not left to close(), which doesn't do it while there is another descriptor. */
	epoll_ctl(server.epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
	server.unread -= connection->unread;
	drop_add_socket(connection->fd, connection->peer.euid);
	identity_free(&connection->peer);
	free(connection);
}

/* The client is gone, or is to go. */
static void connection_hang_up(struct connection *connection)
{
	switch (connection->kind) {
	case KIND_CHANNEL:
		/* Not to be told again. */
		epoll_ctl(server.epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
		shutdown(connection->fd, SHUT_RDWR);
		channel_hang_up(connection->channel);
		connection->kind = KIND_ENDING;
		server.ending++;
		return;
	case KIND_ENDING:
		return;
	case KIND_CONTEXT:
		context_close(connection->context);
		break;
	case KIND_CONTROL:
		control_free(connection->control);
		break;
	default:
		break;
	}
	connection_free(connection);
}

static void reap_channels(void)
{
	struct connection *connection = server.connections;

	while (connection && server.ending) {
		struct connection *next = connection->next;

		if (connection->kind == KIND_ENDING && channel_reap(connection->channel)) {
			server.ending--;
			connection_free(connection);
		}
		connection = next;
	}
}

/* Of things of one kind. */
struct count {
	size_t total;
	size_t of_user;
};

static struct count count_connections(uid_t uid, bool (*counts)(enum kind kind))
{
	struct count count = { 0 };

	for (const struct connection *c = server.connections; c; c = c->next) {
		count.total += counts(c->kind);
		count.of_user += counts(c->kind) && c->peer.euid == uid;
	}
	return count;
}

static bool is_channel(enum kind kind)
{
	return kind == KIND_CHANNEL || kind == KIND_ENDING;
}

static bool is_other(enum kind kind)
{
	return kind == KIND_NEW || kind == KIND_CONTROL;
}

/* Whether user @uid may have one more of what there are @max of. */
static bool permits(uid_t uid, const struct count *count, size_t max)
{
	const bool owner = !uid || uid == geteuid();
	const size_t taken = count->total + (owner ? 0 : RESERVE(max));

	return taken < max && tstee_share_permits(count->of_user, 1, max - taken);
}

/* Persons are what counts: users, not processes. @kind may be one that the user has already. */
static bool within_share(uid_t uid, enum kind kind)
{
	struct count count;

	switch (kind) {
	case KIND_CONTEXT:
		count = (struct count){ context_count(), context_count_of(uid) };
		return permits(uid, &count, CONTEXTS_MAX);
	case KIND_CHANNEL:
		count = count_connections(uid, is_channel);
		return permits(uid, &count, CHANNELS_MAX);
	case KIND_NEW:
		count = count_connections(uid, is_other);
		count.total += drop_count();
		count.of_user += drop_count_of(uid);
		return permits(uid, &count, OTHERS_MAX);
	default:
		return true; /* had a place when it was new */
	}
}

static int start_context(struct connection *connection, uint32_t device)
{
	struct world_opened opened = { .magic = WORLD_MAGIC,
				       .protocol = WORLD_PROTOCOL,
				       .device = device };
	struct world_task task = { .euid = connection->peer.euid, .egid = connection->peer.egid };
	struct context *context;
	struct tee_file *file;
	int err;

	/* Who opens it pays for its buffers. */
	world_set_task(&task);
	err = tee_file_open(device, &file);
	world_set_task(NULL);
	if (err)
		return err;
	err = context_create(file, connection->peer.euid, &context);
	if (err) {
		tee_file_release(file);
		return err;
	}
	context_token(context, opened.token);
	/* If this fails the client has hung up, which will be seen. */
	message_send(connection->fd, &opened, sizeof(opened), -1, MSG_DONTWAIT);
	explicit_bzero(opened.token, sizeof(opened.token));
	/* Nothing else comes: who reads from the device is not to wait for it. */
	shutdown(connection->fd, SHUT_WR);
	connection->context = context;
	return 0;
}

static int start_control(struct connection *connection)
{
	const struct world_status status = { .magic = WORLD_MAGIC, .protocol = WORLD_PROTOCOL };

	connection->control = control_create(connection->fd, &connection->peer);
	if (!connection->control)
		return -ENOMEM;
	return message_send(connection->fd, &status, sizeof(status), -1, MSG_DONTWAIT);
}

static int start_connection(struct connection *connection, const struct world_hello *hello)
{
	static const enum kind kinds[] = { [WORLD_CONTEXT] = KIND_CONTEXT,
					   [WORLD_CHANNEL] = KIND_CHANNEL,
					   [WORLD_CONTROL] = KIND_CONTROL };
	struct epoll_event event = { .data.ptr = connection };
	enum kind kind;
	int err;

	if (hello->protocol != WORLD_PROTOCOL)
		return -EPROTONOSUPPORT;
	if (!hello->kind || hello->kind >= sizeof(kinds) / sizeof(kinds[0]))
		return -EPROTO;
	kind = kinds[hello->kind];
	if (!within_share(connection->peer.euid, kind))
		return -EMFILE;
	/* Of contexts and channels only the end is news, and that there may be none: unread_look(). */
	event.events = kind == KIND_CONTROL ? EPOLLIN : EPOLLIN | EPOLLET;
	if (epoll_ctl(server.epoll_fd, EPOLL_CTL_MOD, connection->fd, &event))
		return -errno;
	switch (kind) {
	case KIND_CONTEXT:
		err = start_context(connection, hello->device);
		break;
	case KIND_CHANNEL:
		err = channel_serve(connection->fd, &connection->peer, &connection->channel);
		break;
	default:
		err = start_control(connection);
		break;
	}
	if (!err)
		connection->kind = kind;
	return err;
}

static void take_hello(struct connection *connection)
{
	struct world_status status = { .magic = WORLD_MAGIC, .protocol = WORLD_PROTOCOL };
	struct world_hello hello;
	ssize_t len;

	len = message_receive(connection->fd, &hello, sizeof(hello), NULL, MSG_DONTWAIT);
	if (len == -EAGAIN)
		return;
	if (len != sizeof(hello) || hello.magic != WORLD_MAGIC) {
		connection_hang_up(connection);
		return;
	}
	status.error = start_connection(connection, &hello);
	if (status.error) {
		message_send(connection->fd, &status, sizeof(status), -1, MSG_DONTWAIT);
		connection_hang_up(connection);
	}
}

/* Says to a client that can't be served why. It may have sent whatever it likes by now. */
static void refuse(int fd, uid_t uid, int err)
{
	const struct world_status status = { .magic = WORLD_MAGIC,
					     .protocol = WORLD_PROTOCOL,
					     .error = err };

	message_send(fd, &status, sizeof(status), -1, MSG_DONTWAIT);
	drop_add_socket(fd, uid);
}

/* Takes over @fd. NULL if it can't be served. */
static struct connection *connection_add(int fd, uint32_t events)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	uid_t uid = 0;
	int err = -ENOMEM;

	if (!connection)
		goto no;
	err = identity_of_peer(fd, &connection->peer);
	if (err)
		goto no;
	uid = connection->peer.euid;
	connection->fd = fd;
	err = within_share(uid, KIND_NEW) ? watch(fd, events, connection) : -EMFILE;
	if (err)
		goto no;
	connection->next = server.connections;
	connection->link = &server.connections;
	if (connection->next)
		connection->next->link = &connection->next;
	server.connections = connection;
	return connection;
no:
	if (connection)
		identity_free(&connection->peer);
	free(connection);
	refuse(fd, uid, err);
	return NULL;
}

static void take_client(struct listener *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		connection_add(fd, EPOLLIN);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
		server.full = true;
}

/* While there is no room for clients they wait, and the loop must not spin. */
static void watch_listeners(bool on)
{
	for (size_t i = 0; i < LISTENERS; i++) {
		struct listener *listener = &server.listeners[i];
		struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.ptr = listener };

		if (listener->fd >= 0)
			epoll_ctl(server.epoll_fd, EPOLL_CTL_MOD, listener->fd, &event);
	}
}

/* Processes that are connected, but for @besides. */
static size_t count_clients(const struct connection *besides)
{
	size_t count = 0;

	for (struct connection *c = server.connections; c; c = c->next) {
		bool counted = c->peer.pid == besides->peer.pid;

		for (struct connection *d = server.connections; !counted && d != c; d = d->next)
			counted = d->peer.pid == c->peer.pid;
		count += !counted;
	}
	return count;
}

static size_t count_channels(void)
{
	size_t count = 0;

	for (struct connection *c = server.connections; c; c = c->next)
		count += c->kind == KIND_CHANNEL;
	return count;
}

static void unread_note(struct connection *connection)
{
	if (connection->kind != KIND_ENDING && !connection->unread) {
		connection->unread = true;
		server.unread++;
	}
}

/* Who waits for an answer has no command to give. */
static void watch_commands(struct connection *connection, bool on)
{
	struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.ptr = connection };

	epoll_ctl(server.epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

static void take_command(struct connection *connection)
{
	const struct world_facts facts = {
		.state = server.state.path,
		.partitions = &server.partitions,
		.clients = count_clients(connection),
		.contexts = context_count(),
		.channels = count_channels(),
	};

	if (control_serve(connection->control, &facts, &server.stop))
		connection_hang_up(connection);
	else if (control_waits(connection->control))
		watch_commands(connection, false);
	else if (control_keeps_socket(connection->control))
		unread_note(connection);
}

static void answer_controls(void)
{
	for (struct connection *c = server.connections; c; c = c->next)
		if (c->kind == KIND_CONTROL && control_waits(c->control) &&
		    control_answer(c->control))
			watch_commands(c, true);
}

static bool keeps_socket(const struct connection *connection)
{
	return connection->kind == KIND_CONTROL && control_keeps_socket(connection->control);
}

/*
 * A client can send the descriptor of its own end, which then lives in the queue of ours, so that
 * its end is never seen, or have us write a trace to it. While something lies in a queue, or a trace
 * goes to a socket, the clients themselves are looked at.
 */
static void unread_look(void)
{
	struct connection *next;

	for (struct connection *c = server.connections; c && server.unread; c = next) {
		struct pollfd queue = { .fd = c->fd, .events = POLLIN };

		next = c->next;
		if (!c->unread)
			continue;
		if (c->kind == KIND_ENDING || (!keeps_socket(c) && poll(&queue, 1, 0) == 0)) {
			c->unread = false;
			server.unread--;
		} else if (kill(c->peer.pid, 0) && errno == ESRCH) {
			connection_hang_up(c);
		}
	}
}

static void take_event(const struct epoll_event *event)
{
	struct connection *connection = event->data.ptr;
	struct listener *listener = event->data.ptr;

	if (!connection) {
		take_signals();
	} else if (listener >= server.listeners && listener < server.listeners + LISTENERS) {
		take_client(listener);
	} else if (event->events & (EPOLLHUP | EPOLLERR)) {
		connection_hang_up(connection);
	} else if (connection->kind == KIND_NEW) {
		take_hello(connection);
	} else if (connection->kind == KIND_CONTROL) {
		take_command(connection);
	} else {
		unread_note(connection);
	}
}

/*
 * Waits for one event and sees to it: one at a time, since it may end connections of which
 * others tell. True if there was one.
 */
static bool watch_once(bool again)
{
	struct epoll_event event;
	const bool restarting = restart_pending();
	bool unfinished = context_retry() || server.ending || drop_count() || server.full ||
			  server.unread || restarting;
	int count;

	if (server.full)
		watch_listeners(false);
	count = epoll_wait(server.epoll_fd, &event, 1, again || unfinished ? LOOK_AGAIN_MS : -1);
	if (server.full) {
		server.full = false;
		watch_listeners(true);
	}
	if (count > 0)
		take_event(&event);
	if (server.died)
		restart_look();
	server.died = false;
	reap_channels();
	if (restarting)
		answer_controls();
	unread_look();
	drop_look();
	return count > 0;
}

/* Serves clients until the end: a world started on demand ends with its last client. */
static void serve_clients(bool on_demand)
{
	bool idle = false;

	while (!server.stop) {
		bool busy = watch_once(idle);

		/* Somebody may have connected just now. */
		if (on_demand && idle && !busy && !server.connections)
			return;
		idle = on_demand && !server.connections;
	}
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void kill_partitions(void)
{
	struct spm_partition_info info;

	for (size_t i = 0; spm_partition(i, &info); i++) {
		if (info.pid > 0)
			kill(info.pid, SIGKILL);
	}
}

/* Those that have connected and weren't served yet may have sent something, too. */
static void close_listeners(void)
{
	for (size_t i = 0; i < LISTENERS; i++) {
		struct listener *listener = &server.listeners[i];
		int fd;

		if (listener->fd < 0)
			continue;
		/* Whoever waits there is for the next world. */
		if (listener->dir_fd < 0) {
			listener_close(listener);
			continue;
		}
		shutdown(listener->fd, SHUT_RDWR);
		while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			drop_add_socket(fd, 0);
		listener_close(listener);
	}
}

/* False if somebody can't be got rid of: a call, or what a client sent along. */
static bool hang_up_all(void)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct connection *connection = server.connections;
	bool killed = false;

	close_listeners();
	restart_refuse();
	while (connection) {
		struct connection *next = connection->next;

		connection_hang_up(connection);
		connection = next;
	}
	while (server.connections || context_count() || restart_pending()) {
		watch_once(true);
		if (now_ms() < end)
			continue;
		if (killed)
			return false;
		/* A partition that doesn't come back would hold up the end. */
		kill_partitions();
		killed = true;
		end = now_ms() + LAST_PATIENCE_MS;
	}
	return true;
}

struct work {
	int (*function)(void);
	int result;
	int done_fd;
};

static void *work_thread(void *arg)
{
	const uint64_t one = 1;
	struct work *work = arg;

	work->result = work->function();
	while (write(work->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

/* Does what calls partitions, in a thread, while this one sees to it when they die. */
static int do_beside(int (*function)(void))
{
	struct work work = { .function = function };
	struct epoll_event event;
	pthread_t thread;
	bool done = false;
	int epoll_fd, err = 0;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	work.done_fd = eventfd(0, EFD_CLOEXEC);
	if (epoll_fd < 0 || work.done_fd < 0) {
		err = -errno;
		goto close;
	}
	event = (struct epoll_event){ .events = EPOLLIN, .data.fd = server.signal_fd };
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, server.signal_fd, &event))
		err = -errno;
	event = (struct epoll_event){ .events = EPOLLIN, .data.fd = work.done_fd };
	if (!err && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, work.done_fd, &event))
		err = -errno;
	if (!err)
		err = -pthread_create(&thread, NULL, work_thread, &work);
	if (err)
		goto close;
	while (!done) {
		if (epoll_wait(epoll_fd, &event, 1, -1) < 1)
			continue;
		if (event.data.fd == server.signal_fd)
			take_signals();
		else
			done = true;
	}
	pthread_join(thread, NULL);
	err = work.result;
close:
	if (work.done_fd >= 0)
		close(work.done_fd);
	if (epoll_fd >= 0)
		close(epoll_fd);
	return err;
}

static int kernel_stop(void)
{
	world_kernel_stop();
	return 0;
}

/* Signals come to the watcher as events, in no other thread and in no other way. */
static int open_events(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) || drop_start())
		return -errno;
	server.signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server.signal_fd < 0 || server.epoll_fd < 0)
		return -errno;
	return watch(server.signal_fd, EPOLLIN, NULL);
}

static int open_listeners(const struct world_config *config, struct world_error *error)
{
	int err;

	err = listener_open_state(&server.listeners[0], &server.state, error);
	if (!err && config->socket)
		err = listener_open_path(&server.listeners[1], config->socket, config->socket_mode,
					 error);
	for (int i = 0; !err && i < config->fd_count; i++)
		err = listener_adopt(&server.listeners[2 + i], config->first_fd + i, error);
	for (size_t i = 0; !err && i < LISTENERS; i++) {
		struct listener *listener = &server.listeners[i];

		if (listener->fd < 0)
			continue;
		err = watch(listener->fd, EPOLLIN, listener);
		if (err)
			world_fail(error, err, "%s: %s", listener->name, strerror(-err));
	}
	return err;
}

/* The process that started this world is its first client, as if it had said hello. */
static int take_starter(int fd, struct world_error *error)
{
	static const struct world_hello hello = { .magic = WORLD_MAGIC,
						  .protocol = WORLD_PROTOCOL,
						  .kind = WORLD_CONTROL };
	struct connection *connection;

	server.starter_served = true;
	connection = connection_add(fd, EPOLLIN);
	if (!connection || start_connection(connection, &hello))
		return world_fail(error, -ENOMEM, "out of memory");
	return 0;
}

/*
 * A world without a terminal says what it has to say in its log; and it keeps no directory
 * busy, now that all paths are known.
 */
static int open_log(struct world_error *error)
{
	int fd, err = 0;

	fd = openat(server.state.dir_fd, "world.log",
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || (lseek(fd, 0, SEEK_END) > LOG_MAX && ftruncate(fd, 0)) ||
	    dup2(fd, STDERR_FILENO) < 0 || chdir("/"))
		err = world_fail(error, -errno, "%s/world.log: %s", server.state.path,
				 strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

/* Each open device and each buffer takes descriptors. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static_assert(WORLD_TEE_DEVICES_MAX == WORLD_DEVICES_MAX, "the kernel's");

static int start_secure_world(const struct world_config *world, struct world_error *error)
{
	const struct spm_config config = { .state_fd = server.state.dir_fd,
					   .partitions = server.partitions.configs,
					   .partition_count = server.partitions.count,
					   .debug = world->debug,
					   .observe = world_observe };
	struct spm_failure why;
	int err = spm_start(&config, &why);

	return err ? world_fail(error, -EIO, "the secure world can't be started: %s", why.text) : 0;
}

static int run(const struct world_config *config, void (*ready)(const char *state),
	       struct world_error *error)
{
	int err;

	if (config->public_is_user && world_set_parameter("public_is_user", "1"))
		return world_fail(error, -ENOTSUP, "--public-is-user: the driver can't do that");
	if (config->tee_devices)
		world_set_devices(config->tee_devices);
	err = open_events();
	if (!err)
		err = do_beside(world_kernel_start);
	if (err)
		return world_fail(error, -EIO, "the driver can't be started: %s", strerror(-err));
	/* Those that died before signals were awaited. */
	reap_partitions();
	err = open_listeners(config, error);
	if (!err && config->starter_fd >= 0)
		err = take_starter(config->starter_fd, error);
	if (!err) {
		if (ready)
			ready(server.state.path);
		serve_clients(config->starter_fd >= 0);
	}
	/* What a thread is stuck in can't be taken from it; the state directory is free all the same. */
	if (!hang_up_all()) {
		state_close(&server.state);
		_exit(1);
	}
	restart_stop();
	do_beside(kernel_stop);
	return err;
}

/* Whoever started this world would else wait for it. Its log keeps the reason, too. */
static void fail_starter(int fd, int err, const struct world_error *error)
{
	struct world_start_failure failure = {
		.status = { .magic = WORLD_MAGIC, .protocol = WORLD_PROTOCOL, .error = err },
		.error = *error
	};

	fprintf(stderr, "world: %s\n", error->text);
	message_send(fd, &failure, sizeof(failure), -1, MSG_DONTWAIT);
	close(fd);
}

static int serve(const struct world_config *config, void (*ready)(const char *state),
		 struct world_error *error)
{
	char *path;
	int err;

	err = world_system_check(error);
	if (err)
		return err;
	/* Many threads that allocate little: room for each of them would be waste. */
	mallopt(M_ARENA_MAX, 1);
	raise_limits();
	err = world_state_path(config->state, &path, error);
	if (err)
		return err;
	err = state_open(&server.state, path, error);
	free(path);
	if (err)
		return err;
	err = partitions_find(config, &server.partitions, error);
	if (!err && config->starter_fd >= 0)
		err = open_log(error);
	if (!err)
		err = start_secure_world(config, error);
	if (!err) {
		err = run(config, ready, error);
		spm_stop();
	}
	if (server.epoll_fd >= 0)
		close(server.epoll_fd);
	if (server.signal_fd >= 0)
		close(server.signal_fd);
	partitions_free(&server.partitions);
	state_close(&server.state);
	return err;
}

int world_serve(const struct world_config *config, void (*ready)(const char *state),
		struct world_error *error)
{
	int err;

	server = (struct server){
		.epoll_fd = -1,
		.signal_fd = -1,
	};
	for (size_t i = 0; i < LISTENERS; i++)
		server.listeners[i] = (struct listener){ .fd = -1, .dir_fd = -1 };
	/* The partitions are to have nothing of it. */
	if (config->starter_fd >= 0)
		fcntl(config->starter_fd, F_SETFD, FD_CLOEXEC);
	err = serve(config, ready, error);
	if (err && config->starter_fd >= 0 && !server.starter_served)
		fail_starter(config->starter_fd, err, error);
	return err;
}
