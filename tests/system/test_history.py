#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How a service went before, through the real HTTP front, core and command line, with people who sign.

7.4: a service whose deployments fail needs one more person, until it goes well again; where enough went well a group may be smaller, down to the number
that the policy names and never below, and one that breaks something is whole again. What a request needs is what it was when it was opened, and `explain`
says why."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import hand as hands  # noqa: E402
from hand import check  # noqa: E402

POLICY = """
version: 2
name: history
officers: { threshold: 2 }
roles: [business, officer, security, tech]
environments: { lab: {}, staging: {}, production: {} }
change_types: [normal]
rules:
  - id: every
    require: { bind: [artifacts] }
  - id: lab
    when: { environment: lab }
    require: { seats: [ { id: tech, role: tech } ] }
  - id: shaky
    when: { environment: lab, history: { window: 1h, change_fail_rate: { gt: 0.3 } } }
    require: { seats: [ { id: lead, role: business } ] }
  - id: big
    when: { environment: production }
    require: { seats: [ { id: cab, role: tech, quorum: 3 } ] }
earned:
  - rule: big
    seat: cab
    to: { quorum: 2 }
    when: { history: { window: 1h, deployments: { ge: 3 }, change_fail_rate: { lt: 0.2 } } }
"""

CAB = "big/cab"  # ada, dan and eve


def seats(box, request):
    return {s["seat"]: s["count"] for s in box.status(request)["seats"]}


def why(box, request):
    return {r["rule"]: r["because"] for r in box.sheet(request)["rules"]}


def ran(box, environment, artifact, signers, result):
    """All of it: signed by these, used, reported. What it needed."""
    request = box.open(environment, artifact)
    needs = seats(box, request)
    for person, seat in signers:
        box.signs(request, person=person, seat=seat)
    box.until(request, "approved")
    status, receipt = box.redeem(request, artifact)
    check(status == 200, "redeem", status, receipt)
    box.report(request, result)
    return request, needs


# --- history ---

TECH, LEAD = ("dan", "lab/tech"), ("fay", "shaky/lead")


def a_service_that_fails_needs_one_more_7_4(box):
    _, needs = ran(box, "lab", "l1", (TECH, LEAD), "succeeded")  # nothing ran yet: that cannot be told, and whoever cannot tell asks for more
    check(needs == {"lab/tech": 1, "shaky/lead": 1}, needs)
    before = box.open("lab", "before")
    check(seats(box, before) == {"lab/tech": 1}, "one success is no failure:", seats(box, before))
    ran(box, "lab", "l2", (TECH,), "failed")
    shaky = box.open("lab", "shaky")
    check(seats(box, shaky) == {"lab/tech": 1, "shaky/lead": 1}, seats(box, shaky))
    check("history.change_fail_rate is 0.5" in why(box, shaky)["shaky"], why(box, shaky))
    check("applies shaky: " in box.cli("explain", shaky)[1], box.cli("explain", shaky)[1])
    check(seats(box, before) == {"lab/tech": 1}, "it moved under people's hands")
    box.signs(shaky, person="dan", seat="lab/tech")
    check(box.redeem(shaky, "shaky")[0] == 409, "used without the one more")
    box.signs(shaky, person="fay", seat="shaky/lead")
    box.until(shaky, "approved")
    check(box.redeem(shaky, "shaky")[0] == 200, "redeem")
    box.receipt(shaky)
    box.report(shaky, "rolled_back")
    for artifact in ("l3", "l4"):
        ran(box, "lab", artifact, (TECH, LEAD), "succeeded")
    ran(box, "lab", "l5", (TECH, LEAD), "succeeded")  # two of five
    ran(box, "lab", "l6", (TECH, LEAD), "succeeded")  # two of six
    good = box.open("lab", "l7")  # two of seven
    check(seats(box, good) == {"lab/tech": 1}, "it went well again:", seats(box, good))
    check("shaky" not in why(box, good), why(box, good))


def another_service_is_another_7_4(box):
    other = box.open("lab", "other", service="search")
    check(seats(box, other)["shaky/lead"] == 1 and "history.change_fail_rate cannot be told" in why(box, other)["shaky"], why(box, other))


# --- earned ---

ALL = (("ada", CAB), ("dan", CAB), ("eve", CAB))


def earned(box, request):
    return [(r["rule"], e["seat"], e["count"], e["because"]) for r in box.sheet(request)["rules"] for e in r.get("earned", [])]


def trust_is_earned_down_to_its_floor_and_lost_7_4(box):
    for n in range(3):
        request, needs = ran(box, "production", f"p{n}", ALL, "succeeded")
        check(needs == {CAB: 3} and earned(box, request) == [], n, needs)
    request = box.open("production", "p3")
    check(seats(box, request) == {CAB: 2}, "three went well:", seats(box, request))
    because = earned(box, request)
    check(len(because) == 1 and because[0][:3] == ("big", "cab", 2), because)
    check("history.deployments is 3 over 3600 s" in because[0][3] and "history.change_fail_rate is 0 over 3600 s" in because[0][3], because)
    said = box.cli("explain", request)[1]
    check("2 are enough in big/cab: history.deployments is 3 over 3600 s" in said, said)
    for n in range(3, 8):
        _, needs = ran(box, "production", f"more {n}", ALL[:2], "succeeded")
        check(needs == {CAB: 2}, n, needs)
    low = box.open("production", "low")
    check(seats(box, low) == {CAB: 2}, "below its floor:", seats(box, low))
    box.signs(low, person="ada", seat=CAB)
    status, problem = box.redeem(low, "low")
    check(status == 409 and problem["code"] == "not_approved", status, problem)
    for n in range(2):
        ran(box, "production", f"broken {n}", ALL[:2], "failed")
    lost = box.open("production", "lost")  # two of ten
    check(seats(box, lost) == {CAB: 3} and earned(box, lost) == [], "two of ten failed:", seats(box, lost))
    check(seats(box, low) == {CAB: 2}, "it moved under people's hands")
    elsewhere = box.open("production", "elsewhere", service="search")
    check(seats(box, elsewhere) == {CAB: 3}, "another service's trust:", seats(box, elsewhere))


def the_whole_log_holds(box):
    box.export()


TESTS = [a_service_that_fails_needs_one_more_7_4, another_service_is_another_7_4, trust_is_earned_down_to_its_floor_and_lost_7_4, the_whole_log_holds]

if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, POLICY))
