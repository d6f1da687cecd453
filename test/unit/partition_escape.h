/* SPDX-License-Identifier: BSD-3-Clause */
/* What the escaping partition tries: the first word of a request says which. */
#ifndef TEST_UNIT_PARTITION_ESCAPE_H
#define TEST_UNIT_PARTITION_ESCAPE_H

#include <stdbool.h>

enum escape {
	ESCAPE_OPEN,
	ESCAPE_OPENAT2,
	ESCAPE_SOCKET,
	ESCAPE_FORK,
	ESCAPE_CLONE,
	ESCAPE_EXEC,
	ESCAPE_KILL,
	ESCAPE_PTRACE,
	ESCAPE_READ_PROCESS,
	ESCAPE_MAP_CODE,
	ESCAPE_MAKE_CODE,
	ESCAPE_DUPLICATE,
	ESCAPE_OTHER_SOCKET,
	ESCAPE_WRITE,
	ESCAPE_COUNT,
};

/* Built with a sanitizer, partitions have no filter: secure/port/host/confine.c. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ESCAPE_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define ESCAPE_SANITIZED true
#endif
#endif
#ifndef ESCAPE_SANITIZED
#define ESCAPE_SANITIZED false
#endif

#endif /* TEST_UNIT_PARTITION_ESCAPE_H */
