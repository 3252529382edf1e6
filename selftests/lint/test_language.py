#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Texts for a person are marked for translation, and each has one that is whole: the command's in user/cli/po, the page's in
user/daemon/page/assets/texts.js."""
import glob
import html.parser
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "scripts"))
PAGE = os.path.join(ROOT, "user/daemon/page/assets")
LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r"%[-+ 0#]*[*\d.]*(?:hh|h|ll|l|z|j)?[a-zA-Z%]")
PRINTS = {"printf", "fprintf", "puts", "fputs", "print_header", "print_wrapped", "print_broken", "put_line"}
# What they print is for a program, or a file: packet comments, CEF, XARF, Prometheus, a configuration, a remote shell; or in
# another language already (report's templates); or for whoever helps, who reads English (doctor's report).
NOT_FOR_READERS = re.compile(r"user/cli/(lib/capture/(comments|pcapng|session|rings)|lib/report/|lib/output/prometheus|cmd/policy_suggest|"
                             r"lib/init/draft|lib/fleet/(remote|hosts_run)|lib/doctor/|cmd/doctor)")
# Their parts are: said_more.inc has each that can come of them.
PUT_TOGETHER = {"%s missing, which block_defaults of %s requires", "%s:%u: %.*s", "%s", "%s is not blocked: it %s %s, %s"}
passed = failed = 0


def check(good, text):
    global passed, failed
    passed += good
    failed += not good
    if not good:
        print("not ok " + text)


def call_around(source, at):
    depth, i = 0, at - 1
    while i > 0 and not (source[i] in ";{}" and not depth):
        if source[i] == ")":
            depth += 1
        elif source[i] == "(":
            if not depth:
                name = re.search(r"(\w+)\s*$", source[:i])
                return name.group(1) if name else ""
            depth -= 1
        i -= 1
    return ""


def unmarked(source):
    """Sentences that are printed as they are."""
    for found in LITERAL.finditer(source):
        text = found.group(0)
        if text[0] != '"' or call_around(source, found.start()) not in PRINTS:
            continue
        plain = re.sub(r"\\.|\bslash64\b", " ", DIRECTIVE.sub(" ", text))
        if re.search(r"[A-Za-z]{2,}", plain.replace("\033", "")) and not re.search(r"bit/s|\[y/N\]", text):
            yield source[:found.start()].count("\n") + 1, text


def check_marks():
    check(list(unmarked('int main(void) { printf("it is %d\\n", 1); }')) != [], "an unmarked text is not found")
    check(list(unmarked('int main(void) { printf(_("it is %d\\n"), 1); }')) == [], "a marked text is found")
    for path in sorted(glob.glob(os.path.join(ROOT, "user/cli/**/*.c"), recursive=True)):
        name = os.path.relpath(path, ROOT)
        if NOT_FOR_READERS.match(name):
            continue
        with open(path) as f:
            source = f.read()
        bad = list(unmarked(source))
        for line, text in bad:
            print("%s:%u: %s is printed without _()" % (name, line, text))
        check(not bad, name)


def check_catalogues():
    run = subprocess.run([os.path.join(ROOT, "scripts/po.py"), "--check"], capture_output=True, text=True)
    check(run.returncode == 0, run.stdout + run.stderr)
    for path in glob.glob(os.path.join(ROOT, "user/cli/po/*.po")):
        name = os.path.basename(path)
        run = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], capture_output=True, text=True)
        check(run.returncode == 0, name + ": " + run.stderr)
        for kind in "--untranslated", "--only-fuzzy":
            run = subprocess.run(["msgattrib", kind, "--no-obsolete", "--no-wrap", path], capture_output=True, text=True)
            texts = re.findall(r'^msgid "(.+)"', run.stdout, re.M)
            check(not texts, "%s: %s: %s" % (name, kind, texts[:5]))
        pot = os.path.join(ROOT, "user/cli/po/slash64.pot")
        run = subprocess.run(["msgcmp", path, pot], capture_output=True, text=True)
        check(run.returncode == 0, name + ": " + run.stderr[-300:])


def functions(source):
    return re.findall(r"^\w[^\n;]*\([^;{}]*\)\n\{\n.*?^\}", source, re.M | re.S)


def check_heads():
    """The command puts its own hint in the place of slash64d's: what comes before it is a text by itself, too."""
    with open(os.path.join(ROOT, "user/cli/lib/hints.c")) as f:
        codes = set(re.findall(r"case (ERROR_\w+):", f.read()))
    said = ""
    for name in "said.inc", "said_more.inc":
        with open(os.path.join(ROOT, "user/cli/po", name)) as f:
            said += f.read()
    said = {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', line)) for line in re.findall(r"^N_\((.*)\),$", said, re.M)}
    count = 0
    for path in sorted(glob.glob(os.path.join(ROOT, "user/daemon/**/*.c"), recursive=True)):
        with open(path) as f:
            source = re.sub(r'"\s*PRI\w+\s*"', "s", f.read())
        for function in functions(source):
            if not codes & set(re.findall(r"\bERROR_\w+", function)):
                continue
            for text in re.findall(r'"((?:[^"\\]|\\.)*; (?:[^"\\]|\\.)*)"', function):
                head = text[:text.rindex("; ")]
                count += 1
                if head in PUT_TOGETHER:
                    continue
                check(head in said or head + "; %s" in said, "%s: '%s' has no text in said_more.inc" % (os.path.relpath(path, ROOT), head))
    check(count > 15, "%d texts with a hint" % count)


class Texts(html.parser.HTMLParser):
    """The texts of index.html: (text, attribute or None)."""

    def __init__(self):
        super().__init__()
        self.texts, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link", "img", "input"):
            self.inside.append(tag)
        self.texts += [value for name, value in attrs if name in ("aria-label", "placeholder")]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"code", "noscript", "script", "title", "option"} & set(self.inside) or self.inside[-1] == "option":
            self.texts.append(data.strip())


def check_page():
    with open(os.path.join(PAGE, "texts.js")) as f:
        known = set(re.findall(r'^\t"((?:[^"\\]|\\.)*)": "', f.read(), re.M))
    with open(os.path.join(PAGE, "index.html")) as f:
        texts = Texts()
        texts.feed(f.read())
    same = {"slash64", "English", "日本語", "/v1", "2001:db8::/32", ",", "."}
    shown = {text for text in texts.texts if re.search(r"[A-Za-z]{2}", text)} - same
    with open(os.path.join(PAGE, "page.js")) as f:
        used = set(re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', f.read()))
    check(len(shown) > 60 and len(used) > 50, "%u texts of the page, %u of the program" % (len(shown), len(used)))
    for text in sorted((shown | used) - known):
        check(False, "texts.js has no '%s'" % text)
    for text in sorted(known - shown - used):
        check(False, "texts.js has '%s', which nothing shows" % text)


check_marks()
check_catalogues()
check_heads()
check_page()
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
