/* SPDX-License-Identifier: GPL-2.0-only */
/* --hosts FILE: the routers, a line each. */
#ifndef SLASH64_CLI_LIB_FLEET_HOSTS_FILE_H
#define SLASH64_CLI_LIB_FLEET_HOSTS_FILE_H

#include <stddef.h>

#include "base/error.h"
#include "remote.h"

#define HOSTS_MAX 4096

struct hosts {
	char (*host)[REMOTE_HOST_MAX];
	size_t count;
};

/* Empty lines and what follows a '#' are skipped; a host that is listed twice is refused, as it
 * would do everything twice. 0, or -errno with an error.
 */
int hosts_read(struct hosts *hosts, const char *file, struct error *error);
void hosts_free(struct hosts *hosts);

#endif
