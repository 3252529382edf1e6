#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64d is killed before each of the system calls with which it attaches, replaces, detaches, upgrades, follows names
and recovers, or others take away what it has while it waits there. After the next start, or a look: one program on each
interface that is wanted and none on others, nothing left in memory, nothing of a blocked source passed, and everything
judged and counted once.

    test_steps.py [WORD]...     STEPS=all: every step; STEPS=N: so many of each kind, at random; SEED=N repeats them
"""
import json
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net"))

from harness import Failed, Skipped, check, check_equal, main, test  # noqa: E402
import lab as laboratory  # noqa: E402
from lab import BAD_1, BUILD, LabError, wait_for  # noqa: E402

STEPS = os.environ.get("STEPS", "4")
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))
CLEAN = "2001:db8:900d:1::/64"
VARIANTS = {"as it is": BUILD, "program": os.path.join(BUILD, "variant-program"),
            "layout": os.path.join(BUILD, "variant-layout")}
STEPPER = os.path.join(BUILD, "stepper")
FLOOD_S = 3000  # it is ended before
SETTLE_S = 1.5   # what a change still brings about has come


# --- what is in the kernel ---

def owner_of(pins):
    """As tables_owner() has it: whose maps they are."""
    value = 0xcbf29ce484222325
    for byte in pins.encode():
        value = ((value ^ byte) * 0x100000001b3) % (1 << 64)
    return value


owners = {}  # by the id of a map of facts, which is not given twice while this runs


def owner_in(map_id):
    if map_id not in owners:
        said = subprocess.run(["bpftool", "-j", "map", "dump", "id", str(map_id)], capture_output=True, text=True)
        try:
            value = json.loads(said.stdout)[0]
            raw = bytes(int(byte, 16) for byte in value["value"][-8:])
        except (ValueError, KeyError, IndexError):
            return None  # it is gone
        owners[map_id] = int.from_bytes(raw, "little")
    return owners[map_id]


def bpftool(what):
    said = subprocess.run(["bpftool", "-j", what, "show"], capture_output=True, text=True)
    return json.loads(said.stdout or "[]")


def in_memory(lab):
    """The ids of this lab's programs and of its sets of maps."""
    mine = owner_of(lab.pins)
    facts = {m["id"] for m in bpftool("map") if m.get("name") == "s64_meta" and owner_in(m["id"]) == mine}
    return {p["id"] for p in bpftool("prog") if p.get("name") == "slash64" and facts & set(p.get("map_ids", []))}, facts


def xdp_on(lab, name):
    said = json.loads(lab.run("edge", "ip", "-j", "link", "show", "dev", name).stdout)[0]
    return said.get("xdp", {}).get("prog", {}).get("id", 0)


def check_kernel(lab, wanted, idle=()):
    """One program for each that is wanted, in memory and attached; none for others; one set of maps."""
    def found():
        programs, facts = in_memory(lab)
        return len(programs), len(facts), [bool(xdp_on(lab, n)) for n in wanted], [bool(xdp_on(lab, n)) for n in idle]

    right = len(wanted), 1, [True] * len(wanted), [False] * len(idle)
    end = time.monotonic() + 3  # the kernel frees late
    while found() != right and time.monotonic() < end:
        time.sleep(0.1)
    check_equal(found(), right, "programs, sets of maps, on those that are wanted, on others")
    pins = os.listdir(os.path.join(lab.pins, "programs"))
    check_equal(len(pins), len(wanted), "pins of programs, %r" % pins)
    check_equal(sorted(os.listdir(lab.pins)), ["maps", "programs"], "what is pinned")


# --- steps ---

class Stepped:
    """One that is watched from its start, or from now on."""

    def __init__(self, lab, at, pid=None, variant="as it is", pause=False):
        self.lab, self.before = lab, len(lab.logged())
        words = [STEPPER, "--at", str(at)] + (["--pause"] if pause else [])
        if pid:
            words += ["--pid", str(pid)]
            out = {"stderr": subprocess.PIPE}
        else:
            words += [os.path.join(VARIANTS[variant], "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml")]
            out = {"stderr": lab.log}
        self.process = subprocess.Popen(lab.argv("edge", words), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        **out)
        lab.processes.append(self.process)
        first = self.process.stdout.readline()
        check(first.startswith("seized "), "the stepper said %r" % first)
        self.pid = int(first.split()[1])

    def ready(self):
        wait_for(lambda: self.process.poll() is not None or "slash64d: ready" in self.lab.logged(self.before), 60,
                 "slash64d")

    def end(self):
        """(where it stopped or "", how many calls it counted)"""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=60)
        said = dict(line.split(" ", 1) for line in out.splitlines() if " " in line)
        return said.get("at", ""), int(said.get("counted", "0"))


def chosen(count):
    if STEPS == "all":
        return range(1, count + 1)
    rng = random.Random(SEED + count)
    return sorted(rng.sample(range(1, count + 1), min(int(STEPS), count)))


class Watched:
    """Floods of a blocked and of a clean site all the while. Afterwards: nothing of the one passed, all of the other."""

    def __init__(self, lab, counted=True):
        self.lab, self.counted = lab, counted
        self.before = self.counts()
        self.receiver = lab.receiver(FLOOD_S)
        self.floods = [lab.flood(BAD_1, 1000, FLOOD_S, "udp"), lab.flood(CLEAN, 200, FLOOD_S, "udp")]
        time.sleep(0.3)

    def counts(self):
        """Packets of UDP on wan0, dropped as blocked and passed."""
        bad = good = 0
        for line in self.lab.slash64("metrics").stdout.splitlines():
            if line.startswith('slash64_packets_total{interface="wan0"') and 'class="udp"' in line:
                bad += int(line.split()[-1]) if 'reason="blocked"' in line else 0
                good += int(line.split()[-1]) if 'verdict="pass"' in line else 0
        return bad, good

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        sent = []
        for flood in self.floods:
            self.lab.end(flood)
            sent.append(json.loads(flood.communicate(timeout=60)[0])["sent"])
        time.sleep(0.3)
        self.lab.end(self.receiver)
        got = self.lab.received(self.receiver)
        if kind:
            return
        check(BAD_1 not in got, "%s packets of the blocked site passed" % got.get(BAD_1, {}).get("packets"))
        check_equal(got[CLEAN]["packets"], sent[1], "packets of the clean site")
        if self.counted:
            after = self.counts()
            check_equal([after[0] - self.before[0], after[1] - self.before[1]], sent, "counted, not what was sent")


def stop_lab(lab, number=signal.SIGKILL):
    if lab.daemon and lab.daemon.poll() is None:
        lab.daemon.send_signal(number)
        lab.daemon.wait(timeout=60)


def start_lab(lab, variant="as it is"):
    laboratory.BUILD = VARIANTS[variant]
    try:
        lab.start()
    finally:
        laboratory.BUILD = BUILD


def count_start(lab, variant):
    """How many steps a start has."""
    stepped = Stepped(lab, 0, variant=variant)
    stepped.ready()
    counted = stepped.end()[1]
    os.kill(stepped.pid, signal.SIGKILL)
    wait_for(lambda: not os.path.exists("/proc/%d" % stepped.pid), 20, "its end")
    return counted


def step_starts(lab, prepare, variant, wanted, then=None):
    """Kill a start at every step, start again, look. prepare() brings back what it begins with."""
    done = 0
    prepare()
    for at in chosen(count_start(lab, variant)):
        prepare()
        stepped = Stepped(lab, at, variant=variant)
        stepped.ready()
        where, _ = stepped.end()
        if not where:
            os.kill(stepped.pid, signal.SIGKILL)
            wait_for(lambda: not os.path.exists("/proc/%d" % stepped.pid), 20, "its end")
        start_lab(lab, variant)
        try:
            check_kernel(lab, wanted)
            if then:
                then()
        except (Failed, LabError) as error:
            raise Failed("killed before step %s: %s" % (where, error))
        done += 1
    print("# %d starts killed" % done, flush=True)


def step_changes(lab, change, back, wanted, idle=(), known=None):
    """Kill a running one at every step of a change, start it, look. `known` are those that a start has again, where they
    depend on how far it got: a list of (wanted, idle), one of which must be so."""
    possible = known or [(wanted, idle)]

    def once(at):
        stepped = Stepped(lab, at, pid=lab.daemon.pid)
        change()
        settled = time.monotonic() + SETTLE_S
        while stepped.process.poll() is None and time.monotonic() < settled:
            time.sleep(0.02)
        return stepped.end()

    _, count = once(0)
    back()
    for at in chosen(count):
        where, _ = once(at)
        if lab.daemon.poll() is None and where:
            lab.daemon.wait(timeout=20)
        if lab.daemon.poll() is not None:
            start_lab(lab)
        failures = []
        for one in possible:
            try:
                check_kernel(lab, *one)
                break
            except (Failed, LabError) as error:
                failures.append(str(error))
        else:
            raise Failed("killed before step %s: %s" % (where, "; or ".join(failures)))
        back()
    print("# %d of %d steps of a change" % (len(chosen(count)), count), flush=True)


# --- the kinds ---

def quiet(lab, *words):
    lab.slash64(*words, check=False)


def reboot(lab):
    stop_lab(lab)
    subprocess.run(["rm", "-rf", lab.pins], check=True)
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")


def configure(lab, *names, text=""):
    lab.config(text, "[%s]" % ", ".join("{name: %s}" % n for n in names), on_exit="keep")


@test
def the_first_attach_of_all(lab):
    step_starts(lab, lambda: reboot(lab), "as it is", ["wan0"])


@test
def a_start_that_takes_over(lab):
    with Watched(lab):
        step_starts(lab, lambda: stop_lab(lab), "as it is", ["wan0"])


def begin_with(lab, variant):
    stop_lab(lab)
    start_lab(lab, variant)
    stop_lab(lab)


@test
def an_upgrade_to_another_program(lab):
    with Watched(lab):
        step_starts(lab, lambda: begin_with(lab, "as it is"), "program", ["wan0"])
        stop_lab(lab)
        start_lab(lab)


@test
def an_upgrade_to_another_layout(lab):
    with Watched(lab, counted=False):
        step_starts(lab, lambda: begin_with(lab, "as it is"), "layout", ["wan0"])
        stop_lab(lab)
        start_lab(lab)


@test
def another_size_of_the_tables(lab):
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        small = f.read().replace("pins: ", "blocks: 4096, pins: ")
    large = small.replace("blocks: 4096", "blocks: 8192")

    def prepare():
        stop_lab(lab)
        with open(config, "w") as f:
            f.write(small)
        start_lab(lab)
        stop_lab(lab)
        with open(config, "w") as f:
            f.write(large)

    with Watched(lab, counted=False):
        step_starts(lab, prepare, "as it is", ["wan0"])
        stop_lab(lab)
        configure(lab, "wan0")
        start_lab(lab)


@test
def attached_by_hand(lab):
    with Watched(lab):
        step_changes(lab, lambda: quiet(lab, "attach", "x0"), lambda: quiet(lab, "detach", "x0"), None,
                     known=[(["wan0", "x0"], []), (["wan0"], ["x0"])])


@test
def detached_by_hand(lab):
    lab.slash64("attach", "x0")
    with Watched(lab):
        step_changes(lab, lambda: quiet(lab, "detach", "x0"), lambda: quiet(lab, "attach", "x0"), None,
                     known=[(["wan0", "x0"], []), (["wan0"], ["x0"])])
    lab.slash64("detach", "x0")


@test
def a_reload_that_gives_a_place_to_another(lab):
    def back():
        configure(lab, "wan0", "x0")
        lab.slash64("reload")

    def change():
        configure(lab, "wan0", "y0")
        quiet(lab, "reload")

    back()
    with Watched(lab):
        step_changes(lab, change, back, ["wan0", "y0"], ["x0"])
    configure(lab, "wan0")
    lab.slash64("reload")


@test
def names_that_are_swapped(lab):
    """hostile 27"""
    configure(lab, "wan0", "x0")
    lab.slash64("reload")

    def swap():
        for old, new in (("wan0", "tmp0"), ("x0", "wan0"), ("tmp0", "x0")):
            lab.ip("edge", "link", "set", old, "name", new)

    def back():
        swap()
        wait_for(lambda: all(i["state"] == "attached" for i in lab.status()["interfaces"]), 10, "both")
        time.sleep(0.3)

    try:
        swap()
        back()
    except LabError:
        raise Skipped("this kernel renames no interface that is up")
    with Watched(lab, counted=False):  # it is counted as wan0, and as x0
        step_changes(lab, swap, back, ["wan0", "x0"])
    configure(lab, "wan0")
    lab.slash64("reload")


@test
def recovered_after_others_took_it_off(lab):
    def change():
        lab.ip("edge", "link", "set", "wan0", "xdp", "off")
        time.sleep(0.5)

    step_changes(lab, change, lambda: wait_for(lambda: xdp_on(lab, "wan0"), 10, "it"), ["wan0"])


# --- others, meanwhile ---

def rm_own_pins(lab):
    subprocess.run(["rm", "-rf", lab.pins], check=True)


def rm_maps(lab):
    subprocess.run(["rm", "-rf", os.path.join(lab.pins, "maps")], check=True)


def xdp_off(lab):
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")


def rm_libxdp(lab):
    """Of this lab's interfaces alone; others share the folder."""
    index = json.loads(lab.ip("edge", "-j", "link", "show", "dev", "wan0").stdout)[0]["ifindex"]
    subprocess.run("rm -rf /sys/fs/bpf/xdp/dispatch-%d-*" % index, shell=True, check=True)


def both(lab):
    rm_own_pins(lab)
    xdp_off(lab)


@test
def others_take_away_what_they_can_at_any_step(lab):
    """hostile 24, 28, 29"""
    kinds = [rm_own_pins, rm_maps, xdp_off, rm_libxdp, both]
    rng = random.Random(SEED)

    def once(at, what):
        stepped = Stepped(lab, at, pid=lab.daemon.pid, pause=True)
        command = lab.spawn("edge", lab.cli, "--socket", lab.socket, "attach", "x0")
        stopped = wait_for(lambda: command.poll() is not None or os.path.exists("/proc/%d" % stepped.pid) and
                           "t (tracing" in open("/proc/%d/status" % stepped.pid).read(), 20, "the step")
        time.sleep(0.05)
        what(lab)
        stepped.process.stdin.write("\n" * 2)
        stepped.process.stdin.flush()
        command.wait(timeout=60)
        time.sleep(0.1)
        return stepped.end(), stopped

    stepped = Stepped(lab, 0, pid=lab.daemon.pid)
    lab.slash64("attach", "x0")
    count = stepped.end()[1]
    lab.slash64("detach", "x0")
    for at in chosen(count):
        for what in kinds if STEPS == "all" else [rng.choice(kinds)]:
            once(at, what)
            quiet(lab, "attach", "x0")
            try:
                wait_for(lambda: all(i["state"] == "attached" for i in lab.status()["interfaces"]), 10, "both")
                time.sleep(2.2)  # a look
                check_kernel(lab, ["wan0", "x0"])
                lab.slash64("detach", "x0")
                check_kernel(lab, ["wan0"], ["x0"])
                stop_lab(lab)
                start_lab(lab)
                check_kernel(lab, ["wan0"], ["x0"])
            except (Failed, LabError) as error:
                raise Failed("%s at step %d: %s" % (what.__name__, at, error))


def prepare(lab):
    print("# SEED=%d" % SEED, flush=True)
    for name in ("x0", "y0"):
        lab.ip("edge", "link", "add", name, "type", "veth", "peer", "name", name + "p")
        lab.ip("edge", "link", "set", name, "up")
    lab.start(lab.config("", on_exit="keep"))
    lab.slash64("block", BAD_1)


main(prepare)
