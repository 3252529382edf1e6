#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The traffic that makes IPv6 work passes slash64 with the default policy as it passes without it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import CLIENT, EDGE_WAN, ISP_WAN, SERVER, wait_for

WAN = (("edge", "wan0"), ("isp", "edge0"))
bare = {}  # the result of each observation without slash64


def ping_both_ways(lab):
    return {"from the client": lab.ping("client", SERVER, 10, 0.05), "from the server": lab.ping("server", CLIENT, 10, 0.05),
            "to the edge itself": lab.ping("client", EDGE_WAN, 10, 0.05),
            "from the edge itself": lab.ping("edge", CLIENT, 10, 0.05)}


def ping_in_fragments(lab):
    words = ("ping", "-6", "-q", "-s", "4000", "-i", "0.1", "-W", "1", CLIENT)
    lab.run("server", *words, "-c", "2", check=False)  # the first ones only learn the path MTU
    return "5 received" in lab.run("server", *words, "-c", "5", check=False).stdout


def tracepath_both_ways(lab):
    seen = {}
    for host, target in (("client", SERVER), ("server", CLIENT)):
        text = lab.run(host, "tracepath", "-6", "-n", target).stdout
        hops = re.findall(r"^ *(\d+): +([0-9a-f:]+) ", text, re.M)
        seen[host] = (sorted(set(hops)), re.search(r"Resume: pmtu (\d+)", text).group(1))
    return seen


def traceroute_both_ways(lab):
    seen = {}
    for host, target in (("client", SERVER), ("server", CLIENT)):
        text = lab.run(host, "rltraceroute6", "-n", target).stdout
        seen[host] = re.findall(r"^ *(\d+) +([0-9a-f:]+) ", text, re.M)
    return seen


def download_over_the_small_link(lab):
    lab.forget_mtu()
    before = lab.counter("server", "Icmp6InPktTooBigs")
    got = lab.download(16)
    return {"bytes": got, "Packet Too Big came": lab.counter("server", "Icmp6InPktTooBigs") > before}


def resolution_after_a_flush(lab):
    seen = {}
    for host, iface in WAN:
        lab.ip(host, "-6", "neigh", "flush", "dev", iface)
    seen["client to server"] = lab.ping("client", count=2)
    for (host, iface), target in zip(WAN, (ISP_WAN, EDGE_WAN)):
        lab.ip(host, "-6", "neigh", "flush", "dev", iface)
        seen[host + " pings"] = lab.ping(host, target, count=2)
        rows = json.loads(lab.ip(host, "-j", "-6", "neigh", "show", "dev", iface, target).stdout)
        seen[host + " knows"] = [row.get("lladdr") for row in rows]
        seen[host + " asks"] = lab.run(host, "ndisc6", "-q", target, iface,
                                           check=False).stdout.strip().lower()
    return seen


def address_state(lab, host, iface, address):
    for entry in json.loads(lab.ip(host, "-j", "-6", "addr", "show", "dev", iface).stdout)[0]["addr_info"]:
        if entry.get("local") == address:
            return "duplicate" if entry.get("dadfailed") else \
                "tentative" if entry.get("tentative") else "unique"
    return "gone"


def duplicate_address_detection(lab):
    (a, a_if), (b, b_if) = WAN
    # which host has the address, and which one adds it
    taken = ((a, a_if, b, b_if, "2001:db8:0:1::d1"), (b, b_if, a, a_if, "2001:db8:0:1::d2"))
    free = ((a, a_if, "2001:db8:0:1::f1"), (b, b_if, "2001:db8:0:1::f2"))
    added = list(free)
    try:
        for owner, owner_if, host, iface, address in taken:
            lab.address(owner, owner_if, address + "/64")
            added.append((host, iface, address))
        for host, iface, address in added:
            lab.ip(host, "-6", "addr", "add", address + "/64", "dev", iface)
        wait_for(lambda: all(address_state(lab, *one) != "tentative" for one in added), 10,
                 "the end of duplicate address detection", step=0.1)
        return {address: address_state(lab, host, iface, address) for host, iface, address in added}
    finally:
        for host, iface, address in added:
            lab.run(host, "ip", "-6", "addr", "del", address + "/64", "dev", iface, check=False)
        for owner, owner_if, _, _, address in taken:
            lab.run(owner, "ip", "-6", "addr", "del", address + "/64", "dev", owner_if, check=False)


OBSERVATIONS = (ping_both_ways, ping_in_fragments, tracepath_both_ways, traceroute_both_ways,
                download_over_the_small_link, resolution_after_a_flush, duplicate_address_detection)


def as_without(lab, observe):
    seen = observe(lab)
    check_equal(seen, bare[observe.__name__], "not as without slash64")
    return seen


@test
def ping_passes(lab):
    for way, loss in as_without(lab, ping_both_ways).items():
        check_equal(loss, 0, "loss " + way)


@test
def fragments_pass(lab):
    check(as_without(lab, ping_in_fragments), "echoes of 4000 bytes were lost")


@test
def tracepath_sees_every_hop_and_the_path_mtu(lab):
    for host, (hops, mtu) in as_without(lab, tracepath_both_ways).items():
        check_equal(mtu, "1280", "path MTU from the " + host)
        check_equal(len({n for n, _ in hops}), 4, "hops from the " + host)


@test
def traceroute_sees_every_hop(lab):
    for host, hops in as_without(lab, traceroute_both_ways).items():
        check_equal(len(hops), 4, "hops from the " + host)


@test
def path_mtu_discovery_carries_a_large_download(lab):
    seen = as_without(lab, download_over_the_small_link)
    check_equal(seen["bytes"], 16 << 20, "bytes that came and were right")
    check(seen["Packet Too Big came"], "the download did not need Packet Too Big")


@test
def addresses_are_resolved_after_a_flush(lab):
    seen = as_without(lab, resolution_after_a_flush)
    for what, value in seen.items():
        check(value == 0 if what.endswith(("pings", "server")) else value, "%s: %r" % (what, value))


@test
def duplicate_addresses_are_detected_and_others_are_not(lab):
    seen = as_without(lab, duplicate_address_detection)
    for address, state in seen.items():
        check_equal(state, "duplicate" if "::d" in address else "unique", address)


@test
def nothing_of_it_was_dropped(lab):
    dropped = [row for row in lab.status()["rates"] if row["verdict"] != "pass"]
    check(not dropped, "dropped: %s" % [(r["class"], r["reason"], r["packets"]) for r in dropped])


def prepare(lab):
    for observe in OBSERVATIONS:
        bare[observe.__name__] = observe(lab)
    lab.start(lab.config())


main(prepare)
