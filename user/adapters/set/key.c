// SPDX-License-Identifier: GPL-2.0-only
#include "key.h"

#include <errno.h>

int set_key_parse(const char *text, struct set_key *key)
{
	enum prefix_note note;
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, &note))
		return -EINVAL;
	*key = set_key_of_prefix(&prefix);
	/* an IPv4 host is its own source: slash64d knows one form of it */
	key->is_address = note == PREFIX_WAS_ADDRESS && !prefix_is_v4(&prefix);
	return 0;
}

struct set_key set_key_of_prefix(const struct prefix *prefix)
{
	return (struct set_key){.prefix = *prefix};
}

const char *set_key_format(const struct set_key *key, char *buf)
{
	return key->is_address ? prefix_format_said(&key->prefix, buf) :
				 prefix_format(&key->prefix, buf);
}

bool set_key_equal(const struct set_key *a, const struct set_key *b)
{
	return a->is_address == b->is_address && !prefix_compare(&a->prefix, &b->prefix);
}
