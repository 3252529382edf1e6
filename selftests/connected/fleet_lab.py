# SPDX-License-Identifier: GPL-2.0-only
"""Three routers and a route reflector, each with BIRD as docs/fleet.md configures it.

            out                 what is outside of all routers
        w1/ w2| w3\\
         r1  r2   r3            slash64d, slash64-rtbh, BIRD
           \\  |  /
             rr                 BIRD, and the network between them"""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import lab as base  # noqa: E402
from lab import BUILD, LabError, ROOT, wait_for  # noqa: E402

ROUTERS = ("r1", "r2", "r3")
HOLD_S = 6


def example(name):
    """A configuration of docs/fleet.md, by its first line."""
    text = open(os.path.join(ROOT, "docs", "fleet.md")).read()
    found = re.search(r"^```\n# %s\n(.*?)^```" % re.escape(name), text, re.M | re.S)
    if not found:
        raise LabError("docs/fleet.md has no '%s'" % name)
    return found[1]


class Local(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("slash64", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Router:
    def __init__(self, lab, name):
        self.lab, self.name, self.number = lab, name, int(name[1])
        self.dir = os.path.join(lab.dir, name)
        os.mkdir(self.dir)
        self.socket = os.path.join(self.dir, "control.sock")
        self.control = os.path.join(self.dir, "bird.ctl")
        self.log = os.path.join(self.dir, "log")
        self.processes = {}

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def spawn(self, what, *argv):
        log = open(self.log, "a")
        self.processes[what] = self.lab.spawn(self.name, *argv, stdout=log, stderr=log)
        return self.processes[what]

    def logged(self):
        return open(self.log).read()

    def start_bird(self):
        text = example("bird.conf of a router")
        text = text.replace("192.0.2.11", "192.0.2.%d" % (10 + self.number))
        text = text.replace("local 2001:db8:f::11", "local 2001:db8:f::%d" % (10 + self.number))
        return self.spawn("bird", "bird", "-f", "-c", self.write("bird.conf", text), "-s", self.control)

    def start_frr(self):
        """In the place of BIRD. Its daemons give up root, and the directory is theirs."""
        directory = os.path.join(self.dir, "frr")
        os.mkdir(directory)
        os.chmod(self.lab.dir, 0o755)
        for name, text in (("zebra", ""), ("staticd", example("staticd.conf")), ("bgpd", example("bgpd.conf"))):
            with open(os.path.join(directory, name + ".conf"), "w") as f:
                f.write(text)
        subprocess.run(["chown", "-R", "frr:frr", directory], check=True)
        for name in ("zebra", "staticd", "bgpd"):
            self.spawn(name, "/usr/lib/frr/" + name, "-f", os.path.join(directory, name + ".conf"), "-i",
                       os.path.join(directory, name + ".pid"), "-z", os.path.join(directory, "zserv.api"), "--vty_socket",
                       directory, "-A", "127.0.0.1")
            wait_for(lambda: os.path.exists(os.path.join(directory, name + ".vty")), 20, self.logged)
        return os.path.join(directory, "bgpd.vty")

    def start_rtbh(self, protocol="bird", alive=None):
        return self.spawn("rtbh", os.path.join(BUILD, "slash64-rtbh"), "--config", self.write("rtbh.yaml", (
            "socket: %s\nmetrics: '[::1]:9668'\nrtbh:\n- {table: 666, protocol: %s, origin: rtbh, action: block, "
            "hold: %ds, sentinel: 100::1/128, alive: %s}\n") % (self.socket, protocol, HOLD_S, alive or self.control)))

    def start(self):
        config = self.write("slash64.yaml", (
            "interfaces: [{name: wan0, ipv4: enforce}]\ncontrol: {socket: %s}\nstate: %s/state\nmaps: {pins: %s-%s}\n"
            "log: {changes: 1000000}\npage: {listen: off}\n"
            "announce: {table: 667, origins: [operator, detect], max: 10000, prefixes: /48-/64, ipv4: /24-/32}\n")
            % (self.socket, self.dir, self.lab.pins, self.name))
        self.spawn("slash64d", os.path.join(BUILD, "slash64d"), "--config", config)
        wait_for(lambda: "slash64d: ready" in self.logged(), 30, self.logged)
        self.start_bird()
        self.start_rtbh()

    def kill(self, what):
        self.processes[what].kill()
        self.processes[what].wait()

    def slash64(self, *words):
        done = subprocess.run([os.path.join(BUILD, "slash64"), "--socket", self.socket, *words], capture_output=True, text=True,
                              timeout=60)
        if done.returncode:
            raise LabError("%s: slash64 %s: %s" % (self.name, " ".join(words), done.stderr.strip()))
        return done.stdout

    def get(self, path):
        connection = Local(self.socket)
        connection.request("GET", path)
        answer = connection.getresponse().read()
        connection.close()
        return [json.loads(line) for line in answer.splitlines()]

    def blocks(self, origin="rtbh"):
        return {row["prefix"] for row in self.get("/v1/blocks?origin=" + origin)}

    def has(self, prefix):
        return any(row["prefix"] == prefix and row["in_force"] for row in self.get("/v1/blocks?origin=rtbh&within=" + prefix))

    def metric(self, name, port=9668, **labels):
        text = self.lab.run(self.name, "curl", "-s", "http://[::1]:%d/metrics" % port, check=False).stdout
        total = None
        for line in text.splitlines():
            found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if found and found[1] == name and all('%s="%s"' % pair in (found[2] or "") for pair in labels.items()):
                total = (total or 0) + float(found[3])
        return total

    def is_live(self):
        return self.metric("slash64_rtbh_source", state="live") == 1


class Fleet(base.Lab):
    HOSTS = ("rr", "out") + ROUTERS

    def build(self):
        base.ensure_bpffs()
        base.cleanup_stale()
        for host in self.HOSTS:
            subprocess.run(["ip", "netns", "add", self.ns(host)], check=True)
            self.ip(host, "link", "set", "lo", "up")
            if host != "out":
                self.run(host, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.forwarding=1")
        self.ip("rr", "link", "add", "br0", "type", "bridge")
        self.ip("rr", "link", "set", "br0", "up")
        self.address("rr", "br0", "2001:db8:f::1/64")
        for number, name in enumerate(ROUTERS, 1):
            self.veth("rr", "p%d" % number, name, "core0")
            self.ip("rr", "link", "set", "p%d" % number, "master", "br0")
            self.address(name, "core0", "2001:db8:f::%d/64" % (10 + number))
            self.veth("out", "w%d" % number, name, "wan0")
            self.address(name, "wan0", "2001:db8:a:%d::1/64" % number)
            self.ip(name, "addr", "add", "192.0.2.%d/32" % (10 + number), "dev", "lo")
        self.routers = [Router(self, name) for name in ROUTERS]
        for router in self.routers:
            router.start()
        conf = os.path.join(self.dir, "rr.conf")
        with open(conf, "w") as f:
            f.write(example("bird.conf of a route reflector"))
        self.reflector_log = open(os.path.join(self.dir, "rr.log"), "w")
        self.reflector = self.spawn("rr", "bird", "-f", "-c", conf, "-s", os.path.join(self.dir, "rr.ctl"),
                                    stdout=self.reflector_log, stderr=self.reflector_log)
        for router in self.routers:
            wait_for(router.is_live, 60, lambda: router.logged() + open(os.path.join(self.dir, "rr.log")).read())
        return self

    def link(self, number, up):
        self.ip("rr", "link", "set", "p%d" % number, "up" if up else "down")

    def send(self, number, frames):
        """From outside to a router."""
        self.in_namespace("out", send_frames, "w%d" % number, frames)

    def stop(self):
        for router in self.routers:
            router.processes["slash64d"].send_signal(signal.SIGTERM)
            router.processes["slash64d"].wait(20)


def send_frames(interface, frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, 0))
        for frame in frames:
            raw.send(frame)
            time.sleep(0.001)
