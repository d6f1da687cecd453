// SPDX-License-Identifier: BSD-3-Clause
/* State directories. No state of its own but the umask. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <tstee/world.h>
#include <unistd.h>

#include "state.h"

#define FORMAT 1ul

/* A world that is ending has no socket any more, and the lock for a little while yet. */
#define LOCK_TRIES	       200
#define LOCK_TRIES_WITH_SOCKET 20
#define LOCK_WAIT_NS	       10000000L

int world_fail(struct world_error *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return err;
}

int world_system_check(struct world_error *error)
{
	if (access("/proc/thread-self/fd", F_OK))
		return world_fail(error, -ENOENT, "no /proc is mounted here, which a world needs");
	return 0;
}

int world_state_path(const char *state, char **path, struct world_error *error)
{
	const char *base = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char cwd[PATH_MAX];
	int len;

	/* The specification of XDG_STATE_HOME: a relative path is to be ignored. */
	if (state && !*state)
		return world_fail(error, -EINVAL, "the name of the state directory is empty");
	if (state && *state == '/')
		len = asprintf(path, "%s", state);
	else if (state && getcwd(cwd, sizeof(cwd)))
		len = asprintf(path, "%s/%s", cwd, state);
	else if (state)
		return world_fail(error, -errno, "%s: no current directory: %s", state,
				  strerror(errno));
	else if (base && *base == '/')
		len = asprintf(path, "%s/tstee", base);
	else if (home && *home == '/')
		len = asprintf(path, "%s/.local/state/tstee", home);
	else
		return world_fail(error, -EINVAL,
				  "no default for the state directory, since HOME is not set; "
				  "use --state DIR");
	if (len < 0)
		return world_fail(error, -ENOMEM, "out of memory");
	return 0;
}

static int make_directories(char *path)
{
	for (char *slash = path + 1; *slash; slash++) {
		int ret;

		if (*slash != '/')
			continue;
		*slash = '\0';
		ret = mkdir(path, 0700);
		*slash = '/';
		if (ret && errno != EEXIST)
			return -errno;
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int check_directory(const struct world_state *state, struct world_error *error)
{
	struct stat st;

	if (fstat(state->dir_fd, &st))
		return world_fail(error, -errno, "%s: %s", state->path, strerror(errno));
	if (st.st_uid != geteuid())
		return world_fail(error, -EPERM,
				  "%s: belongs to user %u; use another state directory (--state)",
				  state->path, (unsigned int)st.st_uid);
	if (st.st_mode & 022)
		return world_fail(error, -EPERM, "%s: others can write to it; chmod go-w it",
				  state->path);
	return 0;
}

static unsigned long read_number(int fd)
{
	char text[24] = "";
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	unsigned long value;
	char *end;

	if (len <= 0 || text[0] < '0' || text[0] > '9')
		return 0;
	value = strtoul(text, &end, 10);
	return *end == '\n' || !*end ? value : 0;
}

static int write_number(int fd, unsigned long value)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lu\n", value);

	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)len, 0) != len)
		return -EIO;
	return 0;
}

static bool has_socket(const struct world_state *state)
{
	struct stat st;

	return !fstatat(state->dir_fd, WORLD_SOCKET_NAME, &st, AT_SYMLINK_NOFOLLOW);
}

static int take_lock(struct world_state *state, struct world_error *error)
{
	const struct timespec wait = { .tv_nsec = LOCK_WAIT_NS };

	state->lock_fd =
		openat(state->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (state->lock_fd < 0)
		return world_fail(error, -errno, "%s/lock: %s", state->path, strerror(errno));
	for (int i = 0; flock(state->lock_fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return world_fail(error, -errno, "%s/lock: %s", state->path,
					  strerror(errno));
		/* Who still listens after a while isn't just about to end. */
		if ((has_socket(state) && i >= LOCK_TRIES_WITH_SOCKET) || i == LOCK_TRIES)
			return world_fail(error, -EBUSY,
					  "%s: in use by the world of process %lu; tsworld stop "
					  "ends it",
					  state->path, read_number(state->lock_fd));
		nanosleep(&wait, NULL);
	}
	if (write_number(state->lock_fd, (unsigned long)getpid()))
		return world_fail(error, -EIO, "%s/lock: can't be written", state->path);
	return 0;
}

/* Complete on disk before it has its name: a file cut short would look like a bad one. */
static int write_format(const struct world_state *state)
{
	int fd, err;

	fd = openat(state->dir_fd, "format.new",
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_number(fd, FORMAT);
	if (!err && fsync(fd))
		err = -errno;
	close(fd);
	if (!err && renameat(state->dir_fd, "format.new", state->dir_fd, "format"))
		err = -errno;
	return err;
}

static int check_format(const struct world_state *state, struct world_error *error)
{
	unsigned long found;
	int fd, err;

	fd = openat(state->dir_fd, "format", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		err = write_format(state);
		return err ? world_fail(error, err, "%s/format: %s", state->path, strerror(-err)) :
			     0;
	}
	if (fd < 0)
		return world_fail(error, -errno, "%s/format: %s", state->path, strerror(errno));
	found = read_number(fd);
	close(fd);
	if (found > FORMAT)
		return world_fail(error, -ENOTSUP,
				  "%s: has format %lu, and this tsworld knows formats up to %lu; "
				  "use a newer tsworld or another state directory (--state)",
				  state->path, found, FORMAT);
	if (found != FORMAT)
		return world_fail(error, -ENOTSUP,
				  "%s/format: damaged, it should say %lu; use another state "
				  "directory (--state)",
				  state->path, FORMAT);
	return 0;
}

int state_open(struct world_state *state, const char *path, struct world_error *error)
{
	int err;

	umask(077);
	state->dir_fd = -1;
	state->lock_fd = -1;
	state->path = strdup(path);
	if (!state->path)
		return world_fail(error, -ENOMEM, "out of memory");
	err = make_directories(state->path);
	if (!err) {
		state->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		err = state->dir_fd < 0 ? -errno : 0;
	}
	if (err)
		err = world_fail(error, err, "%s: %s", path, strerror(-err));
	if (!err)
		err = check_directory(state, error);
	if (!err)
		err = take_lock(state, error);
	if (!err)
		err = check_format(state, error);
	if (err)
		state_close(state);
	return err;
}

void state_close(struct world_state *state)
{
	if (state->lock_fd >= 0)
		close(state->lock_fd);
	if (state->dir_fd >= 0)
		close(state->dir_fd);
	free(state->path);
}
