#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a test of selftests/system in a guest, where a CPU is emulated: everything takes some ten times as
long, so what is waited for is waited for longer. With "virtio", the edge's outside interface is a virtio-net
NIC instead of one end of a veth pair.

    emulated.py FILE [virtio] [NAME=VALUE]... [WORD]...     only the tests with one of the words in their name; what the
                                                            environment does not say is as said here
"""
import glob
import os
import runpy
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import lab  # noqa: E402

SLOWER = 6  # than the tests were written for
STARTUP_SECONDS = 3  # of a process that sends, while another already receives

# as created by boot.sh: each receives what the other sends
NIC_ADDRESSES = ("02:00:00:00:64:01", "02:00:00:00:64:02")


def find_nic(address):
    """Its name in the first namespace, to which it returns when the namespace it was in is gone."""
    for path in glob.glob("/sys/class/net/*/address"):
        with open(path) as f:
            if f.read().strip() == address:
                return path.split("/")[-2]
    return None


def take_nic(to, address, host, name, mtu):
    nic = lab.wait_for(lambda: find_nic(address), 20, "the NIC " + address)
    subprocess.run(["ip", "link", "set", nic, "down", "xdp", "off"], check=True)
    subprocess.run(["ip", "link", "set", nic, "netns", to.ns(host)], check=True)
    to.ip(host, "link", "set", nic, "name", name, "mtu", str(mtu))


def nics_out_of_the_way():
    """After a lab, they return under the names they had in it."""
    for i, address in enumerate(NIC_ADDRESSES):
        nic = lab.wait_for(lambda: find_nic(address), 20, "the NIC " + address)
        if nic != "virtio%d" % i:
            subprocess.run(["ip", "link", "set", nic, "down"], check=True)
            subprocess.run(["ip", "link", "set", nic, "name", "virtio%d" % i], check=True)


def over_virtio():
    wire = lab.Lab.wire

    def over_nics(self, links):
        for a, a_name, b, b_name, mtu in links:
            if b_name != "wan0":
                wire(self, [(a, a_name, b, b_name, mtu)])
                continue
            for address, host, name in zip(NIC_ADDRESSES, (a, b), (a_name, b_name)):
                take_nic(self, address, host, name, mtu)

    lab.Lab.wire = over_nics


def slower():
    wait_for, receiver, run = lab.wait_for, lab.Lab.receiver, lab.Lab.run

    def patient(condition, seconds, what, step=0.1):
        return wait_for(condition, seconds * SLOWER, what, step)

    def patient_receiver(self, seconds, *words, **options):
        return receiver(self, seconds + STARTUP_SECONDS, *words, **options)

    def patient_run(self, host, *argv, timeout=60, **options):
        return run(self, host, *argv, timeout=timeout * SLOWER, **options)

    lab.Lab.COMMAND_S *= SLOWER
    lab.wait_for, lab.Lab.receiver, lab.Lab.run = patient, patient_receiver, patient_run


def main():
    path, words = sys.argv[1], [word for word in sys.argv[2:] if "=" not in word]
    for name, value in (word.split("=", 1) for word in sys.argv[2:] if "=" in word):
        os.environ.setdefault(name, value)
    os.environ["SLOWER"] = str(SLOWER)
    slower()
    nics_out_of_the_way()
    if words[:1] == ["virtio"]:
        words = words[1:]
        over_virtio()
    sys.argv = [path] + words
    runpy.run_path(path, run_name="__main__")


main()
