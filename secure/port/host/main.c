// SPDX-License-Identifier: BSD-3-Clause
/*
 * Start of a partition as a process: reads which device regions it has and what else its
 * manifest says, then takes itself all
 * rights that it does not need before anything of the partition's own runs.
 */
#include <errno.h>
#include <limits.h>
#include <secure/port/host/host.h>
#include <secure/port/manifest.h>
#include <secure/port/partition.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tstee/ffa.h>

struct device_regions device_regions;

static uint32_t importers[PORT_KEY_IMPORTER_MAX];
static size_t importer_count;
static uint64_t lifecycle;
static bool has_lifecycle;

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

/* Reads a list of decimal numbers, separated by commas. */
static bool read_importers(const char *text)
{
	for (bool last = false; !last;) {
		const char *end = strchr(text, ',');
		uint64_t id;

		last = !end;
		if (importer_count == PORT_KEY_IMPORTER_MAX ||
		    !take_number(&text, last ? '\0' : ',', UINT32_MAX, &id))
			return false;
		importers[importer_count++] = (uint32_t)id;
	}
	return true;
}

/* The SPM core knows what the manifest says. */
uint32_t port_ffa_version(void)
{
	return FFA_VERSION_1_2;
}

/* A process can look for itself. */
size_t port_processor(const char **names)
{
	*names = "";
	return 0;
}

void port_tell_processor(void)
{
}

size_t port_key_importers(const uint32_t **ids)
{
	*ids = importers;
	return importer_count;
}

uint16_t port_lifecycle(uint16_t otherwise)
{
	return has_lifecycle ? (uint16_t)lifecycle : otherwise;
}

static int read_arguments(int argc, char **argv)
{
	static const char lifecycle_is[] = PARTITION_LIFECYCLE "=";
	static const char key_importers[] = PARTITION_KEY_IMPORTERS "=";

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], PARTITION_DEBUG)) {
			device_regions.debug = true;
			continue;
		}
		if (!strncmp(argv[i], key_importers, sizeof(key_importers) - 1)) {
			if (!read_importers(argv[i] + sizeof(key_importers) - 1))
				return -1;
			continue;
		}
		if (!strncmp(argv[i], lifecycle_is, sizeof(lifecycle_is) - 1)) {
			const char *text = argv[i] + sizeof(lifecycle_is) - 1;

			has_lifecycle = take_number(&text, '\0', UINT16_MAX, &lifecycle);
			if (!has_lifecycle)
				return -1;
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
