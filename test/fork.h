/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FORK_H
#define TEST_FORK_H

#include <stdbool.h>

/*
 * Whether a process with several threads may fork and the child allocate memory: AddressSanitizer's
 * allocator isn't made for it, and the child may wait for ever.
 */
#ifdef __SANITIZE_ADDRESS__
#define FORKS_BESIDE_THREADS false
#else
#define FORKS_BESIDE_THREADS true
#endif

#endif /* TEST_FORK_H */
