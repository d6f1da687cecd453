// SPDX-License-Identifier: BSD-3-Clause
/*
 * The line logger. The C library's printf would be most of a small partition, and its
 * variadic functions save vector registers, which partitions do without (ffa.h).
 */
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <stdarg.h>

#define LINE_LEN 96

struct line {
	char text[LINE_LEN];
	size_t len; /* one place is kept for the new line */
};

static void put_char(struct line *line, char c)
{
	if (line->len < LINE_LEN - 1)
		line->text[line->len++] = c;
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put_char(line, *text++);
}

static void put_number(struct line *line, uint32_t number, uint32_t base)
{
	char digits[10];
	size_t count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count)
		put_char(line, digits[--count]);
}

static void put_signed(struct line *line, int number)
{
	if (number < 0)
		put_char(line, '-');
	put_number(line, number < 0 ? -(uint32_t)number : (uint32_t)number, 10);
}

void log_line(const char *format, ...)
{
	struct line line = { .len = 0 };
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			put_char(&line, *format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_text(&line, va_arg(args, const char *));
			break;
		case 'u':
			put_number(&line, va_arg(args, uint32_t), 10);
			break;
		case 'x':
			put_number(&line, va_arg(args, uint32_t), 16);
			break;
		case 'd':
			put_signed(&line, va_arg(args, int));
			break;
		case '\0':
			format--;
			break;
		default:
			put_char(&line, *format);
			break;
		}
	}
	va_end(args);
	line.text[line.len++] = '\n';
	ffa_console(line.text, line.len);
}
