# SPDX-License-Identifier: Apache-2.0
"""A Box whose log has its genesis already (tests/system/http_stage.c: people, policy and clients of tests/support/cast.h), and an
HTTPS client that sends exactly what it is told, right or wrong."""
import hashlib
import json
import pathlib
import socket
import ssl
import time

import box as boxes

TOKEN = "ci"  # every scope
READER = "watch"  # may only read


class Stage(boxes.Box):
    def __init__(self, build, directory):
        super().__init__(build, directory)
        made = pathlib.Path(boxes.run([self.build / "tests" / "http_stage"], cwd=self.dir).strip())
        self.state, self.run_dir = made / "state", made / "run"

    def tls_context(self, cert=None, key=None):
        context = ssl.create_default_context(cafile=str(self.tls / "ca.pem"))
        if cert is not None:
            context.load_cert_chain(cert, key)
        return context

    def dial(self, context=None, timeout=20):
        """A TLS connection to the front."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return (context or self.tls_context()).wrap_socket(raw, server_hostname="localhost")

    def send(self, data, context=None):
        """The answer to these bytes on a connection of their own."""
        with self.dial(context) as s:
            s.sendall(data)
            return read_answer(s)

    def call(self, method, path, body=None, token=TOKEN, context=None, **fields):
        return self.send(message(method, path, body, token, **fields), context)

    def wait_live(self, timeout=20):
        end = time.monotonic() + timeout
        while self.call("GET", "/readyz", token=None).status != 200:
            if time.monotonic() > end:
                raise boxes.Failed("the front never caught up with the core")
            time.sleep(0.05)


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def message(method, path, body=None, token=TOKEN, **fields):
    """A call's bytes; a field is given as Idempotency_Key="..."."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += [f"Content-Length: {len(body)}"]
        fields.setdefault("Content_Type", "application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


def read_answer(s):
    """Reads one answer; ConnectionError when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            raise ConnectionError(f"closed after {data!r}")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = int(fields.get("content-length", 0))
    while len(body) < length:
        more = s.recv(65536)
        if not more:
            raise ConnectionError("closed in the middle of an answer")
        body += more
    return Answer(int(lines[0].split()[1]), fields, body)


def submission(number, **changes):
    """A body that is accepted; its artifact is its own."""
    content = {
        "title": f"Release {number}",
        "service": "payments",
        "environment": "staging",
        "change_type": "normal",
        "initiator": "gitlab:7",
        "artifacts": [{"name": "api", "sha256": hashlib.sha256(str(number).encode()).hexdigest()}],
        "documentation": {"backout_plan": "Roll back."},
    }
    content.update(changes)
    return json.dumps({name: value for name, value in content.items() if value is not None}).encode()
