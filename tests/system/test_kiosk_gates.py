#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands between a request and its approval, at the real kiosk over the real core (requirements 3.2, 3.4, 4.4, 4.5): an abstention, a
file that somebody waives a finding of, an incident that pauses what is being read until its end is signed, a rejection that another kiosk shows
the reason of."""
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/system")]
import people  # noqa: E402
import test_kiosk as kiosks  # noqa: E402
import test_kiosk_people as rig  # noqa: E402
import visits  # noqa: E402

check = kiosks.check
POLICY = """
version: 1
name: gates
officers: { threshold: 2 }
roles: [cab, commander, officer, owner, tech]
environments: { lab: {}, staging: {}, production: {} }
change_types: [normal]
freeze: { thaw_by: commander }
rules:
  - id: production
    when: { environment: production }
    require:
      bind: [artifacts]
      reason: { reject: { min: 15 } }
      seats: [ { id: tech, role: tech } ]
  - id: code
    when: { environment: lab }
    require:
      bind: [artifacts]
      evidence: [ { id: sast, kind: sarif, max: { high: 0 }, waivable_by: owner } ]
      seats: [ { id: tech, role: tech } ]
  - id: board
    when: { environment: staging }
    require:
      bind: [artifacts]
      seats: [ { id: cab, role: cab, quorum: majority } ]
"""
SCANNER = "scanner-token"
FINDINGS = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [
    {"ruleId": rule, "level": "error", "message": {"text": f"{rule} was found"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": f"src/{rule}.c"}, "region": {"startLine": 3}}}]} for rule in ("overrun", "format")]}]}


class Bench(rig.Bench):
    officers = ["olga", "omar", "otto"]
    approvers = {"tina": ["cab", "commander"], "tom": ["cab", "tech"], "wanda": ["cab", "owner"]}
    policy = POLICY
    more = [{"op": "put_client", "client": {"id": "scanner", "scopes": ["evidence:sarif", "read"], "tls": [],
                                            "tokens": [hashlib.sha256(SCANNER.encode()).hexdigest()]}}]

    def start(self):
        super().start()
        argv = self.box.kiosk_argv()  # a second kiosk, without a reader of keys
        argv[argv.index("kiosk-1")] = "kiosk-2"
        argv[argv.index("--token") + 1] = str(self.box.run_dir / "none.sock")
        self.other_argv = argv
        self.other = None

    def begun(self):
        super().begun()
        self.other = people.Kiosk(self.box, argv=self.other_argv)

    def stop(self):
        if self.other is not None:
            self.other.close()
        super().stop()


# ---- the tests, in the order in which a box is used


def ceremony(b):
    b.kiosk.ceremony(b.officers + sorted(b.approvers), ["olga", "omar"])
    b.begun()
    b.box.start_http()


def abstained(b):
    """One of three abstains, in words of its own; the other two are the majority."""
    k = b.kiosk
    request = b.front.request("Before the board", environment="staging")
    k.wait_for("Before the board")
    b.read("Before the board")
    k.wait_for(r"\[b\] Abstain +\[a\] Approve")  # none of the keys is cut off
    k.sign("wanda", "abstain")
    k.wait_for("Abstained and recorded")
    k.wait_for("It counts for nobody.")
    k.leave()
    k.decide("tom", "Before the board")
    k.decide("tina", "Before the board", leave=False)
    k.wait_for("Every signature is there")
    k.leave()
    said = [(d[0], d[1]) for d in b.front.decisions(request)]
    check(said == [("wanda", "abstain"), ("tom", "approve"), ("tina", "approve")], f"the log has {said}")


def waived(b):
    """Without its file nobody can approve it; with findings neither, until their owner waives them; then what is signed says so."""
    k = b.kiosk
    request = b.front.request("With findings", environment="lab")
    k.wait_for("blocked")
    b.read("With findings")
    k.wait_for("All pages read")
    k.wait_for("Cannot be approved now")
    k.wait_for(r"\(F12 a\) Approve")
    k.send("a")
    k.wait_for("No file has come for a line of evidence. Nothing was signed.")
    b.back_to_list()
    report, artifact = b.box.dir / "lint.sarif", b.box.dir / "payments-api"
    report.write_text(json.dumps(FINDINGS))
    artifact.write_bytes(b"one")
    b.box.token_file = b.box.dir / "scanner.token"
    b.box.token_file.touch(mode=0o600)
    b.box.token_file.write_text(SCANNER + "\n")
    b.box.cli("evidence", "--format", "sarif", "--artifact", f"payments-api={artifact}", request, "code/sast", report)
    k.insert("wanda")
    k.wait_for("is in")
    k.send("m")
    k.choose("Waive a finding")
    k.choose(f"code/sast of request {request}")
    k.wait_for("How much of it")
    k.choose("Single findings")
    for n in ("1", "2"):
        k.wait_for("Which findings")
        k.send(n)
        k.wait_for(rf"{n}  \[x\]")
    k.send("enter")
    k.wait_for("For how long")
    k.send("1")
    k.answer("Why may it pass", "Both are in code that the tests alone call.")
    k.wait_for("Whoever must sign", timeout=20)
    shown = k.read_all()
    for text in ("high", "Both are in code that the", "wanda"):
        check(text in shown, f"the pages never showed {text!r}:\n{shown}")
    k.sign("wanda")
    k.wait_for("It is waived from now on.")
    k.leave()
    shown = k.decide("tom", "With findings")
    check("Waived by" in shown and "wanda" in shown, f"what is signed does not say so:\n{shown}")
    check([(d[0], d[1]) for d in b.front.decisions(request)] == [("tom", "approve")], "tom could not sign")


def paused(b):
    """At another kiosk an incident freezes what is being read here: it is paused on the screen, and goes on when its end is signed."""
    k, other = b.kiosk, b.other
    request = b.front.request("Held by an incident")
    b.read("Held by an incident")
    k.wait_for(r"\[F12 a\] Approve")
    other.wait_for("Key reader is gone", "wait for a decision|waits for a decision")
    other.send("f")
    other.answer("Which incident", "INC-7")
    other.wait_for("Which environments")
    other.choose(r"\[ \] production")
    other.wait_for(r"\[x\] production")
    other.send("enter")
    other.answer("Only some services", "payments")
    other.answer("Who may remediate", "")
    other.wait_for("It is frozen, and stands in the log")
    k.wait_for("INC-7 holds this.")
    k.wait_for(r"\(F12 a\) Approve")
    k.wait_for("Paused")
    k.send("a")
    k.wait_for("An incident holds this. Nothing was signed.")
    b.back_to_list()
    k.wait_for("paused")
    k.insert("tina")
    k.wait_for("is in")
    k.send("t")
    k.choose("INC-7")
    k.answer("Why may it end", "It is over.")
    k.wait_for("Whoever must sign", timeout=20)
    check("payments" in k.read_all(), "the service that was frozen is not shown")
    k.sign("tina")
    k.wait_for("The freeze has ended")
    k.leave()
    k.decide("tom", "Held by an incident")
    check([(d[0], d[1]) for d in b.front.decisions(request)] == [("tom", "approve")], "tom could not sign")


def stopped(b):
    """A freeze while the key blinks: it is not waited for any more, and nothing is signed."""
    k, other = b.kiosk, b.other
    request = b.front.request("Stopped at the touch")
    b.to_pin("tom", "Stopped at the touch")
    k.send(text=people.PIN)
    k.send("enter")
    k.wait_for("Touch your key now")
    other.wait_for("Or press a number")
    other.send("f")
    other.answer("Which incident", "INC-8")
    other.wait_for("Which environments")
    other.choose(r"\[ \] production")
    other.wait_for(r"\[x\] production")
    other.send("enter")
    other.answer("Only some services", "")
    other.answer("Who may remediate", "")
    k.wait_for("An incident holds this. Nothing was signed.")
    b.back_to_list()
    check(b.front.decisions(request) == [], "a decision came all the same")
    check("cancelled" in b.front.codes(), "the log does not say that it was stopped")


def rejected(b):
    """Somebody reads it at one kiosk while it is rejected at another: page 1 says by whom and why. A freeze bars no rejection."""
    k, other = b.kiosk, b.other
    request = b.front.request("Not like this")
    other.open_request("Not like this")
    k.decide("tom", "Not like this", word="reject", reason="The migration has no way back.")
    other.wait_for("tom rejected this")
    other.wait_for("Rejected: nothing more can be signed")
    other.wait_for("The migration has no way back.")
    other.send("a")
    other.wait_for("tom rejected this")
    check([(d[0], d[1]) for d in b.front.decisions(request)] == [("tom", "reject")], "not what was said")


TESTS = [ceremony, abstained, waived, paused, stopped, rejected, rig.audited]

if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS))
