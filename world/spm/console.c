// SPDX-License-Identifier: BSD-3-Clause
/* The secure console: what each partition prints, and what is said about it, in its log. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LEN_MAX	   (1 << 20)
#define CONSOLE_LOG_32_LEN 24u
#define PRINTABLE(c)	   ((c) >= ' ' && (c) <= '~')

int console_open(int dir_fd)
{
	int fd =
		openat(dir_fd, "log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

/* Whatever a partition prints, its log doesn't fill the disk. */
static void write_line(struct partition *p, const char *line, size_t len)
{
	struct stat st;

	if (!fstat(p->log_fd, &st) && st.st_size > LOG_LEN_MAX && ftruncate(p->log_fd, 0))
		return;
	if (write(p->log_fd, line, len) < 0)
		return; /* best effort: there is nobody to tell */
}

static void flush(struct partition *p)
{
	p->console[p->console_len++] = '\n';
	write_line(p, p->console, p->console_len);
	p->console_len = 0;
}

static void put(struct partition *p, char c)
{
	if (c == '\n') {
		flush(p);
		return;
	}
	if (!c || c == '\r')
		return;
	p->console[p->console_len++] = PRINTABLE(c) ? c : '?';
	if (p->console_len == CONSOLE_LEN - 1)
		flush(p);
}

void console_log(struct partition *p, struct ffa_regs *regs)
{
	const bool wide = regs->x[0] & FFA_FUNCTION_64;
	const size_t per_reg = wide ? sizeof(uint64_t) : sizeof(uint32_t);
	const uint32_t count = (uint32_t)regs->x[1];
	const uint32_t wide_max =
		p->version < FFA_VERSION_1_2 ? FFA_CONSOLE_LOG_64_LEN : FFA_CONSOLE_LOG_64_LEN_1_2;

	if (!count || count > (wide ? wide_max : CONSOLE_LOG_32_LEN)) {
		spm_error(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	for (size_t i = 0; i < count; i++)
		put(p, (char)(regs->x[2 + i / per_reg] >> i % per_reg * 8));
	spm_success(regs, 0, 0);
}

void console_line(struct partition *p, const char *format, ...)
{
	char line[CONSOLE_LEN];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len < 0)
		return;
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	write_line(p, line, (size_t)len);
}

void console_last_line(const struct partition *p, int state_fd, char *line, size_t size)
{
	char path[NAME_LEN + sizeof("/log")], tail[2 * CONSOLE_LEN];
	ssize_t len = -1;
	char *begin;
	off_t end;
	int fd;

	*line = '\0';
	snprintf(path, sizeof(path), "%s/log", p->name);
	fd = openat(state_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	end = lseek(fd, 0, SEEK_END);
	if (end > 0)
		len = pread(fd, tail, sizeof(tail) - 1,
			    end < (off_t)sizeof(tail) ? 0 : end - (off_t)sizeof(tail) + 1);
	close(fd);
	if (len <= 0)
		return;
	if (tail[len - 1] == '\n')
		len--;
	tail[len] = '\0';
	begin = strrchr(tail, '\n');
	snprintf(line, size, "%s", begin ? begin + 1 : tail);
}
