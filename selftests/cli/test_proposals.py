#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 proposals, apply and dismiss against a daemon with scripted answers.

    test_proposals.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import pcapng
from mock_daemon import equal, main, mock, one_line, run, test, usage

PROPOSAL = {"id": 7, "rule": "echo-flood", "prefix": "2001:db8:bad:1::/64", "check_chars": "U1", "state": "open",
            "action": "block", "for_seconds": 600.0, "rate": None, "since": "2026-11-26T20:00:00Z", "ended": None,
            "until": None, "measured": {"packets_per_second": 30012.0, "syn_share": 0.97},
            "peak": {"packets_per_second": 31877.0, "syn_share": 1.0},
            "threshold": {"packets_per_second": 5000.0, "syn_share": 0.8}, "evidence": "none",
            "proven_since": None, "collateral_share": 0.02,
            "spared": 0, "spared_sources": [], "by_rule": False, "refused": None}
GUARDED = dict(PROPOSAL, id=8, prefix="2001:db8:bad::/56", action="throttle", rate=100, for_seconds=3600.0, spared=4,
               spared_sources=["2001:db8:bad:60::/64", "2001:db8:bad:61::/64"],
               refused="2001:db8:bad::/56 is not blocked: it is within the allowed prefix 2001:db8::/32")


@test
def a_table_tells_what_was_measured_what_it_costs_and_what_is_against_it():
    mock.says([PROPOSAL, GUARDED])
    done = run("proposals")
    equal((done.code, done.err), (0, ""))
    equal(mock.requests, [("GET", "/v1/proposals", {}, None)])
    for words in ("2001:db8:bad:1::/64", "echo-flood", "block for 10m", "30,012 packets/s (over 5,000), 97% SYN (over 80)",
                  "2.0%", "100/s for 1h", "2.0%, 4 sources", "none", "within the allowed prefix"):
        assert words in done.out, (words, done.out)


@test
def none_are_said_to_be_none_and_all_asks_for_those_that_are_over():
    mock.says([])
    equal(run("proposals").out, "no proposals\n")
    mock.says([dict(PROPOSAL, state="over", ended="2026-11-26T20:10:00Z")])
    run("proposals", "--all")
    equal(mock.requests, [("GET", "/v1/proposals", {"all": ["1"]}, None)])


@test
def json_is_what_slash64d_says():
    mock.says([PROPOSAL])
    equal(json.loads(run("--json", "proposals").out), PROPOSAL)


@test
def apply_sends_what_was_given_and_tells_what_was_done():
    mock.says(dict(PROPOSAL, state="applied", until="2126-11-26T21:00:00Z"))
    done = run("apply", "7", "--for", "1h", "--reason", "r", "--ticket", "T")
    equal(mock.requests, [("POST", "/v1/proposals/apply", {}, {"id": 7, "for_seconds": 3600.0, "reason": "r", "ticket": "T"})])
    assert done.out.startswith("blocked 2001:db8:bad:1::/64 until 2126-11-26 "), done.out
    assert "echo-flood, 30,012 packets/s (over 5,000)" in done.out, done.out
    mock.says(dict(GUARDED, state="applied", until="2126-11-26T21:00:00Z"))
    done = run("apply", "8")
    equal(mock.requests, [("POST", "/v1/proposals/apply", {}, {"id": 8})])
    assert done.out.startswith("throttled 2001:db8:bad::/56 to 100/s until "), done.out
    assert "4 sources that took no part: 2001:db8:bad:60::/64, 2001:db8:bad:61::/64" in done.out, done.out


@test
def dismiss_tells_for_how_long():
    mock.says(dict(PROPOSAL, state="dismissed"))
    equal(run("dismiss", "7").out, "dismissed proposal 7, echo-flood of 2001:db8:bad:1::/64, as long as it lasts\n")
    equal(mock.requests, [("POST", "/v1/proposals/dismiss", {}, {"id": 7})])
    mock.says(dict(PROPOSAL, state="dismissed", until="2126-11-26T21:00:00Z"))
    assert "until 2126-11-26 " in run("dismiss", "7", "--for", "1d").out


@test
def a_refusal_is_one_line():
    mock.says({"error": "proposal 7 is over: the attack has ended, and nothing is done about it", "code": "conflict"}, 409)
    one_line(run("apply", "7"), 1, "slash64: proposal 7 is over")


PACKETS = {"id": 7, "snaplen": 128, "rules": [{"prefix": "2001:db8::/32", "kind": "length", "length": 56}], "packets": [
    {"time": "2026-11-26T20:00:00.250113Z", "interface": "wan0", "verdict": "pass", "reason": "policy",
     "class": "echo-request", "source_address": "2001:db8:bad:1::1", "length": 1014, "data": "0200" * 30},
    {"time": "2026-11-26T20:00:00.250114Z", "interface": None, "verdict": "drop", "reason": "blocked", "class": "udp",
     "source_address": None, "length": 4, "data": "ffee0102"}]}


@test
def packets_are_a_pcapng_with_reasons_for_its_owner_only():
    mock.says(PACKETS)
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "7.pcapng")
        done = run("proposals", "7", "--write", path)
        equal((done.code, done.out, done.err), (0, "", "wrote 2 packets of proposal 7\n"))
        equal(mock.requests, [("POST", "/v1/proposals/packets", {}, {"id": 7})])
        equal(os.stat(path).st_mode & 0o777, 0o600)
        written = pcapng.read(path)
    packets = written.packets
    equal([(i["name"], i["filter"]) for i in written.interfaces], [("wan0", "proposal 7"), ("unknown", "proposal 7")])
    equal([(p["data"].hex(), p["length"], p["interface"], p["comment"]) for p in packets],
          [("0200" * 30, 1014, 0, "verdict=pass reason=policy class=echo-request source=2001:db8:bad::/56 check=0E"),
           ("ffee0102", 4, 1, "verdict=drop reason=blocked class=udp")])
    equal(packets[0]["ns"], 1795723200250113000)


@test
def what_makes_no_sense_is_not_written_as_packets():
    for key, value in (("data", "0"), ("data", "zz"), ("data", "0x01"), ("data", "00" * 70000), ("length", 5), ("data", "00" * 129)):
        mock.says(dict(PACKETS, packets=[dict(PACKETS["packets"][0], **{key: value})]))
        with tempfile.TemporaryDirectory() as d:
            one_line(run("proposals", "7", "--write", os.path.join(d, "x")), 1, "makes no sense")
    mock.says({"error": "no packets of proposal 7 were kept: none came in time", "code": "not-found"}, 404)
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "x")
        one_line(run("proposals", "7", "--write", path), 1, "no packets of proposal 7 were kept")
        assert not os.path.exists(path)


@test
def what_is_no_number_is_a_usage_error():
    mock.says([])
    usage(run("apply"), "ID")
    usage(run("apply", "x"), "slash64: 'x' is not the number of a proposal: 'slash64 proposals' lists them")  # walk: "--ID"
    usage(run("apply", "0"), "'0' is not the number")
    usage(run("dismiss", "99999999999"), "'99999999999' is not the number of a proposal")
    usage(run("dismiss", "7", "--for", "never"), "never")
    usage(run("proposals", "7"), "slash64 proposals ID --write FILE")
    usage(run("proposals", "--write", "x"), "slash64 proposals ID --write FILE")
    usage(run("proposals", "x", "--write", "x"), "ID")


main()
