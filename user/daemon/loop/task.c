// SPDX-License-Identifier: GPL-2.0-only
#include "task.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "turn.h"

#define STACK_BYTES (1U << 20) /* memory is used only as far as it is touched */
#define NS_PER_MS   1000000ULL
#define ASKED_EACH  16 /* how often the clock is read */

struct task {
	struct event *next;
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
	struct timeval next = {0, 0};

	task->sleep_ms = 0;
	task->turn = turn_begin();
	swapcontext(&task->loop, &task->own);
	if (!task->ended) {
		/* a timer, because an event made active would run before sockets are polled */
		next.tv_sec = task->sleep_ms / 1000;
		next.tv_usec = task->sleep_ms % 1000 * 1000;
		if (!task->hurries)
			event_add(task->next, &next);
		return false;
	}
	task->busy = false;
	task->done(task->data);
	return true;
}

static void on_next(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
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

struct task *task_new(struct event_base *base)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	task->next = event_new(base, -1, 0, on_next, task);
	if (task->stack == MAP_FAILED || !task->next ||
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
	if (task->next)
		event_free(task->next);
	if (task->stack && task->stack != MAP_FAILED)
		munmap(task->stack, STACK_BYTES);
	free(task);
}

void task_run(struct task *task, task_run_t run, task_run_t done, void *data)
{
	task->run = run;
	task->done = done;
	task->data = data;
	task->busy = true;
	task->ended = task->hurries = task->given_up = false;
	go_on(task);
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
	event_del(task->next);
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
