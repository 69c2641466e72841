# SPDX-License-Identifier: Apache-2.0
"""A Stage whose people sign (tests/system/hand_stage.c): a real core, a real HTTP front, and the kiosk's side by command."""
import json
import pathlib
import subprocess
import time

import box as boxes
import stage


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
        end = time.monotonic() + timeout
        while self.status(request)["status"] not in words:
            if time.monotonic() > end:
                raise boxes.Failed(f"request {request} is {self.status(request)['status']}, not {words}")
            time.sleep(0.05)

    def present(self, artifact, **more):
        return {"artifacts": json.loads(stage.submission(artifact))["artifacts"], **more}
