// SPDX-License-Identifier: GPL-2.0-only
#include "task.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "turn.h"
#include "turns.h"

#define STACK_BYTES (1U << 20) /* memory is used only as far as it is touched */
#define ASKED_EACH  16	       /* how often the clock is read */

struct task {
	struct turns *turns;
	struct turns_share next;
	ucontext_t own, loop;
	void *stack; /* its lowest page is a guard page */
	struct turn turn;
	unsigned int asked;
	bool busy, ended, hurries, given_up, waits;
	task_run_t run, done;
	void *data;
};

static size_t guard_bytes(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* makecontext() passes ints. The context outlives a run, and starts the next one. */
static void on_stack(unsigned int high, unsigned int low)
{
	struct task *task = (struct task *)(uintptr_t)((uint64_t)high << 32 | low);

	for (;;) {
		task->run(task->data);
		task->ended = true;
		swapcontext(&task->own, &task->loop);
	}
}

/* Has it ended? Then it may have been freed. */
static bool go_on(struct task *task)
{
	task->waits = false;
	task->turn = turn_begin();
	swapcontext(&task->loop, &task->own);
	if (task->ended) {
		task->busy = false;
		task->done(task->data);
		return true;
	}
	if (!task->hurries && !task->waits)
		turns_ask(task->turns, &task->next);
	return false;
}

static void on_next(void *data)
{
	go_on(data);
}

static int make_context(struct task *task)
{
	uint64_t self = (uintptr_t)task;

	if (getcontext(&task->own))
		return -1;
	task->own.uc_stack.ss_sp = task->stack;
	task->own.uc_stack.ss_size = STACK_BYTES;
	task->own.uc_link = NULL;
	makecontext(&task->own, (void (*)(void))on_stack, 2, (unsigned int)(self >> 32),
		    (unsigned int)self);
	return 0;
}

struct task *task_new(struct turns *turns)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->turns = turns;
	task->next = (struct turns_share){.run = on_next, .data = task};
	task->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (task->stack == MAP_FAILED || mprotect(task->stack, guard_bytes(), PROT_NONE) ||
	    make_context(task)) {
		task_free(task);
		return NULL;
	}
	return task;
}

void task_free(struct task *task)
{
	if (!task)
		return;
	turns_forget(&task->next);
	if (task->stack && task->stack != MAP_FAILED)
		munmap(task->stack, STACK_BYTES);
	free(task);
}

static void begin(struct task *task, task_run_t run, task_run_t done, void *data)
{
	task->run = run;
	task->done = done;
	task->data = data;
	task->busy = true;
	task->ended = task->hurries = task->given_up = false;
}

void task_run(struct task *task, task_run_t run, task_run_t done, void *data)
{
	struct turns *turns = task->turns;
	struct turn turn = turn_begin();

	begin(task, run, done, data);
	go_on(task); /* and perhaps free it */
	turns_spend(turns, turn_taken_ns(&turn));
}

void task_run_later(struct task *task, task_run_t run, task_run_t done, void *data)
{
	begin(task, run, done, data);
	turns_ask(task->turns, &task->next);
}

bool task_is_busy(const struct task *task)
{
	return task->busy;
}

bool task_is_due(struct task *task)
{
	return ++task->asked % ASKED_EACH == 0 && task_is_over(task);
}

bool task_is_over(const struct task *task)
{
	return !task->hurries && turn_is_over(&task->turn);
}

void task_pause(struct task *task)
{
	if (task->hurries)
		return;
	swapcontext(&task->own, &task->loop);
}

void task_wait(struct task *task)
{
	task->waits = true;
	task_pause(task);
}

void task_wake(struct task *task)
{
	if (!task->waits)
		return;
	task->waits = false;
	turns_ask(task->turns, &task->next);
}

void task_finish(struct task *task)
{
	if (!task->busy)
		return;
	task->hurries = true;
	turns_forget(&task->next);
	while (!go_on(task))
		;
}

void task_give_up(struct task *task)
{
	task->given_up = true;
	task_finish(task);
}

bool task_is_given_up(const struct task *task)
{
	return task->given_up;
}
