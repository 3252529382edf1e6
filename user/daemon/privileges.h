/* SPDX-License-Identifier: GPL-2.0-only */
/* Least privilege: once everything is open, unneeded privileges are dropped permanently
 * (slash64d(8), PRIVILEGES).
 */
#ifndef SLASH64_DAEMON_PRIVILEGES_H
#define SLASH64_DAEMON_PRIVILEGES_H

#include <stdbool.h>

#include "base/error.h"

struct daemon;

/* May this process load and attach programs at all? */
int privileges_check(struct error *error);

/* Keeps CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, and CAP_SYS_ADMIN while libxdp's dispatcher is in
 * use or may appear; restricts access to the files of the configuration (Landlock) and the system
 * calls in use (seccomp), if the kernel supports them. Called again, it drops what has become
 * unneeded.
 */
int privileges_drop(const struct daemon *daemon, struct error *error);

#endif
