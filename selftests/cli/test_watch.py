#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 watch against a stream that the test makes: lines, loss, Ctrl-C, a reader that is gone.

    test_watch.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, equal, main, mock, on_terminal, one_line, run, test, usage, wait_for

EVENT = {"time": "2026-09-21T14:13:20.250Z", "interface": "wan0", "verdict": "drop", "reason": "blocked", "class": "udp",
         "source": "2001:db8:bad:1::/64", "source_address": "2001:db8:bad:1::66", "destination": "2001:db8:5e:1::10",
         "protocol": 17, "source_port": 4000, "destination_port": 53, "hop_limit": 57, "length": 118, "weight": 1}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
TEXT = "14:13:20.250 wan0 drop blocked udp 2001:db8:bad:1::/64 (U1) > [2001:db8:5e:1::10]:53"


def chunk(*rows):
    text = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return b"%x\r\n%s\r\n" % (len(text), text)


class Watch:
    """The command, with a stream that goes on until the test ends it."""

    def __init__(self, *words, chunks=()):
        self.over = threading.Event()

        def stream():
            yield HEAD
            yield from chunks
            self.over.wait(30)

        mock.says_raw(stream())
        self.process = subprocess.Popen([PROGRAM, "--socket", mock.path] + list(words), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                        env=dict(os.environ, TZ="UTC"))

    def end(self):
        out, err = self.process.communicate(timeout=20)
        self.over.set()
        return self.process.returncode, out, err


@test
def an_event_is_a_line_until_ctrl_c():
    watch = Watch("watch", chunks=[chunk({"lost": 0}), chunk(EVENT, dict(EVENT, verdict="would_drop"))])
    equal([watch.process.stdout.readline().rstrip() for _ in range(2)], [TEXT, TEXT.replace("drop", "would_drop", 1)])
    watch.process.send_signal(signal.SIGINT)
    equal(watch.end(), (0, "", ""))


@test
def the_filter_goes_to_slash64d():
    words = ["--source", "2001:db8::/32", "--destination", "2001:db8::1", "--class", "udp", "--reason", "blocked",
             "--verdict", "drop", "--interface", "wan0"]
    watch = Watch("watch", *words, chunks=[chunk(EVENT)])
    watch.process.stdout.readline()
    watch.process.send_signal(signal.SIGTERM)
    equal(watch.end()[0], 0)
    equal(mock.requests, [("GET", "/v1/events", {words[i][2:]: [words[i + 1]] for i in range(0, len(words), 2)}, None)])


@test
def wrong_filters_are_refused_here():
    mock.says([])
    usage(run("watch", "--source", "x"), "'x'")
    usage(run("watch", "--class", "ecko-request"), "did you mean 'echo-request'?")
    usage(run("watch", "--reason", "bloked"), "did you mean 'blocked'?")
    usage(run("watch", "--verdict", "dropped"), "--verdict")
    usage(run("watch", "now"), "unexpected argument 'now'")


@test
def weight_is_explained_once_and_loss_is_told():
    watch = Watch("watch", chunks=[chunk(dict(EVENT, weight=16), {"lost": 1234}, dict(EVENT, weight=17))])
    equal([watch.process.stdout.readline().rstrip() for _ in range(2)], [TEXT + " x16", TEXT + " x17"])
    watch.process.send_signal(signal.SIGINT)
    code, _, err = watch.end()
    equal((code, len(err.splitlines())), (0, 2))
    assert "stands for about N packets" in err and "1,234 events were lost" in err, err


@test
def json_is_passed_on_with_loss_and_without_signs_of_life():
    watch = Watch("watch", "--json", chunks=[chunk(dict(EVENT, weight=16), {"lost": 0}, {"lost": 7}, EVENT)])
    equal([json.loads(watch.process.stdout.readline()) for _ in range(3)], [dict(EVENT, weight=16), {"lost": 7}, EVENT])
    watch.process.send_signal(signal.SIGINT)
    equal(watch.end(), (0, "", ""))


@test
def a_reader_that_is_gone_ends_it_quietly_even_if_nothing_comes():
    watch = Watch("watch", chunks=[chunk(EVENT)])
    watch.process.stdout.readline()
    watch.process.stdout.close()
    equal((watch.process.wait(timeout=20), watch.process.stderr.read()), (0, ""))
    watch.over.set()


@test
def slash64d_that_ends_is_one_line_of_error():
    mock.says_raw([HEAD, chunk(EVENT)])
    result = run("watch")
    one_line(result, 1, "slash64d")
    mock.says_raw([HEAD, chunk(EVENT), b"0\r\n\r\n"])
    one_line(run("watch"), 1, "slash64d has ended")
    one_line(run("watch", at="/nonexistent/control.sock"), 1, "is slash64d running?")
    mock.says({"error": "128 readers follow the events", "code": "too-many-readers"}, 503)
    one_line(run("watch"), 1, "128 readers follow the events")


@test
def control_characters_do_not_reach_the_terminal():
    mock.says_raw([HEAD, chunk(dict(EVENT, interface="\x1b[31mwan0"))])
    assert "\x1b" not in run("watch").out


@test
def hostile_o9_a_line_fits_80_columns():
    long = dict(EVENT, interface="w" * 15, reason="neighbour-solicitation-unknown", source="2001:db8:ffff:ffff::/64",
                destination="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", weight=123456)
    for columns in 80, 100, 132:
        for event in EVENT, long:
            mock.says_raw([HEAD, chunk(event)])
            seen = on_terminal("watch", columns=columns)
            for line in seen.lines:
                assert len(line) <= columns or line.startswith("slash64: "), "%d columns: %r" % (columns, line)
            text = " ".join(seen.plain.split())
            assert event["source"] in text and event["destination"] in text and event["reason"] in text, text


@test
def colour_says_nothing_alone():
    mock.says_raw([HEAD, chunk(EVENT)])
    coloured = on_terminal("watch", columns=132, TERM="xterm")
    mock.says_raw([HEAD, chunk(EVENT)])
    plain = on_terminal("watch", columns=132, TERM="xterm", NO_COLOR="1")
    assert "\x1b[" in coloured.out and "\x1b[" not in plain.out
    equal(coloured.plain, plain.plain)


sys.exit(main())
