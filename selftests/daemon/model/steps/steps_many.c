// SPDX-License-Identifier: GPL-2.0-only
/* Edits of an entry, and many entries that are unblocked at once. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define BODY_MAX 1024

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

static const char *const reasons[] = {"", "echo flood", "seen again", "asked for by a customer"};

static void add(char body[BODY_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char body[BODY_MAX], const char *format, ...)
{
	size_t n = strlen(body);
	va_list args;

	va_start(args, format);
	vsnprintf(body + n, BODY_MAX - n, format, args);
	va_end(args);
}

/* What somebody would write for that row. */
static const char *text_of_row(const struct ref_row *row)
{
	static char text[PREFIX_TEXT_MAX];

	return row->said.length ? prefix_format_said(&row->said, text) :
				  prefix_format(&row->prefix, text);
}

/* --- an entry is edited --- */

struct edit {
	const char *text, *named, *reason, *ticket; /* NULL: not given */
	int64_t span_s;				    /* -1: no end */
	uint32_t rate, burst;
};

static void draw_edit(struct chance *chance, struct edit *edit)
{
	static const int spans[] = {60, 600, 3600, -1};
	const struct ref_row *row = NULL;

	*edit = (struct edit){.text = text_of_prefix(chance)};
	if (model->now.rows && chance_percent(chance, 90)) {
		row = &model->now.row[chance_below(chance, model->now.rows)];
		edit->text = text_of_row(row);
		edit->named = chance_percent(chance, 60) ? row->origin : NULL;
	}
	edit->span_s = chance_percent(chance, 50) ? PICK(chance, spans) : 0;
	edit->reason = chance_percent(chance, 40) ? PICK(chance, reasons) : NULL;
	edit->ticket =
		chance_percent(chance, 20) ? (chance_percent(chance, 30) ? "" : "NOC-4712") : NULL;
	if (!chance_percent(chance, row && row->throttle ? 50 : 5))
		return;
	edit->rate = 50 + 10 * chance_below(chance, 20);
	edit->burst = chance_percent(chance, 40) ? edit->rate * (1 + chance_below(chance, 3)) : 0;
	if (chance_percent(chance, 5))
		edit->burst = edit->rate * (TOLERANCE_MAX_S + 1 + chance_below(chance, 1000));
}

static void write_edit(const struct edit *edit, char body[BODY_MAX])
{
	snprintf(body, BODY_MAX, "{\"prefix\":\"%s\"", edit->text);
	if (edit->named)
		add(body, ",\"origin\":\"%s\"", edit->named);
	if (edit->span_s > 0)
		add(body, ",\"for_seconds\":%lld", (long long)edit->span_s);
	if (edit->span_s < 0)
		add(body, ",\"until\":null");
	if (edit->reason)
		add(body, ",\"reason\":\"%s\"", edit->reason);
	if (edit->ticket)
		add(body, ",\"ticket\":\"%s\"", edit->ticket);
	if (edit->rate)
		add(body, ",\"rate\":%u", edit->rate);
	if (edit->burst)
		add(body, ",\"burst\":%u", edit->burst);
	add(body, "}");
}

/* Given values change, and all others stay. */
static struct ref_row edited(const struct edit *edit, const struct ref_row *before)
{
	struct ref_row row = *before;

	if (edit->reason)
		strcpy(row.reason, edit->reason);
	if (edit->ticket)
		strcpy(row.ticket, edit->ticket);
	if (edit->rate) {
		row.rate = edit->rate;
		row.burst = edit->burst			      ? edit->burst :
			    before->burst == before->rate * 2 ? edit->rate * 2 :
								before->burst;
	}
	if (edit->span_s < 0)
		row.until_ms = row.span_ms = 0;
	if (edit->span_s <= 0)
		return row;
	row.is_changed = true;
	row.start_ms = -1;
	row.start_from_ms = before->start_ms;
	row.start_to_ms = now_ms() + 60000;
	row.from_ms = now_ms();
	row.span_ms = edit->span_s * 1000;
	row.until_ms = 0;
	return row;
}

static enum refusal check_rate(const struct edit *edit, const struct ref_row *before,
			       const struct ref_row *row)
{
	bool known;
	unsigned int rates;

	if (!before->throttle && (edit->rate || edit->burst))
		return REFUSED_TERMS;
	if (!before->throttle)
		return TAKEN;
	rates = ref_rates(&model->now, row->rate, row->burst, &known);
	if (row->burst > (uint64_t)row->rate * TOLERANCE_MAX_S)
		return REFUSED_BURST;
	return rates >= RATES_MAX && !known ? REFUSED_RATES : TAKEN;
}

static bool is_a_change(const struct ref_row *row, const struct ref_row *before)
{
	return row->any_reason || row->span_ms != before->span_ms ||
	       row->until_ms != before->until_ms || row->rate != before->rate ||
	       row->burst != before->burst || strcmp(row->reason, before->reason) ||
	       strcmp(row->ticket, before->ticket);
}

static enum refusal expect_edit(const struct edit *edit)
{
	struct prefix prefix, said;
	const struct ref_row *before;
	struct search search;
	struct ref_row row;
	enum refusal refusal;

	if (ref_target(model->now.config.sources, edit->text, &prefix, &said) == TARGET_NONE)
		return REFUSED_TARGET;
	if (!edit->span_s && !edit->reason && !edit->ticket && !edit->rate)
		return REFUSED_TERMS;
	refusal = search_rows(&search, &prefix, &said, edit->named);
	if (refusal != TAKEN)
		return refusal;
	/* none of several addresses was named */
	if (search.rows > 1 && search.others && !said.length)
		return REFUSED_ORIGINS;
	if (!strcmp(search.origin, "config"))
		return REFUSED_CONFIG;
	before = ref_find(&model->now, &prefix, search.origin, &search.said);
	row = edited(edit, before);
	refusal = check_rate(edit, before, &row);
	if (refusal == TAKEN && is_a_change(&row, before))
		ref_put(&model->next, &row);
	return refusal;
}

static bool run_edit(struct chance *chance)
{
	struct edit edit;
	char body[BODY_MAX];

	draw_edit(chance, &edit);
	write_edit(&edit, body);
	step_says("edit %s", body);
	model->expected = expect_edit(&edit);
	model->next.action = "edit";
	step_ask(chance, "PATCH", "/v1/blocks", body);
	return true;
}

/* --- many are unblocked --- */

struct many {
	const char *origin, *ticket, *reason, *within; /* NULL: any */
	bool dry_run;
	struct prefix prefix;
};

static bool is_meant(const struct many *many, const struct ref_row *row)
{
	return (!many->origin || !strcmp(many->origin, row->origin)) &&
	       (!many->ticket || !strcmp(many->ticket, row->ticket)) &&
	       (!many->reason || strstr(row->reason, many->reason)) &&
	       (!many->within || ref_lies_in(&row->prefix, &many->prefix));
}

static void draw_many(struct chance *chance, struct many *many)
{
	static const char *const origins[] = {"operator", "noc",      "feed-a",
					      "feed-b",	  "restored", "config"};
	static const char *const parts[] = {"flood", "asked", "4711"};
	struct many wider;

	*many = (struct many){.dry_run = chance_percent(chance, 20)};
	many->origin = chance_percent(chance, 60) ? PICK(chance, origins) : NULL;
	many->within = chance_percent(chance, 40) ? text_of_prefix(chance) : NULL;
	many->ticket = chance_percent(chance, 15) ? "NOC-4711" : NULL;
	many->reason = chance_percent(chance, 15) ? PICK(chance, parts) : NULL;
	wider = *many;
	wider.ticket = wider.reason = wider.within = NULL;
	/* the model does not know the reason of a list that writes it in its own way */
	for (unsigned int i = 0; i < model->now.rows; i++)
		if (model->now.row[i].any_reason && is_meant(&wider, &model->now.row[i]))
			many->ticket = many->reason = NULL;
}

static void write_many(const struct many *many, char body[BODY_MAX])
{
	snprintf(body, BODY_MAX, "{\"dry_run\":%s", many->dry_run ? "true" : "false");
	if (many->origin)
		add(body, ",\"origin\":\"%s\"", many->origin);
	if (many->ticket)
		add(body, ",\"ticket\":\"%s\"", many->ticket);
	if (many->reason)
		add(body, ",\"reason\":\"%s\"", many->reason);
	if (many->within)
		add(body, ",\"within\":\"%s\"", many->within);
	add(body, "}");
}

/* Includes those of the list that fills the table. */
static unsigned int take_filler_back(const struct many *many)
{
	struct prefix all;
	unsigned int count;

	prefix_parse_whole("2001:db9::/48", &all, NULL);
	if (many->origin || many->ticket || many->reason || !ref_lies_in(&all, &many->prefix))
		return 0;
	count = filler_count(&model->next);
	if (!many->dry_run)
		memset(model->next.filler, 0, sizeof(model->next.filler));
	return count;
}

/* How many are removed. */
static unsigned int take_back(const struct many *many)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < model->next.rows;) {
		struct ref_row *row = &model->next.row[i];

		if (!is_meant(many, row)) {
			i++;
			continue;
		}
		count++;
		if (many->dry_run)
			i++;
		else
			ref_remove(&model->next, row);
	}
	return count;
}

static enum refusal expect_many(struct many *many, unsigned int *count)
{
	struct prefix said;

	/* a prefix that is no source may contain some: ::/0 contains everything */
	if (many->within)
		ref_target(model->now.config.sources, many->within, &many->prefix, &said);
	if (!many->origin && !many->ticket && !many->reason && !many->within)
		return REFUSED_TERMS;
	if (many->origin && !strcmp(many->origin, "config"))
		return REFUSED_CONFIG;
	*count = take_back(many) + take_filler_back(many);
	return TAKEN;
}

static bool run_unblock_many(struct chance *chance)
{
	const struct answer *answer;
	unsigned int count = 0;
	struct many many;
	char body[BODY_MAX];

	draw_many(chance, &many);
	write_many(&many, body);
	step_says("unblock many %s", body);
	model->expected = expect_many(&many, &count);
	answer = step_ask(chance, "POST", "/v1/unblocks", body);
	if (answer->code == 200 &&
	    json_integer_value(json_object_get(answer->object, "removed")) != count)
		world_fail("answers", "%lld were taken back, and should have been %u",
			   (long long)json_integer_value(
				   json_object_get(answer->object, "removed")),
			   count);
	return true;
}

const struct step_kind many_steps[] = {
	{"edit", 8, run_edit, true},
	{"unblock many", 4, run_unblock_many, true},
	{},
};
