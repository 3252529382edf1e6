#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The rate that was sent is the rate that every command tells, and prometheus."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check_between, check_equal, main, test
from lab import BAD_1, BAD_2, wait_for
from prometheus import Prometheus, query


@test
def one_rate_in_every_command(lab):
    """hostile O2"""
    flood = lab.flood(BAD_1, 300, 4, "udp")
    wait_for(lambda: lab.json("top"), 3, "the flood in top")
    time.sleep(2.1)  # the requested value is the rate of the last second; counters tell that of the last full one
    rates = {"top": {r["source"]: r for r in lab.json("top", "--seconds", "3600")}[BAD_1]["packets_per_second"],
             "status": sum(r["packets_per_second"] for r in lab.status()["rates"] if r["class"] == "udp"),
             "lookup": lab.json("lookup", BAD_1[:-3] + "1")[0]["seen"]["packets_per_second"],
             "a dry run": lab.json("block", BAD_1, "--dry-run")[0]["packets_per_second"]}
    flood.communicate()
    for where, rate in rates.items():
        check_between(255, rate, 345, "the rate of %s" % where)


@test
def prometheus_answers_with_the_rate_that_was_sent(lab):
    with Prometheus(lab):
        flood = lab.flood(BAD_2, 1000, 20, "udp")
        lab.slash64("block", BAD_1)
        blocked = lab.flood(BAD_1, 500, 20, "udp")
        time.sleep(8)
        rates = {verdict: query(lab, 'rate(slash64_packets_total{interface="wan0",class="udp",'
                                     'verdict="%s",reason="%s"}[5s])' % (verdict, reason))
                 for verdict, reason in (("pass", "policy"), ("drop", "blocked"))}
        size = query(lab, 'rate(slash64_bytes_total{class="udp",verdict="pass"}[5s])')
        flood.terminate()
        blocked.terminate()
    lab.slash64("unblock", BAD_1)
    check_equal([len(rates["pass"]), len(rates["drop"])], [1, 1], "answers")
    check_between(900, rates["pass"][0][1], 1100, "packets passed a second")
    check_between(450, rates["drop"][0][1], 550, "packets dropped a second")
    check_between(900 * 118, size[0][1], 1100 * 118, "bytes passed a second")


main(lambda lab: lab.start(lab.config()))
