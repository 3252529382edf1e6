/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 1: from the first byte of a frame to IPv6: Ethernet, VLAN tags, LLC/SNAP, a PPPoE session.
 *
 * Whatever a Linux router, or a host behind a bridge, accepts as IPv6 must be found here, however
 * it is wrapped: no receiver may be less strict than this parser. Everything else is not IPv6 and
 * passes (docs/policy.md). A frame with more link headers than are parsed might carry IPv6 behind
 * them, and is dropped.
 */
#ifndef SLASH64_BPF_LINK_H
#define SLASH64_BPF_LINK_H

#include "bits.h"
#include "packet.h"

#define S64_ETHERNET_BYTES 14
#define S64_VLAN_BYTES	   4
#define S64_SNAP_BYTES	   8 /* LLC and SNAP, including the EtherType */
#define S64_PPPOE_BYTES	   6

/* Tags and LLC headers. Linux nests VLAN interfaces up to 7 deep (MAX_NEST_DEV), but accepts any
 * number of tags with VLAN 0 before them.
 */
#define S64_LINK_HEADERS     8
#define S64_LINK_OFFSET_MASK 127 /* every link header that is parsed fits below */

_Static_assert(S64_ETHERNET_BYTES + S64_LINK_HEADERS * S64_SNAP_BYTES + S64_PPPOE_BYTES + 2 <=
		       S64_LINK_OFFSET_MASK,
	       "offsets of IPv6");

enum s64_ethertype {
	/* smaller values are a length, and LLC follows (IEEE 802.3 3.2.6) */
	S64_ETHERTYPE_MIN = 0x0600,
	S64_ETHERTYPE_IPV4 = 0x0800,
	S64_ETHERTYPE_VLAN = 0x8100,
	S64_ETHERTYPE_IPV6 = 0x86dd,
	S64_ETHERTYPE_PPPOE_SESSION = 0x8864,
	S64_ETHERTYPE_QINQ = 0x88a8,
	/* from before 802.1ad; unknown to Linux, known to others */
	S64_ETHERTYPE_QINQ_OLD_1 = 0x9100,
	S64_ETHERTYPE_QINQ_OLD_2 = 0x9200,
	S64_ETHERTYPE_QINQ_OLD_3 = 0x9300,
};

#define S64_PPP_IPV6 0x57 /* RFC 5072 */
#define S64_PPP_IPV4 0x21 /* RFC 1332 */

static __always_inline bool is_vlan(__u16 ethertype)
{
	return ethertype == S64_ETHERTYPE_VLAN || ethertype == S64_ETHERTYPE_QINQ ||
	       ethertype == S64_ETHERTYPE_QINQ_OLD_1 || ethertype == S64_ETHERTYPE_QINQ_OLD_2 ||
	       ethertype == S64_ETHERTYPE_QINQ_OLD_3;
}

/* The result in one word: where IPv6 starts (or IPv4, if that is the reason), how many bytes a
 * PPPoE session says follow (0xffff: no session), the reason, and the link.
 */
#define LINK_OFFSET(link) ((__u32)(0xff & (link)))
#define LINK_ROOM(link)	  ((__u32)((link) >> 16 & 0xffff))
#define LINK_REASON(link) ((__u8)((link) >> 32))
#define LINK_WHICH(link)  ((__u32)((link) >> LINK_WHICH_SHIFT))
#define LINK_NO_ROOM	  0xffff

#define LINK_WHICH_SHIFT 40
#define VLAN_BITS	 12

static __always_inline __u64 link_found(__u32 offset, __u32 room)
{
	return offset | (__u64)room << 16 | (__u64)S64_REASON_NONE << 32;
}

static __always_inline __u64 link_stop(__u8 reason)
{
	return (__u64)reason << 32;
}

static __always_inline __u64 link_ipv4(__u32 offset)
{
	return offset | link_stop(S64_REASON_NOT_IPV6);
}

/* The outer two VLANs, as switches do; a tag with VLAN 0 does not count (IEEE 802.1Q 9.6).
 * Branchless.
 */
static __always_inline __u64 link_vlans(__u64 vlans, __u32 tag)
{
	__u64 vlan = tag & ((1U << VLAN_BITS) - 1);
	__u64 counts = is_below(vlans, 1U << VLAN_BITS) & is_below(0, vlan);

	return vlans << counts * VLAN_BITS | (vlan & -counts);
}

/* Each session is a link of its own. 24 bits of a product with the golden ratio, which spreads
 * consecutive session numbers as far as possible.
 */
static __always_inline __u64 link_session(__u64 vlans, __u32 session)
{
	return (vlans << 16 | session) * 0x9e3779b97f4a7c15ULL >> LINK_WHICH_SHIFT;
}

/* A PPPoE session (RFC 2516 4) at `off`. Version, type and code have one legal value each, and no
 * receiver checks them.
 */
static __always_inline __u64 parse_pppoe(const __u8 *data, const __u8 *data_end, __u32 off,
					 __u64 vlans)
{
	const __u8 *p = data + masked(off, S64_LINK_OFFSET_MASK);
	__u32 length, ppp, protocol;

	if (p + S64_PPPOE_BYTES + 2 > data_end)
		return link_stop(S64_REASON_TRUNCATED_LINK);
	length = s64_load_be16(p + 4);

	/* The protocol field has one byte if that byte is odd (RFC 1661 2). */
	ppp = p[S64_PPPOE_BYTES] & 1 ? 1 : 2;
	protocol = ppp == 1 ? p[S64_PPPOE_BYTES] : s64_load_be16(p + S64_PPPOE_BYTES);
	if (protocol == S64_PPP_IPV4)
		return link_ipv4(off + S64_PPPOE_BYTES + ppp);
	if (protocol != S64_PPP_IPV6)
		return link_stop(S64_REASON_NOT_IPV6);
	if (length < ppp)
		return link_stop(S64_REASON_TRUNCATED_LINK);
	return link_found(off + S64_PPPOE_BYTES + ppp, length - ppp) |
	       link_session(vlans, s64_load_be16(p + 2)) << LINK_WHICH_SHIFT;
}

/* SNAP with an EtherType behind it (RFC 1042, IEEE 802.1H). No Ethernet driver of Linux accepts
 * that as IPv6, but a bridge to a wireless network converts it (CVE-2021-27854, CVE-2021-27862),
 * whatever the length field says.
 */
static __always_inline bool is_snap(const __u8 *p)
{
	return s64_load_be32(p) == 0xaaaa0300 && p[4] == 0 && (p[5] == 0 || p[5] == 0xf8);
}

/* Anything but IPv6 directly behind the Ethernet header: tags, a session, or another protocol. A
 * global function, or the verifier would follow the rest of the program once for each offset.
 */
S64_GLOBAL_FUNCTION __u64 link_walk(s64_frame *frame)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	__u32 off = S64_ETHERNET_BYTES;
	__u64 vlans = 0;
	__u16 ethertype;

	if (data + S64_ETHERNET_BYTES > data_end)
		return link_stop(S64_REASON_TRUNCATED_LINK);
	ethertype = s64_load_be16(data + 12);
	for (int i = 0; i < S64_LINK_HEADERS; i++) {
		const __u8 *p = data + masked(off, S64_LINK_OFFSET_MASK);

		if (is_vlan(ethertype)) {
			if (p + S64_VLAN_BYTES > data_end)
				return link_stop(S64_REASON_TRUNCATED_LINK);
			vlans = link_vlans(vlans, s64_load_be16(p));
			ethertype = s64_load_be16(p + 2);
			off += S64_VLAN_BYTES;
		} else if (ethertype < S64_ETHERTYPE_MIN) {
			if (p + S64_SNAP_BYTES > data_end || !is_snap(p))
				return link_stop(S64_REASON_NOT_IPV6);
			ethertype = s64_load_be16(p + 6);
			off += S64_SNAP_BYTES;
		} else {
			break;
		}
	}
	if (ethertype == S64_ETHERTYPE_IPV6)
		return link_found(off, LINK_NO_ROOM) | vlans << LINK_WHICH_SHIFT;
	if (ethertype == S64_ETHERTYPE_IPV4)
		return link_ipv4(off);
	if (ethertype == S64_ETHERTYPE_PPPOE_SESSION)
		return parse_pppoe(data, data_end, off, vlans);
	return link_stop(is_vlan(ethertype) || ethertype < S64_ETHERTYPE_MIN ?
				 S64_REASON_TOO_MANY_VLANS :
				 S64_REASON_NOT_IPV6);
}

static __always_inline bool is_plain_ipv6(const __u8 *data, const __u8 *data_end)
{
	return data + S64_ETHERNET_BYTES <= data_end &&
	       s64_load_be16(data + 12) == S64_ETHERTYPE_IPV6;
}

#endif
