// SPDX-License-Identifier: GPL-2.0-only
#include "event_filter.h"

#include <errno.h>
#include <string.h>

#include "base/text/near.h"
#include "net/prefix_typed.h"
#include "policy/names.h"

void event_filter_init(struct event_filter *filter)
{
	*filter = (struct event_filter){.class = EVENT_FILTER_ANY,
					.reason = EVENT_FILTER_ANY,
					.verdict = EVENT_FILTER_ANY,
					.slot = EVENT_FILTER_ANY};
}

static int set_prefix(struct prefix *prefix, const char *key, const char *value,
		      struct error *error)
{
	char hint[PREFIX_HINT_MAX];

	if (prefix_typed(value, prefix, NULL))
		return error_set(error, -EINVAL, "%s: '%.64s' is not a prefix; %s", key, value,
				 prefix_typed_hint(value, "an import", hint));
	return 0;
}

static const char *class_name(int class)
{
	return class_info(class)->name;
}

static const char *verdict_name_of(int verdict)
{
	return verdict_name(verdict);
}

/* One of `count` names. */
static int set_name(int *number, const char *key, const char *value,
		    const char *(*name)(int number), int count, struct error *error)
{
	struct near near = {.typed = value};
	char meant[NEAR_TEXT_MAX];

	for (int i = 0; i < count; i++) {
		if (!name(i))
			continue;
		if (!strcmp(name(i), value)) {
			*number = i;
			return 0;
		}
		near_try(&near, name(i));
	}
	return error_set(error, -EINVAL, "unknown %s '%.64s'%s", key, value,
			 near_text(&near, "", meant));
}

int event_filter_set(struct event_filter *filter, const char *key, const char *value,
		     struct error *error)
{
	if (!strcmp(key, "source"))
		return set_prefix(&filter->source, key, value, error);
	if (!strcmp(key, "destination"))
		return set_prefix(&filter->destination, key, value, error);
	if (!strcmp(key, "class"))
		return set_name(&filter->class, key, value, class_name, S64_CLASS_COUNT, error);
	if (!strcmp(key, "reason"))
		return set_name(&filter->reason, key, value, reason_name, S64_REASON_COUNT, error);
	if (!strcmp(key, "verdict"))
		return set_name(&filter->verdict, key, value, verdict_name_of, S64_VERDICT_COUNT,
				error);
	return -ENOENT;
}

enum s64_verdict event_verdict(const struct s64_sample *sample)
{
	if (sample->reason & S64_SAMPLE_MONITORED)
		return S64_WOULD_DROP;
	return reason_is_drop(sample->reason) ? S64_DROP : S64_PASS;
}

/* Of a packet that has addresses: one without, such as ARP, does not come from ::. */
static bool is_within(const struct s64_sample *sample, uint64_t hi, uint64_t lo,
		      const struct prefix *prefix)
{
	if (!prefix->length)
		return true;
	return sample->link & S64_SAMPLE_NETWORK &&
	       ((hi ^ prefix_hi(prefix)) & prefix_mask(prefix->length)) == 0 &&
	       (prefix->length <= 64 ||
		((lo ^ prefix_lo(prefix)) & prefix_mask(prefix->length - 64)) == 0);
}

bool event_filter_matches(const struct event_filter *filter, const struct s64_sample *sample)
{
	int reason = sample->reason & ~S64_SAMPLE_MONITORED;

	return (filter->slot == EVENT_FILTER_ANY || filter->slot == sample->iface_slot) &&
	       (filter->class == EVENT_FILTER_ANY || filter->class == sample->class) &&
	       (filter->reason == EVENT_FILTER_ANY || filter->reason == reason) &&
	       (filter->verdict == EVENT_FILTER_ANY ||
		filter->verdict == (int)event_verdict(sample)) &&
	       is_within(sample, sample->src_hi, sample->src_lo, &filter->source) &&
	       is_within(sample, sample->dst_hi, sample->dst_lo, &filter->destination);
}

static struct s64_capture_prefix for_capture(const struct prefix *prefix)
{
	unsigned int low = prefix->length > 64 ? prefix->length - 64 : 0;

	return (struct s64_capture_prefix){prefix_hi(prefix), prefix_lo(prefix),
					   prefix_mask(prefix->length), prefix_mask(low)};
}

static __u8 or_any(int number)
{
	return number == EVENT_FILTER_ANY ? S64_CAPTURE_ANY : number;
}

struct s64_capture_filter event_filter_for_capture(const struct event_filter *filter,
						   uint32_t snaplen)
{
	return (struct s64_capture_filter){.source = for_capture(&filter->source),
					   .destination = for_capture(&filter->destination),
					   .snaplen = snaplen,
					   .class = or_any(filter->class),
					   .reason = or_any(filter->reason),
					   .verdict = or_any(filter->verdict)};
}
