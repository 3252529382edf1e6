#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""LIMITS of slash64.yaml(5): for every row, values just below, at, and just above each end are
refused, accepted, refused."""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
ETH0 = "interfaces: [{name: eth0}]\n"
MS = {"ms": 1, "s": 1000, "m": 60000, "h": 3600000, "d": 86400000}


def number(text):
    """The limits in a row; durations are in milliseconds."""
    found = re.fullmatch(r"(\d+)(ms|[smhd])?", text)
    return int(found.group(1)) * MS.get(found.group(2), 1)


def path(bytes_):
    return "/" + "a" * (bytes_ - 1) if bytes_ else "''"


def text(bytes_):
    return "a" * bytes_ or "''"


def entries(key, entry, count):
    return "%s: []\n" % key if not count else key + ":\n" + "".join("  - %s\n" % entry(i) for i in range(count))


def source(i):
    return "{prefix: '2001:db8:%x::/48', length: 56}" % i


def feed(**keys):
    words = dict({"file": "/a", "origin": "x"}, **keys)
    return ETH0 + "feeds: [{%s}]\n" % ", ".join("%s: %s" % kv for kv in words.items())


def rule(**keys):
    words = dict({"name": "a", "over": "{bits_per_second: 1}"}, **keys)
    return ETH0 + "detect:\n  rules:\n    - {%s}\n" % ", ".join("%s: %s" % kv for kv in words.items())


def with_force(key, prefix):
    return ETH0 + "%s: [%s]\n" % (key, "{prefix: '%s', force: true}" % prefix if key == "block" else "'%s'" % prefix)


# a row, as written: configurations with the value n
ROWS = {
    "*interfaces*, entries": [lambda n: "maps: {interfaces: 256}\n" + entries("interfaces", lambda i: "{name: e%d}" % i, n)],
    "*name* of an interface, bytes": [lambda n: "interfaces: [{name: %s}]\n" % text(n)],
    "*socket*, *read_socket*, *state*, *pins*, bytes":
        [lambda n, k=k: ETH0 + "%s: {%s: %s}\n" % (k[0], k[1], path(n)) for k in
         (("control", "socket"), ("control", "read_socket"), ("maps", "pins"))] +
        [lambda n: ETH0 + "state: %s\n" % path(n)],
    "*group*, *read_group*, bytes":
        [lambda n, k=k: ETH0 + "control: {%s: %s}\n" % (k, text(n)) for k in ("group", "read_group")],
    "port of *listen*": [lambda n: ETH0 + "metrics: '[::1]:%d'\n" % n],
    "*blocks*, *prefixes*, *limiter*":
        [lambda n, k=k: ETH0 + "maps: {%s: %d}\n" % (k, n) for k in ("blocks", "prefixes", "limiter")],
    "*interfaces* of *maps*": [lambda n: ETH0 + "maps: {interfaces: %d}\n" % n],
    "*changes*": [lambda n: ETH0 + "log: {changes: %d}\n" % n],
    "*keep*, *for*": [lambda n: ETH0 + "log: %dms\n" % n, lambda n: ETH0 + "block_defaults: {for: %dms}\n" % n,
                      lambda n: feed(**{"for": "%dms" % n})],
    "*rate*, *rate_48*": [lambda n: ETH0 + "limits: {udp: {rate: %d, rate_48: 100000000}}\n" % n,
                          lambda n: ETH0 + "limits: {udp: {rate: 1, rate_48: %d}}\n" % n],
    "*burst*, *burst_48*": [lambda n, k=k: ETH0 + "limits: {udp: {rate: 1M, rate_48: 1M, %s: %d}}\n" % (k, n)
                            for k in ("burst", "burst_48")],
    "length of a prefix under *allow*, *block*, *own*":
        [lambda n, k=k: with_force(k, "2001:db8::1/%d" % n) for k in ("allow", "block", "own")],
    "of one of IPv4 under *allow*, *block*":
        [lambda n, k=k: with_force(k, "198.51.100.7/%d" % n) for k in ("allow", "block")],
    "of one of IPv4 under *own*": [lambda n: with_force("own", "198.51.100.7/%d" % n)],
    "*reason*, bytes": [lambda n, k=k: ETH0 + "%s: [{prefix: '2001:db8::/64', reason: %s}]\n" % (k, text(n))
                        for k in ("allow", "block")] + [lambda n: feed(reason=text(n))],
    "*length* of a source": [lambda n: ETH0 + "sources: {lengths: [{prefix: '2001::/16', length: %d}]}\n" % n],
    "*sources*, entries of its lists together":
        [lambda n: ETH0 + "sources: {lengths: [%s]}\n" % ", ".join(map(source, range(n))),
         lambda n: ETH0 + "sources: {nat64: [%s], lengths: [%s]}\n" % ("'2001:db9::/96'" if n else "",
                                                                     ", ".join(map(source, range(n - 1))))],
    "*feeds*, entries": [lambda n: ETH0 + entries("feeds", lambda i: "{file: /a, origin: x%d}" % i, n)],
    "*file*, bytes": [lambda n: feed(file=path(n))],
    "*origin*, bytes": [lambda n: feed(origin=text(n))],
    "*settle*": [lambda n: feed(settle="%dms" % n)],
    "*shrink*": [lambda n: feed(shrink=n)],
    "*name* of a rule, bytes": [lambda n: rule(name=text(n))],
    "*rules*, entries": [lambda n: ETH0 + "detect: {rules: [%s]}\n" %
                         ", ".join("{name: r%d, over: {bits_per_second: 1}}" % i for i in range(n))],
    "*over*, per second": [lambda n, k=k: rule(over="{%s_per_second: %d}" % (k, n))
                           for k in ("packets", "bits", "destinations", "ports")],
    "*during* of a rule": [lambda n: rule(during="%dms" % n)],
    "*during* of *until*": [lambda n: rule(until="{during: %dms}" % n)],
    "*rate* of a rule": [lambda n: rule(rate=n, then="throttle")],
    "*ladder*, steps": [lambda n: rule(ladder="[%s]" % ", ".join(["1m"] * n))],
    "a step of *ladder*": [lambda n: rule(ladder="[%dms]" % n)],
    "*levels*, entries": [lambda n: ETH0 + "detect: {levels: [%s]}\n" % ", ".join(map(str, range(64, 64 - n, -1)))],
    "a length of *levels*": [lambda n: ETH0 + "detect: {levels: [%d]}\n" % n],
    "*actions_per_hour*": [lambda n: ETH0 + "detect: {fuse: {actions_per_hour: %d}}\n" % n],
}


def rows_told():
    with open(os.path.join(ROOT, "docs", "man", "slash64.yaml.5.scd")) as f:
        table = f.read().split("# LIMITS", 1)[1].split("\n# ", 1)[0]
    return re.findall(r"^\|  (.*)\n:  (.*)\n:  (.*)$", table, re.M)


def refusal(config):
    """The error of slash64d, or None if it accepts the value."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(config)
        f.flush()
        done = subprocess.run([os.path.join(BUILD, "slash64d"), "--check", "--config", f.name], capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else None


def row_is_wrong(what, low, high):
    """How the result differs from the row, or None."""
    for make in ROWS[what]:
        for value, fits in ((low - 1, False), (low, True), (high, True), (high + 1, False)):
            if value < 0 and "entries" in what:
                continue  # there is nothing below none
            why = refusal(make(value))
            if fits and why:
                return "%d is refused: %s" % (value, why[:200])
            if not fits and not why:
                return "%d is taken: %s" % (value, make(value)[:200])
            if not fits and not re.search(r"\.yaml:\d+: ", why):
                return "%d is refused without its line: %s" % (value, why[:200])
    return None


def main():
    passed = failed = 0
    told = rows_told()
    for what in sorted({row[0] for row in told} ^ set(ROWS)):
        failed += 1
        print("not ok %s: only in %s" % (what, "this test" if what in ROWS else "slash64.yaml(5)"))
    for what, low, high in told:
        wrong = row_is_wrong(what, number(low), number(high)) if what in ROWS else None
        print("not ok %s: %s" % (what, wrong) if wrong else "ok %s" % what)
        failed += wrong is not None
        passed += wrong is None
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
