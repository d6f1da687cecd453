// SPDX-License-Identifier: BSD-3-Clause
/* Passphrases from a file, the environment or a terminal. See passphrase.h. No state. */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1023u

/* A line, byte by byte, for what is behind it isn't ours. NULL or why not. */
static const char *read_line(int fd, struct secret *text)
{
	ssize_t got;
	char c;

	text->data = calloc(1, PASSPHRASE_MAX);
	if (!text->data)
		return "out of memory";
	while ((got = read(fd, &c, 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (c == '\n')
			break;
		if (text->len == PASSPHRASE_MAX)
			return "too long";
		text->data[text->len++] = (uint8_t)c;
	}
	if (text->len && text->data[text->len - 1] == '\r')
		text->len--;
	return text->len ? NULL : "there is none in it";
}

static const char *from_terminal(struct secret *text)
{
	const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	static const char prompt[] = "Passphrase: ";
	struct termios before, silent;
	const char *problem;

	if (fd < 0 || tcgetattr(fd, &before)) {
		if (fd >= 0)
			close(fd);
		return "encrypted, and there is no terminal to ask for its passphrase; give "
		       "--passphrase FILE or --passphrase env:NAME";
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	silent.c_lflag |= ECHONL;
	/* Whoever interrupts finds the terminal as it was. */
	silent.c_lflag &= ~(tcflag_t)ISIG;
	tcsetattr(fd, TCSAFLUSH, &silent);
	if (write(fd, prompt, sizeof(prompt) - 1) < 0)
		problem = strerror(errno);
	else
		problem = read_line(fd, text);
	if (!problem && memchr(text->data, 3, text->len))
		problem = "interrupted";
	tcsetattr(fd, TCSAFLUSH, &before);
	close(fd);
	return problem;
}

static const char *from_environment(const char *name, struct secret *text)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return "this variable has no passphrase";
	return secret_copy(text, value, strlen(value)) ? NULL : "out of memory";
}

static const char *from_file(const char *path, struct secret *text)
{
	const bool is_stdin = !strcmp(path, "-");
	const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	const char *problem;

	if (fd < 0)
		return strerror(errno);
	problem = read_line(fd, text);
	if (!is_stdin)
		close(fd);
	return problem;
}

static const char *get(struct passphrase *self, struct secret *text)
{
	struct user_passphrase *passphrase = (struct user_passphrase *)self;
	const char *source = passphrase->source, *problem;

	memset(text, 0, sizeof(*text));
	passphrase->asked = true;
	if (!source)
		problem = from_terminal(text);
	else if (!strncmp(source, "env:", 4))
		problem = from_environment(source + 4, text);
	else
		problem = from_file(source, text);
	if (!problem)
		return NULL;
	secret_free(text);
	if (!source)
		return problem;
	snprintf(passphrase->problem, sizeof(passphrase->problem), "--passphrase %.80s: %s", source,
		 problem);
	return passphrase->problem;
}

void user_passphrase_init(struct user_passphrase *passphrase, const struct args *args)
{
	memset(passphrase, 0, sizeof(*passphrase));
	passphrase->base.get = get;
	passphrase->source = args->value[ARG_PASSPHRASE];
}
