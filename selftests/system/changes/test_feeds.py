#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Feed files: read when they are complete, applied as they are, and reported when they cannot be."""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, needs_plain_build, seconds_of, test
from lab import BUILD, wait_for

FEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "feeds")


def path_of(lab, name):
    return os.path.join(lab.dir, name)


def replace(lab, name, text):
    path = path_of(lab, name)
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)
    return path


def prefixes(lab, origin="f"):
    return [r["prefix"] for r in lab.json("list", "--origin", origin)]


def feed(lab, origin="f"):
    return [f for f in lab.status()["feeds"] if f["origin"] == origin][0]


def configure(lab, path, *keys):
    lab.config("feeds: [{file: %s, origin: f%s}]" % (path, "".join(", " + k for k in keys)))
    return lab.slash64("reload")


def lines(count, start=1):
    return "".join("2001:db8:%x::/48\n" % i for i in range(start, start + count))


def clear(lab):
    lab.config()
    lab.slash64("reload")
    while lab.json("list"):
        for row in lab.json("list"):
            lab.slash64("unblock", row["prefix"], "--origin", row["origin"], check=False)
    for row in lab.json("allow"):
        lab.slash64("unallow", row["prefix"])


@test
def a_file_that_is_being_written_is_not_taken_half(lab):  # hostile 8, field L6
    path = replace(lab, "slow.txt", lines(4))
    configure(lab, path, "settle: 2s", "shrink: 0")
    wait_for(lambda: len(prefixes(lab)) == 4, 3, "the first list")
    with open(path, "w", buffering=1) as f:
        for i in range(14):
            f.write("2001:db8:%x::/48\n" % (0x100 + i))
            time.sleep(0.5 if i % 5 else 2.6)  # must stay longer than it has to be: it is open all the time
            check_equal(len(prefixes(lab)), 4, "half a list, after %d lines" % (i + 1))
        check_equal(feed(lab)["state"], "being-written", "what status tells")
    wait_for(lambda: len(prefixes(lab)) == 14, 6, "the whole list")
    check_equal(feed(lab)["state"], "taken", "what status tells")
    clear(lab)


@test
def a_second_download_behind_the_first_is_waited_for(lab):  # field L6: curl A > f; curl B >> f
    path = replace(lab, "two.txt", lines(4))
    configure(lab, path, "settle: 2s", "shrink: 0")
    wait_for(lambda: len(prefixes(lab)) == 4, 3, "the first list")
    with open(path, "w") as f:
        f.write(lines(3, 0x10))
    time.sleep(1)
    check_equal(len(prefixes(lab)), 4, "while it may go on")
    with open(path, "a") as f:
        f.write(lines(3, 0x20))
    time.sleep(1)
    check_equal(len(prefixes(lab)), 4, "while it still may")
    wait_for(lambda: len(prefixes(lab)) == 6, 4, "both")
    clear(lab)


@test
def a_file_that_is_replaced_is_taken_at_once(lab):  # field L6
    path = replace(lab, "swap.txt", lines(2))
    configure(lab, path, "settle: 30m")
    replace(lab, "swap.txt", lines(2, 0x10))
    wait_for(lambda: prefixes(lab) == ["2001:db8:10::/48", "2001:db8:11::/48"], 3, "the file that came whole")
    clear(lab)


@test
def a_last_line_that_is_cut_is_not_another_host(lab):  # hostile 8
    path = replace(lab, "cut.txt", lines(2))
    configure(lab, path, "settle: 500ms")
    wait_for(lambda: len(prefixes(lab)) == 2, 3, "the first list")
    with open(path, "a") as f:
        f.write("2001:db8:bad:1")
    time.sleep(2.5)
    with open(path, "a") as f:
        f.write("::/64")
    time.sleep(2.5)
    check_equal(len(prefixes(lab)), 2, "a line without an end")
    with open(path, "a") as f:
        f.write("\n")
    wait_for(lambda: "2001:db8:bad:1::/64" in prefixes(lab), 4, "its end")
    clear(lab)


@test
def a_stream_of_crowdsec_is_applied_as_differences(lab):  # field L2
    with open(os.path.join(FEEDS, "h1_startup.json")) as f:
        startup = f.read()
    with open(os.path.join(FEEDS, "h2_delta.json")) as f:
        delta = f.read()
    path = replace(lab, "stream.json", startup)
    configure(lab, path, "settle: 100ms")
    wait_for(lambda: feed(lab)["state"] == "taken", 4, "the start")
    check_equal([r["address"] for r in lab.json("list", "--addresses")],
                ["2001:db8:bad:1::66", "2001:db8:bad:1::77"], "the start")
    for text in ('{"new":[{"value":"2001:db8:9::1","scope":"Ip","duration":"1h","type":"ban"}],"deleted":[]}',
                 '{"new":null,"deleted":null}', delta):
        applied = feed(lab)["applied"]
        time.sleep(1.1)
        replace(lab, "stream.json", text)
        wait_for(lambda: feed(lab)["applied"] != applied, 4, text[:40])
        check_equal(feed(lab)["state"], "taken", text[:40])
    check_equal([r["address"] for r in lab.json("list", "--addresses")], ["2001:db8:9::1", "2001:db8:bad:1::77"],
                "all differences")
    clear(lab)


@test
def a_feed_of_which_every_line_is_refused_empties_nothing(lab):  # D4
    path = replace(lab, "refused.txt", "2001:db8:7:1::/64\n2001:db8:7:2::/64\n")
    configure(lab, path, "settle: 100ms", "shrink: 0")
    wait_for(lambda: len(prefixes(lab)) == 2, 3, "the list")
    lab.slash64("allow", "2001:db8:8::/48")
    replace(lab, "refused.txt", "2001:db8:8:1::/64\n2001:db8:8:2::/64\n2001:db8:8:3::/64\n")
    wait_for(lambda: feed(lab)["state"] == "failed", 4, "the failure")
    check_equal((len(prefixes(lab)), feed(lab)["entries"]), (2, 2), "what it had, and what is told of it")
    check_equal(feed(lab)["code"], "list-empty", feed(lab)["error"])
    check("'slash64 import FILE --origin f --replace --force'" in lab.slash64("status", check=False).stdout, "what to type")
    check('slash64_feed_failed{origin="f"} 1' in lab.slash64("metrics").stdout, "the metric")
    clear(lab)


@test
def what_was_refused_is_taken_when_the_reason_is_gone(lab):
    """issue 13, 5: although nothing else in the file changed; also when it was the only line."""
    step = path_of(lab, "step")
    path = replace(lab, "refused.txt", "2001:db8:8:1::/64\n2001:db8:8:2::/64\n")
    lab.slash64("allow", "2001:db8:8::/48")
    with open(step, "w") as f:
        f.write("0")
    lab.config("feeds: [{file: %s, origin: f, settle: 100ms, shrink: 0}]" % path)
    lab.stop()
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log,
                           env=dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "stepped_clock.so")),
                                    STEPPED_MONOTONIC=step))
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    wait_for(lambda: feed(lab)["state"] == "failed", 5, "the failure")
    lab.slash64("unallow", "2001:db8:8::/48")
    with open(step, "w") as f:
        f.write("301")
    wait_for(lambda: len(prefixes(lab)) == 2, 15, "the list, when nothing is allowed there any more")
    check_equal(feed(lab)["state"], "taken", "what status tells")
    lab.stop()
    lab.start(lab.config())
    clear(lab)


@test
def a_feed_that_shrinks_is_believed_the_second_time(lab):  # D16
    path = replace(lab, "big.csv", "prefix,reason\n" + lines(20).replace("\n", ",x\n"))
    configure(lab, path, "settle: 100ms")
    wait_for(lambda: len(prefixes(lab)) == 20, 3, "the list")
    short = "prefix,reason\n" + lines(9).replace("\n", ",x\n")
    replace(lab, "big.csv", short)
    wait_for(lambda: feed(lab)["state"] == "failed", 4, "the doubt")
    check_equal(len(prefixes(lab)), 20, "what it had")
    check("20" in feed(lab)["error"] and "9" in feed(lab)["error"], feed(lab)["error"])
    time.sleep(1)
    check_equal(len(prefixes(lab)), 20, "the same file is no second look")
    replace(lab, "big.csv", short)
    wait_for(lambda: len(prefixes(lab)) == 9, 4, "the second time")
    replace(lab, "big.csv", "prefix\n" + lines(3))
    wait_for(lambda: feed(lab)["state"] == "failed", 4, "the next doubt")
    lab.slash64("import", path, "--origin", "f", "--replace")
    check_equal(len(prefixes(lab)), 3, "by hand")
    clear(lab)


@test
def what_has_ended_is_not_back_with_a_restart(lab):  # D9
    path = replace(lab, "ends.txt", lines(2))
    configure(lab, path, "settle: 100ms", "for: 4s")
    wait_for(lambda: len(prefixes(lab)) == 2, 3, "the list")
    first = {r["prefix"]: r["until"] for r in lab.json("list")}
    lab.stop(signal.SIGKILL)
    lab.start()
    wait_for(lambda: feed(lab)["applied"], 4, "the same content")
    for row in lab.json("list"):
        check(abs(seconds_of(row["until"]) - seconds_of(first[row["prefix"]])) <= 1, "its end: %s" % row)
    wait_for(lambda: not prefixes(lab), 8, "their end")
    lab.stop()
    lab.start()
    # words: it was reported as a feed that fails
    wait_for(lambda: feed(lab)["applied"] or feed(lab)["error"], 4, "the content of which all has ended")
    check_equal((prefixes(lab), feed(lab)["state"], feed(lab)["error"]), ([], "taken", None), "after their end")
    replace(lab, "ends.txt", lines(3))
    wait_for(lambda: len(prefixes(lab)) == 3, 4, "another content")
    clear(lab)


@test
def what_ends_while_slash64d_is_away_is_no_feed_cut_short(lab):
    path = replace(lab, "ends.txt", lines(2))
    configure(lab, path, "settle: 100ms", "for: 2s")
    wait_for(lambda: len(prefixes(lab)) == 2, 3, "the list")
    lab.stop(signal.SIGKILL)
    time.sleep(2.1)
    lab.start()
    wait_for(lambda: feed(lab)["applied"] or feed(lab)["error"], 4, "the content of which all has ended")
    check_equal((prefixes(lab), feed(lab)["state"], feed(lab)["error"]), ([], "taken", None), "after their end")
    clear(lab)


@test
def a_feed_may_be_a_link_and_what_cannot_be_read_says_why(lab):  # field I3, hostile 18
    there = path_of(lab, "there")
    os.makedirs(there)
    with open(os.path.join(there, "real.txt"), "w") as f:
        f.write(lines(2))
    here = path_of(lab, "here")
    os.makedirs(here)
    link = os.path.join(here, "link.txt")
    os.symlink("../there/real.txt", link)
    config = lab.config("feeds: [{file: %s, origin: f, settle: 100ms, shrink: 0}]" % link)
    lab.stop()
    lab.start(config)
    wait_for(lambda: len(prefixes(lab)) == 2, 4, "what the link leads to")
    with open(os.path.join(there, "next.txt"), "w") as f:
        f.write(lines(3))
    os.rename(os.path.join(there, "next.txt"), os.path.join(there, "real.txt"))
    wait_for(lambda: len(prefixes(lab)) == 3, 4, "another file behind the link")
    shutil.rmtree(here)
    os.makedirs(here)
    with open(link, "w") as f:
        f.write(lines(4))
    wait_for(lambda: feed(lab)["state"] != "taken" or len(prefixes(lab)) == 4, 15, "its directory made anew")
    if len(prefixes(lab)) != 4:
        check("restart" in feed(lab)["error"], "what to do: %s" % feed(lab))
        done = lab.slash64("reload")
        check("restart" in done.stdout + done.stderr, "reload tells: %s" % (done.stdout + done.stderr))
    lab.stop()
    lab.start()
    wait_for(lambda: len(prefixes(lab)) == 4, 4, "after the restart")
    clear(lab)


def start_with(lab, path):
    """In a directory that exists at the start, because slash64d is confined from then on."""
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as f:
        f.write(lines(2))
    lab.stop()
    lab.start(lab.config("feeds: [{file: %s, origin: f, settle: 100ms, shrink: 0}]" % path))
    wait_for(lambda: len(prefixes(lab)) == 2, 4, "the first list")


def make_anew(path, text):
    shutil.rmtree(os.path.dirname(path))
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as f:
        f.write(text)


@test
def a_directory_that_is_made_anew_is_read_at_once(lab):  # field I3, hostile 18
    with tempfile.TemporaryDirectory(prefix=lab.id + "-") as around:
        path = os.path.join(around, "lists", "f.txt")
        start_with(lab, path)
        for count in (3, 4):
            make_anew(path, lines(count))
            wait_for(lambda: len(prefixes(lab)) == count, 5, "the list in a directory made anew")
        check_equal(feed(lab)["state"], "taken", "what status tells")
        clear(lab)


@test
def a_directory_among_others_that_is_made_anew_says_why_it_is_not_read(lab):  # field I3
    needs_plain_build()  # the others are built without the sandbox, and read it all the same
    around = tempfile.mkdtemp(prefix=lab.id + "-")
    os.rmdir(around)
    try:
        path = os.path.join(around, "f.txt")
        start_with(lab, path)
        make_anew(path, lines(3))
        wait_for(lambda: "restart slash64d" in (feed(lab)["error"] or ""), 5, "what to do")
        check_equal((feed(lab)["state"], len(prefixes(lab))), ("failed", 2), "what it had")
        lab.stop()
        lab.start()
        wait_for(lambda: len(prefixes(lab)) == 3, 4, "after the restart")
        clear(lab)
    finally:
        shutil.rmtree(around)


@test
def bad_lines_are_counted_and_the_first_are_told(lab):
    """issue 14: by status, by a reload and in the log"""
    text = lines(5) + "".join("bad line %d\n" % i for i in range(6, 11)) + lines(5, start=11)
    path = replace(lab, "f.txt", text)
    before = len(lab.logged())
    configure(lab, path)
    wait_for(lambda: len(prefixes(lab)) == 10, 10, "the good lines")
    told = [{"line": i, "error": "'bad line %d' is not a prefix" % i} for i in (6, 7, 8)]
    wait_for(lambda: feed(lab)["problems"] == 5, 5, "the count")
    check_equal(feed(lab)["problem_lines"], told, "status")
    check_equal([f["problem_lines"] for f in lab.json("reload")[0]["feeds"]], [told], "a reload")
    said = lab.logged(before)
    for words in ["feed f (%s): 5 lines were not imported" % path] + ["%s:%d: %s" % (path, p["line"], p["error"]) for p in told]:
        check(words in said, "the log lacks '%s': %s" % (words, said))
    replace(lab, "f.txt", lines(15))
    wait_for(lambda: (feed(lab)["problems"], feed(lab)["problem_lines"]) == (0, []), 10, "a file that is mended")


@test
def reload_tells_of_a_feed_that_is_not_there(lab):  # field I3
    done = configure(lab, path_of(lab, "missing.txt"))
    check("missing.txt" in done.stderr and "No such file" in done.stderr, done.stderr)
    wait_for(lambda: feed(lab)["state"] == "failed", 3, "status")
    done = lab.slash64("reload")
    check_equal(lab.json("reload")[0]["feeds"][0]["error"], "No such file or directory", "the answer")
    clear(lab)


def run_on_store(lab, statement):
    path = os.path.join(lab.dir, "state", "slash64.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as store:
        store.execute(statement)


@test
def what_a_feed_says_and_that_it_was_taken_are_one_change(lab):
    """issue 13, line 2: two transactions; after a kill between them the durations of the same text began anew"""
    path = replace(lab, "one.txt", lines(4))
    configure(lab, path, "shrink: 0")
    wait_for(lambda: len(prefixes(lab)) == 4, 10, "the first list")
    run_on_store(lab, "CREATE TRIGGER refuse BEFORE INSERT ON feed BEGIN SELECT RAISE(ABORT, 'refused'); END")
    before = lab.json("list")
    replace(lab, "one.txt", lines(6, start=3))
    wait_for(lambda: feed(lab)["state"] == "failed", 10, "it cannot be noted, so it is not taken")
    check_equal([r["prefix"] for r in lab.json("list")], [r["prefix"] for r in before], "what is in force")
    check("note a feed" in feed(lab)["error"], feed(lab)["error"])
    run_on_store(lab, "DROP TRIGGER refuse")
    replace(lab, "one.txt", lines(6, start=3))
    wait_for(lambda: len(prefixes(lab)) == 6, 10, "it is taken when it can be noted")
    clear(lab)


def prepare(lab):
    lab.start(lab.config())


if __name__ == "__main__":
    main(prepare)
