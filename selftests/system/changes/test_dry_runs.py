#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A dry run gives the same answer as the real request: it runs first, the real one after it, and
both are compared. And what is refused by hand is refused in the file (documents, low)."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1
from snapshot import check_same, snapshot

STATE = "blocks: 1024, prefixes: 1024, pins: "


def write(lab, text=""):
    path = lab.config(text)
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("pins: ", STATE))
    return path


def prepare(lab):
    lab.start(write(lab))


def clear(lab):
    none = os.path.join(lab.dir, "none.txt")
    with open(none, "w") as f:
        f.write("# nothing\n")
    for origin in {row["origin"] for row in lab.json("list")} - {"operator", "config"}:
        lab.slash64("import", none, "--origin", origin, "--replace", "--force", check=False)
    for row in lab.json("list"):
        lab.slash64("unblock", row["prefix"], "--origin", row["origin"], check=False)
    for row in lab.json("allow"):
        lab.slash64("unallow", row["prefix"])


def said_of(lab):
    return [lab.json(*words) for words in (("list",), ("allow",), ("log",))]


def check_same_refusal(lab, *words):
    """Refused either way, with the same words, and neither changes anything."""
    before = said_of(lab)
    dry = lab.slash64(*words, "--dry-run", check=False)
    check_equal(said_of(lab), before, "what is there after the dry run of " + " ".join(words))
    done = lab.slash64(*words, check=False)
    check_equal((dry.returncode, done.returncode), (1, 1), "exit codes of %s (%s)" % (" ".join(words), dry.stdout.strip()))
    said = done.stderr.replace("slash64: ", "").strip()
    check(said in dry.stderr, "the dry run said '%s', the order '%s'" % (dry.stderr.strip(), said))
    return said


def import_both(lab, name, lines, *words):
    """A list, as a dry run and for real: the result of each."""
    path = os.path.join(lab.dir, name)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    before = snapshot(lab)
    answers = []
    for dry in (("--dry-run",), ()):
        answers.append(json.loads(lab.slash64("--json", "import", path, *words, *dry, check=False).stdout))
        if dry:
            check_same(before, snapshot(lab), "the dry run of an import")
    keys = ("entries", "added", "changed", "removed", "unchanged", "refused", "refused_by", "problems_count")
    check_equal([answers[0][k] for k in keys], [answers[1][k] for k in keys], "the dry run, against the import")
    return answers[1]


def throttle_line(i, rate=1000, burst=1000):
    return json.dumps({"type": "throttle", "prefix": "2001:db8:cc:%x::/64" % i, "rate": rate, "burst": burst})


@test
def a_throttles_burst_is_checked(lab):
    said = check_same_refusal(lab, "throttle", BAD_1, "--rate", "1", "--burst", "1000000")
    check("seconds long" in said, said)


@test
def a_throttle_of_one_rate_too_many_is_told(lab):
    import_both(lab, "rates.jsonl", [throttle_line(i, 1000 + i) for i in range(64)], "--origin", "rates")
    check("different rates" in check_same_refusal(lab, "throttle", BAD_1, "--rate", "77"), "which it is")
    lab.slash64("throttle", BAD_1, "--rate", "1000", "--burst", "1000", "--dry-run")
    clear(lab)
    # the numbers are free although the rates are still in place
    lab.slash64("throttle", BAD_1, "--rate", "77", "--dry-run")


@test
def an_import_of_more_rates_than_there_are_counts_as_it_will(lab):
    lab.slash64("throttle", BAD_1, "--rate", "50")
    lines = [throttle_line(i, 1000 + i // 2) for i in range(160)] + [throttle_line(999, 1, 1000000)]
    answer = import_both(lab, "many.jsonl", lines, "--origin", "many")
    check_equal((answer["added"], answer["refused_by"]["room"]), (126, 35), "entries added, and without room")
    # the earlier state of such an entry counts as kept
    answer = import_both(lab, "again.jsonl", [throttle_line(0, 5000), throttle_line(1, 1001)], "--origin", "many")
    check_equal((answer["added"], answer["changed"], answer["unchanged"]), (0, 1, 1), "added, changed, and unchanged")
    clear(lab)


@test
def a_store_that_another_process_holds_is_told(lab):
    other = sqlite3.connect(os.path.join(lab.dir, "state", "slash64.db"), isolation_level=None)
    other.execute("begin exclusive")
    try:
        words = [lab.slash64("block", BAD_1, *dry, check=False) for dry in (("--dry-run",), ())]
        check_equal([w.returncode for w in words], [1, 1], "exit codes: %s" % words)
        check_equal(words[0].stderr, words[1].stderr, "what is said")
    finally:
        other.execute("rollback")
        other.close()


@test
def what_is_there_already_is_told(lab):
    lab.slash64("block", "2001:db8:bad::/48", "--for", "1h", "--origin", "night")
    lab.slash64("throttle", BAD_1, "--rate", "100", "--force")
    for i in range(3):
        lab.slash64("allow", "2001:db8:bad:1::%x/128" % i)
    answer = lab.json("throttle", BAD_1, "--rate", "10", "--burst", "7", "--force", "--dry-run")[0]
    check_equal((answer["rate"], answer["burst"]), (10, 7), "what is asked for")
    check_equal([(r["prefix"], r["kind"], r["origin"]) for r in answer["standing"]],
                [(BAD_1, "throttle", "operator"), ("2001:db8:bad::/48", "block", "night")], "what stands")
    check_equal((answer["allowed_count"], answer["allowed"][0]), (3, "2001:db8:bad:1::/128"), "allowed prefixes in it")
    check("covers the allowed prefix" in answer["refused"], "without --force: %s" % answer["refused"])
    said = lab.slash64("throttle", BAD_1, "--rate", "10", "--force", "--dry-run").stdout
    for words in ("note: 2001:db8:bad::/48 is already blocked, by night until ", "3 allowed prefixes in it stay open",
                  "note: %s is already throttled, by operator" % BAD_1):
        check(words in said, "'%s' is not in: %s" % (words, said))
    clear(lab)


@test
def a_block_of_the_file_that_touches_what_is_allowed_by_hand_is_refused_as_by_hand(lab):
    lab.slash64("allow", "2001:db8:a1:1::/64")
    for prefix in ("2001:db8:a1::/48", "2001:db8:a1:1:5::/80"):
        check("allowed prefix" in check_same_refusal(lab, "block", prefix), prefix)
        write(lab, "block: ['%s']" % prefix)
        done = lab.slash64("reload", check=False)
        check_equal(done.returncode, 1, "exit code of the reload: " + done.stdout)
        check("allowed by hand" in done.stderr and "2001:db8:a1:1::/64" in done.stderr, done.stderr)
        write(lab, "block: [{prefix: '%s', force: true}]" % prefix)
        lab.slash64("reload")
        # once in force, it never makes a reload fail
        write(lab, "block: ['%s']" % prefix)
        lab.slash64("reload")
    write(lab)
    lab.slash64("reload")
    clear(lab)


# last: the tables stay full
@test
def what_has_no_room_is_told(lab):
    lines = ["2001:db8:%x:%x::/64" % (0xd000 + i // 256, i % 256) for i in range(1100)]
    answer = import_both(lab, "blocks.txt", lines, "--origin", "full")
    check(answer["refused_by"]["room"] >= 92, "without room: %s" % answer["refused_by"])
    free = 1024 - answer["added"]
    for i in range(free):
        lab.slash64("block", "2001:db8:ee:%x::/64" % i)
    check("full" in check_same_refusal(lab, "block", "2001:db8:ef::/64"), "the table")
    lab.slash64("block", "2001:db8:ee::/64", "--dry-run")


if __name__ == "__main__":
    main(prepare)
