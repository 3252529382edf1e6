# SPDX-License-Identifier: GPL-2.0-only
"""All 256 ICMPv6 types and their codes, in transit and to the router, through the real program,
compared with selftests/data/icmpv6.tsv; and every validity check of a message violated once."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from frames import (ALL_NODES, FRAGMENT, GLOBAL, HOP, ICMPV6, LINK_LOCAL, ROOT, Tally, ethernet, icmpv6,
                    ipv6, replay, router_alert)

# Our name for a row of the data file.
CLASSES = {
    "destination-unreachable": "destination-unreachable",
    "destination-unreachable headers-too-long": "headers-too-long",
    "packet-too-big": "packet-too-big",
    "time-exceeded hop-limit": "time-exceeded",
    "time-exceeded reassembly": "reassembly-timeout",
    "parameter-problem header-field": "parameter-problem-header",
    "parameter-problem next-header, option": "parameter-problem",
    "parameter-problem (newer codes)": "parameter-problem-extended",
    "unassigned error": "unassigned-error",
    "private experimentation, error": "experimental-error",
    "reserved, error expansion": "reserved-error",
    "mld query, report, done": "mld",
    "node-information query, reply": "node-information",
    "mobile ipv6": "mobile-ipv6",
    "send cert path": "send-certificate-path",
    "mldv2 report": "mldv2-report",
    "mrd": "multicast-router-discovery",
    "rpl control": "rpl",
    "ilnp locator update": "ilnp",
    "dar, dac": "duplicate-address",
    "mpl control": "mpl",
    "extended echo request, reply": "extended-echo",
    "unassigned informational": "unassigned-info",
    "private experimentation, informational": "experimental-info",
    "reserved, informational expansion": "reserved-info",
}

# Rows for which RFC 4890 asks for a policy (4), or that were assigned later (6): decided by the
# profile "edge".
DECIDED = {
    ("unassigned-error", "transit"): "pass", ("unassigned-error", "local"): "pass",
    ("redirect", "local"): "pass",
    ("node-information", "local"): "policy-drop",
    ("seamoby", "transit"): "policy-drop",
    ("fmipv6", "transit"): "link-scope",
    ("rpl", "transit"): "policy-drop",
    ("ilnp", "transit"): "policy-drop",
    ("duplicate-address", "transit"): "policy-drop",
    ("mpl", "transit"): "link-scope",
    ("extended-echo", "transit"): "pass", ("extended-echo", "local"): "policy-drop",
    ("unassigned-info", "transit"): "pass",
    # 3 to the router: "will be dropped anyway", because it does not take part
    ("router-renumbering", "local"): "policy-drop",
    ("mobile-ipv6", "local"): "policy-drop",
    ("seamoby", "local"): "policy-drop",
}

HOP_LIMIT_255 = set(range(133, 138)) | {141, 142, 148, 149, 154}
HOP_LIMIT_1 = {130, 131, 132, 143, 151, 152, 153}
ROUTER_ALERT = {130, 131, 132, 143}
FROM_LINK_LOCAL = HOP_LIMIT_1 | {134, 137}
CODES = list(range(0, 13)) + [100, 255]


def read_table():
    rows = []
    with open(os.path.join(ROOT, "selftests", "data", "icmpv6.tsv")) as f:
        for line in f:
            if line.startswith("#") or line.startswith("type\t"):
                continue
            types, codes, name, transit, local, *_ = line.rstrip("\n").split("\t")
            first, _, last = types.partition("-")
            low, _, high = codes.partition("-")
            if codes == "*":
                low, high = "0", "255"
            rows.append((int(first), int(last or first), int(low), int(high or low),
                         CLASSES.get(name, name), int(transit), int(local)))
    return rows


def find_row(rows, kind, code):
    for first, last, low, high, name, transit, local in rows:
        if first <= kind <= last and low <= code <= high:
            return name, transit, local
    # type 0 is reserved, and unassigned codes are unknown errors
    return "unassigned-error", 4, 4


def valid_body(kind):
    if kind == 2:
        return b"\0\0\x05\0" + b"\0" * 40
    if kind == 134:
        return b"\0" * 12
    if kind == 133:
        return b"\0" * 4
    if kind in (135, 136):
        return b"\0" * 4 + b"\xfe\x80" + b"\0" * 14
    if kind == 137:
        return b"\0" * 36
    return b"\0" * 40


def message(kind, code, **change):
    """A valid message, except for `change`."""
    payload = icmpv6(kind, code, change.get("body", valid_body(kind)))
    next_header = ICMPV6
    hop_limit = 255 if kind in HOP_LIMIT_255 else 1 if kind in HOP_LIMIT_1 else 64
    if change.get("alert", kind in ROUTER_ALERT):
        payload, next_header = router_alert(ICMPV6) + payload, HOP
    if change.get("fragment"):
        payload, next_header = bytes([next_header, 0, 0, 0, 0, 0, 0, 1]) + payload, FRAGMENT
    return ethernet(ipv6(next_header, payload,
                         src=change.get("src", LINK_LOCAL if kind in FROM_LINK_LOCAL else GLOBAL),
                         dst=change.get("dst", ALL_NODES if kind in HOP_LIMIT_255 | HOP_LIMIT_1 else
                                        "2a00:9:9:9::1"),
                         hop_limit=change.get("hop_limit", hop_limit)))


def expected(kind, code, direction, rows):
    name, transit, local = find_row(rows, kind, code)
    asked = transit if direction == "transit" else local
    if kind in range(133, 138) and code or kind in (141, 142) and code:
        return name, "bad-code"
    decided = DECIDED.get((name, direction))
    if asked in (1, 2):
        return name, "pass"
    if decided:
        return name, decided
    if asked == 3:
        return name, "link-scope"
    return name, "policy-drop"


def table(tally, rows):
    for direction in ("transit", "local"):
        cases = [(kind, code) for kind in range(256) for code in CODES]
        results = replay([message(*case) for case in cases], "--as", direction)
        wrong = []
        for (kind, code), got in zip(cases, results):
            name, outcome = expected(kind, code, direction, rows)
            reason = "pass" if got["verdict"] == "pass" else got["reason"]
            if (got["class"], reason) != (name, outcome) or got["icmpv6_type"] != kind or \
                    got["icmpv6_code"] != code:
                wrong.append("type %d code %d: %s %s (%s), not %s %s"
                             % (kind, code, got["class"], reason, got["reason"], name, outcome))
        tally.promise("every_type_and_code_in_%s_is_as_the_table_says" % direction, wrong, len(results))


GROUP = "ff02::1:ff00:1"
TARGET = b"\0" * 4 + b"\xfe\x80" + b"\0" * 14
TO_GROUP = b"\0" * 4 + b"\xff\x02" + b"\0" * 14

# The change, and the reason for which it is then dropped (None: it passes nevertheless).
BROKEN = [
    *[(k, {"hop_limit": h}, "hop-limit-not-255") for k in sorted(HOP_LIMIT_255 - {154})
      for h in (0, 1, 64, 254)],
    *[(k, {"hop_limit": h}, "hop-limit-not-1") for k in sorted(HOP_LIMIT_1) for h in (0, 2, 64, 255)],
    *[(k, {"alert": False}, "no-router-alert") for k in sorted(ROUTER_ALERT)],
    *[(k, {"src": GLOBAL}, "source-not-link-local") for k in sorted(FROM_LINK_LOCAL)],
    *[(k, {"fragment": True}, "nd-fragment") for k in (133, 134, 135, 136, 137, 148)],
    *[(k, {"body": valid_body(k)[:-1]}, "too-short") for k in (133, 134, 135, 136, 137)],
    *[(k, {"body": valid_body(k) + b"\1\0" + b"\0" * 6}, "nd-option") for k in (133, 134, 135, 136, 137)],
    *[(k, {"body": valid_body(k) + b"\1\2" + b"\0" * 6}, "nd-option") for k in (133, 134, 135, 136, 137)],
    *[(k, {"body": valid_body(k) + b"\1"}, "nd-option") for k in (133, 134, 135, 136, 137)],
    *[(k, {"body": valid_body(k) + b"\x0e\1" + b"\0" * 6}, None) for k in (133, 134, 135, 136, 137)],
    *[(k, {"body": valid_body(k) + (b"\x0e\1" + b"\0" * 6) * n}, None)
      for k in (134, 135) for n in (33, 170)],  # field P5: as many as there is room for
    (135, {"body": TO_GROUP}, "nd-target"),
    (136, {"body": TO_GROUP}, "nd-target"),
    (135, {"src": "::", "dst": GROUP}, None),
    (135, {"src": "::", "dst": "ff02::1"}, "nd-unspecified"),
    (135, {"src": "::", "dst": GROUP, "body": TARGET + b"\1\1" + b"\0" * 6}, "nd-unspecified"),
    (133, {"src": "::", "dst": "ff02::2"}, None),
    (148, {"src": "::", "dst": "ff02::2"}, None),  # hostile 22
    (149, {"src": "::", "dst": "ff02::1"}, "source-unspecified"),
    (133, {"src": "::", "dst": "ff02::2", "body": b"\0" * 4 + b"\1\1" + b"\0" * 6}, "nd-unspecified"),
    (136, {"dst": "ff02::1", "body": b"\x40" + TARGET[1:]}, "na-solicited-multicast"),
    (136, {"dst": "fe80::9", "body": b"\x40" + TARGET[1:]}, None),
    (134, {"src": "::"}, "source-unspecified"),
    (136, {"src": "::"}, "source-unspecified"),
    (128, {"src": "::"}, "source-unspecified"),
    (130, {"src": "::"}, "source-not-link-local"),
    (131, {"src": "::"}, None),
    (143, {"src": "::"}, None),
    *[(k, {"src": "ff02::1"}, "source-multicast") for k in (1, 128, 134, 135)],
    *[(2, {"body": m.to_bytes(4, "big") + b"\0" * 40}, r)
      for m, r in ((0, "ptb-mtu-below-1280"), (68, "ptb-mtu-below-1280"), (1279, "ptb-mtu-below-1280"), (1280, None), (65535, None))],
    (128, {"dst": "ff0e::1"}, "echo-multicast"),
    (128, {"dst": "ff05::1"}, "echo-multicast"),
    (128, {"dst": "ff02::1"}, None),
    *[(k, {"body": b""}, "too-short") for k in (1, 2, 3, 4, 128, 129)],
    # a report for a group of any scope is for this link
    (131, {"dst": "ff0e::1234"}, None),
]


def validity(tally):
    frames = [message(kind, 0, **change) for kind, change, _ in BROKEN]
    wrong = []
    for (kind, change, reason), got in zip(BROKEN, replay(frames)):
        said = None if got["verdict"] == "pass" else got["reason"]
        if said != reason:
            wrong.append("type %d, %s: %s, not %s" % (kind, change, said, reason))
    tally.promise("every_invalid_message_is_dropped_for_its_own_reason", wrong, len(BROKEN))


def directions(tally):
    """The destination decides the direction: mobility messages pass in transit, and are dropped to
    the router."""
    own = ["2a00:9::2", "ff05::2", "2a00:a::/48", "2a00:b:1::/127", "2a00:b::8000:0/97"]
    cases = [
        # destination, it is for the router itself
        ("ff02::1", True), ("fe80::77", True), ("2a00:9::1", False), ("2a00:9::2", True), ("ff05::3", False),
        ("ff05::2", True),
        # prefixes that are local as a whole: AnyIP, SIDs (hostile 10)
        ("2a00:a::", True), ("2a00:a:0:ffff:ffff:ffff:ffff:ffff", True), ("2a00:a:1::", False),
        ("2a00:b:1::1", True), ("2a00:b:1::2", False), ("2a00:b::ffff:ffff", True), ("2a00:b::7fff:ffff", False),
    ]
    options = [word for a in own for word in ("--local", a)]
    wrong = []
    for (dst, local), got in zip(cases, replay([message(144, 0, dst=dst) for dst, _ in cases], *options)):
        if got["reason"] != ("policy-drop" if local else "within-limit"):
            wrong.append("to %s: %s" % (dst, got["reason"]))
    # many own addresses: each one is found, and no others
    many = ["2a00:5:%x::%x" % (i % 7, i) for i in range(60)]
    options = [word for a in many for word in ("--local", a)]
    got = replay([message(144, 0, dst=a) for a in many + ["2a00:6::%x" % i for i in range(60)]], *options)
    wrong += ["own %s is transit" % a for a, r in zip(many, got) if r["verdict"] == "pass"]
    wrong += ["another is own" for r in got[60:] if r["verdict"] != "pass"]
    tally.promise("local_and_transit_are_told_by_the_destination", wrong, len(cases) + len(got))


def of_the_link(tally):
    """Valid neighbour discovery passes whatever is known about its destination (hostile 5, field
    P2), and messages from beyond a router do not, even if the destination is known."""
    own = ["2a00:9::1", "ff05::2"]
    wrong, count = [], 0
    for words in ((), [word for a in own for word in ("--local", a)]):
        cases = [(kind, dst, hop_limit) for kind in sorted(HOP_LIMIT_255 - {154})
                 for dst in ("ff02::1", "fe80::77", "2a00:9::1", "2a00:9::3", "ff05::2", "ff05::3")
                 for hop_limit in (255, 254, 64, 1)]
        got = replay([message(kind, 0, dst=dst, hop_limit=h) for kind, dst, h in cases], *words)
        for (kind, dst, hop_limit), result in zip(cases, got):
            said = "pass" if result["verdict"] == "pass" else result["reason"]
            if said != ("pass" if hop_limit == 255 else "hop-limit-not-255"):
                wrong.append("type %d to %s, hop limit %d, %s: %s" % (kind, dst, hop_limit, words, said))
        count += len(cases)
    tally.promise("neighbour_discovery_is_of_the_link_whatever_is_known_of_its_target", wrong, count)


def main():
    tally = Tally()
    table(tally, read_table())
    validity(tally)
    directions(tally)
    of_the_link(tally)
    tally.end()


main()
