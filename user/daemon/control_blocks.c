// SPDX-License-Identifier: GPL-2.0-only
/* The control API: block and throttle. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "control_handlers.h"
#include "control_prefix.h"
#include "names.h"
#include "rails.h"
#include "reply.h"
#include "source_json.h"

#define SPAN_MAX_S	 (10.0 * 366 * 86400)
#define SSH_SOURCES_MAX	 64
#define ORIGIN_MAX	 63
#define BURST_FACTOR	 2 /* packets, for each packet per second, where none is given */
#define RATE_MAX	 100000000U
#define DRY_RUN_SITES	 20

/* A request to block or throttle, or to say what it would hit. */
struct block_request {
	json_t *object; /* owns the texts */
	struct rails_request rails;
	struct in6_addr ssh[SSH_SOURCES_MAX];
	struct store_block block;
	bool dry_run;
};

static int parse_span(const json_t *object, struct store_block *block, struct error *error)
{
	json_t *span = json_object_get(object, "for_seconds");
	double seconds = json_number_value(span);

	if (!span || json_is_null(span))
		return 0;
	if (!json_is_number(span) || !(seconds >= 0.001 && seconds <= SPAN_MAX_S))
		return error_set(error, -EINVAL,
				 "'for_seconds' must be a number above 0 and below ten years");
	block->until_ms = block->start_ms + (int64_t)(seconds * 1000);
	return 0;
}

static int parse_ssh(struct block_request *request, struct error *error)
{
	json_t *list = json_object_get(request->object, "ssh_sources"), *item;
	struct prefix prefix;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		return error_set(error, -EINVAL, "'ssh_sources' must be a list of addresses");
	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);

		if (!text || prefix_parse_whole(text, &prefix, NULL) || prefix.length != 128)
			return error_set(error, -EINVAL, "'ssh_sources' must be a list of addresses");
		if (request->rails.ssh_count == SSH_SOURCES_MAX)
			return error_set(error, -EINVAL, "'ssh_sources' must have at most %d addresses",
					 SSH_SOURCES_MAX);
		request->ssh[request->rails.ssh_count++] = prefix.address;
	}
	request->rails.ssh = request->ssh;
	return 0;
}

static int parse_rate(struct block_request *request, struct error *error)
{
	struct store_block *block = &request->block;
	int err = object_count(request->object, "rate", RATE_MAX, &block->rate, error);

	if (!err)
		err = object_count(request->object, "burst", RATE_MAX, &block->burst, error);
	if (!err && !block->rate)
		return error_set(error, -EINVAL, "'rate' is missing: packets per second");
	if (!err && !block->burst)
		block->burst = block->rate * BURST_FACTOR;
	return err;
}

static int parse_texts(struct block_request *request, struct error *error)
{
	const json_t *object = request->object;
	struct store_block *block = &request->block;
	int err = object_text(object, "reason", CONFIG_REASON_MAX - 1, &block->reason, error);

	if (!err)
		err = object_text(object, "ticket", CONFIG_REASON_MAX - 1, &block->ticket, error);
	if (!err)
		err = object_text(object, "origin", ORIGIN_MAX, &block->origin, error);
	if (!err && block->origin && (!config_origin_is_valid(block->origin) || !strcmp(block->origin, STORE_ORIGIN_CONFIG)))
		return error_set(error, -EINVAL, "the origin '%s' is not for blocks made by hand",
				 block->origin);
	if (!block->origin)
		block->origin = STORE_ORIGIN_OPERATOR;
	return err;
}

static int parse_block(struct block_request *request, struct error *error)
{
	const char *prefix;
	int err = object_text(request->object, "prefix", PREFIX_TEXT_MAX, &prefix, error);

	request->block.start_ms = clock_wall_ms();
	if (!err)
		err = prefix_from_text(prefix, &request->rails.prefix, &request->rails.note, error);
	if (!err)
		err = parse_texts(request, error);
	if (!err)
		err = parse_span(request->object, &request->block, error);
	if (!err)
		err = object_flag(request->object, "force", &request->rails.force, error);
	if (!err)
		err = object_flag(request->object, "dry_run", &request->dry_run, error);
	if (!err)
		err = parse_ssh(request, error);
	if (!err && request->block.kind == STORE_THROTTLE)
		err = parse_rate(request, error);
	return err;
}

/* --- what it would hit --- */

static json_t *seen_to_json(const struct daemon *daemon, const struct seen *seen)
{
	json_t *array = json_array();

	for (size_t i = 0; i < seen->rows && i < DRY_RUN_SITES; i++) {
		const struct top_row *row = &seen->row[i];
		struct prefix address = prefix_of_bits(row->source_hi, row->source_lo, 128);
		struct source source = site_rules_source(&daemon->blocks.rules,
							 &daemon->tables.meta->seed, &address);
		char text[PREFIX_TEXT_MAX];
		json_t *object;

		object = json_pack("{s:s}", "site", prefix_format(&source.shown, text));
		source_row_to_json(object, row);
		json_array_append_new(array, object);
	}
	return array;
}

static void reply_dry_run(struct daemon *daemon, struct evhttp_request *request,
			  const struct block_request *block, const struct rails_answer *answer,
			  const char *refused)
{
	const struct prefix *prefix = &answer->unit.prefix;
	char text[PREFIX_TEXT_MAX];
	struct seen seen = {};
	json_t *object;

	samples_drain(&daemon->samples, &daemon->blocks);
	samples_seen(&daemon->samples, &daemon->blocks.rules, prefix, SEEN_SECONDS, &seen);
	object = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "prefix", prefix_format(prefix, text), "kind",
			   store_kind_names[block->block.kind], "dry_run", 1, "check", check_to_json(prefix), "refused",
			   text_or_null(refused), "note", text_or_null(answer->note[0] ? answer->note : NULL), "sites",
			   seen_to_json(daemon, &seen));
	source_seen_to_json(object, &seen);
	reply_object(request, object);
	free(seen.row);
}

/* --- block and throttle --- */

/* Who blocks an IPv4 address may take it for blocked in IPv4 too. */
static void note_ipv4(const struct daemon *daemon, struct rails_answer *answer)
{
	size_t n = strlen(answer->note);

	if (!prefix_is_v4(&answer->unit.prefix))
		return;
	for (uint32_t i = 0; i < daemon->tables.meta->iface_slots; i++)
		if (daemon->ifaces.entry[i] && daemon->ifaces.entry[i]->ipv4_enforce)
			return;
	snprintf(answer->note + n, sizeof(answer->note) - n,
		 "%sits native IPv4 packets pass, as no interface has ipv4: enforce", n ? "; " : "");
}

static void put_block(struct daemon *daemon, struct evhttp_request *request,
		      struct block_request *block)
{
	struct rails_answer answer;
	struct error error;
	int err = parse_block(block, &error);

	if (!err) {
		err = rails_check(&daemon->blocks, daemon->guards, &block->rails, &answer, &error);
		if (block->dry_run && (!err || err == -EPERM)) {
			note_ipv4(daemon, &answer);
			reply_dry_run(daemon, request, block, &answer, err ? error.text : NULL);
			return;
		}
	}
	if (!err) {
		note_ipv4(daemon, &answer);
		block->block.prefix = answer.unit.prefix;
		block->block.said = unit_said(&answer.unit, &block->rails.prefix);
		err = blocks_put(&daemon->blocks, &block->block, &error);
	}
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, block_to_json(&block->block, &daemon->blocks,
						    answer.note[0] ? answer.note : NULL));
}

static void post(struct daemon *daemon, struct evhttp_request *request, enum store_kind kind,
		 const char *const *keys)
{
	struct block_request block = {.block = {.kind = kind}};
	struct error error;

	block.object = request_object(request, keys, &error);
	if (block.object)
		put_block(daemon, request, &block);
	else
		reply_error(request, -EINVAL, &error);
	json_decref(block.object);
}

#define BLOCK_KEYS "prefix", "for_seconds", "reason", "ticket", "origin", "force", "dry_run", "ssh_sources"

void control_post_block(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {BLOCK_KEYS, NULL};

	post(daemon, request, STORE_BLOCK, keys);
}

void control_post_throttle(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {BLOCK_KEYS, "rate", "burst", NULL};

	post(daemon, request, STORE_THROTTLE, keys);
}
