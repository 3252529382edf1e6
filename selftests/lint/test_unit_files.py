#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""systemd takes every unit without a word, its documentation exists, and systemd-analyze security rates it well."""
import os
import re
import shutil
import subprocess
import tempfile

from sources import ROOT, finish

BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
EXPOSURE_MAX = 2.5
# slash64d is root with CAP_NET_ADMIN, CAP_BPF and CAP_SYS_ADMIN on the host's network, which are 1.5 of it. 0.2 are for kernel
# tunables, which are read-only by other means, and 0.3 for a real-time priority.
EXPOSURE_MAX_OF = {"slash64d.service": 2.8}


def units():
    built = [os.path.join(BUILD, name) for name in sorted(os.listdir(BUILD)) if name.endswith(".service")]
    shipped = [os.path.join(ROOT, "scripts", name) for name in sorted(os.listdir(os.path.join(ROOT, "scripts")))]
    return built + [path for path in shipped if path.endswith((".timer", ".socket", ".path"))]


def read(path):
    with open(path) as file:
        return file.read()


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, env=dict(os.environ, SYSTEMD_COLORS="0", SYSTEMD_PAGER="cat"))


def systemd_takes_it(path):
    """As installed: all units in one folder, and its programs where it looks for them."""
    with tempfile.TemporaryDirectory() as folder:
        for unit in units():
            text = re.sub(r"^(Exec\w+=)/\S*/", r"\1%s/" % BUILD, read(unit), flags=re.M)
            with open(os.path.join(folder, os.path.basename(unit)), "w") as file:
                file.write(text)
        done = run("systemd-analyze", "verify", "--man=no", os.path.join(folder, os.path.basename(path)))
    # units of this system may be wrong, and are none of our business
    said = [line for line in (done.stdout + done.stderr).splitlines() if folder in line or os.path.basename(path) in line]
    assert not said and not done.returncode, "\n".join(said) or "exit code %d: %s" % (done.returncode, done.stderr)


def its_documentation_exists(path):
    pages = [word for line in re.findall(r"^Documentation=(.*)", read(path), re.M) for word in line.split()]
    assert pages, "it names none"
    for page in pages:
        name = re.fullmatch(r"man:([a-z0-9.-]+)\((\d)\)", page)
        assert name and os.path.exists(os.path.join(ROOT, "docs", "man", "%s.%s.scd" % name.groups())), page


def its_exposure_is_low(path):
    name = os.path.basename(path)
    done = run("systemd-analyze", "security", "--offline=true", path)
    rated = re.search(r"exposure level for %s: ([0-9.]+)" % re.escape(name), done.stdout)
    most = EXPOSURE_MAX_OF.get(name, EXPOSURE_MAX)
    assert rated and float(rated[1]) <= most, "%s, more than %s" % (rated[1] if rated else done.stdout + done.stderr, most)


def main():
    if not shutil.which("systemd-analyze"):
        finish(0, 0, "there is no systemd-analyze")
    passed = failed = 0
    for path in units():
        checks = [systemd_takes_it, its_documentation_exists]
        if path.endswith(".service"):
            checks.append(its_exposure_is_low)
        for check in checks:
            try:
                check(path)
                passed += 1
            except AssertionError as reason:
                failed += 1
                print("not ok %s, %s: %s" % (os.path.basename(path), check.__name__, reason))
    finish(passed, failed + (passed + failed < 20))


main()
