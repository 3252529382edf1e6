#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Common misspellings, as codespell lists them."""
import re
import shutil
import subprocess

from sources import ROOT, files, finish

# terms, and deliberate misspellings in tests of the network
MEANT = "nd,nown,ist,orign"
# tests of what people type are full of mistypings
LEFT_OUT = ("selftests/unit/", "selftests/cli/")


def main():
    if not shutil.which("codespell"):
        finish(0, 0, "there is no codespell")
    names = [f for f in files() if not f.startswith(LEFT_OUT) and not f.endswith("test_spelling.py")]
    done = subprocess.run(["codespell", "-q", "3", "-L", MEANT] + names, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    wrong = set(re.findall(r"^(\S+):\d+: ", done.stdout, re.M))
    finish(len(names) - len(wrong), len(wrong) + (done.returncode != 0 and not wrong))


main()
