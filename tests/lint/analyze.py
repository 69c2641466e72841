# SPDX-License-Identifier: Apache-2.0
"""analyze.py JOBS: every source file through gcc's static analyzer, with the flags that it ships with. Of gcc 12's
reports three kinds are left out: it loses a result that a call returned, and what the call wrote beside it, so behind
TRY it sees NULL, leaks and unset values that cannot be. Those are the business of both compilers' own warnings,
clang-tidy's analyzer, the sanitizers and the failure sweeps. First it is shown a double free, and must find it."""
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release-gcc"
LOST = ["malloc-leak", "null-dereference", "use-of-uninitialized-value"]
FLAGS = ["-fanalyzer", *(f"-Wno-analyzer-{kind}" for kind in LOST), "-S", "-o", "/dev/null"]


def analyze(entry):
    command = shlex.split(entry["command"])
    at = command.index("-o")
    kept = [word for i, word in enumerate(command) if i not in (at, at + 1) and word != "-c"]
    r = subprocess.run([*kept, *FLAGS], cwd=entry["directory"], capture_output=True, text=True)
    return r.returncode, [line for line in r.stderr.splitlines() if re.search(r"(error|warning):", line)]


seen = subprocess.run(["gcc", *FLAGS, "-O2", "-x", "c", "-"], capture_output=True, text=True,
                      input="#include <stdlib.h>\nvoid f(void *p) { free(p); free(p); }\n")
if "double-free" not in seen.stderr:
    sys.exit("the analyzer does not find a double free")
entries = [e for e in json.loads((BUILD / "compile_commands.json").read_text()) if e["file"].startswith(f"{ROOT}/src/")]
with concurrent.futures.ThreadPoolExecutor(int(sys.argv[1])) as pool:
    results = list(pool.map(analyze, entries))
for line in sorted({line for _, lines in results for line in lines}):
    print(line)
failed = sum(1 for code, _ in results if code != 0)
print(f"{len(results)} files, {failed} with findings")
sys.exit(1 if failed or not results else 0)
