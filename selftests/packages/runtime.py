#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""runc, with limits that are no higher than one's own: where root may not raise them, as in a container, podman's own wish for
more open files would be refused. For container.sh."""
import json
import os
import resource
import shutil
import sys


def lower(config):
    for limit in config["process"].get("rlimits", []):
        most = resource.getrlimit(getattr(resource, limit["type"]))[1]
        if most != resource.RLIM_INFINITY:
            for key in ("soft", "hard"):
                limit[key] = min(limit[key], most)


def main():
    words = sys.argv[1:]
    if "--bundle" in words:
        path = os.path.join(words[words.index("--bundle") + 1], "config.json")
        with open(path) as file:
            config = json.load(file)
        lower(config)
        with open(path, "w") as file:
            json.dump(config, file)
    os.execv(shutil.which("runc"), ["runc"] + words)


main()
