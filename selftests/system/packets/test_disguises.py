#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The identity of a source: one block for all forms of an IPv4 host, prefixes of any length, holes,
throttles."""
import ipaddress
import os
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_between, check_equal, main, seconds_of, test
from lab import BAD_1, BAD_2, SERVER, wait_for

HOST, OTHER = "198.51.100.7", "198.51.100.8"
SOURCES = ("sources: {nat64: ['2001:db8:64::/96', '2001:db8:6400::/40'], isatap: ['2001:db8:15a::/48'],\n"
         "        lengths: [{prefix: '2001:db8:56::/48', length: 56}, {prefix: '2001:db8:128::/48', length: 128}]}")


def v4(text):
    return int(ipaddress.IPv4Address(text))


def nat64(text, prefix="64:ff9b::"):
    return str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | v4(text)))


def nat64_40(text):
    high = int(ipaddress.IPv6Address("2001:db8:6400::"))
    return str(ipaddress.IPv6Address(high | (v4(text) >> 8) << 64 | (v4(text) & 0xff) << 48))


def six_to_four(text, subnet=5):
    return str(ipaddress.IPv6Address(0x2002 << 112 | v4(text) << 80 | subnet << 64 | 9))


def teredo(text, server=0x01020304):
    return str(ipaddress.IPv6Address(0x2001 << 112 | server << 64 | 0x8000 << 48 | 0x1234 << 32 |
                                     (v4(text) ^ 0xffffffff)))


def forms(text):
    return [nat64(text), nat64(text, "2001:db8:64::"), nat64_40(text), six_to_four(text), teredo(text)]


def ipv6_frame(source):
    return (struct.pack("!H", 0x86dd) + struct.pack("!IHBB", 6 << 28, 8, 17, 64) +
            socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, SERVER) +
            struct.pack("!HHHH", 1000, 2000, 8, 0))


def ipv4_frame(source, tag=b""):
    return (tag + struct.pack("!H", 0x0800) +
            struct.pack("!BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 17, 0) + socket.inet_aton(source) +
            socket.inet_aton("192.0.2.1") + struct.pack("!HHHH", 1000, 2000, 8, 0))


def send(frames, iface, mac):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((iface, 0))
    for frame in frames:
        s.send(bytes.fromhex(mac.replace(":", "")) + b"\x02\0\0\0\0\x09" + frame)


def counts(lab):
    return {(r["class"], r["verdict"], r["reason"]): r["packets"] for r in lab.status()["rates"]}


def verdicts(lab, frames, kind="udp"):
    """Sends packets to the edge; returns how many of one class got which reason."""
    before = counts(lab)
    mac = lab.mac("edge", "wan0")
    lab.in_namespace("isp", send, frames, "edge0", mac)
    total = len(frames)

    def seen():
        now = counts(lab)
        got = {k[1:]: n - before.get(k, 0) for k, n in now.items() if k[0] == kind and n - before.get(k, 0)}
        return got if sum(got.values()) >= total else None

    try:
        return wait_for(seen, 3, "%d packets of %s" % (total, kind))
    except Exception:
        now = counts(lab)
        return {k: n - before.get(k, 0) for k, n in now.items() if n - before.get(k, 0)}


def blocked(n, reason="blocked"):
    return {("drop", reason): n}


PASS = ("pass", "policy")


def refused(lab, *words):
    done = lab.slash64(*words, check=False)
    check_equal(done.returncode, 1, "exit code of " + " ".join(words))
    check_equal(done.stderr.count("\n"), 1, "lines of: " + done.stderr)
    return done.stderr


@test
def one_block_hits_every_form_of_an_ipv4_host_and_no_other(lab):
    answer = lab.json("block", HOST)[0]
    check_equal(answer["prefix"], HOST + "/32", "prefix")
    check_equal(verdicts(lab, [ipv6_frame(a) for a in forms(HOST)]), blocked(5), "all forms")
    check_equal(verdicts(lab, [ipv6_frame(a) for a in forms(OTHER)]), {PASS: 5}, "another host")
    check_equal(lab.json("list")[0]["hits"], 5, "hits")
    lab.slash64("unblock", HOST)
    check_equal(verdicts(lab, [ipv6_frame(a) for a in forms(HOST)]), {PASS: 5}, "all forms, unblocked")


@test
def any_form_may_be_written(lab):
    for text in forms(HOST) + ["2002:c633:6407::/48", nat64(HOST) + "/128", HOST + "/32"]:
        answer = lab.json("block", text)[0]
        check_equal(answer["prefix"], HOST + "/32", "prefix for " + text)
        check(text == HOST + "/32" or HOST in answer["note"], "the note says who it is: %s" % answer["note"])
        check_equal(verdicts(lab, [ipv6_frame(six_to_four(HOST, 77))]), blocked(1), "blocked as " + text)
        lab.slash64("unblock", text)
    check_equal(lab.json("list"), [], "the list")


@test
def native_ipv4_is_hit_where_the_interface_asks_for_it_and_nowhere_else(lab):
    frames = [ipv4_frame(HOST), ipv4_frame(OTHER), ipv4_frame(HOST, struct.pack("!HH", 0x8100, 7))]
    lab.slash64("block", HOST)
    check_equal(verdicts(lab, frames, "not-ipv6"), {("pass", "not-ipv6"): 3}, "without ipv4: enforce")
    lab.config(SOURCES, ifaces="[{name: wan0, ipv4: enforce}]")
    lab.slash64("reload")
    check_equal(verdicts(lab, frames, "ipv4"), {("drop", "blocked"): 2, PASS: 1}, "with it")
    lab.slash64("block", "198.51.100.0/24")
    check_equal(verdicts(lab, frames[1:2], "ipv4"), blocked(1, "blocked-prefix"), "by a prefix")
    lab.slash64("allow", OTHER)
    check_equal(verdicts(lab, frames[:2], "ipv4"), {("drop", "blocked"): 1, PASS: 1}, "with a hole")
    check_equal(verdicts(lab, [ipv6_frame(nat64(OTHER)), ipv6_frame(teredo("198.51.100.9"))]),
                {("drop", "blocked-prefix"): 1, PASS: 1}, "translated, with a hole")
    arp = struct.pack("!H", 0x0806) + bytes(28)
    short = struct.pack("!H", 0x0800) + b"\x45" + bytes(3)
    check_equal(verdicts(lab, [arp, short], "not-ipv6"), {("pass", "not-ipv6"): 2}, "what is no IPv4")
    lab.slash64("unallow", OTHER)
    lab.slash64("unblock", "198.51.100.0/24")
    lab.slash64("unblock", HOST)
    lab.config(SOURCES)
    lab.slash64("reload")
    check_equal(verdicts(lab, frames[:1], "not-ipv6"), {("pass", "not-ipv6"): 1}, "without it again")


@test
def prefixes_that_are_no_sources_are_refused_with_the_right_unit(lab):
    for text, words in (("64:ff9b::/64", ("IPv4",)), ("64:ff9b::/96", ("IPv4",)),
                        ("2001:0:102:304::/64", ("Teredo",)), ("fe80::/64", ("neighbour",)),
                        ("2002:c633:6407:1::/64", (HOST,)), ("2001:db8:64::/64", ("NAT64",)),
                        ("2001:db8:56:ab12::/64", ("2001:db8:56:ab00::/56",)),
                        ("2001:db8:128:1::/64", ("/128",)), ("2000::/16", ("/29",))):
        line = refused(lab, "block", text)
        for word in words + ("--force",):
            check(word in line, "'%s' is not in: %s" % (word, line))
    for text in ("::/0", "0.0.0.0/0", "2000::/3", "ff02::1"):
        refused(lab, "block", text)
        refused(lab, "block", "--force", text)
    check_equal(lab.json("list"), [], "the list")
    lab.slash64("block", "--force", "64:ff9b::/96")
    check_equal(verdicts(lab, [ipv6_frame(nat64(OTHER)), ipv6_frame(six_to_four(OTHER))]),
                {("drop", "blocked-prefix"): 1, PASS: 1}, "all of NAT64, and no other form")
    lab.slash64("allow", OTHER)
    check_equal(verdicts(lab, [ipv6_frame(nat64(OTHER)), ipv6_frame(nat64(HOST))]),
                {("drop", "blocked-prefix"): 1, PASS: 1}, "with a host that is allowed")
    lab.slash64("unallow", OTHER)
    lab.slash64("unblock", "64:ff9b::/96")


@test
def configured_lengths_and_isatap_make_other_sources(lab):
    check_equal(lab.json("block", "2001:db8:56:ab12::1")[0]["prefix"], "2001:db8:56:ab00::/56", "a /56")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:56:ab%02x::1" % i) for i in (0, 7, 255)] +
                         [ipv6_frame("2001:db8:56:ac00::1")]), {("drop", "blocked"): 3, PASS: 1}, "the /56")
    check_equal(lab.json("block", "2001:db8:128:1::5")[0]["prefix"], "2001:db8:128:1::5/128", "a host")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:128:1::5"), ipv6_frame("2001:db8:128:1::6")]),
                {("drop", "blocked"): 1, PASS: 1}, "the host")
    lab.slash64("block", "2001:db8:15a:1:0:5efe:192.0.2.1")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:15a:1:0:5efe:192.0.2.1"),
                               ipv6_frame("2001:db8:15a:1:0:5efe:192.0.2.2")]),
                {("drop", "blocked"): 1, PASS: 1}, "an ISATAP host")
    lab.slash64("block", "2001:db8:15a:1::/64")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:15a:1:0:5efe:192.0.2.2"), ipv6_frame("2001:db8:15a:1::9")]),
                blocked(2, "blocked-prefix"), "its whole /64")
    for row in lab.json("list"):
        lab.slash64("unblock", row["prefix"])


@test
def the_longest_match_counts_and_what_is_allowed_stays_open(lab):
    lab.slash64("block", "2001:db8:a00::/40", "--force")
    lab.slash64("block", "2001:db8:a00:1::/64")
    lab.slash64("allow", "2001:db8:a00:1::7/128")
    lab.slash64("allow", "2001:db8:a01::/48")
    lab.slash64("block", "2001:db8:a02:1::5/128")
    check_equal(verdicts(lab, [ipv6_frame(a) for a in (
        "2001:db8:a00:1::8", "2001:db8:a00:1::7", "2001:db8:a00:2::1", "2001:db8:a01:5::1",
        "2001:db8:b00::1")]),
        {("drop", "blocked"): 1, ("drop", "blocked-prefix"): 1, PASS: 3}, "around holes")
    line = refused(lab, "block", "2001:db8:a01:5::/64")
    check("2001:db8:a01::/48" in line, line)
    answer = lab.json("block", "--force", "2001:db8:a01:5::/64")[0]
    check_equal(answer["in_force"], False, "in force")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:a01:5::1")]), {PASS: 1}, "a block within what is allowed")
    lab.slash64("unallow", "2001:db8:a01::/48")
    check_equal(verdicts(lab, [ipv6_frame("2001:db8:a01:5::1")]), blocked(1), "when that is allowed no more")
    line = refused(lab, "block", "2001:db8:a00::/39")
    check("2001:db8:a00:1::7" in line, line)
    for row in lab.json("list"):
        lab.slash64("unblock", row["prefix"])
    for row in lab.json("allow"):
        lab.slash64("unallow", row["prefix"])


@test
def hits_of_a_prefix_are_counted_and_a_list_is_sorted_by_them(lab):
    lab.slash64("block", "2001:db8:bac::/48", "--reason", "all of it", "--ticket", "T1")
    lab.slash64("block", "2001:db8:bee::/48", "--reason", "some")
    verdicts(lab, [ipv6_frame("2001:db8:bac:%x::1" % i) for i in range(10)])
    verdicts(lab, [ipv6_frame("2001:db8:bee::1")])
    rows = lab.json("list", "--sort", "hits", "--reverse")
    check_equal([(r["prefix"], r["hits"]) for r in rows],
                [("2001:db8:bac::/48", 10), ("2001:db8:bee::/48", 1)], "sorted by hits")
    check(time.time() - seconds_of(rows[0]["last_hit"]) < 10, "last hit")
    check_equal([r["prefix"] for r in lab.json("list", "--ticket", "T1")], ["2001:db8:bac::/48"], "by ticket")
    check_equal([r["prefix"] for r in lab.json("list", "--reason", "SOME")], ["2001:db8:bee::/48"], "by reason")
    check_equal([r["prefix"] for r in lab.json("list", "--hits", "5")], ["2001:db8:bac::/48"], "by hits")
    check_equal([r["prefix"] for r in lab.json("list", "2001:db8:bee::/44")], ["2001:db8:bee::/48"], "within")
    check_equal([r["prefix"] for r in lab.json("list", "--limit", "1", "--offset", "1")],
                ["2001:db8:bee::/48"], "a page")
    for row in rows:
        lab.slash64("unblock", row["prefix"])


def throttled(lab, prefix, rate, burst, seconds=4):
    receiver = lab.receiver(seconds + 1)
    flood = lab.flood(prefix, 5000, seconds, kind="udp")
    flood.communicate()
    return lab.received(receiver).get(prefix, {"packets": 0})["packets"]


@test
def a_throttled_source_is_held_to_its_rate_and_its_neighbour_is_not(lab):
    answer = lab.json("throttle", BAD_1, "--rate", "100", "--burst", "50", "--reason", "loud")[0]
    check_equal((answer["kind"], answer["rate"], answer["burst"]), ("throttle", 100, 50), "the answer")
    check_between(400, throttled(lab, BAD_1, 100, 50), 500, "packets of 4 s and a burst")
    receiver = lab.receiver(2)
    lab.flood(BAD_2, 1000, 1, kind="udp").communicate()
    check_equal(lab.received(receiver)[BAD_2]["packets"], 1000, "of the neighbour")
    check(lab.json("list", "--kind", "throttle")[0]["hits"] > 10000, "hits")


@test
def a_throttle_outlives_a_kill_and_a_block_beats_it(lab):
    lab.stop(signal.SIGKILL)
    lab.start(lab.config(SOURCES))
    check_between(400, throttled(lab, BAD_1, 100, 50), 500, "after a kill")
    check_equal(lab.json("list")[0]["rate"], 100, "rate in the list")
    lab.slash64("block", BAD_1)
    check_equal(lab.json("list")[0]["kind"], "block", "one row an origin and prefix: the last word")
    check_equal(throttled(lab, BAD_1, 100, 50, seconds=1), 0, "when it is blocked")
    lab.slash64("unblock", BAD_1)


@test
def a_block_stays_in_force_when_the_rules_about_sources_change(lab):
    lab.slash64("block", BAD_1)
    whole = lab.receiver(5)
    flood = lab.flood(BAD_1, 20000, 4.5, kind="udp")
    time.sleep(0.5)
    for length in (48, 128, 56, 64):
        lab.config("sources: {lengths: [{prefix: '2001:db8:bad::/48', length: %d}]}" % length)
        lab.slash64("reload")
        time.sleep(0.3)
    lab.config(SOURCES)
    lab.slash64("reload")
    flood.communicate()
    got = lab.received(whole)
    check_equal(got.get(BAD_1), None, "packets that came through")
    lab.slash64("unblock", BAD_1)


def prepare(lab):
    lab.start(lab.config(SOURCES))


if __name__ == "__main__":
    main(prepare)
