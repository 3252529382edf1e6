// SPDX-License-Identifier: GPL-2.0-only
/* doctor: will this machine do, and is slash64 well on it? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/lib/doctor/doctor.h"
#include "cli/lib/doctor/examine.h"
#include "cli/lib/doctor/links.h"
#include "cli/lib/doctor/support.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "base/text/language.h"

struct visit {
	const struct context *context;
	const struct doctor *doctor;
	struct doctor_iface *iface;
	size_t iface_count;
	FILE *out; /* what is told, for a person or in JSON */
	unsigned int count[FINDING_RESULTS];
};

/* --- which interfaces --- */

static int add_iface(struct visit *visit, const struct doctor_link *link)
{
	struct doctor_iface *more;

	for (size_t i = 0; i < visit->iface_count; i++)
		if (visit->iface[i].link == link)
			return 0;
	more = realloc(visit->iface, (visit->iface_count + 1) * sizeof(*more));
	if (!more)
		return out_of_memory();
	visit->iface = more;
	examine_iface(visit->doctor, link, &visit->iface[visit->iface_count++]);
	return 0;
}

static int add_sensible(struct visit *visit, bool any)
{
	const struct doctor *doctor = visit->doctor;
	int code = 0;

	for (size_t i = 0; i < doctor->link_count && !code; i++)
		if (examine_is_sensible(doctor, &doctor->link[i], any))
			code = add_iface(visit, &doctor->link[i]);
	return code;
}

/* One that is named; or those of the configuration; or those that somebody may want it on. */
static int choose(struct visit *visit, const char *name)
{
	const struct config *config = &visit->doctor->config;
	const struct doctor_link *link;
	struct error error;
	int code = 0;

	if (name) {
		link = links_find(visit->doctor, name);
		if (link)
			return add_iface(visit, link);
		error_set(&error, 0, _("there is no interface %.64s; 'ip link' lists them"), name);
		return refused(&error);
	}
	for (size_t i = 0; i < config->iface_count && !code; i++) {
		link = links_find(visit->doctor, config->iface[i].name);
		if (link)
			code = add_iface(visit, link);
	}
	if (!code && !config->iface_count)
		code = add_sensible(visit, false);
	if (!code && !config->iface_count && !visit->iface_count)
		code = add_sensible(visit, true);
	return code;
}

/* --- what is found --- */

static void tell(struct visit *visit, const struct finding *finding, const char *check,
		 const char *iface)
{
	json_t *object;

	visit->count[finding->result]++;
	if (!visit->context->json) {
		finding_print(visit->out, finding, check, iface);
		return;
	}
	object = finding_to_json(finding, check, iface);
	json_dumpf(object, visit->out, JSON_COMPACT);
	fputc('\n', visit->out);
	json_decref(object);
}

static void run_check(struct visit *visit, const struct doctor_check *check,
		      const struct doctor_iface *iface)
{
	struct finding finding;

	if (check->run(visit->doctor, iface, &finding))
		tell(visit, &finding, check->name, iface ? iface->link->name : NULL);
}

/* Of the configuration, but not in the kernel. */
static void tell_missing(struct visit *visit)
{
	const struct config *config = &visit->doctor->config;
	struct finding finding;

	for (size_t i = 0; i < config->iface_count; i++) {
		const char *name = config->iface[i].name;

		if (links_find(visit->doctor, name))
			continue;
		finding_set(
			&finding, FINDING_WARNING,
			_("it is in the configuration, and there is no such interface: slash64d "
			  "attaches when it comes\nip link lists interfaces"));
		tell(visit, &finding, "link", name);
	}
}

static void run_checks(struct visit *visit, bool all)
{
	const struct doctor_check *check = doctor_checks, *first;

	while (check->name && !check->of_iface)
		run_check(visit, check++, NULL);
	if (all)
		tell_missing(visit);
	first = check;
	for (size_t i = 0; i < visit->iface_count; i++)
		for (check = first; check->name && check->of_iface; check++)
			run_check(visit, check, &visit->iface[i]);
	for (check = first; check->name; check++)
		if (!check->of_iface)
			run_check(visit, check, NULL);
}

static void print_sum(const struct visit *visit)
{
	unsigned int problems = visit->count[FINDING_PROBLEM],
		     warnings = visit->count[FINDING_WARNING];

	fputc('\n', visit->out);
	fprintf(visit->out, P_("%u problem, ", "%u problems, ", problems), problems);
	fprintf(visit->out, P_("%u warning, ", "%u warnings, ", warnings), warnings);
	fprintf(visit->out, _("%u ok\n"), visit->count[FINDING_OK]);
}

/* --- the verb --- */

static int pack(struct visit *visit, struct support *support)
{
	char size[PRINT_MAX], *findings = NULL;
	size_t bytes = 0;
	const struct context *context = visit->context;
	struct context for_people = *context;
	struct error error;
	json_t *object;
	int err;

	for_people.json = false;
	visit->context = &for_people;
	visit->out = open_memstream(&findings, &bytes);
	if (!visit->out)
		return out_of_memory();
	run_checks(visit, true);
	print_sum(visit);
	fclose(visit->out);
	visit->context = context;
	err = support_write(visit->doctor, findings, support, &error);
	free(findings);
	if (err)
		return refused(&error);
	object = json_pack("{s:s, s:I}", "output", support->file, "bytes",
			   (json_int_t)support->bytes);
	if (!strcmp(support->file, "-"))
		;
	else if (context->json)
		print_json(object);
	else
		printf(support->with_addresses ?
			       "%s: %s. Look at it before you send it: addresses are in it\n" :
			       "%s: %s. Look at it before you send it\n",
		       support->file, print_bytes(support->bytes, size));
	json_decref(object);
	return EXIT_DONE;
}

static int examine(struct visit *visit, const char *name, struct support *support)
{
	int code = choose(visit, name);

	if (code)
		return code;
	if (support->file)
		return pack(visit, support);
	visit->out = stdout;
	run_checks(visit, !name);
	if (!visit->context->json)
		print_sum(visit);
	return visit->count[FINDING_PROBLEM] ? EXIT_REFUSED : EXIT_DONE;
}

int command_doctor(struct context *context)
{
	const char *file = NULL;
	struct support support = {};
	const struct option_spec specs[] = {{"config", &file, NULL},
					    {"support", &support.file, NULL},
					    {"with-addresses", NULL, &support.with_addresses},
					    {NULL, NULL, NULL}};
	struct doctor doctor;
	struct visit visit = {.context = context, .doctor = &doctor};
	struct error error;
	int code = take_options(context, specs, 0, 1);

	if (code >= 0)
		return code;
	if (support.with_addresses && !support.file)
		return usage_error(context, _("%s belongs to %s"), "--with-addresses", "--support");
	if (support.file)
		language_english(); /* whoever is to help reads it */
	code = doctor_open(&doctor, context->socket, file, &error) ?
		       refused(&error) :
		       examine(&visit, context->argc ? context->argv[0] : NULL, &support);
	free(visit.iface);
	doctor_close(&doctor);
	return code;
}
