// SPDX-License-Identifier: GPL-2.0-only
/* Reading the configuration again at run time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bridges.h"
#include "confirm.h"
#include "daemon.h"
#include "daemon/attach/egress/proof.h"
#include "daemon/blackholes/blackholes.h"
#include "daemon/detect/proposals.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/page/page.h"
#include "daemon/loop/memory_pieces.h"
#include "daemon/attach/interfaces_internal.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"

/* Settings that only a start can change. */
static void warn_unchangeable(const struct config *old, const struct config *new)
{
	if (strcmp(old->socket, new->socket) || strcmp(old->read_socket, new->read_socket) ||
	    strcmp(old->socket_group, new->socket_group) ||
	    strcmp(old->read_group, new->read_group) || strcmp(old->metrics, new->metrics) ||
	    strcmp(old->state, new->state) || strcmp(old->pins, new->pins) ||
	    old->blocks != new->blocks || old->prefixes != new->prefixes ||
	    old->limiter != new->limiter || old->iface_slots != new->iface_slots)
		log_warning("control, metrics, state and maps need a restart");
}

static void keep_unchangeable(const struct config *old, struct config *new)
{
	memcpy(new->socket, old->socket, sizeof(new->socket));
	memcpy(new->read_socket, old->read_socket, sizeof(new->read_socket));
	memcpy(new->socket_group, old->socket_group, sizeof(new->socket_group));
	memcpy(new->read_group, old->read_group, sizeof(new->read_group));
	memcpy(new->metrics, old->metrics, sizeof(new->metrics));
	memcpy(new->state, old->state, sizeof(new->state));
	memcpy(new->pins, old->pins, sizeof(new->pins));
	new->blocks = old->blocks;
	new->prefixes = old->prefixes;
	new->limiter = old->limiter;
	new->iface_slots = old->iface_slots;
}

/* --- into force, as one change --- */

/* The previous state, except for what lists_prepare() handles. */
struct before {
	struct protected_addresses_before *protection;
	struct s64_iface_policy *policy; /* all slots of the maps */
	struct s64_limit *limits;
	bool used[S64_IFACES_MAX]; /* by slot */
};

static void before_free(struct before *before)
{
	free(before->policy);
	free(before->limits);
	if (before->protection)
		protected_addresses_forget(before->protection);
}

static int take_guards(struct daemon *daemon, const struct config *config, struct before *before,
		       struct error *error)
{
	int err = protected_addresses_configure(daemon->protection, &config->rules, &config->peers,
						&config->own, &before->protection);

	return err ? error_set(error, err, "cannot take the peers and the own networks: %s",
			       strerror(-err)) :
		     0;
}

static int remember_policies(const struct daemon *daemon, struct before *before,
			     struct error *error)
{
	const struct maps *maps = &daemon->maps;

	before->policy = malloc(maps->bytes[MAP_POLICY]);
	before->limits = malloc(maps->bytes[MAP_LIMITS]);
	if (!before->policy || !before->limits)
		return error_set(error, -ENOMEM, "out of memory");
	memcpy(before->policy, maps->policy, maps->bytes[MAP_POLICY]);
	memcpy(before->limits, maps->limits, maps->bytes[MAP_LIMITS]);
	for (uint32_t i = 0; i < maps->meta->iface_slots; i++)
		before->used[i] = maps->meta->iface[i].name[0];
	return 0;
}

/* What the maps contain. A failed start is followed by another, which finds what is left. */
static void restore_policies(struct daemon *daemon, const struct before *before, bool start)
{
	struct maps *maps = &daemon->maps;

	for (uint32_t i = 0; i < maps->meta->iface_slots && start; i++)
		if (!before->used[i])
			memset(&maps->meta->iface[i], 0, sizeof(maps->meta->iface[i]));
	memcpy(maps->limits, before->limits, maps->bytes[MAP_LIMITS]);
	memcpy(maps->policy, before->policy, maps->bytes[MAP_POLICY]);
}

/* An interface that a start or a reload accepted is no typing mistake for the next start, even if
 * it was never there.
 */
static int note_ifaces(struct store *store, const struct config *config, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < config->iface_count && !err; i++)
		err = store_iface_see(store, config->iface[i].name, error);
	return err;
}

static int log_reload(struct daemon *daemon, const struct actor *actor, const struct config *config,
		      const struct confirm_plan *plan, struct error *error)
{
	struct store_change change = {.action = "reload",
				      .detail = config->file,
				      .reason = plan->detail};
	int err = 0;

	/* entries taken back by hand may return with an unchanged file: then there are rows */
	change.is_nothing = !(actor->first_row && *actor->first_row) &&
			    config->text_bytes == daemon->config.text_bytes &&
			    !memcmp(config->text, daemon->config.text, config->text_bytes);
	change.stands = !change.is_nothing;

	if (plan->puts)
		change.until_ms = plan->record.until_ms;
	err = note_ifaces(daemon->store, config, error);
	if (!err)
		err = store_log_add(daemon->store, actor, &change, error);
	return err ? err : confirm_plan_write(daemon, plan, error);
}

static int prepare_ifaces(struct daemon *daemon, const struct actor *actor,
			  const struct config *config, bool start, struct ifaces_change **change,
			  struct error *error)
{
	return start ? ifaces_prepare_start(&daemon->ifaces, actor, config, change, error) :
		       ifaces_prepare(&daemon->ifaces, actor, config, change, error);
}

/* plan NULL: a start; the configuration in force is not this one. At a start, and when a
 * configuration returns, nobody is there to be told that an entry is refused, so it is left out.
 */
static int take(struct daemon *daemon, const struct actor *actor, const struct config *config,
		const struct confirm_plan *plan, struct error *error)
{
	bool start = !plan, strict = plan && (!plan->returns || S64_MISTAKE(RETURN_STRICT));
	struct before before = {};
	struct ifaces_change *change = NULL;
	struct lists *lists = NULL;
	bool touched = false;
	int err, changes = 0;

	err = remember_policies(daemon, &before, error);
	if (!err)
		err = take_guards(daemon, config, &before, error);
	if (!err)
		err = lists_prepare(&daemon->blocks, actor, daemon->protection, config, strict,
				    &lists, error);
	if (!err && !start)
		err = log_reload(daemon, actor, config, plan, error);
	if (!err) {
		touched = true;
		err = prepare_ifaces(daemon, actor, config, start, &change, error);
	}
	if (!err) {
		err = lists_commit(lists, error);
		lists = NULL;
	}
	/* before the interfaces: their rows of the log are rolled back with the rest */
	if (lists)
		lists_undo(lists);
	if (change && err)
		ifaces_undo(change);
	else if (change)
		changes = ifaces_commit(change);
	if (err && touched)
		restore_policies(daemon, &before, start);
	if (err && before.protection) {
		if (S64_MISTAKE(RELOAD_PEERS))
			protected_addresses_forget(before.protection);
		else
			protected_addresses_restore(daemon->protection, before.protection);
		before.protection = NULL;
	}
	before_free(&before);
	return err ? err : changes;
}

/* What is in force stays so, whatever comes of it. */
static void take_rules(struct daemon *daemon)
{
	struct error error;

	if (proposals_configure(daemon->proposals, &daemon->config.detect, &error))
		log_error("the rules of detection stay as they were: %s", error.text);
	proof_configure(daemon->proof, &daemon->proposals->detect.rules);
}

int daemon_start(struct daemon *daemon, struct error *error)
{
	int err = take(daemon, &actor_itself, &daemon->config, NULL, error);
	struct error why;

	if (err < 0)
		return err;
	/* a full disk is no reason to leave an interface open */
	if (!S64_MISTAKE(START_UNNOTED) && note_ifaces(daemon->store, &daemon->config, &why))
		log_error("the names of interfaces are not noted: %s", why.text);
	take_rules(daemon);
	return 0;
}

/* If a configuration returns, nobody is there to choose another address: it is retried. */
static int prepare_page(struct daemon *daemon, const struct config *fresh,
			const struct confirm_plan *plan, struct page **page, struct error *error)
{
	int err = page_prepare(daemon, fresh->page, page, error);

	return plan->returns ? 0 : err;
}

static void free_prefixes(struct config_prefixes *list, struct changes *changes)
{
	memory_pieces_free(list->entry, list->count * sizeof(*list->entry), changes);
	*list = (struct config_prefixes){};
}

/* It may have very many entries. Others are served meanwhile: nobody else has it. */
static void free_config(struct daemon *daemon, struct config *config)
{
	free_prefixes(&config->allow, daemon->changes);
	free_prefixes(&config->block, daemon->changes);
	free_prefixes(&config->peers, daemon->changes);
	free_prefixes(&config->own, daemon->changes);
	config_free(config);
}

/* Takes *fresh over, whatever comes of it. No interface that `was_in_force` names is misspelt. */
static int reload_to(struct daemon *daemon, const struct actor *actor, struct config *fresh,
		     const struct config *was_in_force, const struct confirm_plan *plan,
		     struct error *error)
{
	struct config before;
	struct page *page = NULL;
	int err;

	warn_unchangeable(&daemon->config, fresh);
	keep_unchangeable(&daemon->config, fresh);
	err = ifaces_check(&daemon->ifaces, fresh, was_in_force, error);
	if (!err)
		err = bridges_check(fresh, error);
	if (!err)
		err = prepare_page(daemon, fresh, plan, &page, error);
	if (!err)
		err = take(daemon, actor, fresh, plan, error);
	if (err < 0) {
		page_free(page);
		free_config(daemon, fresh);
		return err;
	}
	before = daemon->config;
	daemon->config = *fresh;
	page_commit(daemon, page, before.page);
	feeds_configure(daemon->feeds, &daemon->config);
	take_rules(daemon);
	proof_tick(daemon->proof, &daemon->ifaces);
	blackholes_configure(daemon->blackholes);
	confirm_take_up(daemon);
	free_config(daemon, &before);
	return err;
}

static int count_reload(struct daemon *daemon, int err)
{
	if (err < 0)
		daemon->reloads_failed++;
	else
		daemon->reloads++;
	daemon->reload_failed = err < 0;
	return err;
}

int daemon_reload_for(struct daemon *daemon, const struct actor *actor, int64_t for_ms,
		      struct error *error)
{
	const struct pace pace = changes_pace(daemon->changes);
	struct confirm_plan plan = {};
	struct config fresh;
	int err = config_load_paced(&fresh, daemon->config.file, &pace, error);

	changes_breathe_long(daemon->changes);
	if (!err) {
		err = confirm_plan_reload(daemon, actor, &fresh, for_ms, &plan, error);
		if (err)
			config_free(&fresh);
		else
			err = reload_to(daemon, actor, &fresh, &daemon->config, &plan, error);
	}
	confirm_plan_free(&plan);
	return count_reload(daemon, err);
}

int daemon_reload(struct daemon *daemon, const struct actor *actor, struct error *error)
{
	return daemon_reload_for(daemon, actor, 0, error);
}

int daemon_reload_before(struct daemon *daemon, struct error *error)
{
	struct confirm_plan plan = {.puts = true,
				    .returns = true,
				    .detail = "not confirmed: back to the previous configuration"};
	const struct pace pace = changes_pace(daemon->changes);
	struct config before;
	int err = store_unconfirmed_get(daemon->store, &plan.record, error);

	plan.record.until_ms = 0;
	if (!err)
		err = config_load_text_paced(&before, daemon->config.file, plan.record.before,
					     plan.record.bytes, &pace, error);
	if (!err)
		/* an interface that it waited for since a start may never have been there */
		err = reload_to(daemon, &actor_itself, &before, &before, &plan, error);
	confirm_plan_free(&plan);
	return count_reload(daemon, err);
}

struct guard_rails daemon_guard_rails(const struct daemon *daemon,
				      const struct guards_caller *caller)
{
	return (struct guard_rails){.allowed = blocks_allowed(&daemon->blocks),
				    .protection = daemon->protection,
				    .caller = caller};
}
