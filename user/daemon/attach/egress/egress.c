// SPDX-License-Identifier: GPL-2.0-only
#include "egress.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "clsact.h"
#include "maps/program.h"
#include "proof.skel.h"
#include "daemon/attach/xdp/xdp_pins.h"

/* Of Linux 6.6; the headers of Debian 12 do not have it. */
#define ATTACH_TCX_EGRESS ((enum bpf_attach_type)47)

#define KIND_TCX     "tcx"
#define KIND_TC	     "tc"
#define KIND_TC_MADE "tcmade" /* and the qdisc was made for it */

/* --- pins --- */

static void path_of(const struct egress *egress, const struct egress_place *place,
		    char path[PATH_MAX])
{
	const char *kind = place->is_tcx ? KIND_TCX : place->made_qdisc ? KIND_TC_MADE : KIND_TC;

	snprintf(path, PATH_MAX, "%.*s/%s-%u-%u", PATH_MAX - 48, egress->directory, kind,
		 place->ifindex, place->is_tcx ? 0 : program_id_of(place->fd));
}

static int pin(const struct egress *egress, const struct egress_place *place)
{
	char path[PATH_MAX];
	int err = programs_make_directory(egress->directory);

	path_of(egress, place, path);
	unlink(path);
	return err ? err : bpf_obj_pin(place->fd, path) ? -errno : 0;
}

static void forget(const struct egress *egress, struct egress_place *place)
{
	char path[PATH_MAX];

	path_of(egress, place, path);
	unlink(path);
	if (place->fd >= 0)
		close(place->fd);
	*place = (struct egress_place){.fd = -1};
}

/* Is what the pin says still so? An interface that is gone took the program along. */
static bool is_there(const struct egress_place *place)
{
	struct bpf_link_info info = {};
	__u32 bytes = sizeof(info);

	if (!place->is_tcx)
		return clsact_program(place->ifindex) == program_id_of(place->fd);
	/* the index of the interface comes first, of a tcx link as of one of XDP */
	return !bpf_obj_get_info_by_fd(place->fd, &info, &bytes) &&
	       info.xdp.ifindex == place->ifindex;
}

static struct egress_place *free_place(struct egress *egress)
{
	for (int i = 0; i < S64_IFACES_MAX; i++)
		if (!egress->place[i].ifindex)
			return &egress->place[i];
	return NULL;
}

static void adopt(struct egress *egress, const char *name)
{
	struct egress_place *place = free_place(egress);
	char kind[16], path[PATH_MAX];
	unsigned int ifindex, ignored;

	if (!place || sscanf(name, "%15[a-z]-%u-%u", kind, &ifindex, &ignored) != 3)
		return;
	snprintf(path, sizeof(path), "%.*s/%.64s", PATH_MAX - 80, egress->directory, name);
	*place = (struct egress_place){.ifindex = ifindex,
				       .fd = bpf_obj_get(path),
				       .is_tcx = !strcmp(kind, KIND_TCX),
				       .made_qdisc = !strcmp(kind, KIND_TC_MADE)};
	if (place->fd < 0 || !is_there(place)) {
		forget(egress, place);
		unlink(path);
	}
}

void egress_init(struct egress *egress, const char *pins)
{
	struct dirent *entry;
	DIR *directory;

	memset(egress, 0, sizeof(*egress));
	for (int i = 0; i < S64_IFACES_MAX; i++)
		egress->place[i].fd = -1;
	snprintf(egress->directory, sizeof(egress->directory), "%s/egress", pins);
	directory = opendir(egress->directory);
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			adopt(egress, entry->d_name);
	if (directory)
		closedir(directory);
}

static void close_program(struct egress *egress)
{
	if (egress->program)
		proof_bpf__destroy(egress->program);
	egress->program = NULL;
}

void egress_free(struct egress *egress)
{
	for (int i = 0; i < S64_IFACES_MAX; i++)
		if (egress->place[i].ifindex && egress->place[i].fd >= 0)
			close(egress->place[i].fd);
	close_program(egress);
}

/* --- attaching --- */

static int load(struct egress *egress, const struct maps *maps, struct error *error)
{
	struct proof_bpf *program = proof_bpf__open();
	int err;

	if (!program)
		return error_set(error, -errno, "cannot open the program at egress: %s",
				 strerror(errno));
	err = program_bind(program->obj, (struct s64_config *)&program->rodata->config, maps, 0,
			   S64_CLOCK_KERNEL, error);
	if (!err)
		err = program_load(program->obj, error);
	if (err)
		proof_bpf__destroy(program);
	else
		egress->program = program;
	return err;
}

static int program_of(const struct egress *egress)
{
	return bpf_program__fd(egress->program->progs.slash64_proof);
}

static int attach_tcx(const struct egress *egress, struct egress_place *place)
{
	int fd = bpf_link_create(program_of(egress), place->ifindex, ATTACH_TCX_EGRESS, NULL);

	if (fd < 0)
		return -errno;
	place->is_tcx = true;
	place->fd = fd;
	return 0;
}

/* The new program is pinned before it is in the filter, and the old one unpinned after that: whoever
 * starts after a kill knows whichever is there.
 */
static int attach_tc(const struct egress *egress, struct egress_place *place)
{
	struct egress_place fresh = *place;
	int err;

	fresh.is_tcx = false;
	fresh.fd = dup(program_of(egress));
	if (fresh.fd < 0)
		return -errno;
	err = clsact_make(place->ifindex, &fresh.made_qdisc);
	if (!err)
		err = pin(egress, &fresh);
	if (!err)
		err = clsact_attach(place->ifindex, fresh.fd,
				    place->fd >= 0 ? program_id_of(place->fd) : 0);
	if (err) {
		forget(egress, &fresh);
		return err;
	}
	if (place->fd >= 0)
		forget(egress, place);
	*place = fresh;
	return 0;
}

static int detach(struct egress *egress, struct egress_place *place)
{
	int err = 0;

	if (place->is_tcx)
		bpf_link_detach(place->fd);
	else if (is_there(place))
		err = clsact_detach(place->ifindex, place->made_qdisc);
	if (!err)
		forget(egress, place);
	return err;
}

static int attach_new(struct egress *egress, unsigned int ifindex)
{
	struct egress_place *place = free_place(egress);
	int err;

	if (!place)
		return -ENOSPC;
	*place = (struct egress_place){.ifindex = ifindex, .fd = -1, .is_current = true};
	err = egress->no_tcx ? -EINVAL : attach_tcx(egress, place);
	/* an attach type that the kernel does not know */
	if (err == -EINVAL)
		err = attach_tc(egress, place);
	if (err) {
		*place = (struct egress_place){.fd = -1};
		return err;
	}
	err = place->is_tcx ? pin(egress, place) : 0;
	if (err)
		detach(egress, place);
	return err;
}

/* One of an earlier run gets the program of this one, in one step. */
static int renew(struct egress *egress, struct egress_place *place)
{
	int err;

	if (place->is_current)
		return 0;
	if (place->is_tcx)
		err = bpf_link_update(place->fd, program_of(egress), NULL) ? -errno : 0;
	else
		err = attach_tc(egress, place);
	place->is_current = !err;
	return err;
}

/* --- what is wanted --- */

static bool is_wanted(const unsigned int *ifindex, unsigned int count, unsigned int which)
{
	for (unsigned int i = 0; i < count; i++)
		if (ifindex[i] == which)
			return true;
	return false;
}

static struct egress_place *find(struct egress *egress, unsigned int ifindex)
{
	for (int i = 0; i < S64_IFACES_MAX; i++)
		if (egress->place[i].ifindex == ifindex)
			return &egress->place[i];
	return NULL;
}

static void tell_failure(struct egress *egress, unsigned int ifindex, const char *what)
{
	if (egress->failed == ifindex)
		return;
	egress->failed = ifindex;
	log_error("the program at egress is not on interface %u, so nothing is proven there: %s; "
		  "retrying",
		  ifindex, what);
}

static void remove_others(struct egress *egress, const unsigned int *ifindex, unsigned int count)
{
	for (int i = 0; i < S64_IFACES_MAX; i++) {
		struct egress_place *place = &egress->place[i];

		if (!place->ifindex)
			continue;
		if (!is_there(place))
			forget(egress, place);
		else if (!is_wanted(ifindex, count, place->ifindex) && detach(egress, place))
			tell_failure(egress, place->ifindex, "it cannot be removed");
	}
}

unsigned int egress_set(struct egress *egress, const struct maps *maps, const unsigned int *ifindex,
			unsigned int count)
{
	struct error error;
	unsigned int done = 0;

	remove_others(egress, ifindex, count);
	if (!count) {
		close_program(egress);
		egress->failed = 0;
		rmdir(egress->directory);
		return 0;
	}
	if (!egress->program && load(egress, maps, &error)) {
		tell_failure(egress, ifindex[0], error.text);
		return 0;
	}
	for (unsigned int i = 0; i < count; i++) {
		struct egress_place *place = find(egress, ifindex[i]);
		int err = place ? renew(egress, place) : attach_new(egress, ifindex[i]);

		if (err)
			tell_failure(egress, ifindex[i], strerror(-err));
		else
			done++;
	}
	return done;
}

unsigned int egress_remove(struct egress *egress)
{
	egress_set(egress, NULL, NULL, 0);
	for (int i = 0; i < S64_IFACES_MAX; i++)
		if (egress->place[i].ifindex)
			return egress->place[i].ifindex;
	return 0;
}
