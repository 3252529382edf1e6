// SPDX-License-Identifier: GPL-2.0-only
/* Runs of the machine: its CPUs, what is put back after each run, and what fails. */
#include "machine_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#define STACK_BYTES (128 * 1024)

struct machine m = {.running = -1};

/* --- running --- */

/* While it runs, it sees its own stores, however it reads. */
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

void machine_resume(int n)
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
		machine_resume(n);
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
