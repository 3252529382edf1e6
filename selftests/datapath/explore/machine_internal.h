/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the machine, for the files that are it: words.c (memory as its CPUs see it), access.c
 * (what code under test calls), steps.c (one step of one CPU) and machine.c (runs).
 */
#ifndef SLASH64_EXPLORE_MACHINE_INTERNAL_H
#define SLASH64_EXPLORE_MACHINE_INTERNAL_H

#include "machine.h"
#include "switch.h"

#define BUFFER_MAX   8
#define MESSAGES_MAX 24
#define LOADS_MAX    64
#define FOUND_MAX    64
#define KEEP_MAX     32
#define NAMES_MAX    32
#define PLACES	     16384 /* shared words that are accessed in one scenario */

struct message {
	uint64_t value;
	uint32_t time;
};

/* A word. `shared` is learned from run to run: one CPU writes it, another reads or writes it. */
struct place {
	uintptr_t word;
	uint32_t readers, writers;
	bool shared;
	/* in this run */
	uint32_t run;
	uint64_t initial;
	uint32_t count;
	struct message message[MESSAGES_MAX];
	uint32_t seen[EXPLORE_CPUS];
};

struct operation {
	enum explore_kind kind;
	const volatile void *p;
	uint32_t size;
	uint64_t value, expected;
	struct place *place;
};

struct pending_store {
	struct place *place;
	uint64_t value, mask;
	bool release;
};

struct found {
	uintptr_t from, to;
	uint32_t view;
};

struct load {
	uint64_t value;
	uint32_t view;
};

struct cpu {
	struct stack stack;
	void *memory;
	bool done;
	bool in_packet;
	/* packets in progress when it began to wait for them; 0: none */
	uint32_t packets, waits_for[EXPLORE_CPUS];
	struct operation next;
	uint64_t result;
	uint64_t history;
	/* arm64 */
	struct pending_store buffer[BUFFER_MAX];
	int buffered;
	uint64_t below[BUFFER_MAX]; /* what its stores hide while it runs */
	/* the oldest writes its loads may see; what a barrier will make of that */
	uint32_t view, view_old;
	uint32_t view_after; /* of the next lookup */
	struct load load[LOADS_MAX];
	int loads;
	struct found found[FOUND_MAX];
	int founds;
};

struct machine {
	struct cpu cpu[EXPLORE_CPUS];
	struct stack stack;
	int cpus, running; /* -1: nobody runs */
	explore_run_t run;
	enum explore_memory memory;
	uint32_t runs, time, grace; /* grace period: what packets that begin now see */
	unsigned int stale;
	bool learned, telling;
	uint64_t state;
	char failure[256];

	struct place *place[PLACES];
	struct place *dirty[PLACES];
	int dirtied;
	struct {
		void *p, *copy;
		size_t bytes;
	} keep[KEEP_MAX];
	int kept;
	struct {
		uintptr_t p;
		size_t bytes;
		const char *name;
	} name[NAMES_MAX];
	int names;
};

extern struct machine m;

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t v = a * 0x9e3779b97f4a7c15ULL ^ b;

	v = (v ^ v >> 32) * 0xd6e8feb86659fd93ULL;
	v = (v ^ v >> 29) * 0xbf58476d1ce4e5b9ULL;
	return v ^ v >> 32;
}

/* --- words.c --- */

/* Of an address that is a multiple of 8; made when it is asked for first. */
struct place *place_of(uintptr_t word);
/* Before the first access of a run. */
void place_touch(struct place *place);
/* Who reads and who writes it: only what is shared is a step of its own. */
void place_learn(struct place *place, enum explore_kind kind, int cpu);
void word_write(struct place *place, uint64_t value);

static inline uint64_t *memory_of(const struct place *place)
{
	return (uint64_t *)place->word;
}

static inline unsigned int shift_of(const struct operation *op)
{
	return ((uintptr_t)op->p & 7) * 8;
}

static inline uint64_t mask_of(const struct operation *op)
{
	uint64_t ones = op->size == 8 ? ~0ULL : (1ULL << op->size * 8) - 1;

	return ones << shift_of(op);
}

static inline uint64_t part_of(const struct operation *op, uint64_t word)
{
	return (word & mask_of(op)) >> shift_of(op);
}

static inline uint64_t with_part(const struct operation *op, uint64_t word, uint64_t value)
{
	return (word & ~mask_of(op)) | (value << shift_of(op) & mask_of(op));
}

/* --- machine.c --- */

/* Runs a CPU up to its next access of what is shared. */
void machine_resume(int n);

/* --- access.c --- */

void load_note(struct cpu *cpu, uint64_t value, uint32_t view);

#endif
