#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What people type, and the answers they get: issue 14 line 4, field H4, hostile O8 and O11.

    test_words.py [WORD]...     only tests with one of the words in their name"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, done, equal, main, mock, one_line, run, test, usage

TABLE = [json.loads(line) for line in subprocess.run([PROGRAM, "help", "--json"], capture_output=True,
                                                     text=True).stdout.splitlines()]
CHANGE = {"time": 1795694400, "who": "anna", "action": "block", "prefix": "2001:db8:bad:1::/64", "origin": "operator",
          "reason": "flood", "detail": None, "ticket": "T-1", "from": "ssh"}
TOKYO, BERLIN = "JST-9", "CET-1CEST,M3.5.0,M10.5.0/3"


def asked_of_the_log(*words, tz=TOKYO):
    """The since and until of a request for the log, in seconds."""
    mock.says([CHANGE])
    done(run("log", *words, env={"TZ": tz}))
    (_, path, query, _), = mock.requests
    equal(path, "/v1/log")
    return {key: int(query[key][0]) for key in ("since", "until") if key in query}


# --- times ---

@test
def hostile_o8_a_time_is_of_the_readers_zone_in_every_form():
    evening = 1795690800  # 2026-11-26T11:00:00Z
    for text in ("2026-11-26 20:00", "2026-11-26T20:00", "2026-11-26 20:00:00", "2026-11-26T20:00:00+09:00",
                 "2026-11-26T11:00:00Z", "2026-11-26T11:00:00.5Z", "2026-11-26 11:00 UTC", "2026-11-26 20:00 JST",
                 "@1795690800", "2026-11-26 16:30+0530"):
        equal(asked_of_the_log("--since", text), {"since": evening}, text)
    equal(asked_of_the_log("--since", "2026-11-26 12:00", tz=BERLIN), {"since": evening})
    equal(asked_of_the_log("--since", "2026-11-26"), {"since": evening - 20 * 3600})
    now = time.time()
    for text, ago in ("600", 600), ("90m", 5400), ("1d12h", 129600), ("2w", 1209600):
        assert now - 5 < asked_of_the_log("--since", text)["since"] + ago < now + 60, text


@test
def hostile_o8_today_yesterday_and_a_time_of_day():
    day = 86400
    today = asked_of_the_log("--since", "today")["since"]
    equal((today + 9 * 3600) % day, 0)
    assert 0 <= time.time() - today < day + 60
    assert today - asked_of_the_log("--since", "yesterday")["since"] in (day, 0), "or midnight was just now"
    eleven = asked_of_the_log("--since", "11:00")["since"]
    equal((eleven + 9 * 3600) % day, 11 * 3600)
    assert 0 <= time.time() - eleven < day + 60
    span = asked_of_the_log("--since", "2026-11-20 23:00", "--until", "01:30")
    equal(span["until"] - span["since"], 9000, "the first 01:30 after 23:00")
    assert asked_of_the_log("--until", "11:00")["until"] <= time.time(), "of the past"
    span = asked_of_the_log("--since", "2h", "--until", "1h")
    assert 3599 <= span["until"] - span["since"] <= 3601, "both are ago"


@test
def hostile_o8_what_is_no_time_is_refused_with_the_way_to_write_it():
    mock.says([])
    usage(run("log", "--since", "noonish"), "--since 'noonish' is not a time: write it like 90m, 11:00, yesterday")
    usage(run("log", "--until", "26.11.2026"), "2026-11-26 20:00")
    usage(run("log", "--since", "1790000000"), "seconds since 1970 are written @1790000000")
    usage(run("log", "--since", "2026-11-26 20:00 PST"), "write the zone as Z or as an offset")
    usage(run("log", "--since", "2026-10-25 02:30", env={"TZ": BERLIN}), "'2026-10-25 02:30 CEST' or "
          "'2026-10-25 02:30 CET'")
    usage(run("log", "--since", "2026-03-29 02:30", env={"TZ": BERLIN}), "they go forward")


@test
def hostile_o8_times_are_shown_in_the_readers_zone():
    for when in "2026-11-20T12:00:00Z", "2026-11-20T12:00:00.25Z", 1795176000, 1795176000.25:
        mock.says([dict(CHANGE, time=when)])
        assert "2026-11-20 21:00:00 JST" in run("log", env={"TZ": TOKYO}).out
        assert "2026-11-20 13:00:00 CET" in run("log", env={"TZ": BERLIN}).out
        assert "2026-11-20 22:30:00 +10:30" in run("log", env={"TZ": "<+1030>-10:30"}).out
        assert "2026-11-20 12:00:00 UTC" in run("log", env={"TZ": "UTC0"}).out


@test
def hostile_o8_a_zone_that_is_not_known_is_told():
    mock.says([dict(CHANGE, time="2026-11-20T12:00:00Z")])
    result = run("log", env={"TZ": "Mars/Olympus_Mons"})
    equal(result.err, "slash64: TZ 'Mars/Olympus_Mons': unknown time zone (is tzdata installed?); times are in "
          "UTC\n")
    assert "2026-11-20 12:00:00 UTC" in result.out, result.out
    equal(run("log", "--json", env={"TZ": "Mars/Olympus_Mons"}).err, "")


# --- durations ---

@test
def field_h4_a_duration_is_taken_as_people_write_it():
    answer = {"prefix": "2001:db8:bad:1::/64", "check_chars": "9K", "until": 1795694400, "reason": None, "ticket": None}
    for text, span in ("600", 600), ("1d12h", 129600), ("90m", 5400), ("2w", 1209600), ("1.5h", 5400), ("1h 30m", 5400):
        mock.says(answer)
        done(run("block", "2001:db8:bad:1::/64", "--for", text))
        equal(mock.requests[0][3]["for_seconds"], span, text)
    for text, span in ("10", "10"), ("2.5", "2.5"), ("5m", "300"), ("500ms", "0.5"):
        mock.says([])
        done(run("top", "--seconds", text))
        equal(mock.requests[0][2]["seconds"], [span])
    mock.says({})
    usage(run("log", "--until", "tomorow"), "(did you mean 'tomorrow'?)")
    usage(run("say", "2001:db8"), "did you mean 2001:db8::/32?")
    usage(run("block", "2001:db8::/64", "--for", "1M"), "'1M' is not a duration: write minutes as 15m, and a month as 30d")
    usage(run("block", "2001:db8::/64", "--for", "1y"), "write a year as 365d")
    equal(mock.requests, [])


# --- rates and numbers ---

@test
def field_h4_a_rate_is_taken_as_people_write_it_or_refused():
    answer = {"prefix": "2001:db8:bad:1::/64", "check_chars": "9K", "until": None, "reason": None, "ticket": None, "rate": 1, "burst": 2}
    for text, rate in ("10k", 10000), ("100/s", 100), ("1M", 1000000), ("6000/min", 100), ("1,000", 1000), ("1.5k", 1500):
        mock.says(answer)
        done(run("throttle", "2001:db8:bad:1::/64", "--rate", text, "--burst=2k"))
        equal((mock.requests[0][3]["rate"], mock.requests[0][3]["burst"]), (rate, 2000), text)
    mock.says({})
    usage(run("throttle", "2001:db8::/64", "--rate", "100/min"), "--rate '100/min' is not a rate: it must be a whole number of "
          "packets per second: write 1/s or 2/s")
    usage(run("throttle", "2001:db8::/64", "--rate", "10Mbit"), "not bits or bytes")
    usage(run("throttle", "2001:db8::/64", "--rate=10m"), "a million as 1M")
    mock.says([])
    done(run("list", "--hits", "10k", "--limit", "1,000"))
    equal(mock.requests[0][2], {"hits_min": ["10000"], "limit": ["1000"]})


# --- prefixes ---

@test
def field_h4_a_prefix_is_taken_as_it_was_pasted():
    answer = {"prefix": "2001:db8::/64", "check_chars": "9K", "until": None, "reason": None, "ticket": None}
    for text, sent in (("[2001:db8::]/64", "2001:db8::/64"), ("[2001:db8::1]", "2001:db8::1"), ("2001:db8::/64,", "2001:db8::/64"),
                       ("2001:db8::/64.", "2001:db8::/64"), (" 2001:db8::/64 ", "2001:db8::/64"), ("[2001:db8::/64]", "2001:db8::/64"),
                       ("'2001:db8::1'", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"), ("198.51.100.7:443", "198.51.100.7"),
                       ("198.51.100.0/255.255.255.0", "198.51.100.0/24"), ("2001:db8::\u00a0", "2001:db8::"),
                       ("2001:db8::-2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64"),
                       ("198.51.100.0 - 198.51.100.255", "198.51.100.0/24"), ("2001:db8::1\u20132001:db8::1", "2001:db8::1/128"),
                       ("2001:db8::5/64", "2001:db8::5/64")):
        for command in "block", "unblock":
            mock.says(answer)
            done(run(command, text))
            request = mock.requests[0]
            equal(request[3]["prefix"] if request[3] else request[2]["prefix"][0], sent, text)
    mock.says([])
    done(run("log", "--prefix", "[2001:db8::]/64"))
    equal(mock.requests[0][2]["prefix"], ["2001:db8::/64"])


def answer_each(method, path, query, body):
    """slash64d's answer to a request for any number of them."""
    prefixes = (body or {}).get("prefixes") or query.get("prefixes", [""])[0].split(",")
    if prefixes == [""]:
        return 200, dict(ANSWER, prefix=(body or {}).get("prefix") or query["prefix"][0])
    return 200, {"prefixes": [dict(ANSWER, prefix=prefix) for prefix in prefixes]}


ANSWER = {"check_chars": None, "until": None, "reason": None, "ticket": None, "origin": "operator", "note": None}


@test
def walk_3_several_prefixes_are_one_request_and_one_answer():
    """field walk 3: ranges and lists of prefixes were one request each: a refusal left half of the
    work done"""
    for words, path in (["block"], "/v1/blocks"), (["throttle", "--rate", "10"], "/v1/throttles"), (["allow"], "/v1/allowlist"), \
            (["edit", "--no-end"], "/v1/blocks"):
        mock.serves(answer_each)
        result = run(*words, "2001:db8::/64,", "[2001:db8:1::]/64", "2001:db8:2::-2001:db8:2:2:ffff:ffff:ffff:ffff")
        equal((result.code, result.err), (0, ""), words)
        equal([(request[1], request[3]["prefixes"]) for request in mock.requests],
              [(path, ["2001:db8::/64", "2001:db8:1::/64", "2001:db8:2::/63", "2001:db8:2:2::/64"])])
        equal([line.count("2001:db8:") for line in result.out.splitlines()], [1] * 4, result.out)
    for words in ["unblock"], ["unallow", "--reason", "x"]:
        mock.serves(answer_each)
        result = run("--json", *words, "2001:db8::1", "2001:db8:1::/64")
        equal([request[2]["prefixes"] for request in mock.requests], [["2001:db8::1,2001:db8:1::/64"]])
        equal([json.loads(line)["prefix"] for line in result.out.splitlines()], ["2001:db8::1", "2001:db8:1::/64"])
    mock.says({"error": "2001:db8:1::/64 is the router's own; of the 2 prefixes none is changed"}, 409)
    result = run("block", "2001:db8::/64", "2001:db8:1::/64")
    equal((result.code, result.err),
          (1, "slash64: 2001:db8:1::/64 is the router's own; of the 2 prefixes none is changed\n"))
    mock.says({})
    usage(run("block", *["2001:db8:%x::/64" % i for i in range(65)]), "65 prefixes, at most 64 per command", "'slash64 import -'")
    usage(run("block", "2001:db8::/64", "eth0"), "'eth0' is not a prefix")
    equal(mock.requests, [])


@test
def walk_4_times_within_sentences_are_local_too():
    """field walk 4: times in WHY of the log were UTC, all others local"""
    mock.says([{"number": 1, "time": "2026-11-26T20:00:00.250Z", "who": "alice", "action": "disallow", "prefix": "2001:db8::/64",
                "origin": "operator", "reason": "by 2026-11-26T20:00:00Z", "ticket": None, "from": "socket",
                "detail": "before: until 2026-11-26T20:00:00Z, 2026-11-26T20:00, reason 'x'"}])
    out = run("log", env=dict(os.environ, TZ="Asia/Tokyo")).out
    for part in ("2026-11-27 05:00:00 JST  alice  unallow", "by 2026-11-26T20:00:00Z; before: until 2026-11-27 05:00:00 JST, "
                 "2026-11-26T20:00, reason"):
        assert part in out, out
    equal(json.loads(run("--json", "log").out)["action"], "disallow", "what scripts read stays")
    mock.says({"error": "2001:db8::/64 was changed since, by bob at 2026-11-26T20:00:00Z (block); it is left as it is"}, 409)
    equal(run("undo", env=dict(os.environ, TZ="Asia/Tokyo")).err,
          "slash64: 2001:db8::/64 was changed since, by bob at 2026-11-27 05:00:00 JST (block); it is left as it is\n")


@test
def walk_6_allow_tells_what_was_before():
    for before, reason, told in ((None, "ours", "allowed 2001:db8::/64: it is never blocked (ours)\n"),
                                 ({"reason": "theirs"}, "ours", "allowed 2001:db8::/64: it is never blocked (ours); before: reason 'theirs'\n"),
                                 ({"reason": None}, "ours", "allowed 2001:db8::/64: it is never blocked (ours); before: no reason\n"),
                                 ({"reason": "ours"}, "ours", "2001:db8::/64 is already allowed (ours); nothing is changed\n")):
        mock.says({"prefix": "2001:db8::/64", "reason": reason, "note": None, "before": before})
        done(run("allow", "2001:db8::/64"), told)


WORDS = {"attach": ["eth0"], "detach": ["eth0"], "block": ["2001:db8::/64"], "throttle": ["2001:db8::/64"],
         "edit": ["2001:db8::/64"], "unallow": ["2001:db8::/64"], "unallow": ["2001:db8::/64"], "allow": ["2001:db8::/64"],
         "import": [__file__], "restore": [__file__], "replay": [__file__], "upgrade-check": [], "doctor": [], "policy": ["show"],
         "report": ["2001:db8::/64"], "lookup": ["2001:db8::1"], "say": ["2001:db8::/64"], "hear": ["x"],
         "apply": ["1"], "dismiss": ["1"]}
BAD = {"DURATION": ["soon", "-1", "0", "", "11y"], "TIME": ["whenever", "", "25:00"], "N": ["-1", "x", "1.5", "", "99999999999999"],
       "RATE": ["fast", "-1", "0", ""], "PREFIX": ["eth0", "", "2001:db8::/129"], "TEXT": ["a\nb", "x" * 256, b"\xff"],
       "ID": ["a\nb", "x" * 256, b"\xff"]}


@test
def walk_8_a_bad_value_of_any_option_of_any_command_is_usage_and_not_sent():
    """field walk 8: 'top --seconds 2h' and a bad --reason ended with 1, others with 2"""
    mock.says({})
    tried = 0
    for command in map(json.loads, run("--json", "help").out.splitlines()):
        for item in command["items"]:
            if not item["word"].startswith("--") or not item["value"]:
                continue
            bad = ["nonsense", ""] if item["choices"] else BAD.get(item["value"], [])
            for value in bad:
                words = [command["command"], *WORDS.get(command["command"], [])]
                if command["command"] == "throttle" and item["word"] != "--rate":
                    words += ["--rate", "10"]
                result = run(*words, item["word"], value)
                told = "is not a prefix" if item["value"] == "PREFIX" else item["word"]
                assert result.code == 2 and told in result.err and "; see slash64 " in result.err, \
                    "%s %s %r: %d, %s" % (command["command"], item["word"], value, result.code, result.err)
                equal(result.err.count("\n"), 1, result.err)
                tried += 1
    equal(mock.requests, [])
    assert tried > 80, tried
    usage(run("top", "--seconds", "2h"), "--seconds '2h' is longer than an hour")
    usage(run("block", "2001:db8::/64", "--origin", "spam haus"), "--origin 'spam haus' is not a valid name")
    usage(run("block", "2001:db8::/64", "--origin", "a" * 64), "--origin has 64 bytes: at most 63")


@test
def walk_9_no_line_of_the_help_says_the_same_as_another_word_for_word():
    for command in map(json.loads, run("--json", "help").out.splitlines()):
        texts = [item["text"] for item in command["items"]]
        equal(len(set(texts)), len(texts), command["command"])
        for text in texts + [command["summary"]]:
            assert "the same" not in text, (command["command"], text)


@test
def field_h4_a_range_is_the_prefixes_that_make_it_up():
    mock.serves(answer_each)
    result = run("block", "--for", "1h", "2001:db8::-2001:db8:0:2:ffff:ffff:ffff:ffff", "--reason", "a-b")
    equal((result.code, result.err), (0, ""))
    equal([body for _, _, _, body in mock.requests],
          [{"prefixes": ["2001:db8::/63", "2001:db8:0:2::/64"], "for_seconds": 3600, "reason": "a-b"}])
    equal(result.out.count("blocked "), 2)
    mock.says({})
    usage(run("block", "2001:db8::1-2001:db8::ffff"), "the range has 16 prefixes: 'slash64 import -' reads it")
    usage(run("block", "2001:db8::5-2001:db8::1"), "is not a prefix")
    usage(run("block", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "is not a prefix")


@test
def field_h4_what_is_no_prefix_is_refused_with_what_was_meant():
    mock.says({})
    for text, hint in (("2001:db8:bad:1", "did you mean 2001:db8:bad:1::/64?"), ("2001:db8", "did you mean 2001:db8::/32?"),
                       ("2001:db8:bad:1/64", "did you mean 2001:db8:bad:1::/64?"), ("198.51.100", "did you mean 198.51.100.0/24?"),
                       ("198.51.100.*", "did you mean 198.51.100.0/24?"), ("10.1", "did you mean 10.1.0.0/16?"),
                       ("fe80::1%eth0", "leave out the zone '%eth0', which cannot be matched: fe80::1"),
                       ("2001:db8::1%2/64", "2001:db8::1/64"), ("2001:db8::/129", "invalid length '/129': from /0 to /128"),
                       ("192.0.2.1/33", "from /0 to /32"), ("00:11:22:aa:bb:cc", "looks like a hardware address"),
                       ("https://[2001:db8::1]/x", "write the address alone"), ("bad.example.net", "names are not looked up"),
                       ("2001:db8::/64,2001:db8:1::/64", "one at a time"), ("2001:db8::/64 2001:db8:1::/64", "one at a time"),
                       ("nonsense", "write it like 2001:db8:0:1::/64")):
        usage(run("block", text), "'%s' is not a prefix: " % text, hint)
    usage(run("lookup", "fe80::1%eth0"), "leave out the zone '%eth0'")
    usage(run("list", "--kind", "blokc"), "must be block or throttle (did you mean 'block'?)")
    usage(run("policy", "shw"), "unknown subcommand 'shw': use show, check FILE, diff FILE or suggest (did you mean 'show'?)")
    usage(run("list", "--sort", "last-hit"), "(did you mean 'last_hit'?)")


# --- help, and unknown words ---

@test
def hostile_o11_a_mistyped_command_is_answered_with_the_nearest():
    mock.says({})
    for typed, meant in (("blokc", "block"), ("unblok", "unblock"), ("stauts", "status"), ("thottle", "throttle"),
                         ("una", "unallow"), ("Block", "block"), ("ban", "block"), ("unban", "unblock"),
                         ("delete", "unblock"), ("whitelist", "allow"), ("whois", "lookup"), ("history", "log")):
        usage(run(typed), "unknown command '%s' (did you mean '%s'?)" % (typed, meant))
        usage(run("help", typed), "(did you mean '%s'?)" % meant)
    rows = [json.loads(line) for line in run("help", "block", "--json").out.splitlines()]
    equal(rows, [row for row in TABLE if row["command"] == "block"])
    usage(run("2001:db8::/64", "block"), "unknown command '2001:db8::/64': the command comes first")
    usage(run("block", "for", "1h", "2001:db8::/64"), "'for' is not a prefix (did you mean '--for'?)")
    usage(run("hea"), "(did you mean 'hear' or 'status'?)")  # health is a synonym of status
    usage(run("dis"), "(did you mean 'dismiss', 'unallow' or 'detach'?)")  # disable is one of detach
    usage(run("bloc"), "(did you mean 'block'?)")  # and blocks, a synonym of list, is not suggested next to block
    for far in "frobnicate", "x", "2001:db8::/64", "zzzzz":
        assert "did you mean" not in run(far).err, run(far).err


@test
def what_slash64d_would_refuse_in_its_own_words_is_refused_in_those_of_the_command_line():
    """Issue 14: "'for_seconds' is '691200'" for --for 8d, with the status of a refusal."""
    mock.says({})
    usage(run("reload", "--for", "8d"), "--for '8d' is longer than a week")
    usage(run("top", "--limit", "10001"), "--limit '10001' is too large: at most 10000")
    for words in ["throttle", "2001:db8::/64"], ["edit", "2001:db8::/64"]:
        usage(run(*words, "--rate", "100000001"), "--rate '100000001' is too large: at most 100000000")
        usage(run(*words, "--rate", "1", "--burst", "200000001"), "--burst '200000001' is too large: at most 200000000")
    usage(run("log", "--since", "today", "--until", "yesterday"), "--until 'yesterday' is before --since 'today'")
    usage(run("lookup", "2001:db8::/64"), "is a prefix, not an address", "'slash64 list 2001:db8::/64'")
    usage(run("block", "2001:db8:2::-2001:db8:1::"), "the range ends before it begins")
    equal(mock.requests, [])


@test
def a_refusal_is_in_one_language():
    """Half of it was English where the command's own hint stood in the place of slash64d's."""
    japanese = dict(os.environ, LANG="ja_JP.UTF-8", LANGUAGE="ja", LC_ALL="")
    refused = (
        ({"error": "2001:db8:77:1::/64 is not blocked: it is part of 2001:db8:77::/48, which the configuration names under own",
          "code": "guarded", "hint": "force overrides this"},
         "2001:db8:77:1::/64 は遮断していません。設定の own にある 2001:db8:77::/48 の一部です。--force で強制できます"),
        ({"error": "2001:db8:8000::/40 is not blocked: it covers 256 /48s", "code": "wide", "hint": "wide confirms that"},
         "2001:db8:8000::/40 は遮断していません。/48 を 256 個含みます。--force で確認済みとします"),
        ({"error": "2001:db8::/64 is not blocked by the origin x", "code": "not-blocked"},
         "2001:db8::/64 は登録元 x では遮断されていません。遮断の一覧は 'slash64 list' です"))
    for answer, words in refused:
        mock.says(answer, 409)
        equal(run("block", "2001:db8::/64", env=japanese).err, "slash64: %s\n" % words)
    mock.says({"error": "no configuration is to be confirmed", "code": "nothing-to-confirm"}, 404)
    equal(run("confirm", env=japanese).err, "slash64: 確定待ちの設定はありません。'slash64 reload --for 5m' で開始します\n")
    result = run("top", "--by", "nope", env=japanese)
    assert "--by 'nope' は source, destination, 48, class または reason のどれかにしてください" in result.err, result.err


@test
def hostile_o11_a_mistyped_option_is_answered_with_the_nearest():
    mock.says({})
    usage(run("block", "2001:db8::/64", "--fro", "1h"), "block: unknown option '--fro' (did you mean '--for'?)")
    usage(run("block", "2001:db8::/64", "--reasn=x"), "(did you mean '--reason'?)")
    usage(run("list", "--origins", "x"), "(did you mean '--origin'?)")
    usage(run("list", "--dry"), "list: unknown option '--dry'")
    usage(run("import", "x", "--dry"), "(did you mean '--dry-run'?)")
    usage(run("--jsn", "list"), "unknown option '--jsn' (did you mean '--json'?)")
    usage(run("block", "2001:db8::/64", "--forcee"), "(did you mean '--force'?)")
    usage(run("block", "2001:db8::/64", "--force=yes"), "--force takes no value")
    usage(run("list", "--color", "pink"), "--color 'pink' must be auto, always or never")


@test
def hostile_o11_help_of_a_command_has_usage_options_example_and_exit_status():
    for row in TABLE:
        text = run("help", row["command"]).out
        parts = text.split("\n\n")
        assert parts[0].startswith("usage: slash64 %s" % row["command"]), text
        assert row["summary"].split()[0] in parts[1], text
        assert "\nExample:\n  slash64 %s" % row["command"] in text, text
        assert "\nExit status:\n  0  done\n  1  " in text and "\n  2  usage error\n" in text, text
        for item in row["items"]:
            assert re.search(r"^  %s\b" % re.escape(item["word"]), text, re.M), (item, text)
        assert max(map(len, text.split("\n"))) <= 80, text
    assert max(map(len, run("help").out.split("\n"))) <= 80
    equal(run("help").out.count("\nLook:\n"), 1)


@test
def every_option_of_the_table_is_one_that_the_command_takes():
    """Help, completion and man page come from the table: the command must know everything in it."""
    mock.says({})
    for row in TABLE:
        for item in row["items"]:
            if item["word"].startswith("--"):
                # nothing is written where the test runs
                value = "/nonexistent/x" if item["value"] == "FILE" else "x"
                words = [item["word"]] + ([value] if item["value"] else [])
                result = run(row["command"], *words, at="/nonexistent")
                assert "has no option" not in result.err, (row["command"], result.err)
            if item["value"] and item["word"].startswith("--") and row["command"] != "replay":
                assert "needs a value" in run(row["command"], item["word"], at="/nonexistent").err, item


# --- found by walking through all commands ---

@test
def walk_the_log_tells_reason_and_detail_apart():
    mock.says([dict(CHANGE, detail="given as 2001:db8:bad:1::66")])
    assert "flood; given as 2001:db8:bad:1::66 [T-1]" in run("log").out


@test
def walk_what_is_wrong_with_policy_is_what_is_told():
    mock.says([])
    usage(run("policy", "show", "x"), "slash64: policy show: unexpected argument 'x'; see slash64 policy --help\n")
    usage(run("policy", "check"), "slash64: missing argument: slash64 policy check FILE; see slash64 policy --help\n")
    result = run("diff", "/nonexistent")
    equal((result.code, result.err), (2, "slash64: cannot read /nonexistent: No such file or directory; give the "
                                         "path of the configuration\n"))


@test
def walk_upgrade_check_of_nothing_does_not_promise_that_all_is_filtered():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "slash64.yaml")
        with open(path, "w") as f:
            f.write("maps: {pins: %s/pins}\n" % folder)
        result = run("upgrade-check", "--config", path)
        done(result, "maps      new: none yet in %s/pins\n"
                     "Nothing is filtered with these maps before slash64d is started: systemctl start slash64d\n" % folder)


@test
def walk_help_tells_what_is_so():
    for row in TABLE:
        assert "  " not in run("help", row["command"]).out.splitlines()[0], row["command"]
    assert "  0  done\n  1  only if there is a difference\n  2" in run("help", "diff").out
    (hear,) = [row["example"] for row in TABLE if row["command"] == "hear"]
    done(run("hear", hear.split("'")[1]), "2001:db8:bad:1::/64\n")


@test
def walk_lines_that_are_no_entries_are_not_counted_as_blocks():
    mock.says({"import": 1})
    one_line(run("restore", "/etc/passwd", "--yes"), 1, "/etc/passwd is no backup", "'slash64 import' reads lists")
    # it is read twice: of a pipe nothing was left the second time
    usage(run("restore", "-"), "cannot from standard input")
    for path in "/dev/null", "/etc":
        one_line(run("restore", path, "--yes"), 1, "%s is not a regular file" % path)
    equal(mock.requests, [])


@test
def walk_what_selects_is_not_given_twice():
    """Of two origins only the last one was looked for, without a word."""
    mock.says([])
    for words in (("list", "--origin", "a", "--origin", "b"), ("unblock", "--ticket", "A", "--ticket=B", "--yes"),
                  ("log", "--prefix", "2001:db8::/64", "--prefix", "2001:db8:1::/64"),
                  ("watch", "--source", "2001:db8::1", "--source", "2001:db8::2"),
                  ("top", "--class", "tcp", "--class", "udp"), ("capture", "--reason", "blocked", "--reason", "bogon")):
        usage(run(*words), "%s is given twice: '" % words[1])
    done(run("list", "--origin", "a", "--origin", "a", "--limit", "1", "--limit", "2"))
    equal(mock.requests[0][2]["limit"], ["2"])


@test
def walk_unblock_of_an_empty_text_is_refused_here():
    mock.says({"removed": 7})
    for option in "--reason", "--origin", "--ticket", "--within":
        result = run("unblock", option, "", "--yes")
        equal((result.code, mock.requests), (2, []))
        assert option in result.err or "is not a prefix" in result.err, result.err
    usage(run("unblock", "--reason", "", "--yes"), "--reason '' selects nothing: give a value")


@test
def walk_the_log_of_the_future_is_refused():
    """'no changes' sounded as if there were none."""
    mock.says([])
    usage(run("log", "--since", "tomorrow"), "--since 'tomorrow' is in the future")
    usage(run("report", "2001:db8:bad:1::/64", "--since", "tomorrow"), "--since 'tomorrow' is in the future")
    done(run("log", "--since", "now"), "no changes\n")


@test
def walk_an_attach_that_stops_dropping_says_so():
    row = {"name": "wan0", "mode": "native", "method": "direct", "filter": "monitor", "state": "attached"}
    mock.says(row)
    done(run("attach", "wan0", "--filter", "monitor"), "attached to wan0: native mode, direct, filter monitor\n"
         "note: nothing is dropped there now: it only counts what would be\n")
    mock.says(dict(row, filter="enforce"))
    done(run("attach", "wan0"), "attached to wan0: native mode, direct, filter enforce\n")


@test
def walk_say_of_an_address_says_what_it_spells():
    spoken = run("say", "2001:db8:bad:1::/64").out
    done(run("say", "2001:db8:bad:1::66"), spoken + "note: 2001:db8:bad:1::66 stands for its /64, 2001:db8:bad:1::/64\n")


@test
def walk_hear_without_a_check_says_that_it_is_missing():
    one_line(run("hear", "2001:db8:bad:1::/64"), 1, "the check is missing", "ask for it")
    one_line(run("hear", "2001:db8:bad:1::/64", "U"), 1, "the check must be two characters")


@test
def walk_a_character_that_only_looks_right_is_named():
    mock.says({})
    usage(run("block", "\uff12001:db8::1"), "'\uff12' is not an ASCII character: type it anew")
    usage(run("lookup", "2001\uff1adb8::1"), "'\uff1a' is not an ASCII character")


@test
def walk_help_breaks_lines_at_the_width_alone():
    for command in [row["command"] for row in map(json.loads, run("--json", "help").out.splitlines())]:
        lines = run("help", command, env=dict(os.environ, COLUMNS="80")).out.split("\n")
        assert all(line == line.rstrip() for line in lines), (command, lines)
        text = lines[lines.index("") + 1:]
        text = text[:text.index("")]
        for line, following in zip(text[1:], text[2:]):
            assert len(line) + 1 + len(following.split(" ")[0]) > 80, "%s: %r is broken before %r" % (command, line, following)
        example = lines[lines.index("Example:") + 1:]
        assert all(line.startswith("  ") for line in example[:example.index("")]), example


@test
def walk_a_prefix_without_its_option_is_told_which():
    mock.says([])
    for command, option in ("watch", "--source"), ("top", "--source"), ("capture", "--source"), ("log", "--prefix"):
        usage(run(command, "2001:db8:bad:1::/64"), "(did you mean '%s 2001:db8:bad:1::/64'?)" % option)
    usage(run("watch", "wan0"), "unexpected argument 'wan0'; see")


@test
def walk_a_class_or_reason_that_is_near_none_is_told_where_all_are():
    mock.says([])
    for option, word in ("class", "icmp"), ("reason", "firewall"):
        result = run("watch", "--" + option, word)
        usage(result, "there is no %s '%s'; 'slash64 help --words watch --%s' lists all" % (option, word, option))
        assert len(run(*re.search(r"'slash64 (help [^']+)'", result.err).group(1).split()).out.split()) > 30


@test
def walk_watch_of_an_address_says_that_its_64_is_not_meant():
    """It stood there and printed nothing while the /64 of the address flooded."""
    mock.says([])
    assert "slash64: --source 2001:db8:bad:1::66 is this address alone; its /64 is 2001:db8:bad:1::/64\n" in \
        run("watch", "--source", "2001:db8:bad:1::66").err
    for words in ("--source", "2001:db8:bad:1::/64"), ("--destination", "192.0.2.1"), ("--json", "--source", "2001:db8:bad:1::66"):
        assert "address alone" not in run("watch", *words).err


sys.exit(main())
