// SPDX-License-Identifier: BSD-3-Clause
/*
 * TEE devices: finding them and telling partitions from other TEEs.
 *
 * Devices are tried by number instead of being read from /dev, which need not show those
 * that a sandbox or an emulation lends to the process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/ts_rpc.h>

#include "ask.h"
#include "device.h"
#include "error.h"
#include "tee_sys.h"
#include "world.h"

/* How long a partition has to answer the question. No call takes one longer than two seconds. */
#define HOSTS_LIMIT_MS 3000

struct tstee_device {
	unsigned int index;
	char path[DEVICE_PATH_LEN];
	enum tstee_device_kind kind;
	int access;
	uint16_t endpoint_id;
	char driver[64];
	char state[96];
};

struct tstee_devices {
	size_t count;
	struct tstee_device device[DEVICE_COUNT];
};

enum tstee_device_kind device_kind(const struct tee_ioctl_version_data *version)
{
	switch (version->impl_id) {
	case TS_RPC_TEE_IMPL_ID:
		return TSTEE_DEVICE_PARTITION;
	case TEE_IMPL_ID_OPTEE:
		return TSTEE_DEVICE_OPTEE;
	default:
		return TSTEE_DEVICE_UNKNOWN;
	}
}

void device_path(unsigned int index, char path[DEVICE_PATH_LEN])
{
	snprintf(path, DEVICE_PATH_LEN, "/dev/tee%u", index % DEVICE_COUNT);
}

bool device_stuck(unsigned int index)
{
	char state[96];

	return !tee_sys_state(index, state, sizeof(state)) && !strncmp(state, "stuck", 5);
}

int device_open(unsigned int index, char path[DEVICE_PATH_LEN],
		struct tee_ioctl_version_data *version)
{
	int fd, err;

	device_path(index, path);
	fd = tee_sys_open(path);
	if (fd == -ENXIO || fd == -ENODEV)
		return -ENOENT; /* a node that a driver left behind */
	if (fd < 0)
		return fd;
	/* Memcheck doesn't see that a world has written it. */
	memset(version, 0, sizeof(*version));
	err = tee_sys_ioctl(fd, TEE_IOC_VERSION, version);
	if (err < 0) {
		tee_sys_close(fd);
		return err;
	}
	return fd;
}

int device_open_session(int fd, const struct tstee_uuid *uuid, const struct tstee_options *login,
			uint32_t *session)
{
	struct tee_ioctl_open_session_arg arg = { 0 };
	struct tee_ioctl_buf_data data = { .buf_ptr = (uintptr_t)&arg, .buf_len = sizeof(arg) };
	int err;

	memcpy(arg.uuid, uuid->bytes, sizeof(arg.uuid));
	switch (login->login) {
	case TSTEE_LOGIN_USER:
		arg.clnt_login = TEE_IOCTL_LOGIN_USER;
		break;
	case TSTEE_LOGIN_GROUP:
		/* Where the TEE subsystem's own helper looks for it, in native order. */
		arg.clnt_login = TEE_IOCTL_LOGIN_GROUP;
		memcpy(arg.clnt_uuid, &login->group, sizeof(login->group));
		break;
	default:
		arg.clnt_login = TEE_IOCTL_LOGIN_PUBLIC;
		break;
	}
	err = tee_sys_ioctl(fd, TEE_IOC_OPEN_SESSION, &data);
	if (err == -ENODEV)
		return -ENOENT; /* the TS driver's answer for a service that isn't there */
	if (err < 0)
		return err;
	*session = arg.session;
	return 0;
}

/* For a device without a parent in sysfs. Of the TS RPC drivers ours alone registers memory. */
static const char *driver_guess(enum tstee_device_kind kind, uint32_t gen_caps)
{
	switch (kind) {
	case TSTEE_DEVICE_PARTITION:
		return gen_caps & TEE_GEN_CAP_REG_MEM ? "tstee" : "arm_tstee (mainline)";
	case TSTEE_DEVICE_OPTEE:
		return "optee";
	default:
		return "unknown";
	}
}

/* Fills in one entry of the list. False if there is no such device. */
static bool device_describe(struct tstee_device *dev, unsigned int index)
{
	struct tee_ioctl_version_data version = { 0 };
	int fd = device_open(index, dev->path, &version);

	if (fd == -ENOENT)
		return false;
	dev->index = index;
	if (fd < 0) {
		dev->access = fd;
	} else {
		tee_sys_close(fd);
		dev->kind = device_kind(&version);
	}
	if (dev->kind == TSTEE_DEVICE_PARTITION)
		dev->endpoint_id = (uint16_t)version.impl_caps;
	if (tee_sys_driver(index, dev->driver, sizeof(dev->driver)) < 0)
		strcpy(dev->driver, driver_guess(dev->kind, version.gen_caps));
	if (dev->kind != TSTEE_DEVICE_PARTITION ||
	    tee_sys_state(index, dev->state, sizeof(dev->state)))
		dev->state[0] = '\0';
	return true;
}

int tstee_devices_list(struct tstee_devices **devices)
{
	struct tstee_devices *list = calloc(1, sizeof(*list));

	if (!list)
		return error_set(ENOMEM, NULL, "devices: out of memory");
	for (unsigned int index = 0, end = 0; device_is_worth_it(index, end); index++) {
		struct tstee_device *dev = &list->device[list->count];

		if (!device_describe(dev, index))
			continue;
		end = index + 1;
		if (world_unreachable(dev->access)) {
			int err = dev->access;

			free(list);
			return world_failed(err);
		}
		list->count++;
	}
	*devices = list;
	return 0;
}

void tstee_devices_free(struct tstee_devices *devices)
{
	free(devices);
}

size_t tstee_devices_count(const struct tstee_devices *devices)
{
	return devices->count;
}

const struct tstee_device *tstee_devices_get(const struct tstee_devices *devices, size_t index)
{
	return index < devices->count ? &devices->device[index] : NULL;
}

const char *tstee_device_path(const struct tstee_device *device)
{
	return device->path;
}

enum tstee_device_kind tstee_device_kind(const struct tstee_device *device)
{
	return device->kind;
}

int tstee_device_access(const struct tstee_device *device)
{
	return device->access;
}

uint16_t tstee_device_endpoint_id(const struct tstee_device *device)
{
	return device->endpoint_id;
}

const char *tstee_device_driver(const struct tstee_device *device)
{
	return device->driver;
}

const char *tstee_device_state(const struct tstee_device *device)
{
	return device->state;
}

int tstee_device_hosts(const struct tstee_device *device, const struct tstee_uuid *uuid)
{
	/* Whoever asks: the answer is the same, and the public login is never refused. */
	static const struct tstee_options login = { .login = TSTEE_LOGIN_PUBLIC };
	struct tee_ioctl_version_data version;
	struct ask_candidate candidate = { .index = device->index };
	struct ask_answer answer;
	char path[DEVICE_PATH_LEN];
	int fd, err;

	fd = device_open(device->index, path, &version);
	if (world_unreachable(fd))
		return world_failed(fd);
	if (fd < 0)
		return error_set_errno(-fd, device->path, "open");
	/*
	 * OP-TEE must not be asked: it would look for a trusted application of that name, and
	 * wait for ever for a supplicant that isn't there.
	 */
	if (device_kind(&version) != TSTEE_DEVICE_PARTITION) {
		tee_sys_close(fd);
		return error_set(EOPNOTSUPP, NULL, "%s: not a partition", device->path);
	}
	candidate.endpoint_id = (uint16_t)version.impl_caps;
	candidate.fd = fd;
	err = ask_partitions(&candidate, 1, uuid, &login, HOSTS_LIMIT_MS, &answer);
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return error_set_errno(-err, device->path, "open session");
	tee_sys_close(answer.fd); /* and with it the session */
	return 1;
}
