# SPDX-License-Identifier: GPL-2.0-only
"""The documentation says what the code does: its lists are those of the code, both ways. (Its examples are run by
selftests/lint/test_examples.py.)"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
TEXTS = ("README.md", "docs/api.md", "docs/policy.md", "docs/design.md", "docs/slash64.8.scd", "docs/slash64d.8.scd",
         "docs/slash64.yaml.5.scd")
tests = []


def test(function):
    tests.append(function)
    return function


def read(*path):
    with open(os.path.join(ROOT, *path)) as f:
        return f.read()


def run(program, *words):
    return subprocess.run([os.path.join(BUILD, program)] + list(words), capture_output=True, text=True).stdout


def same(documented, there, where):
    """Both ways."""
    assert there, "the code's list is not found"
    assert not there - documented, "not in %s: %s" % (where, sorted(there - documented))
    assert not documented - there, "in %s, and nowhere else: %s" % (where, sorted(documented - there))


def define(path, name):
    value = re.search(r'#define %s\s+("[^"]*"|[^/\n]*)' % name, read(*path.split("/"))).group(1)
    if value.startswith('"'):
        return value.strip().strip('"')
    value = re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda other: str(define(path, other.group(0))), value)
    return int(eval(re.sub(r"(?<=\d)(U|L)+\b", "", value), {}))  # an expression of numbers


def strings(path, name):
    """Of `const char *const NAME[...] = {...};`"""
    return set(re.findall(r'"([^"]+)"', re.search(r"\b%s\[[^=]*= ?\{(.*?)\};" % name, read(*path.split("/")), re.S).group(1)))


def commands():
    return [json.loads(line) for line in run("slash64", "help", "--json").splitlines()]


# --- lists of the code ---

@test
def policy_md_has_the_tables_of_the_code():
    made = run("policy_doc")
    assert made and made in read("docs", "policy.md"), "docs/policy.md is stale: run make docs"


def sections_of_commands():
    """Name -> text of each in slash64(8)."""
    page = read("docs", "slash64.8.scd")
    page = page[page.index("# COMMANDS"):page.index("# EXIT STATUS")]
    found = {}
    for head, text in re.findall(r"^(\*[a-z][^\n]*)\n(.*?)(?=^\*[a-z]|\Z)", page, re.M | re.S):
        for name in re.findall(r"(?:^|, )\*([a-z]+)", head)[:1]:
            found[name] = found.get(name, "") + head + "\n" + text
    return found


@test
def every_command_is_in_the_man_page_and_no_other():
    same(set(sections_of_commands()), {c["command"] for c in commands()}, "slash64(8)")


@test
def every_option_is_in_the_man_page_and_no_other():
    sections, everywhere = sections_of_commands(), {"--json", "--socket", "--help"}
    for command in commands():
        text = sections[command["command"]]
        there = {i["word"] for i in command["items"] if i["word"].startswith("--")}
        missing = {o for o in there if not re.search(r"%s\b" % o, text)}
        assert not missing, "slash64(8) does not tell of %s %s" % (command["command"], sorted(missing))
        told = set(re.findall(r"\*(--[a-z-]+)", text.split("\n")[0] + text if "_OPTION_" in text else text.split("\n")[0]))
        told |= set(re.findall(r"\[\*(--[a-z-]+)", text))
        strange = told - there - everywhere
        assert not strange, "slash64(8) tells of %s %s" % (command["command"], sorted(strange))


@test
def every_command_line_in_a_text_is_one():
    """`slash64 WORD --option`, *slash64 WORD*: the word and the options are there."""
    known = {c["command"]: {i["word"] for i in c["items"]} for c in commands()}
    known_everywhere = {"--json", "--socket", "--help", "--version", "--no-pager", "--color"}
    for name in TEXTS:
        text = read(*name.split("/"))
        for line in re.findall(r"`slash64 ([^`]+)`", text) + re.findall(r"\*slash64\s([a-z][^*]*)\*", text):
            words = [w for w in line.split() if w not in known_everywhere]
            if not words or words[0].startswith("_"):
                continue
            assert words[0] in known, "%s tells of 'slash64 %s'" % (name, line)
            for option in re.findall(r"--[a-z-]+", " ".join(words)):
                assert option in known[words[0]], "%s tells of 'slash64 %s'" % (name, line)


@test
def the_options_of_the_daemon_are_those_of_its_man_page():
    page = read("docs", "slash64d.8.scd")
    page = page[page.index("# OPTIONS"):page.index("# SIGNALS")]
    same(set(re.findall(r"(--[a-z-]+)", page)), set(re.findall(r"^  (--[a-z-]+)", run("slash64d", "--help"), re.M)),
         "slash64d(8)")


@test
def exit_statuses_are_those_of_the_man_pages():
    codes = re.search(r"enum exit_code \{(.*?)\}", read("user", "cli", "command.h"), re.S).group(1)
    page = read("docs", "slash64.8.scd")
    page = page[page.index("# EXIT STATUS"):]
    same({int(n) for n in re.findall(r"^\*(\d)\*", page, re.M)}, set(range(len(re.findall(r"EXIT_[A-Z]+", codes)))) |
         {define("user/cli/status.h", "STATUS_EXIT_UNKNOWN")}, "slash64(8)")


@test
def every_metric_is_in_the_man_page_and_no_other():
    names = re.findall(r'"(slash64_[a-z_0-9]+)"', read("user", "daemon", "metrics.c"))
    told = re.findall(r"\b(slash64_[a-z_0-9]+)", read("docs", "slash64d.8.scd"))
    # that of a counter ends with _total, which the exposition adds
    same({re.sub("_total$", "", n) for n in told}, {re.sub("_total$", "", n) for n in names}, "slash64d(8)")


@test
def every_key_of_the_configuration_is_in_its_man_page():
    code = read("user", "config.c") + read("user", "config_sites.c") + read("user", "policy.c")
    keys = set(re.findall(r'\{"([a-z_0-9]+)", (?:parse_|skip)', code))
    page = read("docs", "slash64.yaml.5.scd")
    missing = [k for k in keys if not re.search(r"\*%s\*|\b%s:" % (k, k), page)]
    assert len(keys) > 20 and not missing, "not in slash64.yaml(5): %s" % missing
    told = set(re.findall(r"^\*([a-z_]+)\*$", page, re.M)) | set(re.findall(r"^\t- \*([a-z_0-9]+)\*", page, re.M))
    words = set(re.findall(r'"([a-z_0-9]+)"', code))
    assert not told - words, "slash64.yaml(5) tells of %s" % sorted(told - words)


@test
def words_that_may_be_chosen_are_those_of_the_code():
    page, api, manual = read("docs", "slash64.yaml.5.scd"), read("docs", "api.md"), read("docs", "slash64.8.scd")
    formats = strings("user/feed.c", "feed_format_names")
    told = re.search(r"`format=` one of (.*?);", api, re.S).group(1)
    same(set(re.findall(r"`([a-z0-9-]+)`", told)), formats, "docs/api.md")
    told = re.search(r"\*--format\* ([a-z0-9|-]+)", manual).group(1)
    same(set(told.split("|")), formats, "slash64(8)")
    told = re.search(r"- \*format\*: (.*?);", page, re.S).group(1)
    same(set(re.findall(r"\*([a-z0-9-]+)\*", told)), formats, "slash64.yaml(5)")
    sorts = strings("user/daemon/store_list.c", "store_sort_names")
    same(set(re.search(r"\*--sort\* ([a-z_|]+)", manual).group(1).split("|")), sorts, "slash64(8)")
    told = re.search(r"`sort=` one of (.*?) orders", api, re.S).group(1)
    same(set(re.findall(r"`([a-z_]+)`", told)), sorts, "docs/api.md")
    profiles = strings("user/policy.c", "policy_profile_names")
    told = re.search(r"- \*profile\*:(.*?)- \*filter\*", page, re.S).group(1)
    assert not [p for p in profiles if "*%s*" % p not in told], told


# --- the API ---

def routes():
    """(method, path) -> parameters"""
    code = read("user", "daemon", "control_routes.c")
    found = re.findall(r'\{EVHTTP_REQ_([A-Z]+),\s*"([^"]+)",\s*\w+,\s*((?:"[^"]*"\s*)+),', code)
    return {(m, p): set("".join(re.findall(r'"([^"]*)"', words)).replace("?", "").split()) for m, p, words in found}


@test
def every_request_and_parameter_is_documented():
    text, there = read("docs", "api.md"), routes()
    assert len(there) > 20
    told = {(m, p) for m, p in re.findall(r"^\| `(GET|POST|PATCH|DELETE) (/[a-z0-9/]+)", text, re.M)}
    same(told, set(there), "the table of docs/api.md")
    for (method, path), parameters in there.items():
        missing = [p for p in parameters if not re.search(r"[`?&]%s[=`]" % p, text)]
        assert not missing, "docs/api.md does not tell of %s of %s %s" % (missing, method, path)


@test
def the_schema_has_the_requests_and_the_number_of_the_code():
    schema = json.loads(read("docs", "api.schema.json"))
    same(set(schema["answers"]), {"%s %s" % r for r in routes()} - {"GET /metrics"}, "docs/api.schema.json")
    number = define("user/daemon/control_routes.h", "CONTROL_SCHEMA")
    assert {d["properties"]["schema"]["const"] for d in (schema["$defs"]["status"], schema["$defs"]["root"])} == {number}
    assert '"schema":%d' % number in read("docs", "api.md")


@test
def codes_of_failures_are_those_of_the_documents():
    code = "".join(open(f).read() for f in sorted(glob.glob(os.path.join(ROOT, "user/daemon/**/*.c"), recursive=True)))
    there = set(re.findall(r'\{\d{3}, "[^"]+", "([a-z-]+)"\}', code)) | set(re.findall(r'->code = "([a-z-]+)"', code))
    text = read("docs", "api.md")
    text = text[text.index("| status | code |"):]
    told = set()
    for row in re.findall(r"^\| \d{3} \| ([^|]*) \|", text, re.M):
        told |= set(re.findall(r"`([a-z-]+)`", row))
    same(told, there, "docs/api.md")
    schema = json.loads(read("docs", "api.schema.json"))
    same(set(schema["$defs"]["failure"]["properties"]["code"]["enum"]), there, "docs/api.schema.json")


@test
def actions_of_the_log_are_those_of_the_code():
    code = "".join(open(f).read() for f in sorted(glob.glob(os.path.join(ROOT, "user/daemon/**/*.c"), recursive=True)))
    there = set(re.findall(r'(?:\.action = |(?:store_log\w*|iface_log_change|blocks_put_as)\([^;]*?)"([a-z]+)"', code))
    there |= set(re.findall(r'iface_log_change\([^;]*?: "([a-z]+)"', code)) | strings("user/daemon/store.c", "store_kind_names")
    text = read("docs", "api.md")
    told = re.search(r"`action`\s+is\s+(.*?)\. `who` is", text, re.S).group(1)
    told = set(re.findall(r"`([a-z]+)`", told)) - {"detail"}
    same(told, there | {"end"}, "docs/api.md")


LIMITS = {  # a row of the table "Limits" of docs/api.md: the numbers in it
    "`reason`, `ticket`": [("user/config.h", "CONFIG_REASON_MAX", -1)],
    "`origin`": [("user/daemon/control_blocks.c", "ORIGIN_MAX", 0)],
    "`for_seconds`": [("user/daemon/block_terms.c", "SPAN_MAX_S", 0)],
    "`for_seconds` of a reload": [("user/daemon/control_reload.c", "FOR_MAX_S", 0)],
    "`rate` of a throttle": [("user/daemon/block_terms.c", "RATE_MAX", 0)],
    "`burst` of a throttle": [("user/daemon/block_terms.c", "BURST_MAX", 0), ("headers/slash64/maps.h", "S64_WINDOW_SECONDS", 0)],
    "different rates of throttles": [("headers/slash64/maps.h", "S64_THROTTLE_MAX", 0)],
    "`ssh_sources`": [("user/daemon/control_blocks.c", "SSH_SOURCES_MAX", 0)],
    "sites told by `dry_run`": [("user/daemon/control_dry_run.c", "SITES_NAMED", 0)],
    "`seconds` of `top`": [("user/daemon/control_status.c", "TOP_SECONDS_MAX", 0)],
    "`limit` of `top`": [("user/daemon/control_status.c", "TOP_LIMIT_MAX", 0)],
    "imports at a time": [("user/daemon/imports.c", "IMPORTS_MAX", 0)],
    "an import to which nothing comes": [("user/daemon/imports.c", "IMPORT_IDLE_S", 0)],
    "a piece of an import": [("user/daemon/control_imports.c", "PIECE_BYTES_MAX", 0)],
    "problems told with one answer": [("user/daemon/control_imports.c", "ANSWER_PROBLEMS_MAX", 0)],
    "path and query": [("user/daemon/failures.h", "FAILURES_ADDRESS_MAX", 0)],
    "headers": [("user/daemon/failures.h", "FAILURES_HEADERS_MAX", 0)],
    "a body": [("user/daemon/failures.h", "FAILURES_BODY_MAX", 0), ("user/daemon/failures.h", "FAILURES_LOOK_BODY_MAX", 0)],
    "time to read an answer that is a list": [("user/daemon/control_stream.c", "SPAN_S", 0)],
    "time between two requests of a connection": [("user/daemon/control.c", "TIMEOUT_S", 0)],
}


@test
def limits_are_written_down_as_the_code_has_them():
    """documents low: limits nobody wrote down."""
    text = read("docs", "api.md")
    text = text[text.index("## Limits"):text.index("## The log")]
    told = {what: [int(n) for n in re.findall(r"\d+", value)] for what, value in re.findall(r"^\| (.*?) \| (.*?) \|$", text, re.M)
            if re.search(r"\d", value)}
    same(set(told), set(LIMITS), "the limits of docs/api.md")
    for what, numbers in LIMITS.items():
        there = [define(path, name) + more for path, name, more in numbers]
        assert told[what] == there, "%s: %s, and the code has %s" % (what, told[what], there)
    page = read("docs", "slash64.yaml.5.scd")
    least = define("user/config.h", "CONFIG_LOG_CHANGES_MIN")
    assert re.search(r"\*changes\*: [^.]*\(%d at least\)" % least, page, re.S), "*changes* is %d at least" % least


# What the texts promise in numbers and names: where it stands, with the value in parentheses, and what the code has.
PROMISES = [
    ("docs/policy.md", r"the packet is dropped, not passed: (\d+) headers", ("bpf/chain.h", "S64_CHAIN_HEADERS")),
    ("docs/policy.md", r"may begin more than (\d+) bytes from the start", ("bpf/chain.h", "S64_CHAIN_BYTES")),
    ("docs/policy.md", r"from the start of the frame, (\d+) options in a header", ("bpf/chain.h", "S64_CHAIN_OPTIONS")),
    ("docs/design.md", r"in a walk bounded to (\d+) headers", ("bpf/chain.h", "S64_CHAIN_HEADERS")),
    ("docs/design.md", r"begin in the first (\d+) bytes", ("bpf/chain.h", "S64_CHAIN_BYTES")),
    ("docs/design.md", r"and (\d+) options a header", ("bpf/chain.h", "S64_CHAIN_OPTIONS")),
    ("docs/slash64.yaml.5.scd", r"how many sites can be blocked, (\d+)", ("user/config.h", "CONFIG_BLOCKS_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"allowed ones included, (\d+)", ("user/config.h", "CONFIG_PREFIXES_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"held to their limits at a time, (\d+)", ("user/config.h", "CONFIG_LIMITER_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"how many interfaces there may be, (\d+)", ("user/config.h", "CONFIG_IFACES_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"how many of them at most, (\d+)", ("user/config.h", "CONFIG_LOG_CHANGES_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"A burst may cover at most (\d+) seconds", ("headers/slash64/maps.h", "S64_WINDOW_SECONDS")),
    ("docs/slash64.yaml.5.scd", r"the control socket, _([^_]+)_", ("user/config.h", "CONFIG_SOCKET_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"metrics are served, _([^_]+)_", ("user/config.h", "CONFIG_METRICS_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"of the store, _([^_]+)_", ("user/config.h", "CONFIG_STATE_DEFAULT")),
    ("docs/slash64.yaml.5.scd", r"a directory on bpffs, _([^_]+)_", ("user/config.h", "CONFIG_PINS_DEFAULT")),
    ("docs/slash64d.8.scd", r"The configuration, _([^_]+)_ if not given", ("user/config.h", "CONFIG_FILE_DEFAULT")),
    ("docs/slash64d.8.scd", r"count as transit: it takes (\d+) at least", ("headers/slash64/maps.h", "S64_LOCAL_ROOM")),
    ("docs/slash64d.8.scd", r"Served over HTTP on \*([^*]+)\*", ("user/config.h", "CONFIG_METRICS_DEFAULT")),
    ("docs/slash64.8.scd", r"shorter than /(\d+), or than", ("user/units.h", "UNIT_LENGTH_MIN")),
    ("docs/slash64.8.scd", r"or than /(\d+) of IPv4", ("user/units.h", "UNIT_V4_LENGTH_MIN")),
    ("docs/slash64.8.scd", r"What is wider than a /(\d+)", ("user/daemon/rails.h", "RAILS_WIDE")),
    ("docs/slash64.8.scd", r"or than a /(\d+) of IPv4", ("user/daemon/rails.h", "RAILS_WIDE_V4")),
    ("docs/slash64.8.scd", r"seen in the last _DURATION_, (\d+) seconds if not given", ("user/daemon/control_status.c", "TOP_SECONDS")),
    ("docs/slash64.8.scd", r"a terminal is shown the newest (\d+)", ("user/cli/list.h", "LIST_ROWS_SHOWN")),
    ("docs/slash64.8.scd", r"a terminal is shown the last (\d+)", ("user/cli/list.h", "LIST_ROWS_SHOWN")),
    ("docs/slash64.8.scd", r"told by its number, at most (\d+) of them", ("user/cli/import_report.c", "PROBLEMS_MAX")),
    ("docs/slash64.8.scd", r"where no more than ([0-9,]+) changed", ("user/daemon/blocks_many.c", "LOGGED_SINGLY_MAX")),
    ("docs/slash64.8.scd", r"the prefixes that make it up, up to (\d+)", ("user/prefix_typed.h", "PREFIX_RANGE_FEW")),
    ("docs/slash64.8.scd", r"The socket of slash64d, _([^_]+)_", ("user/config.h", "CONFIG_SOCKET_DEFAULT")),
]


@test
def numbers_that_are_promised_are_those_of_the_code():
    for name, promise, (path, constant) in PROMISES:
        text = " ".join(read(*name.split("/")).split())
        found = re.search(promise, text)
        assert found, "%s does not say '%s' any more: change the table of promises" % (name, promise)
        there = define(path, constant)
        told = found.group(1) if isinstance(there, str) else int(found.group(1).replace(",", ""))
        assert told == there, "%s: '%s', and the code has %s" % (name, found.group(0), there)


# --- the rest ---

@test
def the_map_of_the_tree_is_that_of_the_tree():
    text = read("docs", "design.md")
    block = re.search(r"^    Makefile .*?(?=\n\n\S)", text, re.M | re.S).group(0)
    told = [w for line in block.split("\n") for w in re.findall(r"^    ([A-Za-z0-9_./]+)(?=  )", line)]
    gone = [t for t in told if not os.path.exists(os.path.join(ROOT, t))]
    assert len(told) > 5 and not gone, "docs/design.md tells of %s" % gone
    line = re.search(r"^    selftests/ +(.*)", block, re.M).group(1)
    there = {os.path.basename(d.rstrip("/")) for d in glob.glob(os.path.join(ROOT, "selftests", "*/"))} - {"__pycache__"}
    same(set(re.findall(r"([a-z]+)/", line)), there, "the map of docs/design.md")


@test
def files_that_are_named_are_there():
    for name in TEXTS + ("docs/performance.md",):
        text = read(*name.split("/"))
        for path in re.findall(r"\]\(([^)#:]+)\)", text):
            assert os.path.exists(os.path.join(ROOT, os.path.dirname(name), path)), "%s links to %s" % (name, path)
        for path in re.findall(r"`((?:user|bpf|headers|selftests|scripts|docs)/[A-Za-z0-9_./-]+)`", text):
            there = glob.glob(os.path.join(ROOT, path.rstrip("/") + "*"))
            assert there or path.startswith("build"), "%s names %s" % (name, path)


@test
def the_bench_takes_as_long_wherever_it_is_told():
    """documents low: minutes of the benchmark differ."""
    told = [re.search(r"in some (\w+) minutes", read("README.md")).group(1),
            re.search(r"takes some (\w+) minutes", read("docs", "performance.md")).group(1)]
    assert told[0] == told[1], told


@test
def a_prefix_is_that_of_the_unit_that_is_installed():
    """documents D11: also where a unit was made for another prefix before."""
    with tempfile.TemporaryDirectory() as build:
        for prefix in ("/usr/local", "/usr", "/opt/x"):
            subprocess.run(["make", "-s", "-C", ROOT, "BUILD=" + build, "PREFIX=" + prefix,
                            build + "/slash64d.service"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(build, "slash64d.service")) as f:
                text = f.read()
            assert "ExecStart=%s/sbin/slash64d" % prefix in text, text


@test
def what_is_installed_is_what_readme_tells():
    """operators O15"""
    rule = re.search(r"^install:.*?(?=^\S)", read("Makefile") + "\nend", re.M | re.S).group(0)
    for part in ("docs/examples/*", "docs/api.schema.json", "slash64d.service", "bash-completion"):
        assert part in rule, "make install leaves out %s" % part
    assert "IPAddressDeny=any" in read("scripts", "slash64d.service.in")
    for name in ("README.md", "docs/slash64d.8.scd", "docs/slash64.yaml.5.scd"):
        assert "IPAddressAllow=" in read(*name.split("/")), "%s does not say how a Prometheus elsewhere is let in" % name
    assert "systemctl enable --now slash64d" in read("README.md")


def main():
    chosen = [t for t in tests if not sys.argv[1:] or any(w in t.__name__ for w in sys.argv[1:])]
    failed = 0
    for function in chosen:
        try:
            function()
            print("ok %s" % function.__name__)
        except Exception as error:  # whatever it is, the others still run
            failed += 1
            print("not ok %s: %s: %s" % (function.__name__, type(error).__name__, error))
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    sys.exit(1 if failed else 0)


main()
