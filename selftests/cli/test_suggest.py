#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 policy suggest against a daemon with scripted answers.

    test_suggest.py [WORD]...     only the tests with one of the words in their name
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import equal, main, mock, one_line, run, test, usage

BOUNDS = [1] + [b for i in range(1, 20) for b in (2 ** i, 3 * 2 ** (i - 1))]


def line(name, *counts):
    """Sources that were at least as fast as each bound."""
    return {"class": name, "sources": counts[0],
            "rates": [{"packets_per_second": BOUNDS[i], "sources": n, "seconds": 10 * n} for i, n in enumerate(counts)]}


def head(seconds):
    return {"seen_seconds": seconds, "since": "2026-11-20T20:00:00Z"}


# 5,000 sources, of which 40 send 4 or more a second and 3 send 6 or more; the fastest at 12 to 15
ECHO = line("echo-request", 5000, 900, 200, 40, 3, 3, 1)
SEEN = [head(700000), ECHO, line("udp", 10, 10, 10), line("not-ipv6", 5), line(None, 6000, 1000, 300, 60, 10, 7, 2)]


def serve(lines, config=None):
    def answer(method, path, query, body):
        if path == "/v1/histogram":
            return 200, lines
        return 200, {"config": config or "/nonexistent"}
    mock.serves(answer)


@test
def limits_are_twice_what_all_but_outliers_stayed_below_and_tell_whom_they_touch():
    serve(SEEN)
    done = run("policy", "suggest")
    equal((done.code, done.err), (0, ""))
    for words in ("# From what this router has seen for 8d2h, since 2026-11-20 ", "policy:\n  filter: monitor\n  limits:\n",
                  # one in a thousand of 5,000 is 5: not more than 3 send 6 or more
                  "    echo-request: {rate: 12} # touches 1 of 5,000 sources, half of it 3\n".replace("5,000", "5000"),
                  "    # udp: {rate: 12} # touches 0 of 10 sources, half of it 0\n",
                  "over: {packets_per_second: 500} # packets_per_second: it was 5000; 0 sources sent as much in a second\n",
                  "as it was: nothing is known about these", "then: propose"):
        assert words in done.out, (words, done.out)
    for words in ("a week is better", "not-ipv6", "then: block"):
        assert words not in done.out, (words, done.out)


@test
def policy_check_accepts_it_also_of_rules_of_ones_own():
    with tempfile.TemporaryDirectory() as d:
        own, made = os.path.join(d, "own.yaml"), os.path.join(d, "made.yaml")
        with open(own, "w", encoding="utf-8") as f:
            f.write("detect: {rules: [{name: a, class: [udp, echo-request], over: {packets_per_second: 7, drop_share: 0.25}, "
                    "during: 1500ms, until: {below: 0.3, during: 2m}, then: throttle, rate: 9, ladder: [90s, 1d12h]}]}\n")
        for lines, config in ((SEEN, None), (SEEN, own), ([head(60), line("udp", 1)], own)):
            serve(lines, config)
            with open(made, "w", encoding="utf-8") as f:
                f.write(run("policy", "suggest").out)
            done = run("policy", "check", made)
            equal((done.code, done.err), (0, ""), open(made, encoding="utf-8").read())
        serve(SEEN, own)
        out = run("policy", "suggest").out
    for words in ("- name: a\n      class: [echo-request, udp]\n".replace("echo-request, udp", "udp, echo-request"),
                  "over: {packets_per_second: 24, drop_share: 0.25}", "during: 1.5s\n      until: {below: 0.3, during: 120s}\n",
                  "then: propose\n      rate: 9\n      ladder: [90s, 129600s]\n"):
        assert words in out or words.replace("[udp, echo-request]", "[echo-request, udp]") in out, (words, out)


@test
def too_little_is_said_and_nothing_is_refused():
    serve([head(3 * 3600 + 12 * 60), line("echo-request", 3)])
    assert "seen for 3h12m, since 2026-11-20 " in run("policy", "suggest").out
    assert "; a week is better." in run("policy", "suggest").out
    serve([{"seen_seconds": 0, "since": None}])
    one_line(run("policy", "suggest"), 1, "nothing was seen yet to suggest limits from")
    serve([head(5), line("not-ipv6", 3)])
    equal(run("policy", "suggest").code, 0)


@test
def json_is_a_line_for_each():
    serve(SEEN)
    lines = [json.loads(text) for text in run("--json", "policy", "suggest").out.splitlines()]
    equal(lines[0], {"seen_seconds": 700000, "since": "2026-11-20T20:00:00Z", "enough": True})
    equal([x for x in lines if x.get("class") == "echo-request"],
          [{"class": "echo-request", "limited_by_default": True, "sources": 5000, "rate": 12.0, "touched": 1,
            "touched_by_half": 3}])
    rule = [x for x in lines if x.get("rule") == "echo-flood"][0]
    equal(rule, {"rule": "echo-flood", "seen": True, "packets_per_second": 500.0, "packets_per_second_now": 5000.0, "touched": 0})


@test
def a_word_too_many_is_a_usage_error():
    mock.says([])
    usage(run("policy", "suggest", "x"), "policy suggest: unexpected argument 'x'")


main()
