#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Collects the texts that are translated: `make po`.

    po.py           user/cli/po/said.inc, slash64.pot, and the new texts into each LANGUAGE.po
    po.py --check   fails if one of them is not up to date

said.inc has the formats of what slash64d, and the folders that it shares with the command, say to a person; slash64.pot has
them and the texts of the command itself."""
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
FOLDER = "user/cli/po"
# Functions whose formats are sentences for a person, and in which folders.
SAYS = ("error_set|usage_error|yaml_error|yaml_mapping|config_path|note_kept|choose_add_note|note_add|feed_problem|feed_bad|tell_bad|"
        "refuse|import_problem|store_error|near_text|bad_line|complain")
FOLDERS = ("base", "net", "maps", "policy", "feed", "detect", "registry", "config", "replay", "daemon", "client", "cli")
# Sentences that are made otherwise: whole files of them.
# What only the journal has, or a program that speaks to the API.
NOT_SAID = re.compile(r"user/daemon/(main|privileges|sandbox|map_upgrade|take_off)\.c|user/daemon/(page|netlink|events)/|"
                      r"user/daemon/api/http/(server|listener)\.c|user/daemon/api/follow/|user/daemon/store/(log|tables)/|"
                      r"user/daemon/store/store_(bulk|checkpoint|schema)\.c|user/maps/(jiffies|blocklist|prefix_table)\.c|"
                      r"user/daemon/blocks/(hits_kept|load|unnamed)\.c|user/daemon/guards/next_hops\.c")
OF_THE_API = re.compile(r"^\"'[a-z_]+' (must|is|and|needs|exclude|goes)|of the body|the query|in the body|GET /v1")
WHOLE = ("user/daemon/api/health.c", "user/daemon/api/fates.c", "user/daemon/api/endpoints/lookup.c", "user/config/policy_lint.c",
         "user/config/config_lint.c", "user/base/text/duration.c", "user/base/text/quantity.c", "user/base/text/when.c",
         "user/base/permission.c", "user/client/read_socket.c", "user/daemon/api/endpoints/blocks/blocks.c",
         "user/daemon/api/endpoints/blocks/undo.c", "user/daemon/api/endpoints/reload.c", "user/daemon/api/endpoints/status.c")
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"')
DIRECTIVE = re.compile(r'%[-+ 0#]*[*\d.]*(?:hh|h|ll|l|z|j)?[a-zA-Z%]')


def literals(source):
    """(start, end, C text) of each literal, those joined by the compiler as one; with PRI macros in it."""
    spans = [(m.start(), m.end()) for m in TOKEN.finditer(source) if m.group(0)[0] == '"']
    joined = []
    for begin, end in spans:
        if joined and re.fullmatch(r'\s*(PRI\w+)?\s*', source[joined[-1][1]:begin]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    for begin, end in joined:
        tail = re.match(r'\s*PRI\w+', source[end:])
        end += len(tail.group(0)) if tail else 0
        other = re.match(r'\s*[A-Z][A-Z0-9_]+', source[end:]) or re.search(r'[A-Z0-9_]{3,}\s*$', source[:begin])
        if not other:
            yield begin, end, " ".join(re.findall(r'"(?:\\.|[^"\\\n])*"|PRI\w+', source[begin:end]))


def call_around(source, at):
    """The name of the function that a literal is an argument of, and whether it comes before the first one's end."""
    depth, i = 0, at - 1
    while i > 0:
        c = source[i]
        if c == ")":
            depth += 1
        elif c == "(":
            if not depth:
                name = re.search(r"(\w+)\s*$", source[:i])
                if name and name.group(1) not in ("_", "N_"):
                    return name.group(1)
                if name:
                    i = name.start()
            else:
                depth -= 1
        elif c in ";{}" and not depth:
            return ""
        i -= 1
    return ""


def words_of(text):
    return re.findall(r"[A-Za-z]{2,}", DIRECTIVE.sub(" ", "".join(TEXT.findall(text))))


def is_sentence(text, whole):
    plain = "".join(TEXT.findall(text))
    if re.search(r"\b(SELECT|INSERT|DELETE FROM|UPDATE|CREATE|PRAGMA)\b", plain) or plain.startswith(("/v1/", "/sys/", "/proc/")):
        return False
    return len(words_of(text)) >= 2 and " " in plain.strip() if whole else len(words_of(text)) >= 1 and " " in plain


def collect():
    found, names = {}, re.compile(SAYS)
    for folder in FOLDERS:
        for path in sorted(glob.glob(os.path.join(ROOT, "user", folder, "**", "*.c"), recursive=True)):
            name = os.path.relpath(path, ROOT)
            if name == "user/cli/lib/output/said.c" or NOT_SAID.search(name):
                continue
            with open(path) as f:
                source = f.read()
            for begin, _, text in literals(source):
                line = source[source.rfind("\n", 0, begin) + 1:begin]
                if line.lstrip().startswith("#"):
                    continue
                call = call_around(source, begin)
                whole = name in WHOLE and not call.startswith(("log_", "sql", "store_run", "json_object_get", "member"))
                if name.startswith("user/daemon/api/") and OF_THE_API.search(text):
                    continue
                if (whole or names.fullmatch(call)) and is_sentence(text, whole and not names.fullmatch(call)):
                    found.setdefault(text, name)
    return found


def said_text():
    by_file = {}
    for text, name in collect().items():
        by_file.setdefault(name, []).append(text)
    out = ["/* SPDX-License-Identifier: GPL-2.0-only */",
           "/* Made by 'make po': what slash64d, and what the command shares with it, says to a person. */",
           "#include \"cli/po/said_more.inc\""]
    for name in sorted(by_file):
        out.append("/* %s */" % name)
        out += ["N_(%s)," % text for text in sorted(by_file[name])]
    return "\n".join(out) + "\n"


def make_pot(said, to):
    sources = sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "user/cli/**/*.c"), recursive=True))
    subprocess.run(["xgettext", "-o", to, "--language=C", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=P_:1,2",
                    "--no-wrap", "--sort-by-file", "--no-location", "--package-name=slash64",
                    "--copyright-holder=the authors of slash64"] +
                   sources + [FOLDER + "/said_more.inc", said], cwd=ROOT, check=True)
    with open(to) as f:
        text = f.read()
    # the same, whenever it is made
    text = re.sub(r'"POT-Creation-Date: [^"]*"\n', "", text)
    with open(to, "w") as f:
        f.write(text)


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def main():
    check = "--check" in sys.argv[1:]
    target = lambda name: os.path.join(ROOT, FOLDER, name)
    with tempfile.TemporaryDirectory() as folder:
        said, pot = os.path.join(folder, "said.inc"), os.path.join(folder, "slash64.pot")
        with open(said, "w") as f:
            f.write(said_text())
        make_pot(said, pot)
        bad = [name for name, path in (("said.inc", said), ("slash64.pot", pot)) if read(path) != read(target(name))]
        if check:
            for name in bad:
                print("%s/%s is not up to date: run 'make po'" % (FOLDER, name))
            sys.exit(bool(bad))
        for name, path in ("said.inc", said), ("slash64.pot", pot):
            with open(target(name), "w") as f:
                f.write(read(path))
        for po in sorted(glob.glob(target("*.po"))):
            subprocess.run(["msgmerge", "--quiet", "--update", "--backup=none", "--no-wrap", "--no-fuzzy-matching", po, target("slash64.pot")],
                           check=True)


main()
