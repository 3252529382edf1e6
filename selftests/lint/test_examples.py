#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every example of the documents is run, and its result compared. Those that are not run have their
reason below.

    test_examples.py            checks
    test_examples.py --write    updates the console examples with what the commands print now"""
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, ROOT, block, mock, schema, timestamp  # noqa: E402

BUILD = os.path.dirname(PROGRAM)
FILES = ["README.md", "CONTRIBUTING.md"] + sorted(os.path.relpath(f, ROOT) for f in glob.glob(os.path.join(ROOT, "docs", "*.md")) +
                               glob.glob(os.path.join(ROOT, "docs", "man", "*.scd")))
NOT_RUN = {  # the first line of an example that cannot be run: why
    "Makefile             build, run, test, install; `make help` lists the targets": "a map of the tree; test_docs.py compares it",
    "Internet ──► NIC ──► slash64 (XDP) ──► the router's own stack, and beyond": "a picture",
    "NIC ─► bpf/ (XDP, in the kernel) ──► pass, or drop": "a picture",
    "slash64 doctor": "looks at this machine, which may have a problem; selftests/system/attach/test_doctor.py runs it",
    "cp -r /usr/share/slash64/fail2ban/action.d /usr/share/slash64/fail2ban/filter.d /etc/fail2ban/":
        "of fail2ban; selftests/connected/test_fail2ban.py uses both",
    "cscli bouncers add edge1": "of CrowdSec; selftests/connected/test_crowdsec.py does it",
    "slash64-follow --check": "checks what the operator has; the example of its configuration is checked below",
    "slash64-fetch --check": "checks what the operator has; the example of its configuration is checked below",
    "slash64-crowdsec --check": "checks what the operator has; the example of its configuration is checked below",
    "slash64-notify --check": "checks what the operator has; the example of its configuration is checked below",
    "one router                                         the others": "a picture",
    "# slash64.yaml": "two files; selftests/connected/test_fleet.py runs them with its own paths",
    "# staticd.conf": "of FRR; selftests/connected/test_fleet.py runs it",
    "# bgpd.conf": "of FRR; selftests/connected/test_fleet.py runs it",
    "# exabgp.conf": "of ExaBGP; selftests/connected/test_flowspec.py runs one like it",
    "# bird.conf of a router": "of BIRD; selftests/connected/test_fleet.py runs it",
    "# bird.conf of a route reflector": "of BIRD; selftests/connected/test_fleet.py runs it",
    "cp build/dist/*.tar.xz build/dist/*.spdx.json build/deb/*.deb build/release": "signs with the key of whoever releases",
    "dnf builddep --spec scripts/dist/slash64.spec.in": "for Fedora and EL",
    "docker run --detach --name slash64 --restart unless-stopped \\": "needs an engine; selftests/packages/container.sh runs it by podman",
    "docker kill --signal HUP slash64": "needs an engine",
    "docker stop slash64": "needs an engine; selftests/packages/container.sh runs what takes the filter off",
    "install -d -m 700 -o 65534 -g 65534 /var/lib/slash64-notify": "needs an engine, and a receiver",
    "gpg --verify SHA256SUMS.asc SHA256SUMS && sha256sum --check --ignore-missing SHA256SUMS": "of a release with a signature",
    "slash64 init": "asks; selftests/packages/first_evening.sh does what the README says, in a clean Debian",
    "systemctl enable --now slash64d": "needs systemd; selftests/packages/first_evening.sh does it",
    "scrape_configs:": "of Prometheus; test_dashboards.py has promtool check it",
}


class Wrong(Exception):
    pass


# --- examples in the documents ---

def blocks_of(name):
    """(line, text) of each example: fenced, or indented by four after an empty line."""
    with open(os.path.join(ROOT, name)) as f:
        lines = f.read().split("\n")
    found, at = [], 0
    while at < len(lines):
        start = at
        if lines[at].startswith("```"):
            at += 1
            while not lines[at].startswith("```"):
                at += 1
            found.append((start + 2, "\n".join(lines[start + 1:at])))
        elif name.endswith(".md") and lines[at].startswith("    ") and (not at or not lines[at - 1]):
            while at < len(lines) and (lines[at].startswith("    ") or
                                       not lines[at] and lines[at + 1:at + 2] and lines[at + 1].startswith("    ")):
                at += 1
            found.append((start + 1, "\n".join(line[4:] for line in lines[start:at])))
            continue
        at += 1
    return found


def inline_json(text):
    """Objects between back-quotes, except those with omissions or placeholders."""
    for found in re.finditer(r"`(\{\"[^`]*\})`", text):
        if not re.search(r"…|:[A-Z]", found.group(1)):
            yield text[:found.start()].count("\n") + 1, found.group(1)


# --- a daemon with some state ---

def rates(pps, dropped, name, reason, blocked):
    now = time.time()
    return {"packets_per_second": pps, "bytes_per_second": pps * 98, "uncertainty_percent": 0.5, "dropped_percent": dropped,
            "would_drop_percent": 0.0, "dropped_packets_per_second": pps * dropped / 100,
            "would_drop_packets_per_second": 0.0, "peak_packets_per_second": pps, "since": timestamp(now - 8),
            "last_seen": timestamp(now), "class": name, "reason": reason, "blocked": blocked}


STATUS = {
    "version": "0.2.0", "schema": 2, "pid": 21348, "uptime_seconds": 8, "config": "/etc/slash64/slash64.yaml",
    "interfaces": [{"name": "wan0", "ifindex": 2, "state": "attached", "mode": "native", "method": "direct",
                    "filter": "enforce", "program_id": 77, "origin": "config", "passed_per_second": 110.0,
                    "dropped_per_second": 19899.0, "would_drop_per_second": 0.0}],
    "maps": {"blocks": 0, "blocks_capacity": 1048576, "prefixes": 0, "prefixes_capacity": 131072, "allowlist": 0,
               "limiter_live": 2, "limiter_capacity": 3145730, "own_addresses": 9, "own_addresses_capacity": 32768,
               "own_addresses_left_out": 0, "bytes": 61476864},
    "store": {"path": "/var/lib/slash64/slash64.db", "bytes": 94208, "held": False, "log_bytes": 82400, "unnamed": 0,
              "error": None, "read_only": False, "changes": 3, "last_change": timestamp(time.time() - 8)},
    "feeds": [],
    "rates": [{"interface": "wan0", "class": c, "verdict": v, "reason": r, "packets_per_second": pps, "packets": n,
               "bytes": n * 98}
              for c, v, r, pps, n in (("echo-request", "drop", "over-source-limit", 19899.0, 109957),
                                      ("echo-request", "pass", "within-limit", 99.8, 763),
                                      ("destination-unreachable", "pass", "within-limit", 10.0, 61),
                                      ("tcp", "pass", "policy", 0.0, 2121))]}


def answer(method, path, query, body):
    bad = "2001:db8:bad:1::/64"
    blocked = block(check_chars="U1", prefix=bad, until=timestamp(time.time() + 600), start=timestamp(time.time()), hits=118352,
                    last_hit=timestamp(time.time()))
    if path == "/v1/status":
        return 200, dict(STATUS, health={"ok": True, "problems": []})
    if path == "/v1/top":
        return 200, [dict(rates(20192.0, 99.8, "echo-request", "blocked", True), source=bad),
                     dict(rates(260.0, 0.0, "tcp", "policy", False), source="2001:db8:c1:1::/64")]
    if path == "/v1/blocks" and method == "GET":
        return 200, [dict(blocked, until=timestamp(time.time() + 594))]
    if path == "/v1/imports":
        return 200, {"import": "1"}
    if path == "/v1/imports/text":
        return 200, {"lines": 1, "entries": 1, "problems": []}
    if path == "/v1/imports/commit":
        return 200, {"origin": "spamhaus", "format": "drop", "lines": 1, "entries": 1, "added": 1, "changed": 0, "removed": 0,
                     "unchanged": 0, "refused": 0, "refused_by": {"prefix": 0, "guard": 0, "allowed": 0, "room": 0},
                     "ignored": 0, "problems": [], "problems_count": 0}
    if path == "/v1/policy":
        return 200, []
    if path == "/v1/histogram":
        return 200, [{"seen_seconds": 700000, "since": timestamp(time.time() - 700000)},
                     {"class": "echo-request", "sources": 5000,
                      "rates": [{"packets_per_second": 1, "sources": 5000, "seconds": 50000}]}]
    if body and body.get("dry_run"):
        return 200, {"prefix": "198.51.100.7/32", "kind": "throttle", "dry_run": True, "check_chars": None, "refused": None,
                     "note": None, "sources_seen": 0, "packets_per_second": 0.0, "sources": []}
    if path in ("/v1/blocks", "/v1/throttles"):
        throttle = path.endswith("throttles")
        return 200, dict(blocked, kind="throttle" if throttle else "block", rate=100 if throttle else None,
                         burst=200 if throttle else None)
    raise Wrong("no answer is made up for %s %s" % (method, path))


# --- how each kind is run ---

def run_line(line, place):
    """The output of a slash64 command line. The command must accept it."""
    words = shlex.split(line, comments=True)
    if ">" in words:
        words = words[:words.index(">")]
    done = subprocess.run([PROGRAM, "--socket", mock.path] + words[1:], cwd=place, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60,
                          env=dict(os.environ, TZ="UTC", COLUMNS="80", LC_ALL="C.UTF-8"))
    # the exit status shows a difference
    if done.returncode > ("diff" in words) or (done.returncode and done.stderr):
        raise Wrong("%s: %s" % (line, done.stderr.strip()))
    return done.stdout


def place_with_files():
    """The files that examples name."""
    place = tempfile.mkdtemp(dir=os.path.dirname(mock.path))
    data = os.path.join(ROOT, "selftests", "data")
    for name, source in (("dropv6.json", os.path.join(data, "feeds", "drop.json")),
                         ("yesterday.pcap", os.path.join(data, "field", "proxied_nud.pcap"))):
        os.symlink(os.path.abspath(source), os.path.join(place, name))
    with open(os.path.join(place, "new.yaml"), "w") as f:
        f.write("interfaces: [{name: eth0}]\n")
    return place


def shape(text):
    """Compares everything except numbers, times and the space between columns."""
    text = re.sub(r"\bnow\b", "0s ago", text)
    text = re.sub(r"\d+(,\d{3})*(\.\d+)?", "0", text)
    return [re.sub(r"(0[wdhms])+", "0s", re.sub(r" +", " ", line)).strip() for line in text.strip().split("\n")]


def console(text):
    """The block as it would be now."""
    out, place = [], place_with_files()
    for line in text.split("\n"):
        if line.startswith("$ "):
            out += ([""] if out else []) + [line] + run_line(line[2:], place).rstrip("\n").split("\n")
    return "\n".join(line.rstrip() for line in out)


def check_console(text):
    now = console(text)
    for was, is_now in zip(shape(text) + [""], shape(now) + [""]):
        if was != is_now:
            raise Wrong("it says '%s', and now comes '%s'; --write writes what comes" % (was, is_now))


def check_lines(text):
    place = place_with_files()
    for line in text.split("\n"):
        run_line(line, place)


def check_program(text, program):
    """The configuration of slash64-notify, or of an adapter. The files that it names are those of the operator."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(text)
        f.flush()
        done = subprocess.run([os.path.join(BUILD, program), "--config", f.name, "--check"], capture_output=True,
                              text=True)
    told = [line for line in done.stderr.splitlines() if " does not exist; nothing can be told" not in line]
    if done.returncode or told:
        raise Wrong(done.stderr.strip())


def check_yaml(text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(text)
        f.flush()
        done = subprocess.run([os.path.join(BUILD, "slash64d"), "--check", "--config", f.name], capture_output=True, text=True)
    if done.returncode:
        raise Wrong(done.stderr.strip())


def objects_of(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield value


def body_keys():
    """Parameters accepted by the handlers of requests."""
    code = "".join(open(f).read() for f in glob.glob(os.path.join(ROOT, "user", "daemon", "**", "*.[ch]"), recursive=True))
    lists = re.findall(r"\bkeys\[\] = \{(.*?)\};", code, re.S) + re.findall(r"#define \w+_KEYS (.*)", code.replace("\\\n", " "))
    return set(re.findall(r'"([a-z_]+)"', "".join(lists)))


def check_json(text):
    """As in the schema, with every mandatory key; or the body of a request."""
    for value in objects_of(text):
        if set(value) <= body_keys():
            continue
        why = {}
        for name in schema.SCHEMA["$defs"]:
            if name == "empty":
                continue
            try:
                schema.check_one([name], value, "strict")
                break
            except schema.Invalid as reason:
                keys = set(schema.SCHEMA["$defs"][name].get("properties", {}))
                why[len(keys ^ set(value))] = str(reason)
        else:
            raise Wrong("no answer is like it: %s" % why[min(why)])


def check_curl(text):
    for line in text.replace("\\\n", " ").strip().split("\n"):
        words = shlex.split(line)
        words[words.index("--unix-socket") + 1] = mock.path
        words.insert(1, "-sf")
        if subprocess.run(words, capture_output=True).returncode:
            raise Wrong("%s fails" % line)
        method, path = mock.requests[-1][:2]
        if "%s %s" % (method, path) not in schema.SCHEMA["answers"]:
            raise Wrong("there is no %s %s" % (method, path))


def check_make(text):
    rules = "".join(open(f).read() for f in [os.path.join(ROOT, "Makefile")] +
                    glob.glob(os.path.join(ROOT, "selftests", "**", "*.mk"), recursive=True))
    for target in re.findall(r"^make ((?:[a-z0-9-]+ )*[a-z0-9-]+)", text.replace("make && make", "make"), re.M):
        for word in target.split():
            if not re.search(r"^%s:" % word, rules, re.M):
                raise Wrong("there is no target %s" % word)


KINDS = [(r"\$ slash64 ", check_console), (r"slash64 ", check_lines), (r"interfaces:", check_yaml), (r"\{", check_json),
         (r"curl ", check_curl), (r"make\b", check_make)]


def check_block(text):
    """True if it was run."""
    for start, try_it in KINDS:
        if re.match(start, text):
            mock.serves(answer)
            mock.lies.clear()
            try_it(text)
            if mock.lies:
                raise Wrong(mock.lies[0])
            return True
    return False


# --- the files in docs/examples ---

def check_example_file(path):
    """A configuration is accepted, with and without the lines behind a '#' (operators O15)."""
    with open(path) as f:
        text = f.read()
    program = "slash64-" + os.path.basename(path)[:-len(".yaml")]
    if path.endswith(".yaml") and os.path.exists(os.path.join(BUILD, program)):
        check_program(text, program)
        check_program(re.sub(r"^# (?=\w+: )", "", text, flags=re.M), program)
    elif path.endswith(".yaml"):
        check_yaml(text)
        check_yaml(re.sub(r"^#(?=\S|  +\S)", "", text, flags=re.M))
    elif not re.search(r"^\[Service\]$", text, re.M) or "IPAddressAllow=" not in text:
        raise Wrong("no test knows what to do with it")


# --- main ---

def tell(name, line, what):
    print("not ok %s:%d: %s" % (name, line, what))
    return 1


def check_all():
    tried, failed, unused = 0, 0, dict(NOT_RUN)
    for name in FILES:
        with open(os.path.join(ROOT, name)) as f:
            inline = list(inline_json(f.read()))
        for line, text in blocks_of(name) + inline:
            first = text.split("\n")[0]
            if first in NOT_RUN:
                unused.pop(first, None)
                continue
            try:
                if not check_block(text):
                    failed += tell(name, line, "an example that no test runs: '%s'" % first)
                    continue
                tried += 1
            except (Wrong, ValueError) as reason:
                failed += tell(name, line, reason)
    for path in glob.glob(os.path.join(ROOT, "docs", "examples", "*")):
        try:
            check_example_file(path)
            tried += 1
        except Wrong as reason:
            failed += tell(path, 1, reason)
    for first in unused:
        failed += tell("NOT_RUN", 0, "there is no example '%s'" % first)
    print("examples run: %d; not run, with a reason: %d" % (tried, len(NOT_RUN)))
    print("%d passed, %d failed" % (tried, failed))
    return failed > 0


def write_all():
    for name in FILES:
        path = os.path.join(ROOT, name)
        with open(path) as f:
            text = f.read()
        for _, old in blocks_of(name):
            if old.startswith("$ slash64 "):
                mock.serves(answer)
                new = "\n".join(("    " + line).rstrip() for line in console(old).split("\n"))
                text = text.replace("\n".join(("    " + line).rstrip() for line in old.split("\n")), new)
        with open(path, "w") as f:
            f.write(text)


if __name__ == "__main__":
    sys.exit(write_all() if sys.argv[1:] == ["--write"] else check_all())
