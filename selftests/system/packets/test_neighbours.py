#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Neighbours, and which addresses are this router's: slash64d follows the kernel's changes of its
own addresses, and neighbour discovery does not depend on that (hostile 5 and 10, field P1 and
P2). With real kernels on both sides."""
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_between, check_equal, main, test
from lab import ISP_WAN, SERVER, LabError, wait_for

sys.path.append("/usr/lib/python3/dist-packages")
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers import inet6 as v6  # noqa: E402
from scapy.layers.inet import UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import raw  # noqa: E402

ON_LINK = "2001:db8:0:1::%x"
MANY = 10000
SEND = """
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for i, line in enumerate(sys.stdin):
    s.send(bytes.fromhex(line))
    if i % 100 == 99: time.sleep(0.002)
"""


def send(lab, packets):
    """From the isp, onto the link of the edge."""
    head = raw(Ether(src=lab.mac("isp", "edge0"), dst=lab.mac("edge", "wan0"), type=0x86dd))
    lab.run("isp", "/usr/bin/python3", "-c", SEND, "edge0", input="".join((head + raw(p)).hex() + "\n" for p in packets))


def count(lab, class_, *reasons):
    return sum(row["packets"] for row in lab.status()["rates"] if row["class"] == class_ and row["reason"] in reasons)


def mobility(dst):
    """ICMPv6 of type 144: dropped when addressed to the router, and limited in transit (RFC 4890
    4.3.2)."""
    return struct.pack("!IHBB", 6 << 28, 12, 58, 64) + \
        b"".join(socket.inet_pton(socket.AF_INET6, a) for a in (ISP_WAN, dst)) + b"\x90" + b"\0" * 11


def taken_for_own(lab, addresses):
    """For how many of them a packet counts as addressed to the router."""
    before = count(lab, "mobile-ipv6", "policy-drop")
    send(lab, [mobility(a) for a in addresses])
    return count(lab, "mobile-ipv6", "policy-drop") - before


def is_own(lab, address):
    return taken_for_own(lab, [address]) == 1


def stays_own(lab, address, wanted, seconds=1.0):
    wait_for(lambda: is_own(lab, address) == wanted, seconds, "%s to be %s" % (address, "own" if wanted else "transit"),
             step=0.02)


def link_local(lab, host, iface):
    for line in lab.ip(host, "-6", "-o", "addr", "show", "dev", iface, "scope", "link").stdout.splitlines():
        return line.split()[3].split("/")[0]
    raise LabError("%s has no link-local address on %s" % (host, iface))


def probe(lab, address, mac):
    """The result of a neighbour's unicast solicitations (RFC 4861 7.3): its state."""
    lab.ip("isp", "-6", "neigh", "replace", address, "lladdr", mac, "dev", "edge0", "nud", "probe")

    def state():
        rows = json.loads(lab.ip("isp", "-j", "-6", "neigh", "show", "dev", "edge0", address).stdout)
        return rows[0]["state"][0] if rows else "gone"
    wait_for(lambda: state() != "PROBE", 10, "the end of the probes", step=0.05)
    return state()


def asks(lab, host, iface, source, target=ISP_WAN):
    """The loss of pings from a host that has to ask for the target first: the answer goes to its
    address."""
    lab.ip(host, "-6", "neigh", "flush", "dev", iface)
    return lab.ping(host, target, 3, 0.1, source=source)


def no_discovery_was_dropped(lab):
    dropped = [(r["class"], r["reason"], r["packets"]) for r in lab.status()["rates"]
               if r["verdict"] != "pass" and r["class"].startswith(("neighbor", "router"))]
    check(not dropped, "dropped: %s" % dropped)


class Stopped:
    """slash64d sees nothing meanwhile."""

    def __init__(self, lab):
        self.daemon = lab.daemon

    def __enter__(self):
        self.daemon.send_signal(signal.SIGSTOP)

    def __exit__(self, *_):
        self.daemon.send_signal(signal.SIGCONT)


@test
def an_address_that_is_new_is_reached_while_slash64d_is_stopped(lab):
    """hostile 5"""
    new = ON_LINK % 0x51
    with Stopped(lab):
        lab.address("edge", "wan0", new + "/64")
        asked, probed = asks(lab, "edge", "wan0", new), probe(lab, new, lab.mac("edge", "wan0"))
        reached = lab.ping("isp", new, 3, 0.1)
        lab.ip("edge", "-6", "addr", "add", ON_LINK % 0x52 + "/64", "dev", "wan0")
        wait_for(lambda: "tentative" not in lab.ip("edge", "-6", "addr", "show", "dev", "wan0").stdout, 10, "DAD")
    check_equal((asked, probed, reached), (0, "REACHABLE", 0), "loss where it asks, its state, loss to it")
    no_discovery_was_dropped(lab)
    stays_own(lab, new, True)


@test
def a_duplicate_is_detected_while_slash64d_is_stopped(lab):
    taken = ON_LINK % 0x5d
    lab.address("isp", "edge0", taken + "/64")
    with Stopped(lab):
        lab.ip("edge", "-6", "addr", "add", taken + "/64", "dev", "wan0")
        wait_for(lambda: "dadfailed" in lab.ip("edge", "-6", "addr", "show", "dev", "wan0").stdout, 10, "DAD")
    lab.ip("edge", "-6", "addr", "del", taken + "/64", "dev", "wan0")
    lab.ip("isp", "-6", "addr", "del", taken + "/64", "dev", "edge0")


def gateway_is_heard(lab, address):
    """field P1: with bogons enforced, the gateway talks to a child by its link-local address. The
    edge, which has a route to that address, would not forward it, and a host on the link is not
    beyond it."""
    lab.config("policy: {bogons: enforce}")
    lab.slash64("reload")
    try:
        check_equal(lab.ping("isp", address, 3, 0.1, source=link_local(lab, "isp", "edge0") + "%edge0"), 0,
                    "loss from the gateway's link-local address")
        check_equal(count(lab, "echo-request", "source-bogon"), 0, "dropped as bogons")
    finally:
        lab.config()
        lab.slash64("reload")


def child_is_a_neighbour(lab, kind, number, *words):
    """A child of wan0 in another namespace, whose addresses slash64d cannot know."""
    address = ON_LINK % number
    try:
        lab.ip("edge", "link", "add", "ch0", "link", "wan0", "type", kind, *words)
    except LabError as error:
        raise Skipped("this kernel has no %s: %s" % (kind, error))
    try:
        lab.ip("edge", "link", "set", "ch0", "netns", lab.ns("server"))
        lab.ip("server", "link", "set", "ch0", "up")
        lab.address("server", "ch0", address + "/64")
        asked = asks(lab, "server", "ch0", address)
        probed = probe(lab, address, lab.mac("server", "ch0"))
        check_equal((asked, probed, lab.ping("isp", address, 3, 0.1)), (0, "REACHABLE", 0),
                    "loss where it asks, its state, loss to it")
        gateway_is_heard(lab, address)
    finally:
        lab.run("server", "ip", "link", "del", "ch0", check=False)
        lab.run("edge", "ip", "link", "del", "ch0", check=False)
    no_discovery_was_dropped(lab)


@test
def a_macvlan_child_is_a_neighbour(lab):
    """hostile 5, field P2"""
    child_is_a_neighbour(lab, "macvlan", 0x61, "mode", "bridge")


@test
def an_ipvlan_child_is_a_neighbour(lab):
    """hostile 5, field P2"""
    child_is_a_neighbour(lab, "ipvlan", 0x62, "mode", "l2")


@test
def a_proxied_neighbour_stays_reachable(lab):
    """field P2: the edge answers for an address behind it, and for the solicitations that keep the
    entry alive. Packets for the address itself are forwarded: they are in transit."""
    proxied = ON_LINK % 0x77
    lab.run("edge", "sysctl", "-qw", "net.ipv6.conf.all.proxy_ndp=1", "net.ipv6.conf.wan0.proxy_ndp=1")
    lab.ip("edge", "-6", "neigh", "add", "proxy", proxied, "dev", "wan0")
    lab.ip("edge", "-6", "route", "add", proxied, "via", SERVER)
    lab.address("server", "lo", proxied + "/128")
    try:
        check_equal(lab.ping("isp", proxied, 3, 0.1), 0, "loss")
        check_equal(probe(lab, proxied, lab.mac("edge", "wan0")), "REACHABLE", "its state")
        check(not is_own(lab, proxied), "it is taken for an own address")
    finally:
        lab.ip("server", "-6", "addr", "del", proxied + "/128", "dev", "lo")
        lab.ip("edge", "-6", "route", "del", proxied)
        lab.ip("edge", "-6", "neigh", "del", "proxy", proxied, "dev", "wan0")
        lab.run("edge", "sysctl", "-qw", "net.ipv6.conf.all.proxy_ndp=0", "net.ipv6.conf.wan0.proxy_ndp=0")
    no_discovery_was_dropped(lab)


def batch(lab, host, lines):
    lab.run(host, "ip", "-6", "-batch", "-", input="".join(line + "\n" for line in lines), timeout=120)


@test
def more_than_fit_are_told(lab):
    """hostile 5: addresses that are left out appear in the log, in status, and in the metrics."""
    far_too_many = ["route add local 2001:db8:%x:%x::/64 dev lo" % (0x4000 + (i >> 15), i & 0x7fff) for i in range(60000)]
    before = len(lab.logged())
    batch(lab, "edge", far_too_many)
    try:
        def known_and_left_out():
            tables = lab.status()["maps"]
            return tables["own_addresses"] + tables["own_addresses_left_out"]

        # they are read while they are added, and once more afterwards
        wait_for(lambda: known_and_left_out() >= 60000, 20, "all of them")
        tables = lab.status()["maps"]
        check_between(32768, tables["own_addresses"], 60100, "known")
        check_between(60000, tables["own_addresses"] + tables["own_addresses_left_out"], 60100, "all of them")
        check("own addresses have no room in the table" in lab.logged(before), "not logged")
        check_equal(lab.logged(before).count("have no room"), 1, "lines that say so")
        metrics = dict(line.rsplit(" ", 1) for line in lab.slash64("metrics").stdout.splitlines() if line[:1] != "#")
        check(int(metrics["slash64_own_addresses_left_out"]) > 0, "not in the metrics")
        check("have no room" in lab.slash64("status", check=False).stdout, "not in status")
        # the addresses themselves come first
        check(is_own(lab, ON_LINK % 2), "the address of the interface was left out")
    finally:
        batch(lab, "edge", [line.replace("add", "del", 1) for line in far_too_many])
    wait_for(lambda: lab.status()["maps"]["own_addresses_left_out"] == 0, 10, "room for all")
    check("are in the table again" in lab.logged(before), "not said that there is room")


@test
def addresses_that_change_all_the_time_hide_no_other(lab):
    """hostile 5: there is always another change before the earlier ones have settled."""
    loop = "i=0; while :; do i=$((i % 200 + 1)); ip -6 addr add 2001:db8:0:79::$i/128 dev lo nodad; " \
           "ip -6 addr del 2001:db8:0:79::$i/128 dev lo; done"
    churn = lab.spawn("edge", "sh", "-c", loop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = []
    try:
        time.sleep(0.3)
        for i in range(5):
            lab.address("edge", "lo", "2001:db8:0:7a::%x/128" % i)
            start = time.monotonic()
            stays_own(lab, "2001:db8:0:7a::%x" % i, True, 3)
            took.append(round(time.monotonic() - start, 2))
    finally:
        churn.kill()
        churn.wait()
        for i in range(5):
            lab.run("edge", "ip", "-6", "addr", "del", "2001:db8:0:7a::%x/128" % i, "dev", "lo", check=False)
        lab.run("edge", "sh", "-c", "for i in $(seq 200); do ip -6 addr del 2001:db8:0:79::$i/128 dev lo; done", check=False)
    check(max(took) < 2.5 and sorted(took)[2] < 1.2, "seconds until they were own: %s" % took)


@test
def addresses_of_any_ip_are_own(lab):
    """hostile 10: a prefix all of whose addresses are local."""
    for prefix, inside, outside in (("2001:db8:a11::/48", "2001:db8:a11:5::77", "2001:db8:a12::1"),
                                    ("2001:db8:b11::8000:0/113", "2001:db8:b11::8000:7", "2001:db8:b11::7fff:7")):
        check(not is_own(lab, inside), "%s is own before" % inside)
        lab.ip("edge", "-6", "route", "add", "local", prefix, "dev", "lo")
        stays_own(lab, inside, True)
        check(not is_own(lab, outside), "%s is own" % outside)
        lab.ip("edge", "-6", "route", "del", "local", prefix, "dev", "lo")
        stays_own(lab, inside, False)


def segment_routed(dst):
    return v6.IPv6(src=ISP_WAN, dst=dst) / v6.IPv6ExtHdrSegmentRouting(addresses=[SERVER, dst], segleft=1, lastentry=1) / \
        UDP(sport=1, dport=2)


def drops_segment_routing(lab, dst):
    before = count(lab, "udp", "routing-segment")
    send(lab, [segment_routed(dst)])
    return count(lab, "udp", "routing-segment") - before == 1


@test
def segments_of_this_router_are_own(lab):
    """hostile 10: segment routing from outside ends at a router's own segments (RFC 8754 5.1), and
    passes to those of other routers."""
    sid, other = "fc00:a:1::1", "fc00:b:1::1"
    try:
        lab.ip("edge", "-6", "route", "add", "fc00:a:1::/64", "encap", "seg6local", "action", "End", "dev", "lan0")
    except LabError as error:
        raise Skipped("no seg6local here: %s" % error)
    wait_for(lambda: drops_segment_routing(lab, sid), 1, "the segment to be own", step=0.02)
    check(not drops_segment_routing(lab, other), "that of another is own")
    # as a start finds it
    lab.stop()
    lab.start()
    check(drops_segment_routing(lab, sid), "it is not own after a start")
    lab.ip("edge", "-6", "route", "del", "fc00:a:1::/64")
    wait_for(lambda: not drops_segment_routing(lab, sid), 1, "the segment to be gone", step=0.02)


@test
def what_is_told_while_nobody_listens_is_read_again(lab):
    """More notices than the kernel keeps for slash64d: the last ones, of an address, a prefix and a
    segment, are lost."""
    flood = ["route add local 2001:db8:%x::/48 dev lo" % (0x5000 + i) for i in range(8000)]
    new, prefix, sid = "2001:db8:0:7c::1", "2001:db8:c11::/48", "fc00:c:1::1"
    with Stopped(lab):
        batch(lab, "edge", flood + [line.replace("add", "del", 1) for line in flood])
        lab.address("edge", "lo", new + "/128")
        lab.ip("edge", "-6", "route", "add", "local", prefix, "dev", "lo")
        try:
            lab.ip("edge", "-6", "route", "add", "fc00:c:1::/64", "encap", "seg6local", "action", "End", "dev", "lan0")
        except LabError as error:
            sid = print("# no seg6local here: %s" % error)
    stays_own(lab, new, True)
    stays_own(lab, "2001:db8:c11::5", True)
    if sid:
        wait_for(lambda: drops_segment_routing(lab, sid), 2, "the segment to be own", step=0.02)
        lab.ip("edge", "-6", "route", "del", "fc00:c:1::/64")
    lab.ip("edge", "-6", "route", "del", "local", prefix, "dev", "lo")
    lab.ip("edge", "-6", "addr", "del", new + "/128", "dev", "lo")
    stays_own(lab, "2001:db8:c11::5", False)


@test
def the_far_end_of_a_link_is_another(lab):
    """hostile 10"""
    lab.ip("edge", "-6", "addr", "add", "2001:db8:22::1", "peer", "2001:db8:22::2", "dev", "lan0", "nodad")
    stays_own(lab, "2001:db8:22::1", True)
    check(not is_own(lab, "2001:db8:22::2"), "the far end is own")
    lab.ip("edge", "-6", "addr", "del", "2001:db8:22::1", "peer", "2001:db8:22::2", "dev", "lan0")


@test
def a_router_behind_a_link_local_next_hop_pings_with_bogons_enforced(lab):
    """field P1: the neighbour table is empty, and the gateway answers from its link-local address."""
    own, far, new = "2a00:1:2:3::2", "2a00:9::1", "2a00:1:2:3::5"
    gateway, edge = link_local(lab, "isp", "edge0"), link_local(lab, "edge", "wan0")
    lab.stop()
    lab.address("edge", "wan0", own + "/128")
    lab.address("isp", "lo", far + "/128")
    lab.ip("edge", "-6", "route", "add", far, "via", gateway, "dev", "wan0")
    for address in (own, new):
        lab.ip("isp", "-6", "route", "add", address, "via", edge, "dev", "edge0")
    lab.start(lab.config("policy: {bogons: enforce}"))
    try:
        check_equal(asks(lab, "edge", "wan0", own, far), 0, "loss from the edge")
        # by its link-local address to a global one of ours
        speaks = lambda to: lab.ping("isp", to, 3, 0.1, source=gateway + "%edge0")  # noqa: E731
        check_equal(speaks(own), 0, "loss from the gateway")
        with Stopped(lab):
            lab.address("edge", "wan0", new + "/128")
            loss = speaks(new)
        check_equal(loss, 0, "loss from the gateway to an address that is new")
        check_equal(sum(r["packets"] for r in lab.status()["rates"] if r["reason"] == "source-bogon" and
                        r["class"] != "udp"), 0, "dropped as bogons")
        # one packet that the edge would forward
        before = count(lab, "udp", "source-bogon")
        send(lab, [v6.IPv6(src=gateway, dst=SERVER) / UDP(sport=1, dport=2) / b"12345678"])
        check_equal(count(lab, "udp", "source-bogon") - before, 1, "packets beyond the link that were dropped")
    finally:
        lab.stop()
        for address in (own, new):
            lab.run("edge", "ip", "-6", "addr", "del", address + "/128", "dev", "wan0", check=False)
            lab.run("isp", "ip", "-6", "route", "del", address, check=False)
        lab.run("isp", "ip", "-6", "addr", "del", far + "/128", "dev", "lo", check=False)
        lab.run("edge", "ip", "-6", "route", "del", far, check=False)
        lab.start(lab.config())


@test
def who_says_of_a_bogon_what_the_program_does(lab):
    """field P8, P1: translators of the configuration and what is allowed are none."""
    lab.config("policy: {bogons: enforce}\nsources: {nat64: ['64:ff9b:1::/96']}\nallow: ['fd00:1::/32']")
    lab.slash64("reload")
    lab.slash64("allow", "3fff:2::/48")
    try:
        sources = {"64:ff9b:1::c633:6407": "passes", "64:ff9b:1:1::c633:6407": "bogon", "fd00:1::7": "allowed",
                   "fd00:2::7": "bogon", "3fff:2::7": "allowed", "3fff:3::7": "bogon", "5f00::7": "bogon",
                   "4000::7": "bogon", "2a00:7::7": "passes"}
        for source, verdict in sources.items():
            before = count(lab, "udp", "source-bogon")
            send(lab, [v6.IPv6(src=source, dst=SERVER) / UDP(sport=1, dport=2) / b"12345678"])
            dropped = count(lab, "udp", "source-bogon") - before
            check_equal(dropped, 1 if verdict == "bogon" else 0, "packets of %s dropped as bogons" % source)
            who = lab.json("lookup", source)[0]
            check_equal((who["verdict"], "dropped on wan0" in who["why"]), (verdict, verdict == "bogon"), "who " + source)
        said = lab.slash64("lookup", "fe80::7").stdout
        check("passes: no entry applies, only the policy; beyond its link it is a bogon, dropped on wan0" in said,
              said)
        check_equal(lab.json("lookup", "64:ff9b:1::c633:6407")[0]["registry"]["source"], "ok", "a configured translator")
        check("BOGON: no host on the Internet can have it (unique local, RFC 4193)" in lab.slash64("lookup", "fd00:2::7").stdout,
              "in words")
    finally:
        lab.slash64("unallow", "3fff:2::/48")
        lab.config()
        lab.slash64("reload")


@test
def ten_thousand_addresses_are_own(lab):
    """hostile 5. Comes last, and leaves them: to take them away one by one costs the kernel minutes."""
    many = ["2001:db8:0:77:%x::%x" % (i >> 8, i) for i in range(MANY)]
    batch(lab, "edge", ["addr add %s/128 dev lo nodad" % a for a in many])
    tables = lambda: lab.status()["maps"]  # noqa: E731
    wait_for(lambda: tables()["own_addresses"] >= MANY, 3, "them to be known", step=0.05)
    check_equal(tables()["own_addresses_left_out"], 0, "left out")
    check_equal(taken_for_own(lab, many), MANY, "taken for own")
    check(not is_own(lab, "2001:db8:0:77::ffff:1"), "another is taken for own")
    lab.address("edge", "lo", "2001:db8:0:78::1/128")
    started = time.monotonic()
    stays_own(lab, "2001:db8:0:78::1", True)
    check_between(0, time.monotonic() - started, 1, "seconds until one more is")
    lab.ip("edge", "-6", "addr", "del", many[MANY // 2] + "/128", "dev", "lo")
    stays_own(lab, many[MANY // 2], False)


def prepare(lab):
    lab.start(lab.config())


main(prepare)
