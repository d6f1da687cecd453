// SPDX-License-Identifier: BSD-3-Clause
/* Protected storage in a struct sim. See protected_sim.h. */
#include "protected_sim.h"
#include "cmocka_all.h"
#include <stdlib.h>
#include <string.h>

static int window_read(struct flash *flash, uint32_t offset, void *buf, uint32_t len)
{
	const struct flash_window *window = (struct flash_window *)flash;
	const uint32_t start = window->first_block * flash->block_len;

	return window->whole->ops->read(window->whole, start + offset, buf, len);
}

static int window_program(struct flash *flash, uint32_t offset, const void *buf, uint32_t len)
{
	const struct flash_window *window = (struct flash_window *)flash;
	const uint32_t start = window->first_block * flash->block_len;

	assert_true(offset + len <= flash->block_len * flash->block_count);
	return window->whole->ops->program(window->whole, start + offset, buf, len);
}

static int window_erase(struct flash *flash, uint32_t block)
{
	const struct flash_window *window = (struct flash_window *)flash;

	assert_true(block < flash->block_count);
	return window->whole->ops->erase(window->whole, window->first_block + block);
}

static const struct flash_ops window_ops = { window_read, window_program, window_erase };

static struct flash_window half(struct flash *whole, uint32_t index)
{
	const uint32_t count = whole->block_count / 2;

	return (struct flash_window){
		.flash = { &window_ops, whole->block_len, count },
		.whole = whole,
		.first_block = index * count,
	};
}

/* Never the same twice, which is all that a nonce must be. */
static int next_nonce(uint8_t *out, size_t len)
{
	static uint64_t count;

	memset(out, 0, len);
	count++;
	memcpy(out, &count, sizeof(count));
	return 0;
}

static void mount_protected(struct sim *sim)
{
	static const uint8_t device_key[PROTECTED_STORAGE_KEY_LEN] = { 1, 2, 3 };
	struct protected_storage *ps = sim->tested;
	struct protected_sim *psim = (void *)((char *)ps - offsetof(struct protected_sim, ps));

	assert_int_equal(store_mount(&psim->internal, &psim->internal_flash.flash), PSA_SUCCESS);
	assert_int_equal(store_mount_filtered(&psim->area, &psim->area_flash.flash,
					      protected_storage_knows, &psim->internal),
			 PSA_SUCCESS);
	protected_storage_init(&psim->ps, &psim->internal, &psim->area, device_key, next_nonce);
	assert_true(psim->ps.ready);
}

struct protected_sim *protected_sim_new(uint32_t block_len, uint32_t block_count,
					uint32_t object_max, uint64_t seed)
{
	struct protected_sim *psim = calloc(1, sizeof(*psim));
	struct sim *sim = sim_prepare(block_len, 2 * block_count, object_max, seed);

	assert_non_null(psim);
	psim->sim = sim;
	psim->internal_flash = half(&sim->flash.flash, 0);
	psim->area_flash = half(&sim->flash.flash, 1);
	sim->ops = &protected_storage_ops;
	sim->tested = &psim->ps;
	sim->mount = mount_protected;
	sim_mount(sim);
	return psim;
}

void protected_sim_free(struct protected_sim *psim)
{
	sim_free(psim->sim);
	free(psim);
}

uint8_t *protected_sim_area(struct protected_sim *psim, size_t *len)
{
	*len = psim->sim->flash.len / 2;
	return psim->sim->flash.bytes + *len;
}

void protected_sim_check_secret(struct protected_sim *psim)
{
	const struct sim *sim = psim->sim;
	const uint32_t magic = SIM_CELL_MAGIC;

	for (size_t i = 0; i + sizeof(magic) <= sim->flash.len; i += sizeof(magic))
		assert_memory_not_equal(sim->flash.bytes + i, &magic, sizeof(magic));
}
