# SPDX-License-Identifier: GPL-2.0-only
"""Programs that keep entries of slash64d: started, killed, and asked for their metrics."""
import ipaddress
import json
import os
import re
import signal

from api import Api
from lab import BUILD, wait_for

GUARD_S = 30  # nothing takes as long, however busy the machine is


class Adapter:
    """A program in the namespace of the edge, with a configuration that is JSON, which is YAML too."""
    port = 9700

    def __init__(self, lab, name, arguments=(), **settings):
        Adapter.port += 1
        self.lab, self.name, self.arguments = lab, name, list(arguments)
        self.metrics = "[::1]:%d" % Adapter.port
        self.path = os.path.join(lab.dir, name + ".yaml")
        self.said = os.path.join(lab.dir, name + ".log")
        self.process = None
        self.settings = dict({"metrics": self.metrics}, **settings)

    def write(self, **more):
        self.settings.update(more)
        with open(self.path, "w") as f:
            json.dump(self.settings, f)

    def start(self, **more):
        self.write(**more)
        with open(self.said, "a") as said:
            self.process = self.lab.spawn("edge", os.path.join(BUILD, self.name), "--config", self.path, *self.arguments,
                                          stdout=said, stderr=said)
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=GUARD_S)
        return self.process and self.process.returncode

    def kill(self):
        return self.stop(signal.SIGKILL)

    def read(self):
        with open(self.said, errors="replace") as f:
            return f.read()

    def all_metrics(self):
        """{name and labels: value}; {} if it does not answer."""
        done = self.lab.run("edge", "curl", "-sf", "http://%s/metrics" % self.metrics, check=False)
        return {key: float(value) for key, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", done.stdout, re.M)}

    def metric(self, name, **labels):
        """The sum over the rows with these labels."""
        return sum(value for key, value in self.all_metrics().items()
                   if key.split("{")[0] == name and all('%s="%s"' % pair in key for pair in labels.items()))


def keys(lab, origin):
    """What slash64d has of an origin, as its source names it: {text: row}."""
    api = Api(lab.socket)
    rows = api.ask("GET", "/v1/blocks", origin=origin, addresses=1)
    api.close()
    return {row["address"] or row["prefix"]: row for row in rows}


def key_of(text):
    """As slash64d names an address or a prefix: host bits cut, ::ffff:a.b.c.d as IPv4."""
    address = ipaddress.ip_interface(text)
    network = address.network
    mapped = network.network_address.ipv4_mapped if network.version == 6 and network.prefixlen >= 96 else None
    if mapped:
        network = ipaddress.ip_network("%s/%d" % (mapped, network.prefixlen - 96))
    if "/" not in text and network.version == 6:
        return str(network.network_address)
    return str(network)


def wait_for_keys(lab, origin, wanted, seconds=GUARD_S, what="the entries"):
    wanted = {key_of(text) for text in wanted}
    there = set()

    def same():
        nonlocal there
        there = set(keys(lab, origin))
        return there == wanted
    wait_for(same, seconds, lambda: "%s (%d too many: %s; %d missing: %s)" % (
        what, len(there - wanted), sorted(there - wanted)[:4], len(wanted - there), sorted(wanted - there)[:4]))
