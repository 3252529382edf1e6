/* SPDX-License-Identifier: GPL-2.0-only */
/* Long work of what knows nothing of a loop: it tells again and again where it could be left for a while. */
#ifndef SLASH64_USER_PACE_H
#define SLASH64_USER_PACE_H

#include <stddef.h>

struct pace {
	void (*breathe)(void *data);
	void *data;
};

#define PACE_STEPS 256 /* of so little that it is not told of each */

/* NULL: nobody waits. */
static inline void pace_breathe(const struct pace *pace)
{
	if (pace)
		pace->breathe(pace->data);
}

static inline void pace_breathe_at(const struct pace *pace, size_t step)
{
	if (step % PACE_STEPS == 0)
		pace_breathe(pace);
}

#endif
