# SPDX-License-Identifier: Apache-2.0
"""A Hand whose log has something for the dashboard to show: what ran before with its findings, what waits in every way, and texts
that would like to be markup. For tests/system/test_dashboard.py and tests/interop/browser.py."""
import hashlib
import json

import box as boxes
import hand as hands
import stage

SCANNER, PAGER, WRITER = "scanner", "pager", "writer"  # tokens; the writer may not read
DESK = "cn:desk"  # of a browser's certificate

POLICY = """
version: 2
name: showing
officers: { threshold: 2 }
roles: [business, officer, security, tech]
environments: { lab: {}, staging: {}, production: {} }
change_types: [normal]
freeze: { thaw_by: security, pass: remediates }
rules:
  - id: every
    require:
      bind: [artifacts]
      fields: [title, documentation.backout_plan]
      separate: [authors, initiator]
      sign_by: 8h
      use_by: 2h
      seats: [ { id: tech, role: tech } ]
  - id: live
    when: { environment: production }
    require:
      evidence:
        - { id: tests, kind: junit, min_pass: 1.0, max_age: 24h }
        - { id: sast, kind: sarif, max: { critical: 0, high: 0 }, waivable_by: business, baseline: deployed }
        - { id: dast, kind: sarif, max: { critical: 0, high: 0 }, waivable_by: business, baseline: deployed }
      reason: { reject: { min: 15 } }
      seats: [ { id: owner, role: business }, { id: review, role: security } ]
"""

TESTS_XML = b'<?xml version="1.0"?><testsuite tests="2"><testcase classname="a" name="one"/><testcase classname="a" name="two"/></testsuite>'

SAST_BEFORE = [("py/weak-hash", "7.5", "SHA-1 used for a session token", "lib/session.py", 88),
               ("py/path-injection", "8.1", "A path is made from a request parameter", "lib/files.py", 41),
               ("py/unused-import", "1.0", "Unused import", "lib/app.py", 3)]
SAST_NOW = [("py/sql-injection", "9.8", "A query is put together from user input", "lib/ledger/report.py", 132),
            ("py/weak-hash", "7.5", "SHA-1 used for a session token", "lib/session.py", 88),
            ("py/log-injection", "5.3", "A log entry holds user input", "lib/audit.py", 17),
            ("py/unused-import", "1.0", "Unused import", "lib/app.py", 3)]
DAST_BEFORE = [("zap/40012", "6.1", "Reflected cross-site scripting", "/search?q=", 1),
               ("zap/10038", "4.0", "No Content Security Policy", "/login", 1)]
DAST_NOW = [("zap/10038", "4.0", "No Content Security Policy", "/login", 1)]

HOSTILE = '<script>alert(1)</script>'
HOSTILE_TEXTS = {  # each is legal in a request, and would like to be something else in a page
    "title": '"><img src=x onerror=alert(1)> \u202eevil & <b>bold</b>',
    "trigger": "gitlab:7",
    "documentation": {"backout_plan": "</dd></dl><script>alert(2)</script>\nsecond line\t'quoted' \"twice\" &amp; &#60;",
                      "customer_impact": "</main></body>\u2066hidden\u2069 \u200bzero \u05e9\u05dc\u05d5\u05dd"},
    "source": {"repository": "https://example.org/a", "commit": "a" * 40, "ref": "refs/heads/main",
               "since": "v1", "authors": ["dan@example.org"], "commits": 1, "files_changed": 1, "lines_added": 1, "lines_removed": 0},
    "attributes": {"strict": False, "team": "<style>*{display:none}</style>", "undo": False},
}


def sarif(findings):
    results = [{"ruleId": rule, "level": "error", "message": {"text": text}, "properties": {"security-severity": severity},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}]}
               for rule, severity, text, uri, line in findings]
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}).encode()


class Showing(hands.Hand):
    """`requests` has the ids by what they show."""

    def build_up(self):
        self.wait_live()
        self.policy(POLICY)
        self.clients({"id": "scanner", "scopes": ["evidence:junit", "evidence:sarif"], "tls": [], "tokens": [token(SCANNER)]},
                     {"id": "pager", "scopes": ["incident"], "tls": [], "tokens": [token(PAGER)]},
                     {"id": "desk", "scopes": ["read"], "tls": [DESK], "tokens": []},
                     {"id": "writer", "scopes": ["request"], "tls": ["cn:writer"], "tokens": [token(WRITER)]})
        self.requests = {"ran": self.ran_before()}
        self.requests["blocked"] = self.open("production", "settlement-2.7.2", title="Settlement: nightly report of the ledger, 2.7.2",
                                             documentation={"backout_plan": "Deploy 2.7.1 again; the schema is the same.",
                                                            "customer_impact": "Reports of tonight come an hour later."})
        self.files(self.requests["blocked"], "settlement-2.7.2", SAST_NOW, DAST_NOW)
        self.requests["eligible"] = self.open("lab", "search-4.0.0", service="search", title="Search 4.0.0")
        self.requests["hostile"] = self.open("lab", "hostile", **HOSTILE_TEXTS)
        self.requests["bare"] = self.open("production", "bare", title="Nobody sent a file yet")
        self.requests["paused"] = self.open("staging", "ledger-9", service="ledger", title="Ledger 9")
        answer = self.call("POST", "/v1/incidents", json.dumps({"incident": "INC-7", "environments": ["staging"], "responders": ["ops"]}).encode(),
                           token=PAGER)
        wanted(answer, 201)
        self.until(self.requests["paused"], "paused")
        self.requests["rejected"] = self.open("lab", "search-3.9.9", service="search", title="Search 3.9.9")
        self.signs("reject", "rejected", "eve", "every/tech")
        self.until(self.requests["rejected"], "rejected")

    def ran_before(self):
        request = self.open("production", "settlement-2.7.1", title="Settlement 2.7.1")
        self.files(request, "settlement-2.7.1", SAST_BEFORE[2:], DAST_BEFORE[1:])
        self.hand("sync", request)
        self.requests = {"ran": request}
        for kind, findings in (("sast", SAST_BEFORE), ("dast", DAST_BEFORE)):
            sent = self.file(request, "settlement-2.7.1", f"live/{kind}", "sarif", sarif(findings))
            if kind == "sast":
                self.waive(request, sent)
        for person, seat in (("dan", "every/tech"), ("fay", "live/owner"), ("cyd", "live/review")):
            self.signs("approve", "ran", person, seat)
        self.until(request, "approved")
        status, answer = self.ask("POST", f"/v1/requests/{request}/redeem", self.present("settlement-2.7.1"))
        if status != 200:
            raise boxes.Failed(f"redeem: {answer}")
        self.until(request, "redeemed")
        return request

    def waive(self, request, file):
        """The whole line of sast: its high findings run, and the next request is compared with them."""
        paper = self.dir / "waiver.json"
        content = {"evidence": file, "expires": hands.moment(7 * 86400), "findings": [], "initiator": "bob", "line": "live/sast", "reason": "Behind the gateway; mended in 2.7.2.", "request": request}
        paper.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True))
        if self.hand("waive", paper, "bob") != "ok":
            raise boxes.Failed("the waiver is refused")

    def files(self, request, artifact, sast, dast):
        self.file(request, artifact, "live/tests", "junit", TESTS_XML)
        self.file(request, artifact, "live/sast", "sarif", sarif(sast))
        self.file(request, artifact, "live/dast", "sarif", sarif(dast))

    def file(self, request, artifact, line, kind, body):
        digest = json.loads(stage.submission(artifact))["artifacts"][0]["sha256"]
        answer = self.call("POST", f"/v1/requests/{request}/evidence/{line}?format={kind}", body, SCANNER,
                           Content_Type="application/octet-stream", Evidence_Artifacts=f"sha256={digest}")
        wanted(answer, 201)
        self.hand("sync", answer.json()["index"] + 1)
        return answer.json()["index"]

    def signs(self, word, name, person, seat):
        got = self.hand(word, self.requests[name], person, seat)
        if got != "ok":
            raise boxes.Failed(f"{person} cannot {word} {name}: {got}")

    def certificate(self, name):
        """A client's certificate of the box's own authority, and its key."""
        key, cert = self.tls / f"{name}.key", self.tls / f"{name}.pem"
        if not cert.exists():
            boxes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-CA", self.tls / "ca.pem",
                       "-CAkey", self.tls / "ca.key", "-keyout", key, "-out", cert, "-subj", f"/CN={name}",
                       "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=clientAuth"])
        return cert, key

    def clients(self, *clients):
        changes = [{"op": "put_client", "client": c} for c in sorted(clients, key=lambda c: c["id"])]
        paper = self.dir / "changes.json"
        paper.write_text(json.dumps({"changes": changes, "initiator": "system:operator", "reason": "", "title": "Clients"}, sort_keys=True,
                                    separators=(",", ":")))
        if self.hand("roster", paper) != "ok":
            raise boxes.Failed("the clients are not taken")


def token(text):
    return hashlib.sha256(text.encode()).hexdigest()


def wanted(answer, status):
    if answer.status != status:
        raise boxes.Failed(f"wanted {status}: {answer}")
