// SPDX-License-Identifier: BSD-3-Clause
/*
 * Drives a fuzz harness without libFuzzer: over the files, and those in the folders, that are
 * named as arguments, or over a fixed series of pseudo-random inputs.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_COUNT 4000
#define INPUT_MAX   4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static int replay_file(const char *path)
{
	static uint8_t input[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		perror(path);
		return EXIT_FAILURE;
	}
	len = fread(input, 1, sizeof(input), file);
	fclose(file);
	return LLVMFuzzerTestOneInput(input, len);
}

static int replay(const char *path)
{
	DIR *folder = opendir(path);
	char name[PATH_MAX];
	struct dirent *entry;
	int status = EXIT_SUCCESS;

	if (!folder)
		return replay_file(path);
	while (status == EXIT_SUCCESS && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		status = replay_file(name);
	}
	closedir(folder);
	return status;
}

int main(int argc, char **argv)
{
	uint64_t random = 1;

	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]))
			return EXIT_FAILURE;
	}
	if (argc > 1)
		return EXIT_SUCCESS;

	for (int n = 0; n < INPUT_COUNT; n++) {
		const size_t len = random_next(&random) % INPUT_MAX;
		uint8_t *input = malloc(len + 1); /* of its own, to catch reads beyond it */

		if (!input)
			return EXIT_FAILURE;
		for (size_t i = 0; i < len; i++)
			input[i] = (uint8_t)random_next(&random);
		if (LLVMFuzzerTestOneInput(input, len))
			return EXIT_FAILURE;
		free(input);
	}
	return EXIT_SUCCESS;
}
