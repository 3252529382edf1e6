// SPDX-License-Identifier: GPL-2.0-only
/* The datapath on any frame. The first two bytes of an input select the policy and how much of the
 * frame is in the driver's buffer; the rest is the frame.
 */
#include "native.h"
#include "fuzz.h"

#define CONTROL_BYTES 2
#define LIMITER_LINES 8
#define PADDING_BYTES 8
#define VLAN_BYTES    4
#define ETHERTYPE_AT  12
#define PROFILES      4
#define BOGONS	      3

/* Bits of the first byte. */
#define CONTROL_PROFILE	  0x03
#define CONTROL_BOGONS	  0x0c
#define CONTROL_IPV4	  0x10
#define CONTROL_DIRECTION 0x60
#define CONTROL_CUT	  0x80 /* the second byte is how much the buffer lacks */

static struct {
	struct s64_iface_policy policy;
	struct s64_limit limits[S64_LIMIT_MAX];
} compiled[PROFILES][BOGONS];

struct verdict {
	struct s64_packet packet;
	uint8_t reason;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct policy policy;

	native_setup(NULL);
	/* emptied for each frame */
	s64_native->meta->limiter_buckets = s64_native->config.limiter_buckets = LIMITER_LINES;
	for (int profile = 0; profile < PROFILES; profile++) {
		for (int bogons = 0; bogons < BOGONS; bogons++) {
			policy_init(&policy, profile);
			policy.bogons = bogons;
			policy_compile(&policy, NULL, 0, NATIVE_TICK_NS,
				       &compiled[profile][bogons].policy,
				       compiled[profile][bogons].limits);
		}
	}
	return 0;
}

static void choose(uint8_t control)
{
	unsigned int bogons = (control & CONTROL_BOGONS) >> 2;
	unsigned int profile = control & CONTROL_PROFILE;
	unsigned int direction = (control & CONTROL_DIRECTION) >> 5;

	if (bogons >= BOGONS)
		bogons = 0;
	*s64_native->policy = compiled[profile][bogons].policy;
	memcpy(s64_native->limits, compiled[profile][bogons].limits,
	       sizeof(compiled[profile][bogons].limits));
	if (control & CONTROL_IPV4)
		s64_native->policy->flags |= S64_IFACE_IPV4_ENFORCE;
	s64_native->direction = direction > S64_TEST_LOCAL ? S64_TEST_BY_ADDRESS : direction;
}

static struct verdict process_copy(const uint8_t *data, size_t bytes, size_t wire_bytes)
{
	uint8_t *copy = exact_copy(data, bytes);
	s64_frame frame = {copy, copy + bytes, wire_bytes};
	struct verdict v = {.packet = {.length = wire_bytes}};
	struct plain_said said;

	memset(s64_native->limiter, 0, native_limiter_bytes());
	said = process_fast(&frame);
	v.reason = packet_verdict(&frame, s64_native->policy, &s64_native->counters->cpu_state,
				  &v.packet);
	promise(said.reason == S64_REASON_NONE ||
			(said.reason == v.reason && said.packet.class == v.packet.class &&
			 said.packet.src_key == v.packet.src_key &&
			 said.limiter == limiter_hash() &&
			 !memcmp(&said.cpu_state, &s64_native->counters->cpu_state,
				 sizeof(said.cpu_state))),
		"%s, %s on the fast path and %s, %s on the long one", reason_name(said.reason),
		class_info(said.packet.class)->name, reason_name(v.reason),
		class_info(v.packet.class)->name);
	free(copy);
	return v;
}

static bool is_parse_reason(uint8_t reason)
{
	return reason >= S64_REASON_PARSE && reason < S64_REASON_COUNT;
}

static void check_verdict(const struct verdict *v, size_t wire_bytes)
{
	const struct s64_packet *p = &v->packet;

	promise(v->reason < S64_REASON_CLASS_COUNT || is_parse_reason(v->reason), "reason %u",
		v->reason);
	promise(p->class < S64_CLASS_COUNT, "class %u", p->class);
	promise(reason_name(v->reason) && reason_source(v->reason), "reason %u has no name",
		v->reason);
	promise(reason_is_drop(v->reason) == reason_drops(v->reason), "the verdict of %s",
		reason_name(v->reason));
	promise((p->class == S64_CLASS_MALFORMED) == is_parse_reason(v->reason), "%s of class %s",
		reason_name(v->reason), class_info(p->class)->name);
	promise(v->reason != S64_REASON_NOT_IPV6 || p->class == S64_CLASS_NOT_IPV6,
		"not-ipv6 of class %s", class_info(p->class)->name);
	promise(p->non_first_fragment ? !is_common_upper(p->next_header) ||
						p->class == S64_CLASS_FRAGMENT_NON_FIRST ||
						p->class == S64_CLASS_MALFORMED :
					p->class != S64_CLASS_FRAGMENT_NON_FIRST,
		"a later fragment, and its class is %s", class_info(p->class)->name);
	if (p->class == S64_CLASS_MALFORMED || p->class == S64_CLASS_NOT_IPV6 ||
	    p->class == S64_CLASS_IPV4)
		return;
	promise(p->upper <= p->end && p->end <= wire_bytes, "the upper layer at %u of %u of %zu",
		p->upper, p->end, wire_bytes);
	promise(!(p->features >> S64_FEATURE_COUNT), "features %x", p->features);
}

static void promise_same(const struct verdict *a, const struct verdict *b, const char *what)
{
	promise(a->reason == b->reason && a->packet.class == b->packet.class &&
			a->packet.src_key == b->packet.src_key &&
			a->packet.features == b->packet.features,
		"%s, %s without and %s, %s with %s", reason_name(a->reason),
		class_info(a->packet.class)->name, reason_name(b->reason),
		class_info(b->packet.class)->name, what);
}

/* Padding behind the payload is not part of the packet. */
static void check_padding(const struct verdict *v, const uint8_t *data, size_t bytes)
{
	uint8_t *padded = malloc(bytes + PADDING_BYTES);
	struct verdict other;

	memcpy(padded, data, bytes);
	memset(padded + bytes, 0x3a, PADDING_BYTES);
	other = process_copy(padded, bytes + PADDING_BYTES, bytes + PADDING_BYTES);
	promise_same(v, &other, "padding");
	free(padded);
}

/* A tag in front of the packet does not change the verdict. */
static void check_vlan(const struct verdict *v, const uint8_t *data, size_t bytes)
{
	static const uint8_t tag[VLAN_BYTES] = {0x81, 0x00, 0x00, 0x07};
	uint8_t *tagged = malloc(bytes + VLAN_BYTES);
	struct verdict other;

	memcpy(tagged, data, ETHERTYPE_AT);
	memcpy(tagged + ETHERTYPE_AT, tag, VLAN_BYTES);
	memcpy(tagged + ETHERTYPE_AT + VLAN_BYTES, data + ETHERTYPE_AT, bytes - ETHERTYPE_AT);
	other = process_copy(tagged, bytes + VLAN_BYTES, bytes + VLAN_BYTES);
	promise_same(v, &other, "a VLAN tag");
	free(tagged);
}

static void count_and_report(const struct verdict *v, const uint8_t *data, size_t bytes,
			     size_t wire_bytes)
{
	s64_frame frame = {data, data + bytes, wire_bytes};
	uint32_t weight;

	count(s64_native->counters, v->packet.class, v->reason, S64_OUTCOME_ENFORCED,
	      v->packet.length);
	s64_native->now += NATIVE_TICK_NS / 16;
	weight = sampler_take(&s64_native->counters->cpu_state);
	if (weight)
		report(&frame, &v->packet, v->reason, weight);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct verdict v, again;
	size_t wire_bytes, lacking = 0;

	if (bytes < CONTROL_BYTES)
		return -1;
	choose(data[0]);
	if (data[0] & CONTROL_CUT)
		lacking = data[1];
	data += CONTROL_BYTES;
	bytes -= CONTROL_BYTES;
	wire_bytes = bytes;
	bytes -= lacking < bytes ? lacking : bytes;

	v = process_copy(data, bytes, wire_bytes);
	check_verdict(&v, wire_bytes);
	again = process_copy(data, bytes, wire_bytes);
	promise_same(&v, &again, "a second look");
	/* a cut frame may have another verdict if there is more of it */
	if (bytes == wire_bytes && !v.packet.zero_payload && !is_parse_reason(v.reason) &&
	    v.packet.class != S64_CLASS_NOT_IPV6) {
		check_padding(&v, data, bytes);
		if (is_plain_ipv6(data, data + bytes))
			check_vlan(&v, data, bytes);
	}
	count_and_report(&v, data, bytes, wire_bytes);
	return 0;
}
