#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real countersign-http over TLS, with a core on a stage: what pipelines, proxies and attackers see. D8, 2.6, 8.2, 8.4, 8.5"""
import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
BODY = {"title": "Release 2", "artifacts": [{"name": "api", "sha256": "a" * 64}], "change_type": "normal", "environment": "production",
        "initiator": "gitlab:7", "service": "pay", "documentation": {"backout_plan": "Back."}}
AUTH = {"Authorization": "Bearer ci-token"}
JSON = {**AUTH, "Content-Type": "application/json"}


class Failure(Exception):
    pass


def check(condition, *text):
    if not condition:
        raise Failure(" ".join(str(t) for t in text))


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Promise:
    """docs/api/openapi.json and its schemas; every answer that a test gets is held against them, whatever the test wants of it."""

    def __init__(self):
        self.schemas = {p.name: json.loads(p.read_text()) for p in (ROOT / "docs/api").glob("*.json")}
        self.seen = set()  # (path, status) of answers that were JSON and valid
        self.paths = [(re.compile("^" + re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(path)) + "$"), path, item)
                      for path, item in self.schemas["openapi.json"]["paths"].items()]
        self.paths.append((re.compile("^/tile/(entries|[0-9]+)/.+$"), "/tile/{level}/{number}", self.schemas["openapi.json"]["paths"]["/tile/{level}/{number}"]))

    def validate(self, schema, value):
        root = self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        resolver = jsonschema.RefResolver("", root, store=self.schemas)
        jsonschema.Draft202012Validator(root, resolver=resolver).validate(value)

    def responses(self, method, path):
        for pattern, name, item in self.paths:
            if pattern.match(path) and method.lower() in item:
                return name, item[method.lower()]["responses"]
        return None, {"default": {"content": {"application/problem+json": {"schema": {"$ref": "schemas/problem.json"}}}}}

    def keeps(self, method, target, answer):
        status, headers, body = answer
        name, responses = self.responses("GET" if method == "HEAD" else method, target.partition("?")[0])
        promised = responses.get(str(status), responses["default"] if status >= 400 else None)
        check(promised is not None, method, target, "is not promised to answer", status)
        kind = headers.get("Content-Type", "").partition(";")[0]
        if method == "HEAD" or status == 304:
            check(body == b"", method, target, "has content", body[:100])
            return
        check(kind in promised.get("content", {}), method, target, status, "is not promised to be", kind)
        if kind.endswith("json"):
            value = json.loads(body)
            self.validate(promised["content"][kind]["schema"], value)
            check(kind != "application/problem+json" or value["status"] == status, "the problem's status", value, status)
            self.seen.add((name, status))


PROMISE = Promise()


class Stage:
    """stage-core and countersign-http in one directory."""
    CORE = ()  # options of stage-core

    def __init__(self, build, *options):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="test-http-"))
        self.port = free_port()
        self.make_certificates()
        self.core = subprocess.Popen([build / "tests/stage-core", *self.CORE, self.dir / "core.sock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, bufsize=1)
        self.size = int(self.core.stdout.readline().split()[1]) + 1
        self.log = open(self.dir / "http.log", "wb")
        self.http = subprocess.Popen([build / "bin/countersign-http", "--core", self.dir / "core.sock", "--cert", self.dir / "server.pem",
                                      "--key", self.dir / "server.key", "--client-ca", self.dir / "ca.pem", "--address", "127.0.0.1",
                                      "--port", str(self.port), *options], stdin=subprocess.DEVNULL, stderr=self.log)
        self.until_ready()

    def until_ready(self):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if self.get("/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        raise Failure("not ready: " + (self.dir / "http.log").read_text())

    def close(self):
        self.core.stdin.close()
        self.http.terminate()
        for p in (self.core, self.http):
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
        self.log.close()
        status, text = self.http.returncode, (self.dir / "http.log").read_text()
        shutil.rmtree(self.dir)
        check(status == 0, "countersign-http ended with", status, text)

    def say(self, *words):
        """A command to the core; the reason it answered."""
        self.core.stdin.write(" ".join(str(w) for w in words) + "\n")
        return self.core.stdout.readline().split()

    # --- certificates ---

    def make_certificates(self):
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

        def ca(name):
            self.openssl("req", "-x509", *ec, "-days", "2", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
                         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

        def leaf(name, subject, *extensions, ca_name="ca", days="2"):
            self.openssl("req", *ec, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
            (self.dir / f"{name}.ext").write_text("\n".join(extensions) + "\n")
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca_name}.pem", "-CAkey", f"{ca_name}.key", "-CAcreateserial",
                         "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")

        no_ca, client = "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=clientAuth"
        ca("ca")
        ca("other")
        leaf("server", "/CN=localhost", no_ca, "subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth")
        leaf("good", "/CN=x", no_ca, client, "subjectAltName=URI:spiffe://example/ci")
        leaf("by_name", "/CN=pipe", no_ca, client)
        leaf("stranger", "/CN=x", no_ca, client, "subjectAltName=URI:spiffe://example/other")
        leaf("two_uris", "/CN=x", no_ca, client, "subjectAltName=URI:spiffe://example/ci,URI:spiffe://example/other")
        leaf("wrong_purpose", "/CN=x", no_ca, "extendedKeyUsage=serverAuth", "subjectAltName=URI:spiffe://example/ci")
        leaf("no_purpose", "/CN=x", no_ca, "subjectAltName=URI:spiffe://example/ci")
        leaf("is_ca", "/CN=x", "basicConstraints=critical,CA:TRUE", client, "subjectAltName=URI:spiffe://example/ci")
        leaf("expired", "/CN=x", no_ca, client, "subjectAltName=URI:spiffe://example/ci", days="-1")
        leaf("other_ca", "/CN=x", no_ca, client, "subjectAltName=URI:spiffe://example/ci", ca_name="other")
        self.openssl("req", "-x509", *ec, "-days", "2", "-keyout", "look_alike.key", "-out", "look_alike.pem", "-subj", "/CN=x",
                     "-addext", no_ca, "-addext", client, "-addext", "subjectAltName=URI:spiffe://example/ci")

    def openssl(self, *words):
        r = subprocess.run(["openssl", *words], cwd=self.dir, capture_output=True, text=True)
        check(r.returncode == 0, "openssl", words[0], r.stderr)

    # --- clients ---

    def context(self, cert=None):
        c = ssl.create_default_context(cafile=self.dir / "ca.pem")
        if cert is not None:
            c.load_cert_chain(self.dir / f"{cert}.pem", self.dir / f"{cert}.key")
        return c

    def connect(self, cert=None, timeout=30):
        return http.client.HTTPSConnection("localhost", self.port, context=self.context(cert), timeout=timeout)

    def call(self, method, path, body=None, headers=AUTH, cert=None):
        c = self.connect(cert)
        try:
            data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
            c.request(method, path, data, headers)
            r = c.getresponse()
            answer = r.status, dict(r.getheaders()), r.read()
        finally:
            c.close()
        PROMISE.keeps(method, path, answer)
        return answer

    def get(self, path, headers=AUTH, cert=None):
        return self.call("GET", path, None, headers, cert)

    def post(self, path, body, headers=JSON):
        return self.call("POST", path, body, headers)

    def raw(self, data, timeout=10):
        """Bytes over TLS as they are; everything that comes back until the server closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s, self.context().wrap_socket(s, server_hostname="localhost") as t:
            t.sendall(data)
            got = b""
            with contextlib.suppress(OSError):
                while True:
                    part = t.recv(65536)
                    if not part:
                        break
                    got += part
                    if b"\r\n\r\n" in got and b"Connection: close" not in got:
                        break
            return got

    def until(self, good, seconds=20):
        end = time.monotonic() + seconds
        while not good():
            if time.monotonic() > end:
                raise Failure("it never came to that")
            time.sleep(0.02)

    def submit(self, **changes):
        status, _, body = self.post("/v1/requests", {**BODY, **changes})
        check(status == 201, "submit", status, body)
        return json.loads(body)["id"]


def problem(answer, status, code):
    check(answer[0] == status, "wanted", status, code, "got", answer)
    check(answer[1]["Content-Type"] == "application/problem+json", answer[1])
    p = json.loads(answer[2])
    check(p["code"] == code and p["status"] == status, "wanted", code, "got", p)
    return p


# --- requests ---

def bodies_that_are_refused(s):
    good = json.dumps(BODY)
    table = [
        ("empty", b"", 400), ("not JSON", b"hello", 400), ("cut", good[:-1].encode(), 400), ("two values", (good + "{}").encode(), 400),
        ("duplicate key", (good[:-1] + ',"title":"x"}').encode(), 400), ("escaped duplicate", (good[:-1] + ',"\\u0074itle":"x"}').encode(), 400),
        ("deep", b'{"a":' * 4000 + b"1" + b"}" * 4000, 400), ("not UTF-8", good.encode().replace(b"Release", b"\xff\xfe"), 400),
        ("overlong UTF-8", good.encode().replace(b"Release", b"\xc0\xaf"), 400), ("lone surrogate", good.replace("Release", "\\ud800").encode(), 400),
        ("NUL", good.replace("Release", "\\u0000").encode(), 400), ("float", (good[:-1] + ',"attributes":{"n":1.5}}').encode(), 400),
        ("exponent", (good[:-1] + ',"attributes":{"n":1e3}}').encode(), 400), ("2^53", (good[:-1] + ',"attributes":{"n":9007199254740992}}').encode(), 400),
        ("NaN", (good[:-1] + ',"attributes":{"n":NaN}}').encode(), 400), ("comment", (good + "//").encode(), 400), ("BOM", b"\xef\xbb\xbf" + good.encode(), 400),
        ("array", b"[]", 422), ("unknown field", (good[:-1] + ',"approved":true}').encode(), 422), ("unknown environment", good.replace("production", "moon").encode(), 422),
        ("policy wants more", json.dumps({k: v for k, v in BODY.items() if k != "documentation"}).encode(), 422),
    ]
    for name, body, want in table:
        status, headers, text = s.post("/v1/requests", body)
        check(status == want, name, "answered", status, text)
        check(headers["Content-Type"] == "application/problem+json", name, headers)
    p = problem(s.post("/v1/requests", {"title": "x"}), 422, "invalid_request")
    check(set(p["missing"]) == {"/artifacts", "/change_type", "/environment", "/initiator", "/service"}, p["missing"])
    problem(s.post("/v1/requests", b"x" * (128 * 1024 + 1)), 413, "too_large")
    # not even read: the answer is there before the body would be
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "localhost", **JSON, "Content-Length": 1024 * 1024 + 1}.items())
    got = s.raw(f"POST /v1/requests HTTP/1.1\r\n{head}\r\n".encode())
    check(got.startswith(b"HTTP/1.1 413 "), "a body of 1 MiB and a byte", got)
    problem(s.call("POST", "/v1/requests", good, {**AUTH, "Content-Type": "text/plain"}), 415, "media_type")
    problem(s.call("POST", "/v1/requests", good, {**JSON, "Idempotency-Key": "a b"}), 400, "bad_idempotency_key")


def one_key_one_request(s):
    keyed = {**JSON, "Idempotency-Key": '"key-1"'}
    first = s.post("/v1/requests", BODY, keyed)
    check(first[0] == 201 and first[1]["Location"] == f"https://localhost:{s.port}/v1/requests/{json.loads(first[2])['id']}", first)
    again = s.post("/v1/requests", BODY, {**JSON, "Idempotency-Key": "key-1"})
    check(again[0] == 200 and again[2] == first[2] and again[1]["Location"] == first[1]["Location"], again)
    problem(s.post("/v1/requests", {**BODY, "title": "Other"}, keyed), 422, "idempotency_mismatch")
    plain = s.post("/v1/requests", {**BODY, "title": "No key"})
    check(plain[0] == 201 and s.post("/v1/requests", {**BODY, "title": "No key"})[2] == plain[2], "digest of the body as the key")


def two_at_once(s):
    s.say("mute")  # the first one stays under way
    keyed = {**JSON, "Idempotency-Key": "key-2"}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(s.post, "/v1/requests", {**BODY, "title": "Once"}, keyed)
        time.sleep(0.5)
        problem(s.post("/v1/requests", {**BODY, "title": "Once"}, keyed), 409, "in_progress")
        s.say("unmute")
        s.say("drop")  # the core goes: what became of the first is unknown, and that is what is said
        problem(first.result(), 503, "unavailable")
    s.until_ready()
    check(s.post("/v1/requests", {**BODY, "title": "Once"}, keyed)[0] == 201, "after the core is back")


def from_request_to_outcome(s):
    i = s.submit(title="Whole way")
    status = s.get(f"/v1/requests/{i}")
    check(status[0] == 200 and json.loads(status[2])["status"] == "eligible", status)
    check(s.get(f"/v1/requests/{i}", {**AUTH, "If-None-Match": status[1]["ETag"]})[0] == 304, "ETag")
    problem(s.post(f"/v1/requests/{i}/redeem", {"artifacts": BODY["artifacts"]}), 409, "not_approved")
    check(s.get(f"/v1/gate/{i}", {})[0] == 503, "gate before")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        waiting = pool.submit(s.get, f"/v1/requests/{i}?wait=30", {**AUTH, "If-None-Match": status[1]["ETag"]})
        naive = pool.submit(s.get, f"/v1/requests/{i}?wait=30")
        time.sleep(0.3)
        s.say("tech", i)
        check(json.loads(waiting.result()[2])["progress"] == "1 of 2 signatures; waiting for business", "long poll with a tag")
        time.sleep(0.2)
        check(not naive.done(), "without a tag the poll waits for the end of eligible")
        check(s.say("business", i)[0] == "ok", "second seat")
        check(json.loads(naive.result()[2])["status"] == "approved", "long poll")
        check(time.monotonic() - began < 5, "woken at once")
    check(s.get(f"/v1/gate/{i}", {})[0] == 200, "gate open")
    redeemed = s.post(f"/v1/requests/{i}/redeem", {"artifacts": BODY["artifacts"]})
    check(redeemed[0] == 200 and json.loads(redeemed[2])["request"] == i, redeemed)
    problem(s.post(f"/v1/requests/{i}/redeem", {"artifacts": BODY["artifacts"]}), 409, "redeemed")
    check(s.get(f"/v1/gate/{i}", {})[0] == 403, "gate shut again")
    problem(s.post(f"/v1/requests/{i}/outcome", {"result": "approved", "started": "2026-01-05T09:00:00.000Z", "finished": "2026-01-05T09:00:00.000Z"}), 422, "invalid_body")
    done = s.post(f"/v1/requests/{i}/outcome", {"result": "failed", "started": "2026-01-05T09:00:00.000Z", "finished": "2026-01-05T09:00:00.000Z"})
    check(done[0] == 200 and json.loads(done[2])["status"] == "failed", done)


def no_other_artifact(s):
    i = s.submit(title="Drift")
    s.say("approve", i)
    problem(s.post(f"/v1/requests/{i}/redeem", {"artifacts": [{"name": "api", "sha256": "b" * 64}]}), 409, "drifted")
    answer = s.post(f"/v1/requests/{i}/redeem", {"artifacts": BODY["artifacts"]})
    check(answer[0] == 409, "a drifted approval is gone", answer)


def ends_without_approval(s):
    for end in ("rejected", "expired", "withdrawn"):
        i = s.submit(title=f"End {end}")
        if end == "rejected":
            check(s.say("reject", i, "it is not ready for that yet")[0] == "ok", "reject")
        elif end == "expired":
            s.say("advance", 25 * 3600 * 1000)
            check(s.say("expire", i)[0] == "ok", "expire")
        else:
            check(s.post(f"/v1/requests/{i}/withdraw", {"reason": "late"})[0] == 200, "withdraw")
        s.until(lambda: json.loads(s.get(f"/v1/requests/{i}")[2])["status"] != "eligible")
        shown = json.loads(s.get(f"/v1/requests/{i}")[2])
        check(shown["status"] == end, shown)
        check(s.get(f"/v1/gate/{i}", {})[0] == 403, "gate", end)
        problem(s.post(f"/v1/requests/{i}/redeem", {"artifacts": BODY["artifacts"]}), 409, end)


def commands_name_all_faults(s):
    """What is wrong with a body is told at once, at places that are in it, and nothing is appended: the approval is still there."""
    i = s.submit(title="Faults")
    s.say("approve", i)
    s.until(lambda: s.get(f"/v1/gate/{i}", {})[0] == 200)
    twice = [BODY["artifacts"][0], BODY["artifacts"][0]]
    for path, body, wanted in (
            ("outcome", {}, {"/finished": "missing", "/result": "missing", "/started": "missing"}),
            ("outcome", {"finished": 1, "result": "fine", "started": "now", "x": 1},
             {"/finished": "type", "/result": "range", "/started": "range", "/x": "unknown"}),
            ("redeem", {}, {"/artifacts": "missing"}), ("redeem", {"artifacts": twice}, {"/artifacts/1": "duplicate"}),
            ("redeem", {"artifacts": [{"name": "a b", "colour": 1}], "plan": "x"},
             {"/artifacts/0/name": "syntax", "/artifacts/0/colour": "unknown", "/artifacts/0/sha256": "missing", "/plan": "unknown"}),
            ("withdraw", {"reason": 1, "why": "x"}, {"/reason": "type", "/why": "unknown"}), ("withdraw", [], {"": "type"})):
        p = problem(s.post(f"/v1/requests/{i}/{path}", body), 422, "invalid_body")
        check({x["pointer"]: x["code"] for x in p["faults"]} == wanted, path, p["faults"])
        check(p["missing"] == [x["pointer"] for x in p["faults"] if x["code"] == "missing"], p)
    check(s.get(f"/v1/gate/{i}", {})[0] == 200, "the approval is still there")


def a_command_is_answered_for_itself(s):
    """What a command did is told with 200 and content whatever the client has, on every command with the client's allowance."""
    for path, body in (("withdraw", {"reason": "late"}), ("redeem", {"artifacts": BODY["artifacts"]}),
                       ("outcome", {"result": "failed", "started": "2026-01-05T09:00:00.000Z", "finished": "2026-01-05T09:00:00.000Z"})):
        if path != "outcome":
            i = s.submit(title=f"Answer to {path}")
            check(s.say("approve", i)[0] == "ok", path)
            s.until(lambda: s.get(f"/v1/gate/{i}", {})[0] == 200)
        status, headers, text = s.post(f"/v1/requests/{i}/{path}", body, {**JSON, "If-None-Match": "*"})
        check(status == 200 and text, path, status, text)
        check("no-store" in headers["Cache-Control"], headers)
        check(path == "redeem" or headers["ETag"] == s.get(f"/v1/requests/{i}")[1]["ETag"], path, headers)
        for name, start in (("RateLimit-Policy", '"writes";q='), ("RateLimit", '"writes";r=')):
            check(headers.get(name, "").startswith(start), path, name, headers)
    refused = s.post(f"/v1/requests/{i}/withdraw", {"reason": 1})
    check(refused[0] == 422 and "RateLimit" in refused[1], refused)
    unread = s.call("POST", f"/v1/requests/{i}/redeem", "{}", {**AUTH, "Content-Type": "text/plain"})
    check(unread[0] == 415 and "RateLimit" in unread[1], unread)
    check("RateLimit" not in s.get(f"/v1/requests/{i}")[1], "a read is no command")


def time_out_is_304(s):
    i = s.submit(title="Slow people")
    tag = s.get(f"/v1/requests/{i}")[1]["ETag"]
    began = time.monotonic()
    check(s.get(f"/v1/requests/{i}?wait=2", {**AUTH, "If-None-Match": tag})[0] == 304, "304")
    check(1.5 < time.monotonic() - began < 6, "waited as long as asked")
    check(json.loads(s.get(f"/v1/requests/{i}?wait=1")[2])["status"] == "eligible", "200 without a tag")


# --- who is calling ---

def credentials(s):
    path = "/v1/requests"
    for headers, cert, status, code in (
            ({}, None, 401, "no_credentials"), ({"Authorization": "Bearer wrong"}, None, 401, "bad_token"), ({"Authorization": "Basic Y2k6eA=="}, None, 401, "bad_token"),
            (AUTH, None, 200, None), ({}, "good", 200, None), ({}, "by_name", 200, None), ({}, "stranger", 401, "bad_certificate"),
            ({}, "two_uris", 401, "bad_certificate"), ({}, "wrong_purpose", 401, "bad_certificate"), ({}, "no_purpose", 401, "bad_certificate"),
            ({}, "is_ca", 401, "bad_certificate"), ({}, "expired", 401, "bad_certificate"), ({}, "other_ca", 401, "bad_certificate"),
            ({}, "look_alike", 401, "bad_certificate"), (AUTH, "look_alike", 401, "bad_certificate"), (AUTH, "good", 200, None)):
        answer = s.get(path, headers, cert)
        check(answer[0] == status, cert, headers, "answered", answer[0], "wanted", status)
        if code:
            problem(answer, status, code)
    problem(s.call("POST", path, json.dumps(BODY), {"Content-Type": "application/json"}, "good"), 403, "no_scope")
    problem(s.get("/tile/entries/000.p/1", {}, "good"), 403, "no_scope")
    problem(s.get("/tile/entries/000.p/1", {}), 401, "no_credentials")


def denied_calls_reach_the_log(s):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if int(s.say("denied")[0]) >= 10:
            return
        time.sleep(0.5)
    raise Failure("the core was told of " + s.say("denied")[0])


def only_tls_13(s):
    c = s.context()
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    with contextlib.suppress(ssl.SSLError, ConnectionError), socket.create_connection(("127.0.0.1", s.port), 5) as plain:
        with c.wrap_socket(plain, server_hostname="localhost"):
            raise Failure("TLS 1.2 was accepted")
    with socket.create_connection(("127.0.0.1", s.port), 5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        plain.settimeout(10)
        with contextlib.suppress(OSError):
            check(b"HTTP/1.1 200" not in plain.recv(1000), "plain HTTP was answered")


def tickets_resume(s):
    c = s.context()
    session = None
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", s.port), 5) as plain, c.wrap_socket(plain, server_hostname="localhost", session=session) as t:
            t.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            t.recv(1000)
            check(session is None or t.session_reused, "the session was not resumed")
            session = t.session


# --- broken and slow clients ---

def framing(s):
    head = b"POST /v1/requests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ci-token\r\nContent-Type: application/json\r\n"
    for name, data in (
            ("two lengths", head + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"), ("length and coding", head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ("two hosts", b"GET /v1/requests HTTP/1.1\r\nHost: a\r\nHost: b\r\nAuthorization: Bearer ci-token\r\n\r\n"),
            ("two authorizations", b"GET /v1/requests HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ci-token\r\nAuthorization: Bearer x\r\n\r\n"),
            ("two codings", head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")):
        got = s.raw(data)
        check(got.startswith(b"HTTP/1.1 400"), name, "got", got[:200])
    for name, data in (("garbage", b"\x00\x01\x02\r\n\r\n"), ("no version", b"GET /healthz\r\n\r\n"), ("long line", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n"),
                       ("many headers", b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(2000)) + b"\r\n")):
        got = s.raw(data)
        check(not got.startswith(b"HTTP/1.1 2"), name, "got", got[:100])
    problem(s.get("/v1/requests?" + "a" * 2048), 414, "target_too_long")
    problem(s.get("/v1/requests?x=1"), 400, "bad_target")
    problem(s.get("/v1/requests/1/approve"), 404, "not_found")
    answer = s.call("DELETE", "/v1/requests/1")
    problem(answer, 405, "method_not_allowed")
    check(answer[1]["Allow"] == "GET", answer[1])
    check(s.call("HEAD", "/healthz", None, {})[0] == 200, "HEAD")


def leaves_while_waiting(s):
    i = s.submit(title="Nobody waits")
    tag = s.get(f"/v1/requests/{i}")[1]["ETag"]
    waiting = []
    for _ in range(20):
        c = s.connect()
        c.request("GET", f"/v1/requests/{i}?wait=60", None, {**AUTH, "If-None-Match": tag})
        waiting.append(c)
    s.until(lambda: metric(s, "countersign_http_waiting") == 20)
    for c in waiting:
        c.sock.close()
    s.until(lambda: metric(s, "countersign_http_waiting") == 0, 40)


def metric(s, name):
    for line in s.get("/metrics")[2].decode().splitlines():
        if line.startswith(name + " "):
            return int(line.split()[1])
    raise Failure("no metric " + name)


def slow_clients_hold_nobody_up(s):
    slow = []
    c = s.context()
    for _ in range(50):
        t = c.wrap_socket(socket.create_connection(("127.0.0.1", s.port), 10), server_hostname="localhost")
        t.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")  # and never ends
        slow.append(t)
    began = time.monotonic()
    for _ in range(20):
        check(s.get("/healthz", {})[0] == 200, "healthz")
    check(time.monotonic() - began < 5, "twenty calls beside fifty slow clients")
    for t in slow:
        with contextlib.suppress(OSError):
            t.sendall(b"y")
    end = time.monotonic() + 45
    t = slow[0]
    t.settimeout(45)
    with contextlib.suppress(OSError):
        while t.recv(1000):
            pass
    check(time.monotonic() < end, "a header that never ends is cut off")
    for t in slow:
        t.close()


def two_thousand_idle(s):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    idle = []
    c = s.context()
    try:
        for _ in range(2000):
            plain = socket.create_connection(("127.0.0.1", s.port), 20)
            idle.append(c.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=len(idle) % 4 == 0))
        check(metric(s, "countersign_http_connections_open") >= 1500, "connections open")
        began = time.monotonic()
        for _ in range(20):
            check(s.get("/v1/requests?limit=1")[0] == 200, "list")
        check(time.monotonic() - began < 5, "twenty calls beside 2,000 idle connections")
    finally:
        for t in idle:
            t.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# --- the log and its events ---

def events(s):
    i = s.submit(title="Watched")
    c = s.connect()
    c.request("GET", f"/v1/events?after={i - 1}", None, {**AUTH, "Accept": "text/event-stream"})
    r = c.getresponse()
    check(r.getheader("Content-Type") == "text/event-stream", r.getheaders())
    check(s.say("reject", i, "it is not ready for that yet")[0] == "ok", "reject")
    lines = [r.readline().decode().strip() for _ in range(8)]
    text = "\n".join(lines)
    check(f"id: {i}" in text and "countersign-approval.requested" in text and f"id: {i + 1}" in text and ".rejected.0.1.0" in text, text)
    c.close()
    c = s.connect()
    c.request("GET", "/v1/events", None, {**AUTH, "Last-Event-ID": str(i)})
    r = c.getresponse()
    check(r.getheader("Content-Type") == "application/jsonl", r.getheaders())
    event = json.loads(r.readline())
    check(event["customData"]["index"] == i + 1 and event["customData"]["status"] == "rejected", event)
    PROMISE.validate({"$ref": "event.json"}, event)
    c.close()


def tiles(s):
    note = s.get("/checkpoint", {})[2].decode()
    size = int(note.splitlines()[1])
    width = min(size, 256)
    name = "000" if width == 256 else f"000.p/{width}"
    hashes = s.get(f"/tile/0/{name}", {})
    check(hashes[0] == 200 and len(hashes[2]) == 32 * width, hashes[0], len(hashes[2]))
    check("immutable" in hashes[1]["Cache-Control"], hashes[1])
    check(s.get(f"/tile/entries/{name}")[0] == 200, "entries")
    problem(s.get("/tile/0/000.p/255" if size < 255 else "/tile/0/999", {}), 404, "not_found")


# --- what is published ---

def answers_follow_the_schemas(s):
    """Stage.call holds every answer of every test against openapi.json; here is what no other test asks for, and that the check can fail."""
    i = s.submit(title="Schema")
    s.say("approve", i)
    s.until(lambda: json.loads(s.get(f"/v1/requests/{i}")[2])["status"] == "approved")
    for path in (f"/v1/requests/{i}", "/v1/requests?limit=100", "/v1/reviews", f"/v1/requests/{i}/explain", f"/v1/requests/{i}/receipt"):
        check(s.get(path)[0] == 200, path)
    problem(s.get(f"/v1/requests/{i}/receipt?format=dsse"), 409, "not_approved")
    PROMISE.validate({"$ref": "request.json"}, BODY)
    good = s.get(f"/v1/requests/{i}")
    for what, value in (("status", "nearly"), ("id", "1"), ("seats", {}), ("more", 1)):
        with contextlib.suppress(jsonschema.ValidationError):
            PROMISE.keeps("GET", f"/v1/requests/{i}", (200, good[1], json.dumps({**json.loads(good[2]), what: value}).encode()))
            raise Failure(f"another {what} was valid")
    receipt = json.loads(s.get(f"/v1/requests/{i}/receipt")[2])
    for what, value in (("level", 0), ("checkpoint", 1), ("entries", [{}]), ("more", 1)):
        with contextlib.suppress(jsonschema.ValidationError):
            PROMISE.validate({"$ref": "receipt.json"}, {**receipt, what: value})
            raise Failure(f"another {what} of a receipt was valid")
    for path in (ROOT / "docs/api").glob("*.json"):
        url = "/v1/openapi.json" if path.name == "openapi.json" else f"/v1/schemas/{path.name}"
        check(s.get(url, {})[2] == path.read_bytes(), path.name, "as in docs/api")


def pages_while_the_log_runs(s):
    """However many entries come in meanwhile, a page is whole, and shows no more than the checkpoint that it was made under."""
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        going = pool.submit(s.say, "open", 3000)
        sizes = []
        end = time.monotonic() + 60
        while not going.done() or len(sizes) < 40 or (max(sizes) == min(sizes) and time.monotonic() < end):
            for answer in pool.map(lambda _: s.get("/"), range(4)):
                check(answer[0] in (200, 503) and answer[2].endswith(b"</html>\n"), answer[0], answer[2][-200:])
                if answer[0] == 200:
                    sizes.append(int(re.search(rb"</code> of (\d+) entries", answer[2]).group(1)))
        check(max(sizes) > min(sizes), "pages were made meanwhile", len(sizes), sizes[:5], sizes[-5:])
    s.until(lambda: b"1 to 50 of 3" in s.get("/?environment=production")[2])


def openapi_names_every_route(s):
    spec = json.loads((ROOT / "docs/api/openapi.json").read_text())
    named = {(m.upper(), p) for p, item in spec["paths"].items() for m in item}
    check(len(named) == 30, named)
    for method, path in named:
        if path == "/v1/events":
            continue
        real = path.replace("{id}", "999999").replace("{name}", "none.json").replace("{level}", "0").replace("{number}", "000.p/1").replace("{sha256}", "0" * 64).replace("{rule}", "none").replace("{line}", "none")
        answer = s.call(method, real, "{}" if method == "POST" else None, JSON)
        if "html" in answer[1].get("Content-Type", ""): # a page of the dashboard, or its refusal
            check(answer[0] == (404 if "999999" in real else 200) and b"not_found" not in answer[2], method, path, answer)
            continue
        if path in ("/dashboard.css", "/favicon.svg"):
            check(answer[0] == 200, path, answer)
            continue
        check(answer[0] != 405 and (answer[0] != 404 or json.loads(answer[2])["code"] != "not_found" or "none" in real or "gate" in real), method, path, answer)


# --- the core ---

def sealed_and_gone(s):
    i = s.submit(title="Sealed")
    s.say("seal")
    time.sleep(0.3)
    problem(s.post("/v1/requests", {**BODY, "title": "While sealed"}), 503, "sealed")
    check(s.get(f"/v1/requests/{i}")[0] == 200, "reads go on")
    s.say("unseal")
    s.core.stdin.write("quit\n")
    s.core.wait(10)
    time.sleep(0.3)
    problem(s.post("/v1/requests", {**BODY, "title": "While gone"}), 503, "unavailable")
    check(s.get(f"/v1/requests/{i}")[0] == 200, "reads go on without the core")
    check(s.get(f"/v1/gate/{i}", {})[0] == 503, "a gate does not open on old news")
    check(s.get("/readyz", {})[0] == 503 and s.get("/healthz", {})[0] == 200, "ready and healthy")


def rates(build):
    s = Stage(build, "--writes-per-minute", "3")
    try:
        for i in range(3):
            answer = s.post("/v1/requests", {**BODY, "title": f"Rate {i}"})
            check(answer[0] == 201 and answer[1]["RateLimit-Policy"] == '"writes";q=3;w=60', answer)
        answer = s.post("/v1/requests", {**BODY, "title": "Rate 4"})
        problem(answer, 429, "rate_limited")
        check(1 <= int(answer[1]["Retry-After"]) <= 21, answer[1])
        check(answer[1]["RateLimit"].startswith('"writes";r=0;t='), "one RateLimit, and nothing is left", answer[1])
        for path in ("withdraw", "redeem", "outcome"):  # one allowance for all commands
            problem(s.post(f"/v1/requests/1/{path}", {}), 429, "rate_limited")
        check(s.get("/v1/requests")[0] == 200, "reads have their own limit")
    finally:
        s.close()


TESTS = [bodies_that_are_refused, one_key_one_request, two_at_once, from_request_to_outcome, no_other_artifact, commands_name_all_faults,
         a_command_is_answered_for_itself, time_out_is_304, credentials, only_tls_13,
         tickets_resume, framing, events, tiles, answers_follow_the_schemas, openapi_names_every_route, pages_while_the_log_runs, leaves_while_waiting, slow_clients_hold_nobody_up,
         two_thousand_idle, denied_calls_reach_the_log, ends_without_approval, sealed_and_gone]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    failed = 0
    chosen = [t for t in TESTS if not args.names or t.__name__ in args.names]
    s = Stage(args.build)
    try:
        for test in chosen:
            began = time.monotonic()
            try:
                test(s)
                print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL {test.__name__}\n{traceback.format_exc()}", flush=True)
    finally:
        s.close()
    if not args.names:
        rates(args.build)
        kinds = {200, 201, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 503}
        check(kinds <= {status for _, status in PROMISE.seen}, "no answer of these kinds was validated:", kinds - {n for _, n in PROMISE.seen})
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
