#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A bridge device does not see the traffic between its ports: the profile bridge is refused there,
with the names of the ports (field P9); and what hosts on both sides of a bridge need from each
other passes its ports."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BUILD, wait_for

LEFT, RIGHT = "2a00:1:2:3::1", "2a00:1:2:3::2"
ON_BRIDGE = "[{name: wan0}, {name: br7, policy: {profile: bridge}}]"
REFUSED = r"br7 is a bridge device, which does not see traffic between its ports: " \
          r"with the profile 'bridge' use the ports, p1, p2$"


def check_of(lab, path):
    return lab.run("edge", os.path.join(BUILD, "slash64d"), "--check", "--config", path, check=False)


@test
def the_check_refuses_a_bridge_with_the_profile_bridge(lab):
    done = check_of(lab, lab.config("", ON_BRIDGE))
    check(done.returncode == 1 and done.stderr.count("\n") == 1 and ".yaml:1: " in done.stderr and
          re.search(REFUSED, done.stderr.strip()), "%d, %s" % (done.returncode, done.stderr))
    # traffic for the machine itself is seen there
    check_equal(check_of(lab, lab.config("", "[{name: wan0}, {name: br7}]")).returncode, 0, "the profile edge")
    check_equal(check_of(lab, lab.config("policy: {profile: bridge}", "[{name: p1}, {name: p2}]")).returncode, 0, "ports")
    check(re.search(REFUSED, check_of(lab, lab.config("policy: {profile: bridge}", "[{name: br7}]")).stderr.strip()),
          "the profile of all")


@test
def a_start_says_so_and_filters_the_others(lab):
    lab.stop()
    before = len(lab.logged())
    lab.start(lab.config("", ON_BRIDGE))
    lines = [line for line in lab.logged(before).splitlines() if re.search(REFUSED, line)]
    check_equal(len(lines), 1, "lines that say so")
    check_equal({i["name"]: i["state"] for i in lab.status()["interfaces"]}["wan0"], "attached", "the other")
    done = lab.slash64("reload", check=False)
    check(done.returncode and re.search(REFUSED, done.stderr.strip()), "reload: %s" % done.stderr)
    lab.stop()
    lab.start(lab.config("", "[{name: wan0}]"))


@test
def an_attach_by_hand_is_refused(lab):
    lab.config("policy: {profile: bridge}", "[]")
    lab.slash64("reload")
    done = lab.slash64("attach", "br7", check=False)
    check(done.returncode and re.search(REFUSED, done.stderr.strip()), "attach: %s" % done.stderr)
    check("br7" not in [i["name"] for i in lab.status()["interfaces"]], "it is attached all the same")
    # a bridge with many ports: the message names only some of them
    for i in range(60):
        lab.ip("edge", "link", "add", "port-%08d" % i, "type", "veth", "peer", "name", "q%d" % i)
        lab.ip("edge", "link", "set", "port-%08d" % i, "master", "br7")
    said = lab.slash64("attach", "br7", check=False).stderr.strip()
    named, more = len(re.findall(r"port-\d+|\bp[12]\b", said)), re.search(r" and (\d+) more$", said)
    check(more and named + int(more.group(1)) == 62 and len(said) < 500, said)
    for i in range(60):
        lab.ip("edge", "link", "del", "port-%08d" % i)


@test
def neighbours_across_a_bridge_find_each_other_with_bogons_enforced(lab):
    """field P1, P2: a bridge is one link, so link-local sources to global addresses pass too."""
    lab.config("policy: {profile: bridge, bogons: enforce}", "[{name: p1}, {name: p2}]")
    lab.slash64("reload")
    ll = [line.split()[3].split("/")[0] for line in
          lab.ip("client", "-6", "-o", "addr", "show", "dev", "b1", "scope", "link").stdout.splitlines()][0]
    lab.ip("client", "-6", "neigh", "flush", "dev", "b1")
    check_equal(lab.ping("client", RIGHT, 3, 0.1, source=LEFT), 0, "loss")
    check_equal(lab.ping("client", RIGHT, 3, 0.1, source=ll + "%b1"), 0, "loss from a link-local source")
    lab.ip("client", "-6", "neigh", "replace", RIGHT, "lladdr", lab.mac("server", "b2"), "dev", "b1", "nud", "probe")
    wait_for(lambda: "REACHABLE" in lab.ip("client", "-6", "neigh", "show", RIGHT, "dev", "b1").stdout, 5,
             "an answer to the unicast solicitation")
    dropped = [(r["class"], r["reason"]) for r in lab.status()["rates"] if r["verdict"] != "pass" and
               r["interface"] in ("p1", "p2")]
    check_equal(dropped, [], "dropped")


def prepare(lab):
    lab.ip("edge", "link", "add", "br7", "type", "bridge", "mcast_snooping", "0")
    lab.ip("edge", "link", "set", "br7", "up")
    for port, host, name, address in (("p1", "client", "b1", LEFT), ("p2", "server", "b2", RIGHT)):
        lab.veth("edge", port, host, name)
        lab.ip("edge", "link", "set", port, "master", "br7")
        lab.address(host, name, address + "/64")
    lab.start(lab.config("", "[{name: wan0}]"))


main(prepare)
