// SPDX-License-Identifier: GPL-2.0-only
/* The texts of an answer, which may be those of anybody, for a terminal. */
#include "client.h"

#include <stdlib.h>

#include "hint.h"

static bool is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

static void defuse_string(json_t *string)
{
	size_t bytes = json_string_length(string), out = 0;
	const unsigned char *p = (const unsigned char *)json_string_value(string);
	char *clean = NULL;
	size_t i;

	for (i = 0; i < bytes && !is_control(p + i); i++)
		;
	if (i == bytes)
		return;
	clean = malloc(bytes + 1);
	for (i = 0; clean && i < bytes; i++) {
		bool control = is_control(p + i);

		clean[out++] = control ? '?' : p[i];
		i += control && p[i] == 0xc2;
	}
	json_string_setn(string, clean ? clean : "?", clean ? out : 1);
	free(clean);
}

static void defuse(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value)) {
		defuse_string(value);
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, member)
			defuse(member);
	} else if (json_is_object(value)) {
		json_object_foreach (value, key, member)
			defuse(member);
	}
}

json_t *client_decode(const char *line)
{
	json_t *object = json_loads(line, 0, NULL);

	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	defuse(object);
	return object;
}

bool client_failure(const json_t *object, struct error *error)
{
	const char *text = json_string_value(json_object_get(object, "error"));
	const char *said = json_string_value(json_object_get(object, "hint"));
	char buf[HINT_MAX];
	const char *hint = hint_of_failure(object, buf);

	if (!hint)
		hint = said;
	if (text && hint)
		error_set(error, 0, "%s; %s", text, hint);
	else if (text)
		error_set(error, 0, "%s", text);
	return text;
}
