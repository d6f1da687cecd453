/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's "virt", which is no product: it is emulated and verifies nothing that it boots. */
#define BOARD_IMPLEMENTATION "TSTEE on QEMU virt"
#define BOARD_LIFECYCLE	     port_lifecycle(ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST)
#define BOARD_CRYPTO_HEAP    0x600000
#define BOARD_CRYPTO_MESSAGE 0x101000
#define BOARD_STACK	     16384
#define BOARD_FLASH_CHIPS    2
