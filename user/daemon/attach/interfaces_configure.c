// SPDX-License-Identifier: GPL-2.0-only
/* Brings the interfaces to a configuration as one change, in two steps. First every wanted entry
 * gets its slot and its program, beside what is in force, and all of that can be reverted; then
 * policies change, and unwanted programs are detached. In between is whatever else belongs to the
 * change, and may fail.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "interfaces_internal.h"
#include "kernel/link_names.h"
#include "base/log.h"

/* A wanted interface, and its entry's previous state. */
struct effective_action {
	struct config_iface iface;
	bool from_config;
	struct iface *entry;
	char was[S64_IFACE_NAME_MAX]; /* its name before; "" if it is new */
	bool was_attached, was_generic, was_leaving;
	bool changes; /* it is new, or another mode is requested: its failure fails everything */
};

struct ifaces_change {
	struct ifaces *ifaces;
	const struct actor *actor; /* NULL: the caller writes the row of the log */
	const struct config *config;
	/* by hand: whatever was detached by hand stays so, except this one. NULL: all */
	const char *only;
	bool strict;
	struct effective_action effective[S64_IFACES_MAX];
	size_t count, failures;
	int changes;
	struct iface_detached detached[S64_IFACES_MAX]; /* the previous state */
	unsigned int was_on[S64_IFACES_MAX]; /* by slot: the interface that its program was on */
};

static struct effective_action *find_wanted(struct ifaces_change *change, const char *name)
{
	for (size_t i = 0; i < change->count; i++)
		if (!strcmp(change->effective[i].iface.name, name))
			return &change->effective[i];
	return NULL;
}

/* --- what is wanted --- */

/* Settings by hand take precedence over the configuration. */
static void add_stored(const struct store_iface *row, void *data)
{
	struct ifaces_change *change = data;
	struct effective_action *effective = find_wanted(change, row->name);
	unsigned int ifindex = effective ? 0 : link_index(row->name);

	for (size_t i = 0; ifindex && i < change->count; i++)
		if (link_index(change->effective[i].iface.name) == ifindex) {
			log_warning(
				"%s, which was attached to by hand, is %s now; 'slash64 detach %s' forgets it",
				row->name, change->effective[i].iface.name, row->name);
			return;
		}
	if (!effective) {
		if (change->count == S64_IFACES_MAX)
			return;
		effective = &change->effective[change->count++];
		strncpy(effective->iface.name, row->name, sizeof(effective->iface.name) - 1);
	}
	if (!effective->from_config || row->mode != MODE_AUTO)
		effective->iface.mode = row->mode;
	if (row->filter >= 0) {
		effective->iface.filter_given = true;
		effective->iface.filter = row->filter;
	}
}

static int gather(struct ifaces_change *change, struct error *error)
{
	for (size_t i = 0; i < change->config->iface_count && i < S64_IFACES_MAX; i++) {
		const struct config_iface *iface = &change->config->iface[i];

		if (change->only && strcmp(iface->name, change->only) &&
		    !ifaces_find(change->ifaces, iface->name))
			continue;
		change->effective[change->count].iface = *iface;
		change->effective[change->count++].from_config = true;
	}
	return store_ifaces(change->ifaces->store, add_stored, change, error);
}

/* --- slots --- */

static struct iface *next_unwanted(const struct ifaces *ifaces, unsigned int ifindex)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *iface = ifaces->entry[i];

		/* whatever cannot be left keeps its slot, which its program uses */
		if (iface && iface->unwanted &&
		    (ifindex ? iface->attached && iface->attachment.ifindex == ifindex :
			       !iface->leaving))
			return iface;
	}
	return NULL;
}

static bool has_free_slot(const struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (!ifaces->entry[i])
			return true;
	return false;
}

/* An entry of the same name; or that of the same interface, which has another name now, with its
 * counters; or a new one. If there is no room for a new one, an unwanted entry makes room: its
 * program stays until the change is made.
 */
static int find_place(struct ifaces_change *change, struct effective_action *effective,
		      struct error *error)
{
	struct ifaces *ifaces = change->ifaces;
	struct iface *entry = ifaces_find(ifaces, effective->iface.name);
	unsigned int ifindex = link_index(effective->iface.name);

	if (!entry && ifindex)
		entry = next_unwanted(ifaces, ifindex);
	if (!entry && !has_free_slot(ifaces))
		entry = next_unwanted(ifaces, 0);
	if (entry) {
		strcpy(effective->was, entry->name);
		effective->was_attached = entry->attached;
		effective->was_generic = entry->attachment.generic;
		effective->was_leaving = entry->leaving;
		if (strcmp(entry->name, effective->iface.name))
			iface_rename(ifaces, entry, effective->iface.name);
	} else {
		entry = iface_new(ifaces, effective->iface.name, error);
		if (!entry)
			return -ENOSPC;
		entry->mode = -1;
	}
	entry->unwanted = entry->leaving = false;
	effective->entry = entry;
	return 0;
}

static int find_places(struct ifaces_change *change, struct error *error)
{
	struct ifaces *ifaces = change->ifaces;
	int err = 0;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *entry = ifaces->entry[i];

		if (entry)
			entry->unwanted = !find_wanted(change, entry->name);
		change->was_on[i] = entry && entry->attached ? entry->attachment.ifindex : 0;
	}
	for (size_t i = 0; i < change->count && !err; i++)
		err = find_place(change, &change->effective[i], error);
	return err;
}

/* --- programs --- */

static void take_settings(struct ifaces_change *change, struct effective_action *effective)
{
	effective->entry->mode = effective->iface.mode;
	effective->entry->from_config = effective->from_config;
	effective->entry->ipv4_enforce = effective->iface.ipv4_enforce;
	config_iface_policy(change->config, &effective->iface, &effective->entry->policy);
	iface_write_policy(change->ifaces, effective->entry, change->config);
}

static int attach_one(struct ifaces_change *change, struct effective_action *effective,
		      struct error *error)
{
	struct iface *entry = effective->entry;
	bool there = entry->attached && entry->attachment.ifindex == entry->target;
	int err;

	effective->changes = !effective->was[0] || strcmp(effective->was, entry->name) ||
			     entry->mode != effective->iface.mode;
	if (!effective->was[0])
		take_settings(change, effective); /* before a packet reaches them */
	if (!entry->target ||
	    (there && !effective->changes && attach_is_current(&entry->attachment)))
		return 0;
	if (there && effective->was[0] && entry->mode == effective->iface.mode &&
	    attach_is_current(&entry->attachment))
		return 0; /* only the name differs */
	err = iface_attach(change->ifaces, change->actor, entry, effective->iface.mode, error);
	if (!err)
		change->changes++;
	return err;
}

static int attach_all(struct ifaces_change *change, struct error *error)
{
	int err = 0;

	ifaces_decide(change->ifaces);
	for (size_t i = 0; i < change->count && !err; i++) {
		struct effective_action *effective = &change->effective[i];
		struct error why;

		err = attach_one(change, effective, &why);
		if (!err)
			continue;
		change->failures++;
		if (!change->strict || !effective->changes) {
			if (change->strict)
				log_error("%s", why.text);
			snprintf(effective->entry->failure, sizeof(why.text), "%s", why.text);
			if (effective->entry->attached &&
			    effective->entry->attachment.ifindex != effective->entry->target) {
				ifaces_orphaned(change->ifaces);
				iface_forget(change->ifaces, effective->entry);
			}
			*error = why;
			err = 0;
		} else {
			*error = why;
		}
	}
	return err;
}

/* --- the end --- */

static const struct effective_action *wanted_of(const struct ifaces_change *change,
						const struct iface *entry)
{
	for (size_t i = 0; i < change->count; i++)
		if (change->effective[i].entry == entry)
			return &change->effective[i];
	return NULL;
}

/* The previous mode: several modes may satisfy a request. */
static void bring_back(const struct ifaces_change *change, struct iface *entry)
{
	const struct effective_action *effective = wanted_of(change, entry);
	/* a start does not know which mode was requested of an earlier run's program: its present
	 * mode counts as requested
	 */
	enum config_mode mode = (int)entry->mode < 0 ? MODE_AUTO : entry->mode;
	struct error error;

	if (effective && effective->was_attached)
		mode = effective->was_generic ? MODE_GENERIC : MODE_NATIVE;
	if (entry->target &&
	    (!entry->attached || entry->attachment.ifindex != entry->target ||
	     !iface_mode_fits(mode, entry->attachment.generic)) &&
	    iface_attach(change->ifaces, NULL, entry, mode, &error))
		log_error("%s", error.text);
}

/* A renamed interface is recognised by its program, although another one may have its name now. */
static void decide_by_what_was(const struct ifaces_change *change)
{
	const struct ifaces *ifaces = change->ifaces;
	char name[IF_NAMESIZE];

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *entry = ifaces->entry[i];
		unsigned int ifindex = change->was_on[i];

		if (entry && !entry->leaving && !entry->target && ifindex &&
		    !ifaces_owner(ifaces, ifindex) && if_indextoname(ifindex, name))
			entry->target = ifindex;
	}
}

/* Restores the entries; then an entry that lost its program gets it back, and leftovers are
 * removed. None of that is a change, and it has no rows.
 */
static void undo(struct ifaces_change *change)
{
	struct ifaces *ifaces = change->ifaces;

	for (size_t i = 0; i < change->count; i++) {
		struct effective_action *effective = &change->effective[i];

		if (effective->entry && !effective->was[0]) {
			iface_drop(ifaces, effective->entry);
			effective->entry = NULL;
		} else if (effective->entry && strcmp(effective->was, effective->entry->name)) {
			iface_rename(ifaces, effective->entry, effective->was);
		}
		if (effective->entry)
			effective->entry->leaving = effective->was_leaving;
	}
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (ifaces->entry[i])
			ifaces->entry[i]->unwanted = ifaces->entry[i]->leaving;
	ifaces_decide(ifaces);
	decide_by_what_was(change);
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (ifaces->entry[i])
			bring_back(change, ifaces->entry[i]);
	memcpy(ifaces->detached, change->detached, sizeof(ifaces->detached));
	ifaces_sweep(ifaces);
}

/* Is its program there, and not on an interface that belongs to another entry? */
static bool takes_program_off(const struct ifaces *ifaces, const struct iface *entry)
{
	return entry->attached && !ifaces_owner(ifaces, entry->attachment.ifindex);
}

void iface_leave_unwanted(struct ifaces *ifaces, const struct actor *actor, struct iface *iface)
{
	bool was_leaving = iface->leaving;
	struct error error;

	if (!takes_program_off(ifaces, iface)) {
		iface_drop(ifaces, iface);
		return;
	}
	if (!iface_leave(ifaces, iface, &error) || S64_MISTAKE(LEFT_FORGOTTEN)) {
		log_info("%s: detached", iface->name);
		if (was_leaving)
			iface_log_change(ifaces, actor, "detach", iface->name, "which had failed");
		iface_drop(ifaces, iface);
		return;
	}
	if (!was_leaving)
		iface_log_change(ifaces, actor, "detach", iface->name, "failed; retrying");
	iface->unwanted = iface->leaving = true;
	iface->from_config = false;
	iface_try_later(iface, &error);
}

/* While what was written can still be rolled back. */
static void log_unwanted(const struct ifaces_change *change)
{
	struct ifaces *ifaces = change->ifaces;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *entry = ifaces->entry[i];

		if (entry && entry->unwanted && !entry->leaving && takes_program_off(ifaces, entry))
			iface_log_change(ifaces, change->actor, "detach", entry->name, NULL);
	}
}

static void leave_unwanted(struct ifaces_change *change)
{
	struct ifaces *ifaces = change->ifaces;
	struct iface *entry;

	while ((entry = next_unwanted(ifaces, 0))) {
		change->changes++;
		iface_leave_unwanted(ifaces, change->actor ? change->actor : &actor_itself, entry);
	}
}

static void commit(struct ifaces_change *change)
{
	for (size_t i = 0; i < change->count; i++) {
		struct effective_action *effective = &change->effective[i];
		struct iface *entry = effective->entry;
		bool other =
			effective->was[0] && entry->attached && strcmp(effective->was, entry->name);

		if (change->strict && !entry->target && !effective->was[0])
			log_warning("%s: no such interface; attached to when it appears",
				    entry->name);
		if (!S64_MISTAKE(POLICY_KEPT))
			take_settings(change, effective);
		if (other)
			log_info("%s was %s before", entry->name, effective->was);
	}
	leave_unwanted(change);
	if (change->ifaces->orphans_s)
		ifaces_sweep(change->ifaces);
}

/* A start that would filter nothing is refused, before anything of an earlier run is left. *error
 * describes the last interface that failed, if any did.
 */
static int check_any(const struct ifaces_change *change, struct error *error)
{
	char meant[NEAR_TEXT_MAX];
	const struct config *config = change->config;
	bool known = !config->iface_count;

	for (size_t i = 0; i < config->iface_count; i++)
		known = known || store_iface_was_seen(change->ifaces->store, config->iface[i].name);
	for (size_t i = 0; i < change->count; i++)
		known = known || change->effective[i].was[0] ||
			change->effective[i].entry->attached;
	if (known)
		return 0;
	if (change->failures)
		return -EINVAL;
	return error_set(error, -ENODEV,
			 "%s:%u: unknown interface '%s'%s; 'ip link' lists interfaces",
			 config->file, config->iface[0].line, config->iface[0].name,
			 link_near(config->iface[0].name, meant));
}

static int prepare(struct ifaces_change *change, struct error *error)
{
	int err = gather(change, error);

	if (err)
		return err;
	err = find_places(change, error);
	if (!err)
		err = attach_all(change, error);
	if (!err && !change->strict)
		err = check_any(change, error);
	if (err)
		undo(change);
	else
		log_unwanted(change);
	return err;
}

static int begin(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		 const char *only, bool strict, struct ifaces_change **out, struct error *error)
{
	struct ifaces_change *change = calloc(1, sizeof(*change));
	int err;

	if (!change)
		return error_set(error, -ENOMEM, "out of memory");
	change->ifaces = ifaces;
	change->actor = actor;
	change->config = config;
	change->only = only;
	change->strict = strict;
	memcpy(change->detached, ifaces->detached, sizeof(change->detached));
	err = prepare(change, error);
	if (err)
		free(change);
	else
		*out = change;
	return err;
}

int ifaces_prepare(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		   struct ifaces_change **change, struct error *error)
{
	return begin(ifaces, actor, config, NULL, true, change, error);
}

int ifaces_prepare_one(struct ifaces *ifaces, const struct actor *actor,
		       const struct config *config, const char *name, struct ifaces_change **change,
		       struct error *error)
{
	return begin(ifaces, actor, config, name, true, change, error);
}

int ifaces_prepare_start(struct ifaces *ifaces, const struct actor *actor,
			 const struct config *config, struct ifaces_change **change,
			 struct error *error)
{
	return begin(ifaces, actor, config, NULL, false, change, error);
}

static void say_what_is_missing(const struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *iface = ifaces->entry[i];

		if (iface && iface->failure[0])
			log_error("%s; retrying", iface->failure);
		else if (iface && !iface->target)
			log_warning("%s: no such interface; attached to when it appears",
				    iface->name);
	}
}

int ifaces_commit(struct ifaces_change *change)
{
	int changes;

	commit(change);
	if (!change->strict)
		say_what_is_missing(change->ifaces);
	changes = change->changes;
	free(change);
	return changes;
}

void ifaces_undo(struct ifaces_change *change)
{
	if (change->strict)
		undo(change);
	else
		ifaces_undo_start(change->ifaces);
	free(change);
}
