#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The datapath outlives slash64d, and the next slash64d takes it over."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1, BAD_2, BUILD


def program_on(lab, iface="wan0"):
    """(id, XDP mode) of the kernel's program on it, or None."""
    link = json.loads(lab.ip("edge", "-j", "link", "show", "dev", iface).stdout)[0]
    return (link["xdp"]["prog"]["id"], link["xdp"]["mode"]) if "xdp" in link else None


def watch(lab, seconds):
    """A flood from a blocked source, another source, and which program counts their packets."""
    floods = lab.flood(BAD_1, 5000, seconds, "udp"), lab.flood(BAD_2, 500, seconds, "udp")
    time.sleep(0.2)
    return lab.receiver(seconds - 0.5), floods


def check_watched(lab, receiver):
    got = lab.received(receiver)
    check(BAD_1 not in got, "%s packets of the blocked source came" % got.get(BAD_1, {}).get("packets"))
    check(BAD_2 in got, "no packets of the other source came")


@test
def a_kill_leaves_the_block_in_force_and_a_restart_adopts_it(lab):
    config = lab.config(on_exit="keep")
    lab.start(config)
    lab.slash64("block", BAD_1, "--for", "1h", "--reason", "flood")
    lab.slash64("block", "2001:db8:bad:ffff::/64", "--ticket", "T-2")
    lab.slash64("allow", "2001:db8:c1::/48")
    blocks, allows, program = lab.json("list"), lab.json("allow"), program_on(lab)
    own = lab.status()["interfaces"][0]["program_id"]  # behind a dispatcher, the program is not the interface's own
    receiver, floods = watch(lab, 5)
    lab.stop(signal.SIGKILL)
    time.sleep(1)
    check_equal(program_on(lab), program, "the program after the kill")
    lab.start(config)
    check_equal(program_on(lab), program, "the program after the restart")
    check_equal(lab.status()["interfaces"][0]["program_id"], own, "the program that status tells")
    for flood in floods:
        flood.wait()
    check_watched(lab, receiver)

    def lasting(rows):
        return sorted((r["prefix"], r["reason"], r["ticket"], r["start"], r["until"]) for r in rows)

    check_equal(lasting(lab.json("list")), lasting(blocks), "the blocks after the restart")
    check_equal(sorted(r["prefix"] for r in lab.json("allow")), sorted(r["prefix"] for r in allows),
                "the allowed prefixes after the restart")


@test
def it_is_killed_six_times_and_nothing_passes(lab):
    config = os.path.join(lab.dir, "slash64.yaml")
    program = program_on(lab)
    receiver, _ = watch(lab, 7)
    for i in range(6):
        lab.stop(signal.SIGKILL)
        lab.start(config, wait=i % 2)  # every other one in the middle of its start
        time.sleep(0.05 * i)
    lab.stop(signal.SIGKILL)
    lab.start(config)
    check_equal(program_on(lab), program, "the program")
    check_watched(lab, receiver)
    check_equal(len(lab.json("list")), 2, "blocks")


@test
def a_second_slash64d_is_refused(lab):
    done = lab.run("edge", os.path.join(BUILD, "slash64d"), "--config",
                   os.path.join(lab.dir, "slash64.yaml"), check=False)
    check_equal((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), "it said " + done.stderr)
    check_equal(len(lab.json("list")), 2, "blocks of the first")


@test
def a_block_that_ended_meanwhile_is_gone_after_the_restart(lab):
    lab.slash64("block", "2001:db8:bad:eeee::/64", "--for", "1s")
    lab.stop(signal.SIGKILL)
    time.sleep(1.5)
    lab.start(os.path.join(lab.dir, "slash64.yaml"))
    time.sleep(0.5)
    check_equal(len(lab.json("list")), 2, "blocks")


@test
def sigterm_leaves_the_fast_path_in_force(lab):
    program = program_on(lab)
    receiver, _ = watch(lab, 3)
    lab.stop()
    check_equal(lab.daemon.returncode, 0, "exit code")
    check(not os.path.exists(lab.socket), "its socket is still there")
    check_equal(program_on(lab), program, "the program")
    check_watched(lab, receiver)


def take_off(lab):
    return lab.run("edge", os.path.join(BUILD, "slash64d"), "--take-off", "--config",
                   os.path.join(lab.dir, "slash64.yaml"), check=False)


@test
def the_filter_is_not_taken_off_under_a_slash64d_that_runs(lab):
    lab.start(os.path.join(lab.dir, "slash64.yaml"))
    program = program_on(lab)
    done = take_off(lab)
    check_equal((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), "it said " + done.stderr)
    check("stop it first" in done.stderr, done.stderr)
    check_equal(program_on(lab), program, "the program")


@test
def take_off_removes_what_a_killed_slash64d_left_and_keeps_its_store(lab):
    program = program_on(lab)[0]
    blocks = len(lab.json("list"))
    lab.stop(signal.SIGKILL)
    done = take_off(lab)
    check_equal((done.returncode, done.stderr), (0, ""), "it said")
    check("wan0: the filter is taken off" in done.stdout, done.stdout)
    check_equal(program_on(lab), None, "what is on wan0")
    check(not os.path.exists(lab.pins), "%s is still there" % lab.pins)
    ids = {p["id"] for p in json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], check=True,
                                                      capture_output=True).stdout)}
    check(program not in ids, "the program is still loaded")
    again = take_off(lab)
    check_equal((again.returncode, again.stdout), (0, "no interface has the filter of slash64\n"), "the second time")
    lab.start(os.path.join(lab.dir, "slash64.yaml"))
    check_equal(len(lab.json("list")), blocks, "blocks after the next start")
    check([r for r in lab.json("log") if r["action"] == "detach" and r.get("detail") == "wan0"], "no row in the log")
    lab.stop()


@test
def on_exit_detach_leaves_nothing(lab):
    before = program_on(lab)[0]
    lab.start(lab.config(on_exit="detach"))
    lab.stop()
    check_equal(program_on(lab), None, "what is on wan0")
    check(not os.path.exists(lab.pins), "%s is still there" % lab.pins)
    ids = {p["id"] for p in json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], check=True,
                                                      capture_output=True).stdout)}
    check(before not in ids, "the program is still loaded")


main()
