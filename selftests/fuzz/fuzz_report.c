// SPDX-License-Identifier: GPL-2.0-only
/* Texts of others that a report is made of: a line of a registry file, and a template. What is taken
 * from a line can be printed, and contains itself; a template that is filled in has no part of it
 * that was not there.
 */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>

#include "cli/lib/report/template.h"
#include "registry/delegated.h"

static void check_word(const char *text, size_t bytes)
{
	promise(memchr(text, '\0', bytes), "a text without its end");
	for (; *text; text++)
		promise(isprint((unsigned char)*text), "a control character");
}

static void read_line(const char *line)
{
	struct delegation delegation;
	int err = delegated_parse(line, &delegation);

	promise(!err || err == 1 || err == -EINVAL, "returned %d", err);
	if (err)
		return;
	check_word(delegation.network, sizeof(delegation.network));
	check_word(delegation.registry, sizeof(delegation.registry));
	check_word(delegation.country, sizeof(delegation.country));
	check_word(delegation.status, sizeof(delegation.status));
	check_word(delegation.date, sizeof(delegation.date));
	check_word(delegation.id, sizeof(delegation.id));
	promise(memcmp(&delegation.first, &delegation.last, sizeof(delegation.first)) <= 0,
		"it ends before it begins");
}

static const char *value(const char *name, size_t bytes, void *data)
{
	return bytes == 1 && name[0] == 'a' ? "{{a}}\nb" : bytes == 1 && name[0] == 'e' ? "" : NULL;
}

static void fill(const char *text)
{
	struct error error = {};
	char *out = NULL;
	int err = template_fill("template", text, value, NULL, &out, &error);

	promise(!err || err == -EINVAL, "returned %d", err);
	if (err) {
		promise(!out, "a text in spite of an error");
		promise_one_line(error.text, sizeof(error.text));
	} else {
		promise(out, "no text");
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = exact_text(data, bytes);

	read_line(text);
	fill(text);
	free(text);
	return 0;
}
