#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The limiter, measured by the packets that leave the other end."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check_between, check_equal, main, test
from lab import BAD_1, BAD_2, CLIENT_2

RATE, BURST = 100, 200


@test
def a_flood_of_echoes_gets_100_a_second_and_others_lose_none(lab):
    whole = lab.receiver(13)
    flood = lab.flood(BAD_1, 20000, 12.5)
    started = time.monotonic()
    others = lab.receiver(12)
    neighbour = lab.flood(BAD_2, 80, 11)
    time.sleep(1.5)
    receiver = lab.receiver(10)
    loss = lab.ping("client", count=50), lab.ping("client", count=20, source=CLIENT_2)
    got = lab.received(receiver)[BAD_1]["packets"]
    flood.communicate()
    seconds = time.monotonic() - started
    neighbour.communicate()
    check_between(0.95 * RATE * 10, got, 1.05 * RATE * 10, "echo requests that came in 10 s")
    check_equal(loss, (0, 0), "loss of the client's two sources")
    check_equal(lab.received(others)[BAD_2]["packets"], 880, "echo requests of the neighbouring source")
    check_between(BURST + 0.95 * RATE * 12.5, lab.received(whole)[BAD_1]["packets"],
                  BURST + 1.05 * RATE * seconds, "echo requests with the burst")


@test
def the_counters_say_what_came(lab):
    def row(verdict):
        return sum(r["packets"] for r in lab.status()["rates"]
                   if r["class"] == "echo-request" and r["verdict"] == verdict)

    time.sleep(2.5)  # a full burst is available again
    passed, dropped = row("pass"), row("drop")
    receiver = lab.receiver(2)
    lab.flood(BAD_1, 5000, 1).communicate()
    got = lab.received(receiver)[BAD_1]["packets"]
    check_equal(row("pass") - passed, got, "counted as passed")
    check_equal(row("drop") - dropped, 5000 - got, "counted as dropped")


@test
def a_limit_of_the_configuration_takes_effect_on_reload(lab):
    lab.config("limits: {echo-request: {rate: 20, burst: 20}}")
    lab.slash64("reload")
    time.sleep(2.5)
    receiver = lab.receiver(4)
    lab.flood(BAD_1, 2000, 3).communicate()
    check_between(20 + 55, lab.received(receiver)[BAD_1]["packets"], 20 + 65, "echo requests that came in 3 s")
    lab.config()
    lab.slash64("reload")


@test
def a_rotating_attacker_is_held_by_its_48(lab):
    receiver = lab.receiver(4)
    floods = [lab.flood("2001:db8:bad:%x::/64" % (0x200 + i), 300, 3) for i in range(20)]
    for flood in floods:
        flood.communicate()
    got = sum(seen["packets"] for prefix, seen in lab.received(receiver).items()
              if prefix.startswith("2001:db8:bad:2"))
    check_between(2000 + 0.9 * 3000, got, 2000 + 1.1 * 3000 + 100, "echo requests of the /48 in 3 s")


@test
def top_names_the_flood_and_how_much_of_it_is_dropped(lab):
    flood = lab.flood(BAD_1, 20000, 4)
    time.sleep(3)  # all of the two seconds that are asked for
    first = lab.json("top", "--seconds", "2")[0]
    flood.terminate()
    check_equal((first["source"], first["class"], first["reason"]), (BAD_1, "echo-request", "over-source-limit"),
                "the loudest source")
    check_between(99, first["dropped_percent"], 100, "percent dropped")
    check_between(18000, first["packets_per_second"], 22000, "packets a second")


main(lambda lab: lab.start(lab.config()))
