// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switch.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#define STACK_BYTES  (128 * 1024)
#define BUFFER_MAX   8
#define MESSAGES_MAX 24
#define LOADS_MAX    64
#define FOUND_MAX    64
#define KEEP_MAX     32
#define NAMES_MAX    32
#define PLACES	     16384 /* words of shared memory that are touched in one scenario */

struct message {
	uint64_t value;
	uint32_t time;
};

/* A word. `shared` is learned from run to run: one writes it, another one reads or writes it. */
struct place {
	uintptr_t word;
	uint32_t readers, writers;
	bool shared;
	/* of this run */
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
	/* those under way when it began to wait for them; 0: none */
	uint32_t packets, waits_for[EXPLORE_CPUS];
	struct operation next;
	uint64_t result;
	uint64_t history;
	/* arm64 */
	struct pending_store buffer[BUFFER_MAX];
	int buffered;
	uint64_t below[BUFFER_MAX]; /* what its stores hide while it runs */
	uint32_t view, view_old; /* what its loads see at least; what a barrier will make of it */
	uint32_t view_after;	 /* of what is looked up next */
	struct load load[LOADS_MAX];
	int loads;
	struct found found[FOUND_MAX];
	int founds;
};

static struct {
	struct cpu cpu[EXPLORE_CPUS];
	struct stack stack;
	int cpus, running; /* -1: nobody runs */
	explore_run_t run;
	enum explore_memory memory;
	uint32_t runs, time, grace; /* grace: what packets that begin now see */
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
} m = {.running = -1};

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t v = a * 0x9e3779b97f4a7c15ULL ^ b;

	v = (v ^ v >> 32) * 0xd6e8feb86659fd93ULL;
	v = (v ^ v >> 29) * 0xbf58476d1ce4e5b9ULL;
	return v ^ v >> 32;
}

/* --- words --- */

static struct place *place_of(uintptr_t word)
{
	uint64_t i = mix(word, 1);

	for (;; i++) {
		struct place **place = &m.place[i % PLACES];

		if (!*place) {
			*place = calloc(1, sizeof(**place));
			(*place)->word = word;
		}
		if ((*place)->word == word)
			return *place;
	}
}

static uint64_t *memory_of(const struct place *place)
{
	return (uint64_t *)place->word;
}

static void place_touch(struct place *place)
{
	if (place->run == m.runs)
		return;
	place->run = m.runs;
	place->initial = *memory_of(place);
	place->count = 1;
	place->message[0] = (struct message){place->initial, 0};
	memset(place->seen, 0, sizeof(place->seen));
	m.dirty[m.dirtied++] = place;
}

static void place_learn(struct place *place, enum explore_kind kind, int cpu)
{
	uint32_t all;

	if (kind == EXPLORE_LOAD || kind == EXPLORE_LOAD_ACQUIRE || kind == EXPLORE_LOOK ||
	    kind == EXPLORE_CLOCK)
		place->readers |= 1U << cpu;
	else
		place->writers |= 1U << cpu;
	if (place->shared || !place->writers)
		return;
	all = place->readers | place->writers;
	if (all & (all - 1))
		place->shared = m.learned = true;
}

static unsigned int shift_of(const struct operation *op)
{
	return ((uintptr_t)op->p & 7) * 8;
}

static uint64_t mask_of(const struct operation *op)
{
	uint64_t ones = op->size == 8 ? ~0ULL : (1ULL << op->size * 8) - 1;

	return ones << shift_of(op);
}

static uint64_t part_of(const struct operation *op, uint64_t word)
{
	return (word & mask_of(op)) >> shift_of(op);
}

static uint64_t with_part(const struct operation *op, uint64_t word, uint64_t value)
{
	return (word & ~mask_of(op)) | (value << shift_of(op) & mask_of(op));
}

static void word_write(struct place *place, uint64_t value)
{
	uint64_t *memory = memory_of(place);

	if (m.memory == EXPLORE_IN_ORDER) {
		m.state ^= mix(place->word, *memory) ^ mix(place->word, value);
	} else {
		if (place->count == MESSAGES_MAX) {
			place->count--;
			memmove(place->message, place->message + 1,
				place->count * sizeof(place->message[0]));
		}
		place->message[place->count++] = (struct message){value, ++m.time};
		m.state ^= mix(mix(place->word, value), m.time);
	}
	*memory = value;
}

/* --- what runs --- */

/* While it runs it sees its own stores, whatever way it reads. */
static void buffer_show(struct cpu *cpu)
{
	for (int i = 0; i < cpu->buffered; i++) {
		uint64_t *memory = memory_of(cpu->buffer[i].place);

		cpu->below[i] = *memory;
		*memory = (*memory & ~cpu->buffer[i].mask) | cpu->buffer[i].value;
	}
}

static void buffer_hide(struct cpu *cpu)
{
	for (int i = cpu->buffered - 1; i >= 0; i--)
		*memory_of(cpu->buffer[i].place) = cpu->below[i];
}

static void resume(int n)
{
	struct cpu *cpu = &m.cpu[n];

	buffer_show(cpu);
	m.running = n;
	stack_switch(&m.stack, &cpu->stack);
	m.running = -1;
	buffer_hide(cpu);
}

static void run(void)
{
	struct cpu *cpu = &m.cpu[m.running];

	m.run(m.running);
	cpu->done = true;
	stack_switch(&cpu->stack, &m.stack);
	abort();
}

/* --- the accesses --- */

static uint64_t direct(const struct operation *op)
{
	uint64_t *memory = (uint64_t *)((uintptr_t)op->p & ~7UL), old;

	if (!op->p)
		return 0;
	old = *memory;
	switch (op->kind) {
	case EXPLORE_STORE:
	case EXPLORE_STORE_RELEASE:
	case EXPLORE_SAY:
		*memory = with_part(op, old, op->value);
		break;
	case EXPLORE_CAS:
		if (part_of(op, old) == op->expected)
			*memory = with_part(op, old, op->value);
		break;
	case EXPLORE_OR:
		*memory = with_part(op, old, part_of(op, old) | op->value);
		break;
	case EXPLORE_AND:
		*memory = with_part(op, old, part_of(op, old) & op->value);
		break;
	case EXPLORE_ADD:
		*memory = with_part(op, old, part_of(op, old) + op->value);
		break;
	default:
		break;
	}
	return part_of(op, old);
}

static void load_note(struct cpu *cpu, uint64_t value, uint32_t view)
{
	if (m.memory == EXPLORE_ARM64)
		cpu->load[cpu->loads++ % LOADS_MAX] = (struct load){value, view};
}

static void grace_begin(struct cpu *cpu)
{
	for (int n = 0; n < m.cpus; n++) {
		cpu->waits_for[n] = m.cpu[n].in_packet && !m.cpu[n].done ? m.cpu[n].packets : 0;
		cpu->history = mix(cpu->history, cpu->waits_for[n]);
	}
	m.grace = m.time;
}

static bool grace_is_over(const struct cpu *cpu)
{
	for (int n = 0; n < m.cpus; n++)
		if (cpu->waits_for[n] && m.cpu[n].in_packet && !m.cpu[n].done &&
		    m.cpu[n].packets == cpu->waits_for[n])
			return false;
	return true;
}

__u64 explore_access(enum explore_kind kind, const volatile void *p, __u32 size, __u64 value,
		     __u64 expected)
{
	struct operation op = {kind, p, size, value, expected, NULL};
	struct cpu *cpu;

	if (m.running < 0)
		return direct(&op);
	cpu = &m.cpu[m.running];
	if (p) {
		op.place = place_of((uintptr_t)p & ~7UL);
		place_learn(op.place, kind, m.running);
		place_touch(op.place);
		if (!op.place->shared) {
			uint64_t was = direct(&op);

			load_note(cpu, was, 0);
			return was;
		}
	} else if (kind == EXPLORE_GRACE) {
		grace_begin(cpu);
	} else if (m.memory == EXPLORE_IN_ORDER) {
		return 0;
	}
	cpu->next = op;
	stack_switch(&cpu->stack, &m.stack);
	return cpu->result;
}

/* Word by word, those that are to change. */
void explore_put(void *to, const void *from, size_t bytes)
{
	const char *source = from;
	char *target = to;

	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t value = 0;
		size_t n = bytes - i < 8 ? bytes - i : 8;

		memcpy(&value, source + i, n);
		if (memcmp(target + i, source + i, n))
			explore_access(EXPLORE_STORE, target + i, n, value, 0);
	}
}

void explore_get(void *to, const void *from, size_t bytes)
{
	char *target = to;

	for (size_t i = 0; i < bytes; i += 8) {
		size_t n = bytes - i < 8 ? bytes - i : 8;
		uint64_t value = explore_access(EXPLORE_LOAD, (const char *)from + i, n, 0, 0);

		memcpy(target + i, &value, n);
	}
}

void explore_fill(void *to, int byte, size_t bytes)
{
	char *target = to;
	uint64_t value;

	memset(&value, byte, sizeof(value));
	for (size_t i = 0; i < bytes; i += 8)
		if (memcmp(target + i, &value, 8))
			explore_access(EXPLORE_STORE, target + i, 8, value, 0);
}

/* Which load it was is told by its value; where none has that, as of a value that several went into, all before. */
__u64 explore_after(__u64 value, __u64 seen)
{
	struct cpu *cpu = m.running < 0 ? NULL : &m.cpu[m.running];
	int first;
	uint32_t view = 0;

	if (!cpu || m.memory == EXPLORE_IN_ORDER || S64_MISTAKE(LOAD_ORDER))
		return value;
	first = cpu->loads > LOADS_MAX ? cpu->loads - LOADS_MAX : 0;
	for (int i = first; i < cpu->loads; i++) {
		const struct load *load = &cpu->load[i % LOADS_MAX];

		if (load->value == seen) {
			view = load->view;
			break;
		}
		if (load->view > view)
			view = load->view;
	}
	if (view > cpu->view_after)
		cpu->view_after = view;
	return value;
}

bool explore_memory_is_in_order(void)
{
	return m.memory == EXPLORE_IN_ORDER;
}

const void *explore_found(const void *p, size_t bytes)
{
	struct cpu *cpu = m.running < 0 ? NULL : &m.cpu[m.running];

	if (!cpu || !p || !cpu->view_after)
		return p;
	cpu->found[cpu->founds++ % FOUND_MAX] =
		(struct found){(uintptr_t)p, (uintptr_t)p + bytes, cpu->view_after};
	cpu->view_after = 0;
	return p;
}

/* --- one step, by whoever chooses --- */

static uint32_t view_of(const struct cpu *cpu, const struct operation *op)
{
	uintptr_t p = (uintptr_t)op->p;
	uint32_t view = cpu->view;
	int founds = cpu->founds < FOUND_MAX ? cpu->founds : FOUND_MAX;

	for (int i = 0; i < founds; i++)
		if (p >= cpu->found[i].from && p < cpu->found[i].to && cpu->found[i].view > view)
			view = cpu->found[i].view;
	return view;
}

static bool is_load(const struct operation *op)
{
	return op->kind == EXPLORE_LOAD || op->kind == EXPLORE_LOAD_ACQUIRE;
}

static bool is_store(const struct operation *op)
{
	return op->kind == EXPLORE_STORE || op->kind == EXPLORE_STORE_RELEASE;
}

static bool is_buffered(const struct cpu *cpu, const struct place *place)
{
	for (int i = 0; i < cpu->buffered; i++)
		if (cpu->buffer[i].place == place)
			return true;
	return false;
}

/* How many writes a load may see; the newest among them. */
static int loads_possible(const struct cpu *cpu, int n, const struct operation *op)
{
	const struct place *place = op->place;
	uint32_t view = view_of(cpu, op);
	int i = place->count - 1;

	if (!m.stale || is_buffered(cpu, place))
		return 1;
	if (place->seen[n] > view)
		view = place->seen[n];
	while (i > 0 && place->message[i].time > view)
		i--;
	return place->count - i;
}

/* May a store leave the buffer before those in front of it? */
static bool store_may_leave(const struct cpu *cpu, int i)
{
	if (cpu->buffer[i].release)
		return i == 0;
	for (int j = 0; j < i; j++)
		if (cpu->buffer[j].place == cpu->buffer[i].place)
			return false;
	return true;
}

int machine_steps(struct step steps[STEPS_MAX])
{
	int count = 0;

	for (int n = 0; n < m.cpus; n++) {
		const struct cpu *cpu = &m.cpu[n];
		int possible = 1;

		if (!cpu->done && cpu->next.kind == EXPLORE_GRACE)
			possible = grace_is_over(cpu);
		else if (!cpu->done && m.memory == EXPLORE_ARM64) {
			if (is_load(&cpu->next))
				possible = loads_possible(cpu, n, &cpu->next);
			else if (is_store(&cpu->next))
				possible = cpu->buffered < BUFFER_MAX;
			else if (cpu->next.kind != EXPLORE_FENCE_ACQUIRE &&
				 cpu->next.kind != EXPLORE_CLOCK)
				possible = cpu->buffered == 0;
		}
		for (int old = 0; !cpu->done && old < possible; old++)
			steps[count++] = (struct step){n, 0, old};
		for (int i = 0; i < cpu->buffered; i++)
			if (store_may_leave(cpu, i))
				steps[count++] = (struct step){n, i + 1, 0};
	}
	return count;
}

static void tell(const struct step *step, const struct operation *op, uint64_t was)
{
	static const char *const words[] = {"reads",   "reads (acquire)",
					    "writes",  "writes (release)",
					    "swaps",   "ors",
					    "ands",    "adds",
					    "barrier", "barrier (acquire)",
					    "clock",   "looks",
					    "waits",   "says"};
	char where[64] = "";

	for (int i = 0; i < m.names; i++)
		if ((uintptr_t)op->p >= m.name[i].p &&
		    (uintptr_t)op->p < m.name[i].p + m.name[i].bytes)
			snprintf(where, sizeof(where), "%s+0x%lx", m.name[i].name,
				 (unsigned long)((uintptr_t)op->p - m.name[i].p));
	if (!where[0])
		snprintf(where, sizeof(where), "%p", (const void *)op->p);
	printf("      cpu %d  %-17s %-20s", step->cpu, words[op->kind], where);
	if (op->kind == EXPLORE_CAS)
		printf(" 0x%llx for 0x%llx: %s", (unsigned long long)op->expected,
		       (unsigned long long)op->value, was == op->expected ? "done" : "lost");
	else if (is_store(op) || op->kind == EXPLORE_SAY)
		printf(" 0x%llx", (unsigned long long)op->value);
	else
		printf(" 0x%llx", (unsigned long long)was);
	printf("%s\n", step->old ? "   (not the newest)" : "");
}

static void barrier(struct cpu *cpu)
{
	cpu->view = cpu->view_old = m.time;
}

static void step_commit(struct cpu *cpu, const struct step *step)
{
	int i = step->commit - 1;
	struct pending_store store = cpu->buffer[i];

	memmove(&cpu->buffer[i], &cpu->buffer[i + 1], (cpu->buffered - i - 1) * sizeof(store));
	cpu->buffered--;
	word_write(store.place, (*memory_of(store.place) & ~store.mask) | store.value);
	store.place->seen[step->cpu] = m.time;
	if (m.time > cpu->view_old)
		cpu->view_old = m.time;
	cpu->history = mix(cpu->history, mix(m.time, 7));
	if (m.telling)
		printf("      cpu %d  all see what it wrote to %p\n", step->cpu,
		       (void *)store.place->word);
}

static uint64_t step_load(struct cpu *cpu, const struct step *step)
{
	const struct operation *op = &cpu->next;
	struct place *place = op->place;
	struct message *message = &place->message[place->count - 1 - step->old];
	uint64_t word = message->value;
	uint32_t view;

	if (m.memory == EXPLORE_IN_ORDER)
		return part_of(op, *memory_of(place));
	for (int i = 0; i < cpu->buffered; i++)
		if (cpu->buffer[i].place == place)
			word = (word & ~cpu->buffer[i].mask) | cpu->buffer[i].value;
	m.stale -= step->old != 0;
	place->seen[step->cpu] = message->time;
	view = view_of(cpu, op);
	if (message->time > view)
		view = message->time;
	if (view > cpu->view_old)
		cpu->view_old = view;
	if (op->kind == EXPLORE_LOAD_ACQUIRE && view > cpu->view)
		cpu->view = view;
	load_note(cpu, part_of(op, word), view);
	cpu->history = mix(cpu->history, mix(message->time, 3));
	return part_of(op, word);
}

static void step_store(struct cpu *cpu)
{
	const struct operation *op = &cpu->next;
	uint64_t value = with_part(op, 0, op->value);

	if (m.memory == EXPLORE_IN_ORDER)
		word_write(op->place, with_part(op, *memory_of(op->place), op->value));
	else
		cpu->buffer[cpu->buffered++] =
			(struct pending_store){op->place, value, mask_of(op),
					       op->kind == EXPLORE_STORE_RELEASE};
}

/* The buffer is empty (but for the clock): atomic operations, barriers, and what is said otherwise than by memory. */
static uint64_t step_atomic(struct cpu *cpu, const struct step *step)
{
	const struct operation *op = &cpu->next;
	uint64_t old, was, word;

	if (!op->place) {
		cpu->view = cpu->view_old;
		if (op->kind != EXPLORE_FENCE_ACQUIRE)
			barrier(cpu);
		return 0;
	}
	old = *memory_of(op->place);
	was = part_of(op, old);
	if (op->kind == EXPLORE_CLOCK)
		return was;
	word = old;
	switch (op->kind) {
	case EXPLORE_CAS:
		if (was == op->expected)
			word = with_part(op, old, op->value);
		break;
	case EXPLORE_OR:
		word = with_part(op, old, was | op->value);
		break;
	case EXPLORE_AND:
		word = with_part(op, old, was & op->value);
		break;
	case EXPLORE_ADD:
		word = with_part(op, old, was + op->value);
		break;
	case EXPLORE_SAY:
		word = with_part(op, old, op->value);
		break;
	default:
		break;
	}
	if (word != old)
		word_write(op->place, word);
	op->place->seen[step->cpu] = op->place->message[op->place->count - 1].time;
	barrier(cpu);
	load_note(cpu, was, m.time);
	if (m.memory == EXPLORE_ARM64)
		cpu->history = mix(cpu->history, m.time);
	return was;
}

void machine_step(const struct step *step)
{
	struct cpu *cpu = &m.cpu[step->cpu];

	if (step->commit) {
		step_commit(cpu, step);
		return;
	}
	cpu->result = 0;
	if (is_load(&cpu->next))
		cpu->result = step_load(cpu, step);
	else if (is_store(&cpu->next))
		step_store(cpu);
	else
		cpu->result = step_atomic(cpu, step);
	cpu->history = mix(cpu->history, cpu->result + 1);
	if (m.telling)
		tell(step, &cpu->next, cpu->result);
	resume(step->cpu);
}

bool machine_is_done(void)
{
	for (int n = 0; n < m.cpus; n++)
		if (!m.cpu[n].done || m.cpu[n].buffered)
			return false;
	return true;
}

uint64_t machine_state(void)
{
	uint64_t state = m.state;

	for (int n = 0; n < m.cpus; n++) {
		const struct cpu *cpu = &m.cpu[n];

		state = mix(state, cpu->history);
		for (int i = 0; i < cpu->buffered; i++)
			state = mix(state, cpu->buffer[i].place->word ^ cpu->buffer[i].value);
	}
	return mix(state, m.stale);
}

/* --- runs --- */

void machine_keep(void *p, size_t bytes)
{
	m.keep[m.kept].p = p;
	m.keep[m.kept].bytes = bytes;
	m.keep[m.kept].copy = malloc(bytes);
	memcpy(m.keep[m.kept++].copy, p, bytes);
}

void machine_name(const void *p, size_t bytes, const char *name)
{
	m.name[m.names].p = (uintptr_t)p;
	m.name[m.names].bytes = bytes;
	m.name[m.names++].name = name;
}

void machine_clear(void)
{
	for (int i = 0; i < m.kept; i++)
		free(m.keep[i].copy);
	for (int i = 0; i < PLACES; i++) {
		free(m.place[i]);
		m.place[i] = NULL;
	}
	m.kept = m.names = 0;
	m.learned = false;
}

void machine_start(enum explore_memory memory, int cpus, explore_run_t function, unsigned int stale)
{
	m.memory = memory;
	m.cpus = cpus;
	m.run = function;
	m.stale = stale;
	m.runs++;
	m.time = m.grace = 0;
	m.dirtied = 0;
	m.state = 0;
	m.failure[0] = 0;
	for (int n = 0; n < cpus; n++) {
		struct cpu *cpu = &m.cpu[n];
		void *stack = cpu->memory;

		if (!stack)
			stack = aligned_alloc(64, STACK_BYTES);
#ifdef __SANITIZE_ADDRESS__
		__asan_unpoison_memory_region(stack, STACK_BYTES);
#endif
		cpu->memory = stack;
		cpu->done = cpu->in_packet = false;
		cpu->packets = 0;
		cpu->history = n;
		cpu->buffered = cpu->loads = cpu->founds = 0;
		cpu->view = cpu->view_old = cpu->view_after = 0;
		stack_make(&cpu->stack, stack, STACK_BYTES, run);
	}
	for (int n = 0; n < cpus; n++)
		resume(n);
}

void machine_stop(void)
{
	for (int i = 0; i < m.dirtied; i++)
		*memory_of(m.dirty[i]) = m.dirty[i]->initial;
	for (int i = 0; i < m.kept; i++)
		memcpy(m.keep[i].p, m.keep[i].copy, m.keep[i].bytes);
}

bool machine_learned(void)
{
	bool learned = m.learned;

	m.learned = false;
	return learned;
}

void machine_packet(void)
{
	struct cpu *cpu = m.running < 0 ? NULL : &m.cpu[m.running];

	if (!cpu)
		return;
	cpu->loads = cpu->founds = cpu->view_after = 0;
	cpu->in_packet = true;
	cpu->packets++;
	if (m.grace > cpu->view)
		cpu->view = m.grace;
}

void machine_packet_end(void)
{
	if (m.running >= 0)
		m.cpu[m.running].in_packet = false;
}

void machine_wait_for_packets(void)
{
	S64_FENCE();
	explore_access(EXPLORE_GRACE, NULL, 0, 0, 0);
}

int machine_cpu(void)
{
	return m.running < 0 ? 0 : m.running;
}

bool machine_runs(void)
{
	return m.running >= 0;
}

void machine_fail(const char *format, ...)
{
	va_list list;

	if (m.failure[0])
		return;
	va_start(list, format);
	vsnprintf(m.failure, sizeof(m.failure), format, list);
	va_end(list);
}

const char *machine_failure(void)
{
	return m.failure[0] ? m.failure : NULL;
}

void machine_tell(bool on)
{
	m.telling = on;
}
