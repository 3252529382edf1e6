// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a filter of events and captures: taken or refused in one line, never half; and what it
 * takes of a sample, the datapath is asked for, too.
 *
 * The input: a byte that chooses the key, a byte of length, the value; as often as there is
 * something; what is left fills a sample.
 */
#include "fuzz.h"

#include <errno.h>

#include "../../bpf/verdict.h"
#include "../../bpf/sample.h"
#include "../../bpf/extras/capture.h"
#undef config

#include "daemon/events/event_filter.h"

struct s64_native *s64_native;

static const char *const keys[] = {"source", "destination", "class", "reason", "verdict", "colour"};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void set(struct event_filter *filter, const char *key, const char *value)
{
	struct event_filter before = *filter;
	struct error error = {};
	int err = event_filter_set(filter, key, value, &error);

	promise(!err || err == -EINVAL || err == -ENOENT, "returned %d", err);
	promise(err != -ENOENT || !strcmp(key, "colour"), "%s is unknown", key);
	if (!err)
		return;
	promise(!memcmp(&before, filter, sizeof(before)), "half of '%s' was taken", value);
	if (err == -EINVAL)
		promise_one_line(error.text, sizeof(error.text));
}

static bool within(const struct s64_sample *sample, const struct s64_capture_filter *filter)
{
	if (!(sample->link & S64_SAMPLE_NETWORK))
		return capture_is_any(&filter->source) && capture_is_any(&filter->destination);
	return capture_within(sample->src_hi, sample->src_lo, &filter->source) &&
	       capture_within(sample->dst_hi, sample->dst_lo, &filter->destination);
}

static void compare(const struct event_filter *filter, struct s64_sample *sample)
{
	struct s64_capture_filter asked = event_filter_for_capture(filter, 96);
	__u8 reason = sample->reason & ~S64_SAMPLE_MONITORED;
	bool taken = event_filter_matches(filter, sample);

	promise(taken == (within(sample, &asked) && capture_matches(asked.class, sample->class) &&
			  capture_matches(asked.reason, reason) &&
			  capture_matches(asked.verdict, event_verdict(sample))),
		"the datapath is asked for something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct s64_sample sample = {};
	struct event_filter filter;

	event_filter_init(&filter);
	while (bytes >= 2 && data[0] < KEYS * 32) {
		size_t key = data[0] % KEYS, n = data[1];
		char *value;

		data += 2;
		bytes -= 2;
		if (n > bytes)
			n = bytes;
		value = exact_text(data, n);
		set(&filter, keys[key], value);
		free(value);
		data += n;
		bytes -= n;
	}
	memcpy(&sample, data, bytes < sizeof(sample) ? bytes : sizeof(sample));
	sample.class %= S64_CLASS_COUNT;
	sample.reason = (sample.reason & S64_SAMPLE_MONITORED) |
			(sample.reason & ~S64_SAMPLE_MONITORED) % S64_REASON_COUNT;
	compare(&filter, &sample);
	/* from within, too: a random address is seldom */
	sample.link |= S64_SAMPLE_NETWORK;
	sample.src_hi = prefix_hi(&filter.source);
	sample.src_lo = prefix_lo(&filter.source);
	compare(&filter, &sample);
	return 0;
}
