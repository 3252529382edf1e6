# SPDX-License-Identifier: GPL-2.0-only
"""Roles of honest hosts, run in their namespaces until they are killed.

    honest.py serve                     TCP, port 8080: sends what is asked for ("BYTES RATE", in bytes a second)
    honest.py download ADDRESS RATE     one after another, of 20 MB
    honest.py speed_test ADDRESS        as fast as it goes for 4 s, every 20 s
    honest.py mail ADDRESS CONNECTIONS  so many new connections a second, with a few packets each
    honest.py answer_call               UDP, port 5004: sends back what comes
    honest.py call ADDRESS              250 packets a second both ways, of 1200 bytes
"""
import socket
import sys
import threading
import time

SO_MAX_PACING_RATE = 47
PORT, CALL_PORT = 8080, 5004
BLOCK = bytes(1 << 16)


def send_asked(connection):
    with connection:
        size, rate = map(int, connection.recv(100).split())
        if rate:
            connection.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate)
        try:
            while size > 0:
                connection.sendall(BLOCK[:size])
                size -= len(BLOCK)
        except OSError:
            pass  # whoever measures a speed hangs up


def serve():
    server = socket.create_server(("::", PORT), family=socket.AF_INET6, backlog=500)
    while True:
        threading.Thread(target=send_asked, args=[server.accept()[0]], daemon=True).start()


def fetch(address, size, rate, seconds=None):
    end = time.monotonic() + (seconds or 3600)
    with socket.create_connection((address, PORT), timeout=30) as connection:
        connection.sendall(b"%d %d" % (size, rate))
        while connection.recv(1 << 16):
            if time.monotonic() > end:
                return


def download(address, rate):
    while True:
        fetch(address, 20000000, int(rate))


def speed_test(address):
    while True:
        fetch(address, 1 << 40, 0, 4)
        time.sleep(16)


def mail(address, connections):
    while True:
        begun = time.monotonic()
        fetch(address, 3000, 0)
        time.sleep(max(0, 1 / float(connections) - (time.monotonic() - begun)))


def answer_call():
    calls = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    calls.bind(("::", CALL_PORT))
    while True:
        calls.sendto(*calls.recvfrom(2000))


def call(address):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        while True:
            for _ in range(5):
                line.sendto(bytes(1200), (address, CALL_PORT))
            time.sleep(0.02)
            try:
                while line.recv(2000):
                    pass
            except BlockingIOError:
                pass


ROLES = {f.__name__: f for f in (serve, download, speed_test, mail, answer_call, call)}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
