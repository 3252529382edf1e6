// SPDX-License-Identifier: GPL-2.0-only
/* Detection over the packets of a capture: their clock, their samples, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include <slash64/source.h>

#include "replay/detection.h"

#define START_S	   1790000000ULL
#define NS	   1000000000ULL
#define TICK_NS	   4000000ULL
#define OFFENDER   0x20010db8000a0001ULL
#define RATE	   1000.0
#define DURING_S   2
#define UNTIL_S	   5
#define YEARS_60_S 1900000000ULL

static struct config config;
static struct detection *detection;
static struct error error;
static char *text;
static size_t bytes;
static FILE *out;
static bool is_json;

static void open_detection(bool json)
{
	assert_int_equal(detection_open(&detection,
					&(struct detection_options){.config = &config,
								    .tick_ns = TICK_NS,
								    .out = out,
								    .json = json},
					&error),
			 0);
	is_json = json;
}

/* With another configuration. */
static void again(void)
{
	detection_close(detection);
	open_detection(is_json);
}

static void begin(bool json)
{
	struct detect_rule *rule;

	config_init(&config);
	config.detect.count = 1;
	rule = &config.detect.rule[0];
	detect_rule_init(rule);
	strcpy(rule->name, "r");
	rule->over.of[DETECT_PACKETS] = RATE;
	rule->during_ms = DURING_S * 1000;
	rule->until_ms = UNTIL_S * 1000;
	out = open_memstream(&text, &bytes);
	open_detection(json);
}

static void end(void)
{
	detection_end(detection);
	fflush(out);
}

static int done(void **state)
{
	detection_close(detection);
	detection = NULL;
	config_free(&config);
	fclose(out);
	free(text);
	return 0;
}

static void packet_at(uint64_t time_ns, uint64_t hi)
{
	const struct s64_sample sample = {.src_key = hi,
					  .src_hi = hi,
					  .src_lo = 1,
					  .dst_lo = 1,
					  .length = 100,
					  .link = S64_SAMPLE_NETWORK,
					  .class = S64_CLASS_UDP,
					  .reason = S64_REASON_POLICY};

	detection_packet(detection, &sample, time_ns);
}

/* `rate` packets in each of some seconds from then on. */
static void flood(uint64_t from_s, unsigned int seconds, unsigned int rate)
{
	for (uint64_t i = 0; i < (uint64_t)seconds * rate; i++)
		packet_at((START_S + from_s) * NS + i * NS / rate, OFFENDER);
}

static json_t *only_line(void)
{
	json_t *line = json_loads(text, 0, NULL);

	if (!line)
		fail_msg("not one line of JSON: %s", text);
	return line;
}

static double measured_of(const json_t *line)
{
	return json_number_value(
		json_object_get(json_object_get(line, "measured"), "packets_per_second"));
}

static void an_attack_is_told_with_the_times_of_its_packets(void **state)
{
	json_t *line;

	begin(true);
	packet_at(START_S * NS, OFFENDER + 1);
	flood(3, 4, 3000);
	packet_at((START_S + 60) * NS, OFFENDER + 1);
	end();
	line = only_line();
	assert_string_equal(json_string_value(json_object_get(line, "state")), "over");
	assert_string_equal(json_string_value(json_object_get(line, "prefix")),
			    "2001:db8:a:1::/64");
	assert_string_equal(json_string_value(json_object_get(line, "since")),
			    "2026-09-21T14:13:23Z");
	assert_string_equal(json_string_value(json_object_get(line, "ended")),
			    "2026-09-21T14:13:32Z");
	assert_in_range(measured_of(line), 2990, 3010);
	json_decref(line);
}

/* Three times as much as is sampled, and the rate within a tenth. */
static void the_rate_of_a_flood_is_that_of_all_its_packets(void **state)
{
	json_t *line;

	begin(true);
	flood(0, 6, 12000);
	end();
	line = only_line();
	assert_string_equal(json_string_value(json_object_get(line, "state")), "open");
	assert_true(json_is_null(json_object_get(line, "ended")));
	assert_in_range(measured_of(line), 10800, 13200);
	json_decref(line);
}

static void what_is_over_keeps_the_rate_it_had(void **state)
{
	json_t *line;

	begin(true);
	flood(0, 5, 2000);
	flood(5, 10, 100);
	end();
	line = only_line();
	assert_string_equal(json_string_value(json_object_get(line, "state")), "over");
	assert_in_range(measured_of(line), 1900, 2100);
	json_decref(line);
}

static void a_clock_that_was_set_back_ends_nothing(void **state)
{
	begin(false);
	flood(100, 2, 2000);
	flood(10, 3, 2000);
	end();
	assert_non_null(strstr(text, "proposal 1 of r: block 2001:db8:a:1::/64 for 10m: "));
	assert_non_null(strstr(text, "\n1 proposal in 10,000 packets, 10,000 of them sampled"));
	assert_non_null(strstr(text, "1 still open"));
	assert_non_null(strstr(text, "went back 1 time;"));
}

/* Decades without a packet are not gone through second by second. */
static void a_gap_ends_what_was_there(void **state)
{
	begin(false);
	flood(0, 4, 2000);
	packet_at(YEARS_60_S * NS, OFFENDER + 1);
	packet_at((YEARS_60_S + 4000000000ULL) * NS, OFFENDER + 1);
	end();
	assert_non_null(strstr(text, "proposal 1 is over after 9s: at most packets_per_second 2"));
}

static void a_file_without_times_is_no_attack(void **state)
{
	begin(false);
	for (int i = 0; i < 100000; i++)
		packet_at(0, OFFENDER);
	end();
	assert_null(strstr(text, "proposal 1"));
	assert_non_null(strstr(text, "\n0 proposals in 100,000 packets"));
}

static void a_rule_that_asks_for_proof_is_left_out_and_said(void **state)
{
	begin(false);
	config.detect.rule[0].needs_proof = true;
	again();
	flood(0, 5, 2000);
	end();
	assert_null(strstr(text, "proposal 1"));
	assert_non_null(strstr(text, "1 rule with 'evidence: proven' left out"));
}

/* A third of so many packets that few are samples, mixed with those of others: what the samples say
 * of it is some percent off.
 */
static void what_is_proposed_was_counted_exactly(void **state)
{
	uint64_t random = 88172645463325252ULL;
	json_t *line;

	begin(true);
	config.detect.rule[0].over.of[DETECT_PACKETS] = 20000;
	again();
	for (uint64_t i = 0; i < 6ULL * 90000; i++) {
		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		packet_at(START_S * NS + i * NS / 90000,
			  (random >> 33) % 3 ? OFFENDER + (random >> 40) % 60000 * 65536 :
					       OFFENDER);
	}
	end();
	line = only_line();
	assert_in_range(measured_of(line), 29850, 30150);
	json_decref(line);
}

static void what_the_configured_guard_rails_refuse_is_said(void **state)
{
	static struct config_prefix own;
	enum prefix_note note;
	json_t *line;

	begin(true);
	assert_int_equal(prefix_parse("2001:db8:a::/48", &own.prefix, &note), 0);
	config.own = (struct config_prefixes){&own, 1};
	flood(0, 4, 2000);
	end();
	config.own = (struct config_prefixes){};
	line = only_line();
	assert_string_equal(
		json_string_value(json_object_get(line, "refused")),
		"2001:db8:a:1::/64 is not blocked: it is part of 2001:db8:a::/48, which the configuration names under own");
	json_decref(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_attack_is_told_with_the_times_of_its_packets, done),
		cmocka_unit_test_teardown(the_rate_of_a_flood_is_that_of_all_its_packets, done),
		cmocka_unit_test_teardown(what_is_over_keeps_the_rate_it_had, done),
		cmocka_unit_test_teardown(a_clock_that_was_set_back_ends_nothing, done),
		cmocka_unit_test_teardown(a_gap_ends_what_was_there, done),
		cmocka_unit_test_teardown(a_file_without_times_is_no_attack, done),
		cmocka_unit_test_teardown(a_rule_that_asks_for_proof_is_left_out_and_said, done),
		cmocka_unit_test_teardown(what_is_proposed_was_counted_exactly, done),
		cmocka_unit_test_teardown(what_the_configured_guard_rails_refuse_is_said, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
