#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Soft cards in real readers of a real pcscd: what a PC/SC client sees when cards come, go, are swapped, blink, and do wrong. Other tests
build on each of these; here they are tested for themselves."""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cards  # noqa: E402

SELECT = "00a4040009a0000003080000100000"
VERIFY = "0020008008313233343536ffff"
WRONG = "0020008008393939393939ffff"
CERT_9C = "00cb3fff055c035fc10a00"
DIGEST = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
SIGN_9C = f"0087119c267c2482008120{DIGEST}00"
REMOVED, RESET = "0x80100069", "0x80100068"

args = None


def no_answer(told):
    """vpcd makes of a card that went in the middle an answer of no bytes; readers make an error of it."""
    return told == "" or told.startswith("error 0x8010")


def check(condition, text):
    if not condition:
        raise cards.Failed(text)


class Client:
    """A pcsc_tool; tests/system/pcsc_tool.c says what it understands."""

    def __init__(self, c):
        self.process = subprocess.Popen([args.tool], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=c.env())
        check(self.hear() == "", "no context")

    def say(self, *words):
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()

    def hear(self):
        """What follows "ok"; the whole of an error."""
        line = self.process.stdout.readline().strip()
        return line[2:].strip() if line.startswith("ok") else line

    def ask(self, *words):
        self.say(*words)
        return self.hear()

    def apdu(self, hexes):
        return self.ask("apdu", hexes)

    def use(self, c, reader=0):
        """Connects to a card and selects PIV."""
        told = self.ask("connect", c.reader_name(reader))
        check(told == "T=1", f"connect: {told}")
        self.works(SELECT)
        return self

    def works(self, hexes):
        """The data of an answer that is 9000; 61xx is followed."""
        data, answer = "", self.apdu(hexes)
        while re.fullmatch(r"(?:[0-9a-f]{2})*61[0-9a-f]{2}", answer):
            data, answer = data + answer[:-4], self.apdu("00c00000" + answer[-2:])
        check(answer.endswith("9000"), f"{hexes[:8]}: {answer}")
        return data + answer[:-4]

    def fails(self, hexes, sw):
        answer = self.apdu(hexes)
        check(answer == sw, f"{hexes[:8]}: {answer}, not {sw}")

    def count(self, c, reader=0):
        what, count = self.ask("state", c.reader_name(reader)).split()
        return what, int(count)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def signature(answer):
    return bytes.fromhex(answer)[4:]


def openssl(directory, *argv, data=None):
    return subprocess.run(["openssl", *argv], cwd=directory, input=data, capture_output=True, timeout=60)


def public_key(c, certificate_object):
    """PEM of the key of the certificate in a data object."""
    der = bytes.fromhex(certificate_object)
    start = der.index(b"\x30\x82", 4)
    length = 4 + int.from_bytes(der[start + 2:start + 4], "big")
    return openssl(c.dir, "x509", "-inform", "der", "-noout", "-pubkey", data=der[start:start + length]).stdout


def verifies(c, certificate_object, answer):
    """The signature over DIGEST, by the key of the certificate in a data object."""
    (c.dir / "public.pem").write_bytes(public_key(c, certificate_object))
    (c.dir / "digest").write_bytes(bytes.fromhex(DIGEST))
    (c.dir / "sig").write_bytes(signature(answer))
    return openssl(c.dir, "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "sig", "-in", "digest").returncode == 0


def again(client):
    client.works(VERIFY)
    return client.works(SIGN_9C)


def sign(c, client):
    check(verifies(c, client.works(CERT_9C), again(client)), "the signature does not verify")


def with_card(c, *options):
    c("issue", "olga", "9c", "p256", *options)
    c.insert("olga")
    return Client(c).use(c)


def signs(c):
    client = with_card(c)
    sign(c, client)
    client.fails(SIGN_9C, "6982")  # PIN always
    check(c.status("olga")["signatures"] == 1, "signatures")
    check(c.ask("times", "other") == "error no key was used", "times of a card that did nothing")
    client.works(VERIFY)
    c("fault", "olga", "delay", "87", 1, 120)
    client.works(SIGN_9C)
    asked, answered = (int(w) for w in c("times", "olga").split()[1::2])
    check(answered - asked >= 119000, f"a card that took its time says {answered - asked} us")
    data = client.works("00cb3fff0000055c035fc10a0000")  # extended, in one answer
    check(data == client.works(CERT_9C), "extended and chained answers differ")


def signs_with_long_rsa(c):
    """RSA-3072 and -4096: a command of several APDUs, an answer of several; openssl sees the signature that PKCS #1 names."""
    info = bytes.fromhex("3051300d060960864801650304020305000440")  # DigestInfo of SHA-512
    for alg, number, size in (("rsa3072", "05", 384), ("rsa4096", "16", 512)):
        c("issue", "olga", "9c", alg)
        c.insert("olga")
        client = Client(c).use(c)
        cert = client.works(CERT_9C)
        block = b"\x00\x01" + b"\xff" * (size - 3 - len(info) - 64) + b"\x00" + info + bytes(64)
        body = bytes.fromhex(f"7c82{size + 6:04x}82008182{size:04x}") + block
        parts = [body[i:i + 255] for i in range(0, len(body), 255)]
        client.works(VERIFY)
        for part in parts[:-1]:
            client.works(f"1087{number}9c{len(part):02x}{part.hex()}")
        answer = client.works(f"0087{number}9c{len(parts[-1]):02x}{parts[-1].hex()}00")
        (c.dir / "public.pem").write_bytes(public_key(c, cert))
        (c.dir / "digest").write_bytes(bytes(64))
        (c.dir / "sig").write_bytes(bytes.fromhex(answer)[8:])
        r = openssl(c.dir, "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "sig", "-in", "digest", "-pkeyopt",
                    "digest:sha512", "-pkeyopt", "rsa_padding_mode:pkcs1")
        check(r.returncode == 0, f"{alg}: {r.stdout}{r.stderr}")
        c.remove("olga")


def insertion_counts(c):
    client = Client(c)
    check(client.count(c) == ("empty", 0), "no card yet")
    c.insert("olga")
    check(client.count(c)[0] == "present", "a card")
    before = client.count(c)[1]
    c.remove("olga")
    check(client.count(c) == ("empty", before + 1), "out")
    c.insert("olga")
    check(client.count(c) == ("present", before + 2), "in again")
    c("issue", "bob", "9c", "p256")
    client.use(c)
    c.swap("olga", "bob")
    check(client.count(c) == ("present", before + 4), f"a swap counts twice: {client.count(c)}")
    check(client.apdu(SELECT) == f"error {REMOVED}", "the old handle is dead")
    check(client.apdu(SELECT) == f"error {REMOVED}", "and stays so")


def serial_of(client):
    return int(client.works("00f8000000"), 16)


def many_readers(c):
    """A card in each reader; every client finds its own."""
    names = Client(c).ask("readers").split(", ")
    check(names == [c.reader_name(n) for n in range(c.readers)], f"readers: {names}")
    for n in range(c.readers):
        c("insert", f"card{n}", n)
    for n in range(c.readers):
        c.seen(f"card{n}")
    for n in range(c.readers):
        check(serial_of(Client(c).use(c, n)) == c.status(f"card{n}")["serial"], f"reader {n} has another card")
    check(c.ask("insert", "more", 3) == "error the reader is taken or not there", "two cards in one reader")


def touch(c):
    client = with_card(c, "touch=always")
    check(c.ask("touch", "olga") == "error not asked for", "a touch that nobody asked for")
    client.works(VERIFY)
    client.say("apdu", SIGN_9C)
    c.touch("olga")
    answer = client.hear()
    check(answer.endswith("9000") and verifies(c, client.works(CERT_9C), answer[:-4]), f"no signature that verifies: {answer}")
    c("touch-timeout", "olga", 300)
    client.works(VERIFY)
    begin = time.monotonic()
    client.fails(SIGN_9C, "6982")
    check(time.monotonic() - begin >= 0.3, "it did not wait for a touch")
    c("touch-timeout", "olga", 600000)
    client.works(VERIFY)
    client.say("apdu", SIGN_9C)
    c.wait_light("olga", "blinking")
    c("remove", "olga")
    check(no_answer(client.hear()), "out while it blinked")
    check(c.status("olga")["signatures"] == 1, "only a touch signs")


def status_words(c):
    client = with_card(c)
    c("fault", "olga", "sw", "20", 2, "6983")
    client.works(VERIFY)
    client.fails(VERIFY, "6983")
    client.works(VERIFY)
    c("fault", "olga", "sw", "*", "*", "6f00")
    client.fails(SELECT, "6f00")
    client.fails(VERIFY, "6f00")
    c("fault", "olga", "none")
    client.works(SELECT)
    c("fault", "olga", "late-sw", "87", 1, "6f00")
    client.works(VERIFY)
    client.fails(SIGN_9C, "6f00")
    check(c.status("olga")["signatures"] == 1, "obeyed, and not told")


def lying_about_the_pin(c):
    client = with_card(c)
    c("fault", "olga", "late-sw", "20", "*", "9000")
    client.works(WRONG)
    client.fails(SIGN_9C, "6982")
    check(c.status("olga")["pin"] == "2/3", "the wrong PIN counted")
    c("fault", "olga", "none")
    c("fault", "olga", "any-pin", "20", "*")
    client.works(WRONG)
    client.works(SIGN_9C)


def tries(c):
    client = with_card(c)
    c("tries", "olga", 1, 5)
    client.fails("00200080", "63c1")
    client.fails(WRONG, "6983")
    client.fails(VERIFY, "6983")
    check(c.status("olga")["pin"] == "0/5", "blocked")
    c("pin", "olga", "654321")
    client.works("0020008008363534333231ffff")


def wrong_lengths(c):
    client = with_card(c)
    whole = client.works(CERT_9C)
    for fault, want in ((("truncate", 10), whole[:20]), (("chop", 1), whole[:-2]), (("oversize", 3000), whole.ljust(6000, "0")),
                        (("oversize", 70000), whole.ljust(140000, "0"))):
        c("fault", "olga", fault[0], "cb", 1, fault[1])
        check(client.works(CERT_9C) == want, f"{fault}")
        check(client.works(CERT_9C) == whole, f"{fault} is over")
    c("fault", "olga", "flood", "fd", 1, 300)
    check(len(client.works("00fd000003")) == 600, "more than was asked for")
    c("fault", "olga", "cut", "fd", 1, 1)
    told = client.apdu("00fd000003")
    check(told in ("05", "error 0x80100016", "error 0x8010002f"), f"one byte is no answer: {told}")


def short_attestation(c):
    client = with_card(c)
    whole = client.works("00f99c0000")
    c("fault", "olga", "chop", "f9", 1, 1)
    check(client.works("00f99c0000") == whole[:-2], "one byte short")


def endless(c):
    client = with_card(c)
    c("fault", "olga", "endless", "cb", 1)
    answer = client.apdu(CERT_9C)
    for _ in range(100):
        check(len(answer) == 516 and answer.endswith("61ff"), f"it ended: {answer[-8:]}")
        answer = client.apdu("00c0000000")
    client.works(SELECT)
    client.works(CERT_9C)


def wrong_le(c):
    client = with_card(c)
    client.works(VERIFY)
    c("fault", "olga", "wrong-le", "87", 1)
    first = client.apdu(SIGN_9C)
    check(re.fullmatch("6c[0-9a-f]{2}", first), f"{first}")
    answer = client.apdu(SIGN_9C[:-2] + first[2:])
    check(len(answer) == 2 * int(first[2:], 16) + 4 and verifies(c, client.works(CERT_9C), answer[:-4]), "the answer, once")
    check(c.status("olga")["signatures"] == 1, "asked twice, signed once")


def wrong_signature_and_certificate(c):
    client = with_card(c)
    cert = client.works(CERT_9C)
    c("fault", "olga", "flip", "87", 1)
    check(not verifies(c, cert, again(client)), "a flipped bit")
    check(verifies(c, cert, again(client)), "only once")
    c("issue", "olga", "9c", "p256", "cert=other-key")
    check(not verifies(c, client.works(CERT_9C), again(client)), "the certificate is of another key")


def gone_in_the_middle(c):
    client = with_card(c)
    client.works(VERIFY)
    c("fault", "olga", "gone", "87", 1)
    check(no_answer(client.apdu(SIGN_9C)), "gone in place of an answer")
    check(c.status("olga")["signatures"] == 0, "nothing signed")
    cards.wait_until("the handle is dead", lambda: client.apdu(SELECT) == f"error {REMOVED}")
    c.insert("olga")
    check(client.apdu(SELECT) == f"error {REMOVED}", "also after it is back")
    client.ask("leave")
    client.use(c)
    c("fault", "olga", "gone-after", "20", 1)
    client.works(VERIFY)
    check(no_answer(client.apdu(SIGN_9C)), "gone after the PIN")


def swapped_in_the_middle(c):
    """After the PIN the card is swapped; the client's handle never reaches the other one."""
    client = with_card(c)
    c("issue", "bob", "9c", "p256", "pin=never")
    c("fault", "olga", "swap", "20", 1, "bob")
    check(client.ask("begin") == "", "a transaction")
    client.works(VERIFY)
    told = client.apdu(SIGN_9C)
    check(no_answer(told), f"swapped: {told}")
    c.seen("bob")
    check(client.apdu(SELECT) == f"error {REMOVED}", "the handle was olga's")
    check(c.status("bob")["signatures"] == 0 and not c.status("olga")["in"], "nobody signed")
    check(serial_of(Client(c).use(c)) == c.status("bob")["serial"], "bob is in")


def switched_unseen(c):
    """What no reader should allow: another card behind the same handle. The signature tells, and the certificate."""
    client = with_card(c)
    cert = client.works(CERT_9C)
    c("issue", "bob", "9c", "p256", "pin=never")
    c("fault", "olga", "switch", "20", 1, "bob")
    client.works(VERIFY)
    check(no_answer(client.apdu(SIGN_9C)), "the first call after it")
    cards.wait_until("the handle reaches bob", lambda: client.apdu(SELECT).endswith("9000"))
    answer = client.works(SIGN_9C)
    check(not verifies(c, cert, answer) and verifies(c, client.works(CERT_9C), answer), "bob's signature, bob's certificate")


def mute_and_slow(c):
    client = with_card(c)
    c("fault", "olga", "delay", "fd", 1, 700)
    begin = time.monotonic()
    client.works("00fd000003")
    check(time.monotonic() - begin >= 0.7, "no delay")
    c("fault", "olga", "mute", "fd", 1)
    client.say("apdu", "00fd000003")
    c.wait_light("olga", "mute")
    c.remove("olga")
    check(no_answer(client.hear()), "removal ends it")
    c.insert("olga")
    Client(c).use(c).works("00fd000003")


def reset_by_another(c):
    client = with_card(c)
    client.works(VERIFY)
    other = Client(c).use(c)
    check(other.ask("leave") == "", "leave with a reset")
    check(client.apdu(SIGN_9C) == f"error {RESET}", "told of the reset")
    check(client.ask("reconnect") == "", "reconnect")
    client.works(SELECT)
    client.fails("00200080", "63c3")
    client.fails(SIGN_9C, "6982")


def pcscd_dies(c):
    client = with_card(c)
    c.kill_pcscd()
    check(client.apdu(SELECT).startswith("error 0x8010"), "pcscd is gone")
    client.close()
    cards.wait_until("the card notices", lambda: not c.status("olga")["in"])
    c.start_pcscd()
    c.insert("olga")
    sign(c, Client(c).use(c))


def remembers(c):
    """A card is its file: another softcard program goes on with it."""
    client = with_card(c)
    client.fails(WRONG, "63c2")
    serial = c.status("olga")["serial"]
    c("quit")
    c.cards.wait()
    c.start_cards()
    check(c.status("olga")["pin"] == "2/3" and c.status("olga")["serial"] == serial, "the same card")
    c.insert("olga")
    sign(c, Client(c).use(c))


def refuses_nonsense(c):
    for line in ("", "nothing", "insert", "insert ../x", "insert a b", "insert a 16", "remove a", "issue a", "issue a 9b p256",
                 "issue a 9c p257", "issue a 9c p256 pin=maybe", "pin a 12345", "tries a 4", "fault a sw 20 1", "fault a sw 20 0 9000",
                 "fault a mute 20 1 5", "fault a sw xx 1 9000", "touch a", "1 2 3 4 5 6 7 8 9"):
        check(c.ask(line).startswith("error"), f"{line!r} was obeyed")
    check(c.ask("status", "a").startswith("ok out"), "and harmed nothing")


TESTS = [(signs, 2), (signs_with_long_rsa, 2), (insertion_counts, 2), (many_readers, 2), (many_readers, 16), (touch, 2), (status_words, 2), (lying_about_the_pin, 2),
         (tries, 2), (wrong_lengths, 2), (short_attestation, 2), (endless, 2), (wrong_le, 2), (wrong_signature_and_certificate, 2),
         (gone_in_the_middle, 2), (swapped_in_the_middle, 2), (switched_unseen, 2), (mute_and_slow, 2), (reset_by_another, 2), (pcscd_dies, 2), (remembers, 2),
         (refuses_nonsense, 2)]


def attempt(test, start):
    """Runs a test with what `start` gives; whether it passed, and says so."""
    c, begin = None, time.monotonic()
    try:
        c = start()
        test(c)
        c.stop()
        print(f"ok   {test.__name__} {c.readers} readers {time.monotonic() - begin:.1f} s", flush=True)
        return True
    except Exception:  # whatever it is, the next test gets a clean start
        print(f"FAIL {test.__name__}", flush=True)
        traceback.print_exc()
        return False
    finally:
        if c is not None:
            c.stop()


def run(test, readers):
    with tempfile.TemporaryDirectory() as directory:
        return attempt(test, lambda: cards.Cards(args.build, pathlib.Path(directory) / "cards", readers=readers))


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--only")
    args = parser.parse_args()
    failed = [test for test, readers in TESTS if args.only in (None, test.__name__) and not run(test, readers)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
