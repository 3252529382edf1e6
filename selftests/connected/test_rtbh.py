#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-rtbh: routes of a private table of the kernel are blocks. Issue 18 line 3.

    test_rtbh.py [WORD]...     only tests with one of the words in their name"""
import os
import random
import re
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from harness import BUILD, check, check_equal, main, test  # noqa: E402
from lab import wait_for  # noqa: E402

PROGRAM = os.path.join(BUILD, "slash64-rtbh")
METRICS = "[::1]:9668"
HOLD_S = 3


class Daemon:
    """The control socket of a routing daemon that does nothing else."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(4096)

    def kill(self):
        self.socket.close()
        os.unlink(self.path)


class Adapter:
    def __init__(self, lab, feed="", alive=True):
        self.lab, self.control = lab, os.path.join(lab.dir, "bird.ctl")
        self.daemon = Daemon(self.control) if alive else None
        self.config = os.path.join(lab.dir, "rtbh.yaml")
        self.log = os.path.join(lab.dir, "rtbh.log")
        with open(self.config, "w") as f:
            f.write("socket: %s\nmetrics: '%s'\nrtbh:\n- {table: 666, protocol: static, origin: rtbh, hold: %ds, alive: %s%s}\n"
                    % (lab.socket, METRICS, HOLD_S, self.control if alive else "off", feed and ", " + feed))
        open(self.log, "w").close()
        self.start()

    def start(self):
        log = open(self.log, "a")
        self.process = self.lab.spawn("edge", PROGRAM, "--config", self.config, stdout=log, stderr=log)

    def logged(self):
        return open(self.log).read()

    def is_live(self):
        return 'state="live"} 1' in self.metrics()

    def metrics(self):
        return self.lab.run("edge", "curl", "-s", "http://%s/metrics" % METRICS, check=False).stdout

    def metric(self, name, **labels):
        for line in self.metrics().splitlines():
            found = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
            if found and found[1] == name and all('%s="%s"' % pair in found[2] for pair in labels.items()):
                return float(found[3])
        return None

    def __enter__(self):
        wait_for(self.is_live, 20, lambda: "slash64-rtbh: " + self.logged())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.daemon and os.path.exists(self.control):
            self.daemon.kill()
        for family in "-6", "-4":
            self.lab.run("edge", "ip", family, "route", "flush", "table", "666", check=False)
        self.lab.slash64("unblock", "--origin", "rtbh", "--yes", check=False)


def route(lab, *words):
    lab.run("edge", "ip", "-4" if any("." in word for word in words) else "-6", "route", *words, "table", "666")


def batch(lab, lines):
    lab.run("edge", "ip", "-6", "-batch", "-", input="".join("route %s table 666 proto static\n" % line for line in lines))


def blocks(lab, origin="rtbh"):
    return {row["prefix"]: (row["kind"], row["rate"]) for row in lab.json("list", "--origin", origin)}


def soon(lab, wanted, seconds=5):
    wait_for(lambda: blocks(lab) == wanted, seconds, lambda: "%r, not %r" % (blocks(lab), wanted))


BLOCK = ("block", None)


@test
def a_route_is_what_its_type_means_as_soon_as_it_is_there(lab):
    with Adapter(lab, "action: {blackhole: block, prohibit: throttle, unreachable: monitor}, throttle: {rate: 100}") as adapter:
        route(lab, "add", "blackhole", "2001:db8:bad:1::/64", "proto", "static")
        route(lab, "add", "prohibit", "2001:db8:bad:2::/64", "proto", "static")
        route(lab, "add", "unreachable", "2001:db8:bad:3::/64", "proto", "static")
        route(lab, "add", "blackhole", "2001:db8:bad:4::/64", "proto", "boot")
        route(lab, "add", "2001:db8:bad:5::/64", "dev", "lan0", "proto", "static")
        route(lab, "add", "blackhole", "198.51.100.0/24", "proto", "static")
        soon(lab, {"2001:db8:bad:1::/64": BLOCK, "2001:db8:bad:2::/64": ("throttle", 100), "198.51.100.0/24": BLOCK})
        check_equal(adapter.metric("slash64_rtbh_prefixes", action="monitor"), 1, "monitored")
        check_equal(adapter.metric("slash64_rtbh_ignored_total"), 2, "ignored")
        listed = lab.run("edge", PROGRAM, "--config", adapter.config, "list").stdout
        for line in ("2001:db8:bad:3::/64 table 666 unreachable protocol 4: monitor",
                     "2001:db8:bad:4::/64 table 666 blackhole protocol 3: nothing"):
            check(line in listed.splitlines(), "no '%s' in %s" % (line, listed))
        route(lab, "del", "blackhole", "2001:db8:bad:1::/64", "proto", "static")
        route(lab, "replace", "blackhole", "2001:db8:bad:2::/64", "proto", "static")
        soon(lab, {"2001:db8:bad:2::/64": BLOCK, "198.51.100.0/24": BLOCK})


@test
def what_the_guard_rails_refuse_is_counted_and_not_blocked(lab):
    with Adapter(lab) as adapter:
        lab.slash64("allow", "2001:db8:a110::/48")
        for prefix in "::/0", "2000::/8", "64:ff9b::/96", "2001:db8:0:1::/64", "2001:db8:a110:1::/64", "2001:db8:bad:1::/64":
            route(lab, "add", "blackhole", prefix, "proto", "static")
        soon(lab, {"2001:db8:bad:1::/64": BLOCK})
        wait_for(lambda: sum(adapter.metric("slash64_adapter_refused", reason=why)
                             for why in ("prefix", "guard", "allowed")) == 5, 5, adapter.metrics)
        check_equal(adapter.metric("slash64_adapter_refused", reason="allowed"), 1, "within an allowed prefix")
        lab.slash64("unallow", "2001:db8:a110::/48")


@test
def notifications_that_were_lost_are_made_good(lab):
    with Adapter(lab) as adapter:
        batch(lab, ["add blackhole 2001:db8:%x::/48" % (0x1000 + i) for i in range(2000)])
        wait_for(lambda: len(blocks(lab)) == 2000, 20, adapter.logged)
        adapter.process.send_signal(signal.SIGSTOP)
        # far more than a socket holds
        batch(lab, ["add blackhole 2001:db8:%x::/48" % (0x2000 + i) for i in range(8000)])
        batch(lab, ["del blackhole 2001:db8:%x::/48" % (0x1000 + i) for i in range(1500)])
        batch(lab, ["add blackhole 2001:db8:%x::/48" % (0x4000 + i) for i in range(8000)])
        adapter.process.send_signal(signal.SIGCONT)
        wanted = {"2001:db8:%x::/48" % n for n in [0x1000 + i for i in range(1500, 2000)] +
                  [0x2000 + i for i in range(8000)] + [0x4000 + i for i in range(8000)]}
        wait_for(lambda: len(blocks(lab)) == len(wanted), 60, lambda: "%d blocks" % len(blocks(lab)))
        check_equal(set(blocks(lab)), wanted, "the blocks")
        check(adapter.metric("slash64_rtbh_overruns_total") > 0, "no overrun")


@test
def without_its_routing_daemon_it_holds_and_then_ends_what_came_by_it(lab):
    with Adapter(lab) as adapter:
        lab.slash64("block", "2001:db8:bad:9::/64")
        for n in range(20):
            route(lab, "add", "blackhole", "2001:db8:bad:%x::/64" % (0x10 + n), "proto", "static")
        wait_for(lambda: len(blocks(lab)) == 20, 5, adapter.logged)
        adapter.daemon.kill()
        start = time.monotonic()
        wait_for(lambda: 'state="held"} 1' in adapter.metrics(), 5, adapter.metrics)
        route(lab, "del", "blackhole", "2001:db8:bad:10::/64", "proto", "static")
        while time.monotonic() - start < HOLD_S - 1:
            check_equal(len(blocks(lab)), 20, "blocks while it is held")
        wait_for(lambda: not blocks(lab), HOLD_S + 5, adapter.logged)
        check_equal(adapter.metric("slash64_rtbh_ended_total"), 20, "ended")
        check("was gone for 3s: 20 entries end" in adapter.logged(), adapter.logged())
        check("2001:db8:bad:9::/64" in blocks(lab, "operator"), "the operator's block has ended")
        adapter.daemon = Daemon(adapter.control)
        wait_for(lambda: len(blocks(lab)) == 19, 10, adapter.logged)
        lab.slash64("unblock", "2001:db8:bad:9::/64")


@test
def the_loss_of_a_session_is_told_from_the_end_of_blocks_by_the_sentinel(lab):
    with SentinelAdapter(lab) as adapter:
        for n in range(5):
            route(lab, "add", "blackhole", "2001:db8:bad:%x::/64" % (0x10 + n), "proto", "static")
        wait_for(lambda: len(blocks(lab)) == 5, 5, adapter.logged)
        route(lab, "del", "blackhole", "2001:db8:bad:10::/64", "proto", "static")
        wait_for(lambda: len(blocks(lab)) == 4, 5, adapter.logged)
        # a session that is lost takes everything, in any order
        batch(lab, ["del blackhole 2001:db8:bad:%x::/64" % (0x10 + n) for n in (1, 2)] + ["del blackhole 100::1/128"] +
              ["del blackhole 2001:db8:bad:%x::/64" % (0x10 + n) for n in (3, 4)])
        wait_for(lambda: 'state="held"} 1' in adapter.metrics(), 5, adapter.metrics)
        check_equal(len(blocks(lab)), 4, "blocks")
        # and brings everything back
        batch(lab, ["add blackhole 100::1/128"] + ["add blackhole 2001:db8:bad:%x::/64" % (0x10 + n) for n in (1, 2, 3)])
        wait_for(lambda: len(blocks(lab)) == 3, 10, adapter.logged)


class SentinelAdapter(Adapter):
    def __init__(self, lab):
        lab.run("edge", "ip", "-6", "route", "add", "blackhole", "100::1/128", "table", "666", "proto", "static")
        super().__init__(lab, "sentinel: 100::1")


@test
def a_prefix_that_flaps_is_dampened(lab):
    with Adapter(lab, "dampen: 4s") as adapter:
        before = adapter.metric("slash64_adapter_put_total")
        for _ in range(40):
            route(lab, "add", "blackhole", "2001:db8:bad:1::/64", "proto", "static")
            time.sleep(0.01)
            route(lab, "del", "blackhole", "2001:db8:bad:1::/64", "proto", "static")
            time.sleep(0.01)
        check_equal(adapter.metric("slash64_rtbh_dampened"), 1, "dampened")
        check(adapter.metric("slash64_adapter_put_total") - before <= 5, "slash64d was bothered %d times"
              % (adapter.metric("slash64_adapter_put_total") - before))
        check_equal(set(blocks(lab)), {"2001:db8:bad:1::/64"}, "while it flaps")
        wait_for(lambda: not blocks(lab), 10, adapter.metrics)


@test
def killed_fifty_times_under_change_it_converges_and_nothing_falls_out(lab):
    lab.slash64("block", "2001:db8:0:ffff::/64", "--origin", "other")
    constant = {"2001:db8:c0:%x::/64" % n for n in range(1, 51)}
    with Adapter(lab) as adapter:
        batch(lab, ["add blackhole %s" % prefix for prefix in constant])
        wait_for(lambda: constant <= set(blocks(lab)), 10, adapter.logged)
        moving = random.Random(64)
        there = set()
        for _ in range(50):
            for _ in range(5):
                prefix = "2001:db8:d0:%x::/64" % moving.randrange(1, 40)
                batch(lab, ["%s blackhole %s" % ("del" if prefix in there else "add", prefix)])
                there ^= {prefix}
            time.sleep(moving.random() * 0.1)
            adapter.process.kill()
            adapter.process.wait()
            check(constant <= set(blocks(lab)), "blocks fell out")
            adapter.start()
        wait_for(adapter.is_live, 20, adapter.logged)
        wait_for(lambda: set(blocks(lab)) == constant | there, 20,
                 lambda: "%r" % (set(blocks(lab)) ^ (constant | there)))
    check("2001:db8:0:ffff::/64" in blocks(lab, "other"), "another origin's block is gone")


def prepare(lab):
    lab.config("log: {changes: 100000}")
    lab.start()


main(prepare)
