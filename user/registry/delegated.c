// SPDX-License-Identifier: GPL-2.0-only
#include "delegated.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 1024
#define FIELDS	       8 /* and extensions, which a reader skips */
#define V4_ADDRESSES   (1ULL << 32)

enum field {
	FIELD_REGISTRY,
	FIELD_COUNTRY,
	FIELD_TYPE,
	FIELD_START,
	FIELD_VALUE,
	FIELD_DATE,
	FIELD_STATUS,
	FIELD_ID,
};

/* Splits a copy of the line at its bars. Returns the number of fields. */
static int split(char *line, char *field[FIELDS])
{
	int count = 0;

	for (char *at = line; at && count < FIELDS; count++)
		field[count] = strsep(&at, "|");
	return count;
}

static bool copy_word(char *to, size_t bytes, const char *from)
{
	size_t n = strlen(from);

	if (n >= bytes)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)from[i]))
			return false;
	memcpy(to, from, n + 1);
	return true;
}

/* A whole number without sign or blanks. */
static bool read_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end && *value <= max;
}

static struct in6_addr mapped(uint32_t address)
{
	return prefix_of_v4(address, 32).address;
}

static struct in6_addr last_address(const struct prefix *prefix)
{
	unsigned int length = prefix->length;
	uint64_t hi = prefix_hi(prefix) | ~prefix_mask(length);
	uint64_t lo = length <= 64 ? UINT64_MAX : prefix_lo(prefix) | ~prefix_mask(length - 64);

	return prefix_of_bits(hi, lo, 128).address;
}

static int parse_v4(char *field[FIELDS], struct delegation *out)
{
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];
	struct in_addr start, end;
	uint64_t count, low;

	if (inet_pton(AF_INET, field[FIELD_START], &start) != 1 ||
	    !read_number(field[FIELD_VALUE], V4_ADDRESSES, &count) || !count)
		return -EINVAL;
	low = ntohl(start.s_addr);
	if (low + count > V4_ADDRESSES)
		return -EINVAL;
	out->is_v4 = true;
	out->first = mapped(low);
	out->last = mapped(low + count - 1);
	end.s_addr = htonl(low + count - 1);
	if (!(count & (count - 1)) && !(low & (count - 1)))
		snprintf(out->network, sizeof(out->network), "%s/%d",
			 inet_ntop(AF_INET, &start, first, sizeof(first)),
			 32 - __builtin_ctzll(count));
	else
		snprintf(out->network, sizeof(out->network), "%s - %s",
			 inet_ntop(AF_INET, &start, first, sizeof(first)),
			 inet_ntop(AF_INET, &end, last, sizeof(last)));
	return 0;
}

static int parse_v6(char *field[FIELDS], struct delegation *out)
{
	struct in6_addr start;
	struct prefix prefix;
	uint64_t length;

	if (inet_pton(AF_INET6, field[FIELD_START], &start) != 1 ||
	    !read_number(field[FIELD_VALUE], 128, &length))
		return -EINVAL;
	prefix = prefix_around(&start, length);
	if (memcmp(&prefix.address, &start, sizeof(start)))
		return -EINVAL; /* no such prefix: bits behind the length are set */
	out->first = start;
	out->last = last_address(&prefix);
	prefix_format(&prefix, out->network);
	return 0;
}

int delegated_parse(const char *line, struct delegation *out)
{
	struct delegation found = {};
	char copy[LINE_MAX_BYTES], *field[FIELDS];
	int count, err;

	if (strlen(line) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, line);
	if (!copy[0] || copy[0] == '#')
		return 1;
	count = split(copy, field);
	/* the header begins with the version of the format, and a summary has one field less */
	if (isdigit((unsigned char)copy[0]) || (count == 6 && !strcmp(field[5], "summary")))
		return 1;
	if (count <= FIELD_STATUS)
		return -EINVAL;
	if (!strcmp(field[FIELD_TYPE], "asn") ||
	    (strcmp(field[FIELD_STATUS], "allocated") && strcmp(field[FIELD_STATUS], "assigned")))
		return 1;
	if (!copy_word(found.registry, sizeof(found.registry), field[FIELD_REGISTRY]) ||
	    !copy_word(found.country, sizeof(found.country), field[FIELD_COUNTRY]) ||
	    !copy_word(found.date, sizeof(found.date), field[FIELD_DATE]) ||
	    !copy_word(found.status, sizeof(found.status), field[FIELD_STATUS]) ||
	    !copy_word(found.id, sizeof(found.id), count > FIELD_ID ? field[FIELD_ID] : ""))
		return -EINVAL;
	if (!strcmp(field[FIELD_TYPE], "ipv6"))
		err = parse_v6(field, &found);
	else if (!strcmp(field[FIELD_TYPE], "ipv4"))
		err = parse_v4(field, &found);
	else
		err = -EINVAL;
	if (!err)
		*out = found;
	return err;
}

/* --- a file --- */

static int compare(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

/* IPv4 lies within ::ffff:0:0/96: what contains that as IPv6 is never meant. */
static bool contains(const struct delegation *delegation, const struct prefix *prefix,
		     const struct in6_addr *last)
{
	return delegation->is_v4 == prefix_is_v4(prefix) &&
	       compare(&delegation->first, &prefix->address) <= 0 &&
	       compare(last, &delegation->last) <= 0;
}

/* Of two that contain the same prefix, one contains the other. */
static bool is_smaller(const struct delegation *a, const struct delegation *b)
{
	return compare(&a->first, &b->first) >= 0 && compare(&a->last, &b->last) <= 0;
}

/* Reads the rest of a line that did not fit. */
static bool skip_line(FILE *file)
{
	int c;

	while ((c = getc(file)) != EOF && c != '\n')
		;
	return c != EOF;
}

static void search(FILE *file, const struct prefix *prefix, struct delegation *best, bool *found,
		   size_t *delegations)
{
	struct in6_addr last = last_address(prefix);
	struct delegation delegation;
	char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), file)) {
		size_t n = strcspn(line, "\r\n");

		if (n == sizeof(line) - 1) {
			skip_line(file);
			continue;
		}
		line[n] = '\0';
		if (delegated_parse(line, &delegation))
			continue;
		++*delegations;
		if (contains(&delegation, prefix, &last) &&
		    (!*found || is_smaller(&delegation, best))) {
			*best = delegation;
			*found = true;
		}
	}
}

int delegated_find(const char *path, const struct prefix *prefix, struct delegation *out,
		   struct error *error)
{
	FILE *file = fopen(path, "re");
	struct delegation best;
	size_t delegations = 0;
	bool found = false;
	int err = 0;

	if (!file)
		return error_set(error, -errno,
				 "cannot read the registry file %s: %s; correct 'registry' in the "
				 "configuration",
				 path, strerror(errno));
	search(file, prefix, &best, &found, &delegations);
	if (ferror(file))
		err = error_set(error, -EIO, "cannot read the registry file %s: %s", path,
				strerror(errno));
	else if (!delegations)
		err = error_set(error, -EINVAL,
				"%s has no delegation; a registry file is a "
				"delegated-REGISTRY-extended-latest",
				path);
	fclose(file);
	if (err)
		return err;
	if (found)
		*out = best;
	return found ? 0 : 1;
}
