/* SPDX-License-Identifier: GPL-2.0-only */
/* Long work in pieces: a function with a stack of its own, which pauses when its turn of the loop
 * is over, and continues in the next one, when others have been served. These are no threads:
 * between two pauses it runs alone. What it holds during a pause is its own decision.
 */
#ifndef SLASH64_DAEMON_LOOP_TASK_H
#define SLASH64_DAEMON_LOOP_TASK_H

#include <stdbool.h>

struct task;
struct turns;

typedef void (*task_run_t)(void *data);

/* NULL if out of memory. */
struct task *task_new(struct turns *turns);
/* Not while it is busy. */
void task_free(struct task *task);

/* Starts `run` at once. `done` is called on the loop's own stack when it has returned, perhaps
 * before this returns, and may free the task. Not while it is busy.
 */
void task_run(struct task *task, task_run_t run, task_run_t done, void *data);

/* The same, but `run` starts when those have had their piece who want one already: for work that
 * many begin at once.
 */
void task_run_later(struct task *task, task_run_t run, task_run_t done, void *data);

/* `run` has not returned: seen from outside, it has paused. */
bool task_is_busy(const struct task *task);

/* Within `run`: is its turn over? Cheap enough to be called for each row, as the clock is read every
 * few times only.
 */
bool task_is_due(struct task *task);
/* The same after more than some 50 us of work: reads the clock each time. */
bool task_is_over(const struct task *task);
/* Within `run`: pauses, so that others are served. */
void task_pause(struct task *task);
/* The same until task_wake(). In a hurry it returns at once, perhaps before that. */
void task_wait(struct task *task);
void task_wake(struct task *task);

/* From outside: runs it to its end without pauses; `done` is called. */
void task_finish(struct task *task);
/* The same if nobody waits for the result: it ends as soon as it checks. */
void task_give_up(struct task *task);
bool task_is_given_up(const struct task *task);

#endif
