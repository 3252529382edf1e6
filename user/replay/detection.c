// SPDX-License-Identifier: GPL-2.0-only
#include "detection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <slash64/sampler.h>

#include "base/text/duration.h"
#include "base/text/quantity.h"
#include "base/text/when.h"
#include "detect/telling.h"
#include "detect/words.h"
#include "exact_counts.h"
#include "rails.h"

#define NS_PER_MS 1000000ULL
#define US_PER_MS 1000ULL
#define PERCENT	  100
/* Packets that are later than others by less than this were mixed up on their way into the file;
 * more than this, and the clock was set, or files were put together.
 */
#define MIXED_UP_MS DETECT_WINDOW_MS
#define NOTE_MAX    160

/* The same capture gives the same answer each time. */
static const struct s64_seed seed = {0x9e3779b97f4a7c15ULL,
				     {0xd6e8feb86659fd93ULL, 0xbf58476d1ce4e5b9ULL}};

struct detection {
	struct detect detect;
	const struct config *config;
	struct source_rules rules; /* about sources */
	struct exact_counts exact;
	struct s64_cpu_state sampler;
	uint64_t tick_ns;
	FILE *out;
	bool json;
	/* The clock of detection is in milliseconds, and never goes back: that of the packets, and
	 * what it was set back by.
	 */
	uint64_t now_ms, ahead_ms;
	uint64_t first_ms, packets, samples;
	uint64_t went_back; /* how often the clock was set back */
	uint64_t proposals, open;
	int64_t since_ms[DETECT_TRACKS]; /* by slot of the track, since 1970 */
};

static int64_t wall_ms(const struct detection *detection, uint64_t ms)
{
	return ms - detection->ahead_ms;
}

/* --- what is written --- */

static void write_json(const struct detection *detection, const struct detect_track *track,
		       int64_t ended_ms)
{
	const struct detect_rule *rule = &detection->detect.rules.rule[track->rule];
	struct prefix prefix, spared[HEAVY_SPARED_MAX];
	struct error refused;
	bool is_source;
	json_t *object;

	prefix = detect_prefix_of(track, &detection->rules, &detection->detect.seed, &is_source);
	object = detect_tell(&(struct detect_telling){
		.id = track->id,
		.rule = rule,
		.prefix = &prefix,
		.state = ended_ms ? "over" : "open",
		.evidence = "none",
		.for_ms = rule->ladder_ms[0],
		.since_ms = detection->since_ms[track->slot],
		.ended_ms = ended_ms,
		.measured = &track->average,
		.peak = &track->peak,
		.collateral_share = detect_collateral(track),
		.spared = track->spared,
		.spared_known =
			detect_spared_of(track, &detection->rules, &detection->detect.seed, spared),
		.spared_source = spared,
		.refused = rails_refuse(detection->config, &seed, &prefix, &refused) ?
				   refused.text :
				   NULL,
	});
	if (!object)
		return;
	json_dumpf(object, detection->out, JSON_COMPACT);
	putc('\n', detection->out);
	json_decref(object);
}

/* "; it also holds 4 sources that take no part, 2.0% of its packets: 2001:db8::/64, ..." */
static void write_cost(const struct detection *detection, const struct detect_track *track)
{
	struct prefix spared[HEAVY_SPARED_MAX];
	uint32_t known =
		detect_spared_of(track, &detection->rules, &detection->detect.seed, spared);
	char text[PREFIX_TEXT_MAX];

	if (!track->spared)
		return;
	fprintf(detection->out,
		"; %" PRIu32 " source%s in it take%s no part (%.1f%% of its packets)",
		track->spared, track->spared == 1 ? "" : "s", track->spared == 1 ? "s" : "",
		detect_collateral(track) * PERCENT);
	for (uint32_t i = 0; i < known; i++)
		fprintf(detection->out, "%s %s", i ? "," : ":", prefix_format(&spared[i], text));
}

static void write_open(const struct detection *detection, const struct detect_track *track)
{
	const struct detect_rule *rule = &detection->detect.rules.rule[track->rule];
	char at[WHEN_TEXT_MAX], prefix[PREFIX_TEXT_MAX], words[DETECT_WORDS_MAX],
		span[DURATION_TEXT_MAX], since[WHEN_TEXT_MAX], action[32] = "block";
	struct error refused;
	struct prefix about;
	bool is_source;

	about = detect_prefix_of(track, &detection->rules, &detection->detect.seed, &is_source);
	if (detect_rule_throttles(rule))
		snprintf(action, sizeof(action), "throttle to %" PRIu32 "/s", rule->rate);
	fprintf(detection->out, "%s: proposal %" PRIu64 " of %s: %s %s for %s: %s since %s",
		when_format_dated(wall_ms(detection, detection->detect.now_ms) * WHEN_MS, true, at),
		track->id, rule->name, action, prefix_format(&about, prefix),
		duration_format(rule->ladder_ms[0], span),
		detect_words(rule, &track->average, words),
		when_format_dated(detection->since_ms[track->slot] * WHEN_MS, true, since));
	write_cost(detection, track);
	if (rails_refuse(detection->config, &seed, &about, &refused))
		fprintf(detection->out, "; refused: %s", refused.text);
	fprintf(detection->out, "\n");
}

static void write_over(const struct detection *detection, const struct detect_track *track,
		       int64_t ended_ms)
{
	const struct detect_rule *rule = &detection->detect.rules.rule[track->rule];
	char at[WHEN_TEXT_MAX], words[DETECT_WORDS_MAX], span[DURATION_TEXT_MAX];

	fprintf(detection->out, "%s: proposal %" PRIu64 " is over after %s: at most %s\n",
		when_format_dated(ended_ms * WHEN_MS, true, at), track->id,
		duration_format(ended_ms - detection->since_ms[track->slot], span),
		detect_words(rule, &track->peak, words));
}

/* --- what detection says --- */

/* Two lengths of prefix may come to the same source: then it is one proposal. */
static const struct detect_track *find_same(const struct detection *detection,
					    const struct detect_track *track)
{
	bool is_source;
	struct prefix prefix =
		detect_prefix_of(track, &detection->rules, &detection->detect.seed, &is_source);

	for (int i = 0; i < DETECT_TRACKS; i++) {
		const struct detect_track *other = &detection->detect.track[i];
		struct prefix same;

		if (other == track || other->state != DETECT_OPEN || !other->id ||
		    other->rule != track->rule)
			continue;
		same = detect_prefix_of(other, &detection->rules, &detection->detect.seed,
					&is_source);
		if (!prefix_compare(&same, &prefix))
			return other;
	}
	return NULL;
}

static void on_open(struct detect_track *track, void *data)
{
	struct detection *detection = data;
	const struct detect_track *same;

	/* a capture at one side of a router proves nothing */
	if (detection->detect.rules.rule[track->rule].needs_proof)
		return;
	same = find_same(detection, track);
	track->slot = track - detection->detect.track;
	detection->since_ms[track->slot] = wall_ms(detection, track->since_ms);
	if (same) {
		track->id = same->id;
		return;
	}
	track->id = ++detection->proposals;
	detection->open++;
	if (!detection->json)
		write_open(detection, track);
}

static void on_end(const struct detect_track *track, enum detect_end why, void *data)
{
	struct detection *detection = data;
	int64_t ended_ms = wall_ms(detection, detection->detect.now_ms);

	(void)why;
	if (!track->id || find_same(detection, track))
		return;
	detection->open--;
	if (detection->json)
		write_json(detection, track, ended_ms);
	else
		write_over(detection, track, ended_ms);
}

/* --- exact counts --- */

static bool count(struct detect_track *track, void *data)
{
	struct detection *detection = data;

	return exact_counts_begin(&detection->exact, track,
				  detection->detect.rules.rule[track->rule].classes,
				  detection->detect.now_ms * US_PER_MS, &track->counter);
}

static void counted(const struct detect_track *track, struct detect_exact *exact, void *data)
{
	const struct detection *detection = data;

	exact_counts_read(&detection->exact, track->counter, detection->detect.now_ms * US_PER_MS,
			  exact);
}

static void count_end(const struct detect_track *track, void *data)
{
	exact_counts_end(&((struct detection *)data)->exact, track->counter);
}

/* --- time --- */

static bool follows_something(const struct detection *detection)
{
	for (int i = 0; i < DETECT_TRACKS; i++)
		if (detection->detect.track[i].state)
			return true;
	return false;
}

/* Windows in which nothing came end as those of slash64d do, as long as that changes anything. */
static void pass_time(struct detection *detection)
{
	struct detect *detect = &detection->detect;

	if (!detect->window_ms)
		detect_tick(detect, detection->now_ms);
	while (detection->now_ms >= detect->window_ms + DETECT_WINDOW_MS) {
		detect_tick(detect, detect->window_ms + DETECT_WINDOW_MS);
		if (detection->now_ms >= detect->window_ms + 2 * DETECT_WINDOW_MS &&
		    !follows_something(detection))
			detect_tick(detect, detection->now_ms);
	}
}

static void set_clock(struct detection *detection, uint64_t packet_ms)
{
	uint64_t ms = packet_ms + detection->ahead_ms;

	if (!detection->packets) {
		/* 0 is no time to detection */
		detection->ahead_ms = packet_ms ? 0 : 1;
		detection->now_ms = detection->first_ms = packet_ms + detection->ahead_ms;
	} else if (ms >= detection->now_ms) {
		detection->now_ms = ms;
	} else if (detection->now_ms - ms >= MIXED_UP_MS) {
		detection->ahead_ms = detection->now_ms - packet_ms;
		detection->went_back++;
	}
}

void detection_packet(struct detection *detection, const struct s64_sample *packet,
		      uint64_t time_ns)
{
	struct s64_sample sample = *packet;
	uint64_t tick = time_ns / detection->tick_ns;

	set_clock(detection, time_ns / NS_PER_MS);
	pass_time(detection);
	detection->packets++;
	exact_counts_packet(&detection->exact, packet);
	/* a tick that comes late in the file does not begin anew */
	if (tick < detection->sampler.tick &&
	    detection->sampler.tick - tick < MIXED_UP_MS * NS_PER_MS / detection->tick_ns)
		tick = detection->sampler.tick;
	sample.weight = sampler_take_at(&detection->sampler, tick);
	sample.tick = tick;
	if (!sample.weight)
		return;
	detection->samples++;
	detect_feed(&detection->detect, &sample);
}

/* --- begin and end --- */

static uint64_t unproven_rules(const struct detection *detection)
{
	uint64_t count = 0;

	for (size_t i = 0; i < detection->detect.rules.count; i++)
		count += detection->detect.rules.rule[i].needs_proof;
	return count;
}

static void write_summary(const struct detection *detection)
{
	char packets[QUANTITY_TEXT_MAX], samples[QUANTITY_TEXT_MAX], span[DURATION_TEXT_MAX];
	uint64_t unproven = unproven_rules(detection);

	fprintf(detection->out,
		"\n%" PRIu64 " proposal%s in %s packet%s, %s of them sampled, over %s",
		detection->proposals, detection->proposals == 1 ? "" : "s",
		count_format(detection->packets, packets), detection->packets == 1 ? "" : "s",
		count_format(detection->samples, samples),
		duration_format(detection->now_ms - detection->first_ms, span));
	if (detection->open)
		fprintf(detection->out, "; %" PRIu64 " still open at the end of the capture",
			detection->open);
	fprintf(detection->out, "\n");
	if (detection->went_back)
		fprintf(detection->out,
			"note: the clock of the capture went back %" PRIu64
			" time%s; detection went on from there\n",
			detection->went_back, detection->went_back == 1 ? "" : "s");
	if (unproven)
		fprintf(detection->out,
			"note: %" PRIu64
			" rule%s with 'evidence: proven' left out: a capture of one side proves no source\n",
			unproven, unproven == 1 ? "" : "s");
	if (!detection->detect.rules.count)
		fprintf(detection->out, "note: the configuration has no rules of detection\n");
}

/* The open one with the lowest number above that. */
static const struct detect_track *next_open(const struct detection *detection, uint64_t above)
{
	const struct detect_track *next = NULL;

	for (int i = 0; detection->detect.track && i < DETECT_TRACKS; i++) {
		const struct detect_track *track = &detection->detect.track[i];

		if (track->state == DETECT_OPEN && track->id > above &&
		    (!next || track->id < next->id))
			next = track;
	}
	return next;
}

void detection_end(struct detection *detection)
{
	const struct detect_track *track = NULL;

	if (!detection->json)
		write_summary(detection);
	while (detection->json && (track = next_open(detection, track ? track->id : 0)))
		write_json(detection, track, 0);
}

int detection_open(struct detection **out, const struct detection_options *options,
		   struct error *error)
{
	struct detection *detection = calloc(1, sizeof(*detection));
	int err;

	if (!detection)
		return error_set(error, -ENOMEM, "out of memory");
	detection->config = options->config;
	detection->rules = options->config->rules;
	exact_counts_init(&detection->exact, &seed, &options->config->detect);
	detection->tick_ns = options->tick_ns;
	detection->out = options->out;
	detection->json = options->json;
	detection->sampler.random = seed.add;
	detect_init(&detection->detect, &seed,
		    &(struct detect_events){.on_open = on_open,
					    .on_end = on_end,
					    .count = count,
					    .counted = counted,
					    .count_end = count_end,
					    .data = detection});
	err = detect_configure(&detection->detect, &options->config->detect);
	if (err) {
		detection_close(detection);
		return error_set(error, err, "out of memory for the rules of detection");
	}
	*out = detection;
	return 0;
}

void detection_close(struct detection *detection)
{
	if (!detection)
		return;
	detect_free(&detection->detect);
	free(detection);
}
