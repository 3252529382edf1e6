// SPDX-License-Identifier: GPL-2.0-only
/* Somebody looks while it is measured: watches every event, or captures. They run beside the load, as
 * they do on a router, and so take a part of the same CPUs.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "cli/lib/capture/comments.h"
#include "cli/lib/capture/pcapng.h"
#include "cli/lib/capture/rings.h"
#include "daemon/api/follow/event_backlog.h"
#include "daemon/api/json/event_json.h"
#include "daemon/events/capture.h"
#include "daemon/stats/samples.h"

#define DRAIN_US   50000 /* as slash64d does while somebody follows the events */
#define READ_US	   5000	 /* as `slash64 capture` does */
#define RENEW_US   250000
#define RING_BYTES (64UL << 20)

struct look {
	const struct maps *maps;
	pthread_t thread;
	bool ends;
	FILE *out; /* nowhere */
	/* of watching */
	struct samples samples;
	struct event_reader reader;
	struct source_rules rules;
	/* of capturing */
	struct capture capture;
	struct rings *rings;
	struct comments comments;
	uint64_t taken;
};

static struct look *look_new(const struct maps *maps)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look)
		fail("out of memory");
	look->maps = maps;
	look->out = fopen("/dev/null", "w");
	source_rules_init(&look->rules);
	return look;
}

static void begin(struct look *look, void *(*run)(void *data))
{
	if (pthread_create(&look->thread, NULL, run, look))
		fail("no thread");
}

static void end(struct look *look)
{
	__atomic_store_n(&look->ends, true, __ATOMIC_RELAXED);
	pthread_join(look->thread, NULL);
	fclose(look->out);
}

static bool ends(const struct look *look)
{
	return __atomic_load_n(&look->ends, __ATOMIC_RELAXED);
}

/* --- watch --- */

static void on_event(const struct s64_sample *sample, void *data)
{
	struct look *look = data;
	const struct event_view view = {.sample = sample,
					.time_ms = event_time_ms(look->maps->meta, sample),
					.interface = "wan0",
					.rules = &look->rules,
					.seed = &look->maps->meta->seed};
	char line[EVENT_LINE_MAX];

	fwrite(line, 1, event_to_line(&view, line, sizeof(line)), look->out);
	look->taken++;
}

static void *watch(void *data)
{
	struct look *look = data;

	while (!ends(look)) {
		samples_drain(&look->samples, NULL);
		usleep(DRAIN_US);
	}
	return NULL;
}

struct look *look_watch(const struct maps *maps)
{
	struct look *look = look_new(maps);
	struct error error;

	if (samples_init(&look->samples, maps, &error))
		fail("%s", error.text);
	event_filter_init(&look->reader.filter);
	look->reader.on_event = on_event;
	look->reader.data = look;
	events_add(&look->samples.events, &look->reader);
	begin(look, watch);
	return look;
}

uint64_t look_watch_end(struct look *look)
{
	uint64_t taken;

	end(look);
	taken = look->taken;
	samples_free(&look->samples);
	free(look);
	return taken;
}

/* --- capture --- */

static int write_packet(const struct s64_capture_record *record, void *data)
{
	struct look *look = data;
	char comment[COMMENT_MAX];
	const struct pcapng_packet packet = {.time_ns = record->time_ns,
					     .data = record->packet,
					     .captured = record->captured,
					     .length = record->length,
					     .comment = comments_write(&look->comments, record,
								       comment)};

	pcapng_packet(look->out, &packet);
	look->taken++;
	return 0;
}

static void *read_rings(void *data)
{
	struct look *look = data;
	unsigned int since_us = 0;

	while (!ends(look)) {
		if (rings_collect(look->rings) > 0)
			rings_pass(look->rings, write_packet, look);
		else
			usleep(READ_US);
		since_us += READ_US;
		if (since_us >= RENEW_US) {
			capture_renew(&look->capture);
			since_us = 0;
		}
	}
	return NULL;
}

/* Of one /64; 0: of all. */
struct look *look_capture(const struct maps *maps, uint64_t src_key)
{
	struct look *look = look_new(maps);
	struct s64_capture_filter filter = {.snaplen = S64_CAPTURE_BYTES_MAX,
					    .class = S64_CAPTURE_ANY,
					    .reason = S64_CAPTURE_ANY,
					    .verdict = S64_DROP};
	json_t *none = json_array();
	struct error error;

	if (src_key)
		filter.source = (struct s64_capture_prefix){src_key, 0, ~0ULL, 0};
	if (comments_init(&look->comments, none, &error) ||
	    capture_start(&look->capture, maps, &filter, RING_BYTES, true, &error) ||
	    rings_open(look->capture.ring, maps->meta->cpus, &look->rings, &error))
		fail("%s", error.text);
	json_decref(none);
	capture_renew(&look->capture);
	for (uint32_t slot = 0; slot < maps->meta->iface_slots; slot++)
		capture_interface(&look->capture, slot, true);
	begin(look, read_rings);
	return look;
}

void look_capture_end(struct look *look, uint64_t *matched, uint64_t *lost)
{
	struct capture_counts counts;

	capture_pause(&look->capture);
	end(look);
	counts = capture_counts(&look->capture, CAPTURE_ALL);
	*matched = counts.matched;
	*lost = counts.lost;
	rings_close(look->rings);
	capture_stop(&look->capture);
	free(look);
}
