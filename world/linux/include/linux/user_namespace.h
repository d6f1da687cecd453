/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_USER_NAMESPACE_H
#define WORLD_LINUX_USER_NAMESPACE_H

#include <linux/uidgid.h>

#endif /* WORLD_LINUX_USER_NAMESPACE_H */
