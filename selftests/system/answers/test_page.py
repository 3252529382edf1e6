#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The page's server (issue 16): who is answered, how, and what it never does. The page in a browser
has a test of its own."""
import json
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api
from harness import check, check_equal, main, test
from lab import BAD_1, EDGE_WAN, wait_for
import schema

PAGE = ("::1", 9665)
HOST = "[::1]:9665"

# Runs in the namespace of the edge, and prints one line of JSON.
CLIENT = """
import json, socket, sys
def talk(data, address=%r, seconds=5):
    s = socket.create_connection(tuple(address), timeout=seconds)
    s.sendall(data.encode("latin-1"))
    got = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            got += piece
            head, _, body = got.partition(b"\\r\\n\\r\\n")
            length = [l for l in head.lower().split(b"\\r\\n") if l.startswith(b"content-length:")]
            if length and len(body) >= int(length[0].split(b":")[1]):
                break
    except socket.timeout:
        pass
    except ConnectionError:
        pass
    return got.decode("latin-1")
print(json.dumps([talk(*args) for args in json.loads(sys.stdin.read())]))
""" % (PAGE,)


def talk(lab, *requests):
    """Sends each over a connection of its own; returns the answers, whole."""
    done = lab.run("edge", sys.executable, "-c", CLIENT, input=json.dumps([[r] if isinstance(r, str) else r for r in requests]))
    return json.loads(done.stdout)


def request(path="/", method="GET", host=HOST, more="", version="1.1"):
    hosts = "".join("Host: %s\r\n" % h for h in ([host] if isinstance(host, str) else host or []))
    return "%s %s HTTP/%s\r\n%sConnection: close\r\n%s\r\n" % (method, path, version, hosts, more)


def status_of(answer):
    return int(answer.split(" ", 2)[1]) if answer else 0


def headers_of(answer):
    head = answer.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
    return {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in head)}


def body_of(answer):
    return answer.split("\r\n\r\n", 1)[1]


SAFE = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


def is_safe(answer, what):
    headers = headers_of(answer)
    check_equal({k: headers.get(k) for k in SAFE}, SAFE, "headers of " + what)
    check(not [k for k in headers if k.startswith("access-control")], what + " is open to other origins")


@test
def every_file_the_page_names_is_there_and_no_answer_can_be_used_elsewhere(lab):
    page, = talk(lab, request("/"))
    check_equal(status_of(page), 200, "the page")
    named = set(re.findall(r'(?:src|href)="(/[^"#]*)"', body_of(page))) | {"/charts.js", "/favicon.ico"}
    named.discard("/metrics")  # a list without an end of interfaces
    for path, answer in zip(sorted(named), talk(lab, *[request(p) for p in sorted(named)])):
        check_equal(status_of(answer), 200, path)
        is_safe(answer, path)
        check(headers_of(answer)["content-type"].split(";")[0] in
              ("text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"), path)
    # found by fuzz_page: taken for a page of libevent, which has none of the headers
    echoed, = talk(lab, request("/Content-Type: text/html"))
    check_equal(status_of(echoed), 404, "a path with a header in it")
    is_safe(echoed, "a failure that repeats a header")
    for path, answer in zip(("/nothing", "/v1/nothing", "/../etc/passwd", "/page.css/.."),
                            talk(lab, *[request(p) for p in ("/nothing", "/v1/nothing", "/../etc/passwd", "/page.css/..")])):
        check_equal(status_of(answer), 404, path)
        is_safe(answer, path)


@test
def a_file_that_has_not_changed_is_not_sent_again(lab):
    first, = talk(lab, request("/dygraph.js"))
    tag = headers_of(first)["etag"]
    again, other, head = talk(lab, request("/dygraph.js", more="If-None-Match: %s\r\n" % tag),
                              request("/page.js", more="If-None-Match: %s\r\n" % tag), request("/dygraph.js", "HEAD"))
    check_equal((status_of(again), body_of(again)), (304, ""), "the same file")
    check_equal(status_of(other), 200, "another file")
    check_equal((status_of(head), body_of(head), headers_of(head)["content-length"]),
                (200, "", str(len(body_of(first)))), "HEAD")


@test
def a_name_that_only_resolves_to_this_host_is_refused(lab):
    """DNS rebinding: a site makes its name resolve to ::1, and its script asks there."""
    hosts = ["evil.example", "evil.example:9665", "localhost.evil.example", "[2001:db8::1]:9665", "127.0.0.1.evil.example:9665"]
    paths = ["/", "/v1/overview", "/metrics", "/page.js"]
    asked = [(h, p) for h in hosts for p in paths]
    for (host, path), answer in zip(asked, talk(lab, *[request(p, host=h) for h, p in asked])):
        check_equal(status_of(answer), 421, "%s at %s" % (path, host))
        check_equal(json.loads(body_of(answer))["code"], "misdirected", host)
        is_safe(answer, host)
    ours = ["localhost:9665", "localhost", "[::1]", "127.0.0.1:8080", "LocalHost:1"]
    check_equal([status_of(a) for a in talk(lab, *[request("/", host=h) for h in ours])], [200] * len(ours), str(ours))
    for answer in talk(lab, request("/", host=None), request("/", host=None, version="1.0"),
                       request("/", host=[HOST, "evil.example"]), request("/", host=["localhost", "localhost"])):
        check_equal(status_of(answer), 400, "no Host, or two")
    # an absolute address has a host of its own
    for answer in talk(lab, request("http://evil.example/v1/status"), request("http://[::1]:9665/v1/status", host="evil.example")):
        check_equal(status_of(answer), 421, "an absolute address")


@test
def another_site_lets_a_browser_ask_for_nothing_but_the_page(lab):
    def asks(path, site):
        return status_of(talk(lab, request(path, more="Sec-Fetch-Site: %s\r\n" % site))[0])

    for site in ("cross-site", "same-site"):
        check_equal([asks(p, site) for p in ("/", "/v1/top", "/v1/overview", "/page.js", "/metrics")],
                    [200, 403, 403, 403, 403], site)
    for site in ("same-origin", "none"):
        check_equal([asks(p, site) for p in ("/", "/v1/top", "/page.js")], [200, 200, 200], site)


@test
def nothing_can_be_changed(lab):
    before = lab.json("log")
    methods = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW"]
    bodies = [json.dumps({"prefix": "2001:db8:1:2::/64"})]
    asked = [(m, p) for m in methods for p in ("/", "/v1/blocks", "/v1/reload", "/v1/captures", "/v1/interfaces?name=wan0")]
    for (method, path), answer in zip(asked, talk(lab, *[
            request(p, m, more="Content-Length: %d\r\n" % len(bodies[0])) + bodies[0] for m, p in asked])):
        check(status_of(answer) in (400, 405, 421), "%s %s: %s" % (method, path, answer[:200]))
        if status_of(answer) == 405:
            check_equal(headers_of(answer)["allow"], "GET, HEAD", method)
            is_safe(answer, method)
    tunnel, = talk(lab, [request("[::1]:22", "CONNECT"), PAGE, 1])  # libevent leaves the connection open
    check(status_of(tunnel) in (400, 405, 421), "CONNECT: " + tunnel[:200])
    over, = talk(lab, request("/v1/blocks", "GET", more="X-HTTP-Method-Override: DELETE\r\n"))
    check_equal(status_of(over), 200, "a method in a header")
    check_equal(lab.json("log"), before, "the log")
    check_equal(lab.json("list"), [], "the blocks")


@test
def it_answers_as_the_read_socket_does(lab):
    api = Api(os.path.join(lab.dir, "read.sock"))
    for path in ("/v1", "/v1/blocks?limit=5", "/v1/allowlist", "/v1/log?limit=3", "/v1/policy", "/v1/policy?configured=1", "/v1/export"):
        answer, = talk(lab, request(path))
        rows = api.ask("GET", path)
        check_equal((status_of(answer), headers_of(answer)["cache-control"]), (200, "no-store"), path)
        body = body_of(answer)
        if headers_of(answer).get("transfer-encoding") == "chunked":
            body = re.sub(r"(?:^|\r\n)[0-9a-f]+\r\n", "", body)
        check_equal([json.loads(line) for line in body.split("\n") if line.strip()],
                    rows if isinstance(rows, list) else [rows], path)
    wrong, = talk(lab, request("/v1/blocks?origine=x"))
    check_equal((status_of(wrong), json.loads(body_of(wrong))["code"]), (400, "invalid"), "an unknown parameter")


def overview(lab):
    answer, = talk(lab, request("/v1/overview"))
    row = json.loads(body_of(answer))
    schema.check_answer("GET", "/v1/overview", 200, row, "strict")
    return row


@test
def the_overview_says_what_the_status_says_and_is_made_once_a_second(lab):
    first = overview(lab)
    check_equal(first["status"]["health"]["summary"], lab.slash64("status").stdout.splitlines()[0], "the line at the top")
    lab.slash64("block", "2001:db8:4:4::/64")
    wait_for(lambda: overview(lab)["status"]["maps"]["blocks"] == 1, 3, "the block")
    times = [json.loads(body_of(a))["time"] for a in talk(lab, *[request("/v1/overview")] * 20)]
    check(len(set(times)) <= 3, "20 questions in a moment got %d answers that were made for them" % len(set(times)))
    lab.slash64("unblock", "2001:db8:4:4::/64")


@test
def the_history_agrees_with_the_counters(lab):
    def counted(verdict):
        return sum(row["packets"] for row in lab.status()["rates"] if row["verdict"] == verdict)

    def recorded(verdict):
        answer, = talk(lab, request("/v1/history"))
        row = json.loads(body_of(answer))
        schema.check_answer("GET", "/v1/history", 200, row, "strict")
        check(all(len(s["packets_per_second"]) == row["last"] - row["first"] + 1 for s in row["series"]), "lengths")
        return sum(sum(s["packets_per_second"]) for s in row["series"] if s["verdict"] == verdict)

    before = recorded("drop"), counted("drop")
    lab.slash64("block", BAD_1)
    lab.flood(BAD_1, 500, 2).communicate()
    added = counted("drop") - before[1]
    check(added > 500, "dropped packets: %d" % added)
    wait_for(lambda: recorded("drop") - before[0] == added, 5, "%d dropped packets in the history" % added)
    last = overview(lab)["history"]
    answer, none, far = talk(lab, request("/v1/history?after=%d" % (last["last"] - 2)), request("/v1/history?after=x"),
                             request("/v1/history?after=999999999"))
    check(2 <= json.loads(body_of(answer))["last"] - json.loads(body_of(answer))["first"] + 1 <= 5, "the newest points")
    check_equal(status_of(none), 400, "no number")
    check_equal(json.loads(body_of(far))["first"], json.loads(body_of(answer))["last"] and 1, "a number of another run")
    lab.slash64("unblock", BAD_1)


@test
def what_is_too_large_is_refused(lab):
    answers = talk(lab, request("/" + "a" * 50000), request("/", more="X: %s\r\n" % ("b" * 50000)),
                   request("/", "POST", more="Content-Length: 99999999999\r\n"), request("/v1/blocks?reason=" + "c" * 9000))
    check([status_of(a) for a in answers[:3]] == [414, 431, 413], str([a[:60] for a in answers]))
    check_equal(status_of(answers[3]), 414, answers[3][:100])
    # those that libevent gives itself had none of the headers
    for answer in answers + talk(lab, "WHATEVER\r\n\r\n", "GET / HTTP/9.9\r\nHost: %s\r\n\r\n" % HOST):
        is_safe(answer, answer[:40])


@test
def looking_at_the_head_alone_is_answered_everywhere(lab):
    for path, status in (("/", 200), ("/v1", 200), ("/v1/status", 200), ("/v1/events", 200), ("/v1/nothing", 404)):
        answer, = talk(lab, request(path, "HEAD"))
        check_equal((status_of(answer), body_of(answer)), (status, ""), "HEAD %s of the page" % path)
        is_safe(answer, "HEAD " + path)
        api = Api(lab.socket)
        api.request("HEAD", path)
        said = api.getresponse()
        check_equal(said.status, 404 if path == "/" else status, "HEAD %s of the socket" % path)
        api.close()


HOG = """
import json, socket, sys, time
path, count, read = json.loads(sys.argv[1])
all = []
for _ in range(count):
    s = socket.create_connection(%r)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall(("GET " + path + " HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n").encode() if path else b"GET / HT")
    all.append(s)
print("there", flush=True)
time.sleep(600)
""" % (PAGE,)


def hog(lab, path, count):
    """Connections that never read."""
    process = lab.spawn("edge", sys.executable, "-c", HOG, json.dumps([path, count, False]))
    check_equal(process.stdout.readline(), "there\n", "the crowd")
    return process


@test
def a_crowd_that_never_reads_makes_nobody_wait(lab):
    """300 connections of each kind: none of them grows slash64d, and the page, the sockets and the
    descriptors stay usable."""
    api = Api(lab.socket)
    for path in (None, "/v1/events", "/dygraph.js", "/v1/overview", "/v1/export"):
        crowd = hog(lab, path, 300)
        try:
            wait_for(lambda: status_of(talk(lab, request("/"))[0]) == 200, 10, "the page beside " + str(path))
            check(api.ask("GET", "/v1/status"), "the control socket")
            check_equal(overview(lab)["status"]["health"]["ok"], True, "health beside " + str(path))
            follower = lab.spawn("edge", lab.cli, "--socket", lab.socket, "watch", "--json")
            lab.ping("client", count=3)
            check(follower.stdout.readline().startswith("{"), "watch beside a crowd at " + str(path))
            follower.kill()
            follower.wait()
        finally:
            crowd.kill()
            crowd.wait()
    wait_for(lambda: status_of(talk(lab, request("/"))[0]) == 200, 10, "the page afterwards")


# As the page does: /v1/overview each second, the events as a stream, blocks every six seconds.
PAGES = """
import asyncio, sys
async def ask(reader, writer, path):
    writer.write(b"GET " + path + b" HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    head = (await reader.readuntil(b"\\r\\n\\r\\n")).lower()
    if b"content-length:" in head:
        return await reader.readexactly(int(head.split(b"content-length:")[1].split()[0]))
    while (size := int(await reader.readuntil(b"\\r\\n"), 16)) or await reader.readexactly(2) is None:
        await reader.readexactly(size + 2)
async def stream():
    reader, writer = await asyncio.open_connection(%r, %r)
    writer.write(b"GET /v1/events?per_second=5 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    while await reader.read(65536):
        pass
async def page(i, count, asked, keep):
    await asyncio.sleep(i / count)
    reader, writer = await asyncio.open_connection(%r, %r)
    keep.append(asyncio.ensure_future(stream()))
    for second in range(600):
        await ask(reader, writer, b"/v1/overview")
        if second %% 6 == i %% 6:
            await ask(reader, writer, b"/v1/blocks?sort=start&reverse=1&limit=26&offset=0")
        asked[0] += 1
        await asyncio.sleep(1)
async def main(count):
    asked, keep = [0], []
    keep += [asyncio.ensure_future(page(i, count, asked, keep)) for i in range(count)]
    while True:
        await asyncio.sleep(0.5)
        print(asked[0], flush=True)
asyncio.run(main(int(sys.argv[1])))
""" % (PAGE + PAGE)


def cpu_seconds(lab):
    with open("/proc/%d/schedstat" % lab.daemon.pid) as f:
        return int(f.read().split()[0]) / 1e9


@test
def fifty_open_pages_cost_less_than_5_percent_of_a_cpu(lab):
    lab.slash64("block", BAD_1)
    flood = lab.flood(BAD_1, 2000, 60)
    pages = lab.spawn("edge", sys.executable, "-c", PAGES, "50")
    while int(pages.stdout.readline()) < 100:  # all of them are there
        pass
    seconds, cpu, asked = time.monotonic(), cpu_seconds(lab), int(pages.stdout.readline())
    while (now := int(pages.stdout.readline())) < asked + 250:  # five seconds' worth
        pass
    seconds, cpu = time.monotonic() - seconds, cpu_seconds(lab) - cpu
    for process in pages, flood:
        process.kill()
        process.wait()
    lab.slash64("unblock", BAD_1)
    # of what 50 pages ask for in a second, if the machine was too busy for them to ask
    share = cpu / (now - asked) * 50
    check(share < 0.05, "%.1f percent of a CPU: %.3f s in %.1f s, for %d seconds of a page" %
          (share * 100, cpu, seconds, now - asked))


@test
def in_monitor_mode_nothing_is_dropped(lab):
    def series():
        answer, = talk(lab, request("/v1/history"))
        return {(s["verdict"], s["reason"]): sum(s["packets_per_second"]) for s in json.loads(body_of(answer))["series"]}

    def of_source(row):
        return [s for s in row["sources"] if s["source"] == BAD_1 and s["packets_per_second"]]

    lab.config(ifaces="[{name: wan0, filter: monitor}]")
    lab.slash64("reload")
    lab.slash64("block", BAD_1)
    last = overview(lab)["history"]["last"]
    wait_for(lambda: overview(lab)["history"]["last"] > last + 2, 10, "the end of what came before")
    before = series()
    flood = lab.flood(BAD_1, 500, 30)
    wait_for(lambda: series().get(("would_drop", "blocked"), 0) > 100, 10, "what would be dropped")
    wait_for(lambda: of_source(overview(lab)), 10, "the source")
    row = overview(lab)
    flood.kill()
    flood.wait()
    after = series()
    check_equal({k: v for k, v in after.items() if k[0] == "drop"}, {k: v for k, v in before.items() if k[0] == "drop"},
                "drops in the history")
    check_equal([(s["dropped_percent"], s["would_drop_percent"]) for s in of_source(row)], [(0, 100)], "the source")
    check("which only monitor" in row["status"]["health"]["summary"], row["status"]["health"]["summary"])
    check_equal(row["status"]["health"]["summary"], lab.slash64("status").stdout.splitlines()[0], "the line at the top")
    check_equal(row["status"]["interfaces"][0]["dropped_per_second"], 0, "the interface")
    lab.slash64("unblock", BAD_1)
    lab.config()
    lab.slash64("reload")


# One after the other over each of some connections, for ten seconds; prints how many had which status.
CROWD = """
import json, socket, sys, threading, time
path, count = json.loads(sys.argv[1])
told, end = {}, time.monotonic() + 600
def ask():
    while time.monotonic() < end:
        try:
            s = socket.create_connection(%r, timeout=20)
            f = s.makefile("rb")
            s.sendall(("GET " + path + " HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n").encode())
            code = f.readline().split()[1].decode()
            while f.read(65536):
                pass
        except (OSError, IndexError):
            code = "none"
        told[code] = told.get(code, 0) + 1
for _ in range(count):
    threading.Thread(target=ask, daemon=True).start()
while True:
    time.sleep(0.5)
    print(json.dumps(told), flush=True)
""" % (PAGE,)


@test
def a_crowd_that_asks_for_what_is_expensive_is_refused_and_the_overview_is_not(lab):
    """Anybody on this machine may ask: they get a quarter of a CPU, and nobody else waits."""
    flood = lab.flood("2001:db8:bad::/48", 3000, 60)
    crowd = lab.spawn("edge", sys.executable, "-c", CROWD, json.dumps(["/v1/top?seconds=3600&limit=10000", 30]))
    while json.loads(crowd.stdout.readline()).get("503", 0) < 20:
        pass
    cpu, seconds = cpu_seconds(lab), time.monotonic()
    for _ in range(5):
        check(overview(lab)["status"]["health"]["ok"], "the overview beside a crowd")
        Api(lab.socket).ask("POST", "/v1/blocks", {"prefix": "2001:db8:7:7::/64"})
        time.sleep(0.5)
    cpu, seconds = cpu_seconds(lab) - cpu, time.monotonic() - seconds
    told = json.loads(crowd.stdout.readline())
    for process in crowd, flood:
        process.kill()
        process.wait()
    lab.slash64("unblock", "2001:db8:7:7::/64")
    check(told.get("200", 0) > 5, "some are answered: %s" % told)
    check(cpu / seconds < 0.8, "%.0f percent of a CPU" % (100 * cpu / seconds))


def listening(lab, address="[::1]:9665"):
    return address in lab.run("edge", "ss", "-Hltn").stdout


def reload_with(lab, page):
    lab.config("page: %s\n" % page)
    return lab.slash64("reload", check=False)


@test
def a_reload_moves_the_page_and_a_refused_one_leaves_it(lab):
    pid = lab.daemon.pid
    done = reload_with(lab, "{listen: '[%s]:9700'}" % EDGE_WAN)
    check_equal(done.returncode, 0, done.stderr)
    check("page.listen" in done.stdout and "restart" not in done.stdout, done.stdout)
    check(listening(lab, "[%s]:9700" % EDGE_WAN) and not listening(lab), "it moved")
    answer, = talk(lab, [request("/", host="[%s]:9700" % EDGE_WAN), [EDGE_WAN, 9700]])
    check_equal(status_of(answer), 200, "at the new address")
    # of another host: refused, and nothing has changed
    done = reload_with(lab, "'[2001:db8:ffff::1]:9665'")
    check_equal(done.returncode, 1, "an address that is not ours")
    check("page: cannot listen on [2001:db8:ffff::1]:9665" in done.stderr and "page.listen" in done.stderr, done.stderr)
    check(listening(lab, "[%s]:9700" % EDGE_WAN), "the old one stays")
    # an address that includes the one before
    check_equal(reload_with(lab, "'[::1]:9700'").returncode, 0, "another address, the same port")
    check_equal(reload_with(lab, "'[::]:9700'").returncode, 0, "all addresses")
    check(not listening(lab, "[::1]:9700"), "the old one is closed")
    wait_for(lambda: status_of(talk(lab, [request("/", host="[::1]:9700"), ["::1", 9700]])[0]) == 200, 10, "all addresses")
    check_equal(reload_with(lab, "off").returncode, 0, "off")
    check(not re.search(r":9665|:9700", lab.run("edge", "ss", "-Hltn").stdout), "off")
    check_equal(overview_of_socket(lab)["status"]["health"]["ok"], True, "off is no problem")
    check_equal(reload_with(lab, "'[::1]:9665'").returncode, 0, "on again")
    check(listening(lab), "on again")
    check_equal(lab.daemon.pid, pid, "the same slash64d")


def overview_of_socket(lab):
    return Api(lab.socket).ask("GET", "/v1/overview")


WAITS = """
import socket, sys
reader = socket.create_connection(("::1", 9665))
print("connected", flush=True)
sys.stdin.readline()
reader.sendall(b"GET /v1/policy?configured=1 HTTP/1.1\\r\\nHost: [::1]:9665\\r\\n\\r\\n")
sys.stdin.readline()
"""


def ask_and_leave_unread(lab, method, path):
    reader = socket.socket(socket.AF_UNIX)
    reader.connect(lab.socket)
    reader.sendall(("%s %s HTTP/1.1\r\nHost: slash64\r\nContent-Length: 0\r\n\r\n" % (method, path)).encode())
    return reader


@test
def a_page_that_goes_while_it_waits_for_the_configuration_takes_nothing_along(lab):
    many = "block: [%s]\n" % ", ".join("'2001:db8:7e11:%x::/64'" % i for i in range(20000))
    lab.config(many)
    lab.stop()
    lab.start(env={"MALLOC_PERTURB_": "165"})  # what is freed is not what it was
    reader = subprocess.Popen(lab.argv("edge", [sys.executable, "-c", WAITS]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    check_equal(reader.stdout.readline(), "connected\n", "a reader of the page")
    lab.config("page: off\n" + many)
    held = [ask_and_leave_unread(lab, "GET", "/v1/policy?configured=1") for _ in range(3)]
    held.append(ask_and_leave_unread(lab, "POST", "/v1/reload"))
    time.sleep(0.02)  # the reload has its place before the reader of the page
    reader.stdin.write("ask\n")
    reader.stdin.flush()
    wait_for(lambda: not listening(lab), 20, "the page to go")
    lab.slash64("block", BAD_1)
    lab.slash64("unblock", BAD_1)
    check(lab.daemon.poll() is None, "slash64d ended with %s" % lab.daemon.poll())
    reader.communicate("")
    for one in held:
        one.close()
    check_equal(reload_with(lab, "'[::1]:9665'").returncode, 0, "on again")


@test
def a_port_that_is_taken_stops_nothing_and_is_tried_again(lab):
    lab.stop()
    other = lab.spawn("edge", sys.executable, "-c",
                      "import socket, time; s = socket.socket(socket.AF_INET6); s.setsockopt(1, 2, 1); "
                      "s.bind(('::1', 9665)); s.listen(); print('there', flush=True); time.sleep(600)")
    other.stdout.readline()
    lab.start(lab.config())
    health = lab.status()["health"]
    check_equal([(p["code"], "[::1]:9665" in p["text"]) for p in health["problems"]], [("page-down", True)], "health")
    other.kill()
    other.wait()
    wait_for(lambda: lab.status()["health"]["ok"], 15, "the page, when the port is free")
    check(listening(lab), "the page")


main(lambda lab: lab.start(lab.config()))
