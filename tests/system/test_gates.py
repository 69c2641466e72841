#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gates and stages over the real HTTP front and core, with people who sign: what blocks a request, and what lets it go on.

1.1: order of environments, soak, outcome of the stage before. 1.2: seats of roles. 1.3: a machine makes a request eligible or blocked, and never
fills a seat. 1.4: refs, pull request, reviewers; and tickets. 1.5: what was bound is presented
again. 1.6: what goes back is signed with the approval and used once."""
import base64
import hashlib
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402
from hand import check  # noqa: E402

SOAK_S = 3


def policy(version, require="", soak=f"{SOAK_S}s"):
    return f"""
version: {version}
name: gates
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments:
  lab: {{}}
  staging: {{ after: lab }}
  production: {{ after: staging, soak: {soak} }}
change_types: [normal, rollback]
rules:
  - id: every
    require:
      bind: [artifacts]
      seats: [ {{ id: tech, role: tech }} ]
      reason: {{ reject: {{ min: 5 }} }}
  - id: production
    when: {{ environment: production }}
    require:
      bind: [config, plan]
      seats: [ {{ id: business, role: business }} ]
  - id: undo
    when: {{ attributes.undo: true }}
    require: {{ fields: [documentation.rollback_plan, documentation.rollback_triggers, rollback] }}
  - id: strict
    when: {{ attributes.strict: true }}
    require:
      source: {{ refs: [refs/heads/main, "refs/tags/v*"], protected: true, pull_request: merged, reviewers: 1 }}
      ticket: {{ system: servicenow, state: [implement, scheduled] }}
{require}
"""


BOUND = {"config_sha256": "c" * 64, "plan_sha256": "b" * 64}


def approve(box, request, environment):
    check(box.hand("approve", request, "dan", "every/tech") == "ok", request, "by dan")
    if environment == "production":
        check(box.hand("approve", request, "fay", "production/business") == "ok", request, "by fay")
    box.until(request, "approved")


def ran(box, environment, artifact, result="succeeded"):
    """All of it; the request."""
    bound = BOUND if environment == "production" else {}
    request = box.open(environment, artifact, **bound)
    approve(box, request, environment)
    status, answer = box.redeem(request, artifact, **bound)
    check(status == 200, "redeem", status, answer)
    if result is not None:
        box.report(request, result)
    return request


# --- 1.1 ---

def promotion_waits_for_the_stage_before_1_1(box):
    request = box.open("production", "one", **BOUND)
    check(box.status(request)["status"] == "blocked", "nothing ran in staging:", box.status(request))
    line = box.line(request, "promotion")
    check((line["id"], line["state"], line["reason"]) == ("staging", "missing", "not_promoted"), line)
    check(box.hand("approve", request, "dan", "every/tech") == "not_promoted", "signed before it ran in staging")
    staged = box.open("staging", "one")
    check(box.status(staged)["status"] == "blocked", "nothing ran in the lab")
    ran(box, "lab", "one")
    box.until(staged, "eligible")
    approve(box, staged, "staging")
    check(box.redeem(staged, "one")[0] == 200, "redeem in staging")
    time.sleep(SOAK_S + 1)  # the soak counts from the outcome, so this is for nothing
    check(box.line(request, "promotion")["reason"] == "not_promoted", box.line(request, "promotion"))
    box.report(staged, "succeeded")
    line = box.line(request, "promotion")
    check((line["state"], line["reason"]) == ("blocked", "soaking"), line)
    check(box.hand("approve", request, "dan", "every/tech") == "soaking", "signed while it soaks")
    box.until(request, "eligible")  # by time alone
    approve(box, request, "production")
    status, receipt = box.redeem(request, "one", **BOUND)
    check(status == 200, "redeem in production", status, receipt)
    indexes = {entry["index"] for entry in receipt["entries"]}
    check(staged in indexes and {"redeem", "outcome"} <= types_about(receipt, staged), "the receipt lacks what promoted it")
    box.receipt(request)
    box.export()


def types_about(receipt, request):
    leaves = [json.loads(entry["leaf"]) for entry in receipt["entries"]]
    return {leaf["type"] for leaf in leaves if leaf["body"].get("request") == request}


def one_digest_more_stays_blocked_1_1(box):
    ran(box, "lab", "two")
    ran(box, "staging", "two")
    two = json.loads(stage.submission("two"))["artifacts"]
    other = {"name": "web", "sha256": hashlib.sha256(b"web").hexdigest()}
    changed = [{"name": "api", "sha256": two[0]["sha256"][:-1] + ("0" if two[0]["sha256"][-1] != "0" else "1")}]
    for artifacts in (two + [other], changed, [{"name": "app", "sha256": two[0]["sha256"]}]):
        request = box.open("production", "two", artifacts=artifacts, **BOUND)
        check(box.line(request, "promotion")["reason"] == "not_promoted", artifacts, box.line(request, "promotion"))
    time.sleep(SOAK_S)
    check(box.hand("approve", request, "dan", "every/tech") == "not_promoted", "another name")
    same = box.open("production", "two", **BOUND)
    box.until(same, "eligible")
    later_failures_block_1_1(box, same)


def later_failures_block_1_1(box, request):
    approve(box, request, "production")
    again = ran(box, "staging", "two", "rolled_back")
    box.until(request, "paused")
    status, problem = box.redeem(request, "two", **BOUND)
    check(status == 409 and problem["code"] == "stage_failed", status, problem)
    check(str(again) in box.line(request, "promotion")["value"], box.line(request, "promotion"))
    ran(box, "staging", "two")
    box.until(request, "approved")
    check(box.redeem(request, "two", **BOUND)[0] == 200, "it succeeded again")


def a_soak_that_is_cut_1_1(box):
    for artifact in ("three", "four"):
        ran(box, "lab", artifact)
    ran(box, "staging", "three")
    ran(box, "staging", "four")
    request = box.open("production", "three", **BOUND)
    check(box.line(request, "promotion")["reason"] == "soak_cut", box.line(request, "promotion"))


# --- 1.2, 1.3 ---

def a_machine_fills_no_seat_1_2_1_3(box):
    request = box.open("lab", "seats")
    before = box.status(request)
    for method, path in (("POST", "approve"), ("POST", "decision"), ("PUT", "seats")):
        check(box.ask(method, f"/v1/requests/{request}/{path}", {})[0] in (404, 405), path)
    check(box.status(request) == before, "a pipeline changed something")
    check(box.hand("approve", request, "fay", "every/tech") == "no_role", "a seat of another role")
    check([s["role"] for s in before["seats"]] == ["tech"], before)
    check(box.hand("reject", request, "dan", "every/tech") == "ok", "rejected")
    check(box.status(request)["status"] == "rejected", "rejected")


# --- 1.4 ---

SOURCE = {"authors": ["git:aa"], "commit": "0" * 40, "commits": 1, "files_changed": 1, "lines_added": 1, "lines_removed": 1, "ref": "refs/heads/main",
          "repository": "shop", "since": "root", "pull_request": {"number": 12, "state": "merged"}, "reviewers": ["gitlab:9"], "protected": True}
TICKET = {"ticket": "CHG0001", "ticket_state": "implement", "ticket_system": "servicenow"}


def sources_and_tickets_1_4(box):
    rows = [
        ({}, None),
        ({"source": {**SOURCE, "ref": "refs/tags/v1.2"}}, None),
        ({"source": None}, "source_protected"),
        ({"source": {**SOURCE, "ref": "refs/heads/wip"}}, "source_ref"),
        ({"source": {**SOURCE, "protected": False}}, "source_protected"),
        ({"source": {**SOURCE, "pull_request": {"number": 12, "state": "open"}}}, "source_pull_request"),
        ({"source": {**SOURCE, "reviewers": ["git:aa", "GITLAB:7"]}}, "source_reviewers"),
        ({"ticket": None}, "ticket_state"),
        ({"ticket_state": "closed"}, "ticket_state"),
        ({"ticket_system": "jira"}, "ticket_system"),
    ]
    for number, (changes, code) in enumerate(rows):
        request = box.open("lab", f"source {number}", **{"source": SOURCE, **TICKET, **changes, "attributes": {"strict": True, "undo": False}})
        check(box.status(request)["status"] == ("eligible" if code is None else "blocked"), changes, box.status(request))
        said = box.hand("approve", request, "dan", "every/tech")
        check(said == (code or "ok"), changes, said)
        if code is not None:
            reasons = [line["reason"] for line in box.sheet(request)["sheet"] if line["state"] in ("failed", "missing") and line["kind"] != "seat"]
            check(code in reasons, changes, reasons)
            check(box.hand("reject", request, "dan", "every/tech") == "ok", "what is blocked can be rejected")


def the_client_says_where_it_comes_from_1_4(box):
    """`countersign submit` says it, from a repository of its own; what it sends is what the sheet shows."""
    repository, artifact = box.dir / "repository", box.dir / "artifact"
    artifact.write_text("an artifact")
    for words in (["init", "-q", "-b", "main", repository], ["-C", repository, "commit", "-q", "--allow-empty", "-m", "one"]):
        boxes.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words])
    words = ["--from-git", "--repo", repository, "--artifact", f"api={artifact}", "--environment", "lab", "--service", "payments", "--title", "By the client",
             "--initiator", "gitlab:7", "--attribute", "strict=true", "--attribute", "undo=false"]
    source = ["--protected", "--pull-request", "12=merged", "--reviewer", "gitlab:9", "--reviewer", "gitlab:8"]
    ticket = ["--ticket", "CHG0002", "--ticket-state", "scheduled", "--ticket-system", "servicenow"]
    blocked = box.submit(*words)["id"]
    check(box.status(blocked)["status"] == "blocked", box.status(blocked))
    request = box.submit(*words, *source, *ticket)["id"]
    check(box.status(request)["status"] == "eligible", [x for x in box.sheet(request)["sheet"] if x["state"] != "met"])
    check(box.line(request, "source")["value"] == "true", box.line(request, "source"))
    for wrong in (["--pull-request", "12"], ["--pull-request", "x=merged"]):
        check(box.cli("submit", *words, *wrong, ok=range(256))[0] == 2, wrong)
    check(box.cli("submit", *[w for w in words if w != "--from-git"], "--protected", ok=range(256))[0] == 2, "without --from-git")
    check(box.cli("submit", *words, "--pull-request", "12=Merged", ok=range(256))[0] not in (0, 2), "a state that is none")


# --- 1.5 ---

def what_is_bound_is_presented_again_1_5(box):
    missing = box.call("POST", "/v1/requests", stage.submission("bound", environment="production", attributes={"strict": False, "undo": False}), Idempotency_Key="bound")
    check(missing.status == 422 and len(missing.json()["missing"]) == 2, missing)
    for name, other in (("config_sha256", "d" * 64), ("plan_sha256", "d" * 64), ("plan_sha256", None)):
        artifact = f"bound {name} {other}"
        ran(box, "lab", artifact)
        ran(box, "staging", artifact)
        request = box.open("production", artifact, **BOUND)
        box.until(request, "eligible")
        approve(box, request, "production")
        given = {k: v for k, v in {**BOUND, name: other}.items() if v is not None}
        status, problem = box.redeem(request, artifact, **given)
        check(status == 409 and problem["code"] == "drifted", status, problem)
        check(box.status(request)["status"] == "void", "an approval that drifted goes on")
        check(box.redeem(request, artifact, **BOUND)[0] == 409, "used after it drifted")


# --- 1.6 ---

def goes_back(artifact, *triggers):
    return {"artifacts": json.loads(stage.submission(artifact))["artifacts"], "triggers": list(triggers)}


def a_rollback_is_signed_and_used_once_1_6(box):
    rows = [({}, 3), ({"documentation": {"rollback_plan": "p", "rollback_triggers": "t", "backout_plan": "b"}}, 1)]
    for changes, missing in rows:
        answer = box.call("POST", "/v1/requests", stage.submission("v2", environment="lab", attributes={"strict": False, "undo": True}, **changes),
                          Idempotency_Key=f"undo-{missing}")
        check(answer.status == 422 and len(answer.json()["missing"]) == missing, answer)
    content = {"attributes": {"strict": False, "undo": True},
               "documentation": {"rollback_plan": "Deploy v1.", "rollback_triggers": "error_rate above 1 %", "backout_plan": "The same."}}
    never = box.call("POST", "/v1/requests", stage.submission("v2", environment="lab", rollback=goes_back("v0", "error_rate"), **content), Idempotency_Key="never")
    check(never.status == 409 and never.json()["code"] == "never_deployed", never)
    ran(box, "lab", "v1")
    request = box.open("lab", "v2", rollback=goes_back("v1", "error_rate", "p99"), **content)
    approve(box, request, "lab")
    check(box.redeem(request, "v2")[0] == 200, "redeem")
    early = box.redeem(request, "v1", rollback=True)
    check(early[0] == 409 and early[1]["code"] == "no_rollback", early)
    wrong = box.ask("POST", f"/v1/requests/{request}/outcome", {"result": "rolled_back", "trigger": "p99", "started": "2026-01-05T09:00:00.000Z",
                                                                "finished": "2026-01-05T09:01:00.000Z"})
    check(wrong[0] == 422, wrong)
    box.report(request, "failed", trigger="p99", incident="INC-1")
    status = box.status(request)
    check(status["status"] == "failed" and set(status["rollback"]) == {"outcome", "use_by"}, status)
    other = box.redeem(request, "v2", rollback=True)
    check(other[0] == 409 and other[1]["code"] == "drifted", other)
    denied = box.ask("POST", f"/v1/requests/{request}/redeem", box.present("v1", rollback=True), token=stage.READER)
    check(denied[0] == 403, denied)
    code, receipt = box.redeem(request, "v1", rollback=True)
    check(code == 200, code, receipt)
    payload = json.loads(base64.b64decode(json.loads(receipt["envelope"])["payload"]))
    check([x["digest"]["sha256"] for x in payload["subject"]] == [x["sha256"] for x in goes_back("v1")["artifacts"]], payload["subject"])
    check("ROLLBACK" in payload["predicate"]["properties"], payload["predicate"])
    again = box.redeem(request, "v1", rollback=True)
    check(again[0] == 409 and again[1]["code"] == "redeemed", again)
    box.receipt(request)
    box.export()
    box.report(request, "rolled_back")
    check(box.status(request)["status"] == "rolled_back", box.status(request))


def the_client_goes_back_1_6(box):
    """`countersign submit`, `report --trigger-met` and `redeem --rollback`, which proves the receipt before and after."""
    one, two, trust, out = box.dir / "one", box.dir / "two", box.trust(), box.dir / "back.json"
    one.write_text("version one")
    two.write_text("version two")
    words = ["--environment", "lab", "--service", "search", "--title", "By the client", "--initiator", "gitlab:7", "--attribute", "strict=false", "--attribute", "undo=false"]
    where = ["--environment", "lab", "--service", "search", "--trust", trust]
    first = box.submit(*words, "--artifact", f"api={one}")["id"]
    approve(box, first, "lab")
    box.cli("redeem", first, *where, "--artifact", f"api={one}")
    box.cli("report", first, "--result", "succeeded")
    digest = hashlib.sha256(one.read_bytes()).hexdigest()
    check(box.cli("submit", *words, "--artifact", f"api={two}", "--rollback-trigger", "p99", ok=range(256))[0] == 2, "a trigger for nothing")
    second = box.submit(*words, "--artifact", f"api={two}", "--rollback-artifact", f"api=sha256:{digest}", "--rollback-trigger", "p99")["id"]
    approve(box, second, "lab")
    check(box.cli("redeem", second, *where, "--artifact", f"api={one}", "--rollback", ok=range(256))[0] != 0, "before it was used")
    box.cli("redeem", second, *where, "--artifact", f"api={two}")
    box.cli("report", second, "--result", "failed", "--trigger-met", "p99")
    check(box.cli("redeem", second, *where, "--artifact", f"api={two}", "--rollback", ok=range(256))[0] == 14, "what failed is not what it goes back to")
    box.cli("redeem", second, *where, "--artifact", f"api={one}", "--rollback", "--out", out)
    boxes.run([box.bin / "countersign-audit", "verify", "--trust", trust, "--redeemed", "--subject", digest, out])
    check(box.cli("redeem", second, *where, "--artifact", f"api={one}", "--rollback", ok=range(256))[0] != 0, "twice")
    box.cli("report", second, "--result", "rolled_back")
    check(box.status(second)["status"] == "rolled_back", box.status(second))


TESTS = [promotion_waits_for_the_stage_before_1_1, one_digest_more_stays_blocked_1_1, a_soak_that_is_cut_1_1,
         a_machine_fills_no_seat_1_2_1_3, sources_and_tickets_1_4,
         the_client_says_where_it_comes_from_1_4, what_is_bound_is_presented_again_1_5,
         a_rollback_is_signed_and_used_once_1_6, the_client_goes_back_1_6]


if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, policy(2)))
