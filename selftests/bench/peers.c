// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "peers.skel.h"

#define BATCH 4096

static struct peers_bpf *peers;

void peers_open(uint32_t source_count)
{
	if (peers)
		peers_bpf__destroy(peers);
	peers = peers_bpf__open();
	if (!peers)
		fail("cannot open the peers: %s", strerror(errno));
	bpf_map__set_max_entries(peers->maps.sources_hash, source_count);
	bpf_map__set_max_entries(peers->maps.sources_lru, source_count);
	bpf_map__set_max_entries(peers->maps.sources_lpm, source_count);
	if (peers_bpf__load(peers))
		fail("the kernel does not take the peers: %s", strerror(errno));
}

int peer_program(enum peer peer)
{
	const struct bpf_program *const programs[PEER_COUNT] = {
		[PEER_DROP] = peers->progs.peer_drop, [PEER_PASS] = peers->progs.peer_pass,
		[PEER_HASH] = peers->progs.peer_hash, [PEER_LRU] = peers->progs.peer_lru,
		[PEER_LPM] = peers->progs.peer_lpm,
	};

	return bpf_program__fd(programs[peer]);
}

struct prefix_key {
	uint32_t length;
	uint64_t src_key;
} __attribute__((packed, aligned(4)));

double peer_fill(enum peer peer, uint64_t first, uint64_t count)
{
	static const uint8_t one = 1;
	double start = now_s();

	for (uint64_t i = 0; i < count; i++) {
		struct prefix_key prefix = {64, htobe64(source_number(first + i))};
		int err = peer == PEER_LPM ?
				  bpf_map_update_elem(bpf_map__fd(peers->maps.sources_lpm), &prefix,
						      &one, 0) :
				  bpf_map_update_elem(bpf_map__fd(peers->maps.sources_hash),
						      &prefix.src_key, &one, 0);

		if (err)
			fail("cannot fill a map of the kernel: %s", strerror(errno));
	}
	return now_s() - start;
}

uint64_t peers_dropped(void)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t counts[256] = {}, sum = 0;
	uint32_t key = 0;

	bpf_map_lookup_elem(bpf_map__fd(peers->maps.counts), &key, counts);
	for (int i = 0; i < cpus && i < 256; i++)
		sum += counts[i];
	return sum;
}

/* --- filters of the stack --- */

static bool run(const char *command, const char **why)
{
	static char text[256];

	if (!system(command))
		return true;
	snprintf(text, sizeof(text), "'%.200s' failed", command);
	*why = text;
	return false;
}

static void name_of(unsigned int ifindex, char name[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, name))
		fail("there is no interface %u", ifindex);
}

static bool write_nft_set(FILE *file, const char *iface, uint64_t first, uint64_t count)
{
	fprintf(file,
		"add table netdev bench\n"
		"add set netdev bench blocked { type ipv6_addr; size %llu; }\n"
		"add chain netdev bench in { type filter hook ingress device %s priority 0; }\n"
		"add rule netdev bench in ip6 saddr & ffff:ffff:ffff:ffff:: @blocked counter drop\n"
		"add rule netdev bench in counter drop\n",
		(unsigned long long)count, iface);
	for (uint64_t i = 0; i < count; i += BATCH) {
		fprintf(file, "add element netdev bench blocked { ");
		for (uint64_t j = i; j < i + BATCH && j < count; j++) {
			uint64_t src_key = source_number(first + j);

			fprintf(file, "%s%llx:%llx:%llx:%llx::", j > i ? "," : "",
				(unsigned long long)(src_key >> 48),
				(unsigned long long)(src_key >> 32 & 0xffff),
				(unsigned long long)(src_key >> 16 & 0xffff),
				(unsigned long long)(src_key & 0xffff));
		}
		fprintf(file, " }\n");
	}
	return !ferror(file);
}

bool peer_nft_set(unsigned int ifindex, uint64_t first, uint64_t count, double *fill_seconds,
		  const char **why)
{
	char path[] = "/tmp/slash64-bench-XXXXXX", command[128], iface[IF_NAMESIZE];
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	double start;
	bool done;

	name_of(ifindex, iface);
	*why = "cannot write its rules";
	if (!file)
		return false;
	done = write_nft_set(file, iface, first, count);
	done = !fclose(file) && done;
	snprintf(command, sizeof(command), "nft -f %s", path);
	start = now_s();
	done = done && run(command, why);
	*fill_seconds = now_s() - start;
	remove(path);
	return done;
}

bool peer_nft_limit(unsigned int ifindex, const char *rate, unsigned int burst, const char **why)
{
	char command[768], iface[IF_NAMESIZE];

	name_of(ifindex, iface);
	snprintf(
		command, sizeof(command),
		"nft 'add table netdev bench; add set netdev bench seen { type ipv6_addr; size 2000000; flags dynamic; "
		"timeout 60s; }; add chain netdev bench in { type filter hook ingress device %s priority 0; }; "
		"add rule netdev bench in update @seen { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over %s "
		"burst %u packets } counter drop; add rule netdev bench in counter drop'",
		iface, rate, burst);
	return run(command, why);
}

bool peer_hashlimit(const char *rate, unsigned int burst, const char **why)
{
	char command[512];

	snprintf(
		command, sizeof(command),
		"ip6tables -t raw -A PREROUTING -m hashlimit --hashlimit-above %s --hashlimit-burst %u "
		"--hashlimit-mode srcip --hashlimit-srcmask 64 --hashlimit-name bench "
		"--hashlimit-htable-size 65536 --hashlimit-htable-max 2000000 -j DROP 2>/dev/null && "
		"ip6tables -t raw -A PREROUTING -j DROP",
		rate, burst);
	return run(command, why);
}

/* --- xdp-filter --- */

#define XDP_FILTER_MAP	 "/sys/fs/bpf/xdp-filter/filter_ipv6"
#define XDP_FILTER_STATS "/sys/fs/bpf/xdp-filter/xdp_stats_map"

/* Whole addresses, as in the frames: the source and the host of frame_make(). One is inserted with
 * xdp-filter's own command, and the others in the same format.
 */
static bool fill_xdp_filter(int map, uint64_t count)
{
	uint8_t first[16], key[16] = {[15] = 1};
	uint64_t value[256];

	if (bpf_map_get_next_key(map, NULL, first) || bpf_map_lookup_elem(map, first, value))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t src_key = htobe64(source_number(i));

		memcpy(key, &src_key, sizeof(src_key));
		if (bpf_map_update_elem(map, key, value, 0))
			return false;
	}
	return true;
}

int peer_xdp_filter(unsigned int ifindex, uint64_t count, const char **why)
{
	char command[256], iface[IF_NAMESIZE];
	uint32_t id;
	int map;

	name_of(ifindex, iface);
	/* /sys belongs to this namespace */
	snprintf(
		command, sizeof(command),
		"mount -t bpf bpf /sys/fs/bpf && xdp-filter load -f ipv6 %s >/dev/null 2>&1 && xdp-filter ip -m src 2001:db8::1",
		iface);
	if (!run(command, why))
		return -1;
	*why = "its map cannot be filled";
	map = bpf_obj_get(XDP_FILTER_MAP);
	if (map < 0 || !fill_xdp_filter(map, count) || bpf_xdp_query_id(ifindex, 0, &id))
		return -1;
	close(map);
	return bpf_prog_get_fd_by_id(id);
}

uint64_t peer_xdp_filter_dropped(void)
{
	struct {
		uint64_t packets, bytes;
	} counts[256] = {};
	int map = bpf_obj_get(XDP_FILTER_STATS), cpus = libbpf_num_possible_cpus();
	uint32_t dropped = XDP_DROP;
	uint64_t sum = 0;

	if (map < 0 || bpf_map_lookup_elem(map, &dropped, counts))
		fail("cannot read the counters of xdp-filter: %s", strerror(errno));
	close(map);
	for (int i = 0; i < cpus && i < 256; i++)
		sum += counts[i].packets;
	return sum;
}

void peer_stack_clear(void)
{
	const char *ignored;

	run("nft flush ruleset 2>/dev/null; ip6tables -t raw -F 2>/dev/null; true", &ignored);
}
