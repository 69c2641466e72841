#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Break-glass at the real kiosk, over the real core, the real token agent and a real pcscd, by people of whom some have keys and some cards
(requirements D2, D4, 6.3). The card readers say where on the USB they are, as real ones do, and the agent finds their ports in /sys by
itself; the readers, their places and what is in them are the tests' (tests/softcard/README.md)."""
import base64
import copy
import json
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/system")]
import box as boxes  # noqa: E402
import cards as softcards  # noqa: E402
import people  # noqa: E402
import test_kiosk as kiosks  # noqa: E402
import visits  # noqa: E402

check = kiosks.check
OFFICERS = ["odette", "olga", "omar"]
APPROVERS = {"bea": ["business"], "carl": ["tech"], "tina": ["tech"], "tom": ["tech"]}
HOLDERS = {"bea": False, "carl": False, "toms-card": False}  # no card of these wants a touch
INSIDE, OUTSIDE = "1-3", "3-1"  # the ports of the two card readers; the policy names the first
READERS = {INSIDE: 0, OUTSIDE: 1}
WINDOW_S = 90
LIFE_S = 150  # of a voucher
PORT = "must be in one of this appliance's own ports"
WHY = "Nobody can approve anything since 14:05."

POLICY = copy.deepcopy(kiosks.POLICY)
POLICY["roles"] = ["business", "officer", "tech"]
POLICY["emergency"].update({
    "presence": {"ports": ["1-1", "1-2", INSIDE], "switch": False, "tokens": 2, "window_s": WINDOW_S},
    "seats": [{"count": 1, "id": "operator", "role": "tech", "self": True, "voucher": False},
              {"count": 1, "id": "endorse", "role": "business", "self": False, "voucher": True}],
    "voucher_life_s": LIFE_S})


class Bench(kiosks.Bench):
    def __init__(self, build, directory):
        super().__init__(build, directory)
        self.cards = softcards.Cards(build, pathlib.Path(directory) / "pcsc", usb=True)

    def start(self):
        box, c = self.box, self.cards
        for name in HOLDERS:
            c("issue", name, "9c", "p256", "pin=always")
            c("pin", name, people.PIN)
        policy, changes = box.dir / "policy.json", box.dir / "changes.json"
        policy.write_bytes(kiosks.canonical(POLICY))
        roots = [base64.urlsafe_b64encode(root.read_bytes()).decode().rstrip("=") for root in (c.attestation_root, c.people_root)]
        changes.write_bytes(kiosks.canonical(
            [{"op": "put_issuer", "issuer": {"attestation_roots": roots[:1], "id": "soft", "name": "Soft cards", "roots": roots[1:]}}]
            + [{"op": "put_person", "person": {"accounts": [], "id": n, "roles": r}} for n, r in APPROVERS.items()]))
        box.start_tokens(env=c.env())
        for port, reader in READERS.items():
            box.key("reader", reader, port)
        box.init(OFFICERS, policy, changes=changes)
        box.start_core()
        self.kiosk = people.CardKiosk(box, c, HOLDERS, ports=READERS)

    def asked(self, name, title, voucher=None):
        """An emergency that `name` asks for about a request of its own, read; (the request, the emergency)."""
        request = self.front.request(title)
        self.kiosk.wait_for(re.escape(title))
        self.kiosk.emergency(name, "outage", title, "INC0098123", WHY, voucher=voucher)
        emergency = int(re.search(r"Request (\d+), revision", self.kiosk.screen.text()).group(1))
        self.kiosk.read_all()
        return request, emergency

    def signed_first(self, name, title, port="1-1", voucher=None):
        """That, and signed by `name`: the pages are there for the second person, and read."""
        found = self.asked(name, title, voucher)
        self.kiosk.sign(name, port=port)
        self.kiosk.wait_for("Nothing is granted yet")
        self.kiosk.remove()
        self.kiosk.wait_for("Second person")
        self.kiosk.read_all()
        return found

    def refused(self, name, port, words, token=None):
        """`name`, from this port, is told why not before anything is asked of the card or key."""
        k = self.kiosk
        k.insert(token or name, port)
        k.wait_for(rf"│ {name}\b")
        k.send("a")
        k.wait_for(words)
        k.remove()
        k.wait_for("Your (key|card) is in", gone=True)

    def open_emergency(self, title):
        """From the list, on which its deployment has the same title."""
        self.kiosk.wait_for("EMERGENCY")
        lines = self.kiosk.screen.lines()
        at = next(i for i, line in enumerate(lines[:-1]) if title in line and "EMERGENCY" in lines[i + 1])
        self.kiosk.send(re.match(r"^│[ *]{1,2}(\d) ", lines[at]).group(1))
        self.kiosk.wait_for("people, here, now")
        self.kiosk.read_all()

    def to_pin_of_second(self, name, port):
        k = self.kiosk
        k.send("a")
        k.wait_for("Insert your key or card")
        k.insert(name, port)
        k.wait_for("Your reason", timeout=15)
        k.send("enter")
        k.wait_for(people.ASKED, timeout=15)
        k.look()

    def grants(self, emergency):
        """The emergency entries of this emergency."""
        self.front.decisions(0)
        return [e for e in self.front.entries if e["type"] == "emergency" and e["body"]["request"] == emergency]

    def ports(self, request):
        """Where each counted signature about it came from."""
        self.front.decisions(0)
        return [e["origin"].get("port") for e in self.front.entries
                if e["type"] == "decision" and json.loads(e["body"]["statement"])["request"]["index"] == request]

    def expired(self, request, until):
        """Waits for the log to say that it has run out."""
        while not any(e["type"] == "expire" and e["body"]["request"] == request for e in self.front.entries):
            check(time.monotonic() < until, f"{request} never ran out")
            self.kiosk.pump(0.5)
            self.front.decisions(0)

    def leave_open(self):
        """To the list; what was not granted is taken out of the way."""
        self.kiosk.remove()
        for _ in range(8):
            self.kiosk.pump(0.3)
            if "Or press a number" in self.kiosk.screen.text():
                return
            self.kiosk.send("esc")
        self.kiosk.wait_for("Or press a number")

    def stop(self):
        super().stop()
        self.cards.stop()


# ---- the tests, in the order in which a box is used


def ceremony(b):
    b.kiosk.ceremony(OFFICERS + sorted(APPROVERS), ["olga", "omar"])
    b.begun()


def second_token(b):
    """tom gets a card beside his key, by a change that two officers sign."""
    k = b.kiosk
    k.send("e")
    k.wait_for("Nothing is in force yet")
    k.add_person("tom", [], token="toms-card")
    k.wait_for("Take the (key|card) out", timeout=20)
    k.remove()
    k.wait_for("Nothing is in force yet", timeout=20)
    shown = k.propose("tom may have to sign with a card", signers=["olga", "omar"])
    check(shown.count("New card for tom") == 2, f"an officer was not shown what they signed:\n{shown}")


def key_and_card(b):
    """One with a key and one with a card break the glass; not with the card in a reader elsewhere."""
    request, emergency = b.signed_first("tina", "Key and card")
    b.refused("bea", OUTSIDE, PORT)
    b.kiosk.sign("bea", port=INSIDE)
    b.kiosk.wait_for("may deploy this once")
    b.kiosk.leave()
    check(b.ports(emergency) == ["1-1", INSIDE], f"signed at {b.ports(emergency)}")
    check(len(b.grants(emergency)) == 1, "nothing was granted")
    check("port" in b.front.codes(), "the log does not know of the card in the other reader")
    b.front.deployed(request)


def two_cards(b):
    """Two cards, one after the other in one reader, are in one port: that is not two people side by side. In two ports they are."""
    _, emergency = b.signed_first("carl", "Two cards", port=INSIDE)
    k = b.kiosk
    b.to_pin_of_second("bea", INSIDE)
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for(PORT, timeout=30)
    b.front.decisions(0)
    check("presence_port" in b.front.codes(), "the core took two signatures from one port")
    check(b.ports(emergency) == [INSIDE], f"signed at {b.ports(emergency)}")
    k.remove()
    b.box.key("reader", READERS[OUTSIDE], "1-2")  # a second reader of the appliance's own
    k.ports = {INSIDE: 0, "1-2": 1}
    try:
        k.read_all()
        k.sign("bea", port="1-2")
        k.wait_for("may deploy this once")
        k.leave()
    finally:
        b.box.key("reader", READERS[OUTSIDE], OUTSIDE)
        k.ports = READERS
    check(b.ports(emergency) == [INSIDE, "1-2"], f"signed at {b.ports(emergency)}")


def moved(b):
    """The reader goes to another port between the look at the card and its signature: what counts is where it signed, and the core refuses
    that. Back in its place the same card signs."""
    _, emergency = b.signed_first("tina", "Moved")
    k = b.kiosk
    b.to_pin_of_second("bea", INSIDE)
    b.box.key("reader", READERS[INSIDE], "3-2")
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for(PORT, timeout=30)
    b.box.key("reader", READERS[INSIDE], INSIDE)
    check(b.ports(emergency) == ["1-1"] and b.grants(emergency) == [], "a signature from another port counted")
    k.remove()
    k.read_all()
    k.sign("bea", port=INSIDE)
    k.wait_for("may deploy this once")
    k.leave()
    check(len(b.grants(emergency)) == 1, "nothing was granted")


def one_person(b):
    """One person with a key and a card is one person, and one signature alone grants nothing."""
    request, emergency = b.signed_first("tom", "One person")
    b.refused("tom", INSIDE, "You already signed this request", token="toms-card")
    check(b.grants(emergency) == [], "one person was enough")
    b.front.next += 1
    b.front.send({"client": "ci", "cmd": "redeem", "id": b.front.next, "ip": "127.0.0.1", "presented": {"artifacts": []}, "request": request})
    while b.front.next not in b.front.answers:
        b.front.take()
    check(b.front.answers[b.front.next]["code"] == "not_approved", f"it was used: {b.front.answers[b.front.next]}")
    b.leave_open()


def taken_back(b):
    """Whoever asked takes an emergency back, signed or not, and a voucher that they gave; nobody else does. The log says who and why."""
    k = b.kiosk
    _, emergency = b.asked("tina", "By mistake")
    k.sign("tina")
    k.remove()
    k.wait_for("Second person")
    k.insert("bea", INSIDE)
    k.wait_for(r"bea\b")
    k.send("w")
    k.wait_for("tina asked for this. Only with that key or card in")
    k.remove()
    k.insert("tina")
    k.take_back("I named the wrong deployment.")
    k.remove()
    voucher = k.voucher("bea", "outage", "production", "On a plane until noon.")
    k.insert("bea")
    k.wait_for("is in")
    k.send("v")
    k.wait_for("Which voucher")
    k.choose(f"Voucher {voucher}")
    k.wait_for("Time left to use it")
    k.take_back("I am back before noon.")
    k.remove()
    b.front.decisions(0)
    said = {e["body"]["request"]: (e["actor"], e["body"]["reason"]) for e in b.front.entries if e["type"] == "withdraw"}
    check(said == {emergency: ("system:kiosk", "tina: I named the wrong deployment."), voucher: ("system:kiosk", "bea: I am back before noon.")},
          f"the log says {said}")
    check(b.grants(emergency) == [], "it was granted all the same")


def by_voucher(b):
    """A voucher that was given with a card stands in for the second person: once, and beside a signature of somebody who is here."""
    k = b.kiosk
    voucher = k.voucher("bea", "outage", "production", "On a plane until noon.")
    request, emergency = b.asked("tina", "By voucher", voucher=voucher)
    k.sign("tina")
    k.wait_for("may deploy this once")
    k.leave()
    grants = b.grants(emergency)
    check(len(grants) == 1 and grants[0]["body"].get("voucher") == voucher, f"granted: {grants}")
    b.front.deployed(request)
    _, second = b.asked("tina", "Not by the same voucher")  # no voucher is asked about: there is none
    check(b.grants(second) == [], "it was granted without anybody")
    k.insert("tina")
    k.take_back("Only to see whether the voucher is offered twice.")


def too_late(b):
    """A first signature from before the window does not count when the second comes, and is given once more. A voucher that has run out is
    none, neither to choose nor in an emergency that names it already."""
    k = b.kiosk
    voucher = k.voucher("bea", "outage", "production", "On a plane until noon.")
    given = time.monotonic()
    _, named = b.asked("carl", "Names the voucher", voucher=voucher)
    b.leave_open()
    _, emergency = b.signed_first("tina", "Too late", voucher=0)
    k.wait_for("too old", timeout=WINDOW_S + 30)
    k.read_all()
    k.sign("bea", port=INSIDE)
    k.wait_for("Nothing is granted yet")
    check(b.grants(emergency) == [], "a stale signature counted")
    k.remove()
    k.read_all()
    k.sign("tina")
    k.wait_for("may deploy this once")
    k.leave()
    check(len(b.grants(emergency)) == 1, "nothing was granted")
    b.expired(voucher, given + LIFE_S + 60)
    b.open_emergency("Names the voucher")
    k.send("a")
    k.wait_for("Insert your key or card")
    k.insert("carl", INSIDE)
    k.wait_for("The voucher has run out", timeout=20)
    check(b.grants(named) == [], "a voucher that has run out was enough")


def audited(b):
    """The whole log verifies, from the genesis on; no PIN was shown."""
    k, box = b.kiosk, b.box
    b.leave_open()
    check(k.screen.strange == [], f"strange bytes on the terminal: {k.screen.strange[:4]}")
    check(people.PIN.encode() not in k.raw, "a PIN was on the screen")
    box.start_http()
    trust, out = box.dir / "trust.json", box.dir / "export"
    trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--run", box.run_dir, "--trust"]))
    box.cli("export", "--out", out, "--trust", trust, auditor=True)
    boxes.run([box.bin / "countersign-audit", "verify", out, "--trust", trust])


TESTS = [ceremony, second_token, key_and_card, two_cards, moved, one_person, taken_back, by_voucher, too_late, audited]


if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS, needed=2, back="leave_open"))
