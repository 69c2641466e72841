# SPDX-License-Identifier: Apache-2.0
"""A Stage whose people sign (tests/system/hand_stage.c): a real core, a real HTTP front, and the kiosk's side by command."""
import argparse
import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import box as boxes
import stage

SCANNER = "scanner"  # its token


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


def eventually(look, *wanted, timeout=20):
    """Waits until it looks like one of these."""
    end = time.monotonic() + timeout
    while (seen := look()) not in wanted:
        check(time.monotonic() < end, seen, "and not", *wanted)
        time.sleep(0.05)


def moment(ahead_s=0):
    """The time in so many seconds, as our formats write it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead_s)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Hand(stage.Stage):
    def __init__(self, build, directory):
        boxes.Box.__init__(self, build, directory)
        self.people = subprocess.Popen([self.build / "tests" / "hand_stage"], cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       text=True, bufsize=1)
        self.run_dir = pathlib.Path(self._line())
        self.token_file = self.dir / "ci.token"
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(stage.TOKEN + "\n")
        self.number = 0

    def _line(self):
        line = self.people.stdout.readline().strip()
        if not line:
            raise boxes.Failed(f"hand_stage ended with {self.people.wait()}")
        return line

    def stop(self):
        super().stop()
        self.people.stdin.close()
        self.people.wait(30)

    # --- people ---

    def hand(self, *words):
        """What the core answered: a reason code, or ok."""
        self.people.stdin.write(" ".join(str(w) for w in words) + "\n")
        return self._line()

    def policy(self, text):
        """A policy in YAML, compiled by the command line and put in force by officers."""
        source, compiled = self.dir / "policy.yaml", self.dir / "policy.json"
        source.write_text(text)
        compiled.write_text(boxes.run([self.bin / "countersign", "policy", "compile", source]).strip())
        code = self.hand("policy", compiled)
        if code != "ok":
            raise boxes.Failed(f"the policy is refused: {code}")

    def signs(self, request, want="ok", person="dan", seat="every/tech"):
        got = self.hand("approve", request, person, seat)
        check(got == want, f"{person} signs {request}: {got}, wanted {want}")

    def propose(self, what, text, who):
        """`countersign propose WHAT`; the request's id, which whoever signs next at the kiosk has seen."""
        self.paper.write_text(text)
        request = int(boxes.run(self.proposing(what, who)).split()[0])
        self.hand("sync", request + 1)
        return request

    @property
    def paper(self):
        return self.dir / "paper.yaml"

    def proposing(self, what, who):
        return [self.bin / "countersign", "propose", what, self.paper, "--as", who, "--reason", "agreed", "--run", self.run_dir]

    def officers(self, request, *who):
        """They sign, and it takes effect."""
        for person in who or ("bob", "cyd"):
            self.signs(request, person=person, seat="officers/officers")
        self.until(request, "applied")

    # --- the front ---

    def ask(self, method, path, body=None, **fields):
        answer = self.call(method, path, None if body is None else json.dumps(body).encode(), **fields)
        return answer.status, (json.loads(answer.body) if answer.body else None)

    def open(self, environment, artifact, **changes):
        """A request for the artifact of this name; its id."""
        self.number += 1
        changes.setdefault("attributes", {"strict": False, "undo": False})
        body = stage.submission(artifact, environment=environment, **changes)
        answer = self.call("POST", "/v1/requests", body, Idempotency_Key=f"hand-{self.number}")
        if answer.status != 201:
            raise boxes.Failed(f"{environment} {artifact}: {answer}")
        return answer.json()["id"]

    def status(self, request):
        return self.ask("GET", f"/v1/requests/{request}")[1]

    def sheet(self, request):
        return self.ask("GET", f"/v1/requests/{request}/explain")[1]

    def line(self, request, kind):
        """The first line of this kind."""
        return next(x for x in self.sheet(request)["sheet"] if x["kind"] == kind)

    def until(self, request, *words, timeout=20):
        """Waits until the request is seen as one of these."""
        eventually(lambda: self.status(request)["status"], *words, timeout=timeout)

    def present(self, artifact, **more):
        return {"artifacts": json.loads(stage.submission(artifact))["artifacts"], **more}

    def redeem(self, request, artifact, **more):
        return self.ask("POST", f"/v1/requests/{request}/redeem", self.present(artifact, **more))

    def report(self, request, result, **more):
        body = {"result": result, "started": "2026-01-05T09:00:00.000Z", "finished": "2026-01-05T09:01:00.000Z", **more}
        status, answer = self.ask("POST", f"/v1/requests/{request}/outcome", body)
        check(status in (200, 201), "outcome", status, answer)

    # --- files about a deployment ---

    def let_scanner_in(self, *kinds):
        """Client `scanner` may send files of these kinds; ci may send none."""
        self.let_in("scanner", SCANNER, "read", *[f"evidence:{kind}" for kind in kinds])

    def file(self, request, line, form, body, artifact, token=SCANNER, **fields):
        """Sends it, as about the artifact of this name; None says nothing about any."""
        if artifact is not None:
            fields["Evidence_Artifacts"] = f"sha256={self.present(artifact)['artifacts'][0]['sha256']}"
        return self.call("POST", f"/v1/requests/{request}/evidence/{line}?format={form}", body, token, Content_Type="application/octet-stream",
                         **fields)

    def sent(self, *what, **fields):
        """The same, and it is taken; who signs at the kiosk has seen it."""
        answer = self.file(*what, **fields)
        check(answer.status == 201, answer)
        self.hand("sync", answer.json()["index"] + 1)
        return answer.json()

    def waive(self, request, line, owner, findings=(), life_s=3600, file=None):
        """What the core says to a waiver that this person asks for and signs: of these findings at the level that they have, or of all that the newest
        file says, or the one of this entry."""
        files = [leaf for leaf in self.entries(request, "evidence") if leaf["body"]["line"] == line]
        levels = {f["id"]: f["level"] for leaf in files for f in leaf["body"]["report"]["findings"]}
        content = {"expires": moment(life_s), "findings": [{"id": f, "level": levels.get(f, "high")} for f in sorted(findings)], "initiator": owner,
                   "line": line, "reason": "test code", "request": request}
        if not findings:
            content["evidence"] = file or files[-1]["seq"]
        paper = self.dir / "waiver.json"
        paper.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True))
        return self.hand("waive", paper, owner)

    def evidence(self, request, name):
        """The line of this id."""
        return next(x for x in self.sheet(request)["sheet"] if x["kind"] == "evidence" and x["id"] == name)

    def entries(self, request, kind):
        """Of this type, about this request."""
        leaves = [json.loads(e["leaf"]) for e in self.ask("GET", f"/v1/requests/{request}/receipt")[1]["entries"]]
        return [leaf for leaf in leaves if leaf["type"] == kind and leaf["body"].get("request", leaf["body"].get("waives")) == request]

    # --- what else is there ---

    def let_in(self, client, token, *scopes):
        """Officers sign for a client with this token."""
        changes = [{"op": "put_client", "client": {"id": client, "scopes": sorted(scopes), "tls": [],
                                                   "tokens": [hashlib.sha256(token.encode()).hexdigest()]}}]
        paper = self.dir / "changes.json"
        paper.write_text(json.dumps({"changes": changes, "initiator": "system:operator", "reason": "", "title": client}, sort_keys=True,
                                    separators=(",", ":")))
        check(self.hand("roster", paper) == "ok", client, "is not taken")

    def trust(self):
        file = self.dir / "trust.json"
        file.write_text(boxes.run([self.bin / "countersign", "status", "--local", "--trust", "--run", self.run_dir]))
        return file

    def export(self):
        """The whole log, as a mirror that the auditor's program holds to be right."""
        out = self.dir / "export"
        self.cli("export", "--out", out, "--trust", self.trust())
        boxes.run([self.bin / "countersign-audit", "verify", "--trust", self.trust(), out])
        return out

    def receipt(self, request):
        """Of a use: the auditor's program says that it was right. Its entries."""
        file = self.dir / "receipt.json"
        file.write_bytes(self.call("GET", f"/v1/requests/{request}/receipt").body)
        boxes.run([self.bin / "countersign-audit", "verify", "--trust", self.trust(), "--redeemed", file])
        return [json.loads(entry["leaf"]) for entry in json.loads(file.read_bytes())["entries"]]


def run(about, tests, begin, make=Hand):
    """The tests of a file on one appliance, after `begin(box)`."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="+", help="names of tests", choices=[t.__name__ for t in tests], default=[t.__name__ for t in tests])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = make(arguments.build, directory)
        try:
            begin(box)
            for test in tests:
                if test.__name__ in arguments.only:
                    began = time.monotonic()
                    test(box)
                    print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        except (AssertionError, boxes.Failed):
            print((box.logs / "countersign-http").read_text()[-2000:], file=sys.stderr)
            raise
        finally:
            box.stop()
    return 0


def main(about, tests, policy, begin=None):
    """The same with this policy in force."""
    def start(box):
        box.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000)
        box.wait_live()
        box.policy(policy)
        if begin is not None:
            begin(box)
    return run(about, tests, start)
