/* SPDX-License-Identifier: GPL-2.0-only */
/* A failure that lasts is told once, not at each attempt. */
#ifndef SLASH64_SERVICE_TOLD_H
#define SLASH64_SERVICE_TOLD_H

#include <stdbool.h>

#include "base/error.h"

struct told {
	char text[ERROR_TEXT_MAX];
};

/* A warning, unless it is the one of the last time. True: it was told. */
bool told_warning(struct told *told, const struct error *error);
/* It went well again: true if there was something to tell before. */
bool told_end(struct told *told);

#endif
