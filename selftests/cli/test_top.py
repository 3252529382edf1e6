#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The live screen of slash64 top, on a terminal of the test's: keys, another size, a block with its question.

    test_top.py [WORD]...     only the tests with one of the words in their name
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, SEEN, block, done, equal, main, mock, on_terminal, open_terminal, run, test

BAD_1, BAD_2 = "2001:db8:bad:1::/64", "2001:db8:bad:2::/64"
LOUD = dict(SEEN, source=BAD_1, blocked=False)
SLOW = dict(SEEN, source=BAD_2, blocked=True, packets_per_second=7.0, dropped_packets_per_second=0.0, dropped_percent=0.0,
            would_drop_packets_per_second=7.0, would_drop_percent=100.0, reason="blocked", peak_packets_per_second=99999.0,
            **{"class": "udp"})
ROWS = {"source": [SLOW, LOUD],
        "destination": [dict(SEEN, destination="2001:db8:5e:1::/64")],
        "48": [dict(SEEN, aggregate="2001:db8:bad::/48")],
        "class": [dict(SEEN)], "reason": [dict(SEEN)]}


def slash64d(method, path, query, body):
    if path == "/v1/top":
        return 200, ROWS[query["by"][0]]
    return 200, block(prefix=body["prefix"])


def refuses(method, path, query, body):
    if path == "/v1/top":
        return 200, ROWS[query["by"][0]]
    return 409, {"error": "2001:db8:bad:1::66 is the source of your SSH session", "code": "guarded", "hint": "force it"}


screens = []


class Screen:
    """The command on a terminal; text() is what a full repaint (Ctrl-L) shows."""

    def __init__(self, *words, columns=80, rows=24, function=slash64d, **environment):
        for other in screens:  # of a test that failed
            if other.poll() is None:
                other.kill()
                other.wait()
        mock.serves(function)
        self.primary, secondary = open_terminal()
        self.resize(columns, rows, tell=False)
        self.seen = b""
        environment = dict({"PATH": os.environ["PATH"], "TERM": "vt100", "TZ": "UTC", "LC_ALL": "C.UTF-8"}, **environment)
        self.process = subprocess.Popen([PROGRAM, "--socket", mock.path, "top"] + list(words), stdin=secondary, stdout=secondary,
                                        stderr=secondary, env=environment, start_new_session=True)
        screens.append(self.process)
        os.close(secondary)

    def resize(self, columns, rows, tell=True):
        fcntl.ioctl(self.primary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def read(self, seconds):
        if select.select([self.primary], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.primary, 65536)
            except OSError:
                return False  # it has ended
        return True

    def keys(self, text):
        os.write(self.primary, text.encode())

    def shows(self, *parts, without=()):
        """Repaints until all of that is there."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.seen = b""
            self.keys("\x0c")
            quiet = time.monotonic() + 0.3
            while time.monotonic() < quiet and self.read(0.05):
                pass
            text = re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][0AB]|[=>78M])|[\x0e\x0f]", "\n", self.seen.decode(errors="replace"))
            if all(part in text for part in parts) and not any(part in text for part in without):
                return text
        raise AssertionError("no %r (without %r) in:\n%s" % (parts, without, text))

    def sees(self, part):
        """Somewhere in what was drawn, of which a part may be moved over."""
        end = time.monotonic() + 10
        plain = b""
        while part not in plain and time.monotonic() < end:
            self.read(0.1)
            plain = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|[\r\n\x0e\x0f]", b"", self.seen)
        assert part in plain, plain

    def ends(self, code=0):
        end = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        equal(self.process.poll(), code)
        os.close(self.primary)


@test
def it_shows_rates_and_the_selected_row_in_80_columns():
    screen = Screen()
    text = screen.shows("slash64 top", "by source", "PACKETS/S", "DROPPED/S", "WOULD/S", BAD_1, BAD_2, "20,011", "> " + BAD_1,
                        "(check U1)", "dropped 99.5%", "q: quit")
    assert text.index(BAD_1) < text.index(BAD_2), "the loudest is not the first"
    assert re.search(BAD_2 + r"\s+7\s+0\s+7\s", text), "dropped and would-drop of %s" % text
    equal(mock.requests[0][2], {"seconds": ["10"], "limit": ["1000"], "by": ["source"]})
    screen.keys("q")
    screen.ends()


@test
def keys_group_sort_and_pause():
    screen = Screen("--verdict", "drop")
    screen.shows("by source")
    for key, parts in (("d", ("DESTINATION", "2001:db8:5e:1::/64")), ("4", ("SOURCES OF /48", "2001:db8:bad::/48")),
                       ("c", ("by class", "echo-request")), ("r", ("by reason", "over-source-limit")), ("s", ("by source", BAD_1))):
        screen.keys(key)
        screen.shows(*parts)
    equal(mock.requests[-1][2]["verdict"], ["drop"])
    screen.keys(">>>")
    text = screen.shows("*PEAK/S")
    assert text.index(BAD_2) < text.index(BAD_1), "the highest peak is not the first"
    screen.keys("R")
    screen.shows("> ")
    screen.keys("p")
    screen.shows("PAUSED")
    before = len(mock.requests)
    time.sleep(1.5)
    equal(len(mock.requests), before, "requests during a pause")
    screen.keys(" ")
    screen.shows("by source", without=["PAUSED"])
    screen.keys("q")
    screen.ends()


@test
def it_asks_again_each_second():
    screen = Screen()
    screen.shows("by source")
    before, start = len(mock.requests), time.monotonic()
    while len(mock.requests) < before + 3 and time.monotonic() < start + 15:
        screen.read(0.1)
    assert time.monotonic() - start >= 1.5, "three requests in %.1f s" % (time.monotonic() - start)
    assert len(mock.requests) >= before + 3, "%d requests" % (len(mock.requests) - before)
    screen.keys("q")
    screen.ends()


@test
def block_asks_with_the_name_and_its_check_characters():
    screen = Screen()
    screen.shows("> " + BAD_1)
    screen.keys("b")
    screen.shows("block %s (check U1)? [y/N]" % BAD_1)
    equal([r for r in mock.requests if r[0] == "POST"], [])
    screen.keys("n")
    screen.shows("q: quit")
    equal([r for r in mock.requests if r[0] == "POST"], [])
    screen.keys("by")
    screen.shows("by source")
    equal([r for r in mock.requests if r[0] == "POST"], [("POST", "/v1/blocks", {}, {"prefix": BAD_1})])
    screen.keys("q")
    screen.ends()


@test
def a_guard_rail_is_told():
    screen = Screen(function=refuses)
    screen.shows("> " + BAD_1)
    screen.keys("p")  # the message stays
    screen.keys("by")
    deadline = time.monotonic() + 10
    while b"SSH session" not in screen.seen and time.monotonic() < deadline:
        screen.read(0.1)
    assert b"not blocked" in screen.seen and b"SSH session" in screen.seen, screen.seen
    screen.keys("q")
    screen.ends()


@test
def walk_block_tells_what_came_of_it_and_sends_where_you_sit():
    """It sent no address of the SSH session, so that one could lock oneself out with a key; it showed no note."""
    def answers(method, path, query, body):
        if path == "/v1/top":
            return 200, ROWS[query["by"][0]]
        return 200, block(prefix=body["prefix"], note="its packets pass, as wan0 only monitors")
    screen = Screen(function=answers, SSH_CONNECTION="2001:db8:55::9 50000 2001:db8::1 22")
    screen.shows("> " + BAD_1)
    screen.keys("pby")
    screen.sees(b"blocked 2001:db8:bad:1::/64 without end; note: its packets pass, as wan0 only monitors")
    equal([r[3] for r in mock.requests if r[0] == "POST"], [{"prefix": BAD_1, "ssh_sources": ["2001:db8:55::9"]}])
    screen.keys("q")
    screen.ends()


@test
def walk_a_wide_block_is_asked_about_once_more():
    """The refusal named an option that this screen has not."""
    def answers(method, path, query, body):
        if path == "/v1/top":
            return 200, [dict(SEEN, aggregate="2001:db8::/32")]
        if not body.get("wide"):
            return 409, {"error": "2001:db8::/32 is not blocked: it covers 65,536 /48s", "code": "wide", "hint": "say wide"}
        return 200, block(prefix=body["prefix"])
    screen = Screen("--by", "48", function=answers)
    screen.shows("> 2001:db8::/32")
    screen.keys("by")
    screen.shows("it covers 65,536 /48s; proceed? [y/N]")
    screen.keys("n")
    screen.shows("> 2001:db8::/32", without=["proceed"])
    screen.keys("byy")
    screen.shows("> 2001:db8::/32", without=["proceed"])
    equal([r[3] for r in mock.requests if r[0] == "POST"], [{"prefix": "2001:db8::/32"}, {"prefix": "2001:db8::/32"},
                                                            {"prefix": "2001:db8::/32", "wide": True}])
    screen.keys("q")
    screen.ends()


@test
def walk_a_guard_rail_names_the_command_that_overrides_it():
    screen = Screen(function=refuses)
    screen.shows("> " + BAD_1)
    screen.keys("pby")
    screen.sees(b"'slash64 block 2001:db8:bad:1::/64 --force'")
    screen.keys("q")
    screen.ends()


@test
def walk_a_filter_is_in_the_title():
    """A screen with a filter looked like all of the traffic."""
    screen = Screen("--verdict", "drop", "--class", "tcp")
    screen.shows("  only class=tcp verdict=drop")
    screen.keys("q")
    screen.ends()
    screen = Screen("--verdict", "drop", function=lambda *request: (200, []))
    screen.shows("no such packets seen")
    screen.keys("q")
    screen.ends()


@test
def walk_a_narrow_screen_has_names_and_the_sorted_column():
    """Two sources of one /48 were both '2001:db~'."""
    screen = Screen(columns=40)
    text = screen.shows(BAD_1, BAD_2, "*PACKETS/S", "20,011", without=["DROPPED/S"])
    assert re.search(BAD_1 + r"\s+20,011", text), text
    screen.keys(">>>")
    screen.shows("*PEAK/S", "25,000", BAD_1, BAD_2, without=["PACKETS/S"])
    screen.keys("q")
    screen.ends()


@test
def walk_the_question_fits_a_narrow_terminal():
    screen = Screen(columns=40)
    screen.shows("q: quit   b: block")
    screen.keys("b")
    text = screen.shows("block 2001:db8:bad:1::/64 (check U1)? [y")
    assert re.search(r"\n/N\]", text), text
    screen.keys("nq")
    screen.ends()


@test
def it_follows_the_size_of_the_terminal():
    screen = Screen()
    screen.shows("by source", without=["CLASS  REASON"])
    screen.resize(132, 40)
    screen.shows("CLASS  REASON", "echo-request  over-source-limit")
    screen.resize(30, 6)
    screen.shows("slash64 top")
    screen.resize(10, 2)
    screen.keys("q")
    screen.ends()


@test
def ctrl_c_ends_it_quietly():
    screen = Screen()
    screen.shows("by source")
    screen.process.send_signal(signal.SIGINT)
    screen.ends()


@test
def slash64d_that_is_gone_is_told_and_tried_again():
    screen = Screen()
    screen.shows("by source")
    mock.serves(lambda *request: (503, {"error": "out of memory", "code": "unavailable"}))
    deadline = time.monotonic() + 10
    while b"out of memory" not in screen.seen and time.monotonic() < deadline:
        screen.read(0.1)
    assert b"out of memory" in screen.seen
    mock.serves(slash64d)
    screen.shows(BAD_1)
    screen.keys("q")
    screen.ends()


@test
def it_ends_with_its_terminal():
    """One that is not told by SIGHUP, as it does not lead its session, read the end of it for ever."""
    mock.serves(slash64d)
    ours, its = pty.openpty()
    top = subprocess.Popen([PROGRAM, "--socket", mock.path, "top"], stdin=its, stdout=its, stderr=its,
                           env=dict(os.environ, TERM="xterm"))
    os.close(its)
    seen = b""
    while b"by source" not in seen:
        seen += os.read(ours, 4096)
    os.close(ours)
    top.wait(timeout=10)


@test
def colour_says_nothing_alone():
    plain = Screen(TERM="xterm-256color", NO_COLOR="1")
    plain.shows(BAD_1)
    assert b"\x1b[31m" not in plain.seen, plain.seen
    plain.keys("q")
    plain.ends()
    coloured = Screen(TERM="xterm-256color")
    coloured.shows(BAD_1)
    assert b"\x1b[31m" in coloured.seen, coloured.seen
    coloured.keys("q")
    coloured.ends()


@test
def once_a_pipe_or_a_dumb_terminal_have_one_table():
    mock.says([LOUD])
    done(run("top"))
    for words, environment in ((("--once",), {}), (("--limit", "3"), {}), ((), {"TERM": "dumb"}), (("--json",), {})):
        mock.says([LOUD])
        seen = on_terminal("top", *words, **environment)
        equal(seen.code, 0)
        assert BAD_1 in seen.plain and "q: quit" not in seen.plain, seen.plain


sys.exit(main())
