// SPDX-License-Identifier: BSD-3-Clause
/* Which partitions a world runs. No state. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tstee/world.h>
#include <unistd.h>

#include "partitions.h"
#include "state.h"

/* Where partitions are installed, seen from the folder of the program. */
#define INSTALLED "../libexec/tstee/partitions"

void partitions_free(struct partition_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((char *)list->configs[i].program); /* the name is its end */
	free(list->configs);
	list->configs = NULL;
	list->count = 0;
}

static bool has_manifest(const char *program)
{
	char path[PATH_MAX + sizeof(".dtb")];

	snprintf(path, sizeof(path), "%s.dtb", program);
	return !access(path, R_OK);
}

/* The name becomes that of a folder among the files of the state directory. */
static bool name_taken(const struct partition_list *list, const char *name)
{
	static const char *const files[] = { "format", "format.new", "lock", WORLD_SOCKET_NAME,
					     "world.log" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!strcmp(name, files[i]))
			return true;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(name, list->configs[i].name))
			return true;
	}
	return false;
}

static int add(struct partition_list *list, const char *path, struct world_error *error)
{
	struct spm_partition_config *grown;
	char *program;
	const char *name;

	program = realpath(path, NULL);
	if (!program || access(program, X_OK)) {
		free(program);
		return world_fail(error, -errno, "partition %s: %s", path, strerror(errno));
	}
	name = strrchr(program, '/') + 1;
	if (!has_manifest(program)) {
		free(program);
		return world_fail(error, -ENOENT, "partition %s: no manifest %s.dtb", path, path);
	}
	if (strchr(program, '\n') || name_taken(list, name)) {
		free(program);
		return world_fail(error, -EINVAL, "partition %s: needs another name, this is taken",
				  path);
	}
	if (list->count == SPM_PARTITION_MAX) {
		free(program);
		return world_fail(error, -EINVAL, "more than %u partitions", SPM_PARTITION_MAX);
	}
	grown = realloc(list->configs, (list->count + 1) * sizeof(*grown));
	if (!grown) {
		free(program);
		return world_fail(error, -ENOMEM, "out of memory");
	}
	grown[list->count] = (struct spm_partition_config){ .name = name, .program = program };
	list->configs = grown;
	list->count++;
	return 0;
}

/* Is it a program with its manifest? If all of a folder must be, what is half there is an error. */
static int add_entry(struct partition_list *list, const char *path, bool all,
		     struct world_error *error)
{
	const size_t len = strlen(path), end = strlen(".dtb");
	char program[PATH_MAX];
	struct stat st;

	snprintf(program, sizeof(program), "%s", path);
	if (len > end && !strcmp(path + len - end, ".dtb")) {
		program[len - end] = '\0';
		if (all && access(program, X_OK))
			return world_fail(error, -ENOENT,
					  "%s: missing, or no program; install TSTEE again",
					  program);
		return 0;
	}
	if (stat(program, &st) || !S_ISREG(st.st_mode) || access(program, X_OK))
		return 0;
	if (has_manifest(program))
		return add(list, program, error);
	return all ? world_fail(error, -ENOENT, "%s.dtb: missing; install TSTEE again", program) :
		     0;
}

static int add_directory(struct partition_list *list, const char *path, bool all,
			 struct world_error *error)
{
	struct dirent **entries;
	int count, err = 0;

	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0)
		return world_fail(error, -errno, "partitions in %s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		char entry[PATH_MAX];
		int len = snprintf(entry, sizeof(entry), "%s/%s", path, entries[i]->d_name);

		free(entries[i]);
		if (!err && len >= 0 && (size_t)len < sizeof(entry))
			err = add_entry(list, entry, all, error);
	}
	free(entries);
	if (!err && !list->count)
		err = world_fail(
			error, -ENOENT,
			"%s: no partitions in it, that is programs with a manifest NAME.dtb", path);
	return err;
}

static int add_installed(struct partition_list *list, bool optional, struct world_error *error)
{
	char path[PATH_MAX + sizeof(INSTALLED)];
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (len <= 0 || len == PATH_MAX)
		return world_fail(error, -ENOENT, "can't tell where tsworld is; use --partitions");
	path[len] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash + 1, INSTALLED);
	if (access(path, R_OK))
		return optional ?
			       0 :
			       world_fail(error, -ENOENT,
					  "%s: no partitions are installed; use --partitions DIR",
					  path);
	/* A world without one of them would give the others its endpoint ID. */
	return add_directory(list, path, true, error);
}

int partitions_find(const struct world_config *config, struct partition_list *list,
		    struct world_error *error)
{
	int err = 0;

	*list = (struct partition_list){ 0 };
	if (config->partitions_dir)
		err = add_directory(list, config->partitions_dir, false, error);
	else
		err = add_installed(list, config->partition_count, error);
	for (size_t i = 0; !err && i < config->partition_count; i++)
		err = add(list, config->partitions[i], error);
	if (err)
		partitions_free(list);
	return err;
}

int partitions_print(const struct partition_list *list, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < list->count; i++) {
		int len = snprintf(text + used, size - used, "%s\n", list->configs[i].program);

		if (len < 0 || (size_t)len >= size - used)
			return -ENOBUFS;
		used += (size_t)len;
	}
	return (int)used;
}
