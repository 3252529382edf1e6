// SPDX-License-Identifier: GPL-2.0-only
#include "listen_address.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int listen_address_parse(const char *text, char *address, size_t bytes, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	unsigned long v;
	char *end;

	if (!colon || !n)
		return -EINVAL;
	if (text[0] == '[' && colon[-1] == ']') {
		text++;
		n -= 2;
	} else if (memchr(text, ':', n)) {
		return -EINVAL;
	}
	if (!isdigit((unsigned char)colon[1])) /* strtoul takes " 80" and "+80" too */
		return -EINVAL;
	v = strtoul(colon + 1, &end, 10);
	if (n >= bytes || !n || *end || v < 1 || v > 65535)
		return -EINVAL;
	memcpy(address, text, n);
	address[n] = '\0';
	*port = v;
	return 0;
}
