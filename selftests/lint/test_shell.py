#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""shellcheck has no warning about any script. A script that does something on purpose says so in a
comment."""
import os
import re
import shutil
import subprocess

from sources import ROOT, files, finish


def is_script(path):
    with open(os.path.join(ROOT, path), "rb") as f:
        return re.match(rb"#!.*\b(ba|da)?sh\b|# shellcheck shell=", f.readline()) is not None


def main():
    if not shutil.which("shellcheck"):
        finish(0, 0, "there is no shellcheck")
    passed = failed = 0
    for path in filter(is_script, files()):
        done = subprocess.run(["shellcheck", "-S", "warning", "-f", "gcc", path], cwd=ROOT, capture_output=True, text=True)
        print(done.stdout + done.stderr, end="")
        passed += done.returncode == 0
        failed += done.returncode != 0
    finish(passed, failed + (passed + failed < 10))


main()
