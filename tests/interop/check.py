# SPDX-License-Identifier: Apache-2.0
"""One line a check: what the demo made holds for tools that others wrote, and the same thing changed does not."""
import argparse
import base64
import hashlib
import json
import pathlib
import shutil
import struct
import subprocess
import sys

failed = 0


def say(ok, text, detail=""):
    global failed
    failed += not ok
    print(f"{'ok     ' if ok else 'FAILED '} {text}{'' if ok else ': ' + detail.strip()}", flush=True)


def ran(argv, stdin=b""):
    r = subprocess.run([str(a) for a in argv], input=stdin, capture_output=True)
    return r.returncode, (r.stdout + r.stderr).decode(errors="replace")


def holds(text, argv, stdin=b""):
    status, said = ran(argv, stdin)
    say(status == 0, text, said)


def refused(text, argv, word, stdin=b""):
    """Refused for the reason expected: a tool that does not even start proves nothing."""
    status, said = ran(argv, stdin)
    say(status != 0 and word in said, text, f"exit status {status}, expected it to say {word!r}: {said}")


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ssh(directory):
    """Returns each statement by its number."""
    statements = {}
    for path in sorted(directory.glob("*.statement")):
        data = path.read_bytes()
        person = json.loads(data)["person"]
        argv = ["ssh-keygen", "-Y", "verify", "-f", directory / "allowed_signers", "-I", person, "-n", "countersign",
                "-s", path.with_suffix(".sig")]
        holds(f"ssh-keygen: {path.name}, signed by {person}", argv, data)
        refused(f"ssh-keygen refuses {path.name}, changed", argv, "Signature verification failed",
                data.replace(b'"approve"', b'"reject"'))
        other = "somebody-else"
        refused(f"ssh-keygen refuses {path.name} of {other}", argv[:6] + [other] + argv[7:], "Could not verify", data)
        statements[path.stem] = data
    return statements


def tosign(statement):
    """What an SSH signature signs: PROTOCOL.sshsig of OpenSSH."""
    parts = (b"countersign", b"", b"sha512", hashlib.sha512(statement).digest())
    return b"SSHSIG" + b"".join(struct.pack(">I", len(p)) + p for p in parts)


def webauthn(directory, statements, program, tmp):
    files = sorted(directory.glob("*.json"))
    say([p.stem for p in files] == sorted(statements), "webauthn: the same decisions as for ssh")
    for path in files:
        given = json.loads(path.read_text())
        holds(f"@simplewebauthn/server: {path.name}, signed by {given['person']}", ["node", program, path])
        say(unbase64url(given["challenge"]) == tosign(statements.get(path.stem, b"")),
            f"webauthn: the challenge of {path.name} is the one that its statement makes")
        bad = tmp / "changed.json"
        signature = bytearray(unbase64url(given["response"]["response"]["signature"]))
        signature[-1] ^= 1
        given["response"]["response"]["signature"] = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        bad.write_text(json.dumps(given))
        refused(f"@simplewebauthn/server refuses {path.name}, its signature changed", ["node", program, bad], "does not verify")


def tiles(export, trust, program, tmp):
    vkey = trust["log"]
    holds("Go sumdb: checkpoint, inclusions and consistencies of the export", [program, export, vkey])
    for kind in ("0", "entries"):
        copy = tmp / f"export-{kind}"
        shutil.copytree(export, copy)
        tile = sorted(p for p in (copy / "tile" / kind).rglob("*") if p.is_file())[0]
        data = bytearray(tile.read_bytes())
        data[len(data) // 2] ^= 1
        tile.write_bytes(data)
        refused(f"Go sumdb refuses the export, one byte of {tile.relative_to(copy)} changed", [program, copy, vkey], "tlog: ")
    copy = tmp / "export-checkpoint"
    shutil.copytree(export, copy)
    note = (copy / "checkpoint").read_text().split("\n")
    note[1] = str(int(note[1]) + 1)
    (copy / "checkpoint").write_text("\n".join(note))
    refused("Go sumdb refuses the export, its checkpoint's size changed", [program, copy, vkey], "checkpoint signature")


def entries(export):
    """All leaves, in order."""
    for path in sorted(p for p in (export / "tile" / "entries").rglob("*") if p.is_file()):
        data = path.read_bytes()
        while data:
            (n,) = struct.unpack(">H", data[:2])
            yield data[2 : 2 + n]
            data = data[2 + n :]


def dsse(receipt, export, trust, tmp):
    leaves = list(entries(export))
    say(hashlib.sha256(leaves[0]).hexdigest() == trust["genesis_sha256"], "python3: the export's first entry is the pinned genesis")
    say(any(json.loads(x)["body"].get("envelope") == receipt["envelope"] for x in leaves if json.loads(x)["type"] == "redeem"),
        "python3: the receipt's envelope is the one in the log")
    genesis = json.loads(json.loads(leaves[0])["body"]["statement"])
    key, signature = tmp / "outcome.der", tmp / "envelope.sig"
    key.write_bytes(unbase64url(genesis["outcome_key"]))
    envelope = json.loads(receipt["envelope"])
    kind, payload = envelope["payloadType"], base64.b64decode(envelope["payload"])
    signature.write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    argv = ["openssl", "dgst", "-sha256", "-verify", key, "-keyform", "DER", "-signature", signature]

    def pae(body):
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)

    holds("openssl: the receipt's DSSE envelope", argv, pae(payload))
    refused("openssl refuses the envelope, its payload changed", argv, "erification failure", pae(payload.replace(b"production", b"productiom", 1)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--node", required=True)
    parser.add_argument("--tlog", required=True)
    parser.add_argument("--tmp", type=pathlib.Path, required=True)
    o = parser.parse_args()
    trust = json.loads((o.dir / "trust.json").read_text())
    receipt = json.loads((o.dir / "receipt.countersign.json").read_text())
    statements = ssh(o.dir / "ssh")
    say(len(statements) >= 2, "the demo left human signatures to check")
    webauthn(o.dir / "webauthn", statements, o.node, o.tmp)
    tiles(o.dir / "export", trust, o.tlog, o.tmp)
    dsse(receipt, o.dir / "export", trust, o.tmp)
    print(f"interop: {'every check holds' if failed == 0 else f'{failed} checks failed'}")
    return 1 if failed else 0


sys.exit(main())
