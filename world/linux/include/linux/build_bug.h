/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_BUILD_BUG_H
#define WORLD_LINUX_BUILD_BUG_H

#include <assert.h> /* static_assert */

#endif /* WORLD_LINUX_BUILD_BUG_H */
