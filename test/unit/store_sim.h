/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A store on model flash beside a plain model of what it must hold: random operations are
 * made on both, and compared. Asserts by cmocka.
 */
#ifndef TEST_UNIT_STORE_SIM_H
#define TEST_UNIT_STORE_SIM_H

#include <secure/port/host/flash_model.h>
#include <secure/service/secure_storage.h>
#include <secure/store/store.h>

#define SIM_KEYS 8

/* Data is made of cells that begin with this, to be recognised on the flash. */
#define SIM_CELL_MAGIC 0x5ec4e7a5u

struct sim_object {
	bool exists;
	uint32_t flags;
	uint32_t capacity;
	uint32_t size;
	uint8_t data[STORE_OBJECT_MAX];
};

struct sim {
	struct flash_model flash;
	struct store store;
	const struct secure_storage_ops *ops; /* what is tested: of store, unless set otherwise */
	void *tested;			      /* for ops */
	void (*mount)(struct sim *sim);
	struct sim_object objects[SIM_KEYS];
	uint32_t object_max; /* lengths are random up to this */
	uint64_t random;
	uint32_t version; /* of the data; each operation writes other data */
	uint32_t refused; /* operations that found no room */
	/* Of the last step: its object, as it was and as it was to be. */
	uint32_t key;
	struct sim_object before;
	struct sim_object after;
};

/* Who pays for objects when it is not shares that are tested: the rule doesn't hold for it. */
extern const struct share_account sim_payer;

/* Whether flash made from now on takes over ones as well, as QEMU's does. */
extern bool sim_flash_overwrites;

/* If set, what stores are mounted on: a device that keeps in the model what it is given. */
extern struct flash *(*sim_device)(struct flash_model *flash);

/* Fresh flash, not mounted, for who sets ops, tested and mount. Ends by sim_free(). */
struct sim *sim_prepare(uint32_t block_len, uint32_t block_count, uint32_t object_max,
			uint64_t seed);
/* Fresh flash, mounted as a store. Ends by sim_free(). */
struct sim *sim_new(uint32_t block_len, uint32_t block_count, uint32_t object_max, uint64_t seed);
void sim_free(struct sim *sim);

uint32_t sim_random(struct sim *sim, uint32_t below);
struct store_key sim_key(uint32_t key);

/* Mounts, and checks that it changes nothing on the flash. */
void sim_mount(struct sim *sim);

/*
 * One random operation. Its result must be what the model says, or "no room". False when
 * the device failed: then sim_settle() takes over what has become of the object.
 */
bool sim_step(struct sim *sim);

/* The object of the failed step must be as it was before it or after it. */
void sim_settle(struct sim *sim);

/* Is the object what the model says that it is? Not if it can't be read. */
bool sim_holds(struct sim *sim, uint32_t key, const struct sim_object *object);

/* The store must hold exactly what the model does. */
void sim_check(struct sim *sim);

/* Nothing that an object no longer holds may be readable on the flash. */
void sim_check_wiped(struct sim *sim);

#endif /* TEST_UNIT_STORE_SIM_H */
