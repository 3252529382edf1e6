#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The control API and the metrics port under hostile clients: other clients are served all the
time."""
import json
import os
import random
import resource
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import check, check_equal, is_plain_build, main, test
from lab import BAD_1, wait_for

IDLE = 1000
ATTACK = """
import os, socket, sys, time
s = [socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) for _ in range(300)]
try:
    s[0].sendall(b"GET /metrics HTTP/1.1\\r\\n" + b"A: b\\r\\n" * 5000)
    s[1].sendall(b"POST /metrics HTTP/1.1\\r\\nContent-Length: 99999999999\\r\\n\\r\\n" + b"x" * 100000)
    s[2].sendall(os.urandom(10000))
except OSError:
    pass
print("under way", flush=True)
time.sleep(60)
"""
SLOWER = 1 if is_plain_build() else 8
SERVED_S = 2.0 * SLOWER  # a request of an honest client, meanwhile


def connect(lab):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(lab.socket)
    return s


def memory_kib(lab):
    with open("/proc/%d/status" % lab.daemon.pid) as f:
        return int([line for line in f if line.startswith("VmRSS")][0].split()[1])


def descriptors(lab):
    return len(os.listdir("/proc/%d/fd" % lab.daemon.pid))


def served(lab):
    """Seconds that an honest client's block and list take."""
    began = time.monotonic()
    lab.slash64("block", BAD_1)
    check(BAD_1 in [b["prefix"] for b in lab.json("list")], "the block is not listed")
    lab.slash64("unblock", BAD_1)
    return time.monotonic() - began


def check_served(lab, what):
    took = served(lab)
    check(took < SERVED_S, "%s: an honest client waited %.1f s" % (what, took))


@test
def a_thousand_idle_connections_keep_nobody_out(lab):
    connections = [connect(lab) for _ in range(IDLE)]
    check_served(lab, "with %d idle connections" % IDLE)
    check(memory_kib(lab) < SLOWER * 200 << 10, "it takes %d KiB" % memory_kib(lab))
    for c in connections:
        c.close()
    check_served(lab, "afterwards")


@test
def idle_connections_are_closed_in_the_end(lab):
    before = descriptors(lab)
    connections = [connect(lab) for _ in range(50)]
    wait_for(lambda: descriptors(lab) >= before + 50, 5, "the connections")
    wait_for(lambda: descriptors(lab) <= before + 2, 60, "their end")
    for c in connections:
        c.close()


def cpu_seconds(lab):
    with open("/proc/%d/stat" % lab.daemon.pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def limit_descriptors(lab, most):
    subprocess.run(["prlimit", "--pid", str(lab.daemon.pid), "--nofile=%d:" % most], check=True)


@test
def more_connections_than_it_has_descriptors_neither_end_it_nor_keep_it_busy(lab):
    limit_descriptors(lab, 150)
    connections = []
    for _ in range(500):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(lab.socket)
        except OSError:
            s.close()
            continue
        connections.append(s)
    before = cpu_seconds(lab)
    time.sleep(2)
    busy = cpu_seconds(lab) - before
    for c in connections:
        c.close()
    limit_descriptors(lab, 8192)
    check(busy < 0.5, "it was busy for %.1f of 2 s" % busy)
    wait_for(lambda: served(lab) < SERVED_S, 30, "it to serve again")
    check(lab.logged().count("slash64d: ") < 50, "it is said over and over")


@test
def slow_writers_wait_by_themselves(lab):
    writers = [connect(lab) for _ in range(100)]
    request = b"POST /v1/blocks HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n{\"prefix\""
    for i in range(len(request)):
        for w in writers:
            w.send(request[i:i + 1])
    check_served(lab, "with 100 writers of a byte at a time")
    for w in writers:
        w.close()


@test
def slow_readers_of_a_long_list_hold_up_nobody(lab):
    text = "".join("2001:db8:%x:%x::/64\n" % (0x6000 + i // 50000, i % 50000) for i in range(100000))
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "long", input=text)
    before = memory_kib(lab)
    readers = [connect(lab) for _ in range(50)]
    for r in readers:
        r.sendall(b"GET /v1/blocks HTTP/1.1\r\nHost: x\r\n\r\n")
        r.recv(1000)
    began = time.monotonic()
    lab.slash64("block", BAD_1)
    check(time.monotonic() - began < SERVED_S, "a block took %.1f s" % (time.monotonic() - began))
    check(memory_kib(lab) - before < SLOWER * 100 << 10, "it grew by %d KiB" % (memory_kib(lab) - before))
    for r in readers:
        r.close()
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "long", "--replace", "--force", input="")
    lab.slash64("unblock", BAD_1)


@test
def bodies_of_a_gigabyte_are_refused_and_kept_nowhere(lab):
    for announced in (1 << 30, (1 << 63) - 1, 1 << 64):
        s = connect(lab)
        s.sendall(b"POST /v1/blocks HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % announced)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += s.send(b"x" * 65536)
        except OSError:
            pass
        check(sent < 16 << 20, "it took %d MiB" % (sent >> 20))
        s.close()
    s = connect(lab)  # in chunks, without a length
    s.sendall(b"POST /v1/blocks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent = 0
    try:
        while sent < 64 << 20:
            sent += s.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    except OSError:
        pass
    check(sent < 16 << 20, "it took %d MiB in chunks" % (sent >> 20))
    check_served(lab, "after it")
    check(memory_kib(lab) < SLOWER * 200 << 10, "it takes %d KiB" % memory_kib(lab))


@test
def garbage_is_answered_or_closed(lab):
    rng = random.Random(64)
    starts = [b"", b"GET / HTTP/1.1\r\n", b"POST /v1/blocks HTTP/1.1\r\nContent-Length: 5\r\n\r\n", b"GET " + b"/" * 9000,
              b"GET /v1/blocks?within=%00%ff HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\n",
              b"GET /v1/list HTTP/9.9\r\n\r\n", b"X" * 20000 + b"\r\n\r\n", b"GET /v1/log?limit=-1e999&since=x HTTP/1.1\r\n\r\n",
              b"DELETE /v1/blocks?prefix=%0d%0aX HTTP/1.1\r\n\r\n"]
    for i in range(400):
        s = connect(lab)
        s.settimeout(0.02)
        try:
            s.sendall(rng.choice(starts) + rng.randbytes(rng.randrange(200)))
            s.recv(1000)
        except OSError:
            pass
        s.close()
    check_served(lab, "after garbage")


def answer_to(path, request, patience=20):
    """Status, content type and body of the answer to a raw request."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(patience)
    s.connect(path)
    try:
        s.sendall(request)
    except BrokenPipeError:
        pass  # it has answered already
    said = b""
    try:
        while not said.endswith(b"}\n"):
            more = s.recv(65536)
            if not more:
                break
            said += more
    except ConnectionResetError:
        pass
    s.close()
    head, _, body = said.partition(b"\r\n\r\n")
    words = head.split(b" ")
    return int(words[1]) if len(words) > 1 else 0, head.lower(), body


def asks(method, target, body=b"", *headers):
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: slash64", "Content-Length: %d" % len(body)] + list(headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


REFUSED = [
    (asks("GET", "/"), 404, "not-found"),
    (asks("GET", "/v1/nothing"), 404, "not-found"),
    (asks("POST", "/v2/blocks", b"{}"), 404, "not-found"),
    (asks("PUT", "/v1/blocks", b"{}"), 405, "method-not-allowed"),
    (asks("PATCH", "/v1/status", b"{}"), 405, "method-not-allowed"),
    (asks("OPTIONS", "/v1/blocks"), 405, "method-not-allowed"),
    (asks("TRACE", "/v1/blocks"), 405, "method-not-allowed"),
    (asks("BREW", "/v1/blocks"), 405, "method-not-allowed"),
    (asks("POST", "/v1/status", b"{}"), 405, "method-not-allowed"),
    (asks("DELETE", "/v1/lookup"), 405, "method-not-allowed"),
    (asks("GET", "/v1/blocks?origin=" + "x" * 8192), 414, "address-too-long"),
    (asks("GET", "/v1/blocks?origin=" + "x" * 100000), 414, "address-too-long"),
    (asks("GET", "/v1/status", b"", "X: " + "x" * 40000), 431, "headers-too-large"),
    (asks("POST", "/v1/blocks", b"x" * ((1 << 20) + 1)), 413, "too-large"),
    (asks("POST", "/v1/blocks", b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 99999999"), 413, "too-large"),
    (asks("POST", "/v1/blocks", b"{"), 400, "invalid"),
    (asks("POST", "/v1/blocks", b"[]"), 400, "invalid"),
    (asks("POST", "/v1/blocks", b'{"prefix":"2001:db8:1::/64","prefix":"2001:db8:2::/64"}'), 400, "invalid"),
    (asks("POST", "/v1/blocks", b'{"prefix":"2001:db8:1::/64","fore":true}'), 400, "invalid"),
    (asks("POST", "/v1/reload", b'{"for":"5m"}'), 400, "invalid"),
    (asks("GET", "/v1/status?verbose=1"), 400, "invalid"),
    (asks("GET", "/v1/blocks?orign=feed"), 400, "invalid"),
    (asks("GET", "/v1/blocks?origin"), 400, "invalid"),
    (asks("GET", "/v1/blocks?reverse=yes"), 400, "invalid"),
    (asks("GET", "/v1/blocks?origin=a&origin=b"), 400, "invalid"),
    (asks("GET", "/v1/blocks?origin=a%00b"), 400, "invalid"),
    (asks("POST", "/v1/imports?origin=x&dry_run=yes"), 400, "invalid"),
    (asks("POST", "/v1/imports/text?import=none", b"2001:db8::/64\n"), 404, "not-found"),
    (asks("POST", "/v1/imports/text?import=none&imports=2", b"x"), 400, "invalid"),
    (asks("GET", "no-path"), 404, "not-found"),
    (b"GET /v1/status HTTP/9.9\r\n\r\n", 400, "invalid"),
    (b"nonsense\r\n\r\n", 400, "invalid"),
    (b"GET /v1/status HTTP/1.1\r\nno header\r\n\r\n", 400, "invalid"),
    (b"POST /v1/blocks HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400, "invalid"),
]
LOOKING = [
    (asks("POST", "/v1/blocks", b'{"prefix":"2001:db8:1::/64"}'), 403, "read-only"),
    (asks("DELETE", "/v1/blocks?prefix=2001:db8:1::/64"), 403, "read-only"),
    (asks("POST", "/v1/reload"), 403, "read-only"),
    (asks("PUT", "/v1/blocks", b"{}"), 405, "method-not-allowed"),
    (asks("POST", "/v1/blocks", b"x" * 100000), 413, "too-large"),
    (asks("GET", "/v1/nothing"), 404, "not-found"),
    (b"nonsense\r\n\r\n", 400, "invalid"),
]


@test
def every_failure_is_told_in_json_with_a_code(lab):  # documents low: API failures as HTML
    reader = os.path.join(os.path.dirname(lab.socket), "read.sock")
    for path, cases in ((lab.socket, REFUSED), (reader, LOOKING)):
        for request, status, code in cases:
            got, head, body = answer_to(path, request)
            what = "%r" % request[:60]
            check_equal(got, status, what)
            check(b"content-type: application/json" in head, "%s: %r" % (what, head))
            said = json.loads(body)
            check_equal(said["code"], code, what)
            check(said["error"] and set(said) <= {"error", "code", "hint"}, "%s: %r" % (what, said))
            check("--" not in said["error"], "%s names an option of the command: %r" % (what, said))
    check_served(lab, "after all that")


@test
def a_head_request_is_answered_without_a_body(lab):
    got, head, body = answer_to(lab.socket, asks("HEAD", "/v1/status", b"", "Connection: close"))
    check_equal((got, body), (200, b""), "HEAD")
    got, head, body = answer_to(lab.socket, asks("HEAD", "/v1/blocks/unknown", b"", "Connection: close"))
    check_equal((got, body), (404, b""), "HEAD of what is not there")


@test
def a_mistyped_parameter_ends_no_block(lab):  # operators O13
    lab.slash64("block", BAD_1)
    api = Api(lab.socket)
    for query in ("prefix=%s&orign=feed", "prefix=%s&origin", "prefix=%s&origin=feed&origin=operator",
                  "prefix=%s&origin=operator%%00feed", "prefix=%s&force=1"):
        try:
            api.ask("DELETE", "/v1/blocks?" + query % BAD_1.replace("/", "%2F"))
        except Refused as refused:
            check('"code":"invalid"' in str(refused), str(refused))
        else:
            check(False, "%s is taken" % query)
    check_equal([b["prefix"] for b in lab.json("list")], [BAD_1], "the operator's block")
    lab.slash64("unblock", BAD_1)


@test
def the_api_tells_its_schema_and_its_requests(lab):  # operators O14
    root = Api(lab.socket).ask("GET", "/v1")
    check_equal(root["schema"], lab.status()["schema"], "the schema")
    check({"method": "DELETE", "path": "/v1/blocks"} in root["requests"], "the requests: %s" % root)


@test
def bodies_that_are_no_json_or_too_deep_are_refused(lab):
    api = Api(lab.socket)
    for body in (b"{", b"[" * 200000, b'{"a":' * 100000, b"\xff\xfe", b'{"prefix":"\\u0000"}', b'{"prefix":' + b"9" * 10000 + b"}",
                 b'{"prefix":"2001:db8::/64","prefix":"::/0"}', b"null", b'{"prefix":{"x":[]}}'):
        api.request("POST", "/v1/blocks", body)
        answer = api.getresponse()
        said = answer.read()
        check(answer.status in (400, 413) and said.count(b"\n") == 1, "%r got %d %r" % (body[:20], answer.status, said[:100]))
    check_equal(lab.json("list"), [], "blocks")


@test
def the_metrics_port_is_as_hard(lab):
    host, port = lab.metrics.rsplit(":", 1)

    attack = lab.spawn("edge", "/usr/bin/python3", "-c", ATTACK, host.strip("[]"), port)
    check_equal(attack.stdout.readline(), "under way\n", "the attack")
    said = lab.run("edge", "curl", "-s", "-m", "5", "http://%s/metrics" % lab.metrics).stdout
    check("slash64_packets" in said, "it does not serve")
    attack.kill()
    check_served(lab, "after it")


@test
def all_at_once_for_a_while_changes_nothing_of_what_is_in_force(lab):
    lab.slash64("block", BAD_1)
    stop = time.monotonic() + 5
    errors = []

    def pester():
        rng = random.Random()
        while time.monotonic() < stop:
            try:
                s = connect(lab)
                s.settimeout(0.05)
                s.sendall(rng.choice([b"GET /v1/log HTTP/1.1\r\n\r\n", b"GET /v1/export HTTP/1.1\r\n\r\n", rng.randbytes(100),
                                      b"POST /v1/imports HTTP/1.1\r\nContent-Length: 0\r\n\r\n"]))
                s.recv(100)
                s.close()
            except OSError:
                pass

    threads = [threading.Thread(target=pester) for _ in range(8)]
    for t in threads:
        t.start()
    while time.monotonic() < stop:
        if BAD_1 not in [b["prefix"] for b in lab.json("list")]:
            errors.append("it was not listed")
    for t in threads:
        t.join()
    check_equal(errors, [], "what went wrong")
    check(BAD_1 not in lab.arriving(BAD_1, rate=300, seconds=1), "the block is not in force")


def prepare(lab):
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    lab.start(lab.config())


main(prepare)
