#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A backup is restored only on request; a list contains entries to block and nothing else, and a
refused one has changed nothing."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import check, check_equal, main, seconds_of, test

ATTACKER = "2001:db8:bad:1::/64"


def write(lab, name, text):
    path = os.path.join(lab.dir, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def lines(*objects):
    return "".join(json.dumps(o) + "\n" for o in objects)


def rows(lab):
    return sorted((r["prefix"], r["origin"]) for r in lab.json("list"))


def state(lab):
    return (rows(lab), sorted((r["prefix"], r["origin"]) for r in lab.json("allow")),
            sorted((i["name"], i["filter"]) for i in lab.status()["interfaces"]))


def clear(lab):
    while lab.json("list"):
        for row in lab.json("list"):
            lab.slash64("unblock", row["prefix"], "--origin", row["origin"], check=False)
    for row in lab.json("allow"):
        lab.slash64("unallow", row["prefix"])


HOSTILE = lines({"type": "interface", "name": "wan0", "mode": "auto", "filter": "monitor"},
                {"type": "allow", "prefix": ATTACKER, "origin": "operator"},
                {"type": "block", "prefix": "2001:db8:9:9::/64", "origin": "operator"})


@test
def a_list_that_says_it_is_a_backup_is_entries_and_no_more(lab):  # hostile 6
    lab.slash64("block", ATTACKER)
    before = state(lab)
    done = lab.slash64("import", write(lab, "hostile.jsonl", HOSTILE))
    check("restore" in done.stderr, "it is said: %s" % done.stderr)
    after = state(lab)
    check_equal((after[1], after[2]), (before[1], before[2]), "allowed prefixes and interfaces")
    check_equal(after[0], sorted(before[0] + [("2001:db8:9:9::/64", "import")]), "its entry, of no origin it names")
    check_equal(lab.json("lookup", "2001:db8:bad:1::1")[0]["verdict"], "blocked", "the attacker")
    own = lab.json("import", write(lab, "own.jsonl", lines({"type": "block", "prefix": lab_own(lab)})),
                   check_code=1)
    check_equal(own[0]["refused_by"]["guard"], 1, "the router's own /64 is guarded")
    clear(lab)


def lab_own(lab):
    text = lab.run("edge", "ip", "-6", "-o", "addr", "show", "dev", "wan0", "scope", "global").stdout
    return text.split()[3].split("/")[0] + "/64"


@test
def a_restore_tells_what_it_does_asks_and_is_logged(lab):  # hostile 6
    backup = write(lab, "backup.jsonl", lines(
        {"type": "interface", "name": "lan0", "mode": "auto", "filter": "monitor"},
        {"type": "allow", "prefix": "2001:db8:7::/48", "origin": "operator", "reason": "ours"},
        {"type": "block", "prefix": ATTACKER, "origin": "feed-x", "reason": "r", "ticket": "T"}))
    before = state(lab)
    done = lab.slash64("restore", backup, check=False)
    check_equal((done.returncode, state(lab)), (1, before), "without a terminal and --yes")
    for word in ("lan0", "monitor", "1 allowed", "--yes"):
        check(word in done.stderr, "%s is not in: %s" % (word, done.stderr))
    lab.slash64("restore", backup, "--dry-run")
    check_equal(state(lab), before, "a dry run")
    lab.slash64("restore", backup, "--yes")
    check_equal((rows(lab), [r["prefix"] for r in lab.json("allow")]), ([(ATTACKER, "feed-x")], ["2001:db8:7::/48"]),
                "restored")
    check(("lan0", "monitor") in state(lab)[2], "the interface")
    row = [r for r in lab.json("log") if r["action"] == "restore"][0]
    check("lan0" in row["detail"] and "monitor" in row["detail"], row["detail"])
    lab.slash64("detach", "lan0")
    clear(lab)


# As 0.1.0 wrote it: times are numbers of seconds, and the kind is a "type".
OF_0_1_0 = (
    '{"type":"allow","prefix":"2001:db8:7::/48","origin":"operator","reason":"ours","ticket":null,"start":1790000000,'
    '"until":null}\n'
    '{"type":"block","prefix":"2001:db8:bad:1::/64","origin":"operator","reason":"echo flood","ticket":"NOC-4711",'
    '"start":1790000000.25,"until":%d}\n'
    '{"type":"throttle","prefix":"198.51.100.7/32","origin":"spamhaus","reason":null,"ticket":null,"start":1790000000,'
    '"until":%d.5,"rate":100,"burst":250}\n')


@test
def walk_a_dry_run_of_a_restore_counts_as_the_restore_does(lab):
    clear(lab)
    backup = write(lab, "counted.jsonl", lines(
        {"kind": "allow", "prefix": "2001:db8:a::/48", "origin": "operator", "reason": "ours", "start": "2026-01-01T00:00:00Z"},
        {"kind": "block", "prefix": ATTACKER, "origin": "operator", "start": "2026-01-01T00:00:00Z"}))
    for counted in ((2, 0, 0), (0, 0, 2)):
        for words in ("--dry-run",), ("--yes",):
            done = lab.json("restore", backup, *words)[0]
            check_equal((done["added"], done["changed"], done["unchanged"]), counted, words[0])
    lab.slash64("allow", "2001:db8:a::/48", "--reason", "theirs")
    for words in ("--dry-run",), ("--yes",):
        check_equal(lab.json("restore", backup, *words)[0]["changed"], 1, words[0])
    clear(lab)


@test
def the_backup_of_0_1_0_is_restored_and_what_is_written_now_says_the_same(lab):  # operators O14
    soon = int(time.time()) + 86400
    lab.slash64("restore", "--yes", write(lab, "of-0.1.0.jsonl", OF_0_1_0 % (soon, soon)))
    for _ in range(2):
        written = [json.loads(line) for line in lab.slash64("export").stdout.splitlines()]
        said = {row["prefix"]: row for row in written if "prefix" in row}
        check_equal({p: (row["kind"], row["start"]) for p, row in said.items()},
                    {"2001:db8:7::/48": ("allow", "2026-09-21T14:13:20Z"),
                     ATTACKER: ("block", "2026-09-21T14:13:20.250Z"),
                     "198.51.100.7/32": ("throttle", "2026-09-21T14:13:20Z")}, "kinds and starts")
        check_equal((seconds_of(said[ATTACKER]["until"]), seconds_of(said["198.51.100.7/32"]["until"])),
                    (soon, soon + 0.5), "ends")
        clear(lab)
        lab.slash64("restore", "--yes", write(lab, "of-now.jsonl", lines(*written)))
    clear(lab)


@test
def the_api_is_asked_for_times_as_text_and_as_numbers(lab):  # operators O14
    api = Api(lab.socket)
    api.ask("POST", "/v1/blocks", {"prefix": ATTACKER, "for_seconds": 3600})
    block = api.ask("GET", "/v1/blocks")[0]
    start, end = seconds_of(block["start"]), seconds_of(block["until"])
    check_equal(end - start, 3600, "the span")
    for since, rows_there in ((block["start"], 1), (start, 1), (block["until"], 0), (end, 0)):
        check_equal(len(api.ask("GET", "/v1/blocks", start_since=since)), rows_there, "begun since %s" % since)
    for until, rows_there in ((block["until"], 0), (end + 2, 1), ("2099-01-01T00:00:00+09:00", 1)):
        check_equal(len(api.ask("GET", "/v1/blocks", until_before=until)), rows_there, "ending before %s" % until)
    last = api.ask("GET", "/v1/log", limit=1)[0]
    at = seconds_of(last["time"])
    check("." in last["time"] and abs(at - time.time()) < 60, "the log's time: %s" % last["time"])
    for since, rows_there in ((last["time"], 1), (at + 1, 0), ("2099-01-01T00:00:00Z", 0)):
        check_equal(len(api.ask("GET", "/v1/log", since=since)), rows_there, "logged since %s" % since)
    for path, key in (("/v1/log", "since"), ("/v1/log", "until"), ("/v1/blocks", "hit_since")):
        for wrong in ("yesterday", "2026-11-26", "2026-11-26T20:00:00", "-1", "nan", "1e300"):
            try:
                api.ask("GET", path, **{key: wrong})
            except Refused as refused:
                check("'%s' must be a time" % key in str(refused), str(refused))
            else:
                check(False, "%s=%s is taken" % (key, wrong))
    clear(lab)


@test
def what_a_backup_has_that_makes_no_sense_is_told(lab):
    """issue 13: a start in 2090 was taken, a line of an unknown kind passed over, and the restore ended with 0"""
    backup = write(lab, "odd.jsonl", lines(
        {"kind": "block", "prefix": ATTACKER, "origin": "operator", "start": "2090-01-01T00:00:00Z"},
        {"kind": "quarantine", "prefix": "2001:db8:9:9::/64", "origin": "operator"}))
    done = lab.slash64("restore", backup, "--yes", check=False)
    check_equal((done.returncode, rows(lab)), (1, [(ATTACKER, "operator")]), "the restore: " + done.stderr)
    check("odd.jsonl:2: 'quarantine' is an unknown kind" in done.stderr and "1 line of" in done.stderr, done.stderr)
    check(abs(seconds_of(lab.json("list")[0]["start"]) - time.time()) < 60, "its start: %s" % lab.json("list"))
    clear(lab)


@test
def a_restore_of_what_stands_attaches_nothing_anew(lab):
    """issue 13, point 10: it left a row of an attach that changed nothing"""
    lab.slash64("attach", "lan0", "--filter", "monitor")
    backup = os.path.join(lab.dir, "stands.jsonl")
    lab.slash64("export", "--output", backup)
    before = [r for r in lab.json("log") if r["action"] == "attach"]
    lab.slash64("restore", backup, "--yes")
    check_equal([r for r in lab.json("log") if r["action"] == "attach"], before, "the log")
    lab.slash64("detach", "lan0")
    lab.slash64("restore", backup, "--yes")
    check(("lan0", "monitor") in state(lab)[2], "the interface, when it is restored")
    lab.slash64("detach", "lan0")


@test
def a_restore_that_is_refused_has_attached_nothing_and_changed_no_filter(lab):
    """issue 13, point 2: interfaces were attached after its commit, whatever came of them"""
    backup = write(lab, "strict.jsonl", lines(
        {"kind": "interface", "name": "lan0", "mode": "auto", "filter": "monitor"},
        {"kind": "interface", "name": "absent0", "mode": "auto", "filter": None},
        {"kind": "allow", "prefix": "2001:db8:7::/48", "origin": "operator"},
        {"kind": "block", "prefix": ATTACKER, "origin": "feed-x"}))
    for by_hand in False, True:
        if by_hand:
            lab.slash64("attach", "lan0", "--filter", "enforce")
        before = state(lab), rows(lab), lab.json("allow"), lab.json("log")
        done = lab.slash64("restore", backup, "--yes", "--strict", check=False)
        check(done.returncode == 1 and "absent0" in done.stderr, done)
        check_equal((state(lab), rows(lab), lab.json("allow"), lab.json("log")), before, "after it was refused")
    # without --strict it is a problem of its line only
    check_equal(lab.slash64("restore", backup, "--yes", check=False).returncode, 1, "the exit status")
    check(("lan0", "monitor") in state(lab)[2], "the other interface")
    check_equal(rows(lab), [(ATTACKER, "feed-x")], "the rest")
    lab.slash64("detach", "lan0")
    clear(lab)


@test
def an_export_is_whole_and_what_is_restored_of_a_configuration_stays(lab):  # documents, low
    lab.config("block: [{prefix: %s, reason: of the file}]\nallow: [2001:db8:7::/48]" % ATTACKER)
    lab.slash64("reload")
    backup = os.path.join(lab.dir, "whole.jsonl")
    lab.slash64("export", "--output", backup)
    with open(backup) as f:
        exported = [json.loads(line) for line in f]
    check_equal([(o["name"], o["origin"]) for o in exported if o["kind"] == "interface"], [("wan0", "config")],
                "configured interfaces")
    lab.slash64("restore", backup, "--yes")
    check_equal(rows(lab), [(ATTACKER, "config")], "what the configuration says has no second row")
    lab.config()
    lab.slash64("reload")
    check_equal(rows(lab), [], "its end with the configuration")
    lab.slash64("restore", backup, "--yes")
    check_equal((rows(lab), [r["origin"] for r in lab.json("allow")]), ([(ATTACKER, "restored")], ["restored"]), "restored")
    lab.slash64("reload")
    check_equal((rows(lab), len(lab.json("allow"))), ([(ATTACKER, "restored")], 1), "after a reload")
    clear(lab)


@test
def what_a_restore_leaves_to_the_configuration_is_known_when_it_takes_force(lab):
    """issue 13, find 14: it was the configuration when the text came, whatever was reloaded since"""
    here, gone, open_here, open_gone = ["2001:db8:14:%d::/64" % i for i in (1, 2, 3, 4)]
    lab.config("block: ['%s']\nallow: ['%s']" % (gone, open_gone))
    lab.slash64("reload")
    api = Api(lab.socket)
    restore = api.ask("POST", "/v1/imports", restore=1)["import"]
    api.ask("POST", "/v1/imports/text", lines(*(
        [{"type": "block", "prefix": prefix, "origin": "config"} for prefix in (here, gone)] +
        [{"type": "allow", "prefix": prefix, "origin": "config"} for prefix in (open_here, open_gone)])),
            **{"import": restore})
    lab.config("block: ['%s']\nallow: ['%s']" % (here, open_here))
    lab.slash64("reload")
    done = api.ask("POST", "/v1/imports/commit", **{"import": restore})
    api.close()
    check_equal(state(lab)[:2], ([(here, "config"), (gone, "restored")], [(open_here, "config"), (open_gone, "restored")]),
                "whose they are")
    check_equal(done["ignored"], 2, "what the configuration says")
    lab.config()
    lab.slash64("reload")
    clear(lab)


@test
def a_set_is_not_emptied_where_every_line_is_refused(lab):  # D4
    lab.slash64("import", write(lab, "a.txt", "2001:db8:7:1::/64\n"), "--origin", "a")
    lab.slash64("allow", "2001:db8:7::/48")
    for text in ("2001:db8:7:2::/64\n", lab_own(lab) + "\n", "2001:db8:7:2::/64\n2000::/20\n"):
        done = lab.slash64("import", write(lab, "a.txt", text), "--origin", "a", "--replace", check=False)
        check_equal((done.returncode, rows(lab)), (1, [("2001:db8:7:1::/64", "a")]), text)
        check("nothing was changed" in done.stderr, done.stderr)
    deletes = json.dumps({"new": [], "deleted": [{"value": "2001:db8:9::1", "scope": "Ip", "duration": "-1s"}]})
    done = lab.slash64("import", write(lab, "d.json", deletes), "--origin", "a", "--replace", check=False)
    check_equal((done.returncode, rows(lab)), (1, [("2001:db8:7:1::/64", "a")]), "a file that only deletes (field L2)")
    clear(lab)


@test
def strict_names_the_lines_that_guard_rails_refuse(lab):  # D13
    path = write(lab, "s.txt", "2001:db8:9:9::/64\n" + lab_own(lab) + "\nnonsense\n")
    done = lab.slash64("import", path, "--strict", check=False)
    check_equal((done.returncode, rows(lab)), (1, []), "nothing is taken")
    for line in (":2:", ":3:"):
        check(path + line in done.stderr, "%s is not in: %s" % (line, done.stderr))


@test
def a_file_without_entries_is_a_failure(lab):  # documents, low; field L5
    for name, text in (("comments.txt", "# nothing\n; here\n"), ("empty.txt", ""),
                       ("error.json", '{"type":"error","message":"quota exceeded"}\n'),
                       ("flow.json", '{"event_type":"flow","src_ip":"2001:db8::1"}\n')):
        for words in ((), ("--strict",)):
            done = lab.slash64("import", write(lab, name, text), *words, check=False)
            check_equal(done.returncode, 1, "%s %s" % (name, words))
    done = lab.slash64("import", write(lab, "no.json", '{"new":null,"deleted":null}'), check=False)
    check_equal(done.returncode, 0, "differences, of which there are none")


@test
def a_piece_has_512_kib_at_most(lab):  # documents, low
    api = Api(lab.socket)
    name = api.ask("POST", "/v1/imports?origin=p")["import"]
    api.ask("POST", "/v1/imports/text?import=" + name, "# " + "x" * (512 * 1024 - 3) + "\n")
    try:
        api.ask("POST", "/v1/imports/text?import=" + name, "# " + "x" * (512 * 1024) + "\n")
        refused = False
    except Refused as error:
        refused = "piece" in str(error)
    check(refused, "a piece that is larger")
    api.ask("DELETE", "/v1/imports?import=" + name)


@test
def a_list_leaves_room_for_a_person_and_tells_what_had_none(lab):  # field L7
    capacity = lab.status()["maps"]["prefixes_capacity"]
    text = "".join("2001:%x:%x::/48\n" % (0x1000 + i // 60000, i % 60000) for i in range(capacity + 500))
    done = lab.slash64("import", write(lab, "bogons.txt", text), "--origin", "bogons", check=False)
    check_equal(done.returncode, 1, "the status")
    check("room" in done.stdout + done.stderr and "maps.prefixes" in done.stderr, done.stdout + done.stderr)
    answer = lab.json("import", os.path.join(lab.dir, "bogons.txt"), "--origin", "bogons", check_code=1)[0]
    left = answer["refused_by"]["room"]
    check(500 < left <= 500 + 1024, "%d without room" % left)
    lab.slash64("block", "2001:db8:77::/48")
    check_equal(lab.json("lookup", "2001:db8:77::1")[0]["verdict"], "blocked", "a person's block")
    lab.slash64("import", write(lab, "none.txt", ""), "--origin", "bogons", "--replace", "--force")
    clear(lab)


def prepare(lab):
    plain = lab.json

    def with_code(*words, check_code=0):
        if not check_code:
            return plain(*words)
        done = lab.slash64("--json", *words, check=False)
        check_equal(done.returncode, check_code, "the status of %s" % " ".join(words))
        return [json.loads(line) for line in done.stdout.splitlines()]

    lab.json = with_code
    lab.start(lab.config())


if __name__ == "__main__":
    main(prepare)
