# SPDX-License-Identifier: Apache-2.0
"""R-3.5, R-3.6: the published schemas of our own evidence formats take what the reader takes, and refuse what it refuses
(tests/unit/evidence/test_evidence_samples.c reads the same files)."""
import json
import pathlib
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]


def constant(word):
    raise ValueError(f"{word} is no JSON")


def main():
    seen = {}
    for path in sorted((ROOT / "tests/unit/evidence/samples").iterdir()):
        kind, expected, _ = path.name.split(".", 2)
        schema = json.loads((ROOT / f"docs/evidence/{kind}.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        try:
            sample = json.loads(path.read_text(), parse_constant=constant)
            errors = [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(sample)]
        except ValueError as e:
            errors = [str(e)]
        if bool(errors) != (expected == "bad"):
            sys.exit(f"{path.name}: the schema says {errors or 'that it is good'}")
        seen[kind, expected] = seen.get((kind, expected), 0) + 1
    if len(seen) != 4:
        sys.exit(f"only {seen}")
    print(seen)


main()
