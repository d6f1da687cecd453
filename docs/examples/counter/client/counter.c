// SPDX-License-Identifier: BSD-3-Clause
/* counter [NUMBER]: counts, and prints how far. */
#include "../counter.h"

#include <endian.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <tstee.h>

int main(int argc, char **argv)
{
	const uint32_t number = htole32((uint32_t)strtoul(argc > 1 ? argv[1] : "0", NULL, 0));
	struct tstee_session *session;
	int32_t status;
	uint64_t value;
	size_t len;

	if (tstee_open(COUNTER_UUID, NULL, &session) ||
	    tstee_call(session, COUNTER_NEXT, &number, sizeof(number), &value, sizeof(value), &len,
		       &status))
		errx(1, "%s", tstee_error());
	tstee_close(session);
	if (status || len != sizeof(value))
		errx(2, "the service answers with status %d", (int)status);
	printf("%llu\n", (unsigned long long)le64toh(value));
	return 0;
}
