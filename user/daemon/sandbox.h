/* SPDX-License-Identifier: GPL-2.0-only */
/* Restricts which files may be accessed, and which system calls made, from now on. */
#ifndef SLASH64_DAEMON_SANDBOX_H
#define SLASH64_DAEMON_SANDBOX_H

#include "config/config.h"

/* A kernel without Landlock or seccomp is no error; it is logged. */
int confine(const struct config *config, struct error *error);

#endif
