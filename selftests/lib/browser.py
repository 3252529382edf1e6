# SPDX-License-Identifier: GPL-2.0-only
"""A headless Chromium in the namespace of the edge, and axe-core, which finds what people with other senses meet. Both are for
tests only: without them, they are skipped."""
import ctypes
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

from harness import Skipped
from lab import BUILD

PAGE = "http://[::1]:9665/"
AXE = "4.10.2"
AXE_SHA256 = "b511cd9dec01c76f4b2ad1723b66b6db37d4c2eb4ed199076e1829d9ee7b75e3"  # of its axe.min.js

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars")


def enter(lab):
    """This thread talks from the edge from now on, until the lab is taken down, with everybody who is in it."""
    fetch_axe()
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    close = lab.close

    def leave():
        go_to(own)
        close()
    edge = os.open("/run/netns/" + lab.ns("edge"), os.O_RDONLY)
    go_to(edge)
    os.close(edge)
    lab.close = leave


def go_to(namespace):
    if ctypes.CDLL(None, use_errno=True).setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "setns")


def axe_path():
    return os.path.join(BUILD, "axe-%s.js" % AXE)


def fetch_axe():
    """Its source, of that version exactly, by npm, once: while there is a network, which an edge has not."""
    if os.path.exists(axe_path()) or not shutil.which("npm"):
        return
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(["npm", "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=20000", "axe-core@" + AXE],
                              cwd=place, capture_output=True, text=True)
        if done.returncode:
            return
        with tarfile.open(os.path.join(place, done.stdout.split()[-1])) as package:
            source = package.extractfile("package/axe.min.js").read()
    if hashlib.sha256(source).hexdigest() != AXE_SHA256:
        raise AssertionError("axe-core %s is not what it was" % AXE)
    with open(axe_path() + ".new", "wb") as file:
        file.write(source)
    os.rename(axe_path() + ".new", axe_path())


def axe():
    if not os.path.exists(axe_path()):
        raise Skipped("axe-core: npm is not installed, or could not fetch it; is there a network?")
    with open(axe_path()) as file:
        return file.read()


class Browser:
    def __init__(self, dark=False):
        try:
            from selenium import webdriver
            from selenium.webdriver.chrome.service import Service
        except ImportError:
            raise Skipped("python3-selenium is not installed")
        for program in ("chromium", "chromedriver"):
            if not shutil.which(program):
                raise Skipped(program + " is not installed")
        self.profile = tempfile.mkdtemp(prefix="s64-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in FLAGS + ("--user-data-dir=" + self.profile,):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.console, self.urls = [], []
        self.look(1280, 900, dark)

    def look(self, width, height=900, dark=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def open(self, url=PAGE):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def rows(self, table):
        """The text of each cell of a table."""
        return self.run("return [...document.getElementById(arguments[0]).tBodies[0].rows]"
                        ".map(r => [...r.cells].map(c => c.textContent))", table)

    def text(self, element):
        return self.run("return document.getElementById(arguments[0]).textContent", element)

    def press(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains
        ActionChains(self.driver).send_keys(*keys).perform()

    def faults(self):
        """Of accessibility, serious and worse: what, where."""
        self.run(axe())
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(r => done(r.violations), e => done([{impact: "
            "'critical', id: String(e), nodes: []}]))")
        return ["%s: %s" % (one["id"], node["html"][:100]) for one in found if one["impact"] in ("serious", "critical")
                for node in one["nodes"] or [{"html": ""}]]

    def read_logs(self):
        self.console += [line for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.urls.append(message["params"]["request"]["url"])

    def picture(self, path, whole=False):
        png = self.driver.get_screenshot_as_png() if not whole else None
        if whole:
            import base64
            png = base64.b64decode(self.cdp("Page.captureScreenshot", captureBeyondViewport=True)["data"])
        with open(path, "wb") as file:
            file.write(io.BytesIO(png).getvalue())

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)
