# SPDX-License-Identifier: Apache-2.0
"""`countersign init`, `propose` and `status --local` against a real core; every refusal of init by its row. D3"""
import argparse
import json
import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import time
import unittest

ARGS = None
ROOT = pathlib.Path(__file__).resolve().parents[2]
START = ROOT / "docs/examples/policy-start.json"
AAGUID = "00112233-4455-6677-8899-aabbccddeeff"


def cli(*words, **options):
    return subprocess.run([ARGS.cli, *[str(w) for w in words]], capture_output=True, text=True, timeout=60, **options)


class Here(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(dir=".")
        self.addCleanup(held.cleanup)
        self.dir = pathlib.Path(held.name).resolve()
        self.state, self.run_dir, self.root = self.dir / "state", self.dir / "run", self.dir / "root.pem"
        self.run_dir.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                        "-subj", "/CN=root", "-keyout", "/dev/null", "-out", self.root], check=True, capture_output=True)

    def words(self, **change):
        """The words of a good init; a value replaces, None leaves out, a list gives several."""
        options = {"state": self.state, "origin": "a.example/log1", "rp_id": "a.example", "policy": START,
                   "model": f"Soft key:{AAGUID}:{self.root}", "officer": ["olga", "omar", "odette"], "client": "ci"}
        options.update(change)
        out = ["init"]
        for name, value in options.items():
            for v in value if isinstance(value, list) else [value]:
                if v is not None:
                    out += ["--" + name.replace("_", "-"), v]
        return out

    def init(self, **change):
        return cli(*self.words(**change))

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path


class Init(Here):
    def test_makes_what_the_core_starts_from(self):
        r = self.init(peer=["http=www-data", "kiosk=nobody"])
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(self.state).st_mode), 0o700)
        for name in ("countersign.json", "proposal.json"):
            self.assertEqual(stat.S_IMODE(os.stat(self.state / name).st_mode), 0o600)
        self.assertEqual(json.loads((self.state / "countersign.json").read_text()),
                         {"users": {"http": "www-data", "kiosk": "nobody"}})
        proposal = json.loads((self.state / "proposal.json").read_text())
        self.assertEqual(proposal["origin"], "a.example/log1")
        self.assertEqual(proposal["policy"], json.loads(START.read_text()))
        self.assertEqual([c["op"] for c in proposal["changes"]], ["put_model"] + ["put_person"] * 3 + ["put_client"])

    def test_prints_the_token_that_it_does_not_keep(self):
        import hashlib
        r = self.init()
        word, client, token = r.stdout.split()
        self.assertEqual((word, client, len(token)), ("token", "ci", 43))
        text = (self.state / "proposal.json").read_text()
        self.assertNotIn(token, text)
        self.assertIn(hashlib.sha256(token.encode()).hexdigest(), text)

    def test_tokens_are_new_each_time(self):
        first = self.init().stdout
        second = self.init(state=self.dir / "other").stdout
        self.assertNotEqual(first, second)

    def test_der_root(self):
        der = self.dir / "root.der"
        subprocess.run(["openssl", "x509", "-in", self.root, "-outform", "DER", "-out", der], check=True)
        self.assertEqual(self.init(model=f"Soft key:{AAGUID}:{der}").returncode, 0)
        other = self.init(state=self.dir / "other")
        self.assertEqual(other.returncode, 0)
        model = [json.loads((d / "proposal.json").read_text())["changes"][0] for d in (self.state, self.dir / "other")]
        self.assertEqual(model[0], model[1])

    def test_never_touches_a_log(self):
        self.assertEqual(self.init().returncode, 0)
        before = (self.state / "proposal.json").read_bytes()
        r = self.init()
        self.assertEqual(r.returncode, 1)
        self.assertIn("in use", r.stderr)
        self.assertEqual(r.stdout, "")
        self.assertEqual((self.state / "proposal.json").read_bytes(), before)
        (self.state / "proposal.json").unlink()
        (self.state / "log.db").write_text("")
        r = self.init()
        self.assertEqual(r.returncode, 1)
        self.assertIn("holds a log", r.stderr)

    def test_an_open_directory_is_refused(self):
        self.state.mkdir(mode=0o755)
        r = self.init()
        self.assertEqual(r.returncode, 1)
        self.assertIn("mode 0700", r.stderr)

    def test_more_people_from_a_file(self):
        changes = [{"op": "put_person", "person": {"id": "tom", "roles": ["tech"], "accounts": ["git:tom"]}}]
        r = self.init(changes=self.file("changes.json", json.dumps(changes, indent=2)))
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn('"id":"tom"', (self.state / "proposal.json").read_text())

    def test_what_would_not_begin_is_refused(self):
        two = json.loads((ROOT / "docs/examples/policy-two-people.json").read_text())
        unknown = dict(json.loads(START.read_text()), colour="red")
        past = json.loads(START.read_text())  # looked at from now on, not from the first year that a calendar knows
        past["calendar"] = [{"allow": [{"dates": ["2024-02-01"], "zone": "UTC"}], "environments": past["environments"][:1], "id": "past"}]
        rows = [
            ("a calendar that is over", {"policy": self.file("past.json", json.dumps(past))}, "calendar"),
            ("more officers than the threshold", {"officer": ["olga", "omar"]}, "threshold"),
            ("no model", {"model": None}, "model"),
            ("a seat that nobody fills", {"policy": self.file("two.json", json.dumps(two))}, "seat"),
            ("a policy member that is not known", {"policy": self.file("unknown.json", json.dumps(unknown))}, "policy"),
            ("a policy that is no JSON", {"policy": self.file("bad.json", '{\n  "name": ,\n}')}, "bad.json:2:11"),
            ("no such policy", {"policy": self.dir / "none.json"}, "none.json"),
            ("a role that the policy does not have",
             {"changes": self.file("role.json", '[{"op":"put_person","person":{"accounts":[],"id":"z","roles":["king"]}}]')}, "role"),
            ("a removal", {"changes": self.file("remove.json", '[{"id":"z","op":"remove_person"}]')}, "refused"),
            ("a name with a plus", {"origin": "a.example/log+1"}, "origin"),
            ("a domain with capitals", {"rp_id": "A.example"}, "rp-id"),
            ("a domain with a scheme", {"rp_id": "https://a.example"}, "rp-id"),
            ("a certificate that is none", {"model": f"x:{AAGUID}:{START}"}, "certificate"),
            ("a model without aaguid", {"model": f"x:1234:{self.root}"}, "NAME:AAGUID:FILE"),
            ("somebody twice", {"officer": ["olga", "omar", "omar"]}, ""),
            ("no such user", {"user": "nobody-of-this-name"}, "nobody-of-this-name"),
            ("no such peer", {"peer": "web=root"}, "--peer"),
            ("too many", {"officer": [f"o{i}" for i in range(20)]}, "32"),
        ]
        for name, change, word in rows:
            with self.subTest(name):
                r = self.init(**change)
                self.assertIn(r.returncode, (1, 2), r.stderr)
                self.assertIn(word, r.stderr)
                self.assertEqual(r.stdout, "")
                self.assertFalse((self.state / "proposal.json").exists())

    def test_usage(self):
        for words in (["init"], self.words(policy=None), self.words() + ["--colour", "red"], self.words() + ["extra"]):
            self.assertEqual(cli(*words).returncode, 2)
        for words in (["init", "--help"], ["propose", "--help"], ["status", "--help"], ["help"], ["--version"]):
            r = cli(*words)
            self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(cli("approve").returncode, 2)
        self.assertEqual(cli().returncode, 2)


class Local(Here):
    def start(self):
        self.core = subprocess.Popen([ARGS.core, "--state", self.state, "--run", self.run_dir], stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        for _ in range(500):
            if (self.run_dir / "operator.sock").exists():
                return
            time.sleep(0.02)
        self.fail("the core did not start")

    def stop(self):
        if self.core.poll() is None:
            self.core.send_signal(signal.SIGTERM)
            self.assertEqual(self.core.wait(20), 0)

    def test_status(self):
        self.assertEqual(self.init().returncode, 0)
        self.start()
        r = cli("status", "--local", "--run", self.run_dir)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("waiting for the genesis ceremony", r.stdout)
        r = cli("status", "--local", "--json", "--run", self.run_dir)
        status = json.loads(r.stdout)
        self.assertEqual((status["size"], status["sealed"], status["checkpoint"]), (0, False, ""))

    def test_propose_before_there_is_a_log(self):
        self.assertEqual(self.init().returncode, 0)
        self.start()
        for kind, text in (("policy", START.read_text()),
                           ("roster", '[{"op":"put_person","person":{"accounts":[],"id":"tom","roles":["tech"]}}]')):
            r = cli("propose", kind, self.file("p.json", text), "--as", "olga", "--reason", "why", "--run", self.run_dir)
            self.assertEqual(r.returncode, 1)
            self.assertIn("no_genesis", r.stderr)

    def test_propose_says_what_is_wrong_before_it_asks(self):
        for kind, text, word in (("policy", "{}", "policy"), ("roster", '[{"op":"promote"}]', "known"), ("roster", "{}", "type"),
                                 ("policy", "{", "p.json:1:2: the JSON"), ("policy", '{\n  "v": 1,\n  "name" "x"\n}', "p.json:3:10: the JSON"),
                                 ("policy", "name: [x\nroles: y\n", "p.json:2:6: not YAML"),
                                 ("policy", "{name: x", "p.json:2:1: not YAML")):
            r = cli("propose", kind, self.file("p.json", text), "--as", "olga", "--reason", "why", "--run", self.run_dir)
            self.assertEqual(r.returncode, 1)
            self.assertIn(word, r.stderr)

    def test_propose_a_list_says_what_is_wrong_before_it_asks(self):
        rows = [("no list", b"hello", "holds no list"), ("of another kind", self.root.read_bytes(), "holds no list"),
                ("cut", b"-----BEGIN X509 CRL-----\nMIIB\n", "holds no list"), ("no base64", b"-----BEGIN X509 CRL-----\n!!!!\n-----END X509 CRL-----\n", "holds no list"),
                ("empty", b"", "holds no list"), ("no DER", b"0\x03\x02\x01\x05", "malformed"), ("too long", b"0" * 20481, "longer than 20480"),
                ("far too long", b"0" * (2 << 20), "list.crl")]
        for text, data, word in rows:
            with self.subTest(text):
                path = self.dir / "list.crl"
                path.write_bytes(data)
                r = cli("propose", "crl", "corp", path, "--as", "olga", "--reason", "why", "--run", self.run_dir)
                self.assertEqual((r.returncode, r.stdout), (1, ""))
                self.assertIn(word, r.stderr)
        for words in (["crl", "corp"], ["crl", "corp", "list.crl", "more"], ["policy", "corp", "list.crl"], ["deploy", "list.crl"]):
            self.assertEqual(cli("propose", *words, "--as", "olga", "--reason", "why").returncode, 2)

    def test_nobody_there(self):
        self.assertEqual(cli("status", "--local", "--run", self.dir / "none").returncode, 3)
        r = cli("propose", "policy", START, "--as", "olga", "--reason", "why", "--run", self.dir / "none")
        self.assertEqual(r.returncode, 3)

    def test_a_state_directory_without_anything(self):
        self.state.mkdir(mode=0o700)
        r = subprocess.run([ARGS.core, "--state", self.state, "--run", self.run_dir], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 1)
        self.assertIn("proposal.json", r.stderr)

    def test_a_configuration_that_is_wrong(self):
        self.assertEqual(self.init().returncode, 0)
        for text in ('{"user": {}}', '{"users": {"http": 5}}', '{"state_mib": 0}', "[]", "{"):
            (self.state / "countersign.json").write_text(text)
            r = subprocess.run([ARGS.core, "--state", self.state, "--run", self.run_dir], capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, 1, text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", required=True)
    parser.add_argument("--core", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=["test_cli_local", *rest])
