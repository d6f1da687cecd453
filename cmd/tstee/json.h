/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON output, by jansson. */
#ifndef CMD_TSTEE_JSON_H
#define CMD_TSTEE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Prints a value and a newline to standard output, and gives its reference back. */
void json_print(json_t *value);

/* The same of an array if it is @good, and not NULL; else it is given back alone. */
void json_end(json_t *array, bool good);

/* The same, with a line for each element. */
void json_end_lines(json_t *array, bool good);

/* A string, in which bytes that aren't UTF-8 are U+FFFD. */
json_t *json_text(const char *text);

/* The same of @len bytes, any of which may be zero. */
json_t *json_text_of(const char *text, size_t len);

/* A string of hexadecimal digits. */
json_t *json_hex(const void *data, size_t len);

/* A 64-bit number as a string behind 0x: many readers keep only 53 bits of a number. */
json_t *json_id(uint64_t id);

/* An array of the names that @name has for 0, 1... until it is NULL. */
json_t *json_names(const char *(*name)(uint64_t of, size_t i), uint64_t of);

#endif /* CMD_TSTEE_JSON_H */
