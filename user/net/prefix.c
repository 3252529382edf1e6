// SPDX-License-Identifier: GPL-2.0-only
#include "prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_SOURCE_LENGTH 64

/* One to three digits, no sign, no leading zero. */
static int parse_length(const char *text, uint8_t max, uint8_t *length)
{
	unsigned int v = 0;

	if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		v = v * 10 + (*text - '0');
	}
	if (v > max)
		return -EINVAL;
	*length = v;
	return 0;
}

static int parse_address(const char *text, size_t bytes, struct in6_addr *address, bool *v4)
{
	char buf[INET6_ADDRSTRLEN];
	struct in_addr four;

	if (bytes >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, text, bytes);
	buf[bytes] = '\0';
	*v4 = inet_pton(AF_INET, buf, &four) == 1;
	if (*v4)
		*address = prefix_of_v4(ntohl(four.s_addr), 32).address;
	else if (inet_pton(AF_INET6, buf, address) != 1)
		return -EINVAL;
	return 0;
}

int prefix_parse_whole(const char *text, struct prefix *prefix, enum prefix_note *note)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct in6_addr address;
	uint8_t length = 128;
	struct prefix p;
	bool v4;

	if (parse_address(text, n, &address, &v4))
		return -EINVAL;
	if (slash && parse_length(slash + 1, v4 ? 32 : 128, &length))
		return -EINVAL;
	if (slash && v4)
		length += PREFIX_V4_LENGTH;

	p = prefix_around(&address, length);
	if (note) {
		if (!slash)
			*note = PREFIX_WAS_ADDRESS;
		else
			*note = memcmp(&p.address, &address, sizeof(address)) ?
					PREFIX_HAD_HOST_BITS :
					PREFIX_EXACT;
	}
	*prefix = p;
	return 0;
}

int prefix_parse(const char *text, struct prefix *prefix, enum prefix_note *note)
{
	enum prefix_note said;
	struct prefix p;

	if (prefix_parse_whole(text, &p, &said))
		return -EINVAL;
	if (said == PREFIX_WAS_ADDRESS && !prefix_is_v4(&p))
		p = prefix_around(&p.address, PREFIX_SOURCE_LENGTH);
	if (note)
		*note = said;
	*prefix = p;
	return 0;
}

/* inet_ntop() of glibc writes RFC 5952 form, including 4.2.2: a single 16-bit zero is not shortened
 * to ::.
 */
const char *address_format(const struct in6_addr *address, char *buf)
{
	return inet_ntop(AF_INET6, address, buf, INET6_ADDRSTRLEN);
}

const char *prefix_format(const struct prefix *prefix, char *buf)
{
	char text[INET6_ADDRSTRLEN];

	if (prefix_is_v4(prefix))
		snprintf(buf, PREFIX_TEXT_MAX, "%s/%u",
			 inet_ntop(AF_INET, &prefix->address.s6_addr[12], text, sizeof(text)),
			 prefix->length - PREFIX_V4_LENGTH);
	else
		snprintf(buf, PREFIX_TEXT_MAX, "%s/%u", address_format(&prefix->address, text),
			 prefix->length);
	return buf;
}

const char *prefix_format_said(const struct prefix *prefix, char *buf)
{
	prefix_format(prefix, buf);
	if (prefix->length == 128)
		*strchr(buf, '/') = '\0';
	return buf;
}
