#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""runc, with limits that are no higher than one's own: where root may not raise them, as in a container, podman's own wish for
more open files would be refused. For container.sh."""
import json
import os
import resource
import shutil
import sys


def lower(process):
    for limit in process.get("rlimits") or []:
        most = resource.getrlimit(getattr(resource, limit["type"]))[1]
        if most != resource.RLIM_INFINITY:
            for key in ("soft", "hard"):
                limit[key] = min(limit[key], most)


def rewrite(path):
    """A configuration of a container, or of a process in one."""
    with open(path) as file:
        config = json.load(file)
    lower(config.get("process", config))
    with open(path, "w") as file:
        json.dump(config, file)


def main():
    words = sys.argv[1:]
    for option, name in (("--bundle", "config.json"), ("--process", "")):
        if option in words:
            rewrite(os.path.join(words[words.index(option) + 1], name).rstrip("/"))
    os.execv(shutil.which("runc"), ["runc"] + words)


main()
