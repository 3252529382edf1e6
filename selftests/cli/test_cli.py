#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The command line against a daemon with scripted answers: arguments, errors.

    test_cli.py [WORD]...     only tests with one of the words in their name"""
import grp
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import mock_daemon
from mock_daemon import (PROGRAM, ROOT, SEEN, block, directory, done, equal, main, mock, one_line, open_terminal,
                         read_terminal, Result, run, sanitized, Skip, test, usage, wait_for)

TABLE = [json.loads(line) for line in subprocess.run([PROGRAM, "help", "--json"], capture_output=True, text=True).stdout.splitlines()]
COMMANDS = [row["command"] for row in TABLE]

STATUS = {
    "version": "0.1.0", "pid": 812, "uptime_seconds": 3605, "config": "/etc/slash64/slash64.yaml",
    "interfaces": [{"name": "eth0", "ifindex": 2, "state": "attached", "mode": "native",
                    "method": "dispatcher", "filter": "enforce", "program_id": 77, "origin": "config",
                    "passed_per_second": 1200.1, "dropped_per_second": 19900.2, "would_drop_per_second": 0.0}],
    "maps": {"blocks": 3, "blocks_capacity": 1048576, "allowlist": 1, "limiter_live": 18,
               "limiter_capacity": 1048576, "bytes": 45088768},
    "rates": [{"interface": "eth0", "class": "echo-request", "verdict": "drop", "reason": "over-source-limit",
               "packets_per_second": 19900.2, "packets": 412345, "bytes": 40409810}]}


# --- arguments and options ---

@test
def help_lists_every_command():
    out = run("--help").out
    done(run("--help"))
    for command in {words[0] for words in EVERY} | {"replay"}:
        assert command in COMMANDS, command
    done(run("help"), out)
    done(run("--version"), "slash64 0.2.0\n")


@test
def each_command_has_its_own_help_and_needs_no_daemon_for_it():
    mock.says({})
    for command in COMMANDS:
        result = run(command, "--help")
        done(result)
        assert result.out.startswith("usage: slash64 %s" % command), result.out
        done(run("help", command), result.out)  # hostile O11
        done(run("--help", command), result.out)
        done(run(command, "-h"), result.out)
        equal(mock.requests, [])


@test
def wrong_words_are_one_line_with_a_hint_and_2():
    mock.says({})
    usage(run(), "missing command")
    usage(run("frobnicate"), "unknown command 'frobnicate'")
    usage(run("--frobnicate"), "unknown option '--frobnicate'")
    usage(run("blo"), "unknown command 'blo'")
    usage(run("status", "now"), "status: unexpected argument 'now'")
    usage(run("block"), "missing argument", "slash64 block PREFIX")
    usage(run("list", "2001:db8::/64", "2001:db8:1::/64"), "unexpected argument")
    usage(run("block", "2001:db8::/64", "--untill", "1h"), "unknown option '--untill'", "slash64 block --help")
    usage(run("block", "2001:db8::/64", "-f", "1h"), "unknown option '-f'")
    usage(run("block", "2001:db8::/64", "--for"), "--for needs a value")
    usage(run("block", "2001:db8::/64", "--forever=1h"), "unknown option '--forever=1h'")
    usage(run("attach"), "slash64 attach IFACE")
    usage(run("attach", "eth0", "--mode", "fast"), "'fast' must be auto, native or generic")
    usage(run("attach", "eth0", "--filter", "off"), "'off' must be enforce or monitor")
    usage(run("top", "--json", "extra"), "'extra'")
    usage(run("list", "a\nb"), "'a b'")
    result = Result(subprocess.run([PROGRAM, "status", "--socket"], capture_output=True, text=True))
    one_line(result, 2, "--socket needs a value")


@test
def what_is_no_prefix_is_usage_and_not_sent():
    mock.says({})
    for command in ["block"], ["throttle", "--rate=1"], ["unblock"], ["list"], ["allow"], ["unallow"]:
        for bad in ("2001:db8::/zz", "2001:db8::/129", "eth0", "", "192.0.2.1/33", "192.0.2.256", "2001:db8::1%eth0",
                    "a\nb"):
            usage(run(*command, bad), "is not a prefix: ")
    equal(run("block", "eth0").err, "slash64: 'eth0' is not a prefix: write it like "
          "2001:db8:0:1::/64, or like 198.51.100.7; see slash64 block --help\n")


@test
def what_is_no_address_is_usage_and_not_sent():
    mock.says({})
    for bad in "198.51.100", "eth0", "", "2001:db8::1%eth0":
        usage(run("lookup", bad), "is not an address: ")
    usage(run("lookup", "eth0"), "write it like 2001:db8:0:1::66, or like 198.51.100.7")
    for bad in "2001:db8::/64", "198.51.100.0/24":
        usage(run("lookup", bad), "is a prefix, not an address")


@test
def what_is_no_duration_is_usage_and_not_sent():
    mock.says({})
    for bad in "90x", "", "1x", "-1h", "0s", "30m1h", "forever", "--reason":
        usage(run("block", "2001:db8::/64", "--for", bad), "is not a duration: write ")
        usage(run("throttle", "2001:db8::/64", "--rate=1", "--for", bad), "is not a duration")
        usage(run("import", __file__, "--for", bad), "is not a duration")
        for option in "--hit-within", "--started-within", "--ends-within":
            usage(run("list", option, bad), option, "is not a duration")
    usage(run("block", "2001:db8::/64", "--for", "11y"), "'11y'")
    usage(run("block", "2001:db8::/64", "--for", "9999d"), "longer than ten years")


@test
def what_is_no_number_is_usage_and_not_sent():
    mock.says([])
    for bad in "0", "-1", "x", "", "nan", "inf", "1&limit=9", "1 ", "0x10", "1.2.3", "1" * 40:
        usage(run("top", "--seconds", bad), "--seconds")
        usage(run("top", "--limit", bad), "--limit")
        what = "is too large" if len(bad) > 12 else "is not a whole number"  # walk: a number that is too large is one
        for option in "--hits", "--limit", "--offset":
            if (option, bad) != ("--offset", "0"):
                usage(run("list", option, bad), option, what)
        usage(run("throttle", "2001:db8::/64", "--rate=1", "--burst", bad), "--burst", what)
        usage(run("throttle", "2001:db8::/64", "--rate", bad), "--rate", "is not a")
    usage(run("top", "--limit", "1.5"), "whole number")


@test
def a_word_that_is_not_on_the_list_is_usage_and_the_list_is_told():
    mock.says([])
    usage(run("list", "--kind", "blocks"), "--kind 'blocks' must be block or throttle")
    usage(run("list", "--sort", "last-hit"),
          "--sort 'last-hit' must be prefix, origin, reason, ticket, start, until, hits or last_hit")
    usage(run("import", __file__, "--format", "json"), "--format 'json' must be auto, plain, csv, drop, drop-text, "
          "eve, crowdsec, slash64, decisions, abuseipdb or stix")
    usage(run("throttle", "2001:db8::/64"), "missing --rate: packets per second, like --rate 100")


@test
def json_and_socket_stand_before_and_behind():
    mock.says([block()])
    expected = json.dumps(block(), separators=(",", ":")) + "\n"
    for words in (["--json", "--socket", mock.path, "list"], ["list", "--json", "--socket", mock.path],
                  ["--socket=" + mock.path, "list", "--json"], ["--json", "list", "--socket=" + mock.path]):
        done(Result(subprocess.run([PROGRAM] + words, capture_output=True, text=True)), expected)


@test
def two_dashes_end_the_options():
    mock.says({"prefix": "2001:db8::/64"})
    done(run("unblock", "--", "2001:db8::/64"), "unblocked 2001:db8::/64\n")
    mock.says({})
    usage(run("unblock", "--", "--json"), "'--json' is not a prefix")


# --- requests, and the messages about them ---

@test
def attach_says_what_came_of_it():
    mock.says(STATUS["interfaces"][0])
    done(run("attach", "eth0"), "attached to eth0: native mode, dispatcher, filter enforce\n")
    equal(mock.requests, [("POST", "/v1/interfaces", {}, {"name": "eth0"})])
    mock.says(STATUS["interfaces"][0])
    done(run("attach", "--mode=native", "eth0", "--filter", "monitor"))
    equal(mock.requests[0][3], {"name": "eth0", "mode": "native", "filter": "monitor"})


@test
def reload_says_what_changed():
    mock.says({"config": "/etc/s.yaml", "changes": 2, "message": "the configuration is in force"})
    done(run("reload"), "reloaded /etc/s.yaml: the configuration is in force; interfaces attached or detached: 2\n")
    equal(mock.requests, [("POST", "/v1/reload", {}, None)])


@test
def lines_of_a_feed_that_were_not_imported_are_told():
    """issue 14: by status and by a reload, with line and reason"""
    feed = dict(condition()["feeds"][0], state="taken", error=None, problems=1203,
                problem_lines=[{"line": 17, "error": "'x' is not a prefix"}])
    told = ["feed spamhaus (/var/lib/feeds/drop.json): 1,203 lines were not imported",
            "/var/lib/feeds/drop.json:17: 'x' is not a prefix", "/var/lib/feeds/drop.json: and 1,202 more"]
    mock.says(dict(STATUS, feeds=[feed]))
    out = run("status").out
    assert "\n".join(told) + "\n" in out, out
    assert "1,203" in [line for line in out.splitlines() if line.startswith("spamhaus ")][0], out
    mock.says({"config": "/etc/s.yaml", "changes": 0, "message": "the configuration is in force", "feeds": [feed]})
    equal(run("reload").err, "".join("slash64: %s\n" % line for line in told))
    mock.says({"config": "/etc/s.yaml", "changes": 0, "message": "the configuration is in force",
               "feeds": [dict(feed, state="waiting", problems=0, problem_lines=[])]})
    equal(run("reload").err, "slash64: feed spamhaus (/var/lib/feeds/drop.json): being read; "
                             "see 'slash64 status' for the result\n")


@test
def status_is_three_tables():
    mock.says(STATUS)
    result = run("status")
    done(result)
    head, ifaces, tables, rates = result.out.split("\n\n")
    equal(head, "slash64d 0.1.0, process 812, up 1h, configured by /etc/slash64/slash64.yaml")
    equal(ifaces.splitlines()[1].split(), ["eth0", "attached", "enforce", "1,200", "19,900", "0", "native",
                                           "dispatcher"])
    equal(tables.splitlines()[1].split(), ["blocks", "3", "1,048,576", "0.0%"])
    assert "43.0 MiB" in tables
    equal(rates.splitlines()[0].split(), ["INTERFACE", "CLASS", "VERDICT", "REASON", "PACKETS/S", "PACKETS"])
    equal(rates.splitlines()[1].split(), ["eth0", "echo-request", "drop", "over-source-limit", "19,900", "412,345"])
    done(run("status", "--json"), json.dumps(STATUS, separators=(",", ":")) + "\n")


@test
def a_status_of_many_counters_is_taken():
    mock.says(dict(STATUS, rates=STATUS["rates"] * 20000))
    result = run("status")
    done(result)
    equal(result.out.count("over-source-limit"), 20000)


@test
def status_before_the_first_packet_makes_sense():
    mock.says(dict(STATUS, rates=[], interfaces=[]))
    result = run("status")
    done(result)
    assert "attached to no interface" in result.out and "no packets seen" in result.out


@test
def own_addresses_without_room_are_told():
    """hostile 5"""
    own = {"own_addresses": 57344, "own_addresses_capacity": 32768, "own_addresses_left_out": 0}
    mock.says(dict(STATUS, maps=dict(STATUS["maps"], **own)))
    out = run("status").out
    assert ["own", "addresses", "57,344", "32,768"] in [line.split()[:4] for line in out.splitlines()], out
    assert "no room" not in out
    mock.says(dict(STATUS, maps=dict(STATUS["maps"], **dict(own, own_addresses_left_out=2656))))
    assert "2,656 own addresses have no room, and count as transit" in run("status").out


def condition(*problems):
    feed = {"origin": "spamhaus", "file": "/var/lib/feeds/drop.json", "format": "auto", "state": "failed",
            "error": "Permission denied", "failed_at": "2026-11-26T19:00:00Z", "applied": "2026-11-25T19:00:00Z",
            "entries": 90, "problems": 0, "problem_lines": [], "refused": 0}
    store = {"held": False, "log_bytes": 82400, "unnamed": 0, "path": "/var/lib/slash64/slash64.db", "bytes": 45056,
             "disk_free_bytes": 1 << 30, "written": None, "error": None, "read_only": False, "changes": 1234,
             "last_change": "2026-11-26T19:00:00Z"}
    lan0 = {"name": "lan0", "ifindex": 0, "state": "detached", "mode": "none", "method": "none", "filter": "enforce",
            "program_id": 0, "origin": "config", "passed_per_second": 0.0, "dropped_per_second": 0.0,
            "would_drop_per_second": 0.0, "since": "2026-11-26T19:00:00Z", "detached_by": "root"}
    return dict(STATUS, feeds=[feed], store=store, interfaces=STATUS["interfaces"] + [lan0],
                health={"ok": not problems, "problems": [dict(code="feed-failed", text=text, since=since)
                                                         for text, since in problems]})


@test
def a_problem_of_the_health_comes_with_what_to_type():
    """issue 15, 5: slash64d says what failed, the command what to type"""
    for members, typed in (
            ({"code": "interface-detached", "interface": "lan0"}, "'slash64 attach lan0' attaches it again"),
            ({"code": "interface-monitors", "interface": "lan0"}, "'slash64 attach lan0' goes back to that"),
            ({"code": "no-interface"}, "or 'slash64 attach IFACE'"),
            ({"code": "store-lost"}, "'slash64 export' saves what there is"),
            ({"code": "store-log-lost"}, "'systemctl restart slash64d' makes another one"),
            ({"code": "not-returned"}, "'slash64 confirm' keeps what is in force"),
            ({"code": "feed-failed", "feed": "f", "failure": "list-shrunk"}, "'slash64 import FILE --origin f --replace' applies it"),
            ({"code": "feed-failed", "feed": "f", "failure": "list-empty"},
             "'slash64 import FILE --origin f --replace --force' applies it"),
            ({"code": "feed-failed", "feed": "f"}, None), ({"code": "interface-detached"}, None), ({"code": "table-full"}, None)):
        mock.says(dict(STATUS, health={"ok": False, "problems": [dict({"text": "it is not well", "since": None}, **members)]}))
        equal(run("status").out.splitlines()[0], "NOT WELL: it is not well" + ("; " + typed if typed else ""))


@test
def the_first_line_of_status_says_whether_all_is_well():
    """hostile O4, O5, O16"""
    mock.says(condition())
    result = run("status")
    done(result)
    equal(result.out.splitlines()[0], "all is well: slash64 is on 2 interfaces, and 3 blocks and throttles are in force")
    done(run("status", "--quiet"), "")
    both = [dict(iface, filter="monitor") for iface in condition()["interfaces"]]
    for ifaces, told in ((both, "2 interfaces, which only monitor, and"),
                         (both[:1], "1 interface, which only monitors, and"),
                         ([both[0], condition()["interfaces"][1]], "2 interfaces, 1 of which only monitors, and")):
        mock.says(dict(condition(), interfaces=ifaces))
        assert run("status").out.startswith("all is well: slash64 is on " + told), told
    mock.says(condition(("nothing is filtered on lan0: root detached it", "2026-11-26T19:00:00Z"), ("a feed failed", None)))
    for words in ["status"], ["status", "--json"], ["status", "--quiet"]:
        result = run(*words, env=dict(os.environ, TZ="UTC"))
        equal((result.code, result.err), (1, ""))
        if words[-1] == "--quiet":
            equal(result.out, "")
    lines = run("status", env=dict(os.environ, TZ="UTC")).out.splitlines()
    equal(lines[0], "NOT WELL: nothing is filtered on lan0: root detached it (since 2026-11-26 19:00:00 UTC)")
    equal(lines[1], "and: a feed failed")
    words = [line.split() for line in lines]
    assert ["lan0", "detached", "enforce", "0", "0", "0", "none", "none", "2026-11-26", "19:00:00", "UTC",
            "root"] in words, lines
    assert ["spamhaus", "failed", "90", "0", "2026-11-25", "19:00:00", "UTC", "2026-11-26", "19:00:00", "UTC",
            "/var/lib/feeds/drop.json", "Permission", "denied"] in words, lines
    assert "store   /var/lib/slash64/slash64.db, 44.0 KiB, write-ahead 80.5 KiB, no errors" in lines, lines
    wide = [line for line in run("status", env=dict(os.environ, COLUMNS="80")).out.splitlines() if line.startswith("store")]
    assert wide and len(wide[0]) <= 80, wide
    one = condition()
    one["maps"]["blocks"] = 1
    mock.says(one)
    assert ", and 1 block or throttle is in force\n" in run("status").out


@test
def a_health_check_knows_when_slash64d_cannot_be_asked():
    result = run("status", "--quiet", at="/nonexistent/control.sock")
    equal((result.code, result.out, result.err), (3, "", ""))


@test
def without_slash64d_it_is_told_whether_filtering_goes_on():
    """hostile O7: for pinned maps, see test_status.py"""
    result = run("status", "--pins", "/nonexistent", at="/nonexistent/control.sock")
    one_line(result, 1, "is slash64d running?")
    equal(result.out, "NOT WELL: slash64d is not running, and none of its maps are in /nonexistent, so nothing is "
          "filtered, unless maps.pins is another directory: give it with --pins\n")
    answer = json.loads(run("status", "--json", "--pins", "/nonexistent", at="/nonexistent/control.sock").out)
    equal((answer["running"], answer["filtering"], answer["interfaces"]), (False, False, []))


@test
def top_asks_for_what_it_was_told():
    mock.says([dict(SEEN, source="2001:db8:bad:1::/64", blocked=False)])
    result = run("top", "--seconds", "2.5", "--limit", "3")
    done(result)
    words = result.out.splitlines()[1].split()
    equal(words[:3] + words[-6:], ["2001:db8:bad:1::/64", "20,011", "25,000", "15.7", "M", "99.5%", "echo-request",
                                   "over-source-limit", "no"])
    equal(mock.requests, [("GET", "/v1/top", {"seconds": ["2.5"], "limit": ["3"]}, None)])
    mock.says([])
    done(run("top"), "no IPv6 traffic seen\n")


@test
def top_groups_by_what_it_is_told():
    row = {key: value for key, value in SEEN.items()}
    for by, more, first in (("destination", {"destination": "2001:db8:5e:1::/64"}, "2001:db8:5e:1::/64"),
                            ("48", {"aggregate": "2001:db8:bad::/48"}, "2001:db8:bad::/48"),
                            ("class", {}, "echo-request"), ("reason", {}, "over-source-limit")):
        mock.says([dict(row, **more)])
        result = run("top", "--by", by, "--verdict", "drop", "--source", "2001:db8::/32")
        done(result)
        words = result.out.splitlines()[1].split()
        equal(words[:3], [first, "20,011", "25,000"])
        assert "99.5%" in words, words
        equal(mock.requests[0][2], {"seconds": ["10"], "limit": ["20"], "by": [by], "verdict": ["drop"],
                                    "source": ["2001:db8::/32"]})
    mock.says([])
    done(run("top", "--class", "udp"), "no such packets seen\n")
    mock.requests.clear()
    usage(run("top", "--by", "port"), "--by 'port' must be source, destination, 48, class or reason")
    usage(run("top", "--class", "ecko-request"), "did you mean 'echo-request'?")


@test
def top_never_says_that_is_dropped_what_passes():
    """hostile O1"""
    mock.says([dict(SEEN, source="2001:db8:bad:1::/64", blocked=True, dropped_percent=0.0, would_drop_percent=99.5,
                    uncertainty_percent=40.0)])
    words = run("top").out.splitlines()[1].split()
    equal((words[1], words[-5:-3]), ("~20,011", ["would", "99.5%"]))


# --- metrics ---

@test
def metrics_are_passed_on_as_they_are():
    text = b'# HELP a b\n# TYPE a counter\n\na{x="\\"1\\"",y="+Inf"} 3\nb NaN\n'
    mock.says(text)
    done(run("metrics"), text.decode())
    equal(mock.requests, [("GET", "/metrics", {}, None)])
    result = run("metrics", "--json")
    done(result)
    equal([json.loads(line) for line in result.out.splitlines()],
          [{"name": "a", "labels": {"x": '"1"', "y": "+Inf"}, "value": 3},
           {"name": "b", "labels": {}, "value": None}])
    mock.says(b"<html>\n")
    one_line(run("metrics", "--json"), 1, "unexpected answer from")


# --- failures ---

EVERY = [["status"], ["attach", "eth0"], ["detach", "eth0"], ["block", "2001:db8::/64"],
         ["throttle", "2001:db8::/64", "--rate=1"], ["unblock", "2001:db8::/64"], ["list"], ["lookup", "2001:db8::1"],
         ["import", __file__], ["export"], ["allow", "2001:db8::/64"], ["allow"],
         ["unallow", "2001:db8::/64"], ["top"], ["reload"], ["metrics"], ["policy", "show"]]
LISTS = [["list"], ["export"], ["allow"], ["top"], ["metrics"], ["policy", "show"]]
PLAIN = [words for words in EVERY if words not in LISTS]


@test
def an_error_of_the_daemon_is_told_in_its_own_words():
    for status in 400, 404, 409, 413, 500, 503:
        mock.says({"error": "there is no block of 2001:db8::/64", "code": "not-found", "hint": "look again"}, status)
        for words in EVERY:
            result = run(*words)
            one_line(result, 1)
            equal((result.out, result.err), ("", "slash64: there is no block of 2001:db8::/64; look again\n"))
            equal(run(*words, "--json").err, result.err)


@test
def an_error_without_words_is_told_by_its_status():
    for body in b"", b"<html>\n<h1>Bad Gateway</h1>\n</html>\n", b'{"error":5}\n', b"[]\n", b"{}":
        mock.says(body, 502)
        for words in EVERY:
            one_line(run(*words), 1, mock.path, "HTTP status 502", "is it slash64d?")


@test
def without_a_socket_it_asks_whether_slash64d_runs():
    result = run("status", at="/nonexistent/control.sock")
    one_line(result, 1)
    equal(result.err, "slash64: cannot reach slash64d at /nonexistent/control.sock: No such file or directory; "
          "is slash64d running? (systemctl status slash64d)\n")
    stale = os.path.join(directory, "stale.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(stale)
    one_line(run("list", at=stale), 1, "Connection refused", "is slash64d running?")


def without_permission(path, *words):
    command = [PROGRAM, "--socket", path] + list(words)
    if not os.geteuid():
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
    result = Result(subprocess.run(command, capture_output=True, text=True))
    one_line(result, 1)
    before = "slash64: cannot reach slash64d at %s: Permission denied; use root" % path
    assert result.err.startswith(before), result.err
    return result.err[len(before):].strip()


@test
def without_permission_it_names_the_groups_that_the_sockets_have():
    """Issue 14: a user who may only read was told to join the group that may change things,
    whatever the groups."""
    os.chmod(directory, 0o755)
    os.makedirs(directory + "/closed", exist_ok=True)
    os.chmod(directory + "/closed", 0o755)
    path, beside = directory + "/closed/control.sock", directory + "/closed/read.sock"
    with socket.socket(socket.AF_UNIX) as control, socket.socket(socket.AF_UNIX) as read:
        control.bind(path)
        read.bind(beside)
        for one in path, beside:
            os.chmod(one, 0)
        if not os.geteuid():
            equal(without_permission(path, "list"), "")  # of root only
            os.chown(path, -1, grp.getgrnam("daemon").gr_gid)
            equal(without_permission(path, "list"), ", or join the group daemon")
            os.chown(beside, -1, grp.getgrnam("games").gr_gid)
        else:
            without_permission(path, "list")
            return
        equal(without_permission(path, "list"),
              ", or join the group daemon, or the group games, which may only look")
        equal(without_permission(path, "block", "2001:db8::/64"), ", or join the group daemon")


def after(seconds, *words):
    """The result if that much time passes while slash64d sends no more than `first`, given to mock."""
    clock = os.path.join(directory, "clock")
    preload = os.path.join(os.path.dirname(os.path.abspath(PROGRAM)), "stepped_clock.so")
    if sanitized() or not os.path.exists(preload):
        raise Skip("the clock cannot be stepped here")
    with open(clock, "w") as file:
        file.write("0")
    before = len(mock.requests)
    with subprocess.Popen([PROGRAM, "--socket", mock.path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=dict(os.environ, LD_PRELOAD=preload, STEPPED_MONOTONIC=clock)) as process:
        wait_for(lambda: len(mock.requests) > before)
        with open(clock, "w") as file:
            file.write(str(seconds))
        out, err = process.communicate(timeout=20)
    result = Result(process)
    result.out, result.err = out, err
    return result


@test
def a_slash64d_that_is_stopped_is_not_waited_for_for_ever():
    """Issue 14: with slash64d stopped, list, log, top, metrics and export never ended, and a health
    check took a minute."""
    def silent_after(first):
        yield first
        time.sleep(25)  # for longer than is waited for it

    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
    for words, first in ((["list"], b""), (["list"], head + json.dumps(block(1)).encode() + b"\n"), (["metrics"], head)):
        mock.says_raw(silent_after(first))
        result = after(61, *words)
        equal((result.code, "did not answer for 61 s" in result.err), (1, True), result.err)
    mock.says_raw(silent_after(b""))
    result = after(61, "block", "2001:db8::/64")  # which it does when it continues
    one_line(result, 1, "did not answer for 61 s", "whether it was done nevertheless (journalctl -u slash64d)")
    mock.says_raw(silent_after(b""))
    one_line(after(11, "status"), 1, "did not answer for 1")  # it took a minute
    mock.says_raw(silent_after(b""))
    result = after(11, "status", "--quiet")
    equal((result.code, result.out, result.err), (3, "", ""))


@test
def walk_a_terminal_is_told_that_slash64d_does_not_answer_yet():
    """`list` was silent for a minute while slash64d was stopped."""
    clock = os.path.join(directory, "slow")
    preload = os.path.join(os.path.dirname(os.path.abspath(PROGRAM)), "stepped_clock.so")
    if sanitized() or not os.path.exists(preload):
        raise Skip("the clock cannot be stepped here")

    def step(seconds):
        with open(clock, "w") as file:
            file.write(str(seconds))

    told = "\rslash64: slash64d has not answered for 5 s; waiting up to 60 s\x1b[K"
    for words, answer in ((["list"], [block(1)]), (["block", "2001:db8:bad:1::/64"], block(1))):
        def late(*request):
            step(5)
            time.sleep(1.5)  # libcurl asks once a second
            return 200, answer

        mock.serves(late)
        environment = {"LD_PRELOAD": preload, "STEPPED_MONOTONIC": clock}
        step(0)
        got = mock_daemon.on_terminal(*words, **environment)
        assert got.code == 0 and told in got.out and "\x1b[K\r\x1b[K" in got.out, got.out
    step(0)
    equal(run(*words, env=dict(os.environ, **environment)).err, "")  # a script gets nothing unexpected


@test
def walk_what_cannot_be_watched_has_one_line_and_no_note():
    """The note about an address came before "cannot reach slash64d"."""
    for words in ("watch",), ("capture", "--write", "/dev/null"):
        one_line(run(*words, "--source", "2001:db8::1", at="/nonexistent/control.sock"), 1, "cannot reach slash64d")
        mock.says({"error": "out of memory", "code": "unavailable"}, 503)
        one_line(run(*words, "--source", "2001:db8::1"), 1, "slash64: out of memory\n")


@test
def walk_policy_check_tells_of_feed_files_that_are_missing():
    """slash64d --check did; `policy check` did not."""
    path = os.path.join(directory, "feeds.yaml")
    with open(path, "w") as file:
        file.write("interfaces: [{name: eth0}]\nfeeds:\n- {file: /nonexistent/drop.json, origin: spamhaus}\n- {file: %s, origin: here}\n" % path)
    done(run("policy", "check", path), "%s:3: warning: feed spamhaus: /nonexistent/drop.json does not exist; it is read when "
         "it appears\n%s is valid, 1 warning\n" % (path, path))


@test
def a_path_that_is_no_socket_s_does_not_go_to_the_network():
    for path in "", "/" + "a" * 107, "/" + "a" * 5000:
        result = Result(subprocess.run([PROGRAM, "--socket=" + path, "status"], capture_output=True, text=True))
        one_line(result, 1, "1 to 107 characters")
    result = Result(subprocess.run([PROGRAM, "--socket=/" + "a" * 106, "status"], capture_output=True, text=True))
    one_line(result, 1, "No such file or directory")


@test
def a_proxy_of_the_environment_is_not_asked():
    mock.says([])
    done(run("list", env={"http_proxy": "http://[::1]:1", "ALL_PROXY": "http://[::1]:1"}), "no blocks\n")


@test
def garbage_is_not_taken_for_an_answer():
    for body in b"garbage\n", b"[]\n", b"5\n", b'"a"\n', b'{"prefix":\n', b"\0\0\n", b"\xff\n", b"null\n":
        mock.says(body)
        for words in EVERY:
            if words == ["metrics"] and b"\0" not in body:
                continue
            for json_too in [], ["--json"]:
                result = run(*words, *json_too)
                one_line(result, 1, mock.path, "unexpected answer from")
                equal(result.out, "")


@test
def an_object_of_something_else_is_not_taken_for_an_answer():
    for body in b'{"hello":"world"}\n', b"{}\n", b'{"error":"said with 200"}\n':
        mock.says(body)
        for words in PLAIN:
            one_line(run(*words), 1, "unexpected answer from")
    mock.says(b"")
    for words in PLAIN:
        one_line(run(*words), 1, "gave an empty answer")


@test
def two_answers_are_no_answer():
    mock.says([block(1), block(2)])
    one_line(run("block", "2001:db8:bad:1::/64"), 1, "unexpected answer from")


@test
def what_is_not_http_is_refused():
    for answer in b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1", b"HTTP/1.1 200 OK\r\nContent-Le":
        mock.says_raw(answer)
        for words in ["status"], ["list"]:
            one_line(run(*words), 1, mock.path)


@test
def an_answer_that_is_cut_off_is_a_failure():
    line = json.dumps(block()).encode() + b"\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(line) * 2)
    for rest in line, line + line[:20], line[:20]:
        for words in ["list"], ["list", "--json"], ["block", "2001:db8::/64"]:
            mock.says_raw(head + rest)
            one_line(run(*words), 1, "broke off its answer")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(line), line)
    mock.says_raw(chunked)
    result = run("list")
    one_line(result, 1, "broke off its answer")
    assert "2001:db8:bad:0::/64" in result.out


@test
def a_full_disk_is_a_failure_told_once():
    for words in ["list"], ["list", "--json"], ["export"], ["status"], ["metrics"], ["--help"], ["list", "--help"]:
        mock.says({"metrics": b"a 1\n" * 1000, "status": STATUS}.get(words[0], [block(1)] * 1000))
        with open("/dev/full", "w") as full:
            one_line(run(*words, stdout=full), 1, "cannot write the output: No space left on device")


@test
def a_list_that_cannot_be_written_is_not_read_to_its_end():
    line = json.dumps(block()).encode() + b"\n"
    sent = []

    def endless():
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while len(sent) < 2000000:
            sent.append(1)
            yield b"%x\r\n%s\r\n" % (len(line), line)

    for words in ["list"], ["list", "--json"]:
        sent.clear()
        mock.says_raw(endless())
        with open("/dev/full", "w") as full:
            one_line(run(*words, stdout=full), 1, "cannot write the output")
        assert len(sent) < 100000


@test
def control_characters_of_others_do_not_reach_the_terminal():
    bad = "\x1b]0;gone\x07\x1b[2J\nroot# \x7f\u009b31m"
    good = "?]0;gone??[2J?root# ??31m"
    mock.says([block(1, reason=bad, ticket=bad)])
    result = run("list")
    done(result)
    assert result.out.endswith("%s [%s]\n" % (good, good)), repr(result.out)
    mock.says(block(1, reason=bad, note=bad))
    done(run("block", "2001:db8:bad:1::/64"), "blocked 2001:db8:bad:1::/64 (check 9K) (without end): %s\nnote: %s\n" % (good, good))
    mock.says({"error": bad, "code": "conflict"}, 409)
    one_line(run("list"), 1, good)
    rows = json.dumps(block(1, reason=bad, ticket=bad), separators=(",", ":")) + "\n"
    mock.says(rows.encode())
    done(run("list", "--json"), rows)


# --- the terminal ---

def on_terminal(**environment):
    primary, secondary = open_terminal()
    subprocess.run([PROGRAM, "--socket", mock.path, "list"], stdout=secondary, timeout=20, env=environment)
    os.close(secondary)
    return read_terminal(primary)


@test
def headers_are_bold_on_a_terminal_unless_it_shall_not():
    mock.says([block(1)])
    assert on_terminal(TERM="vt100").startswith(b"\x1b[1mPREFIX")
    assert b"\x1b" not in on_terminal(TERM="vt100", NO_COLOR="1")
    assert b"\x1b" not in on_terminal(TERM="dumb")
    assert b"\x1b" not in on_terminal()
    assert "\x1b" not in run("list").out


@test
def walk_capture_tells_why_slash64d_is_not_reached_as_all_do():
    for where in "/nonexistent/control.sock", "/etc/passwd", "x" * 200:
        watch, capture = run("watch", at=where), run("capture", "--packets", "1", at=where)
        equal((capture.code, capture.out, capture.err), (watch.code, "", watch.err))


# --- closed streams ---

@test
def walk_a_closed_stream_does_not_become_a_socket_or_a_file():
    """What was meant for standard output went to slash64d; a message, into the backup."""
    got = []

    def answers(method, path, query, body):
        got.append((method, path))
        return 200, [block(i) for i in range(3000)]
    mock.serves(answers)
    out = subprocess.run([PROGRAM, "--socket", mock.path, "list", "--all"], stderr=subprocess.PIPE, text=True, timeout=20,
                         stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(1))
    equal((out.returncode, out.stderr), (1, "slash64: cannot write the output: Bad file descriptor\n"))
    equal(len(got), 1)
    # in calm, nothing is written that could fail: log --follow waited for the next change
    mock.serves(lambda *request: time.sleep(20) or (200, []))
    for words in ("log", "--follow"), ("watch",):
        out = subprocess.run([PROGRAM, "--socket", mock.path] + list(words), stderr=subprocess.PIPE, text=True, timeout=10,
                             stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(1))
        equal((out.returncode, out.stderr), (1, "slash64: cannot write the output: Bad file descriptor\n"))
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "backup")
        mock.serves(lambda *request: (503, {"error": "out of memory", "code": "unavailable"}))
        subprocess.run([PROGRAM, "--socket", mock.path, "export", "--output", path], timeout=20, preexec_fn=lambda: os.close(2))
        equal(os.listdir(where), [])


if __name__ == "__main__":
    sys.exit(main())
