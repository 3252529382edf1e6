// SPDX-License-Identifier: GPL-2.0-only
#include "hits_kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blocks_internal.h"

#define PIECE_AT_THE_END 4096

int hits_kept_init(struct hits_kept *kept, struct error *error)
{
	memset(kept, 0, sizeof(*kept));
	kept->since = time(NULL) + 1; /* entries from the store were hit before */
	kept->noted = calloc(HITS_KEPT_MAX, sizeof(*kept->noted));
	kept->writing = calloc(HITS_KEPT_MAX, sizeof(*kept->writing));
	if (kept->noted && kept->writing)
		return 0;
	hits_kept_free(kept);
	return error_set(error, -ENOMEM, "out of memory for hits");
}

void hits_kept_free(struct hits_kept *kept)
{
	free(kept->noted);
	free(kept->writing);
	memset(kept, 0, sizeof(*kept));
}

/* Newer hits are noted already; if the clock was set back, perhaps twice. */
void hits_kept_note(struct hits_kept *kept, const struct prefix *prefix, uint32_t last_hit,
		    uint32_t now)
{
	if ((last_hit >= kept->since && last_hit <= now) || kept->noted_count == HITS_KEPT_MAX)
		return;
	kept->noted[kept->noted_count++] = *prefix;
}

/* The current second belongs to both intervals. */
void hits_kept_begin(struct hits_kept *kept, uint32_t now)
{
	struct prefix *noted = kept->noted;

	if (kept->written < kept->writing_count || !kept->noted_count)
		return;
	kept->noted = kept->writing;
	kept->writing = noted;
	kept->writing_count = kept->noted_count;
	kept->noted_count = kept->written = 0;
	kept->since = now + 1;
	kept->place = (struct hits_place){};
}

/* Written in order, because neighbours are on one page of the store. Sorting all of them would
 * exceed a turn, so runs are sorted, and then merged.
 */
static struct prefix *run_of(const struct hits_kept *kept, unsigned int run, size_t *count)
{
	size_t at = (size_t)run * HITS_KEPT_RUN,
	       left = kept->writing_count > at ? kept->writing_count - at : 0;

	*count = left < HITS_KEPT_RUN ? left : HITS_KEPT_RUN;
	return kept->writing + at;
}

bool hits_kept_sort(struct hits_kept *kept)
{
	struct prefix *run;
	size_t count;

	if (kept->place.sorted == HITS_KEPT_RUNS)
		return false;
	run = run_of(kept, kept->place.sorted, &count);
	if (!count) {
		kept->place.sorted = HITS_KEPT_RUNS;
		return false;
	}
	qsort(run, count, sizeof(*run), prefix_order);
	kept->place.sorted++;
	return true;
}

static const struct prefix *next_in_order(const struct hits_kept *kept, struct hits_place *place)
{
	const struct prefix *next = NULL;
	unsigned int of = 0;

	for (unsigned int i = 0; i < HITS_KEPT_RUNS; i++) {
		size_t count;
		const struct prefix *run = run_of(kept, i, &count);

		if (place->written[i] == count ||
		    (next && prefix_compare(&run[place->written[i]], next) >= 0))
			continue;
		next = &run[place->written[i]];
		of = i;
	}
	place->written[of]++;
	return next;
}

static int write_one(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	uint64_t hits;
	uint32_t last_hit;

	blocks_hits(blocks, prefix, &hits, &last_hit);
	/* removed meanwhile */
	return last_hit ? store_hits_put(blocks->store, prefix, hits, last_hit, error) : 0;
}

int hits_kept_write(struct blocks *blocks, unsigned int count, struct error *error)
{
	struct hits_kept *kept = &blocks->kept;
	size_t at = kept->written,
	       end = at + count < kept->writing_count ? at + count : kept->writing_count;
	struct hits_place place;
	int err;

	if (at == end)
		return 0;
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	place = kept->place;
	for (; at < end && !err; at++)
		err = write_one(blocks, next_in_order(kept, &place), error);
	err = blocks_store_end(blocks, err, error);
	if (err)
		return err;
	kept->place = place;
	kept->written = end;
	return end < kept->writing_count;
}

int hits_kept_write_all(struct blocks *blocks, uint32_t now, struct error *error)
{
	int more = 1;

	/* those being written, then those noted since */
	for (int i = 0; i < 2 && more >= 0; i++) {
		while (hits_kept_sort(&blocks->kept))
			;
		do
			more = hits_kept_write(blocks, PIECE_AT_THE_END, error);
		while (more > 0);
		hits_kept_begin(&blocks->kept, now);
	}
	return more;
}

static void load_one(const struct prefix *prefix, uint64_t hits, uint32_t last_hit, void *data)
{
	struct blocks *blocks = data;
	struct block_target target = blocks_target(blocks, prefix);
	uint64_t counted;
	uint32_t last;

	changes_breathe(blocks->changes);
	blocks_hits(blocks, prefix, &counted, &last);
	if (last)
		return;
	if (target.is_source)
		sources_count_hits(blocks->blocklist, target.src_key, hits, last_hit);
	else
		prefixes_count_hits(blocks->prefixes, prefix, hits, last_hit);
}

int hits_kept_load(struct blocks *blocks, struct error *error)
{
	return store_hits(blocks->store, load_one, blocks, error);
}
