// SPDX-License-Identifier: GPL-2.0-only
#include "task.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "turn.h"
#include "turns.h"

#define STACK_BYTES (1U << 20) /* memory is used only as far as it is touched */
#define NS_PER_MS   1000000ULL
#define ASKED_EACH  16 /* how often the clock is read */

struct task {
	struct turns *turns;
	struct turns_share next;
	struct event *slept;
	ucontext_t own, loop;
	void *stack; /* its lowest page is a guard page */
	struct turn turn;
	unsigned int asked, sleep_ms;
	bool busy, ended, hurries, given_up;
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
	struct timeval sleep = {0, 0};

	task->sleep_ms = 0;
	task->turn = turn_begin();
	swapcontext(&task->loop, &task->own);
	if (task->ended) {
		task->busy = false;
		task->done(task->data);
		return true;
	}
	sleep.tv_sec = task->sleep_ms / 1000;
	sleep.tv_usec = task->sleep_ms % 1000 * 1000;
	if (!task->hurries && task->sleep_ms)
		event_add(task->slept, &sleep);
	else if (!task->hurries)
		turns_ask(task->turns, &task->next);
	return false;
}

static void on_next(void *data)
{
	go_on(data);
}

static void on_slept(evutil_socket_t fd, short what, void *data)
{
	struct task *task = data;

	(void)fd;
	(void)what;
	turns_ask(task->turns, &task->next);
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
	task->slept = event_new(turns_base(turns), -1, 0, on_slept, task);
	if (task->stack == MAP_FAILED || !task->slept ||
	    mprotect(task->stack, guard_bytes(), PROT_NONE) || make_context(task)) {
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
	if (task->slept)
		event_free(task->slept);
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

void task_sleep(struct task *task, unsigned int ms)
{
	uint64_t over_ns = turn_now_ns() + ms * NS_PER_MS, now_ns;

	task->sleep_ms = ms;
	task_pause(task);
	/* in a hurry, perhaps since just now */
	now_ns = turn_now_ns();
	if (now_ns < over_ns)
		usleep((over_ns - now_ns) / 1000 + 1);
}

void task_finish(struct task *task)
{
	if (!task->busy)
		return;
	task->hurries = true;
	event_del(task->slept);
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
