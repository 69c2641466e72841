#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Incidents and calendars over the real HTTP front, core and command line, with people who sign.

1.3: a machine makes a request eligible, blocked or paused, and never fills a seat. 4.5: an incident pauses what waits and what is approved and not
used; only what remediates it passes, by a named responder; a person of the policy's role ends it."""
import datetime
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
from hand import check  # noqa: E402

PAGER = secrets.token_urlsafe(32)
FROZEN = 13


def policy(version, more="", freeze="freeze: { thaw_by: security, pass: remediates }"):
    return f"""
version: {version}
name: incidents
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ staging: {{}}, production: {{}} }}
change_types: [normal]
{freeze}
rules:
  - id: every
    require:
      bind: [artifacts]
      seats: [ {{ id: tech, role: tech }} ]
{more}
"""


def freeze(box, incident, token=PAGER, **changes):
    body = {"incident": incident, "environments": ["production"], "responders": ["ops"], **changes}
    answer = box.call("POST", "/v1/incidents", json.dumps(body).encode(), token=token)
    return answer.status, answer.json()


def thaw(box, index, person="cyd"):
    check(box.hand("thaw", index, person) == "ok", "thaw", index, "by", person)


def approve(box, request):
    check(box.hand("approve", request, "dan", "every/tech") == "ok", request)
    box.until(request, "approved")


def gate(box, request):
    return box.call("GET", f"/v1/gate/{request}", token=None)


# --- 4.5 ---

def only_its_scope_freezes_4_5(box):
    status, problem = freeze(box, "INC-0", token=stage.TOKEN)
    check((status, problem["code"]) == (403, "no_scope"), status, problem)
    status, problem = freeze(box, "it broke", environments=[])
    check(status == 422 and {f["pointer"] for f in problem["faults"]} == {"/incident", "/environments"}, problem)
    status, problem = freeze(box, "INC-0", environments=["moon"])
    check((status, problem["code"]) == (422, "unknown_environment"), status, problem)
    check(box.ask("GET", "/v1/incidents")[1] == {"items": [], "more": False}, "something is frozen")
    check(box.call("POST", "/v1/requests", stage.submission("x"), token=PAGER).status == 403, "the pager opens requests")


def an_incident_pauses_what_waits_and_what_is_approved_4_5(box):
    waits, ready, elsewhere = box.open("production", "a"), box.open("production", "b"), box.open("staging", "c")
    approve(box, ready)
    check(gate(box, ready).status == 200, gate(box, ready))
    status, answer = freeze(box, "INC-1")
    check(status == 201, status, answer)
    check(freeze(box, "INC-1") == (200, answer), "said twice, frozen twice")
    for request in (waits, ready):
        box.until(request, "paused")
        check(gate(box, request).status == 423 and "retry-after" in gate(box, request).fields, gate(box, request))
        line = box.line(request, "freeze")
        check((line["state"], line["reason"], line["value"]) == ("blocked", "frozen", "INC-1"), line)
    check(box.status(elsewhere)["status"] == "eligible", "another environment is held")
    check(box.hand("approve", waits, "dan", "every/tech") == "frozen", "signed during a freeze")
    status, problem = box.redeem(ready, "b")
    check((status, problem["code"]) == (423, "frozen"), status, problem)
    shown = box.ask("GET", "/v1/incidents")[1]["items"]
    check([(x["incident"], x["freeze"], x["responders"]) for x in shown] == [("INC-1", answer["freeze"], ["ops"])], shown)
    the_command_line_says_13_4_5(box, waits)
    thaw(box, answer["freeze"])
    box.until(waits, "eligible")
    box.until(ready, "approved")
    check(box.ask("GET", "/v1/incidents")[1]["items"] == [], "it does not end")
    status, receipt = box.redeem(ready, "b")
    check(status == 200, status, receipt)
    types = [leaf["type"] for leaf in box.receipt(ready)]
    check("freeze" in types and "thaw" in types, types)
    box.export()


def the_command_line_says_13_4_5(box, request):
    code, _, said = box.cli("wait", request, "--trust", box.trust(), "--timeout", "2", ok=(FROZEN,))
    check(code == FROZEN and "paused" in said, code, said)
    code, out, _ = box.cli("status", request, ok=range(256))
    check("paused" in out, code, out)


def what_remediates_passes_by_responders_4_5(box):
    _, answer = freeze(box, "INC-2")
    stranger = box.open("production", "d", remediates=["INC-2"])
    other = box.open("production", "e", remediates=["INC-9"], initiator="ops")
    fix = box.open("production", "f", remediates=["INC-2"], initiator="ops")
    check(box.line(stranger, "freeze")["reason"] == "not_responder", box.line(stranger, "freeze"))
    check(box.line(other, "freeze")["reason"] == "frozen", box.line(other, "freeze"))
    check(box.status(fix)["status"] == "eligible", box.status(fix))
    check(box.hand("approve", stranger, "dan", "every/tech") == "not_responder", "by a stranger")
    check(box.redeem(fix, "f")[0] == 409, "a freeze approves")
    approve(box, fix)
    check(box.redeem(fix, "f")[0] == 200, "the fix does not pass")
    thaw(box, answer["freeze"])


def only_the_role_ends_it_4_5(box):
    _, answer = freeze(box, "INC-3")
    check(box.hand("thaw", answer["freeze"], "dan") == "no_role", "ended by somebody else")
    for method, path in (("DELETE", f"/v1/incidents/{answer['freeze']}"), ("POST", f"/v1/incidents/{answer['freeze']}/thaw"),
                         ("DELETE", "/v1/incidents")):
        check(box.call(method, path, b"{}", token=PAGER).status in (404, 405), path)
    thaw(box, answer["freeze"])
    check(box.hand("thaw", answer["freeze"], "cyd") == "not_frozen", "ended twice")


# --- 1.3 ---

def a_machine_fills_no_seat_1_3(box):
    request = box.open("production", "g")
    before = box.status(request)
    _, answer = freeze(box, "INC-4")
    box.until(request, "paused")
    during = box.status(request)
    check(during["seats"] == before["seats"], "a machine filled a seat")
    thaw(box, answer["freeze"])
    box.until(request, "eligible")
    check(box.status(request)["seats"] == before["seats"], "a thaw filled a seat")


def a_window_opens_by_itself_1_3(box):
    """Production opens with the next minute but one, in the time of a place: signed before, used when it is open."""
    now = datetime.datetime.now(datetime.timezone.utc)
    start = (now + datetime.timedelta(minutes=1)).replace(second=0)
    end = start + datetime.timedelta(minutes=3)
    if start.date() != end.date():  # hours do not go past midnight
        return
    hours = f"{start:%H:%M}-{end:%H:%M}"
    box.policy(policy(3, f"calendar:\n  - {{ id: soon, environments: [production], allow: {{ hours: [\"{hours}\"], zone: Africa/Abidjan }} }}"))
    request = box.open("production", "h")
    check(box.status(request)["status"] == "eligible", "nobody may sign before it opens", box.status(request))
    line = box.line(request, "window")
    if line["state"] == "blocked":
        check(line["reason"] == "closed_now" and start.strftime("%Y-%m-%dT%H:%M") in line["value"], line)
        approve_closed(box, request)
    else:
        approve(box, request)
    box.until(request, "approved", timeout=90)  # by time alone
    check(box.redeem(request, "h")[0] == 200, "it is open")


def approve_closed(box, request):
    check(box.hand("approve", request, "dan", "every/tech") == "ok", request)
    box.until(request, "paused", "approved")
    if box.status(request)["status"] == "paused":
        status, problem = box.redeem(request, "h")
        check(status == 200 or (status, problem["code"]) == (423, "closed_now"), status, problem)


TESTS = [only_its_scope_freezes_4_5, an_incident_pauses_what_waits_and_what_is_approved_4_5, what_remediates_passes_by_responders_4_5,
         only_the_role_ends_it_4_5, a_machine_fills_no_seat_1_3, a_window_opens_by_itself_1_3]


def begin(box):
    box.let_in("pager", PAGER, "incident")


if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, policy(2), begin))
