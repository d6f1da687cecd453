/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Protected storage in a struct sim: the first half of its flash is internal storage, the
 * second half the area that anybody can write.
 */
#ifndef TEST_UNIT_PROTECTED_SIM_H
#define TEST_UNIT_PROTECTED_SIM_H

#include "store_sim.h"
#include <secure/service/protected_storage.h>

struct protected_sim {
	struct sim *sim;
	struct flash_window {
		struct flash flash; /* first member: the operations come back from it */
		struct flash *whole;
		uint32_t first_block;
	} internal_flash, area_flash;
	struct store internal, area;
	struct protected_storage ps;
};

/* Each half has @block_count blocks. */
struct protected_sim *protected_sim_new(uint32_t block_len, uint32_t block_count,
					uint32_t object_max, uint64_t seed);
void protected_sim_free(struct protected_sim *psim);

/* The area as it lies on the flash, and its length in bytes. */
uint8_t *protected_sim_area(struct protected_sim *psim, size_t *len);

/* No data of any object may be readable on the flash. */
void protected_sim_check_secret(struct protected_sim *psim);

#endif /* TEST_UNIT_PROTECTED_SIM_H */
