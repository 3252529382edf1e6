# SPDX-License-Identifier: GPL-2.0-only
"""Debian's crowdsec in the namespace of the edge: its LAPI on loopback, its own directory, no network, and no agent that
reads logs."""
import json
import os
import shutil
import signal
import subprocess

from harness import Skipped
from lab import wait_for

KEY = "a-key-of-the-test"
URL = "http://127.0.0.1:8080"
HUB = "/var/lib/crowdsec/hub"

CONFIG = """
common: {daemonize: false, log_media: stdout, log_level: warning, working_dir: DIR}
config_paths: {config_dir: DIR, data_dir: DIR/data, simulation_path: DIR/simulation.yaml, hub_dir: HUB,
               index_path: HUB/.index.json, notification_dir: DIR/notifications, plugin_dir: DIR/plugins}
cscli: {output: json}
db_config: {log_level: warning, type: sqlite, db_path: DIR/data/crowdsec.db, use_wal: true}
api:
  client: {insecure_skip_verify: false, credentials_path: DIR/credentials.yaml}
  server: {log_level: warning, listen_uri: "127.0.0.1:8080", profiles_path: DIR/profiles.yaml, console_path: DIR/console.yaml}
prometheus: {enabled: false}
"""


class CrowdSec:
    def __init__(self, lab):
        for program in ("crowdsec", "cscli"):
            if not shutil.which(program):
                raise Skipped(program)
        self.lab, self.dir, self.process = lab, os.path.join(lab.dir, "crowdsec"), None
        for folder in ("data", "notifications", "plugins"):
            os.makedirs(os.path.join(self.dir, folder))
        self.write("config.yaml", CONFIG.replace("DIR", self.dir).replace("HUB", HUB))
        self.write("simulation.yaml", "simulation: off\n")
        self.write("console.yaml", "share_manual_decisions: false\n")
        self.write("profiles.yaml", "name: none\nfilters: [\"false\"]\ndecisions: [{type: ban, duration: 4h}]\non_success: break\n")
        self.write("credentials.yaml", "")
        self.cscli("machines", "add", "test", "--password", "not-a-secret", "-f", self.path("credentials.yaml"), "-u", URL)
        self.cscli("bouncers", "add", "slash64", "-k", KEY)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def cscli(self, *words):
        done = self.lab.run("edge", "cscli", "-c", self.path("config.yaml"), *words, check=False, timeout=120)
        if done.returncode:
            raise subprocess.SubprocessError("cscli %s: %s" % (" ".join(words), done.stderr or done.stdout))
        return done.stdout

    def start(self):
        log = open(self.path("log"), "a")
        self.process = self.lab.spawn("edge", "crowdsec", "-c", self.path("config.yaml"), "-no-cs", stdout=log, stderr=log)
        wait_for(lambda: ":8080" in self.lab.run("edge", "ss", "-ltn").stdout, 30, "crowdsec")
        return self

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=30)

    def decisions(self):
        """{value: [its decisions]}, as cscli lists them."""
        found = {}
        for alert in json.loads(self.cscli("decisions", "list", "--all", "-o", "json", "--limit", "0")) or []:
            for decision in alert["decisions"] or []:
                if not decision["duration"].startswith("-"):
                    found.setdefault(decision["value"], []).append(decision)
        return found

    def bring_in(self, rows):
        """Many decisions: (duration, scope, value, type)."""
        path = self.write("decisions.json", json.dumps([dict(zip(("duration", "scope", "value", "type"), row)) for row in rows]))
        self.cscli("decisions", "import", "-i", path)
