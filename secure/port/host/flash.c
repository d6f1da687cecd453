// SPDX-License-Identifier: BSD-3-Clause
/*
 * The flash of a process: the file of the device region. It is mapped shared, so that what is
 * programmed is the file's at once, whenever the process is killed.
 */
#include <secure/port/flash.h>
#include <secure/port/host/flash_model.h>
#include <secure/port/host/host.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>

/* Erase block of the machine's flash. */
#define BLOCK_LEN (256u * 1024u)

/* A file has no geometry to ask for, so @query_region is of no use. */
struct flash *port_flash_open(const char *name, const char *query_region __attribute__((unused)))
{
	static struct flash_model opened[PORT_FLASH_MAX];
	static size_t count;
	const struct device_region *region = device_region_find(name);
	struct flash_model *model;

	if (count == PORT_FLASH_MAX)
		partition_panic("too much flash is opened");
	model = &opened[count++];
	flash_model_init_absent(model);
	if (!region)
		log_line("flash: there is no region '%s'", name);
	else if (!region->len || region->len % BLOCK_LEN || region->len > UINT32_MAX)
		log_line("flash: region '%s' is not made of blocks", name);
	else if (flash_model_open_fd(model, region->fd, BLOCK_LEN,
				     (uint32_t)(region->len / BLOCK_LEN), 0))
		log_line("flash: region '%s' can't be mapped", name);
	return &model->flash;
}
