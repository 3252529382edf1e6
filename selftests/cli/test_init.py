#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64 init: a first configuration, from routes, sessions, logins and answers, in a network namespace of its own.

    test_init.py [WORD]...     only the tests with one of the words in their name
"""
import atexit
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import (PROGRAM, ROOT, Result, Skip, equal, main, one_line, read_terminal, run, ssh_sources_around,  # noqa: E402
                         test)

DAEMON = os.path.join(os.path.dirname(os.path.abspath(PROGRAM)), "slash64d")
EXAMPLE = os.path.join(ROOT, "docs", "examples", "slash64.yaml")
HERE, OUT = "s64init%d" % os.getpid(), "s64initout%d" % os.getpid()
scratch = tempfile.mkdtemp()
made = []


def cleanup():
    shutil.rmtree(scratch)
    for name in made:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


atexit.register(cleanup)


def ip(*words):
    subprocess.run(["ip"] + list(words), check=True)


def network():
    """A router: wan0 with a default route, lan0 with servers and a network behind another router."""
    if os.geteuid() != 0:
        raise Skip("network namespaces need root")
    for name in HERE, OUT:
        if name in made:
            ip("netns", "del", name)
            made.remove(name)
        ip("netns", "add", name)
        made.append(name)
    ip("-n", HERE, "link", "set", "lo", "up")
    ip("-n", HERE, "link", "add", "wan0", "type", "veth", "peer", "name", "out0", "netns", OUT)
    ip("-n", HERE, "link", "add", "lan0", "type", "veth", "peer", "name", "in0", "netns", OUT)
    for name, link in (HERE, "wan0"), (HERE, "lan0"), (OUT, "out0"), (OUT, "in0"):
        ip("-n", name, "link", "set", link, "up")
    for name, address, link in ((HERE, "2001:db8:0:1::1/64", "wan0"), (OUT, "2001:db8:0:1::2/64", "out0"),
                                (HERE, "2001:db8:5e::1/64", "lan0")):
        ip("-n", name, "addr", "add", address, "dev", link, "nodad")
    ip("-n", HERE, "route", "add", "2001:db8:100::/40", "via", "2001:db8:5e::99")
    ip("-n", HERE, "route", "add", "default", "via", "2001:db8:0:1::2")


# Whoever runs the tests by ssh would be found too: SSH_CONNECTION of a process's ancestors counts.
AROUND = ssh_sources_around()


def init(*words, more=None, **options):
    environment = {**os.environ, **(more or {})}
    return Result(subprocess.run(["ip", "netns", "exec", HERE, PROGRAM, "--socket", "/nonexistent", "init"] + list(words),
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, env=environment, **options))


def answers(*lines, words=(), more=None):
    """What is on the screen, and the exit status, after these answers."""
    master, slave = pty.openpty()
    process = subprocess.Popen(["ip", "netns", "exec", HERE, PROGRAM, "init"] + list(words), stdin=slave, stdout=slave,
                               stderr=slave, env={**os.environ, **(more or {})})
    os.close(slave)
    os.write(master, "".join(line + "\n" for line in lines).encode() + b"\x04")
    out = read_terminal(master).decode()
    return process.wait(60), out


def path(name):
    return os.path.join(scratch, name)


def entries(text, key):
    """Those of a list, without comments behind them."""
    found, inside = [], False
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            inside = line == key + ":"
        elif inside and line.startswith("  - "):
            found.append(line[4:].split(" #")[0])
    return found


def is_valid(file):
    check = subprocess.run(["ip", "netns", "exec", HERE, DAEMON, "--config", file, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    result = run("policy", "check", file)
    assert result.code == 0, result.err


@test
def the_interface_of_the_default_route_is_written_in_monitor_mode():
    network()
    file = path("first.yaml")
    result = init("--yes", "--output", file)
    equal((result.code, result.err), (0, ""))
    assert result.out.startswith("wrote %s: wan0 in monitor mode, 2 own networks, 2 peers" % file), result.out
    text = open(file).read()
    assert "interfaces:\n  - name: wan0\n    filter: monitor\n" in text, text
    equal(entries(text, "own"), ["2001:db8:5e::/64", "2001:db8:100::/40"])
    equal(entries(text, "peers"), ["2001:db8:0:1::2", "2001:db8:5e::99"])
    equal(os.stat(file).st_mode & 0o777, 0o644)
    is_valid(file)
    equal([name for name in os.listdir(scratch) if name != "first.yaml"], [])
    # what was not found stays as the example has it
    for line in open(EXAMPLE).read().split("\n\n", 1)[1].splitlines():
        assert line in text or "eth0" in line or line.startswith(("#own", "#peers", "#allow", "#  - {prefix")), line


@test
def a_default_route_of_a_router_advertisement_counts_too():
    network()
    ip("-6", "-n", HERE, "route", "del", "default")
    ip("-n", HERE, "route", "add", "default", "via", "fe80::1", "dev", "lan0", "proto", "ra")
    text = init("--yes", "--output", "-").out
    assert "name: lan0" in text and "wan0\n" not in text.split("own:")[0], text
    equal(entries(text, "own"), ["2001:db8:0:1::/64"])  # the other side is inside now


@test
def without_a_default_route_it_must_be_named():
    network()
    ip("-6", "-n", HERE, "route", "del", "default")
    one_line(init("--yes", "--output", "-"), 1, "no default route", "--interface: ", "wan0", "lan0")
    text = init("--yes", "--output", "-", "--interface", "wan0,lan0").out
    assert "  - name: wan0\n    filter: monitor\n  - name: lan0\n" in text or \
        "  - name: lan0\n    filter: monitor\n  - name: wan0\n" in text, text
    one_line(init("--yes", "--output", "-", "--interface", "wna0"), 1, "unknown interface 'wna0' (did you mean 'wan0'?)")


@test
def a_route_of_ipv4_leads_outside_if_ipv6_has_none():
    network()
    ip("-6", "-n", HERE, "route", "del", "default")
    ip("-n", HERE, "addr", "add", "192.0.2.1/24", "dev", "wan0")
    ip("-n", HERE, "route", "add", "default", "via", "192.0.2.2")
    text = init("--yes", "--output", "-").out
    assert "name: wan0" in text, text
    assert "192.0.2.2" in entries(text, "peers"), text


@test
def a_configuration_is_never_overwritten_without_being_told():
    network()
    file = path("there.yaml")
    open(file, "w").write("interfaces: [{name: wan0}]\n")
    os.chmod(file, 0o640)
    one_line(init("--yes", "--output", file), 1, "%s exists; --force replaces it" % file)
    code, out = answers("n", words=("--output", file))
    assert code == 1 and "exists; replace it" in out and "nothing is changed" in out, out
    equal(open(file).read(), "interfaces: [{name: wan0}]\n")
    result = init("--yes", "--force", "--output", file)
    equal((result.code, result.err), (0, ""))
    kept = [name for name in os.listdir(scratch) if name.startswith("there.yaml.before-")]
    equal(len(kept), 1)
    assert "the old one is %s" % path(kept[0]) in result.out, result.out
    equal(open(path(kept[0])).read(), "interfaces: [{name: wan0}]\n")
    equal(os.stat(file).st_mode & 0o777, 0o640)
    is_valid(file)


@test
def the_example_of_the_package_is_nobodys_work():
    network()
    file = path("package.yaml")
    shutil.copy(EXAMPLE, file)
    result = init("--yes", "--output", file)
    equal((result.code, result.err), (0, ""))
    equal([name for name in os.listdir(scratch) if name.startswith("package.yaml.")], [])
    with open(file, "a") as one:  # a line more, and it is
        one.write("# mine\n")
    one_line(init("--yes", "--output", file), 1, "exists")


@test
def without_a_terminal_it_asks_nothing():
    network()
    file = path("none.yaml")
    one_line(init("--output", file), 1, "standard input is not a terminal; --yes takes what it finds")
    assert not os.path.exists(file)


@test
def a_session_of_bgp_that_the_peer_opened_is_only_asked_about():
    network()
    file = path("bgp.yaml")
    script = ("import socket,sys\ns=socket.create_server(('::',179),family=socket.AF_INET6)\n"
              "print('up',flush=True)\nkeep=[s.accept() for _ in range(int(sys.argv[1]))]\nsys.stdin.read()")
    connect = ("import socket,sys\ns=socket.create_connection((sys.argv[1],179))\nprint('up',flush=True)\nsys.stdin.read()")
    running = []

    def start(name, text, word):
        running.append(subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", text, word], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True))
        equal(running[-1].stdout.readline(), "up\n")

    try:
        ip("-n", OUT, "addr", "add", "2001:db8:0:1::179/64", "dev", "out0", "nodad")
        start(OUT, script, "1")
        start(HERE, connect, "2001:db8:0:1::179")
        text = init("--yes", "--output", "-").out
        equal(entries(text, "peers")[0], "2001:db8:0:1::179")
        assert "- 2001:db8:0:1::179 # BGP session" in text, text
        start(HERE, script, "1")
        ip("-n", OUT, "addr", "add", "2001:db8:0:1::bad/64", "dev", "out0", "nodad")
        start(OUT, connect.replace(",179))", ",179), source_address=('2001:db8:0:1::bad',0))"), "2001:db8:0:1::1")
        text = init("--yes", "--output", "-").out
        assert "2001:db8:0:1::bad" not in entries(text, "peers"), text
        assert "\n#  - 2001:db8:0:1::bad # BGP session that it opened itself: is it yours?\n" in text, text
        code, out = answers("", "", "+2001:db8:0:1::bad", "", words=("--output", file))
        assert code == 0 and "? 2001:db8:0:1::bad" in out, out
        assert "2001:db8:0:1::bad" in entries(open(file).read(), "peers")
        is_valid(file)
    finally:
        for process in running:
            process.stdin.close()
            process.wait(20)


@test
def where_somebody_is_logged_in_from_is_allowed():
    network()
    text = init("--yes", "--output", "-", more={"SSH_CONNECTION": "2001:db8:cc::5 40000 2001:db8:0:1::1 22"}).out
    assert '{prefix: "2001:db8:cc::5", reason: somebody was logged in from here}' in entries(text, "allow"), text
    # from a network behind the router: it is own already
    text = init("--yes", "--output", "-", more={"SSH_CONNECTION": "2001:db8:5e::5 40000 2001:db8:5e::1 22"}).out
    assert "2001:db8:5e::5" not in text, text


@test
def answers_replace_add_and_remove():
    network()
    file = path("answers.yaml")
    code, out = answers("wan0,nothing", "lan0 wan0", "+2001:db8:200::/40", "2001:db8::/32", "2001:db8:0:1::9", "none",
                        words=("--output", file), more={"SSH_CONNECTION": "2001:db8:cc::5 40000 2001:db8:0:1::1 22"})
    assert code == 0, out
    assert "unknown interface 'nothing'" in out and "a peer must be an address" in out, out
    text = open(file).read()
    equal([line.split()[-1] for line in text.splitlines() if line.startswith("  - name:")], ["lan0", "wan0"]
          if text.index("name: lan0") < text.index("name: wan0") else ["wan0", "lan0"])
    equal(entries(text, "own"), ["2001:db8:200::/40"])  # lan0 faces outside now
    equal(entries(text, "peers"), ["2001:db8:0:1::9"])
    equal(entries(text, "allow"), [])
    is_valid(file)


@test
def what_is_typed_is_written_however_much_was_found():
    network()
    file = path("many.yaml")
    for i in range(64):
        ip("-n", HERE, "addr", "add", "2001:db8:6%02x::1/64" % i, "dev", "lan0", "nodad")
    code, out = answers("", "+2001:db8:200::/40", "", "", words=("--output", file))
    assert code == 0 and "and 2 more" in out, out
    own = entries(open(file).read(), "own")
    assert len(own) == 65 and "2001:db8:200::/40" in own, own
    is_valid(file)


@test
def the_end_of_the_answers_writes_nothing():
    network()
    code, out = answers("", words=("--output", path("end.yaml")))
    assert code == 1 and "nothing was written" in out, out
    assert not os.path.exists(path("end.yaml"))


@test
def a_full_disk_leaves_what_was_there():
    network()
    file = path("full.yaml")
    open(file, "w").write("interfaces: []\n")

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    one_line(init("--yes", "--force", "--output", file, preexec_fn=no_room), 1, "cannot write %s" % file, "it was not changed")
    equal(open(file).read(), "interfaces: []\n")
    equal([name for name in os.listdir(scratch) if name.startswith("full.yaml.") and ".before-" not in name], [])


@test
def without_the_right_to_write_it_says_so_before_it_asks():
    network()
    folder = path("locked")
    os.mkdir(folder, 0o755)
    os.chmod(scratch, 0o755)
    shutil.copy(PROGRAM, path("slash64"))  # where nobody may go
    result = Result(subprocess.run(["ip", "netns", "exec", HERE, "setpriv", "--reuid", "65534", "--clear-groups", path("slash64"), "init",
                                    "--yes", "--output", os.path.join(folder, "new.yaml")],
                                   capture_output=True, text=True, stdin=subprocess.DEVNULL))
    one_line(result, 1, "Permission denied; use root, or --output -")


@test
def programs_get_json():
    network()
    file = path("json.yaml")
    result = init("--yes", "--json", "--output", file)
    equal((result.code, result.err), (0, ""))
    row = json.loads(result.out)
    around = row.pop("allow")
    assert not around or AROUND, around
    equal(row, {"output": file, "backup": None, "interfaces": ["wan0"], "own": ["2001:db8:5e::/64", "2001:db8:100::/40"],
                "peers": ["2001:db8:0:1::2", "2001:db8:5e::99"], "warnings": []})
    equal(init("--yes", "--json", "--output", "-").code, 2)


@test
def strange_names_of_interfaces_are_quoted():
    network()
    ip("-n", HERE, "link", "add", 'a#"{', "type", "veth", "peer", "name", "other0", "netns", OUT)
    text = init("--yes", "--output", "-", "--interface", 'a#"{').out
    assert '- name: "a#\\"{"\n' in text, text


if __name__ == "__main__":
    sys.exit(main())
