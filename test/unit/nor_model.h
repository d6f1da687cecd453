/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device behind the NOR flash driver, with Intel's or AMD's command set, on model flash: its
 * operations are cut short and fail as that one's. Commands that a chip wouldn't take are counted in
 * its misuse.
 */
#ifndef TEST_UNIT_NOR_MODEL_H
#define TEST_UNIT_NOR_MODEL_H

#include <secure/port/bare/nor_flash.h>
#include <secure/port/host/flash_model.h>

struct nor_device {
	bool amd;
	uint32_t commands;    /* of the query data */
	uint32_t buffer_bits; /* log2 of a chip's write buffer, bytes; 0: there is none */
	uint32_t regions;     /* of erase blocks of one length */
	uint32_t offset;      /* of the model's flash in the device */
	bool silent;	      /* never ready */
	bool absent;
};

/* What is behind nor_load() and nor_store() from now on. */
extern struct nor_device nor_device;

/* The driver's flash on @flash. NULL or the driver's reason are in *@problem. */
struct flash *nor_model_open(struct flash_model *flash, const char **problem);

/* For struct sim. */
struct flash *nor_model_device(struct flash_model *flash);

/* Accesses so far. */
extern uint64_t nor_model_loads, nor_model_stores;

#endif /* TEST_UNIT_NOR_MODEL_H */
