# SPDX-License-Identifier: GPL-2.0-only
"""The files of the tree, for the checks, and how a check ends."""
import os
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LEFT_OUT = (".git", "__pycache__", "build")


def files():
    """Paths of all text files below ROOT, except built ones and test inputs, which must stay as
    they are."""
    for directory, below, names in os.walk(ROOT):
        below[:] = sorted(b for b in below if not b.startswith(LEFT_OUT))
        where = os.path.relpath(directory, ROOT)
        if where.startswith(("selftests/data", "selftests/fuzz/seeds")):
            continue
        for name in sorted(names):
            path = os.path.normpath(os.path.join(where, name))
            if os.path.isfile(os.path.join(ROOT, path)) and not name.endswith((".o", ".pyc", "compile_commands.json")):
                yield path


def c_files():
    return [f for f in files() if f.endswith((".c", ".h")) and f.startswith(("bpf", "headers", "user", "selftests"))]


def finish(passed, failed, skipped=None):
    """Prints the count and exits; `skipped` says why nothing was checked."""
    if skipped:
        print("skipped: %s" % skipped)
        print("0 passed, 0 failed, 1 skipped")
    else:
        print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)
