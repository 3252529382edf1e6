/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4: is a packet for this router and its link, or for somebody beyond (RFC 4890 4.3 and 4.4)?
 * Looked up only if the policy differs between the two.
 *
 * The map of local addresses lags behind the kernel, and does not contain addresses of others that
 * the interface receives for (macvlan children in another namespace, proxied addresses). So
 * neighbour discovery does not use it: a packet with a hop limit of 255 comes from the link and
 * goes no further, because a receiver behind a router sees 254 and ignores it (RFC 4861 6.1, 7.1,
 * 8.1). Messages with a smaller hop limit were dropped before (icmpv6_validate.h).
 */
#ifndef SLASH64_BPF_DIRECTION_H
#define SLASH64_BPF_DIRECTION_H

#include "blocklist.h"
#include "classify.h"

/* A function of its own, so that the verifier follows it once and not for each prefix length. */
S64_GLOBAL_FUNCTION __u32 local_table_has(__u64 key)
{
	const struct s64_bucket *bucket = local_at(bucket_first(key, S64_LOCAL_BUCKETS));
	__u64 seen;

	if (!bucket)
		return 0;
	if (bucket_find(bucket, key, &seen) != S64_BLOCK_NONE)
		return 1;
	if (!bucket_overflows(bucket, &seen))
		return 0;
	bucket = local_at(S64_AFTER(bucket_second(key, S64_LOCAL_BUCKETS), seen));
	return bucket && bucket_find(bucket, key, &seen) != S64_BLOCK_NONE;
}

/* Local prefixes: AnyIP, SIDs. Nearly always empty. */
S64_GLOBAL_FUNCTION __u32 local_prefix_around(__u64 hi, __u64 lo)
{
	const struct s64_prefix_lengths *lengths = prefix_lengths_at(S64_LOCAL_LENGTHS);
	const struct s64_seed seed = config_seed();

	if (!lengths)
		return 0;
	for (__u32 half = 0; half < 2; half++) {
		__u64 mask = S64_READ_ONCE(lengths->mask[half]);

		for (__u32 i = 0; i < 64 && mask; i++) {
			__u64 lowest = lowest_bit(mask);
			__u32 length = 128 - half * 64 - bit_number(lowest);

			if (local_table_has(s64_prefix_key(hi, lo, length, &seed)))
				return 1;
			mask ^= lowest;
		}
	}
	return 0;
}

static __always_inline bool is_own(__u64 hi, __u64 lo)
{
	const struct s64_seed seed = config_seed();

	return local_table_has(s64_local_key(hi, lo, &seed)) || local_prefix_around(hi, lo);
}

/* A message of neighbour discovery is for the link it came from, whatever its destination. */
static __always_inline bool is_of_the_link(const struct s64_packet *packet)
{
	const struct s64_icmpv6_type *type;

	if (!class_is_icmpv6(packet->class))
		return false;
	type = icmpv6_type_at(packet->icmpv6_type);
	return type && type->checks & S64_CHECK_HOP_LIMIT_255;
}

/* A link-local destination is local, because no router forwards it. So is a group of link scope,
 * joined or not: the interface's own filter drops groups that nobody joined. So is every multicast
 * listener message, for any group. Any other address is local if it is in the map of local
 * addresses.
 */
static __always_inline enum s64_direction direction_of(const struct s64_packet *packet)
{
	if (s64_is_link_local(packet->dst_hi))
		return S64_LOCAL;
	if (is_of_the_link(packet))
		return S64_LOCAL;
	if (s64_is_multicast(packet->dst_hi)) {
		const struct s64_icmpv6_type *type;

		if ((packet->dst_hi >> 48 & 0xf) <= 2)
			return S64_LOCAL;
		type = icmpv6_type_at(packet->icmpv6_type);
		if (class_is_icmpv6(packet->class) && type && type->checks & S64_ANY_GROUP_IS_LOCAL)
			return S64_LOCAL;
	}
	return is_own(packet->dst_hi, packet->dst_lo) ? S64_LOCAL : S64_TRANSIT;
}

/* The same, unless a replay set the direction. */
static __always_inline enum s64_direction direction_asked(const struct s64_packet *packet)
{
	switch (test_direction()) {
	case S64_TEST_BY_ADDRESS:
		break;
	case S64_TEST_LOCAL:
		return S64_LOCAL;
	case S64_TEST_TRANSIT:
		return S64_TRANSIT;
	}
	return direction_of(packet);
}

#endif
