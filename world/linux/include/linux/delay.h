/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_DELAY_H
#define WORLD_LINUX_DELAY_H

void msleep(unsigned int ms);
void usleep_range(unsigned long min_us, unsigned long max_us);

#endif /* WORLD_LINUX_DELAY_H */
