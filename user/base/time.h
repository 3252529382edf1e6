/* SPDX-License-Identifier: GPL-2.0-only */
/* Wall-clock time, which may be stepped. The end of a block is given in it. */
#ifndef SLASH64_BASE_TIME_H
#define SLASH64_BASE_TIME_H

#include <stdint.h>

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

#endif
