/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libtstee: calls of services in secure partitions, over the TEE devices of Linux.
 *
 * A device (/dev/teeN) is one partition, a session is one service of it. The library finds
 * the device that hosts a service, opens a session with an identity and carries requests and
 * responses. It runs on the tstee driver and on Linux's own arm_tstee driver, which knows no
 * identities: there every client is the public one.
 *
 * Functions return 0 or a negative errno; after a failure tstee_error() and tstee_hint() say
 * in words what went wrong. All functions may be called from any thread.
 */
#ifndef TSTEE_H
#define TSTEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_API __attribute__((visibility("default")))

/* A service UUID, in the order in which it is written. */
struct tstee_uuid {
	uint8_t bytes[16];
};

#define TSTEE_UUID_TEXT_LEN 36 /* without the final NUL */

struct tstee_devices;
struct tstee_device;
struct tstee_session;

/*
 * Why the last function that failed in this thread did: what and where, one line without a
 * full stop. "" before the first failure. Valid until the next failure in this thread.
 */
TSTEE_API const char *tstee_error(void);

/* What to do about it, or "" where there is no advice. Valid for ever. */
TSTEE_API const char *tstee_hint(void);

/* The library's version, e.g. "0.1.0". */
TSTEE_API const char *tstee_version(void);

/*
 * The standard's name of a status of a PSA service, such as "PSA_ERROR_NOT_PERMITTED"; NULL if it has
 * none. Valid for ever.
 */
TSTEE_API const char *tstee_status_name(int32_t status);

/* Parses 8-4-4-4-12 hexadecimal digits. -EINVAL if @text is anything else. */
TSTEE_API int tstee_uuid_parse(const char *text, struct tstee_uuid *uuid);

/* Writes lower-case text and a NUL: TSTEE_UUID_TEXT_LEN + 1 bytes. */
TSTEE_API void tstee_uuid_format(const struct tstee_uuid *uuid, char *text);

/*
 * Finds the UUID of a service that is named by its name ("internal-trusted-storage"), its
 * short name ("its"), a Trusted Services locator name
 * ("sn:trustedfirmware.org:internal-trusted-storage:0", also behind "urn:"; version and
 * instance are checked for their form only), or by a UUID. -EINVAL if it is none of these.
 */
TSTEE_API int tstee_service_parse(const char *name, struct tstee_uuid *uuid);

/*
 * The known services, for @index from 0: the name, and in *@uuid, if not NULL, the UUID.
 * NULL behind the last one.
 */
TSTEE_API const char *tstee_service_name(unsigned int index, struct tstee_uuid *uuid);

enum tstee_device_kind {
	TSTEE_DEVICE_UNKNOWN, /* could not be opened, or another TEE's */
	TSTEE_DEVICE_OPTEE,
	TSTEE_DEVICE_PARTITION, /* speaks TS RPC */
};

/*
 * Lists the TEE devices of the machine, in the order of their numbers, in *@devices, which
 * the caller gives to tstee_devices_free(). A device that the caller may not open is in the
 * list. A machine without devices has an empty list. -ENOMEM.
 */
TSTEE_API int tstee_devices_list(struct tstee_devices **devices);
TSTEE_API void tstee_devices_free(struct tstee_devices *devices);
TSTEE_API size_t tstee_devices_count(const struct tstee_devices *devices);

/* Belongs to the list. NULL if there is no such @index. */
TSTEE_API const struct tstee_device *tstee_devices_get(const struct tstee_devices *devices,
						       size_t index);

TSTEE_API const char *tstee_device_path(const struct tstee_device *device);
TSTEE_API enum tstee_device_kind tstee_device_kind(const struct tstee_device *device);

/* 0, or the negative errno with which opening the device failed, e.g. -EACCES. */
TSTEE_API int tstee_device_access(const struct tstee_device *device);

/* The partition's FF-A endpoint ID; 0 if the device is not a partition's. */
TSTEE_API uint16_t tstee_device_endpoint_id(const struct tstee_device *device);

/* The name of the device's Linux driver, e.g. "tstee", "optee". Belongs to the list. */
TSTEE_API const char *tstee_device_driver(const struct tstee_device *device);

/*
 * What the driver says of the partition when the list was made, as "running" or "stuck: for 12 s in
 * opcode 0x0101 of interface 0x00": the first word is "running", "stuck", "dead" or "down". "" for
 * other devices, and where the driver says nothing.
 */
TSTEE_API const char *tstee_device_state(const struct tstee_device *device);

/*
 * Asks the partition whether it hosts a service: 1, 0, or a negative errno. Only partitions
 * are ever asked: -EOPNOTSUPP for other devices. -EBUSY if there is no answer for three seconds.
 */
TSTEE_API int tstee_device_hosts(const struct tstee_device *device, const struct tstee_uuid *uuid);

/* As whom a session acts; services keep the data of different clients apart. */
enum tstee_login {
	TSTEE_LOGIN_DEFAULT = 0, /* as environment variable TSTEE_LOGIN says, else the user */
	TSTEE_LOGIN_PUBLIC = 1,	 /* nobody in particular: data that all clients share */
	TSTEE_LOGIN_USER = 2,	 /* the effective user ID */
	TSTEE_LOGIN_GROUP = 3,	 /* a group that the process is a member of */
};

/* How to open a session. All zero: the first partition by endpoint ID, default login. */
struct tstee_options {
	uint32_t login;	      /* enum tstee_login */
	uint32_t group;	      /* group ID for TSTEE_LOGIN_GROUP, else 0 */
	uint32_t endpoint_id; /* only this partition; 0 = any */
	uint32_t reserved[5]; /* 0 */
};

/*
 * Parses "public", "user" or "group:GID" into @options; the form of environment variable
 * TSTEE_LOGIN, which set-user-ID programs don't look at. -EINVAL.
 */
TSTEE_API int tstee_login_parse(const char *text, struct tstee_options *options);

/*
 * Opens a session with service @service, named as in tstee_service_parse(), in *@session;
 * the caller closes it. @options may be NULL. Of several partitions that host the service the
 * one of the lowest endpoint ID is taken, in whatever order their devices came. A partition that is
 * busy is waited for only while no other is known to host the service, and three seconds longer
 * if its ID is lower, unless the driver says that it is stuck. Threads of the library's own may ask; they block all signals.
 *
 * -EINVAL    bad name, options or TSTEE_LOGIN
 * -ENODEV    the machine has no partition device, or none with this endpoint ID
 * -EACCES    the process may not open the device
 * -ENOENT    no partition hosts the service
 * -EPERM     not a member of the group
 * -EOVERFLOW user or group ID that no client ID has room for
 * -EIO       the partition is dead
 * -EBUSY     the partition stayed busy
 * and what else the driver answers.
 */
TSTEE_API int tstee_open(const char *service, const struct tstee_options *options,
			 struct tstee_session **session);

/*
 * Closes a session. NULL is allowed. Calls of other threads that are in progress go on to their
 * end; those that begin later, with a session that isn't any more, fail with -EBADF as long as no
 * other session takes its place.
 */
TSTEE_API void tstee_close(struct tstee_session *session);

/*
 * The FF-A endpoint ID of the partition that the session is with; 0 if the session is closed, or
 * its device is gone and no call has found it again yet.
 */
TSTEE_API uint16_t tstee_session_endpoint_id(struct tstee_session *session);

/*
 * Calls operation @opcode (at most 0xffff). The request is @req_len bytes, or the @iov_count
 * pieces of @iov one after another; the response goes to @resp, which has room for
 * @resp_size bytes, and its length to *@resp_len (may be NULL if @resp_size is 0). When 0
 * is returned, *@status is the service's own status, and a failure of the service is one of
 * those; otherwise *@status and the response are not valid.
 *
 * Any length will do that the partition takes. Any number of threads may call at a time. A signal
 * doesn't end a call, whether its handler has SA_RESTART or not, and a thread can't be
 * cancelled in one.
 * Request and response are wiped from the buffers that the partition shares.
 *
 * After fork() the child may go on with the session: its first call opens the device anew,
 * and so acts as the child. When a device went and came back, the next call does likewise.
 *
 * -EINVAL    bad argument, or the partition refused opcode or length
 * -EBADF     the session is closed
 * -EMSGSIZE  the response is longer than @resp_size; if known, its length is in *@resp_len
 * -ENOMEM    no memory that can be shared with the partition
 * -EIO       the partition is dead
 * -EBUSY     the partition stayed busy
 * and those of tstee_open() when the device had to be opened anew.
 */
TSTEE_API int tstee_call(struct tstee_session *session, uint32_t opcode, const void *req,
			 size_t req_len, void *resp, size_t resp_size, size_t *resp_len,
			 int32_t *status);
TSTEE_API int tstee_callv(struct tstee_session *session, uint32_t opcode, const struct iovec *iov,
			  int iov_count, void *resp, size_t resp_size, size_t *resp_len,
			  int32_t *status);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_H */
