# SPDX-License-Identifier: GPL-2.0-only
"""Reads pcapng as the draft has it, strictly, and knows nothing of who writes it."""
import struct

SECTION, INTERFACE, STATISTICS, PACKET = 0x0a0d0d0a, 1, 5, 6
COMMENT = 1


class Bad(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Bad(what)


class File:
    """interfaces: [{name, snaplen, filter}]; packets: [{interface, ns, data, length, comment}]; statistics: [{interface,
    start, end, lost, matched, comment}]"""

    def __init__(self, data):
        self.interfaces, self.packets, self.statistics = [], [], []
        need(len(data) >= 28, "no section")
        at, first = 0, True
        while at < len(data):
            need(len(data) - at >= 12, "a block of %d bytes" % (len(data) - at))
            kind, length = struct.unpack_from("<II", data, at)
            need(length >= 12 and length % 4 == 0, "a block of length %d" % length)
            need(at + length <= len(data), "a block is cut short")
            need(struct.unpack_from("<I", data, at + length - 4)[0] == length, "the lengths of a block differ")
            need(first == (kind == SECTION), "block %#x is out of place" % kind)
            self.block(kind, data[at + 8:at + length - 4])
            at, first = at + length, False

    def block(self, kind, body):
        if kind == SECTION:
            magic, major, minor, length = struct.unpack_from("<IHHq", body)
            need((magic, major, minor, length) == (0x1a2b3c4d, 1, 0, -1), "the head of the section")
            options(body[16:])
        elif kind == INTERFACE:
            link, zero, snaplen = struct.unpack_from("<HHI", body)
            need((link, zero) == (1, 0), "an interface that is not Ethernet")
            found = options(body[8:])
            need(found.get(9) == b"\x09", "times are not in nanoseconds")
            self.interfaces.append({"name": found[2].decode(), "snaplen": snaplen,
                                    "filter": found[11][1:].decode() if 11 in found else None})
        elif kind == PACKET:
            interface, high, low, kept, length = struct.unpack_from("<IIIII", body)
            padded = (kept + 3) & ~3
            need(interface < len(self.interfaces), "a packet of an interface that is not there")
            need(kept <= length and kept <= self.interfaces[interface]["snaplen"], "%d of %d bytes" % (kept, length))
            need(20 + padded <= len(body), "a packet longer than its block")
            need(not any(body[20 + kept:20 + padded]), "padding is not 0")
            self.packets.append({"interface": interface, "ns": high << 32 | low, "data": body[20:20 + kept], "length": length,
                                 "comment": text(options(body[20 + padded:]))})
        elif kind == STATISTICS:
            interface = struct.unpack_from("<I", body)[0]
            need(interface < len(self.interfaces), "statistics of an interface that is not there")
            found = options(body[12:])
            start, end = (struct.unpack("<II", found[code]) for code in (2, 3))
            self.statistics.append({"interface": interface, "start": start[0] << 32 | start[1], "end": end[0] << 32 | end[1],
                                    "lost": struct.unpack("<Q", found[5])[0], "matched": struct.unpack("<Q", found[6])[0],
                                    "comment": text(found)})
        else:
            raise Bad("block %#x is unknown" % kind)


def text(found):
    return found[COMMENT].decode() if COMMENT in found else None


def options(body):
    """By code. They end with option 0, and nothing is behind it."""
    found, at = {}, 0
    while at < len(body):
        need(len(body) - at >= 4, "an option is cut short")
        code, length = struct.unpack_from("<HH", body, at)
        at += 4
        if not code:
            need(length == 0 and at == len(body), "something is behind the options")
            return found
        padded = (length + 3) & ~3
        need(at + padded <= len(body), "option %d is longer than its block" % code)
        need(not any(body[at + length:at + padded]), "padding is not 0")
        found[code] = body[at:at + length]
        at += padded
    need(not body, "options without an end")
    return found


def read(path):
    with open(path, "rb") as file:
        return File(file.read())
