// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"

const char *const format_names[] = {"plain",	"csv",	     "drop",	  "drop-text", "eve",
				    "crowdsec", "decisions", "abuseipdb", "stix",      "slash64"};

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
		put("{\"type\":\"throttle\",\"prefix\":\"%s\",\"rate\":%u,\"burst\":%u}\n",
		    entry->text, entry->rate, entry->burst);
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
		put("{\"scope\":\"%s\",\"type\":\"ban\",\"scenario\":\"x\",\"value\":\"%s\",\"duration\":\"%lldm\",\"id\":%u}%s",
		    strchr(entry->text, '/') ? "Range" : "Ip", entry->text,
		    (long long)entry->span_s / 60, list.number, comma);
		break;
	case ABUSEIPDB:
		put("{\"ipAddress\":\"%s\",\"abuseConfidenceScore\":100}%s", entry->text, comma);
		break;
	case STIX:
		put("{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--1\",\"pattern_type\":\"stix\","
		    "\"pattern\":\"[%s-addr:value = '%s']\"}%s",
		    strchr(entry->text, '.') && !strchr(entry->text, ':') ? "ipv4" : "ipv6",
		    entry->text, comma);
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

void list_write(void)
{
	list.bytes = 0;
	if (list.format == PLAIN)
		put("# %u\n", list.number);
	switch (list.format) {
	case CSV:
		put("prefix\n");
		put_part(false);
		break;
	case DROP:
		put_part(false);
		put("{\"type\":\"metadata\",\"timestamp\":%u,\"records\":%u}\n", list.number,
		    list.count + list.is_cut);
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
