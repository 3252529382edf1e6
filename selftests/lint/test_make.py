#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The Makefile: `make help` lists existing targets, and the builder's flags are respected."""
import os
import re
import subprocess

from sources import ROOT, finish

OBJECT, PROGRAM = "build/user/base/error.o", "build/slash64"
OWN = ("-std=gnu11", "-Wall", "-Iheaders", "-D_GNU_SOURCE")
THEIRS = {"CC": "their-cc", "CFLAGS": "-O3 -DTHEIR_CFLAG", "CPPFLAGS": "-DTHEIR_CPPFLAG", "LDFLAGS": "-Wl,-their-ldflag"}


def make(*words, **environment):
    variables = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS") and k not in THEIRS}
    done = subprocess.run(["make", "--no-print-directory"] + list(words), cwd=ROOT, capture_output=True, text=True,
                          env={**variables, **environment})
    assert not done.returncode, done.stderr
    return done.stdout


def commands(text, target):
    return [c for c in text.splitlines() if re.search(r"-o %s(\s|$)" % re.escape(target), c)]


def flags_count(words, environment):
    text = make("-Bn", "V=1", OBJECT, PROGRAM, *words, **environment)
    compiles, links = commands(text, OBJECT), commands(text, PROGRAM)
    assert len(compiles) == 1 and len(links) == 1, "%d, %d commands" % (len(compiles), len(links))
    for flag in OWN + ("-O3", "-DTHEIR_CFLAG", "-DTHEIR_CPPFLAG"):
        assert flag in compiles[0].split(), "%s is missing: %s" % (flag, compiles[0])
    assert compiles[0].split()[0] == links[0].split()[0] == "their-cc", compiles[0]
    assert "-Werror" not in compiles[0].split(), "their flags may warn of more"
    for flag in ("-O3", "-Wl,-their-ldflag", "-Wl,-z,relro,-z,now"):  # the link needs -flto too
        assert flag in links[0].split(), "%s is missing: %s" % (flag, links[0])


def flags_of_the_command_line_are_respected():
    flags_count(["%s=%s" % pair for pair in THEIRS.items()], {})


def flags_of_the_environment_are_respected():
    flags_count([], THEIRS)


def warnings_are_errors_where_nobody_brings_flags():
    compiled = commands(make("-Bn", "V=1", OBJECT), OBJECT)[0].split()
    assert "-Werror" in compiled and "-O2" in compiled, compiled


def refused(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode, "%s is not refused" % " ".join(command)
    return done.stderr.splitlines()


def a_big_endian_machine_is_refused_in_one_line():
    said = refused("make", "-n", "all", "CC=clang --target=aarch64_be-linux-gnu")
    assert len(said) == 1 and "slash64 is written for little-endian machines" in said[0], said
    assert "little-endian" not in make("-n", "build/policy_doc", "CC=clang --target=aarch64-linux-gnu")


def a_program_for_a_big_endian_kernel_is_refused_with_one_error():
    here = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True).stdout.strip()
    said = refused("clang", "-target", "bpfeb", "-mcpu=v3", "-Iheaders", "-I/usr/include/" + here, "-c", "bpf/slash64.bpf.c",
                   "-o", "/dev/null")
    errors = [line for line in said if "error:" in line]
    assert len(errors) == 1 and "slash64 is written for little-endian machines" in errors[0], errors


def help_tells_of_every_target_that_is_for_people():
    told = set(re.findall(r"\bmake ([a-z0-9_.-]+)", make("help")))
    text = "".join(open(os.path.join(d, f)).read() for d, _, names in os.walk(ROOT) for f in names
                   if "build" not in d and (f == "Makefile" or f.endswith(".mk")))
    there = set(" ".join(re.findall(r"^\.PHONY: (.*)", text, re.M)).split())
    assert len(told) > 12 and not told - there, "no target: %s" % sorted(told - there)
    missing = [t for t in there - told if re.match(r"(check|lint|format|install|deps|run|clean|docs|man|coverage|fuzz|bench)", t)]
    missing = [t for t in missing if t not in INTERNAL]
    assert not missing, "'make help' does not tell of %s" % sorted(missing)


INTERNAL = {"fuzz-targets", "bench-programs"}


def main():
    passed = failed = 0
    for check in (flags_of_the_command_line_are_respected, flags_of_the_environment_are_respected,
                  warnings_are_errors_where_nobody_brings_flags, a_big_endian_machine_is_refused_in_one_line,
                  a_program_for_a_big_endian_kernel_is_refused_with_one_error, help_tells_of_every_target_that_is_for_people):
        try:
            check()
            passed += 1
        except AssertionError as error:
            failed += 1
            print("not ok %s: %s" % (check.__name__, error))
    finish(passed, failed)


main()
