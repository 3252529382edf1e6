// SPDX-License-Identifier: GPL-2.0-only
#include "examine.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <limits.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ethtool.h"
#include "links.h"
#include "sysfile.h"

#define OUR_PROGRAM	   "slash64"
#define DISPATCHER_PROGRAM "xdp_dispatcher"
#define CPUS_MAX	   4096

/* linux/virtio_net.h: bits of a device's features. */
#define VIRTIO_GUEST_CSUM	   1
#define VIRTIO_CTRL_GUEST_OFFLOADS 2
#define VIRTIO_FEATURES		   64

static const int guest_offloads[] = {VIRTIO_GUEST_CSUM, 7, 8, 9, 10};

/* --- what only virtio tells --- */

/* The device has offloads that it cannot be told to leave: the driver refuses a program then. */
static bool offloads_are_stuck(const struct doctor *doctor, const char *name)
{
	char path[PATH_MAX], bits[VIRTIO_FEATURES + 2];
	bool any = false;

	sysfile_path(doctor->root, path, "/sys/class/net/%s/device/features", name);
	if (sysfile_line(path, bits, sizeof(bits)) || strlen(bits) < VIRTIO_FEATURES)
		return false;
	for (size_t i = 0; i < sizeof(guest_offloads) / sizeof(guest_offloads[0]); i++)
		any = any || bits[guest_offloads[i]] == '1';
	return any && bits[VIRTIO_CTRL_GUEST_OFFLOADS] == '0';
}

/* --- queues and interrupts --- */

static void count_queues(const struct doctor *doctor, struct doctor_iface *iface)
{
	char path[PATH_MAX];

	sysfile_path(doctor->root, path, "/sys/class/net/%s/queues", iface->link->name);
	iface->rx_queues = sysfile_count(path, "rx-");
}

/* The CPUs of one interrupt, into a set. */
static void add_cpus(const struct doctor *doctor, const char *irq, bool *cpus,
		     struct doctor_iface *iface)
{
	char path[PATH_MAX], list[256], *at = list;

	sysfile_path(doctor->root, path, "/proc/irq/%s/effective_affinity_list", irq);
	if (sysfile_line(path, list, sizeof(list)) || !*list)
		return;
	if (!iface->irqs++)
		snprintf(iface->irq_cpu_first, sizeof(iface->irq_cpu_first), "%.15s", list);
	while (*at) {
		char *end;
		unsigned long from = strtoul(at, &end, 10), to = from;

		if (end == at)
			return;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (; from <= to && from < CPUS_MAX; from++)
			cpus[from] = true;
		at = end + (*end == ',');
	}
}

/* Of a PCI device, or of the one above it: the device of virtio has none itself. Interrupts that
 * are not the queues', such as that of the configuration, never come, so they do no harm here.
 */
static void read_irqs(const struct doctor *doctor, struct doctor_iface *iface)
{
	static const char *const places[] = {"device/msi_irqs", "device/../msi_irqs"};
	bool cpus[CPUS_MAX] = {};
	char path[PATH_MAX];

	for (size_t i = 0; i < 2 && !iface->irqs; i++) {
		struct dirent *entry;
		DIR *directory;

		sysfile_path(doctor->root, path, "/sys/class/net/%s/%s", iface->link->name,
			     places[i]);
		directory = opendir(path);
		while (directory && (entry = readdir(directory)))
			if (entry->d_name[0] != '.')
				add_cpus(doctor, entry->d_name, cpus, iface);
		if (directory)
			closedir(directory);
	}
	for (size_t i = 0; i < CPUS_MAX; i++)
		iface->irq_cpus += cpus[i];
}

/* /sys shows the network namespace of whoever mounted it, which may have another link of that name.
 */
static bool sysfs_is_of(const struct doctor *doctor, const struct doctor_link *link)
{
	char path[PATH_MAX];
	int64_t index;

	sysfile_path(doctor->root, path, "/sys/class/net/%s/ifindex", link->name);
	return !sysfile_number(path, &index) && index == link->index;
}

static void read_sysfs(const struct doctor *doctor, struct doctor_iface *iface)
{
	char path[PATH_MAX];

	sysfile_path(doctor->root, path, "/sys/class/net/%s/device", iface->link->name);
	iface->is_hardware = sysfile_exists(path);
	if (!strcmp(iface->driver, "virtio_net"))
		iface->guest_offloads_stuck = offloads_are_stuck(doctor, iface->link->name);
	count_queues(doctor, iface);
	read_irqs(doctor, iface);
}

/* --- programs --- */

static unsigned int count_behind(const struct doctor *doctor, unsigned int index, uint32_t id)
{
	char path[PATH_MAX];
	unsigned int count = 0;

	for (int i = 0; i < 10; i++) {
		sysfile_path(doctor->root, path, "/sys/fs/bpf/xdp/dispatch-%u-%u/prog%d-link",
			     index, id, i);
		count += sysfile_exists(path);
	}
	return count;
}

static void read_program(const struct doctor *doctor, struct doctor_iface *iface)
{
	const struct doctor_link *link = iface->link;
	uint32_t id = link->native_id ? link->native_id : link->generic_id;
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);
	int fd;

	if (!id)
		return;
	iface->owner = PROGRAM_UNSEEN;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &bytes)) {
		snprintf(iface->program, sizeof(iface->program), "%.15s", info.name);
		iface->owner = PROGRAM_OTHER;
		if (!strcmp(iface->program, OUR_PROGRAM))
			iface->owner = PROGRAM_OURS;
		else if (!strcmp(iface->program, DISPATCHER_PROGRAM))
			iface->owner = PROGRAM_DISPATCHER;
	}
	close(fd);
	if (iface->owner == PROGRAM_DISPATCHER)
		iface->behind = count_behind(doctor, link->index, id);
}

/* --- all of it --- */

static void find_mode(const struct doctor *doctor, struct doctor_iface *iface)
{
	for (size_t i = 0; i < doctor->config.iface_count; i++)
		if (links_find(doctor, doctor->config.iface[i].name) == iface->link) {
			iface->mode = doctor->config.iface[i].mode;
			iface->configured = true;
		}
}

void examine_iface(const struct doctor *doctor, const struct doctor_link *link,
		   struct doctor_iface *iface)
{
	*iface = (struct doctor_iface){.link = link,
				       .mode = MODE_AUTO,
				       .rx_queues = link->rx_queues};
	find_mode(doctor, iface);
	iface->features_known = !links_xdp_features(link->index, &iface->xdp_features);
	ethtool_read(iface);
	if (sysfs_is_of(doctor, link))
		read_sysfs(doctor, iface);
	read_program(doctor, iface);
}

bool examine_is_sensible(const struct doctor *doctor, const struct doctor_link *link, bool any)
{
	static const char *const uppers[] = {"bridge", "vlan", "macvlan", "ipvlan",
					     "dummy",  "ifb",  "vxlan",	  "vrf"};

	if (link->arp_type != ARPHRD_ETHER)
		return false;
	if (any)
		return true;
	if (!(link->flags & IFF_UP))
		return false;
	for (size_t i = 0; i < sizeof(uppers) / sizeof(uppers[0]); i++)
		if (!strcmp(link->kind, uppers[i]))
			return false;
	/* the guests of a host, behind its bridge */
	return !*link->kind || !link->master;
}
