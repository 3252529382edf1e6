// SPDX-License-Identifier: GPL-2.0-only
#include "draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Built in, as the package may be installed without its examples. */
__asm__(".pushsection .rodata\n.globl draft_example\ndraft_example:\n.incbin \"docs/examples/slash64.yaml\"\n.byte 0\n"
	".popsection");

static void put_head(FILE *out, const char *date)
{
	fprintf(out,
		"# Written by 'slash64 init' on %s, from what this router knew then. See slash64.yaml(5).\n"
		"# With `filter: monitor`, every packet passes and is counted: look at `slash64 status`, and change it to\n"
		"# `enforce` when only the right packets would be dropped. The runbook, operations.md, has the first week.\n",
		date);
}

/* Any name that Linux accepts, as YAML: plain if it is of ordinary characters. */
static void put_name(FILE *out, const char *name)
{
	static const char ordinary[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (strspn(name, ordinary) == strlen(name) && name[0] != '-' && name[0] != '.') {
		fputs(name, out);
		return;
	}
	putc('"', out);
	for (; *name; name++)
		fprintf(out, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
	putc('"', out);
}

static void put_interfaces(FILE *out, const struct found *found)
{
	fputs("interfaces:\n", out);
	for (size_t i = 0; i < found->links; i++) {
		if (!found->link[i].is_outside)
			continue;
		fputs("  - name: ", out);
		put_name(out, found->link[i].name);
		fputs("\n    filter: monitor\n", out);
	}
}

/* An entry that nobody is sure of is a comment. */
static void put_list(FILE *out, const struct found_list *list, const char *key, bool with_reason)
{
	char text[PREFIX_TEXT_MAX];
	bool any = false;

	for (size_t i = 0; i < list->count; i++)
		any |= list->entry[i].is_sure;
	fprintf(out, "%s%s:\n", any ? "" : "#", key);
	for (size_t i = 0; i < list->count; i++) {
		const struct found_entry *entry = &list->entry[i];
		const char *mark = entry->is_sure ? "  " : "#  ";

		prefix_format_said(&entry->prefix, text);
		if (with_reason && entry->why[0])
			fprintf(out, "%s- {prefix: \"%s\", reason: %s}\n", mark, text, entry->why);
		else
			fprintf(out, "%s- %s%s%s%s\n", mark, text, entry->why[0] ? " # " : "",
				entry->why, entry->is_sure ? "" : ": is it yours?");
	}
	if (list->left_out)
		fprintf(out,
			"# %zu more are not listed here: slash64d reads them from the kernel.\n",
			list->left_out);
}

static bool line_is_key(const char *line, const char *key)
{
	size_t n = strlen(key);

	line += *line == '#';
	return !strncmp(line, key, n) && line[n] == ':';
}

/* If the line is that of a key for which there is something: writes it instead. */
static bool put_key(FILE *out, const char *line, const struct found *found)
{
	if (line_is_key(line, "interfaces"))
		put_interfaces(out, found);
	else if (line_is_key(line, "own") && found->own.count)
		put_list(out, &found->own, "own", false);
	else if (line_is_key(line, "peers") && found->peers.count)
		put_list(out, &found->peers, "peers", false);
	else if (line_is_key(line, "allow") && found->allow.count)
		put_list(out, &found->allow, "allow", true);
	else
		return false;
	return true;
}

/* The lines of a paragraph up to the key, and what takes the place of the rest. */
static void put_paragraph(FILE *out, const char *text, const char *end, const struct found *found)
{
	for (const char *line = text; line < end; line = strchr(line, '\n') + 1) {
		if (put_key(out, line, found))
			return;
		fprintf(out, "%.*s", (int)(strchr(line, '\n') + 1 - line), line);
	}
}

char *draft_text(const struct found *found, const char *date)
{
	const char *text = draft_example;
	char *made = NULL;
	size_t bytes;
	FILE *out = open_memstream(&made, &bytes);
	bool failed;

	if (!out)
		return NULL;
	while (*text) {
		const char *blank = strstr(text, "\n\n");
		const char *end = blank ? blank + 1 : text + strlen(text);

		if (text == draft_example)
			put_head(out, date);
		else
			put_paragraph(out, text, end, found);
		if (blank)
			putc('\n', out);
		text = blank ? blank + 2 : end;
	}
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(made);
		return NULL;
	}
	return made;
}
