/* SPDX-License-Identifier: BSD-3-Clause */
/* What the manifest says beside what FF-A knows. */
#ifndef SECURE_PORT_MANIFEST_H
#define SECURE_PORT_MANIFEST_H

#include <stdbool.h>
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

/* The version of FF-A that the partition asks the SPM core for: that of its manifest. */
uint32_t port_ffa_version(void);

/*
 * The life cycle that the root's tstee,lifecycle says (enum attestation_lifecycle), or @otherwise: for
 * boards without fuses, where it is as trustworthy as the rest of the firmware, and for software worlds.
 */
uint16_t port_lifecycle(uint16_t otherwise);

/* The longest list of features, bytes. */
#define PORT_PROCESSOR_MAX 96

/*
 * What the processor has, by Linux's names of its features (aes, pmull, sha1, sha2, sha512, sha3, dit), as
 * the root's tstee,processor lists them: a partition can't look. Strings, one behind the other, each with
 * its zero; returns their length, 0 if nothing is said. *@names stays valid.
 */
size_t port_processor(const char **names);
/* Is a name among them? NULL if nothing is said. */
bool (*port_processor_asked(void))(const char *name);
/* Is @name among them? */
bool port_processor_has(const char *name);

/*
 * For partition_start(): says on the console what the partition relies on, as it can't look: what the
 * processor lacks after all stops the partition at its first use, without a reason.
 */
void port_tell_processor(void);

#endif /* SECURE_PORT_MANIFEST_H */
