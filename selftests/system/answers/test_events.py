#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Events as they happen: what `slash64 watch` and GET /v1/events tell is what the counters count, and readers that do not
read cost nothing."""
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import check, check_equal, is_plain_build, main, test
from lab import BAD_1, BAD_2, BUILD, CLIENT, SERVER, wait_for
import schema

SECONDS_OF_FLOOD = float(os.environ.get("SECONDS_OF_FLOOD", "4"))
READERS = 100
READERS_MAX = 128
BACKLOG_ALL = 8 << 20  # bytes for all readers (BYTES_ALL); allocators round up


class Stream:
    """A reader of GET /v1/events, with what it has read."""

    def __init__(self, lab, query="", path=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path or lab.socket)
        self.socket.sendall(b"GET /v1/events%s HTTP/1.1\r\nHost: slash64\r\n\r\n" % query.encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass
        self.rows = []

    def read(self):
        """The lines of the next chunk."""
        size = int(self.file.readline() or b"0", 16)
        text = self.file.read(size + 2)
        rows = [json.loads(line) for line in text.splitlines() if line]
        self.rows += rows
        return rows

    def follow(self):
        """Reads in the background, until close()."""
        def run():
            try:
                while self.read():
                    pass
            except (OSError, ValueError):
                pass
        threading.Thread(target=run, daemon=True).start()
        return self

    def events(self):
        return [row for row in self.rows if "lost" not in row]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # a file of it may be open
        except OSError:
            pass
        self.socket.close()
        for row in self.rows[:20] + self.rows[20::500]:
            schema.check_one(["event_line"], row, "strict")


def counted(lab):
    """Packets by verdict, class and reason."""
    return {(row["verdict"], row["class"], row["reason"]): row["packets"] for row in lab.status()["rates"]}


def grown(before, after):
    return {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)}


def close_to(events, true, weight_max, what):
    """A sample that stands for w packets is there with a probability of 1/w."""
    got = sum(event["weight"] for event in events)
    deviation = math.sqrt(max(got, true) * (weight_max - 1))
    room = 5 * deviation + 0.02 * true + 20
    check(abs(got - true) <= room, "%s: %d packets by events, %d counted, and %d may be between" % (what, got, true, room))


def honest(lab):
    """A source that loses nothing."""
    return lab.spawn("client", "ping", "-6", "-q", "-i", "0.05", "-c", "60", "-W", "2", SERVER)


@test
def events_agree_with_the_counters(lab):
    lab.slash64("block", BAD_2)
    stream = Stream(lab).follow()
    lost = lab.status()["health"]
    before = counted(lab)
    floods = [honest(lab), lab.flood("2001:db8:bad:f000::/52", 20000, 3, "udp"), lab.flood(BAD_2, 5000, 3, "udp"),
              lab.flood(BAD_1, 3000, 3, "echo")]
    for flood in floods:
        flood.communicate()
    time.sleep(0.5)
    true = grown(before, counted(lab))
    stream.close()
    events = stream.events()
    check(len(events) > 1000 and lost, "there are %d events" % len(events))
    check(not [row for row in stream.rows if row.get("lost")], "a reader that reads loses some")
    for key in {("drop",) + k for k in {(r["class"], r["reason"]) for r in events if r["verdict"] == "drop"}} | set(true):
        close_to([e for e in events if (e["verdict"], e["class"], e["reason"]) == key], true.get(key, 0),
                 max(e["weight"] for e in events), " ".join(key))
    blocked = [e for e in events if e["reason"] == "blocked"]
    check_equal({(e["source"], e["destination"], e["protocol"], e["interface"]) for e in blocked},
                {(BAD_2, SERVER, 17, "wan0")}, "the blocked ones")
    check(all("destination_port" in e and "tcp_flags" not in e for e in blocked), "ports of UDP: %s" % blocked[0])
    pings = [e for e in events if e.get("source_address") == CLIENT]
    check(pings and all((e["icmpv6_type"], e["verdict"]) == (128, "pass") for e in pings), "the pings: %s" % pings[:1])
    lab.slash64("unblock", BAD_2)


@test
def a_filter_leaves_what_matches(lab):
    streams = {query: Stream(lab, query).follow() for query in (
        "?source=2001:db8:bad:1::/64", "?source=2001:db8:c1::/48", "?verdict=drop", "?class=echo-request&interface=wan0",
        "?destination=2001:db8:5e:2::/64", "?per_second=20")}
    flood = lab.flood(BAD_1, 3000, 2, "echo")
    lab.ping("client", count=5)
    flood.communicate()
    time.sleep(0.3)
    rows = {query: stream.events() for query, stream in streams.items()}
    for stream in streams.values():
        stream.close()
    check_equal({e["source"] for e in rows["?source=2001:db8:bad:1::/64"]}, {BAD_1}, "of one source")
    check_equal({e["source_address"] for e in rows["?source=2001:db8:c1::/48"]}, {CLIENT}, "of another")
    check_equal({e["verdict"] for e in rows["?verdict=drop"]}, {"drop"}, "of one verdict")
    check_equal({e["class"] for e in rows["?class=echo-request&interface=wan0"]}, {"echo-request"}, "of a class")
    check_equal(rows["?destination=2001:db8:5e:2::/64"], [], "to nobody")
    check(10 <= len(rows["?per_second=20"]) <= 80, "%d events at 20 a second" % len(rows["?per_second=20"]))


@test
def top_groups_what_the_counters_count(lab):
    lab.slash64("block", BAD_2)
    floods = [lab.flood(BAD_2, 2000, 4, "udp"), lab.flood("2001:db8:bad:f000::/52", 4000, 4, "udp")]
    started = time.monotonic()
    wait_for(lambda: lab.json("top"), 3, "the flood in top")
    time.sleep(max(0, started + 2.2 - time.monotonic()))  # a source that begins is there with its rate within 2 seconds
    rows = {by: lab.json("top", "--by", by, "--destination", "2001:db8:5e::/48")
            for by in ("source", "destination", "48", "class", "reason")}
    blocked = lab.json("top", "--by", "class", "--reason", "blocked")
    for flood in floods:
        flood.communicate()
    rate = {row["source"]: row for row in rows["source"]}[BAD_2]
    check_equal((rate["blocked"], rate["dropped_percent"]), (True, 100), "the blocked source")
    check(1700 <= rate["packets_per_second"] <= 2300, "its rate: %s" % rate)
    by = {key: {row[name]: row["packets_per_second"] for row in rows[key]} for key, name in
          (("destination", "destination"), ("48", "aggregate"), ("class", "class"), ("reason", "reason"))}
    check(5000 <= by["destination"]["2001:db8:5e:1::/64"] <= 7200, "by destination: %s" % by["destination"])
    check(5000 <= by["48"]["2001:db8:bad::/48"] <= 7200, "by /48: %s" % by["48"])
    check(5000 <= by["class"]["udp"] <= 7200, "by class: %s" % by["class"])
    check(1700 <= by["reason"]["blocked"] <= 2300, "by reason: %s" % by["reason"])
    check_equal([row["class"] for row in blocked], ["udp"], "of what is blocked")
    lab.slash64("unblock", BAD_2)


@test
def a_tagged_packet_has_its_vlan(lab):
    stream = Stream(lab, "?verdict=pass").follow()
    lab.spawn("isp", os.path.join(BUILD, "flood"), "--iface", "edge0", "--gateway", lab.mac("edge", "wan0"), "--src", CLIENT + "/128",
              "--dst", SERVER, "--rate", "100", "--seconds", "0.5", "--kind", "udp", "--vlan", "77").communicate()
    wait_for(lambda: [e for e in stream.events() if "vlan" in e], 5, "an event of a tagged packet")
    stream.close()
    tagged = [e for e in stream.events() if "vlan" in e]
    check_equal({(e["vlan"], e.get("destination")) for e in tagged}, {(77, SERVER)}, "the tagged packets")


@test
def what_makes_no_sense_is_refused(lab):
    api = Api(lab.socket)
    for query, code in (("source=x", "invalid"), ("verdict=dropped", "invalid"), ("class=ecko-request", "invalid"),
                        ("reason=blockt", "invalid"), ("interface=none0", "not-attached"), ("per_second=0", "invalid"),
                        ("per_second=10001", "invalid"), ("port=1", "invalid")):
        try:
            api.ask("GET", "/v1/events?" + query)
            check(False, "%s is taken" % query)
        except Refused as refused:
            check_equal(json.loads(str(refused))["code"], code, query)


@test
def who_monitors_drops_nothing_anywhere(lab):
    lab.slash64("detach", "wan0")
    lab.slash64("attach", "wan0", "--filter", "monitor")
    lab.slash64("block", BAD_2)
    stream = Stream(lab).follow()
    watch = lab.spawn("edge", lab.cli, "--socket", lab.socket, "watch", "--source", BAD_2)
    wait_for(lambda: lab.slash64("status", check=False), 5, "status")
    lab.flood(BAD_2, 1000, 2, "udp").communicate()
    time.sleep(0.3)
    stream.close()
    watch.send_signal(signal.SIGINT)
    out, err = watch.communicate(timeout=10)
    events = [e for e in stream.events() if e.get("source") == BAD_2]
    check_equal({(e["verdict"], e["reason"]) for e in events}, {("would_drop", "blocked")}, "events")
    check(out and all(" would_drop blocked " in line for line in out.splitlines()), "watch: %s" % out[:200])
    check(BAD_2 + " (" in out and "> [%s]:" % SERVER in out, "watch: %s" % out[:200])
    check_equal(watch.returncode, 0, "watch after Ctrl-C: %s" % err)
    lab.slash64("unblock", BAD_2)
    lab.slash64("detach", "wan0")
    lab.slash64("attach", "wan0")


@test
def an_idle_stream_says_that_it_is_there(lab):
    stream = Stream(lab, "?source=2001:db8:dead::/64")
    start = time.monotonic()
    check_equal(stream.read(), [{"lost": 0}], "an idle stream")
    check(3 <= time.monotonic() - start <= 10, "it came after %.1f s" % (time.monotonic() - start))
    stream.close()


def descriptors(lab):
    return len(os.listdir("/proc/%d/fd" % lab.daemon.pid))


def resident(lab):
    with open("/proc/%d/status" % lab.daemon.pid) as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1]) << 10


def seconds_of_a_block(lab):
    times = []
    for _ in range(5):
        start = time.monotonic()
        lab.slash64("block", "2001:db8:bad:77::/64")
        times.append(time.monotonic() - start)
        lab.slash64("unblock", "2001:db8:bad:77::/64")
    return sorted(times)[len(times) // 2]


@test
def readers_that_never_read_cost_nobody_anything(lab):
    there = descriptors(lab)
    flood = lab.flood("2001:db8:bad::/48", 20000, SECONDS_OF_FLOOD + 20, "udp")
    alone_s = seconds_of_a_block(lab)
    streams = [Stream(lab) for _ in range(READERS)]
    wait_for(lambda: descriptors(lab) >= there + READERS, 10, "the readers")
    time.sleep(2)
    full = resident(lab)
    beside_s = seconds_of_a_block(lab)
    time.sleep(SECONDS_OF_FLOOD)
    now = resident(lab)
    if is_plain_build():
        check(now <= full + BACKLOG_ALL, "%d KiB became %d" % (full >> 10, now >> 10))
    check(beside_s <= 2 * alone_s + 0.05, "a block takes %.3f s, and %.3f s beside them" % (alone_s, beside_s))
    late = streams[0].follow()
    wait_for(lambda: [row for row in late.rows if row.get("lost")], 10, "what a reader has lost")
    for stream in streams:
        stream.close()
    wait_for(lambda: descriptors(lab) <= there, 10, "the end of readers that are gone")
    end(flood)


def end(flood):
    flood.send_signal(signal.SIGINT)
    flood.communicate()


@test
def no_more_readers_than_there_is_room_for(lab):
    there = descriptors(lab)
    streams = [Stream(lab) for _ in range(READERS_MAX)]
    check_equal({stream.status for stream in streams}, {200}, "the readers")
    try:
        Api(lab.socket).ask("GET", "/v1/events")
        check(False, "one more is taken")
    except Refused as refused:
        check_equal(json.loads(str(refused))["code"], "too-many-readers", "one more")
    for stream in streams:
        stream.close()
    wait_for(lambda: descriptors(lab) <= there, 10, "the end of readers that are gone")
    check_equal(Stream(lab).status, 200, "then there is room")


@test
def watch_ends_with_slash64d_in_one_line(lab):
    watch = lab.spawn("edge", lab.cli, "--socket", lab.socket, "--json", "watch")
    piped = subprocess.Popen([lab.cli, "--socket", lab.socket, "--json", "watch", "--source", BAD_1],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lab.flood(BAD_1, 500, 1, "udp").communicate()
    schema.check_command(["watch"], [json.loads(piped.stdout.readline())], "strict")
    piped.stdout.close()
    check_equal(piped.stderr.read(), "", "watch, when nobody reads any more")
    check(piped.wait(timeout=10) in (0, -signal.SIGPIPE), "it ends with %d" % piped.returncode)
    lab.stop(signal.SIGKILL)
    _, err = watch.communicate(timeout=10)
    check_equal((watch.returncode, len(err.splitlines())), (1, 1), "watch without slash64d: %s" % err)
    lab.start()


@test
def a_report_tells_what_a_source_sends(lab):
    lab.slash64("block", BAD_1, "--reason", "echo flood", "--for", "10m")
    flood = lab.flood(BAD_1, 500, 20)

    def facts():
        done = lab.slash64("report", BAD_1, "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {"packets": []}

    wait_for(lambda: facts()["packets"] and facts()["peak_packets_per_second"] > 300, 15, "nothing to report")
    known = facts()
    for key, value in {"prefix": BAD_1, "class": "echo-request", "protocol": "icmp", "sources_seen": 1}.items():
        check_equal(known[key], value, key)
    check(known["address"].startswith(BAD_1.split("::")[0]), known["address"])
    check_equal([change["action"] for change in known["changes"]][-1], "block", "what was done")
    check(known["destinations"] and known["first_seen"] <= known["last_seen"], known)
    text = lab.slash64("report", BAD_1, "--lang", "ja").stdout
    check("echo flood" in text and "からの攻撃通信" in text, text)
    flood.terminate()
    flood.communicate()
    lab.slash64("unblock", BAD_1)


main(lambda lab: lab.start(lab.config()))
