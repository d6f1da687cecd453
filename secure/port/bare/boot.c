// SPDX-License-Identifier: BSD-3-Clause
/*
 * Boot information (FF-A v1.1, section 5.4), and of the manifest, a flattened device tree
 * (Devicetree Specification 0.4, chapter 5), the version of FF-A, the device regions, the source of entropy, who may
 * import keys, what the processor has and the place of the event log.
 * Both come from the SPM core and are trusted, but a manifest may be written wrong: it is
 * read within its bounds, and what makes no sense stops the boot.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/boot_log.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <tstee/ffa.h>

#define FDT_MAGIC      0xd00dfeedu
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE   2u
#define FDT_PROP       3u
#define FDT_NOP	       4u
#define FDT_END	       9u

/* Byte offsets of the header's fields. */
#define FDT_TOTAL_LEN	4u
#define FDT_STRUCT	8u
#define FDT_STRINGS	12u
#define FDT_STRINGS_LEN 32u
#define FDT_STRUCT_LEN	36u
#define FDT_HEADER_LEN	40u

/* The one source that a manifest can name. */
#define ENTROPY_RNDR "rndr"

/* The manifest's word for a region that can be written, its attributes' bit. */
#define REGION_WRITABLE 2u

/* scripts/manifest refuses more, and longer ones. */
#define REGION_COUNT	8
#define REGION_NAME_LEN 32

/* Depths of the root, of /device-regions and the event log's node, and of the regions. */
#define DEPTH_ROOT   1
#define DEPTH_NODE   2
#define DEPTH_REGION 3

struct region {
	char name[REGION_NAME_LEN];
	uint64_t address;
	uint32_t pages;
	bool writable;
	bool reached; /* somebody has asked for it */
	void *at;
};

/* A walk through the structure block. Strings end within their block: boot_read checks. */
struct walk {
	const uint8_t *structure;
	uint32_t structure_len;
	uint32_t pos;
	const char *strings;
	uint32_t strings_len;
	unsigned int depth;
	bool in_regions;
	bool in_log;
};

static struct region regions[REGION_COUNT];
static size_t region_count;
static bool has_rndr;
bool boot_told;
static uint32_t importers[PORT_KEY_IMPORTER_MAX];
static size_t importer_count;
static uint16_t lifecycle;
static bool has_lifecycle;
static char processor[PORT_PROCESSOR_MAX];
static size_t processor_len;
static uint64_t log_address;
static uint32_t log_len;
static uint32_t manifest_version = FFA_VERSION_1_1;

static uint32_t be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static bool take_u32(struct walk *walk, uint32_t *value)
{
	if (walk->structure_len - walk->pos < sizeof(*value))
		return false;
	*value = be32(walk->structure + walk->pos);
	walk->pos += sizeof(*value);
	return true;
}

/* Takes @len bytes and the padding behind them. */
static bool take_bytes(struct walk *walk, uint32_t len, const uint8_t **bytes)
{
	const uint32_t left = walk->structure_len - walk->pos;
	const uint32_t padding = -len & 3u;

	if (len > left || padding > left - len)
		return false;
	*bytes = walk->structure + walk->pos;
	walk->pos += len + padding;
	return true;
}

static bool begin_node(struct walk *walk)
{
	const char *name = (const char *)walk->structure + walk->pos;
	const size_t len = strnlen(name, walk->structure_len - walk->pos);
	const uint8_t *bytes;

	if (!take_bytes(walk, (uint32_t)len + 1, &bytes))
		return false;
	walk->depth++;
	if (walk->depth == DEPTH_NODE) {
		walk->in_regions = !strcmp(name, "device-regions");
		walk->in_log = !strcmp(name, "tpm-event-log") || !strcmp(name, "tpm_event_log");
	}
	if (walk->depth != DEPTH_REGION || !walk->in_regions)
		return true;

	if (region_count == REGION_COUNT || len >= REGION_NAME_LEN)
		return false;
	memcpy(regions[region_count++].name, name, len + 1);
	return true;
}

static uint64_t be64(const uint8_t *bytes)
{
	return (uint64_t)be32(bytes) << 32 | be32(bytes + 4);
}

/* False: there are too many, or it is no list of cells. */
static bool key_importers(const uint8_t *value, uint32_t len)
{
	if (len % sizeof(uint32_t) || len > sizeof(importers))
		return false;
	importer_count = len / sizeof(uint32_t);
	for (size_t i = 0; i < importer_count; i++)
		importers[i] = be32(value + i * sizeof(uint32_t));
	return true;
}

/* False: it is too long, or no list of strings. */
static bool processor_features(const uint8_t *value, uint32_t len)
{
	if (len > sizeof(processor) || (len && value[len - 1]))
		return false;
	memcpy(processor, value, len);
	processor_len = len;
	return true;
}

static bool property(struct walk *walk)
{
	struct region *region;
	const uint8_t *value;
	uint32_t len, name;

	if (!take_u32(walk, &len) || !take_u32(walk, &name) || !take_bytes(walk, len, &value) ||
	    name >= walk->strings_len)
		return false;
	if (walk->depth == DEPTH_ROOT && !strcmp(walk->strings + name, "ffa-version") &&
	    len == sizeof(manifest_version))
		manifest_version = be32(value);
	if (walk->depth == DEPTH_ROOT && !strcmp(walk->strings + name, "tstee,entropy"))
		has_rndr = len == sizeof(ENTROPY_RNDR) && !memcmp(value, ENTROPY_RNDR, len);
	if (walk->depth == DEPTH_ROOT && !strcmp(walk->strings + name, "tstee,key-importers") &&
	    !key_importers(value, len))
		return false;
	if (walk->depth == DEPTH_ROOT && !strcmp(walk->strings + name, "tstee,lifecycle")) {
		if (len != sizeof(uint32_t) || be32(value) > UINT16_MAX)
			return false;
		lifecycle = (uint16_t)be32(value);
		has_lifecycle = true;
	}
	if (walk->depth == DEPTH_ROOT && !strcmp(walk->strings + name, "tstee,processor") &&
	    !processor_features(value, len))
		return false;
	if (walk->depth == DEPTH_NODE && walk->in_log) {
		/* The one is what an SPM core fills in, the other what it was told itself. */
		if ((!strcmp(walk->strings + name, "tpm_event_log_addr") ||
		     !strcmp(walk->strings + name, "tpm_event_log_sm_addr")) &&
		    len == sizeof(log_address))
			log_address = be64(value);
		else if (!strcmp(walk->strings + name, "tpm_event_log_size") &&
			 len == sizeof(log_len))
			log_len = be32(value);
	}
	if (walk->depth != DEPTH_REGION || !walk->in_regions)
		return true;

	region = &regions[region_count - 1];
	if (!strcmp(walk->strings + name, "base-address") && len == sizeof(region->address))
		region->address = be64(value);
	else if (!strcmp(walk->strings + name, "pages-count") && len == sizeof(region->pages))
		region->pages = be32(value);
	else if (!strcmp(walk->strings + name, "attributes") && len == sizeof(uint32_t))
		region->writable = be32(value) & REGION_WRITABLE;
	return true;
}

static bool walk_tree(struct walk *walk)
{
	uint32_t token;

	while (take_u32(walk, &token)) {
		switch (token) {
		case FDT_BEGIN_NODE:
			if (!begin_node(walk))
				return false;
			break;
		case FDT_END_NODE:
			if (!walk->depth)
				return false;
			walk->depth--;
			break;
		case FDT_PROP:
			if (!property(walk))
				return false;
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return !walk->depth;
		default:
			return false;
		}
	}
	return false;
}

/* Whether @len bytes from @offset lie within @total. */
static bool within(uint32_t offset, uint32_t len, uint32_t total)
{
	return offset <= total && len <= total - offset;
}

static int read_manifest(const uint8_t *fdt, uint32_t len)
{
	struct walk walk = { 0 };
	uint32_t strings, structure, total;

	if (len < FDT_HEADER_LEN || be32(fdt) != FDT_MAGIC)
		return -1;
	total = be32(fdt + FDT_TOTAL_LEN);
	strings = be32(fdt + FDT_STRINGS);
	structure = be32(fdt + FDT_STRUCT);
	walk.strings_len = be32(fdt + FDT_STRINGS_LEN);
	walk.structure_len = be32(fdt + FDT_STRUCT_LEN);
	if (total > len || !within(strings, walk.strings_len, total) ||
	    !within(structure, walk.structure_len, total))
		return -1;
	/* So that no string runs out of its block. */
	if (walk.strings_len && fdt[strings + walk.strings_len - 1])
		return -1;

	walk.strings = (const char *)fdt + strings;
	walk.structure = fdt + structure;
	return walk_tree(&walk) ? 0 : -1;
}

uint32_t port_ffa_version(void)
{
	return manifest_version;
}

int boot_read(const void *boot_info)
{
	const struct ffa_boot_info *info = boot_info;
	const struct ffa_boot_info_descriptor *descriptor;

	if (!info || info->signature != FFA_BOOT_INFO_SIGNATURE ||
	    info->descriptor_len < sizeof(*descriptor))
		return -1;
	for (uint32_t i = 0; i < info->descriptor_count; i++) {
		const uint64_t offset =
			info->descriptor_offset + (uint64_t)i * info->descriptor_len;

		if (offset % _Alignof(struct ffa_boot_info_descriptor) ||
		    offset + sizeof(*descriptor) > info->blob_len)
			return -1;
		descriptor = (const void *)((const uint8_t *)boot_info + offset);
		if (descriptor->type == FFA_BOOT_INFO_FDT &&
		    (descriptor->flags & FFA_BOOT_INFO_CONTENTS_MASK) ==
			    FFA_BOOT_INFO_CONTENTS_ADDRESS)
			return read_manifest((const uint8_t *)(uintptr_t)descriptor->contents,
					     descriptor->len);
	}
	return -1;
}

int boot_device_region(const char *name, void **addr, size_t *len)
{
	for (size_t i = 0; i < region_count; i++) {
		struct region *region = &regions[i];

		if (strcmp(region->name, name) || !region->pages)
			continue;
		if (!region->reached)
			region->at =
				boot_reach(region->address, (size_t)region->pages * FFA_PAGE_LEN,
					   region->writable ? BOOT_DEVICE_WRITABLE : BOOT_DEVICE);
		if (region->at == BOOT_NOWHERE)
			return -1;
		region->reached = true;
		*addr = region->at;
		*len = (size_t)region->pages * FFA_PAGE_LEN;
		return 0;
	}
	return -1;
}

bool boot_has_rndr(void)
{
	return has_rndr;
}

size_t port_key_importers(const uint32_t **ids)
{
	*ids = importers;
	return importer_count;
}

uint16_t port_lifecycle(uint16_t otherwise)
{
	return has_lifecycle ? lifecycle : otherwise;
}

size_t port_processor(const char **names)
{
	*names = processor;
	return processor_len;
}

void port_tell_processor(void)
{
	char names[PORT_PROCESSOR_MAX + 1] = "";

	for (size_t i = 0; i < processor_len; i++)
		names[i + 1] = processor[i] ? processor[i] : ' ';
	if (processor_len) {
		names[0] = ' ';
		names[processor_len] = 0;
	}
	if (has_rndr || processor_len)
		log_line("partition 0x%x: of the processor it needs%s%s", ffa_own_id(),
			 has_rndr ? " rng" : "", names);
	boot_told = true;
}

int port_boot_log(const uint8_t **log, size_t *len)
{
	if (!log_address || !log_len)
		return -1;
	*log = boot_reach(log_address, log_len, BOOT_MEMORY);
	*len = log_len;
	return *log != BOOT_NOWHERE ? 0 : -1;
}
