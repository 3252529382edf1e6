// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/crowdsec/stream.h"

static char told[65536];

static int tell(const struct stream_decision *decision, void *data)
{
	char key[PREFIX_TEXT_MAX];
	size_t n = strlen(told);

	n += snprintf(told + n, sizeof(told) - n, "%s%" PRId64 " %s%s",
		      decision->is_deleted ? "-" : "", decision->id,
		      set_key_format(&decision->key, key), decision->is_throttle ? " slowly" : "");
	if (!decision->is_deleted && decision->for_ms < INT64_MAX)
		n += snprintf(told + n, sizeof(told) - n, " %" PRId64, decision->for_ms);
	snprintf(told + n, sizeof(told) - n, " %s/%s\n", decision->origin, decision->scenario);
	return 0;
}

/* In pieces of that size. */
static int read_in(const char *text, size_t piece, uint64_t *other, uint64_t *invalid)
{
	const struct stream_callbacks callbacks = {tell, NULL};
	struct stream *stream = stream_open(&callbacks);
	size_t bytes = strlen(text);
	int err = 0;

	told[0] = '\0';
	for (size_t i = 0; i < bytes && !err; i += piece)
		err = stream_text(stream, text + i, piece < bytes - i ? piece : bytes - i);
	assert_int_equal(stream_end(stream) != 0, err || stream_end(stream));
	err = stream_end(stream);
	*other = stream_left_out(stream, STREAM_OTHER);
	*invalid = stream_left_out(stream, STREAM_INVALID);
	stream_close(stream);
	return err;
}

static void gives(const char *text, const char *wanted, uint64_t other, uint64_t invalid)
{
	static const size_t pieces[] = {1, 7, 65536};
	uint64_t others, invalids;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(read_in(text, pieces[i], &others, &invalids), 0);
		assert_string_equal(told, wanted);
		assert_int_equal(others, other);
		assert_int_equal(invalids, invalid);
	}
}

static void is_none(const char *text)
{
	uint64_t ignored;

	if (read_in(text, 1, &ignored, &ignored) != -EBADMSG)
		fail_msg("taken: %s", text);
	assert_int_equal(read_in(text, 65536, &ignored, &ignored), -EBADMSG);
}

#define DECISION(id, scope, value, type, duration)                                               \
	"{\"duration\":\"" duration "\",\"id\":" #id                                             \
	",\"origin\":\"cscli\",\"scenario\":\"t\\\"{\",\"scope\":\"" scope "\",\"type\":\"" type \
	"\",\"value\":\"" value "\"}"

/* issue 18: durations in all their forms, exact prefixes, mapped addresses, host bits, null lists */
static void decisions_of_all_forms_are_read(void **state)
{
	gives("{\"deleted\":[" DECISION(4, "Ip", "2001:db8::1", "ban", "-10.105533ms") "],\"new\":[" DECISION(
		      1, "Range", "2001:db8:bad::/48", "ban",
		      "59m58.989122677s") ",\n" DECISION(2, "ip", "::ffff:198.51.100.7", "BAN",
							 "4h") " , " DECISION(3, "range",
									      "2001:db8::66/47",
									      "throttle",
									      "1h0m0s") "]}\n",
	      "-4 2001:db8::1 cscli/t\"{\n"
	      "1 2001:db8:bad::/48 3598990 cscli/t\"{\n"
	      "2 198.51.100.7/32 14400000 cscli/t\"{\n"
	      "3 2001:db8::/47 slowly 3600000 cscli/t\"{\n",
	      0, 0);
	gives("{\"deleted\":null,\"new\":null}", "", 0, 0);
	gives(" { \"new\" : [ ] } ", "", 0, 0);
	gives("{\"new\":[],\"more\":{\"a\":[1,{\"b\":\"]}\\\"\"}]},\"n\":-1.5,\"deleted\":[]}", "",
	      0, 0);
}

static void what_is_not_for_us_is_left_out(void **state)
{
	gives("{\"new\":[" DECISION(1, "Country", "DE", "ban", "1h") "," DECISION(
		      2, "Ip", "2001:db8::1", "captcha",
		      "1h") "," DECISION(3, "Ip", "example.net", "ban",
					 "1h") "," DECISION(4, "Ip", "2001:db8::1", "ban",
							    "soon") ",{\"simulated\":true,"
								    "\"scope\":\"ip\",\"type\":"
								    "\"ban\",\"value\":\"::1\"}]}",
	      "", 3, 2);
	/* the end of one that ends needs no duration */
	gives("{\"deleted\":[" DECISION(4, "Ip", "2001:db8::1", "ban", "") "]}",
	      "-4 2001:db8::1 cscli/t\"{\n", 0, 0);
}

/* Before, each of these stopped all updates. */
static void a_value_that_cannot_be_read_costs_its_decision_only(void **state)
{
	static const char before[] = "{\"new\":[" DECISION(1, "Ip", "2001:db8::1", "ban", "1h") ",";
	static const char after[] = "," DECISION(2, "Ip", "2001:db8::2", "ban", "1h") "]}";
	static const char *const unreadable[] = {
		"{\"scenario\":\"a\\u0000b\"}",
		"{\"a\\u0000b\":1}",
		"{\"id\":92233720368547758080}",
		"{\"scenario\":\"\xff\"}",
	};
	char *text = malloc(3 * STREAM_DECISION_MAX);
	size_t n;

	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		snprintf(text, STREAM_DECISION_MAX, "%s%s%s", before, unreadable[i], after);
		gives(text, "1 2001:db8::1 3600000 cscli/t\"{\n2 2001:db8::2 3600000 cscli/t\"{\n",
		      0, 1);
	}
	n = sprintf(text, "%s{\"scenario\":\"", before);
	memset(text + n, 'x', STREAM_DECISION_MAX);
	sprintf(text + n + STREAM_DECISION_MAX, "\"}%s", after);
	gives(text, "1 2001:db8::1 3600000 cscli/t\"{\n2 2001:db8::2 3600000 cscli/t\"{\n", 0, 1);
	free(text);
}

/* issue 18: half a JSON, 504 in HTML */
static void half_a_document_or_another_one_is_refused(void **state)
{
	static const char whole[] =
		"{\"deleted\":[],\"new\":[" DECISION(1, "Ip", "2001:db8::1", "ban",
						     "1h") "," DECISION(2, "Ip", "2001:db8::2",
									"ban", "1h") "]}";
	uint64_t ignored;
	char part[sizeof(whole)];

	assert_int_equal(read_in(whole, 5, &ignored, &ignored), 0);
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(part, whole, n);
		part[n] = '\0';
		is_none(part);
	}
	is_none("");
	is_none("<html>504 Gateway Time-out</html>");
	is_none("null");
	is_none("[]");
	is_none("{}");
	is_none("{\"message\":\"access forbidden\"}");
	is_none("{\"new\":{}}");
	is_none("{\"new\":\"none\"}");
	is_none("{\"new\":nul}");
	is_none("{\"new\":[1]}");
	is_none("{\"new\":[{]}");
	is_none("{\"new\":[{\"a\":}]}");
	is_none("{\"new\":[]}{");
	is_none("{\"new\":[],}x");
	is_none("{\"new\" []}");
}

static void a_decision_without_an_end_is_refused_not_kept(void **state)
{
	size_t bytes = 2 * STREAM_DECISION_MAX;
	char *text = malloc(bytes);

	memset(text, ' ', bytes);
	memcpy(text, "{\"new\":[{", 9);
	text[bytes - 1] = '\0';
	is_none(text);
	memset(text + 9, '{', bytes - 10);
	is_none(text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_of_all_forms_are_read),
		cmocka_unit_test(what_is_not_for_us_is_left_out),
		cmocka_unit_test(a_value_that_cannot_be_read_costs_its_decision_only),
		cmocka_unit_test(half_a_document_or_another_one_is_refused),
		cmocka_unit_test(a_decision_without_an_end_is_refused_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
