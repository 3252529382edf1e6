#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Initial inputs for the fuzzers, made from the project's files: seeds.py TARGET DIRECTORY
[CAPTURES...]"""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data")
CONTROL = b"\0\0"  # of fuzz_packet.c: the policy of all interfaces, the whole frame
ETHERNET, RAW, IPV6 = 1, (12, 101), 229
PACKETS_MAX = 20  # of a capture


def pcap_frames(data):
    """Ethernet frames of a pcap file, as far as it is readable; those of other link types get a
    header."""
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
    if data[:4] not in order or len(data) < 24:
        return
    mark = order[data[:4]]
    link = struct.unpack_from(mark + "I", data, 20)[0] & 0xffff
    if link != ETHERNET and link not in RAW and link != IPV6:
        return
    at = 24
    for _ in range(PACKETS_MAX):
        if at + 16 > len(data):
            return
        captured = struct.unpack_from(mark + "I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + captured]
        yield frame if link == ETHERNET else bytes(12) + b"\x86\xdd" + frame
        at += 16 + captured


def captures(directories):
    for directory in directories:
        if os.path.isdir(directory):
            for name in sorted(os.listdir(directory)):
                if name.endswith((".pcap", ".pcapng")):
                    with open(os.path.join(directory, name), "rb") as f:
                        yield name, f.read()


def packet_seeds(directories):
    for name, data in captures(directories):
        for i, frame in enumerate(pcap_frames(data)):
            yield "%s-%d" % (name, i), CONTROL + frame


def capture_seeds(directories):
    for name, data in captures(directories):
        if len(data) <= 65536:
            yield name, data


def config_seeds(directories):
    """Examples: the indented lines of the manual."""
    with open(os.path.join(HERE, "../../docs/man/slash64.yaml.5.scd")) as f:
        inside, lines = False, []
        for line in f:
            if line.strip() == "```":
                inside = not inside
            elif inside:
                lines.append(line)
    yield "manual", "".join(lines).encode()


def feed_seeds(directories):
    """The first byte is the format and the size of the pieces; 0 detects the format."""
    directory = os.path.join(DATA, "feeds")
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as f:
            yield name, b"\0" + f.read()


def pcapng_seeds(directories):
    """Records as struct s64_capture_record has them; a torn one, and one that tells of too much."""
    def record(captured, length, data, slot=0, reason=3, verdict=1):
        return struct.pack("<QQQIIIBBBB", 1 << 60, 0x20010db80bad0001, 7, length, captured, slot, 2, reason, verdict, 0) + data
    whole = record(60, 1500, bytes(range(60)) + bytes(4))
    for name, records in (("whole", [whole, record(1, 1, b"x")]), ("torn", [whole[:50], whole[:39], b""]),
                          ("hostile", [record(0xffffffff, 0xffffffff, bytes(8)), record(8, 4, bytes(8)), record(8, 8, bytes(8), slot=256),
                                       record(8, 8, bytes(8), reason=255, verdict=3)])):
        yield name, b"\x04wan0" + b"".join(struct.pack("<H", len(r)) + r for r in records)


def filter_seeds(directories):
    for key, value in enumerate((b"2001:db8::/32", b"192.0.2.1", b"echo-request", b"blocked", b"would_drop")):
        yield "key-%d" % key, bytes((key, len(value))) + value + bytes(range(192, 256))


def adapters_seeds(directories):
    """The first byte is the decoder and the size of the pieces."""
    directory = os.path.join(DATA, "feeds")
    for name in sorted(os.listdir(directory)):
        if "crowdsec" in name or name.startswith("h"):
            with open(os.path.join(directory, name), "rb") as f:
                yield name, b"\x70" + f.read()
    with open(os.path.join(directory, "eve.json"), "rb") as f:
        yield "eve", b"\x80" + f.read()
    yield "zeek", b"\x81#separator \\x09\n#fields\tts\tnote\tsrc\n1258531221.4\tScan::Port_Scan\t2001:db8::1\n"
    yield "zeek-json", b'\x81{"ts":1258531221.4,"note":"Scan::Port_Scan","src":"2001:db8::1"}\n'


MAKERS = {"adapters": adapters_seeds, "packet": packet_seeds, "capture": capture_seeds, "config": config_seeds, "feed": feed_seeds,
          "pcapng": pcapng_seeds, "filter": filter_seeds}


def main():
    target, out = sys.argv[1:3]
    for name, data in MAKERS.get(target, lambda _: ())([os.path.join(DATA, "corpus")] + sys.argv[3:]):
        with open(os.path.join(out, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
