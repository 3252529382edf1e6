// SPDX-License-Identifier: GPL-2.0-only
#include "kept.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/lib/capture/proposal_packets.h"
#include "cli/lib/output/print.h"
#include "net/prefix.h"

#define ASKED_MAX      4   /* proposals: the packets of old ones are gone */
#define FRAME_MAX      256 /* bytes that are looked at */
#define ETHERNET_BYTES 14
#define VLAN_BYTES     4
#define VLANS	       2
#define IPV6_BYTES     40
#define TYPE_IPV6      0x86dd
#define TYPE_VLAN      0x8100
#define TYPE_QINQ      0x88a8

/* --- a frame --- */

static size_t from_hex(const char *hex, uint8_t frame[FRAME_MAX])
{
	size_t n = 0;

	while (n < FRAME_MAX && sscanf(hex + 2 * n, "%2hhx", &frame[n]) == 1 && hex[2 * n + 1])
		n++;
	return n;
}

static unsigned int be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/* 0: there is none, directly behind Ethernet and tags. */
static size_t find_ipv6(const uint8_t *frame, size_t bytes)
{
	size_t at = ETHERNET_BYTES;

	for (int i = 0; i <= VLANS && at + IPV6_BYTES <= bytes; i++, at += VLAN_BYTES) {
		unsigned int type = be16(frame + at - 2);

		if (type == TYPE_IPV6)
			return at;
		if (type != TYPE_VLAN && type != TYPE_QINQ)
			return 0;
	}
	return 0;
}

void report_kept_parse(json_t *packet, const char *hex)
{
	uint8_t frame[FRAME_MAX];
	size_t bytes = from_hex(hex, frame), at = find_ipv6(frame, bytes);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr destination;
	unsigned int protocol;

	if (!at)
		return;
	memcpy(&destination, frame + at + 24, sizeof(destination));
	protocol = frame[at + 6];
	json_object_set_new(packet, "destination", json_string(address_format(&destination, text)));
	json_object_set_new(packet, "protocol", json_integer(protocol));
	at += IPV6_BYTES;
	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || at + 4 > bytes)
		return;
	json_object_set_new(packet, "source_port", json_integer(be16(frame + at)));
	json_object_set_new(packet, "destination_port", json_integer(be16(frame + at + 2)));
}

/* --- what was kept --- */

static void add_packets(const json_t *told, json_t *packets, size_t most)
{
	const json_t *one;
	size_t i;

	json_array_foreach (told, i, one) {
		json_t *packet = json_array_size(packets) < most ? json_copy((json_t *)one) : NULL;

		if (!packet)
			return;
		report_kept_parse(packet, member_text(one, "data"));
		json_object_del(packet, "data"); /* the file has it */
		json_object_set_new(packet, "weight", json_integer(1));
		json_array_append_new(packets, packet);
	}
}

static int64_t newest_below(const json_t *proposals, int64_t below)
{
	int64_t newest = 0;
	const json_t *proposal;
	size_t i;

	json_array_foreach (proposals, i, proposal) {
		int64_t id = member_integer(proposal, "id");

		if (id > newest && id < below)
			newest = id;
	}
	return newest;
}

void report_kept_ask(const struct context *context, const json_t *proposals, json_t *packets,
		     size_t most, struct report_kept *kept)
{
	int64_t id = INT64_MAX;
	struct error ignored;
	json_t *told;

	*kept = (struct report_kept){};
	for (int i = 0; i < ASKED_MAX; i++) {
		id = newest_below(proposals, id);
		if (!id)
			return;
		if (proposal_packets_read(context, id, &kept->bytes, &kept->count, &told, &ignored))
			continue;
		kept->id = id;
		if (!json_array_size(packets))
			add_packets(told, packets, most);
		json_decref(told);
		return;
	}
}

void report_kept_free(struct report_kept *kept)
{
	free(kept->bytes);
}
