/* SPDX-License-Identifier: GPL-2.0-only */
/* Long work of what knows nothing of a loop: it tells again and again where it could be left for a while. */
#ifndef SLASH64_USER_PACE_H
#define SLASH64_USER_PACE_H

struct pace {
	void (*breathe)(void *data);
	void *data;
};

/* NULL: nobody waits. */
static inline void pace_breathe(const struct pace *pace)
{
	if (pace)
		pace->breathe(pace->data);
}

#endif
