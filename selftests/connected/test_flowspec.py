#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Rules of FlowSpec from BIRD and GoBGP through a real ExaBGP into slash64-flowspec: what is executed does exactly that to
packets, and everything else is refused with its reason. Issue 18 line 5.

    test_flowspec.py [WORD]...     only tests with one of the words in their name"""
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from harness import BUILD, check, check_equal, main, test  # noqa: E402
from lab import EDGE_WAN, ISP_WAN, wait_for  # noqa: E402

HOLD_S = 3
BIRD = """log stderr all;
router id 192.0.2.1;
flow6 table flow6tab; flow4 table flow4tab;
protocol device { }
protocol static rules6 { flow6;
%s
}
protocol static rules4 { flow4;
%s
}
protocol bgp exabgp { local %s as 64512; neighbor %s as 64512; hold time 9;
  flow6 { import none; export filter { %s accept; }; };
  flow4 { import none; export filter { %s accept; }; };
}
"""
EXABGP = """process slash64 { run %s --config %s; encoder json; }
neighbor %s { router-id 192.0.2.2; local-address %s; local-as 64512; peer-as 64512; hold-time 9;
 family { ipv6 flow; ipv4 flow; }
 api { processes [ slash64 ]; neighbor-changes; receive { parsed; update; } }
}
"""
DISCARD = "bgp_ext_community.add((generic, 0x80060000, 0x0));"
RATE_PACKETS = "bgp_ext_community.add((generic, 0x800c0000, 0x42c80000));"  # 100.0
RATE_BYTES = "bgp_ext_community.add((generic, 0x80060000, 0x461c4000));"  # 10000.0


class Session:
    """BIRD at the isp announces, ExaBGP on the edge takes."""

    def __init__(self, lab, rules6="", rules4="", action=DISCARD, settings="validation: relaxed"):
        self.lab = lab
        self.control = os.path.join(lab.dir, "isp.ctl")
        self.conf = os.path.join(lab.dir, "isp.conf")
        self.rules = os.path.join(lab.dir, "flowspec.rules")
        config, exabgp = os.path.join(lab.dir, "flowspec.yaml"), os.path.join(lab.dir, "exabgp.conf")
        with open(config, "w") as f:
            f.write("socket: %s\nmetrics: '[::1]:9669'\nhold: %ds\nrules: %s\n%s\n" % (lab.socket, HOLD_S, self.rules, settings))
        with open(exabgp, "w") as f:
            f.write(EXABGP % (os.path.join(BUILD, "slash64-flowspec"), config, ISP_WAN, EDGE_WAN))
        os.chmod(lab.dir, 0o755)
        self.write(rules6, rules4, action)
        self.start_bird()
        self.log = open(os.path.join(lab.dir, "exabgp.log"), "w+")
        self.exabgp = lab.spawn("edge", "env", "exabgp.daemon.user=root", "exabgp.daemon.drop=false", "exabgp.log.all=false",
                                "exabgp.api.cli=false", "exabgp", exabgp, stdout=self.log, stderr=self.log)

    def start_bird(self):
        log = open(os.path.join(self.lab.dir, "isp.log"), "a")
        self.bird = self.lab.spawn("isp", "bird", "-f", "-c", self.conf, "-s", self.control, stdout=log, stderr=log)

    def write(self, rules6="", rules4="", action=DISCARD):
        with open(self.conf, "w") as f:
            f.write(BIRD % (rules6, rules4, ISP_WAN, EDGE_WAN, action, action))

    def change(self, *rules):
        self.write(*rules)
        self.lab.run("isp", "birdc", "-s", self.control, "configure")

    def metrics(self):
        return self.lab.run("edge", "curl", "-s", "http://[::1]:9669/metrics", check=False).stdout

    def states(self):
        return {state: int(count) for state, count in re.findall(r'slash64_flowspec_rules\{state="([a-z0-9-]+)"\} (\d+)',
                                                                 self.metrics()) if count != "0"}

    def told(self):
        """What `slash64 flowspec` says: {rule: (state, why)}."""
        done = self.lab.slash64("flowspec", "--file", self.rules, "--json", check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {row["rule"]: (row["state"], row["why"]) for row in rows}

    def all_are(self, wanted):
        wait_for(lambda: self.states() == wanted, 30, lambda: "%r, not %r; %s" % (self.states(), wanted, self.logged()))

    def logged(self):
        return open(self.log.name).read()[-3000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.exabgp.send_signal(signal.SIGTERM)
        self.bird.send_signal(signal.SIGTERM)
        self.exabgp.wait(20)
        self.bird.wait(20)
        self.lab.slash64("unblock", "--origin", "flowspec", "--yes", check=False)


def blocks(lab):
    return {row["prefix"]: row["rate"] if row["kind"] == "throttle" else "block" for row in lab.json("list", "--origin", "flowspec")}


@test
def sources_are_blocked_exactly_and_packets_show_it(lab):
    with Session(lab, "route flow6 { src 2001:db8:bad:1::/64; };") as session:
        session.all_are({"executed": 1})
        wait_for(lambda: blocks(lab) == {"2001:db8:bad:1::/64": "block"}, 10, session.logged)
        check_equal(lab.ping("attacker", source="2001:db8:bad:1::66"), 100.0, "loss of what matches")
        check_equal(lab.ping("attacker", source="2001:db8:bad:2::66"), 0.0, "loss of what just does not")
        session.change("route flow6 { src 2001:db8:bad:2::/64; };")
        wait_for(lambda: blocks(lab) == {"2001:db8:bad:2::/64": "block"}, 10, session.logged)
        check_equal(lab.ping("attacker", source="2001:db8:bad:1::66"), 0.0, "loss after the withdrawal")
        check_equal(lab.ping("attacker", source="2001:db8:bad:2::66"), 100.0, "loss of the other one")


@test
def what_slash64_cannot_do_exactly_is_refused_with_its_reason(lab):
    rules6 = """
  route flow6 { src 2001:db8:bad:1::/64; };
  route flow6 { src 2001:db8:bad:5::1/128; };
  route flow6 { src 2001:db8:bad:2::/64; next header 58; icmp type 128; };
  route flow6 { src 2001:db8:bad:2::/64; next header 58; icmp type 3; icmp code 0..1; };
  route flow6 { src 2001:db8:bad:2::/64; next header 6; dport 80 || 443; tcp flags 0x02/0x12; };
  route flow6 { src 2001:db8:bad:2::/64; length 1280..1500; fragment is_fragment; label 0x1234; };
  route flow6 { dst 2001:db8:1::/48; src 2001:db8:bad:2::/64; };
  route flow6 { dst 2001:db8:2::/48; };
  route flow6 { src 64:ff9b::c633:6407/128; };"""
    rules4 = "route flow4 { src 198.51.100.0/24; };\n  route flow4 { src 198.51.100.0/24; proto 17; };"
    with Session(lab, rules6, rules4) as session:
        session.all_are({"executed": 2, "component": 7, "ipv4": 2})
        wait_for(lambda: blocks(lab) == {"2001:db8:bad:1::/64": "block", "2001:db8:bad:5::1/128": "block"}, 10, session.logged)
        wait_for(lambda: session.told().get("source 2001:db8:bad:1::/64") == ("executed", None), 10, session.told)
        told = session.told()
        check_equal(len(told), 11, "rules that are told")
        check_equal(sorted(why for _state, why in told.values() if why), ["component"] * 7 + ["ipv4"] * 2, "reasons")
        check_equal(told["destination 2001:db8:1::/48 source 2001:db8:bad:2::/64"], ("refused", "component"), "a destination")


@test
def what_a_guard_rail_refuses_is_told_as_refused(lab):  # the router's own peer
    with Session(lab, "route flow6 { src %s/128; };\n  route flow6 { src 2001:db8:bad:1::/64; };" % ISP_WAN) as session:
        wait_for(lambda: sorted(session.told().values(), key=str) == [("executed", None), ("refused", "slash64d")], 30, session.told)
        check_equal(blocks(lab), {"2001:db8:bad:1::/64": "block"}, "blocks")


@test
def rates_are_of_packets_and_of_one_source(lab):
    rules = "route flow6 { src 2001:db8:bad:1::/64; };\n  route flow6 { src 2001:db8:bad::/48; };"
    with Session(lab, rules, action=RATE_PACKETS) as session:
        session.all_are({"executed": 1, "rate-wide": 1})
        wait_for(lambda: blocks(lab) == {"2001:db8:bad:1::/64": 100}, 10, session.logged)
    with Session(lab, rules, action=RATE_BYTES) as session:
        session.all_are({"rate-bytes": 2})
        check_equal(blocks(lab), {}, "blocks")


@test
def validation_of_rfc_8955_refuses_what_has_no_destination(lab):
    with Session(lab, "route flow6 { src 2001:db8:bad:1::/64; };", settings="validation: rfc8955") as session:
        session.all_are({"invalid": 1})
        check_equal(blocks(lab), {}, "blocks")


@test
def the_rules_of_a_lost_session_end_after_the_hold(lab):
    with Session(lab, "route flow6 { src 2001:db8:bad:1::/64; };") as session:
        wait_for(lambda: blocks(lab), 30, session.logged)
        lab.slash64("block", "2001:db8:bad:9::/64")
        session.bird.kill()
        session.bird.wait()
        start = time.monotonic()
        while time.monotonic() - start < HOLD_S - 1:
            check_equal(len(blocks(lab)), 1, "blocks")
        wait_for(lambda: not blocks(lab), 20, session.metrics)
        check("2001:db8:bad:9::/64" in lab.slash64("list").stdout, "another origin's block is gone")
        session.start_bird()
        wait_for(lambda: blocks(lab), 40, session.logged)
        lab.slash64("unblock", "2001:db8:bad:9::/64")


GOBGP = """[global.config]
  as = 64512
  router-id = "192.0.2.1"
  local-address-list = ["%s"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "%s"
    peer-as = 64512
  [neighbors.timers.config]
    hold-time = 9
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-flowspec"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-flowspec"
"""


class GoBGP(Session):
    """GoBGP in the place of BIRD."""

    def start_bird(self):
        path = os.path.join(self.lab.dir, "gobgpd.conf")
        with open(path, "w") as f:
            f.write(GOBGP % (ISP_WAN, EDGE_WAN))
        log = open(os.path.join(self.lab.dir, "isp.log"), "a")
        self.bird = self.lab.spawn("isp", "gobgpd", "-f", path, "--api-hosts", "127.0.0.1:50051", stdout=log, stderr=log)

    def rib(self, *words):
        wait_for(lambda: not self.lab.run("isp", "gobgp", "global", "rib", *words, check=False).returncode, 10,
                 lambda: self.lab.run("isp", "gobgp", "global", "rib", *words, check=False).stderr)


@test
def rules_of_gobgp_are_the_same(lab):
    with GoBGP(lab) as session:
        session.rib("add", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:1::/64", "then", "discard")
        session.rib("add", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:2::/64", "then", "rate-limit", "9600")
        session.rib("add", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:3::/64", "then", "redirect", "10:10")
        session.rib("add", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:4::/64", "then", "accept")
        session.rib("add", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:5::/64", "port", "==80", "then", "discard")
        session.all_are({"executed": 1, "rate-bytes": 1, "action": 2, "component": 1})
        wait_for(lambda: blocks(lab) == {"2001:db8:bad:1::/64": "block"}, 10, session.logged)
        session.rib("del", "-a", "ipv6-flowspec", "match", "source", "2001:db8:bad:1::/64", "then", "discard")
        wait_for(lambda: not blocks(lab), 10, session.logged)


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
