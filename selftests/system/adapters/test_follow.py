#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-follow: alerts become blocks while the log is rotated and truncated, and whoever reads or enforces is killed."""
import json
import os
import random
import sys
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from adapters import GUARD_S, Adapter, keys, wait_for_keys
from harness import check, check_equal, main, test
from lab import wait_for

KILLS = 50
RULES = [{"signature": "ET INFO*", "action": "ignore"}, {"signature": "ET SCAN*", "severity": 2, "action": "block"},
         {"signature": "ET DOS*", "action": "throttle", "rate": "50/s"}, {"signature": "ET POLICY*", "action": "propose"},
         {"signature": "Scan::*", "action": "block", "for": "10m"}]

follow = None


def alert(source, signature="ET SCAN test", severity=2, **more):
    row = {"timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"), "event_type": "alert", "src_ip": source,
           "dest_ip": "2001:db8::1", "alert": {"signature": signature, "severity": severity, "signature_id": 1}}
    row.update(more)
    return json.dumps(row)


def log_of(lab, name="eve.json"):
    return os.path.join(lab.dir, name)


def write(lab, *lines, name="eve.json", end="\n"):
    with open(log_of(lab, name), "a") as f:
        f.write("".join(line + end for line in lines))


def make(lab, kind="eve", name="eve.json", **more):
    state = os.path.join(lab.dir, "follow")
    os.makedirs(state, exist_ok=True)
    return Adapter(lab, "slash64-follow", ["--format", kind, log_of(lab, name)], socket=lab.socket, rules=RULES, state=state,
                   per_minute=1000, **more)


@test
def rules_decide_what_becomes_of_an_alert(lab):  # issue 18, 6
    global follow
    write(lab, alert("2a0c:0:0:1::1"))
    follow = make(lab).start()
    wait_for(lambda: "follows" in follow.read(), GUARD_S, "the start")
    wait_for(lambda: follow.metric("slash64_adapter_last_contact_timestamp_seconds") > 0, GUARD_S, "a look at the log")
    write(lab, alert("2a0c:0:0:2::1"), alert("2a0c:0:0:2::2"), alert("2a0c:0:0:3::1", severity=3), alert("2a0c:0:0:4::1", "ET INFO x", 1),
          alert("198.51.100.7", "ET DOS x"), alert("2a0c:0:0:5::1", "ET POLICY x"), '{"event_type":"flow","src_ip":"2a0c::1"}',
          alert("2001:db8::1", direction="to_client", dest_ip="2a0c:0:0:6::1"), "not json")
    wait_for_keys(lab, "suricata", ["2a0c:0:0:2::1", "198.51.100.7", "2a0c:0:0:6::1"])
    rows = keys(lab, "suricata")
    check_equal((rows["198.51.100.7/32"]["kind"], rows["198.51.100.7/32"]["rate"]), ("throttle", 50), "a throttle")
    check_equal(rows["2a0c:0:0:2::1"]["reason"], "ET SCAN test", "the reason")
    check_equal(follow.metric("slash64_follow_events_total", decision="propose"), 1, "proposals")
    check_equal(follow.metric("slash64_follow_lines_left_out_total"), 1, "lines left out")


@test
def rotated_truncated_and_killed_it_loses_no_line(lab):  # issue 18: 50 times
    rng = random.Random(6)
    wanted = set(keys(lab, "suricata"))
    for turn in range(KILLS):
        for i in range(5):
            source = "2a0d:%x:%x::1" % (turn, i)
            write(lab, alert(source))
            wanted.add(source)
        if turn % 4 == 1:
            os.rename(log_of(lab), log_of(lab, "eve.json.%d" % turn))
            write(lab, alert("2a0e:%x::1" % turn))
            wanted.add("2a0e:%x::1" % turn)
        time.sleep(rng.random() * 0.4)
        if turn % 4 == 3:
            # copytruncate loses what nobody has read, so it is not done then
            wait_for_keys(lab, "suricata", wanted)
            os.truncate(log_of(lab), 0)
        follow.kill()
        follow.start()
    wait_for_keys(lab, "suricata", wanted)


@test
def while_slash64d_is_away_nothing_is_lost(lab):
    wanted = set(keys(lab, "suricata"))
    lab.stop()
    write(lab, alert("2a0f::1"))
    wait_for(lambda: follow.metric("slash64_adapter_lag_seconds") > 0, GUARD_S, "the lag")
    follow.kill()
    write(lab, alert("2a0f:1::1"))
    follow.start()
    lab.start()
    wait_for_keys(lab, "suricata", wanted | {"2a0f::1", "2a0f:1::1"})
    check_equal(follow.stop(), 0, "its exit status")


@test
def notices_of_zeek_are_followed_too(lab):
    header = "#separator \\x09\n#fields\tts\tnote\tmsg\tsrc\n#types\ttime\tenum\tstring\taddr"
    write(lab, header, name="notice.log")
    zeek = make(lab, "zeek-notice", "notice.log").start()
    wait_for(lambda: zeek.metric("slash64_adapter_last_contact_timestamp_seconds") > 0, GUARD_S, "a look at the log")
    write(lab, "%f\tScan::Port_Scan\tx\t2a0b:7::1" % time.time(), "%f\tScan::Port_Scan\tx\t2a0b:8::1" % (time.time() - 900),
          "%f\tOther::Note\tx\t2a0b:9::1" % time.time(), name="notice.log")
    wait_for_keys(lab, "zeek", ["2a0b:7::1"])
    check_equal(zeek.metric("slash64_follow_events_total", decision="over"), 1, "events that are over")
    check_equal(zeek.stop(), 0, "its exit status")


@test
def mistakes_on_the_command_line_are_told(lab):
    for words, why in ((["--format", "csv", "x"], "must be eve or zeek-notice"), (["--format", "eve"], "missing log")):
        broken = Adapter(lab, "slash64-follow", words, rules=RULES)
        broken.start()
        check_equal(broken.process.wait(timeout=GUARD_S), 2, "its exit status")
        check(why in broken.read(), broken.read())


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
