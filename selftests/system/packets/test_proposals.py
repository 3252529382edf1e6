#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Detection with real traffic: who is proposed, how soon, with which figures, and what comes of it."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

import pcapng
from harness import check, check_equal, main, test
from lab import BAD_1, BAD_2, BUILD, wait_for

RULES = """
detect:
  rules:
    - {name: echo-flood, class: echo-request, over: {packets_per_second: 400}, during: 2s,
       until: {below: 0.5, during: 3s}, ladder: [10m, 1h]}
    - {name: udp-flood, class: udp, over: {packets_per_second: 400}, during: 1s, then: throttle, rate: 50,
       until: {below: 0.5, during: 3s}, ladder: [2m]}
  fuse: {actions_per_hour: 1, traffic_share: 1}
"""


def proposals(lab, *words):
    return lab.json("proposals", *words)


def one_of(lab, prefix, state, *words):
    found = [row for row in proposals(lab, *words) if row["prefix"] == prefix and row["state"] == state]
    return found[-1] if found else None


def wait_proposal(lab, prefix, state, seconds, *words):
    return wait_for(lambda: one_of(lab, prefix, state, *words), seconds, "%s of %s" % (state, prefix))


def all_packets_of(lab, number):
    """None as long as they are captured."""
    path = os.path.join(lab.dir, "%d.pcapng" % number)
    done = lab.slash64("proposals", str(number), "--write", path, check=False)
    if done.returncode:
        check("captured now" in done.stderr, done.stderr)
        return None
    kept = pcapng.read(path)
    return kept if len(kept.packets) == 32 else None


@test
def a_flood_is_proposed_within_5_s_with_its_rate_and_applied_once(lab):
    flood = lab.flood(BAD_1, 1000, 60)
    begun = time.monotonic()
    row = wait_proposal(lab, BAD_1, "open", 10)
    took = time.monotonic() - begun
    check(took < 5, "it took %.1f s" % took)
    check_equal((row["rule"], row["action"], row["for_seconds"], row["evidence"], row["refused"]),
                ("echo-flood", "block", 600, "none", None), "the proposal")
    check_equal(row["threshold"], {"packets_per_second": 400}, "what was allowed")
    # it was counted exactly before it was proposed
    check(abs(row["measured"]["packets_per_second"] - 1000) < 100, "a rate within a tenth: %r" % row["measured"])
    lab.slash64("apply", str(row["id"]), "--ticket", "NOC-7")
    block = lab.json("list", BAD_1)[0]
    check_equal((block["origin"], block["ticket"]), ("detect:echo-flood", "NOC-7"), "origin and ticket")
    check("packets_per_second" in block["reason"], block["reason"])
    check(lab.slash64("apply", str(row["id"]), check=False).returncode == 1, "it was applied twice")
    # its packets were kept when it opened, and who takes them is in the log
    kept = wait_for(lambda: all_packets_of(lab, row["id"]), 5, "32 packets of it")
    check_equal({i["name"] for i in kept.interfaces}, {"wan0"}, "their interfaces")
    check(all("class=echo-request source=%s check=" % BAD_1 in p["comment"] and len(p["data"]) <= 128 and
              p["data"][12:14] == b"\x86\xdd" for p in kept.packets), kept.packets[0])
    check(abs(kept.packets[0]["ns"] / 1e9 - time.time()) < 60, kept.packets[0]["ns"])
    check_equal({(r["who"], r["detail"]) for r in lab.json("log", "--prefix", BAD_1) if r["action"] == "capture"},
                {("root", "the packets of proposal %d" % row["id"])}, "rows of who took them")
    # it goes on, and is blocked: still the same proposal
    check_equal(one_of(lab, BAD_1, "applied")["id"], row["id"], "the number")
    lab.end(flood)
    lab.received(flood)
    # taken back by a person: that ends it
    out = lab.slash64("unblock", BAD_1, "--origin", "detect:echo-flood").stdout
    # walk: "its origin was detect:echo-flood, which may bring it back", which it does not
    check("detect:echo-flood does not act on it again while the attack lasts" in out, out)
    wait_proposal(lab, BAD_1, "over", 20, "--all")
    check(lab.slash64("apply", str(row["id"]), check=False).returncode == 1, "it was applied after its end")
    # all of it is in the log, with who, why and the rule
    wait_for(lambda: "over" in [r["action"] for r in lab.json("log", "--prefix", BAD_1)], 5, "the row of its end")
    rows = lab.json("log", "--prefix", BAD_1)
    rows = [r for r in rows if r["action"] != "capture"]
    check_equal([(r["action"], r["who"], r["origin"]) for r in rows],
                [("propose", "slash64d", "detect:echo-flood"), ("apply", "root", "detect:echo-flood"),
                 ("block", "root", "detect:echo-flood"), ("unblock", "root", "detect:echo-flood"),
                 ("over", "slash64d", "detect:echo-flood")], "rows of the log")
    check("proposal %d: packets_per_second" % row["id"] in rows[1]["detail"], rows[1])


@test
def what_is_dismissed_is_not_proposed_again_while_it_lasts(lab):
    flood = lab.flood(BAD_2, 1000, 60)
    row = wait_proposal(lab, BAD_2, "open", 10)
    lab.slash64("dismiss", str(row["id"]), "--reason", "our own scanner")
    logged = lab.json("log", "--prefix", BAD_2)
    check_equal([(r["action"], r["reason"]) for r in logged if r["action"] == "dismiss"],
                [("dismiss", "our own scanner")], "rows of the log")
    # a restart does not forget it
    lab.stop()
    lab.start()
    time.sleep(5)
    check_equal([r["state"] for r in proposals(lab) if r["prefix"] == BAD_2], ["dismissed"], "states after a restart")
    lab.end(flood)
    lab.received(flood)
    wait_proposal(lab, BAD_2, "over", 20, "--all")


@test
def a_persons_capture_is_not_disturbed_and_comes_first(lab):
    """issue 17, 3: one capture at a time"""
    path = os.path.join(lab.dir, "person.pcapng")
    person = lab.spawn("edge", os.path.join(BUILD, "slash64"), "--socket", lab.socket, "capture", "--write", path)
    wait_for(lambda: os.path.exists(path) and os.path.getsize(path), 10, "the capture")
    flood = lab.flood(BAD_2, 1000, 60)
    row = wait_proposal(lab, BAD_2, "open", 10)
    done = lab.slash64("proposals", str(row["id"]), "--write", path + "2", check=False)
    check(done.returncode == 1 and "somebody captures" in done.stderr, done.stderr)
    person.terminate()
    person.wait(10)
    captured = pcapng.read(path).packets
    check(sum(BAD_2 in (p["comment"] or "") for p in captured) > 500, "the person has %d packets" % len(captured))
    # it is the proposal's turn now, as it goes on
    wait_for(lambda: lab.slash64("proposals", str(row["id"]), "--write", path + "2", check=False).returncode == 0, 10,
             "packets after the capture")
    lab.end(flood)
    lab.received(flood)
    wait_proposal(lab, BAD_2, "over", 30, "--all")


@test
def limits_are_suggested_from_what_was_seen_also_over_a_restart(lab):
    """issue 17, 6"""
    lab.received(lab.flood(BAD_1, 300, 3))

    def is_seen():  # it ends with 1 as long as nothing was seen
        said = lab.slash64("--json", "policy", "suggest", check=False).stdout
        return any(json.loads(line).get("class") == "echo-request" for line in said.splitlines())

    wait_for(is_seen, 10, "the class")
    lab.stop()
    lab.start()
    wait_for(is_seen, 10, "the class, after a restart")  # the store is read piece by piece
    rows = lab.json("policy", "suggest")
    echo = [row for row in rows if row.get("class") == "echo-request"][0]
    check(not rows[0]["enough"] and rows[0]["seen_seconds"] >= 2, rows[0])
    # the bound above what was sent, twice: 300, and the 1000 of other tests
    check(512 <= echo["rate"] <= 4096 and echo["touched"] == 0 and echo["touched_by_half"] <= 1, echo)
    path = os.path.join(lab.dir, "suggested.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(lab.slash64("policy", "suggest").stdout)
    check(lab.slash64("policy", "check", path).returncode == 0, "it is not accepted")


@test
def a_rule_acts_alone_until_its_fuse_blows(lab):
    first = lab.flood(BAD_1, 1000, 60, kind="udp")
    row = wait_proposal(lab, BAD_1, "applied", 10)
    check_equal((row["by_rule"], row["action"], row["rate"]), (True, "throttle", 50), "what the rule did")
    entry = lab.json("list", BAD_1)[0]
    check_equal((entry["kind"], entry["rate"], entry["origin"]), ("throttle", 50, "detect:udp-flood"), "the entry")
    second = lab.flood(BAD_2, 1000, 60, kind="udp")
    wait_for(lambda: (one_of(lab, BAD_2, "open") or {}).get("refused"), 10, "the fuse")
    alerts = lab.json("log")
    check_equal(len([r for r in alerts if r["action"] == "fuse"]), 1, "alerts")
    check_equal([r["prefix"] for r in alerts if r["action"] == "apply" and r["from"] == "rule udp-flood"], [BAD_1],
                "what the log says the rule applied")
    # the fuse is as it was after a restart, and nobody is alerted again
    lab.stop()
    lab.start()
    wait_for(lambda: (one_of(lab, BAD_2, "open") or {}).get("refused"), 10, "the fuse after a restart")
    check_equal(len([r for r in lab.json("log") if r["action"] == "fuse"]), 1, "alerts after a restart")
    health = json.loads(lab.slash64("--json", "status", check=False).stdout)["health"]
    check_equal([p["code"] for p in health["problems"]], ["fuse-blown"], "what status says")
    for flood in first, second:
        lab.end(flood)
        lab.received(flood)


main(lambda lab: lab.start(lab.config(RULES)))
