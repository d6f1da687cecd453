/* SPDX-License-Identifier: BSD-3-Clause */
/* Short lines for the secure console. Never a key, a secret or a client's data. */
#ifndef SECURE_PORT_LOG_H
#define SECURE_PORT_LOG_H

#include <stdint.h>

/*
 * Prints @format and a new line; the conversions are %s (not NULL), %u and %x (uint32_t),
 * %d (int) and %%. A line that is too long is cut.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* SECURE_PORT_LOG_H */
