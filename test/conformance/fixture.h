/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests have in common: connecting with the usual service, driving the test
 * partition, children, sysfs, the kernel log. Failures of these end the test.
 */
#ifndef CONFORMANCE_FIXTURE_H
#define CONFORMANCE_FIXTURE_H

#include "harness.h"
#include "tee.h"

#include <errno.h>
#include <partition/test_service.h>
#include <sys/types.h>

/*
 * Where the tests run: in the machine unless this names the log of a software world. All that
 * differs between the two is behind these functions.
 */
void fixture_set_world(const char *log);

/* Whether tests that can be done by halves, to save time, do all. */
void fixture_set_thorough(void);
bool fixture_thorough(void);

/* For tests that a place can't offer: each skips the test there. */
void needs_root(void);	  /* it becomes other users */
void needs_machine(void); /* it looks at sysfs beyond the attributes, modules or tracing */

extern const uint8_t its_uuid[TEE_IOCTL_UUID_LEN];
extern const uint8_t ps_uuid[TEE_IOCTL_UUID_LEN];
extern const uint8_t test_uuid[TEE_IOCTL_UUID_LEN];
extern const uint8_t inverting_uuid[TEE_IOCTL_UUID_LEN];
extern const uint8_t victim_uuid[TEE_IOCTL_UUID_LEN];

struct tee_client connect_to(const uint8_t uuid[TEE_IOCTL_UUID_LEN], size_t buffer_len);

/* The same, of the test services, after everything armed has been disarmed. */
struct tee_client connect_to_test(size_t buffer_len);
struct tee_client connect_to_victim(size_t buffer_len);

/* A call that must be answered with service status 0; the length of the response. */
size_t must_call(struct tee_client *client, uint32_t opcode, const void *request,
		 size_t request_len);

/*
 * Numbers by which a request may try to have somebody compute or copy for ever; number @i of a row
 * of them that begins with any of EXTREME_COUNT.
 */
#define EXTREME_COUNT 14
uint32_t extreme(size_t i);

/*
 * A call whose answer may be any, but must come at once: no call holds a partition for longer than
 * 2 s on an idle host. Returns as tee_invoke(), with what it says.
 */
int must_answer_in_time(struct tee_client *client, uint16_t opcode, const void *request,
			size_t request_len, uint64_t *response_len, int32_t *status);

/*
 * The same, of TEST_... operations with one number. These arrange and look at things:
 * unlike calls under test they are repeated while the partition is busy.
 */
void arm(struct tee_client *client, enum test_opcode opcode, uint32_t value);
struct test_buffers count_buffers(struct tee_client *client);

/*
 * How many are mapped, once it is settled what those held who were killed: at once in the
 * machine; a world hears of it a moment later. Returns as soon as it is the number wanted.
 */
uint32_t settled_buffers(struct tee_client *client, uint32_t wanted);

struct test_whoami whoami(struct tee_client *client);

/* Relinquishes and disarms, then waits until the driver has its pages back. */
void reset_test_partition(struct tee_client *client);

/* Runs body(arg) in a child, which ends with status 0 when body returns. */
pid_t spawn(void (*body)(void *arg), void *arg);

/*
 * A child that keeps the test partition busy from when it is started. It shares none of the
 * buffers that are made after it: they are gone when its parent closes them.
 */
struct spinner {
	pid_t child;
	int start_fd;
};
struct spinner spinner_prepare(unsigned int ms);
void spinner_start(struct spinner *spinner);

/* Both at once; the child, which is at it when this returns. */
pid_t spawn_spinner(unsigned int ms);

/* The child must end with status 0. */
void join(pid_t child);

/* Becomes another user for good, in that group alone. */
void become(uid_t uid, gid_t gid);

long long clock_ms(void);

/* An attribute of the device's FF-A device; its text without the newline. */
void read_attribute(const struct tee_device *device, const char *name, char *text, size_t len);
unsigned long long read_counter(const struct tee_device *device, const char *name);

/* How many pages of the kernel's hold a buffer of so many bytes. */
size_t pages_of(size_t len);

/* The kernel log from here on; that of the world's kernel in a world. */
int kernel_log_open(void);
/* How many lines since the last look contain the text. */
unsigned int kernel_log_count(int fd, const char *text);

/* Anonymous memory, all bytes set, as much as a good part of what is free. */
struct canary {
	uint8_t *data;
	size_t len;
};
struct canary canary_make(void);
void canary_check(const struct canary *canary);

/*
 * Whether memory of a client can be registered on this kernel. On some, the TEE core
 * oopses on a range that is partly unmapped, so the driver does not offer it; asking must fail then.
 */
bool kernel_can_register(void);

/* True on such a kernel, if registering that memory fails there as it must. */
bool registration_is_refused(const struct tee_client *client, void *data, size_t len);

#endif /* CONFORMANCE_FIXTURE_H */
