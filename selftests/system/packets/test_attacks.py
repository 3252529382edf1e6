#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""ICMPv6 attacks that the filter exists for do not get through, and each appears under its own
reason: with the tools of thc-ipv6 and nmap where they can do it, with scapy's packets where they
cannot. Every attack is run without slash64 first, and has to get through then."""
import logging
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
from lab import CLIENT, EDGE_WAN, ISP_WAN, SERVER

sys.path.append("/usr/lib/python3/dist-packages")
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers import inet6 as v6  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import raw  # noqa: E402

VICTIM = "2001:db8:5e:1::10"
AFAR = "2001:db8:bad:1::66"
FAKE = "2001:db8:0:1::dead"
LINK = "fe80::66"
bare = {}  # how many packets of an attack get through without slash64

SEND = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for line in sys.stdin: s.send(bytes.fromhex(line))
"""
SNIFF = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd))
s.bind((sys.argv[1], 0))
print("listening", flush=True)
while True:
    data, where = s.recvfrom(65535)
    if where[2] != socket.PACKET_OUTGOING: print(data.hex(), flush=True)
"""


def send(lab, packets):
    """From the isp, onto the link of the edge."""
    frame = Ether(src=lab.mac("isp", "edge0"), dst=lab.mac("edge", "wan0"))
    lab.run("isp", "/usr/bin/python3", "-c", SEND, "edge0", input="".join(raw(frame / p).hex() + "\n" for p in packets))


def send_far(lab, packets):
    """From the attacker, over the isp."""
    frame = Ether(src=lab.mac("attacker", "eth0"), dst=lab.mac("isp", "att0"))
    lab.run("attacker", "/usr/bin/python3", "-c", SEND, "eth0",
            input="".join(raw(frame / p).hex() + "\n" for p in packets))


def tool(lab, host, seconds, *words):
    if not shutil.which(words[0]):
        raise Skipped("%s is not installed" % words[0])
    lab.run(host, "timeout", str(seconds), *words, check=False)


def ra():
    return v6.ICMPv6ND_RA(routerlifetime=1800) / v6.ICMPv6NDOptPrefixInfo(prefix="2001:db8:666::", prefixlen=64)


def na(target=FAKE):
    return v6.ICMPv6ND_NA(tgt=target, R=1, S=0, O=1) / v6.ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:66:66")


def redirect():
    return v6.ICMPv6ND_Redirect(tgt=FAKE, dst=AFAR)


def holds(layer, **fields):
    def match(packet):
        found = packet.getlayer(layer)
        return found is not None and all(getattr(found, k) == v for k, v in fields.items())
    return match


def next_header(number):
    return lambda packet: packet[v6.IPv6].nh == number


def fragmented_type(kind):
    """The first fragment of an ICMPv6 message of that type."""
    return lambda p: v6.IPv6ExtHdrFragment in p and p[v6.IPv6ExtHdrFragment].nh == 58 and \
        p[v6.IPv6ExtHdrFragment].offset == 0 and raw(p[v6.IPv6ExtHdrFragment].payload)[:1] == bytes([kind])


def ip(src, dst, hop):
    return v6.IPv6(src=src, dst=dst, hlim=hop)


def split(packet, at=16):
    """In two fragments."""
    whole = raw(packet)
    upper = whole[40:]
    head = v6.IPv6(src=packet.src, dst=packet.dst, hlim=packet.hlim)
    return [head / v6.IPv6ExtHdrFragment(nh=58, offset=0, m=1, id=66) / upper[:at],
            head / v6.IPv6ExtHdrFragment(nh=58, offset=at // 8, m=0, id=66) / upper[at:]]


# name: (its action, its packets at the edge, class, reason)
ATTACKS = {
    "off_link_router_advertisements": (
        lambda lab: send(lab, [ip(LINK, "ff02::1", 254) / ra(), ip(LINK, EDGE_WAN, 64) / ra()]),
        holds(v6.ICMPv6ND_RA), "router-advertisement", "hop-limit-not-255"),
    "router_advertisements_over_the_isp": (
        lambda lab: send_far(lab, [ip(AFAR, EDGE_WAN, 255) / ra()] * 2),
        holds(v6.ICMPv6ND_RA), "router-advertisement", "hop-limit-not-255"),
    "router_advertisements_of_a_global_source": (
        lambda lab: send(lab, [ip(AFAR, EDGE_WAN, 255) / ra()]),
        holds(v6.ICMPv6ND_RA), "router-advertisement", "source-not-link-local"),
    "off_link_neighbor_advertisements": (
        lambda lab: send(lab, [ip(ISP_WAN, EDGE_WAN, 254) / na(), ip(ISP_WAN, "ff02::1", 64) / na()]),
        holds(v6.ICMPv6ND_NA, tgt=FAKE), "neighbor-advertisement", "hop-limit-not-255"),
    "off_link_redirects": (
        lambda lab: send(lab, [ip(LINK, EDGE_WAN, 254) / redirect()]),
        holds(v6.ICMPv6ND_Redirect), "redirect", "hop-limit-not-255"),
    "fragmented_router_advertisements": (
        lambda lab: send(lab, split(ip(LINK, "ff02::1", 255) / ra())),
        fragmented_type(134), "router-advertisement", "nd-fragment"),
    # both contain two nested fragment headers
    "fake_router6_in_fragments": (
        lambda lab: tool(lab, "isp", 3, "atk6-fake_router6", "-F", "edge0", "2001:db8:666::/64"),
        next_header(44), "malformed", "bad-header-order"),
    "fake_advertise6_in_fragments": (
        lambda lab: tool(lab, "isp", 3, "atk6-fake_advertise6", "-f", "-n", "2", "-w", "1", "edge0", FAKE),
        next_header(44), "malformed", "bad-header-order"),
    "fake_router26_behind_a_large_destination_header": (
        lambda lab: tool(lab, "isp", 4, "atk6-fake_router26", "-E", "D", "-n", "2", "-i", "1", "edge0"),
        lambda p: v6.IPv6ExtHdrFragment in p and p[v6.IPv6ExtHdrFragment].nh == 60 and
        p[v6.IPv6ExtHdrFragment].offset == 0, "malformed", "fragment-without-headers"),
    "routing_header_0": (
        lambda lab: send(lab, [ip(AFAR, dst, 64) / v6.IPv6ExtHdrRouting(type=0, addresses=[CLIENT, SERVER]) /
                               v6.ICMPv6EchoRequest() for dst in (EDGE_WAN, SERVER)]),
        next_header(43), "echo-request", "routing-type-0"),
    "smurf6_beyond_the_link": (
        lambda lab: tool(lab, "isp", 1, "atk6-smurf6", "-i", "10000", "edge0", VICTIM, "ff05::1"),
        holds(v6.IPv6, dst="ff05::1"), "echo-request", "echo-multicast"),
    "node_query6": (
        lambda lab: tool(lab, "isp", 4, "atk6-node_query6", "edge0", EDGE_WAN),
        lambda p: raw(p[v6.IPv6])[40:41] == b"\x8b", "node-information", "policy-drop"),
    "node_information_queries_of_nmap": (
        lambda lab: tool(lab, "attacker", 20, "nmap", "-6", "-n", "-sn", "--script", "ipv6-node-info", SERVER),
        lambda p: raw(p[v6.IPv6])[40:41] == b"\x8b", "node-information", "policy-drop"),
    "node_information_queries": (
        lambda lab: send(lab, [ip(AFAR, dst, 64) / v6.ICMPv6NIQueryName(data="a.b") for dst in (SERVER, EDGE_WAN)]),
        lambda p: raw(p[v6.IPv6])[40:41] == b"\x8b", "node-information", "policy-drop"),
}


def seen_by(lab, host, iface, attack):
    """The packets of an attack that reached the kernel there."""
    sniffer = lab.spawn(host, "/usr/bin/python3", "-c", SNIFF, iface)
    sniffer.stdout.readline()
    try:
        attack(lab)
        time.sleep(0.2)
    finally:
        sniffer.kill()
        lines = sniffer.communicate()[0].splitlines()
    packets = [Ether(bytes.fromhex(line)) for line in lines if len(line) % 2 == 0]
    return [p for p in packets if v6.IPv6 in p]


def observe(lab, name):
    """Runs an attack; returns how many of its packets reached the kernel of the edge."""
    attack, match, _, _ = ATTACKS[name]
    return sum(bool(match(p)) for p in seen_by(lab, "edge", "wan0", attack))


def count(lab, class_, reason):
    return sum(row["packets"] for row in lab.status()["rates"]
               if (row["class"], row["reason"], row["verdict"]) == (class_, reason, "drop"))


def state(lab):
    """State an attacker would change: routes and addresses of the edge, and the neighbour he claims
    to be."""
    return (lab.ip("edge", "-6", "route").stdout.replace("linkdown", ""),
            [line.split()[:2] for line in lab.ip("edge", "-6", "-o", "addr", "show", "scope", "global").stdout.splitlines()],
            FAKE in lab.ip("edge", "-6", "neigh").stdout, "6666" in lab.ip("server", "-6", "route").stdout)


def does_not_get_through(name):
    def check_attack(lab):
        _, _, class_, reason = ATTACKS[name]
        if isinstance(bare[name], Skipped):
            raise bare[name]
        check(bare[name], "it does not get through without slash64 either")
        before, was = count(lab, class_, reason), state(lab)
        check_equal(observe(lab, name), 0, "packets that got through (%d without slash64)" % bare[name])
        counted = count(lab, class_, reason) - before
        check(counted, "not counted as %s %s: %s" % (class_, reason, [
            (r["class"], r["reason"], r["packets"]) for r in lab.status()["rates"] if r["verdict"] != "pass"]))
        check_equal(state(lab), was, "state of the edge")
    check_attack.__name__ = name + "_do_not_get_through"
    return test(check_attack)


for each in ATTACKS:
    does_not_get_through(each)


@test
def discovery_to_a_host_beyond_the_edge_is_nothing_to_it(lab):
    """A neighbour can send it, and it passes, because it may be for a new address of the edge
    (hostile 5). But Linux forwards nothing from a link-local source, and the rest has a hop
    limit that the recipient refuses."""
    forged = [ip(LINK, SERVER, 255) / ra(), ip(ISP_WAN, SERVER, 255) / na(), ip(LINK, SERVER, 255) / redirect()]
    was = state(lab)
    kinds = (134, 136, 137)
    passed = seen_by(lab, "edge", "wan0", lambda lab: send(lab, forged))
    check_equal([raw(p[v6.IPv6])[40] for p in passed if raw(p[v6.IPv6])[40] in kinds], list(kinds), "passed")
    came = seen_by(lab, "server", "eth0", lambda lab: send(lab, forged))
    check_equal([(raw(p[v6.IPv6])[40], p[v6.IPv6].hlim) for p in came if raw(p[v6.IPv6])[40] in kinds and
                 p[v6.IPv6].dst == SERVER and p[v6.IPv6].src in (LINK, ISP_WAN)], [(136, 254)], "type and hop limit")
    check_equal(state(lab), was, "state of the edge and the server")


@test
def what_ipv6_needs_works_during_attacks(lab):
    loop = "import time\nexec(%r)\n" % SEND.replace("for line in sys.stdin: s.send(bytes.fromhex(line))",
                                                    "while True:\n  [s.send(bytes.fromhex(x)) for x in sys.argv[2:]]\n"
                                                    "  time.sleep(.001)")
    frame = Ether(src=lab.mac("isp", "edge0"), dst=lab.mac("edge", "wan0"))
    packets = [ip(LINK, "ff02::1", 64) / ra(), ip(ISP_WAN, EDGE_WAN, 64) / na(ISP_WAN), ip(LINK, EDGE_WAN, 64) / redirect(),
               ip(AFAR, SERVER, 64) / v6.ICMPv6NIQueryName(data="a.b"),
               ip(AFAR, EDGE_WAN, 64) / v6.IPv6ExtHdrRouting(type=0, addresses=[CLIENT]) / v6.ICMPv6EchoRequest()]
    attack = lab.spawn("isp", "/usr/bin/python3", "-c", loop, "edge0", *[raw(frame / p).hex() for p in packets],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        check_equal(lab.ping("client", count=10, interval=0.1), 0, "loss from the client")
        check_equal(lab.ping("server", CLIENT, count=10, interval=0.1), 0, "loss from the server")
        check_equal(lab.ping("client", EDGE_WAN, count=5), 0, "loss to the edge")
        lab.forget_mtu()
        check_equal(lab.download(8), 8 << 20, "bytes of the download")
        lab.ip("edge", "-6", "neigh", "flush", "dev", "wan0")
        check_equal(lab.ping("client", count=3), 0, "loss after the neighbours were flushed")
        check(attack.poll() is None, "the attack ended early")
    finally:
        attack.kill()


@test
def smurf6_on_the_link_is_limited(lab):
    """An echo request to ff02::1 is legitimate on the link, a thousand of them are not. Runs last:
    even without slash64, such a flood leaves the links of the lab lossy for some seconds."""
    before = count(lab, "echo-request", "over-source-limit")
    replies = lab.counter("edge", "Icmp6InEchos")
    tool(lab, "isp", 2, "atk6-smurf6", "edge0", FAKE)
    check(count(lab, "echo-request", "over-source-limit") > before, "nothing was over its limit")
    came = lab.counter("edge", "Icmp6InEchos") - replies
    check(came <= 200 + 100 * 4, "%d echo requests came" % came)


def prepare(lab):
    for name in ATTACKS:
        try:
            bare[name] = observe(lab, name)
        except Skipped as reason:
            bare[name] = reason
    # an attack may have changed something, but that was the other lab
    for host, iface in (("edge", "wan0"), ("isp", "edge0")):
        lab.ip(host, "-6", "neigh", "flush", "dev", iface)
    lab.start(lab.config())
    if os.environ.get("V"):
        print(bare)


main(prepare)
