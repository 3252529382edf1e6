#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Beside another XDP program, behind libxdp's dispatcher: xdp-filter, attached before slash64 and after it. Needs a kernel
with program extensions, as those of `make check-vm` are."""
import shutil
import signal

from harness import Skipped, check, check_equal, main, test
from lab import BAD_1, wait_for

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
    """Packets that xdp-filter has seen on the edge, whatever it did with them."""
    said = lab.run("edge", "xdp-filter", "status").stdout
    return sum(int(line.split()[1]) for line in said.splitlines()
               if line.strip().startswith(("XDP_PASS", "XDP_DROP")))


def load_filter(lab):
    lab.run("edge", "xdp-filter", "load", "wan0", "--mode", "native", "--policy", "allow")


def unload_filter(lab):
    lab.run("edge", "xdp-filter", "unload", "wan0", check=False)


def programs(lab):
    """The names of those behind the dispatcher."""
    said = lab.run("edge", "xdp-loader", "status", "wan0").stdout
    return sorted({word for line in said.splitlines() for word in line.split() if word in ("slash64", "xdpfilt_alw_all")})


def came(lab):
    """[a blocked site's packets, another's]"""
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


main(lambda lab: lab.start(lab.config("", on_exit="keep")))
