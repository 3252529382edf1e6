// SPDX-License-Identifier: GPL-2.0-only
#include "questions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "draft.h"
#include "kernel/link_names.h"
#include "net/prefix_typed.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

#define BETWEEN	   " \t,;\n"
#define ANSWER_MAX 4096

/* A line of the terminal, without its end. */
static int read_answer(const char *prompt, char answer[ANSWER_MAX], struct error *error)
{
	fprintf(stderr, "%s", prompt);
	fflush(stderr);
	if (!fgets(answer, ANSWER_MAX, stdin)) {
		fputc('\n', stderr);
		return error_set(error, -ECANCELED, "no answer; nothing was written");
	}
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}

/* --- interfaces --- */

int questions_choose(struct found *found, const char *names, struct error *error)
{
	bool *chosen = calloc(found->links + 1, sizeof(*chosen));
	char near[NEAR_TEXT_MAX];
	bool any = false;
	int err = chosen ? 0 : error_set(error, -ENOMEM, "out of memory; try again");

	for (size_t n; !err && (names += strspn(names, BETWEEN), n = strcspn(names, BETWEEN));
	     names += n) {
		char name[128];
		struct found_link *link;

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		link = found_link_named(found, name);
		if (!link && link_index(name))
			err = error_set(error, -EINVAL,
					"%s is the loopback interface; name one that faces outside",
					name);
		else if (!link)
			err = error_set(error, -ENODEV,
					"unknown interface '%s'%s; 'ip link' lists interfaces",
					name, link_near(name, near));
		else
			any = chosen[link - found->link] = true;
	}
	if (!err && !any)
		err = error_set(error, -ENODEV, "no interface is named; nothing would be filtered");
	for (size_t i = 0; i < found->links && !err; i++)
		found->link[i].is_outside = chosen[i];
	free(chosen);
	return err;
}

static void show_links(const struct found *found)
{
	int wide = 0;

	for (size_t i = 0; i < found->links; i++)
		if ((int)strlen(found->link[i].name) > wide)
			wide = strlen(found->link[i].name);
	for (size_t i = 0; i < found->links; i++) {
		const struct found_link *link = &found->link[i];

		fprintf(stderr, "  %-*s  %-4s  %s%s%s\n", wide, link->name,
			link->is_up ? _("up") : _("down"),
			link->is_outside ? _("default route") : "",
			link->is_outside && link->addresses[0] ? ", " : "", link->addresses);
	}
}

int questions_interfaces(struct found *found, struct error *error)
{
	char answer[ANSWER_MAX], prompt[512], translated[SAID_MAX];
	struct error why;
	bool any = false;
	int err;

	show_links(found);
	snprintf(prompt, sizeof(prompt), "%s", _("Interfaces that face outside"));
	for (size_t i = 0; i < found->links; i++) {
		size_t n = strlen(prompt);

		if (found->link[i].is_outside) {
			snprintf(prompt + n, sizeof(prompt) - n, "%s%s", any ? " " : " [",
				 found->link[i].name);
			any = true;
		}
	}
	snprintf(prompt + strlen(prompt), sizeof(prompt) - strlen(prompt), any ? "]: " : ": ");
	while (!(err = read_answer(prompt, answer, error))) {
		if (any && !answer[strspn(answer, BETWEEN)])
			return 0;
		if (!questions_choose(found, answer, &why))
			return 0;
		fprintf(stderr, "%s\n", said(why.text, translated));
	}
	return err;
}

/* --- lists --- */

static int take_prefix(struct found_list *list, const char *word, const char *why,
		       struct error *error)
{
	char hint[PREFIX_HINT_MAX];
	struct prefix prefix;

	if (prefix_typed(word, &prefix, NULL))
		return error_set(error, -EINVAL, "'%.64s' is not a prefix: %s", word,
				 prefix_typed_hint(word, "the file", hint));
	if (found_put(list, &prefix, why, true))
		return error_set(error, -ENOMEM, "out of memory; try again");
	for (size_t i = 0; i < list->count; i++)
		if (!prefix_compare(&list->entry[i].prefix, &prefix))
			list->entry[i].is_sure = true;
	return 0;
}

static int copy_list(struct found_list *to, const struct found_list *from, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < from->count && !err; i++)
		err = found_put(to, &from->entry[i].prefix, from->entry[i].why,
				from->entry[i].is_sure);
	to->left_out = from->left_out;
	return err ? error_set(error, err, "out of memory; try again") : 0;
}

int questions_answer(struct found_list *list, const char *answer, const char *why,
		     struct error *error)
{
	struct found_list fresh = {};
	const char *first = answer + strspn(answer, BETWEEN);
	int err = 0;

	if (!*first)
		return 0;
	if (*first == '+')
		err = copy_list(&fresh, list, error);
	if (strncmp(first, "none", 4) || first[4 + strspn(first + 4, BETWEEN)])
		for (size_t n;
		     !err && (answer += strspn(answer, BETWEEN "+"), n = strcspn(answer, BETWEEN));
		     answer += n) {
			char word[PREFIX_TYPED_MAX];

			snprintf(word, sizeof(word), "%.*s", (int)n, answer);
			err = take_prefix(&fresh, word, why, error);
		}
	if (err) {
		free(fresh.entry);
		return err;
	}
	free(list->entry);
	*list = fresh;
	return 0;
}

/* Would slash64d take it? The rules are those of the configuration. */
static int check_draft(const struct found *found, struct error *error)
{
	char *text = draft_text(found, "");
	struct config config;
	const char *reason;
	int err;

	if (!text)
		return error_set(error, -ENOMEM, "out of memory; try again");
	err = config_load_text(&config, "init", text, strlen(text), error);
	free(text);
	if (!err) {
		config_free(&config);
		return 0;
	}
	/* behind "init:12: ", which is a line that nobody has seen */
	reason = strstr(error->text, ": ");
	return reason ? error_set(error, err, "%s", strdupa(reason + 2)) : err;
}

static void show_list(const struct found_list *list, const char *title)
{
	char text[PREFIX_TEXT_MAX];

	fprintf(stderr, "\n%s\n", title);
	for (size_t i = 0; i < list->count; i++) {
		const struct found_entry *entry = &list->entry[i];
		char why[SAID_MAX];

		prefix_format_said(&entry->prefix, text);
		fprintf(stderr, "  %s%s", entry->is_sure ? "" : "? ", text);
		if (entry->why[0])
			fprintf(stderr, "  (%s)", said(entry->why, why));
		if (!entry->is_sure)
			fprintf(stderr, _("; yours? Then answer +%s"), text);
		fputc('\n', stderr);
	}
	if (list->left_out)
		fprintf(stderr, _("  and %zu more, which slash64d reads from the kernel\n"),
			list->left_out);
}

static int ask_list(struct found *found, struct found_list *list, const char *title,
		    const char *why, struct error *error)
{
	char answer[ANSWER_MAX], translated[SAID_MAX];
	struct error wrong;
	int err;

	show_list(list, title);
	while (!(err = read_answer(list->count ? _("[these], none, or PREFIX...; +PREFIX adds: ") :
						 _("[none], or PREFIX...: "),
				   answer, error))) {
		struct found_list before = {};

		err = copy_list(&before, list, error);
		if (err)
			break;
		if (!questions_answer(list, answer, why, &wrong) && !check_draft(found, &wrong)) {
			free(before.entry);
			return 0;
		}
		fprintf(stderr, "%s\n", said(wrong.text, translated));
		free(list->entry);
		*list = before;
	}
	return err;
}

int questions_lists(struct found *found, struct error *error)
{
	int err = ask_list(found, &found->own,
			   _("Networks behind this router, which no list can block:"), "", error);

	if (!err)
		err = ask_list(
			found, &found->peers,
			_("Addresses that nobody should block by accident: peers, gateways, monitoring:"),
			"", error);
	if (!err)
		err = ask_list(found, &found->allow,
			       _("Prefixes that are never blocked, such as where you log in from:"),
			       "", error);
	return err;
}
