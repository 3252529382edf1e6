// SPDX-License-Identifier: GPL-2.0-only
#include "confirm.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"
#include "base/time.h"
#include "base/text/when.h"

#define RETRY_MS 10000 /* a return that failed is retried */
#define HELD_MS	 1000  /* another process holds the store */
/* The wall clock may jump, as at the boot of a machine whose clock has no battery: it is looked at
 * again.
 */
#define LOOK_MS	 5000
#define US_IN_MS 1000

struct confirm {
	struct daemon *daemon;
	struct event *event;
	int64_t until_ms; /* 0: nothing is waiting */
	bool returned;	  /* the file contains the configuration that was not confirmed */
	bool queued;	  /* the return waits for changes before it, or is under way */
	char who[ACTOR_NAME_MAX];
	char failure[ERROR_TEXT_MAX]; /* of the last attempt to return; "" if there was none */
	int64_t failed_ms;
	int64_t retry_at_ms; /* CLOCK_MONOTONIC; after a failure */
};

/* FNV-1a */
static uint64_t digest_of(const char *text, size_t bytes)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	return hash;
}

static uint64_t digest_of_config(const struct config *config)
{
	return digest_of(config->text, config->text_bytes);
}

/* --- start --- */

int confirm_before_start(struct config *config, struct error *error)
{
	struct store_unconfirmed record;
	struct config before;
	int err = store_unconfirmed_peek(config->state, &record);

	if (err || record.digest != digest_of_config(config) ||
	    (record.until_ms && record.until_ms > clock_wall_ms())) {
		store_unconfirmed_free(&record);
		return 0;
	}
	err = config_load_text(&before, config->file, record.before, record.bytes, error);
	if (!err) {
		log_warning("%s is the unconfirmed configuration: loading the "
			    "previous one; correct the file, and reload",
			    config->file);
		config_free(config);
		*config = before;
	}
	store_unconfirmed_free(&record);
	return err;
}

static void arm(struct confirm *confirm, int64_t ms)
{
	struct timeval span;

	if (ms < 0)
		ms = 0;
	if (ms > LOOK_MS)
		ms = LOOK_MS;
	span = (struct timeval){ms / 1000, ms % 1000 * 1000};
	event_add(confirm->event, &span);
}

/* Reads the store, and waits as it says. */
static int look(struct confirm *confirm, struct store_unconfirmed *record, struct error *error)
{
	int err = store_unconfirmed_get(confirm->daemon->store, record, error);

	if (err && err != -ENOENT)
		return err;
	event_del(confirm->event);
	confirm->until_ms = err ? 0 : record->until_ms;
	confirm->returned = !err && !record->until_ms;
	confirm->failure[0] = '\0';
	memcpy(confirm->who, record->who, sizeof(confirm->who));
	if (confirm->until_ms)
		arm(confirm, confirm->until_ms - clock_wall_ms());
	return 0;
}

void confirm_take_up(struct daemon *daemon)
{
	struct store_unconfirmed record = {};
	struct error error;

	if (daemon->confirm && look(daemon->confirm, &record, &error))
		log_error("%s", error.text);
	store_unconfirmed_free(&record);
}

/* Logged once for each reason; `status` has it as long as it lasts. */
static void note_failure(struct confirm *confirm, const char *why)
{
	if (!confirm->failure[0])
		confirm->failed_ms = clock_wall_ms();
	if (strcmp(confirm->failure, why))
		log_error(
			"the configuration was not confirmed, and the previous one failed: %s; retrying every %d s",
			why, RETRY_MS / 1000);
	snprintf(confirm->failure, sizeof(confirm->failure), "%s", why);
	confirm->retry_at_ms = clock_monotonic_ms() + RETRY_MS;
	arm(confirm, RETRY_MS);
}

/* Not yet, or no longer: waits. */
static bool is_due(struct confirm *confirm)
{
	int64_t left_ms = confirm->until_ms - clock_wall_ms(),
		retry_ms = confirm->retry_at_ms - clock_monotonic_ms();

	if (!confirm->until_ms || S64_MISTAKE(UNCONFIRMED_STAYS))
		return false;
	if (left_ms <= 0 && confirm->failure[0])
		left_ms = retry_ms;
	if (left_ms <= 0)
		return true;
	arm(confirm, left_ms);
	return false;
}

/* slash64d itself returns to the old configuration, as one change. Changes by hand meanwhile stay. */
static void go_back(void *data)
{
	struct confirm *confirm = data;
	struct error error;

	confirm->queued = false;
	if (!is_due(confirm)) /* it was confirmed by a change before this one */
		return;
	/* no failure of the configuration, and told by `status` as long as it lasts */
	if (store_is_held(confirm->daemon->store)) {
		arm(confirm, HELD_MS);
		return;
	}
	if (daemon_reload_before(confirm->daemon, &error) < 0) {
		note_failure(confirm, error.text);
		return;
	}
	log_warning(
		"the configuration was not confirmed in time: the previous one is in force again; %s still has the unconfirmed one",
		confirm->daemon->config.file);
}

static void on_time(evutil_socket_t fd, short what, void *data)
{
	struct confirm *confirm = data;

	(void)fd;
	(void)what;
	if (confirm->queued || !is_due(confirm))
		return;
	confirm->queued = true;
	changes_run(confirm->daemon->changes, go_back, confirm);
}

/* A start has put the configuration into force: the file, or the one before it. */
static int commit_start(struct daemon *daemon, struct store_unconfirmed *record,
			struct error *error)
{
	bool is_before = record->bytes == daemon->config.text_bytes &&
			 !memcmp(record->before, daemon->config.text, record->bytes);
	bool over = record->until_ms && record->until_ms <= clock_wall_ms();

	if (is_before && over) {
		record->until_ms = 0; /* this start has returned to it */
		return store_unconfirmed_put(daemon->store, record, error);
	}
	if (!is_before && !record->until_ms)
		/* the file was corrected meanwhile */
		return store_unconfirmed_remove(daemon->store, error);
	if (!is_before && record->digest != digest_of_config(&daemon->config)) {
		record->digest = digest_of_config(&daemon->config);
		return store_unconfirmed_put(daemon->store, record, error);
	}
	return 0;
}

int confirm_start(struct confirm **out, struct daemon *daemon, struct error *error)
{
	struct confirm *confirm = calloc(1, sizeof(*confirm));
	struct store_unconfirmed record = {};
	int err;

	if (confirm)
		confirm->event = event_new(daemon->base, -1, 0, on_time, confirm);
	if (!confirm || !confirm->event) {
		free(confirm);
		return error_set(error, -ENOMEM, "out of memory");
	}
	confirm->daemon = daemon;
	*out = confirm;
	err = store_unconfirmed_get(daemon->store, &record, error);
	if (!err)
		err = commit_start(daemon, &record, error);
	store_unconfirmed_free(&record);
	if (!err || err == -ENOENT)
		err = look(confirm, &record, error);
	store_unconfirmed_free(&record);
	return err;
}

void confirm_stop(struct confirm *confirm)
{
	if (!confirm)
		return;
	changes_forget(confirm->daemon->changes, confirm);
	event_free(confirm->event);
	free(confirm);
}

/* --- reload --- */

static int refuse_second(const struct confirm *confirm, struct error *error)
{
	char until[WHEN_TEXT_MAX];

	error_set(
		error, -EBUSY,
		"the configuration in force must be confirmed until %s; confirm it first, or reload for a time again",
		when_format_exact(confirm->until_ms * US_IN_MS, 0, until));
	return error_code(error, -EBUSY, ERROR_UNCONFIRMED);
}

int confirm_plan_reload(struct daemon *daemon, const struct actor *actor,
			const struct config *fresh, int64_t for_ms, struct confirm_plan *plan,
			struct error *error)
{
	const struct confirm *confirm = daemon->confirm;
	int err = 0;

	*plan = (struct confirm_plan){.removes = !for_ms && confirm && confirm->returned,
				      .puts = for_ms};
	if (!confirm)
		return for_ms ?
			       error_set(
				       error, -EINVAL,
				       "a configuration to be confirmed needs a running slash64d") :
			       0;
	if (!for_ms)
		return confirm->until_ms ? refuse_second(confirm, error) : 0;
	if (confirm->until_ms) /* the configuration that was last confirmed is the one to return to */
		err = store_unconfirmed_get(daemon->store, &plan->record, error);
	else if ((plan->record.before = malloc(daemon->config.text_bytes + 1)))
		memcpy(plan->record.before, daemon->config.text,
		       plan->record.bytes = daemon->config.text_bytes);
	else
		err = error_set(error, -ENOMEM, "out of memory");
	plan->record.digest = digest_of_config(fresh);
	plan->record.until_ms = clock_wall_ms() + for_ms;
	actor_name(actor, plan->record.who);
	plan->detail = "to be confirmed";
	return err;
}

int confirm_plan_write(struct daemon *daemon, const struct confirm_plan *plan, struct error *error)
{
	if (plan->puts)
		return store_unconfirmed_put(daemon->store, &plan->record, error);
	return plan->removes ? store_unconfirmed_remove(daemon->store, error) : 0;
}

void confirm_plan_free(struct confirm_plan *plan)
{
	store_unconfirmed_free(&plan->record);
}

int confirm_yes(struct daemon *daemon, const struct actor *actor, struct error *error)
{
	struct store_change change = {.action = "confirm", .detail = daemon->config.file};
	int err;

	if (!daemon->confirm || !daemon->confirm->until_ms)
		return error_code(
			error,
			error_set(
				error, -ENOENT,
				"no configuration is to be confirmed; a reload for a time starts that"),
			ERROR_NOTHING_TO_CONFIRM);
	err = store_begin(daemon->store, error);
	if (err)
		return err;
	err = store_unconfirmed_remove(daemon->store, error);
	if (!err)
		err = store_log_add(daemon->store, actor, &change, error);
	if (!err)
		err = store_commit(daemon->store, error);
	else
		store_rollback(daemon->store);
	if (err)
		return err;
	/* a return that failed, or a reload that was refused meanwhile: it is over */
	daemon->reload_failed = false;
	confirm_take_up(daemon);
	return 0;
}

bool confirm_state(const struct daemon *daemon, struct confirm_state *state)
{
	const struct confirm *confirm = daemon->confirm;

	if (!confirm || (!confirm->until_ms && !confirm->returned))
		return false;
	*state = (struct confirm_state){confirm->until_ms, confirm->who, confirm->returned,
					confirm->failure[0] ? confirm->failure : NULL,
					confirm->failed_ms};
	return true;
}
