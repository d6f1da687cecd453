// SPDX-License-Identifier: GPL-2.0-only
/* Messages: formatted as the kernel does, one write for each line, to stderr. */
#include <linux/device.h>
#include <linux/jiffies.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define LINE_LEN 512
#define SPEC_LEN 16

/* Text that is cut where the buffer ends. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static void __printf(2, 0) text_vadd(struct text *text, const char *fmt, va_list args)
{
	int len = vsnprintf(text->buf + text->len, text->size - text->len, fmt, args);

	if (len < 0)
		return;
	text->len += (size_t)len;
	if (text->len >= text->size)
		text->len = text->size - 1;
}

static void __printf(2, 3) text_add(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vadd(text, fmt, args);
	va_end(args);
}

static void text_add_uuid(struct text *text, const u8 *uuid)
{
	size_t i;

	for (i = 0; i < 16; i++)
		text_add(text, "%02x%s", uuid[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-security"

/* One conversion, @spec, with the next argument; its type is what C says. */
static void text_add_arg(struct text *text, const char *spec, va_list *args)
{
	size_t len = strlen(spec);
	char conversion = spec[len - 1];
	bool is_long = strchr(spec, 'l') || strchr(spec, 'z');

	if (conversion == 's')
		text_add(text, spec, va_arg(*args, const char *));
	else if (conversion == 'p')
		text_add(text, spec, va_arg(*args, void *));
	else if (strchr("diuxXoc", conversion) && strstr(spec, "ll"))
		text_add(text, spec, va_arg(*args, long long));
	else if (strchr("diuxXoc", conversion) && is_long)
		text_add(text, spec, va_arg(*args, long));
	else
		text_add(text, spec, va_arg(*args, int));
}

#pragma GCC diagnostic pop

int world_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct text text = { .buf = buf, .size = size };
	va_list rest;

	va_copy(rest, args);
	buf[0] = '\0';
	while (*fmt) {
		char spec[SPEC_LEN] = {};
		size_t len;

		if (*fmt != '%') {
			len = strcspn(fmt, "%");
			text_add(&text, "%.*s", (int)len, fmt);
		} else if (fmt[1] == '%') {
			len = 2;
			text_add(&text, "%%");
		} else if (!strncmp(fmt, "%pUb", 4)) {
			len = 4;
			text_add_uuid(&text, va_arg(rest, const u8 *));
		} else {
			len = 1 + strspn(fmt + 1, "#0- +.123456789lz") + 1;
			if (len >= sizeof(spec) || !fmt[len - 1])
				break;
			memcpy(spec, fmt, len);
			text_add_arg(&text, spec, &rest);
		}
		fmt += len;
	}
	va_end(rest);
	return (int)text.len;
}

static void write_line(const char *line, size_t len)
{
	/* There is nobody to tell that nobody listens. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

static void __printf(2, 0) device_line(const struct device *dev, const char *fmt, va_list args)
{
	char line[LINE_LEN];
	int len;

	len = snprintf(line, sizeof(line), "%s %s: ", KBUILD_MODNAME, dev->name);
	len += world_vsnprintf(line + len, sizeof(line) - (size_t)len, fmt, args);
	line[len - 1] = '\n';
	write_line(line, (size_t)len);
}

void dev_err(const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	device_line(dev, fmt, args);
	va_end(args);
}

void dev_warn(const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	device_line(dev, fmt, args);
	va_end(args);
}

void dev_info(const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	device_line(dev, fmt, args);
	va_end(args);
}

int dev_err_probe(const struct device *dev, int error, const char *fmt, ...)
{
	char text[LINE_LEN];
	va_list args;

	va_start(args, fmt);
	world_vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	dev_err(dev, "error %d: %s", error, text);
	return error;
}

void pr_line(const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list args;
	int len;

	va_start(args, fmt);
	len = snprintf(line, sizeof(line), "%s: ", KBUILD_MODNAME);
	len += world_vsnprintf(line + len, sizeof(line) - (size_t)len - 1, fmt, args);
	va_end(args);
	line[len++] = '\n';
	write_line(line, (size_t)len);
}

void world_warn(const char *file, int line)
{
	pr_line("WARNING at %s:%d", file, line);
}
