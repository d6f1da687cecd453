// SPDX-License-Identifier: BSD-3-Clause
/* tstee doctor: looks at all that a client needs, and says what to do about what is missing. */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <grp.h>
#include <jansson.h>
#include <psa/crypto.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <tstee_crypto.h>
#include <unistd.h>

#include "cmd.h"
#include "json.h"

static const char help[] =
	"Usage: tstee doctor [--json]\n"
	"\n"
	"Looks whether this user can use secure partitions: devices, permissions, the driver, the\n"
	"partitions and their services, an answer of crypto; and whether programs get at keys by\n"
	"PKCS#11. Of what is wrong it says what to do.\n"
	"\n"
	"Each line is ok, note (something works less well, or isn't there for those who want it) or\n"
	"FAIL. The exit code is 0 if partitions can be used, whatever notes there are, else that of\n"
	"the first failure.\n"
	"\n"
	"  --json       print an object: {\"usable\", \"checks\": [{\"check\", \"result\",\n"
	"               \"message\", \"hint\"}...]}\n"
	"  --help, -h   this text\n";

/* The name of the PKCS#11 module's file, and of pkcs11-provider's. */
#define MODULE	 "tstee-pkcs11.so"
#define PROVIDER "pkcs11.so"

enum result {
	RESULT_OK,
	RESULT_NOTE,
	RESULT_FAILED,
};

struct examination {
	json_t *checks;
	bool json;
	enum exit_code code; /* of the first failure */
};

/* @hint may be NULL. */
static __attribute__((format(printf, 6, 7))) void tell(struct examination *e, enum result result,
						       enum exit_code code, const char *check,
						       const char *hint, const char *format, ...)
{
	static const char *const names[] = { "ok", "note", "failed" };
	static const char *const labels[] = { "ok", "note", "FAIL" };
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!hint)
		hint = "";
	if (result == RESULT_FAILED && !e->code)
		e->code = code;
	if (e->json)
		json_array_append_new(e->checks,
				      json_pack("{s:s, s:s, s:o, s:o}", "check", check, "result",
						names[result], "message", json_text(message),
						"hint", json_text(hint)));
	else
		printf("%-5s %-12s %s\n", labels[result], check, message);
	if (!e->json && *hint)
		printf("%-5s %-12s   %s\n", "", "", hint);
}

#define ok(e, check, ...)		tell(e, RESULT_OK, EXIT_CODE_OK, check, NULL, __VA_ARGS__)
#define note(e, check, hint, ...)	tell(e, RESULT_NOTE, EXIT_CODE_OK, check, hint, __VA_ARGS__)
#define fail(e, code, check, hint, ...) tell(e, RESULT_FAILED, code, check, hint, __VA_ARGS__)

#define LINE_SIZE			1024

/* The first line of a file that has @text and isn't a comment, without its end. */
static bool file_line(const char *path, const char *text, char line[LINE_SIZE])
{
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file && !found && fgets(line, LINE_SIZE, file)) {
		const char *start = line + strspn(line, " \t");

		found = *start != '#' && strstr(start, text);
	}
	if (file)
		fclose(file);
	if (found)
		line[strcspn(line, "\r\n")] = 0;
	return found;
}

static bool file_says(const char *path, const char *text)
{
	char line[LINE_SIZE];

	return file_line(path, text, line);
}

static void check_versions(struct examination *e)
{
	struct utsname system;

	if (uname(&system))
		memset(&system, 0, sizeof(system));
	/* Another library than the program was built with is found by a wrong path. */
	if (strcmp(tstee_version(), TSTEE_VERSION) != 0)
		note(e, "versions", "the one of another installation is found first",
		     "tstee %s with libtstee %s", TSTEE_VERSION, tstee_version());
	else
		ok(e, "versions", "tstee %s; %s %s, %s", TSTEE_VERSION, system.sysname,
		   system.release, system.machine);
}

static void check_world(struct examination *e)
{
	const char *world = secure_getenv("TSTEE_WORLD"), *run = secure_getenv("TSTEE_RUN");

	if (world && *world)
		ok(e, "world", "TSTEE_WORLD=%s stands for the devices", world);
	else if (run && *run)
		ok(e, "world", "this is a program that tsworld runs");
	else
		ok(e, "world", "none: the devices are those of this machine");
}

/* --- who may open devices --- */

static bool in_groups(gid_t gid)
{
	int count = getgroups(0, NULL);
	gid_t *groups = calloc(count > 0 ? (size_t)count : 1, sizeof(*groups));
	bool found = getegid() == gid;

	count = groups ? getgroups(count, groups) : 0;
	for (int i = 0; i < count && !found; i++)
		found = groups[i] == gid;
	free(groups);
	return found;
}

/* Whether the group database has the user in it, of which this session may not know yet. */
static bool listed_in(const struct group *group)
{
	const struct passwd *user = getpwuid(geteuid());

	for (char **name = group->gr_mem; user && *name; name++) {
		if (!strcmp(*name, user->pw_name))
			return true;
	}
	return false;
}

static void explain_access(struct examination *e, const char *path)
{
	const struct group *group;
	char hint[200];
	struct stat st;

	if (stat(path, &st)) {
		fail(e, EXIT_CODE_NO_ACCESS, "access",
		     "the device has just gone, or a folder above it is closed to this user",
		     "%s: %s", path, strerror(errno));
		return;
	}
	group = getgrgid(st.st_gid);
	if (!(st.st_mode & S_IRGRP) || !(st.st_mode & S_IWGRP) || !st.st_gid)
		snprintf(hint, sizeof(hint),
			 "only root may: install TSTEE's udev rule (70-tstee.rules) and group tee "
			 "(systemd-sysusers), then udevadm trigger");
	else if (in_groups(st.st_gid))
		snprintf(hint, sizeof(hint),
			 "this user is in its group: something else forbids it, such as a "
			 "container's device rules or a security module");
	else if (group && listed_in(group))
		snprintf(hint, sizeof(hint),
			 "this user is in group %s, but this session is older: log in again",
			 group->gr_name);
	else if (group)
		snprintf(hint, sizeof(hint), "as root: adduser USER %s; then log in again",
			 group->gr_name);
	else
		snprintf(hint, sizeof(hint),
			 "as root: groupadd --gid %u tee, which has no name yet, and adduser USER "
			 "tee; then log in again",
			 (unsigned int)st.st_gid);
	fail(e, EXIT_CODE_NO_ACCESS, "access", hint, "%s: permission denied for user %u", path,
	     (unsigned int)geteuid());
}

/* --- devices, partitions, services --- */

/* What the one device offers, into @found. True if its partition answered. */
static bool check_partition(struct examination *e, const struct tstee_device *device, char *found,
			    size_t size)
{
	const char *path = tstee_device_path(device), *name;
	struct tstee_uuid uuid;
	char list[256] = "";

	/* Whoever asks it waits for as long. */
	if (!strncmp(tstee_device_state(device), "stuck", strlen("stuck"))) {
		fail(e, EXIT_CODE_BUSY, "partition",
		     "wait, or end the client that called it; if that doesn't help restart the "
		     "machine",
		     "%s (0x%04x): %s", path, tstee_device_endpoint_id(device),
		     tstee_device_state(device));
		return false;
	}
	for (unsigned int i = 0; (name = tstee_service_name(i, &uuid)); i++) {
		const int hosts = tstee_device_hosts(device, &uuid);

		if (hosts < 0) {
			const bool busy = hosts == -EBUSY;

			fail(e, busy ? EXIT_CODE_BUSY : EXIT_CODE_DEAD, "partition",
			     busy ? "another client holds it: try again" :
			     getenv("TSTEE_RUN") || getenv("TSTEE_WORLD") ?
				    "it crashed: tsworld restart starts it anew; the world's log "
				    "says more" :
				    "it crashed, or the firmware refuses calls: restart the machine; "
				    "the kernel log says more",
			     "%s (0x%04x): doesn't answer: %s", path,
			     tstee_device_endpoint_id(device), strerror(-hosts));
			return false;
		}
		if (!hosts)
			continue;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", *list ? " " : "",
			 name);
		snprintf(found + strlen(found), size - strlen(found), " %s ", name);
	}
	ok(e, "partition", "%s (0x%04x) answers, by driver %s: %s", path,
	   tstee_device_endpoint_id(device), tstee_device_driver(device),
	   *list ? list : "no known service");
	/* Or its name and more, where it is a guess. */
	if (!strncmp(tstee_device_driver(device), "arm_tstee", strlen("arm_tstee")))
		note(e, "identity", "load TSTEE's driver in its place (modprobe tstee)",
		     "%s: Linux's own driver makes all users one client", path);
	return true;
}

static void check_services(struct examination *e, const char *found)
{
	static const struct {
		const char *name;
		const char *what;
	} services[] = {
		{ "internal-trusted-storage", "tstee its, and keys, have no place" },
		{ "protected-storage", "tstee ps has no place" },
		{ "crypto", "no keys, hashes and random bytes" },
		{ "attestation", "no tokens, and no sealed secrets" },
	};
	char name[40];

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		snprintf(name, sizeof(name), " %s ", services[i].name);
		if (!strstr(found, name))
			note(e, "services", "the firmware, or the world, has no partition with it",
			     "%s: not there: %s", services[i].name, services[i].what);
	}
}

/* One call of a user's, with the identity that all have unless told otherwise. */
static void check_call(struct examination *e, const char *found)
{
	const struct tstee_options options = { 0 };
	char number[STATUS_NUMBER_SIZE];
	psa_status_t status;
	uint8_t random[16];
	int err;

	if (!strstr(found, " crypto "))
		return;
	err = tstee_crypto_init(&options);
	if (err) {
		fail(e, EXIT_CODE_LOGIN, "call", tstee_hint(), "crypto: %s", tstee_error());
		return;
	}
	status = psa_generate_random(random, sizeof(random));
	explicit_bzero(random, sizeof(random));
	if (status == PSA_SUCCESS)
		ok(e, "call", "crypto answers user %u with random bytes", (unsigned int)geteuid());
	else
		fail(e, EXIT_CODE_OTHER, "call", "the log of the secure world says more",
		     "crypto: %s", status_name(status, number));
}

/* --- the driver, where there is no device --- */

/* Whether the kernel that runs has the driver as a file, wherever its modules are sorted to. */
static bool driver_installed(void)
{
	static const char *const places[] = { "", "updates/", "updates/dkms/", "extra/" };
	struct utsname system;
	glob_t files;
	char pattern[256];
	bool found = false;

	if (uname(&system))
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
		snprintf(pattern, sizeof(pattern), "/lib/modules/%s/%ststee.ko*", system.release,
			 places[i]);
		found = !glob(pattern, 0, NULL, &files);
		if (found)
			globfree(&files);
	}
	return found;
}

static bool signatures_enforced(void)
{
	return file_says("/sys/module/module/parameters/sig_enforce", "Y") ||
	       file_says("/sys/kernel/security/lockdown", "[integrity]") ||
	       file_says("/sys/kernel/security/lockdown", "[confidentiality]");
}

static const char *driver_hint(void)
{
	const bool loaded = !access("/sys/module/tstee", F_OK);
	const bool installed = driver_installed();

	if (!loaded && installed && signatures_enforced())
		return "this kernel loads signed modules only (Secure Boot): as root mokutil --import "
		       "/var/lib/dkms/mok.pub, then restart and enroll that key";
	if (access("/sys/bus/arm_ffa", F_OK))
		return "this kernel has no FF-A (CONFIG_ARM_FFA_TRANSPORT; package tstee-dkms builds it "
		       "for Debian's), or the firmware none; without such a machine there is tsworld";
	if (loaded)
		return "the kernel log tells what the firmware offers";
	return installed ?
		       "load the driver (modprobe tstee); the kernel log tells what the firmware "
		       "offers" :
		       "install the driver for this kernel (package tstee-dkms, or driver/ of the "
		       "source), and load it (modprobe tstee)";
}

static void check_devices(struct examination *e)
{
	struct tstee_devices *devices;
	size_t partitions = 0, denied = 0, count;
	char found[512] = "";
	int err = tstee_devices_list(&devices);

	if (err) {
		fail(e, EXIT_CODE_NO_DEVICE, "devices", tstee_hint(), "%s", tstee_error());
		return;
	}
	count = tstee_devices_count(devices);
	for (size_t i = 0; i < count; i++) {
		const struct tstee_device *device = tstee_devices_get(devices, i);

		err = tstee_device_access(device);
		if (err == -EACCES || err == -EPERM) {
			explain_access(e, tstee_device_path(device));
			denied++;
		} else if (err) {
			fail(e, EXIT_CODE_OTHER, "devices",
			     "the kernel log may say more of the device's driver", "%s: %s",
			     tstee_device_path(device), strerror(-err));
		} else if (tstee_device_kind(device) == TSTEE_DEVICE_PARTITION) {
			partitions += check_partition(e, device, found, sizeof(found));
		} else {
			ok(e, "devices", "%s is another TEE's (%s), not used",
			   tstee_device_path(device), tstee_device_driver(device));
		}
	}
	tstee_devices_free(devices);
	if (!count || (!partitions && !denied && !e->code))
		fail(e, EXIT_CODE_NO_DEVICE, "devices",
		     getenv("TSTEE_RUN") ?
			     "tsworld status shows which partitions of the world run" :
			     driver_hint(),
		     "there is no device of a secure partition (/dev/tee*)");
	if (!partitions)
		return;
	/* One that doesn't answer may have what is missing. */
	if (!e->code)
		check_services(e, found);
	check_call(e, found);
}

/* --- PKCS#11 --- */

/* The first file of a pattern that says @text, if that isn't NULL, into @path. */
static bool find_file(const char *pattern, const char *text, char *path, size_t size)
{
	glob_t files;
	bool found = false;

	if (glob(pattern, GLOB_TILDE, NULL, &files))
		return false;
	for (size_t i = 0; i < files.gl_pathc && !found; i++) {
		found = !text || file_says(files.gl_pathv[i], text);
		if (found)
			snprintf(path, size, "%s", files.gl_pathv[i]);
	}
	globfree(&files);
	return found;
}

static bool find_any(const char *const *patterns, size_t count, const char *text, char *path,
		     size_t size)
{
	for (size_t i = 0; i < count; i++) {
		if (find_file(patterns[i], text, path, size))
			return true;
	}
	return false;
}

/*
 * Whether the module that the file registers is there. Without a folder it is in p11-kit's, which
 * depends on how that was built, and is one of those where @module was found, or "".
 */
static bool registers_what_is_there(const char *registration, const char *module)
{
	char line[LINE_SIZE];
	const char *name;

	if (!file_line(registration, MODULE, line))
		return false;
	name = strchr(line, ':');
	name = name ? name + 1 + strspn(name + 1, " \t") : line;
	return *name == '/' ? !access(name, R_OK) : *module;
}

static void check_pkcs11(struct examination *e)
{
	static const char *const modules[] = {
		"/usr/lib/*/pkcs11/" MODULE,
		"/usr/lib/pkcs11/" MODULE,
		"/usr/local/lib/pkcs11/" MODULE,
		"/usr/local/lib/*/pkcs11/" MODULE,
	};
	static const char *const registrations[] = {
		"~/.config/pkcs11/modules/*.module",
		"/etc/pkcs11/modules/*.module",
		"/usr/share/p11-kit/modules/*.module",
		"/usr/local/share/p11-kit/modules/*.module",
	};
	char path[512] = "", module[512] = "";

	if (find_any(modules, sizeof(modules) / sizeof(modules[0]), NULL, module, sizeof(module)))
		ok(e, "pkcs11", "the module is %s", module);
	else
		note(e, "pkcs11",
		     "install TSTEE's PKCS#11 module if ssh, TLS servers and the like "
		     "are to use keys",
		     "there is no %s in the folders of PKCS#11 modules", MODULE);
	if (find_any(registrations, sizeof(registrations) / sizeof(registrations[0]), MODULE, path,
		     sizeof(path)) &&
	    registers_what_is_there(path, module))
		ok(e, "p11-kit", "%s registers the module", path);
	else if (*path)
		note(e, "p11-kit", "name the file where it is, or install the module",
		     "%s registers a module that isn't there", path);
	else
		note(e, "p11-kit",
		     "make /etc/pkcs11/modules/tstee.module with the line: module: " MODULE,
		     "the module isn't registered with p11-kit");
}

static void check_provider(struct examination *e)
{
	static const char *const providers[] = {
		"/usr/lib/*/ossl-modules/" PROVIDER,	   "/usr/lib/ossl-modules/" PROVIDER,
		"/usr/lib64/ossl-modules/" PROVIDER,	   "/usr/local/lib/ossl-modules/" PROVIDER,
		"/usr/local/lib/*/ossl-modules/" PROVIDER,
	};
	const char *config = secure_getenv("OPENSSL_CONF");
	const char *folder = secure_getenv("OPENSSL_MODULES");
	char path[512];
	bool found;

	/* OpenSSL looks there alone, if it is told so. */
	if (folder && *folder) {
		snprintf(path, sizeof(path), "%s/" PROVIDER, folder);
		found = !access(path, R_OK);
	} else {
		found = find_any(providers, sizeof(providers) / sizeof(providers[0]), NULL, path,
				 sizeof(path));
	}
	if (!found) {
		note(e, "openssl", "install package pkcs11-provider if OpenSSL is to use keys",
		     "there is no pkcs11-provider");
		return;
	}
	if (!config || !*config)
		config = "/etc/ssl/openssl.cnf";
	if (file_says(config, "pkcs11"))
		ok(e, "openssl", "%s tells of pkcs11-provider", config);
	else
		note(e, "openssl",
		     "activate the provider there, or in a file that OPENSSL_CONF names: see "
		     "provider-pkcs11(7)",
		     "%s doesn't tell of pkcs11-provider (%s)", config, path);
}

static enum exit_code report(struct examination *e)
{
	const bool usable = !e->code;

	if (e->json)
		json_print(json_pack("{s:b, s:o}", "usable", usable, "checks", e->checks));
	else
		printf("%s\n", usable ? "Secure partitions can be used." :
					"Secure partitions can't be used, or not all of them.");
	/* What is wrong has been told on standard output. */
	if (!usable) {
		fflush(stdout);
		fprintf(stderr, "tstee: something is wrong; see standard output\n");
	}
	return e->code;
}

enum exit_code cmd_doctor(int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY, { 0 } };
	struct common_options options = { 0 };
	struct examination e = { 0 };
	enum exit_code code;
	int option;

	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		code = common_option(&options, option, optarg, "doctor", argv);
		if (code)
			return code;
	}
	if (options.help) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	if (optind < argc)
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: doctor takes no argument; see tstee doctor --help",
			       argv[optind]);
	e.json = options.json;
	e.checks = json_array();
	check_versions(&e);
	check_world(&e);
	check_devices(&e);
	check_pkcs11(&e);
	check_provider(&e);
	return report(&e);
}
