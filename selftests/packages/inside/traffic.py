#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Numbered packets from two sources, and who of them came: traffic.py send SECONDS | receive SECONDS"""
import socket
import sys
import time

SERVER = ("2001:db8:5e::2", 9)
SOURCES = {"blocked": "2001:db8:bad:1::2", "good": "2001:db8:900d:1::2"}
EVERY = 0.002


def send(seconds):
    sockets = []
    for source in SOURCES.values():
        sockets.append(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
        sockets[-1].bind((source, 0))
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for one in sockets:
            one.sendto(b"%d" % number, SERVER)
        number += 1
        time.sleep(EVERY)
    print("sent %d" % number)


def receive(seconds):
    one = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    one.bind(SERVER)
    came = {source: set() for source in SOURCES.values()}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        one.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, sender = one.recvfrom(64)
        except TimeoutError:
            break
        came.setdefault(sender[0], set()).add(int(data))
    good = came[SOURCES["good"]]
    missing = (max(good) + 1 - len(good)) if good else -1
    print("blocked %d, good %d, missing %d" % (len(came[SOURCES["blocked"]]), len(good), missing))


{"send": send, "receive": receive}[sys.argv[1]](float(sys.argv[2]))
