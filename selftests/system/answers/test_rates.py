#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The rate that was sent is the rate that every command tells, the page, and prometheus; and what a capture has is what came."""
import collections
import ipaddress
import json
import math
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

import pcapng
from api import Api
from harness import check, check_between, check_equal, main, test
from lab import BAD_1, BAD_2, SERVER, wait_for
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


def counted(lab):
    """Packets by verdict, class and reason."""
    return collections.Counter({(r["verdict"], r["class"], r["reason"]): r["packets"] for r in lab.status()["rates"]})


def capturing(lab, *words):
    process = lab.spawn("edge", lab.cli, "--socket", lab.socket, "capture", *words)
    wait_for(lambda: any(r["action"] == "capture" and r["pid"] == process.pid for r in lab.json("log", "--limit", "5")), 10,
             "the capture")
    return process


def ended(process):
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    check_equal(process.returncode, 0, said)
    return said


def source_of(packet):
    return str(ipaddress.ip_network((packet["data"][22:30] + bytes(8), 64)))


def sampled(got, true, weight_max, what):
    """Not further apart than five deviations: a sample for w packets is there with a probability of 1/w."""
    room = 5 * math.sqrt(max(got, true) * (weight_max - 1)) + 0.02 * true + 5
    check(abs(got - true) <= room, "%s: %d, not %d, and %d may be between" % (what, got, true, room))


@test
def a_flood_from_a_thousand_sources_and_five_honest_ones_are_the_same_wherever_one_looks(lab):
    """Issue 16: the counters, watch, capture, top, and what the page shows."""
    honest = ["2001:db8:bad:%x::/64" % i for i in range(0x11, 0x16)]
    path, seen = os.path.join(lab.dir, "honest.pcapng"), os.path.join(lab.dir, "watched")
    wait_for(lambda: Api(lab.socket).ask("GET", "/v1/history")["last"] >= 2, 10, "the history's first seconds")
    with open(seen, "w") as file:
        watch = lab.spawn("edge", lab.cli, "--socket", lab.socket, "--json", "watch", stdout=file)
        capture = capturing(lab, "--class", "udp", "--destination", SERVER, "--write", path)
        time.sleep(1.2)  # what came before is in an earlier second of the history
        before, earlier = counted(lab), Api(lab.socket).ask("GET", "/v1/history")["last"]
        floods = [lab.flood(source, 200, 5, "udp") for source in honest]
        crowd = lab.flood("2001:db8:bad:f000::/64", 10000, 5, "syn", sources=1000)
        start = time.monotonic()
        wait_for(lambda: {r["source"] for r in lab.json("top", "--limit", "5000")} >= set(honest), 2, "the honest ones in top")
        time.sleep(max(0, start + 3 - time.monotonic()))
        top = {r["source"]: r for r in lab.json("top", "--limit", "5000")}
        status = {r["class"]: r["packets_per_second"] for r in lab.status()["rates"] if r["packets_per_second"] > 500}
        page = Api(lab.socket).ask("GET", "/v1/overview")
        sent = {source: lab.received(flood)["sent"] for source, flood in zip(honest, floods)}
        sent_by_crowd = lab.received(crowd)["sent"]
        time.sleep(1.2)  # the last full second is in the history of the page
        true = counted(lab) - before
        history = Api(lab.socket).ask("GET", "/v1/history?after=%d" % earlier)
        said = ended(capture)
        watch.send_signal(signal.SIGINT)
        check_equal(watch.wait(timeout=10), 0, "watch")
    # top and status, in the middle of it
    for source in honest:
        room = 200 * (0.15 + top[source]["uncertainty_percent"] / 100 * 2)
        check_between(200 - room, top[source]["packets_per_second"], 200 + room, "the rate of %s in top" % source)
    check(len(top) > 800, "top knows of %d sources" % len(top))
    check(set(r["source"] for r in page["sources"]) & set(honest), "the page shows %s" % [r["source"] for r in page["sources"]])
    check_between(850, status.get("udp", 0), 1150, "the rate of UDP in status")
    # the capture, exactly
    check("lost" not in said, said)
    captured = collections.Counter(source_of(packet) for packet in pcapng.read(path).packets)
    check_equal({source: captured[source] for source in honest}, sent, "packets captured")
    # the counters, exactly
    check_equal(sum(n for (_, name, _), n in true.items() if name == "udp"), sum(sent.values()), "UDP counted")
    check_equal(sum(n for (_, name, _), n in true.items() if name.startswith("tcp")), sent_by_crowd, "TCP counted")
    # watch, within the error of its sample
    with open(seen) as file:
        events = [json.loads(line) for line in file]
    check(not [e for e in events if e.get("lost")], "watch lost some")
    weight_max = max(e["weight"] for e in events)
    for key, n in true.items():
        sampled(sum(e["weight"] for e in events if (e["verdict"], e["class"], e["reason"]) == key), n, weight_max, " ".join(key))
    for source in honest:
        sampled(sum(e["weight"] for e in events if e.get("source") == source), sent[source], weight_max, source)
    # the page: its seconds are those of the counters
    totals = collections.Counter()
    for row in history["series"]:
        totals[row["verdict"]] += sum(row["packets_per_second"]) * history["step_seconds"]
    told = sum(totals.values())
    check_between(0.95 * sum(true.values()), told, 1.05 * sum(true.values()) + 50, "packets in the page's history")


@test
def the_share_that_a_capture_takes_is_told_as_the_counters_have_it(lab):
    """Its reader is stopped half of the time."""
    path = os.path.join(lab.dir, "share.pcapng")
    lab.slash64("block", BAD_1)
    capture = capturing(lab, "--source", BAD_1, "--verdict", "drop", "--write", path)
    before = counted(lab)
    flood = lab.flood(BAD_1, 400000, 2)
    time.sleep(0.5)
    capture.send_signal(signal.SIGSTOP)
    flood.communicate()
    capture.send_signal(signal.SIGCONT)
    said = ended(capture)
    true = sum(n for key, n in (counted(lab) - before).items() if key[2] == "blocked")
    lab.slash64("unblock", BAD_1)
    file = pcapng.read(path)
    found = re.search(r"captured ([\d,]+) packets, ([\d,]+) lost: ([\d.]+)% of those", said)
    check(found, said)
    taken, lost = (int(found.group(i).replace(",", "")) for i in (1, 2))
    check_equal(taken, len(file.packets), "packets in the file")
    check_equal(taken + lost, true, "what matched, and what was counted")
    check_between(100 * taken / true - 1, float(found.group(3)), 100 * taken / true + 1, "the share")
    check_equal(sum(s["lost"] for s in file.statistics), lost, "what the file says was lost")


main(lambda lab: lab.start(lab.config()))
