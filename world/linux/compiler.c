// SPDX-License-Identifier: GPL-2.0-only
/* READ_ONCE() where the thread sanitizer must not see it: linux/compiler.h. */
#include <linux/compiler.h>

#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize_thread)) unsigned long world_read_once(const volatile void *p,
								  size_t size)
{
	switch (size) {
	case 1:
		return *(const volatile unsigned char *)p;
	case 2:
		return *(const volatile unsigned short *)p;
	case 4:
		return *(const volatile unsigned int *)p;
	default:
		return *(const volatile unsigned long *)p;
	}
}
#endif
