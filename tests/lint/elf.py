# SPDX-License-Identifier: Apache-2.0
"""elf.py PROGRAM...: what ships is position independent, fully bound and read-only before main, has no executable
stack and looks for libraries only where the system does. The auditor's tool links libcrypto and libc, nothing else.
First the checker is shown a program that has none of this, and must find every fault in it."""
import os
import re
import subprocess
import sys
import tempfile


def readelf(path):
    return subprocess.run(["readelf", "-W", "-h", "-l", "-d", path], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def faults_of(path):
    text = readelf(path)
    found = set()
    if not re.search(r"^\s*Type:\s+DYN \(Position-Independent Executable file\)", text, re.M):
        found.add("not position independent")
    if not re.search(r"^\s*GNU_RELRO\s", text, re.M):
        found.add("no RELRO")
    if not re.search(r"\((FLAGS|FLAGS_1)\)\s.*\b(BIND_NOW|NOW)\b", text):
        found.add("binds lazily")
    stack = re.search(r"^\s*GNU_STACK\s+(?:0x[0-9a-f]+\s+){5}([RWE ]+?)\s+0x", text, re.M)
    if not stack or "E" in stack.group(1):
        found.add("executable stack")
    if re.search(r"\((RPATH|RUNPATH)\)", text):
        found.add("own library path")
    if os.path.basename(path) == "countersign-audit":
        needed = set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.*?)\]", text))
        if not needed <= {"libc.so.6", "libcrypto.so.3"}:
            found.add(f"links {' '.join(sorted(needed))}")
    return found


def counterexample():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "countersign-audit")
        subprocess.run(["gcc", "-x", "c", "-", "-o", path, "-fno-pie", "-no-pie", "-Wl,-z,lazy", "-Wl,-z,norelro",
                        "-Wl,-z,execstack", "-Wl,-rpath,/nowhere", "-Wl,--no-as-needed", "-x", "none", "-lm"],
                       input="int main(void){return 0;}", text=True, check=True)
        found = faults_of(path)
    wanted = {"not position independent", "no RELRO", "binds lazily", "executable stack", "own library path",
              "links libc.so.6 libm.so.6"}
    if found != wanted:
        sys.exit(f"the checker finds {sorted(found)} in a program that has {sorted(wanted)}")


counterexample()
bad = {path: faults for path in sys.argv[1:] if (faults := faults_of(path))}
for path, faults in bad.items():
    print(f"{os.path.basename(path)}: {', '.join(sorted(faults))}")
print(f"{len(sys.argv) - 1} programs read, {len(bad)} with faults")
sys.exit(1 if bad or len(sys.argv) == 1 else 0)
