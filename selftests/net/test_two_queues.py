#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Limits under full load from two processors at once, by real packets: a veth with two queues, and a sender on each
processor (hostile 1, hostile 12)."""
import json
import os
import subprocess

from harness import Skipped, check, check_between, main, test
from lab import BUILD

RATE, BURST, SECONDS = 100, 200, 10
DESTINATION = "2001:db8:2::2"
CPUS = sorted(os.sched_getaffinity(0))[:2]
HOSTS = ("attacker", "edge")  # of the lab; the wire between them is this test's own


def prepare(lab):
    subprocess.run(["ip", "link", "add", "two0", "numtxqueues", "2", "numrxqueues", "2", "netns", lab.ns("attacker"),
                    "type", "veth", "peer", "name", "two1", "numtxqueues", "2", "numrxqueues", "2",
                    "netns", lab.ns("edge")], check=True)
    for host, name in zip(HOSTS, ("two0", "two1")):
        lab.ip(host, "link", "set", name, "up")
    lab.start(lab.config(interfaces=("two1",)))


def send(lab, sources, kind="echo", rate=150000):
    """From both processors, as fast as they can, for SECONDS: how many packets were sent."""
    mac = lab.mac("edge", "two1")
    senders = []
    for cpu in CPUS:
        senders.append(lab.spawn("attacker", "taskset", "-c", str(cpu), os.path.join(BUILD, "flood"), "--iface", "two0",
                                 "--gateway", mac, "--src", sources[0] + "/64", "--sources", str(len(sources)),
                                 "--dst", DESTINATION, "--rate", str(rate), "--seconds", str(SECONDS),
                                 "--kind", kind))
    return sum(json.loads(sender.communicate(timeout=60)[0])["sent"] for sender in senders)
