/* SPDX-License-Identifier: BSD-3-Clause */
/* tee_sys.h for devices of a software world. Any thread. */
#ifndef CLIENT_TEE_WORLD_H
#define CLIENT_TEE_WORLD_H

#include <stdbool.h>
#include <stddef.h>

/* Opens the device @path of the world at @world. As tee_sys_open(). */
int tee_world_open(const char *world, const char *path);

/* Closes @fd and all that belongs to it. False if it is no device of a world. */
bool tee_world_close(int fd);

/* As tee_sys_ioctl(), in *@ret. False if @fd is no device of a world. */
bool tee_world_ioctl(int fd, unsigned long request, void *arg, int *ret);

int tee_world_attribute(const char *world, unsigned int index, const char *attribute, char *text,
			size_t size);

#endif /* CLIENT_TEE_WORLD_H */
