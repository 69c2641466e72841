#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/examples/production.yaml, the policy that the language was designed with, in force word for word but for its version: requests go
through its stages with people who sign. Requirements 1.1, 2.4, 4.1."""
import hashlib
import json
import pathlib
import secrets
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402

READER = secrets.token_urlsafe(32)
TEXT = (ROOT / "docs/examples/production.yaml").read_text()
PEOPLE = {"ada": ["executive", "incident-commander", "officer", "privacy", "tech"], "bob": ["business", "officer"],
          "cyd": ["officer", "security"], "dan": ["cab", "duty-manager", "emergency-operator", "tech"], "eve": ["cab", "tech"],
          "fay": ["business", "cab", "executive", "tech"]}
SAME = ("bob", "cyd")  # who sign the change that gives the others their roles
SIGNERS = (("dan", "tech"), ("bob", "business"))
DIGESTS = {"config_sha256": "c" * 64, "plan_sha256": "d" * 64}


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


def roster(box, changes):
    file = box.dir / "changes.json"
    content = {"changes": changes, "initiator": "system:operator", "reason": "", "title": "Change"}
    file.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")))
    code = box.hand("roster", file)
    check(code == "ok", "the change is not taken:", code)


def duty(name, people):
    shifts = [{"from": hands.moment(-3600), "people": people, "until": hands.moment(12 * 3600)}]
    return {"op": "put_duty", "duty": {"hand_over_s": 0, "id": name, "shifts": shifts, "zone": "UTC"}}


def begin(box):
    box.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000)
    box.wait_live()
    roles = sorted({r for given in PEOPLE.values() for r in given} | {"auditor"})
    box.policy(f"version: 2\nname: before\nofficers: {{ threshold: 2 }}\nroles: {json.dumps(roles)}\n"
               "environments: { production: {} }\nchange_types: [normal]\nrules: []\n")
    roster(box, [{"op": "put_person", "person": {"accounts": [], "id": p, "roles": r}} for p, r in PEOPLE.items()
                 if p not in SAME] +
           [duty("managers-roster", ["dan"]), duty("ops-roster", ["dan", "eve", "fay"]),
            {"op": "put_client", "client": {"id": "reader", "scopes": ["directory"], "tls": [],
                                            "tokens": [hashlib.sha256(READER.encode()).hexdigest()]}}])
    check(TEXT.startswith("version: 1\n"), "another version")
    box.policy(TEXT.replace("version: 1\n", "version: 3\n", 1))


def read(box):
    """The directory has everybody."""
    end = time.monotonic() + 20
    while True:
        body = {"age_ms": 0, "people": [{"person": p, "roles": r} for p, r in PEOPLE.items()], "source": "ldap",
                "prev": box.ask("GET", "/v1/directory", token=READER)[1]["prev"], "total": sum(map(len, PEOPLE.values()))}
        status, answer = box.ask("POST", "/v1/directory", body, token=READER)
        if status == 201:
            return
        check(answer["code"] == "directory_moved" and time.monotonic() < end, status, answer)
        time.sleep(0.05)


def submit(box, environment, **changes):
    documentation = {"affected_systems": "payments", "backout_plan": "Roll back.", "customer_impact": "none"}
    attributes = {"criticality": "normal", "data": "none", "database": False, "lines": 10}
    return box.open(environment, "release", attributes=attributes, documentation=documentation, **DIGESTS, **changes)


def through(box, environment):
    """Signed by its seats, used, and it went well."""
    request = submit(box, environment)
    box.until(request, "eligible")
    for person, seat in SIGNERS:
        check(box.hand("approve", request, person, f"stage-production/{seat}") == "ok", environment, person)
    for person in ("eve", "fay"):  # nothing is known of the service yet, so it counts as shaky
        check(box.hand("approve", request, person, "shaky-service/lead") == "ok", environment, person)
    box.until(request, "approved")
    status, receipt = box.ask("POST", f"/v1/requests/{request}/redeem", box.present("release", **DIGESTS))
    check(status == 200, status, receipt)
    now = hands.moment()
    status, answer = box.ask("POST", f"/v1/requests/{request}/outcome",
                             {"finished": now, "result": "succeeded", "started": now})
    check(status in (200, 201), status, answer)


def nobody_signs_before_the_directory_was_read_2_4(box):
    request = submit(box, "test")
    check(box.hand("approve", request, "dan", "stage-production/tech") == "directory_stale", "dan")
    read(box)
    check(box.hand("approve", request, "ada", "stage-production/tech") in ("off_duty", "is_policy_editor"), "ada")


def stages_are_signed_by_who_signs_production_1_1(box):
    waits = submit(box, "staging")
    box.until(waits, "blocked")
    through(box, "test")
    box.until(waits, "eligible")
    through(box, "staging")


def production_waits_for_everything_1_1_4_1(box):
    request = submit(box, "production")
    box.until(request, "blocked")
    lines = {(x["kind"], x["rule"], x["id"]): x for x in box.sheet(request)["sheet"]}
    promotion = next(x for (kind, _, _), x in lines.items() if kind == "promotion")
    check(promotion["reason"] == "soaking", promotion)
    evidence = {id for (kind, rule, id) in lines if kind == "evidence" and rule == "production"}
    check(evidence == {"tests", "coverage", "sast", "iac", "canary"}, evidence)
    seats = {f"{rule}/{id}" for (kind, rule, id) in lines if kind == "seat"}
    check(seats == {"production/tech", "production/business", "shaky-service/lead"}, seats)
    for person, seat in SIGNERS:
        code = box.hand("approve", request, person, f"production/{seat}")
        check(code not in ("ok", "unknown_seat"), "signed before all is there:", person, code)


def what_more_says_asks_for_more_4_1(box):
    for attributes, seat in (({"data": "pii"}, "personal-data/privacy"), ({"criticality": "critical"}, "big-or-critical/cab"),
                             ({"lines": 2000}, "big-or-critical/cab")):
        whole = {"criticality": "normal", "data": "none", "database": False, "lines": 10, **attributes}
        documentation = {"affected_systems": "payments", "backout_plan": "Roll back.", "customer_impact": "none"}
        request = box.open("test", str(attributes), attributes=whole, documentation=documentation, **DIGESTS)
        seats = {f"{x['rule']}/{x['id']}" for x in box.sheet(request)["sheet"] if x["kind"] == "seat"}
        check(seat in seats, attributes, seats)
    hotfix = submit(box, "test", change_type="hotfix")
    seats = {f"{x['rule']}/{x['id']}" for x in box.sheet(hotfix)["sheet"] if x["kind"] == "seat"}
    check({"stage-production/tech", "stage-production/business"} <= seats, "a hotfix avoids seats", seats)


TESTS = [nobody_signs_before_the_directory_was_read_2_4, stages_are_signed_by_who_signs_production_1_1,
         production_waits_for_everything_1_1_4_1, what_more_says_asks_for_more_4_1]


if __name__ == "__main__":
    sys.exit(hands.run(__doc__, TESTS, begin))
