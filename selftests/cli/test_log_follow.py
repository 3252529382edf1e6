#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`slash64 log --follow`: changes as they happen, over restarts, until Ctrl-C (issue 16 line 7).

    test_log_follow.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, equal, main, mock, one_line, run, test, usage, wait_for


def change(number, **more):
    row = {"number": number, "time": "2026-11-26T20:00:00.250Z", "action": "block", "who": "root", "uid": 0, "pid": 7,
           "login": None, "login_uid": None, "from": "socket, slash64", "prefix": "2001:db8:bad:%x::/64" % number,
           "origin": "operator", "reason": "flood", "ticket": "T-1", "until": None, "detail": None}
    row.update(more)
    return row


class Log:
    """The mock's answers: rows up to `last`, and then those given to `follow`, request after
    request."""

    def __init__(self, last, *follows):
        self.last, self.follows, self.after = last, list(follows), []

    def __call__(self, method, path, query, body):
        equal(path, "/v1/log")
        if "follow" not in query:
            rows = [change(self.last)] if self.last else []
            return 200, rows if "reverse" in query else [change(n) for n in range(1, self.last + 1)]
        self.after.append((int(query["after"][0]), query.get("prefix", [None])[0]))
        rows = self.follows.pop(0) if self.follows else None
        if rows is None:
            threading.Event().wait(30)  # until the client hangs up
        text = "".join((json.dumps(row) if row else "") + "\n" for row in rows).encode()
        # no last chunk: it is cut off
        return None, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(text), text)


def follow(log, *words, until, number=signal.SIGINT, env=None):
    """The output until `until(log)`, followed by Ctrl-C."""
    mock.serves(log, keeps=False)
    process = subprocess.Popen([PROGRAM, "--socket", mock.path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, text=True, env=env)
    try:
        wait_for(lambda: until(log), 10)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    return process.returncode, out, err


@test
def it_goes_on_where_it_was_when_slash64d_is_back():
    log = Log(4, [None, change(5)], [change(6), change(7)], [])
    code, out, err = follow(log, "--json", "log", "--follow", until=lambda log: len(log.after) > 3)
    equal(code, -signal.SIGINT)
    equal([json.loads(line)["number"] for line in out.splitlines()], [5, 6, 7])
    equal(log.after[:4], [(4, None), (5, None), (7, None), (7, None)])
    assert err.startswith("slash64: slash64d has gone away; waiting for it\n"), err
    equal(err.count("\n"), 2, "once each time that it had been there")


@test
def walk_a_reader_that_is_gone_ends_it_even_if_nothing_happens():
    """'log --follow | head -1' stood there until the next change."""
    mock.serves(Log(1), keeps=False)
    process = subprocess.Popen([PROGRAM, "--socket", mock.path, "log", "--follow", "--limit", "1"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        process.stdout.readline()
        process.stdout.close()
        equal((process.wait(timeout=20), process.stderr.read()), (0, ""))
    finally:
        process.kill()


@test
def it_prints_a_line_for_each_change_and_who_it_was_under_sudo():
    row = change(5, login="anna", login_uid=1000)
    code, out, err = follow(Log(4, [row]), "log", "--follow", "--prefix", "2001:db8::/32",
                            until=lambda log: len(log.after) > 1, env=dict(os.environ, TZ="UTC0"))
    equal(out, "2026-11-26 20:00:00 UTC  anna as root  block     2001:db8:bad:5::/64       "
               "flood [T-1]  (operator; socket, slash64)\n")


@test
def earlier_changes_come_first_if_they_are_asked_for():
    log = Log(3, [change(4)])
    _, out, _ = follow(log, "--json", "log", "--follow", "--limit", "3", until=lambda log: len(log.after) > 1)
    equal([json.loads(line)["number"] for line in out.splitlines()], [1, 2, 3, 4])
    equal(log.after[0], (3, None))


@test
def an_empty_log_is_followed_from_its_beginning():
    log = Log(0, [change(1)])
    _, out, _ = follow(log, "--json", "log", "--follow", until=lambda log: len(log.after) > 1)
    equal([json.loads(line)["number"] for line in out.splitlines()], [1])
    equal(log.after[0], (0, None))


@test
def what_was_removed_before_it_was_read_is_told():
    _, out, err = follow(Log(4, [{"lost": 1200}, change(1205)]), "log", "--follow", until=lambda log: len(log.after) > 1)
    equal(out.count("\n"), 1)
    assert "slash64: 1,200 changes were removed from the log before they were read\n" in err, err


@test
def it_ends_where_nobody_is_there_at_first_and_where_it_is_refused():
    one_line(run("log", "--follow", at="/nonexistent/control.sock"), 1, "cannot reach slash64d")
    mock.says({"error": "64 follow the log already", "code": "busy", "hint": "end one of them"}, 409)
    one_line(run("log", "--follow"), 1, "64 follow the log already; end one of them")


@test
def it_has_no_end_to_be_given():
    mock.says([])
    usage(run("log", "--follow", "--until", "1h"), "--follow has no end; leave --until out")
    usage(run("log", "--follow", "--all"), "leave --all out")


if __name__ == "__main__":
    sys.exit(main())
