// SPDX-License-Identifier: GPL-2.0-only
/* The width of an entry: ranges, lengths and masks beside an address, lines with several prefixes.
 * Ambiguous entries are refused: a block that is too narrow does not protect, and one that is too
 * wide hits others.
 */
#include <stdlib.h>
#include <string.h>

#include "feed_internal.h"

#define FORM_MAX 64 /* fits the longest form of a prefix, which has 49 bytes */

typedef unsigned __int128 bits128;

static bits128 bits_of(const struct prefix *prefix)
{
	return (bits128)prefix_hi(prefix) << 64 | prefix_lo(prefix);
}

/* The number of bits behind the common prefix of a range. */
static unsigned int free_bits(bits128 from, bits128 to)
{
	unsigned int n = 0;

	/* the largest prefix that starts here and does not exceed the end */
	while (n < 128 && !(from >> n & 1) && to - from >= ((bits128)1 << n << 1) - 1 &&
	       ((bits128)1 << n << 1))
		n++;
	return n == 127 && !from && !~to ? 128 : n;
}

bool feed_emit_range(struct feed *feed, struct feed_entry *entry, const struct prefix *from,
		     const struct prefix *to)
{
	bits128 at = bits_of(from), end = bits_of(to);

	if (from->length != 128 || to->length != 128 || prefix_is_v4(from) != prefix_is_v4(to) ||
	    at > end)
		return false;
	for (;;) {
		unsigned int n = free_bits(at, end);

		entry->prefix = prefix_of_bits(at >> 64, at, 128 - n);
		entry->note = at == end && n == 0 && !prefix_compare(from, to) ?
				      PREFIX_WAS_ADDRESS :
				      PREFIX_EXACT;
		feed_emit(feed, entry);
		if (n >= 128 || end - at < (bits128)1 << n)
			return true;
		at += (bits128)1 << n;
		if (at > end || !at)
			return true;
	}
}

bool feed_is_whole_prefix(const struct prefix *from, const struct prefix *to)
{
	bits128 a = bits_of(from), b = bits_of(to);

	return a < b && !(((a ^ b) + 1) & (a ^ b)) && !(a & (a ^ b)) &&
	       prefix_is_v4(from) == prefix_is_v4(to);
}

bool feed_parse_prefix(const char *text, size_t n, struct prefix *prefix, enum prefix_note *note)
{
	char form[FORM_MAX];

	feed_trim(&text, &n);
	if (!n || n >= sizeof(form) || memchr(text, '\0', n))
		return false;
	memcpy(form, text, n);
	form[n] = '\0';
	return !prefix_parse_whole(form, prefix, note);
}

/* FROM-TO */
static bool parse_range(const char *text, size_t n, struct prefix *from, struct prefix *to)
{
	const char *dash = memchr(text, '-', n);
	enum prefix_note a, b;

	return dash && feed_parse_prefix(text, dash - text, from, &a) &&
	       feed_parse_prefix(dash + 1, text + n - dash - 1, to, &b) &&
	       a == PREFIX_WAS_ADDRESS && b == PREFIX_WAS_ADDRESS;
}

bool feed_take_extent(struct feed *feed, const char *text, size_t n, struct feed_entry *entry)
{
	struct prefix from, to;

	feed_trim(&text, &n);
	if (feed_parse_prefix(text, n, &entry->prefix, &entry->note)) {
		feed_emit(feed, entry);
		return true;
	}
	return parse_range(text, n, &from, &to) && feed_emit_range(feed, entry, &from, &to);
}

/* --- a length, a mask or an end beside an address --- */

/* The length of an IPv4 netmask, or -1. */
static int mask_length(const struct prefix *mask)
{
	uint32_t bits = prefix_lo(mask), behind = ~bits;

	if (!prefix_is_v4(mask) || !(bits >> 31) || (behind & (behind + 1)))
		return -1;
	return __builtin_popcount(bits);
}

enum feed_extent feed_extent_beside(const struct prefix *address, const char *text, size_t n,
				    int *length, struct prefix *end)
{
	int max = prefix_is_v4(address) ? 32 : 128;
	enum prefix_note note;
	char form[8], *stop;
	struct prefix cut;

	feed_trim(&text, &n);
	n -= n && *text == '/';
	text += text[0] == '/';
	if (feed_parse_prefix(text, n, end, &note)) {
		*length = mask_length(end);
		if (note != PREFIX_WAS_ADDRESS || prefix_is_v4(end) != prefix_is_v4(address))
			return FEED_EXTENT_NONE;
		return prefix_is_v4(address) && *length >= 0 ? FEED_EXTENT_LENGTH : FEED_EXTENT_END;
	}
	if (!n || n >= sizeof(form) || strspn(text, "0123456789") < n)
		return FEED_EXTENT_NONE;
	memcpy(form, text, n);
	form[n] = '\0';
	*length = strtol(form, &stop, 10);
	if (*length < 1 || *length > max)
		return FEED_EXTENT_NONE;
	/* a count beside a host is no length, and a length beside a network is no count */
	cut = prefix_around(&address->address, *length + (128 - max));
	return memcmp(&cut.address, &address->address, sizeof(cut.address)) ? FEED_EXTENT_UNSURE :
									      FEED_EXTENT_LENGTH;
}

/* --- a line of several --- */

static bool is_break(char c)
{
	return c == ',' || c == ';' || feed_is_blank(c);
}

static size_t next_word(const char **text, const char *end)
{
	const char *p = *text;
	size_t n = 0;

	while (p < end && is_break(*p))
		p++;
	while (p + n < end && !is_break(p[n]))
		n++;
	*text = p;
	return n;
}

enum feed_list feed_list_of(const char *text, size_t n)
{
	const char *end = text + n;
	unsigned int count = 0;
	struct prefix prefix, first = {};
	enum prefix_note note;
	bool slash = false;

	for (size_t word; (word = next_word(&text, end)); text += word) {
		if (!feed_parse_prefix(text, word, &prefix, &note))
			return FEED_LIST_NONE;
		slash |= memchr(text, '/', word) != NULL;
		first = count++ ? first : prefix;
	}
	if (count < 2)
		return FEED_LIST_NONE;
	return count > 2 || slash || prefix_compare(&first, &prefix) > 0 ? FEED_LIST :
									   FEED_LIST_UNSURE;
}

void feed_emit_list(struct feed *feed, const char *text, size_t n, struct feed_entry *entry)
{
	const char *end = text + n;

	for (size_t word; (word = next_word(&text, end)); text += word)
		if (feed_parse_prefix(text, word, &entry->prefix, &entry->note))
			feed_emit(feed, entry);
}
