#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The others of the programs beside slash64d, as little of them as these need: a publisher of lists by HTTPS, the LAPI of
CrowdSec, and a webhook, which writes what it is told into a file: servers.py CERTIFICATE FILE"""
import http.server
import json
import ssl
import sys
import threading

LIST = b"2001:db8:bad:2::/64\n"
DECISION = {"id": 1, "origin": "cscli", "type": "ban", "scope": "Range", "value": "2001:db8:bad:3::/64", "duration": "4h0m0s",
            "scenario": "by hand"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/v1/decisions/stream"):
            new = [DECISION] if "startup=true" in self.path else None
            self.answer(json.dumps({"new": new, "deleted": None}).encode(), "application/json")
        else:
            self.answer(LIST, "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(sys.argv[2], "ab") as file:
            file.write(body + b"\n")
        self.answer(b"", "text/plain")

    def log_message(self, *args):
        pass


def serve(port, certificate=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()


serve(8443, sys.argv[1])
serve(8080)
serve(8081)
