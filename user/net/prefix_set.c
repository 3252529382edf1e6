// SPDX-License-Identifier: GPL-2.0-only
#include "prefix_set.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* prefixes: 10 KB, which are moved faster than one cache miss for each takes */
#define PIECE_MAX 512

struct prefix_piece {
	size_t count;
	struct prefix entry[PIECE_MAX];
};

struct place {
	size_t piece, at;
};

void prefix_set_free(struct prefix_set *set)
{
	for (size_t i = 0; i < set->pieces; i++)
		free(set->piece[i]);
	free(set->piece);
	memset(set, 0, sizeof(*set));
}

/* --- search --- */

/* The last piece that starts at or before `prefix`: it is there, or nowhere. */
static size_t piece_of(const struct prefix_set *set, const struct prefix *prefix)
{
	size_t low = 0, high = set->pieces;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(&set->piece[middle]->entry[0], prefix) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The first entry that is not before `prefix`; may be one past the end of a piece. */
static struct place lower_bound(const struct prefix_set *set, const struct prefix *prefix)
{
	struct place place = {piece_of(set, prefix), 0};
	const struct prefix_piece *piece = set->pieces ? set->piece[place.piece] : NULL;
	size_t high = piece ? piece->count : 0;

	while (place.at < high) {
		size_t middle = (place.at + high) / 2;

		if (prefix_compare(&piece->entry[middle], prefix) < 0)
			place.at = middle + 1;
		else
			high = middle;
	}
	return place;
}

/* The entry at a position, or the next one if that is the end of a piece; NULL after the last. */
static const struct prefix *entry_at(const struct prefix_set *set, struct place place)
{
	if (place.piece < set->pieces && place.at == set->piece[place.piece]->count)
		place = (struct place){place.piece + 1, 0};
	return place.piece < set->pieces ? &set->piece[place.piece]->entry[place.at] : NULL;
}

static const struct prefix *find(const struct prefix_set *set, const struct prefix *prefix)
{
	const struct prefix *entry = entry_at(set, lower_bound(set, prefix));

	return entry && !prefix_compare(entry, prefix) ? entry : NULL;
}

bool prefix_set_has(const struct prefix_set *set, const struct prefix *prefix)
{
	return find(set, prefix) != NULL;
}

const struct prefix *prefix_set_next(const struct prefix_set *set, const struct prefix *prefix)
{
	struct place place = {};
	const struct prefix *entry;

	if (!prefix)
		return entry_at(set, place);
	place = lower_bound(set, prefix);
	entry = entry_at(set, place);
	if (entry && !prefix_compare(entry, prefix)) {
		/* an equal entry is in this piece, because it starts at or before it */
		place.at++;
		entry = entry_at(set, place);
	}
	return entry;
}

/* --- pieces --- */

static int piece_insert(struct prefix_set *set, size_t at)
{
	struct prefix_piece *piece = malloc(sizeof(*piece));

	if (!piece ||
	    array_reserve(&set->piece, &set->room, set->pieces + 1, sizeof(*set->piece))) {
		free(piece);
		return -ENOMEM;
	}
	memmove(&set->piece[at + 1], &set->piece[at], (set->pieces - at) * sizeof(*set->piece));
	set->piece[at] = piece;
	piece->count = 0;
	set->pieces++;
	return 0;
}

static void piece_remove(struct prefix_set *set, size_t at)
{
	free(set->piece[at]);
	set->pieces--;
	memmove(&set->piece[at], &set->piece[at + 1], (set->pieces - at) * sizeof(*set->piece));
}

/* A full piece gives its second half to a new one. If the new entry is behind all of it, it gives
 * nothing, so entries inserted in order fill their pieces.
 */
static int split(struct prefix_set *set, struct place *place)
{
	bool append = place->piece == set->pieces - 1 && place->at == PIECE_MAX;
	size_t keep = append ? PIECE_MAX : PIECE_MAX / 2;
	struct prefix_piece *from, *to;
	int err = piece_insert(set, place->piece + 1);

	if (err)
		return err;
	from = set->piece[place->piece];
	to = set->piece[place->piece + 1];
	to->count = from->count - keep;
	memcpy(to->entry, &from->entry[keep], to->count * sizeof(*to->entry));
	from->count = keep;
	if (place->at > keep || append)
		*place = (struct place){place->piece + 1, place->at - keep};
	return 0;
}

/* Two pieces that are not even half full together are merged, so there are never many more than
 * necessary.
 */
static void join(struct prefix_set *set, size_t at)
{
	struct prefix_piece *into, *from;

	if (at + 1 >= set->pieces)
		return;
	into = set->piece[at];
	from = set->piece[at + 1];
	if (into->count + from->count > PIECE_MAX / 2)
		return;
	memcpy(&into->entry[into->count], from->entry, from->count * sizeof(*from->entry));
	into->count += from->count;
	piece_remove(set, at + 1);
}

int prefix_set_add(struct prefix_set *set, const struct prefix *prefix)
{
	struct place place = lower_bound(set, prefix);
	struct prefix_piece *piece;
	int err = 0;

	if (find(set, prefix))
		return 0;
	if (!set->pieces)
		err = piece_insert(set, 0);
	else if (set->piece[place.piece]->count == PIECE_MAX)
		err = split(set, &place);
	if (err)
		return err;
	piece = set->piece[place.piece];
	memmove(&piece->entry[place.at + 1], &piece->entry[place.at],
		(piece->count - place.at) * sizeof(*piece->entry));
	piece->entry[place.at] = *prefix;
	piece->count++;
	set->count++;
	set->of_length[prefix->length]++;
	return 0;
}

int prefix_set_copy(struct prefix_set *set, const struct prefix_set *from)
{
	const struct prefix *prefix = NULL;
	int err = 0;

	while (!err && (prefix = prefix_set_next(from, prefix)))
		err = prefix_set_add(set, prefix);
	return err;
}

void prefix_set_remove(struct prefix_set *set, const struct prefix *prefix)
{
	struct place place = lower_bound(set, prefix);
	uint8_t length = prefix->length; /* it may be the entry itself */
	struct prefix_piece *piece;

	if (!find(set, prefix))
		return;
	piece = set->piece[place.piece];
	piece->count--;
	memmove(&piece->entry[place.at], &piece->entry[place.at + 1],
		(piece->count - place.at) * sizeof(*piece->entry));
	set->count--;
	set->of_length[length]--;
	if (!piece->count)
		piece_remove(set, place.piece);
	else
		join(set, place.piece);
	if (place.piece)
		join(set, place.piece - 1);
}

/* --- containing and contained --- */

const struct prefix *prefix_set_around(const struct prefix_set *set, const struct prefix *prefix)
{
	for (int length = set->count ? prefix->length : -1; length >= 0; length--) {
		struct prefix around;
		const struct prefix *found;

		if (!set->of_length[length])
			continue;
		around = prefix_around(&prefix->address, length);
		found = find(set, &around);
		if (found)
			return found;
	}
	return NULL;
}

const struct prefix *prefix_set_within(const struct prefix_set *set, const struct prefix *prefix)
{
	/* The prefixes within come right after it, the shorter first. */
	for (const struct prefix *entry = entry_at(set, lower_bound(set, prefix)); entry;
	     entry = prefix_set_next(set, entry)) {
		if (!prefix_contains(prefix, entry)) {
			/* the same address, but shorter: it contains the prefix */
			if (!prefix_contains(entry, prefix))
				return NULL;
			continue;
		}
		if (entry->length > prefix->length)
			return entry;
	}
	return NULL;
}
