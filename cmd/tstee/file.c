// SPDX-License-Identifier: BSD-3-Clause
/* Files that hold secrets. No state. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"

static bool is_stdio(const char *path)
{
	return !path || !strcmp(path, "-");
}

void secret_free(struct secret *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	secret->data = NULL;
	secret->len = 0;
}

/* Up to @size bytes; fewer only at the end of the file. -1 with errno on failure. */
static ssize_t read_full(int fd, uint8_t *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, data + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
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

enum exit_code file_read(const char *path, size_t max, struct secret *secret)
{
	const char *name = is_stdio(path) ? "standard input" : path;
	enum exit_code code = EXIT_CODE_OK;
	int fd = STDIN_FILENO;
	ssize_t len;

	/* One byte more tells a file that is too long from one that just fits. */
	secret->len = max + 1;
	secret->data = malloc(secret->len);
	if (!secret->data)
		return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", name);
	if (!is_stdio(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read_full(fd, secret->data, secret->len);
	if (len < 0)
		code = failure(EXIT_CODE_FILE, NULL, "%s: can't be read: %s", name,
			       strerror(errno));
	else if ((size_t)len > max)
		code = failure(EXIT_CODE_TOO_LARGE, NULL, "%s: longer than %zu bytes", name, max);
	if (fd > STDIN_FILENO)
		close(fd);
	if (code)
		secret_free(secret);
	else
		secret->len = (size_t)len;
	return code;
}

/* Writes @len bytes to a new file of mode 0600 beside @path, then puts it in its place. */
static bool replace_file(const char *path, const void *data, size_t len)
{
	size_t size = strlen(path) + sizeof(".XXXXXX");
	char *temp = malloc(size);
	bool ok = false;
	int fd, err;

	if (!temp)
		return false;
	snprintf(temp, size, "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		goto out;
	ok = write_full(fd, data, len) && !fsync(fd);
	err = errno;
	if (close(fd) && ok) {
		ok = false;
		err = errno;
	}
	if (ok && rename(temp, path)) {
		ok = false;
		err = errno;
	}
	if (!ok)
		unlink(temp);
	errno = err;
out:
	free(temp);
	return ok;
}

/* What is no ordinary file, such as a device or what a link leads to, is written to. */
static bool write_through(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;
	int err;

	if (fd < 0)
		return false;
	ok = write_full(fd, data, len);
	err = errno;
	if (close(fd) && ok) {
		ok = false;
		err = errno;
	}
	errno = err;
	return ok;
}

static bool is_replaceable(const char *path)
{
	struct stat st;

	return lstat(path, &st) || S_ISREG(st.st_mode);
}

enum exit_code file_write(const char *path, const void *data, size_t len)
{
	if (is_stdio(path)) {
		if (!write_full(STDOUT_FILENO, data, len))
			return failure(EXIT_CODE_FILE, NULL,
				       "standard output: can't be written: %s", strerror(errno));
		return EXIT_CODE_OK;
	}
	if (!(is_replaceable(path) ? replace_file : write_through)(path, data, len))
		return failure(EXIT_CODE_FILE, NULL, "%s: can't be written: %s", path,
			       strerror(errno));
	return EXIT_CODE_OK;
}
