#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real countersign-token with a real pcscd and soft PIV cards: every way in which a card, a reader or the card service fails.

D2: a card signs what it is given, after its PIN, and nothing counts that another card, another key or no PIN stands behind."""
import argparse
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import cards as softcards  # noqa: E402
import test_token as keys  # noqa: E402
from test_token import b64, check, openssl, pem, unb64  # noqa: E402

PIN = "123456"
ALGORITHMS = {"p256": "sha256", "p384": "sha384", "rsa2048": "sha512", "rsa3072": "sha512", "rsa4096": "sha512"}

args = None


class Bed:
    """What an agent under test is started with."""

    def __init__(self, env):
        self.env = dict(env, PCSCLITE_DEBUG="0", FIDO_DEBUG="1")  # it must listen to neither


class World:
    def __init__(self, readers=2, rack=False, pcscd=True, usb=False):
        self.directory = tempfile.mkdtemp(prefix="token-piv-")
        self.rack = keys.Rack(self.directory) if rack else None
        self.cards = softcards.Cards(args.build, readers=readers, usb=usb)
        if not pcscd:
            self.cards.kill_pcscd()
        self.bed = Bed(self.cards.env(self.rack.env if rack else None))
        self.agent = keys.Agent(self.bed, self.directory)
        self.kiosk = keys.Kiosk(self.agent.path)

    def issue(self, name="olga", algorithm="p256", *options, slot="9c"):
        self.cards("issue", name, slot, algorithm, *options)

    def insert(self, name="olga", reader=0):
        """Puts it in; the device's number once the agent knows of it."""
        before = {d["device"] for d in self.kiosk.devices or []}
        self.cards.insert(name, reader)
        return self.wait_new(before)

    def wait_new(self, before):
        while not {d["device"] for d in self.kiosk.devices or []} - before:
            self.kiosk.next()
        return max(d["device"] for d in self.kiosk.devices)

    def enrolled(self, name="olga", algorithm="p256", *options, reader=0):
        """A card with a key, in its reader and enrolled; the credential."""
        self.issue(name, algorithm, *options)
        device = self.insert(name, reader)
        done = self.enrol(device=device)
        check(done["code"] == "ok", f"enrol: {done}")
        return unb64(done["credential"])

    def enrol_send(self, **more):
        return self.kiosk.enrol_send(**{"pin": PIN, **more})

    def sign_send(self, ids, **more):
        return self.kiosk.sign_send(ids, **{"pin": PIN, **more})

    def done(self, op):
        """The end of an operation that may take a second or more, so that a touch is guessed."""
        while True:
            event = self.kiosk.next(60)
            if event["event"] == "done" and event["op"] == op:
                return event
            check(event["event"] == "devices" or event == {"event": "touch", "op": op}, f"{event}")

    def enrol(self, **more):
        return self.done(self.enrol_send(**more))

    def sign(self, ids, **more):
        return self.done(self.sign_send(ids, **more))

    def works(self, cred, text, device=0):
        done = self.sign([cred], device=device)
        check(done["code"] == "ok", f"{text}: {done}")

    def tries(self, name="olga"):
        return self.cards.status(name)["pin"].split("/")[0]

    def children(self):
        with open(f"/proc/{self.agent.process.pid}/task/{self.agent.process.pid}/children") as f:
            return [int(p) for p in f.read().split()]

    def close(self):
        self.kiosk.close()
        self.agent.close()
        self.cards.stop()
        if self.rack is not None:
            self.rack.close()
        subprocess.run(["rm", "-rf", self.directory], check=True)


def verifies(w, algorithm, spki, message, sig):
    paths = [os.path.join(w.directory, n) for n in ("v.pem", "v.msg", "v.sig")]
    for path, data in zip(paths, (pem("PUBLIC KEY", spki), message, sig)):
        pathlib.Path(path).write_bytes(data)
    return openssl("dgst", "-" + ALGORITHMS[algorithm], "-verify", paths[0], "-signature", paths[2], paths[1]).returncode == 0


# --- what works ---------------------------------------------------------------------------------------------------

def every_algorithm(w):
    spent = []
    for n, algorithm in enumerate(ALGORITHMS):
        name = f"a{n}"
        w.issue(name, algorithm, "pin=always")
        device = w.insert(name)
        e = w.enrol()
        check(e["code"] == "ok" and e["kind"] == "piv" and e["device"] == device, f"{algorithm}: {e}")
        check(set(e) == {"attestation", "certificate", "code", "credential", "device", "event", "key", "kind", "op", "pin_policy",
                         "port", "sig", "touch_policy"}, f"members: {sorted(e)}")
        spki, cred = unb64(e["key"]), unb64(e["credential"])
        check(hashlib.sha256(spki).digest() == cred, "the id is the digest of the key")
        check(verifies(w, algorithm, spki, b"enrol", unb64(e["sig"])), f"{algorithm}: possession")
        shown = openssl("x509", "-inform", "DER", "-pubkey", "-noout", data=unb64(e["certificate"])).stdout
        check(openssl("pkey", "-pubin", "-outform", "DER", data=shown).stdout == spki, "the certificate's key")
        check(e["pin_policy"] == "always" and e["touch_policy"] in ("never", "unknown"), f"policies: {e}")
        chain = [unb64(c) for c in e["attestation"]["x5c"]]
        check(len(chain) == 2, "slot and maker")
        check(openssl("x509", "-inform", "DER", "-pubkey", "-noout", data=chain[0]).stdout == shown, "attests this key")
        found = w.kiosk.identify([os.urandom(32), cred])
        check(found["code"] == "ok" and unb64(found["credential"]) == cred and found["kind"] == "piv", f"{found}")
        begin = time.monotonic()
        s = w.sign([cred], challenge=b"tosign %d" % n)
        spent.append(f"{algorithm} {(time.monotonic() - begin) * 1000:.0f} ms")
        check(set(s) == {"code", "credential", "device", "event", "kind", "op", "port", "sig"}, f"members: {sorted(s)}")
        check(verifies(w, algorithm, spki, b"tosign %d" % n, unb64(s["sig"])), f"{algorithm}: signature")
        w.cards.remove(name)
        w.kiosk.wait_devices(0)
    return ", ".join(spent)


def imported_key(w):
    """No attestation is no obstacle here: whether it is one, policy says."""
    w.issue("olga", "p256", "imported")
    w.insert()
    e = w.enrol()
    check(e["code"] == "ok" and e["attestation"] == {"x5c": []}, f"{e}")
    check(e["pin_policy"] == "unknown" and e["touch_policy"] == "unknown", f"{e}")


def other_slot(w):
    w.issue("olga", "p384", slot="9a")
    w.insert()
    cred = unb64(w.enrol()["credential"])
    w.works(cred, "9A where 9C is empty")
    w.issue("olga", "p256")
    w.works(cred, "the slot that is enrolled, not the first one")
    check(w.enrol(exclude=[cred])["code"] == "excluded", "whichever slot it is in")


def excluded_and_wrong(w):
    cred = w.enrolled()
    check(w.enrol(exclude=[cred])["code"] == "excluded", "enrolled already")
    check(w.sign([os.urandom(32)], pin="000000")["code"] == "wrong_key", "another one's")
    check(w.kiosk.identify([os.urandom(64)])["code"] == "wrong_key", "and silently")
    check(w.tries() == "3", "no PIN was tried")


def insertions(w):
    """A card that was out is another device, however fast it came back."""
    cred = w.enrolled()
    first = w.kiosk.devices[0]
    check(first["product"] == w.cards.reader_name(0) and first["vendor"] == "" and first["port"] == "", f"{first}")
    w.issue("omar")
    w.cards.swap("olga", "omar")
    second = w.wait_new({first["device"]})
    check(second > first["device"] and len(w.kiosk.devices) == 1, "another number")
    check(w.sign([cred], device=first["device"])["code"] == "removed", "the one that was shown is gone")
    check(w.sign([cred])["code"] == "wrong_key", "this is another card")
    w.cards.swap("omar", "olga")
    w.wait_new({second})
    w.works(cred, "back again")


# --- PIN ----------------------------------------------------------------------------------------------------------

def wrong_pin(w):
    cred = w.enrolled()
    done = w.sign([cred], pin="000000")
    check(done["code"] == "pin_wrong" and done["tries"] == 2, f"{done}")
    w.works(cred, "the right one gives them back")
    check(w.tries() == "3", "three again")
    for left in (2, 1):
        done = w.sign([cred], pin="000000")
        check(done["code"] == "pin_wrong" and done["tries"] == left, f"{done}")
    for pin in ("000000", PIN):
        done = w.sign([cred], pin=pin)
        check(done["code"] == "pin_last_try" and done["tries"] == 1, f"{done}")
    check(w.tries() == "1", "the last one was not used")
    w.cards("tries", "olga", 0)
    done = w.sign([cred])
    check(done["code"] == "pin_blocked" and done["tries"] == 0, f"{done}")
    check(w.kiosk.identify([cred])["code"] == "ok", "still known")
    w.cards("tries", "olga", 5, 5)
    done = w.sign([cred], pin="000000")
    check(done["code"] == "pin_wrong" and done["tries"] == 4, f"a card with five: {done}")


def odd_pins(w):
    cred = w.enrolled()
    for pin in ("12345", "123456789", "12345ä", "x" * 63):
        check(w.sign([cred], pin=pin)["code"] == "bad_request", pin)
    check(w.tries() == "3", "none was tried")
    w.cards("pin", "olga", 'a"\\#~z')
    check(w.sign([cred], pin='a"\\#~z')["code"] == "ok", "whatever can be printed")


def nothing_to_sign(w):
    cred = w.enrolled()
    op = w.kiosk.send("sign", client_data="{}", credentials=[b64(cred)], device=0, message="", pin=PIN, rp_id=keys.RP,
                      timeout_ms=30000)
    check(w.done(op)["code"] == "bad_request", "an empty message is not for cards")
    check(w.cards.status("olga")["signatures"] == 1, "only the enrolment's")


# --- touch, cancel, time ------------------------------------------------------------------------------------------

def touch(w):
    w.issue("olga", "p256", "touch=always")
    w.insert()
    op = w.enrol_send()
    w.kiosk.until("touch", op)
    w.cards.touch("olga")
    e = w.kiosk.until("done", op)
    check(e["code"] == "ok" and e["touch_policy"] == "always", f"{e}")
    cred = unb64(e["credential"])
    op = w.sign_send([cred])
    w.kiosk.until("touch", op)
    w.cards.touch("olga")
    check(w.kiosk.until("done", op)["code"] == "ok", "touched")
    w.cards("touch-timeout", "olga", 1500)
    check(w.sign([cred])["code"] == "timeout", "the card waits no longer")
    w.cards("touch-timeout", "olga", 60000)
    begin = time.monotonic()
    check(w.sign([cred], timeout_ms=2500)["code"] == "timeout", "nor does the kiosk")
    check(time.monotonic() - begin < 10, "in time")


def cancel_while_blinking(w):
    w.issue("olga", "p256", "touch=always")
    w.cards("touch-auto", "olga", "on")
    w.insert()
    cred = unb64(w.enrol()["credential"])
    w.cards("touch-auto", "olga", "off")
    w.cards("touch-timeout", "olga", 60000)
    made = w.cards.status("olga")["signatures"]
    op = w.sign_send([cred], challenge=b"first")
    w.kiosk.until("touch", op)
    begin = time.monotonic()
    w.kiosk.until("done", w.kiosk.send("cancel"))
    check(w.kiosk.until("done", op)["code"] == "cancelled", "cancelled")
    check(time.monotonic() - begin < 3, "at once")
    w.cards("touch", "olga")  # the card signs; nobody is there to hear it
    softcards.wait_until("the late signature", lambda: w.cards.status("olga")["signatures"] == made + 1)
    w.kiosk.quiet(0.2)
    op = w.sign_send([cred], challenge=b"second")
    w.kiosk.until("touch", op)
    w.cards.touch("olga")
    check(w.kiosk.until("done", op)["code"] == "ok", "the next one is its own answer")


def cancel_early(w):
    cred = w.enrolled()
    for _ in range(20):
        op = w.sign_send([cred])
        other = w.kiosk.send("cancel")
        codes = {}
        while len(codes) < 2:
            event = w.kiosk.next()
            if event["event"] == "done":
                codes[event["op"]] = event["code"]
        check(codes[other] == "ok" and codes[op] in ("cancelled", "ok"), f"{codes}")
    w.works(cred, "it is free again")
    check(w.tries() == "3", "no try was lost")


def mute(w):
    """A card that answers nothing more, at each step."""
    cred = w.enrolled()
    for ins, nth in (("a4", 1), ("cb", 1), ("20", 1), ("20", 2), ("87", 1)):
        w.cards("fault", "olga", "mute", ins, nth)
        begin = time.monotonic()
        done = w.sign([cred], timeout_ms=1500)
        check(done["code"] == "timeout", f"mute at {ins} {nth}: {done}")
        check(1.4 < time.monotonic() - begin < 6, "at the deadline")
        check(w.agent.alive() and w.kiosk.until("done", w.kiosk.send("list"))["code"] == "ok", "and it answers")
        check(len(w.children()) <= 1, "nobody is left waiting")
        number = w.kiosk.devices[0]["device"]
        w.cards("fault", "olga", "none")
        w.cards.remove("olga")
        w.cards("insert", "olga")
        w.wait_new({number})
        w.works(cred, "taken out and put back")
    w.cards("fault", "olga", "mute", "cb", 1)
    op = w.kiosk.identify_send([cred])
    w.cards.wait_light("olga", "mute")
    begin = time.monotonic()
    w.kiosk.until("done", w.kiosk.send("cancel"))
    check(w.kiosk.until("done", op)["code"] == "cancelled" and time.monotonic() - begin < 3, "cancelled at once")


def slow(w):
    """Slow is not mute."""
    cred = w.enrolled()
    w.cards("fault", "olga", "delay", "cb", 1, 700)
    w.works(cred, "700 ms for the certificate")
    w.cards("fault", "olga", "delay", "87", 1, 1500)
    op = w.sign_send([cred])
    w.kiosk.until("touch", op)  # a card never says what it waits for
    check(w.kiosk.until("done", op)["code"] == "ok", "1500 ms for the signature")


# --- cards that lie -----------------------------------------------------------------------------------------------

def lies(w):
    w.issue()
    w.insert()
    enrolled = w.enrol()
    check(enrolled["code"] == "ok", f"enrol: {enrolled}")
    cred, spki = unb64(enrolled["credential"]), unb64(enrolled["key"])
    rows = [
        ("forged VERIFY", ("sw", "20", 2, "9000"), "failed"),
        ("tries: nonsense", ("sw", "20", 1, "6f00"), "failed"),
        ("VERIFY: nonsense", ("sw", "20", 2, "6f00"), "failed"),
        ("signature refused", ("sw", "87", 1, "6982"), "failed"),
        ("no touch", ("sw", "87", 1, "6600"), "timeout"),
        ("signed, but says no", ("late-sw", "87", 1, "6f00"), "failed"),
        ("another signature", ("flip", "87", 1), "failed"),
        ("signature cut", ("truncate", "87", 1, 20), "failed"),
        ("one byte short", ("chop", "87", 1, 1), "failed"),
        ("bytes behind the signature", ("oversize", "87", 1, 200), "failed"),
        ("answer of one byte", ("cut", "87", 1, 1), "failed"),
        ("endless answer", ("endless", "cb", 1), "failed"),
        ("endless signature", ("endless", "87", 1), "failed"),
        ("certificate of 100 kB", ("oversize", "cb", 1, 100000), "failed"),
        ("more than was asked for", ("flood", "cb", 1, 300), "failed"),
        ("certificate cut", ("truncate", "cb", 1, 40), "unsupported"),
        ("certificate with another bit", ("flip", "cb", 1), None),  # which one decides: refused, or no other key's signature
        ("no application", ("sw", "a4", 1, "6a82"), "unsupported"),
        ("another Le", ("wrong-le", "cb", 1), "ok"),
    ]
    for text, fault, want in rows:
        made = w.cards.status("olga")["signatures"]
        w.cards("fault", "olga", *fault)
        done = w.sign([cred])
        w.cards("fault", "olga", "none")
        signed = done["code"] == "ok" and unb64(done["credential"]) == cred and verifies(w, "p256", spki, b"sign", unb64(done["sig"]))
        check(done["code"] == want if want else signed or done["code"] in ("failed", "unsupported", "wrong_key"), f"{text}: {done}")
        check(signed or "sig" not in done, f"{text}: nothing leaves: {done}")
        check(w.cards.status("olga")["signatures"] - made <= 1, f"{text}: nothing is tried twice")
        w.cards("tries", "olga", 3)
        w.works(cred, f"after {text}")


def foreign_certificate(w):
    w.issue("olga", "p256", "cert=other-key")
    w.insert()
    check(w.enrol()["code"] == "cert_mismatch", "the key is not the certificate's")


def foreign_key(w):
    """A key made anew under the certificate that is enrolled: no signature of it leaves."""
    cred = w.enrolled("olga", "rsa2048")
    w.cards("issue", "olga", "9c", "rsa2048", "cert=none")
    done = w.sign([cred])
    check(done["code"] in ("unsupported", "failed"), f"{done}")


def weak(w):
    w.issue("olga", "rsa1024")
    w.insert()
    check(w.enrol()["code"] == "weak_key", "RSA-1024 is not enrolled")
    check(w.sign([os.urandom(32)])["code"] == "weak_key", "nor used")
    check(w.tries() == "3", "no PIN was tried")


def empty_card(w):
    w.cards("pin", "olga", PIN)
    w.insert()
    check(w.enrol()["code"] == "unsupported", "no certificate on it")


# --- cards that come and go ---------------------------------------------------------------------------------------

def swapped_after_pin(w):
    """Another card in the place of the one that was given the PIN: seen by the card service, and too fast for it."""
    cred = w.enrolled()
    w.issue("omar")
    for how, codes in (("swap", ("card_changed", "removed")), ("switch", ("card_changed",))):
        w.cards("fault", "olga", how, "20", 2, "omar")
        done = w.sign([cred])
        check(done["code"] in codes, f"{how}: {done}")
        check(w.cards.status("omar")["signatures"] == 0 and w.cards.status("olga")["signatures"] == 1, "neither has signed")
        check(w.tries("omar") == "3", "the other was given no PIN")
        softcards.wait_until("omar is in", lambda: w.cards.status("omar")["in"])
        if how == "swap":
            w.cards.seen("omar")
        w.cards.remove("omar")
        w.kiosk.settle(0)
        w.insert()


def removed_while_working(w):
    cred = w.enrolled()
    for fault in (("gone", "a4", 1), ("gone", "cb", 1), ("gone-after", "20", 1), ("gone-after", "20", 2), ("gone", "87", 1)):
        number = w.kiosk.devices[0]["device"]
        w.cards("fault", "olga", *fault)
        done = w.sign([cred])
        check(done["code"] == "removed", f"{fault}: {done}")
        w.cards("fault", "olga", "none")
        w.kiosk.settle(0)
        w.insert()
        check(w.kiosk.devices[0]["device"] > number, "another insertion")
    w.works(cred, "it is unharmed")


def removed_while_blinking(w):
    w.issue("olga", "p256", "touch=always")
    w.cards("touch-auto", "olga", "on")
    w.insert()
    cred = unb64(w.enrol()["credential"])
    w.cards("touch-auto", "olga", "off")
    op = w.sign_send([cred])
    w.kiosk.until("touch", op)
    w.cards("remove", "olga")
    check(w.done(op)["code"] == "removed", "pulled out")


def two_readers(w):
    first = w.enrolled("olga", reader=0)
    w.issue("omar", "rsa2048")
    number = w.insert("omar", 1)
    check(len(w.kiosk.devices) == 2 and all(d["kind"] == "piv" for d in w.kiosk.devices), "both are in")
    check(w.sign([first])["code"] == "several", "which?")
    check(w.kiosk.until("done", w.kiosk.select_send())["code"] == "no_token", "cards are not selected by touch")
    second = unb64(w.enrol(device=number)["credential"])
    check(w.sign([first, second], device=number)["credential"] == b64(second), "the one that was named")
    check(w.sign([first], device=number)["code"] == "wrong_key", "and no other")
    w.cards.remove("omar")
    w.kiosk.wait_devices(1)
    w.works(first, "one is left")


def key_and_card(w):
    w.rack.new_key("k1", "1-1")
    w.kiosk.wait_devices(1)
    key = unb64(w.kiosk.enrol(w.rack, "k1")["credential"])
    w.issue()
    card_number = w.insert()
    key_number = next(d["device"] for d in w.kiosk.devices if d["kind"] == "fido2")
    check(w.kiosk.identify([key])["code"] == "several", "which?")
    card = unb64(w.enrol(device=card_number)["credential"])
    both = [key, card]
    check(w.kiosk.identify(both, device=key_number)["credential"] == b64(key), "the key")
    check(w.kiosk.identify(both, device=card_number)["credential"] == b64(card), "the card")
    done = w.kiosk.sign(w.rack, "k1", both, device=key_number)
    check(done["code"] == "ok" and done["kind"] == "fido2", f"{done}")
    done = w.sign(both, device=card_number)
    check(done["code"] == "ok" and done["kind"] == "piv", f"{done}")
    op = w.kiosk.select_send()
    w.kiosk.until("touch", op)
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["device"] == key_number, "select is for keys")


def ports(w):
    """A card is in the port of its reader: what the reader says of its place, looked up in /sys, when the card came and again when it signs."""
    w.rack.do("reader 0 1-3")
    w.rack.do("reader 1 3-1.4")
    w.issue("olga")
    w.issue("omar")
    w.insert("olga", 0)
    w.insert("omar", 1)
    at = {d["product"]: (d["device"], d["port"]) for d in w.kiosk.devices}
    (olga, first), (omar, second) = at[w.cards.reader_name(0)], at[w.cards.reader_name(1)]
    check((first, second) == ("1-3", "3-1.4"), f"the agent says {at}")
    card, other = (unb64(w.enrol(device=device)["credential"]) for device in (olga, omar))
    check(w.sign([other], device=omar)["port"] == "3-1.4", "the other reader")
    check(w.sign([card], device=olga)["port"] == "1-3", "in its port")
    w.rack.do("reader 0 1-7")
    check(w.sign([card], device=olga)["port"] == "1-7", "where it is now")
    w.rack.do("reader 0")
    check(w.sign([card], device=olga)["port"] == "", "nowhere that the kernel knows")


def sixteen_readers(w):
    for n in range(16):
        w.issue(f"c{n}")
        w.insert(f"c{n}", n)
    check(len(w.kiosk.devices) == 16, "all of them")
    check(len({d["device"] for d in w.kiosk.devices}) == 16, "each its own")
    cred = unb64(w.enrol(device=w.kiosk.devices[15]["device"])["credential"])
    found = [d["device"] for d in w.kiosk.devices if w.kiosk.identify([cred], device=d["device"])["code"] == "ok"]
    check(found == [w.kiosk.devices[15]["device"]], "found in the last")
    w.works(cred, "and it signs", device=found[0])
    for n in range(16):
        w.cards("remove", f"c{n}")
    w.kiosk.wait_devices(0)


# --- the card service ---------------------------------------------------------------------------------------------

def held_by_another(w):
    cred = w.enrolled()
    other = subprocess.Popen([args.tool, w.cards.reader_name(0), "hold"], env=w.cards.env(), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    check(other.stdout.readline().strip() == "held", "held")
    begin = time.monotonic()
    check(w.sign([cred])["code"] == "busy", "another process has the card")
    check(4 < time.monotonic() - begin < 10, "it is not waited for as long as a person")
    op = w.sign_send([cred])
    time.sleep(0.2)
    other.stdin.close()
    other.wait(10)
    check(w.done(op)["code"] == "ok", "given free in between")


def service_killed(w):
    cred = w.enrolled()
    w.cards("fault", "olga", "mute", "87", 1)
    op = w.sign_send([cred])
    w.cards.wait_light("olga", "mute")
    w.cards.kill_pcscd()
    check(w.done(op)["code"] == "reader", "in the middle of a signature")
    w.kiosk.settle(0)
    check(w.kiosk.identify([cred])["code"] == "no_token", "no service, no cards")
    w.cards("fault", "olga", "none")
    w.cards.start_pcscd()
    w.cards("remove", "olga") if w.cards.status("olga")["in"] else None
    w.insert()
    w.works(cred, "back again")


def service_hangs(w):
    cred = w.enrolled()
    w.cards.pcscd.send_signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        done = w.sign([cred], timeout_ms=1000)
        check(done["code"] in ("busy", "timeout") and time.monotonic() - begin < 5, f"{done}")
        check(w.kiosk.until("done", w.kiosk.send("list"))["code"] == "ok", "the agent answers")
    finally:
        w.cards.pcscd.send_signal(signal.SIGCONT)
    w.works(cred, "it goes on")


def service_later(w):
    check(w.kiosk.identify([os.urandom(32)])["code"] == "no_token", "no service")
    w.issue()
    w.cards.start_pcscd()
    w.insert()
    check(w.enrol()["code"] == "ok", "it is found when it comes")


def reader_vanishes(w):
    """The card service comes back without a reader that had a card."""
    cred = w.enrolled()
    w.issue("omar")
    gone = w.kiosk.devices[0]["device"]
    w.insert("omar", 1)
    conf = w.cards.conf / "vpcd"
    text = conf.read_text()
    w.cards.kill_pcscd()
    w.kiosk.settle(0)
    conf.write_text("")
    w.cards.start_pcscd()
    check(w.sign([cred], device=gone)["code"] == "removed", "its number is not in any more")
    check(w.kiosk.identify([cred])["code"] == "no_token", "nor anything else")
    w.cards.kill_pcscd()
    conf.write_text(text)
    w.cards.start_pcscd()
    for name, reader in (("olga", 0), ("omar", 1)):
        if w.cards.status(name)["in"]:
            w.cards("remove", name)
        w.insert(name, reader)
    check(w.kiosk.devices[0]["device"] > gone, "another number")
    w.works(cred, "the card is unharmed", device=w.kiosk.devices[0]["device"])


# --- the agent itself ---------------------------------------------------------------------------------------------

def watcher_dies(w):
    cred = w.enrolled()
    number = w.kiosk.devices[0]["device"]
    (watcher,) = w.children()
    os.kill(watcher, signal.SIGKILL)
    w.wait_new({number})
    check(w.children() and watcher not in w.children(), "another one watches")
    w.works(cred, "and the card is found again")


def agent_dies(w):
    """Nothing of it is left behind."""
    cred = w.enrolled()
    w.cards("fault", "olga", "mute", "87", 1)
    op = w.sign_send([cred])
    w.cards.wait_light("olga", "mute")
    check(op > 0 and len(w.children()) == 2, "one watches, one works")
    mine = w.children()
    w.agent.process.kill()
    w.agent.process.wait(10)
    softcards.wait_until("its processes end", lambda: not any(os.path.exists(f"/proc/{p}") for p in mine))
    w.cards("fault", "olga", "none")
    w.agent = keys.Agent(w.bed, w.directory)
    w.kiosk.close()
    w.kiosk = keys.Kiosk(w.agent.path)


def caged(w):
    """A process for cards is in its own cage within the agent's, and has no descriptor of the agent's."""
    cred = w.enrolled()
    w.cards("fault", "olga", "mute", "87", 1)
    op = w.sign_send([cred])
    w.cards.wait_light("olga", "mute")
    for pid in w.children():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        if args.sanitized != "1":
            check(re.search(r"Seccomp_filters:\s+2", status), "two filters")
        check(re.search(r"NoNewPrivs:\s+1", status), "no new privileges")
        open_fds = [os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd") if int(n) > 2]
        check(len(open_fds) == 2 and all(t.startswith("socket:") for t in open_fds), f"the agent and pcscd: {open_fds}")
    w.kiosk.until("done", w.kiosk.send("cancel"))
    w.done(op)


def says_nothing_secret(w):
    cred = w.enrolled()
    w.sign([cred])
    w.sign([cred], pin="sec-pin7")
    text = w.agent.text()
    check(all(re.match(r"<\d>(kiosk|sanitizer|this kernel|$)", line) for line in text.splitlines()), "nothing is printed: " + text)
    check(PIN not in text and "sec-pin7" not in text, "no PIN is logged")
    if args.sanitized == "1":
        return  # a sanitizer's memory is too large to be read, and not the one that ships
    w.cards("pin", "olga", "sec-pin8")
    w.cards("fault", "olga", "mute", "87", 1)
    op = w.sign_send([cred], pin="sec-pin8")
    w.cards.wait_light("olga", "mute")
    (watcher,) = [p for p in w.children() if p == min(w.children())]
    (worker,) = [p for p in w.children() if p != watcher]
    for pid in (w.agent.process.pid, watcher, worker):
        check(not keys.memory_has(pid, b"sec-pin7"), "an old PIN is in no memory")
    check(keys.memory_has(worker, b"sec-pin8"), "the PIN in use is where it is used")
    check(not keys.memory_has(watcher, b"sec-pin8"), "and not with whoever only watches")
    w.kiosk.until("done", w.kiosk.send("cancel"))
    w.done(op)
    for pid in (w.agent.process.pid, *w.children()):
        check(not keys.memory_has(pid, b"sec-pin8"), "nor anywhere afterwards")


def kiosk_leaves(w):
    w.issue("olga", "p256", "touch=always")
    w.cards("touch-auto", "olga", "on")
    w.insert()
    cred = unb64(w.enrol()["credential"])
    w.cards("touch-auto", "olga", "off")
    op = w.sign_send([cred])
    w.kiosk.until("touch", op)
    w.kiosk.close()
    softcards.wait_until("the operation ends", lambda: len(w.children()) == 1)
    w.cards("touch", "olga")
    w.kiosk = keys.Kiosk(w.agent.path)
    w.cards("touch-auto", "olga", "on")
    w.works(cred, "the next kiosk is served")


def many(w):
    """Memory, descriptors and processes stay where they are. With --count 10000 this is what docs/performance.md says."""
    cred = w.enrolled()
    for _ in range(20):
        w.works(cred, "warm")
    rss, fds, begin = w.agent.rss_kib(), w.agent.descriptors(), time.monotonic()
    count = args.count or (20 if args.sanitized == "1" else 60)
    for _ in range(count):
        w.works(cred, "again")
    spent = time.monotonic() - begin
    check(w.agent.descriptors() == fds, "descriptors")
    check(len(w.children()) == 1, "processes")
    grown = w.agent.rss_kib() - rss
    check(args.sanitized == "1" or grown <= 128, f"{grown} KiB more after {count} signatures")
    return f"{count} signatures in {spent:.1f} s, rss {rss} KiB {grown:+d}"


SCENARIOS = {every_algorithm: {}, imported_key: {}, other_slot: {}, excluded_and_wrong: {}, insertions: {}, wrong_pin: {},
             odd_pins: {}, nothing_to_sign: {}, touch: {}, cancel_while_blinking: {}, cancel_early: {}, mute: {}, slow: {}, lies: {},
             foreign_certificate: {}, foreign_key: {}, weak: {}, empty_card: {}, swapped_after_pin: {}, removed_while_working: {},
             removed_while_blinking: {}, two_readers: {}, key_and_card: {"rack": True}, ports: {"rack": True, "usb": True},
             sixteen_readers: {"readers": 16}, held_by_another: {}, service_killed: {}, service_hangs: {}, service_later: {"pcscd": False}, reader_vanishes: {},
             watcher_dies: {}, agent_dies: {}, caged: {}, says_nothing_secret: {}, kiosk_leaves: {}, many: {}}


def run(scenario, **made):
    begin = time.monotonic()
    w = World(**made)
    try:
        note = scenario(w)
        check(w.agent.alive(), f"the agent died: {w.agent.text()}")
        w.close()
    except Exception as problem:  # whatever it is, the next scenario gets a clean start
        where = traceback.extract_tb(problem.__traceback__)
        print(f"FAILED {scenario.__name__}: {problem!r}\n" + "".join(traceback.format_list(where)) + w.agent.text() +
              w.cards.pcscd_log()[-1500:], flush=True)
        w.agent.process.kill()
        w.cards.stop()
        if w.rack is not None:
            w.rack.process.kill()
        return False
    print(f"ok {scenario.__name__} {time.monotonic() - begin:.2f} s {note or ''}", flush=True)
    return True


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    parser.add_argument("--softkey", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--sanitized", default="0")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("only", nargs="*")
    args = parser.parse_args()
    keys.args = argparse.Namespace(**vars(args))
    keys.args.tool = str(pathlib.Path(args.build) / "tests" / "system" / "fido_tool")
    chosen = [s for s in SCENARIOS if not args.only or s.__name__ in args.only]
    failed = [s.__name__ for s in chosen if not run(s, **SCENARIOS[s])]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} passed" + (": failed " + " ".join(failed) if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
