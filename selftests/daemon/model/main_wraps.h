/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_MODEL_MAIN_WRAPS_H
#define SLASH64_MODEL_MAIN_WRAPS_H

struct event_base;

/* slash64d enters its loop: the model takes over. */
int __wrap_event_base_dispatch(struct event_base *base);

#endif
