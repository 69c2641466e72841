# SPDX-License-Identifier: Apache-2.0
"""Checks that no compiler makes: licences, headers that stand alone, the two locks between rooms, and that the
documents name what the code has (reason codes, requirement ids, man pages)."""
import concurrent.futures
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release-gcc"
PURE = ["base", "json", "merkle", "note", "crypt", "model", "policy", "judge"]
# What the pure core may import: memory, bytes, sorting and verification. No descriptor, clock, environment, locale.
PURE_ALLOWED = re.compile(
    r"^(malloc|calloc|realloc|free|mem(cpy|cmp|move|set|chr|rchr)|__(mem(cpy|move|set)|explicit_bzero)_chk|explicit_bzero"
    r"|str(len|nlen|cmp|ncmp|chr|rchr)|qsort|bsearch|mlock|munlock|__stack_chk_fail|snprintf|__snprintf_chk|__v?snprintf_chk"
    r"|_GLOBAL_OFFSET_TABLE_"
    r"|SHA(256|384|512)_(Init|Update|Final)|ASN1_\w+|BN_\w+|CRYPTO_free|CRYPTO_memcmp|DSA_\w+|ECDSA_\w+|EC_\w+|ERR_clear_error"
    r"|EVP_(Digest(Verify|VerifyInit|VerifyInit_ex|VerifyUpdate|VerifyFinal|Init|Init_ex|Update|Final|Final_ex)|Digest"
    r"|MD_CTX_(new|free|reset|copy_ex)|MD_(fetch|free|get_size|get0_name)"
    r"|sha(256|384|512)|PKEY_(free|new_raw_public_key|new_raw_public_key_ex|get_\w+|is_a|eq|verify|verify_init|verify_init_ex"
    r"|fromdata|fromdata_init|CTX_\w+|public_check|public_check_quick|up_ref|get0_type_name|get_bits|get_base_id|id))"
    r"|OSSL_PARAM_\w+|OBJ_\w+|OPENSSL_sk_\w+|OPENSSL_cleanse|X509\w*|d2i_\w+|i2d_\w+|GENERAL_NAME\w*|BASIC_CONSTRAINTS_\w+"
    r"|PKEY_\w+|RSA_get\w+|CRYPTO_free)$"
)
AUDIT_FORBIDDEN = re.compile(
    r"^(socket|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|sqlite3_\w+"
    r"|EVP_DigestSign\w*|EVP_PKEY_sign\w*|EVP_PKEY_keygen\w*|EVP_PKEY_Q_keygen|RAND_\w+|ECDSA_sign\w*|ECDSA_do_sign\w*)(@.*)?$"
)
faults = []


def fault(text):
    faults.append(text)


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / line for line in out.splitlines()]


def licences():
    for path in tracked("*.c", "*.h", "*.cmake", "*CMakeLists.txt", "*.py", "*.sh", "dev", ".ci/run"):
        if "SPDX-License-Identifier: Apache-2.0" not in path.read_text(errors="replace")[:400]:
            fault(f"{path.relative_to(ROOT)}: no SPDX line")


def headers_alone():
    rooms = [p for p in (BUILD / "inc").iterdir()] if (BUILD / "inc").exists() else []
    includes = [f"-I{p}" for p in rooms] + [f"-I{ROOT / 'include'}"]

    def one(path):
        r = subprocess.run(
            ["gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-include", str(ROOT / "src/banned.h"), *includes, "-x", "c",
             "-Wno-pragma-once-outside-header", str(path)], capture_output=True, text=True)
        if r.returncode != 0:
            fault(f"{path.relative_to(ROOT)} does not compile alone: {r.stderr.splitlines()[0] if r.stderr else ''}")

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(one, [p for p in tracked("src/*.h", "include/*.h") if p.name != "banned.h"]))


def undefined(path):
    out = subprocess.run(["nm", "-u", str(path)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].split("@")[0] for line in out.splitlines() if line.strip().startswith("U ")}


def defined(path):
    out = subprocess.run(["nm", "--defined-only", str(path)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines() if len(line.split()) == 3}


def symbols():
    own = set()
    archives = {room: BUILD / "src" / room / f"lib{room}.a" for room in PURE}
    for path in archives.values():
        own |= defined(path)
    for room, path in archives.items():
        for name in sorted(undefined(path) - own):
            if not PURE_ALLOWED.match(name):
                fault(f"lib{room}.a imports {name}: the pure core may not")
    audit = BUILD / "bin" / "countersign-audit"
    for name in sorted(undefined(audit)):
        if AUDIT_FORBIDDEN.match(name):
            fault(f"countersign-audit imports {name}: it may not")


def reason_codes():
    header = (ROOT / "src/policy/policy_reason.h").read_text()
    codes = re.findall(r'X\(REASON_\w+,\s*"(\w+)"', header)
    text = (ROOT / "docs/policy.md").read_text()
    for code in codes:
        if f"`{code}`" not in text:
            fault(f"docs/policy.md does not explain the reason code {code}")
    for code in re.findall(r"^\| `(\w+)` \|", text, re.M):
        if code not in codes:
            fault(f"docs/policy.md explains {code}, which the code does not have")


def requirements():
    """docs/requirements.md: | id | what is done | where | test |; each test file must exist and name the id."""
    for line in (ROOT / "docs/requirements.md").read_text().splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not re.fullmatch(r"D?\d+(\.\d+)?", cells[0]):
            continue
        for test in re.findall(r"`(tests/[^`]+)`", cells[3]):
            path = ROOT / test
            if not path.exists():
                fault(f"docs/requirements.md: {cells[0]} names {test}, which is not there")
            elif not re.search(rf"(?<![\w.]){re.escape(cells[0])}(?![\w.])", path.read_text(errors="replace")):
                fault(f"{test} does not name the requirement {cells[0]} that it is said to test")


def manuals():
    """Every option that a program's --help prints stands in its manual page."""
    for page in tracked("docs/man/*"):
        text = page.read_text().replace("\\-", "-")
        program = BUILD / "bin" / page.stem
        if not program.exists():
            continue
        r = subprocess.run([str(program), "--help"], capture_output=True, text=True)
        for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", r.stdout + r.stderr))):
            if option not in text:
                fault(f"{page.relative_to(ROOT)} does not explain {option}")


for check in (licences, headers_alone, symbols, reason_codes, requirements, manuals):
    before = len(faults)
    check()
    print(f"{check.__name__}: {'clean' if len(faults) == before else f'{len(faults) - before} faults'}")
for text in faults:
    print("  " + text)
sys.exit(1 if faults else 0)
