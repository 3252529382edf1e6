// SPDX-License-Identifier: GPL-2.0-only
#include "detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <slash64/source.h>

#include "memory.h"

#define MISSES_MAX	2   /* windows in a row below, and what rises begins anew */
#define NEW_WEIGHT	0.3 /* of the last window in an average */
#define TRACKS_BYTES	(DETECT_TRACKS * sizeof(struct detect_track))
#define SHARE_OF_RISING 0.5 /* of the thresholds: below that, one window is enough */

void detect_init(struct detect *detect, const struct s64_seed *seed,
		 const struct detect_events *events)
{
	memset(detect, 0, sizeof(*detect));
	detect->seed = *seed;
	detect->events = *events;
}

void detect_free(struct detect *detect)
{
	measure_free(&detect->measure);
	detect_memory_close(detect->heavy, sizeof(*detect->heavy));
	detect_memory_close(detect->track, TRACKS_BYTES);
	detect->heavy = NULL;
	detect->track = NULL;
	detect->rules.count = 0;
}

size_t detect_memory(const struct detect *detect)
{
	return detect->track ?
		       measure_bytes(&detect->measure) + sizeof(*detect->heavy) + TRACKS_BYTES :
		       0;
}

/* --- tracks --- */

static struct detect_track *set_of(const struct detect *detect, unsigned int rule,
				   unsigned int level, uint64_t key)
{
	uint64_t hash = s64_hash128(key, rule << 8 | level, &detect->seed);

	return &detect->track[hash % DETECT_TRACK_SETS * DETECT_TRACK_SET];
}

static struct detect_track *find_track(const struct detect *detect, unsigned int rule,
				       unsigned int level, uint64_t key)
{
	struct detect_track *set = set_of(detect, rule, level, key);

	for (int i = 0; i < DETECT_TRACK_SET; i++)
		if (set[i].state && set[i].rule == rule && set[i].level == level &&
		    set[i].key == key)
			return &set[i];
	return NULL;
}

struct detect_track *detect_track_of(const struct detect *detect, uint64_t id)
{
	for (int i = 0; detect->track && i < DETECT_TRACKS; i++)
		if (detect->track[i].state && detect->track[i].id == id)
			return &detect->track[i];
	return NULL;
}

static void stop_counting(const struct detect *detect, struct detect_track *track)
{
	if (track->is_counted)
		detect->events.count_end(track, detect->events.data);
	track->is_counted = false;
}

static void end_track(struct detect *detect, struct detect_track *track, enum detect_end why)
{
	stop_counting(detect, track);
	if (track->state == DETECT_OPEN)
		detect->events.on_end(track, why, detect->events.data);
	track->state = DETECT_FREE;
}

/* How far it is over the thresholds: by the one that it exceeds least. */
static double excess_of(const struct detect_rule *rule, const struct detect_values *values)
{
	double excess = 0;

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++) {
		double times = rule->over.of[i] > 0 ? values->of[i] / rule->over.of[i] : 0;

		if (times > 0 && (!excess || times < excess))
			excess = times;
	}
	return excess;
}

/* NULL if all of the set are kept, or louder. */
static struct detect_track *make_track(struct detect *detect, const struct detect_rule *rule,
				       const struct heavy_candidate *candidate)
{
	struct detect_track *set = set_of(detect, detect->rule, candidate->level, candidate->key);
	double most = excess_of(rule, &candidate->values), excess;
	struct detect_track *least = NULL;

	for (int i = 0; i < DETECT_TRACK_SET; i++) {
		if (!set[i].state)
			return &set[i];
		excess = excess_of(&detect->rules.rule[set[i].rule], &set[i].now);
		if (set[i].is_kept || excess >= most)
			continue;
		most = excess;
		least = &set[i];
	}
	detect->no_room++;
	if (least)
		end_track(detect, least, DETECT_END_DISPLACED);
	return least;
}

static void start_track(struct detect *detect, const struct heavy_candidate *candidate)
{
	const struct detect_rule *rule = &detect->rules.rule[detect->rule];
	struct detect_track *track;

	/* it is dealt with already */
	if (candidate->is_blocked)
		return;
	track = make_track(detect, rule, candidate);
	if (!track)
		return;
	*track = (struct detect_track){
		.state = DETECT_RISING,
		.rule = detect->rule,
		.level = candidate->level,
		.length = detect->rules.level[candidate->level],
		.is_source = measure_is_source(&detect->measure, candidate->level, candidate->key),
		.key = candidate->key,
		.since_ms = detect->window_ms,
	};
}

/* The first window was not over the thresholds all the time, so it does not count if there is
 * another.
 */
static void average(struct detect_track *track, const struct heavy_candidate *candidate)
{
	double weight = track->windows <= 1 ? 1 : NEW_WEIGHT;

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++) {
		double value = track->now.of[i];

		track->average.of[i] += (value - track->average.of[i]) * weight;
		if (value > track->peak.of[i])
			track->peak.of[i] = value;
	}
	if (candidate) {
		track->packets += (candidate->packets - track->packets) * weight;
		track->rule_packets += (candidate->rule_packets - track->rule_packets) * weight;
		track->all_packets += (candidate->all_packets - track->all_packets) * weight;
	}
	track->windows++;
}

static void add_rising(struct detect_track *track, uint64_t samples, uint64_t packets)
{
	if (track->state != DETECT_RISING)
		return;
	if (track->windows == 2 && track->rising.windows == 1)
		memset(&track->rising, 0, sizeof(track->rising));
	track->rising.windows++;
	track->rising.samples += samples;
	track->rising.packets += packets;
	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		track->rising.sum.of[i] += track->now.of[i];
}

/* Twice the standard error of a rate that n samples tell, as a share of it. How many packets a
 * sample stands for is uniform, from 1 on: that adds a third to the variance of a count.
 */
static double error_of_rate(uint64_t samples, uint64_t packets)
{
	return packets > samples ? 2 * sqrt(4.0 / 3 * (1 - (double)samples / packets) / samples) :
				   0;
}

/* Is it over the thresholds also if the samples show too much? Otherwise a source that is honestly
 * three quarters of a threshold would be proposed within minutes, where a sample stands for many
 * packets. More windows tell more. Packets and bits that are counted exactly are certain.
 */
static bool is_certain(const struct detect_rule *rule, const struct detect_track *track,
		       bool is_counted)
{
	double least = 1 - error_of_rate(track->rising.samples, track->rising.packets);

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		if (rule->over.of[i] > 0 && !detect_measure_is_share(i) &&
		    !(is_counted && (i == DETECT_PACKETS || i == DETECT_BITS)) &&
		    track->rising.sum.of[i] * least < rule->over.of[i] * track->rising.windows)
			return false;
	return true;
}

static void add_spared(struct detect_track *track, const struct heavy_candidate *candidate)
{
	uint32_t given =
		candidate->spared < HEAVY_SPARED_MAX ? candidate->spared : HEAVY_SPARED_MAX;

	if (candidate->spared > track->spared)
		track->spared = candidate->spared;
	for (uint32_t i = 0; i < given && track->spared_known < HEAVY_SPARED_MAX; i++) {
		uint32_t known;

		for (known = 0; known < track->spared_known; known++)
			if (track->example[known].src_key == candidate->example[i].src_key)
				break;
		if (known == track->spared_known)
			track->example[track->spared_known++] = candidate->example[i];
	}
	if (track->spared_known > track->spared)
		track->spared = track->spared_known;
}

static void see(struct detect *detect, const struct heavy_candidate *candidate)
{
	struct detect_track *track =
		find_track(detect, detect->rule, candidate->level, candidate->key);

	if (!track)
		start_track(detect, candidate);
	track = find_track(detect, detect->rule, candidate->level, candidate->key);
	if (!track)
		return;
	track->is_seen = true;
	track->misses = 0;
	track->hi = candidate->hi;
	track->lo = candidate->lo;
	track->now = candidate->values;
	track->share =
		detect->measure.packets ? (double)candidate->packets / detect->measure.packets : 0;
	average(track, candidate);
	add_rising(track, candidate->samples, candidate->packets);
	add_spared(track, candidate);
}

/* --- the end of a window --- */

static bool is_known(unsigned int level, uint64_t key, void *data)
{
	const struct detect *detect = data;
	const struct detect_track *track = find_track(detect, detect->rule, level, key);

	return track && track->state == DETECT_OPEN;
}

/* It was not over the thresholds in this window. Returns false if it has ended. */
static bool miss(struct detect *detect, const struct detect_rule *rule, struct detect_track *track,
		 double seconds)
{
	if (!heavy_values(&detect->measure, rule, track->level, track->key, track->hi, seconds,
			  &track->now)) {
		if (!track->is_kept || track->state == DETECT_RISING) {
			end_track(detect, track, DETECT_END_WIDER);
			return false;
		}
	}
	if (track->state == DETECT_RISING) {
		if (++track->misses >= MISSES_MAX ||
		    !heavy_is_over(rule, &track->now, SHARE_OF_RISING)) {
			end_track(detect, track, DETECT_END_BELOW);
			return false;
		}
		return true;
	}
	/* what is measured stays that of the attack while it waits for its end */
	if (heavy_is_over(rule, &track->now, rule->until_below))
		average(track, NULL);
	return true;
}

/* What was counted, in figures a second. Of a wider prefix, the share that takes part in the attack
 * is known from the samples. Distinct things are not counted: the estimate stays, but there are no
 * more of them than packets.
 */
static void take_counted(struct detect_track *track, const struct detect_exact *exact)
{
	double share = track->rule_packets > 0 ? track->packets / track->rule_packets : 1;
	double seconds = exact->us / 1e6;
	uint64_t judged = exact->packets - exact->blocked;
	struct detect_values *values = &track->average;

	values->of[DETECT_PACKETS] = exact->packets * share / seconds;
	values->of[DETECT_BITS] = exact->bytes * 8.0 * share / seconds;
	values->of[DETECT_SYN_SHARE] = exact->packets ? (double)exact->syn / exact->packets : 0;
	/* each packet goes to one */
	for (int i = DETECT_DESTINATIONS; i <= DETECT_PORTS; i++)
		if (values->of[i] > values->of[DETECT_PACKETS])
			values->of[i] = values->of[DETECT_PACKETS];
	if (judged)
		values->of[DETECT_DROP_SHARE] = (double)exact->dropped / judged;
	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		if (values->of[i] > track->peak.of[i])
			track->peak.of[i] = values->of[i];
}

static void take_proof(const struct detect *detect, struct detect_track *track,
		       const struct detect_exact *exact)
{
	bool is_proven = exact->packets && exact->proven * 2 > exact->packets;

	if (is_proven && !track->is_proven)
		track->proven_ms = detect->now_ms;
	track->is_proven = is_proven;
}

/* Counts a track exactly: false as long as it may not be opened. One that turns out to be below the
 * thresholds, or not to be proven where that is asked for, is counted anew.
 */
static bool count_exactly(struct detect *detect, const struct detect_rule *rule,
			  struct detect_track *track)
{
	struct detect_exact exact;

	if (!detect->events.count)
		return !rule->needs_proof;
	if (!track->is_counted) {
		track->is_counted = detect->events.count(track, detect->events.data);
		track->counted_ms = detect->now_ms;
		return false;
	}
	if (detect->now_ms - track->counted_ms < DETECT_EXACT_MIN_MS ||
	    detect->now_ms - track->since_ms < (uint64_t)rule->during_ms)
		return false;
	detect->events.counted(track, &exact, detect->events.data);
	take_counted(track, &exact);
	take_proof(detect, track, &exact);
	if (heavy_is_over(rule, &track->average, 1) && (track->is_proven || !rule->needs_proof))
		return true;
	stop_counting(detect, track);
	track->is_counted = detect->events.count(track, detect->events.data);
	track->counted_ms = detect->now_ms;
	return false;
}

/* An open one is counted on for some seconds: most of them have begun in the middle of something. */
static void count_on(struct detect *detect, struct detect_track *track)
{
	struct detect_exact exact;

	if (!track->is_counted)
		return;
	if (track->is_seen) {
		detect->events.counted(track, &exact, detect->events.data);
		take_counted(track, &exact);
		take_proof(detect, track, &exact);
	}
	if (!track->is_seen || detect->now_ms - track->counted_ms >= DETECT_EXACT_MAX_MS)
		stop_counting(detect, track);
}

static void follow_rising(struct detect *detect, const struct detect_rule *rule,
			  struct detect_track *track)
{
	if (!track->is_seen || !count_exactly(detect, rule, track) ||
	    detect->now_ms - track->since_ms < (uint64_t)rule->during_ms ||
	    !is_certain(rule, track, detect->events.count))
		return;
	track->state = DETECT_OPEN;
	detect->events.on_open(track, detect->events.data);
}

static void follow(struct detect *detect, const struct detect_rule *rule,
		   struct detect_track *track)
{
	if (track->state == DETECT_RISING) {
		follow_rising(detect, rule, track);
		return;
	}
	count_on(detect, track);
	if (track->is_seen || heavy_is_over(rule, &track->now, rule->until_below)) {
		track->below_ms = 0;
	} else if (!track->below_ms) {
		track->below_ms = detect->window_ms;
	}
	if (track->below_ms && detect->now_ms - track->below_ms >= (uint64_t)rule->until_ms)
		end_track(detect, track, DETECT_END_BELOW);
	else if (detect->events.on_window)
		detect->events.on_window(track, detect->events.data);
}

/* What is followed within it has been over the thresholds for as long. */
static void inherit(struct detect *detect, struct detect_track *wider)
{
	if (wider->state != DETECT_RISING || wider->since_ms != detect->window_ms)
		return;
	for (int i = 0; i < DETECT_TRACKS; i++) {
		const struct detect_track *track = &detect->track[i];

		if (track->state && track->rule == wider->rule && track->level < wider->level &&
		    measure_key(&detect->measure, wider->level, track->is_source ? track->key : 0,
				track->hi) == wider->key &&
		    track->since_ms < wider->since_ms)
			wider->since_ms = track->since_ms;
	}
}

static void judge_rule(struct detect *detect, double seconds)
{
	const struct detect_rule *rule = &detect->rules.rule[detect->rule];
	struct heavy *heavy = detect->heavy;

	heavy_find(heavy, &detect->measure, rule, seconds, is_known, detect);
	for (uint32_t i = 0; i < heavy->count; i++)
		see(detect, &heavy->candidate[i]);
	for (int i = 0; i < DETECT_TRACKS; i++)
		if (detect->track[i].is_seen && detect->track[i].level &&
		    detect->track[i].rule == detect->rule)
			inherit(detect, &detect->track[i]);
	for (int i = 0; i < DETECT_TRACKS; i++) {
		struct detect_track *track = &detect->track[i];

		if (!track->state || track->rule != detect->rule)
			continue;
		if (track->is_seen || miss(detect, rule, track, seconds))
			follow(detect, rule, track);
		track->is_seen = false;
	}
}

void detect_feed(struct detect *detect, const struct s64_sample *sample)
{
	if (!detect->rules.count || sample->class == S64_CLASS_NOT_IPV6 ||
	    sample->class == S64_CLASS_MALFORMED)
		return;
	measure_add(&detect->measure, sample);
}

void detect_tick(struct detect *detect, uint64_t now_ms)
{
	if (!detect->rules.count)
		return;
	if (!detect->window_ms) {
		detect->window_ms = now_ms;
		measure_next_window(&detect->measure);
		return;
	}
	if (now_ms < detect->window_ms + DETECT_WINDOW_MS)
		return;
	detect->now_ms = now_ms;
	detect->windows++;
	measure_sort(&detect->measure);
	for (detect->rule = 0; detect->rule < detect->rules.count; detect->rule++)
		judge_rule(detect, (now_ms - detect->window_ms) / 1000.0);
	measure_next_window(&detect->measure);
	detect->window_ms = now_ms;
}

void detect_begin_again(struct detect *detect, uint64_t id)
{
	struct detect_track *track = detect_track_of(detect, id);

	if (!track || track->state != DETECT_OPEN)
		return;
	stop_counting(detect, track);
	track->state = DETECT_RISING;
	track->since_ms = detect->now_ms;
	track->below_ms = 0;
	track->misses = 0;
	track->id = 0;
	track->is_kept = track->is_proven = false;
}

double detect_collateral(const struct detect_track *track)
{
	double share = track->all_packets > 0 ? 1 - track->packets / track->all_packets : 0;

	return share > 0 ? share : 0;
}

/* --- rules that change --- */

/* The index of the same rule; -1 if there is none. */
static int same_rule(const struct detect_rules *rules, const struct detect_rule *rule)
{
	for (size_t i = 0; i < rules->count; i++)
		if (detect_rule_equals(&rules->rule[i], rule))
			return i;
	return -1;
}

static bool same_levels(const struct detect_rules *a, const struct detect_rules *b)
{
	return a->level_count == b->level_count &&
	       !memcmp(a->level, b->level, a->level_count * sizeof(*a->level));
}

/* Their place follows from the rule's index: they are put anew, the kept and the open ones first,
 * which finds room as what was there before had it.
 */
static void move_tracks(struct detect *detect, const struct detect_rules *rules,
			struct detect_track *to)
{
	bool same = same_levels(&detect->rules, rules);
	struct detect before = *detect;

	detect->track = to;
	for (int i = 0; before.track && i < DETECT_TRACKS; i++) {
		struct detect_track *track = &before.track[i], *set;
		int rule = same && track->state ?
				   same_rule(rules, &before.rules.rule[track->rule]) :
				   -1;
		int slot = 0;

		if (!track->state)
			continue;
		if (rule >= 0) {
			set = set_of(detect, rule, track->level, track->key);
			while (slot < DETECT_TRACK_SET && set[slot].state)
				slot++;
			if (slot < DETECT_TRACK_SET) {
				set[slot] = *track;
				set[slot].rule = rule;
				continue;
			}
		}
		end_track(detect, track, DETECT_END_RULE);
	}
}

int detect_configure(struct detect *detect, const struct detect_rules *rules)
{
	struct detect_track *track = NULL, *before = detect->track;
	struct heavy *heavy = detect->heavy;
	struct measure measure;
	int err;

	if (detect_rules_equal(&detect->rules, rules)) {
		detect->rules = *rules; /* lines may have moved */
		return 0;
	}
	err = measure_init(&measure, &detect->seed, rules);
	if (err)
		return err;
	if (rules->count) {
		track = detect_memory_open(TRACKS_BYTES);
		if (!heavy)
			heavy = detect_memory_open(sizeof(*heavy));
		if (!track || !heavy) {
			measure_free(&measure);
			detect_memory_close(track, TRACKS_BYTES);
			if (heavy != detect->heavy)
				detect_memory_close(heavy, sizeof(*heavy));
			return -ENOMEM;
		}
	} else {
		detect_memory_close(heavy, sizeof(*heavy));
		heavy = NULL;
	}
	if (track)
		move_tracks(detect, rules, track);
	else
		for (int i = 0; before && i < DETECT_TRACKS; i++)
			end_track(detect, &before[i], DETECT_END_RULE);
	detect_memory_close(before, TRACKS_BYTES);
	measure_free(&detect->measure);
	detect->measure = measure;
	detect->heavy = heavy;
	detect->track = track;
	detect->rules = *rules;
	detect->window_ms = 0;
	return 0;
}
