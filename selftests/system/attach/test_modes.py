#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Interfaces and their modes: VLANs, generic, monitor, changes while it runs, and the
configuration."""
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, seconds_of, test
from lab import BAD_1, BAD_2, BUILD, CLIENT, EDGE_WAN, SERVER, wait_for

NATIVE, GENERIC = 1, 2  # as shown by `ip link`


def xdp_mode(lab):
    return json.loads(lab.ip("edge", "-j", "link", "show", "dev", "wan0").stdout)[0].get("xdp", {}).get("mode")


def received_after(lab, receiver, prefix):
    """What it has received when nothing of a flood is on its way any more."""
    time.sleep(0.2)
    lab.end(receiver)
    return lab.received(receiver).get(prefix, {}).get("packets", 0)


def arrivals(lab, prefix, kind="udp", seconds=0.5, rate=1000):
    """(sent, received) of a flood from the attacker."""
    receiver = lab.receiver(60)
    sent = json.loads(lab.flood(prefix, rate, seconds, kind).communicate()[0])["sent"]
    return sent, received_after(lab, receiver, prefix)


def counted(lab, **wanted):
    return sum(row["packets"] for row in lab.status()["rates"]
               if all(row[key] == value for key, value in wanted.items()))


def check_blocks_and_passes(lab):
    sent, got = arrivals(lab, BAD_1)
    check_equal(got, sent, "packets that came before the block")
    lab.slash64("block", BAD_1)
    check_equal(arrivals(lab, BAD_1)[1], 0, "packets that came after the block")
    lab.slash64("unblock", BAD_1)
    lab.forget_mtu()
    check_equal(lab.download(4), 4 << 20, "bytes of the download")


@test
def generic_mode_on_request(lab):
    lab.start(lab.config(ifaces="[{name: wan0, mode: generic}]"))
    check_equal([i["mode"] for i in lab.status()["interfaces"]], ["generic"], "mode")
    check_equal(xdp_mode(lab), GENERIC, "mode by ip link")
    check_blocks_and_passes(lab)
    lab.stop()


@test
def native_mode_on_request(lab):
    lab.start(lab.config(ifaces="[{name: wan0, mode: native}]"))
    check_equal([i["mode"] for i in lab.status()["interfaces"]], ["native"], "mode")
    check_equal(xdp_mode(lab), NATIVE, "mode by ip link")
    check_blocks_and_passes(lab)


@test
def a_reload_changes_the_mode(lab):
    lab.config(ifaces="[{name: wan0, mode: generic}]")
    lab.slash64("reload")
    check_equal((lab.status()["interfaces"][0]["mode"], xdp_mode(lab)), ("generic", GENERIC), "mode")
    check_blocks_and_passes(lab)
    lab.config()
    lab.slash64("reload")
    lab.stop()
    lab.start(lab.config())
    check_equal(xdp_mode(lab), NATIVE, "mode after a new start")


def flood_tagged(lab, tags, prefix):
    """Sends 500 packets with these tags from the isp; returns how many of them reach wan0 behind
    slash64."""
    receiver = lab.receiver(60, host="edge", iface="wan0")
    lab.run("isp", os.path.join(BUILD, "flood"), "--iface", "edge0", "--gateway", lab.mac("edge", "wan0"),
            "--src", prefix, "--dst", SERVER, "--rate", "1000", "--seconds", "0.5", "--kind", "udp",
            "--vlan", tags)
    return received_after(lab, receiver, prefix)


@test
def tagged_packets_are_decided(lab):
    every = ("7", "8,9", "20,21,22", "0,0,0,0,0,0,0,7")
    for tags in every:
        check_equal(flood_tagged(lab, tags, BAD_1), 500, "packets in VLAN %s" % tags)
    before = counted(lab, **{"class": "udp", "reason": "blocked"})
    lab.slash64("block", BAD_1)
    for tags in every:
        check_equal(flood_tagged(lab, tags, BAD_1), 0, "packets of a block in VLAN %s" % tags)
        check_equal(flood_tagged(lab, tags, BAD_2), 500, "packets of another source in VLAN %s" % tags)
    lab.slash64("unblock", BAD_1)
    check_equal(counted(lab, **{"class": "udp", "reason": "blocked"}) - before, 500 * len(every),
                "counted as blocked")


@test
def more_tags_than_are_read_are_dropped_and_counted(lab):
    """Behind nine tags there may be IPv6 (field P7)."""
    before = counted(lab, reason="too-many-vlans", verdict="drop")
    check_equal(flood_tagged(lab, "0,0,0,0,0,0,0,20,21", BAD_1), 0, "packets that came")
    check_equal(counted(lab, reason="too-many-vlans", verdict="drop") - before, 500, "counted")


@test
def a_vlan_interface_works_on_top(lab):
    for host, below in (("isp", "edge0"), ("edge", "wan0")):
        if lab.run(host, "ip", "link", "add", "link", below, "name", "vlan7", "type", "vlan", "id", "7",
                   check=False).returncode:
            raise Skipped("the kernel has no VLAN interfaces")
        lab.ip(host, "link", "set", "vlan7", "up")
    lab.address("isp", "vlan7", "2001:db8:0:7::1/64")
    lab.address("edge", "vlan7", "2001:db8:0:7::2/64")
    check_equal(lab.ping("isp", "2001:db8:0:7::2"), 0, "loss to the edge")
    check_equal(lab.ping("edge", "2001:db8:0:7::1"), 0, "loss from the edge")


@test
def what_is_not_ipv6_passes(lab):
    lab.ip("isp", "addr", "add", "192.0.2.1/24", "dev", "edge0")
    lab.ip("edge", "addr", "add", "192.0.2.2/24", "dev", "wan0")
    done = lab.run("isp", "ping", "-c", "3", "-i", "0.2", "-q", "192.0.2.2", check=False)
    check(" 0% packet loss" in done.stdout, done.stdout)
    check(counted(lab, reason="not-ipv6", verdict="pass") >= 3, "they were not counted")


@test
def monitor_counts_and_passes(lab):
    lab.config(ifaces="[{name: wan0, filter: monitor}]")
    lab.slash64("reload")
    check_equal(lab.status()["interfaces"][0]["filter"], "monitor", "filter")
    lab.slash64("block", BAD_1)
    before = counted(lab, verdict="would_drop", reason="blocked")
    dropped = counted(lab, verdict="drop")
    sent, got = arrivals(lab, BAD_1)
    check_equal(got, sent, "packets that came")
    check_equal(counted(lab, verdict="would_drop", reason="blocked") - before, sent, "counted as would_drop")
    check_equal(counted(lab, verdict="drop") - dropped, 0, "counted as drop")
    # hostile O1: top and who show these as "would be dropped"
    row = {r["source"]: r for r in lab.json("top")}[BAD_1]
    check_equal((row["dropped_percent"], row["would_drop_percent"], row["reason"]), (0, 100, "blocked"), "top")
    said = lab.slash64("lookup", BAD_1[:-3] + "1").stdout
    check("would be blocked" in said and "BLOCKED" not in said and "% dropped" not in said, said)
    lab.config()
    lab.slash64("reload")
    check_equal(arrivals(lab, BAD_1)[1], 0, "packets that came under enforce")
    lab.slash64("unblock", BAD_1)


@test
def attach_and_detach_live(lab):
    lab.slash64("block", BAD_1)
    lab.slash64("detach", "wan0")
    check_equal(xdp_mode(lab), None, "what is on wan0")
    sent, got = arrivals(lab, BAD_1)
    check_equal(got, sent, "packets that came while it was detached")
    lab.slash64("attach", "wan0")
    check_equal(xdp_mode(lab), NATIVE, "mode")
    check_equal(arrivals(lab, BAD_1)[1], 0, "packets that came after it was attached")
    lab.slash64("unblock", BAD_1)


@test
def blocks_and_allows_of_the_configuration(lab):
    lab.config("block: [{prefix: '%s', reason: known}]\nallow: ['2001:db8:c1::/48']" % BAD_1)
    lab.slash64("reload")
    block = {b["prefix"]: b for b in lab.json("list")}[BAD_1]
    check_equal((block["origin"], block["reason"]), ("config", "known"), "the block")
    check("2001:db8:c1::/48" in [a["prefix"] for a in lab.json("allow")], "the allowed prefix is not listed")
    check_equal(arrivals(lab, BAD_1)[1], 0, "packets that came")
    lab.config()
    lab.slash64("reload")
    check_equal(lab.json("list"), [], "blocks after it was taken out")
    sent, got = arrivals(lab, BAD_1)
    check_equal(got, sent, "packets that came after it was taken out")


@test
def a_bad_file_at_sighup_leaves_the_old_in_force(lab):
    lab.config("block: ['%s']" % BAD_1)
    lab.daemon.send_signal(signal.SIGHUP)
    wait_for(lambda: lab.json("list"), 5, "the block of the new configuration")
    lab.config("bogus: 1")
    since = len(lab.logged())
    lab.daemon.send_signal(signal.SIGHUP)
    wait_for(lambda: "bogus" in lab.logged(since), 5, "the complaint in the log")
    check_equal(arrivals(lab, BAD_1)[1], 0, "packets that came")
    check_equal(len(lab.json("list")), 1, "blocks")
    lab.config()
    lab.daemon.send_signal(signal.SIGHUP)
    wait_for(lambda: not lab.json("list"), 5, "the end of the block")


@test
def a_reload_loses_no_packet(lab):
    receiver = lab.receiver(60)  # it ends before the cleanup
    flood = lab.flood(BAD_2, 2000, 3, "udp")
    for i in range(20):
        lab.config("limits: {echo-request: {rate: %d, burst: 100}}" % (1000 + i))
        lab.slash64("reload")
        time.sleep(0.1)
    sent = json.loads(flood.communicate()[0])["sent"]
    time.sleep(0.5)
    lab.end(receiver)
    check_equal(lab.received(receiver)[BAD_2]["packets"], sent, "packets that came")


@test
def curl_can_do_what_the_command_does(lab):
    def curl(*words):
        return json.loads(lab.run("edge", "curl", "-sS", "--unix-socket", lab.socket, *words).stdout or "null")

    made = curl("http://slash64/v1/blocks", "-d",
                json.dumps({"prefix": BAD_1, "for_seconds": 60, "reason": "echo flood"}))
    check_equal((made["prefix"], seconds_of(made["until"]) - seconds_of(made["start"])), (BAD_1, 60), "the block")
    check_equal([b["prefix"] for b in lab.json("list")], [BAD_1], "blocks")
    check_equal(curl("-X", "DELETE", "http://slash64/v1/blocks?prefix=" + BAD_1), {"prefix": BAD_1, "origin": "operator", "note": None}, "answer")
    check("error" in curl("http://slash64/v1/blocks", "-d", "{"), "no error for what is no JSON")
    check_equal(lab.ping("client", EDGE_WAN), lab.ping("edge", CLIENT), "loss")


main()
