/* SPDX-License-Identifier: BSD-3-Clause */
/* TEE devices: finding them and telling partitions from other TEEs. No state. */
#ifndef CLIENT_DEVICE_H
#define CLIENT_DEVICE_H

#include <linux/tee.h>
#include <stdbool.h>
#include <tstee.h>

/*
 * So many numbers has the TEE subsystem for clients' devices, and some more where it was changed to have
 * them. Each one that is tried costs, so those beyond are only while one of the last so many is there.
 */
#define DEVICE_USUAL 16
#define DEVICE_COUNT 64

/* Whether to try number @index, if numbers from @end on, and below @index, were not there. */
static inline bool device_is_worth_it(unsigned int index, unsigned int end)
{
	return index < DEVICE_COUNT && index < end + DEVICE_USUAL;
}

#define DEVICE_PATH_LEN sizeof("/dev/tee63")

/* Whose device this is, from the answer to TEE_IOC_VERSION. */
enum tstee_device_kind device_kind(const struct tee_ioctl_version_data *version);

/* Whether the driver says that the partition behind /dev/tee@index is stuck. */
bool device_stuck(unsigned int index);

/* Writes the path of /dev/tee@index. */
void device_path(unsigned int index, char path[DEVICE_PATH_LEN]);

/*
 * Opens /dev/tee@index, writes its path to @path and what it says of itself to *@version.
 * Returns a descriptor, which the caller closes, or a negative errno; -ENOENT if there is no
 * such device. Leaves no message.
 */
int device_open(unsigned int index, char path[DEVICE_PATH_LEN],
		struct tee_ioctl_version_data *version);

/*
 * Opens a session of service @uuid on the partition device @fd, with @login already made
 * definite. Its ID, for which 0 is legal, goes to *@session. 0 or a negative errno; -ENOENT
 * if the partition doesn't host the service. Leaves no message.
 */
int device_open_session(int fd, const struct tstee_uuid *uuid, const struct tstee_options *login,
			uint32_t *session);

#endif /* CLIENT_DEVICE_H */
