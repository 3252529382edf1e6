#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs last: what the tests and the sandbox made is gone, however they ended."""
import json
import os
import signal
import subprocess
import sys
import time

from harness import check, check_equal, main, test
from lab import BAD_1, PINS_PARENT, ROOT, list_namespaces, wait_for

SANDBOX = os.path.join(ROOT, "scripts", "sandbox.py")


def programs():
    """Those named slash64, by id."""
    text = subprocess.run(["bpftool", "-j", "prog", "show"], check=True, capture_output=True).stdout
    return {p["id"] for p in json.loads(text) if p.get("name") == "slash64"}


def daemons():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid) as f:
                if f.read().strip() in ("slash64d", "flood"):
                    found.add(int(pid))
        except OSError:
            pass  # it has ended
    return found


def of_labs(names, own):
    """Those of labs whose process is gone, or is `own`."""
    left = []
    for name in names:
        pid = name.split("-")[1] if name.startswith("s64-") else ""
        if pid.isdigit() and (int(pid) == own or not os.path.exists("/proc/" + pid)):
            left.append(name)
    return left


def left_by(own):
    return of_labs(list_namespaces("s64-"), own) + of_labs(os.listdir(PINS_PARENT), own) + \
        of_labs(os.listdir("/tmp"), own)


def play_and_end(number, after, group):
    """Start the sandbox, end it by a signal, return its process."""
    sandbox = subprocess.Popen(["/usr/bin/python3", SANDBOX], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True)
    try:
        for line in sandbox.stdout:
            if line.startswith(after):
                break
        time.sleep(0.7)
        if group:  # as a terminal does
            os.killpg(sandbox.pid, number)
        else:
            sandbox.send_signal(number)
        sandbox.communicate(timeout=30)
    finally:
        sandbox.kill()
        sandbox.wait()
    return sandbox


def check_ended_clean(lab, number, after, group=True):
    before = programs(), daemons()
    sandbox = play_and_end(number, after, group)
    check_equal(sandbox.returncode, 130, "exit code")
    check_equal(left_by(sandbox.pid), [], "left")
    # the kernel frees a namespace, and the program on an interface in it, a moment later
    wait_for(lambda: programs() <= before[0] and daemons() <= before[1], 10, "the end of its programs")


@test
def nothing_of_earlier_tests_is_left(lab):
    check_equal(left_by(-1), [], "left")


@test
def ctrl_c_while_the_sandbox_is_built_leaves_nothing(lab):
    check_ended_clean(lab, signal.SIGINT, "The slash64 sandbox")


@test
def ctrl_c_in_the_flood_leaves_nothing(lab):
    check_ended_clean(lab, signal.SIGINT, "3. ")


@test
def sigterm_in_the_flood_leaves_nothing(lab):
    check_ended_clean(lab, signal.SIGTERM, "3. ", group=False)


@test
def the_next_lab_takes_away_what_a_kill_left(lab):
    before = programs(), daemons()
    sandbox = play_and_end(signal.SIGKILL, "3. ", group=False)
    check(left_by(sandbox.pid), "the kill left nothing to take away")
    subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, %r); import lab; lab.cleanup_stale()"
                    % os.path.dirname(SANDBOX)], check=True)
    check_equal(left_by(sandbox.pid), [], "left")
    wait_for(lambda: programs() <= before[0] and daemons() <= before[1], 10, "the end of its programs")


@test
def a_lab_leaves_no_program_and_no_process(lab):
    before = programs(), daemons()
    lab.start(lab.config(on_exit="keep"))
    lab.flood(BAD_1, 100, 60)
    check(programs() > before[0] and daemons() > before[1], "nothing was started")
    lab.close()
    check_equal(left_by(os.getpid()), [], "left")
    wait_for(lambda: programs() <= before[0] and daemons() <= before[1], 10, "the end of its programs")


main()
