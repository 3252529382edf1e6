#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The audit trail, and who may do what: every change is in it, with who, when, what, why, from where."""
import grp
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, seconds_of, test
from lab import BAD_1, BAD_2, LabError, wait_for


def log(lab, *words):
    return lab.json("log", *words)


def as_user(lab, name, groups, *words):
    """slash64 as somebody with these groups beside their own."""
    user = pwd.getpwnam(name)

    def become():
        os.setgroups([grp.getgrnam(g).gr_gid for g in groups])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return subprocess.run([lab.cli, "--socket", lab.socket, *words], capture_output=True, text=True, timeout=20,
                          preexec_fn=become)


def make_group(name):
    subprocess.run(["groupadd", "--force", "--system", name], check=True, capture_output=True)


@test
def each_change_is_logged_with_who_why_and_from_where(lab):
    before = len(log(lab))
    lab.slash64("block", BAD_1, "--for", "1h", "--reason", "echo flood", "--ticket", "T-7")
    lab.slash64("throttle", BAD_2, "--rate", "100")
    lab.slash64("allow", "2001:db8:a11::/64", "--reason", "a customer")
    lab.slash64("unallow", "2001:db8:a11::/64")
    lab.slash64("unblock", BAD_1)
    lab.slash64("unblock", BAD_2)
    rows = log(lab)[before:]
    check_equal([r["action"] for r in rows], ["block", "throttle", "allow", "disallow", "unblock", "unblock"],
                "what was logged")
    row = rows[0]
    check_equal((row["prefix"], row["reason"], row["ticket"], row["origin"], row["who"], row["uid"]),
                (BAD_1, "echo flood", "T-7", "operator", "root", 0), "the first")
    check(abs(seconds_of(row["time"]) - time.time()) < 30 and seconds_of(row["until"]) > time.time() + 3000, "its times: %r" % row)
    check("slash64" in row["from"] and row["pid"] > 1, "from where: %r" % row)
    check_equal(rows[1]["detail"], "rate 100, burst 200", "the throttle's detail")


@test
def what_is_refused_is_not_logged(lab):
    before = len(log(lab))
    lab.slash64("block", "fe80::/10", check=False)
    lab.slash64("unblock", "2001:db8:dead::/64", check=False)
    check_equal(len(log(lab)), before, "changes")


@test
def the_end_of_a_block_is_logged_as_slash64ds_own(lab):
    lab.slash64("block", BAD_1, "--for", "300ms", "--reason", "short")
    row = wait_for(lambda: [r for r in log(lab) if r["action"] == "end"], 5, "the end")[-1]
    check_equal((row["prefix"], row["who"], row["uid"], row["reason"]), (BAD_1, "slash64d", None, "short"), "the row")


@test
def it_is_asked_for_by_prefix_and_time(lab):
    lab.slash64("block", "2001:db8:77:1::/64")
    lab.slash64("block", "2001:db8:77::/48")
    near = log(lab, "--prefix", "2001:db8:77:1::/64")
    check_equal([r["prefix"] for r in near], ["2001:db8:77:1::/64", "2001:db8:77::/48"], "it, and what is around it")
    check_equal([r["prefix"] for r in log(lab, "--prefix", "2001:db8:77::/48")],
                ["2001:db8:77:1::/64", "2001:db8:77::/48"], "it, and what is within it")
    check_equal(log(lab, "--prefix", "2001:db8:78::/48"), [], "what is elsewhere")
    check_equal(log(lab, "--since", "2030-01-01"), [], "the future")
    check(len(log(lab, "--since", "1h")) >= 10 and log(lab, "--until", "1h") == [], "the last hour has it all")
    check_equal(len(log(lab, "--limit", "2")), 2, "the last two")
    said = lab.slash64("log", "--since", "some day", check=False)
    check(said.returncode == 2 and said.stderr.count("\n") == 1, "a time that is none: %r" % said.stderr)
    check("2001:db8:77::/48" in lab.slash64("log").stdout, "the table has it")


@test
def a_list_is_logged_entry_by_entry_and_a_long_one_as_one(lab):
    before = len(log(lab))
    text = "".join("2001:db8:88:%x::/64\n" % i for i in range(3))
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "short", input=text)
    rows = log(lab)[before:]
    check_equal([r["action"] for r in rows], ["import"] + ["block"] * 3, "a short list")
    check_equal((rows[0]["origin"], rows[0]["detail"]), ("short", "3 put, 0 removed"), "its summary")
    before = len(log(lab))
    text = "".join("2001:db8:%x:%x::/64\n" % (0x1000 + i // 60000, i % 60000) for i in range(20000))
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "long", input=text)
    rows = log(lab)[before:]
    check_equal([(r["action"], r["detail"]) for r in rows],
                [("import", "20000 put, 0 removed; too many to log each")], "a long list")


@test
def it_outlives_the_daemon(lab):
    before = log(lab)
    lab.stop(signal.SIGKILL)
    lab.start()
    after = log(lab)
    check_equal([r["number"] for r in after[:len(before)]], [r["number"] for r in before], "the numbers")
    check(all(r["action"] in ("attach", "replace") for r in after[len(before):]), "nothing else was done: %r" % after[len(before):])


# What the first version of the store was made by; never to be changed here, as there are such stores.
FIRST_SCHEMA = """
CREATE TABLE block (address BLOB NOT NULL CHECK (length(address) = 16), length INTEGER NOT NULL CHECK (length BETWEEN 0
  AND 128), origin TEXT NOT NULL, reason TEXT, ticket TEXT, start_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  PRIMARY KEY (address, length, origin)) WITHOUT ROWID;
CREATE INDEX block_until ON block (until_ms) WHERE until_ms > 0;
CREATE TABLE allow (address BLOB NOT NULL CHECK (length(address) = 16), length INTEGER NOT NULL CHECK (length BETWEEN 0
  AND 128), origin TEXT NOT NULL, reason TEXT, start_ms INTEGER NOT NULL, PRIMARY KEY (address, length, origin))
  WITHOUT ROWID;
CREATE TABLE interface (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, filter INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


@test
def a_store_of_the_first_version_is_taken_over_whole(lab):
    lab.stop()
    saved = os.path.join(lab.dir, "state.saved")
    os.rename(os.path.join(lab.dir, "state"), saved)
    os.mkdir(os.path.join(lab.dir, "state"), 0o750)
    path = os.path.join(lab.dir, "state", "slash64.db")
    db = sqlite3.connect(path)
    db.executescript(FIRST_SCHEMA)
    db.execute("INSERT INTO block VALUES (?, 64, 'operator', 'old', 'T-1', 1700000000000, 0)",
               (socket.inet_pton(socket.AF_INET6, "2001:db8:01d:1::"),))
    db.execute("INSERT INTO allow VALUES (?, 48, 'operator', 'ours', 1700000000000)",
               (socket.inet_pton(socket.AF_INET6, "2001:db8:a11::"),))
    db.commit()
    db.close()
    lab.start()
    rows = lab.json("list")
    check_equal([(r["prefix"], r["reason"], r["ticket"], r["start"], r["kind"]) for r in rows],
                [("2001:db8:1d:1::/64", "old", "T-1", "2023-11-14T22:13:20Z", "block")], "the blocks")
    check_equal([r["prefix"] for r in lab.json("allow")], ["2001:db8:a11::/48"], "the allowed prefixes")
    lab.slash64("throttle", BAD_2, "--rate", "10")
    lab.stop()
    check_equal(sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0] >= 3, True, "its version")
    sqlite3.connect(path).execute("PRAGMA user_version = 99")
    said = ""
    try:
        lab.start()
    except LabError as error:
        said = str(error)
    check("later version" in said, "a store of a later version: %r" % said)
    shutil.rmtree(os.path.join(lab.dir, "state"))
    os.rename(saved, os.path.join(lab.dir, "state"))
    lab.start()


@test
def what_is_older_than_it_is_kept_goes(lab):
    count = len(log(lab))
    lab.stop()
    lab.start(lab.config("log: {keep: 1s}\n", on_exit="keep"))
    wait_for(lambda: len(log(lab)) < count, 30, "the old ones to go")
    lab.stop()
    lab.start(lab.config("", on_exit="keep"))


@test
def reading_and_changing_are_for_separate_groups(lab):
    make_group("slash64")
    make_group("slash64-read")
    lab.stop()
    lab.start()
    for path, group in ((lab.socket, "slash64"), (os.path.join(os.path.dirname(lab.socket), "read.sock"), "slash64-read")):
        about = os.stat(path)
        check_equal((stat.S_IMODE(about.st_mode), grp.getgrgid(about.st_gid).gr_name), (0o660, group), path)
    os.chmod(os.path.dirname(lab.socket), 0o755)
    check("wan0" in as_user(lab, "nobody", ["slash64-read"], "status").stdout, "who may read, reads")
    for words in (["list"], ["log"], ["top", "--seconds", "1"], ["metrics"]):
        check_equal(as_user(lab, "nobody", ["slash64-read"], *words).returncode, 0, "reading %s" % words[0])
    refused = as_user(lab, "nobody", ["slash64-read"], "block", BAD_1)
    check(refused.returncode == 1 and "group slash64" in refused.stderr, "who may only read: %r" % refused.stderr)
    check_equal(as_user(lab, "nobody", ["slash64"], "block", BAD_1).returncode, 0, "who may change things")
    check_equal(log(lab)[-1]["who"], "nobody", "who did it")
    check_equal(as_user(lab, "nobody", [], "status").returncode, 1, "who is in neither group")
    said = subprocess.run(["curl", "-s", "--unix-socket", os.path.join(os.path.dirname(lab.socket), "read.sock"), "-X",
                           "DELETE", "http://slash64/v1/blocks?prefix=" + BAD_1], capture_output=True, text=True).stdout
    check("error" in said.lower() or "not" in said.lower(), "a change at the socket for reading: %r" % said)
    check(BAD_1 in [b["prefix"] for b in lab.json("list")], "it was changed")


CHANGES = """
import ctypes, http.client, json, socket, sys
ctypes.CDLL(None).prctl(15, b"bad\\xff\\n\\xc3", 0, 0, 0)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
c = http.client.HTTPConnection("slash64")
c.sock = s
c.request("POST", "/v1/blocks", json.dumps({"prefix": sys.argv[2]}))
sys.exit(c.getresponse().status != 200)
"""


@test
def a_process_named_in_any_bytes_hides_no_row(lab):
    """hostile 9, hostile 37"""
    before = len(log(lab))
    lab.run("edge", "/usr/bin/python3", "-c", CHANGES, lab.socket, "2001:db8:bad:ff::/64")
    rows = log(lab)
    check_equal(len(rows), before + 1, "rows")
    check("bad\\xff\\x0a\\xc3" in rows[-1]["from"], "from: %r" % rows[-1]["from"])
    check("2001:db8:bad:ff::/64" in lab.slash64("log").stdout, "it is not in what a person reads")


@test
def rows_of_the_store_in_any_bytes_are_listed(lab):
    """hostile 37: one that is there from before hides neither itself nor others."""
    lab.stop()
    with sqlite3.connect(os.path.join(lab.dir, "state", "slash64.db")) as store:
        store.execute("UPDATE change SET source = CAST(x'61ff62' AS TEXT) WHERE number = "
                      "(SELECT max(number) FROM change)")
        store.execute("UPDATE block SET reason = CAST(x'c3' AS TEXT)")
    store.close()
    lab.start()
    check("a\\xffb" in [row["from"] for row in log(lab)], "the row is hidden")
    check("\\xc3" in [row["reason"] for row in lab.json("list")], "the block is hidden")
    lab.slash64("unblock", "2001:db8:bad:ff::/64")


main(lambda lab: lab.start(lab.config("", on_exit="keep")))
