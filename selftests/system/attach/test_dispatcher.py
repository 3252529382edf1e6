#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Next to another XDP program, behind libxdp's dispatcher: xdp-filter, attached before slash64 or
after it. Needs a kernel with program extensions, such as those of `make check-vm`."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
import lab as laboratory
from lab import BAD_1, BUILD, wait_for

GOOD = "2001:db8:900d:1::/64"


def status(lab):
    return [i for i in lab.status()["interfaces"] if i["name"] == "wan0"][0]


def needs_dispatcher(lab):
    if not shutil.which("xdp-filter"):
        raise Skipped("xdp-filter is not installed")
    if lab.daemon is None or lab.daemon.poll() is not None:
        lab.start()
    if status(lab)["method"] != "dispatcher":
        raise Skipped("this kernel has no program extensions, or does not let them be loaded")


def filter_seen(lab):
    """Packets that xdp-filter has seen on the edge, passed or dropped."""
    said = lab.run("edge", "xdp-filter", "status").stdout
    return sum(int(line.split()[1]) for line in said.splitlines()
               if line.strip().startswith(("XDP_PASS", "XDP_DROP")))


def load_filter(lab):
    lab.run("edge", "xdp-filter", "load", "wan0", "--mode", "native", "--policy", "allow")


def unload_filter(lab):
    lab.run("edge", "xdp-filter", "unload", "wan0", check=False)


def programs(lab):
    """The names of the programs behind the dispatcher."""
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    return sorted({word for line in said.splitlines() for word in line.split() if word in ("slash64", "xdpfilt_alw_all")})


def came(lab):
    """[packets of a blocked source, packets of another]"""
    receiver = lab.receiver(2)
    for flood in (lab.flood(BAD_1, 100, 1, "udp"), lab.flood(GOOD, 100, 1, "udp")):
        flood.communicate(timeout=120)
    got = lab.received(receiver)
    return got.get(BAD_1, {}).get("packets", 0), got.get(GOOD, {}).get("packets", 0)


def check_filtering(lab):
    bad, good = came(lab)
    check_equal((bad, good > 90), (0, True), "what came through: %d and %d" % (bad, good))


@test
def one_that_was_there_before_sees_what_slash64_passes(lab):
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    lab.slash64("detach", "wan0")
    load_filter(lab)
    lab.slash64("attach", "wan0")
    check_equal(status(lab)["method"], "dispatcher", "the method")
    check_equal(programs(lab), ["slash64", "xdpfilt_alw_all"], "the programs")
    before = filter_seen(lab)
    check_filtering(lab)
    check(filter_seen(lab) - before >= 90, "xdp-filter saw %d packets" % (filter_seen(lab) - before))
    unload_filter(lab)
    check_equal(programs(lab), ["slash64"], "the programs, without it")
    check_filtering(lab)


@test
def one_that_comes_later_leaves_slash64_in_force(lab):
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    load_filter(lab)
    check_equal(programs(lab), ["slash64", "xdpfilt_alw_all"], "the programs")
    check_filtering(lab)
    lab.slash64("detach", "wan0")
    check_equal(programs(lab), ["xdpfilt_alw_all"], "the programs, without slash64")
    lab.slash64("attach", "wan0")
    check_filtering(lab)
    unload_filter(lab)
    check_filtering(lab)


@test
def a_kill_and_a_restart_beside_it_touch_neither(lab):
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    load_filter(lab)
    before = status(lab)["program_id"]
    lab.stop(signal.SIGKILL)
    check_filtering(lab)
    lab.start()
    check_equal((status(lab)["program_id"], status(lab)["method"]), (before, "dispatcher"), "the program")
    check_equal(programs(lab), ["slash64", "xdpfilt_alw_all"], "the programs")
    unload_filter(lab)


@test
def a_dispatcher_that_is_taken_off_is_put_back(lab):
    needs_dispatcher(lab)
    before = status(lab)["program_id"]
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")
    wait_for(lambda: status(lab)["state"] == "attached" and status(lab)["program_id"] != before, 10, "another program")
    check_filtering(lab)


def in_memory():
    """Directories of dispatchers, and programs of slash64."""
    said = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True).stdout)
    return set(glob.glob("/sys/fs/bpf/xdp/dispatch-*")), {p["id"] for p in said if p.get("name") == "slash64"}


OTHERS = in_memory()  # at the start of this test


def folders(lab):
    """The number of each."""
    return tuple(len(now - before) for now, before in zip(in_memory(), OTHERS))


@test
def each_time_others_take_it_off_leaves_nothing_behind(lab):
    """hostile 29"""
    needs_dispatcher(lab)
    for _ in range(4):
        before = status(lab)["program_id"]
        lab.ip("edge", "link", "set", "wan0", "xdp", "off")
        wait_for(lambda: status(lab)["state"] == "attached" and status(lab)["program_id"] != before, 10, "another program")
    wait_for(lambda: folders(lab) == (1, 1), 5, "one folder and one program alone")


@test
def pins_of_libxdp_that_are_removed_are_noticed_and_it_is_attached_anew(lab):
    """hostile 24"""
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    before = status(lab)["program_id"]
    since = len(lab.logged())
    subprocess.run("rm -r /sys/fs/bpf/xdp", shell=True, check=True)
    wait_for(lambda: status(lab)["state"] == "attached" and status(lab)["program_id"] != before, 15, "another program")
    check_equal(status(lab)["method"], "dispatcher", "the method: " + lab.logged(since))
    check("libxdp" in lab.logged(since), "it was not said: " + lab.logged(since))
    check_filtering(lab)
    lab.stop(signal.SIGKILL)
    subprocess.run("rm -r /sys/fs/bpf/xdp", shell=True, check=True)
    lab.start()
    check_filtering(lab)


@test
def own_pins_that_are_removed_and_then_the_program_come_back(lab):
    """hostile 28"""
    needs_dispatcher(lab)
    before = status(lab)["program_id"]
    subprocess.run(["rm", "-r", lab.pins], check=True)
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")
    wait_for(lambda: status(lab)["state"] == "attached" and status(lab)["program_id"] != before, 10, "another program")
    check_filtering(lab)
    time.sleep(2.5)
    check_equal(sorted(os.listdir(lab.pins)), ["maps", "programs"], "what is pinned")
    lab.stop(signal.SIGKILL)
    lab.start()
    check_equal(len(in_list(lab)), 1, "programs of slash64 behind it")


def in_list(lab):
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    return [line for line in said.splitlines() if "slash64" in line.split()]


@test
def of_two_that_a_kill_has_left_one_stays_and_each_packet_counts_once(lab):
    """hostile 23"""
    needs_dispatcher(lab)
    lab.slash64("unblock", BAD_1, check=False)
    for at in (1, 2, 3, 4, 5, 6, 8, 10, 12):
        lab.stop(signal.SIGKILL)
        lab.ip("edge", "link", "set", "wan0", "xdp", "off")
        subprocess.run(["rm", "-rf", lab.pins], check=True)
        stepper = lab.run("edge", os.path.join(BUILD, "stepper"), "--from", "LINK_CREATE", "--at", str(at),
                          os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"))
        lab.start()
        check_equal(len(in_list(lab)), 1, "programs of slash64 after a kill at %s" % stepper.stdout)
    before = passed(lab)
    came_good = came(lab)[1]
    check_equal((came_good > 90, passed(lab) - before), (True, 200), "packets counted, of 200 that were sent")


def load_others(lab, count, priorities):
    """That many programs of others, which pass everything."""
    program = glob.glob("/usr/lib/*/bpf/xdpfilt_alw_all.o")[0]
    for i in range(count):
        lab.run("edge", "xdp-loader", "load", "wan0", program, "-P", str(priorities[i % len(priorities)]))


def behind(lab):
    """[[priority, name, chain call actions]...] of the programs behind the dispatcher, in call
    order."""
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    return [[word for i, word in enumerate(line.split()[1:]) if i not in (2, 3)]
            for line in said.splitlines() if line.strip().startswith("=>")]


def restart_as(lab, variant):
    lab.stop(signal.SIGKILL)
    laboratory.BUILD = os.path.join(BUILD, variant)
    try:
        lab.start()
    finally:
        laboratory.BUILD = BUILD


def blocked(lab):
    return sum(int(line.split()[-1]) for line in lab.slash64("metrics").stdout.splitlines()
               if line.startswith('slash64_packets_total{interface="wan0"') and 'reason="blocked"' in line)


def upgrade_under_flood(lab, order):
    """Nothing of the blocked source passes, and each packet is judged and counted once. A guest
    without enough CPU time loses some packets before the edge and behind it."""
    before = passed(lab) - blocked(lab), blocked(lab)
    receiver = lab.receiver(900)
    floods = [lab.flood(GOOD, 400, 900, "udp"), lab.flood(BAD_1, 400, 900, "udp")]
    time.sleep(1)
    for variant in order:
        was = status(lab)["program_id"]
        restart_as(lab, variant)
        check(status(lab)["program_id"] != was, "the program is the same one")
    sent = []
    for flood in floods:
        lab.end(flood)
        sent.append(json.loads(flood.communicate(timeout=120)[0])["sent"])
    time.sleep(1)
    lab.end(receiver)
    got = lab.received(receiver)
    check_equal(got.get(BAD_1, {}).get("packets", 0), 0, "packets of the blocked source that passed")
    good, bad = passed(lab) - blocked(lab) - before[0], blocked(lab) - before[1]
    came_good = got[GOOD]["packets"]
    check(sent[0] * 0.9 <= came_good <= good <= sent[0] and sent[1] * 0.9 <= bad <= sent[1],
          "of the clean source %d sent, %d counted, %d came; of the blocked one %d sent, %d counted" %
          (sent[0], good, came_good, sent[1], bad))
    print("# %d upgrades, %d and %d packets" % (len(order), *sent))


@test
def an_upgrade_among_ten_programs_is_one_step(lab):
    """hostile 34: no gap, no packet judged twice, and the programs of others stay as they are."""
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    load_others(lab, 9, (10, 50, 90))
    try:
        order, ids = behind(lab), xdp_ids(lab)
        check_equal(len(order), 10, "programs: %r" % order)
        upgrade_under_flood(lab, ["variant-program", "."])
        check_equal(behind(lab), order, "priorities, names and actions, in order")
        check_equal(len(ids & xdp_ids(lab)), 9, "programs of others that are still there")
        check_equal(folders(lab), (1, 1), "folders and programs of slash64")
    finally:
        lab.run("edge", "xdp-loader", "unload", "wan0", "--all", check=False)
        wait_for(lambda: status(lab)["state"] == "attached", 10, "slash64 alone")


@test
def an_upgrade_of_one_that_is_alone_is_one_step(lab):
    needs_dispatcher(lab)
    lab.slash64("block", BAD_1)
    upgrade_under_flood(lab, ["variant-program", "."])
    check_equal(folders(lab), (1, 1), "folders and programs of slash64")


def xdp_ids(lab):
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    return {line.split()[3] for line in said.splitlines() if line.strip().startswith("=>")}


def passed(lab):
    """Packets of UDP counted, with any verdict."""
    return sum(int(line.split()[-1]) for line in lab.slash64("metrics").stdout.splitlines()
               if line.startswith('slash64_packets_total{interface="wan0"') and 'class="udp"' in line)


main(lambda lab: lab.start(lab.config("", on_exit="keep")))
