#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The policy in force as the running slash64d reports it, and how another configuration would
change it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test

OVERRIDES = "policy: {classes: {echo-request: drop}, limits: {packet-too-big: {rate: 50, burst: 60}}}\n"
IFACES = "[{name: wan0, filter: monitor, policy: {classes: {echo-reply: drop}}}]"


def shown(lab):
    rows = lab.json("policy", "show")
    return ({(r["interface"], r["setting"]): r["value"] for r in rows if "setting" in r},
            {(r["interface"], r["class"]): r for r in rows if "class" in r})


def written(lab, text):
    path = os.path.join(lab.dir, "other.yaml")
    with open(path, "w") as f:
        f.write(text)
    return path


@test
def the_default_is_shown_whole(lab):
    settings, classes = shown(lab)
    check_equal((settings[None, "profile"], settings[None, "filter"]), ("edge", "enforce"), "the profile and the filter")
    check_equal(classes[None, "echo-request"]["transit"], "limit", "echo requests in transit")
    check_equal(classes[None, "neighbor-solicitation"]["local"], "pass", "neighbour solicitations to the router")
    check("drop" in classes[None, "neighbor-solicitation"]["transit"], "and in transit")
    check_equal([c for c in classes.values() if c["changed"]], [], "what is marked as changed")


@test
def what_the_configuration_changes_is_shown_and_what_an_interface_has_of_its_own(lab):
    lab.config(OVERRIDES, IFACES)
    lab.slash64("reload")
    settings, classes = shown(lab)
    check_equal(settings["wan0", "filter"], "monitor", "the interface's filter")
    check_equal(classes[None, "echo-request"]["transit"], "drop", "echo requests")
    check(classes[None, "echo-request"]["changed"], "echo requests are not marked as changed")
    row = classes[None, "packet-too-big"]
    check_equal((row["rate"], row["burst"]), (50, 60), "the limit")
    check_equal(classes["wan0", "echo-reply"]["transit"], "drop", "echo replies on the interface")
    check(("wan0", "echo-request") not in classes, "the interface tells what it shares with all")
    text = lab.slash64("policy", "show").stdout
    check("echo-reply" in text and "wan0" in text, "the table: " + text)


@test
def a_difference_is_told_and_none_is_none(lab):
    path = os.path.join(lab.dir, "slash64.yaml")
    same = lab.slash64("--json", "policy", "diff", path)
    check_equal(same.stdout.strip(), "", "what the same configuration would change")
    with open(path) as f:
        text = f.read()
    other = written(lab, text.replace("echo-request: drop", "echo-request: pass"))
    done = lab.slash64("--json", "policy", "diff", other, check=False)
    check_equal(done.returncode, 1, "exit code of a difference")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check_equal([(r["name"], r["what"], r["now"], r["would_be"]) for r in rows],
                [("echo-request", "in transit", "drop", "pass"), ("echo-request", "to the router", "drop", "pass")],
                "what would change")
    said = lab.slash64("policy", "diff", other, check=False).stdout
    check("echo-request" in said, "the table: " + said)
    other = written(lab, text.replace("echo-request: drop", "echo-request: limit"))
    said = lab.slash64("diff", other, check=False).stdout
    check("echo-request, limit of a source: now none, would be 100/s burst 200\n" in said, said)


@test
def every_change_is_told_in_words(lab):
    """hostile O6: diff and reload reported changes of the policy only."""
    path = lab.config()
    lab.slash64("reload")
    with open(path) as f:
        before = f.read()
    more = "\n".join(["allow: [{prefix: '2001:db8:c1::/48', reason: ours}]", "block: ['2001:db8:bad:9::/64']",
                      "peers: ['2001:db8::5']", "own: ['2001:db8:5e::/48']", "sources: {lengths: [{prefix: '2001:db8:b::/48', length: 56}]}",
                      "feeds: [{file: %s/none, origin: spamhaus}]" % lab.dir, "log: {keep: 30d}",
                      "block_defaults: {for: 1h}", ""])
    after = re.sub(r"metrics: .*", "metrics: {listen: off}", before.replace(
        "[{name: wan0}]", "[{name: wan0, filter: monitor, ipv4: enforce, mode: generic}]")) + more
    said = lab.slash64("diff", written(lab, after), check=False)
    check_equal(said.returncode, 1, "exit code: " + said.stderr)
    for words in ("filter on wan0: now enforce, would be monitor", "ipv4 of wan0: now pass, would be enforce",
                  "mode of wan0: now auto, would be generic", "allow 2001:db8:c1::/48: now none, would be allowed: ours",
                  "block 2001:db8:bad:9::/64: now none, would be blocked", "peer 2001:db8::5/128: now none, would be guarded",
                  "own 2001:db8:5e::/48: now none, would be guarded", "sources 2001:db8:b::/48: now none, would be /56",
                  "feed spamhaus: now none, would be %s/none" % lab.dir, "log.keep: now ", "block_defaults.for: now ",
                  "would be off (needs a restart)"):
        check(words in said.stdout, "diff does not tell %r: %s" % (words, said.stdout))
    lab.slash64("diff", path)
    # without a file, it is the one that a reload reads, wherever slash64d was told to look for it
    check_equal(lab.slash64("diff").stdout, "%s would change nothing\n" % path, "diff of the file in use")
    with open(path, "w") as f:
        f.write(after)
    said = lab.slash64("reload").stdout
    lab.slash64("unblock", "2001:db8:bad:9::/64", "--origin", "config")
    lab.slash64("unallow", "2001:db8:c1::/48")
    back = ("block 2001:db8:bad:9::/64: %s none, %s blocked", "allow 2001:db8:c1::/48: %s none, %s allowed: ours")
    again = lab.slash64("diff", path, check=False)
    for words in back:
        check(words % ("now", "would be") in again.stdout, "what was taken back by hand: " + again.stdout)
    check_equal(again.returncode, 1, "exit code")
    again = lab.slash64("reload").stdout
    for words in back:
        check(words % ("was", "is") in again, "a reload brings back what was taken back by hand: " + again)
    for words in ("filter on wan0: was enforce, is monitor", "ipv4 of wan0: was pass, is enforce",
                  "block 2001:db8:bad:9::/64: was none, is blocked", "stays so until a restart, then off"):
        check(words in said, "reload does not tell %r: %s" % (words, said))
    with open(path, "w") as f:
        f.write(before)
    check("block 2001:db8:bad:9::/64: was blocked, is none" in lab.slash64("reload").stdout, "back again")


@test
def a_bad_one_is_refused_with_its_line_and_changes_nothing(lab):
    before = shown(lab)
    done = lab.slash64("policy", "diff", written(lab, "policy: {no-such-class: drop}\n"), check=False)
    check_equal(done.returncode, 2, "exit code")
    check("no-such-class" in done.stderr and done.stderr.count("\n") == 1, "it said: " + done.stderr)
    check_equal(shown(lab), before, "the policy in force")


main(lambda lab: lab.start(lab.config()))
