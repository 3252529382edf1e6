#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Faults, as in slash64d(8) FAULTS: none loses an acknowledged block, stops filtering, or blocks
allowed traffic."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_between, check_equal, main, needs_plain_build, test
from lab import BAD_1, BAD_2, BUILD, LabError, wait_for

GOOD = "2001:db8:900d:1::/64"


def state(lab):
    return os.path.join(lab.dir, "state")


def database(lab):
    return os.path.join(state(lab), "slash64.db")


def listed(lab):
    return [b["prefix"] for b in lab.json("list")]


def came(lab, *prefixes, kind="udp"):
    """Sends 300 packets of each; returns how many arrived."""
    got = lab.arriving(*prefixes, rate=400, seconds=0.75, kind=kind)
    return [got.get(p, {}).get("packets", 0) for p in prefixes]


def check_filtering(lab):
    """BAD_1 is blocked, GOOD is not."""
    bad, good = came(lab, BAD_1, GOOD)
    check_equal(bad, 0, "packets of the blocked source")
    check_between(295, good, 305, "packets of the clean source")


def refused(lab, *words):
    said = lab.slash64(*words, check=False)
    check(said.returncode == 1 and said.stderr.count("\n") == 1, "it was not refused in one line: %r" % said)
    return said.stderr


def start_refused(lab):
    """The one error line of a start that fails."""
    before = len(lab.logged())
    try:
        lab.start()
    except LabError:
        lines = [line for line in lab.logged(before).splitlines() if "error" in line]
        check_equal(len(lines), 1, "error lines: %r" % lines)
        return lines[0]
    raise AssertionError("it started")


@contextlib.contextmanager
def own_disk(lab, megabytes):
    """The state on a small file system of its own, for the duration."""
    lab.stop()
    saved = state(lab) + ".saved"
    shutil.copytree(state(lab), saved)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm,mode=0750" % megabytes, "tmpfs", state(lab)], check=True)
    try:
        shutil.copytree(saved, state(lab), dirs_exist_ok=True)
        shutil.rmtree(saved)
        lab.start()
        yield
    finally:
        lab.stop()
        shutil.copytree(state(lab), saved, dirs_exist_ok=True)
        subprocess.run(["umount", state(lab)], check=True)
        shutil.copytree(saved, state(lab), dirs_exist_ok=True)
        shutil.rmtree(saved)
    lab.start()


def fill(lab):
    path = os.path.join(state(lab), "filler")
    with open(path, "wb", buffering=0) as f:
        for size in (1 << 20, 4096, 512):
            try:
                while True:
                    f.write(b"\0" * size)
            except OSError:
                pass
    return path


def use_up_the_disk(lab):
    before = sorted(listed(lab))
    filler = fill(lab)
    said = ""
    for i in range(1, 200):  # the rest of the last page may still take some
        prefix = "2001:db8:f:%x::/64" % i
        done = lab.slash64("block", prefix, check=False)
        if done.returncode:
            said = done.stderr
            break
        before.append(prefix)
    check("make room" in said, "it said %r" % said)
    check(prefix not in listed(lab) and came(lab, prefix)[0] > 290, "what was refused is blocked")
    return before, filler


@test
def a_full_disk_refuses_changes_and_changes_nothing(lab):
    short = "2001:db8:e:1::/64"
    with own_disk(lab, 8):
        lab.slash64("block", short, "--for", "5s")
        before, filler = use_up_the_disk(lab)
        check("make room" in refused(lab, "unblock", BAD_1), "unblock says why")
        check_filtering(lab)
        wait_for(lambda: came(lab, short)[0] > 290, 20, "packets of what has ended")
        check(lab.logged().count("expired blocks stay") <= 1, "it is said over and over")
        lab.stop(signal.SIGKILL)
        os.unlink(filler)
        lab.start()
        check_equal(sorted(set(listed(lab)) - {short}), sorted(set(before) - {short}), "what was acknowledged")
        lab.slash64("block", "2001:db8:f:ffff::/64")


@test
def a_store_that_is_read_only_is_refused_and_filtering_goes_on(lab):
    with own_disk(lab, 16):
        lab.stop()
        subprocess.run(["mount", "-o", "remount,ro", state(lab)], check=True)
        said = start_refused(lab)
        check_filtering(lab)
        subprocess.run(["mount", "-o", "remount,rw", state(lab)], check=True)
        check("Read-only" in said or "readonly" in said, "it said: " + said)
        lab.start()
        check(BAD_1 in listed(lab), "the block is lost")


@test
def a_store_that_is_corrupt_is_refused_and_filtering_goes_on(lab):
    lab.slash64("block", "198.51.100.7")
    lab.stop()
    shutil.copy(database(lab), database(lab) + ".good")
    with open(database(lab), "r+b") as f:
        f.write(b"this is no database, but a text that somebody has put here")
    said = start_refused(lab)
    check("move it away" in said, "it said: " + said)
    check_filtering(lab)
    with open(database(lab) + ".good", "rb") as good, open(database(lab), "wb") as f:
        text = bytearray(good.read())
        text[4096:len(text) - 4096] = os.urandom(len(text) - 8192)  # all pages except the first and the last
        f.write(text)
    said = start_refused(lab)
    check_filtering(lab)
    shutil.move(database(lab) + ".good", database(lab))
    lab.start()
    check(BAD_1 in listed(lab), "the block is lost")


@test
def a_store_that_is_lost_is_made_anew_of_what_is_in_force(lab):
    lab.stop()
    os.rename(database(lab), database(lab) + ".away")
    receiver = lab.receiver(2)
    flood = lab.flood(BAD_1, 1000, 1.5, "udp")
    lab.start()
    flood.communicate(timeout=60)
    check(BAD_1 not in lab.received(receiver), "the block was out of force")
    rows = {b["prefix"]: b["origin"] for b in lab.json("list")}
    check_equal((rows.get(BAD_1), rows.get("198.51.100.7/32")), ("recovered", "recovered"), "what was recovered")
    lab.stop()
    os.rename(database(lab) + ".away", database(lab))
    lab.start()
    check_equal([b["origin"] for b in lab.json("list") if b["prefix"] == BAD_1], ["operator"], "with the old store")
    lab.slash64("unblock", "198.51.100.7")


@test
def bpffs_that_is_not_mounted_is_mounted(lab):
    lab.stop()
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", "unshare", "--mount", "/bin/sh", "-c", "umount /sys/fs/bpf && exec \"$@\"", "sh",
                           os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log)
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    check(lab.daemon.poll() is None, lab.logged(before))
    check(BAD_1 in listed(lab), "the block is lost")
    check_filtering(lab)
    lab.stop()
    lab.start()
    check_filtering(lab)


@test
def too_little_memory_for_the_maps_is_refused_and_filtering_goes_on(lab):
    needs_plain_build()
    lab.stop()
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("pins: ", "blocks: 16777216, pins: "))
    before = len(lab.logged())
    daemon = lab.spawn("edge", "prlimit", "--as=%d" % (200 << 20), os.path.join(BUILD, "slash64d"), "--config", config,
                       stdout=lab.log, stderr=lab.log)
    check_equal(daemon.wait(timeout=20), 1, "its exit code")
    errors = [line for line in lab.logged(before).splitlines() if "error" in line]
    check(len(errors) == 1 and "Cannot allocate memory" in errors[0], "it said %r" % errors)
    check_filtering(lab)
    with open(config, "w") as f:
        f.write(text)
    lab.start()
    check_filtering(lab)


@test
def a_full_table_refuses_and_keeps_what_it_has(lab):
    lab.stop()
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("pins: ", "blocks: 1024, pins: "))
    lab.start()
    sources = "".join("2001:db8:%x:%x::/64\n" % (0x5000 + i // 256, i % 256) for i in range(4000))
    said = lab.run("edge", lab.cli, "--json", "--socket", lab.socket, "import", "-", "--origin", "many", input=sources,
                   check=False)
    check("maps.blocks" in said.stdout + said.stderr, "it did not say what to do: %r" % (said.stdout + said.stderr)[-300:])
    there = listed(lab)
    check(1000 < len(there) < 4000 and BAD_1 in there, "%d blocks" % len(there))
    metrics = lab.slash64("metrics").stdout
    check("slash64_block_table_full_total" in metrics and "slash64_block_table_full_total 0\n" not in metrics,
          "it is not in the metrics")
    check(" of 1,024; raise maps.blocks" in lab.slash64("status", check=False).stdout, "walk: status tells it")
    # a list leaves the last of the space to the operator (BLOCKS_RESERVE_SHARE)
    for i in range(16):
        lab.slash64("block", "2001:db8:4f:%x::/64" % i)
    said = refused(lab, "block", BAD_2) if BAD_2 not in there else ""
    check("maps.blocks" in said, "it said %r" % said)
    check_filtering(lab)
    check_equal(came(lab, BAD_2)[0] > 290, True, "what was refused is not blocked")
    lab.run("edge", lab.cli, "--socket", lab.socket, "import", "-", "--origin", "many", "--replace", "--force", input="")
    for i in range(16):
        lab.slash64("unblock", "2001:db8:4f:%x::/64" % i)
    lab.stop()
    with open(config, "w") as f:
        f.write(text)
    lab.start()


@test
def a_metrics_port_that_is_taken_stops_nothing_and_is_tried_again(lab):
    host, port = lab.metrics.rsplit(":", 1)
    lab.stop()

    taker = lab.spawn("edge", "/usr/bin/python3", "-c",
                      "import socket,time\ns=socket.socket(socket.AF_INET6)\n"
                      "s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)\n"
                      "s.bind((%r,%s))\ns.listen()\nprint('taken',flush=True)\ntime.sleep(60)" % (host.strip("[]"), port))
    check_equal(taker.stdout.readline(), "taken\n", "the taker")
    before = len(lab.logged())
    lab.start()
    check("cannot listen on" in lab.logged(before), "it was not said")
    check("metrics on %s not yet" % lab.metrics in lab.logged(before), "ready, and what is not: " + lab.logged(before))
    lab.slash64("block", "2001:db8:77::/64")
    check_filtering(lab)
    taker.kill()
    wait_for(lambda: "metrics on" in lab.logged(before) and "listening now" in lab.logged(before), 15, "the metrics")
    check("slash64_packets" in lab.run("edge", "curl", "-s", "http://%s/metrics" % lab.metrics).stdout, "no metrics")


@test
def a_configuration_that_is_deleted_leaves_the_old_in_force(lab):
    config = os.path.join(lab.dir, "slash64.yaml")
    os.rename(config, config + ".away")
    refused(lab, "reload")
    check_filtering(lab)
    lab.slash64("block", "2001:db8:78::/64")
    lab.stop(signal.SIGKILL)
    start_refused(lab)
    check_filtering(lab)
    os.rename(config + ".away", config)
    lab.start()
    check("2001:db8:78::/64" in listed(lab), "the block is lost")


@test
def ends_follow_the_wall_clock_and_limits_do_not(lab):
    needs_plain_build()
    lab.stop()
    step = os.path.join(lab.dir, "step")

    def write(seconds):
        with open(step + ".new", "w") as f:
            f.write(str(seconds))
        os.rename(step + ".new", step)

    write(0)
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log,
                           env=dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "stepped_clock.so")),
                                    STEPPED_CLOCK=step))
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    lab.slash64("block", "2001:db8:c1:1::/64", "--for", "1h")
    lab.slash64("block", "2001:db8:c1:2::/64", "--for", "3h")
    lab.slash64("throttle", "2001:db8:c1:3::/64", "--rate", "100", "--burst", "10")
    write(-86400)
    time.sleep(0.5)
    check("2001:db8:c1:1::/64" in listed(lab), "a clock that is set back ends nothing")
    receiver = lab.receiver(3)
    flood = lab.flood("2001:db8:c1:3::/64", 1000, 2, "udp")
    time.sleep(1)
    write(7200)
    flood.communicate(timeout=60)
    check_between(195, lab.received(receiver)["2001:db8:c1:3::/64"]["packets"], 225, "what the throttle let pass in 2 s")
    wait_for(lambda: "2001:db8:c1:1::/64" not in listed(lab), 5, "the end of what was for an hour")
    check("2001:db8:c1:2::/64" in listed(lab), "what was for three hours has not ended")
    check_filtering(lab)
    lab.stop()
    lab.start()
    check("2001:db8:c1:2::/64" in listed(lab), "the block is lost")


class Crowd:
    """Connections that are opened, and never send a request; closed ones are opened again."""

    def __init__(self, lab, family, address, count):
        host = "socket.AF_INET6" if family == socket.AF_INET6 else "socket.AF_UNIX"
        script = ("import socket,select,sys,resource\n"
                  "resource.setrlimit(resource.RLIMIT_NOFILE,(4096,4096))\n"
                  "poll=select.poll();held={}\n"
                  "def join():\n"
                  "  s=socket.socket(%s);s.setblocking(False)\n"
                  "  try: s.connect(%r)\n"
                  "  except BlockingIOError: pass\n"
                  "  held[s.fileno()]=s;poll.register(s,select.POLLHUP)\n"
                  "for i in range(%d): join()\n"
                  "print('here',flush=True)\n"
                  "while True:\n"
                  "  for fd,_ in poll.poll(1000):\n"
                  "    poll.unregister(fd);held.pop(fd).close();join()\n" % (host, address, count))
        self.process = lab.spawn("edge", "/usr/bin/python3", "-c", script)
        check_equal(self.process.stdout.readline(), "here\n", "the crowd")

    def leave(self):
        self.process.kill()
        self.process.wait()


def cpu_seconds(process):
    with open("/proc/%d/stat" % process.pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def blocks_in_spite_of(lab, family, address):
    """Many clients take all descriptors they can get; a client that blocks does not notice."""
    before, used = len(lab.logged()), cpu_seconds(lab.daemon)
    crowd = Crowd(lab, family, address, 400)
    try:
        began, slowest = time.monotonic(), 0
        while time.monotonic() - began < 4:
            asked = time.monotonic()
            lab.slash64("block", BAD_2)
            lab.slash64("unblock", BAD_2)
            slowest = max(slowest, time.monotonic() - asked)
        used = cpu_seconds(lab.daemon) - used
    finally:
        crowd.leave()
    # each change has a line of its own
    said = [line for line in lab.logged(before).splitlines() if "block %s" % BAD_2 not in line]
    check(slowest < 2.5, "a block and its end took %.1f s" % slowest)
    check(used < 2, "it was busy for %.1f s of 4" % used)
    check(len(said) < 10, "%d lines were logged" % len(said))
    check_equal(len([line for line in said if "out of file descriptors" in line]), 1, "how often it was said")


@test
def connections_that_use_up_the_descriptors_keep_nobody_from_blocking(lab):
    """hostile 16: the loop spun, wrote 72 MB of log in 7.5 s, and a block took 5.5 s"""
    needs_plain_build()
    host, port = lab.metrics.rsplit(":", 1)
    lab.stop()
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    reader = os.path.join(lab.dir, "read.sock")
    with open(config, "w") as f:
        f.write(text.replace("control: {", "control: {read_socket: %s, " % reader))
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", "prlimit", "--nofile=256:256", os.path.join(BUILD, "slash64d"), "--config", config,
                           stdout=lab.log, stderr=lab.log)
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d")
    blocks_in_spite_of(lab, socket.AF_INET6, (host.strip("[]"), int(port)))
    blocks_in_spite_of(lab, socket.AF_UNIX, reader)
    wait_for(lambda: lab.run("edge", "curl", "-s", "http://%s/metrics" % lab.metrics, check=False).returncode == 0, 15,
             "the metrics, when the crowd has left")
    check_filtering(lab)
    lab.stop()
    with open(config, "w") as f:
        f.write(text)
    lab.start()


@test
def bpffs_that_is_unmounted_is_told_once_and_filtering_goes_on(lab):
    """issue 14: it was logged every two seconds, with nothing to do about it"""
    lab.stop()
    before = len(lab.logged())
    lab.start(wrap=("unshare", "-m", "--propagation", "private"))
    lab.slash64("block", BAD_2)
    inside = ["nsenter", "-m", "-t", str(lab.daemon.pid)]
    subprocess.run(inside + ["umount", "-l", "/sys/fs/bpf"], check=True)
    wait_for(lambda: "cannot pin the maps" in lab.logged(before), 10, "the message")
    lab.slash64("detach", "wan0")
    done = lab.slash64("attach", "wan0", check=False)
    check_equal(done.returncode, 1, "an attach without bpffs")
    check("restart slash64d" in done.stderr, done.stderr)
    lab.slash64("block", GOOD)
    lab.slash64("unblock", GOOD)
    time.sleep(5)  # it looks every two seconds
    check_equal(lab.logged(before).count("cannot pin the maps"), 1, "how often it is told")
    lab.stop()
    lab.start()
    check_equal([i["state"] for i in lab.status()["interfaces"]], ["attached"], "after a restart")
    check_equal(lab.ping("attacker", count=2, source="2001:db8:bad:2::66"), 100.0, "loss of the blocked source")
    lab.slash64("unblock", BAD_2)


@test
def two_of_them_on_one_set_of_pins_the_second_leaves(lab):
    config = os.path.join(lab.dir, "second.yaml")
    with open(os.path.join(lab.dir, "slash64.yaml")) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace(state(lab), state(lab) + "2").replace("control.sock", "control2.sock"))
    second = lab.run("edge", os.path.join(BUILD, "slash64d"), "--config", config, check=False)
    check(second.returncode == 1 and "another slash64d runs on the pins" in second.stderr, "it said %r" % second.stderr)
    check_filtering(lab)
    check_equal(lab.status()["interfaces"][0]["state"], "attached", "the first")


def prepare(lab):
    lab.start(lab.config("", on_exit="keep"))
    lab.slash64("block", BAD_1)


main(prepare)
