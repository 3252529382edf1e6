#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A refusal is one line with what was refused, why, and what to do; the exit code is 1, or 2 for
usage."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_equal, main, test
from lab import BAD_1, BUILD

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def check_refused(done, code, *words):
    check_equal(done.returncode, code, "exit code (it said: %s)" % (done.stderr or done.stdout).strip())
    check_equal(done.stdout, "", "on stdout")
    check_equal(done.stderr.count("\n"), 1, "lines on stderr: " + done.stderr)
    for word in words:
        check(word in done.stderr, "'%s' is not in: %s" % (word, done.stderr.strip()))


def check_not_started(done, *words):
    """One line of its start-up log says why it ended."""
    errors = [line for line in done.stderr.splitlines() if line.startswith("slash64d: error: ")]
    check_equal((done.returncode, len(errors)), (1, 1), "exit code and errors of: " + done.stderr)
    for word in words:
        check(word in errors[0], "'%s' is not in: %s" % (word, errors[0]))


def daemon(lab, config, *words, before=()):
    return lab.run("edge", *before, os.path.join(BUILD, "slash64d"), "--config", config, *words, check=False,
                   timeout=20)


def check_left_nothing(lab):
    check(not os.path.exists(lab.pins), "%s was left" % lab.pins)
    check('"xdp"' not in lab.ip("edge", "-j", "link", "show", "dev", "wan0").stdout,
          "a program was left on wan0")


@test
def a_valid_configuration_is_told_so(lab):
    check_equal(daemon(lab, lab.config(), "--check").returncode, 0, "exit code")
    config = os.path.join(lab.dir, "shortest.yaml")
    with open(config, "w") as f:
        f.write("interfaces: [{name: eth0}]\n")
    check_equal(daemon(lab, config, "--check").returncode, 0, "exit code of the shortest")
    # issue 14: a feed file that was missing was not mentioned
    with open(config, "w") as f:
        f.write("interfaces: [{name: eth0}]\nfeeds: [{file: /nonexistent/drop.json, origin: spamhaus}]\n")
    done = daemon(lab, config, "--check")
    check(done.returncode == 0 and ":2: feed spamhaus: /nonexistent/drop.json does not exist" in done.stderr, done)


@test
def a_misspelt_option_is_refused_with_what_was_meant(lab):
    """issue 14"""
    for words, told in ((["--chek"], "unknown option '--chek' (did you mean '--check'?)"),
                        (["--config"], "--config needs a FILE"), (["now"], "unexpected argument 'now'")):
        done = lab.run("edge", os.path.join(BUILD, "slash64d"), *words, check=False)
        check_equal((done.returncode, done.stdout), (2, ""), " ".join(words))
        check_equal(done.stderr, "slash64d: %s; see slash64d --help\n" % told, "what is said")


@test
def a_malformed_configuration_is_refused_with_the_line(lab):
    config = os.path.join(lab.dir, "bad.yaml")
    for text, words in (
            ("interfaces: [{name: wan0}]\nbogus: 1\n", (":2:", "bogus")),
            ("interfaces:\n  - name: wan0\n    colour: red\n", (":3:", "colour")),
            ("interfaces: [{name: wan0}]\nlimits:\n  echo-requests: {rate: 1}\n", (":3:", "echo-requests")),
            ("interfaces: [{name: wan0, mode: fast}]\n", (":1:", "fast", "native")),
            ("interfaces: [{name: wan0}]\nblock:\n  - 2001:db8::/zz\n", (":3:", "2001:db8::/zz")),
            ("interfaces: [{name: wan0}\n", ("bad.yaml",)),
            ("interfaces: wan0\n", (":1:", "interfaces"))):
        with open(config, "w") as f:
            f.write(text)
        check_refused(daemon(lab, config, "--check"), 1, *words)
        check_refused(daemon(lab, config), 1, *words)
        check_left_nothing(lab)


@test
def a_configuration_that_is_not_there_is_refused(lab):
    check_refused(daemon(lab, "/nonexistent/slash64.yaml"), 1, "/nonexistent/slash64.yaml")


@test
def a_start_that_would_filter_nothing_is_refused(lab):
    """For one that would filter something, see test_names.py."""
    check_refused(daemon(lab, lab.config(ifaces="[{name: nope0}]")), 1, "nope0", "ip link")
    check_left_nothing(lab)


@test
def native_mode_on_a_driver_without_it_is_refused(lab):
    lab.ip("edge", "link", "add", "plain0", "type", "bridge")
    lab.ip("edge", "link", "set", "plain0", "up")
    check_refused(daemon(lab, lab.config(ifaces="[{name: plain0, mode: native}]")), 1, "plain0", "native",
                  "generic")
    check_left_nothing(lab)


@test
def auto_mode_on_a_driver_without_native_is_generic(lab):
    lab.start(lab.config(ifaces="[{name: plain0, mode: auto}]"))
    modes = [i["mode"] for i in lab.status()["interfaces"]]
    said = lab.logged()
    lab.stop()
    check_equal(modes, ["generic"], "mode")
    check("generic" in said, "it did not say so: " + said)
    check_left_nothing(lab)


@test
def frames_that_are_not_ethernet_are_refused(lab):
    lab.ip("edge", "tuntap", "add", "dev", "tun6", "mode", "tun")
    lab.ip("edge", "link", "set", "tun6", "up")
    check_refused(daemon(lab, lab.config(ifaces="[{name: tun6}]")), 1, "tun6", "Ethernet")
    check_left_nothing(lab)


@test
def a_port_in_use_is_refused(lab):
    blocker = lab.spawn("edge", "/usr/bin/python3", "-c",
                        "import socket,time\ns=socket.create_server(('::1',9664),family=socket.AF_INET6)\n"
                        "print(flush=True)\ntime.sleep(30)\n")
    blocker.stdout.readline()
    done = daemon(lab, lab.config())
    blocker.kill()
    blocker.wait()
    check_not_started(done, "9664")
    check_left_nothing(lab)


@test
def without_root_it_is_refused(lab):
    os.chmod(lab.dir, 0o755)
    check_refused(daemon(lab, lab.config(), before=NOBODY), 1, "root")
    check_left_nothing(lab)


@test
def usage_is_told_with_code_2(lab):
    check_refused(lab.run("edge", os.path.join(BUILD, "slash64d"), "--bogus", check=False), 2)
    for words in ((), ("bogus",), ("status", "--bogus"), ("block",), ("attach", "wan0", "lan0"),
                  ("block", BAD_1, "--for"), ("attach",)):
        check_refused(lab.slash64(*words, check=False), 2)


@test
def a_socket_that_is_not_there_is_refused(lab):
    check_refused(lab.slash64("--socket", "/nonexistent/control.sock", "list", check=False), 1,
                  "/nonexistent/control.sock")
    # left behind by one that was killed
    path = os.path.join(lab.dir, "dead.sock")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(path)
    dead.close()
    check_refused(lab.slash64("--socket", path, "list", check=False), 1, path)


@test
def the_socket_is_for_root_and_its_group(lab):
    lab.start(lab.config())
    check_equal(os.stat(lab.socket).st_mode & 0o777, 0o660, "mode of the socket")
    os.chmod(lab.dir, 0o755)
    done = lab.run("edge", *NOBODY, os.path.join(BUILD, "slash64"), "--socket", lab.socket, "status",
                   check=False)
    check_refused(done, 1, lab.socket)


@test
def what_cannot_be_blocked_is_refused(lab):
    for prefix in ("2001:db8::/zz", "nonsense", "2001:db8:bad:1::/129", "192.0.2.1.1", "", "::/0", "2000::/3"):
        done = lab.slash64("block", prefix, check=False)
        check(done.returncode in (1, 2), "block '%s': exit code %d" % (prefix, done.returncode))
        check_refused(done, done.returncode)
    for words in (("block", BAD_1, "--for", "soon"), ("block", BAD_1, "--for", "-1s"),
                  ("unblock", "2001:db8:bad:99::/64"), ("attach", "nope0"), ("detach", "nope0")):
        done = lab.slash64(*words, check=False)
        check(done.returncode in (1, 2), "%s: exit code %d" % (" ".join(words), done.returncode))
        check_refused(done, done.returncode)
    check_equal(lab.json("list"), [], "blocks")


@test
def a_bad_reload_is_refused_and_the_old_stays(lab):
    config = lab.config("bogus: 1")
    check_refused(lab.slash64("reload", check=False), 1, "bogus")
    lab.config(ifaces="[{name: nope0}]")
    check_refused(lab.slash64("reload", check=False), 1, "nope0")
    check_equal([i["name"] for i in lab.status()["interfaces"]], ["wan0"], "interfaces")
    lab.config()
    lab.slash64("reload")
    os.unlink(config)
    check_refused(lab.slash64("reload", check=False), 1, config)


main()
