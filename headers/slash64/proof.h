/* SPDX-License-Identifier: GPL-2.0-only */
/* Proof that a source is real: it completed TCP handshakes through this router.
 *
 * The program at egress (bpf/proof.bpf.c) notes a SYN-ACK that goes out: the flow, and the
 * acknowledgement number that answers it. A packet that comes in with just that number was sent by
 * somebody who saw the SYN-ACK (RFC 9293 3.5). A source is proven when S64_PROOF_HANDSHAKES were
 * completed within S64_PROOF_WITHIN of each other, over one path: an interface, the neighbour
 * behind it, and the hop limit that is left. Both tables are of fixed size.
 *
 * What a guess is worth: a number has 32 bits, and a wrong one removes what was noted, so each
 * SYN-ACK is one try. design.md has the odds, and what this does not prove.
 */
#ifndef SLASH64_PROOF_H
#define SLASH64_PROOF_H

#include <slash64/gcra.h>
#include <slash64/hash.h>

/* Times are in units of 2^24 * 16 ns, 0.27 s. */
#define S64_PROOF_TIME_SHIFT 24
#define S64_PROOF_PER_MINUTE 224

/* The clock of one CPU may be a unit behind what another has just written. */
#define S64_PROOF_BEHIND 1

#define S64_PROOF_ANSWER     16 /* a SYN-ACK may be answered for so long: 4.3 s */
#define S64_PROOF_WITHIN     S64_PROOF_PER_MINUTE
#define S64_PROOF_KEPT	     (10 * S64_PROOF_PER_MINUTE)
#define S64_PROOF_HANDSHAKES 2

/* --- SYN-ACKs that went out ---------------------------------------------------------------------
 *
 * A word each, found by the hash of the flow: a tag of 16 bits, the time in 16 bits, and the number
 * that answers it. A word of another flow is replaced only when it is too old to be answered, so
 * nobody can flush those of others. 0 is free. Every change is one compare-and-swap or one store.
 */
#define S64_PROOF_NOTES 65536

struct s64_proof {
	__u32 share; /* flows are noted whose 16 bits of hash are below: 0x10000 is all of them */
	__u32 on;    /* for slash64d: whether it was, if it was killed */
	__u64 seen;  /* a SYN-ACK has gone out since it is on */
	__u64 reserved[6];
	__u64 note[S64_PROOF_NOTES];
} __attribute__((aligned(S64_CACHE_LINE)));

#define S64_PROOF_SHARE_ALL 0x10000U

/* Words as they are in the packet. The hash is one of multiplications, which is enough as the number
 * is bound to all of its bits (s64_proof_number()).
 */
static __always_inline __u64 s64_proof_flow(__u64 client_hi, __u64 client_lo, __u64 server_hi,
					    __u64 server_lo, __u32 client_port, __u32 server_port,
					    const struct s64_seed *seed)
{
	__u64 ports = (__u64)client_port << 40 | (__u64)server_port << 16;
	__u64 v = (client_hi ^ seed->add) * seed->mul[0] + (client_lo ^ ports) * seed->mul[1] +
		  (server_hi + server_lo) * (seed->add | 1);

	return v ^ v >> 32;
}

static __always_inline __u32 s64_proof_slot(__u64 flow)
{
	return flow >> 48;
}

static __always_inline __u32 s64_proof_tag(__u64 flow)
{
	return flow >> 32 & 0xffff;
}

/* What answers a SYN-ACK, bound to its flow: place and tag are 32 bits of the hash, and who has a
 * flow of his own knows its number. If that alone proved, he would find a flow of somebody else with
 * the same 32 bits by trying: one of 2^32 packets with forged sources, and not one of 2^32
 * SYN-ACKs. The other half of the hash makes it one of 2^64.
 */
static __always_inline __u32 s64_proof_number(__u64 flow, __u32 ack)
{
	return ack ^ (__u32)flow;
}

static __always_inline __u64 s64_proof_note_of(__u64 flow, __u32 now, __u32 ack)
{
	return (__u64)s64_proof_tag(flow) << 48 | (__u64)(now & 0xffff) << 32 |
	       s64_proof_number(flow, ack);
}

static __always_inline bool s64_proof_shares(__u64 flow, __u32 share)
{
	return (flow & 0xffff) < share;
}

static __always_inline __u32 s64_proof_age(__u64 note, __u32 now)
{
	__u32 age = (now + S64_PROOF_BEHIND - (__u32)(note >> 32)) & 0xffff;

	return age > S64_PROOF_BEHIND ? age - S64_PROOF_BEHIND : 0;
}

/* --- proven sources -----------------------------------------------------------------------------
 *
 * An entry for each pair of source and path, in sets found by the hash of the source. The datapath
 * writes an entry while it holds the set by a bit of its control word; one that finds it taken goes
 * on without, and the handshake does not count. A new entry replaces one that is no longer valid,
 * otherwise the one proven longest ago. A reader looks at the source, the rest, and the source
 * again. Order of a writer: source = 0, the rest, the source.
 */
#define S64_PROVEN_SETS 8192
#define S64_PROVEN_SET	5

struct s64_proven {
	__u64 src_key; /* 0: free */
	__u32 path;
	__u32 handshakes;
	__u32 since; /* the first of them */
	__u32 last;
};

struct s64_proven_set {
	__u64 control; /* 1: a CPU writes */
	struct s64_proven entry[S64_PROVEN_SET];
} __attribute__((aligned(S64_CACHE_LINE)));

_Static_assert(sizeof(struct s64_proven_set) == 2 * S64_CACHE_LINE, "two cache lines");

static __always_inline __u32 s64_proven_set_of(__u64 src_key, const struct s64_seed *seed)
{
	return s64_hash64(src_key, seed) >> 32 & (S64_PROVEN_SETS - 1);
}

/* The path of a packet: the interface, the neighbour's address and VLAN on it, and the hop limit. */
static __always_inline __u32 s64_proof_path(__u64 neighbour, __u32 iface_slot, __u32 link,
					    __u32 hop_limit, const struct s64_seed *seed)
{
	return s64_hash64((neighbour ^ (__u64)link << 24) +
				  ((__u64)iface_slot << 56 | (__u64)hop_limit << 48),
			  seed) >>
	       32;
}

static __always_inline __u32 s64_proven_age(__u32 then, __u32 now)
{
	__u32 age = now + S64_PROOF_BEHIND - then;

	return age > S64_PROOF_BEHIND ? age - S64_PROOF_BEHIND : 0;
}

static __always_inline bool s64_proven_is_valid(const struct s64_proven *entry, __u32 now)
{
	return entry->handshakes >= S64_PROOF_HANDSHAKES &&
	       s64_proven_age(entry->last, now) <= S64_PROOF_KEPT;
}

#endif
