# SPDX-License-Identifier: GPL-2.0-only
"""The documentation says what the code does."""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))


def read(*path):
    with open(os.path.join(ROOT, *path)) as f:
        return f.read()


def policy_md_has_the_tables_of_the_code():
    made = subprocess.run([os.path.join(BUILD, "policy_doc")], capture_output=True, text=True).stdout
    assert made and made in read("docs", "policy.md"), "docs/policy.md is stale: run make docs"


def every_command_and_option_of_the_table_is_in_the_man_page():
    """hostile O11, issue 14 line 4: help, completion and the man page are of one table."""
    text = subprocess.run([os.path.join(BUILD, "slash64"), "help", "--json"], capture_output=True, text=True).stdout
    table = [json.loads(line) for line in text.splitlines()]
    assert len(table) >= 20, text
    page = read("docs", "slash64.8.scd")
    commands = page.split("\n# COMMANDS\n")[1].split("\n# EXIT STATUS\n")[0]
    missing = []
    for row in table:
        sections = re.findall(r"^\*%s\b.*?(?=^\*[a-z]|\Z)" % row["command"], commands, re.M | re.S)
        if not sections:
            missing.append(row["command"])
        for item in row["items"]:
            word = item["word"]
            written = "*%s*" % word if word[0] == "-" else "*%s %s*" % (row["command"], word) if word.islower() else "_%s_" % word
            if not any(written in section for section in sections):
                missing.append("%s %s" % (row["command"], word))
            for choice in (item["choices"] or "").split("|"):
                if not any(choice in section for section in sections):
                    missing.append("%s %s %s" % (row["command"], word, choice))
    options = subprocess.run([os.path.join(BUILD, "slash64"), "help", "--words"], capture_output=True, text=True).stdout
    for word in re.findall(r"^--[a-z-]+", options, re.M):
        if "*%s*" % word not in page.split("\n# OPTIONS\n")[1].split("\n# COMMANDS\n")[0]:
            missing.append(word)
    assert not missing, "not in slash64(8): %s" % missing


def every_path_of_the_api_is_documented():
    paths = set(re.findall(r'EVHTTP_REQ_[A-Z]+, "(/[a-z0-9/]+)"', read("user", "daemon", "control_routes.c")))
    assert len(paths) >= 7
    missing = [p for p in paths if p not in read("docs", "api.md")]
    assert not missing, "not in docs/api.md: %s" % missing


def every_metric_is_in_the_man_page():
    names = set(re.findall(r'"(slash64_[a-z_]+)"', read("user", "daemon", "metrics.c")))
    assert len(names) >= 10
    missing = [n for n in names if n not in read("docs", "slash64d.8.scd")]
    assert not missing, "not in slash64d(8): %s" % missing


def every_key_of_the_configuration_is_in_its_man_page():
    keys = set(re.findall(r'\{"([a-z_0-9]+)", parse_', read("user", "config.c") + read("user", "policy.c")))
    page = read("docs", "slash64.yaml.5.scd")
    missing = [k for k in keys if not re.search(r"\b%s\b" % k, page)]
    assert len(keys) > 20 and not missing, "not in slash64.yaml(5): %s" % missing


def a_prefix_is_that_of_the_unit_that_is_installed():
    """documents D11: also where a unit was made for another prefix before."""
    with tempfile.TemporaryDirectory() as build:
        for prefix in ("/usr/local", "/usr", "/opt/x"):
            subprocess.run(["make", "-s", "-C", ROOT, "BUILD=" + build, "PREFIX=" + prefix,
                            build + "/slash64d.service"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(build, "slash64d.service")) as f:
                text = f.read()
            assert "ExecStart=%s/sbin/slash64d" % prefix in text, text


def main():
    tests = [a_prefix_is_that_of_the_unit_that_is_installed, policy_md_has_the_tables_of_the_code, every_command_and_option_of_the_table_is_in_the_man_page,
             every_path_of_the_api_is_documented, every_metric_is_in_the_man_page,
             every_key_of_the_configuration_is_in_its_man_page]
    failed = 0
    for test in tests:
        try:
            test()
            print("ok %s" % test.__name__)
        except AssertionError as error:
            failed += 1
            print("not ok %s: %s" % (test.__name__, error))
    print("%d passed, %d failed" % (len(tests) - failed, failed))
    sys.exit(1 if failed else 0)


main()
