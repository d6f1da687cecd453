/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world's end of channels: each has a thread, which makes the calls that come through it.
 * All functions are for the watcher.
 */
#ifndef WORLD_SERVER_CHANNEL_H
#define WORLD_SERVER_CHANNEL_H

#include <stdbool.h>

#include "identity.h"

struct served_channel;

/*
 * Serves the client @peer on @socket_fd: sends it the shared memory and starts the thread. Both
 * must remain until channel_free(). 0 or a negative errno; nothing was sent then.
 */
int channel_serve(int socket_fd, const struct identity *peer, struct served_channel **channel);

/* Tells the thread that the client, or the world, is gone: it ends after the call it is in. */
void channel_hang_up(struct served_channel *channel);

/*
 * Whether the thread has ended, and if so frees the channel. To be asked again and again after
 * channel_hang_up(), since the thread may have missed that.
 */
bool channel_reap(struct served_channel *channel);

#endif /* WORLD_SERVER_CHANNEL_H */
