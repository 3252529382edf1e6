#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""No turn of slash64d's loop is long, however much work there is: a status request is answered as
fast as at any other time. ENTRIES=1000000 does it with a million."""
import http.client
import os
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api
from harness import check, check_between, check_equal, is_plain_build, main, test
from lab import BAD_1, BAD_2, BUILD, wait_for

ENTRIES = int(os.environ.get("ENTRIES", "100000"))
MANY = max(ENTRIES, 200000)  # enough that turns which are too long would not be rare exceptions
LOG_ROWS = int(os.environ.get("LOG_ROWS", "300000"))
ADDRESSES = int(os.environ.get("ADDRESSES", "20000"))  # of one source
CONFIGURED = int(os.environ.get("CONFIGURED", "8000"))  # entries of each list of a configuration
GOOD = "2001:db8:900d:1::/64"
WORST_S = 0.5  # about 15 ms on an idle machine; it used to be seconds
LONGEST_MS = 50  # of CPU time: the limit is meant to be 5, and interrupts count too
TOO_LONG_MAX = 5  # turns above 7 ms (turn_watch.c), for the same reason; there used to be dozens
TURNS_BYTES = 24
LOG_BYTES = 4 << 20


def database(lab):
    return os.path.join(lab.dir, "state", "slash64.db")


class Watch:
    """Requests the status again and again, and keeps the slowest answer."""

    def __init__(self, lab):
        self.lab, self.over, self.took, self.answers = lab, threading.Event(), [], []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        api = Api(self.lab.socket)
        while not self.over.is_set():
            began = time.monotonic()
            api.ask("GET", "/v1/status")
            self.took.append(time.monotonic() - began)
            self.answers.append((began, time.monotonic()))
            time.sleep(0.002)
        api.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def worst(self):
        return max(self.took)

    def answered(self, began, ended):
        """Requests made and answered in that time."""
        return sum(began < a and b < ended for a, b in self.answers)


class Turns:
    """The longest turn of the loop, in CPU time (turn_watch.c). A sanitized build is slower, and
    has no such limit."""

    def __init__(self, lab, what):
        self.path, self.what = os.path.join(lab.dir, "turns"), what

    def __enter__(self):
        with open(self.path, "r+b") as f:
            f.write(bytes(TURNS_BYTES))
        return self

    def __exit__(self, kind, *_):
        with open(self.path, "rb") as f:
            longest, turns, too_long = struct.unpack("QQQ", f.read(TURNS_BYTES))
        if kind or not is_plain_build():
            return
        print("# %s: the longest of %d turns took %.1f ms, and %d more than they should" %
              (self.what, turns, longest / 1e6, too_long), flush=True)
        check(turns > 0, "no turn was seen")
        check(longest <= LONGEST_MS * 1e6, "%s: a turn took %.1f ms" % (self.what, longest / 1e6))
        check(too_long <= TOO_LONG_MAX, "%s: %d turns took more than 7 ms" % (self.what, too_long))


def start(lab, config=None):
    path = os.path.join(lab.dir, "turns")
    with open(path, "wb") as f:
        f.write(bytes(TURNS_BYTES))
    lab.start(config, env={"LD_PRELOAD": os.path.abspath(os.path.join(BUILD, "turn_watch.so")),
                           "TURN_WATCH": path} if is_plain_build() else None)


def wait_for_log(lab, api):
    """The write-ahead log goes back into the database, and restarts with the next write."""
    lab.written = getattr(lab, "written", 0)

    def is_short():
        lab.written += 1
        api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:7001:%x::/64" % lab.written})
        return api.ask("GET", "/v1/status")["store"]["log_bytes"] < LOG_BYTES
    wait_for(is_short, 60, "a short write-ahead log", step=0.05)


def idle(lab):
    """The slowest answer when there is nothing to do: others use this machine too."""
    with Watch(lab) as watch:
        time.sleep(2)
    return watch.worst()


def check_answers(lab, watch, what, times=2):
    """`times`: the test's other work on this machine takes that much of it."""
    print("# %s: status took %.1f ms at most, %.1f in the middle" %
          (what, watch.worst() * 1e3, statistics.median(watch.took) * 1e3), flush=True)
    # a single turn would have let only one or two through
    check(len(watch.took) > 20, "only %d answers" % len(watch.took))
    if watch.worst() > WORST_S:
        check(watch.worst() <= times * idle(lab), "%s: status took %.0f ms" % (what, watch.worst() * 1e3))


class SlowReader:
    """Reads the export at a pace of its own, however busy the machine is: too slowly to finish in
    time, but fast enough that the socket always takes something, because a client that takes
    nothing for half a minute is dropped."""
    BYTES_PER_S = 60000

    def __init__(self, lab):
        self.socket, self.began, self.text = socket.socket(socket.AF_UNIX), time.monotonic(), b""
        self.socket.settimeout(60)
        self.socket.connect(lab.socket)
        self.socket.sendall(b"GET /v1/export HTTP/1.1\r\nHost: x\r\n\r\n")
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.wait(0.05):
            while len(self.text) < (time.monotonic() - self.began) * self.BYTES_PER_S:
                said = self.socket.recv(4096)
                if not said:  # the end of the answer
                    return
                self.text += said

    def rest(self):
        self.over.set()
        self.thread.join()
        said = b"x"
        while said and b"not read within" not in self.text[-400:]:
            said = self.socket.recv(1 << 20)
            self.text += said
        self.socket.close()
        return self.text


def import_for(lab, lines, seconds, origin="many"):
    done = subprocess.run([lab.cli, "--socket", lab.socket, "import", "-", "--origin", origin, "--for",
                           "%ds" % seconds], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60)
    check_equal(done.returncode, 0, "exit code of the import (%s)" % done.stderr)


def wait_for_ends(lab, api, count):
    def left():
        return api.ask("GET", "/v1/status")["maps"]["blocks"]

    began = time.monotonic()
    wait_for(lambda: left() <= count, 60, "the ends", step=0.02)
    return time.monotonic() - began


class Holder:
    """Another process that has the store to itself."""

    def __init__(self, lab):
        self.process = lab.spawn("edge", "/usr/bin/python3", "-c",
                                 "import sqlite3,time\ndb=sqlite3.connect(%r,isolation_level=None)\n"
                                 "db.execute('BEGIN EXCLUSIVE')\nprint('held',flush=True)\ntime.sleep(120)" %
                                 database(lab))
        check_equal(self.process.stdout.readline(), "held\n", "the holder")

    def let_go(self):
        self.process.kill()
        self.process.wait()


def refused_at_once(lab, *words):
    began = time.monotonic()
    done = lab.slash64(*words, check=False)
    took = time.monotonic() - began
    check(done.returncode == 1 and done.stderr.count("\n") == 1, "it said %r" % done.stderr)
    check("another process holds the store" in done.stderr and "try again" in done.stderr, "it said " + done.stderr)
    check(took < 0.5, "%s took %.1f s" % (words, took))


def comes(lab, prefix):
    return lab.arriving(prefix, rate=400, seconds=0.5).get(prefix, {}).get("packets", 0)


@test
def a_store_that_another_process_holds_is_told_of_and_ends_come_in_time(lab):
    """hostile 33: every command took 2 to 8 s, answers broke off, stopping took long, and nothing
    was logged"""
    api = Api(lab.socket)
    lab.slash64("block", BAD_1, "--for", "3s")
    lab.slash64("block", BAD_2)
    began = time.monotonic()
    holder = Holder(lab)
    try:
        with Watch(lab) as watch:
            refused_at_once(lab, "block", GOOD)
            refused_at_once(lab, "unblock", BAD_2)
            refused_at_once(lab, "allow", GOOD)
            wait_for(lambda: lab.status()["store"]["held"], 5, "status to say so")
            check("slash64_store_held 1\n" in lab.slash64("metrics").stdout, "the metrics do not tell")
            check("holds the store" in lab.slash64("status", check=False).stdout, "status does not tell a person")
            wait_for(lambda: time.monotonic() - began > 3.3, 5, "the end")
            check_between(190, comes(lab, BAD_1), 201, "packets of what has ended")
            check_equal(comes(lab, BAD_2), 0, "packets of what is blocked")
            check(comes(lab, GOOD) > 190, "what was refused is in force")
            check_equal([b["prefix"] for b in lab.json("list")], [BAD_2], "the list")
        check_answers(lab, watch, "a store that is held", times=5)
        # a process that starts now has to do without it too
        lab.stop(9)
        start(lab)
        check(comes(lab, BAD_1) > 190, "what has ended is in force again after a start")
        check_equal(comes(lab, BAD_2), 0, "packets of what is blocked, after a start")
    finally:
        holder.let_go()
    wait_for(lambda: not lab.status()["store"]["held"], 5, "status to say that it is free")
    check("slash64_store_held 0\n" in lab.slash64("metrics").stdout, "the metrics do not tell")
    lab.slash64("unblock", BAD_2)
    wait_for(lambda: BAD_1 in [r["prefix"] for r in lab.json("log", "--limit", "5") if r["action"] == "end"], 5,
             "the row of the end")
    check_equal(lab.json("list"), [], "the list at last")
    api.close()


def sources(first, count):
    return ["2001:db8:%x:%x::/64" % (first + i // 60000, 1 + i % 60000) for i in range(count)]


@test
def many_that_end_together_keep_nobody_waiting(lab):
    """hostile 13: 300,000 blocks stopped it for 4.4 s, and 120,000 prefixes for 5.6 s, each as long as there were others
    behind it. Somebody reads slowly meanwhile, so that the write-ahead log is kept, and another process holds the store, so that
    all of them wait in it until it lets go (issue 13, line 9)."""
    prefixes = min(ENTRIES, 120000)
    lines = sources(0x4000, ENTRIES) + ["2001:db8:%x:%x::/63" % (0x5000 + i // 30000, 2 * (1 + i % 30000))
                                      for i in range(prefixes)]
    api, seconds = Api(lab.socket), 8 + len(lines) // 100000
    import_for(lab, sources(0x6000, 50000), 3600, "stays")
    import_for(lab, lines, seconds)
    ends = time.monotonic() + seconds - 1
    lab.slow = SlowReader(lab)
    time.sleep(max(0, ends - time.monotonic()))
    holder = Holder(lab)
    with Watch(lab) as watch, Turns(lab, "ends"):
        wait_for_ends(lab, api, 50000)
        # they leave the tables before slash64d checks whether the store is held
        wait_for(lambda: api.ask("GET", "/v1/status")["store"]["held"], 5, "status to say that the store is held")
        holder.let_go()
        store = sqlite3.connect("file:%s?mode=ro" % database(lab), uri=True)
        wait_for(lambda: not store.execute("SELECT 1 FROM block WHERE origin = 'many' LIMIT 1").fetchall(), 120,
                 "the end in the store")
    logged = store.execute("SELECT count(*) FROM change WHERE action = 'end' AND origin = 'many'").fetchone()[0]
    store.close()
    api.close()
    check_answers(lab, watch, "%d sources and %d prefixes end" % (ENTRIES, prefixes))
    check_equal(logged, len(lines), "rows of the log")


@test
def who_reads_slowly_keeps_the_write_ahead_log_from_nothing(lab):
    """hostile 20: it grew without end"""
    if not hasattr(lab, "slow"):
        import_for(lab, sources(0x6000, 50000), 3600, "stays")
        lab.slow = SlowReader(lab)
    api, kept, i = Api(lab.socket), 0, 0
    while time.monotonic() - lab.slow.began < 31 or kept > 8 << 20:
        check(time.monotonic() - lab.slow.began < 90, "the write-ahead log stays at %d bytes" % kept)
        for _ in range(20):
            i += 1
            api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:7000:%x::/64" % (1 + i % 60000)})
        kept = api.ask("GET", "/v1/status")["store"]["log_bytes"]
        time.sleep(0.1)
    check(b"not read within" in lab.slow.rest(), "the answer does not say that it was broken off")
    api.close()
    del lab.slow
    empty(lab, "stays")


def empty(lab, origin):
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", origin, "--replace", "--force", input="")


class Import:
    """An import that is complete except for its commit."""

    def __init__(self, lab, lines, **options):
        self.api = Api(lab.socket, timeout=120)
        self.id = self.api.ask("POST", "/v1/imports", **options)["import"]
        for at in range(0, len(lines), 2000):
            self.api.ask("POST", "/v1/imports/text", "\n".join(lines[at:at + 2000]) + "\n", **{"import": self.id})

    def commit(self):
        try:
            return self.api.ask("POST", "/v1/imports/commit", **{"import": self.id})
        finally:
            self.api.close()


def count_others_served(lab, what, action):
    """However fast or busy the machine is: a single turn serves nobody meanwhile."""
    with Watch(lab) as watch, Turns(lab, what):
        began = time.monotonic()
        said = action()
        ended = time.monotonic()
        wait_for_log(lab, lab.api)
    served = watch.answered(began, ended)
    print("# %s in %.2f s: %d others answered, after %.1f ms at most" %
          (what, ended - began, served, watch.worst() * 1e3), flush=True)
    lab.served = getattr(lab, "served", 0) + served
    return said


@test
def many_that_are_imported_listed_allowed_and_restored_keep_nobody_waiting(lab):
    """issue 13, line 9: an import was one turn, and so was a list that is sorted or finds nothing;
    and one turn copied everything it had written back from the write-ahead log."""
    api, half = Api(lab.socket), MANY // 2
    lab.api = Api(lab.socket)
    many, others = sources(0x4000, MANY), sources(0x4000, half) + sources(0x4800, half)
    first = Import(lab, many, origin="many")
    meanwhile = threading.Timer(0.02, Api(lab.socket).ask, ("POST", "/v1/blocks", {"prefix": BAD_1}))
    meanwhile.start()
    said = count_others_served(lab, "an import", first.commit)
    check_equal(said["added"], MANY, "added")
    meanwhile.join()
    check_equal([b["origin"] for b in lab.json("list", BAD_1)], ["operator"], "a block that came meanwhile")
    backup = lab.slash64("export").stdout.splitlines()
    replace = Import(lab, others, origin="many", replace=1)
    said = count_others_served(lab, "a list that is replaced", replace.commit)
    check_equal((said["added"], said["removed"], said["unchanged"]), (half, half, half), "the difference")
    count_others_served(lab, "a list by hits", lambda: [api.ask("GET", "/v1/blocks", limit=1, sort="hits", reason=r)
                                                              for r in ("", "nowhere")])
    allow = {"prefix": "2001:db8:4000::/47"}
    count_others_served(lab, "an allowed prefix", lambda: api.ask("POST", "/v1/allowlist", allow))
    api.ask("DELETE", "/v1/allowlist", **allow)
    restore = Import(lab, backup, restore=1)
    said = count_others_served(lab, "a restore", restore.commit)
    check_equal(said["added"], half, "restored")
    check(lab.served >= 3, "%d others were answered meanwhile" % lab.served)
    api.close()
    lab.api.close()
    empty(lab, "many")


@test
def a_list_that_is_one_json_document_keeps_nobody_waiting(lab):
    """issue 13, line 9: 30,000 decisions of CrowdSec were one turn of 160 ms"""
    decision = '{"duration":"23h","scenario":"x/y","scope":"Ip","type":"ban","value":"%s1"}'
    text = '{"new":[' + ",".join(decision % s.split("/")[0] for s in sources(0x4000, 30000)) + '],"deleted":null}'
    api = Api(lab.socket, timeout=60)
    name = {"import": api.ask("POST", "/v1/imports", origin="crowd", format="crowdsec")["import"]}
    with Turns(lab, "a JSON document"):
        for at in range(0, len(text), 400000):
            api.ask("POST", "/v1/imports/text", text[at:at + 400000], **name)
        check_equal(api.ask("POST", "/v1/imports/commit", **name)["added"], 30000, "added")
    api.close()
    empty(lab, "crowd")


@test
def many_readers_of_lists_share_a_turn(lab):
    """issue 13, line 9: each of them had a millisecond of each turn"""
    import_for(lab, sources(0x4000, 20000), 3600)

    def read_all():
        api = Api(lab.socket, timeout=60)
        api.request("GET", "/v1/export")
        counts.append(api.getresponse().read().count(b"\n"))
        api.close()

    counts = []

    readers = [threading.Thread(target=read_all) for _ in range(24)]
    with Turns(lab, "24 exports"):
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    check_equal(len(counts), 24, "exports")
    check(min(counts) == max(counts) >= 20000, "lines of an export: %s" % counts)
    empty(lab, "many")


@test
def a_source_listed_by_very_many_addresses_keeps_nobody_waiting(lab):
    """issue 13, line 9: with 50,000 addresses of one source listed, a lookup was one turn of 700 ms, each block and
    unblock of an address had turns of 75 ms, and taking all of them back read all of them for each"""
    api, source = Api(lab.socket), "2001:db8:adda:1::/64"
    lines = ["2001:db8:adda:1::%x" % i for i in range(1, ADDRESSES + 1)]

    def watched(what, method, path, *body, **query):
        with Turns(lab, what):
            answer = api.ask(method, path, *body, **query)
        return answer

    full = Import(lab, lines, origin="many")
    with Turns(lab, "addresses of one source"):
        check_equal(full.commit()["added"], ADDRESSES, "added")
    said = watched("a lookup", "GET", "/v1/lookup", address=lines[-1])
    check_equal(said["verdict"], "blocked", "the verdict")
    check(said["blocks_truncated"] and len(said["blocks"]) <= 102, "%d blocks in an answer" % len(said["blocks"]))
    check(lines[-1] in [b["address"] for b in said["blocks"]], "the address itself is not in the answer")
    one = {"prefix": "2001:db8:adda:1:1::1"}
    watched("one more address", "POST", "/v1/blocks", one)
    watched("an edit of it", "PATCH", "/v1/blocks", dict(one, reason="x"))
    watched("an address less", "DELETE", "/v1/blocks", **one)
    check("it stays blocked by" in watched("another one less", "DELETE", "/v1/blocks", prefix=lines[7])["note"],
          "nothing is said of the others")
    few = Import(lab, lines[7:9], origin="many")
    with Turns(lab, "an import of two of them"):
        check_equal(few.commit()["added"], 1, "added again")
    with Turns(lab, "a list of them"):
        check_equal(len(lab.json("list", source, "--addresses")), ADDRESSES, "listed")
    watched("all of them less", "DELETE", "/v1/blocks", prefix=source)
    check_equal(lab.json("list", source), [], "what is left")
    api.close()


@test
def a_configuration_of_very_many_entries_keeps_nobody_waiting(lab):
    """issue 13, line 9: it was read in one turn, 100 ms for 60,000 entries, and so were its rows made and released"""
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text + "".join("%s:\n%s" % (key, "".join(
            "  - {prefix: 2001:db8:%x:%x::%s, reason: listed}\n" % (first + i // 30000, 1 + i % 30000, end)
            for i in range(CONFIGURED))) for key, first, end in (("block", 0xc000, "/64"), ("peers", 0xd000, "1"))))
    api = Api(lab.socket, timeout=60)
    with Turns(lab, "a reload of %d entries" % (2 * CONFIGURED)):
        check(api.ask("POST", "/v1/reload")["differences_count"] >= 2 * CONFIGURED, "differences")
    with Turns(lab, "the configured rows"):
        check(len(api.ask("GET", "/v1/policy", configured=1)) >= 2 * CONFIGURED, "rows")
    with open(config, "w") as f:
        f.write(text)
    with Turns(lab, "a reload without them"):
        check(api.ask("POST", "/v1/reload", for_seconds=1)["differences_count"] >= 2 * CONFIGURED, "differences")
    with Turns(lab, "their return, as nobody confirms that (find 9)"):
        wait_for(lambda: api.ask("GET", "/v1/status")["confirmation"]["state"] == "returned", 60, "their return", step=0.05)
    check(api.ask("POST", "/v1/reload")["differences_count"] >= 2 * CONFIGURED, "differences")
    api.close()


@test
def an_import_that_is_killed_in_the_middle_is_there_whole_or_not_at_all(lab):
    """Its transaction stays open over many turns"""
    cut = Import(lab, sources(0x4c00, ENTRIES), origin="cut")
    thread = threading.Thread(target=ends_badly, args=(cut,))
    thread.start()
    time.sleep(0.05)
    lab.stop(9)
    thread.join()
    start(lab)
    there = len(lab.json("list", "--origin", "cut"))
    check(there in (0, ENTRIES), "%d of %d are there" % (there, ENTRIES))
    check_equal(lab.status()["maps"]["blocks"], len({b["prefix"] for b in lab.json("list")}), "what is in force")
    empty(lab, "many")
    empty(lab, "cut")


def ends_badly(cut):
    try:
        cut.commit()
    except (OSError, http.client.HTTPException):
        pass


def fill_log(lab, rows):
    """As if that much had happened; the daemon is down."""
    db = sqlite3.connect(database(lab), isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    now = int(time.time() * 1000)
    db.execute("BEGIN")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
               "INSERT INTO change (at_ms, action, who, source, address, length, origin) "
               "SELECT ? - ? + i, 'block', 'test', 'test', unhex_prefix(i), 64, 'x' FROM n".replace(
                   "unhex_prefix(i)", "CAST(printf('%16d', i) AS BLOB)"), (rows, now - 60000, rows))
    db.execute("COMMIT")
    db.close()


@test
def a_long_log_is_shortened_quickly_and_keeps_nobody_waiting(lab):
    """hostile 38: 400 rows a second at most, so a smaller log.changes took hours"""
    lab.stop()
    fill_log(lab, LOG_ROWS)
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    start(lab)
    with open(config, "w") as f:
        f.write(text + "log: {changes: 1000}\n")
    with Watch(lab) as watch:
        lab.slash64("reload")
        began = time.monotonic()
        wait_for(lambda: shortest(lab) <= 1001, 120, "a log of 1,000 rows")
        took = time.monotonic() - began
    check_answers(lab, watch, "a log of %d rows is shortened in %.1f s" % (LOG_ROWS, took))
    lab.stop()
    with open(config, "w") as f:
        f.write(text)
    start(lab)


def shortest(lab):
    db = sqlite3.connect("file:%s?mode=ro" % database(lab), uri=True)
    try:
        low, high = db.execute("SELECT (SELECT min(number) FROM change), (SELECT max(number) FROM change)").fetchone()
    finally:
        db.close()
    return high - low + 1


def prepare(lab):
    config = lab.config("", on_exit="keep")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("pins: ", "prefixes: 262144, pins: "))
    start(lab, config)


main(prepare)
