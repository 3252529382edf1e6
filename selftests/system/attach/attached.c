// SPDX-License-Identifier: GPL-2.0-only
/* Prints as JSON what the kernel holds of one slash64d:
 *   attached OWNER     the hash of its pins (maps_owner), in hexadecimal
 * One answer for each line that it reads:
 *   programs     ids of its loaded programs
 *   facts        ids of its maps of facts, one for each set of maps
 *   dispatchers  ids of all loaded dispatchers of libxdp
 *   interfaces   of this namespace: the program on it, its index, and which of `programs` a packet meets there
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDS_MAX	 256
#define MAPS_MAX 64

struct ids {
	uint32_t id[IDS_MAX];
	unsigned int count;
};

struct link {
	uint32_t program, target;
};

struct found {
	uint64_t owner;
	struct ids programs, facts, dispatchers;
	struct link link[IDS_MAX];
	unsigned int links;
};

static void add(struct ids *ids, uint32_t id)
{
	if (ids->count == IDS_MAX) {
		fprintf(stderr, "attached: more than %d\n", IDS_MAX);
		exit(1);
	}
	ids->id[ids->count++] = id;
}

static bool has(const struct ids *ids, uint32_t id)
{
	for (unsigned int i = 0; i < ids->count; i++)
		if (ids->id[i] == id)
			return true;
	return false;
}

/* The owner is the last word of the facts. */
static bool is_of(int fd, const struct bpf_map_info *info, uint64_t owner)
{
	char *value = calloc(1, info->value_size);
	uint32_t zero = 0;
	uint64_t found = 0;

	if (value && info->value_size >= sizeof(found) && !bpf_map_lookup_elem(fd, &zero, value))
		memcpy(&found, value + info->value_size - sizeof(found), sizeof(found));
	free(value);
	return found == owner;
}

static void find_facts(struct found *found)
{
	uint32_t id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info info = {};
		__u32 bytes = sizeof(info);
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &bytes) && !strcmp(info.name, "s64_meta") &&
		    is_of(fd, &info, found->owner))
			add(&found->facts, id);
		close(fd);
	}
}

static void look_at_program(struct found *found, uint32_t id, int fd)
{
	uint32_t maps[MAPS_MAX];
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)maps};
	__u32 bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &bytes))
		return;
	if (!strcmp(info.name, "xdp_dispatcher"))
		add(&found->dispatchers, id);
	for (unsigned int i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
		if (!strcmp(info.name, "slash64") && has(&found->facts, maps[i])) {
			add(&found->programs, id);
			return;
		}
}

static void find_programs(struct found *found)
{
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		look_at_program(found, id, fd);
		close(fd);
	}
}

static void find_links(struct found *found)
{
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id) && found->links < IDS_MAX) {
		struct bpf_link_info info = {};
		__u32 bytes = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &bytes) &&
		    info.type == BPF_LINK_TYPE_TRACING)
			found->link[found->links++] =
				(struct link){info.prog_id, info.tracing.target_obj_id};
		close(fd);
	}
}

/* --- output --- */

static void tell(const char *name, const struct ids *ids)
{
	printf("\"%s\": [", name);
	for (unsigned int i = 0; i < ids->count; i++)
		printf("%s%u", i ? ", " : "", ids->id[i]);
	printf("]");
}

static void tell_interface(const struct found *found, const struct if_nameindex *iface)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	struct ids met = {};
	uint32_t id;

	bpf_xdp_query(iface->if_index, 0, &opts);
	id = opts.drv_prog_id ? opts.drv_prog_id : opts.skb_prog_id;
	if (has(&found->programs, id))
		add(&met, id);
	for (unsigned int i = 0; i < found->links && id; i++)
		if (found->link[i].target == id && has(&found->programs, found->link[i].program))
			add(&met, found->link[i].program);
	printf("\"%s\": {\"index\": %u, \"xdp\": %u, ", iface->if_name, iface->if_index, id);
	tell("met", &met);
	printf("}");
}

static void look(uint64_t owner)
{
	struct found found = {.owner = owner};
	struct if_nameindex *ifaces;

	find_facts(&found);
	find_programs(&found);
	find_links(&found);
	printf("{");
	tell("programs", &found.programs);
	printf(", ");
	tell("facts", &found.facts);
	printf(", ");
	tell("dispatchers", &found.dispatchers);
	printf(", \"interfaces\": {");
	ifaces = if_nameindex();
	for (struct if_nameindex *iface = ifaces; iface && iface->if_index; iface++) {
		printf("%s", iface == ifaces ? "" : ", ");
		tell_interface(&found, iface);
	}
	if_freenameindex(ifaces);
	printf("}}\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 2) {
		fprintf(stderr, "usage: attached OWNER\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin))
		look(strtoull(argv[1], NULL, 16));
	return 0;
}
