// SPDX-License-Identifier: GPL-2.0-only
#include "each.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/blocks_internal.h"
#include "daemon/api/prefix.h"
#include "daemon/daemon.h"
#include "net/prefix_typed.h"
#include "daemon/api/http/reply.h"

struct names {
	const char *name[PREFIXES_FEW];
	size_t count;
	bool is_list;
};

static int take_list(const json_t *list, struct names *names, struct error *error)
{
	const json_t *item;
	size_t i;

	names->is_list = true;
	if (!json_is_array(list) || !json_array_size(list))
		return error_set(error, -EINVAL, "'prefixes' must be a list of prefixes");
	if (json_array_size(list) > PREFIXES_FEW)
		return error_set(error, -EINVAL,
				 "'prefixes' must have at most %d entries; import a longer list",
				 PREFIXES_FEW);
	json_array_foreach (list, i, item) {
		if (!json_is_string(item))
			return error_set(error, -EINVAL, "'prefixes' must be a list of prefixes");
		names->name[names->count++] = json_string_value(item);
	}
	return 0;
}

static int take_names(const json_t *object, struct names *names, struct error *error)
{
	const json_t *list = json_object_get(object, "prefixes");
	const char *prefix;
	int err = object_text(object, "prefix", PREFIX_TEXT_MAX, &prefix, error);

	*names = (struct names){};
	if (err)
		return err;
	if (list && !json_is_null(list) && prefix)
		return error_set(error, -EINVAL, "'prefix' and 'prefixes' exclude each other");
	if (list && !json_is_null(list))
		return take_list(list, names, error);
	if (!prefix)
		return error_set(error, -EINVAL, "'prefix' is missing");
	names->name[names->count++] = prefix;
	return 0;
}

/* The transaction was rolled back; the first `count` prefixes are still changed in the maps. */
static void put_back(struct daemon *daemon, const struct named_prefix *named, size_t count)
{
	struct blocks *blocks = &daemon->blocks;

	blocks_rolled_back(blocks);
	for (size_t i = 0; i < count; i++)
		blocks_put_back(blocks, &named[i].prefix);
	throttles_reload(&blocks->throttles);
}

static void say_none(const struct names *names, struct error *error)
{
	const struct error was = *error;
	const char *hint = error_hint(&was);
	int n = snprintf(error->text, sizeof(error->text),
			 "%.*s; none of the %zu prefixes was changed",
			 hint ? (int)was.said : (int)strlen(was.text), was.text, names->count);

	if (!hint || (size_t)n >= sizeof(error->text))
		return;
	error->said = n;
	snprintf(error->text + n, sizeof(error->text) - n, "; %s", hint);
}

static int do_all(struct daemon *daemon, const struct actor *actor, const struct names *names,
		  const struct each *each, json_t *answers, struct error *error)
{
	struct named_prefix *named = calloc(names->count, sizeof(*named));
	int err = named ? store_begin_idle(daemon->store, error) :
			  error_set(error, -ENOMEM, "out of memory");
	size_t count = 0;

	if (err)
		goto out;
	while (!err && count < names->count) {
		json_t *answer = NULL;

		err = prefix_resolve(daemon, names->name[count], &named[count], error);
		if (err)
			break;
		err = each->one(daemon, actor, &named[count++], each->data, &answer, error);
		if (!err && json_array_append_new(answers, answer))
			err = error_set(error, -ENOMEM, "out of memory");
		changes_breathe(daemon->changes);
	}
	err = blocks_store_end(&daemon->blocks, err, error);
	if (!err)
		goto out;
	put_back(daemon, named, count);
	if (names->count > 1)
		say_none(names, error);
out:
	free(named);
	return err;
}

void control_each(struct daemon *daemon, struct evhttp_request *request, const struct actor *actor,
		  const json_t *object, const struct each *each)
{
	struct named_prefix named;
	struct names names;
	struct error error;
	json_t *answer = NULL, *answers = NULL;
	int err = take_names(object, &names, &error);

	if (!err && names.is_list) {
		answers = json_array();
		err = do_all(daemon, actor, &names, each, answers, &error);
	} else if (!err) {
		err = prefix_resolve(daemon, names.name[0], &named, &error);
		if (!err)
			err = each->one(daemon, actor, &named, each->data, &answer, &error);
	}
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request,
			     names.is_list ? json_pack("{s:O}", "prefixes", answers) : answer);
	json_decref(answers);
}

static json_t *split(char *text)
{
	json_t *list = json_array();
	char *rest = text, *word;

	while ((word = strsep(&rest, ",")))
		json_array_append_new(list, json_string(word));
	return list;
}

void control_each_query(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor, const struct each *each)
{
	char *prefix = request_parameter(request, "prefix"),
	     *prefixes = request_parameter(request, "prefixes");
	json_t *object = json_object();

	if (prefix)
		json_object_set_new(object, "prefix", text_to_json(prefix));
	if (prefixes)
		json_object_set_new(object, "prefixes", split(prefixes));
	control_each(daemon, request, actor, object, each);
	json_decref(object);
	free(prefixes);
	free(prefix);
}
