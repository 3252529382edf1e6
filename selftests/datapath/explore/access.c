// SPDX-License-Identifier: GPL-2.0-only
/* What the code under test calls instead of an access to shared memory (access.h). */
#include "machine_internal.h"

#include <string.h>

void load_note(struct cpu *cpu, uint64_t value, uint32_t view)
{
	if (m.memory == EXPLORE_ARM64)
		cpu->load[cpu->loads++ % LOADS_MAX] = (struct load){value, view};
}

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

static void grace_begin(struct cpu *cpu)
{
	for (int n = 0; n < m.cpus; n++) {
		cpu->waits_for[n] = m.cpu[n].in_packet && !m.cpu[n].done ? m.cpu[n].packets : 0;
		cpu->history = mix(cpu->history, cpu->waits_for[n]);
	}
	m.grace = m.time;
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

/* Word by word, those that change. */
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

/* The value identifies the load; if none has it, several loads contributed, so all before it count.
 */
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
