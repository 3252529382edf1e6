#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-fetch, and a publisher of the test's that misbehaves: the last good list stays, and slash64d reads it."""
import gzip
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from adapters import GUARD_S
from harness import check, check_equal, main, test
from lab import BUILD, wait_for

DROP = "".join(json.dumps({"cidr": "2a06:%x::/32" % i, "sblid": "SBL%d" % i, "rir": "ripencc"}) + "\n" for i in range(1, 21))
META = json.dumps({"type": "metadata", "timestamp": 1790000000, "size": 1, "records": 20, "copyright": "c", "terms": "t"}) + "\n"


class Publisher:
    def __init__(self, lab):
        self.text, self.fault, self.requests, self.etag = DROP + META, None, [], '"one"'
        self.cert, key = os.path.join(lab.dir, "publisher.crt"), os.path.join(lab.dir, "publisher.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        key, "-out", self.cert, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.requests.append(dict(self.headers))
                if publisher.fault:
                    return publisher.fault(self)
                if self.headers.get("If-None-Match") == publisher.etag:
                    return self.say(b"", 304)
                return self.say(publisher.text.encode(), ETag=publisher.etag, **{"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"})

            def say(self, body, status=200, length=None, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = "https://127.0.0.1:%d/drop_v6.json" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()


class Fetch:
    def __init__(self, lab, publisher, **feed):
        self.dir = os.path.join(lab.dir, "fetch")
        os.makedirs(self.dir, exist_ok=True)
        self.config = os.path.join(lab.dir, "fetch.yaml")
        with open(self.config, "w") as f:
            json.dump({"directory": self.dir, "ca": publisher.cert,
                       "feeds": [dict({"name": "drop", "url": publisher.url, "timeout": "2s"}, **feed)]}, f)

    def run(self, due=True):
        """Its exit status, and what it says. `due`: as if the time had come."""
        state = os.path.join(self.dir, "drop.state")
        if due and os.path.exists(state):
            with open(state) as f:
                text = re.sub(r"next \d+", "next 0", f.read())
            with open(state, "w") as f:
                f.write(text)
        done = subprocess.run([os.path.join(BUILD, "slash64-fetch"), "--config", self.config], capture_output=True, text=True,
                              timeout=GUARD_S)
        return done.returncode, done.stderr

    def list(self):
        with open(os.path.join(self.dir, "drop")) as f:
            return f.read()

    def metrics(self):
        with open(os.path.join(self.dir, "metrics.prom")) as f:
            return {name: int(value) for name, value in re.findall(r'^(\w+)\{feed="drop"\} (\d+)$', f.read(), re.M)}


publisher = None


@test
def a_list_is_fetched_when_it_is_due_and_only_if_it_has_changed(lab):  # issue 18, 7
    global publisher
    publisher = Publisher(lab)
    fetch = Fetch(lab, publisher)
    code, said = fetch.run()
    check_equal((code, fetch.list()), (0, DROP + META), said)
    check("20 entries" in said, said)
    check_equal(fetch.metrics()["slash64_fetch_entries"], 20, "entries in the metrics")
    check(publisher.requests[0]["User-Agent"].startswith("slash64-fetch/"), publisher.requests[0])
    fetch.run(due=False)
    check_equal(len(publisher.requests), 1, "requests before it is due")
    code, said = fetch.run()
    check_equal((code, said), (0, ""), "unchanged")
    check_equal((publisher.requests[1]["If-None-Match"], publisher.requests[1]["If-Modified-Since"]),
                ('"one"', "Wed, 21 Oct 2015 07:28:00 GMT"), "conditions")
    os.unlink(os.path.join(fetch.dir, "drop"))
    check_equal(fetch.run()[0], 0, "without the file")
    check_equal(fetch.list(), DROP + META, "the file, fetched again")


def faults():
    def hang_up(handler):
        handler.say(DROP.encode(), length=100000)
        handler.connection.shutdown(socket.SHUT_RDWR)

    def slowly(handler):
        handler.send_response(200)
        handler.end_headers()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                handler.wfile.write(b"# \n")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    bomb = gzip.compress(b"2001:db8::/32\n" * 200000)
    return [("503", "HTTP status 503", lambda h: h.say(b"later", 503, **{"Retry-After": "7200"})),
            ("html", "has no prefix to block", lambda h: h.say(b"<html>sign in</html>")),
            ("empty", "has no prefix to block", lambda h: h.say(b"")),
            ("cut", "cut short", lambda h: h.say((DROP.split("\n", 5)[5] + META).encode())),
            ("hang up", "cannot fetch", hang_up),
            ("slow", "cannot fetch", slowly),
            ("large", "raise 'size'", lambda h: h.say(b"2001:db8::/32\n" * 100000)),
            ("bomb", "raise 'size'", lambda h: h.say(bomb, **{"Content-Encoding": "gzip"})),
            ("plain http", "cannot fetch", lambda h: h.say(b"", 302, Location="http://127.0.0.1:1/"))]


@test
def the_last_good_list_stays_whatever_the_publisher_does(lab):
    fetch = Fetch(lab, publisher, size=100000)
    for name, line, fault in faults():
        publisher.fault = fault
        publisher.etag = '"%s"' % name
        code, said = fetch.run()
        check_equal(code, 1, "exit status of %s: %s" % (name, said))
        check_equal(len(said.splitlines()), 1, "lines of %s: %s" % (name, said))
        check(line in said, "%s: %s" % (name, said))
        check_equal(fetch.list(), DROP + META, "the list after %s" % name)
    check_equal(fetch.metrics()["slash64_fetch_failures"], len(faults()), "failures in the metrics")
    count = len(publisher.requests)
    fetch.run(due=False)
    check_equal(len(publisher.requests), count, "requests after a failure, before it is due again")
    publisher.fault = None
    check_equal(fetch.run()[0], 0, "and then it works")
    check_equal(fetch.metrics()["slash64_fetch_failures"], 0, "failures in the metrics")
    with open(publisher.cert) as f:
        wrong = f.read()
    other = Publisher(lab)  # another certificate in the same file
    check_equal(Fetch(lab, publisher).run()[0], 1, "a publisher that is not trusted")
    check(open(other.cert).read() != wrong, "the same certificate")
    other.server.shutdown()


@test
def slash64d_reads_what_was_fetched(lab):
    fresh = Publisher(lab)
    fetch = Fetch(lab, fresh)
    lab.config("feeds: [{file: %s/drop, origin: spamhaus}]" % fetch.dir)
    lab.slash64("reload")
    wait_for(lambda: len(lab.json("list", "--origin", "spamhaus")) == 20, GUARD_S, "the entries")
    lines = DROP.splitlines(True)[1:]
    fresh.text, fresh.etag = "".join(lines) + META.replace('"records": 20', '"records": 19'), '"two"'
    code, said = fetch.run()
    check_equal(code, 0, said)
    wait_for(lambda: len(lab.json("list", "--origin", "spamhaus")) == 19, GUARD_S, "the entries")


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
