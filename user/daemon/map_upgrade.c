// SPDX-License-Identifier: GPL-2.0-only
#include "map_upgrade.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/stats/counters.h"
#include "daemon.h"
#include "base/log.h"
#include "maps/iface_slots.h"
#include "maps/packets_wait.h"
#include "base/permission.h"

#define BPFFS	    "/sys/fs/bpf"
#define BPFFS_MAGIC 0xcafe4a11

#define PIN_TRIES 5

/* Below the directory of the pins. The first of the three is in force, unless a rename was
 * interrupted.
 */
#define IN_FORCE "maps"
#define BESIDE	 "maps_new"
#define BEFORE	 "maps_old"

static void directory_of(const struct daemon *daemon, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", daemon->config.pins, name);
}

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPFFS_MAGIC;
}

int map_upgrade_prepare(const char *pins, struct error *error)
{
	char hint[PERMISSION_HINT_MAX];
	int err;

	if (!is_bpffs(BPFFS) && mount("bpf", BPFFS, "bpf", 0, "mode=0700")) {
		err = -errno;
		permission_hint(PERMISSION_MOUNT, err, hint);
		return error_set(error, err, "cannot mount bpffs on %s: %s%s%s", BPFFS,
				 strerror(-err), hint, *hint ? ", or mount it before" : "");
	}
	if (mkdir(pins, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s; maps.pins must be below %s",
				 pins, strerror(errno), BPFFS);
	if (!is_bpffs(pins))
		return error_set(error, -EINVAL, "%s is not on bpffs; maps.pins must be below %s",
				 pins, BPFFS);
	return 0;
}

int map_upgrade_lock(const char *pins, struct error *error)
{
	int fd = open(pins, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(error, -errno, "cannot open %s: %s", pins, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return error_set(error, -EBUSY,
				 "another slash64d runs on the pins in %s; stop it first", pins);
	}
	return 0;
}

/* Somebody may have removed everything; the lock was on a directory that is gone then. */
static int make_again(const char *pins, struct error *error)
{
	return mkdir(pins, 0700) ? 0 : map_upgrade_lock(pins, error);
}

/* bpffs was unmounted, for example. Logged once, as this is tried again every two seconds. */
static void note_unpinned(struct daemon *daemon, const char *path, int err)
{
	if (!daemon->pins_lost)
		log_error(
			"cannot pin the maps in %s: %s; filtering continues; restart slash64d, which mounts bpffs if it is missing",
			path, strerror(-err));
	daemon->pins_lost = true;
}

void map_upgrade_repin(struct daemon *daemon)
{
	char path[PATH_MAX];
	struct error error;
	int count;

	if (make_again(daemon->config.pins, &error) && !daemon->pins_lost)
		log_error("%s", error.text);

	directory_of(daemon, IN_FORCE, path);
	count = maps_repin(&daemon->maps, path);
	if (count < 0) {
		note_unpinned(daemon, path, count);
		return;
	}
	daemon->pins_lost = false;
	if (count)
		log_warning("somebody has removed pins of the maps in %s; they are pinned again",
			    path);
}

/* --- interrupted upgrades --- */

static void mend(const struct daemon *daemon)
{
	char in_force[PATH_MAX], beside[PATH_MAX], before[PATH_MAX];

	directory_of(daemon, IN_FORCE, in_force);
	directory_of(daemon, BESIDE, beside);
	directory_of(daemon, BEFORE, before);
	/* between the two renames: the new maps were in force already */
	if (access(in_force, F_OK) && !access(before, F_OK) && !access(beside, F_OK))
		rename(beside, in_force);
	maps_unpin(beside);
	maps_unpin(before);
}

/* --- opening --- */

static int make(struct daemon *daemon, const char *name, struct error *error)
{
	const struct config *config = &daemon->config;
	struct maps_size size = config_tables_size(config);
	char path[PATH_MAX];
	int err = maps_create(&daemon->maps, &size, error);

	if (err)
		return err;
	daemon->maps.meta->owner = maps_owner(config->pins);
	directory_of(daemon, name, path);
	/* -ENOENT: the directory was removed after it had been made */
	for (int i = 0; i < PIN_TRIES; i++) {
		err = make_again(config->pins, error);
		if (!err)
			err = maps_pin(&daemon->maps, path, error);
		if (err != -ENOENT)
			break;
	}
	return err;
}

/* The pin is gone, and the programs in force still have it. */
static int read_slots_of_programs(const char *pins, struct s64_iface_slot slot[S64_IFACES_MAX])
{
	char programs[PATH_MAX];
	int err, fd;

	snprintf(programs, sizeof(programs), "%s/programs", pins);
	fd = attach_meta_fd(programs, maps_owner(pins));
	if (fd < 0)
		return fd;
	err = iface_slots_read_fd(fd, slot);
	close(fd);
	return err;
}

/* The interfaces are kept, as far as there is room, by name and ifindex: also one that was renamed
 * while nobody looked, and under another layout. Of the same layout the seed is kept too, so that a
 * hashed key stays that of the same source.
 */
static void carry_over(const struct maps *from, const char *pins, const char *path, struct maps *to)
{
	struct s64_iface_slot slot[S64_IFACES_MAX];
	int err = 0;

	if (from) {
		to->meta->seed = from->meta->seed;
		memcpy(slot, from->meta->iface, sizeof(slot));
	} else {
		err = iface_slots_read(path, slot);
		if (err == -ENOENT)
			err = read_slots_of_programs(pins, slot);
	}
	if (!from && S64_MISTAKE(LAYOUT_FORGETS))
		return;
	if (!err)
		iface_slots_carry(slot, to->meta);
	else
		log_warning(
			"the interfaces of the maps in %s cannot be read (%s): those that were renamed meanwhile are not known again",
			path, strerror(-err));
}

static int rebuild(struct daemon *daemon, struct maps *old, const char *path, const char *why,
		   struct error *error)
{
	int err;

	log_info("%s: new ones are made beside them, and switched to", why);
	err = make(daemon, BESIDE, error);
	if (!err)
		carry_over(old, daemon->config.pins, path, &daemon->maps);
	daemon->maps_state = err ? daemon->maps_state : MAPS_BESIDE;
	return err;
}

int map_upgrade_open(struct daemon *daemon, struct error *error)
{
	struct maps_size size = config_tables_size(&daemon->config);
	char path[PATH_MAX], why[PATH_MAX + 128];
	struct s64_iface_slot slot[S64_IFACES_MAX];
	struct maps old;
	int err;

	mend(daemon);
	directory_of(daemon, IN_FORCE, path);
	err = maps_adopt(&old, path, error);
	if (!err && maps_fit(&old, &size)) {
		daemon->maps = old;
		log_info("adopted the maps in %s", path);
		return 0;
	}
	if (!err) {
		snprintf(why, sizeof(why),
			 "the sizes in the configuration differ from the maps in %s", path);
		err = rebuild(daemon, &old, path, why, error);
		if (err)
			maps_close(&old);
		else
			daemon->before = old;
		return err;
	}
	if (err == -ESTALE) {
		snprintf(why, sizeof(why), "%.120s", error->text);
		return rebuild(daemon, NULL, path, why, error);
	}
	if (err != -ENOENT)
		return err;
	err = make(daemon, IN_FORCE, error);
	/* somebody may have removed all pins of an earlier run */
	if (!err && !read_slots_of_programs(daemon->config.pins, slot))
		iface_slots_carry(slot, daemon->maps.meta);
	daemon->maps_state = err ? daemon->maps_state : MAPS_NEW;
	return err;
}

/* --- a lost store --- */

/* Does a pinned bucket table contain anything? An unreadable one may. */
static bool may_hold_keys(const char *directory, enum map_id map_id)
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);
	char path[PATH_MAX];
	bool held = true;
	size_t length;
	void *memory;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, maps_name(map_id));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return errno != ENOENT;
	if (!bpf_obj_get_info_by_fd(fd, &info, &bytes) &&
	    info.value_size == sizeof(struct s64_bucket)) {
		length = (size_t)info.max_entries * info.value_size;
		memory = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
		held = memory == MAP_FAILED;
		for (uint32_t i = 0; i < info.max_entries && !held; i++)
			for (int j = 0; j < S64_BUCKET_KEYS && !held; j++)
				held = ((const struct s64_bucket *)memory)[i].key[j] != 0;
		if (memory != MAP_FAILED)
			munmap(memory, length);
	}
	close(fd);
	return held;
}

static void note_unnamed(enum store_place place, uint64_t key, void *data)
{
	(void)place;
	(void)key;
	*(bool *)data = true;
}

int map_upgrade_carry_unnamed(struct daemon *daemon, struct error *error)
{
	bool any = store_is_new(daemon->store);
	const struct maps *before = &daemon->before, *maps = &daemon->maps;
	char path[PATH_MAX];
	int err = store_unnamed(daemon->store, note_unnamed, &any, error);

	if (err || !any)
		return err;
	directory_of(daemon, IN_FORCE, path);
	if (before->meta) {
		/* the prefixes of hashed keys are unknown: their index is copied as it is, and
		 * announces too much once they expire
		 */
		memcpy(maps->lengths, before->lengths, before->bytes[MAP_LENGTHS]);
		memcpy(maps->index, before->index, before->bytes[MAP_INDEX]);
		memcpy(maps->index_page, before->index_page, before->bytes[MAP_INDEX_PAGE]);
		return 0;
	}
	if (daemon->maps_state != MAPS_BESIDE || !store_is_new(daemon->store) ||
	    (!may_hold_keys(path, MAP_BLOCKS) && !may_hold_keys(path, MAP_PREFIXES)))
		return 0;
	return error_set(error, -EUCLEAN,
			 "the store is lost, and the blocks are in maps of another "
			 "version, %s: restore the store, or start the previous "
			 "version once, which reads them; 'rm -r %s' abandons them",
			 path, path);
}

/* --- the end --- */

/* The programs in force have counted in the old maps until they were replaced, and the last packets
 * in flight still do.
 */
static void carry_counters(const struct maps *from, const struct maps *to)
{
	packets_wait();
	for (uint32_t i = 0; i < from->meta->iface_slots; i++) {
		int slot = iface_slots_where(from->meta->iface, i, to->meta);

		if (slot >= 0)
			counters_carry(from, i, to, slot);
	}
}

void map_upgrade_commit(struct daemon *daemon)
{
	char in_force[PATH_MAX], beside[PATH_MAX], before[PATH_MAX];

	if (daemon->maps_state != MAPS_BESIDE)
		return;
	directory_of(daemon, IN_FORCE, in_force);
	directory_of(daemon, BESIDE, beside);
	directory_of(daemon, BEFORE, before);
	if (daemon->before.meta)
		carry_counters(&daemon->before, &daemon->maps);
	if (rename(in_force, before) || rename(beside, in_force))
		log_error("cannot replace the old maps with the new ones: %s; "
			  "the next start makes them again",
			  strerror(errno));
	maps_unpin(before);
	if (daemon->before.meta)
		maps_close(&daemon->before);
	daemon->maps_state = MAPS_ADOPTED;
	log_info("the new maps are in force");
}

void map_upgrade_undo(struct daemon *daemon)
{
	char path[PATH_MAX];

	if (daemon->maps_state == MAPS_BESIDE) {
		directory_of(daemon, BESIDE, path);
		maps_unpin(path);
	} else if (daemon->maps_state == MAPS_NEW) {
		if (daemon->ifaces.maps)
			ifaces_undo_start(&daemon->ifaces);
		rmdir(daemon->ifaces.programs);
		map_upgrade_unpin(daemon);
	}
}

void map_upgrade_unpin(const struct daemon *daemon)
{
	char path[PATH_MAX];

	directory_of(daemon, IN_FORCE, path);
	maps_unpin(path);
	rmdir(daemon->config.pins);
}

void map_upgrade_unpin_all(const char *pins)
{
	static const char *const names[] = {IN_FORCE, BESIDE, BEFORE};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", pins, names[i]);
		maps_unpin(path);
	}
	rmdir(pins);
}
