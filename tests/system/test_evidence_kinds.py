#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of evidence through the real HTTP front, core and command line, with people who sign.

3.1: test reports and coverage, with a limit, an age, and against what runs there. 3.2: findings of scanners; a waiver ends by itself. 3.3: a linter's
findings, a plan and drift; the same plan keeps signatures, another one ends them. 3.5: backup, restore test and schema of a migration. 3.6: a canary out
of bounds pauses what is approved, and back in bounds it goes on. And provenance under a pinned key."""
import base64
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
from hand import check, moment  # noqa: E402

HOUR, DAY = 3600, 86400


def policy(version, more=""):
    return f"""
version: {version}
name: kinds
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ staging: {{}}, production: {{}} }}
change_types: [normal]
rules:
  - id: every
    require:
      bind: [artifacts]
      seats: [ {{ id: tech, role: tech }} ]
  - id: quality
    when: {{ attributes.asks: quality }}
    require:
      evidence:
        - {{ id: tests, kind: junit, min_pass: 1.0, max: {{ skipped: 1 }}, max_age: 24h }}
        - {{ id: coverage, kind: coverage, min_line: 0.80, max_drop: 0.01 }}
  - id: safe
    when: {{ attributes.asks: safe }}
    require:
      evidence:
        - {{ id: sast, kind: sarif, max: {{ critical: 0, high: 0 }}, baseline: deployed }}
        - {{ id: parts, kind: cyclonedx, max: {{ critical: 0 }}, waivable_by: business }}
  - id: infra
    when: {{ attributes.asks: infra }}
    require:
      evidence: [ {{ id: iac, kind: iac, max: {{ error: 0, delete: 0 }}, drift: none }} ]
      seats: [ {{ id: business, role: business }} ]
  - id: database
    when: {{ attributes.asks: database }}
    require: {{ evidence: [ {{ id: db, kind: migration, backup_max_age: 6h, restore_tested: 30d, schema_from: deployed }} ] }}
  - id: canary
    when: {{ attributes.asks: canary }}
    require:
      evidence: [ {{ id: canary, kind: canary, from: staging, window: 5m, max_age: 1h, bounds: {{ error_rate: "<0.01", p99_ms: "<400" }} }} ]
{more}
"""


def opened(box, asks, artifact, **changes):
    """Of a service of its own: what is compared is what ran of it."""
    request = box.open("production", artifact, attributes={"asks": asks}, service=asks, **changes)
    check(box.status(request)["status"] == "blocked", "nothing came yet:", box.status(request))
    return request


def line_is(box, request, name, state, reason="ok", value=""):
    found = box.evidence(request, name)
    check((found["state"], found["reason"]) == (state, reason) and value in found["value"], f"wanted {state} {reason}:", found)


def deployed(box, request, artifact):
    """Signed by dan, used, and it went well."""
    box.until(request, "eligible")
    box.signs(request)
    used(box, request, artifact)


def used(box, request, artifact):
    box.until(request, "approved")
    status, receipt = box.redeem(request, artifact)
    check(status == 200, "redeem", status, receipt)
    box.receipt(request)
    box.report(request, "succeeded")


# --- 3.1 ---

def junit(passed, failed=0, skipped=0, at=0):
    cases = ["<testcase name='p%d'/>" % i for i in range(passed)]
    cases += ["<testcase name='f%d'><failure message='no'/></testcase>" % i for i in range(failed)]
    cases += ["<testcase name='s%d'><skipped/></testcase>" % i for i in range(skipped)]
    return f"<testsuite timestamp='{moment(at)}'>{''.join(cases)}</testsuite>".encode()


def cobertura(covered, of=100):
    lines = "".join(f'<line number="{n}" hits="{int(n <= covered)}"/>' for n in range(1, of + 1))
    return f'<coverage><packages><package><classes><class name="a"><lines>{lines}</lines></class></classes></package></packages></coverage>'.encode()


def tests_and_coverage_3_1(box):
    first = opened(box, "quality", "q1")
    box.sent(first, "quality/coverage", "coverage", cobertura(90), "q1")
    for body, state, reason in ((junit(9, failed=1), "failed", "evidence_limit"), (junit(9, skipped=2), "failed", "evidence_limit"),
                                (junit(9, at=-DAY - HOUR), "missing", "evidence_old"), (junit(9, skipped=1, at=-DAY + HOUR), "met", "ok")):
        box.sent(first, "quality/tests", "junit", body, "q1")
        line_is(box, first, "tests", state, reason)
        if state != "met":
            box.signs(first, reason)
    deployed(box, first, "q1")

    second = opened(box, "quality", "q2")
    box.sent(second, "quality/tests", "junit", junit(10), "q2")
    for covered, of, state in ((79, 100, "failed"), (88, 100, "failed"), (889, 1000, "failed"), (890, 1000, "met")):  # 90 of 100 run there
        box.sent(second, "quality/coverage", "coverage", cobertura(covered, of), "q2")
        line_is(box, second, "coverage", state, "ok" if state == "met" else "evidence_limit")
    said = box.cli("explain", second)[1]
    check("quality/tests" in said and "is pass_ppm 1, skipped 0" in said and "quality/coverage" in said and "every/tech" in said, said)
    deployed(box, second, "q2")


# --- 3.2 ---

def sarif(*rules, level="error"):
    results = [{"ruleId": rule, "level": level, "message": {"text": "x"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": f"src/{rule}.c"}}}]} for rule in rules]
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}).encode()


def cyclonedx(**severities):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "vulnerabilities": [
        {"id": name, "ratings": [{"severity": severity}], "affects": [{"ref": "pkg:deb/x"}]} for name, severity in severities.items()]}).encode()


def findings_3_2(box):
    first = opened(box, "safe", "s1")
    box.sent(first, "safe/sast", "sarif", sarif("old", level="warning"), "s1")
    box.sent(first, "safe/parts", "cyclonedx", cyclonedx(a="high", b="low"), "s1")
    deployed(box, first, "s1")

    second = opened(box, "safe", "s2", initiator="fay")
    clean = box.sent(second, "safe/parts", "cyclonedx", cyclonedx(), "s2")
    box.sent(second, "safe/sast", "sarif", sarif("old", "new"), "s2")  # what runs there has `old` as well
    line_is(box, second, "sast", "failed", "evidence_limit", "high 2 (1 known)")
    check(box.waive(second, "safe/sast", "fay") == "waiver_line", "a line that nobody may waive")
    box.sent(second, "safe/sast", "sarif", sarif("old"), "s2")
    line_is(box, second, "sast", "met")
    box.sent(second, "safe/parts", "cyclonedx", cyclonedx(c="critical"), "s2")
    line_is(box, second, "parts", "failed", "evidence_limit")
    check(box.waive(second, "safe/parts", "fay") == "is_requester", "whoever asks for the change waives nothing of it")
    check(box.waive(second, "safe/parts", "bob", ["00"]) == "waiver_findings", "a finding that is not there")
    check(box.waive(second, "safe/parts", "bob", file=clean["index"]) == "waiver_evidence", "what he read is not what came last")
    check(box.waive(second, "safe/parts", "bob", life_s=4) == "ok", "bob signs")
    box.until(second, "blocked")  # it ends by time alone
    line_is(box, second, "parts", "failed", "evidence_limit")
    found = box.entries(second, "evidence")[-1]["body"]["report"]["findings"]
    check(box.waive(second, "safe/parts", "bob", [f["id"] for f in found]) == "ok", "bob signs again")
    line_is(box, second, "parts", "waived", value="1 waived")
    deployed(box, second, "s2")


# --- 3.3 ---

def plan(*actions, drift=(), at=0):
    def changes(all_of):
        return [{"address": "a", "change": {"actions": list(words), "before": {"password": "hunter2"}}} for words in all_of]
    return json.dumps({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}, "resource_changes": changes(actions),
                       "resource_drift": changes(drift), "timestamp": moment(at)}).encode()


def plans_and_drift_3_3(box):
    request = opened(box, "infra", "i1")
    box.sent(request, "infra/iac", "plan", plan(["create"]), "i1")
    line_is(box, request, "iac", "missing", "evidence_missing", "error not said")  # half of it is missing
    for rules, of_plan in ((("open-port",), plan(["create"])), ((), plan(["create"], ["delete"])), ((), plan(["create"], drift=[["update"]]))):
        box.sent(request, "infra/iac", "sarif", sarif(*rules), "i1")
        box.sent(request, "infra/iac", "plan", of_plan, "i1")
        line_is(box, request, "iac", "failed", "evidence_limit")
        box.signs(request, "evidence_limit")
    signed = plan(["create"])
    box.sent(request, "infra/iac", "plan", signed, "i1")
    line_is(box, request, "iac", "met")
    check("hunter2" not in json.dumps(box.sheet(request)) + json.dumps(box.entries(request, "evidence")), "a value of the plan is in the log")

    box.signs(request)
    box.sent(request, "infra/iac", "plan", signed, "i1")
    check(seat(box, request, "every/tech") == 1, "the same plan ended a signature")
    box.sent(request, "infra/iac", "plan", plan(["create"], at=-60), "i1")  # it counts the same, and is another one
    check(seat(box, request, "every/tech") == 0, "another plan of the same counts than the one that was signed for")
    box.signs(request)
    box.sent(request, "infra/iac", "plan", plan(["create"], ["update"]), "i1")
    line_is(box, request, "iac", "met")
    check(seat(box, request, "every/tech") == 0, "another plan than the one that was signed for")
    box.signs(request, person="fay", seat="infra/business")
    check(box.status(request)["status"] == "eligible", "approved with a signature for another plan")
    box.signs(request)
    used(box, request, "i1")


def nothing_of_a_plan_is_kept_3_3(box):
    """Not in the database nor its journal, not in a spool; and not given to anybody. What the log says of it is compared with the pipeline's own copy."""
    request = opened(box, "infra", "i2")
    file = box.dir / "plan.json"
    file.write_bytes(plan(["create"], at=-120))
    taken = box.sent(request, "infra/iac", "plan", file.read_bytes(), "i2")
    answer = box.call("GET", f"/v1/evidence/{taken['sha256']}")
    check(answer.status == 404 and answer.json()["code"] == "evidence_unknown", answer)
    places = [p for p in box.run_dir.parent.rglob("*") if p.is_file()]
    check(any(p.suffix == ".db" for p in places), places)
    check(not [p for p in places if b"hunter2" in p.read_bytes()], "a value of the plan is on the disk")
    paper = box.dir / "plan.receipt"
    paper.write_text(json.dumps(box.ask("GET", f"/v1/requests/{request}/receipt")[1], separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    said = boxes.run([box.bin / "countersign", "compare", "--receipt", paper, file])
    check("the log says what is in the file" in said, said)


def seat(box, request, name):
    return next(s["have"] for s in box.status(request)["seats"] if s["seat"] == name)


# --- what a file says that it is about ---

def files_about_something_else(box):
    """A file that names artifacts names those of the request, whatever the client says."""
    request = opened(box, "safe", "s3")
    ours = box.present("s3")["artifacts"][0]["sha256"]
    for named, taken in ((["ab" * 32], False), ([ours], True), ([ours, "ab" * 32], True)):
        component = {"hashes": [{"alg": "SHA-256", "content": name} for name in named]}
        body = json.dumps(json.loads(cyclonedx()) | {"metadata": {"component": component}}).encode()
        answer = box.file(request, "safe/parts", "cyclonedx", body, "s3")
        check(answer.status == (201 if taken else 422) and (taken or answer.json()["code"] == "evidence_artifact"), named, answer)
    request = opened(box, "canary", "c2")
    for named, taken in ((["ef" * 32], False), ([box.present("c2")["artifacts"][0]["sha256"]], True)):
        answer = box.file(request, "canary/canary", "canary", json.dumps(json.loads(readings()) | {"artifacts": named}).encode(), "c2")
        check(answer.status == (201 if taken else 422) and (taken or answer.json()["code"] == "evidence_artifact"), named, answer)


# --- 3.5 ---

def migration(schema, backup_s=-HOUR, restored_s=-DAY):
    record = {"v": 1, "schema": {"from": schema[0], "to": schema[1]}, "reversible": False, "backup": {"id": "b1", "taken": moment(backup_s), "bytes": 4096}}
    return json.dumps(record | ({"restore_tested": moment(restored_s)} if restored_s is not None else {})).encode()


def migrations_3_5(box):
    first = opened(box, "database", "d1")
    for record, state in ((migration(("41", "42"), backup_s=-6 * HOUR - 60), "failed"), (migration(("41", "42"), restored_s=None), "failed"),
                          (migration(("41", "42"), restored_s=-30 * DAY - 60), "failed"), (migration(("41", "42"), backup_s=HOUR), "failed"),
                          (migration(("41", "42"), -5 * HOUR, -29 * DAY), "met")):
        box.sent(first, "database/db", "migration", record, "d1")
        line_is(box, first, "db", state, "ok" if state == "met" else "evidence_limit")
    deployed(box, first, "d1")

    second = opened(box, "database", "d2")
    box.sent(second, "database/db", "migration", migration(("41", "43")), "d2")  # 42 is there by now
    line_is(box, second, "db", "failed", "evidence_limit", "schema_from 41")
    box.signs(second, "evidence_limit")
    box.sent(second, "database/db", "migration", migration(("42", "43")), "d2")
    line_is(box, second, "db", "met")
    deployed(box, second, "d2")


# --- 3.6 ---

def readings(error_rate="0.001", p99=200, environment="staging", minutes=6):
    rows = []
    for s in range(-60 * minutes, 1, 30):
        rows += [{"at": moment(s), "metric": "error_rate", "value": error_rate}, {"at": moment(s), "metric": "p99_ms", "value": p99}]
    return json.dumps({"v": 1, "environment": environment, "readings": rows}).encode()


def canaries_3_6(box):
    request = opened(box, "canary", "c1")
    for body in (readings(error_rate="0.01"), readings(p99=400.5), readings(environment="production"), readings(minutes=4)):
        box.sent(request, "canary/canary", "canary", body, "c1")
        line_is(box, request, "canary", "failed", "evidence_limit")
        box.signs(request, "evidence_limit")
    box.sent(request, "canary/canary", "canary", readings(), "c1")
    box.until(request, "eligible")
    box.signs(request)
    box.until(request, "approved")
    box.sent(request, "canary/canary", "canary", readings(error_rate="0.2"), "c1")
    box.until(request, "paused")
    status, problem = box.redeem(request, "c1")
    check(status == 409 and problem["code"] == "evidence_limit", status, problem)
    check(box.cli("wait", request, "--trust", box.trust(), "--timeout", "1", ok=range(256))[0] == 13, "wait does not say that it is paused")
    box.sent(request, "canary/canary", "canary", readings(error_rate="0.009999"), "c1")
    check(seat(box, request, "every/tech") == 1, "a canary ended a signature")
    used(box, request, "c1")  # without signing again


# --- provenance ---

class Builder:
    """Somebody who builds and says so: a P-256 key, and statements under it."""

    def __init__(self, box, name):
        self.file = box.dir / f"{name}.pem"
        boxes.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.file])
        pem = boxes.run(["openssl", "pkey", "-in", self.file, "-pubout"])
        self.key = "".join(line for line in pem.splitlines() if not line.startswith("-----"))

    def envelope(self, sha256, bend=lambda statement: statement):
        statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
                     "subject": [{"name": "api", "digest": {"sha256": sha256}}],
                     "predicate": {"buildDefinition": {"buildType": "t"}, "runDetails": {"builder": {"id": "https://builder.example"}}}}
        kind, payload = b"application/vnd.in-toto+json", json.dumps(statement).encode()
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=signed, capture_output=True, check=True).stdout
        return json.dumps({"payload": base64.b64encode(bend(payload)).decode(), "payloadType": kind.decode(),
                           "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}]}).encode()


def provenance_under_a_pinned_key(box):
    ours, theirs = Builder(box, "ours"), Builder(box, "theirs")
    box.policy(policy(3, f"""
  - id: built
    when: {{ attributes.asks: built }}
    require: {{ evidence: [ {{ id: slsa, kind: provenance, key: "{ours.key}" }} ] }}
"""))
    request = opened(box, "built", "p1")
    sha256, other = (box.present(name)["artifacts"][0]["sha256"] for name in ("p1", "p2"))
    forged = ours.envelope(sha256, lambda payload: payload.replace(b"builder.example", b"builder.examp1e"))
    for envelope, code in ((theirs.envelope(sha256), "invalid_body"), (forged, "invalid_body"), (ours.envelope(other), "evidence_artifact")):
        answer = box.file(request, "built/slsa", "provenance", envelope, None)
        check(answer.status == 422 and answer.json()["code"] == code, code, answer)
        line_is(box, request, "slsa", "missing", "evidence_missing")
    envelope, paper = box.dir / "envelope.json", box.dir / "slsa.receipt"
    envelope.write_bytes(ours.envelope(sha256))
    box.sent(request, "built/slsa", "provenance", envelope.read_bytes(), None)
    line_is(box, request, "slsa", "met", value="builder https://builder.example")
    paper.write_text(json.dumps(box.ask("GET", f"/v1/requests/{request}/receipt")[1], separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    compare = [box.bin / "countersign", "compare", "--receipt", paper]
    said = subprocess.run([*compare, envelope], capture_output=True, text=True)  # without the key nothing can be told, so nobody is accused
    check(said.returncode == 1 and "cannot tell" in said.stdout and "--key-file" in said.stdout and "SOMETHING" not in said.stdout, said)
    public = box.dir / "ours.pub.pem"
    public.write_text(boxes.run(["openssl", "pkey", "-in", ours.file, "-pubout"]))
    check("the log says what is in the file" in boxes.run([*compare, "--key-file", public, envelope]), "compared with the key")
    deployed(box, request, "p1")


def the_whole_log_holds(box):
    box.export()


TESTS = [tests_and_coverage_3_1, findings_3_2, plans_and_drift_3_3, nothing_of_a_plan_is_kept_3_3, files_about_something_else, migrations_3_5, canaries_3_6, provenance_under_a_pinned_key, the_whole_log_holds]


def begin(box):
    box.let_scanner_in("canary", "coverage", "cyclonedx", "junit", "migration", "plan", "provenance", "sarif")


if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, policy(2), begin))
