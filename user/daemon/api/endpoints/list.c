// SPDX-License-Identifier: GPL-2.0-only
/* The control API: lists of blocks and allowed prefixes, and the export, sent a page at a time as
 * the reader takes them.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/handlers.h"
#include "daemon/api/http/stream.h"
#include "net/prefix_typed.h"
#include "daemon/api/http/reply.h"

#define COUNT_MAX 1000000000000000 /* of rows, of hits */

struct rows {
	struct daemon *daemon;
	struct store_list *list;
	json_t *(*row_to_json)(const struct store_block *block, const struct daemon *daemon);
	json_t *(*allow_to_json)(const struct store_block *allow);
};

static int rows_next(void *data, struct evbuffer *page, struct error *error)
{
	struct rows *rows = data;
	struct store_block block;
	int more = store_list_next(rows->list, &block, error);

	if (more > 0)
		reply_line(page, store_list_at_allow(rows->list) ?
					 rows->allow_to_json(&block) :
					 rows->row_to_json(&block, rows->daemon));
	return more;
}

static void rows_pace(void *data, struct task *task)
{
	store_list_pace(((struct rows *)data)->list, task);
}

static void rows_close(void *data)
{
	struct rows *rows = data;

	store_list_close(rows->list);
	free(rows);
}

static void rows_send(struct daemon *daemon, struct evhttp_request *request,
		      const struct store_filter *filter, const struct rows *as,
		      struct evbuffer *first)
{
	static const struct stream_source source = {rows_next, rows_pace, rows_close};
	struct rows *rows = calloc(1, sizeof(*rows));
	struct error error;
	int err = rows ? store_list_open(daemon->store, filter, &rows->list, &error) :
			 error_set(&error, -ENOMEM, "out of memory");

	if (err) {
		free(rows);
		reply_error(request, err, &error);
		return;
	}
	rows->daemon = daemon;
	rows->daemon = daemon;
	rows->row_to_json = as->row_to_json;
	rows->allow_to_json = as->allow_to_json;
	stream_start(daemon->turns, request, &source, rows, first);
}

static void hits_of(const struct prefix *prefix, uint64_t *hits, uint32_t *last_hit, void *data)
{
	blocks_hits(data, prefix, hits, last_hit);
}

static struct store_filter everything(struct daemon *daemon)
{
	return (struct store_filter){.kind = -1,
				     .limit = -1,
				     .hits = hits_of,
				     .data = &daemon->blocks};
}

/* --- the list --- */

static json_t *list_row(const struct store_block *block, const struct daemon *daemon)
{
	return block_to_json(block, &daemon->blocks, NULL);
}

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -ENOENT;
}

static int take_word(struct evhttp_request *request, const char *name, const char *const *words,
		     int standard, int *out, struct error *error)
{
	char *text = request_parameter(request, name);
	int err = 0;

	*out = text ? find_word(words, text) : standard;
	if (text && *out < 0)
		err = error_set(error, -EINVAL, "invalid value '%.32s' of '%s'", text, name);
	free(text);
	return err;
}

static int take_within(struct daemon *daemon, struct evhttp_request *request,
		       struct store_filter *filter, struct error *error)
{
	char *text = request_parameter(request, "within");
	char hint[PREFIX_HINT_MAX];
	enum prefix_note note;
	int err = 0;

	filter->has_within = text != NULL;
	if (text && prefix_typed(text, &filter->within, &note))
		err = error_set(error, -EINVAL, "'%.64s' is not a prefix; %s", text,
				prefix_typed_hint(text, "an import", hint));
	else if (text && note == PREFIX_WAS_ADDRESS)
		filter->within = source_rules_identify(&daemon->blocks.rules,
						       &daemon->maps.meta->seed, &filter->within)
					 .shown;
	free(text);
	return err;
}

static int take_numbers(struct evhttp_request *request, struct store_filter *filter,
			struct error *error)
{
	int err = request_count(request, "hits_min", 0, COUNT_MAX, &filter->hits_min, error);

	if (!err)
		err = request_count(request, "limit", 1, COUNT_MAX, &filter->limit, error);
	if (!err)
		err = request_count(request, "offset", 0, COUNT_MAX, &filter->offset, error);
	return err;
}

static int take_times(struct evhttp_request *request, struct store_filter *filter,
		      struct error *error)
{
	const struct {
		const char *name;
		int64_t *seconds;
	} times[] = {
		{"hit_since", &filter->hit_since},
		{"start_since", &filter->start_since},
		{"until_before", &filter->until_before},
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]) && !err; i++) {
		int64_t ms = *times[i].seconds * 1000;

		err = request_time(request, times[i].name, &ms, error);
		if (!err)
			*times[i].seconds = ms / 1000;
	}
	return err;
}

void control_get_blocks(struct daemon *daemon, struct evhttp_request *request)
{
	char *origin = request_parameter(request, "origin"),
	     *reason = request_parameter(request, "reason");
	char *ticket = request_parameter(request, "ticket");
	struct store_filter filter = everything(daemon);
	struct error error;
	int sort, err;

	filter.origin = origin;
	filter.reason = reason;
	filter.ticket = ticket;
	filter.reverse = request_flag(request, "reverse");
	filter.addresses = request_flag(request, "addresses");
	err = take_word(request, "kind", store_kind_names, -1, &filter.kind, &error);
	if (!err)
		err = take_word(request, "sort", store_sort_names, SORT_PREFIX, &sort, &error);
	if (!err)
		err = take_within(daemon, request, &filter, &error);
	if (!err)
		err = take_numbers(request, &filter, &error);
	if (!err)
		err = take_times(request, &filter, &error);
	if (err) {
		reply_error(request, err, &error);
	} else {
		filter.sort = sort;
		samples_drain(&daemon->samples, &daemon->blocks);
		rows_send(daemon, request, &filter, &(const struct rows){.row_to_json = list_row},
			  NULL);
	}
	free(origin);
	free(reason);
	free(ticket);
}

static json_t *allow_row(const struct store_block *allow)
{
	return allow_to_json(allow, NULL);
}

void control_get_allowlist(struct daemon *daemon, struct evhttp_request *request)
{
	struct store_filter filter = everything(daemon);

	filter.what = STORE_LIST_ALLOWLIST;
	rows_send(daemon, request, &filter, &(const struct rows){.allow_to_json = allow_row}, NULL);
}

/* --- the export, in the format of user/feed --- */

static json_t *whole_or_exact(int64_t ms)
{
	return ms % 1000 ? exact_time_to_json(ms) : time_to_json(ms);
}

static json_t *export_entry(const char *kind, const struct store_block *row)
{
	char text[PREFIX_TEXT_MAX];

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "kind", kind, "prefix",
			 row->said.length ? prefix_format_said(&row->said, text) :
					    prefix_format(&row->prefix, text),
			 "origin", text_to_json(row->origin), "reason", text_or_null(row->reason),
			 "ticket", text_or_null(row->ticket), "start",
			 whole_or_exact(row->start_ms), "until", whole_or_exact(row->until_ms));
}

static json_t *export_row(const struct store_block *block, const struct daemon *daemon)
{
	json_t *entry = export_entry(store_kind_names[block->kind], block);

	(void)daemon;
	if (block->kind == STORE_THROTTLE) {
		json_object_set_new(entry, "rate", json_integer(block->rate));
		json_object_set_new(entry, "burst", json_integer(block->burst));
	}
	return entry;
}

static json_t *export_allow(const struct store_block *allow)
{
	return export_entry("allow", allow);
}

/* filter NULL: as the policy says. */
static json_t *iface_to_json(const char *name, enum config_mode mode, const char *filter,
			     const char *origin)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:s}", "kind", "interface", "name",
			 text_to_json(name), "mode", config_mode_names[mode], "filter",
			 text_or_null(filter), "origin", origin);
}

static void export_iface(const struct store_iface *iface, void *data)
{
	reply_line(data,
		   iface_to_json(iface->name, iface->mode,
				 iface->filter < 0 ? NULL : policy_filter_names[iface->filter],
				 STORE_ORIGIN_OPERATOR));
}

static void export_configured_ifaces(const struct daemon *daemon, struct evbuffer *out)
{
	for (size_t i = 0; i < daemon->config.iface_count; i++) {
		const struct config_iface *iface = &daemon->config.iface[i];

		reply_line(out,
			   iface_to_json(iface->name, iface->mode,
					 iface->filter_given ? policy_filter_names[iface->filter] :
							       NULL,
					 STORE_ORIGIN_CONFIG));
	}
}

void control_get_export(struct daemon *daemon, struct evhttp_request *request)
{
	struct store_filter filter = everything(daemon);
	struct evbuffer *first = evbuffer_new();
	struct error error;
	int err = first ? 0 : error_set(&error, -ENOMEM, "out of memory");

	filter.addresses = true;
	/* allowed prefixes first: an import never blocks an allowed prefix, not even for a moment
	 */
	filter.what = STORE_LIST_BOTH;
	if (!err)
		err = store_ifaces(daemon->store, export_iface, first, &error);
	if (!err)
		export_configured_ifaces(daemon, first);
	if (err)
		reply_error(request, err, &error);
	else
		rows_send(daemon, request, &filter,
			  &(const struct rows){.row_to_json = export_row,
					       .allow_to_json = export_allow},
			  first);
	if (first)
		evbuffer_free(first);
}
