// SPDX-License-Identifier: GPL-2.0-only
/* Lists, in every format there is; and backups. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model.h"

#define ENTRIES_MAX 96
#define TEXT_BYTES  65536

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

enum format { PLAIN, CSV, DROP, DROP_TEXT, EVE, CROWDSEC, DECISIONS, ABUSEIPDB, STIX, SLASH64, FORMATS };

static const char *const format_names[] = {"plain",    "csv",	    "drop",	 "drop-text", "eve",
					   "crowdsec", "decisions", "abuseipdb", "stix",      "slash64"};

/* A line of a list. */
struct entry {
	const char *text;
	bool throttle, removes, is_allow, is_iface, is_bad;
	uint32_t rate, burst;
	int64_t span_s; /* 0: as the import says */
	struct prefix prefix, said;
	bool refused;
};

struct list {
	struct entry entry[ENTRIES_MAX];
	unsigned int count;
	enum format format;
	const char *origin;
	bool replace, strict, force, dry_run, is_feed, is_cut;
	int64_t span_s;
	unsigned int problems, ignored;
	bool any_taken;
	char text[TEXT_BYTES];
	size_t bytes;
};

static struct list list;

/* --- the text --- */

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	list.bytes += vsnprintf(list.text + list.bytes, TEXT_BYTES - list.bytes, format, args);
	va_end(args);
	if (list.bytes >= TEXT_BYTES)
		abort();
}

static void put_slash64(const struct entry *entry)
{
	if (entry->is_iface)
		put("{\"type\":\"interface\",\"name\":\"eth0\",\"mode\":\"auto\",\"filter\":\"monitor\"}\n");
	else if (entry->is_allow)
		put("{\"type\":\"allow\",\"prefix\":\"%s\",\"origin\":\"operator\",\"reason\":\"ours\"}\n",
		    entry->text);
	else if (entry->throttle)
		put("{\"type\":\"throttle\",\"prefix\":\"%s\",\"rate\":%u,\"burst\":%u}\n", entry->text, entry->rate,
		    entry->burst);
	else
		put("{\"type\":\"block\",\"prefix\":\"%s\"}\n", entry->text);
}

static void put_entry(const struct entry *entry, bool last)
{
	const char *comma = last ? "" : ",";

	switch (list.format) {
	case PLAIN:
		put("%s\n", entry->text);
		break;
	case CSV:
		put("%s\n", entry->text);
		break;
	case DROP:
		put("{\"cidr\":\"%s\",\"sblid\":\"SBL1\"}\n", entry->text);
		break;
	case DROP_TEXT:
		put("%s ; SBL1\n", entry->text);
		break;
	case EVE:
		put("{\"event_type\":\"alert\",\"src_ip\":\"%s\",\"alert\":{\"signature\":\"x\",\"signature_id\":1}}\n",
		    entry->text);
		break;
	case DECISIONS:
	case CROWDSEC:
		put("{\"scope\":\"%s\",\"type\":\"ban\",\"scenario\":\"x\",\"value\":\"%s\",\"duration\":\"%lldm\"}%s",
		    strchr(entry->text, '/') ? "Range" : "Ip", entry->text, (long long)entry->span_s / 60, comma);
		break;
	case ABUSEIPDB:
		put("{\"ipAddress\":\"%s\",\"abuseConfidenceScore\":100}%s", entry->text, comma);
		break;
	case STIX:
		put("{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--1\",\"pattern_type\":\"stix\","
		    "\"pattern\":\"[%s-addr:value = '%s']\"}%s",
		    strchr(entry->text, '.') && !strchr(entry->text, ':') ? "ipv4" : "ipv6", entry->text, comma);
		break;
	default:
		put_slash64(entry);
	}
}

static void put_part(bool removes)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < list.count; i++)
		left += list.entry[i].removes == removes;
	for (unsigned int i = 0; i < list.count; i++)
		if (list.entry[i].removes == removes)
			put_entry(&list.entry[i], !--left);
}

static void write_text(void)
{
	list.bytes = 0;
	switch (list.format) {
	case CSV:
		put("prefix\n");
		put_part(false);
		break;
	case DROP:
		put_part(false);
		put("{\"type\":\"metadata\",\"records\":%u}\n", list.count + list.is_cut);
		break;
	case CROWDSEC:
		put("{\"new\":[");
		put_part(false);
		put("],\"deleted\":[");
		put_part(true);
		put(list.is_cut ? "]" : "]}\n");
		break;
	case DECISIONS:
		put("[");
		put_part(false);
		put(list.is_cut ? "" : "]\n");
		break;
	case ABUSEIPDB:
		put("{\"meta\":{},\"data\":[");
		put_part(false);
		put(list.is_cut ? "" : "]}\n");
		break;
	case STIX:
		put("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[");
		put_part(false);
		put(list.is_cut ? "" : "]}\n");
		break;
	default:
		put_part(false);
	}
}

/* --- what is in it --- */

static bool fits(enum format format, const char *text)
{
	if (format == EVE || format == ABUSEIPDB)
		return !strchr(text, '/');
	if (format == DROP || format == DROP_TEXT)
		return strchr(text, '/');
	return true;
}

static void draw_entry(struct chance *chance, struct entry *entry)
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
	entry->throttle = !entry->is_iface && !entry->is_allow && chance_percent(chance, 60);
	if (entry->throttle) {
		entry->rate = 1000 + 10 * chance_below(chance, 200);
		entry->burst = entry->rate * (chance_percent(chance, 3) ? WINDOW_MAX_S + 1 : 2);
	}
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

/* The stronger of two lines about the same: of a stream, the later. */
static bool is_stronger(const struct entry *a, const struct entry *b, int64_t for_s)
{
	int64_t a_span = a->span_s ? a->span_s : for_s, b_span = b->span_s ? b->span_s : for_s;

	if (a->removes || b->removes)
		return false;
	if (a->throttle != b->throttle)
		return b->throttle;
	if (a->throttle && a->rate != b->rate)
		return a->rate < b->rate;
	return b_span && (!a_span || a_span >= b_span);
}

static int by_prefix(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : prefix_compare(&x->said, &y->said);
}

/* What a document of the stream deletes and names as new stays: one of two decisions about it is over. */
static bool is_new_as_well(const struct entry *entry)
{
	struct prefix deleted, other;

	prefix_parse_whole(entry->text, &deleted, NULL);
	for (unsigned int i = 0; i < list.count; i++)
		if (!list.entry[i].removes && !prefix_parse_whole(list.entry[i].text, &other, NULL) &&
		    !prefix_compare(&deleted, &other))
			return true;
	return false;
}

/* Sorted, each once; what is no source at all is told of, and gone. */
static unsigned int sort_out(struct entry *out)
{
	unsigned int count = 0;

	for (unsigned int pass_removes = 0; pass_removes < 2; pass_removes++)
		for (unsigned int i = 0; i < list.count; i++) {
			struct entry entry = list.entry[i];
			enum unit_verdict unit;
			unsigned int k;

			/* as they stand in the text: what is new comes first */
			if (entry.removes != pass_removes)
				continue;
			if (!is_list_entry(&entry)) {
				list.ignored++;
				continue;
			}
			if (entry.removes && is_new_as_well(&entry))
				continue;
			unit = ref_unit(model->now.config.sites, entry.text, &entry.prefix, &entry.said);
			if (unit == UNIT_NONE || (unit == UNIT_UNSAFE && !entry.removes && !list.force)) {
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

static void check_rails(struct entry *entry, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (entry[i].removes)
			continue;
		if (!list.force &&
		    (ref_is_short(&entry[i].prefix) || ref_allowed_around(&model->now, &entry[i].prefix) ||
		     ref_is_guarded(&model->now.config, &entry[i].prefix, NULL)))
			refuse(&entry[i]);
		list.any_taken |= !entry[i].refused;
	}
}

/* Throttles of more different rates than there can be, in their order. */
static void check_rates(struct entry *entry, unsigned int count)
{
	uint32_t seen[RATES_MAX][2];
	unsigned int n = 0, in_force;
	bool known;

	in_force = ref_rates(&model->now, 0, 0, &known);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int j;

		if (!entry[i].throttle || entry[i].refused)
			continue;
		if (entry[i].burst > (uint64_t)entry[i].rate * WINDOW_MAX_S) {
			entry[i].refused = true;
			continue;
		}
		ref_rates(&model->now, entry[i].rate, entry[i].burst, &known);
		for (j = 0; j < n && (seen[j][0] != entry[i].rate || seen[j][1] != entry[i].burst); j++)
			;
		if (known || j < n)
			continue;
		if (in_force + n >= RATES_MAX) {
			entry[i].refused = true;
			continue;
		}
		seen[n][0] = entry[i].rate;
		seen[n++][1] = entry[i].burst;
	}
}

static void put_row(const struct entry *entry)
{
	int64_t span_s = entry->span_s ? entry->span_s : list.span_s;
	struct ref_row row = {.prefix = entry->prefix,
			      .said = entry->said,
			      .throttle = entry->throttle,
			      .any_reason = list.format != PLAIN && list.format != CSV && list.format != SLASH64,
			      .rate = entry->rate,
			      .burst = entry->burst,
			      .start_ms = -1,
			      .start_from_ms = model->step_ms,
			      .start_to_ms = now_ms() + 60000,
			      .span_ms = span_s * 1000};
	const struct ref_row *old = ref_find(&model->next, &entry->prefix, list.origin, &entry->said);

	strcpy(row.origin, list.origin);
	/* what stays the same is not touched */
	if (old && old->throttle == row.throttle && old->rate == row.rate && old->burst == row.burst && !row.span_ms &&
	    !ref_until(old) && !row.any_reason && !old->any_reason && !strcmp(old->reason, row.reason) &&
	    !old->ticket[0])
		return;
	if (old) { /* since when stays, for how long is new */
		row.start_from_ms = old->start_ms >= 0 ? old->start_ms : old->start_from_ms;
		row.is_changed = true;
		row.from_ms = model->step_ms;
	}
	ref_put(&model->next, &row);
}

static void apply(const struct entry *entry, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct ref_row *old = ref_find(&model->next, &entry[i].prefix, list.origin, &entry[i].said);

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

/* What has to come of it. */
static enum refusal judge(void)
{
	static struct entry sorted[ENTRIES_MAX];
	unsigned int count;

	list.problems = list.ignored = 0;
	list.any_taken = false;
	/* of a document without an end nothing is taken */
	count = list.is_cut && list.format != DROP ? 0 : sort_out(sorted);
	check_rails(sorted, count);
	if (list.strict && (list.problems || list.ignored))
		return REFUSED_STRICT;
	if (list.replace && !list.force && list.is_cut)
		return REFUSED_CUT;
	if (list.replace && !list.force && !list.any_taken && !(list.is_feed && list.format == CROWDSEC))
		return REFUSED_EMPTIES;
	if (list.dry_run)
		return TAKEN;
	check_rates(sorted, count);
	apply(sorted, count);
	return TAKEN;
}

static void draw_list(struct chance *chance, bool is_feed)
{
	static const char *const names[] = {"feed-a", "feed-b", "noc"};

	memset(&list, 0, offsetof(struct list, text));
	list.format = chance_below(chance, FORMATS);
	list.origin = PICK(chance, names);
	list.count = chance_percent(chance, 8) ? 70 + chance_below(chance, 20) : chance_below(chance, 8);
	if (list.count > 20 && chance_percent(chance, 70))
		list.format = SLASH64;
	list.replace = chance_percent(chance, 50);
	list.strict = chance_percent(chance, 10);
	list.force = chance_percent(chance, 25);
	list.dry_run = chance_percent(chance, 10);
	list.is_feed = is_feed;
	list.span_s = chance_percent(chance, 30) ? 1200 : 0;
	for (unsigned int i = 0; i < list.count; i++)
		draw_entry(chance, &list.entry[i]);
	list.is_cut = chance_percent(chance, 8) && !list.strict &&
		      (list.format == DROP || list.format == CROWDSEC || list.format == DECISIONS);
}

/* Begin, send the text in two pieces, commit. */
static bool open_import(char id[64])
{
	struct answer answer;
	char uri[512];
	const char *name;
	bool ok;

	snprintf(uri, sizeof(uri), "/v1/imports?origin=%s&format=%s%s%s%s%s%s", list.origin, format_names[list.format],
		 list.replace ? "&replace=1" : "", list.strict ? "&strict=1" : "", list.force ? "&force=1" : "",
		 list.dry_run ? "&dry_run=1" : "", list.span_s ? "&for_seconds=1200" : "");
	client_ask("POST", uri, NULL, &answer);
	name = json_string_value(json_object_get(answer.object, "import"));
	ok = answer.code == 200 && name;
	snprintf(id, 64, "%s", ok ? name : "");
	if (!ok)
		world_fail("taken", "an import is not begun: %s", answer.error);
	client_forget(&answer);
	return ok;
}

static void send_text(struct chance *chance, const char *id, const char *text, size_t bytes)
{
	size_t half = bytes ? chance_below(chance, bytes) : 0;
	struct answer answer;
	char uri[128], *piece = malloc(bytes + 1);

	snprintf(uri, sizeof(uri), "/v1/imports/text?import=%s", id);
	memcpy(piece, text, half);
	piece[half] = '\0';
	client_ask("POST", uri, piece, &answer);
	client_forget(&answer);
	memcpy(piece, text + half, bytes - half);
	piece[bytes - half] = '\0';
	client_ask("POST", uri, piece, &answer);
	client_forget(&answer);
	free(piece);
}

static const char *summary(void)
{
	static char out[1024];
	size_t n =
		snprintf(out, sizeof(out), "import of %u entries (%s) as %s%s%s%s%s:", list.count,
			 format_names[list.format], list.origin, list.replace ? ", replace" : "",
			 list.strict ? ", strict" : "", list.force ? ", force" : "", list.dry_run ? ", dry run" : "");

	for (unsigned int i = 0; i < list.count && n + 80 < sizeof(out); i++)
		n += snprintf(out + n, sizeof(out) - n, " %s%s%s", list.entry[i].removes ? "-" : "",
			      list.entry[i].is_allow ? "allow " :
			      list.entry[i].is_iface ? "interface " :
			      list.entry[i].throttle ? "throttle " :
						       "",
			      list.entry[i].is_iface ? "eth0" : list.entry[i].text);
	return out;
}

static bool run_import(struct chance *chance)
{
	struct answer *answer;
	char id[64], uri[128];

	draw_list(chance, false);
	write_text();
	step_says("%s", summary());
	open_import(id);
	send_text(chance, id, list.text, list.bytes);
	model->expected = judge();
	model->either = model->full;
	snprintf(uri, sizeof(uri), "/v1/imports/commit?import=%s", id);
	answer = step_ask(chance, "POST", uri, NULL);
	if (answer->code == 200)
		step_covered(format_names[list.format])->done++;
	return true;
}

/* --- backups --- */

static bool run_export(struct chance *chance)
{
	struct answer answer;

	(void)chance;
	step_says("export");
	client_ask("GET", "/v1/export", NULL, &answer);
	if (answer.code != 200)
		world_fail("taken", "no export: %s", answer.error);
	if (answer.bytes < BACKUP_MAX) {
		memcpy(model->backup_text, answer.text, answer.bytes + 1);
		ref_copy(&model->backup, &model->now);
		model->has_backup = true;
		step_covered("export")->done++;
	}
	client_forget(&answer);
	return true;
}

static bool is_hand(const struct ref_state *state, const char *name, int filter)
{
	for (unsigned int i = 0; i < state->hands; i++)
		if (!strcmp(state->hand[i].name, name))
			return state->hand[i].filter == filter;
	return false;
}

static bool is_configured_now(const char *name)
{
	for (unsigned int i = 0; i < model->now.detacheds; i++)
		if (!strcmp(model->now.detached[i], name))
			return false;
	for (unsigned int i = 0; i < model->now.config.ifaces; i++)
		if (!strcmp(model->now.config.iface[i].name, name))
			return true;
	return false;
}

/* What a restore does to interfaces is not looked at here: they are as they were. */
static bool has_same_ifaces(const struct ref_state *backup)
{
	for (unsigned int i = 0; i < backup->hands; i++)
		if (!is_hand(&model->now, backup->hand[i].name, backup->hand[i].filter))
			return false;
	for (unsigned int i = 0; i < backup->config.ifaces; i++)
		if (!is_configured_now(backup->config.iface[i].name))
			return false;
	return true;
}

static bool has_room_for_rates(void)
{
	bool known;
	unsigned int sum = ref_rates(&model->now, 0, 0, &known);

	for (unsigned int i = 0; i < model->backup.rows; i++) {
		const struct ref_row *row = &model->backup.row[i];

		if (!row->throttle)
			continue;
		ref_rates(&model->now, row->rate, row->burst, &known);
		sum += !known;
	}
	return sum <= RATES_MAX;
}

static bool config_has(struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->rows; i++)
		if (!strcmp(state->row[i].origin, "config") && !prefix_compare(&state->row[i].prefix, prefix))
			return true;
	return false;
}

/* Of two rows that have become one. */
static bool is_stronger_row(const struct ref_row *a, const struct ref_row *b)
{
	if (a->throttle != b->throttle)
		return b->throttle;
	if (a->throttle && a->rate != b->rate)
		return a->rate < b->rate;
	return b->until_ms && (!a->until_ms || a->until_ms >= b->until_ms);
}

static void restore_row(const struct ref_row *from)
{
	struct ref_row row = *from;
	const struct ref_row *was;
	struct ref_row *old;

	char text[PREFIX_TEXT_MAX];

	if (ref_until(from) && ref_until(from) <= now_ms())
		return;
	/* as it was said, by the rules about sites of now */
	if (from->said.length)
		prefix_format_said(&from->said, text);
	else
		prefix_format(&from->prefix, text);
	ref_unit(model->now.config.sites, text, &row.prefix, &row.said);
	if (!strcmp(row.origin, "config") && config_has(&model->now, &row.prefix))
		return;
	if (!strcmp(row.origin, "config"))
		strcpy(row.origin, "restored");
	old = ref_find(&model->next, &row.prefix, row.origin, &row.said);
	if (old && old->stamp == model->next.stamp && is_stronger_row(old, &row))
		return;
	was = ref_find(&model->now, &row.prefix, row.origin, &row.said);
	if (was && was->throttle == row.throttle && was->rate == row.rate && was->burst == row.burst &&
	    was->until_ms == row.until_ms && !was->any_reason && !row.any_reason && !strcmp(was->reason, row.reason) &&
	    !strcmp(was->ticket, row.ticket)) {
		*old = *was;
		return;
	}
	if (was)
		row.start_ms = was->start_ms;
	ref_put(&model->next, &row);
}

static void restore_allow(const struct ref_allow *from)
{
	const char *origin = strcmp(from->origin, "config") ? from->origin : "restored";
	struct prefix prefix, said;
	struct ref_allow *old;
	bool same;

	ref_unit(model->now.config.sites, text_of(&from->prefix), &prefix, &said);
	old = ref_allow_find(&model->next, &prefix, origin);
	same = old && !strcmp(old->reason, from->reason);
	if (!strcmp(from->origin, "config") && ref_allow_find(&model->now, &prefix, "config"))
		return;
	ref_allow_put(&model->next, &prefix, origin, from->reason);
	/* since when it is allowed may be new */
	ref_allow_find(&model->next, &prefix, origin)->maybe = same;
}

static bool run_restore(struct chance *chance)
{
	char id[64], uri[128];
	struct answer answer;

	if (!model->has_backup || model->backup.config.sites != model->now.config.sites ||
	    !has_same_ifaces(&model->backup) || !has_room_for_rates() || model->full)
		return true;
	step_says("restore of %u blocks, %u allowed", model->backup.rows, model->backup.allows);
	client_ask("POST", "/v1/imports?restore=1", NULL, &answer);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(answer.object, "import")));
	client_forget(&answer);
	send_text(chance, id, model->backup_text, strlen(model->backup_text));
	for (unsigned int i = 0; i < model->backup.allows; i++)
		restore_allow(&model->backup.allow[i]);
	/* those that become `restored` come before those that are, as in the backup */
	for (int others = 0; others < 2; others++)
		for (unsigned int i = 0; i < model->backup.rows; i++)
			if ((strcmp(model->backup.row[i].origin, "config") != 0) == others)
				restore_row(&model->backup.row[i]);
	snprintf(uri, sizeof(uri), "/v1/imports/commit?import=%s", id);
	step_ask(chance, "POST", uri, NULL);
	settle_links();
	return true;
}

const struct step_kind import_steps[] = {
	{"import", 14, run_import},
	{"export", 1, run_export},
	{"restore", 2, run_restore},
	{},
};
