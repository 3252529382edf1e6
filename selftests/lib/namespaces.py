# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces without a process for each step: on a busy machine, starting one costs more than what it does."""
import array
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETHTOOL_SFLAGS = 0x26
ETHTOOL_OFF = (0x15, 0x17, 0x1f, 0x24, 0x2c)  # rx and tx checksums, TSO, GSO, GRO


class LabError(Exception):
    pass


@contextlib.contextmanager
def inside(path):
    """This thread is in a network namespace, until the end of the block."""
    with open("/proc/thread-self/ns/net") as home:
        try:
            with open(path) as other:
                enter(other)
        except OSError as error:
            raise LabError("%s: %s" % (path, error.strerror))
        try:
            yield
        finally:
            enter(home)


def enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def set_sysctl(name, value):
    with open("/proc/sys/" + name.replace(".", "/"), "w") as f:
        f.write(str(value))


def ip_batch(lines):
    """IPv6, as far as it is about addresses."""
    done = subprocess.run(["ip", "-6", "-batch", "-"], input="\n".join(lines) + "\n", text=True, capture_output=True)
    if done.returncode:
        raise LabError("ip -batch: " + done.stderr.strip())


def offloads_off(name):
    control = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    for command in ETHTOOL_OFF + (ETHTOOL_SFLAGS,):
        value = array.array("I", [command, 0])
        request = struct.pack("16sP16x", name.encode(), value.buffer_info()[0])
        try:
            fcntl.ioctl(control, SIOCETHTOOL, request)
        except OSError:
            pass  # a feature that the device lacks is off


def processes_in(names):
    """In one of these namespaces: `ip netns pids` looks at each process for each of them."""
    wanted = {identity("/run/netns/" + name) for name in names} - {None}
    return [int(pid) for pid in filter(str.isdigit, os.listdir("/proc") if wanted else ())
            if identity("/proc/%s/ns/net" % pid) in wanted]


def identity(namespace):
    """None if it is gone."""
    try:
        status = os.stat(namespace)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def list_namespaces(prefix):
    try:
        return [n for n in os.listdir("/run/netns") if n.startswith(prefix)]
    except FileNotFoundError:
        return []
