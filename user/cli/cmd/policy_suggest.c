// SPDX-License-Identifier: GPL-2.0-only
/* policy suggest: limits, and thresholds of detection, from how fast sources were seen to send. */
#include "policy_suggest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/duration.h"
#include "base/text/when.h"
#include "cli/lib/output/print.h"
#include "client/client.h"
#include "config/config.h"
#include "policy/names.h"

#define WEEK_S	      (7 * 24 * 3600)
#define MS_PER_SECOND 1000
/* One source in so many may be faster: of few sources, none. */
#define SOURCES_PER_OUTLIER 1000
#define ABOVE_USUAL	    2 /* of a limit, times the usual maximum */
#define ABOVE_LIMIT	    2 /* of a threshold of detection, times the limit */
/* A quiet week is no reason to call the first video call a flood. */
#define OF_NOW_MIN 0.1 /* of a threshold */

struct seen {
	json_t *classes; /* lines of /v1/histogram, by class */
	json_t *all;	 /* all together */
	int64_t seconds, since_us;
};

/* --- what slash64d has seen --- */

static int take_line(const char *line, void *data)
{
	struct seen *seen = data;
	json_t *object = client_decode(line);
	const char *class = json_string_value(json_object_get(object, "class"));

	if (!object)
		return -EPROTO;
	if (json_object_get(object, "seen_seconds")) {
		seen->seconds = member_integer(object, "seen_seconds");
		if (!member_is_null(object, "since"))
			seen->since_us = member_time_us(object, "since");
	} else if (class) {
		json_object_set(seen->classes, class, object);
	} else {
		json_object_set(seen->all, "all", object);
	}
	json_decref(object);
	return 0;
}

static const json_t *rates_of(const json_t *class)
{
	return json_object_get(class, "rates");
}

/* At least as fast, as far as that was told apart: at most so many are faster than a limit. */
static int64_t sources_from(const json_t *class, double packets_per_second)
{
	int64_t sources = class ? member_integer(class, "sources") : 0;
	const json_t *rate;
	size_t i;

	json_array_foreach (rates_of(class), i, rate)
		if (member_number(rate, "packets_per_second") <= packets_per_second)
			sources = member_integer(rate, "sources");
	/* the last one has an end too: twice as fast was nobody */
	if (i && packets_per_second >= 2 * member_number(json_array_get(rates_of(class), i - 1),
							 "packets_per_second"))
		sources = 0;
	return sources;
}

/* The rate that all sources but outliers stay below. 0: nothing was seen. */
static double usual_maximum(const json_t *class)
{
	int64_t outliers = class ? member_integer(class, "sources") / SOURCES_PER_OUTLIER : 0;
	const json_t *rate;
	double last = 0;
	size_t i;

	json_array_foreach (rates_of(class), i, rate) {
		last = member_number(rate, "packets_per_second");
		if (member_integer(rate, "sources") <= outliers)
			return last;
	}
	return 2 * last;
}

static double limit_of(const json_t *class)
{
	return ABOVE_USUAL * usual_maximum(class);
}

/* --- limits --- */

enum suggested { NEVER, AS_A_COMMENT, SUGGESTED };

/* A class that has no limit by default is not limited by a suggestion that nobody thought about. */
static enum suggested is_suggested(int class)
{
	const __u8 *action = class_info(class)->action;

	if (class <= S64_CLASS_IPV4)
		return NEVER;
	if (action[S64_TRANSIT] == S64_ACTION_LIMIT || action[S64_LOCAL] == S64_ACTION_LIMIT)
		return SUGGESTED;
	return action[S64_TRANSIT] == S64_ACTION_PASS || action[S64_LOCAL] == S64_ACTION_PASS ?
		       AS_A_COMMENT :
		       NEVER;
}

static void print_limit(const struct context *context, int class, const json_t *seen)
{
	double limit = limit_of(seen), half = limit / ABOVE_USUAL;
	int64_t sources = member_integer(seen, "sources"), touched = sources_from(seen, limit),
		touched_half = sources_from(seen, half);
	const char *name = class_info(class)->name;
	json_t *object;

	if (!context->json) {
		printf("    %s%s: {rate: %.0f} # touches %" PRId64 " of %" PRId64
		       " source%s, half of it %" PRId64 "\n",
		       is_suggested(class) == AS_A_COMMENT ? "# " : "", name, limit, touched,
		       sources, sources == 1 ? "" : "s", touched_half);
		return;
	}
	object = json_pack("{s:s, s:b, s:I, s:f, s:I, s:I}", "class", name, "limited_by_default",
			   is_suggested(class) == SUGGESTED, "sources", (json_int_t)sources, "rate",
			   limit, "touched", (json_int_t)touched, "touched_by_half",
			   (json_int_t)touched_half);
	print_json(object);
	json_decref(object);
}

/* Returns how many. */
static unsigned int print_some(const struct context *context, const struct seen *seen,
			       enum suggested which)
{
	unsigned int count = 0;

	for (int class = 0; class < S64_CLASS_COUNT; class ++) {
		const json_t *of = json_object_get(seen->classes, class_info(class)->name);

		if (!of || is_suggested(class) != which)
			continue;
		/* YAML wants a value */
		if (!count++ && which == SUGGESTED && !context->json)
			printf("  limits:\n");
		print_limit(context, class, of);
	}
	return count;
}

static void print_limits(const struct context *context, const struct seen *seen)
{
	if (!print_some(context, seen, SUGGESTED) && !context->json)
		printf("  # limits:\n");
	print_some(context, seen, AS_A_COMMENT);
}

/* --- rules --- */

/* Of the fastest of its classes; a rule about all classes is about all packets of a source. */
static const json_t *fastest_of(const struct seen *seen, const struct detect_rule *rule)
{
	const json_t *fastest = NULL, *of;

	if (rule->classes == DETECT_ALL_CLASSES)
		return json_object_get(seen->all, "all");
	for (int class = 0; class < S64_CLASS_COUNT; class ++) {
		of = rule->classes >> class & 1 ?
			     json_object_get(seen->classes, class_info(class)->name) :
			     NULL;
		if (of && (!fastest || usual_maximum(of) > usual_maximum(fastest)))
			fastest = of;
	}
	return fastest;
}

static void print_classes(const struct detect_rule *rule)
{
	const char *before = "      class: [";

	if (rule->classes == DETECT_ALL_CLASSES)
		return;
	for (int class = 0; class < S64_CLASS_COUNT; class ++) {
		if (!(rule->classes >> class & 1))
			continue;
		printf("%s%s", before, class_info(class)->name);
		before = ", ";
	}
	printf("]\n");
}

static double threshold_of(const struct seen *seen, const struct detect_rule *rule, int measure)
{
	const json_t *fastest = fastest_of(seen, rule);
	double now = rule->over.of[measure], suggested;

	if (measure != DETECT_PACKETS || !fastest)
		return now;
	suggested = ABOVE_LIMIT * limit_of(fastest);
	return suggested > now * OF_NOW_MIN ? suggested : now * OF_NOW_MIN;
}

static void print_over(const struct seen *seen, const struct detect_rule *rule)
{
	const char *before = "      over: {";

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++) {
		if (!(rule->over.of[i] > 0))
			continue;
		printf("%s%s: %.*f", before, detect_measure_name(i),
		       detect_measure_is_share(i) ? 2 : 0, threshold_of(seen, rule, i));
		before = ", ";
	}
	printf("}");
	if (!(rule->over.of[DETECT_PACKETS] > 0))
		printf(" # as it was: nothing is known about these\n");
	else if (!fastest_of(seen, rule))
		printf(" # as it was: none of its classes was seen\n");
	else
		printf(" # packets_per_second: it was %.0f; %" PRId64
		       " source%s sent as much in a second\n",
		       rule->over.of[DETECT_PACKETS],
		       sources_from(fastest_of(seen, rule),
				    threshold_of(seen, rule, DETECT_PACKETS)),
		       sources_from(fastest_of(seen, rule),
				    threshold_of(seen, rule, DETECT_PACKETS)) == 1 ?
			       "" :
			       "s");
}

static void print_rule(const struct seen *seen, const struct detect_rule *rule)
{
	printf("    - name: %s\n", rule->name);
	print_classes(rule);
	print_over(seen, rule);
	printf("      during: %gs\n", (double)rule->during_ms / MS_PER_SECOND);
	printf("      until: {below: %g, during: %gs}\n", rule->until_below,
	       (double)rule->until_ms / MS_PER_SECOND);
	printf("      then: propose\n");
	if (rule->rate)
		printf("      rate: %" PRIu32 "\n", rule->rate);
	printf("      ladder: [");
	for (unsigned int i = 0; i < rule->ladder_steps; i++)
		printf("%s%gs", i ? ", " : "", (double)rule->ladder_ms[i] / MS_PER_SECOND);
	printf("]\n");
	if (rule->needs_proof)
		printf("      evidence: proven\n");
}

static void print_rule_json(const struct seen *seen, const struct detect_rule *rule)
{
	const json_t *fastest = fastest_of(seen, rule);
	double threshold = threshold_of(seen, rule, DETECT_PACKETS);
	json_t *object;

	if (!(rule->over.of[DETECT_PACKETS] > 0))
		return;
	object = json_pack("{s:s, s:b, s:f, s:f, s:I}", "rule", rule->name, "seen", fastest != NULL,
			   "packets_per_second", threshold, "packets_per_second_now",
			   rule->over.of[DETECT_PACKETS], "touched",
			   (json_int_t)(fastest ? sources_from(fastest, threshold) : 0));
	print_json(object);
	json_decref(object);
}

static void print_rules(const struct context *context, const struct seen *seen,
			const struct detect_rules *rules)
{
	if (!rules->count)
		return;
	if (!context->json)
		printf("detect:\n  rules:\n");
	for (size_t i = 0; i < rules->count; i++) {
		if (context->json)
			print_rule_json(seen, &rules->rule[i]);
		else
			print_rule(seen, &rules->rule[i]);
	}
}

/* --- all of it --- */

static void print_head(const struct context *context, const struct seen *seen)
{
	char span[DURATION_TEXT_MAX], since[WHEN_TEXT_MAX];
	bool is_enough = seen->seconds >= WEEK_S;
	json_t *object;

	if (context->json) {
		object = json_pack("{s:I, s:s, s:b}", "seen_seconds", (json_int_t)seen->seconds,
				   "since", when_format_exact(seen->since_us, 0, since), "enough",
				   is_enough);
		print_json(object);
		json_decref(object);
		return;
	}
	printf("# From what this router has seen for %s, since %s%s\n",
	       duration_format(seen->seconds * MS_PER_SECOND, span),
	       when_format_dated(seen->since_us, false, since),
	       is_enough ? "." : "; a week is better.");
	printf("# A limit is twice, a threshold of detection four times the packets per second that\n"
	       "# all sources of a class, but one in a thousand, stayed below in every second; no\n"
	       "# threshold is below a tenth of what it was. Sources are counted to some 13 percent.\n"
	       "# Nothing is dropped as long as the filter monitors: look at would_drop, then say\n"
	       "# enforce.\n"
	       "policy:\n"
	       "  filter: monitor\n");
}

/* The rules that slash64d has, if this user can read them; otherwise the default ones. */
static void load_config(const struct context *context, struct config *config)
{
	struct error ignored;
	json_t *status =
		client_object(context->socket, "GET", "/v1/status", NULL, "config", &ignored);

	if (!status || config_load(config, member_text(status, "config"), &ignored))
		config_init(config);
	json_decref(status);
}

static int look(const struct context *context, struct seen *seen, struct error *error)
{
	int err;

	seen->classes = json_object();
	seen->all = json_object();
	err = seen->classes && seen->all ?
		      client_request(context->socket, "/v1/histogram", take_line, seen, error) :
		      error_set(error, -ENOMEM, "out of memory");
	if (!err && (!seen->seconds || !json_object_size(seen->classes)))
		err = error_set(
			error, -ENODATA,
			"nothing was seen yet to suggest limits from; look again when there "
			"has been traffic for a while: a week is best");
	return err;
}

int policy_suggest(struct context *context)
{
	struct seen seen = {};
	struct config config;
	struct error error;
	int err = look(context, &seen, &error);

	if (!err) {
		load_config(context, &config);
		print_head(context, &seen);
		print_limits(context, &seen);
		print_rules(context, &seen, &config.detect);
		config_free(&config);
	}
	json_decref(seen.classes);
	json_decref(seen.all);
	return err ? refused(&error) : EXIT_DONE;
}
