# SPDX-License-Identifier: GPL-2.0-only
"""Streams of packets at the outside interface of the edge, and what is proposed about them."""
import json
import os
import time

from harness import Failed, Skipped, check, check_equal
from lab import BUILD, LabError, wait_for

VICTIM = "2001:db8:5e:ff::1"
VICTIMS = "2001:db8:5e:ff::/64"
SOON_S = 5  # what issue 17 allows from the threshold to the proposal
A_TENTH = 0.1


class Streams:
    """Straight into wan0, from where the isp is (selftests/lib/streams.c)."""

    def __init__(self, lab, streams, seconds, write=None):
        self.words = [s if ",dst=" in s else s + ",dst=" + VICTIM for s in streams]
        self.process = lab.spawn("isp", os.path.join(BUILD, "streams"), "--iface", "edge0", "--gateway",
                                 lab.mac("edge", "wan0"), "--seconds", str(seconds), *(["--write", write] if write else []), *self.words)
        self.begun = time.monotonic()

    def end(self):
        """What was sent a second, of each stream."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        if self.process.returncode:
            raise LabError("streams: " + err.strip())
        said = json.loads(out)
        return [sent / said["seconds"] for sent in said["sent"]]


def open_proposals(lab):
    """{(rule, prefix): row}"""
    return {(row["rule"], row["prefix"]): row for row in lab.json("proposals") if row["state"] == "open"}


def is_within_a_tenth(got, truth):
    return abs(got - truth) <= truth * A_TENTH


def check_proposed(lab, words, expected, write=None):
    """Streams make exactly these proposals, each soon, with the rate that was sent. expected: {(rule, prefix): (measure,
    rate)}. Returns the rows. Skipped if the machine could not send that."""
    before = set(open_proposals(lab))  # of earlier streams
    streams = Streams(lab, words, 60, write)
    took, rows, failure = {}, {}, None

    def all_are_there():
        for which in open_proposals(lab):
            took.setdefault(which, time.monotonic() - streams.begun)
        return set(expected) <= set(took)

    def rates_are_right():
        rows.update(open_proposals(lab))
        return all(is_within_a_tenth(rows[which]["measured"][measure], rate)
                   for which, (measure, rate) in expected.items())
    try:
        wait_for(all_are_there, 10, lambda: "proposals %r: there are %r" % (sorted(expected), took), 0.05)
        # the average has a few seconds to forget the first one
        wait_for(rates_are_right, 5, lambda: "rates %r: %r" % (expected, {w: r["measured"] for w, r in rows.items()}))
        check_equal(sorted(set(rows) - before), sorted(expected), "what is proposed")
        for which in expected:
            check(took[which] < SOON_S, "%s %s: %.1f s" % (*which, took.get(which, 0)))
        if write:
            time.sleep(1.5)  # the windows of a replay begin with the capture: they end later than those that were live
    except (LabError, Failed) as error:
        failure = error
    sent = streams.end()
    if failure:
        for text, rate in zip(streams.words, sent):
            if not is_within_a_tenth(rate, float(text.split("rate=")[1].split(",")[0])):
                raise Skipped("this machine sends only %d a second of %s" % (rate, text))
        raise failure
    return rows


def prepare(lab, config=""):
    # what they send ends behind the filter, and costs no more
    lab.ip("edge", "-6", "route", "add", "blackhole", VICTIMS)
    lab.start(lab.config(config))
