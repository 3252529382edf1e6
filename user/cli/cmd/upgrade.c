// SPDX-License-Identifier: GPL-2.0-only
/* upgrade-check: what a start of this version's slash64d would do with what is in force. Reads
 * the pinned maps itself, because the running slash64d is another version.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "config/config.h"
#include "base/permission.h"
#include "cli/lib/output/print.h"
#include "maps/maps.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

static json_t *ifaces_to_json(const struct maps *maps, bool carries)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < maps->meta->iface_slots; i++) {
		const struct s64_iface_slot *slot = &maps->meta->iface[i];
		bool same = carries && slot->program == program_hash(maps);

		if (!slot->name[0])
			continue;
		json_array_append_new(array, json_pack("{s:s%, s:s}", "name", slot->name,
						       strnlen(slot->name, sizeof(slot->name)),
						       "program", same ? "same" : "replaced"));
	}
	return array;
}

/* *tables is open if it returns 0. */
static int look(const struct config *config, struct maps *maps, const char **what, const char **why,
		struct error *error)
{
	struct maps_size size = config_tables_size(config);
	char hint[PERMISSION_HINT_MAX], path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/maps", config->pins);
	if (access(config->pins, X_OK) && errno == EACCES)
		return error_set(error, -EACCES, "cannot read %s: %s%s", config->pins,
				 strerror(EACCES), permission_hint(PERMISSION_FILE, -EACCES, hint));
	err = maps_adopt(maps, path, error);
	if (err == -ENOENT) {
		*what = N_("new");
		error_set(error, err, "none yet in %s", config->pins);
		*why = error->text;
	} else if (err == -ESTALE) {
		*what = N_("rebuilt");
		*why = error->text;
	} else if (!err) {
		bool fit = maps_fit(maps, &size);

		*what = fit ? N_("kept") : N_("rebuilt");
		*why = fit ? N_("the layout is the same") :
			     N_("the sizes in the configuration differ");
	}
	return err;
}

static void print_table(const json_t *answer)
{
	const char *maps = member_text(answer, "maps");
	char text[SAID_MAX];
	size_t i;
	json_t *iface;

	printf(_("maps      %s: %s\n"), _(maps), said(member_text(answer, "why"), text));
	if (!strcmp(maps, "kept"))
		printf(_("          blocks, counters and limiter state stay as they are\n"));
	else if (!strcmp(maps, "rebuilt"))
		printf(_(
			"          new ones are made beside them, filled from the store, and switched to; limiter state\n"
			"          begins anew\n"));
	json_array_foreach (json_object_get(answer, "interfaces"), i, iface)
		printf(_("%-9s the program is %s\n"), member_text(iface, "name"),
		       !strcmp(member_text(iface, "program"), "same") ? _("the same, and stays") :
									_("replaced, in one step"));
	if (!strcmp(maps, "new"))
		printf(_(
			"Nothing is filtered with these maps before slash64d is started: systemctl start slash64d\n"));
	else
		printf(_(
			"No packet goes unfiltered either way. It happens when slash64d is started: systemctl restart slash64d\n"));
}

static int check(struct context *context, const struct config *config)
{
	const char *what = NULL, *why = NULL;
	struct maps maps;
	struct error error;
	json_t *answer;
	int err = look(config, &maps, &what, &why, &error);

	if (!what)
		return refused(&error);
	answer = json_pack("{s:s, s:s, s:s, s:i, s:o}", "version", SLASH64_VERSION, "maps", what,
			   "why", why, "layout", S64_LAYOUT, "interfaces",
			   err ? json_array() : ifaces_to_json(&maps, !strcmp(what, "kept")));
	if (context->json)
		print_json(answer);
	else
		print_table(answer);
	json_decref(answer);
	if (!err)
		maps_close(&maps);
	return EXIT_DONE;
}

int command_upgrade(struct context *context)
{
	const char *file = CONFIG_FILE_DEFAULT;
	const struct option_spec specs[] = {{"config", &file, NULL}, {NULL, NULL, NULL}};
	struct config config;
	struct error error;
	int code = take_options(context, specs, 0, 0);

	if (code >= 0)
		return code;
	if (config_load(&config, file, &error))
		return refused(&error);
	code = check(context, &config);
	config_free(&config);
	return code;
}
