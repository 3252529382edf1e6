#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Honest traffic, busy and of many kinds, for HONEST_S seconds (600 in issue 17): the default rules propose nothing. And an
attack in the midst of it is still found."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from detect_lab import SOON_S, Streams, open_proposals, prepare
from harness import check, check_equal, main, test
from lab import SERVER, wait_for

HONEST_S = float(os.environ.get("HONEST_S", 15))
ROLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "honest.py")
INTERNET = "2001:db8:a:1::2"  # a server outside
MANY = ",destinations=3000"
STREAMS = [
    # a resolver of the provider, which answers thousands of customers from one address
    "udp,rate=15000,src=2001:db8:d:1::,sport=53,port=1024,ports=50000,bytes=200,destinations=2000",
    # time servers and their clients
    "udp,rate=3000,src=2001:db8:d:1000::,sources=2000,sport=123,port=123,destinations=50,bytes=56",
    # a monitoring system that pings 1500 hosts every ten seconds
    "echo,rate=150,src=2001:db8:d:2::" + MANY,
    # a large sender of mail, to many servers here
    "syn,rate=120,src=2001:db8:d:3::,port=25" + MANY, "tcp,rate=1500,src=2001:db8:d:3::,port=25" + MANY,
    # a campus behind one /64, which opens short connections to some servers
    "syn,rate=400,src=2001:db8:d:4::,port=443,destinations=40", "tcp,rate=5000,src=2001:db8:d:4::,port=443,destinations=40",
    # a cache of videos over QUIC, in the evening
    "udp,rate=30000,src=2001:db8:d:5::,sport=443,bytes=1280,port=1024,ports=50000,at=3,for=5,every=30" + MANY,
    # after an outage everybody runs traceroute: two routers on the way answer all of them, others know no route
    "time-exceeded,rate=4000,src=2001:db8:d:6::,at=2,for=6,every=25" + MANY,
    "time-exceeded,rate=2500,src=2001:db8:d:7::,at=2,for=6,every=25" + MANY,
    "unreachable,rate=3000,src=2001:db8:d:8::,at=4,for=5,every=25" + MANY,
    # and 400 customers of one /48, each to one destination
    "echo,rate=2000,src=2001:db8:c2::,sources=400,step=101,destinations=400,at=2,for=8,every=25",
    # the staff of a NOC with mtr to a hundred targets
    "echo,rate=1500,src=2001:db8:d:9::,at=2,for=10,every=30,destinations=100",
    # a measurement of bandwidth over UDP, and answers too large for a packet
    "udp,rate=40000,src=2001:db8:d:a::,bytes=1400,port=5201,at=10,for=4,every=60",
    "fragment,rate=2000,src=2001:db8:d:b::,bytes=1200,destinations=50",
]


def roles(lab):
    def run(host, *words):
        return lab.spawn(host, "/usr/bin/python3", ROLES, *words)
    serving = [run(host, "serve") for host in ("server", "attacker")] + [run("server", "answer_call")]
    for host in "server", "attacker":
        wait_for(lambda: ":8080" in lab.run(host, "ss", "-ltn").stdout, 10, "what serves on " + host)
    return serving + [
        run("server", "download", INTERNET, "6000000"), run("client", "download", SERVER, "3000000"),
        run("server", "speed_test", INTERNET), run("client", "call", SERVER),
        run("attacker", "mail", SERVER, "40"), run("client", "mail", SERVER, "10"),
        lab.spawn("client", "ping", "-6", "-q", "-i", "0.2", SERVER), lab.spawn("attacker", "ping", "-6", "-q", "-i", "0.05", SERVER)]


def packets_in(lab, iface="wan0"):
    passed = {}
    for row in lab.status()["rates"]:
        if row["interface"] == iface:
            passed[row["class"]] = passed.get(row["class"], 0) + row["packets"]
    return passed


@test
def nothing_is_proposed_about_honest_traffic(lab):
    processes = roles(lab)
    streams = Streams(lab, STREAMS, HONEST_S + 60)
    while time.monotonic() - streams.begun < HONEST_S:
        time.sleep(2)
        check_equal([(r["rule"], r["prefix"], r["measured"]) for r in lab.json("proposals", "--all")], [],
                    "proposals after %d s" % (time.monotonic() - streams.begun))
    for process in processes:
        check(process.poll() is None, "%r ended" % (process.args,))
    seen = packets_in(lab)
    for name, least in (("tcp", 8000), ("tcp-syn", 400), ("udp", 15000), ("echo-request", 100), ("time-exceeded", 1000),
                        ("destination-unreachable", 500), ("fragment-non-first", 1000)):
        check(seen.get(name, 0) >= least * HONEST_S, "only %d of %s: %r" % (seen.get(name, 0), name, seen))
    attack = Streams(lab, ["echo,rate=12000,src=2001:db8:bad:1::"], 20)
    wait_for(lambda: open_proposals(lab), SOON_S, "the proposal about an attack among it")
    check_equal(list(open_proposals(lab)), [("echo-flood", "2001:db8:bad:1::/64")], "proposals in the end")
    attack.end()
    streams.end()
    for process in processes:
        process.kill()


main(prepare)
