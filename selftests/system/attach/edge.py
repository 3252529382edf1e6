# SPDX-License-Identifier: GPL-2.0-only
"""The part of the attach harness on the edge, within its own process: on an emulated CPU a process
takes 0.3 s to start, and a step would need ten of them."""
import contextlib
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lib"))

from api import Api, Refused  # noqa: E402
from lab import BUILD, LabError  # noqa: E402

libc = ctypes.CDLL(None, use_errno=True)
libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)

SIOCGIFINDEX = 0x8933
CLONE_NEWNET = 0x40000000
RTM_SETLINK, NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 19, 1, 4, 2
IFLA_IFNAME, IFLA_IFALIAS = 3, 20
XDP_FLAGS_DRV_MODE = 1 << 2


@contextlib.contextmanager
def inside(lab, host="edge"):
    """This thread is in the namespace of a host. Files and sockets opened there stay there."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + lab.ns(host), os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise LabError("setns: " + os.strerror(ctypes.get_errno()))
        yield
    finally:
        libc.setns(before, CLONE_NEWNET)
        os.close(there)
        os.close(before)


# --- links ---

def index_of(lab, name):
    with inside(lab):
        return socket.if_nametoindex(name)


def set_link(lab, name, attribute, text):
    value = text.encode() + b"\0"
    padded = struct.pack("HH", 4 + len(value), attribute) + value + b"\0" * (-len(value) % 4)
    with inside(lab), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        body = struct.pack("BxHiII", socket.AF_UNSPEC, 0, socket.if_nametoindex(name), 0, 0) + padded
        route.send(struct.pack("IHHII", 16 + len(body), RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
        answer = route.recv(4096)
    error = struct.unpack_from("i", answer, 16)[0]
    if error:
        raise LabError("edge: cannot change %s: %s" % (name, os.strerror(-error)))


def xdp_set(lab, name, fd, flags=0):
    with inside(lab):
        error = libbpf.bpf_xdp_attach(socket.if_nametoindex(name), fd, flags, None)
    if error:
        raise LabError("edge: cannot set the program of %s: %s" % (name, os.strerror(-error)))


# --- pins ---

@contextlib.contextmanager
def pinned(path):
    fd = libbpf.bpf_obj_get(path.encode())
    if fd < 0:
        raise LabError("cannot open %s: %s" % (path, os.strerror(ctypes.get_errno())))
    try:
        yield fd
    finally:
        os.close(fd)


def id_of(fd):
    with open("/proc/self/fdinfo/%d" % fd) as f:
        return [line.split()[1] for line in f if line.startswith("prog_id:")][0]


def has_program(path, fd):
    with pinned(path) as there:
        return id_of(there) == id_of(fd)


def pin(fd, path):
    if libbpf.bpf_obj_pin(fd, path.encode()):
        raise LabError("cannot pin %s: %s" % (path, os.strerror(ctypes.get_errno())))


# --- slash64d ---

class Asked(Exception):
    """No answer, or a refusal."""


def ask(lab, method, path, body=None, **query):
    """The requests of slash64's commands: "slash64 attach x0" is POST /v1/interfaces. A killed
    slash64d does not answer."""
    api = Api(lab.socket, timeout=lab.COMMAND_S)
    try:
        return api.ask(method, path, body, **query)
    except (OSError, Refused, json.JSONDecodeError) as error:
        raise Asked("%s %s: %s" % (method, path, error))
    except Exception as error:
        if type(error).__module__ == "http.client":
            raise Asked("%s %s: %s" % (method, path, error))
        raise
    finally:
        api.close()


def attach(lab, name):
    ask(lab, "POST", "/v1/interfaces", {"name": name})


def detach(lab, name):
    ask(lab, "DELETE", "/v1/interfaces", name=name)


def reload(lab):
    ask(lab, "POST", "/v1/reload")


def quiet(what, *words):
    """Whatever the result."""
    try:
        what(*words)
    except Asked:
        pass


# --- the state in the kernel ---

class Looker:
    """attached.c: one look for each line that it reads."""
    of = {}

    def __init__(self, lab, owner):
        self.process = subprocess.Popen(lab.argv("edge", [os.path.join(BUILD, "attached"), owner]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lab.processes.append(self.process)

    def look(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def look(lab, owner):
    if lab.id not in Looker.of:
        Looker.of[lab.id] = Looker(lab, owner)
    return Looker.of[lab.id].look()
