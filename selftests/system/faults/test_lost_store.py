#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The store is lost while blocks are in force: they stay in force, even when moving them into a new
store is interrupted."""
import ipaddress
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from bpf_maps import values_of
from harness import check, check_equal, main, needs_plain_build, test
from lab import BAD_1, BAD_2, BUILD, LabError, wait_for
from snapshot import keys_of

GOOD = "2001:db8:900d:1::/64"
SOURCE_56 = "2001:db8:5600:ab00::/56"
IN_56 = "2001:db8:5600:abcd::/64"
HOST = "2001:db8:cafe:1:7::/80"  # of a source that is longer than a /64
OTHER_HOST = "2001:db8:cafe:1:8::/80"
SHORT = "2001:db8:bad:8000::/50"
IN_SHORT = "2001:db8:bad:8001::/64"
SLOW = "2001:db8:510:1::/64"
V4 = "198.51.100.7/32"
SOURCES = "sources: {lengths: [{prefix: '2001:db8:5600::/40', length: 56}, {prefix: '2001:db8:cafe::/48', length: 80}]}\n"


def directory(lab):
    return os.path.join(lab.dir, "state")


def lose_the_store(lab):
    for name in os.listdir(directory(lab)):
        if name.startswith("slash64.db"):
            os.unlink(os.path.join(directory(lab), name))


def came(lab, *prefixes):
    """Sends 200 packets of each; returns how many arrived."""
    got = lab.arriving(*prefixes, rate=400, seconds=0.5)
    return {p: got.get(of_source(p), got.get(p, {})).get("packets", 0) for p in prefixes}


def of_source(prefix):
    """The receiver counts by /64."""
    return str(ipaddress.ip_network(prefix.split("/")[0]).supernet(new_prefix=64))


def check_in_force(lab, what):
    """Everything that was blocked, and nothing else."""
    got = came(lab, BAD_1, IN_56, HOST, IN_SHORT)
    check_equal(got, dict.fromkeys(got, 0), "%s: packets of what is blocked" % what)
    got = came(lab, GOOD, OTHER_HOST)
    check(min(got.values()) > 100, "%s: packets of what is not: %r" % (what, got))


def block_all(lab):
    for prefix in (BAD_1, SOURCE_56, HOST, SHORT, V4):
        lab.slash64("block", prefix, "--for", "1h")
    lab.slash64("throttle", SLOW, "--rate", "100", "--burst", "50")


def begin_with_blocks(lab):
    lab.stop()
    lose_the_store(lab)
    shutil.rmtree(os.path.join(lab.pins, "maps"))
    lab.start()
    block_all(lab)
    check_in_force(lab, "before")
    lab.stop()


def check_recovered(lab, what, unnamed=2):
    rows = {b["prefix"]: b for b in lab.json("list")}
    check_equal(sorted(rows), sorted([BAD_1, SOURCE_56, V4, SLOW]), "%s: what is listed" % what)
    check_equal({r["origin"] for r in rows.values()}, {"recovered"}, "%s: origins" % what)
    check_equal([rows[SLOW][k] for k in ("kind", "rate", "burst")], ["throttle", 100, 50], "%s: the throttle" % what)
    check_equal(lab.status()["store"]["unnamed"], unnamed, "%s: what has no name" % what)
    said = {(r["action"], r["prefix"]) for r in lab.json("log") if r["origin"] == "recovered"}
    check_equal(said, {("recover", p) for p in list(rows) + [None]}, "%s: the log" % what)


@test
def what_is_in_force_is_recovered_as_what_it_is_or_stays_without_a_name(lab):
    """hostile 35: a /56 was taken for its first /64, a neighbour for another, prefixes and hosts
    were lost; nothing was logged"""
    begin_with_blocks(lab)
    lose_the_store(lab)
    before = len(lab.logged())
    lab.start()
    check_recovered(lab, "recovered")
    check("2 entries whose prefix the maps do not tell stay" in lab.logged(before), "it is not said")
    check_in_force(lab, "recovered")
    lab.stop(signal.SIGKILL)
    lab.start()
    check_recovered(lab, "after one more start")
    check_in_force(lab, "after one more start")
    # a request that names it can have it like any other
    lab.slash64("unblock", HOST)
    check(came(lab, HOST)[HOST] > 100, "what was taken back is blocked")
    lab.slash64("block", SHORT)
    check_equal(lab.status()["store"]["unnamed"], 0, "what has no name")
    lab.slash64("unblock", SHORT)
    check(came(lab, IN_SHORT)[IN_SHORT] > 100, "what was taken back is blocked")
    lab.stop()
    lab.start()
    check(min(came(lab, HOST, IN_SHORT).values()) > 100, "what was taken back is blocked after a start")


@test
def what_was_allowed_is_named_by_who_allows_it_again(lab):
    """It was counted as a block without a name forever."""
    lab.slash64("unblock", "--origin", "recovered", "--yes")
    for prefix in (IN_SHORT, "2001:db8:a110::/48"):
        lab.slash64("allow", prefix)
    lab.stop()
    lose_the_store(lab)
    lab.start()
    check_equal((lab.status()["store"]["unnamed"], lab.json("allow")), (2, []), "what has no name")
    for prefix in (IN_SHORT, "2001:db8:a110::/48"):
        lab.slash64("allow", prefix)
    check_equal(lab.status()["store"]["unnamed"], 0, "what has no name, when it was allowed again")
    for prefix in (IN_SHORT, "2001:db8:a110::/48"):
        lab.slash64("unallow", prefix)
    check_equal(lab.status()["maps"]["prefixes"], 0, "what stays in the table")


def maps_now(lab):
    maps = os.path.join(lab.pins, "maps")
    return [keys_of(values_of(os.path.join(maps, name))) for name in ("s64_blocks", "s64_prefixes")]


@test
def what_has_no_name_outlives_a_change_that_is_refused(lab):
    """Found by an attack: a list of prefixes to unblock, one of which was not blocked, was refused,
    but had opened the others."""
    slow, allowed, guarded = "2001:db8:bad:c000::/52", "2001:db8:a110::/48", "2001:db8:0:1::/64"
    lab.slash64("block", SHORT)
    lab.slash64("throttle", slow, "--rate", "100")
    lab.slash64("allow", allowed)
    lab.stop()
    lose_the_store(lab)
    lab.start()
    api = Api(lab.socket)
    before, unnamed = maps_now(lab), lab.status()["store"]["unnamed"]
    check_equal(unnamed, 3, "what has no name")
    for ask in (("DELETE", "/v1/blocks", None, {"prefixes": SHORT + ",2001:db8:bad:99::/64"}),
                ("POST", "/v1/blocks", {"prefixes": [SHORT, guarded]}, {}),
                ("POST", "/v1/blocks", {"prefixes": [slow, guarded]}, {}),
                ("POST", "/v1/allowlist", {"prefixes": [allowed, "::/0"]}, {})):
        try:
            api.ask(*ask[:3], **ask[3])
        except Refused as refused:
            check_equal(maps_now(lab), before, "the maps after %s" % refused)
            check_equal(lab.status()["store"]["unnamed"], unnamed, "what has no name after %s" % refused)
        else:
            check(False, "%r was taken" % (ask,))
    for prefix in (SHORT, slow):
        lab.slash64("unblock", prefix)
    lab.slash64("allow", allowed)
    lab.slash64("unallow", allowed)
    check_equal(maps_now(lab), [[], []], "what is left when all of it is taken back")


@test
def what_is_changed_after_the_log_of_the_store_was_deleted_is_kept(lab):
    """issue 13: it went unnoticed, and with the process went every change since"""
    lab.slash64("block", BAD_1)
    os.unlink(os.path.join(directory(lab), "slash64.db-wal"))

    def by_hand():
        return sorted(b["prefix"] for b in lab.json("list", "--origin", "operator"))

    def problems():
        return [p["text"] for p in lab.status()["health"]["problems"] if p["code"] == "store-log-lost"]

    wait_for(problems, 5, "status tells of it")
    check("until a restart" in problems()[0] and lab.logged().count("somebody deleted the write-ahead log") == 1,
          "what is said: %s" % problems())
    lab.slash64("block", BAD_2)
    check_equal(by_hand(), sorted([BAD_1, BAD_2]), "what is listed")
    lab.stop(signal.SIGKILL)
    lab.start()
    check_equal(by_hand(), sorted([BAD_1, BAD_2]), "what a kill has left")
    check_equal(problems(), [], "behind a start")
    lab.slash64("unblock", BAD_1, BAD_2, "--origin", "operator")


def start_killed_at(lab, call):
    env = dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "kill_at_call.so")), KILL_AT_CALL=str(call))
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log, env=env)
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    return lab.daemon.poll() is not None


@test
def a_kill_before_any_sync_of_a_recovery_loses_nothing(lab):
    """hostile 25: a kill before the 7th to 9th: the next start found an empty store, and emptied the tables"""
    needs_plain_build()
    begin_with_blocks(lab)
    for call in range(1, 100):
        lose_the_store(lab)
        killed = start_killed_at(lab, call)
        lab.stop(signal.SIGKILL)
        lab.start()
        check_recovered(lab, "killed before sync %d" % call)
        if not killed or call % 4 == 0:
            check_in_force(lab, "killed before sync %d" % call)
        lab.stop()
        if not killed:
            break
    check(2 < call < 99, "%d syncs" % call)
    print("# killed before each of %d syncs" % (call - 1))
    lab.start()


@test
def a_disk_that_is_full_during_a_recovery_loses_nothing(lab):
    """hostile 25"""
    begin_with_blocks(lab)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0750", "tmpfs", directory(lab)], check=True)
    try:
        for room in (0, 4096, 16384, 40960, 65536, 131072):
            lose_the_store(lab)
            filler = os.path.join(directory(lab), "filler")
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"\0" * 4096)
                except OSError:
                    pass
                f.truncate(max(0, f.tell() - room))
            try:
                lab.start()
                lab.stop(signal.SIGKILL)
            except LabError:
                pass
            os.unlink(filler)
            lab.start()
            check_recovered(lab, "with room for %d bytes" % room)
            lab.stop()
        lab.start()
        check_in_force(lab, "after a full disk")
        lab.stop()
    finally:
        lab.stop()
        subprocess.run(["umount", directory(lab)], check=True)
    lab.start()


@test
def sizes_that_change_with_the_loss_of_the_store_lose_nothing(lab):
    """hostile 26: 0 blocks recovered"""
    begin_with_blocks(lab)
    lose_the_store(lab)
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("blocks: 4096, prefixes: 4096", "blocks: 65536, prefixes: 32768"))
    receiver = lab.receiver(3)
    flood = lab.flood(BAD_1, 1000, 2.5, "udp")
    time.sleep(0.3)
    lab.start()
    flood.communicate(timeout=60)
    check(BAD_1 not in lab.received(receiver), "a blocked source passed meanwhile")
    check_equal(lab.status()["maps"]["blocks_capacity"], 65536, "the table")
    lab.slash64("block", BAD_2)
    check_equal(came(lab, BAD_2)[BAD_2], 0, "packets of what is blocked in the new tables")
    lab.slash64("unblock", BAD_2)
    check_recovered(lab, "with other sizes")
    check_in_force(lab, "with other sizes")
    lab.stop()
    # and once more, with a store that has it now
    with open(config, "w") as f:
        f.write(text)
    lab.start()
    check_recovered(lab, "with the old sizes again")
    check_in_force(lab, "with the old sizes again")


@test
def a_lost_store_beside_maps_that_cannot_be_read_is_no_start(lab):
    """hostile 26, with an upgrade: blocks are not given up unless asked"""
    begin_with_blocks(lab)
    lose_the_store(lab)
    other = os.path.join(BUILD, "variant-layout", "slash64d")
    if not os.path.exists(other):
        subprocess.run(["make", "-s", "variants"], check=True, cwd=os.path.dirname(BUILD))
    done = lab.run("edge", other, "--config", os.path.join(lab.dir, "slash64.yaml"), check=False)
    check_equal(done.returncode, 1, "exit code")
    check("the store is lost" in done.stderr and "maps of another version" in done.stderr, "it said " + done.stderr)
    check_in_force(lab, "after it was refused")
    lab.start()
    check_recovered(lab, "by the version that made them")


@test
def rows_that_make_no_sense_are_left_out_and_the_others_are_in_force(lab):
    """hostile 37: some made the start fail as damaged, others (end as text, ::/0) were in force or
    silently gone"""
    begin_with_blocks(lab)
    zero, bad = bytes(16), ipaddress.ip_address("2001:db8:bad:1::").packed
    senseless = ((zero, 0, "a", 1, 0, 0, 0, 0),                        # everything
                 (bytes(10) + b"\xff\xff" + bytes(4), 96, "a", 1, 0, 0, 0, 0),  # all of IPv4
                 (bad, 64, "end-as-text", 1, "tomorrow", 0, 0, 0),
                 (bad, 64, "end-before-time", 1, -5, 0, 0, 0),
                 (bad, 64, "start-as-text", "x", 0, 0, 0, 0),
                 (bad, 48, "host-bits", 1, 0, 0, 0, 0),
                 (bad, 64, "kind", 1, 0, 7, 0, 0),
                 (bad, 64, "rate", 1, 0, 1, -1, 0),
                 (bad, 64, b"blob", 1, 0, 0, 0, 0))
    db = sqlite3.connect(os.path.join(directory(lab), "slash64.db"))
    db.executemany("INSERT INTO block (address, length, origin, said, start_ms, until_ms, kind, rate, burst) "
                   "VALUES (?,?,?,x'',?,?,?,?,?)", senseless)
    db.execute("INSERT INTO rate VALUES (99, 7, 7)")
    db.execute("INSERT INTO interface VALUES ('wan0', 77, 0)")
    db.commit()
    db.close()
    before = len(lab.logged())
    lab.start()
    check("%d invalid rows" % len(senseless) in lab.logged(before), "it is not said: " + lab.logged(before))
    check_in_force(lab, "with them")
    check_equal(sorted(b["prefix"] for b in lab.json("list")), sorted([BAD_1, SOURCE_56, HOST, SHORT, V4, SLOW]),
                "the list")
    lab.slash64("unblock", BAD_1)
    check(came(lab, BAD_1)[BAD_1] > 100, "what was taken back is blocked")


@test
def a_start_takes_what_a_reload_took_though_its_interface_was_never_there(lab):
    """found by the model: a reload left one that was waited for, and after a reboot slash64d did
    not start"""
    lab.stop()
    lose_the_store(lab)
    shutil.rmtree(os.path.join(lab.pins, "maps"))
    lab.start(lab.config(ifaces="[{name: wan0}, {name: ppp9}]"))
    lab.config(ifaces="[{name: ppp9}]")
    lab.slash64("reload")
    lab.stop()
    shutil.rmtree(os.path.join(lab.pins, "maps"), ignore_errors=True)
    lab.start()
    check_equal([i["name"] for i in lab.status()["interfaces"]], ["ppp9"], "after a reboot")
    # the same when the store is lost in between, and the tables report it
    lab.stop(signal.SIGKILL)
    lose_the_store(lab)
    lab.start()
    lab.stop()
    shutil.rmtree(os.path.join(lab.pins, "maps"), ignore_errors=True)
    lab.start()
    check_equal([i["name"] for i in lab.status()["interfaces"]], ["ppp9"], "after a lost store and a reboot")
    lab.stop()
    prepare(lab)


def prepare(lab):
    config = lab.config(SOURCES, on_exit="keep")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("pins: ", "blocks: 4096, prefixes: 4096, pins: "))
    lab.start(config)


main(prepare)
