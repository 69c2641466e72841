#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""D2, 5.1: what PIV cards of every kind of key signed, exported by `countersign export --format ssh`, holds for the real ssh-keygen,
and nothing else does; and the whole log holds for the auditor."""
import argparse
import json
import pathlib
import subprocess
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import test_http  # noqa: E402

check = test_http.check
CARDS = {"tom": "ecdsa-sha2-nistp384", "tina": "ecdsa-sha2-nistp256", "bea": "ssh-rsa", "bill": "ssh-rsa"}
KEY = "sk-ecdsa-sha2-nistp256@openssh.com"  # FIDO2


class Stage(test_http.Stage):
    CORE = ("--cards",)


def countersign(stage, build, *words):
    token = stage.dir / "token"
    token.write_text("ci-token\n")
    token.chmod(0o600)
    r = subprocess.run([build / "bin/countersign", *words, "--server", f"https://localhost:{stage.port}", "--ca", stage.dir / "ca.pem",
                        "--token-file", token], capture_output=True, text=True)
    check(r.returncode == 0, "countersign", words[0], r.stdout, r.stderr)


def ssh_keygen(out, person, signature, data):
    r = subprocess.run(["ssh-keygen", "-Y", "verify", "-n", "countersign", "-I", person, "-f", out / "allowed_signers", "-s", signature],
                       input=data, capture_output=True)
    return r.returncode == 0, (r.stdout + r.stderr).decode(errors="replace")


def signatures_hold(stage, build):
    out = stage.dir / "ssh"
    countersign(stage, build, "export", "--format", "ssh", "--out", out)
    signers = [line.split() for line in (out / "allowed_signers").read_text().splitlines()]
    kinds = {(person, kind) for person, _, kind, _ in signers}
    for person, kind in CARDS.items():
        check((person, kind) in kinds and (person, KEY) in kinds, "allowed_signers lacks", person, kind)
    seen = set()
    for path in sorted(out.glob("*.statement")):
        data = path.read_bytes()
        statement = json.loads(data)
        person, signature = statement["person"], path.with_suffix(".sig")
        good, said = ssh_keygen(out, person, signature, data)
        check(good, path.name, person, said)
        for changed in (data.replace(b'"approve"', b'"reject"'), data + b" ", b""):
            good, said = ssh_keygen(out, person, signature, changed)
            check(not good and "Signature verification failed" in said, "another message was accepted", path.name, said)
        other = "tom" if person != "tom" else "bea"
        good, said = ssh_keygen(out, other, signature, data)
        check(not good, "the signature of", person, "holds for", other, said)
        if statement["kind"] == "deploy":
            seen.add(person)
    check(seen == set(CARDS), "decisions by card", seen)


def webauthn_has_no_cards(stage, build):
    out = stage.dir / "webauthn"
    countersign(stage, build, "export", "--format", "webauthn", "--out", out)
    people = {json.loads(p.read_text())["person"] for p in out.glob("*.json")}
    check(people and not people & set(CARDS), "WebAuthn files of", people)


TESTS = [signatures_hold, webauthn_has_no_cards]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    args = parser.parse_args()
    failed = 0
    stage = Stage(args.build)
    try:
        for test in TESTS:
            try:
                test(stage, args.build)
                print(f"ok   {test.__name__}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL {test.__name__}", flush=True)
                traceback.print_exc()
    finally:
        stage.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
