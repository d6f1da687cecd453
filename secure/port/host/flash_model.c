// SPDX-License-Identifier: BSD-3-Clause
/* NOR flash as a mapping of memory or of a file. See flash_model.h. */
#include <errno.h>
#include <fcntl.h>
#include <secure/port/host/flash_model.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t random_next(struct flash_model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random;
}

/* Which bits of the word at @i an operation has reached that ended at @cut. */
static uint32_t garbage_mask(struct flash_model *model, uint32_t kind, uint32_t cut, uint32_t i)
{
	switch (kind) {
	case FLASH_GARBAGE_ALL:
		return UINT32_MAX;
	case FLASH_GARBAGE_PREFIX:
		return i < cut ? UINT32_MAX : 0;
	case FLASH_GARBAGE_SUFFIX:
		return i < cut ? 0 : UINT32_MAX;
	case FLASH_GARBAGE_WORDS:
		/* The odds are another for each cut. */
		return (random_next(model) >> 32) % 32 < cut % 32 ? UINT32_MAX : 0;
	case FLASH_GARBAGE_BITS:
		return (uint32_t)(random_next(model) >> 32);
	default:
		return 0;
	}
}

static bool fails(const struct flash_model *model, uint32_t offset)
{
	const uint64_t number = model->operations;

	if (model->fail_block != FLASH_MODEL_ANY &&
	    model->fail_block != offset / model->flash.block_len)
		return false;
	return number == model->fail_at || (number > model->fail_at && number <= model->fail_until);
}

/* Gives [offset, offset + len) the bytes at @data, or all ones if that is NULL. */
static int change(struct flash_model *model, uint32_t offset, const uint8_t *data, uint32_t len)
{
	uint8_t *bytes = model->bytes + offset;
	uint32_t kind = FLASH_GARBAGE_ALL;
	uint32_t cut = 0;
	bool bad;

	if (!model->powered)
		return -1;

	model->operations++;
	bad = model->operations == model->cut_at || fails(model, offset);
	if (bad) {
		kind = model->garbage;
		if (kind == FLASH_MODEL_ANY)
			kind = (uint32_t)(random_next(model) % FLASH_GARBAGE_KINDS);
		cut = (uint32_t)(random_next(model) % len);
	}
	for (uint32_t i = 0; i < len; i += FLASH_WORD_LEN) {
		const uint32_t mask = bad ? garbage_mask(model, kind, cut, i) : UINT32_MAX;
		uint32_t old, new = UINT32_MAX;

		memcpy(&old, bytes + i, sizeof(old));
		if (data) {
			memcpy(&new, data + i, sizeof(new));
			if (!model->overwrites)
				new &= old;
		}
		new = (old & ~mask) | (new &mask);
		memcpy(bytes + i, &new, sizeof(new));
	}
	if (model->operations == model->cut_at)
		model->powered = false;
	return bad ? -1 : 0;
}

static bool in_range(const struct flash_model *model, uint32_t offset, uint32_t len)
{
	return len <= model->len && offset <= model->len - len;
}

static int model_read(struct flash *flash, uint32_t offset, void *buf, uint32_t len)
{
	struct flash_model *model = (struct flash_model *)flash;

	if (!in_range(model, offset, len)) {
		model->misuse++;
		return -1;
	}
	if (!model->powered || ++model->read_count == model->read_fail_at)
		return -1;
	memcpy(buf, model->bytes + offset, len);
	return 0;
}

static int model_program(struct flash *flash, uint32_t offset, const void *buf, uint32_t len)
{
	struct flash_model *model = (struct flash_model *)flash;

	if (!in_range(model, offset, len) || !len || offset % FLASH_WORD_LEN ||
	    len % FLASH_WORD_LEN || (uintptr_t)buf % FLASH_WORD_LEN) {
		model->misuse++;
		return -1;
	}
	return change(model, offset, buf, len);
}

static int model_erase(struct flash *flash, uint32_t block)
{
	struct flash_model *model = (struct flash_model *)flash;

	if (block >= flash->block_count) {
		model->misuse++;
		return -1;
	}
	return change(model, block * flash->block_len, NULL, flash->block_len);
}

static const struct flash_ops model_ops = {
	.read = model_read,
	.program = model_program,
	.erase = model_erase,
};

void flash_model_init_absent(struct flash_model *model)
{
	*model = (struct flash_model){ .flash.ops = &model_ops, .fd = -1 };
}

int flash_model_open_fd(struct flash_model *model, int fd, uint32_t block_len, uint32_t block_count,
			uint64_t seed)
{
	const size_t len = (size_t)block_len * block_count;
	const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *bytes = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (bytes == MAP_FAILED)
		return -1;
	*model = (struct flash_model){
		.flash = { &model_ops, block_len, block_count },
		.bytes = bytes,
		.len = len,
		.fd = fd,
		.random = seed * 2 + 1,
	};
	flash_model_power_on(model);
	return 0;
}

int flash_model_create(struct flash_model *model, uint32_t block_len, uint32_t block_count,
		       uint64_t seed)
{
	if (flash_model_open_fd(model, -1, block_len, block_count, seed))
		return -1;
	memset(model->bytes, 0xff, model->len);
	return 0;
}

int flash_model_open(struct flash_model *model, const char *path, uint32_t block_len,
		     uint32_t block_count, uint64_t seed)
{
	const off_t len = (off_t)block_len * block_count;
	struct stat st;
	int fd, err;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		goto err_close;
	if (st.st_size && st.st_size != len) {
		errno = EINVAL;
		goto err_close;
	}
	if (!st.st_size && ftruncate(fd, len))
		goto err_close;
	if (flash_model_open_fd(model, fd, block_len, block_count, seed))
		goto err_close;
	if (!st.st_size)
		memset(model->bytes, 0xff, model->len);
	return 0;

err_close:
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

void flash_model_close(struct flash_model *model)
{
	munmap(model->bytes, model->len);
	if (model->fd >= 0)
		close(model->fd);
	model->bytes = NULL;
}

void flash_model_power_on(struct flash_model *model)
{
	model->powered = true;
	model->cut_at = FLASH_MODEL_NEVER;
	model->fail_at = FLASH_MODEL_NEVER;
	model->fail_until = 0;
	model->fail_block = FLASH_MODEL_ANY;
	model->garbage = FLASH_MODEL_ANY;
	model->read_fail_at = FLASH_MODEL_NEVER;
}
