/* SPDX-License-Identifier: GPL-2.0-only */
/* The capture that runs, and whoever reads it: it lasts as long as their connection. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_H
#define SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_H

struct daemon;

/* If one runs, it ends. */
void captures_stop(struct daemon *daemon);

#endif
