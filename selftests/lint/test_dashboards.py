#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The dashboard, the alerts and the runbook name what there is, and each alert fires and clears (issue 16 line 6)."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RULES = "docs/dashboards/slash64.rules.yml"
DASHBOARD = "docs/dashboards/slash64.json"
RUNBOOK = "docs/operations.md"
RULES_TEST = "selftests/data/slash64.rules.test.yml"


def read(path):
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def metrics_of_the_code():
    code = read("user/daemon/api/metrics/prometheus.c")
    names = re.findall(r'family\(\s*&?writer, "([a-z_0-9]+)", "(\w+)"', code)
    names += [("slash64_packets", "counter"), ("slash64_bytes", "counter")]
    names += [(name, kind) for kind, name in re.findall(r'\b(gauge|counter)\(\s*&?writer, "([a-z_0-9]+)"', code)]
    names = {name + ("_total" if kind == "counter" else "") for name, kind in names}
    # slash64-notify writes its names in full, without the prefix that they have in common
    notify = re.findall(r'\b(?:ROWS\(|head\(out, )"([a-z_]+)", "', read("user/notify/metrics.c"))
    adapters = re.findall(r'(?:\bROWS\(|head\(out, )"(?:slash64_adapter_)?([a-z_0-9]+)", "', read("user/adapters/set/metrics.c"))
    return names | {"slash64_notify_" + name for name in notify} | {"slash64_adapter_" + name for name in adapters}


def metrics_in(text):
    return set(re.findall(r"\b(?:slash64|process)_[a-z_0-9]+", text))


def alerts():
    return re.findall(r"- alert: (\w+)", read(RULES))


def every_metric_named_is_one_of_the_code_and_of_the_man_page():
    there = metrics_of_the_code()
    page = read("docs/man/slash64d.8.scd") + read("docs/man/slash64-notify.8.scd") + read("docs/man/slash64-crowdsec.8.scd") + read("docs/man/slash64-follow.8.scd")
    assert len(there) > 25, sorted(there)
    for path in (RULES, DASHBOARD, RUNBOOK):
        named = metrics_in(read(path))
        assert named, path
        assert not named - there, "%s names %s" % (path, sorted(named - there))
        missing = [name for name in named if name not in page]
        assert not missing, "%s names %s, which the man pages do not" % (path, missing)


def every_alert_is_in_the_runbook_and_in_the_test_of_the_rules():
    names = alerts()
    assert len(names) > 9 and len(set(names)) == len(names), names
    told = re.findall(r"^### (Slash64\w+)$", read(RUNBOOK), re.M)
    assert told == sorted(told, key=names.index) and set(told) == set(names), "%s has %s" % (RUNBOOK, told)
    rules, tests = read(RULES), read(RULES_TEST)
    for name in names:
        assert "runbook: %s#%s\n" % (RUNBOOK, name.lower()) in rules, "%s has no link to the runbook" % name
        tested = tests.split("  - name: %s\n" % name)[1:]
        assert tested, "%s is not in %s" % (name, RULES_TEST)
        for text in tested:
            said = re.findall(r"exp_samples: \[(.*)\]$", text.split("  - name: ")[0], re.M)
            assert [bool(s) for s in said] == [False, True, False], "%s does not fire and clear: %s" % (name, said)


def links_within_the_runbook_lead_somewhere():
    text = read(RUNBOOK)
    anchors = {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)}
    for link in re.findall(r"\]\(#([^)]*)\)", text):
        assert link in anchors, link


def the_dashboard_is_one_that_grafana_imports_and_has_its_variables():
    dashboard = json.loads(read(DASHBOARD))
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    assert set(variables) == {"datasource", "job", "instance"}, sorted(variables)
    assert variables["datasource"]["type"] == "datasource"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids), "panels with the same id"
    for panel in dashboard["panels"]:
        assert panel["title"], panel
        if panel["type"] == "row":
            continue
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        for target in panel["targets"]:
            query = target["expr"]
            assert query.count('job="$job"') == query.count('instance=~"$instance"') >= len(metrics_in(query) or ["up"]), query
            assert target["legendFormat"], query
            for span in re.findall(r"rate\([^[]*\[([^]]*)\]", query):
                assert span == "$__rate_interval", query


def every_alert_fires_and_clears():
    if not shutil.which("promtool"):
        return "there is no promtool (Debian: prometheus)"
    for words in (["check", "rules", RULES], ["test", "rules", RULES_TEST]):
        done = subprocess.run(["promtool"] + words, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
    return None


def prometheus_takes_the_configuration_of_the_runbook():
    if not shutil.which("promtool"):
        return "there is no promtool (Debian: prometheus)"
    lines = re.search(r"\n\n((?:    .*\n)*    scrape_configs:\n(?:    .*\n)*)", read(RUNBOOK)).group(1)
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(os.path.join(ROOT, RULES), directory)
        with open(os.path.join(directory, "prometheus.yml"), "w") as file:
            file.write(re.sub("^    ", "", lines, flags=re.M))
        done = subprocess.run(["promtool", "check", "config", file.name], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "rules found" in done.stdout, done.stdout + done.stderr
    return None


def main():
    failed = passed = 0
    for test in (every_metric_named_is_one_of_the_code_and_of_the_man_page,
                 every_alert_is_in_the_runbook_and_in_the_test_of_the_rules, links_within_the_runbook_lead_somewhere,
                 the_dashboard_is_one_that_grafana_imports_and_has_its_variables, every_alert_fires_and_clears,
                 prometheus_takes_the_configuration_of_the_runbook):
        try:
            skipped = test()
            print("skipped %s: %s" % (test.__name__, skipped) if skipped else "ok %s" % test.__name__)
            passed += not skipped
        except AssertionError as reason:
            failed += 1
            print("not ok %s: %s" % (test.__name__, reason))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
