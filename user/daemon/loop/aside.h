/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that wait in the kernel, beside the loop: a job runs in a thread of its own, one job
 * after the other, and its end is told on the loop. A job touches nothing that the loop touches
 * meanwhile. There is no thread where there is no job.
 */
#ifndef SLASH64_DAEMON_LOOP_ASIDE_H
#define SLASH64_DAEMON_LOOP_ASIDE_H

#include <stdbool.h>
#include <sys/queue.h>

struct aside;
struct event_base;

/* Belongs to the caller, until `done`, which may free it. */
struct aside_job {
	void (*run)(void *data);  /* in the thread */
	void (*done)(void *data); /* on the loop; may begin another job */
	void *data;
	STAILQ_ENTRY(aside_job) link;
};

/* NULL if it cannot be made. */
struct aside *aside_new(struct event_base *base);
void aside_free(struct aside *aside);

/* After those that were begun before. Not done within this call. */
void aside_run(struct aside *aside, struct aside_job *job);
/* Waits for all of them, and tells their ends. */
void aside_finish(struct aside *aside);

/* In between, no job of any of them runs: for what concerns the whole process, such as its
 * descriptors. Waits for one that runs, but not for long: false if it still does, and nothing is held.
 * None may be begun, or finished, in between.
 */
bool aside_hold(void);
void aside_release(void);

#endif
