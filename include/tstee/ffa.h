/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What TSTEE uses of the Arm Firmware Framework for A-profile, FF-A v1.1 and v1.2 (DEN0077A):
 * function IDs, status codes and the memory-management descriptors. Descriptors are in
 * little-endian memory order and naturally aligned.
 */
#ifndef TSTEE_FFA_H
#define TSTEE_FFA_H

#include <tstee/base.h>

#define FFA_VERSION_1_1 0x00010001u
#define FFA_VERSION_1_2 0x00010002u

/* Granule of memory sharing and of the RX/TX buffers, bytes. */
#define FFA_PAGE_LEN 4096u

/* Registers of a call, in and out: x0 .. x7, and from FF-A v1.2 on x0 .. x17. */
#define FFA_REGS_1_1 8
#define FFA_REGS     18

struct ffa_regs {
	uint64_t x[FFA_REGS];
};

/* Function IDs; bit 30 tells the 64-bit conventions. */
#define FFA_FUNCTION_64		 0x40000000u

#define FFA_ERROR		 0x84000060u
#define FFA_SUCCESS		 0x84000061u
#define FFA_INTERRUPT		 0x84000062u
#define FFA_VERSION		 0x84000063u
#define FFA_FEATURES		 0x84000064u
#define FFA_RX_RELEASE		 0x84000065u
#define FFA_RXTX_MAP		 0x84000066u
#define FFA_RXTX_UNMAP		 0x84000067u
#define FFA_PARTITION_INFO_GET	 0x84000068u
#define FFA_ID_GET		 0x84000069u
#define FFA_MSG_WAIT		 0x8400006bu
#define FFA_YIELD		 0x8400006cu
#define FFA_RUN			 0x8400006du
#define FFA_MSG_SEND_DIRECT_REQ	 0x8400006fu
#define FFA_MSG_SEND_DIRECT_RESP 0x84000070u
#define FFA_MEM_SHARE		 0x84000073u
#define FFA_MEM_RETRIEVE_REQ	 0x84000074u
#define FFA_MEM_RETRIEVE_RESP	 0x84000075u
#define FFA_MEM_RELINQUISH	 0x84000076u
#define FFA_MEM_RECLAIM		 0x84000077u
#define FFA_SPM_ID_GET		 0x84000085u
#define FFA_SECONDARY_EP	 0x84000087u
#define FFA_CONSOLE_LOG		 0x8400008au
/* FF-A v1.2; there are no 32-bit ones */
#define FFA_MSG_SEND_DIRECT_REQ2  0xc400008du
#define FFA_MSG_SEND_DIRECT_RESP2 0xc400008eu

/* Characters that one CONSOLE_LOG takes: six registers, and from FF-A v1.2 on sixteen. */
#define FFA_CONSOLE_LOG_64_LEN	   48u
#define FFA_CONSOLE_LOG_64_LEN_1_2 128u

/* Bits of a manifest's messaging-method, and of the properties of a partition. */
#define FFA_RECEIVES_DIRECT_REQ	 (1u << 0)
#define FFA_SENDS_DIRECT_REQ	 (1u << 1)
#define FFA_RECEIVES_DIRECT_REQ2 (1u << 9)
#define FFA_SENDS_DIRECT_REQ2	 (1u << 10)

/* Where the message of a direct request begins; in the newer form behind the UUID that it is for. */
#define FFA_MESSAGE_REG	 3
#define FFA_MESSAGE2_REG 4

/* Status codes, in w2 of FFA_ERROR. */
enum ffa_status {
	FFA_NOT_SUPPORTED = -1,
	FFA_INVALID_PARAMETERS = -2,
	FFA_NO_MEMORY = -3,
	FFA_BUSY = -4,
	FFA_INTERRUPTED = -5,
	FFA_DENIED = -6,
	FFA_RETRY = -7,
	FFA_ABORTED = -8,
	FFA_NO_DATA = -9,
};

/* w1 of direct messages: sender in the upper half, receiver in the lower. */
static inline uint16_t ffa_message_sender(uint32_t endpoints)
{
	return (uint16_t)(endpoints >> 16);
}

static inline uint16_t ffa_message_receiver(uint32_t endpoints)
{
	return (uint16_t)endpoints;
}

static inline uint32_t ffa_message_endpoints(uint16_t sender, uint16_t receiver)
{
	return (uint32_t)sender << 16 | receiver;
}

/* w1 of FFA_RUN, and of FFA_YIELD where it comes back to a caller: endpoint and, here the first, context. */
static inline uint16_t ffa_run_target(uint32_t context)
{
	return (uint16_t)(context >> 16);
}

static inline uint32_t ffa_run_context(uint16_t endpoint_id)
{
	return (uint32_t)endpoint_id << 16;
}

/*
 * Memory transaction descriptor (table 10.20): this header, access_count
 * access records at access_offset, and where those say so a composite region.
 */
struct ffa_memory_transaction {
	uint16_t sender_id;
	uint16_t attributes; /* FFA_MEMORY_... */
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_len; /* bytes of one record */
	uint32_t access_count;
	uint32_t access_offset; /* from the start of this header; 16-byte aligned */
	uint32_t reserved[3];
};

/* Endpoint memory access descriptor (table 10.16). */
struct ffa_memory_access {
	uint16_t receiver_id;
	uint8_t permissions; /* FFA_MEMORY_... */
	uint8_t flags;
	uint32_t composite_offset; /* from the start of the transaction; 0: none */
	uint64_t reserved;
};

/* Composite memory region (table 10.13); range_count ranges follow. */
struct ffa_memory_composite {
	uint32_t page_count; /* of all ranges together */
	uint32_t range_count;
	uint64_t reserved;
};

/* Constituent memory region (table 10.14). */
struct ffa_memory_range {
	uint64_t address;
	uint32_t page_count;
	uint32_t reserved;
};

/* Memory relinquish descriptor (table 16.25), for one endpoint. */
struct ffa_memory_relinquish {
	uint64_t handle;
	uint32_t flags;
	uint32_t endpoint_count;
	uint16_t endpoint_ids[1];
};

/* Bytes of the descriptor without the padding behind its one endpoint ID. */
#define FFA_MEMORY_RELINQUISH_LEN 18u

/* permissions */
#define FFA_MEMORY_READ_WRITE (2u << 0)
#define FFA_MEMORY_NO_EXECUTE (1u << 2)
#define FFA_MEMORY_DATA_MASK  (3u << 0)

/* What FFA_PARTITION_INFO_GET puts into RX (table 13.37), one for each partition. */
struct ffa_partition_info {
	uint16_t id;
	uint16_t context_count;
	uint32_t properties;
	uint8_t uuid[16];
};

/* attributes: normal memory, write-back, inner shareable */
#define FFA_MEMORY_NORMAL	     (2u << 4)
#define FFA_MEMORY_WRITE_BACK	     (3u << 2)
#define FFA_MEMORY_INNER_SHAREABLE   (3u << 0)
#define FFA_MEMORY_ATTRIBUTES_MASK   0x3fu
#define FFA_MEMORY_ATTRIBUTES_SHARED 0x2fu

/* flags of a retrieve request and its response: the transaction is a share */
#define FFA_MEMORY_SHARE (1u << 3)

/*
 * Boot information (tables 5.8 and 5.9): this header, then descriptors. Offsets are from the
 * header's start.
 */
#define FFA_BOOT_INFO_SIGNATURE 0x0ffau

struct ffa_boot_info {
	uint32_t signature;
	uint32_t version;
	uint32_t blob_len;
	uint32_t descriptor_len;
	uint32_t descriptor_count;
	uint32_t descriptor_offset;
	uint64_t reserved;
};

struct ffa_boot_info_descriptor {
	uint8_t name[16];
	uint8_t type; /* FFA_BOOT_INFO_... */
	uint8_t reserved;
	uint16_t flags;
	uint32_t len;
	uint64_t contents; /* an address, or the value, as flags say */
};

#define FFA_BOOT_INFO_FDT	       0u	 /* type: standard, the partition's manifest */
#define FFA_BOOT_INFO_CONTENTS_MASK    (3u << 2) /* flags: format of contents */
#define FFA_BOOT_INFO_CONTENTS_ADDRESS (0u << 2)

static_assert(sizeof(struct ffa_memory_transaction) == 48, "table 10.20");
static_assert(offsetof(struct ffa_memory_transaction, access_offset) == 32, "table 10.20");
static_assert(sizeof(struct ffa_memory_access) == 16, "table 10.16");
static_assert(offsetof(struct ffa_memory_access, composite_offset) == 4, "table 10.16");
static_assert(sizeof(struct ffa_memory_composite) == 16, "table 10.13");
static_assert(sizeof(struct ffa_memory_range) == 16, "table 10.14");
static_assert(offsetof(struct ffa_memory_relinquish, endpoint_ids) == 16, "table 16.25");
static_assert(FFA_MEMORY_ATTRIBUTES_SHARED ==
		      (FFA_MEMORY_NORMAL | FFA_MEMORY_WRITE_BACK | FFA_MEMORY_INNER_SHAREABLE),
	      "attributes");
static_assert(sizeof(struct ffa_partition_info) == 24, "table 13.37");
static_assert(sizeof(struct ffa_boot_info) == 32, "table 5.9");
static_assert(sizeof(struct ffa_boot_info_descriptor) == 32, "table 5.8");
static_assert(offsetof(struct ffa_boot_info_descriptor, contents) == 24, "table 5.8");

#endif /* TSTEE_FFA_H */
