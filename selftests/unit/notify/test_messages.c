// SPDX-License-Identifier: GPL-2.0-only
/* A change in every form; texts of others stay texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "notify/messages.h"

static json_t *change(const char *reason)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:n}", "number", 17, "time",
			 "2026-11-26T20:00:00.250Z", "action", "block", "who", "anna", "prefix",
			 "2001:db8:bad:1::/64", "origin", "detect:syn-flood", "reason", reason,
			 "ticket", "T-1", "until");
}

/* Takes over the text. */
static void is(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void has(char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in '%s'", part, text);
	free(text);
}

static void a_sentence_for_people(void **state)
{
	json_t *row = change("SYN flood"), *lost = json_pack("{s:i}", "lost", 12);

	is(message_sentence(row),
	   "block 2001:db8:bad:1::/64 (U1) by anna, origin detect:syn-flood: "
	   "SYN flood [T-1]");
	is(message_sentence(lost),
	   "12 changes were removed from the log of slash64d before they could be told");
	json_decref(row);
	json_decref(lost);
}

static void rfc_5424_escapes_its_parameters(void **state)
{
	json_t *row = change("x");

	json_object_set_new(row, "ticket", json_string("a\"b\\c]d"));
	has(message_syslog(row, LOG_LOCAL0, SYSLOG_RFC5424, "edge 1"),
	    "<133>1 2026-11-26T20:00:00.250Z edge1 slash64 ");
	has(message_syslog(row, LOG_LOCAL0, SYSLOG_RFC5424, ""),
	    " block [slash64@32473 number=\"17\" "
	    "prefix=\"2001:db8:bad:1::/64\" origin=\"detect:syn-flood\" "
	    "ticket=\"a\\\"b\\\\c\\]d\" who=\"anna\"] block 2001:db8:bad:1::/64 (U1)");
	has(message_syslog(row, LOG_LOCAL0, SYSLOG_RFC5424, ""), "250Z - slash64 ");
	has(message_syslog(row, LOG_LOCAL0, SYSLOG_CEF, "h"), " block - CEF:0|slash64|slash64|");
	json_decref(row);
}

static void cef_escapes_its_values(void **state)
{
	json_t *row = change("a=b|c\\d");

	has(message_cef(row), "|block|Change of slash64|6| rt=1795723200250 act=block suser=anna "
			      "reason=a\\=b|c\\\\d cs1=2001:db8:bad:1::/64 cs1Label=Source prefix "
			      "cs2=detect:syn-flood cs2Label=Origin cs3=syn-flood cs3Label=Rule "
			      "cs4=T-1 cs4Label=Ticket externalId=17");
	json_decref(row);
}

static void ecs_is_a_document(void **state)
{
	json_t *row = change("\"}"), *document;
	char *text = message_ecs(row, "edge1");

	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	assert_string_equal(json_string_value(
				    json_object_get(json_object_get(document, "event"), "reason")),
			    "\"}");
	assert_string_equal(json_string_value(
				    json_object_get(json_object_get(document, "rule"), "name")),
			    "syn-flood");
	json_decref(document);
	json_decref(row);
	free(text);
}

static void a_filter_matches_all_that_it_names(void **state)
{
	struct receiver_filter only = {};
	json_t *row = change("x"), *lost = json_pack("{s:i}", "lost", 1);

	assert_true(message_matches(&only, row));
	strcpy(only.actions.word[only.actions.count++], "unblock");
	assert_false(message_matches(&only, row));
	assert_true(message_matches(&only, lost));
	strcpy(only.actions.word[only.actions.count++], "bl*");
	assert_true(message_matches(&only, row));
	strcpy(only.rules.word[only.rules.count++], "syn-flood");
	assert_true(message_matches(&only, row));
	only.within_count = 1;
	assert_int_equal(prefix_parse("2001:db8:bad:1::/64", &only.within[0], NULL), 0);
	assert_true(message_matches(&only, row));
	assert_int_equal(prefix_parse("2001:db8:bad:1:8000::/66", &only.within[0], NULL), 0);
	assert_true(message_matches(&only, row)); /* the change is around it */
	assert_int_equal(prefix_parse("2001:db8:bad:2::/64", &only.within[0], NULL), 0);
	assert_false(message_matches(&only, row));
	json_decref(row);
	json_decref(lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_for_people),
		cmocka_unit_test(rfc_5424_escapes_its_parameters),
		cmocka_unit_test(cef_escapes_its_values),
		cmocka_unit_test(ecs_is_a_document),
		cmocka_unit_test(a_filter_matches_all_that_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
