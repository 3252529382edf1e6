// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "kernel/config_verify.h"

struct told {
	const struct config *config;
	size_t refused;
};

static void tell_refused(size_t index, const struct error *why, void *data)
{
	(void)index;
	log_error("%s", why->text);
	((struct told *)data)->refused++;
}

static void tell_warning(unsigned int line, const char *text, void *data)
{
	log_warning("%s:%u: %s", ((struct told *)data)->config->file, line, text);
}

int check_tell(const struct config *config)
{
	struct told told = {config, 0};

	if (config_verify(config, tell_refused, tell_warning, &told)) {
		log_error("out of memory");
		return -ENOMEM;
	}
	if (told.refused)
		return -EPERM;
	printf("%s is valid: %zu interface%s\n", config->file, config->iface_count,
	       config->iface_count == 1 ? "" : "s");
	return 0;
}
