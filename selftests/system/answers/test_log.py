#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The audit trail and permissions: every change is recorded with who, when, what, why and from
where."""
import grp
import json
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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "notify"))

from api import Api
from harness import Skipped, check, check_equal, main, seconds_of, test
from lab import BAD_1, BAD_2, EDGE_WAN, LabError, wait_for
from notify_lab import Hook, Lab


def log(lab, *words):
    return lab.json("log", *words)


def as_user(lab, name, groups, *words):
    """slash64 run by a user with these extra groups."""
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
    done = lab.slash64("log", "--since", "2030-01-01", check=False)
    check(done.returncode == 2 and "is in the future" in done.stderr, "the future: %r" % done.stderr)
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
    # walk: the row said nothing of lines that were not imported
    text = "2001:db8:88:4::/64\nnonsense\n%s/64\n" % EDGE_WAN
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "short", input=text)
    check_equal(log(lab)[before]["detail"], "1 put, 0 removed, 2 not imported", "its summary with refused lines")
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


# --- issue 16 line 7: changes go out ---

def as_login(lab, name, *words):
    """slash64 run as root through sudo by a user who has logged in."""
    uid = pwd.getpwnam(name).pw_uid

    def log_in():
        with open("/proc/self/loginuid", "w") as file:
            file.write(str(uid))

    return subprocess.run([lab.cli, "--socket", lab.socket, *words], capture_output=True, text=True, timeout=20,
                          preexec_fn=log_in)


@test
def under_sudo_the_log_names_the_person(lab):
    """issue 16 line 7, and a user can undo only his own change"""
    try:
        said = as_login(lab, "nobody", "block", "2001:db8:50d0::/64")
    except (OSError, subprocess.SubprocessError) as reason:
        raise Skipped("the kernel has no login uid to be set: %s" % reason)
    check_equal(said.returncode, 0, said.stderr)
    row = log(lab)[-1]
    check_equal((row["who"], row["uid"], row["login"], row["login_uid"]),
                ("root", 0, "nobody", pwd.getpwnam("nobody").pw_uid), "who it was")
    check("nobody as root" in lab.slash64("log", "--limit", "1").stdout, "the table")
    as_login(lab, "daemon", "block", "2001:db8:50d1::/64")
    check_equal(as_login(lab, "nobody", "undo", "--yes").returncode, 0, "undo")
    check_equal([(r["prefix"], r["login"]) for r in log(lab, "--limit", "2")],
                [("2001:db8:50d1::/64", "daemon"), ("2001:db8:50d0::/64", "nobody")], "what is undone is his own")
    lab.slash64("block", "2001:db8:50d0::/64")
    row = log(lab)[-1]
    check_equal((row["login"], row["login_uid"]), (None, None), "who is himself")


class Follower:
    """slash64 log --follow, and the output so far."""

    def __init__(self, lab, *words):
        self.out = open(os.path.join(lab.dir, "followed"), "w+")
        self.process = subprocess.Popen([lab.cli, "--socket", lab.socket, "--json", "log", "--follow", *words],
                                        stdout=self.out, stderr=subprocess.PIPE, text=True)

    def rows(self):
        with open(self.out.name) as file:
            return [json.loads(line) for line in file.read().splitlines()]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=10)[1]


@test
def a_follower_gets_each_change_once_also_over_a_restart(lab):
    first = log(lab)[-1]["number"]
    follower = Follower(lab, "--since", "1h")
    wait_for(lambda: follower.rows() and follower.rows()[-1]["number"] == first, 10, "what was before")
    lab.slash64("block", BAD_1, "--reason", "one")
    wait_for(lambda: follower.rows()[-1]["number"] > first, 5, "the change")
    lab.stop(signal.SIGKILL)
    lab.start()
    api = Api(lab.socket)
    for i in range(100):
        api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:f0:%x::/64" % i})
    last = log(lab)[-1]["number"]
    wait_for(lambda: follower.rows()[-1]["number"] == last, 10, "the last")
    check_equal([r["number"] for r in follower.rows()], [r["number"] for r in log(lab)], "each of them, once")
    check_equal(follower.end(), "slash64: slash64d has gone away; waiting for it\n", "what it says")
    check_equal(follower.process.returncode, -signal.SIGINT, "its end")
    lab.slash64("unblock", BAD_1)


@test
def a_follower_may_want_a_prefix_only(lab):
    follower = Follower(lab, "--prefix", "2001:db8:f1::/48", "--limit", "1")
    wait_for(lambda: os.path.exists(follower.out.name), 5, "it")
    wait_for(lambda: lab.slash64("block", "2001:db8:f1:1::/64") and follower.rows(), 5, "the change")
    lab.slash64("block", "2001:db8:f2:1::/64")
    lab.slash64("unblock", "2001:db8:f1:1::/64")
    wait_for(lambda: follower.rows()[-1]["action"] == "unblock", 5, "the last")
    check(all(r["prefix"] == "2001:db8:f1:1::/64" for r in follower.rows()), "others: %r" % follower.rows())
    follower.end()


@test
def the_log_is_read_from_a_number_on(lab):
    api = Api(lab.socket)
    rows = api.ask("GET", "/v1/log")
    at = rows[len(rows) // 2]["number"]
    check_equal([r["number"] for r in api.ask("GET", "/v1/log", after=at)], list(range(at + 1, rows[-1]["number"] + 1)),
                "behind it")
    check_equal([r["number"] for r in api.ask("GET", "/v1/log", after=at, limit=2)], [at + 1, at + 2], "the next two")
    check_equal(api.ask("GET", "/v1/log", after=rows[-1]["number"]), [], "behind the last")


@test
def a_follower_that_never_reads_costs_nothing_and_there_are_not_too_many(lab):
    """issue 16: a slow reader never makes slash64d wait or use more memory"""
    def memory():
        with open("/proc/%d/status" % lab.daemon.pid) as file:
            return int([line for line in file if line.startswith("VmRSS")][0].split()[1])

    last = log(lab)[-1]["number"]
    deaf = []
    for _ in range(64):
        s = socket.socket(socket.AF_UNIX)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(lab.socket)
        s.sendall(b"GET /v1/log?follow=1&after=0 HTTP/1.1\r\nHost: slash64\r\n\r\n")
        check(s.recv(12) == b"HTTP/1.1 200", "a follower is answered")
        deaf.append(s)
    said = lab.slash64("log", "--follow", check=False)
    check(said.returncode == 1 and "64 follow the log already" in said.stderr, "one too many: %r" % said.stderr)
    before = memory()
    text = "".join("2001:db8:fa:%x::/64\n" % i for i in range(5000))
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "deaf", input=text)
    check_equal(log(lab)[-1]["number"], last + 5001, "the changes")
    check(memory() - before < 30000, "KiB more for 64 readers: %d" % (memory() - before))
    for s in deaf:
        s.close()
    follower = Follower(lab, "--limit", "1")
    wait_for(follower.rows, 10, "there is room again")
    follower.end()


class Journal:
    """A socket in place of journald's, in a mount namespace of slash64d's own."""

    def __init__(self, lab):
        self.directory = os.path.join(lab.dir, "journal")
        os.makedirs(self.directory, exist_ok=True)
        self.path = os.path.join(self.directory, "socket")
        self.entries = []
        self.open()
        self.wrap = ("unshare", "--mount", "sh", "-c",
                     "mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && mkdir /run/systemd/journal && "
                     "mount --bind %s /run/systemd/journal && exec \"$@\"" % self.directory, "sh")

    def open(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()
        os.unlink(self.path)

    def read(self):
        """All entries so far; the test has no values with line breaks."""
        while True:
            try:
                data = self.socket.recv(65536).decode()
            except BlockingIOError:
                return self.entries
            self.entries.append(dict(line.split("=", 1) for line in data.splitlines()))


@test
def every_change_and_every_refusal_is_in_the_journal_with_fields(lab):
    """issue 16 line 7; without journald they go to standard error"""
    lab.stop()
    journal = Journal(lab)
    lab.start(wrap=journal.wrap)
    at = len(lab.logged())
    lab.slash64("block", "2001:db8:10a::/64", "--for", "1h", "--reason", "echo flood", "--ticket", "T-9")
    entry = wait_for(lambda: [e for e in journal.read() if e.get("SLASH64_PREFIX") == "2001:db8:10a::/64"], 5, "its line")[0]
    row = log(lab)[-1]
    check_equal({k: v for k, v in entry.items() if k.startswith("SLASH64_") and k != "SLASH64_FROM"},
                {"SLASH64_ACTION": "block", "SLASH64_PREFIX": "2001:db8:10a::/64", "SLASH64_REASON": "echo flood",
                 "SLASH64_TICKET": "T-9", "SLASH64_ACTOR": "root", "SLASH64_ORIGIN": "operator",
                 "SLASH64_UNTIL": row["until"], "SLASH64_NUMBER": str(row["number"])}, "its fields")
    check_equal(entry["MESSAGE"], "block 2001:db8:10a::/64 until %s, origin operator: echo flood [T-9] (root)" % row["until"],
                "its message")
    lab.slash64("block", "fe80::/10", "--reason", "all of it", check=False)
    entry = wait_for(lambda: [e for e in journal.read() if "SLASH64_REFUSED" in e], 5, "the refusal")[0]
    check_equal((entry["SLASH64_ACTION"], entry["SLASH64_PREFIX"], entry["SLASH64_ACTOR"], entry["SLASH64_REASON"]),
                ("block", "fe80::/10", "root", "all of it"), "a refusal")
    check(entry["MESSAGE"].startswith("refused: block fe80::/10: "), "its message: %r" % entry)
    lab.slash64("block", "fe80::/10", "--dry-run", check=False)
    text = "".join("2001:db8:10b:%x::/64\n" % i for i in range(3000))
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "many", input=text)
    many = wait_for(lambda: [e for e in journal.read() if e.get("SLASH64_COUNT")], 10, "one line for many")
    check_equal([(e["SLASH64_ACTION"], e["SLASH64_COUNT"], e["SLASH64_ORIGIN"]) for e in many], [("block", "3000", "many")],
                "the line for many")
    check_equal(len([e for e in journal.read() if "SLASH64_REFUSED" in e]), 1, "what is only tried is not told")
    check("2001:db8:10a" not in lab.logged()[at:], "on standard error too: %r" % lab.logged()[at:])
    # journald is slow: nothing waits for it, and no entry is lost
    names = ["2001:db8:10c:%x::/64" % i for i in range(1, 61)]
    api = Api(lab.socket)
    for name in names:
        api.ask("POST", "/v1/blocks", {"prefix": name, "reason": name})
    wait_for(lambda: [e for e in journal.read() if e.get("SLASH64_PREFIX") == names[-1]], 20, "the last")
    told = [e["SLASH64_PREFIX"] for e in journal.read() if e.get("SLASH64_PREFIX", "").startswith("2001:db8:10c:")]
    check(told == names, "each, in order: %d of %d" % (len(told), len(names)))
    journal.close()
    lab.slash64("block", "2001:db8:10d::/64", "--reason", "nobody there")
    wait_for(lambda: "block 2001:db8:10d::/64, origin operator: nobody there (root)" in lab.logged()[at:], 5,
             "the line on standard error")
    lab.stop()
    lab.start()


# Statements of the first version of the store. Never change them here: such stores exist.
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
    """hostile 37: an older one hides neither itself nor others."""
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


def position_of(notify):
    """The last change of the log that slash64-notify knows; None: it has not asked yet."""
    try:
        with sqlite3.connect(os.path.join(notify.dir, "queue.db"), timeout=5) as db:
            return (db.execute("SELECT number FROM position").fetchone() or [None])[0]
    except sqlite3.OperationalError:
        return None  # it is just made


@test
def slash64_notify_tells_every_change_of_slash64d_also_over_its_kills(lab):
    hook, notify = Hook(), Lab()
    try:
        told_to(lab, hook, notify)
    finally:
        notify.close()
        hook.stop()


def told_to(lab, hook, notify):
    settings = {"socket": lab.socket, "state": notify.dir, "receivers": [
        {"name": "hook", "webhook": {"url": "http://[::1]:%d/" % hook.port}}]}
    path = os.path.join(notify.dir, "notify.yaml")
    with open(path, "w") as f:
        json.dump(settings, f)
    prefix = "2001:db8:bad:7e11::/64"
    lab.slash64("block", prefix)
    lab.slash64("unblock", prefix)
    first = log(lab)[-1]["number"]
    notify.run(path)
    wait_for(lambda: position_of(notify) is not None, 20, "it has not begun: %s" % notify.read())
    lab.slash64("block", prefix)
    wait_for(lambda: hook.taken, 20, "nothing arrives")
    for _ in range(3):
        lab.slash64("edit", prefix, "--ticket", "T-9")
        lab.stop(signal.SIGKILL)
        lab.start()
        lab.slash64("edit", prefix, "--ticket", "T-8")
    lab.slash64("unblock", prefix)
    told = [row for row in log(lab) if row["number"] > first]
    wait_for(lambda: len(hook.taken) >= len(told), 20, "it is not told all")
    check_equal([body for body, _ in hook.taken], told, "what the webhook was told")


main(lambda lab: lab.start(lab.config("", on_exit="keep")))
