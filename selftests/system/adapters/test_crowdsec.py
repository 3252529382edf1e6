#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-crowdsec with a LAPI of the test's that misbehaves: nothing that is in force falls out, and each fault is one
line and a metric. (selftests/connected has Debian's crowdsec.)"""
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from adapters import GUARD_S, Adapter, keys, wait_for_keys
from harness import check, check_equal, main, test
from lab import wait_for

KEY = "a-key-of-the-test"
SLOW_S = 2


def decision(number, value, kind="ban", duration="4h", scope=None, **more):
    return dict({"id": number, "value": value, "type": kind, "duration": duration, "origin": "crowdsec",
                 "scope": scope or ("Range" if "/" in value else "Ip"), "scenario": "crowdsecurity/ssh-bf"}, **more)


class Lapi:
    """Answers with `all` at startup and `changes` later, unless `fault`, a function of a handler, does."""

    def __init__(self, tls=None):
        self.all, self.changes, self.fault, self.requests = [], ([], []), None, []
        lapi = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                lapi.requests.append((self.path, dict(self.headers)))
                if lapi.fault:
                    return lapi.fault(self)
                if self.headers.get("X-Api-Key") != KEY:
                    return self.say(b'{"message":"access forbidden"}', 403)
                if "startup=true" in self.path:
                    new, deleted = lapi.all, []
                else:
                    (new, deleted), lapi.changes = lapi.changes, ([], [])
                return self.say(json.dumps({"new": new, "deleted": deleted}).encode())

            def say(self, body, status=200, kind="application/json", length=None):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.server.server_bind()
        self.server.server_activate()
        self.url = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def starts(self):
        return sum("startup=true" in path for path, _ in self.requests)


def in_edge(lab, make):
    """Makes something whose sockets are in the namespace of the edge."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    made = []

    def run():
        fd = os.open("/run/netns/" + lab.ns("edge"), os.O_RDONLY)
        check_equal(libc.setns(fd, 0), 0, "setns")
        os.close(fd)
        try:
            made.append(make())
        except Exception as error:
            made.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(made[0], Exception):
        raise made[0]
    return made[0]


lapi = adapter = None
ENTRIES = ["2001:db8:%x::/48" % i for i in range(0x100, 0x128)] + ["2001:db8:99::1", "198.51.100.7"]


def begin(lab):
    global lapi, adapter
    lapi = in_edge(lab, Lapi)
    lapi.all = [decision(i, value) for i, value in enumerate(ENTRIES)]
    adapter = Adapter(lab, "slash64-crowdsec", socket=lab.socket, interval="1s", timeout="%ds" % SLOW_S,
                      lapi={"url": lapi.url, "key": KEY}, throttle={"rate": "50/s", "burst": 70}).start()
    wait_for_keys(lab, "crowdsec", ENTRIES)


def polls(count=2):
    """Waits for so many more requests."""
    wanted = len(lapi.requests) + count
    wait_for(lambda: len(lapi.requests) >= wanted, GUARD_S, "%d requests" % count)


@test
def what_the_lapi_has_is_in_force_and_changes_with_it(lab):
    begin(lab)
    path, headers = lapi.requests[0]
    check("startup=true" in path and "scopes=ip,range" in path, path)
    check(headers["User-Agent"].startswith("slash64-crowdsec/"), headers)
    lapi.changes = ([decision(900, "2001:db8:900::/40"), decision(901, "::ffff:198.51.100.9"),
                     decision(902, "2001:db8:902::1", "throttle")], [decision(0, ENTRIES[0], duration="-1s")])
    lapi.all = lapi.all[1:] + lapi.changes[0]
    wanted = ENTRIES[1:] + ["2001:db8:900::/40", "198.51.100.9", "2001:db8:902::1"]
    wait_for_keys(lab, "crowdsec", wanted)
    row = keys(lab, "crowdsec")["2001:db8:902::1"]
    check_equal((row["kind"], row["rate"], row["burst"]), ("throttle", 50, 70), "a throttle")


def faults(lab):
    """(name, reason in the metrics, what it says, the fault)"""
    def hang_up(handler):
        handler.say(b'{"new":[', length=100000)
        handler.connection.shutdown(socket.SHUT_RDWR)

    def slowly(handler):
        handler.send_response(200)
        handler.end_headers()
        end = time.monotonic() + 3 * SLOW_S
        while time.monotonic() < end:
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    half = json.dumps({"new": lapi.all}).encode()[:-200]
    return [("504", "status", "HTTP status 504", lambda h: h.say(b"<html>504 Gateway Time-out</html>", 504, "text/html")),
            ("html", "format", "no list of decisions", lambda h: h.say(b"<html>sign in</html>", 200, "text/html")),
            ("403", "status", "does not know this bouncer", lambda h: h.say(b'{"message":"access forbidden"}', 403)),
            ("half", "format", "no list of decisions", lambda h: h.say(half)),
            ("cut", "broken-off", "no decisions from", hang_up),
            ("slow", "timeout", "no decisions from", slowly)]


@test
def no_fault_of_the_lapi_ends_an_entry_and_each_is_a_line_and_a_metric(lab):  # issue 18
    before = set(keys(lab, "crowdsec"))
    for name, reason, line, fault in faults(lab):
        said, count = len(adapter.read()), adapter.metric("slash64_adapter_source_failures_total", reason=reason)
        lapi.fault = fault
        wait_for(lambda: adapter.metric("slash64_adapter_source_failures_total", reason=reason) >= count + 2, GUARD_S,
                 "two failures of %s" % name)
        check_equal(set(keys(lab, "crowdsec")), before, "what is in force after %s" % name)
        lines = adapter.read()[said:].splitlines()
        check_equal(sum(line in text for text in lines), 1, "lines about %s: %s" % (name, lines))
        starts = lapi.starts()
        lapi.fault = None
        wait_for(lambda: lapi.starts() > starts, GUARD_S, "a whole list after %s" % name)
        wait_for(lambda: "answers again" in adapter.read()[said:], GUARD_S, "a line that it is over")
        check_equal(set(keys(lab, "crowdsec")), before, "what is in force after the end of %s" % name)


@test
def a_short_list_waits_for_another_one(lab):  # issue 18: valid but short, empty, null
    before = set(keys(lab, "crowdsec"))
    kept = lapi.all
    answers = [{"new": None, "deleted": None}, {"new": [], "deleted": []}, {"new": kept[:5], "deleted": []}]
    for answer in answers:
        once = [answer]

        def fault(handler):
            if "startup=true" in handler.path and once:
                lapi.fault = None
                return handler.say(json.dumps(once.pop()).encode())
            return handler.say(b'{"new":null,"deleted":null}')

        adapter.stop()
        lapi.fault = fault
        adapter.start()
        wait_for(lambda: not once, GUARD_S, "the short list")
        polls()
        check_equal(set(keys(lab, "crowdsec")), before, "what is in force after %r" % answer)
    check_equal(adapter.read().count("they stay until another list lacks them too"), len(answers), "lines about it")
    # it is true
    lapi.all = kept[:5]
    adapter.stop()
    adapter.start()
    wait_for_keys(lab, "crowdsec", [d["value"] for d in kept[:5]])
    lapi.all = kept
    adapter.stop()
    adapter.start()
    wait_for_keys(lab, "crowdsec", [d["value"] for d in kept])


@test
def what_slash64d_refuses_is_counted_and_tried_again(lab):
    lab.slash64("allow", "2001:db8:70::/48")
    lapi.changes = ([decision(950, "2001:db8:70:1::/64"), decision(951, "::/0"), decision(952, "2a02::/8"),
                     decision(953, "64:ff9b::/96"), decision(954, "2001:db8:71::/48")], [])
    lapi.all = lapi.all + lapi.changes[0]
    wait_for(lambda: "2001:db8:71::/48" in keys(lab, "crowdsec"), GUARD_S, "the one that may be blocked")
    wait_for(lambda: adapter.metric("slash64_adapter_refused") == 4, GUARD_S, "four refused entries")
    check_equal(adapter.metric("slash64_adapter_refused", reason="allowed"), 1, "refused as allowed")
    check_equal(set(keys(lab, "crowdsec")) & {"2001:db8:70:1::/64", "::/0", "2a02::/8", "64:ff9b::/96"}, set(),
                "what is in force of it")
    lab.slash64("unallow", "2001:db8:70::/48")
    adapter.stop()
    adapter.start()
    wait_for(lambda: "2001:db8:70:1::/64" in keys(lab, "crowdsec"), GUARD_S, "the one that is no longer allowed")


def certificate(lab, name, host):
    key, cert = os.path.join(lab.dir, name + ".key"), os.path.join(lab.dir, name + ".crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=" + host, "-addext",
                    "subjectAltName=IP:" + host], check=True, capture_output=True)
    return key, cert


@test
def a_wrong_certificate_is_refused_and_a_client_certificate_is_shown(lab):  # issue 18
    global lapi
    adapter.stop()
    lapi.stop()
    kept = lapi.all
    key, cert = certificate(lab, "server", "127.0.0.1")
    client_key, client_cert = certificate(lab, "client", "127.0.0.2")
    with open(client_cert, "a") as both:
        both.write(open(client_key).read())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    lapi = in_edge(lab, lambda: Lapi(context))
    lapi.all = kept
    before = set(keys(lab, "crowdsec"))
    adapter.start(lapi={"url": lapi.url, "key": KEY, "ca": client_cert})
    wait_for(lambda: adapter.metric("slash64_adapter_source_failures_total", reason="tls") >= 2, GUARD_S, "two failures")
    check_equal(set(keys(lab, "crowdsec")), before, "what is in force")
    check_equal(lapi.requests, [], "requests to a server that is not trusted")
    adapter.stop()
    with open(os.path.join(lab.dir, "key"), "w") as f:
        f.write(KEY + "\n")
    adapter.start(lapi={"url": lapi.url, "key_file": os.path.join(lab.dir, "key"), "ca": cert})
    wait_for(lambda: adapter.metric("slash64_adapter_last_contact_timestamp_seconds") > 0, GUARD_S, "an answer")
    adapter.stop()
    lapi.stop()
    context.load_verify_locations(client_cert)
    context.verify_mode = ssl.CERT_REQUIRED
    lapi = in_edge(lab, lambda: Lapi(context))
    lapi.fault = lambda handler: handler.say(json.dumps({"new": kept, "deleted": []}).encode())
    adapter.start(lapi={"url": lapi.url, "cert": client_cert, "ca": cert})
    wait_for(lambda: adapter.metric("slash64_adapter_last_contact_timestamp_seconds") > 0, GUARD_S, "an answer")
    check("X-Api-Key" not in lapi.requests[0][1], "a key beside the certificate")
    adapter.stop()


@test
def an_end_and_a_lease_are_given_and_the_entries_of_others_stay(lab):
    global lapi
    lab.slash64("block", "2001:db8:aa::/48", "--origin", "other")
    lapi.stop()
    lapi = in_edge(lab, Lapi)
    lapi.all = [decision(1, "2001:db8:100::/48", duration="100h"), decision(2, "2001:db8:101::/48", duration="1h30m0.5s")]
    adapter.start(lapi={"url": lapi.url, "key": KEY}, lease="2h")
    wait_for_keys(lab, "crowdsec", [d["value"] for d in lapi.all])
    left_s = {key: end_in_s(row) for key, row in keys(lab, "crowdsec").items()}
    check(7100 < left_s["2001:db8:100::/48"] <= 7201, left_s)
    check(5300 < left_s["2001:db8:101::/48"] <= 5402, left_s)
    check_equal(set(keys(lab, "other")), {"2001:db8:aa::/48"}, "entries of another origin")
    check_equal(adapter.stop(), 0, "its exit status")
    lapi.stop()


def end_in_s(row):
    from harness import seconds_of
    return seconds_of(row["until"]) - time.time()


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
