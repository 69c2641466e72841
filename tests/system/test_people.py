#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may sign now, through the real HTTP front, core and command line, with people who sign.

2.1: only who is on duty; when nobody is, the log and the API say so. 2.3: whoever asked, triggered or wrote does not decide. 2.5: somebody signs for
somebody, by a delegation that its delegator signed, and takes it back. 2.6: what is denied is in the log. 5.6: officers sign a review of who may do what."""
import datetime
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402
from hand import check, moment  # noqa: E402

SOURCE = {"authors": ["gitlab:9"], "commit": "0" * 40, "commits": 1, "files_changed": 1, "lines_added": 1, "lines_removed": 1, "ref": "refs/heads/main",
          "repository": "shop", "since": "root"}


def policy(version, more=""):
    return f"""
version: {version}
name: people
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ staging: {{}}, production: {{}} }}
change_types: [normal]
{more}
rules:
  - id: every
    require:
      bind: [artifacts]
      separate: [initiator, trigger, authors]
      seats: [ {{ id: tech, role: tech }} ]
"""


DUTY = "duty: { roles: { tech: ops } }"
DELEGATION = "delegation: { roles: { tech: { to: [security], most: 10d } } }"
REVIEWS = "access_review: { every: 40d, unused: 30d, on_miss: suspend }"


def refused(box, what, text, who, code):
    box.paper.write_text(text)
    r = subprocess.run([str(w) for w in box.proposing(what, who)], capture_output=True, text=True)
    check(r.returncode == 1 and code in r.stderr, f"propose {what}, wanted {code}:", r)


def used(box, request, artifact):
    box.until(request, "approved")
    status, receipt = box.redeem(request, artifact)
    check(status == 200, "redeem", status, receipt)
    return box.receipt(request)


def logged(box, code, **about):
    """The log has an access entry that says so, or has it soon."""
    hands.eventually(lambda: any(leaf["type"] == "access" and {"code": code, **about}.items() <= {**leaf, **leaf["body"]}.items() for leaf in log(box)), True)


def log(box):
    """Every leaf, from what the auditor's program holds to be right."""
    for part in sorted((box.export() / "tile" / "entries").rglob("*")):
        bundle = part.read_bytes() if part.is_file() else b""
        while bundle:
            n = 2 + int.from_bytes(bundle[:2], "big")
            yield json.loads(bundle[2:n])
            bundle = bundle[n:]


# --- 2.1 ---

def roster(first_day, people):
    day = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=first_day)
    return (f"roster: ops\nzone: Europe/Berlin\nhand_over: 15m\nfrom: {day}\nuntil: {day + datetime.timedelta(days=4)}\n"
            f"shifts: [ {{ from: \"00:00\", until: \"24:00\", people: [{people}] }} ]\n")


def alarms(box):
    return [(a["code"], a["subject"]) for a in box.ask("GET", "/v1/alarms")[1]["items"]]


def only_who_is_on_duty_2_1(box):
    refused(box, "duty", roster(-1, "dan").replace("Berlin", "Nowhere"), "ada", "no time zone Europe/Nowhere")
    box.officers(box.propose("duty", roster(-1, "dan"), "ada"))
    box.policy(policy(3, DUTY))
    request = box.open("production", "duty")
    line = box.line(request, "seat")
    check((line["duty"], line["on_duty"]) == ("ops", 1), line)
    box.signs(request, "off_duty", person="eve")
    logged(box, "off_duty", request=request)
    box.signs(request)
    used(box, request, "duty")
    box.officers(box.propose("duty", roster(30, "dan"), "ada"))  # nobody until then
    waits = box.open("production", "nobody")
    box.signs(waits, "off_duty")
    check(box.line(waits, "seat")["on_duty"] == 0, box.line(waits, "seat"))
    hands.eventually(lambda: alarms(box), [("nobody_on_duty", "ops")])
    box.officers(box.propose("duty", roster(-1, "dan, eve"), "ada"))
    hands.eventually(lambda: alarms(box), [])
    box.signs(waits, person="eve")
    box.policy(policy(4))


# --- 2.3, 2.6 ---

def who_asked_triggered_or_wrote_does_not_decide_2_3(box):
    rows = [({"initiator": "dan"}, "is_requester"), ({"initiator": "person:dan"}, "is_requester"), ({"trigger": "dan"}, "is_trigger"),
            ({"source": {**SOURCE, "authors": ["gitlab:9", "DAN"]}}, "is_author")]
    for number, (changes, code) in enumerate(rows):
        request = box.open("production", f"apart {number}", **{"trigger": "gitlab:8", "source": SOURCE, **changes})
        box.signs(request, code)
        logged(box, code, request=request)
        box.signs(request, person="eve")
        used(box, request, f"apart {number}")


def what_is_denied_is_in_the_log_2_6(box):
    request = box.open("production", "denied")
    box.signs(request, "no_role", person="fay")
    logged(box, "no_role", request=request)
    answer = box.call("POST", f"/v1/requests/{request}/withdraw", b"{}", stage.READER)
    check(answer.status == 403, answer)
    logged(box, "no_scope", actor="client:watch")


# --- 2.5 ---

def somebody_signs_for_somebody_2_5(box):
    text = f"role: tech\nto: cyd\nfrom: {moment()[:19]}Z\nuntil: {moment(86400)[:19]}Z\nenvironments: [production]\n"
    refused(box, "delegation", text, "dan", "not_delegable")
    box.policy(policy(5, DELEGATION))
    lent = box.propose("delegation", text, "dan")
    box.signs(lent, "delegation_person", person="eve", seat="delegation/delegator")
    box.signs(lent, seat="delegation/delegator")
    box.until(lent, "applied")
    request = box.open("production", "lent", trigger="gitlab:8", source=SOURCE)
    box.signs(request, "no_role", person="cyd")
    elsewhere = box.open("staging", "elsewhere", trigger="gitlab:8", source=SOURCE)
    for where, want in ((elsewhere, "delegation_scope"), (box.open("production", "his", trigger="gitlab:8", source={**SOURCE, "authors": ["dan"]}), "is_author")):
        check(box.hand("approve", where, "cyd", "every/tech", lent) == want, want)
    check(box.hand("approve", request, "cyd", "every/tech", lent) == "ok", "cyd signs for dan")
    said = box.status(request)["decisions"]
    check([(d["person"], d["delegator"]) for d in said] == [("cyd", "dan")], said)
    used(box, request, "lent")
    back = box.propose("delegation", f"revokes: {lent}\n", "dan")
    box.signs(back, seat="delegation/delegator")
    box.until(back, "applied")
    after = box.open("production", "after")
    check(box.hand("approve", after, "cyd", "every/tech", lent) == "delegation_scope", "it was taken back")


# --- 5.6 ---

def officers_review_who_may_do_what_5_6(box):
    keeps = "dan: [tech]\nfay: [business]\n"
    refused(box, "access", keeps, "ada", "no_access_review")
    box.policy(policy(6, REVIEWS))
    refused(box, "access", "dan: [business]\n", "ada", "")  # has no such role
    review = box.propose("access", keeps, "ada")
    box.signs(review, "is_requester", person="ada", seat="officers/officers")
    box.signs(review, "no_role", person="dan", seat="officers/officers")
    box.officers(review)
    box.export()


TESTS = [only_who_is_on_duty_2_1, who_asked_triggered_or_wrote_does_not_decide_2_3, what_is_denied_is_in_the_log_2_6, somebody_signs_for_somebody_2_5,
         officers_review_who_may_do_what_5_6]

if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, policy(2)))
