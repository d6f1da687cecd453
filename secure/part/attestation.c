// SPDX-License-Identifier: BSD-3-Clause
/*
 * Attestation: says to others what this system is and what it has booted. Its key is crypto's.
 * What the system is called is for the board to say.
 */
#include <secure/part/part.h>
#include <secure/port/board.h>
#include <secure/port/boot_log.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <secure/port/peer.h>
#include <secure/service/admin.h>
#include <secure/service/attestation.h>
#include <secure/service/event_log.h>
#include <tstee/services.h>

/* An event is hardly shorter than what a component takes in a token: no more would fit. */
#define COMPONENTS_MAX 80u

static const uint8_t attestation_uuid[TS_RPC_UUID_LEN] = TSTEE_ATTESTATION_UUID_BYTES;

static struct attestation_component components[COMPONENTS_MAX];
static struct attestation_platform platform = {
	.components = components,
	.implementation_id = BOARD_IMPLEMENTATION,
};
static struct attestation attestation;
static struct port_peer crypto;

static_assert(sizeof(BOARD_IMPLEMENTATION) <= ATTESTATION_IMPLEMENTATION_LEN,
	      "a name and at least one zero");

/* Tokens without components say so: nobody can take them for those of a measured system. */
static void read_boot_log(void)
{
	const uint8_t *log;
	size_t len;

	if (port_boot_log(&log, &len))
		log_line("attestation: no event log of the boot, and no software components");
	else if (event_log_read(log, len, components, COMPONENTS_MAX, &platform.component_count))
		log_line("attestation: the event log of the boot, %u bytes, is malformed",
			 (unsigned int)len);
}

static void init(void)
{
	platform.lifecycle = BOARD_LIFECYCLE;
	read_boot_log();
	port_peer_init(&crypto, client_crypto_uuid, ATTESTATION_MESSAGE_MAX);
	platform.crypto = &crypto.peer;
	platform.importer_count = port_key_importers(&platform.importers);
	attestation_init(&attestation, attestation_uuid, &platform);
}

static const struct service *const services[] = { &attestation.service };

/* Its clients share nothing: what it makes of a request it gives back with the answer. */
const struct part part_attestation = {
	.init = init,
	.services = services,
	.service_count = sizeof(services) / sizeof(services[0]),
};
