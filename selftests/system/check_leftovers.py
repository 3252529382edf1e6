#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs last: everything that the tests and the demo made is gone, however they ended."""
import concurrent.futures
import functools
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from harness import check, check_equal, main, test
import lab as laboratory
from lab import BAD_1, PINS_PARENT, ROOT, wait_for
from namespaces import list_namespaces

DEMO = os.path.join(ROOT, "scripts", "demo.py")


def programs():
    """All of them, by id, including those of others on this machine."""
    return {p["id"] for p in json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], check=True,
                                                       capture_output=True).stdout)}


def field(pid, number):
    """From /proc/PID/stat, numbered as in proc(5); None when the process has ended."""
    try:
        with open("/proc/%s/stat" % pid) as f:
            rest = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if rest[0] == "Z" else int(rest[number - 3])


PARENT, SESSION = 4, 6


def processes(number, value):
    """Those of one parent, or of one session, without the process itself."""
    return {int(pid) for pid in filter(str.isdigit, os.listdir("/proc"))
            if int(pid) != value and field(pid, number) == value}


def programs_of(pids):
    found = set()
    for pid in pids:
        for path in glob.glob("/proc/%d/fdinfo/*" % pid):
            try:
                with open(path) as f:
                    found |= {int(n) for n in re.findall(r"^prog_id:\s*(\d+)", f.read(), re.M)}
            except OSError:
                pass  # closed meanwhile
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
    """Starts the demo and ends it with a signal; returns its process, and the programs that it had
    in the kernel."""
    demo = subprocess.Popen(["/usr/bin/python3", DEMO], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True)
    try:
        for line in demo.stdout:
            if line.startswith(after):
                break
        time.sleep(0.7)
        loaded = programs_of(processes(PARENT, demo.pid))
        if group:  # as a terminal does
            os.killpg(demo.pid, number)
        else:
            demo.send_signal(number)
        demo.communicate(timeout=30)
    finally:
        demo.kill()
        demo.wait()
    return demo, loaded


def wait_for_end(session, loaded):
    """The kernel frees a namespace, and the program on an interface in it, a moment later."""
    wait_for(lambda: not processes(SESSION, session) and not programs() & loaded, 10, "the end of its programs")


# How a demo is ended: the signal, the line that it comes after, and whether it comes from a terminal.
ENDS = {"while it is built": (signal.SIGINT, "The slash64 demo", True), "in the flood": (signal.SIGINT, "3. ", True),
        "by a service manager": (signal.SIGTERM, "3. ", False)}


@functools.cache
def played():
    """Of each end, what play_and_end() returns; all of them play at once."""
    pool = concurrent.futures.ThreadPoolExecutor(len(ENDS))
    return {how: pool.submit(play_and_end, *end) for how, end in ENDS.items()}


def check_ended_clean(how, loads=True):
    demo, loaded = played()[how].result()
    check_equal(demo.returncode, 130, "exit code")
    check(loaded or not loads, "it had loaded nothing")
    check_equal(left_by(demo.pid), [], "left")
    wait_for_end(demo.pid, loaded)


@test
def nothing_of_earlier_tests_is_left(lab):
    check_equal(left_by(-1), [], "left")


@test
def ctrl_c_while_the_demo_is_built_leaves_nothing(lab):
    check_ended_clean("while it is built", loads=False)


@test
def ctrl_c_in_the_flood_leaves_nothing(lab):
    check_ended_clean("in the flood")


@test
def sigterm_in_the_flood_leaves_nothing(lab):
    check_ended_clean("by a service manager")


@test
def the_next_lab_takes_away_what_a_kill_left(lab):
    demo, loaded = play_and_end(signal.SIGKILL, "3. ", group=False)
    check(loaded and left_by(demo.pid), "the kill left nothing to take away")
    subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, %r); import lab; lab.cleanup_stale()"
                    % os.path.dirname(os.path.abspath(laboratory.__file__))], check=True)
    check_equal(left_by(demo.pid), [], "left")
    wait_for_end(demo.pid, loaded)


@test
def a_lab_leaves_no_program_and_no_process(lab):
    before = processes(PARENT, os.getpid())
    lab.start(lab.config(on_exit="keep"))
    lab.flood(BAD_1, 100, 60)
    started = processes(PARENT, os.getpid()) - before
    loaded = programs_of(started)
    check(len(started) > 1 and loaded, "nothing was started")
    lab.close()
    check_equal(left_by(os.getpid()), [], "left")
    wait_for(lambda: not processes(PARENT, os.getpid()) & started and not programs() & loaded, 10,
             "the end of its programs")


main()
