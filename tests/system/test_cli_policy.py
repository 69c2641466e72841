#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""4.1: `countersign policy` as people use it: every fault named at once, policies tried on requests and on a whole log, and
the published schema says what the compiler says."""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs/examples"
OK, FAILED, USAGE, VERIFY = 0, 1, 2, 4
HEAD = """version: 3
name: t
officers: { threshold: 2 }
roles: [officer, tech]
environments: { production: {} }
change_types: [normal]
"""


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Policy:
    def __init__(self, build, directory):
        self.cli = pathlib.Path(build) / "bin/countersign"
        self.dir = pathlib.Path(directory)

    def run(self, *words, stdin=None):
        return subprocess.run([str(self.cli), "policy", *map(str, words)], input=stdin, capture_output=True, text=True,
                              timeout=60)

    def file(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def examples_compile(self):
        seen = 0
        for path in sorted(EXAMPLES.glob("*.yaml")) + sorted(EXAMPLES.glob("policy-*.json")):
            r = self.run("check", path)
            check(r.returncode == OK and "good" in r.stdout, f"{path.name}: {r.stderr}")
            r = self.run("compile", path)
            doc = json.loads(r.stdout)
            check(json.dumps(doc, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == r.stdout.strip(),
                  f"{path.name} is not canonical")
            again = self.run("compile", self.file("again.json", r.stdout))
            check(again.stdout == r.stdout, f"{path.name}: the compiled form is not its own")
            seen += 1
        check(seen >= 4, "examples are missing")

    def example_cases_hold(self):
        directories = [p for p in sorted(EXAMPLES.iterdir()) if p.is_dir()]
        check(directories, "no cases")
        for path in directories:
            r = self.run("test", path)
            check(r.returncode == OK and re.search(r"^[1-9]\d* passed, 0 failed$", r.stdout, re.M), r.stdout + r.stderr)

    def every_fault_has_its_place(self):
        path = self.file("bad.yaml", HEAD.replace("threshold: 2", "treshold: 2") + "rules:\n  - id: r\n"
                         "    when: { environment: prodution }\n    require: { seats: [ { id: a, role: techh } ], evidence: [] }\n")
        r = self.run("check", path)
        places = [line.split(str(path))[1] for line in r.stderr.splitlines() if line.startswith(str(path))]
        check(r.returncode == FAILED, "it was good")
        check([p.split(" ")[0] for p in places] == [":3:11:", ":3:13:", ":9:26:", ":10:40:", ":10:61:"], r.stderr)
        check("did you mean `threshold`?" in places[1] and "did you mean `production`?" in places[2], r.stderr)
        check("from 1 to 16 lines of evidence" in places[4], r.stderr)
        check(r.stdout == "", "something was printed for a bad policy")
        check(self.run("compile", path).stdout == "", "something was compiled")

    def bombs_are_refused(self):
        bombs = {
            "aliases": "a: &a [x,x]\n" + "".join(f"b{i}: &b{i} [*a,*a]\n" for i in range(30)),
            "deep": "a: " + "[" * 5000 + "]" * 5000,
            "deep map": "a: " + "{a: " * 5000,
            "large": "a: " + "x" * (2 << 20),
            "many": "a: [" + "x," * 100000 + "]",
            "keys": "".join(f"k{i}: 1\n" for i in range(50000)),
            "tab": "a:\n\tb: c\n",
            "nothing": "",
            "zero bytes": "a: \0\n",
        }
        for name, text in bombs.items():
            r = self.run("check", self.file("bomb.yaml", text))
            check(r.returncode == FAILED and r.stderr, f"{name}: {r.returncode}")
            check(len(r.stderr) < 40000, f"{name}: {len(r.stderr)} bytes of faults")

    def roster_is_counted(self):
        path = self.file("p.yaml", HEAD + "rules: [ { id: r, require: { seats: [ { id: a, role: tech, count: 2 } ] } } ]\n")
        good = self.file("good.yaml", "a: [officer, tech]\nb: [officer, tech]\nc: [officer]\n")
        few = self.file("few.yaml", "a: [officer, tech]\nb: [officer]\n")
        check(self.run("check", path, "--roster", good).returncode == OK, "good roster refused")
        r = self.run("check", path, "--roster", few)
        check(r.returncode == FAILED and "2 people of role `tech`" in r.stderr and "2 officers" in r.stderr, r.stderr)
        r = self.run("check", self.file("compiled.json", self.run("compile", path).stdout), "--roster", few)
        check(r.returncode == FAILED and "is compiled: --roster counts" in r.stderr, r.stderr)  # not: good

    def schema_agrees(self):
        import jsonschema
        import yaml
        schema = json.loads((ROOT / "docs/policy.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        jsonschema.Draft202012Validator.check_schema(schema)
        for path in sorted(EXAMPLES.glob("*.yaml")):
            errors = list(validator.iter_errors(yaml.safe_load(path.read_text())))
            check(not errors, f"{path.name}: {errors[:1]}")
        base = yaml.safe_load((EXAMPLES / "two-peers.yaml").read_text())
        for change in (lambda p: p.update(rulez=[]), lambda p: p.pop("officers"), lambda p: p["officers"].update(threshold=1),
                       lambda p: p["rules"][0].update(wenn={}), lambda p: p["rules"][0]["require"].update(evidence=[]),
                       lambda p: p["rules"][1]["require"]["seats"][0].update(count=17),
                       lambda p: p["rules"][1]["require"]["seats"][0].update(quorum="half"),
                       lambda p: p["rules"][1]["require"]["seats"][0].update(veto=["engineer"]),
                       lambda p: p["rules"][1]["require"]["seats"][0].update(quorum=2),
                       lambda p: p["rules"][1]["require"].update(escalate=[{"to": "engineer"}]),
                       lambda p: p["rules"][1]["require"].update(token={"attested": False}),
                       lambda p: p["rules"][0]["require"].update(sign_by="24"),
                       lambda p: p["rules"][0]["require"].update(separate=["author"]),
                       lambda p: p["rules"][0]["require"].update(fields=["titel"]),
                       lambda p: p["rules"][0]["require"].update(bind=[]),
                       lambda p: p["rules"][1].update(when={}), lambda p: p["rules"][1].update(when={"phase": "x"}),
                       lambda p: p["rules"][1].update(when={"attributes.n": {"gte": 5}}),
                       lambda p: p["rules"][1].update(when={"any": {}}), lambda p: p.update(version=0),
                       lambda p: p.update(calendar=[]), lambda p: p.update(environments=["a"])):
            bad = json.loads(json.dumps(base))
            change(bad)
            r = self.run("check", self.file("changed.yaml", json.dumps(bad)))
            check(r.returncode == FAILED, f"the compiler takes {bad}")
            check(list(validator.iter_errors(bad)), f"the schema takes {bad}")
        self.shapes_agree(base, validator)
        # every member that the schema names is one that the compiler knows
        for names, put in ((schema["properties"], lambda p: p),
                           (schema["$defs"]["require"]["properties"], lambda p: p["rules"][0]["require"]),
                           (schema["$defs"]["seat"]["properties"], lambda p: p["rules"][1]["require"]["seats"][0])):
            for name in names:
                changed = json.loads(json.dumps(base))
                put(changed).setdefault(name, {})
                r = self.run("check", self.file("changed.yaml", json.dumps(changed)))
                check(f"`{name}` is not known" not in r.stderr, r.stderr)

    def shapes_agree(self, base, validator):
        """What can be told by the shape alone: a row a place, with what both take and what both refuse."""
        require = lambda p: p["rules"][0]["require"]
        rule = lambda p: p["rules"][0]
        line = lambda rest: [{"id": "x", **rest}]
        window = lambda w: [{"id": "c", "environments": ["production"], "deny": w}]
        history = lambda h: {"history": {"window": "30d", **h}}
        rows = (
            (require, "sign_by", ("1s", "3652d", "10y"), ("0s", "3653d", "11y", "01h", "1w", 5, None)),
            (rule, "when", (history({"deployments": {"ge": 0}}), history({"recovery": {"lt": "0s"}}), {"service": "a" * 200}, {"service": "é" * 200},
                            {"service": {"glob": ["a*", "b*"]}}, {"attributes." + "a" * 117: 1}),
             (history({"deployments": {"ge": -1}}), {"history": {"window": "0s", "deployments": {"ge": 1}}}, {"service": "a" * 201}, {"service": "é" * 201},
              {"service": {"glob": ["a*", "a*"]}}, {"attributes." + "a" * 118: 1})),
            (require, "source", ({"protected": True}, {"protected": False, "reviewers": 1}, {"refs": ["refs/*"]}), ({"protected": False}, {"refs": ["a**"]}, {})),
            (lambda p: p, "tokens", ({"engineer": {"touch": True}}, {"engineer": {"models": "0" * 32}}, {"engineer": {"attested": False, "touch": True}}),
             ({"engineer": {"touch": False}}, {"engineer": {"models": "A" * 32}})),
            (lambda p: p, "calendar", tuple(window({"dates": d}) for d in ("12-24", "2026-12-24", "12-20..01-06", "2026-12-20..2027-01-06")) + (window({"hours": "22:00-24:00"}),),
             tuple(window({"dates": d}) for d in ("13-01", "01-32", "2023-01-01", "2038-01-01", "2026-12-20..01-06")) +
             tuple(window({"hours": h}) for h in ("09:00-17:60", "24:00-24:00", "9:00-10:00"))),
            (require, "evidence", (line({"kind": "junit", "min_pass": 1}), line({"kind": "sarif", "max": {"critical": 0}, "baseline": "deployed"}),
                                   line({"kind": "canary", "from": "staging", "bounds": {"e": "<1"}, "window": "5m"}),
                                   line({"kind": "canary", "from": "staging", "bounds": {"e": "<1"}, "max_age": "5m"}), line({"kind": "migration", "reversible": True})),
             (line({"kind": "junit"}), line({"kind": "junit", "min_pass": 1, "baseline": "deployed"}), line({"kind": "junit", "min_pass": 1, "reversible": True}),
              line({"kind": "canary", "bounds": {"e": "<1"}, "window": "5m"}), line({"kind": "canary", "from": "staging", "bounds": {"e": "<1"}}),
              line({"kind": "canary", "from": "staging", "bounds": {"e": "<1"}, "window": "5m", "waivable_by": "tech"}),
              line({"kind": "sarif", "max": {"error": 0}, "baseline": "deployed"}), line({"kind": "provenance"}), line({"kind": "coverage", "min_pass": 1}))),
        )
        for place, name, good, bad in rows:
            for values, status in ((good, OK), (bad, FAILED)):
                for value in values:
                    doc = json.loads(json.dumps(base))
                    place(doc)[name] = value
                    r = self.run("check", self.file("shape.yaml", json.dumps(doc, ensure_ascii=False)))
                    check(r.returncode == status, f"the compiler: {name} {value}: {r.stderr}")
                    check((not list(validator.iter_errors(doc))) == (status == OK), f"the schema: {name} {value}")

    def manual_is_right(self):
        """Whoever follows the manual's first hour gets what it says, and no word is known that is not enforced."""
        manual = (ROOT / "docs/policy.md").read_text()
        policy, people = (self.file(name, text) for name, text in
                          zip(("manual.yaml", "people.yaml"), re.findall(r"```yaml\n(.*?)```", manual, re.S)))
        request = self.file("manual.json", re.search(r"```json\n(.*?)```", manual, re.S).group(1))
        r = self.run("check", policy, "--roster", people)
        check(r.returncode == OK, r.stderr)
        r = self.run("explain", request, "--policy", policy, "--roster", people)
        check(r.returncode == OK and "2 of role engineer; may sign: ben, carl" in r.stdout, r.stdout + r.stderr)
        cases = self.dir / "cases"
        shutil.copytree(EXAMPLES / "two-peers", cases)
        self.file("two-peers.yaml", policy.read_text())  # where the cases look for it
        r = self.run("test", f"{cases}/")
        check(r.returncode == OK and f"passed {cases}/author-cannot-sign.yaml" in r.stdout, r.stdout + r.stderr)
        check("### Not yet" not in manual, "a word that is known and not enforced")

    def explain_says_why(self):
        request = self.dir / "request.json"
        case = (EXAMPLES / "two-peers/staging-needs-one.yaml").read_text()
        import yaml
        body = yaml.safe_load(case)["request"]
        body["source"]["commit"] = "0123456789abcdef0123456789abcdef01234567"
        body["artifacts"][0]["sha256"] = "0" * 62 + "aa"
        request.write_text(json.dumps(body))
        r = self.run("explain", request, "--policy", EXAMPLES / "two-peers.yaml")
        check(r.returncode == OK and "applies         staging: environment is staging" in r.stdout, r.stdout + r.stderr)
        check("does not apply  production: environment is staging; it needs that environment is production" in r.stdout, r.stdout)
        check("seat staging/peer: 1 of role engineer" in r.stdout, r.stdout)
        check("would be opened: it waits for signatures" in r.stdout, r.stdout)
        # windows are looked at as of now, and what may still come is said
        policy = (EXAMPLES / "two-peers.yaml").read_text()
        for days, met in (("allow: { dates: 01-01..12-31 }", True), ("deny: { dates: 01-01..12-31 }", None)):
            r = self.run("explain", request, "--policy",
                         self.file("open.yaml", policy + f"calendar: [ {{ id: work, environments: staging, {days} }} ]\n"))
            check(r.returncode == FAILED if met is None else "met      window calendar/work" in r.stdout, r.stdout + r.stderr)
        r = self.run("explain", request, "--policy", self.file("tested.yaml", policy.replace(
            "    require:\n", "    require:\n      evidence: [ { id: tests, kind: junit, min_pass: 1 } ]\n", 1)))
        check("would be opened: it waits for what is missing, and for signatures" in r.stdout, r.stdout + r.stderr)
        answer = json.loads(self.run("explain", request, "--policy", EXAMPLES / "two-peers.yaml", "--json").stdout)
        check(answer["reason"] == "ok" and answer["rules"] == ["every-change", "staging"] and answer["sheet"], answer)
        r = self.run("explain", request, "--policy", EXAMPLES / "platform.yaml")
        check("not earned      production/peers: only a log can tell how deployments went" in r.stdout, r.stdout + r.stderr)
        del body["documentation"]
        request.write_text(json.dumps(body))
        r = self.run("explain", request, "--policy", EXAMPLES / "two-peers.yaml")
        check(r.returncode == FAILED and "would be refused" in r.stdout, r.stdout)
        request.write_text(json.dumps({"title": 5}))
        r = self.run("explain", request, "--policy", EXAMPLES / "two-peers.yaml")
        check(r.returncode == FAILED and "/title: type" in r.stderr and "/environment: missing" in r.stderr, r.stderr)

    def cases_that_do_not_hold_fail(self):
        good = (EXAMPLES / "two-peers/staging-needs-one.yaml").read_text().replace("../two-peers", str(EXAMPLES / "two-peers"))
        for name, change in (("seats", ("staging/peer: 1", "staging/peer: 2")), ("rules", ("[every-change, staging]", "[staging]")),
                             ("answer", ("answer: opened", "answer: no_seats")), ("word", ("answer: opened", "answer: fine")),
                             ("unknown", ("about:", "abuot:")), ("no policy", ("policy:", "about2:")),
                             ("bad request", ("service: shop", "servce: shop")), ("no answer", ("answer: opened", "missing: []"))):
            check(change[0] in good, name)
            directory = self.dir / name.replace(" ", "-")
            self.file(directory / "a.yaml", good)
            self.file(directory / "b.yaml", good.replace(*change))
            r = self.run("test", directory)
            check(r.returncode == FAILED and "1 passed, 1 failed" in r.stdout and "FAILED" in r.stdout, f"{name}: {r.stdout}")
        (self.dir / "empty").mkdir()
        check(self.run("test", self.dir / "empty").returncode == FAILED, "no case is no success")

    def replay_knows_the_log(self):
        """What no request says: how large a group was, and how deployments went before."""
        two = json.loads((EXAMPLES / "policy-two-people.json").read_text())
        seat = next(s for rule in two["rules"] for s in rule["require"].get("seats", []) if s["role"] == "tech")
        seat["quorum"] = "majority"
        life = ROOT / "tests/golden/life"
        r = self.run("replay", self.file("group.json", json.dumps(two)), "--log", life, "--quiet")
        check(r.returncode == OK and "more: 2 people of role tech, was 1" in r.stdout, r.stdout + r.stderr)
        del seat["quorum"]
        rule = {"id": "again", "require": {"seats": [{"count": 1, "id": "tech", "role": "tech"}]},
                "when": [{"ge": 1, "name": "history.deployments", "window_s": 86400}]}
        two["rules"] = sorted(two["rules"] + [rule], key=lambda rule: rule["id"])
        r = self.run("replay", self.file("again.json", json.dumps(two)), "--log", life, "--quiet")
        all_of, after = (int(re.search(p, r.stdout, re.M).group(1)) for p in (r"^(\d+) requests", r"(\d+) x more: 2 people of role tech, was 1$"))
        check(0 < after < all_of, r.stdout + r.stderr)  # those after the first outcome there

    def log_is_replayed(self):
        life = ROOT / "tests/golden/life"
        same = self.run("replay", EXAMPLES / "policy-two-people.json", "--log", life, "--quiet")
        check(same.returncode == OK, same.stderr)
        counts = list(map(int, re.findall(r"\d+", same.stdout.splitlines()[0])))
        check(counts[0] > 5, same.stdout)
        more = self.run("replay", EXAMPLES / "two-peers.yaml", "--log", life)
        check(re.search(r"^\d+ requests: ", more.stdout, re.M) and "  more: the field trigger" in more.stdout, more.stdout)
        none = self.run("replay", EXAMPLES / "two-peers.yaml", "--log", life, "--since", "1s", "--quiet")
        few = int(none.stdout.split(" ")[0])
        check(none.returncode == OK and few < counts[0], none.stdout)
        twice = self.run("replay", EXAMPLES / "two-peers.yaml", "--log", life)
        check(twice.stdout == more.stdout, "two replays differ")
        r = self.run("diff", EXAMPLES / "policy-two-people.json", EXAMPLES / "two-peers.yaml", "--log", life, "--quiet")
        check(r.returncode == OK and "stricter: rule production: seat peer, 2 of role engineer is new" in r.stdout and
              f"{counts[0]} requests" in r.stdout, r.stdout)
        r = self.run("diff", EXAMPLES / "two-peers.yaml", EXAMPLES / "two-peers.yaml")
        check(r.stdout == "nothing becomes stricter or looser\n", r.stdout)
        bent = self.dir / "bent"
        shutil.copytree(life, bent, dirs_exist_ok=True)
        for bundle in sorted(bent.glob("tile/entries/**/*")):
            if bundle.is_file():
                data = bytearray(bundle.read_bytes())
                data[len(data) // 2] ^= 1
                bundle.write_bytes(data)
        check(self.run("replay", EXAMPLES / "two-peers.yaml", "--log", bent).returncode in (FAILED, VERIFY), "a bent log was taken")

    def command_lines(self):
        for words in ((), ("check",), ("check", "a", "b"), ("diff", "a"), ("bake", "a"), ("check", "a", "b", "c"), ("--since", "90", "replay", "a")):
            check(self.run(*words).returncode == USAGE, words)
        for words in (("explain", "a"), ("replay", EXAMPLES / "two-peers.yaml")):
            check(self.run(*words).returncode == USAGE, words)
        policy = EXAMPLES / "two-peers.yaml"
        for words, said in ((("test", self.dir, "--roster", "absent"), "test takes no --roster"), (("diff", policy, policy, "--json"), "diff takes no --json"),
                            (("check", policy, "--policy", "nonsense"), "check takes no --policy"), (("compile", policy, "--quiet"), "compile takes no --quiet"),
                            (("replay", policy, "--log", "x", "--since", "0d"), "--since 0d: a time such as 90d"),
                            (("replay", policy, "--log", "x", "--since", "90"), "--since 90: a time such as 90d"),
                            (("diff", policy, policy, "--since", "90d"), "--log DIR is missing")):
            r = self.run(*words)
            check(r.returncode == USAGE and said in r.stderr, f"{words}: {r.stderr}")
        check(self.run("check", self.dir / "absent").returncode == FAILED, "an absent file")
        check(self.run("check", "-", stdin=(EXAMPLES / "policy-start.json").read_text()).returncode == OK, "standard input")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    build = pathlib.Path(parser.parse_args().build).resolve()
    failed = 0
    for name in ("examples_compile", "example_cases_hold", "every_fault_has_its_place", "bombs_are_refused", "roster_is_counted",
                 "schema_agrees", "manual_is_right", "explain_says_why", "cases_that_do_not_hold_fail", "log_is_replayed", "replay_knows_the_log", "command_lines"):
        with tempfile.TemporaryDirectory() as directory:
            try:
                getattr(Policy(build, directory), name)()
                print(f"ok {name}")
            except Exception as e:  # noqa: BLE001
                failed += 1
                print(f"FAILED {name}: {e}")
                if not isinstance(e, Failure):
                    traceback.print_exc()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
