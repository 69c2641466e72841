# SPDX-License-Identifier: Apache-2.0
"""8.2, D8, 1.5: the pipeline client against a server that says whatever the test wants: its own look at a receipt that is true but does
not answer what was asked, the exit status for each word and each refusal, and words that would move a terminal or a CI runner."""
import argparse
import http.server
import json
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

ARGS = None
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/life"
USED, CONTENT = 14, b"Release 4.18.2"  # the request that was redeemed, and what its one artifact, payments-api, holds
UNUSED, UNUSED_CONTENT = 46, b"Open over a roster change"  # one that was approved, and not used
STAGED = 41  # the same service and artifact, but for staging
OK, FAILED, USAGE, REACH, VERIFY, PENDING, REJECTED, EXPIRED, FROZEN, DRIFTED, SPENT = 0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15
HERE = ("--environment", "production", "--service", "payments")


def receipt(name):
    return 200, (GOLDEN / f"receipts/{name}.countersign.json").read_bytes()


class Server(http.server.BaseHTTPRequestHandler):
    reply, receipt, seen = receipt("used"), None, []

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = (self.path.endswith("/receipt") and type(self).receipt) or type(self).reply
        self.seen.append((self.command, self.path.rpartition("/")[2]))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        held = tempfile.TemporaryDirectory(dir=".")
        cls.addClassCleanup(held.cleanup)
        cls.dir = pathlib.Path(held.name).resolve()
        key, cls.ca = cls.dir / "key.pem", cls.dir / "ca.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cls.ca],
                       check=True, capture_output=True)
        (cls.dir / "token").write_text("A" * 43 + "\n")
        (cls.dir / "token").chmod(0o600)
        (cls.dir / "right").write_bytes(CONTENT)
        (cls.dir / "wrong").write_bytes(CONTENT + b"!")
        (cls.dir / "unused").write_bytes(UNUSED_CONTENT)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cls.ca, key)
        cls.server = http.server.ThreadingHTTPServer(("localhost", 0), Server)
        cls.server.socket = tls.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def call(self, command, request, *words):
        words = [str(w).replace("=", f"={self.dir}/") for w in words]
        return subprocess.run([ARGS.cli, command, str(request), "--server", f"https://localhost:{self.server.server_port}",
                               "--ca", self.ca, "--token-file", self.dir / "token", *words],
                              capture_output=True, text=True, timeout=120)

    def ask(self, command, *words, request=USED):
        return self.call(command, request, "--trust", GOLDEN / "trust.json", *words)

    def redeem(self, *words, request=USED, here=HERE):
        """And whether anything was presented, which would have used the approval up, or ended it."""
        Server.seen.clear()
        return self.ask("redeem", *here, *words, request=request), ("POST", "redeem") in Server.seen

    def expect(self, r, status, words):
        self.assertEqual(r.returncode, status, r.stdout + r.stderr)
        self.assertIn(words, r.stdout + r.stderr)


class Receipts(Base):
    def setUp(self):
        Server.reply = receipt("used")

    def test_a_receipt_names_what_is_asked(self):
        self.expect(self.ask("receipt"), 0, "the receipt holds")
        self.expect(self.ask("receipt", "--artifact", "payments-api=right"), 0, "the receipt holds")

    def test_every_artifact_is_looked_for_by_name_and_content(self):
        right = ("--artifact", "payments-api=right")
        self.expect(self.ask("receipt", *right, "--artifact", "payments-api=wrong"), 4, "does not hold")
        self.expect(self.ask("receipt", *right, "--artifact", "other=right"), 4, "does not hold")

    def test_what_is_no_approval_of_this_is_not_used_up(self):
        """The receipt is verified before anything is presented: for another place, service or file nothing is, and the approval stays."""
        used, unused = ("--artifact", "payments-api=right"), ("--artifact", "payments-api=unused")
        place, service = "The approval is for another environment.", "The approval is for another service."
        files = "The approval does not name this artifact."
        for name, request, here, words, status, says in (
                ("sequence", STAGED, HERE, used, DRIFTED, place),  # a front that names the approved request of staging instead
                ("approved", UNUSED, ("--environment", "staging", "--service", "payments"), unused, DRIFTED, place),
                ("approved", UNUSED, ("--environment", "production", "--service", "ledger"), unused, DRIFTED, service),
                ("approved", UNUSED, HERE, unused, EXPIRED, "The approval has run out."),
                ("used", USED, HERE, used, SPENT, "its approval was used before"),
                ("half_signed", 61, HERE, used, PENDING, "request 61 is eligible"),
                ("rejected", 23, HERE, used, REJECTED, "request 23 is rejected"),
                ("approved", USED, HERE, used, VERIFY, "the receipt is about another request"),
                ("range", USED, HERE, used, VERIFY, "the server sent no receipt")):
            with self.subTest(receipt=name, here=here):
                Server.reply = receipt(name)
                answer, presented = self.redeem(*words, request=request, here=here)
                self.expect(answer, status, says)
                self.assertFalse(presented)
        Server.reply = receipt("approved")
        self.expect(self.ask("receipt", "--service", "ledger", request=UNUSED), VERIFY, service)
        self.expect(self.ask("receipt", "--service", "payments", request=UNUSED), OK, "the receipt holds")
        self.expect(self.ask("receipt", "--artifact", "payments-api=wrong", request=UNUSED), VERIFY, files)

    def test_redeem_is_told_what_where_and_by_whom(self):
        Server.reply = receipt("approved")
        file, place, service = ("--artifact", "payments-api=unused"), ("--environment", "production"), ("--service", "payments")
        for words in ((*file, *place), (*file, *service), (*place, *service)):
            answer, presented = self.redeem(*words, here=())
            self.expect(answer, USAGE, "say what is about to be deployed and where")
            self.assertFalse(presented)
        for words in ((*file, "--environment", "", *service), (*file, *place, "--service", "")):  # a variable that is not set
            self.expect(self.redeem(*words, here=())[0], USAGE, "must not be empty")
        self.expect(self.call("redeem", UNUSED, *file, *place, *service), USAGE, "--trust FILE is needed")
        self.assertEqual(Server.seen, [])

    def test_a_receipt_from_before_the_redeem_is_none_of_a_used_approval(self):
        """It would hold, too, if the request had been withdrawn a moment later. Nothing is kept of it."""
        Server.reply = receipt("approved")
        unused, out = ("--artifact", "payments-api=unused"), self.dir / "unused.json"
        self.expect(self.ask("receipt", *unused, request=UNUSED), OK, "the receipt holds")
        self.expect(self.ask("receipt", "--redeemed", *unused, "--out", out, request=UNUSED), VERIFY, "The approval is not used yet")
        self.assertFalse(out.exists())

    def test_json_is_the_receipt(self):
        r = self.ask("receipt", "--json")
        self.expect(r, OK, "")
        self.assertEqual(r.stdout.encode(), Server.reply[1] + b"\n")
        self.assertEqual(self.ask("receipt", "--json", "--environment", "staging").stdout, "")

    def test_a_used_approval_is_shown_as_one(self):
        self.expect(self.ask("receipt", "--redeemed", "--artifact", "payments-api=right"), OK, "the receipt holds")


class Exits(Base):
    """docs/man/countersign.1, EXIT STATUS: the whole table."""
    WORDS = {"eligible": PENDING, "approved": OK, "redeemed": SPENT, "succeeded": SPENT, "failed": SPENT, "rolled_back": SPENT,
             "applied": OK, "rejected": REJECTED, "withdrawn": REJECTED, "superseded": REJECTED, "expired": EXPIRED, "lapsed": EXPIRED,
             "paused": FROZEN, "void": DRIFTED}
    CODES = {"not_approved": PENDING, "rejected": REJECTED, "withdrawn": REJECTED, "superseded": REJECTED, "not_open": REJECTED,
             "expired": EXPIRED, "lapsed": EXPIRED, "paused": FROZEN, "drifted": DRIFTED, "void": DRIFTED, "redeemed": SPENT,
             **dict.fromkeys(("frozen", "not_responder", "closed_now", "soaking", "soak_cut", "stage_failed", "not_promoted", "evidence_missing", "evidence_old",
                              "evidence_limit", "evidence_baseline", "too_few_signed"), FROZEN),
             "no_scope": FAILED, "unavailable": REACH, "catching_up": REACH, "a word of later times": FAILED}

    def test_status_and_wait_say_how_it_stands(self):
        for word, status in self.WORDS.items():
            Server.reply = 200, json.dumps({"progress": "As it is.", "status": word}).encode()
            with self.subTest(word=word):
                self.expect(self.call("status", USED), status, f"{word}: As it is.")
                still = {PENDING: "not decided yet", FROZEN: f"{USED}: paused"}  # both may go on, so it waited
                last = still.get(status, f"{word}: As it is.")
                if status == OK:  # its bare word is not enough
                    self.expect(self.ask("wait", "--timeout", "0"), VERIFY, "the server sent no receipt")
                else:
                    self.expect(self.ask("wait", "--timeout", "0"), status, last)

    def test_wait_believes_a_receipt_only(self):
        """The server says approved; what its receipt proves decides."""
        Server.reply = 200, json.dumps({"progress": "2 of 2 signatures", "status": "approved"}).encode()
        self.addCleanup(setattr, Server, "receipt", None)
        for name, request, words, status, says in (
                ("half_signed", 61, (), VERIFY, "request 61 is eligible"), ("rejected", 23, (), REJECTED, "request 23 is rejected"),
                ("void", 19, (), DRIFTED, "request 19 is void"), ("lapsed", 29, (), EXPIRED, "request 29 is lapsed"),
                ("approved", UNUSED, (), EXPIRED, "run out"), ("used", UNUSED, (), VERIFY, "about another request"),
                ("policy", 54, (), OK, "approved: 2 of 2 signatures"),  # in force, and a policy does not run out
                ("policy", 54, ("--environment", "production"), DRIFTED, "another environment"),
                ("policy", 54, ("--artifact", "payments-api=right"), DRIFTED, "does not name this artifact"),
                ("approved", UNUSED, ("--service", "ledger"), DRIFTED, "another service")):
            with self.subTest(receipt=name, words=words):
                Server.receipt = receipt(name)
                r = self.ask("wait", "--timeout", "0", *words, request=request)
                self.expect(r, status, says)
                self.assertEqual("approved: " in r.stdout, status == OK)
        Server.receipt = 503, b"{}"
        self.expect(self.ask("wait", "--timeout", "1"), REACH, "cannot be reached")
        self.expect(self.call("wait", USED, "--timeout", "0"), USAGE, "--trust FILE is needed")
        self.expect(self.ask("wait", "--environment", ""), USAGE, "must not be empty")

    def test_a_refusal_has_its_exit_status(self):
        for code, status in self.CODES.items():
            Server.reply = 409, json.dumps({"code": code, "status": 409, "title": "No."}).encode()
            with self.subTest(code=code):
                self.expect(self.redeem("--artifact", "payments-api=right")[0], status, f"No. ({code})" if " " not in code else code)

    def test_a_server_that_cannot_answer_is_not_reached(self):
        Server.reply = 503, json.dumps({"code": "unavailable", "status": 503, "title": "Not now."}).encode()
        self.expect(self.ask("wait", "--timeout", "1"), REACH, "cannot be reached")

    def test_what_is_no_problem_document_is_a_refusal_all_the_same(self):
        Server.reply = 500, b"<html>"
        self.expect(self.redeem("--artifact", "payments-api=right")[0], FAILED, "the server answered 500")


class Words(Base):
    """What a server says is text to be read, never an order to a terminal or to a CI runner."""
    EVIL = "::error::x\x1b[2J\r\n::add-mask::\u202e ##[command]\u009b"

    def calm(self, r):
        text = r.stdout + r.stderr
        self.assertIn("[U+001B][2J[U+000D][U+000A]", text)
        for c in text:
            self.assertTrue(c == "\n" or (c >= " " and not "\x7f" <= c <= "\xa0" and c != "\u202e"), repr(text))
        for line in text.split("\n"):
            self.assertFalse(line.lstrip().startswith("::") or "##[" in line, text)

    def test_answers(self):
        evil = self.EVIL
        Server.reply = 200, json.dumps({
            "id": 7, "progress": evil, "request": {"title": evil}, "status": evil, "url": evil,
            "sheet": [{"id": evil, "kind": evil, "limit": evil, "rule": evil, "state": evil}, {"role": evil, "count": 1, "have": 0}]}).encode()
        for command in ("status", "explain"):
            with self.subTest(command=command):
                self.calm(self.call(command, USED))
        self.calm(subprocess.run([ARGS.cli, "submit", "--server", f"https://localhost:{self.server.server_port}", "--ca", self.ca,
                                  "--token-file", self.dir / "token", "--artifact", f"a={self.dir / 'right'}", "--title", "x"],
                                 capture_output=True, text=True, timeout=120))
        Server.reply = 200, json.dumps({"progress": evil, "status": "rejected"}).encode()
        self.calm(self.ask("wait"))

    def test_refusals(self):
        evil = self.EVIL
        Server.reply = 409, json.dumps({"code": evil, "detail": evil, "faults": [{"code": evil, "detail": evil, "pointer": evil}],
                                        "status": 409, "title": evil}).encode()
        for r in (self.redeem("--artifact", "payments-api=right")[0], self.ask("receipt"), self.ask("wait"), self.call("status", USED),
                  self.call("explain", USED), self.call("withdraw", USED), self.call("report", USED, "--result", "failed")):
            self.assertEqual(r.returncode, FAILED)
            self.calm(r)

    def test_json_is_passed_on_only_if_it_is_some(self):
        Server.reply = 200, b"::error::x"
        for command in (("status",), ("explain",), ("withdraw",), ("report", "--result", "failed")):
            r = self.call(command[0], USED, "--json", *command[1:])
            self.expect(r, VERIFY, "not what it should be")
            self.assertEqual(r.stdout, "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[__file__, *rest])
