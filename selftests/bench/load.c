// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <math.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "generator.skel.h"

#define BATCH	    64
#define FIRST_GUESS 200000 /* frames of the run that determines the speed */
#define MTU	    1500

static struct generator_bpf *generator;
static struct load *loads;
static struct listed_table {
	uint64_t src_key[LISTED_MAX];
} * listed;

/* --- frames --- */

static void put_header(struct frame *frame, unsigned char next, unsigned int payload)
{
	unsigned char *ip = frame->data + 14;

	memset(frame, 0, sizeof(*frame));
	frame->data[12] = 0x86;
	frame->data[13] = 0xdd;
	ip[0] = 0x60;
	ip[5] = payload;
	ip[6] = next;
	ip[7] = 64;
	ip[23] = 1; /* the host part of the source */
	memcpy(ip + 24, "\x2a\x00\x00\x09\x00\x09\x00\x09\0\0\0\0\0\0\0\1", 16);
	frame->bytes = 54 + payload < 60 ? 60 : 54 + payload;
}

void frame_make(struct frame *frame, enum frame_kind kind)
{
	unsigned char *payload = frame->data + 54;

	switch (kind) {
	case FRAME_TCP:
		put_header(frame, 6, 20);
		payload[12] = 0x50;
		payload[13] = 0x10;
		break;
	case FRAME_ECHO:
		put_header(frame, 58, 16);
		payload[0] = 128;
		break;
	case FRAME_OPTIONS:
		put_header(frame, 0, 8 + 8 + 8);
		memcpy(payload, "\x3c\0\x01\x04\0\0\0\0", 8);
		memcpy(payload + 8, "\x11\0\x01\x04\0\0\0\0", 8);
		payload[16 + 5] = 8;
		break;
	case FRAME_FRAGMENT:
		put_header(frame, 44, 8 + 16);
		memcpy(payload, "\x11\0\x05\xa8\0\0\0\1", 8); /* offset 1448, the last fragment */
		break;
	default:
		put_header(frame, 17, 8);
		payload[5] = 8;
	}
}

/* --- links --- */

static void run(const char *command)
{
	if (system(command))
		fail("'%s' failed", command);
}

static unsigned int index_of(const char *format, int link)
{
	char name[IF_NAMESIZE];
	unsigned int index;

	snprintf(name, sizeof(name), format, link);
	index = if_nametoindex(name);
	if (!index)
		fail("there is no interface %s", name);
	return index;
}

unsigned int load_far_ifindex(int link)
{
	return index_of("far%d", link);
}

void attach(unsigned int ifindex, int program)
{
	int err = bpf_xdp_attach(ifindex, program, program < 0 ? 0 : XDP_FLAGS_DRV_MODE, NULL);

	if (err)
		fail("cannot attach to interface %u: %s", ifindex, strerror(-err));
}

static void make_zipf(void)
{
	uint32_t *rank = mmap(NULL, ZIPF_STEPS * 4, PROT_READ | PROT_WRITE, MAP_SHARED,
			      bpf_map__fd(generator->maps.zipf), 0);

	if (rank == MAP_FAILED)
		fail("cannot map the table of Zipf: %s", strerror(errno));
	/* the n-th source has a frequency of 1/n, of a million: H(n) is about ln n */
	for (unsigned int i = 0; i < ZIPF_STEPS; i++)
		rank[i] = exp((double)i / ZIPF_STEPS * log(1e6)) - 1;
}

/* Without it, the far end does not accept redirected frames, unless it has a program of its own. */
static void receive_without_program(int link)
{
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = 1};
	struct ifreq request = {.ifr_data = (char *)&value};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "far%d", link);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request))
		fail("cannot switch GRO on: %s", strerror(errno));
	close(fd);
}

uint64_t load_received(int link)
{
	unsigned long long packets = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/far%d/statistics/rx_packets", link);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%llu", &packets) != 1)
		fail("cannot read %s", path);
	fclose(file);
	return packets;
}

void load_open(void)
{
	if (unshare(CLONE_NEWNET))
		fail("cannot make a network namespace: %s; run as root", strerror(errno));
	/* /sys as seen in this namespace */
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		fail("cannot mount /sys: %s", strerror(errno));
	run("ip link set lo up");
	for (int i = 0; i < LINKS; i++) {
		char command[256];

		snprintf(
			command, sizeof(command),
			"ip link add near%d mtu %d type veth peer name far%d mtu %d && ip link set near%d up && "
			"ip link set far%d up && sysctl -qw net.ipv6.conf.far%d.disable_ipv6=1 "
			"net.ipv6.conf.near%d.disable_ipv6=1",
			i, MTU, i, MTU, i, i, i, i);
		run(command);
		receive_without_program(i);
	}
	generator = generator_bpf__open_and_load();
	if (!generator)
		fail("the kernel does not take the generator: %s", strerror(errno));
	loads = mmap(NULL, 64 * sizeof(*loads), PROT_READ | PROT_WRITE, MAP_SHARED,
		     bpf_map__fd(generator->maps.loads), 0);
	listed = mmap(NULL, sizeof(*listed), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(generator->maps.listed), 0);
	if (loads == MAP_FAILED || listed == MAP_FAILED)
		fail("cannot map the loads: %s", strerror(errno));
	for (int i = 0; i < LINKS; i++)
		attach(index_of("near%d", i), bpf_program__fd(generator->progs.accept));
	make_zipf();
}

/* Every run draws other sources. Otherwise the same memory lines would be accessed again, only a
 * part of a large table.
 */
void load_set(int link, const struct load *load)
{
	static uint64_t runs;

	loads[link] = *load;
	loads[link].ifindex = index_of("near%d", link);
	loads[link].random = 88172645463325252ULL + (++runs << 40);
	loads[link].next = runs << 32;
}

void load_list(const uint64_t *src_key, unsigned int count)
{
	for (unsigned int i = 0; i < LISTED_MAX; i++)
		listed->src_key[i] = src_key[i % count];
}

/* --- running --- */

struct sender {
	int cpu;
	const struct frame *frame;
	uint64_t frames;
	double seconds;
	pthread_barrier_t *start;
};

static void *send_frames(void *data)
{
	struct sender *sender = data;
	struct xdp_md context = {.data_end = sender->frame->bytes};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = sender->frame->data,
		    .data_size_in = sender->frame->bytes, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = sender->frames,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	cpu_set_t set;
	double start;

	CPU_ZERO(&set);
	CPU_SET(sender->cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	pthread_barrier_wait(sender->start);
	start = now_s();
	if (bpf_prog_test_run_opts(bpf_program__fd(generator->progs.generate), &opts))
		fail("the kernel does not send: %s", strerror(errno));
	sender->seconds = now_s() - start;
	return NULL;
}

static double send_all(int links, const struct frame *frame, uint64_t frames)
{
	struct sender sender[LINKS];
	pthread_t thread[LINKS];
	pthread_barrier_t start;
	double rate = 0;

	pthread_barrier_init(&start, NULL, links);
	for (int i = 0; i < links; i++) {
		sender[i] = (struct sender){i, frame, frames, 0, &start};
		if (pthread_create(&thread[i], NULL, send_frames, &sender[i]))
			fail("cannot start a thread");
	}
	for (int i = 0; i < links; i++) {
		pthread_join(thread[i], NULL);
		rate += frames / sender[i].seconds;
	}
	pthread_barrier_destroy(&start);
	return rate;
}

double load_run(int links, enum frame_kind kind, double seconds, uint64_t *sent)
{
	struct frame frame;
	uint64_t frames;
	double rate;

	frame_make(&frame, kind);
	rate = send_all(links, &frame, FIRST_GUESS);
	frames = rate / links * seconds;
	frames = (frames / BATCH + 1) * BATCH;
	*sent = frames * links + FIRST_GUESS * links;
	return send_all(links, &frame, frames);
}
