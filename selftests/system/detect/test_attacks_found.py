#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The default rules with real packets: an attack of each kind is proposed soon, with its rate, and at the level that fits.

"Soon" is 5 s after it began: the rules' `during` of 3 s is part of that."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from detect_lab import Streams, check_proposed, is_within_a_tenth, prepare
from harness import check, check_between, check_equal, main, seconds_of, test

PPS = "packets_per_second"


@test
def scans_are_proposed_within_5_s(lab):
    check_proposed(lab, ["syn,rate=500,src=2001:db8:b1:1::,destinations=100000",
                         "echo,rate=400,src=2001:db8:b1:2::,destinations=100000",
                         "syn,rate=400,src=2001:db8:b1:3::,port=1,ports=60000",
                         # somebody who connects often, to the same
                         "syn,rate=400,src=2001:db8:b1:4::,destinations=20"],
                   {("scan", "2001:db8:b1:1::/64"): ("destinations_per_second", 500),
                    ("scan", "2001:db8:b1:2::/64"): ("destinations_per_second", 400),
                    ("port-scan", "2001:db8:b1:3::/64"): ("ports_per_second", 400)})


@test
def floods_are_proposed_within_5_s(lab):
    check_proposed(lab, ["echo,rate=8000,src=2001:db8:b2:1::",
                         "syn,rate=15000,src=2001:db8:b2:2::",
                         "time-exceeded,rate=15000,src=2001:db8:b2:3::",
                         "unreachable,rate=13000,src=2001:db8:b2:4::",
                         "fragment,rate=60000,src=2001:db8:b2:5::"],
                   {("echo-flood", "2001:db8:b2:1::/64"): (PPS, 8000),
                    ("syn-flood", "2001:db8:b2:2::/64"): (PPS, 15000),
                    ("error-flood", "2001:db8:b2:3::/64"): (PPS, 15000),
                    ("error-flood", "2001:db8:b2:4::/64"): (PPS, 13000),
                    ("fragment-flood", "2001:db8:b2:5::/64"): (PPS, 60000)})


@test
def a_flood_of_udp_is_proposed_within_5_s(lab):
    check_proposed(lab, ["udp,rate=230000,src=2001:db8:b2:6::"], {("udp-flood", "2001:db8:b2:6::/64"): (PPS, 230000)})


@test
def an_attack_is_proposed_at_the_level_that_fits(lab):
    # neighbours who are too quiet for a sample each second, once the floods have begun
    quiet = Streams(lab, ["tcp,rate=50,src=2001:db8:b4:110::,sources=5", "tcp,rate=40,src=2001:db8:b5:1f0::,sources=4"], 60)
    time.sleep(1.5)
    rows = check_proposed(lab, ["echo,rate=10000,src=2001:db8:b3::,sources=200,step=257",  # in turn, all over the /48
                                "echo,rate=24000,src=2001:db8:b4:100::,sources=3",
                                "echo,rate=12000,src=2001:db8:b5:100::,sources=60"],
                          {("echo-flood", "2001:db8:b3::/48"): (PPS, 10000),
                           ("echo-flood", "2001:db8:b4:100::/64"): (PPS, 8000),
                           ("echo-flood", "2001:db8:b4:101::/64"): (PPS, 8000),
                           ("echo-flood", "2001:db8:b4:102::/64"): (PPS, 8000),
                           ("echo-flood", "2001:db8:b5:100::/56"): (PPS, 12000)})
    quiet.end()
    wide = rows["echo-flood", "2001:db8:b5:100::/56"]
    check_equal((wide["spared"], sorted(wide["spared_sources"])),
                (4, ["2001:db8:b5:1f%d::/64" % n for n in range(4)]), "those that take no part")
    check_between(0.0005, wide["collateral_share"], 0.01, "their share")
    check_equal(rows["echo-flood", "2001:db8:b3::/48"]["spared"], 0, "all of the /48 that was seen takes part: spared")


def check_replayed(lab, capture, live, *words):
    """A replay proposes what was live: the same, since when, and with what rates. Returns the rows."""
    replayed = {(row["rule"], row["prefix"]): row for row in lab.json("replay", capture, "--detect", *words)}
    check_equal(sorted(replayed), sorted(live), "what a replay proposes")
    for which, row in replayed.items():
        check_equal((row["threshold"], row["for_seconds"], row["action"], row["spared"], sorted(row["spared_sources"])),
                    tuple(live[which][key] for key in ("threshold", "for_seconds", "action", "spared")) +
                    (sorted(live[which]["spared_sources"]),), "%s %s" % which)
        check(abs(seconds_of(row["since"]) - seconds_of(live[which]["since"])) <= 2, "since %r, live %r" % (row, live[which]))
        for measure, value in row["measured"].items():
            check(is_within_a_tenth(value, live[which]["measured"][measure]), "%s %s: %r, live %r" % (*which, row, live[which]))
    return replayed


@test
def a_replay_of_a_capture_proposes_what_was_proposed_live(lab):
    capture = os.path.join(lab.dir, "attacks.pcap")
    # so few that every packet is a sample: the figures are exact, live and replayed
    live = check_proposed(lab, ["syn,rate=500,src=2001:db8:b6:1::,destinations=100000",
                                "syn,rate=400,src=2001:db8:b6:2::,port=1,ports=60000",
                                "echo,rate=900,src=2001:db8:b6:100::,sources=60,destinations=100000",
                                "tcp,rate=120,src=2001:db8:b6:1f0::,sources=4", "udp,rate=800,src=2001:db8:b7:1::,sources=20"],
                          {("scan", "2001:db8:b6:1::/64"): ("destinations_per_second", 500),
                           ("port-scan", "2001:db8:b6:2::/64"): ("ports_per_second", 400),
                           ("scan", "2001:db8:b6:100::/56"): ("destinations_per_second", 900)}, capture)
    check_replayed(lab, capture, {which: row for which, row in live.items() if ":b6:" in which[1]})


@test
def so_it_does_of_floods_of_which_few_packets_are_samples(lab):
    """And what the configured guard rails refuse live, they refuse in a replay."""
    capture, config = os.path.join(lab.dir, "floods.pcap"), lab.config("own: [2001:db8:b8:4::/64]\nallow: [2001:db8:b9::/48]\n")
    lab.slash64("reload")
    live = check_proposed(lab, ["echo,rate=9000,src=2001:db8:b8:1::", "syn,rate=14000,src=2001:db8:b8:2::",
                                "time-exceeded,rate=13000,src=2001:db8:b8:4::", "echo,rate=10000,src=2001:db8:b9::,sources=200,step=257"],
                          {("echo-flood", "2001:db8:b8:1::/64"): (PPS, 9000), ("syn-flood", "2001:db8:b8:2::/64"): (PPS, 14000),
                           ("error-flood", "2001:db8:b8:4::/64"): (PPS, 13000), ("echo-flood", "2001:db8:b9::/48"): (PPS, 10000)}, capture)
    replayed = check_replayed(lab, capture, {which: row for which, row in live.items() if ":b8:" in which[1] or ":b9:" in which[1]},
                              "--config", config)
    refused = {which[1]: row["refused"] for which, row in replayed.items() if row["refused"]}
    check_equal(sorted(refused), ["2001:db8:b8:4::/64", "2001:db8:b9::/48"], "refused: %r" % refused)
    for which, row in replayed.items():
        check(live[which]["refused"].startswith(row["refused"]) if row["refused"] else not live[which]["refused"],
              "%s %s: refused %r, live %r" % (*which, row["refused"], live[which]["refused"]))


main(prepare)
