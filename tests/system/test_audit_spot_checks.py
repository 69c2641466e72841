#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""D7: the auditor's spot checks, run as an auditor runs them. Trees are hashed here again from RFC 6962, signatures are made by
the openssl command; only the answers of countersign-audit are under test."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

AUDIT = sys.argv[1]
HOLDS, REFUSED, MISUSE, CANNOT_TELL = 0, 1, 2, 3
faults = []
checks = 0


def audit(*args, stdin=b""):
    r = subprocess.run([AUDIT, *map(str, args)], input=stdin, capture_output=True, timeout=60)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def expect(want, *args, says="", stdin=b""):
    """One line on stdout when something was checked, one or more on stderr and none on stdout when nothing was."""
    global checks
    checks += 1
    code, out, err = audit(*args, stdin=stdin)
    word = {HOLDS: "ok: ", REFUSED: "refused: "}.get(want)
    good = code == want and says in (out + err)
    if word is None:
        good = good and out == "" and err != ""
    else:
        good = good and out.startswith(word) and out.count("\n") == 1 and out.endswith("\n") and err == ""
    if not good:
        faults.append(f"{' '.join(map(str, args))[:200]}\n    want {want} {says!r}, got {code} {out!r} {err!r}")


def put(name, data):
    path = os.path.join(SCRATCH, name)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=True, timeout=120).stdout


# --- trees -----------------------------------------------------------------------------------------------------------


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def entry(i):
    return f"entry-{i}".encode()


LEAVES = [sha(b"\0", entry(i)) for i in range(600)]


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(a, b):
    if b - a == 1:
        return LEAVES[a]
    k = split(b - a)
    return sha(b"\1", root(a, a + k), root(a + k, b))


def path(m, a, b):
    if b - a == 1:
        return []
    k = split(b - a)
    return path(m, a, a + k) + [root(a + k, b)] if m < a + k else path(m, a + k, b) + [root(a, a + k)]


def consistency(m, a, b, whole=True):
    if m == b:
        return [] if whole else [root(a, b)]
    k = split(b - a)
    if m <= a + k:
        return consistency(m, a, a + k, whole) + [root(a + k, b)]
    return consistency(m, a + k, b, False) + [root(a, a + k)]


def hexes(hashes):
    return [h.hex() for h in hashes]


def D7_inclusion():
    for size, index in [(1, 0), (2, 0), (2, 1), (3, 2), (7, 2), (7, 6), (8, 7), (255, 100), (256, 255), (257, 256), (300, 0)]:
        proof = hexes(path(index, 0, size))
        good = ["inclusion", index, size, LEAVES[index].hex(), root(0, size).hex(), *proof]
        expect(HOLDS, *good, says=f"leaf {index} ")
        expect(REFUSED, "inclusion", size, size, *good[3:], says="inclusion.index")
        expect(REFUSED, *good, LEAVES[0].hex(), says="left over")
        expect(REFUSED, *good[:3], LEAVES[index + 1].hex(), *good[4:], says="inclusion.root")
        expect(REFUSED, *good[:4], root(0, size + 1).hex(), *proof, says="inclusion.root")
        if proof:
            expect(REFUSED, *good[:-1], says="ends too early")
            expect(REFUSED, *good[:-1], proof[-1][:-1] + ("0" if proof[-1][-1] != "0" else "1"), says="inclusion.root")
            expect(REFUSED, *good[:5], *reversed(proof)) if len(proof) > 1 else None
    leaf, r1 = LEAVES[0].hex(), root(0, 1).hex()
    expect(HOLDS, "inclusion", 0, 1, leaf, r1)
    expect(REFUSED, "inclusion", 1, 1, leaf, r1, says="inclusion.index")
    expect(REFUSED, "inclusion", 0, 0, leaf, r1, says="inclusion.index")
    expect(REFUSED, "inclusion", 18446744073709551615, 18446744073709551615, leaf, r1, says="inclusion.index")
    expect(REFUSED, "inclusion", 0, 18446744073709551616, leaf, r1, says="size")
    expect(REFUSED, "inclusion", "00", 1, leaf, r1, says="index")
    expect(REFUSED, "inclusion", "+0", 1, leaf, r1, says="index")
    expect(REFUSED, "inclusion", "", 1, leaf, r1, says="index")
    expect(MISUSE, "inclusion", "-1", 1, leaf, r1)
    expect(REFUSED, "inclusion", "--", "-1", 1, leaf, r1, says="index")
    expect(REFUSED, "inclusion", 0, 1, leaf[:-1], r1, says="leaf hash")
    expect(REFUSED, "inclusion", 0, 1, leaf + "00", r1, says="leaf hash")
    expect(REFUSED, "inclusion", 0, 1, leaf, r1.upper(), says="root")
    expect(REFUSED, "inclusion", 0, 9223372036854775807, leaf, r1, *[leaf] * 64, says="proof")
    expect(REFUSED, "inclusion", 0, 9223372036854775807, leaf, r1, *[leaf] * 63, says="inclusion.root")
    expect(MISUSE, "inclusion", 0, 1, leaf, says="usage")
    # the entry itself in place of its hash
    entry2 = put("entry-2", entry(2))
    expect(HOLDS, "inclusion", 2, 7, "@" + entry2, root(0, 7).hex(), *hexes(path(2, 0, 7)))
    expect(REFUSED, "inclusion", 3, 7, "@" + entry2, root(0, 7).hex(), *hexes(path(3, 0, 7)))
    expect(CANNOT_TELL, "inclusion", 2, 7, "@" + entry2 + ".missing", root(0, 7).hex(), says="file")


def D7_consistency():
    for m, n in [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (7, 8), (8, 8), (255, 256), (256, 257), (257, 300), (1, 300)]:
        proof = hexes(consistency(m, 0, n))
        good = ["consistency", m, n, root(0, m).hex(), root(0, n).hex(), *proof]
        expect(HOLDS, *good, says=f"size {m} ")
        expect(REFUSED, *good, LEAVES[0].hex(), says="left over")
        expect(REFUSED, *good[:3], root(0, m + 1).hex(), *good[4:], says="root")
        expect(REFUSED, *good[:4], root(0, n + 1).hex(), *proof, says="root")
        if proof:
            expect(REFUSED, *good[:-1], says="ends too early")
    r7, r8 = root(0, 7).hex(), root(0, 8).hex()
    expect(REFUSED, "consistency", 0, 7, hashlib.sha256(b"").hexdigest(), r7, says="consistency.size")
    expect(REFUSED, "consistency", 0, 0, r7, r7, says="consistency.size")
    expect(REFUSED, "consistency", 8, 7, r8, r7, says="consistency.size")
    expect(HOLDS, "consistency", 7, 7, r7, r7)
    expect(REFUSED, "consistency", 7, 7, r7, r8, says="root")
    expect(REFUSED, "consistency", 7, 7, r7, r7, r7, says="left over")
    expect(REFUSED, "consistency", 7, 8, r7, r8, says="ends too early")
    expect(REFUSED, "consistency", 1, 9223372036854775807, r7, r8, *[r7] * 64, says="proof")


def hash_tile(level, index, width):
    step = 256**level
    first = index * 256
    return b"".join(root((first + i) * step, (first + i + 1) * step) for i in range(width))


def bundle(index, width):
    entries = [entry(index * 256 + i) for i in range(width)]
    return b"".join(len(e).to_bytes(2, "big") + e for e in entries)


def D7_tiles():
    full, partial = put("t0", hash_tile(0, 0, 256)), put("t1", hash_tile(0, 1, 44))
    above = put("t2", hash_tile(1, 0, 1))
    expect(HOLDS, "tile", "tile/0/000", full, says=root(0, 256).hex())
    expect(HOLDS, "tile", "tile/0/001.p/44", partial)
    expect(HOLDS, "tile", "tile/1/000.p/1", above)
    expect(HOLDS, "tile", "--above", above, "tile/0/000", full)
    expect(HOLDS, "tile", "tile/0/000", full, "--above=" + above)
    expect(REFUSED, "tile", "--above", above, "tile/0/001", put("t3", hash_tile(0, 1, 256)), says="above")
    expect(REFUSED, "tile", "--above", put("t4", LEAVES[0]), "tile/0/000", full, says="tile.root")
    expect(REFUSED, "tile", "--above", above, "tile/0/001.p/44", partial, says="tile")
    expect(HOLDS, "tile", "--size", 300, "tile/0/001.p/44", partial)
    expect(HOLDS, "tile", "--size", 300, "tile/0/000", full)
    expect(REFUSED, "tile", "--size", 301, "tile/0/001.p/44", partial, says="tile.width")
    expect(REFUSED, "tile", "--size", 255, "tile/0/000", full, says="tile.width")
    expect(REFUSED, "tile", "tile/0/001.p/43", partial, says="left over")
    expect(REFUSED, "tile", "tile/0/001.p/45", partial, says="too early")
    expect(REFUSED, "tile", "tile/0/000.p/256", full, says="tile.width")
    expect(REFUSED, "tile", "tile/0/000.p/0", put("empty", b""), says="tile.width")
    for bad in ["/tile/0/000", "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/000", "tile/0/000.p/01", "tile/x/000"]:
        expect(REFUSED, "tile", bad, full, says="tile")
    expect(HOLDS, "tile", "tile/0/x001/x234/067", put("any", b"\0" * 8192), says="315921152")
    entries = put("e0", bundle(0, 256))
    expect(HOLDS, "tile", "tile/entries/000", entries, says=root(0, 256).hex())
    expect(HOLDS, "tile", "tile/entries/000", entries, "--hashes", full)
    expect(HOLDS, "tile", "tile/entries/000.p/7", put("e1", bundle(0, 7)), "--hashes", full, says=root(0, 7).hex())
    expect(REFUSED, "tile", "tile/entries/001.p/7", put("e2", bundle(1, 7)), "--hashes", full, says="bundle.entry")
    expect(REFUSED, "tile", "tile/entries/000", entries, "--hashes", partial, says="hashes")
    expect(REFUSED, "tile", "tile/entries/000", put("e3", bundle(0, 256) + b"\0\0"), says="left over")
    expect(REFUSED, "tile", "tile/entries/000", put("e4", bundle(0, 256)[:-1]), says="too early")
    expect(REFUSED, "tile", "tile/0/000", full, "--hashes", full, says="tile")


# --- notes -----------------------------------------------------------------------------------------------------------

LOG = "approval.example/log1+2b010405+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
TEXT = "approval.example/log1\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=\n"
LOG_SIG = "KwEEBZGpHyDO8bNncPLeD4ceygourbT+JeQhuyQGn6SI5CLW7EBoZa623b+OY0Jql0dlRG1Ac7eyWgTHYdi8GaLI+A4="
WITNESS_SIG = "IDJKvgAAAABlU/EAleLOsbaMyKcs3kCWwWPZg9m6zQb2l9sIycnk4hO8fB1lk9CydsxzhdqusfsePpIt2J+Qi13/lZ44LIYXhhSRDg=="
LOG_LINE = f"— approval.example/log1 {LOG_SIG}\n"
WITNESS_LINE = f"— witness.example/w1 {WITNESS_SIG}\n"


class Ed25519:
    def __init__(self, name, kind=1):
        self.name, self.kind = name, bytes([kind])
        self.pem = put(f"{name}.pem", openssl("genpkey", "-algorithm", "ed25519"))
        self.pub = openssl("pkey", "-in", self.pem, "-pubout", "-outform", "DER")[-32:]
        self.id = sha(name.encode(), b"\n", self.kind, self.pub)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(self.kind + self.pub).decode()}"

    def sign(self, message):
        return openssl("pkeyutl", "-sign", "-inkey", self.pem, "-rawin", "-in", put("tosign", message))

    def line(self, text):
        sig = self.sign(text.encode())
        return f"— {self.name} {base64.b64encode(self.id + sig).decode()}\n"


def D7_notes():
    both = put("n", TEXT + "\n" + LOG_LINE + WITNESS_LINE)
    expect(HOLDS, "note", "--vkey", LOG, both, says="size 7")
    expect(HOLDS, "note", both, "--vkey", LOG, "--vkey=" + WITNESS, says="signed by 2 of 2")
    expect(HOLDS, "note", "--vkey", WITNESS, both)
    expect(HOLDS, "note", "--vkey", LOG, "-", stdin=(TEXT + "\n" + LOG_LINE).encode())
    expect(MISUSE, "note", both, says="--vkey")
    expect(CANNOT_TELL, "note", "--vkey", LOG, both + ".missing", says="file")
    other = Ed25519("other.example")
    expect(REFUSED, "note", "--vkey", other.vkey, both, says="is missing")
    expect(HOLDS, "note", "--vkey", other.vkey, "--vkey", LOG, both, says="signed by 1 of 2")
    # a key id that does not belong to the key, and other broken keys
    expect(REFUSED, "note", "--vkey", LOG.replace("2b010405", "2b010406"), both, says="vkey.id")
    expect(REFUSED, "note", "--vkey", LOG.replace("log1", "log2"), both, says="vkey.id")
    expect(REFUSED, "note", "--vkey", LOG + "=", both, says="vkey")
    expect(REFUSED, "note", "--vkey", "", both, says="vkey")
    # known key, bad signature: refused whole, whatever else is good
    raw = bytearray(base64.b64decode(LOG_SIG))
    raw[40] ^= 1
    bad_line = f"— approval.example/log1 {base64.b64encode(raw).decode()}\n"
    for lines in [bad_line, LOG_LINE + bad_line, bad_line + LOG_LINE, WITNESS_LINE + bad_line]:
        expect(REFUSED, "note", "--vkey", LOG, "--vkey", WITNESS, put("n1", TEXT + "\n" + lines), says="does not verify")
    expect(HOLDS, "note", "--vkey", WITNESS, put("n2", TEXT + "\n" + WITNESS_LINE + bad_line))
    expect(REFUSED, "note", "--vkey", LOG, put("n3", TEXT.replace("7", "8") + "\n" + LOG_LINE), says="does not verify")
    # form
    good = TEXT + "\n" + LOG_LINE
    for name, note in {
        "no signature": TEXT + "\n",
        "no blank line": TEXT + LOG_LINE,
        "no text": "\n" + LOG_LINE,
        "last line open": good[:-1],
        "garbage after": good + "x",
        "empty line after": good + "\n",
        "carriage return": good.replace("\n", "\r\n"),
        "tab in text": good.replace("7", "7\t", 1),
        "control in text": "\x01" + good,
        "NUL": "\0" + good,
        "hyphen for dash": good.replace("—", "-"),
        "two spaces": good.replace("— ", "—  "),
        "space at end": good[:-1] + " \n",
        "url base64": good.replace("+A4=", "-A4="),
        "no padding": good.replace("+A4=", "+A4"),
        "spare bits": good.replace("+A4=", "+A5="),
        "base64 broken in two": good.replace(LOG_SIG, LOG_SIG[:40] + " " + LOG_SIG[40:]),
    }.items():
        expect(REFUSED, "note", "--vkey", LOG, put("n4", note), says="note")
    expect(REFUSED, "note", "--vkey", LOG, put("n5", b"\xff" + good.encode()), says="UTF-8")
    # limits
    text = "many\n"
    signers = [Ed25519(f"s{i}.example") for i in range(20)]
    many = put("n6", text + "\n" + "".join(s.line(text) for s in signers))
    expect(HOLDS, "note", *sum((["--vkey", s.vkey] for s in signers), []), many, says="signed by 20 of 20")
    big = "x" * 130900 + "\n"
    expect(HOLDS, "note", "--vkey", signers[0].vkey, put("n7", big + "\n" + signers[0].line(big)))
    huge = "x" * 131072 + "\n"
    expect(REFUSED, "note", "--vkey", signers[0].vkey, put("n8", huge + "\n" + signers[0].line(huge)), says="out of range")
    spaced = "a\n\nb\n\n"
    expect(HOLDS, "note", "--vkey", signers[0].vkey, put("n9", spaced + "\n" + signers[0].line(spaced)))
    # a cosignature in place of a plain one, and the other way round, is no signature of that key
    plain = put("n10", TEXT + "\n" + f"— witness.example/w1 {base64.b64encode(base64.b64decode(WITNESS_SIG)[:4] + b'0' * 64).decode()}\n")
    expect(REFUSED, "note", "--vkey", WITNESS, plain, says="does not verify")


def D7_tlog_proof():
    proof = "c2sp.org/tlog-proof@v1\nindex 2\n" + "".join(
        base64.b64encode(h).decode() + "\n" for h in path(2, 0, 7)) + "\n" + TEXT + "\n" + LOG_LINE + WITNESS_LINE
    e2, e3 = put("entry-2", entry(2)), put("entry-3", entry(3))
    expect(HOLDS, "proof", "--vkey", LOG, "--entry", e2, put("p", proof), says="entry 2 ")
    expect(HOLDS, "proof", "--vkey", LOG, "--vkey", WITNESS, "--entry", e2, put("p", proof))
    expect(REFUSED, "proof", "--vkey", LOG, "--entry", e3, put("p", proof), says="inclusion.root")
    expect(REFUSED, "proof", "--vkey", LOG, "--entry", e2, put("p1", proof.replace("index 2", "index 3")))
    expect(REFUSED, "proof", "--vkey", LOG, "--vkey", WITNESS, "--entry", e2, put("p2", proof.replace(WITNESS_LINE, "")),
           says="is missing")
    expect(REFUSED, "proof", "--vkey", WITNESS, "--entry", e2, put("p", proof), says="origin")
    expect(REFUSED, "proof", "--vkey", LOG, "--entry", e2, put("p3", proof + "x"))
    extra = proof.replace("index", "extra aGk=\nindex", 1)
    expect(HOLDS, "proof", "--vkey", LOG, "--entry", e2, put("p4", extra))
    expect(MISUSE, "proof", "--vkey", LOG, put("p", proof), says="--entry")


# --- signatures ------------------------------------------------------------------------------------------------------


class Key:
    def __init__(self, name, *args):
        self.pem = put(name + ".pem", openssl("genpkey", "-quiet", *args) if args[1] == "RSA" else openssl("genpkey", *args))
        self.spki = put(name + ".der", openssl("pkey", "-in", self.pem, "-pubout", "-outform", "DER"))

    def sign(self, digest, message):
        return openssl("dgst", "-" + digest, "-sign", self.pem, stdin=message)


def ec(name, curve):
    return Key(name, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve, "-pkeyopt", "ec_param_enc:named_curve")


def rsa(name, bits):
    return Key(name, "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")


def der_int(n, pad=0):
    b = n.to_bytes((n.bit_length() // 8) + 1, "big") if n else b"\0"
    b = b"\0" * pad + b
    return b"\x02" + bytes([len(b)]) + b


def der_sig(r, s, **kw):
    body = der_int(r, **kw) + der_int(s)
    return b"\x30" + bytes([len(body)]) + body


def numbers(sig):
    at = 2 if sig[1] < 0x80 else 3
    n = sig[at + 1]
    r = int.from_bytes(sig[at + 2:at + 2 + n], "big")
    return r, int.from_bytes(sig[at + 4 + n:], "big")


N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def D7_signatures():
    message = b"what is signed"
    file = put("m", message)
    p256, p384, r2048 = ec("p256", "P-256"), ec("p384", "P-384"), rsa("r2048", 2048)
    ed = Ed25519("ed")
    ed_spki = put("ed.der", openssl("pkey", "-in", ed.pem, "-pubout", "-outform", "DER"))
    good = {
        "es256": (p256.spki, p256.sign("sha256", message)), "es384": (p384.spki, p384.sign("sha384", message)),
        "rs256": (r2048.spki, r2048.sign("sha256", message)), "rs512": (r2048.spki, r2048.sign("sha512", message)),
        "ed25519": (ed_spki, ed.sign(message)),
    }
    for alg, (spki, sig) in good.items():
        s = put("sig", sig)
        expect(HOLDS, "signature", "--alg", alg, "--key", spki, "--sig", s, file, says=alg)
        expect(HOLDS, "signature", file, "--sig", s, "--key", spki, "--alg=" + alg)
        expect(REFUSED, "signature", "--alg", alg, "--key", spki, "--sig", s, put("m1", message + b"."), says="does not verify")
        for bent in [sig[:-1], sig + b"\0", sig[:-1] + bytes([sig[-1] ^ 1]), b"", b"\0" * len(sig)]:
            expect(REFUSED, "signature", "--alg", alg, "--key", spki, "--sig", put("bent", bent), file, says="does not verify")
        for other in good:
            if other != alg:
                code, _, _ = audit("signature", "--alg", other, "--key", spki, "--sig", s, file)
                if code != REFUSED:
                    faults.append(f"{alg} signature taken as {other}")
    r, s = numbers(good["es256"][1])
    for name, bent in {"r = 0": der_sig(0, s), "s = 0": der_sig(r, 0), "r = n": der_sig(N256, s), "r + n": der_sig(r + N256, s),
                       "s + n": der_sig(r, s + N256), "r padded": der_sig(r, s, pad=1), "raw": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
                       "long length": b"\x30\x81" + der_sig(r, s)[1:]}.items():
        expect(REFUSED, "signature", "--alg", "es256", "--key", p256.spki, "--sig", put("bent", bent), file, says="does not verify")
    expect(HOLDS, "signature", "--alg", "es256", "--key", p256.spki, "--sig", put("bent", der_sig(r, N256 - s)), file)
    # keys
    r1024 = rsa("r1024", 1024)
    weak = put("sig", r1024.sign("sha256", message))
    expect(REFUSED, "signature", "--alg", "rs256", "--key", r1024.spki, "--sig", weak, file, says="rsa.n")
    p521 = ec("p521", "P-521")
    expect(REFUSED, "signature", "--alg", "es256", "--key", p521.spki, "--sig", put("sig", p521.sign("sha256", message)), file)
    spki = open(p256.spki, "rb").read()
    sig = put("sig", good["es256"][1])
    for bent in [spki + b"\0", spki[:-1], spki[:-1] + bytes([spki[-1] ^ 1]), b"", open(p256.pem, "rb").read()]:
        expect(REFUSED, "signature", "--alg", "es256", "--key", put("key", bent), "--sig", sig, file)
    compressed = openssl("pkey", "-in", p256.pem, "-pubout", "-outform", "DER", "-ec_conv_form", "compressed")
    expect(REFUSED, "signature", "--alg", "es256", "--key", put("key", compressed), "--sig", sig, file)
    # usage
    expect(MISUSE, "signature", "--alg", "es512", "--key", p256.spki, "--sig", sig, file, says="--alg")
    expect(MISUSE, "signature", "--alg", "es256", "--key", p256.spki, file, says="--sig")
    expect(MISUSE, "signature", "--alg", "es256", "--key", p256.spki, "--sig", sig, "--sig", sig, file, says="--sig")
    expect(MISUSE, "signature", "--alg", "es256", "--key", p256.spki, "--sig", sig, says="usage")
    expect(MISUSE, "signature", "--alg", "es256", "--key", p256.spki, "--sig", sig, file, file, says="usage")
    expect(MISUSE, "signature", "--alg", "es256", "--key", p256.spki, "--sig", sig, "--force", file, says="--force")
    expect(CANNOT_TELL, "signature", "--alg", "es256", "--key", p256.spki, "--sig", file + ".missing", file, says="file")
    expect(MISUSE, "signature", file, "--alg", says="--alg")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def D7_assertions():
    rp = "approval.example"
    statement = b'{"decision":"approve","v":1}'
    sshsig = lambda s: len(s).to_bytes(4, "big") + s
    tosign = b"SSHSIG" + sshsig(b"countersign") + sshsig(b"") + sshsig(b"sha512") + sshsig(hashlib.sha512(statement).digest())
    key = ec("cred", "P-256")

    def make(challenge=tosign, kind="webauthn.get", origin="https://" + rp, rp_id=rp, flags=0x05, counter=9, tail=b"", client=None):
        client = client or ('{"type":"%s","challenge":"%s","origin":"%s","crossOrigin":false}' % (kind, b64url(challenge), origin)).encode()
        auth = sha(rp_id.encode()) + bytes([flags]) + counter.to_bytes(4, "big") + tail
        return client, auth, key.sign("sha256", auth + sha(client))

    def check(want, parts, says="", challenge=("--challenge", b64url(tosign)), rp_id=rp, spki=key.spki):
        client, auth, sig = parts
        expect(want, "assertion", "--key", spki, "--rp-id", rp_id, *challenge, "--client-data", put("c", client), "--auth-data",
               put("a", auth), "--sig", put("s", sig), says=says)

    good = make()
    check(HOLDS, good, says="counter 9")
    check(HOLDS, good, challenge=("--statement", put("st", statement)))
    check(HOLDS, good, challenge=("--challenge", "@" + put("ch", b64url(tosign))))
    check(HOLDS, good, challenge=("--challenge", "@" + put("ch", b64url(tosign) + "\n")))
    check(REFUSED, good, challenge=("--statement", put("st", statement + b"\n")), says="client data")
    check(REFUSED, good, challenge=("--challenge", b64url(tosign + b"x")), says="client data")
    check(REFUSED, good, challenge=("--challenge", base64.b64encode(tosign).decode()))
    check(REFUSED, good, challenge=("--challenge", b64url(tosign) + "="), says="challenge")
    check(REFUSED, good, challenge=("--challenge", ""))
    check(MISUSE, good, challenge=(), says="--challenge")
    check(MISUSE, good, challenge=("--challenge", "AA", "--statement", put("st", statement)), says="--challenge")
    check(REFUSED, good, rp_id="other.example", says="client data")
    check(REFUSED, good, rp_id="Approval.example", says="legal form")
    check(REFUSED, make(rp_id="other.example"), says="another rp id")
    check(REFUSED, make(origin="https://evil.example"), says="client data")
    check(REFUSED, make(kind="webauthn.create"), says="client data")
    check(REFUSED, make(client=good[0].replace(b",", b", ", 1)), says="client data")
    check(REFUSED, make(client=good[0].replace(b"false", b"true")), says="client data")
    check(REFUSED, make(client=good[0] + b"\n"), says="client data")
    check(REFUSED, make(client=json.dumps(json.loads(good[0]), separators=(",", ":"), sort_keys=True).encode()), says="client data")
    check(REFUSED, (b"", good[1], good[2]), says="client data")
    for flags, says in {0x04: "present", 0x01: "verified", 0x00: "present", 0x0D: "backup", 0x1D: "backup", 0x15: "backup",
                        0x45: "credential or extensions", 0x85: "credential or extensions", 0x07: "reserved", 0x25: "reserved"}.items():
        check(REFUSED, make(flags=flags), says=says)
    check(REFUSED, make(tail=b"\0"), says="37 bytes")
    check(REFUSED, make(flags=0x85, tail=b"\xa0"), says="credential or extensions")
    check(REFUSED, (good[0], good[1][:36], good[2]), says="37 bytes")
    check(REFUSED, (good[0], good[1], good[2] + b"\0"), says="does not verify")
    check(REFUSED, (good[0], make(counter=10)[1], good[2]), says="does not verify")
    check(REFUSED, good, spki=ec("cred2", "P-256").spki, says="does not verify")
    p384 = ec("cred3", "P-384")
    check(REFUSED, good, spki=p384.spki, says="P-256")
    check(HOLDS, make(counter=0), says="counter 0")
    check(HOLDS, make(counter=4294967295), says="counter 4294967295")


def D7_dsse():
    kind, payload = "application/vnd.in-toto+json", b'{"_type":"https://in-toto.io/Statement/v1"}'

    def pae(t, p):
        return b"DSSEv1 %d %s %d %s" % (len(t), t.encode(), len(p), p)

    key, other = ec("outcome", "P-256"), ec("other", "P-256")
    sig = key.sign("sha256", pae(kind, payload))
    foreign = other.sign("sha256", pae(kind, payload))

    def envelope(sigs=(sig,), t=kind, p=payload, enc=base64.b64encode, **more):
        return json.dumps({"payload": enc(p).decode(), "payloadType": t,
                           "signatures": [{"keyid": "x", "sig": enc(s).decode()} for s in sigs], **more})

    def check(want, text, *args, says="", spki=key.spki):
        expect(want, "dsse", "--key", spki, *args, put("d", text), says=says)

    check(HOLDS, envelope(), says=hashlib.sha256(payload).hexdigest())
    check(HOLDS, envelope(), "--payload-type", kind)
    check(REFUSED, envelope(), "--payload-type", "text/plain", says="payloadType")
    check(HOLDS, envelope(enc=base64.urlsafe_b64encode))
    check(HOLDS, envelope(unknownField={"x": [1, None]}))
    check(HOLDS, envelope(sigs=(foreign, sig)))
    check(REFUSED, envelope(sigs=(foreign,)), says="does not verify")
    check(REFUSED, envelope(sigs=()), says="signatures")
    check(REFUSED, envelope(t="text/plain"), says="does not verify")
    check(REFUSED, envelope(p=payload + b" "), says="does not verify")
    check(REFUSED, envelope(sigs=(sig + b"\0",)), says="does not verify")
    check(REFUSED, envelope() + "x", says="left over")
    check(REFUSED, envelope().replace('"payload"', '"payload":"","payload"', 1), says="stands twice")
    check(REFUSED, "[]")
    check(REFUSED, "")
    check(REFUSED, envelope(), spki=rsa("r2048b", 2048).spki, says="dsse.key")
    expect(MISUSE, "dsse", put("d", envelope()), says="--key")


# --- JSON and the program itself ------------------------------------------------------------------------------------


def D7_json():
    for good in [b"{}", b"[]", b"0", b'"x"', b'{"a":[1,-2,{"b":null}],"c":"\\u001f\\n\xe2\x82\xac"}', b"9007199254740991"]:
        expect(HOLDS, "json", put("j", good), says=f"{len(good)} bytes")
    for bad, says in [(b"", "too early"), (b"{}\n", "left over"), (b" {}", "malformed"), (b'{"b":1,"a":2}', "order"),
                      (b'{"a":1,"a":2}', "twice"), (b'{"A":1}', "not known"), (b"1.0", "wrong type"), (b"1e2", "wrong type"),
                      (b"-0", "malformed"), (b"9007199254740992", "out of range"), (b'"\\u0041"', "malformed"),
                      (b'"\\/"', "malformed"), (b'"\\u001F"', "malformed"), (b'"\xff"', "UTF-8"), (b'"\\ud800"', ""),
                      (b"[" * 17 + b"]" * 17, "deeply"), (b"\xef\xbb\xbf{}", "malformed"), (b"[1,]", "malformed")]:
        expect(REFUSED, "json", put("j", bad), says=says)
    expect(HOLDS, "json", "-", stdin=b"[1]")
    expect(REFUSED, "json", "-", stdin=b"[1 ]", says="byte 2")
    deep = put("j", b"[" * 16 + b"]" * 16)
    expect(HOLDS, "json", "--", deep)


def D7_program():
    for args in [[], ["nothing"], ["json"], ["json", "a", "b"], ["--force"], ["verify-everything"]]:
        expect(MISUSE, *args)
    code, out, err = audit("--help")
    if code != 0 or "usage" not in out or err:
        faults.append("--help")
    code, out, err = audit("--version")
    if code != 0 or not out.startswith("countersign-audit ") or err:
        faults.append("--version")
    man = open(os.path.join(os.path.dirname(__file__), "../../docs/man/countersign-audit.1")).read().replace("\\-", "-")
    for name in ["assertion", "consistency", "dsse", "inclusion", "json", "note", "proof", "signature", "tile"]:
        code, out, err = audit(name, "--help")
        if code != 0 or not out.startswith(f"usage: countersign-audit {name} ") or f"  {name} " not in audit("--help")[1]:
            faults.append(f"{name} --help")
        for word in [".B " + name] + [w.strip("[()|") for w in out.split() if w.strip("[(").startswith("--")]:
            if word not in man:
                faults.append(f"the man page does not have {word} of {name}")
    undefined = subprocess.run(["nm", "-uD", AUDIT], capture_output=True, text=True, check=True).stdout
    if "AddressSanitizer" not in undefined and "__asan" not in undefined:
        for line in undefined.splitlines():
            name = line.split()[-1].split("@")[0]
            if name in ("socket", "connect", "bind", "listen", "accept", "fork", "execve", "getenv", "secure_getenv") or name.startswith(("sqlite3", "EVP_DigestSign", "EVP_PKEY_sign", "RAND_")):
                faults.append(f"the auditor's program can {name}")


with tempfile.TemporaryDirectory() as SCRATCH:
    for name, test in sorted(globals().items()):
        if name.startswith("D7_"):
            before = len(faults)
            test()
            print(f"{name}: {'ok' if len(faults) == before else 'FAILED'}")
print(f"{checks} checks, {len(faults)} faults")
for fault in faults[:40]:
    print(f"- {fault}")
sys.exit(1 if faults or checks < 200 else 0)
