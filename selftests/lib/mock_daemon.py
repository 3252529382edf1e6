# SPDX-License-Identifier: GPL-2.0-only
"""Shared by the tests of the command line: a daemon with scripted answers, and how a test runs."""
import atexit
import fcntl
import json
import os
import pty
import re
import shutil
import select
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
from urllib.parse import parse_qs, urlsplit

import schema

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.environ.get("SLASH64", os.path.join(os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build")), "slash64"))
tests = []


def test(function):
    tests.append(function)
    return function


class Skip(Exception):
    pass


def open_terminal():
    try:
        return pty.openpty()
    except OSError:
        raise Skip("there are no terminals here (/dev/pts is not mounted)")


def ssh_sources_around():
    """The address from which these tests are run: slash64 reports it, as it should, and the tests
    remove it."""
    found, pid = set(), os.getpid()
    while pid > 0:
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                for entry in file.read().split(b"\0"):
                    if entry.startswith((b"SSH_CONNECTION=", b"SSH_CLIENT=")):
                        found.add(entry.split(b"=", 1)[1].decode().split(" ")[0].split("%")[0])
        except OSError:
            pass
        with open("/proc/%d/stat" % pid) as file:
            pid = int(file.read().rsplit(")", 1)[1].split()[1])
    return found


class Mock:
    """Answers each request with the bytes `answer` (or with its result, given the request) and
    closes. After serves(): with the result of a function, request after request."""

    def __init__(self, path):
        self.path = path
        self.answer = b""
        self.body, self.status = None, 200  # of whole answers
        self.lies = []
        self.function = None
        self.keeps, self.deaf = True, False
        self.connections = 0
        self.requests = []
        self.around = ssh_sources_around()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(path)
        self.socket.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            self.connections += 1
            threading.Thread(target=self.serve_one, args=[connection], daemon=True).start()

    def serve_one(self, connection):
        with connection:
            try:
                while self.talk(connection) and self.keeps:
                    pass
                if self.deaf and connection.recv(1):
                    connection.shutdown(socket.SHUT_RD)
                    hung_up = select.poll()
                    hung_up.register(connection, 0)
                    hung_up.poll(200)
            except OSError:
                pass  # the client may hang up

    def talk(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        body = [body]
        left = int(length.group(1)) - len(body[0]) if length else 0
        while left:
            more = connection.recv(min(left, 1 << 20))
            if not more:
                return False
            body.append(more)
            left -= len(more)
        body = b"".join(body)
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        url = urlsplit(target)
        if b"Content-Type: text/plain" not in head:
            assert not body or b"Content-Type: application/json" in head, head
            body = self.without_around(json.loads(body)) if body else None
        request = (method, url.path, parse_qs(url.query, keep_blank_values=True), body)
        self.requests.append(request)
        if self.function:
            status, answer = self.function(*request)
            if status is None:
                connection.sendall(answer)
                return False
            self.hold(method, url.path, status, answer)
            connection.sendall(self.whole(answer, status))
            return not self.deaf
        self.hold(method, url.path, self.status, self.body)
        chunks = self.answer
        for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
            connection.sendall(chunk)
        return False

    def without_around(self, body):
        sources = [source for source in body.get("ssh_sources", []) if source not in self.around]
        return dict({key: value for key, value in body.items() if key != "ssh_sources"},
                    **({"ssh_sources": sources} if sources else {}))

    @staticmethod
    def whole(body, status):
        if isinstance(body, list):
            body = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in body)
        elif isinstance(body, dict):
            body = json.dumps(body, separators=(",", ":")).encode() + b"\n"
        return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body

    def serves(self, function, keeps=True, deaf=False):
        """The function turns (method, path, query, body) into (status, body), or (None, everything
        that is sent). It closes the connection after an answer unless it keeps connections; a
        deaf one stops in the middle of the next request, and a client that still sends gets
        EPIPE."""
        self.function, self.keeps, self.deaf, self.connections = function, keeps, deaf, 0
        self.requests.clear()

    def says(self, body, status=200):
        """Whole answers: an object, or a list of them, or bytes."""
        self.says_raw(self.whole(body, status))
        self.body, self.status = body, status

    def says_raw(self, answer):
        self.answer, self.function, self.body, self.status = answer, None, None, 200
        self.requests.clear()

    def hold(self, method, path, status, answer):
        """Scripted answers must be possible answers of slash64d. (Parts of an answer will do; bytes
        may be anything.)"""
        try:
            if isinstance(answer, (dict, list)):
                schema.check_answer(method, path, status, answer, "partial")
        except schema.Invalid as reason:
            self.lies.append("the made-up answer to %s %s: %s" % (method, path, reason))


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


def run(*words, at=None, **options):
    where = ["--socket", at or mock.path]
    return Result(subprocess.run([PROGRAM] + where + list(words), stdout=options.pop("stdout", subprocess.PIPE),
                                 stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120, text=True,
                                 errors="surrogateescape", **options))


def equal(got, wanted, what=""):
    assert got == wanted, "%s%r, not %r" % (what and "%s: " % what, got, wanted)


def done(result, out=None):
    assert result.code == 0 and result.err == "", "%d, %r" % (result.code, result.err)
    if out is not None:
        equal(result.out, out)


def one_line(result, code, *parts):
    """Expects exactly one line on standard error, with these parts."""
    equal(result.code, code)
    assert re.fullmatch(r"slash64: [^\n]+\n", result.err), "standard error: %r" % result.err
    for part in parts:
        assert part in result.err, "no %r in %r" % (part, result.err)


def usage(result, *parts):
    one_line(result, 2, "; see slash64 ", "--help", *parts)
    equal(result.out, "")
    equal(mock.requests, [])


def timestamp(seconds):
    """As slash64d writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def block(number=0, **more):
    row = {"prefix": "2001:db8:bad:%x::/64" % number, "kind": "block", "origin": "operator", "reason": "echo flood",
           "ticket": None, "start": "2026-09-21T14:13:20Z", "until": None, "hits": 48211, "last_hit": None, "rate": None,
           "burst": None, "check_chars": "9K", "in_force": True, "note": None}
    row.update(more)
    return row


SEEN = {"packets_per_second": 20011.4, "bytes_per_second": 1961117.0, "dropped_percent": 99.5,
        "would_drop_percent": 0.0, "dropped_packets_per_second": 19911.3, "would_drop_packets_per_second": 0.0,
        "peak_packets_per_second": 25000.0, "since": "2026-11-26T20:00:00Z", "last_seen": "2026-11-26T20:00:09Z",
        "uncertainty_percent": 0.0, "class": "echo-request", "reason": "over-source-limit"}


def sanitized():
    """With asan, which reserves terabytes."""
    with open(PROGRAM, "rb") as program:
        return b"__asan_init" in program.read()


def wait_for(what, seconds=5):
    for _ in range(seconds * 100):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def read_terminal(primary):
    out = b""
    try:
        while True:
            more = os.read(primary, 65536)
            if not more:
                break
            out += more
    except OSError:
        pass  # the end of a terminal
    os.close(primary)
    return out


def on_terminal(*words, columns=80, rows=24, at=None, keyboard=True, **environment):
    """Output on a terminal of that size, and the exit status. Of the environment, only the given
    variables, PATH and TERM are passed on. Without a keyboard, standard input is not the
    terminal, as in a script."""
    primary, secondary = open_terminal()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = dict({"PATH": os.environ["PATH"], "TERM": "vt100", "SLASH64_PAGER": ""}, **environment)
    out = []
    process = subprocess.Popen([PROGRAM, "--socket", at or mock.path] + list(words), stdout=secondary, stderr=secondary,
                               stdin=secondary if keyboard else subprocess.DEVNULL, env={k: v for k, v in environment.items() if v is not None})
    os.close(secondary)
    reader = threading.Thread(target=lambda: out.append(read_terminal(primary)))
    reader.start()
    code = process.wait(60)
    reader.join(60)
    return Terminal(code, out[0].decode().replace("\r\n", "\n"))


class Terminal:
    def __init__(self, code, out):
        self.code, self.out = code, out
        self.plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
        self.lines = self.plain.rstrip("\n").split("\n")


def main():
    failed = skipped = 0
    wanted = [t for t in tests if not sys.argv[1:] or any(word in t.__name__ for word in sys.argv[1:])]
    for function in wanted:
        try:
            mock.lies.clear()
            function()
            assert not mock.lies, mock.lies[0]
            print("ok      %s" % function.__name__)
        except Skip as reason:
            skipped += 1
            print("skipped %s: %s" % (function.__name__, reason))
        except Exception:  # whatever it raises, the next test runs
            failed += 1
            print("FAILED  %s\n%s" % (function.__name__, traceback.format_exc()))
    print("%d passed, %d failed%s" % (len(wanted) - failed - skipped, failed,
                                      ", %d skipped" % skipped if skipped else ""))
    return failed > 0


directory = tempfile.mkdtemp()
atexit.register(shutil.rmtree, directory)
mock = Mock(os.path.join(directory, "control.sock"))
