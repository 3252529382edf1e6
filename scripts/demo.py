#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`make run`: slash64 at work on a router, in a small Internet made of network namespaces."""
import os
import re
import sys
import time

sys.dont_write_bytecode = True

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "selftests", "lib"))

from lab import BAD_1, BUILD, ISP_WAN, Lab, LabError  # noqa: E402

MAP = """
    attacker -----------.
    2001:db8:bad::/48    \\
                          isp ----- wan0 [ edge router ] lan0 ----- server
    client --- home -----/               slash64 is here            2001:db8:5e:1::10
    2001:db8:c1:1::10  ^
                       a link with an MTU of 1280

  Each of them is a network namespace of this machine with a Linux kernel's IPv6 in it; no packet leaves
  the machine. slash64 sits on wan0, the outside interface of the edge router, and processes what comes in.
  Ctrl-C ends it at any time and takes everything away again.
"""
FLOOD_PPS = 20000
FLOOD_SECONDS = 60  # ended before, by the end of the demo
METRICS = "http://[::1]:9664/metrics"


class Screen:
    def __init__(self):
        self.broken = []
        self.act = 0
        self.bold, self.green, self.red, self.plain = \
            ("\033[1m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("",) * 4

    def say(self, text=""):
        print(text, flush=True)

    def title(self, text):
        self.act += 1
        self.say("\n%s%d. %s%s" % (self.bold, self.act, text, self.plain))

    def command(self, text):
        self.say("\n   %s$ %s%s" % (self.bold, text, self.plain))

    def output(self, text, lines=None):
        rows = text.rstrip().splitlines()
        for row in rows[:lines]:
            self.say("   " + row)
        if lines and len(rows) > lines:
            self.say("   ... (%d lines more)" % (len(rows) - lines))

    def promise(self, kept, text):
        """One line for what slash64 promises, and whether it came out so."""
        mark = self.green + "ok    " if kept else self.red + "FAILED"
        self.say("   %s%s  %s" % (mark, self.plain, text))
        if not kept:
            self.broken.append(text)


def told(lab, screen, *words, lines=None):
    """Run slash64 as an operator would, and show it."""
    shown = " ".join("'%s'" % w if " " in w else w for w in words)
    screen.command("slash64 " + shown)
    screen.output(lab.slash64(*words).stdout, lines)


def rate(lab, cls, verdict):
    return sum(row["packets_per_second"] for row in lab.status()["rates"]
               if row["class"] == cls and row["verdict"] == verdict)


def start(lab, screen):
    screen.title("slash64 attaches to the running router")
    screen.command("slash64d --config slash64.yaml &")
    lab.start(lab.config())
    screen.output(re.sub(re.escape(lab.dir), "...", lab.logged()))
    screen.promise(lab.status()["interfaces"][0]["state"] == "attached", "the program is on wan0")


def ipv6_still_works(lab, screen):
    screen.title("Nothing breaks: the default policy lets through what IPv6 needs (RFC 4890)")
    lab.ip("edge", "-6", "neigh", "flush", "dev", "wan0")
    lab.ip("isp", "-6", "neigh", "flush", "dev", "edge0")
    answer = lab.run("edge", "ndisc6", "-q", ISP_WAN, "wan0", check=False).stdout.strip()
    screen.promise(bool(answer), "neighbour discovery: the edge asks for %s, and %s answers" %
                   (ISP_WAN, answer or "nobody"))
    loss = lab.ping("client", count=10)
    screen.promise(loss == 0, "ping from the client to the server: %g%% of 10 lost" % loss)
    lab.forget_mtu()
    before = lab.counter("server", "Icmp6InPktTooBigs")
    got = lab.download(16)
    too_big = lab.counter("server", "Icmp6InPktTooBigs") - before
    screen.promise(got == 16 << 20 and too_big > 0,
                   "download of 16 MiB over the 1280-byte link: %s; %d Packet Too Big reached the server" %
                   ("every byte is right" if got == 16 << 20 else "it broke", too_big))


def flood(lab, screen):
    screen.title("An attack: {:,} pings a second at the server, from random addresses of {}".format(
        FLOOD_PPS, BAD_1))
    screen.say("   Every packet has another source address, but they share one source, their /64.")
    running = lab.flood(BAD_1, FLOOD_PPS, FLOOD_SECONDS)
    time.sleep(2.5)
    receiver = lab.receiver(3)
    seen = lab.received(receiver).get(BAD_1, {}).get("packets", 0) / 3
    told(lab, screen, "status")
    loss = lab.ping("client", count=10)
    screen.promise(90 <= seen <= 110, "the limit of one source holds: {:,} a second arrive, {:,.0f} reach the "
                   "server".format(FLOOD_PPS, seen))
    screen.promise(loss == 0, "the client, another source, pings the server meanwhile: %g%% of 10 lost" % loss)
    return running


def block(lab, screen, running):
    screen.title("The operator blocks the source, while the attack goes on")
    receiver = lab.receiver(4)
    told(lab, screen, "block", BAD_1, "--for", "10m", "--reason", "echo flood")
    returned_ns = time.monotonic_ns()
    loss = lab.ping("client", count=10)
    last_ns = lab.received(receiver).get(BAD_1, {}).get("last", 0)
    told(lab, screen, "status")
    late_ms = (last_ns - returned_ns) / 1e6
    screen.promise(late_ms <= 10, "nothing of it has reached the server since the command returned"
                   if late_ms <= 0 else "its last packet came %.1f ms after the command returned" % late_ms)
    screen.promise(rate(lab, "echo-request", "drop") > 0.8 * FLOOD_PPS and running.poll() is None,
                   "the attack goes on: {:,.0f} a second are dropped at wan0".format(
                       rate(lab, "echo-request", "drop")))
    lab.forget_mtu()
    got = lab.download(16)
    screen.promise(loss == 0, "the client pings the server meanwhile: %g%% of 10 lost" % loss)
    screen.promise(got == 16 << 20, "the client downloads 16 MiB meanwhile: %s" %
                   ("every byte is right" if got == 16 << 20 else "it broke"))


def who(lab, screen):
    screen.title("Who is blocked, and who is loud")
    time.sleep(1.2)
    told(lab, screen, "list")
    told(lab, screen, "top", lines=8)
    rows = lab.json("list")
    screen.promise([r["prefix"] for r in rows] == [BAD_1] and rows[0]["hits"] > 0,
                   "the block counts its hits: {:,}".format(rows[0]["hits"] if rows else 0))


def metrics(lab, screen):
    screen.title("The same numbers, for Prometheus")
    screen.command("curl -g '%s'" % METRICS)
    text = lab.run("edge", "curl", "-sS", "-g", METRICS).stdout
    wanted = re.compile(r'slash64_packets_total{.*(echo-request|packet-too-big|"tcp"|neighbor)|slash64_blocks |'
                        r'# (HELP|TYPE) slash64_(packets_total|blocks) ')
    screen.output("\n".join(line for line in text.splitlines() if wanted.match(line)))
    screen.say("   ...")
    screen.promise('class="echo-request",verdict="drop",reason="blocked"' in text,
                   "there are counters by class, verdict and reason, and never one by source")


def play(lab, screen):
    start(lab, screen)
    ipv6_still_works(lab, screen)
    running = flood(lab, screen)
    block(lab, screen, running)
    who(lab, screen)
    metrics(lab, screen)
    screen.title("The end: on_exit is 'detach', so slash64d takes the program off wan0")
    lab.stop()
    left = '"xdp"' in lab.ip("edge", "-j", "link", "show", "dev", "wan0").stdout or os.path.exists(lab.pins)
    screen.promise(not left, "the router is as it was before")
    running.kill()


def main():
    screen = Screen()
    for needed in ("slash64d", "slash64", "flood"):
        if not os.access(os.path.join(BUILD, needed), os.X_OK):
            sys.exit("demo: %s is not built: run 'make run'" % os.path.join(BUILD, needed))
    if os.geteuid() != 0:
        sys.exit("demo: namespaces need root: run 'make run' as root")
    screen.say("%sThe slash64 demo%s\n%s" % (screen.bold, screen.plain, MAP.rstrip()))
    try:
        with Lab() as lab:
            play(lab, screen)
    except KeyboardInterrupt:
        screen.say("\ninterrupted; namespaces, programs, pins and files of the demo are gone")
        return 130
    except BrokenPipeError:  # nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except LabError as error:
        screen.say("\nsandbox: %s" % error)
        return 1
    if screen.broken:
        screen.say("\nsandbox: %d promise%s not kept: %s" % (
            len(screen.broken), " was" if len(screen.broken) == 1 else "s were", "; ".join(screen.broken)))
        return 1
    screen.say("\nAll of it came out as promised, and the demo is gone. On a real interface:\n\n"
               "    make run IFACE=eth0\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
