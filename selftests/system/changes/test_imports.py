#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Blocks from lists: imports, exports, origins, and watched feed files."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, seconds_of, test
from lab import BAD_1, wait_for

DROP = ('{"cidr":"2001:db8:a00::\\/40","sblid":"SBL1","rir":"none"}\n'
        '{"cidr":"2001:db8:b00::/40","sblid":"SBL2","rir":"none"}\n'
        '{"type":"metadata","timestamp":1,"size":1,"records":2}\n')
EVE = ('{"event_type":"alert","src_ip":"2001:0db8:0e00:0001:0000:0000:0000:0005",'
       '"alert":{"signature":"scan","signature_id":7}}\n{"event_type":"flow","src_ip":"2001:db8:e00:2::1"}\n')
CROWDSEC = ('{"new":[{"value":"2001:db8:c00:1::1","scope":"Ip","duration":"3h59m","scenario":"probe"},'
            '{"value":"198.51.100.0/24","scope":"Range","duration":"1h","scenario":"probe"}],"deleted":null}')


def write(lab, name, text):
    path = os.path.join(lab.dir, name)
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)
    return path


def listed(lab, *words):
    return [r["prefix"] for r in lab.json("list", *words)]


def clear(lab):
    for row in lab.json("list"):
        lab.slash64("unblock", row["prefix"], "--origin", row["origin"])
    for row in lab.json("allow"):
        lab.slash64("unallow", row["prefix"])


@test
def every_format_is_recognised_and_taken(lab):
    for name, text, wanted in (
            ("plain.txt", "# a list\n2001:db8:1:1::/64\n2001:db8:1:2::5 ; a host\n198.51.100.9\n",
             ["198.51.100.9/32", "2001:db8:1:1::/64", "2001:db8:1:2::/64"]),
            ("list.csv", 'prefix,reason,ticket\n2001:db8:2::/48,"much, too much",T9\n', ["2001:db8:2::/48"]),
            ("drop.json", DROP, ["2001:db8:a00::/40", "2001:db8:b00::/40"]),
            ("drop.txt", "; old\n2001:db8:d00::/40 ; SBL3\n", ["2001:db8:d00::/40"]),
            ("eve.json", EVE, ["2001:db8:e00:1::/64"]),
            ("crowdsec.json", CROWDSEC, ["198.51.100.0/24", "2001:db8:c00:1::/64"])):
        lab.slash64("import", write(lab, name, text), "--origin", "one")
        check_equal(sorted(listed(lab)), sorted(wanted), name)
        rows = {r["prefix"]: r for r in lab.json("list")}
        if name == "list.csv":
            check_equal((rows["2001:db8:2::/48"]["reason"], rows["2001:db8:2::/48"]["ticket"]),
                        ("much, too much", "T9"), "reason and ticket")
        if name == "crowdsec.json":
            row = rows["2001:db8:c00:1::/64"]
            check_equal((seconds_of(row["until"]) - seconds_of(row["start"]), row["reason"]), (3 * 3600 + 59 * 60, "probe"), "duration")
        clear(lab)


@test
def bad_lines_are_told_and_the_good_ones_taken(lab):
    path = write(lab, "mixed.txt", "2001:db8:1:1::/64\nnonsense\n64:ff9b::/96\n2001:db8:1:2::/64\n::/0\n")
    done = lab.slash64("import", path)
    for line in (":2:", ":3:", ":5:"):
        check(path + line in done.stderr, "%s is not in: %s" % (line, done.stderr))
    check_equal(listed(lab), ["2001:db8:1:1::/64", "2001:db8:1:2::/64"], "the list")
    check_equal(lab.json("list")[0]["origin"], "import", "origin")
    clear(lab)
    done = lab.slash64("import", "--strict", path, check=False)
    check_equal((done.returncode, listed(lab)), (1, []), "strict")
    done = lab.slash64("import", "--dry-run", path)
    check_equal(listed(lab), [], "a dry run")


@test
def a_set_is_replaced_and_others_are_left_alone(lab):
    lab.slash64("block", "2001:db8:1:1::/64", "--reason", "by hand")
    lab.slash64("import", write(lab, "a.txt", "2001:db8:1:1::/64\n2001:db8:1:2::/64\n"), "--origin", "a", "--replace")
    lab.slash64("import", write(lab, "b.txt", "2001:db8:1:2::/64\n"), "--origin", "b", "--replace")
    answer = lab.json("import", write(lab, "a.txt", "2001:db8:1:2::/64\n2001:db8:1:3::/64\n"), "--origin", "a",
                      "--replace")[0]
    check_equal([answer[k] for k in ("added", "removed", "unchanged")], [1, 1, 1], "the difference")
    check_equal(sorted((r["prefix"], r["origin"]) for r in lab.json("list")),
                [("2001:db8:1:1::/64", "operator"), ("2001:db8:1:2::/64", "a"), ("2001:db8:1:2::/64", "b"),
                 ("2001:db8:1:3::/64", "a")], "the list")
    lab.slash64("unblock", "2001:db8:1:2::/64", "--origin", "a")
    check_equal([r["origin"] for r in lab.json("list", "2001:db8:1:2::/64")], ["b"], "the other's block")
    empty = write(lab, "empty.txt", "# nothing\n")
    check_equal(lab.slash64("import", empty, "--origin", "b", "--replace", check=False).returncode, 1,
                "an empty feed")
    cut = write(lab, "cut.json", DROP.replace('"records":2', '"records":900'))
    done = lab.slash64("import", cut, "--origin", "b", "--replace", check=False)
    check_equal((done.returncode, "the list is incomplete" in done.stderr), (1, True), "a feed that is cut: " + done.stderr)
    check_equal(len(lab.json("list", "--origin", "b")), 1, "what it had")
    lab.slash64("import", empty, "--origin", "b", "--replace", "--force")
    check_equal(lab.json("list", "--origin", "b"), [], "emptied by force")
    clear(lab)


@test
def guard_rails_hold_for_lines_too(lab):
    lab.slash64("allow", "2001:db8:7::/48")
    path = write(lab, "rails.txt", "2001:db8:7:1::/64\n2001:db8::/30\n2000::/20\n2001:db8:0:1::/64\n"
                 "2001:db8:9:9::/64\n")
    done = lab.slash64("import", path)
    check_equal(listed(lab), ["2001:db8:9:9::/64"], "the list")
    for line in (":1:", ":2:", ":3:", ":4:"):
        check(path + line in done.stderr, "%s is not in: %s" % (line, done.stderr))
    clear(lab)


@test
def an_export_brings_everything_back(lab):
    lab.slash64("block", BAD_1, "--reason", 'a "quote"', "--ticket", "T1", "--for", "1h")
    lab.slash64("throttle", "2001:db8:1::/48", "--rate", "50", "--burst", "60")
    lab.slash64("block", "198.51.100.7")
    lab.slash64("allow", "2001:db8:1:1::/64", "--reason", "ours")
    lab.slash64("import", write(lab, "c.txt", "2001:db8:5:1::/64\n"), "--origin", "other")

    def state():
        rows = [{k: v for k, v in r.items() if k not in ("hits", "last_hit", "note")} for r in lab.json("list")]
        return rows, [(r["prefix"], r["origin"], r["reason"]) for r in lab.json("allow")]

    before = state()
    backup = os.path.join(lab.dir, "backup.jsonl")
    lab.slash64("export", "--output", backup)
    check_equal(os.stat(backup).st_mode & 0o777, 0o600, "mode of the backup")
    clear(lab)
    check_equal(state(), ([], []), "all gone")
    lab.slash64("restore", backup, "--yes")
    check_equal(state(), before, "after the import")
    clear(lab)


@test
def an_export_brings_back_interfaces_attached_by_hand(lab):
    lab.slash64("attach", "lan0", "--filter", "monitor")
    backup = os.path.join(lab.dir, "backup.jsonl")
    lab.slash64("export", "--output", backup)
    lab.slash64("detach", "lan0")
    lab.slash64("restore", backup, "--yes")
    found = [(i["name"], i["filter"], i["origin"]) for i in lab.status()["interfaces"] if i["name"] == "lan0"]
    check_equal(found, [("lan0", "monitor", "operator")], "the interface")
    lab.slash64("detach", "lan0")
    said = lab.slash64("restore", "--yes", write(lab, "gone.jsonl", '{"type":"interface","name":"gone0","mode":"auto","filter":null}\n'),
                      check=False)
    check("gone0" in said.stdout + said.stderr, "one that is not here: %r" % (said.stdout + said.stderr))


@test
def a_million_entries_are_listed_a_page_at_a_time(lab):
    count = 100000
    text = "".join("2001:db8:%x:%x::/64\n" % (0x1000 + i // 50000, i % 50000 + 1) for i in range(count))
    lab.slash64("import", write(lab, "many.txt", text), "--origin", "many")
    check_equal(len(lab.json("list", "--origin", "many")), count, "all of them")
    page = listed(lab, "--limit", "3", "--offset", "50000")
    check_equal(page, ["2001:db8:1001:1::/64", "2001:db8:1001:2::/64", "2001:db8:1001:3::/64"], "a page")
    check_equal(len(listed(lab, "--sort", "start", "--reverse", "--limit", "10")), 10, "a sorted page")
    # walk: sorting all of them needs a temporary file, which was made where slash64d may not write
    check_equal(len(lab.json("list", "--sort", "hits")), count, "all of them, sorted")
    lab.slash64("import", write(lab, "none.txt", ""), "--origin", "many", "--replace", "--force")
    check_equal(listed(lab), [], "the list")


@test
def a_feed_file_is_taken_up_when_it_changes_and_kept_when_it_breaks(lab):
    path = write(lab, "feed.json", DROP)
    lab.config("feeds: [{file: %s, origin: spamhaus, reason: DROP}]" % path)
    lab.slash64("reload")
    wait_for(lambda: len(listed(lab, "--origin", "spamhaus")) == 2, 3, "the feed")
    check_equal(lab.json("list")[0]["ticket"], "SBL1", "ticket")
    write(lab, "feed.json", DROP.replace("b00", "b80").replace("/40", "/41"))
    wait_for(lambda: "2001:db8:b80::/41" in listed(lab), 3, "the change")
    for text in ("", "garbage\n", DROP.replace('"records":2', '"records":3')):
        write(lab, "feed.json", text)
        wait_for(lambda: "spamhaus" in lab.logged() and lab.slash64("metrics").stdout.count(
            'slash64_feed_failed{origin="spamhaus"} 1'), 3, "the failure")
        check_equal(len(listed(lab, "--origin", "spamhaus")), 2, "what it had")
        write(lab, "feed.json", DROP)
        wait_for(lambda: 'slash64_feed_failed{origin="spamhaus"} 0' in lab.slash64("metrics").stdout, 3,
                 "the feed again")
    os.unlink(path)
    lab.stop(signal.SIGKILL)
    lab.start(lab.config("feeds: [{file: %s, origin: spamhaus}]" % path))
    check_equal(len(listed(lab, "--origin", "spamhaus")), 2, "without the file, after a kill")
    clear(lab)


@test
def who_tells_everything_of_a_source(lab):
    lab.slash64("block", "198.51.100.7", "--reason", "scan")
    who = lab.json("lookup", "64:ff9b::198.51.100.7")[0]
    check_equal((who["source"], who["source_kind"], who["verdict"]), ("198.51.100.7/32", "ipv4", "blocked"), "who")
    check_equal(who["registry"]["name"], "NAT64", "registry")
    kinds = {f["kind"]: f["prefix"] for f in who["forms"]}
    check_equal((kinds["ipv4"], kinds["6to4"], kinds["nat64"]),
                ("198.51.100.7/32", "2002:c633:6407::/48", "64:ff9b::c633:6407/128"), "forms")
    check("scan" in who["why"], who["why"])
    check_equal({f["verdict"] for f in who["forms"] if f["kind"] != "ipv4"}, {"blocked"}, "the verdict of every form")
    # documents D14: no interface inspects IPv4
    direct = lab.json("lookup", "198.51.100.7")[0]
    check_equal(({f["verdict"] for f in who["forms"] if f["kind"] == "ipv4"}, direct["verdict"]),
                ({"not-filtered"}, "not-filtered"), "the verdict of IPv4")
    check("it is stored, but no interface looks at IPv4" in direct["why"], direct["why"])
    check("BLOCKED" not in lab.slash64("lookup", "198.51.100.7").stdout.split("\nforms")[0], "what is said of IPv4")
    lab.slash64("allow", "2002:c633:6407:1::/64")
    forms = {f["kind"]: f["verdict"] for f in lab.json("lookup", "198.51.100.7")[0]["forms"]}
    check_equal(forms["nat64"], "blocked", "a form beside the one that is allowed")
    lab.slash64("unallow", "2002:c633:6407:1::/64")
    lab.slash64("allow", "198.51.100.0/24")
    who = lab.json("lookup", "198.51.100.7")[0]
    check_equal((who["verdict"], len(who["blocks"]), len(who["allowlist"])), ("allowed", 1, 1), "allowed")
    who = lab.json("lookup", "2001:db8:bad:1::5")[0]
    check_equal((who["source"], who["verdict"], who["block"]["prefix"]),
                ("2001:db8:bad:1::/64", "passes", "2001:db8:bad:1::/64"), "a clean one")
    check(who["check_chars"] and len(who["check_chars"]) == 2, "check letters")
    for prefix in ("2001:db8:bad::/48", BAD_1):  # documents low: the message names the longest allowed prefix
        lab.slash64("allow", prefix)
    who = lab.json("lookup", "2001:db8:bad:1::5")[0]
    check_equal([a["prefix"] for a in who["allowlist"]], [BAD_1, "2001:db8:bad::/48"], "allowed prefixes, the longest first")
    check(BAD_1 in who["why"], "why: %s" % who["why"])
    for prefix in ("2001:db8:bad::/48", BAD_1):
        lab.slash64("unallow", prefix)
    lab.flood(BAD_1, 2000, 1, kind="udp").communicate()
    who = lab.json("lookup", "2001:db8:bad:1::5")[0]
    check(who["seen"]["packets_per_second"] > 5, "seen: %s" % who["seen"])
    answer = lab.json("block", BAD_1, "--dry-run")[0]
    check_equal((answer["sources_seen"] > 0, answer["refused"]), (True, None), "a dry run")
    check_equal([r["prefix"] for r in lab.json("list")], ["198.51.100.7/32"], "the list")
    check("ND" in lab.slash64("block", "2001:db8:dead:beef::/64").stdout, "check letters in the answer")
    check_equal(lab.json("list", "2001:db8:dead::/48")[0]["check_chars"], "ND", "in the list")
    clear(lab)


def prepare(lab):
    lab.start(lab.config())


if __name__ == "__main__":
    main(prepare)
