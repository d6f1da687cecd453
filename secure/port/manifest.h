/* SPDX-License-Identifier: BSD-3-Clause */
/* What the manifest says beside what FF-A knows. */
#ifndef SECURE_PORT_MANIFEST_H
#define SECURE_PORT_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

/* The most that a manifest can name. */
#define PORT_KEY_IMPORTER_MAX 4

/*
 * The clients of the normal world, by their IDs (tstee/client_id.h), that the root's
 * tstee,key-importers names: who may import the device's keys beside root and the kernel. How
 * many; *@ids stays valid.
 */
size_t port_key_importers(const uint32_t **ids);

#endif /* SECURE_PORT_MANIFEST_H */
