// SPDX-License-Identifier: GPL-2.0-only
#include "config_verify.h"

#include <errno.h>

#include "bridges.h"
#include "link_names.h"

int config_check_names(const struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->iface_count; i++) {
		const struct config_iface *iface = &config->iface[i];
		unsigned int ifindex = link_index(iface->name);

		for (size_t k = 0; k < i && ifindex; k++)
			if (link_index(config->iface[k].name) == ifindex)
				return error_set(
					error, -EEXIST,
					"%s:%u: '%s' is the interface of line %u too, where it is called '%s'; leave one of them out",
					config->file, iface->line, iface->name,
					config->iface[k].line, config->iface[k].name);
	}
	return 0;
}

int config_verify(const struct config *config, config_refused_t refused, policy_warn_t warn,
		  void *data)
{
	struct error error;
	int err = config_check_names(config, &error);

	if (!err)
		err = bridges_check(config, &error);
	if (err)
		refused(CONFIG_VERIFY_WHOLE, &error, data);
	config_check(config, warn, data);
	return config_refusals(config, refused, data);
}
