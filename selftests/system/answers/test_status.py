#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What an operator sees: overall health, what is missing, and what still filters without slash64d."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1, wait_for


def codes(lab):
    return [problem["code"] for problem in lab.status()["health"]["problems"]]


def quiet(lab):
    done = lab.slash64("status", "--quiet", check=False)
    check_equal((done.stdout, done.stderr), ("", ""), "what a health check prints")
    return done.returncode


def first_line(lab):
    return lab.slash64("status", check=False).stdout.splitlines()[0]


def attached_metric(lab, name):
    for line in lab.slash64("metrics").stdout.splitlines():
        if line.startswith('slash64_interface_attached{interface="%s"' % name):
            return int(line.split()[-1])
    return None


@test
def all_is_well_where_it_is(lab):
    check_equal((codes(lab), quiet(lab)), ([], 0), "a start")
    check(first_line(lab).startswith("all is well: slash64 is on 1 interface, "), first_line(lab))


@test
def the_limiter_forgets_who_is_quiet(lab):
    """Each part of it is counted once in 16 seconds (LIMITER_STEPS)."""
    flood = lab.flood(BAD_1, 300, 60)
    wait_for(lambda: lab.status()["maps"]["limiter_live"] > 0, 36, "a source in the limiter", step=0.5)
    lab.end(flood)
    wait_for(lambda: lab.status()["maps"]["limiter_live"] == 0, 36, "the end of all that is live", step=0.5)


@test
def what_is_detached_is_told_until_it_is_attached(lab):
    """hostile O4"""
    said = lab.slash64("detach", "wan0").stdout
    check("nothing is filtered there now" in said and "reload" in said, said)
    row = lab.status()["interfaces"][0]
    check_equal((row["name"], row["state"], row["detached_by"]), ("wan0", "detached", "root"), "its row")
    check_equal((codes(lab), quiet(lab), attached_metric(lab, "wan0")), (["interface-detached"], 1, 0), "detached")
    check(first_line(lab).startswith("NOT WELL: nothing is filtered on wan0: root detached it"), first_line(lab))
    lab.slash64("attach", "wan0", "--filter", "monitor")
    check_equal((codes(lab), quiet(lab), attached_metric(lab, "wan0")), (["interface-monitors"], 1, 1), "monitors")
    lab.slash64("attach", "wan0")
    check_equal((codes(lab), quiet(lab)), ([], 0), "attached")


@test
def what_is_missing_is_told_with_status_1(lab):
    """hostile O16, O5"""
    lab.ip("edge", "link", "add", "gone0", "type", "veth", "peer", "name", "gone1")
    lab.config("feeds: [{file: %s/none, origin: spamhaus}]" % lab.dir, ifaces="[{name: wan0}, {name: gone0}]")
    said = lab.slash64("reload")
    check("feed spamhaus (" in said.stderr, "reload of a feed that cannot be read: %r" % said.stderr)
    lab.ip("edge", "link", "del", "gone0")
    wait_for(lambda: "interface-missing" in codes(lab), 5, "the missing interface in status")
    row = {i["name"]: i for i in lab.status()["interfaces"]}["gone0"]
    check(row["state"] == "missing" and row["since"], "its row: %s" % row)
    check_equal((quiet(lab), lab.slash64("status", check=False).returncode), (1, 1), "status")
    lab.config()
    lab.slash64("reload")
    check_equal((codes(lab), quiet(lab)), ([], 0), "without both")


@test
def without_slash64d_status_reads_what_filters_on(lab):
    """hostile O7"""
    lab.slash64("block", BAD_1)
    lab.stop(signal.SIGKILL)
    check_equal(quiet(lab), 3, "a health check")
    done = lab.run("edge", lab.cli, "--socket", lab.socket, "status", "--pins", lab.pins, check=False)
    check_equal(done.returncode, 1, "status")
    check(done.stdout.startswith("NOT WELL: slash64d is not running, but filtering goes on, on 1 of 1 interface\n") and
          "sources blocked or throttled: 1;" in done.stdout, done.stdout)
    lab.start()
    lab.slash64("unblock", BAD_1)
    check_equal((codes(lab), quiet(lab)), ([], 0), "it runs again")


main(lambda lab: lab.start(lab.config()))
