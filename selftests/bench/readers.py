#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What slash64d costs while 50 pages are open, which ask what the page asks. Prints rows of the benchmark's table, and writes
them as JSON to the given file."""
import json
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from controller import figure, rows  # noqa: E402
from lab import Lab  # noqa: E402

PAGES = 50
SECONDS = 20
FLOOD_PPS = 20000

# Every page asks for an overview each second, spread over it, and follows five events a second; runs on the edge.
READERS = """
import http.client, socket, sys, threading, time
pages, seconds = int(sys.argv[1]), float(sys.argv[2])
end = time.monotonic() + seconds
answers = []
def follow():
    s = socket.create_connection(("::1", 9665))
    s.sendall(b"GET /v1/events?per_second=5 HTTP/1.1\\r\\nHost: [::1]:9665\\r\\n\\r\\n")
    while s.recv(65536):
        pass
def look(i):
    http_ = http.client.HTTPConnection("::1", 9665)
    following = threading.Thread(target=follow, daemon=True)
    following.start()
    at = time.monotonic() + i / pages
    while at < end:
        time.sleep(max(0, at - time.monotonic()))
        http_.request("GET", "/v1/overview", headers={"Host": "[::1]:9665"})
        answer = http_.getresponse()
        answer.read()
        answers.append(answer.status)
        at += 1
all_of_them = [threading.Thread(target=look, args=(i,)) for i in range(pages)]
for one in all_of_them:
    one.start()
for one in all_of_them:
    one.join()
print(len([a for a in answers if a == 200]), len(answers))
"""


def cpu_s(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of_a_cpu(lab, pages):
    start, before = time.monotonic(), cpu_s(lab.daemon.pid)
    done = lab.run("edge", sys.executable, "-c", READERS, str(pages), str(SECONDS), timeout=SECONDS + 60)
    share = 100 * (cpu_s(lab.daemon.pid) - before) / (time.monotonic() - start)
    good, asked = (int(n) for n in done.stdout.split())
    if good != asked or asked < pages * SECONDS * 0.9:
        print("%d of %d answers, of %d expected" % (good, asked, pages * SECONDS))
    return share


def main():
    print("\n%-62s %12s %8s %8s" % ("slash64d, %d packets a second" % FLOOD_PPS, "MEASURED", "MUST", "REACH"))
    with Lab() as lab:
        lab.start(lab.config())
        flood = lab.flood("2001:db8:bad:1::/64", FLOOD_PPS, 3 * SECONDS + 60, "udp", sources=1000)
        figure("CPU while one page is open", share_of_a_cpu(lab, 1), "%")
        figure("CPU while %d pages are open" % PAGES, share_of_a_cpu(lab, PAGES), "%", 5, 5)
        flood.kill()
        flood.wait()
    with open(sys.argv[1], "w") as f:
        json.dump(rows, f)


if __name__ == "__main__":
    main()
