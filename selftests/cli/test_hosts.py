#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--host and --hosts: commands on other routers, over an ssh that is a script of ours: issue 18 line 8.

    test_hosts.py [WORD]...     only tests with one of the words in their name"""
import json
import os
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from mock_daemon import PROGRAM, Result, directory, equal, main, on_terminal, one_line, test, usage

# It records how it was called, and gives the command line to a shell, as sshd does.
SSH = """#!/bin/sh
for word; do printf '%s\\0' "$word"; done >>"$RECORD"
for last; do :; done
while [ "$1" != -- ]; do shift; done
echo "$2" >>"$RECORD.hosts"
case $2 in
*down*) echo "ssh: connect to host $2 port 22: Connection refused" >&2; exit 255 ;;
*hangs*) exec sleep 1000 ;;
*master*) sleep 15 & exec "${SHELL_OF_HOST:-sh}" -c "$last" ;;
*) HOST=$2 exec "${SHELL_OF_HOST:-sh}" -c "$last" ;;
esac
"""
# The other router's slash64: prints its arguments, or does what its first one says.
SLASH64 = """#!/usr/bin/python3
import json, os, sys, time
words = sys.argv[1:]
if "fail" in words:
    print("slash64: it failed; \\x1b[31mtry again", file=sys.stderr); sys.exit(1)
if "stdin" in words:
    sys.stdout.write(json.dumps(sys.stdin.read()) + "\\n"); sys.exit(0)
if "lines" in words:
    print("one\\ntwo\\x1b]0;title\\x07\\nthree"); sys.exit(0)
if "count" in words:
    with open(os.environ["RECORD"] + ".count", "a") as f: f.write("+")
    time.sleep(0.3)
    with open(os.environ["RECORD"] + ".count", "a") as f: f.write("-")
print(json.dumps({"words": words, "tz": os.environ.get("TZ")}))
sys.exit(7 if "seven" in words else 0)
"""


def install(name, text):
    path = os.path.join(BIN, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


BIN = os.path.join(directory, "bin")
RECORD = os.path.join(directory, "record")
ENVIRONMENT = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], RECORD=RECORD, TZ="Asia/Tokyo")
os.mkdir(BIN)
install("ssh", SSH)
install("slash64", SLASH64)


def run(*words, stdin=None, **more):
    for end in "", ".hosts", ".count":
        if os.path.exists(RECORD + end):
            os.unlink(RECORD + end)
    return Result(subprocess.run([PROGRAM, *words], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=60, env=dict(ENVIRONMENT, **more)))


def called():
    return open(RECORD).read().split("\0")[:-1]


def hosts(*names):
    path = os.path.join(directory, "hosts")
    with open(path, "w") as file:
        file.write("".join("%s\n" % name for name in names))
    return path


ODD = ["block", "2001:db8::/64", "--reason", "it's \"odd\" $(touch x) `id` \\ * ~ ! # & ; | < > \n\t é 日本 %s {a,b}", "",
       "-", "--", "--json", "'", "''"]


@test
def the_other_shell_hands_on_every_argument_as_it_is():
    for shell in "sh", "bash":
        result = run("--host", "ssh://admin@edge2:2222", *ODD, SHELL_OF_HOST=shell)
        equal(result.code, 0, result.err)
        equal(json.loads(result.out), {"words": ODD, "tz": "Asia/Tokyo"}, shell)
        equal(called()[:5], ["-T", "-p", "2222", "--", "admin@edge2"])


@test
def global_options_go_along_and_where_it_runs_does_not():
    result = run("block", "--host=edge2", "P", "--json", "--socket", "/run/a b", "--color=never", "--no-pager")
    equal(json.loads(result.out)["words"], ["--json", "--no-pager", "--color", "never", "--socket", "/run/a b", "block",
                                            "P"])


@test
def its_exit_status_and_its_output_are_the_other_ones():
    equal(run("--host", "edge2", "seven").code, 7)
    result = run("--host", "edge2", "fail")
    equal((result.code, result.out), (1, ""))
    assert result.err.startswith("slash64: it failed"), result.err
    result = run("--host", "down", "status")
    equal(result.code, 255)
    assert "Connection refused" in result.err


@test
def standard_input_goes_to_the_other_router():
    equal(json.loads(run("--host", "edge2", "stdin", "-", stdin="2001:db8::/64\n" * 10000).out), "2001:db8::/64\n" * 10000)


@test
def a_terminal_is_a_terminal_there_too():
    for end in "", ".hosts":
        if os.path.exists(RECORD + end):
            os.unlink(RECORD + end)
    equal(on_terminal("--host", "edge2", "status", **ENVIRONMENT).code, 0)
    equal(called()[0], "-t")


@test
def a_name_cannot_become_an_option_or_a_command():
    for host in ("-oProxyCommand=id", "a b", "a;id", "$(id)", "", "user@-oX", "@edge", "a/b", "http://edge2", "edge\n",
                 "x" * 300, "a'b", "a\\b", "ssh://-edge", "[::1", "[::1]x", "ssh://[::1]:", "ssh://edge:99999", "ssh://edge:0",
                 "ssh://a@[-oX]:1", "[]"):
        result = run("--host", host, "status")
        usage(result, "host")
        assert not os.path.exists(RECORD), host
    usage(run("--host", "edge2:2222", "status"), "write a port like ssh://edge2:2222")
    for host in "edge2", "admin@edge2", "2001:db8::5", "ssh://[2001:db8::5]:22", "a_b-c.d", "ssh://edge/", "fe80::1%eth0":
        equal(run("--host", host, "status").code, 0, host)


@test
def ssh_is_given_an_ipv6_address_without_brackets():
    """OpenSSH takes ssh://[2001:db8::5]:22 for a mistake of usage."""
    for host, words in (("ssh://[2001:db8::5]:2222", ["-p", "2222", "--", "2001:db8::5"]), ("[2001:db8::5]", ["--", "2001:db8::5"]),
                        ("ssh://admin@[fe80::1%eth0]/", ["--", "admin@fe80::1%eth0"]), ("ssh://2001:db8::5", ["--", "2001:db8::5"]),
                        ("admin@2001:db8::5", ["--", "admin@2001:db8::5"])):
        equal(run("--host", host, "status").code, 0, host)
        equal(called()[1:1 + len(words)], words)


@test
def what_does_not_go_together_is_refused():
    usage(run("--host", "a", "--hosts", "f", "status"), "not both")
    usage(run("--host", "a"), "missing command")
    usage(run("--host"), "--host needs a value")
    usage(run("--parallel", "3", "status"), "--parallel belongs to --hosts")
    usage(run("--timeout", "3s", "status"), "--timeout belongs to --hosts")
    usage(run("--hosts", hosts("a"), "--parallel", "0", "status"), "--parallel")
    usage(run("--hosts", hosts("a"), "--parallel", "257", "status"), "--parallel")
    usage(run("--hosts", hosts("a"), "--timeout", "soon", "status"), "--timeout")
    for words in ["watch"], ["capture"], ["log", "--follow"]:
        usage(run("--hosts", hosts("a"), *words), "does not end")


@test
def a_file_of_hosts_is_read_or_refused_by_line():
    result = run("--hosts", hosts("# routers", "", "  edge1  # the first", "admin@edge2\t"), "status", "--json")
    equal([json.loads(line)["host"] for line in result.out.splitlines()], ["edge1", "admin@edge2"])
    one_line(run("--hosts", "/nonexistent", "status"), 1, "cannot read /nonexistent")
    one_line(run("--hosts", hosts("# none"), "status"), 1, "names no host")
    one_line(run("--hosts", hosts("a", "b", "a"), "status"), 1, "line 3: duplicate host 'a'")
    one_line(run("--hosts", hosts("a", "-oX"), "status"), 1, "line 2: '-oX' is not a host")
    assert not os.path.exists(RECORD), "nothing was run"


@test
def a_table_says_who_answered_what_and_one_that_failed_is_exit_status_1():
    result = run("--hosts", hosts("edge1", "down"), "block", "P")
    one_line(result, 1, "failed on 1 of 2 hosts")
    rows = result.out.splitlines()
    equal(rows[0].split(), ["HOST", "STATUS", "ANSWER"])
    assert rows[1].split()[:2] == ["edge1", "done"] and '"block", "P"' in rows[1], rows
    assert rows[2].split()[:2] == ["down", "unreachable"] and rows[2].endswith("Connection refused"), rows
    result = run("--hosts", hosts("edge1", "edge2"), "fail")
    one_line(result, 1, "failed on 2 of 2 hosts")
    assert "it failed; ?[31mtry again" in result.out and "\x1b" not in result.out, result.out
    equal(run("--hosts", hosts("edge1", "edge2"), "status").code, 0)


@test
def long_answers_stand_above_the_table_in_the_order_of_the_file():
    result = run("--hosts", hosts("edge1", "edge2"), "lines")
    equal(result.code, 0, result.err)
    equal(result.out.splitlines()[:9], ["edge1", "one", "two?]0;title?", "three", "", "edge2", "one", "two?]0;title?", "three"])
    assert "3 lines, see above" in result.out


@test
def json_has_an_object_for_each_host():
    result = run("--hosts", hosts("edge1", "down", "edge3"), "status", "--json")
    one, two, three = [json.loads(line) for line in result.out.splitlines()]
    equal(one, {"host": "edge1", "status": "done", "exit_status": 0, "error": None,
                "answers": [{"words": ["--json", "status"], "tz": "Asia/Tokyo"}]})
    equal((two["status"], two["exit_status"], two["answers"]), ("unreachable", 255, []))
    assert "Connection refused" in two["error"]
    equal(three["status"], "done")


@test
def one_that_hangs_holds_up_nobody_and_is_told():
    start = time.monotonic()
    result = run("--hosts", hosts("hangs", "edge1", "edge2", "hangs2"), "--timeout", "1s", "--parallel", "2", "status")
    one_line(result, 1, "failed on 2 of 4 hosts")
    assert time.monotonic() - start < 10
    equal([row.split()[1] for row in result.out.splitlines()[1:]], ["timeout", "done", "done", "timeout"])
    assert "no answer within 1s; what it has done is unknown" in result.out


@test
def a_master_connection_in_the_background_is_not_waited_for():
    start = time.monotonic()
    result = run("--hosts", hosts("master"), "status")
    equal(result.code, 0, result.err)
    assert time.monotonic() - start < 10


@test
def no_more_than_parallel_run_at_a_time_and_all_are_run():
    result = run("--hosts", hosts(*["edge%d" % i for i in range(12)]), "--parallel", "3", "count", "--json")
    equal(len(result.out.splitlines()), 12)
    running = most = 0
    for sign in open(RECORD + ".count").read():
        running += 1 if sign == "+" else -1
        most = max(most, running)
    assert 2 <= most <= 3, most


@test
def each_host_is_given_all_of_standard_input():
    text = "".join("2001:db8:%x::/64\n" % i for i in range(20000))
    result = run("--hosts", hosts(*["edge%d" % i for i in range(5)]), "stdin", "-", "--json", stdin=text)
    for line in result.out.splitlines():
        equal(json.loads(line)["answers"], [text])
    equal(len(result.out.splitlines()), 5)
    result = run("--hosts", hosts("edge1"), "stdin", "--json", stdin="not asked for")
    equal(json.loads(result.out)["answers"], [""])


sys.exit(main())
