// SPDX-License-Identifier: BSD-3-Clause
/* Files of any length, read and written in pieces. No state. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_stdio(const char *path)
{
	return !path || !strcmp(path, "-");
}

enum exit_code input_open(const char *path, struct input *input)
{
	struct stat st;

	memset(input, 0, sizeof(*input));
	input->fd = STDIN_FILENO;
	input->name = is_stdio(path) ? "standard input" : path;
	if (!is_stdio(path))
		input->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0 || fstat(input->fd, &st))
		return failure(EXIT_CODE_FILE, NULL, "%s: can't be read: %s", input->name,
			       strerror(errno));
	input->is_file = S_ISREG(st.st_mode);
	if (input->is_file) {
		off_t at = lseek(input->fd, 0, SEEK_CUR);

		input->size = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	}
	progress_begin(&input->progress, input->name, input->size);
	return EXIT_CODE_OK;
}

enum exit_code input_read(struct input *input, uint8_t *data, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t got = read(input->fd, data + *len, size - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failure(EXIT_CODE_FILE, NULL, "%s: can't be read: %s", input->name,
				       strerror(errno));
		if (!got)
			break;
		*len += (size_t)got;
	}
	input->done += *len;
	progress_show(&input->progress, input->done);
	return EXIT_CODE_OK;
}

void input_close(struct input *input)
{
	progress_clear();
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	input->fd = -1;
}

static const char *output_name(const struct output *output)
{
	return output->path ? output->path : "standard output";
}

static enum exit_code output_failure(struct output *output)
{
	int err = errno;

	output_discard(output);
	return failure(EXIT_CODE_FILE, NULL, "%s: can't be written: %s", output_name(output),
		       strerror(err));
}

/* The folder that @path is in; the caller frees. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/*
 * A new file of mode 0600 in the folder of the path, which will take its place. It has no name
 * before it is whole, where the file system can do that: who is killed leaves nothing behind.
 */
static int open_temp(struct output *output)
{
	size_t size = strlen(output->path) + sizeof(".XXXXXX");
	char *folder = folder_of(output->path);
	int fd = -1;

	output->temp = malloc(size);
	if (!output->temp || !folder)
		goto out;
	snprintf(output->temp, size, "%s.XXXXXX", output->path);
	fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	output->nameless = fd >= 0;
	if (fd < 0)
		fd = mkostemp(output->temp, O_CLOEXEC);
out:
	if (fd < 0) {
		free(output->temp);
		output->temp = NULL;
	}
	free(folder);
	return fd;
}

/* Gives the file a name beside its path, so that it can be renamed. */
static bool give_name(struct output *output)
{
	char file[32], *x = output->temp + strlen(output->path) + 1;
	uint32_t number;

	snprintf(file, sizeof(file), "/proc/self/fd/%d", output->fd);
	for (int tries = 0; tries < 100; tries++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return false;
		snprintf(x, sizeof("XXXXXX"), "%06x", (unsigned int)(number & 0xffffff));
		if (!linkat(AT_FDCWD, file, AT_FDCWD, output->temp, AT_SYMLINK_FOLLOW)) {
			output->nameless = false;
			return true;
		}
		if (errno != EEXIST)
			return false;
	}
	return false;
}

enum exit_code output_open(const char *path, bool hold, struct output *output)
{
	struct stat st;

	memset(output, 0, sizeof(*output));
	output->fd = STDOUT_FILENO;
	output->hold = hold;
	output->asked = path;
	if (is_stdio(path))
		return EXIT_CODE_OK;
	output->path = path;
	/* What is no ordinary file, such as a device or what a link leads to, is written to. */
	if (lstat(path, &st) || S_ISREG(st.st_mode)) {
		output->fd = open_temp(output);
		output->hold = false;
	} else {
		output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	}
	return output->fd < 0 ? output_failure(output) : EXIT_CODE_OK;
}

static bool write_full(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		data += done;
		len -= (size_t)done;
	}
	return true;
}

/* Whether a terminal can show it: UTF-8 without control characters but those of text. */
static bool is_text(const uint8_t *data, size_t len)
{
	size_t more = 0; /* bytes of a character that are to follow */

	for (size_t i = 0; i < len; i++) {
		const uint8_t c = data[i];

		if (more ? (c & 0xc0) != 0x80 : c >= 0x80 && (c < 0xc2 || c > 0xf4))
			return false;
		if (c == 0x7f || (c < ' ' && (!c || !strchr("\t\n\r\f", c))))
			return false;
		more = more ? more - 1 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	}
	return true;
}

/* Bytes that would spoil a terminal go there only if its user says "-". */
static bool may_go(const struct output *output, const void *data, size_t len)
{
	return output->path || output->asked || is_text(data, len) || !isatty(output->fd);
}

static enum exit_code terminal_failure(void)
{
	return failure(EXIT_CODE_USAGE,
		       "give a file, send it through a pipe, ask for --format hex where there is "
		       "one, or say - for the file",
		       "standard output: a terminal, and this is binary");
}

/* realloc() would leave a copy behind. */
static enum exit_code hold(struct output *output, const void *data, size_t len)
{
	size_t want = output->held.len + len;

	if (want > STREAM_HOLD_MAX)
		return failure(EXIT_CODE_TOO_LARGE,
			       "nothing may leave before the tag at its end is verified, and this "
			       "is too long to be kept in memory; give --output FILE",
			       "%s: more than %u MiB", output_name(output), STREAM_HOLD_MAX >> 20);
	if (want > output->held_size) {
		size_t size = output->held_size ? output->held_size : STREAM_CHUNK;
		uint8_t *grown;

		while (size < want)
			size *= 2;
		grown = malloc(size);
		if (!grown)
			return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory",
				       output_name(output));
		if (output->held.data) {
			memcpy(grown, output->held.data, output->held.len);
			explicit_bzero(output->held.data, output->held.len);
			free(output->held.data);
		}
		output->held.data = grown;
		output->held_size = size;
	}
	if (len)
		memcpy(output->held.data + output->held.len, data, len);
	output->held.len = want;
	return EXIT_CODE_OK;
}

enum exit_code output_write(struct output *output, const void *data, size_t len)
{
	if (output->hold)
		return hold(output, data, len);
	if (!may_go(output, data, len))
		return terminal_failure();
	return write_full(output->fd, data, len) ? EXIT_CODE_OK : output_failure(output);
}

enum exit_code output_commit(struct output *output)
{
	int fd = output->fd;

	if (output->hold && !may_go(output, output->held.data, output->held.len))
		return terminal_failure();
	if (output->hold && !write_full(fd, output->held.data, output->held.len))
		return output_failure(output);
	if (output->temp && (fsync(fd) || (output->nameless && !give_name(output))))
		return output_failure(output);
	output->fd = -1;
	if (fd > STDERR_FILENO && close(fd))
		return output_failure(output);
	if (output->temp && rename(output->temp, output->path))
		return output_failure(output);
	free(output->temp);
	output->temp = NULL;
	output_discard(output);
	return EXIT_CODE_OK;
}

void output_discard(struct output *output)
{
	if (output->fd > STDERR_FILENO)
		close(output->fd);
	output->fd = -1;
	if (output->temp && !output->nameless)
		unlink(output->temp);
	free(output->temp);
	output->temp = NULL;
	secret_free(&output->held);
	output->held_size = 0;
}
