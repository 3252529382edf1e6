#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The metrics, checked by promtool and by a real prometheus."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import check, check_between, check_equal, main, test
from lab import BAD_1, BAD_2, wait_for

URL = "http://[::1]:9664/metrics"
PROMETHEUS = "[::1]:9090"


def scrape(lab, *words):
    return lab.run("edge", "curl", "-sS", "--fail", "-g", *words, URL).stdout


def query(lab, text):
    done = lab.run("edge", "curl", "-sS", "-g", "--get", "--data-urlencode", "query=" + text,
                   "http://%s/api/v1/query" % PROMETHEUS, check=False)
    answer = json.loads(done.stdout or "{}")
    return [(row["metric"], float(row["value"][1])) for row in answer.get("data", {}).get("result", [])]


@test
def promtool_has_no_complaint(lab):
    lab.flood(BAD_1, 2000, 0.5).communicate()
    done = lab.run("edge", "promtool", "check", "metrics", input=scrape(lab), check=False)
    check_equal((done.returncode, done.stdout + done.stderr), (0, ""), "promtool")


@test
def openmetrics_is_given_to_who_accepts_it(lab):
    plain = scrape(lab, "-i")
    check("content-type: text/plain; version=0.0.4" in plain.lower(), "not text 0.0.4")
    accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    text = scrape(lab, "-i", "-H", accept)
    check("content-type: application/openmetrics-text; version=1.0.0" in text.lower(), "not OpenMetrics")
    check(text.endswith("# EOF\n"), "it does not end in # EOF")
    check("# TYPE slash64_packets counter" in text, "the family is not slash64_packets")


@test
def no_label_tells_a_source(lab):
    text = scrape(lab)
    check("2001:" not in text, "an address is in it")
    check(len(text.splitlines()) < 200, "it has %d lines" % len(text.splitlines()))


@test
def the_command_tells_the_same_families(lab):
    def families(text):
        return sorted(line for line in text.splitlines() if line.startswith("# TYPE"))

    check_equal(families(lab.slash64("metrics").stdout), families(scrape(lab)), "families")


@test
def gauges_say_what_is_there(lab):
    lab.slash64("block", BAD_1)
    values = dict(line.rsplit(" ", 1) for line in scrape(lab).splitlines() if not line.startswith("#"))
    lab.slash64("unblock", BAD_1)
    check_equal(float(values["slash64_blocks"]), 1, "slash64_blocks")
    check_equal(float(values["slash64_blocks_capacity"]), 1048576, "slash64_blocks_capacity")
    check_equal(float(values["slash64_interfaces"]), 1, "slash64_interfaces")
    check(any(k.startswith("slash64_limiter") for k in values), "no gauge of the limiter")
    check(float(values["process_resident_memory_bytes"]) > 1e6, "no figure of the process")
    check(any(k.startswith("slash64_build_info{version=") for k in values), "no slash64_build_info")


@test
def prometheus_answers_with_the_rate_that_was_sent(lab):
    config = os.path.join(lab.dir, "prometheus.yaml")
    with open(config, "w") as f:
        f.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                "scrape_configs: [{job_name: slash64, static_configs: [{targets: ['[::1]:9664']}]}]\n")
    prometheus = lab.spawn("edge", "prometheus", "--config.file=" + config,
                           "--storage.tsdb.path=" + os.path.join(lab.dir, "prometheus"),
                           "--web.listen-address=" + PROMETHEUS,
                           stdout=open(os.path.join(lab.dir, "prometheus.log"), "w"), stderr=-2)
    try:
        flood = lab.flood(BAD_2, 1000, 20, "udp")
        lab.slash64("block", BAD_1)
        blocked = lab.flood(BAD_1, 500, 20, "udp")
        wait_for(lambda: query(lab, 'up{job="slash64"} == 1'), 20, "the first scrape", step=0.3)
        time.sleep(8)
        rates = {verdict: query(lab, 'rate(slash64_packets_total{interface="wan0",class="udp",'
                                     'verdict="%s",reason="%s"}[5s])' % (verdict, reason))
                 for verdict, reason in (("pass", "policy"), ("drop", "blocked"))}
        size = query(lab, 'rate(slash64_bytes_total{class="udp",verdict="pass"}[5s])')
        flood.terminate()
        blocked.terminate()
    finally:
        prometheus.terminate()
        prometheus.wait(timeout=20)
        lab.slash64("unblock", BAD_1)
    check_equal([len(rates["pass"]), len(rates["drop"])], [1, 1], "answers")
    check_between(900, rates["pass"][0][1], 1100, "packets passed a second")
    check_between(450, rates["drop"][0][1], 550, "packets dropped a second")
    check_between(900 * 118, size[0][1], 1100 * 118, "bytes passed a second")


main(lambda lab: lab.start(lab.config()))
