#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that never heard of us use the soft card through the real pcscd: OpenSC (pkcs15-tool, piv-tool, pkcs11-tool) and
yubico-piv-tool. What they sign, openssl verifies. A card that they cannot use would be a wrong card, and our own tests would not know."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cards  # noqa: E402

PIN = "123456"
MODULE = "opensc-pkcs11.so"
FACTORY_KEY = "010203040506070801020304050607080102030405060708"

args = None


def check(condition, text):
    if not condition:
        raise cards.Failed(text)


class Desk:
    """A card in a reader, and a directory for what the clients write."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.cards = cards.Cards(args.build, self.dir / "cards", readers=2)

    def run(self, *argv, ok=True, text=None):
        """A client of the card; (exit status, everything it said)."""
        r = subprocess.run([str(a) for a in argv], capture_output=True, text=True, env=self.cards.env(), cwd=self.dir, input=text,
                           timeout=120)
        said = r.stdout + r.stderr
        if ok is not None and (r.returncode == 0) != ok:
            raise cards.Failed(f"{' '.join(str(a) for a in argv)} exited {r.returncode}:\n{said}")
        return r.returncode, said

    def openssl(self, *argv, ok=True):
        return self.run("openssl", *argv, ok=ok)[1]

    def yubico(self, *argv, ok=True):
        return self.run("yubico-piv-tool", "--reader", "Soft Reader", *argv, ok=ok)[1]

    def pkcs11(self, *argv, ok=True):
        return self.run("pkcs11-tool", "--module", MODULE, *argv, ok=ok)[1]

    def pem(self, der, name):
        self.openssl("x509", "-inform", "der", "-in", der, "-out", name)
        return name

    def public_key(self, certificate, name):
        (self.dir / name).write_text(self.openssl("x509", "-in", certificate, "-noout", "-pubkey"))
        return name


ALGORITHMS = {  # ours: (yubico-piv-tool's name, digest, what openssl calls the key)
    "p256": ("ECCP256", "sha256", "prime256v1"),
    "p384": ("ECCP384", "sha384", "secp384r1"),
    "rsa2048": ("RSA2048", "sha256", "(2048 bit)"),
    "rsa1024": ("RSA1024", "sha256", "(1024 bit)"),
}


def yubico_signs_with_every_algorithm(desk):
    """Read the certificate, verify the PIN, sign; openssl verifies signature and certificate."""
    (desk.dir / "text").write_text("deploy payments to production\n")
    people = desk.pem(desk.cards.people_root, "people.pem")
    for alg, (name, digest, shown) in ALGORITHMS.items():
        for slot in ("9a", "9c"):
            desk.cards("issue", "olga", slot, alg)
            desk.yubico("-a", "read-certificate", "-s", slot, "-o", f"{alg}.pem")
            level = ["-auth_level", "0"] if alg == "rsa1024" else []  # openssl itself thinks little of RSA-1024
            desk.openssl("verify", *level, "-CAfile", people, f"{alg}.pem")
            check(shown in desk.openssl("x509", "-in", f"{alg}.pem", "-noout", "-text"), f"{alg} is not {shown}")
            desk.yubico("-a", "verify-pin", "-P", PIN, "--sign", "-s", slot, "-A", name, "-H", digest.upper(), "-i", "text", "-o", "sig")
            key = desk.public_key(f"{alg}.pem", "key.pem")
            desk.openssl("dgst", f"-{digest}", "-verify", key, "-signature", "sig", "text")
            (desk.dir / "other").write_text("deploy payments to production!\n")
            desk.openssl("dgst", f"-{digest}", "-verify", key, "-signature", "sig", "other", ok=False)


def yubico_generates_and_attests(desk):
    """Management key, GENERATE with policies, the attestation chain up to our root; a certificate written, a signature by touch."""
    for alg, (name, _, shown) in ALGORITHMS.items():
        if alg == "rsa1024":
            continue
        desk.yubico("-a", "generate", "-s", "9c", "-A", name, "--pin-policy", "always", "--touch-policy", "cached", f"-k{FACTORY_KEY}",
                    "-o", "public.pem")
        desk.yubico("-a", "attest", "-s", "9c", "-o", "attest.pem")
        desk.yubico("-a", "read-certificate", "-s", "f9", "-o", "f9.pem")
        root = desk.pem(desk.cards.attestation_root, "root.pem")
        desk.openssl("verify", "-CAfile", root, "-untrusted", "f9.pem", "attest.pem")
        desk.openssl("verify", "-CAfile", root, "attest.pem", ok=False)
        text = desk.openssl("x509", "-in", "attest.pem", "-noout", "-text")
        check(shown in text, f"the attestation is of no {alg} key:\n{text}")
        check(desk.public_key("attest.pem", "attested.pem") and
              (desk.dir / "attested.pem").read_text() == (desk.dir / "public.pem").read_text(), "another key was attested")
        der = desk.openssl("asn1parse", "-in", "attest.pem")
        policy = re.search(r"1\.3\.6\.1\.4\.1\.41482\.3\.8\s*\n.*\[HEX DUMP\]:(\w+)", der)
        check(policy is not None and policy.group(1) == "0303", f"policies are not always and cached:\n{der}")
    desk.cards("touch-auto", "olga", "on")
    desk.yubico("-a", "import-certificate", "-s", "9c", "-i", "attest.pem", f"-k{FACTORY_KEY}")
    desk.yubico("-a", "read-certificate", "-s", "9c", "-o", "back.pem")
    check((desk.dir / "attest.pem").read_text() == (desk.dir / "back.pem").read_text(), "the certificate came back another one")
    desk.yubico("-a", "verify-pin", "-P", PIN, "-a", "test-signature", "-s", "9c", "-i", "back.pem")
    check(desk.cards.status("olga")["signatures"] == 1, "somebody else signed")
    desk.yubico("-a", "delete-certificate", "-s", "9c", f"-k{FACTORY_KEY}")
    desk.yubico("-a", "read-certificate", "-s", "9c", ok=False)
    desk.yubico("-a", "generate", "-s", "9a", "-A", "ECCP256", f"-k{'ff' * 24}", ok=False)
    desk.cards("touch-auto", "olga", "off")


def yubico_keeps_the_secrets(desk):
    """PIN and PUK: wrong, right, changed, blocked, unblocked; another management key; reset."""
    check("2 tries" in desk.yubico("-a", "verify-pin", "-P", "999999", ok=False), "no word about tries")
    desk.yubico("-a", "change-pin", "-P", PIN, "-N", "654321")
    desk.yubico("-a", "verify-pin", "-P", "654321")
    for _ in range(3):
        desk.yubico("-a", "verify-pin", "-P", "999999", ok=False)
    desk.yubico("-a", "verify-pin", "-P", "654321", ok=False)
    desk.yubico("-a", "unblock-pin", "-P", "12345678", "-N", PIN)
    desk.yubico("-a", "verify-pin", "-P", PIN)
    desk.yubico("-a", "change-puk", "-P", "12345678", "-N", "87654321")
    other = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef"
    desk.yubico("-a", "set-mgm-key", f"-k{FACTORY_KEY}", f"-n{other}")
    desk.yubico("-a", "generate", "-s", "9a", "-A", "ECCP256", f"-k{FACTORY_KEY}", ok=False)
    desk.yubico("-a", "generate", "-s", "9a", "-A", "ECCP256", f"-k{other}", "-o", "public.pem")
    desk.yubico("-a", "reset", ok=False)  # PIN and PUK are not blocked
    for _ in range(3):
        desk.yubico("-a", "verify-pin", "-P", "999999", ok=False)
        desk.yubico("-a", "unblock-pin", "-P", "99999999", "-N", PIN, ok=False)
    desk.yubico("-a", "reset")
    check("PIN tries left:	3" in desk.yubico("-a", "status"), "the card did not forget")


def opensc_lists_and_signs(desk):
    """pkcs15-tool and pkcs11-tool find certificates and keys, and sign with 9A and, asked for the PIN each time, 9C."""
    (desk.dir / "text").write_text("roll back payments\n")
    for alg, mechanism, digest in (("p256", "ECDSA-SHA256", "sha256"), ("rsa2048", "SHA256-RSA-PKCS", "sha256")):
        desk.cards("issue", "olga", "9a", alg)
        desk.cards("issue", "olga", "9c", alg)
        certs = desk.run("pkcs15-tool", "--list-certificates")[1]
        check("Certificate for PIV Authentication" in certs and "Certificate for Digital Signature" in certs, certs)
        desk.run("pkcs15-tool", "--verify-pin", "--pin", PIN)
        for number, slot in (("01", "9a"), ("02", "9c")):
            pem = cards.certificates_of(desk.run("pkcs15-tool", "--read-certificate", number)[1])
            (desk.dir / "cert.pem").write_text(pem[0])
            key = desk.public_key("cert.pem", "key.pem")
            form = ["--signature-format", "openssl"] if alg == "p256" else []
            desk.pkcs11("--login", "--pin", PIN, "--sign", "--id", number, "-m", mechanism, *form, "-i", "text", "-o", "sig")
            desk.openssl("dgst", f"-{digest}", "-verify", key, "-signature", "sig", "text")
    check(desk.cards.status("olga")["signatures"] >= 4, "somebody else signed")
    desk.pkcs11("--login", "--pin", "999999", "--sign", "--id", "01", "-m", "SHA256-RSA-PKCS", "-i", "text", "-o", "sig", ok=False)
    check(desk.cards.status("olga")["pin"] == "2/3", "the wrong PIN did not count")
    desk.run("pkcs15-tool", "--verify-pin", "--pin", PIN)


def opensc_agrees_on_a_secret(desk):
    """ECDH with 9D by pkcs11-tool is what openssl computes from the other side."""
    desk.cards("issue", "olga", "9d", "p256")
    pem = cards.certificates_of(desk.run("pkcs15-tool", "--read-certificate", "03")[1])
    (desk.dir / "9d.pem").write_text(pem[0])
    key = desk.public_key("9d.pem", "9d.key.pem")
    desk.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ours.pem")
    desk.openssl("pkey", "-in", "ours.pem", "-pubout", "-outform", "der", "-out", "ours.der")
    desk.openssl("pkeyutl", "-derive", "-inkey", "ours.pem", "-peerkey", key, "-out", "secret")
    desk.pkcs11("--login", "--pin", PIN, "--derive", "--id", "03", "-m", "ECDH1-COFACTOR-DERIVE", "-i", "ours.der", "-o", "theirs")
    check((desk.dir / "secret").read_bytes() == (desk.dir / "theirs").read_bytes(), "the two sides have two secrets")


def piv_tool_administers(desk):
    """OpenSC's piv-tool proves the management key and writes a certificate. What else it can do, Debian's OpenSC 0.23 does wrong with
    OpenSSL 3 after the card has answered well: one-way proof, and every public key that GENERATE gave it."""
    def write_certificate(slot):
        """Its exit status is about lengths that it confuses (255 for some certificates that it wrote well); the card tells."""
        subprocess.run(["piv-tool", "--admin", "M:9B:03", "--cert", slot, "--in", "9e.pem"], capture_output=True, cwd=desk.dir, timeout=120,
                       env={**desk.cards.env(), "PIV_EXT_AUTH_KEY": str(desk.dir / "manage")})

    (desk.dir / "manage").write_text(":".join(re.findall("..", FACTORY_KEY)))
    desk.cards("issue", "olga", "9e", "p256")
    desk.yubico("-a", "read-certificate", "-s", "9e", "-o", "9e.pem")
    write_certificate("9A")
    desk.yubico("-a", "read-certificate", "-s", "9a", "-o", "9a.pem")
    check((desk.dir / "9a.pem").read_text() == (desk.dir / "9e.pem").read_text(), "piv-tool's certificate is another one")
    (desk.dir / "manage").write_text(":".join(["ff"] * 24))
    write_certificate("9C")
    desk.yubico("-a", "read-certificate", "-s", "9c", ok=False)


TESTS = (yubico_signs_with_every_algorithm, yubico_generates_and_attests, yubico_keeps_the_secrets, opensc_lists_and_signs,
         opensc_agrees_on_a_secret, piv_tool_administers)


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--tool")
    parser.add_argument("--only")
    args = parser.parse_args()
    failed = 0
    for test in TESTS:
        if args.only not in (None, test.__name__):
            continue
        with tempfile.TemporaryDirectory() as directory:
            desk = None
            try:
                desk = Desk(directory)
                desk.cards.insert("olga")
                test(desk)
                desk.cards.stop()
                print("ok  ", test.__name__, flush=True)
            except (cards.Failed, subprocess.TimeoutExpired, OSError, IndexError):
                failed += 1
                print("FAIL", test.__name__, flush=True)
                traceback.print_exc()
            finally:
                if desk is not None:
                    desk.cards.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
