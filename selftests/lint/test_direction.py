#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which room of user/ may include from which: see docs/design.md. A folder under user/ that is not
listed here is refused, so a new room has to be placed."""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

LIBRARY = ["base", "net", "maps", "policy", "feed", "detect", "registry", "config", "kernel", "replay"]
# room -> the rooms that it may include from, besides itself
MAY_USE = {
    "base": [],
    "net": ["base"],
    "maps": ["base", "net"],
    "policy": ["base", "net"],
    "feed": ["base", "net"],
    "detect": ["base", "net", "policy"],
    "registry": ["base", "net"],
    "config": ["base", "net", "maps", "policy", "feed", "detect"],
    "kernel": ["base", "net", "policy", "config"],
    "replay": ["base", "net", "maps", "policy", "feed", "detect", "config"],
    "daemon": LIBRARY,
    "client": ["base", "net"],
    "cli": LIBRARY + ["client"],
    "service": ["base", "net", "config", "client"],
    "notify": ["base", "net", "config", "client", "service"],
    "adapters": ["base", "net", "feed", "config", "client", "service"],
    "tools": LIBRARY,
}
# the datapath's source, compiled natively: replay finds IPv6 in a frame with the datapath's code
MAY_USE_BPF = ["replay"]

# The rooms of the daemon, the lowest first: each may include from those before it. "" is
# user/daemon itself.
DAEMON = ["loop", "netlink", "store", "guards", "blocks", "events", "detect", "stats", "attach", "import", "", "blackholes", "api",
          "page"]
# these start the API and the page, so they may include from them
STARTS_API = ["user/daemon/main.c", "user/daemon/reload.c"]

# headers of HTTP and of JSON, which only these may use in the daemon
SPEAK_HTTP = ["api", "page"]
API_ONLY = re.compile(r"^(jansson\.h|event2/http.*\.h|evhttp\.h)$")
YAML_ONLY = "config"

# Exceptions: "FILE includes HEADER". Lines are only ever removed: an entry that is no longer needed
# fails too.
REMAINS = {
}


def sources(root):
    for directory, _, names in os.walk(os.path.join(root, "user")):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(directory, name), root)


def resolve(root, path, header):
    """The path of the project's file that an include names, or None."""
    for base in (os.path.dirname(path), "user"):
        there = os.path.normpath(os.path.join(base, header))
        if os.path.isfile(os.path.join(root, there)):
            return there
    return None


def room_of(path):
    return path.split("/")[1]


def daemon_room_of(path):
    parts = path.split("/")
    return parts[2] if len(parts) > 3 else ""


def breaks_in_daemon(path, there):
    source, target = daemon_room_of(path), daemon_room_of(there)
    if source == target or path in STARTS_API or source == "api":
        return None
    for room in (source, target):
        if room not in DAEMON:
            return "user/daemon/%s is not listed in test_direction.py" % room
    if DAEMON.index(target) > DAEMON.index(source):
        return "%s may not use %s" % (source or "user/daemon", target or "user/daemon itself")
    return None


def breaks(root, path, bracket, header):
    """Why a file may not include a header, or None."""
    room = room_of(path)
    if room not in MAY_USE:
        return "user/%s is not listed in test_direction.py" % room
    if bracket == "<":
        if room == "daemon" and daemon_room_of(path) not in SPEAK_HTTP and API_ONLY.match(header):
            return "HTTP and JSON are for user/daemon/api"
        if header == "yaml.h" and room != YAML_ONLY:
            return "YAML is for user/%s" % YAML_ONLY
        return None
    there = resolve(root, path, header)
    if not there:
        return None  # generated into the folder of the build
    if there.startswith("bpf/"):
        return None if room in MAY_USE_BPF else "user/%s may not use bpf/" % room
    if not there.startswith("user/"):
        return "it is outside of user/"
    target = room_of(there)
    if target != room:
        return None if target in MAY_USE[room] else "%s may not use %s" % (room, target)
    return breaks_in_daemon(path, there) if room == "daemon" else None


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else ROOT
    passed = failed = 0
    found = set()
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as f:
            text = f.read()
        wrong = 0
        for match in INCLUDE.finditer(text):
            why = breaks(root, path, *match.groups())
            entry = "%s includes %s" % (path, match.group(2))
            found.add(entry if why else None)
            if why and entry not in REMAINS:
                wrong += 1
                line = text[:match.start(1)].count("\n") + 1
                print("not ok %s:%d: includes %s: %s" % (path, line, match.group(2), why))
        failed += wrong > 0
        passed += not wrong
    for entry in sorted(REMAINS):
        if entry not in found:
            failed += 1
            print("not ok '%s' holds no more: remove it from REMAINS" % entry)
    if passed < 100:
        failed += 1
        print("not ok only %d files were found" % passed)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
