/* SPDX-License-Identifier: GPL-2.0-only */
/* Lets long work, which knows nothing of an event loop, offer points at which it can pause. */
#ifndef SLASH64_BASE_PACE_H
#define SLASH64_BASE_PACE_H

struct pace {
	void (*breathe)(void *data);
	void *data;
};

/* NULL: no pauses. */
static inline void pace_breathe(const struct pace *pace)
{
	if (pace)
		pace->breathe(pace->data);
}

#endif
