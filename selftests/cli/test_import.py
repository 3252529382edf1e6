#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""import and export, against a daemon with scripted answers.

    test_import.py [WORD]...     only tests with one of the words in their name"""
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import (PROGRAM, Result, block, directory, done, equal, main, mock, one_line, open_terminal,
                      read_terminal, run, sanitized, test, usage, wait_for)

# --- import ---

class Feed:
    """The imports of slash64d. Its answers to the pieces and at the end can be set."""

    def __init__(self, **summary):
        self.pieces = []
        self.problems = {}  # of the pieces, by number
        self.refusal = {}  # by path: status and body
        self.delay = {}  # by path: seconds
        self.summary = dict({"origin": "import", "format": "plain", "lines": 3, "entries": 3, "added": 3, "changed": 0,
                             "removed": 0, "unchanged": 0, "refused": 0, "ignored": 0, "problems": [],
                             "problems_count": 0}, **summary)

    def __call__(self, method, path, query, body):
        time.sleep(self.delay.get(path, 0))
        if (method, path) in self.refusal:
            return self.refusal[method, path]
        if (method, path) == ("POST", "/v1/imports"):
            return 200, {"import": "a7&b"}
        equal(query, {"import": ["a7&b"]})
        if path == "/v1/imports/text":
            self.pieces.append(body)
            return 200, {"lines": body.count(b"\n"), "entries": 1,
                         "problems": self.problems.get(len(self.pieces), [])}
        return 200, self.summary if path == "/v1/imports/commit" else {}

    def file(self, text, name="feed.txt"):
        path = os.path.join(directory, name)
        with open(path, "wb") as file:
            file.write(text)
        mock.serves(self)
        return path


def paths():
    return [(method, path) for method, path, _, _ in mock.requests]


BEGIN, TEXT, COMMIT, ABORT = (("POST", "/v1/imports"), ("POST", "/v1/imports/text"), ("POST", "/v1/imports/commit"),
                              ("DELETE", "/v1/imports"))
LINES = b"2001:db8:1::/64\n2001:db8:2::/64\n2001:db8:3::/64\n"


@test
def an_import_sends_the_file_and_tells_what_came_of_it():
    feed = Feed()
    path = feed.file(LINES)
    done(run("import", path), "imported %s as import (plain): 3 lines, 3 entries; 3 added, 0 changed, 0 removed, "
         "0 unchanged\n" % path)
    equal(paths(), [BEGIN, TEXT, COMMIT])
    equal(mock.requests[0][2], {})  # the file may name origins of its own, as an export does
    equal(b"".join(feed.pieces), LINES)
    mock.serves(feed)
    done(run("import", path, "--json"), json.dumps(feed.summary, separators=(",", ":")) + "\n")


@test
def an_import_asks_for_what_it_was_told():
    feed = Feed(origin="spam-haus", ignored=1, removed=1234)
    path = feed.file(LINES)
    result = run("import", path, "--origin", "spam-haus", "--replace", "--strict", "--force", "--format=drop-text",
                 "--for", "7d", "--reason=a & reason")
    done(result)
    equal(mock.requests[0][2], {"origin": ["spam-haus"], "replace": ["1"], "strict": ["1"], "force": ["1"],
                                "format": ["drop-text"], "for_seconds": ["604800"], "reason": ["a & reason"]})
    assert result.out.endswith(" 1,234 removed, 0 unchanged, 1 ignored\n"), result.out
    mock.serves(feed)
    result = run("import", path, "--dry-run", "--for=1s500ms")
    done(result)
    equal(mock.requests[0][2], {"dry_run": ["1"], "for_seconds": ["1.500"]})
    assert result.out.startswith("dry run of %s as " % path) and result.out.endswith("; nothing is changed\n"), result.out
    for name in "auto", "plain", "csv", "drop", "drop-text", "eve", "crowdsec", "slash64":
        done(run("import", path, "--format", name))


@test
def an_import_that_replaces_must_name_what():
    mock.says({})
    usage(run("import", __file__, "--replace"), "--replace needs --origin")
    usage(run("import", __file__, "--origin="), "--origin needs a name")
    usage(run("import", __file__, "--origin", "spam haus"), "--origin 'spam haus' is not a valid name")
    usage(run("import"), "missing argument")


@test
def a_large_file_goes_in_pieces_over_one_connection():
    feed = Feed()
    text = b"".join(b"2001:db8:%x:%x::/64\n" % (i >> 16, i & 65535) for i in range(100000))
    path = feed.file(text)
    done(run("import", path))
    equal(b"".join(feed.pieces), text)
    assert len(feed.pieces) == -(-len(text) // (256 << 10)) and len(feed.pieces) > 4, len(feed.pieces)
    assert max(map(len, feed.pieces)) <= 256 << 10
    equal(mock.connections, 1)
    feed = Feed()
    feed.file(text)
    mock.serves(feed, keeps=False)  # and if the other side does not keep the connection
    done(run("import", path))
    equal(b"".join(feed.pieces), text)


@test
def a_piece_that_crossed_the_end_of_its_connection_is_sent_again_and_taken_once():
    feed = Feed()
    text = b"".join(b"2001:db8:%x:%x::/64\n" % (i >> 16, i & 65535) for i in range(50000))
    path = feed.file(text)
    mock.serves(feed, deaf=True)
    done(run("import", path))
    equal(b"".join(feed.pieces), text)
    equal(mock.connections, len(mock.requests))  # each takes one


@test
def a_piece_that_may_have_been_taken_is_not_sent_again():
    for where in BEGIN, TEXT, COMMIT:
        feed = Feed()
        path = feed.file(LINES)
        feed.refusal = {where: (None, b"HTTP/1.1 200 OK\r\n")}  # and no more
        one_line(run("import", path), 1, "broke off its answer")
        equal(paths().count(where), 1)


@test
def an_import_takes_standard_input():
    feed = Feed()
    mock.serves(feed)
    with subprocess.Popen([PROGRAM, "--socket", mock.path, "import", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for line in LINES.splitlines(keepends=True):  # which arrives in parts, and slowly
            process.stdin.write(line)
            process.stdin.flush()
            time.sleep(0.05)
        process.stdin.close()
        out = process.stdout.read()
        equal(process.wait(10), 0)
    assert out.startswith(b"imported standard input as import"), out
    equal(feed.pieces, [LINES])


@test
def a_file_that_is_slow_to_come_keeps_its_import_alive():
    """slash64d aborts an import of which nothing arrives for a minute."""
    feed = Feed()
    with importing(feed, "-", stdin=subprocess.PIPE) as process:
        for _ in range(8):
            process.stdin.write("2001:db8::/64\n")
            process.stdin.flush()
            time.sleep(0.8)
        wait_for(lambda: TEXT in paths())
        assert feed.pieces[0].startswith(b"2001:db8::/64\n") and len(feed.pieces[0]) < 8 * 14
        wait_for(lambda: len(feed.pieces) == 2, 8)
        process.stdin.close()
        equal(process.wait(10), 0)
    equal(b"".join(feed.pieces), b"2001:db8::/64\n" * 8)


@test
def an_empty_file_is_an_import_of_nothing():
    feed = Feed(lines=0, entries=0, added=0, removed=2)
    path = feed.file(b"")
    done(run("import", path, "--origin=spamhaus", "--replace", "--force"))
    equal(paths(), [BEGIN, COMMIT])


@test
def a_file_that_cannot_be_read_is_one_line():
    mock.serves(Feed())
    one_line(run("import", "/nonexistent"), 1, "cannot read /nonexistent: No such file or directory")
    one_line(run("import", directory), 1, "cannot read %s: it is a directory" % directory)
    equal(mock.requests, [])
    one_line(run("import", "/proc/self/mem"), 1, "cannot read /proc/self/mem: Input/output error; nothing is changed")
    equal(paths(), [BEGIN, ABORT])


def problem(line):
    return {"line": line, "error": "'x' is not a prefix"}


@test
def bad_lines_are_told_with_their_numbers_and_the_others_are_taken():
    feed = Feed(problems=[problem(1), problem(3), problem(4)], problems_count=3, added=1)
    feed.problems = {1: [problem(1), problem(3)]}
    path = feed.file(LINES)
    result = run("import", path)
    equal(result.code, 0)
    equal(result.err, "".join("%s:%d: 'x' is not a prefix\n" % (path, line) for line in (1, 3, 4)))
    equal(result.out.splitlines()[1], "3 lines were not imported")
    feed = Feed(problems=[{"line": 0, "error": "it has no end"}], problems_count=1)
    path = feed.file(LINES)
    result = run("import", path)
    equal((result.code, result.err), (0, "%s: it has no end\n" % path))
    equal(result.out.splitlines()[1], "1 line was not imported")
    result = run("import", path, "--json")
    equal((result.code, result.err), (0, "%s: it has no end\n" % path))
    equal(json.loads(result.out), feed.summary)


@test
def at_most_20_bad_lines_are_told():
    feed = Feed(problems=[problem(i) for i in range(1, 101)], problems_count=1234)
    feed.problems = {1: [problem(i) for i in range(1, 16)], 2: [problem(i) for i in range(16, 91)]}
    path = feed.file(LINES * 8000)
    result = run("import", path)
    equal(result.code, 0)
    lines = result.err.splitlines()
    equal(lines[:-1], ["%s:%d: 'x' is not a prefix" % (path, i) for i in range(1, 21)])
    equal(lines[-1], "%s: and 1,214 more" % path)
    assert "\n1,234 lines were not imported\n" in result.out


@test
def a_strict_import_that_is_refused_says_which_lines_are_bad():
    feed = Feed()
    feed.problems = {1: [problem(i) for i in range(1, 31)]}
    feed.refusal = {COMMIT: (409, {"error": "30 lines are bad", "code": "invalid", "hint": "nothing is changed"})}
    path = feed.file(LINES)
    result = run("import", path, "--strict")
    equal((result.code, result.out), (1, ""))
    equal(result.err.splitlines()[19:], ["%s:20: 'x' is not a prefix" % path, "%s: and more" % path,
                                         "slash64: 30 lines are bad; nothing is changed"])


@test
def an_import_that_took_nothing_is_a_failure():
    for more, told in ({"refused": 3}, "3 lines were not imported, all refused"), (
            {"problems_count": 3}, "3 lines were not imported"), (
            {"problems_count": 3, "refused": 2}, "3 lines were not imported, 2 of them refused"):
        feed = Feed(added=0, entries=0, **more)
        path = feed.file(LINES)
        result = run("import", path)
        one_line(result, 1, "no entry of %s could be imported" % path)
        assert result.out.startswith("read %s as " % path), result.out  # walk: "imported"
        equal(result.out.splitlines()[1], told)
    # ended blocks count as a result, unless they ended because nothing took their place
    feed = Feed(added=0, removed=2, problems_count=3)
    path = feed.file(LINES)
    equal(run("import", path).code, 0)
    one_line(run("import", path, "--replace", "--origin=a"), 1, "no entry of")
    for kind in "added", "changed", "unchanged":
        feed = Feed(**dict({"added": 0, "problems_count": 3}, **{kind: 1}))
        equal(run("import", feed.file(LINES)).code, 0)
    # comments only, or entries that an import ignores, are nothing as well; but of differences
    # there may be none
    feed = Feed(added=0, entries=0, ignored=3)
    one_line(run("import", feed.file(LINES)), 1, "has nothing to block")
    feed = Feed(added=0, entries=0, format="crowdsec")
    equal(run("import", feed.file(LINES)).code, 0)
    feed = Feed(refused=2, problems_count=2, refused_by={"prefix": 0, "guard": 0, "allowed": 0, "room": 2})
    result = run("import", feed.file(LINES))
    equal((result.code, "without room" in result.out, "maps are full" in result.err), (1, True, True))


@test
def an_import_that_fails_on_its_way_is_taken_back():
    for where in TEXT, COMMIT, BEGIN:
        feed = Feed()
        feed.refusal = {where: (503, {"error": "the store is busy", "code": "busy"})}
        path = feed.file(LINES)
        result = run("import", path)
        one_line(result, 1, "slash64: the store is busy\n")
        equal(result.out, "")
        equal(paths(), {TEXT: [BEGIN, TEXT, ABORT], COMMIT: [BEGIN, TEXT, COMMIT], BEGIN: [BEGIN]}[where])
    feed = Feed()
    feed.refusal = {BEGIN: (200, b'{"import":5}\n')}
    one_line(run("import", feed.file(LINES)), 1, "unexpected answer from")


def importing(feed, *words, text=LINES, **options):
    """A running import. Ctrl-C works as in a shell, however these tests were started."""
    path = feed.file(text)
    return subprocess.Popen([PROGRAM, "--socket", mock.path, "import", *(words or [path])], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options)


@test
def ctrl_c_takes_an_import_back():
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        feed = Feed()
        with importing(feed, "-", stdin=subprocess.PIPE) as process:
            process.stdin.write("2001:db8::/64\n" * 30000)  # a piece, and some more
            process.stdin.flush()
            wait_for(lambda: TEXT in paths())
            process.send_signal(number)
            equal(process.wait(10), -number)
            equal(process.stderr.read(), "slash64: interrupted: nothing is changed\n")
        equal(paths(), [BEGIN, TEXT, ABORT])
    feed = Feed()
    feed.delay = {TEXT[1]: 2}
    with importing(feed) as process:
        wait_for(lambda: TEXT in paths())
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
    wait_for(lambda: ABORT in paths())
    equal(paths(), [BEGIN, TEXT, ABORT])
    feed = Feed()
    feed.delay = {BEGIN[1]: 2}
    with importing(feed) as process:
        wait_for(lambda: BEGIN in paths())
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
        equal(process.stderr.read(), "slash64: interrupted: nothing is changed\n")
    equal(paths(), [BEGIN])


@test
def ctrl_c_while_it_is_applied_is_too_late_and_says_so():
    feed = Feed()
    feed.delay = {COMMIT[1]: 1.5}
    with importing(feed) as process:
        wait_for(lambda: COMMIT in paths())
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
        assert process.stdout.read().startswith("imported ")
        assert "cannot be interrupted; waiting\n" in process.stderr.read()
    equal(paths(), [BEGIN, TEXT, COMMIT])
    with importing(feed) as process:
        wait_for(lambda: COMMIT in paths())
        process.send_signal(signal.SIGINT)
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
        equal(process.stderr.read(), "slash64: interrupted while being applied; check the result with slash64 "
              "list\n")
    feed.delay = {COMMIT[1]: 1.5}
    with importing(feed, feed.file(LINES), "--dry-run") as process:
        wait_for(lambda: COMMIT in paths())
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
        equal(process.stderr.read(), "slash64: interrupted: nothing is changed\n")
    equal(paths(), [BEGIN, TEXT, COMMIT])


@test
def a_signal_that_is_ignored_stays_ignored():
    feed = Feed()
    feed.delay = {TEXT[1]: 1.5}
    path = feed.file(LINES)
    with subprocess.Popen([PROGRAM, "--socket", mock.path, "import", path], stdout=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        wait_for(lambda: TEXT in paths())
        process.send_signal(signal.SIGHUP)
        equal(process.wait(10), 0)


def import_on_terminal(path, **environment):
    primary, secondary = open_terminal()
    with subprocess.Popen([PROGRAM, "--socket", mock.path, "import", path], stderr=secondary, stdout=subprocess.PIPE,
                          env=environment) as process:
        os.close(secondary)
        err = read_terminal(primary).decode()
        out = process.stdout.read().decode()
        equal(process.wait(20), 0)
    return out, err


@test
def a_long_import_shows_how_far_it_is():
    feed = Feed(problems_count=1)
    feed.delay = {TEXT[1]: 0.1}
    feed.problems = {6: [problem(70000)]}
    text = b"2001:db8:1::/64\n" * 163840  # ten pieces
    path = feed.file(text)
    begun = time.monotonic()
    out, err = import_on_terminal(path, TERM="xterm")
    took_s = time.monotonic() - begun
    shown = [part[:-3] for part in err.split("\r") if part.endswith("\x1b[K") and len(part) > 3]
    first = re.fullmatch(r"%s: ([\d.]+ \w+) of 2.5 MiB \((\d+)%%\), ([\d,]+) lines" % re.escape(path), shown[0])
    assert first, shown
    assert 10 <= int(first.group(2)) <= 60 and int(first.group(3).replace(",", "")) % 16384 == 0, shown
    assert 3 <= len(shown) <= 2 + took_s / 0.2, shown  # a few per second, however long it takes
    equal(shown[-1], "%s: 2.5 MiB of 2.5 MiB (100%%), 163,840 lines; applying them" % path)
    assert "\r\x1b[K%s:70000: 'x' is not a prefix\r\n" % path in err, err  # on a line of its own
    assert err.endswith("\r\x1b[K")
    assert out.startswith("imported ")
    feed.pieces.clear()
    equal(import_on_terminal(path, TERM="dumb")[1], "%s:70000: 'x' is not a prefix\r\n" % path)


@test
def a_million_lines_cost_little():
    feed = Feed()
    text = b"".join(b"2001:db8:%x:%x::/64,a reason\n" % (i >> 16, i & 65535) for i in range(1000000))
    path = feed.file(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run("import", path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    done(result)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("        %d MiB, %.3f s" % (len(text) >> 20, spent))
    assert spent < 0.3 or sanitized(), "%.3f s" % spent


@test
def walk_a_closed_standard_input_is_told_as_such():
    """It was "cannot read -"."""
    mock.serves(Feed())
    result = subprocess.run([PROGRAM, "--socket", mock.path, "import", "-"], capture_output=True, text=True, timeout=20,
                            preexec_fn=lambda: os.close(0))
    one_line(Result(result), 1, "slash64: cannot read standard input: Bad file descriptor; nothing is changed\n")


@test
def walk_a_refused_line_names_the_option_of_the_command():
    """The API's "force" stood beside --force; a name or a quoted text is left alone."""
    lines = {"P is not blocked: it covers A (BGP peer); force overrides this": "; --force overrides this",
             "P is not blocked: it is within the allowed prefix Q; with force it takes effect when that is gone":
                 "; with --force it takes effect when that is gone",
             "P is not blocked: it is shorter than /13; block the intended parts, or force overrides this":
                 "; block the intended parts, or --force overrides this",
             "'; force overrides' is not a prefix": "'; force overrides' is not a prefix"}
    feed = Feed(problems=[{"line": n + 1, "error": text} for n, text in enumerate(lines)], problems_count=len(lines))
    result = run("import", feed.file(b"2001:db8::/64\n"))
    got = result.err.splitlines()
    equal(len(got), len(lines))
    for line, end in zip(got, lines.values()):
        assert line.endswith(end), line


# --- export ---

EXPORT = [{"kind": "block", "prefix": "2001:db8:bad:1::/64"}, {"kind": "allow", "prefix": "2001:db8::/32"}]
EXPORTED = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in EXPORT)


def contents(path):
    with open(path, "rb") as file:
        return file.read()


@test
def export_goes_to_standard_output():
    mock.says(EXPORT)
    done(run("export"), EXPORTED.decode())
    equal(mock.requests, [("GET", "/v1/export", {}, None)])
    done(run("export", "--json"), EXPORTED.decode())
    mock.says([])
    done(run("export"), "")


@test
def export_replaces_a_file_as_a_whole():
    place = tempfile.mkdtemp(dir=directory)
    path = os.path.join(place, "all.json")
    mock.says(EXPORT)
    done(run("export", "--output", path), "exported 2 entries to %s\n" % path)
    equal((contents(path), os.stat(path).st_mode & 0o777), (EXPORTED, 0o600))
    with open(path, "a") as file:
        os.chmod(path, 0o644)
        file.write("old\n")
        done(run("export", "--output=" + path, "--json"), '{"output":%s,"entries":2}\n' % json.dumps(path))
        equal((contents(path), os.stat(path).st_mode & 0o777), (EXPORTED, 0o600))
        assert os.stat(path).st_ino != os.fstat(file.fileno()).st_ino  # a reader of the old file can read it to its end
    equal(os.listdir(place), ["all.json"])


@test
def an_export_that_fails_leaves_the_file_as_it_was():
    place = tempfile.mkdtemp(dir=directory)
    path = os.path.join(place, "all.json")
    with open(path, "wb") as file:
        file.write(b"old\n")
    mock.says(EXPORT + [{"error": "cannot read the store: disk I/O error", "code": "failed"}])
    one_line(run("export", "--output", path), 1, "slash64: cannot read the store: disk I/O error\n")
    mock.says_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + EXPORTED)
    one_line(run("export", "--output", path), 1, "broke off its answer")
    mock.says(EXPORTED + b"garbage\n")
    one_line(run("export", "--output", path), 1, "unexpected answer from")
    equal((contents(path), os.listdir(place)), (b"old\n", ["all.json"]))
    mock.says(EXPORT)
    # walk: "it was not changed", of a file that was not there
    one_line(run("export", "--output", os.path.join(place, "none", "all.json")), 1, "No such file or directory; nothing was written\n")


@test
def an_export_that_finds_no_room_leaves_the_file_as_it_was():
    place = tempfile.mkdtemp(dir=directory)
    path = os.path.join(place, "all.json")
    with open(path, "wb") as file:
        file.write(b"old\n")
    mock.says(EXPORT * 1000)
    command = 'ulimit -f 8; trap "" XFSZ; exec "$@"'
    result = Result(subprocess.run(["bash", "-c", command, "bash", PROGRAM, "--socket", mock.path, "export", "--output",
                                    path], capture_output=True, text=True))
    one_line(result, 1, "cannot write %s: File too large; it was not changed" % path)
    equal((contents(path), os.listdir(place)), (b"old\n", ["all.json"]))


@test
def export_replaces_files_only():
    place = tempfile.mkdtemp(dir=directory)
    fifo, link, path = (os.path.join(place, name) for name in ("fifo", "link", "all.json"))
    os.mkfifo(fifo)
    mock.says(EXPORT)
    for target in fifo, "/dev/null", place:
        one_line(run("export", "--output", target), 1, "%s is not a regular file" % target)
    equal(mock.requests, [])
    with open(path, "wb"):
        os.symlink("all.json", link)
    done(run("export", "--output", link))
    assert os.path.islink(link)
    equal(contents(path), EXPORTED)
    equal(sorted(os.listdir(place)), ["all.json", "fifo", "link"])


@test
def ctrl_c_takes_an_export_back():
    place = tempfile.mkdtemp(dir=directory)
    more = threading.Event()

    def slowly():
        yield b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(EXPORTED) * 2) + EXPORTED
        more.wait(20)

    mock.says_raw(slowly())
    with subprocess.Popen([PROGRAM, "--socket", mock.path, "export", "--output", os.path.join(place, "all.json")],
                          stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process:
        wait_for(lambda: os.listdir(place))
        process.send_signal(signal.SIGINT)
        equal(process.wait(10), -signal.SIGINT)
        equal(process.stderr.read(), "slash64: interrupted\n")
    more.set()
    equal(os.listdir(place), [])


if __name__ == "__main__":
    sys.exit(main())
