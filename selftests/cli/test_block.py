#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""block, throttle, unblock, allow, unallow, list and lookup, against a daemon with scripted
answers.

    test_block.py [WORD]...     only tests with one of the words in their name"""
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import (PROGRAM, SEEN, block, directory, done, equal, main, mock, on_terminal, one_line,
                         open_terminal, Result, run, sanitized, test, timestamp, usage)

# --- requests, and the messages about them ---

@test
def block_sends_all_it_was_told():
    mock.says(block(1, until="2026-11-23T13:00:00Z", reason="echo flood", ticket="T-1"))
    result = run("block", "2001:db8:bad:1::/64", "--for", "1h", "--reason", "echo flood", "--ticket=T-1", "--force")
    done(result, "blocked 2001:db8:bad:1::/64 (check 9K) for 1h (until 2026-11-23 13:00:00 UTC): echo flood [T-1]\n")
    equal(mock.requests, [("POST", "/v1/blocks", {}, {"prefix": "2001:db8:bad:1::/64", "for_seconds": 3600,
                                                      "reason": "echo flood", "ticket": "T-1", "force": True})])
    assert isinstance(mock.requests[0][3]["for_seconds"], int)


@test
def block_sends_nothing_it_was_not_told():
    mock.says(block(1, reason=None))
    done(run("block", "2001:db8:bad:1::/64"), "blocked 2001:db8:bad:1::/64 (check 9K) (without end)\n")
    equal(mock.requests, [("POST", "/v1/blocks", {}, {"prefix": "2001:db8:bad:1::/64"})])


@test
def an_ipv4_prefix_is_blocked_as_well():
    for prefix in "198.51.100.7", "198.51.100.0/24":
        mock.says(block(prefix="198.51.100.7/32", reason=None, check_chars=None))
        done(run("block", prefix), "blocked 198.51.100.7/32 (without end)\n")
        equal(mock.requests[0][3], {"prefix": prefix})


@test
def throttle_sends_and_tells_the_rate():
    mock.says(block(1, kind="throttle", rate=1000, burst=2000, reason=None))
    done(run("throttle", "2001:db8:bad:1::/64", "--rate", "1000"),
         "throttled 2001:db8:bad:1::/64 (check 9K) to 1,000 packets per second, burst 2,000 (without end)\n")
    equal(mock.requests, [("POST", "/v1/throttles", {}, {"prefix": "2001:db8:bad:1::/64", "rate": 1000})])
    mock.says(block(1, kind="throttle", rate=1, burst=5, until="2026-11-23T13:00:00Z", ticket="T-1"))
    done(run("throttle", "198.51.100.7", "--rate=1", "--burst", "5", "--for=1h", "--reason=echo flood", "--ticket=T-1",
             "--force"), "throttled 2001:db8:bad:1::/64 (check 9K) to 1 packets per second, burst 5 for 1h (until "
         "2026-11-23 13:00:00 UTC): echo flood [T-1]\n")
    equal(mock.requests[0][3], {"prefix": "198.51.100.7", "rate": 1, "burst": 5, "for_seconds": 3600,
                                "reason": "echo flood", "ticket": "T-1", "force": True})
    done(run("throttle", "198.51.100.7", "--rate=1", "--json"), json.dumps(
        block(1, kind="throttle", rate=1, burst=5, until="2026-11-23T13:00:00Z", ticket="T-1"), separators=(",", ":")) + "\n")


@test
def a_refusal_of_a_guard_rail_is_one_line():
    refusal = "2001:db8:bad:1::/64 is where you come from (SSH); --force overrides this"
    mock.says({"error": refusal.split(";")[0], "code": "guarded", "hint": "force overrides this"}, 409)
    for words in ["block"], ["throttle", "--rate=1"]:
        result = run(*words, "2001:db8:bad:1::/64")
        one_line(result, 1)
        equal((result.out, result.err), ("", "slash64: %s\n" % refusal))


P, Q = "2001:db8:bad:1::/64", "2001:db8:bad::/48"
TYPED = [  # the hint for a code of slash64d and its members: docs/api.md lists them
    ("guarded", {}, "--force overrides this"),
    ("guarded", {"allowed_by": Q}, "'slash64 unallow %s' first, or --force makes it take effect when that is gone" % Q),
    ("guarded", {"allowed_within": P}, "--force blocks the rest"),
    ("guarded", {"would_block": Q}, "--force overrides this"),
    ("guarded", {"length_min": "29"}, "block the intended parts, or --force overrides this"),
    ("everything", {}, "--force does not block that either, 'slash64 top' shows the sources that send most"),
    ("wide", {}, "--force confirms that"),
    ("weaken", {"blocked": P}, "--force overrides this, 'slash64 unblock %s' ends the block" % P),
    ("allowed-by-hand", {"allowed_within": P}, "'slash64 unallow %s' first, or set force: true" % P),
    ("not-a-throttle", {"prefix": P}, "'slash64 throttle %s --rate N --force' replaces it" % P),
    ("not-blocked", {}, "'slash64 list' lists blocks"),
    ("blocked-in-parts", {"prefix": P}, "'slash64 list %s' shows them, 'slash64 unblock --within %s' ends them" % (P, P)),
    ("blocked-around", {"prefix": P, "around": Q}, "'slash64 allow %s' opens this part, 'slash64 unblock %s' all of it" % (P, Q)),
    ("blocked-by-source", {"source": P}, "'slash64 unblock %s' ends all its entries" % P),
    ("several-origins", {"prefix": P}, "name one with --origin, or 'slash64 allow %s'" % P),
    ("changed-since", {"prefix": P}, "see 'slash64 log --prefix %s'" % P),
    ("cannot-undo", {"action": "import"}, "'slash64 unblock --origin NAME' ends a set"),
    ("cannot-undo", {"action": "reload"}, "restore the file, and 'slash64 reload'"),
    ("cannot-undo", {"action": "confirm"}, "see 'slash64 log'"),
    ("required", {"missing": "ticket"}, "add --ticket ID"),
    ("required", {"missing": "reason", "also_missing": "ticket"}, "add --reason TEXT and --ticket ID"),
    ("burst-too-long", {"burst_max": "1500"}, "--burst 1500 is the most at this rate"),
    ("no-rate", {}, "use one of those ('slash64 list --kind throttle')"),
    ("not-allowed", {}, "'slash64 allow' lists them"),
    ("not-attached", {}, "'slash64 status' lists the interfaces"),
    ("other-name", {"interface": "wan0"}, "'slash64 attach wan0' attaches to it"),
    ("nothing-to-undo", {}, "see 'slash64 log'"),
    ("nothing-to-confirm", {}, "'slash64 reload --for 5m' starts that"),
    ("unconfirmed", {}, "'slash64 confirm' first, or 'slash64 reload --for' again"),
    ("list-incomplete", {}, "--force overrides this"),
    ("list-empty", {}, "--force empties it"),
    ("conflict", {}, "as slash64d says"),
    ("weaken", {}, "as slash64d says"), ("blocked-around", {"prefix": P}, "as slash64d says"),
]


@test
def what_to_type_is_added_to_a_code_and_what_it_is_about():
    """issue 15, 5: the command alone knows its verbs and options"""
    for code, members, typed in TYPED:
        mock.says(dict({"error": "it is refused", "code": code, "hint": "as slash64d says"}, **members), 409)
        equal(run("block", P).err, "slash64: it is refused; %s\n" % typed)


@test
def a_dry_run_says_what_to_type_too():
    """issue 15, 5"""
    answer = {"prefix": P, "kind": "block", "dry_run": True, "refused": "it is refused; as slash64d says", "sources": [],
              "sources_seen": 0, "refusal": {"error": "it is refused", "code": "guarded", "hint": "as slash64d says"}}
    mock.says(answer)
    equal(run("block", P, "--dry-run").err, "slash64: it would be refused: it is refused; --force overrides this\n")
    del answer["refusal"]
    mock.says(answer)
    equal(run("block", P, "--dry-run").err, "slash64: it would be refused: it is refused; as slash64d says\n")


@test
def walk_a_block_that_waits_says_until_when():
    mock.says(block(1, reason="scan", in_force=False, allowed_by="2001:db8:bad::/48", until="2026-11-23T13:00:00Z"))
    done(run("block", "2001:db8:bad:1::/64", "--force"), "stored 2001:db8:bad:1::/64 (check 9K), not in force: allowed by "
         "2001:db8:bad::/48 (until 2026-11-23 13:00:00 UTC): scan\n")


@test
def a_block_that_does_nothing_says_so():
    """hostile O12: the headline is true."""
    mock.says(block(1, reason="scan", in_force=False, allowed_by="2001:db8:bad::/48"))
    done(run("block", "2001:db8:bad:1::/64", "--force"),
         "stored 2001:db8:bad:1::/64 (check 9K), not in force: allowed by 2001:db8:bad::/48: scan\n")
    mock.says(block(1, reason=None, in_force=False))
    done(run("block", "2001:db8:bad:1::/64", "--force"), "stored 2001:db8:bad:1::/64 (check 9K), not in force: it is "
         "within an allowed prefix, see slash64 allow\n")


@test
def the_answer_tells_what_was_before():
    """field H2"""
    before = block(1, reason="echo flood", ticket="T-1", until="2026-11-23T13:00:00Z")
    mock.says(block(1, reason="echo flood", ticket="T-1", until=1795442400, before=before))
    done(run("block", "2001:db8:bad:1::/64", "--for", "2h"), "blocked 2001:db8:bad:1::/64 (check 9K) for 2h (until "
         "2026-11-23 14:00:00 UTC; before: until 2026-11-23 13:00:00 UTC): echo flood [T-1]\n")
    mock.says(block(1, reason="echo flood", ticket="T-1", until="2026-11-23T13:00:00Z", before=before))
    done(run("block", "2001:db8:bad:1::/64"), "2001:db8:bad:1::/64 (check 9K) is already blocked (until 2026-11-23 "
         "13:00:00 UTC): echo flood [T-1]; nothing is changed\n")
    mock.says(block(1, reason="scan", before=block(1, kind="throttle", rate=100, burst=200, reason=None, ticket="T-1")))
    done(run("block", "2001:db8:bad:1::/64"), "blocked 2001:db8:bad:1::/64 (check 9K) (without end; before: throttled "
         "to 100 packets per second, burst 200, no reason, ticket 'T-1'): scan\n")


@test
def an_end_is_a_span_a_time_or_none():
    mock.says(block(1, until="2026-11-23T13:00:00Z"))
    run("block", "2001:db8:bad:1::/64", "--until", "2096-11-26T20:00:00Z")
    equal(mock.requests[0][3], {"prefix": "2001:db8:bad:1::/64", "until": "2096-11-26T20:00:00Z"})
    run("throttle", "2001:db8:bad:1::/64", "--rate", "10", "--no-end")
    equal(mock.requests[1][3], {"prefix": "2001:db8:bad:1::/64", "until": None, "rate": 10})
    mock.requests.clear()
    usage(run("block", "2001:db8:bad:1::/64", "--until", "2001-01-01"), "--until '2001-01-01' is in the past")
    usage(run("block", "2001:db8:bad:1::/64", "--for", "1h", "--no-end"), "exclude each other")


def answer_on_terminal(words, typed):
    """What the command prints if `typed` is entered at its terminal: the exit code, standard output
    and error."""
    primary, secondary = open_terminal()
    process = subprocess.Popen([PROGRAM, "--socket", mock.path, *words], stdin=secondary, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    os.close(secondary)
    os.write(primary, typed.encode())
    out, err = process.communicate(timeout=60)
    os.close(primary)
    return process.returncode, out, err


@test
def what_takes_long_is_seen_to_go_on():
    """Issue 14: undo of a million blocks took 26 s without a sign of life, and was aborted after
    60."""
    def daemon(method, path, query, body):
        time.sleep(0 if body.get("dry_run") else 3.5)
        return 200, {"removed": 1000000, "dry_run": body["dry_run"]}

    mock.serves(daemon)
    seen = on_terminal("unblock", "--origin", "x", "--yes")
    equal(seen.code, 0)
    assert "\runblocking: 2 s" in seen.out and seen.lines[-1].endswith("unblocked 1,000,000 blocks"), seen.out
    mock.serves(daemon)
    equal(run("unblock", "--origin", "x", "--yes").err, "")


@test
def a_wide_block_is_asked_about_on_a_terminal_alone():
    """field H3"""
    def daemon(method, path, query, body):
        if body.get("wide") or body.get("force"):
            return 200, block(prefix="2400:4050::/32", reason=None)
        return 409, {"error": "2400:4050::/32 is not blocked: it covers 65,536 /48s", "code": "wide",
                     "hint": "wide confirms that"}

    words = ["block", "2400:4050::/32"]
    mock.serves(daemon)
    one_line(run(*words), 1, "it covers 65,536 /48s; --force confirms that")
    equal([r[3] for r in mock.requests], [{"prefix": "2400:4050::/32"}])
    for typed in "n\n", "\n":
        mock.requests.clear()
        code, out, err = answer_on_terminal(words, typed)
        equal((code, out), (1, ""))
        assert "it covers 65,536 /48s; proceed? [y/N] " in err, err
        equal(len(mock.requests), 1)
    mock.requests.clear()
    code, out, err = answer_on_terminal(words, "y\n")
    equal((code, out), (0, "blocked 2400:4050::/32 (check 9K) (without end)\n"))
    equal([r[3] for r in mock.requests], [{"prefix": "2400:4050::/32"}, {"prefix": "2400:4050::/32", "wide": True}])
    mock.requests.clear()
    done(run(*words, "--force"))
    equal([r[3] for r in mock.requests], [{"prefix": "2400:4050::/32", "force": True}])


@test
def edit_sends_what_is_given_alone():
    """hostile O10"""
    before = block(1, until=None)
    mock.says(block(1, until="2026-11-23T13:00:00Z", before=before))
    done(run("edit", "2001:db8:bad:1::/64", "--for", "1h"), "changed 2001:db8:bad:1::/64 (check 9K) of operator, block (until "
         "2026-11-23 13:00:00 UTC; before: without end): echo flood\n")
    equal(mock.requests, [("PATCH", "/v1/blocks", {}, {"prefix": "2001:db8:bad:1::/64", "for_seconds": 3600})])
    run("edit", "2001:db8:bad:1::/64", "--reason", "", "--ticket", "T-1", "--rate", "10", "--burst", "20", "--no-end",
        "--origin", "feed-x")
    equal(mock.requests[1][3], {"prefix": "2001:db8:bad:1::/64", "reason": "", "ticket": "T-1", "rate": 10, "burst": 20,
                                "until": None, "origin": "feed-x"})
    mock.says(block(1, before=block(1)))
    done(run("edit", "2001:db8:bad:1::/64", "--reason", "echo flood"),
         "not changed: 2001:db8:bad:1::/64 (check 9K) of operator, block (without end): echo flood\n")
    mock.requests.clear()
    usage(run("edit", "2001:db8:bad:1::/64"), "nothing to change: give --for")


def unblocks(count):
    return lambda method, path, query, body: (200, {"removed": count, "dry_run": body["dry_run"]})


@test
def many_are_unblocked_after_a_count_and_a_yes():
    """hostile O10"""
    mock.serves(unblocks(1234))
    words = ["unblock", "--origin", "feed-x", "--ticket", "T-1", "--reason", "scan", "--within", "2001:db8::/32"]
    sent = {"origin": "feed-x", "ticket": "T-1", "reason": "scan", "within": "2001:db8::/32"}
    done(run(*words, "--dry-run"), "1,234 blocks would end; nothing is changed\n")
    equal(mock.requests, [("POST", "/v1/unblocks", {}, dict(sent, dry_run=True))])
    mock.requests.clear()
    one_line(run(*words), 1, "standard input is not a terminal: use --yes")
    equal([r[3]["dry_run"] for r in mock.requests], [True])
    for option in "--yes", "--force":
        mock.requests.clear()
        done(run(*words, option, "--because", "closed"), "unblocked 1,234 blocks\n")
        equal([r[3] for r in mock.requests], [dict(sent, why="closed", dry_run=True), dict(sent, why="closed", dry_run=False)])
    done(run(*words, "--yes", "--json"), '{"removed":1234,"dry_run":false}\n')
    for typed, code in ("n\n", 1), ("y\n", 0):
        mock.requests.clear()
        got = answer_on_terminal(words, typed)
        equal((got[0], len(mock.requests)), (code, 1 + (code == 0)))
        assert "end 1,234 blocks? [y/N] " in got[2], got[2]
    mock.serves(unblocks(3))
    equal(answer_on_terminal(["unblock", "--origin", "feed-x"], "")[:2], (0, "unblocked 3 blocks\n"))
    mock.serves(unblocks(0))
    done(run("unblock", "--origin", "feed-x"), "no matching blocks; 'slash64 list' takes the same options\n")
    mock.requests.clear()
    usage(run("unblock"), "missing PREFIX, or --origin")
    usage(run("unblock", "2001:db8::/64", "--within", "2001:db8::/32"), "--within cannot be used with a PREFIX")


@test
def undo_tells_what_it_does_and_asks():
    """hostile O10"""
    def daemon(method, path, query, body):
        return 200, {"number": 17, "time": "2026-11-23T13:00:00.250Z", "action": "unblock", "dry_run": body["dry_run"],
                     "changes": 22, "over": 0 if body["dry_run"] else 1, "steps": ["2001:db8:bad:1::/64 is blocked again"] * 20}

    steps = "  2001:db8:bad:1::/64 is blocked again\n" * 20 + "  and 2 more\n"
    mock.serves(daemon)
    result = run("undo")
    equal((result.code, result.out), (1, ""))
    assert result.err.endswith("undo needs a confirmation, and standard input is not a terminal: use --yes\n"), result.err
    equal(mock.requests, [("POST", "/v1/undo", {}, {"dry_run": True, "force": False})])
    mock.requests.clear()
    done(run("undo", "--yes"), "undid your unblock of 2026-11-23 13:00:00 UTC:\n" + steps +
         "note: expired before, and left as they are: 1\n")
    equal(mock.requests[1][3], {"dry_run": False, "force": False, "number": 17})
    done(run("undo", "--dry-run"), "it would undo your unblock of 2026-11-23 13:00:00 UTC:\n" + steps)
    for typed, code in ("n\n", 1), ("y\n", 0):
        mock.requests.clear()
        got = answer_on_terminal(["undo"], typed)
        equal((got[0], len(mock.requests)), (code, 1 + (code == 0)))
        assert "this undoes your unblock of" in got[2] and "undo it? [y/N] " in got[2], got[2]


@test
def why_something_is_taken_back_is_sent():
    """hostile O10"""
    mock.says({"prefix": "2001:db8:bad:1::/64", "origin": "operator", "note": None})
    for verb, path in ("unblock", "/v1/blocks"), ("unallow", "/v1/allowlist"):
        mock.requests.clear()
        assert run(verb, "2001:db8:bad:1::/64", "--reason", "false alarm", "--ticket", "T-1").code == 0
        equal(mock.requests, [("DELETE", path, {"prefix": ["2001:db8:bad:1::/64"], "reason": ["false alarm"],
                                                "ticket": ["T-1"]}, None)])
    mock.says({"name": "wan0"})
    assert run("detach", "wan0", "--reason", "maintenance").code == 0
    equal(mock.requests, [("DELETE", "/v1/interfaces", {"name": ["wan0"], "reason": ["maintenance"]}, None)])


@test
def what_is_refused_after_a_yes_is_refused():
    """A yes to one question does not answer another."""
    mock.serves(lambda method, path, query, body: (409, {"error": "it is wide; x", "code": "wide"}
                                                   if not body.get("wide") else {"error": "it is your own SSH source"}))
    code, out, err = answer_on_terminal(["block", "2400:4050::/32"], "y\n")
    equal((code, out), (1, ""))
    assert err.endswith("slash64: it is your own SSH source\n"), err
    equal(len(mock.requests), 2)


def would(**more):
    row = {"prefix": "2001:db8:bad::/48", "kind": "block", "dry_run": True, "check_chars": "9K", "refused": None,
           "note": None, "sources_seen": 1, "packets_per_second": 20011.4,
           "sources": [dict(SEEN, source="2001:db8:bad:1::/64")]}
    row.update(more)
    return row


@test
def a_dry_run_tells_what_would_be_hit():
    mock.says(would())
    result = run("block", "2001:db8:bad::/48", "--dry-run")
    done(result)
    equal(mock.requests[0][3], {"prefix": "2001:db8:bad::/48", "dry_run": True})
    lines = result.out.splitlines()
    equal(lines[0], "a block of 2001:db8:bad::/48 (check 9K) would hit 1 source seen recently, 20,011 packets per second; "
          "nothing is changed")
    equal(lines[1].split(), ["SOURCE", "PACKETS/S", "PEAK/S", "SINCE", "BITS/S", "DROPPED", "CLASS", "REASON"])
    words = lines[2].split()
    equal(words[:3] + words[-5:], ["2001:db8:bad:1::/64", "20,011", "25,000", "15.7", "M", "99.5%", "echo-request",
                                   "over-source-limit"])
    equal(len(lines), 3)
    mock.says(would(kind="throttle", sources_seen=1234, sources=[dict(SEEN, source="2001:db8:bad:1::/64")] * 20))
    result = run("throttle", "2001:db8:bad::/48", "--rate=10", "--dry-run")
    done(result)
    equal(mock.requests[0][3], {"prefix": "2001:db8:bad::/48", "rate": 10, "dry_run": True})
    assert result.out.startswith("a throttle of 2001:db8:bad::/48 (check 9K) would hit 1,234 sources seen"), result.out
    assert result.out.endswith("\nand 1,214 more\n"), result.out
    mock.says(would(sources_seen=0, packets_per_second=0, sources=[], check_chars=None, note="a note"))
    done(run("block", "2001:db8:bad::/48", "--dry-run"),
         "a block of 2001:db8:bad::/48 would hit no source seen recently; nothing is changed\nnote: a note\n")
    done(run("block", "2001:db8:bad::/48", "--dry-run", "--json"), json.dumps(
        would(sources_seen=0, packets_per_second=0, sources=[], check_chars=None, note="a note"), separators=(",", ":")) + "\n")


@test
def a_dry_run_tells_what_stands_already_and_what_stays_open():
    """documents low: a dry run counted no allowed prefixes."""
    standing = [block(1, kind="throttle", rate=1, burst=5), block(2, origin="night", reason=None)]
    mock.says(would(allowed=["2001:db8:bad:1::/64"] * 3, allowed_count=3, standing=standing))
    out = run("block", "2001:db8:bad::/48", "--dry-run", "--force").out
    for line in ("note: 3 allowed prefixes in it stay open\n",
                 "note: %s is already throttled, by %s" % (standing[0]["prefix"], standing[0]["origin"]),
                 "note: %s is already blocked, by night\n" % standing[1]["prefix"]):
        assert line in out, out


@test
def a_dry_run_of_what_would_be_refused_ends_as_that_would():
    mock.says(would(refused="it covers the next hop fe80::1"))
    result = run("block", "2001:db8:bad::/48", "--dry-run")
    one_line(result, 1, "slash64: it would be refused: it covers the next hop fe80::1\n")
    assert "would hit 1 source" in result.out
    result = run("block", "2001:db8:bad::/48", "--dry-run", "--json")
    one_line(result, 1, "it would be refused")
    equal(json.loads(result.out), would(refused="it covers the next hop fe80::1"))
    result = run("block", "2001:db8:bad::/48", "--dry-run", "--force")
    done(result)
    assert "\nnote: without --force it would be refused: it covers the next hop fe80::1\n" in result.out


# --- the operator's address ---

def sources_sent(outer, inner, *words):
    """The sources reported from a shell with one environment, inside one with another."""
    mock.says(block(1))
    command = ["env", "-i", *outer, "sh", "-c", '/usr/bin/env -i "$@"; exit $?', "sh", *inner, PROGRAM,
               "--socket", mock.path, *words]
    done(Result(subprocess.run(command, capture_output=True, text=True)))
    return mock.requests[0][3].get("ssh_sources")


@test
def the_operator_s_own_ssh_source_is_told():
    connection = "SSH_CONNECTION=%s 50022 2001:db8::22 22"
    for words in ["block", "2001:db8:bad:1::/64"], ["throttle", "2001:db8:bad:1::/64", "--rate=1"]:
        equal(sources_sent([], [], *words), None)
        equal(sources_sent([], [connection % "2001:db8::5"], *words), ["2001:db8::5"])
        # sudo and su remove it from the environment; the shell around them still has it
        equal(sources_sent([connection % "2001:db8::5"], [], *words), ["2001:db8::5"])
    block_it = ["block", "2001:db8:bad:1::/64"]
    equal(sources_sent([], ["SSH_CLIENT=198.51.100.7 50022 22"], *block_it), ["198.51.100.7"])
    equal(sources_sent([connection % "2001:db8::5"], [connection % "198.51.100.7", "SSH_CLIENT=2001:db8::5 1 22"],
                       *block_it), ["198.51.100.7", "2001:db8::5"])
    equal(sources_sent([], [connection % "fe80::1%eth0"], *block_it), ["fe80::1"])
    equal(sources_sent([], [connection % "2001:DB8:0:0::5"], *block_it), ["2001:db8::5"])
    for bad in "UNKNOWN", "", "2001:db8::/64", "x" * 5000, "%eth0":
        equal(sources_sent([], [connection % bad], *block_it), None)


@test
def a_process_whose_name_has_brackets_and_blanks_is_passed_through():
    shell = os.path.join(directory, "a) R 1 (b")
    os.symlink("/bin/sh", shell)
    mock.says(block(1))
    command = ["env", "-i", "SSH_CLIENT=2001:db8::5 1 22", "sh", "-c", '/usr/bin/env -i "$@"; exit $?', "sh", shell, "-c",
               '"$@"; exit $?', "sh", PROGRAM, "--socket", mock.path, "block", "2001:db8:bad:1::/64"]
    done(Result(subprocess.run(command, capture_output=True, text=True)))
    equal(mock.requests[0][3]["ssh_sources"], ["2001:db8::5"])


# --- texts, and removed values ---

@test
def parts_of_a_second_are_sent_as_such():
    mock.says(block(1, until="2026-11-23T13:00:00Z"))
    done(run("block", "2001:db8:bad:1::/64", "--for", "1s500ms"))
    equal(mock.requests[0][3]["for_seconds"], 1.5)


@test
def the_note_of_an_answer_is_told():
    note = "2001:db8:bad:1::66 stands for its /64, 2001:db8:bad:1::/64"
    mock.says(block(1, reason=None, note=note))
    done(run("block", "2001:db8:bad:1::66"), "blocked 2001:db8:bad:1::/64 (check 9K) (without end)\nnote: %s\n" % note)
    mock.says({"prefix": "2001:db8:bad:1::/64", "note": note})
    done(run("unblock", "2001:db8:bad:1::66"), "unblocked 2001:db8:bad:1::/64\nnote: %s\n" % note)


@test
def a_text_that_is_not_utf_8_is_refused_and_not_lost():
    mock.says({})
    usage(run("block", "2001:db8::/64", "--reason", b"\xff\xfe"), "--reason is not UTF-8")
    usage(run("block", "2001:db8::/64", "--ticket", b"\xff\xfe"), "--ticket is not UTF-8")
    usage(run("allow", "2001:db8::/64", "--reason", b"\xff\xfe"), "--reason is not UTF-8")
    usage(run("unblock", "2001:db8::/64", "--origin", b"\xff\xfe"), "--origin is not UTF-8")
    usage(run("import", __file__, "--origin", b"\xff\xfe"), "--origin is not UTF-8")
    usage(run("import", __file__, "--reason", b"\xff\xfe"), "--reason is not UTF-8")
    for option in "origin", "reason", "ticket":
        usage(run("list", "--" + option, b"\xff\xfe"), "--%s is not UTF-8" % option)
    usage(run("attach", b"\xff\xfe"), "not UTF-8")


@test
def texts_arrive_as_they_were_written():
    for text in "a \"quoted\" \\ text", "ünïcode — ✓", "x" * 255, "%41&prefix=::/0", "--json=1", "":
        mock.says(block(1))
        done(run("block", "2001:db8:bad:1::/64", "--reason=" + text))
        equal(mock.requests[0][3]["reason"], text)


@test
def what_is_deleted_is_in_the_query_and_escaped():
    mock.says({"prefix": "2001:db8:bad:1::/64"})
    done(run("unblock", "2001:db8:bad:1::/64"), "unblocked 2001:db8:bad:1::/64\n")
    equal(mock.requests, [("DELETE", "/v1/blocks", {"prefix": ["2001:db8:bad:1::/64"]}, None)])
    mock.says({"prefix": "198.51.100.7/32", "origin": "spam haus", "note": None})
    done(run("unblock", "198.51.100.7", "--origin", "spam haus"), "unblocked 198.51.100.7/32 of spam haus\n")
    equal(mock.requests, [("DELETE", "/v1/blocks", {"prefix": ["198.51.100.7"], "origin": ["spam haus"]}, None)])
    mock.says({"prefix": "2001:db8::/32"})
    done(run("unallow", "2001:db8::/32"), "no longer allowed: 2001:db8::/32\n")
    equal(mock.requests, [("DELETE", "/v1/allowlist", {"prefix": ["2001:db8::/32"]}, None)])
    mock.says({"name": "a&b=c d%"})
    done(run("detach", "a&b=c d%"), "detached from a&b=c d%: nothing is filtered there now\n")
    equal(mock.requests, [("DELETE", "/v1/interfaces", {"name": ["a&b=c d%"]}, None)])


@test
def allow_adds_or_lists():
    mock.says({"prefix": "2001:db8::/32", "origin": "operator", "reason": "ours", "start": "2026-09-21T14:13:20Z", "note": None})
    done(run("allow", "2001:db8::/32", "--reason", "ours"), "allowed 2001:db8::/32: it is never blocked (ours)\n")
    equal(mock.requests, [("POST", "/v1/allowlist", {}, {"prefix": "2001:db8::/32", "reason": "ours"})])
    mock.says([{"prefix": "2001:db8::/32", "origin": "config", "reason": None, "start": timestamp(time.time() - 3630),
                "note": None}])
    result = run("allow")
    done(result)
    equal([line.split() for line in result.out.splitlines()],
          [["PREFIX", "ORIGIN", "SINCE", "REASON"], ["2001:db8::/32", "config", "1h", "ago", "-"]])
    equal(mock.requests, [("GET", "/v1/allowlist", {}, None)])


# --- lists ---

@test
def list_is_a_table_with_short_times():
    now = int(time.time())
    mock.says([block(1, until=timestamp(now + 3630), last_hit=timestamp(now - 90), hits=48211, ticket="T-1"), block(2),
               block(prefix="198.51.100.7/32", check_chars=None, kind="throttle", rate=1000, burst=2000, origin="spamhaus"),
               block(3, in_force=False)])
    result = run("list")
    done(result)
    equal(mock.requests, [("GET", "/v1/blocks", {}, None)])
    lines = result.out.splitlines()
    equal(lines[0].split()[:7], ["PREFIX", "CHECK", "ACTION", "ORIGIN", "EXPIRES", "HITS", "LAST"])
    assert re.search(r"^2001:db8:bad:1::/64 +9K +block +operator +in 1h +48,211 +1m3\ds ago +echo flood \[T-1\]$",
                     lines[1]), lines[1]
    assert re.search(r" never +48,211 +- +echo flood$", lines[2]), lines[2]
    assert re.search(r"^198.51.100.7/32 +- +1,000/s +spamhaus +never ", lines[3]), lines[3]
    assert re.search(r"^2001:db8:bad:3::/64 +9K +off: allowed +operator +never ", lines[4]), lines[4]
    equal(len({line.index("48,211") for line in lines[1:]}), 1)


@test
def list_asks_for_what_it_was_told():
    mock.says([])
    now = int(time.time())
    done(run("list", "2001:db8::/32", "--origin", "a&b", "--reason", "echo flood", "--ticket=T 1", "--kind", "throttle",
             "--hits", "7", "--hit-within", "15m", "--started-within", "1h", "--ends-within", "1d", "--sort", "last_hit",
             "--reverse", "--limit", "100", "--offset", "0"), "no matching blocks, or --offset skips all of them\n")
    method, path, query, _ = mock.requests[0]
    times = {key: int(query.pop(key)[0]) - now for key in ("hit_since", "start_since", "until_before")}
    equal((method, path, query), ("GET", "/v1/blocks", {
        "within": ["2001:db8::/32"], "origin": ["a&b"], "reason": ["echo flood"], "ticket": ["T 1"],
        "kind": ["throttle"], "hits_min": ["7"], "sort": ["last_hit"], "reverse": ["1"], "limit": ["100"],
        "offset": ["0"]}))
    assert -900 <= times["hit_since"] <= -898 and -3600 <= times["start_since"] <= -3598, times
    assert 86400 <= times["until_before"] <= 86402, times
    mock.says([])
    done(run("list", "--sort=hits"), "no blocks\n")
    equal(mock.requests[0][2], {"sort": ["hits"]})
    for key in "prefix", "origin", "reason", "ticket", "start", "until", "hits", "last_hit":
        done(run("list", "--sort", key))


@test
def the_longest_prefix_and_times_stay_in_their_columns():
    longest = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"
    now = int(time.time())
    mock.says([block(1), block(1, prefix=longest, until=timestamp(now + 3600 * 24 * 3000 - 60), hits=9999999999,
                               last_hit=timestamp(now - 3600 * 24 * 3000 - 3700))])
    lines = run("list").out.splitlines()
    equal(len({line.index("REASON") if "REASON" in line else line.index("echo flood") for line in lines}), 1)


@test
def an_empty_list_says_so():
    mock.says([])
    done(run("list"), "no blocks\n")
    done(run("list", "--json"), "")
    done(run("allow"), "no allowed prefixes\n")


def limiting(kib, *words):
    """Runs the command with that much address space; 0: without a limit."""
    limit = "ulimit -v %s; exec \"$@\"" % ("unlimited" if sanitized() else kib or "unlimited")
    return ["/bin/sh", "-c", limit, "sh", PROGRAM, "--socket", mock.path, *words]


def limited(kib, *words):
    return Result(subprocess.run(limiting(kib, *words), capture_output=True, timeout=60))


def least_memory(*words):
    """KiB of address space that the command needs for the daemon's present answer."""
    return next(kib for kib in range(10000, 1000000, 1000) if limited(kib, *words).code == 0)


@test
def a_list_of_100000_lines_comes_whole_in_little_memory():
    rows = b"".join(json.dumps(block(i % 65536), separators=(",", ":")).encode() + b"\n" for i in range(100000))
    mock.says(rows[:1000].rsplit(b"\n", 1)[0])
    limit = least_memory("list")
    mock.says(rows)
    for words in ["list"], ["list", "--json"], ["export"]:
        result = limited(limit + len(rows) // 4096, *words)
        equal((result.code, result.err), (0, b""))
        equal(result.out.count(b"\n"), 100001 if words == ["list"] else 100000)
    equal(result.out, rows)


@test
def a_million_rows_are_listed_in_bounded_memory():
    page = b"".join(json.dumps(block(i), separators=(",", ":")).encode() + b"\n" for i in range(1000))

    def million():
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for _ in range(1000):
            yield b"%x\r\n%s\r\n" % (len(page), page)
        yield b"0\r\n\r\n"

    mock.says(page)
    limit = least_memory("list") + (4 << 10)  # of 300 MiB
    mock.says_raw(million())
    with subprocess.Popen(limiting(limit, "list"), stdout=subprocess.PIPE) as process:
        counted = sum(piece.count(b"\n") for piece in iter(lambda: process.stdout.read(1 << 20), b""))
        equal((process.wait(10), counted), (0, 1000001))


@test
def a_list_comes_line_by_line_while_it_is_made():
    more = threading.Event()

    def slowly():
        line = json.dumps(block()).encode() + b"\n"
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for i in range(0, len(line), 7):  # lines and chunks end at different places
            part = line[i:i + 7]
            yield b"%x\r\n%s\r\n" % (len(part), part)
        more.wait(10)
        yield b"%x\r\n%s\r\n0\r\n\r\n" % (len(line), line)

    mock.says_raw(slowly())
    primary, secondary = open_terminal()
    with subprocess.Popen([PROGRAM, "--socket", mock.path, "list", "--json"], stdout=secondary) as process:
        os.close(secondary)
        assert os.read(primary, 4096).startswith(b'{"prefix"')
        assert process.poll() is None
        more.set()
        equal(process.wait(10), 0)
    os.close(primary)


@test
def the_last_line_needs_no_end():
    mock.says(json.dumps(block()).encode())
    result = run("list")
    done(result)
    equal(len(result.out.splitlines()), 2)


@test
def a_failure_in_the_middle_of_a_list_is_a_failure():
    mock.says([block(1), {"error": "cannot read the store: disk I/O error", "code": "failed"}])
    for words in ["list"], ["list", "--json"], ["export"]:
        result = run(*words)
        one_line(result, 1, "slash64: cannot read the store: disk I/O error\n")
        assert "2001:db8:bad:1::/64" in result.out and "error" not in result.out


@test
def a_line_without_end_is_refused():
    mock.says(b'{"prefix":"' + b"a" * 70000 + b'"}\n')
    one_line(run("list"), 1, "a line longer than 64 KiB")
    mock.says(b'{"prefix":"' + b"a" * 60000 + b'"}\n')
    done(run("list"))


# --- lookup ---

WHO = {"address": "2001:db8:bad:1::66", "source": "2001:db8:bad:1::/64", "source_kind": "native", "check_chars": "9K",
       "registry": {"name": "documentation", "reference": "RFC 3849", "source": "bogon"},
       "forms": [{"kind": "native", "prefix": "2001:db8:bad:1::/64"},
                 {"kind": "teredo", "prefix": "2001::/32", "verdict": "passes", "why": "no entry applies, only the policy"}], "verdict": "blocked",
       "why": "2001:db8:bad::/48 of spamhaus is around it", "blocks": [block(prefix="2001:db8:bad::/48")],
       "allowlist": [{"prefix": "2001:db8::/32", "origin": "config", "reason": "ours", "start": "2026-09-21T14:13:20Z",
                   "note": None}],
       "seen": SEEN, "block": {"prefix": "2001:db8:bad:1::/64", "sources_seen": 1, "packets_per_second": 20011.4,
                               "refused": None, "note": None}}


@test
def who_tells_all_there_is():
    mock.says(WHO)
    result = run("lookup", "2001:db8:bad:1::66")
    done(result)
    equal(mock.requests, [("GET", "/v1/lookup", {"address": ["2001:db8:bad:1::66"]}, None)])
    first, blocks, allows = result.out.split("\n\n")
    first = re.sub("since .* peak", "since then, peak", first)
    equal(first.split("\n"), [
        "address   2001:db8:bad:1::66",
        "source    2001:db8:bad:1::/64 (check 9K), native IPv6",
        "registry  documentation (RFC 3849): never a valid source from outside",
        "verdict   BLOCKED: 2001:db8:bad::/48 of spamhaus is around it",
        "seen      20,011 packets per second, 15.7 Mbit/s, 99.5% dropped; mostly echo-request, over-source-limit",
        "          since then, peak 25,000 packets per second",
        "forms     native   2001:db8:bad:1::/64",
        "          teredo   2001::/32" + 35 * " " + "no entry applies, only the policy",
        "a block   would cover 2001:db8:bad:1::/64 and hit 1 source seen recently, 20,011 packets per second"])
    equal(blocks.split("\n")[1].split()[:3], ["2001:db8:bad::/48", "9K", "block"])
    equal(allows.split("\n")[1].split()[:2], ["2001:db8::/32", "config"])
    done(run("lookup", "2001:db8:bad:1::66", "--json"), json.dumps(WHO, separators=(",", ":")) + "\n")


@test
def who_never_says_that_is_dropped_what_passes():
    """hostile O1, documents D14"""
    would = dict(SEEN, dropped_percent=0.0, would_drop_percent=99.5)
    mock.says(dict(WHO, seen=would, enforced=False))
    out = run("lookup", "2001:db8:bad:1::66").out
    assert "verdict   would be blocked: " in out and "99.5% would be dropped, and passes" in out, out
    assert "99.5% dropped" not in out and "BLOCKED" not in out, out
    mock.says(dict(WHO, verdict="not-filtered", why="198.51.100.7/32 by operator; it is stored, but no interface looks"))
    assert "verdict   not filtered: 198.51.100.7/32 by operator; it is stored, but" in run("lookup", "198.51.100.7").out
    mock.says(dict(WHO, verdict="dropped", why="redirect: all dropped, policy-drop"))
    assert "verdict   SOME DROPPED: redirect: all" in run("lookup", "198.51.100.7").out
    # issue 14: it said SOME where all is dropped
    mock.says(dict(WHO, address="ff02::1", verdict="dropped", why="multicast is never a source"))
    assert "verdict   DROPPED: multicast is never" in run("lookup", "ff02::1").out
    mock.says(dict(WHO, seen=dict(SEEN, uncertainty_percent=40.0)))
    assert "20,011 packets per second (+/- 40%), " in run("lookup", "2001:db8:bad:1::66").out


@test
def who_of_one_that_nobody_knows_is_short():
    mock.says(dict(WHO, address="198.51.100.7", source="198.51.100.7/32", source_kind="ipv4", check_chars=None, registry=None,
                   forms=[{"kind": "ipv4", "prefix": "198.51.100.7/32"},
                          {"kind": "nat64", "prefix": "64:ff9b::c633:6407/128"}],
                   verdict="passes", why="no entry applies", blocks=[], allowlist=[], seen=None,
                   block={"prefix": "198.51.100.7/32", "sources_seen": 0, "packets_per_second": 0,
                          "refused": "it is the next hop", "note": "IPv4 is enforced on no interface"}))
    done(run("lookup", "198.51.100.7"),
         "address   198.51.100.7\n"
         "source    198.51.100.7/32, an IPv4 host, in all its forms\n"
         "verdict   passes: no entry applies\n"
         "seen      not recently\n"
         "forms     ipv4     198.51.100.7/32\n"
         "          nat64    64:ff9b::c633:6407/128\n"
         "a block   would cover 198.51.100.7/32 and hit no source seen recently\n"
         "          would be refused: it is the next hop\n"
         "          note: IPv4 is enforced on no interface\n")


@test
def who_tells_of_what_cannot_be_blocked_at_all():
    mock.says(dict(WHO, block={"prefix": None, "sources_seen": 0, "packets_per_second": 0.0,
                               "refused": "ff02::1 is multicast, and never a source", "note": None}))
    assert ("\na block   is not possible\n          would be refused: ff02::1 is multicast, and never a source\n" in
            run("lookup", "ff02::1").out)


@test
def who_says_what_it_does_not_know_as_it_is():
    mock.says(json.dumps(dict(WHO, source_kind="novel", verdict="baffled")).encode())  # of a later version
    result = run("lookup", "::1")
    done(result)
    assert ", novel\n" in result.out and "verdict   baffled: " in result.out


if __name__ == "__main__":
    sys.exit(main())
