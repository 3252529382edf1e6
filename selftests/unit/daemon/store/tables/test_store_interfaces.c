// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces attached by hand, and names seen before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"
#include "config/config.h"

static void add_iface(const struct store_iface *iface, void *data)
{
	size_t n = strlen(rows);

	snprintf(rows + n, sizeof(rows) - n, "%s:%d/%d ", iface->name, iface->mode, iface->filter);
}

static const char *ifaces(void)
{
	rows[0] = '\0';
	done(store_ifaces(store, add_iface, NULL, &error));
	return rows;
}

static void an_interface_is_kept_with_its_mode_and_filter(void **state)
{
	struct store_iface iface = {"wan0", MODE_GENERIC, -1};

	done(store_iface_put(store, &iface, &error));
	iface.filter = FILTER_MONITOR;
	done(store_iface_put(store, &iface, &error));
	store_again();
	assert_string_equal(ifaces(), "wan0:2/1 ");
	done(store_iface_remove(store, "wan0", &error));
	assert_string_equal(ifaces(), "");
}

static void one_that_makes_no_sense_is_left_out(void **state)
{
	struct store_iface good = {"wan0", MODE_AUTO, -1}, bad[] = {{"", MODE_AUTO, -1},
								    {"a", 3, -1},
								    {"b", -1, -1},
								    {"c", MODE_AUTO, 2},
								    {"d", MODE_AUTO, -2}};

	done(store_iface_put(store, &good, &error));
	/* the table itself may refuse it */
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		store_iface_put(store, &bad[i], &error);
	assert_string_equal(ifaces(), "wan0:0/-1 ");
}

static void a_name_seen_once_stays_seen(void **state)
{
	assert_false(store_iface_was_seen(store, "wan0"));
	done(store_iface_see(store, "wan0", &error));
	done(store_iface_see(store, "wan0", &error));
	store_again();
	assert_true(store_iface_was_seen(store, "wan0"));
	assert_false(store_iface_was_seen(store, "wan"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_interface_is_kept_with_its_mode_and_filter,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(one_that_makes_no_sense_is_left_out, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_name_seen_once_stays_seen, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
