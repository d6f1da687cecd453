// SPDX-License-Identifier: BSD-3-Clause
/*
 * Boot information and device regions of the manifest, as the port to S-EL0 reads them.
 * Tests build small device trees by hand: what dtc would refuse to write counts most.
 */
#include "cmocka_all.h"

#include <secure/port/bare/boot.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <tstee/ffa.h>

/* The unit keeps its state in static variables; each test needs it fresh. */
#include "../../secure/port/bare/boot.c"
#include "../../secure/port/processor.c"

static const char strings[] =
	"base-address\0pages-count\0tstee,entropy\0"
	"tpm_event_log_addr\0tpm_event_log_size\0tstee,key-importers\0"
	"tstee,processor\0attributes\0tpm_event_log_sm_addr\0tstee,lifecycle\0"
	"ffa-version";
#define NAME_ADDRESS	0u
#define NAME_PAGES	13u
#define NAME_ENTROPY	25u
#define NAME_LOG	39u
#define NAME_LOG_LEN	58u
#define NAME_IMPORTERS	77u
#define NAME_PROCESSOR	97u
#define NAME_ATTRIBUTES 113u
#define NAME_SM_LOG	124u
#define NAME_LIFECYCLE	146u
#define NAME_VERSION	162u

static char said[256];

uint16_t ffa_own_id(void)
{
	return 0x8003;
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

/* What was asked for last. */
static enum boot_kind reached;

void *boot_reach(uint64_t address, size_t len, enum boot_kind kind)
{
	(void)len;
	reached = kind;
	return (void *)(uintptr_t)address;
}

struct tree {
	uint8_t bytes[2048];
	uint32_t len;
};

static void put_u32(struct tree *t, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		t->bytes[t->len++] = (uint8_t)(value >> shift);
}

static void begin(struct tree *t, const char *name)
{
	put_u32(t, FDT_BEGIN_NODE);
	memcpy(t->bytes + t->len, name, strlen(name) + 1);
	t->len = (t->len + (uint32_t)strlen(name) + 4) & ~3u;
}

/* With the zero that ends it. */
static void string(struct tree *t, uint32_t name, const char *value)
{
	const uint32_t len = (uint32_t)strlen(value) + 1;

	put_u32(t, FDT_PROP);
	put_u32(t, len);
	put_u32(t, name);
	memcpy(t->bytes + t->len, value, len);
	t->len = (t->len + len + 3) & ~3u;
}

/* Of the log's address: an SPM core's own, or that of a partition. */
static uint32_t log_name = NAME_LOG;
/* Of regions. */
static uint32_t region_attributes = 3;

static void event_log(struct tree *t, const char *name, uint64_t address, uint32_t len)
{
	begin(t, name);
	put_u32(t, FDT_PROP);
	put_u32(t, 8);
	put_u32(t, log_name);
	put_u32(t, (uint32_t)(address >> 32));
	put_u32(t, (uint32_t)address);
	put_u32(t, FDT_PROP);
	put_u32(t, 4);
	put_u32(t, NAME_LOG_LEN);
	put_u32(t, len);
	put_u32(t, FDT_END_NODE);
}

static void region(struct tree *t, const char *name, uint64_t address, uint32_t pages)
{
	begin(t, name);
	put_u32(t, FDT_PROP);
	put_u32(t, 8);
	put_u32(t, NAME_ADDRESS);
	put_u32(t, (uint32_t)(address >> 32));
	put_u32(t, (uint32_t)address);
	put_u32(t, FDT_PROP);
	put_u32(t, 4);
	put_u32(t, NAME_PAGES);
	put_u32(t, pages);
	put_u32(t, FDT_PROP);
	put_u32(t, 4);
	put_u32(t, NAME_ATTRIBUTES);
	put_u32(t, region_attributes);
	put_u32(t, FDT_END_NODE);
}

/* Of the log that a tree has; 0: it has none. */
static uint32_t log_bytes;

/* Bytes of the root's list of importers, numbers from 0x80000001 on; 0: it has none. */
static uint32_t importer_bytes;

static void importer_list(struct tree *t)
{
	put_u32(t, FDT_PROP);
	put_u32(t, importer_bytes);
	put_u32(t, NAME_IMPORTERS);
	for (uint32_t at = 0; at < importer_bytes; at += 4)
		put_u32(t, 0x80000001 + at / 4);
}

/* Bytes of the root's life cycle, and the first four of them. */
static uint32_t lifecycle_bytes, lifecycle_value;

static void lifecycle_cells(struct tree *t)
{
	put_u32(t, FDT_PROP);
	put_u32(t, lifecycle_bytes);
	put_u32(t, NAME_LIFECYCLE);
	for (uint32_t at = 0; at < lifecycle_bytes; at += 4)
		put_u32(t, lifecycle_value);
}

/* The root's version of FF-A; 0: it has none. */
static uint32_t version_value;

static void version_cell(struct tree *t)
{
	put_u32(t, FDT_PROP);
	put_u32(t, 4);
	put_u32(t, NAME_VERSION);
	put_u32(t, version_value);
}

/* The root's list of the processor's features; NULL: it has none. */
static const uint8_t *processor_value;
static uint32_t processor_bytes;

static void processor_list(struct tree *t)
{
	put_u32(t, FDT_PROP);
	put_u32(t, processor_bytes);
	put_u32(t, NAME_PROCESSOR);
	memcpy(t->bytes + t->len, processor_value, processor_bytes);
	t->len = (t->len + processor_bytes + 3) & ~3u;
}

/*
 * A tree with the strings in front and @count regions, the first of them "flash". The root
 * and, as a decoy, a node have a source of entropy where it isn't NULL.
 */
static void make_tree_with(struct tree *t, unsigned int count, const char *root_entropy,
			   const char *node_entropy)
{
	const uint32_t head = FDT_HEADER_LEN + (uint32_t)((sizeof(strings) + 3) & ~3u);

	memset(t, 0, sizeof(*t));
	t->len = head;
	memcpy(t->bytes + FDT_HEADER_LEN, strings, sizeof(strings));
	begin(t, "");
	if (root_entropy)
		string(t, NAME_ENTROPY, root_entropy);
	if (importer_bytes)
		importer_list(t);
	if (lifecycle_bytes)
		lifecycle_cells(t);
	if (version_value)
		version_cell(t);
	if (processor_value)
		processor_list(t);
	begin(t, "other");
	if (node_entropy)
		string(t, NAME_ENTROPY, node_entropy);
	region(t, "decoy", 0x1000, 1);
	put_u32(t, FDT_END_NODE);
	begin(t, "device-regions");
	for (unsigned int i = 0; i < count; i++)
		region(t, i ? "more" : "flash", 0x140000000ull, 512);
	put_u32(t, FDT_END_NODE);
	event_log(t, log_name == NAME_LOG ? "tpm-event-log" : "tpm_event_log", 0x150000000ull,
		  log_bytes);
	event_log(t, "no-event-log", 0x1000, 1);
	put_u32(t, FDT_END_NODE);
	put_u32(t, FDT_END);

	const uint32_t total = t->len;
	const uint32_t header[] = {
		FDT_MAGIC,   total, head, FDT_HEADER_LEN, 0, 17, 16, 0, (uint32_t)sizeof(strings),
		total - head
	};
	t->len = 0;
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		put_u32(t, header[i]);
	t->len = total;
}

static void make_tree(struct tree *t, unsigned int count)
{
	make_tree_with(t, count, "rndr", NULL);
}

static int read_tree(const struct tree *t, uint32_t len)
{
	const struct {
		struct ffa_boot_info info;
		struct ffa_boot_info_descriptor fdt;
	} boot = {
		.info = {
			.signature = FFA_BOOT_INFO_SIGNATURE,
			.version = FFA_VERSION_1_1,
			.blob_len = sizeof(boot),
			.descriptor_len = sizeof(boot.fdt),
			.descriptor_count = 1,
			.descriptor_offset = sizeof(boot.info),
		},
		.fdt = { .type = FFA_BOOT_INFO_FDT, .len = len, .contents = (uintptr_t)t->bytes },
	};

	region_count = 0;
	has_rndr = false;
	importer_count = 0;
	log_address = 0;
	log_len = 0;
	memset(regions, 0, sizeof(regions));
	manifest_version = FFA_VERSION_1_1;
	return boot_read(&boot);
}

static void a_region_is_found_by_its_name(void **state)
{
	struct tree t;
	void *addr;
	size_t len;

	(void)state;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(boot_device_region("flash", &addr, &len), 0);
	assert_true((uintptr_t)addr == 0x140000000ull);
	assert_int_equal(len, 512 * FFA_PAGE_LEN);
	assert_int_equal(boot_device_region("more", &addr, &len), -1);
}

static void a_region_is_written_if_its_attributes_say_so(void **state)
{
	struct tree t;
	void *addr;
	size_t len;

	(void)state;
	for (region_attributes = 0; region_attributes < 4; region_attributes++) {
		make_tree(&t, 1);
		assert_int_equal(read_tree(&t, t.len), 0);
		assert_int_equal(boot_device_region("flash", &addr, &len), 0);
		assert_int_equal(reached,
				 region_attributes & 2 ? BOOT_DEVICE_WRITABLE : BOOT_DEVICE);
	}
	region_attributes = 3;
}

static void a_region_elsewhere_in_the_tree_does_not_count(void **state)
{
	struct tree t;
	void *addr;
	size_t len;

	(void)state;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(boot_device_region("decoy", &addr, &len), -1);
}

static void a_truncated_tree_is_refused(void **state)
{
	struct tree t;

	(void)state;
	make_tree(&t, 2);
	for (uint32_t len = 0; len < t.len; len++)
		assert_int_equal(read_tree(&t, len), -1);
}

static void more_regions_than_there_is_room_for_are_refused(void **state)
{
	struct tree t;

	(void)state;
	make_tree(&t, REGION_COUNT);
	assert_int_equal(read_tree(&t, t.len), 0);
	make_tree(&t, REGION_COUNT + 1);
	assert_int_equal(read_tree(&t, t.len), -1);
}

static void no_changed_byte_leads_out_of_the_tree(void **state)
{
	struct tree t;

	(void)state;
	/* The sanitizers are the check. */
	for (uint32_t at = 0; at < 400; at++) {
		for (unsigned int value = 0; value < 256; value++) {
			make_tree(&t, 2);
			t.bytes[at] = (uint8_t)value;
			(void)read_tree(&t, t.len);
		}
	}
}

static void entropy_comes_from_what_the_root_says(void **state)
{
	static const struct {
		const char *root;
		const char *node;
		bool has_rndr;
	} cases[] = {
		{ "rndr", NULL, true },	 { "rndr", "none", true },  { NULL, NULL, false },
		{ NULL, "rndr", false }, { "none", "rndr", false }, { "rndr2", NULL, false },
		{ "rnd", NULL, false },	 { "", NULL, false },
	};
	struct tree t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_tree_with(&t, 1, cases[i].root, cases[i].node);
		assert_int_equal(read_tree(&t, t.len), 0);
		assert_int_equal(boot_has_rndr(), cases[i].has_rndr);
	}
}

static void key_importers_are_up_to_four_numbers(void **state)
{
	const uint32_t *ids;
	struct tree t;

	(void)state;
	for (importer_bytes = 0; importer_bytes <= 24; importer_bytes++) {
		const bool good = importer_bytes % 4 == 0 && importer_bytes <= 16;

		make_tree(&t, 1);
		assert_int_equal(read_tree(&t, t.len), good ? 0 : -1);
		if (!good)
			continue;
		assert_int_equal(port_key_importers(&ids), importer_bytes / 4);
		for (uint32_t i = 0; i < importer_bytes / 4; i++)
			assert_int_equal(ids[i], 0x80000001 + i);
	}
	importer_bytes = 0;
}

static void the_life_cycle_is_what_the_root_says(void **state)
{
	static const uint32_t good[] = { 0, 0x1000, 0x3005, 0xffff },
			      bad[] = { 0x10000, 0x30000000 };
	struct tree t;

	(void)state;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_lifecycle(0x1234), 0x1234);
	lifecycle_bytes = 4;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		lifecycle_value = good[i];
		make_tree(&t, 1);
		assert_int_equal(read_tree(&t, t.len), 0);
		assert_int_equal(port_lifecycle(0x1234), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lifecycle_value = bad[i];
		make_tree(&t, 1);
		assert_int_equal(read_tree(&t, t.len), -1);
	}
	lifecycle_value = 0x1000;
	lifecycle_bytes = 8;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), -1);
	lifecycle_bytes = 0;
}

/* Some SPM cores' boot information has 1.1 for every partition. */
static void the_version_is_the_manifests(void **state)
{
	struct tree t;

	(void)state;
	version_value = FFA_VERSION_1_2;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_ffa_version(), FFA_VERSION_1_2);
	version_value = 0;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_ffa_version(), FFA_VERSION_1_1);
}

static void the_processor_has_what_the_root_lists(void **state)
{
	static const char list[] = "aes\0sha512\0dit";
	uint8_t zeros[PORT_PROCESSOR_MAX + 1] = { 0 };
	struct tree t;

	(void)state;
	processor_value = (const uint8_t *)list;
	processor_bytes = sizeof(list);
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_true(port_processor_has("aes"));
	assert_true(port_processor_has("sha512"));
	assert_true(port_processor_has("dit"));
	assert_false(port_processor_has("sha"));
	assert_false(port_processor_has("es"));
	assert_false(port_processor_has("pmull"));
	has_rndr = true;
	port_tell_processor();
	assert_string_equal(said, "partition 0x8003: of the processor it needs rng aes sha512 dit");
	/* A string without its end, and more than fits. */
	processor_bytes = sizeof(list) - 1;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), -1);
	processor_value = zeros;
	processor_bytes = sizeof(zeros);
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), -1);
	processor_bytes = sizeof(zeros) - 1;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	port_tell_processor();
	processor_value = NULL;
}

static void the_event_log_is_where_its_node_says(void **state)
{
	const uint8_t *log;
	struct tree t;
	size_t len;

	(void)state;
	log_bytes = 700;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_boot_log(&log, &len), 0);
	assert_ptr_equal(log, (void *)(uintptr_t)0x150000000ull);
	assert_int_equal(len, 700);
	assert_int_equal(reached, BOOT_MEMORY);

	/* As TF-A tells its SPM core, and one at EL3 the partition. */
	log_name = NAME_SM_LOG;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_boot_log(&log, &len), 0);
	assert_ptr_equal(log, (void *)(uintptr_t)0x150000000ull);
	log_name = NAME_LOG;

	/* As the manifest is written; an SPM core without a log leaves it so. */
	log_bytes = 0;
	make_tree(&t, 1);
	assert_int_equal(read_tree(&t, t.len), 0);
	assert_int_equal(port_boot_log(&log, &len), -1);
}

static void boot_information_of_another_kind_is_refused(void **state)
{
	struct ffa_boot_info info = { .signature = 0 };

	(void)state;
	assert_int_equal(boot_read(NULL), -1);
	assert_int_equal(boot_read(&info), -1);
	info.signature = FFA_BOOT_INFO_SIGNATURE;
	info.descriptor_len = sizeof(struct ffa_boot_info_descriptor);
	info.descriptor_count = 1;
	info.descriptor_offset = sizeof(info);
	info.blob_len = sizeof(info);
	assert_int_equal(boot_read(&info), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_is_found_by_its_name),
		cmocka_unit_test(a_region_is_written_if_its_attributes_say_so),
		cmocka_unit_test(a_region_elsewhere_in_the_tree_does_not_count),
		cmocka_unit_test(a_truncated_tree_is_refused),
		cmocka_unit_test(more_regions_than_there_is_room_for_are_refused),
		cmocka_unit_test(no_changed_byte_leads_out_of_the_tree),
		cmocka_unit_test(entropy_comes_from_what_the_root_says),
		cmocka_unit_test(key_importers_are_up_to_four_numbers),
		cmocka_unit_test(the_life_cycle_is_what_the_root_says),
		cmocka_unit_test(the_version_is_the_manifests),
		cmocka_unit_test(the_processor_has_what_the_root_lists),
		cmocka_unit_test(the_event_log_is_where_its_node_says),
		cmocka_unit_test(boot_information_of_another_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
