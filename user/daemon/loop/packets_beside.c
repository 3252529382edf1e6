// SPDX-License-Identifier: GPL-2.0-only
#include "packets_beside.h"

#include <stdlib.h>

#include "aside.h"
#include "maps/packets_wait.h"

struct packets_beside {
	struct aside_job job;
	void (*done)(void *data); /* NULL: forgotten */
	void *data;
};

static void run(void *data)
{
	(void)data;
	packets_wait();
}

static void on_done(void *data)
{
	struct packets_beside *beside = data;

	if (beside->done)
		beside->done(beside->data);
	free(beside);
}

struct packets_beside *packets_beside_begin(struct aside *aside, void (*done)(void *data),
					    void *data)
{
	struct packets_beside *beside = malloc(sizeof(*beside));

	if (!beside)
		return NULL;
	*beside = (struct packets_beside){{run, on_done, beside, {}}, done, data};
	aside_run(aside, &beside->job);
	return beside;
}

void packets_beside_forget(struct packets_beside *beside)
{
	if (beside)
		beside->done = NULL;
}
