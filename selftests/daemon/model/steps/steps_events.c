// SPDX-License-Identifier: GPL-2.0-only
/* Readers of the events come, go, and never read, while everything else happens. */
#include "../client_readers.h"
#include "daemon/api/follow/event_stream.h"
#include "../model.h"

static bool run_follow(struct chance *chance)
{
	bool reads = chance_percent(chance, 60), throttled = chance_percent(chance, 30);

	if (client_readers() == READERS_MAX)
		return true;
	step_says("somebody follows the events%s", reads ? "" : ", and never reads");
	client_follow(throttled ? "/v1/events?per_second=5" : "/v1/events", reads);
	step_covered(reads ? "reader of events" : "reader of events that never reads")->done++;
	return true;
}

static bool run_leave(struct chance *chance)
{
	unsigned int at = chance_below(chance, client_readers() + 1);
	bool is_taken_away = chance_percent(chance, 50);

	if (!client_readers())
		return true;
	step_says("a reader of the events goes");
	client_reader_end(at, is_taken_away);
	step_covered("reader of events goes")->done++;
	/* the others hear on */
	for (int turn = 0; turn < EVENT_STREAM_SIGN_S * 2 && client_readers(); turn++)
		pass(500);
	must_be("events", client_readers_check());
	return true;
}

/* It looks every two seconds at most, in the model: time goes by in steps. */
static bool run_wait(struct chance *chance)
{
	(void)chance;
	step_says("readers of the events wait");
	for (int turn = 0; turn < EVENT_STREAM_SIGN_S * 2; turn++)
		pass(500);
	must_be("events", client_readers_check());
	step_covered("readers of events wait")->done++;
	return true;
}

const struct step_kind events_steps[] = {
	{"reader of events", 4, run_follow, false},
	{"reader of events goes", 2, run_leave, false},
	{"readers of events wait", 1, run_wait, false},
	{},
};
