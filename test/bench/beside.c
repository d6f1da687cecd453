// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-bench-beside openssl | MODULE TOKEN
 *
 * Does for each line "NAME COUNT" on stdin so many operations, with OpenSSL or by a PKCS#11 module, and
 * says so: test/bench/beside asks the kernel how long that took, of this and of other processes.
 */
#include "beside.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const struct beside_row *rows = argc == 3 ? beside_pkcs11 : beside_openssl;
	unsigned long count;
	char name[32];

	if (argc != 3 && (argc != 2 || strcmp(argv[1], "openssl") != 0)) {
		fprintf(stderr, "usage: %s openssl | MODULE TOKEN\n", argv[0]);
		return 2;
	}
	if (argc == 3)
		beside_pkcs11_begin(argv[1], argv[2]);
	else
		beside_openssl_begin();
	while (scanf("%31s %lu", name, &count) == 2) {
		for (const struct beside_row *row = rows; row->name; row++) {
			if (strcmp(row->name, name) != 0)
				continue;
			for (unsigned long i = 0; i < count; i++)
				row->operation();
		}
		puts(name);
		fflush(stdout);
	}
	return 0;
}
