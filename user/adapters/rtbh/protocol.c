// SPDX-License-Identifier: GPL-2.0-only
/* Who has made a route: the names of its numbers. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_routes.h"

#define NAMES_FILE "/etc/iproute2/rt_protos"
#define LINE_MAX   256

static const struct {
	const char *name;
	uint8_t protocol;
} known[] = {
	{"kernel", RTPROT_KERNEL}, {"boot", RTPROT_BOOT},   {"static", RTPROT_STATIC},
	{"zebra", RTPROT_ZEBRA},   {"frr", RTPROT_ZEBRA},   {"bird", RTPROT_BIRD},
	{"babel", RTPROT_BABEL},   {"openr", RTPROT_OPENR}, {"bgp", RTPROT_BGP},
	{"isis", RTPROT_ISIS},	   {"ospf", RTPROT_OSPF},   {"rip", RTPROT_RIP},
	{"eigrp", RTPROT_EIGRP},   {"xorp", RTPROT_XORP},
};

static bool number_parse(const char *text, uint8_t *protocol)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || number > UINT8_MAX)
		return false;
	*protocol = number;
	return true;
}

static bool look_up(FILE *file, const char *name, uint8_t *protocol)
{
	char line[LINE_MAX], number[LINE_MAX], word[LINE_MAX];

	while (fgets(line, sizeof(line), file))
		if (line[0] != '#' && sscanf(line, "%255s %255s", number, word) == 2 &&
		    !strcmp(word, name) && number_parse(number, protocol))
			return true;
	return false;
}

int kernel_protocol_parse(const char *text, uint8_t *protocol)
{
	bool is_known = number_parse(text, protocol);
	FILE *file = is_known ? NULL : fopen(NAMES_FILE, "re");

	if (file) {
		is_known = look_up(file, text, protocol);
		fclose(file);
	}
	for (size_t i = 0; !is_known && i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, text)) {
			*protocol = known[i].protocol;
			is_known = true;
		}
	return is_known ? 0 : -EINVAL;
}
