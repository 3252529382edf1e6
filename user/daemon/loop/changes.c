// SPDX-License-Identifier: GPL-2.0-only
#include "changes.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "aside.h"
#include "maps/packets_wait.h"
#include "packets_beside.h"
#include "task.h"
#include "turns.h"

struct change {
	struct change *next;
	change_t run;
	void *data;
};

#define ON_PAUSE_MAX 4

struct changes {
	struct {
		void (*call)(void *data, bool paused);
		void *data;
	} on_pause[ON_PAUSE_MAX];
	struct task *task;
	struct event *event; /* the next one waiting */
	struct aside *aside; /* of its own: a job of others would hold up what waits for packets */
	struct packets_beside *wait; /* of the change that runs */
	struct change *first, **end;
	struct change now;
	unsigned long ended;
	bool inside; /* of the change, while it does not pause */
};

static void run_now(void *data)
{
	struct changes *changes = data;

	changes->inside = true;
	changes->now.run(changes->now.data);
	changes->inside = false;
	changes->ended++;
}

/* The next one starts in a turn of its own. */
static void on_done(void *data)
{
	static const struct timeval now = {0, 0};
	struct changes *changes = data;

	if (changes->first)
		event_add(changes->event, &now);
}

static void begin_next(struct changes *changes)
{
	struct change *change = changes->first;

	changes->first = change->next;
	if (!changes->first)
		changes->end = &changes->first;
	changes->now = *change;
	free(change);
	task_run(changes->task, run_now, on_done, changes);
}

static void on_next(evutil_socket_t fd, short what, void *data)
{
	struct changes *changes = data;

	(void)fd;
	(void)what;
	if (changes->first && !task_is_busy(changes->task))
		begin_next(changes);
}

int changes_start(struct changes **out, struct turns *turns, struct error *error)
{
	struct changes *changes = calloc(1, sizeof(*changes));
	int err = 0;

	if (changes) {
		changes->end = &changes->first;
		changes->task = task_new(turns);
		changes->aside = aside_new(turns_base(turns));
		changes->event = event_new(turns_base(turns), -1, 0, on_next, changes);
	}
	if (!changes || !changes->task || !changes->event || !changes->aside)
		err = error_set(error, -ENOMEM, "out of memory");
	if (err)
		changes_stop(changes);
	else
		*out = changes;
	return err;
}

void changes_on_pause(struct changes *changes, void (*on_pause)(void *data, bool paused),
		      void *data)
{
	for (int i = 0; i < ON_PAUSE_MAX; i++)
		if (!changes->on_pause[i].call) {
			changes->on_pause[i].call = on_pause;
			changes->on_pause[i].data = data;
			return;
		}
	abort();
}

void changes_stop(struct changes *changes)
{
	if (!changes)
		return;
	changes_forget(changes, NULL);
	if (changes->event)
		event_free(changes->event);
	aside_free(changes->aside);
	task_free(changes->task);
	free(changes);
}

void changes_run(struct changes *changes, change_t run, void *data)
{
	struct change *change = changes && !changes->inside ? malloc(sizeof(*change)) : NULL;

	/* within another change it is a part of that one; and without memory it cannot wait */
	if (!change) {
		if (changes && task_is_busy(changes->task) && !changes->inside)
			changes_finish(changes);
		run(data);
		return;
	}
	*change = (struct change){NULL, run, data};
	*changes->end = change;
	changes->end = &change->next;
	if (!task_is_busy(changes->task) && changes->first == change)
		begin_next(changes);
}

void changes_forget(struct changes *changes, const void *data)
{
	struct change **at;

	if (!changes)
		return;
	at = &changes->first;

	while (*at) {
		struct change *change = *at;

		if (data && change->data != data) {
			at = &change->next;
			continue;
		}
		*at = change->next;
		free(change);
	}
	changes->end = at;
}

unsigned long changes_ended(const struct changes *changes)
{
	return changes ? changes->ended : 0;
}

bool changes_are_busy(const struct changes *changes)
{
	return changes && !changes->inside && (task_is_busy(changes->task) || changes->first);
}

void changes_finish(struct changes *changes)
{
	if (!changes)
		return;
	task_finish(changes->task);
	while (changes->first) {
		begin_next(changes);
		task_finish(changes->task);
	}
}

bool changes_are_due(struct changes *changes)
{
	return changes && changes->inside && task_is_due(changes->task);
}

static void tell_pause(struct changes *changes, bool paused)
{
	for (int i = 0; i < ON_PAUSE_MAX; i++)
		if (changes->on_pause[i].call)
			changes->on_pause[i].call(changes->on_pause[i].data, paused);
}

void changes_pause(struct changes *changes)
{
	if (!changes || !changes->inside)
		return;
	tell_pause(changes, true);
	changes->inside = false;
	task_pause(changes->task);
	changes->inside = true;
	tell_pause(changes, false);
}

static void on_waited(void *data)
{
	struct changes *changes = data;

	changes->wait = NULL;
	task_wake(changes->task);
}

void changes_wait_for_packets(struct changes *changes)
{
	if (changes && changes->inside)
		changes->wait = packets_beside_begin(changes->aside, on_waited, changes);
	if (!changes || !changes->inside || !changes->wait) {
		packets_wait();
		return;
	}
	tell_pause(changes, true);
	changes->inside = false;
	task_wait(changes->task);
	changes->inside = true;
	tell_pause(changes, false);
	/* in a hurry */
	if (changes->wait) {
		packets_beside_forget(changes->wait);
		changes->wait = NULL;
		packets_wait();
	}
}

void changes_breathe_long(struct changes *changes)
{
	if (changes && changes->inside && task_is_over(changes->task))
		changes_pause(changes);
}

void changes_breathe(struct changes *changes)
{
	if (changes_are_due(changes))
		changes_pause(changes);
}

static void breathe(void *data)
{
	changes_breathe(data);
}

struct pace changes_pace(struct changes *changes)
{
	return (struct pace){breathe, changes};
}

static void breathe_long(void *data)
{
	changes_breathe_long(data);
}

struct pace changes_pace_long(struct changes *changes)
{
	return (struct pace){breathe_long, changes};
}
