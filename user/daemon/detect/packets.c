// SPDX-License-Identifier: GPL-2.0-only
#include "packets.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/events/event_filter.h"
#include "detect/memory.h"
#include "maps/packets_wait.h"

#define KEPT_BYTES (PACKETS_PROPOSALS * sizeof(struct packets_kept))

int packets_init(struct packets *packets)
{
	memset(packets, 0, sizeof(*packets));
	packets->kept = detect_memory_open(KEPT_BYTES);
	return packets->kept ? 0 : -ENOMEM;
}

/* A negative value ends the reading. */
static int keep(void *data, void *found, size_t bytes)
{
	const struct s64_capture_record *record = found;
	struct packets_kept *of = ((struct packets *)data)->of;
	union packets_one *one;

	if (of->count == PACKETS_EACH)
		return -ENOSPC;
	if (bytes < sizeof(*record) || record->captured > bytes - sizeof(*record) ||
	    record->captured > PACKETS_SNAPLEN || record->verdict >= S64_VERDICT_COUNT ||
	    record->class >= S64_CLASS_COUNT || !(of->classes >> record->class & 1))
		return 0;
	one = &of->packet[of->count++];
	memcpy(one->bytes, record, sizeof(*record) + record->captured);
	return 0;
}

static void close_rings(struct packets *packets)
{
	for (uint32_t cpu = 0; packets->ring && cpu < packets->maps->meta->cpus; cpu++)
		ring_buffer__free(packets->ring[cpu]);
	free(packets->ring);
	packets->ring = NULL;
}

static int open_rings(struct packets *packets)
{
	uint32_t cpus = packets->maps->meta->cpus;

	packets->ring = calloc(cpus, sizeof(*packets->ring));
	if (!packets->ring)
		return -ENOMEM;
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		packets->ring[cpu] =
			ring_buffer__new(packets->capture.ring[cpu], keep, packets, NULL);
		if (!packets->ring[cpu])
			return -errno;
	}
	return 0;
}

bool packets_are_free(const struct packets *packets)
{
	return packets->maps && packets->state == PACKETS_OFF;
}

/* A slot that gets another interface begins with it off. */
static void put_on_interfaces(struct packets *packets)
{
	for (uint32_t slot = 0; slot < packets->maps->meta->iface_slots; slot++)
		capture_interface(&packets->capture, slot, true);
}

static int only_class(uint64_t classes)
{
	return classes && !(classes & (classes - 1)) ? __builtin_ctzll(classes) : EVENT_FILTER_ANY;
}

static void run_open(void *data)
{
	struct packets *packets = data;

	packets->err = capture_open_rings(&packets->capture, 0, packets->soon, &packets->error);
	if (packets->err || !open_rings(packets))
		return;
	packets->err = error_set(&packets->error, -EIO, "cannot read the rings of a capture");
	close_rings(packets);
	capture_close_rings(&packets->capture);
}

static void run_close(void *data)
{
	struct packets *packets = data;

	close_rings(packets);
	if (!packets->err)
		capture_close_rings(&packets->capture);
}

static void on_closed(void *data)
{
	struct packets *packets = data;

	packets->state = PACKETS_OFF;
	packets->of = NULL;
}

static void close_aside(struct packets *packets)
{
	packets->state = PACKETS_CLOSING;
	packets->closing = (struct aside_job){run_close, on_closed, packets, {}};
	aside_run(packets->aside, &packets->closing);
}

static void on_opened(void *data)
{
	struct packets *packets = data;

	if (packets->state != PACKETS_OPENING)
		return; /* a person captures: it is being closed */
	if (!packets->err) {
		packets->state = PACKETS_ON;
		/* from now on: the kernel may have waited long for the rings of many CPUs */
		packets->until_ms = clock_monotonic_ms() + PACKETS_SPAN_MS;
		capture_begin(&packets->capture, &packets->filter);
		put_on_interfaces(packets);
		return;
	}
	on_closed(packets);
	if (!packets->has_failed)
		log_warning("no packets of proposals are kept: %s", packets->error.text);
	packets->has_failed = true;
}

/* One without packets, such as its own if none came the last time, or that of the oldest. */
static struct packets_kept *place_for(struct packets *packets)
{
	struct packets_kept *oldest = &packets->kept[packets->next];

	for (int i = 0; i < PACKETS_PROPOSALS; i++)
		if (!packets->kept[i].count)
			return &packets->kept[i];
	packets->next = (packets->next + 1) % PACKETS_PROPOSALS;
	return oldest;
}

void packets_begin(struct packets *packets, uint64_t id, const struct prefix *prefix,
		   uint64_t classes, bool soon, uint64_t now_ms)
{
	struct packets_kept *of = place_for(packets);
	struct event_filter filter;

	event_filter_init(&filter);
	filter.source = *prefix;
	filter.class = only_class(classes);
	packets->filter = event_filter_for_capture(&filter, PACKETS_SNAPLEN);
	packets->soon =
		soon || (packets->ended_ms && now_ms - packets->ended_ms <= PACKETS_LONGEST_MS);
	*of = (struct packets_kept){.id = id, .classes = classes};
	packets->of = of;
	packets->state = PACKETS_OPENING;
	capture_prepare(&packets->capture, packets->maps);
	packets->opening = (struct aside_job){run_open, on_opened, packets, {}};
	aside_run(packets->aside, &packets->opening);
}

/* At most PACKETS_EACH are copied, whatever is in the rings. */
static void take(struct packets *packets)
{
	for (uint32_t cpu = 0; cpu < packets->maps->meta->cpus; cpu++)
		if (ring_buffer__consume(packets->ring[cpu]) < 0)
			break;
}

void packets_end(struct packets *packets, uint64_t now_ms)
{
	if (packets->state == PACKETS_ON) {
		capture_pause(&packets->capture);
		take(packets);
		if (packets->of->count)
			packets->kept_id = packets->of->id;
		packets->ended_ms = now_ms;
		close_aside(packets);
	} else if (packets->state == PACKETS_OPENING) {
		close_aside(packets);
	}
}

void packets_tick(struct packets *packets, uint64_t now_ms)
{
	if (packets->state != PACKETS_ON)
		return;
	take(packets);
	if (packets->of->count == PACKETS_EACH || now_ms >= packets->until_ms) {
		packets_end(packets, now_ms);
		return;
	}
	capture_renew(&packets->capture);
	put_on_interfaces(packets);
}

void packets_free(struct packets *packets)
{
	packets_end(packets, 0);
	if (packets->aside)
		aside_finish(packets->aside);
	detect_memory_close(packets->kept, KEPT_BYTES);
	packets->kept = NULL;
}

const struct packets_kept *packets_of(const struct packets *packets, uint64_t id)
{
	for (int i = 0; i < PACKETS_PROPOSALS; i++)
		if (id && packets->kept[i].id == id && packets->kept[i].count)
			return &packets->kept[i];
	return NULL;
}
