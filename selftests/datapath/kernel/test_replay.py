# SPDX-License-Identifier: GPL-2.0-only
"""slash64 replay: link types, truncated captures, limits by the capture's clock, and refusals."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from frames import (ICMPV6, SLASH64, Tally, UDP, ethernet, icmpv6, ipv6, replay, replay_file, router_alert,
                    write_capture)

PACKET = ipv6(ICMPV6, icmpv6(128))
IPV6_IN = {
    "Ethernet": (1, ethernet(PACKET)),
    "null of Linux": (0, struct.pack("<I", 10) + PACKET),
    "null of FreeBSD": (0, struct.pack("<I", 28) + PACKET),
    "null of another byte order": (0, struct.pack(">I", 30) + PACKET),
    "loop": (108, struct.pack(">I", 24) + PACKET),
    "raw IP": (101, PACKET),
    "raw IPv6": (229, PACKET),
    "Linux cooked 1": (113, struct.pack("!HHH8sH", 0, 1, 6, b"\2" * 8, 0x86dd) + PACKET),
    "Linux cooked 2": (276, struct.pack("!HHIHBB8s", 0x86dd, 0, 2, 1, 0, 6, b"\2" * 8) + PACKET),
}


def link_types(tally):
    wrong = []
    for name, (link, data) in IPV6_IN.items():
        got = replay([data], link=link)[0]
        if (got["class"], got["src"], got["icmpv6_type"], got["icmpv6_code"]) != \
                ("echo-request", "2a00:1:2:3::4", 128, 0):
            wrong.append("%s: %s" % (name, got))
        short = replay([data[:3]], link=link)[0]
        if short["class"] not in ("malformed", "not-ipv6"):
            wrong.append("%s, cut: %s" % (name, short))
    tally.promise("every_link_type_is_read", wrong, 2 * len(IPV6_IN))


def cut_short(tally):
    whole = ethernet(ipv6(0, router_alert(ICMPV6) + icmpv6(128, body=b"\0" * 400)))
    cuts = range(54, len(whole), 7)
    got = replay([(whole[:n], len(whole)) for n in cuts] + [whole])
    wrong = []
    for n, result in zip(cuts, got):
        seen = n >= 54 + 8 + 4
        if result.get("cut") is not True or \
                result["class"] != ("echo-request" if seen else "malformed") or \
                (not seen and result["reason"] != "headers-beyond-buffer"):
            wrong.append("%d bytes: %s" % (n, result))
    if "cut" in got[-1]:
        wrong.append("the whole one is called cut")
    tally.promise("what_was_cut_short_is_judged_by_what_is_there_and_said_to_be", wrong, len(got))


def clock(tally):
    flood = [ethernet(ipv6(ICMPV6, icmpv6(128), src="2a00:1:2:3::%x" % (i + 1))) for i in range(3000)]
    wrong = []
    for spacing, low, high in ((0, 200, 200), (0.001, 495, 501), (0.02, 3000, 3000)):
        passed = sum(r["verdict"] == "pass" for r in replay(flood, spacing=spacing))
        if not low <= passed <= high:
            wrong.append("%g s apart: %d passed, not %d to %d" % (spacing, passed, low, high))
    tally.promise("limits_follow_the_clock_of_the_capture", wrong, 3)


def configured(tally):
    frames = [ethernet(ipv6(UDP, b"\0\1\0\2\0\10\0\0", src=s))
              for s in ("2a00:1:2:3::4", "2a00:1:2:3::5", "2a00:1:2:4::1")]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
        config.write("interfaces: []\nblock: ['2a00:1:2:3::/64']\nallow: ['2a00:1:2:3::5/128']\n")
        config.flush()
        got = [r["verdict"] for r in replay(frames, "--config", config.name)]
    tally.promise("blocks_and_allows_of_the_configuration_count",
                  [] if got == ["drop", "pass", "pass"] else [str(got)], 3)


INTERFACES = """
interfaces:
  - {name: wan0, ipv4: enforce, policy: {classes: {udp: drop}}}
  - {name: lan0, filter: monitor}
block: ['2a00:1:2:3::/64', '198.51.100.7']
"""


def as_an_interface(tally):
    """documents D6"""
    v4 = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, bytes([198, 51, 100, 7]), bytes([192, 0, 2, 1])) + \
        b"\0\1\0\2\0\10\0\0"
    frames = [ethernet(ipv6(UDP, b"\0\1\0\2\0\10\0\0", src=s)) for s in ("2a00:1:2:3::4", "2a00:1:2:4::1")] + \
        [b"\2" * 12 + b"\x08\x00" + v4]
    wrong = []
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config, tempfile.NamedTemporaryFile(suffix=".pcap") as pcap:
        def decided(*words):
            return [r["verdict"] for r in replay(frames, "--config", config.name, *words)]

        def written(text):
            config.seek(0)
            config.truncate()
            config.write(text)
            config.flush()

        def expect(got, wanted):
            if got != wanted:
                wrong.append("%s, not %s" % (got, wanted))
        written(INTERFACES)
        write_capture(pcap.name, frames)
        expect(decided("--interface", "wan0"), ["drop", "drop", "drop"])
        expect(decided("--interface", "lan0"), ["would_drop", "pass", "pass"])
        expect(decided(), ["drop", "pass", "pass"])
        code, out, err = run(pcap.name, "--config", config.name, "--interface", "wan1")
        expect((code, err.count("\n"), "wan0, lan0" in err), (1, 1, True))
        expect("name one of them for its own policy: wan0, lan0" in run(pcap.name, "--config", config.name)[1], True)
        written(INTERFACES.replace("  - {name: lan0, filter: monitor}\n", ""))
        expect(decided(), ["drop", "drop", "drop"])
        expect(run(pcap.name, "--config", config.name)[1].splitlines()[0],
               "processed as on wan0: filter enforce, blocks count for IPv4 too")
    tally.promise("a_capture_is_judged_as_the_interface_would", wrong, 7)


def run(*words):
    done = subprocess.run([SLASH64, "replay", *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


RULES = """
interfaces: []
detect:
  levels: [64, 56, 48]
  rules:
    - {name: echo, class: echo-request, over: {packets_per_second: 1000}, during: 2s,
       until: {below: 0.5, during: 5s}, then: propose, rate: 100, ladder: [10m]}
"""


def detected(tally):
    """issue 17: what would have been proposed, when and why"""
    start, wrong = 1_790_000_000, []

    def at(seconds):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + seconds))

    def flood(seconds, rate, sources):
        return [(s + i / rate, ethernet(ipv6(ICMPV6, icmpv6(128), src=sources[i % len(sources)])))
                for s in seconds for i in range(rate)]

    def expect(what, got, wanted):
        if got != wanted:
            wrong.append("%s: %s, not %s" % (what, got, wanted))

    # a /64 for 6 s; a quiet neighbour; later, a /48 whose sources are each below the threshold
    one = flood(range(10, 16), 6000, ["2a00:1:2:3::%x" % (i + 1) for i in range(50)])
    calm = [(s / 10, ethernet(PACKET)) for s in range(0, 600)]
    many = flood(range(40, 45), 4000, ["2a00:1:9:%x00::1" % i for i in range(200)])
    with tempfile.TemporaryDirectory() as d:
        path, cut, config = (os.path.join(d, n) for n in ("a.pcap", "cut.pcap", "c.yaml"))
        with open(config, "w", encoding="utf-8") as f:
            f.write(RULES)
        write_timed(path, [(start + t, p) for t, p in sorted(one + calm + many)])
        lines = replay_file(path, "--detect", "--config", config)
        expect("prefixes", [(p["rule"], p["prefix"], p["state"], p["since"], p["ended"]) for p in lines],
               [("echo", "2a00:1:2:3::/64", "over", at(10), at(21)),
                ("echo", "2a00:1:9::/48", "over", at(40), at(50))])
        for line, rate in zip(lines, (6010, 4000)):
            if abs(line["measured"]["packets_per_second"] - rate) > rate / 10:
                wrong.append("%s: %s, not about %d/s" % (line["prefix"], line["measured"], rate))
            expect("keys", (line["action"], line["rate"], line["for_seconds"], line["threshold"], line["evidence"],
                            line["refused"]), ("throttle", 100, 600.0, {"packets_per_second": 1000.0}, "none", None))
        code, out, err = run(path, "--detect", "--config", config)
        expect("text", (code, err), (0, ""))
        for words in ("proposal 1 of echo: throttle to 100/s 2a00:1:2:3::/64 for 10m: packets_per_second ",
                      " over 1000 since ", "proposal 1 is over after 11s: at most packets_per_second ",
                      "\n2 proposals in 56,600 packets, "):
            if words not in out:
                wrong.append("'%s' is not in: %s" % (words, out))
        # what broke off tells what was found before
        with open(path, "rb") as f, open(cut, "wb") as g:
            whole = f.read()
            g.write(whole[:len(whole) // 2])
        code, out, err = run(cut, "--detect", "--config", config)
        expect("cut", (code, err.count("\n"), "proposal 1 of echo" in out), (1, 1, True))
        # the clock was set back by a day in the middle of the attack: it goes on
        write_timed(path, [(start + t - (86400 if t > 12 else 0), p) for t, p in sorted(one)])
        code, out, err = run(path, "--detect", "--config", config)
        expect("set back", (code, out.count(": proposal"), "went back 1 time;" in out), (0, 1, True))
        # packets that are mixed up by less than a window change nothing
        write_timed(path, [(start + t - (0.3 if i % 3 else 0), p) for i, (t, p) in enumerate(sorted(one))])
        code, out, err = run(path, "--detect", "--config", config)
        expect("mixed up", (code, out.count(": proposal"), "went back" in out), (0, 1, False))
        expect("step", run(path, "--detect", "--step", "parse")[0], 2)
    tally.promise("a_capture_tells_what_would_have_been_proposed", wrong, 12)


def write_timed(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for at, frame in frames:
            ns = round(at * 1e9)
            f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)) + frame)


def refused(tally):
    with tempfile.TemporaryDirectory() as d:
        good, cut, garbage, odd = (os.path.join(d, n) for n in ("good", "cut", "garbage", "odd"))
        write_capture(good, [ethernet(PACKET)] * 3)
        with open(good, "rb") as f, open(cut, "wb") as g:
            g.write(f.read()[:-5])
        with open(garbage, "wb") as f:
            f.write(os.urandom(500))
        write_capture(odd, [b"\0" * 60], link=195)
        cases = [((cut,), 1), ((garbage,), 1), ((odd,), 1), ((os.path.join(d, "none"),), 1),
                 ((good, "--config", garbage), 1), ((good, "--as", "both"), 2),
                 ((good, "--step", "x"), 2), ((good, "--local", "x"), 2), ((), 2), ((good, good), 2)]
        wrong = []
        for words, code in cases:
            got = run(*words)
            if got[0] != code or got[2].count("\n") != 1 or not got[2].startswith("slash64"):
                wrong.append("%s: %s" % (words, got))
        # the part before the end of a damaged file is reported nevertheless
        if "echo-request" not in run(cut)[1]:
            wrong.append("a broken file tells nothing")
        code, out, _ = run(good)
        if code or "3 packets: 3 pass, 0 dropped" not in out or "2a00:1:2:3::/64" not in out:
            wrong.append("the summary: %s" % out)
        json.loads(subprocess.run([SLASH64, "--json", "replay", good], capture_output=True,
                                  text=True).stdout.splitlines()[0])
        # the class of a packet that was only parsed is unknown, and not reported as malformed
        code, out, _ = run(good, "--step", "parse")
        if code or "malformed" in out or not re.search(r"^- +pass +parsed +3$", out, re.M):
            wrong.append("what is parsed alone: %s" % out)
        one = json.loads(subprocess.run([SLASH64, "--json", "replay", good, "--step", "parse"], capture_output=True,
                                        text=True).stdout.splitlines()[0])
        if (one["class"], one["verdict"]) != (None, "pass"):
            wrong.append("one that is parsed alone: %s" % one)
    tally.promise("what_cannot_be_replayed_is_refused_in_one_line", wrong, len(cases) + 5)


def main():
    tally = Tally()
    link_types(tally)
    cut_short(tally)
    clock(tally)
    configured(tally)
    as_an_interface(tally)
    detected(tally)
    refused(tally)
    tally.end()


main()
