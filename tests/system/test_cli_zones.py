#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""4.5: every time zone of this machine, compiled into a policy, is what Python's own reader of the same database says of it: offsets and
the seconds at which they change, from 2024 to the end of 2037."""
import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

FROM, UNTIL = 1704067200, 2145916800
ZONES_OF_A_POLICY = 16
HEAD = """version: 1
name: zones
officers: { threshold: 2 }
roles: [officer]
environments: { production: {} }
change_types: [normal]
rules: []
calendar:
"""


def offset(zone, at):
    return int(datetime.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())


def wanted(name):
    """The same by halving between points six hours apart where the offset differs: no rule changes twice within that."""
    zone = zoneinfo.ZoneInfo(name)
    shifts = [FROM, offset(zone, FROM)]
    step = 6 * 3600
    for start in range(FROM, UNTIL, step):
        end = min(start + step, UNTIL - 1)
        if offset(zone, start) == offset(zone, end):
            continue
        low, high = start, end
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
        shifts += [high, offset(zone, high)]
    return shifts


def compiled(cli, directory, names):
    text = HEAD
    for i, name in enumerate(names):
        text += f"  - {{ id: z{i}, environments: production, deny: {{ days: sat, zone: {name} }} }}\n"
    path = pathlib.Path(directory) / "policy.yaml"
    path.write_text(text)
    r = subprocess.run([cli, "policy", "compile", str(path)], capture_output=True, text=True, timeout=60)
    if r.returncode != 0:
        raise SystemExit(f"{names}: {r.stderr}")
    return {z["id"]: z["offsets"] for z in json.loads(r.stdout)["zones"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    cli = str(pathlib.Path(parser.parse_args().build).resolve() / "bin/countersign")
    names = sorted(n for n in zoneinfo.available_timezones() if n not in ("UTC", "localtime", "Factory"))
    if len(names) < 400:
        raise SystemExit(f"only {len(names)} time zones on this machine: install tzdata")
    seen = 0
    with tempfile.TemporaryDirectory() as directory:
        for i in range(0, len(names), ZONES_OF_A_POLICY):
            some = names[i:i + ZONES_OF_A_POLICY]
            zones = compiled(cli, directory, some)
            for name in some:
                if zones[name] != wanted(name):
                    raise SystemExit(f"{name}: {zones[name]} instead of {wanted(name)}")
                seen += len(zones[name]) // 2 - 1
    print(f"{len(names)} time zones, {seen} changes of the clock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
