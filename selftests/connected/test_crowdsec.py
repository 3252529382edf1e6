#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-crowdsec with Debian's crowdsec: what it decides is in force, and nothing else is."""
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from adapters import Adapter, key_of, keys, wait_for_keys
from crowdsec import KEY, URL, CrowdSec
from harness import check, check_equal, main, seconds_of, test
from lab import wait_for

INTERVAL_S = 1
# after the poll that tells of a change; the poll itself comes within the interval
IN_FORCE_S = 2
LOAD_S = 30  # what other tests beside this one may cost
MANY = 50000
FEW = 200
KILLS = 50

crowdsec = adapter = None


def settings():
    return {"lapi": {"url": URL, "key": KEY}, "interval": "%ds" % INTERVAL_S, "throttle": {"rate": "100/s"}}


def begin(lab):
    global crowdsec, adapter
    crowdsec = CrowdSec(lab).start()
    adapter = Adapter(lab, "slash64-crowdsec", socket=lab.socket, **settings()).start()


def the_same(lab, seconds=LOAD_S):
    wait_for_keys(lab, "crowdsec", crowdsec.decisions(), seconds)


@test
def ranges_and_addresses_of_both_families_are_in_force_as_they_are(lab):  # issue 18, 2; cs-firewall-bouncer 412
    begin(lab)
    for words in (["--range", "2a06:4880::/32"], ["--range", "2a0a:1234::66/48"], ["--ip", "2a0b:1::1"],
                  ["--ip", "2a0b:1::2"], ["--range", "198.18.7.0/24"], ["--ip", "198.19.100.7"]):
        crowdsec.cscli("decisions", "add", *words, "-d", "1h", "-R", "of the test")
    crowdsec.cscli("decisions", "add", "--ip", "2a0c::1", "-t", "throttle", "-d", "1h")
    crowdsec.cscli("decisions", "add", "--ip", "2a0c::2", "-t", "captcha", "-d", "1h")
    wanted = [value for value in crowdsec.decisions() if value != "2a0c::2"]
    check_equal(len(wanted), 7, "what cscli lists")
    wait_for_keys(lab, "crowdsec", wanted)
    there = keys(lab, "crowdsec")
    check_equal(there["2a06:4880::/32"]["reason"], "of the test", "the reason")
    check_equal((there["2a0c::1"]["kind"], there["2a0c::1"]["rate"], there["2a0c::1"]["burst"]), ("throttle", 100, 200),
                "a throttle")
    check_equal(there["2a0b:1::1"]["prefix"], "2a0b:1::/64", "an address stands for its /64")
    left_s = seconds_of(there["2a06:4880::/32"]["until"]) - time.time()
    check(3400 < left_s <= 3600, "it ends in %d s" % left_s)
    check("slash64-crowdsec" in crowdsec.cscli("bouncers", "list", "-o", "json"), "its name at the LAPI")


@test
def deleted_and_expired_decisions_end_and_no_other(lab):
    crowdsec.cscli("decisions", "delete", "--range", "2a06:4880::/32")
    crowdsec.cscli("decisions", "delete", "--ip", "2a0b:1::2")
    crowdsec.cscli("decisions", "delete", "--ip", "2a0c::2")
    crowdsec.cscli("decisions", "add", "--ip", "2a0d::1", "-d", "3s")
    crowdsec.cscli("decisions", "add", "--ip", "2a0b:1::1", "-d", "2h")
    the_same(lab)
    wait_for(lambda: "2a0d::1" not in keys(lab, "crowdsec"), LOAD_S, "the end of an expired decision")
    check("2a0b:1::1" in keys(lab, "crowdsec"), "one that was told twice is there")
    the_same(lab)


@test
def of_two_decisions_about_an_address_the_longer_one_counts(lab):
    crowdsec.cscli("decisions", "add", "--ip", "2a0e::1", "-d", "1h", "-R", "short")
    crowdsec.cscli("decisions", "add", "--ip", "2a0e::1", "-d", "3h", "-R", "long")
    wait_for(lambda: keys(lab, "crowdsec").get("2a0e::1", {}).get("reason") == "long", LOAD_S, "the longer one")
    for decision in crowdsec.decisions()["2a0e::1"]:
        if decision["scenario"] == "long":
            crowdsec.cscli("decisions", "delete", "--id", str(decision["id"]))
    wait_for(lambda: keys(lab, "crowdsec").get("2a0e::1", {}).get("reason") == "short", LOAD_S, "the one that is left")
    crowdsec.cscli("decisions", "delete", "--ip", "2a0e::1")
    the_same(lab)


@test
def killed_at_random_under_change_it_converges_and_nothing_falls_out(lab):  # issue 18: 50 times
    lab.slash64("block", "2a20::/48", "--origin", "other")
    lab.slash64("block", "2a14:0:1::/48", "--origin", "other")
    crowdsec.bring_in([("4h", "range", "2a14:0:%x::/48" % i, "ban") for i in range(FEW)])
    the_same(lab)
    stays = key_of("2a14:0:2::/48")
    rng = random.Random(18)
    for turn in range(KILLS):
        crowdsec.cscli("decisions", "add", "--ip", "2a12::%x" % turn, "-d", "1h")
        if turn % 5 == 4:
            crowdsec.cscli("decisions", "delete", "--ip", "2a12::%x" % (turn - 2))
        time.sleep(rng.random() * INTERVAL_S * 0.4)
        adapter.kill()
        check(stays in keys(lab, "crowdsec"), "%s has fallen out after kill %d" % (stays, turn))
        adapter.start()
    the_same(lab)
    check_equal(set(keys(lab, "other")), {"2a20::/48", "2a14:0:1::/48"}, "entries of another origin")


@test
def fifty_thousand_decisions_come_and_go(lab):  # issue 18: within 2 s of the poll
    rows = [("4h", "range", "2a10:%x:%x::/48" % (i >> 8, i & 255), "ban") for i in range(MANY // 2)]
    rows += [("4h", "ip", "2a11:%x:%x::1" % (i >> 8, i & 255), "ban") for i in range(MANY // 4)]
    rows += [("4h", "ip", "198.18.%d.%d" % (100 + (i >> 8), i & 255), "ban") for i in range(MANY // 4)]
    crowdsec.bring_in(rows)
    wanted = crowdsec.decisions()
    check(len(wanted) > MANY, "only %d decisions came in" % len(wanted))
    wait_for_keys(lab, "crowdsec", wanted, 90)
    check_equal(adapter.metric("slash64_adapter_entries"), len(wanted), "entries in the metrics")
    before = adapter.metric("slash64_adapter_put_total")
    crowdsec.cscli("decisions", "delete", "--ip", "2a11:0:7::1")
    the_same(lab)
    check_equal(adapter.metric("slash64_adapter_put_total"), before, "entries put because one has ended")
    check_equal(adapter.metric("slash64_adapter_lag_seconds"), 0, "lag")


@test
def the_lapi_away_and_back_changes_nothing(lab):  # cs-firewall-bouncer 369
    before = set(keys(lab, "crowdsec"))
    crowdsec.stop()
    wait_for(lambda: adapter.metric("slash64_adapter_source_failures_total") > 0, LOAD_S, "a failure in the metrics")
    check_equal(set(keys(lab, "crowdsec")), before, "what is in force")
    crowdsec.start()
    crowdsec.cscli("decisions", "add", "--ip", "2a13::1", "-d", "1h")
    the_same(lab, 60)


@test
def slash64d_away_and_back_is_brought_up_to_date(lab):
    lab.stop()
    crowdsec.cscli("decisions", "add", "--ip", "2a13::2", "-d", "1h")
    wait_for(lambda: adapter.metric("slash64_adapter_lag_seconds") > 0, LOAD_S, "the lag")
    lab.start()
    the_same(lab, 60)


@test
def all_of_it_ends_when_it_is_deleted(lab):
    crowdsec.cscli("decisions", "delete", "--all")
    wait_for_keys(lab, "crowdsec", [], 60)
    check_equal(set(keys(lab, "other")), {"2a20::/48", "2a14:0:1::/48"}, "entries of another origin")
    check_equal(adapter.stop(), 0, "its exit status")


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
