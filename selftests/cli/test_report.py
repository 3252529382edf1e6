#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 report: the notice, XARF as its published schema wants it, CEF as another program reads it.

    test_report.py [WORD]...     only the tests with one of the words in their name
"""
import base64
import hashlib
import json
import os
import re
import socket
import sys
import tempfile
import time
import warnings

import jsonschema
from scapy.utils import rdpcap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import ROOT, block, done, equal, main, mock, one_line, run, test, timestamp, usage  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)  # of RefResolver, which Debian 12 has nothing else for


def log_time(seconds):
    return timestamp(seconds).replace("Z", ".000Z")


NOW = int(time.time())
PREFIX = "2001:db8:bad:1::/64"
HOSTILE = 'x" onload=1 | = \\ <script>{{contact}} 名'
EVENT = {"time": "2026-09-21T14:13:20.250Z", "interface": "wan0", "verdict": "drop", "reason": "blocked", "class": "tcp-syn",
         "source": PREFIX, "source_address": "2001:db8:bad:1::66", "destination": "2001:db8:5e:1::10", "protocol": 6,
         "source_port": 4000, "destination_port": 443, "tcp_flags": "S", "hop_limit": 57, "length": 118, "weight": 16}
SEEN = {"source": PREFIX, "packets_per_second": 20011.4, "bytes_per_second": 1961117.0, "dropped_percent": 99.5,
        "would_drop_percent": 0.0, "dropped_packets_per_second": 19911.3, "would_drop_packets_per_second": 0.0,
        "peak_packets_per_second": 25000.0, "since": timestamp(NOW - 600), "last_seen": timestamp(NOW),
        "uncertainty_percent": 0.0, "class": "tcp-syn", "reason": "blocked", "blocked": True}
CHANGE = {"number": 17, "time": log_time(NOW - 300), "action": "block", "who": "anna", "uid": 1000, "pid": 1,
          "login": None, "login_uid": None, "from": "socket, slash64", "prefix": PREFIX, "origin": "detect:syn-flood",
          "reason": "SYN flood", "ticket": "T-1", "until": timestamp(NOW + 300), "detail": None}
CONFIG = """interfaces: [{name: eth0}]
report: {organization: Example Networks, contact: abuse@example.net, domain: example.net}
"""
DELEGATED = """2|apnic|20261126|3|19850701|20261125|+1000
apnic|*|ipv6|*|2|summary
# a comment
apnic|ZZ|ipv6|2001:db8::|32|20050101|allocated|A0000001
apnic|JP|ipv6|2001:db8:bad::|48|20150301|assigned|A0000002
apnic||ipv6|2001:db8:bad:1::|64||available|
"""

scratch = tempfile.mkdtemp()


def written(name, text):
    path = os.path.join(scratch, name)
    with open(path, "w") as file:
        file.write(text)
    return path


PROPOSALS = []


def knows(blocks=(), changes=(), sources=(), destinations=(), packets=()):
    """slash64d, with these answers."""
    def answer(method, path, query, body):
        lists = {"/v1/proposals": PROPOSALS, "/v1/blocks": blocks, "/v1/log": changes, "/v1/events": packets}
        if path == "/v1/status":
            return 200, {"version": "0.2.0", "config": os.path.join(scratch, "missing.yaml")}
        if path == "/v1/top":
            return 200, list(destinations if query["by"] == ["destination"] else sources)
        if path == "/v1/proposals/packets":
            return 404, {"error": "no packets of proposal %d were kept" % body["id"], "code": "not-found"}
        return 200, list(lists[path])
    mock.serves(answer)


def now_seen():
    """Only what a source sends now is looked at packet by packet."""
    return dict(SEEN, last_seen=timestamp(time.time()))


def attack(**more):
    destination = dict(SEEN, destination="2001:db8:5e:1::/64")
    del destination["source"], destination["blocked"]
    knows(blocks=[block(1, prefix=PREFIX, origin="detect:syn-flood", reason="SYN flood", check_chars="U1",
                        start=timestamp(NOW - 300), last_hit=timestamp(NOW - 1))],
          changes=[dict(CHANGE, **more)], sources=[now_seen()], destinations=[destination], packets=[EVENT])


def schema_of_xarf():
    folder = os.path.join(ROOT, "selftests", "data", "xarf")
    store = {}
    for directory, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".json"):
                with open(os.path.join(directory, name)) as file:
                    schema = json.load(file)
                store[schema["$id"]] = schema
    master = store["https://xarf.org/schemas/v4/xarf-v4-master.json"]
    return jsonschema.Draft202012Validator(master, resolver=jsonschema.RefResolver(master["$id"], master, store),
                                           format_checker=jsonschema.FormatChecker())


def xarf(*words):
    result = run("report", PREFIX, "--format", "xarf", *words)
    done(result)
    report = json.loads(result.out)
    schema_of_xarf().validate(report)
    return report


# --- the notice ---

@test
def a_notice_tells_who_what_when_and_what_was_done():
    attack()
    result = run("report", PREFIX, "--config", written("c.yaml", CONFIG), env=dict(os.environ, TZ="Asia/Tokyo"))
    done(result)
    for part in (PREFIX, "check characters U1", "2001, 0DB8, 0BAD, 0001", "tcp-syn", "peak 25,000 packets/s", "syn-flood",
                 "48,211", "2001:db8:5e:1::/64, 20,011 packets/s", "block %s, until " % PREFIX, ": SYN flood",
                 "2001:db8:bad:1::66 port 4000  2001:db8:5e:1::10 port 443  118", "Example Networks", "abuse@example.net",
                 timestamp(NOW - 600)):
        assert part in result.out, "no %r in %s" % (part, result.out)
    assert " JST)" in result.out, "in UTC and in local time"
    assert "anna" not in result.out and "T-1" not in result.out, "who did it is no business of the receiver"
    assert "{{" not in result.out and not re.search(r"\n\n\n", result.out), result.out


@test
def a_notice_in_japanese():
    attack()
    result = run("report", PREFIX, "--lang", "ja")
    done(result)
    assert "からの攻撃通信について" in result.out and "当方で行った対応" in result.out and PREFIX in result.out


@test
def what_is_unknown_has_no_line():
    knows(changes=[CHANGE])
    result = run("report", PREFIX)
    done(result)
    for part in ("Rate ", "Hits ", "Network ", "Some of its packets", "Directed at", "Attached"):
        assert part not in result.out, part
    assert "What we have done" in result.out


@test
def nothing_known_is_refused():
    knows()
    one_line(run("report", PREFIX), 1, "nothing to report of %s" % PREFIX, "--since")


@test
def walk_what_was_only_allowed_is_no_attack():
    """A notice accused a prefix of which the log knew nothing but that it was allowed."""
    for action in "allow", "disallow", "undo", "edit", "capture", "dismiss":
        knows(changes=[dict(CHANGE, action=action)])
        one_line(run("report", PREFIX), 1, "nothing to report of %s" % PREFIX)
    one_line(run("report", "fe80::1"), 1, "fe80::/64 belongs to a link of this router")


@test
def walk_a_notice_tells_what_was_done_against_the_source_and_no_more():
    old = dict(CHANGE, time=log_time(NOW - 4000))
    knows(changes=[dict(CHANGE, action="allow", reason="our best customer"), CHANGE, dict(CHANGE, action="disallow")],
          sources=[now_seen()], packets=[EVENT])
    result = run("report", PREFIX)
    assert ": block %s" % PREFIX in result.out and "allow" not in result.out and "customer" not in result.out, result.out
    report = xarf("--config", written("c.yaml", CONFIG))
    assert not any(b"customer" in base64.b64decode(item["payload"]) for item in report["evidence"])
    knows(changes=[old] * 30 + [CHANGE] * 20, sources=[now_seen()])
    actions = run("report", PREFIX).out.split("What we have done:\n")[1].split("\n\n")[0].splitlines()
    equal((len(actions), actions[0]), (21, "  (30 before these)"))
    assert all(timestamp(NOW - 300) in line for line in actions[1:]), actions


@test
def walk_first_seen_is_no_block_of_a_list_and_none_around_the_source():
    """A list may name what never came; a preventive block of the /48 is not when its /64 was seen."""
    early = timestamp(NOW - 9000)
    listed = block(1, prefix=PREFIX, origin="spamhaus", start=early, hits=0, last_hit=None)
    knows(blocks=[listed], changes=[dict(CHANGE, time=log_time(NOW - 9000), origin="spamhaus")])
    assert "First seen" not in run("report", PREFIX).out
    knows(blocks=[listed], changes=[dict(CHANGE, time=log_time(NOW - 9000), prefix="2001:db8:bad::/48", origin="operator")], sources=[now_seen()])
    assert "First seen     %s" % timestamp(NOW - 600) in run("report", PREFIX).out
    knows(blocks=[block(1, prefix=PREFIX, start=early, last_hit=timestamp(NOW - 8000))])
    assert "First seen     %s" % early in run("report", PREFIX).out, "a person blocked it, and it came"


@test
def walk_a_wide_prefix_is_not_called_one_subscriber_s():
    knows(sources=[now_seen()])
    assert "one subscriber" in run("report", PREFIX).out
    for prefix in "2001:db8::/32", "198.51.100.0/24":
        assert "one subscriber" not in run("report", prefix).out
    assert "check characters" not in run("report", "198.51.100.7").out.lower(), "IPv4 has none"


@test
def walk_a_source_that_is_blocked_with_what_is_around_it_is_called_blocked():
    knows(sources=[dict(now_seen(), blocked=True)], packets=[EVENT])
    equal(xarf("--config", written("c.yaml", CONFIG))["mitigation_applied"], True)
    equal(parse_cef(run("report", PREFIX, "--format", "cef").out)[1]["act"], "block")
    knows(sources=[dict(now_seen(), blocked=False, bytes_per_second=0.0)], packets=[EVENT])
    equal(xarf("--config", written("c.yaml", CONFIG))["mitigation_applied"], False)
    assert ", 0 bit/s" in run("report", PREFIX).out


@test
def an_address_stands_for_its_source_and_the_span_is_asked_for():
    attack()
    done(run("report", "2001:db8:bad:1::66", "--since", "2026-11-20 00:00 UTC", "--until", "2026-11-20 12:00 UTC"))
    asked = {path: query for _, path, query, _ in mock.requests}
    equal(asked["/v1/blocks"]["within"], [PREFIX])
    equal((asked["/v1/log"]["since"], asked["/v1/log"]["until"]), (["1795132800"], ["1795176000"]))


@test
def an_operators_own_template_and_its_mistakes():
    attack()
    os.makedirs(os.path.join(scratch, "own"), exist_ok=True)
    config = written("own.yaml", CONFIG.replace("domain:", "templates: %s/own, domain:" % scratch))
    written("own/en.txt", "Hello {{organization}}\n{{holder}}\n{{#packets}}\nnow: {{packets}}\n{{/packets}}\nbye\n")
    result = run("report", PREFIX, "--config", config)
    done(result)
    equal(result.out.splitlines()[0], "Hello Example Networks")
    equal(result.out.splitlines()[-1], "bye")
    equal(len(result.out.splitlines()), 3)
    assert "からの攻撃通信" in run("report", PREFIX, "--config", config, "--lang", "ja").out, "there is no ja.txt"
    for text, what in (("one\n{{nobody}}\n", "en.txt:2: no value is called 'nobody'"),
                       ("{{#packets}}\n", "a section without its end: 'packets'"),
                       ("{{/packets}}\n", "the end of a section that is not open: 'packets'"),
                       ("{{#packets}}\n{{#hits}}\n", "a section within another: 'hits'")):
        written("own/en.txt", text)
        one_line(run("report", PREFIX, "--config", config), 1, what)


@test
def the_holder_comes_from_a_registry_file_on_disk():
    attack()
    files = [written("delegated-apnic", DELEGATED)]
    result = run("report", PREFIX, "--config", written("r.yaml", CONFIG + "registry: [%s]\n" % files[0]))
    done(result)
    assert "2001:db8:bad::/48 (apnic JP assigned, holder A0000002)" in result.out, result.out
    one_line(run("report", PREFIX, "--config", written("r.yaml", CONFIG + "registry: %s/none\n" % scratch)), 1,
             "cannot read the registry file %s/none" % scratch, "'registry'")
    one_line(run("report", PREFIX, "--config", written("r.yaml", CONFIG + "registry: %s\n" % written("no", "hello\n"))), 1,
             "has no delegation")


@test
def json_has_the_facts():
    attack()
    result = run("report", PREFIX, "--json")
    done(result)
    facts = json.loads(result.out)
    for key, value in {"prefix": PREFIX, "check_chars": "U1", "rule": "syn-flood", "protocol": "tcp", "hits": 48211,
                       "peak_packets_per_second": 25000.0, "address": "2001:db8:bad:1::66", "source_port": 4000,
                       "first_seen": timestamp(NOW - 600), "holder": None}.items():
        equal(facts[key], value, key)


# --- XARF ---

@test
def xarf_is_what_its_schema_accepts():
    attack()
    capture = written("a.pcapng", "not really one")
    report = xarf("--config", written("c.yaml", CONFIG), "--evidence", capture)
    for key, value in {"category": "connection", "type": "ddos", "source_identifier": "2001:db8:bad:1::66",
                       "source_port": 4000, "destination_ip": "2001:db8:5e:1::10", "destination_port": 443,
                       "protocol": "tcp", "attack_vector": "syn_flood", "peak_pps": 25000, "source_prefix": PREFIX,
                       "first_seen": timestamp(NOW - 600), "mitigation_applied": True}.items():
        equal(report[key], value, key)
    equal(report["reporter"], {"org": "Example Networks", "contact": "abuse@example.net", "domain": "example.net"})
    equal(base64.b64decode(report["evidence"][0]["payload"]), b"not really one")
    for item in report["evidence"]:
        payload = base64.b64decode(item["payload"])
        equal(item["hash"], "sha256:" + hashlib.sha256(payload).hexdigest())
        equal(item["size"], len(payload))
    assert b"anna" not in b"".join(base64.b64decode(item["payload"]) for item in report["evidence"])


@test
def xarf_of_every_kind_of_source_and_of_what_is_over():
    config = written("c.yaml", CONFIG)
    knows(changes=[dict(CHANGE, origin="detect:port-scan")])
    one_line(run("report", PREFIX, "--format", "xarf", "--config", config), 1, "which protocol", "--protocol")
    report = xarf("--config", config, "--protocol", "icmp")
    equal((report["type"], report["source_identifier"]), ("port_scan", "2001:db8:bad:1::"))
    assert "source_port is not that of a packet" in report["description"]
    knows(changes=[CHANGE], sources=[dict(SEEN, **{"class": "echo-request", "last_seen": timestamp(NOW - 900)})])
    report = xarf("--config", config)
    equal((report["protocol"], report["attack_vector"]), ("icmp", "icmp_flood"))
    knows(changes=[dict(CHANGE, origin="spamhaus")])
    one_line(run("report", PREFIX, "--format", "xarf", "--config", config), 1, "when the attack began")


@test
def walk_json_is_one_object_a_line_whatever_the_format():
    attack()
    result = run("--json", "report", PREFIX, "--format", "xarf", "--config", written("c.yaml", CONFIG))
    done(result)
    equal((result.out.count("\n"), json.loads(result.out)["xarf_version"]), (1, "4.2.0"))
    usage(run_without_request("--json", "report", PREFIX, "--format", "cef"), "a line of CEF is no JSON")


@test
def xarf_needs_a_sender():
    attack()
    one_line(run("report", PREFIX, "--format", "xarf"), 1, "'report.organization' is missing", "in the configuration")
    one_line(run("report", PREFIX, "--format", "xarf", "--config", written("n.yaml", CONFIG.replace(
        "contact: abuse@example.net, ", ""))), 1, "'report.contact' is missing")


@test
def evidence_that_does_not_fit_is_refused():
    attack()
    config = written("c.yaml", CONFIG)
    big = os.path.join(scratch, "big")
    with open(big, "wb") as file:
        file.truncate(5242881)
    for path, what in ((big, "larger than 5242880 bytes"), (written("empty", ""), "is empty"),
                       (os.path.join(scratch, "none"), "cannot read"), (scratch, "cannot read")):
        one_line(run("report", PREFIX, "--format", "xarf", "--config", config, "--evidence", path), 1, what)
    usage(run_without_request("report", PREFIX, "--format", "cef", "--evidence", big), "a line of CEF carries no file")


def run_without_request(*words):
    mock.requests.clear()
    return run(*words)


# --- CEF, read by the rules of its specification ---

def parse_cef(line):
    parts = re.split(r"(?<!\\)((?:\\\\)*)\|", line.rstrip("\n"))
    fields = [parts[i] + (parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    header = [re.sub(r"\\([|\\])", r"\1", field) for field in fields[:7]]
    extension = "|".join(fields[7:])
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9_]+)(?<!\\)=", extension))
    values = {}
    for i, key in enumerate(keys):
        end = keys[i + 1].start() if i + 1 < len(keys) else len(extension)
        assert key.group(1) not in values, "%s twice" % key.group(1)
        values[key.group(1)] = re.sub(r"\\([=\\])", r"\1", extension[key.end():end]).replace("\\n", "\n")
    return header, values


@test
def cef_is_one_line_that_others_read():
    attack()
    result = run("report", PREFIX, "--format", "cef")
    done(result)
    equal(result.out.count("\n"), 1)
    header, values = parse_cef(result.out)
    equal(header[:3], ["CEF:0", "slash64", "slash64"])
    equal((header[4], header[6]), ("syn-flood", "8"))
    for key, value in {"src": "2001:db8:bad:1::66", "spt": "4000", "dst": "2001:db8:5e:1::10", "dpt": "443", "proto": "tcp",
                       "cs1": PREFIX, "cs1Label": "Source prefix", "cs2": "U1", "act": "block", "cnt": "48211",
                       "reason": "SYN flood", "c6a2": "2001:db8:bad:1::66", "cn1": "25000",
                       "start": str((NOW - 600) * 1000)}.items():
        equal(values[key], value, key)


@test
def hostile_texts_stay_texts_in_every_format():
    attack(reason=HOSTILE)
    knows(blocks=[block(1, prefix=PREFIX, reason=HOSTILE, origin="detect:a|b=c")], changes=[dict(CHANGE, reason=HOSTILE)],
          sources=[now_seen()], packets=[EVENT])
    header, values = parse_cef(run("report", PREFIX, "--format", "cef").out)
    equal((header[4], values["reason"], values["act"]), ("syn-flood", HOSTILE, "block"))
    assert HOSTILE in run("report", PREFIX).out, "and no name within it is filled in"
    report = xarf("--config", written("c.yaml", CONFIG))
    assert any(HOSTILE in base64.b64decode(item["payload"]).decode() or
               json.dumps(HOSTILE, ensure_ascii=False)[1:-1] in base64.b64decode(item["payload"]).decode() for item in report["evidence"])


@test
def a_proposal_tells_rule_and_rate_of_what_is_over():
    now = time.time()

    def at(ago):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - ago))
    one = {"id": 7, "rule": "echo-flood", "prefix": "2001:db8:bad:1::/64", "check_chars": "U1", "state": "over", "action": "block",
           "for_seconds": 600.0, "rate": None, "since": at(900), "ended": at(600), "until": None,
           "measured": {"packets_per_second": 30012.0}, "peak": {"packets_per_second": 31877.0},
           "threshold": {"packets_per_second": 5000.0}, "evidence": "none", "collateral_share": 0.0, "spared": 0,
           "spared_sources": [], "by_rule": False, "refused": None}
    PROPOSALS[:] = [one, dict(one, id=8, rule="other", prefix="2001:db8:bad:2::/64"),
                    dict(one, id=9, rule="old", since=at(9e6), ended=at(8e6))]
    try:
        knows(changes=[CHANGE])
        facts = json.loads(run("--json", "report", "2001:db8:bad:1::/64").out)
    finally:
        PROPOSALS[:] = []
    equal(([p["id"] for p in facts["proposals"]], facts["rule"], facts["peak_packets_per_second"]), ([7], "echo-flood", 31877.0))


def frame(port):
    """A SYN of PREFIX, behind a tag, as slash64d tells it: in hexadecimal."""
    ip = bytes([0x60, 0, 0, 0, 0, 20, 6, 57]) + socket.inet_pton(socket.AF_INET6, "2001:db8:bad:1::66") + \
        socket.inet_pton(socket.AF_INET6, "2001:db8:5e:1::10")
    return (bytes(12) + b"\x81\x00\x00\x07\x86\xdd" + ip + port.to_bytes(2, "big") + (443).to_bytes(2, "big") + bytes(16)).hex()


def with_kept_packets(answer_packets):
    proposal = {"id": 7, "rule": "syn-flood", "prefix": PREFIX, "state": "over", "since": timestamp(NOW - 900),
                "ended": timestamp(NOW - 600), "peak": {}, "measured": {}, "threshold": {}}
    PROPOSALS[:] = [proposal, dict(proposal, id=9)]
    knows(changes=[CHANGE])
    other = mock.function

    def answer(method, path, query, body):
        if path == "/v1/proposals/packets":
            return answer_packets(body)
        return other(method, path, query, body)
    mock.serves(answer)


def kept(body):
    """Of the newer proposal there are none any more."""
    if body["id"] == 9:
        return 404, {"error": "no packets of proposal 9 were kept", "code": "not-found"}
    return 200, {"id": 7, "snaplen": 128, "rules": [], "packets": [
        {"time": "2026-09-21T14:13:%02d.250000Z" % n, "interface": "wan0", "verdict": "pass", "reason": "policy", "class": "tcp-syn",
         "source_address": "2001:db8:bad:1::66", "length": 78, "data": frame(4000 + n)} for n in range(32)]}


@test
def the_packets_of_a_proposal_go_with_the_report_after_the_attack():
    try:
        with_kept_packets(kept)
        report = xarf("--config", written("c.yaml", CONFIG))
        text = run("report", PREFIX)
        with_kept_packets(lambda body: (403, {"error": "you may only look", "code": "read-only"}))
        without = run("report", PREFIX)
    finally:
        PROPOSALS[:] = []
    item = report["evidence"][0]
    payload = base64.b64decode(item["payload"])
    equal((item["content_type"], item["size"], item["hash"]),
          ("application/x-pcapng", len(payload), "sha256:" + hashlib.sha256(payload).hexdigest()))
    path = os.path.join(scratch, "kept.pcapng")
    with open(path, "wb") as file:
        file.write(payload)
    packets = rdpcap(path)
    equal((len(packets), bytes(packets[3]).hex()), (32, frame(4003)))
    equal((report["destination_ip"], report["destination_port"], report["protocol"]), ("2001:db8:5e:1::10", 443, "tcp"))
    assert "2001:db8:bad:1::66 port 4000  2001:db8:5e:1::10 port 443  78" in text.out, text.out
    done(without)
    assert "Some of its packets" not in without.out, "who may only look gets none, and the report all the same"


@test
def frames_from_strangers_stay_data():
    def odd(body):
        code, answer = kept({"id": 7})
        frames = ["", "00", frame(1)[:30], frame(1)[:60], frame(1)[:116], "ff" * 128, "81" * 128]
        return code, dict(answer, packets=[dict(answer["packets"][0], data=data, length=200) for data in frames])
    try:
        with_kept_packets(odd)
        xarf("--config", written("c.yaml", CONFIG), "--protocol", "udp")
    finally:
        PROPOSALS[:] = []


@test
def mistakes_on_the_command_line():
    attack()
    for words, what in ((("report",), "missing argument"), (("report", PREFIX, "--format", "pdf"), "'pdf'"),
                        (("report", PREFIX, "--lang", "de"), "'de'"), (("report", "nonsense"), "'nonsense' is not a prefix"),
                        (("report", PREFIX, "--since", "1h", "--until", "2h"), "--until is before --since")):
        usage(run_without_request(*words), what)


sys.exit(main())
