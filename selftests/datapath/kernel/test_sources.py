# SPDX-License-Identifier: GPL-2.0-only
"""Special prefixes as sources, through the real program, compared with selftests/data/prefixes.tsv:
with bogons off, monitored and enforced."""
import ipaddress
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from frames import ROOT, Tally, ethernet, ipv6, replay, replay_file

SERVER = "2a00:9:9:9::1"


def read_table():
    rows = []
    with open(os.path.join(ROOT, "selftests", "data", "prefixes.tsv")) as f:
        for line in f:
            if line.startswith("#") or not line.strip():
                continue
            prefix, source, *_ = line.split("\t")
            rows.append((ipaddress.IPv6Network(prefix), source))
    # the longest match counts
    return sorted(rows, key=lambda row: -row[0].prefixlen)


def source_of(rows, address):
    for network, source in rows:
        if address in network:
            return source
    return "bogon"  # outside of 2000::/3


def addresses(rows):
    chance = random.Random(64)
    for network, _ in rows:
        first, last = int(network[0]), int(network[-1])
        around = [first - 1, first, first + 1, last - 1, last, last + 1]
        around += [chance.randint(first, last) for _ in range(20)]
        yield from (ipaddress.IPv6Address(a) for a in around if 0 <= a < 1 << 128)
    for _ in range(2000):
        yield ipaddress.IPv6Address(chance.getrandbits(128))
        yield ipaddress.IPv6Address(0x2001 << 112 | chance.getrandbits(112))


def frame(source, dst=SERVER):
    return ethernet(ipv6(17, b"\0\1\0\2\0\10\0\0", src=str(source), dst=dst))


def expected(rows, address, bogons):
    if address == ipaddress.IPv6Address("::"):
        return "source-unspecified"
    if address.packed[0] == 0xff:  # since Python 3.13, is_multicast is true for mapped IPv4 addresses too
        return "source-multicast"
    if bogons != "off" and source_of(rows, address) in ("bogon", "onlink"):
        return "source-bogon"
    return "pass"


def reasons(capture, config, *options):
    """Verdicts on the packets of a capture in selftests/data/field: the reason, for dropped ones."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write("interfaces: []\n" + config)
        f.flush()
        got = replay_file(os.path.join(ROOT, "selftests", "data", "field", capture), "--config", f.name, *options)
    return ["pass" if r["verdict"] == "pass" else r["reason"] for r in got]


def the_link_with_bogons_enforced(tally):
    """field P1, P2: a router whose neighbours reach it by link-local addresses. Of these packets,
    only the last is for somebody beyond the link."""
    own = ("--local", "2a00:1:2:3::2")
    cases = [
        ("bogons_linklocal.pcap", "policy: {bogons: enforce}\n", own, ["pass"] * 11 + ["source-bogon"]),
        # nothing is routed through these
        ("bogons_linklocal.pcap", "policy: {bogons: enforce, profile: host}\n", own, ["pass"] * 12),
        ("bogons_linklocal.pcap", "policy: {bogons: enforce, profile: bridge}\n", (), ["pass"] * 12),
        ("proxied_nud.pcap", "policy: {bogons: enforce}\n", own, ["pass"]),
        ("proxied_nud.pcap", "", (), ["pass"]),
    ]
    wrong = ["%s, %s: %s" % (capture, config.strip(), got) for capture, config, words, wanted in cases
             for got in [reasons(capture, config, *words)] if got != wanted]
    tally.promise("what_is_of_the_link_passes_where_bogons_are_enforced", wrong, len(cases))


def the_configured(tally):
    """field P8: translators with a local-use prefix, and allowed prefixes, are not bogons; prefixes
    next to them are."""
    bogon = "source-bogon"
    cases = [
        ("", [bogon, bogon, "pass", bogon, bogon, bogon, "pass"]),
        ('sources: {nat64: ["64:ff9b:1::/96"]}\n', ["pass", bogon, "pass", bogon, bogon, bogon, "pass"]),
        ('sources: {nat64: ["64:ff9b:1::/48", "fd00:64::/96"]}\n', ["pass", "pass", "pass", bogon, bogon, bogon, "pass"]),
        ('allow: ["64:ff9b:1::/48", "fd00::/16", "5f00:1::/32"]\n', ["pass", "pass", "pass", bogon, bogon, "pass", "pass"]),
    ]
    wrong = ["%s: %s" % (config.strip(), got) for config, wanted in cases
             for got in [reasons("nat64_local.pcap", "policy: {bogons: enforce}\n" + config)] if got != wanted]
    tally.promise("what_the_operator_configured_is_no_bogon", wrong, len(cases))


def main():
    tally = Tally()
    the_link_with_bogons_enforced(tally)
    the_configured(tally)
    rows = read_table()
    sources = list(addresses(rows))
    for bogons in ("off", "monitor", "enforce"):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
            config.write("interfaces: []\npolicy: {bogons: %s}\n" % bogons)
            config.flush()
            wrong = []
            for address, got in zip(sources, replay([frame(a) for a in sources], "--config",
                                                    config.name)):
                said = "pass" if got["verdict"] == "pass" else got["reason"]
                if said != expected(rows, address, bogons):
                    wrong.append("%s: %s, not %s" % (address, said, expected(rows, address, bogons)))
            tally.promise("sources_are_told_with_bogons_%s" % bogons, wrong, len(sources))
            on_link = replay([frame("fe80::1", d) for d in ("fe80::2", "ff02::5", SERVER)], "--config",
                             config.name)
            said = [r["verdict"] for r in on_link]
            wanted = ["pass", "pass", {"off": "pass", "monitor": "would_drop", "enforce": "drop"}[bogons]]
            tally.promise("link_local_may_speak_to_the_link_with_bogons_%s" % bogons,
                          [] if said == wanted else [str(said)], 3)
    tally.end()


main()
