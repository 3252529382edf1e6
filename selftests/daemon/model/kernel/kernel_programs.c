// SPDX-License-Identifier: GPL-2.0-only
/* Programs and interfaces. How a program is attached, step by step, is tested by `make
 * check-attach`; here it is attached or not. Replaces user/daemon/attach*.c, dispatcher/dirs.c and
 * link_master.c.
 */
#include "../world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_attach.h"
#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/attach/xdp/xdp_pins.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "daemon/netlink/link_master.h"

#define FDS_MAX 1024

/* --- links --- */

struct model_link *kernel_link(const char *name)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = &world->link[i];

		if (link->ifindex && (!strcmp(link->name, name) || !strcmp(link->other_name, name)))
			return link;
	}
	return NULL;
}

static struct model_link *link_at(unsigned int ifindex)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (ifindex && world->link[i].ifindex == ifindex)
			return &world->link[i];
	return NULL;
}

unsigned int if_nametoindex(const char *name)
{
	const struct model_link *link = kernel_link(name);

	errno = ENODEV;
	return link ? link->ifindex : 0;
}

char *if_indextoname(unsigned int ifindex, char name[IF_NAMESIZE])
{
	const struct model_link *link = link_at(ifindex);

	errno = ENXIO;
	return link ? strcpy(name, link->name) : NULL;
}

struct if_nameindex *if_nameindex(void)
{
	struct if_nameindex *all = calloc(LINKS_MAX + 1, sizeof(*all));
	unsigned int count = 0;

	for (int i = 0; i < LINKS_MAX && all; i++)
		if (world->link[i].ifindex)
			all[count++] =
				(struct if_nameindex){world->link[i].ifindex, world->link[i].name};
	return all;
}

void if_freenameindex(struct if_nameindex *all)
{
	free(all);
}

int link_master(unsigned int ifindex, char master[IF_NAMESIZE])
{
	master[0] = '\0';
	return link_at(ifindex) ? 0 : -ENODEV;
}

/* --- programs --- */

static uint32_t id_of_fd[FDS_MAX];

static struct model_program *program_at(uint32_t id)
{
	for (int i = 0; i < PROGRAMS_MAX; i++)
		if (id && world->program[i].id == id)
			return &world->program[i];
	return NULL;
}

const struct model_program *kernel_program(uint32_t id)
{
	return program_at(id);
}

static bool is_attached(uint32_t id)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex && world->link[i].program == id)
			return true;
	return false;
}

/* Frees whatever nothing holds. Descriptors of slash64d itself make no difference here. */
static struct model_program *program_new(void)
{
	for (int i = 0; i < PROGRAMS_MAX; i++) {
		struct model_program *program = &world->program[i];

		if (program->id && (program->pinned || is_attached(program->id)))
			continue;
		*program = (struct model_program){.id = world->next_program++};
		return program;
	}
	return NULL;
}

uint32_t program_id_of(int fd)
{
	return fd >= 0 && fd < FDS_MAX ? id_of_fd[fd] : 0;
}

int program_fd(const char *programs, uint32_t id)
{
	int fd = program_at(id) ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -ENOENT;

	(void)programs;
	if (fd >= FDS_MAX) {
		close(fd);
		return -EMFILE;
	}
	if (fd >= 0)
		id_of_fd[fd] = id;
	return fd;
}

int program_pinned_fd(const char *programs, uint32_t id)
{
	const struct model_program *program = program_at(id);

	return program && program->pinned ? program_fd(programs, id) : -ENOENT;
}

int programs_make_directory(const char *programs)
{
	return mkdir(programs, 0700) && errno != EEXIST ? -errno : 0;
}

int program_pin(const char *programs, int fd)
{
	struct model_program *program = program_at(program_id_of(fd));

	(void)programs;
	if (!program)
		return -ENOENT;
	if (!program->pinned) {
		int err = world_at(PLACE_PROGRAM);

		if (err)
			return err;
	}
	program->pinned = true;
	return 0;
}

void program_unpin(const char *programs, uint32_t id)
{
	struct model_program *program = program_at(id);

	(void)programs;
	if (!program || !program->pinned)
		return;
	world_at(PLACE_PROGRAM);
	program->pinned = false;
}

void programs_sweep(const char *programs, bool (*wanted)(uint32_t program_id, void *data),
		    void *data)
{
	for (int i = 0; i < PROGRAMS_MAX; i++)
		if (world->program[i].id && world->program[i].pinned &&
		    !wanted(world->program[i].id, data))
			program_unpin(programs, world->program[i].id);
}

void attach_init(void)
{
}

static int refuse(struct error *error, int err, const struct model_link *link)
{
	return error_set(error, err, "cannot attach to %s: %s", link->name, strerror(-err));
}

/* Some drivers have no native mode. */
static bool takes_native(const struct model_link *link)
{
	return link->ifindex % 3 != 0;
}

int attach_program(const struct maps *maps, uint32_t slot, unsigned int ifindex,
		   enum config_mode mode, const char *programs, const struct attachment *old,
		   struct attachment *out, struct error *error)
{
	struct model_link *link = link_at(ifindex);
	struct model_program *program;
	bool generic;
	int err;

	(void)programs;
	if (!link)
		return error_set(error, -ENODEV, "cannot attach: no such interface");
	if (mode == MODE_NATIVE && !takes_native(link))
		return refuse(error, -EOPNOTSUPP, link);
	if (link->program && (!old || link->program != old->program_id))
		return refuse(error, -EBUSY, link);
	generic = mode == MODE_GENERIC || !takes_native(link) ||
		  (mode == MODE_AUTO && old && old->generic);
	err = world_at(PLACE_PROGRAM);
	if (err)
		return refuse(error, err, link);
	program = program_new();
	if (!program)
		return refuse(error, -ENOMEM, link);
	program->owner = maps->meta->owner;
	program->maps = kernel_inode(maps->fd[MAP_META]);
	program->slot = slot;
	world_at(PLACE_PROGRAM);
	program->pinned = true;
	world_at(PLACE_PROGRAM);
	if (old && old->generic != generic) {
		link->program = 0;
		world_at(PLACE_PROGRAM);
	}
	link->program = program->id;
	link->generic = generic;
	world_at(PLACE_PROGRAM);
	*out = (struct attachment){ifindex, program->id, generic, ATTACH_DIRECT};
	if (old)
		program_unpin(programs, old->program_id);
	return 0;
}

int attach_put_back(const struct attachment *now, const struct attachment *before, int fd,
		    const char *programs, uint64_t owner, struct error *error)
{
	struct model_link *link = link_at(now->ifindex);
	int err = program_pin(programs, fd);

	(void)owner;
	if (err || !link || link->program != now->program_id || now->generic != before->generic)
		return error_set(error, err ? err : -EBUSY, "program %u cannot be put back",
				 before->program_id);
	world_at(PLACE_PROGRAM);
	link->program = before->program_id;
	world_at(PLACE_PROGRAM);
	program_unpin(programs, now->program_id);
	return 0;
}

uint32_t attach_direct_id(unsigned int ifindex, bool generic)
{
	const struct model_link *link = link_at(ifindex);

	return link && link->program && link->generic == generic ? link->program : 0;
}

bool attach_is_current(const struct attachment *attachment)
{
	return attach_direct_id(attachment->ifindex, attachment->generic) == attachment->program_id;
}

int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  struct error *error)
{
	struct model_link *link = link_at(attachment->ifindex);

	if (link && link->program == attachment->program_id) {
		int err = world_at(PLACE_PROGRAM);

		if (err)
			return error_set(error, err, "cannot detach from %s: %s", name,
					 strerror(-err));
		link->program = 0;
	}
	program_unpin(programs, attachment->program_id);
	return 0;
}

bool attach_is_ours(const char *programs, uint64_t owner, uint32_t id)
{
	const struct model_program *program = program_at(id);

	(void)programs;
	return program && program->owner == owner;
}

size_t attach_find(const char *programs, uint64_t owner, unsigned int ifindex, uint32_t first,
		   struct attachment found[ATTACH_FOUND_MAX])
{
	const struct model_link *link = link_at(ifindex);

	(void)first;
	if (!link || !attach_is_ours(programs, owner, link->program))
		return 0;
	found[0] = (struct attachment){ifindex, link->program, link->generic, ATTACH_DIRECT};
	return 1;
}

/* Nobody removes pins here. */
int attach_meta_fd(const char *programs, uint64_t owner)
{
	(void)programs;
	(void)owner;
	return -ENOENT;
}

size_t attach_leave_others(const char *programs, uint64_t owner, unsigned int ifindex,
			   uint32_t stays)
{
	struct model_link *link = link_at(ifindex);

	if (link && link->program != stays && attach_is_ours(programs, owner, link->program)) {
		if (world_at(PLACE_PROGRAM))
			return 1;
		link->program = 0;
	}
	return 0;
}

size_t attach_sweep(const char *programs, uint64_t owner,
		    bool (*wanted)(uint32_t program_id, void *data), void *data)
{
	size_t left = 0;

	for (int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = &world->link[i];

		if (link->ifindex && attach_is_ours(programs, owner, link->program) &&
		    !wanted(link->program, data)) {
			if (world_at(PLACE_PROGRAM))
				left++;
			else
				link->program = 0;
		}
	}
	if (!left)
		programs_sweep(programs, wanted, data);
	return left;
}

unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX])
{
	(void)ifindex;
	(void)id;
	return 0;
}

int dispatcher_dirs_sweep(const char *programs, uint64_t owner)
{
	(void)programs;
	(void)owner;
	return 0;
}
