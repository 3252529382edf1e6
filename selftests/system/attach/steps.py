# SPDX-License-Identifier: GPL-2.0-only
"""slash64d, stopped before a system call: the tools of test_steps.py to do that, and to check what
is left."""
import glob
import json
import os
import random
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

import edge  # noqa: E402
from harness import Failed, check, check_equal  # noqa: E402
import lab as laboratory  # noqa: E402
from lab import BAD_1, BUILD, LabError, wait_for  # noqa: E402

STEPS = os.environ.get("STEPS", "3")
SHARE, SHARES = (int(n) for n in os.environ.get("SHARE", "1/1").split("/"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))
CLEAN = "2001:db8:900d:1::/64"
SLOWER = int(os.environ.get("SLOWER", "1"))  # in a guest
PROGRAMS = os.path.join(BUILD, "short") if os.environ.get("PROGRAM") == "short" else BUILD
VARIANTS = {"as it is": PROGRAMS, "program": os.path.join(PROGRAMS, "variant-program"),
            "layout": os.path.join(PROGRAMS, "variant-layout")}
STEPPER = os.path.join(BUILD, "stepper")
FLOOD_S = 30000  # it ends before the cleanup
SETTLE_S = 1 * SLOWER  # the delayed effects of a change have happened
KERNEL_FREES_S = 15
DISPATCHERS = "/sys/fs/bpf/xdp"


# --- the state in the kernel ---

def owner_of(pins):
    """Like maps_owner(): the owner of the maps."""
    value = 0xcbf29ce484222325
    for byte in pins.encode():
        value = ((value ^ byte) * 0x100000001b3) % (1 << 64)
    return value


def look(lab):
    """The output of attached.c."""
    return edge.look(lab, "%x" % owner_of(lab.pins))


def folders():
    return set(os.path.basename(path) for path in glob.glob(DISPATCHERS + "/*"))


class Before:
    """What others had when the lab began."""
    folders, dispatchers = set(), set()


def note_what_others_have(lab):
    Before.folders, Before.dispatchers = folders(), set(look(lab)["dispatchers"])


def xdp_on(lab, name):
    return look(lab)["interfaces"][name]["xdp"]


def is_behind_a_dispatcher(lab, name="wan0"):
    return xdp_on(lab, name) in look(lab)["dispatchers"]


def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def what_is_wrong(lab, wanted, idle):
    """Exactly one slash64 on each wanted interface and on no other, one set of maps, and nothing
    unused: programs, dispatchers, their directories, pins. None if all is well."""
    seen = look(lab)
    met = {name: len(iface["met"]) for name, iface in seen["interfaces"].items()}
    dispatched = {name: iface for name, iface in seen["interfaces"].items() if iface["xdp"] in seen["dispatchers"]}
    said = [
        ("slash64 on each", {name: count for name, count in met.items() if count or name in wanted},
         {name: 1 for name in wanted}),
        ("slash64 where it is not wanted", [name for name in idle if met[name]], []),
        ("programs in memory", len(seen["programs"]), len(wanted)),
        ("sets of maps", len(seen["facts"]), 1),
        ("dispatchers", len(set(seen["dispatchers"]) - Before.dispatchers), len(dispatched)),
        ("folders of dispatchers", sorted(folders() - Before.folders),
         sorted("dispatch-%d-%d" % (iface["index"], iface["xdp"]) for iface in dispatched.values())),
        ("pins of programs", len(listing(os.path.join(lab.pins, "programs"))), len(wanted)),
        ("what is pinned", listing(lab.pins), ["maps", "programs"]),
    ]
    wrong = ["%s: %r, not %r" % one for one in said if one[1] != one[2]]
    return "; ".join(wrong) or None


def holders(lab):
    """The holders of what is left: processes with a descriptor, and programs in memory, for each
    set of maps."""
    facts, said = look(lab)["facts"], []
    for path in glob.glob("/proc/[0-9]*/fdinfo/*"):
        try:
            with open(path) as f:
                held = [fact for fact in facts if "map_id:\t%d\n" % fact in f.read()]
            with open("/proc/%s/comm" % path.split("/")[2]) as f:
                said += ["%s has %d" % (f.read().strip(), fact) for fact in held]
        except OSError:
            pass
    shown = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True)
    for program in json.loads(shown.stdout or "[]"):
        said += ["program %d (%s) has %d" % (program["id"], program.get("name", "?"), fact)
                 for fact in facts if fact in program.get("map_ids", [])]
    return "; sets of maps %r: %s" % (facts, ", ".join(said) or "nobody has one")


def check_kernel(lab, *possible):
    """`possible`: (wanted, idle), one of which must hold soon: the kernel frees late, a program and
    then its maps, each after a grace period and in a worker of its own. Leaks stay."""
    begun, wrong = time.monotonic(), []

    def right():
        wrong.append(" or ".join(str(what_is_wrong(lab, *one)) for one in possible))
        return any(what == "None" for what in wrong[-1].split(" or "))
    try:
        wait_for(right, KERNEL_FREES_S, "it")
    except LabError:
        raise Failed(wrong[-1] + holders(lab))
    if time.monotonic() - begun > 1 and len(wrong) > 1:
        print("# the kernel took %.1f s: %s" % (time.monotonic() - begun, wrong[-2]), flush=True)


def poke(lab):
    """slash64d checks its interfaces when something changes on one."""
    edge.set_link(lab, "lan0", edge.IFLA_IFALIAS, "look%d" % random.randrange(1 << 30))


# --- steps ---

class Stepped:
    """One that is watched from its start, or from now on."""

    def __init__(self, lab, at, pid=None, variant="as it is", pause=False, first=None):
        """`first`: the name of the call at which counting starts."""
        self.lab, self.before = lab, len(lab.logged())
        words = [STEPPER, "--at", str(at)] + (["--pause"] if pause else []) + (["--from", first] if first else [])
        if pid:
            words += ["--pid", str(pid)]
            out = {"stderr": subprocess.PIPE}
        else:
            words += [os.path.join(VARIANTS[variant], "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml")]
            out = {"stderr": lab.log}
        self.process = subprocess.Popen(lab.argv("edge", words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **out)
        lab.processes.append(self.process)
        self.told = b""  # by the stepper
        first = self.hear(20 * SLOWER)
        check(first.startswith("seized "), "the stepper said %r" % first)
        self.pid = int(first.split()[1])

    def hear(self, seconds):
        """The stepper's output: when there is more of it, or after a while."""
        out = self.process.stdout
        if not out.closed and select.select([out], [], [], seconds)[0]:
            more = os.read(out.fileno(), 4096)
            self.told += more
            if not more:
                out.close()
        return self.told.decode()

    def said(self):
        return self.lab.logged(self.before)

    def is_ready(self):
        return "slash64d: ready" in self.said()

    def ready(self):
        """And the work it does afterwards is done; or it is killed at its step."""
        wait_for(lambda: self.process.poll() is not None or self.is_ready(), 60, "slash64d", step=0.01)
        self.ends_within(0.1 * SLOWER)

    def ends_within(self, seconds):
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass

    def lives(self):
        """A process that has ended, but was not waited for, has released everything it held."""
        try:
            with open("/proc/%d/stat" % self.pid) as f:
                return f.read().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def stops(self, meanwhile):
        """Waits until it waits at its step, or `meanwhile` is over; does it?"""
        wait_for(lambda: "\nat " in self.hear(0.02) or self.process.stdout.closed or meanwhile(), 20, "the step", step=0)
        return "\nat " in self.told.decode()

    def go_on(self):
        try:
            self.process.stdin.write(b"\n" * 2)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended; the caller that waits for it reports that

    def end(self):
        """(where it stopped or "", how many calls it counted). A started process ends, one that was
        running before continues."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        wait_for(lambda: self.hear(1) is None or self.process.stdout.closed, 60, "the end of the stepper", step=0)
        self.process.wait(timeout=60)
        self.process.stdin.close()
        said = dict(line.split(" ", 1) for line in self.told.decode().splitlines() if " " in line)
        return said.get("at", ""), int(said.get("counted", "0"))


def chosen(count):
    """The numbers of the steps: all, or some; and this share of them."""
    steps = range(1, count + 1)
    if STEPS != "all":
        steps = sorted(random.Random(SEED + count).sample(steps, min(int(STEPS), count)))
    return list(steps)[SHARE - 1::SHARES]


class Done:
    """For the kind that is running."""
    kills, others = 0, 0


def all_chosen(count, what):
    """Each of them, with the progress, for an operator who watches a run of hours."""
    steps, begun = chosen(count), time.monotonic()
    Done.kills, Done.others = 0, 0
    for done, at in enumerate(steps):
        if done % 10 == 0:
            print("%s: %d of %d done, %d s" % (what, done, len(steps), time.monotonic() - begun), flush=True)
        yield at
    print("# %s: %d of %d steps, %d kills, %d times others, %d s"
          % (what, len(steps), count, Done.kills, Done.others, time.monotonic() - begun), flush=True)


def sum_of(lines, *words):
    return sum(int(line.split()[-1]) for line in lines if all(word in line for word in words))


class Watched:
    """Floods from a blocked and a clean source the whole time. Afterwards: nothing of the first has
    passed, all of the second has; and whatever the interface counted as received was counted
    once by slash64."""

    def __init__(self, lab, counted=True):
        self.lab, self.counted = lab, counted
        self.before = self.counts()
        self.receiver = lab.receiver(FLOOD_S)
        self.floods = [lab.flood(BAD_1, 1000 // SLOWER, FLOOD_S, "udp"), lab.flood(CLEAN, 240 // SLOWER, FLOOD_S, "udp")]
        time.sleep(0.2 * SLOWER)

    def interface(self, host, name):
        return json.loads(self.lab.ip(host, "-j", "-s", "link", "show", "dev", name).stdout)[0]["stats64"]

    def counts(self):
        """Packets on wan0: UDP, dropped as blocked and passed; all, as counted by slash64 and by
        the interface; and those lost by the kernel behind it. If packets arrive during the
        reading, it is repeated."""
        while True:
            came = self.interface("edge", "wan0")["rx"]["packets"]
            lines = [line for line in self.lab.slash64("metrics").stdout.splitlines()
                     if line.startswith('slash64_packets_total{interface="wan0"')]
            lost = self.interface("edge", "lan0")["tx"]["dropped"] + self.interface("server", "eth0")["rx"]["dropped"]
            if self.interface("edge", "wan0")["rx"]["packets"] == came:
                return {"bad": sum_of(lines, 'class="udp"', 'reason="blocked"'),
                        "good": sum_of(lines, 'class="udp"', 'verdict="pass"'),
                        "processed": sum_of(lines), "came": came, "lost": lost}

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        sent = []
        for flood in self.floods:
            self.lab.end(flood)
            sent.append(json.loads(flood.communicate(timeout=60)[0])["sent"])
        time.sleep(0.2 * SLOWER)
        self.lab.end(self.receiver)
        out, told = self.receiver.communicate(timeout=120)
        got, unread = json.loads(out), int(told.split()[-1])
        if kind:
            return
        check(BAD_1 not in got, "%s packets of the blocked source passed" % got.get(BAD_1, {}).get("packets"))
        came, after = got[CLEAN]["packets"], self.counts()
        counted = {name: after[name] - self.before[name] for name in after}
        if self.counted:
            check_equal(counted["processed"], counted["came"], "packets counted, of those that came in")
        if SLOWER == 1:
            check_equal(came, sent[1], "packets of the clean source")
            check_equal([counted["bad"], counted["good"]] if self.counted else sent, sent, "counted, not what was sent")
            return
        # a guest has too little CPU time: its links lose some packets before the edge, and behind
        # it, where they count them
        check(came <= sent[1], "%d packets of the clean source came, of %d" % (came, sent[1]))
        if self.counted:
            check(counted["bad"] <= sent[0] and counted["good"] <= sent[1], "counted %r, sent %r" % (counted, sent))
            check(counted["good"] - counted["lost"] - unread <= came <= counted["good"],
                  "counted %r, %d came, the receiver had no room for %d" % (counted, came, unread))


def stop_lab(lab, number=signal.SIGKILL):
    if lab.daemon and lab.daemon.poll() is None:
        lab.daemon.send_signal(number)
        lab.daemon.wait(timeout=60)


def where_it_waits(process):
    """Its place in the kernel, for a process that does not arrive."""
    said = []
    for name in ("wchan", "syscall", "stack"):
        try:
            with open("/proc/%d/%s" % (process.pid, name)) as f:
                said.append("%s %s" % (name, " ".join(f.read().split())))
        except OSError:
            pass
    return ", ".join(said) or "it is gone"


def start_lab(lab, variant="as it is"):
    laboratory.BUILD = VARIANTS[variant]
    try:
        lab.start()
    except LabError as error:
        raise LabError("%s; %s" % (error, where_it_waits(lab.daemon)))
    finally:
        laboratory.BUILD = BUILD


def count_start(lab, variant):
    """The number of steps of a start."""
    stepped = Stepped(lab, 0, variant=variant)
    stepped.ready()
    return stepped.end()[1]


def step_starts(lab, what, wanted, *ways):
    """Kills a start at every step, starts again, and checks. Each of `ways` stops slash64d, creates
    the situation the start is to find, where the previous one has not left it, and returns the
    variant to start; they take turns."""
    count = max(count_start(lab, way()) for way in ways)
    for turn, at in enumerate(all_chosen(count, what), SEED):
        variant = ways[turn % len(ways)]()
        stepped = Stepped(lab, at, variant=variant)
        stepped.ready()
        where, _ = stepped.end()
        Done.kills += bool(where)
        start_lab(lab, variant)
        try:
            check_kernel(lab, (wanted, []))
        except (Failed, LabError) as error:
            raise Failed("killed before step %d, %s, of a start of %s: %s" % (at, where, variant, error))


def step_changes(lab, what, change, back, *possible):
    """Kills a running one at every step of a change, starts it, and checks. `possible`: the state
    after a start, where that depends on how far the change got."""
    def once(at):
        stepped = Stepped(lab, at, pid=lab.daemon.pid)
        change()
        stepped.ends_within(SETTLE_S)
        return stepped.end()

    _, count = once(0)
    back()
    for at in all_chosen(count, what):
        where, _ = once(at)
        Done.kills += bool(where)
        if lab.daemon.poll() is None and where:
            lab.daemon.wait(timeout=20)
        if lab.daemon.poll() is not None:
            start_lab(lab)
        try:
            check_kernel(lab, *possible)
        except (Failed, LabError) as error:
            raise Failed("killed before step %d, %s: %s" % (at, where, error))
        back()
