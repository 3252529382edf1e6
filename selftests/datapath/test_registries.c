// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* The datapath's knowledge of IANA's registries, value by value, compared with the registries in
 * selftests/data (field P3, hostile 19). If a registry grows, add a line there, and then one here
 * or a failing test.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "native.h"

#define DATA	  "selftests/data/"
#define LINE_MAX_ 512
#define COLUMNS	  5

struct line {
	char text[LINE_MAX_];
	char *column[COLUMNS];
	unsigned int first, last; /* of the first column, if that is a number or two */
};

static bool parse_range(const char *text, unsigned int *first, unsigned int *last)
{
	char *end;

	*first = *last = strtoul(text, &end, 0);
	if (*end == '-')
		*last = strtoul(end + 1, &end, 0);
	return end != text && !*end;
}

/* The next line that is not a comment. */
static bool read_line(FILE *file, struct line *line)
{
	char *at = line->text;

	do {
		if (!fgets(line->text, sizeof(line->text), file))
			return false;
	} while (line->text[0] == '#');
	line->text[strcspn(line->text, "\n")] = '\0';
	for (int i = 0; i < COLUMNS; i++)
		line->column[i] = at ? strsep(&at, "\t") : NULL;
	parse_range(line->column[0], &line->first, &line->last);
	return true;
}

static FILE *open_data(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file)
		fail_msg("cannot open %s", path);
	return file;
}

/* The word in the given column for each value; `otherwise` for values missing from the file, or
 * NULL if it has all.
 */
static void read_words(const char *path, int column, const char *otherwise, char word[256][64])
{
	FILE *file = open_data(path);
	bool seen[256] = {};
	struct line line;

	while (read_line(file, &line)) {
		assert_non_null(line.column[column]);
		assert_true(line.first <= line.last && line.last < 256);
		for (unsigned int i = line.first; i <= line.last; i++) {
			if (seen[i])
				fail_msg("%s has %u twice", path, i);
			seen[i] = true;
			snprintf(word[i], sizeof(word[i]), "%s", line.column[column]);
		}
	}
	fclose(file);
	for (int i = 0; i < 256; i++) {
		if (!seen[i] && !otherwise)
			fail_msg("%s lacks %d", path, i);
		if (!seen[i])
			snprintf(word[i], sizeof(word[i]), "%s", otherwise);
	}
}

/* Features of a word, as text. */
static const char *feature_names(uint32_t features)
{
	static char names[256];

	names[0] = '\0';
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		if (features & 1U << i)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 names[0] ? "+" : "", feature_info(i)->name);
	return names[0] ? names : "-";
}

static void every_option_is_what_the_registry_says(void **state)
{
	char word[256][64];

	(void)state;
	read_words(DATA "ipv6-options.tsv", 4, "option-unknown", word);
	for (int i = 0; i < 256; i++) {
		uint32_t features =
			(known_options[i] ^ S64_FEATURE_BIT(OPTION_UNKNOWN)) & ~OPTION_IS_PAD1;

		if (strcmp(feature_names(features), word[i]))
			fail_msg("option 0x%02x: %s here, %s in the registry", i,
				 feature_names(features), word[i]);
		assert_int_equal(!!(known_options[i] & OPTION_IS_PAD1), i == S64_OPTION_PAD1);
	}
}

/* As found by a walk, in a destination options header, where two mean nothing. */
static void every_option_is_found_in_a_packet(void **state)
{
	char word[256][64];

	(void)state;
	read_words(DATA "ipv6-options.tsv", 4, "option-unknown", word);
	for (int i = 0; i < 256; i++) {
		const char *want = !strcmp(word[i], "router-alert") ? "option-unknown" : word[i];
		struct s64_packet packet;
		struct frame f;

		if (i == S64_OPTION_JUMBO)
			continue;
		packet_start(&f, S64_PROTO_DESTINATION);
		put(&f, "\x11\x00", 2);
		put8(&f, i);
		put8(&f, i == S64_OPTION_PAD1 ? 1 : 4);
		put8(&f, i == S64_OPTION_PAD1 ? 2 : 0);
		put_zeros(&f, 3);
		put_udp(&f);
		finish(&f);
		process_frame(&f, &packet);
		assert_int_equal(packet.class, S64_CLASS_UDP);
		packet.features &= ~S64_FEATURE_BIT(DESTINATION_OPTIONS);
		if (strcmp(feature_names(packet.features), want))
			fail_msg("option 0x%02x: %s, not %s", i, feature_names(packet.features),
				 want);
	}
}

static void every_routing_type_is_what_the_registry_says(void **state)
{
	char word[256][64];

	(void)state;
	read_words(DATA "ipv6-routing-types.tsv", 3, NULL, word);
	for (int i = 0; i < 256; i++)
		if (strcmp(feature_names(routing_feature(i)), word[i]))
			fail_msg("routing type %d: %s here, %s in the registry", i,
				 feature_names(routing_feature(i)), word[i]);
}

static void every_next_header_is_what_the_registry_says(void **state)
{
	char word[256][64];

	(void)state;
	read_words(DATA "ipv6-next-headers.tsv", 3, NULL, word);
	for (int i = 0; i < 256; i++) {
		struct s64_packet packet = {.next_header = i};
		const char *is = is_extension_header(i) ? "walked" :
				 i == S64_PROTO_ICMPV6	? "icmpv6" :
							  class_info(classify(&packet))->name;

		if (strcmp(is, word[i]))
			fail_msg("next header %d: %s here, %s in the registry", i, is, word[i]);
	}
}

static void every_type_and_code_is_what_the_registry_says(void **state)
{
	static char word[256][256][64];
	FILE *file = open_data(DATA "icmpv6-types.tsv");
	struct line line;

	(void)state;
	while (read_line(file, &line)) {
		unsigned int low = 0, high = 255;

		if (strcmp(line.column[1], "*"))
			assert_true(parse_range(line.column[1], &low, &high));
		for (unsigned int type = line.first; type <= line.last; type++)
			for (unsigned int code = low; code <= high; code++)
				snprintf(word[type][code], sizeof(word[type][code]), "%s",
					 line.column[4]);
	}
	fclose(file);
	for (int type = 0; type < 256; type++)
		for (int code = 0; code < 256; code++) {
			const char *is = class_info(icmpv6_class(icmpv6_type_at(type), code))->name;

			if (strcmp(is, word[type][code]))
				fail_msg("type %d, code %d: %s here, %s in the registry", type,
					 code, is, word[type][code]);
		}
}

/* --- prefixes --- */

static struct {
	struct prefix prefix;
	char source[16];
} known[S64_SPECIAL_MAX];
static unsigned int known_count;

static void read_prefixes(void)
{
	FILE *file = open_data(DATA "ipv6-special-prefixes.tsv");
	struct line line;

	while (read_line(file, &line)) {
		struct prefix *prefix = &known[known_count].prefix;
		char *slash = strchr(line.column[0], '/');

		/* prefix_parse() reads ::ffff:0:0/96 as all of IPv4, which it is as well */
		assert_non_null(slash);
		*slash = '\0';
		assert_int_equal(inet_pton(AF_INET6, line.column[0], &prefix->address), 1);
		prefix->length = atoi(slash + 1);
		snprintf(known[known_count++].source, sizeof(known[0].source), "%s",
			 line.column[4]);
	}
	fclose(file);
}

static const char *source_known(const struct prefix *address)
{
	int best = -1;

	for (unsigned int i = 0; i < known_count; i++)
		if (prefix_contains(&known[i].prefix, address) &&
		    (best < 0 || known[i].prefix.length > known[best].prefix.length))
			best = i;
	return known[best].source;
}

static void check_source(uint64_t hi, uint64_t lo)
{
	static const char *const names[] = {[S64_SOURCE_OK] = "ok",
					    [S64_SOURCE_ONLINK] = "onlink",
					    [S64_SOURCE_POLICY] = "policy",
					    [S64_SOURCE_BOGON] = "bogon"};
	struct prefix address = prefix_of_bits(hi, lo, 128);
	char text[INET6_ADDRSTRLEN];

	if (strcmp(names[source_special(hi, lo)], source_known(&address)))
		fail_msg("%s: %s here, %s in the registry", address_format(&address.address, text),
			 names[source_special(hi, lo)], source_known(&address));
}

/* Its first and last addresses, and those outside of it. */
static void check_edges(uint64_t hi, uint64_t lo, unsigned int length)
{
	uint64_t last_hi = hi | ~s64_mask_hi(length), last_lo = lo | ~s64_mask_lo(length);

	check_source(hi, lo);
	check_source(hi - !lo, lo - 1);
	check_source(last_hi, last_lo);
	check_source(last_hi + !(last_lo + 1), last_lo + 1);
}

static void every_special_prefix_is_what_the_registry_says(void **state)
{
	static const struct {
		uint64_t hi, lo;
		unsigned int length;
	} rows[] = {
#define X(hi, lo, length, ...) {hi, lo, length},
		S64_SPECIAL_PREFIXES(X)
#undef X
	};

	(void)state;
	read_prefixes();
	for (unsigned int i = 0; i < known_count; i++)
		check_edges(prefix_hi(&known[i].prefix), prefix_lo(&known[i].prefix),
			    known[i].prefix.length);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_edges(rows[i].hi, rows[i].lo, rows[i].length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(every_option_is_what_the_registry_says),
		T(every_option_is_found_in_a_packet),
		T(every_routing_type_is_what_the_registry_says),
		T(every_next_header_is_what_the_registry_says),
		T(every_type_and_code_is_what_the_registry_says),
		T(every_special_prefix_is_what_the_registry_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
