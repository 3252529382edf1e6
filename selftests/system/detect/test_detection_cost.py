#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the default rules cost under a flood from many sources: CPU time of slash64d, which packets do not have. Turns with rules
and without, ROUNDS of each."""
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from detect_lab import Streams, open_proposals, prepare
from harness import check, main, needs_plain_build, test

ROUNDS = int(os.environ.get("ROUNDS", 3))
ROUND_S, SETTLE_S = 4, 0.5
MOST = 0.02  # of the packets a second, issue 17
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
OFF = "detect: {rules: []}"
FLOOD = ["udp,rate=60000,src=2a00:1::,sources=20000,step=65536", "syn,rate=20000,src=2a00:2:1::,destinations=50000",
         "echo,rate=12000,src=2a00:3::,sources=200,step=257"]


def cpu_s(lab):
    with open("/proc/%d/stat" % lab.daemon.pid) as stat:
        words = stat.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) * TICK_S


def used(lab, config):
    """Its share of a CPU."""
    lab.config(config)
    lab.slash64("reload")
    time.sleep(SETTLE_S)
    began, before = time.monotonic(), cpu_s(lab)
    time.sleep(ROUND_S)
    return (cpu_s(lab) - before) / (time.monotonic() - began)


@test
def the_default_rules_cost_less_than_2_percent_of_a_cpu(lab):
    needs_plain_build()
    streams = Streams(lab, FLOOD, 600)
    time.sleep(1)
    with_rules, without = [], []
    for turn in range(ROUNDS):
        for config in ("", OFF) if turn % 2 else (OFF, ""):
            (without if config else with_rules).append(used(lab, config))
    check(bool(open_proposals(lab)) == bool(ROUNDS % 2), "proposals in the end: %r" % open_proposals(lab))
    streams.end()
    cost = statistics.median(with_rules) - statistics.median(without)
    print("%.2f%% of a CPU with the rules, %.2f%% without" % (100 * statistics.median(with_rules), 100 * statistics.median(without)))
    check(cost < MOST, "%.1f%% of a CPU: %r, without rules %r" % (100 * cost, with_rules, without))


main(prepare)
