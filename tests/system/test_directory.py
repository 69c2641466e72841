#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A directory outside takes roles away, over the real HTTP front and core, with people who sign. Requirement 2.4."""
import hashlib
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import stage  # noqa: E402

SAID = json.loads((ROOT / "docs/api/directory.json").read_text())
READER = secrets.token_urlsafe(32)
ALL = {"ada": ["officer", "tech"], "bob": ["business", "officer"], "cyd": ["officer", "security"], "dan": ["tech"], "eve": ["tech"],
       "fay": ["business"]}


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


def policy(version, directory="directory: { source: ldap, max_stale: 1h }"):
    return f"""
version: {version}
name: directories
officers: {{ threshold: 2 }}
roles: [business, officer, security, tech]
environments: {{ staging: {{}}, production: {{}} }}
change_types: [normal]
{directory}
rules:
  - id: every
    require:
      bind: [artifacts]
      seats: [ {{ id: tech, role: tech }} ]
"""


class Place(hands.Hand):
    """A stage with a client of scope `directory`."""
    version = 1

    def begin(self):
        self.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000)
        self.wait_live()
        self.version = 1
        self.next_policy()
        changes = [{"op": "put_client", "client": {"id": "reader", "scopes": ["directory"], "tls": [],
                                                   "tokens": [hashlib.sha256(READER.encode()).hexdigest()]}}]
        self.officers(changes)

    def next_policy(self, *words):
        self.version += 1
        self.policy(policy(self.version, *words))

    def officers(self, changes):
        file = self.dir / "changes.json"
        content = {"changes": changes, "initiator": "system:operator", "reason": "", "title": "Change"}
        file.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")))
        check(self.hand("roster", file) == "ok", "the change is not taken")

    def listed(self):
        status, page = self.ask("GET", "/v1/directory", token=READER)
        check(status == 200, status, page)
        return page

    def say(self, people, total=None, token=READER, **changes):
        """The first answer that is no matter of the front's being a moment behind."""
        end = time.monotonic() + 20
        while True:
            body = {"age_ms": 0, "people": [{"person": p, "roles": r} for p, r in people.items()], "prev": self.listed()["prev"],
                    "source": "ldap", **changes}
            if total is not None:
                body["total"] = total
            jsonschema.validate(body, SAID)
            status, answer = self.ask("POST", "/v1/directory", body, token=token)
            if answer.get("code") != "directory_moved" or "prev" in changes or time.monotonic() > end:
                return status, answer.get("code", "ok")
            time.sleep(0.05)

    def seen(self, word, person, role):
        """Waits until the front says so of the role; "" for nothing."""
        end = time.monotonic() + 20
        while True:
            page = self.listed()
            row = next(x for x in page["items"] if x["person"] == person)
            code = next((x["code"] for x in row.get("out", []) if x["role"] == role), "")
            if code == word:
                return page
            check(time.monotonic() < end, person, role, code, "not", word)
            time.sleep(0.05)


# --- the directory ---

LDAP = "/etc/ldap/schema", "/usr/lib/ldap", "/usr/sbin/slapd"
SUFFIX, ADMIN, SECRET = "dc=example", "cn=admin,dc=example", "only for this test"
GROUPS = {"business": ["bob", "fay"], "officer": ["ada", "bob", "cyd"], "security": ["cyd"], "tech": ["ada", "dan", "eve"]}


class Slapd:
    """Debian's slapd, on loopback of our namespace, with people, groups and memberOf."""

    def __init__(self, box):
        self.box, self.dir = box, box.dir / "ldap"
        (self.dir / "db").mkdir(parents=True)
        self.socket = "ldapi://" + str(self.dir / "socket").replace("/", "%2F")
        self.port, self.plain = boxes.free_port(), boxes.free_port()
        schemas, modules, _ = LDAP
        (self.dir / "slapd.conf").write_text(f"""
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
moduleload memberof
TLSCACertificateFile {box.tls}/ca.pem
TLSCertificateFile {box.tls}/server.pem
TLSCertificateKeyFile {box.tls}/server.key
pidfile {self.dir}/pid
database mdb
suffix {SUFFIX}
rootdn {ADMIN}
rootpw {SECRET.replace(" ", "-")}
directory {self.dir}/db
limits dn.exact="cn=reader,{SUFFIX}" size=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,{SUFFIX}" read by * none
overlay memberof
""")
        self.start()
        self.add([f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example",
                  f"dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people",
                  f"dn: ou=groups,{SUFFIX}\nobjectClass: organizationalUnit\nou: groups",
                  f"dn: cn=reader,{SUFFIX}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: reads-groups"])
        self.add([self.person(p) for p in ALL])
        for group, members in GROUPS.items():
            self.add([f"dn: cn={group},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {group}\n" +
                      "\n".join(f"member: uid={m},ou=people,{SUFFIX}" for m in members)])

    @staticmethod
    def person(uid):
        return f"dn: uid={uid},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}"

    def start(self):
        urls = f"ldaps://0.0.0.0:{self.port} ldap://0.0.0.0:{self.plain} {self.socket}"
        self.box.spawn("slapd", [LDAP[2], "-f", self.dir / "slapd.conf", "-h", urls, "-d", "0"], ready=self.answers)

    def answers(self):
        return self.tool("ldapwhoami").returncode == 0

    def tool(self, name, *words, text=None):
        return subprocess.run([name, "-H", self.socket, "-x", "-D", ADMIN, "-w", SECRET.replace(" ", "-"), *words], input=text,
                              capture_output=True, text=True, timeout=60)

    def modify(self, text, *words):
        r = self.tool("ldapmodify", *words, text=text)
        check(r.returncode == 0, r.stderr)

    def add(self, entries):
        self.modify("\n\n".join(entries) + "\n", "-a")

    def member(self, group, uid, how):
        self.modify(f"dn: cn={group},ou=groups,{SUFFIX}\nchangetype: modify\n{how}: member\nmember: uid={uid},ou=people,{SUFFIX}\n")

    def config(self, **changes):
        groups = [{"role": g, "base": f"ou=people,{SUFFIX}", "attribute": "uid",
                   "filter": f"(&(objectClass=inetOrgPerson)(memberOf=cn={g},ou=groups,{SUFFIX}))"} for g in GROUPS]
        password = self.dir / "password"
        password.write_text(changes.pop("password", "reads-groups") + "\n")
        # an address: libldap takes the name localhost for the machine's own name
        doc = {"source": "ldap", "uri": f"ldaps://127.0.0.1:{self.port}",
               "ca": str(self.box.tls / "ca.pem"),
               "bind_dn": f"cn=reader,{SUFFIX}", "password_file": str(password), "groups": groups, **changes}
        file = self.dir / "directory.json"
        file.write_text(json.dumps({name: value for name, value in doc.items() if value is not None}))
        return file


def read(box, config, *words, ok=(0,), env=None):
    token = box.dir / "reader.token"
    token.touch(mode=0o600)
    token.write_text(READER + "\n")
    argv = [box.bin / "countersign", "directory", "--config", config, "--server", box.url, "--ca", box.tls / "ca.pem", "--token-file",
            token, *words]
    r = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=120, env=env)
    check(r.returncode in ok, r.returncode, r.stdout, r.stderr)
    return r


# --- over the API ---

def only_its_scope_speaks_2_4(box):
    check(box.say(ALL, 9, token=stage.TOKEN) == (403, "no_scope"), "a pipeline may")
    check(box.call("POST", "/v1/requests", stage.submission("x"), token=READER).status == 403, "the reader opens requests")
    status, problem = box.ask("POST", "/v1/directory", {"people": [{"person": "a b"}], "more": 1}, token=READER)
    faults = {f["pointer"] for f in problem["faults"]}
    check(status == 422 and {"/people/0/person", "/people/0/roles", "/age_ms", "/prev", "/source", "/more"} <= faults, problem)


def nobody_signs_before_it_was_read_2_4(box):
    page = box.listed()
    jsonschema.validate(page, json.loads((ROOT / "docs/api/listed.json").read_text()))
    check(page["silent"] and page["total"] == 0 and "read" not in page, page)
    request = box.open("staging", "a")
    check(box.hand("approve", request, "dan", "every/tech") == "directory_stale", "signed before it was read")
    alarms = {x["code"] for x in box.ask("GET", "/v1/alarms")[1]["items"]}
    check({"directory_stale", "unfillable_seat"} <= alarms, alarms)
    check(box.say(ALL, 9) == (201, "ok"), "all")
    box.seen("", "dan", "tech")
    check(box.hand("approve", request, "dan", "every/tech") == "ok", "read, and still not")
    box.until(request, "approved")
    box.used = request


def who_leaves_loses_the_seat_2_4(box):
    check(box.say({"dan": []}, 9) == (422, "directory_total"), "a wrong sum")
    check(box.say({"dan": ["tech", "security"]}, 10) == (422, "directory_person"), "gives a role")
    check(box.say({"dan": []}, 8, source="ad") == (409, "directory_source"), "another directory")
    check(box.say({"dan": []}, 8, prev=1) == (409, "directory_moved"), "compared with something else")
    check(box.say({"dan": []}, 8, age_ms=3600000) == (409, "directory_old"), "an old reading")
    check(box.say({"dan": []}, 8) == (201, "ok"), "dan leaves")
    box.seen("not_in_directory", "dan", "tech")
    line = next(x for x in box.sheet(box.used)["sheet"] if x["kind"] == "seat")
    check((line["have"], line["reason"]) == (0, "not_in_directory"), line)
    status = box.status(box.used)
    check(all(seat["have"] == 0 for seat in status["seats"]), "the seat is still held", status)
    status, problem = box.ask("POST", f"/v1/requests/{box.used}/redeem", box.present("a"))
    check(status == 409, status, problem)
    request = box.open("staging", "b")
    check(box.hand("approve", request, "dan", "every/tech") == "not_in_directory", "signs on")
    check(box.hand("approve", request, "eve", "every/tech") == "ok", "eve does not")
    check(box.say(ALL, 9) == (201, "ok"), "dan is back")
    box.seen("", "dan", "tech")
    status, receipt = box.ask("POST", f"/v1/requests/{box.used}/redeem", box.present("a"))
    check(status == 200, status, receipt)
    types = [json.loads(entry["leaf"])["type"] for entry in receipt["entries"]]
    check("directory" in types, types)
    verified(box, box.used)


def silence_suspends_2_4(box):
    """The core says so by itself, and a reading ends it."""
    box.next_policy("directory: { source: ldap, max_stale: 2s, roles: [tech] }")
    check(box.say({}, 3) == (201, "ok"), "nothing new")
    page = box.seen("directory_stale", "dan", "tech")
    check(page["silent"], page)
    check(box.hand("approve", box.open("staging", "c"), "dan", "every/tech") == "directory_stale", "signed in silence")
    box.next_policy()
    check(box.say(ALL, 9) == (201, "ok"), "read again")
    box.seen("", "dan", "tech")


# --- over LDAP ---

def the_command_reads_it_2_4(box):
    box.next_policy("directory: { source: ad, max_stale: 1h }")  # forgets what the other one said
    box.next_policy()
    box.ldap = Slapd(box)
    check(box.listed()["silent"], "it was read before")
    config = box.ldap.config()
    said = read(box, config, "--dry-run").stdout.splitlines()
    check(sorted(said) == sorted(f"{p}: now {r}" for p, roles in ALL.items() for r in roles), said)
    check(box.listed()["silent"], "a dry run is none")
    check(read(box, config).stdout == "read; 6 people changed\n", "the first time")
    page = box.seen("", "dan", "tech")
    check((page["total"], page["silent"]) == (9, False), page)
    check(box.hand("approve", box.open("staging", "d"), "dan", "every/tech") == "ok", "read, and still not")


def the_same_again_is_a_fresh_time_2_4(box):
    before = box.listed()
    for uri in (f"ldaps://127.0.0.1:{box.ldap.port}", f"ldap://127.0.0.1:{box.ldap.plain}", box.ldap.socket):
        check(read(box, box.ldap.config(uri=uri)).stdout == "read; 0 people changed\n", uri)
    end = time.monotonic() + 20
    while box.listed()["read"] == before["read"]:
        check(time.monotonic() < end, "nothing was said")
        time.sleep(0.05)
    after = box.listed()
    check((after["prev"], after["total"], after["items"]) == (before["prev"], before["total"], before["items"]), after)


def who_leaves_the_group_is_refused_at_once_2_4(box):
    request = box.open("staging", "e")
    check(box.hand("approve", request, "dan", "every/tech") == "ok", "dan")
    box.ldap.member("tech", "dan", "delete")
    check(read(box, box.ldap.config()).stdout == "read; 1 people changed\n", "dan leaves")
    check(box.hand("approve", box.open("staging", "f"), "dan", "every/tech") == "not_in_directory", "signs on")
    box.seen("not_in_directory", "dan", "tech")
    check(box.ask("POST", f"/v1/requests/{request}/redeem", box.present("e"))[0] == 409, "stands on who left")
    check(box.hand("approve", request, "eve", "every/tech") in ("ok", "quorum_met", "not_open"), "eve")
    box.ldap.member("tech", "dan", "add")
    check(read(box, box.ldap.config()).stdout == "read; 1 people changed\n", "dan is back")
    box.seen("", "dan", "tech")


def what_goes_wrong_is_said_and_changes_nothing_2_4(box):
    other = box.dir / "other.pem"
    boxes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
               box.dir / "other.key", "-out", other, "-subj", "/CN=other CA", "-addext", "basicConstraints=critical,CA:TRUE"])
    before = box.listed()
    ldaps, plain = f"127.0.0.1:{box.ldap.port}", f"127.0.0.1:{box.ldap.plain}"
    groups = json.loads(box.ldap.config().read_text())["groups"]
    loose = dict(os.environ, LDAPTLS_REQCERT="never", LDAPTLS_CACERT=str(box.tls / "ca.pem"), LDAPCONF="/dev/null")
    for what, changes, words in (
            ("wrong authority", {"ca": str(other)}, "certificate is not acceptable"),
            ("wrong authority, StartTLS", {"ca": str(other), "uri": f"ldap://{plain}"}, "certificate"),
            ("another name", {"uri": f"ldaps://127.0.0.2:{box.ldap.port}"}, "127.0.0.2"),
            ("wrong password", {"password": "guess"}, "password"),
            ("no password", {"password": ""}, "is empty"),
            ("nobody asks", {"bind_dn": None, "password_file": None}, "nothing was sent"),
            ("too many", {"most": 2}, "more than 2 entries"),
            ("no such base", {"groups": [dict(g, base=f"ou=nowhere,{SUFFIX}") for g in groups]}, "No such object"),
            ("a filter that is none", {"groups": [dict(g, filter="(uid=") for g in groups]}, "filter"),
            ("finds nobody", {"groups": [dict(g, filter="(uid=nobody)") for g in groups]}, "nothing was sent"),
            ("a role left out", {"groups": groups[1:]}, "does not say who has the role business"),
            ("no TLS at all", {"uri": f"http://{ldaps}"}, "config.uri"),
            ("another source", {"source": "ad"}, "another directory"),
            ("nobody listens", {"uri": f"ldaps://127.0.0.1:{boxes.free_port()}"}, "nothing was sent")):
        for env in (None, loose):
            r = read(box, box.ldap.config(**changes), ok=(1, 3), env=env)
            check(words in r.stderr and r.stdout == "", what, r.returncode, r.stderr)
    check(box.listed() == before, "something changed")


def a_large_answer_comes_in_pages_2_4(box):
    box.ldap.add([box.ldap.person(f"u{i}") for i in range(1500)])
    config = json.loads(box.ldap.config().read_text())
    for group in config["groups"]:
        group["filter"] = f"(|{group['filter']}(uid=u*))"
    file = box.ldap.config(groups=config["groups"])
    check(read(box, file).stdout == "read; 0 people changed\n", "people whom no roster has")
    r = read(box, box.ldap.config(groups=config["groups"], most=1400), ok=(1,))
    check("more than 1400 entries" in r.stderr, r.stderr)


def a_directory_that_hangs_is_given_up_2_4(box):
    """It stops in the middle; the log goes on by what was known."""
    process = next(p for n, p in box.started if n == "slapd")
    before = box.listed()
    process.send_signal(signal.SIGSTOP)
    try:
        r = read(box, box.ldap.config(), "--timeout", "3", ok=(3,))
        check("does not answer in time; nothing was sent" in r.stderr, r.stderr)
    finally:
        process.send_signal(signal.SIGCONT)
    check(box.listed()["prev"] == before["prev"], "something changed")


def a_new_officer_whom_it_does_not_have_goes_2_4(box):
    """Also by a reading in which nothing is new: the core says so at once, as long as enough officers stay."""
    box.officers([{"op": "put_person", "person": {"accounts": [], "id": "dan", "roles": ["officer", "tech"]}}])
    check(read(box, box.ldap.config()).stdout == "read; 0 people changed\n", "something is new")
    box.seen("not_in_directory", "dan", "officer")


def verified(box, request):
    """The auditor's program says so of the receipt, and of the whole log."""
    file, out, trust = box.dir / "receipt.json", box.dir / "export", box.dir / "trust.json"
    trust.write_text(boxes.run([box.bin / "countersign", "status", "--local", "--trust", "--run", box.run_dir]))
    box.cli("export", "--out", out, "--trust", trust)
    file.write_bytes(box.call("GET", f"/v1/requests/{request}/receipt").body)
    boxes.run([box.bin / "countersign-audit", "verify", "--trust", trust, "--redeemed", file])
    boxes.run([box.bin / "countersign-audit", "verify", "--trust", trust, out])


TESTS = [only_its_scope_speaks_2_4, nobody_signs_before_it_was_read_2_4, who_leaves_loses_the_seat_2_4, silence_suspends_2_4,
         the_command_reads_it_2_4, the_same_again_is_a_fresh_time_2_4, who_leaves_the_group_is_refused_at_once_2_4,
         what_goes_wrong_is_said_and_changes_nothing_2_4, a_large_answer_comes_in_pages_2_4, a_directory_that_hangs_is_given_up_2_4,
         a_new_officer_whom_it_does_not_have_goes_2_4]


def alone():
    """In a network namespace of our own, where nobody else listens."""
    if os.environ.get("COUNTERSIGN_TEST_ALONE") == "1":
        return
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ["COUNTERSIGN_TEST_ALONE"] = "1"
    os.execvp("unshare", ["unshare", *own, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv])


if __name__ == "__main__":
    alone()
    sys.exit(hands.run(__doc__, TESTS, Place.begin, Place))
