#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files about deployments through the real HTTP front and the command line, into the core's log and store.

3.1, 3.2, 3.3, 3.5, 3.6: a line blocks until its file holds; who may send what; a file that is none, is cut or is too large; waivers; the file is kept under its
digest, and what the log says about it is what is in it."""
import argparse
import hashlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402

SCANNER = "scanner"  # its token

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


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


def sarif(*rules):
    results = [{"ruleId": rule, "level": "error", "message": {"text": "x"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": f"src/{rule}.c"}, "region": {"startLine": 3}}}]} for rule in rules]
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}).encode()


def let_scanner_in(box):
    """Client `scanner` may send files of two kinds; ci may send none."""
    changes = [{"op": "put_client", "client": {"id": "scanner", "scopes": ["evidence:junit", "evidence:sarif", "read"], "tls": [],
                                               "tokens": [hashlib.sha256(SCANNER.encode()).hexdigest()]}}]
    paper = box.dir / "changes.json"
    paper.write_text(json.dumps({"changes": changes, "initiator": "system:operator", "reason": "", "title": "Scanner"}, sort_keys=True,
                                separators=(",", ":")))
    check(box.hand("roster", paper) == "ok", "the scanner is not taken")
    box.scanner_file = box.dir / "scanner.token"
    box.scanner_file.touch(mode=0o600)
    box.scanner_file.write_text(SCANNER + "\n")


def digest_of(artifact):
    return json.loads(stage.submission(artifact))["artifacts"][0]["sha256"]


def send(box, request, line, kind, body, artifact, token=SCANNER, **fields):
    if artifact is not None:
        fields["Evidence_Artifacts"] = f"sha256={digest_of(artifact)}"
    return box.call("POST", f"/v1/requests/{request}/evidence/{line}?format={kind}", body, token, Content_Type="application/octet-stream",
                    **fields)


def taken(box, answer):
    check(answer.status == 201, answer)
    box.hand("sync", answer.json()["index"] + 1)  # who signs at the kiosk sees it
    return answer.json()


def refused(answer, status, code):
    check(answer.status == status and answer.json()["code"] == code, f"wanted {status} {code}:", answer)


def signs(box, request, want, person="dan", seat="every/tech"):
    got = box.hand("approve", request, person, seat)
    check(got == want, f"{person} signs {request}: {got}, wanted {want}")


def line(box, request, name):
    return next(x for x in box.sheet(request)["sheet"] if x["kind"] == "evidence" and x["id"] == name)


def a_request_waits_for_its_files_3_1(box):
    request = box.open("staging", "first")
    check(box.status(request)["status"] == "blocked", box.status(request))
    signs(box, request, "evidence_missing")
    taken(box, send(box, request, "every/sast", "sarif", sarif(), "first"))
    answer = taken(box, send(box, request, "every/tests", "junit", FAILED_XML, "first"))
    check(answer["sha256"] == hashlib.sha256(FAILED_XML).hexdigest() and answer["size"] == len(FAILED_XML), answer)
    found = line(box, request, "tests")
    check((found["state"], found["reason"], found["source"]) == ("failed", "evidence_limit", "scanner"), found)
    signs(box, request, "evidence_limit")
    taken(box, send(box, request, "every/tests", "junit", TESTS_XML, "first"))
    box.until(request, "eligible")
    check(line(box, request, "tests")["state"] == "met", line(box, request, "tests"))
    signs(box, request, "ok")
    box.until(request, "approved")
    status, receipt = box.ask("POST", f"/v1/requests/{request}/redeem", box.present("first"))
    check(status == 200, status, receipt)
    kinds = [json.loads(e["leaf"])["type"] for e in receipt["entries"]]
    check(kinds.count("evidence") == 3, kinds)


def what_no_file_gets_past(box):
    request = box.open("staging", "second")
    refused(send(box, request, "every/tests", "junit", TESTS_XML, "second", token=stage.READER), 403, "no_scope")
    refused(send(box, request, "every/tests", "junit", TESTS_XML, "second", token=stage.TOKEN), 403, "no_scope")
    refused(send(box, request, "every/tests", "junit", TESTS_XML, "first"), 422, "evidence_artifact")
    refused(send(box, request, "every/tests", "junit", TESTS_XML, None), 422, "evidence_artifact")
    refused(send(box, request, "every/nothing", "junit", TESTS_XML, "second"), 422, "evidence_line")
    refused(send(box, request, "every/tests", "sarif", sarif(), "second"), 422, "evidence_kind")
    refused(send(box, 999999, "every/tests", "junit", TESTS_XML, "second"), 404, "unknown_request")
    for name, kind, body in (("cut", "junit", TESTS_XML[:-5]), ("no XML", "junit", b"{}"), ("empty", "sarif", sarif()[:1]),
                             ("NaN", "sarif", sarif().replace(b'"2.1.0"', b"NaN")), ("no tests", "junit", b"<testsuite/>"),
                             ("bomb", "junit", b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><testsuite>&d;</testsuite>')):
        answer = send(box, request, "every/tests", kind, body, "second")
        check(answer.status == 422 and answer.json()["faults"][0]["detail"].startswith("Line "), name, answer)
    check(send(box, request, "every/tests", "plans", b"{}", "second").status == 400, "an unknown format")
    check(box.call("POST", f"/v1/requests/{request}/evidence/every?format=junit", b"x", SCANNER).status == 404, "half a line")
    check(line(box, request, "tests")["state"] == "missing", line(box, request, "tests"))


def a_large_file_comes_whole(box):
    """Through the core in pieces; the store has it under its digest."""
    request = box.open("staging", "large")
    body = b'<testsuite>' + b"".join(b'<testcase classname="c" name="case %06d"/>' % i for i in range(60000)) + b"</testsuite>"
    answer = taken(box, send(box, request, "every/tests", "junit", body, "large"))
    check(answer["size"] == len(body) > 2 << 20, answer)
    check(line(box, request, "tests")["state"] == "met", line(box, request, "tests"))
    check(kept(box, answer["sha256"]) == body, "the store has another file")
    given = box.call("GET", f"/v1/evidence/{answer['sha256']}")
    check(given.status == 200 and given.body == body, given)
    refused(box.call("GET", f"/v1/evidence/{answer['sha256']}", token=stage.READER), 403, "no_scope")
    refused(box.call("GET", f"/v1/evidence/{'0' * 64}"), 404, "evidence_unknown")
    announced = stage.message("POST", f"/v1/requests/{request}/evidence/every/tests?format=junit", b"x", SCANNER)
    check(b"Content-Length: 1\r\n" in announced, announced)
    too_large = box.send(announced.replace(b"Content-Length: 1\r\n", b"Content-Length: %d\r\n" % ((32 << 20) + 1)))
    check(too_large.status == 413, too_large)


def kept(box, digest):
    made = next(box.run_dir.parent.rglob("*.db"))  # the core has it locked: a copy, with what is in the journal
    for part in made.parent.glob(made.name + "*"):
        shutil.copy(part, box.dir)
    with sqlite3.connect(box.dir / made.name) as db:
        row = db.execute("SELECT data FROM blob WHERE sha256 = ?", (bytes.fromhex(digest),)).fetchone()
    return row[0] if row else None


def entries(box, request, kind):
    status, receipt = box.ask("GET", f"/v1/requests/{request}/receipt")
    check(status == 200, status, receipt)
    leaves = [json.loads(e["leaf"]) for e in receipt["entries"]]
    return [leaf for leaf in leaves if leaf["type"] == kind and leaf["body"].get("request", leaf["body"].get("waives")) == request]


def an_owner_waives_findings_3_2(box):
    request = box.open("staging", "waived")
    taken(box, send(box, request, "every/tests", "junit", TESTS_XML, "waived"))
    taken(box, send(box, request, "every/sast", "sarif", sarif("overflow", "leak"), "waived"))
    check(line(box, request, "sast")["state"] == "failed", line(box, request, "sast"))
    report = entries(box, request, "evidence")[-1]["body"]["report"]
    ids = [f["id"] for f in report["findings"]]
    check(len(ids) == 2 and {f["level"] for f in report["findings"]} == {"high"}, report)
    content = {"expires": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 3600)), "findings": ids, "initiator": "fay",
               "line": "every/sast", "reason": "test code", "request": request}
    paper = box.dir / "waiver.json"
    paper.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True))
    check(box.hand("waive", paper, "dan") == "no_role", "dan owns no risks")
    check(box.hand("waive", paper, "fay") == "ok", "fay signs")
    box.until(request, "eligible")
    found = line(box, request, "sast")
    check(found["state"] == "waived" and "2 waived" in found["value"], found)
    signs(box, request, "ok")
    box.until(request, "approved")
    taken(box, send(box, request, "every/sast", "sarif", sarif("overflow", "leak", "crash"), "waived"))
    box.until(request, "paused")  # what was signed for has changed
    status, problem = box.ask("POST", f"/v1/requests/{request}/redeem", box.present("waived"))
    check(status == 409 and problem["code"] == "evidence_limit", status, problem)


def the_command_line_sends_files(box):
    artifact, report = box.dir / "app", box.dir / "tests.xml"
    artifact.write_bytes(b"cli")
    report.write_bytes(TESTS_XML)
    request = box.open("staging", "cli")
    token_file, box.token_file = box.token_file, box.scanner_file
    _, out, _ = box.cli("evidence", "--json", "--format", "junit", "--artifact", f"api={artifact}", request, "every/tests", report)
    check(json.loads(out)["sha256"] == hashlib.sha256(TESTS_XML).hexdigest(), out)
    check(line(box, request, "tests")["state"] == "met", line(box, request, "tests"))
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


TESTS = [a_request_waits_for_its_files_3_1, what_no_file_gets_past, a_large_file_comes_whole, an_owner_waives_findings_3_2,
         the_command_line_sends_files]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="+", help="names of TESTS")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = hands.Hand(arguments.build, directory)
        try:
            box.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000)
            box.wait_live()
            box.policy(POLICY)
            let_scanner_in(box)
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
