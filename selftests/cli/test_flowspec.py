#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 flowspec, on files as slash64-flowspec writes them.

    test_flowspec.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import Skip, equal, main, one_line, run, test, usage

EXECUTED = {"neighbor": "2001:db8:f::1", "family": "ipv6", "session_up": True, "source": "2001:db8:bad:1::/64",
            "action": "discard", "state": "executed", "why": None, "text": None, "rule": "source 2001:db8:bad:1::/64",
            "components": {"source-ipv6": ["2001:db8:bad:1::/64/0"]}}
REFUSED = dict(EXECUTED, source="2001:db8:bad:2::/64", state="refused", why="component", session_up=False,
               text="it also matches icmp-type, next-header: slash64 holds a source whatever its packets are",
               rule="icmp-type =unreachable next-header =58 source 2001:db8:bad:2::/64")


def written(*rows, text=""):
    with tempfile.NamedTemporaryFile("w", prefix="s64-rules-", delete=False) as f:
        f.write("".join(json.dumps(row) + "\n" for row in rows) + text)
    return f.name


def flowspec(path, *words):
    try:
        return run("flowspec", "--file", path, *words)
    finally:
        os.unlink(path)


@test
def a_table_tells_what_is_executed_and_why_the_rest_is_refused():
    done = flowspec(written(EXECUTED, REFUSED))
    equal((done.code, done.err), (0, ""))
    for words in ("source 2001:db8:bad:1::/64", "executed  discard", "component: it also matches icmp-type, next-header",
                  "2001:db8:f::1 (session lost)", "1 executed, 1 refused; 1 of lost sessions end after the hold"):
        assert words in done.out, (words, done.out)


@test
def only_those_that_are_refused_and_json_as_it_is_written():
    done = flowspec(written(EXECUTED, REFUSED), "--refused")
    assert "2001:db8:bad:1::/64" not in done.out and "2001:db8:bad:2::/64" in done.out, done.out
    equal(json.loads(flowspec(written(EXECUTED, REFUSED), "--refused", "--json").out), REFUSED)
    equal([json.loads(line) for line in flowspec(written(EXECUTED, REFUSED), "--json").out.splitlines()], [EXECUTED, REFUSED])


@test
def none_are_said_to_be_none():
    done = flowspec(written())
    equal((done.code, done.out), (0, "no rules\n"))


@test
def a_file_that_nobody_writes_any_more_is_told_and_is_a_failure():
    path = written(EXECUTED)
    os.utime(path, (1, 1))
    done = flowspec(path)
    equal(done.code, 1)
    assert "1 executed" in done.out, done.out
    assert "does not run" in done.err and "lease" in done.err and done.err.count("\n") == 1, done.err


@test
def no_file_and_another_file_are_refused():
    done = run("flowspec", "--file", "/nowhere/rules")
    one_line(done, 1)
    assert "/nowhere/rules" in done.err and "slash64-flowspec(8)" in done.err, done.err
    done = flowspec(written(text="root:x:0:0\n"))
    one_line(done, 1)
    assert "is no file of slash64-flowspec" in done.err, done.err
    usage(run("flowspec", "everything"))


def refused_at_once(path, *words):
    done = run("flowspec", "--file", path)
    one_line(done, 1)
    for word in words:
        assert word in done.err, (word, done.err)


@test
def what_somebody_else_put_there_is_refused_and_never_waited_for():
    with tempfile.TemporaryDirectory(prefix="s64-rules-") as directory:
        path = os.path.join(directory, "rules")
        os.mkfifo(path)  # to open it would wait for whoever writes
        refused_at_once(path, path, "not a regular file")
        os.unlink(path)
        os.mkdir(path)
        refused_at_once(path, path, "not a regular file")
        os.rmdir(path)
        os.symlink(written(EXECUTED), path)
        refused_at_once(path, path, "symbolic link")
        os.unlink(os.readlink(path))
        os.unlink(path)
        with open(path, "w") as f:
            f.truncate((256 << 20) + 1)
        refused_at_once(path, path, "too large")
        with open(path, "w") as f:
            f.write('{"state": "%s"}\n' % ("x" * 70000))
        refused_at_once(path, path, "is no file of slash64-flowspec")


@test
def its_owner_is_who_may_write_in_the_directory():
    if os.geteuid():
        raise Skip("only root can give files away")
    with tempfile.TemporaryDirectory(prefix="s64-rules-") as directory:
        path = os.path.join(directory, "rules")
        os.rename(written(EXECUTED), path)
        os.chown(path, 12345, 23456)
        refused_at_once(path, path, "belongs to user 12345")
        os.chown(directory, 12345, 0)
        equal(run("flowspec", "--file", path).code, 0)
        os.chown(directory, 0, 23456)
        refused_at_once(path, "belongs to user 12345")
        os.chmod(directory, 0o2775)  # as the package makes it: members of the group write there
        equal(run("flowspec", "--file", path).code, 0)


main()
