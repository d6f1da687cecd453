// SPDX-License-Identifier: BSD-3-Clause
/* FF-A manifests of partitions: the very ones that OP-TEE reads (FF-A v1.1, section 5.2). */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_MAX	  65536
#define MESSAGING_DIRECT  (FFA_RECEIVES_DIRECT_REQ | FFA_SENDS_DIRECT_REQ)
#define MESSAGING_DIRECT2 (FFA_RECEIVES_DIRECT_REQ2 | FFA_SENDS_DIRECT_REQ2)
#define REGION_WRITABLE	  2u

/*
 * Where OP-TEE is one of the partitions, under another SPM core, it has the ID and the UUID that it has as
 * the core itself: 486178e0-e7f8-11e3-bc5e-0002a5d5c51b.
 */
#define OPTEE_ID 0x8001u
static const uint32_t optee_uuid[UUID_WORDS] = { 0xe0786148, 0xe311f8e7, 0x02005ebc, 0x1bc5d5a5 };

static uint32_t first_id(const struct manifest *manifest)
{
	return memcmp(manifest->uuids[0], optee_uuid, sizeof(optee_uuid)) ? SPM_FIRST_PARTITION :
									    OPTEE_ID;
}

/* 0xffff is what the SPM dispatcher of TF-A calls itself. */
#define FFA_PARTITION_ID_MAX 0xfffeu

static int get_cells(const void *fdt, int node, const char *name, uint32_t *cells, int count)
{
	int len;
	const fdt32_t *value = fdt_getprop(fdt, node, name, &len);

	if (!value)
		return -ENOENT;
	if (len != count * (int)sizeof(*value))
		return -EINVAL;
	for (int i = 0; i < count; i++)
		cells[i] = fdt32_to_cpu(value[i]);
	return 0;
}

static bool is_file_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

/* Regions that can't be written hold nothing of their own, such as a flash's query data. */
static const char *read_regions(const void *fdt, struct manifest *manifest)
{
	int parent = fdt_path_offset(fdt, "/device-regions");
	struct spm_region *region;
	uint32_t pages, attributes;
	const char *name;
	int node;

	if (parent < 0)
		return NULL;
	fdt_for_each_subnode(node, fdt, parent)
	{
		if (get_cells(fdt, node, "pages-count", &pages, 1) ||
		    get_cells(fdt, node, "attributes", &attributes, 1))
			return "a device region without pages-count or attributes";
		if (!(attributes & REGION_WRITABLE))
			continue;
		name = fdt_get_name(fdt, node, NULL);
		if (!pages || !name || !is_file_name(name) || strlen(name) >= NAME_LEN)
			return "a device region with no pages or an unusable name";
		if (manifest->region_count == REGION_MAX)
			return "too many device regions";
		region = &manifest->regions[manifest->region_count++];
		strcpy(region->name, name);
		region->len = (uint64_t)pages * FFA_PAGE_LEN;
	}
	return NULL;
}

static bool read_importers(const void *fdt, struct manifest *manifest)
{
	int count = 1, ret = -EINVAL;

	for (; count <= PARTITION_KEY_IMPORTER_MAX && ret == -EINVAL; count++)
		ret = get_cells(fdt, 0, PARTITION_KEY_IMPORTERS, manifest->importers, count);
	manifest->importer_count = ret ? 0 : count - 1;
	return ret != -EINVAL;
}

/* One for each protocol that it speaks, all different. */
static bool read_uuids(const void *fdt, struct manifest *manifest)
{
	int count = 1, ret = -EINVAL;

	for (; count <= UUID_MAX && ret == -EINVAL; count++)
		ret = get_cells(fdt, 0, "uuid", manifest->uuids[0], count * UUID_WORDS);
	manifest->uuid_count = (size_t)count - 1;
	for (size_t i = 0; i < manifest->uuid_count; i++)
		for (size_t k = 0; k < i; k++)
			if (!memcmp(manifest->uuids[i], manifest->uuids[k],
				    sizeof(manifest->uuids[i])))
				return false;
	return !ret;
}

static bool read_abort_action(const void *fdt, struct manifest *manifest)
{
	uint32_t action = ABORT_STOP;
	const int ret = get_cells(fdt, 0, "abort-action", &action, 1);

	manifest->abort_action = (enum abort_action)action;
	return ret != -EINVAL && action <= ABORT_RESTART;
}

/* What is wrong with it, or NULL. */
static const char *read_tree(const void *fdt, size_t len, struct manifest *manifest)
{
	uint32_t id = ID_NOT_IN_DEMAND;
	int ret;

	if (len < sizeof(struct fdt_header) || fdt_check_header(fdt) || fdt_totalsize(fdt) > len)
		return "it is no device tree";
	if (fdt_node_check_compatible(fdt, 0, "arm,ffa-manifest-1.0"))
		return "it is not compatible with arm,ffa-manifest-1.0";
	if (!read_uuids(fdt, manifest))
		return "its uuid is not one to four different ones of four cells";
	if (get_cells(fdt, 0, "ffa-version", &manifest->version, 1) ||
	    (manifest->version != FFA_VERSION_1_1 && manifest->version != FFA_VERSION_1_2))
		return "its ffa-version is neither 1.1 nor 1.2";
	if (get_cells(fdt, 0, "messaging-method", &manifest->messaging, 1) ||
	    manifest->messaging & ~(MESSAGING_DIRECT | MESSAGING_DIRECT2))
		return "its messaging-method is not direct messages";
	if (manifest->messaging & MESSAGING_DIRECT2 && manifest->version < FFA_VERSION_1_2)
		return "its messaging-method needs ffa-version 1.2";
	if (get_cells(fdt, 0, "boot-order", &manifest->boot_order, 1))
		manifest->boot_order = 0;
	ret = get_cells(fdt, 0, "id", &id, 1);
	if (ret == -EINVAL)
		return "its id is not one cell";
	if (!ret && (id < first_id(manifest) || id > FFA_PARTITION_ID_MAX))
		return "the id that it asks for is none of a partition: 0x8002 to 0xfffe are";
	manifest->id = (uint16_t)id;
	if (!read_importers(fdt, manifest))
		return "its tstee,key-importers is not one to four cells";
	if (!read_abort_action(fdt, manifest))
		return "its abort-action is none of 0 (stop), 1 (destroy) and 2 (restart)";
	ret = get_cells(fdt, 0, PARTITION_LIFECYCLE, &manifest->lifecycle, 1);
	if (ret == -EINVAL || (!ret && manifest->lifecycle > UINT16_MAX))
		return "its tstee,lifecycle is not one cell of 16 bits";
	manifest->has_lifecycle = !ret;
	manifest->wants_log = fdt_node_offset_by_compatible(fdt, 0, "arm,tpm_event_log") >= 0;
	return read_regions(fdt, manifest);
}

int manifest_read(const char *program, struct manifest *manifest)
{
	const char *problem = "it can't be read";
	char path[4096];
	void *fdt = NULL;
	struct stat st;
	ssize_t len;
	int fd;

	*manifest = (struct manifest){ 0 };
	if ((size_t)snprintf(path, sizeof(path), "%s.dtb", program) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		goto out;
	if (st.st_size > MANIFEST_MAX) {
		problem = "it is too large";
		goto out;
	}
	fdt = malloc((size_t)st.st_size + 1);
	if (!fdt)
		goto out;
	len = read(fd, fdt, (size_t)st.st_size);
	if (len == st.st_size)
		problem = read_tree(fdt, (size_t)len, manifest);
out:
	if (problem)
		partition_report("partition %s is left out: manifest %s: %s", program, path,
				 problem);
	free(fdt);
	if (fd >= 0)
		close(fd);
	return problem ? -EINVAL : 0;
}
