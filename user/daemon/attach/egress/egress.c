// SPDX-License-Identifier: GPL-2.0-only
#include "egress.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
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

static void unpin(const struct egress *egress, const struct egress_place *place)
{
	char path[PATH_MAX];

	path_of(egress, place, path);
	unlink(path);
}

static void forget(const struct egress *egress, struct egress_place *place)
{
	unpin(egress, place);
	if (place->fd >= 0)
		close(place->fd);
	*place = (struct egress_place){.fd = -1};
}

/* Is what the pin says still so? An interface that is gone took the program along. 1, 0, or -errno:
 * the kernel does not say.
 */
static int is_there(const struct egress_place *place)
{
	struct bpf_link_info info = {};
	__u32 bytes = sizeof(info), id = 0;
	int err;

	if (!place->is_tcx) {
		err = clsact_program(place->ifindex, &id);
		return err ? err : id && id == program_id_of(place->fd);
	}
	if (bpf_obj_get_info_by_fd(place->fd, &info, &bytes))
		return -errno;
	/* the index of the interface comes first, of a tcx link as of one of XDP */
	return info.xdp.ifindex == place->ifindex;
}

static struct egress_place *free_place(struct egress *egress)
{
	for (int i = 0; i < S64_IFACES_MAX; i++)
		if (!egress->place[i].ifindex)
			return &egress->place[i];
	return NULL;
}

static bool is_known(const struct egress *egress, const char *pinned)
{
	char path[PATH_MAX];

	for (int i = 0; i < S64_IFACES_MAX; i++) {
		if (!egress->place[i].ifindex)
			continue;
		path_of(egress, &egress->place[i], path);
		if (!strcmp(path, pinned))
			return true;
	}
	return false;
}

/* What a kill has left half done is finished. */
static void adopt(struct egress *egress, const char *name)
{
	struct egress_place *place = free_place(egress);
	char kind[16], path[PATH_MAX];
	unsigned int ifindex, ignored;

	snprintf(path, sizeof(path), "%.*s/%.64s", PATH_MAX - 80, egress->directory, name);
	if (sscanf(name, "%15[a-z]-%u-%u", kind, &ifindex, &ignored) != 3 || is_known(egress, path))
		return;
	if (!place) {
		egress->has_unread = true;
		return;
	}
	*place = (struct egress_place){.ifindex = ifindex,
				       .fd = bpf_obj_get(path),
				       .is_tcx = !strcmp(kind, KIND_TCX),
				       .made_qdisc = !strcmp(kind, KIND_TC_MADE)};
	if (place->fd < 0) {
		*place = (struct egress_place){.fd = -1};
		egress->has_unread = true;
		return;
	}
	/* if the qdisc cannot be removed now, that is tried again as long as nobody wants it */
	if (is_there(place) || (place->made_qdisc && clsact_remove_unused(ifindex)))
		return;
	forget(egress, place);
	unlink(path);
}

static void adopt_all(struct egress *egress)
{
	struct dirent *entry;
	DIR *directory = opendir(egress->directory);

	egress->has_unread = !directory && errno != ENOENT;
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			adopt(egress, entry->d_name);
	if (directory)
		closedir(directory);
}

void egress_init(struct egress *egress, const char *pins)
{
	memset(egress, 0, sizeof(*egress));
	for (int i = 0; i < S64_IFACES_MAX; i++)
		egress->place[i].fd = -1;
	snprintf(egress->directory, sizeof(egress->directory), "%s/egress", pins);
	adopt_all(egress);
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

/* The pin says that the qdisc is ours before it is made. One that somebody else makes at the same
 * moment stays theirs.
 */
static int pin_and_make(const struct egress *egress, struct egress_place *fresh)
{
	int there = clsact_is_there(fresh->ifindex), err;

	if (there < 0)
		return there;
	fresh->made_qdisc |= !there;
	err = pin(egress, fresh);
	if (err || there)
		return err;
	err = clsact_make(fresh->ifindex);
	if (err != -EEXIST)
		return err;
	unpin(egress, fresh);
	fresh->made_qdisc = false;
	return pin(egress, fresh);
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
	err = pin_and_make(egress, &fresh);
	if (!err)
		err = clsact_attach(place->ifindex, fresh.fd,
				    place->fd >= 0 ? program_id_of(place->fd) : 0);
	if (err) {
		if (fresh.made_qdisc && !place->made_qdisc)
			clsact_remove_unused(fresh.ifindex);
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
	int err = place->is_tcx ? 0 : is_there(place);

	if (place->is_tcx)
		bpf_link_detach(place->fd);
	else if (err > 0)
		err = clsact_detach(place->ifindex, place->made_qdisc);
	else if (!err && place->made_qdisc)
		err = clsact_remove_unused(place->ifindex);
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
	if (egress->has_unread)
		return -EAGAIN; /* there may be one already */
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

/* Notes it; false if it was noted. */
static bool note(unsigned int list[S64_IFACES_MAX], unsigned int ifindex)
{
	int i = 0;

	while (i < S64_IFACES_MAX && list[i] && list[i] != ifindex)
		i++;
	if (i == S64_IFACES_MAX || list[i])
		return false;
	list[i] = ifindex;
	return true;
}

/* Once for each interface, until a call has done what it should there. */
static void tell_failure(struct egress *egress, unsigned int ifindex, const char *what)
{
	char name[IF_NAMESIZE];

	if (!note(egress->failing, ifindex) || is_wanted(egress->failed, S64_IFACES_MAX, ifindex))
		return;
	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "%u", ifindex);
	log_error("the program at egress is not on interface %s, so nothing is proven there: %s; "
		  "retrying",
		  name, what);
}

static void end_call(struct egress *egress)
{
	memcpy(egress->failed, egress->failing, sizeof(egress->failed));
	memset(egress->failing, 0, sizeof(egress->failing));
}

static void remove_others(struct egress *egress, const unsigned int *ifindex, unsigned int count)
{
	for (int i = 0; i < S64_IFACES_MAX; i++) {
		struct egress_place *place = &egress->place[i];
		unsigned int where = place->ifindex;
		bool wanted = is_wanted(ifindex, count, where);

		if (!where)
			continue;
		if ((wanted || !place->made_qdisc) && !is_there(place))
			forget(egress, place);
		else if (!wanted && detach(egress, place))
			tell_failure(egress, where, "it cannot be removed");
	}
}

unsigned int egress_set(struct egress *egress, const struct maps *maps, const unsigned int *ifindex,
			unsigned int count)
{
	struct error error;
	unsigned int done = 0;

	if (egress->has_unread)
		adopt_all(egress);
	remove_others(egress, ifindex, count);
	if (!count) {
		close_program(egress);
		rmdir(egress->directory);
		end_call(egress);
		return 0;
	}
	if (!egress->program && load(egress, maps, &error)) {
		tell_failure(egress, ifindex[0], error.text);
		end_call(egress);
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
	end_call(egress);
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
