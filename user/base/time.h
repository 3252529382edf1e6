/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of day, which may be stepped: what people say of the end of a block goes by it. */
#ifndef SLASH64_USER_WALL_CLOCK_H
#define SLASH64_USER_WALL_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

#endif
