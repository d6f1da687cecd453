/* SPDX-License-Identifier: GPL-2.0-only */
/* Users. There is one user namespace, that of the world's process. */
#ifndef WORLD_LINUX_UIDGID_H
#define WORLD_LINUX_UIDGID_H

#include <linux/types.h>

typedef struct {
	uid_t val;
} kuid_t;

typedef struct {
	gid_t val;
} kgid_t;

struct user_namespace {
	char unused;
};

extern struct user_namespace init_user_ns;

static inline uid_t from_kuid(struct user_namespace *to, kuid_t uid)
{
	(void)to;
	return uid.val;
}

static inline gid_t from_kgid(struct user_namespace *to, kgid_t gid)
{
	(void)to;
	return gid.val;
}

static inline kgid_t make_kgid(struct user_namespace *from, gid_t gid)
{
	(void)from;
	return (kgid_t){ gid };
}

static inline bool gid_valid(kgid_t gid)
{
	return gid.val != (gid_t)-1;
}

#endif /* WORLD_LINUX_UIDGID_H */
