// SPDX-License-Identifier: GPL-2.0-only
/* The control API: block, throttle, allow. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "control_handlers.h"
#include "names.h"
#include "rails.h"
#include "reply.h"

#define SPAN_MAX_S	 (10.0 * 366 * 86400)
#define SSH_SOURCES_MAX	 64
#define ORIGIN_MAX	 63
#define BURST_FACTOR	 2 /* packets, for each packet per second, where none is given */
#define RATE_MAX	 100000000U
#define SEEN_SECONDS	 60
#define DRY_RUN_SITES	 20

/* A request to block or throttle, or to say what it would hit. */
struct block_request {
	json_t *object; /* owns the texts */
	struct rails_request rails;
	struct in6_addr ssh[SSH_SOURCES_MAX];
	struct store_block block;
	bool dry_run;
};

static int text_to_prefix(const char *text, struct prefix *prefix, enum prefix_note *note,
			  struct error *error)
{
	if (!text)
		return error_set(error, -EINVAL, "'prefix' is missing");
	if (prefix_parse_whole(text, prefix, note))
		return error_set(error, -EINVAL,
				 "'%.64s' is not a prefix: write it like 2001:db8:0:1::/64 or 198.51.100.7",
				 text);
	return 0;
}

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
		err = text_to_prefix(prefix, &request->rails.prefix, &request->rails.note, error);
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

		json_array_append_new(array, json_pack("{s:s, s:f, s:f, s:f, s:s, s:s}", "site",
						       prefix_format(&source.shown, text),
						       "packets_per_second", row->packets_per_second,
						       "bytes_per_second", row->bytes_per_second,
						       "dropped_percent", row->dropped * 100, "class",
						       class_info(row->class)->name, "reason",
						       reason_name(row->reason)));
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

	samples_drain(&daemon->samples, &daemon->blocks);
	samples_seen(&daemon->samples, &daemon->blocks.rules, prefix, SEEN_SECONDS, &seen);
	reply_object(request,
		     json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:I, s:f, s:o}", "prefix",
			       prefix_format(prefix, text), "kind", store_kind_names[block->block.kind],
			       "dry_run", 1, "check", check_to_json(prefix), "refused",
			       text_or_null(refused), "note",
			       text_or_null(answer->note[0] ? answer->note : NULL), "sites_seen",
			       (json_int_t)seen.rows, "packets_per_second", seen.packets_per_second,
			       "sites", seen_to_json(daemon, &seen)));
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

/* --- what is named to be taken back --- */

/* In the form it is stored in, whatever the guard rails thought of it; *said as in struct
 * store_block. */
static int request_prefix(struct daemon *daemon, struct evhttp_request *request,
			  struct prefix *prefix, struct prefix *said, char note[UNIT_NOTE_MAX],
			  struct error *error)
{
	char *text = request_parameter(request, "prefix");
	enum prefix_note parsed = PREFIX_EXACT;
	struct error ignored;
	struct unit unit;
	int err = text_to_prefix(text, prefix, &parsed, error);

	note[0] = '\0';
	free(text);
	if (err)
		return err;
	/* what stands in the store is meant as it stands */
	err = unit_of(&daemon->blocks.rules, &daemon->tables.meta->seed, prefix, parsed, &unit,
		      note, &ignored);
	*said = (struct prefix){};
	if (err != -EINVAL) {
		*said = unit_said(&unit, prefix);
		*prefix = unit.prefix;
	}
	return 0;
}

/* What is said of a prefix, and what of it is meant by somebody who takes it back: what was said of
 * just that, and where there is no such thing, of an address what was said of its site, and of a
 * site what was said of the addresses in it.
 */
struct search {
	const struct prefix *prefix, *said;
	const char *named; /* the origin, or NULL */
	bool addresses; /* the second look, at what else may be meant */
	struct prefix found; /* what is meant of the first row */
	char first[ORIGIN_MAX + 1], operators[ORIGIN_MAX + 1];
	char others[256]; /* origins of what is meant, but for the operator, for a person */
	unsigned int rows, origins;
	char last[ORIGIN_MAX + 1];
};

static void add_word(char *list, size_t bytes, const char *word)
{
	size_t n = strlen(list);

	snprintf(list + n, bytes - n, "%s%s", n ? ", " : "", word);
}

static bool is_meant(const struct search *search, const struct store_block *row)
{
	if (search->named && strcmp(search->named, row->origin))
		return false;
	if (!search->addresses)
		return !prefix_compare(&row->said, search->said);
	return search->said->length ? !row->said.length : row->said.length;
}

static bool note_row(const struct store_block *row, void *data)
{
	struct search *search = data;
	bool is_operator = !strcmp(row->origin, STORE_ORIGIN_OPERATOR);

	if (!is_meant(search, row))
		return true;
	if (!search->rows++ || is_operator)
		search->found = row->said;
	if (!strcmp(search->last, row->origin))
		return true;
	search->origins++;
	snprintf(search->last, sizeof(search->last), "%s", row->origin);
	if (!search->first[0])
		snprintf(search->first, sizeof(search->first), "%s", row->origin);
	if (is_operator)
		snprintf(search->operators, sizeof(search->operators), "%s", row->origin);
	else
		add_word(search->others, sizeof(search->others), row->origin);
	return true;
}

struct remains {
	char text[320];
	unsigned int rows;
};

#define REMAINS_NAMED 4

/* "feed-x", or "2001:db8::1 of feed-x" */
static bool note_remaining(const struct store_block *row, void *data)
{
	struct remains *remains = data;
	char said[PREFIX_TEXT_MAX], word[PREFIX_TEXT_MAX + ORIGIN_MAX + 8];

	if (++remains->rows > REMAINS_NAMED)
		return true;
	if (row->said.length)
		snprintf(word, sizeof(word), "%s of %s", prefix_format_said(&row->said, said),
			 row->origin);
	else
		snprintf(word, sizeof(word), "%s", row->origin);
	add_word(remains->text, sizeof(remains->text), word);
	return true;
}

static void add_note(char *note, size_t bytes, const char *format, const char *text)
{
	size_t n = strlen(note);

	if (n)
		n += snprintf(note + n, bytes - n, "; ");
	if (n < bytes)
		snprintf(note + n, bytes - n, format, text);
}

/* Other addresses of the site are listed, and this one is not. */
static int not_by_itself(struct daemon *daemon, const struct prefix *prefix,
			 const struct prefix *said, struct error *error)
{
	char text[PREFIX_TEXT_MAX], address[PREFIX_TEXT_MAX];
	struct remains remains = {};
	int err = store_block_at(daemon->store, prefix, note_remaining, &remains, error);

	if (err)
		return err;
	prefix_format(prefix, text);
	if (!remains.rows)
		return error_set(error, -ENOENT, "%s is not blocked; 'slash64 list' shows what is", text);
	return error_set(
		error, -ENOENT,
		"%s is not listed itself, but its site is blocked by %s%s; 'slash64 unblock %s' ends what is listed of it",
		prefix_format_said(said, address), remains.text,
		remains.rows > REMAINS_NAMED ? ", and others" : "", text);
}

/* Whose block is it that ends? The operator's, or, where that leaves no doubt, the only one there
 * is. */
static int choose_rows(struct daemon *daemon, struct search *search, char origin[ORIGIN_MAX + 1],
		       char *note, size_t bytes, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	int err = store_block_at(daemon->store, search->prefix, note_row, search, error);

	if (!err && !search->rows) {
		search->addresses = true;
		err = store_block_at(daemon->store, search->prefix, note_row, search, error);
	}
	if (err)
		return err;
	prefix_format(search->prefix, text);
	if (!search->rows && search->named)
		return error_set(error, -ENOENT,
				 "%s is not blocked by the origin %s; 'slash64 list' shows what is",
				 text, search->named);
	if (!search->rows)
		return not_by_itself(daemon, search->prefix, search->said, error);
	if (!search->operators[0] && search->origins > 1)
		return error_set(
			error, -EEXIST,
			"%s is blocked by several origins (%s); name one with --origin, or 'slash64 allow %s'",
			text, search->others, text);
	strcpy(origin, search->operators[0] ? search->operators : search->first);
	if (!search->operators[0] && !search->named)
		add_note(note, bytes, "it was of the origin %s, which may bring it back", origin);
	return 0;
}

/* One thing ends, and only that: *note tells what else is said of it. */
static int end_block(struct daemon *daemon, const struct prefix *prefix, const struct prefix *said,
		     const char *named, char origin[ORIGIN_MAX + 1], char *note, size_t bytes,
		     struct error *error)
{
	struct search search = {.prefix = prefix, .said = said, .named = named};
	struct remains remains = {};
	struct error ignored;
	int err;

	if (blocks_is_unnamed(&daemon->blocks, prefix)) {
		strcpy(origin, STORE_ORIGIN_RECOVERED);
		return blocks_remove(&daemon->blocks, prefix, origin, error);
	}
	err = choose_rows(daemon, &search, origin, note, bytes, error);
	if (err)
		return err;
	if (search.addresses && !said->length)
		err = blocks_remove(&daemon->blocks, prefix, origin, error);
	else
		err = blocks_remove_said(&daemon->blocks, prefix, origin, &search.found, error);
	if (!err && !store_block_at(daemon->store, prefix, note_remaining, &remains, &ignored) &&
	    remains.rows)
		add_note(note, bytes,
			 remains.rows > REMAINS_NAMED ? "it stays blocked by %s, and others"
						      : "it stays blocked by %s",
			 remains.text);
	return err;
}

#define NOTE_MAX (UNIT_NOTE_MAX * 2 + 320)

void control_delete_block(struct daemon *daemon, struct evhttp_request *request)
{
	char *named = request_parameter(request, "origin");
	char note[NOTE_MAX], origin[ORIGIN_MAX + 1], text[PREFIX_TEXT_MAX];
	struct prefix prefix, said;
	struct error error;
	int err = request_prefix(daemon, request, &prefix, &said, note, &error);

	if (!err)
		err = end_block(daemon, &prefix, &said, named, origin, note, sizeof(note), &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s, s:s, s:o}", "prefix", prefix_format(&prefix, text),
						"origin", origin, "note",
						text_or_null(note[0] ? note : NULL)));
	free(named);
}

/* --- allowed prefixes --- */

static bool allow_row(const struct store_block *allow, void *data)
{
	reply_line(data, allow_to_json(allow, NULL));
	return true;
}

void control_get_allows(struct daemon *daemon, struct evhttp_request *request)
{
	struct evbuffer *out = evbuffer_new();
	struct error error;
	int err;

	if (!out) {
		reply_object(request, NULL);
		return;
	}
	err = store_allows(daemon->store, allow_row, out, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_list(request, out);
	evbuffer_free(out);
}

static int parse_allow(struct daemon *daemon, json_t *object, struct store_block *allow,
		       char note[UNIT_NOTE_MAX], struct error *error)
{
	enum prefix_note said = PREFIX_EXACT;
	struct unit unit;
	const char *text;
	int err = object_text(object, "prefix", PREFIX_TEXT_MAX, &text, error);

	if (!err)
		err = text_to_prefix(text, &allow->prefix, &said, error);
	if (!err)
		err = object_text(object, "reason", CONFIG_REASON_MAX - 1, &allow->reason, error);
	if (err)
		return err;
	err = unit_of(&daemon->blocks.rules, &daemon->tables.meta->seed, &allow->prefix, said, &unit, note,
		      error);
	if (err == -EINVAL)
		return err;
	allow->prefix = unit.prefix; /* what is not safe to block may well be allowed */
	return 0;
}

void control_post_allow(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"prefix", "reason", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);
	struct store_block allow = {.origin = STORE_ORIGIN_OPERATOR, .start_ms = clock_wall_ms()};
	char note[UNIT_NOTE_MAX] = "";
	int err = -EINVAL;

	if (object)
		err = parse_allow(daemon, object, &allow, note, &error);
	if (!err)
		err = blocks_allow(&daemon->blocks, &allow, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, allow_to_json(&allow, note[0] ? note : NULL));
	json_decref(object);
}

void control_delete_allow(struct daemon *daemon, struct evhttp_request *request)
{
	char note[UNIT_NOTE_MAX], text[PREFIX_TEXT_MAX];
	struct prefix prefix, said;
	struct error error;
	int err = request_prefix(daemon, request, &prefix, &said, note, &error);

	if (!err)
		err = blocks_disallow(&daemon->blocks, &prefix, NULL, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s, s:o}", "prefix", prefix_format(&prefix, text),
						"note", text_or_null(note[0] ? note : NULL)));
}
