/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of any length, read and written in pieces. */
#ifndef CMD_TSTEE_STREAM_H
#define CMD_TSTEE_STREAM_H

#include <stdint.h>

#include "cmd.h"

/* A piece. A multiple of all cipher blocks. */
#define STREAM_CHUNK 245760u

/* What is held back in memory, at most, before it may go to standard output. */
#define STREAM_HOLD_MAX (16u * 1024 * 1024)

struct input {
	int fd;
	const char *name; /* for messages */
	uint64_t size;	  /* of an ordinary file, else 0 */
	uint64_t done;
	bool is_file;
	struct progress progress;
};

/* Opens @path, or standard input if it is NULL or "-". EXIT_CODE_FILE with a message. */
enum exit_code input_open(const char *path, struct input *input);

/* Fills @data with @size bytes; *@len is less only at the end of the file. */
enum exit_code input_read(struct input *input, uint8_t *data, size_t size, size_t *len);

/* No effect on one that is closed. */
void input_close(struct input *input);

struct output {
	int fd;		  /* -1: closed */
	const char *path; /* NULL: standard output */
	char *temp;	  /* what becomes @path; NULL: written to as it is */
	bool nameless;	  /* it has no name yet */
	bool asked;	  /* standard output by its name: whatever it is */
	bool hold;	  /* keep everything in @held until it is committed */
	struct secret held;
	size_t held_size;
};

/*
 * Opens @path for writing, or standard output if it is NULL or "-". An ordinary file comes to be
 * whole and with mode 0600 by output_commit(), or stays as it was. With @hold nothing leaves
 * before output_commit(), whatever the output is. EXIT_CODE_FILE with a message.
 */
enum exit_code output_open(const char *path, bool hold, struct output *output);

/* EXIT_CODE_TOO_LARGE if it would have to hold more than STREAM_HOLD_MAX. */
enum exit_code output_write(struct output *output, const void *data, size_t len);

/* Ends the output: all of it is there, or it is discarded. */
enum exit_code output_commit(struct output *output);

/* Ends the output without a trace. No effect on one that ended. */
void output_discard(struct output *output);

#endif /* CMD_TSTEE_STREAM_H */
