// SPDX-License-Identifier: GPL-2.0-only
/* At egress, and attached only while a rule of detection asks for proof: notes the SYN-ACKs that go
 * out (headers/slash64/proof.h). Every packet goes on.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include <slash64/maps.h>
#include <slash64/proof.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct s64_proof);
} s64_proof SEC(".maps");

const volatile struct s64_config config = {};

#define ETHERNET_BYTES 14
#define VLAN_BYTES     4
#define VLANS	       2
#define PPPOE_BYTES    8 /* with the protocol, which is not compressed by a Linux sender */
#define IPV6_BYTES     40
#define TCP_BYTES      20
/* A SYN-ACK is short: 60 bytes of TCP. Longer packets cost one comparison. */
#define SYN_ACK_BYTES_MAX (ETHERNET_BYTES + VLANS * VLAN_BYTES + PPPOE_BYTES + IPV6_BYTES + 60 + 16)

#define PROTO_TCP      6
#define TCP_FLAGS      0x17 /* FIN, SYN, RST, ACK */
#define TCP_SYN_ACK    0x12
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_PPP  0x8864
#define ETHERTYPE_IPV6 0x86dd
#define PPP_IPV6       0x0057

/* Where IPv6 begins; 0 if it does not. Tags that the NIC will insert are not in the frame. */
static __always_inline __u32 find_ipv6(const __u8 *data, const __u8 *data_end)
{
	__u32 at = ETHERNET_BYTES;

	for (int i = 0; i <= VLANS; i++) {
		__u16 type;

		if (data + at + PPPOE_BYTES > data_end)
			return 0;
		type = s64_load_be16(data + at - 2);
		if (type == ETHERTYPE_IPV6)
			return at;
		if (type == ETHERTYPE_PPP)
			return s64_load_be16(data + at + 6) == PPP_IPV6 ? at + PPPOE_BYTES : 0;
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			return 0;
		at += VLAN_BYTES;
	}
	return 0;
}

/* A place is taken from another flow only when its note is too old to be answered. */
static __always_inline void note(struct s64_proof *proof, __u64 flow, __u32 ack)
{
	const __u64 ticks =
		s64_time_of_jiffies(bpf_jiffies64(), config.tick_ns, config.jiffies_ahead_ns);
	__u32 now = ticks >> S64_PROOF_TIME_SHIFT, tag = s64_proof_tag(flow);
	__u64 *place = &proof->note[s64_proof_slot(flow) & (S64_PROOF_NOTES - 1)];
	__u64 before = S64_READ_ONCE(*place);

	if (before && before >> 48 != tag && s64_proof_age(before, now) <= S64_PROOF_ANSWER)
		return;
	S64_CAS(place, before, s64_proof_note_of(flow, now, ack));
}

SEC("tc")
int slash64_proof(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *data_end = (const __u8 *)(long)skb->data_end;
	const struct s64_seed seed = {config.seed.add, {config.seed.mul[0], config.seed.mul[1]}};
	const __u8 *ipv6, *tcp;
	struct s64_proof *proof;
	__u32 key = 0, at;
	__u64 flow;

	if (skb->len > SYN_ACK_BYTES_MAX)
		return TC_ACT_UNSPEC;
	at = find_ipv6(data, data_end);
	if (!at)
		return TC_ACT_UNSPEC;
	ipv6 = data + at;
	tcp = ipv6 + IPV6_BYTES;
	if (tcp + TCP_BYTES > data_end || ipv6[6] != PROTO_TCP ||
	    (tcp[13] & TCP_FLAGS) != TCP_SYN_ACK)
		return TC_ACT_UNSPEC;
	proof = bpf_map_lookup_elem(&s64_proof, &key);
	if (!proof)
		return TC_ACT_UNSPEC;
	if (!S64_READ_ONCE(proof->seen))
		S64_WRITE_ONCE(proof->seen, 1);
	/* the client is the destination here, and the source of the answer */
	flow = s64_proof_flow(S64_LOAD(__u64, ipv6 + 24), S64_LOAD(__u64, ipv6 + 32),
			      S64_LOAD(__u64, ipv6 + 8), S64_LOAD(__u64, ipv6 + 16),
			      S64_LOAD(__u16, tcp + 2), S64_LOAD(__u16, tcp), &seed);
	if (s64_proof_shares(flow, S64_READ_ONCE(proof->share)))
		note(proof, flow, s64_load_be32(tcp + 4) + 1);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
