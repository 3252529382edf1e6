#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the controller needs for a million blocks: imports, a single block under flood, a scrape,
memory. Prints rows of the benchmark's table, and writes them as JSON to the given file."""
import ctypes
import http.client
import ipaddress
import json
import math
import mmap
import os
import random
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from lab import BUILD, SERVER, Lab  # noqa: E402

MILLION = 1000000
BLOCKS = 200
SCRAPES = 20
GAPS_S = 10
LOOK_S = 2e-5  # between two checks whether a block is in force

rows = []


def figure(name, value, unit, must=None, reach=None):
    mark = "" if must is None else "  reached" if value <= reach else "  met" if value <= must else "  MISSED"
    text = "%-62s %12s" % (name, "%.3g %s" % (value, unit))
    if must is not None:
        text += " %8.4g %8.4g" % (must, reach)
    print(text + mark, flush=True)
    row = {"case": name, "value": value, "unit": unit}
    if must is not None:
        row.update(must=must, reach=reach, met=value <= must)
    rows.append(row)


class Control(http.client.HTTPConnection):
    """The control API over one connection, as a program would use it."""

    def __init__(self, path):
        super().__init__("slash64")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        self.send_request(method, path, body)
        return self.answer()

    def send_request(self, method, path, body=None):
        self.request(method, path, body and json.dumps(body))

    def answer(self):
        answer = self.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(text.decode())
        return text


class Blocklist:
    """The map of blocked sources, read as the datapath reads it (headers/slash64/bucket_hash.h,
    hash.h)."""
    BUCKET_BYTES, KEYS = 64, 7
    WORD = (1 << 64) - 1

    def __init__(self, pins):
        self.libbpf = ctypes.CDLL("libbpf.so.1")
        meta = self.open(pins, "s64_meta", mmap.PAGESIZE)
        self.buckets, = struct.unpack_from("<I", meta, 8)
        self.add, *self.mul = struct.unpack_from("<3Q", meta, 48)
        self.memory = self.open(pins, "s64_blocks", self.buckets * self.BUCKET_BYTES)

    def open(self, pins, name, size):
        fd = self.libbpf.bpf_obj_get(os.path.join(pins, "maps", name).encode())
        if fd < 0:
            raise RuntimeError("cannot open the map %s" % name)
        try:
            return mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
        finally:
            os.close(fd)

    def places_of(self, prefix):
        """The key of a /64, and its two buckets."""
        key = v = int(ipaddress.ip_network(prefix).network_address) >> 64
        v ^= self.add
        v ^= v >> 32
        v = v * self.mul[0] & self.WORD
        v ^= v >> 29
        v = v * self.mul[1] & self.WORD
        v ^= v >> 32
        return key, [(half * self.buckets >> 32) * self.BUCKET_BYTES for half in (v >> 32, v & 0xffffffff)]

    def has(self, place):
        key, buckets = place
        return any(key in struct.unpack_from("<%dQ" % self.KEYS, self.memory, at) for at in buckets)


def random_lines(pick, count):
    return ["2001:%x:%x:%x::/64" % (pick.randrange(0x1000, 0x4000), pick.randrange(65536), pick.randrange(65536))
            for _ in range(count)]


def write(lab, lines):
    path = os.path.join(lab.dir, "list.txt")
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    return path


def timed(function, *args):
    start = time.monotonic()
    function(*args)
    return time.monotonic() - start


def stolen_and_all():
    """CPU time stolen by other guests of the host, and the sum of that and all busy time (proc(5))."""
    with open("/proc/stat") as f:
        fields = [int(word) for word in f.readline().split()[1:9]]
    return fields[7], sum(fields) - fields[3] - fields[4]


def longest_gaps(seconds):
    """Delays seen by a loop that only reads the clock: the machine's own, in ms, all of at least 1
    ms."""
    gaps, last = [], time.monotonic()
    end = last + seconds
    while last < end:
        now = time.monotonic()
        if now - last > 0.001:
            gaps.append((now - last) * 1e3)
        last = now
    return gaps


def percentile(values, part):
    """The given percentile of them."""
    return sorted(values)[max(math.ceil(len(values) * part) - 1, 0)]


def memory_mib(lab):
    with open("/proc/%d/status" % lab.daemon.pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def measure_imports(lab):
    pick = random.Random(64)
    lines = random_lines(pick, MILLION)
    seconds = timed(lab.slash64, "import", write(lab, lines), "--origin", "bench")
    figure("import of 1M, store included", seconds, "s", 3, 3)
    for _ in range(MILLION // 100):
        lines[pick.randrange(MILLION)] = random_lines(pick, 1)[0]
    path = write(lab, lines)
    seconds = timed(lab.slash64, "import", path, "--origin", "bench", "--replace")
    figure("import --replace of 1M, 1% changed", seconds, "s", 5, 5)


def measure_block(lab, control):
    """For a flooding source: times from the request to the first dropped packet, to the last packet
    that arrives at the other end, and to the answer."""
    drops, last, answers = [], [], []
    stolen, everything = stolen_and_all()
    for i in range(BLOCKS):
        prefix = "2001:db8:bad:%x::/64" % (i + 16)
        receiver = lab.receiver(0.35)
        flood = lab.flood(prefix, 50000, 0.25, kind="udp", watch=True)
        time.sleep(0.1)
        start = time.monotonic_ns()
        control.ask("POST", "/v1/blocks", {"prefix": prefix})
        answers.append((time.monotonic_ns() - start) / 1e6)
        dropped = lab.received(flood)["first_drop"]
        if not dropped:
            raise RuntimeError("no packet of %s was dropped" % prefix)
        drops.append((dropped - start) / 1e6)
        last.append(max(0, lab.received(receiver)[prefix]["last"] - start) / 1e6)
    figure("a block to its first drop, p50", percentile(drops, 0.5), "ms")
    figure("a block to its first drop, p99", percentile(drops, 0.99), "ms", 5, 5)
    figure("a block to the last packet received behind it, p50", percentile(last, 0.5), "ms")
    figure("a block to the last packet received behind it, p99", percentile(last, 0.99), "ms")
    figure("a block to its answer, p50", percentile(answers, 0.5), "ms")
    figure("a block to its answer, p99", percentile(answers, 0.99), "ms")
    now_stolen, now_everything = stolen_and_all()
    figure("the machine: time that went to other guests, meanwhile",
           100 * (now_stolen - stolen) / (now_everything - everything), "%")
    gaps = longest_gaps(GAPS_S)
    figure("the machine: gaps of 1 ms and more in a loop of %d s" % GAPS_S, len(gaps), "")
    figure("the machine: the longest of them", max(gaps, default=0), "ms")


def flood_everywhere(lab, seconds):
    """As much traffic as possible, from each CPU, and so through the softirqs of each; of sources
    that nobody blocks."""
    return [lab.spawn("attacker", "taskset", "-c", str(cpu), os.path.join(BUILD, "flood"), "--iface", "eth0",
                      "--gateway", lab.mac("isp", "att0"), "--src", "2001:db8:bad:8000::/49", "--dst", SERVER,
                      "--rate", "2000000", "--seconds", str(seconds), "--kind", "udp")
            for cpu in sorted(os.sched_getaffinity(0))]


def ran_and_waited_ms(pid):
    with open("/proc/%d/schedstat" % pid) as f:
        return [int(word) / 1e6 for word in f.read().split()[:2]]


def measure_flooded(lab, control):
    """The measuring process has a higher priority than the measured one, so only slash64d waits for
    the CPUs."""
    floods = flood_everywhere(lab, 600)
    ordinary = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
    try:
        time.sleep(1)
        blocklist = Blocklist(lab.pins)
        before = ran_and_waited_ms(lab.daemon.pid)
        effects, answers = [], []
        for i in range(BLOCKS):
            prefix = "2001:db8:bad:%x::/64" % (i + 1024)
            place = blocklist.places_of(prefix)
            start = time.monotonic()
            control.send_request("POST", "/v1/blocks", {"prefix": prefix})
            while not blocklist.has(place):
                time.sleep(LOOK_S)
            effects.append((time.monotonic() - start) * 1e3)
            control.answer()
            answers.append((time.monotonic() - start) * 1e3)
            time.sleep(0.02)
        after = ran_and_waited_ms(lab.daemon.pid)
    finally:
        os.sched_setscheduler(0, ordinary, os.sched_param(0))
        for flood in floods:
            flood.kill()
            flood.wait()
    figure("a block in force, flood on all CPUs, p50", percentile(effects, 0.5), "ms")
    figure("a block in force, flood on all CPUs, p99", percentile(effects, 0.99), "ms", 2, 2)
    figure("a block to its answer, flood on all CPUs, p50", percentile(answers, 0.5), "ms")
    figure("a block to its answer, flood on all CPUs, p99", percentile(answers, 0.99), "ms")
    figure("of that, slash64d ran, on average", (after[0] - before[0]) / BLOCKS, "ms")
    figure("and waited for a CPU, on average", (after[1] - before[1]) / BLOCKS, "ms")


def main():
    print("\n%-62s %12s %8s %8s" % ("the controller", "MEASURED", "MUST", "REACH"))
    with Lab() as lab:
        lab.start(lab.config())
        measure_imports(lab)
        figure("memory of slash64d with 1M blocks", memory_mib(lab), "MiB", 128, 128)
        control = Control(lab.socket)
        figure("a scrape", percentile([timed(control.ask, "GET", "/metrics") * 1e3 for _ in range(SCRAPES)], 0.5),
               "ms", 5, 5)
        figure("memory of all maps", lab.status()["maps"]["bytes"] / 2**20, "MiB", 64, 64)
        measure_block(lab, control)
        measure_flooded(lab, control)
        lab.stop()
        figure("a start that takes over 1M blocks", timed(lab.start, lab.config()), "s")
    with open(sys.argv[1], "w") as f:
        json.dump(rows, f)


if __name__ == "__main__":
    main()
