// SPDX-License-Identifier: GPL-2.0-only
#include "config_diff.h"

#include <stdio.h>
#include <string.h>

#define NONE	 "none"
#define WORD_MAX 64

static const char *text_at(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

/* --- rows by subject --- */

/* Its interface and its class or setting, or its name. */
static json_t *key_of(const json_t *row, bool of_all)
{
	return json_sprintf("%s|%s|%s|%s", of_all ? "" : text_at(row, "interface"),
			    text_at(row, "class"), text_at(row, "setting"), text_at(row, "name"));
}

static json_t *index_of(const json_t *rows, const struct pace *pace)
{
	json_t *index = json_object(), *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		json_t *key = key_of(row, false);

		pace_breathe(pace);

		json_object_set(index, json_string_value(key), row);
		json_decref(key);
	}
	return index;
}

/* If a subject occurs twice, the last row counts. */
static bool counts(const json_t *index, const json_t *row)
{
	json_t *key = key_of(row, false);
	bool is_it = json_object_get(index, json_string_value(key)) == row;

	json_decref(key);
	return is_it;
}

/* A row of an interface that is missing counts as that of all interfaces. */
static json_t *find(const json_t *index, const json_t *like)
{
	json_t *key = key_of(like, false), *row = json_object_get(index, json_string_value(key));

	json_decref(key);
	if (row || !text_at(like, "interface")[0])
		return row;
	key = key_of(like, true);
	row = json_object_get(index, json_string_value(key));
	json_decref(key);
	return row;
}

/* --- one difference --- */

static bool takes_a_restart(const char *name)
{
	return !strncmp(name, "control.", 8) || !strncmp(name, "metrics.", 8) ||
	       !strcmp(name, "state") || !strncmp(name, "maps.", 5);
}

static void say(json_t *out, const json_t *row, const char *what, const char *before,
		const char *after)
{
	const char *name = text_at(row, json_object_get(row, "class")	? "class" :
					json_object_get(row, "setting") ? "setting" :
									  "name");
	json_t *difference;

	if (!strcmp(before, after))
		return;
	difference = json_pack("{s:O?, s:s, s:s, s:s, s:s}", "interface",
			       json_object_get(row, "interface"), "name", name, "what", what, "now",
			       before, "would_be", after);
	if (!json_object_get(difference, "interface"))
		json_object_set_new(difference, "interface", json_null());
	if (takes_a_restart(name))
		json_object_set_new(difference, "restart", json_true());
	json_array_append_new(out, difference);
}

/* "100/s burst 200", or "none". */
static const char *limit_words(const json_t *row, const char *rate, const char *burst,
			       char buf[WORD_MAX])
{
	const json_t *value = json_object_get(row, rate);

	if (!json_is_number(value))
		return "none";
	snprintf(buf, WORD_MAX, "%.0f/s burst %.0f", json_number_value(value),
		 json_number_value(json_object_get(row, burst)));
	return buf;
}

static void diff_class(json_t *out, const json_t *before, const json_t *after, const json_t *name)
{
	char a[WORD_MAX], b[WORD_MAX];

	say(out, name, "in transit", text_at(before, "transit"), text_at(after, "transit"));
	say(out, name, "to the router", text_at(before, "local"), text_at(after, "local"));
	say(out, name, "limit of a source", limit_words(before, "rate", "burst", a),
	    limit_words(after, "rate", "burst", b));
	say(out, name, "limit of a /48", limit_words(before, "rate_48", "burst_48", a),
	    limit_words(after, "rate_48", "burst_48", b));
}

static void diff_row(json_t *out, const json_t *before, const json_t *after, const json_t *name)
{
	if (json_object_get(name, "class"))
		diff_class(out, before, after, name);
	else
		say(out, name, "value", before ? text_at(before, "value") : NONE,
		    after ? text_at(after, "value") : NONE);
}

static bool is_of_an_interface(const json_t *row)
{
	return text_at(row, "interface")[0];
}

/* At once it would take longer than to make it. */
static void free_index(json_t *index, const struct pace *pace)
{
	void *at;

	while ((at = json_object_iter(index))) {
		json_object_del(index, json_object_iter_key(at));
		pace_breathe(pace);
	}
	json_decref(index);
}

json_t *config_diff(const json_t *before, const json_t *after, const struct pace *pace)
{
	json_t *old = index_of(before, pace), *new = index_of(after, pace), *out = json_array(),
	       *row;
	size_t i;

	json_array_foreach (after, i, row) {
		const json_t *was = find(old, row);

		pace_breathe(pace);
		if (counts(new, row) && (was || !json_object_get(row, "class")))
			diff_row(out, was, row, row);
	}
	/* removed: would no longer be configured */
	json_array_foreach (before, i, row) {
		json_t *key = key_of(row, false);
		bool stays = json_object_get(new, json_string_value(key));

		pace_breathe(pace);
		json_decref(key);
		if (!stays && counts(old, row) &&
		    (is_of_an_interface(row) || json_object_get(row, "name")))
			diff_row(out, row, find(new, row), row);
	}
	free_index(old, pace);
	free_index(new, pace);
	return out;
}
