// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS     1000000ULL
#define NS_PER_SECOND 1000000000ULL

static struct s64_cpu_state *cpu_state(const struct capture *capture, uint32_t slot, uint32_t cpu)
{
	const struct maps *maps = capture->maps;

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

static void sum(const struct capture *capture, struct capture_counts *counts)
{
	const struct s64_meta *meta = capture->maps->meta;

	*counts = (struct capture_counts){};
	for (uint32_t slot = 0; slot < meta->iface_slots; slot++)
		for (uint32_t cpu = 0; cpu < meta->cpus; cpu++) {
			const struct s64_cpu_state *state = cpu_state(capture, slot, cpu);

			counts->matched += S64_READ_ONCE(state->capture_matched);
			counts->lost += S64_READ_ONCE(state->capture_lost);
		}
}

static void stop_everywhere(const struct capture *capture)
{
	const struct s64_meta *meta = capture->maps->meta;

	for (uint32_t slot = 0; slot < meta->iface_slots; slot++)
		for (uint32_t cpu = 0; cpu < meta->cpus; cpu++)
			S64_WRITE_ONCE(cpu_state(capture, slot, cpu)->capture, 0);
	S64_WRITE_ONCE(capture->maps->capture->until, 0);
}

int capture_start(struct capture *capture, const struct maps *maps,
		  const struct s64_capture_filter *filter, size_t memory, struct error *error)
{
	struct capture_counts before;
	int err;

	memset(capture, 0, sizeof(*capture));
	capture->maps = maps;
	stop_everywhere(capture); /* a slash64d that was killed may have left it on */
	sum(capture, &before);
	capture->matched = before.matched;
	capture->lost = before.lost;
	maps->capture->filter = *filter;
	err = open_rings(capture, memory);
	if (err) {
		close_rings(capture);
		capture->maps = NULL;
		return error_set(error, err, "cannot create the rings of a capture: %s",
				 strerror(-err));
	}
	capture_renew(capture);
	return 0;
}

void capture_stop(struct capture *capture)
{
	if (!capture->maps)
		return;
	stop_everywhere(capture);
	close_rings(capture);
	capture->maps = NULL;
}

void capture_interface(struct capture *capture, uint32_t slot)
{
	for (uint32_t cpu = 0; cpu < capture->maps->meta->cpus; cpu++)
		S64_WRITE_ONCE(cpu_state(capture, slot, cpu)->capture, 1);
}

void capture_renew(struct capture *capture)
{
	const struct s64_meta *meta = capture->maps->meta;
	struct timespec now;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = now.tv_sec * NS_PER_SECOND + now.tv_nsec + CAPTURE_RENEW_MS * NS_PER_MS;
	S64_WRITE_ONCE(capture->maps->capture->until,
		       (ns + meta->jiffies_ahead_ns) / meta->tick_ns + 1);
}

void capture_counts(const struct capture *capture, struct capture_counts *counts)
{
	sum(capture, counts);
	counts->matched -= capture->matched;
	counts->lost -= capture->lost;
}
