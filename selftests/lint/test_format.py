#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""All C is formatted as .clang-format says. Versions of clang-format differ, so only the one with
which the tree is formatted counts.

    test_format.py            checks
    test_format.py --write    formats"""
import re
import shutil
import subprocess
import sys

from sources import ROOT, c_files, finish

VERSION = 14  # Debian 12's; clang-format-14 elsewhere


def find():
    """(program, None), or (None, why there is none)."""
    found = None
    for program in ("clang-format-%d" % VERSION, "clang-format"):
        if not shutil.which(program):
            continue
        text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        found = int(re.search(r"version (\d+)", text).group(1))
        if found == VERSION:
            return program, None
    there = "there is clang-format %d" % found if found else "there is no clang-format"
    return None, "the tree is formatted with clang-format %d, and %s" % (VERSION, there)


def main():
    program, why = find()
    if "--write" in sys.argv:
        if why:
            sys.exit("%s; install clang-format-%d" % (why, VERSION))
        subprocess.run([program, "-i"] + c_files(), cwd=ROOT, check=True)
        return
    if why:
        finish(0, 0, why)
    names = c_files()
    done = subprocess.run([program, "-n"] + names, cwd=ROOT, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: (?:warning|error)", done.stderr, re.M)))
    for name in wrong:
        print("not ok %s is not formatted; 'make format' does it" % name)
    finish(len(names) - len(wrong), len(wrong) + (done.returncode != 0 and not wrong))


main()
