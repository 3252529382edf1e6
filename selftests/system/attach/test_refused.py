#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The error when the kernel refuses a program: the verifier's last words, in one line; and root is
never told to run as root."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
import lab as laboratory
from lab import BUILD

REFUSED = os.path.join(BUILD, "variant-refused")
# the verifier's message for an index that is not masked, which depends on the compiler
WHY = ("invalid access to", "math between map_value pointer and register with unbounded")
CAPTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "corpus")


def check_told(text, what):
    lines = [line for line in text.splitlines() if "verifier" in line]
    check_equal(len(lines), 1, what + ": lines of %r" % text)
    check("refuses the program" in lines[0] and any(why in lines[0] for why in WHY), what + " says %r" % lines[0])
    check("as root" not in text and "libbpf" not in text, what + " says %r" % text)
    return lines[0]


def capture():
    for directory, _, names in os.walk(CAPTURE):
        for name in sorted(names):
            if ".pcap" in name:
                return os.path.join(directory, name)
    raise Skipped("there is no capture")


def replay(*before, cli=os.path.join(BUILD, "slash64")):
    return subprocess.run(list(before) + [cli, "replay", capture()], capture_output=True, text=True, timeout=120)


@test
def replay_tells_the_verifiers_last_lines(lab):
    done = replay(cli=os.path.join(REFUSED, "slash64"))
    check_equal(done.returncode, 1, "its exit code")
    check_told(done.stderr, "replay")


@test
def start_and_attach_tell_the_verifiers_last_lines(lab):
    lab.stop()
    laboratory.BUILD = REFUSED
    try:
        lab.start(lab.config("", "[]"))
        done = lab.slash64("attach", "wan0", check=False)
        check(done.returncode, "attach succeeded")
        check("cannot attach to wan0: " in check_told(done.stderr, "attach"), "it says %r" % done.stderr)
        lab.stop()
        since = len(lab.logged())
        try:
            lab.start(lab.config())
        except laboratory.LabError:
            pass
        check("wan0" in check_told(lab.logged(since), "the start"), "it says %r" % lab.logged(since))
        lab.stop()
    finally:
        laboratory.BUILD = BUILD
    lab.start(lab.config())


@test
def who_is_not_root_is_told_to_be_and_root_is_not(lab):
    said = replay("setpriv", "--reuid=65534", "--clear-groups").stderr
    check("run as root" in said, "to user 65534 it says %r" % said)
    said = replay("setpriv", "--bounding-set=-bpf,-sys_admin").stderr
    check("root lacks CAP_BPF" in said and "run as root" not in said, "to root without CAP_BPF it says %r" % said)


if __name__ == "__main__":
    main()
