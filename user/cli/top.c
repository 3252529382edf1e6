// SPDX-License-Identifier: GPL-2.0-only
/* top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "print.h"

#define NUMBER_DIGITS_MAX 12

static void top_header(void)
{
	print_header("%-43s %12s %12s %8s  %-22s %-20s %s", "SITE", "PACKETS/S", "BITS/S",
		     "DROPPED", "MOSTLY", "BECAUSE", "BLOCKED");
}

static void top_row(const json_t *object)
{
	char packets[PRINT_MAX], bits[PRINT_MAX];

	printf("%-43s %12s %12s %7.1f%%  %-22s %-20s %s\n", member_text(object, "site"),
	       print_rate(member_number(object, "packets_per_second"), packets),
	       print_bits(member_number(object, "bytes_per_second") * 8, bits),
	       member_number(object, "dropped_percent"), member_text(object, "class"),
	       member_text(object, "reason"),
	       json_is_true(json_object_get(object, "blocked")) ? "yes" : "no");
}

/* Digits, and a point where `alphabet` has one, above 0; the daemon knows the upper bound. */
static bool is_number(const char *text, const char *alphabet)
{
	size_t n = strspn(text, alphabet);
	char *end;

	return n && n <= NUMBER_DIGITS_MAX && !text[n] && strtod(text, &end) > 0 && !*end;
}

int command_top(struct context *context)
{
	const char *seconds = "10", *limit = "20";
	const struct option_spec specs[] = {{"seconds", &seconds, NULL},
					    {"limit", &limit, NULL},
					    {NULL, NULL, NULL}};
	static const struct list_table table = {top_header, top_row, "no IPv6 traffic was seen"};
	int code = take_options(context, specs, 0, 0);
	char path[128];

	if (code >= 0)
		return code;
	if (!is_number(seconds, "0123456789."))
		return usage_error(context, "--seconds '%s' is not a number above 0", seconds);
	if (!is_number(limit, "0123456789"))
		return usage_error(context, "--limit '%s' is not a whole number above 0", limit);
	snprintf(path, sizeof(path), "/v1/top?seconds=%s&limit=%s", seconds, limit);
	return list_print(context, path, &table);
}
