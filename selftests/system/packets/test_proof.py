#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Proof by handshakes, with real ones: who is proven, whom nobody can prove, and the program at egress."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1, BAD_2, BUILD, CLIENT, SERVER, wait_for

OWN = "2001:db8:bad:1::66"
CLIENT_NET = "2001:db8:c1:1::/64"
SILENT = "2001:db8:5::dead"
PORT = 7080

RULE = "    - {name: %s, class: echo-request, over: {packets_per_second: 400}, during: 1s, %s\n" \
       "       until: {below: 0.5, during: 3s}, ladder: [2m]}\n"
PROVEN = RULE % ("proven-flood", "then: block, evidence: proven,")
ANY = RULE % ("any-flood", "")
RULES = "detect:\n  rules:\n%s  fuse: {actions_per_hour: 100, traffic_share: 1}\n"

SERVE = """
import socket
s = socket.create_server(("::", %d), family=socket.AF_INET6, backlog=64)
while True:
    s.accept()[0].close()
""" % PORT

# Connections one after the other until a number, or for ever; prints how many were made.
CONNECT = """
import signal, socket, sys, time
made = 0
def tell(*_):
    print(made, flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, tell)
most = int(sys.argv[2])
while not most or made < most:
    s = socket.socket(socket.AF_INET6)
    s.bind((sys.argv[1], 0))
    s.settimeout(5)
    s.connect(("%s", %d))
    s.close()
    made += 1
    time.sleep(0.1)
tell()
""" % (SERVER, PORT)


def connect(lab, host, source, count=0):
    return lab.spawn(host, "/usr/bin/python3", "-c", CONNECT, source, str(count))


def made(process):
    out, err = process.communicate(timeout=30)
    check(process.returncode == 0, err)
    return int(out)


def proposals(lab, prefix, rule):
    return [row for row in lab.json("proposals", "--all") if row["prefix"] == prefix and row["rule"] == rule]


def programs_at_egress():
    rows = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True,
                                     env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin")).stdout)
    return sorted(row["id"] for row in rows if row.get("name", "").startswith("slash64_proof"))


def pins(lab):
    try:
        return os.listdir(os.path.join(lab.pins, "egress"))
    except FileNotFoundError:
        return []


def state_of(lab, address):
    row = lab.json("lookup", address)[0]
    return row["evidence"], row["proven_since"]


def problems(lab):
    return json.loads(lab.slash64("--json", "status", check=False).stdout)["health"]["problems"]


@test
def the_attackers_own_64_with_real_handshakes_is_proven_and_blocked(lab):
    check_equal(state_of(lab, OWN), ("none", None), "before")
    check_equal(made(connect(lab, "attacker", OWN, 4)), 4, "connections")
    evidence, since = state_of(lab, OWN)
    check(evidence == "proven" and since, "after: %r since %r" % (evidence, since))
    flood = lab.flood(BAD_1, 1000, 60)
    row = wait_for(lambda: [r for r in proposals(lab, BAD_1, "proven-flood") if r["state"] == "applied"], 10,
                   "a block by the rule that asks for proof")[0]
    check_equal((row["evidence"], row["by_rule"]), ("proven", True), "the proposal")
    check(row["proven_since"], "since when")
    lab.end(flood)
    lab.received(flood)
    lab.slash64("unblock", BAD_1, "--origin", "detect:proven-flood")


@test
def a_spoofer_never_proves_the_client_whose_handshakes_go_on(lab):
    """The client is real, and connects all the time: it is proven, but nothing that the spoofer sends is."""
    client = connect(lab, "client", CLIENT)
    wait_for(lambda: state_of(lab, CLIENT)[0] == "proven", 10, "the client's own proof")
    flood = lab.flood(CLIENT_NET, 3000, 60)
    row = wait_for(lambda: proposals(lab, CLIENT_NET, "any-flood"), 10, "a proposal of the other rule")[0]
    check_equal(row["evidence"], "none", "its evidence")
    time.sleep(8)
    check_equal(proposals(lab, CLIENT_NET, "proven-flood"), [], "proposals of the rule that asks for proof")
    check_equal(lab.json("list", CLIENT_NET), [], "blocks of the client")
    lab.end(flood)
    lab.received(flood)
    check(client.poll() is None, "the client has stopped connecting")
    client.send_signal(signal.SIGINT)
    check(made(client) > 50, "the client could not connect")


@test
def killed_or_not_there_is_one_program_at_egress(lab):
    check_equal(len(programs_at_egress()), 1, "programs")
    check_equal(len(pins(lab)), 1, "pins")
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        lab.stop(number)
        check_equal(len(programs_at_egress()), 1, "programs while slash64d is down")
        lab.start()
        wait_for(lambda: len(programs_at_egress()) == 1, 5, "one program after a start")
        check_equal(len(pins(lab)), 1, "pins")
    # what was proven is still known, and it goes on
    check_equal(state_of(lab, OWN)[0], "proven", "a source that was proven before")


@test
def without_a_rule_that_asks_for_proof_it_is_gone(lab):
    lab.config(RULES % ANY, on_exit="keep")
    lab.slash64("reload")
    wait_for(lambda: not programs_at_egress(), 5, "the end of the program")
    check_equal(pins(lab), [], "pins")
    check_equal(state_of(lab, OWN), ("none", None), "a source that was proven before")
    lab.config(RULES % (PROVEN + ANY), on_exit="keep")
    lab.slash64("reload")
    wait_for(lambda: len(programs_at_egress()) == 1, 5, "the program again")
    # nobody was proven in this life of it: SYNs come in, and nothing answers
    check_equal(problems(lab), [], "problems before there was one")
    lab.received(lab.flood(BAD_2, 2000, 1, kind="syn", dst=SILENT))
    row = wait_for(lambda: problems(lab), 5, "a router that sees one direction only")[0]
    check_equal((row["code"], row["rule"]), ("proof-one-way", "proven-flood"), "what status says")
    said = lab.slash64("status", check=False).stdout
    check("rule proven-flood asks for proof" in said and "no SYN-ACK went out" in said, said)
    check_equal(made(connect(lab, "attacker", OWN, 1)), 1, "connections")
    check_equal(problems(lab), [], "problems when one has gone out")
    # and it leaves with the filter
    lab.slash64("detach", "wan0")
    wait_for(lambda: not programs_at_egress(), 5, "the end of the program with the filter")


def prepare(lab):
    lab.spawn("server", "/usr/bin/python3", "-c", SERVE)
    wait_for(lambda: ":%d" % PORT in lab.run("server", "ss", "-ltn").stdout, 5, "the server")
    lab.start(lab.config(RULES % (PROVEN + ANY), on_exit="keep"))


main(prepare)
