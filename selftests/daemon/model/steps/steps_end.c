// SPDX-License-Identifier: GPL-2.0-only
/* What a person allows and takes back. */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define BODY_MAX 1024

static const char *const reasons[] = {"", "echo flood", "abuse 4711", "asked for by a customer"};
static const char *const origins[] = {"operator", "operator", "operator",
				      "noc",	  "feed-a",   "feed-b"};

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

static bool is_same(const struct prefix *a, const struct prefix *b)
{
	return !prefix_compare(a, b);
}

/* The rows meant by a prefix: those of exactly that, or otherwise (`others`) of its source, or of
 * addresses in it.
 */
static bool is_meant(const struct search *search, const struct ref_row *row,
		     const struct prefix *said, const char *named)
{
	if (named && strcmp(named, row->origin))
		return false;
	if (!search->others)
		return is_same(&row->said, said);
	return said->length ? !row->said.length : row->said.length != 0;
}

static void look_for(struct search *search, const struct prefix *prefix, const struct prefix *said,
		     const char *named)
{
	for (unsigned int i = 0; i < model->now.rows; i++) {
		const struct ref_row *row = &model->now.row[i];
		bool first = !search->rows, is_operators = !strcmp(row->origin, "operator");

		if (!is_same(&row->prefix, prefix) || !is_meant(search, row, said, named))
			continue;
		search->rows++;
		if (first || strcmp(row->origin, search->origin))
			search->origins++;
		if (first || is_operators) {
			search->origin = row->origin;
			search->said = row->said;
		}
	}
}

enum refusal search_rows(struct search *search, const struct prefix *prefix,
			 const struct prefix *said, const char *named)
{
	*search = (struct search){};
	look_for(search, prefix, said, named);
	if (!search->rows) {
		search->others = true;
		look_for(search, prefix, said, named);
	}
	if (!search->rows)
		return REFUSED_NOT_THERE;
	return search->origins > 1 && strcmp(search->origin, "operator") ? REFUSED_ORIGINS : TAKEN;
}

static enum refusal end_block(const char *text, const char *named)
{
	char origin[ORIGIN_MAX];
	struct prefix prefix, said, none = {};
	struct search search;
	enum refusal refusal;

	if (ref_target(model->now.config.sources, text, &prefix, &said) == TARGET_NONE)
		return REFUSED_NOT_THERE;
	refusal = search_rows(&search, &prefix, &said, named);
	if (refusal != TAKEN)
		return refusal;
	strcpy(origin, search.origin);
	if (!search.others || said.length) {
		ref_remove(&model->next,
			   ref_find(&model->next, &prefix, origin, search.others ? &none : &said));
		return TAKEN;
	}
	for (unsigned int i = 0; i < model->next.rows;) {
		struct ref_row *row = &model->next.row[i];

		if (is_same(&row->prefix, &prefix) && !strcmp(row->origin, origin))
			ref_remove(&model->next, row);
		else
			i++;
	}
	return TAKEN;
}

static bool run_unblock(struct chance *chance)
{
	const char *text = text_of_prefix(chance), *named = NULL;
	char uri[512];

	/* mostly an existing one */
	if (model->now.rows && chance_percent(chance, 70)) {
		const struct ref_row *row = &model->now.row[chance_below(chance, model->now.rows)];
		static char there[PREFIX_TEXT_MAX];

		if (row->said.length && chance_percent(chance, 70))
			prefix_format_said(&row->said, there);
		else
			prefix_format(&row->prefix, there);
		text = there;
		named = chance_percent(chance, 40) ? row->origin : NULL;
	} else if (chance_percent(chance, 30)) {
		named = PICK(chance, origins);
	}
	snprintf(uri, sizeof(uri), "/v1/blocks?prefix=%s%s%s", client_escape(text),
		 named ? "&origin=" : "", named ? named : "");
	step_says("unblock %s%s%s", text, named ? " of " : "", named ? named : "");
	model->expected = end_block(text, named);
	step_ask(chance, "DELETE", uri, NULL);
	return true;
}

static bool run_allow(struct chance *chance)
{
	const char *text = text_of_prefix(chance), *reason = PICK(chance, reasons);
	const struct ref_allow *known;
	struct prefix prefix, said;
	char body[BODY_MAX], kept[sizeof(known->reason)];

	step_says("allow %s", text);
	snprintf(body, sizeof(body), "{\"prefix\":\"%s\"%s%s%s}", text,
		 *reason ? ",\"reason\":\"" : "", reason, *reason ? "\"" : "");
	if (ref_target(model->now.config.sources, text, &prefix, &said) == TARGET_NONE) {
		model->expected = REFUSED_TARGET;
	} else {
		/* without a reason, the existing one stays */
		known = *reason ? NULL : ref_allow_find(&model->next, &prefix, "operator");
		snprintf(kept, sizeof(kept), "%s", known ? known->reason : reason);
		ref_allow_put(&model->next, &prefix, "operator", kept);
	}
	step_ask(chance, "POST", "/v1/allowlist", body);
	return true;
}

static bool run_disallow(struct chance *chance)
{
	bool force = chance_percent(chance, 30);
	const char *text = text_of_prefix(chance);
	struct prefix prefix, said;
	char uri[512], there[PREFIX_TEXT_MAX];
	bool any = false;

	if (model->now.allowlist && chance_percent(chance, 80)) {
		prefix_format(&model->now.allow[chance_below(chance, model->now.allowlist)].prefix,
			      there);
		text = there;
	}
	snprintf(uri, sizeof(uri), "/v1/allowlist?prefix=%s%s", client_escape(text),
		 force ? "&force=1" : "");
	step_says("disallow %s%s", text, force ? ", forced" : "");
	if (ref_target(model->now.config.sources, text, &prefix, &said) != TARGET_NONE)
		for (unsigned int i = 0; i < model->next.allowlist;) {
			struct ref_allow *allow = &model->next.allow[i];

			if (is_same(&allow->prefix, &prefix)) {
				ref_allow_remove(&model->next, allow);
				any = true;
			} else {
				i++;
			}
		}
	model->expected =
		!any ? REFUSED_NOT_THERE :
		!force && ref_is_kept_out(&model->now, &model->next, &model->now.config, false) ?
		       REFUSED_GUARD :
		       TAKEN;
	model->room_unknown = filler_is_large(&model->now);
	step_ask(chance, "DELETE", uri, NULL);
	return true;
}

const struct step_kind end_steps[] = {
	{"unblock", 16, run_unblock, true},
	{"allow", 6, run_allow, true},
	{"disallow", 6, run_disallow, true},
	{},
};
