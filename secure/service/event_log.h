/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event log of measured boot (TCG PC Client Platform Firmware Profile, section 10, crypto
 * agile) as software components of an attestation token.
 */
#ifndef SECURE_SERVICE_EVENT_LOG_H
#define SECURE_SERVICE_EVENT_LOG_H

#include <secure/service/attestation.h>

/*
 * Reads the @len bytes of @log into at most @max @components: *@count. Each event that
 * measures something is one, by its SHA-256 and, where its data are a name of at most
 * ATTESTATION_TEXT_MAX characters, that name. 0, or -1 and *@count 0: the log is malformed, has
 * more of them, or an event without a SHA-256. A log that can't be read as a whole tells nothing.
 */
int event_log_read(const uint8_t *log, size_t len, struct attestation_component *components,
		   size_t max, size_t *count);

#endif /* SECURE_SERVICE_EVENT_LOG_H */
