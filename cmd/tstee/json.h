/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON output, by jansson. */
#ifndef CMD_TSTEE_JSON_H
#define CMD_TSTEE_JSON_H

#include <jansson.h>

/* Prints a value and a newline to standard output, and gives its reference back. */
void json_print(json_t *value);

/* A string, in which bytes that aren't UTF-8 are U+FFFD. */
json_t *json_text(const char *text);

#endif /* CMD_TSTEE_JSON_H */
