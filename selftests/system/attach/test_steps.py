#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64d is killed before each system call with which it attaches, replaces, detaches, upgrades,
follows names and recovers; or, while it waits there, other programs remove things or add their
own. After the next start, or the next check by slash64d: one program on each wanted interface
and none on others, nothing left in memory or pinned, nothing from a blocked source passed, and
every packet judged and counted once.

    test_steps.py [WORD]...     STEPS=all: every step; STEPS=N: that many of each kind, at random;
                                SEED=N repeats them; SHARE=K/N: the Kth of N shares of them, so
                                that several runs cover all; OTHERS=one: others do one thing at
                                each step, in turn, not all of them (another SEED, another one)

A step is a system call that changes something others can see: pins, programs, links, directories,
files of the store (stepper.c). Reads, and everything that ends with the process, are not steps: a
kill before a read has the same effect as a kill before the next step."""
import functools
import glob
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import edge  # noqa: E402
import steps  # noqa: E402
from edge import index_of, quiet  # noqa: E402
from steps import (Done, Stepped, Watched, all_chosen, check_kernel, count_start, is_behind_a_dispatcher, look,  # noqa: E402
                   poke, start_lab, step_changes, step_starts, stop_lab, xdp_on)
from harness import Failed, Skipped, check, check_equal, main, needs_plain_build, test  # noqa: E402
from lab import BAD_1, LabError, wait_for  # noqa: E402

# --- the kinds ---

def kind(function):
    """A test that begins with wan0 alone, whatever the previous one left."""
    @functools.wraps(function)
    def begin(lab):
        configure(lab, "wan0")
        if lab.daemon.poll() is not None:
            start_lab(lab)
        for name in ("x0", "y0"):
            quiet(edge.detach, lab, name)
        edge.reload(lab)
        function(lab)
    return test(begin)


SIZES = "blocks: 1024, prefixes: 1024, limiter: 1024, interfaces: 4, "  # small, because every start makes tables of that size


def configure(lab, *names, text="", sizes=SIZES, on_exit="keep"):
    path = lab.config(text, "[%s]" % ", ".join("{name: %s}" % n for n in names), on_exit=on_exit)
    with open(path) as f:
        written = f.read()
    with open(path, "w") as f:
        f.write(written.replace("pins: ", sizes + "pins: "))
    return path


def all_attached(lab):
    return all(i["state"] == "attached" for i in edge.ask(lab, "GET", "/v1/status")["interfaces"])


def reboot(lab):
    stop_lab(lab)
    rm_own_pins(lab)
    xdp_off(lab)
    rm_libxdp(lab)


def starting(lab, variant="as it is", prepare=stop_lab):
    """One of the ways for step_starts()."""
    def way():
        prepare(lab)
        return variant
    return way


@kind
def the_first_attach_of_all(lab):
    step_starts(lab, "first starts", ["wan0"], starting(lab, prepare=reboot))


@kind
def a_start_that_takes_over(lab):
    with Watched(lab):
        step_starts(lab, "starts", ["wan0"], starting(lab))


def begin_with(lab, variant):
    stop_lab(lab)
    start_lab(lab, variant)
    stop_lab(lab)


def upgrade(lab, variant, counted):
    """Back and forth, in turn."""
    with Watched(lab, counted):
        step_starts(lab, "upgrades", ["wan0"], starting(lab, variant), starting(lab))
        stop_lab(lab)
        start_lab(lab)


@kind
def an_upgrade_to_another_program(lab):
    upgrade(lab, "program", True)


@kind
def an_upgrade_to_another_layout(lab):
    upgrade(lab, "layout", False)


@kind
def another_size_of_the_maps(lab):
    """hostile 36, too: a kill during the switch of maps left a program and maps in memory that
    nothing freed."""
    def of_size(blocks):
        def prepare(lab):
            stop_lab(lab)
            configure(lab, "wan0", sizes=SIZES.replace("1024", str(blocks), 1))
        return prepare

    with Watched(lab, counted=False):
        step_starts(lab, "other sizes", ["wan0"], starting(lab, prepare=of_size(4096)), starting(lab, prepare=of_size(8192)))
        stop_lab(lab)
        configure(lab, "wan0")
        start_lab(lab)


BY_HAND = (["wan0", "x0"], []), (["wan0"], ["x0"])


@kind
def attached_by_hand(lab):
    with Watched(lab):
        step_changes(lab, "attaches", lambda: quiet(edge.attach, lab, "x0"), lambda: quiet(edge.detach, lab, "x0"), *BY_HAND)


@kind
def detached_by_hand(lab):
    edge.attach(lab, "x0")
    with Watched(lab):
        step_changes(lab, "detaches", lambda: quiet(edge.detach, lab, "x0"), lambda: quiet(edge.attach, lab, "x0"), *BY_HAND)


@kind
def a_reload_that_gives_a_place_to_another(lab):
    def back():
        configure(lab, "wan0", "x0")
        edge.reload(lab)

    def change():
        configure(lab, "wan0", "y0")
        quiet(edge.reload, lab)

    back()
    with Watched(lab):
        step_changes(lab, "reloads", change, back, (["wan0", "y0"], ["x0"]))


@kind
def names_that_are_swapped(lab):
    """hostile 27"""
    configure(lab, "wan0", "x0")
    edge.reload(lab)

    def swap():
        for old, new in (("wan0", "tmp0"), ("x0", "wan0"), ("tmp0", "x0")):
            edge.set_link(lab, old, edge.IFLA_IFNAME, new)
            time.sleep(0.05 * steps.SLOWER)  # it may check between two

    def back():
        swap()
        poke(lab)
        wait_for(lambda: all_attached(lab), 10, "both")
        check_kernel(lab, (["wan0", "x0"], []))

    try:
        swap()
        back()
    except LabError:
        raise Skipped("this kernel renames no interface that is up")
    with Watched(lab, counted=False):  # it is counted as wan0, and as x0
        step_changes(lab, "swaps", swap, back, (["wan0", "x0"], []))


@kind
def recovered_after_others_took_it_off(lab):
    def back():
        poke(lab)
        wait_for(lambda: xdp_on(lab, "wan0"), 10, "it")

    step_changes(lab, "recoveries", lambda: xdp_off(lab), back, (["wan0"], []))


@kind
def ended_with_all_detached(lab):
    """on_exit: detach, and killed while it detaches."""
    def back():
        if lab.daemon.poll() is not None:
            start_lab(lab)

    def end():
        lab.daemon.send_signal(signal.SIGTERM)

    configure(lab, "wan0", on_exit="detach")
    edge.reload(lab)
    step_changes(lab, "ends", end, back, (["wan0"], []))


# --- starts that fail ---

class Failing:
    """A start with a fault from fail_at_call.c."""

    def __init__(self, lab, variant, **faults):
        self.lab, self.before = lab, len(lab.logged())
        words = ["%s=%d" % fault for fault in faults.items()]
        words.append("LD_PRELOAD=" + os.path.join(steps.BUILD, "fail_at_call.so"))
        self.process = lab.spawn("edge", "env", *words, os.path.join(steps.VARIANTS[variant], "slash64d"), "--config",
                                 os.path.join(lab.dir, "slash64.yaml"), stdout=lab.log, stderr=lab.log)
        wait_for(lambda: self.process.poll() is not None or "slash64d: ready" in self.said(), 30, "an end of the start")

    def said(self):
        return self.lab.logged(self.before)

    def failed(self):
        return self.process.poll() is not None

    def end(self):
        if not self.failed():
            self.process.kill()
            self.process.wait(timeout=20)


def what_filters(lab):
    seen = look(lab)
    return {name: (iface["xdp"] in seen["dispatchers"], iface["met"]) for name, iface in seen["interfaces"].items()}


def start_that_fails(lab, variant, **fault):
    """Does this make a start fail? Then nothing has changed."""
    stop_lab(lab)
    start_lab(lab)
    stop_lab(lab)
    configure(lab, "wan0", "x0", "y0", text="block: ['2001:db8:b10c:%x::/64']" % random.randrange(1, 65535))
    before, pinned = what_filters(lab), steps.listing(lab.pins)
    start = Failing(lab, variant, **fault)
    failed = start.failed()
    if failed:
        where = "a start with another %s and %r failed (%s)" % (variant, fault, start.said().strip().splitlines()[-1])
        check_equal(what_filters(lab), before, "programs, after " + where)
        check_equal(steps.listing(lab.pins), pinned, "what is pinned, after " + where)
    start.end()
    configure(lab, "wan0", "x0")
    start_lab(lab)
    check_kernel(lab, (["wan0", "x0"], ["y0"]))
    return failed, "is back" in start.said()


def begin_with_two(lab):
    needs_plain_build()  # something is preloaded
    configure(lab, "wan0", "x0")
    edge.reload(lab)


@kind
def a_start_that_fails_leaves_every_program_where_it_was(lab):
    """Refused means unchanged, for several interfaces, and where new ones were to be added."""
    begin_with_two(lab)
    with Watched(lab):
        check_equal(start_that_fails(lab, "program", FAIL_CONFINE=1), (True, True), "it failed behind a replacement")
        tried = [start_that_fails(lab, "program", FAIL_SYNC=at) for at in (1, 2, 4)]
    with Watched(lab, counted=False):
        tried += [start_that_fails(lab, "layout", FAIL_SYNC=at) for at in (1, 4)]
    print("# with a sync that fails, %d of %d starts do" % (sum(failed for failed, _ in tried), len(tried)), flush=True)


@kind
def a_replacement_that_fails_at_a_start_is_told_and_made_up_for(lab):
    """The earlier program continues with tables that nobody writes: it is of no use for long."""
    begin_with_two(lab)
    for variant, at in (("layout", 1), ("program", 2)):
        begin_with(lab, "as it is")
        before = what_filters(lab)
        start_lab(lab)
        with Watched(lab, counted=False):
            stop_lab(lab)
            start = Failing(lab, variant, FAIL_ATTACH=at)
            check(not start.failed(), "it did not start: " + start.said())
            check("; retrying" in start.said(), "it is not told: " + start.said())
            settle(lab, "wan0", "x0")
            after = what_filters(lab)
            check(all(after[name] != before[name] for name in ("wan0", "x0")), "one of before goes on: %r, %r" % (before, after))
            start.end()
            start_lab(lab)
            check_kernel(lab, (["wan0", "x0"], ["y0"]))


# --- others, meanwhile ---

def rm(pattern):
    for path in glob.glob(pattern):
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)  # a program that is not stopped may create more in it
        else:
            os.unlink(path)


def rm_own_pins(lab):
    rm(lab.pins)


def rm_maps(lab):
    rm(os.path.join(lab.pins, "maps"))


def xdp_off(lab):
    edge.xdp_set(lab, "wan0", -1)


def rm_libxdp(lab):
    """For this lab's interface alone; others share the directory."""
    rm("%s/dispatch-%d-*" % (steps.DISPATCHERS, index_of(lab, "wan0")))


def rm_links_of_libxdp(lab):
    rm("%s/dispatch-%d-*/*-link" % (steps.DISPATCHERS, index_of(lab, "wan0")))


def both(lab):
    rm_own_pins(lab)
    xdp_off(lab)


def others_program(lab):
    """The path of a pin of a program that passes everything."""
    path = os.path.join("/sys/fs/bpf", os.path.basename(lab.dir), "other")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        objects = glob.glob("/usr/lib/*/bpf/xdpfilt_alw_all.o")
        subprocess.run(["bpftool", "prog", "load", objects[0], path], check=True, capture_output=True)
    return path


def other_pins(lab):
    """Another program takes the pin of each of ours."""
    with edge.pinned(others_program(lab)) as other:
        for path in glob.glob(os.path.join(lab.pins, "programs", "*")):
            os.unlink(path)
            edge.pin(other, path)


def other_program(lab):
    """Another program takes the interface, and releases it."""
    xdp_off(lab)
    with edge.pinned(others_program(lab)) as other:
        edge.xdp_set(lab, "wan0", other, edge.XDP_FLAGS_DRV_MODE)
        poke(lab)
        edge.xdp_set(lab, "wan0", -1, edge.XDP_FLAGS_DRV_MODE)


def waits_for_a_lock(process):
    with open("/proc/locks") as f:
        return any("->" in line and str(process.pid) in line.split() for line in f)


def other_beside(lab):
    """Another program is added behind the dispatcher, and stays. If slash64d is stopped while it
    holds libxdp's lock, that happens after slash64d continues."""
    if is_behind_a_dispatcher(lab):
        comes = lab.spawn("edge", "xdp-loader", "load", "wan0", glob.glob("/usr/lib/*/bpf/xdpfilt_alw_all.o")[0])
        wait_for(lambda: comes.poll() is not None or waits_for_a_lock(comes), 20, "another program")
        return comes
    return None


def take_others_away(lab):
    """Unloads them; returns how many there were."""
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    for line in said.splitlines():
        if "xdpfilt_alw_all" in line.split():
            lab.run("edge", "xdp-loader", "unload", "wan0", "--id", line.split()[3])
    return said.count("xdpfilt_alw_all")


TAKEN = [rm_own_pins, rm_maps, xdp_off, rm_libxdp, rm_links_of_libxdp, both, other_pins, other_program, other_beside]


def each_step_with_others(lab, count, name, once):
    """once(at, what): at each step something that others can do."""
    one = os.environ.get("OTHERS", "all" if steps.STEPS == "all" else "one") == "one"
    for turn, at in enumerate(all_chosen(count, name), steps.SEED):
        for what in [TAKEN[turn % len(TAKEN)]] if one else TAKEN:
            try:
                once(at, what)
                Done.others += 1
            except (Failed, LabError) as error:
                raise Failed("%s at step %d: %s" % (what.__name__, at, error))


def settle(lab, *wanted):
    """It checks, and everything is as it should be."""
    poke(lab)
    wait_for(lambda: all_attached(lab), 15, "all of them")
    poke(lab)
    check_kernel(lab, (list(wanted), []))


def check_others(lab, others):
    if others and is_behind_a_dispatcher(lab):
        check_equal(take_others_away(lab), int(not others.returncode), "programs of others that are left")


@kind
def others_change_what_they_can_at_any_step_of_an_attach(lab):
    """hostile 24, 28, 29"""
    def attach(at, what):
        stepped = Stepped(lab, at, pid=lab.daemon.pid, pause=True)
        command = threading.Thread(target=quiet, args=(edge.attach, lab, "x0"))
        command.start()
        stepped.stops(lambda: not command.is_alive())
        others = what(lab)
        stepped.go_on()
        command.join(timeout=60 * steps.SLOWER)
        check(not command.is_alive(), "the attach does not end")
        if others:
            others.wait(timeout=60 * steps.SLOWER)
        stepped.end()
        return others

    def once(at, what):
        others = attach(at, what)
        quiet(edge.attach, lab, "x0")
        settle(lab, "wan0", "x0")
        check_others(lab, others)
        edge.detach(lab, "x0")
        settle(lab, "wan0")

    stepped = Stepped(lab, 0, pid=lab.daemon.pid)
    edge.attach(lab, "x0")
    count = stepped.end()[1]
    edge.detach(lab, "x0")
    each_step_with_others(lab, count, "attaches with others", once)


@kind
def a_pin_that_another_program_has_taken_goes_with_ours(lab):
    """One left there was in nobody's way, but nobody could remove it until the next start."""
    edge.attach(lab, "x0")
    settle(lab, "wan0", "x0")
    other_pins(lab)
    xdp_off(lab)
    edge.detach(lab, "x0")
    edge.attach(lab, "wan0")
    settle(lab, "wan0")
    with edge.pinned(others_program(lab)) as other:
        check_equal([path for path in glob.glob(os.path.join(lab.pins, "programs", "*")) if edge.has_program(path, other)], [],
                    "pins of another's program")


@kind
def pins_that_are_removed_while_the_first_start_makes_them_are_made_again(lab):
    """The directory of all pins, which it creates and locks before there are maps, and its
    contents; until the first pin."""
    for at in range(1, 100):
        reboot(lab)
        stepped = Stepped(lab, at, pause=True, first="mkdir")
        stepped.stops(lambda: stepped.is_ready())
        rm_own_pins(lab)
        stepped.go_on()
        stepped.ready()
        check(stepped.lives(), "removed before step %d, it ended: %s" % (at, stepped.said()))
        settle(lab, "wan0")
        second = lab.run("edge", os.path.join(steps.VARIANTS["as it is"], "slash64d"), "--config",
                         os.path.join(lab.dir, "slash64.yaml"), check=False)
        check(second.returncode and "another slash64d" in second.stderr, "a second one starts: %r" % second.stderr)
        where, _ = stepped.end()
        if "OBJ_PIN" in where:
            break
    print("# removed before %d steps" % at, flush=True)
    start_lab(lab)


@kind
def others_change_what_they_can_at_any_step_of_an_upgrade(lab):
    """Each begins with the state the previous one left: back and forth, in turn."""
    stop_lab(lab)
    count = count_start(lab, "program")
    variants = itertools.cycle(("as it is", "program"))

    def start(at, what, variant):
        stepped = Stepped(lab, at, variant=variant, pause=True)
        stepped.stops(lambda: stepped.is_ready())
        others = what(lab)
        stepped.go_on()
        if others:
            others.wait(timeout=60 * steps.SLOWER)
        stepped.ready()
        check(stepped.lives(), "the start failed: " + stepped.said())
        return stepped, others

    def once(at, what):
        variant = next(variants)
        stepped, others = start(at, what, variant)
        settle(lab, "wan0")
        check_others(lab, others)
        stepped.end()

    each_step_with_others(lab, count, "upgrades with others", once)
    start_lab(lab)
    check_kernel(lab, (["wan0"], []))


def prepare(lab):
    print("# SEED=%d" % steps.SEED, flush=True)
    for name in ("x0", "y0"):
        lab.ip("edge", "link", "add", name, "type", "veth", "peer", "name", name + "p")
        lab.ip("edge", "link", "set", name, "up")
    steps.note_what_others_have(lab)
    lab.start(configure(lab, "wan0"))
    lab.slash64("block", BAD_1)


main(prepare)
