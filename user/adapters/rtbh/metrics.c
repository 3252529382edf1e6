// SPDX-License-Identifier: GPL-2.0-only
#include <event2/buffer.h>
#include <inttypes.h>
#include <stddef.h>

#include "rtbh.h"

static const struct {
	const char *name, *help;
	size_t offset;
	bool is_counter;
} figures[] = {
	{"slash64_rtbh_dampened", "Prefixes in force only because they flap.",
	 offsetof(struct feed_figures, dampened), false},
	{"slash64_rtbh_left_out_total", "Routes that were left out, as there was no room (max).",
	 offsetof(struct feed_figures, left_out), true},
	{"slash64_rtbh_changes_total", "Routes that came or went.",
	 offsetof(struct feed_figures, changes), true},
	{"slash64_rtbh_ignored_total",
	 "Routes of another protocol, or of a type without an action.",
	 offsetof(struct feed_figures, ignored), true},
	{"slash64_rtbh_overruns_total",
	 "Times that the kernel lost notifications; the table was read "
	 "again.",
	 offsetof(struct feed_figures, overruns), true},
	{"slash64_rtbh_dumps_total", "Times that the table was read.",
	 offsetof(struct feed_figures, dumps), true},
	{"slash64_rtbh_holds_total", "Times that the source of the routes was lost.",
	 offsetof(struct feed_figures, holds), true},
	{"slash64_rtbh_ended_total", "Entries that ended as the source was gone for too long.",
	 offsetof(struct feed_figures, ended), true},
};

static const char *const modes[] = {"live", "held", "ended"};

static void write_figures(struct evbuffer *out, struct rtbh *rtbh)
{
	for (size_t f = 0; f < sizeof(figures) / sizeof(figures[0]); f++) {
		metrics_head(out, figures[f].name, figures[f].is_counter ? "counter" : "gauge",
			     figures[f].help);
		for (size_t i = 0; i < rtbh->feed_count; i++) {
			struct feed *feed = &rtbh->feed[i];
			_Atomic uint64_t *value =
				(void *)((char *)&feed->figures + figures[f].offset);

			evbuffer_add_printf(out, "%s{table=\"%u\",origin=\"%s\"} %" PRIu64 "\n",
					    figures[f].name, feed->settings->table,
					    feed->settings->origin, *value);
		}
	}
}

void rtbh_write_metrics(struct evbuffer *out, void *data)
{
	struct rtbh *rtbh = data;

	metrics_head(out, "slash64_rtbh_prefixes", "gauge",
		     "Prefixes by what their routes come to.");
	for (size_t i = 0; i < rtbh->feed_count; i++)
		for (size_t a = ROUTE_MONITOR; a < ROUTE_ACTIONS; a++)
			evbuffer_add_printf(
				out,
				"slash64_rtbh_prefixes{table=\"%u\",origin=\"%s\",action=\"%s\"} "
				"%" PRIu64 "\n",
				rtbh->feed[i].settings->table, rtbh->feed[i].settings->origin,
				route_action_names[a], rtbh->feed[i].figures.prefixes[a]);
	metrics_head(out, "slash64_rtbh_source", "gauge",
		     "Is the source of the routes there: live, held or ended.");
	for (size_t i = 0; i < rtbh->feed_count; i++)
		for (int mode = 0; mode < 3; mode++)
			evbuffer_add_printf(
				out,
				"slash64_rtbh_source{table=\"%u\",origin=\"%s\",state=\"%s\"} %d\n",
				rtbh->feed[i].settings->table, rtbh->feed[i].settings->origin,
				modes[mode], rtbh->feed[i].figures.mode == mode);
	write_figures(out, rtbh);
	set_write_metrics(rtbh->sets, rtbh->feed_count, "rtbh", out);
}
