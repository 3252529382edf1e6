#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A day's worth of operations in less than a minute, under valgrind: no leak, no invalid access,
neither in slash64d nor in slash64."""
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import check, main, needs_plain_build, test
from lab import BUILD, wait_for

OPERATIONS = int(os.environ.get("OPERATIONS", "700"))
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "valgrind.supp")
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99", "--num-callers=20", "--suppressions=" + SUPPRESSIONS]


def complaints(path):
    with open(path) as f:
        return [line for line in f.read().splitlines() if re.match(r"==\d+==", line)]


def start(lab):
    lab.log = open(os.path.join(lab.dir, "slash64d.log"), "a+")
    before = lab.log.tell()
    # valgrind's own system calls are not in slash64d's list
    lab.daemon = lab.spawn("edge", *VALGRIND, "--log-file=%s/valgrind" % lab.dir, os.path.join(BUILD, "slash64d"),
                           "--config", os.path.join(lab.dir, "slash64.yaml"), stdout=lab.log, stderr=lab.log)
    wait_for(lambda: lab.daemon.poll() is not None or "slash64d: ready" in lab.logged(before), 120, "slash64d")
    check(lab.daemon.poll() is None, lab.logged(before))


def stop(lab):
    lab.daemon.send_signal(signal.SIGTERM)
    return lab.daemon.wait(timeout=60)


def one(lab, api, rng):
    source = "2001:db8:%x:%x::/64" % (rng.randrange(4), rng.randrange(64))
    kind = rng.randrange(12)
    if kind < 3:
        api.ask("POST", "/v1/blocks", {"prefix": source, "for_seconds": rng.choice([0.2, 5, 3600]), "reason": "x", "ticket": "T"})
    elif kind < 5:
        api.ask("DELETE", "/v1/blocks", prefix=source)
    elif kind == 5:
        api.ask("POST", "/v1/throttles", {"prefix": source, "rate": rng.choice([10, 20, 30])})
    elif kind == 6:
        api.ask(rng.choice(["POST", "DELETE"]), "/v1/allowlist", {"prefix": source}, prefix=source)
    elif kind == 7:
        name = api.ask("POST", "/v1/imports", origin="feed", replace=1)["import"]
        text = "".join("2001:db8:a:%x::/64\nnonsense %d\n" % (rng.randrange(100), i) for i in range(20))
        api.ask("POST", "/v1/imports/text", text, **{"import": name})
        api.ask("POST" if rng.random() < 0.8 else "DELETE", "/v1/imports" + ("/commit" if rng.random() < 0.8 else ""),
                **{"import": name})
    elif kind == 8:
        for path in ("/v1/blocks", "/v1/log", "/v1/export", "/v1/status", "/v1/policy", "/v1/top", "/v1/allowlist"):
            api.ask("GET", path)
    elif kind == 9:
        api.ask("GET", "/v1/lookup", address="2001:db8::%x" % rng.randrange(65536))
    elif kind == 10:
        api.request("GET", "/metrics")
        api.getresponse().read()
    else:
        api.request("POST", "/v1/blocks", rng.choice([b"{", b"{}", b'{"prefix":7}', b'{"prefix":"::/0"}', b"x" * 3000]))
        api.getresponse().read()


def give_up_long_lists(lab, api):
    """Readers that disconnect in the middle."""
    name = api.ask("POST", "/v1/imports", origin="long")["import"]
    text = "".join("2001:db8:1111:%x::/64\n" % i for i in range(12000))
    api.ask("POST", "/v1/imports/text", text, **{"import": name})
    api.ask("POST", "/v1/imports/commit", **{"import": name})
    for path in ("/v1/blocks", "/v1/log", "/v1/export") * 3:
        reader = socket.socket(socket.AF_UNIX)
        reader.connect(lab.socket)
        reader.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
        reader.recv(1000)
        reader.close()
    name = api.ask("POST", "/v1/imports", origin="long", replace=1, force=1)["import"]
    api.ask("POST", "/v1/imports/commit", **{"import": name})


@test
def a_days_operations_leak_nothing(lab):
    needs_plain_build()
    rng = random.Random(64)
    config = lab.config("feeds: [{file: %s/feed, origin: watched}]\nblock: [2001:db8:c0::/48]\n" % lab.dir, on_exit="keep")
    with open(os.path.join(lab.dir, "feed"), "w") as f:
        f.write("2001:db8:fe:ed::/64\n")
    start(lab)
    api = Api(lab.socket, timeout=60)
    flood = lab.flood("2001:db8:1:1::/64", 200, 20, "udp")
    give_up_long_lists(lab, api)
    for i in range(OPERATIONS):
        try:
            one(lab, api, rng)
        except Refused:
            pass
        if i % 300 == 299:
            with open(config, "a") as f:
                f.write("# %d\n" % i)
            api.ask("POST", "/v1/reload")
            lab.ip("edge", "link", "set", "wan0", "xdp", "off")
            with open(os.path.join(lab.dir, "feed"), "a") as f:
                f.write("2001:db8:fe:%x::/64\n" % i)
    api.ask("POST", "/v1/interfaces", {"name": "lan0"})
    api.ask("DELETE", "/v1/interfaces", name="lan0")
    with open(config, "a") as f:
        f.write("nonsense: [\n")
    try:
        api.ask("POST", "/v1/reload")
    except Refused:
        pass
    time.sleep(2)
    api.close()
    flood.communicate(timeout=60)
    code = stop(lab)
    said = complaints(os.path.join(lab.dir, "valgrind"))
    check(code == 0 and not said, "slash64d under valgrind: exit %d, %s" % (code, "\n".join(said[:40])))


@test
def the_command_leaks_nothing(lab):
    needs_plain_build()
    lab.config("", on_exit="keep")
    lab.start()
    feed = os.path.join(lab.dir, "feed")
    for words in (["status"], ["block", "2001:db8:9::/64", "--for", "1h"], ["list"], ["list", "--sort", "hits"], ["log"],
                  ["lookup", "2001:db8:9::1"], ["unblock", "2001:db8:9::/64"], ["import", feed, "--origin", "x"], ["export"],
                  ["top", "--seconds", "1"], ["policy", "show"], ["metrics"], ["say", "2001:db8:9::/64"],
                  ["hear", "nonsense"], ["block", "nonsense"], ["allow", "2001:db8:8::/64"], ["allow"],
                  ["unallow", "2001:db8:8::/64"], ["throttle", "2001:db8:9::/64", "--rate", "5"], ["reload"],
                  ["policy", "check", os.path.join(lab.dir, "slash64.yaml")],
                  ["upgrade-check", "--config", os.path.join(lab.dir, "slash64.yaml")]):
        path = os.path.join(lab.dir, "valgrind.cli")
        done = subprocess.run([*VALGRIND, "--log-file=" + path, lab.cli, "--socket", lab.socket, *words],
                              capture_output=True, text=True, timeout=120)
        said = complaints(path)
        check(done.returncode != 99 and not said, "slash64 %s: %s" % (" ".join(words), "\n".join(said[:30])))


main()
