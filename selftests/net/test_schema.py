#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""docs/api.schema.json describes every answer of every request, and every line of --json, to the last key. A key that is
new in an answer is described there and in docs/api.md."""
import json
import os

from api import Api, Refused, schema
from harness import check, check_equal, main, test


# What each command is asked here; the others have tests of their own below, or take a file.
ASKED = {
    "diff": ["OTHER"],
    "block": ["2001:db8:bad:4::1", "--for", "1h", "--reason", "r", "--ticket", "T"],
    "undo": ["--dry-run"], "throttle": ["2001:db8:bad:5::/64", "--rate", "10"], "status": [], "top": [], "list": [], "log": [], "allow": [],
    "metrics": [], "policy": ["show"], "export": [], "who": ["2001:db8:bad:4::1"], "say": ["2001:db8:bad:1::/64"],
    "hear": ["2001, 0DB8, 0BAD, 0001, length 64, check Uniform one"], "reload": ["--for", "5m"], "confirm": [], "help": [], "upgrade": ["--check", "--config", "CONFIG"],
    "attach": ["lan0"], "detach": ["lan0"], "unblock": ["2001:db8:bad:4::1"], "disallow": ["2001:db8:a11::/64"],
    "edit": ["2001:db8:bad:5::/64", "--rate", "11"],
}


def ask_everything(api, lab):
    """Every request there is, each with something in its answer."""
    api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:bad:1::1", "for_seconds": 3600, "reason": "r", "ticket": "T"})
    api.ask("POST", "/v1/throttles", {"prefix": "198.51.100.7", "rate": 100, "burst": 7})
    api.ask("POST", "/v1/blocks", {"prefix": "2001:db8:bad::/48", "dry_run": True})
    api.ask("POST", "/v1/allows", {"prefix": "2001:db8:a11::/64", "reason": "ours"})
    lab.flood("2001:db8:bad:1::/64", 500, 1, kind="udp").communicate()
    lab.flood("2001:db8:bad:9::/64", 500, 1, kind="udp").communicate()
    for path in ("/v1", "/v1/status", "/v1/blocks", "/v1/blocks?addresses=1", "/v1/allows", "/v1/export", "/v1/top", "/v1/log",
                 "/v1/policy", "/v1/policy?configured=1", "/v1/who?address=2001:db8:bad:1::1",
                 "/v1/who?address=2001:db8:bad:9::1", "/v1/who?address=198.51.100.7", "/v1/who?address=fe80::1"):
        check(api.ask("GET", path), "%s has nothing" % path)
    number = api.ask("POST", "/v1/imports?origin=feed&format=plain")["import"]
    api.ask("POST", "/v1/imports/text?import=" + number, "2001:db8:bad:2::/64\nnonsense\n")
    api.ask("POST", "/v1/imports/commit?import=" + number, "")
    number = api.ask("POST", "/v1/imports?origin=feed&strict=1&format=plain")["import"]
    api.ask("POST", "/v1/imports/text?import=" + number, "nonsense\n")
    try:
        api.ask("POST", "/v1/imports/commit?import=" + number, "")
    except Refused:
        pass  # its answer has problems, and is held against the schema as well
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
    api.ask("DELETE", "/v1/allows?prefix=2001:db8:a11::/64")


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
    check_equal(routes - asked - {("GET", "/metrics")}, set(), "requests that nobody tried")
    check_equal(set(schema.SCHEMA["answers"]), {"%s %s" % r for r in routes} - {"GET /metrics"}, "requests of the schema")


@test
def every_line_of_json_is_what_the_schema_says_and_no_more(lab):  # operators O14
    lab.slash64("allow", "2001:db8:a11::/64")
    lab.flood("2001:db8:bad:9::/64", 500, 1, kind="udp").communicate()
    with open(os.path.join(lab.dir, "slash64.yaml")) as f, open(os.path.join(lab.dir, "other.yaml"), "w") as g:
        g.write(f.read() + "allow: ['2001:db8:a12::/64']\n")
    for command, words in ASKED.items():
        words = [os.path.join(lab.dir, "slash64.yaml") if word == "CONFIG" else word for word in words]
        words = [os.path.join(lab.dir, "other.yaml") if word == "OTHER" else word for word in words]
        out = lab.slash64("--json", command, *words, check=command != "diff").stdout
        check(out, "%s says nothing" % command)
        schema.check_command([command], [json.loads(line) for line in out.splitlines()], "strict")
    own = schema.SCHEMA["commands"]
    there = {row["command"] for row in lab.json("help")} - {"unallow"}  # another name of disallow
    check_equal(there - set(own), set(), "commands that the schema lacks")
    check_equal(there - set(ASKED), {"import", "restore", "replay"}, "commands that are not tried here")


def prepare(lab):
    lab.start(lab.config())


main(prepare)
