#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Edits lose nothing: omitted members stay, the earlier state is reported, and a change can be
undone."""
import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import Failed, check, check_equal, main, needs_plain_build, test
from lab import BAD_1, BAD_2, BUILD, wait_for

WIDE = "2001:db8:bad::/48"
OPEN = "2400:4050::/32"
api = None


def ask(method, path, body=None, **query):
    return api.ask(method, path, body, **query)


def refusal(method, path, body=None, **query):
    try:
        answer = ask(method, path, body, **query)
    except Refused as refused:
        answer = json.loads(str(refused))
        return dict(answer, error="; ".join(answer[key] for key in ("error", "hint") if answer.get(key)))
    raise Failed("it was not refused: %s" % answer)


def block(prefix, **terms):
    return ask("POST", "/v1/blocks", dict(terms, prefix=prefix))


def entry(prefix, **query):
    found = [b for b in ask("GET", "/v1/blocks", **query) if b["prefix"] == prefix]
    return found[0] if found else None


def clear():
    for origin in "operator", "feed-x":
        while True:
            left = ask("GET", "/v1/blocks", origin=origin)
            if not left:
                break
            for b in left:
                ask("DELETE", "/v1/blocks", prefix=b["prefix"], origin=origin)
    for allow in ask("GET", "/v1/allowlist"):
        ask("DELETE", "/v1/allowlist", prefix=allow["prefix"])


def log(lab, **query):
    return ask("GET", "/v1/log", **query)


def said(answer):
    return {key: answer[key] for key in ("kind", "reason", "ticket", "until", "rate", "burst")}


@test
def what_is_not_given_stays_and_the_answer_tells_what_was(lab):
    """field H2"""
    clear()
    first = block(BAD_1, for_seconds=3600, reason="scan", ticket="T-1")
    check_equal(first["before"], None, "before the first")
    longer = block(BAD_1, for_seconds=7200)
    check_equal((longer["reason"], longer["ticket"]), ("scan", "T-1"), "why")
    check(longer["until"] > first["until"], "it does not end later: %s" % longer)
    check_equal(said(longer["before"]), said(first), "what was before")
    again = block(BAD_1)
    check_equal(said(again), said(longer), "with nothing given")
    rows = log(lab, prefix=BAD_1)[-2:]
    check_equal([r["action"] for r in rows], ["block", "block"], "rows: one that changes nothing has none")
    check("before: until " in rows[1]["detail"], "the log: %s" % rows[1])
    check_equal(rows[1]["reason"], "scan", "the reason in the log")
    for_ever = block(BAD_1, until=None, ticket="")
    check_equal((for_ever["until"], for_ever["ticket"], for_ever["reason"]), (None, None, "scan"), "no end, no ticket")
    check_equal(said(entry(BAD_1)), said(for_ever), "the list")


@test
def a_throttle_does_not_open_what_is_blocked_without_a_word(lab):
    """field H2: for the same prefix, and for a part of it"""
    clear()
    block(BAD_1, reason="scan")
    refused = refusal("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100})
    check(refused.get("code") == "weaken" and "let 100 packets per second through" in refused["error"], refused)
    check_equal(refused["blocked"], BAD_1, "for a program")
    check_equal(entry(BAD_1)["kind"], "block", "what is in force")
    done = ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100, "force": True})
    check_equal((done["kind"], done["reason"], done["before"]["kind"]), ("throttle", "scan", "block"), "with --force")
    done = ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 300})
    check_equal((done["rate"], done["burst"], done["before"]["rate"]), (300, 600, 100), "another rate")
    done = ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 200, "burst": 50})
    done = ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100})
    check_equal((done["rate"], done["burst"]), (100, 50), "a burst that was given")
    done = block(BAD_1)
    check_equal((done["kind"], done["before"]["rate"]), ("block", 100), "a block instead of a throttle")
    clear()
    block(WIDE)
    refused = refusal("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100})
    check(refused.get("code") == "weaken" and "%s is blocked by operator" % WIDE in refused["error"], refused)
    # next to a stricter block of another origin it has no effect, and the answer says so
    clear()
    block(BAD_1, origin="feed-x")
    done = ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100})
    check("is blocked by feed-x, which is stricter" in (done["note"] or ""), "the note: %s" % done)


@test
def a_wide_prefix_says_how_much_it_covers(lab):
    """field H3"""
    clear()
    refused = refusal("POST", "/v1/blocks", {"prefix": OPEN})
    check(refused.get("code") == "wide" and "covers 65,536 /48s" in refused["error"], refused)
    check_equal(entry(OPEN), None, "what is blocked")
    refused = refusal("POST", "/v1/throttles", {"prefix": "203.0.112.0/22", "rate": 10})
    check(refused.get("code") == "wide" and "covers 4 /24s" in refused["error"], refused)
    check("covers 65,536 /48s" in (ask("POST", "/v1/blocks", {"prefix": OPEN, "dry_run": True})["refused"] or ""), "dry run")
    block(WIDE)
    block(OPEN, wide=True, for_seconds=60)
    check_equal(block(OPEN, for_seconds=600)["before"]["prefix"], OPEN, "once it stands it may be changed")
    clear()
    block(OPEN, force=True)
    clear()


@test
def a_part_of_what_is_blocked_is_told_what_blocks_it(lab):
    """hostile O3, field H5"""
    clear()
    block(WIDE, reason="scan", ticket="T-7")
    for part in BAD_1, "2001:db8:bad:1::66":
        failure = refusal("DELETE", "/v1/blocks", prefix=part)
        check("%s is blocked by operator (scan) [T-7]" % WIDE in failure["error"], failure)
        check_equal((failure["code"], failure["prefix"], failure["around"]), ("blocked-around", BAD_1, WIDE), "for a program")
        text = lab.slash64("unblock", part, check=False).stderr
        for piece in "'slash64 allow %s'" % BAD_1, "'slash64 unblock %s'" % WIDE:
            check(piece in text, "no %r in %r" % (piece, text))
    for part in BAD_1, "2001:db8:bad:1::66":
        out = lab.slash64("list", part).stdout
        check("blocked by a containing prefix" in out and WIDE in out and "T-7" in out, "the list of %s: %s" % (part, out))
    failure = refusal("DELETE", "/v1/blocks", prefix="2001:db8:77::/64")
    check(failure["code"] == "not-blocked" and "is not blocked" in failure["error"], failure)


@test
def a_prefix_of_which_only_parts_are_blocked_is_not_called_open(lab):
    """hostile O3, in the other order"""
    clear()
    block(BAD_1)
    failure = refusal("DELETE", "/v1/blocks", prefix=WIDE)
    check("parts of it are" in failure["error"] and (failure["code"], failure["prefix"]) == ("blocked-in-parts", WIDE), failure)


@test
def a_block_that_drops_nothing_says_so(lab):
    """hostile O1: where all interfaces monitor, or there is none, "blocked" alone would mislead"""
    clear()
    check_equal(block(BAD_1)["note"], None, "the note of a block in force")
    lab.slash64("attach", "wan0", "--filter", "monitor")
    check_equal(block(BAD_1)["note"], "its packets pass, as wan0 only monitors", "the note where it monitors")
    lab.slash64("detach", "wan0")
    check_equal(block(BAD_1)["note"], "slash64 is on no interface, so everything passes", "the note without an interface")
    lab.slash64("attach", "wan0")
    check_equal(block(BAD_1)["note"], None, "the note of a block in force again")


@test
def what_is_forced_into_an_allowed_prefix_is_not_called_in_force(lab):
    """hostile O12"""
    clear()
    ask("POST", "/v1/allowlist", {"prefix": WIDE})
    done = block(BAD_1, force=True)
    check_equal((done["in_force"], done["allowed_by"]), (False, WIDE), "the answer")
    out = lab.slash64("block", BAD_1, "--force", "--reason", "scan").stdout
    check(out.startswith("stored %s" % BAD_1) and "not in force: allowed by %s" % WIDE in out, out)
    clear()


@test
def an_edit_changes_what_is_given_and_nothing_else(lab):
    """hostile O10"""
    clear()
    check_equal(refusal("PATCH", "/v1/blocks", {"prefix": BAD_1, "for_seconds": 60})["code"], "not-blocked", "no such entry")
    first = block(BAD_1, reason="scan", ticket="T-1")
    done = ask("PATCH", "/v1/blocks", {"prefix": BAD_1, "for_seconds": 3600})
    check_equal((done["reason"], done["ticket"], done["before"]["until"]), ("scan", "T-1", None), "why, and before")
    check(done["until"] and done["start"] == first["start"], "its end and start: %s" % done)
    done = ask("PATCH", "/v1/blocks", {"prefix": BAD_1, "reason": "", "until": None})
    check_equal((done["reason"], done["ticket"], done["until"]), (None, "T-1", None), "a reason taken away")
    check("has no rate" in refusal("PATCH", "/v1/blocks", {"prefix": BAD_1, "rate": 9})["error"], "a rate of a block")
    refusal("PATCH", "/v1/blocks", {"prefix": BAD_1})
    row = log(lab, prefix=BAD_1)[-1]
    check_equal((row["action"], row["ticket"]), ("edit", "T-1"), "the log")
    check("before: until " in row["detail"] and "reason 'scan'" in row["detail"], "the log: %s" % row)
    ask("POST", "/v1/throttles", {"prefix": BAD_2, "rate": 100, "origin": "feed-x", "for_seconds": 60})
    done = ask("PATCH", "/v1/blocks", {"prefix": BAD_2, "rate": 300})
    check_equal((done["kind"], done["rate"], done["burst"], done["origin"]), ("throttle", 300, 600, "feed-x"), "a throttle")


@test
def many_are_unblocked_by_origin_ticket_reason_and_prefix(lab):
    """hostile O10"""
    clear()
    for i in range(30):
        block("2001:db8:bad:%x::/64" % (0x100 + i), origin="feed-x" if i % 2 else "operator", reason="scan %d" % (i % 3),
              ticket="T-%d" % (i % 5))
    block("2001:db8:77:1::/64", origin="feed-x")
    many = lambda **terms: ask("POST", "/v1/unblocks", terms)
    check_equal(many(origin="feed-x", dry_run=True), {"removed": 16, "dry_run": True}, "dry run")
    check_equal(len(ask("GET", "/v1/blocks")), 31, "after a dry run")
    check_equal(many(origin="feed-x", within=WIDE, reason="SCAN 1", dry_run=True)["removed"], 5, "all have to hold")
    check_equal(many(ticket="T-4", why="closed")["removed"], 6, "of a ticket")
    rows = log(lab)[-6:]
    check_equal({(r["action"], r["reason"]) for r in rows}, {("unblock", "closed")}, "rows of the log")
    check_equal(len({r["prefix"] for r in rows}), 6, "one for each")
    check_equal(many(origin="feed-x")["removed"], 13, "of an origin")
    check_equal({b["origin"] for b in ask("GET", "/v1/blocks")}, {"operator"}, "what is left")
    check_equal(many(origin="feed-x")["removed"], 0, "where there is none")
    for bad in {}, {"origin": ""}, {"orign": "feed-x"}, {"origin": "config"}, {"reason": ""}:
        check_equal(refusal("POST", "/v1/unblocks", bad)["code"], "invalid", "%s" % bad)
    check_equal(many(within="2001:db8::/32")["removed"], 12, "within a prefix")
    check_equal(ask("GET", "/v1/blocks"), [], "what is left")


@test
def why_something_is_taken_back_is_in_the_log(lab):
    """hostile O10"""
    clear()
    block(BAD_1)
    lab.slash64("unblock", BAD_1, "--reason", "false alarm", "--ticket", "T-9")
    ask("POST", "/v1/allowlist", {"prefix": BAD_2})
    lab.slash64("unallow", BAD_2, "--reason", "gone", "--ticket", "T-10")
    lab.slash64("detach", "wan0", "--reason", "maintenance")
    lab.slash64("attach", "wan0")
    rows = [(r["action"], r["reason"], r["ticket"]) for r in log(lab)]
    for wanted in ("unblock", "false alarm", "T-9"), ("disallow", "gone", "T-10"), ("detach", "maintenance", None):
        check(wanted in rows, "no %s in %s" % (wanted, rows[-6:]))


def undo(**terms):
    return ask("POST", "/v1/undo", terms)


def state():
    blocks = [{k: v for k, v in b.items() if k not in ("hits", "last_hit")} for b in ask("GET", "/v1/blocks", addresses=1)]
    return blocks, [(a["prefix"], a["reason"]) for a in ask("GET", "/v1/allowlist")]


@test
def every_kind_of_change_is_taken_back_one_after_the_other(lab):
    """hostile O10"""
    clear()
    states = [state()]
    for change in (
            lambda: block(BAD_1, reason="scan", ticket="T-1", for_seconds=3600),
            lambda: block(BAD_1, for_seconds=7200),
            lambda: ask("PATCH", "/v1/blocks", {"prefix": BAD_1, "reason": "worse", "until": None}),
            lambda: ask("POST", "/v1/throttles", {"prefix": BAD_1, "rate": 100, "force": True}),
            lambda: block("2001:db8:bad:5::1"),
            lambda: block("2001:db8:bad:5::2", for_seconds=60),
            lambda: ask("DELETE", "/v1/blocks", prefix="2001:db8:bad:5::/64"),
            lambda: ask("POST", "/v1/allowlist", {"prefix": BAD_2, "reason": "ours"}),
            lambda: ask("DELETE", "/v1/allowlist", prefix=BAD_2),
            lambda: ask("POST", "/v1/unblocks", {"within": WIDE}),
            lambda: lab.slash64("import", path_of(lab, "2001:db8:bad:9::/64\n2001:db8:bad:a::/64\n"), "--origin", "feed-x"),
            lambda: lab.slash64("import", path_of(lab, "2001:db8:bad:a::/64\n2001:db8:bad:b::/64\n"), "--origin", "feed-x",
                                "--replace")):
        change()
        states.append(state())
    for i in range(len(states) - 2, -1, -1):
        told = undo(dry_run=True)
        check_equal(state(), states[i + 1], "after a dry run of %d" % i)
        done = undo(number=told["number"])
        check_equal(done["steps"], told["steps"], "what it said it would do")
        check_equal(state(), states[i], "change %d, taken back: %s" % (i, done))
    check("undo" in {r["action"] for r in log(lab)}, "no row of it in the log")


@test
def walk_what_the_configuration_says_is_taken_back_with_a_word_that_it_returns(lab):
    clear()
    lab.config("allow: ['%s']\nblock: ['%s']" % (BAD_2, BAD_1))
    lab.slash64("reload")
    for words in ("unallow", BAD_2), ("unblock", BAD_1):
        out = lab.slash64(*words).stdout
        check("it is in %s/slash64.yaml: the next reload or start" % lab.dir in out, out)
    lab.slash64("reload")
    for words in ("unallow", BAD_2), ("unblock", BAD_1, "--origin", "config"):
        check("the next reload or start" in lab.slash64(*words).stdout, words)
    lab.config()
    lab.slash64("reload")
    clear()


@test
def walk_a_block_that_ends_before_another_of_the_source_says_so(lab):
    clear()
    check_equal(block("2001:db8:bad:5::1", reason="scan", for_seconds=3600)["until"] is None, False, "its end")
    note = block("2001:db8:bad:5::/64", for_seconds=600)["note"]
    check("2001:db8:bad:5::1 is blocked by operator until " in note and "(scan), which holds longer and counts" in note, note)
    check_equal(block("2001:db8:bad:5::/64", for_seconds=7200)["note"], None, "the one that ends last")
    clear()


@test
def walk_allow_and_unallow_tell_what_loses_and_regains_effect(lab):
    """Neither said a word about the blocks within the prefix, or around it."""
    for prefix in BAD_1, BAD_2, "2001:db8:bad:1::7":
        ask("POST", "/v1/blocks", {"prefix": prefix})
    done = ask("POST", "/v1/allowlist", {"prefix": BAD_1})
    check_equal((done["blocks"], done["note"]), (1, "1 block or throttle within it has no effect now"), "two entries of one prefix")
    done = ask("POST", "/v1/allowlist", {"prefix": WIDE})
    check_equal(done["blocks"], 1, "the one that had an effect still")
    check_equal(ask("POST", "/v1/allowlist", {"prefix": WIDE})["blocks"], 0, "allowed again")
    check_equal(ask("DELETE", "/v1/allowlist", prefix=BAD_1)["blocks"], 0, "still allowed by the other")
    out = lab.slash64("unallow", WIDE).stdout
    check_equal(out, "no longer allowed: %s\nnote: 2 blocks and throttles within it take effect\n" % WIDE, "slash64 unallow")
    ask("POST", "/v1/throttles", {"prefix": WIDE, "rate": 100})
    check("note: it is an exception from the throttle of %s\n" % WIDE in lab.slash64("allow", "2001:db8:bad:9::/64").stdout, "around")
    check("note: the throttle of %s applies to it\n" % WIDE in lab.slash64("unallow", "2001:db8:bad:9::/64").stdout, "around, again")


@test
def walk_a_prefix_that_is_allowed_again_keeps_its_reason(lab):
    clear()
    for given, kept in (({"reason": "ours"}, "ours"), ({}, "ours"), ({"reason": "theirs"}, "theirs"), ({"reason": ""}, None)):
        check_equal(ask("POST", "/v1/allowlist", dict(given, prefix=BAD_2))["reason"], kept, "the answer to %s" % given)
        check_equal([a["reason"] for a in ask("GET", "/v1/allowlist")], [kept], "the list after %s" % given)
    clear()


def path_of(lab, text):
    path = os.path.join(lab.dir, "list.txt")
    with open(path, "w") as f:
        f.write(text)
    return path


@test
def an_unblock_is_taken_back_with_its_hits(lab):
    """hostile O10"""
    clear()
    block(BAD_1, reason="scan")
    lab.flood(BAD_1, 500, 0.5, "udp").communicate(timeout=60)
    end = time.monotonic() + 5
    while not entry(BAD_1)["hits"] and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    before = entry(BAD_1)
    check(before["hits"] > 0, "no hits: %s" % before)
    lab.slash64("unblock", BAD_1)
    out = lab.slash64("undo", "--yes").stdout
    check("undid your unblock of" in out and "%s is blocked again" % BAD_1 in out, out)
    check_equal(entry(BAD_1), before, "the entry")


def somebody_else(lab, method, path, body):
    """A user whom the mode of the socket would not let in makes the request."""
    os.chmod(lab.dir, 0o755)
    os.chmod(lab.socket, 0o666)
    os.seteuid(65534)
    try:
        return Api(lab.socket).ask(method, path, body)
    finally:
        os.seteuid(0)
        os.chmod(lab.socket, 0o660)


@test
def what_somebody_else_changed_since_is_not_taken_back(lab):
    """hostile O10: the answer says who made the change and when, and nothing is changed"""
    clear()
    block(BAD_1)
    block(BAD_2)
    ask("POST", "/v1/unblocks", {"within": WIDE})
    somebody_else(lab, "POST", "/v1/blocks", {"prefix": BAD_1, "reason": "mine"})
    refused = refusal("POST", "/v1/undo", {})
    check("%s was changed since, by nobody at 20" % BAD_1 in refused["error"] and "(block)" in refused["error"], refused)
    check_equal([b["reason"] for b in ask("GET", "/v1/blocks")], ["mine"], "what is blocked")
    check("not your last change" in refusal("POST", "/v1/undo", {"number": 1})["error"], "another number")
    clear()


@test
def interfaces_and_reloads_and_undo(lab):
    """hostile O10: a detach is undone; for a reload the answer says how to do it"""
    lab.slash64("detach", "wan0", "--reason", "by mistake")
    check_equal([i["name"] for i in ask("GET", "/v1/status")["interfaces"] if i["state"] == "attached"], [], "attached")
    undo()
    check_equal([i["name"] for i in ask("GET", "/v1/status")["interfaces"] if i["state"] == "attached"], ["wan0"], "attached")


@test
def walk_1_an_undo_goes_over_reloads_and_tells_of_those_that_changed_something(lab):
    """field walk 1: any reload counted as the last change, even one that changed nothing"""
    clear()
    block(BAD_1)
    lab.slash64("reload")
    told = undo(dry_run=True)
    check_equal((told["action"], told["note"]), ("block", None), "behind a reload of the same file")
    lab.config("allow: ['%s']" % BAD_2)
    lab.slash64("reload")
    told = undo(dry_run=True)
    check_equal((told["action"], told["steps"]), ("block", ["%s is unblocked" % BAD_1]), "behind a reload of another")
    check("your reload of 20" in told["note"] and "restore the file as it was, and reload" in told["note"], told)
    ask("DELETE", "/v1/allowlist", prefix=BAD_2)
    check_equal(undo()["action"], "disallow", "the last that can be")
    lab.slash64("reload")
    check("note: your reload" in lab.slash64("undo", "--dry-run").stdout, "the command does not tell")
    check_equal((undo()["action"], entry(BAD_1)), ("block", None), "the block")
    lab.config()
    lab.slash64("reload")


@test
def walk_11_a_number_that_is_none_is_refused_in_words_and_a_restore_of_nothing_is_no_change(lab):
    block(BAD_1)
    for number in -1, 0, 1.5, "7", True:
        refused = refusal("POST", "/v1/undo", {"number": number})
        check_equal((refused["code"], "a whole number above 0" in refused["error"]), ("invalid", True), "%r" % number)
    rows = len(log(lab))
    lab.slash64("restore", path_of(lab, ""), "--yes", check=False)
    lab.slash64("restore", path_of(lab, '{"type":"slash64","format":1,"version":"0.2.0"}\n'), "--yes", check=False)
    check_equal([r["action"] for r in log(lab)[rows:]], [], "rows of a restore of nothing")
    check_equal(undo()["action"], "block", "what is taken back")


@test
def walk_3_several_prefixes_are_all_done_or_none(lab):
    """field walk 3: several prefixes took several requests"""
    clear()
    inner = "2001:db8:bad:7::/64"
    ask("POST", "/v1/allowlist", {"prefix": OPEN, "reason": "ours"})
    done = ask("POST", "/v1/blocks", {"prefixes": [BAD_1, "2001:db8:bad:5::1"], "reason": "scan", "for_seconds": 600})
    check_equal([(b["prefix"], b["reason"], b["before"]) for b in done["prefixes"]],
                [(BAD_1, "scan", None), ("2001:db8:bad:5::/64", "scan", None)], "the answer")
    batch = [r["number"] for r in log(lab)[-2:]]
    before = state()
    for method, path, body, query in (
            ("POST", "/v1/blocks", {"prefixes": [inner, BAD_2, "2400:4050:1::/64"]}, {}),
            ("POST", "/v1/blocks", {"prefixes": [inner, "eth0"]}, {}),
            ("POST", "/v1/throttles", {"prefixes": [inner, BAD_1], "rate": 10}, {}),
            ("PATCH", "/v1/blocks", {"prefixes": [BAD_1, inner], "reason": "worse"}, {}),
            ("POST", "/v1/allowlist", {"prefixes": [BAD_1, "::/0"]}, {}),
            ("DELETE", "/v1/blocks", None, {"prefixes": "%s,%s" % (BAD_1, inner)}),
            ("DELETE", "/v1/allowlist", None, {"prefixes": "%s,%s" % (OPEN, inner)})):
        refused = refusal(method, path, body, **query)
        check("prefixes was changed" in refused["error"], refused)
        check_equal(state(), before, "after the refusal of %s %s" % (method, body or query))
    check_equal(lab.ping("attacker", count=2, source="2001:db8:bad:1::66"), 100.0, "loss of the one that is blocked")
    check_equal(lab.status()["maps"]["blocks"], 2, "sources in force")
    for bad in {"prefixes": []}, {"prefixes": BAD_1}, {"prefixes": [1]}, {"prefixes": [BAD_1], "prefix": BAD_2}, {}, \
            {"prefixes": ["2001:db8:bad:%x::/64" % i for i in range(65)]}:
        check_equal(refusal("POST", "/v1/blocks", bad)["code"], "invalid", "%s" % bad)
    told = undo(dry_run=True)
    check_equal((told["number"], told["changes"]), (batch[0], 2), "one change")
    answers = ask("POST", "/v1/blocks", {"prefixes": [inner, "2400:4050:1::/64"], "dry_run": True})["prefixes"]
    check_equal([bool(a["refused"]) for a in answers], [False, True], "a dry run")
    check_equal(state(), before, "after a dry run")
    out = lab.slash64("unblock", BAD_1, "2001:db8:bad:5::1").stdout
    check_equal((out.count("unblocked "), ask("GET", "/v1/blocks")), (2, []), out)
    check_equal(undo()["changes"], 2, "taken back")
    out = lab.slash64("block", "--dry-run", inner, "2400:4050:1::/64", check=False)
    check_equal((out.returncode, "it would be refused: 2400:4050:1::/64" in out.stderr), (1, True), out)
    clear()


@test
def walk_6_7_allow_and_edit_tell_what_was_and_which_entry_it_is(lab):
    clear()
    check_equal(ask("POST", "/v1/allowlist", {"prefix": BAD_2, "reason": "ours"})["before"], None, "before the first")
    check_equal(ask("POST", "/v1/allowlist", {"prefix": BAD_2, "reason": "mine"})["before"]["reason"], "ours", "before the second")
    block("2001:db8:bad:5::66", reason="scan")
    note = ask("PATCH", "/v1/blocks", {"prefix": "2001:db8:bad:5::/64", "reason": "worse"})["note"]
    check("listed by address, and the entry of 2001:db8:bad:5::66 was changed" in note, note)
    block("2001:db8:bad:5::/64")
    block("2001:db8:bad:5::/64", origin="feed-x")
    note = ask("PATCH", "/v1/blocks", {"prefix": "2001:db8:bad:5::/64", "reason": "bad"})["note"]
    check("other entries of it were not changed: feed-x, 2001:db8:bad:5::66 of operator" in note, note)
    ask("DELETE", "/v1/blocks", prefix="2001:db8:bad:5::66")
    note = ask("PATCH", "/v1/blocks", {"prefix": "2001:db8:bad:5::77", "reason": "seen"})["note"]
    check("has no entry of its own, and the entry of 2001:db8:bad:5::/64 was changed" in note, note)
    clear()


@test
def walk_10_numbers_of_a_query_are_digits_or_refused_in_words(lab):
    for path, query in (("/v1/log", {"limit": "10k"}), ("/v1/blocks", {"hits_min": "0x10"}), ("/v1/top", {"seconds": "1e1"}),
                        ("/v1/blocks", {"limit": "-1"}), ("/v1/top", {"seconds": " 5"})):
        refused = refusal("GET", path, **query)
        (name, value), = query.items()
        check("'%s' is '%s'; it must be a " % (name, value) in refused["error"] and "in digits alone" in refused["error"], refused)
    check("in digits alone" in refusal("POST", "/v1/imports", for_seconds="1h")["error"], "an import")


def throttle_many(ask, site, rate):
    for i in range(40):
        ask("POST", "/v1/throttles", {"prefix": "2001:db8:%s:%x::/64" % (site, i), "rate": rate + i})


@test
def walk_2_an_undo_that_finds_no_room_on_its_way_changes_nothing(lab):
    """field walk 2: it was done in pieces, and a refusal in between left it half done"""
    clear()
    throttle_many(ask, "bad", 1000)
    ask("POST", "/v1/unblocks", {"within": WIDE})
    throttle_many(lambda *request: somebody_else(lab, *request), "77", 2000)
    before = state()
    refused = refusal("POST", "/v1/undo", {})
    check("different rates" in refused["error"], refused)
    check_equal(state(), before, "after an undo that was refused")
    somebody_else(lab, "POST", "/v1/unblocks", {"within": "2001:db8:77::/48"})
    check_equal(undo()["changes"], 40, "once there is room")
    check_equal(len(ask("GET", "/v1/blocks")), 40, "what is back")
    clear()


@test
def walk_2_an_undo_of_50000_is_answered(lab):
    """field walk 2: its log rows were sorted again for every 64 of them, and no answer came within
    a minute"""
    clear()
    lab.slash64("import", path_of(lab, "".join("2001:db8:%x:%x::/64\n" % (0x10 + i // 50000, i) for i in range(50000))),
                "--origin", "feed-x")
    check_equal(ask("POST", "/v1/unblocks", {"origin": "feed-x"})["removed"], 50000, "unblocked")
    done = undo()
    check_equal((done["changes"], len(done["steps"])), (50000, 20), "taken back")
    check_equal(ask("POST", "/v1/unblocks", {"origin": "feed-x"})["removed"], 50000, "what is back")


def restart(lab, number=signal.SIGTERM):
    global api
    lab.stop(number)
    lab.start()
    api = Api(lab.socket)


def start_killed_at(lab, call):
    env = dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "kill_at_call.so")), KILL_AT_CALL=str(call))
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log, env=env)
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    return lab.daemon.poll() is None


def blocked_after(lab, method, path, body):
    """The number of blocks after the request and a kill at some point; and whether the kill
    happened."""
    try:
        Api(lab.socket).ask(method, path, body)
        killed = False
    except (OSError, http.client.HTTPException):
        killed = True
    restart(lab, signal.SIGKILL)
    return len(ask("GET", "/v1/blocks")), killed


@test
def walk_2_a_kill_on_the_way_of_many_leaves_all_or_nothing(lab):
    """field walk 2: each piece of a long unblock, and each entry of an undo, was a transaction of
    its own"""
    needs_plain_build()
    clear()
    most = 40
    for path, body, others in (("/v1/unblocks", {"within": WIDE}, 0), ("/v1/undo", {}, most)):
        kills = 0
        for call in range(1, 60):
            restart(lab)
            if path == "/v1/unblocks" or not kills:
                for i in range(most):
                    block("2001:db8:bad:%x::/64" % i)
            if path == "/v1/undo" and ask("GET", "/v1/blocks"):
                ask("POST", "/v1/unblocks", {"within": WIDE})
            lab.stop()
            if not start_killed_at(lab, call):
                continue
            left, killed = blocked_after(lab, "POST", path, body)
            kills += killed
            check(left in (0, most), "killed at %d of %s: %d of %d are blocked" % (call, path, left, most))
            if not killed:
                check_equal(left, others, path)
                if kills:  # or what slash64d writes after a start, by itself, was killed instead, and comes later now
                    break
        check(kills, "there was no kill on the way of %s" % path)
    clear()


@test
def what_the_configuration_requires_is_asked_for_and_its_end_is_given(lab):
    """issue 14: block_defaults apply to blocks by hand, and to nothing else"""
    clear()
    lab.config("block_defaults: {for: 2h, require: [ticket, reason]}\nblock: ['2001:db8:77::/48']")
    lab.slash64("reload")
    failure = refusal("POST", "/v1/blocks", {"prefix": BAD_1})
    check("a reason and a ticket are missing" in failure["error"], failure)
    check_equal((failure["code"], failure["missing"], failure["also_missing"]), ("required", "reason", "ticket"), "both")
    failure = refusal("POST", "/v1/blocks", {"prefix": BAD_1, "reason": "scan"})
    check("a ticket is missing" in failure["error"] and failure["missing"] == "ticket", failure)
    done = block(BAD_1, reason="scan", ticket="T-1")
    check(done["until"] is not None, "it has no end: %s" % done)
    check_equal(said(block(BAD_1)), said(done), "once more, with nothing given")
    check_equal(block(BAD_1, until=None)["until"], None, "an end that is taken away")
    check_equal(entry("2001:db8:77::/48")["until"], None, "the end of a block of the file")
    clear()
    lab.config()
    lab.slash64("reload")


def reload_for(lab, text, span):
    lab.config(text)
    return lab.slash64("reload", "--for", span)


def wait_until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        check(time.monotonic() < end, "it did not come within %d s" % seconds)
        time.sleep(0.05)


def confirmation():
    return ask("GET", "/v1/status")["confirmation"]


@test
def a_reload_that_is_not_confirmed_goes_back_by_itself(lab):
    """hostile O10: like configure timeout and configure confirm of BIRD"""
    clear()
    check_equal(confirmation(), None, "before")
    told = reload_for(lab, "block: ['2001:db8:77::/48']", "2s").stderr
    check("run 'slash64 confirm' before" in told, told)
    check(entry("2001:db8:77::/48"), "the new configuration is not in force")
    check_equal((confirmation()["state"], confirmation()["who"]), ("waiting", "root"), "status")
    check("waiting until" in lab.slash64("status", check=False).stdout, "status does not tell")
    check("confirm' first" in lab.slash64("reload", check=False).stderr, "a second reload is not refused")
    block(BAD_1)
    wait_until(lambda: confirmation()["state"] == "returned")
    check_equal(entry("2001:db8:77::/48"), None, "what was not confirmed")
    check(entry(BAD_1), "what was blocked by hand in between is gone")
    row = [r for r in log(lab) if r["action"] == "reload"][-1]
    check_equal((row["who"], row["reason"]), ("slash64d", "not confirmed: back to the previous configuration"), "the log")
    # the file still has it; a start ignores it until somebody mends the file or reloads
    lab.stop()
    lab.start()
    api.close()
    check_equal(entry("2001:db8:77::/48"), None, "what a start took")
    check_equal(confirmation()["state"], "returned", "behind a start")
    lab.slash64("reload")
    check(entry("2001:db8:77::/48") and confirmation() is None, "a reload by hand")
    lab.config()
    lab.slash64("reload")


def reload_metrics(lab):
    """Failures; was the last one successful?"""
    said = lab.slash64("metrics").stdout.splitlines()
    return [int(line.split()[-1]) for line in said if line.startswith(("slash64_config_reload_failures_total",
                                                                       "slash64_config_last_reload_successful"))]


@test
def a_return_waits_for_the_store_and_follows_the_wall_clock(lab):
    """issue 13, find 9: a store that another process held was a failed reload, tried again ten seconds later; and a
    machine without a clock waited for as long as its clock was wrong"""
    needs_plain_build()
    clear()
    lab.stop()
    step = os.path.join(lab.dir, "step")
    lab.start(lab.config(), env={"LD_PRELOAD": os.path.abspath(os.path.join(BUILD, "stepped_clock.so")),
                                 "STEPPED_CLOCK": step})
    api.close()
    before = reload_metrics(lab)
    reload_for(lab, "block: ['2001:db8:77::/48']", "1h")
    check("confirm" in lab.slash64("reload", check=False).stderr, "a second reload")
    lab.slash64("confirm")
    check_equal((confirmation(), reload_metrics(lab)[-1]), (None, before[-1]), "once it is confirmed")
    reload_for(lab, "block: ['2001:db8:78::/48']", "1h")
    failed = reload_metrics(lab)
    with contextlib.closing(sqlite3.connect(os.path.join(lab.dir, "state", "slash64.db"), isolation_level=None)) as store:
        store.execute("BEGIN EXCLUSIVE")
        with open(step, "w") as f:
            f.write("7200")
        wait_until(lambda: ask("GET", "/v1/status")["store"]["held"])
        time.sleep(6)  # it looks at the clock every 5 s
        check_equal(confirmation()["state"], "waiting", "while the store is held")
        store.execute("ROLLBACK")
    wait_until(lambda: confirmation()["state"] == "returned", 8)
    check_equal((entry("2001:db8:78::/48"), reload_metrics(lab)), (None, failed), "what is in force, and what has failed")
    lab.stop()
    lab.start(lab.config())
    api.close()


@test
def a_reload_that_is_confirmed_stays(lab):
    """hostile O10"""
    clear()
    check("no configuration is to be confirmed" in lab.slash64("confirm", check=False).stderr, "nothing to confirm")
    reload_for(lab, "block: ['2001:db8:77::/48']", "2s")
    reload_for(lab, "block: ['2001:db8:78::/48']", "2s")
    lab.slash64("confirm")
    check_equal(confirmation(), None, "status")
    check_equal(log(lab)[-1]["action"], "confirm", "the log")
    time.sleep(2.2)
    check(entry("2001:db8:78::/48") and not entry("2001:db8:77::/48"), "what is in force")
    lab.config()
    lab.slash64("reload")


@test
def an_unconfirmed_reload_goes_back_over_a_kill(lab):
    """hostile O10: the time keeps running when slash64d is killed, and while it is down"""
    clear()
    for down in 0, 3:
        reload_for(lab, "block: ['2001:db8:77::/48']", "2s")
        lab.stop(signal.SIGKILL)
        time.sleep(down)
        lab.start()
        api.close()
        wait_until(lambda: confirmation() and confirmation()["state"] == "returned")
        check_equal(entry("2001:db8:77::/48"), None, "what was not confirmed, %d s down" % down)
        lab.config()
        lab.slash64("reload")
        check_equal(confirmation(), None, "once the file is mended")


@test
def an_unconfirmed_reload_goes_back_to_an_interface_that_never_was_there(lab):
    """hostile O10, found by the model: the start waited for it, and a reload reported it as
    misspelt from then on"""
    clear()
    lab.stop()
    lab.start(lab.config("block: ['2001:db8:77::/48']", ifaces="[{name: wan0}, {name: never0}]"))
    api.close()
    reload_for(lab, "", "2s")
    check_equal(entry("2001:db8:77::/48"), None, "the new configuration is not in force")
    wait_until(lambda: confirmation()["state"] == "returned")
    check(entry("2001:db8:77::/48"), "what was before")
    check_equal([i["name"] for i in ask("GET", "/v1/status")["interfaces"]], ["wan0", "never0"], "what is waited for")
    lab.config()
    lab.slash64("reload")


@test
def an_unconfirmed_reload_goes_back_without_an_entry_that_is_refused_by_then(lab):
    """issue 13, kind 4: it was retried every ten seconds, and never came back"""
    clear()
    lab.config("block: ['2001:db8:77::/48', '2001:db8:78::/48']")
    lab.slash64("reload")
    reload_for(lab, "", "2s")
    lab.slash64("allow", "2001:db8:77:1::/64")
    before = len(lab.logged())
    wait_until(lambda: confirmation()["state"] == "returned")
    check_equal((entry("2001:db8:77::/48"), bool(entry("2001:db8:78::/48"))), (None, True), "what is in force")
    logged = lab.logged(before)
    check_equal(logged.count("; skipped"), 1, "how often it was said: " + logged)
    lab.slash64("unallow", "2001:db8:77:1::/64")
    lab.config()
    lab.slash64("reload")


@test
def status_says_why_an_unconfirmed_reload_cannot_go_back(lab):
    """issue 13, kind 4: it was logged every ten seconds, and shown nowhere else"""
    clear()
    lab.ip("edge", "link", "add", "x9", "type", "veth", "peer", "name", "y9")
    lab.config(ifaces="[{name: wan0}, {name: x9, policy: {profile: bridge}}]")
    lab.slash64("reload")
    reload_for(lab, "", "1s")
    lab.ip("edge", "link", "del", "x9")
    lab.ip("edge", "link", "add", "x9", "type", "bridge")

    def problems():
        return [p for p in ask("GET", "/v1/status")["health"]["problems"] if p["code"] == "not-returned"]

    wait_until(problems)
    check("x9 is a bridge device" in problems()[0]["text"], problems())
    check_equal(confirmation()["state"], "waiting", "what is in force")
    lab.slash64("confirm")
    check_equal((problems(), confirmation()), ([], None), "once it is confirmed")
    lab.ip("edge", "link", "del", "x9")
    lab.config()
    lab.slash64("reload")


@test
def unallow_locks_nobody_out(lab):
    """issue 13: a list blocks around what is allowed, and whoever ended that from there blocked himself"""
    clear()
    session = "2001:db8:77:1::5"
    env = dict(os.environ, SSH_CONNECTION=session + " 40000 2001:db8::1 22")
    slash64 = [os.path.join(BUILD, "slash64"), "--socket", lab.socket]

    def unallow(prefix, *words):
        return subprocess.run(slash64 + ["unallow", prefix, *words], capture_output=True, text=True, env=env, timeout=60)

    for allowed, blocked in ("2001:db8:77:1::/64", "2001:db8:77::/48"), ("2001:db8:77::/48", "2001:db8:77:1::/64"):
        lab.slash64("allow", allowed)
        lab.slash64("block", blocked, "--force")
        done = unallow(allowed)
        check(done.returncode == 1 and session in done.stderr and "--force" in done.stderr, "%s: %s" % (allowed, done))
        check_equal([a["prefix"] for a in lab.json("allow")], [allowed], "what is allowed")
        lab.slash64("unallow", allowed)  # nobody is logged in from there
        lab.slash64("allow", allowed)
        check_equal(unallow(allowed, "--force").returncode, 0, "with --force")
        lab.slash64("unblock", blocked)


@test
def undo_of_allow_locks_nobody_out(lab):
    """issue 13: unallow asked the guard rails, and an undo of allow, and a reload without it, did not"""
    clear()
    session = "2001:db8:77:1::5"
    env = dict(os.environ, SSH_CONNECTION=session + " 40000 2001:db8::1 22")

    def run(*words):
        return subprocess.run([os.path.join(BUILD, "slash64"), "--socket", lab.socket, *words], capture_output=True,
                              text=True, env=env, timeout=60)

    def refused(done):
        return done.returncode == 1 and session in done.stderr

    blocked, allowed = "2001:db8:77:1::/64", "2001:db8:77::/48"
    lab.slash64("block", blocked, "--force")
    # either of the two keeps it out, and both go at once
    lab.slash64("allow", allowed, blocked)
    for words in ("--dry-run",), ("--yes",):
        done = run("undo", *words)
        check(refused(done) and "--force" in done.stderr, done)
    check_equal(sorted(a["prefix"] for a in lab.json("allow")), sorted([blocked, allowed]), "what is allowed")
    check_equal(run("undo", "--yes", "--force").returncode, 0, "with --force")
    check_equal(lab.json("allow"), [], "what is allowed")
    lab.slash64("unblock", blocked)

    # what gets stricter again is asked about too, not only what comes back (found by an attack)
    lab.slash64("block", blocked, "--force")
    lab.slash64("throttle", blocked, "--rate", "1000", "--force")
    for words in ("--dry-run",), ("--yes",):
        done = run("undo", *words)
        check(refused(done), done)
    check_equal([b["kind"] for b in lab.json("list", blocked)], ["throttle"], "it is still throttled")
    check_equal(run("undo", "--yes", "--force").returncode, 0, "with --force")
    lab.slash64("unblock", blocked)

    lab.config("allow: ['%s']" % allowed)
    lab.slash64("reload")
    lab.slash64("block", blocked, "--force")
    lab.config()
    check(refused(run("reload")), "a reload without it")
    check_equal([a["prefix"] for a in lab.json("allow")], [allowed], "what is allowed")
    lab.slash64("reload")  # nobody is logged in from there
    check_equal(lab.json("allow"), [], "what is allowed")
    lab.slash64("unblock", blocked)


def prepare(lab):
    global api
    lab.start(lab.config())
    api = Api(lab.socket)


main(prepare)
