# SPDX-License-Identifier: GPL-2.0-only
"""The control API without the command, for tests that ask much of it."""
import http.client
import json
import socket
from urllib.parse import quote


class Refused(Exception):
    pass


class Api(http.client.HTTPConnection):
    def __init__(self, path, timeout=20):
        super().__init__("slash64", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None, **query):
        """The object, or the list of objects, of the answer."""
        if query:
            path += "?" + "&".join("%s=%s" % (k, quote(str(v), safe="")) for k, v in query.items())
        text = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        self.request(method, path, text)
        answer = self.getresponse()
        said = answer.read().decode()
        if answer.status != 200:
            raise Refused(said.strip())
        if answer.getheader("Content-Type") == "application/x-ndjson":
            return [json.loads(line) for line in said.splitlines()]
        return json.loads(said)
