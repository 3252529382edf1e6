// SPDX-License-Identifier: GPL-2.0-only
#include "limits.h"

#include <string.h>

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define BETWEEN	     "-_."

bool origin_is_valid(const char *origin)
{
	size_t length = strlen(origin);

	return length > 0 && length < ORIGIN_TEXT_MAX && !strchr(BETWEEN, origin[0]) &&
	       strspn(origin, ALPHANUMERIC BETWEEN) == length;
}
