# SPDX-License-Identifier: GPL-2.0-only
"""The control API without the command, for tests that send many requests."""
import http.client
import json
import os
import socket
import sys
from urllib.parse import quote


import schema  # noqa: E402


class Refused(Exception):
    pass


class Api(http.client.HTTPConnection):
    """Checks every answer against docs/api.schema.json."""
    variant = "open"

    def __init__(self, path, timeout=20):
        super().__init__("slash64", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None, **query):
        """The object of the answer, or the list of objects."""
        if query:
            path += "?" + "&".join("%s=%s" % (k, quote(str(v), safe="")) for k, v in query.items())
        text = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        self.request(method, path, text)
        answer = self.getresponse()
        said = answer.read().decode()
        rows = answer.getheader("Content-Type") == "application/x-ndjson"
        made = [json.loads(line) for line in said.splitlines()] if rows else json.loads(said)
        schema.check_answer(method, path, answer.status, made, self.variant)
        if answer.status != 200:
            raise Refused(said.strip())
        return made
