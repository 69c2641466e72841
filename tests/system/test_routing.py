#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has to come, over the real HTTP front and core, with people who sign: conditions, order, groups, escalation.

2.2: one person fills one seat. 4.1: rules add seats by what the request says, and say why. 4.2: when nobody comes, more people may, and no fewer must. 4.3: seats are filled in any
order, or one after another over the signature before. 4.4: a group votes, as it was when the request was opened; a veto, an abstention."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402
from hand import check  # noqa: E402

ESCALATES_S = 3
CAB = "big/cab"  # ada, dan and eve


def policy(version):
    return f"""
version: {version}
name: routing
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ lab: {{}}, staging: {{}}, production: {{}} }}
change_types: [normal]
rules:
  - id: every
    require:
      bind: [artifacts]
      reason: {{ reject: {{ min: 5 }} }}
      token: {{ verification: required }}
  - id: big
    when: {{ environment: production }}
    require:
      seats: [ {{ id: cab, role: tech, quorum: majority, veto: [security] }} ]
  - id: personal-data
    when: {{ attributes.data: [pii, phi] }}
    require:
      seats: [ {{ id: privacy, role: security, after: big/cab }} ]
  - id: staging
    when: {{ environment: staging }}
    require:
      seats: [ {{ id: tech, role: tech }}, {{ id: security, role: security }} ]
      escalate: [ {{ after: {ESCALATES_S}s, to: business }} ]
"""


def open_request(box, environment, artifact, data="none"):
    return box.open(environment, artifact, attributes={"data": data})


def say(box, word, request, person, seat, code="ok"):
    answer = box.hand(word, request, person, seat)
    check(answer == code, f"{person} {word} {seat}: {answer}, not {code}")


def seat(box, request, name):
    return next(s for s in box.status(request)["seats"] if s["seat"] == name)


def used(box, request, artifact):
    """Used, and the auditor's program says that it was right."""
    status, receipt = box.redeem(request, artifact)
    check(status == 200, "redeem", status, receipt)
    return box.receipt(request)


# --- 4.1 ---

def rules_add_seats_and_say_why_4_1(box):
    plain = open_request(box, "production", "plain")
    check([s["seat"] for s in box.status(plain)["seats"]] == [CAB], box.status(plain)["seats"])
    why = {r["rule"]: r["because"] for r in box.sheet(plain)["rules"]}
    check(why == {"every": "always", "big": "environment is production"}, why)
    data = open_request(box, "production", "data", "pii")
    check({s["seat"] for s in box.status(data)["seats"]} == {CAB, "personal-data/privacy"}, box.status(data)["seats"])
    check({r["rule"]: r["because"] for r in box.sheet(data)["rules"]}["personal-data"] == "attributes.data is pii", "why")
    silent = box.open("production", "silent")  # leaving it out avoids nothing
    check({r["rule"]: r["because"] for r in box.sheet(silent)["rules"]}["personal-data"] == "attributes.data is not given", "why")
    said = box.cli("explain", silent)[1]
    check("applies personal-data: attributes.data is not given" in said and "0 of 3, needs 2 of role tech" in said, said)
    check([x["id"] for x in box.sheet(plain)["sheet"] if x["kind"] == "token"] == ["verification"], "token")


# --- 4.3 ---

def one_after_another_4_3(box):
    request = open_request(box, "production", "order", "phi")
    say(box, "approve", request, "cyd", "personal-data/privacy", "seat_order")
    say(box, "approve", request, "dan", CAB)
    say(box, "approve", request, "cyd", "personal-data/privacy", "seat_order")
    say(box, "approve", request, "eve", CAB)
    say(box, "approve", request, "cyd", "personal-data/privacy")
    box.until(request, "approved")
    leaves = used(box, request, "order")
    words = [json.loads(e["body"]["statement"]) for e in leaves if e["type"] == "decision"]
    mine = [w for w in words if w["request"]["index"] == request]
    check(["previous" in w for w in mine] == [False, False, True], mine)
    lab = open_request(box, "lab", "no cab", "pii")  # where the other rule does not apply there is nobody to wait for
    say(box, "approve", lab, "cyd", "personal-data/privacy")
    box.until(lab, "approved")


def at_once_4_3(box):
    request = open_request(box, "staging", "at once")
    say(box, "approve", request, "cyd", "staging/security")
    say(box, "approve", request, "dan", "staging/tech")
    box.until(request, "approved")


# --- 4.4 ---

def a_group_votes_4_4(box):
    request = open_request(box, "production", "vote")
    have = seat(box, request, CAB)
    check((have["have"], have["of"], have["count"], have["reachable"]) == (0, 3, 2, True), have)
    say(box, "reject", request, "dan", CAB)
    check(box.status(request)["status"] == "eligible", "one vote against ends it")
    check(seat(box, request, CAB)["against"] == 1, seat(box, request, CAB))
    say(box, "approve", request, "dan", CAB, "already_signed")
    say(box, "abstain", request, "fay", CAB, "no_role")
    say(box, "approve", request, "eve", CAB)
    check(box.redeem(request, "vote")[0] == 409, "used with one of three")
    say(box, "approve", request, "ada", CAB)
    box.until(request, "approved")
    used(box, request, "vote")


def what_cannot_be_reached_says_so_4_4(box):
    request = open_request(box, "production", "tired")
    say(box, "abstain", request, "ada", CAB)
    say(box, "abstain", request, "dan", CAB)
    have = seat(box, request, CAB)
    check((have["abstained"], have["reachable"]) == (2, False), have)
    line = box.line(request, "seat")
    check((line["state"], line["reason"]) == ("failed", "quorum_unreachable"), line)
    check(box.status(request)["status"] == "eligible", "an abstention ended it")
    say(box, "reject", request, "eve", CAB)
    check(box.status(request)["status"] == "rejected", box.status(request)["status"])


def a_veto_ends_it_4_4(box):
    request = open_request(box, "production", "veto")
    say(box, "approve", request, "cyd", CAB, "no_role")
    say(box, "approve", request, "dan", CAB)
    say(box, "reject", request, "cyd", CAB)
    check(box.status(request)["status"] == "rejected", box.status(request)["status"])
    lab = open_request(box, "staging", "no group")
    say(box, "abstain", lab, "dan", "staging/tech", "no_abstention")


# --- 4.2 ---

def nobody_comes_4_2(box):
    request = open_request(box, "staging", "night")
    say(box, "approve", request, "fay", "staging/tech", "no_role")
    hands.eventually(lambda: "also" in box.line(request, "seat"), True, timeout=60)
    seats = [x for x in box.sheet(request)["sheet"] if x["kind"] == "seat"]
    check([(x["also"], x["count"], x["have"]) for x in seats] == [(["business"], 1, 0)] * 2, seats)  # no fewer, and nobody by itself
    check(box.status(request)["status"] == "eligible", "it approved by itself")
    say(box, "approve", request, "fay", "staging/tech")
    say(box, "approve", request, "fay", "staging/security", "already_signed")
    say(box, "approve", request, "cyd", "staging/security")
    box.until(request, "approved")
    leaves = used(box, request, "night")
    steps = [e for e in leaves if e["type"] == "escalate"]
    check([(e["actor"], e["body"]) for e in steps] == [("system:core", {"request": request, "rule": "staging", "to": "business"})], steps)


# --- what never loads ---

def what_cannot_be_does_not_load_4_4(box):
    for change, code in ((("quorum: majority", "quorum: 4"), "unfillable_seat"), (("after: big/cab", "after: nowhere"), None),
                         (("veto: [security]", "veto: [security], after: personal-data/privacy"), None)):
        text = policy(9).replace(*change)
        check(text != policy(9), change)
        source = box.dir / "bad.yaml"
        source.write_text(text)
        try:
            box.policy(text)
        except boxes.Failed as failed:
            check(code is None or code in str(failed), failed)
            continue
        raise boxes.Failed(f"it loads: {change}")


TESTS = [rules_add_seats_and_say_why_4_1, one_after_another_4_3, at_once_4_3, a_group_votes_4_4, what_cannot_be_reached_says_so_4_4,
         a_veto_ends_it_4_4, nobody_comes_4_2, what_cannot_be_does_not_load_4_4]


if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, policy(2)))
