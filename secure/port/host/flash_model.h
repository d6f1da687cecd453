/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NOR flash in memory or in a file, behind the interface of secure/store/flash.h. It is
 * as unforgiving as the device: programming only clears bits (unless that of QEMU is wanted,
 * which takes over ones as well), and when the power is cut, or the device fails, in
 * mid-operation, the words of that operation are left as some mix of old and new. One thread
 * at a time.
 */
#ifndef SECURE_PORT_HOST_FLASH_MODEL_H
#define SECURE_PORT_HOST_FLASH_MODEL_H

#include <secure/store/flash.h>
#include <stdbool.h>
#include <stddef.h>

#define FLASH_MODEL_NEVER UINT64_MAX
#define FLASH_MODEL_ANY	  UINT32_MAX

/* What an operation that is cut short, or fails, has done of what it should. */
enum flash_garbage {
	FLASH_GARBAGE_NOTHING,
	FLASH_GARBAGE_ALL,
	FLASH_GARBAGE_PREFIX,
	FLASH_GARBAGE_SUFFIX,
	FLASH_GARBAGE_WORDS, /* some words are done, the others are not */
	FLASH_GARBAGE_BITS,  /* likewise bits */
	FLASH_GARBAGE_KINDS,
};

struct flash_model {
	struct flash flash; /* first member: the operations come back from it */
	uint8_t *bytes;
	size_t len;
	int fd;		     /* of the file, or -1 */
	bool overwrites;     /* programming sets bits, too */
	bool powered;	     /* else every operation fails and changes nothing */
	uint64_t operations; /* program and erase operations so far, the failed included */
	uint64_t cut_at;     /* the operation of this number is cut short; from 1 */
	uint64_t fail_at;    /* the operation of this number reports a device error... */
	uint64_t fail_until; /* ...and all up to this one, if it is beyond... */
	uint32_t fail_block; /* ...in this block, or FLASH_MODEL_ANY */
	uint32_t garbage;    /* enum flash_garbage, or FLASH_MODEL_ANY */
	uint64_t read_count;
	uint64_t read_fail_at;
	uint64_t misuse; /* operations that break the rules of flash.h; nothing was done */
	uint64_t random; /* state of the generator of garbage; never 0 */
};

/* Erased flash in memory. 0, or -1 with errno. flash_model_close() frees. */
int flash_model_create(struct flash_model *model, uint32_t block_len, uint32_t block_count,
		       uint64_t seed);

/* Flash without blocks, as if the device were missing: all operations fail. */
void flash_model_init_absent(struct flash_model *model);

/*
 * The flash in the open file @fd, which has the length of all blocks; -1: in memory, of zeros.
 * 0, or -1 with errno and *@model unchanged. The descriptor is the model's after success.
 */
int flash_model_open_fd(struct flash_model *model, int fd, uint32_t block_len, uint32_t block_count,
			uint64_t seed);

/*
 * The flash in the file @path, which is created, erased and private to its owner when
 * absent. EINVAL when it has another length. 0, or -1 with errno.
 */
int flash_model_open(struct flash_model *model, const char *path, uint32_t block_len,
		     uint32_t block_count, uint64_t seed);

void flash_model_close(struct flash_model *model);

/* Turns the power on, and forgets all cuts and failures that were still to come. */
void flash_model_power_on(struct flash_model *model);

#endif /* SECURE_PORT_HOST_FLASH_MODEL_H */
