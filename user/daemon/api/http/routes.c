// SPDX-License-Identifier: GPL-2.0-only
#include "routes.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/guards/protected_addresses.h"
#include "daemon/loop/changes.h"
#include "daemon/api/handlers.h"
#include "daemon/store/log/audit_log.h"
#include "failures.h"
#include "caller.h"
#include "reply.h"

#define HINT_MAX 256
#define WORD_MAX 32

static void get_root(struct daemon *daemon, struct evhttp_request *request);

/* Parameters, separated by blanks; one with '?' is a switch, 0 or 1. */
static const struct route {
	enum evhttp_cmd_type method;
	const char *path;
	/* one of these */
	void (*look)(struct daemon *daemon, struct evhttp_request *request);
	void (*change)(struct daemon *daemon, struct evhttp_request *request,
		       const struct actor *actor);
	const char *parameters;
	bool has_body;
} routes[] = {
	{EVHTTP_REQ_GET, "/v1", get_root, NULL, "", false},
	{EVHTTP_REQ_GET, "/v1/status", control_get_status, NULL, "", false},
	{EVHTTP_REQ_GET, "/v1/blocks", control_get_blocks, NULL,
	 "within origin ticket kind reason hits_min hit_since start_since until_before sort reverse? limit offset addresses?",
	 false},
	{EVHTTP_REQ_POST, "/v1/blocks", NULL, control_post_block, "", true},
	{EVHTTP_REQ_DELETE, "/v1/blocks", NULL, control_delete_block,
	 "prefix prefixes origin reason ticket", false},
	{EVHTTP_REQ_PATCH, "/v1/blocks", NULL, control_patch_block, "", true},
	{EVHTTP_REQ_POST, "/v1/unblocks", NULL, control_post_unblocks, "", true},
	{EVHTTP_REQ_POST, "/v1/undo", NULL, control_post_undo, "", true},
	{EVHTTP_REQ_POST, "/v1/throttles", NULL, control_post_throttle, "", true},
	{EVHTTP_REQ_GET, "/v1/allowlist", control_get_allowlist, NULL, "", false},
	{EVHTTP_REQ_POST, "/v1/allowlist", NULL, control_post_allow, "", true},
	{EVHTTP_REQ_DELETE, "/v1/allowlist", NULL, control_delete_allow,
	 "prefix prefixes reason ticket force?", false},
	{EVHTTP_REQ_POST, "/v1/imports", NULL, control_post_import,
	 "origin format reason for_seconds replace? strict? force? dry_run? restore?", false},
	{EVHTTP_REQ_POST, "/v1/imports/text", NULL, control_post_import_text, "import", true},
	{EVHTTP_REQ_POST, "/v1/imports/commit", NULL, control_post_import_commit, "import", false},
	{EVHTTP_REQ_DELETE, "/v1/imports", NULL, control_delete_import, "import", false},
	{EVHTTP_REQ_GET, "/v1/export", control_get_export, NULL, "", false},
	{EVHTTP_REQ_GET, "/v1/lookup", control_get_lookup, NULL, "address", false},
	{EVHTTP_REQ_GET, "/v1/log", control_get_log, NULL,
	 "since until prefix limit reverse? after follow? log", false},
	{EVHTTP_REQ_GET, "/v1/proposals", control_get_proposals, NULL, "all?", false},
	{EVHTTP_REQ_POST, "/v1/proposals/apply", NULL, control_post_apply, "", true},
	{EVHTTP_REQ_POST, "/v1/proposals/dismiss", NULL, control_post_dismiss, "", true},
	{EVHTTP_REQ_POST, "/v1/proposals/packets", NULL, control_post_proposal_packets, "", true},
	{EVHTTP_REQ_POST, "/v1/captures", NULL, control_post_capture, "", true},
	{EVHTTP_REQ_DELETE, "/v1/captures", NULL, control_delete_capture, "capture", false},
	{EVHTTP_REQ_POST, "/v1/interfaces", NULL, control_post_iface, "", true},
	{EVHTTP_REQ_DELETE, "/v1/interfaces", NULL, control_delete_iface, "name reason ticket",
	 false},
	{EVHTTP_REQ_GET, "/v1/events", control_get_events, NULL,
	 "source destination class reason verdict interface per_second", false},
	{EVHTTP_REQ_GET, "/v1/top", control_get_top, NULL,
	 "seconds limit by source destination class reason verdict interface", false},
	{EVHTTP_REQ_GET, "/v1/overview", control_get_overview, NULL, "", false},
	{EVHTTP_REQ_GET, "/v1/histogram", control_get_histogram, NULL, "", false},
	{EVHTTP_REQ_GET, "/v1/history", control_get_history, NULL, "after", false},
	{EVHTTP_REQ_GET, "/v1/policy", control_get_policy, NULL, "configured?", false},
	{EVHTTP_REQ_POST, "/v1/reload", NULL, control_post_reload, "for_seconds", false},
	{EVHTTP_REQ_POST, "/v1/confirm", NULL, control_post_confirm, "", false},
	{EVHTTP_REQ_GET, "/metrics", control_get_metrics, NULL, "", false},
};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static const char *method_name(enum evhttp_cmd_type method)
{
	switch (method) {
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "GET";
	}
}

static void get_root(struct daemon *daemon, struct evhttp_request *request)
{
	char identity[STORE_LOG_IDENTITY_MAX] = "";
	json_t *paths = json_array();
	struct error ignored;

	store_log_identity(daemon->store, identity, &ignored);
	for (size_t i = 0; i < ROUTES; i++)
		json_array_append_new(paths, json_pack("{s:s, s:s}", "method",
						       method_name(routes[i].method), "path",
						       routes[i].path));
	reply_object(request,
		     json_pack("{s:s, s:i, s:s, s:o}", "version", SLASH64_VERSION, "schema",
			       CONTROL_SCHEMA, "log", identity, "requests", paths));
}

/* --- refused requests --- */

/* One of the blank-separated words; *is_switch tells whether it ends with '?'. */
static bool find_parameter(const char *parameters, const char *name, bool *is_switch)
{
	size_t n = strlen(name);

	for (const char *p = parameters; *p; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ?");

		*is_switch = p[word] == '?';
		if (word == n && !memcmp(p, name, n))
			return true;
		p += strcspn(p, " ");
	}
	return false;
}

static bool is_switch_value(const char *value)
{
	static const char *const values[] = {"0", "1", "false", "true"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!strcmp(values[i], value))
			return true;
	return false;
}

/* The words as they are typed: without the marks of switches. */
static const char *parameters_text(const struct route *route, char text[HINT_MAX])
{
	size_t n = 0;

	for (const char *p = route->parameters; *p && n + 1 < HINT_MAX; p++)
		if (*p != '?')
			text[n++] = *p;
	text[n] = '\0';
	return n ? text : "none";
}

static int check_pair(const struct route *route, const struct evkeyvalq *pairs,
		      const struct evkeyval *pair, struct error *error)
{
	const struct evkeyval *other;
	char takes[HINT_MAX];
	bool is_switch;

	if (!find_parameter(route->parameters, pair->key, &is_switch))
		return error_set(error, -EINVAL,
				 "unknown parameter '%.*s' of %s %s; known parameters: %s",
				 WORD_MAX, pair->key, method_name(route->method), route->path,
				 parameters_text(route, takes));
	if (is_switch && !is_switch_value(pair->value))
		return error_set(error, -EINVAL, "'%s' is '%.*s'; it must be 1 or 0", pair->key,
				 WORD_MAX, pair->value);
	TAILQ_FOREACH(other, pairs, next)
	if (other != pair && !strcmp(other->key, pair->key))
		return error_set(error, -EINVAL, "duplicate '%s'; give it once", pair->key);
	return 0;
}

/* An unknown parameter is refused, not ignored: a mistyped condition would be none. */
static int check_query(const struct route *route, struct evhttp_request *request,
		       struct error *error)
{
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
	const struct evkeyval *pair;
	struct evkeyvalq pairs;
	int err = 0;

	if (!query || !*query)
		return 0;
	/* it would end a text early */
	if (strstr(query, "%00"))
		return error_set(error, -EINVAL, "the query has a NUL byte; leave it out");
	if (evhttp_parse_query_str(query, &pairs))
		return error_set(error, -EINVAL,
				 "invalid query; write it like ?name=value&other=value");
	TAILQ_FOREACH(pair, &pairs, next)
	{
		err = check_pair(route, &pairs, pair, error);
		if (err)
			break;
	}
	evhttp_clear_headers(&pairs);
	return err;
}

static int check_body(const struct route *route, struct evhttp_request *request,
		      struct error *error)
{
	if (route->has_body || !evbuffer_get_length(evhttp_request_get_input_buffer(request)))
		return 0;
	return error_set(error, -EINVAL, "%s %s takes no body; use the query",
			 method_name(route->method), route->path);
}

/* --- routing --- */

struct asked {
	struct daemon *daemon;
	struct evhttp_request *request;
	const struct route *route;
};

/* Its changes are made by the caller. */
static void change(void *data)
{
	struct asked asked = *(struct asked *)data;
	struct in6_addr sources[GUARDS_SOURCES_MAX];
	struct guards_caller caller = {.from = sources};
	int64_t first_row = 0;
	struct actor actor;

	free(data);
	/* the caller left before it started: ending the request frees it */
	if (!evhttp_request_get_connection(asked.request)) {
		evhttp_send_reply_end(asked.request);
		return;
	}
	caller_of(asked.request, &actor);
	actor.first_row = &first_row;
	caller.count = caller_sources(asked.request, sources, GUARDS_SOURCES_MAX);
	actor.caller = &caller;
	asked.route->change(asked.daemon, asked.request, &actor);
}

/* A capture touches nothing that a change does, and waits for none. */
static bool is_apart(const struct route *route)
{
	return route->change == control_post_capture || route->change == control_delete_capture;
}

/* Readers are answered at once, changes run after earlier ones: libevent keeps the request for us
 * until it is answered.
 */
static void handle(struct daemon *daemon, struct evhttp_request *request, const struct route *route)
{
	struct asked *asked;
	struct error error;
	int err = check_query(route, request, &error);

	if (!err)
		err = check_body(route, request, &error);
	if (err) {
		reply_error(request, err, &error);
		return;
	}
	if (route->look) {
		route->look(daemon, request);
		return;
	}
	if (is_apart(route)) {
		struct actor actor;

		caller_of(request, &actor);
		route->change(daemon, request, &actor);
		return;
	}
	asked = malloc(sizeof(*asked));
	if (!asked) {
		reply_error(request, -ENOMEM,
			    (error_set(&error, -ENOMEM, "out of memory"), &error));
		return;
	}
	*asked = (struct asked){daemon, request, route};
	changes_run(daemon->changes, change, asked);
}

/* RFC 9110 15.5.6: the answer lists the allowed methods. */
static void refuse_method(struct evhttp_request *request, const char *path)
{
	char methods[WORD_MAX] = "";
	struct error error;

	for (size_t i = 0; i < ROUTES; i++) {
		size_t n = strlen(methods);

		if (!strcmp(routes[i].path, path))
			snprintf(methods + n, sizeof(methods) - n, "%s%s", n ? ", " : "",
				 method_name(routes[i].method));
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", methods);
	error_set(&error, 0, "%s does not support this method; use %s", path, methods);
	reply_failure(request, ERROR_METHOD_NOT_ALLOWED, &error);
}

static const struct route *find_route(enum evhttp_cmd_type method, const char *path, bool *known)
{
	const struct route *found = NULL;

	*known = false;
	for (size_t i = 0; i < ROUTES; i++) {
		if (strcmp(routes[i].path, path))
			continue;
		*known = true;
		if (routes[i].method == method)
			found = &routes[i];
	}
	return found;
}

void control_route(struct daemon *daemon, struct evhttp_request *request, bool may_change)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri && evhttp_uri_get_path(uri) ? evhttp_uri_get_path(uri) : "";
	const struct route *route;
	struct error error;
	bool known;

	if (strlen(evhttp_request_get_uri(request)) > FAILURES_ADDRESS_MAX) {
		error_set(&error, 0,
			  "the address of the request is too long; the limit is %d bytes",
			  FAILURES_ADDRESS_MAX);
		reply_failure(request, ERROR_ADDRESS_TOO_LONG, &error);
		return;
	}
	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
		control_route_head(request);
		return;
	}
	route = find_route(evhttp_request_get_command(request), path, &known);
	if (!known) {
		error_set(&error, 0, "unknown path '%.64s'; GET /v1 lists the paths", path);
		reply_failure(request, ERROR_NOT_FOUND, &error);
	} else if (!route) {
		refuse_method(request, path);
	} else if (!may_change && route->method != EVHTTP_REQ_GET) {
		error_set(&error, 0, "this socket is read-only; use the control socket");
		reply_failure(request, ERROR_READ_ONLY, &error);
	} else {
		handle(daemon, request, route);
	}
}

void control_route_head(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri && evhttp_uri_get_path(uri) ? evhttp_uri_get_path(uri) : "";
	bool known;

	if (find_route(EVHTTP_REQ_GET, path, &known))
		evhttp_send_reply(request, HTTP_OK, "OK", NULL);
	else
		evhttp_send_reply(request, HTTP_NOTFOUND, "Not Found", NULL);
}
