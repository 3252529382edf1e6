#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Output fits the terminal, and nothing is lost by that: hostile O9, issue 14 line 5.

    test_fits.py [WORD]...     only tests with one of the words in their name"""
import os
import resource
import re
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import SEEN, block, directory, done, equal, main, mock, on_terminal, run, test

LONG = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"
REASON = "somebody at the other end of the world sends echo requests of every size to every address that there is"


def change(number=0, **more):
    row = {"number": number, "time": "2026-11-20T12:00:00.000Z", "who": "annabelle.fitzgerald", "action": "throttle",
           "prefix": "2001:db8:bad:%x::/64" % number, "origin": "crowdsec-community-list", "reason": REASON,
           "detail": None, "ticket": "NOC-%d" % (4000 + number), "from": "socket, slash64, ssh from 2001:db8:1:2::5"}
    row.update(more)
    return row


def blocks(count):
    return [block(i, origin="crowdsec-community-list", reason=REASON, ticket="NOC-%d" % (4000 + i),
                  last_hit="2026-11-20T12:00:00Z") for i in range(count)]


def fits(terminal, columns=80):
    equal(terminal.code, 0)
    wide = [line for line in terminal.lines if len(line) > columns]
    assert not wide, "%d columns: %r" % (columns, wide)


def script(name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, stat.S_IRWXU)
    return path


# --- tables ---

@test
def walk_a_long_ticket_fits_too_and_is_not_broken():
    """A word wider than the narrowest reason stood over the edge of the terminal."""
    ticket = "[%s]" % ("NOC-4711-" * 4)[:34]
    mock.says([block(1, reason=REASON, ticket=ticket[1:-1], until="2026-11-20T12:00:00Z", last_hit="2026-11-20T12:00:00Z")])
    for columns in 80, 100:
        seen = on_terminal("list", columns=columns)
        fits(seen, columns)
        assert any(line.strip().endswith(ticket) for line in seen.lines), seen.plain


@test
def hostile_o9_every_list_fits_80_columns_and_loses_nothing():
    for words, rows in ((["list"], blocks(3) + [block(9, prefix=LONG, origin="o" * 63)]),
                        (["log"], [change(1), change(2, prefix=LONG)]),
                        (["allow"], [{"prefix": LONG, "origin": "crowdsec-community-list", "start": "2026-11-20T12:00:00Z",
                                      "reason": REASON}]),
                        (["policy", "show"], [{"class": "neighbour-solicitation-unknown", "interface": "wan0", "changed": True,
                                               "transit": "limit", "local": "limit", "rate": 1000000, "burst": 2000000,
                                               "rate_48": 10000000, "burst_48": 20000000, "source": "RFC 4890 4.4.1, the operator"}]),
                        (["top", "--once"], [dict(SEEN, source="2001:db8:ffff:ffff::/64", blocked=True, **{"class": "echo-request"})])):
        mock.says(rows)
        for columns in 80, 100, 132:
            seen = on_terminal(*words, columns=columns)
            fits(seen, columns)
            text = " ".join(seen.plain.split())
            for row in rows:
                for key in "prefix", "origin", "ticket", "reason", "who", "from", "check_chars", "source", "class":
                    assert not row.get(key) or row[key] in text, "%s: no %s %r in\n%s" % (words, key, row[key], seen.plain)


WHY = "2001:db8:bad::/48 of crowdsec-community-list is around it, and no allowed prefix is around the address"
WHO = {"address": "2001:db8:bad:1::66", "source": "2001:db8:bad:1::/64", "source_kind": "native", "check_chars": "9K",
       "registry": {"name": "Documentation", "reference": "RFC 3849", "source": "bogon"},
       "forms": [{"kind": kind, "prefix": LONG, "verdict": "blocked", "why": WHY} for kind in ("native", "teredo")],
       "verdict": "blocked", "why": WHY, "blocks": blocks(2), "allowlist": [],
       "seen": dict(SEEN, since="2026-11-20T12:00:00Z", peak_packets_per_second=31337.0),
       "block": {"prefix": "2001:db8:bad:1::/64", "sources_seen": 12345, "packets_per_second": 20011.4, "refused": REASON,
                 "note": REASON}}


@test
def hostile_o9_what_who_tells_fits_80_columns_and_loses_nothing():
    mock.says(WHO)
    seen = on_terminal("lookup", "2001:db8:bad:1::66")
    fits(seen)
    equal(" ".join(seen.plain.split("PREFIX")[0].split()),
          " ".join(run("lookup", "2001:db8:bad:1::66").out.split("PREFIX")[0].split()))
    for line in seen.lines:
        assert re.match(r"\S+ +\S|a block |  ", line) or not line, line
    equal(len(re.findall("^(address|source|registry|verdict|seen|forms|a block)", seen.plain, re.M)), 7)


IFACE = {"name": "enp129s0f1np1.4094", "ifindex": 2, "state": "attached", "mode": "generic", "method": "dispatcher",
         "filter": "monitor", "program_id": 77, "origin": "config", "passed_per_second": 1481233.0,
         "dropped_per_second": 7919900.2, "would_drop_per_second": 1234567.0}


@test
def hostile_o9_status_fits_80_columns_and_loses_nothing():
    mock.says({"version": "0.1.0", "pid": 812, "uptime_seconds": 3605, "config": "/etc/slash64/slash64.yaml", "interfaces": [IFACE],
               "maps": {"blocks": 3000000, "blocks_capacity": 16777216, "allowlist": 1, "limiter_live": 1800000,
                          "limiter_capacity": 16777216, "bytes": 45088768},
               "rates": [{"interface": IFACE["name"], "class": "neighbour-solicitation", "verdict": "would_drop",
                          "reason": "over-fallback-limit", "packets_per_second": 7919900.2, "packets": 4123450000000,
                          "bytes": 40409810}]})
    seen = on_terminal("status")
    wide = [line for line in seen.lines if len(line) > 80]
    assert not wide, wide
    for part in (IFACE["name"], "1,481,233", "7,919,900", "1,234,567", "generic", "dispatcher", "monitor", "16,777,216",
                 "neighbour-solicitation", "over-fallback-limit", "4,123,450,000,000"):
        assert part in seen.plain, "no %s in\n%s" % (part, seen.plain)


@test
def hostile_o9_where_there_is_room_a_row_is_a_line():
    mock.says(blocks(3))
    seen = on_terminal("list", columns=250)
    equal(len(seen.lines), 4)
    assert re.match(r"PREFIX +CHECK +ACTION +ORIGIN +EXPIRES +HITS +LAST HIT +REASON \[TICKET\]$", seen.lines[0]), seen.lines[0]
    narrow = on_terminal("list", columns=80)
    assert len(narrow.lines) > 4 and re.match(r"PREFIX +ACTION +", narrow.lines[0]), narrow.plain
    assert re.search(r"^    .*origin crowdsec-community-list", narrow.plain, re.M), narrow.plain
    equal(on_terminal("list", columns=80, COLUMNS="250").lines, seen.lines)


@test
def hostile_o9_into_a_pipe_a_row_is_a_line_and_all_of_them_come():
    mock.says(blocks(300))
    lines = run("list").out.splitlines()
    equal(len(lines), 301)
    assert all("[NOC-%d]" % (4000 + i) in lines[i + 1] for i in range(300))
    equal(mock.requests[0][2], {})
    mock.says([change(i) for i in range(300)])
    equal(len(run("log").out.splitlines()), 301)


@test
def columns_are_as_wide_as_what_is_in_them_also_where_it_is_not_ascii():
    mock.says([block(1, reason="\u6771\u4eac", origin="\u6771\u4eac"), block(2, origin="abcd", reason="x")])
    lines = on_terminal("list", "--limit", "5", columns=120, LC_ALL="C.UTF-8").lines
    equal(lines[2].index("never"), lines[1].index("never") + 2)  # two characters that take two columns each


@test
def rows_beyond_those_that_the_widths_are_taken_from_are_whole():
    mock.says(blocks(600) + [block(9, prefix=LONG)])
    seen = on_terminal("list", "--all")
    assert LONG in seen.plain and "2001:db8:bad:257::/64" in seen.plain


@test
def hostile_o8_today_is_shown_without_its_date_to_who_reads_it_now():
    now = int(time.time())
    utc = lambda seconds, form=".000Z": time.strftime("%Y-%m-%dT%H:%M:%S" + form, time.gmtime(seconds))
    mock.says([change(1, time=utc(now), reason="x"), change(2, time=utc(now - 3 * 86400), reason="x")])
    lines = on_terminal("log", TZ="JST-9", columns=250).lines
    assert re.match(r"\d\d:\d\d:\d\d JST  ", lines[1]), lines[1]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST  ", lines[2]), lines[2]
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST  ", run("log", env={"TZ": "JST-9"}).out.split("\n")[1])
    mock.says(block(1, until=utc(now + 60, "Z")))
    assert re.search(r"\(until (\d{4}-\d\d-\d\d )?\d\d:\d\d JST\)",
                     on_terminal("block", "2001:db8::/64", "--for", "1m", TZ="JST-9").plain)


@test
def times_in_what_slash64d_says_are_those_of_the_reader_too():
    """Notes, refusals and the log contain times in UTC; slash64(8) promises the reader's zone."""
    mock.says(block(1, note="blocked by x until 2026-11-26T20:00:00Z, which counts"))
    assert "until 2026-11-27 05:00:00 JST, which" in run("block", "2001:db8::/64", env={"TZ": "JST-9"}).out
    mock.says([change(1, detail="before: until 2026-11-26T20:00:00Z", reason="see 2026-11-26T20:00:00Z")])
    out = run("log", env={"TZ": "JST-9"}).out
    assert "see 2026-11-26T20:00:00Z; before: until 2026-11-27 05:00:00 JST" in out, out  # texts written by people stay unchanged
    mock.says({"error": "waits until 2026-11-26T20:00:00Z", "code": "conflict"}, status=409)
    assert "until 2026-11-27 05:00:00 JST" in run("reload", env={"TZ": "JST-9"}).err
    mock.says([change(1, detail="before: until 2026-11-26T20:00:00Z")])
    assert "until 2026-11-26T20:00:00Z" in run("log", "--json", env={"TZ": "JST-9"}).out


# --- the newest first, and the number of others ---

def few(rows):
    """There are no more than these: there is nothing behind the first 100,000."""
    mock.serves(lambda method, path, query, body: (200, [] if "offset" in query else rows))


def asked():
    return [query for _, _, query, _ in mock.requests if "offset" not in query]


@test
def hostile_o9_a_terminal_shows_the_newest_and_says_how_many_more():
    few(blocks(137))
    seen = on_terminal("list")
    equal(asked()[0], {"sort": ["start"], "reverse": ["1"], "limit": ["10051"]})
    equal(len(re.findall(r"^2001:db8:bad:", seen.plain, re.M)), 50)
    assert seen.lines[-1].startswith("and 87 more: --all lists them"), seen.lines[-1]
    mock.says([change(i) for i in range(60)])
    seen = on_terminal("log")
    equal(mock.requests[0][2], {"limit": ["10051"], "reverse": ["1"]})
    assert "and 10 more: --all lists them" in seen.plain
    fits(seen)
    few(blocks(10051))
    assert "and more than 10,000 more:" in on_terminal("list").plain


@test
def of_very_many_nothing_is_sorted_unasked():
    """A sorted list is read completely, in one turn of slash64d: half a second for a million."""
    mock.says(blocks(60))
    seen = on_terminal("list")
    equal([query for _, _, query, _ in mock.requests], [{"limit": ["1"], "offset": ["100000"]}, {"limit": ["10051"]}])
    assert "and 10 more: sorted by prefix, as there are many" in " ".join(seen.plain.split()), seen.plain


@test
def hostile_o9_all_and_limit_show_what_they_say():
    few(blocks(137))
    assert "more:" not in on_terminal("list", "--all").plain
    equal(asked()[0], {})
    assert "more:" not in on_terminal("list", "--limit", "137").plain
    equal(asked()[1], {"sort": ["start"], "reverse": ["1"], "limit": ["137"]})
    on_terminal("list", "--sort", "hits")
    equal(asked()[2], {"sort": ["hits"], "limit": ["10051"]})
    mock.says([change(1)])
    on_terminal("log", "--all")
    on_terminal("log", "--json")
    equal([query for _, _, query, _ in mock.requests], [{"reverse": ["1"]}, {}])


# --- the pager ---

@test
def issue_14_line_5_what_is_long_is_paged_on_a_terminal():
    mock.says(blocks(3))
    ours = script("ours", "echo ours; cat; echo end")
    other = script("other", "echo other; cat")
    seen = on_terminal("list", SLASH64_PAGER=ours, PAGER=other)
    assert seen.lines[0] == "ours" and seen.lines[-1] == "end" and "NOC-4002" in seen.plain, seen.plain
    fits(seen)
    equal(on_terminal("list", SLASH64_PAGER=None, PAGER=other).lines[0], "other")
    for command in ["help"], ["help", "block"]:
        equal(on_terminal(*command, SLASH64_PAGER=ours).lines[0], "ours")


@test
def issue_14_line_5_what_is_for_a_program_is_not_paged():
    mock.says(blocks(3))
    ours = script("ours", "echo ours; cat")
    for words in ["list", "--no-pager"], ["--no-pager", "list"], ["list", "--json"]:
        assert "ours" not in on_terminal(*words, SLASH64_PAGER=ours).plain, words
    assert "ours" not in run("list", env=dict(os.environ, SLASH64_PAGER=ours)).out
    mock.says({"prefix": "2001:db8::/64"})
    assert "ours" not in on_terminal("unblock", "2001:db8::/64", SLASH64_PAGER=ours).plain


@test
def nothing_waits_for_a_key_where_nobody_can_press_one():
    """Issue 14: `script -qc 'slash64 log' </dev/null` waited in less for ever; on a dumb terminal,
    less waits at once."""
    mock.says(blocks(3))
    ours = script("ours", "echo ours; cat")
    assert "ours" not in on_terminal("list", keyboard=False, SLASH64_PAGER=ours).plain
    for dumb in "dumb", "", None:
        assert "ours" not in on_terminal("list", TERM=dumb, SLASH64_PAGER=ours).plain, dumb
    equal(on_terminal("list", SLASH64_PAGER=ours).lines[0], "ours")


@test
def a_pager_that_is_not_there_or_that_is_left_loses_and_says_nothing():
    mock.says(blocks(50))
    assert "NOC-4049" in on_terminal("list", SLASH64_PAGER="/nonexistent/pager").plain
    assert "NOC-4049" in on_terminal("list", SLASH64_PAGER="cat").plain
    mock.says(blocks(5000))
    seen = on_terminal("list", "--all", SLASH64_PAGER=script("leave", "head -n 2"))
    equal((seen.code, len(seen.lines)), (0, 2), seen.plain)


@test
def who_stays_on_a_page_keeps_nobody_waiting():
    """Issue 14: a pager reads no more than it shows, and slash64d aborts an answer that is not read
    for half a minute."""
    read = os.path.join(directory, "read")

    def answer():
        yield mock.whole(blocks(20000), 200)
        open(read, "w").close()

    mock.says_raw(answer())
    pager = script("patient", "for i in $(seq 200); do [ -e %s ] && echo it was read && break; sleep 0.05; done; tail -n 3"
                   % read)
    seen = on_terminal("list", "--all", SLASH64_PAGER=pager)
    equal((seen.code, seen.lines[0]), (0, "it was read"), seen.plain)
    assert any("NOC-23999" in line for line in seen.lines[1:]), seen.plain


@test
def a_spool_without_room_cuts_nothing_off():
    """The disk is full: the list waits for the pager, and is complete."""
    mock.says(blocks(3000))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, limit[1]))
        seen = on_terminal("list", "--all", SLASH64_PAGER=script("slow", "sleep 0.5; grep -o 'NOC-[0-9]*' | wc -l"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    equal((seen.code, seen.lines), (0, ["3000"]), seen.plain)


@test
def an_error_behind_a_pager_is_seen_and_its_status_kept():
    mock.says(b'{"error":"the store is damaged"}\n')
    seen = on_terminal("list", SLASH64_PAGER=script("ours", "cat"))
    equal((seen.code, seen.lines), (1, ["slash64: the store is damaged"]))
    rows = mock.whole(blocks(3), 200)
    mock.says(rows.split(b"\r\n\r\n", 1)[1] + b'{"error":"the store is damaged"}\n')
    seen = on_terminal("list", SLASH64_PAGER=script("ours", "cat"))
    equal((seen.code, seen.lines[-1]), (1, "slash64: the store is damaged"))


@test
def who_is_root_by_sudo_gets_no_pager_that_runs_others():
    mock.says(blocks(3))
    ours = script("ours", "echo ours; cat")
    bin = os.path.join(directory, "bin")
    os.makedirs(bin, exist_ok=True)
    script("bin/less", "echo less $LESSSECURE; cat")
    path = bin + ":" + os.environ["PATH"]
    equal(on_terminal("list", SLASH64_PAGER=ours, SUDO_UID="1000", PATH=path).lines[0], "less 1")
    equal(on_terminal("list", SLASH64_PAGER=None, PATH=path).lines[0], "less")
    assert "less" not in on_terminal("list", SLASH64_PAGER="", SUDO_UID="1000", PATH=path).plain


# --- colour ---

@test
def issue_14_line_5_colour_only_where_it_is_wanted():
    mock.says(blocks(1))
    assert "\x1b[1mPREFIX" in on_terminal("list").out
    assert "\x1b" not in on_terminal("list", NO_COLOR="1").out
    assert "\x1b" in on_terminal("list", NO_COLOR="").out
    assert "\x1b" not in on_terminal("list", TERM="dumb").out
    assert "\x1b" not in on_terminal("list", TERM=None).out
    assert "\x1b" not in on_terminal("list", "--color=never").out
    assert "\x1b" in on_terminal("list", "--color", "always", NO_COLOR="1").out
    assert "\x1b" in run("list", "--color=always").out
    assert "\x1b" not in run("list").out
    equal(on_terminal("list").plain, on_terminal("list", NO_COLOR="1").out, "the words are the same")


if __name__ == "__main__":
    sys.exit(main())
