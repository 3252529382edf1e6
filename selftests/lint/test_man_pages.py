#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""mandoc has nothing to say of the manual pages, and they are as wide as a terminal. Left out is what scdoc writes into every
page, whatever its source: empty paragraphs, lines of the length that they have in the source, names in small letters."""
import os
import re
import shutil
import subprocess

from sources import ROOT, finish

BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
OF_SCDOC = ("skipping paragraph macro: PP ", "input text line longer than 80 bytes", "lower case character in document title")
COLUMNS = 80


def mandoc(*words):
    done = subprocess.run(("mandoc",) + words, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
    return done.stdout + done.stderr


def is_clean(page):
    said = [line for line in mandoc("-Tlint", page).splitlines() if not any(words in line for words in OF_SCDOC)]
    assert not said, "\n".join(said)


def fits_a_terminal(page):
    """What a table or an example makes longer than a line would be broken in the middle of a word."""
    for line in mandoc("-Tutf8", "-Owidth=%d" % (COLUMNS - 2), page).splitlines():
        line = re.sub(".\b", "", line)
        assert len(line) <= COLUMNS, "%d columns: %s" % (len(line), line.strip())


def main():
    if not shutil.which("mandoc"):
        finish(0, 0, "there is no mandoc")
    passed = failed = 0
    for name in sorted(os.listdir(os.path.join(ROOT, "docs", "man"))):
        page = os.path.join(BUILD, name[:-len(".scd")])
        for check in (is_clean, fits_a_terminal):
            try:
                check(page)
                passed += 1
            except AssertionError as reason:
                failed += 1
                print("not ok %s, %s: %s" % (os.path.basename(page), check.__name__, reason))
    finish(passed, failed + (passed + failed < 10))


main()
