#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TCP in packets of more than 65535 bytes, as the kernel hands them to a program in generic mode
(field P6)."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_between, main, test
from lab import wait_for

BYTES = 400 << 20
LARGEST = "180000"
HERE, THERE = "2001:db8:b16::1", "2001:db8:b16::2"

SERVE = """
import socket
s = socket.create_server(("::", 8081), family=socket.AF_INET6)
c, _ = s.accept()
n = 0
while True:
    b = c.recv(1 << 20)
    if not b:
        break
    n += len(b)
print(n)
"""
SEND = """
import socket
s = socket.create_connection(("%s", 8081), timeout=20)
b = bytes(1 << 20)
for i in range(%d):
    s.sendall(b)
"""


def make(lab):
    lab.ip("edge", "link", "add", "big0", "type", "veth", "peer", "name", "big1", "netns", lab.ns("isp"))
    for host, name, address in (("edge", "big0", HERE), ("isp", "big1", THERE)):
        if lab.run(host, "ip", "link", "set", "dev", name, "gso_max_size", LARGEST, "gro_max_size", LARGEST,
                   check=False).returncode:
            raise Skipped("the kernel, or ip, has no packets of more than 65535 bytes")
        lab.ip(host, "link", "set", name, "up")
        lab.address(host, name, address + "/64")
    wait_for(lambda: lab.ping("isp", HERE, count=1) == 0, 10, "the link")


def transfer(lab):
    """Bytes that arrived, and the program's counts of them: {(class, reason, verdict): (packets,
    bytes)}."""
    server = lab.spawn("edge", "/usr/bin/python3", "-c", SERVE)
    wait_for(lambda: ":8081" in lab.run("edge", "ss", "-ltn").stdout, 5, "the server")
    lab.run("isp", "/usr/bin/python3", "-c", SEND % (HERE, BYTES >> 20), timeout=60)
    return int(server.communicate(timeout=60)[0])


def counted(lab):
    found = {}
    for name, labels, value in re.findall(r"^slash64_(packets|bytes)_total\{(.*)\} (\d+)$",
                                          lab.slash64("metrics").stdout, re.M):
        of = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if of.get("interface") == "big0" and int(value):
            found.setdefault((of["class"], of["reason"], of["verdict"]), {})[name] = int(value)
    return found


@test
def packets_of_more_than_65535_bytes_pass(lab):
    make(lab)
    lab.config(ifaces="[{name: big0, mode: generic}]")
    lab.slash64("reload")
    got = transfer(lab)
    check(got == BYTES, "%d bytes came, not %d" % (got, BYTES))
    found = counted(lab)
    dropped = {key: value for key, value in found.items() if key[2] == "drop"}
    check(not dropped, "dropped: %r" % dropped)
    tcp = found[("tcp", "policy", "pass")]
    if tcp["bytes"] / tcp["packets"] < 65536:
        raise Skipped("the kernel made no packets of more than 65535 bytes: %d on average"
                      % (tcp["bytes"] / tcp["packets"]))
    check_between(65536, tcp["bytes"] / tcp["packets"], int(LARGEST) + 100, "bytes of a packet")


main(lambda lab: lab.start(lab.config()))
