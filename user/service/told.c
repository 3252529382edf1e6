// SPDX-License-Identifier: GPL-2.0-only
#include "told.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

bool told_warning(struct told *told, const struct error *error)
{
	if (!strcmp(told->text, error->text))
		return false;
	log_warning("%s", error->text);
	snprintf(told->text, sizeof(told->text), "%s", error->text);
	return true;
}

bool told_end(struct told *told)
{
	bool was_told = told->text[0];

	told->text[0] = '\0';
	return was_told;
}
