// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces attached and detached by hand. The row that keeps it, the row of the log, and the
 * change of the interface are one change: what cannot be written is not done.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/blocks.h"
#include "kernel/bridges.h"
#include "interfaces_detached.h"
#include "interfaces_internal.h"
#include "kernel/link_names.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/log/undo_text.h"

static const struct config_iface *configured_as(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, name))
			return &config->iface[i];
	return NULL;
}

static int check(const struct ifaces *ifaces, const char *name, struct error *error)
{
	const struct iface *other = ifaces_find_any(ifaces, name);
	const struct iface_detached *detached = iface_detached_find_any(ifaces, name);
	char meant[NEAR_TEXT_MAX];

	if (strlen(name) >= S64_IFACE_NAME_MAX || strchr(name, '/') || !name[0])
		return error_set(error, -EINVAL, "'%.40s' is not the name of an interface", name);
	if (!link_index(name))
		return error_set(
			error, -ENODEV,
			"cannot attach to %s: no such interface%s; 'ip link' lists interfaces",
			name, link_near(name, meant));
	if (other && strcmp(other->name, name)) {
		error_set(error, -EEXIST,
			  "%s is attached already, as %s; use that name to change it", name,
			  other->name);
		error_member(error, -EEXIST, "interface", other->name);
		return error_code(error, -EEXIST, ERROR_OTHER_NAME);
	}
	if (detached && strcmp(detached->name, name)) {
		error_set(error, -EEXIST, "%s is %s in the configuration; use that name", name,
			  detached->name);
		error_member(error, -EEXIST, "interface", detached->name);
		return error_code(error, -EEXIST, ERROR_OTHER_NAME);
	}
	return 0;
}

struct row_search {
	const char *name;
	struct store_iface row;
	bool found;
};

static void keep_row(const struct store_iface *row, void *data)
{
	struct row_search *search = data;

	if (strcmp(row->name, search->name))
		return;
	search->row = (struct store_iface){search->name, row->mode, row->filter};
	search->found = true;
}

/* The store's row of it, for undo. To be freed. */
static char *write_undo(struct ifaces *ifaces, const char *name)
{
	struct row_search search = {.name = name};
	const struct iface *iface = ifaces_find(ifaces, name);
	struct error ignored;

	if (store_ifaces(ifaces->store, keep_row, &search, &ignored))
		return NULL;
	return undo_of_iface(ifaces->store, name, iface && iface->attached,
			     search.found ? &search.row : NULL);
}

static int put_row(struct ifaces *ifaces, const struct store_iface *row, bool is_configured,
		   struct error *error)
{
	/* and nothing else */
	bool as_configured = is_configured && row->mode == MODE_AUTO && row->filter < 0;

	return as_configured ? store_iface_remove(ifaces->store, row->name, error) :
			       store_iface_put(ifaces->store, row, error);
}

static int log_row(struct ifaces *ifaces, const struct actor *actor, const struct store_iface *row,
		   bool is_configured, const char *undo, struct error *error)
{
	struct store_change change = {.action = "attach", .undo = undo};
	char detail[S64_IFACE_NAME_MAX + 64];

	snprintf(detail, sizeof(detail), "%s, mode %s%s%s", row->name,
		 row->mode == MODE_AUTO && is_configured ? "as configured" :
							   config_mode_names[row->mode],
		 row->filter >= 0 ? ", filter " : "",
		 row->filter >= 0 ? policy_filter_names[row->filter] : "");
	change.detail = detail;
	return store_log_add(ifaces->store, actor, &change, error);
}

bool ifaces_is_by_hand(struct ifaces *ifaces, const char *name, enum config_mode mode, int filter)
{
	struct row_search search = {.name = name};
	const struct iface *iface = ifaces_find(ifaces, name);
	struct error ignored;

	return iface && iface->attached &&
	       !store_ifaces(ifaces->store, keep_row, &search, &ignored) && search.found &&
	       search.row.mode == (int)mode && search.row.filter == filter;
}

static int insist(struct ifaces *ifaces, const char *name, struct error *error)
{
	struct iface *iface = ifaces_find(ifaces, name);

	if (iface && iface->attached)
		return 0;
	return error_set(error, -EBUSY, "%s",
			 iface && iface->failure[0] ? iface->failure : "it cannot be attached to");
}

static void leave_again(struct ifaces *ifaces, const struct actor *actor,
			const struct config *config, const char *name)
{
	struct iface *iface = ifaces_find(ifaces, name);
	struct error error;

	if (iface_leave(ifaces, iface, &error))
		log_error("%s", error.text);
	if (configured_as(config, name))
		iface_detached_note(ifaces, name, actor);
	iface_drop(ifaces, iface);
}

void ifaces_back(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		 const char *name, bool was_attached)
{
	const struct iface *iface = ifaces_find(ifaces, name);
	struct ifaces_change *change = NULL;
	struct error error;

	if (!was_attached) {
		if (iface && iface->attached)
			leave_again(ifaces, actor, config, name);
		return;
	}
	/* also if it is attached: its mode and filter may be others */
	if (ifaces_prepare_one(ifaces, NULL, config, name, &change, &error))
		log_error("%s", error.text);
	else
		ifaces_commit(change);
}

int ifaces_attach_check(const struct ifaces *ifaces, const struct config *config, const char *name,
			struct error *error)
{
	int err = check(ifaces, name, error);

	return err ? err : bridges_check_one(config, name, error);
}

/* Within a transaction. `refused`: the interface is, and all of the store is as it was before. */
static int attach(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		  const struct store_iface *row, struct ifaces_change **change, bool *refused,
		  struct error *error)
{
	struct row_search before = {.name = row->name};
	bool is_configured = configured_as(config, row->name);
	char *undo = write_undo(ifaces, row->name);
	struct error ignored;
	int err = store_ifaces(ifaces->store, keep_row, &before, error);

	*refused = false;
	if (!err)
		err = put_row(ifaces, row, is_configured, error);
	if (err)
		goto out;
	/* one row of the log, for all that it does */
	err = ifaces_prepare_one(ifaces, NULL, config, row->name, change, error);
	if (!err)
		err = insist(ifaces, row->name, error);
	if (err) {
		*refused = before.found ? !store_iface_put(ifaces->store, &before.row, &ignored) :
					  !store_iface_remove(ifaces->store, row->name, &ignored);
		goto out;
	}
	err = log_row(ifaces, actor, row, is_configured, undo, error);
out:
	if (err && *change)
		ifaces_undo(*change);
	if (err)
		*change = NULL;
	free(undo);
	return err;
}

int ifaces_attach_part(struct ifaces *ifaces, const struct actor *actor,
		       const struct config *config, const char *name, enum config_mode mode,
		       int filter, bool *refused, struct error *error)
{
	const struct store_iface row = {name, mode, filter};
	struct ifaces_change *change = NULL;
	int err = attach(ifaces, actor, config, &row, &change, refused, error);

	if (!err)
		ifaces_commit(change);
	return err;
}

int ifaces_attach(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		  const char *name, enum config_mode mode, int filter, struct iface **out,
		  struct error *error)
{
	const struct store_iface row = {name, mode, filter};
	struct ifaces_change *change = NULL;
	bool refused;
	int err = ifaces_attach_check(ifaces, config, name, error);

	if (!err)
		err = store_begin(ifaces->store, error);
	if (err)
		return err;
	err = attach(ifaces, actor, config, &row, &change, &refused, error);
	if (!err)
		err = store_commit(ifaces->store, error);
	else
		store_rollback(ifaces->store);
	if (!err) {
		ifaces_commit(change);
		*out = ifaces_find(ifaces, name);
	} else if (change) {
		ifaces_undo(change);
	}
	return err;
}

static int forget_row(struct ifaces *ifaces, const struct actor *actor, const char *name,
		      const struct blocks_why *why, struct error *error)
{
	struct store_change change = {.action = "detach",
				      .detail = name,
				      .reason = why->reason,
				      .ticket = why->ticket};
	char *undo = write_undo(ifaces, name);
	int err = store_iface_remove(ifaces->store, name, error);

	change.undo = undo;
	if (!err)
		err = store_log_add(ifaces->store, actor, &change, error);
	/* a full disk fails here, and not when its program is gone */
	if (!err)
		err = store_flush(ifaces->store, error);
	free(undo);
	return err;
}

/* Its program was detached, and that could not be committed. */
static void attach_again(struct ifaces *ifaces, struct iface *iface, const struct attachment *was)
{
	struct error error;

	iface->target = was->ifindex;
	if (iface_attach(ifaces, NULL, iface, was->generic ? MODE_GENERIC : MODE_NATIVE, &error))
		iface_try_later(iface, &error);
}

int ifaces_not_attached(const char *name, struct error *error)
{
	char meant[NEAR_TEXT_MAX];
	int err = error_set(error, -ENOENT, "slash64 is not attached to '%.64s'%s", name,
			    link_index(name) ? "" : link_near(name, meant));

	return error_code(error, err, ERROR_NOT_ATTACHED);
}

int ifaces_detach(struct ifaces *ifaces, const struct actor *actor, const char *name,
		  const struct blocks_why *why, struct error *error)
{
	struct iface *iface = ifaces_find_any(ifaces, name);
	struct attachment was;
	bool was_attached;
	int err;

	if (!iface)
		return ifaces_not_attached(name, error);
	was = iface->attachment;
	was_attached = iface->attached;
	err = store_begin(ifaces->store, error);
	if (err)
		return err;
	/* the kernel, too, may refuse its part */
	err = forget_row(ifaces, actor, iface->name, why, error);
	if (!err)
		err = iface_leave(ifaces, iface, error);
	if (err && S64_MISTAKE(DETACH_WRITTEN)) {
		store_commit(ifaces->store, error);
		return err;
	}
	if (err) {
		store_rollback(ifaces->store);
		return err;
	}
	err = store_commit(ifaces->store, error);
	if (err) {
		if (was_attached)
			attach_again(ifaces, iface, &was);
		return err;
	}
	if (iface->from_config)
		iface_detached_note(ifaces, iface->name, actor);
	iface_drop(ifaces, iface);
	return 0;
}
