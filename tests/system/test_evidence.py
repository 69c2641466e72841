#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files about deployments through the real HTTP front and the command line, into the core's log and store.

3.1, 3.2, 3.3, 3.5, 3.6: a line blocks until its file holds; who may send what; a file that is none, is cut or is too large; waivers; the file is kept under its
digest, and what the log says about it is what is in it."""
import hashlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402
from hand import SCANNER, check  # noqa: E402

POLICY = """
version: 2
name: evidence
officers: { threshold: 2 }
roles: [business, officer, security, tech]
environments: { lab: {}, staging: {}, production: {} }
change_types: [normal, rollback]
rules:
  - id: every
    require:
      bind: [artifacts]
      evidence:
        - { id: tests, kind: junit, min_pass: 1.0, max_age: 24h }
        - { id: sast, kind: sarif, max: { critical: 0, high: 0 }, waivable_by: business, baseline: deployed }
      seats: [ { id: tech, role: tech } ]
"""

TESTS_XML = b'<?xml version="1.0"?><testsuite tests="2"><testcase classname="a" name="one"/><testcase classname="a" name="two"/></testsuite>'
FAILED_XML = TESTS_XML.replace(b'name="two"/>', b'name="two"><failure message="no"/></testcase>')


def sarif(*rules):
    results = [{"ruleId": rule, "level": "error", "message": {"text": "x"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": f"src/{rule}.c"}, "region": {"startLine": 3}}}]} for rule in rules]
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}).encode()


def begin(box):
    box.let_scanner_in("junit", "sarif")
    box.scanner_file = box.dir / "scanner.token"
    box.scanner_file.touch(mode=0o600)
    box.scanner_file.write_text(SCANNER + "\n")


def refused(answer, status, code):
    check(answer.status == status and answer.json()["code"] == code, f"wanted {status} {code}:", answer)


def a_request_waits_for_its_files_3_1(box):
    request = box.open("staging", "first")
    check(box.status(request)["status"] == "blocked", box.status(request))
    box.signs(request, "evidence_missing")
    box.sent(request, "every/sast", "sarif", sarif(), "first")
    answer = box.sent(request, "every/tests", "junit", FAILED_XML, "first")
    check(answer["sha256"] == hashlib.sha256(FAILED_XML).hexdigest() and answer["size"] == len(FAILED_XML), answer)
    found = box.evidence(request, "tests")
    check((found["state"], found["reason"], found["source"]) == ("failed", "evidence_limit", "scanner"), found)
    box.signs(request, "evidence_limit")
    box.sent(request, "every/tests", "junit", TESTS_XML, "first")
    box.until(request, "eligible")
    check(box.evidence(request, "tests")["state"] == "met", box.evidence(request, "tests"))
    box.signs(request)
    box.until(request, "approved")
    status, receipt = box.redeem(request, "first")
    check(status == 200, status, receipt)
    kinds = [json.loads(e["leaf"])["type"] for e in receipt["entries"]]
    check(kinds.count("evidence") == 3, kinds)


def what_no_file_gets_past(box):
    request = box.open("staging", "second")
    refused(box.file(request, "every/tests", "junit", TESTS_XML, "second", token=stage.READER), 403, "no_scope")
    refused(box.file(request, "every/tests", "junit", TESTS_XML, "second", token=stage.TOKEN), 403, "no_scope")
    refused(box.file(request, "every/tests", "junit", TESTS_XML, "first"), 422, "evidence_artifact")
    refused(box.file(request, "every/tests", "junit", TESTS_XML, None), 422, "evidence_artifact")
    refused(box.file(request, "every/nothing", "junit", TESTS_XML, "second"), 422, "evidence_line")
    refused(box.file(request, "every/tests", "sarif", sarif(), "second"), 422, "evidence_kind")
    refused(box.file(999999, "every/tests", "junit", TESTS_XML, "second"), 404, "unknown_request")
    for name, kind, body in (("cut", "junit", TESTS_XML[:-5]), ("no XML", "junit", b"{}"), ("empty", "sarif", sarif()[:1]),
                             ("NaN", "sarif", sarif().replace(b'"2.1.0"', b"NaN")), ("no tests", "junit", b"<testsuite/>"),
                             ("bomb", "junit", b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><testsuite>&d;</testsuite>')):
        answer = box.file(request, "every/sast" if kind == "sarif" else "every/tests", kind, body, "second")
        check(answer.status == 422 and answer.json()["faults"][0]["detail"].startswith("Line "), name, answer)
    check(box.file(request, "every/tests", "plans", b"{}", "second").status == 400, "an unknown format")
    check(box.call("POST", f"/v1/requests/{request}/evidence/every?format=junit", b"x", SCANNER).status == 404, "half a line")
    check(box.evidence(request, "tests")["state"] == "missing", box.evidence(request, "tests"))


def a_large_file_comes_whole(box):
    """Through the core in pieces; the store has it under its digest."""
    request = box.open("staging", "large")
    body = b'<testsuite>' + b"".join(b'<testcase classname="c" name="case %06d"/>' % i for i in range(60000)) + b"</testsuite>"
    answer = box.sent(request, "every/tests", "junit", body, "large")
    check(answer["size"] == len(body) > 2 << 20, answer)
    check(box.evidence(request, "tests")["state"] == "met", box.evidence(request, "tests"))
    check(kept(box, answer["sha256"]) == body, "the store has another file")
    given = box.call("GET", f"/v1/evidence/{answer['sha256']}")
    check(given.status == 200 and given.body == body, given)
    refused(box.call("GET", f"/v1/evidence/{answer['sha256']}", token=stage.READER), 403, "no_scope")
    refused(box.call("GET", f"/v1/evidence/{'0' * 64}"), 404, "evidence_unknown")
    announced = stage.message("POST", f"/v1/requests/{request}/evidence/every/tests?format=junit", b"x", SCANNER)
    check(b"Content-Length: 1\r\n" in announced, announced)
    too_large = box.send(announced.replace(b"Content-Length: 1\r\n", b"Content-Length: %d\r\n" % ((32 << 20) + 1)))
    check(too_large.status == 413, too_large)


def files_of_a_request_end(box):
    """64 MiB of one request are kept; the same file again takes no room, and another request has its own."""
    request = box.open("staging", "big")
    pad = b"<!--" + b"x" * 200000 + b"-->"
    bodies = [b"<testsuite><testcase name='a'/>" + pad * 125 + b"<!-- %d --></testsuite>" % i for i in range(3)]
    for body in bodies[:2]:
        box.sent(request, "every/tests", "junit", body, "big")
    answer = box.file(request, "every/tests", "junit", bodies[2], "big")
    refused(answer, 409, "evidence_full")
    check("64 MiB" in answer.json()["detail"], answer)
    box.sent(request, "every/tests", "junit", bodies[0], "big")
    box.sent(request, "every/tests", "junit", TESTS_XML + b"<!-- small -->", "big")
    box.sent(box.open("staging", "big2"), "every/tests", "junit", bodies[2], "big2")


def begun(box, request, line, artifact, form="junit", token=SCANNER):
    """An upload whose body stays away."""
    digest = box.present(artifact)["artifacts"][0]["sha256"]
    head = stage.message("POST", f"/v1/requests/{request}/evidence/{line}?format={form}", b"x", token,
                         Content_Type="application/octet-stream", Evidence_Artifacts=f"sha256={digest}")
    connection = box.dial()
    connection.sendall(head[:-1].replace(b"Content-Length: 1\r\n", b"Content-Length: 1000\r\n"))
    return connection


def nobody_keeps_the_others_out(box):
    """A client has one upload at a time, and one that sends nothing is ended; so a client that does both keeps out itself alone."""
    request = box.open("staging", "slots")
    box.let_in("other", "other", "read", "evidence:junit")
    held = [begun(box, request, "every/tests", "slots") for _ in range(3)]
    end = time.monotonic() + 20
    while box.file(request, "every/tests", "junit", TESTS_XML, "slots").status != 503:  # until the first of them was read
        check(time.monotonic() < end, "three uploads of one client keep nobody out, not even itself")
    answer = box.file(request, "every/tests", "junit", TESTS_XML, "slots", token="other")
    check(answer.status == 201, "another client's file", answer)
    end = time.monotonic() + 60
    while box.file(request, "every/tests", "junit", TESTS_XML, "slots").status == 503:
        check(time.monotonic() < end, "an upload that sends nothing keeps its slot")
        time.sleep(0.5)
    for connection in held:
        connection.close()


def refused_before_it_is_read(box):
    """What no file could be taken for is said at the end of the headers: the body, which never comes here, is not waited for."""
    request = box.open("staging", "early")
    for what, line, form, status in ((request, "every/tests", "sarif", b"422"), (request, "every/nothing", "junit", b"422"),
                                     (999999, "every/tests", "junit", b"404"), (request, "every/tests", "canary", b"403")):
        with begun(box, what, line, "early", form) as connection:
            connection.settimeout(20)
            check(connection.recv(64).startswith(b"HTTP/1.1 " + status), what, line, form)


def the_command_asks_again(box):
    """Jobs that send at once are served one after the other: the command waits for its turn, with a small file and with one that curl announces first."""
    request = box.open("staging", "turns")
    artifact, report = box.dir / "turns.app", box.dir / "turns.xml"
    artifact.write_bytes(b"turns")
    token_file, box.token_file = box.token_file, box.scanner_file
    for size in (600000, 3000000):
        report.write_bytes(b"<testsuite><testcase name='a'/></testsuite>" + b"\n" * size)
        with begun(box, request, "every/tests", "turns"):
            end = time.monotonic() + 20
            while box.file(request, "every/tests", "junit", TESTS_XML, "turns").status != 503:
                check(time.monotonic() < end, "the slot is not taken")
            box.cli("evidence", "--format", "junit", "--artifact", f"api={artifact}", request, "every/tests", report)
    box.token_file = token_file


def kept(box, digest):
    made = next(box.run_dir.parent.rglob("*.db"))  # the core has it locked: a copy, with what is in the journal
    for part in made.parent.glob(made.name + "*"):
        shutil.copy(part, box.dir)
    with sqlite3.connect(box.dir / made.name) as db:
        row = db.execute("SELECT data FROM blob WHERE sha256 = ?", (bytes.fromhex(digest),)).fetchone()
    return row[0] if row else None


def an_owner_waives_findings_3_2(box):
    request = box.open("staging", "waived")
    box.sent(request, "every/tests", "junit", TESTS_XML, "waived")
    box.sent(request, "every/sast", "sarif", sarif("overflow", "leak"), "waived")
    check(box.evidence(request, "sast")["state"] == "failed", box.evidence(request, "sast"))
    report = box.entries(request, "evidence")[-1]["body"]["report"]
    ids = [f["id"] for f in report["findings"]]
    check(len(ids) == 2 and {f["level"] for f in report["findings"]} == {"high"}, report)
    check(box.waive(request, "every/sast", "dan", ids) == "no_role", "dan owns no risks")
    check(box.waive(request, "every/sast", "fay", ids) == "ok", "fay signs")
    box.until(request, "eligible")
    found = box.evidence(request, "sast")
    check(found["state"] == "waived" and "2 waived" in found["value"], found)
    box.signs(request)
    box.until(request, "approved")
    box.sent(request, "every/sast", "sarif", sarif("overflow", "leak", "crash"), "waived")
    box.until(request, "paused")  # what was signed for has changed
    status, problem = box.redeem(request, "waived")
    check(status == 409 and problem["code"] == "evidence_limit", status, problem)


def the_command_line_sends_files(box):
    artifact, report = box.dir / "app", box.dir / "tests.xml"
    artifact.write_bytes(b"cli")
    report.write_bytes(TESTS_XML)
    request = box.open("staging", "cli")
    token_file, box.token_file = box.token_file, box.scanner_file
    _, out, _ = box.cli("evidence", "--json", "--format", "junit", "--artifact", f"api={artifact}", request, "every/tests", report)
    check(json.loads(out)["sha256"] == hashlib.sha256(TESTS_XML).hexdigest(), out)
    check(box.evidence(request, "tests")["state"] == "met", box.evidence(request, "tests"))
    status, receipt = box.ask("GET", f"/v1/requests/{request}/receipt")
    paper = box.dir / "receipt.json"
    paper.write_text(json.dumps(receipt, separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    said = boxes.run([box.bin / "countersign", "compare", "--receipt", paper, report])
    check("the log says what is in the file" in said, said)
    lied = receipt | {"entries": [e | {"leaf": e["leaf"].replace('"name":"passed","value":2', '"name":"passed","value":3')}
                                  for e in receipt["entries"]]}
    paper.write_text(json.dumps(lied, separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    other = subprocess.run([box.bin / "countersign", "compare", "--receipt", paper, report], capture_output=True, text=True)
    check(other.returncode == 4 and "SOMETHING ELSE" in other.stdout, other)
    report.write_bytes(TESTS_XML[:40])
    status, _, err = box.cli("evidence", "--format", "junit", "--artifact", f"api={artifact}", request, "every/tests", report, ok=(1,))
    check("Line 1" in err, err)
    box.cli("evidence", "--format", "tests", request, "every/tests", report, ok=(2,))
    box.token_file = token_file


TESTS = [a_request_waits_for_its_files_3_1, what_no_file_gets_past, a_large_file_comes_whole, refused_before_it_is_read, files_of_a_request_end,
         nobody_keeps_the_others_out, the_command_asks_again, an_owner_waives_findings_3_2,
         the_command_line_sends_files]


if __name__ == "__main__":
    sys.exit(hands.main(__doc__, TESTS, POLICY, begin))
