#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What other programs read is right in the language that it is written in: JSON, YAML, pictures, completion, Python."""
import ast
import json
import os
import subprocess
import xml.dom.minidom

from sources import ROOT, files, finish

try:
    import yaml
except ImportError:
    yaml = None


def as_yaml(text):
    list(yaml.safe_load_all(text))


def as_bash(text):
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.strip())


READERS = {".json": json.loads, ".yaml": as_yaml, ".yml": as_yaml, ".svg": xml.dom.minidom.parseString,
           ".bash-completion": as_bash, ".py": ast.parse}


def main():
    passed = failed = skipped = 0
    for path in files():
        reader = READERS.get(os.path.splitext(path)[1])
        if reader is None:
            continue
        if reader is as_yaml and yaml is None:
            skipped += 1
            continue
        with open(os.path.join(ROOT, path)) as file:
            try:
                reader(file.read())
                passed += 1
            except Exception as error:  # each reader has its own
                failed += 1
                print("not ok %s: %s" % (path, error))
    if skipped:
        print("skipped %d files: there is no python3-yaml" % skipped)
    finish(passed, failed + (passed < 100))


main()
