# SPDX-License-Identifier: GPL-2.0-only
"""A real prometheus that scrapes slash64d."""
import json
import os
import shutil

from lab import wait_for

PROMETHEUS = "[::1]:9090"


def query(lab, text):
    done = lab.run("edge", "curl", "-sS", "-g", "--get", "--data-urlencode", "query=" + text,
                   "http://%s/api/v1/query" % PROMETHEUS, check=False)
    # not before it is ready
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return [(row["metric"], float(row["value"][1])) for row in answer.get("data", {}).get("result", [])]


class Prometheus:
    """A real one in the namespace of the router, which scrapes each second and keeps the rules without waiting."""

    def __init__(self, lab, rules="", more=()):
        self.lab = lab
        directory = os.path.join(lab.dir, "prometheus")
        shutil.rmtree(directory, ignore_errors=True)
        with open(os.path.join(lab.dir, "rules.yml"), "w") as f:
            f.write(rules)
        with open(os.path.join(lab.dir, "prometheus.yaml"), "w") as f:
            f.write("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
                    "rule_files: [rules.yml]\n"
                    "scrape_configs: [{job_name: slash64, static_configs: [{targets: %s}]}]\n" % ["[::1]:9664", *more])
        self.process = lab.spawn("edge", "prometheus", "--config.file=" + os.path.join(lab.dir, "prometheus.yaml"),
                                 "--storage.tsdb.path=" + directory, "--web.listen-address=" + PROMETHEUS,
                                 stdout=open(os.path.join(lab.dir, "prometheus.log"), "w"), stderr=-2)

    def __enter__(self):
        wait_for(lambda: query(self.lab, 'up{job="slash64"} == 1'), 30, "the first scrape", step=0.3)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def firing(self, name):
        return query(self.lab, 'ALERTS{alertname="%s",alertstate="firing"}' % name)
