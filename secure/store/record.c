// SPDX-License-Identifier: BSD-3-Clause
/* One record on flash: writing, verifying, killing; and walking from one to the next. */
#include <secure/store/crc32.h>
#include <secure/store/internal.h>
#include <secure/wipe.h>
#include <string.h>

/* store->page, which is aligned, seen as words. */
typedef uint32_t __attribute__((may_alias)) page_word;

static const uint32_t zero;

bool mark_is_set(uint32_t mark)
{
	uint32_t ones = mark;

	ones -= ones >> 1 & 0x55555555u;
	ones = (ones & 0x33333333u) + (ones >> 2 & 0x33333333u);
	ones = (ones + (ones >> 4)) & 0x0f0f0f0fu;
	return (ones * 0x01010101u) >> 24 < 16;
}

int mark_set(struct store *store, uint32_t offset)
{
	return store_flash_program(store, offset, &zero, sizeof(zero));
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

int flash_find_used(struct store *store, uint32_t start, uint32_t end, uint32_t *used)
{
	const page_word *words = (const page_word *)store->page;
	uint32_t len;

	*used = start;
	for (uint32_t pos = start; pos < end; pos += len) {
		len = min_u32(end - pos, STORE_PAGE_LEN);
		if (store_flash_read(store, pos, store->page, len))
			return -1;
		for (uint32_t i = len / FLASH_WORD_LEN; i; i--) {
			if (words[i - 1] != UINT32_MAX) {
				*used = pos + i * FLASH_WORD_LEN;
				break;
			}
		}
	}
	return 0;
}

int flash_wipe(struct store *store, uint32_t start, uint32_t end)
{
	const page_word *words = (const page_word *)store->page;
	uint32_t len;

	for (uint32_t pos = start; pos < end; pos += len) {
		uint32_t bits = 0;

		len = min_u32(end - pos, STORE_PAGE_LEN);
		if (store_flash_read(store, pos, store->page, len))
			return -1;
		for (uint32_t i = 0; i < len / FLASH_WORD_LEN; i++)
			bits |= words[i];
		secure_wipe(store->page, len);
		if (bits && store_flash_program(store, pos, store->page, len))
			return -1;
	}
	return 0;
}

static uint32_t head_crc(const struct record_head *head)
{
	return crc32_update(0, head, offsetof(struct record_head, crc));
}

/* Also says that the record stays within its block, whatever @head came from. */
static bool head_verifies(const struct store *store, uint32_t offset,
			  const struct record_head *head)
{
	const uint32_t end = block_start(store, block_of(store, offset) + 1);

	return head->crc == head_crc(head) && head->size <= head->capacity &&
	       head->capacity <= STORE_OBJECT_MAX && record_len(head->size) <= end - offset;
}

psa_status_t record_read_head(struct store *store, uint32_t offset, struct record_head *head)
{
	for (uint32_t copy = 0; copy < 2; copy++) {
		const uint32_t at = offset + (uint32_t)offsetof(struct record_front, heads) +
				    copy * (uint32_t)sizeof(*head);

		if (store_flash_read(store, at, head, sizeof(*head)))
			return PSA_ERROR_STORAGE_FAILURE;
		if (head_verifies(store, offset, head))
			return PSA_SUCCESS;
	}
	return PSA_ERROR_DATA_CORRUPT;
}

/* Bytes [pos, pos + len) of the new data. */
static int payload_read(struct store *store, const struct payload *payload, uint32_t pos,
			uint8_t *buf, uint32_t len)
{
	while (len) {
		uint32_t part = len;

		if (pos >= payload->start && pos < payload->end) {
			part = min_u32(len, payload->end - pos);
			memcpy(buf, payload->data + (pos - payload->start), part);
		} else {
			if (pos < payload->start)
				part = min_u32(len, payload->start - pos);
			if (store_flash_read(store, payload->old + pos, buf, part))
				return -1;
		}
		pos += part;
		buf += part;
		len -= part;
	}
	return 0;
}

int record_write(struct store *store, uint32_t offset, struct record_head *head,
		 const struct payload *payload)
{
	const uint32_t end = offset + record_len(head->size);
	uint32_t at = offset + (uint32_t)offsetof(struct record_front, heads);
	uint32_t filled = 2 * sizeof(*head);
	uint32_t pos = 0;
	int err = 0;

	head->crc = head_crc(head);
	memcpy(store->page, head, sizeof(*head));
	memcpy(store->page + sizeof(*head), head, sizeof(*head));

	while (at < end && !err) {
		const uint32_t len = min_u32(end - at, STORE_PAGE_LEN);
		const uint32_t part = min_u32(len - filled, head->size - pos);

		err = payload_read(store, payload, pos, store->page + filled, part);
		memset(store->page + filled + part, 0xff, len - filled - part);
		if (!err)
			err = store_flash_program(store, at, store->page, len);
		secure_wipe(store->page, len);
		at += len;
		pos += part;
		filled = 0;
	}
	if (!err)
		err = mark_set(store, offset + (uint32_t)offsetof(struct record_front, commit));
	return err;
}

int record_retire(struct store *store, uint32_t offset, const struct record_head *head)
{
	const uint32_t dead = offsetof(struct record_front, dead);
	const uint32_t end = offset + record_len(head->size);
	uint32_t len;

	/*
	 * One operation for mark and data. The heads between them are given as they are: an
	 * emulated device may take over ones as well, and who finds no head finds no next.
	 */
	memset(store->page, 0, min_u32(end - offset - dead, STORE_PAGE_LEN));
	for (uint32_t copy = 0; copy < 2; copy++)
		memcpy(store->page + sizeof(uint32_t) + copy * sizeof(*head), head, sizeof(*head));
	for (uint32_t at = offset + dead; at < end; at += len) {
		len = min_u32(end - at, STORE_PAGE_LEN);
		if (store_flash_program(store, at, store->page, len))
			return -1;
		memset(store->page + sizeof(uint32_t), 0, 2 * sizeof(*head));
	}
	return 0;
}

static bool front_is_blank(const struct record_front *front)
{
	const uint8_t *bytes = (const uint8_t *)front;

	for (size_t i = 0; i < sizeof(*front); i++) {
		if (bytes[i] != 0xff)
			return false;
	}
	return true;
}

static bool front_verifies(const struct store *store, uint32_t offset,
			   const struct record_front *front, struct record *record)
{
	const struct record_head *head = front->heads;

	if (!head_verifies(store, offset, head) && !head_verifies(store, offset, ++head))
		return false;

	record->offset = offset;
	record->head = *head;
	record->state = mark_is_set(front->dead)   ? RECORD_DEAD :
			mark_is_set(front->commit) ? RECORD_CURRENT :
						     RECORD_UNFINISHED;
	return true;
}

/* Enough to tell a record, when it is not known where one begins. */
static bool front_is_intact(const struct record_front *front)
{
	return mark_is_set(front->commit) &&
	       !memcmp(&front->heads[0], &front->heads[1], sizeof(front->heads[0]));
}

void walk_start(struct store *store, struct walk *walk, uint32_t block)
{
	walk->offset = block_start(store, block) + (uint32_t)sizeof(struct block_front);
	walk->end = block_start(store, block + 1);
	walk->torn = false;
}

int walk_next(struct store *store, struct walk *walk, struct record *record)
{
	struct record_front front;
	bool lost = false;

	for (; walk->end - walk->offset >= sizeof(front); walk->offset += RECORD_ALIGN) {
		if (store_flash_read(store, walk->offset, &front, sizeof(front)))
			return -1;
		if (front_verifies(store, walk->offset, &front, record) &&
		    (!lost || front_is_intact(&front))) {
			walk->offset += record_len(record->head.size);
			return 1;
		}
		if (lost)
			continue;
		if (front_is_blank(&front))
			return 0;
		if (!mark_is_set(front.commit)) {
			walk->torn = true;
			return 0;
		}
		/*
		 * A committed record of which both heads have rotted. There are others
		 * behind it: look for them. Never done for a record that was cut short,
		 * whose data, chosen by a client, might pass for records.
		 */
		lost = true;
	}
	return 0;
}
