/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64d --take-off: what stays in force when slash64d has ended is removed, without a start. */
#ifndef SLASH64_DAEMON_TAKE_OFF_H
#define SLASH64_DAEMON_TAKE_OFF_H

#include "base/error.h"

struct config;

/* Takes every program of ours off the interfaces of this network namespace and removes all pins; the
 * store stays, and its log says so. Prints a line an interface. Nothing to take off is no error.
 * -EBUSY: a slash64d runs; anything else: an interface still has a program, and the pins are kept.
 */
int take_off(const struct config *config, struct error *error);

#endif
