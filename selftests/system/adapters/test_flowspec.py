#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-flowspec, fed as ExaBGP feeds it, killed at random under change. Whoever starts it again resets the session, as
slash64-flowspec(8) says: all rules come anew, with End-of-RIB. The real ExaBGP is in selftests/connected/test_flowspec.py; it
ends if its process dies five times in a minute."""
import json
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from adapters import BUILD, Adapter, keys, wait_for_keys
from harness import check, check_equal, main, test
from lab import wait_for

KILLS = 50
PEER = "2001:db8:f::1"
LEASE_S = 60  # a rule that was withdrawn while nobody listened ends with its lease
DISCARD = 0x8006000000000000


class Flowspec(Adapter):
    def start(self, **more):
        self.write(**more)
        with open(self.said, "a") as said:
            self.process = subprocess.Popen(self.lab.argv("edge", [os.path.join(BUILD, self.name), "--config", self.path]),
                                            stdin=subprocess.PIPE, stdout=said, stderr=said)
        self.lab.processes.append(self.process)
        return self

    def tell(self, kind, **neighbor):
        line = {"exabgp": "4.0.1", "type": kind, "neighbor": dict({"address": {"peer": PEER}}, **neighbor)}
        try:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it was killed

    def announce(self, *sources):
        rules = [{"source-ipv6": [source + "/0"]} for source in sources]
        self.tell("update", message={"update": {"attribute": {"extended-community": [{"value": DISCARD, "string": "rate-limit:0"}]},
                                                "announce": {"ipv6 flow": {"no-nexthop": rules}}}})

    def withdraw(self, *sources):
        rules = [{"source-ipv6": [source + "/0"]} for source in sources]
        self.tell("update", message={"update": {"withdraw": {"ipv6 flow": rules}}})

    def session(self, sources):
        self.tell("state", state="up")
        self.announce(*sorted(sources))
        self.tell("update", message={"eor": {"afi": "ipv6", "safi": "flow"}})


@test
def killed_at_random_under_change_it_converges_and_nothing_falls_out(lab):  # issue 18: 50 times
    lab.slash64("block", "2a20::/48", "--origin", "other")
    lab.slash64("block", "2a14:0:1::/48", "--origin", "other")
    flowspec = Flowspec(lab, "slash64-flowspec", socket=lab.socket, validation="relaxed", hold="60s",
                        rules=os.path.join(lab.dir, "flowspec.rules")).start()
    wanted = {"2a14:0:%x::/48" % i for i in range(1, 51)}
    stays = "2a14:0:2::/48"
    flowspec.session(wanted)
    wait_for_keys(lab, "flowspec", wanted)
    rng = random.Random(8)
    for turn in range(KILLS):
        new, old = "2a15:1:%x::/48" % (turn + 1), "2a15:1:%x::/48" % (turn - 1)
        flowspec.announce(new)
        wanted.add(new)
        if turn % 5 == 4:
            flowspec.withdraw(old)
            wanted.discard(old)
        time.sleep(rng.random() * 0.4)
        flowspec.kill()
        check(stays in keys(lab, "flowspec"), "%s has fallen out after kill %d" % (stays, turn))
        flowspec.start()
        flowspec.session(wanted)
    wait_for(lambda: wanted <= set(keys(lab, "flowspec")), 30, "all rules")
    wait_for_keys(lab, "flowspec", wanted, 2 * LEASE_S)
    check_equal(set(keys(lab, "other")), {"2a20::/48", "2a14:0:1::/48"}, "entries of another origin")
    told = [json.loads(line) for line in lab.slash64("flowspec", "--file", os.path.join(lab.dir, "flowspec.rules"), "--json").stdout.splitlines()]
    check_equal({row["source"] for row in told if row["state"] == "executed"}, wanted, "what slash64 flowspec tells")
    flowspec.process.stdin.close()
    flowspec.process.wait(timeout=30)


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
