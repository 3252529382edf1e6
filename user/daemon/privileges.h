/* SPDX-License-Identifier: GPL-2.0-only */
/* Least privilege: when everything is opened, what is not needed any more is given up for good (slash64d(8),
 * PRIVILEGES).
 */
#ifndef SLASH64_DAEMON_PRIVILEGES_H
#define SLASH64_DAEMON_PRIVILEGES_H

#include <stdbool.h>

#include "base/error.h"

struct daemon;

/* May this process load and attach at all? */
int privileges_check(struct error *error);

/* Down to CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, and CAP_SYS_ADMIN while libxdp's dispatcher is in use or may come to
 * be; to the files of the configuration (Landlock) and the system calls that are used (seccomp), where the kernel
 * has them. Called again, it gives up what has become needless.
 */
int privileges_drop(const struct daemon *daemon, struct error *error);

#endif
