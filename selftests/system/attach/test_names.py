#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An interface is found by any of its names, belongs to one entry, and is filtered whatever happens
to the others."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
from lab import BAD_1, BUILD, LabError, wait_for

CLEAN = "2001:db8:900d:1::/64"


def make(lab, name, peer):
    lab.run("edge", "ip", "link", "del", name, check=False)  # left behind by a failed test
    lab.ip("edge", "link", "add", name, "type", "veth", "peer", "name", peer)
    lab.ip("edge", "link", "set", name, "up")


def ifindex(lab, name):
    return json.loads(lab.ip("edge", "-j", "link", "show", "dev", name).stdout)[0]["ifindex"]


def program_on(lab, name):
    said = lab.run("edge", "ip", "-j", "link", "show", "dev", name).stdout
    return json.loads(said)[0].get("xdp", {}).get("prog", {}).get("id", 0)


def states(lab):
    return {i["name"]: i["state"] for i in lab.status()["interfaces"]}


def metric(lab, name):
    for line in lab.slash64("metrics").stdout.splitlines():
        if line.startswith('slash64_interface_attached{interface="%s"' % name):
            return int(line.split()[-1])
    return None


def check_refused(done, *words):
    check_equal((done.returncode, done.stderr.count("\n")), (1, 1), "it was refused: %r" % (done.stdout + done.stderr))
    for word in words:
        check(word in done.stderr, "%r is not in %r" % (word, done.stderr))


def restart(lab, ifaces, number=signal.SIGTERM, text=""):
    lab.stop(number)
    before = len(lab.logged())
    lab.start(lab.config(text, ifaces, on_exit="keep"))
    return lab.logged(before)


class Watched:
    """A blocked flood that runs meanwhile; nothing of it may have arrived at the end."""

    def __init__(self, lab, seconds=60):
        self.lab = lab
        lab.slash64("block", BAD_1)
        self.receiver = lab.receiver(seconds)
        self.floods = [lab.flood(BAD_1, 4000, seconds, "udp"), lab.flood(CLEAN, 500, seconds, "udp")]
        time.sleep(0.3)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for flood in self.floods:
            self.lab.end(flood)
            flood.communicate(timeout=60)
        time.sleep(0.2)
        self.lab.end(self.receiver)
        got = self.lab.received(self.receiver)
        if kind:
            return
        check(BAD_1 not in got, "%s packets of the blocked source passed" % got.get(BAD_1, {}).get("packets"))
        check(CLEAN in got, "nothing of the clean source passed")


@test
def two_names_of_one_interface_are_refused_by_check_reload_and_attach(lab):
    """hostile 14, field I1"""
    lab.ip("edge", "link", "property", "add", "dev", "wan0", "altname", "enp9s0")
    lab.ip("edge", "link", "property", "add", "dev", "wan0", "altname", "enp9s0np0nameofmorethan15")
    before = program_on(lab, "wan0")
    for other in ("enp9s0", "enp9s0np0nameofmorethan15"):
        check_refused(lab.slash64("attach", other, check=False), other, "wan0")
        config = lab.config("", "[{name: wan0}, {name: %s}]" % other, on_exit="keep")
        check_refused(lab.run("edge", os.path.join(BUILD, "slash64d"), "--config", config, "--check", check=False),
                      ":1:", other, "wan0")
        check_refused(lab.slash64("reload", check=False), other, "wan0")
    time.sleep(2.5)  # one check
    check_equal((states(lab), program_on(lab, "wan0")), ({"wan0": "attached"}, before), "what is attached")
    lab.config("", on_exit="keep")
    lab.slash64("reload")


@test
def a_name_that_becomes_that_of_another_takes_nothing_from_it(lab):
    """hostile 14: given an altname while both are configured, a blocked source stays blocked, and
    the entries do not compete"""
    lab.config("", "[{name: wan0}, {name: q0}]", on_exit="keep")
    check_refused(lab.slash64("reload", check=False), "q0")
    make(lab, "q0", "q1")
    lab.slash64("reload")
    lab.ip("edge", "link", "del", "q0")
    wait_for(lambda: states(lab)["q0"] == "missing", 5, "q0 to be missed")
    before = program_on(lab, "wan0")
    with Watched(lab):
        lab.ip("edge", "link", "property", "add", "dev", "wan0", "altname", "q0")
        time.sleep(4.5)
        check_equal((states(lab), program_on(lab, "wan0")), ({"wan0": "attached", "q0": "missing"}, before), "who has it")
        restart(lab, "[{name: wan0}, {name: q0}]", signal.SIGKILL)
        check_equal((states(lab), program_on(lab, "wan0")), ({"wan0": "attached", "q0": "missing"}, before),
                    "who has it after a start")
    lab.ip("edge", "link", "property", "del", "dev", "wan0", "altname", "q0")
    lab.config("", on_exit="keep")
    lab.slash64("reload")


@test
def one_is_configured_and_detached_by_any_of_its_names(lab):
    """field I1: a name longer than an interface's own name is allowed too"""
    name = "enp9s0np0nameofmorethan15"
    before = program_on(lab, "wan0")
    lab.config("", "[{name: %s}]" % name, on_exit="keep")
    with Watched(lab):
        lab.slash64("reload")
        check_equal((states(lab), program_on(lab, "wan0")), ({name: "attached"}, before), "the program stays")
        check_equal(metric(lab, name), 1, "its metric")
        restart(lab, "[{name: %s}]" % name)
        check_equal((states(lab), program_on(lab, "wan0")), ({name: "attached"}, before), "after a start")
        lab.config("", on_exit="keep")
        lab.slash64("reload")
        check_equal((states(lab), program_on(lab, "wan0")), ({"wan0": "attached"}, before), "under its own name again")
    lab.slash64("detach", "enp9s0")
    check_equal((program_on(lab, "wan0"), states(lab)), (0, {"wan0": "detached"}), "after it was detached by another name")
    check_refused(lab.slash64("attach", "enp9s0", check=False), "enp9s0", "wan0", "'slash64 attach wan0'")
    check_equal((program_on(lab, "wan0"), states(lab)), (0, {"wan0": "detached"}), "a refused attach")
    lab.slash64("reload")
    check(program_on(lab, "wan0"), "the reload attaches it")


def needs_renames(lab):
    try:
        lab.ip("edge", "link", "set", "wan0", "name", "ext0")
        lab.ip("edge", "link", "set", "ext0", "name", "wan0")
    except LabError:
        raise Skipped("this kernel renames no interface that is up")


@test
def a_rename_while_it_is_up_lets_nothing_pass_whatever_follows(lab):
    """hostile 27"""
    needs_renames(lab)
    with Watched(lab):
        lab.ip("edge", "link", "set", "wan0", "name", "ext0")
        time.sleep(0.3)
        lab.config("", "[{name: ext0}]", on_exit="keep")
        lab.slash64("reload")
        check_equal(states(lab), {"ext0": "attached"}, "after the reload")
        lab.ip("edge", "link", "set", "ext0", "name", "wan0")
        time.sleep(0.3)
        restart(lab, "[{name: wan0}]")
        check_equal(states(lab), {"wan0": "attached"}, "after the restart")
        lab.stop(signal.SIGKILL)
        lab.ip("edge", "link", "set", "wan0", "name", "ext0")
        lab.start(lab.config("", "[{name: ext0}]", on_exit="keep"))
        check_equal(states(lab), {"ext0": "attached"}, "renamed while nobody looked")
        lab.ip("edge", "link", "set", "ext0", "name", "wan0")
        lab.config("", on_exit="keep")
        lab.slash64("reload")


def swap(lab, pause):
    for old, new in (("wan0", "tmp0"), ("x0", "wan0"), ("tmp0", "x0")):
        lab.ip("edge", "link", "set", old, "name", new)
        time.sleep(pause)


@test
def two_names_that_are_swapped_let_nothing_pass(lab):
    """hostile 27"""
    needs_renames(lab)
    make(lab, "x0", "x1")
    lab.config("", "[{name: wan0}, {name: x0}]", on_exit="keep")
    lab.slash64("reload")
    real = ifindex(lab, "wan0")
    with Watched(lab):
        for pause in (0, 0.5, 3):
            swap(lab, pause)
            wait_for(lambda: all(state == "attached" for state in states(lab).values()), 5, "both")
            time.sleep(0.5)
        on = {i["name"]: i["ifindex"] for i in lab.status()["interfaces"]}
        check_equal((on["x0"], on["wan0"] == ifindex(lab, "wan0")), (real, True), "which is which")
        lab.stop(signal.SIGKILL)
        swap(lab, 0)
        lab.start()
        on = {i["name"]: i["ifindex"] for i in lab.status()["interfaces"]}
        check_equal((on["wan0"], set(states(lab).values())), (real, {"attached"}), "after a start")
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    check_equal(program_on(lab, "x0"), 0, "x0, which nobody wants any more")
    lab.ip("edge", "link", "del", "x0")


def forget_everything(lab):
    """Like a reboot: nothing is pinned, nothing is attached."""
    lab.stop()
    subprocess.run(["rm", "-r", lab.pins], check=True)
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")


@test
def a_reboot_without_one_of_them_filters_the_others_and_waits(lab):
    """field I2, hostile 30"""
    make(lab, "x0", "x1")
    lab.config("", "[{name: wan0}, {name: x0}]", on_exit="keep")
    lab.slash64("reload")
    lab.slash64("block", BAD_1)
    lab.ip("edge", "link", "del", "x0")
    forget_everything(lab)
    before = len(lab.logged())
    lab.start()
    check_equal(states(lab), {"wan0": "attached", "x0": "missing"}, "the interfaces")
    check_equal((metric(lab, "wan0"), metric(lab, "x0")), (1, 0), "the metrics")
    check("x0: no such interface" in lab.logged(before), "it was not said: " + lab.logged(before))
    with Watched(lab):
        lab.slash64("reload")
        make(lab, "x0", "x1")
        wait_for(lambda: states(lab)["x0"] == "attached", 5, "x0")
    lab.ip("edge", "link", "del", "x0")


@test
def a_name_never_seen_leaves_no_other_open(lab):
    """field I2"""
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    forget_everything(lab)
    said = restart(lab, "[{name: wan0}, {name: wan9}]")
    check("wan9: no such interface" in said, "it was not said: " + said)
    check_equal(states(lab), {"wan0": "attached", "wan9": "missing"}, "the interfaces")
    restart(lab, "[{name: wan0, mode: generic}]")
    before = program_on(lab, "wan0")
    lab.stop()
    done = lab.run("edge", os.path.join(BUILD, "slash64d"), "--config", lab.config("", "[{name: wan8}]", on_exit="keep"), check=False)
    check_equal((done.returncode, program_on(lab, "wan0")), (1, before), "a start that is refused: " + done.stderr)
    check("wan8" in done.stderr and "mode" not in done.stderr, "it said " + done.stderr)
    restart(lab, "[{name: wan0, mode: native}]")
    restart(lab, "[{name: wan0}, {name: wan9}]")
    lab.config("", "[{name: wan0}, {name: wan8}]", on_exit="keep")
    check_refused(lab.slash64("reload", check=False), "wan8", "unknown interface")
    check_equal(states(lab), {"wan0": "attached", "wan9": "missing"}, "the interfaces after it")
    lab.slash64("detach", "wan9")
    lab.config("", "[{name: wan0}, {name: wan9}]", on_exit="keep")
    lab.slash64("reload")  # the source of the name is not checked against the file in force
    check_equal(states(lab), {"wan0": "attached", "wan9": "missing"}, "the interfaces after it was detached, and reloaded")
    lab.config("", on_exit="keep")
    lab.slash64("reload")


@test
def a_name_that_a_start_waits_for_is_known_to_the_next(lab):
    """field I2, found by the model: the power failed during a reload that added just that
    interface, and the next start reported it as misspelt"""
    restart(lab, "[{name: wan0}, {name: wan7}]")
    forget_everything(lab)
    said = restart(lab, "[{name: wan7}]")
    check("wan7: no such interface" in said, "it was not said: " + said)
    check_equal(states(lab), {"wan7": "missing"}, "the interfaces")
    restart(lab, "[{name: wan0}]")


@test
def a_start_with_other_sizes_while_one_is_missing_is_a_start(lab):
    """hostile 30"""
    make(lab, "x0", "x1")
    lab.config("", "[{name: wan0}, {name: x0}]", on_exit="keep")
    lab.slash64("reload")
    with Watched(lab):
        lab.stop(signal.SIGKILL)
        lab.ip("edge", "link", "del", "x0")
        config = os.path.join(lab.dir, "slash64.yaml")
        with open(config) as f:
            text = f.read()
        with open(config, "w") as f:
            f.write(text.replace("pins: ", "blocks: 4096, pins: "))
        lab.start(config)
        check_equal(states(lab), {"wan0": "attached", "x0": "missing"}, "the interfaces")
    lab.config("", on_exit="keep")
    lab.stop()
    lab.start()


@test
def one_that_cannot_be_attached_to_leaves_no_other_open(lab):
    """field I2: a start attaches those it can"""
    lab.ip("edge", "tuntap", "add", "dev", "odd0", "mode", "tun")  # its frames are not Ethernet
    forget_everything(lab)
    said = restart(lab, "[{name: odd0}, {name: wan0}]")
    check("cannot attach to odd0" in said, "it was not said: " + said)
    check_equal(states(lab), {"odd0": "missing", "wan0": "attached"}, "the interfaces")
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    lab.ip("edge", "link", "del", "odd0")


@test
def a_single_place_for_interfaces_can_be_given_to_another(lab):
    """hostile 21"""
    make(lab, "x0", "x1")
    lab.stop()
    config = lab.config("", on_exit="keep")
    with open(config) as f:
        text = f.read().replace("pins: ", "interfaces: 1, pins: ")
    with open(config, "w") as f:
        f.write(text)
    lab.start(config)
    with open(config, "w") as f:
        f.write(text.replace("name: wan0", "name: x0"))
    lab.slash64("reload")
    check_equal((states(lab), program_on(lab, "wan0"), bool(program_on(lab, "x0"))), ({"x0": "attached"}, 0, True), "x0")
    lab.ip("edge", "tuntap", "add", "dev", "odd0", "mode", "tun")  # its frames are not Ethernet
    there = program_on(lab, "x0")
    with open(config, "w") as f:
        f.write(text.replace("name: wan0", "name: odd0"))
    check_refused(lab.slash64("reload", check=False), "odd0")
    check_equal((states(lab), program_on(lab, "x0")), ({"x0": "attached"}, there), "after one that was refused")
    lab.ip("edge", "link", "del", "odd0")
    with open(config, "w") as f:
        f.write(text)
    lab.slash64("reload")
    check_equal((states(lab), bool(program_on(lab, "wan0"))), ({"wan0": "attached"}, True), "wan0 again")
    lab.ip("edge", "link", "del", "x0")


def policy_filter(lab, name):
    return [r["value"] for r in lab.json("policy", "show") if r["interface"] == name and r.get("setting") == "filter"]


@test
def what_attach_says_of_a_configured_interface_is_logged_shown_and_kept(lab):
    """D2, D7, hostile 9"""
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    said = lab.slash64("attach", "wna0", check=False).stderr  # hostile O11
    check("(did you mean 'wan0'?)" in said and said.count("\n") == 1, "a mistyped name: " + said)
    said = lab.slash64("detach", "wan00", check=False).stderr
    check("(did you mean 'wan0'?)" in said, "a mistyped name: " + said)
    lab.slash64("attach", "wan0", "--filter", "monitor")

    def check_monitors(when):
        check_equal((lab.status()["interfaces"][0]["filter"], policy_filter(lab, "wan0")), ("monitor", ["monitor"]), when)

    row = lab.json("log")[-1]
    check_equal((row["action"], row["who"]), ("attach", "root"), "the row")
    check("wan0" in row["detail"] and "monitor" in row["detail"], "the row says %r" % row["detail"])
    check_monitors("at once")
    lab.slash64("reload")
    check_monitors("after a reload")
    lab.stop()
    lab.start()
    check_monitors("after a restart")
    check("nothing" in lab.slash64("policy", "diff", os.path.join(lab.dir, "slash64.yaml")).stdout, "policy diff")
    lab.slash64("attach", "wan0")
    check_equal((lab.status()["interfaces"][0]["filter"], policy_filter(lab, "wan0")), ("enforce", []), "as configured")
    lab.slash64("attach", "wan0", "--mode", "generic")
    lab.slash64("reload")
    check_equal(lab.status()["interfaces"][0]["mode"], "generic", "the mode after a reload")
    lab.slash64("detach", "wan0")
    lab.slash64("reload")
    check_equal(lab.status()["interfaces"][0]["mode"], "native", "the mode after it was detached")


@test
def one_that_is_missing_has_no_mode_and_no_program(lab):
    make(lab, "x0", "x1")
    lab.slash64("attach", "x0")
    lab.ip("edge", "link", "del", "x0")
    wait_for(lambda: states(lab)["x0"] == "missing", 5, "x0 to be missed")
    missing = [i for i in lab.status()["interfaces"] if i["name"] == "x0"][0]
    check_equal([missing[k] for k in ("mode", "method", "program_id", "ifindex")], ["none", "none", 0, 0], "what it says")
    lab.slash64("detach", "x0")


@test
def one_that_was_in_another_namespace_is_filtered_when_it_is_back(lab):
    """It restores its program, whose only remaining reference is its holder's: "another XDP program
    is there" was logged forever."""
    make(lab, "x0", "x1")
    lab.config("", "[{name: wan0}, {name: x0}]", on_exit="keep")
    lab.slash64("reload")
    for _ in range(2):
        lab.ip("edge", "link", "set", "x0", "netns", lab.ns("server"))
        wait_for(lambda: states(lab)["x0"] == "missing", 5, "x0 to be missed")
        lab.run("server", "ip", "link", "set", "x0", "netns", lab.ns("edge"))
        lab.ip("edge", "link", "set", "x0", "up")
        wait_for(lambda: states(lab)["x0"] == "attached", 15, "x0")
    x0 = next(i for i in lab.status()["interfaces"] if i["name"] == "x0")
    if x0["method"] == "direct":  # otherwise the dispatcher is the program on it
        check_equal(x0["program_id"], program_on(lab, "x0"), "x0's")
    check_equal(len(os.listdir(os.path.join(lab.pins, "programs"))), 2, "pins of programs")
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    lab.ip("edge", "link", "del", "x0")


@test
def one_that_was_away_when_slash64d_was_started_is_filtered_when_it_is_back(lab):
    """It restores the program of an earlier run. Without CAP_SYS_ADMIN only the pin shows that it
    is ours: "another XDP program is there" was logged forever."""
    def pins():
        return len(os.listdir(os.path.join(lab.pins, "programs")))

    both = "[{name: wan0}, {name: x0}]"
    make(lab, "x0", "x1")
    lab.config("", both, on_exit="keep")
    lab.slash64("reload")
    for number in (signal.SIGKILL, signal.SIGTERM):
        lab.ip("edge", "link", "set", "x0", "netns", lab.ns("server"))
        wait_for(lambda: states(lab)["x0"] == "missing", 5, "x0 to be missed")
        for _ in range(2):
            restart(lab, both, number)
        lab.run("server", "ip", "link", "set", "x0", "netns", lab.ns("edge"))
        lab.ip("edge", "link", "set", "x0", "up")
        wait_for(lambda: states(lab)["x0"] == "attached", 15, "x0")
        check_equal(pins(), 2, "pins of programs")
    lab.ip("edge", "link", "del", "x0")
    wait_for(lambda: states(lab)["x0"] == "missing", 5, "x0 to be missed")
    make(lab, "x0", "x1")
    wait_for(lambda: states(lab)["x0"] == "attached", 15, "another x0")
    check_equal(pins(), 2, "pins of programs, one of which was of an interface that is no more")
    lab.ip("edge", "link", "del", "x0")
    wait_for(lambda: states(lab)["x0"] == "missing", 5, "x0 to be missed")
    lab.config("", on_exit="keep")
    lab.slash64("reload")
    check_equal(pins(), 1, "pins of programs, where nobody wants x0 any more")


@test
def who_holds_the_lock_of_libxdp_stops_nothing(lab):
    """Like an xdp-loader that hangs: a start cleaned up dispatcher directories under that lock, and
    waited forever."""
    if lab.status()["interfaces"][0]["method"] != "direct":
        raise Skipped("the dispatcher of wan0 is known below another folder of libxdp's than this test's own")
    root = os.path.join("/sys/fs/bpf", os.path.basename(lab.dir) + "-xdp")  # others use the one of this machine
    os.makedirs(os.path.join(root, "xdp"))
    make(lab, "x0", "x1")
    lab.stop()
    held = subprocess.Popen(["flock", "--no-fork", os.path.join(root, "xdp"), "sh", "-c", "echo held; exec sleep 600"],
                            stdout=subprocess.PIPE, text=True)
    os.environ["LIBXDP_BPFFS"] = root
    try:
        held.stdout.readline()
        lab.start(lab.config("", on_exit="keep"))
        lab.slash64("attach", "x0")
        check_equal(states(lab), {"wan0": "attached", "x0": "attached"}, "the interfaces")
        lab.slash64("detach", "x0")
        check_equal((states(lab), program_on(lab, "x0")), ({"wan0": "attached"}, 0), "after the detach")
    finally:
        del os.environ["LIBXDP_BPFFS"]
        held.kill()
        held.wait()
    lab.stop()
    lab.start()
    lab.ip("edge", "link", "del", "x0")


@test
def an_attach_that_cannot_be_written_down_is_not_done(lab):
    """hostile 32"""
    make(lab, "x0", "x1")
    lab.stop()
    state = os.path.join(lab.dir, "state")
    saved = state + ".saved"
    shutil.copytree(state, saved)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0750", "tmpfs", state], check=True)
    try:
        shutil.copytree(saved, state, dirs_exist_ok=True)
        lab.start()
        with open(os.path.join(state, "filler"), "wb", buffering=0) as f:
            for size in (1 << 20, 4096, 512):
                try:
                    while True:
                        f.write(b"\0" * size)
                except OSError:
                    pass
        refused = None
        for _ in range(200):  # the log still has room for some pages
            done = lab.slash64("attach", "wan0", "--filter", "monitor", check=False)
            if done.returncode:
                refused = done
                break
            lab.slash64("attach", "wan0", check=False)
        check(refused and "make room" in refused.stderr, "it said %r" % refused)
        before = lab.status()["interfaces"]
        done = lab.slash64("attach", "x0", check=False)
        check(done.returncode == 1 and "make room" in done.stderr, "it said %r" % done)
        check_equal((program_on(lab, "x0"), sorted(states(lab))), (0, ["wan0"]), "what is attached")
        check_equal(lab.status()["interfaces"][0]["filter"], before[0]["filter"], "the filter")
        there = program_on(lab, "wan0")
        done = lab.slash64("detach", "wan0", check=False)
        check_equal((done.returncode, program_on(lab, "wan0")), (1, there), "a detach that cannot be written down")
    finally:
        lab.stop()
        subprocess.run(["umount", state], check=True)
    lab.start()
    lab.ip("edge", "link", "del", "x0")


main(lambda lab: lab.start(lab.config("", on_exit="keep")))
