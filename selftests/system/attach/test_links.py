#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Interfaces that change while slash64d runs: it notices, restores what is wanted, logs it, and
never crashes."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
from lab import BAD_1, LabError, wait_for

CONFIG = ("", "[{name: wan0}, {name: x0}]")


def make(lab, name="x0", peer="x1", mtu="1500"):
    lab.ip("edge", "link", "add", name, "mtu", mtu, "type", "veth", "peer", "name", peer, "mtu", mtu)
    lab.ip("edge", "link", "set", name, "up")


def program_on(lab, name):
    """The id of its XDP program, 0 for none."""
    said = lab.run("edge", "ip", "-j", "link", "show", "dev", name).stdout
    return json.loads(said)[0].get("xdp", {}).get("prog", {}).get("id", 0)


def state(lab, name):
    return {i["name"]: i["state"] for i in lab.status()["interfaces"]}.get(name)


def repairs(lab, name):
    for line in lab.slash64("metrics").stdout.splitlines():
        if line.startswith('slash64_interface_repairs_total{interface="%s"}' % name):
            return int(line.split()[1])
    return None


def attached(lab, name):
    wait_for(lambda: state(lab, name) == "attached" and program_on(lab, name), 5, "the program on " + name)
    return program_on(lab, name)


@test
def one_that_goes_away_and_comes_back_is_filtered_again(lab):
    attached(lab, "x0")
    lab.ip("edge", "link", "del", "x0")
    wait_for(lambda: state(lab, "x0") == "missing", 5, "x0 to be missed")
    check('slash64_interface_attached{interface="x0"' in lab.slash64("metrics").stdout, "it is in the metrics")
    check_equal(state(lab, "wan0"), "attached", "the other")
    before = repairs(lab, "x0")
    make(lab)
    attached(lab, "x0")
    check_equal(repairs(lab, "x0"), before + 1, "repairs")
    check_equal([r["action"] for r in lab.json("log")][-2:], ["attach", "repair"], "the log")


@test
def a_program_that_somebody_takes_off_is_back_at_once(lab):
    lab.slash64("block", BAD_1)
    old = attached(lab, "wan0")
    lab.ip("edge", "link", "set", "wan0", "xdp", "off")
    wait_for(lambda: program_on(lab, "wan0") not in (0, old), 5, "another program")
    check(BAD_1 not in lab.arriving(BAD_1, rate=500, seconds=1), "the block is not in force")
    lab.slash64("unblock", BAD_1)
    check("removed by somebody else" in lab.logged(), "it was not said")


@test
def one_that_is_renamed_stays_filtered_and_is_found_when_it_is_back(lab):
    program = attached(lab, "x0")
    lab.ip("edge", "link", "set", "x0", "down")
    lab.ip("edge", "link", "set", "x0", "name", "y0")
    lab.ip("edge", "link", "set", "y0", "up")
    wait_for(lambda: "x0 is called y0 now" in lab.logged(), 5, "the line that says so")
    check_equal((program_on(lab, "y0"), state(lab, "x0")), (program, "attached"), "its program")
    lab.ip("edge", "link", "set", "y0", "down")
    lab.ip("edge", "link", "set", "y0", "name", "x0")
    time.sleep(0.3)
    check_equal((program_on(lab, "x0"), state(lab, "x0")), (program, "attached"), "its program")


@test
def another_that_takes_the_name_is_filtered_and_the_old_is_left(lab):
    lab.ip("edge", "link", "set", "x0", "down")
    lab.ip("edge", "link", "set", "x0", "name", "y0")
    make(lab, "x0", "x2")
    wait_for(lambda: program_on(lab, "x0") and not program_on(lab, "y0"), 5, "the program to move")
    check_equal(state(lab, "x0"), "attached", "x0")
    lab.ip("edge", "link", "del", "y0")


@test
def one_that_gets_the_name_of_another_of_the_configuration_is_filtered_as_that(lab):
    lab.stop()
    make(lab, "z0", "z1")
    lab.start(lab.config("", "[{name: wan0}, {name: x0}, {name: z0}]", on_exit="keep"))
    lab.ip("edge", "link", "del", "z0")
    wait_for(lambda: state(lab, "z0") == "missing", 5, "z0 to be missed")
    lab.ip("edge", "link", "set", "x0", "down")
    lab.ip("edge", "link", "set", "x0", "name", "z0")
    wait_for(lambda: state(lab, "z0") == "attached" and state(lab, "x0") == "missing", 5, "the change of roles")
    check(program_on(lab, "z0"), "its program")
    lab.ip("edge", "link", "set", "z0", "name", "x0")
    lab.stop()
    lab.start(lab.config(CONFIG[0], CONFIG[1], on_exit="keep"))
    attached(lab, "x0")


def enslave(lab, kind, name):
    program = attached(lab, "x0")
    try:
        lab.ip("edge", "link", "add", name, "type", kind)
    except (LabError, subprocess.CalledProcessError):
        raise Skipped("this kernel has no %s" % kind)
    lab.ip("edge", "link", "set", "x0", "down")
    lab.ip("edge", "link", "set", "x0", "master", name)
    lab.ip("edge", "link", "set", "x0", "up")
    wait_for(lambda: "x0 is now a port of %s" % name in lab.logged(), 5, "the line that says so")
    check_equal((program_on(lab, "x0"), state(lab, "x0")), (program, "attached"), "its program")
    lab.ip("edge", "link", "del", name)
    lab.ip("edge", "link", "set", "x0", "up")
    wait_for(lambda: "x0 is no port of %s any more" % name in lab.logged(), 5, "the line that says so")


@test
def a_port_of_a_bridge_is_filtered_as_before(lab):
    enslave(lab, "bridge", "br7")


@test
def a_port_of_a_bond_is_filtered_as_before(lab):
    enslave(lab, "bond", "bond7")


@test
def another_mtu_changes_nothing(lab):
    program = attached(lab, "wan0")
    lab.ip("edge", "link", "set", "wan0", "mtu", "1400")
    time.sleep(0.3)
    check_equal((program_on(lab, "wan0"), state(lab, "wan0")), (program, "attached"), "its program")
    lab.ip("edge", "link", "set", "wan0", "mtu", "1500")


SEND_LONG = """
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
ipv6 = struct.pack("!IHBB", 6 << 28, 8008, 17, 64) + bytes([0x2a]) + bytes(14) + b"\\x07" + bytes([0x2a]) + bytes(15)
for packet, kind in ((ipv6 + struct.pack("!HHHH", 1, 2, 8008, 0) + bytes(8000), 0x86dd), (b"\\x45" + bytes(7999), 0x0800)):
    for i in range(100):
        s.send(bytes.fromhex(sys.argv[2].replace(":", "")) + bytes(6) + struct.pack("!H", kind) + packet)
"""


def counted(lab, class_):
    """Packets and bytes of a class on x0."""
    found = [0, 0]
    for line in lab.slash64("metrics").stdout.splitlines():
        for i, family in enumerate(("packets", "bytes")):
            if line.startswith('slash64_%s_total{interface="x0",class="%s"' % (family, class_)):
                found[i] += int(line.split()[-1])
    return found


@test
def frames_of_several_buffers_are_counted_with_all_their_bytes(lab):
    """The program sees the first buffer only, which has less than 4096 bytes."""
    lab.ip("edge", "link", "del", "x0")
    make(lab, mtu="9000")
    lab.ip("edge", "link", "set", "x1", "up")
    attached(lab, "x0")
    before = {c: counted(lab, c) for c in ("udp", "not-ipv6")}
    lab.run("edge", "/usr/bin/python3", "-c", SEND_LONG, "x1", lab.mac("edge", "x0"))
    for class_, bytes_ in ("udp", 14 + 40 + 8008), ("not-ipv6", 14 + 8000):
        wait_for(lambda: counted(lab, class_)[0] - before[class_][0] >= 100, 5, "the packets of " + class_)
        packets, size = (a - b for a, b in zip(counted(lab, class_), before[class_]))
        check_equal((packets, size), (100, 100 * bytes_), "packets and bytes of " + class_)


@test
def a_start_without_one_that_was_there_goes_on_with_the_others(lab):
    lab.stop(signal.SIGKILL)
    lab.ip("edge", "link", "del", "x0")
    lab.start()
    check_equal((state(lab, "wan0"), state(lab, "x0")), ("attached", "missing"), "the interfaces")
    lab.slash64("reload")
    make(lab)
    attached(lab, "x0")


@test
def a_stream_of_changes_is_survived(lab):
    for i in range(30):
        make(lab, "s%d" % i, "t%d" % i)
        lab.ip("edge", "link", "set", "x0", "xdp", "off")
        lab.ip("edge", "link", "del", "s%d" % i)
    attached(lab, "x0")
    check(lab.daemon.poll() is None, "it ended")


def prepare(lab):
    make(lab)
    lab.start(lab.config(CONFIG[0], CONFIG[1], on_exit="keep"))


main(prepare)
