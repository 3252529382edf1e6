// SPDX-License-Identifier: GPL-2.0-only
/* One step of one CPU, by whoever chooses: its next access, or a store that leaves its buffer. */
#include "machine_internal.h"

#include <stdio.h>
#include <string.h>

/* What the packets have written is seen then, too. */
static bool grace_is_over(const struct cpu *cpu)
{
	for (int n = 0; n < m.cpus; n++) {
		if (cpu->waits_for[n] && m.cpu[n].in_packet && !m.cpu[n].done &&
		    m.cpu[n].packets == cpu->waits_for[n])
			return false;
		if (&m.cpu[n] != cpu && m.cpu[n].buffered)
			return false;
	}
	return true;
}

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

/* The number of writes that a load may see, including the newest. */
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

/* Empties the buffer (except for the clock): atomic operations, barriers, and information passed in
 * other ways than by memory.
 */
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
	machine_resume(step->cpu);
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
