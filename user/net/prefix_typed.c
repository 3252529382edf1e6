// SPDX-License-Identifier: GPL-2.0-only
#include "prefix_typed.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GROUPS_V6   8
#define GROUPS_MAC  6
#define GROUP_BITS  16
#define FORM_MAX    64
#define EN_DASH	    "\xe2\x80\x93"
#define PASTED_ENDS " \t\"'`,;<>()"

/* Invisible characters in text copied from a page: U+00A0, U+200B, U+FEFF. */
static size_t pasted_blank(const char *text)
{
	static const char *const blanks[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf"};

	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (!strncmp(text, blanks[i], strlen(blanks[i])))
			return strlen(blanks[i]);
	return *text && strchr(PASTED_ENDS, *text) ? 1 : 0;
}

/* The text without surrounding characters. False if it is too long. */
static bool trim(const char *text, char out[PREFIX_TYPED_MAX])
{
	size_t n, skip;

	while ((skip = pasted_blank(text)))
		text += skip;
	n = strlen(text);
	if (n >= PREFIX_TYPED_MAX)
		return false;
	memcpy(out, text, n + 1);
	for (bool cut = true; cut && n;) {
		cut = strchr(PASTED_ENDS ".", out[n - 1]) != NULL;
		n -= cut;
		for (size_t bytes = 2; !cut && bytes <= 3 && bytes <= n; bytes++)
			if (pasted_blank(out + n - bytes) == bytes) {
				n -= bytes;
				cut = true;
			}
		out[n] = '\0';
	}
	return true;
}

/* [ADDRESS], [ADDRESS]/LENGTH, [ADDRESS/LENGTH], [ADDRESS]:PORT, ADDRESS:PORT of IPv4 */
static void unwrap(char text[PREFIX_TYPED_MAX])
{
	char *close = strchr(text, ']'), *colon;

	if (text[0] == '[' && close) {
		if (close[1] == ':' && close[2] && !close[2 + strspn(close + 2, "0123456789")])
			close[1] = '\0';
		memmove(close, close + 1, strlen(close));
		memmove(text, text + 1, strlen(text));
		return;
	}
	colon = strchr(text, ':');
	if (colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")] &&
	    memchr(text, '.', colon - text))
		*colon = '\0';
}

/* "/255.255.255.0" is "/24" */
static void take_mask(char text[PREFIX_TYPED_MAX])
{
	char *slash = strchr(text, '/');
	struct prefix address, mask;
	uint32_t bits, behind;

	if (!slash || !strchr(slash, '.'))
		return;
	*slash = '\0';
	if (!prefix_parse_whole(text, &address, NULL) && prefix_is_v4(&address) &&
	    !prefix_parse_whole(slash + 1, &mask, NULL) && prefix_is_v4(&mask)) {
		bits = prefix_lo(&mask);
		behind = ~bits;
		if (bits >> 31 && !(behind & (behind + 1))) {
			snprintf(slash, PREFIX_TYPED_MAX - (slash - text), "/%d",
				 __builtin_popcount(bits));
			return;
		}
	}
	*slash = '/';
}

int prefix_typed(const char *text, struct prefix *prefix, enum prefix_note *note)
{
	char form[PREFIX_TYPED_MAX];

	if (!prefix_parse_whole(text, prefix, note))
		return 0;
	if (!trim(text, form))
		return -EINVAL;
	unwrap(form);
	take_mask(form);
	return prefix_parse_whole(form, prefix, note);
}

/* --- ranges --- */

typedef unsigned __int128 bits128;

static bits128 bits_of(const struct prefix *prefix)
{
	return (bits128)prefix_hi(prefix) << 64 | prefix_lo(prefix);
}

/* The number of bits behind the largest prefix that starts here and does not exceed the end. */
static unsigned int free_bits(bits128 from, bits128 to)
{
	unsigned int n = 0;

	while (n < 127 && !(from >> n & 1) && to - from >= ((bits128)1 << (n + 1)) - 1)
		n++;
	return n;
}

static bool take_ends(const char *text, bits128 *from, bits128 *to)
{
	char form[PREFIX_TYPED_MAX];
	enum prefix_note first_note, last_note;
	struct prefix first, last;
	size_t dash_bytes = 1;
	char *dash;

	if (!trim(text, form))
		return false;
	dash = strchr(form, '-');
	if (!dash) {
		dash = strstr(form, EN_DASH);
		dash_bytes = strlen(EN_DASH);
	}
	if (!dash)
		return false;
	*dash = '\0';
	if (prefix_typed(form, &first, &first_note) ||
	    prefix_typed(dash + dash_bytes, &last, &last_note) ||
	    first_note != PREFIX_WAS_ADDRESS || last_note != PREFIX_WAS_ADDRESS ||
	    prefix_is_v4(&first) != prefix_is_v4(&last))
		return false;
	*from = bits_of(&first);
	*to = bits_of(&last);
	return true;
}

size_t prefix_typed_range(const char *text, struct prefix out[PREFIX_RANGE_FEW])
{
	bits128 at, end;
	size_t count = 0;

	/* not everything, and not backwards */
	if (!take_ends(text, &at, &end) || at > end || (!at && !~end))
		return 0;
	for (;; count++) {
		unsigned int n = free_bits(at, end);

		if (count < PREFIX_RANGE_FEW)
			out[count] = prefix_of_bits(at >> 64, at, 128 - n);
		if (end - at < (bits128)1 << n || end - at + 1 == (bits128)1 << n)
			return count + 1;
		at += (bits128)1 << n;
	}
}

/* --- hints --- */

/* The number of groups of hexadecimal digits between single colons, or 0 if there is anything else.
 */
static int groups_of(const char *text, size_t n, size_t digits_max)
{
	int groups = 1;
	size_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == ':') {
			if (!digits)
				return 0;
			groups++;
			digits = 0;
		} else if (!isxdigit((unsigned char)text[i]) || ++digits > digits_max) {
			return 0;
		}
	}
	return digits ? groups : 0;
}

/* "2001:db8:bad:1" and "2001:db8:bad:1/64" lack the "::". */
static bool hint_of_groups(const char *form, char *buf)
{
	const char *slash = strchr(form, '/');
	size_t n = slash ? (size_t)(slash - form) : strlen(form);
	int groups = groups_of(form, n, 4);
	char meant[FORM_MAX];
	struct prefix prefix;

	if (groups == GROUPS_MAC && groups_of(form, n, 2) && !slash) {
		snprintf(buf, PREFIX_HINT_MAX,
			 "it looks like a hardware address; slash64 filters by IPv6 prefix");
		return true;
	}
	if (groups < 2 || groups >= GROUPS_V6 || n > FORM_MAX - 8)
		return false;
	if (slash)
		snprintf(meant, sizeof(meant), "%.*s::%.5s", (int)n, form, slash);
	else
		snprintf(meant, sizeof(meant), "%.*s::/%d", (int)n, form, groups * GROUP_BITS);
	if (prefix_parse_whole(meant, &prefix, NULL))
		return false;
	snprintf(buf, PREFIX_HINT_MAX, "did you mean %s?", meant);
	return true;
}

/* "198.51.100", "198.51.100.*" and "198.51.100.x" lack an octet. */
static bool hint_of_octets(const char *form, char *buf)
{
	char text[FORM_MAX], meant[FORM_MAX * 2];
	struct prefix prefix;
	int octets = 1;
	size_t n = strspn(form, "0123456789.");

	if (n >= FORM_MAX - 16 || strchr(form, ':'))
		return false;
	if (strcmp(form + n, "*") && strcmp(form + n, "x") && form[n])
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)n, form);
	while (n && text[n - 1] == '.')
		text[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		octets += text[i] == '.';
	if (octets < 2 || octets > 3)
		return false;
	snprintf(meant, sizeof(meant), "%s%s/%d", text, octets == 2 ? ".0.0" : ".0", octets * 8);
	if (prefix_parse_whole(meant, &prefix, NULL))
		return false;
	snprintf(buf, PREFIX_HINT_MAX, "did you mean %s?", meant);
	return true;
}

/* The zone of an address, "fe80::1%eth0". */
static bool hint_of_zone(const char *form, char *buf)
{
	char meant[PREFIX_TYPED_MAX];
	struct prefix prefix;
	const char *zone = strchr(form, '%'), *slash = zone ? strchr(zone, '/') : NULL;

	if (!zone)
		return false;
	snprintf(meant, sizeof(meant), "%.*s%s", (int)(zone - form), form, slash ? slash : "");
	if (prefix_typed(meant, &prefix, NULL))
		return false;
	snprintf(buf, PREFIX_HINT_MAX, "leave out the zone '%.*s', which cannot be matched: %.64s",
		 (int)(slash ? slash - zone : (long)strlen(zone)), zone, meant);
	return true;
}

static bool hint_of_range(const char *form, const char *import, char *buf)
{
	struct prefix few[PREFIX_RANGE_FEW];
	size_t count = prefix_typed_range(form, few);
	bits128 from, to;

	if (take_ends(form, &from, &to) && from > to) {
		snprintf(buf, PREFIX_HINT_MAX, "the range ends before it begins");
		return true;
	}
	if (!count)
		return false;
	snprintf(buf, PREFIX_HINT_MAX,
		 "the range has %zu prefix%s: %s reads it as a line of a list", count,
		 count == 1 ? "" : "es", import);
	return true;
}

/* No length behind the slash. */
static bool hint_of_length(const char *form, char *buf)
{
	const char *slash = strchr(form, '/');
	char address[PREFIX_TYPED_MAX];
	struct prefix prefix;

	if (!slash)
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - form), form);
	if (prefix_parse_whole(address, &prefix, NULL))
		return false;
	snprintf(buf, PREFIX_HINT_MAX, "invalid length '%.16s': from /0 to /%d", slash,
		 prefix_is_v4(&prefix) ? 32 : 128);
	return true;
}

/* Wide digits of an input method, or a colon of a word processor, look right. */
static bool hint_of_letters(const char *form, char *buf)
{
	const char *letter = form;
	int n = 1;

	while (*letter && (unsigned char)*letter < 0x80)
		letter++;
	if (!*letter)
		return false;
	while (((unsigned char)letter[n] & 0xc0) == 0x80)
		n++;
	snprintf(buf, PREFIX_HINT_MAX, "'%.*s' is not an ASCII character: type it anew", n, letter);
	return true;
}

static bool has_several(const char *form)
{
	char first[PREFIX_TYPED_MAX];
	struct prefix prefix;
	size_t n = strcspn(form, ",; ");

	snprintf(first, sizeof(first), "%.*s", (int)n, form);
	return form[n] && !prefix_typed(first, &prefix, NULL);
}

const char *prefix_typed_hint(const char *text, const char *import, char *buf)
{
	char form[PREFIX_TYPED_MAX];

	snprintf(buf, PREFIX_HINT_MAX, "write it like 2001:db8:0:1::/64, or like 198.51.100.7");
	if (!trim(text, form))
		return buf;
	unwrap(form);
	if (has_several(form))
		snprintf(buf, PREFIX_HINT_MAX, "one at a time: %s reads a list", import);
	else if (strstr(form, "://"))
		snprintf(buf, PREFIX_HINT_MAX,
			 "write the address alone, as names are not looked up");
	else if (hint_of_range(form, import, buf) || hint_of_letters(form, buf) ||
		 hint_of_zone(form, buf) || hint_of_length(form, buf) ||
		 hint_of_groups(form, buf) || hint_of_octets(form, buf))
		return buf;
	else if (strchr(form, '.') && !strchr(form, ':') && !strchr(form, '/') &&
		 isalpha((unsigned char)form[0]))
		snprintf(buf, PREFIX_HINT_MAX, "names are not looked up: write its address");
	return buf;
}
