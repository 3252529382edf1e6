# SPDX-License-Identifier: GPL-2.0-only
"""Runs the functions of a file that are marked @test, one after another, in one lab.

    test_block.py [WORD]...     only tests with one of the words in their name"""
import os
import re
import sys
import time
import traceback
from datetime import datetime, timezone

sys.dont_write_bytecode = True

import schema  # noqa: E402
from lab import BUILD, Lab, LabError  # noqa: E402

Lab.check_rows = staticmethod(schema.check_command)

tests = []


class Failed(Exception):
    pass


class Skipped(Exception):
    """A requirement is missing: raise Skipped("what")."""


def is_plain_build():
    """Or a build with a sanitizer or coverage counters: slower, and larger."""
    with open(os.path.join(BUILD, "slash64d"), "rb") as f:
        program = f.read()
    return b"__asan_init" not in program and b"__gcov_dump" not in program


def needs_plain_build():
    """For valgrind, and for preloaded libraries."""
    if not is_plain_build():
        raise Skipped("this build has a sanitizer, or counts its lines")


def test(function):
    """Its name is the promise; it takes the lab, and raises if the promise is broken."""
    tests.append(function)
    return function


def check(truth, reason):
    if not truth:
        raise Failed(reason)


def check_equal(got, wanted, what):
    check(got == wanted, "%s: %r, not %r" % (what, got, wanted))


def check_between(low, got, high, what):
    check(low <= got <= high, "%s: %s, not from %s to %s" % (what, got, low, high))


def seconds_of(text):
    """Converts a time as written by slash64d to seconds since 1970."""
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", str(text)), "no time: %r" % text)
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def timestamp(seconds):
    """As slash64d writes it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def reason_of(error):
    if isinstance(error, (Failed, LabError)):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip() + " at " + \
        "; ".join("%s:%d" % (os.path.basename(f.filename), f.lineno)
                  for f in traceback.extract_tb(error.__traceback__))


def run_one(function, lab):
    """"passed", "failed" or "skipped"."""
    start = time.monotonic()
    try:
        function(lab)
    except Skipped as reason:
        print("skipped %s: %s" % (function.__name__, reason), flush=True)
        return "skipped"
    except Exception as error:  # whatever it raises, the others still run
        print("not ok %s: %s" % (function.__name__, reason_of(error)), flush=True)
        return "failed"
    print("ok %s (%.1f s)" % (function.__name__, time.monotonic() - start), flush=True)
    return "passed"


def main(prepare=None):
    """Creates a lab, calls prepare(lab), runs the tests, prints the count, and exits."""
    words = sys.argv[1:]
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    results = []
    ends_badly = 0
    try:
        if os.geteuid() != 0:
            raise LabError("it makes namespaces: run as root")
        with Lab() as lab:
            if prepare:
                prepare(lab)
            for function in chosen:
                results.append(run_one(function, lab))
            try:
                lab.stop()
            except Exception as error:
                ends_badly = 1
                print("not ok: its end: %s" % reason_of(error))
            if "failed" in results and os.environ.get("V"):
                print(lab.logged())
    except KeyboardInterrupt:
        print("interrupted")
    except Exception as error:
        print("not ok: the lab: %s" % reason_of(error))
    passed, skipped = results.count("passed"), results.count("skipped")
    failed = len(chosen) - passed - skipped + ends_badly
    print("%d passed, %d failed" % (passed, failed) + (", %d skipped" % skipped if skipped else ""))
    sys.exit(1 if failed else 0)
