#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may act for whom, at the real kiosk over the real core (requirements 2.1, 2.5, 5.6): a duty plan is signed and a shift of it swapped, a
role is lent at the kiosk and used by whoever it was lent to at another visit, and taken back; roles are reviewed. What would be too long to be
signed is refused when it is asked for."""
import datetime
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/system")]
import box as boxes  # noqa: E402
import people  # noqa: E402
import test_kiosk as kiosks  # noqa: E402
import visits  # noqa: E402

check = kiosks.check
OFFICERS = ["olga", "omar", "otto"]
APPROVERS = {"dora": ["deputy"], "tina": ["tech"], "tom": ["tech"]}
POLICY = """
version: 1
name: people
officers: { threshold: 2 }
roles: [deputy, officer, tech]
environments: { production: {} }
change_types: [normal]
access_review: { every: 90d, on_miss: suspend }
delegation: { roles: { tech: { to: deputy, most: 14d } } }
duty: { roles: { tech: ops } }
rules:
  - id: production
    require:
      fields: [title]
      bind: [artifacts]
      seats: [ { id: tech, role: tech } ]
"""
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Bench(kiosks.Bench):
    officers, approvers, policy, more = OFFICERS, APPROVERS, POLICY, []

    def start(self):
        box = self.box
        source, compiled = box.dir / "policy.yaml", box.dir / "policy.json"
        source.write_text(self.policy)
        compiled.write_text(boxes.run([box.bin / "countersign", "policy", "compile", source]).strip())
        changes = box.dir / "changes.json"
        someone = [{"op": "put_person", "person": {"accounts": [], "id": n, "roles": r}} for n, r in self.approvers.items()]
        changes.write_bytes(kiosks.canonical(someone + self.more))
        box.start_tokens()
        box.init(self.officers, compiled, changes=changes)
        box.start_core()
        self.kiosk = people.Kiosk(box)

    def propose(self, kind, text, ok=True):
        """Opens a request by the command line, as otto; returns what it said."""
        file = self.box.dir / f"{kind}.yaml"
        file.write_text(text)
        words = [self.box.bin / "countersign", "propose", kind, file, "--as", "otto", "--reason", "as agreed", "--run", self.box.run_dir]
        if ok:
            return boxes.run(words)
        try:
            boxes.run(words)
        except boxes.Failed as e:
            return str(e)
        raise kiosks.Failure(f"{kind} was not refused")

    def statements(self, request):
        return [kiosks.json.loads(d[3]) for d in self.front.decisions(request)]

    def roster_entries(self):
        self.front.decisions(0)
        return len([e for e in self.front.entries if e["type"] == "roster"])

    def until_applied(self, more_than):
        end = time.monotonic() + 20
        while self.roster_entries() <= more_than:
            check(time.monotonic() < end, "it never took effect")
            self.kiosk.pump(0.1)

    def officers_sign(self, *names):
        """What is open and was proposed just now, one after the other; returns what they read."""
        k, shown = self.kiosk, ""
        for name in names:
            if k.inserted != name:
                k.remove()
            shown += k.read_all()
            k.sign(name)
            k.remove()
        return shown


def written(at):
    return at.strftime("%Y-%m-%d %H:%M")


# ---- the tests, in the order in which a box is used


def ceremony(b):
    b.kiosk.ceremony(b.officers + sorted(b.approvers), ["olga", "omar"])
    b.begun()


def duty(b):
    """A plan of the command line's is read and signed; too long a one is not even asked for."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    b.times = [now - datetime.timedelta(hours=1), now + datetime.timedelta(hours=5), now + datetime.timedelta(hours=11)]
    lines = "".join(f"  - {{ days: [{DAYS[x.weekday()]}], from: \"{x:%H:%M}\", until: \"{y:%H:%M}\", people: [{who}] }}\n"
                    for x, y, who in zip(b.times, b.times[1:], ("tom", "tina")))
    day = datetime.timedelta(days=1)
    plan = "roster: ops\nzone: UTC\nfrom: {}\nuntil: {}\nshifts:\n"
    first, last = b.times[0].date(), (b.times[1] + day).date()
    b.propose("duty", plan.format(first, last) + lines)
    b.kiosk.decide("olga", "Who is on duty")
    shown = b.kiosk.decide("omar", "Who is on duty")
    check(f"{written(b.times[0])} to {written(b.times[1])}: tom" in shown, f"the shift is not shown:\n{shown}")
    b.until_applied(0)
    long = plan.format(first, first + 200 * day) + "  - { from: \"00:00\", until: \"00:00\", people: [tina, tom] }\n"
    said = b.propose("duty", long, ok=False)
    check("20 pages that can be read and signed at a kiosk" in said, said)


def off_duty(b):
    b.front.request("Off duty")
    k = b.kiosk
    b.read("Off duty")
    k.send("a")
    k.wait_for("Insert your key")
    k.insert("tina")
    k.wait_for("You are not on duty now")
    b.back_to_list()


def lend(b):
    """tom lends his role at the kiosk and signs that; dora uses it at another visit, and what she signs names him."""
    k = b.kiosk
    k.insert("tom")
    k.wait_for("is in")
    k.send("m")
    k.wait_for("What do you want to ask for")
    k.choose("Let somebody sign for you")
    k.wait_for("In which of your roles")
    k.wait_for("at most 14 d, to deputy")
    k.send("1")
    k.wait_for("Who signs for you")
    k.wait_for(r"\d +dora")
    check("tina" not in k.screen.text(), "somebody whom the policy does not name is offered")
    k.choose("dora")
    k.answer("From when", "")
    k.answer("Until when", "")
    k.wait_for("Where may they sign for you")
    k.send("1")
    k.answer("Only some services", "payments")
    k.answer("Why", "Away from tonight on.")
    k.wait_for("Whoever must sign", timeout=20)
    shown = k.read_all()
    for text in ("Signs for you   dora", "Role            tech", "Services        payments", "Away from tonight on."):
        check(text in shown, f"the pages never showed {text!r}:\n{shown}")
    b.lent = int(re.search(r"Request (\d+), revision", k.screen.text()).group(1))
    before = b.roster_entries()
    k.sign("tom")
    k.wait_for("It stands in the log")
    k.leave()
    b.until_applied(before)
    request = b.front.request("By delegation")
    k.decide("dora", "By delegation")
    said = b.statements(request)
    check([(s["person"], s["delegation"]) for s in said] == [("dora", b.lent)], f"signed: {said}")


def swapped(b):
    """tom's shift goes to tina, hers to him: two officers sign it, and from then on she is the one on duty."""
    k = b.kiosk
    before = b.roster_entries()
    k.insert("tom")
    k.wait_for("is in")
    k.send("s")
    k.choose(f"{written(b.times[0])} to {written(b.times[1])}")
    k.wait_for("Who takes it")
    k.choose("tina")
    k.wait_for("Do they give one for it")
    k.choose(f"{written(b.times[1])} to {written(b.times[2])}")
    k.answer("Why", "The dentist.")
    k.wait_for("Whoever must sign", timeout=20)
    k.remove()
    shown = b.officers_sign("olga", "omar")
    for text in (f"[-] {written(b.times[0])}", f"[+] {written(b.times[0])}", "Swap shifts of tom and tina"):
        check(text in shown, f"the pages never showed {text!r}:\n{shown}")
    b.until_applied(before)
    k.wait_for("Or press a number", "Insert your key", timeout=20)
    b.back_to_list()
    request = b.front.request("On duty now")
    k.decide("tina", "On duty now")
    check([s["person"] for s in b.statements(request)] == ["tina"], "tina could not sign")
    b.front.request("Not on duty now")
    b.read("Not on duty now")
    k.send("a")
    k.wait_for("Insert your key")
    k.insert("dora")
    k.wait_for("You are not on duty now|none of your roles")  # it is tom's shift that counts
    b.back_to_list()


def taken_back(b):
    k = b.kiosk
    before = b.roster_entries()
    k.insert("tom")
    k.wait_for("is in")
    k.send("d")
    k.choose("Take back: tech to dora")
    k.answer("Why", "I am back early.")
    k.wait_for("Whoever must sign", timeout=20)
    shown = k.read_all()
    check("Take a delegation back" in shown and "Given to        dora" in shown, f"not shown:\n{shown}")
    k.sign("tom")
    k.leave()
    b.until_applied(before)


def reviewed(b):
    """An officer lists what waits longest and marks what stays; two others sign."""
    k = b.kiosk
    before = b.roster_entries()
    k.insert("otto")
    k.wait_for("is in")
    k.send("r")
    k.wait_for("Who keeps which role")
    for who in ("dora: deputy", "tina: tech"):
        k.choose(rf"\[ \] {who}")
        k.wait_for(rf"\[x\] {who}")
    k.send("enter")
    k.answer("What did you look at", "Both still work here.")
    k.wait_for("Whoever must sign", timeout=20)
    k.remove()
    shown = b.officers_sign("olga", "omar")
    check("dora" in shown and "keeps the role  tech" in shown, f"not shown:\n{shown}")
    check("tom" not in re.sub(r"Asked by.*", "", shown).split("What the policy asks")[0], "tom was not marked")
    b.until_applied(before)
    b.back_to_list()


def audited(b):
    """The whole log verifies, from the genesis on."""
    k, box = b.kiosk, b.box
    check(k.screen.strange == [], f"strange bytes on the terminal: {k.screen.strange[:4]}")
    if box.port is None:
        box.start_http()
    trust, out = box.dir / "trust.json", box.dir / "export"
    trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--run", box.run_dir, "--trust"]))
    box.cli("export", "--out", out, "--trust", trust, auditor=True)
    boxes.run([box.bin / "countersign-audit", "verify", out, "--trust", trust])


TESTS = [ceremony, duty, off_duty, lend, swapped, taken_back, reviewed, audited]


if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS))
