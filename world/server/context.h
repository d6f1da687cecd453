/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open files of TEE devices, by their tokens. One is released when its socket has hung up and
 * the calls in it have ended. All functions may be called by any thread.
 */
#ifndef WORLD_SERVER_CONTEXT_H
#define WORLD_SERVER_CONTEXT_H

#include <stdbool.h>
#include <world/linux/kernel.h>

struct context;

/*
 * Takes over @file, which user @uid opened, and makes a token for it. 0 or a negative errno:
 * then @file is the caller's.
 */
int context_create(struct tee_file *file, uid_t uid, struct context **context);

void context_token(const struct context *context, uint8_t token[WORLD_TOKEN_LEN]);

/* The context of a token, held until context_put(); NULL if there is none. */
struct context *context_get(const uint8_t token[WORLD_TOKEN_LEN]);
void context_put(struct context *context);

struct tee_file *context_file(struct context *context);

/*
 * Its socket has hung up: no more calls. Doesn't wait for its release, which may take as long
 * as the partition does.
 */
void context_close(struct context *context);

/* Starts releases for which there was no thread. True if there are still some. */
bool context_retry(void);

/* How many there are at most. */
#define CONTEXTS_MAX 4096

/* How many there are, those that are being released included; and of them those of @uid. */
size_t context_count(void);
size_t context_count_of(uid_t uid);

#endif /* WORLD_SERVER_CONTEXT_H */
