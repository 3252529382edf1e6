#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A long time under flood with churn: blocks that come and end, reloads, scrapes. After the first
minute neither memory, nor file descriptors, nor maps grow.

SOAK_S=N takes N seconds (900 at length) instead of 24; the warm-up is a part of that."""
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api
from harness import check, check_equal, main, test
from lab import BAD_1

SOAK_S = float(os.environ.get("SOAK_S", "24"))
WARM_UP_S = min(60, SOAK_S / 3)
BLOCKS_A_MINUTE = 10000
GROWTH_KIB = 4096  # sqlite's and the allocator's own
GOOD = "2001:db8:900d:1::/64"


def maps_of(pid):
    """Its maps, by number, with their bytes."""
    maps = {}
    for fd in os.listdir("/proc/%d/fdinfo" % pid):
        with open("/proc/%d/fdinfo/%s" % (pid, fd)) as f:
            about = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
        if "map_id" in about:
            maps[about["map_id"]] = int(about["memlock"])
    return maps


def measure(lab):
    pid = lab.daemon.pid
    with open("/proc/%d/status" % pid) as f:
        rss = int([line for line in f if line.startswith("VmRSS")][0].split()[1])
    maps = maps_of(pid)
    return {"rss_kib": rss, "descriptors": len(os.listdir("/proc/%d/fd" % pid)), "maps": len(maps),
            "maps_bytes": sum(maps.values())}


def churn(lab, api, rng, until):
    """Blocks for a few seconds each, a scrape every second, a reload every five."""
    second = 0
    began = time.monotonic()
    made = 0
    while time.monotonic() < until:
        source = "2001:db8:%x:%x::/64" % (0x7000 + rng.randrange(64), rng.randrange(65536))
        api.ask("POST", "/v1/blocks", {"prefix": source, "for_seconds": rng.uniform(1, 6), "reason": "churn"})
        made += 1
        elapsed = time.monotonic() - began
        if elapsed > second:
            second += 1
            api.request("GET", "/metrics")
            check(b"slash64_packets" in api.getresponse().read(), "a scrape")
            if second % 5 == 0:
                api.ask("POST", "/v1/reload")
                api.ask("GET", "/v1/blocks", limit=10)
        pause = made * 60 / BLOCKS_A_MINUTE - (time.monotonic() - began)
        if pause > 0:
            time.sleep(pause)
    return made


@test
def nothing_grows_after_the_first_minute(lab):
    rng = random.Random(64)
    api = Api(lab.socket)
    lab.slash64("block", BAD_1)
    receiver = lab.receiver(SOAK_S + 60)
    bad, good = lab.flood(BAD_1, 5000, SOAK_S + 60, "udp"), lab.flood(GOOD, 500, SOAK_S + 60, "udp")
    began = time.monotonic()
    made = churn(lab, api, rng, began + WARM_UP_S)
    first = measure(lab)
    made += churn(lab, api, rng, began + SOAK_S)
    last = measure(lab)
    took = time.monotonic() - began
    for flood in (bad, good):
        lab.end(flood)
    sent = json.loads(good.communicate(timeout=60)[0])["sent"]
    bad.communicate(timeout=60)
    time.sleep(1)
    lab.end(receiver)
    got = lab.received(receiver)
    print("# %.0f s, %d blocks, from %r to %r" % (took, made, first, last))
    check(made > 0.9 * took * BLOCKS_A_MINUTE / 60, "only %d blocks in %.0f s" % (made, took))
    check(last["rss_kib"] - first["rss_kib"] < GROWTH_KIB, "memory grew by %d KiB" % (last["rss_kib"] - first["rss_kib"]))
    check(last["descriptors"] <= first["descriptors"] + 1, "descriptors: %r, %r" % (first, last))
    check_equal((last["maps"], last["maps_bytes"]), (first["maps"], first["maps_bytes"]), "maps")
    check(BAD_1 not in got, "packets of the blocked source passed")
    check_equal(got[GOOD]["packets"], sent, "packets of the clean source")
    time.sleep(7)
    check_equal([b["prefix"] for b in lab.json("list")], [BAD_1], "what is left when all has ended")


def prepare(lab):
    path = lab.config()
    with open(path) as f:
        text = f.read()
    # The pages of a table for a million blocks would be touched one by one for as long as this takes.
    with open(path, "w") as f:
        f.write(text.replace("maps: {", "maps: {blocks: 16384, prefixes: 4096, ", 1))
    lab.start(path)


main(prepare)
