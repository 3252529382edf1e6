#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Errors of slash64d are for all clients, including scripts: options and verbs of the command are
only in the hint, behind the last "; " of a message."""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CALL = re.compile(r'error_set\(\s*[^"()]*?((?:"(?:[^"\\]|\\.)*"\s*(?:PRI[a-z]\d+)?\s*)+)')


def messages(path):
    """(line, format) of each."""
    with open(path) as f:
        text = f.read()
    for found in CALL.finditer(text):
        yield text[:found.start()].count("\n") + 1, "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1)))


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(ROOT, "user", "daemon", "**", "*.c"), recursive=True)):
        for line, text in messages(path):
            said = text.rsplit("; ", 1)[0]
            if re.search(r"(?<!\w)--[a-z]|'slash64 ", said):
                failed += 1
                print("not ok %s:%d: '%s' is for the hint" % (os.path.relpath(path, ROOT), line, said))
            else:
                passed += 1
    failed += passed < 150  # there are some
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
