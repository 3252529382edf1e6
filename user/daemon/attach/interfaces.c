// SPDX-License-Identifier: GPL-2.0-only
#include "interfaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/attach/xdp/xdp_pins.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "interfaces_detached.h"
#include "interfaces_internal.h"
#include "base/log.h"
#include "planted.h"
#include "daemon/store/log/audit_log.h"
#include "base/time.h"

#define SWEEP_AGAIN_S 60 /* each failure has its line in the journal */

static struct s64_iface_slot *meta_slot(const struct ifaces *ifaces, uint32_t slot)
{
	return &ifaces->maps->meta->iface[slot];
}

static void iface_free(struct iface *iface)
{
	if (iface->program_fd >= 0)
		close(iface->program_fd);
	if (iface->gone_fd >= 0)
		close(iface->gone_fd);
	iface_drop_before(iface);
	counters_rate_free(&iface->rate);
	free(iface);
}

/* An earlier run's slot: the same interface keeps its counters. */
static int slot_take(const struct ifaces *ifaces, const char *name)
{
	int unused = -1;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		if (!strcmp(meta_slot(ifaces, i)->name, name)) {
			if (planted("count-anew"))
				counters_clear(ifaces->maps, i);
			return i;
		}
		if (unused < 0 && !ifaces->entry[i] && !meta_slot(ifaces, i)->name[0])
			unused = i;
	}
	if (unused >= 0) {
		struct s64_iface_slot *slot = meta_slot(ifaces, unused);

		if (ifaces->begins_anew)
			ifaces->begins_anew(ifaces->begins_anew_data, unused);
		counters_clear(ifaces->maps, unused);
		memset(slot, 0, sizeof(*slot));
		snprintf(slot->name, sizeof(slot->name), "%s", name);
	}
	return unused;
}

struct iface *iface_new(struct ifaces *ifaces, const char *name, struct error *error)
{
	struct iface *iface = calloc(1, sizeof(*iface));
	int slot;

	if (!iface || counters_rate_init(&iface->rate)) {
		free(iface);
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	iface->program_fd = -1;
	iface->before_fd = -1;
	iface->gone_fd = -1;
	slot = slot_take(ifaces, name);
	if (slot < 0) {
		error_set(
			error, -ENOSPC,
			"cannot attach to %s: all %u interface slots are in use; raise maps.interfaces",
			name, ifaces->maps->meta->iface_slots);
		iface_free(iface);
		return NULL;
	}
	snprintf(iface->name, sizeof(iface->name), "%s", name);
	iface->slot = slot;
	iface->lost_ms = clock_wall_ms();
	ifaces->entry[slot] = iface;
	iface_detached_forget(ifaces, name);
	return iface;
}

void iface_rename(struct ifaces *ifaces, struct iface *iface, const char *name)
{
	struct s64_iface_slot *slot = meta_slot(ifaces, iface->slot);

	snprintf(iface->name, sizeof(iface->name), "%s", name);
	memset(slot->name, 0, sizeof(slot->name));
	snprintf(slot->name, sizeof(slot->name), "%s", name);
	iface->renamed[0] = '\0';
}

/* Closes and unpins the program that iface_gone() kept, unless that program is attached again. */
static void drop_gone(struct ifaces *ifaces, struct iface *iface)
{
	uint32_t id;

	if (iface->gone_fd < 0)
		return;
	id = program_id_of(iface->gone_fd);
	if (id != iface->attachment.program_id)
		program_unpin(ifaces->programs, id);
	close(iface->gone_fd);
	iface->gone_fd = -1;
}

void iface_drop(struct ifaces *ifaces, struct iface *iface)
{
	drop_gone(ifaces, iface);
	memset(meta_slot(ifaces, iface->slot), 0, sizeof(struct s64_iface_slot));
	ifaces->entry[iface->slot] = NULL;
	iface_free(iface);
}

void iface_write_policy(struct ifaces *ifaces, const struct iface *iface,
			const struct config *config)
{
	struct s64_limit limits[S64_LIMIT_MAX];
	struct s64_limit *in_force = &ifaces->maps->limits[iface->slot * S64_LIMIT_MAX];
	struct s64_iface_policy compiled;

	memcpy(limits, in_force, sizeof(limits));
	policy_compile(&iface->policy, &config->policy, iface->slot, ifaces->maps->meta->tick_ns,
		       &compiled, limits);
	if (iface->ipv4_enforce)
		compiled.flags |= S64_IFACE_IPV4_ENFORCE;
	/* Limits first: no class may use a limit that is not there yet. */
	memcpy(in_force, limits, sizeof(limits));
	memcpy(&ifaces->maps->policy[iface->slot], &compiled, sizeof(compiled));
}

bool iface_mode_fits(enum config_mode mode, bool generic)
{
	return mode == MODE_AUTO || (mode == MODE_GENERIC) == generic;
}

static const char *method_name(const struct attachment *attachment)
{
	return attachment->method == ATTACH_DISPATCHER ? "dispatcher" : "direct";
}

void iface_log_change(const struct ifaces *ifaces, const struct actor *actor, const char *action,
		      const char *name, const char *how)
{
	struct store_change change = {.action = action};
	char detail[S64_IFACE_NAME_MAX + 128];
	struct error error;

	if (!actor)
		return;
	snprintf(detail, sizeof(detail), "%s%s%s", name, how ? ", " : "", how ? how : "");
	change.detail = detail;
	if (store_log_add(ifaces->store, actor, &change, &error))
		log_error("%s: %s", name, error.text);
}

/* --- on and off the interface --- */

void ifaces_orphaned(struct ifaces *ifaces)
{
	if (!ifaces->orphans_s)
		ifaces->orphans_s = clock_monotonic_s() + 1; /* 0 means none */
}

void iface_forget(struct ifaces *ifaces, struct iface *iface)
{
	if (iface->attached)
		iface->lost_ms = clock_wall_ms();
	iface->attached = false;
	iface->outdated = false;
	iface->fresh = false;
	memset(&iface->attachment, 0, sizeof(iface->attachment));
	if (iface->program_fd >= 0)
		close(iface->program_fd);
	iface->program_fd = -1;
	/* a program that may come back is known to the next run by this */
	meta_slot(ifaces, iface->slot)->program_id =
		iface->gone_fd >= 0 ? program_id_of(iface->gone_fd) : 0;
}

void iface_gone(struct ifaces *ifaces, struct iface *iface)
{
	uint32_t id = iface->attachment.program_id;

	if (iface->program_fd < 0) {
		program_unpin(ifaces->programs, id);
		iface_forget(ifaces, iface);
		return;
	}
	drop_gone(ifaces, iface);
	iface->gone_fd = iface->program_fd;
	iface->program_fd = -1;
	iface_forget(ifaces, iface);
}

int iface_leave(struct ifaces *ifaces, struct iface *iface, struct error *error)
{
	char name[IF_NAMESIZE];
	int err = 0;

	if (iface->attached && if_indextoname(iface->attachment.ifindex, name))
		err = attach_detach(&iface->attachment, name, ifaces->programs, error);
	else
		program_unpin(ifaces->programs, iface->attachment.program_id);
	if (!err)
		iface_forget(ifaces, iface);
	return err;
}

/* The program on the interface belongs to this entry now, and no longer to another one that had it
 * before.
 */
static void take_over(struct ifaces *ifaces, struct iface *iface,
		      const struct attachment *attachment)
{
	struct s64_iface_slot *slot = meta_slot(ifaces, iface->slot);
	struct error error;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *other = ifaces->entry[i];

		if (other && other != iface && other->attached &&
		    other->attachment.ifindex == attachment->ifindex)
			iface_forget(ifaces, other);
	}
	if (iface->attached && iface->attachment.ifindex != attachment->ifindex)
		ifaces_orphaned(ifaces);
	iface_forget(ifaces, iface);
	iface->attachment = *attachment;
	iface->attached = true;
	iface->lost_ms = 0;
	iface->program_fd = program_fd(ifaces->programs, attachment->program_id);
	drop_gone(ifaces, iface);
	slot->ifindex = attachment->ifindex;
	slot->mode = attachment->generic;
	slot->method = attachment->method;
	slot->program = program_hash(ifaces->maps);
	slot->program_id = attachment->program_id;
	if (store_iface_see(ifaces->store, iface->name, &error))
		log_error("%s: %s", iface->name, error.text);
}

/* It runs this entry's slot in these maps, with this version's program. */
static bool is_as_wanted(struct ifaces *ifaces, const struct iface *iface, enum config_mode mode,
			 const struct attachment *found)
{
	const struct s64_iface_slot *slot = meta_slot(ifaces, iface->slot);
	int fd;

	if (slot->program_id != found->program_id || slot->program != program_hash(ifaces->maps) ||
	    !iface_mode_fits(mode, found->generic))
		return false;
	fd = program_fd(ifaces->programs, found->program_id);
	/* one that can be pinned replaces it */
	if (fd < 0 || program_pin(ifaces->programs, fd)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	return true;
}

/* The present program stays until it can be replaced: it filters as well as before. But that is
 * reported, and retried.
 */
static void leave_outdated(struct ifaces *ifaces, struct iface *iface,
			   const struct attachment *found)
{
	take_over(ifaces, iface, found);
	/* the next start must not take it for a wanted one */
	meta_slot(ifaces, iface->slot)->program = 0;
	iface->outdated = true;
}

/* The pin stayed, and where nothing of ours was found in its place, so did the folder of the dispatcher. */
static void drop_taken_off(struct ifaces *ifaces, const struct iface *iface, bool sweep)
{
	if (sweep && iface->attachment.method == ATTACH_DISPATCHER &&
	    dispatcher_dirs_sweep(ifaces->programs, ifaces->maps->meta->owner) == -ETIMEDOUT)
		ifaces_orphaned(ifaces);
	program_unpin(ifaces->programs, iface->attachment.program_id);
}

/* `now`: zeros if the attach failed. */
static void after_attaching(struct ifaces *ifaces, struct iface *iface,
			    const struct attachment *found, const struct attachment *now)
{
	if (now->program_id) {
		/* one that somebody had taken off, while its pin stayed */
		if (iface->attached && iface->attachment.ifindex == now->ifindex &&
		    iface->attachment.program_id != now->program_id)
			drop_taken_off(ifaces, iface, !found);
		take_over(ifaces, iface, now);
		iface->fresh = ifaces->starting && !found;
		return;
	}
	iface_drop_before(iface);
	if (ifaces->starting && found)
		leave_outdated(ifaces, iface, found);
	else if (iface->attached && !attach_is_current(&iface->attachment))
		iface_forget(ifaces, iface);
}

int iface_attach(struct ifaces *ifaces, const struct actor *actor, struct iface *iface,
		 enum config_mode mode, struct error *error)
{
	uint64_t owner = ifaces->maps->meta->owner;
	struct attachment found[ATTACH_FOUND_MAX], now = {};
	size_t there = attach_find(ifaces->programs, owner, iface->target,
				   meta_slot(ifaces, iface->slot)->program_id, found);
	int err;

	if (there && is_as_wanted(ifaces, iface, mode, &found[0])) {
		take_over(ifaces, iface, &found[0]);
		if (there > 1 && attach_leave_others(ifaces->programs, owner, iface->target,
						     found[0].program_id))
			ifaces_orphaned(ifaces);
		log_info("%s: adopted program %u (%s, %s)", iface->name, found[0].program_id,
			 config_mode_name(found[0].generic), method_name(&found[0]));
		return 0;
	}
	if (planted("leave-first") && there) {
		attach_leave_others(ifaces->programs, owner, iface->target, 0);
		there = 0;
	}
	if (there)
		iface_hold_before(ifaces, iface, &found[0]);
	err = attach_program(ifaces->maps, iface->slot, iface->target, mode, ifaces->programs,
			     there ? &found[0] : NULL, &now, error);
	after_attaching(ifaces, iface, there ? &found[0] : NULL, &now);
	if (err) /* nothing was changed, or the old mode is restored */
		return err;
	if (there && attach_leave_others(ifaces->programs, owner, iface->target, now.program_id))
		ifaces_orphaned(ifaces);
	log_info("%s: attached program %u (%s, %s)%s", iface->name, now.program_id,
		 config_mode_name(now.generic), method_name(&now),
		 there ? ", in place of another" : "");
	iface_log_change(ifaces, actor, there ? "replace" : "attach", iface->name,
			 config_mode_name(now.generic));
	return 0;
}

/* --- all of them --- */

const char *iface_state_word(const struct iface *iface)
{
	return !iface->attached ? "missing" : iface->outdated ? "outdated" : "attached";
}

const char *iface_mode_word(const struct iface *iface)
{
	return !iface->attached ? "none" : config_mode_name(iface->attachment.generic);
}

const char *iface_method_word(const struct iface *iface)
{
	return iface->attached ? method_name(&iface->attachment) : "none";
}

void ifaces_tick(struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (ifaces->entry[i])
			counters_rate_tick(&ifaces->entry[i]->rate, ifaces->maps, i);
}

unsigned int ifaces_detach_all(struct ifaces *ifaces)
{
	unsigned int failures = 0;
	struct error error;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *iface = ifaces->entry[i];

		bool was_attached = iface && iface->attached;

		if (!iface)
			continue;
		if (iface_leave(ifaces, iface, &error)) {
			log_error("%s", error.text);
			failures++;
			continue;
		}
		if (was_attached) {
			log_info("%s: detached", iface->name);
			iface_log_change(ifaces, &actor_itself, "detach", iface->name, NULL);
		}
		iface_drop(ifaces, iface);
	}
	ifaces_sweep(ifaces);
	rmdir(ifaces->programs);
	return failures;
}

int ifaces_init(struct ifaces *ifaces, struct maps *maps, struct store *store, const char *pins,
		struct error *error)
{
	int err;

	memset(ifaces, 0, sizeof(*ifaces));
	ifaces->maps = maps;
	ifaces->store = store;
	ifaces->starting = true;
	snprintf(ifaces->programs, sizeof(ifaces->programs), "%s/programs", pins);
	/* somebody may have removed all pins since the maps were adopted; upkeep pins those again
	 */
	err = programs_make_directory(ifaces->programs);
	if (err)
		return error_set(error, err, "cannot make %s: %s", ifaces->programs,
				 strerror(-err));
	return ifaces_adopt(ifaces, error);
}

/* Attached, or kept by iface_gone(). */
static bool is_wanted(uint32_t program_id, void *data)
{
	const struct ifaces *ifaces = data;

	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *iface = ifaces->entry[i];

		if (iface && ((iface->attached && iface->attachment.program_id == program_id) ||
			      (iface->gone_fd >= 0 && program_id_of(iface->gone_fd) == program_id)))
			return true;
	}
	return false;
}

void ifaces_sweep(struct ifaces *ifaces)
{
	size_t left = planted("leave-unwanted") ?
			      0 :
			      attach_sweep(ifaces->programs, ifaces->maps->meta->owner, is_wanted,
					   ifaces);

	ifaces->orphans_s = 0;
	ifaces->sweep_at_s = 0;
	if (left) {
		ifaces_orphaned(ifaces);
		ifaces->sweep_at_s = clock_monotonic_s() + SWEEP_AGAIN_S;
	}
	if (dispatcher_dirs_sweep(ifaces->programs, ifaces->maps->meta->owner) == -ETIMEDOUT)
		ifaces_orphaned(ifaces); /* later, when the lock is released */
}

void ifaces_free(struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < S64_IFACES_MAX; i++)
		if (ifaces->entry[i]) {
			iface_free(ifaces->entry[i]);
			ifaces->entry[i] = NULL;
		}
}
