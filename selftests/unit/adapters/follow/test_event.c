// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/follow/event.h"

static struct event_reader reader;
static struct event event;

static int read_line(const char *line)
{
	return event_read(&reader, line, strlen(line), &event);
}

static void is_from(const char *wanted)
{
	char text[PREFIX_TEXT_MAX];

	assert_string_equal(set_key_format(&event.source, text), wanted);
}

static void an_alert_of_suricata_is_about_its_attacker(void **state)
{
	event_reader_begin(&reader, EVENT_EVE);
	assert_int_equal(
		read_line(
			"{\"timestamp\":\"2026-11-26T20:00:00.123456+0900\",\"event_type\":\"alert\","
			"\"src_ip\":\"2001:0db8:0bad:0001:0000:0000:0000:0066\",\"dest_ip\":\"2001:db8::1\","
			"\"alert\":{\"action\":\"allowed\",\"signature_id\":2001219,\"signature\":"
			"\"ET SCAN SSH\",\"category\":\"Attempted Recon\",\"severity\":2}}"),
		1);
	is_from("2001:db8:bad:1::66");
	assert_string_equal(event.signature, "ET SCAN SSH");
	assert_string_equal(event.category, "Attempted Recon");
	assert_int_equal(event.id, 2001219);
	assert_int_equal(event.severity, 2);
	assert_int_equal(event.time_ms, 1795690800123);
	/* field L8: a packet to the client comes from our own server */
	assert_int_equal(
		read_line(
			"{\"event_type\":\"alert\",\"direction\":\"to_client\",\"src_ip\":\"192.0.2.1\","
			"\"dest_ip\":\"198.51.100.7\",\"alert\":{}}\r"),
		1);
	is_from("198.51.100.7/32");
	assert_int_equal(event.severity, 0);
	assert_int_equal(event.time_ms, 0);
}

static void a_signature_has_no_control_characters(void **state)
{
	event_reader_begin(&reader, EVENT_EVE);
	assert_int_equal(read_line("{\"event_type\":\"alert\",\"src_ip\":\"2001:db8::1\",\"alert\":"
				   "{\"signature\":\"a\\nb\\u001b[2J\"}}"),
			 1);
	assert_string_equal(event.signature, "a?b?[2J");
}

static void other_events_and_other_lines_are_told_apart(void **state)
{
	event_reader_begin(&reader, EVENT_EVE);
	assert_int_equal(read_line("{\"event_type\":\"flow\",\"src_ip\":\"192.0.2.1\"}"), 0);
	assert_int_equal(read_line("{\"event_type\":\"alert\",\"alert\":{}}"), 0);
	assert_int_equal(read_line("{\"event_type\":\"alert\",\"src_ip\":\"x\",\"alert\":{}}"), 0);
	assert_int_equal(read_line("{\"event_type\":\"alert\",\"src_ip\":7,\"alert\":[]}"), 0);
	assert_int_equal(read_line(""), 0);
	assert_int_equal(read_line("{\"event_type\":\"alert\""), -EBADMSG);
	assert_int_equal(read_line("[1]"), -EBADMSG);
	assert_int_equal(read_line("#fields\tnote"), -EBADMSG);
	assert_int_equal(event_read(&reader, "{\"a\":\"\0\"}", 9, &event), -EBADMSG);
}

/* as the book of Zeek shows it */
static void a_notice_of_zeek_is_read_as_columns(void **state)
{
	event_reader_begin(&reader, EVENT_ZEEK_NOTICE);
	assert_int_equal(read_line("1\t2"), -EBADMSG); /* no header yet */
	assert_int_equal(read_line("#separator \\x09"), 0);
	assert_int_equal(read_line("#unset_field\t-"), 0);
	assert_int_equal(
		read_line("#fields\tts\tuid\tid.orig_h\tid.orig_p\tnote\tmsg\tsub\tsrc\tdst\tp"),
		0);
	assert_int_equal(
		read_line("#types\ttime\tstring\taddr\tport\tenum\tstring\tstring\taddr\taddr\t"
			  "port"),
		0);
	assert_int_equal(read_line(
				 "1258531221.486539\t-\t-\t-\tScan::Port_Scan\t2001:db8:bad:1::66 "
				 "scanned\tlocal\t2001:db8:bad:1::66\t2001:db8::1\t-"),
			 1);
	is_from("2001:db8:bad:1::66");
	assert_string_equal(event.signature, "Scan::Port_Scan");
	assert_int_equal(event.time_ms, 1258531221486);
	assert_int_equal(
		read_line("1258531221.4\t-\t-\t-\tCaptureLoss::Too_Much_Loss\tm\t-\t-\t-\t-"), 0);
	assert_int_equal(read_line("1258531221.4\t-"), -EBADMSG);
	assert_int_equal(read_line("#close\t2026-11-26-20-00-00"), 0);
}

static void a_notice_of_zeek_is_read_as_json(void **state)
{
	event_reader_begin(&reader, EVENT_ZEEK_NOTICE);
	assert_int_equal(
		read_line("{\"ts\":1258531221.486539,\"note\":\"SSH::Password_Guessing\",\"src\":"
			  "\"198.51.100.7\",\"actions\":[\"Notice::ACTION_LOG\"]}"),
		1);
	is_from("198.51.100.7/32");
	assert_string_equal(event.signature, "SSH::Password_Guessing");
	assert_int_equal(read_line("{\"ts\":\"2026-11-26T11:00:00.123456Z\",\"note\":\"A::B\","
				   "\"id.orig_h\":\"2001:db8::7\"}"),
			 1);
	is_from("2001:db8::7");
	assert_int_equal(event.time_ms, 1795690800123);
	assert_int_equal(read_line("{\"note\":\"A::B\"}"), 0);
	assert_int_equal(read_line("{\"src\":\"2001:db8::7\"}"), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_of_suricata_is_about_its_attacker),
		cmocka_unit_test(a_signature_has_no_control_characters),
		cmocka_unit_test(other_events_and_other_lines_are_told_apart),
		cmocka_unit_test(a_notice_of_zeek_is_read_as_columns),
		cmocka_unit_test(a_notice_of_zeek_is_read_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
