// SPDX-License-Identifier: GPL-2.0-only
/* The controller's tables as the real program in the kernel reads them, compared with answers
 * computed in a simple, slow way.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/blocks/blocks.h"
#include "maps/source_rules_map.h"
#include "replay/runner.h"
#include "slash64.skel.h"

#define SOURCES	 1000000
#define PREFIXES 5000
#define ALLOWED	 1000
#define LOOKUPS	 1000000 /* LOOKUPS in the environment overrides the number of them */

static unsigned int all_lookups = LOOKUPS;

static struct runner runner;
static struct config config;

static uint64_t random64(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

static void open_runner(uint32_t blocks)
{
	struct maps_size size = {.blocks = blocks, .prefixes = 16384, .limiter = 4096, .ifaces = 1};
	struct error error;

	memset(&runner, 0, sizeof(runner));
	fail_on(maps_create(&runner.maps, &size, &error), &error);
	fail_on(sources_init(&runner.blocklist, &runner.maps, &error), &error);
	fail_on(prefixes_init(&runner.prefixes, &runner.maps, &error), &error);
	policy_compile(&config.policy, NULL, 0, runner.maps.meta->tick_ns, runner.maps.policy,
		       runner.maps.limits);
	runner.skeleton = program_open(&runner.maps, 0, S64_CLOCK_TEST, &error);
	assert_non_null(runner.skeleton);
	assert_int_equal(slash64_bpf__load(runner.skeleton), 0);
	runner.program = bpf_program__fd(runner.skeleton->progs.slash64);
}

static struct runner_result decided(uint64_t hi, uint64_t lo)
{
	static unsigned char frame[64] = {
		[12] = 0x86, [13] = 0xdd, [14] = 0x60, [19] = 8, [20] = 17,
		[21] = 64,   [38] = 0x2a, [53] = 1,    [59] = 8};
	struct runner_frame packet = {frame, 62, 62, 1ULL << 40};
	struct prefix source = prefix_of_bits(hi, lo, 128);
	struct runner_result result;
	struct error error;

	memcpy(frame + 22, &source.address, 16);
	fail_on(runner_run(&runner, &packet, &result, &error), &error);
	return result;
}

static void rule(const char *text, enum s64_source_kind kind, uint8_t length)
{
	struct prefix prefix;
	struct error error;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	fail_on(source_rules_add(&config.rules, &prefix, kind, length, &error), &error);
}

static int setup(void **state)
{
	(void)state;
	config_init(&config);
	rule("2a00:1:1200::/40", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:2::/32", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:2:3::/48", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:2:4:5600::/56", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:3:4:5::/64", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:4::/96", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:56::/32", S64_SOURCE_KIND_LENGTH, 56);
	rule("2a00:128::/32", S64_SOURCE_KIND_LENGTH, 128);
	rule("2a00:5efe::/48", S64_SOURCE_KIND_ISATAP, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	runner_close(&runner);
	config_free(&config);
	return 0;
}

/* --- the source --- */

static void kernel_and_controller_agree_on_the_source_of_random_addresses(void **state)
{
	uint64_t different = 0, by_rule = 0;

	(void)state;
	open_runner(1024);
	source_rules_stage(&config.rules, &runner.maps);
	source_index_open(&runner.prefixes.source_index);
	source_rules_switch(&runner.maps);
	for (unsigned int i = 0; i < all_lookups; i++) {
		const struct s64_source_rule *r =
			&config.rules.rule[random64() % config.rules.count];
		uint64_t hi = random64(), lo = random64();
		struct prefix address;
		struct source source;

		if (i % 2) {
			hi = (hi & ~r->hi_mask) | r->hi;
			lo = (lo & ~r->lo_mask) | r->lo;
		}
		if (i % 8 == 1)
			lo = 0x5efeULL << 32 | (uint32_t)lo;
		if (s64_is_multicast(hi) || (hi == 0 && lo >> 32 == 0xffff))
			continue;
		address = prefix_of_bits(hi, lo, 128);
		source = source_rules_identify(&config.rules, &runner.maps.meta->seed, &address);
		different += decided(hi, lo).src_key != source.src_key;
		by_rule += source.kind != S64_SOURCE_KIND_NATIVE;
	}
	assert_int_equal(different, 0);
	assert_true(by_rule > all_lookups / 4);
}

/* --- prefixes of every length --- */

/* A sorted list that is searched in a simple way: for each length, does it contain the address, cut
 * to it?
 */
struct reference {
	struct prefix *entry;
	size_t count;
};

static void reference_sort(struct reference *list)
{
	qsort(list->entry, list->count, sizeof(*list->entry), prefix_order);
}

static int reference_longest(const struct reference *list, const struct prefix *address)
{
	for (int length = 128; length >= 16; length--) {
		struct prefix cut = prefix_around(&address->address, length);

		if (bsearch(&cut, list->entry, list->count, sizeof(cut), prefix_order))
			return length;
	}
	return -1;
}

static struct reference blocklist, blocks, allowlist;

/* Prefixes around and within one another, and around and within sources. */
static struct prefix random_prefix(void)
{
	static const uint8_t lengths[] = {29, 32, 36, 40, 44, 48,  52,	56, 60,
					  63, 65, 72, 80, 96, 112, 127, 128};
	uint8_t length =
		random64() % 3 ? lengths[random64() % sizeof(lengths)] : 29 + random64() % 100;
	uint64_t hi, lo = random64();

	if (random64() % 2)
		hi = prefix_hi(&blocklist.entry[random64() % blocklist.count]) ^
		     (random64() & random64() & 0xff);
	else
		hi = 0x2a10000000000000ULL | (random64() & 0x0000000700070007ULL);
	if (random64() % 2)
		lo &= 0x0007000000000007ULL;
	if (length == 64)
		length = 65;
	return prefix_of_bits(hi, lo, length);
}

static void fill(struct reference *list, size_t count, struct prefix (*make)(void))
{
	list->entry = calloc(count, sizeof(*list->entry));
	for (list->count = 0; list->count < count;) {
		struct prefix prefix = make();

		if (list->count && !prefix_compare(&list->entry[list->count - 1], &prefix))
			continue;
		list->entry[list->count++] = prefix;
	}
	reference_sort(list);
}

static struct prefix random_whole_source(void)
{
	return prefix_of_bits(0x2a10000000000000ULL | (random64() & 0x001fffffffffffffULL), 0, 64);
}

static struct prefix random_allow(void)
{
	struct prefix prefix = random_prefix();

	/* some of them equal to a source, or around it */
	if (random64() % 4 == 0)
		return prefix_around(&blocklist.entry[random64() % blocklist.count].address, 64);
	return prefix;
}

/* Each prefix once, as blocks_apply() requires. */
static size_t changes_of(const struct reference *list, struct blocks_change *change, size_t n)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i && !prefix_compare(&list->entry[i - 1], &list->entry[i]))
			continue;
		change[n++] = (struct blocks_change){
			.block = {.prefix = list->entry[i], .origin = "test", .start_ms = 1}};
	}
	return n;
}

static int by_change(const void *a, const void *b)
{
	const struct blocks_change *x = a, *y = b;

	return prefix_compare(&x->block.prefix, &y->block.prefix);
}

/* An address in a listed prefix, or close to one. */
static struct prefix random_source(void)
{
	const struct reference *lists[] = {&blocklist, &blocks, &allowlist};
	const struct reference *list = lists[random64() % 3];
	const struct prefix *near = &list->entry[random64() % list->count];
	uint64_t hi = prefix_hi(near), lo = prefix_lo(near);

	switch (random64() % 4) {
	case 0: /* within it */
		hi |= random64() & ~s64_mask_hi(near->length);
		lo |= random64() & ~s64_mask_lo(near->length);
		break;
	case 1: /* within it, except for the last bits */
		hi ^= near->length <= 64 ? 1ULL << (64 - near->length) : 0;
		lo ^= near->length > 64 ? 1ULL << (128 - near->length) : 0;
		break;
	case 2: /* about the same source */
		lo = random64();
		break;
	default:
		return prefix_of_bits(0x2a10000000000000ULL | (random64() & 0x001fffffffffffffULL),
				      random64(), 128);
	}
	return prefix_of_bits(hi, lo, 128);
}

static uint8_t expected(const struct prefix *source)
{
	int block = reference_longest(&blocks, source);
	struct prefix src_key = prefix_around(&source->address, 64);
	bool listed =
		bsearch(&src_key, blocklist.entry, blocklist.count, sizeof(src_key), prefix_order);

	if (reference_longest(&allowlist, source) >= 0 || (block < 0 && !listed))
		return S64_REASON_POLICY;
	return listed && block < 64 ? S64_REASON_BLOCKED : S64_REASON_BLOCKED_PREFIX;
}

/* The controller's blocks over a temporary store. */
static struct blocks controller;
static struct store *store;
static char directory[] = "/tmp/slash64-tables-XXXXXX";

static void open_controller(void)
{
	struct error error;

	assert_non_null(mkdtemp(directory));
	fail_on(store_open(&store, directory, &error), &error);
	fail_on(blocks_init(&controller, store, &runner.blocklist, &runner.prefixes, &runner.maps,
			    NULL, &config.rules, &error),
		&error);
}

static void close_controller(void)
{
	char path[64];

	store_close(store);
	for (int i = 0; i < 3; i++) {
		static const char *const ends[] = {"", "-wal", "-shm"};

		snprintf(path, sizeof(path), "%s/slash64.db%s", directory, ends[i]);
		unlink(path);
	}
	rmdir(directory);
}

static void load_lists(void)
{
	struct blocks_change *change = calloc(blocklist.count + blocks.count, sizeof(*change));
	struct error error;
	size_t n;

	/* half of the allowed prefixes exist before, and half after */
	for (size_t i = 0; i < allowlist.count / 2; i++) {
		struct store_block allow = {.prefix = allowlist.entry[i], .origin = "test"};

		fail_on(blocks_allow(&controller, &actor_itself, &allow, &error), &error);
	}
	n = changes_of(&blocklist, change, 0);
	n = changes_of(&blocks, change, n);
	qsort(change, n, sizeof(*change), by_change);
	fail_on(blocks_apply(&controller, &actor_itself, change, n, NULL, 0, 0, "test", &error),
		&error);
	for (size_t i = 0; i < n; i++)
		assert_false(change[i].refused);
	free(change);
	for (size_t i = allowlist.count / 2; i < allowlist.count; i++) {
		struct store_block allow = {.prefix = allowlist.entry[i], .origin = "test"};

		fail_on(blocks_allow(&controller, &actor_itself, &allow, &error), &error);
	}
}

static uint64_t count_differences(unsigned int lookups, uint64_t seen[S64_REASON_COUNT])
{
	uint64_t different = 0;

	for (unsigned int i = 0; i < lookups; i++) {
		struct prefix source = random_source();
		uint8_t got = decided(prefix_hi(&source), prefix_lo(&source)).reason;
		uint8_t wanted = expected(&source);
		char text[PREFIX_TEXT_MAX];

		seen[wanted]++;
		if (got != wanted && !different++)
			print_error("%s: %u, not %u\n", prefix_format(&source, text), got, wanted);
	}
	return different;
}

static void drop_allowlist(size_t count)
{
	struct error error;

	for (; count && allowlist.count; count--) {
		struct prefix prefix = allowlist.entry[--allowlist.count];

		if (allowlist.count &&
		    !prefix_compare(&allowlist.entry[allowlist.count - 1], &prefix))
			continue;
		fail_on(blocks_unallow(&controller, &actor_itself, &prefix, "test", NULL, &error),
			&error);
	}
}

static void drop_blocks(struct reference *list, size_t count)
{
	struct error error;

	for (; count && list->count; count--) {
		struct prefix prefix = list->entry[--list->count];

		if (list->count && !prefix_compare(&list->entry[list->count - 1], &prefix))
			continue;
		fail_on(blocks_remove(&controller, &actor_itself, &prefix, "test", NULL, &error),
			&error);
	}
}

static void
random_lookups_among_a_million_sources_5000_prefixes_and_1000_allows_are_right(void **state)
{
	uint64_t seen[S64_REASON_COUNT] = {};

	(void)state;
	open_runner(SOURCES + SOURCES / 16);
	open_controller();
	fill(&blocklist, SOURCES, random_whole_source);
	fill(&blocks, PREFIXES, random_prefix);
	fill(&allowlist, ALLOWED, random_allow);
	load_lists();
	assert_int_equal(count_differences(all_lookups, seen), 0);
	assert_true(seen[S64_REASON_BLOCKED] > all_lookups / 10);
	assert_true(seen[S64_REASON_BLOCKED_PREFIX] > all_lookups / 20);
	assert_true(seen[S64_REASON_POLICY] > all_lookups / 10);

	/* and they still are when much of it has been removed */
	drop_allowlist(ALLOWED / 2);
	assert_int_equal(count_differences(all_lookups / 10, seen), 0);
	drop_blocks(&blocks, PREFIXES / 2);
	drop_blocks(&blocklist, 10000);
	assert_int_equal(count_differences(all_lookups / 10, seen), 0);

	/* and when everything is loaded again, over the existing maps */
	{
		struct blocklist again;
		struct prefixes more;
		struct error error;

		sources_free(&runner.blocklist);
		prefixes_free(&runner.prefixes);
		fail_on(sources_init(&again, &runner.maps, &error), &error);
		fail_on(prefixes_init(&more, &runner.maps, &error), &error);
		runner.blocklist = again;
		runner.prefixes = more;
		fail_on(blocks_init(&controller, store, &runner.blocklist, &runner.prefixes,
				    &runner.maps, NULL, &config.rules, &error),
			&error);
	}
	assert_int_equal(count_differences(all_lookups / 10, seen), 0);
	close_controller();
	free(blocklist.entry);
	free(blocks.entry);
	free(allowlist.entry);
}

int main(void)
{
	const char *lookups = getenv("LOOKUPS");
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(kernel_and_controller_agree_on_the_source_of_random_addresses),
		TEST(random_lookups_among_a_million_sources_5000_prefixes_and_1000_allows_are_right),
	};

	if (lookups)
		all_lookups = strtoul(lookups, NULL, 10);
	if (geteuid() != 0) {
		puts("skipped: it runs a program in the kernel, which only root may\n0 passed, 0 failed, 2 skipped");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
