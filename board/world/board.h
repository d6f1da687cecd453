/* SPDX-License-Identifier: BSD-3-Clause */
/* A software world, which protects its keys from nobody who runs it. Its manifests are QEMU's. */
#define BOARD_IMPLEMENTATION "TSTEE software world"
#define BOARD_LIFECYCLE	     port_lifecycle(ATTESTATION_LIFECYCLE_UNKNOWN)
