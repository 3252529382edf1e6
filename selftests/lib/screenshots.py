#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes the pictures of the page in docs/images: light and dark, wide and narrow, of a network with a flood in it.

    screenshots.py DIRECTORY"""
import os
import subprocess
import sys
import time

from browser import Browser, enter
from lab import BAD_1, Lab

SECONDS = 100  # of traffic, before the pictures
PICTURES = (("page-light", 1280, 900, False), ("page-dark", 1280, 900, True),
            ("page-narrow-light", 390, 844, False), ("page-narrow-dark", 390, 844, True))
BYTES_MAX = 150 << 10


def traffic(lab):
    lab.spawn("client", "ping", "-6", "-q", "-i", "0.02", "2001:db8:5e:1::10")
    lab.flood("2001:db8:bad:f000::/52", 700, SECONDS + 60, "syn")
    lab.flood("2001:db8:bad:2::/64", 400, SECONDS + 60, "echo")
    time.sleep(SECONDS / 3)
    lab.slash64("block", BAD_1, "--reason", "UDP flood at port 53", "--ticket", "NOC-4711", "--for", "2h")
    lab.slash64("throttle", "2001:db8:bad:2::/64", "--rate", "100", "--reason", "too many pings", "--for", "1h")
    lab.flood(BAD_1, 2500, SECONDS, "udp")
    time.sleep(SECONDS * 2 / 3)


def main(directory):
    os.makedirs(directory, exist_ok=True)
    with Lab() as lab:
        lab.start(lab.config())
        enter(lab)
        browser = Browser()
        browser.open()
        traffic(lab)
        for name, width, height, dark in PICTURES:
            path = os.path.join(directory, name + ".png")
            browser.look(width, height, dark)
            browser.run("window.scrollTo(0, 0)")
            time.sleep(3)
            browser.picture(path)
            subprocess.run(["optipng", "-quiet", "-o5", path], check=True)
            print(path, os.path.getsize(path), "bytes")
            if os.path.getsize(path) > BYTES_MAX:
                sys.exit("%s is larger than %d bytes" % (path, BYTES_MAX))
        browser.close()


main(sys.argv[1])
