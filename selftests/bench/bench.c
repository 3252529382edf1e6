// SPDX-License-Identifier: GPL-2.0-only
/* What the program costs a packet: run in the kernel on one packet, again and again (BPF_PROG_TEST_RUN), net
 * of an empty program, in rounds that interleave all variants; medians. Every line of memory is hot, so
 * this is the price of the instructions. Writes JSON to the file named on the command line.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"
#include "sites.h"
#include "slash64.skel.h"
#include "tables.h"

#define ROUNDS 21
#define REPEAT 300000

struct variant {
	const char *name;
	unsigned int skip;
	int fd;
};

static struct variant variants[] = {
	{"empty program", 0, -1},
	{"slash64", 0, -1},
	{"without the walk over extension headers", S64_SKIP_CHAIN, -1},
	{"without source checks", S64_SKIP_SOURCE, -1},
	{"without validity checks", S64_SKIP_VALIDATE, -1},
	{"without blocks", S64_SKIP_BLOCKS, -1},
	{"without policy and limits", S64_SKIP_POLICY, -1},
	{"without limits", S64_SKIP_LIMIT, -1},
	{"without counters", S64_SKIP_COUNT, -1},
	{"without samples", S64_SKIP_REPORT, -1},
	{"without chain, source and validity", S64_SKIP_CHAIN | S64_SKIP_SOURCE | S64_SKIP_VALIDATE, -1},
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

struct packet {
	const char *name;
	unsigned char data[256];
	unsigned int bytes;
};

static struct packet packets[16];
static unsigned int packet_count;

static struct packet *add(const char *name, unsigned char next, const void *payload, unsigned int bytes,
			  unsigned char host)
{
	struct packet *p = &packets[packet_count++];

	memset(p, 0, sizeof(*p));
	p->name = name;
	p->data[12] = 0x86;
	p->data[13] = 0xdd;
	p->data[14] = 0x60;
	p->data[19] = bytes;
	p->data[20] = next;
	p->data[21] = 64;
	memcpy(p->data + 22, "\x2a\x00\x00\x01\x00\x02\x00\x03\0\0\0\0\0\0\0", 15);
	p->data[29] = host;
	p->data[37] = 1;
	memcpy(p->data + 38, "\x2a\x00\x00\x09\x00\x09\x00\x09\0\0\0\0\0\0\0\1", 16);
	memcpy(p->data + 54, payload, bytes);
	p->bytes = 54 + bytes < 60 ? 60 : 54 + bytes;
	return p;
}

#define BLOCKED_HOST 0x77

static void make_packets(void)
{
	static unsigned char tcp[20] = {[12] = 0x50, [13] = 0x10}, udp[8] = {[5] = 8};
	static unsigned char echo[8] = {128}, chain[40] = {60, 0, 1, 4, [8] = 17, [9] = 0, [10] = 1, [11] = 4,
							   [16 + 5] = 8};
	static unsigned char later[40] = {17, 0, 0x10, 0};

	add("TCP", 6, tcp, sizeof(tcp), 3);
	add("UDP", 17, udp, sizeof(udp), 3);
	add("echo request, over its limit", 58, echo, sizeof(echo), 4);
	add("UDP, blocked", 17, udp, sizeof(udp), BLOCKED_HOST);
	add("UDP behind two extension headers", 60, chain, 24, 3);
	add("a later fragment", 44, later, sizeof(later), 3);
}

static int empty_program(void)
{
	struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "empty", "GPL", instructions, 2, NULL);
}

static double measure(int fd, const struct packet *packet)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet->data, .data_size_in = packet->bytes,
		    .repeat = REPEAT);

	if (bpf_prog_test_run_opts(fd, &opts)) {
		fprintf(stderr, "bench: the kernel does not run the program\n");
		exit(1);
	}
	return opts.duration;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static void load_all(const struct tables *tables, FILE *json)
{
	struct error error;

	variants[0].fd = empty_program();
	for (unsigned int i = 1; i < VARIANTS; i++) {
		struct slash64_bpf *skeleton = program_open(tables, 0, S64_CLOCK_STEPS, &error);
		struct bpf_prog_info info = {};
		__u32 bytes = sizeof(info);

		((struct s64_config *)&skeleton->rodata->config)->skip = variants[i].skip;
		if (slash64_bpf__load(skeleton)) {
			fprintf(stderr, "bench: the kernel does not take the program\n");
			exit(1);
		}
		variants[i].fd = bpf_program__fd(skeleton->progs.slash64);
		if (i > 1)
			continue;
		bpf_obj_get_info_by_fd(variants[i].fd, &info, &bytes);
		printf("the program: %u instructions verified (of 1,000,000), %u bytes of BPF, %u jited\n\n",
		       info.verified_insns, info.xlated_prog_len, info.jited_prog_len);
		fprintf(json, "{\"verified_instructions\":%u,\"xlated_bytes\":%u,\"jited_bytes\":%u,",
			info.verified_insns, info.xlated_prog_len, info.jited_prog_len);
	}
}

int main(int argc, char **argv)
{
	static double ns[VARIANTS][16][ROUNDS];
	struct tables_size size = {.blocks = 1048576, .limiter = 1048576, .ifaces = 1};
	struct tables tables;
	struct policy policy;
	struct sites sites;
	struct error error;
	FILE *json = fopen(argc > 1 ? argv[1] : "/dev/null", "w");

	libbpf_set_print(silent);
	if (!json || tables_create(&tables, &size, &error) || sites_init(&sites, &tables, &error)) {
		fprintf(stderr, "bench: %s\n", json ? error.text : "cannot write the file");
		return 1;
	}
	policy_init(&policy, PROFILE_EDGE);
	policy_compile(&policy, NULL, 0, tables.meta->tick_ns, tables.policy, tables.limits);
	sites_put(&sites, 0x2a00000100020000ULL | BLOCKED_HOST, 0);
	make_packets();
	load_all(&tables, json);
	for (int round = 0; round < ROUNDS; round++)
		for (unsigned int p = 0; p < packet_count; p++)
			for (unsigned int v = 0; v < VARIANTS; v++)
				ns[v][p][round] = measure(variants[v].fd, &packets[p]);

	fprintf(json, "\"unit\":\"ns over an empty program, hot\",\"packets\":{");
	for (unsigned int p = 0; p < packet_count; p++) {
		printf("%s\n", packets[p].name);
		fprintf(json, "%s\"%s\":{", p ? "," : "", packets[p].name);
		for (unsigned int v = 1; v < VARIANTS; v++) {
			double net[ROUNDS], price[ROUNDS];

			/* the price of what is left out: pair by pair, as the machine's speed drifts */
			for (int round = 0; round < ROUNDS; round++) {
				net[round] = ns[v][p][round] - ns[0][p][round];
				price[round] = ns[1][p][round] - ns[v][p][round];
			}
			qsort(net, ROUNDS, sizeof(net[0]), ascending);
			qsort(price, ROUNDS, sizeof(price[0]), ascending);
			printf("    %-45s %6.1f ns", variants[v].name, net[ROUNDS / 2]);
			if (v > 1)
				printf(", which costs %.1f", price[ROUNDS / 2]);
			printf("\n");
			fprintf(json, "%s\"%s\":{\"ns\":%.1f,\"price\":%.1f}", v > 1 ? "," : "",
				variants[v].name, net[ROUNDS / 2], price[ROUNDS / 2]);
		}
		fprintf(json, "}");
	}
	fprintf(json, "}}\n");
	fclose(json);
	return 0;
}
