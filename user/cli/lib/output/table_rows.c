// SPDX-License-Identifier: GPL-2.0-only
#include "table_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "base/text/language.h"

#define WHY_MAX 1024 /* reason and ticket have 255 bytes each */

const struct table_column rows_block_columns[] = {
	{N_("PREFIX"), false, 0, false},
	{N_("CHECK"), false, 5, false},
	{N_("ACTION"), false, 0, false},
	{N_("ORIGIN"), false, 2, false},
	{N_("EXPIRES"), true, 1, false},
	{N_("HITS"), true, 3, false},
	{N_("LAST HIT"), true, 4, false},
	{N_("REASON [TICKET]"), false, 1, true},
	{},
};

/* "block", "100/s", and if an allowed prefix around it keeps it from having an effect. */
static const char *what_it_does(const json_t *block, char buf[PRINT_MAX])
{
	char rate[PRINT_MAX];

	if (json_is_false(json_object_get(block, "in_force")))
		return _("off: allowed");
	if (strcmp(member_text(block, "kind"), "throttle"))
		return "block";
	snprintf(buf, PRINT_MAX, "%.60s/s", print_count(member_integer(block, "rate"), rate));
	return buf;
}

/* The address if one was listed; otherwise the prefix, and the number of addresses in it. */
static const char *block_name(const json_t *block, char buf[PRINT_MAX])
{
	int64_t addresses = member_integer(block, "addresses");

	if (!member_is_null(block, "address"))
		return member_text(block, "address");
	if (addresses < 2)
		return member_text(block, "prefix");
	snprintf(buf, PRINT_MAX, "%s (%" PRId64 ")", member_text(block, "prefix"), addresses);
	return buf;
}

/* "echo flood [T-1]" */
static const char *why(const json_t *block, char buf[WHY_MAX])
{
	if (member_is_null(block, "ticket"))
		return member_text(block, "reason");
	snprintf(buf, WHY_MAX, "%s [%s]", member_text(block, "reason"),
		 member_text(block, "ticket"));
	return buf;
}

void rows_block(const json_t *block, struct table *table)
{
	char name[PRINT_MAX], does[PRINT_MAX], until[PRINT_MAX], hits[PRINT_MAX], last[PRINT_MAX],
		text[WHY_MAX];
	const char *const cells[] = {
		block_name(block, name),
		member_text(block, "check_chars"),
		what_it_does(block, does),
		member_text(block, "origin"),
		member_is_null(block, "until") ? _("never") :
						 print_when(member_time(block, "until"), until),
		print_count(member_integer(block, "hits"), hits),
		print_when(member_time(block, "last_hit"), last),
		why(block, text),
	};

	table_row(table, cells);
}

const struct table_column rows_allow_columns[] = {
	{N_("PREFIX"), false, 0, false},
	{N_("ORIGIN"), false, 2, false},
	{N_("SINCE"), true, 3, false},
	{N_("REASON"), false, 1, true},
	{},
};

void rows_allow(const json_t *allow, struct table *table)
{
	char since[PRINT_MAX];
	const char *const cells[] = {
		member_text(allow, "prefix"),
		member_text(allow, "origin"),
		print_when(member_time(allow, "start"), since),
		member_text(allow, "reason"),
	};

	table_row(table, cells);
}

#define SOURCE_COLUMNS                                                           \
	{N_("SOURCE"), false, 0, false}, {N_("PACKETS/S"), true, 0, false},      \
		{N_("PEAK/S"), true, 5, false}, {N_("SINCE"), true, 3, false},   \
		{N_("BITS/S"), true, 6, false}, {N_("DROPPED"), true, 1, false}, \
		{N_("CLASS"), false, 4, false},                                  \
	{                                                                        \
		N_("REASON"), false, 4, false                                    \
	}

const struct table_column rows_hit_columns[] = {SOURCE_COLUMNS, {}};
const struct table_column rows_source_columns[] = {SOURCE_COLUMNS,
						   {N_("BLOCKED"), false, 2, false},
						   {}};

/* "~294" for a sample with an error of a tenth or more. */
static const char *rate_words(const json_t *seen, char buf[PRINT_MAX])
{
	char rate[PRINT_MAX];

	snprintf(buf, PRINT_MAX, "%s%.60s",
		 member_number(seen, "uncertainty_percent") >= ROWS_UNCERTAIN_PERCENT ? "~" : "",
		 print_rate(member_number(seen, "packets_per_second"), rate));
	return buf;
}

/* "99.5%", or "would 99.5%" of what passes because its interface monitors. */
static const char *dropped_words(const json_t *seen, char buf[PRINT_MAX])
{
	double dropped = member_number(seen, "dropped_percent"),
	       would = member_number(seen, "would_drop_percent");
	char a[PRINT_MAX], b[PRINT_MAX];

	print_percent(dropped, a);
	print_percent(would, b);
	if (would > 0)
		snprintf(buf, PRINT_MAX, _("%.20s%swould %.20s"), dropped > 0 ? a : "",
			 dropped > 0 ? ", " : "", b);
	else
		snprintf(buf, PRINT_MAX, "%.60s", a);
	return buf;
}

void rows_source(const json_t *source, struct table *table)
{
	char packets[PRINT_MAX], peak[PRINT_MAX], since[PRINT_MAX], bits[PRINT_MAX],
		dropped[PRINT_MAX];
	json_t *blocked = json_object_get(source, "blocked");
	const char *const cells[] = {
		member_text(source, "source"),
		rate_words(source, packets),
		print_rate(member_number(source, "peak_packets_per_second"), peak),
		print_when(member_time(source, "since"), since),
		print_bits(member_number(source, "bytes_per_second") * 8, bits),
		dropped_words(source, dropped),
		member_text(source, "class"),
		member_text(source, "reason"),
		!blocked	      ? NULL :
		json_is_true(blocked) ? _("yes") :
					_("no"),
	};

	table_row(table, cells);
}

#define GROUP_COLUMNS(title)                                                   \
	{title, false, 0, false}, {N_("PACKETS/S"), true, 0, false},           \
		{N_("PEAK/S"), true, 5, false}, {N_("SINCE"), true, 3, false}, \
		{N_("BITS/S"), true, 6, false},                                \
	{                                                                      \
		N_("DROPPED"), true, 1, false                                  \
	}
#define CLASS_COLUMN                         \
	{                                    \
		N_("CLASS"), false, 4, false \
	}
#define REASON_COLUMN                         \
	{                                     \
		N_("REASON"), false, 4, false \
	}

const struct table_column rows_destination_columns[] = {GROUP_COLUMNS(N_("DESTINATION")),
							CLASS_COLUMN,
							REASON_COLUMN,
							{}};
const struct table_column rows_aggregate_columns[] = {GROUP_COLUMNS(N_("SOURCES")),
						      CLASS_COLUMN,
						      REASON_COLUMN,
						      {}};
const struct table_column rows_class_columns[] = {GROUP_COLUMNS(N_("CLASS")), REASON_COLUMN, {}};
const struct table_column rows_reason_columns[] = {GROUP_COLUMNS(N_("REASON")), CLASS_COLUMN, {}};

/* `title` is the key of the first column; `other` and `last`, of the last ones, may be NULL. */
static void group_row(const json_t *row, struct table *table, const char *title, const char *other,
		      const char *last)
{
	char packets[PRINT_MAX], peak[PRINT_MAX], since[PRINT_MAX], bits[PRINT_MAX],
		dropped[PRINT_MAX];
	const char *const cells[] = {
		member_text(row, title),
		rate_words(row, packets),
		print_rate(member_number(row, "peak_packets_per_second"), peak),
		print_when(member_time(row, "since"), since),
		print_bits(member_number(row, "bytes_per_second") * 8, bits),
		dropped_words(row, dropped),
		member_text(row, other),
		last ? member_text(row, last) : NULL,
	};

	table_row(table, cells);
}

void rows_destination(const json_t *row, struct table *table)
{
	group_row(row, table, "destination", "class", "reason");
}

void rows_aggregate(const json_t *row, struct table *table)
{
	group_row(row, table, "aggregate", "class", "reason");
}

void rows_class(const json_t *row, struct table *table)
{
	group_row(row, table, "class", "reason", NULL);
}

void rows_reason(const json_t *row, struct table *table)
{
	group_row(row, table, "reason", "class", NULL);
}

void rows_print(const json_t *array, const struct table_column *columns, rows_row_t row)
{
	struct table *table = json_array_size(array) ? table_new(columns) : NULL;
	json_t *object;
	size_t i;

	if (!table)
		return;
	json_array_foreach (array, i, object)
		row(object, table);
	table_end(table);
}
