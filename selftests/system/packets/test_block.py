#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Blocks during a flood. UDP, which the default policy does not limit: missing packets were
blocked."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_between, check_equal, main, test
from lab import BAD_1, BAD_2

BAD_3 = "2001:db8:bad:3::/64"


def blocks(lab):
    return {block["prefix"]: block for block in lab.json("list")}


def sent_by(flood):
    return json.loads(flood.communicate(timeout=60)[0])["sent"]


@test
def a_block_bites_within_10_ms_and_its_neighbour_is_untouched(lab):
    receiver = lab.receiver(5)
    flood, neighbour = lab.flood(BAD_1, 5000, 4, "udp"), lab.flood(BAD_2, 1000, 4, "udp")
    time.sleep(1)
    lab.slash64("block", BAD_1, "--reason", "flood", "--ticket", "T-1")
    returned_ns = time.monotonic_ns()
    sent, neighbour_sent = sent_by(flood), sent_by(neighbour)
    got = lab.received(receiver)
    late_ms = (got[BAD_1]["last"] - returned_ns) / 1e6
    check(late_ms <= 10, "its last packet came %.1f ms after the command's return" % late_ms)
    check_between(3000, got[BAD_1]["packets"], 8000, "packets that came before the block")
    check_equal(got[BAD_2]["packets"], neighbour_sent, "packets of the neighbour")
    block = blocks(lab)[BAD_1]
    check_equal((block["reason"], block["ticket"], block["origin"], block["until"]),
                ("flood", "T-1", "operator", None), "the block")
    time.sleep(0.5)
    blocked = sent - got[BAD_1]["packets"]
    check_between(0.9 * blocked, blocks(lab)[BAD_1]["hits"], 1.1 * blocked, "hits")


@test
def unblock_restores_it(lab):
    flood, receiver = lab.flood(BAD_1, 2000, 3, "udp"), lab.receiver(3)
    time.sleep(1)
    before_ns = time.monotonic_ns()
    lab.slash64("unblock", BAD_1)
    sent_by(flood)
    got = lab.received(receiver)
    check(BAD_1 in got, "nothing of it came after unblock")
    check_between(0, (got[BAD_1]["first"] - before_ns) / 1e6, 100, "ms from unblock to its first packet")
    check(BAD_1 not in blocks(lab), "it is still listed")


@test
def a_block_for_2_s_ends_by_itself(lab):
    flood = lab.flood(BAD_1, 2000, 5, "udp")
    lab.slash64("block", BAD_1, "--for", "2s")
    returned_ns = time.monotonic_ns()
    listed = BAD_1 in blocks(lab)
    receiver = lab.receiver(4)
    sent_by(flood)
    got = lab.received(receiver)
    check(listed, "it was not listed")
    check(BAD_1 in got, "it did not end")
    check_between(1.5, (got[BAD_1]["first"] - returned_ns) / 1e9, 3, "seconds that it lasted")
    check(BAD_1 not in blocks(lab), "it is still listed")


@test
def an_address_means_its_64_and_the_answer_says_so(lab):
    said = lab.slash64("block", "2001:db8:bad:3::66").stdout
    check(BAD_3 in said, "it said: " + said)
    check(BAD_3 in blocks(lab), "%s is not listed" % BAD_3)
    receiver = lab.receiver(1)
    sent_by(lab.flood(BAD_3, 500, 0.5, "udp"))
    check(BAD_3 not in lab.received(receiver), "packets came")
    lab.slash64("unblock", BAD_3)


@test
def what_is_allowed_is_not_blocked(lab):
    lab.slash64("allow", BAD_3)
    lab.slash64("block", BAD_3, check=False)  # whether it is refused or has no effect
    receiver = lab.receiver(1)
    sent = sent_by(lab.flood(BAD_3, 500, 0.5, "udp"))
    check_equal(lab.received(receiver).get(BAD_3, {}).get("packets"), sent, "packets that came")
    lab.slash64("unallow", BAD_3)
    lab.slash64("unblock", BAD_3, check=False)


@test
def blocking_and_unblocking_at_speed_loses_none_of_others(lab):
    receiver = lab.receiver(4)
    flood = lab.flood(BAD_2, 2000, 3, "udp")
    end = time.monotonic() + 3
    n = 0
    while time.monotonic() < end:
        prefix = "2001:db8:bad:%x::/64" % (0x100 + n % 64)
        lab.slash64("block", prefix)
        lab.slash64("unblock", prefix)
        n += 1
    sent = sent_by(flood)
    check_equal(lab.received(receiver)[BAD_2]["packets"], sent, "packets of another source")


main(lambda lab: lab.start(lab.config()))
