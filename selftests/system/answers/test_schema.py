#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""docs/api.schema.json describes every answer of every request, and every line of --json, down to
each key. A new key has to be described there and in docs/api.md."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused, schema
from harness import check, check_equal, main, test
from lab import wait_for


# The arguments of each command here; the others have tests of their own below, or take a file.
DETECT = "detect: {rules: [{name: udp-flood, class: udp, over: {packets_per_second: 100}, during: 1s}]}"
ASKED = {
    "diff": ["OTHER"],
    "block": ["2001:db8:bad:4::1", "--for", "1h", "--reason", "r", "--ticket", "T"],
    "undo": ["--dry-run"], "throttle": ["2001:db8:bad:5::/64", "--rate", "10"], "status": [], "top": [], "list": [], "log": [], "allow": [],
    "metrics": [], "policy": ["show"], "export": [], "lookup": ["2001:db8:bad:4::1"], "say": ["2001:db8:bad:1::/64"],
    "hear": ["2001, 0DB8, 0BAD, 0001, length 64, check Uniform one"], "reload": ["--for", "5m"], "confirm": [], "help": [], "upgrade-check": ["--config", "CONFIG"], "doctor": ["--config", "CONFIG"],
    "init": ["--yes", "--interface", "wan0", "--output", "NEW"], "flowspec": ["--file", "RULES"],
    "attach": ["lan0"], "detach": ["lan0"], "unblock": ["2001:db8:bad:4::1"], "unallow": ["2001:db8:a11::/64"],
    "edit": ["2001:db8:bad:5::/64", "--rate", "11"], "proposals": ["--all"],
}


FLOWSPEC_RULE = {"neighbor": "2001:db8:f::1", "family": "ipv6", "session_up": True, "source": "2001:db8:bad:1::/64",
                 "action": "discard", "state": "executed", "why": None, "text": None, "rule": "source 2001:db8:bad:1::/64",
                 "components": {"source-ipv6": ["2001:db8:bad:1::/64/0"]}}


def ask_proposals(api, lab):
    # of two /48s: what several sources of one do may be proposed as a whole
    floods = [lab.flood("2001:db8:%d::/64" % n, 500, 120, kind="udp") for n in (6, 7)]
    for verb in "apply", "dismiss":
        row = wait_for(lambda: [p for p in api.ask("GET", "/v1/proposals") if p["state"] == "open"], 60, "a proposal to " + verb)[0]
        if verb == "apply":
            wait_for(lambda: lab.slash64("proposals", str(row["id"]), "--write", os.path.join(lab.dir, "p"), check=False).returncode == 0,
                     10, "its packets")
            api.ask("POST", "/v1/proposals/packets", {"id": row["id"]})
        api.ask("POST", "/v1/proposals/" + verb, {"id": row["id"], "for_seconds": 60})
        if verb == "apply":
            lab.slash64("unblock", row["prefix"])
    for flood in floods:
        lab.end(flood)
        flood.communicate()


def ask_everything(api, lab):
    """Every request, each with something in its answer."""
    api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:bad:1::1", "for_seconds": 3600, "reason": "r", "ticket": "T"})
    api.ask("POST", "/v1/throttles", {"prefix": "198.51.100.7", "rate": 100, "burst": 7})
    api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:bad::/48", "dry_run": True})
    api.ask("POST", "/v1/allowlist", {"prefix": "2001:db8:a11::/64", "reason": "ours"})
    lab.flood("2001:db8:bad:1::/64", 500, 1, kind="udp").communicate()
    lab.flood("2001:db8:bad:9::/64", 500, 1, kind="udp").communicate()
    for path in ("/v1", "/v1/status", "/v1/blocks", "/v1/blocks?addresses=1", "/v1/allowlist", "/v1/export", "/v1/top", "/v1/log",
                 "/v1/overview", "/v1/history", "/v1/histogram",
                 "/v1/policy", "/v1/policy?configured=1", "/v1/lookup?address=2001:db8:bad:1::1",
                 "/v1/lookup?address=2001:db8:bad:9::1", "/v1/lookup?address=198.51.100.7", "/v1/lookup?address=fe80::1"):
        check(api.ask("GET", path), "%s has nothing" % path)
    ask_proposals(api, lab)
    number = api.ask("POST", "/v1/imports?origin=feed&format=plain")["import"]
    api.ask("POST", "/v1/imports/text?import=" + number, "2001:db8:bad:2::/64\nnonsense\n")
    api.ask("POST", "/v1/imports/commit?import=" + number, "")
    number = api.ask("POST", "/v1/imports?origin=feed&strict=1&format=plain")["import"]
    api.ask("POST", "/v1/imports/text?import=" + number, "nonsense\n")
    try:
        api.ask("POST", "/v1/imports/commit?import=" + number, "")
    except Refused:
        pass  # its answer lists problems, and is checked against the schema too
    number = api.ask("POST", "/v1/imports?origin=feed")["import"]
    api.ask("DELETE", "/v1/imports?import=" + number)
    api.ask("POST", "/v1/reload")
    api.ask("POST", "/v1/reload?for_seconds=300")
    api.ask("GET", "/v1/status")
    api.ask("POST", "/v1/confirm")
    api.ask("POST", "/v1/interfaces", {"name": "lan0", "mode": "generic", "filter": "monitor"})
    told = [{r.get("interface") for r in api.ask("GET", "/v1/policy" + query)} for query in ("", "?configured=0", "?configured=1")]
    check_equal(told, [{None, "lan0"}, {None, "lan0"}, {None}], "a switch that is 0 is off")
    api.ask("DELETE", "/v1/interfaces?name=lan0")
    api.ask("POST", "/v1/undo", {"dry_run": True})
    api.ask("PATCH", "/v1/blocks", {"prefix": "198.51.100.7", "rate": 9})
    api.ask("POST", "/v1/unblocks", {"origin": "feed", "dry_run": True})
    api.ask("DELETE", "/v1/blocks?prefix=198.51.100.7")
    api.ask("DELETE", "/v1/allowlist?prefix=2001:db8:a11::/64")


@test
def every_answer_is_what_the_schema_says_and_no_more(lab):  # operators O14
    api = Api(lab.socket)
    api.variant = "strict"
    asked = set()
    ask = api.ask
    api.ask = lambda method, path, *rest, **query: (asked.add((method, path.split("?")[0])),
                                                     ask(method, path, *rest, **query))[1]
    ask_everything(api, lab)
    routes = {(r["method"], r["path"]) for r in api.ask("GET", "/v1")["requests"]}
    elsewhere = {("GET", "/metrics"), ("GET", "/v1/events"), ("POST", "/v1/captures"), ("DELETE", "/v1/captures")}
    check_equal(routes - asked - elsewhere, set(), "requests that nobody tried")
    check_equal(set(schema.SCHEMA["answers"]), {"%s %s" % r for r in routes} - {"GET /metrics"}, "requests of the schema")


@test
def every_line_of_json_is_what_the_schema_says_and_no_more(lab):  # operators O14
    lab.slash64("allow", "2001:db8:a11::/64")
    lab.flood("2001:db8:bad:9::/64", 500, 1, kind="udp").communicate()
    wait_for(lambda: lab.json("proposals", "--all"), 30, "a proposal")
    with open(os.path.join(lab.dir, "slash64.yaml")) as f, open(os.path.join(lab.dir, "other.yaml"), "w") as g:
        g.write(f.read() + "allow: ['2001:db8:a12::/64']\n")
    with open(os.path.join(lab.dir, "rules"), "w") as f:
        f.write(json.dumps(FLOWSPEC_RULE) + "\n")
    files = {"CONFIG": "slash64.yaml", "OTHER": "other.yaml", "NEW": "new.yaml", "RULES": "rules"}
    for command, words in ASKED.items():
        words = [os.path.join(lab.dir, files[word]) if word in files else word for word in words]
        if command == "init":  # looks at the interfaces of the router
            out = lab.run("edge", lab.cli, "--json", command, *words).stdout
        else:
            out = lab.slash64("--json", command, *words, check=command != "diff").stdout
        check(out, "%s says nothing" % command)
        schema.check_command([command], [json.loads(line) for line in out.splitlines()], "strict")
    own = schema.SCHEMA["commands"]
    there = {row["command"] for row in lab.json("help")}
    check_equal(there - set(own), {"capture", "report"}, "commands that the schema lacks")  # packets, and XARF
    check_equal(there - set(ASKED), {"apply", "dismiss", "report", "capture", "import", "restore", "replay", "watch"}, "commands that are not tried here")


# --- refusals ---

STREAMS = ("/v1/events", "/v1/log", "/v1/captures")  # may have no end
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "FOO")
PATHS_THAT_ARE_NOT = ("/", "/v2", "/v1/", "/v1/nothing", "//v1", "*")
QUERY_VALUES = ("", "x", "-1", "0", "1.5", "1e400", "nan", "inf", "0x10", "%201", "+1", "%00", "%ff", "%0a", "a" * 300,
                "99999999999999999999", "2026-13-01T00:00:00Z", "today", "TRUE", "2001:db8::%2Fzz", "ff02::1")
BODIES = ("", "{", "[]", "null", "1", '{"nope":1}', '{"prefix":"2001:db8::/64","prefix":"2001:db8::/64"}', '{"prefix":"a\\u0000b"}',
          "\xff", "{}x")
MEMBERS = (True, 0, -1, 1.5, 1e300, "x", "a" * 300, "\n", [], ["x"], {}, "2001:db8::/zz", "::/0", "ff02::1")
BASES = {  # a body that is valid except for the part under test, and changes nothing
    ("POST", "/v1/blocks"): {"prefix": "2001:db8:99:1::/64", "dry_run": True},
    ("POST", "/v1/throttles"): {"prefix": "2001:db8:99:1::/64", "rate": 5, "dry_run": True},
    ("PATCH", "/v1/blocks"): {"prefix": "2001:db8:99:2::/64"},
    ("POST", "/v1/unblocks"): {"origin": "nobody", "dry_run": True},
    ("POST", "/v1/undo"): {"number": 1, "dry_run": True},
    ("POST", "/v1/allowlist"): {"prefix": "2001:db8::/zz"},
    ("POST", "/v1/interfaces"): {"name": "nothere0"},
}
KEYS = ("prefix", "origin", "for_seconds", "until", "reason", "ticket", "rate", "burst", "force", "wide", "weaken", "dry_run",
        "ssh_sources", "within", "why", "number", "name", "mode", "filter")


def codes_told():
    """From docs/api.md: status -> codes."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "api.md")) as f:
        text = f.read().split("| status | code |", 1)[1]
    told = {}
    for status, codes in re.findall(r"^\| (\d{3}) \| ([^|]*) \|", text, re.M):
        told.setdefault(int(status), set()).update(re.findall(r"`([a-z-]+)`", codes))
    return told


def routes():
    code = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "user/daemon/api/http/routes.c")).read()
    return [(m, p, "".join(re.findall(r'"([^"]*)"', words)).replace("?", "").split(), takes == "true") for m, p, words, takes in
            re.findall(r'\{EVHTTP_REQ_([A-Z]+),\s*"([^"]+)",\s*\w+,\s*\w+,\s*((?:"[^"]*"\s*)+),\s*(\w+)', code)]


def bad_requests():
    """(method, target, body): few of them are valid."""
    there = routes()
    for path in {path for _, path, _, _ in there} | set(PATHS_THAT_ARE_NOT):
        for method in METHODS:
            if (method, path) not in {r[:2] for r in there}:
                yield method, path, None
    for method, path, parameters, takes_body in there:
        for query in ("nope=1", "nope", "=", "a=b=c", "&"):
            yield method, path + "?" + query, None
        for parameter in parameters:
            yield method, "%s?%s=1&%s=1" % (path, parameter, parameter), None
            for value in QUERY_VALUES:
                if path != "/v1/reload" or value != "1.5":
                    yield method, "%s?%s=%s" % (path, parameter, value), None
        for body in BODIES if takes_body and path != "/v1/imports/text" else ("{}", "x"):
            if body != "{}" or path != "/v1/undo":
                yield method, path, body.encode("latin1")
        for key in KEYS if (method, path) in BASES else ():
            for value in MEMBERS:
                yield method, path, json.dumps(dict(BASES[method, path], **{key: value}))


@test
def whatever_is_refused_is_told_as_json_with_a_code_of_the_document(lab):
    """issue 14, 8: every route, method, query and body"""
    told, wrong, tried = codes_told(), [], 0
    looks = os.path.join(os.path.dirname(lab.socket), "read.sock")
    for path in (lab.socket, looks):
        for method, target, body in bad_requests():
            if path == looks and (tried % 4 or body):
                tried += 1
                continue  # it has the same routes
            api = Api(path)
            api.request(method, target, body)
            answer = api.getresponse()
            if answer.status == 200 and target.split("?")[0] in STREAMS:
                api.close()
                tried += 1
                continue
            text = answer.read()
            api.close()
            tried += 1
            if answer.status == 200 and b'{"import":' in text:
                Api(lab.socket).ask("DELETE", "/v1/imports", **json.loads(text))
            if answer.status == 200 or (method == "HEAD" and not text):
                continue
            try:
                failure = json.loads(text)
                schema.check_one(["failure"], failure, "strict")
                fine = failure["code"] in told[answer.status] and answer.getheader("Content-Type") == "application/json"
            except (ValueError, KeyError, schema.Invalid):
                fine = False
            if not fine:
                wrong.append("%s %s %s: %d %s" % (method, target, body, answer.status, text[:200]))
    check(tried > 4000, "only %d were tried" % tried)
    check(not wrong, "%d of %d, such as %s" % (len(wrong), tried, wrong[:3]))


def refused(api, *request, **query):
    try:
        api.ask(*request, **query)
    except Refused as failure:
        return json.loads(str(failure))
    return None


@test
def numbers_and_switches_of_a_query_are_as_they_are_documented(lab):
    """words: reverse=0 of the log was refused, limit=1.5 counted as 1, and 0x10 as 16"""
    api = Api(lab.socket)
    first = api.ask("GET", "/v1/log")[0]["number"]
    for value, number in (("0", first), ("false", first), ("1", None), ("true", None)):
        rows = api.ask("GET", "/v1/log", reverse=value)
        check((rows[0]["number"] == first) == (number is not None) or len(rows) == 1, "reverse=%s of the log" % value)
    check_equal(refused(api, "GET", "/v1/log", reverse="2")["code"], "invalid", "reverse=2")
    for path, name, least in (("/v1/blocks", "limit", 1), ("/v1/blocks", "offset", 0), ("/v1/blocks", "hits_min", 0),
                              ("/v1/log", "limit", 1), ("/v1/top", "limit", 1)):
        for value in ("1.5", "0x10", " 1", "+1", "1e3", str(least - 1)):
            check(refused(api, "GET", path, **{name: value}), "%s=%r of %s is taken" % (name, value, path))
        api.ask("GET", path, **{name: least})
    for value in ("0x10", " 1", "nan", "inf", "1e1", "0"):
        check(refused(api, "GET", "/v1/top", seconds=value), "seconds=%r of top is taken" % value)
    api.ask("GET", "/v1/top", seconds="1.5")
    check_equal(refused(api, "POST", "/v1/reload?for_seconds=604801")["error"], "'for_seconds' is '604801'",
                "a reload for more than a week")
    check_equal(refused(api, "POST", "/v1/undo", {"number": None, "force": 1})["error"], "'force' must be true or false",
                "a number that is left out")


@test
def a_burst_that_nobody_gave_may_be_given_as_well(lab):
    """words: for a rate above 50000000 the default burst was above the allowed maximum"""
    api = Api(lab.socket)
    made = api.ask("POST", "/v1/throttles", {"prefix": "2001:db8:bad:7::/64", "rate": 100000000})
    check_equal(made["burst"], 200000000, "the burst")
    again = api.ask("POST", "/v1/throttles", {"prefix": "2001:db8:bad:7::/64", "rate": 100000000, "burst": made["burst"]})
    check_equal(again["burst"], made["burst"], "the same, given")
    check(refused(api, "POST", "/v1/throttles", {"prefix": "2001:db8:bad:7::/64", "rate": 100000000, "burst": 200000001}),
          "more is taken")
    api.ask("DELETE", "/v1/blocks?prefix=2001:db8:bad:7::/64")


@test
def the_group_of_a_socket_is_that_of_the_start_until_a_restart(lab):
    """words: after a reload the new value was shown as in force, and nothing as waiting for a
    restart"""
    api = Api(lab.socket)
    path = lab.config(DETECT)
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("control: {socket: %s}" % lab.socket, "control: {socket: %s, group: adm, read_group: adm}" % lab.socket))
    for _ in range(2):
        told = [(d["name"], d["would_be"], d["restart"]) for d in api.ask("POST", "/v1/reload")["differences"]]
        check_equal(told, [("control.group", "adm", True), ("control.read_group", "adm", True)], "what the reload tells")
    check("control, metrics, state and maps need a restart" in lab.logged(), "the log does not tell")
    lab.config(DETECT)
    check_equal(api.ask("POST", "/v1/reload")["differences"], [], "back again")


@test
def what_is_refused_of_the_file_is_told_with_what_to_do(lab):
    """words: options of the command appear in the hint only"""
    api = Api(lab.socket)
    for text in ("block: ['2001:db8:0:1::2']", "block: ['2400::/16']", "allow: ['2001:db8::/32']\nblock: ['2001:db8:1::/48']",
                 "own: ['2001:db8::/32']\nblock: ['2001:db8:1::/48']", "block: ['64:ff9b::/96']"):
        lab.config(text)
        failure = refused(api, "POST", "/v1/reload")
        check_equal(failure["code"], "config-guarded", text)
        check("--" not in failure["error"] and "force: true" in failure.get("hint", ""), "%s: %s" % (text, failure))
    lab.config()
    api.ask("POST", "/v1/reload")


@test
def what_force_does_not_help_against_is_not_called_guarded(lab):
    """words: 409 guarded is returned only where force would work"""
    api = Api(lab.socket)
    lab.config("block: ['2001:db8:77::/48']")
    api.ask("POST", "/v1/reload")
    check_equal(refused(api, "PATCH", "/v1/blocks", {"prefix": "2001:db8:77::/48", "reason": "x"})["code"], "conflict",
                "an edit of what the file says")
    lab.config()
    api.ask("POST", "/v1/reload")
    number = api.ask("POST", "/v1/imports", origin="feed", strict=1, format="plain")["import"]
    api.ask("POST", "/v1/imports/text?import=" + number, "nonsense\n")
    check_equal(refused(api, "POST", "/v1/imports/commit?import=" + number, "")["code"], "conflict", "a bad line, with strict")


@test
def what_stands_twice_in_the_file_is_what_its_last_entry_says(lab):
    """words: each reload switched to the other one, and reported a change"""
    api = Api(lab.socket)
    lab.config("\n".join("%s: [{prefix: '2001:db8:7%d::/64', reason: a}, {prefix: '2001:db8:7%d::1', reason: b}]" % (k, n, n)
                         for n, k in ((7, "block"), (8, "allow"))))
    api.ask("POST", "/v1/reload")
    for _ in range(2):
        told = [r["reason"] for path in ("/v1/blocks?origin=config", "/v1/allowlist") for r in api.ask("GET", path)]
        check_equal(told, ["b", "b"], "their reasons")
        check_equal(api.ask("POST", "/v1/reload")["differences"], [], "once more")
    lab.config()
    api.ask("POST", "/v1/reload")


@test
def who_names_the_throttle_that_decides(lab):
    """words: the first row by origin was shown as the rate, not the one with the smaller burst"""
    api = Api(lab.socket)
    for origin, rate, burst in (("a", 5, 50), ("b", 5, 9), ("c", 6, 1)):
        api.ask("POST", "/v1/throttles", {"prefix": "2001:db8:bad:8::/64", "rate": rate, "burst": burst, "origin": origin})
    told = api.ask("GET", "/v1/lookup", address="2001:db8:bad:8::1")["why"]
    check_equal(told, "2001:db8:bad:8::/64 by b", "who")
    for origin in "abc":
        api.ask("DELETE", "/v1/blocks", prefix="2001:db8:bad:8::/64", origin=origin)


@test
def who_does_not_say_that_what_is_no_source_passes(lab):
    """words: multicast was reported as passing"""
    api = Api(lab.socket)
    for address, why in (("ff02::1", "multicast is never a source"), ("ff0e::7", "multicast is never a source"),
                         ("::", "every host that has no address yet")):
        told = api.ask("GET", "/v1/lookup", address=address)
        check(told["verdict"] == "dropped" and why in told["why"], "%s: %s, %s" % (address, told["verdict"], told["why"]))
    check_equal(api.ask("GET", "/v1/lookup", address="2001:db8:bad:9::1")["forms"][0]["verdict"], "passes", "another")


def prepare(lab):
    lab.start(lab.config(DETECT))


main(prepare)
