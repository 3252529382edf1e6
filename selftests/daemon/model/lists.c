// SPDX-License-Identifier: GPL-2.0-only
#include "lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

struct list list;

static bool fits(enum format format, const char *text)
{
	if (format == EVE || format == ABUSEIPDB)
		return !strchr(text, '/');
	if (format == DROP || format == DROP_TEXT)
		return strchr(text, '/');
	return true;
}

void list_draw_entry(struct chance *chance, struct entry *entry)
{
	*entry = (struct entry){};
	do
		entry->text = text_of_prefix(chance);
	while (!fits(list.format, entry->text));
	if (list.format == CROWDSEC || list.format == DECISIONS)
		entry->span_s = 600 * (1 + chance_below(chance, 30));
	entry->removes = list.format == CROWDSEC && chance_percent(chance, 30);
	if (list.format != SLASH64)
		return;
	entry->is_iface = chance_percent(chance, 5);
	entry->is_allow = !entry->is_iface && chance_percent(chance, 10);
	entry->throttle = !entry->is_iface && !entry->is_allow &&
			  chance_percent(chance, list.count > 20 ? 90 : 60);
	if (entry->throttle) {
		entry->rate = 1000 + 10 * chance_below(chance, 200);
		entry->burst = entry->rate * (chance_percent(chance, 3) ? TOLERANCE_MAX_S + 1 : 2);
	}
}

/* Refused because it is protected, or allowed, or is no source. */
bool list_is_refused(const struct entry *entry)
{
	struct prefix prefix, said;

	return ref_target(model->now.config.sources, entry->text, &prefix, &said) != TARGET_OK ||
	       ref_is_short(&prefix) || ref_allowed_around(&model->now, &prefix) ||
	       ref_is_guarded(&model->now.config, &prefix, NULL);
}

static bool is_list_entry(const struct entry *entry)
{
	return !entry->is_allow && !entry->is_iface;
}

static void refuse(struct entry *entry)
{
	entry->refused = true;
	list.problems++;
}

/* The stricter of two lines about the same prefix; in a stream, the later. */
static bool is_stronger(const struct entry *a, const struct entry *b, int64_t for_s)
{
	int64_t a_span = a->span_s ? a->span_s : for_s, b_span = b->span_s ? b->span_s : for_s;

	if (a->removes || b->removes)
		return false;
	if (a->throttle != b->throttle)
		return b->throttle;
	if (a->throttle && a->rate != b->rate)
		return a->rate < b->rate;
	if (a->throttle && a->burst != b->burst)
		return a->burst < b->burst;
	return b_span && (!a_span || a_span >= b_span);
}

static int by_prefix(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : prefix_compare(&x->said, &y->said);
}

/* A prefix that a document of the stream both deletes and adds stays: one of two decisions about it
 * has expired.
 */
static bool is_new_as_well(const struct entry *entry)
{
	struct prefix deleted, other;

	prefix_parse_whole(entry->text, &deleted, NULL);
	for (unsigned int i = 0; i < list.count; i++)
		if (!list.entry[i].removes &&
		    !prefix_parse_whole(list.entry[i].text, &other, NULL) &&
		    !prefix_compare(&deleted, &other))
			return true;
	return false;
}

/* Sorted, without duplicates; entries that are no source are reported and removed. */
static unsigned int sort_out(struct entry *out)
{
	unsigned int count = 0;

	for (unsigned int pass_removes = 0; pass_removes < 2; pass_removes++)
		for (unsigned int i = 0; i < list.count; i++) {
			struct entry entry = list.entry[i];
			enum target_verdict target;
			unsigned int k;

			/* in the order of the text: new ones come first */
			if (entry.removes != pass_removes)
				continue;
			if (!is_list_entry(&entry)) {
				list.ignored++;
				continue;
			}
			if (entry.removes && is_new_as_well(&entry))
				continue;
			target = ref_target(model->now.config.sources, entry.text, &entry.prefix,
					    &entry.said);
			if (target == TARGET_NONE ||
			    (target == TARGET_UNSAFE && !entry.removes && !list.force)) {
				list.problems++;
				continue;
			}
			for (k = 0; k < count && by_prefix(&out[k], &entry); k++)
				;
			if (k == count)
				out[count++] = entry;
			else if (!is_stronger(&out[k], &entry, list.span_s))
				out[k] = entry;
		}
	qsort(out, count, sizeof(*out), by_prefix);
	return count;
}

static void check_guard_rails(struct entry *entry, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (entry[i].removes)
			continue;
		if (!list.force && (ref_is_short(&entry[i].prefix) ||
				    ref_allowed_around(&model->now, &entry[i].prefix) ||
				    ref_is_guarded(&model->now.config, &entry[i].prefix, NULL)))
			refuse(&entry[i]);
		list.any_taken |= !entry[i].refused;
	}
}

/* Throttles with more different rates than there can be, in their order. Returns whether all are
 * taken.
 */
static bool check_rates(struct entry *entry, unsigned int count)
{
	uint32_t seen[RATES_MAX][2];
	unsigned int n = 0, in_force;
	bool known, all = true;

	in_force = ref_rates(&model->now, 0, 0, &known);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int j;

		if (!entry[i].throttle || entry[i].refused)
			continue;
		if (entry[i].burst > (uint64_t)entry[i].rate * TOLERANCE_MAX_S) {
			entry[i].refused = true;
			all = false;
			continue;
		}
		ref_rates(&model->now, entry[i].rate, entry[i].burst, &known);
		for (j = 0; j < n && (seen[j][0] != entry[i].rate || seen[j][1] != entry[i].burst);
		     j++)
			;
		if (known || j < n)
			continue;
		if (in_force + n >= RATES_MAX) {
			entry[i].refused = true;
			all = false;
			continue;
		}
		seen[n][0] = entry[i].rate;
		seen[n++][1] = entry[i].burst;
	}
	return all;
}

static void put_row(const struct entry *entry)
{
	int64_t span_s = entry->span_s ? entry->span_s : list.span_s;
	struct ref_row row = {.prefix = entry->prefix,
			      .said = entry->said,
			      .throttle = entry->throttle,
			      .any_reason = list.format != PLAIN && list.format != CSV &&
					    list.format != SLASH64,
			      .rate = entry->rate,
			      .burst = entry->burst,
			      .start_ms = -1,
			      .start_from_ms = model->step_ms,
			      .start_to_ms = now_ms() + 60000,
			      .span_ms = span_s * 1000};
	const struct ref_row *old =
		ref_find(&model->next, &entry->prefix, list.origin, &entry->said);

	strcpy(row.origin, list.origin);
	/* unchanged entries are not touched */
	if (old && old->throttle == row.throttle && old->rate == row.rate &&
	    old->burst == row.burst && !row.span_ms && !ref_until(old) && !row.any_reason &&
	    !old->any_reason && !strcmp(old->reason, row.reason) && !old->ticket[0])
		return;
	if (old) { /* the start stays, the duration is new */
		row.start_from_ms = old->start_ms >= 0 ? old->start_ms : old->start_from_ms;
		row.is_changed = true;
		row.maybe = old->any_reason;
		row.from_ms = model->step_ms;
	}
	ref_put(&model->next, &row);
}

static void apply(const struct entry *entry, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct ref_row *old =
			ref_find(&model->next, &entry[i].prefix, list.origin, &entry[i].said);

		if (entry[i].removes && old)
			ref_remove(&model->next, old);
		else if (!entry[i].removes && !entry[i].refused)
			put_row(&entry[i]);
	}
	if (!list.replace || (list.is_feed && list.format == CROWDSEC))
		return;
	for (unsigned int i = 0; i < model->next.rows;) {
		struct ref_row *row = &model->next.row[i];
		bool is_listed = false;

		for (unsigned int k = 0; k < count && !is_listed; k++)
			is_listed = !prefix_compare(&entry[k].prefix, &row->prefix) &&
				    !prefix_compare(&entry[k].said, &row->said);
		if (!strcmp(row->origin, list.origin) && !is_listed)
			ref_remove(&model->next, row);
		else
			i++;
	}
}

/* The expected result. */
enum refusal list_expect(void)
{
	static struct entry sorted[ENTRIES_MAX];
	unsigned int count;

	list.problems = list.ignored = 0;
	list.any_taken = false;
	/* nothing is accepted from an unterminated document */
	count = list.is_cut && list.format != DROP ? 0 : sort_out(sorted);
	check_guard_rails(sorted, count);
	if (list.strict && (list.problems || list.ignored))
		return REFUSED_STRICT;
	if (list.replace && !list.force && list.is_cut)
		return REFUSED_CUT;
	if (list.replace && !list.force && !list.any_taken &&
	    !(list.is_feed && list.format == CROWDSEC))
		return REFUSED_EMPTIES;
	if (!check_rates(sorted, count) && list.strict)
		return REFUSED_STRICT;
	if (list.dry_run)
		return TAKEN;
	apply(sorted, count);
	return TAKEN;
}

void list_draw(struct chance *chance)
{
	static const char *const names[] = {"feed-a", "feed-b", "noc"};
	bool many;

	memset(&list, 0, offsetof(struct list, text));
	list.format = chance_below(chance, FORMATS);
	list.origin = PICK(chance, names);
	list.count =
		chance_percent(chance, 8) ? 70 + chance_below(chance, 20) : chance_below(chance, 8);
	if (list.count > 20 && chance_percent(chance, 70))
		list.format = SLASH64;
	list.replace = chance_percent(chance, 50);
	list.strict = chance_percent(chance, 10);
	list.force = chance_percent(chance, 25);
	list.dry_run = chance_percent(chance, 10);
	list.span_s = chance_percent(chance, 30) ? 1200 : 0;
	many = list.format == SLASH64 && list.count > 20 && chance_percent(chance, 50);
	for (unsigned int i = 0; i < list.count; i++) {
		list_draw_entry(chance, &list.entry[i]);
		/* each of a source of its own, so that there are more rates than there can be */
		if (many && list.entry[i].throttle)
			list.entry[i].text = text_of_many(i);
	}
	list.is_cut = chance_percent(chance, 8) && !list.strict &&
		      (list.format == DROP || list.format == CROWDSEC || list.format == DECISIONS);
}

const char *list_says(void)
{
	static char out[1024];
	size_t n =
		snprintf(out, sizeof(out), "import of %u entries (%s) as %s%s%s%s%s:", list.count,
			 format_names[list.format], list.origin, list.replace ? ", replace" : "",
			 list.strict ? ", strict" : "", list.force ? ", force" : "",
			 list.dry_run ? ", dry run" : "");

	for (unsigned int i = 0; i < list.count && n + 80 < sizeof(out); i++)
		n += snprintf(out + n, sizeof(out) - n, " %s%s%s", list.entry[i].removes ? "-" : "",
			      list.entry[i].is_allow ? "allow " :
			      list.entry[i].is_iface ? "interface " :
			      list.entry[i].throttle ? "throttle " :
						       "",
			      list.entry[i].is_iface ? "eth0" : list.entry[i].text);
	return out;
}
