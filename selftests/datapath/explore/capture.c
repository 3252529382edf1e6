// SPDX-License-Identifier: GPL-2.0-only
/* A capture that begins, ends, and is followed by another one, under packets: each packet in a ring
 * matches the filter that this ring was made for, and every one that matched is counted.
 */
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "daemon/events/capture.h"
#include "maps/packets_wait.h"
#include "world.h"

#define SOURCE	 0x2a00000100010000ULL /* of the first capture, of any class */
#define ANOTHER	 0x2a00000200020000ULL
#define PACKETS	 4
#define LONG	 40
#define CAPTURES 2
#define TICK_NS	 16	 /* a jiffy of the world's clock */
#define FAKE_FD	 1000000 /* nothing is open there */

static struct capture capture;
static int packets, first, captures;
static __u64 ring;		  /* the capture whose rings are there, from 1 on; 0: none */
static __u64 made;		  /* how many there have been */
static __u64 taken[CAPTURES + 1]; /* by capture */

/* --- the kernel's part --- */

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts)
{
	return FAKE_FD;
}

/* Nothing is promised of when a packet sees it, as a kernel may wait for packets or not. */
int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	machine_say(&ring, ++made);
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	machine_say(&ring, 0);
	return 0;
}

/* The first capture is of a source, the second of a class: half of each filter would take more. */
static bool belongs(__u64 which, const struct s64_capture_record *head)
{
	return which % CAPTURES ? head->src_hi == SOURCE : head->class == S64_CLASS_UDP;
}

static bool put(const struct s64_capture_record *head)
{
	__u64 which = machine_look(&ring);

	if (!which)
		return false;
	if (!belongs(which, head))
		machine_fail("a packet that capture %llu did not ask for is in its ring",
			     (unsigned long long)which);
	taken[which % CAPTURES]++;
	return true;
}

/* --- the scenarios --- */

static struct s64_capture_filter filter_of(int which)
{
	struct s64_capture_filter filter = {.snaplen = 64,
					    .class = S64_CAPTURE_ANY,
					    .reason = S64_CAPTURE_ANY,
					    .verdict = S64_CAPTURE_ANY};

	if (which % CAPTURES) {
		filter.source.hi = SOURCE;
		filter.source.mask_hi = ~0ULL;
	} else {
		filter.class = S64_CLASS_UDP;
	}
	return filter;
}

static void setup(const struct scenario *scenario)
{
	world_make(1);
	world->maps.meta->tick_ns = TICK_NS;
	s64_native->capture_put = put;
	memset(&capture, 0, sizeof(capture));
	memset(taken, 0, sizeof(taken));
	ring = made = 0;
	first = 1;
	packets = scenario->random ? LONG : PACKETS;
	captures = scenario->random ? 6 : CAPTURES;
	if (scenario->data) {
		world->maps.capture->filter = filter_of(1); /* long ago */
		first = captures;
		made = 1;
		packets = 2; /* the first has begun when the capture does */
	}
	machine_keep(&capture, sizeof(capture));
	machine_keep(taken, sizeof(taken));
	machine_keep(&made, sizeof(made));
	machine_name(&ring, sizeof(ring), "ring");
}

static __u64 counted(void)
{
	struct capture_counts counts = capture_counts(&capture, CAPTURE_ALL);

	return counts.matched - counts.lost;
}

/* As the API does it: one ends because its reader has gone, the next at once after it; or is ended,
 * and its counts are told when packets cannot be on their way any more.
 */
static void controller(void)
{
	struct error error;

	for (int i = first; i <= captures; i++) {
		struct s64_capture_filter filter = filter_of(i);
		__u64 before = taken[i % CAPTURES];

		if (capture_start(&capture, &world->maps, &filter, 1 << 20, true, &error))
			machine_fail("a capture does not start");
		capture_renew(&capture);
		capture_interface(&capture, 0, true);
		if (i == captures && first < captures) {
			capture_pause(&capture);
			packets_wait();
			if (counted() != taken[i % CAPTURES] - before)
				machine_fail("%llu are in the rings, and %llu counted",
					     (unsigned long long)(taken[i % CAPTURES] - before),
					     (unsigned long long)counted());
		}
		capture_stop(&capture);
	}
}

static void run(int cpu)
{
	struct s64_counters *counters = s64_native->counters;
	s64_frame frame = {};

	if (!cpu) {
		controller();
		return;
	}
	for (int i = 0; i < packets; i++) {
		/* neither belongs to both captures */
		struct s64_packet packet = {.src_hi = i % 2 ? SOURCE : ANOTHER,
					    .end = 1,
					    .length = 100,
					    .class =
						    i % 2 ? S64_CLASS_TCP : S64_CLASS_ECHO_REQUEST};

		if (i % 4 >= 2)
			packet.class = S64_CLASS_UDP;
		machine_packet();
		if (capture_asks(&counters->cpu_state, packet.src_hi, packet.class,
				 S64_REASON_POLICY, true))
			capture_packet(&frame, &packet, S64_REASON_POLICY, S64_PASS);
		machine_packet_end();
	}
}

static void check(void)
{
	if (s64_native->counters->cpu_state.extras || s64_native->capture->until)
		machine_fail("a capture that has ended is on");
}

const struct scenario capture_scenarios[] = {
	{"capture", "a capture begins", 2, setup, run, check, .data = &first, .stale = 2},
	{"capture", "a capture, and another at once", 2, setup, run, check, .stale = 2},
	{"capture", "captures one after the other, long runs", 2, setup, run, check, .random = 300},
	{},
};
