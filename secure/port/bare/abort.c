// SPDX-License-Identifier: BSD-3-Clause
/* The end of a partition whose library finds that it can't go on: the SPM core takes it down. */
#include <stdlib.h>

void abort(void)
{
	__builtin_trap();
}
