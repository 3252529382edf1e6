// SPDX-License-Identifier: GPL-2.0-only
/* Compares tables, interfaces and answers with the reference, and the store as well
 * (check_store.c).
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "datapath.h"
#include "model.h"

#define BURST_SLACK  1
#define RATE_SLACK   0.02
#define ROWS_CHECKED 6

/* --- the maps --- */

static const char *const fates[] = {"open", "blocked", "throttled"};

static void check_source(const char *text, const struct in6_addr *address)
{
	struct ref_verdict expected = ref_verdict(&model->now, address);
	struct datapath_verdict got = datapath_process(&the_daemon->maps, address);

	if (expected.fate != got.fate)
		world_fail("tables", "%s is %s in the maps, and should be %s (%s%s of %s)", text,
			   fates[got.fate],
			   expected.allowed ? "open, as it is allowed" : fates[expected.fate],
			   expected.why ? "by " : "nothing is said of it",
			   expected.why ? text_of(&expected.why->prefix) : "",
			   expected.why ? expected.why->origin : "nobody");
	if (expected.fate != REF_THROTTLED)
		return;
	if (got.rate < expected.rate * (1 - RATE_SLACK) ||
	    got.rate > expected.rate * (1 + RATE_SLACK) ||
	    got.burst + BURST_SLACK < expected.burst || got.burst > expected.burst + BURST_SLACK)
		world_fail(
			"tables",
			"%s is held to %.1f packets per second, %u at once, and should be to %u, %u",
			text, got.rate, got.burst, expected.rate, expected.burst);
}

void check_is_blocked(const struct prefix *prefix, bool blocked)
{
	struct datapath_verdict got = datapath_process(&the_daemon->maps, &prefix->address);

	if ((got.fate == REF_BLOCKED) != blocked)
		world_fail("tables", "%s is %s in the maps, and should be %s", text_of(prefix),
			   fates[got.fate], fates[blocked ? REF_BLOCKED : REF_OPEN]);
}

/* Some of the listed prefixes. */
static void check_some_rows(struct chance *chance)
{
	for (unsigned int i = 0; i < ROWS_CHECKED && model->now.rows; i++) {
		const struct ref_row *row = &model->now.row[chance_below(chance, model->now.rows)];

		check_source(text_of(&row->prefix), &row->prefix.address);
	}
}

void check_lost(void)
{
	for (unsigned int i = 0; i < all_addresses_count; i++) {
		struct in6_addr address = address_of_text(all_addresses[i]);
		struct datapath_verdict got = datapath_process(&the_daemon->maps, &address);

		if (got.fate == REF_OPEN && model->lost_fate[i] != REF_OPEN)
			world_fail("recover", "the store was lost, and %s, which was %s, is %s",
				   all_addresses[i], fates[model->lost_fate[i]], fates[got.fate]);
	}
}

/* --- interfaces --- */

static void check_link(const struct model_link *link)
{
	struct ref_filtering expected = ref_filtering(&model->now, link);
	const struct model_program *program = kernel_program(link->program);
	const struct s64_iface_policy *policy;
	bool monitor;

	if (expected.wanted != (program != NULL))
		world_fail("interfaces", "%s (%u) is %s, and should be %s", link->name,
			   link->ifindex, program ? "filtered" : "open",
			   expected.wanted ? "filtered" : "left alone");
	if (!program)
		return;
	if (program->maps != kernel_inode(the_daemon->maps.fd[MAP_META]))
		world_fail("interfaces", "the program on %s goes by other maps than those in force",
			   link->name);
	policy = &the_daemon->maps.policy[program->slot];
	monitor = policy->flags & S64_IFACE_MONITOR;
	if (monitor != expected.monitor)
		world_fail("interfaces", "%s %s, and should %s", link->name,
			   monitor ? "only counts" : "drops",
			   expected.monitor ? "only count" : "drop");
	if (!!(policy->flags & S64_IFACE_BOGON_ENFORCE) != model->now.config.bogons)
		world_fail("interfaces", "%s %s bogons, and should%s", link->name,
			   policy->flags & S64_IFACE_BOGON_ENFORCE ? "drops" : "passes",
			   model->now.config.bogons ? "" : " not");
	if (!!(policy->flags & S64_IFACE_IPV4_ENFORCE) != expected.ipv4)
		world_fail("interfaces", "%s looks at IPv4 otherwise than it should", link->name);
}

/* Of an interface that is gone: it may return with it. */
static bool is_kept(const struct model_program *program)
{
	const struct s64_meta *meta = the_daemon->maps.meta;

	for (uint32_t i = 0; i < meta->iface_slots; i++)
		if (meta->iface[i].name[0] && meta->iface[i].program_id == program->id)
			return true;
	return false;
}

static void check_programs(void)
{
	for (int i = 0; i < PROGRAMS_MAX; i++) {
		const struct model_program *program = &world->program[i];
		bool attached = false;

		for (int j = 0; j < LINKS_MAX; j++)
			attached |= world->link[j].ifindex && program->id &&
				    world->link[j].program == program->id;
		if (program->id && attached && !program->pinned)
			world_fail("interfaces", "program %u is attached, and not pinned",
				   program->id);
		if (program->id && program->pinned && !attached && !is_kept(program))
			world_fail("interfaces", "program %u is pinned, and on no interface",
				   program->id);
	}
}

/* --- answers --- */

/* If no interface checks IPv4, its entries have no effect. */
static bool is_unfiltered(const struct in6_addr *address)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct ref_filtering filtering = {};

		if (world->link[i].ifindex)
			filtering = ref_filtering(&model->now, &world->link[i]);
		if (filtering.wanted && filtering.ipv4)
			return false;
	}
	return IN6_IS_ADDR_V4MAPPED(address);
}

static bool is_right(const char *verdict, const struct ref_verdict *expected,
		     const struct in6_addr *address)
{
	if (expected->allowed)
		return !strcmp(verdict, "allowed");
	if (expected->fate != REF_OPEN && is_unfiltered(address))
		return !strcmp(verdict, "not-filtered");
	if (expected->fate == REF_OPEN)
		return strcmp(verdict, "blocked") && strcmp(verdict, "throttled") &&
		       strcmp(verdict, "allowed");
	return !strcmp(verdict, fates[expected->fate]);
}

static void check_lookup(const char *text)
{
	struct in6_addr address = address_of_text(text);
	struct ref_verdict expected = ref_verdict(&model->now, &address);
	struct answer answer;
	const char *verdict;
	char uri[256];

	snprintf(uri, sizeof(uri), "/v1/lookup?address=%s", client_escape(text));
	client_ask("GET", uri, NULL, &answer);
	if (answer.code != 200)
		world_fail("answers", "who %s: %d, %s", text, answer.code, answer.error);
	verdict = json_string_value(json_object_get(answer.object, "verdict"));
	if (!verdict || !is_right(verdict, &expected, &address))
		world_fail("answers", "who says that %s is '%s', and it should be '%s'", text,
			   verdict ? verdict : "null",
			   expected.allowed ? "allowed" : fates[expected.fate]);
	client_forget(&answer);
}

struct listing {
	unsigned int rows, in_force_wrong;
	char first_wrong[96];
};

static void list_row(const json_t *row, void *data)
{
	struct listing *listing = data;
	const char *text = json_string_value(json_object_get(row, "prefix"));
	const char *origin = json_string_value(json_object_get(row, "origin"));
	const char *address = json_string_value(json_object_get(row, "address"));
	struct prefix prefix, of = {};
	const struct ref_row *expected;

	listing->rows++;
	if (!text || prefix_parse_whole(text, &prefix, NULL))
		world_fail("answers", "list has a row without a prefix");
	if (address && prefix_parse_whole(address, &of, NULL))
		world_fail("answers", "list: '%s' is no address", address);
	expected = ref_find(&model->now, &prefix, origin, &of);
	if (!expected)
		world_fail("answers", "list has %s of %s, for %s, and should not", text, origin,
			   address ? address : "all");
	if (ref_until(expected) &&
	    llabs(client_time_s(json_object_get(row, "until")) - ref_until(expected) / 1000) > 1)
		world_fail("answers", "list says that %s ends at %lld, and it does at %lld ms",
			   text, (long long)client_time_s(json_object_get(row, "until")),
			   (long long)ref_until(expected));
	if (json_is_true(json_object_get(row, "in_force")) !=
	    !ref_allowed_around(&model->now, &prefix))
		world_fail("answers", "list: is %s in force?", text);
}

static void check_list(void)
{
	struct listing listing = {};
	struct answer answer;

	client_ask("GET", "/v1/blocks?addresses=1", NULL, &answer);
	client_each_line(&answer, list_row, &listing);
	if (listing.rows != model->now.rows)
		world_fail("answers", "list has %u rows, and should have %u", listing.rows,
			   model->now.rows);
	client_forget(&answer);
}

static void count_row(const json_t *row, void *data)
{
	(void)row;
	++*(unsigned int *)data;
}

static void check_allow_list(void)
{
	unsigned int count = 0;
	struct answer answer;

	client_ask("GET", "/v1/allowlist", NULL, &answer);
	client_each_line(&answer, count_row, &count);
	if (count != model->now.allowlist)
		world_fail("answers", "%u allowed prefixes are listed, and should be %u", count,
			   model->now.allowlist);
	client_forget(&answer);
}

void check_all(struct chance *chance, bool thorough)
{
	unsigned int first = chance_below(chance, all_addresses_count);
	const char *why;

	model->checks++;
	/* from here on, what was put has its times */
	why = check_store(&model->now, true);
	if (why)
		world_fail("store", "%s", why);
	for (unsigned int i = 0; i < (thorough ? all_addresses_count : 12); i++) {
		const char *text = all_addresses[(first + i) % all_addresses_count];
		struct in6_addr address = address_of_text(text);

		check_source(text, &address);
	}
	check_some_rows(chance);
	filler_check(chance, filler_is_any(&model->now) ? ROWS_CHECKED : 1);
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex)
			check_link(&world->link[i]);
	check_programs();
	if (chance_percent(chance, thorough ? 30 : 5))
		check_lookup(all_addresses[first]);
	if (chance_percent(chance, thorough ? 20 : 1) && !filler_is_any(&model->now)) {
		check_list();
		check_allow_list();
	}
}
