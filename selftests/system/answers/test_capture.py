#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Packets are captured as they came in, dropped ones too, and tshark reads them."""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

import pcapng
from api import Api, schema
from harness import check, check_between, check_equal, main, test
from lab import BAD_1, BAD_2, BUILD, SERVER, wait_for

LONG_IMPORT = 400000


def capture(lab, *words, stdout=subprocess.DEVNULL):
    """Started, and running in the datapath."""
    begun = captures(lab)
    process = subprocess.Popen(lab.argv("edge", [lab.cli, "--socket", lab.socket, "capture", *words]),
                               stdout=stdout, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    wait_for(lambda: process.poll() is not None or captures(lab) > begun, 10, "no capture has begun")
    time.sleep(0.1)
    return process


def captures(lab):
    """How many there have been, by the log."""
    out = lab.slash64("log", "--json", "--limit", "1000").stdout
    return sum(json.loads(line)["action"] == "capture" for line in out.splitlines())


def ended(process, number=signal.SIGINT):
    if number:
        process.send_signal(number)
    said = process.communicate(timeout=20)[1]
    return process.returncode, said


def packets(lab, path, *fields):
    """A list of the fields of each packet, as tshark says; it must have no complaint."""
    words = [word for field in fields for word in ("-e", field)]
    done = lab.run("edge", "tshark", "-n", "-r", path, "-T", "fields", *words, check=False)
    complaints = [line for line in done.stderr.splitlines() if line and "Running as user" not in line]
    check_equal((done.returncode, complaints), (0, []), "tshark")
    return [line.split("\t") for line in done.stdout.splitlines()]


@test
def a_blocked_source_is_captured_byte_for_byte(lab):
    path = os.path.join(lab.dir, "blocked.pcapng")
    lab.slash64("block", BAD_1)
    process = capture(lab, "--source", BAD_1, "--write", path)
    lab.flood(BAD_1, 500, 1).communicate()
    lab.flood(BAD_2, 500, 0.5).communicate()
    code, said = ended(process)
    lab.slash64("unblock", BAD_1)
    check_equal(code, 0, said)
    rows = packets(lab, path, "frame.comment", "ipv6.src", "frame.len", "frame.cap_len", "frame.interface_name",
                   "icmpv6.checksum.status")
    check_between(480, len(rows), 510, "packets of some 500")
    comment = re.compile(r"verdict=drop reason=blocked class=echo-request source=2001:db8:bad:1::/64 check=[0-9A-Z]{2}")
    for said_of, source, length, kept, interface, checksum in rows:
        check(comment.fullmatch(said_of), said_of)
        check(source.startswith("2001:db8:bad:1:"), source)
        check_equal((kept, interface), (length, "wan0"), "a packet")
        check(checksum in ("1", ""), "a checksum that is wrong: %s" % checksum)
    check("captured %d packets\n" % len(rows) in said, said)


@test
def a_pipe_is_read_live(lab):
    lab.slash64("block", BAD_1)
    process = capture(lab, "--verdict", "drop", "--write", "-", stdout=subprocess.PIPE)
    reader = subprocess.Popen(["tshark", "-n", "-l", "-r", "-", "-c", "5", "-T", "fields", "-e", "ipv6.src"],
                              stdin=process.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.close()
    flood = lab.flood(BAD_1, 200, 5)
    out = reader.communicate(timeout=20)[0]
    check_equal(len(out.splitlines()), 5, "packets")
    said = process.communicate(timeout=10)[1]  # its reader has gone
    flood.kill()
    flood.communicate()
    lab.slash64("unblock", BAD_1)
    check_equal(process.returncode, 0, said)


@test
def it_ends_by_number_and_by_time(lab):
    path = os.path.join(lab.dir, "few.pcapng")
    process = capture(lab, "--source", BAD_2, "--packets", "7", "--snaplen", "60", "--write", path)
    lab.flood(BAD_2, 200, 1).communicate()
    code, said = ended(process, None)
    check_equal(code, 0, said)
    rows = packets(lab, path, "frame.cap_len", "frame.len", "frame.comment")
    check_equal(len(rows), 7, "packets")
    for kept, length, comment in rows:
        check(int(kept) == min(60, int(length)), "%s of %s" % (kept, length))
        check("verdict=pass" in comment, comment)
    process = capture(lab, "--for", "1s", "--source", "2001:db8:dead::/48", "--write", path)
    code, said = ended(process, None)
    check_equal((code, said), (0, "captured 0 packets\n"), "a capture of nothing")
    check_equal(packets(lab, path, "frame.len"), [], "packets")


@test
def it_is_off_when_its_reader_is_killed(lab):
    first = capture(lab, "--write", "/dev/null")
    done = lab.slash64("capture", "--write", "/dev/null", check=False)
    check_equal(done.returncode, 1, "a second capture")
    check(re.search(r"root captures since .* \(process %d\)" % first.pid, done.stderr), done.stderr)
    first.kill()
    first.communicate()
    done = lab.slash64("capture", "--packets", "1", "--for", "1s", "--write", "/nonexistent/file", check=False)
    check("No such file" in done.stderr, "a capture at once after it: " + done.stderr)
    wait_for(lambda: not is_on(lab), 0.7, "the capture goes on without a reader")
    second = capture(lab, "--write", "/dev/null")
    check_equal(ended(second)[0], 0, "a capture after it")
    check(not is_on(lab), "the capture goes on")


def is_on(lab):
    """By the map that says until when."""
    dump = json.loads(lab.run("edge", "bpftool", "-j", "map", "dump", "pinned", lab.pins + "/maps/s64_capture").stdout)
    return any(int(byte, 16) for byte in dump[0]["value"][:8])


@test
def it_ends_in_the_datapath_when_slash64d_is_killed(lab):
    process = capture(lab, "--write", "/dev/null")
    lab.daemon.kill()
    lab.daemon.wait()
    code, said = ended(process, None)
    check_equal(code, 1, "a capture whose slash64d was killed")
    check("slash64d is gone" in said, said)
    lab.start()
    check(not is_on(lab), "the capture goes on after a start")


@test
def in_monitor_mode_nothing_is_said_to_be_dropped(lab):
    path = os.path.join(lab.dir, "monitored.pcapng")
    lab.slash64("block", BAD_1)
    lab.slash64("attach", "wan0", "--filter", "monitor")
    process = capture(lab, "--source", BAD_1, "--write", path)
    lab.flood(BAD_1, 200, 0.5).communicate()
    check_equal(ended(process)[0], 0, "the capture")
    lab.slash64("attach", "wan0", "--filter", "enforce")
    lab.slash64("unblock", BAD_1)
    rows = packets(lab, path, "frame.comment")
    check(len(rows) > 50, "%d packets" % len(rows))
    for (comment,) in rows:
        check("verdict=would_drop reason=blocked" in comment, comment)


@test
def what_is_lost_is_told_exactly(lab):
    path = os.path.join(lab.dir, "flood.pcapng")
    lab.slash64("block", BAD_1)
    process = capture(lab, "--source", BAD_1, "--write", path)
    process.send_signal(signal.SIGSTOP)  # a reader that does not read
    sent = lab.received(lab.flood(BAD_1, 1000000, 1))["sent"]
    process.send_signal(signal.SIGCONT)
    code, said = ended(process)
    lab.slash64("unblock", BAD_1)
    check_equal(code, 0, said)
    taken = len(pcapng.read(path).packets)
    found = re.search(r"captured ([\d,]+) packets(?:, ([\d,]+) lost)?", said)
    check_equal(int(found.group(1).replace(",", "")), taken, "packets in the file")
    print("# %d sent, %s" % (sent, said.strip()))


@test
def the_answer_is_what_the_schema_says(lab):
    """With descriptors of rings beside it, one for each CPU."""
    with socket.socket(socket.AF_UNIX) as ours:
        ours.connect(lab.socket)
        ours.sendall(b"POST /v1/captures HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n" + b'{"class": "udp"}')
        text, fds, end = b"", [], time.monotonic() + 10
        while text.count(b"\n") < 4 + 3 and time.monotonic() < end:
            more, some, _, _ = socket.recv_fds(ours, 65536, 128)
            text, fds = text + more, fds + list(some)
        lines = [json.loads(line) for line in text.split(b"\r\n\r\n", 1)[1].splitlines()]
        schema.check_rows(["capture_line"], lines, "strict")
        check_equal(len(fds), lines[0]["rings"], "descriptors")
        for fd in fds:
            os.close(fd)
        api = Api(lab.socket)
        api.variant = "strict"
        check_equal(api.ask("DELETE", "/v1/captures", capture=lines[0]["capture"])["capture"], lines[0]["capture"], "its number")
        check_equal(ours.recv(1), b"", "the connection of a capture that has ended")
    check(not is_on(lab), "the capture goes on")


@test
def who_captures_is_logged_and_readers_may_not(lab):
    before = captures(lab)
    process = capture(lab, "--class", "udp", "--interface", "wan0", "--write", "/dev/null")
    check_equal(ended(process)[0], 0, "the capture")
    check_equal(captures(lab), before + 1, "rows in the log")
    row = [json.loads(line) for line in lab.slash64("log", "--json", "--limit", "3").stdout.splitlines()
           if "capture" in line][-1]
    check("class udp" in row["detail"] and "interface wan0" in row["detail"], row)
    read = os.path.join(lab.dir, "read.sock")
    done = lab.run("edge", lab.cli, "--socket", read, "capture", "--write", "/dev/null", check=False)
    check_equal(done.returncode, 1, "a capture over the read socket")
    for words, text in ((("--class", "utp"), "did you mean 'udp'"), (("--interface", "eth9"), "eth9"),
                        (("--source", "wan0"), "wan0"), (("--verdict", "dropped"), "dropped")):
        done = lab.slash64("capture", *words, "--write", "/dev/null", check=False)
        check(done.returncode in (1, 2) and text in done.stderr and done.stderr.count("\n") == 1, done.stderr)


@test
def it_does_not_wait_for_a_long_import(lab):
    path = os.path.join(lab.dir, "long.txt")
    with open(path, "w") as file:
        file.writelines("2001:db8:%x:%x::/64\n" % (i >> 16 | 0x4000, i & 0xffff) for i in range(LONG_IMPORT))
    begun = captures(lab)
    importing = lab.spawn("edge", lab.cli, "--socket", lab.socket, "import", path, "--origin", "long")
    wait_for(lambda: importing.poll() is not None or waits(lab), 30, "the import")
    with started(lab) as ours:
        check(ours.recv(100).startswith(b"HTTP/1.1 200"), "a capture beside an import is refused")
        check(importing.poll() is None, "a capture begins when the import has ended")
    check_equal(importing.wait(timeout=120), 0, "the import")
    wait_for(lambda: captures(lab) == begun + 1, 10, "its row in the log")
    lab.slash64("unblock", "--origin", "long", "--yes")


def started(lab):
    """A client of the API that captures everything."""
    ours = socket.socket(socket.AF_UNIX)
    ours.connect(lab.socket)
    ours.sendall(b"POST /v1/captures HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    return ours


def waits(lab):
    """Does a change have to wait? Asked with one that is refused at once."""
    with socket.socket(socket.AF_UNIX) as ours:
        ours.connect(lab.socket)
        ours.sendall(b"POST /v1/confirm HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        return not select.select([ours], [], [], 0.1)[0]


@test
def ctrl_c_ends_it_though_nobody_reads_its_pipe(lab):
    reader, writer = os.pipe()
    process = capture(lab, "--source", BAD_1, "--write", "-", stdout=writer)
    os.close(writer)
    lab.flood(BAD_1, 3000, 2).communicate()  # more than a pipe holds
    code, said = ended(process)
    os.close(reader)
    check_equal(code, 1, said)
    check("nobody reads it" in said and said.count("\n") == 1, said)
    check(not is_on(lab), "the capture goes on")


@test
def a_client_that_leaves_something_unread_is_gone_all_the_same(lab):
    with started(lab) as ours:
        ours.recv(100)
        wait_for(lambda: is_on(lab), 5, "the capture")
        ours.sendall(b"and more")
    wait_for(lambda: not is_on(lab), 0.7, "the capture goes on without a reader")


@test
def a_full_disk_leaves_whole_packets(lab):
    small = os.path.join(lab.dir, "small")
    os.mkdir(small)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], check=True)
    try:
        path = os.path.join(small, "full.pcapng")
        process = capture(lab, "--source", BAD_1, "--write", path)
        lab.flood(BAD_1, 3000, 2).communicate()
        code, said = ended(process, None)
        check_equal(code, 1, said)
        check("full.pcapng: No space left on device" in said and said.count("\n") == 1, said)
        check(len(packets(lab, path, "frame.len")) > 500, "few packets are left")
        check_equal(os.stat(path).st_mode & 0o77, 0, "others may read people's packets")
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)


def make_link(lab, name, mtu):
    """A link of the edge with itself: what is sent to "far" comes in at `name`."""
    subprocess.run(["ip", "link", "add", name, "mtu", mtu, "netns", lab.ns("edge"), "type", "veth", "peer", "name", "far", "mtu",
                    mtu, "netns", lab.ns("edge")], check=True)
    for end in (name, b"far"):
        subprocess.run(lab.argv("edge", [b"ip", b"link", b"set", end, b"up"]), check=True)


def send(lab, frames):
    def run():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as far:
            far.bind(("far", 0))
            for frame in frames:
                far.send(frame)
    lab.in_namespace("edge", run)


def frame_of(length, vlan=None):
    payload = bytes(i * 7 & 0xff for i in range(length - 14 - 40 - 8 - (4 if vlan else 0)))
    udp = b"\x11\x11\x22\x22" + (len(payload) + 8).to_bytes(2, "big") + b"\0\0" + payload
    address = [socket.inet_pton(socket.AF_INET6, a) for a in ("2001:db8:bad:7::1", SERVER)]
    tag = b"\x81\0" + vlan.to_bytes(2, "big") if vlan else b""
    return bytes(6) + b"\2\0\0\0\0\1" + tag + b"\x86\xdd" + b"\x60\0\0\0" + len(udp).to_bytes(2, "big") + b"\x11\x40" + \
        b"".join(address) + udp


@test
def large_and_tagged_frames_of_an_interface_with_an_odd_name_are_captured_as_sent(lab):
    """It comes while the capture runs, goes, and another one gets its place."""
    path = os.path.join(lab.dir, "odd.pcapng")
    sent = [frame_of(n) for n in (62, 64, 127, 128, 129, 513, 1514, 3000, 4096, 8000, 9014)] + [frame_of(200, 77)]
    process = capture(lab, "--source", "2001:db8:bad:7::/64", "--write", path)
    for name in ("o\"\\é".encode(), b"<b>&'<i>"):
        make_link(lab, name, "9000")
        subprocess.run(lab.argv("edge", [lab.cli, "--socket", lab.socket, "attach", name, "--filter", "monitor"]), check=True,
                       capture_output=True)
        time.sleep(0.6)  # it is captured within a quarter of a second
        send(lab, sent)
        time.sleep(0.6)  # and counted as often
        subprocess.run(lab.argv("edge", [lab.cli, "--socket", lab.socket, "detach", name]), check=True, capture_output=True)
        subprocess.run(lab.argv("edge", ["ip", "link", "del", "far"]), check=True)
    code, said = ended(process)
    check_equal(code, 0, said)
    file = pcapng.read(path)
    packets(lab, path, "frame.len")
    names = [interface["name"] for interface in file.interfaces]
    check_equal((len(names), names[1]), (3, "o\"\\é"), "interfaces")
    check_equal(names[2], "<b>&'<i>", "the second interface")
    for number in (1, 2):
        check_equal([p["data"] for p in file.packets if p["interface"] == number], sent, "what came in at %s" % names[number])
    check("captured %d packets" % (2 * len(sent)) in said, said)
    check_equal(sum(s["matched"] for s in file.statistics), 2 * len(sent), "the statistics of the file")


@test
def it_goes_on_over_a_reload_and_while_its_interface_is_away(lab):
    path = os.path.join(lab.dir, "on.pcapng")
    process = capture(lab, "--source", BAD_1, "--write", path)
    flood = lab.flood(BAD_1, 300, 60)
    lab.slash64("reload")
    wait_for(lambda: os.path.getsize(path) > 20000, 10, "packets")
    lab.slash64("detach", "wan0")
    time.sleep(0.6)  # it is noticed within a quarter of a second
    lab.slash64("attach", "wan0")
    size = os.path.getsize(path)
    wait_for(lambda: os.path.getsize(path) > size + 20000, 10, "packets after it was attached again")
    flood.terminate()
    flood.communicate()
    code, said = ended(process)
    check_equal(code, 0, said)
    file = pcapng.read(path)
    check_equal([interface["name"] for interface in file.interfaces], ["wan0"], "interfaces")
    # where it was seen to be away, it is another one in the file when it is back
    check_equal(sum(s["matched"] for s in file.statistics), len(file.packets), "what the file says of the interface")


@test
def what_was_counted_before_its_slot_is_given_away_counts(lab):
    """issue 13: the capture looks every 250 ms, and lost what came since then if the slot was taken at once"""
    path = os.path.join(lab.dir, "anew.pcapng")
    process = capture(lab, "--source", BAD_1, "--write", path)
    flood = lab.flood(BAD_1, 2000, 60)
    for _ in range(5):
        size = os.path.getsize(path)
        wait_for(lambda: os.path.getsize(path) > size + 20000, 10, "packets")
        lab.slash64("detach", "wan0")
        lab.slash64("attach", "wan0")
    flood.terminate()
    flood.communicate()
    code, said = ended(process)
    check_equal(code, 0, said)
    file = pcapng.read(path)
    # where it was seen to be away, it is another one in the file when it is back
    check_equal(sum(s["matched"] for s in file.statistics), len(file.packets), "what the file says of the interface")


@test
def a_pause_is_told(lab):
    """slash64d does not renew the capture while it is stopped, so it ends meanwhile."""
    path = os.path.join(lab.dir, "paused.pcapng")
    process = capture(lab, "--source", BAD_1, "--write", path)
    lab.daemon.send_signal(signal.SIGSTOP)
    time.sleep(2)
    check_equal(lab.flood(BAD_1, 500, 0.5).wait(), 0, "a flood")
    time.sleep(0.5)  # on a busy machine, they come in later
    lab.daemon.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    code, said = ended(process)
    check_equal(code, 0, said)
    found = re.search(r"captured 0 packets; nothing was captured for (\d+) ms, as slash64d was busy\n", said)
    check(found and 1000 <= int(found.group(1)) <= 10000, said)
    check(re.fullmatch(r"nothing was captured for \d+ ms, as slash64d was busy", pcapng.read(path).statistics[0]["comment"]),
          "the statistics of the file")


main(lambda lab: lab.start(lab.config()))
