// SPDX-License-Identifier: BSD-3-Clause
/* tstee list: the TEE devices of this machine and what they offer. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"

static const char help[] =
	"Usage: tstee list [--json]\n"
	"\n"
	"Lists the TEE devices of this machine: a secure partition with its FF-A endpoint ID\n"
	"and those of the known services that it hosts, or another TEE such as OP-TEE.\n"
	"\n"
	"  --json       print an array with an object for each device\n"
	"  --help, -h   this text\n"
	"\n"
	"Example:\n"
	"  $ tstee list\n"
	"  DEVICE      ENDPOINT  DRIVER                SERVICES\n"
	"  /dev/tee0   -         optee                 - (OP-TEE)\n"
	"  /dev/tee1   0x8002    tstee                 internal-trusted-storage\n";

#define ROW "%-11s %-9s %-21s %s"

/* The services of one device. */
struct services {
	const char *name[32];
	size_t count;
	int err; /* 0, or why they can't be told: a negative errno */
};

static bool is_stuck(const struct tstee_device *device)
{
	return !strncmp(tstee_device_state(device), "stuck", strlen("stuck"));
}

static void find_services(const struct tstee_device *device, struct services *services)
{
	struct tstee_uuid uuid;
	const char *name;

	memset(services, 0, sizeof(*services));
	services->err = tstee_device_access(device);
	/* One that is stuck would not answer. */
	if (services->err || tstee_device_kind(device) != TSTEE_DEVICE_PARTITION ||
	    is_stuck(device))
		return;
	for (unsigned int i = 0; (name = tstee_service_name(i, &uuid)); i++) {
		int ret = tstee_device_hosts(device, &uuid);

		if (ret < 0) {
			services->err = ret;
			return;
		}
		if (ret && services->count < sizeof(services->name) / sizeof(services->name[0]))
			services->name[services->count++] = name;
	}
}

static const char *problem(int err)
{
	switch (-err) {
	case EACCES:
		return "permission denied";
	case ECANCELED:
	case EIO:
		return "dead";
	case EBUSY:
		return "busy";
	default:
		return strerror(-err);
	}
}

static void endpoint_text(const struct tstee_device *device, char text[8])
{
	if (tstee_device_kind(device) == TSTEE_DEVICE_PARTITION)
		snprintf(text, 8, "0x%04x", tstee_device_endpoint_id(device));
	else
		strcpy(text, "-");
}

static void print_row(const struct tstee_device *device)
{
	struct services services;
	char endpoint[8];

	find_services(device, &services);
	endpoint_text(device, endpoint);
	printf(ROW, tstee_device_path(device), endpoint, tstee_device_driver(device),
	       services.count ? services.name[0] : "-");
	for (size_t i = 1; i < services.count; i++)
		printf(" %s", services.name[i]);
	if (services.err)
		printf(" (%s)", problem(services.err));
	else if (is_stuck(device))
		printf(" (%s)", tstee_device_state(device));
	else if (tstee_device_kind(device) == TSTEE_DEVICE_OPTEE)
		printf(" (OP-TEE)");
	else if (tstee_device_kind(device) == TSTEE_DEVICE_PARTITION && !services.count)
		printf(" (none that is known)");
	putchar('\n');
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_text(text) : json_null();
}

static json_t *device_json(const struct tstee_device *device)
{
	static const char *const kinds[] = {
		[TSTEE_DEVICE_UNKNOWN] = "unknown",
		[TSTEE_DEVICE_OPTEE] = "optee",
		[TSTEE_DEVICE_PARTITION] = "partition",
	};
	json_t *names = json_array();
	struct services services;
	char endpoint[8];

	find_services(device, &services);
	endpoint_text(device, endpoint);
	for (size_t i = 0; i < services.count; i++)
		json_array_append_new(names, json_text(services.name[i]));
	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "device",
		json_text(tstee_device_path(device)), "kind", kinds[tstee_device_kind(device)],
		"endpoint_id",
		text_or_null(tstee_device_kind(device) == TSTEE_DEVICE_PARTITION ? endpoint : ""),
		"driver", json_text(tstee_device_driver(device)), "services", names, "state",
		text_or_null(tstee_device_state(device)), "problem",
		text_or_null(services.err     ? problem(services.err) :
			     is_stuck(device) ? "stuck" :
						""));
}

/* True if there are devices, and not one may be opened. */
static bool all_denied(const struct tstee_devices *devices)
{
	for (size_t i = 0; i < tstee_devices_count(devices); i++) {
		if (tstee_device_access(tstee_devices_get(devices, i)) != -EACCES)
			return false;
	}
	return tstee_devices_count(devices) > 0;
}

static enum exit_code list(bool json)
{
	struct tstee_devices *devices;
	enum exit_code code = EXIT_CODE_OK;
	json_t *array = NULL;
	size_t count;
	int err;

	err = tstee_devices_list(&devices);
	if (err)
		return failure_open(err);
	count = tstee_devices_count(devices);
	if (!count) {
		code = failure(
			EXIT_CODE_NO_DEVICE,
			getenv("TSTEE_RUN") ?
				"tsworld status shows which partitions of the world run" :
				"load the driver (modprobe tstee); the kernel log tells what "
				"the firmware offers",
			"/dev/tee*: no TEE device");
		goto out;
	}
	if (all_denied(devices)) {
		code = failure(EXIT_CODE_NO_ACCESS, "run as root, or as a member of group tee",
			       "%s: permission denied",
			       tstee_device_path(tstee_devices_get(devices, 0)));
		goto out;
	}
	if (json)
		array = json_array();
	else
		printf(ROW "\n", "DEVICE", "ENDPOINT", "DRIVER", "SERVICES");
	for (size_t i = 0; i < count; i++) {
		if (json)
			json_array_append_new(array, device_json(tstee_devices_get(devices, i)));
		else
			print_row(tstee_devices_get(devices, i));
	}
out:
	tstee_devices_free(devices);
	json_end_lines(array, !code);
	return code;
}

enum exit_code cmd_list(int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY, { 0 } };
	struct common_options options = { 0 };
	enum exit_code code;
	int option;

	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		code = common_option(&options, option, optarg, "list", argv);
		if (code)
			return code;
	}
	if (options.help) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	if (optind < argc)
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: list takes no argument; see tstee list --help", argv[optind]);
	return list(options.json);
}
