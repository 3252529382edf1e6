// SPDX-License-Identifier: GPL-2.0-only
/* What slash64d has of the origin, and how it is changed: an import with the difference, which is one
 * transaction however large it is.
 */
#include "set_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"
#include "base/time.h"

#define PIECE_BYTES  (256 << 10)
#define LINE_BYTES   (8 * REASON_TEXT_MAX) /* a reason may have six bytes for each of its own */
#define COMMIT_MAX_S 900L
#define ABORT_MAX_S  5L

const char *const set_refusal_names[SET_REFUSALS] = {"prefix", "guard", "allowed", "room"};

static int connect_client(struct set *set, struct error *error)
{
	int err = set->client ? 0 : client_open(&set->client, set->socket, error);

	if (!err)
		client_stop_at(set->client, set->stop, set->stop_data);
	return err;
}

/* --- reading back --- */

static const char *text_of(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static int take_row(struct set *set, const json_t *row)
{
	const char *address = text_of(row, "address"), *until = text_of(row, "until");
	const char *prefix = text_of(row, "prefix"), *kind = text_of(row, "kind");
	struct set_entry entry = {.reason = text_of(row, "reason")};
	struct set_item *item;
	int64_t us;

	if (!prefix || !kind || set_key_parse(address ? address : prefix, &entry.key))
		return -EPROTO;
	if (until && when_parse_exact(until, &us))
		return -EPROTO;
	entry.until_ms = until ? us / WHEN_MS : 0;
	entry.kind = strcmp(kind, "throttle") ? SET_BLOCK : SET_THROTTLE;
	entry.rate = json_integer_value(json_object_get(row, "rate"));
	entry.burst = json_integer_value(json_object_get(row, "burst"));
	item = set_items_add(&set->items, &entry.key);
	return item ? set_state_set(&item->in_force, &entry) : -ENOMEM;
}

struct reading {
	struct set *set;
	struct error *error;
};

static int take_line(const char *line, void *data)
{
	struct reading *reading = data;
	json_t *row = client_decode(line);
	int err = client_failure(row, reading->error) ? -EREMOTEIO : take_row(reading->set, row);

	json_decref(row);
	return err;
}

/* What is not read is not in force. */
static bool forget(struct set_item *item, void *data)
{
	set_state_clear(&item->in_force);
	return true;
}

static bool is_as_planned(const struct set_item *item)
{
	return set_state_is_like(&item->wanted, &item->in_force) &&
	       item->plan_until_ms == item->in_force.until_ms;
}

/* What was sent and is not there, or is there as it was before, was refused. */
static bool find_refused(struct set_item *item, void *data)
{
	const bool *after_sending = data;

	if (*after_sending && item->was_sent)
		item->is_refused = item->wanted.is && !is_as_planned(item);
	else
		item->is_refused &= !item->in_force.is;
	item->was_sent = false;
	return true;
}

int set_read_back(struct set *set, bool after_sending, struct error *error)
{
	struct reading reading = {set, error};
	char *path = client_path("/v1/blocks?addresses=1");
	int err = connect_client(set, error);

	path = client_path_add(path, "origin", set->origin);
	if (!err) {
		set->is_known = false;
		set_items_sweep(&set->items, forget, NULL);
		err = client_list(set->client, path, take_line, &reading, error);
	}
	free(path);
	if (err)
		return err;
	set_items_sweep(&set->items, find_refused, &after_sending);
	set->is_known = true;
	set->read_back_ms = clock_monotonic_ms() + SET_READ_BACK_MS;
	return 0;
}

/* --- sending --- */

struct sending {
	struct set *set;
	char *text_path, *commit_path, *abort_path;
	char *buf;
	size_t bytes;
	struct error *error;
};

static json_t *post(struct sending *sending, const char *path, const char *body, size_t bytes,
		    long seconds_max, const char *key, int *err)
{
	const struct client_call call = {.method = "POST",
					 .path = path,
					 .body = body,
					 .bytes = bytes,
					 .type = CLIENT_TYPE_TEXT,
					 .seconds_max = seconds_max,
					 .err = err};
	json_t *answer = client_ask(sending->set->client, &call, key, sending->error);

	if (!answer && !*err)
		*err = -EPROTO;
	return answer;
}

static int begin(struct sending *sending)
{
	char *path = client_path("/v1/imports?format=slash64");
	const char *id;
	json_t *answer;
	int err = 0;

	path = client_path_add(path, "origin", sending->set->origin);
	answer = post(sending, path, NULL, 0, CLIENT_OBJECT_MAX_S, "import", &err);
	id = text_of(answer, "import");
	if (!err && !id)
		err = error_set(sending->error, -EPROTO,
				"unexpected answer from %s: is it slash64d, of the same version?",
				sending->set->socket);
	if (!err) {
		sending->text_path = client_path_add(client_path("/v1/imports/text"), "import", id);
		sending->commit_path =
			client_path_add(client_path("/v1/imports/commit"), "import", id);
		sending->abort_path = client_path_add(client_path("/v1/imports"), "import", id);
	}
	json_decref(answer);
	free(path);
	return err;
}

static int flush(struct sending *sending)
{
	json_t *answer;
	int err = 0;

	if (!sending->bytes)
		return 0;
	answer = post(sending, sending->text_path, sending->buf, sending->bytes,
		      CLIENT_OBJECT_MAX_S, "lines", &err);
	json_decref(answer);
	sending->bytes = 0;
	return err;
}

static int add_line(struct sending *sending, const struct set_item *item)
{
	char key[PREFIX_TEXT_MAX], when[WHEN_TEXT_MAX];
	json_t *line = json_object();
	size_t n;

	json_object_set_new(line, "prefix", json_string(set_key_format(&item->key, key)));
	if (item->plan == SET_END) {
		json_object_set_new(line, "kind", json_string("unblock"));
	} else {
		bool throttles = item->wanted.kind == SET_THROTTLE;

		json_object_set_new(line, "kind", json_string(throttles ? "throttle" : "block"));
		if (throttles) {
			json_object_set_new(line, "rate", json_integer(item->wanted.rate));
			json_object_set_new(line, "burst", json_integer(item->wanted.burst));
		}
		if (item->wanted.reason[0])
			json_object_set_new(line, "reason", json_string(item->wanted.reason));
		if (item->plan_until_ms)
			json_object_set_new(line, "until",
					    json_string(
						    when_format_exact(item->plan_until_ms * WHEN_MS,
								      3, when)));
	}
	n = json_dumpb(line, sending->buf + sending->bytes, LINE_BYTES, JSON_COMPACT);
	json_decref(line);
	if (!n || n >= LINE_BYTES)
		return error_set(sending->error, -ENOMEM, "out of memory");
	sending->bytes += n;
	sending->buf[sending->bytes++] = '\n';
	return sending->bytes + LINE_BYTES > PIECE_BYTES ? flush(sending) : 0;
}

/* What ends comes first: where two keys are one entry of slash64d, the last line counts. */
static int send_lines(struct sending *sending)
{
	static const enum set_plan order[] = {SET_END, SET_PUT};
	const struct set_item *item = NULL;
	int err = 0;

	for (int i = 0; i < 2; i++) {
		item = NULL;
		for (size_t at = 0;
		     !err && (item = set_items_next(&sending->set->items, item, &at));)
			if (item->plan == order[i])
				err = add_line(sending, item);
	}
	return err ? err : flush(sending);
}

static int commit(struct sending *sending, uint64_t refused[SET_REFUSALS])
{
	int err = 0;
	json_t *answer =
		post(sending, sending->commit_path, NULL, 0, COMMIT_MAX_S, "refused_by", &err);
	const json_t *by = json_object_get(answer, "refused_by");

	for (int i = 0; i < SET_REFUSALS; i++)
		refused[i] = json_integer_value(json_object_get(by, set_refusal_names[i]));
	json_decref(answer);
	return err;
}

/* Only a few imports can be open at a time. One that was committed is unknown by now. */
static void give_up(const struct sending *sending)
{
	const struct client_call call = {.method = "DELETE",
					 .path = sending->abort_path,
					 .seconds_max = ABORT_MAX_S};
	struct error ignored;

	json_decref(client_ask(sending->set->client, &call, "", &ignored));
}

int set_send(struct set *set, uint64_t refused[SET_REFUSALS], struct error *error)
{
	struct sending sending = {.set = set, .buf = malloc(PIECE_BYTES), .error = error};
	int err = sending.buf ? connect_client(set, error) :
				error_set(error, -ENOMEM, "out of memory");

	if (!err)
		err = begin(&sending);
	if (!err)
		err = send_lines(&sending);
	if (!err)
		err = commit(&sending, refused);
	if (err && err != -EINTR && sending.abort_path)
		give_up(&sending);
	free(sending.text_path);
	free(sending.abort_path);
	free(sending.commit_path);
	free(sending.buf);
	return err;
}
