// SPDX-License-Identifier: GPL-2.0-only
/* slash64-flowspec: started by ExaBGP, it executes the rules that ExaBGP was announced. Standard output
 * would be commands to ExaBGP: it stays silent.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "flowspec.h"
#include "service/program.h"

static const struct program program = {
	.name = "slash64-flowspec",
	.usage = "usage: slash64-flowspec [--config FILE] [--check]\n"
		 "\n"
		 "  --config FILE  the configuration, by default " FLOWSPEC_FILE_DEFAULT "\n"
		 "  --check        check the configuration, and do nothing else\n"
		 "  --version      print the version\n"
		 "  --help         print this help\n"
		 "\n"
		 "See slash64-flowspec(8).\n",
};

static int fail(const struct error *error)
{
	fprintf(stderr, "slash64-flowspec: %s\n", error->text);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct program_line line = {.config = FLOWSPEC_FILE_DEFAULT};
	static struct flowspec flowspec;
	struct service service = {
		.name = program.name,
		.metrics = flowspec.settings.metrics,
		.write_metrics = flowspec_write_metrics,
		.work = flowspec_work,
		.data = &flowspec,
	};
	struct error error;
	int err, code = program_read_line(&program, argc, argv, &line);

	if (code >= 0)
		return code;
	err = flowspec_settings_load(&flowspec.settings, line.config, &error);
	if (err)
		return fail(&error);
	if (line.check) {
		printf("%s: origin %s\n", line.config, flowspec.settings.origin);
		return EXIT_SUCCESS;
	}
	err = flowspec_open(&flowspec, &error);
	if (!err) {
		log_info("slash64-flowspec %s reads rules of ExaBGP", SLASH64_VERSION);
		err = service_run(&service, &error);
	}
	flowspec_close(&flowspec);
	return err ? fail(&error) : EXIT_SUCCESS;
}
