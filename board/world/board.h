/* SPDX-License-Identifier: BSD-3-Clause */
/* A software world, which protects its keys from nobody who runs it. Its manifests are QEMU's. */
#define BOARD_IMPLEMENTATION "TSTEE software world"
#define BOARD_LIFECYCLE	     port_lifecycle(ATTESTATION_LIFECYCLE_UNKNOWN)
/* Tests have a crypto partition with shorter ones. */
#ifndef BOARD_CRYPTO_MESSAGE
#define BOARD_CRYPTO_MESSAGE 0x101000
#endif
