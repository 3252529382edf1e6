// SPDX-License-Identifier: GPL-2.0-only
#include "proposals_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/store/block_copy.h"
#include "daemon/store/tables/store_fuse.h"
#include "daemon/store/tables/store_proposals.h"
#include "detect/memory.h"
#include "ladder.h"
#include "maps/packets_wait.h"

#define IDS_AT_ONCE   1024 /* more than are opened in a window */
#define IDS_AGAIN_MS  1000
#define WAITS_FOR_ID  PROPOSALS_MAX /* slot of a track whose proposal has no number yet */
#define CARE_MS	      1000
#define LOOKED_UP     4 /* blocks in a second, whether they still are */
#define ENTRIES_BYTES (PROPOSALS_MAX * sizeof(struct proposal))
/* A dismissal without an end, after a start: so long the attack has to be found again. */
#define FOUND_AGAIN_MS 120000

const char *const proposal_state_names[] = {"free", "open", "applied", "dismissed", "over"};

const char *proposal_origin(const struct proposal *proposal, char text[ORIGIN_TEXT_MAX])
{
	snprintf(text, ORIGIN_TEXT_MAX, ORIGIN_OF_RULES "%s", proposal->rule.name);
	return text;
}

const char *proposal_words(const struct proposal *proposal, char text[PROPOSAL_WORDS_MAX])
{
	return detect_words(&proposal->rule, &proposal->measured, text);
}

struct proposal *proposals_find(struct proposals *proposals, uint64_t id)
{
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (proposals->entry[i].state && proposals->entry[i].id == id)
			return &proposals->entry[i];
	return NULL;
}

void proposal_end(struct proposal *proposal)
{
	proposal->state = PROPOSAL_OVER;
	proposal->is_followed = proposal->is_due = false;
	proposal->ended_ms = clock_wall_ms();
	proposal->log_over = proposal->is_logged && !S64_MISTAKE(OVER_UNLOGGED);
}

void proposal_end_unfollowed(struct proposal *proposal)
{
	if (!proposal->is_followed &&
	    (proposal->state == PROPOSAL_OPEN ||
	     (proposal->state == PROPOSAL_DISMISSED && !proposal->until_ms)))
		proposal_end(proposal);
}

int64_t proposal_for_ms(const struct proposal *proposal)
{
	return ladder_ms(&proposal->rule, proposal->step);
}

/* --- numbers --- */

/* The store knows which are taken, so that a number never means another proposal, whatever happens.
 * Taking more is a change: nothing is written while others wait for this turn.
 */
static void take_ids(void *data)
{
	struct proposals *proposals = data;
	struct store *store = proposals->blocks->store;
	struct error error;
	int64_t next;

	proposals->ids_wait = false;
	if (store_proposal_next(store, &next, &error))
		return;
	/* a store that was lost begins anew */
	if ((uint64_t)next < proposals->ids_end)
		next = proposals->ids_end;
	if (store_proposal_next_put(store, next + IDS_AT_ONCE, &error))
		return;
	if ((uint64_t)next != proposals->ids_end)
		proposals->next_id = next;
	proposals->ids_end = next + IDS_AT_ONCE;
}

static bool has_id(const struct proposals *proposals)
{
	return proposals->next_id < proposals->ids_end;
}

/* Early, and not too often where another process holds the store. */
static void ask_for_ids(struct proposals *proposals, uint64_t now_ms, struct changes *changes)
{
	if (proposals->ids_wait || proposals->ids_end - proposals->next_id >= IDS_AT_ONCE / 2 ||
	    (proposals->ids_asked_ms && now_ms - proposals->ids_asked_ms < IDS_AGAIN_MS))
		return;
	proposals->ids_asked_ms = now_ms;
	proposals->ids_wait = true;
	changes_run(changes, take_ids, proposals);
}

/* Those that were not given are given later, where nobody else has taken any. */
static void return_ids(const struct proposals *proposals)
{
	struct store *store = proposals->blocks->store;
	struct error ignored;
	int64_t next;

	if (has_id(proposals) && !store_proposal_next(store, &next, &ignored) &&
	    (uint64_t)next == proposals->ids_end)
		store_proposal_next_put(store, proposals->next_id, &ignored);
}

/* --- room --- */

/* A free one; otherwise the oldest that is over; otherwise the oldest dismissed one that detection
 * does not follow. NULL if there is none.
 */
static struct proposal *take_entry(struct proposals *proposals)
{
	struct proposal *found = NULL;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		struct proposal *entry = &proposals->entry[i];
		bool is_worse = found && (entry->state < found->state ||
					  (entry->state == found->state && entry->id > found->id));

		if (!entry->state)
			return entry;
		if (!entry->is_decided &&
		    (entry->state == PROPOSAL_OVER ||
		     (entry->state == PROPOSAL_DISMISSED && !entry->is_followed)) &&
		    !is_worse)
			found = entry;
	}
	return found;
}

/* The newest about the same, in one of these states. */
static struct proposal *find_same(struct proposals *proposals, const char *rule,
				  const struct prefix *prefix, enum proposal_state first,
				  enum proposal_state last)
{
	struct proposal *found = NULL;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		struct proposal *entry = &proposals->entry[i];

		if (entry->state >= first && entry->state <= last &&
		    !prefix_compare(&entry->prefix, prefix) && !strcmp(entry->rule.name, rule) &&
		    (!found || entry->id > found->id))
			found = entry;
	}
	return found;
}

/* --- what detection says --- */

static void follow(struct proposals *proposals, struct proposal *proposal,
		   const struct detect_track *track)
{
	proposal->measured = track->average;
	proposal->peak = track->peak;
	proposal->collateral_share = detect_collateral(track);
	proposal->share = track->share;
	if (track->is_proven && !proposal->is_proven)
		proposal->proven_ms =
			clock_wall_ms() - (int64_t)(proposals->detect.now_ms - track->proven_ms);
	proposal->is_proven = track->is_proven;
	proposal->spared = track->spared;
	proposal->spared_known = track->spared_known;
	detect_spared_of(track, &proposals->blocks->rules, &proposals->seed, proposal->example);
}

/* The step of its ladder follows from when it was last applied. */
static unsigned int step_of(struct proposals *proposals, const struct detect_rule *rule,
			    const struct prefix *prefix)
{
	const struct proposal *last = NULL;
	int64_t now = clock_wall_ms(), ended;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		const struct proposal *entry = &proposals->entry[i];

		if (entry->state && entry->was_applied && !strcmp(entry->rule.name, rule->name) &&
		    !prefix_compare(&entry->prefix, prefix) && (!last || entry->id > last->id))
			last = entry;
	}
	if (!last)
		return 0;
	ended = last->applied_until_ms && last->applied_until_ms < now ? last->applied_until_ms :
									 now;
	return ladder_next(rule, last->applied_step, ended, now);
}

static void open_new(struct proposals *proposals, struct proposal *proposal,
		     const struct detect_rule *rule, const struct prefix *prefix)
{
	unsigned int step = step_of(proposals, rule, prefix);

	*proposal = (struct proposal){.state = PROPOSAL_OPEN,
				      .id = proposals->next_id++,
				      .rule = *rule,
				      .prefix = *prefix,
				      .packets_tries = PACKETS_TRIES,
				      .step = step};
	proposals->opened++;
}

static void on_open(struct detect_track *track, void *data)
{
	struct proposals *proposals = data;
	const struct detect_rule *rule = &proposals->detect.rules.rule[track->rule];
	struct proposal *proposal;
	struct prefix prefix;
	bool is_source, is_new;

	prefix = detect_prefix_of(track, &proposals->blocks->rules, &proposals->seed, &is_source);
	proposal = find_same(proposals, rule->name, &prefix, PROPOSAL_OPEN, PROPOSAL_DISMISSED);
	is_new = !proposal;
	if (is_new && !has_id(proposals)) {
		track->slot = WAITS_FOR_ID;
		return;
	}
	if (is_new)
		proposal = take_entry(proposals);
	if (!proposal) {
		proposals->no_room++;
		return;
	}
	if (is_new)
		open_new(proposals, proposal, rule, &prefix);
	proposal->rule = *rule;
	proposal->is_source = is_source;
	proposal->is_followed = true;
	proposal->is_recalled = false;
	if (proposal->is_unfound)
		proposal->until_ms = 0;
	proposal->is_unfound = false;
	if (is_new || !proposal->since_ms)
		proposal->since_ms =
			clock_wall_ms() - (int64_t)(proposals->detect.now_ms - track->since_ms);
	track->id = proposal->id;
	track->slot = proposal - proposals->entry;
	track->is_kept = proposal->state != PROPOSAL_OPEN;
	follow(proposals, proposal, track);
	if (!is_new)
		return;
	proposal->is_due = rule->then != DETECT_PROPOSE;
	proposal_tell_open(proposals, proposal);
}

static bool count(struct detect_track *track, void *data)
{
	struct proposals *proposals = data;
	const struct detect_rule *rule = &proposals->detect.rules.rule[track->rule];

	return exact_begin(&proposals->exact, track->level, track->key, rule->classes,
			   &track->counter);
}

static void counted(const struct detect_track *track, struct detect_exact *counts, void *data)
{
	exact_read(&((struct proposals *)data)->exact, track->counter, counts);
}

static void count_end(const struct detect_track *track, void *data)
{
	exact_end(&((struct proposals *)data)->exact, track->counter);
}

void proposals_count_exactly(struct proposals *proposals, struct maps *maps)
{
	exact_init(&proposals->exact, maps);
	proposals->packets.maps = maps;
	proposals->detect.events.count = count;
	proposals->detect.events.counted = counted;
	proposals->detect.events.count_end = count_end;
}

static struct proposal *of_track(struct proposals *proposals, const struct detect_track *track)
{
	struct proposal *proposal = &proposals->entry[track->slot];

	return track->id && proposal->state && proposal->id == track->id ? proposal : NULL;
}

static void on_end(const struct detect_track *track, enum detect_end why, void *data)
{
	struct proposal *proposal = of_track(data, track);

	(void)why;
	if (!proposal)
		return;
	proposal->is_followed = proposal->is_due = false;
	if (!proposal->is_decided)
		proposal_end_unfollowed(proposal);
}

static void on_window(struct detect_track *track, void *data)
{
	struct proposal *proposal = of_track(data, track);

	if (!track->id && track->slot == WAITS_FOR_ID)
		on_open(track, data);
	if (!proposal)
		return;
	track->is_kept = proposal->state != PROPOSAL_OPEN;
	follow(data, proposal, track);
}

/* --- what becomes of those that were decided --- */

/* Its block has ended, or its dismissal, while it goes on. */
static void open_again(struct proposals *proposals, struct proposal *proposal)
{
	/* what was proven then may be somebody else now: it is to be proven again */
	if (proposal->rule.needs_proof) {
		detect_begin_again(&proposals->detect, proposal->id);
		proposal_end(proposal);
		return;
	}
	if (proposal->was_applied)
		proposal->step = ladder_next(&proposal->rule, proposal->applied_step,
					     clock_wall_ms(), clock_wall_ms());
	proposal->state = PROPOSAL_OPEN;
	proposal->until_ms = 0;
	proposal->is_due = proposal->rule.then != DETECT_PROPOSE;
	proposal->refused[0] = '\0';
	proposal_tell_open(proposals, proposal);
}

static void care_of(struct proposals *proposals, struct proposal *proposal, int64_t wall_ms)
{
	bool decided = proposal->state == PROPOSAL_APPLIED || proposal->state == PROPOSAL_DISMISSED;

	if (!decided || proposal->is_decided || !proposal->until_ms || proposal->until_ms > wall_ms)
		return;
	if (proposal->is_followed)
		open_again(proposals, proposal);
	else
		proposal_end(proposal);
}

/* Somebody took the block back: nothing is done about it again while it lasts. */
static void look_up(struct proposals *proposals, struct proposal *proposal)
{
	static const struct prefix itself;
	struct block_copy copy = {};
	char origin[ORIGIN_TEXT_MAX];
	struct error ignored;

	if (proposal->state != PROPOSAL_APPLIED ||
	    block_copy_find(proposals->blocks->store, &proposal->prefix,
			    proposal_origin(proposal, origin), &itself, &copy, &ignored))
		return;
	if (copy.found) {
		proposal->until_ms = copy.row.until_ms;
	} else if (proposal->is_followed) {
		proposal->state = PROPOSAL_DISMISSED;
		proposal->until_ms = 0;
		proposal->is_due = false;
	} else {
		proposal_end(proposal);
	}
	block_copy_free(&copy);
}

static void care(struct proposals *proposals, struct changes *changes)
{
	int64_t wall_ms = clock_wall_ms();

	for (int i = 0; i < PROPOSALS_MAX; i++)
		care_of(proposals, &proposals->entry[i], wall_ms);
	if (changes_are_busy(changes))
		return;
	for (unsigned int i = 0, looked = 0; i < PROPOSALS_MAX && looked < LOOKED_UP; i++) {
		struct proposal *proposal =
			&proposals->entry[proposals->looked_at++ % PROPOSALS_MAX];

		looked += proposal->state == PROPOSAL_APPLIED;
		look_up(proposals, proposal);
	}
}

static void act(void *data)
{
	struct proposals *proposals = data;

	proposals->act_waits = false;
	proposals_write_rows(proposals);
	proposals_act(proposals);
}

void proposals_tick(struct proposals *proposals, uint64_t now_ms, struct changes *changes)
{
	bool is_due;

	if (proposals->detect.rules.count)
		ask_for_ids(proposals, now_ms, changes);
	detect_tick(&proposals->detect, now_ms);
	exact_tick(&proposals->exact);
	if (now_ms - proposals->care_ms >= CARE_MS) {
		proposals->care_ms = now_ms;
		care(proposals, changes);
	}
	is_due = proposals_have_rows(proposals);
	for (int i = 0; i < PROPOSALS_MAX && !is_due; i++)
		is_due = proposals->entry[i].is_due;
	if (!is_due || proposals->act_waits)
		return;
	proposals->act_waits = true;
	changes_run(changes, act, proposals);
}

/* --- packets --- */

/* One that has some is not captured again, also when its packets have made room for those of newer ones. */
static void note_kept(struct proposals *proposals)
{
	struct packets *packets = &proposals->packets;

	for (int i = 0; i < PROPOSALS_MAX && packets->kept_id; i++)
		if (proposals->entry[i].id == packets->kept_id)
			proposals->entry[i].packets_tries = 0;
	packets->kept_id = 0;
}

static bool has_its_turn_before(const struct proposal *one, const struct proposal *other)
{
	return one->packets_tries != other->packets_tries ?
		       one->packets_tries > other->packets_tries :
		       one->id < other->id;
}

/* The oldest first: a flood of proposals has its turn, as long as each of them goes on. None may have come while they were
 * captured: after the others, they are once more.
 */
static struct proposal *next_without_packets(struct proposals *proposals)
{
	struct proposal *next = NULL;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		struct proposal *proposal = &proposals->entry[i];

		if (proposal->state && proposal->packets_tries && proposal->is_followed &&
		    (!next || has_its_turn_before(proposal, next)))
			next = proposal;
	}
	return next;
}

void proposals_keep_packets(struct proposals *proposals, uint64_t now_ms, int64_t free_ms)
{
	struct packets *packets = &proposals->packets;
	struct proposal *proposal;

	if (free_ms < 0) {
		packets_end(packets, now_ms);
		return;
	}
	packets_tick(packets, now_ms);
	if (!packets_are_free(packets))
		return;
	note_kept(proposals);
	proposal = next_without_packets(proposals);
	if (!proposal)
		return;
	proposal->packets_tries--;
	packets_begin(packets, proposal->id, &proposal->prefix, proposal->rule.classes,
		      free_ms <= PACKETS_LONGEST_MS, now_ms);
}

/* --- start --- */

static void take_decided(const struct store_proposal *row, void *data)
{
	struct proposals *proposals = data;
	struct proposal *proposal = take_entry(proposals);
	int64_t now = clock_wall_ms();
	bool holds = row->until_ms > now || !row->until_ms;

	if (!proposal)
		return;
	*proposal = (struct proposal){
		.state = !holds		 ? PROPOSAL_OVER :
			 row->is_applied ? PROPOSAL_APPLIED :
					   PROPOSAL_DISMISSED,
		.id = row->id,
		.prefix = row->prefix,
		.step = row->step,
		.applied_step = row->step,
		.since_ms = row->since_ms,
		.ended_ms = holds ? 0 : row->until_ms,
		.until_ms = row->until_ms,
		.was_applied = row->applied_until_ms,
		.applied_until_ms = row->applied_until_ms,
		.is_by_rule = row->is_by_rule,
		.is_recalled = row->is_applied,
		.share = row->share,
		.is_logged = true,
	};
	/* dismissed as long as it lasts: it has to be found again */
	proposal->is_unfound = !row->is_applied && !row->until_ms;
	if (proposal->is_unfound)
		proposal->until_ms = now + FOUND_AGAIN_MS;
	detect_rule_init(&proposal->rule);
	snprintf(proposal->rule.name, sizeof(proposal->rule.name), "%s", row->rule);
}

static void recall(int64_t at_ms, bool has_blown, void *data)
{
	struct proposals *proposals = data;

	fuse_recall(&proposals->fuse, clock_monotonic_ms(), clock_wall_ms() - at_ms, has_blown);
}

int proposals_start(struct proposals **out, struct blocks *blocks,
		    struct protected_addresses *protection, const struct s64_seed *seed,
		    struct error *error)
{
	struct proposals *proposals = calloc(1, sizeof(*proposals));
	int64_t first = 1;
	int err;

	if (proposals)
		proposals->entry = detect_memory_open(ENTRIES_BYTES);
	if (!proposals || !proposals->entry || packets_init(&proposals->packets)) {
		if (proposals)
			detect_memory_close(proposals->entry, ENTRIES_BYTES);
		free(proposals);
		return error_set(error, -ENOMEM, "out of memory");
	}
	proposals->blocks = blocks;
	proposals->protection = protection;
	proposals->seed = *seed;
	detect_init(&proposals->detect, seed,
		    &(struct detect_events){.on_open = on_open,
					    .on_end = on_end,
					    .on_window = on_window,
					    .data = proposals});
	err = store_proposal_next(blocks->store, &first, error);
	proposals->next_id = proposals->ids_end = first;
	if (!err)
		err = store_proposals(blocks->store, take_decided, proposals, error);
	if (!err)
		err = store_fuse(blocks->store, recall, proposals, error);
	/* blocks are in force all the same */
	if (err)
		log_error("what was decided about proposals is not known: %s", error->text);
	*out = proposals;
	return 0;
}

void proposals_stop(struct proposals *proposals)
{
	if (!proposals)
		return;
	exact_stop(&proposals->exact);
	return_ids(proposals);
	packets_free(&proposals->packets);
	detect_free(&proposals->detect);
	detect_memory_close(proposals->entry, ENTRIES_BYTES);
	free(proposals);
}

int proposals_configure(struct proposals *proposals, const struct detect_rules *rules,
			struct error *error)
{
	int err = detect_configure(&proposals->detect, rules);

	if (err)
		return error_set(error, err, "out of memory for the rules of detection");
	exact_levels(&proposals->exact, rules);
	/* decided before a start, when only the names were known */
	for (int i = 0; i < PROPOSALS_MAX; i++)
		for (size_t j = 0; j < rules->count; j++)
			if (proposals->entry[i].state &&
			    !strcmp(proposals->entry[i].rule.name, rules->rule[j].name))
				proposals->entry[i].rule = rules->rule[j];
	return 0;
}
