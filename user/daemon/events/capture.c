// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "maps/extras.h"
#include "maps/packets_wait.h"

#define NS_PER_MS     1000000ULL
#define NS_PER_SECOND 1000000000ULL

static struct s64_cpu_state *cpu_state(const struct maps *maps, uint32_t slot, uint32_t cpu)
{
	return &maps->counters[slot * maps->meta->cpus + cpu].cpu_state;
}

static size_t ring_bytes(size_t memory, uint32_t cpus)
{
	size_t bytes = S64_CAPTURE_RING_MIN;

	while (bytes * 2 * cpus <= memory)
		bytes *= 2;
	return bytes;
}

static int open_rings(struct capture *capture, size_t memory)
{
	uint32_t cpus = capture->maps->meta->cpus;
	int rings = capture->maps->fd[MAP_RINGS];

	capture->ring = malloc(cpus * sizeof(*capture->ring));
	if (!capture->ring)
		return -ENOMEM;
	memset(capture->ring, 0xff, cpus * sizeof(*capture->ring));
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "s64_ring", 0, 0,
					ring_bytes(memory, cpus), NULL);

		if (fd < 0)
			return -errno;
		capture->ring[cpu] = fd;
		if (bpf_map_update_elem(rings, &cpu, &fd, BPF_ANY))
			return -errno;
	}
	return 0;
}

static void close_rings(struct capture *capture)
{
	for (uint32_t cpu = 0; cpu < capture->maps->meta->cpus; cpu++) {
		bpf_map_delete_elem(capture->maps->fd[MAP_RINGS], &cpu);
		if (capture->ring && capture->ring[cpu] >= 0)
			close(capture->ring[cpu]);
	}
	free(capture->ring);
	capture->ring = NULL;
}

static struct capture_counts sum(const struct capture *capture, uint32_t slot)
{
	struct capture_counts counts = {};

	for (uint32_t cpu = 0; cpu < capture->maps->meta->cpus; cpu++) {
		const struct s64_cpu_state *state = cpu_state(capture->maps, slot, cpu);

		counts.matched += S64_READ_ONCE(state->capture_matched);
		counts.lost += S64_READ_ONCE(state->capture_lost);
	}
	return counts;
}

static void stop_everywhere(const struct maps *maps)
{
	extra_set_everywhere(maps, S64_EXTRA_CAPTURE, false);
	S64_WRITE_ONCE(maps->capture->until, 0);
}

void capture_forget(const struct maps *maps)
{
	stop_everywhere(maps);
	for (uint32_t cpu = 0; cpu < maps->meta->cpus; cpu++)
		bpf_map_delete_elem(maps->fd[MAP_RINGS], &cpu);
}

void capture_prepare(struct capture *capture, const struct maps *maps)
{
	memset(capture, 0, sizeof(*capture));
	capture->maps = maps;
	stop_everywhere(maps);
}

int capture_open_rings(struct capture *capture, size_t memory, bool soon, struct error *error)
{
	int err;

	/* a packet may still be held against the filter, which would change under it */
	if (soon && !S64_MISTAKE(CAPTURE_WAIT))
		packets_wait();
	err = open_rings(capture, memory);
	if (!err)
		return 0;
	close_rings(capture);
	return error_set(error, err, "cannot create the rings of a capture: %s", strerror(-err));
}

void capture_begin(struct capture *capture, const struct s64_capture_filter *filter)
{
	for (uint32_t slot = 0; slot < capture->maps->meta->iface_slots; slot++)
		capture->before[slot] = sum(capture, slot);
	S64_PUT(&capture->maps->capture->filter, filter, sizeof(*filter));
	capture_renew(capture);
}

int capture_start(struct capture *capture, const struct maps *maps,
		  const struct s64_capture_filter *filter, size_t memory, bool soon,
		  struct error *error)
{
	int err;

	capture_prepare(capture, maps);
	err = capture_open_rings(capture, memory, soon, error);
	if (err)
		capture->maps = NULL;
	else
		capture_begin(capture, filter);
	return err;
}

void capture_pause(struct capture *capture)
{
	stop_everywhere(capture->maps);
}

void capture_close_rings(struct capture *capture)
{
	close_rings(capture);
	capture->maps = NULL;
}

void capture_stop(struct capture *capture)
{
	if (!capture->maps)
		return;
	capture_pause(capture);
	capture_close_rings(capture);
}

/* The filter is there before the word that announces it. */
void capture_interface(struct capture *capture, uint32_t slot, bool captured)
{
	extra_set(capture->maps, slot, S64_EXTRA_CAPTURE, captured);
}

void capture_slot_changed(struct capture *capture, uint32_t slot, struct capture_counts counted)
{
	capture->gone.matched += counted.matched;
	capture->gone.lost += counted.lost;
	capture->before[slot] = sum(capture, slot);
}

uint64_t capture_renew(struct capture *capture)
{
	const struct s64_meta *meta = capture->maps->meta;
	uint64_t before_ns = capture->until_ns, now_ns;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * NS_PER_SECOND + now.tv_nsec;
	capture->until_ns = now_ns + CAPTURE_RENEW_MS * NS_PER_MS;
	S64_WRITE_ONCE(capture->maps->capture->until,
		       (capture->until_ns + meta->jiffies_ahead_ns) / meta->tick_ns + 1);
	return before_ns && now_ns > before_ns ? (now_ns - before_ns + NS_PER_MS - 1) / NS_PER_MS :
						 0;
}

/* Counters of a slot begin anew when another interface gets it. */
static uint64_t since(uint64_t now, uint64_t before)
{
	return now < before ? now : now - before;
}

struct capture_counts capture_counts(const struct capture *capture, uint32_t slot)
{
	uint32_t from = slot == CAPTURE_ALL ? 0 : slot;
	uint32_t to = slot == CAPTURE_ALL ? capture->maps->meta->iface_slots : slot + 1;
	struct capture_counts counts = {};

	if (slot == CAPTURE_ALL)
		counts = capture->gone;
	for (uint32_t i = from; i < to; i++) {
		struct capture_counts now = sum(capture, i);

		counts.matched += since(now.matched, capture->before[i].matched);
		counts.lost += since(now.lost, capture->before[i].lost);
	}
	return counts;
}
