#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An attack from PREFIXES prefixes (10,000 in issue 17), each loud for some seconds, under a rule that acts alone: the fuse
allows so many actions, tells it once, and nothing grows."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from detect_lab import Streams, prepare
from harness import check, check_between, check_equal, main, test
from lab import wait_for

PREFIXES = int(os.environ.get("PREFIXES", 1000))
AT_ONCE, LOUD_S = 500, 4
ACTIONS = 5
PROPOSALS_MAX = 1536  # user/daemon/detect/proposals.h
GROWN_KB = 4096  # of 10,000 prefixes, each 400 bytes
RULES = """
detect:
  rules:
    - {name: udp-flood, class: udp, over: {packets_per_second: 20}, during: 1s, then: throttle, rate: 10,
       until: {below: 0.5, during: 3s}}
  levels: [64]
  fuse: {actions_per_hour: %d, traffic_share: 1}
""" % ACTIONS


def resident_kb(lab):
    with open("/proc/%d/status" % lab.status()["pid"]) as status:
        return int([line for line in status if line.startswith("VmRSS")][0].split()[1])


def loud(lab, first, count):
    return Streams(lab, ["udp,rate=50000,src=2a00:1:%x::,sources=%d,step=65536,at=%g,for=%g" %
                         (first + n, min(AT_ONCE, count - n), n / AT_ONCE * LOUD_S, LOUD_S) for n in range(0, count, AT_ONCE)],
                   count / AT_ONCE * LOUD_S)


def rows_of(lab, action):
    return [row for row in lab.json("log", "--limit", "10000") if row["action"] == action]


@test
def the_fuse_bounds_what_a_rule_does_and_nothing_grows(lab):
    streams = loud(lab, 0, AT_ONCE)
    wait_for(lambda: rows_of(lab, "fuse"), 30, "the alert")
    streams.process.wait(timeout=60)
    before, maps = resident_kb(lab), lab.status()["maps"]
    streams = loud(lab, AT_ONCE, PREFIXES)
    most = 0
    while streams.process.poll() is None:
        most = max(most, len(lab.json("proposals", "--all")))
        time.sleep(1)
    check_between(min(PREFIXES, PROPOSALS_MAX) / 4, most, PROPOSALS_MAX, "proposals")
    throttled = lab.json("list", "--origin", "detect:udp-flood")
    check_equal(len(throttled), ACTIONS, "what the rule did: %r" % throttled)
    check_equal(len(rows_of(lab, "throttle")), ACTIONS, "rows of the log about it")
    check_equal(len(rows_of(lab, "fuse")), 1, "alerts")
    after = lab.status()["maps"]
    check_equal([after[key] for key in ("bytes", "blocks")], [maps[key] for key in ("bytes", "blocks")], "the maps")
    check(resident_kb(lab) - before <= GROWN_KB, "slash64d has %d KB, and had %d" % (resident_kb(lab), before))


main(lambda lab: prepare(lab, RULES))
