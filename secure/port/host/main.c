// SPDX-License-Identifier: BSD-3-Clause
/*
 * Start of a partition as a process: reads which device regions it has, then takes itself all
 * rights that it does not need before anything of the partition's own runs.
 */
#include <errno.h>
#include <limits.h>
#include <secure/port/host/host.h>
#include <secure/port/partition.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct device_regions device_regions;

/* A decimal number up to @max that ends with @end; *@text is moved behind that. */
static bool take_number(const char **text, char end, uint64_t max, uint64_t *number)
{
	char *rest;

	/* strtoull() would also take blanks and signs. */
	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoull(*text, &rest, 10);
	if (errno || *number > max || *rest != end)
		return false;
	*text = rest + 1;
	return true;
}

/* Reads NAME=FD:LEN. */
static bool read_region(const char *argument, struct device_region *region)
{
	const char *text = strchr(argument, '=');
	uint64_t fd, len;
	struct stat st;

	if (!text || text == argument)
		return false;
	region->name = argument;
	region->name_len = (size_t)(text - argument);
	text++;
	if (!take_number(&text, ':', INT_MAX, &fd) || !take_number(&text, '\0', SSIZE_MAX, &len))
		return false;
	region->fd = (int)fd;
	region->len = (size_t)len;

	/* Later nobody can ask any more, and an access behind the end kills. */
	return fd > PARTITION_SOCKET_FD && !fstat(region->fd, &st) && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == len;
}

static int read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], PARTITION_DEBUG)) {
			device_regions.debug = true;
			continue;
		}
		if (device_regions.count == DEVICE_REGION_MAX ||
		    !read_region(argv[i], &device_regions.list[device_regions.count]))
			return -1;
		device_regions.count++;
	}
	return 0;
}

const struct device_region *device_region_find(const char *name)
{
	for (size_t i = 0; i < device_regions.count; i++) {
		const struct device_region *region = &device_regions.list[i];

		if (region->name_len == strlen(name) &&
		    !memcmp(region->name, name, region->name_len))
			return region;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const int manifest_error = read_arguments(argc, argv);

	/* Without a channel there is nobody to tell. */
	if (conduit_open())
		return EXIT_FAILURE;
	if (confine(&device_regions))
		partition_panic("the process can't be confined");
	partition_start(manifest_error);
}
