#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The metrics, checked by promtool and by a real prometheus."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from adapters import Adapter
from harness import check, check_equal, main, test
from lab import BAD_1, BAD_2, ROOT, wait_for
from prometheus import Prometheus, query

URL = "http://[::1]:9664/metrics"
DASHBOARDS = os.path.join(ROOT, "docs", "dashboards")


def scrape(lab, *words):
    return lab.run("edge", "curl", "-sS", "--fail", "-g", *words, URL).stdout


def rules_at_once():
    """Those of docs/dashboards, without the time that an alert waits."""
    with open(os.path.join(DASHBOARDS, "slash64.rules.yml")) as f:
        return re.sub(r"for: \w+", "for: 0s", f.read())


def queries_of_the_dashboard():
    """Without the limit of those that are empty as long as all is well."""
    with open(os.path.join(DASHBOARDS, "slash64.json")) as f:
        panels = json.load(f)["panels"]
    for panel in panels:
        for target in panel.get("targets", []):
            expr = re.sub(r"^(slash64_adapter_.*) > 0$", r"\1", target["expr"])
            yield expr.replace("$__rate_interval", "5s").replace("$job", "slash64").replace("$instance", ".+")


def queries_of_the_alerts():
    """The two sides of each comparison; of a limit of reasons that never comes, all reasons."""
    rules = subprocess.run(["promtool", "check", "rules", os.path.join(DASHBOARDS, "slash64.rules.yml")],
                           capture_output=True, text=True)
    check_equal(rules.returncode, 0, "promtool check rules")
    with open(os.path.join(DASHBOARDS, "slash64.rules.yml")) as f:
        text = f.read()
    for rule in re.split(r"^      - alert: ", text, flags=re.M)[1:]:
        expr = re.search(r"expr: (?:\|-\n)?(.*?)\n        (?:for|labels):", rule, re.S).group(1)
        expr = re.sub(r',?reason=~"[^"]*"', "", expr).replace('{filter="monitor"}', "")
        expr = re.sub(r"\[\w+\]( offset \w+)?", "[5s]", expr)
        expr = re.sub(r"absent\(.*?\)", "vector(1)", expr)
        yield rule.split("\n")[0], re.sub(r"(?:==|>) *[0-9.]+", "", expr)


MANY = """
import socket
all = [socket.create_connection(("::1", 9664)) for _ in range(100)]
for s in all:
    s.sendall(b"GET /metrics HTTP/1.0\\r\\n\\r\\n")
texts = set()
for s in all:
    said = b""
    while part := s.recv(1 << 20):
        said += part
    texts.add(said.split(b"\\r\\n\\r\\n", 1)[1])
print(len(texts), min(map(len, texts)))
"""


@test
def who_scrapes_at_the_same_time_shares_an_answer(lab):
    """issue 13, line 9: 100 at once were 100 answers made in one turn, 30 ms and more"""
    different, length = map(int, lab.run("edge", "/usr/bin/python3", "-c", MANY).stdout.split())
    check(different <= 20, "%d different answers to 100" % different)
    check(length > 5000, "an answer of %d bytes" % length)


@test
def every_query_of_the_dashboard_and_of_the_alerts_gives_data(lab):
    """issue 16 line 6"""
    feed = os.path.join(lab.dir, "bad.list")
    with open(feed, "w") as f:
        f.write("2001:db8:fee:1::/64\n")
    lab.stop()
    lab.start(lab.config("feeds: [{file: %s, origin: bad}]\n" % feed))
    wait_for(lambda: 'slash64_feed_entries{origin="bad"} 1' in scrape(lab), 20, "the feed")
    lab.slash64("block", BAD_1)
    floods = [lab.flood(BAD_1, 500, 60, "udp"), lab.flood(BAD_2, 500, 60, "udp")]
    # its LAPI is not there, which counts as a failure of the source
    adapter = Adapter(lab, "slash64-crowdsec", socket=lab.socket, interval="1s", lapi={"url": "http://[::1]:1/", "key": "none"}).start()
    with Prometheus(lab, more=[adapter.metrics]):
        wait_for(lambda: query(lab, 'rate(slash64_packets_total{verdict="drop"}[5s]) > 0'), 20, "rates", step=0.3)
        for text in queries_of_the_dashboard():
            wait_for(lambda text=text: query(lab, text), 20, "data for the dashboard: " + text, step=0.3)
        for name, text in queries_of_the_alerts():
            wait_for(lambda text=text: query(lab, text), 20, "data for the alert " + name, step=0.3)
    adapter.stop()
    for flood in floods:
        flood.terminate()
    lab.slash64("unblock", BAD_1)


@test
def alerts_fire_and_clear_as_it_happens(lab):
    """issue 16 line 6: not attached, reload failed, feed failed; and slash64d is gone"""
    feed = os.path.join(lab.dir, "bad.list")
    config = os.path.join(lab.dir, "slash64.yaml")
    with open(config) as f:
        text = f.read()
    with Prometheus(lab, rules_at_once()) as prometheus:
        def comes(name, **labels):
            found = wait_for(lambda: prometheus.firing(name), 20, name, step=0.3)
            check(all(found[0][0].get(k) == v for k, v in labels.items()), "%s: %r" % (name, found))

        def clears(name):
            wait_for(lambda: not prometheus.firing(name), 30, "the end of " + name, step=0.3)

        wait_for(lambda: query(lab, "slash64_interface_attached == 1"), 20, "data", step=0.3)
        check_equal([prometheus.firing(n) for n in ("Slash64NotAttached", "Slash64ReloadFailed", "Slash64FeedFailed")],
                    [[], [], []], "while all is well")
        lab.slash64("detach", "wan0")
        comes("Slash64NotAttached", interface="wan0", mode="none")
        lab.slash64("attach", "wan0")
        clears("Slash64NotAttached")
        with open(config, "a") as f:
            f.write("nonsense: 1\n")
        check_equal(lab.slash64("reload", check=False).returncode, 1, "a reload of nonsense")
        comes("Slash64ReloadFailed")
        with open(config, "w") as f:
            f.write(text)
        lab.slash64("reload")
        clears("Slash64ReloadFailed")
        with open(feed + ".new", "w") as f:
            f.write("no prefix at all\n")
        os.rename(feed + ".new", feed)
        comes("Slash64FeedFailed", origin="bad")
        with open(feed + ".new", "w") as f:
            f.write("2001:db8:fee:1::/64\n2001:db8:fee:2::/64\n")
        os.rename(feed + ".new", feed)
        clears("Slash64FeedFailed")
        lab.stop()
        comes("Slash64Down")
        lab.start(lab.config())
        clears("Slash64Down")
    for prefix in ("2001:db8:fee:1::/64", "2001:db8:fee:2::/64"):
        lab.slash64("unblock", prefix)


@test
def the_metrics_of_a_detached_interface_are_zero_and_stay(lab):
    """issue 16 line 6"""
    lab.flood(BAD_2, 500, 0.5, "udp").communicate()
    lab.slash64("detach", "wan0")
    values = dict(line.rsplit(" ", 1) for line in scrape(lab).splitlines() if 'interface="wan0"' in line)
    lab.slash64("attach", "wan0")
    check({name.split("{")[0] for name in values} == {"slash64_packets_total", "slash64_bytes_total", "slash64_interface_attached",
                                                      "slash64_interface_repairs_total"}, "names: %s" % sorted(values))
    check(set(values.values()) == {"0"}, "values: %s" % values)


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


main(lambda lab: lab.start(lab.config()))
