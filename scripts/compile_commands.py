#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""compile_commands.json, which editors and clang-tidy read, from what make would run: make -Bn V=1 ... | compile_commands.py"""
import json
import os
import shlex
import sys

entries = {}
for line in sys.stdin:
    try:
        words = shlex.split(line)
    except ValueError:  # no command of a compiler
        continue
    sources = [w for w in words if w.endswith(".c") and os.path.isfile(w)]
    if "-o" not in words or not sources or not any(w.startswith("-I") for w in words):
        continue
    options = [w for w in words if w not in sources]
    for source in sources:
        # a source of several programs is described by the rule of its own object
        if source not in entries or len(sources) == 1:
            entries[source] = {"directory": os.getcwd(), "file": source, "arguments": options + ["-c", source]}
json.dump([entries[source] for source in sorted(entries)], sys.stdout, indent=1)
print()
