#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Limits under full load from two CPUs at once, by real packets: a veth with two queues, and a sender on each
CPU (hostile 1, hostile 12)."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_between, main, test
from lab import BUILD

RATE, BURST, SECONDS = 100, 200, int(os.environ.get("SECONDS_OF_LOAD", "10"))
FASTEST = 1000000  # packets a second: more than a sender can send
DESTINATION = "2001:db8:2::2"
NET = "2001:db8:bad:"
LIMITS = ("policy: {bogons: off}\n"
          "limits: {echo-request: {rate: %d, burst: %d, rate_48: %d, burst_48: %d}}")


def prepare(lab):
    """The wire belongs to this test."""
    ends = [["numtxqueues", "2", "numrxqueues", "2", "netns", lab.ns(host)] for host in ("attacker", "edge")]
    subprocess.run(["ip", "link", "add", "two0"] + ends[0] + ["type", "veth", "peer", "name", "two1"] + ends[1],
                   check=True)
    for host, name in (("attacker", "two0"), ("edge", "two1")):
        lab.ip(host, "link", "set", name, "up")
    lab.start(limited(lab, 10 * RATE, 10 * BURST))


def limited(lab, wider_rate, wider_burst):
    return lab.config(LIMITS % (RATE, BURST, wider_rate, wider_burst), ifaces="[{name: two1}]")


def send(lab, sources, kind):
    """A sender on each CPU, at full speed."""
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2:
        raise Skipped("two CPUs")
    mac = lab.mac("edge", "two1")
    senders = [lab.spawn("attacker", "taskset", "-c", str(cpu), os.path.join(BUILD, "flood"), "--iface", "two0",
                         "--gateway", mac, "--src", NET + "1::/64", "--sources", str(sources), "--dst", DESTINATION,
                         "--rate", str(FASTEST), "--seconds", str(SECONDS), "--kind", kind) for cpu in cpus]
    return senders


def counted(lab, kind):
    """Of the class: passed and dropped."""
    rows = [row for row in lab.status()["rates"] if row["class"] == kind and row["interface"] == "two1"]
    return tuple(sum(row["packets"] for row in rows if row["verdict"] == verdict) for verdict in ("pass", "drop"))


def hold(lab, sources, kind, klass, limits):
    """That many sources, which share that many limits, pass what these allow in SECONDS, and at
    most one packet more for each CPU."""
    before = counted(lab, klass)
    started = time.monotonic()
    senders = send(lab, sources, kind)
    time.sleep(started + SECONDS - time.monotonic())
    for sender in senders:
        lab.end(sender)
    sent = sum(json.loads(sender.communicate(timeout=60)[0])["sent"] for sender in senders)
    # SECONDS, or a little longer on a busy machine
    most = BURST + RATE * (time.monotonic() - started) + 3
    passed, dropped = (after - was for after, was in zip(counted(lab, klass), before))
    check(dropped > 100 * passed, "there was no load: %d passed, %d were dropped, of %d" % (passed, dropped, sent))
    check_between(limits * (BURST + 0.97 * RATE * SECONDS), passed, limits * most, "packets that passed of %d" % sent)


@test
def five_throttles_hold_under_full_load_from_two_cpus(lab):
    for source in range(1, 6):
        lab.slash64("throttle", NET + "%x::/64" % source, "--rate", str(RATE), "--burst", str(BURST))
    hold(lab, 5, "udp", "udp", 5)
    for source in range(1, 6):
        lab.slash64("unblock", NET + "%x::/64" % source)


@test
def the_limit_of_a_class_holds_under_full_load_from_two_cpus(lab):
    hold(lab, 5, "echo", "echo-request", 5)


@test
def the_limit_of_a_48_holds_while_1000_sources_rotate(lab):
    limited(lab, RATE, BURST)
    lab.slash64("reload")
    hold(lab, 1000, "echo", "echo-request", 1)


main(prepare)
