// SPDX-License-Identifier: GPL-2.0-only
/* Captures become Ethernet frames, whatever their link type. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "replay/capture.h"

struct pcap_file {
	uint32_t magic;
	uint16_t major, minor;
	int32_t zone;
	uint32_t accuracy, snap, link;
	uint32_t seconds, micros, captured, wire;
	unsigned char data[64];
};

static struct error error;

/* A file with one packet of this link type, without its last `cut` bytes. */
static struct capture *open_capture(int link, const void *data, size_t bytes, uint32_t wire,
				    size_t cut)
{
	static char path[] = "/tmp/slash64-test-capture-XXXXXX";
	struct pcap_file file = {0xa1b2c3d4, 2, 4, 0, 0, 65535, link, 5, 7, bytes, wire, {}};
	struct capture *capture;
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	memcpy(file.data, data, bytes);
	bytes += offsetof(struct pcap_file, data) - cut;
	assert_int_equal(write(fd, &file, bytes), bytes);
	close(fd);
	error.text[0] = '\0';
	if (capture_open(&capture, path, &error))
		capture = NULL;
	unlink(path);
	return capture;
}

static const unsigned char ipv6[] = {0x60, 1, 2, 3, 4, 5};

static void becomes(int link, const void *data, size_t bytes, uint16_t ethertype, size_t header)
{
	struct capture *capture = open_capture(link, data, bytes, bytes + 100, 0);
	struct captured packet;

	assert_non_null(capture);
	assert_int_equal(capture_next(capture, &packet, &error), 1);
	assert_int_equal(packet.frame[12] << 8 | packet.frame[13], ethertype);
	assert_int_equal(packet.bytes, 14 + bytes - header);
	assert_int_equal(packet.wire_bytes, 14 + bytes - header + 100);
	assert_memory_equal(packet.frame + 14, (const char *)data + header, bytes - header);
	assert_int_equal(packet.time_ns, 5000007000);
	assert_int_equal(capture_next(capture, &packet, &error), 0);
	capture_close(capture);
}

static void raw_packets_get_the_ethertype_of_their_version(void **state)
{
	becomes(101, ipv6, sizeof(ipv6), 0x86dd, 0);
	becomes(101, "\x45xyz", 5, 0x0800, 0);
	becomes(229, ipv6, sizeof(ipv6), 0x86dd, 0);
}

static void the_family_of_any_machine_and_byte_order_is_read(void **state)
{
	unsigned char frame[10] = {0};

	memcpy(frame + 4, ipv6, sizeof(ipv6));
	frame[0] = 10;
	becomes(0, frame, sizeof(frame), 0x86dd, 4);
	frame[0] = 2;
	becomes(0, frame, sizeof(frame), 0x0800, 4);
	frame[0] = 0;
	frame[3] = 30;
	becomes(108, frame, sizeof(frame), 0x86dd, 4);
	frame[3] = 99;
	becomes(0, frame, sizeof(frame), 0, 4);
}

static void linux_cooked_has_its_protocol_at_both_places(void **state)
{
	unsigned char frame[26] = {0};

	frame[14] = 0x86;
	frame[15] = 0xdd;
	becomes(113, frame, sizeof(frame), 0x86dd, 16);
	memset(frame, 0, sizeof(frame));
	frame[0] = 0x86;
	frame[1] = 0xdd;
	becomes(276, frame, sizeof(frame), 0x86dd, 20);
}

static void ethernet_is_as_it_was_captured(void **state)
{
	struct capture *capture = open_capture(1, "0123456789abcdef", 16, 16, 0);
	struct captured packet;

	assert_int_equal(capture_next(capture, &packet, &error), 1);
	assert_int_equal(packet.bytes, 16);
	assert_memory_equal(packet.frame, "0123456789abcdef", 16);
	capture_close(capture);
}

static void what_ends_within_its_link_header_has_no_bytes(void **state)
{
	static const struct {
		int link;
		size_t bytes;
	} cases[] = {{0, 3}, {108, 3}, {113, 15}, {276, 19}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct capture *capture =
			open_capture(cases[i].link, "0123456789abcdefghij", cases[i].bytes, 100, 0);
		struct captured packet;

		assert_int_equal(capture_next(capture, &packet, &error), 1);
		assert_int_equal(packet.bytes, 0);
		assert_int_equal(packet.wire_bytes, 0);
		capture_close(capture);
	}
}

static void the_length_on_the_wire_is_never_below_the_capture_and_does_not_wrap(void **state)
{
	struct capture *capture = open_capture(101, ipv6, sizeof(ipv6), 3, 0);
	struct captured packet;

	assert_int_equal(capture_next(capture, &packet, &error), 1);
	assert_int_equal(packet.wire_bytes, packet.bytes);
	capture_close(capture);
	capture = open_capture(101, ipv6, sizeof(ipv6), UINT32_MAX, 0);
	assert_int_equal(capture_next(capture, &packet, &error), 1);
	assert_int_equal(packet.wire_bytes, UINT32_MAX);
	capture_close(capture);
}

static void a_file_broken_off_is_an_error_behind_what_it_has(void **state)
{
	struct capture *capture = open_capture(101, ipv6, sizeof(ipv6), 6, 2);
	struct captured packet;

	assert_int_equal(capture_next(capture, &packet, &error), -EIO);
	assert_non_null(strstr(error.text, "truncated"));
	capture_close(capture);
}

static void what_is_no_capture_or_of_another_link_is_refused(void **state)
{
	struct capture *capture = NULL;

	assert_int_equal(capture_open(&capture, "/nonexistent", &error), -ENOENT);
	assert_int_equal(capture_open(&capture, "/dev/null", &error), -EINVAL);
	assert_non_null(strstr(error.text, "pcap"));
	assert_null(capture);
	assert_null(open_capture(147, ipv6, sizeof(ipv6), 6, 0));
	assert_non_null(strstr(error.text, "link type 147"));
	capture_close(NULL);
}

static void progress_goes_from_the_header_to_the_end(void **state)
{
	struct capture *capture = open_capture(101, ipv6, sizeof(ipv6), 6, 0);
	struct captured packet;
	double at = capture_progress(capture);

	assert_true(at >= 0 && at <= 1);
	assert_int_equal(capture_next(capture, &packet, &error), 1);
	assert_int_equal(capture_next(capture, &packet, &error), 0);
	assert_true(capture_progress(capture) == 1);
	capture_close(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_packets_get_the_ethertype_of_their_version),
		cmocka_unit_test(the_family_of_any_machine_and_byte_order_is_read),
		cmocka_unit_test(linux_cooked_has_its_protocol_at_both_places),
		cmocka_unit_test(ethernet_is_as_it_was_captured),
		cmocka_unit_test(what_ends_within_its_link_header_has_no_bytes),
		cmocka_unit_test(
			the_length_on_the_wire_is_never_below_the_capture_and_does_not_wrap),
		cmocka_unit_test(a_file_broken_off_is_an_error_behind_what_it_has),
		cmocka_unit_test(what_is_no_capture_or_of_another_link_is_refused),
		cmocka_unit_test(progress_goes_from_the_header_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
