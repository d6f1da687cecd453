/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_CRED_H
#define WORLD_LINUX_CRED_H

#include <linux/uidgid.h>

#define current_user_ns() (&init_user_ns)

kuid_t current_euid(void);
bool in_egroup_p(kgid_t gid);

#endif /* WORLD_LINUX_CRED_H */
