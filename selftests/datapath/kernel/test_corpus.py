# SPDX-License-Identifier: GPL-2.0-only
"""Real captures, processed by the real program and by tshark, packet by packet: ICMPv6 type and
code, non-first fragment, upper-layer protocol. For differences,
selftests/data/corpus-differences.tsv has the reason; a line there that does not apply fails just
like an unlisted difference.

The captures are from the test suite of tcpdump; see selftests/data/corpus/LICENSE."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from frames import ROOT, Tally, replay_file

CORPUS = os.path.join(ROOT, "selftests", "data", "corpus")
DIFFERENCES = os.path.join(ROOT, "selftests", "data", "corpus-differences.tsv")

# Extension headers, and tshark's name for their next header.
NEXT_FIELDS = {0: "ipv6.hopopts.nxt", 43: "ipv6.routing.nxt", 44: "ipv6.fraghdr.nxt", 51: "ah.next_header",
               60: "ipv6.dstopts.nxt", 135: "mip6.proto", 139: "hip.proto", 140: "ipv6.shim6.nxt"}
FIELDS = ["ipv6.version", "ipv6.nxt", "icmpv6.type", "icmpv6.code", "ipv6.fraghdr.offset",
          *NEXT_FIELDS.values()]


def known_fields():
    """Those of FIELDS that this version of tshark has."""
    known = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True).stdout
    return [f for f in FIELDS if "\t%s\t" % f in known]


def tshark(paths, fields):
    """The packets of each file. tshark takes a second to start, so it reads one file that has them all, each as an interface."""
    packets = {path: [] for path in paths}
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as merged:
        subprocess.run(["mergecap", "-a", "-I", "none", "-F", "pcapng", "-w", merged.name, *paths], check=True)
        done = subprocess.run(["tshark", "-n", "-r", merged.name, "-o", "ipv6.defragment:FALSE", "-T", "fields",
                               "-E", "separator=|", *[w for f in ["frame.interface_id"] + fields for w in ("-e", f)]],
                              capture_output=True, text=True)
    for line in done.stdout.splitlines():
        interface, *values = line.split("|")
        packets[paths[int(interface)]].append({f: v.split(",") if v else [] for f, v in zip(fields, values)})
    return packets


def number(text):
    return int(text, 0)


def seen_by_tshark(packet):
    """(ICMPv6 type, code, is a non-first fragment, upper layer), or None if it sees no IPv6."""
    if not packet["ipv6.nxt"]:
        return None
    upper = number(packet["ipv6.nxt"][0])
    at = {}
    later = bool(packet["ipv6.fraghdr.offset"]) and number(packet["ipv6.fraghdr.offset"][0]) != 0
    while upper in NEXT_FIELDS:
        values = packet.get(NEXT_FIELDS[upper], [])
        i = at.get(upper, 0)
        if i >= len(values):
            break  # it could not see more of the chain
        at[upper] = i + 1
        was_fragment = upper == 44
        upper = number(values[i])
        if was_fragment and later:
            break
    kind = code = None
    if upper == 58 and not later and packet["icmpv6.type"]:
        kind = number(packet["icmpv6.type"][0])
        code = number(packet["icmpv6.code"][0]) if packet["icmpv6.code"] else None
    return kind, code, later, upper


def seen_by_slash64(packet):
    if packet["class"] == "not-ipv6":
        return None
    if packet["class"] == "malformed":
        return packet["reason"]
    return (packet.get("icmpv6_type"), packet.get("icmpv6_code"), packet["class"] == "fragment-non-first",
            packet["next_header"])


def read_differences():
    differences = {}
    with open(DIFFERENCES) as f:
        for line in f:
            if line.startswith("#") or not line.strip():
                continue
            name, packets, ours, _why = line.rstrip("\n").split("\t")
            first, _, last = packets.partition("-")
            for n in range(int(first), int(last or first) + 1):
                differences[name, n] = ours
    return differences


def main():
    tally = Tally()
    if not shutil.which("tshark"):
        print("skipped: tshark is not installed")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    explained = read_differences()
    applied = set()
    total = 0
    fields = known_fields()
    paths = [os.path.join(CORPUS, name) for name in sorted(os.listdir(CORPUS)) if name != "LICENSE"]
    packets = tshark(paths, fields)
    for path in paths:
        name = os.path.basename(path)
        wrong = []
        ours = replay_file(path, "--step", "classify")
        theirs = packets[path]
        if len(ours) != len(theirs):
            wrong.append("%d packets, tshark has %d" % (len(ours), len(theirs)))
        for mine, other in zip(ours, theirs):
            a, b = seen_by_slash64(mine), seen_by_tshark(other)
            total += 1
            if a == b:
                continue
            key = name, mine["packet"]
            if explained.get(key) == str(a):
                applied.add(key)
                continue
            wrong.append("packet %d: %s, tshark %s" % (mine["packet"], a, b))
        tally.promise("%s_is_as_tshark_sees_it" % name.rsplit(".", 1)[0], wrong, len(ours))
    tally.promise("every_explained_difference_is_one",
                  ["%s packet %d" % key for key in sorted(set(explained) - applied)], total)
    tally.end()


main()
