// SPDX-License-Identifier: BSD-3-Clause
/* The subcommands of tstee, over the imitation of the devices: output, exit codes, files. */
#include "test.h"

#include <cmd.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <psa/error.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_tee.h"

static char folder[] = "/tmp/tstee-test-XXXXXX";
static char out[200000], err[1024]; /* what the last command wrote */

static int reset(void **state)
{
	(void)state;
	unsetenv("TSTEE_LOGIN");
	fake_reset();
	failure_set_json(false);
	opterr = 0;
	return 0;
}

static char *in_folder(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void slurp(const char *name, char *text, size_t size)
{
	FILE *file = fopen(in_folder(name), "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
}

static void spill(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int redirect(int fd, const char *name, int flags)
{
	int saved = dup(fd), to = open(in_folder(name), flags, 0600);

	assert_true(saved >= 0 && to >= 0);
	dup2(to, fd);
	close(to);
	return saved;
}

static void restore(int fd, int saved)
{
	dup2(saved, fd);
	close(saved);
}

/* Runs "tstee @line" with stdin from file "in" of the folder; words are parted by one space. */
static int run(const char *line)
{
	static char words[512];
	char *argv[16] = { NULL };
	int argc = 0, code, saved[3];

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	fflush(stdout);
	saved[0] = redirect(STDIN_FILENO, "in", O_RDONLY | O_CREAT);
	saved[1] = redirect(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC);
	saved[2] = redirect(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC);
	optind = 0;
	if (!strcmp(argv[0], "list"))
		code = cmd_list(argc, argv);
	else if (!strcmp(argv[0], "its"))
		code = cmd_its(argc, argv);
	else if (!strcmp(argv[0], "ps"))
		code = cmd_ps(argc, argv);
	else if (!strcmp(argv[0], "doctor"))
		code = cmd_doctor(argc, argv);
	else
		code = cmd_call(argc, argv);
	fflush(stdout);
	for (int fd = 0; fd < 3; fd++)
		restore(fd, saved[fd]);
	slurp("out", out, sizeof(out));
	slurp("err", err, sizeof(err));
	/* Silence when all went well, else one line. */
	if (!code || code == EXIT_CODE_SERVICE_STATUS) {
		assert_string_equal(err, "");
	} else {
		assert_memory_equal(err, "tstee: ", 7);
		assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
	}
	return code;
}

static void numbers_are_decimal_or_hexadecimal(void **state)
{
	static const char *const bad[] = { "",
					   "0x",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "12a",
					   "0xg",
					   "1e3",
					   "0x1 ",
					   "18446744073709551616",
					   "0x10000000000000000" };
	uint64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_number(bad[i], UINT64_MAX, &value));
	assert_false(parse_number("256", 255, &value));
	assert_int_equal(value, 7);
	assert_true(parse_number("18446744073709551615", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	assert_true(parse_number("0XfF", 255, &value));
	assert_int_equal(value, 255);
	assert_true(parse_number("010", 255, &value)); /* not octal */
	assert_int_equal(value, 10);
}

static void odd_or_foreign_digits_are_not_hex(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	assert_false(parse_hex("0", &data, &len));
	assert_false(parse_hex("0g", &data, &len));
	assert_false(parse_hex("0 ", &data, &len));
	assert_true(parse_hex("00fF", &data, &len));
	assert_int_equal(len, 2);
	assert_memory_equal(data, "\x00\xff", 2);
	free(data);
}

static void list_shows_partitions_and_op_tee(void **state)
{
	(void)state;
	assert_int_equal(run("list"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "/dev/tee0   -         optee"));
	assert_non_null(
		strstr(out, "/dev/tee1   0x8002    tstee                 internal-trusted"));
	assert_int_equal(run("list --json"), EXIT_CODE_OK);
	assert_string_equal(
		out,
		"[\n"
		"  {\"device\": \"/dev/tee0\", \"kind\": \"optee\", \"endpoint_id\": null, "
		"\"driver\": \"optee\", \"services\": [], \"state\": null, \"problem\": null},\n"
		"  {\"device\": \"/dev/tee1\", \"kind\": \"partition\", "
		"\"endpoint_id\": \"0x8002\", \"driver\": \"tstee\", "
		"\"services\": [\"internal-trusted-storage\"], \"state\": null, "
		"\"problem\": null}\n"
		"]\n");
	fake_device[1].session_err = EIO;
	assert_int_equal(run("list"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "(dead)"));
}

static void list_shows_a_stuck_partition_without_asking_it(void **state)
{
	(void)state;
	fake_device[1].stuck = true;
	fake_device[1].state = "stuck: for 12 s in opcode 0x0101 of interface 0x00";
	assert_int_equal(run("list"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "- (stuck: for 12 s in opcode 0x0101 of interface 0x00)\n"));
	assert_int_equal(run("list --json"), EXIT_CODE_OK);
	assert_non_null(strstr(out,
			       "\"services\": [], \"state\": \"stuck: for 12 s in opcode 0x0101 "
			       "of interface 0x00\", \"problem\": \"stuck\"}"));
	fake_device[1].stuck = false;
}

static void list_without_devices_or_permission_fails(void **state)
{
	(void)state;
	fake_device[0].open_err = fake_device[1].open_err = EACCES;
	assert_int_equal(run("list"), EXIT_CODE_NO_ACCESS);
	fake_device[0].present = fake_device[1].present = false;
	assert_int_equal(run("list"), EXIT_CODE_NO_DEVICE);
}

static void secret_goes_in_and_comes_out(void **state)
{
	struct stat st;
	char line[128], text[32];

	(void)state;
	spill("in", "pass\0word", 9);
	assert_int_equal(run("its put 0x10"), EXIT_CODE_OK);
	assert_string_equal(out, "");
	assert_int_equal(run("its get 16"), EXIT_CODE_OK);
	assert_memory_equal(out, "pass\0word", 9);
	assert_int_equal(run("its get 16 --json"), EXIT_CODE_OK);
	assert_string_equal(out,
			    "{\"uid\": \"0x10\", \"size\": 9, \"data\": \"7061737300776f7264\"}\n");
	assert_int_equal(run("its get 16 --format hex"), EXIT_CODE_OK);
	assert_string_equal(out, "7061737300776f7264\n");
	assert_int_equal(run("its info 16"), EXIT_CODE_OK);
	assert_string_equal(out, "size:     9\ncapacity: 9\nflags:    none\n");
	snprintf(line, sizeof(line), "its get 16 %s", in_folder("key"));
	umask(0);
	assert_int_equal(run(line), EXIT_CODE_OK);
	assert_int_equal(stat(in_folder("key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	slurp("key", text, sizeof(text));
	assert_memory_equal(text, "pass\0word", 9);
	strcat(line, " --format hex");
	assert_int_equal(run(line), EXIT_CODE_OK);
	slurp("key", text, sizeof(text));
	assert_memory_equal(text, "7061737300776f7264\n", 19);
	assert_int_equal(run("its rm 16"), EXIT_CODE_OK);
	assert_int_equal(run("its get 16"), EXIT_CODE_NOT_FOUND);
}

static void failed_get_leaves_the_file_alone(void **state)
{
	char line[128], text[32];
	glob_t found;

	(void)state;
	spill("key", "old", 3);
	snprintf(line, sizeof(line), "its get 99 %s", in_folder("key"));
	assert_int_equal(run(line), EXIT_CODE_NOT_FOUND);
	slurp("key", text, sizeof(text));
	assert_string_equal(text, "old");
	assert_int_equal(run("its put 99"), EXIT_CODE_OK);
	assert_int_equal(run("its get 99 /proc/no/such/file"), EXIT_CODE_FILE);
	/* Fails as late as can be, in the rename: no temporary file may be left. */
	assert_int_equal(mkdir(in_folder("key.d"), 0700), 0);
	snprintf(line, sizeof(line), "its get 99 %s", in_folder("key.d"));
	assert_int_equal(run(line), EXIT_CODE_FILE);
	assert_int_equal(rmdir(in_folder("key.d")), 0);
	assert_int_equal(glob(in_folder("key.d*"), 0, NULL, &found), GLOB_NOMATCH);
}

static void what_is_no_ordinary_file_is_written_to_and_stays(void **state)
{
	char line[128], text[32], target[64];
	struct stat st;

	(void)state;
	spill("in", "new", 3);
	assert_int_equal(run("its put 99"), EXIT_CODE_OK);
	spill("target", "old and longer", 14);
	strcpy(target, in_folder("target"));
	assert_int_equal(symlink(target, in_folder("link")), 0);
	snprintf(line, sizeof(line), "its get 99 %s", in_folder("link"));
	assert_int_equal(run(line), EXIT_CODE_OK);
	assert_int_equal(lstat(in_folder("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	slurp("target", text, sizeof(text));
	assert_string_equal(text, "new");
	assert_int_equal(unlink(in_folder("link")), 0);
	assert_int_equal(unlink(target), 0);
}

static void write_once_object_cannot_be_changed(void **state)
{
	(void)state;
	assert_int_equal(run("its put 7 --write-once"), EXIT_CODE_OK);
	assert_int_equal(run("its put 7"), EXIT_CODE_NOT_PERMITTED);
	assert_int_equal(run("its rm 7"), EXIT_CODE_NOT_PERMITTED);
	assert_int_equal(run("its info 7 --json"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "\"flags\": [\"write-once\"]"));
}

static void largest_secret_passes_and_one_byte_more_does_not(void **state)
{
	static char big[65537];

	(void)state;
	memset(big, 'x', sizeof(big));
	spill("in", big, 65536);
	assert_int_equal(run("its put 7"), EXIT_CODE_OK);
	assert_int_equal(run("its get 7"), EXIT_CODE_OK);
	assert_int_equal(strlen(out), 65536);
	spill("in", big, 65537);
	assert_int_equal(run("its put 7"), EXIT_CODE_TOO_LARGE);
}

static void each_failure_has_its_exit_code(void **state)
{
	static const struct {
		const char *line;
		int code;
	} usage[] = {
		{ "its", EXIT_CODE_USAGE },
		{ "its frob 1", EXIT_CODE_USAGE },
		{ "its get", EXIT_CODE_USAGE },
		{ "its get 0", EXIT_CODE_USAGE },
		{ "its get one", EXIT_CODE_USAGE },
		{ "its get 1 a b", EXIT_CODE_USAGE },
		{ "its info 1 a", EXIT_CODE_USAGE },
		{ "its get 1 --write-once", EXIT_CODE_USAGE },
		{ "its get 1 --public --group 1", EXIT_CODE_USAGE },
		{ "its get 1 --group", EXIT_CODE_USAGE },
		{ "its get 1 --endpoint 0", EXIT_CODE_USAGE },
		{ "its get 1 --frob", EXIT_CODE_USAGE },
		{ "its create 1 9", EXIT_CODE_USAGE },
		{ "ps", EXIT_CODE_USAGE },
		{ "ps list 3", EXIT_CODE_USAGE },
		{ "ps create 1", EXIT_CODE_USAGE },
		{ "ps create 1 -1", EXIT_CODE_USAGE },
		{ "ps create 1 2 3", EXIT_CODE_USAGE },
		{ "ps create 1 2 --write-once", EXIT_CODE_USAGE },
		{ "ps write 1", EXIT_CODE_USAGE },
		{ "ps write 1 end", EXIT_CODE_USAGE },
		{ "ps write 1 0 a b", EXIT_CODE_USAGE },
		{ "ps get 1", EXIT_CODE_NO_SERVICE },
		{ "list all", EXIT_CODE_USAGE },
		{ "its get 1 --format pem", EXIT_CODE_USAGE },
		{ "its put 1 --format hex", EXIT_CODE_USAGE },
		{ "its list --format hex", EXIT_CODE_USAGE },
		{ "call --service its 1 --format hex", EXIT_CODE_USAGE },
		{ "call 1", EXIT_CODE_USAGE },
		{ "call --service its", EXIT_CODE_USAGE },
		{ "call --service its 0x10000", EXIT_CODE_USAGE },
		{ "call --service its 1 --request hex:1", EXIT_CODE_USAGE },
		{ "call --service its 1 --response-size 9999999", EXIT_CODE_USAGE },
		{ "call --service nonsense 1", EXIT_CODE_NO_SERVICE },
		{ "call --service crypto 1", EXIT_CODE_NO_SERVICE },
		{ "call --service its 1 --request /no/such", EXIT_CODE_FILE },
		{ "call --service its 3 --request hex:00040000 --response-size 9",
		  EXIT_CODE_TOO_LARGE },
		{ "its put 1 /no/such", EXIT_CODE_FILE },
		{ "its get 1 --endpoint 0x8009", EXIT_CODE_NO_DEVICE },
		{ "its get 1", EXIT_CODE_NOT_FOUND },
	};
	static const struct {
		int err;
		int open_code, call_code;
	} failures[] = {
		{ EIO, EXIT_CODE_DEAD, EXIT_CODE_DEAD },
		{ EBUSY, EXIT_CODE_BUSY, EXIT_CODE_BUSY },
		{ EPERM, EXIT_CODE_LOGIN, EXIT_CODE_OTHER },
		{ EOVERFLOW, EXIT_CODE_LOGIN, EXIT_CODE_OTHER },
		{ ENOSPC, EXIT_CODE_FULL, EXIT_CODE_FULL },
		{ ENOMEM, EXIT_CODE_NO_SPACE, EXIT_CODE_NO_SPACE },
		{ EREMOTEIO, EXIT_CODE_OTHER, EXIT_CODE_OTHER },
	};
	static const struct {
		psa_status_t status;
		int code;
	} answers[] = {
		{ PSA_ERROR_INSUFFICIENT_STORAGE, EXIT_CODE_NO_SPACE },
		{ PSA_ERROR_DATA_CORRUPT, EXIT_CODE_CORRUPT },
		{ PSA_ERROR_STORAGE_FAILURE, EXIT_CODE_CORRUPT },
		{ PSA_ERROR_GENERIC_ERROR, EXIT_CODE_OTHER },
	};

	(void)state;
	spill("in", "x", 1);
	for (size_t i = 0; i < sizeof(usage) / sizeof(usage[0]); i++)
		assert_int_equal(run(usage[i].line), usage[i].code);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		fake_device[1].session_err = failures[i].err;
		assert_int_equal(run("its get 1"), failures[i].open_code);
		fake_device[1].session_err = 0;
		fake_device[1].invoke_err = failures[i].err;
		assert_int_equal(run("its get 1"), failures[i].call_code);
		fake_device[1].invoke_err = 0;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		fake_device[1].status = answers[i].status;
		assert_int_equal(run("its put 1"), answers[i].code);
	}
	fake_device[1].open_err = EACCES;
	assert_int_equal(run("its get 1"), EXIT_CODE_NO_ACCESS);
}

static void who_has_his_share_is_told_apart_from_who_finds_the_partition_full(void **state)
{
	static const struct {
		struct admin_pool pool;
		int code;
		const char *said;
	} cases[] = {
		{ { "objects", 100, 10, 40, 40 },
		  EXIT_CODE_SHARE,
		  "object 0x1: your share of the partition is used up: you hold 40 of 100 objects, "
		  "and 40 are free" },
		{ { "objects", 100, 10, 1, 5 }, EXIT_CODE_SHARE, "you hold 5 of 100 objects" },
		{ { "objects", 100, 10, 0, 5 }, EXIT_CODE_FULL, "hold 5; remove some of yours" },
		{ { "objects", 100, 10, 0, 0 },
		  EXIT_CODE_FULL,
		  "object 0x1: the partition is full: 0 of 90 objects are free, and you hold 0; "
		  "others have them; an administrator sees who" },
		/* The object has a byte, and some more around it. */
		{ { "flash bytes", 10000, 1000, 4000, 3900 }, EXIT_CODE_SHARE, "flash bytes" },
		{ { "flash bytes", 10000, 1000, 200, 3000 }, EXIT_CODE_FULL, "flash bytes" },
		/* Room for it, by what usage tells; but for long objects there is less. */
		{ { "flash bytes", 10000, 1000, 4000, 1000 }, EXIT_CODE_SHARE, "flash bytes" },
		{ { "flash bytes", 10000, 1000, 4000, 20 }, EXIT_CODE_FULL, "flash bytes" },
		/* Nothing that storage could be short of. */
		{ { "volatile keys", 10, 1, 0, 5 }, EXIT_CODE_NO_SPACE, "no room left" },
	};

	(void)state;
	spill("in", "x", 1);
	fake_device[1].status = PSA_ERROR_INSUFFICIENT_STORAGE;
	fake_device[2] = (struct fake_device){ .present = true,
					       .impl_id = fake_device[1].impl_id,
					       .endpoint_id = fake_device[1].endpoint_id,
					       .gen_caps = fake_device[1].gen_caps,
					       .service = "admin",
					       .driver = "tstee",
					       .buffers_max = 16 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_device[2].pool = cases[i].pool;
		assert_int_equal(run("its put 1"), cases[i].code);
		assert_non_null(strstr(err, cases[i].said));
	}
	/* Another partition's admin service knows nothing of it. */
	fake_device[2].endpoint_id++;
	fake_device[2].pool = cases[0].pool;
	assert_int_equal(run("its put 1"), EXIT_CODE_NO_SPACE);
	fake_device[1].status = 0;
	fake_device[1].invoke_err = EDQUOT;
	assert_int_equal(run("its get 1"), EXIT_CODE_SHARE);
}

static void failure_is_told_in_json_too(void **state)
{
	(void)state;
	failure_set_json(true);
	assert_int_equal(run("its get 0x2a --json"), EXIT_CODE_NOT_FOUND);
	assert_string_equal(out,
			    "{\"code\": 7, \"name\": \"not-found\", \"message\": \"object 0x2a: "
			    "no such object\", \"hint\": \"objects of other users and groups "
			    "can't be seen; see --public and --group\"}\n");
	assert_int_equal(run("its get \"\\\t --json"), EXIT_CODE_USAGE);
	assert_non_null(strstr(out, "\"message\": \"\\\"\\\\\\t: not a UID\""));
}

static void call_prints_status_and_response(void **state)
{
	(void)state;
	assert_int_equal(run("call --service its 1 --request hex:"), EXIT_CODE_OK);
	assert_int_equal(run("call --service its 0x1 --request hex:00fF"),
			 EXIT_CODE_SERVICE_STATUS);
	assert_string_equal(out, "status:   2\nresponse: 00ff\n");
	assert_int_equal(run("call --service its 1 --request hex:61 --json"),
			 EXIT_CODE_SERVICE_STATUS);
	assert_string_equal(out, "{\"status\": 1, \"size\": 1, \"response\": \"61\"}\n");
	assert_int_equal(run("call --service its 1 --request hex:61 --output -"),
			 EXIT_CODE_SERVICE_STATUS);
	assert_string_equal(out, "a");
	assert_int_equal(run("call --service its 2 --group 77"), EXIT_CODE_OK);
	assert_string_equal(out, "status:   0\nresponse: 020000004d000000\n");
}

static void help_teaches_with_examples(void **state)
{
	(void)state;
	assert_int_equal(run("its --help"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "Examples:"));
	assert_int_equal(run("its put --help"), EXIT_CODE_OK);
	assert_int_equal(run("call --help"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "Examples"));
	assert_int_equal(run("list --help"), EXIT_CODE_OK);
}

/* Linux's own driver registers no memory of users, by which it is known where sysfs tells nothing. */
static void doctor_tells_where_all_are_one_client(void **state)
{
	(void)state;
	assert_int_equal(run("doctor --json"), EXIT_CODE_OK);
	assert_null(strstr(out, "\"identity\""));
	fake_device[1].gen_caps = 0;
	fake_device[1].driver = NULL;
	assert_int_equal(run("doctor --json"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "\"identity\""));
	fake_device[1].driver = "arm_tstee";
	assert_int_equal(run("doctor --json"), EXIT_CODE_OK);
	assert_non_null(strstr(out, "\"identity\""));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const files[] = { "in", "out", "err", "key" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(in_folder(files[i]));
	return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_decimal_or_hexadecimal),
		TEST(odd_or_foreign_digits_are_not_hex),
		TEST(list_shows_partitions_and_op_tee),
		TEST(list_shows_a_stuck_partition_without_asking_it),
		TEST(list_without_devices_or_permission_fails),
		TEST(secret_goes_in_and_comes_out),
		TEST(failed_get_leaves_the_file_alone),
		TEST(what_is_no_ordinary_file_is_written_to_and_stays),
		TEST(write_once_object_cannot_be_changed),
		TEST(largest_secret_passes_and_one_byte_more_does_not),
		TEST(each_failure_has_its_exit_code),
		TEST(who_has_his_share_is_told_apart_from_who_finds_the_partition_full),
		TEST(failure_is_told_in_json_too),
		TEST(call_prints_status_and_response),
		TEST(help_teaches_with_examples),
		TEST(doctor_tells_where_all_are_one_client),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
