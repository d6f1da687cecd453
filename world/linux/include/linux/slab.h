/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_SLAB_H
#define WORLD_LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/kernel.h>

void *kzalloc(size_t size, gfp_t gfp);
void *kcalloc(size_t n, size_t size, gfp_t gfp);
void *kvmalloc_array(size_t n, size_t size, gfp_t gfp);
void kfree(const void *p);
void kvfree(const void *p);

#endif /* WORLD_LINUX_SLAB_H */
