# SPDX-License-Identifier: GPL-2.0-only
"""Frames as bytes, captures of them, and the real program's verdict on each (slash64 replay)."""
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SLASH64 = os.path.join(os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build")), "slash64")

ICMPV6, TCP, UDP, FRAGMENT, AH, ESP, NONE = 58, 6, 17, 44, 51, 50, 59
HOP, DST, ROUTING, MOBILITY, HIP, SHIM6 = 0, 60, 43, 135, 139, 140

LINK_LOCAL, GLOBAL, ALL_NODES = "fe80::1", "2a00:1:2:3::4", "ff02::1"
SERVER = "2a00:9:9:9::1"


def address(text):
    return socket.inet_pton(socket.AF_INET6, text)


def ipv6(next_header, payload, src=GLOBAL, dst=SERVER, hop_limit=64, length=None):
    return struct.pack("!IHBB", 6 << 28, len(payload) if length is None else length, next_header,
                       hop_limit) + address(src) + address(dst) + payload


def ethernet(packet, ethertype=0x86dd):
    return b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + struct.pack("!H", ethertype) + packet


def icmpv6(kind, code=0, body=b"\0" * 20):
    return bytes([kind, code, 0, 0]) + body


def router_alert(next_header):
    return bytes([next_header, 0, 5, 2, 0, 0, 1, 0])


def write_capture(path, frames, spacing=1.0, link=1):
    """frames: bytes, or (bytes, wire length)."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, link))
        for i, frame in enumerate(frames):
            data, wire = frame if isinstance(frame, tuple) else (frame, len(frame))
            at = int((1000000 + i * spacing) * 1e9)
            f.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(data), wire) + data)


def replay(frames, *options, spacing=1.0, link=1):
    """One result per frame. Frames are a second apart, so limits have no effect unless requested."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as f:
        write_capture(f.name, frames, spacing, link)
        return replay_file(f.name, *options)


def replay_file(path, *options):
    done = subprocess.run([SLASH64, "replay", path, "--json", *options], capture_output=True, text=True,
                          timeout=600)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return [json.loads(line) for line in done.stdout.splitlines()]


class Tally:
    """Counts the checks of one promise, and prints the first few failures."""

    def __init__(self):
        self.passed = self.failed = 0

    def promise(self, name, failures, checked):
        """A test: its name, the failures, and the number of cases it checked."""
        if not checked:
            failures = ["nothing was checked"]
        if failures:
            self.failed += 1
            print("not ok %s: %d of %d cases" % (name, len(failures), checked))
            for line in failures[:12]:
                print("    " + line)
        else:
            self.passed += 1
            print("ok %s (%d cases)" % (name, checked))

    def end(self):
        print("%d passed, %d failed" % (self.passed, self.failed))
        sys.exit(1 if self.failed else 0)
