// SPDX-License-Identifier: GPL-2.0-only
#include "template.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN  "{{"
#define CLOSE "}}"
#define MARK  2 /* bytes of either */

struct span {
	const char *text;
	size_t bytes;
};

struct filling {
	const char *file;
	unsigned int line;
	template_value_t value;
	void *data;
	FILE *out;
	struct span section; /* that the line is in; its text is NULL outside of any */
	bool section_is_empty;
	struct error *error;
};

static int no_template(const struct filling *filling, const char *what, const struct span *name)
{
	return error_set(filling->error, -EINVAL, "%s:%u: %s '%.*s'; see slash64(8) for the names",
			 filling->file, filling->line, what,
			 (int)(name->bytes < 64 ? name->bytes : 64), name->text);
}

/* The next {{name}} of a line that ends at `end`. False if there is none. */
static bool next_name(const char *at, const char *end, struct span *before, struct span *name)
{
	const char *open = memmem(at, end - at, OPEN, MARK);
	const char *close = open ? memmem(open, end - open, CLOSE, MARK) : NULL;

	if (!close)
		return false;
	*before = (struct span){at, open - at};
	*name = (struct span){open + MARK, close - open - MARK};
	return true;
}

static int value_of(const struct filling *filling, const struct span *name, const char **value)
{
	*value = filling->value(name->text, name->bytes, filling->data);
	return *value ? 0 : no_template(filling, "no value is called", name);
}

/* Does the line have names, and are all of them empty? */
static int is_left_out(const struct filling *filling, const char *at, const char *end,
		       bool *left_out)
{
	bool has_names = false, has_text = false;
	struct span before, name;
	const char *value;

	for (; next_name(at, end, &before, &name); at = name.text + name.bytes + MARK) {
		int err = value_of(filling, &name, &value);

		if (err)
			return err;
		has_names = true;
		has_text |= value[0];
	}
	*left_out = has_names && !has_text;
	return 0;
}

/* Its further lines begin where the first one does. */
static void put_value(FILE *out, const char *value, size_t column)
{
	for (; *value; value++) {
		putc(*value, out);
		if (*value == '\n')
			fprintf(out, "%*s", (int)column, "");
	}
}

static int fill_line(const struct filling *filling, const char *begin, const char *end)
{
	struct span before, name;
	const char *at = begin, *value;
	bool left_out = false;
	int err = is_left_out(filling, begin, end, &left_out);

	if (err || left_out)
		return err;
	for (; next_name(at, end, &before, &name); at = name.text + name.bytes + MARK) {
		fwrite(before.text, 1, before.bytes, filling->out);
		err = value_of(filling, &name, &value);
		if (err)
			return err;
		put_value(filling->out, value, before.text + before.bytes - begin);
	}
	fwrite(at, 1, end - at, filling->out);
	putc('\n', filling->out);
	return 0;
}

static int begin_section(struct filling *filling, const struct span *name)
{
	const char *value;
	int err = value_of(filling, name, &value);

	if (!err && filling->section.text)
		err = no_template(filling, "a section within another:", name);
	if (err)
		return err;
	filling->section = *name;
	filling->section_is_empty = !value[0];
	return 0;
}

static int end_section(struct filling *filling, const struct span *name)
{
	if (!filling->section.text || filling->section.bytes != name->bytes ||
	    memcmp(filling->section.text, name->text, name->bytes))
		return no_template(filling, "the end of a section that is not open:", name);
	filling->section.text = NULL;
	return 0;
}

/* A line that is nothing but a mark of a section? */
static bool is_mark(const char *at, const char *end, char kind, struct span *name)
{
	struct span before;

	if (!next_name(at, end, &before, name) || before.bytes || !name->bytes ||
	    name->text[0] != kind || name->text + name->bytes + MARK != end)
		return false;
	name->text++;
	name->bytes--;
	return true;
}

static int take_line(struct filling *filling, const char *at, const char *end)
{
	struct span name;

	if (is_mark(at, end, '#', &name))
		return begin_section(filling, &name);
	if (is_mark(at, end, '/', &name))
		return end_section(filling, &name);
	return filling->section.text && filling->section_is_empty ? 0 : fill_line(filling, at, end);
}

static int fill(struct filling *filling, const char *text)
{
	int err = 0;

	while (*text && !err) {
		const char *end = strchrnul(text, '\n');

		filling->line++;
		err = take_line(filling, text, end);
		text = *end ? end + 1 : end;
	}
	if (!err && filling->section.text)
		err = no_template(filling, "a section without its end:", &filling->section);
	return err;
}

int template_fill(const char *file, const char *text, template_value_t value, void *data,
		  char **out, struct error *error)
{
	struct filling filling = {.file = file, .value = value, .data = data, .error = error};
	char *filled = NULL;
	size_t bytes;
	int err;

	filling.out = open_memstream(&filled, &bytes);
	if (!filling.out)
		return error_set(error, -ENOMEM, "out of memory; try again");
	err = fill(&filling, text);
	if (fclose(filling.out) && !err)
		err = error_set(error, -ENOMEM, "out of memory; try again");
	if (err) {
		free(filled);
		return err;
	}
	*out = filled;
	return 0;
}
