/* SPDX-License-Identifier: GPL-2.0-only */
/* What the controller does to the limiter's words, which are the fast path's else: it clears those that are over. */
#ifndef SLASH64_USER_LIMITER_H
#define SLASH64_USER_LIMITER_H

#include "tables.h"

/* Slots of the limiter in use now. Reads all of it, and clears what is over; with `forget` also what says that
 * a slot's own word may lie elsewhere, which may give a site its burst once more. To be called at least every hour,
 * as times wrap after 4.9 (struct s64_limiter_line), and every few minutes with `forget`.
 */
uint32_t limiter_sweep(const struct tables *tables, bool forget);

#endif
