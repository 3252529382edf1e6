#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Debian's fail2ban, with the action and the filter of slash64, and the log of a real sshd."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from adapters import GUARD_S, keys
from harness import Skipped, check, check_equal, main, seconds_of, test
from lab import BUILD, ROOT, wait_for

BAN_S = 3600
MAX_RETRY = 5
ADDRESSES = 1000
SSHD = "/usr/sbin/sshd"


class Fail2ban:
    def __init__(self, lab):
        if not shutil.which("fail2ban-server") or not os.path.exists(SSHD):
            raise Skipped("fail2ban and sshd")
        self.lab, self.dir = lab, os.path.join(lab.dir, "fail2ban")
        self.log, self.auth = os.path.join(self.dir, "fail2ban.log"), os.path.join(self.dir, "auth.log")
        for folder in ("action.d", "filter.d"):
            shutil.copytree("/etc/fail2ban/" + folder, os.path.join(self.dir, folder))
            shutil.copytree(os.path.join(ROOT, "scripts", "fail2ban", folder), os.path.join(self.dir, folder),
                            dirs_exist_ok=True)
        self.write("fail2ban.conf", "[Definition]\nloglevel = INFO\nlogtarget = %s\nsyslogsocket = auto\nsocket = %s/socket\n"
                   "pidfile = %s/pid\ndbfile = %s/db\ndbpurgeage = 1d\n" % (self.log, self.dir, self.dir, self.dir))
        self.write("jail.conf", "[sshd]\nenabled = true\nfilter = slash64-sshd\nbackend = polling\nlogpath = %s\n"
                   "maxretry = %d\nfindtime = 1h\nbantime = %d\nignorecommand =\nusedns = no\n"
                   "action = slash64[slash64=\"%s --socket %s\", name=sshd, bantime=%d]\n"
                   % (self.auth, MAX_RETRY, BAN_S, os.path.join(BUILD, "slash64"), lab.socket, BAN_S))
        self.write("auth.log", "")
        self.process = None

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def start(self):
        self.process = self.lab.spawn("edge", "fail2ban-server", "-c", self.dir, "-xf", "start")
        wait_for(lambda: "Jail 'sshd' started" in self.read() or self.process.poll() is not None, GUARD_S, self.read)
        check(self.process.poll() is None, lambda: self.read())

    def stop(self):
        self.client("stop")
        self.process.wait(timeout=GUARD_S)
        os.unlink(self.log)

    def client(self, *words):
        return self.lab.run("edge", "fail2ban-client", "-c", self.dir, *words).stdout

    def read(self):
        try:
            with open(self.log) as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def failures(self, addresses, times=1):
        """As the real sshd has logged a failure of ::1."""
        with open(self.auth, "a") as f:
            for _ in range(times):
                for i, address in enumerate(addresses):
                    when = time.strftime("%b %d %H:%M:%S")
                    f.write("".join("%s edge sshd[%d]: %s\n" % (when, 1000 + i, line.replace(" ::1 ", " %s " % address))
                                    for line in real_lines(self.lab)))


LINES = []


def real_lines(lab):
    """What sshd says about a user it does not know: asked once."""
    if not LINES:
        key, log = os.path.join(lab.dir, "host_key"), os.path.join(lab.dir, "sshd.log")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        os.makedirs("/run/sshd", exist_ok=True)
        sshd = lab.spawn("edge", SSHD, "-D", "-E", log, "-f", "/dev/null", "-h", key, "-p", "2222", "-o", "ListenAddress=::1",
                         "-o", "PidFile=none", "-o", "UsePAM=no")
        wait_for(lambda: ":2222" in lab.run("edge", "ss", "-ltn").stdout, GUARD_S, "sshd")
        lab.run("edge", "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-p", "2222", "nobody-here@::1", check=False)
        wait_for(lambda: "nobody-here" in open(log).read(), GUARD_S, "a line of sshd")
        time.sleep(0.2)
        sshd.kill()
        LINES.extend(line for line in open(log).read().splitlines() if "Invalid user" in line and " ::1 " in line)
        check_equal(len(LINES), 1, "lines of sshd: %s" % LINES)
    return LINES


fail2ban = None


@test
def an_attacker_with_a_thousand_addresses_of_a_64_is_banned_once(lab):  # issue 18; fail2ban 3960
    global fail2ban
    fail2ban = Fail2ban(lab)
    fail2ban.start()
    fail2ban.failures(["2a0c:bad:1:1::%x" % (i + 1) for i in range(ADDRESSES)])
    wait_for(lambda: keys(lab, "fail2ban-sshd"), GUARD_S, lambda: "the ban; %s" % fail2ban.read()[-2000:])
    wait_for(lambda: fail2ban.read().count(" Found ") >= ADDRESSES, GUARD_S, "the whole log")
    rows = keys(lab, "fail2ban-sshd")
    check_equal([row["prefix"] for row in rows.values()], ["2a0c:bad:1:1::/64"], "what is blocked")
    row = list(rows.values())[0]
    check(BAN_S - 120 < seconds_of(row["until"]) - time.time() <= BAN_S, "it ends at %s" % row["until"])
    check(re.fullmatch(r"fail2ban sshd: \d+ failures", row["reason"]), row["reason"])
    check_equal(fail2ban.read().count(" Ban "), 1, "bans: %s" % re.findall(".* Ban .*", fail2ban.read()))


@test
def addresses_of_all_forms_are_banned_by_their_sources_and_ipv4_by_address(lab):
    fail2ban.failures(["198.51.100.7", "2a0c:bad::5", "2a0c::1:2:3:4:5", "2a0c:bad:2:1:2:3:4:5"], MAX_RETRY)
    fail2ban.failures(["198.51.100.%d" % i for i in range(20, 40)])  # each by itself
    wanted = {"2a0c:bad:1:1::/64", "198.51.100.7/32", "2a0c:bad::/64", "2a0c:0:0:1::/64", "2a0c:bad:2:1::/64"}
    wait_for(lambda: {row["prefix"] for row in keys(lab, "fail2ban-sshd").values()} == wanted, GUARD_S,
             lambda: "%s instead of %s" % ({row["prefix"] for row in keys(lab, "fail2ban-sshd").values()}, fail2ban.read()[-1500:]))


@test
def an_unban_ends_the_block_and_a_restart_bans_nothing_again(lab):
    fail2ban.client("set", "sshd", "unbanip", "198.51.100.7")
    wait_for(lambda: "198.51.100.7/32" not in keys(lab, "fail2ban-sshd"), GUARD_S, "the end")
    before = keys(lab, "fail2ban-sshd")
    number = lab.json("log")[-1]["number"]
    fail2ban.stop()
    check_equal(keys(lab, "fail2ban-sshd"), before, "what is blocked while fail2ban is stopped")
    fail2ban.start()
    wait_for(lambda: "Restore Ban" in fail2ban.read(), GUARD_S, "restored bans")
    fail2ban.failures(["198.51.100.8"], MAX_RETRY)
    wait_for(lambda: "198.51.100.8/32" in keys(lab, "fail2ban-sshd"), GUARD_S, "a new ban")
    check_equal({row["prefix"] for row in lab.json("log") if row["number"] > number}, {"198.51.100.8/32"},
                "changes since the restart")
    fail2ban.stop()
    check("ERROR" not in fail2ban.read(), fail2ban.read()[-1000:])


def prepare(lab):
    lab.config()
    lab.start()


main(prepare)
