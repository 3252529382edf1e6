#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lines run by the tests, by file and in total, from the counters of a coverage build.

    report.py BUILD [FILE]...     FILE: also prints which of its lines were not run"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# (name, path prefixes, required percentage of lines)
PARTS = (("user space", "user/", 85), ("packet path", "bpf/", 100))


def counts_of(note):
    """{file: {line: times run}} of one object, and {file: {first line of a function: its last}}."""
    counted = note[:-len("gcno")] + "gcda"
    if os.path.exists(counted) and not os.path.getsize(counted):  # it never ran; gcov needs no counters then
        os.unlink(counted)
    done = subprocess.run(["gcov", "--json-format", "--stdout", note], capture_output=True, text=True)
    done.check_returncode()
    out = done.stdout
    counts, heads = {}, {}
    for text in out.splitlines():
        data = json.loads(text)
        for file in data["files"]:
            path = os.path.normpath(os.path.join(data["current_working_directory"], file["file"]))
            lines = counts.setdefault(os.path.relpath(path, ROOT), collections.Counter())
            for line in file["lines"]:
                lines[line["line_number"]] += line["count"]
            heads.setdefault(os.path.relpath(path, ROOT), {}).update(
                (f["start_line"], f["end_line"]) for f in file["functions"])
    return counts, heads


def all_counts(build):
    """A line counts as run if it was run in any program it was compiled into. The first line of a function that is always
    inlined belongs to a copy that nobody calls: it counts as run with any other line of the function."""
    notes = [os.path.join(where, name) for where, _, names in os.walk(build) for name in names
             if name.endswith(".gcno")]
    merged, functions = {}, {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for counts, heads in pool.map(counts_of, notes):
            for path, lines in counts.items():
                merged.setdefault(path, collections.Counter()).update(lines)
            for path, first_and_last in heads.items():
                functions.setdefault(path, {}).update(first_and_last)
    for path, lines in merged.items():
        for first, last in functions.get(path, {}).items():
            if first in lines and not lines[first]:
                lines[first] = max((n for line, n in lines.items() if first < line <= last), default=0)
    return merged


def ranges(numbers):
    """"3-5 9" """
    spans = []
    for n in sorted(numbers):
        if spans and spans[-1][1] == n - 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return " ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in spans)


def row(name, run, lines):
    print("%-44s %6d %6d %6.1f%%" % (name, run, lines, 100.0 * run / lines if lines else 100.0))


def main():
    counts = all_counts(sys.argv[1])
    totals = []
    print("%-44s %6s %6s %7s" % ("FILE", "RUN", "LINES", ""))
    for what, start, goal in PARTS:
        run = lines = 0
        for path in sorted(p for p in counts if p.startswith(start)):
            ran = [n for n, times in counts[path].items() if times]
            row(path, len(ran), len(counts[path]))
            run, lines = run + len(ran), lines + len(counts[path])
            missed = set(counts[path]) - set(ran)
            if missed and (path in sys.argv[2:] or start == "bpf/"):
                print("    not run: " + ranges(missed))
        totals.append((what, run, lines, goal))
    print()
    missed = False
    for what, run, lines, goal in totals:
        row("%s (goal %d%%)" % (what, goal), run, lines)
        missed = missed or run * 100 < lines * goal
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
