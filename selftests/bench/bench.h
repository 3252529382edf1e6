/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the benchmark: what is measured (subject), its baselines (peers), the traffic
 * (load), and the output (table).
 */
#ifndef SLASH64_BENCH_H
#define SLASH64_BENCH_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/generator.h"

#define LINKS 2 /* virtual Ethernet pairs, one for each participating CPU */

/* --- load.c --- */

enum frame_kind {
	FRAME_UDP,
	FRAME_TCP,
	FRAME_ECHO,
	FRAME_OPTIONS,	/* hop-by-hop and destination options before UDP */
	FRAME_FRAGMENT, /* a non-first fragment */
};

struct frame {
	unsigned char data[160];
	unsigned int bytes;
};

void frame_make(struct frame *frame, enum frame_kind kind);

/* Links and generator, in a network namespace that ends with the process. */
void load_open(void);
unsigned int load_far_ifindex(int link); /* where the subject is attached */
void load_set(int link, const struct load *load);
void load_list(const uint64_t *src_key, unsigned int count);

/* Packets that the stack received from a link, if there is no program. */
uint64_t load_received(int link);

/* Sends from `links` CPUs at once for about that long. Returns packets per second, all together. */
double load_run(int links, enum frame_kind kind, double seconds, uint64_t *sent);

/* --- machine.c --- */

/* Time to read a random 64-byte line from that much memory, with `apart_ns` of work between two
 * reads.
 */
double machine_line_ns(uint64_t bytes, double apart_ns);

/* Share of its run time that went to other guests of the host, since the last call. */
double machine_stolen(void);

/* --- subject.c --- */

struct subject;
struct maps;

struct subject *subject_open(uint32_t blocks, uint32_t limiter);
void subject_close(struct subject *subject);
double subject_fill(struct subject *subject, uint64_t first, uint64_t count); /* seconds */
uint64_t subject_bytes(const struct subject *subject);

/* The policy: every class passes except `limited` ("" for none), which has the default rate, or
 * this one.
 */
void subject_policy(struct subject *subject, const char *limited, uint32_t rate, uint32_t burst);
/* The same with a packet a minute for a source, and for a /48: a million sources, each over its
 * limit, together send only a few packets per second each.
 */
void subject_policy_minute(struct subject *subject, const char *limited);

int subject_program(struct subject *subject, int link); /* the one that ships */
uint64_t subject_counted(const struct subject *subject, const char *reason);
uint64_t subject_seed_collision(struct subject *subject, uint64_t start);

/* The program's cost for a packet: ns more than without it. */
double subject_ns(struct subject *subject, enum frame_kind kind, uint64_t first,
		  uint64_t source_count);
/* What a clean packet of one source costs in the steps of a mask of S64_SKIP_*. */
double subject_price_ns(struct subject *subject, enum frame_kind kind, unsigned int skip);
void subject_facts(struct subject *subject, unsigned int *verified, unsigned int *jited);

const struct maps *subject_maps(const struct subject *subject);

/* --- look.c --- */

struct look;
struct maps;

/* Every event, as a line of JSON. Returns how many there were. */
struct look *look_watch(const struct maps *maps);
uint64_t look_watch_end(struct look *look);

/* What is dropped of one source; 0: of all. */
struct look *look_capture(const struct maps *maps, uint64_t src_key);
void look_capture_end(struct look *look, uint64_t *matched, uint64_t *lost);

/* --- peers.c --- */

enum peer { PEER_DROP, PEER_PASS, PEER_HASH, PEER_LRU, PEER_LPM, PEER_COUNT };

void peers_open(uint32_t source_count);
int peer_program(enum peer peer);
double peer_fill(enum peer peer, uint64_t first, uint64_t count);
uint64_t peers_dropped(void);

/* Filters of the stack, set up with their own commands. False, with `why`, if that fails. */
bool peer_nft_set(unsigned int ifindex, uint64_t first, uint64_t count, double *fill_seconds,
		  const char **why);
bool peer_nft_limit(unsigned int ifindex, const char *rate, unsigned int burst, const char **why);
bool peer_hashlimit(const char *rate, unsigned int burst, const char **why);
void peer_stack_clear(void);

/* xdp-filter's program, with that many whole addresses in its map; -1, with `why`, if that fails.
 */
int peer_xdp_filter(unsigned int ifindex, uint64_t count, const char **why);
uint64_t peer_xdp_filter_dropped(void);

/* --- rates.c --- */

#define PAIRS 15
#define REST  0.02 /* share of sent packets that the links may lose */

struct way {
	int program[LINKS]; /* XDP on the far ends; -1: none, the stack handles packets */
	int links;
	enum frame_kind frame;
	struct load load;
};

typedef uint64_t (*counted_t)(void *data);

struct way way_of(struct subject *subject, int links, enum frame_kind frame,
		  enum load_choice choice, uint64_t first, uint64_t source_count);
/* The same with the program of a peer. */
struct way way_of_peer(enum peer peer, const struct way *like);

/* Attaches its programs to the far ends, in place of those that are there. */
void way_attach(const struct way *way);

/* Packets per second. */
double rate_of(const struct way *way, uint64_t *sent);
double rate_median(const struct way *way);

/* The rate as a share of that of a program that only drops. Prints a line if less than `part` of the
 * packets took the intended path, according to what `counted` counts.
 */
double share_of(const char *name, const struct way *way, counted_t counted, void *data,
		double part);
/* The same, of packets that have this reason. */
double subject_share(const char *name, struct subject *subject, const struct way *way,
		     const char *reason, double part);

uint64_t count_received(void *data);
uint64_t count_peers(void *data);
uint64_t count_xdp_filter(void *data);

/* --- table.c --- */

void table_open(const char *json_path);
void table_heading(const char *text);
/* A figure, with or without goals: `must` and `reach` are 0 for none; `more`: higher is better,
 * otherwise lower.
 */
void table_figure(const char *name, double value, const char *unit, double must, double reach,
		  bool more);
void table_note(const char *name, const char *text);
void table_close(void);

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
double now_s(void);
double median(double *values, int count);
void attach(unsigned int ifindex, int program);

#endif
