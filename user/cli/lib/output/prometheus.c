// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS	   " \t"
#define DIGITS	   "0123456789"
#define LETTERS	   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS_MAX 18 /* fit into 63 bits */

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, BLANKS);
}

static size_t name_bytes(const char *p)
{
	return strspn(p, LETTERS) ? strspn(p, LETTERS DIGITS ":") : 0;
}

/* A quoted value, with the escapes \\, \" and \n. */
static json_t *parse_quoted(const char **at)
{
	const char *p = *at;
	char *text = *p == '"' ? malloc(strlen(p)) : NULL;
	json_t *string = NULL;
	size_t out = 0;

	if (!text)
		return NULL;
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			text[out++] = *++p == 'n' ? '\n' : *p;
		else
			text[out++] = *p;
	}
	if (*p == '"') {
		string = json_stringn(text, out);
		*at = p + 1;
	}
	free(text);
	return string;
}

/* LABEL="VALUE" of the line at *at, into labels. */
static int parse_label(const char **at, json_t *labels)
{
	const char *p = *at;
	size_t n = name_bytes(p);
	char *key = n ? strndup(p, n) : NULL;
	json_t *value;
	int err = -EINVAL;

	p = skip_blanks(p + n);
	if (key && *p == '=') {
		p = skip_blanks(p + 1);
		value = parse_quoted(&p);
		/* takes over the value, and fails if it is NULL */
		err = json_object_set_new(labels, key, value) ? -EINVAL : 0;
	}
	free(key);
	*at = p;
	return err;
}

static int parse_labels(const char **at, json_t *labels)
{
	const char *p = skip_blanks(*at + 1);

	while (*p != '}') {
		int err = parse_label(&p, labels);

		if (err)
			return err;
		p = skip_blanks(p);
		if (*p == ',')
			p = skip_blanks(p + 1);
		else if (*p != '}')
			return -EINVAL;
	}
	*at = p + 1;
	return 0;
}

/* A timestamp may follow, which slash64d does not write: it is checked and ignored. */
static json_t *parse_value(const char *p)
{
	size_t digits = strspn(p, DIGITS);
	char *end;
	double value = strtod(p, &end);
	bool whole = digits && digits <= DIGITS_MAX && end == p + digits;
	const char *behind = skip_blanks(end);

	if (end == p || (*behind && behind == end))
		return NULL;
	if (behind[strspn(behind, "-" DIGITS)])
		return NULL;
	if (whole)
		return json_integer(strtoll(p, NULL, 10));
	return isfinite(value) ? json_real(value) : json_null();
}

int exposition_parse(const char *line, json_t **sample)
{
	const char *p = skip_blanks(line);
	json_t *labels, *value = NULL;
	size_t n = name_bytes(p);
	const char *name = p;
	int err = -EINVAL;

	if (!*p || *p == '#') {
		*sample = NULL;
		return 0;
	}
	if (!n)
		return -EINVAL;
	labels = json_object();
	p = skip_blanks(p + n);
	if (!labels || (*p == '{' && parse_labels(&p, labels)))
		goto out;
	/* without labels, a blank ends the name */
	if (p == name + n)
		goto out;
	value = parse_value(skip_blanks(p));
	if (!value)
		goto out;
	*sample = json_pack("{s:s%, s:O, s:O}", "name", name, n, "labels", labels, "value", value);
	err = *sample ? 0 : -ENOMEM;
out:
	json_decref(value);
	json_decref(labels);
	return err;
}
