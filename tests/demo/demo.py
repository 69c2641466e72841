# SPDX-License-Identifier: Apache-2.0
"""The demo (requirements D2 D6 D7 D8 8.2): one request of this very repository, asked by a pipeline, decided by two people at the terminal kiosk, redeemed, proven.

With --once everything is done unattended and each step is verified; without it the demo stops at the kiosk and the reader is the
first approver. Only the security keys are soft: the programs are the ones that were built, unchanged."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import people  # noqa: E402

OFFICERS = ["odette", "olga", "omar"]
APPROVERS = {"tina": ["tech"], "tom": ["tech"], "bea": ["business"], "bill": ["business"]}
SERVICE = "countersign"


def step(text):
    print(textwrap.fill(text, 80, initial_indent="-- ", subsequent_indent="   ", break_long_words=False, break_on_hyphens=False), flush=True)


class Watched(people.Kiosk):
    """The reader watches somebody else at the kiosk; the line below it says whom."""

    def __init__(self, box, name, what):
        self.banner = f"\x1b7\x1b[25;1H\x1b[7m{f' You watch: {name} {what}':<80}\x1b[0m\x1b8".encode()
        super().__init__(box, echo=True)

    def take(self, data):
        super().take(data)
        if self.whole():  # never in the middle of the kiosk's own sequence
            os.write(1, self.banner)

    def close(self):
        status = super().close()
        print("\x1b[?25h\x1b[0m\x1b[2J\x1b[H", end="", flush=True)
        return status


def evidence(build, directory, which):
    """The JUnit file that ctest writes about the unit tests of this build (those whose names match)."""
    junit = directory / "junit.xml"
    r = subprocess.run(["ctest", "--test-dir", str(build), "-L", "unit", "-R", which, "-j", "2", "--output-junit", str(junit)],
                       capture_output=True, text=True)
    if not junit.exists():
        raise boxes.Failed(f"ctest wrote no JUnit file:\n{r.stdout[-2000:]}{r.stderr[-2000:]}")
    return junit


def set_up(box):
    """Genesis, four approvers, the example policy: all by people at the kiosk."""
    step("starting the token agent with soft keys, and the core")
    box.start_tokens()
    box.init(OFFICERS, ROOT / "docs/examples/policy-start.json")
    box.start_core()
    kiosk = people.Kiosk(box)
    try:
        step(f"genesis ceremony: {', '.join(OFFICERS)} enrol keys, two of them sign")
        kiosk.ceremony(OFFICERS, ["olga", "omar"])
        step(f"enrolling {', '.join(APPROVERS)}: proposed at the kiosk, signed by two officers")
        kiosk.enrol(APPROVERS, "the first approvers of this appliance", signers=["olga", "omar"])
        step("loading the example policy: proposed by the operator, signed by two officers")
        boxes.run([box.bin / "countersign", "propose", "policy", ROOT / "docs/examples/policy-two-people.json", "--as",
                   "person:odette", "--reason", "two people for production", "--run", box.run_dir])
        for officer in ("olga", "omar"):
            kiosk.decide(officer, "POLICY")
    finally:
        kiosk.close()
    step("starting the HTTP front (TLS 1.3)")
    box.start_http()


EMERGENCY = {
    "justification_min": 20,
    "kinds": [{"anchor": "incident", "change_types": ["normal", "rollback"], "environments": ["production"], "id": "outage"}],
    "presence": {"ports": ["1-1", "1-2"], "switch": False, "tokens": 2, "window_s": 300},
    "review": {"due_s": 86400, "fields": ["impact", "what_happened"], "seats": [
        {"count": 1, "id": "author", "role": "tech", "self": True}, {"count": 1, "id": "board", "role": "officer", "self": False}]},
    "seats": [{"count": 1, "id": "operator", "role": "tech", "self": True, "voucher": False},
              {"count": 1, "id": "endorse", "role": "business", "self": False, "voucher": False}],
    "sign_by_s": 3600, "untrusted_clock": True, "use_by_s": 1800}


def allow_emergencies(box):
    """The example policy with a way around its rules, decided by two officers as any policy."""
    policy = json.loads((ROOT / "docs/examples/policy-two-people.json").read_text())
    policy["change_types"] = sorted(set(policy["change_types"]) | {"rollback"})
    policy["emergency"] = EMERGENCY
    policy["version"] += 1
    file = box.dir / "policy-glass.json"
    file.write_text(json.dumps(policy))
    step("the same policy with break-glass: proposed by the operator, signed by two officers")
    boxes.run([box.bin / "countersign", "propose", "policy", file, "--as", "person:odette", "--reason", "for when it burns",
               "--run", box.run_dir])
    kiosk = people.Kiosk(box)
    try:
        for officer in ("olga", "omar"):
            kiosk.decide(officer, "POLICY")
    finally:
        kiosk.close()


def submit(box, build, junit, title="Release countersignd from this checkout"):
    """The request: HEAD of this repository, the core that was just built, the tests that just ran."""
    made = box.submit("--from-git", "--repo", ROOT, "--artifact", f"countersignd={build / 'bin/countersignd'}", "--junit", junit,
                      "--environment", "production", "--service", SERVICE, "--change-type", "normal",
                      "--title", title, "--initiator", "ci:demo",
                      "--doc", "backout_plan=Start the binary of the release before; the log format is the same.",
                      "--doc", "affected_systems=The approval appliance of this demo.",
                      "--doc", "customer_impact=None: pipelines wait a few seconds at most.")
    return str(made["id"])


class Waiter(threading.Thread):
    """The pipeline's `countersign wait`, in the background."""

    def __init__(self, box, request, trust):
        super().__init__(daemon=True)
        self.box, self.request, self.trust, self.status, self.output = box, request, trust, None, ""

    def run(self):
        self.status, out, err = self.box.cli("wait", self.request, "--trust", self.trust, "--timeout", "3600", ok=range(256))
        self.output = out + err


def finish(box, build, request, out, name="receipt"):
    """The pipeline redeems and reports; the auditor proves the receipt with nothing but files. Returns its path."""
    receipt = out / f"{name}.countersign.json"
    trust = out / "trust.json"
    step("pipeline: countersign redeem (verifies the receipt itself)")
    box.cli("redeem", request, "--artifact", f"countersignd={build / 'bin/countersignd'}", "--environment", "production",
            "--service", SERVICE, "--trust", trust, "--out", receipt)
    step("pipeline: countersign report succeeded")
    box.cli("report", request, "--result", "succeeded")
    step("auditor: countersign-audit verify, the receipt")
    print(boxes.run([box.bin / "countersign-audit", "verify", receipt, "--trust", trust]).rstrip())
    return receipt


def whole_log(box, out):
    """The auditor takes the log away and proves all of it."""
    trust = out / "trust.json"
    step("auditor: countersign export, then countersign-audit verify, the whole log")
    for old in ("export", "ssh", "webauthn"):
        shutil.rmtree(out / old, ignore_errors=True)
    box.cli("export", "--out", out / "export", "--trust", trust, auditor=True)
    print(boxes.run([box.bin / "countersign-audit", "verify", out / "export", "--trust", trust]).rstrip())
    box.cli("export", "--format", "ssh", "--out", out / "ssh", auditor=True)
    box.cli("export", "--format", "webauthn", "--out", out / "webauthn", auditor=True)


def refused(box, receipt, trust):
    """One changed byte is found: the demo's own proof that its checks can fail."""
    bad = receipt.with_name("changed.json")
    data = bytearray(receipt.read_bytes())
    at = data.index(b"approve")
    data[at] ^= 1
    bad.write_bytes(data)
    r = subprocess.run([str(box.bin / "countersign-audit"), "verify", str(bad), "--trust", str(trust)], capture_output=True, text=True)
    bad.unlink()
    if r.returncode == 0:
        raise boxes.Failed("a receipt with one changed byte was accepted")
    step(f"a receipt with one byte changed is refused: {(r.stdout + r.stderr).strip().splitlines()[0]}")


def expect_waiting(waiter):
    if waiter.status is not None:
        raise boxes.Failed(f"the pipeline did not wait: {waiter.output}")


def expect_approved(waiter):
    waiter.join(60)
    if waiter.status != 0:
        raise boxes.Failed(f"countersign wait exited {waiter.status}: {waiter.output}")


def once(box, build, out, request):
    waiter = Waiter(box, request, out / "trust.json")
    waiter.start()
    kiosk = people.Kiosk(box)
    try:
        step("tom reads the request at the kiosk and approves as tech")
        shown = kiosk.decide("tom", "Release countersignd", reason="tests are green")
        for text in ("countersignd", "production", "backout"):
            if text not in shown.lower():
                raise boxes.Failed(f"the kiosk never showed {text!r}")
        expect_waiting(waiter)
        step("bea approves as business: the second seat")
        kiosk.decide("bea", "Release countersignd", reason="fits the window")
    finally:
        kiosk.close()
    step("pipeline: countersign wait ended")
    expect_approved(waiter)
    receipt = finish(box, build, request, out)
    whole_log(box, out)
    refused(box, receipt, out / "trust.json")


HOTFIX = "Hotfix countersignd"


def glass_proved(box, build, out, request, waiter):
    step("both have signed: the pipeline's countersign wait ended, though nobody of the ordinary seats signed")
    expect_approved(waiter)
    finish(box, build, request, out, name="receipt-emergency")
    step("the review that is owed: tom writes it; he and an officer sign it")
    kiosk = people.Kiosk(box)
    try:
        kiosk.wait_for("Reviews are owed")
        kiosk.review("tom", SERVICE, {"impact": "Approvals stood still for ten minutes.", "what_happened": "The disk was full."}, ["tom", "olga"])
        kiosk.wait_for("Reviews are owed", gone=True)
    finally:
        kiosk.close()
    whole_log(box, out)


def glass_once(box, build, out, junit):
    """The second path: an incident, two people together, a grant that works once, and the review."""
    allow_emergencies(box)
    request = submit(box, build, junit, HOTFIX)
    waiter = Waiter(box, request, out / "trust.json")
    waiter.start()
    kiosk = people.Kiosk(box)
    try:
        step("break glass: tom asks for an emergency and signs; bea signs beside him with her own key in another port")
        shown = kiosk.break_glass("tom", "bea", "outage", HOTFIX, "INC0098123", "Nobody can approve anything since 14:05.")
        for text in ("EMERGENCY", "This skips", "This still holds", "INC0098123", "Review due"):
            if text not in shown:
                raise boxes.Failed(f"the kiosk never showed {text!r}")
    finally:
        kiosk.close()
    glass_proved(box, build, out, request, waiter)


def glass_interactive(box, build, out, junit):
    allow_emergencies(box)
    request = submit(box, build, junit, HOTFIX)
    print(f"""
Incident INC0098123: approvals stand still. Request {request} ("{HOTFIX}")
waits for tech and business, and cannot. You are tom again. Break the glass:

  In the kiosk:   insert your key (Ctrl-K), press b, and answer the questions:
                  outage, the hotfix, INC0098123, and why it cannot wait. Read
                  every page (n), sign (a), touch (Ctrl-T), key out (Ctrl-K).
  Your PIN:       {people.PIN}

Then bea signs beside you with her own key, within five minutes.
Press Enter to begin.""")
    input()
    waiter = Waiter(box, request, out / "trust.json")
    waiter.start()
    done = subprocess.run([sys.executable, str(ROOT / "tests/demo/face.py"), str(box.softkey_programs / "softkeyctl"),
                           str(box.control), "tom", people.PIN, "--", *box.kiosk_argv()])
    if done.returncode != 0:
        raise boxes.Failed("you left the kiosk before you signed; nothing was granted")
    kiosk = Watched(box, "bea", "reads the emergency and signs it with her own key.")
    try:
        box.key("remove", "tom")
    except boxes.Failed:
        pass
    try:
        kiosk.open_request(HOTFIX)
        kiosk.read_all()
        kiosk.sign("bea", port="1-2")
        kiosk.leave()
    finally:
        kiosk.close()
    glass_proved(box, build, out, request, waiter)
    print(f"\nThe receipt of the emergency: {out / 'receipt-emergency.countersign.json'}")


def interactive(box, build, out, request):
    print(f"""
A pipeline has asked for approval of request {request}, and waits for it.
You are tom, role tech. You now get the kiosk in this terminal.

  In the kiosk:   1 opens the request, n turns the page, a approves, r rejects,
                  Esc stops. Then follow the screen.
  Your soft key:  Ctrl-K inserts it or takes it out, Ctrl-T touches it. These
                  two go to the soft key, not to the kiosk.
  Your PIN:       {people.PIN}; type it first, then Enter, page by page

If you approve, bea, role business, decides by herself, and you watch.
Press Enter to begin.""")
    input()
    waiter = Waiter(box, request, out / "trust.json")
    waiter.start()
    done = subprocess.run([sys.executable, str(ROOT / "tests/demo/face.py"), str(box.softkey_programs / "softkeyctl"),
                           str(box.control), "tom", people.PIN, "--", *box.kiosk_argv()])
    if done.returncode != 0:
        raise boxes.Failed("you left the kiosk before you decided; nothing was approved")
    waiter.join(2)
    if waiter.status is not None:
        print(f"""
You rejected it, so there is nothing for bea to decide.
The pipeline's countersign wait ended with status {waiter.status}:
{waiter.output.rstrip()}
Run ./dev demo again to see an approval through.""")
        return False
    kiosk = Watched(box, "bea", "reads the request and approves it as business.")
    try:
        box.key("remove", "tom")
    except boxes.Failed:
        pass
    try:
        kiosk.decide("bea", "Release countersignd", reason="fits the window")
    finally:
        kiosk.close()
    step("both seats are filled; the pipeline's countersign wait ended")
    expect_approved(waiter)
    print(waiter.output.rstrip())
    finish(box, build, request, out)
    whole_log(box, out)
    print(f"""
Done. What there is to look at, until you press Enter:
  the log           {box.state / 'log.db'}
  the receipt       {out / 'receipt.countersign.json'}
  the export        {out / 'export'}
  the trust file    {out / 'trust.json'}
  the API           curl --cacert {box.tls / 'ca.pem'} \\
                      -H "Authorization: Bearer $(cat {box.token_file})" \\
                      {box.url}/v1/requests/{request}
  check it again    {box.bin / 'countersign-audit'} verify \\
                      {out / 'receipt.countersign.json'} --trust {out / 'trust.json'}

Type b and Enter to break the glass as a second path. Enter alone stops
everything; the files in {out} stay.""")
    return input().strip().lower() == "b"


def write_trust(box, out):
    """What an auditor pins: taken once, from the operator, at the beginning."""
    trust = boxes.run([box.bin / "countersign", "status", "--local", "--run", box.run_dir, "--trust"])
    (out / "trust.json").write_text(trust)


def main():
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--build", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--out", help="where the receipt, the export and the trust file are written")
    parser.add_argument("--unit", default=".", help="which unit tests to run for the evidence (a regular expression; all)")
    options = parser.parse_args()
    build = pathlib.Path(options.build).resolve()
    out = pathlib.Path(options.out).resolve() if options.out else ROOT / "demo-out"
    shutil.rmtree(out, ignore_errors=True) if out == ROOT / "demo-out" else None
    out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    box = boxes.Box(build, tempfile.mkdtemp(prefix="countersign-demo-"))
    try:
        step("running the unit tests, for the request's evidence")
        junit = evidence(build, out, options.unit)
        set_up(box)
        write_trust(box, out)
        request = submit(box, build, junit)
        step(f"pipeline: countersign submit --from-git made request {request}")
        if options.once:
            once(box, build, out, request)
            glass_once(box, build, out, junit)
        elif interactive(box, build, out, request):
            glass_interactive(box, build, out, junit)
        print(f"\ndemo: every step was verified; receipts, the export of the log and the trust file are in {out}", flush=True)
        return 0
    except (boxes.Failed, AssertionError, KeyboardInterrupt) as e:
        print(f"\ndemo: {e}", file=sys.stderr)
        return 1
    finally:
        box.stop()
        box.remove()


sys.exit(main())
