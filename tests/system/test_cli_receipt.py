# SPDX-License-Identifier: Apache-2.0
"""D8, 1.5: the pipeline's own look at a receipt, when what the server sends is true but does not answer what was asked."""
import argparse
import http.server
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

ARGS = None
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/life"
USED, CONTENT = 14, b"Release 4.18.2"  # the request that was redeemed, and what its one artifact, payments-api, holds


class Server(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = (GOLDEN / "receipts/used.countersign.json").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Receipts(unittest.TestCase):
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
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cls.ca, key)
        cls.server = http.server.ThreadingHTTPServer(("localhost", 0), Server)
        cls.server.socket = tls.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def ask(self, command, *words):
        words = [w.replace("=", f"={self.dir}/") if "=" in w else str(w) for w in words]
        return subprocess.run([ARGS.cli, command, str(USED), "--server", f"https://localhost:{self.server.server_port}",
                               "--ca", self.ca, "--token-file", self.dir / "token", "--trust", GOLDEN / "trust.json", *words],
                              capture_output=True, text=True, timeout=120)

    def expect(self, r, status, words):
        self.assertEqual(r.returncode, status, r.stdout + r.stderr)
        self.assertIn(words, r.stdout + r.stderr)

    def test_a_receipt_names_what_is_asked(self):
        self.expect(self.ask("receipt"), 0, "the receipt holds")
        self.expect(self.ask("receipt", "--artifact", "payments-api=right"), 0, "the receipt holds")

    def test_every_artifact_is_looked_for_by_name_and_content(self):
        right = ("--artifact", "payments-api=right")
        self.expect(self.ask("receipt", *right, "--artifact", "payments-api=wrong"), 4, "does not hold")
        self.expect(self.ask("receipt", *right, "--artifact", "other=right"), 4, "does not hold")

    def test_yesterdays_receipt_is_no_answer_to_a_redeem(self):
        self.expect(self.ask("redeem", "--artifact", "payments-api=right"), 4, "The approval has run out.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[__file__, *rest])
