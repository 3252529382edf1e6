// SPDX-License-Identifier: GPL-2.0-only
/* The kernel, as far as slash64d asks it for something: maps are files that it maps into memory, and survive it as pins
 * do; links, programs, and addresses are a script's. What is in user/daemon/attach*.c, dispatcher_dirs.c, guards_kernel.c,
 * guards_routes.c, guards_logins.c, segments.c, link_*.c and privileges.c has its stand-in here: how a program is brought
 * onto an interface, step by step, is for `make check-attach`.
 */
#include "world.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "daemon/attach.h"
#include "daemon/attach_find.h"
#include "daemon/attach_pins.h"
#include "daemon/confine.h"
#include "daemon/dispatcher_dirs.h"
#include "daemon/guards_kernel.h"
#include "daemon/guards_logins.h"
#include "daemon/guards_routes.h"
#include "daemon/link_master.h"
#include "daemon/privileges.h"
#include "daemon/segments.h"
#include "packets_wait.h"
#include "kernel_wraps.h"

#define BPFFS_MAGIC 0xcafe4a11
#define CPUS	    2
#define TICK_NS	    4000000
#define FDS_MAX	    1024
#define WATCHES_MAX 16

/* --- maps --- */

uint64_t kernel_inode(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) ? 0 : stat.st_ino;
}

static struct model_map *map_of(uint64_t inode)
{
	for (int i = 0; i < MAPS_MAX; i++)
		if (world->map[i].inode == inode)
			return &world->map[i];
	return NULL;
}

int __wrap_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_bytes, __u32 value_bytes, __u32 entries,
			  const struct bpf_map_create_opts *opts)
{
	static unsigned int oldest;
	size_t bytes = (size_t)entries * ((value_bytes + 7) & ~7U);
	int fd, err = world_at(PLACE_MAP);
	struct model_map *map;
	uint64_t inode;

	(void)type;
	(void)name;
	(void)key_bytes;
	(void)opts;
	if (err) {
		errno = -err;
		return -1;
	}
	fd = open(world->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (bytes + 4095) & ~4095UL))
		return -1;
	inode = kernel_inode(fd);
	map = map_of(inode);
	if (!map)
		map = map_of(0);
	if (!map)
		map = &world->map[oldest++ % MAPS_MAX];
	*map = (struct model_map){inode, value_bytes, entries};
	return fd;
}

int __wrap_bpf_obj_pin(int fd, const char *path)
{
	char from[64];
	int err = world_at(PLACE_MAP);

	if (err) {
		errno = -err;
		return -1;
	}
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int __wrap_bpf_obj_get(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC);
}

int __wrap_bpf_obj_get_info_by_fd(int fd, void *out, __u32 *bytes)
{
	const struct model_map *map = map_of(kernel_inode(fd));
	struct bpf_map_info info = {};

	if (!map) {
		errno = EBADF;
		return -1;
	}
	info.id = map->inode;
	info.value_size = map->value_bytes;
	info.max_entries = map->entries;
	memcpy(out, &info, *bytes < sizeof(info) ? *bytes : sizeof(info));
	return 0;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
	world_at(PLACE_MAP);
	return __real_rename(from, to);
}

int __wrap_libbpf_num_possible_cpus(void)
{
	return CPUS;
}

int __real_statfs(const char *path, struct statfs *out);
int __wrap_statfs(const char *path, struct statfs *out)
{
	memset(out, 0, sizeof(*out));
	out->f_type = BPFFS_MAGIC;
	return 0;
}

int clock_measure(struct clock_facts *facts, struct error *error)
{
	(void)error;
	*facts = (struct clock_facts){TICK_NS, 0};
	return 0;
}

void packets_wait(void)
{
}

int privileges_check(struct error *error)
{
	(void)error;
	return 0;
}

int privileges_drop(const struct daemon *daemon, struct error *error)
{
	(void)daemon;
	(void)error;
	return 0;
}

/* By the maps alone: there is one program, and its bytes are many. */
uint64_t __wrap_program_hash(const struct tables *tables)
{
	return tables->meta->seed.add ^ kernel_inode(tables->fd[TABLE_META]);
}

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
			all[count++] = (struct if_nameindex){world->link[i].ifindex, world->link[i].name};
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

/* What nothing holds is freed. That slash64d itself may hold one open by a descriptor makes no difference here. */
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

void programs_sweep(const char *programs, bool (*wanted)(uint32_t program_id, void *data), void *data)
{
	for (int i = 0; i < PROGRAMS_MAX; i++)
		if (world->program[i].id && world->program[i].pinned && !wanted(world->program[i].id, data))
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

int attach_program(const struct tables *tables, uint32_t slot, unsigned int ifindex, enum config_mode mode,
		   const char *programs, const struct attachment *old, struct attachment *out, struct error *error)
{
	struct model_link *link = link_at(ifindex);
	struct model_program *program;
	bool generic;
	int err;

	(void)programs;
	if (!link)
		return error_set(error, -ENODEV, "cannot attach: there is no such interface");
	if (mode == MODE_NATIVE && !takes_native(link))
		return refuse(error, -EOPNOTSUPP, link);
	if (link->program && (!old || link->program != old->program_id))
		return refuse(error, -EBUSY, link);
	generic = mode == MODE_GENERIC || !takes_native(link) || (mode == MODE_AUTO && old && old->generic);
	err = world_at(PLACE_PROGRAM);
	if (err)
		return refuse(error, err, link);
	program = program_new();
	if (!program)
		return refuse(error, -ENOMEM, link);
	program->owner = tables->meta->owner;
	program->maps = kernel_inode(tables->fd[TABLE_META]);
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

int attach_put_back(const struct attachment *now, const struct attachment *before, int fd, const char *programs,
		    uint64_t owner, struct error *error)
{
	struct model_link *link = link_at(now->ifindex);
	int err = program_pin(programs, fd);

	(void)owner;
	if (err || !link || link->program != now->program_id || now->generic != before->generic)
		return error_set(error, err ? err : -EBUSY, "program %u cannot be put back", before->program_id);
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

int attach_detach(const struct attachment *attachment, const char *name, const char *programs, struct error *error)
{
	struct model_link *link = link_at(attachment->ifindex);

	(void)name;
	(void)error;
	if (link && link->program == attachment->program_id) {
		world_at(PLACE_PROGRAM);
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

void attach_leave_others(const char *programs, uint64_t owner, unsigned int ifindex, uint32_t stays)
{
	struct model_link *link = link_at(ifindex);

	if (link && link->program != stays && attach_is_ours(programs, owner, link->program)) {
		world_at(PLACE_PROGRAM);
		link->program = 0;
	}
}

void attach_sweep(const char *programs, uint64_t owner, bool (*wanted)(uint32_t program_id, void *data), void *data)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = &world->link[i];

		if (link->ifindex && attach_is_ours(programs, owner, link->program) && !wanted(link->program, data)) {
			world_at(PLACE_PROGRAM);
			link->program = 0;
		}
	}
	programs_sweep(programs, wanted, data);
}

unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX])
{
	(void)ifindex;
	(void)id;
	return 0;
}

void dispatcher_dirs_sweep(const char *programs, uint64_t owner)
{
	(void)programs;
	(void)owner;
}

/* --- netlink: that something has changed --- */

struct mnl_socket {
	int fd, other;
};

static struct mnl_socket *watch[WATCHES_MAX];

void kernel_notify(void)
{
	for (int i = 0; i < WATCHES_MAX; i++)
		if (watch[i] && send(watch[i]->other, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			abort();
}

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *socket = calloc(1, sizeof(*socket));
	int pair[2], i;

	(void)bus;
	for (i = 0; i < WATCHES_MAX && watch[i]; i++)
		;
	if (!socket || i == WATCHES_MAX || socketpair(AF_UNIX, SOCK_DGRAM | flags, 0, pair)) {
		free(socket);
		return NULL;
	}
	*socket = (struct mnl_socket){pair[0], pair[1]};
	watch[i] = socket;
	return socket;
}

int __wrap_mnl_socket_close(struct mnl_socket *socket)
{
	for (int i = 0; i < WATCHES_MAX; i++)
		if (watch[i] == socket)
			watch[i] = NULL;
	close(socket->fd);
	close(socket->other);
	free(socket);
	return 0;
}

int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *data, socklen_t bytes)
{
	(void)socket;
	(void)type;
	(void)data;
	(void)bytes;
	return 0;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket)
{
	return socket->fd;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *data, size_t bytes)
{
	(void)socket;
	(void)data;
	(void)bytes;
	errno = EOPNOTSUPP;
	return -1;
}

/* A filter of the kernel's messages. */
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t bytes);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t bytes)
{
	if (level == SOL_SOCKET && name == SO_ATTACH_FILTER)
		return 0;
	return __real_setsockopt(fd, level, name, value, bytes);
}

/* --- what it knows of addresses --- */

static int gather(enum known_kind kind, uint32_t roles, struct known_set *set)
{
	int err = 0;

	set->count = 0;
	for (int i = 0; i < KNOWN_MAX && !err; i++)
		if (world->known[i].is_there && world->known[i].kind == kind)
			err = known_add(set, &world->known[i].address, 2, roles);
	known_seal(set);
	return err;
}

struct routes {
	struct known_set set;
};

static struct routes routes;

int routes_start(struct routes **out, struct event_base *base, struct error *error)
{
	(void)base;
	(void)error;
	*out = &routes;
	return gather(MODEL_NEXT_HOP, KNOWN_NEXT_HOP, &routes.set);
}

void routes_stop(struct routes *stopped)
{
	if (stopped)
		known_free(&stopped->set);
}

const struct known_set *routes_next_hops(const struct routes *of)
{
	return &of->set;
}

const char *kernel_table_name(enum kernel_table table)
{
	(void)table;
	return "table";
}

static const struct networks no_networks;

const struct networks *routes_networks(const struct routes *of)
{
	(void)of;
	return &no_networks;
}

int kernel_gather(enum kernel_table table, struct known_set *set, struct networks *networks)
{
	(void)networks;
	switch (table) {
	case KERNEL_ADDRESSES:
		gather(MODEL_NEXT_HOP, KNOWN_NEXT_HOP, &routes.set);
		return gather(MODEL_OWN, KNOWN_OWN, set);
	case KERNEL_NEIGHBOURS:
		return gather(MODEL_NEIGHBOUR, KNOWN_NEIGHBOUR, set);
	case KERNEL_SESSIONS:
		return gather(MODEL_BGP, KNOWN_BGP, set);
	default:
		return 0;
	}
}

int logins_gather(const char *utmp, struct known_set *set)
{
	(void)utmp;
	return gather(MODEL_LOGIN, KNOWN_SSH, set);
}

int __wrap_own_list_read(struct own_list *list, bool *interrupted)
{
	struct own_list fresh = {};
	int err = 0;

	for (int i = 0; i < KNOWN_MAX && !err; i++)
		if (world->known[i].is_there && world->known[i].kind == MODEL_OWN)
			err = own_list_add(&fresh, &world->known[i].address, 128);
	own_list_free(list);
	*list = fresh;
	*interrupted = false;
	return err;
}

static const struct own_list no_segments;

int segments_start(struct segments **segments, struct event_base *base, void (*changed)(void *), void *data)
{
	(void)base;
	(void)changed;
	(void)data;
	*segments = NULL;
	return 0;
}

void segments_stop(struct segments *segments)
{
	(void)segments;
}

int segments_notice(const struct nlmsghdr *message, void *segments)
{
	(void)message;
	(void)segments;
	return 0;
}

void segments_lost(struct segments *segments)
{
	(void)segments;
}

const struct own_list *segments_known(const struct segments *segments)
{
	(void)segments;
	return &no_segments;
}

/* --- the machine --- */

void kernel_reboot(void)
{
	char command[PATHS_MAX + 32];

	snprintf(command, sizeof(command), "rm -rf %s/pins", world->directory);
	if (system(command))
		abort();
	memset(world->program, 0, sizeof(world->program));
	for (int i = 0; i < LINKS_MAX; i++)
		world->link[i].program = 0;
}

void kernel_begin(void)
{
	memset(world->map, 0, sizeof(world->map));
	memset(world->link, 0, sizeof(world->link));
	memset(world->known, 0, sizeof(world->known));
	kernel_reboot();
	world->next_ifindex = 2;
	world->next_program = 1;
}
