// SPDX-License-Identifier: GPL-2.0-only
#include "upkeep.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "daemon.h"
#include "base/log.h"
#include "daemon/store/store_checkpoint.h"
#include "daemon/stats/source_histogram.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/loop/packets_beside.h"
#include "daemon/loop/turn.h"

#define IDLE_MS	     200
#define BUSY_MS	     10
#define HELD_MS	     1000 /* how often to check whether the store is held */
#define RETRY_MS     1000 /* failed writes are retried */
#define PRUNE_MS     10000
#define HITS_MS	     60000  /* lost by a kill (docs/design.md) */
#define HISTOGRAM_MS 600000 /* the same */
#define PIECE_MIN    128    /* some 1 ms, whatever the disk's speed */
#define PIECE_MAX    4096
#define SAID_EACH    16 /* expiries, in a row */

struct upkeep {
	struct daemon *daemon;
	struct event *event;
	struct store_checkpoint *checkpoint;
	struct store_end ended;	       /* those up to here are out of force */
	unsigned int ends, ended_said; /* in a row */
	unsigned int ends_piece, prune_piece, hits_piece;
	struct prefix hits_pruned; /* up to here, hits without a block were removed */
	bool hits_prune;
	uint64_t ends_at_ns, prune_at_ns, held_at_ns, hits_at_ns, histogram_at_ns; /* not before */
	bool ends_failed, held;
	struct packets_beside *pages; /* of the source index: packets that may use them */
};

static uint64_t in_ms(uint64_t ms)
{
	return turn_now_ns() + ms * 1000000;
}

/* --- expired blocks --- */

struct leaving {
	struct upkeep *upkeep;
	struct turn turn;
	bool more;
};

static bool leave(const struct store_end *end, void *data)
{
	struct leaving *leaving = data;
	struct upkeep *upkeep = leaving->upkeep;
	char text[PREFIX_TEXT_MAX];

	if (!S64_MISTAKE(END_IN_FORCE))
		blocks_end(&upkeep->daemon->blocks, end);
	if (upkeep->ends++ < SAID_EACH)
		log_info("%s: entry expired", prefix_format(&end->prefix, text));
	leaving->more = turn_is_over(&leaving->turn);
	return !leaving->more;
}

/* Out of force first: that is what the end is for, and depends on nothing else. */
static bool ends_leave(struct upkeep *upkeep, int64_t now_ms)
{
	struct leaving leaving = {.upkeep = upkeep, .turn = turn_begin()};
	struct error error;

	/* the clock was set back: blocks now expire before those that already have */
	if (upkeep->ended.until_ms > now_ms)
		upkeep->ended = (struct store_end){};
	if (store_ends_after(upkeep->daemon->store, &upkeep->ended, now_ms, leave, &leaving,
			     &error))
		log_error("expired blocks: %s", error.text);
	return leaving.more;
}

static void ends_are_over(struct upkeep *upkeep)
{
	if (upkeep->ends > SAID_EACH)
		log_info("and %u more have expired", upkeep->ends - SAID_EACH);
	upkeep->ends = 0;
}

/* A block that cannot be deleted from the store is out of force all the same. Logged once, and
 * retried.
 */
static bool ends_forget(struct upkeep *upkeep, int64_t now_ms)
{
	struct store *store = upkeep->daemon->store;
	struct turn turn = turn_begin();
	int64_t next = store_blocks_next_end(store);
	struct error error;
	int gone;

	if (!next || next > now_ms || turn_now_ns() < upkeep->ends_at_ns)
		return false;
	gone = store_ends_remove(store, now_ms, upkeep->ends_piece, &error);
	if (gone <= 0) { /* 0: a damaged index reports rows that do not exist */
		if (!upkeep->ends_failed)
			log_error(
				"expired blocks stay in the store, but are not in force: %s; retrying",
				gone ? error.text : "they are not found there");
		upkeep->ends_failed = true;
		upkeep->ends_at_ns = in_ms(RETRY_MS);
		return false;
	}
	upkeep->ends_failed = false;
	upkeep->ends_piece =
		turn_fit(upkeep->ends_piece, turn_taken_ns(&turn), PIECE_MIN, PIECE_MAX);
	return true;
}

/* --- audit log --- */

static bool log_prune(struct upkeep *upkeep, int64_t now_ms)
{
	const struct config *config = &upkeep->daemon->config;
	struct turn turn = turn_begin();
	struct error error;
	int more;

	if (turn_now_ns() < upkeep->prune_at_ns)
		return false;
	more = store_log_prune(upkeep->daemon->store, now_ms - config->log_keep_ms,
			       config->log_changes, upkeep->prune_piece, &error);
	upkeep->prune_piece =
		turn_fit(upkeep->prune_piece, turn_taken_ns(&turn), PIECE_MIN, PIECE_MAX);
	if (more > 0)
		return true;
	if (more < 0 && more != -EBUSY)
		log_error("cannot shorten the log of changes: %s", error.text);
	upkeep->prune_at_ns = in_ms(PRUNE_MS);
	return false;
}

/* --- hits --- */

/* Writes the hits since the last time, then removes those without a block. */
static int hits_piece(struct upkeep *upkeep, struct error *error)
{
	struct blocks *blocks = &upkeep->daemon->blocks;
	int more = hits_kept_write(blocks, upkeep->hits_piece, error);

	if (more || !upkeep->hits_prune)
		return more;
	more = store_hits_prune(blocks->store, &upkeep->hits_pruned, upkeep->hits_piece, error);
	upkeep->hits_prune = more > 0;
	return more;
}

static bool hits_write(struct upkeep *upkeep)
{
	struct turn turn = turn_begin();
	struct error error;
	int more;

	if (turn_now_ns() < upkeep->hits_at_ns)
		return false;
	if (hits_kept_sort(&upkeep->daemon->blocks.kept))
		return true;
	more = hits_piece(upkeep, &error);
	upkeep->hits_piece =
		turn_fit(upkeep->hits_piece, turn_taken_ns(&turn), PIECE_MIN, PIECE_MAX);
	if (more > 0)
		return true;
	if (more < 0 && more != -EBUSY)
		log_error("cannot store hits: %s; retrying", error.text);
	upkeep->hits_at_ns = in_ms(HITS_MS);
	hits_kept_begin(&upkeep->daemon->blocks.kept, time(NULL));
	upkeep->hits_prune = true;
	upkeep->hits_pruned = (struct prefix){};
	return false;
}

/* --- rates of sources --- */

static bool histogram_write(struct upkeep *upkeep)
{
	struct error error;
	int more;

	if (turn_now_ns() < upkeep->histogram_at_ns)
		return false;
	more = source_histogram_write(upkeep->daemon->histogram, HISTOGRAM_PIECE, &error);
	if (more > 0)
		return true;
	if (more < 0 && more != -EBUSY)
		log_error("cannot store the rates of sources: %s; retrying", error.text);
	upkeep->histogram_at_ns = in_ms(HISTOGRAM_MS);
	return false;
}

/* --- store --- */

static void look_whether_held(struct upkeep *upkeep)
{
	bool held = upkeep->held;

	if (turn_now_ns() < upkeep->held_at_ns)
		return;
	upkeep->held_at_ns = in_ms(HELD_MS);
	upkeep->held = store_is_held(upkeep->daemon->store);
	if (store_log_was_lost(upkeep->daemon->store))
		log_error(
			"somebody deleted the write-ahead log %s/slash64.db-wal: changes are copied into the store at once, until 'systemctl restart slash64d' makes another one",
			upkeep->daemon->config.state);
	if (upkeep->held && !held)
		log_error("another process holds the store: filtering and "
			  "expiry go on, changes are refused until it releases "
			  "it; 'fuser %s/slash64.db' finds it",
			  upkeep->daemon->config.state);
	else if (held && !upkeep->held)
		log_info("the store is free again");
}

bool upkeep_store_is_held(const struct upkeep *upkeep)
{
	return upkeep && upkeep->held;
}

/* --- pages of the source index --- */

static void promote(void *data)
{
	struct daemon *daemon = data;
	struct pace pace = changes_pace_long(daemon->changes);

	prefixes_promote(&daemon->prefixes, &pace);
}

static void on_no_packet_uses_pages(void *data)
{
	struct upkeep *upkeep = data;
	struct daemon *daemon = upkeep->daemon;

	upkeep->pages = NULL;
	if (prefixes_wait_is_over(&daemon->prefixes))
		changes_run(daemon->changes, promote, daemon);
}

/* Beside the loop: the packets may take 50 ms. */
static void free_pages(struct upkeep *upkeep)
{
	struct daemon *daemon = upkeep->daemon;

	if (upkeep->pages || !prefixes_wait_begins(&daemon->prefixes))
		return;
	upkeep->pages = packets_beside_begin(daemon->aside, on_no_packet_uses_pages, upkeep);
}

/* --- turns --- */

/* Runs a piece of background work; is there more? */
static bool tidy(struct upkeep *upkeep, int64_t now_ms)
{
	/* nothing is appended to the log while it is copied, or it would never start over */
	if (store_checkpoint_is_busy(upkeep->checkpoint))
		return true;
	if (!store_checkpoint_is_due(upkeep->daemon->store))
		return ends_forget(upkeep, now_ms) || hits_write(upkeep) ||
		       histogram_write(upkeep) || log_prune(upkeep, now_ms);
	store_checkpoint_begin(upkeep->checkpoint);
	return true;
}

static uint64_t pause_us(const struct upkeep *upkeep, bool more, const struct turn *turn)
{
	if (store_checkpoint_is_busy(upkeep->checkpoint))
		return BUSY_MS * 1000;
	return more ? turn_taken_ns(turn) / 1000 : IDLE_MS * 1000;
}

/* Expired blocks first. The rest uses at most half of the time, because a process that is always
 * busy waits longer for a CPU when it needs one.
 */
static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct timeval next = {0, 0};
	struct turn turn = turn_begin();
	struct upkeep *upkeep = data;
	int64_t now_ms = clock_wall_ms();

	(void)fd;
	(void)what;
	/* expired blocks and their rows wait for the current change */
	if (changes_are_busy(upkeep->daemon->changes)) {
		next.tv_usec = BUSY_MS * 1000;
		event_add(upkeep->event, &next);
		return;
	}
	look_whether_held(upkeep);
	free_pages(upkeep);
	if (!blocks_sync_late(&upkeep->daemon->blocks) && !ends_leave(upkeep, now_ms)) {
		ends_are_over(upkeep);
		next.tv_usec = pause_us(upkeep, tidy(upkeep, now_ms), &turn);
		next.tv_sec = next.tv_usec / 1000000;
		next.tv_usec %= 1000000;
	}
	event_add(upkeep->event, &next);
}

int upkeep_start(struct upkeep **out, struct daemon *daemon, struct error *error)
{
	static const struct timeval idle = {0, IDLE_MS * 1000};
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
	int err = upkeep ? store_checkpoint_open(&upkeep->checkpoint, daemon->store, daemon->turns,
						 error) :
			   error_set(error, -ENOMEM, "out of memory");

	if (!err)
		upkeep->event = event_new(daemon->base, -1, 0, on_turn, upkeep);
	if (!err && (!upkeep->event || event_add(upkeep->event, &idle)))
		err = error_set(error, -ENOMEM, "out of memory");
	if (err) {
		upkeep_stop(upkeep);
		return err;
	}
	upkeep->daemon = daemon;
	upkeep->histogram_at_ns = in_ms(HISTOGRAM_MS);
	upkeep->ends_piece = upkeep->prune_piece = upkeep->hits_piece = PIECE_MIN;
	store_set_patience(daemon->store, STORE_PATIENCE_MS);
	*out = upkeep;
	return 0;
}

void upkeep_stop(struct upkeep *upkeep)
{
	if (!upkeep)
		return;
	if (upkeep->event)
		event_free(upkeep->event);
	packets_beside_forget(upkeep->pages);
	store_checkpoint_close(upkeep->checkpoint);
	free(upkeep);
}
