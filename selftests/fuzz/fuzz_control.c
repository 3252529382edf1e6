// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the real socket, routes and handlers, over a temporary store and tables in plain
 * memory. An input is a sequence of requests, separated by lines "%%": METHOD and URI on the first
 * line, where @ stands for the import opened last, and then the body.
 */
#include "controller.h"

#include <event2/http.h>
#include <jansson.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "daemon/attach/xdp/xdp_attach.h"
#include "daemon/api/http/server.h"

#define BETWEEN	      "\n%%\n"
#define BETWEEN_BYTES (sizeof(BETWEEN) - 1)
#define REQUESTS_MAX  8
#define HEAD_MAX      4096
#define ANSWER_MAX    (1 << 22)
#define TURNS_MAX     200000
#define STREAM_TURNS  2000 /* a stream goes on until its reader hangs up */
#define ROWS_MAX      4096

static struct control control;
static char import[32];
static char answer[ANSWER_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error error = {};

	/* nothing in this machine's network is protected or can be attached to */
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		fprintf(stderr, "no network namespace of its own\n");
	attach_init();
	start_controller();
	must(control_listen(&controller, &control, &error), &error);
	return 0;
}

/* --- a request --- */

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, controller.config.socket);
	promise(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"cannot connect");
	return fd;
}

static bool hung_up; /* before the end of the answer */

/* Writes as much as is accepted, and reads all answers, until the other side hangs up. */
static size_t converse(const char *text, size_t bytes)
{
	size_t sent = 0, got = 0;
	int fd = dial();
	ssize_t n;

	hung_up = false;
	for (unsigned int turn = 0;; turn++) {
		promise(turn < TURNS_MAX, "no end of the answer after %zu bytes", got);
		if (sent < bytes) {
			n = send(fd, text + sent, bytes - sent, MSG_NOSIGNAL);
			sent += n > 0 ? n : 0;
		}
		if (turn == STREAM_TURNS && sent == bytes && got) {
			answer[got] = '\0';
			hung_up = strstr(answer, "chunked") && !shutdown(fd, SHUT_WR);
		}
		event_base_loop(controller.base, EVLOOP_NONBLOCK);
		n = recv(fd, answer + got, ANSWER_MAX - 1 - got, 0);
		promise(got < ANSWER_MAX - 1, "an answer without end");
		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		got += n > 0 ? n : 0;
	}
	close(fd);
	event_base_loop(controller.base, EVLOOP_NONBLOCK);
	answer[got] = '\0';
	return got;
}

static json_t *check_object(const char *text, size_t bytes)
{
	json_error_t why;
	json_t *object = json_loadb(text, bytes, 0, &why);

	promise(object, "not JSON (%s): %.*s", why.text, (int)bytes, text);
	promise(json_is_object(object), "no object: %.*s", (int)bytes, text);
	return object;
}

static void check_json(int code, const char *body)
{
	json_t *object = check_object(body, strlen(body));
	const char *id = json_string_value(json_object_get(object, "import"));
	const char *error = json_string_value(json_object_get(object, "error"));

	promise((code == 200) == !error, "%d, and %s", code, body);
	if (error)
		promise_one_line(error, ERROR_TEXT_MAX);
	if (id)
		snprintf(import, sizeof(import), "%s", id);
	json_decref(object);
}

static void check_lines(const char *body)
{
	while (*body) {
		const char *end = strchr(body, '\n');

		promise(end, "a line without end: %s", body);
		json_decref(check_object(body, end - body));
		body = end + 1;
	}
}

/* Decodes chunks in place. */
static void join_chunks(char *body)
{
	char *to = body, *at = body, *end;
	unsigned long n;

	while ((n = strtoul(at, &end, 16)) && end != at) {
		promise(!strncmp(end, "\r\n", 2) && strlen(end) >= n + 4, "a chunk that is cut");
		memmove(to, end + 2, n);
		to += n;
		at = end + 2 + n + 2;
	}
	promise(hung_up || !strncmp(end, "\r\n", 2), "no last chunk");
	*to = '\0';
}

/* Codes of docs/api.md, and those of the HTTP library for invalid requests. */
static void check_answer(const char *uri)
{
	char *body = strstr(answer, "\r\n\r\n");
	bool may_fail = !strncmp(uri, "/v1/interfaces", 14);
	int code;

	promise(sscanf(answer, "HTTP/1.%*1[01] %d ", &code) == 1 && body, "answered: %s", answer);
	body[2] = '\0';
	body += 4;
	switch (code) {
	case 200:
	case 400:
	case 404:
	case 405:
	case 409:
	case 413:
	case 417:
	case 501:
		break;
	case 500:
		promise(may_fail, "500 to %s: %s", uri, body);
		break;
	default:
		promise(false, "%d to %s: %s", code, uri, body);
	}
	if (strstr(answer, "chunked"))
		join_chunks(body);
	if (strstr(answer, "Content-Type: application/json\r\n"))
		check_json(code, body);
	else if (strstr(answer, "Content-Type: application/x-ndjson\r\n"))
		check_lines(body);
}

/* Replaces @ by the name of the import. */
static void put_uri(char *out, size_t max, const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes && n + sizeof(import) < max; i++) {
		if (text[i] == '@')
			n += sprintf(out + n, "%s", import);
		else
			out[n++] = text[i];
	}
	out[n] = '\0';
}

static void request(const char *text, size_t bytes)
{
	const char *line_end = memchr(text, '\n', bytes), *body, *uri;
	size_t line = line_end ? (size_t)(line_end - text) : bytes;
	size_t body_bytes = line_end ? bytes - line - 1 : 0, n;
	char first[HEAD_MAX];
	char *whole;

	body = text + bytes - body_bytes;
	put_uri(first, sizeof(first), text, line);
	whole = malloc(HEAD_MAX + 256 + body_bytes);
	n = sprintf(whole,
		    "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
		    first, body_bytes);
	memcpy(whole + n, body, body_bytes);
	uri = strchr(first, ' ');
	if (converse(whole, n + body_bytes))
		check_answer(uri ? uri + 1 : "");
	free(whole);
}

/* --- between inputs --- */

struct rows {
	struct row {
		struct prefix prefix;
		char origin[64];
	} row[ROWS_MAX];
	size_t count;
};

static bool add_row(const struct store_block *block, void *data)
{
	struct rows *rows = data;

	if (rows->count == ROWS_MAX)
		return false;
	rows->row[rows->count].prefix = block->prefix;
	snprintf(rows->row[rows->count++].origin, sizeof(rows->row[0].origin), "%s", block->origin);
	return true;
}

/* The maps follow the store: everything in it is in force, unless it is within an allowed prefix.
 */
static void check_in_force(const struct prefix *prefix)
{
	const struct daemon *d = &controller;
	struct block_target target =
		block_target_of_stored(&d->blocks.rules, &d->maps.meta->seed, prefix);
	char text[PREFIX_TEXT_MAX];
	int info;

	if (prefix_set_around(blocks_allowed(&d->blocks), prefix))
		return;
	info = target.is_source ? sources_info(&d->blocklist, target.src_key) :
				  prefixes_info(&d->prefixes, prefix);
	promise(info >= 0, "%s is in the store and not in the maps", prefix_format(prefix, text));
}

static bool is_same(const struct row *a, const struct row *b)
{
	return !prefix_compare(&a->prefix, &b->prefix) && !strcmp(a->origin, b->origin);
}

/* Everything is removed again, and nothing of it stays in the maps. */
static void take_all_away(void)
{
	static struct rows rows;
	struct daemon *d = &controller;
	struct error error = {};

	rows.count = 0;
	must(store_blocks(d->store, add_row, &rows, &error), &error);
	for (size_t i = 0; i < rows.count; i++)
		check_in_force(&rows.row[i].prefix);
	for (size_t i = 0; i < rows.count; i++) {
		int err = blocks_remove(&d->blocks, &actor_itself, &rows.row[i].prefix,
					rows.row[i].origin, NULL, &error);

		/* everything an origin lists of addresses in a prefix goes with its first row */
		must(err == -ENOENT && i && is_same(&rows.row[i - 1], &rows.row[i]) ? 0 : err,
		     &error);
	}
	rows.count = 0;
	must(store_allowlist(d->store, add_row, &rows, &error), &error);
	for (size_t i = 0; i < rows.count; i++)
		must(blocks_unallow(&d->blocks, &actor_itself, &rows.row[i].prefix,
				    rows.row[i].origin, NULL, &error),
		     &error);
	promise(!sources_count(&d->blocklist) && !d->prefixes.blocked.count &&
			!d->prefixes.allowed.count,
		"left in the maps: %u sources, %zu prefixes, %zu allowed",
		sources_count(&d->blocklist), d->prefixes.blocked.count, d->prefixes.allowed.count);
	for (size_t i = 0; i < native_maps.meta->bloom_lines; i++)
		for (size_t j = 0; j < 8; j++)
			promise(!d->maps.bloom[i].word[j], "left in the Bloom filter");
}

static void reset(void)
{
	struct error error = {};

	take_all_away();
	/* as upkeep does, or the write-ahead log of an hour would fill the memory */
	if (store_checkpoint_is_due(controller.store))
		store_checkpoint(controller.store);
	imports_stop(controller.imports);
	must(imports_start(&controller.imports, controller.base, &controller.blocks,
			   controller.protection, &error),
	     &error);
	controller.samples.recent_count = 0;
	import[0] = '\0';
}

/* A source was seen, so the answers can contain one. */
static void be_seen(void)
{
	struct s64_sample sample = {.src_hi = 0x20010db80bad0001ULL,
				    .src_lo = 7,
				    .src_key = 0x20010db80bad0001ULL,
				    .class = S64_CLASS_ECHO_REQUEST,
				    .reason = S64_REASON_BLOCKED,
				    .weight = 20,
				    .length = 100};

	sample_put(0, &sample);
	samples_drain(&controller.samples, &controller.blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const char *text = (const char *)data;

	be_seen();
	for (int i = 0; i < REQUESTS_MAX && bytes; i++) {
		const char *end = memmem(text, bytes, BETWEEN, BETWEEN_BYTES);
		size_t n = end ? (size_t)(end - text) : bytes;
		size_t taken = end ? n + BETWEEN_BYTES : n;

		request(text, n);
		text += taken;
		bytes -= taken;
	}
	reset();
	return 0;
}
