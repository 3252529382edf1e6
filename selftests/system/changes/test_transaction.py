#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A reload is one change, and so is a start: either all of it is in force, or nothing has changed
anywhere."""
import contextlib
import json
import os
import socket
import sqlite3
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from bpf_maps import BPFTOOL, values_of
from harness import check, check_equal, main, needs_plain_build, test
from lab import BAD_1, BAD_2, BUILD, ISP_WAN, LabError, wait_for
from snapshot import check_same, keys_of, snapshot, store_of

PEER = "2001:db8:7e:1::1"
PEER_NET = "2001:db8:7e:1::/64"
ALLOWED = "2001:db8:a11::/48"
WITHIN = "2001:db8:a11:5::/64"  # blocked by hand, with force; not in force while ALLOWED is in force
SOURCES = "sources: {lengths: [{prefix: '2001:db8:ba0::/48', length: 56}]}"
STATE = "state: %s/state\nmaps: {pins: %s, blocks: 1024, prefixes: 1024}"
BASE = ("peers: [%s]\nallow: [%s]\nblock: [{prefix: %s, reason: static}, 2001:db8:bad:40::/60]\n"
        "policy: {bogons: monitor}" % (PEER, ALLOWED, BAD_1))


def write(lab, text, ifaces="[{name: wan0}]", on_exit="keep"):
    path = lab.config(ifaces=ifaces, on_exit=on_exit)
    with open(path) as f:
        lines = [line for line in f.read().splitlines() if not line.startswith(("state:", "maps:"))]
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n" + STATE % (lab.dir, lab.pins) + "\n" + text + "\n")
    return path


def prepare(lab):
    lab.ip("edge", "link", "add", "plain0", "type", "bridge")
    lab.ip("edge", "link", "set", "plain0", "up")
    lab.start(write(lab, BASE))
    lab.slash64("block", WITHIN, "--force")
    lab.slash64("throttle", BAD_2, "--rate", "100")


def passes(lab):
    return lab.ping("attacker", count=2, source="2001:db8:bad:1::66") < 100


def is_guarded(lab):
    return "configured peer" in lab.slash64("block", PEER_NET, "--dry-run", check=False).stdout + \
        lab.slash64("block", PEER_NET, "--dry-run", check=False).stderr


def check_refused(lab, text, *words, **kw):
    """A reload of it is refused, and nothing at all has changed."""
    before = snapshot(lab)
    write(lab, text, **kw)
    done = lab.slash64("reload", check=False)
    check_equal(done.returncode, 1, "exit code of a reload that %s" % (done.stdout.strip() or "says nothing"))
    for word in words:
        check(word in done.stderr, "'%s' is not in: %s" % (word, done.stderr.strip()))
    check_same(before, snapshot(lab), done.stderr.strip())
    check(is_guarded(lab), "the peer is not guarded any more")
    check(not passes(lab), "the blocked source passes")


def check_in_force(lab, text, **kw):
    write(lab, text, **kw)
    lab.slash64("reload")


@test
def allowed_prefixes_that_are_too_many_change_nothing(lab):
    """hostile 3: all but the last were in force, peers were not protected any more, and the source
    was open."""
    allows = ", ".join("2001:db8:%x:%x::/64" % (0xa000 + i // 256, i % 256) for i in range(1100))
    check_refused(lab, "allow: [%s, %s]" % (BAD_1, allows), "no room", "maps.prefixes")


@test
def blocks_that_are_too_many_change_nothing(lab):
    """hostile 3"""
    blocks = ", ".join("2001:db8:%x:%x::/64" % (0xb000 + i // 256, i % 256) for i in range(1100))
    check_refused(lab, "block: [%s]" % blocks, "full", "maps.blocks")


@test
def a_block_that_a_guard_rail_refuses_changes_nothing(lab):
    """hostile 3, with everything else that a file can change."""
    check_refused(lab, "block: [%s, 2001:db8:bad:9::/64]\nallow: [%s]\npolicy: {bogons: enforce}\n"
                  "sources: {lengths: [{prefix: '2001:db8:ba0::/48', length: 56}]}" % (ISP_WAN, BAD_1),
                  "next hop of the default route")


@test
def a_block_within_an_allowed_prefix_of_the_file_changes_nothing(lab):
    check_refused(lab, "allow: [%s]\nblock: ['2001:db8:a11:7::/64']" % ALLOWED, "within the allowed prefix")


@test
def an_interface_that_cannot_be_attached_to_changes_nothing(lab):
    """hostile 3: it is the last to fail, after everything else is ready."""
    check_refused(lab, "allow: ['2001:db8:c00::/40']\nblock: [2001:db8:bad:9::/64, 2001:db8:d0c::/48]\n"
                  "policy: {filter: monitor}\n",
                  "native", ifaces="[{name: wan0}, {name: plain0, mode: native}]")


@test
def other_rules_about_sources_that_are_refused_change_nothing(lab):
    check_refused(lab, SOURCES + "\nblock: [2001:db8:ba0:100::/56, 2001:db8:bad:9::/64]",
                  "native", ifaces="[{name: wan0}, {name: plain0, mode: native}]")


@test
def what_is_taken_is_all_in_force(lab):
    check_in_force(lab, "allow: ['2001:db8:c00::/40']\nblock: [2001:db8:bad:9::/64]\npolicy: {classes: {node-information: drop}}")
    listed = {b["prefix"]: b for b in lab.json("list")}
    check("2001:db8:bad:9::/64" in listed and BAD_1 not in listed, "the list: %s" % sorted(listed))
    check(listed[WITHIN]["in_force"], "what was within the allowed prefix is not in force")
    check(passes(lab), "what is not blocked any more does not pass")
    check_equal([a["prefix"] for a in lab.json("allow")], ["2001:db8:c00::/40"], "allowed")
    check_equal([r["action"] for r in lab.json("log")].count("reload"), 1, "rows of reloads")
    check_in_force(lab, BASE)
    check(not passes(lab), "it passes")
    check(is_guarded(lab), "the peer is not guarded")


@test
def other_rules_about_sources_are_in_force_and_gone(lab):
    check_in_force(lab, BASE + "\n" + SOURCES)
    check(not passes(lab), "it passes")
    check_in_force(lab, "peers: [%s]\n%s" % (PEER, SOURCES))
    check(passes(lab), "what is not blocked any more does not pass")
    check_in_force(lab, BASE)
    check(not passes(lab), "it passes")


def programs(lab):
    return {name: json.loads(lab.ip("edge", "-j", "link", "show", "dev", name).stdout)[0].get("xdp", {}).get("prog")
            for name in ("wan0", "lan0")}


def check_a_commit_that_fails_leaves_interfaces(lab):
    """hostile 4: it fails at its last step. An interface detached by hand is not attached again,
    the one to be removed keeps its very program, and the mode is the earlier one."""
    def modes():
        return [(i["name"], i["state"], i["mode"], i["detached_by"], i["since"]) for i in lab.status()["interfaces"]]

    before, modes_before = (snapshot(lab), programs(lab)), modes()
    check_equal([m[:3] for m in modes_before], [("wan0", "attached", "native"), ("lan0", "detached", "none")], "at first")
    for ifaces in ("[{name: wan0}, {name: lan0}]", "[{name: lan0}]", "[{name: wan0, mode: generic}]"):
        write(lab, BASE.replace("monitor", "enforce"), ifaces=ifaces)
        done = lab.slash64("reload", check=False)
        check_equal((done.returncode, "full" in done.stderr), (1, True), "%s: it said %r" % (ifaces, done.stderr))
        check_equal(modes(), modes_before, "interfaces, after a reload to " + ifaces)
        if "generic" not in ifaces:
            check_equal(programs(lab), before[1], "programs, after a reload to " + ifaces)
        if ifaces == "[{name: lan0}]":
            check_same(before[0], snapshot(lab), "two reloads")
    done = lab.slash64("attach", "wan0", "--mode", "generic", check=False)
    check_equal((done.returncode, "full" in done.stderr), (1, True), "it said %r" % done.stderr)
    check_equal(modes(), modes_before, "interfaces, after an attach in another mode")
    check_a_commit_that_fails_leaves_a_renamed_interface(lab)


def check_a_commit_that_fails_leaves_a_renamed_interface(lab):
    """found by the model: the file also has its present name, and after a failure it stayed open
    for good"""
    try:
        lab.ip("edge", "link", "set", "wan0", "name", "ext0")
    except LabError:
        return  # this kernel does not rename an interface that is up
    try:
        write(lab, BASE.replace("monitor", "enforce"), ifaces="[{name: wan0}, {name: ext0}]")
        done = lab.slash64("reload", check=False)
        check_equal((done.returncode, "full" in done.stderr), (1, True), "it said %r" % done.stderr)
        link = json.loads(lab.ip("edge", "-j", "link", "show", "dev", "ext0").stdout)[0]
        check(link.get("xdp", {}).get("prog"), "the interface is open: %r" % link)
    finally:
        lab.ip("edge", "link", "set", "ext0", "name", "wan0")


@test
def a_full_disk_changes_nothing(lab):
    """hostile 3, line 2"""
    lab.stop()
    state = os.path.join(lab.dir, "state")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", state], check=True)
    try:
        lab.start(write(lab, BASE, ifaces="[{name: wan0}, {name: lan0}]"))
        lab.slash64("throttle", BAD_2, "--rate", "100")
        lab.slash64("detach", "lan0")
        with open(os.path.join(state, "filler"), "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        blocks = ", ".join("2001:db8:bad:%x::/64" % (0x1000 + i) for i in range(900))
        check_refused(lab, "block: [%s]\nallow: [%s]\npolicy: {filter: monitor}" % (blocks, BAD_1), "full")
        check_a_commit_that_fails_leaves_interfaces(lab)
    finally:
        lab.stop()
        subprocess.run(["umount", state], check=True)
    lab.start(write(lab, BASE))


@test
def entries_in_force_never_make_a_reload_fail(lab):
    """line 5: a host that becomes a next hop after it was blocked cannot prevent the rest of a
    reload."""
    host = "2001:db8:0:1::77"
    check_in_force(lab, BASE.replace("block: [", "block: [%s/128, " % host))
    lab.ip("edge", "-6", "route", "add", "2001:db8:77::/48", "via", host)
    try:
        check_in_force(lab, BASE.replace("block: [", "block: [%s/128, 2001:db8:bad:9::/64, " % host))
        listed = [b["prefix"] for b in lab.json("list")]
        check("2001:db8:bad:9::/64" in listed and host + "/128" in listed, "the list: %s" % listed)
    finally:
        lab.ip("edge", "-6", "route", "del", "2001:db8:77::/48", "via", host)
        check_in_force(lab, BASE)


BAD_ENTRIES = "\nblock: [%s, '2001:db8:a11:7::/64', '64:ff9b::/64', %s]\nallow: ['%s']\n" % (BAD_1, ISP_WAN, ALLOWED)


@test
def a_start_leaves_out_what_it_cannot_block_and_takes_the_rest(lab):
    """documents D5: a block within an allowed prefix, or within 64:ff9b::/64, made the start fail."""
    lab.stop()
    before = len(lab.logged())
    config = write(lab, "peers: [%s]" % PEER + BAD_ENTRIES)
    done = subprocess.run([os.path.join(BUILD, "slash64d"), "--config", config, "--check"], capture_output=True,
                          text=True)
    check_equal(done.returncode, 1, "exit code of --check")
    for word in ("within the allowed prefix", "64:ff9b::/64"):
        check(word in done.stderr, "--check does not tell of '%s': %s" % (word, done.stderr))
    lab.start(config)
    logged = lab.logged(before)
    for word in ("within the allowed prefix", "64:ff9b::/64 is not blocked", "next hop of the default route"):
        check(word in logged, "'%s' is not in the log: %s" % (word, logged))
    check_equal(logged.count("; skipped"), 3, "entries that are left out")
    listed = [b["prefix"] for b in lab.json("list") if b["origin"] == "config"]
    check_equal(listed, [BAD_1], "blocks of the configuration")
    check_in_force(lab, BASE)


def start_is_refused(lab, config, word):
    before = snapshot(lab, answers=False)
    try:
        lab.start(config)
    except LabError as error:
        check(word in str(error), "'%s' is not in: %s" % (word, error))
    else:
        check(False, "it started")
    check_same(before, snapshot(lab, answers=False), "a start that is refused: " + word)


@test
def a_start_that_is_refused_changes_nothing(lab):
    """line 2: filtering continues as an earlier run has left it."""
    lab.stop()
    text = "block: [2001:db8:bad:9::/64]\nallow: [%s]\npolicy: {filter: monitor, bogons: enforce}\n" \
        "%s\n" % (BAD_1, SOURCES)
    start_is_refused(lab, write(lab, text, ifaces="[{name: plain0, mode: native}]"), "native")
    blocker = socket.socket(socket.AF_UNIX)
    blocker.bind(lab.socket)
    blocker.listen()
    start_is_refused(lab, write(lab, text), "another slash64d answers")
    blocker.close()
    check(not passes(lab), "the blocked source passes")
    lab.start(write(lab, BASE))


# --- throttles ---

def rates_in_store(lab):
    return [row for row in lab.json("list") if row["kind"] == "throttle"]


@test
def a_list_of_more_rates_than_there_are_takes_none_away(lab):
    """hostile 7: a source listed at 50/s, in force, passed 6,000 of 6,000."""
    lab.slash64("throttle", BAD_1.replace(":1::", ":50::"), "--rate", "50")
    lines = [json.dumps({"type": "throttle", "prefix": "2001:db8:cc:%x::/64" % i, "rate": 1000 + i, "burst": 1000})
             for i in range(80)]
    path = os.path.join(lab.dir, "many.jsonl")
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    done = lab.slash64("import", path, "--origin", "many", check=False)
    listed = [r for r in rates_in_store(lab) if r["origin"] == "many"]
    check_equal(len(listed), 62, "rates that are taken beside the two there are (%s)" % done.stderr.strip())
    check("different rates" in done.stdout + done.stderr, "it does not say why: " + done.stdout + done.stderr)
    increments = increments_of(lab)
    lost = [row for row in rates_in_store(lab) if round(NS_PER_STEP / row["rate"]) not in increments]
    check_equal(lost, [], "throttles in force whose rate no limit has")


@test
def rates_that_are_not_used_any_more_make_room(lab):
    """hostile 7: a number is free when nothing refers to it, and not before."""
    lab.slash64("unblock", "2001:db8:cc::/64", "--origin", "many")
    lab.slash64("throttle", "2001:db8:cc::/64", "--rate", "77")
    check(round(NS_PER_STEP / 77) in increments_of(lab), "no limit has the new rate")
    done = lab.slash64("throttle", "2001:db8:cc:99::/64", "--rate", "78", check=False)
    check("different rates" in done.stderr, "one more is taken: " + done.stdout + done.stderr)
    path = os.path.join(lab.dir, "few.jsonl")
    with open(path, "w") as f:
        f.write(json.dumps({"type": "block", "prefix": "2001:db8:cc:98::/64"}) + "\n")
    lab.slash64("import", path, "--replace", "--origin", "many")
    lab.slash64("throttle", "2001:db8:cc:99::/64", "--rate", "78")


NS_PER_STEP = 1e9 / 16  # of a limit's increment


def increments_of(lab):
    """Those of all limits in the tables."""
    return {struct.unpack_from("<Q", value)[0] for value in values_of(os.path.join(lab.pins, "maps", "s64_limits"))}


@test
def a_throttle_behind_a_block_is_checked_when_it_is_accepted(lab):
    """documents D3: it was taken, and when the block ended, the source was blocked for ever."""
    site = "2001:db8:bad:d3::/64"
    lab.slash64("block", site)
    api = Api(lab.socket)
    try:
        api.ask("POST", "/v1/throttles", {"prefix": site, "rate": 1, "burst": 1000, "origin": "list"})
    except Refused as refused:
        check("seconds long" in str(refused), "it says: %s" % refused)
    else:
        check(False, "it was taken")
    api.ask("POST", "/v1/throttles", {"prefix": site, "rate": 10, "burst": 10, "origin": "list"})
    lab.slash64("unblock", site, "--origin", "operator")
    row = [r for r in lab.json("list") if r["prefix"] == site]
    check_equal([(r["kind"], r["origin"]) for r in row], [("throttle", "list")], "what is left")
    lab.slash64("unblock", site)


def import_sources(lab, origin, prefix, count):
    path = os.path.join(lab.dir, origin)
    with open(path, "w") as f:
        f.writelines("%s:%x::/64\n" % (prefix, i) for i in range(count))
    lab.slash64("import", path, "--origin", origin, "--force", check=False)


@test
def a_list_of_which_nothing_finds_room_changes_nothing(lab):
    """Found by an attack: it left a row that told of entries put, and that row was what an undo took back. And a list that
    is taken in part is logged with the entries that are taken."""
    import_sources(lab, "plenty", "2001:db8:f11", 1100)
    taken = len([row for row in lab.json("list") if row["origin"] == "plenty"])
    summary = [row["detail"] for row in lab.json("log") if row["action"] == "import"][-1]
    check_equal(summary, "%d put, 0 removed, %d not imported" % (taken, 1100 - taken), "the row of the list")
    before = snapshot(lab)
    import_sources(lab, "more", "2001:db8:f12", 20)
    check_same(before, snapshot(lab), "a list without room")
    lab.slash64("unblock", "--origin", "plenty", "--force")


@test
def a_strict_list_without_room_for_all_of_it_changes_nothing(lab):
    """issue 14: --strict promises all or none, and took what fitted"""
    before = snapshot(lab)
    path = os.path.join(lab.dir, "strict.txt")
    with open(path, "w") as f:
        f.write("".join("2001:db8:f11:%x::/64\n" % i for i in range(1100)))
    for words in (), ("--dry-run",), ("--origin", "s", "--replace"):
        done = lab.slash64("import", path, "--strict", *words, check=False)
        check_equal(done.returncode, 1, "exit code")
        check("all or none" in done.stderr and "no room for it" in done.stderr, done.stderr)
    check_same(before, snapshot(lab), "strict lists")
    import_sources(lab, "some", "2001:db8:f11", 600)
    backup = os.path.join(lab.dir, "strict.json")
    lab.slash64("export", "--output", backup)
    lab.slash64("unblock", "--origin", "some", "--force")
    import_sources(lab, "others", "2001:db8:f12", 600)
    done = lab.slash64("restore", backup, "--yes", "--strict", check=False)
    check_equal(done.returncode, 1, "exit code of a restore")
    check("all or none" in done.stderr, done.stderr)
    check_equal(lab.json("list", "--origin", "some"), [], "what a strict restore has left")
    lab.slash64("unblock", "--origin", "others", "--force")
    # each of two origins fits, but not both
    with open(backup, "a") as f:
        for i in range(600):
            f.write(json.dumps({"kind": "block", "prefix": "2001:db8:f12:%x::/64" % i, "origin": "more"}) + "\n")
    before = snapshot(lab)
    done = lab.slash64("restore", backup, "--yes", "--strict", check=False)
    check_equal(done.returncode, 1, "exit code of a restore of two origins")
    check("all or none" in done.stderr, done.stderr)
    check_same(before, snapshot(lab), done.stderr.strip())


@test
def a_prefix_stays_allowed_where_what_is_blocked_within_finds_no_room(lab):
    """found by the model: it was taken back, and what is blocked within was listed as in force, and passed"""
    lab.slash64("allow", "2001:db8:a77::/48")
    import_sources(lab, "within", "2001:db8:a77", 200)
    import_sources(lab, "plenty", "2001:db8:f11", 1100)
    before = snapshot(lab)
    done = lab.slash64("unallow", "2001:db8:a77::/48", check=False)
    check_equal(done.returncode, 1, "exit code of an unallow that " + (done.stdout.strip() or "says nothing"))
    check("no room in the table" in done.stderr and "maps.blocks" in done.stderr, "it says: " + done.stderr)
    check_same(before, snapshot(lab), done.stderr.strip())
    lab.slash64("unblock", "--origin", "plenty", "--force")
    lab.slash64("unallow", "2001:db8:a77::/48")
    verdicts = [json.loads(lab.slash64("lookup", "2001:db8:a77:%x::1" % i, "--json").stdout)["verdict"] for i in (0, 199)]
    check_equal(verdicts, ["blocked", "blocked"], "what is blocked within")
    lab.slash64("unblock", "--origin", "within", "--force")


# --- a disk that fails ---

READS_MAX = 60  # of a change; none of those below needs as many


class Reads:
    """How many reads of the store succeed before all of them fail (unreadable_store.c)."""

    def __init__(self, lab):
        self.path = os.path.join(lab.dir, "reads")
        self.env = dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "unreadable_store.so")),
                        UNREADABLE_STORE=self.path)
        self.succeed(-1)

    def succeed(self, count):
        with open(self.path, "r+b" if os.path.exists(self.path) else "w+b") as f:
            f.write(struct.pack("<i", count))


def forget_pages(lab):
    """What another process writes makes sqlite read all pages again."""
    with contextlib.closing(sqlite3.connect(os.path.join(lab.dir, "state", "slash64.db"), timeout=20)) as store:
        store.execute("UPDATE change SET who = who WHERE number = 1")
        store.commit()


def blocked(lab):
    """Keys and infos, of the two tables that say what is blocked and allowed."""
    maps = os.path.join(lab.pins, "maps")
    return [keys_of(values_of(os.path.join(maps, name))) for name in ("s64_blocks", "s64_prefixes")]


def fail_at_each_read(lab, reads, *words):
    """The command, with a disk that fails at its first read, at its second, and so on until it succeeds."""
    for count in range(READS_MAX):
        forget_pages(lab)
        before, stored = blocked(lab), store_of(lab)
        reads.succeed(count)
        done = lab.slash64(*words, check=False)
        during = blocked(lab)
        reads.succeed(-1)
        when = "%s, read %d: %s" % (words[0], count, done.stderr.strip())
        if not done.returncode:
            return count
        gone = [set(b) - set(d) for b, d in zip(before, during)]
        check(not any(gone), "what was in force is open: %r, after %s" % (gone, when))
        wait_for(lambda: blocked(lab) == before, 10, "what was in force before, after " + when)
        check_equal(store_of(lab), stored, "the store, after " + when)
    check(False, "%s was refused always" % words[0])


@test
def a_store_that_cannot_be_read_opens_nothing(lab):
    """Found by an attack: a disk that failed in the midst of a change opened every source that the change named, for good."""
    needs_plain_build()
    reads = Reads(lab)
    lab.stop()
    lab.start(write(lab, "peers: [%s]" % PEER), env=reads.env)
    lab.slash64("block", BAD_1, "--origin", "attack")
    path = os.path.join(lab.dir, "cut")
    with open(path, "w") as f:
        f.write("%s\n2001:db8:bad:7::/64\n2001:db8:bad:70::/60\n" % BAD_1)
    refused = sum(fail_at_each_read(lab, reads, *words) for words in (
        ("block", BAD_1, "--origin", "attack", "--reason", "changed"),
        ("import", path, "--origin", "cut"),
        ("import", path, "--origin", "cut", "--for", "3h"),
        ("allow", "2001:db8:a11::/48"),
        ("unallow", "2001:db8:a11::/48"),
        ("reload",),
        ("unblock", "--origin", "cut", "--force")))
    check(refused, "it never failed")
    lab.stop()
    lab.start(write(lab, BASE))


@test
def a_disk_that_cannot_be_read_is_no_damaged_store(lab):
    """issue 13: sqlite calls it damage, and whoever followed the advice moved a good store away"""
    needs_plain_build()
    reads = Reads(lab)
    lab.stop()
    lab.start(write(lab, BASE), env=reads.env)
    forget_pages(lab)
    reads.succeed(0)
    said = lab.slash64("block", BAD_1, check=False).stderr
    check("the disk cannot be read" in said and "dmesg" in said and "move it away" not in said, "a change: " + said)
    reads.succeed(-1)
    lab.stop()
    preload = ["%s=%s" % (name, reads.env[name]) for name in ("LD_PRELOAD", "UNREADABLE_STORE")]
    for count in range(4):
        reads.succeed(count)
        done = lab.run("edge", "env", *preload, os.path.join(BUILD, "slash64d"), "--config", write(lab, BASE), check=False)
        check_equal(done.returncode, 1, "a start with %d reads" % count)
        check("dmesg" in done.stderr and "move it away" not in done.stderr, "a start, read %d: %s" % (count, done.stderr))
    reads.succeed(-1)
    lab.start(write(lab, BASE))


# --- a kernel that refuses ---

class Kept:
    """As long as this lasts, no program can be detached (fail_at_call.c)."""

    def __init__(self, lab):
        self.path = os.path.join(lab.dir, "kept")
        self.env = {"LD_PRELOAD": os.path.abspath(os.path.join(BUILD, "fail_at_call.so")), "FAIL_DETACH": self.path}

    def __enter__(self):
        open(self.path, "w").close()

    def __exit__(self, *exc):
        os.unlink(self.path)


def rows_of(lab, name):
    return [(row["action"], row["detail"]) for row in lab.json("log", "--limit", "8") if name in (row["detail"] or "")]


def problems(lab):
    return [(p["code"], p.get("interface")) for p in lab.status()["health"]["problems"]]


def states(lab):
    return {i["name"]: i["state"] for i in lab.status()["interfaces"]}


@test
def a_detach_that_the_kernel_refuses_has_changed_nothing(lab):
    """issue 13, find 5: the store and the log said that it was detached"""
    needs_plain_build()
    kept = Kept(lab)
    lab.stop()
    lab.start(write(lab, BASE), env=kept.env)
    lab.slash64("attach", "wan0", "--mode", "generic", "--filter", "monitor")
    before = snapshot(lab)
    with kept:
        done = lab.slash64("detach", "wan0", check=False)
        check_equal((done.returncode, "cannot detach from wan0" in done.stderr), (1, True), done.stdout + done.stderr)
        check_same(before, snapshot(lab), done.stderr.strip())
        # nor is the mode changed in which it could not be attached meanwhile
        done = lab.slash64("attach", "wan0", "--mode", "native", "--filter", "monitor", check=False)
        check_equal((done.returncode, "cannot detach from wan0" in done.stderr), (1, True), done.stdout + done.stderr)
        check_same(before, snapshot(lab), done.stderr.strip())
    lab.slash64("attach", "plain0")
    before = snapshot(lab)
    with kept:
        done = lab.slash64("undo", "--yes", check=False)
        check_equal((done.returncode, "cannot detach from plain0" in done.stderr), (1, True), done.stdout + done.stderr)
        check_same(before, snapshot(lab), done.stderr.strip())
    lab.slash64("undo", "--yes")
    lab.slash64("attach", "wan0")
    check(not passes(lab), "the blocked source passes")


@test
def an_interface_that_a_reload_cannot_leave_is_not_forgotten(lab):
    """issue 13, find 5: its program stayed in force, in a slot that was given to another"""
    needs_plain_build()
    kept = Kept(lab)
    lab.stop()
    lab.ip("edge", "link", "add", "gone0", "type", "veth", "peer", "name", "gone1")
    lab.start(write(lab, BASE, "[{name: wan0}, {name: gone0}]"), env=kept.env)
    with kept:
        check_in_force(lab, BASE)
        check_equal(states(lab), {"wan0": "attached", "gone0": "attached"}, "after the reload")
        check_equal(problems(lab), [("interface-not-detached", "gone0")], "what status tells")
        check_equal(rows_of(lab, "gone0")[-2:], [("detach", "gone0"), ("detach", "gone0, failed; retrying")], "the log")
        check_in_force(lab, BASE)
        check_equal(states(lab), {"wan0": "attached", "gone0": "attached"}, "after another reload")
        # wanted again, and left again
        check_in_force(lab, BASE, ifaces="[{name: wan0}, {name: gone0}]")
        check_equal(problems(lab), [], "of an interface that is configured again")
        check_in_force(lab, BASE)
        check_equal(problems(lab), [("interface-not-detached", "gone0")], "without it")
    wait_for(lambda: "gone0" not in states(lab), 20, "that it is left")
    check_equal(problems(lab), [], "then")
    check_equal(rows_of(lab, "gone0")[-1], ("detach", "gone0, which had failed"), "the log")
    check("xdp" not in lab.ip("edge", "link", "show", "gone0").stdout, "it has a program")
    check_in_force(lab, BASE, on_exit="detach")
    with kept:
        before = len(lab.logged())
        lab.stop()
    said = lab.logged(before)
    check("not detached everywhere" in said and "as on_exit says" not in said, "at its end it says: " + said)
    lab.start(write(lab, BASE))
    check(not passes(lab), "the blocked source passes")
    lab.ip("edge", "link", "del", "gone0")


# --- a pin of a version to come ---

@test
def a_pin_that_this_version_does_not_know_is_in_the_way_of_nothing(lab):
    """hostile 17: every later change of the tables failed, and limits began anew at each start."""
    lab.stop()
    unknown = os.path.join(lab.pins, "maps", "s64_to_come")
    subprocess.run([BPFTOOL, "map", "create", unknown, "type", "array", "key", "4", "value", "4", "entries", "1",
                    "name", "to_come"], check=True)
    before = len(lab.logged())
    for blocks in (2048, 1024, 2048):
        path = write(lab, BASE)
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text.replace("blocks: 1024", "blocks: %d" % blocks))
        lab.start(path)
        lab.stop()
    said = lab.logged(before)
    check("cannot replace the old maps" not in said, "it says: " + said)
    check(said.count("the new maps are in force") == 3, "changes that took force: " + said)
    check_equal([n for n in os.listdir(lab.pins) if n.startswith("maps")], ["maps"], "directories of maps")
    lab.start(write(lab, BASE))


@test
def addresses_that_are_too_many_are_refused_and_not_cut(lab):
    """documents, low: the seventeenth SSH source did not count."""
    api = Api(lab.socket)
    sources = ["2001:db8:55:%x::1" % i for i in range(40)]
    for source in (sources[-1], sources[0]):
        try:
            api.ask("POST", "/v1/blocks", {"prefix": source, "ssh_sources": sources})
        except Refused as refused:
            check("logged in over SSH" in str(refused), "it says: %s" % refused)
        else:
            check(False, "%s is blocked" % source)
    try:
        api.ask("POST", "/v1/blocks", {"prefix": sources[0], "ssh_sources": sources * 2})
    except Refused as refused:
        check("at most 64" in str(refused), "it says: %s" % refused)
    else:
        check(False, "80 are taken")


@contextlib.contextmanager
def logged_in_from(address):
    """As in a session that neither logind nor utmp knows: the command finds it in the environment."""
    os.environ["SSH_CONNECTION"] = address + " 50022 2001:db8::22 22"
    try:
        yield
    finally:
        del os.environ["SSH_CONNECTION"]


@test
def the_session_of_whoever_asks_is_guarded_in_whatever_is_asked(lab):
    """hostile 4, line 5: only a block and a throttle knew of it; a list, an undo, a reload locked its user out."""
    site, session = "2001:db8:55:1::/64", "2001:db8:55:1::7"
    path = os.path.join(lab.dir, "session.txt")
    with open(path, "w") as f:
        f.write("%s\n2001:db8:56::/48\n2001:db8:55::/48\n" % site)
    lab.slash64("block", site)
    lab.slash64("unblock", site)
    with logged_in_from(session):
        done = lab.slash64("undo", "--yes", check=False)
        check(session in done.stderr and done.returncode == 1, "an undo says: %s" % (done.stdout + done.stderr))
        write(lab, BASE.replace("block: [", "block: [2001:db8:55::/48, "))
        done = lab.slash64("reload", check=False)
        check(session in done.stderr and done.returncode == 1, "a reload says: %s" % (done.stdout + done.stderr))
        write(lab, BASE)
        done = lab.slash64("import", path, "--origin", "session")
        check_equal([b["prefix"] for b in lab.json("list") if b["origin"] == "session"], ["2001:db8:56::/48"],
                    "what is taken of a list that says %s" % (done.stdout + done.stderr))
    lab.slash64("unblock", "--origin", "session", "--force")


main(prepare)
