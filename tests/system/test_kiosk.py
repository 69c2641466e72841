#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real kiosk on a terminal, over the real core and the real token agent with soft keys: what people do, and what goes wrong."""
import fcntl
import hashlib
import json
import pathlib
import re
import socket
import struct
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import box as boxes  # noqa: E402
import people  # noqa: E402
import visits  # noqa: E402

OFFICERS = ["odette", "olga", "omar"]
APPROVERS = {"tina": ["tech"], "tom": ["tech"]}
POLICY = {
    "change_types": ["normal"], "emergency": {
        "justification_min": 20,
        "kinds": [{"anchor": "incident", "change_types": ["normal"], "environments": ["production"], "id": "outage"}],
        "presence": {"ports": ["1-1", "1-2"], "switch": False, "tokens": 2, "window_s": 120},
        "review": {"due_s": 86400, "fields": ["impact"], "seats": [{"count": 1, "id": "board", "role": "officer", "self": False}]},
        "seats": [{"count": 1, "id": "operator", "role": "tech", "self": True, "voucher": False},
                  {"count": 1, "id": "endorse", "role": "officer", "self": False, "voucher": False}],
        "sign_by_s": 3600, "untrusted_clock": False, "use_by_s": 1800},
    "environments": ["production"], "name": "kiosk-test",
    "officers": {"sign_by_s": 86400, "threshold": 2}, "roles": ["officer", "tech"],
    "rules": [{"id": "production", "require": {
        "bind": ["artifacts"], "fields": ["title"], "reason": {"approve": 0, "reject": 15}, "seats": [{"count": 1, "id": "tech", "role": "tech"}],
        "separate": ["initiator"], "sign_by_s": 3600, "use_by_s": 3600}}],
    "v": 1, "version": 1}


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Front:
    """What the HTTP front is to the core: follows the log and hands requests in."""

    def __init__(self, box):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(box.run_dir / "http.sock"))
        self.socket.settimeout(20)
        self.entries = []
        self.answers = {}
        self.due = 0
        self.buffer = b""
        self.next = 0
        self.send({"cmd": "follow", "from": 0})

    def send(self, value):
        data = canonical(value)
        self.socket.sendall(struct.pack(">I", len(data)) + data)

    def frame(self):
        while True:
            if len(self.buffer) >= 4:
                n = struct.unpack(">I", self.buffer[:4])[0]
                if len(self.buffer) >= 4 + n:
                    data, self.buffer = self.buffer[4:4 + n], self.buffer[4 + n:]
                    return data
            data = self.socket.recv(65536)
            check(data, "the core ended our connection")
            self.buffer += data

    def take(self):
        data = json.loads(self.frame())
        if self.due > 0:
            self.entries.append(data)
            self.due -= 1
        elif "answer" in data:
            self.answers[data["answer"]] = data
        else:
            self.due = data["batch"]["count"]

    def request(self, title, artifact=b"one", revises=None, key=None, environment="production"):
        """Hands in a deploy request; its index."""
        self.next += 1
        body = {"artifacts": [{"name": "payments-api", "sha256": hashlib.sha256(artifact).hexdigest()}], "change_type": "normal",
                "documentation": {"backout_plan": "Deploy the version before."}, "environment": environment,
                "initiator": "gitlab:7", "service": "payments", "title": title}
        if revises is not None:
            body["revises"] = revises
        return self.done({"body": json.dumps(body), "cmd": "request", "key": key or f"key-{self.next}"})

    def done(self, command):
        """Sends a command of the client, which is done; its index."""
        self.send({**command, "client": "ci", "id": self.next, "ip": "127.0.0.1"})
        while self.next not in self.answers:
            self.take()
        answer = self.answers[self.next]
        check(answer["code"] == "ok", f"{command['cmd']} refused: {answer}")
        return answer["index"]

    def deployed(self, request, artifact=b"one"):
        """What was approved is used, and succeeds."""
        artifacts = [{"name": "payments-api", "sha256": hashlib.sha256(artifact).hexdigest()}]
        self.next += 1
        self.done({"cmd": "redeem", "presented": {"artifacts": artifacts}, "request": request})
        self.next += 1
        at = "2026-01-05T09:00:00.000Z"
        self.done({"cmd": "outcome", "finished": at, "incident": "", "request": request, "result": "succeeded", "started": at})

    def decisions(self, request):
        """(person, word, reason, statement text) of every decision about this request that is in the log by now."""
        self.next += 1
        self.send({"actor": "client:ci", "cmd": "access", "code": "no_scope", "count": 1, "id": self.next, "ip": "127.0.0.1"})
        while self.next not in self.answers or self.due > 0:
            self.take()  # entries stand before the answer
        found = []
        for e in self.entries:
            if e["type"] == "decision":
                s = json.loads(e["body"]["statement"])
                if s["request"]["index"] == request:
                    found.append((s["person"], s["decision"], s["reason"], e["body"]["statement"]))
        return found

    def codes(self):
        return [e["body"]["code"] for e in self.entries if e["type"] == "access"]


class Bench:
    def __init__(self, build, directory):
        self.box = boxes.Box(build, directory)
        self.kiosk = None
        self.front = None

    def start(self):
        box = self.box
        policy = box.dir / "policy.json"
        policy.write_bytes(canonical(POLICY))
        changes = box.dir / "changes.json"
        changes.write_bytes(canonical([{"op": "put_person", "person": {"accounts": [], "id": n, "roles": r}} for n, r in APPROVERS.items()]))
        box.start_tokens()
        box.init(OFFICERS, policy, changes=changes)
        box.start_core()
        self.kiosk = people.Kiosk(box)

    def begun(self):
        self.front = Front(self.box)

    def read(self, title):
        """From the list to the end of the pages of this request."""
        self.kiosk.open_request(title)
        return self.kiosk.read_all()

    def to_pin(self, person, title, reason=""):
        """From the list to the PIN of the signing page."""
        k = self.kiosk
        k.remove()
        self.read(title)
        k.send("a")
        k.wait_for("Insert your key")
        k.insert(person)
        k.wait_for("Your reason")
        if reason:
            k.send(text=reason)
        k.send("enter")
        k.look()

    def back_to_list(self):
        k = self.kiosk
        k.remove()
        for _ in range(4):
            k.pump(0.2)
            if "wait for a decision" in k.screen.text() or "waits for a decision" in k.screen.text():
                return
            k.send("esc")
            k.pump(0.2)
        k.wait_for("waits? for a decision")

    def stop(self):
        if self.kiosk is not None:
            self.kiosk.close()
        self.box.stop()


# ---- the tests, in the order in which a box is used


def ceremony(b):
    """People read the proposal, enrol keys, officers sign, and the log begins."""
    shown = b.kiosk.ceremony(OFFICERS + sorted(APPROVERS), ["olga", "omar"])
    for text in ("approval.example/log1", "Add person olga", "Add person tom", "Pipeline ci", "Rule production", "1 x tech must sign"):
        check(text in shown, f"the ceremony never showed {text!r}")
    b.begun()
    b.front.request("first")
    check(b.front.entries[0]["type"] == "genesis", "the log does not start with a genesis")
    signed = {s["person"] for s in b.front.entries[0]["body"]["signatures"]}
    check(signed == {"olga", "omar"}, f"signed by {signed}")
    b.kiosk.wait_for("1 request waits for a decision")


def approve(b):
    """One approval; the receipt's digest is that of the statement in the log."""
    request = b.front.request("Release 4.18.2")
    shown = b.kiosk.decide("tom", "Release 4.18.2", reason="graphs are quiet", leave=False)
    for text in ("payments-api", "production", "Deploy the version before.", "gitlab:7"):
        check(text in shown, f"the pages never showed {text!r}")
    receipt = re.sub(r"[^0-9a-z\n]", "", b.kiosk.screen.text().split("Statement you signed")[1].split("Log size")[0].replace(" ", ""))
    decisions = b.front.decisions(request)
    check([d[:3] for d in decisions] == [("tom", "approve", "graphs are quiet")], f"decisions: {decisions}")
    digest = hashlib.sha256(decisions[0][3].encode()).hexdigest()
    check(digest in receipt.replace("\n", ""), f"the receipt does not show {digest}:\n{b.kiosk.screen.text()}")
    b.kiosk.leave()
    check("Release 4.18.2" not in b.kiosk.screen.text(), "it still waits")


def reject(b):
    """A rejection needs a reason; too short a one is not taken."""
    request = b.front.request("Release 4.18.3")
    k = b.kiosk
    k.open_request("Release 4.18.3")
    k.send("r")  # reject needs no reading
    k.wait_for("Insert your key")
    k.insert("tina")
    k.wait_for("Your reason")
    k.send(text="no")
    k.send("enter")
    k.wait_for("Say why, in at least 15 characters")
    k.send(text=", the canary failed")
    k.send("enter")
    k.pin_and_touch()
    k.wait_for("Rejected and recorded")
    check([d[:3] for d in b.front.decisions(request)] == [("tina", "reject", "no, the canary failed")], "not what was typed")
    k.leave()


def unread(b):
    """Approve stays locked until every page was shown."""
    b.front.request("Unread")
    k = b.kiosk
    k.open_request("Unread")
    k.send("f12")
    k.wait_for("Read every page first")
    b.back_to_list()


def unknown_key(b):
    """A key that nobody enrolled."""
    k = b.kiosk
    b.read("Unread")
    k.send("a")
    k.wait_for("Insert your key")
    k.insert("stranger")
    k.wait_for("This key is not known here. Nothing was signed.")
    b.back_to_list()
    b.front.decisions(0)
    check("not_enrolled" in b.front.codes(), "the log does not know of the strange key")


def no_role(b):
    """An officer has no seat here."""
    k = b.kiosk
    b.read("Unread")
    k.send("a")
    k.wait_for("Insert your key")
    k.insert("olga")
    k.wait_for("none of your roles is needed")
    b.back_to_list()


def two_keys(b):
    """Two people at one kiosk: the one who may sign is used; of two who may, one is chosen, and only that key blinks and counts."""
    k = b.kiosk
    request = b.front.request("Two keys")
    k.insert("olga")
    k.wait_for("Your key is in")
    b.box.key("insert", "tom", "1-7")
    k.wait_for("Keys and cards in")
    k.wait_for(r"tom, soft key|tom, key")
    b.read("Two keys")
    k.send("a")
    k.wait_for(r"Person +tom")  # olga has no seat here
    k.send("esc")
    k.remove()
    k.insert("tina")
    k.wait_for(r"│ tina, ")
    k.send("a")
    k.wait_for("Who decides")
    row = next(line for line in k.screen.lines() if re.search(r"│ +\d +tina", line))
    k.send(re.search(r"\d", row).group(0))
    k.wait_for(r"Person +tina")
    k.send("enter")
    k.look()
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    check("blinking" not in b.box.key("status", "tom"), "the other key blinks")
    b.box.key("remove", "tom")  # which changes nothing
    k.touch()
    k.wait_for("Approved and recorded")
    check([d[0] for d in b.front.decisions(request)] == ["tina"], "not tina's decision")
    k.leave()


def two_touch(b):
    """Of two who may sign, the one whose key is touched: it is the one, and the other light goes out."""
    k = b.kiosk
    request = b.front.request("Two touch")
    k.remove()
    k.insert("tom")
    b.box.key("insert", "tina", "1-7")
    b.box.key("pin", "tina", people.PIN)
    k.wait_for(r"│ tina, ")
    b.read("Two touch")
    k.send("a")
    k.wait_for("Touch your key", timeout=15)
    b.box.key("touch", "tina")
    k.wait_for(r"Person +tina")
    k.send("enter")
    k.look()
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    check("blinking" not in b.box.key("status", "tom"), "the other key blinks")
    b.box.key("touch", "tina")
    k.wait_for("Approved and recorded")
    check([d[0] for d in b.front.decisions(request)] == ["tina"], "not tina's decision")
    b.box.key("remove", "tina")
    k.remove()
    b.back_to_list()


def pulled(b):
    """The key goes out while it blinks: nothing is signed, and nothing comes after."""
    k = b.kiosk
    request = b.front.request("Pulled")
    b.to_pin("tom", "Pulled")
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    k.remove()
    k.wait_for("The key was taken out. Nothing was signed.")
    b.back_to_list()
    check(b.front.decisions(request) == [], "a decision came from a pulled key")


def swapped(b):
    """Another key takes the place of the one that was known."""
    k = b.kiosk
    b.to_pin("tom", "Pulled")
    k.remove()
    k.wait_for("The key was taken out. Nothing was signed.")
    k.insert("tina")
    k.wait_for(r"│ tina")
    k.send("a")
    k.wait_for(r"Person +tina")
    b.back_to_list()


def wrong_pin(b):
    """Three wrong PINs: two tries are told, then the key wants to be taken out."""
    k = b.kiosk
    b.to_pin("tom", "Pulled")
    for n in range(3):
        k.send(text="999999")
        k.send("enter")
        k.wait_for("That PIN was wrong" if n < 2 else "Too many wrong PINs in a row")
        if n < 2:
            k.look()
    check("waits for a decision" in k.screen.text() or "wait for a decision" in k.screen.text(), "three tries did not end the visit")
    k.remove()
    k.insert("tom")  # plugged in again, with all its tries
    k.wait_for("Your key is in")
    b.back_to_list()
    b.front.decisions(0)
    check("pin_wrong" in b.front.codes(), "the log does not know of the wrong PIN")


def hidden(b):
    """A title that turns text around is shown as what it is, and can only be rejected."""
    b.front.request("Deploy \u202Egnp.exe")
    k = b.kiosk
    k.wait_for(r"Deploy ⟦U\+202E⟧gnp")
    k.open_request("Deploy ⟦U+202E⟧gnp")
    k.wait_for("This text hides something")
    k.send("f12")
    k.wait_for("You can only reject it.")
    b.back_to_list()


def superseded(b):
    """A new revision comes while the old one is read, and again while it is signed."""
    first = b.front.request("Portal 12.3", artifact=b"a")
    k = b.kiosk
    b.read("Portal 12.3")
    second = b.front.request("Portal 12.4", artifact=b"b", revises=first)
    k.wait_for("This request changed while you were reading. Nothing was signed.")
    shown = k.screen.text()
    check("Portal 12.3" in shown and "Portal 12.4" in shown, f"before and now are not shown:\n{shown}")
    k.send("enter")
    k.wait_for(r"Request \d+, revision 2")
    k.read_all()
    k.send("a")
    k.wait_for("Insert your key")
    k.insert("tom")
    k.wait_for("Your reason")
    k.send("enter")
    k.look()
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    third = b.front.request("Portal 12.5", artifact=b"c", revises=second)
    k.wait_for("This request changed")
    b.back_to_list()
    check(b.front.decisions(second) == [] and b.front.decisions(third) == [], "an old revision was signed")


def resized(b):
    """Too small a window says so; a larger one is used."""
    k = b.kiosk
    for rows, columns, text in ((20, 80, "This window is too small"), (40, 132, "waits? for a decision"), (24, 80, "waits? for a decision")):
        k.screen.__init__(rows, columns)
        fcntl.ioctl(k.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        k.wait_for(text)


def enrolled(b):
    """A new person: proposed at the kiosk, signed by two officers like anything else, and then deciding."""
    k = b.kiosk
    shown = k.enrol({"nora": ["tech"]}, "nora joins the technical desk", signers=["olga"])
    shown += k.decide("omar", "Change the roster")
    check(shown.count("Add person nora") == 2 and shown.count("New key for nora") == 2, "the change is not shown in words, twice")
    k.enrol({"nils": ["tech"]}, "nils joins the technical desk", signers=["olga", "omar"])
    check("Change the roster" not in k.screen.text(), "it still waits, though two officers signed in one visit")
    request = b.front.request("Nora's first")
    k.decide("nora", "Nora's first")
    check([d[0] for d in b.front.decisions(request)] == ["nora"], "nora could not decide")


def glass(b):
    """Two people break the glass: asked, signed and granted in one visit; not with one key, and not from another port."""
    k = b.kiosk
    request = b.front.request("Hotfix")
    k.remove()
    k.emergency("tom", "outage", "Hotfix", "INC0098123", "Nobody can approve anything since 14:05.")
    shown = k.read_all()
    for text in ("EMERGENCY: outage", "This skips", "1 x tech for production/tech", "This still holds", "INC0098123"):
        check(text in shown, f"the pages never showed {text!r}")
    k.sign("tom")
    k.wait_for("Nothing is granted yet")
    k.remove()
    k.wait_for("Second person")
    k.read_all()
    k.insert("tom")
    k.wait_for("Your key is in")
    k.send("a")
    k.wait_for("You already signed this request")
    k.remove()
    k.insert("olga", port="1-9")
    k.wait_for("│ olga")
    k.send("a")
    k.wait_for("must be in one of this appliance's own ports")
    k.remove()
    k.wait_for("Your key is in", gone=True)
    k.sign("olga", port="1-2")
    k.wait_for("may deploy this once")
    k.leave()
    k.wait_for("Reviews are owed")
    b.front.decisions(request)
    check("emergency" in [e["type"] for e in b.front.entries], "nothing was granted")
    check("port" in b.front.codes(), "the log does not know of the key in another port")
    b.front.deployed(request)  # what is not used yet has nothing to review


def review(b):
    """The review that is owed is written, read and signed at the kiosk; then nothing is owed."""
    k = b.kiosk
    k.remove()
    k.review("tina", "payments", {"impact": "Approvals stood still for ten minutes."}, ["omar"])
    k.wait_for("Reviews are owed", gone=True)
    b.front.decisions(0)
    check("review" in [e["type"] for e in b.front.entries], "the review does not stand in the log")
    b.back_to_list()


def late_touch(b):
    """Nobody touches for thirty seconds; a touch afterwards does not count."""
    k = b.kiosk
    request = b.front.request("Late")
    b.to_pin("tom", "Late")
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    k.wait_for("No touch in 30 seconds. Nothing was signed.", timeout=50)
    try:
        b.box.key("touch", "tom")
    except boxes.Failed:
        pass  # it does not even ask any more
    time.sleep(1)
    b.back_to_list()
    check(b.front.decisions(request) == [], "a late touch counted")


def core_gone(b):
    """No core, no decisions; when it is back, so is the list."""
    k = b.kiosk
    b.front.request("Core gone")
    b.read("Core gone")
    b.box.end("countersignd")
    k.wait_for("Out of service", timeout=30)
    k.wait_for("The approval service does not answer")
    b.box.start_core()
    k.wait_for("waits? for a decision", timeout=40)


def ended(b):
    """The terminal is given back as it was, and nothing but what we know of was ever sent to it."""
    k = b.kiosk
    check(k.screen.strange == [], f"strange bytes on the terminal: {k.screen.strange[:4]}")
    check(people.PIN.encode() not in k.raw, "a PIN was on the screen")
    status = k.close()
    b.kiosk = None
    check(status == 0, f"the kiosk ended with {status}")
    check(k.raw.rstrip().endswith(b"\x1b[?1049l"), "the terminal was not given back")


TESTS = [ceremony, approve, reject, unread, unknown_key, no_role, two_keys, two_touch, pulled, swapped, wrong_pin, hidden, superseded, resized,
         enrolled, glass, review, late_touch, core_gone, ended]


if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS))
