/* SPDX-License-Identifier: BSD-3-Clause */
/* Which partitions a world runs. */
#ifndef WORLD_SERVER_PARTITIONS_H
#define WORLD_SERVER_PARTITIONS_H

#include <world/spm/spm.h>

#include "server.h"

struct partition_list {
	struct spm_partition_config *configs;
	size_t count;
};

/* Finds those that @config asks for; by name within a directory. */
int partitions_find(const struct world_config *config, struct partition_list *list,
		    struct world_error *error);
void partitions_free(struct partition_list *list);

/* Their programs, absolute paths, a line each. The length, or -ENOBUFS. */
int partitions_print(const struct partition_list *list, char *text, size_t size);

#endif /* WORLD_SERVER_PARTITIONS_H */
