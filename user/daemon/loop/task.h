/* SPDX-License-Identifier: GPL-2.0-only */
/* Long work in pieces: a function with a stack of its own, which pauses when its turn of the loop is over and goes on in
 * the next one, when others have been served. There are no threads: between two pauses it is alone, and what it holds
 * while it pauses is up to it.
 */
#ifndef SLASH64_DAEMON_TASK_H
#define SLASH64_DAEMON_TASK_H

#include <stdbool.h>

struct event_base;
struct task;

typedef void (*task_run_t)(void *data);

/* NULL where there is no memory. */
struct task *task_new(struct event_base *base);
/* Not while it is busy. */
void task_free(struct task *task);

/* Begins `run` at once. `done` is called on the loop's own stack when it has returned, maybe before this does, and may
 * free the task. Not while it is busy.
 */
void task_run(struct task *task, task_run_t run, task_run_t done, void *data);

/* `run` has begun and has not returned: where it is asked by somebody else, it pauses. */
bool task_is_busy(const struct task *task);

/* Within `run`: others are to be served. Cheap enough to be asked for each row. */
bool task_is_due(struct task *task);
/* Within `run`: serve them. */
void task_pause(struct task *task);

/* From outside: to its end now, without a pause; `done` is called. */
void task_finish(struct task *task);
/* The same where nobody waits for it any more: it ends as soon as it looks. */
void task_give_up(struct task *task);
bool task_is_given_up(const struct task *task);

#endif
