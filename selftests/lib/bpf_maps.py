# SPDX-License-Identifier: GPL-2.0-only
"""The values of a pinned map, by bpf(2): bpftool prints each byte as a word, which takes seconds to
read for a large map."""
import ctypes
import errno
import json
import os
import platform
import shutil
import struct
import subprocess

BPFTOOL = shutil.which("bpftool") or "/usr/sbin/bpftool"
SYSCALL = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
# enum bpf_cmd and enum bpf_map_type of linux/bpf.h
OBJ_GET, OBJ_GET_INFO_BY_FD, MAP_LOOKUP_BATCH = 7, 15, 24
ARRAY = 2
ATTRIBUTES = 128

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, ATTRIBUTES)
    done = libc.syscall(ctypes.c_long(SYSCALL), ctypes.c_long(command), buffer, ctypes.c_long(ATTRIBUTES))
    # ENOENT: there is nothing more
    if done < 0 and ctypes.get_errno() != errno.ENOENT:
        raise OSError(ctypes.get_errno(), "bpf(2), command %d: %s" % (command, os.strerror(ctypes.get_errno())))
    return done


def of_array(fd, value_bytes, entries):
    keys = ctypes.create_string_buffer(4 * entries)
    values = ctypes.create_string_buffer(value_bytes * entries)
    cursor = ctypes.create_string_buffer(8)
    bpf(MAP_LOOKUP_BATCH, struct.pack("<QQQQIIQQ", 0, ctypes.addressof(cursor), ctypes.addressof(keys),
                                      ctypes.addressof(values), entries, fd, 0, 0))
    raw = values.raw
    return [raw[at:at + value_bytes] for at in range(0, len(raw), value_bytes)]


def by_bpftool(path):
    text = subprocess.run([BPFTOOL, "-j", "map", "dump", "pinned", path], capture_output=True, text=True,
                          check=True).stdout
    return [bytes(int(byte, 16) for byte in entry["value"]) for entry in json.loads(text)]


def values_of(path):
    if not SYSCALL:
        return by_bpftool(path)
    name = ctypes.create_string_buffer(path.encode())
    fd = bpf(OBJ_GET, struct.pack("<Q", ctypes.addressof(name)))
    if fd < 0:
        raise FileNotFoundError(path)
    try:
        info = ctypes.create_string_buffer(256)
        bpf(OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, len(info), ctypes.addressof(info)))
        kind, _, _, value_bytes, entries = struct.unpack_from("<5I", info.raw)
        return of_array(fd, value_bytes, entries) if kind == ARRAY else by_bpftool(path)
    finally:
        os.close(fd)
