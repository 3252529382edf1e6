// SPDX-License-Identifier: GPL-2.0-only
/* report, registry: who sends reports of abuse, and who holds which prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_test.h"

static void a_sender_has_a_name_an_address_and_a_domain(void **state)
{
	take("report: {organization: 'Example, Networks', contact: abuse@example.net, "
	     "domain: example.net, templates: /etc/slash64/report}");
	assert_string_equal(config.report.organization, "Example, Networks");
	assert_string_equal(config.report.contact, "abuse@example.net");
	assert_string_equal(config.report.domain, "example.net");
	assert_string_equal(config.report.templates, "/etc/slash64/report");
	config_free(&config);
	refuse("report: {contact: abuse}", "contact: 'abuse' is not a mail address");
	refuse("report: {contact: '@example.net'}", "is not a mail address");
	refuse("report: {contact: 'a@b@c'}", "is not a mail address");
	refuse("report: {contact: 'A <a@example.net>'}", "is not a mail address");
	refuse("report: {domain: localhost}", "domain: 'localhost' is not a domain");
	refuse("report: {domain: 'exa mple.net'}", "is not a domain");
	refuse("report:\n  organization: \"a\\nb\"\n",
	       "test.yaml:2: organization must have no control characters");
	refuse("report: {templates: report}", "templates: 'report' must be an absolute path");
	refuse("report: {organisation: x}", "did you mean 'organization'");
}

static void a_registry_is_a_file_or_a_list_of_files(void **state)
{
	take("registry: /var/lib/delegated-apnic");
	assert_int_equal(config.registry_count, 1);
	assert_string_equal(config.registry[0], "/var/lib/delegated-apnic");
	config_free(&config);
	take("registry: [/a, /b]");
	assert_int_equal(config.registry_count, 2);
	assert_string_equal(config.registry[1], "/b");
	config_free(&config);
	refuse("registry: a", "registry: 'a' must be an absolute path");
	refuse("registry: [/1,/2,/3,/4,/5,/6,/7,/8,/9,/10,/11,/12,/13,/14,/15,/16,/17]",
	       "more than 16 files in registry");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sender_has_a_name_an_address_and_a_domain),
		cmocka_unit_test(a_registry_is_a_file_or_a_list_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
