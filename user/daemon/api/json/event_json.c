// SPDX-License-Identifier: GPL-2.0-only
#include "event_json.h"

#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/escape.h"
#include "base/text/when.h"
#include "daemon/api/follow/event_backlog.h"
#include "daemon/api/http/reply.h"
#include "policy/names.h"

/* Everything but the name of the interface has at most this, which has at most twice its length. */
#define FIXED_MAX 800

_Static_assert(FIXED_MAX + 2 * ESCAPE_FACTOR * S64_IFACE_NAME_MAX <= EVENT_LINE_MAX,
	       "a line has room for every event");

struct writer {
	char *text;
	size_t bytes, size;
};

static void put(struct writer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out->text + out->bytes, out->size - out->bytes, format, args);
	va_end(args);
	if (n > 0)
		out->bytes += n;
	if (out->bytes >= out->size)
		out->bytes = out->size - 1;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\')
			return false;
	return true;
}

/* A kernel takes nearly any bytes for the name of an interface. */
static void put_interface(struct writer *out, const char *name)
{
	json_t *value;
	char *text;

	if (!name)
		return;
	if (is_plain(name)) {
		put(out, ",\"interface\":\"%s\"", name);
		return;
	}
	value = text_to_json(name);
	text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
	if (text)
		put(out, ",\"interface\":%s", text);
	free(text);
	json_decref(value);
}

static void put_address(struct writer *out, const char *key, uint64_t hi, uint64_t lo)
{
	struct prefix address = prefix_of_bits(hi, lo, 128);
	char text[PREFIX_TEXT_MAX];

	put(out, ",\"%s\":\"%s\"", key, prefix_format_said(&address, text));
}

static void put_network(struct writer *out, const struct event_view *view)
{
	const struct s64_sample *sample = view->sample;
	struct prefix address = prefix_of_bits(sample->src_hi, sample->src_lo, 128);
	struct source source = source_rules_identify(view->rules, view->seed, &address);
	char text[PREFIX_TEXT_MAX];

	put(out, ",\"source\":\"%s\"", prefix_format(&source.shown, text));
	put_address(out, "source_address", sample->src_hi, sample->src_lo);
	put_address(out, "destination", sample->dst_hi, sample->dst_lo);
	put(out, ",\"protocol\":%u", sample->protocol);
}

const char *event_tcp_flags(unsigned int flags, char buf[EVENT_TCP_FLAGS_MAX])
{
	/* from the lowest bit on */
	static const char letters[] = "FSRP.UEW";
	size_t n = 0;

	for (unsigned int i = 0; i < sizeof(letters) - 1; i++)
		if (flags & 1U << i)
			buf[n++] = letters[i];
	buf[n] = '\0';
	return n ? buf : strcpy(buf, "none");
}

static void put_upper(struct writer *out, const struct s64_sample *sample)
{
	char flags[EVENT_TCP_FLAGS_MAX];

	if (sample->protocol == IPPROTO_ICMPV6) {
		put(out, ",\"icmpv6_type\":%u,\"icmpv6_code\":%u", sample->icmpv6_type,
		    sample->icmpv6_code);
		return;
	}
	put(out, ",\"source_port\":%u,\"destination_port\":%u", sample->src_port, sample->dst_port);
	if (sample->protocol == IPPROTO_TCP)
		put(out, ",\"tcp_flags\":\"%s\"", event_tcp_flags(sample->tcp_flags, flags));
}

size_t event_to_line(const struct event_view *view, char *line, size_t size)
{
	const struct s64_sample *sample = view->sample;
	bool is_network = sample->link & S64_SAMPLE_NETWORK;
	struct writer out = {.text = line, .size = size};
	char time[WHEN_TEXT_MAX];

	put(&out, "{\"time\":\"%s\"", when_format_exact(view->time_ms * WHEN_MS, 3, time));
	put_interface(&out, view->interface);
	if (sample->link & S64_SAMPLE_VLAN)
		put(&out, ",\"vlan\":%u", sample->link & S64_SAMPLE_VLAN);
	put(&out, ",\"verdict\":\"%s\",\"reason\":\"%s\",\"class\":\"%s\"",
	    verdict_name(event_verdict(sample)),
	    reason_name(sample->reason & ~S64_SAMPLE_MONITORED), class_info(sample->class)->name);
	if (is_network)
		put_network(&out, view);
	if (sample->link & S64_SAMPLE_UPPER)
		put_upper(&out, sample);
	if (is_network)
		put(&out, ",\"hop_limit\":%u", sample->hop_limit);
	put(&out, ",\"length\":%u,\"weight\":%u}\n", sample->length, sample->weight);
	return out.bytes;
}
