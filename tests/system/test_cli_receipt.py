# SPDX-License-Identifier: Apache-2.0
"""8.2, D8, 1.5: the pipeline client against a server that says whatever the test wants: its own look at a receipt that is true but does
not answer what was asked, and the exit status for each word and each refusal."""
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
OK, FAILED, REACH, VERIFY, PENDING, REJECTED, EXPIRED, FROZEN, DRIFTED = 0, 1, 3, 4, 10, 11, 12, 13, 14


def receipt(name):
    return 200, (GOLDEN / f"receipts/{name}.countersign.json").read_bytes()


class Server(http.server.BaseHTTPRequestHandler):
    reply = receipt("used")

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = type(self).reply
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

    def test_yesterdays_receipt_is_no_answer_to_a_redeem(self):
        self.expect(self.ask("redeem", "--artifact", "payments-api=right"), 4, "The approval has run out.")

    def test_a_receipt_from_before_the_redeem_is_no_answer_to_it(self):
        """It would hold, too, if the request had been withdrawn a moment later. Nothing is kept of it."""
        Server.reply = receipt("approved")
        unused, out = ("--artifact", "payments-api=unused"), self.dir / "unused.json"
        self.expect(self.ask("receipt", *unused, request=UNUSED), OK, "the receipt holds")
        for command in (("receipt", "--redeemed"), ("redeem",)):
            self.expect(self.ask(*command, *unused, "--out", out, request=UNUSED), VERIFY, "The approval is not used yet")
            self.assertFalse(out.exists())

    def test_a_used_approval_is_shown_as_one(self):
        self.expect(self.ask("receipt", "--redeemed", "--artifact", "payments-api=right"), OK, "the receipt holds")


class Exits(Base):
    """docs/man/countersign.1, EXIT STATUS: the whole table."""
    WORDS = {"eligible": PENDING, "approved": OK, "redeemed": OK, "succeeded": OK, "failed": OK, "rolled_back": OK, "applied": OK,
             "rejected": REJECTED, "withdrawn": REJECTED, "superseded": REJECTED, "expired": EXPIRED, "lapsed": EXPIRED,
             "paused": FROZEN, "void": DRIFTED}
    CODES = {"not_approved": PENDING, "rejected": REJECTED, "withdrawn": REJECTED, "superseded": REJECTED, "not_open": REJECTED,
             "expired": EXPIRED, "lapsed": EXPIRED, "paused": FROZEN, "drifted": DRIFTED, "void": DRIFTED, "redeemed": FAILED,
             "no_scope": FAILED, "unavailable": REACH, "catching_up": REACH, "a word of later times": FAILED}

    def test_status_and_wait_say_how_it_stands(self):
        for word, status in self.WORDS.items():
            Server.reply = 200, json.dumps({"progress": "As it is.", "status": word}).encode()
            with self.subTest(word=word):
                self.expect(self.call("status", USED), status, f"{word}: As it is.")
                last = "not decided yet" if status == PENDING else f"{word}: As it is."
                self.expect(self.call("wait", USED, "--timeout", "0"), status, last)

    def test_a_refusal_has_its_exit_status(self):
        for code, status in self.CODES.items():
            Server.reply = 409, json.dumps({"code": code, "status": 409, "title": "No."}).encode()
            with self.subTest(code=code):
                self.expect(self.ask("redeem", "--artifact", "payments-api=right"), status, f"No. ({code})" if " " not in code else code)

    def test_a_server_that_cannot_answer_is_not_reached(self):
        Server.reply = 503, json.dumps({"code": "unavailable", "status": 503, "title": "Not now."}).encode()
        self.expect(self.call("wait", USED, "--timeout", "1"), REACH, "cannot be reached")

    def test_what_is_no_problem_document_is_a_refusal_all_the_same(self):
        Server.reply = 500, b"<html>"
        self.expect(self.ask("redeem", "--artifact", "payments-api=right"), FAILED, "the server answered 500")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[__file__, *rest])
