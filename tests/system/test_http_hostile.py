# SPDX-License-Identifier: Apache-2.0
"""The HTTP front against clients that are wrong, slow, many or hostile: a real countersignd and countersign-http.

D8: no address approves, rejects, breaks glass or edits policy or people. 8.2: who may call, by token and by certificate.
8.4: what the schemas do not allow is refused and nothing is appended. 8.5: one key, one request. 5.3: one 422 names all missing."""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import stage  # noqa: E402

IDLE_S = 10
LOOK_S = 10  # between two looks at the slow
SLACK_S = 8  # of a busy machine
HEAD_S, BODY_S = 20, 30  # http_front.h
CONNECTIONS = 2000


def check(holds, text):
    if not holds:
        raise boxes.Failed(text)


def log_size(box):
    return int(box.call("GET", "/checkpoint", token=None).body.split(b"\n")[1])


def is_problem(answer, status, code):
    return (answer.status == status and answer.fields.get("content-type") == "application/problem+json"
            and answer.json()["code"] == code and answer.json()["status"] == status)


# --- bodies ---

GOOD = stage.submission("bodies")
HEAD = b"POST /v1/requests HTTP/1.1\r\nAuthorization: Bearer ci\r\nContent-Type: application/json\r\n"
HOST = b"Host: localhost\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(GOOD)
CHUNKED = b"\r\n%x\r\n" % len(GOOD) + GOOD + b"\r\n0\r\n\r\n"


def with_member(text):
    return GOOD[:-1] + b"," + text + b"}"


def nested(depth):
    return with_member(b'"attributes":' + b'{"a":' * depth + b"1" + b"}" * depth)


BODIES = [
    ("nothing", b"", 400, "malformed_json"),
    ("cut", GOOD[:-5], 400, "malformed_json"),
    ("a byte too many", GOOD + b"x", 400, "malformed_json"),
    ("twice", GOOD + GOOD, 400, "malformed_json"),
    ("a member twice", with_member(b'"title":"Another"'), 400, "malformed_json"),
    ("a member twice, escaped", with_member(b'"t\\u0069tle":"Another"'), 400, "malformed_json"),
    ("brackets", b"[" * 5000 + b"]" * 5000, 400, "malformed_json"),
    ("open brackets", b"[" * 100000, 400, "malformed_json"),
    ("deep", nested(60), 400, "malformed_json"),
    ("not UTF-8", GOOD.replace(b"Release", b"Rel\xff"), 400, "malformed_json"),
    ("overlong UTF-8", GOOD.replace(b"Release", b"Rel\xc0\xaf"), 400, "malformed_json"),
    ("half a surrogate pair", GOOD.replace(b"Release", b"Rel\\ud800"), 400, "malformed_json"),
    ("a NUL", GOOD.replace(b"Release", b"Rel\\u0000"), 400, "malformed_json"),
    ("a raw newline", GOOD.replace(b"Release", b"Rel\n"), 400, "malformed_json"),
    ("a mark before", b"\xef\xbb\xbf" + GOOD, 400, "malformed_json"),
    ("a fraction", with_member(b'"attributes":{"a":1.5}'), 400, "malformed_json"),
    ("an exponent", with_member(b'"attributes":{"a":1e3}'), 400, "malformed_json"),
    ("a large number", with_member(b'"attributes":{"a":99999999999999999999999}'), 400, "malformed_json"),
    ("no number", with_member(b'"attributes":{"a":NaN}'), 400, "malformed_json"),
    ("a comment", GOOD + b"/**/", 400, "malformed_json"),
    ("an array", b"[]", 422, "invalid_request"),
    ("null", b"null", 422, "invalid_request"),
    ("an unknown member", stage.submission(1, colour="red"), 422, "invalid_request"),
    ("an unknown inner member", GOOD.replace(b'"name": "api"', b'"name": "api", "path": "/"'), 422, "invalid_request"),
    ("another type", stage.submission(1, title=7), 422, "invalid_request"),
    ("a digest of another length", GOOD.replace(b'"sha256": "', b'"sha256": "00'), 422, "invalid_request"),
    ("an approval", with_member(b'"approved":true'), 422, "invalid_request"),
    ("no such environment", stage.submission(1, environment="nowhere"), 422, "unknown_environment"),
    ("more than a body", b" " * (128 << 10) + GOOD, 413, "too_large"),
]


def bad_bodies(box):
    before = log_size(box)
    for name, body, status, code in BODIES:
        answer = box.call("POST", "/v1/requests", body)
        check(is_problem(answer, status, code), f"{name}: {answer}")
    for path in ("redeem", "outcome", "withdraw"):
        for name, body, status, code in BODIES[:20]:
            answer = box.call("POST", f"/v1/requests/2/{path}", body)
            check(is_problem(answer, status, code), f"{path}, {name}: {answer}")
    announced = stage.message("POST", "/v1/requests", GOOD).replace(LENGTH, b"Content-Length: 1048577\r\n")
    answer = box.send(announced)
    check(is_problem(answer, 413, "too_large"), f"more than a MiB is announced: {answer}")
    with contextlib.suppress(OSError):  # it may be cut off before everything is sent
        chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
        answer = box.send(HEAD + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3 + b"0\r\n\r\n")
        check(is_problem(answer, 413, "too_large"), f"3 MiB in chunks: {answer}")
    for content_type in ("text/plain", "application/jsonx", "application/x-www-form-urlencoded"):
        answer = box.call("POST", "/v1/requests", GOOD, Content_Type=content_type)
        check(is_problem(answer, 415, "media_type"), f"{content_type}: {answer}")
    for key in ("two words", "x" * 300, '"open', "a,b"):
        answer = box.call("POST", "/v1/requests", GOOD, Idempotency_Key=key)
        check(is_problem(answer, 400, "bad_idempotency_key"), f"key {key}: {answer}")
    check(log_size(box) == before, "something was appended")


def all_missing(box):
    """R-5.3: what the form wants, and what the policy wants, each in one answer."""
    before = log_size(box)
    answer = box.call("POST", "/v1/requests", b"{}")
    check(is_problem(answer, 422, "invalid_request"), f"{answer}")
    wanted = {"/artifacts", "/change_type", "/environment", "/initiator", "/service", "/title"}
    check(wanted <= set(answer.json()["missing"]), f"missing {answer.json()['missing']}")
    answer = box.call("POST", "/v1/requests", stage.submission(1, environment="production", documentation=None))
    check(is_problem(answer, 422, "missing_field"), f"{answer}")
    check("/documentation/backout_plan" in answer.json()["missing"], f"missing {answer.json()['missing']}")
    check(log_size(box) == before, "something was appended")


# --- R-8.5 ---

def requests_titled(box, title):
    found, after = 0, None
    while True:
        page = box.call("GET", "/v1/requests" + (f"?cursor={after}" if after else "")).json()
        found += sum(1 for r in page["items"] if r["title"] == title)
        after = page.get("next")
        if not after:
            return found


def keys(box):
    body, other = stage.submission("key a"), stage.submission("key b")
    first = box.call("POST", "/v1/requests", body, Idempotency_Key='"deploy-1"')
    check(first.status == 201 and first.fields["location"] == f"{box.url}/v1/requests/{first.json()['id']}", f"{first}")
    size = log_size(box)
    for key in ('"deploy-1"', "deploy-1"):
        again = box.call("POST", "/v1/requests", body, Idempotency_Key=key)
        check(again.status == 200 and again.body == first.body and again.fields["location"] == first.fields["location"],
              f"repeated: {again}")
    for changed in (other, body + b" "):
        answer = box.call("POST", "/v1/requests", changed, Idempotency_Key="deploy-1")
        check(is_problem(answer, 422, "idempotency_mismatch"), f"same key, other body: {answer}")
    bare = box.call("POST", "/v1/requests", stage.submission("key c"))
    same = box.call("POST", "/v1/requests", stage.submission("key c"))
    check(bare.status == 201 and same.status == 200 and same.body == bare.body, f"without a key: {bare}, {same}")
    check(log_size(box) == size + 1, "a repetition was appended")


def keys_at_once(box):
    for attempt in range(8):
        title, answers, gate = f"Release at once {attempt}", [], threading.Barrier(8)
        mixed = attempt % 2 == 1  # half of them with another body

        def post(which, title=title, answers=answers, gate=gate, mixed=mixed):
            words = {"title": title, **({"service": "billing"} if mixed and which % 2 else {})}
            data = stage.message("POST", "/v1/requests", stage.submission(title, **words), Idempotency_Key=title.replace(" ", "-"))
            with box.dial() as s:
                gate.wait(20)
                s.sendall(data)
                answers.append(stage.read_answer(s))

        threads = [threading.Thread(target=post, args=(n,)) for n in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        statuses = sorted(a.status for a in answers)
        allowed = {200, 201, 409, 422} if mixed else {200, 201, 409}
        check(len(answers) == 8 and statuses.count(201) == 1 and set(statuses) <= allowed, f"at once: {statuses}")
        bodies = {a.body for a in answers if a.status < 300}
        check(len(bodies) == 1, f"different answers: {bodies}")
        check(requests_titled(box, title) == 1, f"{title}: not one request")


# --- framing and addresses ---

FRAMES = [
    ("two lengths", HEAD + HOST + LENGTH + LENGTH + b"\r\n" + GOOD),
    ("two different lengths", HEAD + HOST + LENGTH + b"Content-Length: 1\r\n\r\n" + GOOD),
    ("two hosts", HEAD + HOST + b"Host: other\r\n" + LENGTH + b"\r\n" + GOOD),
    ("no host", HEAD + LENGTH + b"\r\n" + GOOD),
    ("a length and a coding", HEAD + HOST + LENGTH + b"Transfer-Encoding: chunked\r\n" + CHUNKED),
    ("a coding and a length", HEAD + HOST + b"Transfer-Encoding: chunked\r\n" + LENGTH + CHUNKED),
    ("an unknown coding", HEAD + HOST + b"Transfer-Encoding: xchunked\r\n" + CHUNKED),
    ("two codings", HEAD + HOST + b"Transfer-Encoding: gzip, chunked\r\n" + CHUNKED),
    ("two coding fields", HEAD + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + CHUNKED),
    ("a space before the colon", HEAD + HOST + b"Content-Length : %d\r\n\r\n" % len(GOOD) + GOOD),
    ("no length", HEAD + HOST + b"\r\n" + GOOD),
    ("two tokens", HEAD + HOST + LENGTH + b"Authorization: Bearer watch\r\n\r\n" + GOOD),
    ("two keys", HEAD + HOST + LENGTH + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n" + GOOD),
]


def framing(box):
    before = log_size(box)
    for name, data in FRAMES:
        answer = box.send(data)
        check(is_problem(answer, 400, "bad_framing"), f"{name}: {answer}")
    for value in (b"+5", b"-1", b"5, 5", b"5 5", b"0x10", b"", b"99999999999999999999"):
        answer = box.send(HEAD + HOST + b"Content-Length: " + value + b"\r\n\r\n" + GOOD)
        check(answer.status in (400, 413), f"length {value!r}: {answer}")
    with contextlib.suppress(ConnectionError):  # closed without a word is an answer too
        answer = box.send(HEAD + HOST + b"Content-Length: 5\r\n 0\r\n\r\n" + GOOD)
        check(400 <= answer.status < 500, f"a folded length: {answer}")
    for data in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                 b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 20000 + b"\r\n\r\n"):
        with contextlib.suppress(ConnectionError):
            answer = box.send(data)
            check(answer.status >= 400, f"{data[:40]!r}: {answer}")
    check(log_size(box) == before, "something was appended")


VERBS = ("approve", "reject", "decide", "decisions", "sign", "override", "break-glass", "break_glass", "breakglass", "force")
RULES = ("policy", "policies", "roster", "people", "persons", "users", "keys", "credentials", "clients", "officers", "genesis",
         "freeze", "admin", "config")


def addresses(box):
    """R-D8, from outside: none of the addresses that such a thing would have is there; what is there takes its own method."""
    size, number = log_size(box), box.call("GET", "/v1/requests").json()["items"][0]["id"]
    guesses = [f"/v1/requests/{number}/{verb}" for verb in VERBS] + [f"/v1/{rule}" for rule in RULES]
    guesses += [f"/v1/{rule}/1" for rule in RULES] + [f"/{rule}" for rule in RULES] + [f"/v1/requests/{number}"]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in guesses:
            answer = box.call(method, path, b"{}")
            check(answer.status == 404 or (answer.status == 405 and path == f"/v1/requests/{number}"), f"{method} {path}: {answer}")
    paths = json.loads(box.call("GET", "/v1/openapi.json", token=None).body)["paths"]
    named = [p for p in paths for word in VERBS + RULES if word in p.lower().split("/")]
    check(not named, f"openapi names {named}")
    for path in ("/v1/../v1/requests", "/v1//requests", f"/v1/requests/%3{number % 10}", "/v1/requests/-1", "/tile/entries/..%2f"):
        answer = box.call("GET", path)
        check(is_problem(answer, 404, "not_found"), f"{path}: {answer}")
    answer = box.call("GET", "/v1/requests/999999")
    check(is_problem(answer, 404, "unknown_request"), f"{answer}")
    answer = box.call("POST", "/v1/requests", GOOD, token=stage.READER)
    check(is_problem(answer, 403, "no_scope"), f"a reader that submits: {answer}")
    check(log_size(box) - size <= 2, "more was appended than notes of denied calls")


# --- TLS ---

def transport(box):
    for data in (os.urandom(4096), b"\x16\x03\x01" + b"\xff" * 600, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x80\x2e\x01\x03\x01"):
        with contextlib.closing(socket.create_connection(("127.0.0.1", box.port), timeout=SLACK_S + IDLE_S + LOOK_S)) as s:
            s.sendall(data)
            got = b""
            with contextlib.suppress(ConnectionError):
                while more := s.recv(65536):
                    got += more
            check(b"HTTP/" not in got, f"plain text was answered: {got!r}")
    context = box.tls_context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        box.call("GET", "/healthz", token=None, context=context)
        raise boxes.Failed("TLS 1.2 was accepted")
    except (ssl.SSLError, ConnectionError):
        pass
    with box.dial() as s:
        check(s.version() == "TLSv1.3", f"{s.version()}")


URI = "URI:spiffe://cast.example/ci"  # CAST_CLIENT_URI


def make_certificate(box, name, san=URI, usage="clientAuth", ca="client-ca", is_ca=False, days=1, subject="/CN=ci", alone=False):
    key, request, cert, words = (box.tls / f"{name}.{end}" for end in ("key", "csr", "pem", "cnf"))
    lines = [f"basicConstraints=critical,CA:{'TRUE' if is_ca else 'FALSE'}"]
    lines += [f"subjectAltName={san}"] if san else []
    lines += [f"extendedKeyUsage={usage}"] if usage else []
    words.write_text("\n".join(lines) + "\n")
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    boxes.run(["openssl", "req", "-new", *ec, "-keyout", key, "-out", request, "-subj", subject])
    signer = ["-signkey", key] if alone else ["-CA", box.tls / f"{ca}.pem", "-CAkey", box.tls / f"{ca}.key", "-CAcreateserial"]
    boxes.run(["openssl", "x509", "-req", "-in", request, "-out", cert, "-days", days, "-extfile", words, *signer])
    return box.tls_context(cert, key)


def make_ca(box, name):
    boxes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-keyout", box.tls / f"{name}.key", "-out", box.tls / f"{name}.pem", "-subj", "/CN=client CA",
               "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"])


# A good certificate of nobody does not name a client, and does not stand in the way of a token.
UNKNOWN = ("a URI nobody knows", "no URI, a common name nobody knows")
CERTIFICATES = [
    ("expired", {"days": 0}, "bad_certificate"),
    ("good", {}, None),
    ("good, another name beside", {"san": URI + ",DNS:ci.cast.example"}, None),
    ("two URIs", {"san": URI + ",URI:spiffe://cast.example/cd"}, "bad_certificate"),
    ("the same URI twice", {"san": URI + "," + URI}, "bad_certificate"),
    ("a URI nobody knows", {"san": "URI:spiffe://cast.example/other"}, "bad_certificate"),
    ("no URI, a common name nobody knows", {"san": None}, "bad_certificate"),
    ("a server's", {"usage": "serverAuth"}, "bad_certificate"),
    ("any purpose", {"usage": "anyExtendedKeyUsage"}, "bad_certificate"),
    ("no purpose", {"usage": None}, "bad_certificate"),
    ("an authority's", {"is_ca": True}, "bad_certificate"),
    ("self-signed look-alike", {"alone": True}, "bad_certificate"),
    ("of another authority with the same name", {"ca": "other-ca"}, "bad_certificate"),
]


def certificates(box):
    """R-8.2: who may call. The bearer token of a client does not save a certificate that does not count."""
    make_ca(box, "other-ca")
    contexts = [(name, make_certificate(box, f"client{i}", **how), code) for i, (name, how, code) in enumerate(CERTIFICATES)]
    time.sleep(1.1)  # until the expired one is
    answer = box.call("GET", "/v1/requests", token=None)
    check(is_problem(answer, 401, "no_credentials"), f"none: {answer}")
    for token in ("", "wrong", "Y2k", "x" * 600):
        answer = box.call("GET", "/v1/requests", token=token)
        check(is_problem(answer, 401, "bad_token"), f"token {token[:9]!r}: {answer}")
    for name, context, code in contexts:
        for token in (None, stage.TOKEN):
            try:
                answer = box.call("GET", "/v1/requests", token=token, context=context)
            except (ssl.SSLError, ConnectionError):
                check(code is not None, f"{name}: no connection")
                continue
            accepted = code is None or (token is not None and name in UNKNOWN)
            check(answer.status == 200 if accepted else is_problem(answer, 401, code), f"{name}: {answer}")
    answer = box.call("GET", "/v1/requests", token="wrong", context=contexts[1][1])
    check(is_problem(answer, 401, "bad_token"), f"a good certificate and a wrong token: {answer}")


# --- slow and many ---

def trickle(s, data):
    """A byte each half second until the other side has enough."""
    for byte in data:
        s.sendall(bytes([byte]))
        time.sleep(0.5)


def slow_clients(box):
    """(what, how long it may last, what it sends). Silence is a matter of --idle; what trickles is one of the sweep."""
    body = b"POST /v1/requests HTTP/1.1\r\n" + HOST + b"Authorization: Bearer ci\r\nContent-Type: application/json\r\n"
    silent, head, whole = IDLE_S + LOOK_S + SLACK_S, HEAD_S + LOOK_S + SLACK_S, BODY_S + LOOK_S + SLACK_S
    return [
        ("nothing at all", False, silent, lambda s: None),
        ("half a handshake", False, silent, lambda s: s.sendall(b"\x16\x03\x01\x02\x00\x01\x00")),
        ("a handshake that trickles", False, silent, lambda s: trickle(s, b"\x16\x03\x01\x02\x00\x01\x00" + b"\x03" * 500)),
        ("a handshake and nothing", True, silent, lambda s: None),
        ("half a request line", True, silent, lambda s: s.sendall(b"GET /v1/req")),
        ("a request line that trickles", True, silent, lambda s: trickle(s, b"GET /v1/requests/" + b"1" * 500)),
        ("half the fields", True, silent, lambda s: s.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")),
        ("fields that trickle", True, head, lambda s: (s.sendall(b"GET /healthz HTTP/1.1\r\n"),
                                                       trickle(s, HOST + b"X: " + b"a" * 500))),
        ("half a body", True, silent, lambda s: s.sendall(body + LENGTH + b"\r\n" + GOOD[:20])),
        ("a body that trickles", True, whole, lambda s: (s.sendall(body + LENGTH + b"\r\n"), trickle(s, GOOD))),
        ("chunks that trickle", True, whole, lambda s: (s.sendall(body + b"Transfer-Encoding: chunked\r\n\r\n"),
                                                        trickle(s, b"1\r\n{\r\n" + b"1\r\n \r\n" * 200))),
    ]


def be_slow(box, tls, send, ret):
    began = time.monotonic()
    try:
        s = box.dial(timeout=120) if tls else socket.create_connection(("127.0.0.1", box.port), timeout=120)
        with s:
            send(s)
            while s.recv(4096):
                pass
    except (OSError, ssl.SSLError):
        pass
    ret.append(time.monotonic() - began)


def start_slow(box):
    threads = []
    for name, tls, bound_s, send in slow_clients(box):
        took = []
        thread = threading.Thread(target=be_slow, args=(box, tls, send, took), daemon=True)
        thread.start()
        threads.append((name, bound_s, thread, took))
    return threads


def slow_ended(threads):
    began = time.monotonic()
    for name, bound_s, thread, took in threads:
        thread.join(max(0.1, BODY_S + LOOK_S + SLACK_S - (time.monotonic() - began)))
        check(took and took[0] <= bound_s, f"{name}: {'ended after %.0f s' % took[0] if took else 'still there'}, not {bound_s}")


def many(box):
    """Connections that only stand there do not keep anybody else from being served, and they end."""
    context = box.tls_context()
    with contextlib.ExitStack() as stack:
        idle = []
        for n in range(CONNECTIONS):
            s = box.dial(context) if n < 100 else socket.create_connection(("127.0.0.1", box.port), timeout=20)
            idle.append(stack.enter_context(contextlib.closing(s)))
        began = time.monotonic()
        metrics = box.call("GET", "/metrics").body.decode()
        took = time.monotonic() - began
        count = int(metrics.split("\ncountersign_http_connections_open ")[1].split()[0])
        check(count > CONNECTIONS, f"{count} connections open")
        check(took < 2, f"an answer took {took:.1f} s among {count}")
        for s in (idle[0], idle[99], idle[100], idle[-1]):
            s.settimeout(IDLE_S + LOOK_S + SLACK_S)
            with contextlib.suppress(ConnectionError):
                while s.recv(4096):  # the alert that ends it
                    pass


# --- the core goes and comes ---

def core_restart(box):
    body = stage.submission("over a restart")
    first = box.call("POST", "/v1/requests", body, Idempotency_Key="restart-1")
    check(first.status == 201, f"{first}")
    check(box.end("countersignd", signal.SIGKILL) == -signal.SIGKILL, "the core was not killed")
    number = first.json()["id"]
    end = time.monotonic() + 10
    while box.call("GET", "/readyz", token=None).status != 503:
        check(time.monotonic() < end, "readyz never noticed that the core is gone")
        time.sleep(0.05)
    answer = box.call("GET", f"/v1/requests/{number}")
    check(answer.status == 200 and answer.json()["id"] == number, f"a read without the core: {answer}")
    answer = box.call("POST", "/v1/requests", stage.submission("no core"), Idempotency_Key="restart-2")
    check(is_problem(answer, 503, "unavailable"), f"a command without the core: {answer}")
    for name in ("kiosk.sock", "http.sock", "operator.sock"):
        (box.run_dir / name).unlink(missing_ok=True)
    box.start_core()
    box.wait_live()
    again = box.call("POST", "/v1/requests", body, Idempotency_Key="restart-1")
    check(again.status == 200 and again.body == first.body, f"repeated after the restart: {again}")
    fresh = box.call("POST", "/v1/requests", stage.submission("no core"), Idempotency_Key="restart-2")
    check(fresh.status == 201, f"a command after the restart: {fresh}")


def options(box):
    """No option turns TLS off."""
    front = [str(box.bin / "countersign-http"), "--core", str(box.run_dir / "http.sock"), "--address", "127.0.0.1", "--port", "0"]
    for more in ([], ["--plain"], ["--cert", str(box.tls / "server.pem")], ["--key", str(box.tls / "server.key")]):
        r = subprocess.run([*front, *more], capture_output=True, text=True, timeout=20)
        check(r.returncode == 2 and "usage:" in r.stderr, f"{more}: exit {r.returncode}")


TESTS = [bad_bodies, all_missing, keys, keys_at_once, framing, addresses, transport, certificates, options, many, core_restart]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="+", help="names of TESTS, or slow")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard != resource.RLIM_INFINITY else 8192, hard))
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = stage.Stage(arguments.build, directory)
        try:
            box.make_tls()
            make_ca(box, "client-ca")
            box.start_core()
            box.start_http("--idle", IDLE_S, "--client-ca", box.tls / "client-ca.pem", "--connections", 4 * CONNECTIONS,
                           "--writes-per-minute", 100000, "--reads-per-second", 100000)
            box.wait_live()
            slow = start_slow(box)
            for test in TESTS:
                if arguments.only is None or test.__name__ in arguments.only:
                    began = time.monotonic()
                    test(box)
                    print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
            if arguments.only is None or "slow" in arguments.only:
                slow_ended(slow)
                print("slow clients: all ended", flush=True)
        except (AssertionError, boxes.Failed):
            print((box.logs / "countersign-http").read_text()[-2000:], file=sys.stderr)
            raise
        finally:
            box.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
