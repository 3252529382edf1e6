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

bool origin_is_of_rule(const char *origin)
{
	const size_t prefix = sizeof(ORIGIN_OF_RULES) - 1;

	return !strncmp(origin, ORIGIN_OF_RULES, prefix) && strlen(origin) < ORIGIN_TEXT_MAX &&
	       origin_is_valid(origin + prefix);
}

bool origin_is_of_bgp(const char *origin)
{
	static const char *const words[] = {"rtbh", "flowspec"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t bytes = strlen(words[i]);

		if (!strncmp(origin, words[i], bytes) && (!origin[bytes] || origin[bytes] == '-'))
			return true;
	}
	return false;
}
