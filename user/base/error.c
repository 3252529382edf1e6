// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

/* Quoted text must not move the cursor of a terminal, and must fit into JSON even if it was cut. */
static void make_harmless(char *text)
{
	size_t left = strlen(text);

	while (left) {
		const unsigned char *p = (const unsigned char *)text;
		size_t bytes = utf8_bytes(p, left);

		if (*text == '\n' || *text == '\r' || *text == '\t')
			*text = ' ';
		else if (!bytes || utf8_is_control(p))
			memset(text, '?', bytes ? bytes : 1);
		text += bytes ? bytes : 1;
		left -= bytes ? bytes : 1;
	}
}

#define PARTING "; "

/* The last separator, or NULL. */
static const char *find_parting(const char *format)
{
	const char *found = NULL;

	for (const char *p = strstr(format, PARTING); p; p = strstr(p + 1, PARTING))
		found = p;
	return found;
}

/* The length of the text before the separator. It is searched in the format, because quoted text
 * may contain one too.
 */
static unsigned int said_of(const char *format, va_list args)
{
	const char *parting = find_parting(format);
	char head[ERROR_TEXT_MAX];
	int n;

	if (!parting || (size_t)(parting - format) >= sizeof(head))
		return 0;
	memcpy(head, format, parting - format);
	head[parting - format] = '\0';
	/* only the first arguments are used */
	n = vsnprintf(NULL, 0, head, args);
	return n > 0 && (size_t)n + strlen(PARTING) < ERROR_TEXT_MAX ? n : 0;
}

int error_set(struct error *error, int err, const char *format, ...)
{
	unsigned int said;
	va_list args;

	/* first, because the old text may be an argument */
	va_start(args, format);
	said = said_of(format, args);
	va_end(args);
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	error->said = said;
	error->code = ERROR_CODE_NONE;
	for (unsigned int i = 0; i < ERROR_MEMBERS_MAX; i++)
		error->member[i].key = NULL;
	make_harmless(error->text);
	return err;
}

int error_code(struct error *error, int err, enum error_code code)
{
	error->code = code;
	return err;
}

int error_member(struct error *error, int err, const char *key, const char *value)
{
	for (unsigned int i = 0; i < ERROR_MEMBERS_MAX; i++) {
		struct error_member *member = &error->member[i];

		if (member->key)
			continue;
		member->key = key;
		snprintf(member->value, sizeof(member->value), "%s", value);
		make_harmless(member->value);
		break;
	}
	return err;
}

const char *error_hint(const struct error *error)
{
	return error->said ? error->text + error->said + strlen(PARTING) : NULL;
}
