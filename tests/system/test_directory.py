#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A directory outside takes roles away, over the real HTTP front and core, with people who sign. Requirement 2.4."""
import argparse
import hashlib
import json
import os
import pathlib
import secrets
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402

READER = secrets.token_urlsafe(32)
ALL = {"ada": ["officer", "tech"], "bob": ["business", "officer"], "cyd": ["officer", "security"], "dan": ["tech"], "eve": ["tech"],
       "fay": ["business"]}


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


def policy(version, directory="directory: { source: ldap, max_stale: 1h }"):
    return f"""
version: {version}
name: directories
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ staging: {{}}, production: {{}} }}
change_types: [normal]
{directory}
rules:
  - id: every
    require:
      bind: [artifacts]
      seats: [ {{ id: tech, role: tech }} ]
"""


class Place(hands.Hand):
    """A stage with a client of scope `directory`."""
    version = 1

    def begin(self):
        self.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000)
        self.wait_live()
        self.version = 1
        self.next_policy()
        changes = [{"op": "put_client", "client": {"id": "reader", "scopes": ["directory"], "tls": [],
                                                   "tokens": [hashlib.sha256(READER.encode()).hexdigest()]}}]
        self.officers(changes)

    def next_policy(self, *words):
        self.version += 1
        self.policy(policy(self.version, *words))

    def officers(self, changes):
        file = self.dir / "changes.json"
        content = {"changes": changes, "initiator": "system:operator", "reason": "", "title": "Change"}
        file.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")))
        check(self.hand("roster", file) == "ok", "the change is not taken")

    def listed(self):
        status, page = self.ask("GET", "/v1/directory", token=READER)
        check(status == 200, status, page)
        return page

    def say(self, people, total=None, token=READER, **changes):
        """The first answer that is no matter of the front's being a moment behind."""
        end = time.monotonic() + 20
        while True:
            body = {"age_ms": 0, "people": [{"person": p, "roles": r} for p, r in people.items()], "prev": self.listed()["prev"],
                    "source": "ldap", **changes}
            if total is not None:
                body["total"] = total
            status, answer = self.ask("POST", "/v1/directory", body, token=token)
            if answer.get("code") != "directory_moved" or "prev" in changes or time.monotonic() > end:
                return status, answer.get("code", "ok")
            time.sleep(0.05)

    def seen(self, word, person, role):
        """Waits until the front says so of the role; "" for nothing."""
        end = time.monotonic() + 20
        while True:
            page = self.listed()
            row = next(x for x in page["items"] if x["person"] == person)
            code = next((x["code"] for x in row.get("out", []) if x["role"] == role), "")
            if code == word:
                return page
            check(time.monotonic() < end, person, role, code, "not", word)
            time.sleep(0.05)


# --- over the API ---

def only_its_scope_speaks_2_4(box):
    check(box.say(ALL, 9, token=stage.TOKEN) == (403, "no_scope"), "a pipeline may")
    check(box.call("POST", "/v1/requests", stage.submission("x"), token=READER).status == 403, "the reader opens requests")
    status, problem = box.ask("POST", "/v1/directory", {"people": [{"person": "a b"}], "more": 1}, token=READER)
    faults = {f["pointer"] for f in problem["faults"]}
    check(status == 422 and {"/people/0/person", "/people/0/roles", "/age_ms", "/prev", "/source", "/more"} <= faults, problem)


def nobody_signs_before_it_was_read_2_4(box):
    page = box.listed()
    check(page["silent"] and page["total"] == 0 and "read" not in page, page)
    request = box.open("staging", "a")
    check(box.hand("approve", request, "dan", "every/tech") == "directory_stale", "signed before it was read")
    alarms = {x["code"] for x in box.ask("GET", "/v1/alarms")[1]["items"]}
    check({"directory_stale", "unfillable_seat"} <= alarms, alarms)
    check(box.say(ALL, 9) == (201, "ok"), "all")
    box.seen("", "dan", "tech")
    check(box.hand("approve", request, "dan", "every/tech") == "ok", "read, and still not")
    box.until(request, "approved")
    box.used = request


def who_leaves_loses_the_seat_2_4(box):
    check(box.say({"dan": []}, 9) == (422, "directory_total"), "a wrong sum")
    check(box.say({"dan": ["tech", "security"]}, 10) == (422, "directory_person"), "gives a role")
    check(box.say({"dan": []}, 8, source="ad") == (409, "directory_source"), "another directory")
    check(box.say({"dan": []}, 8, prev=1) == (409, "directory_moved"), "compared with something else")
    check(box.say({"dan": []}, 8, age_ms=3600000) == (409, "directory_old"), "an old reading")
    check(box.say({"dan": []}, 8) == (201, "ok"), "dan leaves")
    box.seen("not_in_directory", "dan", "tech")
    status = box.status(box.used)
    check(all(seat["have"] == 0 for seat in status["seats"]), "the seat is still held", status)
    status, problem = box.ask("POST", f"/v1/requests/{box.used}/redeem", box.present("a"))
    check(status == 409, status, problem)
    request = box.open("staging", "b")
    check(box.hand("approve", request, "dan", "every/tech") == "not_in_directory", "signs on")
    check(box.hand("approve", request, "eve", "every/tech") == "ok", "eve does not")
    check(box.say(ALL, 9) == (201, "ok"), "dan is back")
    box.seen("", "dan", "tech")
    status, receipt = box.ask("POST", f"/v1/requests/{box.used}/redeem", box.present("a"))
    check(status == 200, status, receipt)
    types = [json.loads(entry["leaf"])["type"] for entry in receipt["entries"]]
    check("directory" in types, types)
    verified(box, box.used)


def silence_suspends_2_4(box):
    """The core says so by itself, and a reading ends it."""
    box.next_policy("directory: { source: ldap, max_stale: 2s, roles: [tech] }")
    check(box.say({}, 3) == (201, "ok"), "nothing new")
    page = box.seen("directory_stale", "dan", "tech")
    check(page["silent"], page)
    check(box.hand("approve", box.open("staging", "c"), "dan", "every/tech") == "directory_stale", "signed in silence")
    box.next_policy()
    check(box.say(ALL, 9) == (201, "ok"), "read again")
    box.seen("", "dan", "tech")


def verified(box, request):
    """The auditor's program says so of the receipt, and of the whole log."""
    file, out, trust = box.dir / "receipt.json", box.dir / "export", box.dir / "trust.json"
    trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--trust", "--run", box.run_dir]))
    box.cli("export", "--out", out, "--trust", trust)
    file.write_bytes(box.call("GET", f"/v1/requests/{request}/receipt").body)
    boxes.run([box.bin / "countersign-audit", "verify", "--trust", trust, "--redeemed", file])
    boxes.run([box.bin / "countersign-audit", "verify", "--trust", trust, out])


TESTS = [only_its_scope_speaks_2_4, nobody_signs_before_it_was_read_2_4, who_leaves_loses_the_seat_2_4, silence_suspends_2_4]


def alone():
    """In a network namespace of our own, where nobody else listens."""
    if os.environ.get("COUNTERSIGN_TEST_ALONE") == "1":
        return
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ["COUNTERSIGN_TEST_ALONE"] = "1"
    os.execvp("unshare", ["unshare", *own, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="+", help="names of TESTS")
    arguments = parser.parse_args()
    alone()
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = Place(arguments.build, directory)
        try:
            box.begin()
            for test in TESTS:
                if arguments.only is None or test.__name__ in arguments.only:
                    began = time.monotonic()
                    test(box)
                    print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        except (AssertionError, boxes.Failed):
            print((box.logs / "countersign-http").read_text()[-2000:], file=sys.stderr)
            raise
        finally:
            box.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
