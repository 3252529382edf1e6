// SPDX-License-Identifier: GPL-2.0-only
/* What the live `top` shows, and what its keys do, without a terminal. */
#include "../../cli_test.h"
#include "cli/lib/top/top_view.h"

static struct top_view view;
static char buf[TOP_LINE_MAX];

static json_t *source(const char *name, double rate, double dropped, double peak)
{
	return json_pack("{s:s, s:f, s:f, s:f, s:s, s:s, s:f}", "source", name,
			 "packets_per_second", rate, "dropped_packets_per_second", dropped,
			 "peak_packets_per_second", peak, "class", "udp", "reason", "blocked",
			 "dropped_percent", 50.0);
}

static void take(double a, double b, double c)
{
	json_t *rows = json_array();

	json_array_append_new(rows, source("2001:db8:1::/64", a, 1, 9));
	json_array_append_new(rows, source("2001:db8:2::/64", b, 2, 8));
	json_array_append_new(rows, source("2001:db8:3::/64", c, 3, 7));
	top_view_take(&view, rows);
}

static int set_up(void **state)
{
	(void)state;
	view = (struct top_view){.page = 2};
	take(10, 30, 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	top_view_free(&view);
	return 0;
}

static void line_has(size_t row, const char *text)
{
	if (!strstr(top_view_line(&view, row, 80, buf), text))
		fail_msg("no '%s' in '%s'", text, buf);
}

static void the_loudest_is_first_and_every_line_fits(void **state)
{
	(void)state;
	line_has(0, "> 2001:db8:2::/64");
	line_has(1, "  2001:db8:3::/64");
	line_has(2, "  2001:db8:1::/64");
	assert_string_equal(top_view_line(&view, 3, 80, buf), "");
	for (int width = 1; width < 300; width++) {
		assert_true(strlen(top_view_line(&view, 0, width, buf)) <= (size_t)width);
		assert_true(strlen(top_view_header(&view, width, buf)) <= (size_t)width);
	}
}

static void another_column_sorts_and_is_marked(void **state)
{
	(void)state;
	assert_non_null(strstr(top_view_header(&view, 80, buf), "*PACKETS/S"));
	assert_int_equal(top_view_key(&view, '>'), TOP_SHOW);
	assert_non_null(strstr(top_view_header(&view, 80, buf), "*DROPPED/S"));
	line_has(0, "2001:db8:3::/64");
	top_view_key(&view, 'R');
	line_has(0, "2001:db8:1::/64");
	top_view_key(&view, '<');
	top_view_key(&view, '<');
	assert_non_null(strstr(top_view_header(&view, 80, buf), "*SINCE"));
}

static void the_selected_row_stays_selected_wherever_it_goes(void **state)
{
	(void)state;
	top_view_key(&view, TOP_KEY_DOWN);
	line_has(1, "> 2001:db8:3::/64");
	take(40, 30, 20);
	line_has(2, "> 2001:db8:3::/64");
	assert_int_equal(view.first, 1); /* scrolled to it */
	top_view_key(&view, TOP_KEY_END);
	top_view_key(&view, TOP_KEY_DOWN);
	assert_int_equal(view.at, 2);
	top_view_key(&view, TOP_KEY_HOME);
	top_view_key(&view, TOP_KEY_UP);
	assert_int_equal(view.at, 0);
	top_view_key(&view, TOP_KEY_PAGE_DOWN);
	assert_int_equal(view.at, 2);
	top_view_take(&view, json_array());
	assert_int_equal(view.at, 0);
	assert_null(top_view_row(&view));
}

static void a_block_is_asked_for_with_check_characters(void **state)
{
	(void)state;
	top_view_free(&view);
	view.rows = json_array();
	json_array_append_new(view.rows, source("2001:db8:bad:1::/64", 1, 1, 1));
	assert_int_equal(top_view_key(&view, 'b'), TOP_SHOW);
	assert_string_equal(top_view_bottom(&view, buf),
			    "block 2001:db8:bad:1::/64 (check U1)? [y/N]");
	assert_int_equal(top_view_key(&view, 'q'), TOP_SHOW); /* any other key is a no */
	assert_string_equal(top_view_bottom(&view, buf), "nothing is changed");
	top_view_key(&view, 'b');
	assert_int_equal(top_view_key(&view, 'y'), TOP_BLOCK);
	assert_string_equal(top_view_asked(&view), "2001:db8:bad:1::/64");
}

static void a_class_cannot_be_blocked(void **state)
{
	(void)state;
	assert_int_equal(top_view_key(&view, 'c'), TOP_FETCH);
	top_view_take(&view, json_pack("[{s:s}]", "class", "udp"));
	top_view_key(&view, 'b');
	assert_non_null(strstr(top_view_bottom(&view, buf), "a source or a /48"));
	assert_string_equal(top_view_asked(&view), "");
}

static void each_key_does_what_the_bottom_line_says(void **state)
{
	(void)state;
	assert_int_equal(top_view_key(&view, 'p'), TOP_SHOW);
	assert_non_null(strstr(top_view_title(&view, "now", buf), "PAUSED"));
	assert_int_equal(top_view_key(&view, ' '), TOP_FETCH);
	assert_null(strstr(top_view_title(&view, "now", buf), "PAUSED"));
	assert_int_equal(top_view_key(&view, 's'), TOP_SHOW); /* as it is */
	assert_int_equal(top_view_key(&view, 'd'), TOP_FETCH);
	assert_int_equal(top_view_key(&view, '4'), TOP_FETCH);
	assert_int_equal(top_view_key(&view, 'r'), TOP_FETCH);
	assert_int_equal(top_view_key(&view, 'L' - '@'), TOP_REPAINT);
	assert_int_equal(top_view_key(&view, 0), TOP_SHOW);
	assert_int_equal(top_view_key(&view, 0x1f600), TOP_SHOW);
	assert_int_equal(top_view_key(&view, 'q'), TOP_QUIT);
}

static void a_name_without_room_is_in_the_details(void **state)
{
	static const char name[] = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128";

	(void)state;
	top_view_take(&view, json_pack("[o]", source(name, 1, 1, 1)));
	line_has(0, "2001:db8:ffff:ffff:fff~");
	assert_non_null(strstr(top_view_details(&view, 0, buf), name));
	assert_non_null(strstr(top_view_details(&view, 1, buf), "udp  blocked"));
	assert_non_null(strstr(top_view_line(&view, 0, 132, buf), name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_loudest_is_first_and_every_line_fits, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_column_sorts_and_is_marked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_selected_row_stays_selected_wherever_it_goes,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_block_is_asked_for_with_check_characters, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_class_cannot_be_blocked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_key_does_what_the_bottom_line_says, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_name_without_room_is_in_the_details, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
