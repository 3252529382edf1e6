// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the packets that were kept of a proposal. They contain people's data: whoever may
 * change things may have them, and the log tells who did.
 */
#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "base/text/when.h"
#include "captures/captures.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/detect/proposals.h"
#include "daemon/store/log/audit_log.h"
#include "policy/names.h"

#define PROPOSAL_MAX 4294967295U
#define TIME_DIGITS  6 /* of a second */
#define NS_PER_US    1000

static json_t *hex_to_json(const uint8_t *data, uint32_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * PACKETS_SNAPLEN + 1];

	for (uint32_t i = 0; i < bytes; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0xf];
	}
	text[2 * bytes] = '\0';
	return json_string(text);
}

static json_t *interface_to_json(const struct daemon *daemon, uint32_t slot)
{
	const struct iface *iface =
		slot < daemon->maps.meta->iface_slots ? daemon->ifaces.entry[slot] : NULL;

	return iface ? text_to_json(iface->name) : json_null();
}

static json_t *packet_to_json(const struct daemon *daemon, const union packets_one *packet,
			      int64_t ahead_us)
{
	const struct s64_capture_record *head = &packet->head;
	struct prefix source = prefix_of_bits(head->src_hi, head->src_lo, 128);
	const char *reason = head->reason < S64_REASON_COUNT ? reason_name(head->reason) : NULL;
	char time[WHEN_TEXT_MAX], address[PREFIX_TEXT_MAX];

	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:I, s:o}", "time",
			 when_format_exact(ahead_us + (int64_t)(head->time_ns / NS_PER_US),
					   TIME_DIGITS, time),
			 "interface", interface_to_json(daemon, head->iface_slot), "verdict",
			 verdict_name(head->verdict), "reason", reason ? reason : "unknown",
			 "class", class_info(head->class)->name, "source_address",
			 head->src_hi | head->src_lo ?
				 json_string(address_format(&source.address, address)) :
				 json_null(),
			 "length", (json_int_t)head->length, "data",
			 hex_to_json(head->packet, head->captured));
}

static int log_it(struct daemon *daemon, const struct actor *actor, const struct proposal *proposal,
		  struct error *error)
{
	char origin[ORIGIN_TEXT_MAX], detail[64];

	snprintf(origin, sizeof(origin), ORIGIN_OF_RULES "%s", proposal->rule.name);
	snprintf(detail, sizeof(detail), "the packets of proposal %llu",
		 (unsigned long long)proposal->id);
	return store_log_add(daemon->store, actor,
			     &(struct store_change){.action = "capture",
						    .has_prefix = true,
						    .prefix = proposal->prefix,
						    .origin = origin,
						    .detail = detail,
						    .is_nothing = true},
			     error);
}

static const char *why_none(const struct daemon *daemon, const struct proposal *proposal)
{
	if (packets_are_of(&daemon->proposals->packets, proposal->id))
		return "they are captured now, and none has come yet";
	if (proposal->packets_tries && proposal->is_followed)
		return daemon->capture ? "somebody captures, and only one capture can run" :
					 "others have their turn first";
	return "none came in time, those of newer proposals took their place, or slash64d was "
	       "restarted";
}

static int find(struct daemon *daemon, uint32_t id, const struct proposal **proposal,
		const struct packets_kept **kept, struct error *error)
{
	*proposal = proposals_find(daemon->proposals, id);
	if (!*proposal)
		return error_set(error, -ENOENT, "there is no proposal %u", id);
	/* what is still in the rings */
	packets_tick(&daemon->proposals->packets, clock_monotonic_ms());
	*kept = packets_of(&daemon->proposals->packets, id);
	if (!*kept)
		return error_set(error, -ENOENT, "no packets of proposal %u were kept: %s", id,
				 why_none(daemon, *proposal));
	return 0;
}

static json_t *kept_to_json(const struct daemon *daemon, const struct packets_kept *kept)
{
	int64_t ahead_us = (clock_wall_ms() - (int64_t)clock_monotonic_ms()) * WHEN_MS;
	json_t *packets = json_array();

	for (uint32_t i = 0; i < kept->count; i++)
		json_array_append_new(packets, packet_to_json(daemon, &kept->packet[i], ahead_us));
	return json_pack("{s:I, s:i, s:o, s:o}", "id", (json_int_t)kept->id, "snaplen",
			 PACKETS_SNAPLEN, "rules", capture_rules_to_json(&daemon->blocks.rules),
			 "packets", packets);
}

void control_post_proposal_packets(struct daemon *daemon, struct evhttp_request *request,
				   const struct actor *actor)
{
	static const char *const keys[] = {"id", NULL};
	const struct packets_kept *kept;
	const struct proposal *proposal;
	struct error error;
	json_t *object = request_object(request, keys, &error);
	uint32_t id = 0;
	int err = object ? object_count(object, "id", PROPOSAL_MAX, &id, &error) : -EINVAL;

	if (!err && !id)
		err = error_set(&error, -EINVAL, "'id' is missing: the number of a proposal");
	if (!err)
		err = find(daemon, id, &proposal, &kept, &error);
	if (!err)
		err = log_it(daemon, actor, proposal, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, kept_to_json(daemon, kept));
	json_decref(object);
}
