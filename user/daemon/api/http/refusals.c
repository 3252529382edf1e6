// SPDX-License-Identifier: GPL-2.0-only
#include "refusals.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text/escape.h"
#include "base/journal.h"
#include "caller.h"
#include "reply.h"

#define VALUE_MAX   512
#define MESSAGE_MAX 1024
#define MESSAGE_ID  "9d0a1e1b1a5e4b0d8f3a0f6a2f2a7c11"

/* What each request would have done, in the words of the log. */
static const struct action {
	enum evhttp_cmd_type method;
	const char *path, *name;
} actions[] = {
	{EVHTTP_REQ_POST, "/v1/blocks", "block"},
	{EVHTTP_REQ_DELETE, "/v1/blocks", "unblock"},
	{EVHTTP_REQ_PATCH, "/v1/blocks", "edit"},
	{EVHTTP_REQ_POST, "/v1/unblocks", "unblock"},
	{EVHTTP_REQ_POST, "/v1/undo", "undo"},
	{EVHTTP_REQ_POST, "/v1/throttles", "throttle"},
	{EVHTTP_REQ_POST, "/v1/allowlist", "allow"},
	{EVHTTP_REQ_DELETE, "/v1/allowlist", "disallow"},
	{EVHTTP_REQ_POST, "/v1/imports", "import"},
	{EVHTTP_REQ_POST, "/v1/imports/text", "import"},
	{EVHTTP_REQ_POST, "/v1/imports/commit", "import"},
	{EVHTTP_REQ_POST, "/v1/interfaces", "attach"},
	{EVHTTP_REQ_DELETE, "/v1/interfaces", "detach"},
	{EVHTTP_REQ_POST, "/v1/reload", "reload"},
	{EVHTTP_REQ_POST, "/v1/confirm", "confirm"},
};

/* NULL if it would have changed nothing. */
static const char *action_of(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;

	for (size_t i = 0; path && i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].method == evhttp_request_get_command(request) &&
		    !strcmp(actions[i].path, path))
			return actions[i].name;
	return NULL;
}

static bool is_local(struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = connection ? bufferevent_getfd(evhttp_connection_get_bufferevent(connection)) : -1;
	socklen_t bytes = sizeof(int);
	int domain;

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) &&
	       domain == AF_UNIX;
}

/* The handlers leave the body where it is. NULL if it is no object. */
static json_t *body_of(struct evhttp_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t bytes = evbuffer_get_length(body);
	json_t *object =
		bytes ? json_loadb((const char *)evbuffer_pullup(body, -1), bytes, 0, NULL) : NULL;

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* A member of the body, the first of it if it is a list, or else a parameter of the query. NULL if
 * there is none.
 */
static const char *find_value(struct evhttp_request *request, const json_t *body, const char *name,
			      char value[VALUE_MAX])
{
	const json_t *member = json_object_get(body, name);
	const char *text =
		json_string_value(json_is_array(member) ? json_array_get(member, 0) : member);
	char *parameter = text ? NULL : request_parameter(request, name);

	if (!text)
		text = parameter;
	if (text)
		escape_text(text, value, VALUE_MAX);
	free(parameter);
	return text ? value : NULL;
}

static void tell(struct evhttp_request *request, const char *action, const json_t *failure,
		 const json_t *body)
{
	char prefix_buf[VALUE_MAX], reason_buf[VALUE_MAX], ticket_buf[VALUE_MAX],
		origin_buf[VALUE_MAX], until_buf[VALUE_MAX];
	const char *prefix = find_value(request, body, "prefix", prefix_buf);
	const char *error = json_string_value(json_object_get(failure, "error"));
	char message[MESSAGE_MAX], actor_text[ACTOR_NAME_MAX];
	struct actor actor;
	struct journal_entry entry;

	if (!prefix)
		prefix = find_value(request, body, "prefixes", prefix_buf);
	if (!prefix)
		prefix = find_value(request, body, "name", prefix_buf);
	caller_of(request, &actor);
	actor_name(&actor, actor_text);
	snprintf(message, sizeof(message), "refused: %s%s%s: %s (%s)", action, prefix ? " " : "",
		 prefix ? prefix : "", error ? error : "", actor_text);
	journal_write(&entry,
		      (const struct journal_field[]){
			      {"MESSAGE", message},
			      {"PRIORITY", "5"},
			      {"SYSLOG_IDENTIFIER", "slash64d"},
			      {"MESSAGE_ID", MESSAGE_ID},
			      {"SLASH64_ACTION", action},
			      {"SLASH64_PREFIX", prefix},
			      {"SLASH64_REASON", find_value(request, body, "reason", reason_buf)},
			      {"SLASH64_TICKET", find_value(request, body, "ticket", ticket_buf)},
			      {"SLASH64_ACTOR", actor_text},
			      {"SLASH64_FROM", actor.source},
			      {"SLASH64_ORIGIN", find_value(request, body, "origin", origin_buf)},
			      {"SLASH64_UNTIL", find_value(request, body, "until", until_buf)},
			      {"SLASH64_REFUSED",
			       json_string_value(json_object_get(failure, "code"))},
			      {"SLASH64_ERROR", error},
			      {},
		      });
	journal_say_once(&entry);
}

void refusal_tell(struct evhttp_request *request, const json_t *failure)
{
	const char *action = action_of(request);
	json_t *body;

	if (!action || !is_local(request))
		return;
	body = body_of(request);
	if (!json_is_true(json_object_get(body, "dry_run")) && !request_flag(request, "dry_run"))
		tell(request, action, failure, body);
	json_decref(body);
}
