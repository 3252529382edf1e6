#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What doctor says before anything is attached, against the truth of what attaching then does."""
import ctypes
import errno
import json
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "lib")]

import schema
from edge import libbpf, xdp_set
from harness import Skipped, check, check_equal, main, test
from lab import BUILD, LabError, wait_for

XDP_PASS, BPF_PROG_TYPE_XDP = 2, 6
XDP_FLAGS_UPDATE_IF_NOEXIST, XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE = 1 << 0, 1 << 1, 1 << 2
UNDER_TEST = "d0"


# --- asking ---

def running(lab):
    """A slash64d without interfaces of its own."""
    if not lab.daemon or lab.daemon.poll() is not None:
        lab.start(lab.config(ifaces="[]"))


def doctor(lab, *words, wrap=(), cli=None):
    """Its findings, by check; those of an interface by "check" too, as one is looked at."""
    done = lab.run("edge", *wrap, cli or lab.cli, "--socket", lab.socket, "--json", "doctor", *words, check=False)
    check(not done.stderr, "doctor %s: %s" % (" ".join(words), done.stderr))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    schema.check_command(("doctor",), rows)
    found = {row["check"]: row for row in rows}
    check_equal(done.returncode, int(any(row["result"] == "problem" for row in rows)), "exit status of %r" % rows)
    return found


def check_finding(found, name, result, *parts, hint=""):
    check(name in found, "there is no line about %s" % name)
    row = found[name]
    check_equal(row["result"], result, "%s: %s" % (name, row["text"]))
    for part in parts:
        check(part in row["text"], "%s says %r, not %r" % (name, row["text"], part))
    check(hint in (row["hint"] or ""), "%s: what to type is %r, not %r" % (name, row["hint"], hint))
    check(row["result"] != "problem" or row["hint"], "%s: nothing to type for %r" % (name, row["text"]))


def mode_after_attaching(lab, name, *words):
    """native, generic, or refused: the truth."""
    done = lab.slash64("--json", "attach", name, *words, check=False)
    if done.returncode:
        check("cannot attach to %s" % name in done.stderr, done.stderr)
        return "refused"
    mode = json.loads(done.stdout)["mode"]
    lab.slash64("detach", name)
    return mode


FORETOLD = {"attaching takes native mode": "native", "attaching takes generic mode": "generic", "attaching is refused": "refused"}


def check_truth(lab, name=UNDER_TEST):
    """In mode auto, and with a configuration that wants a mode. Returns what was found in mode auto."""
    running(lab)
    found = doctor(lab, name)
    for mode in "native", "generic", "auto":
        path = os.path.join(lab.dir, "wanted.yaml")
        with open(path, "w") as f:
            f.write("interfaces: [{name: %s, mode: %s}]\ncontrol: {socket: %s}\n" % (name, mode, lab.socket))
        said = doctor(lab, name, "--config", path)["attach"]["text"]
        told = [FORETOLD[words] for words in FORETOLD if said.startswith(words)]
        check_equal(told, [mode_after_attaching(lab, name, "--mode", mode)], "mode %s: %r, and attaching" % (mode, said))
    return found


class Link:
    """A link on the edge, with another end if it has one."""

    def __init__(self, lab, *words, name=UNDER_TEST):
        self.lab, self.name = lab, name
        if lab.run("edge", "ip", "link", "add", name, *words, check=False).returncode:
            raise Skipped("the kernel has no such link: " + " ".join(words))

    def set(self, *words):
        self.lab.ip("edge", "link", "set", self.name, *words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lab.run("edge", "ip", "link", "del", self.name, check=False)


def veth(lab, *words, mtu="1500"):
    return Link(lab, "mtu", mtu, *words, "type", "veth", "peer", "name", "d1", "mtu", mtu)


# --- links ---

@test
def a_veth_is_attached_to_in_its_driver(lab):
    with veth(lab) as link:
        link.set("up")
        lab.ip("edge", "link", "set", "d1", "up")
        found = check_truth(lab)
        check_finding(found, "attach", "ok", "native")
        check_finding(found, "link", "ok", "up")
        check_finding(found, "driver", "ok", "veth: native XDP")
        check_finding(found, "reset", "ok", "does not interrupt")
        check_finding(found, "programs", "ok", "no other")


@test
def an_mtu_of_9000_on_a_veth_fits(lab):
    with veth(lab, mtu="9000") as link:
        link.set("up")
        check_finding(check_truth(lab), "mtu", "ok", "9000 bytes", "several buffers")


@test
def another_end_with_more_queues_is_told(lab):
    with Link(lab, "numrxqueues", "1", "numtxqueues", "1", "type", "veth", "peer", "name", "d1", "numrxqueues", "2", "numtxqueues", "2"):
        check_finding(check_truth(lab), "attach", "problem", "transmit queues", hint="ethtool -L d0")


@test
def a_link_that_is_down_is_told(lab):
    with veth(lab) as link:
        check_finding(check_truth(lab), "link", "warning", "down", hint="ip link set d0 up")
        link.set("up")
        check_finding(check_truth(lab), "link", "warning", "no carrier")


@test
def an_mtu_without_ipv6_is_told(lab):
    with veth(lab, mtu="1200"):
        check_finding(check_truth(lab), "mtu", "problem", "1280", hint="mtu 1500")


@test
def the_port_of_a_bridge_and_the_bridge_are_told(lab):
    with Link(lab, "type", "bridge", name="br0"), veth(lab) as link:
        link.set("master", "br0")
        link.set("up")
        check_finding(check_truth(lab), "bridge", "ok", "a port of br0")
        found = check_truth(lab, "br0")
        check_finding(found, "bridge", "warning", "from port to port", hint="use its port: d0")
        check_finding(found, "attach", "warning", "generic")


@test
def a_dummy_takes_generic_mode(lab):
    with Link(lab, "type", "dummy"):
        found = check_truth(lab)
        check_finding(found, "attach", "warning", "generic mode, at the speed of the stack")
        check("reset" not in found, "it tells of a reset: %r" % found.get("reset"))


@test
def a_macvlan_takes_generic_mode(lab):
    with veth(lab), Link(lab, "link", "d0", "type", "macvlan", name="mv0"):
        check_finding(check_truth(lab, "mv0"), "attach", "warning", "generic")


@test
def a_vlan_takes_generic_mode_and_its_nic_is_named(lab):
    with veth(lab), Link(lab, "link", "d0", "type", "vlan", "id", "7", name="vlan7"):
        found = check_truth(lab, "vlan7")
        check_finding(found, "attach", "warning", "generic")
        check_finding(found, "vlan", "warning", "a VLAN of d0", hint="use d0")
        check_finding(doctor(lab, "d0"), "vlan-tags", "warning", "stripped", hint="ethtool -K d0 rxvlan off")


@test
def a_port_of_a_bond_and_the_bond_are_told(lab):
    with Link(lab, "type", "bond", "mode", "active-backup", name="bo0") as bond, veth(lab) as link:
        link.set("master", "bo0")
        bond.set("up")
        check_finding(check_truth(lab), "bond", "warning", "a port of bo0", hint="use bo0")
        check_finding(check_truth(lab, "bo0"), "bond", "ok", "its ports: d0")


@test
def frames_that_are_not_ethernet_are_refused(lab):
    lab.run("edge", "ip", "tuntap", "add", "tn0", "mode", "tun")
    try:
        check_finding(check_truth(lab, "tn0"), "attach", "problem", "not Ethernet", hint="the NIC below")
    finally:
        lab.ip("edge", "link", "del", "tn0")


@test
def a_tap_is_attached_to(lab):
    lab.run("edge", "ip", "tuntap", "add", "tp0", "mode", "tap")
    try:
        check_truth(lab, "tp0")
    finally:
        lab.ip("edge", "link", "del", "tp0")


# --- programs ---

def other_program():
    """r0 = XDP_PASS; exit"""
    code = (ctypes.c_uint64 * 2)(0xb7 | XDP_PASS << 32, 0x95)
    fd = libbpf.bpf_prog_load(BPF_PROG_TYPE_XDP, b"other", b"GPL", code, ctypes.c_size_t(2), None)
    if fd < 0:
        raise LabError("cannot load a program")
    return fd


@test
def a_program_of_somebody_else_is_told(lab):
    fd = other_program()
    try:
        for flags in XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE:
            with veth(lab):
                xdp_set(lab, "d0", fd, flags)
                found = check_truth(lab)
                check_finding(found, "attach", "problem", "another XDP program is there (other, id", hint="ip link set d0 xdp off")
                check_finding(found, "programs", "problem", "other, program")
    finally:
        os.close(fd)


@test
def a_program_above_is_told(lab):
    fd = other_program()
    try:
        with veth(lab), Link(lab, "link", "d0", "type", "macvlan", name="mv0"):
            xdp_set(lab, "mv0", fd, XDP_FLAGS_SKB_MODE)
            check_finding(check_truth(lab), "attach", "problem", "mv0 above it", hint="slash64 doctor mv0")
    finally:
        os.close(fd)


@test
def slash64_itself_is_recognised(lab):
    running(lab)
    with veth(lab):
        lab.slash64("attach", "d0")
        found = doctor(lab, "d0")
        check(found["attach"]["text"].startswith(("slash64 is attached", "attaching takes native")), "it says %r" % found["attach"])
        check_finding(found, "programs", "ok")
        lab.slash64("detach", "d0")


# --- a guest ---

def guest_offloads_are_stuck(name):
    try:
        with open("/sys/class/net/%s/device/features" % name) as f:
            bits = f.read().strip()
    except OSError:
        return False
    return len(bits) >= 64 and bits[2] == "0" and any(bits[i] == "1" for i in (1, 7, 8, 9, 10))


@test
def guest_offloads_that_cannot_be_turned_off_are_told(lab):
    """On the NICs of this machine, if it is such a guest: the driver refuses, so that nothing happens to the NIC."""
    names = [name for name in os.listdir("/sys/class/net") if guest_offloads_are_stuck(name)]
    if not names:
        raise Skipped("no NIC of this machine has such offloads")
    fd = other_program()
    try:
        for name in names:
            done = subprocess.run([lab.cli, "--json", "doctor", name], capture_output=True, text=True, timeout=60)
            found = {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}
            check_finding(found, "guest-offloads", "warning", "no native mode", hint="ctrl_guest_offloads=on")
            check_finding(found, "attach", "warning", "generic mode", "cannot be told")
            index = socket.if_nametoindex(name)
            error = libbpf.bpf_xdp_attach(index, fd, XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, None)
            if not error:
                libbpf.bpf_xdp_detach(index, XDP_FLAGS_DRV_MODE, None)
            check_equal(error, -errno.EOPNOTSUPP, "attaching to %s in native mode" % name)
    finally:
        os.close(fd)


# --- rights ---

@test
def without_rights_it_says_what_it_cannot_see(lab):
    running(lab)
    with veth(lab):
        found = doctor(lab, "d0", wrap=("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all"))
        check_finding(found, "rights", "warning", "user 65534 may not attach", hint="run as root")
        check_finding(found, "slash64d", "warning", "does not answer this user")
        check_finding(found, "attach", "ok", "native")


@test
def root_without_capabilities_is_told(lab):
    found = doctor(lab, "wan0", wrap=("setpriv", "--bounding-set=-all", "--inh-caps=-all"))
    check_finding(found, "rights", "problem", "not permitted here", hint="root lacks CAP_BPF")


@test
def a_user_namespace_is_told(lab):
    found = doctor(lab, "wan0", wrap=("unshare", "--user", "--map-root-user"))
    check_finding(found, "rights", "problem", "not permitted here", hint="outside of the namespace")


def in_mounts(script):
    """A command prefix: with mounts of its own."""
    return ("unshare", "--mount", "sh", "-c", script + '; exec "$@"', "sh")


@test
def lockdown_is_told(lab):
    for level, result in ("integrity", "ok"), ("confidentiality", "warning"):
        text = "none integrity confidentiality".replace(level, "[%s]" % level)
        wrap = in_mounts("mount -t securityfs s /sys/kernel/security 2>/dev/null; mount -t tmpfs t /sys/kernel/security && "
                         "echo '%s' >/sys/kernel/security/lockdown" % text)
        check_finding(doctor(lab, "wan0", wrap=wrap), "lockdown", result, level)


@test
def a_missing_bpffs_is_told(lab):
    wrap = in_mounts("umount /sys/fs/bpf 2>/dev/null")
    check_finding(doctor(lab, "wan0", wrap=wrap), "bpffs", "ok", "slash64d does that when it starts")
    wrap += ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    check_finding(doctor(lab, "wan0", wrap=wrap), "bpffs", "warning", "not mounted", hint="mount -t bpf")


# --- slash64d ---

@test
def a_full_disk_is_told(lab):
    lab.stop()
    state = os.path.join(lab.dir, "full")
    os.mkdir(state)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "t", state], check=True)
    try:
        with open(os.path.join(state, "filler"), "wb") as f:
            try:
                f.write(bytes(1 << 20))
                f.flush()
            except OSError:
                pass
        path = os.path.join(lab.dir, "full.yaml")
        with open(lab.config(ifaces="[]")) as f, open(path, "w") as to:
            to.write(f.read().replace("state: %s/state" % lab.dir, "state: %s" % state))
        found = doctor(lab, "wan0", "--config", path)
        check_finding(found, "disk", "problem", "is full", hint="df -h")
        try:
            lab.start(path)
        except LabError:
            return
        check(lab.slash64("block", "2001:db8:bad:1::/64", check=False).returncode, "a full disk takes a block")
    finally:
        lab.stop()
        subprocess.run(["umount", "--lazy", state], check=True)


@test
def a_wrong_clock_is_told(lab):
    running(lab)
    lab.slash64("block", "2001:db8:bad:1::/64", "--for", "1h")
    step = os.path.join(lab.dir, "step")
    for seconds, part in (-3600, "was set back"), (-20 * 365 * 86400, "before this version was made"):
        with open(step, "w") as f:
            f.write(str(seconds))
        wrap = ("env", "LD_PRELOAD=" + os.path.join(BUILD, "stepped_clock.so"), "STEPPED_CLOCK=" + step)
        check_finding(doctor(lab, "wan0", wrap=wrap), "clock", "problem", part, hint="timedatectl")
    lab.slash64("unblock", "2001:db8:bad:1::/64")


@test
def slash64d_that_runs_and_one_that_does_not_are_told(lab):
    running(lab)
    check_finding(doctor(lab, "wan0"), "slash64d", "ok", "has run for")
    found = doctor(lab)
    check_finding(found, "health", "problem")
    lab.stop()
    found = doctor(lab, "wan0")
    check_finding(found, "slash64d", "warning", "does not run", hint="systemctl enable --now slash64d")
    check("health" not in found, "it tells of health")
    with socket.socket(socket.AF_UNIX) as left:  # as of one that was killed
        left.bind(lab.socket)
        try:
            check_finding(doctor(lab, "wan0"), "slash64d", "problem", "Connection refused")
        finally:
            os.unlink(lab.socket)


@test
def a_failed_feed_is_told(lab):
    lab.stop()
    feed = os.path.join(lab.dir, "feed.txt")
    with open(feed, "w") as f:
        f.write("{this is no JSON\n")
    lab.start(lab.config("feeds: [{file: %s, origin: f, format: drop}]" % feed, ifaces="[]"))
    wait_for(lambda: lab.status()["feeds"][0]["state"] == "failed", 10, "the failure")
    check_finding(doctor(lab, "wan0"), "feeds", "problem", "such as f:", hint="slash64 status")
    lab.stop()


@test
def a_bad_configuration_and_a_missing_interface_are_told(lab):
    path = os.path.join(lab.dir, "bad.yaml")
    with open(path, "w") as f:
        f.write("interfaces: [{name: d0}]\nnonsense: 1\n")
    check_finding(doctor(lab, "wan0", "--config", path), "configuration", "problem", "nonsense", hint="slash64d --check")
    with open(path, "w") as f:
        f.write("interfaces: [{name: d0}]\nallow: ['2001:db8:5::/48']\nblock: ['2001:db8:5:1::/64']\n")
    check_finding(doctor(lab, "wan0", "--config", path), "configuration", "problem", "within the allowed prefix", hint="slash64d --check")
    with open(path, "w") as f:
        f.write("interfaces: [{name: d0}]\n")
    check_finding(doctor(lab, "--config", path), "link", "warning", "no such interface")


# --- support ---

@test
def what_is_packed_has_no_address_and_no_secret(lab):
    lab.stop()
    lab.start(lab.config("report: {organization: Example Networks, contact: abuse@example.net, domain: example.net}\n"
                         "own: ['2001:db8:5e::/48']", ifaces="[{name: wan0}]"))
    lab.slash64("block", "2001:db8:bad:1::/64", "--for", "1h", "--reason", "complaint of 192.0.2.77")
    path = os.path.join(lab.dir, "support.txt")
    words = [lab.cli, "--socket", lab.socket, "doctor", "--support", path]
    done = lab.run("edge", *words)
    check("Look at it before you send it" in done.stdout, done.stdout)
    check_equal(os.stat(path).st_mode & 0o777, 0o600, "its mode")
    with open(path) as f:
        text = f.read()
    for part in ("==== findings", "==== machine", "==== status", "==== log, the last", "==== counters", "slash64_packets_total",
                 "organization: (left out)", "complaint of <v4-1>", '"uptime_seconds"', "==== journal"):
        check(part in text, "it lacks %r" % part)
    for part in "2001:db8", "192.0.2.77", "Example Networks", "abuse@", "fe80::":
        check(part not in text, "%r is in it" % part)
    again = lab.run("edge", *words, check=False)
    check(again.returncode and "is there already" in again.stderr, again.stderr)
    os.unlink(path)
    lab.run("edge", *words, "--with-addresses")
    with open(path) as f:
        text = f.read()
    check("2001:db8:bad:1::/64" in text and "Example Networks" not in text, "with addresses, it has not what it should")
    os.unlink(path)
    lab.slash64("unblock", "2001:db8:bad:1::/64")
    lab.stop()


@test
def it_changes_nothing(lab):
    with veth(lab):
        looks = [("ip", "-d", "link"), ("ip", "-6", "addr"), ("sysctl", "-a", "--pattern", "net.ipv6.conf.d0"),
                 ("ls", "-R", lab.dir)]
        before = [lab.run("edge", *words, check=False).stdout for words in looks]
        doctor(lab, "d0")
        check_equal([lab.run("edge", *words, check=False).stdout for words in looks], before, "links, addresses, sysctls and files")


if __name__ == "__main__":
    main()
