#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Upgrades under flood: to another program, and to another layout of the maps. Nothing of a blocked source passes, nothing
of a clean one is lost.

UPGRADES=N does N of them instead of 50.
"""
import json
import os
import signal
import subprocess
import sys
import time


sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_between, check_equal, main, test
import lab as laboratory
from lab import BAD_1, BAD_2, BUILD, wait_for

UPGRADES = int(os.environ.get("UPGRADES", "50"))
FLOOD_S = 900  # it ends before the cleanup
VARIANTS = {"as it is": BUILD, "program": os.path.join(BUILD, "variant-program"),
            "layout": os.path.join(BUILD, "variant-layout")}


def start(lab, variant, config=None):
    laboratory.BUILD = VARIANTS[variant]
    try:
        lab.start(config)
    finally:
        laboratory.BUILD = BUILD


def program_on(lab, iface="wan0"):
    return json.loads(lab.ip("edge", "-j", "link", "show", "dev", iface).stdout)[0]["xdp"]["prog"]["id"]


def would_do(lab):
    """The output of `upgrade-check` of this build."""
    said = lab.run("edge", lab.cli, "--json", "upgrade-check", "--config", os.path.join(lab.dir, "slash64.yaml"))
    return json.loads(said.stdout)


@test
def upgrade_check_says_what_a_start_would_do(lab):
    start(lab, "as it is", lab.config("", on_exit="keep"))
    said = would_do(lab)
    check_equal((said["maps"], said["interfaces"]), ("kept", [{"name": "wan0", "program": "same"}]), "the same version")
    lab.stop()
    start(lab, "program")
    said = would_do(lab)
    check_equal((said["maps"], said["interfaces"]), ("kept", [{"name": "wan0", "program": "replaced"}]),
                "another program")
    lab.stop()
    start(lab, "layout")
    said = would_do(lab)
    check_equal(said["maps"], "rebuilt", "another layout")
    check("another" in said["why"], "why: %r" % said)
    lab.stop()
    start(lab, "as it is")
    check_equal(would_do(lab)["maps"], "kept", "back again")


@test
def counters_and_limits_go_on_where_the_layout_is_the_same(lab):
    lab.flood(BAD_2, 2000, 1, "udp").communicate(timeout=60)

    def passed():
        return sum(int(line.split()[-1]) for line in lab.slash64("metrics").stdout.splitlines()
                   if line.startswith("slash64_packets_total{interface=\"wan0\"") and 'verdict="pass"' in line)

    before = passed()
    check(before >= 1900, "%d packets passed" % before)
    slow = "2001:db8:510:1::/64"
    lab.slash64("throttle", slow, "--rate", "1", "--burst", "200")
    check_between(195, lab.arriving(slow, rate=400, seconds=1)[slow]["packets"], 210, "what a burst of 200 let pass")
    lab.stop()
    start(lab, "program")
    check(passed() >= before, "%d packets after it, %d before" % (passed(), before))
    lab.stop()
    start(lab, "as it is")
    check(passed() >= before, "%d packets after it, %d before" % (passed(), before))
    check_between(0, lab.arriving(slow, rate=400, seconds=1).get(slow, {}).get("packets", 0), 15, "what the throttle let pass after two starts")
    lab.slash64("unblock", slow)


@test
def many_upgrades_under_flood_leak_nothing_and_lose_nothing(lab):
    lab.slash64("block", BAD_1)
    lab.slash64("block", "2001:db8:b10c::/48", "--force", check=False)
    receiver = lab.receiver(FLOOD_S)
    blocked, clean = lab.flood(BAD_1, 3000, FLOOD_S, "udp"), lab.flood(BAD_2, 1000, FLOOD_S, "udp")
    order = ["program", "as it is", "layout", "as it is"]
    rows = sorted(r["prefix"] for r in lab.json("list"))
    programs = set()
    began = time.monotonic()
    for i in range(UPGRADES):
        lab.stop(signal.SIGKILL if i % 5 == 4 else signal.SIGTERM)
        start(lab, order[i % 4])
        programs.add(program_on(lab))
        check_equal(sorted(r["prefix"] for r in lab.json("list")), rows, "blocks after upgrade %d" % i)
    took = time.monotonic() - began
    check(clean.poll() is None, "the flood ended before the upgrades: they took %.0f s" % took)
    lab.end(clean)
    lab.end(blocked)
    sent = json.loads(clean.communicate(timeout=60)[0])["sent"]
    time.sleep(1)
    lab.end(receiver)
    got = lab.received(receiver)
    check(len(programs) > UPGRADES * 3 // 4, "%d upgrades brought %d programs" % (UPGRADES, len(programs)))
    check(BAD_1 not in got, "packets of the blocked source passed: %r" % got.get(BAD_1))
    check_equal(got[BAD_2]["packets"], sent, "packets of the clean source")
    print("# %d upgrades in %.1f s, %d packets of the clean source, none lost" % (UPGRADES, took, sent))


def uncounted(lab):
    """Packets the interface has counted and slash64 has not: a busy machine loses some in between."""
    seen = json.loads(lab.ip("edge", "-j", "-s", "link", "show", "wan0").stdout)[0]["stats64"]["rx"]["packets"]
    return seen - sum(float(line.split()[1]) for line in lab.slash64("metrics").stdout.splitlines()
                      if line.startswith("slash64_packets_total{") and 'interface="wan0"' in line)


@test
def other_sizes_are_taken_up_beside_and_switched_to(lab):
    """hostile 31: packets counted while the programs were replaced were lost, 9,477 of 149,954"""
    lab.stop()
    start(lab, "as it is")  # counters of another layout are not carried over
    before = uncounted(lab)
    lab.stop()
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read().replace("pins: ", "blocks: 4096, pins: ")
    with open(config, "w") as f:
        f.write(text)
    check_equal(would_do(lab)["maps"], "rebuilt", "with another size")
    receiver = lab.receiver(3)
    blocked, clean = lab.flood(BAD_1, 2000, 2, "udp"), lab.flood(BAD_2, 1000, 2, "udp")
    time.sleep(0.5)
    start(lab, "as it is", config)
    check_equal(lab.status()["maps"]["blocks_capacity"], 4096, "the capacity")
    sent = json.loads(clean.communicate(timeout=60)[0])["sent"]
    blocked.communicate(timeout=60)
    got = lab.received(receiver)
    check(BAD_1 not in got, "the blocked source came through")
    check_equal(got[BAD_2]["packets"], sent, "packets of the clean source")
    check_between(-10, uncounted(lab) - before, 10, "packets that were not counted")
    check_equal(would_do(lab)["maps"], "kept", "afterwards")


def hits_of(lab, *words):
    return {b["prefix"]: (b["hits"], b["last_hit"]) for b in lab.json("list", "--sort", "hits", *words)}


def attack(lab, prefix, packets):
    lab.flood(prefix, 1000, packets / 1000, "udp").communicate(timeout=60)


@test
def hits_and_the_last_of_them_are_kept_over_a_start(lab):
    """documents D8: they began at 0 with every start"""
    lab.slash64("unblock", BAD_1)
    lab.slash64("block", BAD_1)
    lab.slash64("block", BAD_2)
    lab.slash64("block", "2001:db8:bad:7::/64")
    attack(lab, BAD_1, 500)
    wait_for(lambda: hits_of(lab)[BAD_1][0] >= 400, 5, "hits")
    before = hits_of(lab)
    lab.stop()
    start(lab, "as it is")
    check_equal(hits_of(lab), before, "hits after a start")
    check_equal(list(hits_of(lab, "--hit-within", "7d")), [BAD_1], "what was hit within a week")
    # earlier counts continue, and survive a kill as they were last written
    attack(lab, BAD_1, 300)
    wait_for(lambda: hits_of(lab)[BAD_1][0] >= before[BAD_1][0] + 250, 5, "more hits")
    more = hits_of(lab)
    lab.stop()
    start(lab, "program")
    lab.stop(signal.SIGKILL)
    start(lab, "layout")
    check_equal(hits_of(lab), more, "hits after another program, a kill, and another layout of the maps")
    # a source that is blocked anew starts from 0
    lab.slash64("unblock", BAD_1)
    lab.slash64("block", BAD_1)
    lab.stop()
    start(lab, "as it is")
    check_equal(hits_of(lab)[BAD_1], (0, None), "hits of what was blocked anew")
    for prefix in BAD_2, "2001:db8:bad:7::/64":
        lab.slash64("unblock", prefix)


@test
def an_interface_renamed_while_slash64d_was_down_is_known_again(lab):
    """It was found missing, and left open: only maps of the same layout told which interface has which name. Where their
    pin is gone, its program has them (issue 13)."""
    lab.ip("edge", "link", "add", "ren0", "type", "veth", "peer", "name", "ren1")
    lab.stop()
    start(lab, "as it is", lab.config("", on_exit="keep"))
    lab.slash64("attach", "ren0")
    names = ["ren0", "ren7", "ren8", "ren9", "ren10"]
    meta = os.path.join(lab.pins, "maps", "s64_meta")
    for i, (variant, gone) in enumerate((("layout", None), ("as it is", None), ("as it is", meta), ("as it is", lab.pins))):
        lab.stop()
        if gone:
            subprocess.run(["rm", "-r", gone], check=True)
        lab.ip("edge", "link", "set", names[i], "name", names[i + 1])
        before = program_on(lab, names[i + 1])
        start(lab, variant)
        check(program_on(lab, names[i + 1]) != before, "%s keeps the program of before" % names[i + 1])
        check_equal({i["name"]: i["state"] for i in lab.status()["interfaces"]}["ren0"], "attached", "%s, without %s" % (variant, gone))
    lab.slash64("detach", "ren0")
    lab.ip("edge", "link", "del", names[-1])


@test
def pins_that_are_gone_do_not_stop_a_start(lab):
    """Like a cleaned /sys/fs/bpf: the program is still on the interface, and recognized by its
    maps."""
    lab.slash64("block", BAD_1)
    lab.stop(signal.SIGKILL)
    subprocess.run(["rm", "-r", lab.pins], check=True)
    receiver = lab.receiver(3)
    blocked, clean = lab.flood(BAD_1, 2000, 2, "udp"), lab.flood(BAD_2, 1000, 2, "udp")
    time.sleep(0.5)
    start(lab, "as it is")
    sent = json.loads(clean.communicate(timeout=60)[0])["sent"]
    blocked.communicate(timeout=60)
    got = lab.received(receiver)
    check(BAD_1 not in got, "the blocked source came through")
    check_equal(got[BAD_2]["packets"], sent, "packets of the clean source")
    check(BAD_1 in [b["prefix"] for b in lab.json("list")], "the block is lost")


@test
def a_pin_that_is_gone_does_not_stop_a_start(lab):
    """Any one of the maps: the start was refused with "File exists" when it was the first, and all
    other pins were removed."""
    lab.stop()
    start(lab, "as it is", lab.config("", on_exit="keep"))
    for name in ("s64_meta", "s64_blocks"):
        lab.stop(signal.SIGKILL)
        os.unlink(os.path.join(lab.pins, "maps", name))
        before = program_on(lab)
        start(lab, "as it is")
        check(program_on(lab) not in (0, before), "without %s: program %s, before it %s" % (name, program_on(lab), before))
        check_equal(sorted(os.listdir(lab.pins)), ["maps", "programs"], "what is pinned")


main()
