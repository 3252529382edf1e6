// SPDX-License-Identifier: GPL-2.0-only
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "print.h"

void rows_block_header(void)
{
	print_header("%-43s %-5s %-12s %-16s %12s %13s %13s  %s", "PREFIX", "CHECK", "DOES",
		     "ORIGIN", "ENDS", "HITS", "LAST HIT", "REASON [TICKET]");
}

/* "block", "100/s", and what an allowed prefix around it keeps from doing anything. */
static const char *what_it_does(const json_t *block, char buf[PRINT_MAX])
{
	char rate[PRINT_MAX];

	if (json_is_false(json_object_get(block, "in_force")))
		return "off: allowed";
	if (strcmp(member_text(block, "kind"), "throttle"))
		return "block";
	snprintf(buf, PRINT_MAX, "%.60s/s", print_count(member_integer(block, "rate"), rate));
	return buf;
}

/* The address where that was said; else the prefix, and how many addresses in it it stands for. */
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

void rows_block(const json_t *block)
{
	char name[PRINT_MAX], does[PRINT_MAX], until[PRINT_MAX], hits[PRINT_MAX], last[PRINT_MAX];

	printf("%-43s %-5s %-12s %-16s %12s %13s %13s  %s", block_name(block, name),
	       member_text(block, "check"), what_it_does(block, does), member_text(block, "origin"),
	       member_is_null(block, "until") ? "never"
					      : print_when(member_time(block, "until"), until),
	       print_count(member_integer(block, "hits"), hits),
	       print_when(member_time(block, "last_hit"), last), member_text(block, "reason"));
	if (!member_is_null(block, "ticket"))
		printf(" [%s]", member_text(block, "ticket"));
	printf("\n");
}

void rows_allow_header(void)
{
	print_header("%-43s %-16s %13s  %s", "PREFIX", "ORIGIN", "SINCE", "REASON");
}

void rows_allow(const json_t *allow)
{
	char since[PRINT_MAX];

	printf("%-43s %-16s %13s  %s\n", member_text(allow, "prefix"), member_text(allow, "origin"),
	       print_when(member_time(allow, "start"), since), member_text(allow, "reason"));
}

void rows_site(const json_t *site)
{
	char packets[PRINT_MAX], bits[PRINT_MAX];

	printf("%-43s %12s %12s %7.1f%%  %-22s %-20s", member_text(site, "site"),
	       print_rate(member_number(site, "packets_per_second"), packets),
	       print_bits(member_number(site, "bytes_per_second") * 8, bits),
	       member_number(site, "dropped_percent"), member_text(site, "class"),
	       member_text(site, "reason"));
}
