/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of the test's: facts, and files below a directory. */
#ifndef SELFTESTS_UNIT_CLI_LIB_DOCTOR_MADE_UP_H
#define SELFTESTS_UNIT_CLI_LIB_DOCTOR_MADE_UP_H

#include <errno.h>
#include <limits.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/doctor/doctor.h"

static char root[PATH_MAX];
static struct doctor_link made_link[4];
static struct doctor machine;
static struct doctor_iface nic;
static struct finding finding;

/* A hardware link eth0 of this driver, which is up, on Linux 6.1. */
static __attribute__((unused)) void make_up(const char *driver)
{
	memset(made_link, 0, sizeof(made_link));
	made_link[0] = (struct doctor_link){.name = "eth0",
					    .index = 2,
					    .flags = IFF_UP,
					    .mtu = 1500,
					    .arp_type = ARPHRD_ETHER,
					    .carrier = true,
					    .tx_queues = 4,
					    .rx_queues = 4};
	machine = (struct doctor){.root = root,
				  .kernel = "6.1.0-25-amd64",
				  .cpus = 4,
				  .now_s = 1795000000,
				  .clock_synchronized = true,
				  .link = made_link,
				  .link_count = 1};
	nic = (struct doctor_iface){.link = &made_link[0],
				    .mode = MODE_AUTO,
				    .is_hardware = true,
				    .rx_queues = 4};
	snprintf(nic.driver, sizeof(nic.driver), "%s", driver);
	memset(&finding, 0, sizeof(finding));
}

static __attribute__((unused)) void write_file(const char *path, const char *text)
{
	char whole[PATH_MAX * 2];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *at = whole + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(whole, 0700);
		*at = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static __attribute__((unused)) int make_root(void **state)
{
	snprintf(root, sizeof(root), "/tmp/s64-doctor-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static __attribute__((unused)) int remove_root(void **state)
{
	char command[PATH_MAX + 32];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* The finding of a check: its result, a part of its text and of what to type; NULL: nothing. */
static __attribute__((unused)) void expect(check_t check, enum finding_result result,
					   const char *text, const char *hint)
{
	assert_true(check(&machine, &nic, &finding));
	if (finding.result != result || !strstr(finding.text, text))
		fail_msg("%s: %s (not %s: %s)", finding_words[finding.result], finding.text,
			 finding_words[result], text);
	if (hint && (!finding.hint || !strstr(finding.hint, hint)))
		fail_msg("%s: to type: %s (not %s)", finding.text, finding.hint, hint);
	if (!hint)
		assert_null(finding.hint);
}

#define expect_nothing(check) assert_false((check)(&machine, &nic, &finding))

#endif
