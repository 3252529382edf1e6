// SPDX-License-Identifier: GPL-2.0-only
/* slash64-rtbh: routes of private tables of the kernel are blocks. It reads rtnetlink and speaks to
 * slash64d, and needs no rights.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "rtbh.h"
#include "service/program.h"

static const struct program program = {
	.name = "slash64-rtbh",
	.usage = "usage: slash64-rtbh [--config FILE] [--check] [list]\n"
		 "\n"
		 "  --config FILE  the configuration, by default " SETTINGS_FILE_DEFAULT "\n"
		 "  --check        check the configuration, and do nothing else\n"
		 "  list           print the routes of its tables, and what each would do\n"
		 "  --version      print the version\n"
		 "  --help         print this help\n"
		 "\n"
		 "See slash64-rtbh(8).\n",
	.takes_argument = true,
};

static int fail(const struct error *error)
{
	fprintf(stderr, "slash64-rtbh: %s\n", error->text);
	return EXIT_FAILURE;
}

static int run(struct rtbh *rtbh, struct error *error)
{
	struct service service = {
		.name = program.name,
		.metrics = rtbh->settings.metrics,
		.write_metrics = rtbh_write_metrics,
		.work = rtbh_work,
		.data = rtbh,
	};
	int err = rtbh_open(rtbh, error);

	if (!err) {
		log_info("slash64-rtbh %s follows %zu tables", SLASH64_VERSION, rtbh->feed_count);
		err = service_run(&service, error);
	}
	rtbh_close(rtbh);
	return err;
}

int main(int argc, char **argv)
{
	struct program_line line = {.config = SETTINGS_FILE_DEFAULT};
	struct rtbh rtbh = {};
	struct error error;
	int err, code = program_read_line(&program, argc, argv, &line);

	if (code >= 0)
		return code;
	if (line.argument && strcmp(line.argument, "list")) {
		fprintf(stderr, "slash64-rtbh: unexpected argument '%s'; see slash64-rtbh --help\n",
			line.argument);
		return PROGRAM_EXIT_USAGE;
	}
	err = rtbh_settings_load(&rtbh.settings, line.config, &error);
	if (err)
		return fail(&error);
	if (line.check)
		printf("%s: %zu tables\n", line.config, rtbh.settings.feed_count);
	else if (line.argument)
		err = rtbh_list(&rtbh.settings, &error);
	else
		err = run(&rtbh, &error);
	rtbh_settings_free(&rtbh.settings);
	return err ? fail(&error) : EXIT_SUCCESS;
}
