#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""While entries come and go at full speed, blocked sources stay blocked and clean ones stay clean.
SECONDS in the environment makes it longer."""
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1, BUILD, CLIENT_2

SECONDS = int(os.environ.get("SECONDS_OF_CHURN", "60"))
ENTRIES = 20000
LINES = int(os.environ.get("LINES", "1000000"))  # of the list that is replaced
CHANGED = LINES // 100
CLEAN = "2001:db8:bad:2::/64"


def random_prefixes(seed, count):
    """Sources and prefixes around and near the two that stay, and elsewhere."""
    pick = random.Random(seed)
    lines = []
    for _ in range(count):
        if pick.random() < 0.9:
            lines.append("2001:db8:%x:%x::/64" % (pick.randrange(0xba0, 0xbad), pick.randrange(1, 65536)))
        elif pick.random() < 0.5:
            lines.append("2001:db8:bad:%x::/%d" % (pick.randrange(4, 65536) & 0xfffc, pick.randrange(62, 64)))
        else:
            # parts of sources, some of them listed, in the same /32 as the two
            lines.append("2001:db8:%x:%x:%x::/%d" % (pick.randrange(0xba0, 0xbad), pick.randrange(1, 99),
                                                     pick.randrange(65536), pick.randrange(81, 129)))
    return "\n".join(lines) + "\n"


class Churn(threading.Thread):
    """Replaces one set by another, again and again, as fast as possible."""

    def __init__(self, lab, origin, sets):
        super().__init__()
        self.lab, self.origin, self.sets, self.rounds, self.failed = lab, origin, sets, 0, None
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            text = self.sets[self.rounds % len(self.sets)]
            done = subprocess.run([os.path.join(BUILD, "slash64"), "--socket", self.lab.socket, "import",
                                   "--origin", self.origin, "--replace", "-"], input=text,
                                  capture_output=True, text=True, timeout=60)
            if done.returncode:
                self.failed = done.stderr
                return
            self.rounds += 1


@test
def a_steadily_blocked_source_never_passes_and_a_steadily_clean_one_never_loses(lab):
    lab.slash64("block", BAD_1)
    sets = [random_prefixes(i, ENTRIES) for i in range(3)]
    churn = Churn(lab, "churn", sets)
    churn.start()
    receiver = lab.receiver(SECONDS + 3)
    time.sleep(0.5)
    bad = lab.flood(BAD_1, 20000, SECONDS, kind="udp")
    clean = lab.flood(CLEAN, 5000, SECONDS, kind="syn")
    for process in (bad, clean):
        process.communicate()
    got = lab.received(receiver)
    churn.over.set()
    churn.join()
    check_equal(churn.failed, None, "the churn")
    check(churn.rounds > SECONDS / 10, "only %d rounds of churn" % churn.rounds)
    check_equal(got.get(BAD_1), None, "packets of the blocked source that passed")
    # packets lost earlier on the way are not its fault: whatever came in went out
    counts = {r["verdict"]: r["packets"] for r in lab.status()["rates"] if r["class"] == "tcp-syn"}
    check_equal(counts, {"pass": got[CLEAN]["packets"]}, "packets of the clean source")
    check(counts["pass"] > SECONDS * 5000 * 0.9, "only %d of them came" % counts["pass"])


@test
def a_replace_of_a_long_list_that_changes_one_percent_leaks_no_packet_of_what_stays(lab):
    lines = ["2001:db8:bad:1::/64"] + ["2001:db8:%x:%x::/64" % (0xc00 + i // 60000, 1 + i % 60000)
                                       for i in range(LINES - 1)]
    lab.slash64("unblock", BAD_1)
    lab_import(lab, lines)
    receiver = lab.receiver(900)
    flood = lab.flood(BAD_1, 20000, 890, kind="udp")
    for i in range(2):
        for j in range(CHANGED):
            lines[1 + (i * CHANGED + j) * 7] = "2001:db8:d%02x:%x::/64" % (i, j + 1)
        answer = lab_import(lab, lines)
        check_equal([answer[k] for k in ("added", "removed", "unchanged")], [CHANGED, CHANGED, LINES - CHANGED], "the difference")
    check_equal(flood.poll(), None, "the end of the flood, before that of the imports")
    lab.end(flood)
    flood.communicate()
    lab.end(receiver)
    check_equal(lab.received(receiver).get(BAD_1), None, "packets that came through")
    check_equal(lab.ping("client", count=5, source=CLIENT_2), 0, "loss of a client")


def lab_import(lab, lines):
    done = subprocess.run([os.path.join(BUILD, "slash64"), "--json", "--socket", lab.socket, "import",
                           "--origin", "large", "--replace", "-"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=120)
    check_equal(done.returncode, 0, "exit code (%s)" % done.stderr.strip())
    return json.loads(done.stdout.splitlines()[-1])


def prepare(lab):
    lab.start(lab.config())


if __name__ == "__main__":
    main(prepare)
