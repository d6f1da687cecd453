/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Messages of the secure storage services (internal trusted storage and protected
 * storage: one protocol, two service UUIDs). All numbers are little-endian.
 * The service status is a psa_status_t.
 */
#ifndef TSTEE_SECURE_STORAGE_H
#define TSTEE_SECURE_STORAGE_H

#include <tstee/base.h>

enum secure_storage_opcode {
	SECURE_STORAGE_SET = 0x100,
	SECURE_STORAGE_GET = 0x101,
	SECURE_STORAGE_GET_INFO = 0x102,
	SECURE_STORAGE_REMOVE = 0x103,
	SECURE_STORAGE_CREATE = 0x104,
	SECURE_STORAGE_SET_EXTENDED = 0x105,
	SECURE_STORAGE_GET_SUPPORT = 0x106,

	/*
	 * TSTEE's own; other partitions answer TS_RPC_ERROR_INVALID_VALUE. Request: a uid; the
	 * response is the client's uids above it, u64 each, ascending, at most
	 * SECURE_STORAGE_LIST_MAX; fewer: there are no more.
	 */
	SECURE_STORAGE_LIST = 0x8001,

	/*
	 * For partitions that keep objects on behalf of their own clients (the normal world gets
	 * PSA_ERROR_NOT_PERMITTED). The object is the caller's as after SET, but that client pays
	 * for it: it is charged to the account and FF-A source of struct secure_storage_set_for.
	 * Of the normal world's accounts that is what they store themselves and this together; this
	 * may go further into what is kept back for the secure world.
	 */
	SECURE_STORAGE_SET_FOR = 0x8002,

	/*
	 * For the same callers: all objects of the caller's FF-A source, whatever the client ID.
	 * Request and each element of the response are a struct secure_storage_client_object; the
	 * response is ascending from beyond the request's, by client ID, then uid, at most
	 * SECURE_STORAGE_LIST_MAX; fewer: there are no more.
	 */
	SECURE_STORAGE_LIST_CLIENTS = 0x8003,
};

/* create_flags */
#define SECURE_STORAGE_FLAG_WRITE_ONCE		 (1u << 0)
#define SECURE_STORAGE_FLAG_NO_CONFIDENTIALITY	 (1u << 1)
#define SECURE_STORAGE_FLAG_NO_REPLAY_PROTECTION (1u << 2)
#define SECURE_STORAGE_FLAGS			 0x7u

/* GET_SUPPORT */
#define SECURE_STORAGE_SUPPORT_SET_EXTENDED (1u << 0)

/* The longest object that TSTEE's services keep, bytes. */
#define SECURE_STORAGE_OBJECT_MAX 65536u

#define SECURE_STORAGE_LIST_MAX	  64u

/* Fixed part of each request; data, if any, follows at once. */
struct secure_storage_set {
	uint64_t uid;
	uint64_t data_length;
	uint32_t create_flags;
} __attribute__((packed));

struct secure_storage_get {
	uint64_t uid;
	uint64_t data_offset;
	uint64_t data_size;
} __attribute__((packed));

/* GET_INFO and REMOVE */
struct secure_storage_object {
	uint64_t uid;
} __attribute__((packed));

struct secure_storage_create {
	uint64_t uid;
	uint64_t capacity;
	uint32_t create_flags;
} __attribute__((packed));

struct secure_storage_set_extended {
	uint64_t uid;
	uint64_t data_offset;
	uint64_t data_length;
} __attribute__((packed));

struct secure_storage_set_for {
	uint64_t uid;
	uint64_t data_length;
	uint32_t create_flags;
	uint32_t account;   /* tstee/client_id.h */
	uint16_t source_id; /* FF-A ID of who called the caller; 0: the normal world */
	uint16_t reserved;  /* 0 */
} __attribute__((packed));

struct secure_storage_client_object {
	uint32_t client_id;
	uint64_t uid;
} __attribute__((packed));

struct secure_storage_info {
	uint64_t capacity;
	uint64_t size;
	uint32_t flags;
} __attribute__((packed));

struct secure_storage_support {
	uint32_t support;
} __attribute__((packed));

static_assert(sizeof(struct secure_storage_set) == 20, "SET");
static_assert(offsetof(struct secure_storage_set, create_flags) == 16, "SET");
static_assert(sizeof(struct secure_storage_get) == 24, "GET");
static_assert(sizeof(struct secure_storage_object) == 8, "GET_INFO, REMOVE");
static_assert(sizeof(struct secure_storage_create) == 20, "CREATE");
static_assert(offsetof(struct secure_storage_create, create_flags) == 16, "CREATE");
static_assert(sizeof(struct secure_storage_set_extended) == 24, "SET_EXTENDED");
static_assert(sizeof(struct secure_storage_set_for) == 28, "SET_FOR");
static_assert(offsetof(struct secure_storage_set_for, source_id) == 24, "SET_FOR");
static_assert(sizeof(struct secure_storage_client_object) == 12, "LIST_CLIENTS");
static_assert(sizeof(struct secure_storage_info) == 20, "GET_INFO response");
static_assert(sizeof(struct secure_storage_support) == 4, "GET_SUPPORT response");

#endif /* TSTEE_SECURE_STORAGE_H */
