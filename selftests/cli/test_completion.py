#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Completion by the real bash, zsh and fish: every command and option, values of slash64d, silence on errors, and speed.

    test_completion.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import pty
import re
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, ROOT, SEEN, Skip, block, directory, equal, main, mock, test  # noqa: E402

SCRIPTS = os.path.join(ROOT, "scripts", "completion")
TABLE = [json.loads(line) for line in subprocess.run([PROGRAM, "help", "--json"], capture_output=True, text=True).stdout.splitlines()]
COMMANDS = [row["command"] for row in TABLE]
COMMON = ["--json", "--socket", "--no-pager", "--color", "--help", "--host", "--hosts", "--parallel", "--timeout"]
ENVIRONMENT = {**os.environ, "PATH": os.path.dirname(os.path.abspath(PROGRAM)) + ":" + os.environ["PATH"], "HOME": directory,
               "XDG_CONFIG_HOME": directory, "XDG_DATA_HOME": directory, "TERM": "dumb", "LC_ALL": "C.UTF-8",
               "SLASH64_COMPLETE_MS": "20000"}  # the machine may be busy


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    equal(done.stderr, "")
    return [line for line in done.stdout.split("\n") if line]


def told(line):
    """What slash64 says, with the sentences."""
    return output(PROGRAM, "help", "--complete", "--line", "--", line)


def by_bash(line):
    """With bash's own colons in COMP_WORDBREAKS: what it puts in place of the part behind them."""
    return output("bash", "-uc", r'''
        source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
        _slash64; printf '%s\n' "${COMPREPLY[@]}"''', "bash", os.path.join(SCRIPTS, "slash64.bash"), line)


def by_fish(line):
    needed("fish")
    quoted = line.replace("\\", "\\\\").replace("'", "\\'")
    return [found.split("\t")[0] for found in
            output("fish", "-N", "-c", "source %s/slash64.fish; complete -C '%s'" % (SCRIPTS, quoted))]


def needed(shell):
    if not shutil.which(shell):
        raise Skip("there is no %s" % shell)


class Terminal:
    """A shell at a prompt, and what is on its line after a key."""

    def __init__(self, *command):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=ENVIRONMENT, start_new_session=True)
        os.close(slave)

    def read(self, until, seconds=20):
        out, end = "", time.monotonic() + seconds
        while not re.search(until, out):
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("no %r in %r" % (until, out))
            out += os.read(self.master, 65536).decode(errors="replace").replace("\r", "")
        return out

    def types(self, text):
        os.write(self.master, text.encode())

    def close(self):
        os.close(self.master)
        self.process.kill()
        self.process.wait()


def by_key(shell, setup, line):
    """The line after the tab key, as the shell would run it: `slash64` prints its arguments then."""
    needed(shell)
    terminal = Terminal(*{"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell])
    try:
        terminal.types("PS1='ready> '; PS2=; %s\necho be''gin\n" % setup)
        terminal.read(r"\nbegin\n")
        terminal.types(line + "\t")
        # what was completed is in the shell's buffer: the line is run as an argument of printf
        time.sleep(0.1)
        terminal.types("\x01printf 'G''OT<%s>' \x05\n")
        return re.findall(r"GOT<([^>]*)>", terminal.read(r"(?s)GOT<.*ready> "))
    finally:
        terminal.close()


ZSH = "fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D; bindkey -e" % SCRIPTS
BASH = "source %s/slash64.bash" % SCRIPTS


# --- what there is ---

@test
def bash_knows_every_command_and_option():
    equal(by_bash("slash64 "), COMMANDS)
    equal(by_bash("slash64 --js"), ["--json"])
    equal(by_bash("slash64 --json una"), ["unallow"])
    for row in TABLE:
        options = [item["word"] for item in row["items"] if item["word"].startswith("--")]
        equal(sorted(by_bash("slash64 %s --" % row["command"])), sorted(options + COMMON))


@test
def fish_knows_every_command_and_option():
    equal(sorted(by_fish("slash64 ")), sorted(COMMANDS))
    for command in "block", "init", "policy":
        options = [item["word"] for row in TABLE if row["command"] == command for item in row["items"]
                   if item["word"].startswith("--")]
        equal(sorted(by_fish("slash64 %s --" % command)), sorted(options + COMMON))


@test
def every_word_has_a_sentence():
    for line in told("slash64 ") + told("slash64 block --") + told("slash64 policy "):
        word, text = line.split("\t")
        assert word and text, line
    equal([line.split("\t")[1] for line in told("slash64 ")], [row["summary"] for row in TABLE])


@test
def values_are_those_of_the_table():
    for by in by_bash, by_fish:
        equal(sorted(by("slash64 attach --mode ")), ["auto", "generic", "native"])
        equal(by("slash64 attach eth0 --filter m"), ["monitor"])
        equal(sorted(by("slash64 policy ")), ["check", "diff", "show", "suggest"])
        equal(sorted(by("slash64 list --kind ")), ["block", "throttle"])
        equal(by("slash64 list --sort h"), ["hits"])
        equal(by("slash64 list --reverse --sort l"), ["last_hit"])  # a switch has no value
        equal(sorted(by("slash64 list --hit-within 1")), ["15m", "1d", "1h"])
        equal(sorted(by("slash64 import feed --format drop")), ["drop", "drop-text"])
        equal(by("slash64 status "), [])
        equal(by("slash64 help thr"), ["throttle"])
        for line in "slash64 ", "slash64 list ":
            equal(sorted(by(line + "--color ")), ["always", "auto", "never"])
        for command in "watch", "top", "capture":
            equal(sorted(by("slash64 %s --class echo-r" % command)), ["echo-reply", "echo-request"])
            equal(by("slash64 %s --reason over-4" % command), ["over-48-limit"])
    equal(sorted(by_fish("slash64 block --for=1")), ["--for=15m", "--for=1d", "--for=1h"])
    equal(sorted(by_bash("slash64 block --for=1")), ["15m", "1d", "1h"])  # bash keeps what is before the "="
    assert len(by_bash("slash64 watch --class ")) > 50 and len(by_bash("slash64 top --reason ")) > 30


@test
def files_are_completed_by_the_shell():
    for by in by_bash, by_fish:
        for line in ("import --replace", "export --output", "diff", "status --pins", "policy check", "replay", "--socket",
                     "list --socket"):
            equal(by("slash64 %s %s" % (line, __file__[:-1])), [__file__], line)
    equal(by_fish("slash64 export --output=%s" % __file__[:-1]), ["--output=" + __file__])
    equal(by_bash("slash64 export --output=%s" % __file__[:-1]), [__file__])


@test
def interfaces_are_those_of_this_machine():
    all_of_them = sorted(name for name in os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net/" + name))
    for command in "attach", "doctor", "--socket=/nonexistent detach", "init --interface":
        equal(sorted(by_bash("slash64 %s " % command)), all_of_them)
    mock.says({"interfaces": [{"name": "wan0", "state": "attached"}, {"name": "wan1", "state": "missing"}]})
    for words in "detach", "top --interface", "watch --interface":
        equal(by_bash("slash64 --socket %s %s " % (mock.path, words)), ["wan0", "wan1"])


# --- what slash64d knows ---

@test
def what_is_blocked_is_offered():
    mock.says([block(1, reason='x "prefix":"$(touch gone)'), block(2), block(0x22), block(2, origin="feed")])
    line = "slash64 --socket %s unblock " % mock.path
    equal(by_bash(line), ["2001:db8:bad:1::/64", "2001:db8:bad:2::/64", "2001:db8:bad:22::/64"])
    equal(mock.requests[0][1:3], ("/v1/blocks", {"limit": ["1000"]}))
    equal(by_bash(line + "2001:db8:bad:2"), ["2::/64", "22::/64"])  # bash keeps what is in front of the colon
    # of a million, those that begin like that are asked for
    equal(mock.requests[-1][2], {"limit": ["1000"], "within": ["2001:db8:bad::/48"]})
    equal(sorted(by_fish(line + "2001:db8:bad:2")), ["2001:db8:bad:22::/64", "2001:db8:bad:2::/64"])
    equal(by_bash(line + "2001:db8:bad:2::/64 "), ["2001:db8:bad:1::/64", "2001:db8:bad:22::/64"])  # not again
    equal(by_bash(line + "--origin a 2001:db8:bad:1"), ["1::/64"])
    for command in "edit", "list", "list --origin x", "log --prefix", "unblock --within", "say":
        equal(len(by_bash("slash64 --socket %s %s " % (mock.path, command))), 3, command)
    mock.says([{"prefix": "2001:db8::/32", "reason": "ours"}])
    equal(by_bash("slash64 --socket=%s unallow " % mock.path), ["2001:db8::/32"])
    equal([request[1] for request in mock.requests], ["/v1/allowlist"])


@test
def who_is_loud_is_offered_to_those_who_act():
    mock.says([dict(SEEN, source="2001:db8:bad:1::/64", since=None, blocked=False)])
    for command in "block", "throttle", "watch --source", "top --source", "capture --source", "lookup":
        line = told("slash64 --socket %s %s " % (mock.path, command))[0]
        equal(line, "2001:db8:bad:1::/64\t20,011 packets/s, echo-request, over-source-limit")
        equal(mock.requests[0][1], "/v1/top", command)


@test
def origins_tickets_and_proposals_are_offered():
    mock.says([block(1, origin="spamhaus", ticket="INC-1"), block(2, ticket="it's $(touch gone)"), block(3, origin="spamhaus")])
    line = "slash64 --socket %s " % mock.path
    equal(by_bash(line + "list --origin "), ["spamhaus", "operator"])
    equal(by_bash(line + "unblock --origin=s"), ["spamhaus"])
    equal(by_bash(line + "list --ticket I"), ["INC-1"])
    equal(by_bash(line + "list --ticket it"), [r"it\'s\ \$\(touch\ gone\)"])
    equal(by_fish(line + "list --ticket I"), ["INC-1"])
    assert not os.path.exists("gone")
    mock.says([{"id": 7, "rule": "echo-flood", "prefix": "2001:db8:bad:1::/64", "action": "block"}])
    for command in "apply", "dismiss", "proposals":
        equal(told(line + command + " "), ["7\tblock 2001:db8:bad:1::/64: echo-flood"])


# --- at the keyboard ---

@test
def the_tab_key_completes_in_zsh():
    mock.says([block(1)])
    equal(by_key("zsh", ZSH, "slash64 unb"), ["slash64", "unblock"])
    equal(by_key("zsh", ZSH, "slash64 --socket %s unblock 2001:db8:" % mock.path)[-1], "2001:db8:bad:1::/64")
    equal(by_key("zsh", ZSH, "slash64 block --unt"), ["slash64", "block", "--until"])
    equal(by_key("zsh", ZSH, "slash64 attach --filter=m"), ["slash64", "attach", "--filter=monitor"])
    equal(by_key("zsh", ZSH, "slash64 diff %s" % __file__[:-1])[-1], __file__)
    equal(by_key("zsh", ZSH, "slash64 list --reason 'echo flood' --sort hi")[-3:], ["echo flood", "--sort", "hits"])


@test
def the_tab_key_completes_in_bash():
    mock.says([block(1)])
    equal(by_key("bash", BASH, "slash64 unb"), ["slash64", "unblock"])
    equal(by_key("bash", BASH, "slash64 --socket %s unblock 2001:db8:" % mock.path)[-1], "2001:db8:bad:1::/64")
    equal(by_key("bash", BASH, "slash64 attach --filter=m"), ["slash64", "attach", "--filter=monitor"])
    equal(by_key("bash", BASH, "slash64 list --reason 'echo flood' --sort hi")[-3:], ["echo flood", "--sort", "hits"])
    equal(by_key("bash", BASH, "true; slash64 --json unb".replace("true; ", "")), ["slash64", "--json", "unblock"])


# --- when something is wrong ---

@test
def a_failure_is_silent():
    for line in ("slash64 --socket /nonexistent unblock ", "slash64 frobnicate ", "slash64 block --frobnicate=",
                 "slash64 --socket %s unblock " % __file__, "slash64 'open", "slash64 \\", "slash64"):
        equal(by_bash(line), [], line)
    mock.says({"error": "not for you", "code": "read-only"}, 403)
    for words in "unblock", "list --origin", "apply", "block":
        equal(by_bash("slash64 --socket %s %s " % (mock.path, words)), [])
    mock.says([{"error": "broken"}])
    equal(by_bash("slash64 --socket %s unblock " % mock.path), [])
    mock.says([block(i) for i in range(5000)])
    assert 0 < len(by_bash("slash64 --socket %s unblock " % mock.path)) <= 1000
    equal(by_bash("slash64 --host edge2 unblock "), [])  # nobody logs in anywhere for a key


def spent(line):
    """CPU seconds: the machine may be busy with other things."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told(line)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@test
def nobody_waits_for_it():
    for line in "slash64 bl", "slash64 --socket /nonexistent unblock ":
        best = min(spent(line) for _ in range(5))
        assert best < 0.1, "%s: %.3f s" % (line, best)
    mock.says([block(i) for i in range(1000)])
    best = min(spent("slash64 --socket %s unblock " % mock.path) for _ in range(5))
    assert best < 0.1, best


@test
def a_daemon_that_hangs_is_not_waited_for():
    where = tempfile.mkdtemp(dir=directory)
    path = os.path.join(where, "deaf.sock")
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(path)
        deaf.listen(64)
        waits = ENVIRONMENT.pop("SLASH64_COMPLETE_MS")
        try:
            for words in "unblock", "block", "detach", "list --ticket":
                start = time.monotonic()
                told("slash64 --socket %s %s " % (path, words))
                # requests of other commands are given a minute
                assert time.monotonic() - start < 15, words
        finally:
            ENVIRONMENT["SLASH64_COMPLETE_MS"] = waits


if __name__ == "__main__":
    sys.exit(main())
