// SPDX-License-Identifier: GPL-2.0-only
#include "config_json.h"

#include <string.h>

#include "daemon/api/http/reply.h"
#include "daemon/confirm.h"
#include "net/prefix_set.h"
#include "daemon/store/store.h"

struct of_config {
	struct changes *changes;
	struct prefix_set prefixes;
};

static bool add_of_config(const struct store_block *row, void *data)
{
	struct of_config *of_config = data;

	changes_breathe(of_config->changes);
	return strcmp(row->origin, STORE_ORIGIN_CONFIG) ||
	       !prefix_set_add(&of_config->prefixes, &row->prefix);
}

/* The prefix of a row "block 2001:db8::/64", or false. */
static bool prefix_of_row(const json_t *row, const char *word, struct prefix *prefix)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	size_t length = strlen(word);
	enum prefix_note note;

	return name && !strncmp(name, word, length) && name[length] == ' ' &&
	       !prefix_parse_whole(name + length + 1, prefix, &note);
}

json_t *config_rows_in_force(const struct daemon *daemon, json_t *rows)
{
	struct of_config allowed = {.changes = daemon->changes}, blocked = allowed;
	struct store *store = daemon->blocks.store;
	struct error ignored;
	int err = rows ? store_allowlist(store, add_of_config, &allowed, &ignored) : -1;

	if (!err)
		err = store_blocks_of_config(store, add_of_config, &blocked, &ignored);
	for (size_t i = json_array_size(rows); !err && i-- > 0;) {
		const json_t *row = json_array_get(rows, i);
		struct prefix prefix;

		changes_breathe(daemon->changes);
		if ((prefix_of_row(row, "allow", &prefix) &&
		     !prefix_set_has(&allowed.prefixes, &prefix)) ||
		    (prefix_of_row(row, "block", &prefix) &&
		     !prefix_set_has(&blocked.prefixes, &prefix)))
			json_array_remove(rows, i);
	}
	prefix_set_free(&allowed.prefixes);
	prefix_set_free(&blocked.prefixes);
	if (!err)
		return rows;
	json_decref(rows);
	return NULL;
}

json_t *confirmation_to_json(const struct daemon *daemon)
{
	struct confirm_state state;

	if (!confirm_state(daemon, &state))
		return json_null();
	return json_pack("{s:o, s:s, s:s}", "until", time_to_json(state.until_ms), "who", state.who,
			 "state", state.returned ? "returned" : "waiting");
}
