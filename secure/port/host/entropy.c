// SPDX-License-Identifier: BSD-3-Clause
/* Entropy from the host's kernel. It waits until that has gathered enough. */
#include <errno.h>
#include <secure/port/entropy.h>
#include <secure/port/log.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

int port_entropy(uint8_t *out, size_t len)
{
	static bool told;
	size_t done = 0;

	while (done < len) {
		const ssize_t got = getrandom(out + done, len - done, 0);

		if (got > 0) {
			done += (size_t)got;
		} else if (got == 0 || errno != EINTR) {
			explicit_bzero(out, len);
			if (!told)
				log_line("entropy: getrandom fails: error %d", got ? errno : 0);
			told = true;
			return -1;
		}
	}
	return 0;
}
