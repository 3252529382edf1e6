// SPDX-License-Identifier: GPL-2.0-only
#include "around.h"

#include <errno.h>
#include <slash64/maps.h>
#include <stdio.h>
#include <string.h>

#include "base/text/when.h"

struct strictest {
	struct effective_action effective;
	struct block_copy *copy;
	int err;
};

static bool note_strictest(const struct store_block *row, void *data)
{
	struct strictest *strictest = data;
	struct effective_action before = strictest->effective;

	effective_add(&strictest->effective, row);
	if (!strictest->effective.any || !memcmp(&before, &strictest->effective, sizeof(before)))
		return true;
	strictest->err = block_copy_take(strictest->copy, row);
	return !strictest->err;
}

/* *length goes down. */
static bool next_around(const struct prefix *prefix, uint8_t *length, struct prefix *around)
{
	uint8_t least = prefix_is_v4(prefix) ? PREFIX_V4_LENGTH + 1 : S64_PREFIX_LENGTH_MIN;

	if (*length <= least)
		return false;
	*around = prefix_around(&prefix->address, --*length);
	return true;
}

int blocks_around(const struct blocks *blocks, const struct prefix *prefix, struct block_copy *copy,
		  struct error *error)
{
	struct strictest strictest = {.copy = copy};
	uint8_t length = prefix->length;
	struct prefix around;
	int err = 0;

	while (!err && !copy->found && next_around(prefix, &length, &around)) {
		err = store_block_deciding(blocks->store, &around, NULL, clock_wall_ms(),
					   note_strictest, &strictest, error);
		if (!err && strictest.err)
			err = error_set(error, strictest.err, "out of memory");
	}
	return err;
}

int blocks_around_each(const struct blocks *blocks, const struct prefix *prefix,
		       store_block_each_t each, void *data, struct error *error)
{
	uint8_t length = prefix->length;
	struct prefix around;
	int err = 0;

	while (!err && next_around(prefix, &length, &around))
		err = store_block_at(blocks->store, &around, each, data, error);
	return err;
}

int blocks_said_by_others(const struct blocks *blocks, const struct prefix *prefix,
			  const char *origin, const struct prefix *said, struct block_copy *copy,
			  struct error *error)
{
	const struct store_block except = {.origin = origin, .said = *said};
	struct strictest strictest = {.copy = copy};
	int err = store_block_deciding(blocks->store, prefix, &except, clock_wall_ms(),
				       note_strictest, &strictest, error);

	if (!err && strictest.err)
		err = error_set(error, strictest.err, "out of memory");
	return err;
}

const char *block_says(const struct store_block *row, char text[BLOCK_SAYS_MAX])
{
	char prefix[PREFIX_TEXT_MAX], end[WHEN_TEXT_MAX];
	int n = snprintf(text, BLOCK_SAYS_MAX, "%s is %s by %.63s",
			 row->said.length ? prefix_format_said(&row->said, prefix) :
					    prefix_format(&row->prefix, prefix),
			 row->kind == STORE_THROTTLE ? "throttled" : "blocked", row->origin);

	if (row->until_ms)
		n += snprintf(text + n, BLOCK_SAYS_MAX - n, " until %s",
			      when_format_exact(row->until_ms * 1000, 0, end));
	if (row->reason && *row->reason)
		n += snprintf(text + n, BLOCK_SAYS_MAX - n, " (%.100s)", row->reason);
	if (row->ticket && *row->ticket)
		snprintf(text + n, BLOCK_SAYS_MAX - n, " [%.60s]", row->ticket);
	return text;
}
