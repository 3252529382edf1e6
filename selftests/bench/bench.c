// SPDX-License-Identifier: GPL-2.0-only
/* Measures what slash64 costs and how it compares with others: packets per second of live frames through virtual Ethernet, each measurement next to one of a program that only drops, and the program's own time in the kernel. Results are ratios and differences of one run, medians of pairs.
 *   bench FILE.json [WORD]...      only the parts whose name contains one of the words
 */
#include <slash64/maps.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define MILLION 1000000ULL
#define LIMITER 1048576
#define MOST	0.95	/* at least this share took the measured path */
#define WARM	6000000 /* packets until a million sources have been seen */

static char **wanted;
static int wanted_count;

static bool is_wanted(const char *part)
{
	for (int i = 0; i < wanted_count; i++)
		if (strstr(part, wanted[i]))
			return true;
	return !wanted_count;
}

/* --- the parts --- */

static double blocked_million; /* the baseline */

static void part_blocked(void)
{
	static const struct {
		const char *name;
		uint64_t blocks, drawn;
		enum load_choice choice;
		double must, reach;
	} cases[] = {
		{"blocked, 1k", 1000, 1000, SOURCES_UNIFORM, 0.85, 0.95},
		{"blocked, 64k, uniform", 65536, 65536, SOURCES_UNIFORM, 0, 0},
		{"blocked, 1M, 64k hot", MILLION, 65536, SOURCES_UNIFORM, 0.70, 0.90},
		{"blocked, 1M, Zipf", MILLION, MILLION, SOURCES_ZIPF, 0, 0},
		{"blocked, 1M, uniform", MILLION, MILLION, SOURCES_UNIFORM, 0.55, 0.75},
	};
	struct subject *subject = NULL;
	uint64_t filled = 0;

	table_heading("blocked: share of a bare drop's packets per second");
	subject = subject_open(1 << 20, LIMITER);
	subject_policy(subject, "", 0, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct way way;
		double share;

		if (cases[i].blocks > filled)
			subject_fill(subject, filled, cases[i].blocks - filled);
		filled = cases[i].blocks > filled ? cases[i].blocks : filled;
		way = way_of(subject, 1, FRAME_UDP, cases[i].choice, 0, cases[i].drawn);
		share = subject_share(cases[i].name, subject, &way, "blocked", 1);
		table_figure(cases[i].name, share, "x", cases[i].must, cases[i].reach, true);
		blocked_million = share;
	}
	subject_close(subject);
}

/* Clean traffic goes on to the stack of the far end, which costs more than everything else, so the
 * baseline is a program that only passes.
 */
static double clean_share(const char *name, struct subject *subject)
{
	struct way way = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, CLEAN_FIRST, MILLION);
	double share[PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		struct way pass = way_of_peer(PEER_PASS, &way);
		uint64_t before, sent, ignored;
		double bare = rate_of(&pass, &ignored);

		before = subject_counted(subject, "policy");
		share[i] = rate_of(&way, &sent) / bare;
		if ((double)(subject_counted(subject, "policy") - before) < sent * (1 - REST))
			printf("%-62s not all of it took this way\n", name);
	}
	return median(share, PAIRS);
}

static void part_clean(void)
{
	static const struct {
		const char *name;
		uint32_t capacity;
		uint64_t blocks;
	} cases[] = {
		{"clean, 1k blocks: share of a bare pass", 1 << 20, 1000},
		{"clean, 64k blocks", 1 << 20, 65536},
		{"clean, 1M blocks", 1 << 20, MILLION},
		{"clean, 16M blocks", 16 << 20, 16 * MILLION},
	};

	struct way drop = {.links = 1,
			   .frame = FRAME_UDP,
			   .load = {.first = CLEAN_FIRST, .source_count = MILLION}};
	struct way pass = way_of_peer(PEER_PASS, &drop);

	drop = way_of_peer(PEER_DROP, &drop);
	table_heading("clean: share of what a program that only passes takes, stack included");
	table_figure("a bare pass: share of a bare drop", rate_median(&pass) / rate_median(&drop),
		     "x", 0, 0, true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct subject *subject = subject_open(cases[i].capacity, LIMITER);

		subject_policy(subject, "", 0, 0);
		subject_fill(subject, 0, cases[i].blocks);
		table_figure(cases[i].name, clean_share(cases[i].name, subject), "x", 0, 0, true);
		subject_close(subject);
	}
}

static void part_large(void)
{
	struct subject *subject = subject_open(16 << 20, LIMITER);
	double seconds = subject_fill(subject, 0, 16 * MILLION);
	struct way way = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, 0, 16 * MILLION);
	double share;

	table_heading("16 million blocks");
	subject_policy(subject, "", 0, 0);
	table_figure("filling 16M, in memory", seconds, "s", 0, 0, false);
	share = subject_share("16M", subject, &way, "blocked", 1);
	table_figure("blocked, 16M, uniform: share of a bare drop", share, "x", 0, 0, true);
	if (blocked_million)
		table_figure("blocked, 16M against 1M", share / blocked_million, "x", 0.7, 0.9,
			     true);
	subject_close(subject);
}

static void part_peers(void)
{
	struct way way = {.links = 1,
			  .frame = FRAME_UDP,
			  .load = {.choice = SOURCES_UNIFORM, .source_count = MILLION}};
	const char *why;
	double seconds, share;

	table_heading("peers: 1M entries, uniform: share of a bare drop");
	peers_open(MILLION + 1);
	table_figure("filling 1M: the kernel's hash", peer_fill(PEER_HASH, 0, MILLION), "s", 0, 0,
		     false);
	table_figure("filling 1M: the kernel's LPM trie", peer_fill(PEER_LPM, 0, MILLION), "s", 0,
		     0, false);
	way = way_of_peer(PEER_HASH, &way);
	table_figure("the kernel's hash", share_of("hash", &way, count_peers, NULL, 1), "x", 0, 0,
		     true);
	way = way_of_peer(PEER_LPM, &way);
	table_figure("the kernel's LPM trie", share_of("trie", &way, count_peers, NULL, 1), "x", 0,
		     0, true);
	for (int i = 0; i < LINKS; i++)
		way.program[i] = -1;
	way_attach(&way);
	if (peer_nft_set(load_far_ifindex(0), 0, MILLION, &seconds, &why)) {
		table_figure("filling 1M: a set of nftables", seconds, "s", 0, 0, false);
		share = share_of("nftables", &way, count_received, NULL, 1);
		table_figure("a set of nftables", share, "x", 0, 0, true);
		if (blocked_million)
			table_figure("slash64 against a set of nftables, blocked, 1M, uniform",
				     blocked_million / share, "x", 3.2, 4.4, true);
	} else {
		table_note("a set of nftables", why);
	}
	peer_stack_clear();
	way.load.source_count = 1000;
	way.program[0] = peer_xdp_filter(load_far_ifindex(0), way.load.source_count, &why);
	if (way.program[0] >= 0)
		table_figure("xdp-filter, 1k whole addresses (it knows no /64)",
			     share_of("xdp-filter", &way, count_xdp_filter, NULL, 1), "x", 0, 0,
			     true);
	else
		table_note("xdp-filter", why);
}

/* Until nearly every source of a load has been seen, so that the tables are in a steady state. */
static void warm_up(const struct way *way, uint64_t packets)
{
	for (uint64_t all = 0, sent; all < packets; all += sent)
		rate_of(way, &sent);
}

/* The result of a setup, or why it failed; a million sources are seen before the measurement. */
static void limited_peer(const char *sources, const char *peer, bool there, const char *why,
			 const struct way *way, counted_t counted, double part)
{
	char name[64];

	snprintf(name, sizeof(name), "%s, %s", sources, peer);
	if (!there) {
		table_note(name, why);
		return;
	}
	if (way->load.source_count > 1)
		warm_up(way, WARM);
	table_figure(name, share_of(name, way, counted, NULL, part), "x", 0, 0, true);
}

/* Peers that limit, with one source and with a million; everything that passes is dropped behind
 * them.
 */
static void limited_peers(struct way *way)
{
	static const struct {
		const char *name, *nft_rate, *hashlimit_rate;
		uint64_t source_count;
		unsigned int burst;
	} cases[] = {{"one source", "100/second", "100/sec", 1, 200},
		     {"1M sources", "1/minute", "1/min", MILLION, 1}};
	const char *why = NULL;
	bool there;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*way = way_of_peer(PEER_LRU, way);
		way->load.source_count = cases[i].source_count;
		limited_peer(cases[i].name, "a limiter on the kernel's LRU hash", true, NULL, way,
			     count_peers, MOST);
		for (int link = 0; link < LINKS; link++)
			way->program[link] = -1;
		way_attach(way);
		there = peer_nft_limit(load_far_ifindex(0), cases[i].nft_rate, cases[i].burst,
				       &why);
		limited_peer(cases[i].name, "a dynamic set of nftables", there, why, way,
			     count_received, 1);
		peer_stack_clear();
		there = peer_hashlimit(cases[i].hashlimit_rate, cases[i].burst, &why);
		limited_peer(cases[i].name, "hashlimit of ip6tables", there, why, way,
			     count_received, 1);
		peer_stack_clear();
	}
}

static uint64_t subject_passed(const struct subject *subject)
{
	return subject_counted(subject, "within-limit") +
	       subject_counted(subject, "within-fallback-limit");
}

/* The packets that a source's limit passes: `burst`, and `rate` per second. */
struct bench_limit {
	double rate;
	unsigned int burst;
};

/* A share, and whether it was honest: packets passed meanwhile, as a share of what the limits of
 * all sources allow.
 */
static void limited_row(struct subject *subject, const struct way *way, const char *name,
			const struct bench_limit *limit, double part, double must, double reach)
{
	uint64_t passed = subject_passed(subject);
	double start = now_s(),
	       share = subject_share(name, subject, way, "over-source-limit", part), allowed;

	passed = subject_passed(subject) - passed;
	allowed = way->load.source_count * (limit->burst + limit->rate * (now_s() - start)) +
		  way->links;
	table_figure(name, share, "x", must, reach, true);
	table_figure("  what passed, of what the limit allows", passed / allowed, "x", 1, 1, false);
}

static void part_limited(void)
{
	static const struct bench_limit fast = {100, 200}, slow = {1.0 / 60, 1};
	struct subject *subject = subject_open(1 << 20, LIMITER);
	struct way way = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, 0, 1);

	table_heading("limited: share of a bare drop");
	subject_policy(subject, "udp", fast.rate, fast.burst);
	limited_row(subject, &way, "one source far over its limit", &fast, 0.99, 0.75, 0.90);
	way.links = 2;
	limited_row(subject, &way, "one source far over its limit, from two CPUs", &fast, 0.99, 0,
		    0);
	way.links = 1;
	subject_policy_minute(subject, "udp");
	way.load.source_count = 1000;
	warm_up(&way, WARM / 10);
	limited_row(subject, &way, "1k sources over their limits", &slow, MOST, 0, 0);
	way.load.source_count = 65536;
	warm_up(&way, WARM / 10);
	limited_row(subject, &way, "64k sources over their limits", &slow, MOST, 0, 0);
	way.load.source_count = MILLION;
	warm_up(&way, WARM);
	limited_row(subject, &way, "1M sources over their limits", &slow, MOST, 0.40, 0.55);
	subject_close(subject);

	peers_open(MILLION + 1);
	limited_peers(&way);
}

static void part_attacks(void)
{
	struct subject *subject = subject_open(1 << 20, LIMITER);
	struct way way = way_of(subject, 1, FRAME_UDP, SOURCES_NEW, CLEAN_FIRST, 1);
	uint64_t bytes = subject_bytes(subject), colliding[LISTED_MAX], n = 0;

	table_heading("attacks on its own state: share of a bare drop");
	subject_fill(subject, 0, MILLION);
	/* passed packets go up the stack, which is not measured: hardly any do */
	subject_policy_minute(subject, "udp");
	/* none of them is blocked, so whenever the filter passes one, the bucket is probed in vain
	 */
	for (int i = 0; i < 64; i++) {
		n = subject_seed_collision(subject, n < MILLION ? MILLION : n + 1);
		colliding[i] = source_number(n);
	}
	load_list(colliding, 64);
	way.load.choice = SOURCES_LISTED;
	warm_up(&way, WARM / 10);
	table_figure("64 sources of one bucket, as if the seed were known",
		     subject_share("colliding", subject, &way, "over-source-limit", MOST), "x", 0,
		     0, true);
	way.load.choice = SOURCES_NEW;
	warm_up(&way, WARM);
	table_figure("sources that never repeat, against a limiter they have filled",
		     subject_share("new", subject, &way, "over-fallback-limit", MOST), "x", 0, 0,
		     true);
	way.load.choice = SOURCES_DENSE;
	table_figure("a dense /48", subject_share("dense", subject, &way, "over-48-limit", 0), "x",
		     0, 0, true);
	table_figure("memory of the maps before", bytes / 1048576.0, "MiB", 64, 64, false);
	table_figure("memory of the maps after", subject_bytes(subject) / 1048576.0, "MiB", 64, 64,
		     false);
	subject_close(subject);
}

static void part_scale(void)
{
	enum { SCALED = 4 };
	static const struct {
		const char *name;
		double must, reach;
	} scaled[SCALED] = {
		{"blocked, 1M, uniform", 1.8, 1.95},
		{"clean, 1M blocks, up the stack", 1.8, 1.95},
		{"a bare drop", 0, 0},
		{"a bare pass, up the stack", 0, 0},
	};
	struct subject *subject = subject_open(1 << 20, LIMITER);
	struct way one[SCALED];
	double ratio[PAIRS];

	table_heading("two CPUs over one, packets per second");
	subject_policy(subject, "", 0, 0);
	subject_fill(subject, 0, MILLION);
	one[0] = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, 0, MILLION);
	one[1] = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, CLEAN_FIRST, MILLION);
	one[2] = way_of_peer(PEER_DROP, &one[0]);
	one[3] = way_of_peer(PEER_PASS, &one[1]);
	for (int what = 0; what < SCALED; what++) {
		for (int i = 0; i < PAIRS; i++) {
			struct way two = one[what];
			uint64_t sent;

			two.links = 2;
			ratio[i] = 1 / rate_of(&one[what], &sent);
			ratio[i] *= rate_of(&two, &sent);
		}
		table_figure(scaled[what].name, median(ratio, PAIRS), "x", scaled[what].must,
			     scaled[what].reach, true);
	}
	subject_close(subject);
}

#define FILTER_BYTES  (MILLION * S64_BLOOM_BITS_PER_KEY / 8)
#define BUCKETS_BYTES (MILLION / 4 * sizeof(struct s64_bucket))
#define LIMITER_BYTES (LIMITER * S64_LIMITER_ENTRIES_PER_SOURCE * sizeof(__u64))

/* Of a million limited sources at random, two packets in three need a search for their entry, at
 * this cost.
 */
#define SEARCH_NS 50
#define SEARCHED  (2.0 / 3)

/* The predictions of docs/performance.md for uncached lines, next to what is measured in the same
 * run.
 */
static void program_and_model(struct subject *subject, double hot)
{
	double filter = machine_line_ns(FILTER_BYTES, hot),
	       buckets = machine_line_ns(BUCKETS_BYTES, hot * 3);
	double limiter = machine_line_ns(LIMITER_BYTES, hot * 4), limited;

	table_figure("the machine: a line of memory as large as the filter", filter, "ns", 0, 0,
		     false);
	table_figure("the machine: a line of memory as large as the limiter", limiter, "ns", 0, 0,
		     false);
	table_figure("the machine: a line of memory as large as the buckets", buckets, "ns", 0, 0,
		     false);
	table_figure("clean TCP of random sources, 1M blocks, no limit on its class",
		     subject_ns(subject, FRAME_TCP, CLEAN_FIRST, MILLION), "ns", 25, 12, false);
	table_figure("  the model: half of hot, and a line of the filter", hot / 2 + filter, "ns",
		     0, 0, false);
	table_figure("blocked TCP of random sources, 1M blocks",
		     subject_ns(subject, FRAME_TCP, 0, MILLION), "ns", 0, 0, false);
	table_figure("  the model: half of hot, and a line of the buckets", hot / 2 + buckets, "ns",
		     0, 0, false);
	subject_policy(subject, "udp", 50000000, 100000000);
	limited = subject_ns(subject, FRAME_UDP, CLEAN_FIRST, 1);
	table_figure("clean UDP, limited at /64 and /48, hot source", limited, "ns", 45, 25, false);
	/* packets per source, so that nearly all of their entries are live */
	subject_policy(subject, "udp", 5, 100);
	table_figure("clean UDP, limited at /64 and /48, 1M random sources",
		     subject_ns(subject, FRAME_UDP, CLEAN_FIRST, MILLION), "ns", 160, 100, false);
	table_figure("  the model: hot, a line of the limiter, a search",
		     limited + limiter + SEARCH_NS * SEARCHED, "ns", 0, 0, false);
}

static void part_program(void)
{
	static const struct {
		const char *name;
		unsigned int skip;
	} steps[] = {
		{"price of the walk over extension headers", S64_SKIP_CHAIN},
		{"price of source checks", S64_SKIP_SOURCE},
		{"price of validity checks", S64_SKIP_VALIDATE},
		{"price of the blocks", S64_SKIP_BLOCKS},
		{"price of policy and limits", S64_SKIP_POLICY},
		{"price of the counters", S64_SKIP_COUNT},
		{"price of the samples", S64_SKIP_REPORT},
	};
	struct subject *subject = subject_open(1 << 20, LIMITER);
	unsigned int verified, jited;
	double whole;

	table_heading("the program's time for a packet, over the same without it");
	subject_policy(subject, "", 0, 0);
	subject_fill(subject, 0, MILLION);
	subject_facts(subject, &verified, &jited);
	table_figure("instructions verified, of 1,000,000", verified, "", 0, 0, false);
	table_figure("machine code", jited, "bytes", 0, 0, false);
	whole = subject_ns(subject, FRAME_TCP, CLEAN_FIRST, 1);
	table_figure("clean TCP of one source, 1M blocks", whole, "ns", 0, 0, false);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		table_figure(steps[i].name, subject_price_ns(subject, FRAME_TCP, steps[i].skip),
			     "ns", 0, 0, false);
	table_figure("two extension headers", subject_ns(subject, FRAME_OPTIONS, CLEAN_FIRST, 1),
		     "ns", 0, 0, false);
	table_figure("a later fragment", subject_ns(subject, FRAME_FRAGMENT, CLEAN_FIRST, 1), "ns",
		     0, 0, false);
	program_and_model(subject, whole);
	subject_close(subject);
}

static void part_fill(void)
{
	struct subject *subject = subject_open(1 << 20, LIMITER);

	table_heading("filling");
	table_figure("1M sources, in memory", subject_fill(subject, 0, MILLION), "s", 0.15, 0.15,
		     false);
	subject_close(subject);
}

enum looking { LOOK_WATCH, LOOK_ONE, LOOK_ALL, LOOKS };

/* The rate while somebody looks, as a share of that while nobody does, and of what matched the share
 * that was taken.
 */
static double look_share(struct subject *subject, const struct way *way, enum looking what,
			 double *taken)
{
	const struct maps *maps = subject_maps(subject);
	double share[PAIRS];
	uint64_t sent, matched, lost, all_matched = 0, all_lost = 0;

	for (int i = 0; i < PAIRS; i++) {
		double alone = i & 1 ? 0 : rate_of(way, &sent);
		struct look *look = what == LOOK_WATCH ? look_watch(maps) :
				    what == LOOK_ONE   ? look_capture(maps, source_number(7)) :
							 look_capture(maps, 0);
		double looked = rate_of(way, &sent);

		if (what == LOOK_WATCH) {
			all_matched += look_watch_end(look);
		} else {
			look_capture_end(look, &matched, &lost);
			all_matched += matched;
			all_lost += lost;
		}
		share[i] = looked / (i & 1 ? rate_of(way, &sent) : alone);
	}
	if (!all_matched)
		printf("nobody saw anything\n");
	*taken = all_matched ? 1.0 - (double)all_lost / all_matched : 0;
	return median(share, PAIRS);
}

/* One CPU receives the flood, the other one looks. Issue 16. */
static void part_look(void)
{
	static const struct {
		const char *name;
		double must;
	} looks[LOOKS] = {
		{"watch of everything", 0.95},
		{"capture of one source of a million", 0.95},
		{"capture of everything that is dropped", 0.5},
	};
	struct subject *subject = subject_open(1 << 20, LIMITER);
	struct way way = way_of(subject, 1, FRAME_UDP, SOURCES_UNIFORM, 0, MILLION);

	table_heading("while somebody looks: share of the rate while nobody does");
	subject_policy_minute(subject, "udp");
	warm_up(&way, WARM);
	for (int i = 0; i < LOOKS; i++) {
		double taken, share = look_share(subject, &way, i, &taken);

		table_figure(looks[i].name, share, "x", looks[i].must, looks[i].must, true);
		if (i != LOOK_WATCH)
			table_figure("  packets taken, of those that matched", taken, "x", 0, 0,
				     true);
	}
	subject_close(subject);
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{"program", part_program}, {"fill", part_fill},	      {"blocked", part_blocked},
		{"clean", part_clean},	   {"large", part_large},     {"peers", part_peers},
		{"limited", part_limited}, {"attacks", part_attacks}, {"scale", part_scale},
		{"look", part_look},
	};

	if (argc < 2)
		fail("which file is the JSON for?");
	wanted = argv + 2;
	wanted_count = argc - 2;
	libbpf_set_print(silent);
	table_open(argv[1]);
	load_open();
	peers_open(1024);
	machine_stolen();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (is_wanted(parts[i].name))
			parts[i].run();
	table_heading("the machine");
	table_figure("time that went to other guests of its host (steal)", machine_stolen() * 100,
		     "%", 0, 0, false);
	table_close();
	return 0;
}
