#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One decision, every router: three routers with BIRD through one route reflector. Issue 18, lines 3, 4, 9, and what must
hold.

    test_fleet.py [WORD]...     only tests with one of the words in their name"""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import fleet_lab  # noqa: E402
import harness  # noqa: E402
from fleet_lab import HOLD_S, Fleet, wait_for  # noqa: E402
from harness import check, check_equal, main, test  # noqa: E402

harness.Lab = Fleet


def until(condition, seconds, step=0.004):
    """How long it took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise harness.Failed("it did not come in %g s" % seconds)
        time.sleep(step)
    return time.monotonic() - start


def p99(times):
    return sorted(times)[len(times) * 99 // 100]


@test
def a_block_on_the_first_is_in_force_on_all_within_a_second_and_so_is_its_end(lab):
    first, second, third = lab.routers
    blocked, unblocked = [], []
    for n in range(100):
        prefix = "2001:db8:b%02x:%x::/64" % (n, n + 1)
        start = time.monotonic()
        first.slash64("block", prefix, "--for", "1h")
        until(lambda: second.has(prefix) and third.has(prefix), 10)
        blocked.append(time.monotonic() - start)
        start = time.monotonic()
        first.slash64("unblock", prefix)
        until(lambda: not second.has(prefix) and not third.has(prefix), 10)
        unblocked.append(time.monotonic() - start)
    print("# block: median %.3f s, p99 %.3f s; unblock: median %.3f s, p99 %.3f s"
          % (sorted(blocked)[50], p99(blocked), sorted(unblocked)[50], p99(unblocked)))
    check(p99(blocked) < 1, "a block takes %.2f s" % p99(blocked))
    check(p99(unblocked) < 1, "its end takes %.2f s" % p99(unblocked))


@test
def ten_thousand_blocks_arrive_and_none_is_missing(lab):
    first, second, third = lab.routers
    prefixes = {"2001:db8:%x:%x::/64" % (0x1000 + n // 100, n % 100 + 1) for n in range(10000)}
    path = first.write("list", "".join(prefix + "\n" for prefix in prefixes))
    start = time.monotonic()
    first.slash64("import", path, "--origin", "operator")
    for router in second, third:
        until(lambda: router.metric("slash64_adapter_in_force") == 10000, 60, 0.2)
    print("# 10,000 blocks are in force on all after %.1f s" % (time.monotonic() - start))
    for router in second, third:
        check_equal(router.blocks() ^ prefixes, set(), router.name)
    check_equal(first.blocks(), set(), "nothing comes back to where it is from")
    first.slash64("unblock", "--origin", "operator", "--yes")
    for router in second, third:
        until(lambda: not router.blocks(), 60, 0.2)


@test
def one_offender_in_all_forms_is_out_everywhere(lab):
    """The seed's case: behind NAT64 on one router, native on another, blocked once by an analyst."""
    from scapy.all import ICMP, IP, UDP, Ether, IPv6
    first, second, third = lab.routers

    def frames(router):
        mac = lab.mac(router.name, "wan0")
        return [bytes(Ether(dst=mac) / IPv6(src="64:ff9b::c633:6407", dst="2001:db8:5e::1") / UDP() / b"x"),
                bytes(Ether(dst=mac) / IP(src="198.51.100.7", dst="203.0.113.1") / ICMP() / b"x"),
                bytes(Ether(dst=mac) / IPv6(src="2002:c633:6407::1", dst="2001:db8:5e::1") / UDP() / b"x")]

    def dropped(router):
        return router.metric("slash64_packets_total", 9664, verdict="drop", reason="blocked") or 0

    for router in first, second:
        lab.send(router.number, frames(router))
    time.sleep(0.5)
    before = {router.name: dropped(router) for router in lab.routers}
    third.slash64("block", "198.51.100.7", "--reason", "offender")
    for router in first, second:
        until(lambda: router.has("198.51.100.7/32"), 5)
    for router in first, second:
        lab.send(router.number, frames(router))
        until(lambda: dropped(router) == before[router.name] + 3, 5)
    third.slash64("unblock", "198.51.100.7")
    for router in first, second:
        until(lambda: not router.has("198.51.100.7/32"), 5)
        lab.send(router.number, frames(router))
    time.sleep(0.5)
    for router in first, second:
        check_equal(dropped(router), before[router.name] + 3, "dropped after the end")


@test
def what_is_forced_or_allowed_or_too_wide_stays_at_home(lab):
    first, second, third = lab.routers
    first.slash64("block", "2001:db8:f::/64", "--force")  # the peers of all
    first.slash64("block", "2001:db9::/32", "--force")
    first.slash64("block", "2001:db8:10:1::/64")
    first.slash64("allow", "2001:db8:10:1::/64")
    first.slash64("throttle", "2001:db8:10:2::/64", "--rate", "10")
    first.slash64("block", "2001:db8:10:3::/64", "--origin", "elsewhere")
    first.slash64("block", "2001:db8:10:4::/64")
    until(lambda: second.has("2001:db8:10:4::/64") and third.has("2001:db8:10:4::/64"), 5)
    time.sleep(0.5)
    check_equal(second.blocks(), {"2001:db8:10:4::/64"}, "announced")
    check(first.metric("slash64_announce_left_out", 9664, reason="guarded") >= 2, "guarded")
    check_equal(first.metric("slash64_announce_left_out", 9664, reason="length"), 1, "by length")
    for prefix in "2001:db8:f::/64", "2001:db9::/32", "2001:db8:10:1::/64", "2001:db8:10:2::/64", "2001:db8:10:4::/64":
        first.slash64("unblock", prefix)
    first.slash64("unblock", "2001:db8:10:3::/64", "--origin", "elsewhere")
    first.slash64("unallow", "2001:db8:10:1::/64")
    until(lambda: not second.blocks(), 5)


@test
def hostile_announcements_are_refused_and_counted(lab):
    """From a router that announces whatever it likes, to one whose filters let it through."""
    first, second, third = lab.routers
    hostile = {"::/0": "-6", "2000::/8": "-6", "64:ff9b::/96": "-6", "2001:db8:f::1/128": "-6", "0.0.0.0/0": "-4",
               "2001:db8:12:1::/64": "-6"}
    conf = open(os.path.join(second.dir, "bird.conf")).read()
    second.write("open.conf", conf.replace("  if net.type = NET_IP6", "  #").replace("  if net.type = NET_IP4", "  #"))
    lab.run("r2", "birdc", "-s", second.control, "configure", '"%s"' % os.path.join(second.dir, "open.conf"))
    for prefix, family in hostile.items():
        lab.run("r1", "ip", family, "route", "add", "blackhole", prefix, "table", "667", "proto", "64")
    until(lambda: second.has("2001:db8:12:1::/64") and third.has("2001:db8:12:1::/64"), 10)
    until(lambda: sum(second.metric("slash64_adapter_refused", reason=why) for why in ("prefix", "guard")) >= 5, 10)
    check_equal(second.blocks(), {"2001:db8:12:1::/64"}, "in force where the filters let everything through")
    check_equal(third.blocks(), {"2001:db8:12:1::/64"}, "in force behind the filters")
    for prefix, family in hostile.items():
        lab.run("r1", "ip", family, "route", "del", "blackhole", prefix, "table", "667", "proto", "64")
    lab.run("r2", "birdc", "-s", second.control, "configure", '"%s"' % os.path.join(second.dir, "bird.conf"))
    until(lambda: not second.blocks() and not third.blocks(), 10)


@test
def killed_bird_is_held_and_then_ends_what_bgp_brought_and_nothing_else(lab):
    first, second, third = lab.routers
    ours = {"2001:db8:%x::/48" % (0x20 + n) for n in range(50)}
    first.slash64("import", first.write("list", "\n".join(sorted(ours))), "--origin", "operator")
    second.slash64("block", "2001:db8:99:1::/64", "--origin", "local")
    until(lambda: ours <= second.blocks() and ours <= third.blocks(), 10)
    second.kill("bird")
    start = time.monotonic()
    while time.monotonic() - start < HOLD_S - 1:
        check(ours <= second.blocks(), "a block fell out while it was held")
        time.sleep(0.2)
    until(lambda: not second.blocks(), HOLD_S + 5)
    check_equal(second.blocks("local"), {"2001:db8:99:1::/64"}, "of another origin")
    check(ours <= third.blocks(), "the others go on")
    check("entries end" in second.logged(), "it is logged")
    second.start_bird()
    until(lambda: ours <= second.blocks(), 40)
    second.slash64("unblock", "2001:db8:99:1::/64", "--origin", "local")
    first.slash64("unblock", "--origin", "operator", "--yes")
    until(lambda: not (second.blocks() | third.blocks()) & ours, 20)


@test
def a_partition_heals_to_equality(lab):
    first, second, third = lab.routers
    kept = {"2001:db8:%x::/48" % (0x30 + n) for n in range(20)}
    first.slash64("import", first.write("list", "\n".join(sorted(kept))), "--origin", "operator")
    until(lambda: kept <= third.blocks(), 10)
    before = third.blocks()
    lab.link(3, False)
    first.slash64("block", "2001:db8:50::/48")
    first.slash64("unblock", "2001:db8:30::/48")
    third.slash64("block", "2001:db8:51::/48")
    until(lambda: second.has("2001:db8:50::/48"), 5)
    check(before <= third.blocks(), "what it had")
    lab.link(3, True)
    wanted = first.blocks("operator")
    until(lambda: second.blocks() == wanted | {"2001:db8:51::/48"} and third.blocks() == wanted and
          first.blocks() == {"2001:db8:51::/48"}, 60)
    first.slash64("unblock", "--origin", "operator", "--yes")
    third.slash64("unblock", "2001:db8:51::/48")
    until(lambda: not (first.blocks() | second.blocks() | third.blocks()), 20)


@test
def an_announcer_that_flaps_is_dampened(lab):
    first, second, third = lab.routers
    before = [router.metric("slash64_adapter_put_total") for router in (second, third)]
    for _ in range(30):
        first.slash64("block", "2001:db8:ff:1::/64")
        time.sleep(0.15)
        first.slash64("unblock", "2001:db8:ff:1::/64")
        time.sleep(0.15)
    first.slash64("block", "2001:db8:ff:1::/64")
    until(lambda: first.metric("slash64_announce_left_out", 9664, reason="dampened") == 1, 5)
    for router, puts in zip((second, third), before):
        changes = router.metric("slash64_adapter_put_total") - puts
        check(changes <= 6, "%s was changed %d times" % (router.name, changes))
    first.slash64("unblock", "2001:db8:ff:1::/64")


@test
def frr_takes_black_holes_as_bird_does(lab):
    """The last one: BIRD does not come back to the third router."""
    first, second, third = lab.routers
    third.kill("rtbh")
    third.processes["bird"].terminate()
    third.processes["bird"].wait(20)
    lab.run("r3", "ip", "-6", "route", "flush", "table", "666", check=False)
    control = third.start_frr()
    third.start_rtbh("bgp", control)
    first.slash64("block", "2001:db8:60:1::/64")
    until(lambda: third.is_live() and third.has("2001:db8:60:1::/64") and second.has("2001:db8:60:1::/64"), 40)
    start = time.monotonic()
    first.slash64("block", "2001:db8:60:2::/64")
    until(lambda: third.has("2001:db8:60:2::/64"), 10)
    print("# a block is in force behind FRR after %.2f s" % (time.monotonic() - start))
    first.slash64("unblock", "2001:db8:60:1::/64")
    until(lambda: not third.has("2001:db8:60:1::/64"), 10)
    for name in "bgpd", "staticd", "zebra":
        third.kill(name)
    until(lambda: third.metric("slash64_rtbh_source", state="held") == 1, 10)
    check(third.has("2001:db8:60:2::/64"), "a block fell out while it was held")
    until(lambda: not third.blocks(), HOLD_S + 10)


main()
