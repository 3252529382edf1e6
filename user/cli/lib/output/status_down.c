// SPDX-License-Identifier: GPL-2.0-only
/* status if slash64d does not run: what still filters. */
#include <stdio.h>

#include "config/config.h"
#include "base/text/language.h"
#include "said.h"
#include "print.h"
#include "status_output.h"
#include "table.h"

static const struct table_column columns[] = {
	{N_("INTERFACE"), false, 0, false},
	{N_("STATE"), false, 0, false},
	{N_("MODE"), false, 0, false},
	{N_("FILTER"), false, 0, false},
	{},
};

static void print_found(const json_t *answer)
{
	struct table *table;
	char count[PRINT_MAX];
	json_t *iface;
	size_t i;

	printf(_("NOT WELL: %s\n"), member_text(answer, "text"));
	if (!json_array_size(json_object_get(answer, "interfaces")))
		return;
	printf(_(
		"Blocks do not end, feeds are not read, and nothing can be changed until it runs: systemctl start slash64d\n\n"));
	table = table_new(columns);
	json_array_foreach (json_object_get(answer, "interfaces"), i, iface) {
		const char *const cells[] = {member_text(iface, "name"),
					     member_text(iface, "state"),
					     member_text(iface, "mode"),
					     member_text(iface, "filter")};

		if (table)
			table_row(table, cells);
	}
	table_end(table);
	printf(_("\nsources blocked or throttled: %s; read from %s\n"),
	       print_count(member_integer(answer, "sources"), count), member_text(answer, "pins"));
}

static int tell(const struct context *context, json_t *answer, const struct error *why)
{
	char text[SAID_MAX];

	fprintf(stderr, "slash64: %s\n", said(why->text, text));
	if (context->json)
		print_json(answer);
	else
		print_found(answer);
	json_decref(answer);
	return EXIT_REFUSED;
}

int status_of_kernel(const struct context *context, const char *pins, const struct error *why)
{
	struct config config;
	struct error ignored;
	json_t *answer;

	if (pins || config_load(&config, CONFIG_FILE_DEFAULT, &ignored))
		return tell(context, status_kernel_look(pins ? pins : CONFIG_PINS_DEFAULT), why);
	answer = status_kernel_look(config.pins);
	config_free(&config);
	return tell(context, answer, why);
}
