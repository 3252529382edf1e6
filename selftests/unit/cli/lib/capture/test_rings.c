// SPDX-License-Identifier: GPL-2.0-only
/* A record of a ring is used only if its parts make sense; the order of what is read (the rings
 * themselves are the kernel's: selftests/datapath/kernel/test_capture.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <slash64/maps.h>

#include "cli/lib/capture/rings.h"

static union {
	struct s64_capture_record record;
	char bytes[256];
} ring;

#define HEAD sizeof(struct s64_capture_record)

static void a_record_must_have_the_packet_it_tells_of(void **state)
{
	(void)state;
	ring.record = (struct s64_capture_record){.length = 100, .captured = 60};
	assert_non_null(rings_check(&ring, HEAD + 60));
	assert_non_null(rings_check(&ring, HEAD + 96)); /* as long as a few lengths go */
	assert_null(rings_check(&ring, HEAD + 59));
	assert_null(rings_check(&ring, HEAD - 1));
	assert_null(rings_check(&ring, 0));
	ring.record.captured = 101; /* more than came in */
	assert_null(rings_check(&ring, sizeof(ring)));
	ring.record.captured = 60;
	ring.record.iface_slot = S64_IFACES_MAX;
	assert_null(rings_check(&ring, sizeof(ring)));
	ring.record.iface_slot = S64_IFACES_MAX - 1;
	assert_non_null(rings_check(&ring, sizeof(ring)));
	ring.record.captured = UINT32_MAX;
	assert_null(rings_check(&ring, sizeof(ring)));
	ring.record.captured = 60;
	ring.record.verdict = S64_VERDICT_COUNT;
	assert_null(rings_check(&ring, sizeof(ring)));
}

static void what_is_no_ring_is_refused(void **state)
{
	struct rings *rings;
	struct error error;
	int fd = -1;

	(void)state;
	assert_true(rings_open(&fd, 1, &rings, &error) < 0);
	assert_non_null(strstr(error.text, "ring"));
	rings_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_must_have_the_packet_it_tells_of),
		cmocka_unit_test(what_is_no_ring_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
