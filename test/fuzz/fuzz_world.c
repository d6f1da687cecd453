// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the world's socket: any messages of several clients, with any descriptors along
 * with them (sockets that lie in their own queues, or take long to close, among others), and any
 * requests in channels. The watcher, which is included here, must never wait for a client, and
 * nothing may be left of clients that are gone: no connection, thread or descriptor.
 *
 * Behind it are imitations of the kernel and the SPM core. All clients are this process, so
 * whether they live is told by the harness.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

static bool clients_live;

static int client_alive(int pid, int number)
{
	(void)pid;
	(void)number;
	if (clients_live)
		return 0;
	errno = ESRCH;
	return -1;
}

/* The loop's pauses are the harness's business. */
static int wait_no_time(int fd, struct epoll_event *events, int max, int timeout)
{
	(void)timeout;
	return epoll_wait(fd, events, max, 0);
}

#define kill	   client_alive
#define epoll_wait wait_no_time
#include "../../world/server/server.c"
#undef kill
#undef epoll_wait

#include <linux/futex.h>
#include <linux/tee.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/syscall.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS	    6
#define OPS_MAX	    60
#define PASSED_MAX  4
#define MESSAGE_MAX 256
#define WAIT_US	    200
#define QUIET_TRIES 100000
#define STUCK_MS    20000

enum op { OP_CONNECT, OP_HELLO, OP_COMMAND, OP_ANYTHING, OP_POST, OP_RECEIVE, OP_CLOSE, OP_COUNT };

enum passed {
	PASS_PIPE,
	PASS_FILE,
	PASS_MEMORY,
	PASS_SOCKET,	/* with something in its queue */
	PASS_ITSELF,	/* the end through which it is sent */
	PASS_ANOTHER,	/* a client's end */
	PASS_LINGERING, /* closing it takes a minute */
	PASS_COUNT
};

struct input {
	const uint8_t *data;
	size_t size;
};

struct client {
	int fd; /* -1: not connected */
	int page_fd;
	struct world_channel *page;
	uint32_t posted;
	uint8_t token[WORLD_TOKEN_LEN];
};

static struct client clients[CLIENTS];

/* What must stay open for others to be as they are. */
static int kept[OPS_MAX * PASSED_MAX];
static size_t kept_count;

/* --- what is behind --- */

struct tee_file {
	int unused;
};

void world_set_task(struct world_task *task)
{
	(void)task;
}

void world_set_devices(unsigned int count)
{
	(void)count;
}

int world_set_parameter(const char *name, const char *text)
{
	(void)name;
	(void)text;
	return 0;
}

int world_kernel_start(void)
{
	return 0;
}

void world_kernel_stop(void)
{
}

void world_kernel_rescan(uint16_t endpoint_id)
{
	(void)endpoint_id;
}

int tee_file_open(unsigned int index, struct tee_file **file)
{
	if (index > 1)
		return -ENOENT;
	*file = calloc(1, sizeof(**file));
	return *file ? 0 : -ENOMEM;
}

void tee_file_release(struct tee_file *file)
{
	free(file);
}

long tee_file_ioctl(struct tee_file *file, struct tee_file_call *call)
{
	(void)file;
	switch (call->cmd) {
	case TEE_IOC_SHM_ALLOC:
		call->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return 0;
	case TEE_IOC_INVOKE:
		call->buf_written = true;
		return 0;
	default:
		return -EINVAL;
	}
}

int world_attribute(unsigned int index, const char *name, char *text, size_t size)
{
	(void)index;
	return snprintf(text, size, "%.8s", name);
}

bool world_device(unsigned int index, struct world_device_info *info)
{
	*info = (struct world_device_info){ .endpoint_id = 0x8002, .state = "running" };
	return !index;
}

int spm_start(const struct spm_config *config, struct spm_failure *why)
{
	(void)config;
	(void)why;
	return 0;
}

void spm_stop(void)
{
}

const char *spm_reports(void)
{
	return "a report\n";
}

bool spm_reap(int pid, int wait_status)
{
	(void)pid;
	(void)wait_status;
	return false;
}

void spm_call(struct ffa_regs *regs)
{
	(void)regs;
}

int spm_end(size_t partition, unsigned int ms, struct spm_failure *why)
{
	(void)ms;
	strcpy(why->text, "it does not end");
	return partition ? -EBUSY : 0;
}

int spm_start_again(size_t partition, struct spm_failure *why)
{
	(void)partition;
	(void)why;
	return 0;
}

size_t spm_restart_due(void)
{
	return SPM_PARTITION_MAX;
}

void spm_forget_deaths(size_t partition)
{
	(void)partition;
}

int spm_inject_crash(uint16_t endpoint_id)
{
	(void)endpoint_id;
	return 0;
}

bool spm_partition(size_t index, struct spm_partition_info *info)
{
	*info = (struct spm_partition_info){ .endpoint_id = (uint16_t)(0x8002 + index),
					     .name = index ? "b" : "a" };
	return index < 2;
}

size_t spm_partition_index(uint16_t endpoint_id)
{
	return endpoint_id - 0x8002u < 2 ? endpoint_id - 0x8002u : SPM_PARTITION_MAX;
}

/* --- the clients --- */

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Zeros when there is no more. */
static uint32_t take(struct input *in, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len && in->size; i++, in->data++, in->size--)
		value |= (uint32_t)*in->data << (8 * i);
	return value;
}

static void take_bytes(struct input *in, void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)bytes)[i] = (uint8_t)take(in, 1);
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The watcher's next step, which waits for nobody. True if there was something to do. */
static bool step(void)
{
	const int64_t begin = clock_ms();
	bool busy = watch_once(true);

	require(clock_ms() - begin < STUCK_MS);
	return busy;
}

static void client_connect(struct client *client)
{
	int pair[2];

	if (client->fd >= 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return;
	client->fd = pair[0];
	connection_add(pair[1], EPOLLIN);
}

static void client_close(struct client *client)
{
	if (client->page)
		munmap(client->page, WORLD_CHANNEL_LEN);
	if (client->fd >= 0)
		close(client->fd);
	*client = (struct client){ .fd = -1 };
}

/* With so much on the way that closing waits; its other end is @*peer. */
static int lingering(int *peer)
{
	static const uint8_t block[4096];
	const struct linger minute = { .l_onoff = 1, .l_linger = 60 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	const int least = 1;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*peer = -1;
	/* As little as can be: it has to be filled. */
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	if (!bind(listener, (struct sockaddr *)&address, len) && !listen(listener, 1) &&
	    !getsockname(listener, (struct sockaddr *)&address, &len) &&
	    !connect(fd, (struct sockaddr *)&address, len))
		*peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	while (*peer >= 0 && send(fd, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &minute, sizeof(minute));
	return fd;
}

/* A descriptor to pass and to close, and another one to close afterwards, or -1. */
static int make_passed(struct input *in, const struct client *from, int *other)
{
	int pair[2] = { -1, -1 };

	*other = -1;
	switch (take(in, 1) % PASS_COUNT) {
	case PASS_PIPE:
		require(!pipe2(pair, O_CLOEXEC | O_NONBLOCK));
		*other = pair[0];
		return pair[1];
	case PASS_MEMORY:
		return memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	case PASS_SOCKET:
		require(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
		require(send(pair[1], "x", 1, MSG_NOSIGNAL) == 1);
		*other = pair[1];
		return pair[0];
	case PASS_ITSELF:
		return fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	case PASS_ANOTHER:
		return fcntl(clients[take(in, 1) % CLIENTS].fd, F_DUPFD_CLOEXEC, 0);
	case PASS_LINGERING:
		return lingering(other);
	default:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	}
}

/* The harness's last descriptor of it, if it was not sent. */
static void close_at_once(int fd)
{
	const struct linger none = { 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void send_message(struct client *client, struct input *in, const void *bytes, size_t len)
{
	union {
		struct cmsghdr head;
		uint8_t bytes[CMSG_SPACE(PASSED_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	int passed[PASSED_MAX], others[PASSED_MAX];
	size_t count = 0, wanted = take(in, 1) % (PASSED_MAX + 1);
	bool sent;

	for (size_t i = 0; i < wanted; i++) {
		passed[count] = make_passed(in, client, &others[count]);
		count += passed[count] >= 0;
	}
	if (count) {
		control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS,
						 .cmsg_len = CMSG_LEN(count * sizeof(int)) };
		memcpy(CMSG_DATA(&control.head), passed, count * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	sent = sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
	for (size_t i = 0; i < count; i++) {
		if (sent)
			close(passed[i]);
		else
			close_at_once(passed[i]);
		if (others[i] >= 0)
			kept[kept_count++] = others[i];
	}
}

static void send_hello(struct client *client, struct input *in)
{
	const uint32_t what = take(in, 1);
	struct world_hello hello = { .magic = WORLD_MAGIC,
				     .protocol = what & 0x40 ? take(in, 4) : WORLD_PROTOCOL,
				     .kind = what % 5,
				     .device = what >> 3 & 3 };

	hello.magic ^= what & 0x80;
	send_message(client, in, &hello, sizeof(hello));
}

static void send_command(struct client *client, struct input *in)
{
	static struct world_command command;
	static const char *const texts[8] = { "",  "json", "busy:p=0.5", "slow:us=1",
					      "a", "b",	   "c",		 "" };
	const uint32_t what = take(in, 1);
	size_t len;

	command.op = what % 10;
	if (what & 0x80) {
		len = take(in, 1) % 32;
		take_bytes(in, command.text, len);
	} else {
		len = strlen(texts[what >> 4 & 7]);
		memcpy(command.text, texts[what >> 4 & 7], len);
	}
	send_message(client, in, &command, offsetof(struct world_command, text) + len);
}

static void send_anything(struct client *client, struct input *in)
{
	uint8_t bytes[MESSAGE_MAX];
	const size_t len = take(in, 1);

	take_bytes(in, bytes, len);
	send_message(client, in, bytes, len);
}

/* What the world answers, with the page of a channel. */
static void receive(struct client *client)
{
	union {
		struct world_opened opened;
		uint8_t bytes[4096];
	} answer;
	ssize_t len;
	int fd = -1;

	if (client->fd < 0)
		return;
	len = message_receive(client->fd, &answer, sizeof(answer), &fd, MSG_DONTWAIT);
	if (len == sizeof(answer.opened))
		memcpy(client->token, answer.opened.token, sizeof(client->token));
	if (len == sizeof(struct world_status) && fd >= 0 && !client->page) {
		client->page =
			mmap(NULL, WORLD_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		require(client->page != MAP_FAILED);
	}
	if (fd >= 0)
		close(fd);
}

/* The answer is not waited for: a client may write while the world reads. */
static void post(struct client *client, struct input *in)
{
	static const uint32_t commands[] = { TEE_IOC_VERSION,	   TEE_IOC_SHM_ALLOC,
					     TEE_IOC_SHM_REGISTER, TEE_IOC_OPEN_SESSION,
					     TEE_IOC_INVOKE,	   TEE_IOC_CLOSE_SESSION };
	struct world_channel *page = client->page;

	if (!page)
		return;
	page->op = take(in, 1) % 4;
	page->flags = take(in, 1);
	page->tid = take(in, 1) ? (uint32_t)getpid() : 0;
	page->device = take(in, 1);
	page->cmd = commands[take(in, 1) % (sizeof(commands) / sizeof(commands[0]))];
	page->arg_len = take(in, 1) % 40;
	page->buf_len = take(in, 2) % 1100;
	take_bytes(in, page->arg, 4);
	memcpy(page->token, clients[take(in, 1) % CLIENTS].token, sizeof(page->token));
	__atomic_store_n(&page->posted, ++client->posted, __ATOMIC_RELEASE);
	syscall(SYS_futex, &page->posted, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void do_op(struct input *in)
{
	const uint32_t what = take(in, 1);
	struct client *client = &clients[what / OP_COUNT % CLIENTS];
	const enum op op = what % OP_COUNT;

	if (op != OP_CONNECT && client->fd < 0)
		client_connect(client);
	switch (op) {
	case OP_CONNECT:
		client_connect(client);
		break;
	case OP_HELLO:
		send_hello(client, in);
		break;
	case OP_COMMAND:
		send_command(client, in);
		break;
	case OP_ANYTHING:
		send_anything(client, in);
		break;
	case OP_POST:
		post(client, in);
		break;
	case OP_RECEIVE:
		receive(client);
		break;
	default:
		client_close(client);
		break;
	}
}

/* --- what must hold --- */

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	require(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static bool all_gone(void)
{
	return !server.connections && !server.ending && !server.unread && !drop_count() &&
	       !context_count() && !restart_pending();
}

/* Once nobody lives nothing is left. */
static void settle(size_t descriptors)
{
	for (int i = 0; i < QUIET_TRIES && !all_gone(); i++)
		if (!step())
			usleep(WAIT_US);
	require(all_gone());
	while (kept_count)
		close(kept[--kept_count]);
	/* A thread that has ended may still be letting go. */
	for (int i = 0; i < QUIET_TRIES && count_descriptors() > descriptors; i++)
		usleep(WAIT_US);
	require(count_descriptors() <= descriptors);
}

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	require(!drop_start());
	server = (struct server){
		.state = { .path = "fuzz", .dir_fd = -1, .lock_fd = -1 },
		.listeners = { { .fd = -1, .dir_fd = -1 }, { .fd = -1, .dir_fd = -1 } },
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.signal_fd = -1,
	};
	require(server.epoll_fd >= 0);
	for (size_t i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	size_t descriptors;

	if (server.epoll_fd <= 0)
		set_up();
	descriptors = count_descriptors();
	clients_live = true;
	for (int i = 0; i < OPS_MAX && in.size; i++) {
		do_op(&in);
		step();
	}
	for (size_t i = 0; i < CLIENTS; i++)
		client_close(&clients[i]);
	clients_live = false;
	settle(descriptors);
	server.stop = false;
	return 0;
}
