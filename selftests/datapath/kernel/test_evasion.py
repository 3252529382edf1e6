# SPDX-License-Identifier: GPL-2.0-only
"""Nobody gets past the filter by wrapping packets: extension headers in every order and up to 40 of
them, headers cut at every byte, fragments at every offset. A packet that is dropped without such
headers does not pass with them, and a limited one does not pass more often. The headers are
scapy's; chains of them are assembled here, because the first byte of each header names the next,
and one test compares the result with scapy's own.

These pass when wrapped although they are dropped bare, which is correct:

  - ESP: its payload is encrypted, and no router on the way can read it (class esp). The headers
    before it and the source are judged as usual.
  - A non-first fragment has no upper layer (class fragment-non-first). The first fragment of the same
    datagram is dropped, so the datagram is never complete. A later one may pass where the first is
    dropped only for its upper layer.
  - A multicast listener message must have a router alert (RFC 2710 3): without one it is dropped,
    and with a hop-by-hop header that contains one it is valid.
"""
import itertools
import os
import random
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from frames import (AH, DST, ESP, FRAGMENT, GLOBAL, HIP, HOP, ICMPV6, LINK_LOCAL, MOBILITY, NONE, ROUTING,
                    SERVER, SHIM6, UDP, Tally, ethernet, icmpv6, ipv6, replay, router_alert)

import logging
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import UDP as ScapyUDP  # noqa: E402
from scapy.layers.inet6 import (HBHOptUnknown, ICMPv6EchoRequest, ICMPv6ND_RA, ICMPv6NIQueryName,  # noqa: E402
                                IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, IPv6ExtHdrSegmentRouting, MIP6MH_BE, PadN, RouterAlert)
from scapy.layers.ipsec import AH as ScapyAH, ESP as ScapyESP  # noqa: E402
from scapy.packet import Raw, raw  # noqa: E402

BLOCKED = "2a00:bad:1:2::3"
CHAIN_HEADERS, CHAIN_BYTES = 12, 2304 - 14 - 40  # the bounds of bpf/ext_headers.h
FIRST_UPPER_OFFSET = 64  # no later fragment starts before this

# --- headers: (their next header number, their bytes); chain() sets the first byte ---


def header(number, layer):
    return number, raw(layer)


def routing(kind, addresses=1, left=1):
    if kind == 4:
        return header(ROUTING, IPv6ExtHdrSegmentRouting(addresses=[SERVER] * addresses, segleft=left, nh=NONE))
    return header(ROUTING, IPv6ExtHdrRouting(type=kind, addresses=[SERVER] * addresses, segleft=left, nh=NONE))


def ah(icv_bytes=12):
    """RFC 4302 2.2: in units of 4 bytes, less 2."""
    return header(AH, ScapyAH(nh=NONE, payloadlen=(12 + icv_bytes) // 4 - 2, spi=1, seq=1, icv=b"\xa5" * icv_bytes))


def fragment(offset=0, more=0, identification=7):
    return header(FRAGMENT, IPv6ExtHdrFragment(nh=NONE, offset=offset // 8, m=more, id=identification))


def plain(number, units=0, rest=None):
    """HIP and shim6, which scapy does not have."""
    rest = b"\1" * (6 + units * 8) if rest is None else rest
    return number, bytes([NONE, units]) + rest


def options(number, count=0):
    kind = IPv6ExtHdrHopByHop if number == HOP else IPv6ExtHdrDestOpt
    return header(number, kind(nh=NONE, options=[PadN(optdata=b"\0" * 4)] * (count + 1), autopad=1))


HEADERS = {
    "hop": options(HOP), "dst": options(DST, 2),
    "rh0": routing(0), "rh1": routing(1), "rh2": routing(2), "rh3": routing(3), "rh4": routing(4, 2),
    "rh99": routing(99, 1, 0),
    "atomic": fragment(), "ah": ah(0), "ah24": ah(24),
    "mobility": header(MOBILITY, MIP6MH_BE(nh=NONE, len=2, ha="2a00::1")),
    "hip": plain(HIP, 4, b"\1\x21\0\0\0\0" + b"\2" * 32), "shim6": plain(SHIM6, 0, b"\x80\1\0\0\0\1"),
}
# headers that are dropped by themselves; segment routing only to the router itself
DROPPED_HEADERS = {"rh0": "routing-type-0", "rh1": "routing-nimrod", "rh3": "routing-rpl"}


def chain(headers, upper, upper_number):
    """The next header number of the first, and the bytes of all of them with the upper layer."""
    numbers = [number for number, _ in headers] + [upper_number]
    body = b"".join(bytes([numbers[i + 1]]) + data[1:] for i, (_, data) in enumerate(headers))
    return numbers[0], body + upper


class Payload:
    """An upper layer, and how it is sent: dropped or limited when no header precedes it."""

    def __init__(self, name, number, upper, reason, **how):
        self.name, self.number, self.upper, self.reason, self.how = name, number, upper, reason, how

    def frame(self, headers=(), **how):
        first, body = chain(headers, self.upper, self.number)
        return ethernet(ipv6(first, body, **{**self.how, **how}))


def scapy_upper(layer):
    """Without an IPv6 layer scapy adds no checksum; nothing here checks it."""
    return raw(layer)


PAYLOADS = [
    Payload("router advertisement from afar", ICMPV6, scapy_upper(ICMPv6ND_RA(cksum=1)), "hop-limit-not-255"),
    Payload("node information query", ICMPV6, scapy_upper(ICMPv6NIQueryName(cksum=1, data="a.b")), "policy-drop"),
    Payload("experimental type 200", ICMPV6, icmpv6(200), "policy-drop"),
    Payload("control message of link scope beyond the link", ICMPV6, icmpv6(159), "link-scope"),
    Payload("UDP of a blocked source", UDP, raw(ScapyUDP(sport=1, dport=2, chksum=1) / b"12345678"), "blocked",
            src=BLOCKED),
    Payload("packet too big for 68", ICMPV6, icmpv6(2, 0, b"\0\0\0\x44" + b"\0" * 40), "ptb-mtu-below-1280"),
    Payload("next header 253", 253, b"\0" * 16, "policy-drop"),
]
UDP_FINE = Payload("UDP", UDP, raw(ScapyUDP(sport=1, dport=2, chksum=1) / b"12345678"), None)

PARSE_STOPS = {"bad-header-order", "chain-too-long", "headers-beyond-buffer"}


def stop_of(names):
    """The reason why the walk stops, if it does, in a chain of HEADERS."""
    size = 0
    for i, name in enumerate(names):
        if i == CHAIN_HEADERS:
            return "chain-too-long"
        if name == "hop" and i or name == "atomic" and "atomic" in names[:i]:
            return "bad-header-order"
        if size > CHAIN_BYTES:
            return "chain-too-long"
        size += len(HEADERS[name][1])
    return None


def decided(frames, *words, **how):
    """replay() with the blocked source in the configuration."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write("interfaces: [{name: eth0}]\nblock:\n  - {prefix: '%s', reason: test}\n" % (BLOCKED[:-3] + "::/64"))
        f.flush()
        return replay(frames, "--config", f.name, *words, **how)


def batches(cases, size=20000):
    cases = iter(cases)
    while True:
        batch = list(itertools.islice(cases, size))
        if not batch:
            return
        yield batch


def reasons_of(names, payload, local=False):
    """The reason why a chain of HEADERS before a payload may be dropped."""
    stop = stop_of(names)
    if stop:
        return {stop}
    more = {"nd-fragment"} if "atomic" in names else set()
    if local and "rh4" in names:
        more.add("routing-segment")
    return {payload.reason} | more | {DROPPED_HEADERS[n] for n in names if n in DROPPED_HEADERS}


def chains_wrong(cases, *words):
    """cases: (names of HEADERS, payload). Each is dropped, for the expected reason."""
    wrong, count = [], 0
    for batch in batches(cases):
        frames = [p.frame([HEADERS[n] for n in names]) for names, p in batch]
        for (names, p), got in zip(batch, decided(frames, *words)):
            count += 1
            allowed = reasons_of(names, p, "local" in words)
            if got["verdict"] != "drop" or got["reason"] not in allowed:
                wrong.append("%s behind %s: %s %s, not %s" % (p.name, " ".join(names), got["verdict"],
                                                              got["reason"], sorted(allowed)))
    return wrong, count


def bare(tally):
    """Everything else depends on it: without headers they are dropped for their reason."""
    wrong = ["%s: %s %s" % (p.name, got["verdict"], got["reason"])
             for p, got in zip(PAYLOADS, decided([p.frame() for p in PAYLOADS]))
             if got["verdict"] != "drop" or got["reason"] != p.reason]
    got = decided([UDP_FINE.frame()])[0]
    if got["verdict"] != "pass":
        wrong.append("UDP: %s" % got["reason"])
    tally.promise("bare_payloads_are_dropped_for_their_reason", wrong, len(PAYLOADS) + 1)


def every_order(tally):
    orders = [names for n in range(1, 5) for names in itertools.permutations(HEADERS, n)]
    chance = random.Random(4)
    cases = [(names, p) for names in orders if len(names) < 4 for p in PAYLOADS]
    # four of them: every order, with payloads in turn
    cases += [(names, PAYLOADS[i % len(PAYLOADS)]) for i, names in enumerate(o for o in orders if len(o) == 4)]
    chance.shuffle(cases)
    wrong, count = chains_wrong(cases)
    tally.promise("no_order_of_headers_lets_a_payload_pass", wrong, count)


def dropped_headers(tally):
    """A header that is dropped by itself is dropped next to any others, whatever the payload: UDP
    or ESP."""
    cases, frames = [], []
    for bad in DROPPED_HEADERS:
        for names in itertools.permutations([n for n in HEADERS if n != bad], 2):
            for at in range(3):
                cases.append(names[:at] + (bad,) + names[at:])
    for i, names in enumerate(cases):
        upper = UDP_FINE if i % 2 else Payload("ESP", ESP, raw(ScapyESP(spi=1, seq=1, data=b"x" * 16)), None)
        frames.append(upper.frame([HEADERS[n] for n in names]))
    wrong = []
    for names, got in zip(cases, decided(frames)):
        allowed = {stop_of(names)} if stop_of(names) else \
            {DROPPED_HEADERS[n] for n in names if n in DROPPED_HEADERS}
        if got["verdict"] != "drop" or got["reason"] not in allowed:
            wrong.append("%s: %s %s" % (" ".join(names), got["verdict"], got["reason"]))
    tally.promise("a_dropped_header_is_dropped_among_others", wrong, len(cases))


def random_names(chance, length):
    """Mostly chains that are walked to their end, as far as the bound allows; and some absurd ones."""
    absurd = chance.random() < 0.3
    names = [chance.choice([n for n in HEADERS if absurd or n not in ("hop", "atomic")]) for _ in range(length)]
    if not absurd and chance.random() < 0.3:
        names[chance.randrange(length)] = "atomic"
    if not absurd and chance.random() < 0.3:
        names[0] = "hop"
    return tuple(names)


def long_chains(tally):
    chance = random.Random(40)
    cases = [(random_names(chance, 1 + i % 40), PAYLOADS[i // 40 % len(PAYLOADS)]) for i in range(8400)]
    wrong, count = chains_wrong(cases)
    # one header as often as possible, and the same to the router itself
    cases = [((name,) * n, PAYLOADS[n % len(PAYLOADS)]) for name in HEADERS for n in range(1, 41)]
    for words in ((), ("--as", "local")):
        more, n = chains_wrong([(names, p) for names, p in cases if not words or p.reason != "link-scope"], *words)
        wrong, count = wrong + more, count + n
    tally.promise("no_chain_of_up_to_40_headers_lets_a_payload_pass", wrong, count)


def large_headers(tally):
    """Every possible header length, and chains of large ones: beyond 2304 bytes the walk gives up,
    and such a packet does not pass."""
    makers = {
        "ah": lambda n: (AH, bytes([NONE, n]) + b"\1" * ((n + 2) * 4 - 2)),
        "hip": lambda n: plain(HIP, n), "shim6": lambda n: plain(SHIM6, n), "mobility": lambda n: plain(MOBILITY, n),
        "dst": lambda n: plain(DST, n, pads(6 + n * 8)), "hop": lambda n: plain(HOP, n, pads(6 + n * 8)),
        "rh2": lambda n: plain(ROUTING, n, b"\2\0" + b"\0" * (4 + n * 8)),
    }
    cases = [(what, [n], p) for what in makers for n in range(256) for p in (PAYLOADS[1], PAYLOADS[4])]
    chance = random.Random(2304)
    for i in range(2000):
        what = chance.choice([w for w in makers if w != "hop"])
        sizes = [chance.choice((0, 1, 7, 31, 63, 127, 255)) for _ in range(chance.randint(2, 13))]
        cases.append((what, sizes, PAYLOADS[i % len(PAYLOADS)]))
    wrong = []
    frames = [p.frame([makers[what](n) for n in sizes]) for what, sizes, p in cases]
    # an option has at most 255 bytes, so a long header takes 9: as large as possible, and still not
    # too many
    for (what, sizes, p), got in zip(cases, decided(frames)):
        # headers shorter than their fixed fields; the rest behind one is not inspected
        allowed = {p.reason, "chain-too-long", "headers-beyond-buffer"} if len(sizes) > 1 else {p.reason}
        if what == "ah" and 0 in sizes:
            allowed.add("bad-ah-length")
            allowed -= {p.reason}
        if got["verdict"] != "drop" or got["reason"] not in allowed:
            wrong.append("%s of lengths %s, %s: %s %s" % (what, sizes, p.name, got["verdict"], got["reason"]))
    tally.promise("no_length_of_a_header_lets_a_payload_pass", wrong, len(cases))


def pads(room):
    """PadN options that fill `room` bytes."""
    out = b""
    while room:
        n = min(room, 257)
        if room - n == 1:
            n -= 1
        out += b"\1" + bytes([n - 2]) + b"\0" * (n - 2) if n > 1 else b"\0"
        room -= n
    return out


def walk_is_real(tally):
    """The reverse, because a filter that drops every header would pass all other tests of this
    file: UDP behind headers that are not dropped passes, as UDP."""
    names = [n for n in HEADERS if n not in DROPPED_HEADERS]
    cases = [c for n in range(4) for c in itertools.permutations(names, n) if not stop_of(c)]
    chance = random.Random(12)
    while len(cases) < 3000:
        c = tuple(n for n in random_names(chance, chance.randint(1, 12)) if n in names)
        if not stop_of(c):
            cases.append(c)
    wrong = []
    for c, got in zip(cases, decided([UDP_FINE.frame([HEADERS[n] for n in c]) for c in cases])):
        if (got["verdict"], got["class"], got["next_header"]) != ("pass", "udp", UDP):
            wrong.append("UDP behind %s: %s %s" % (" ".join(c), got["verdict"], got["reason"]))
    tally.promise("a_payload_that_may_pass_does_so_behind_headers", wrong, len(cases))


def as_scapy_builds(tally):
    """The chains of this file are byte for byte what scapy makes of the same layers."""
    layers = {
        "hop": IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]),
        "dst": IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)] * 3),
        "rh0": IPv6ExtHdrRouting(type=0, addresses=[SERVER], segleft=1), "rh2":
        IPv6ExtHdrRouting(type=2, addresses=[SERVER], segleft=1), "rh4":
        IPv6ExtHdrSegmentRouting(addresses=[SERVER] * 2, segleft=1), "atomic": IPv6ExtHdrFragment(id=7),
    }
    chance = random.Random(3)
    wrong, count = [], 300
    for i in range(count):
        names = [chance.choice(list(layers)) for _ in range(1 + i % 40)]
        packet = IPv6(src=GLOBAL, dst=SERVER)
        for name in names:
            packet /= layers[name].copy()
        packet /= ScapyUDP(sport=1, dport=2, chksum=1) / b"12345678"
        if raw(packet) != UDP_FINE.frame([HEADERS[n] for n in names])[14:]:
            wrong.append(" ".join(names))
    tally.promise("chains_are_as_scapy_builds_them", wrong, count)


CUT_REASONS = {"truncated-link", "truncated-ipv6", "truncated-payload", "truncated-chain", "truncated-upper",
               "headers-beyond-buffer", "too-short", "bad-option", "fragment-without-headers"}
ALL_IN_ORDER = ("hop", "dst", "rh2", "atomic", "ah24", "mobility", "hip", "shim6")


def representative():
    """(names, payload) of the packets to cut: every header alone, and all of them together."""
    for i, names in enumerate([(n,) for n in HEADERS] + [ALL_IN_ORDER, ALL_IN_ORDER[:4], ("ah", "rh4", "dst")]):
        for p in (PAYLOADS[i % len(PAYLOADS)], PAYLOADS[(i + 2) % len(PAYLOADS)], UDP_FINE):
            yield names, p


def with_length(frame, length):
    """The payload length set."""
    return frame[:18] + struct.pack("!H", length) + frame[20:]


def every_cut(tally):
    """A packet that ends at any byte: only the frame ends there; or the payload length agrees with
    it; or only the payload length ends there, and the rest looks like padding. A cut packet that
    passes is UDP with its header present, and no header of the chain is missing."""
    cases, frames = [], []
    for names, p in representative():
        whole = p.frame([HEADERS[n] for n in names])
        upper = len(whole) - len(p.upper)
        for end in range(14, len(whole)):
            cases.append((names, p, "frame", end, upper))
            frames.append(whole[:end])
            if end >= 54:
                cases.append((names, p, "packet", end, upper))
                frames.append(with_length(whole[:end], end - 54))
                cases.append((names, p, "payload length", end, upper))
                frames.append(with_length(whole, end - 54))
    wrong = []
    for (names, p, what, end, upper), got in zip(cases, decided(frames)):
        needed = {UDP: 8, ICMPV6: 4}.get(p.number, 0)
        seen = end >= upper + needed
        if what == "frame":
            allowed = CUT_REASONS
        elif seen:
            allowed = reasons_of(names, p) | ({"too-short"} if p.number == ICMPV6 else set())
        else:
            # without a payload, and with hop-by-hop options in front, it could be a jumbogram
            allowed = CUT_REASONS | ({"bad-jumbo"} if end == 54 else set())
        passes = p is UDP_FINE and what != "frame" and seen and not set(names) & set(DROPPED_HEADERS)
        if (got["verdict"] == "pass") != passes or not passes and got["reason"] not in allowed:
            wrong.append("%s behind %s, %s cut at %d of %d: %s %s" % (p.name, " ".join(names), what, end,
                                                                    upper + len(p.upper), got["verdict"], got["reason"]))
    tally.promise("no_packet_cut_at_any_byte_passes", wrong, len(cases))


def every_snap_length(tally):
    """Only the capture is cut there: same verdict, or dropped because the headers cannot be seen."""
    cases, frames = [], []
    for names, p in representative():
        whole = p.frame([HEADERS[n] for n in names])
        for end in range(14, len(whole)):
            cases.append((names, p, end))
            frames.append((whole[:end], len(whole)))
    wrong = []
    for (names, p, end), got in zip(cases, decided(frames)):
        allowed = reasons_of(names, p) | {"truncated-ipv6", "headers-beyond-buffer"}
        fine = p is UDP_FINE and not set(names) & set(DROPPED_HEADERS) and \
            end >= len(p.frame([HEADERS[n] for n in names])) - len(p.upper) + 8
        if (got["verdict"] == "pass") != fine or not fine and got["reason"] not in allowed or not got.get("cut"):
            wrong.append("%s behind %s, captured to %d: %s %s" % (p.name, " ".join(names), end, got["verdict"],
                                                                  got["reason"]))
    tally.promise("what_a_capture_does_not_show_does_not_pass", wrong, len(cases))


def in_fragment(before, number, part, offset, more, flags=0, payload=UDP_FINE):
    """`part` of a datagram, whose first header is `number`, in a fragment behind the headers `before`."""
    kind, data = fragment(offset, more)
    data = data[:1] + bytes([flags >> 8]) + struct.pack("!H", offset | more | flags & 6) + data[4:]
    first, body = chain([*before, (kind, data)], part, number)
    return ethernet(ipv6(first, body, **payload.how))


def every_split(tally):
    """A chain of headers in two fragments, split at every byte. The first must hold the chain (RFC
    7112) and a multiple of 8 bytes; if it does, it is dropped like the whole. The other passes
    only as the non-first fragment of such a datagram, or is dropped for its offset, its source,
    or the headers before it."""
    cases, frames = [], []
    for names, p in representative():
        if "atomic" in names:
            names = tuple(n for n in names if n != "atomic")
        before = [HEADERS[n] for n in names if n == "hop"]
        behind = [HEADERS[n] for n in names if n != "hop"]
        number, whole = chain(behind, p.upper + b"\0" * 16, p.number)
        upper = len(whole) - len(p.upper) - 16
        for at in range(1, len(whole)):
            cases.append((names, p, at, at >= upper + {UDP: 8, ICMPV6: 4}.get(p.number, 0), "first"))
            frames.append(in_fragment(before, number, whole[:at], 0, 1, payload=p))
            if at % 8 == 0:
                cases.append((names, p, at, False, "second"))
                frames.append(in_fragment(before, number, whole[at:], at, 0, payload=p))
    wrong = []
    for (names, p, at, complete, which), got in zip(cases, decided(frames)):
        bad_header = set(names) & set(DROPPED_HEADERS)
        if which == "second":
            allowed = {"fragment-overlap"} if at < FIRST_UPPER_OFFSET else {"blocked"}
            passes = at >= FIRST_UPPER_OFFSET and p.reason != "blocked"
        elif at % 8:
            allowed, passes = {"bad-fragment-length"}, False
        elif complete:
            allowed = reasons_of(names, p) | {"nd-fragment"}
            if p.number == ICMPV6:
                allowed.add("fragment-without-headers")  # shorter than a message of its type
            passes = p is UDP_FINE and not bad_header
        else:
            allowed, passes = {"fragment-without-headers"}, False
        if (got["verdict"] == "pass") != passes or not passes and got["reason"] not in allowed or \
                which == "second" and passes and got["class"] != "fragment-non-first":
            wrong.append("%s behind %s, %s part, split at %d: %s %s, not %s"
                         % (p.name, " ".join(names), which, at, got["verdict"], got["reason"], sorted(allowed)))
    tally.promise("no_header_split_between_fragments_passes", wrong, len(cases))


def every_offset(tally):
    """Fragments at every possible offset, last or not."""
    payloads = [PAYLOADS[0], PAYLOADS[2], PAYLOADS[4], UDP_FINE]
    lengths = (8, 48, 1232)
    cases, frames = [], []
    for offset in range(0, 65536, 8):
        for more in (0, 1):
            p = payloads[(offset // 8 + more) % len(payloads)]
            around = offset < 1024 or offset > 64000
            for p, length in [(p, 48)] if not around else itertools.product(payloads, lengths):
                part = (p.upper + b"\0" * 1232)[:length]
                # the headers before the fragment header are seen in each of them
                before = ("dst",) if offset // 8 % 3 == 1 else ("rh0",) if offset // 8 % 3 == 2 else ()
                cases.append((p, offset, more, length, before))
                frames.append(in_fragment([HEADERS[n] for n in before], p.number, part, offset, more, payload=p))
    wrong = []
    for (p, offset, more, length, before), got in zip(cases, decided(frames)):
        allowed = {"routing-type-0"} if "rh0" in before else set()
        if offset + length > 65535:
            # "too long" comes first, whatever the source
            allowed, passes = {"fragment-overflow"}, False
        elif offset == 0:
            allowed |= {p.reason, "nd-fragment"}
            # an atomic fragment is a whole packet
            allowed |= {"fragment-without-headers" if more else "too-short"} if length < len(p.upper) else set()
            passes = p is UDP_FINE and not before
        elif offset < FIRST_UPPER_OFFSET:
            allowed, passes = {"fragment-overlap"}, False
        else:
            allowed |= {"blocked"} if p.reason == "blocked" else set()
            passes = not allowed
        if (got["verdict"] == "pass") != passes or not passes and got["reason"] not in allowed:
            wrong.append("%s, offset %d more %d of %d bytes behind %s: %s %s, not %s"
                         % (p.name, offset, more, length, before, got["verdict"], got["reason"], sorted(allowed)))
    tally.promise("no_offset_of_a_fragment_lets_a_payload_pass", wrong, len(cases))


def overlapping(tally):
    """Fragments that overwrite the upper layer of the first one: those that start before any first
    fragment can end are dropped. Later ones that overlap a longer chain look the same as honest
    ones to a stateless filter; hosts drop the whole datagram (RFC 5722). And reserved bits have
    no effect."""
    cases = []
    for names in ((), ("dst",), ("hop",), ("ah24",), ("hip",)):
        before = [HEADERS[n] for n in names]
        for offset in range(8, FIRST_UPPER_OFFSET, 8):
            for more in (0, 1):
                cases.append(("fragment-overlap", in_fragment(before, UDP, icmpv6(200), offset, more)))
        for p in PAYLOADS:
            for flags in (0xff00, 0x0006, 0xff06):
                cases.append((p.reason, in_fragment(before, p.number, p.upper, 0, 0, flags, p)))
        for first, second in itertools.product((fragment(), fragment(0, 1)), (fragment(), fragment(0, 1), fragment(1400))):
            body = [*before, first, HEADERS["dst"], second]
            cases.append(("bad-header-order", Payload("", ICMPV6, icmpv6(200), None).frame(body)))
        # tiny: the headers are there, the message is not
        cases.append(("fragment-without-headers", in_fragment(before, ICMPV6, icmpv6(128)[:0] + b"", 0, 1)))
        for length in range(8, 32, 8):
            tcp = struct.pack("!HHIIBBHHH", 1, 22, 0, 0, 0x50, 2, 1024, 0, 0) + b"\0" * 12
            passes = None if length >= 24 else "fragment-without-headers"
            cases.append((passes, in_fragment(before, 6, tcp[:length], 0, 1)))
    wrong = []
    for (reason, frame), got in zip(cases, decided([frame for _, frame in cases])):
        said = None if got["verdict"] == "pass" else got["reason"]
        if said not in (reason, {"hop-limit-not-255": "nd-fragment",
                                 "fragment-without-headers": "bad-fragment-length"}.get(reason, reason)):
            wrong.append("%s, not %s: %s" % (said, reason, frame.hex()))
    tally.promise("overlapping_tiny_and_nested_fragments_are_dropped", wrong, len(cases))


def encrypted(tally):
    """ESP hides its payload, so it passes, as class esp. It hides neither the headers before it nor
    the source."""
    esp = raw(ScapyESP(spi=1, seq=1, data=icmpv6(200) + b"\2\2" + b"\x3a" * 14))
    cases = []
    for n in range(3):
        for names in itertools.permutations(HEADERS, n):
            cases.append((names, GLOBAL, None))
            cases.append((names, BLOCKED, "blocked"))
    wrong = []
    frames = [Payload("ESP", ESP, esp, None, src=src).frame([HEADERS[n] for n in names]) for names, src, _ in cases]
    for (names, src, reason), got in zip(cases, decided(frames)):
        stop = stop_of(names)
        allowed = {stop} if stop else {DROPPED_HEADERS[n] for n in names if n in DROPPED_HEADERS}
        allowed |= {reason} if reason and not stop else set()
        passes = not allowed
        if (got["verdict"] == "pass") != passes or passes and got["class"] != "esp" or \
                not passes and got["reason"] not in allowed:
            wrong.append("%s from %s: %s %s" % (" ".join(names), src, got["verdict"], got["reason"]))
    tally.promise("esp_hides_its_payload_and_nothing_else", wrong, len(cases))


def router_alerts(tally):
    """A multicast listener query without router alert stays dropped, unless it gets one where it
    belongs: in the hop-by-hop header, see RFC 2711 2.1. In destination options it alerts no
    router."""
    query = Payload("MLD query", ICMPV6, icmpv6(130), "no-router-alert", src=LINK_LOCAL, dst="ff02::1", hop_limit=1)
    alert = header(DST, IPv6ExtHdrDestOpt(nh=NONE, options=[RouterAlert()]))
    right = (HOP, router_alert(NONE))
    cases = [((), None), ((right,), "pass"), ((alert,), None), ((HEADERS["dst"], alert), None),
             ((HEADERS["hop"], alert), None), ((HEADERS["ah"], alert), None), ((alert, alert), None)]
    cases += [((HEADERS[n],), None) for n in HEADERS if n not in DROPPED_HEADERS and n != "rh4"]
    wrong = []
    for (headers, passes), got in zip(cases, decided([query.frame(headers) for headers, _ in cases])):
        if (got["verdict"] == "pass") != bool(passes) or not passes and got["reason"] != "no-router-alert":
            wrong.append("behind %s: %s %s" % ([h[1].hex() for h in headers], got["verdict"], got["reason"]))
    tally.promise("a_router_alert_counts_in_the_hop_by_hop_header_only", wrong, len(cases))


def framed(tally):
    """The same under VLAN tags, in a PPPoE session, and with trailing padding."""
    cases, frames = [], []
    chance = random.Random(8021)
    for i in range(1500):
        names, p = random_names(chance, 1 + i % 15), PAYLOADS[i % len(PAYLOADS)]
        packet = p.frame([HEADERS[n] for n in names])[14:]
        for how, frame in (("a tag", ethernet(b"\0\5\x86\xdd" + packet, 0x8100)),
                           ("two tags", ethernet(b"\0\5\x81\0\0\6\x86\xdd" + packet, 0x88a8)),
                           ("nine tags", ethernet(b"\0\0\x81\0" * 8 + b"\0\0\x86\xdd" + packet, 0x8100)),
                           ("SNAP", ethernet(b"\xaa\xaa\3\0\0\0\x86\xdd" + packet, 8)),
                           ("PPPoE of another version", ethernet(b"\x21\7\0\1" + struct.pack(
                               "!H", len(packet) + 2) + b"\0\x57" + packet, 0x8864)),
                           ("PPPoE", ethernet(b"\x11\0\0\1" + struct.pack("!H", len(packet) + 2) + b"\0\x57" +
                                              packet, 0x8864)),
                           ("padding", ethernet(packet + b"\0" * 60))):
            cases.append((names, p, how))
            frames.append(frame)
    wrong = []
    for (names, p, how), got in zip(cases, decided(frames)):
        allowed = {"too-many-vlans"} if how == "nine tags" else reasons_of(names, p) | {"chain-too-long"}
        if got["verdict"] != "drop" or got["reason"] not in allowed:
            wrong.append("%s, %s behind %s: %s %s" % (how, p.name, " ".join(names), got["verdict"], got["reason"]))
    tally.promise("no_chain_passes_under_tags_sessions_or_padding", wrong, len(cases))


def jumbograms(tally):
    """A payload length of 0 is a jumbogram or empty; neither lets a payload pass."""
    cases = []
    for p in PAYLOADS:
        for value in (0, 8, 65535, 65536, 70000, 0xffffffff):
            jumbo = bytes([NONE, 0, 0xc2, 4]) + struct.pack("!I", value)
            for kind in (HOP, DST):
                for behind in ([], [HEADERS["dst"]], [HEADERS["atomic"]], [HEADERS["ah"]]):
                    frame = p.frame([(kind, jumbo), *behind])
                    cases += [with_length(frame, 0), frame]
                    whole = ethernet(with_length(frame, 0)[14:] + b"\0" * (value + 40 - len(frame) + 14)) \
                        if 65536 <= value <= 70000 else frame
                    cases.append((whole[:3000], len(whole)) if whole is not frame else frame)
    wrong = ["%s %s: %s" % (got["class"], got["verdict"], (c[0] if isinstance(c, tuple) else c)[:80].hex())
             for c, got in zip(cases, decided(cases)) if got["verdict"] != "drop"]
    tally.promise("no_jumbogram_lets_a_payload_pass", wrong, len(cases))


def limits(tally):
    """All packets of a source at one moment: no more of them pass with headers than bare, and
    alternating headers does not change that. Later fragments have no upper layer to be counted
    by, but the first ones have, and no more of those pass."""
    count = 300
    echo = Payload("echo request", ICMPV6, icmpv6(128), None)
    kinds = [()] + [(n,) for n in HEADERS] + [("hop", n) for n in HEADERS if n != "hop"] + \
        [(n, "atomic") for n in HEADERS if n not in ("hop", "atomic")] + [ALL_IN_ORDER, ("dst",) * 9]
    frames, owner = [], []

    def add(name, of):
        source = len(set(owner))
        owner.extend([name] * count)
        for i in range(count):
            frames.append(of(i, "2a00:%x::1" % (source + 0x100)))

    for names in kinds:
        add(" ".join(names) or "bare", lambda i, src: echo.frame([HEADERS[n] for n in names], src=src))
    add("first fragments", lambda i, src: in_fragment([], ICMPV6, icmpv6(128), 0, 1, payload=Payload(
        "", ICMPV6, b"", None, src=src)))
    add("all in turn", lambda i, src: echo.frame([HEADERS[n] for n in kinds[i % len(kinds)]], src=src))
    add("all in turn, from all of the /64", lambda i, src: echo.frame(
        [HEADERS[n] for n in kinds[i % len(kinds)]], src=src[:-1] + "%x" % (i + 1)))
    passed = dict.fromkeys(owner, 0)
    for name, got in zip(owner, decided(frames, spacing=0)):
        passed[name] += got["verdict"] == "pass"
    wrong = ["%d bare, %d %s" % (passed["bare"], n, name) for name, n in passed.items() if n > passed["bare"]]
    # and the check is not empty: bare ones are limited, and some with headers pass
    if not 0 < passed["bare"] < count:
        wrong.append("%d of %d bare ones pass" % (passed["bare"], count))
    wrong += ["none passes: %s" % n for n in ("dst", "atomic", "ah", "hip", "all in turn") if not passed[n]]
    tally.promise("no_header_raises_a_limit", wrong, len(frames))


def main():
    tally = Tally()
    for promise in (bare, as_scapy_builds, every_order, dropped_headers, long_chains, large_headers, walk_is_real,
                    every_cut, every_snap_length, every_split, every_offset, overlapping, encrypted, router_alerts,
                    framed, jumbograms, limits):
        promise(tally)
    tally.end()


main()
