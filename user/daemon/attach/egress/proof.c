// SPDX-License-Identifier: GPL-2.0-only
#include "proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "daemon/attach/interfaces.h"
#include "daemon/stats/counters.h"
#include "maps/extras.h"

/* A sixteenth of the notes tells how full they are. */
#define LOOKED_AT   (S64_PROOF_NOTES / 16)
#define FULL	    (LOOKED_AT / 2)
#define EMPTY	    (LOOKED_AT / 8)
#define SHARE_LEAST 0x100

#define NS_PER_SECOND 1000000000ULL
#define NS_PER_MS     1000000ULL

int proof_start(struct proof **out, const struct maps *maps, const char *pins, struct error *error)
{
	struct proof *proof = calloc(1, sizeof(*proof));

	if (!proof)
		return error_set(error, -ENOMEM, "out of memory");
	proof->maps = maps;
	egress_init(&proof->egress, pins);
	*out = proof;
	return 0;
}

void proof_stop(struct proof *proof)
{
	if (!proof)
		return;
	egress_free(&proof->egress);
	free(proof);
}

void proof_configure(struct proof *proof, const struct detect_rules *rules)
{
	if (!proof)
		return;
	proof->is_wanted = false;
	for (size_t i = 0; i < rules->count; i++)
		proof->is_wanted |= rules->rule[i].needs_proof;
}

static uint32_t time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return s64_time_of_ns(now.tv_sec * NS_PER_SECOND + now.tv_nsec) >> S64_PROOF_TIME_SHIFT;
}

/* Under a flood of SYN-ACKs only a share of the flows is noted, so that noting the others costs no
 * line of memory.
 */
static void adapt_share(const struct maps *maps)
{
	struct s64_proof *proof = maps->proof;
	uint32_t now = time_now(), share = proof->share, count = 0;

	for (uint32_t i = 0; i < LOOKED_AT; i++) {
		uint64_t note = S64_READ_ONCE(proof->note[i]);

		count += note && s64_proof_age(note, now) <= S64_PROOF_ANSWER;
	}
	if (count > FULL && share > SHARE_LEAST)
		share /= 2;
	else if (count < EMPTY && share < S64_PROOF_SHARE_ALL)
		share *= 2;
	S64_WRITE_ONCE(proof->share, share);
}

static void forget_all(const struct maps *maps)
{
	memset(maps->proof->note, 0, sizeof(maps->proof->note));
	for (uint32_t i = 0; i < S64_PROVEN_SETS; i++)
		for (uint32_t j = 0; j < S64_PROVEN_SET; j++)
			S64_WRITE_ONCE(maps->proven[i].entry[j].src_key, 0);
}

/* Those that were let through, as others get no answer. Counters of an interface that goes are
 * cleared: then it begins anew from there.
 */
static void count_syns(struct proof *proof)
{
	uint64_t seen = counters_passed(proof->maps, S64_CLASS_TCP_SYN);

	if (proof->is_counting && seen > proof->syns_seen)
		proof->syns += seen - proof->syns_seen;
	proof->syns_seen = seen;
	proof->is_counting = true;
}

static void count_none(struct proof *proof)
{
	proof->is_counting = false;
	proof->syns = 0;
}

uint64_t proof_one_way_syns(const struct proof *proof)
{
	return proof && proof->is_counting && !S64_READ_ONCE(proof->maps->proof->seen) &&
			       proof->syns >= PROOF_SYNS_TELL ?
		       proof->syns :
		       0;
}

static void turn_off(struct proof *proof)
{
	egress_remove(&proof->egress);
	count_none(proof);
	if (!proof->maps->proof->on)
		return;
	extra_set_everywhere(proof->maps, S64_EXTRA_PROOF, false);
	S64_WRITE_ONCE(proof->maps->proof->share, 0);
	S64_WRITE_ONCE(proof->maps->proof->seen, 0);
	forget_all(proof->maps);
	proof->maps->proof->on = false;
}

static void turn_on(struct proof *proof, const struct ifaces *ifaces)
{
	unsigned int ifindex[S64_IFACES_MAX], count = 0;
	struct s64_proof *notes = proof->maps->proof;

	for (uint32_t i = 0; i < proof->maps->meta->iface_slots; i++)
		if (ifaces->entry[i] && ifaces->entry[i]->attached)
			ifindex[count++] = ifaces->entry[i]->attachment.ifindex;
	if (!notes->share)
		S64_WRITE_ONCE(notes->share, S64_PROOF_SHARE_ALL);
	notes->on = true;
	extra_set_everywhere(proof->maps, S64_EXTRA_PROOF, true);
	if (egress_set(&proof->egress, proof->maps, ifindex, count) == count)
		count_syns(proof);
	else
		count_none(proof); /* the log says why it is not there */
	adapt_share(proof->maps);
}

void proof_tick(struct proof *proof, const struct ifaces *ifaces)
{
	if (!proof)
		return;
	if (proof->is_wanted)
		turn_on(proof, ifaces);
	else
		turn_off(proof);
}

void proof_remove(struct proof *proof)
{
	turn_off(proof);
}

int64_t proof_since_ms(const struct maps *maps, uint64_t src_key)
{
	const struct s64_proven_set *set =
		&maps->proven[s64_proven_set_of(src_key, &maps->meta->seed)];
	uint32_t now = time_now(), longest = 0;
	bool is_proven = false;

	for (int i = 0; i < S64_PROVEN_SET; i++) {
		const struct s64_proven *entry = &set->entry[i];
		struct s64_proven seen;

		if (S64_LOAD_ACQUIRE(entry->src_key) != src_key)
			continue;
		seen.handshakes = S64_READ_ONCE(entry->handshakes);
		seen.since = S64_READ_ONCE(entry->since);
		seen.last = S64_READ_ONCE(entry->last);
		S64_FENCE_ACQUIRE();
		if (S64_READ_ONCE(entry->src_key) != src_key || !s64_proven_is_valid(&seen, now))
			continue;
		is_proven = true;
		if (s64_proven_age(seen.since, now) > longest)
			longest = s64_proven_age(seen.since, now);
	}
	return is_proven ? clock_wall_ms() - (int64_t)(((uint64_t)longest << S64_PROOF_TIME_SHIFT)
						       << S64_TAT_NS_SHIFT) /
						     (int64_t)NS_PER_MS :
			   0;
}
