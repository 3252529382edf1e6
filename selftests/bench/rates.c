// SPDX-License-Identifier: GPL-2.0-only
/* Packets per second: of a program, of a baseline, and as a share of a baseline, in medians of pairs. */
#include <stdio.h>

#include "bench.h"

#define SECONDS 0.15

void way_attach(const struct way *way)
{
	for (int i = 0; i < LINKS; i++)
		attach(load_far_ifindex(i), -1);
	for (int i = 0; i < way->links; i++)
		if (way->program[i] >= 0)
			attach(load_far_ifindex(i), way->program[i]);
}

double rate_of(const struct way *way, uint64_t *sent)
{
	way_attach(way);
	for (int i = 0; i < way->links; i++)
		load_set(i, &way->load);
	return load_run(way->links, way->frame, SECONDS, sent);
}

struct way way_of_peer(enum peer peer, const struct way *like)
{
	struct way way = *like;

	for (int i = 0; i < LINKS; i++)
		way.program[i] = peer_program(peer);
	return way;
}

double share_of(const char *name, const struct way *way, counted_t counted, void *data, double part)
{
	double share[PAIRS], took = 0, all = 0;

	for (int i = 0; i < PAIRS; i++) {
		struct way drop = way_of_peer(PEER_DROP, way);
		double bare, rate;
		uint64_t before, sent, ignored;

		/* each of the two comes first equally often */
		bare = i & 1 ? 0 : rate_of(&drop, &ignored);
		before = counted(data);
		rate = rate_of(way, &sent);
		took += counted(data) - before;
		all += sent;
		share[i] = rate / (i & 1 ? rate_of(&drop, &ignored) : bare);
	}
	if (took < all * part * (1 - REST))
		printf("%-62s only %.1f%% took this way\n", name, 100.0 * took / all);
	return median(share, PAIRS);
}

uint64_t count_received(void *data)
{
	(void)data;
	return load_received(0);
}

struct counting {
	struct subject *subject;
	const char *reason;
};

static uint64_t count_reason(void *data)
{
	const struct counting *counting = data;

	return subject_counted(counting->subject, counting->reason);
}

uint64_t count_peers(void *data)
{
	(void)data;
	return peers_dropped();
}

uint64_t count_xdp_filter(void *data)
{
	(void)data;
	return peer_xdp_filter_dropped();
}

struct way way_of(struct subject *subject, int links, enum frame_kind frame,
		  enum load_choice choice, uint64_t first, uint64_t source_count)
{
	struct way way = {.links = links,
			  .frame = frame,
			  .load = {.choice = choice, .first = first, .source_count = source_count}};

	for (int i = 0; i < LINKS; i++)
		way.program[i] = subject_program(subject, i);
	return way;
}

double subject_share(const char *name, struct subject *subject, const struct way *way,
		     const char *reason, double part)
{
	struct counting counting = {subject, reason};

	return share_of(name, way, count_reason, &counting, part);
}

double rate_median(const struct way *way)
{
	double rate[PAIRS];
	uint64_t ignored;

	for (int i = 0; i < PAIRS; i++)
		rate[i] = rate_of(way, &ignored);
	return median(rate, PAIRS);
}
