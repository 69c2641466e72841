#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""4.6, 8.2: the pipeline client against a real server: what each command says, and the exit status that pipelines rely on."""
import argparse
import contextlib
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import box as boxes  # noqa: E402
import people  # noqa: E402

OK, FAILED, USAGE, REACH, VERIFY, PENDING, REJECTED, EXPIRED, FROZEN, DRIFTED, USED = 0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15
OFFICERS = ["odette", "olga", "omar"]
POLICY = {
    "change_types": ["normal"], "environments": ["production", "staging"], "name": "cli-test",
    "officers": {"sign_by_s": 86400, "threshold": 2}, "roles": ["officer", "tech"],
    "rules": [{"id": "production", "require": {
        "bind": ["artifacts"], "fields": ["documentation.backout_plan", "title"], "reason": {"approve": 0, "reject": 15},
        "seats": [{"count": 1, "id": "tech", "role": "tech"}], "separate": ["initiator"], "sign_by_s": 3600, "use_by_s": 3600}}],
    "v": 1, "version": 1}


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Liar(http.server.BaseHTTPRequestHandler):
    """A server with a good certificate that passes everything on and changes answers on the way."""
    box, change, bearer = None, staticmethod(lambda path, body: body), None

    def pass_on(self, body=None):
        context = ssl.create_default_context(cafile=str(self.box.tls / "ca.pem"))
        up = http.client.HTTPSConnection("localhost", self.box.port, context=context, timeout=60)
        up.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() != "host"})
        answer = up.getresponse()
        data = type(self).change(self.path, answer.read())
        self.send_response(answer.status)
        for name in ("Content-Type", "ETag"):
            if answer.getheader(name):
                self.send_header(name, answer.getheader(name))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        up.close()

    def do_GET(self):
        self.pass_on()

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_):
        pass


class Cli:
    def __init__(self, build, directory):
        self.box = boxes.Box(build, directory)
        self.dir = pathlib.Path(directory)
        self.app = self.dir / "app.tar"
        self.app.write_bytes(b"what is deployed\n")
        self.trust = self.dir / "trust.json"

    def set_up(self):
        """A log with one approver, made by people at the kiosk; the client `ci` may do everything that a pipeline may."""
        box = self.box
        policy = self.dir / "policy.json"
        policy.write_text(json.dumps(POLICY))
        reader = secrets.token_urlsafe(32)
        self.reader_file = self.dir / "reader.token"
        self.reader_file.write_text(reader)
        more = self.dir / "more.json"
        more.write_text(json.dumps([
            {"op": "put_person", "person": {"accounts": ["gitlab:1"], "id": "tom", "roles": ["tech"]}},
            {"op": "put_client", "client": {"id": "reader", "scopes": ["read"], "tls": [],
                                            "tokens": [hashlib.sha256(reader.encode()).hexdigest()]}}]))
        box.start_tokens()
        box.init(OFFICERS, policy, changes=more)
        box.start_core()
        self.kiosk = people.Kiosk(box)
        self.kiosk.ceremony([*OFFICERS, "tom"], ["olga", "omar"])
        box.start_http()
        self.trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--trust", "--run", box.run_dir]))

    def expect(self, status, word, *words, **options):
        """Runs `countersign WORDS`; its exit status must be `status`, and what it says must hold `word`."""
        got, out, err = self.box.cli(*words, ok=range(256), timeout=120, **options)
        text = out + err
        check(got == status, f"countersign {' '.join(map(str, words))} exited {got}, not {status}:\n{text}")
        check(word in text, f"countersign {' '.join(map(str, words))} does not say {word!r}:\n{text}")
        return out

    def submit(self, title, *more, environment="production"):
        out = self.expect(OK, "", "submit", "--json", "--title", title, "--environment", environment, "--service", "shop", "--initiator",
                          "gitlab:7", "--artifact", f"app={self.app}", "--doc", "backout_plan=The release before.", *more)
        return str(json.loads(out)["id"])

    def artifact(self):
        return ["--artifact", f"app={self.app}"]

    def here(self, *more):
        """What is about to be deployed where, and what is pinned."""
        return [*self.artifact(), "--environment", "production", "--service", "shop", "--trust", self.trust, *more]

    def wait(self, id, *more):
        return ["wait", id, "--trust", self.trust, *more]

    # --- before anybody decided ---

    def test_submit(self):
        first = self.submit("Release one")
        check(self.submit("Release one") == first, "the same submission made another request")
        check(self.submit("Release one", "--idempotency-key", "again") != first, "another key made no other request")
        self.expect(FAILED, "documentation", "submit", "--title", "x", "--environment", "production", "--service", "shop", "--initiator",
                    "gitlab:7", *self.artifact())
        self.expect(FAILED, "nothing", "submit", "--title", "x", "--artifact", f"app={self.dir / 'nothing'}")
        self.expect(USAGE, "NAME=VALUE", "submit", "--title", "x", "--artifact", "app")
        self.expect(USAGE, "given twice", "submit", "--title", "x", *self.artifact(), *self.artifact())
        self.expect(USAGE, "usage", "submit", "--result", "failed")

    def test_pending(self):
        id = self.submit("Pending")
        self.expect(PENDING, "eligible", "status", id)
        out = self.expect(PENDING, "", "status", id, "--json")
        check(json.loads(out)["status"] == "eligible", out)
        self.expect(PENDING, "", *self.wait(id, "--timeout", "1"))
        self.expect(OK, "of role tech", "explain", id)
        self.expect(PENDING, "is eligible", "redeem", id, *self.here())
        self.expect(VERIFY, "not approved", "receipt", id, "--trust", self.trust, "--out", self.dir / "early")
        check(not (self.dir / "early").exists(), "a receipt was written for a request that nobody approved")

    def test_usage(self):
        self.expect(USAGE, "usage", "wait", "abc")
        self.expect(USAGE, "ID is missing", "wait")
        self.expect(USAGE, "--trust", "wait", "1")
        self.expect(USAGE, "--trust", "submit", "--wait", "--title", "x", *self.artifact())
        self.expect(USAGE, "--environment", "redeem", "1", *self.artifact(), "--trust", self.trust)
        self.expect(USAGE, "--trust", "redeem", "1", *self.artifact(), "--environment", "production", "--service", "shop")
        self.expect(USAGE, "--trust", "receipt", "1")
        self.expect(USAGE, "--result", "report", "1")
        self.expect(USAGE, "usage", "export", "--out", self.dir / "x", "--format", "pdf")
        self.expect(FAILED, "unknown_request", "status", "999999")

    def test_withdraw(self):
        id = self.submit("To be withdrawn")
        self.expect(OK, "withdrawn", "withdraw", id, "--reason", "The tests were red after all.")
        self.expect(REJECTED, "withdrawn", "status", id)
        self.expect(REJECTED, "withdrawn", *self.wait(id))
        self.expect(REJECTED, "withdrawn", "redeem", id, *self.here())

    # --- the server ---

    def test_away(self):
        id = self.submit("Server away")
        self.expect(REACH, "certificate", "status", id, "--ca", self.dir / "other-ca.pem")
        self.expect(REACH, "certificate", *self.wait(id, "--ca", self.dir / "other-ca.pem"))
        self.expect(REACH, "", "status", id, "--server", f"https://localhost:{boxes.free_port()}")
        self.expect(USAGE, "https://", "status", id, "--server", f"http://localhost:{self.box.port}")
        self.expect(REACH, "cannot be reached", *self.wait(id, "--timeout", "2", "--server", f"https://localhost:{boxes.free_port()}"))

    def test_wait_outlives_the_server(self):
        id = self.submit("Server restarts")
        status = []
        waiter = threading.Thread(target=lambda: status.append(self.box.cli(*self.wait(id, "--timeout", "60"), ok=range(256))))
        waiter.start()
        self.kiosk.pump(1.0)
        self.box.end("countersign-http")
        self.kiosk.pump(1.5)
        self.box.start_http()
        self.expect(OK, "", "withdraw", id)
        waiter.join(70)
        check(status and status[0][0] == REJECTED, f"wait said {status}")

    def test_tokens(self):
        bad = self.dir / "bad.token"
        bad.write_text(secrets.token_urlsafe(32))
        id = self.submit("Tokens")
        self.expect(FAILED, "", "status", id, "--token-file", bad)
        self.expect(FAILED, "no_scope", "withdraw", id, "--token-file", self.reader_file)
        self.expect(PENDING, "eligible", "status", id, "--token-file", self.reader_file)
        self.expect(FAILED, "no_scope", "export", "--out", self.dir / "not-for-you", "--token-file", self.reader_file)
        check(not (self.dir / "not-for-you").exists(), "a client without the scope got an export")
        self.expect(USAGE, "token file", "status", id, "--token-file", self.dir / "nothing")

    # --- decided ---

    def test_rejected(self):
        """The pipeline is told why."""
        id = self.submit("To be rejected")
        self.kiosk.decide("tom", "To be rejected", word="reject", reason="The backout plan is not one.")
        self.expect(REJECTED, "rejected by tom: The backout plan is not one.", "status", id)
        self.expect(REJECTED, "rejected by tom: The backout plan is not one.", *self.wait(id))
        self.expect(REJECTED, "is rejected", "redeem", id, *self.here())

    def test_what_was_approved_for_something_else_is_not_used_up(self):
        """An honest front answers what it is asked; a lying one names the approval of staging. Nothing is presented, so nothing is lost."""
        other = self.dir / "other.tar"
        other.write_bytes(b"something else\n")
        staged = self.submit("For staging", environment="staging")
        self.kiosk.decide("tom", "For staging")
        receipt = self.dir / "not-approved.json"
        where = ["--environment", "production", "--service", "shop"]
        for id, words, says in ((staged, [*self.artifact(), *where], "another environment"),
                                (staged, [*self.artifact(), "--environment", "staging", "--service", "shops"], "another service"),
                                (staged, ["--artifact", f"app={other}", "--environment", "staging", "--service", "shop"], "this artifact")):
            self.expect(DRIFTED, says, "redeem", id, *words, "--trust", self.trust, "--out", receipt)
            check(not receipt.exists(), "a receipt was written for something that was not approved")
        self.expect(DRIFTED, "another environment", *self.wait(staged, *where))
        self.expect(OK, "approved", "status", staged)
        self.expect(OK, "the receipt holds", "redeem", staged, *self.artifact(), "--environment", "staging", "--service", "shop", "--trust",
                    self.trust)

    def test_drifted(self):
        """Presented past this client's own check, what differs ends the approval."""
        id = self.submit("To be drifted")
        self.kiosk.decide("tom", "To be drifted")
        status, code = self._post(id, {"artifacts": [{"name": "app", "sha256": "00" * 32}]})
        check((status, code) == (409, "drifted"), f"{status} {code}")
        self.expect(DRIFTED, "void", "status", id)
        self.expect(DRIFTED, "is void", "redeem", id, *self.here())

    def _post(self, id, body):
        context = ssl.create_default_context(cafile=str(self.box.tls / "ca.pem"))
        c = http.client.HTTPSConnection("localhost", self.box.port, context=context, timeout=60)
        token = pathlib.Path(self.box.token_file).read_text().strip()
        c.request("POST", f"/v1/requests/{id}/redeem", json.dumps(body), {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        answer = c.getresponse()
        return answer.status, json.loads(answer.read())["code"]

    def test_submit_waits_for_the_proof(self):
        """`submit --wait` compares all of its own submission with what people approved."""
        title, got = "Wait for it", []
        words = ["submit", "--title", title, "--environment", "production", "--service", "shop", "--initiator", "gitlab:7", *self.artifact(),
                 "--doc", "backout_plan=The release before.", "--wait", "--timeout", "120", "--trust", self.trust]
        waiter = threading.Thread(target=lambda: got.append(self.box.cli(*words, ok=range(256), timeout=150)))
        waiter.start()
        self.kiosk.decide("tom", title)
        waiter.join(150)
        check(got and got[0][0] == OK, f"submit --wait said {got}")
        check("signed by tom for production/tech" in got[0][1] and "approved" in got[0][1], got[0][1])

    def test_approved(self):
        id = self.submit("To be approved")
        self.kiosk.decide("tom", "To be approved")
        self.expect(OK, "approved", *self.wait(id))
        self.expect(OK, "approved", *self.wait(id, "--environment", "production", "--service", "shop", *self.artifact()))
        self.expect(OK, "approved", "status", id)
        receipt, early = self.dir / "receipt.json", self.dir / "early.json"
        self.expect(OK, "the receipt holds", "receipt", id, "--trust", self.trust, "--out", early)
        self.expect(VERIFY, "not used yet", "receipt", id, "--trust", self.trust, "--redeemed", "--out", receipt)
        check(not receipt.exists(), "a receipt of an unused approval was written as one of a used")
        self.expect(OK, "signed by tom for production/tech", "redeem", id, *self.here("--out", receipt))
        boxes.run([self.box.bin / "countersign-audit", "verify", receipt, "--trust", self.trust, "--redeemed"])
        self.expect(USED, "used before", "redeem", id, *self.here())
        self.expect(USED, "redeemed", "status", id)
        self.expect(USED, "redeemed", *self.wait(id))
        self.expect(OK, "the receipt holds", "receipt", id, "--trust", self.trust, "--environment", "production", "--service", "shop",
                    *self.artifact())
        self._receipts_that_do_not_hold(id)
        self._lies(id)
        self._yesterdays_answer()
        self.expect(USAGE, "", "report", id, "--result", "succeeded", "--started", "yesterday")
        out = self.expect(OK, "", "report", id, "--result", "succeeded", "--json")
        check(json.loads(out)["status"] == "succeeded", out)
        self.expect(USED, "succeeded", "status", id)

    def _yesterdays_answer(self):
        """A server that uses the approval up and answers with a receipt from before is not believed; the right one can be had again."""
        id, out = self.submit("Answered with the past"), self.dir / "past.json"
        self.kiosk.decide("tom", "Answered with the past")
        self.expect(OK, "", "receipt", id, "--trust", self.trust, "--out", out)
        past = out.read_bytes()
        out.unlink()
        with self._liar() as url:
            Liar.change = staticmethod(lambda path, body: past if path.endswith("/redeem") else body)
            self.expect(VERIFY, "not used yet", "redeem", id, *self.here("--out", out), *url)
            check(not out.exists(), "a receipt from before the redeem was kept as its answer")
        got = self.expect(OK, "", "receipt", id, "--redeemed", "--json", "--trust", self.trust)
        check(json.loads(got)["request"] == int(id), got)

    def _receipts_that_do_not_hold(self, id):
        """A good receipt, for something else than what is about to be deployed, or of another log."""
        other, pinned = self.dir / "other.tar", self.dir / "other-trust.json"
        other.write_bytes(b"something else\n")
        trust = json.loads(self.trust.read_text())
        trust["genesis_sha256"] = "00" * 32
        pinned.write_text(json.dumps(trust))
        out = self.dir / "unverified"
        for more in (["--trust", pinned], ["--trust", self.trust, "--environment", "staging"],
                     ["--trust", self.trust, "--artifact", f"app={other}"],
                     ["--trust", self.trust, "--artifact", f"app={self.dir / 'nothing'}"],
                     ["--trust", self.trust, "--artifact", f"app={self.app}", "--artifact", f"second={other}"]):
            self.expect(VERIFY, "does not hold", "receipt", id, "--out", out, *more)
            check(not out.exists(), "a receipt that does not hold was written")

    @contextlib.contextmanager
    def _liar(self):
        """The options that name a server between; it changes nothing at first."""
        Liar.box = self.box
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.box.tls / "server.pem", self.box.tls / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield ["--server", f"https://localhost:{server.server_address[1]}"]
        finally:
            Liar.change = staticmethod(lambda path, body: body)
            server.shutdown()

    def _lies(self, id):
        """The same receipt through a server that changes it: one byte, or another request's number."""
        out = self.dir / "lie"
        with self._liar() as url:
            self.expect(OK, "the receipt holds", "receipt", id, "--trust", self.trust, *url)
            for old, new in ((b"app", b"apq"), (b"production", b"productiom"), (b"tom", b"tim"), (b'"proof":["', b'"proof":["A'),
                             (b'"request":%d' % int(id), b'"request":%d' % (int(id) - 1))):
                Liar.change = staticmethod(lambda path, body, old=old, new=new: body.replace(old, new, 1))
                self.expect(VERIFY, "", "receipt", id, "--trust", self.trust, "--out", out, *url)
                check(not out.exists(), f"a receipt with {new!r} was written")
            Liar.change = staticmethod(lambda path, body: body[:-1])
            self.expect(VERIFY, "", "receipt", id, "--trust", self.trust, "--out", out, *url)
            Liar.change = staticmethod(lambda path, body: body[:40] + bytes([body[40] ^ 1]) + body[41:] if "entries" in path else body)
            self.expect(VERIFY, "not those of its checkpoint", "export", "--out", out, *url, auditor=True)
            check(not out.exists(), "an export that is not its checkpoint's was written")

    # --- the log ---

    def test_export(self):
        audit = self.box.bin / "countersign-audit"
        mirror, part = self.dir / "export", self.dir / "range.json"
        out = self.expect(OK, "entries", "export", "--out", mirror, "--trust", self.trust, auditor=True)
        size = int(re.search(r"(\d+) entries", out).group(1))
        boxes.run([audit, "verify", mirror, "--trust", self.trust])
        self.expect(OK, "", "export", "--from", "2", "--to", str(size - 1), "--out", part, auditor=True)
        boxes.run([audit, "verify", part, "--trust", self.trust])
        held = {e["index"] for e in json.loads(part.read_text())["entries"]}
        check(held >= set(range(2, size)), f"the range holds {sorted(held)} of 2 to {size - 1}")
        part.write_bytes(part.read_bytes().replace(b"production", b"productiom", 1))
        bad = subprocess.run([str(audit), "verify", str(part), "--trust", str(self.trust)], capture_output=True, text=True)
        check(bad.returncode != 0, "a changed range verifies")
        self.expect(USAGE, "entries of the log", "export", "--from", "2", "--to", "999999", "--out", part, auditor=True)
        self.expect(USAGE, "entries of the log", "export", "--from", "3", "--to", "2", "--out", part, auditor=True)
        trust = json.loads(self.trust.read_text())
        trust["origin"] = "other.example/log1"
        other = self.dir / "another-log.json"
        other.write_text(json.dumps(trust))
        self.expect(VERIFY, "", "export", "--out", self.dir / "x", "--trust", other, auditor=True)

    def other_ca(self):
        boxes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
                   self.dir / "other-ca.key", "-out", self.dir / "other-ca.pem", "-subj", "/CN=another CA"])


TESTS = ("submit", "pending", "usage", "withdraw", "away", "wait_outlives_the_server", "tokens", "rejected",
         "what_was_approved_for_something_else_is_not_used_up", "drifted", "submit_waits_for_the_proof", "approved", "export")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="countersign-cli-") as directory:
        cli = Cli(options.build, directory)
        try:
            cli.set_up()
            cli.other_ca()
            for name in options.only or TESTS:
                try:
                    getattr(cli, "test_" + name)()
                    print(f"ok      {name}", flush=True)
                except Exception:  # one failed test must not hide the others
                    failed += 1
                    print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
        finally:
            cli.box.stop()
    return 1 if failed else 0


sys.exit(main())
