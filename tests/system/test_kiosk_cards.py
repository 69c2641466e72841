#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PIV cards at the real kiosk, over the real core, the real token agent and a real pcscd with soft cards (requirement D2): cards are
enrolled, officers and approvers sign with them, and the receipts verify. Then what people do wrong."""
import base64
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import cards as softcards  # noqa: E402
import people  # noqa: E402
import visits  # noqa: E402

OFFICERS = ["odette", "olga", "omar"]
# name: slot, algorithm, options. odette is an officer with a card; the others are approvers; lena's signs
# again without its PIN, once it had it; cleo's attests nothing
CARDS = {"odette": ("9c", "p384"), "carl": ("9c", "p256", "pin=always"), "rita": ("9c", "rsa2048", "touch=always"),
         "lena": ("9a", "p256"), "cleo": ("9c", "p256", "pin=always", "imported", "cert=soon")}
PEOPLE = {"bea": ["business"], "carl": ["tech"], "rita": ["tech"]}  # from the start
HOLDERS = {"odette": False, "carl": False, "rita": True, "lena": False, "cleo": False}
WRONG = "999999"


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Bench:
    def __init__(self, build, directory):
        self.cards = softcards.Cards(build, directory / "pcsc")
        self.box = boxes.Box(build, directory / "box")
        self.artifact = f"countersignd={self.box.bin / 'countersignd'}"
        self.kiosk = None

    def start(self):
        c, box = self.cards, self.box
        for name, card in CARDS.items():
            c("issue", name, *card)
            c("pin", name, people.PIN)
        issuer = {"attestation_roots": [b64(c.attestation_root)], "id": "soft", "name": "Soft cards", "roots": [b64(c.people_root)]}
        changes = box.dir / "people.json"
        changes.write_text(json.dumps([{"op": "put_issuer", "issuer": issuer}] + [
            {"op": "put_person", "person": {"accounts": [], "id": name, "roles": roles}} for name, roles in PEOPLE.items()]))
        box.start_tokens(env=c.env())
        box.init(OFFICERS, ROOT / "docs/examples/policy-two-people.json", changes=changes)
        box.start_core()
        self.kiosk = people.CardKiosk(box, c, HOLDERS)

    def submit(self, title, environment="staging"):
        """One that one person of role tech decides; for production somebody of role business does, too."""
        made = self.box.submit("--from-git", "--repo", ROOT, "--artifact", self.artifact, "--environment", environment, "--service", "cards",
                               "--title", title, "--initiator", "ci:cards", "--doc", "backout_plan=The one before.", "--doc",
                               "affected_systems=None.", "--doc", "customer_impact=None.")
        return str(made["id"])

    def receipt(self, request):
        """Redeemed by the pipeline, verified by the auditor; the statement's signatures."""
        box, out = self.box, self.box.dir / f"receipt-{request}.json"
        trust = box.dir / "trust.json"
        trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--run", box.run_dir, "--trust"]))
        box.cli("redeem", request, "--artifact", self.artifact, "--environment", "staging", "--service", "cards", "--trust", trust, "--out", out)
        told = boxes.run([box.bin / "countersign-audit", "verify", out, "--trust", trust])
        return out, trust, told

    def to_pin(self, name, title):
        """From the list to the PIN, every page read."""
        k = self.kiosk
        k.remove()
        k.open_request(title)
        k.read_all()
        k.send("a")
        k.wait_for("Insert your key or card")
        k.insert(name)
        k.wait_for("Your reason", timeout=15)
        k.send("enter")
        k.wait_for("Enter your card's PIN", timeout=15)
        k.look()

    def deciders(self, request):
        """Who has decided about it, as the pipeline is told."""
        return [d["person"] for d in json.loads(self.box.cli("status", request, "--json", ok=range(256))[1])["decisions"]]

    def undecided(self, request, title):
        """Back at the list, where it still waits, and nobody has decided."""
        self.back_to_list()
        self.kiosk.wait_for(re.escape(title))
        check(self.deciders(request) == [], f"decided by {self.deciders(request)}")

    def back_to_list(self):
        k = self.kiosk
        k.remove()
        for _ in range(4):
            k.pump(0.3)
            if re.search("Or press a number", k.screen.text()):
                return
            k.send("esc")
        k.wait_for("Or press a number", timeout=20)

    def stop(self):
        if self.kiosk is not None:
            self.kiosk.close()
        self.box.stop()
        self.cards.stop()


def b64(path):
    """As the log writes bytes."""
    return base64.urlsafe_b64encode(path.read_bytes()).decode().rstrip("=")


# ---- the tests, in the order in which a box is used


def ceremony(b):
    """Cards are enrolled beside keys, and the log begins with an officer's key and an officer's card."""
    shown = b.kiosk.ceremony([*OFFICERS, *PEOPLE], ["odette", "olga"])
    check("Soft cards" in shown, "the ceremony never showed the issuer of cards")
    b.box.start_http()


def officers(b):
    """A new person is put in force by two officers, one with a key and one with a card."""
    shown = b.kiosk.enrol({"nora": ["tech"]}, "nora joins the technical desk", signers=["omar", "odette"])
    check(shown.count("New key for nora") == 2, f"an officer was not shown what they signed:\n{shown}")
    check(b.cards.status("odette")["signatures"] == 3, f"odette's card made {b.cards.status('odette')['signatures']} signatures")


def declared(b):
    """A new person whose card attests nothing, by a change of the roster: what it cannot say is asked, and the officers sign what was said.
    Then it decides."""
    shown = b.kiosk.enrol({"cleo": ["tech"]}, "cleo joins the technical desk", signers=["omar", "odette"])
    for text in ("Add person cleo", "New card for cleo", "declared by officers,"):
        check(shown.count(text) == 2, f"an officer was not shown {text!r}:\n{shown}")
    request = b.submit("With a declared card")
    b.kiosk.decide("cleo", "With a declared card")
    check(b.deciders(request) == ["cleo"], "the declared card did not count")


def renewed(b):
    """The same card comes again with the same certificate, and is refused; with a later one it is renewed, and decides."""
    k = b.kiosk

    def comes():
        k.send("e")
        k.wait_for("Nothing is in force yet")
        k.add_person("cleo", [])
        k.wait_for("ask for its PIN at every signature", timeout=30)
        k.remove()  # its questions need no card
        k.declare()
        k.wait_for("New .* the card of cleo|New card for cleo", timeout=20)

    comes()
    k.send("3")
    k.wait_for("Why this change")
    k.send(text="a card that is here already")
    k.send("enter")
    k.wait_for("This key is enrolled already. This does not count.", timeout=20)
    b.back_to_list()
    b.cards("renew", "cleo", "9c")
    comes()
    shown = k.propose("cleo has a new certificate", signers=["omar", "odette"])
    check(shown.count("New certificate for the card of cleo") == 2, f"an officer was not shown that it is a renewal:\n{shown}")
    request = b.submit("With a renewed card")
    k.decide("cleo", "With a renewed card")
    check(b.deciders(request) == ["cleo"], "the renewed card did not count")
    check(b.receipt(request)[2].count("cleo") > 0, "the auditor does not name cleo")


def lost(b):
    """A card is lost: two officers switch it off, and read what it decided that is not over. It decides nothing any more."""
    k, title = b.kiosk, "Before the card was lost"
    request = b.submit(title, "production")
    k.decide("cleo", title)
    shown = k.switch_off("cleo", "cleo left the card in a train", signers=["omar", "odette"])
    check(shown.count("Switch off a key of cleo") == 2, f"an officer was not shown what they signed:\n{shown}")
    check(f"look again at request {request}: it said approve" in shown, f"the open decision was not listed:\n{shown}")
    k.open_request(title)
    k.wait_for(r"\[ \] tech 0 of 1")
    k.read_all()
    k.send("a")
    k.wait_for("Insert your key or card")
    k.insert("cleo")
    k.wait_for("This card was switched off on .*Nothing was signed", timeout=20)
    b.back_to_list()
    k.insert("cleo")
    k.wait_for("This card was switched off on", timeout=20)
    k.remove()


def loose(b):
    """A card that would sign again without its PIN is not taken."""
    k = b.kiosk
    k.send("e")
    k.wait_for("Nothing is in force yet")
    k.add_person("lena", ["tech"])
    k.wait_for("A card that signs without its PIN proves nobody. It cannot be enrolled.")
    b.back_to_list()


def decided(b):
    """A card decides with its PIN alone, or with PIN and touch; each receipt verifies, and not with one byte changed."""
    for name, word in (("carl", "by PIN"), ("rita", "by PIN and touch")):
        title = f"Decided {word}"
        request = b.submit(title)
        before = b.cards.status(name)["signatures"]
        shown = b.kiosk.decide(name, title, reason="looks right")
        check("countersignd" in shown and "staging" in shown, "the pages never showed what is asked")
        check(b.cards.status(name)["signatures"] == before + 1, f"the card made {b.cards.status(name)['signatures'] - before} signatures")
        receipt, trust, told = b.receipt(request)
        check(name in told, f"the auditor does not name {name}:\n{told}")
        changed = receipt.with_suffix(".changed")
        data = bytearray(receipt.read_bytes())
        data[data.index(b"looks right")] ^= 1
        changed.write_bytes(data)
        try:
            boxes.run([b.box.bin / "countersign-audit", "verify", changed, "--trust", trust])
        except boxes.Failed:
            continue
        raise Failure("a receipt with one byte changed was accepted")


def wrong_pin(b):
    """The tries that are left are told as the card counts them, and the last one is never used up here."""
    k, title = b.kiosk, "Wrong PIN"
    request = b.submit(title)
    b.to_pin("carl", title)
    k.send(text=WRONG)
    k.send("enter")
    k.wait_for(r"That PIN was wrong. Nothing was signed. 2 tries left, then the card")
    k.look()
    k.send(text=WRONG)
    k.send("enter")
    k.wait_for(r"That PIN was wrong. Nothing was signed. 1 try left, then the card")
    k.look()
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Only one try is left, so the PIN was not sent. Nothing was signed.")
    check(b.cards.status("carl")["pin"].startswith("1/"), f"the card counts {b.cards.status('carl')['pin']}")
    b.undecided(request, title)
    b.cards("pin", "carl", people.PIN)
    k.decide("carl", title)
    check(b.deciders(request) == ["carl"], "the right PIN did not count afterwards")


def pulled(b):
    """The card goes out at the PIN, while it works and while it waits for a touch: nothing is signed, and nothing comes after."""
    k, title = b.kiosk, "Pulled"
    request = b.submit(title)
    b.to_pin("carl", title)
    k.remove()
    k.wait_for("The card was taken out. Nothing was signed.")
    b.undecided(request, title)
    b.to_pin("rita", title)
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your card now", timeout=30)
    k.remove()
    k.wait_for("The card was taken out. Nothing was signed.", timeout=30)
    b.undecided(request, title)
    b.cards("fault", "carl", "delay", "87", "*", "3000")
    b.to_pin("carl", title)
    k.send(text=people.PIN)
    k.send("enter")
    b.cards.wait_light("carl", "busy")
    k.remove()
    k.wait_for("The card was taken out. Nothing was signed.", timeout=30)
    b.cards("fault", "carl", "none")
    b.undecided(request, title)


def revealed(b):
    """Nothing but what we know of was sent to the terminal, and no PIN; the whole log verifies."""
    k, box = b.kiosk, b.box
    check(k.screen.strange == [], f"strange bytes on the terminal: {k.screen.strange[:4]}")
    check(people.PIN.encode() not in k.raw and WRONG.encode() not in k.raw, "a PIN was on the screen")
    for log in box.logs.iterdir():
        check(people.PIN not in log.read_text(errors="replace"), f"a PIN is in {log.name}")
    out = box.dir / "export"
    box.cli("export", "--out", out, "--trust", box.dir / "trust.json", auditor=True)
    boxes.run([box.bin / "countersign-audit", "verify", out, "--trust", box.dir / "trust.json"])
    bundles = b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file() and "entries" in p.parts)
    for code in (b"pin_wrong", b"removed", b"revoked"):
        check(b'"code":"' + code + b'"' in bundles, f"the log does not know of an attempt that was {code.decode()}")


TESTS = [ceremony, officers, declared, renewed, lost, loose, decided, wrong_pin, pulled, revealed]


if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS))
