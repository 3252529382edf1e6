// SPDX-License-Identifier: GPL-2.0-only
#include "ifaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach_find.h"
#include "ifaces_internal.h"
#include "log.h"
#include "store_log.h"

/* By slot: names of interfaces may hold dots, which bpffs does not take. */
void iface_pin_path(const struct ifaces *ifaces, uint32_t slot, char *path, size_t bytes)
{
	snprintf(path, bytes, "%s/slot%u", ifaces->programs, slot);
}

static struct s64_iface_slot *meta_slot(const struct ifaces *ifaces, uint32_t slot)
{
	return &ifaces->tables->meta->iface[slot];
}

static void iface_free(struct iface *iface)
{
	counters_rate_free(&iface->rate);
	free(iface);
}

struct iface *ifaces_find(const struct ifaces *ifaces, const char *name)
{
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++)
		if (ifaces->entry[i] && !strcmp(ifaces->entry[i]->name, name))
			return ifaces->entry[i];
	return NULL;
}

/* What an earlier run left in a slot: the same interface keeps its counters. */
static int slot_take(const struct ifaces *ifaces, const char *name)
{
	int unused = -1;

	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++) {
		if (!strcmp(meta_slot(ifaces, i)->name, name))
			return i;
		if (unused < 0 && !ifaces->entry[i] && !meta_slot(ifaces, i)->name[0])
			unused = i;
	}
	if (unused >= 0) {
		struct s64_iface_slot *slot = meta_slot(ifaces, unused);

		counters_clear(ifaces->tables, unused);
		memset(slot, 0, sizeof(*slot));
		snprintf(slot->name, sizeof(slot->name), "%s", name);
	}
	return unused;
}

static struct iface *iface_new(struct ifaces *ifaces, const char *name, struct error *error)
{
	struct iface *iface = calloc(1, sizeof(*iface));
	int slot;

	if (!iface || counters_rate_init(&iface->rate)) {
		free(iface);
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	slot = slot_take(ifaces, name);
	if (slot < 0) {
		error_set(error, -ENOSPC,
			  "cannot attach to %s: all %u places for interfaces are taken; raise state.interfaces",
			  name, ifaces->tables->meta->iface_slots);
		iface_free(iface);
		return NULL;
	}
	snprintf(iface->name, sizeof(iface->name), "%s", name);
	iface->slot = slot;
	ifaces->entry[slot] = iface;
	return iface;
}

/* Off the interface, out of the tables. */
static void iface_drop(struct ifaces *ifaces, struct iface *iface)
{
	memset(meta_slot(ifaces, iface->slot), 0, sizeof(struct s64_iface_slot));
	ifaces->entry[iface->slot] = NULL;
	iface_free(iface);
}

static void policy_write(struct ifaces *ifaces, const struct iface *iface, const struct config *config)
{
	struct s64_limit limits[S64_LIMIT_MAX];
	struct s64_limit *in_force = &ifaces->tables->limits[iface->slot * S64_LIMIT_MAX];
	struct s64_iface_policy compiled;

	memcpy(limits, in_force, sizeof(limits));
	policy_compile(&iface->policy, &config->policy, iface->slot, ifaces->tables->meta->tick_ns,
		       &compiled, limits);
	if (iface->ipv4_enforce)
		compiled.flags |= S64_IFACE_IPV4_ENFORCE;
	/* Limits first: no class is limited by what is not there yet. */
	memcpy(in_force, limits, sizeof(limits));
	memcpy(&ifaces->tables->policy[iface->slot], &compiled, sizeof(compiled));
}

/* What of ours is on the interface, by whatever name it goes now: that of the slot, or else that of the name. *same:
 * it is just what would be attached now.
 */
static bool adopt(struct ifaces *ifaces, struct iface *iface, struct attachment *found, bool *same)
{
	const struct s64_iface_slot *slot = meta_slot(ifaces, iface->slot);
	uint64_t owner = ifaces->tables->meta->owner;
	char pin[CONFIG_PATH_MAX + 64];

	if (!attach_find(ifaces->programs, owner, slot->ifindex, found) &&
	    !attach_find(ifaces->programs, owner, if_nametoindex(iface->name), found))
		return false;
	*same = slot->program_id == found->program_id && slot->program == program_hash(ifaces->tables);
	iface_pin_path(ifaces, iface->slot, pin, sizeof(pin));
	if (attach_pin(found, ifaces->programs, pin))
		*same = false; /* one that can be pinned takes its place */
	return true;
}

static bool mode_fits(enum config_mode mode, bool generic)
{
	return mode == MODE_AUTO || (mode == MODE_GENERIC) == generic;
}

static const char *method_name(const struct attachment *attachment)
{
	return attachment->method == ATTACH_DISPATCHER ? "dispatcher" : "direct";
}

/* Where it cannot be logged, it is done all the same. */
void iface_log_change(const struct ifaces *ifaces, const char *action, const char *name, const char *how)
{
	struct store_change change = {.action = action};
	char detail[128];
	struct error error;

	snprintf(detail, sizeof(detail), "%s%s%s", name, how ? ", " : "", how ? how : "");
	change.detail = detail;
	if (store_log_add(ifaces->store, &change, &error))
		log_error("%s: %s", name, error.text);
}

/* Attach, or adopt. The policy stands in the tables before the program is on the interface. */
void iface_leave(struct ifaces *ifaces, struct iface *iface)
{
	char pin[CONFIG_PATH_MAX + 64], name[IF_NAMESIZE];
	struct error error;

	iface_pin_path(ifaces, iface->slot, pin, sizeof(pin));
	if (if_indextoname(iface->attachment.ifindex, name) &&
	    attach_detach(&iface->attachment, name, ifaces->programs, pin, &error))
		log_error("%s", error.text);
	iface->attached = false;
	meta_slot(ifaces, iface->slot)->program_id = 0;
}

/* An interface has one program of ours: where names have changed hands, that of another slot has to go. */
static void leave_others(struct ifaces *ifaces, const struct iface *iface, unsigned int ifindex)
{
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++) {
		struct iface *other = ifaces->entry[i];

		if (other && other != iface && other->attached && other->attachment.ifindex == ifindex)
			iface_leave(ifaces, other);
	}
}

int iface_attach(struct ifaces *ifaces, struct iface *iface, const struct config *config,
			struct error *error)
{
	struct s64_iface_slot *slot = meta_slot(ifaces, iface->slot);
	struct attachment found = {};
	char pin[CONFIG_PATH_MAX + 64];
	bool same = false, there;
	int err;

	policy_write(ifaces, iface, config);
	if (iface->attached && iface->attachment.ifindex != if_nametoindex(iface->name))
		iface_leave(ifaces, iface);
	leave_others(ifaces, iface, if_nametoindex(iface->name));
	there = adopt(ifaces, iface, &found, &same);
	if (there && same && mode_fits(iface->mode, found.generic)) {
		iface->attachment = found;
		iface->attached = true;
		log_info("%s: adopted program %u (%s, %s)", iface->name, found.program_id,
			 found.generic ? "generic" : "native", method_name(&found));
		return 0;
	}
	iface_pin_path(ifaces, iface->slot, pin, sizeof(pin));
	err = attach_program(ifaces->tables, iface->slot, iface->name, iface->mode,
			     ifaces->programs, pin, there ? &found : NULL, &iface->attachment, error);
	if (err && !iface->attachment.program_id)
		return err;
	iface->attached = true;
	slot->ifindex = iface->attachment.ifindex;
	slot->mode = iface->attachment.generic;
	slot->method = iface->attachment.method;
	slot->program = program_hash(ifaces->tables);
	slot->program_id = iface->attachment.program_id;
	if (err) /* it is back as it was */
		return err;
	log_info("%s: attached program %u (%s, %s)%s", iface->name, slot->program_id,
		 slot->mode ? "generic" : "native", method_name(&iface->attachment),
		 there ? ", in place of another" : "");
	iface_log_change(ifaces, there ? "replace" : "attach", iface->name, slot->mode ? "generic" : "native");
	return 0;
}

static int iface_detach(struct ifaces *ifaces, struct iface *iface, struct error *error)
{
	char pin[CONFIG_PATH_MAX + 64];
	int err = 0;

	iface_pin_path(ifaces, iface->slot, pin, sizeof(pin));
	if (iface->attached)
		err = attach_detach(&iface->attachment, iface->name, ifaces->programs, pin, error);
	else
		unlink(pin);
	if (err)
		return err;
	if (iface->attached) {
		log_info("%s: detached", iface->name);
		iface_log_change(ifaces, "detach", iface->name, NULL);
	}
	iface_drop(ifaces, iface);
	return 0;
}

/* --- the configuration --- */

static const struct config_iface *config_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, name))
			return &config->iface[i];
	return NULL;
}

struct stored {
	struct config_iface iface[S64_IFACES_MAX];
	size_t count;
};

static void stored_add(const struct store_iface *row, void *data)
{
	struct stored *stored = data;
	struct config_iface *iface = &stored->iface[stored->count];

	if (stored->count == S64_IFACES_MAX)
		return;
	stored->count++;
	snprintf(iface->name, sizeof(iface->name), "%s", row->name);
	iface->mode = row->mode;
	iface->filter_given = row->filter >= 0;
	iface->filter = row->filter >= 0 ? row->filter : 0;
}

static bool stored_has(const struct stored *stored, const char *name)
{
	for (size_t i = 0; i < stored->count; i++)
		if (!strcmp(stored->iface[i].name, name))
			return true;
	return false;
}

/* Bring one interface to what is wanted of it. Returns 1 where it was attached, 0 where it was there. */
static int configure_one(struct ifaces *ifaces, const struct config *config,
			 const struct config_iface *wanted, bool from_config, struct error *error)
{
	struct iface *iface = ifaces_find(ifaces, wanted->name);
	bool was_attached = iface && iface->attached;
	int err;

	if (!iface) {
		iface = iface_new(ifaces, wanted->name, error);
		if (!iface)
			return -ENOSPC;
	}
	iface->from_config = from_config;
	iface->ipv4_enforce = wanted->ipv4_enforce;
	config_iface_policy(config, wanted, &iface->policy);
	if (was_attached && iface->mode == wanted->mode) {
		policy_write(ifaces, iface, config);
		return 0;
	}
	iface->mode = wanted->mode;
	if (!if_nametoindex(iface->name)) {
		if (!iface->attached)
			log_warning("%s: there is no such interface; it is attached to when it comes",
				    iface->name);
		policy_write(ifaces, iface, config);
		return 0;
	}
	err = iface_attach(ifaces, iface, config, error);
	return err ? err : 1;
}

int ifaces_configure(struct ifaces *ifaces, const struct config *config, bool strict,
		     struct error *error)
{
	struct stored *stored = calloc(1, sizeof(*stored));
	int changes = 0, err;

	if (!stored)
		return error_set(error, -ENOMEM, "out of memory");
	err = store_ifaces(ifaces->store, stored_add, stored, error);

	for (size_t i = 0; i < config->iface_count + stored->count && !err; i++) {
		bool from_config = i < config->iface_count;
		const struct config_iface *wanted =
			from_config ? &config->iface[i] : &stored->iface[i - config->iface_count];
		int done;

		if (!from_config && config_find(config, wanted->name))
			continue;
		done = configure_one(ifaces, config, wanted, from_config, error);
		if (done >= 0) {
			changes += done;
		} else if (strict) {
			err = done;
		} else {
			log_error("%s", error->text);
		}
	}
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots && !err; i++) {
		struct iface *iface = ifaces->entry[i];

		if (!iface || config_find(config, iface->name) || stored_has(stored, iface->name))
			continue;
		err = iface_detach(ifaces, iface, error);
		changes++;
	}
	free(stored);
	return err ? err : changes;
}

/* --- by hand --- */

int ifaces_attach(struct ifaces *ifaces, const struct config *config, const char *name,
		  enum config_mode mode, int filter, struct iface **out, struct error *error)
{
	const struct config_iface *configured = config_find(config, name);
	struct config_iface wanted = {.mode = mode};
	struct store_iface row = {name, mode, filter};
	bool known = ifaces_find(ifaces, name);
	int err;

	if (!if_nametoindex(name))
		return error_set(error, -ENODEV,
				 "cannot attach to %s: there is no such interface; 'ip link' lists what there is", name);
	if (configured)
		wanted.policy = configured->policy, wanted.ipv4_enforce = configured->ipv4_enforce;
	if (strlen(name) >= sizeof(wanted.name))
		return error_set(error, -EINVAL, "'%s' is not the name of an interface", name);
	strcpy(wanted.name, name);
	wanted.filter_given = filter >= 0;
	wanted.filter = filter >= 0 ? filter : 0;
	err = configure_one(ifaces, config, &wanted, configured, error);
	if (err < 0) {
		struct iface *iface = ifaces_find(ifaces, name);

		if (!known && iface)
			iface_drop(ifaces, iface);
		return err;
	}
	if (!configured) {
		err = store_iface_put(ifaces->store, &row, error);
		if (err)
			return err;
	}
	*out = ifaces_find(ifaces, name);
	return 0;
}

int ifaces_detach(struct ifaces *ifaces, const char *name, struct error *error)
{
	struct iface *iface = ifaces_find(ifaces, name);
	int err;

	if (!iface)
		return error_set(error, -ENOENT,
				 "slash64 is not attached to '%s'; 'slash64 status' lists where it is",
				 name);
	err = store_iface_remove(ifaces->store, name, error);
	return err ? err : iface_detach(ifaces, iface, error);
}

void ifaces_tick(struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++)
		if (ifaces->entry[i])
			counters_rate_tick(&ifaces->entry[i]->rate, ifaces->tables, i);
}

void ifaces_detach_all(struct ifaces *ifaces)
{
	struct error error;

	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++)
		if (ifaces->entry[i] && iface_detach(ifaces, ifaces->entry[i], &error))
			log_error("%s", error.text);
	rmdir(ifaces->programs);
}

/* An interface of an earlier run that nobody wants any more is found in the slots. */
static int adopt_slots(struct ifaces *ifaces, struct error *error)
{
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++) {
		struct s64_iface_slot *slot = meta_slot(ifaces, i);
		struct iface *iface;
		bool same;

		if (!slot->name[0])
			continue;
		slot->name[sizeof(slot->name) - 1] = '\0';
		iface = iface_new(ifaces, slot->name, error);
		if (!iface)
			return -ENOMEM;
		iface->attached = adopt(ifaces, iface, &iface->attachment, &same);
		/* Whether it is as it is wanted is for ifaces_configure() to see. */
		iface->mode = -1;
	}
	return 0;
}

int ifaces_init(struct ifaces *ifaces, struct tables *tables, struct store *store, const char *pins,
		struct error *error)
{
	memset(ifaces, 0, sizeof(*ifaces));
	ifaces->tables = tables;
	ifaces->store = store;
	snprintf(ifaces->programs, sizeof(ifaces->programs), "%s/programs", pins);
	if (mkdir(ifaces->programs, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s", ifaces->programs,
				 strerror(errno));
	return adopt_slots(ifaces, error);
}

static bool is_attached(uint32_t program_id, void *data)
{
	const struct ifaces *ifaces = data;

	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++)
		if (ifaces->entry[i] && ifaces->entry[i]->attached &&
		    ifaces->entry[i]->attachment.program_id == program_id)
			return true;
	return false;
}

/* Pins that no slot has any more. */
static void sweep_pins(const struct ifaces *ifaces)
{
	char path[CONFIG_PATH_MAX + 64];

	for (uint32_t i = 0; i < S64_IFACES_MAX; i++) {
		bool used = i < ifaces->tables->meta->iface_slots && ifaces->entry[i];

		if (!used) {
			iface_pin_path(ifaces, i, path, sizeof(path));
			unlink(path);
		}
	}
}

void ifaces_sweep(struct ifaces *ifaces)
{
	attach_sweep(ifaces->programs, ifaces->tables->meta->owner, is_attached, ifaces);
	sweep_pins(ifaces);
}

void ifaces_free(struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < S64_IFACES_MAX; i++)
		if (ifaces->entry[i]) {
			iface_free(ifaces->entry[i]);
			ifaces->entry[i] = NULL;
		}
}
