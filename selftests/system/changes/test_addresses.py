#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Entries by address are kept by address: a source stays blocked while any entry for an address in
it is in force (field L1, H1)."""
import json
import os
import socket
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api
from harness import check, check_equal, main, seconds_of, test, timestamp
from lab import wait_for

SOURCE = "2001:db8:bad:1::/64"
ONE, TWO = "2001:db8:bad:1::1", "2001:db8:bad:1::2"


def write(lab, name, text):
    path = os.path.join(lab.dir, name)
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)
    return path


def decision(address, span, scope="Ip", kind="ban"):
    return {"value": address, "scope": scope, "duration": span, "scenario": "x", "type": kind}


def stream(lab, new=(), deleted=()):
    return write(lab, "stream.json", json.dumps({"new": list(new), "deleted": list(deleted)}))


def rows(lab, *words):
    return lab.json("list", *words)


def addresses(lab, *words):
    return sorted((r["address"], r["origin"]) for r in rows(lab, "--addresses", *words))


def verdict(lab, address=ONE):
    return lab.json("lookup", address)[0]["verdict"]


def span_of(row):
    return seconds_of(row["until"]) - seconds_of(row["start"])


def clear(lab):
    while rows(lab):
        for row in rows(lab):
            lab.slash64("unblock", row["prefix"], "--origin", row["origin"], check=False)


@test
def by_hand_one_of_two_addresses_ends_and_the_other_holds(lab):  # field H1
    lab.slash64("block", ONE, "--for", "1d", "--reason", "first")
    lab.slash64("block", TWO, "--for", "10m")
    check_equal([(r["prefix"], r["addresses"], span_of(r), r["reason"]) for r in rows(lab)],
                [(SOURCE, 2, 86400, "first")], "one row for the source, to the latest end")
    check_equal([(r["address"], span_of(r)) for r in rows(lab, "--addresses")], [(ONE, 86400), (TWO, 600)],
                "a row for each address")
    done = lab.slash64("unblock", TWO)
    check(ONE in done.stdout + done.stderr, "it tells what still blocks: %s" % done.stdout)
    check_equal((verdict(lab), [(r["address"], span_of(r)) for r in rows(lab, "--addresses")]),
                ("blocked", [(ONE, 86400)]), "the first holds")
    done = lab.slash64("unblock", TWO, check=False)
    check_equal(done.returncode, 1, "what is not listed")
    check(ONE in done.stderr, "the address that is: %s" % done.stderr)
    lab.slash64("unblock", ONE)
    check_equal((rows(lab), verdict(lab)), ([], "passes"), "nothing is left")


@test
def a_source_and_an_address_in_it_end_each_by_itself(lab):
    lab.slash64("block", SOURCE)
    lab.slash64("block", ONE)
    check_equal(len(rows(lab, "--addresses")), 2, "rows")
    lab.slash64("unblock", SOURCE)
    check_equal((verdict(lab), addresses(lab)), ("blocked", [(ONE, "operator")]), "the address holds")
    lab.slash64("block", SOURCE)
    lab.slash64("unblock", ONE)
    check_equal((verdict(lab), addresses(lab)), ("blocked", [(None, "operator")]), "the source holds")
    lab.slash64("unblock", ONE)
    check_equal(rows(lab), [], "an address stands for its source, where that alone was blocked")
    lab.slash64("block", ONE)
    lab.slash64("block", TWO)
    lab.slash64("unblock", SOURCE)
    check_equal(rows(lab), [], "a source stands for the addresses in it, where those alone were blocked")


@test
def the_strictest_of_what_is_said_holds_and_the_rest_behind_it(lab):
    lab.slash64("throttle", ONE, "--rate", "1000")
    lab.slash64("throttle", TWO, "--rate", "50")
    check_equal([(r["kind"], r["rate"], r["addresses"]) for r in rows(lab)], [("throttle", 50, 2)], "the lower rate")
    lab.slash64("block", "2001:db8:bad:1::3", "--for", "2s")
    check_equal(([r["kind"] for r in rows(lab)], verdict(lab)), (["block"], "blocked"), "a block beats both")
    wait_for(lambda: verdict(lab) == "throttled", 5, "the end of the block")
    lab.slash64("unblock", TWO)
    check_equal([(r["kind"], r["rate"]) for r in rows(lab)], [("throttle", 1000)], "the other rate")
    clear(lab)


@test
def an_end_of_one_address_is_not_that_of_the_source(lab):
    lab.slash64("block", ONE, "--for", "1s")
    lab.slash64("block", TWO, "--for", "1h")
    wait_for(lambda: addresses(lab) == [(TWO, "operator")], 5, "the first end")
    check_equal(verdict(lab), "blocked", "the source")
    clear(lab)


@test
def differences_of_crowdsec_are_kept_by_address(lab):  # field L1
    feeds = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "feeds")
    lab.slash64("import", os.path.join(feeds, "h1_startup.json"), "--origin", "cs")
    check_equal(addresses(lab), [("2001:db8:bad:1::66", "cs"), ("2001:db8:bad:1::77", "cs")], "the start")
    lab.slash64("import", os.path.join(feeds, "h2_delta.json"), "--origin", "cs")
    check_equal((addresses(lab), verdict(lab)), ([("2001:db8:bad:1::77", "cs")], "blocked"), "one of them deleted")
    lab.slash64("import", stream(lab, deleted=[decision("2001:db8:bad:1::77", "-1s")]), "--origin", "cs")
    check_equal((rows(lab), verdict(lab)), ([], "passes"), "the other as well")


@test
def of_two_ends_the_latest_counts_in_whatever_order_they_come(lab):  # field L1
    for first, second in (("4h", "10m"), ("10m", "4h")):
        lab.slash64("import", stream(lab, [decision(ONE, first), decision(TWO, second)]), "--origin", "cs")
        check_equal([span_of(r) for r in rows(lab)], [4 * 3600], "CrowdSec, %s and %s" % (first, second))
        clear(lab)
        text = "prefix,for\n%s,%s\n%s,%s\n" % (ONE, first, TWO, second)
        lab.slash64("import", write(lab, "two.csv", text), "--origin", "csv")
        check_equal([span_of(r) for r in rows(lab)], [4 * 3600], "CSV, %s and %s" % (first, second))
        clear(lab)
        text = "prefix,for\n%s,%s\n%s,%s\n" % (SOURCE, first, SOURCE, second)
        lab.slash64("import", write(lab, "twice.csv", text), "--origin", "csv")
        check_equal([span_of(r) for r in rows(lab)], [4 * 3600], "one prefix twice, %s and %s" % (first, second))
        clear(lab)


@test
def a_second_import_leaves_the_addresses_of_the_first(lab):  # field L1
    lab.slash64("import", write(lab, "a.txt", ONE + "\n"), "--origin", "a", "--for", "1h")
    lab.slash64("import", write(lab, "b.txt", TWO + "\n"), "--origin", "a", "--for", "10m")
    check_equal((addresses(lab), [span_of(r) for r in rows(lab)]), ([(ONE, "a"), (TWO, "a")], [3600]), "both")
    lab.slash64("import", write(lab, "a.txt", TWO + "\n"), "--origin", "a", "--replace", "--for", "10m")
    check_equal((addresses(lab), verdict(lab)), ([(TWO, "a")], "blocked"), "one is left")
    lab.slash64("import", write(lab, "b.txt", TWO + "\n"), "--origin", "b")
    lab.slash64("import", write(lab, "c.txt", "2001:db8:bad:2::1\n"), "--origin", "a", "--replace")
    check_equal((verdict(lab), addresses(lab, SOURCE)), ("blocked", [(TWO, "b")]), "the other origin's holds")
    clear(lab)


@test
def every_form_of_an_ipv4_address_ends_by_itself(lab):
    new = [decision("198.51.100.7", "1h"), decision("64:ff9b::198.51.100.7", "1h")]
    lab.slash64("import", stream(lab, new), "--origin", "cs")
    lab.slash64("import", stream(lab, deleted=[decision("198.51.100.7", "-1s")]), "--origin", "cs")
    # for IPv4 itself nothing is inspected here (documents D14); behind NAT64 it is blocked
    check_equal((verdict(lab, "198.51.100.7"), verdict(lab, "64:ff9b::198.51.100.7"), addresses(lab)),
                ("not-filtered", "blocked", [("64:ff9b::c633:6407", "cs")]), "the form")
    lab.slash64("import", stream(lab, deleted=[decision("64:ff9b::198.51.100.7", "-1s")]), "--origin", "cs")
    check_equal(rows(lab), [], "none")


@test
def block_and_throttle_take_an_origin(lab):  # field H1
    lab.slash64("block", ONE, "--origin", "fail2ban-sshd", "--for", "1h")
    lab.slash64("block", ONE, "--for", "10m")
    lab.slash64("throttle", TWO, "--rate", "10", "--origin", "fail2ban-http")
    check_equal(addresses(lab), [(ONE, "fail2ban-sshd"), (ONE, "operator"), (TWO, "fail2ban-http")], "the list")
    lab.slash64("unblock", ONE, "--origin", "fail2ban-sshd")
    check_equal(addresses(lab), [(ONE, "operator"), (TWO, "fail2ban-http")], "one origin's")
    done = lab.slash64("block", ONE, "--origin", "config", check=False)
    check_equal(done.returncode, 1, "an origin that is none")
    clear(lab)


@test
def who_tells_which_addresses_are_listed(lab):
    lab.slash64("block", ONE, "--reason", "one")
    lab.slash64("throttle", TWO, "--rate", "10")
    who = lab.json("lookup", "2001:db8:bad:1::99")[0]
    check_equal(sorted(r["address"] for r in who["blocks"]), [ONE, TWO], "its rows")
    check(ONE in who["why"] and "one" in who["why"], who["why"])
    text = lab.slash64("lookup", ONE).stdout
    check(TWO in text, text)
    text = lab.slash64("list", "--addresses").stdout
    check(ONE + " " in text and TWO + " " in text, text)
    check(SOURCE in lab.slash64("list").stdout, "the list of sources")
    check("given as " + ONE in lab.slash64("log").stdout, "the log: %s" % lab.slash64("log").stdout)
    clear(lab)


@test
def filters_and_sorts_hold_for_sources_and_for_addresses(lab):
    lab.slash64("block", ONE, "--for", "1h", "--ticket", "T1")
    lab.slash64("block", TWO, "--for", "2h", "--ticket", "T2")
    lab.slash64("block", "2001:db8:bad:2::/64", "--for", "90m")
    check_equal([r["prefix"] for r in rows(lab, "--sort", "until")], ["2001:db8:bad:2::/64", SOURCE], "sources by end")
    check_equal([r["address"] for r in rows(lab, "--sort", "until", "--addresses")], [ONE, None, TWO],
                "addresses by end")
    check_equal([r["address"] for r in rows(lab, "--ticket", "T1", "--addresses")], [ONE], "a ticket")
    check_equal([r["prefix"] for r in rows(lab, "--limit", "1", "--offset", "1")], ["2001:db8:bad:2::/64"], "a page")
    check_equal(len(rows(lab, "--ends-within", "100m")), 1, "sources that end")
    check_equal(len(rows(lab, "--ends-within", "100m", "--addresses")), 2, "addresses that end")
    check_equal(len(rows(lab, SOURCE)), 1, "within")
    api = Api(lab.socket)
    check_equal(len(api.ask("GET", "/v1/blocks", addresses=1, within=SOURCE)), 2, "over the API")
    clear(lab)


@test
def addresses_outlive_a_kill_and_a_full_reload(lab):
    lab.slash64("block", ONE, "--for", "1h")
    lab.slash64("block", TWO)
    before = rows(lab, "--addresses")
    lab.stop(9)
    lab.start()
    check_equal([(r["address"], r["until"]) for r in rows(lab, "--addresses")],
                [(r["address"], r["until"]) for r in before], "rows")
    lab.slash64("unblock", TWO)
    check_equal(verdict(lab), "blocked", "the source")
    clear(lab)


# As slash64 0.1.0 made it. Never change it here: such stores exist.
SCHEMA_3 = """
CREATE TABLE block (address BLOB NOT NULL CHECK (length(address) = 16), length INTEGER NOT NULL CHECK (length BETWEEN 0
  AND 128), origin TEXT NOT NULL, reason TEXT, ticket TEXT, start_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL DEFAULT 0, rate INTEGER NOT NULL DEFAULT 0, burst INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (address, length, origin)) WITHOUT ROWID;
CREATE INDEX block_until ON block (until_ms) WHERE until_ms > 0;
CREATE INDEX block_throttled ON block (rate, burst) WHERE kind = 1;
CREATE TABLE allow (address BLOB NOT NULL CHECK (length(address) = 16), length INTEGER NOT NULL CHECK (length BETWEEN 0
  AND 128), origin TEXT NOT NULL, reason TEXT, start_ms INTEGER NOT NULL, PRIMARY KEY (address, length, origin))
  WITHOUT ROWID;
CREATE TABLE interface (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, filter INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE rate (number INTEGER PRIMARY KEY, rate INTEGER NOT NULL, burst INTEGER NOT NULL);
CREATE TABLE change (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, action TEXT NOT NULL, uid INTEGER,
  pid INTEGER, who TEXT NOT NULL, source TEXT NOT NULL, address BLOB, length INTEGER, origin TEXT, reason TEXT,
  ticket TEXT, until_ms INTEGER, detail TEXT);
CREATE INDEX change_at ON change (at_ms);
CREATE INDEX change_prefix ON change (address, length) WHERE address IS NOT NULL;
PRAGMA user_version = 3;
"""


def bits(address):
    return socket.inet_pton(socket.AF_INET6, address)


@test
def a_store_of_0_1_0_is_taken_over_whole(lab):
    lab.stop()
    state = os.path.join(lab.dir, "state")
    os.rename(state, state + ".saved")
    os.mkdir(state, 0o750)
    db = sqlite3.connect(os.path.join(state, "slash64.db"))
    db.executescript(SCHEMA_3)
    until = int(time.time() + 3600) * 1000
    db.executemany("INSERT INTO block VALUES (?,?,?,?,?,?,?,?,?,?)", [
        (bits("2001:db8:bad:1::"), 64, "operator", "old", "T-1", 1700000000000, 0, 0, 0, 0),
        (bits("2001:db8:bad:1::"), 64, "feed", None, None, 1700000000000, until, 1, 50, 100),
        (bits("2001:db8:bad::"), 48, "feed", "x", None, 1700000000000, 0, 0, 0, 0)])
    db.execute("INSERT INTO rate VALUES (0, 50, 100)")
    db.execute("INSERT INTO change (at_ms, action, who, source) VALUES (?, 'start', 'x', 'y')", (until - 7200000,))
    db.commit()
    db.close()
    lab.start()
    check_equal([(r["prefix"], r["origin"], r["reason"], r["ticket"], r["kind"], r["rate"], r["until"]) for r in rows(lab)],
                [("2001:db8:bad::/48", "feed", "x", None, "block", None, None),
                 (SOURCE, "feed", None, None, "throttle", 50, timestamp(until // 1000)),
                 (SOURCE, "operator", "old", "T-1", "block", None, None)], "the blocks")
    check_equal(lab.json("log")[0]["number"], 1, "the log")
    lab.slash64("unblock", ONE)
    check_equal(verdict(lab), "throttled", "one of them ended by an address")
    lab.stop()
    os.rename(state, state + ".gone")
    os.rename(state + ".saved", state)
    lab.start()


def prepare(lab):
    lab.start(lab.config())


if __name__ == "__main__":
    main(prepare)
