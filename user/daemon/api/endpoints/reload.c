// SPDX-License-Identifier: GPL-2.0-only
/* The control API: reload, permanent or for a while, and what it has changed. */
#include <errno.h>
#include <event2/http.h>

#include "config/config_diff.h"
#include "daemon/api/json/config_json.h"
#include "daemon/confirm.h"
#include "feeds.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"

#define FOR_MAX_S	(7 * 86400)
#define DIFFERENCES_MAX 1000 /* reported differences; the rest is counted */

/* As in the file, including what only a restart changes. */
static json_t *rows_of_file(const struct daemon *daemon, const struct pace *pace)
{
	struct config config;
	struct error ignored;
	json_t *rows;

	if (config_load_paced(&config, daemon->config.file, pace, &ignored))
		return config_to_rows(&daemon->config, pace);
	rows = config_to_rows(&config, pace);
	config_free(&config);
	return rows;
}

static json_t *reloaded_to_json(const struct daemon *daemon, int changes, json_t *differences)
{
	size_t count = json_array_size(differences);

	while (json_array_size(differences) > DIFFERENCES_MAX) {
		json_array_remove(differences, json_array_size(differences) - 1);
		changes_breathe(daemon->changes);
	}
	return json_pack("{s:s, s:i, s:s, s:o, s:I, s:o, s:o}", "config", daemon->config.file,
			 "changes", changes, "message", "the configuration is in force",
			 "differences", differences, "differences_count", (json_int_t)count,
			 "feeds", control_feeds_to_json(daemon, true), "confirmation",
			 confirmation_to_json(daemon));
}

void control_post_reload(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor)
{
	const struct pace pace = changes_pace(daemon->changes);
	json_t *before = config_rows_in_force(daemon, config_to_rows(&daemon->config, &pace)),
	       *after;
	struct error error;
	double seconds;
	int changes = request_number(request, "for_seconds", 0, FOR_MAX_S, &seconds, &error);

	if (!changes)
		changes = daemon_reload_for(daemon, actor, seconds * 1000, &error);

	if (changes < 0) {
		reply_error(request, changes == -ENOENT ? -EINVAL : changes, &error);
	} else {
		after = config_rows_in_force(daemon, rows_of_file(daemon, &pace));
		reply_object(request,
			     reloaded_to_json(daemon, changes, config_diff(before, after, &pace)));
		config_rows_free(after, &pace);
	}
	config_rows_free(before, &pace);
}

void control_post_confirm(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	struct error error;
	int err = confirm_yes(daemon, actor, &error);

	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s}", "confirmed", daemon->config.file));
}
