# SPDX-License-Identifier: GPL-2.0-only
"""The documentation matches the code: its lists are the lists of the code, in both directions. (Its
examples are run by selftests/lint/test_examples.py.)"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
TEXTS = ("README.md", "CONTRIBUTING.md", "docs/style.md", "docs/api.md", "docs/policy.md", "docs/design.md", "docs/architecture.md", "docs/man/slash64.8.scd", "docs/man/slash64d.8.scd",
         "docs/man/slash64.yaml.5.scd")
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
    """Compares in both directions."""
    assert there, "the code's list is not found"
    assert not there - documented, "not in %s: %s" % (where, sorted(there - documented))
    assert not documented - there, "in %s, and nowhere else: %s" % (where, sorted(documented - there))


WORDS = {"eight": 8, "half a minute": 30, "a minute": 60, "five minutes": 300, "ten minutes": 600}


def define(path, name):
    found = re.search(r'#define %s\s+("[^"]*"|(?:[^/\n]|/(?!\*))*)' % name, read(*path.split("/")))
    # an expression with several numbers
    value = found.group(1) if found else name
    assert found or not re.fullmatch(r"\w+", name), "%s has no %s" % (path, name)
    if value.startswith('"'):
        return value.strip().strip('"')
    value = re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda other: str(define(path, other.group(0))), value)
    value = re.sub(r"\((?:u?int\d+_t|double)\)", "", re.sub(r"(?<=\d)(U|L)+\b", "", value))
    return int(eval(value.replace("/", "//"), {}))  # an expression of numbers


def strings(path, name):
    """Of `const char *const NAME[...] = {...};`"""
    return set(re.findall(r'"([^"]+)"', re.search(r"\b%s\[[^=]*= ?\{(.*?)\};" % name, read(*path.split("/")), re.S).group(1)))


def strings_in(path, function):
    """The whole text of a function."""
    return set(re.findall(r'"([a-z0-9-]+)"', re.search(r"\b%s\([^;{]*\)\n\{(.*?)\n\}" % function, read(*path.split("/")), re.S).group(1)))


def commands():
    return [json.loads(line) for line in run("slash64", "help", "--json").splitlines()]


# --- lists of the code ---

@test
def policy_md_has_the_tables_of_the_code():
    made = run("policy_doc")
    assert made and made in read("docs", "policy.md"), "docs/policy.md is stale: run make docs"


def sections_of_commands():
    """Name -> text of each in slash64(8)."""
    page = read("docs", "man", "slash64.8.scd")
    page = page[page.index("# COMMANDS"):page.index("# EXIT STATUS")]
    found = {}
    for head, text in re.findall(r"^(\*[a-z][^\n]*)\n(.*?)(?=^\*[a-z]|\Z)", page, re.M | re.S):
        for name in re.findall(r"(?:^|, )\*([a-z-]+)", head)[:1]:
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
    """`slash64 WORD --option`, *slash64 WORD*: the word and the options exist."""
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
    page = read("docs", "man", "slash64d.8.scd")
    page = page[page.index("# OPTIONS"):page.index("# SIGNALS")]
    same(set(re.findall(r"(--[a-z-]+)", page)), set(re.findall(r"^  (--[a-z-]+)", run("slash64d", "--help"), re.M)),
         "slash64d(8)")


@test
def exit_statuses_are_those_of_the_man_pages():
    codes = re.search(r"enum exit_code \{(.*?)\}", read("user", "cli", "command.h"), re.S).group(1)
    page = read("docs", "man", "slash64.8.scd")
    page = page[page.index("# EXIT STATUS"):]
    same({int(n) for n in re.findall(r"^\*(\d)\*", page, re.M)}, set(range(len(re.findall(r"EXIT_[A-Z]+", codes)))) |
         {define("user/cli/lib/output/status_output.h", "STATUS_EXIT_UNKNOWN")}, "slash64(8)")


@test
def every_metric_is_in_the_man_page_and_no_other():
    names = re.findall(r'"(slash64_[a-z_0-9]+)"', read("user", "daemon", "api", "metrics", "prometheus.c"))
    told = re.findall(r"\b(slash64_[a-z_0-9]+)", read("docs", "man", "slash64d.8.scd"))
    # a counter's name ends with _total, which the exposition adds
    same({re.sub("_total$", "", n) for n in told}, {re.sub("_total$", "", n) for n in names}, "slash64d(8)")


@test
def every_key_of_the_configuration_is_in_its_man_page():
    code = "".join(open(path).read() for path in sorted(glob.glob(os.path.join(ROOT, "user/config/*.c"))))
    keys = set(re.findall(r'\{"([a-z_0-9]+)", (?:config_)?parse_', code))
    page = read("docs", "man", "slash64.yaml.5.scd")
    missing = [k for k in keys if not re.search(r"\*%s\*|\b%s:" % (k, k), page)]
    assert len(keys) > 20 and not missing, "not in slash64.yaml(5): %s" % missing
    told = set(re.findall(r"^\*([a-z_]+)\*$", page, re.M)) | set(re.findall(r"^\t- \*([a-z_0-9]+)\*", page, re.M))
    words = set(re.findall(r'"([a-z_0-9]+)"', code))
    assert not told - words, "slash64.yaml(5) tells of %s" % sorted(told - words)


@test
def words_that_may_be_chosen_are_those_of_the_code():
    page, api, manual = read("docs", "man", "slash64.yaml.5.scd"), read("docs", "api.md"), read("docs", "man", "slash64.8.scd")
    formats = strings("user/feed/feed.c", "feed_format_names")
    told = re.search(r"`format=` one of (.*?);", api, re.S).group(1)
    same(set(re.findall(r"`([a-z0-9-]+)`", told)), formats, "docs/api.md")
    told = re.search(r"\*--format\* ([a-z0-9|-]+)", manual).group(1)
    same(set(told.split("|")), formats, "slash64(8)")
    told = re.search(r"- \*format\*: (.*?);", page, re.S).group(1)
    same(set(re.findall(r"\*([a-z0-9-]+)\*", told)), formats, "slash64.yaml(5)")
    sorts = strings("user/daemon/store/store_query.c", "store_sort_names")
    same(set(re.search(r"\*--sort\* ([a-z_|]+)", manual).group(1).split("|")), sorts, "slash64(8)")
    told = re.search(r"`sort=` one of (.*?) orders", api, re.S).group(1)
    same(set(re.findall(r"`([a-z_]+)`", told)), sorts, "docs/api.md")
    profiles = strings("user/policy/policy.c", "policy_profile_names")
    told = re.search(r"- \*profile\*:(.*?)- \*filter\*", page, re.S).group(1)
    assert not [p for p in profiles if "*%s*" % p not in told], told


# --- the API ---

def routes():
    """(method, path) -> parameters"""
    code = read("user", "daemon", "api", "http", "routes.c")
    found = re.findall(r'\{EVHTTP_REQ_([A-Z]+),\s*"([^"]+)",\s*\w+,\s*\w+,\s*((?:"[^"]*"\s*)+),', code)
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
    number = define("user/daemon/api/http/routes.h", "CONTROL_SCHEMA")
    assert {d["properties"]["schema"]["const"] for d in (schema["$defs"]["status"], schema["$defs"]["root"])} == {number}
    assert '"schema":%d' % number in read("docs", "api.md")


@test
def codes_of_failures_are_those_of_the_one_list_and_every_one_is_used():
    """issue 15, 5: the code's list, the page, the schema, and the failures of slash64d"""
    rows = re.findall(r'X\((\w+), "([a-z-]+)", (\d{3})\)', read("user", "base", "error_codes.h"))
    text = read("docs", "api.md")
    text = text[text.index("| status | code |"):]
    told = set()
    for status, row in re.findall(r"^\| (\d{3}) \| ([^|]*) \|", text, re.M):
        told |= {(code, status) for code in re.findall(r"`([a-z-]+)`", row)}
    same(told, {(word, status) for _, word, status in rows}, "docs/api.md")
    schema = json.loads(read("docs", "api.schema.json"))["$defs"]["failure"]["properties"]
    same(set(schema["code"]["enum"]), {word for _, word, _ in rows}, "docs/api.schema.json")
    code = "".join(open(f).read() for f in sorted(glob.glob(os.path.join(ROOT, "user/daemon/**/*.c"), recursive=True)))
    used = set(re.findall(r"\bERROR_([A-Z_]+)\b", code)) - {"TEXT_MAX", "MEMBERS_MAX", "CODE_NONE", "CODE_COUNT", "CODES"}
    used.add("HEADERS_TOO_LARGE")  # by libevent only, from its status
    assert "case 431:" in read("user", "daemon", "api", "http", "failures.c")
    same(used, {name for name, _, _ in rows}, "what slash64d uses")
    assert not re.search(r'"code", "[a-z]', code), "a code that is not from the list"
    keys = set(re.findall(r'error_member\([^;]*?"([a-z_]+)",', code)) | {"missing", "also_missing", "allowed_by", "allowed_within"}
    same(set(schema) - {"error", "code", "hint", "problems", "problems_count"}, keys, "the members of a failure in the schema")


def strings_of_calls(code):
    """Strings of C, each with the function to which it is an argument."""
    calls, at = [], 0
    for token in re.finditer(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\]|\\.)\'|(\w*)\s*\(|\)', code, re.S):
        text = token.group(0)
        if text.endswith("(") and text[0] not in "/\"'":
            calls.append(token.group(1))
        elif text == ")" and calls:
            calls.pop()
        elif text[0] == '"':
            yield text, calls
        at = token.end()


@test
def texts_of_the_daemon_and_of_what_both_programs_use_name_nothing_to_type():
    """issue 15, 5: the command adds its verbs and options. The journal is read by people who have
    the command, and may name them."""
    verbs = set(re.findall(r'^\t\{"([a-z]+)", GROUP_|\.name = "([a-z]+)"', read("user", "cli", "commands.c"), re.M))
    verbs = {v for pair in verbs for v in pair if v}
    assert "unblock" in verbs, verbs
    named = re.compile(r"--[a-z]|\bslash64 (%s)\b" % "|".join(sorted(verbs)))
    journal = re.compile(r"^(log_(error|warning|info)|lose|add_command)$")
    wrong = []
    rooms = sorted(set(os.listdir(os.path.join(ROOT, "user"))) - {"cli", "tools"})  # the rooms below the command
    for path in sorted(p for room in rooms for p in glob.glob(os.path.join(ROOT, "user", room, "**/*.[ch]"), recursive=True)):
        if path.endswith(("user/daemon/options.c", "user/service/program.c")) or \
                re.search(r"user/(notify|adapters/\w+)/main\.c$", path):
            continue  # their own options
        wrong += ["%s: %s" % (os.path.relpath(path, ROOT), text) for text, calls in strings_of_calls(open(path).read())
                  if named.search(text) and not any(journal.match(c) for c in calls)]
    assert not wrong, wrong


@test
def actions_of_the_log_are_those_of_the_code():
    code = "".join(open(f).read() for f in sorted(glob.glob(os.path.join(ROOT, "user/daemon/**/*.c"), recursive=True)))
    there = set(re.findall(r'(?:\.action = |(?:store_log\w*|iface_log_change|blocks_put_as)\([^;]*?)"([a-z]+)"', code))
    there |= set(re.findall(r'iface_log_change\([^;]*?: "([a-z]+)"', code)) | strings("user/daemon/store/store.c", "store_kind_names")
    text = read("docs", "api.md")
    told = re.search(r"`action`\s+is\s+(.*?)\. `who` is", text, re.S).group(1)
    told = set(re.findall(r"`([a-z]+)`", told)) - {"detail"}
    same(told, there | {"end"}, "docs/api.md")
    same(strings("user/notify/settings_check.c", "actions"), there | {"end"}, "slash64-notify --check")


def schema_words(*path):
    """Words of an enum of docs/api.schema.json, by the path to it."""
    node = json.loads(read("docs", "api.schema.json"))["$defs"]
    for name in path:
        node = node[name]
    return set(node["enum"])


def told_words(start, end):
    """Words in back-quotes in docs/api.md, between the two texts."""
    text = re.search(re.escape(start) + "(.*?)" + re.escape(end), read("docs", "api.md"), re.S).group(1)
    return set(re.findall(r"`([a-z0-9-]+)`", text))


@test
def words_of_answers_are_those_of_the_code_and_of_the_schema():
    """issue 14, 9: words that a script compares"""
    health = set(re.findall(r'add\(problems, "([a-z-]+)"', read("user", "daemon", "api", "health.c")))
    same(told_words("`code` is `no-interface`", "`since` is") | {"no-interface"}, health, "docs/api.md, of health")
    same(schema_words("health", "properties", "problems", "items", "properties", "code"), health, "the schema, of health")
    feed = strings_in("user/daemon/api/endpoints/feeds.c", "state_name")
    same(told_words('"problem_lines":[],"refused":0}`. `state` is', "`problems` counts"), feed | {"error", "code"}, "docs/api.md, of feeds")
    same(schema_words("feed", "properties", "state"), feed, "the schema, of feeds")
    interfaces = strings_in("user/daemon/attach/interfaces.c", "iface_state_word") | {"detached"}
    told = told_words("Of an interface, `state` is", "`mode` is what")
    assert interfaces <= told, "docs/api.md does not tell of %s" % sorted(interfaces - told)
    same(schema_words("interface", "properties", "state"), interfaces, "the schema, of interfaces")
    who = read("user", "daemon", "api", "endpoints", "lookup.c")
    verdicts = set(re.findall(r'verdict->word = (?:throttle \? "throttled" : )?"([a-z-]+)"', who)) | {"throttled"}
    verdicts |= strings_in("user/daemon/api/fates.c", "fates_verdict") & {"limited", "dropped", "passes"}
    same(told_words("`verdict` is `blocked`", "and `why` says it") | {"blocked"}, verdicts | {"why"}, "docs/api.md, of who")
    same(schema_words("verdict_of_a_source"), verdicts, "the schema, of who")
    kinds = strings_in("user/daemon/api/endpoints/lookup.c", "kind_name")
    same(told_words("`source_kind` is", "`registry` is"), kinds, "docs/api.md, of kinds of sources")
    same(schema_words("lookup", "properties", "source_kind"), kinds, "the schema, of kinds of sources")
    forms = set(re.findall(r'add_form\([^;]*?"([a-z0-9]+)"', who))
    same(told_words("of the kinds", "`verdict` is"), forms, "docs/api.md, of forms")
    same(schema_words("form", "properties", "kind"), forms, "the schema, of forms")


@test
def the_list_of_the_datapath_is_complete_and_has_the_numbers_of_its_steps():
    """issue 15: files of bpf/ were missing in the list, and the steps were numbered in two ways"""
    text = read("docs", "architecture.md")
    text = text[text.index("    bpf/ "):text.index("    user/ ")]
    told = {}
    for names, steps in re.findall(r"^ {6}((?:[a-z0-9_/]+(?:\.bpf)?\.[ch] ?)+) +((?:\d[ ,-]*)*)", text, re.M):
        for name in names.split():
            told[name] = steps.strip(", ")
    bpf = os.path.join(ROOT, "bpf")
    there = {os.path.relpath(path, bpf) for path in glob.glob(bpf + "/**/*.[ch]", recursive=True)}
    same(set(told) | {"maps_kernel.h", "maps_native.h"}, there, "docs/architecture.md, of bpf/")
    for name, steps in told.items():
        found = re.search(r"^/\* Steps? (\d(?:(?:,| and| to) \d)*)", read("bpf", name), re.M)
        stands = found.group(1).replace(" and", ",").replace(" to ", "-") if found else ""
        assert stands == steps, "bpf/%s begins with step '%s', and docs/architecture.md has '%s'" % (name, stands, steps)
    design = read("docs", "design.md")
    design = design[design.index("## Packet pipeline"):design.index("## Source identity")]
    steps = re.findall(r"^(\d)\. \*\*", design, re.M)
    assert steps == ["1", "2", "3", "4", "5", "6"], steps


@test
def capabilities_that_are_kept_are_those_of_the_documents():
    """words: the design mentioned three, but there are up to five"""
    code = read("user", "daemon", "privileges.c")
    kept = set(re.findall(r"wanted\[count\+\+\] = (CAP_[A-Z_]+)", code))
    kept |= set(re.findall(r"CAP_[A-Z_]+", re.search(r"wanted\[\d\] = \{(.*?)\}", code).group(1)))
    for name in ("design.md", "man/slash64d.8.scd"):
        missing = {c for c in kept if c not in read("docs", name)}
        assert len(kept) > 3 and not missing, "docs/%s does not tell of %s" % (name, sorted(missing))


LIMITS = {  # a row of the table "Limits" of docs/api.md: the numbers in it
    "`reason`, `ticket`": [("user/net/limits.h", "REASON_TEXT_MAX", -1)],
    "`origin`": [("user/net/limits.h", "ORIGIN_TEXT_MAX", -1)],
    "`for_seconds`": [("user/base/text/duration.h", "DURATION_MAX_S", 0)],
    "`for_seconds` of a reload": [("user/daemon/api/endpoints/reload.c", "FOR_MAX_S", 0)],
    "`rate` of a throttle": [("user/net/limits.h", "RATE_MAX", 0)],
    "`burst` of a throttle": [("user/net/limits.h", "BURST_MAX", 0), ("headers/slash64/gcra.h", "S64_TOLERANCE_SECONDS", 0)],
    "different rates of throttles": [("headers/slash64/maps.h", "S64_THROTTLE_MAX", 0)],
    "`ssh_sources`": [("user/daemon/api/endpoints/blocks/blocks.c", "SSH_SOURCES_MAX", 0)],
    "`prefixes`": [("user/net/prefix_typed.h", "PREFIXES_FEW", 0)],
    "sources told by `dry_run`": [("user/daemon/api/endpoints/blocks/dry_run.c", "SOURCES_NAMED", 0)],
    "`seconds` of `top`": [("user/daemon/api/endpoints/top.c", "TOP_SECONDS_MAX", 0)],
    "`limit` of `top`": [("user/daemon/api/endpoints/top.c", "TOP_LIMIT_MAX", 0)],
    "readers of events": [("user/daemon/api/follow/event_stream.h", "EVENT_STREAMS_MAX", 0)],
    "`per_second` of events": [("user/daemon/api/follow/event_stream.h", "EVENT_PER_SECOND_MAX", 0)],
    "time in which a reader of events takes something": [("user/daemon/api/follow/event_stream.h", "EVENT_STREAM_STALLED_S", 0)],
    "imports at a time": [("user/daemon/import/session_internal.h", "IMPORTS_MAX", 0)],
    "an import to which nothing comes": [("user/daemon/import/session.c", "IMPORT_IDLE_S", 0)],
    "a piece of an import": [("user/daemon/api/endpoints/imports.c", "PIECE_BYTES_MAX", 0)],
    "problems told with one answer": [("user/daemon/api/endpoints/imports.c", "ANSWER_PROBLEMS_MAX", 0)],
    "path and query": [("user/daemon/api/http/failures.h", "FAILURES_ADDRESS_MAX", 0)],
    "headers": [("user/daemon/api/http/failures.h", "FAILURES_HEADERS_MAX", 0)],
    "a body": [("user/daemon/api/http/failures.h", "FAILURES_BODY_MAX", 0), ("user/daemon/api/http/failures.h", "FAILURES_LOOK_BODY_MAX", 0)],
    "time to read an answer that is a list": [("user/daemon/api/http/stream.c", "SPAN_S", 0)],
    "time between two requests of a connection": [("user/daemon/api/http/server.c", "TIMEOUT_S", 0)],
    "followers of the log": [("user/daemon/api/follow/log_follow.h", "LOG_FOLLOWERS_MAX", 0)],
    "a follower that takes nothing": [("user/daemon/api/follow/log_follow.h", "LOG_FOLLOW_WRITE_S", 0)],
}


@test
def limits_are_written_down_as_the_code_has_them():
    """documents low: undocumented limits."""
    text = read("docs", "api.md")
    text = text[text.index("## Limits"):text.index("## The log")]
    told = {what: [int(n) for n in re.findall(r"\d+", value)] for what, value in re.findall(r"^\| (.*?) \| (.*?) \|$", text, re.M)
            if re.search(r"\d", value)}
    same(set(told), set(LIMITS), "the limits of docs/api.md")
    for what, numbers in LIMITS.items():
        there = [define(path, name) + more for path, name, more in numbers]
        assert told[what] == there, "%s: %s, and the code has %s" % (what, told[what], there)
    page = read("docs", "man", "slash64.yaml.5.scd")
    least = define("user/config/config.h", "CONFIG_LOG_CHANGES_MIN")
    assert re.search(r"\*changes\*: [^.]*\(%d at least\)" % least, " ".join(page.split())), "*changes* is %d at least" % least


@test
def nothing_that_was_built_is_kept():
    """A build folder with another name was committed once."""
    if not os.path.exists(os.path.join(ROOT, ".git")):
        print("# skipped: what is kept; this is no clone")
        return
    kept = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files"], check=True, capture_output=True,
                          text=True).stdout.split("\n")
    same({path.split("/")[0] for path in kept if path and path[0] != "."},
         {"Makefile", "README.md", "CONTRIBUTING.md", "NEWS.md", "LICENSE", "bpf", "user", "headers", "scripts", "selftests", "docs", "debian"}, "the top level")
    built = [path for path in kept if path.endswith((".o", ".d", ".a", ".so", ".skel.h", ".pyc"))]
    assert not built, "built, and kept: %s" % built[:5]


# Numbers and names promised by the texts: where they are, with the value in parentheses, and the
# value of the code.
PROMISES = [
    ("docs/policy.md", r"the packet is dropped, not passed: (\d+) headers", ("bpf/ext_headers.h", "S64_CHAIN_HEADERS")),
    ("docs/policy.md", r"may begin more than (\d+) bytes from the start", ("bpf/ext_headers.h", "S64_CHAIN_BYTES")),
    ("docs/policy.md", r"from the start of the frame, (\d+) options in a header", ("bpf/ext_headers.h", "S64_CHAIN_OPTIONS")),
    ("docs/design.md", r"in a walk bounded to (\d+) headers", ("bpf/ext_headers.h", "S64_CHAIN_HEADERS")),
    ("docs/design.md", r"begin in the first (\d+) bytes", ("bpf/ext_headers.h", "S64_CHAIN_BYTES")),
    ("docs/design.md", r"and (\d+) options a header", ("bpf/ext_headers.h", "S64_CHAIN_OPTIONS")),
    ("docs/man/slash64.yaml.5.scd", r"maximum number of blocked or throttled sources, (\d+)", ("user/config/config.h", "CONFIG_BLOCKS_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"allowed ones included, (\d+)", ("user/config/config.h", "CONFIG_PREFIXES_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"can be rate-limited at a time, (\d+)", ("user/config/config.h", "CONFIG_LIMITER_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"the maximum number of interfaces, (\d+)", ("user/config/config.h", "CONFIG_IFACES_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"the maximum number of changes, (\d+)", ("user/config/config.h", "CONFIG_LOG_CHANGES_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"A burst may cover at most (\d+) seconds", ("headers/slash64/gcra.h", "S64_TOLERANCE_SECONDS")),
    ("docs/man/slash64.yaml.5.scd", r"the control socket, _([^_]+)_", ("user/config/config.h", "CONFIG_SOCKET_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"metrics are served, _([^_]+)_", ("user/config/config.h", "CONFIG_METRICS_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"serves its page, _([^_]+)_", ("user/config/config.h", "CONFIG_PAGE_DEFAULT")),
    ("docs/man/slash64d.8.scd", r"serves a page at \*http://([^*/]+)/\*", ("user/config/config.h", "CONFIG_PAGE_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"directory of the store, _([^_]+)_", ("user/config/config.h", "CONFIG_STATE_DEFAULT")),
    ("docs/man/slash64.yaml.5.scd", r"a directory on bpffs, _([^_]+)_", ("user/config/config.h", "CONFIG_PINS_DEFAULT")),
    ("docs/man/slash64d.8.scd", r"The configuration, _([^_]+)_ by default", ("user/config/config.h", "CONFIG_FILE_DEFAULT")),
    ("docs/man/slash64d.8.scd", r"count as transit\. There is room for at least (\d+)", ("headers/slash64/maps.h", "S64_LOCAL_ROOM")),
    ("docs/man/slash64d.8.scd", r"Served over HTTP on \*([^*]+)\*", ("user/config/config.h", "CONFIG_METRICS_DEFAULT")),
    ("docs/man/slash64.8.scd", r"shorter than /(\d+), or than", ("user/net/block_target.h", "BLOCK_TARGET_LENGTH_MIN")),
    ("docs/man/slash64.8.scd", r"or than /(\d+) of IPv4", ("user/net/block_target.h", "BLOCK_TARGET_V4_LENGTH_MIN")),
    ("docs/man/slash64.8.scd", r"A prefix shorter than /(\d+), or than", ("user/daemon/guards/guard_rails.h", "GUARD_RAILS_WIDE_LENGTH")),
    ("docs/man/slash64.8.scd", r"A prefix shorter than /\d+, or than /(\d+) of IPv4", ("user/daemon/guards/guard_rails.h", "GUARD_RAILS_WIDE_LENGTH_V4")),
    ("docs/man/slash64.8.scd", r"seen in the last _DURATION_, (\d+) seconds by default", ("user/daemon/api/endpoints/top.c", "TOP_SECONDS")),
    ("docs/man/slash64.8.scd", r"a terminal shows the newest (\d+)", ("user/cli/lib/output/list_output.h", "LIST_ROWS_SHOWN")),
    ("docs/man/slash64.8.scd", r"a terminal shows the last (\d+)", ("user/cli/lib/output/list_output.h", "LIST_ROWS_SHOWN")),
    ("docs/man/slash64.8.scd", r"at most (\d+) of them are reported", ("user/cli/lib/output/import_progress.c", "PROBLEMS_MAX")),
    ("docs/man/slash64.8.scd", r"where no more than ([0-9,]+) changed", ("user/daemon/blocks/many.c", "LOGGED_SINGLY_MAX")),
    ("docs/man/slash64.8.scd", r"is converted to prefixes, up to (\d+)", ("user/net/prefix_typed.h", "PREFIX_RANGE_FEW")),
    ("docs/policy.md", r"behind up to (\w+) VLAN tags", ("bpf/link.h", "S64_LINK_HEADERS")),
    ("docs/design.md", r"Up to (\w+) VLAN tags", ("bpf/link.h", "S64_LINK_HEADERS")),
    ("docs/design.md", r"A \*\*Bloom filter\*\* of (\d+) bits a source", ("headers/slash64/maps.h", "S64_BLOOM_BITS_PER_KEY")),
    ("docs/design.md", r"one cache line: (\d+) sources", ("headers/slash64/maps.h", "S64_BUCKET_KEYS")),
    ("docs/design.md", r"names a limit: up to (\d+) different rates", ("headers/slash64/maps.h", "S64_THROTTLE_MAX")),
    ("docs/design.md", r"kept beside them for ([\d,]+) sources",
     ("user/daemon/stats/source_rates.h", "SOURCE_RATES_SET * SOURCE_RATES_SETS")),
    ("docs/design.md", r"a tag of (\d+) bits", ("headers/slash64/gcra.h", "64 - S64_TAT_BITS")),
    ("docs/design.md", r"\(TAT\) in (\d+) bits", ("headers/slash64/gcra.h", "S64_TAT_BITS")),
    ("docs/design.md", r"\(TAT\) in 40 bits of (\d+) ns", ("headers/slash64/gcra.h", "1 << S64_TAT_NS_SHIFT")),
    ("docs/design.md", r"taken only (\d+) ms after", ("headers/slash64/gcra.h", "(S64_TAT_MARGIN << S64_TAT_NS_SHIFT) / 1000000")),
    ("docs/design.md", r"turns the note into an older one every (ten minutes)",
     ("user/maps/limiter_sweep.h", "LIMITER_STEP_MS * LIMITER_STEPS * LIMITER_AGE_TURNS / 60000 / 10 * 600")),
    ("docs/design.md", r"its piece of a turn of the loop, (\d+) ms", ("user/daemon/loop/turn.h", "PIECE_NS / 1000000")),
    ("docs/design.md", r"written into the store at most once (a minute)", ("user/daemon/upkeep.c", "HITS_MS / 1000")),
    ("docs/design.md", r"of more than ([\d,]+) blocks that are hit", ("user/daemon/blocks/hits_kept.h", "HITS_KEPT_MAX")),
    ("docs/design.md", r"sends a signal after (\d+) ms of work", ("user/daemon/loop/priority.h", "PRIORITY_SPAN_US / 1000")),
    ("docs/design.md", r"brings it back within (\d+) ms", ("user/daemon/loop/priority.h", "PRIORITY_BACK_MS")),
    ("docs/design.md", r"anything shorter than a /(\d+)", ("user/net/block_target.h", "BLOCK_TARGET_LENGTH_MIN")),
    ("docs/api.md", r"the first ([\d,]+) of `differences_count`",
     ("user/daemon/api/endpoints/reload.c", "DIFFERENCES_MAX")),
    ("docs/api.md", r"is given up when nothing comes for (a minute)", ("user/daemon/import/session.c", "IMPORT_IDLE_S")),
    ("docs/api.md", r"but for the last (\d+)th of it", ("user/daemon/blocks/blocks.h", "BLOCKS_RESERVE_SHARE")),
    ("docs/api.md", r"th of it, (\d+) entries at most", ("user/daemon/blocks/blocks.h", "BLOCKS_RESERVE_MAX")),
    ("docs/api.md", r"an import of more than ([\d,]+) entries", ("user/daemon/blocks/many.c", "LOGGED_SINGLY_MAX")),
    ("docs/api.md", r"`steps` tells the first (\d+) of them", ("user/daemon/api/endpoints/blocks/undo.c", "STEPS_TOLD")),
    ("docs/api.md", r"and the loudest (\d+)", ("user/daemon/api/endpoints/blocks/dry_run.c", "SOURCES_NAMED")),
    ("docs/api.md", r"up to (\d+) of the `allowed_count`", ("user/daemon/api/endpoints/blocks/dry_run.c", "ALLOWED_NAMED")),
    ("docs/api.md", r"as the list has them, (\d+) at most", ("user/daemon/api/endpoints/blocks/dry_run.c", "STANDING_NAMED")),
    ("docs/api.md", r"without a break of (\d+) seconds", ("user/daemon/stats/source_rates.h", "SOURCE_RATES_GAP_MS / 1000")),
    ("docs/api.md", r"all optional: (\d+), \d+ and", ("user/daemon/api/endpoints/top.c", "TOP_SECONDS")),
    ("docs/api.md", r"all optional: \d+, (\d+) and", ("user/daemon/api/endpoints/top.c", "TOP_LIMIT")),
    ("docs/api.md", r"a list was not read within (\d+) s", ("user/daemon/api/http/stream.c", "SPAN_S")),
    ("docs/api.md", r"says nothing for (\d+) s is closed", ("user/daemon/api/http/server.c", "TIMEOUT_S")),
    ("docs/man/slash64.yaml.5.scd", r"must be unchanged \((\d+)s, an hour at most\)", ("user/config/config_sources.c", "FEED_DEBOUNCE_MS / 1000")),
    ("docs/man/slash64.yaml.5.scd", r"retried every (five minutes)", ("user/daemon/import/feed_watcher.c", "RETRY_MS / 1000")),
    ("docs/man/slash64.yaml.5.scd", r"last line is incomplete, after (half a minute)", ("user/daemon/import/feed_file.c", "OPEN_LINE_MS / 1000")),
    ("docs/man/slash64.yaml.5.scd", r"a prefix shorter than /(\d+) needs no confirmation", ("user/daemon/guards/guard_rails.h", "GUARD_RAILS_WIDE_LENGTH")),
    ("docs/man/slash64.yaml.5.scd", r"changes stay in the log, _(\d+)d_", ("user/config/config.h", "CONFIG_LOG_KEEP_DEFAULT_MS / 86400000")),
    ("docs/man/slash64.8.scd", r"takes up to (\d+) prefixes", ("user/net/prefix_typed.h", "PREFIXES_FEW")),
    ("docs/man/slash64.8.scd", r"The socket of slash64d, _([^_]+)_", ("user/config/config.h", "CONFIG_SOCKET_DEFAULT")),
    ("docs/man/slash64.8.scd", r"a map of blocks or prefixes that is (\d+)% full", ("user/daemon/api/health.c", "NEARLY_FULL_PERCENT")),
    ("docs/man/slash64.8.scd", r"does not answer within (\d+) seconds", ("user/cli/lib/output/status_output.c", "ANSWER_MAX_S")),
    ("docs/man/slash64.8.scd", r"may cover at most (\d+) seconds of the rate", ("headers/slash64/gcra.h", "S64_TOLERANCE_SECONDS")),
    ("docs/man/slash64.8.scd", r"there can be (\d+) different limits of throttles", ("headers/slash64/maps.h", "S64_THROTTLE_MAX")),
    ("docs/man/slash64.8.scd", r"an import or a restore of up to ([0-9,]+) entries", ("user/daemon/blocks/many.c", "LOGGED_SINGLY_MAX")),
    ("docs/man/slash64.8.scd", r"prefix if there are more than ([0-9,]+) blocks", ("user/cli/lib/output/list_output.h", "LIST_SORTED_MAX")),
    ("docs/man/slash64.8.scd", r"(\d+) of them by default and at most", ("user/daemon/api/endpoints/top.c", "TOP_LIMIT")),
    ("docs/man/slash64.8.scd", r"of them by default and at most ([0-9,]+)\.", ("user/daemon/api/endpoints/top.c", "TOP_LIMIT_MAX")),
    ("docs/man/slash64.8.scd", r"prefixes, up to (\d+) times", ("user/replay/replay.h", "REPLAY_LOCAL_MAX")),
    ("docs/man/slash64d.8.scd", r"in use, up to (\d+) seconds ago", ("user/maps/limiter_sweep.h", "LIMITER_STEP_MS * LIMITER_STEPS / 1000")),
    ("docs/man/slash64d.8.scd", r"After (\d+) ms of work", ("user/daemon/loop/priority.h", "PRIORITY_SPAN_US / 1000")),
    ("docs/man/slash64d.8.scd", r"regains it within (\d+) ms", ("user/daemon/loop/priority.h", "PRIORITY_BACK_MS")),
    ("docs/man/slash64.yaml.5.scd", r"after (five minutes) without a change", ("user/daemon/import/feed_file.c", "WRITER_MAX_MS / 1000")),
]


@test
def numbers_that_are_promised_are_those_of_the_code():
    for name, promise, (path, constant) in PROMISES:
        text = " ".join(read(*name.split("/")).split())
        found = re.search(promise, text)
        assert found, "%s does not say '%s' any more: change the table of promises" % (name, promise)
        there = define(path, constant)
        told = found.group(1)
        told = told if isinstance(there, str) else WORDS[told] if told in WORDS else int(told.replace(",", ""))
        assert told == there, "%s: '%s', and the code has %s" % (name, found.group(0), there)


@test
def what_an_interface_takes_is_what_the_tables_are_made_of():
    """words: 16 interfaces were said to take 265 MB instead of 273"""
    with tempfile.TemporaryDirectory() as place:
        source, program = os.path.join(place, "size.c"), os.path.join(place, "size")
        with open(source, "w") as f:
            f.write("#include <stdio.h>\n#include <linux/types.h>\n#include <slash64/types.h>\n#include <slash64/maps.h>\n"
                    "int main(void) { printf(\"%zu %zu\", sizeof(struct s64_counters), sizeof(struct s64_limit) * S64_LIMIT_MAX + "
                    "sizeof(struct s64_iface_policy)); }\n")
        subprocess.run([os.environ.get("CC", "gcc").split()[-1], "-I", os.path.join(ROOT, "headers"), "-I", os.path.join(ROOT, "user"),
                        "-o", program, source], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        counters, rest = map(int, subprocess.run([program], capture_output=True, text=True, check=True).stdout.split())
    text = " ".join(read("docs", "man", "slash64.yaml.5.scd").split())
    kb, more, cpus, count, mb = map(int, re.search(
        r"each takes (\d+) KB of memory per possible CPU .*? and (\d+) KB more: with (\d+) CPUs, (\d+) interfaces take (\d+) MB", text).groups())
    assert kb == more, text
    assert kb == round(counters / 1000), "%d KB, and they are %d bytes" % (kb, counters)
    there = count * ((cpus + 1) * counters + rest) / 1e6
    assert mb == round(there), "%d MB, and it is %.1f" % (mb, there)


# --- the rest ---

@test
def the_map_of_the_tree_is_that_of_the_tree():
    text = read("docs", "architecture.md")
    block = re.search(r"^    Makefile .*?(?=\n\n\S)", text, re.M | re.S).group(0)
    told = [w for line in block.split("\n") for w in re.findall(r"^    ([A-Za-z0-9_./]+)(?=  )", line)]
    gone = [t for t in told if not os.path.exists(os.path.join(ROOT, t))]
    assert len(told) > 5 and not gone, "docs/architecture.md tells of %s" % gone
    line = re.search(r"^    selftests/ +(.*(?:\n {16,}.*)*)", block, re.M).group(1)
    there = {os.path.basename(d.rstrip("/")) for d in glob.glob(os.path.join(ROOT, "selftests", "*/"))} - {"__pycache__"}
    same(set(re.findall(r"\b(?!user)([a-z]+)/", line)), there, "the map of docs/architecture.md")


@test
def files_that_are_named_are_there():
    for name in TEXTS + ("NEWS.md", "docs/performance.md", "docs/performance-log.md"):
        text = read(*name.split("/"))
        for path in re.findall(r"\]\(([^)#:]+)\)", text):
            assert os.path.exists(os.path.join(ROOT, os.path.dirname(name), path)), "%s links to %s" % (name, path)
        for path in re.findall(r"`((?:user|bpf|headers|selftests|scripts|docs)/[A-Za-z0-9_./-]+)`", text):
            there = glob.glob(os.path.join(ROOT, path.rstrip("/") + "*"))
            assert there or path.startswith("build"), "%s names %s" % (name, path)


@test
def messages_quoted_in_the_runbook_are_those_that_are_printed():
    """issue 14: somebody searches the page for what the screen says"""
    of_sqlite = {"database or disk is full", "file is not a database", "database disk image is malformed"}
    table = read("docs", "operations.md").split("## Faults", 1)[1].split("## Upgrade", 1)[0]
    quoted = [q for row in re.findall(r"^\| (.*?) \|", table, re.M) for q in re.findall('"([^"]+)"', row)]
    printed = ""
    for path in glob.glob(os.path.join(ROOT, "user", "daemon", "**", "*.c"), recursive=True):
        with open(path) as f:
            printed += re.sub(r'"\s*"', "", f.read()).replace("%s", "…")
    assert len(quoted) >= 6, quoted
    missing = [q for q in quoted if q not in of_sqlite and q.replace("the store is", "the store … is") not in printed]
    assert not missing, missing


@test
def the_bench_takes_as_long_wherever_it_is_told():
    """documents low: different minutes were given for the benchmark."""
    told = [re.search(r"in some (\w+) minutes", read("CONTRIBUTING.md")).group(1),
            re.search(r"takes some (\w+) minutes", read("docs", "performance.md")).group(1)]
    assert told[0] == told[1], told


@test
def a_prefix_is_that_of_the_unit_that_is_installed():
    """documents D11: also if a unit was built for another prefix before."""
    with tempfile.TemporaryDirectory() as build:
        for prefix in ("/usr/local", "/usr", "/opt/x"):
            subprocess.run(["make", "-s", "-C", ROOT, "BUILD=" + build, "PREFIX=" + prefix,
                            build + "/slash64d.service"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(build, "slash64d.service")) as f:
                text = f.read()
            assert "ExecStart=%s/sbin/slash64d" % prefix in text, text


@test
def keys_of_detect_are_told_apart_from_those_of_its_rules():
    """walk: levels and fuse were told as keys of a rule, where they are refused."""
    code = read("user", "config", "config_detect.c")

    def keys(function):
        body = re.search(r"\b%s\([^;{]*\)\n\{(.*?)\n\}" % function, code, re.S).group(1)
        return set(re.findall(r'\{"(\w+)", parse', body))

    text = re.search(r"^\*detect\*\n(.*?)^\*on_exit", read("docs", "man", "slash64.yaml.5.scd"), re.M | re.S).group(1)
    items = set(re.findall(r"^\t- \*(\w+)\*", text, re.M))
    same(items | {"name"}, keys("parse_rule") | keys("config_parse_detect"), "the items under detect")
    beside = re.search(r"any of the other keys below, but\s+for (.*?): these stand beside", text, re.S).group(1)
    same(set(re.findall(r"\*(\w+)\*", beside)), keys("config_parse_detect") - {"rules"}, "those beside rules")


@test
def what_is_installed_is_what_readme_tells():
    """operators O15"""
    rule = re.search(r"^install:.*?(?=^\S)", read("Makefile") + "\nend", re.M | re.S).group(0)
    for part in ("docs/examples/*", "docs/api.schema.json", "$(UNITS)", "bash-completion", "completion/_slash64", "vendor_completions.d"):
        assert part in rule, "make install leaves out %s" % part
    assert "IPAddressDeny=any" in read("scripts", "slash64d.service.in")
    for name in ("README.md", "docs/man/slash64d.8.scd", "docs/man/slash64.yaml.5.scd"):
        assert "IPAddressAllow=" in read(*name.split("/")), "%s does not say how a Prometheus elsewhere is let in" % name
    assert "systemctl enable --now slash64d" in read("README.md")


def main():
    chosen = [t for t in tests if not sys.argv[1:] or any(w in t.__name__ for w in sys.argv[1:])]
    failed = 0
    for function in chosen:
        try:
            function()
            print("ok %s" % function.__name__)
        except Exception as error:  # whatever it raises, the others still run
            failed += 1
            print("not ok %s: %s: %s" % (function.__name__, type(error).__name__, error))
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    sys.exit(1 if failed else 0)


main()
