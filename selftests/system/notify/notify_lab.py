# SPDX-License-Identifier: GPL-2.0-only
"""slash64-notify with a log that the test writes, and receivers that the test spoils."""
import http.server
import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
PROGRAM = os.path.join(BUILD, "slash64-notify")


def change(number, action="block", **more):
    row = {"number": number, "time": "2026-11-26T20:00:%02d.250Z" % (number % 60), "action": action, "who": "anna",
           "uid": 1000, "pid": 1, "login": None, "login_uid": None, "from": "socket, slash64",
           "prefix": "2001:db8:bad:%x::/64" % number, "origin": "operator", "reason": "echo flood", "ticket": "T-1",
           "until": "2026-11-26T21:00:00Z", "detail": None}
    row.update(more)
    return row


def wait_for(what, why, seconds=30):
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise AssertionError(why() if callable(why) else why)
        time.sleep(0.02)


class Log:
    """The read socket of slash64d, as far as the log goes."""

    def __init__(self, path):
        self.rows, self.more, self.identity = [], threading.Condition(), "a0"
        self.alive, self.connections = True, set()
        log = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                log.connections.add(self.connection)
                try:
                    while self.answer():
                        pass
                except OSError:
                    pass
                log.connections.discard(self.connection)

            def answer(self):
                line = self.rfile.readline().decode().split()
                while self.rfile.readline().strip():
                    pass
                if not line:
                    return False
                query = parse_qs(urlsplit(line[1]).query)
                status, rows = b"200 OK", log.rows[-1:]
                if urlsplit(line[1]).path == "/v1":
                    rows = [{"version": "0", "log": log.identity}]
                elif query.get("log", [log.identity])[0] != log.identity:
                    status, rows = b"404 Not Found", [{"error": "this is not the log", "code": "not-found"}]
                elif "follow" in query:
                    self.follow(int(query["after"][0]))
                    return False
                elif "after" in query:
                    rows = [r for r in log.rows if r.get("number", 0) > int(query["after"][0])][:int(query["limit"][0])]
                body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
                self.wfile.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
                return True

            def follow(self, after):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n")
                while log.alive:
                    with log.more:
                        log.more.wait_for(lambda: not log.alive or any(r.get("number", 0) > after for r in log.rows), 0.2)
                        rows = [row for row in log.rows if row.get("number", 0) > after]
                    for row in rows:
                        text = json.dumps(row).encode() + b"\n"
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                        after = row["number"]

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True
            allow_reuse_address = True

        self.path, self.server_class, self.handler = path, Server, Handler
        self.start()

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.alive = True
        self.server = self.server_class(self.path, self.handler)
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self):
        self.alive = False
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def add(self, *rows):
        with self.more:
            self.rows.extend(rows)
            self.more.notify_all()


class Hook:
    """A webhook: what it has taken, and how it misbehaves: the function turns the body into a status, None (the
    connection breaks off before an answer) or a time to wait first."""

    def __init__(self, port=0):
        self.taken, self.attempts, self.behaviour, self.connections = [], 0, lambda body: 200, set()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                hook.connections.add(self.connection)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.attempts += 1
                status = hook.behaviour(body)
                if status is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                if status == 200:
                    hook.taken.append((body, dict(self.headers)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6

            def handle_error(self, *words):
                pass  # a connection that stop() has broken off

        self.server = Server(("::1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def numbers(self):
        return [body["number"] for body, _ in self.taken]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended


class Lab:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="s64-notify-")
        self.log = Log(os.path.join(self.dir, "read.sock"))
        self.process = None
        self.said = os.path.join(self.dir, "said")

    def start(self, receivers, **more):
        settings = dict({"socket": self.log.path, "state": self.dir, "receivers": receivers}, **more)
        path = os.path.join(self.dir, "notify.yaml")
        with open(path, "w") as file:
            json.dump(settings, file)  # YAML too
        self.run(path)

    def run(self, path=None):
        path = path or os.path.join(self.dir, "notify.yaml")
        with open(self.said, "a") as said:
            self.process = subprocess.Popen([PROGRAM, "--config", path], stderr=said, stdin=subprocess.DEVNULL)
        asked = self.read().count("tells")
        wait_for(lambda: self.process.poll() is not None or self.read().count("tells") > asked or asked,
                 "it did not start")

    def read(self):
        with open(self.said, errors="replace") as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=40)

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self.log.stop()
        subprocess.run(["rm", "-rf", self.dir], check=True)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET6, kind) as probe:
        probe.bind(("::1", 0))
        return probe.getsockname()[1]


def numbers_in(text):
    return [int(n, 16) for n in re.findall(r"2001:db8:bad:([0-9a-f]+)::/64", text)]


# --- tests ---

tests = []


class Skip(Exception):
    pass


def test(function):
    tests.append(function)
    return function


def equal(got, wanted, what=""):
    assert got == wanted, "%s%r, not %r" % (what and "%s: " % what, got, wanted)


def webhook(hook, name="hook", **more):
    return dict({"name": name, "webhook": dict({"url": "http://[::1]:%d/changes" % hook.port}, **more.pop("webhook", {}))}, **more)


def begin(lab, *receivers, **more):
    """With a change before the start, which nobody is told."""
    lab.log.add(change(1))
    lab.start(list(receivers), **more)
    time.sleep(0.3)  # it asks for the last number; until then everything is of before
    wait_for(lambda: "slash64-notify" in lab.read(), lab.read)


def wait_position(lab, number):
    """The queue knows where it is."""
    def position():
        done = subprocess.run(["python3", "-c", "import sqlite3, sys\n"
                               "print(sqlite3.connect(sys.argv[1]).execute('SELECT number FROM position').fetchone())",
                               os.path.join(lab.dir, "queue.db")], capture_output=True, text=True)
        return done.stdout.strip() == "(%d,)" % number
    wait_for(position, lambda: "no position %d: %s" % (number, lab.read()))


def main():
    words, passed, failed, skipped = sys.argv[1:], 0, 0, 0
    for function in tests:
        name = function.__name__
        if words and not any(word in name for word in words):
            continue
        lab = Lab()
        try:
            function(lab)
            passed += 1
            print("ok      %s" % name, flush=True)
        except Skip as why:
            skipped += 1
            print("skipped %s: %s" % (name, why), flush=True)
        except Exception:  # noqa: BLE001: whatever it is, the next test runs
            failed += 1
            print("FAILED  %s\n%s%s" % (name, traceback.format_exc(), lab.read() if os.path.exists(lab.said) else ""), flush=True)
        finally:
            lab.close()
    print("%d passed, %d failed%s" % (passed, failed, ", %d skipped" % skipped if skipped else ""))
    sys.exit(failed > 0)
